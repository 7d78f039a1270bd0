/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-words.h"

#include "../es-test.h"

START_TEST (words__label__is_what_the_user_reads)
{
  static const char *const labels[ES_N_STATES] = {
    "Not encrypted", "Starting...", "Encrypted, not verified", "Encrypted and verified", "Ended",
  };

  ck_assert_str_eq (es_state_label (_i), labels[_i]);
}
END_TEST

START_TEST (words__meaning__is_a_sentence)
{
  const char *text = es_state_meaning (_i);

  ck_assert_msg (g_ascii_isupper (*text) && strchr (text, '.') == text + strlen (text) - 1, "%s", text);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("words");
  TCase *tcase = tcase_create ("words");

  tcase_add_loop_test (tcase, words__label__is_what_the_user_reads, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, words__meaning__is_a_sentence, 0, ES_N_STATES);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
