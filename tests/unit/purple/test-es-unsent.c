/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"

static void
log_everything (void)
{
  purple_prefs_set_bool ("/purple/logging/log_ims", TRUE);
  purple_prefs_set_bool (ES_PREF_LOG, TRUE);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
}

/* That the log works at all. */
START_TEST (unsent__log__holds_what_is_sent)
{
  purple_prefs_set_bool ("/purple/logging/log_ims", TRUE);
  fake_type (CAROL, "in the clear");
  fake_quit ();
  ck_assert (fake_has_written ("in the clear"));
}
END_TEST

START_TEST (unsent__quitting__writes_nothing)
{
  log_everything ();
  fake_type (BOB, "never sent");
  ck_assert_uint_eq (fake_count (fake_sent, "never sent"), 0);
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
}
END_TEST

START_TEST (unsent__signed_off_then_quitting__writes_nothing)
{
  log_everything ();
  fake_type (BOB, "never sent");
  purple_conversation_destroy (fake_window (BOB));
  purple_account_disconnect (fake_account ());
  fake_settle ();
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
}
END_TEST

START_TEST (unsent__given_back__stands_in_the_window_only)
{
  log_everything ();
  es_unsent_add (fake_link (), es_at (BOB), "never sent", FALSE);
  es_unsent_add (fake_link (), es_at (BOB), "perhaps sent", TRUE);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message may not have arrived: perhaps sent"), 1);
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
  ck_assert (!fake_has_written ("perhaps sent"));
}
END_TEST

START_TEST (unsent__stopping__keeps_it)
{
  log_everything ();
  fake_type (BOB, "never sent");
  es_plugin_stop ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 0);
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("unsent");
  TCase *tcase = tcase_create ("unsent");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, unsent__log__holds_what_is_sent);
  tcase_add_test (tcase, unsent__quitting__writes_nothing);
  tcase_add_test (tcase, unsent__signed_off_then_quitting__writes_nothing);
  tcase_add_test (tcase, unsent__given_back__stands_in_the_window_only);
  tcase_add_test (tcase, unsent__stopping__keeps_it);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
