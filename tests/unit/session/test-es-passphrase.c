/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-passphrase.h"

#include "../es-test.h"

START_TEST (passphrase__new__spells_each_character_in_one_way)
{
  g_autoptr (EsSecret) composed = es_passphrase_new ("caf\xc3\xa9 \xe2\x84\xab"), decomposed = NULL;

  decomposed = es_passphrase_new ("cafe\xcc\x81 A\xcc\x8a");
  ck_assert (es_secret_equal (composed, decomposed));
  ck_assert_ptr_null (es_passphrase_new ("caf\xe9"));
  ck_assert_ptr_null (es_passphrase_new ("\xed\xa0\x80"));
}
END_TEST

START_TEST (passphrase__long_enough__counts_characters)
{
  static const struct
  {
    const char *text;
    gboolean enough;
  } cases[] = {
    { "", FALSE },
    { "1234567", FALSE },
    { "12345678", TRUE },
    { "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", FALSE },
    { "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9", TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (EsSecret) passphrase = es_passphrase_new (cases[i].text);

      ck_assert_int_eq (es_passphrase_is_long_enough (passphrase), cases[i].enough);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("passphrase");
  TCase *tcase = tcase_create ("passphrase");

  tcase_add_test (tcase, passphrase__new__spells_each_character_in_one_way);
  tcase_add_test (tcase, passphrase__long_enough__counts_characters);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
