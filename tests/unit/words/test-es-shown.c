/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-shown.h"

#include "../es-test.h"

#define ISOLATE "\342\201\250"
#define POP "\342\201\251"

START_TEST (shown__name__cannot_lie)
{
  g_autofree char *endless = g_strnfill (500, 'x'), *cut = es_shown_name (endless);
  g_autofree char *lines = es_shown_name ("a\nb\tc"), *turned = es_shown_name ("\342\200\256abc\342\201\251d");
  g_autofree char *broken = es_shown_name ("a\xff");

  ck_assert_uint_eq (strlen (cut), strlen (ISOLATE) + 80 + strlen ("..." POP));
  ck_assert_str_eq (lines, ISOLATE "a b c" POP);
  ck_assert_str_eq (turned, ISOLATE " abc d" POP);
  ck_assert (g_utf8_validate (broken, -1, NULL));
}
END_TEST

START_TEST (shown__quoted__is_one_word_of_a_sentence)
{
  g_autofree char *sentence = es_quoted_name ("laptop. You have verified the other device");

  ck_assert_str_eq (sentence, "\"" ISOLATE "laptop. You have verified the other device" POP "\"");
}
END_TEST

START_TEST (shown__quoted__cannot_end_the_quotation)
{
  static const char *const names[] = { "a\" b",       "a\342\200\234 b", "a\342\200\235 b", "a\342\200\236 b",
                                       "a\302\253 b", "a\302\273 b",     "a\343\200\214 b", "a\357\274\202 b" };
  g_autofree char *quoted = es_quoted_name (names[_i]), *alone = es_shown_name (names[_i]);

  ck_assert_str_eq (quoted, "\"" ISOLATE "a' b" POP "\"");
  ck_assert_ptr_nonnull (strstr (alone, names[_i]));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("shown");
  TCase *tcase = tcase_create ("shown");

  tcase_add_test (tcase, shown__name__cannot_lie);
  tcase_add_test (tcase, shown__quoted__is_one_word_of_a_sentence);
  tcase_add_loop_test (tcase, shown__quoted__cannot_end_the_quotation, 0, 8);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
