/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-dh.h"

#include "es-error.h"
#include "hex.h"

static const guint numbers[] = { 31, 1, 2, 5, 14, 15, 16, 17, 18 };

START_TEST (dh__groups__agree)
{
  const EsGroup *group = es_group_find (numbers[_i]);
  g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system), y = es_dh_secret_new (group, &es_random_system);
  g_autoptr (GBytes) e = es_dh_public (group, x), d = es_dh_public (group, y);
  g_autoptr (EsSecret) k = es_dh_shared (group, x, NULL, d, NULL), l = es_dh_shared (group, y, NULL, e, NULL);

  ck_assert_uint_eq (es_group_number (group), numbers[_i]);
  ck_assert (k != NULL && l != NULL && es_secret_equal (k, l));
  ck_assert_uint_le (g_bytes_get_size (e), es_group_octets (group));
  ck_assert (!es_secret_equal (x, y));
  if (numbers[_i] != 31)
    {
      ck_assert_uint_eq (es_secret_size (x), 40);
      ck_assert (es_secret_peek (x)[0] & 0x80);
    }
}
END_TEST

START_TEST (dh__find__weak_ones_are_marked_and_others_unknown)
{
  for (guint i = 0; i < 64; i++)
    {
      const EsGroup *group = es_group_find (i);
      gboolean weak = i == 1 || i == 2 || i == 5, strong = (i >= 14 && i <= 18) || i == 31;

      ck_assert_int_eq (group != NULL, weak || strong);
      if (group != NULL)
        ck_assert_int_eq (es_group_is_weak (group), weak);
    }
}
END_TEST

static GBytes *
bytes_of (const char *hex)
{
  guint8 octets[1100];
  gsize n = hex_to (hex, octets);

  return g_bytes_new (octets, n);
}

/* RFC 7748, section 5.2: one computation, and a thousand that feed on each other. */
START_TEST (dh__x25519__known_answers)
{
  const EsGroup *group = es_group_find (31);
  g_autoptr (EsSecret) k = es_secret_new (32), result = NULL;
  g_autoptr (GBytes) u = bytes_of ("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");

  hex_to ("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4", es_secret_data (k));
  result = es_dh_shared (group, k, NULL, u, NULL);
  assert_hex (es_secret_peek (result), 32, "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");

  hex_to ("0900000000000000000000000000000000000000000000000000000000000000", es_secret_data (k));
  g_bytes_unref (u);
  u = g_bytes_new (es_secret_peek (k), 32);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GBytes) before = g_bytes_new (es_secret_peek (k), 32);

      es_secret_free (result);
      result = es_dh_shared (group, k, NULL, u, NULL);
      g_bytes_unref (u);
      u = g_steal_pointer (&before);
      memcpy (es_secret_data (k), es_secret_peek (result), 32);
    }
  assert_hex (es_secret_peek (k), 32, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}
END_TEST

