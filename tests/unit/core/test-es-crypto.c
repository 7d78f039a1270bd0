/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-crypto.h"

#include <openssl/provider.h>

#include "hex.h"

START_TEST (crypto__available__here)
{
  ck_assert (es_crypto_available ());
}
END_TEST

/* An OpenSSL whose provider has no algorithms. */
START_TEST (crypto__available__not_everywhere)
{
  OSSL_PROVIDER *null = OSSL_PROVIDER_load (NULL, "null");

  ck_assert_ptr_nonnull (null);
  ck_assert (!es_crypto_available ());
  OSSL_PROVIDER_unload (null);
}
END_TEST

/* FIPS 180-4: the hashes of "abc". */
START_TEST (crypto__hash__known_answers)
{
  EsPart parts[] = { ES_PART_STRING ("a"), ES_PART_STRING ("bc") };
  g_autoptr (EsSecret) secret = es_hash_secret (es_hash_find ("sha256"), parts, 2);
  guint8 out[ES_HASH_MAX_OCTETS];

  assert_hex (es_secret_peek (secret), 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
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

/* RFC 4231, section 4. */
static const struct
{
  guint8 key_octet; /* or 0: the text */
  gsize key_size;
  const char *key;
  const char *data; /* a text, or an octet so many times */
  guint8 data_octet;
  gsize data_size;
  const char *macs[3]; /* SHA-256, SHA-384, SHA-512 */
} macs[] = {
  { 0x0b,
    20,
    NULL,
    "Hi There",
    0,
    8,
    { "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
      "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1"
      "702e696c203a126854" } },
  { 0,
    4,
    "Jefe",
    "what do ya want for nothing?",
    0,
    28,
    { "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
      "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b"
      "4b636e070a38bce737" } },
  { 0xaa,
    20,
    NULL,
    NULL,
    0xdd,
    50,
    { "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
      "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
      "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee894"
      "2674278859e13292fb" } },
  { 0xaa,
    131,
    NULL,
    "Test Using Larger Than Block-Size Key - Hash Key First",
    0,
    54,
    { "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0a"
      "ec8b915a985d786598" } },
};

START_TEST (crypto__hmac__known_answers)
{
  static const char *const names[] = { "sha256", "sha384", "sha512" };
  g_autofree guint8 *key = g_malloc (macs[_i].key_size), *data = g_malloc (macs[_i].data_size);
  EsPart parts[3];

  memset (key, macs[_i].key_octet, macs[_i].key_size);
  if (macs[_i].key != NULL)
    memcpy (key, macs[_i].key, macs[_i].key_size);
  memset (data, macs[_i].data_octet, macs[_i].data_size);
  if (macs[_i].data != NULL)
    memcpy (data, macs[_i].data, macs[_i].data_size);
  parts[0] = ES_PART (data, 5);
  parts[1] = ES_PART (NULL, 0);
  parts[2] = ES_PART (data + 5, macs[_i].data_size - 5);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      const EsHash *hash = es_hash_find (names[i]);
      g_autoptr (EsSecret) secret = es_hmac_secret (hash, ES_PART (key, macs[_i].key_size), parts, 3);
      guint8 out[ES_HASH_MAX_OCTETS];

      es_hmac (hash, ES_PART (key, macs[_i].key_size), parts, 3, out);
      assert_hex (out, hash->octets, macs[_i].macs[i]);
      ck_assert_uint_eq (es_secret_size (secret), hash->octets);
      assert_hex (es_secret_peek (secret), hash->octets, macs[_i].macs[i]);
    }
}
END_TEST

/* SP 800-38A, F.5.1, F.5.3 and F.5.5. */
static const struct
{
  const char *name, *key, *out;
} ctr[] = {
  { "aes128-ctr", "2b7e151628aed2a6abf7158809cf4f3c",
    "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff"
    "5ae4df3edbd5d35e5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee" },
  { "aes192-ctr", "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
    "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e94"
    "1e36b26bd1ebc670d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050" },
  { "aes256-ctr", "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
    "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
    "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6" },
};

START_TEST (crypto__ctr__known_answers)
{
  const EsCipher *aes = es_cipher_find (ctr[_i].name, ES_DIALECT_STRICT);
  g_autoptr (EsSecret) key = es_secret_new (aes->key_octets);
  EsCounter counter;
  guint8 octets[64];

  ck_assert_uint_eq (hex_to (ctr[_i].key, es_secret_data (key)), aes->key_octets);
  hex_to ("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
          "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
          octets);
  hex_to ("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", counter.octets);
  es_ctr (aes, ES_DIALECT_STRICT, key, &counter, octets, sizeof octets, octets);
  assert_hex (octets, sizeof octets, ctr[_i].out);
  assert_hex (counter.octets, 16, "f0f1f2f3f4f5f6f7f8f9fafbfcfdff03");
}
END_TEST

/* OpenSSL's counter wraps where ours does, and a stretch that ends within a block leaves the rest of it unused. */
START_TEST (crypto__ctr__wraps_at_the_end)
{
  const EsCipher *aes = es_cipher_find ("aes256-ctr", ES_DIALECT_STRICT);
  g_autoptr (EsSecret) key = es_secret_new_from ("0123456789abcdef0123456789abcdef", 32);
  EsCounter counter;
  guint8 whole[72] = { 0 }, block[16] = { 0 };

  memset (counter.octets, 0xff, sizeof counter.octets);
  counter.octets[15] = 0xfe;
  es_ctr (aes, ES_DIALECT_STRICT, key, &counter, whole, sizeof whole, whole);
  assert_hex (counter.octets, 16, "00000000000000000000000000000003");
  for (gsize i = 0; i < 5; i++)
    {
      EsCounter at;

      memset (at.octets, 0xff, sizeof at.octets);
      at.octets[15] = 0xfe;
      es_counter_add (&at, i);
      memset (block, 0, sizeof block);
      es_ctr (aes, ES_DIALECT_STRICT, key, &at, block, sizeof block, block);
      ck_assert_mem_eq (whole + 16 * i, block, i < 4 ? 16 : 8);
    }
}
END_TEST

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
  static const gsize sizes[] = { 0, 1, 15, 16, 17, 32, 33 };
  static const guint8 blocks[] = { 0, 1, 1, 1, 2, 2, 3 };

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
  hex_to ("00000000000000ffffffffffffffffff", counter.octets);
  es_counter_add (&counter, G_MAXUINT64);
  assert_hex (counter.octets, 16, "0000000000000100fffffffffffffffe");
}
END_TEST

