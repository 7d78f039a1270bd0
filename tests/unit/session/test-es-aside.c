/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user discards can be had back for a while: once, in order, or not at all. */
#include "es-forge.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;
static GPtrArray *waiting; /* EsWaitingText: what alice has written, before anything was discarded */

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  alice->policy = ES_POLICY_ALWAYS;
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  endpoint_type (alice, BOB, "secret three");
  world_wait (world, 2);
  waiting = es_manager_waiting (alice->manager, es_at (BOB));
  ck_assert_uint_eq (waiting->len, 3);
}

static void
teardown (void)
{
  g_clear_pointer (&waiting, g_ptr_array_unref);
  g_clear_pointer (&world, world_free);
}

static const char *
label (guint n)
{
  return ((const EsWaitingText *) waiting->pdata[n])->label;
}

static void
discard (guint n)
{
  es_manager_discard (alice->manager, es_at (BOB), label (n));
}

static void
undo (guint n)
{
  es_manager_undo_discard (alice->manager, es_at (BOB), label (n));
}

static void
assert_shown (const char *what)
{
  ck_assert_str_eq (texts (bob->shown), what);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* Nothing of it is left for the next start. */
static void
assert_nothing_left (void)
{
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_str_eq (texts (alice->returned), "");
  endpoint_kill (bob);
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}

START_TEST (aside__discarded__keeps_its_place_for_a_while)
{
  g_autoptr (GPtrArray) now = NULL, later = NULL;

  discard (1);
  now = es_manager_waiting (alice->manager, es_at (BOB));
  ck_assert_uint_eq (now->len, 3);
  ck_assert (((const EsWaitingText *) now->pdata[1])->discarded);
  ck_assert (!((const EsWaitingText *) now->pdata[0])->discarded);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  world_wait (world, ES_UNDO_SECONDS);
  later = es_manager_waiting (alice->manager, es_at (BOB));
  ck_assert_uint_eq (later->len, 2);
  undo (1);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  assert_shown ("secret one|secret three");
  assert_nothing_left ();
}
END_TEST

START_TEST (aside__undone__is_sent_once_and_in_order)
{
  discard (_i);
  world_wait (world, ES_UNDO_SECONDS - 1);
  undo (_i);
  undo (_i);
  world_wait (world, 2 * ES_UNDO_SECONDS);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  assert_shown ("secret one|secret two|secret three");
  assert_nothing_left ();
}
END_TEST

/* The conversation is encrypted meanwhile: what was written after it does not overtake it, nor wait longer than for that. */
START_TEST (aside__discarded__holds_back_what_is_newer)
{
  discard (1);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  assert_shown ("secret one");
  if (_i == 0)
    undo (1);
  else
    world_wait (world, ES_UNDO_SECONDS);
  world_run (world);
  assert_shown (_i == 0 ? "secret one|secret two|secret three" : "secret one|secret three");
  assert_nothing_left ();
}
END_TEST

/* Whoever writes on, where that can go at once, does not wait for it. */
START_TEST (aside__discarded__is_over_when_the_user_writes_on)
{
  discard (0);
  discard (2);
  endpoint_sign_on (bob);
  world_run (world);
  assert_shown ("");
  endpoint_type (alice, BOB, "secret four");
  world_run (world);
  undo (0);
  undo (2);
  world_wait (world, 2 * ES_UNDO_SECONDS);
  assert_shown ("secret two|secret four");
  assert_nothing_left ();
}
END_TEST

/* Nor goes it out with the others in the clear. */
START_TEST (aside__discarded__is_not_sent_unencrypted)
{
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  world_wait (world, 20);
  discard (1);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  undo (1);
  world_wait (world, 20);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret three");
  ck_assert_ptr_null (strstr (world->wire->str, "two"));
  assert_nothing_left ();
}
END_TEST

/* The conversation ends (0), its window closes (1), the user goes offline (2), or another program than this one is run (3). */
START_TEST (aside__discarded__is_gone_when_things_change)
{
  discard (0);
  discard (1);
  discard (2);
  if (_i == 0)
    es_manager_end (alice->manager, es_at (BOB));
  else if (_i == 1)
    es_manager_closed (alice->manager, es_at (BOB));
  else
    es_manager_offline (alice->manager, _i == 2);
  undo (1);
  world_wait (world, 2);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  assert_shown ("");
  assert_nothing_left ();
}
END_TEST

static gboolean
fail_start (World *in, Letter *letter, gpointer data)
{
  g_autofree char *thread = NULL;

  if (forge_message (letter->text) != 2)
    return TRUE;
  thread = forge_thread (letter->text);
  g_free (letter->text);
  letter->text = forge_error (letter->to, thread, ES_ERROR_CHECK, NULL);
  return TRUE;
}

/* What is lost with a start that fails is not what may still be had back: it goes where the others went. */
START_TEST (aside__start_fails__it_can_be_had_back)
{
  discard (1);
  world->tap = fail_start;
  bob->policy = ES_POLICY_ASK;
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "secret one|secret three");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  if (_i == 0)
    undo (1);
  else
    world_wait (world, ES_UNDO_SECONDS);
  undo (1);
  ck_assert_str_eq (texts (alice->returned),
                    _i == 0 ? "secret one|secret three|secret two" : "secret one|secret three");
  g_ptr_array_set_size (alice->returned, 0);
  assert_shown ("");
  assert_nothing_left ();
}
END_TEST

