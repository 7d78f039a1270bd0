/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-trust.h"

#include <errno.h>
#include <string.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "es-error.h"
#include "es-strength.h"

#define DAY ((gint64) 24 * 60 * 60)

/* By so much clocks may go apart before one was set. */
#define STEP_SECONDS (60 * 60)

/* Numbers of devices and messages mean something in one file only. To whoever asks us they are as many more for each file that has been
 * put in the place of another one, so that none is ever taken for that of another file. */
#define FILE_SHIFT 40

struct _EsTrust
{
  char *path;
  EsStore *store;
  gint64 files;       /* that came after the first one, */
  gint64 versions;    /* and those together with what other programs made of them */
  int anchor;         /* -1, or holds the last one fast, lest its successor get its inode */
  EsLineage lineage;  /* what we have made of the last one, */
  gboolean unsure;    /* and whether the one that there is came of that has not been seen since it changed */
  gboolean doubtful;  /* the next one may be another one: this one is damaged, or was moved away */
  EsSecret *key;      /* that unlocked it */
  gboolean asking;    /* the keyring */
  gboolean busy;      /* it could not be opened, for another program has it */
  gboolean was_there; /* there was a file, and a good one */
  EsEchoes *echoes;
  EsEchoes *heard;
  EsLinks *links;
  GHashTable *gone;      /* the accounts whose outbox is still to be erased */
  GHashTable *contacts;  /* of whom the store says anything, by es_store_contact_key, or NULL, */
  GHashTable *summaries; /* what it says of those who have been asked for: the key -> EsTrustSummary *, */
  gint64 read_versions;  /* as of so many versions, */
  guint read_revision;   /* and so many changes of ours */
  GHashTable *held;      /* gint64 * -> how many sessions run on that device */
  gboolean timed;        /* the time has been told, */
  gboolean sure;         /* and is sure */
  gint64
      offset; /* by how much the clock that can be set was ahead of the other one when it was last seen to go otherwise, */
  gint64 stepped; /* when that was, by the first one */
  gint64 since;   /* and by the second one */
  gint64 known;   /* a time that has been, 0: none is known */
  guint unverified_days;
  guint verified_days;
  void (*opened) (gpointer data);
  gpointer opened_data;
  void (*changed) (gpointer data);
  gpointer data;
};

EsTrust *
es_trust_new (const char *path)
{
  EsTrust *trust = g_new0 (EsTrust, 1);

  trust->path = g_strdup (path);
  trust->anchor = -1;
  trust->echoes = es_echoes_new ();
  trust->heard = es_echoes_new ();
  trust->links = es_links_new ();
  trust->gone = es_address_table_new (NULL);
  trust->summaries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  trust->held = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  trust->unverified_days = ES_TRUST_DAYS;
  return trust;
}

void
es_trust_free (EsTrust *trust)
{
  if (trust == NULL)
    return;
  es_store_close (trust->store);
  if (trust->anchor >= 0)
    close (trust->anchor);
  es_secret_free (trust->key);
  es_echoes_free (trust->echoes);
  es_echoes_free (trust->heard);
  es_links_free (trust->links);
  g_hash_table_unref (trust->gone);
  g_hash_table_unref (trust->held);
  g_hash_table_unref (trust->summaries);
  g_clear_pointer (&trust->contacts, g_hash_table_unref);
  g_free (trust->path);
  g_free (trust);
}

EsEchoes *
es_trust_echoes (EsTrust *trust)
{
  return trust->echoes;
}

EsEchoes *
es_trust_heard (EsTrust *trust)
{
  return trust->heard;
}

EsLinks *
es_trust_links (EsTrust *trust)
{
  return trust->links;
}

gboolean
es_trust_is_locked_error (const GError *error)
{
  return error->code == ES_ERROR_STORE_SEALED || error->code == ES_ERROR_STORE_KEYRING
         || error->code == ES_ERROR_STORE_OPENING;
}

static gint64
number_outside (const EsTrust *trust, gint64 number)
{
  return number != 0 ? number + (trust->files << FILE_SHIFT) : 0;
}

/* 0 for one of a file that is no more. */
static gint64
number_inside (const EsTrust *trust, gint64 number)
{
  return number >> FILE_SHIFT == trust->files ? number - (trust->files << FILE_SHIFT) : 0;
}

gboolean
es_trust_is_current (const EsTrust *trust, gint64 number)
{
  return number_inside (trust, number) != 0;
}

gint64
es_trust_stored_number (const EsTrust *trust, gint64 number)
{
  return number_inside (trust, number);
}

gint64
es_trust_files (const EsTrust *trust)
{
  return trust->files;
}

/* Whether the file was there before and holds nothing now: as when it is gone, that is not to have forgotten everybody. */
static gboolean
is_lost (const EsTrust *trust)
{
  struct stat status;

  return trust->was_there && (stat (trust->path, &status) != 0 || status.st_size == 0);
}

