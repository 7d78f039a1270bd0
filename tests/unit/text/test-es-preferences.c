/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-preferences.h"

#include "../es-test.h"

/* Letters that hold octets of the colons and spaces of other languages stay what they are. */
START_TEST (preferences__title__is_the_label_without_its_colon)
{
  static const struct
  {
    const char *label;
    const char *title;
  } cases[] = {
    { "_Encrypt conversations:", "Encrypt conversations" },
    { "Unterhaltungen v_erschlüsseln:", "Unterhaltungen verschlüsseln" },
    { "C_hiffrer les conversations\u00a0:", "Chiffrer les conversations" },
    { "C_hiffrer les conversations\u202f:", "Chiffrer les conversations" },
    { "会話を暗号化(_E)：", "会話を暗号化" },
    { "_Шифровать в КОМНАТЕ м:", "Шифровать в КОМНАТЕ м" },
    { "_شفّر المحادثات:", "شفّر المحادثات" },
    { "a: b", "a: b" },
    { ":", "" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *title = es_preference_title (cases[i].label);

      ck_assert_str_eq (title, cases[i].title);
    }
}
END_TEST

START_TEST (preferences__word__is_of_one_policy)
{
  for (int i = 0; i < ES_N_POLICIES; i++)
    ck_assert_int_eq (es_policy_of_word (es_policy_word ((EsPolicy) i)), i);
  ck_assert_int_eq (es_policy_of_word ("always"), ES_POLICY_ALWAYS);
  ck_assert_int_eq (es_policy_of_word ("never"), ES_POLICY_NEVER);
  ck_assert_int_eq (es_policy_of_word ("ALWAYS"), -1);
  ck_assert_int_eq (es_policy_of_word (""), -1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("preferences");
  TCase *tcase = tcase_create ("preferences");

  tcase_add_test (tcase, preferences__title__is_the_label_without_its_colon);
  tcase_add_test (tcase, preferences__word__is_of_one_policy);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
