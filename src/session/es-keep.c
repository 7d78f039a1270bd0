/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-keep.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"

typedef enum
{
  CLEAN, /* as it is stored */
  NEW,
  CHANGED,
  GONE,
  TAKEN,     /* another program has dealt with it, and taken it out of the store */
  TOO_LONG,  /* for the store */
  IN_MEMORY, /* as the user wants */
  UNSTORED   /* nor will it be: it goes elsewhere, and is in nobody's way */
} Condition;

/* After so many seconds what could not be written is tried again: most of what is in the way is so for a moment only, */
#define FIRST_RETRY_SECONDS 1

/* and then so often. */
#define RETRY_SECONDS 5

/* So long what was shown may wait for more of it. */
#define SHOWN_SECONDS 1

/* What stands in the place of a message. */
#define ALARM "strange-device"

struct _EsKept
{
  EsKeep *keep;
  EsStored *stored;
  GByteArray *shown; /* what is to be stored of messages that were shown, or NULL */
  Condition condition;
  gboolean told;  /* the user knows that it is not stored */
  gboolean aside; /* the user has discarded it, and may still want it back */
  GList link;     /* the keep's */
};

struct _EsKeep
{
  const EsClock *clock;
  const EsUser *user;
  EsLog *log;
  EsTrust *trust;
  EsAddress *account;
  GQueue entries; /* of EsKept, oldest first */
  guint timer;
  gboolean slow;        /* it runs for something that can wait */
  gboolean no_messages; /* the user wants none in the file */
  gint64 files;         /* of es_trust_files, for which what is here was made */
  gint64 versions;      /* of es_trust_versions, when it was looked for what is there still */
  guint failures;       /* to write, one after the other */
  GHashTable *told;     /* the contacts of whom the user knows that nothing is written now */
};

static void
kept_free (EsKept *kept)
{
  g_queue_unlink (&kept->keep->entries, &kept->link);
  es_stored_free (kept->stored);
  g_clear_pointer (&kept->shown, g_byte_array_unref);
  g_free (kept);
}

EsKeep *
es_keep_new (const EsClock *clock, const EsUser *user, EsLog *log, EsTrust *trust, const EsAddress *account)
{
  EsKeep *keep = g_new0 (EsKeep, 1);

  keep->clock = clock;
  keep->user = user;
  keep->log = log;
  keep->trust = trust;
  keep->account = es_address_ref (account);
  g_queue_init (&keep->entries);
  keep->told = es_address_table_new (NULL);
  keep->files = es_trust_files (trust);
  return keep;
}

static void
stop_timer (EsKeep *keep)
{
  if (keep->timer != 0)
    keep->clock->stop_timer (keep->clock->data, keep->timer);
  keep->timer = 0;
}

void
es_keep_free (EsKeep *keep)
{
  if (keep == NULL)
    return;
  stop_timer (keep);
  while (keep->entries.head != NULL)
    kept_free (keep->entries.head->data);
  g_hash_table_unref (keep->told);
  es_address_unref (keep->account);
  g_free (keep);
}

/* Those in CONDITION, of EsStored. What was shown changes too often to be copied each time. */
static GPtrArray *
collect (const EsKeep *keep, Condition condition)
{
  GPtrArray *found = g_ptr_array_new ();

  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      const EsKept *kept = link->data;

      if (kept->condition != condition || (condition == GONE && kept->stored->id == 0))
        continue;
      if (condition != GONE && kept->shown != NULL)
        {
          es_secret_free (kept->stored->content);
          kept->stored->content = es_secret_new_from (kept->shown->data, kept->shown->len);
        }
      g_ptr_array_add (found, kept->stored);
    }
  return found;
}

static gboolean
remove_gone (const EsKeep *keep, GError **error)
{
  g_autoptr (GPtrArray) gone = collect (keep, GONE);

  return gone->len == 0 || es_trust_outbox_remove (keep->trust, (EsStored **) gone->pdata, gone->len, error);
}