gboolean
es_trust_has_lost_file (const EsTrust *trust)
{
  return trust->store == NULL && is_lost (trust);
}

/* Whether it is known to be another file than the one that we have written: an older copy that was put back, even into the same one. */
static gboolean
is_astray (EsTrust *trust, EsLineage lineage)
{
  gboolean descends = TRUE;

  trust->unsure = !es_store_descends (trust->store, lineage, &descends, NULL);
  return !trust->unsure && !descends;
}

static void
let_go (EsTrust *trust)
{
  if (trust->store != NULL)
    trust->lineage = es_store_lineage (trust->store);
  g_clear_pointer (&trust->store, es_store_close);
}

/* From now on it can be told from older copies. Where it cannot be written that waits for the first change. */
static void
go_on_writing (EsTrust *trust, gboolean other)
{
  if (!other)
    es_store_take_up (trust->store, trust->lineage);
  if (es_store_lineage (trust->store).program == 0)
    es_store_begin_lineage (trust->store, NULL);
}

void
es_trust_note_time (EsTrust *trust, gint64 now, gint64 elapsed)
{
  gint64 offset = now - elapsed;

  if (!trust->timed || ABS (offset - trust->offset) > STEP_SECONDS)
    {
      trust->timed = TRUE;
      trust->sure = FALSE;
      trust->offset = offset;
      trust->stepped = now;
      trust->since = elapsed;
    }
  if (!trust->sure)
    trust->sure = elapsed - trust->since >= ES_TRUST_SURE_SECONDS
                  || (trust->known > 0 && trust->stepped >= trust->known
                      && trust->stepped - trust->known <= ES_TRUST_NEAR_SECONDS);
  if (trust->sure)
    trust->known = now;
}

void
es_trust_hold (EsTrust *trust, gint64 device)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (trust->held, &device));

  if (device != 0)
    g_hash_table_replace (trust->held, g_memdup2 (&device, sizeof device), GUINT_TO_POINTER (n + 1));
}

void
es_trust_release (EsTrust *trust, gint64 device)
{
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (trust->held, &device));

  if (n > 1)
    g_hash_table_replace (trust->held, g_memdup2 (&device, sizeof device), GUINT_TO_POINTER (n - 1));
  else
    g_hash_table_remove (trust->held, &device);
}

