/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-world.h"

#include <fcntl.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

typedef struct
{
  guint id;
  gint64 due;
  void (*fire) (gpointer argument);
  gpointer argument;
} Timer;

static void
letter_free (gpointer data)
{
  Letter *letter = data;

  g_free (letter->from);
  g_free (letter->to);
  g_free (letter->text);
  g_free (letter);
}

static Endpoint *
find (World *world, const char *jid)
{
  for (guint i = 0; i < world->endpoints->len; i++)
    {
      Endpoint *endpoint = world->endpoints->pdata[i];

      if (endpoint->online && strcmp (endpoint->jid, jid) == 0)
        return endpoint;
    }
  return NULL;
}

/* The host */

static void
host_fill (gpointer data, guint8 *out, gsize size)
{
  Endpoint *endpoint = data;

  for (; size > 0; size--)
    {
      if (endpoint->random_left == 0)
        {
          EsPart parts[]
              = { ES_PART_STRING (endpoint->random_seed), ES_PART (&endpoint->n_random, sizeof endpoint->n_random) };

          es_hash (es_hash_find ("sha256"), parts, G_N_ELEMENTS (parts), endpoint->random_block);
          endpoint->n_random++;
          endpoint->random_left = sizeof endpoint->random_block;
        }
      *out++ = endpoint->random_block[--endpoint->random_left];
    }
}

static void send_typed (Endpoint *endpoint, const char *contact, const char *text, gboolean encrypted, gboolean handed);

static Letter *
letter_new (const char *from, const char *to, char *text)
{
  Letter *letter = g_new0 (Letter, 1);

  letter->from = g_strdup (from);
  letter->to = g_strdup (to);
  letter->text = text;
  return letter;
}

static void
post (World *world, const char *from, const char *to, char *text)
{
  g_queue_push_tail (&world->letters, letter_new (from, to, text));
}

static void
host_send (gpointer data, EsXml *stanza)
{
  Endpoint *endpoint = data;

  if (endpoint->online)
    post (endpoint->world, endpoint->jid, es_xml_attribute (stanza, "to"), es_xml_to_string (stanza, "jabber:client"));
  es_xml_free (stanza);
}

static gboolean
host_can_send (gpointer data)
{
  return ((Endpoint *) data)->online;
}

static gint64
host_now (gpointer data)
{
  const World *world = ((Endpoint *) data)->world;

  return world->now + world->clock_set;
}

static gint64
host_elapsed (gpointer data)
{
  return ((Endpoint *) data)->world->now;
}

static guint
host_start_timer (gpointer data, guint seconds, void (*fire) (gpointer argument), gpointer argument)
{
  Endpoint *endpoint = data;
  Timer *timer = g_new (Timer, 1);

  *timer = (Timer){ ++endpoint->n_timers, endpoint->world->now + seconds, fire, argument };
  g_ptr_array_add (endpoint->timers, timer);
  return timer->id;
}

static void
host_stop_timer (gpointer data, guint id)
{
  Endpoint *endpoint = data;

  for (guint i = 0; i < endpoint->timers->len; i++)
    if (((Timer *) endpoint->timers->pdata[i])->id == id)
      {
        g_ptr_array_remove_index (endpoint->timers, i);
        return;
      }
  ck_abort_msg ("stopped a timer that is not running");
}

static void
host_ask_support (gpointer data, const EsAddress *jid)
{
  Endpoint *endpoint = data;

  post (endpoint->world, endpoint->jid, es_address_text (jid), g_strdup ("<ask/>"));
}

static gboolean
host_ask_presence (gpointer data, const EsAddress *contact)
{
  Endpoint *endpoint = data;

  endpoint->n_asked_presence += endpoint->asks_presence ? 1 : 0;
  return endpoint->asks_presence;
}

static gboolean
host_may_see_us (gpointer data, const EsAddress *contact)
{
  return !((Endpoint *) data)->stranger;
}

/* What windows show of a conversation. */
static char *
look_of (const Endpoint *endpoint, const EsAddress *contact)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, contact, &what);
  return g_strdup_printf ("state %d, policy %d, waiting %u, unconfirmed %u%s%s%s%s%s", what.state, what.policy,
                          what.waiting, what.unconfirmed, what.must_choose ? ", must choose" : "",
                          what.barred ? ", barred" : "", what.can_verify ? ", can verify" : "",
                          what.device != NULL ? ", with " : "",
                          what.device != NULL ? es_address_text (what.device) : "");
}

