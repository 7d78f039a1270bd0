/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody may be listening in: the user has said that the codes differ. Until that user presses Start nothing begins, nothing is
 * answered and nothing leaves, whatever else happens. */
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

static void
differ (void)
{
  g_autofree char *code = NULL;

  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, FALSE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
}

/* After the next start, with no window: whoever writes in the name of Bob, of whom nothing but that is remembered, is not believed; and the
 * address is no room's. */
START_TEST (differed__next_life__plain_text_is_marked)
{
  differ ();
  endpoint_sign_off (bob);
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  world_run (world);
  g_ptr_array_set_size (alice->notices, 0);
  ck_assert (es_manager_is_guarded (alice->manager, es_at (BOB)));
  ck_assert (es_manager_knows (alice->manager, es_at (BOB)));
  world_inject (world, bob->jid, alice->jid, "<message type='chat'><body>forged</body></message>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "forged");
  ck_assert (es_has_text (alice->notices, "The next message was not encrypted: anyone may have read or written it."));
}
END_TEST

/* Pressed first of all in the next life, Start takes it back as well: who asks meanwhile is not refused. */
START_TEST (differed__next_life__start_takes_it_back)
{
  differ ();
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_start (alice->manager, es_at (BOB));
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (world_count (world, alice->jid, "not-acceptable"), 0);
  ck_assert (!es_has_text (bob->notices, "The other side does not want an encrypted conversation now."));
}
END_TEST

/* What may happen. */

static void
close_window (void)
{
  es_manager_closed (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_opened (alice->manager, es_at (BOB));
}

static void
set_policy (int policy)
{
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), policy, NULL));
  world_run (world);
}

static void
choose_each_policy (void)
{
  for (int policy = -1; policy < ES_N_POLICIES; policy++)
    {
      set_policy (policy);
      set_policy (-1);
    }
}

static void
choose_always (void)
{
  set_policy (ES_POLICY_ALWAYS);
}

static void
choose_possible (void)
{
  set_policy (ES_POLICY_POSSIBLE);
}

static void
change_what_usually_holds (void)
{
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  world_run (world);
  es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
}

static void
go_and_come (void)
{
  endpoint_sign_off (bob);
  world_run (world);
  endpoint_sign_on (bob);
}

static void
vanish_and_come (void)
{
  endpoint_kill (bob);
  world_run (world);
  endpoint_sign_on (bob);
}

static void
ask (void)
{
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  es_manager_end (bob->manager, es_at (ALICE));
}

static void
bring_another (void)
{
  Endpoint *phone = world_add (world, BOB "/phone");

  endpoint_sign_on (phone);
  world_run (world);
  es_manager_start (phone->manager, es_at (ALICE));
}

static void
lose_connection (void)
{
  es_manager_offline (alice->manager, FALSE);
  alice->online = FALSE;
  world_run (world);
  endpoint_sign_on (alice);
}

static void
sign_off_and_on (void)
{
  endpoint_sign_off (alice);
  world_run (world);
  endpoint_sign_on (alice);
}

static void
read_store_again (void)
{
  es_manager_store_changed (alice->manager);
}

static void
write_anyway (void)
{
  es_manager_write_anyway (alice->manager, es_at (BOB));
  es_manager_send_plain (alice->manager, es_at (BOB));
}

static void
write_to_us (void)
{
  world_inject (world, bob->jid, alice->jid, "<message type='chat'><body>hello?</body></message>");
}

static void
wait_for_long (void)
{
  world_wait (world, 4000);
}

static void
begin_another_life (void)
{
  endpoint_kill (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
}

static void (*const events[]) (void) = {
  begin_another_life, close_window,     choose_each_policy,
  choose_always,      choose_possible,  change_what_usually_holds,
  go_and_come,        vanish_and_come,  ask,
  bring_another,      lose_connection,  write_to_us,
  sign_off_and_on,    read_store_again, write_anyway,
  wait_for_long,
};

/* Alice says nothing, and what she writes comes back. */
static void
assert_quiet (guint requests, guint answers)
{
  guint n = alice->returned->len;

  world_wait (world, 70);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhkeys"), answers);
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 70);
  ck_assert_uint_eq (alice->returned->len, n + 1);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhkeys"), answers);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert (endpoint_look (alice, BOB).must_choose);
}

static void
assert_starts (void)
{
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 40);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  endpoint_type (alice, BOB, "secret again");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* Each thing alone, after each other one, and before Start works. */
START_TEST (differed__nothing_else__makes_it_begin)
{
  guint requests = 0, answers = 0;

  differ ();
  requests = world_count (world, alice->jid, "dhhashes");
  answers = world_count (world, alice->jid, "dhkeys");
  events[_i]();
  assert_quiet (requests, answers);
  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    if (events[i] != bring_another)
      {
        events[i]();
        assert_quiet (requests, answers);
      }
  assert_starts ();
}
END_TEST

/* Who had ended a session before is nobody whose going away would make this one begin. */
START_TEST (differed__end_of_before__is_forgotten)
{
  guint requests = 0, answers = 0;

  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  es_manager_start (alice->manager, es_at (BOB));
  differ ();
  requests = world_count (world, alice->jid, "dhhashes");
  answers = world_count (world, alice->jid, "dhkeys");
  go_and_come ();
  assert_quiet (requests, answers);
  assert_starts ();
}
END_TEST

/* The user ends it and writes in the clear, knowingly. Once that is taken back, it is refused again; and a request has no more luck
 * than before. */
START_TEST (differed__end__is_no_start)
{
  guint requests = 0, answers = 0;

  differ ();
  requests = world_count (world, alice->jid, "dhhashes");
  answers = world_count (world, alice->jid, "dhkeys");
  es_manager_end (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "knowingly");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "knowingly");
  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    {
      events[i]();
      world_wait (world, 70);
      ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
      ck_assert_uint_eq (world_count (world, alice->jid, "dhkeys"), answers);
    }
  set_policy (-1);
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 70);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
  ck_assert_str_eq (texts (alice->returned), "secret");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  assert_starts ();
}
END_TEST

/* However many others come meanwhile. */
START_TEST (differed__others__do_not_take_its_place)
{
  guint answers = 0;

  differ ();
  es_manager_end (alice->manager, es_at (BOB));
  endpoint_sign_off (bob);
  es_manager_closed (alice->manager, es_at (BOB));
  world_run (world);
  answers = world_count (world, alice->jid, "dhkeys");
  for (guint i = 0; i < ES_LIMIT_PEERS + 10; i++)
    {
      g_autofree char *jid = g_strdup_printf ("user%u@example.net/x", i);

      es_manager_set_presence (alice->manager, es_at (jid), TRUE, 0, "cannot");
    }
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *jid = g_strdup_printf ("user%u@example.net/x", i);

      es_manager_set_presence (alice->manager, es_at (jid), FALSE, 0, NULL);
    }
  endpoint_sign_on (bob);
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhkeys"), answers);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("differed");
  TCase *tcase = tcase_create ("differed");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, differed__next_life__plain_text_is_marked);
  tcase_add_test (tcase, differed__next_life__start_takes_it_back);
  tcase_add_loop_test (tcase, differed__nothing_else__makes_it_begin, 0, G_N_ELEMENTS (events));
  tcase_add_test (tcase, differed__end_of_before__is_forgotten);
  tcase_add_test (tcase, differed__end__is_no_start);
  tcase_add_test (tcase, differed__others__do_not_take_its_place);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