/* What was opened may be another file than the last one. */
static void
note_opened (EsTrust *trust)
{
  struct stat before = { 0 }, now = { 0 };
  int anchor = open (trust->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  gboolean known = anchor >= 0 && fstat (anchor, &now) == 0;
  gboolean other = known && trust->anchor >= 0 && fstat (trust->anchor, &before) == 0
                   && (before.st_dev != now.st_dev || before.st_ino != now.st_ino);

  other |= trust->doubtful || is_astray (trust, trust->lineage);

  /* What is written from now on may be of a clock that went wrong. */
  if (trust->known == 0)
    trust->known = es_store_last_used (trust->store);
  go_on_writing (trust, other);
  trust->files += other ? 1 : 0;
  trust->versions++;
  trust->doubtful = FALSE;
  if (trust->anchor >= 0)
    close (trust->anchor);
  trust->anchor = anchor;
  trust->was_there = known && now.st_size > 0;
}

/* What is there now is what holds: somebody has put back a copy, or another program has changed it, or has protected it otherwise. */
static void
follow_file (EsTrust *trust)
{
  gboolean changed = FALSE;

  if (trust->store == NULL)
    return;
  changed = es_store_has_changed (trust->store);
  if (changed)
    trust->versions++;
  if (es_store_has_moved (trust->store) || (changed && es_store_is_outdated (trust->store))
      || ((changed || trust->unsure) && is_astray (trust, es_store_lineage (trust->store))))
    let_go (trust);
}

/* Opened, and unlocked where that can be done with what is known. */
static gboolean
open_store (EsTrust *trust, GError **error)
{
  void (*opened) (gpointer data) = trust->opened;
  GError *failure = NULL;

  follow_file (trust);
  if (trust->store != NULL)
    return TRUE;

  /* To take a file that is gone for an empty one would be to forget everybody, and to write to them in the clear. */
  if (is_lost (trust))
    {
      g_set_error (error, ES_ERROR, ES_ERROR_STORE, "%s: gone, or empty", trust->path);
      return FALSE;
    }
  trust->store = trust->busy ? es_store_try_open (trust->path, &failure) : es_store_open (trust->path, &failure);
  trust->busy = trust->store == NULL && failure->code == ES_ERROR_STORE_LOCKED;
  if (trust->store == NULL)
    {
      /* The user is told to move away what is damaged. */
      trust->doubtful |= failure->code == ES_ERROR_STORE_DAMAGED;
      trust->was_there &= failure->code != ES_ERROR_STORE_DAMAGED;
      g_propagate_error (error, failure);
      return FALSE;
    }
  note_opened (trust);
  if (trust->key != NULL && !es_store_unlock (trust->store, trust->key, &failure))
    {
      if (!es_trust_is_locked_error (failure))
        {
          g_propagate_error (error, failure);
          let_go (trust);
          return FALSE;
        }

      /* Another program has changed it. */
      g_clear_error (&failure);
      g_clear_pointer (&trust->key, es_secret_free);
    }
  trust->opened = NULL;
  if (opened != NULL)
    {
      trust->asking
          = es_store_is_locked (trust->store) && es_store_protection (trust->store)->kind == ES_PROTECTION_KEYRING;
      opened (trust->opened_data);
    }
  return TRUE;
}

void
es_trust_refresh (EsTrust *trust)
{
  open_store (trust, NULL);
}

gint64
es_trust_versions (const EsTrust *trust)
{
  return trust->versions;
}

static gboolean
ready (EsTrust *trust, GError **error)
{
  gboolean keyring = FALSE;

  if (!open_store (trust, error))
    return FALSE;
  if (!es_store_is_locked (trust->store))
    return TRUE;
  keyring = es_store_protection (trust->store)->kind == ES_PROTECTION_KEYRING;
  g_set_error_literal (error, ES_ERROR,
                       keyring && trust->asking ? ES_ERROR_STORE_OPENING
                       : keyring                ? ES_ERROR_STORE_KEYRING
                                                : ES_ERROR_STORE_SEALED,
                       "locked");
  return FALSE;
}

/* After an error the file is opened anew: it may have been repaired by then, or be another one. One that is locked, or that another
 * program writes just now, is as it should be. */
static gboolean
close_unless (EsTrust *trust, gboolean good)
{
  if (!good && trust->store != NULL && !es_store_is_locked (trust->store) && !es_store_is_busy (trust->store))
    let_go (trust);
  return good;
}

/* The same after a change. */
static gboolean
finish (EsTrust *trust, gboolean good)
{
  if (good && trust->changed != NULL)
    trust->changed (trust->data);
  return close_unless (trust, good);
}

/* Protection */

void
es_trust_watch_opening (EsTrust *trust, void (*opened) (gpointer data), gpointer data)
{
  trust->opened = opened;
  trust->opened_data = data;
}

void
es_trust_set_asking (EsTrust *trust, gboolean asking)
{
  trust->asking = asking;
}

gboolean
es_trust_protection (EsTrust *trust, EsProtection *protection, gboolean *locked, GError **error)
{
  if (!open_store (trust, error))
    return FALSE;
  *protection = *es_store_protection (trust->store);
  *locked = es_store_is_locked (trust->store);
  return TRUE;
}

gboolean
es_trust_unlock (EsTrust *trust, const EsSecret *key, GError **error)
{
  /* As the file is now. */
  let_go (trust);
  if (!open_store (trust, error))
    return close_unless (trust, FALSE);

  /* The key that it is open with is another one. */
  if (!es_store_is_locked (trust->store))
    return finish (trust, TRUE);
  if (!es_store_unlock (trust->store, key, error))
    return close_unless (trust, FALSE);
  es_secret_free (trust->key);
  trust->key = es_secret_copy (key);
  trust->asking = FALSE;
  return finish (trust, TRUE);
}

gboolean
es_trust_unlock_with (EsTrust *trust, const EsSecret *passphrase, GError **error)
{
  g_autoptr (EsSecret) key = NULL;

  let_go (trust);
  if (!open_store (trust, error))
    return FALSE;
  if (!es_store_is_locked (trust->store))
    return TRUE;
  if (es_store_protection (trust->store)->kind != ES_PROTECTION_PASSPHRASE)
    return ready (trust, error);
  key = es_protection_stretch (es_store_protection (trust->store), passphrase, error);
  return key != NULL && es_trust_unlock (trust, key, error);
}

gboolean
es_trust_protect (EsTrust *trust, const EsProtection *protection, const EsSecret *secret, GError **error)
{
  g_autoptr (EsSecret) key = NULL;

  if (!ready (trust, error))
    return close_unless (trust, FALSE);
  key = protection->kind == ES_PROTECTION_PASSPHRASE ? es_protection_stretch (protection, secret, error)
                                                     : es_secret_copy (secret);
  if ((protection->kind == ES_PROTECTION_PASSPHRASE && key == NULL)
      || !es_store_protect (trust->store, protection, key, error))
    return close_unless (trust, FALSE);
  es_secret_free (trust->key);
  trust->key = g_steal_pointer (&key);
  return finish (trust, TRUE);
}

static char *
name_aside (const EsTrust *trust, guint number)
{
  return g_strdup_printf ("%s.locked-%u", trust->path, number);
}

gboolean
es_trust_has_started_over (const EsTrust *trust)
{
  g_autofree char *aside = name_aside (trust, 1);

  return g_file_test (aside, G_FILE_TEST_EXISTS);
}

gboolean
es_trust_start_over (EsTrust *trust, GError **error)
{
  g_autofree char *aside = NULL;

  let_go (trust);
  g_clear_pointer (&trust->key, es_secret_free);
  for (guint i = 1; aside == NULL || g_file_test (aside, G_FILE_TEST_EXISTS); i++)
    {
      g_free (aside);
      aside = name_aside (trust, i);
    }
  if (g_rename (trust->path, aside) == 0)
    {
      trust->was_there = FALSE;
      trust->doubtful = TRUE;
      return finish (trust, TRUE);
    }
  g_set_error (error, ES_ERROR, ES_ERROR_STORE, "%s: %s", trust->path, g_strerror (errno));
  return FALSE;
}

static gboolean
read_summary (EsStore *store,
              const EsAddress *account,
              const EsAddress *contact,
              EsTrustSummary *summary,
              GError **error)
{
  g_autoptr (GPtrArray) devices = es_store_devices (store, account, contact, error);

  *summary = (EsTrustSummary){ .policy = -1 };
  if (devices == NULL)
    return FALSE;
  summary->remembered = devices->len > 0;
  for (guint i = 0; i < devices->len; i++)
    summary->n_verified += ((EsDevice *) devices->pdata[i])->verified ? 1 : 0;
  summary->verified = summary->n_verified > 0;
  summary->policy = es_store_policy (store, account, contact, error);
  summary->moved = es_store_was_moved (store, account, contact);
  return summary->policy >= -1 && es_store_lapse (store, account, contact, &summary->lapse, error)
         && es_store_differed (store, account, contact, &summary->differed, error);
}

/* Whether what was read before is what the file says still. */
static gboolean
is_as_read (const EsTrust *trust)
{
  return trust->contacts != NULL && es_store_was_seen (trust->store) && trust->read_versions == trust->versions
         && trust->read_revision == es_store_revision (trust->store);
}

/* Of whom the store says anything; NULL on error. */
static GHashTable *
known_contacts (EsTrust *trust, GError **error)
{
  if (is_as_read (trust))
    return trust->contacts;
  g_hash_table_remove_all (trust->summaries);
  g_clear_pointer (&trust->contacts, g_hash_table_unref);
  trust->read_versions = trust->versions;
  trust->read_revision = es_store_revision (trust->store);
  return trust->contacts = es_store_contacts (trust->store, error);
}

/* The same from memory: of almost all that anybody sends it is asked whom that is from, and strangers can send much. */
static gboolean
look_up_summary (EsTrust *trust,
                 const EsAddress *account,
                 const EsAddress *contact,
                 EsTrustSummary *summary,
                 GError **error)
{
  g_autofree char *key = es_store_contact_key (account, contact);
  GHashTable *contacts = known_contacts (trust, error);
  const EsTrustSummary *read = NULL;

  *summary = (EsTrustSummary){ .policy = -1 };
  if (contacts == NULL || !g_hash_table_contains (contacts, key))
    return contacts != NULL;
  read = g_hash_table_lookup (trust->summaries, key);
  if (read != NULL)
    *summary = *read;
  else if (read_summary (trust->store, account, contact, summary, error))
    g_hash_table_insert (trust->summaries, g_steal_pointer (&key), g_memdup2 (summary, sizeof *summary));
  else
    return FALSE;
  return TRUE;
}

gboolean
es_trust_summary (EsTrust *trust,
                  const EsAddress *account,
                  const EsAddress *contact,
                  EsTrustSummary *summary,
                  GError **error)
{
  *summary = (EsTrustSummary){ .policy = -1 };
  return close_unless (trust, ready (trust, error) && look_up_summary (trust, account, contact, summary, error));
}

gboolean
es_trust_peek (EsTrust *trust, const EsAddress *account, const EsAddress *contact, EsTrustSummary *summary)
{
  return trust->store != NULL && !es_store_is_locked (trust->store)
         && look_up_summary (trust, account, contact, summary, NULL);
}

/* The secrets of DEVICE, the proven one first, then the pending ones from the last on; NULL after all of them. */
static const EsSecret *
secret_of (const EsDevice *device, guint n)
{
  guint pending = device->pending->len;

  if (n == 0)
    return device->newest;
  if (n <= pending)
    return device->pending->pdata[pending - n];
  return n == pending + 1 ? device->older : NULL;
}

/* The verified ones first, each kind in the order that it has: of two chains with one device, which may have come from another computer, that
 * is to be found which says more. The caller's. */
static GPtrArray *
verified_first (const GPtrArray *devices)
{
  GPtrArray *sorted = g_ptr_array_new ();

  for (int verified = TRUE; verified >= FALSE; verified--)
    for (guint i = 0; i < devices->len; i++)
      if (((const EsDevice *) devices->pdata[i])->verified == verified)
        g_ptr_array_add (sorted, devices->pdata[i]);
  return sorted;
}

/* There may be more than fit in a message: the first ones of all devices come before the second. */
static GPtrArray *
retained_of (const EsTrust *trust, const GPtrArray *all)
{
  g_autoptr (GPtrArray) devices = verified_first (all);
  GPtrArray *secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) es_retained_free);
  guint before = 0, n = 0;

  do
    {
      before = secrets->len;
      for (guint i = 0; i < devices->len; i++)
        {
          const EsDevice *device = devices->pdata[i];

          if (secret_of (device, n) != NULL)
            g_ptr_array_add (
                secrets, es_retained_new (number_outside (trust, device->id), device->verified, secret_of (device, n)));
        }
      n++;
    }
  while (secrets->len > before);
  return secrets;
}