static void
host_changed (gpointer data, const EsAddress *contact)
{
  Endpoint *endpoint = data;

  endpoint->n_changed++;
  if (endpoint->manager != NULL)
    g_hash_table_insert (endpoint->windows, es_address_ref (contact), look_of (endpoint, contact));
}

/* Nobody shows what was true once. */
static void
assert_windows_are_up_to_date (const World *world)
{
  for (guint i = 0; i < world->endpoints->len; i++)
    {
      const Endpoint *endpoint = world->endpoints->pdata[i];
      GHashTableIter iter;
      gpointer contact = NULL, shown = NULL;

      g_hash_table_iter_init (&iter, endpoint->windows);
      while (endpoint->manager != NULL && g_hash_table_iter_next (&iter, &contact, &shown))
        {
          g_autofree char *now = look_of (endpoint, contact);

          ck_assert_msg (strcmp (now, shown) == 0, "%s shows of %s: %s; but it is: %s", endpoint->jid,
                         es_address_text (contact), (char *) shown, now);
        }
    }
}

static void
host_notice (gpointer data, const EsAddress *contact, EsTone tone, const EsNotice *notice)
{
  Endpoint *endpoint = data;
  char *sentence = es_notice_sentence (&es_program_pidgin, notice);

  ck_assert_ptr_nonnull (sentence);
  g_ptr_array_add (endpoint->notices, sentence);
  if (tone == ES_TONE_WARNING || tone == ES_TONE_GRAVE || tone == ES_TONE_ALARM || notice->code == ES_NOTICE_UNMARKED)
    g_ptr_array_add (endpoint->warnings, g_strdup (sentence));
}

const char *
es_said (EsNoticeCode code)
{
  g_autofree char *sentence = es_notice_sentence (&es_program_pidgin, &(EsNotice){ code });

  return g_intern_string (sentence);
}

const char *
es_said_of (EsErrorCode code)
{
  return es_error_sentence (&es_program_pidgin, code);
}

static gboolean
host_may_remind (gpointer data, const EsAddress *contact)
{
  return ((Endpoint *) data)->reminders;
}

static void
host_send_text (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted)
{
  send_typed (data, es_address_text (contact), leaving, encrypted, TRUE);
}

static gboolean
host_can_return (gpointer data, const EsAddress *contact)
{
  return !((Endpoint *) data)->blind;
}

static gboolean
host_return_text (gpointer data, const EsAddress *contact, const char *text, gboolean sent)
{
  Endpoint *endpoint = data;

  if (endpoint->quits)
    return FALSE;
  g_ptr_array_add (sent ? endpoint->uncertain : endpoint->returned, g_strdup (text));
  return TRUE;
}

/* Which one it is of those that this endpoint was told of: 1 is the first. */
static guint
place_of (Endpoint *endpoint, guint64 number)
{
  guint place = 0;

  while (place < endpoint->numbers->len && g_array_index (endpoint->numbers, guint64, place) != number)
    place++;
  if (place == endpoint->numbers->len)
    g_array_append_val (endpoint->numbers, number);
  return place + 1;
}

static void
host_delivery (gpointer data, const EsAddress *contact, guint64 number, EsDelivery delivery)
{
  static const char *const names[] = {
    [ES_DELIVERY_SENT] = "sent",
    [ES_DELIVERY_ARRIVED] = "arrived",
    [ES_DELIVERY_RETURNED] = "returned",
  };
  Endpoint *endpoint = data;

  ck_assert_uint_ne (number, 0);
  g_ptr_array_add (endpoint->deliveries, g_strdup_printf ("%u %s", place_of (endpoint, number), names[delivery]));
}

static void
host_ask_stranger (gpointer data, const EsAddress *contact)
{
  Endpoint *endpoint = data;

  g_ptr_array_add (endpoint->strangers, g_strdup (es_address_text (contact)));
}