/* What is recognised is known elsewhere, and too long to be held twice. */
static void
note_clean (EsKept *kept)
{
  kept->condition = CLEAN;
  if (kept->stored->kind == ES_STORED_SHOWN)
    g_clear_pointer (&kept->stored->content, es_secret_free);
}

/* What is recognised is only one's own, and is missed: whoever has taken it out knew no more than there was then. */
static void
note_taken (EsKept *kept)
{
  kept->stored->id = 0;
  kept->condition = kept->shown != NULL ? NEW : TAKEN;
}

/* What was in CONDITION is stored as it is now, or has turned out to be there no more. */
static void
settle (EsKeep *keep, Condition condition)
{
  for (GList *link = keep->entries.head, *next = NULL; link != NULL; link = next)
    {
      EsKept *kept = link->data;

      next = link->next;
      if (kept->condition != condition)
        continue;
      if (condition == GONE)
        kept_free (kept);
      else if (kept->stored->id == 0)
        note_taken (kept);
      else
        note_clean (kept);
    }
}

/* Another file is there than what is here was written to: none of it is in that. What is recognised, and was of an earlier life, is
 * lost with the other one. */
static void
follow_file (EsKeep *keep)
{
  gint64 files = es_trust_files (keep->trust);

  if (keep->files == files)
    return;
  keep->files = files;
  for (GList *link = keep->entries.head, *next = NULL; link != NULL; link = next)
    {
      EsKept *kept = link->data;

      next = link->next;
      if (kept->condition == GONE)
        {
          kept_free (kept);
          continue;
        }
      if (kept->stored->id == 0 || es_trust_is_current (keep->trust, kept->stored->id))
        continue;
      kept->stored->id = 0;
      kept->condition = kept->stored->content != NULL || kept->shown != NULL ? NEW : UNSTORED;
    }
}

static void note_shown (EsKeep *keep);

/* What another program has taken out of the file that there is. */
static void
note_missing (EsKeep *keep)
{
  g_autoptr (GArray) numbers = NULL;
  g_autoptr (GHashTable) there = NULL;
  gint64 versions = es_trust_versions (keep->trust);

  if (versions == keep->versions)
    return;
  numbers = es_trust_outbox_numbers (keep->trust, keep->account, NULL);
  if (numbers == NULL)
    return;
  keep->versions = versions;
  there = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (guint i = 0; i < numbers->len; i++)
    g_hash_table_add (there, &g_array_index (numbers, gint64, i));
  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      EsKept *kept = link->data;

      if (kept->stored->id == 0 || kept->condition == GONE || g_hash_table_contains (there, &kept->stored->id))
        continue;
      note_taken (kept);
      if (kept->condition == NEW)
        note_shown (keep);
    }
}

static gboolean
is_to_be_in_memory (const EsKept *kept)
{
  return (kept->keep->no_messages || kept->aside) && es_stored_is_message (kept->stored->kind)
         && kept->condition != GONE && kept->condition != TAKEN && kept->condition != UNSTORED;
}

/* What the file still has of that, of EsStored. */
static GPtrArray *
collect_to_take_out (const EsKeep *keep)
{
  GPtrArray *found = g_ptr_array_new ();

  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    if (is_to_be_in_memory (link->data) && ((const EsKept *) link->data)->stored->id != 0)
      g_ptr_array_add (found, ((const EsKept *) link->data)->stored);
  return found;
}

/* Where the user wants no message in the file those that are there go out of it, and what he has discarded does in any case; but for what
 * another program has dealt with. */
static gboolean
take_out_messages (EsKeep *keep, GError **error)
{
  g_autoptr (GPtrArray) written = collect_to_take_out (keep);

  if (written->len > 0)
    {
      note_missing (keep);
      g_ptr_array_unref (written);
      written = collect_to_take_out (keep);
    }
  if (written->len > 0 && !es_trust_outbox_remove (keep->trust, (EsStored **) written->pdata, written->len, error))
    return FALSE;
  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      EsKept *kept = link->data;

      if (!is_to_be_in_memory (kept))
        continue;
      kept->stored->id = 0;
      kept->condition = IN_MEMORY;
    }
  return TRUE;
}

