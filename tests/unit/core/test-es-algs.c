/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-algs.h"

#include "../es-test.h"

START_TEST (algs__find__knows_its_rows_and_no_others)
{
  ck_assert_uint_eq (es_cipher_find ("aes128-ctr", ES_DIALECT_STRICT)->key_octets, 16);
  ck_assert_uint_eq (es_cipher_find ("aes192-ctr", ES_DIALECT_STRICT)->key_octets, 24);
  ck_assert_uint_eq (es_cipher_find ("aes256-ctr", ES_DIALECT_STRICT)->key_octets, 32);
  ck_assert_uint_eq (es_hash_find ("sha256")->octets, 32);
  ck_assert_uint_eq (es_hash_find ("sha384")->octets, 48);
  ck_assert_uint_eq (es_hash_find ("sha512")->octets, 64);
  ck_assert_ptr_null (es_cipher_find ("none", ES_DIALECT_STRICT));
  ck_assert_ptr_null (es_cipher_find ("AES256-CTR", ES_DIALECT_STRICT));
  ck_assert_ptr_null (es_hash_find ("md5"));
  ck_assert_ptr_null (es_hash_find (""));
}
END_TEST

START_TEST (algs__find__gajim_means_another_aes)
{
  ck_assert_uint_eq (es_cipher_find ("aes128-ctr", ES_DIALECT_GAJIM)->key_octets, 32);
  ck_assert_ptr_null (es_cipher_find ("aes256-ctr", ES_DIALECT_GAJIM));
}
END_TEST

START_TEST (algs__sas__only_one_proves_anything)
{
  ck_assert (es_sas_find ("sas28x6")->proves);
  ck_assert (!es_sas_find ("sas28x5")->proves);
  ck_assert_ptr_null (es_sas_find ("sas28x4"));
}
END_TEST

START_TEST (algs__stanzas__names_and_bits)
{
  static const char *const names[] = { "message", "iq", "presence" };
  guint all = 0;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint bit = es_stanza_bit (names[i]);

      ck_assert (bit != 0 && (all & bit) == 0);
      ck_assert_str_eq (es_stanza_name (bit), names[i]);
      all |= bit;
    }
  ck_assert_uint_eq (all, ES_STANZA_ALL);
  ck_assert_uint_eq (es_stanza_bit ("Message"), 0);
  ck_assert_ptr_null (es_stanza_name (8));
  ck_assert_ptr_null (es_stanza_name (0));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("algs");
  TCase *tcase = tcase_create ("algs");

  tcase_add_test (tcase, algs__find__knows_its_rows_and_no_others);
  tcase_add_test (tcase, algs__find__gajim_means_another_aes);
  tcase_add_test (tcase, algs__sas__only_one_proves_anything);
  tcase_add_test (tcase, algs__stanzas__names_and_bits);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
