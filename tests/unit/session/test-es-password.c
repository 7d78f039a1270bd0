/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people verify by a password that both know, or tell each other that they have verified. */
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define WORD "the cat on the piano"

#define EQUAL "Both passwords are the same"
#define DIFFERENT "The two passwords differ"
#define WANTS "The other side wants to compare a password"
#define SAYS "The other side says that the codes match"

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

/* Alice is the session's initiator. */
static void
meet (void)
{
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}

static const char *
contact_of (const Endpoint *endpoint)
{
  return endpoint == alice ? BOB : ALICE;
}

static EsConversation
describe (Endpoint *endpoint)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact_of (endpoint)), &what);
  return what;
}

static void
give (Endpoint *endpoint, const char *word)
{
  es_manager_password (endpoint->manager, es_at (contact_of (endpoint)), word, NULL);
}

static guint
count (const GPtrArray *sentences, const char *begin)
{
  guint n = 0;

  for (guint i = 0; i < sentences->len; i++)
    n += g_str_has_prefix (sentences->pdata[i], begin) ? 1 : 0;
  return n;
}

static void
assert_both (EsState state, EsPasswordState password)
{
  ck_assert_int_eq (endpoint_state (alice, BOB), state);
  ck_assert_int_eq (endpoint_state (bob, ALICE), state);
  ck_assert_int_eq (describe (alice).password, password);
  ck_assert_int_eq (describe (bob).password, password);
}

static void
assert_told_both (const char *begin, guint n)
{
  ck_assert_uint_eq (count (alice->notices, begin), n);
  ck_assert_uint_eq (count (bob->notices, begin), n);
}

/* Alice and Bob each give a password, Alice first. */
static void
compare (const char *one, const char *other)
{
  give (alice, one);
  world_run (world);
  give (bob, other);
  world_run (world);
}