/* What is new may be what is gone, sent: better twice in the file than not at all. Each step that was made is not made again. What
 * was to be changed and is there no more may be new. */
static gboolean
flush (EsKeep *keep, GError **error)
{
  g_autoptr (GPtrArray) new = NULL, changed = NULL;

  stop_timer (keep);
  es_trust_refresh (keep->trust);
  follow_file (keep);
  if (!take_out_messages (keep, error))
    return FALSE;
  changed = collect (keep, CHANGED);
  if (changed->len > 0 && !es_trust_outbox_update (keep->trust, (EsStored **) changed->pdata, changed->len, error))
    return FALSE;
  settle (keep, CHANGED);
  new = collect (keep, NEW);
  if (new->len > 0 && !es_trust_outbox_add (keep->trust, (EsStored **) new->pdata, new->len, error))
    return FALSE;
  settle (keep, NEW);
  if (!remove_gone (keep, error))
    return FALSE;
  settle (keep, GONE);
  return TRUE;
}

void
es_keep_note_told (EsKeep *keep, const EsAddress *contact)
{
  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      EsKept *kept = link->data;

      kept->told |= es_address_equal (kept->stored->contact, contact);
    }
  g_hash_table_add (keep->told, es_address_ref (contact));
}

/* What has not arrived, and is in memory only: FAILING, as nothing can be written now; LOST, with all that was written. */
static gboolean
is_unsaved (const EsKept *kept, gboolean failing, gboolean lost)
{
  return es_stored_is_message (kept->stored->kind)
         && (kept->condition == TOO_LONG
             || (failing
                 && (kept->condition == NEW || (lost && (kept->condition == CLEAN || kept->condition == CHANGED)))));
}

static void
tell_each (EsKeep *keep, GHashTable *contacts, gboolean failing)
{
  GHashTableIter iter;
  gpointer contact = NULL;

  g_hash_table_iter_init (&iter, contacts);
  while (g_hash_table_iter_next (&iter, &contact, NULL))
    {
      if (failing)
        g_hash_table_add (keep->told, es_address_ref (contact));
      keep->user->notice (keep->user->data, contact, ES_TONE_WARNING, &(EsNotice){ ES_NOTICE_UNSAVED });
    }
}

/* Each that waits is told of, many together where they are; of what is on its way that is said once. */
static void
tell_unsaved (EsKeep *keep, gboolean failing, gboolean lost)
{
  g_autoptr (GHashTable) now = es_address_table_new (NULL);

  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      EsKept *kept = link->data;
      EsAddress *contact = kept->stored->contact;

      if (kept->told || !is_unsaved (kept, failing, lost))
        continue;
      kept->told = TRUE;
      if (kept->stored->kind != ES_STORED_SENT || !g_hash_table_contains (keep->told, contact))
        g_hash_table_add (now, es_address_ref (contact));
    }
  tell_each (keep, now, failing);
}

/* It can be written again: whoever cannot later is told again. */
static void
forget_told (EsKeep *keep)
{
  g_hash_table_remove_all (keep->told);
  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      EsKept *kept = link->data;

      kept->told &= kept->condition == TOO_LONG;
    }
}

static void
on_timer (gpointer data)
{
  EsKeep *keep = data;

  keep->timer = 0;
  es_keep_flush (keep);
}

/* What could not be written is tried again, whoever has tried it. A file that is gone, or no store any more, has taken with it what
 * was there. */
gboolean
es_keep_flush (EsKeep *keep)
{
  gboolean lost = FALSE;
  g_autoptr (GError) error = NULL;

  keep->slow = !flush (keep, &error);
  if (!keep->slow)
    {
      keep->failures = 0;
      forget_told (keep);
      tell_unsaved (keep, FALSE, FALSE);
      return TRUE;
    }
  es_log (keep->log, ES_AREA_STORE, ES_LOG_ERROR, NULL, "what waits was not written: %s",
          es_error_name ((EsErrorCode) error->code));
  lost = error->code == ES_ERROR_STORE_DAMAGED || es_trust_has_lost_file (keep->trust);
  keep->timer = keep->clock->start_timer (keep->clock->data, keep->failures == 0 ? FIRST_RETRY_SECONDS : RETRY_SECONDS,
                                          on_timer, keep);
  tell_unsaved (keep, keep->failures++ > 0, lost);
  return FALSE;
}

