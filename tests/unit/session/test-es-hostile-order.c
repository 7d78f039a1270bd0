/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages that are well made but come at the wrong time, from the wrong side, too often or too large. */
#include "es-forge.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define BOB_PHONE BOB "/phone"
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
assert_passes (Endpoint *from, const char *contact, Endpoint *to, const char *text)
{
  g_ptr_array_set_size (to->shown, 0);
  endpoint_type (from, contact, text);
  world_run (world);
  ck_assert_str_eq (texts (to->shown), text);
  ck_assert_ptr_null (strstr (world->wire->str, text));
}

/* Both have the one session, nobody was warned, no error went over the wire. */
static void
assert_undisturbed (void)
{
  EsConversation here, there;

  es_manager_describe (alice->manager, es_at (BOB), &here);
  es_manager_describe (bob->manager, es_at (ALICE), &there);
  ck_assert_int_eq (here.state, ES_STATE_ENCRYPTED);
  ck_assert_int_eq (there.state, ES_STATE_ENCRYPTED);
  ck_assert_str_eq (here.code, there.code);
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert_uint_eq (bob->notices->len, 1);
  assert_passes (alice, BOB, bob, "secret one");
  assert_passes (bob, ALICE, alice, "secret two");
}

/* The text of message N of the last negotiation, on another thread if THREAD is given. */
static char *
message_of (int n, const char *thread)
{
  for (guint i = world->log->len; i-- > 0;)
    {
      const char *text = ((Letter *) world->log->pdata[i])->text;
      g_autofree char *old = forge_message (text) == n ? forge_thread (text) : NULL;

      if (old != NULL)
        {
          g_auto (GStrv) parts = g_strsplit (text, old, -1);

          return g_strjoinv (thread != NULL ? thread : old, parts);
        }
    }
  ck_abort_msg ("no message %d", n);
}

static void
assert_last_error (Endpoint *from, const char *to, const char *thread, EsErrorCode code)
{
  g_autofree char *expected = forge_error (to, thread, code, NULL);

  ck_assert_str_eq (world_last (world, from->jid, "type=\"error\""), expected);
}

/* Out of order */

static gboolean
tap_twice (World *w, Letter *letter, gpointer data)
{
  if (forge_message (letter->text) == GPOINTER_TO_INT (data))
    {
      w->tap = NULL;
      world_inject (w, letter->from, letter->to, letter->text);
      world_inject (w, letter->from, letter->to, letter->text);
    }
  return TRUE;
}

START_TEST (order__message__that_comes_twice_is_dropped)
{
  world->tap = tap_twice;
  world->tap_data = GINT_TO_POINTER (_i);
  open_and_run ();
  ck_assert_ptr_null (world->tap);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  assert_undisturbed ();
}
END_TEST

/* Each of the four when it is not its turn, to both sides, as soon as the request has been sent. */
static gboolean
tap_early (World *w, Letter *letter, gpointer data)
{
  g_autofree char *thread = NULL;
  char **early = data;

  if (forge_message (letter->text) != 1)
    return TRUE;
  w->tap = NULL;
  thread = forge_thread (letter->text);
  for (int n = 2; n <= 4; n++)
    {
      g_auto (GStrv) parts = g_strsplit (early[n], "THREAD", -1);
      g_autofree char *text = g_strjoinv (thread, parts);

      if (n != 3)
        world_inject (w, letter->from, letter->to, text);
      if (n != 2)
        world_inject (w, letter->to, letter->from, text);
    }
  return TRUE;
}

START_TEST (order__message__before_its_turn_is_dropped)
{
  char *early[5] = { NULL };

  open_and_run ();
  for (int n = 1; n <= 4; n++)
    early[n] = message_of (n, "THREAD");
  endpoint_kill (alice);
  endpoint_kill (bob);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  world_run (world);
  g_ptr_array_set_size (alice->notices, 0);
  g_ptr_array_set_size (bob->notices, 0);
  g_ptr_array_set_size (alice->warnings, 0);
  g_ptr_array_set_size (bob->warnings, 0);

  world->tap = tap_early;
  world->tap_data = early;
  open_and_run ();
  ck_assert_ptr_null (world->tap);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  assert_undisturbed ();
  for (int n = 1; n <= 4; n++)
    g_free (early[n]);
}
END_TEST

