/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that passes on to one what was meant for another, keeps for later, replays, and changes what stands outside the
 * encryption. */
#include "es-forge.h"
#include "es-limits.h"
#include "es-negotiation-private.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define CAROL "carol@example.net"

static World *world;
static Endpoint *alice, *bob, *carol;
static Forger *forger;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  carol = world_add (world, CAROL "/pc");
  endpoint_sign_on (alice);
}

static void
teardown (void)
{
  g_clear_pointer (&forger, forger_free);
  g_clear_pointer (&world, world_free);
}

static void
meet (void)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

static void
meet_verified (void)
{
  g_autofree char *code = NULL;

  meet ();
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  world_run (world);
}

static void
clear_lines (void)
{
  Endpoint *all[] = { alice, bob, carol };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_ptr_array_set_size (all[i]->notices, 0);
      g_ptr_array_set_size (all[i]->warnings, 0);
      g_ptr_array_set_size (all[i]->shown, 0);
    }
}

/* Bob begins anew, or Alice does, and all is as it was. */
static void
assert_still_verified (void)
{
  clear_lines ();
  for (guint i = 0; i < 4; i++)
    {
      Endpoint *first = i % 2 == 0 ? bob : alice;

      if (bob->manager != NULL)
        endpoint_kill (bob);
      endpoint_kill (alice);
      world_run (world);
      endpoint_sign_on (alice);
      endpoint_sign_on (bob);
      es_manager_opened (first->manager, es_at (first == bob ? ALICE : BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
      ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
    }
  ck_assert_str_eq (texts (bob->warnings), "");

  /* What Alice wrote meanwhile may have to wait, which is no alarm. */
  for (guint i = 0; i < alice->warnings->len; i++)
    ck_assert_msg (g_str_has_prefix (alice->warnings->pdata[i], "Your message waits"), "%s",
                   (char *) alice->warnings->pdata[i]);
}

/* A name is no device */

/* Of what goes to Bob's client the forger, who has its name, gets what it has begun. */
static gboolean
tap_twin (World *w, Letter *letter, gpointer data)
{
  return strcmp (letter->to, bob->jid) != 0 || strstr (letter->text, forger->thread) == NULL
         || forger_tap (w, letter, forger);
}

/* Somebody has a session under the name of a verified client (0: ends it as who leaves, 1: as who has had enough): that is an alarm, and
 * what is written waits; when it is over the verified device has what it had. */
START_TEST (server__twin__ends_nothing_but_its_own)
{
  static const char *const reasons[] = { "offline", "user" };
  g_autoptr (EsXml) end = es_termination_new ("submit", reasons[_i]);
  g_autofree char *text = es_xml_to_string (end, ES_NS_CLIENT);

  meet_verified ();
  clear_lines ();
  forger = forger_new (world, BOB "/laptop");
  forger_ask (forger, alice->jid, NULL);
  world->tap = tap_twin;
  world_run (world);
  ck_assert_ptr_nonnull (forger->channel);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->warnings->len, 1);
  endpoint_type (alice, BOB, "for Bob");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  clear_lines ();
  forger_send (forger, text);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_str_eq (texts (bob->shown), "for Bob");
  ck_assert_str_eq (texts (alice->warnings), "");
  ck_assert (!es_has_text (alice->notices, es_said (ES_NOTICE_GONE)));
  endpoint_type (bob, ALICE, "for Alice");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "for Alice");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed + endpoint_look (bob, ALICE).unconfirmed, 0);
}
END_TEST

/* And one more device of Bob's, or that is said to be, comes meanwhile: what is typed waits all the same, and goes to nobody under a name of
 * whom it is not known who that is by now. */
START_TEST (server__twin__and_one_more)
{
  Endpoint *phone = NULL;

  meet_verified ();
  clear_lines ();
  forger = forger_new (world, BOB "/laptop");
  forger_ask (forger, alice->jid, NULL);
  world->tap = tap_twin;
  world_run (world);
  ck_assert_ptr_nonnull (forger->channel);
  phone = world_add (world, BOB "/phone");
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  endpoint_type (alice, BOB, "for Bob");
  world_wait (world, 5);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  ck_assert_str_eq (texts (bob->shown), "");
  ck_assert_str_eq (texts (phone->shown), "");
}
END_TEST

/* Old words in a new negotiation */

static char *recorded[4];

