/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole conversations between endpoints. */
#include "es-limits.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

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

#define assert_state(endpoint, contact, state) ck_assert_int_eq (endpoint_state (endpoint, contact), state)

static void
open_and_run (void)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
}

static void
verify_both (void)
{
  EsConversation here, there;

  es_manager_describe (alice->manager, es_at (BOB), &here);
  es_manager_describe (bob->manager, es_at (ALICE), &there);
  ck_assert_str_eq (here.code, there.code);
  {
    g_autofree char *code = g_strdup (here.code);

    es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
    es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  }
}

START_TEST (manager__open__encrypts_by_itself)
{
  open_and_run ();
  assert_state (alice, BOB, ES_STATE_ENCRYPTED);
  assert_state (bob, ALICE, ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert_uint_eq (bob->notices->len, 1);
}
END_TEST

START_TEST (manager__typed__waits_and_goes_out_encrypted)
{
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "first secret");
  endpoint_type (alice, BOB, "second secret");
  ck_assert_uint_eq (bob->shown->len, 0);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "first secret|second secret");
  endpoint_type (bob, ALICE, "answer secret");
  endpoint_type (alice, BOB, "third secret");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "answer secret");
  ck_assert_str_eq (texts (bob->shown), "first secret|second secret|third secret");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

START_TEST (manager__typed__is_plain_without_support)
{
  endpoint_kill (bob);
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "in the clear");
  world_run (world);
  assert_state (alice, BOB, ES_STATE_PLAIN);
  ck_assert_str_eq (texts (bob->shown), "in the clear");
  ck_assert_ptr_null (strstr (world->wire->str, "feature"));
}
END_TEST

START_TEST (manager__restart__stays_verified)
{
  open_and_run ();
  verify_both ();
  assert_state (alice, BOB, ES_STATE_VERIFIED);
  for (int i = 0; i < 6; i++)
    {
      Endpoint *first = i % 2 ? alice : bob, *second = i % 3 ? alice : bob;

      endpoint_kill (first);
      world_run (world);
      endpoint_sign_on (first);
      if (second != first)
        {
          endpoint_kill (second);
          endpoint_sign_on (second);
        }
      world_run (world);
      es_manager_opened (i % 2 ? alice->manager : bob->manager, es_at (i % 2 ? BOB : ALICE));
      world_run (world);
      assert_state (alice, BOB, ES_STATE_VERIFIED);
      assert_state (bob, ALICE, ES_STATE_VERIFIED);
    }
  g_ptr_array_set_size (bob->shown, 0);
  endpoint_type (alice, BOB, "still here");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "still here");
}
END_TEST

START_TEST (manager__differ__ends_and_forgets)
{
  EsConversation what;

  open_and_run ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  {
    g_autofree char *code = g_strdup (what.code);

    es_manager_verify (alice->manager, es_at (BOB), code, FALSE);
  }
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENDED);
  assert_state (bob, ALICE, ES_STATE_ENDED);
  endpoint_type (alice, BOB, "not this");
  ck_assert_str_eq (texts (alice->returned), "not this");
  ck_assert_ptr_null (strstr (world->wire->str, "not this"));
}
END_TEST

START_TEST (manager__end__both_sides_are_told)
{
  open_and_run ();
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  assert_state (alice, BOB, ES_STATE_PLAIN);
  assert_state (bob, ALICE, ES_STATE_ENDED);
  endpoint_type (bob, ALICE, "refused");
  world_run (world);
  ck_assert_str_eq (texts (bob->returned), "refused");
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENCRYPTED);
  assert_state (bob, ALICE, ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (manager__glare__one_session_remains)
{
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_opened (bob->manager, es_at (ALICE));
  endpoint_type (alice, BOB, "from alice");
  endpoint_type (bob, ALICE, "from bob");
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENCRYPTED);
  assert_state (bob, ALICE, ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (bob->shown), "from alice");
  ck_assert_str_eq (texts (alice->shown), "from bob");
  {
    EsConversation here, there;

    es_manager_describe (alice->manager, es_at (BOB), &here);
    es_manager_describe (bob->manager, es_at (ALICE), &there);
    ck_assert_str_eq (here.code, there.code);
  }
}
END_TEST

static gboolean
lose_everything (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->text, "<message") == NULL;
}