/* Messages 2 to 4 of a negotiation that nobody knows. */
START_TEST (order__message__of_no_negotiation_is_unexpected)
{
  Endpoint *to = _i == 3 ? bob : alice, *from = _i == 3 ? alice : bob;
  g_autofree char *text = NULL;

  open_and_run ();
  text = message_of (_i, "nobody-knows");
  world_inject (world, from->jid, to->jid, text);
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  assert_last_error (to, from->jid, "nobody-knows", ES_ERROR_UNEXPECTED);
  assert_undisturbed ();
}
END_TEST

/* All four once more, after the session is there. */
START_TEST (order__message__of_an_active_session_is_dropped)
{
  open_and_run ();
  for (int n = 1; n <= 4; n++)
    {
      g_autofree char *text = message_of (n, NULL);

      world_inject (world, n % 2 == 1 ? alice->jid : bob->jid, n % 2 == 1 ? bob->jid : alice->jid, text);
    }
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  assert_undisturbed ();
}
END_TEST

/* From elsewhere */

static gboolean
tap_elsewhere (World *w, Letter *letter, gpointer data)
{
  if (forge_message (letter->text) != GPOINTER_TO_INT (data))
    return TRUE;
  w->tap = NULL;
  world_inject (w, g_strrstr (letter->from, "/pda") != NULL ? ALICE "/other" : BOB_PHONE, letter->to, letter->text);
  world_inject (w, MALLORY_PC, letter->to, letter->text);
  world_inject (w, letter->from, letter->to, letter->text);
  return FALSE;
}

/* Messages 2 to 4 from another client, then from a stranger, then from the right one: only the stranger
 * learns that there is no such negotiation. */
START_TEST (order__message__from_elsewhere_has_no_effect)
{
  g_autofree char *thread = NULL;

  world->tap = tap_elsewhere;
  world->tap_data = GINT_TO_POINTER (_i);
  open_and_run ();
  ck_assert_ptr_null (world->tap);
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  assert_last_error (_i == 3 ? bob : alice, MALLORY_PC, thread, ES_ERROR_UNEXPECTED);
  assert_undisturbed ();
}
END_TEST

/* Two sessions on one thread: the second is not begun. */
START_TEST (order__thread__in_use_is_not_used_again)
{
  g_autofree char *thread = NULL;
  g_autoptr (Forger) forger = forger_new (world, BOB_PHONE);

  open_and_run ();
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  world->tap = forger_tap;
  world->tap_data = forger;
  forger_ask (forger, alice->jid, thread);
  world_run (world);
  ck_assert_ptr_null (forger->channel);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  assert_last_error (alice, BOB_PHONE, thread, ES_ERROR_UNEXPECTED);
  assert_undisturbed ();
}
END_TEST

/* Nor is it by the one who has it. */
START_TEST (order__thread__in_use_is_not_begun_again)
{
  g_autoptr (Forger) forger = forger_new (world, BOB_PHONE);
  EsConversation what;

  world->tap = forger_tap;
  world->tap_data = forger;
  forger_ask (forger, alice->jid, "one");
  world_run (world);
  ck_assert_ptr_nonnull (forger->channel);
  forger_ask (forger, alice->jid, "one");
  world_run (world);
  ck_assert_ptr_null (forger->channel);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  assert_last_error (alice, BOB_PHONE, "one", ES_ERROR_UNEXPECTED);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_str_eq (es_text_of (what.device), BOB_PHONE);
}
END_TEST