/* RFC 7748, section 6.1. */
START_TEST (dh__x25519__known_key_exchange)
{
  static const char *const secrets[] = { "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
                                         "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb" };
  static const char *const publics[] = { "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
                                         "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f" };
  const EsGroup *group = es_group_find (31);
  g_autoptr (EsSecret) own = es_secret_new (32), shared = NULL, again = NULL;
  g_autoptr (GBytes) public_value = NULL, other = bytes_of (publics[1 - _i]);

  hex_to (secrets[_i], es_secret_data (own));
  public_value = es_dh_public (group, own);
  assert_hex (g_bytes_get_data (public_value, NULL), 32, publics[_i]);
  shared = es_dh_shared (group, own, NULL, other, NULL);
  assert_hex (es_secret_peek (shared), 32, "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  again = es_dh_shared (group, own, public_value, other, NULL);
  ck_assert (es_secret_equal (shared, again));
}
END_TEST

static void
assert_refused (const EsGroup *group, GBytes *peer)
{
  g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (es_dh_shared (group, x, NULL, peer, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_CHECK));
}

START_TEST (dh__x25519__points_of_small_order_are_refused)
{
  static const char *const points[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    {
      g_autoptr (GBytes) point = bytes_of (points[i]);

      assert_refused (es_group_find (31), point);
    }
}
END_TEST

/* RFC 7748 leaves the highest bit out, so that one value would have two spellings. */
START_TEST (dh__x25519__highest_bit_is_refused)
{
  guint8 octets[32] = { 9 };

  for (guint last = 0; last < 256; last++)
    {
      g_autoptr (EsSecret) secret = es_dh_secret_new (es_group_find (31), &es_random_system), shared = NULL;
      g_autoptr (GBytes) point = NULL;

      octets[31] = (guint8) last;
      point = g_bytes_new (octets, sizeof octets);
      if (last >= 0x80)
        assert_refused (es_group_find (31), point);
      else
        ck_assert_ptr_nonnull (shared = es_dh_shared (es_group_find (31), secret, NULL, point, NULL));
    }
}
END_TEST

START_TEST (dh__x25519__other_sizes_are_refused)
{
  guint8 octets[40] = { 9 };

  for (gsize size = 0; size <= sizeof octets; size++)
    if (size != 32)
      {
        g_autoptr (GBytes) point = g_bytes_new (octets, size);

        assert_refused (es_group_find (31), point);
      }
}
END_TEST

/* The exponent that a source of zeros gives, and one of ones: over 2^255, and below every p. */
static void
fill_same (gpointer data, guint8 *out, gsize size)
{
  memset (out, *(const guint8 *) data, size);
}

START_TEST (dh__secret__is_long_whatever_is_drawn)
{
  for (guint i = 1; i < G_N_ELEMENTS (numbers); i++)
    for (guint j = 0; j < 2; j++)
      {
        guint8 octet = j == 0 ? 0 : 0xff;
        EsRandom same = { fill_same, &octet };
        g_autoptr (EsSecret) x = es_dh_secret_new (es_group_find (numbers[i]), &same);

        ck_assert_uint_eq (es_secret_size (x), 40);
        ck_assert_uint_eq (es_secret_peek (x)[0], 0x80 | octet);
        ck_assert_uint_eq (es_secret_peek (x)[39], octet);
        ck_assert_uint_lt (es_secret_size (x), es_group_octets (es_group_find (numbers[i])));
      }
}
END_TEST

/* g is 2: to the power of a number below the length of p it is a bit, and to the power of its length what p lacks to it.
 * So the octets of p come out, which begin and end with 64 ones and have the digits of pi in between, the same in all
 * groups but at the end, and its last but one and itself are refused as public values. */
START_TEST (dh__modp__powers_of_two_and_the_prime)
{
  static const guint8 pi[]
      = { 0xc9, 0x0f, 0xda, 0xa2, 0x21, 0x68, 0xc2, 0x34, 0xc4, 0xc6, 0x62, 0x8b, 0x80, 0xdc, 0x1c };
  const EsGroup *group = es_group_find (numbers[_i]);
  gsize size = es_group_octets (group);
  g_autoptr (EsSecret) small = es_secret_new (2), length = es_secret_new (2), one = es_secret_new_from ("\1", 1);
  g_autoptr (GBytes) power = NULL, rest = NULL;
  g_autofree guint8 *p = g_malloc (size);

  es_secret_data (small)[1] = 83;
  power = es_dh_public (group, small);
  ck_assert_uint_eq (g_bytes_get_size (power), 11);
  ck_assert_mem_eq (g_bytes_get_data (power, NULL), "\x08\0\0\0\0\0\0\0\0\0\0", 11);

  es_secret_data (length)[0] = (guint8) (size * 8 >> 8);
  es_secret_data (length)[1] = (guint8) (size * 8);
  rest = es_dh_public (group, length);
  for (gsize i = 0, zeros = size - g_bytes_get_size (rest); i < size; i++)
    p[i] = i < zeros ? 0xff : (guint8) ~((const guint8 *) g_bytes_get_data (rest, NULL))[i - zeros];
  ck_assert_mem_eq (p, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  ck_assert_mem_eq (p + 8, pi, sizeof pi);
  ck_assert_uint_eq (p[size - 1], 0xfe); /* p - 1, so far */
  for (gint last = 0xfd; last <= 0xff; last++)
    {
      g_autoptr (GBytes) value = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (EsSecret) shared = NULL;

      p[size - 1] = (guint8) last;
      value = g_bytes_new (p, size);
      shared = es_dh_shared (group, one, NULL, value, &error);
      ck_assert_int_eq (shared != NULL, last == 0xfd);
      ck_assert (shared != NULL ? es_secret_size (shared) == size && memcmp (es_secret_peek (shared), p, size) == 0
                                : g_error_matches (error, ES_ERROR, ES_ERROR_CHECK));
    }
}
END_TEST

/* p - 1, p and p + 1 of group 14, whose last 64 bits are ones. */
START_TEST (dh__modp__only_values_between_1_and_p_minus_1)
{
  static const char hex[]
      = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
        "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
        "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f"
        "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
        "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510"
        "15728e5a8aacaa68fffffffffffffff";
  static const char *const bad[] = { "", "00", "01", "0002", "000000" };
  const EsGroup *group = es_group_find (14);
  g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system), shared = NULL;
  g_autoptr (GBytes) last_good = NULL;
  guint8 longer[300] = { 1 };
  g_autoptr (GBytes) too_long = g_bytes_new (longer, es_group_octets (group) + 1);

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) value = bytes_of (bad[i]);

      assert_refused (group, value);
    }
  for (char digit = 'e'; digit <= 'f'; digit++)
    {
      g_autofree char *text = g_strdup_printf ("%s%c", hex, digit);
      g_autoptr (GBytes) value = bytes_of (text);

      assert_refused (group, value);
    }
  assert_refused (group, too_long);
  {
    guint8 over[300];
    gsize size = hex_to (hex, over);
    g_autoptr (GBytes) p_plus_1 = NULL, all_ones = NULL;

    memset (over + size - 7, 0, 8);
    over[size - 8]++;
    p_plus_1 = g_bytes_new (over, size + 1);
    memset (over, 0xff, sizeof over);
    all_ones = g_bytes_new (over, size + 1);
    ck_assert_uint_eq (size + 1, es_group_octets (group));
    assert_refused (group, p_plus_1);
    assert_refused (group, all_ones);
  }
  {
    g_autofree char *text = g_strdup_printf ("%sd", hex);

    last_good = bytes_of (text);
    shared = es_dh_shared (group, x, NULL, last_good, NULL);
    ck_assert_ptr_nonnull (shared);
  }
}
END_TEST

