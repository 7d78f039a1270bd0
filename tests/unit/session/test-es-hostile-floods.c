/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Too much: of one message, of messages, of errors; and what strangers are told, which is nothing. */
#include "es-forge.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define MALLORY "mallory@example.net"
#define MALLORY_PC MALLORY "/pc"

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static void
open_and_run (void)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
}

static void
assert_works (void)
{
  g_ptr_array_set_size (bob->shown, 0);
  es_manager_start (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_ptr_null (strstr (world->wire->str, "secret</body>"));
}

/* A request on a thread of its own. */
static char *
request_with (const char *thread)
{
  g_autoptr (Forger) forger = forger_new (world, MALLORY_PC);
  g_autoptr (EsNegotiation) negotiation = es_negotiation_new (ES_ROLE_INITIATOR, &forger->options, &es_random_system);
  g_autoptr (EsXml) payload = es_negotiation_create (negotiation, ES_MESSAGE_REQUEST, NULL);
  g_autofree char *text = es_xml_to_string (payload, ES_NS_CLIENT);

  return g_strdup_printf ("<message><thread>%s</thread>%s</message>", thread, text);
}

static void
inject_request (const char *from, const char *thread)
{
  g_autofree char *text = request_with (thread);

  world_inject (world, from, alice->jid, text);
}

/* Who floods us need not be there. */
static gboolean
tap_swallow (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->to, "@example.net") == NULL;
}

static guint
n_answers (void)
{
  return world_count (world, alice->jid, "dhkeys");
}

/* Forms over the limits, in each message */

typedef enum
{
  TOO_MANY_FIELDS,
  TOO_MANY_VALUES,
  TOO_MANY_OCTETS,
  N_EXCESSES
} Excess;

typedef struct
{
  int message;
  Excess excess;
} Row;

static gboolean
tap_excess (World *w, Letter *letter, gpointer data)
{
  const Row *row = data;
  g_autofree char *long_value = g_strnfill (ES_LIMIT_FORM_OCTETS, 'A');

  if (forge_message (letter->text) != row->message)
    return TRUE;
  for (guint i = 0; row->excess == TOO_MANY_FIELDS && i <= ES_LIMIT_FORM_FIELDS; i++)
    {
      g_autofree char *name = g_strdup_printf ("field-%u", i);

      forge_change (letter, FORGE_NEW, name, "1");
    }
  for (guint i = 0; row->excess == TOO_MANY_VALUES && i <= ES_LIMIT_FIELD_VALUES; i++)
    forge_change (letter, FORGE_ADD, "nonce", "AAAA");
  if (row->excess == TOO_MANY_OCTETS)
    forge_change (letter, FORGE_NEW, "long", long_value);
  return TRUE;
}

START_TEST (floods__form__over_the_limits_is_refused)
{
  Row row = { _i / N_EXCESSES + 1, _i % N_EXCESSES };
  Endpoint *refuser = row.message % 2 == 1 ? bob : alice, *other = refuser == bob ? alice : bob;
  g_autofree char *thread = NULL, *expected = NULL;

  /* A request has no nonce to repeat. */
  if (row.message == 1 && row.excess == TOO_MANY_VALUES)
    return;
  world->tap = tap_excess;
  world->tap_data = &row;
  open_and_run ();
  world->tap = NULL;
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  expected = forge_error (other->jid, thread, ES_ERROR_LIMIT, NULL);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  ck_assert_str_eq (world_last (world, refuser->jid, "type=\"error\""), expected);
  ck_assert_str_eq (texts (refuser->warnings), es_said_of (ES_ERROR_LIMIT));
  ck_assert_uint_eq (other->warnings->len, row.message == 4 ? 0 : 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), row.message == 1 ? ES_STATE_PLAIN : ES_STATE_ENDED);
  assert_works ();
}
END_TEST

/* Just within the limits is no reason to refuse. */
static gboolean
tap_full (World *w, Letter *letter, gpointer data)
{
  g_autoptr (EsXml) stanza = NULL;
  EsMessage message = ES_MESSAGE_REQUEST;
  EsXml *x = NULL;

  if (forge_message (letter->text) != 1)
    return TRUE;
  stanza = forge_parse (letter->text);
  x = (EsXml *) es_xml_child (es_negotiation_recognize (stanza, &message), "x", NULL);
  for (guint i = es_xml_children (x)->len; i < ES_LIMIT_FORM_FIELDS; i++)
    {
      g_autofree char *name = g_strdup_printf ("field-%u", i);

      es_form_add (x, name, NULL, "1");
    }
  g_free (letter->text);
  letter->text = es_xml_to_string (stanza, ES_NS_CLIENT);
  return TRUE;
}