/* In whatever world: one line that anybody may read, and nobody's address. */
static void
log_write (gpointer data, EsLogLevel level, const char *line)
{
  Endpoint *endpoint = data;
  const World *world = endpoint->world;

  ck_assert_msg (g_regex_match_simple ("^[a-z]+ (error|warning|info|detail)( ~[0-9a-f]{6}(/[0-9a-f]{4})?)?: [ -~]+$",
                                       line, G_REGEX_DOLLAR_ENDONLY, 0),
                 "no line of a log: %s", line);
  for (guint i = 0; i < world->endpoints->len; i++)
    ck_assert_msg (strstr (line, ((const Endpoint *) world->endpoints->pdata[i])->bare) == NULL, "%s", line);
  g_ptr_array_add (endpoint->log, g_strdup (line));
}

/* Endpoints */

static void
endpoint_free (gpointer data)
{
  Endpoint *endpoint = data;

  g_hash_table_unref (endpoint->windows);
  es_manager_free (endpoint->manager);
  es_trust_free (endpoint->trust);
  ck_assert_uint_eq (endpoint->timers->len, 0);
  g_ptr_array_unref (endpoint->timers);
  g_ptr_array_unref (endpoint->shown);
  g_ptr_array_unref (endpoint->unseen);
  g_ptr_array_unref (endpoint->notices);
  g_ptr_array_unref (endpoint->warnings);
  g_ptr_array_unref (endpoint->returned);
  g_ptr_array_unref (endpoint->uncertain);
  g_ptr_array_unref (endpoint->deliveries);
  g_array_unref (endpoint->numbers);
  g_ptr_array_unref (endpoint->others);
  g_ptr_array_unref (endpoint->refused);
  g_ptr_array_unref (endpoint->strangers);
  es_log_free (endpoint->host.log);
  g_ptr_array_unref (endpoint->log);
  g_free (endpoint->random_seed);
  g_free (endpoint->path);
  g_free (endpoint->bare);
  g_free (endpoint->jid);
  g_free (endpoint);
}

World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->folder = es_test_folder ("esession-world");
  world->now = 1000000;
  world->endpoints = g_ptr_array_new_with_free_func (endpoint_free);
  world->log = g_ptr_array_new_with_free_func (letter_free);
  world->wire = g_string_new (NULL);
  g_queue_init (&world->letters);
  return world;
}