START_TEST (manager__silence__fails_visibly_and_returns_text)
{
  world->tap = lose_everything;
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "precious");
  world_run (world);
  assert_state (alice, BOB, ES_STATE_STARTING);
  world_wait (world, 31);
  assert_state (alice, BOB, ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->returned), "precious");
  ck_assert_ptr_null (strstr (world->wire->str, "precious"));
}
END_TEST

/* Servers return what they could not deliver with all that is in it: that it is ours is no reason not to believe it. */
static gboolean
tap_bounce_whole (World *w, Letter *letter, gpointer data)
{
  const char *children = strchr (letter->text, '>') + 1;
  g_autofree char *whole = NULL;

  if (strstr (letter->text, "dhhashes") == NULL || strstr (letter->text, "<error") != NULL)
    return TRUE;
  whole = g_strdup_printf ("<message type='error'>%.*s<error type='cancel'><service-unavailable "
                           "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                           (int) (strlen (children) - strlen ("</message>")), children);
  world_inject (w, letter->to, letter->from, whole);
  return FALSE;
}

START_TEST (manager__request__that_is_bounced_fails_at_once)
{
  world->tap = tap_bounce_whole;
  open_and_run ();
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);
  assert_state (alice, BOB, ES_STATE_ENDED);
  ck_assert_uint_eq (alice->warnings->len, 1);
}
END_TEST

/* To look at the list of contacts makes nobody known: nothing is opened, written or said. */
START_TEST (manager__describe__leaves_nothing)
{
  Endpoint *carol = world_add (world, "carol@example.net/pc");
  EsConversation what;

  carol->manager = es_manager_new (es_at (carol->bare), &carol->host, carol->trust, &carol->options, carol->policy);
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *contact = g_strdup_printf ("user%u@example.com", i);

      es_manager_describe (carol->manager, es_at (contact), &what);
      ck_assert_int_eq (what.state, ES_STATE_PLAIN);
      ck_assert_int_eq (what.policy, ES_POLICY_POSSIBLE);
    }
  ck_assert_uint_eq (carol->notices->len + carol->n_changed, 0);
  ck_assert (!g_file_test (carol->path, G_FILE_TEST_EXISTS));
  ck_assert_uint_eq (world->letters.length, 0);

  /* Who is known is told of. */
  es_manager_offline (carol->manager, FALSE);
  ck_assert_uint_eq (carol->n_changed, 0);
  ck_assert_uint_eq (carol->timers->len, 0);

  /* What is in the store is seen as soon as somebody else has opened it. */
  ck_assert (es_trust_set_policy (carol->trust, es_at (carol->bare), es_at (BOB), ES_POLICY_ALWAYS, NULL));
  es_manager_describe (carol->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.policy, ES_POLICY_ALWAYS);
}
END_TEST

START_TEST (manager__typing_notice__is_encrypted_or_dropped)
{
  static const char notice[] = "<message type='chat' to='" BOB "'><composing "
                               "xmlns='http://jabber.org/protocol/chatstates'/></message>";

  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_send_raw (alice, notice);
  world_run (world);
  ck_assert_ptr_null (strstr (world->wire->str, "composing"));
  ck_assert_ptr_null (strstr (world->wire->str, "chatstates"));
}
END_TEST

START_TEST (manager__plain_message__is_marked)
{
  open_and_run ();
  world_inject (world, BOB "/laptop", ALICE "/pda", "<message><body>forged</body></message>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "forged");
  ck_assert_ptr_nonnull (strstr (texts (alice->notices), "not encrypted"));
}
END_TEST

/* However many others are there: it is neither lost nor taken for encrypted. */
START_TEST (manager__plain_message__of_one_too_many_is_marked)
{
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  for (guint i = 0; i < ES_LIMIT_PEERS + 1; i++)
    {
      g_autofree char *jid = g_strdup_printf ("user%u@example.net/x", i);

      es_manager_set_presence (alice->manager, es_at (jid), TRUE, 0, "cannot");
    }
  world_inject (world, "dave@example.net/x", ALICE "/pda", "<message type='chat'><body>in the open</body></message>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "in the open");
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_NEXT_PLAIN)));
}
END_TEST

static guint
count_peers (const Endpoint *endpoint)
{
  EsCounts counts = { 0 };
  guint n = 0;

  es_manager_count (endpoint->manager, &counts);
  for (guint i = 0; i < ES_N_STATES; i++)
    n += counts.states[i];
  return n;
}