/* Keeps what Bob says, and loses his message 3. */
static gboolean
tap_record (World *w, Letter *letter, gpointer data)
{
  int message = strcmp (letter->from, bob->jid) == 0 ? forge_message (letter->text) : 0;

  if (message == 0)
    return TRUE;
  g_free (recorded[message - 1]);
  recorded[message - 1] = g_strdup (letter->text);
  return message != 3;
}

/* Secrets that wait to be proven. */
#define MANY 40

static char *last_for_bob;

static gboolean
tap_keep (World *w, Letter *letter, gpointer data)
{
  if (strcmp (letter->to, bob->jid) != 0)
    return TRUE;
  if (forge_message (letter->text) != 0)
    {
      g_free (last_for_bob);
      last_for_bob = g_strdup (letter->text);
    }
  return FALSE;
}

static char **
values_of (const char *stanza, const char *field)
{
  g_autoptr (EsXml) xml = forge_parse (stanza);
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *x = es_xml_child (es_negotiation_recognize (xml, &message), "x", ES_NS_DATA);
  GPtrArray *values = g_ptr_array_new ();

  for (guint i = 0; i < es_xml_children (x)->len; i++)
    {
      const EsXml *child = es_xml_children (x)->pdata[i];

      for (guint k = 0; g_strcmp0 (es_xml_attribute (child, "var"), field) == 0 && k < es_xml_children (child)->len;
           k++)
        g_ptr_array_add (values, es_xml_dup_text (es_xml_children (child)->pdata[k]));
    }
  g_ptr_array_add (values, NULL);
  return (char **) g_ptr_array_free (values, FALSE);
}

static void
set_values (Letter *letter, const char *field, char *const *values)
{
  forge_change (letter, FORGE_SET, field, values[0]);
  for (guint i = 1; values[i] != NULL; i++)
    forge_change (letter, FORGE_ADD, field, values[i]);
}

static char *
normalized (const char *stanza)
{
  g_autoptr (EsXml) xml = forge_parse (stanza);
  EsMessage message = ES_MESSAGE_REQUEST;

  return es_xml_normalize_form (es_xml_child (es_negotiation_recognize (xml, &message), "x", ES_NS_DATA),
                                ES_DIALECT_STRICT, NULL);
}

static char *
stanza_of (EsXml *payload, const char *thread)
{
  g_autoptr (EsXml) taken = payload;
  g_autofree char *text = es_xml_to_string (payload, ES_NS_CLIENT);

  return g_strdup_printf ("<message to='" ALICE "/pda'><thread>%s</thread>%s</message>", thread, text);
}

/* Writes the identity and the MAC of LETTER, a message 3 of N's, for what is in it now. */
static void
sign (const EsNegotiation *n, EsCounter counter, Letter *letter)
{
  const EsSuite *suite = &n->terms.suite;
  g_autofree char *text = normalized (letter->text), *id = NULL, *mac = NULL;
  g_auto (EsKeys) keys = { NULL };
  guint8 identity[ES_HASH_MAX_OCTETS], m[ES_HASH_MAX_OCTETS];
  EsPart parts[] = { ES_PART (counter.octets, ES_COUNTER_OCTETS), ES_PART (identity, suite->hash->octets) };
  EsCounter after = counter;

  es_keys_derive (suite, n->k, ES_ROLE_INITIATOR, &keys);
  es_sigma_mac (suite, keys.sigma, n->nonce_b, n->nonce_a, n->e, n->form_a, text, identity);
  es_ctr (suite->cipher, suite->dialect, keys.cipher, &after, identity, suite->hash->octets, identity);
  es_hmac (suite->hash, ES_PART_SECRET (keys.mac), parts, G_N_ELEMENTS (parts), m);
  id = g_base64_encode (identity, suite->hash->octets);
  mac = g_base64_encode (m, suite->hash->octets);
  forge_change (letter, FORGE_SET, "identity", id);
  forge_change (letter, FORGE_SET, "mac", mac);
}

/* Alice has heard so much since that she does not know what she heard. */
static void
forget_heard (void)
{
  static guint n = 0;

  for (guint i = 0; i < ES_LIMIT_ECHOES; i++, n++)
    {
      g_autoptr (GBytes) other = g_bytes_new (&n, sizeof n);

      es_echoes_add (es_trust_heard (alice->trust), other, NULL, NULL);
    }
}