/* What waited behind it when the connection broke goes on waiting. */
START_TEST (aside__cut__lets_nothing_out)
{
  discard (0);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  es_manager_offline (alice->manager, FALSE);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  world_wait (world, 2 * ES_UNDO_SECONDS);
  assert_shown ("");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  endpoint_kill (bob);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_sign_on (bob);
  world_wait (world, 20);
  assert_shown ("secret two|secret three");
  assert_nothing_left ();
}
END_TEST

/* All that is in the file waits after a crash: what was discarded does not, though it could still have been had back. */
START_TEST (aside__killed__it_is_thrown_away)
{
  discard ((guint) _i);
  world_wait (world, 0);
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  assert_shown (_i == 0 ? "secret two|secret three" : _i == 1 ? "secret one|secret three" : "secret one|secret two");
  assert_nothing_left ();
}
END_TEST

/* What was had back is where it was, in the file as well; and what is discarded still is not. Nothing is where nothing is to be kept (3). */
START_TEST (aside__killed__undone_it_has_its_place)
{
  if (_i == 3)
    es_manager_set_kept (alice->manager, FALSE);
  discard ((guint) _i % 3);
  discard (2);
  world_wait (world, 0);
  undo ((guint) _i % 3);
  world_wait (world, 0);
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_sign_on (bob);
  world_wait (world, 20);
  assert_shown (_i == 3 ? "" : _i == 2 ? "secret one|secret two|secret three" : "secret one|secret two");
  assert_nothing_left ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("aside");
  TCase *tcase = tcase_create ("aside");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, aside__discarded__keeps_its_place_for_a_while);
  tcase_add_loop_test (tcase, aside__undone__is_sent_once_and_in_order, 0, 3);
  tcase_add_loop_test (tcase, aside__discarded__holds_back_what_is_newer, 0, 2);
  tcase_add_test (tcase, aside__discarded__is_over_when_the_user_writes_on);
  tcase_add_test (tcase, aside__discarded__is_not_sent_unencrypted);
  tcase_add_loop_test (tcase, aside__discarded__is_gone_when_things_change, 0, 4);
  tcase_add_loop_test (tcase, aside__start_fails__it_can_be_had_back, 0, 2);
  tcase_add_test (tcase, aside__cut__lets_nothing_out);
  tcase_add_loop_test (tcase, aside__killed__it_is_thrown_away, 0, 3);
  tcase_add_loop_test (tcase, aside__killed__undone_it_has_its_place, 0, 4);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