/* One public value in 256 is shorter than the prime. */
START_TEST (dh__modp__public_values_have_no_leading_zeros)
{
  const EsGroup *group = es_group_find (1);
  guint shorter = 0;

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system);
      g_autoptr (GBytes) e = es_dh_public (group, x);

      ck_assert_uint_ne (((const guint8 *) g_bytes_get_data (e, NULL))[0], 0);
      shorter += g_bytes_get_size (e) < es_group_octets (group) ? 1 : 0;
    }
  ck_assert_uint_gt (shorter, 0);
}
END_TEST

/* Nor have the shared values, whatever the other side's; they agree all the same. */
START_TEST (dh__modp__shared_values_have_no_leading_zeros)
{
  const EsGroup *group = es_group_find (1);
  guint shorter = 0;

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system),
                           y = es_dh_secret_new (group, &es_random_system);
      g_autoptr (GBytes) e = es_dh_public (group, x), d = es_dh_public (group, y);
      g_autoptr (EsSecret) k = es_dh_shared (group, x, NULL, d, NULL), l = NULL;

      ck_assert_uint_ne (es_secret_peek (k)[0], 0);
      if (es_secret_size (k) < es_group_octets (group))
        {
          l = es_dh_shared (group, y, NULL, e, NULL);
          ck_assert (es_secret_equal (k, l));
          shorter++;
        }
    }
  ck_assert_uint_gt (shorter, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("dh");
  TCase *tcase = tcase_create ("dh");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, dh__groups__agree, 0, G_N_ELEMENTS (numbers));
  tcase_add_test (tcase, dh__find__weak_ones_are_marked_and_others_unknown);
  tcase_add_test (tcase, dh__x25519__known_answers);
  tcase_add_loop_test (tcase, dh__x25519__known_key_exchange, 0, 2);
  tcase_add_test (tcase, dh__x25519__points_of_small_order_are_refused);
  tcase_add_test (tcase, dh__x25519__highest_bit_is_refused);
  tcase_add_test (tcase, dh__x25519__other_sizes_are_refused);
  tcase_add_test (tcase, dh__modp__only_values_between_1_and_p_minus_1);
  tcase_add_test (tcase, dh__secret__is_long_whatever_is_drawn);
  tcase_add_loop_test (tcase, dh__modp__powers_of_two_and_the_prime, 1, G_N_ELEMENTS (numbers));
  tcase_add_test (tcase, dh__modp__public_values_have_no_leading_zeros);
  tcase_add_test (tcase, dh__modp__shared_values_have_no_leading_zeros);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