/* The numbers that devices in use have in this file. The caller's. */
static GArray *
held_numbers (const EsTrust *trust)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer device = NULL;

  g_hash_table_iter_init (&iter, trust->held);
  while (g_hash_table_iter_next (&iter, &device, NULL))
    {
      gint64 number = number_inside (trust, *(const gint64 *) device);

      g_array_append_val (numbers, number);
    }
  return numbers;
}

static gboolean
expire_after (EsTrust *trust, gboolean verified, guint days, gint64 now, guint *n, GError **error)
{
  g_autoptr (GArray) kept = held_numbers (trust);

  return days == 0 || es_store_expire (trust->store, verified, now - days * DAY, kept, n, error);
}

/* Whoever has read what was there before has to read it again. */
static gboolean
expire (EsTrust *trust, gint64 now, GError **error)
{
  guint n = 0;
  gboolean good = !trust->sure
                  || (expire_after (trust, FALSE, trust->unverified_days, now, &n, error)
                      && expire_after (trust, TRUE, trust->verified_days, now, &n, error));

  trust->versions += n > 0 ? 1 : 0;
  if (n > 0 && trust->changed != NULL)
    trust->changed (trust->data);
  return good;
}

gboolean
es_trust_secrets (EsTrust *trust,
                  const EsAddress *account,
                  const EsAddress *contact,
                  gint64 now,
                  GPtrArray **secrets,
                  GError **error)
{
  g_autoptr (GPtrArray) devices = NULL;

  if (!ready (trust, error) || !expire (trust, now, error)
      || (devices = es_store_devices (trust->store, account, contact, error)) == NULL)
    return close_unless (trust, FALSE);

  *secrets = retained_of (trust, devices);
  return TRUE;
}

