/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-reach.h"

#include "../es-test.h"
#include "es-limits.h"

#define LAPTOP "bob@example.com/laptop"
#define PHONE "bob@example.com/phone"
#define TABLET "bob@example.com/tablet"

static EsReach *reach;
static EsAddress *contact;
static GString *asked;      /* who was, each after a space */
static gboolean is_online;  /* the contact, as the server knows */
static guint timer, silent; /* seconds that it runs, 0: it does not; and how often that came of it */
static void (*fire) (gpointer argument);
static gpointer fire_argument;

static void
ask_support (gpointer data, const EsAddress *jid)
{
  g_string_append_printf (asked, " %s", es_address_text (jid));
}

static gboolean
ask_presence (gpointer data, const EsAddress *whom)
{
  if (is_online)
    g_string_append_printf (asked, " %s?", es_address_text (whom));
  return is_online;
}

static guint
start_timer (gpointer data, guint seconds, void (*function) (gpointer argument), gpointer argument)
{
  ck_assert_uint_eq (timer, 0);
  timer = seconds;
  fire = function;
  fire_argument = argument;
  return 1;
}

static void
stop_timer (gpointer data, guint number)
{
  ck_assert_uint_eq (number, 1);
  timer = 0;
}

static void
on_silent (gpointer data)
{
  ck_assert_ptr_eq (data, &silent);
  silent++;
}

static const EsHost host = {
  .transport = { .ask_support = ask_support, .ask_presence = ask_presence },
  .clock = { .start_timer = start_timer, .stop_timer = stop_timer },
};

static void
setup (void)
{
  asked = g_string_new (NULL);
  is_online = FALSE;
  timer = silent = 0;
  contact = es_address_ref (es_at ("bob@example.com"));
  reach = es_reach_new (&host, contact, on_silent, &silent);
}

static void
teardown (void)
{
  g_clear_pointer (&reach, es_reach_free);
  ck_assert_uint_eq (timer, 0);
  g_clear_pointer (&contact, es_address_unref);
  g_string_free (asked, TRUE);
}

/* WHOM are asked now, each after a space. */
static void
expect_asked (const char *whom)
{
  g_string_truncate (asked, 0);
  es_reach_discover (reach);
  ck_assert_str_eq (asked->str, whom);
}

/* Who was asked has had the time to answer. Whether anybody has not. */
static gboolean
time_is_up (void)
{
  guint before = silent;

  ck_assert_uint_eq (timer, ES_SUPPORT_SECONDS);
  timer = 0;
  fire (fire_argument);
  return silent != before;
}

START_TEST (reach__support__is_no_without_clients)
{
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  ck_assert_ptr_null (es_reach_best (reach));
  ck_assert_ptr_null (es_reach_first (reach));
  expect_asked ("");
  ck_assert_uint_eq (timer, 0);
  ck_assert (!es_reach_remove (reach, es_at (LAPTOP)));
  ck_assert (!es_reach_set_support (reach, es_at (LAPTOP), TRUE));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
}
END_TEST

START_TEST (reach__support__follows_the_answers)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  es_reach_add (reach, es_at (PHONE), 0, "v1");
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_UNKNOWN);
  ck_assert (es_reach_set_support (reach, es_at (LAPTOP), FALSE));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_UNKNOWN);
  ck_assert (es_reach_set_support (reach, es_at (PHONE), FALSE));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  ck_assert_ptr_null (es_reach_best (reach));
  ck_assert (es_reach_set_support (reach, es_at (PHONE), TRUE));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_YES);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), PHONE);
}
END_TEST

START_TEST (reach__best__is_the_highest_that_can)
{
  es_reach_add (reach, es_at (LAPTOP), -1, "v1");
  es_reach_add (reach, es_at (PHONE), 5, "v1");
  es_reach_add (reach, es_at (TABLET), 5, "v1");
  es_reach_set_support (reach, es_at (LAPTOP), TRUE);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), LAPTOP);
  es_reach_set_support (reach, es_at (TABLET), TRUE);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), TABLET);
  es_reach_set_support (reach, es_at (PHONE), TRUE);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), PHONE);
  es_reach_add (reach, es_at (LAPTOP), 6, NULL);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), LAPTOP);
  es_reach_remove (reach, es_at (LAPTOP));
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), PHONE);
}
END_TEST