void
world_free (World *world)
{
  g_autoptr (GDir) folder = g_dir_open (world->folder, 0, NULL);
  const char *name = NULL;

  g_ptr_array_unref (world->endpoints);
  g_queue_clear_full (&world->letters, letter_free);
  g_ptr_array_unref (world->log);
  while (folder != NULL && (name = g_dir_read_name (folder)) != NULL)
    {
      g_autofree char *path = g_build_filename (world->folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (world->folder);
  g_string_free (world->wire, TRUE);
  g_free (world->folder);
  g_free (world);
}

Endpoint *
world_add (World *world, const char *jid)
{
  Endpoint *endpoint = g_new0 (Endpoint, 1);

  endpoint->world = world;
  endpoint->jid = g_strdup (jid);
  endpoint->bare = g_strndup (jid, strcspn (jid, "/"));
  endpoint->path = g_strdup_printf ("%s/%s.db", world->folder, jid);
  g_strdelimit (endpoint->path + strlen (world->folder) + 1, "/", '_');
  endpoint->host = (EsHost){
    .random = { host_fill, endpoint },
    .log = es_log_new (&(EsLogSink){ endpoint, host_now, log_write }, FALSE),
    .transport = { .data = endpoint,
                   .fallback = es_fallback_text (),
                   .can_send = host_can_send,
                   .send = host_send,
                   .ask_support = host_ask_support,
                   .ask_presence = host_ask_presence,
                   .may_see_us = host_may_see_us },
    .clock = { .data = endpoint,
               .now = host_now,
               .elapsed = host_elapsed,
               .start_timer = host_start_timer,
               .stop_timer = host_stop_timer },
    .user = { .data = endpoint,
              .changed = host_changed,
              .may_remind = host_may_remind,
              .notice = host_notice,
              .send_text = host_send_text,
              .can_return = host_can_return,
              .return_text = host_return_text,
              .delivery = host_delivery,
              .ask_stranger = host_ask_stranger },
  };
  endpoint->trust = es_trust_new (endpoint->path);
  endpoint->windows = es_address_table_new (g_free);
  es_options_init (&endpoint->options);
  endpoint->options.groups[1] = 0; /* the big groups cost time */
  endpoint->policy = ES_POLICY_POSSIBLE;
  endpoint->supports = TRUE;
  endpoint->random_seed = g_strdup_printf ("%s %u", jid, world->endpoints->len);
  endpoint->timers = g_ptr_array_new_with_free_func (g_free);
  endpoint->shown = g_ptr_array_new_with_free_func (g_free);
  endpoint->unseen = g_ptr_array_new_with_free_func (g_free);
  endpoint->notices = g_ptr_array_new_with_free_func (g_free);
  endpoint->warnings = g_ptr_array_new_with_free_func (g_free);
  endpoint->returned = g_ptr_array_new_with_free_func (g_free);
  endpoint->uncertain = g_ptr_array_new_with_free_func (g_free);
  endpoint->deliveries = g_ptr_array_new_with_free_func (g_free);
  endpoint->numbers = g_array_new (FALSE, FALSE, sizeof (guint64));
  endpoint->others = g_ptr_array_new_with_free_func (g_free);
  endpoint->refused = g_ptr_array_new_with_free_func (g_free);
  endpoint->strangers = g_ptr_array_new_with_free_func (g_free);
  endpoint->log = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (world->endpoints, endpoint);
  return endpoint;
}

static void
tell_presence (Endpoint *to, Endpoint *of, gboolean available)
{
  if (to != of && to->online)
    es_manager_set_presence (to->manager, es_at (of->jid), available, 0, of->supports ? "can" : "cannot");
}

void
endpoint_sign_on (Endpoint *endpoint)
{
  World *world = endpoint->world;

  endpoint->online = TRUE;
  if (endpoint->manager == NULL)
    endpoint->manager = es_manager_new (es_at (endpoint->bare), &endpoint->host, endpoint->trust, &endpoint->options,
                                        endpoint->policy);
  es_manager_set_own (endpoint->manager, es_at (endpoint->jid));
  for (guint i = 0; i < world->endpoints->len; i++)
    {
      Endpoint *other = world->endpoints->pdata[i];

      tell_presence (other, endpoint, TRUE);
      if (other->online)
        tell_presence (endpoint, other, TRUE);
    }
}

static void
tell_gone (Endpoint *endpoint)
{
  World *world = endpoint->world;

  endpoint->online = FALSE;
  for (guint i = 0; i < world->endpoints->len; i++)
    tell_presence (world->endpoints->pdata[i], endpoint, FALSE);
}

void
endpoint_sign_off (Endpoint *endpoint)
{
  es_manager_offline (endpoint->manager, TRUE);
  endpoint->leaving = TRUE;
  world_run (endpoint->world);
  tell_gone (endpoint);
  endpoint->leaving = FALSE;
}

void
endpoint_kill (Endpoint *endpoint)
{
  es_manager_free (endpoint->manager);
  endpoint->manager = NULL;
  g_hash_table_remove_all (endpoint->windows);
  tell_gone (endpoint);
}

void
endpoint_kill_program (Endpoint *endpoint)
{
  endpoint_kill (endpoint);
  es_trust_free (endpoint->trust);
  endpoint->trust = es_trust_new (endpoint->path);
}

static void
deliver (World *world, Endpoint *endpoint, const Letter *letter)
{
  g_autoptr (EsXml) content = es_xml_parse_content (letter->text, strlen (letter->text), NULL);
  g_autoptr (EsXml) stanza = content != NULL ? es_xml_steal (content, 0) : NULL;
  const EsXml *body = NULL;
  g_autofree char *text = NULL;

  if (stanza == NULL || endpoint->manager == NULL || endpoint->leaving)
    return;
  if (es_xml_is (stanza, "ask", NULL))
    {
      post (world, endpoint->jid, letter->from,
            g_strdup_printf ("<answer yes='%d' gajim='%d'/>", endpoint->supports, endpoint->is_gajim));
      return;
    }
  if (es_xml_is (stanza, "answer", NULL))
    {
      es_manager_set_support (endpoint->manager, es_at (letter->from),
                              g_strcmp0 (es_xml_attribute (stanza, "yes"), "1") == 0,
                              g_strcmp0 (es_xml_attribute (stanza, "gajim"), "1") == 0);
      return;
    }
  es_xml_set_attribute (stanza, "from", letter->from);
  if (es_manager_incoming (endpoint->manager, es_at (es_xml_attribute (stanza, "from")), stanza) == ES_CONSUMED)
    return;
  text = es_xml_to_string (stanza, ES_NS_CLIENT);
  es_links_note (es_trust_links (endpoint->trust), text);
  if (!es_xml_is (stanza, "message", NULL))
    g_ptr_array_add (endpoint->others, es_xml_to_string (stanza, "jabber:client"));
  body = es_xml_child (stanza, "body", NULL);
  if (body == NULL && es_xml_is (stanza, "message", NULL))
    g_ptr_array_add (endpoint->unseen, es_xml_to_string (stanza, "jabber:client"));
  if (body == NULL || endpoint->swallows)
    return;
  if (endpoint->signs_off)
    {
      es_manager_offline (endpoint->manager, TRUE);
      tell_gone (endpoint);
    }
  g_ptr_array_add (endpoint->shown, es_xml_dup_text (body));
  es_manager_shown (endpoint->manager, es_at (letter->from));
}

/* To a full JID that is gone: an error, unless it is one itself. */
static void
bounce (World *world, const Letter *letter)
{
  g_autoptr (EsXml) content = es_xml_parse_content (letter->text, strlen (letter->text), NULL);
  const EsXml *stanza = content != NULL ? es_xml_children (content)->pdata[0] : NULL;
  const EsXml *thread = stanza != NULL ? es_xml_child (stanza, "thread", NULL) : NULL;
  g_autofree char *text = thread != NULL ? es_xml_dup_text (thread) : NULL;

  if (text != NULL && g_strcmp0 (es_xml_attribute (stanza, "type"), "error") != 0)
    post (world, letter->to, letter->from,
          g_strdup_printf ("<message type='error'><thread>%s</thread><error type='cancel'><service-unavailable "
                           "xmlns='" NS_STANZAS "'/></error></message>",
                           text));
}

static void
fire_due (Endpoint *endpoint)
{
  for (guint i = 0; i < endpoint->timers->len; i++)
    {
      Timer timer = *(Timer *) endpoint->timers->pdata[i];

      if (timer.due > endpoint->world->now)
        continue;
      g_ptr_array_remove_index (endpoint->timers, i);
      timer.fire (timer.argument);
      i = (guint) -1;
    }
}

/* The next stanza; before any, each time, what was to be done at once. */
static Letter *
next_letter (World *world)
{
  if (!world->together || g_queue_is_empty (&world->letters))
    for (guint i = 0; i < world->endpoints->len; i++)
      fire_due (world->endpoints->pdata[i]);
  return g_queue_pop_head (&world->letters);
}

void
world_run (World *world)
{
  Letter *letter = NULL;
  guint n = 0;

  while ((letter = next_letter (world)) != NULL)
    {
      Endpoint *endpoint = NULL;

      ck_assert_msg (++n < 100000, "they never stop");
      g_string_append_printf (world->wire, "%s -> %s %s\n", letter->from, letter->to, letter->text);
      g_ptr_array_add (world->log, letter_new (letter->from, letter->to, g_strdup (letter->text)));
      if (world->tap == NULL || world->tap (world, letter, world->tap_data))
        {
          endpoint = find (world, letter->to);
          for (guint i = 0; endpoint == NULL && strchr (letter->to, '/') == NULL && i < world->endpoints->len; i++)
            {
              Endpoint *candidate = world->endpoints->pdata[i];

              if (candidate->online && strcmp (candidate->bare, letter->to) == 0)
                endpoint = candidate;
            }
          if (endpoint != NULL)
            deliver (world, endpoint, letter);
          else
            bounce (world, letter);
        }
      letter_free (letter);
    }
  assert_windows_are_up_to_date (world);
}

void
world_wait (World *world, guint seconds)
{
  world_run (world);
  for (; seconds > 0; seconds--)
    {
      world->now++;
      world_run (world);
    }
}

void
endpoint_overwrite (const Endpoint *endpoint, const char *octets, gsize size)
{
  int fd = open (endpoint->path, O_WRONLY | O_TRUNC);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (write (fd, octets, size), (gssize) size);
  close (fd);
}

static void
send_out (Endpoint *endpoint, const char *xml, gboolean handed)
{
  g_autoptr (EsXml) content = es_xml_parse_content (xml, strlen (xml), NULL);
  EsXml *stanza = es_xml_steal (content, 0);

  switch (es_manager_outgoing (endpoint->manager, es_at (es_xml_attribute (stanza, "to")), stanza, handed))
    {
    case ES_PASS:
    case ES_CHANGED:
      host_send (endpoint, stanza);
      return;
    case ES_REFUSED:
      g_ptr_array_add (endpoint->refused, g_strdup (es_xml_attribute (stanza, "id")));
      break;
    case ES_CONSUMED:
    default:
      break;
    }
  es_xml_free (stanza);
}

void
endpoint_send_raw (Endpoint *endpoint, const char *xml)
{
  send_out (endpoint, xml, FALSE);
}

/* As the gate does: what is to be encrypted does not leave otherwise. Other plugins may say something before, and after. */
static void
send_typed (Endpoint *endpoint, const char *contact, const char *text, gboolean encrypted, gboolean handed)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  g_autofree char *xml = g_strdup_printf ("<message type='chat' to='%s'><body>%s</body></message>", contact, escaped);
  g_autofree char *body = g_strdup_printf ("<body>%s</body>", escaped);
  guint before = endpoint->world->letters.length;

  if (endpoint->before_typed != NULL)
    endpoint_send_raw (endpoint, endpoint->before_typed);
  send_out (endpoint, xml, handed);
  if (endpoint->after_typed != NULL)
    endpoint_send_raw (endpoint, endpoint->after_typed);
  for (guint i = before; encrypted && i < endpoint->world->letters.length; i++)
    {
      const Letter *letter = g_queue_peek_nth (&endpoint->world->letters, i);

      ck_assert_msg (strstr (letter->text, body) == NULL, "%s left in the clear", text);
    }
}

void
endpoint_type (Endpoint *endpoint, const char *contact, const char *text)
{
  EsVerdict verdict = es_manager_typed (endpoint->manager, es_at (contact), text, NULL);

  if (verdict == ES_SEND_ENCRYPTED || verdict == ES_SEND_PLAIN)
    send_typed (endpoint, contact, text, verdict == ES_SEND_ENCRYPTED, FALSE);
}

void
world_inject (World *world, const char *from, const char *to, const char *xml)
{
  post (world, from, to, g_strdup (xml));
}

static gboolean
is_about (const Letter *letter, const char *from, const char *text)
{
  return (from == NULL || strcmp (letter->from, from) == 0) && (text == NULL || strstr (letter->text, text) != NULL);
}

gboolean
world_lose_from (World *world, Letter *letter, gpointer data)
{
  return strcmp (letter->from, data) != 0 || strstr (letter->text, "<mac>") == NULL;
}

guint
world_count (World *world, const char *from, const char *text)
{
  guint n = 0;

  for (guint i = 0; i < world->log->len; i++)
    n += is_about (world->log->pdata[i], from, text) ? 1 : 0;
  return n;
}

const char *
world_last (World *world, const char *from, const char *text)
{
  for (guint i = world->log->len; i-- > 0;)
    if (is_about (world->log->pdata[i], from, text))
      return ((const Letter *) world->log->pdata[i])->text;
  return NULL;
}

void
endpoint_discard (Endpoint *endpoint, const char *contact, const char *label)
{
  es_manager_discard (endpoint->manager, es_at (contact), label);
  world_wait (endpoint->world, ES_UNDO_SECONDS);
}

EsConversation
endpoint_look (Endpoint *endpoint, const char *contact)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact), &what);
  return what;
}

EsState
endpoint_state (Endpoint *endpoint, const char *contact)
{
  return endpoint_look (endpoint, contact).state;
}

const char *
texts (GPtrArray *array)
{
  static char *last;
  g_autoptr (GPtrArray) copy = g_ptr_array_copy (array, NULL, NULL);

  g_ptr_array_set_free_func (copy, NULL);
  g_ptr_array_add (copy, NULL);
  g_free (last);
  last = g_strjoinv ("|", (char **) copy->pdata);
  return last;
}

gboolean
es_has_text (GPtrArray *array, const char *text)
{
  for (guint i = 0; i < array->len; i++)
    if (strcmp (array->pdata[i], text) == 0)
      return TRUE;
  return FALSE;
}