/* Requests that cross: the greater nonce wins, whoever that favours. */
static gboolean
tap_cross (World *w, Letter *letter, gpointer data)
{
  g_autofree char *text = NULL;
  Letter crossing = { 0 };

  if (forge_message (letter->text) != 1)
    return TRUE;
  w->tap = NULL;
  crossing.text = g_strdup (letter->text);
  forge_change (&crossing, FORGE_SET, "my_nonce", data);
  forge_commitments (&crossing);
  forge_parties (&crossing, BOB, ALICE);
  text = forge_thread (crossing.text);
  {
    g_auto (GStrv) parts = g_strsplit (crossing.text, text, -1);
    g_autofree char *crossed = g_strjoinv ("crossing", parts);

    world_inject (w, letter->to, letter->from, crossed);
  }
  g_free (crossing.text);
  return FALSE;
}

/* Theirs has the greatest nonce of all, and was meant for somebody else. */
static gboolean
tap_cross_badly (World *w, Letter *letter, gpointer data)
{
  g_autofree char *thread = NULL;
  Letter crossing = { 0 };

  if (forge_message (letter->text) != 1)
    return TRUE;
  w->tap = NULL;
  crossing.text = g_strdup (letter->text);
  forge_change (&crossing, FORGE_SET, "my_nonce", "//////////////////////////////////////////8=");
  forge_commitments (&crossing);
  thread = forge_thread (crossing.text);
  {
    g_auto (GStrv) parts = g_strsplit (crossing.text, thread, -1);
    g_autofree char *crossed = g_strjoinv ("crossing", parts);

    world_inject (w, letter->to, letter->from, crossed);
  }
  g_free (crossing.text);
  return TRUE;
}

static const char *const nonces[] = {
  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  "//////////////////////////////////////////8=",
};

START_TEST (order__requests__that_cross_are_decided_by_nonce)
{
  world->tap = tap_cross;
  world->tap_data = (gpointer) nonces[_i];
  open_and_run ();
  ck_assert_uint_eq (world_count (world, alice->jid, "<thread>crossing<"), _i == 0 ? 0 : 1);

  /* Whose was answered says that he has not asked: another one begins. */
  ck_assert_int_eq (endpoint_state (alice, BOB), _i == 0 ? ES_STATE_STARTING : ES_STATE_ENCRYPTED);
}
END_TEST

/* One that is refused beats nothing. */
START_TEST (order__requests__that_cross_and_are_bad_change_nothing)
{
  world->tap = tap_cross_badly;
  open_and_run ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Threads are each contact's own: two may have the same. */
START_TEST (order__thread__of_somebody_else_is_another)
{
  g_autofree char *thread = NULL;
  g_autoptr (Forger) forger = forger_new (world, MALLORY_PC);

  open_and_run ();
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  world->tap = forger_tap;
  world->tap_data = forger;
  forger_ask (forger, alice->jid, thread);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, MALLORY), ES_STATE_ENCRYPTED);
  ck_assert_ptr_nonnull (forger->channel);
  forger_send (forger, "<body>from mallory</body>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "from mallory");
  g_ptr_array_set_size (alice->notices, 1);
  assert_undisturbed ();
}
END_TEST

/* Errors */

/* Somebody else's error on our thread, in a session and before it. */
static const char *const conditions[]
    = { "not-acceptable", "feature-not-implemented", "service-unavailable", "unexpected-request" };

static void
inject_error (const char *from, const char *to, const char *thread, const char *condition)
{
  g_autofree char *text = g_strdup_printf ("<message type='error'><thread>%s</thread><error type='cancel'><%s "
                                           "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                                           thread, condition);

  world_inject (world, from, to, text);
}

START_TEST (order__error__of_a_third_party_ends_nothing)
{
  g_autofree char *thread = NULL;

  open_and_run ();
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  inject_error (MALLORY_PC, alice->jid, thread, conditions[_i]);
  inject_error (MALLORY, bob->jid, thread, conditions[_i]);
  inject_error (BOB ".example.net/laptop", alice->jid, thread, conditions[_i]);
  inject_error ("example.com", alice->jid, thread, conditions[_i]);
  inject_error (BOB "/laptop", alice->jid, "another", conditions[_i]);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 0);
  ck_assert_uint_eq (world_count (world, bob->jid, "type=\"error\""), 0);
  assert_undisturbed ();
}
END_TEST