/* Nor is any of them remembered, be there a window for it; but the user can write to it, and that does not leave in the clear. */
START_TEST (manager__plain_message__of_many_too_many_fills_nothing)
{
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  for (guint i = 0; i < ES_LIMIT_PEERS; i++)
    {
      g_autofree char *jid = g_strdup_printf ("user%u@example.net/x", i);

      es_manager_set_presence (alice->manager, es_at (jid), TRUE, 0, "cannot");
    }
  ck_assert_uint_eq (count_peers (alice), ES_LIMIT_PEERS);
  for (guint i = 0; i < 200; i++)
    {
      g_autofree char *jid = g_strdup_printf ("stranger%u@example.net/x", i);

      world_inject (world, jid, ALICE "/pda", "<message type='chat'><body>in the open</body></message>");
      world_run (world);
      es_manager_opened (alice->manager, es_address_bare (es_at (jid)));
    }
  ck_assert_uint_eq (alice->shown->len, 200);
  ck_assert_uint_le (count_peers (alice), ES_LIMIT_PEERS);
  endpoint_type (alice, "stranger1@example.net", "an answer");
  world_run (world);
  ck_assert_ptr_null (strstr (world->wire->str, "an answer"));
  ck_assert_uint_eq (count_peers (alice), ES_LIMIT_PEERS + 1);
}
END_TEST

START_TEST (manager__killed_peer__starts_again_verified)
{
  open_and_run ();
  verify_both ();
  endpoint_kill (bob);
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENDED);
  endpoint_sign_on (bob);
  world_run (world);
  assert_state (alice, BOB, ES_STATE_VERIFIED);
  assert_state (bob, ALICE, ES_STATE_VERIFIED);
}
END_TEST

START_TEST (manager__peer_signs_off_and_on__goes_on_verified)
{
  open_and_run ();
  verify_both ();
  endpoint_sign_off (bob);
  assert_state (alice, BOB, ES_STATE_ENDED);
  endpoint_type (alice, BOB, "nobody there");
  world_wait (world, 60);
  ck_assert_uint_eq (alice->returned->len, 0);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "nobody there");
  assert_state (alice, BOB, ES_STATE_VERIFIED);
  assert_state (bob, ALICE, ES_STATE_VERIFIED);
}
END_TEST

/* Bob unticks the plugin, or blocks Alice, or goes: she cannot tell, and nothing is claimed. He ticks it again, and all goes on. */
START_TEST (manager__peer_leaves__nobody_says_why)
{
  EsConversation what;

  open_and_run ();
  es_manager_offline (bob->manager, TRUE);
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENDED);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_GONE)));
  ck_assert_ptr_null (strstr (texts (alice->notices), "offline"));
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert (!what.must_choose);

  /* A program that has left is not asked in vain. */
  endpoint_type (alice, BOB, "still there?");
  world_wait (world, 60);
  ck_assert_uint_eq (world_count (world, alice->jid, "my_nonce"), 1);
  ck_assert_uint_eq (alice->returned->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "still there?"));
  es_manager_set_presence (bob->manager, es_at (alice->jid), TRUE, 0, NULL);
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "still there?");
  assert_state (alice, BOB, ES_STATE_ENCRYPTED);
}
END_TEST

/* Of two devices one goes: that is no end, and nothing is to be chosen. */
START_TEST (manager__peer_leaves__with_one_device_goes_on_with_the_other)
{
  Endpoint *phone = NULL;

  open_and_run ();
  phone = world_add (world, BOB "/phone");
  endpoint_sign_on (phone);
  world_run (world);
  g_ptr_array_set_size (alice->notices, 0);
  endpoint_sign_off (bob);
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENCRYPTED);
  ck_assert (!es_has_text (alice->notices, es_said (ES_NOTICE_GONE)));
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_INTERRUPTED)));
  endpoint_type (alice, BOB, "hello phone");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "hello phone");
}
END_TEST

START_TEST (manager__differ__requests_are_declined_until_started)
{
  EsConversation what;

  open_and_run ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  {
    g_autofree char *code = g_strdup (what.code);

    es_manager_verify (alice->manager, es_at (BOB), code, FALSE);
  }
  world_run (world);
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENDED);
  assert_state (bob, ALICE, ES_STATE_ENDED);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  assert_state (alice, BOB, ES_STATE_ENCRYPTED);
}
END_TEST