/* Somebody else in Bob's name: with N_A and the hashes that Bob once sent. */
static void
replay (gboolean is_heard)
{
  g_autofree char *thread = g_uuid_string_random ();
  EsOptions options;
  g_autoptr (EsNegotiation) n = NULL;
  g_auto (GStrv) nonce = values_of (recorded[0], "my_nonce"), hashes = values_of (recorded[2], "rshashes");
  Letter first = { 0 }, third = { 0 };
  g_autoptr (EsXml) answer = NULL;
  EsMessage message = ES_MESSAGE_REQUEST;
  EsCounter counter;

  es_options_init (&options);
  options.groups[1] = 0;
  n = es_negotiation_new (ES_ROLE_INITIATOR, &options, &es_random_system);
  es_negotiation_set_parties (n, es_at (BOB), es_at (ALICE));
  first.text = stanza_of (es_negotiation_create (n, ES_MESSAGE_REQUEST, NULL), thread);
  set_values (&first, "my_nonce", nonce);
  g_bytes_unref (n->nonce_a);
  n->nonce_a = es_base64_decode (nonce[0], ES_LIMIT_NONCE_MIN, ES_LIMIT_NONCE_MAX, NULL);
  g_free (n->form_a);
  n->form_a = normalized (first.text);

  world->tap = tap_keep;
  g_clear_pointer (&last_for_bob, g_free);
  world_inject (world, bob->jid, alice->jid, first.text);
  world_run (world);
  if (is_heard)
    {
      ck_assert_ptr_null (last_for_bob);
      es_negotiation_free (g_steal_pointer (&n));
      g_free (first.text);
      return;
    }
  ck_assert_ptr_nonnull (last_for_bob);
  answer = forge_parse (last_for_bob);
  ck_assert (es_negotiation_consume (n, ES_MESSAGE_RESPONSE, es_negotiation_recognize (answer, &message), NULL));
  counter = n->counter_a;
  third.text = stanza_of (es_negotiation_create (n, ES_MESSAGE_INITIATOR_ACCEPT, NULL), thread);
  set_values (&third, "rshashes", hashes);
  sign (n, counter, &third);
  world_inject (world, bob->jid, alice->jid, third.text);
  world_run (world);

  /* She took it for good. */
  ck_assert_int_eq (forge_message (last_for_bob), 4);
  g_clear_pointer (&last_for_bob, g_free);
  g_free (first.text);
  g_free (third.text);
}

/* Nothing that Bob encrypts arrives: he holds nothing but the new secret, which for Alice is not proven. */
static gboolean
tap_mute (World *w, Letter *letter, gpointer data)
{
  return strcmp (letter->from, bob->jid) != 0 || strstr (letter->text, "<c ") == NULL;
}

/* 0: the secret that they name is the newest; 1: there is a newer one; 2: two; 3: the newer one is all that Bob holds, and not
 * proven. */