START_TEST (floods__form__within_the_limits_is_answered)
{
  world->tap = tap_full;
  open_and_run ();
  ck_assert_uint_eq (world_count (world, bob->jid, "dhkeys"), 1);
  ck_assert_uint_eq (world_count (world, bob->jid, "resource-constraint"), 0);
}
END_TEST

/* Threads */

static const gsize thread_sizes[] = { ES_LIMIT_THREAD_OCTETS, ES_LIMIT_THREAD_OCTETS + 1, 1000 * 1000 };

START_TEST (floods__thread__that_is_long_is_not_kept)
{
  g_autofree char *thread = g_strnfill (thread_sizes[_i], 't');
  gboolean good = thread_sizes[_i] <= ES_LIMIT_THREAD_OCTETS;

  world->tap = tap_swallow;
  inject_request (MALLORY_PC, thread);
  world_run (world);
  ck_assert_uint_eq (n_answers (), good ? 1 : 0);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), good ? 1 : 0);
  ck_assert_int_eq (endpoint_state (alice, MALLORY), good ? ES_STATE_STARTING : ES_STATE_PLAIN);
  world_wait (world, 31);
  ck_assert_uint_eq (alice->warnings->len, good ? 1 : 0);
  assert_works ();
}
END_TEST

START_TEST (floods__thread__that_is_long_is_not_repeated)
{
  g_autofree char *thread = g_strnfill (thread_sizes[_i], 't'), *expected = NULL, *text = NULL;
  gboolean good = thread_sizes[_i] <= ES_LIMIT_THREAD_OCTETS;

  text = g_strdup_printf ("<message><thread>%s</thread><c xmlns='" ES_NS_CRYPT "'><mac>AAAA</mac></c></message>",
                          thread);
  world_inject (world, bob->jid, alice->jid, text);
  world_run (world);
  expected = forge_error (bob->jid, good ? thread : NULL, ES_ERROR_NO_SESSION, NULL);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), 1);
  ck_assert_str_eq (world_last (world, alice->jid, "<message"), expected);
}
END_TEST

/* Requests */

START_TEST (floods__requests__of_one_contact_are_limited)
{
  g_autofree char *expected = forge_error (MALLORY "/2", "t3", ES_ERROR_BUSY, NULL);

  world->tap = tap_swallow;
  for (guint i = 0; i < ES_LIMIT_PENDING_CONTACT + 5; i++)
    {
      g_autofree char *thread = g_strdup_printf ("t%u", i), *jid = g_strdup_printf (MALLORY "/%u", i % 5);

      if (i == 3)
        inject_request (MALLORY "/2", thread);
      else
        inject_request (jid, thread);
    }
  world_run (world);
  ck_assert_uint_eq (n_answers (), ES_LIMIT_PENDING_CONTACT);
  ck_assert_uint_eq (world_count (world, alice->jid, "resource-constraint"), 5);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\"><thread>t3<"), 1);
  ck_assert_str_eq (world_last (world, alice->jid, "<thread>t3<"), expected);

  /* Others are served, and who flooded is told of once, and served again later. */
  assert_works ();
  world_wait (world, 31);
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_TIMEOUT));
  ck_assert_int_eq (endpoint_state (alice, MALLORY), ES_STATE_ENDED);
  inject_request (MALLORY_PC, "later");
  world_run (world);
  ck_assert_str_ne (world_last (world, alice->jid, "dhkeys"), "");
  ck_assert_ptr_nonnull (strstr (world_last (world, alice->jid, "<message"), "<thread>later<"));
}
END_TEST