START_TEST (password__equal__verifies_both_for_good)
{
  Endpoint *first = _i == 0 ? alice : bob, *second = _i == 0 ? bob : alice;
  guint changed = 0;

  meet ();
  ck_assert (describe (first).can_use_password && describe (second).can_use_password);
  changed = first->n_changed;
  give (first, WORD);
  ck_assert_uint_gt (first->n_changed, changed);
  ck_assert_int_eq (describe (first).password, ES_PASSWORD_WAITING);
  changed = second->n_changed;
  world_run (world);
  ck_assert_uint_gt (second->n_changed, changed);
  ck_assert_int_eq (describe (first).password, ES_PASSWORD_WAITING);
  ck_assert_int_eq (describe (second).password, ES_PASSWORD_OFFERED);
  ck_assert_uint_eq (count (second->notices, WANTS), 1);
  ck_assert_uint_eq (count (first->notices, WANTS), 0);
  ck_assert_int_eq (endpoint_state (first, contact_of (first)), ES_STATE_ENCRYPTED);

  give (second, WORD);
  world_run (world);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
  assert_told_both (EQUAL, 1);
  assert_told_both (SAYS, 0);
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
  ck_assert (!describe (first).other_verified && !describe (second).other_verified);
  ck_assert_ptr_null (strstr (world->wire->str, "verify:0"));
  ck_assert_ptr_null (strstr (world->wire->str, "piano"));

  endpoint_kill (alice);
  endpoint_kill (bob);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* Inside the session, where the other side is asked, and only there. */
START_TEST (password__question__is_shown_to_who_is_to_answer)
{
  static const char asks[]
      = "The other side asks \"\342\201\250Where did we meet?\342\201\251\" and wants to compare the answer";

  meet ();
  es_manager_password (alice->manager, es_at (BOB), "Rome", "  Where did we meet? ");
  world_run (world);
  ck_assert_str_eq (describe (bob).question, "Where did we meet?");
  ck_assert_ptr_null (describe (alice).question);
  ck_assert_uint_eq (count (bob->notices, asks), 1);
  ck_assert_uint_eq (count (bob->notices, WANTS), 0);
  ck_assert_uint_eq (bob->unseen->len + bob->shown->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "meet?"));

  /* Whoever answers has nothing to ask. */
  es_manager_password (bob->manager, es_at (ALICE), "Paris", "Who wants to know?");
  world_run (world);
  assert_told_both (DIFFERENT, 1);
  ck_assert_ptr_null (describe (bob).question);
  ck_assert_ptr_null (describe (alice).question);

  /* A new try has its own question, or none. */
  es_manager_password (alice->manager, es_at (BOB), "Rome", _i == 0 ? NULL : " ");
  world_run (world);
  ck_assert_ptr_null (describe (bob).question);
  ck_assert_uint_eq (count (bob->notices, WANTS), 1);
  give (bob, "Rome");
  world_run (world);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* Until the next one is compared. */
START_TEST (password__different__is_known_afterwards)
{
  meet ();
  ck_assert (!describe (alice).password_differs && !describe (bob).password_differs);
  compare ("Rome", "Paris");
  ck_assert (describe (alice).password_differs && describe (bob).password_differs);
  give (alice, "Rome");
  world_run (world);
  ck_assert (!describe (alice).password_differs && !describe (bob).password_differs);
  give (bob, "Rome");
  world_run (world);
  ck_assert (!describe (alice).password_differs && !describe (bob).password_differs);
}
END_TEST

/* Nothing else is begun. */
START_TEST (password__question__that_is_too_long__begins_nothing)
{
  g_autofree char *long_one = g_strnfill (1025, 'x');

  meet ();
  es_manager_password (alice->manager, es_at (BOB), "Rome", long_one);
  world_run (world);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_uint_eq (bob->notices->len, 1);
  compare ("Rome", "Rome");
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

START_TEST (password__equal__however_it_is_composed)
{
  meet ();
  compare ("  \xc3\xbc"
           "ber uns ",
           "u\xcc\x88"
           "ber uns");
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* Whatever code was negotiated. */
START_TEST (password__equal__verifies_where_the_code_proves_nothing)
{
  alice->options.sas[0] = bob->options.sas[0] = "sas28x5";
  alice->options.sas[1] = bob->options.sas[1] = NULL;
  meet ();
  ck_assert (!describe (alice).can_verify && describe (alice).can_use_password);
  compare (WORD, WORD);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

START_TEST (password__different__verifies_nobody_and_can_be_tried_again)
{
  meet ();
  compare (WORD, "The cat on the piano");
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  assert_told_both (DIFFERENT, 1);
  ck_assert_uint_eq (count (alice->warnings, DIFFERENT), 1);
  ck_assert_uint_eq (count (bob->warnings, DIFFERENT), 1);
  compare (WORD, WORD);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
  assert_told_both (EQUAL, 1);
}
END_TEST

START_TEST (password__different__three_times_is_the_end_for_a_day)
{
  guint letters = 0;

  meet ();
  for (guint i = 0; i < 3; i++)
    compare (WORD, i == 1 ? "something" : "nothing");
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  assert_told_both (DIFFERENT, 3);
  assert_told_both ("That was the third time", 1);
  ck_assert (!describe (alice).can_use_password && !describe (bob).can_use_password);

  letters = world->log->len;
  compare (WORD, WORD);
  ck_assert_uint_eq (world->log->len, letters);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  assert_told_both ("Passwords cannot be compared with this contact", 1);

  /* Neither another session nor another life of the program makes the count begin anew. */
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  endpoint_kill (bob);
  endpoint_sign_on (bob);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);

  world->now += 24 * 60 * 60;
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  compare (WORD, WORD);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* Nobody sees that both began at once. */
static void
fail_three_times (void)
{
  meet ();
  for (guint i = 0; i < 3; i++)
    compare (WORD, "nothing");
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
}

static void
look_again (void)
{
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
}

/* Whoever sets the clock forward has not waited. */
START_TEST (password__different__a_day_is_no_matter_of_the_clock)
{
  fail_three_times ();
  world->clock_set = 25 * 60 * 60;
  look_again ();
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  world->now += 24 * 60 * 60;
  look_again ();
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* Where it was wrong then, a day is a day nevertheless. */
START_TEST (password__different__a_day_is_no_longer_for_a_wrong_clock)
{
  world->clock_set = 400 * 24 * 60 * 60;
  fail_three_times ();
  world->clock_set = 0;
  endpoint_kill (alice);
  endpoint_kill (bob);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  look_again ();
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  world->now += 24 * 60 * 60;
  look_again ();
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

START_TEST (password__crossing__is_one_comparison)
{
  meet ();
  give (_i % 2 == 0 ? alice : bob, WORD);
  give (_i % 2 == 0 ? bob : alice, _i < 2 ? WORD : "something else");
  world_run (world);
  assert_both (_i < 2 ? ES_STATE_VERIFIED : ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  assert_told_both (_i < 2 ? EQUAL : DIFFERENT, 1);
  assert_told_both (WANTS, 0);
}
END_TEST

/* One has thought better of it while both starts were on their way: the other's remains, or neither. */
START_TEST (password__crossing__with_one_taken_back)
{
  Endpoint *stays = _i == 0 ? alice : bob, *leaves = _i == 0 ? bob : alice;

  meet ();
  give (stays, WORD);
  give (leaves, WORD);
  es_manager_decline_password (leaves->manager, es_at (contact_of (leaves)));
  world_run (world);
  ck_assert_uint_eq (count (alice->notices, DIFFERENT) + count (alice->notices, "The passwords could not"), 0);
  if (_i == 0)
    {
      ck_assert_int_eq (describe (alice).password, ES_PASSWORD_WAITING);
      ck_assert_int_eq (describe (bob).password, ES_PASSWORD_OFFERED);
      give (bob, WORD);
      world_run (world);
      assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
    }
  else
    {
      assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
      compare (WORD, WORD);
      assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
    }
}
END_TEST

START_TEST (password__unanswered__times_out)
{
  meet ();
  give (alice, WORD);
  world_wait (world, 299);
  ck_assert_int_eq (describe (alice).password, ES_PASSWORD_WAITING);
  ck_assert_int_eq (describe (bob).password, ES_PASSWORD_OFFERED);
  world_wait (world, 2);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (count (alice->notices, "The passwords were not compared because that took too long"), 1);
  ck_assert_uint_eq (count (bob->notices, "The other side does not wait for your password any more")
                         + count (bob->notices, "The passwords were not compared because that took too long"),
                     1);
  for (guint i = 0; i < 4; i++)
    {
      compare (WORD, " ");
      world_wait (world, 301);
    }
  compare (WORD, WORD);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

START_TEST (password__declined__is_told_and_costs_nothing)
{
  meet ();
  for (guint i = 0; i < 4; i++)
    {
      give (alice, WORD);
      world_run (world);
      es_manager_decline_password (bob->manager, es_at (ALICE));
      world_run (world);
      assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
      ck_assert_uint_eq (count (alice->notices, "The other side does not want to compare"), i + 1);
    }
  for (guint i = 0; i < 4; i++)
    {
      give (alice, WORD);
      world_run (world);
      es_manager_decline_password (alice->manager, es_at (BOB));
      world_run (world);
      assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
      ck_assert_uint_eq (count (bob->notices, "The other side does not wait"), i + 1);
    }
  compare (WORD, WORD);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* Taken back while the answer is on its way. */
START_TEST (password__taken_back__too_late)
{
  meet ();
  give (alice, WORD);
  world_run (world);
  give (bob, WORD);
  es_manager_decline_password (alice->manager, es_at (BOB));
  world_run (world);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (alice->warnings->len, 0);
  compare (WORD, WORD);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* And begun anew at once, with another one, so often as _i says: each answer goes to what it answers. */
START_TEST (password__taken_back__too_late_and_begun_anew)
{
  meet ();
  give (alice, WORD);
  world_run (world);
  give (bob, WORD);
  for (int i = 0; i <= _i; i++)
    {
      es_manager_decline_password (alice->manager, es_at (BOB));
      give (alice, "another one");
    }
  world_run (world);
  ck_assert_int_eq (describe (alice).password, ES_PASSWORD_WAITING);
  ck_assert_int_eq (describe (bob).password, ES_PASSWORD_OFFERED);
  ck_assert_uint_eq (alice->warnings->len, 0);
  give (bob, "another one");
  world_run (world);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (alice->warnings->len, 0);
}
END_TEST

START_TEST (password__nothing__is_ignored)
{
  guint notices = 0, letters = 0;

  meet ();
  notices = alice->notices->len;
  letters = world->log->len;
  give (alice, "");
  give (alice, " \t \n");
  es_manager_decline_password (alice->manager, es_at (BOB));
  es_manager_decline_password (alice->manager, es_at ("carol@example.net"));
  world_run (world);
  ck_assert_uint_eq (alice->notices->len, notices);
  give (alice, "\xff\xfe");
  ck_assert_uint_eq (count (alice->warnings, "This password cannot be used"), 1);
  ck_assert_uint_eq (world->log->len, letters);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

START_TEST (password__unencrypted__is_told_and_not_sent)
{
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert (!describe (alice).can_use_password);
  give (alice, WORD);
  world_run (world);
  ck_assert_uint_eq (count (alice->warnings, "Passwords can be compared only while"), 1);
  ck_assert_ptr_null (strstr (world->wire->str, "piano"));
  ck_assert_uint_eq (world_count (world, NULL, "<message"), 0);
}
END_TEST

START_TEST (password__twice__the_first_goes_on)
{
  meet ();
  give (alice, WORD);
  give (alice, "another");
  ck_assert_uint_eq (count (alice->warnings, "The password that you typed before is still"), 1);
  world_run (world);
  give (bob, WORD);
  world_run (world);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* It dies with its session, whoever ends that, and both are told. */
START_TEST (password__session_ends__and_so_does_it)
{
  Endpoint *ends = _i % 2 == 0 ? alice : bob;

  meet ();
  give (alice, WORD);
  world_run (world);
  if (_i < 2)
    es_manager_end (ends->manager, es_at (contact_of (ends)));
  else
    endpoint_sign_off (ends);
  world_run (world);
  if (_i >= 2)
    endpoint_sign_on (ends);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  assert_told_both ("The encrypted conversation ended before the two passwords", 1);
  assert_both (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);

  /* What comes too late is another comparison. */
  give (bob, WORD);
  world_run (world);
  ck_assert_int_eq (describe (alice).password, ES_PASSWORD_OFFERED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}
END_TEST

static void
verify (Endpoint *endpoint)
{
  g_autofree char *code = g_strdup (describe (endpoint).code);

  es_manager_verify (endpoint->manager, es_at (contact_of (endpoint)), code, TRUE);
  world_run (world);
}

START_TEST (verified__by_code__the_other_side_is_told_once_and_not_sure)
{
  guint changed = 0;

  meet ();
  changed = bob->n_changed;
  verify (alice);
  ck_assert_uint_gt (bob->n_changed, changed);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert (describe (bob).other_verified && !describe (alice).other_verified);
  verify (alice);
  ck_assert_uint_eq (count (bob->notices, SAYS), 1);

  verify (bob);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
  ck_assert (!describe (bob).other_verified && !describe (alice).other_verified);
  ck_assert_uint_eq (count (alice->notices, SAYS), 0);

  /* It is of that session. */
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert (!describe (bob).other_verified);
}
END_TEST

/* What was revealed before the codes were compared may still turn out to be wrong, and then it counts. */
START_TEST (verified__by_code__while_a_password_is_compared)
{
  meet ();
  give (alice, WORD);
  world_run (world);
  give (bob, "nothing");
  verify (bob);
  assert_told_both (DIFFERENT, 1);
  compare (WORD, "something");
  ck_assert_int_eq (describe (bob).password, ES_PASSWORD_NONE);
  compare (WORD, "anything");
  ck_assert_int_eq (describe (bob).password, ES_PASSWORD_OVER);
  ck_assert_uint_eq (count (bob->notices, "That was the third time"), 1);
}
END_TEST

/* Nor is there anything left of it once it has turned out to be right. */
START_TEST (verified__by_code__while_the_right_password_is_compared)
{
  guint failures = 0;
  gint64 last = 0;

  meet ();
  give (alice, WORD);
  world_run (world);
  give (bob, WORD);
  verify (bob);
  assert_both (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
  assert_told_both (EQUAL, 1);
  ck_assert (es_trust_password_failures (bob->trust, es_at (BOB), es_at (ALICE), &failures, &last, NULL));
  ck_assert_uint_eq (failures, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("password");
  TCase *tcase = tcase_create ("password");

  tcase_set_timeout (tcase, 120);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, password__equal__verifies_both_for_good, 0, 2);
  tcase_add_loop_test (tcase, password__question__is_shown_to_who_is_to_answer, 0, 2);
  tcase_add_test (tcase, password__different__is_known_afterwards);
  tcase_add_test (tcase, password__question__that_is_too_long__begins_nothing);
  tcase_add_test (tcase, password__equal__however_it_is_composed);
  tcase_add_test (tcase, password__equal__verifies_where_the_code_proves_nothing);
  tcase_add_test (tcase, password__different__verifies_nobody_and_can_be_tried_again);
  tcase_add_test (tcase, password__different__three_times_is_the_end_for_a_day);
  tcase_add_test (tcase, password__different__a_day_is_no_matter_of_the_clock);
  tcase_add_test (tcase, password__different__a_day_is_no_longer_for_a_wrong_clock);
  tcase_add_loop_test (tcase, password__crossing__is_one_comparison, 0, 4);
  tcase_add_loop_test (tcase, password__crossing__with_one_taken_back, 0, 2);
  tcase_add_test (tcase, password__unanswered__times_out);
  tcase_add_test (tcase, password__declined__is_told_and_costs_nothing);
  tcase_add_test (tcase, password__taken_back__too_late);
  tcase_add_loop_test (tcase, password__taken_back__too_late_and_begun_anew, 0, 3);
  tcase_add_test (tcase, password__nothing__is_ignored);
  tcase_add_test (tcase, password__unencrypted__is_told_and_not_sent);
  tcase_add_test (tcase, password__twice__the_first_goes_on);
  tcase_add_loop_test (tcase, password__session_ends__and_so_does_it, 0, 4);
  tcase_add_test (tcase, verified__by_code__the_other_side_is_told_once_and_not_sure);
  tcase_add_test (tcase, verified__by_code__while_a_password_is_compared);
  tcase_add_test (tcase, verified__by_code__while_the_right_password_is_compared);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
