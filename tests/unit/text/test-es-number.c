/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-number.h"

#include "../es-test.h"

START_TEST (number__parse__takes_the_first_word)
{
  const char *rest = NULL;
  guint number = 0;

  ck_assert (es_number_parse ("3", &number, &rest));
  ck_assert_uint_eq (number, 3);
  ck_assert_str_eq (rest, "");
  ck_assert (es_number_parse ("12 \t his phone", &number, &rest));
  ck_assert_uint_eq (number, 12);
  ck_assert_str_eq (rest, "his phone");
  ck_assert (es_number_parse ("007", &number, &rest));
  ck_assert_uint_eq (number, 7);
}
END_TEST

START_TEST (number__parse__refuses_what_is_no_number)
{
  static const char *const typed[]
      = { "", " 1", "0", "-1", "+1", "1.5", "1a", "a1", "1,2", "1000000", "4294967297", "18446744073709551617" };

  for (gsize i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      const char *rest = "untouched";
      guint number = 42;

      ck_assert_msg (!es_number_parse (typed[i], &number, &rest), "%s", typed[i]);
      ck_assert_uint_eq (number, 42);
      ck_assert_str_eq (rest, "untouched");
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("number");
  TCase *tcase = tcase_create ("number");

  tcase_add_test (tcase, number__parse__takes_the_first_word);
  tcase_add_test (tcase, number__parse__refuses_what_is_no_number);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