START_TEST (floods__requests__of_an_account_are_limited)
{
  guint n = ES_LIMIT_PENDING_ACCOUNT + 10;

  world->tap = tap_swallow;
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *thread = g_strdup_printf ("t%u", i), *jid = g_strdup_printf ("m%u@example.net/x", i);

      inject_request (jid, thread);
    }
  world_run (world);
  ck_assert_uint_eq (n_answers (), ES_LIMIT_PENDING_ACCOUNT);
  ck_assert_uint_eq (world_count (world, alice->jid, "resource-constraint"), 10);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), n);

  /* The user's own start has to wait, and says so. */
  open_and_run ();
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 0);
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_BUSY));
  world_wait (world, 31);
  assert_works ();
}
END_TEST

/* What is not ours does not count. */
START_TEST (floods__requests__sent_again_take_no_place)
{
  g_autofree char *text = request_with ("one");

  for (guint i = 0; i < 20; i++)
    world_inject (world, MALLORY_PC, alice->jid, text);
  inject_request (MALLORY "/2", "two");
  world_run (world);
  ck_assert_uint_eq (n_answers (), 2);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 0);
}
END_TEST

/* Starts by ourselves */

/* Every encrypted stanza arrives broken. */
static gboolean
tap_break (World *w, Letter *letter, gpointer data)
{
  char *mac = strstr (letter->text, "<mac>");

  if (mac != NULL)
    mac[5] = mac[5] == 'A' ? 'B' : 'A';
  return TRUE;
}

/* Whoever of the two asked: each is one for both of them. */
static guint
n_tries (void)
{
  return world_count (world, NULL, "dhhashes");
}

/* Bob comes and goes, and no session lives. */
static void
try_often (void)
{
  world->tap = tap_break;
  open_and_run ();
  for (guint i = 0; i < ES_LIMIT_NEGOTIATIONS_HOUR; i++)
    {
      endpoint_kill (bob);
      endpoint_sign_on (bob);
      world_wait (world, 2);
    }
}

START_TEST (floods__starts__that_break_at_once_are_not_repeated_at_once)
{
  world->tap = tap_break;
  open_and_run ();
  ck_assert_uint_le (n_tries (), 4);
  world_wait (world, 600);
  ck_assert_uint_ge (n_tries (), 10);
  ck_assert_uint_le (n_tries (), 70);
}
END_TEST

START_TEST (floods__starts__by_ourselves_are_limited)
{
  const char *busy = es_said_of (ES_ERROR_BUSY);
  Endpoint *phone = world_add (world, BOB "/phone");

  try_often ();
  ck_assert_uint_eq (n_tries (), ES_LIMIT_NEGOTIATIONS_HOUR);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->warnings), busy);

  /* Whatever else happens, that was said once. */
  phone->supports = FALSE;
  for (guint i = 0; i < 5; i++)
    {
      endpoint_sign_on (phone);
      world_wait (world, 20);
      endpoint_kill (phone);
      world_wait (world, 20);
    }
  ck_assert_uint_eq (n_tries (), ES_LIMIT_NEGOTIATIONS_HOUR);
  ck_assert_str_eq (texts (alice->warnings), busy);

  /* The user may, at any time. */
  world->tap = NULL;
  assert_works ();
}
END_TEST

/* Takes the answer, and then has too much to do. */
static gboolean
tap_busy (World *w, Letter *letter, gpointer data)
{
  if (forge_message (letter->text) == 3)
    {
      g_autofree char *thread = forge_thread (letter->text);
      g_autofree char *error = forge_error (letter->from, thread, ES_ERROR_BUSY, NULL);

      world_inject (w, letter->to, letter->from, error);
    }
  return forge_message (letter->text) != 3;
}

START_TEST (floods__starts__that_were_answered_count)
{
  world->tap = tap_busy;
  open_and_run ();
  for (guint i = 0; i < 2 * ES_LIMIT_NEGOTIATIONS_HOUR; i++)
    {
      endpoint_kill (bob);
      endpoint_sign_on (bob);
      world_wait (world, 2);
    }
  ck_assert_uint_eq (n_tries (), ES_LIMIT_NEGOTIATIONS_HOUR);
}
END_TEST