/* Whether DEVICE of CONTACT was verified, and how strong it was. */
static gboolean
recall (EsTrust *trust,
        const EsAddress *account,
        const EsAddress *contact,
        gint64 id,
        EsRecognition *recognition,
        guint32 *strength,
        GError **error)
{
  g_autoptr (GPtrArray) devices = es_store_devices (trust->store, account, contact, error);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];

      if (device->id != id)
        continue;
      recognition->verified = device->verified;
      recognition->verified_at = device->verified_at;
      *strength = device->strength;
    }
  return devices != NULL;
}

/* The device's number from now on; 0 on error. */
static gint64
put (EsStore *store,
     const EsAddress *account,
     const EsAddress *contact,
     const EsAgreement *agreement,
     gint64 device,
     gint64 now,
     GError **error)
{
  gboolean good = FALSE;

  if (device == 0)
    return es_store_add (store, account, contact, agreement->retained, agreement->role == ES_ROLE_INITIATOR, now,
                         error);
  good = agreement->role == ES_ROLE_INITIATOR
             ? es_store_replace (store, account, contact, device, agreement->found, agreement->held,
                                 agreement->retained, now, error)
             : es_store_add_pending (store, account, contact, device, agreement->found, agreement->retained, error);
  return good ? device : 0;
}