/* Nothing that is new, and cannot wait, waits for what can. */
static void
note_changed (EsKeep *keep)
{
  if (keep->slow)
    stop_timer (keep);
  keep->slow = FALSE;
  if (keep->timer == 0)
    keep->timer = keep->clock->start_timer (keep->clock->data, 0, on_timer, keep);
}

static void
note_shown (EsKeep *keep)
{
  if (keep->timer != 0)
    return;
  keep->slow = TRUE;
  keep->timer = keep->clock->start_timer (keep->clock->data, SHOWN_SECONDS, on_timer, keep);
}

/* Takes STORED over. */
static EsKept *
add (EsKeep *keep, EsStored *stored, Condition condition)
{
  EsKept *kept = g_new0 (EsKept, 1);

  kept->keep = keep;
  kept->stored = stored;
  kept->condition = condition;
  kept->link.data = kept;
  g_queue_push_tail_link (&keep->entries, &kept->link);
  return kept;
}

static Condition
first_condition (const EsStored *stored)
{
  return es_secret_size (stored->content) <= ES_LIMIT_STORED_OCTETS ? NEW : TOO_LONG;
}

static EsKept *
add_new (EsKeep *keep,
         const EsAddress *contact,
         EsStoredKind kind,
         const char *label,
         EsSecret *content,
         gboolean for_verified)
{
  EsStored *stored = es_stored_new (kind, keep->account, contact, keep->clock->now (keep->clock->data), label, content);

  stored->for_verified = for_verified;
  if (keep->no_messages && es_stored_is_message (kind))
    return add (keep, stored, IN_MEMORY);
  note_changed (keep);
  return add (keep, stored, first_condition (stored));
}

/* Both texts, each with the NUL at its end. */
EsKept *
es_keep_text (EsKeep *keep,
              const EsAddress *contact,
              const char *label,
              const char *typed,
              const char *leaving,
              gboolean for_verified)
{
  gsize first = strlen (typed) + 1, second = strlen (leaving) + 1;
  EsSecret *content = es_secret_new (first + second);

  memcpy (es_secret_data (content), typed, first);
  memcpy (es_secret_data (content) + first, leaving, second);
  return add_new (keep, contact, ES_STORED_WAITING_TEXT, label, content, for_verified);
}

EsKept *
es_keep_stanza (EsKeep *keep,
                const EsAddress *contact,
                EsStoredKind kind,
                const char *label,
                const EsXml *stanza,
                gboolean for_verified)
{
  char *text = es_xml_to_string (stanza, ES_NS_CLIENT);
  EsSecret *content = es_secret_new_from (text, strlen (text));

  es_octets_wipe (text, strlen (text));
  g_free (text);
  return add_new (keep, contact, kind, label, content, for_verified);
}

EsKept *
es_keep_shown (EsKeep *keep, const EsAddress *contact, GByteArray *octets)
{
  EsStored *stored
      = es_stored_new (ES_STORED_SHOWN, keep->account, contact, keep->clock->now (keep->clock->data), NULL, NULL);
  EsKept *kept = add (keep, stored, NEW);

  kept->shown = g_byte_array_ref (octets);
  note_shown (keep);
  return kept;
}

EsKept *
es_keep_alarm (EsKeep *keep, const EsAddress *contact)
{
  EsSecret *content = es_secret_new_from (ALARM, strlen (ALARM));

  return add_new (keep, contact, ES_STORED_ALARM, NULL, content, FALSE);
}

gint64
es_kept_written (const EsKept *kept)
{
  return kept->stored->written;
}

void
es_kept_shown_changed (EsKept *kept, GByteArray *octets)
{
  if (kept->shown == NULL)
    kept->shown = g_byte_array_ref (octets);
  if (kept->condition == CLEAN)
    kept->condition = CHANGED;
  note_shown (kept->keep);
}