START_TEST (floods__starts__are_possible_again_after_an_hour)
{
  try_often ();
  world->now += 3600 - 260;
  endpoint_kill (bob);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_uint_eq (n_tries (), ES_LIMIT_NEGOTIATIONS_HOUR);
  world->now += 260;
  world->tap = NULL;
  endpoint_kill (bob);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_uint_eq (n_tries (), ES_LIMIT_NEGOTIATIONS_HOUR + 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Errors */

static void
inject_orphans (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *text = g_strdup_printf (
          "<message><thread>t%u</thread><c xmlns='" ES_NS_CRYPT "'><mac>AAAA</mac></c></message>", i);

      world_inject (world, i % 2 == 0 ? MALLORY_PC : bob->jid, alice->jid, text);
    }
  world_run (world);
}

START_TEST (floods__errors__are_limited_by_the_minute)
{
  world->now = 60 * 1000000;
  inject_orphans (3 * ES_LIMIT_ERRORS_MINUTE);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), ES_LIMIT_ERRORS_MINUTE);
  world->now += 59;
  inject_orphans (5);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), ES_LIMIT_ERRORS_MINUTE);
  world->now += 1;
  inject_orphans (3 * ES_LIMIT_ERRORS_MINUTE);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 2 * ES_LIMIT_ERRORS_MINUTE);
  ck_assert_uint_eq (alice->notices->len, 0);
}
END_TEST

/* Strangers: nobody may see us, and nothing of ours may tell that we are here. */