START_TEST (server__old_message_3__leaves_the_chain_as_it_was)
{
  gboolean mute = _i == 3;

  meet_verified ();
  endpoint_kill (alice);
  world_run (world);
  world->tap = tap_record;
  endpoint_sign_on (alice);
  es_manager_start (bob->manager, es_at (ALICE));
  world_wait (world, ES_NEGOTIATION_SECONDS + 1);
  ck_assert (recorded[0] != NULL && recorded[2] != NULL);
  for (int i = 0; i < (mute ? 1 : _i); i++)
    {
      Endpoint *first = mute ? bob : alice;

      endpoint_kill (alice);
      endpoint_kill (bob);
      world_run (world);
      world->tap = mute ? tap_mute : NULL;
      endpoint_sign_on (bob);
      endpoint_sign_on (alice);
      es_manager_opened (first->manager, es_at (mute ? ALICE : BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (mute ? bob : alice, mute ? ALICE : BOB), ES_STATE_VERIFIED);
    }

  for (guint round = 0; round < 3; round++)
    {
      endpoint_kill (bob);
      world_run (world);
      clear_lines ();
      for (guint i = 0; i < (round == (mute ? 0 : 2) ? MANY : 1); i++)
        {
          forget_heard ();
          replay (FALSE);

          /* What she has just heard she does not hear again. */
          replay (TRUE);
          ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
          endpoint_type (alice, BOB, "secret");
          world_wait (world, ES_NEGOTIATION_SECONDS + 1);
          ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
        }
      ck_assert_ptr_null (strstr (texts (alice->notices), "encrypted and verified"));
      world->tap = NULL;
      assert_still_verified ();
    }
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  for (gsize i = 0; i < G_N_ELEMENTS (recorded); i++)
    g_clear_pointer (&recorded[i], g_free);
}
END_TEST

/* Who talks to whom */

/* What Bob and Alice say to each other is delivered as if Bob were Carol. */
static gboolean
tap_divert (World *w, Letter *letter, gpointer data)
{
  if (strcmp (letter->from, bob->jid) == 0 && strcmp (letter->to, alice->jid) == 0)
    {
      g_free (letter->from);
      letter->from = g_strdup (carol->jid);
    }
  else if (strcmp (letter->from, alice->jid) == 0 && strcmp (letter->to, carol->jid) == 0)
    {
      g_free (letter->to);
      letter->to = g_strdup (bob->jid);
    }
  return TRUE;
}

/* 0: Bob asks, and Alice sees Carol ask; 1: Alice asks Carol, and Bob is asked. 2 and 3: the same where Bob is verified. */
START_TEST (server__diverted__begins_nothing_and_changes_nothing)
{
  gboolean verified = _i >= 2;

  if (verified)
    {
      meet_verified ();
      endpoint_kill (alice);
      endpoint_kill (bob);
      world_run (world);
      endpoint_sign_on (alice);
    }
  endpoint_sign_on (bob);
  es_manager_set_presence (alice->manager, es_at (carol->jid), TRUE, 0, "can");
  es_manager_set_support (alice->manager, es_at (carol->jid), TRUE, FALSE);
  clear_lines ();
  world->tap = tap_divert;
  if (_i % 2 == 0)
    es_manager_start (bob->manager, es_at (ALICE));
  else
    {
      endpoint_type (alice, CAROL, "secret");
      es_manager_start (alice->manager, es_at (CAROL));
    }
  world_wait (world, ES_NEGOTIATION_SECONDS + 10);
  ck_assert_uint_eq (world_count (world, NULL, "rshashes"), verified ? 1 : 0);
  ck_assert_int_ne (endpoint_state (alice, CAROL), ES_STATE_ENCRYPTED);
  ck_assert_int_ne (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_uint_ge ((_i % 2 == 0 ? alice : bob)->warnings->len, 1);
  ck_assert_str_eq (es_said_of (ES_ERROR_PARTIES), (_i % 2 == 0 ? alice : bob)->warnings->pdata[0]);
  ck_assert_uint_ge (world_count (world, NULL, "not-acceptable"), 1);
  ck_assert_uint_eq (bob->shown->len + alice->shown->len, 0);
  world->tap = NULL;
  if (verified)
    assert_still_verified ();
}
END_TEST

/* A mirror: what Alice asks of Bob comes back to her as if he, or anybody, had asked it. */
static gboolean
tap_mirror (World *w, Letter *letter, gpointer data)
{
  if (strcmp (letter->to, bob->jid) != 0 || strcmp (letter->from, alice->jid) != 0)
    return TRUE;
  if (!g_str_has_prefix (letter->text, "<message"))
    return TRUE;
  world_inject (w, data, alice->jid, letter->text);
  return FALSE;
}

START_TEST (server__mirror__is_not_spoken_to)
{
  static const char *const as[] = { BOB "/laptop", BOB "/phone", CAROL "/pc" };

  endpoint_sign_on (bob);
  world->tap = tap_mirror;
  world->tap_data = (gpointer) as[_i];
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhkeys"), 0);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_STARTING);
  ck_assert_int_eq (endpoint_state (alice, CAROL), ES_STATE_PLAIN);
  ck_assert_str_eq (texts (alice->notices), "");
}
END_TEST

/* Kept for later */

static char *
delay (gint64 then)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (then);
  g_autofree char *stamp = g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");

  return g_strdup_printf ("<delay xmlns='urn:xmpp:delay' stamp='%s'/>", stamp);
}

/* Nobody waits for the answer to a request that is old, or says that it will be made. */
START_TEST (server__request__that_was_stored_is_ignored)
{
  static const struct
  {
    const char *mark; /* NULL: of that age */
    int age;
    gboolean answered;
  } rows[] = {
    { "", 0, TRUE },
    { NULL, 0, TRUE },
    { NULL, 30, TRUE },
    { NULL, 31, FALSE },
    { NULL, 40000000, FALSE },
    { NULL, -1, FALSE },
    { NULL, -40000000, FALSE },
    { "<delay xmlns='urn:xmpp:delay' stamp='yesterday'/>", 0, FALSE },
    { "<delay xmlns='urn:xmpp:delay'/>", 0, FALSE },
    { "<x xmlns='jabber:x:delay' stamp='20231114T22:13:19'/>", 0, FALSE },
  };
  g_autofree char *mark = NULL, *text = NULL;

  world->now = 1700000000;
  forger = forger_new (world, bob->jid);
  world->tap = tap_keep;
  forger_ask (forger, alice->jid, NULL);
  {
    g_autofree char *request = g_strdup (((Letter *) g_queue_peek_head (&world->letters))->text);
    Letter *letter = g_queue_pop_head (&world->letters);

    g_free (letter->from);
    g_free (letter->to);
    g_free (letter->text);
    g_free (letter);
    mark = rows[_i].mark == NULL ? delay (world->now - rows[_i].age) : g_strdup (rows[_i].mark);
    text = g_strdup_printf ("%.*s%s</message>", (int) (strlen (request) - strlen ("</message>")), request, mark);
  }
  world_inject (world, bob->jid, alice->jid, text);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhkeys"), rows[_i].answered);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), rows[_i].answered);
  ck_assert_int_eq (endpoint_state (alice, BOB), rows[_i].answered ? ES_STATE_STARTING : ES_STATE_PLAIN);
  g_clear_pointer (&last_for_bob, g_free);
}
END_TEST

/* Nor does anybody wait to hear that there are no keys any more for what was stored. */
START_TEST (server__encrypted__that_was_stored_is_not_answered)
{
  static const char *const marks[]
      = { "", "<delay xmlns='urn:xmpp:delay' stamp='1970-01-12T13:46:40Z'/>", "<store xmlns='urn:xmpp:hints'/>",
          "<x xmlns='jabber:x:delay' stamp='19700112T13:46:40'/>" };
  g_autofree char *text = g_strdup_printf (
      "<message><thread>t</thread><c xmlns='" ES_NS_CRYPT "'><mac>AAAA</mac></c>%s</message>", marks[_i]);

  world->tap = tap_keep;
  world_inject (world, bob->jid, alice->jid, text);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), _i == 0 ? 1 : 0);
}
END_TEST