gboolean
es_trust_remember (EsTrust *trust,
                   const EsAddress *account,
                   const EsAddress *contact,
                   const EsAgreement *agreement,
                   gint64 now,
                   EsRecognition *recognition,
                   GError **error)
{
  guint32 strength = 0, best = 0;
  gint64 device = 0;

  *recognition = (EsRecognition){ 0 };
  if (!ready (trust, error))
    return close_unless (trust, FALSE);
  device = number_inside (trust, agreement->found_device);
  if (!recall (trust, account, contact, device, recognition, &strength, error))
    return close_unless (trust, FALSE);

  device = put (trust->store, account, contact, agreement, device, now, error);
  recognition->device = number_outside (trust, device);
  recognition->narrowed = es_strength_is_narrowed (agreement->strength, strength);
  best = es_strength_best (agreement->strength, strength);

  /* A message 3 can be an old one that somebody sends again: what it claims of the device holds when it is proven. */
  recognition->strength = best;
  return finish (trust, recognition->device != 0
                            && (best == strength || (agreement->role == ES_ROLE_RESPONDER && agreement->found != NULL)
                                || es_store_set_strength (trust->store, account, contact, device, best, error)));
}

gboolean
es_trust_prove (EsTrust *trust,
                const EsAddress *account,
                const EsAddress *contact,
                gint64 device,
                const GPtrArray *held,
                const EsSecret *secret,
                guint32 strength,
                gint64 now,
                GError **error)
{
  return finish (trust, ready (trust, error)
                            && es_store_prove (trust->store, number_inside (trust, device), held, secret, now, error)
                            && es_store_set_strength (trust->store, account, contact, number_inside (trust, device),
                                                      strength, error));
}

gint64
es_trust_verified_at (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device)
{
  g_autoptr (GPtrArray) devices = ready (trust, NULL) ? es_store_devices (trust->store, account, contact, NULL) : NULL;

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    if (((EsDevice *) devices->pdata[i])->id == number_inside (trust, device))
      return ((EsDevice *) devices->pdata[i])->verified_at;
  return 0;
}

gboolean
es_trust_mark (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device, gboolean *verified)
{
  g_autoptr (GPtrArray) devices = ready (trust, NULL) ? es_store_devices (trust->store, account, contact, NULL) : NULL;

  *verified = FALSE;
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    if (((EsDevice *) devices->pdata[i])->id == number_inside (trust, device))
      *verified = ((EsDevice *) devices->pdata[i])->verified;
  return devices != NULL && es_trust_is_current (trust, device);
}

gboolean
es_trust_verify (EsTrust *trust,
                 const EsAddress *account,
                 const EsAddress *contact,
                 gint64 device,
                 gint64 now,
                 GError **error)
{
  return finish (trust,
                 ready (trust, error)
                     && es_store_verify (trust->store, account, contact, number_inside (trust, device), now, error));
}

void
es_trust_note_use (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device, gint64 now)
{
  close_unless (trust,
                ready (trust, NULL)
                    && es_store_set_used (trust->store, account, contact, number_inside (trust, device), now, NULL));
}

gboolean
es_trust_forget_of (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device, GError **error)
{
  gboolean good = ready (trust, error);

  /* Which of a copy's it is nobody knows. */
  if (good && !es_trust_is_current (trust, device))
    good = es_store_forget_contact (trust->store, account, contact, error);
  else if (good)
    good = es_store_forget_of (trust->store, account, contact, number_inside (trust, device), error);
  return finish (trust, good);
}

/* What the user was shown may be of another file than the one that is there now: whoever shows it has to look again. */
static gboolean
is_shown_anew (EsTrust *trust, gint64 device, GError **error)
{
  if (es_trust_is_current (trust, device))
    return FALSE;
  if (trust->changed != NULL)
    trust->changed (trust->data);
  g_set_error (error, ES_ERROR, ES_ERROR_STORE_OTHER, "%s: another file", trust->path);
  return TRUE;
}

gboolean
es_trust_forget (EsTrust *trust, gint64 device, GError **error)
{
  return finish (trust, ready (trust, error) && !is_shown_anew (trust, device, error)
                            && es_store_forget (trust->store, number_inside (trust, device), error));
}

gboolean
es_trust_lose (EsTrust *trust, gint64 device, GError **error)
{
  return finish (trust, ready (trust, error) && !is_shown_anew (trust, device, error)
                            && es_store_lose (trust->store, number_inside (trust, device), error));
}

gboolean
es_trust_set_policy (EsTrust *trust, const EsAddress *account, const EsAddress *contact, int policy, GError **error)
{
  return close_unless (trust,
                       ready (trust, error) && es_store_set_policy (trust->store, account, contact, policy, error));
}

GPtrArray *
es_trust_devices (EsTrust *trust, GError **error)
{
  g_autoptr (GPtrArray) moved = ready (trust, error) ? es_store_moved (trust->store, error) : NULL;
  GPtrArray *devices = moved != NULL ? es_store_all_devices (trust->store, error) : NULL;

  close_unless (trust, devices != NULL);
  if (devices != NULL)
    g_ptr_array_extend_and_steal (devices, g_steal_pointer (&moved));
  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      EsDevice *device = devices->pdata[i];

      device->id = number_outside (trust, device->id);
      g_clear_pointer (&device->newest, es_secret_free);
      g_clear_pointer (&device->older, es_secret_free);
      g_ptr_array_set_size (device->pending, 0);
    }
  return devices;
}

