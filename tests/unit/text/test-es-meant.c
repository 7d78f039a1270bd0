/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-meant.h"

#include "../es-test.h"

#define BOB "prpl-jabber alice@localhost bob@localhost"
#define CAROL "prpl-jabber alice@localhost carol@localhost"

/* Longer than what was said is still to be read. */
#define READ (1600 * 1000)

static EsMeant *meant;

static void
setup (void)
{
  meant = es_meant_new ();
}

static void
teardown (void)
{
  es_meant_free (meant);
}

START_TEST (meant__one_contact__goes)
{
  ck_assert (es_meant_is_empty (meant));
  ck_assert (es_meant_may_go (meant, BOB)); /* nothing stands there: it comes from elsewhere */
  es_meant_add (meant, BOB);
  es_meant_add (meant, BOB);
  ck_assert (!es_meant_is_empty (meant));
  ck_assert (es_meant_may_go (meant, BOB));
  ck_assert (!es_meant_may_go (meant, CAROL));
}
END_TEST

/* Whichever way the window went: the first letter, or all but the last, may be for the other one. */
START_TEST (meant__two_contacts__goes_to_neither)
{
  es_meant_add (meant, CAROL);
  es_meant_add (meant, BOB);
  ck_assert (!es_meant_may_go (meant, CAROL));
  ck_assert (!es_meant_may_go (meant, BOB));
  es_meant_clear (meant);
  ck_assert (es_meant_is_empty (meant));
  es_meant_add (meant, CAROL);
  ck_assert (es_meant_may_go (meant, CAROL));
}
END_TEST

START_TEST (meant__held__is_told_once_and_goes_when_that_was_read)
{
  es_meant_add (meant, CAROL);
  es_meant_add (meant, BOB);
  ck_assert (es_meant_hold (meant, CAROL));
  es_meant_settle (meant, CAROL);
  ck_assert (!es_meant_may_go (meant, CAROL));
  ck_assert (!es_meant_hold (meant, CAROL));
  ck_assert (!es_meant_may_go (meant, BOB));
  g_usleep (READ);
  ck_assert (es_meant_may_go (meant, CAROL));
  ck_assert (!es_meant_may_go (meant, BOB));
}
END_TEST

START_TEST (meant__moved_after_it_was_held__is_told_again)
{
  es_meant_add (meant, BOB);
  ck_assert (es_meant_hold (meant, CAROL));
  es_meant_settle (meant, CAROL);
  es_meant_add (meant, BOB);
  ck_assert (es_meant_hold (meant, BOB));
  es_meant_settle (meant, BOB);
  es_meant_add (meant, CAROL);
  g_usleep (READ);
  ck_assert (!es_meant_may_go (meant, BOB));
  ck_assert (!es_meant_may_go (meant, CAROL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("meant");
  TCase *test_case = tcase_create ("entry");

  tcase_add_checked_fixture (test_case, setup, teardown);
  tcase_add_test (test_case, meant__one_contact__goes);
  tcase_add_test (test_case, meant__two_contacts__goes_to_neither);
  tcase_add_test (test_case, meant__held__is_told_once_and_goes_when_that_was_read);
  tcase_add_test (test_case, meant__moved_after_it_was_held__is_told_again);
  suite_add_tcase (suite, test_case);
  return es_test_run (suite);
}