START_TEST (crypto__random_below__is_even)
{
  static const guint limits[] = { 1, 3, 7, 100 };

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

/* The source gives 0, 1, 2 ...: each number comes as often as it can, and what is left over at the end is not used. */
static void
fill_counting (gpointer data, guint8 *out, gsize size)
{
  guint *n = data;

  while (size-- > 0)
    *out++ = (guint8) (*n)++;
}

START_TEST (crypto__random_below__refuses_the_incomplete_run)
{
  for (guint limit = 1; limit <= 256; limit++)
    {
      guint n = 0, counts[256] = { 0 };
      EsRandom counting = { fill_counting, &n };

      while (n < 256 / limit * limit)
        counts[es_random_below (&counting, limit)]++;
      for (guint i = 0; i < 256; i++)
        ck_assert_uint_eq (counts[i], i < limit ? 256 / limit : 0);

      /* The next number is the first of the next 256. */
      ck_assert_uint_eq (es_random_below (&counting, limit), 0);
      ck_assert_uint_eq (n, 257);
    }
}
END_TEST

START_TEST (crypto__random_system__fills_all_of_it)
{
  guint8 seen[65] = { 0 }, last = 0x5a;

  for (guint i = 0; i < 20; i++)
    {
      guint8 octets[66];

      memset (octets, 0x5a, sizeof octets);
      es_random_fill (&es_random_system, octets, 65);
      for (guint j = 0; j < 65; j++)
        seen[j] |= octets[j] ^ 0x5a;
      last |= octets[65] ^ 0x5a;
    }
  for (guint j = 0; j < 65; j++)
    ck_assert_uint_ne (seen[j], 0);
  ck_assert_uint_eq (last, 0x5a);
}
END_TEST

START_TEST (seal__unseal__gives_it_back_to_the_same_key_and_binding_only)
{
  g_autoptr (EsSecret) key = es_secret_new (ES_SEAL_KEY_OCTETS), other = es_secret_new (ES_SEAL_KEY_OCTETS);
  g_autoptr (EsSecret) secret = es_secret_new_from ("what is to be kept", 18), none = es_secret_new (0);
  g_autoptr (EsSecret) sealed = es_seal (key, ES_PART_STRING ("here"), secret);
  g_autoptr (EsSecret) again = es_seal (key, ES_PART_STRING ("here"), secret);
  g_autoptr (EsSecret) back = es_unseal (key, ES_PART_STRING ("here"), sealed);
  g_autoptr (EsSecret) of_none = es_seal (key, ES_PART_STRING (""), none);
  g_autoptr (EsSecret) back_none = es_unseal (key, ES_PART_STRING (""), of_none);

  ck_assert_uint_eq (es_secret_size (sealed), 18 + ES_SEAL_OCTETS);
  ck_assert (!es_secret_equal (sealed, again));
  ck_assert (back != NULL && es_secret_equal (back, secret));
  ck_assert (back_none != NULL && es_secret_size (back_none) == 0);
  es_secret_data (other)[31] = 1;
  ck_assert_ptr_null (es_unseal (other, ES_PART_STRING ("here"), sealed));
  ck_assert_ptr_null (es_unseal (key, ES_PART_STRING ("there"), sealed));
  for (gsize i = 0; i < es_secret_size (sealed) * 8; i++)
    {
      es_secret_data (sealed)[i / 8] ^= (guint8) (1 << i % 8);
      ck_assert_ptr_null (es_unseal (key, ES_PART_STRING ("here"), sealed));
      es_secret_data (sealed)[i / 8] ^= (guint8) (1 << i % 8);
    }
  for (gsize size = 0; size < es_secret_size (sealed); size++)
    {
      g_autoptr (EsSecret) cut = es_secret_new_from (es_secret_peek (sealed), size);

      ck_assert_ptr_null (es_unseal (key, ES_PART_STRING ("here"), cut));
    }
}
END_TEST

/* RFC 7914, section 12. */
START_TEST (scrypt__rfc_7914__gives_its_key)
{
  static const guint8 expected[]
      = { 0x70, 0x23, 0xbd, 0xcb, 0x3a, 0xfd, 0x73, 0x48, 0x46, 0x1c, 0x06, 0xcd, 0x81, 0xfd, 0x38, 0xeb,
          0xfd, 0xa8, 0xfb, 0xba, 0x90, 0x4f, 0x8e, 0x3e, 0xa9, 0xb5, 0x43, 0xf6, 0x54, 0x5d, 0xa1, 0xf2 };
  g_autoptr (EsSecret) passphrase = es_secret_new_from ("pleaseletmein", 13);
  g_autoptr (EsSecret) key = es_scrypt (passphrase, ES_PART_STRING ("SodiumChloride"), 14, 32);

  ck_assert_ptr_nonnull (key);
  ck_assert_uint_eq (es_secret_size (key), sizeof expected);
  ck_assert_mem_eq (es_secret_peek (key), expected, sizeof expected);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("crypto");
  TCase *tcase = tcase_create ("crypto");

  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, crypto__available__here);
  tcase_add_test (tcase, crypto__available__not_everywhere);
  tcase_add_test (tcase, crypto__hash__known_answers);
  tcase_add_loop_test (tcase, crypto__hmac__known_answers, 0, G_N_ELEMENTS (macs));
  tcase_add_loop_test (tcase, crypto__ctr__known_answers, 0, G_N_ELEMENTS (ctr));
  tcase_add_test (tcase, crypto__ctr__wraps_at_the_end);
  tcase_add_test (tcase, crypto__ctr__known_answer_in_pieces);
  tcase_add_test (tcase, crypto__ctr__part_of_a_block_counts_as_one);
  tcase_add_test (tcase, crypto__counter__wraps);
  tcase_add_test (tcase, crypto__random_below__is_even);
  tcase_add_test (tcase, crypto__random_below__refuses_the_incomplete_run);
  tcase_add_test (tcase, crypto__random_system__fills_all_of_it);
  tcase_add_test (tcase, seal__unseal__gives_it_back_to_the_same_key_and_binding_only);
  tcase_add_test (tcase, scrypt__rfc_7914__gives_its_key);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