/* What stream management sends again after a reconnect goes through the gate once more. */
START_TEST (manager__resent_stanzas__are_not_encrypted_twice)
{
  g_autofree char *wire = NULL, *from = NULL;
  const char *start = NULL, *end = NULL;

  open_and_run ();
  endpoint_type (alice, BOB, "once");
  world_run (world);
  wire = g_strdup (world->wire->str);
  start = g_strrstr (wire, "<message");
  while (strstr (start, "<data>") == NULL)
    {
      *(char *) start = '\0';
      start = g_strrstr (wire, "<message");
    }
  end = strchr (start, '\n');
  from = g_strndup (start, (gsize) (end - start));
  endpoint_send_raw (alice, from);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "once");
  assert_state (bob, ALICE, ES_STATE_ENCRYPTED);
  endpoint_type (alice, BOB, "more");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "once|more");
}
END_TEST

/* 150,000 octets of text are too many twice, plain and formatted, but not once. */
START_TEST (manager__long_text__loses_its_formatting_not_itself)
{
  g_autofree char *text = g_strnfill (150000, 'x'), *xml = NULL;

  open_and_run ();
  xml = g_strdup_printf ("<message type='chat' to='" BOB "'><body>%s</body><html "
                         "xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>"
                         "<b>%s</b></body></html></message>",
                         text, text);
  endpoint_send_raw (alice, xml);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), text);
  ck_assert_uint_eq (alice->returned->len, 0);
}
END_TEST

START_TEST (manager__too_long_text__is_returned)
{
  g_autofree char *text = g_strnfill (190000, 'x');

  open_and_run ();
  endpoint_type (alice, BOB, text);
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert_str_eq (texts (alice->returned), text);
  endpoint_type (alice, BOB, "short");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "short");
}
END_TEST

static gboolean
lose_message_4 (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->text, "ns-init") == NULL;
}

START_TEST (manager__lost_message_4__chain_survives)
{
  open_and_run ();
  verify_both ();
  for (int i = 0; i < 3; i++)
    {
      endpoint_kill (bob);
      endpoint_kill (alice);
      endpoint_sign_on (alice);
      endpoint_sign_on (bob);
      world->tap = lose_message_4;
      es_manager_opened (alice->manager, es_at (BOB));
      world_run (world);
      assert_state (alice, BOB, ES_STATE_STARTING);
      world->tap = NULL;
      endpoint_kill (alice);
      world_run (world);
      endpoint_sign_on (alice);
      es_manager_opened (i % 2 == 0 ? alice->manager : bob->manager, es_at (i % 2 == 0 ? BOB : ALICE));
      world_run (world);
      assert_state (alice, BOB, ES_STATE_VERIFIED);
      assert_state (bob, ALICE, ES_STATE_VERIFIED);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("manager");
  TCase *tcase = tcase_create ("manager");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, manager__open__encrypts_by_itself);
  tcase_add_test (tcase, manager__typed__waits_and_goes_out_encrypted);
  tcase_add_test (tcase, manager__typed__is_plain_without_support);
  tcase_add_test (tcase, manager__restart__stays_verified);
  tcase_add_test (tcase, manager__differ__ends_and_forgets);
  tcase_add_test (tcase, manager__end__both_sides_are_told);
  tcase_add_test (tcase, manager__glare__one_session_remains);
  tcase_add_test (tcase, manager__silence__fails_visibly_and_returns_text);
  tcase_add_test (tcase, manager__request__that_is_bounced_fails_at_once);
  tcase_add_test (tcase, manager__describe__leaves_nothing);
  tcase_add_test (tcase, manager__typing_notice__is_encrypted_or_dropped);
  tcase_add_test (tcase, manager__plain_message__is_marked);
  tcase_add_test (tcase, manager__plain_message__of_one_too_many_is_marked);
  tcase_add_test (tcase, manager__plain_message__of_many_too_many_fills_nothing);
  tcase_add_test (tcase, manager__killed_peer__starts_again_verified);
  tcase_add_test (tcase, manager__lost_message_4__chain_survives);
  tcase_add_test (tcase, manager__peer_signs_off_and_on__goes_on_verified);
  tcase_add_test (tcase, manager__peer_leaves__nobody_says_why);
  tcase_add_test (tcase, manager__peer_leaves__with_one_device_goes_on_with_the_other);
  tcase_add_test (tcase, manager__differ__requests_are_declined_until_started);
  tcase_add_test (tcase, manager__resent_stanzas__are_not_encrypted_twice);
  tcase_add_test (tcase, manager__long_text__loses_its_formatting_not_itself);
  tcase_add_test (tcase, manager__too_long_text__is_returned);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