static gboolean
tap_error (World *w, Letter *letter, gpointer data)
{
  g_autofree char *thread = NULL;

  if (forge_message (letter->text) != 1)
    return TRUE;
  thread = forge_thread (letter->text);
  inject_error (MALLORY_PC, letter->from, thread, data);
  inject_error (MALLORY_PC, letter->to, thread, data);
  return TRUE;
}

START_TEST (order__error__of_a_third_party_stops_no_start)
{
  world->tap = tap_error;
  world->tap_data = (gpointer) conditions[_i];
  open_and_run ();
  ck_assert_uint_eq (world_count (world, MALLORY_PC, "type='error'"), 2);
  assert_undisturbed ();
}
END_TEST

/* The other side's own error is believed, and told once. */
static gboolean
tap_refuse (World *w, Letter *letter, gpointer data)
{
  g_autofree char *thread = forge_message (letter->text) == 1 ? forge_thread (letter->text) : NULL;

  if (thread != NULL)
    inject_error (letter->to, letter->from, thread, data);
  return thread == NULL;
}

START_TEST (order__error__of_the_other_side_ends_the_start)
{
  static const EsErrorCode codes[]
      = { ES_ERROR_UNSUPPORTED, ES_ERROR_CHECK, ES_ERROR_UNAVAILABLE, ES_ERROR_UNEXPECTED };

  world->tap = tap_refuse;
  world->tap_data = (gpointer) conditions[_i];
  open_and_run ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->notices), es_said_of (codes[_i]));
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 0);
  world->tap = NULL;
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  assert_passes (alice, BOB, bob, "secret one");
}
END_TEST

/* Servers return what they cannot pass on without its thread: then the id tells what it was. */

static char *
id_of (const char *text)
{
  const char *id = text != NULL ? strstr (text, " id=\"") : NULL;

  ck_assert_ptr_nonnull (id);
  return g_strndup (id + strlen (" id=\""), strcspn (id + strlen (" id=\""), "\""));
}

static void
inject_error_by_id (const char *from, const char *id)
{
  g_autofree char *text = g_strdup_printf ("<message type='error' id='%s'><error type='cancel'><service-unavailable "
                                           "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                                           id);

  world_inject (world, from, alice->jid, text);
}

START_TEST (order__error__by_id_ends_the_session_at_once)
{
  const char *const servers[] = { BOB "/laptop", BOB, "example.org", ALICE };
  g_autofree char *id = NULL, *first = NULL, *next = NULL;

  open_and_run ();
  first = forge_thread (world_last (world, alice->jid, "my_nonce"));
  endpoint_type (alice, BOB, "lost");
  id = id_of (world_last (world, alice->jid, "<mac>"));
  world_run (world);
  inject_error_by_id (servers[_i], id);
  world_run (world);
  next = forge_thread (world_last (world, NULL, "my_nonce"));
  ck_assert_str_ne (first, next);
  assert_passes (alice, BOB, bob, "secret one");
}
END_TEST

static gboolean
tap_lose_messages (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->text, "<message") == NULL;
}

START_TEST (order__error__by_id_ends_the_start_at_once)
{
  g_autofree char *id = NULL;

  world->tap = tap_lose_messages;
  open_and_run ();
  id = id_of (world_last (world, alice->jid, "dhhashes"));
  inject_error_by_id (BOB, id);
  world->tap = NULL;
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->notices), es_said_of (ES_ERROR_UNAVAILABLE));
}
END_TEST