/* Servers give it to any program of ours. */
START_TEST (server__encrypted__to_any_client_is_not_answered)
{
  static const char *const to[] = { ALICE "/pda", ALICE };
  g_autofree char *text = g_strdup_printf (
      "<message to='%s'><thread>t</thread><c xmlns='" ES_NS_CRYPT "'><mac>AAAA</mac></c></message>", to[_i]);

  world->tap = tap_keep;
  world_inject (world, bob->jid, alice->jid, text);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), _i == 0 ? 1 : 0);
}
END_TEST

/* What stands outside */

static gboolean
tap_change_iq (World *w, Letter *letter, gpointer data)
{
  const char *const *change = data;
  g_autoptr (EsXml) iq = NULL;

  if (!g_str_has_prefix (letter->text, "<iq") || strstr (letter->text, "<mac>") == NULL)
    return TRUE;
  w->tap = NULL;
  iq = forge_parse (letter->text);
  es_xml_set_attribute (iq, change[0], change[1]);
  g_free (letter->text);
  letter->text = es_xml_to_string (iq, ES_NS_CLIENT);
  return TRUE;
}

/* An iq whose type or id is another one than its sender gave it is none; the session goes on. */
START_TEST (server__iq__changed_outside_is_dropped)
{
  static const char *const changes[][2] = { { NULL, NULL },    { "id", "q2" },       { "id", "Q1" },
                                            { "type", "set" }, { "type", "result" }, { "type", "error" } };

  meet ();
  world->tap = tap_change_iq;
  world->tap_data = (gpointer) changes[_i];
  if (_i == 0)
    world->tap = NULL;
  endpoint_send_raw (alice, "<iq type='get' id='q1' to='" BOB "/laptop'><query xmlns='urn:private'>x</query></iq>");
  world_run (world);
  ck_assert_ptr_null (world->tap);
  ck_assert_uint_eq (bob->others->len, _i == 0 ? 1 : 0);
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret");
  ck_assert_uint_eq (world_count (world, NULL, "dhhashes"), 1);
}
END_TEST