static void
inject_everything (const char *from)
{
  static const char *const stanzas[] = {
    "<message><thread>t</thread><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></message>",
    "<message><c xmlns='" ES_NS_CRYPT "'/></message>",
    "<message type='error'><thread>t</thread><error type='cancel'><not-acceptable "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    "<message type='error'><thread>t</thread><c xmlns='" ES_NS_CRYPT "'/></message>",
    "<message><feature xmlns='http://jabber.org/protocol/feature-neg'/></message>",
    "<message><thread>t</thread><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
  };
  static const char *const kinds[] = { "form", "submit", "result", "cancel" };

  for (gsize i = 0; i < G_N_ELEMENTS (stanzas); i++)
    world_inject (world, from, alice->jid, stanzas[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *form = g_strdup_printf (
          "<x xmlns='jabber:x:data' type='%s'><field var='FORM_TYPE'><value>urn:xmpp:ssn</value></field>"
          "</x>",
          kinds[i]);
      g_autofree char *feature
          = g_strdup_printf ("<message><thread>a%zu</thread><feature "
                             "xmlns='http://jabber.org/protocol/feature-neg'>%s</feature></message>",
                             i, form);
      g_autofree char *init = g_strdup_printf ("<message><thread>b%zu</thread><init "
                                               "xmlns='http://www.xmpp.org/extensions/xep-0116.html#ns-init'>%s</init>"
                                               "</message>",
                                               i, form);

      world_inject (world, from, alice->jid, feature);
      world_inject (world, from, alice->jid, init);
    }
  inject_request (from, "t");
  inject_request (from, "u");
  world_run (world);
}

START_TEST (floods__stranger__learns_nothing)
{
  alice->stranger = TRUE;

  /* The second time somebody is remembered of whom the user had a conversation open, the third time it is open still,
   * as it is with whoever writes to us, and then they say that they are here, too. */
  if (_i > 0)
    es_manager_opened (alice->manager, es_at (MALLORY));
  if (_i == 1)
    es_manager_closed (alice->manager, es_at (MALLORY));
  if (_i == 3)
    es_manager_set_presence (alice->manager, es_at (MALLORY_PC), TRUE, 0, NULL);
  inject_everything (MALLORY_PC);
  inject_everything (MALLORY);
  world_wait (world, 40);
  ck_assert_uint_eq (world_count (world, alice->jid, NULL), 0);
  ck_assert_uint_eq (alice->shown->len + alice->notices->len, 0);
  ck_assert_int_eq (endpoint_state (alice, MALLORY), ES_STATE_PLAIN);
  ck_assert_uint_eq (alice->timers->len, 0);

  /* Who may see us gets answers to the same. */
  alice->stranger = FALSE;
  inject_everything (MALLORY_PC);
  ck_assert_uint_gt (world_count (world, alice->jid, NULL), 4);
}
END_TEST

/* Whom we write to knows that we are here. */
START_TEST (floods__stranger__that_we_write_to_is_answered)
{
  alice->stranger = TRUE;
  es_manager_opened (alice->manager, es_at (MALLORY));
  endpoint_type (alice, MALLORY, "who are you?");
  world_run (world);
  inject_request (MALLORY_PC, "t");
  world_run (world);
  ck_assert_ptr_nonnull (world_last (world, alice->jid, "<thread>t</thread>"));
}
END_TEST

/* What is no business of ours passes. */
START_TEST (floods__stranger__may_write_plainly)
{
  alice->stranger = TRUE;
  world_inject (world, MALLORY_PC, alice->jid, "<message type='chat'><body>hello</body></message>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "hello");
  ck_assert_uint_eq (world_count (world, alice->jid, NULL), 0);
}
END_TEST

/* Keys of 8,192 bits with all that is sent: so much of that is computed as does not stop the program, and no more by another session;
 * then it comes back slowly. */
START_TEST (floods__keys__are_limited)
{
  g_autoptr (Forger) forger = forger_new (world, BOB "/forger");
  guint cost = es_group_cost (es_group_find (18)), burst = ES_LIMIT_REKEY_BURST / cost;

  ck_assert_uint_gt (cost, 5000);
  forger->options.groups[0] = 18;
  endpoint_sign_off (bob);
  world->tap = forger_tap;
  world->tap_data = forger;
  es_manager_set_presence (alice->manager, es_at (forger->jid), TRUE, 0, "can");
  forger_ask (forger, alice->jid, NULL);
  world_run (world);
  ck_assert_ptr_nonnull (forger->channel);
  forger->rekeys = TRUE;
  for (guint i = 0; i < burst + 5; i++)
    {
      g_autofree char *content = g_strdup_printf ("<body>%u</body>", i);

      forger_send (forger, content);
    }
  world_run (world);
  ck_assert_uint_eq (alice->shown->len, burst);
  es_channel_free (g_steal_pointer (&forger->channel));
  g_clear_pointer (&forger->negotiation, es_negotiation_free);
  forger_ask (forger, alice->jid, NULL);
  world_run (world);
  ck_assert_ptr_nonnull (forger->channel);
  world_wait (world, 1);
  for (guint i = 0; i < 10; i++)
    forger_send (forger, "<body>more</body>");
  world_run (world);
  ck_assert_uint_ge (alice->shown->len, burst + 1);
  ck_assert_uint_le (alice->shown->len, burst + 9);
}
END_TEST

/* Whoever changes them at each turn, as everybody does, never meets that. */
START_TEST (floods__keys__of_honest_programs_are_not)
{
  open_and_run ();
  for (guint i = 0; i < 500; i++)
    {
      endpoint_type (i % 2 == 0 ? alice : bob, i % 2 == 0 ? BOB : ALICE, "on");
      world_run (world);
    }
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes") + world_count (world, bob->jid, "dhhashes"), 1);
  ck_assert_uint_eq (alice->shown->len + bob->shown->len, 500);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("floods");
  TCase *tcase = tcase_create ("floods");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, floods__form__over_the_limits_is_refused, 0, 4 * N_EXCESSES);
  tcase_add_test (tcase, floods__form__within_the_limits_is_answered);
  tcase_add_loop_test (tcase, floods__thread__that_is_long_is_not_kept, 0, G_N_ELEMENTS (thread_sizes));
  tcase_add_loop_test (tcase, floods__thread__that_is_long_is_not_repeated, 0, G_N_ELEMENTS (thread_sizes));
  tcase_add_test (tcase, floods__requests__of_one_contact_are_limited);
  tcase_add_test (tcase, floods__requests__of_an_account_are_limited);
  tcase_add_test (tcase, floods__requests__sent_again_take_no_place);
  tcase_add_test (tcase, floods__starts__that_break_at_once_are_not_repeated_at_once);
  tcase_add_test (tcase, floods__starts__by_ourselves_are_limited);
  tcase_add_test (tcase, floods__starts__that_were_answered_count);
  tcase_add_test (tcase, floods__starts__are_possible_again_after_an_hour);
  tcase_add_test (tcase, floods__errors__are_limited_by_the_minute);
  tcase_add_loop_test (tcase, floods__stranger__learns_nothing, 0, 4);
  tcase_add_test (tcase, floods__stranger__that_we_write_to_is_answered);
  tcase_add_test (tcase, floods__stranger__may_write_plainly);
  tcase_add_test (tcase, floods__keys__are_limited);
  tcase_add_test (tcase, floods__keys__of_honest_programs_are_not);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