gboolean
es_trust_rename (EsTrust *trust, gint64 device, const char *name, GError **error)
{
  return finish (trust, ready (trust, error) && !is_shown_anew (trust, device, error)
                            && es_store_set_name (trust->store, number_inside (trust, device), name, error));
}

gboolean
es_trust_unmark (EsTrust *trust, gint64 device, gint64 now, GError **error)
{
  return finish (trust, ready (trust, error) && !is_shown_anew (trust, device, error)
                            && es_store_set_verified (trust->store, number_inside (trust, device), FALSE, now, error));
}

gboolean
es_trust_forget_contact (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_forget_contact (trust->store, account, contact, error));
}

gboolean
es_trust_lose_contact (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error)
{
  return finish (trust, ready (trust, error) && es_store_lose_contact (trust->store, account, contact, error));
}

void
es_trust_set_expiry (EsTrust *trust, guint unverified_days, guint verified_days)
{
  trust->unverified_days = unverified_days;
  trust->verified_days = verified_days;
}

void
es_trust_watch (EsTrust *trust, void (*changed) (gpointer data), gpointer data)
{
  trust->changed = changed;
  trust->data = data;
}

gboolean
es_trust_set_differed (EsTrust *trust,
                       const EsAddress *account,
                       const EsAddress *contact,
                       gboolean differed,
                       GError **error)
{
  return close_unless (trust,
                       ready (trust, error) && es_store_set_differed (trust->store, account, contact, differed, error));
}

gboolean
es_trust_lapse_told (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error)
{
  return close_unless (trust, ready (trust, error) && es_store_lapse_told (trust->store, account, contact, error));
}

/* To another computer, and from one */

EsMove
es_trust_move_out (EsTrust *trust,
                   const char *path,
                   const EsSecret *passphrase,
                   gint64 now,
                   char **written,
                   GError **error)
{
  EsProtection protection;
  g_autoptr (EsSecret) key = NULL;
  EsMove move = ES_MOVE_NONE;

  *written = NULL;
  if (!ready (trust, error))
    return ES_MOVE_NONE;
  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  key = es_protection_stretch (&protection, passphrase, error);
  if (key != NULL)
    move = es_store_move_out (trust->store, path, &protection, key, now, written, error);

  /* Whoever has read what was there reads it anew. */
  trust->versions += move != ES_MOVE_NONE ? 1 : 0;
  finish (trust, move != ES_MOVE_NONE);
  return move;
}

gboolean
es_trust_move_in (EsTrust *trust,
                  const char *path,
                  const EsSecret *passphrase,
                  gint64 now,
                  guint *n,
                  gboolean *erased,
                  GError **error)
{
  g_autoptr (EsStore) moved = ready (trust, error) ? es_store_open_moved (path, error) : NULL;
  g_autoptr (EsSecret) key
      = moved != NULL ? es_protection_stretch (es_store_protection (moved), passphrase, error) : NULL;
  gboolean good = key != NULL && es_store_move_in (trust->store, moved, key, now, n, error);

  *erased = good && es_store_move_erase (path);
  trust->versions += good ? 1 : 0;
  return finish (trust, good);
}

EsMove
es_trust_move_resume (EsTrust *trust, char **path)
{
  *path = NULL;
  return ready (trust, NULL) ? es_store_move_resume (trust->store, path) : ES_MOVE_NONE;
}

gboolean
es_trust_move_give_up (EsTrust *trust, GError **error)
{
  return close_unless (trust, ready (trust, error) && es_store_move_give_up (trust->store, error));
}

gboolean
es_trust_is_moved (EsTrust *trust, gint64 device)
{
  return ready (trust, NULL) && es_store_is_moved (trust->store, number_inside (trust, device));
}

/* Messages */

static void
number_all (const EsTrust *trust, EsStored *const *entries, gsize n, gint64 (*number) (const EsTrust *, gint64))
{
  for (gsize i = 0; i < n; i++)
    entries[i]->id = number (trust, entries[i]->id);
}

gboolean
es_trust_outbox_add (EsTrust *trust, EsStored *const *entries, gsize n, GError **error)
{
  gboolean good = close_unless (trust, ready (trust, error) && es_store_outbox_add (trust->store, entries, n, error));

  number_all (trust, entries, good ? n : 0, number_outside);
  return good;
}

/* What is of another file has no number in this one, and keeps its own. */
static gboolean
are_current (EsTrust *trust, EsStored *const *entries, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!es_trust_is_current (trust, entries[i]->id))
      {
        g_set_error (error, ES_ERROR, ES_ERROR_STORE, "%s: another file", trust->path);
        return FALSE;
      }
  return TRUE;
}