void
es_kept_set_for_verified (EsKept *kept)
{
  if (kept == NULL || kept->stored->for_verified)
    return;
  kept->stored->for_verified = TRUE;
  if (kept->condition == CLEAN)
    kept->condition = CHANGED;
  note_changed (kept->keep);
}

void
es_keep_set_messages (EsKeep *keep, gboolean in_file)
{
  if (keep->no_messages == !in_file)
    return;
  keep->no_messages = !in_file;
  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    {
      EsKept *kept = link->data;

      if (kept->condition == IN_MEMORY && !kept->aside)
        kept->condition = first_condition (kept->stored);
    }
  note_changed (keep);
}

/* It is written again, and so is what was written after it: the file has its order, too. */
static void
write_again (EsKept *kept)
{
  EsKeep *keep = kept->keep;
  g_autoptr (GPtrArray) later = g_ptr_array_new ();

  es_keep_learn (keep);
  g_ptr_array_add (later, kept);
  for (const GList *link = kept->link.next; link != NULL; link = link->next)
    {
      EsKept *other = link->data;

      if (other->aside || !es_stored_is_message (other->stored->kind)
          || !es_address_equal (other->stored->contact, kept->stored->contact))
        continue;
      other->aside = TRUE;
      g_ptr_array_add (later, other);
    }
  take_out_messages (keep, NULL);
  for (guint i = 0; i < later->len; i++)
    {
      EsKept *other = later->pdata[i];

      other->aside = FALSE;
      if (other->condition == IN_MEMORY)
        other->condition = first_condition (other->stored);
    }
}

void
es_kept_set_aside (EsKept *kept, gboolean aside)
{
  if (kept == NULL || kept->aside == aside)
    return;
  kept->aside = aside;
  if (!aside && !kept->keep->no_messages)
    write_again (kept);
  note_changed (kept->keep);
}

void
es_keep_learn (EsKeep *keep)
{
  es_trust_refresh (keep->trust);
  follow_file (keep);
  note_missing (keep);
}

gboolean
es_kept_is_gone (const EsKept *kept)
{
  return kept != NULL && kept->condition == TAKEN;
}

gboolean
es_kept_is_stored (const EsKept *kept)
{
  return kept != NULL && es_trust_is_current (kept->keep->trust, kept->stored->id) && kept->condition != GONE
         && !es_trust_has_lost_file (kept->keep->trust);
}

void
es_kept_done (EsKept *kept)
{
  if (kept == NULL)
    return;
  if (kept->stored->id == 0)
    {
      kept_free (kept);
      return;
    }
  kept->condition = GONE;
  note_changed (kept->keep);
}

gboolean
es_keep_erase (EsKeep *keep, const GPtrArray *kept)
{
  g_autoptr (GPtrArray) stored = g_ptr_array_new ();

  es_trust_refresh (keep->trust);
  follow_file (keep);
  for (guint i = 0; i < kept->len; i++)
    if (kept->pdata[i] != NULL && ((const EsKept *) kept->pdata[i])->stored->id != 0)
      g_ptr_array_add (stored, ((const EsKept *) kept->pdata[i])->stored);
  if (stored->len > 0 && !es_trust_outbox_remove (keep->trust, (EsStored **) stored->pdata, stored->len, NULL))
    return FALSE;
  for (guint i = 0; i < kept->len; i++)
    {
      EsKept *erased = kept->pdata[i];

      if (erased == NULL)
        continue;
      erased->stored->id = 0;
      erased->condition = UNSTORED;
    }
  return TRUE;
}

/* What was left */

static void
restored_free (gpointer data)
{
  EsRestored *restored = data;

  es_address_unref (restored->contact);
  g_free (restored->label);
  if (restored->typed != NULL)
    es_octets_wipe (restored->typed, strlen (restored->typed));
  if (restored->leaving != NULL)
    es_octets_wipe (restored->leaving, strlen (restored->leaving));
  g_free (restored->typed);
  g_free (restored->leaving);
  es_xml_free (restored->stanza);
  g_clear_pointer (&restored->shown, g_bytes_unref);
  g_free (restored);
}