static void
meet_forger (void)
{
  forger = forger_new (world, BOB "/forger");
  world->tap = forger_tap;
  world->tap_data = forger;
  es_manager_set_presence (alice->manager, es_at (forger->jid), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

/* The time shown is the one inside; what the server says of it never counts, nor what is yet to come. */
START_TEST (server__time__is_the_one_inside)
{
  static const char outer[] = "<delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z'/>"
                              "<x xmlns='jabber:x:delay' stamp='20010101T00:00:00'/>";
  static const struct
  {
    const char *inside, *shown;
  } rows[] = {
    { "", NULL },
    { "<time xmlns='urn:xmpp:sce:1' stamp='2023-11-14T20:00:00Z'/>", "2023-11-14T20:00:00Z" },
    { "<time xmlns='urn:xmpp:sce:1' stamp='2023-11-14T22:13:20Z'/>", NULL },
    { "<time xmlns='urn:xmpp:sce:1' stamp='2030-01-01T00:00:00Z'/>", NULL },
    { "<time xmlns='urn:xmpp:sce:1' stamp='never'/>", NULL },
    { "<time xmlns='urn:xmpp:sce:1'/>", NULL },
    { "<delay xmlns='urn:xmpp:delay' stamp='2002-01-01T00:00:00Z'/>", NULL },
    { "<x xmlns='jabber:x:delay' stamp='20020101T00:00:00'/>", NULL },
  };
  g_autofree char *content = g_strdup_printf ("<body>secret</body>%s", rows[_i].inside), *encrypted = NULL,
                  *whole = NULL;
  g_autoptr (EsXml) stanza = NULL;
  const EsXml *shown = NULL;

  world->now = 1700000000;
  meet_forger ();
  encrypted = forger_encrypt (forger, content);
  whole = g_strdup_printf ("%.*s%s</message>", (int) (strlen (encrypted) - strlen ("</message>")), encrypted, outer);
  stanza = forge_parse (whole);
  es_xml_set_attribute (stanza, "type", _i % 2 == 0 ? NULL : "normal");
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (forger->jid), stanza), ES_CHANGED);
  ck_assert_str_eq (es_xml_attribute (stanza, "type"), "chat");
  shown = es_xml_child (stanza, "delay", "urn:xmpp:delay");
  ck_assert_pstr_eq (shown != NULL ? es_xml_attribute (shown, "stamp") : NULL, rows[_i].shown);
  ck_assert_ptr_null (es_xml_child (stanza, "x", "jabber:x:delay"));
  ck_assert_ptr_null (es_xml_child (stanza, "time", NULL));
}
END_TEST

/* Nothing is said to many, nor as an error, in a session with one. */
START_TEST (server__type__of_another_kind_is_refused)
{
  static const char *const types[] = { "headline", "groupchat", "error" };
  g_autofree char *encrypted = NULL;
  g_autoptr (EsXml) stanza = NULL;

  meet_forger ();
  encrypted = forger_encrypt (forger, "<body>secret</body>");
  stanza = forge_parse (encrypted);
  es_xml_set_attribute (stanza, "type", types[_i]);
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (forger->jid), stanza), ES_CONSUMED);
  ck_assert_ptr_null (es_xml_child (stanza, "body", NULL));
}
END_TEST

/* Plain text */

static const char not_encrypted[] = "The next message was not encrypted: anyone may have read or written it.";

static const char *const said[] = {
  "<body>x</body>",
  "<subject>x</subject>",
  "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>x</body></html>",
  "<x xmlns='jabber:x:oob'><url>http://example.com/</url></x>",
  "<body>x</body><delay xmlns='urn:xmpp:delay' stamp='2001-01-01T00:00:00Z'/>",
  "<body>x</body><encryption xmlns='urn:xmpp:eme:0' namespace='http://www.xmpp.org/extensions/xep-0200.html#ns'/>",
};

/* Marked (and let through), or not spoken of, from wherever it says that it comes. */
static void
assert_marked (gboolean marked)
{
  static const char *const from[] = { BOB "/laptop", BOB "/phone", BOB };
  static const char *const types[] = { "chat", "normal", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (said) * G_N_ELEMENTS (from) * G_N_ELEMENTS (types); i++)
    {
      guint before = alice->warnings->len;
      g_autofree char *text = g_strdup_printf ("<message>%s</message>", said[i % G_N_ELEMENTS (said)]);
      g_autoptr (EsXml) stanza = forge_parse (text);
      const char *jid = from[i / G_N_ELEMENTS (said) % G_N_ELEMENTS (from)];

      es_xml_set_attribute (stanza, "from", jid);
      es_xml_set_attribute (stanza, "type", types[i / G_N_ELEMENTS (said) / G_N_ELEMENTS (from)]);
      ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (jid), stanza), ES_PASS);
      ck_assert_msg (alice->warnings->len == before + (marked ? 1 : 0), "%s from %s", text, jid);
      if (marked)
        ck_assert_str_eq (alice->warnings->pdata[before], not_encrypted);
    }
}

