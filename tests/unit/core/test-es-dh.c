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
  g_autoptr (EsSecret) k = es_dh_shared (group, x, d, NULL), l = es_dh_shared (group, y, e, NULL);

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
  result = es_dh_shared (group, k, u, NULL);
  assert_hex (es_secret_peek (result), 32, "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");

  hex_to ("0900000000000000000000000000000000000000000000000000000000000000", es_secret_data (k));
  g_bytes_unref (u);
  u = g_bytes_new (es_secret_peek (k), 32);
  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (GBytes) before = g_bytes_new (es_secret_peek (k), 32);

      es_secret_free (result);
      result = es_dh_shared (group, k, u, NULL);
      g_bytes_unref (u);
      u = g_steal_pointer (&before);
      memcpy (es_secret_data (k), es_secret_peek (result), 32);
    }
  assert_hex (es_secret_peek (k), 32, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}
END_TEST

static void
assert_refused (const EsGroup *group, GBytes *peer)
{
  g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (es_dh_shared (group, x, peer, &error));
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
    g_autofree char *text = g_strdup_printf ("%sd", hex);

    last_good = bytes_of (text);
    shared = es_dh_shared (group, x, last_good, NULL);
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

int
main (void)
{
  Suite *suite = suite_create ("dh");
  TCase *tcase = tcase_create ("dh");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, dh__groups__agree, 0, G_N_ELEMENTS (numbers));
  tcase_add_test (tcase, dh__find__weak_ones_are_marked_and_others_unknown);
  tcase_add_test (tcase, dh__x25519__known_answers);
  tcase_add_test (tcase, dh__x25519__points_of_small_order_are_refused);
  tcase_add_test (tcase, dh__x25519__other_sizes_are_refused);
  tcase_add_test (tcase, dh__modp__only_values_between_1_and_p_minus_1);
  tcase_add_test (tcase, dh__modp__public_values_have_no_leading_zeros);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