START_TEST (reach__discover__asks_each_once)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  es_reach_add (reach, es_at (PHONE), 0, NULL);
  expect_asked (" " LAPTOP " " PHONE);
  expect_asked ("");

  /* The same again, and presences that do not say, change nothing. */
  es_reach_set_support (reach, es_at (LAPTOP), TRUE);
  es_reach_add (reach, es_at (LAPTOP), 3, "v1");
  es_reach_add (reach, es_at (LAPTOP), 3, NULL);
  es_reach_add (reach, es_at (PHONE), 3, NULL);
  expect_asked ("");
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), LAPTOP);
}
END_TEST

START_TEST (reach__add__with_another_version_asks_again)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  expect_asked (" " LAPTOP);
  es_reach_set_support (reach, es_at (LAPTOP), TRUE);
  es_reach_add (reach, es_at (LAPTOP), 0, "v2");
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_UNKNOWN);
  ck_assert_ptr_null (es_reach_best (reach));
  expect_asked (" " LAPTOP);
  expect_asked ("");
}
END_TEST

START_TEST (reach__silence__is_a_no)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  expect_asked (" " LAPTOP);
  es_reach_add (reach, es_at (PHONE), 0, "v1");
  ck_assert (time_is_up ());

  /* Not of those that nobody asked. */
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_UNKNOWN);
  expect_asked (" " PHONE);
  ck_assert (time_is_up ());
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  expect_asked ("");

  /* An answer that comes late still counts, and silence takes none back. */
  ck_assert (es_reach_set_support (reach, es_at (LAPTOP), TRUE));
  es_reach_add (reach, es_at (TABLET), 0, "v1");
  expect_asked (" " TABLET);
  es_reach_set_support (reach, es_at (TABLET), FALSE);
  ck_assert (!time_is_up ());
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), LAPTOP);
}
END_TEST

/* Who is online, though none of its clients is known. */
START_TEST (reach__presence__is_asked_for_once)
{
  expect_asked ("");
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  is_online = TRUE;
  expect_asked (" bob@example.com?");
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_UNKNOWN);
  expect_asked ("");
  ck_assert (!es_reach_is_silent (reach));
  ck_assert (time_is_up ());
  ck_assert (es_reach_is_silent (reach));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  expect_asked ("");

  /* Until there is a reason to try again, or something is heard of it. */
  es_reach_try_again (reach);
  ck_assert (!es_reach_is_silent (reach));
  expect_asked (" bob@example.com?");
  ck_assert (time_is_up ());
  es_reach_note_presence (reach);
  ck_assert (!es_reach_is_silent (reach));
  expect_asked (" bob@example.com?");

  /* While an answer may come another try is not another question. */
  es_reach_try_again (reach);
  expect_asked ("");

  /* Whoever is there is asked what it can instead. */
  es_reach_note_presence (reach);
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  expect_asked (" " LAPTOP);
  es_reach_set_support (reach, es_at (LAPTOP), TRUE);
  ck_assert (!time_is_up ());
}
END_TEST

START_TEST (reach__clear__asks_nobody_any_more)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  expect_asked (" " LAPTOP);
  ck_assert_uint_eq (timer, ES_SUPPORT_SECONDS);
  es_reach_clear (reach);
  ck_assert_uint_eq (timer, 0);
  ck_assert_ptr_null (es_reach_first (reach));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  is_online = TRUE;
  expect_asked (" bob@example.com?");
  es_reach_clear (reach);
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  expect_asked (" bob@example.com?");
}
END_TEST

START_TEST (reach__remove__forgets_the_answer)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  es_reach_set_support (reach, es_at (LAPTOP), TRUE);
  es_reach_remove (reach, es_at (LAPTOP));
  ck_assert_uint_eq (es_reach_count (reach), 0);
  es_reach_remove (reach, es_at (LAPTOP));
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_UNKNOWN);
  expect_asked (" " LAPTOP);
}
END_TEST

/* The user is told who does not want it, and that is taken back when that one goes, whether its presence was ever seen or not. */
START_TEST (reach__remove__tells_of_the_no_that_the_user_knows)
{
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  es_reach_note_declined (reach, es_at (LAPTOP));
  es_reach_note_declined_told (reach, es_at (PHONE));
  ck_assert (!es_reach_remove (reach, es_at (LAPTOP)));
  ck_assert (es_reach_remove (reach, es_at (PHONE)));
  ck_assert (!es_reach_remove (reach, es_at (PHONE)));

  /* One at a time: the last. */
  es_reach_note_declined_told (reach, es_at (PHONE));
  es_reach_note_declined_told (reach, es_at (LAPTOP));
  ck_assert (!es_reach_remove (reach, es_at (PHONE)));
  ck_assert (es_reach_remove (reach, es_at (LAPTOP)));
}
END_TEST