static gboolean
with_numbers (EsTrust *trust,
              gboolean (*change) (EsStore *store, EsStored *const *entries, gsize n, GError **error),
              EsStored *const *entries,
              gsize n,
              GError **error)
{
  gboolean good = FALSE;

  if (!ready (trust, error) || !are_current (trust, entries, n, error))
    return FALSE;
  number_all (trust, entries, n, number_inside);
  good = close_unless (trust, change (trust->store, entries, n, error));
  number_all (trust, entries, n, number_outside);
  return good;
}

gboolean
es_trust_outbox_update (EsTrust *trust, EsStored *const *entries, gsize n, GError **error)
{
  return with_numbers (trust, es_store_outbox_update, entries, n, error);
}

gboolean
es_trust_outbox_remove (EsTrust *trust, EsStored *const *entries, gsize n, GError **error)
{
  return with_numbers (trust, es_store_outbox_remove, entries, n, error);
}

GArray *
es_trust_outbox_numbers (EsTrust *trust, const EsAddress *account, GError **error)
{
  GArray *numbers = ready (trust, error) ? es_store_outbox_numbers (trust->store, account, error) : NULL;
  gint64 files = trust->files;

  close_unless (trust, numbers != NULL);
  for (guint i = 0; numbers != NULL && i < numbers->len; i++)
    g_array_index (numbers, gint64, i) = number_outside (trust, g_array_index (numbers, gint64, i));

  /* It may have been put in the place of ours while it was read. */
  if (numbers != NULL && ready (trust, error) && trust->files == files && !trust->unsure)
    return numbers;
  g_clear_pointer (&numbers, g_array_unref);
  return NULL;
}

void
es_trust_account_gone (EsTrust *trust, const EsAddress *account)
{
  g_hash_table_add (trust->gone, es_address_ref (account));
}

gboolean
es_trust_outbox_erase (EsTrust *trust, const EsAddress *account, GError **error)
{
  gboolean good = TRUE;

  if (!g_hash_table_contains (trust->gone, account))
    return TRUE;
  good = close_unless (trust, ready (trust, error) && es_store_outbox_remove_account (trust->store, account, error));
  if (good)
    g_hash_table_remove (trust->gone, account);
  return good;
}

static gboolean
is_gone (gpointer account, gpointer number, gpointer trust)
{
  return g_hash_table_contains (((EsTrust *) trust)->gone, account);
}

GHashTable *
es_trust_outbox_accounts (EsTrust *trust, GError **error)
{
  GHashTable *accounts = NULL;

  /* To look is no reason to make one. */
  if (!trust->was_there && access (trust->path, F_OK) != 0)
    return es_address_table_new (NULL);
  accounts = ready (trust, error) ? es_store_outbox_accounts (trust->store, error) : NULL;
  if (close_unless (trust, accounts != NULL))
    g_hash_table_foreach_remove (accounts, is_gone, trust);
  return accounts;
}

GPtrArray *
es_trust_outbox_load (EsTrust *trust, const EsAddress *account, GPtrArray *dropped, GError **error)
{
  GPtrArray *entries = NULL;

  if (!es_trust_outbox_erase (trust, account, error))
    return NULL;
  entries = ready (trust, error) ? es_store_outbox_load (trust->store, account, dropped, error) : NULL;

  close_unless (trust, entries != NULL);
  if (entries != NULL)
    number_all (trust, (EsStored *const *) entries->pdata, entries->len, number_outside);
  return entries;
}

/* Passwords */

static gboolean
look_up_failures (EsTrust *trust,
                  const EsAddress *account,
                  const EsAddress *contact,
                  guint *count,
                  gint64 *last,
                  GError **error)
{
  g_autofree char *key = es_store_contact_key (account, contact);
  GHashTable *contacts = known_contacts (trust, error);

  *count = 0;
  *last = 0;
  if (contacts == NULL || !g_hash_table_contains (contacts, key))
    return contacts != NULL;
  return es_store_password_failures (trust->store, account, contact, count, last, error);
}

gboolean
es_trust_password_failures (EsTrust *trust,
                            const EsAddress *account,
                            const EsAddress *contact,
                            guint *count,
                            gint64 *last,
                            GError **error)
{
  return close_unless (trust, ready (trust, error) && look_up_failures (trust, account, contact, count, last, error));
}

gboolean
es_trust_add_password_failure (EsTrust *trust,
                               const EsAddress *account,
                               const EsAddress *contact,
                               gint64 now,
                               GError **error)
{
  return close_unless (trust, ready (trust, error)
                                  && es_store_add_password_failure (trust->store, account, contact, now, error));
}

gboolean
es_trust_clear_password_failures (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error)
{
  return close_unless (trust, ready (trust, error)
                                  && es_store_clear_password_failures (trust->store, account, contact, error));
}
