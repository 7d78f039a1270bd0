/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was written and has not arrived when the program ends, or goes offline: it is there afterwards, once, in order, and
 * leaves no other way than it would have. */
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
}

static void
teardown (void)
{
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
restart (Endpoint *endpoint)
{
  world_run (world);
  endpoint_kill (endpoint);
  endpoint_sign_on (endpoint);
}

static void
assert_all_was_encrypted (void)
{
  ck_assert_ptr_null (strstr (world->wire->str, "<body>one"));
  ck_assert_ptr_null (strstr (world->wire->str, "<body>two"));
}

/* It was promised that it would be encrypted, by a program that knew why. */
START_TEST (restart__what_waits__does_not_leave_in_the_clear)
{
  meet ();
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  bob->supports = FALSE;
  restart (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_sign_on (bob);
  world_wait (world, 30);
  endpoint_type (alice, BOB, "two");
  endpoint_send_raw (alice, "<message to='" BOB "'><body>three</body></message>");
  world_wait (world, 30);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 3);
  ck_assert_str_eq (texts (bob->shown), "");

  /* But where the user wants that. */
  ck_assert (endpoint_look (alice, BOB).can_send_plain);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two|three");
}
END_TEST

START_TEST (restart__what_waits__goes_encrypted)
{
  meet ();
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "one");
  restart (alice);
  endpoint_sign_on (bob);
  world_run (world);
  endpoint_type (alice, BOB, "two");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  assert_all_was_encrypted ();
}
END_TEST

/* The first thing that leaves is stored before anything is read. */
START_TEST (restart__automatic__is_kept_once)
{
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  endpoint_send_raw (alice, "<message to='" BOB "'><body>away</body></message>");
  world_run (world);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "away");
}
END_TEST

/* Whoever has just come online has not asked anybody yet. */
START_TEST (restart__sign_on__keeps_the_order)
{
  guint n = 0;

  alice->stranger = alice->asks_presence = TRUE;
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  endpoint_sign_off (alice);
  n = alice->notices->len;
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  ck_assert_uint_eq (alice->notices->len, n);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  assert_all_was_encrypted ();
}
END_TEST

/* Bob is shown a text whose receipt never arrives. */
static void
lose_a_receipt (void)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
}

static void
assert_shown_once (void)
{
  world->tap = NULL;
  endpoint_sign_on (bob);
  world_run (world);
  endpoint_type (alice, BOB, "two");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
}

START_TEST (restart__shown__is_not_shown_twice)
{
  lose_a_receipt ();
  world_wait (world, 2);
  endpoint_kill (bob);
  assert_shown_once ();
}
END_TEST

/* It takes no second to sign off. */
START_TEST (restart__shown__is_stored_at_sign_off)
{
  lose_a_receipt ();
  endpoint_sign_off (bob);
  endpoint_kill (bob);
  assert_shown_once ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("restart");
  TCase *tcase = tcase_create ("restart");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, restart__what_waits__does_not_leave_in_the_clear);
  tcase_add_test (tcase, restart__what_waits__goes_encrypted);
  tcase_add_test (tcase, restart__automatic__is_kept_once);
  tcase_add_test (tcase, restart__sign_on__keeps_the_order);
  tcase_add_test (tcase, restart__shown__is_not_shown_twice);
  tcase_add_test (tcase, restart__shown__is_stored_at_sign_off);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