/* Nor does anybody else's, or one about what nobody has sent, or about what was sent long before. */
START_TEST (order__error__by_id_of_a_third_party_ends_nothing)
{
  g_autofree char *id = NULL, *oldest = NULL;

  open_and_run ();
  oldest = id_of (world_last (world, alice->jid, "<mac>"));
  for (guint i = 0; i < ES_LIMIT_SESSION_IDS; i++)
    endpoint_send_raw (alice, "<message to='" BOB "/laptop' id='counted'><active "
                              "xmlns='http://jabber.org/protocol/chatstates'/></message>");
  id = id_of (world_last (world, alice->jid, "<mac>"));
  ck_assert_uint_eq (world_count (world, alice->jid, "counted"), 0);
  world_run (world);
  inject_error_by_id (BOB "/laptop", oldest);
  inject_error_by_id (BOB "/laptop", "counted");
  inject_error_by_id (BOB "/laptop", "");
  inject_error_by_id (BOB_PHONE, id);
  inject_error_by_id (MALLORY_PC, id);
  inject_error_by_id (MALLORY, id);
  inject_error_by_id ("example.com", id);
  inject_error_by_id ("example.org/bob", id);
  inject_error_by_id (ALICE "/pda2", id);
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "my_nonce"), 2);
  assert_undisturbed ();
}
END_TEST

/* Encrypted for nobody */

static const char orphan[] = "<message type='chat'><thread>%s</thread><body>forged</body><c xmlns='" ES_NS_CRYPT
                             "'><data>AAAA</data><mac>AAAA</mac></c></message>";

static void
inject_orphan (const char *from, const char *thread)
{
  g_auto (GStrv) parts = g_strsplit (orphan, "%s", -1);
  g_autofree char *text = g_strjoinv (thread, parts);

  world_inject (world, from, alice->jid, text);
}

static const char *const senders[] = { BOB "/laptop", BOB_PHONE, MALLORY_PC };

/* The sender learns that we have no keys; nobody is shown or told anything. */
START_TEST (order__orphan__is_refused_by_thread)
{
  inject_orphan (senders[_i], "lost-thread");
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 1);
  assert_last_error (alice, senders[_i], "lost-thread", ES_ERROR_NO_SESSION);
  ck_assert_uint_eq (alice->shown->len + alice->notices->len, 0);
  open_and_run ();
  assert_passes (alice, BOB, bob, "secret one");
}
END_TEST

/* Nor does one on the thread of a session, but from elsewhere, harm that session. */
START_TEST (order__orphan__from_elsewhere_harms_nobody)
{
  g_autofree char *thread = NULL;

  open_and_run ();
  thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
  inject_orphan (BOB_PHONE, thread);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 1);
  assert_last_error (alice, BOB_PHONE, thread, ES_ERROR_NO_SESSION);
  inject_orphan (MALLORY_PC, thread);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 2);
  assert_last_error (alice, MALLORY_PC, thread, ES_ERROR_NO_SESSION);
  assert_undisturbed ();
}
END_TEST

START_TEST (order__orphan__without_thread_is_refused)
{
  static const char text[] = "<message><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></message>";

  world_inject (world, bob->jid, alice->jid, text);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 1);
  assert_last_error (alice, bob->jid, NULL, ES_ERROR_NO_SESSION);
}
END_TEST

START_TEST (order__orphan__in_an_error_is_not_answered)
{
  static const char text[] = "<message type='error'><thread>x</thread><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data>"
                             "<mac>AAAA</mac></c><error type='cancel'><gone "
                             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>";

  world_inject (world, bob->jid, alice->jid, text);
  world_inject (world, MALLORY_PC, alice->jid, text);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), 0);
  ck_assert_uint_eq (alice->notices->len, 0);
}
END_TEST

/* What was on its way when we lost our keys gets an error each: the other side starts again once, and sends all of it
 * again. */
