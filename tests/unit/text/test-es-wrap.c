/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-wrap.h"

#include "../es-test.h"

static void
check_wrap (const char *text, guint columns, const char *wanted)
{
  g_autofree char *wrapped = es_wrap (text, columns);

  ck_assert_str_eq (wrapped, wanted);
}

START_TEST (wrap__words__stay_whole)
{
  check_wrap ("", 10, "");
  check_wrap ("one two", 7, "one two");
  check_wrap ("one two", 6, "one\ntwo");
  check_wrap ("one two three four", 8, "one two\nthree\nfour");
}
END_TEST

START_TEST (wrap__lines__stay)
{
  check_wrap ("one\n\n  two three", 7, "one\n\n  two\nthree");
  check_wrap ("one\ntwo\n", 7, "one\ntwo\n");
}
END_TEST

START_TEST (wrap__too_wide__is_broken)
{
  check_wrap ("abcdefghij", 4, "abcd\nefgh\nij");
  check_wrap ("a bcdefghij", 4, "a\nbcde\nfghi\nj");
}
END_TEST

/* Two columns each; and none. */
START_TEST (wrap__columns__are_not_characters)
{
  check_wrap ("\346\274\242\345\255\227\346\274\242", 4, "\346\274\242\345\255\227\n\346\274\242");
  check_wrap ("\342\201\250ab\342\201\251 cd", 5, "\342\201\250ab\342\201\251 cd");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("wrap");
  TCase *tcase = tcase_create ("wrap");

  tcase_add_test (tcase, wrap__words__stay_whole);
  tcase_add_test (tcase, wrap__lines__stay);
  tcase_add_test (tcase, wrap__too_wide__is_broken);
  tcase_add_test (tcase, wrap__columns__are_not_characters);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