START_TEST (reach__add__stops_at_its_limit)
{
  for (guint i = 0; i < ES_LIMIT_DEVICES + 10; i++)
    {
      g_autofree char *jid = g_strdup_printf ("bob@example.com/%u", i);

      es_reach_add (reach, es_at (jid), 0, "v1");
      ck_assert_int_eq (es_reach_set_support (reach, es_at (jid), TRUE), i < ES_LIMIT_DEVICES);
    }
  ck_assert_str_eq (es_text_of (es_reach_first (reach)), "bob@example.com/0");

  /* Those that are noted go on being so; who goes makes room. */
  es_reach_add (reach, es_at ("bob@example.com/7"), 9, "v1");
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "bob@example.com/7");
  es_reach_remove (reach, es_at ("bob@example.com/0"));
  ck_assert_uint_eq (es_reach_count (reach), ES_LIMIT_DEVICES - 1);
  es_reach_add (reach, es_at (LAPTOP), 0, "v1");
  ck_assert (es_reach_set_support (reach, es_at (LAPTOP), TRUE));
}
END_TEST

START_TEST (reach__best__has_not_declined)
{
  es_reach_add (reach, es_at ("a@b/one"), 5, "v");
  es_reach_add (reach, es_at ("a@b/two"), 1, "v");
  es_reach_set_support (reach, es_at ("a@b/one"), TRUE);
  es_reach_set_support (reach, es_at ("a@b/two"), TRUE);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/one");
  es_reach_note_declined (reach, es_at ("a@b/one"));
  es_reach_note_declined (reach, es_at ("a@b/gone"));
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/two");
  es_reach_note_declined (reach, es_at ("a@b/two"));
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/one");
  es_reach_note_declined (reach, es_at ("a@b/one"));
  es_reach_try_again (reach);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/one");
}
END_TEST

/* What the user has replaced may think otherwise than the program before it; but the device is the one that it was. */
START_TEST (reach__add__with_another_version_has_not_declined)
{
  es_reach_add (reach, es_at ("a@b/one"), 5, "v1");
  es_reach_add (reach, es_at ("a@b/two"), 1, "v1");
  es_reach_set_support (reach, es_at ("a@b/one"), TRUE);
  es_reach_set_support (reach, es_at ("a@b/two"), TRUE);
  es_reach_note_declined (reach, es_at ("a@b/one"));
  es_reach_add (reach, es_at ("a@b/one"), 5, "v1");
  es_reach_add (reach, es_at ("a@b/one"), 5, NULL);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/two");
  es_reach_add (reach, es_at ("a@b/one"), 5, "v2");
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/two");
  es_reach_set_support (reach, es_at ("a@b/one"), TRUE);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/one");

  es_reach_note_barred (reach, es_at ("a@b/one"), TRUE);
  es_reach_add (reach, es_at ("a@b/one"), 5, "v3");
  es_reach_set_support (reach, es_at ("a@b/one"), TRUE);
  ck_assert_str_eq (es_text_of (es_reach_best (reach)), "a@b/two");
}
END_TEST

START_TEST (reach__try_again__asks_the_silent_only)
{
  es_reach_add (reach, es_at ("a@b/silent"), 0, "v");
  es_reach_add (reach, es_at ("a@b/cannot"), 0, "v");
  expect_asked (" a@b/silent a@b/cannot");
  es_reach_set_support (reach, es_at ("a@b/cannot"), FALSE);
  ck_assert (time_is_up ());
  ck_assert_int_eq (es_reach_support (reach), ES_SUPPORT_NO);
  expect_asked ("");
  es_reach_try_again (reach);
  expect_asked (" a@b/silent");
  expect_asked ("");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("reach");
  TCase *tcase = tcase_create ("reach");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, reach__support__is_no_without_clients);
  tcase_add_test (tcase, reach__support__follows_the_answers);
  tcase_add_test (tcase, reach__best__is_the_highest_that_can);
  tcase_add_test (tcase, reach__discover__asks_each_once);
  tcase_add_test (tcase, reach__add__with_another_version_asks_again);
  tcase_add_test (tcase, reach__silence__is_a_no);
  tcase_add_test (tcase, reach__presence__is_asked_for_once);
  tcase_add_test (tcase, reach__clear__asks_nobody_any_more);
  tcase_add_test (tcase, reach__remove__forgets_the_answer);
  tcase_add_test (tcase, reach__remove__tells_of_the_no_that_the_user_knows);
  tcase_add_test (tcase, reach__add__stops_at_its_limit);
  tcase_add_test (tcase, reach__best__has_not_declined);
  tcase_add_test (tcase, reach__add__with_another_version_has_not_declined);
  tcase_add_test (tcase, reach__try_again__asks_the_silent_only);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
