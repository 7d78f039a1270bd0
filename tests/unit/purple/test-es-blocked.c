/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define BOB "bob@localhost"
#define BOB_FULL "bob@localhost/x"

static EsState
state (void)
{
  EsConversation what;

  es_manager_describe (fake_link ()->manager, es_at (BOB), &what);
  return what.state;
}

static void
block (void)
{
  ck_assert (purple_privacy_deny_add (fake_account (), BOB, TRUE));
}

/* Everything that is written to Bob from now on. */
static guint
count_since (guint n)
{
  guint count = 0;

  for (; n < fake_sent->len; n++)
    count += strstr (fake_sent->pdata[n], BOB) != NULL;
  return count;
}

START_TEST (blocked__request__is_not_answered)
{
  guint n = 0;

  fake_bob_comes ();
  block ();
  n = fake_sent->len;
  fake_bob_starts ();
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
  ck_assert_uint_eq (fake_count (fake_got, "feature-neg"), 0);
  ck_assert_int_eq (state (), ES_STATE_PLAIN);
}
END_TEST

START_TEST (blocked__session__falls_silent)
{
  guint n = 0;

  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "first");
  fake_bob_runs ();
  ck_assert_int_eq (state (), ES_STATE_ENCRYPTED);
  block ();
  n = fake_sent->len;
  fake_bob_types ("do you hear me?");
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "do you hear me?"), 0);
  ck_assert_int_ne (state (), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (blocked__presence__starts_nothing)
{
  guint n = 0;

  block ();
  n = fake_sent->len;
  fake_bob_comes ();
  fake_window (BOB);
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
}
END_TEST

/* All of that is libpurple's. */
START_TEST (blocked__plain__goes_to_libpurple)
{
  block ();
  fake_receive ("<message xmlns='jabber:client' from='" BOB_FULL "'><body>hello</body></message>");
  fake_receive ("<iq xmlns='jabber:client' from='" BOB_FULL
                "' type='get' id='1'><query xmlns='jabber:iq:version'/></iq>");
  ck_assert_uint_eq (fake_count (fake_got, "hello"), 1);
  ck_assert_uint_eq (fake_count (fake_got, "jabber:iq:version"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "hello"), 0);
}
END_TEST

START_TEST (blocked__unblocked__is_there_again)
{
  block ();
  ck_assert (purple_privacy_deny_remove (fake_account (), BOB, TRUE));
  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "first");
  fake_bob_runs ();
  ck_assert_int_eq (state (), ES_STATE_ENCRYPTED);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("blocked");
  TCase *tcase = tcase_create ("blocked");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, blocked__request__is_not_answered);
  tcase_add_test (tcase, blocked__session__falls_silent);
  tcase_add_test (tcase, blocked__presence__starts_nothing);
  tcase_add_test (tcase, blocked__plain__goes_to_libpurple);
  tcase_add_test (tcase, blocked__unblocked__is_there_again);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
