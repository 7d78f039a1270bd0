/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-keys.h"

#include "hex.h"

static const char *const ciphers[] = { "aes256-ctr", "aes192-ctr", "aes128-ctr" };
static const char *const hashes[] = { "sha256", "sha384", "sha512" };

static EsSuite
suite_of (int i)
{
  return (EsSuite){ .cipher = es_cipher_find (ciphers[i / 3], ES_DIALECT_STRICT),
                    .hash = es_hash_find (hashes[i % 3]) };
}

/* The cipher key is the end of the HMAC, the others are all of it. */
START_TEST (keys__derive__takes_the_rightmost_octets)
{
  EsSuite suite = suite_of (_i);
  g_autoptr (EsSecret) k = es_secret_new_from ("some shared value", 17);
  g_auto (EsKeys) keys = { NULL };
  EsPart label = ES_PART_STRING ("Responder Cipher Key");
  guint8 whole[ES_HASH_MAX_OCTETS];

  es_keys_derive (&suite, k, ES_ROLE_RESPONDER, &keys);
  es_hmac (suite.hash, ES_PART_SECRET (k), &label, 1, whole);
  ck_assert_uint_eq (es_secret_size (keys.cipher), suite.cipher->key_octets);
  ck_assert_mem_eq (es_secret_peek (keys.cipher), whole + suite.hash->octets - suite.cipher->key_octets,
                    suite.cipher->key_octets);
  ck_assert_uint_eq (es_secret_size (keys.mac), suite.hash->octets);
  ck_assert_uint_eq (es_secret_size (keys.sigma), suite.hash->octets);
}
END_TEST

/* Each key with the words of XEP-0116 section 4.5 and XEP-0200 section 7.2. */
START_TEST (keys__derive__uses_the_words_of_the_specification)
{
  static const char *const labels[][3] = {
    { "Initiator Cipher Key", "Initiator MAC Key", "Initiator SIGMA Key" },
    { "Responder Cipher Key", "Responder MAC Key", "Responder SIGMA Key" },
    { "Rekey Initiator Crypt", "Rekey Initiator MAC", NULL },
    { "Rekey Acceptor Crypt", "Rekey Acceptor MAC", NULL },
  };
  EsSuite suite = suite_of (0);
  g_autoptr (EsSecret) k = es_secret_new_from ("some shared value", 17);
  g_auto (EsKeys) keys = { NULL };
  const EsSecret *derived[3];

  if (_i < 2)
    es_keys_derive (&suite, k, _i == 0 ? ES_ROLE_INITIATOR : ES_ROLE_RESPONDER, &keys);
  else
    es_keys_derive_rekey (&suite, k, _i == 2, &keys);
  derived[0] = keys.cipher;
  derived[1] = keys.mac;
  derived[2] = keys.sigma;
  for (guint i = 0; i < 3; i++)
    {
      EsPart label = ES_PART_STRING (labels[_i][i] != NULL ? labels[_i][i] : "");
      guint8 expected[ES_HASH_MAX_OCTETS];

      es_hmac (suite.hash, ES_PART_SECRET (k), &label, 1, expected);
      ck_assert_int_eq (derived[i] != NULL, labels[_i][i] != NULL);
      if (derived[i] != NULL)
        ck_assert_mem_eq (es_secret_peek (derived[i]), expected, 32);
    }
  es_keys_clear (&keys);
  ck_assert (keys.cipher == NULL && keys.mac == NULL && keys.sigma == NULL);
}
END_TEST

START_TEST (keys__retained__and_provisional)
{
  EsSuite suite = suite_of (_i);
  g_autoptr (EsSecret) k = es_secret_new_from ("some shared value", 17);
  g_autoptr (EsSecret) retained = es_keys_retained (&suite, k), provisional = es_keys_provisional (&suite, k);
  EsPart label = ES_PART_STRING ("New Retained Secret"), whole = ES_PART_SECRET (k);
  guint8 expected[ES_HASH_MAX_OCTETS];

  es_hmac (suite.hash, ES_PART_SECRET (k), &label, 1, expected);
  ck_assert_uint_eq (es_secret_size (retained), suite.hash->octets);
  ck_assert_mem_eq (es_secret_peek (retained), expected, suite.hash->octets);
  es_hash (suite.hash, &whole, 1, expected);
  ck_assert_uint_eq (es_secret_size (provisional), suite.hash->octets);
  ck_assert_mem_eq (es_secret_peek (provisional), expected, suite.hash->octets);
}
END_TEST

START_TEST (keys__derive__each_key_is_another)
{
  EsSuite suite = suite_of (0);
  g_autoptr (EsSecret) k = es_secret_new (32);
  g_auto (EsKeys) a = { NULL }, b = { NULL }, c = { NULL }, d = { NULL };
  const EsSecret *all[10];

  es_keys_derive (&suite, k, ES_ROLE_INITIATOR, &a);
  es_keys_derive (&suite, k, ES_ROLE_RESPONDER, &b);
  es_keys_derive_rekey (&suite, k, TRUE, &c);
  es_keys_derive_rekey (&suite, k, FALSE, &d);
  memcpy (all,
          (const EsSecret *[]){ a.cipher, a.mac, a.sigma, b.cipher, b.mac, b.sigma, c.cipher, c.mac, d.cipher, d.mac },
          sizeof all);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    for (guint j = 0; j < i; j++)
      ck_assert (!es_secret_equal (all[i], all[j]));
}
END_TEST

START_TEST (keys__final__needs_each_secret_there_is)
{
  EsSuite suite = suite_of (0);
  g_autoptr (EsSecret) k = es_secret_new_from ("k", 1), srs = es_secret_new_from ("s", 1),
                       oss = es_secret_new_from ("o", 1);
  g_autoptr (EsSecret) none = es_keys_final (&suite, k, NULL, NULL), with_srs = es_keys_final (&suite, k, srs, NULL);
  g_autoptr (EsSecret) with_oss = es_keys_final (&suite, k, NULL, oss), both = es_keys_final (&suite, k, srs, oss);
  EsPart parts[] = { ES_PART_STRING ("kso") }, alone = ES_PART_STRING ("k");
  guint8 expected[ES_HASH_MAX_OCTETS];

  es_hash (suite.hash, parts, 1, expected);
  ck_assert_mem_eq (es_secret_peek (both), expected, 32);
  es_hash (suite.hash, &alone, 1, expected);
  ck_assert_mem_eq (es_secret_peek (none), expected, 32);
  alone = ES_PART_STRING ("ks");
  es_hash (suite.hash, &alone, 1, expected);
  ck_assert_mem_eq (es_secret_peek (with_srs), expected, 32);
  alone = ES_PART_STRING ("ko");
  es_hash (suite.hash, &alone, 1, expected);
  ck_assert_mem_eq (es_secret_peek (with_oss), expected, 32);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("keys");
  TCase *tcase = tcase_create ("keys");

  tcase_add_loop_test (tcase, keys__derive__takes_the_rightmost_octets, 0, 9);
  tcase_add_loop_test (tcase, keys__derive__uses_the_words_of_the_specification, 0, 4);
  tcase_add_loop_test (tcase, keys__retained__and_provisional, 0, 3);
  tcase_add_test (tcase, keys__derive__each_key_is_another);
  tcase_add_test (tcase, keys__final__needs_each_secret_there_is);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