START_TEST (order__orphans__of_one_session_are_one_end)
{
  open_and_run ();
  endpoint_type (bob, ALICE, "secret one");
  endpoint_type (bob, ALICE, "secret two");
  endpoint_type (bob, ALICE, "secret three");
  es_manager_free (alice->manager);
  alice->manager = es_manager_new (es_at (alice->bare), &alice->host, alice->trust, &alice->options, alice->policy);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 3);
  ck_assert_uint_eq (bob->warnings->len, 0);
  ck_assert_str_eq (bob->notices->pdata[1], es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_LOST)->notice));
  ck_assert_uint_eq (world_count (world, bob->jid, "dhhashes"), 1);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (alice->shown), "secret one|secret two|secret three");
}
END_TEST

/* Both end at once: nobody complains. */
START_TEST (order__ends__that_cross_are_quiet)
{
  open_and_run ();
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_PLAIN);
  world_wait (world, 40);
  ck_assert_uint_eq (alice->timers->len + bob->timers->len, 0);
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
}
END_TEST

/* A policy against it is told to whoever asks, politely. */
START_TEST (order__decline__is_polite_and_told_once)
{
  endpoint_kill (bob);
  bob->policy = ES_POLICY_NEVER;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  {
    const char *answer = world_last (world, bob->jid, "<message");
    g_autofree char *thread = forge_thread (world_last (world, alice->jid, "my_nonce"));
    g_autofree char *expected = g_strdup_printf (
        "<message to=\"%s\"><thread>%s</thread><feature xmlns=\"http://jabber.org/protocol/feature-neg\">"
        "<x xmlns=\"jabber:x:data\" type=\"submit\"><field var=\"FORM_TYPE\"><value>urn:xmpp:ssn</value>"
        "</field><field var=\"accept\"><value>0</value></field></x></feature>"
        "<no-store xmlns=\"urn:xmpp:hints\"/><no-copy xmlns=\"urn:xmpp:hints\"/>"
        "<private xmlns=\"urn:xmpp:carbons:2\"/></message>",
        alice->jid, thread);

    ck_assert_str_eq (answer, expected);
  }
  ck_assert_uint_eq (world_count (world, bob->jid, "<message"), 1);
  ck_assert_uint_eq (bob->notices->len, 0);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_PLAIN);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_uint_eq (alice->warnings->len, 2);
  ck_assert_str_eq (alice->warnings->pdata[0], es_said_of (ES_ERROR_DECLINED));
  ck_assert_str_eq (alice->warnings->pdata[1], es_said (ES_NOTICE_STUCK));

  /* It waits, and so does what is written then, without being asked for or told again. */
  endpoint_type (alice, BOB, "more");
  world_wait (world, 120);
  ck_assert_uint_eq (alice->returned->len, 0);
  ck_assert_uint_eq (alice->warnings->len, 2);
  ck_assert_uint_eq (world_count (world, alice->jid, "my_nonce"), 1);
  ck_assert_ptr_null (strstr (world->wire->str, "secret</body>"));
}
END_TEST

/* Bob does not want it any more: what Alice then writes waits until Bob wants it again, or she sends it as it is, or opens the
 * conversation anew. */
