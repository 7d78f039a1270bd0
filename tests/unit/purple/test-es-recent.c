/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-recent.h"

#include "../es-test.h"

#define SIZE 3u

static guint n_freed;

static void
count_freed (gpointer value)
{
  n_freed++;
  g_free (value);
}

static EsRecent *
filled (void)
{
  EsRecent *recent = es_recent_new (SIZE, count_freed);

  n_freed = 0;
  es_recent_add (recent, "a", g_strdup ("1"));
  es_recent_add (recent, "b", g_strdup ("2"));
  es_recent_add (recent, "c", NULL);
  return recent;
}

START_TEST (recent__find__knows_what_is_there)
{
  EsRecent *recent = filled ();
  gpointer value = NULL;

  ck_assert (es_recent_find (recent, "b", &value));
  ck_assert_str_eq (value, "2");
  ck_assert (es_recent_find (recent, "c", &value));
  ck_assert_ptr_null (value);
  ck_assert (es_recent_find (recent, "a", NULL));
  ck_assert (!es_recent_find (recent, "d", &value));
  ck_assert (!es_recent_find (recent, NULL, &value));
  es_recent_free (recent);
  ck_assert_uint_eq (n_freed, 2);
}
END_TEST

START_TEST (recent__add__forgets_the_oldest)
{
  EsRecent *recent = filled ();

  es_recent_add (recent, "d", g_strdup ("4"));
  ck_assert_uint_eq (es_recent_count (recent), SIZE);
  ck_assert_uint_eq (n_freed, 1);
  ck_assert (!es_recent_find (recent, "a", NULL));
  ck_assert (es_recent_find (recent, "b", NULL));
  es_recent_free (recent);
}
END_TEST

START_TEST (recent__add_again__is_the_newest)
{
  EsRecent *recent = filled ();
  gpointer value = NULL;

  es_recent_add (recent, "a", g_strdup ("5"));
  ck_assert_uint_eq (es_recent_count (recent), SIZE);
  es_recent_add (recent, "d", NULL);
  ck_assert (es_recent_find (recent, "a", &value));
  ck_assert_str_eq (value, "5");
  ck_assert (!es_recent_find (recent, "b", NULL));
  es_recent_free (recent);
}
END_TEST

START_TEST (recent__remove__leaves_the_others)
{
  EsRecent *recent = filled ();

  es_recent_remove (recent, "b");
  es_recent_remove (recent, "b");
  ck_assert_uint_eq (es_recent_count (recent), 2);
  ck_assert (es_recent_find (recent, "a", NULL));
  es_recent_clear (recent);
  ck_assert_uint_eq (es_recent_count (recent), 0);
  ck_assert_uint_eq (n_freed, 2);
  es_recent_add (recent, "a", NULL);
  ck_assert_uint_eq (es_recent_count (recent), 1);
  es_recent_free (recent);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("recent");
  TCase *tcase = tcase_create ("recent");

  tcase_add_test (tcase, recent__find__knows_what_is_there);
  tcase_add_test (tcase, recent__add__forgets_the_oldest);
  tcase_add_test (tcase, recent__add_again__is_the_newest);
  tcase_add_test (tcase, recent__remove__leaves_the_others);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