static gboolean
tap_lose_all_from (World *w, Letter *letter, gpointer data)
{
  return strcmp (letter->from, data) != 0;
}

START_TEST (server__plain__is_marked_wherever_it_is_not_usual)
{
  switch (_i)
    {
    case 0: /* not encrypted */
      endpoint_sign_on (bob);
      break;
    case 1: /* starting */
      endpoint_sign_on (bob);
      es_manager_start (alice->manager, es_at (BOB));
      world->tap = tap_lose_all_from;
      world->tap_data = bob->jid;
      world_run (world);
      es_manager_set_support (alice->manager, es_at (bob->jid), TRUE, FALSE);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_STARTING);
      break;
    case 2: /* encrypted */
      meet ();
      break;
    case 3: /* verified */
      meet_verified ();
      break;
    case 4: /* ended by the other side */
      meet ();
      es_manager_end (bob->manager, es_at (ALICE));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
      break;
    case 5: /* the other side has gone */
      meet ();
      endpoint_sign_off (bob);
      world_run (world);
      break;
    case 6: /* a start that failed */
      endpoint_sign_on (bob);
      es_manager_start (alice->manager, es_at (BOB));
      world->tap = tap_lose_all_from;
      world->tap_data = bob->jid;
      world_run (world);
      es_manager_set_support (alice->manager, es_at (bob->jid), TRUE, FALSE);
      world_wait (world, ES_NEGOTIATION_SECONDS + 1);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
      break;
    case 7: /* a device is remembered as verified, and the program has been started anew */
      meet_verified ();
      endpoint_kill (bob);
      endpoint_kill (alice);
      world_run (world);
      endpoint_sign_on (alice);
      break;
    case 8: /* and the user has ended it */
      meet_verified ();
      es_manager_end (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
      break;
    case 9: /* always, of the contact */
      ck_assert (es_trust_set_policy (alice->trust, es_at (ALICE), es_at (BOB), ES_POLICY_ALWAYS, NULL));
      break;
    case 10: /* always, usually */
      endpoint_kill (alice);
      alice->policy = ES_POLICY_ALWAYS;
      endpoint_sign_on (alice);
      break;
    case 11: /* a device that is remembered, but not verified, is no promise */
      meet ();
      endpoint_kill (bob);
      endpoint_kill (alice);
      world_run (world);
      endpoint_sign_on (alice);
      assert_marked (FALSE);
      return;
    default:
      break;
    }
  g_ptr_array_set_size (alice->warnings, 0);
  assert_marked (_i != 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("hostile-server");
  TCase *tcase = tcase_create ("hostile-server");

  tcase_set_timeout (tcase, 120);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, server__old_message_3__leaves_the_chain_as_it_was, 0, 4);
  tcase_add_loop_test (tcase, server__diverted__begins_nothing_and_changes_nothing, 0, 4);
  tcase_add_loop_test (tcase, server__mirror__is_not_spoken_to, 0, 3);
  tcase_add_loop_test (tcase, server__request__that_was_stored_is_ignored, 0, 10);
  tcase_add_loop_test (tcase, server__encrypted__that_was_stored_is_not_answered, 0, 4);
  tcase_add_loop_test (tcase, server__encrypted__to_any_client_is_not_answered, 0, 2);
  tcase_add_loop_test (tcase, server__iq__changed_outside_is_dropped, 0, 6);
  tcase_add_loop_test (tcase, server__time__is_the_one_inside, 0, 8);
  tcase_add_loop_test (tcase, server__type__of_another_kind_is_refused, 0, 3);
  tcase_add_loop_test (tcase, server__plain__is_marked_wherever_it_is_not_usual, 0, 12);
  tcase_add_loop_test (tcase, server__twin__ends_nothing_but_its_own, 0, 2);
  tcase_add_test (tcase, server__twin__and_one_more);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
