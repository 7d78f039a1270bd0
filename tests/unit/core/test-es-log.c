/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-limits.h"
#include "es-log.h"

#include "../es-test.h"

#define ALICE "alice@example.org"
#define NOW 1700000000
#define STAMP "2023-11-14T22:13:20Z "

static GPtrArray *seen;
static EsLogLevel last;

static gint64
now (gpointer data)
{
  return NOW;
}

static void
see (gpointer data, EsLogLevel level, const char *line)
{
  last = level;
  g_ptr_array_add (data, g_strdup (line));
}

static EsLog *
new_log (gboolean whole)
{
  return es_log_new (&(EsLogSink){ seen, now, see }, whole);
}

static void
setup (void)
{
  seen = g_ptr_array_new_with_free_func (g_free);
}

static void
teardown (void)
{
  g_clear_pointer (&seen, g_ptr_array_unref);
}

/* The line that is written of something that has to do with WHOM. */
static const char *
line_about (EsLog *log, const char *whom)
{
  es_log (log, ES_AREA_SESSION, ES_LOG_INFO, whom, "x");
  return seen->pdata[seen->len - 1];
}

START_TEST (log__line__has_area_level_and_words)
{
  g_autoptr (EsLog) log = new_log (FALSE);
  g_autofree char *text = NULL;

  es_log (log, ES_AREA_STORE, ES_LOG_ERROR, NULL, "%u of %s", 3u, "four");
  ck_assert_str_eq (seen->pdata[0], "store error: 3 of four");
  ck_assert_int_eq (last, ES_LOG_ERROR);
  text = es_log_text (log);
  ck_assert_str_eq (text, STAMP "store error: 3 of four\n");
}
END_TEST

START_TEST (log__line__every_area_and_level_has_a_name)
{
  g_autoptr (EsLog) log = new_log (FALSE);

  for (int area = 0; area < ES_N_AREAS; area++)
    for (int level = 0; level < ES_N_LOG_LEVELS; level++)
      es_log (log, area, level, NULL, "x");
  for (guint i = 0; i < seen->len; i++)
    {
      ck_assert (g_regex_match_simple ("^[a-z]+ [a-z]+: x$", seen->pdata[i], 0, 0));
      for (guint j = 0; j < i; j++)
        ck_assert_str_ne (seen->pdata[i], seen->pdata[j]);
    }
}
END_TEST

START_TEST (log__address__is_a_number)
{
  g_autoptr (EsLog) log = new_log (FALSE);

  ck_assert (g_regex_match_simple ("^session info ~[0-9a-f]{6}: x$", line_about (log, ALICE), 0, 0));
  ck_assert (g_regex_match_simple ("^session info ~[0-9a-f]{6}/[0-9a-f]{4}: x$", line_about (log, ALICE "/pda"), 0, 0));
}
END_TEST

/* Whoever looks for the fault sees who is who. */
START_TEST (log__address__is_the_same_number_each_time)
{
  g_autoptr (EsLog) log = new_log (FALSE);
  const char *bare = line_about (log, ALICE), *pda = line_about (log, ALICE "/pda");
  const char *phone = line_about (log, ALICE "/phone"), *bob = line_about (log, "bob@example.org");

  ck_assert_str_eq (line_about (log, ALICE), bare);
  ck_assert_str_eq (line_about (log, ALICE "/pda"), pda);
  ck_assert_str_ne (pda, phone);
  ck_assert_str_ne (bare, bob);
  ck_assert_int_eq (strncmp (bare, pda, strcspn (bare, ":")), 0);
}
END_TEST

START_TEST (log__address__is_another_number_in_another_life)
{
  g_autoptr (EsLog) log = new_log (FALSE), other = new_log (FALSE);

  ck_assert_str_ne (line_about (log, ALICE), line_about (other, ALICE));
}
END_TEST

START_TEST (log__address__is_whole_where_that_is_wanted)
{
  g_autoptr (EsLog) log = new_log (TRUE);

  ck_assert_str_eq (line_about (log, ALICE "/p\xc3\xa4\xd0\xb6"), "session info " ALICE "/p\xc3\xa4\xd0\xb6: x");
}
END_TEST

/* Others choose what their devices are called. */
START_TEST (log__address__makes_no_line_of_its_own)
{
  g_autoptr (EsLog) log = new_log (TRUE);

  ck_assert_str_eq (line_about (log, ALICE "/a\nb\tc d\xe2\x80\xae"
                                           "e\xff"),
                    "session info " ALICE "/a?b?c?d?e\xef\xbf\xbd: x");
}
END_TEST

START_TEST (log__ring__keeps_the_last_lines)
{
  g_autoptr (EsLog) log = new_log (FALSE);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  for (guint i = 0; i < ES_LIMIT_LOG_LINES + 7; i++)
    es_log (log, ES_AREA_GATE, ES_LOG_DETAIL, NULL, "%u", i);
  text = es_log_text (log);
  lines = g_strsplit (text, "\n", -1);
  ck_assert_uint_eq (seen->len, ES_LIMIT_LOG_LINES + 7);
  ck_assert_uint_eq (g_strv_length (lines), ES_LIMIT_LOG_LINES + 1);
  ck_assert_str_eq (lines[0], STAMP "gate detail: 7");
  ck_assert_str_eq (lines[ES_LIMIT_LOG_LINES - 1], STAMP "gate detail: 206");
}
END_TEST

START_TEST (log__none__takes_what_happens)
{
  es_log (NULL, ES_AREA_GATE, ES_LOG_DETAIL, ALICE, "x");
  ck_assert_uint_eq (seen->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("log");
  TCase *tcase = tcase_create ("log");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, log__line__has_area_level_and_words);
  tcase_add_test (tcase, log__line__every_area_and_level_has_a_name);
  tcase_add_test (tcase, log__address__is_a_number);
  tcase_add_test (tcase, log__address__is_the_same_number_each_time);
  tcase_add_test (tcase, log__address__is_another_number_in_another_life);
  tcase_add_test (tcase, log__address__is_whole_where_that_is_wanted);
  tcase_add_test (tcase, log__address__makes_no_line_of_its_own);
  tcase_add_test (tcase, log__ring__keeps_the_last_lines);
  tcase_add_test (tcase, log__none__takes_what_happens);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