/* Whether ENTRY is one that this life of the program has made. */
static gboolean
is_ours (const EsKeep *keep, const EsStored *entry)
{
  for (const GList *link = keep->entries.head; link != NULL; link = link->next)
    if (((const EsKept *) link->data)->stored->id == entry->id)
      return TRUE;
  return FALSE;
}

/* FALSE if the content is not what we would have written. */
static gboolean
read_content (const EsStored *stored, EsRestored *restored)
{
  const char *octets = (const char *) es_secret_peek (stored->content);
  gsize size = es_secret_size (stored->content), first = 0;
  g_autoptr (EsXml) content = NULL;

  if (stored->kind == ES_STORED_WAITING_TEXT)
    {
      first = strnlen (octets, size) + 1;
      if (first >= size || octets[size - 1] != '\0' || strlen (octets + first) + 1 != size - first
          || !g_utf8_validate (octets, (gssize) first - 1, NULL) || !g_utf8_validate (octets + first, -1, NULL))
        return FALSE;
      restored->typed = g_strdup (octets);
      restored->leaving = g_strdup (octets + first);
      return TRUE;
    }
  if (stored->kind == ES_STORED_SHOWN)
    {
      restored->shown = g_bytes_new (octets, size);
      return TRUE;
    }
  if (stored->kind == ES_STORED_ALARM)
    return size == strlen (ALARM) && memcmp (octets, ALARM, size) == 0;
  content = es_xml_parse_content (octets, size, NULL);
  if (content == NULL || es_xml_children (content)->len != 1
      || !es_xml_is (es_xml_children (content)->pdata[0], "message", ES_NS_CLIENT))
    return FALSE;
  restored->stanza = es_xml_steal (content, 0);
  return TRUE;
}

/* A program that ended between two steps of es_keep_flush has left what was sent beside what waited: that is one message. */
static void
drop_what_was_sent (GPtrArray *all)
{
  g_autoptr (GHashTable) sent = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < all->len; i++)
    {
      const EsRestored *restored = all->pdata[i];

      if (restored->kind == ES_STORED_SENT && restored->label != NULL)
        g_hash_table_add (sent, restored->label);
    }
  for (guint i = all->len; i-- > 0;)
    {
      const EsRestored *restored = all->pdata[i];

      if (restored->kind != ES_STORED_WAITING_TEXT && restored->kind != ES_STORED_WAITING_STANZA)
        continue;
      if (restored->label == NULL || !g_hash_table_contains (sent, restored->label))
        continue;
      es_kept_done (restored->kept);
      g_ptr_array_remove_index (all, i);
    }
}

GPtrArray *
es_keep_restore (EsKeep *keep, GPtrArray *dropped, GError **error)
{
  g_autoptr (GPtrArray) stored = es_trust_outbox_load (keep->trust, keep->account, dropped, error);
  GPtrArray *all = NULL;

  if (stored == NULL)
    return NULL;
  for (guint i = stored->len; i-- > 0;)
    if (is_ours (keep, stored->pdata[i]))
      g_ptr_array_remove_index (stored, i);
  all = g_ptr_array_new_with_free_func (restored_free);
  while (stored->len > 0)
    {
      EsStored *entry = g_ptr_array_steal_index (stored, 0);
      EsRestored *restored = g_new0 (EsRestored, 1);

      restored->kept = add (keep, entry, CLEAN);
      if (!read_content (entry, restored))
        {
          g_ptr_array_add (dropped, es_stored_is_message (entry->kind) ? es_address_ref (entry->contact) : NULL);
          es_kept_done (restored->kept);
          restored_free (restored);
          continue;
        }
      restored->contact = es_address_ref (entry->contact);
      restored->kind = entry->kind;
      restored->label = g_strdup (entry->label);
      restored->for_verified = entry->for_verified;
      note_clean (restored->kept);
      g_ptr_array_add (all, restored);
    }
  if (keep->no_messages)
    note_changed (keep);
  drop_what_was_sent (all);
  return all;
}