START_TEST (order__decline__leaves_ways_out)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert (es_manager_set_policy (bob->manager, es_at (ALICE), ES_POLICY_NEVER, NULL));
  world_run (world);
  ck_assert (endpoint_look (alice, BOB).must_choose);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert (endpoint_look (alice, BOB).declined);
  ck_assert (!endpoint_look (alice, BOB).must_choose);
  endpoint_type (alice, BOB, "secret");
  endpoint_type (alice, BOB, "too");
  world_run (world);
  ck_assert_uint_eq (alice->returned->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  ck_assert (endpoint_look (alice, BOB).can_send_plain);
  switch (_i)
    {
    case 0:
      ck_assert (es_manager_set_policy (bob->manager, es_at (ALICE), ES_POLICY_POSSIBLE, NULL));
      es_manager_start (bob->manager, es_at (ALICE));
      break;
    case 1:
      ck_assert (es_manager_set_policy (bob->manager, es_at (ALICE), ES_POLICY_POSSIBLE, NULL));
      es_manager_closed (alice->manager, es_at (BOB));
      es_manager_opened (alice->manager, es_at (BOB));
      break;
    case 2:
      endpoint_sign_off (bob);
      endpoint_sign_on (bob);
      ck_assert (es_manager_set_policy (bob->manager, es_at (ALICE), ES_POLICY_POSSIBLE, NULL));
      es_manager_start (alice->manager, es_at (BOB));
      break;
    default:
      es_manager_send_plain (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert (endpoint_look (alice, BOB).declined);
    }
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret|too");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  if (_i < 3)
    ck_assert (!endpoint_look (alice, BOB).declined && endpoint_state (alice, BOB) == ES_STATE_ENCRYPTED);
}
END_TEST

/* The one of Bob's devices that does not want it is not all of them. */
START_TEST (order__decline__of_one_device_is_not_the_last_word)
{
  Endpoint *phone = NULL;

  endpoint_kill (bob);
  bob->policy = ES_POLICY_NEVER;
  endpoint_sign_on (bob);
  phone = world_add (world, BOB "/phone");
  endpoint_sign_on (phone);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "secret");
  ck_assert_uint_eq (alice->warnings->len + alice->returned->len, 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

static void
add_order (TCase *tcase)
{
  tcase_add_loop_test (tcase, order__message__that_comes_twice_is_dropped, 1, 5);
  tcase_add_test (tcase, order__message__before_its_turn_is_dropped);
  tcase_add_loop_test (tcase, order__message__of_no_negotiation_is_unexpected, 2, 5);
  tcase_add_test (tcase, order__message__of_an_active_session_is_dropped);
  tcase_add_loop_test (tcase, order__message__from_elsewhere_has_no_effect, 2, 5);
  tcase_add_test (tcase, order__thread__in_use_is_not_used_again);
  tcase_add_test (tcase, order__thread__in_use_is_not_begun_again);
  tcase_add_test (tcase, order__thread__of_somebody_else_is_another);
  tcase_add_test (tcase, order__requests__that_cross_and_are_bad_change_nothing);
  tcase_add_loop_test (tcase, order__requests__that_cross_are_decided_by_nonce, 0, G_N_ELEMENTS (nonces));
}

int
main (void)
{
  Suite *suite = suite_create ("order");
  TCase *tcase = tcase_create ("order");

  tcase_add_checked_fixture (tcase, setup, teardown);
  add_order (tcase);
  tcase_add_loop_test (tcase, order__error__of_a_third_party_ends_nothing, 0, G_N_ELEMENTS (conditions));
  tcase_add_loop_test (tcase, order__error__of_a_third_party_stops_no_start, 0, G_N_ELEMENTS (conditions));
  tcase_add_loop_test (tcase, order__error__by_id_ends_the_session_at_once, 0, 4);
  tcase_add_test (tcase, order__error__by_id_ends_the_start_at_once);
  tcase_add_test (tcase, order__error__by_id_of_a_third_party_ends_nothing);
  tcase_add_loop_test (tcase, order__error__of_the_other_side_ends_the_start, 0, G_N_ELEMENTS (conditions));
  tcase_add_loop_test (tcase, order__orphan__is_refused_by_thread, 0, G_N_ELEMENTS (senders));
  tcase_add_test (tcase, order__orphan__from_elsewhere_harms_nobody);
  tcase_add_test (tcase, order__orphan__without_thread_is_refused);
  tcase_add_test (tcase, order__orphan__in_an_error_is_not_answered);
  tcase_add_test (tcase, order__orphans__of_one_session_are_one_end);
  tcase_add_test (tcase, order__ends__that_cross_are_quiet);
  tcase_add_test (tcase, order__decline__is_polite_and_told_once);
  tcase_add_loop_test (tcase, order__decline__leaves_ways_out, 0, 4);
  tcase_add_test (tcase, order__decline__of_one_device_is_not_the_last_word);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
