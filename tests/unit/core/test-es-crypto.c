/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-crypto.h"

#include "hex.h"

START_TEST (crypto__available__here)
{
  ck_assert (es_crypto_available ());
}
END_TEST

/* FIPS 180-4: the hashes of "abc". */
START_TEST (crypto__hash__known_answers)
{
  EsPart parts[] = { ES_PART_STRING ("a"), ES_PART_STRING ("bc") };
  guint8 out[ES_HASH_MAX_OCTETS];

  es_hash (es_hash_find ("sha256"), parts, 2, out);
  assert_hex (out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  es_hash (es_hash_find ("sha384"), parts, 2, out);
  assert_hex (out, 48,
              "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7");
  es_hash (es_hash_find ("sha512"), parts, 2, out);
  assert_hex (out, 64,
              "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd"
              "454d4423643ce80e2a9ac94fa54ca49f");
}
END_TEST

/* RFC 4231, test case 2. */
START_TEST (crypto__hmac__known_answers)
{
  EsPart parts[] = { ES_PART_STRING ("what do ya want "), ES_PART_STRING ("for nothing?") };
  guint8 out[ES_HASH_MAX_OCTETS];

  es_hmac (es_hash_find ("sha256"), ES_PART_STRING ("Jefe"), parts, 2, out);
  assert_hex (out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  es_hmac (es_hash_find ("sha512"), ES_PART_STRING ("Jefe"), parts, 2, out);
  assert_hex (out, 64,
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fd"
              "caeab1a34d4a6b4b636e070a38bce737");
}
END_TEST

/* SP 800-38A, F.5.5: AES-256 in counter mode. */
START_TEST (crypto__ctr__known_answer_in_pieces)
{
  static const char key_hex[] = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
  static const char plain_hex[] = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
  g_autoptr (EsSecret) key = es_secret_new (32);
  const EsCipher *aes = es_cipher_find ("aes256-ctr", ES_DIALECT_STRICT);
  EsCounter counter;
  guint8 plain[32], out[32];

  hex_to (key_hex, es_secret_data (key));
  hex_to (plain_hex, plain);
  hex_to ("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", counter.octets);
  es_ctr (aes, ES_DIALECT_STRICT, key, &counter, plain, 16, out);
  assert_hex (counter.octets, 16, "f0f1f2f3f4f5f6f7f8f9fafbfcfdff00");
  es_ctr (aes, ES_DIALECT_STRICT, key, &counter, plain + 16, 16, out + 16);
  assert_hex (out, 32, "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5");
  assert_hex (counter.octets, 16, "f0f1f2f3f4f5f6f7f8f9fafbfcfdff01");

  /* Gajim's counter is one ahead of ours. */
  hex_to ("f0f1f2f3f4f5f6f7f8f9fafbfcfdfefe", counter.octets);
  es_ctr (aes, ES_DIALECT_GAJIM, key, &counter, plain, 32, out);
  assert_hex (out, 32, "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5");
  assert_hex (counter.octets, 16, "f0f1f2f3f4f5f6f7f8f9fafbfcfdff00");
}
END_TEST

START_TEST (crypto__ctr__part_of_a_block_counts_as_one)
{
  g_autoptr (EsSecret) key = es_secret_new (16);
  const EsCipher *aes = es_cipher_find ("aes128-ctr", ES_DIALECT_STRICT);
  static const gsize sizes[] = { 1, 15, 16, 17, 32, 33 };
  static const guint8 blocks[] = { 1, 1, 1, 2, 2, 3 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      EsCounter counter = { { 0 } };
      guint8 octets[40] = { 0 };

      es_ctr (aes, ES_DIALECT_STRICT, key, &counter, octets, sizes[i], octets);
      ck_assert_uint_eq (counter.octets[15], blocks[i]);
    }
}
END_TEST

START_TEST (crypto__counter__wraps)
{
  EsCounter counter;

  memset (counter.octets, 0xff, sizeof counter.octets);
  es_counter_add (&counter, 2);
  assert_hex (counter.octets, 16, "00000000000000000000000000000001");
  hex_to ("000000000000000100000000ffffffff", counter.octets);
  es_counter_add (&counter, G_MAXUINT32);
  assert_hex (counter.octets, 16, "000000000000000100000001fffffffe");
  es_counter_add (&counter, 0);
  assert_hex (counter.octets, 16, "000000000000000100000001fffffffe");
}
END_TEST

START_TEST (crypto__random_below__is_even)
{
  static const guint limits[] = { 1, 2, 3, 7, 64, 100, 255, 256 };

  for (gsize i = 0; i < G_N_ELEMENTS (limits); i++)
    {
      guint counts[256] = { 0 };

      for (guint n = 0; n < 400 * limits[i]; n++)
        {
          guint drawn = es_random_below (&es_random_system, limits[i]);

          ck_assert_uint_lt (drawn, limits[i]);
          counts[drawn]++;
        }
      for (guint n = 0; n < limits[i]; n++)
        ck_assert (counts[n] > 200 && (counts[n] < 600 || limits[i] == 1));
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("crypto");
  TCase *tcase = tcase_create ("crypto");

  tcase_add_test (tcase, crypto__available__here);
  tcase_add_test (tcase, crypto__hash__known_answers);
  tcase_add_test (tcase, crypto__hmac__known_answers);
  tcase_add_test (tcase, crypto__ctr__known_answer_in_pieces);
  tcase_add_test (tcase, crypto__ctr__part_of_a_block_counts_as_one);
  tcase_add_test (tcase, crypto__counter__wraps);
  tcase_add_test (tcase, crypto__random_below__is_even);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
