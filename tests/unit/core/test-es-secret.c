/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-secret.h"

#include "../es-test.h"

START_TEST (secret__new__is_all_zero_and_of_its_size)
{
  g_autoptr (EsSecret) secret = es_secret_new (40), empty = es_secret_new (0);
  guint8 zero[40] = { 0 };

  ck_assert_uint_eq (es_secret_size (secret), 40);
  ck_assert_mem_eq (es_secret_peek (secret), zero, 40);
  ck_assert_uint_eq (es_secret_size (empty), 0);
}
END_TEST

START_TEST (secret__copy__is_independent)
{
  g_autoptr (EsSecret) secret = es_secret_new_from ("octets", 6), copy = es_secret_copy (secret);

  ck_assert (es_secret_equal (secret, copy));
  es_secret_data (secret)[5] ^= 1;
  ck_assert (!es_secret_equal (secret, copy));
  ck_assert_mem_eq (es_secret_peek (copy), "octets", 6);
  ck_assert_ptr_null (es_secret_copy (NULL));
}
END_TEST

START_TEST (secret__equal__compares_all_octets_and_the_size)
{
  g_autoptr (EsSecret) secret = es_secret_new_from ("12345678", 8), longer = es_secret_new_from ("123456789", 9);

  for (gsize i = 0; i < 8; i++)
    {
      g_autoptr (EsSecret) other = es_secret_copy (secret);

      es_secret_data (other)[i] ^= 0x80;
      ck_assert (!es_secret_equal (secret, other));
    }
  ck_assert (!es_secret_equal (secret, longer));
  ck_assert (es_octets_equal ("ab", 2, "ab", 2));
  ck_assert (!es_octets_equal ("ab", 2, "abc", 3));
}
END_TEST

START_TEST (secret__wipe__leaves_nothing)
{
  char octets[] = "very secret";
  char zero[sizeof octets] = { 0 };

  es_octets_wipe (octets, sizeof octets);
  ck_assert_mem_eq (octets, zero, sizeof octets);
}
END_TEST

/* More than the locked heap has room for: the rest is ordinary memory, as usable. */
START_TEST (secret__exhausted_heap__still_gives_secrets)
{
  enum
  {
    N = 4000,
    SIZE = 1024
  };
  EsSecret **all = g_new (EsSecret *, N);

  es_secret_setup ();
  for (guint i = 0; i < N; i++)
    {
      all[i] = es_secret_new (SIZE);
      memset (es_secret_data (all[i]), (int) i, SIZE);
    }
  for (guint i = 0; i < N; i++)
    {
      ck_assert_uint_eq (es_secret_peek (all[i])[0], i & 0xff);
      ck_assert_uint_eq (es_secret_peek (all[i])[SIZE - 1], i & 0xff);
      es_secret_free (all[i]);
    }
  g_free (all);
  {
    g_autoptr (EsSecret) again = es_secret_new (32);

    ck_assert_uint_eq (es_secret_peek (again)[31], 0);
  }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("secret");
  TCase *tcase = tcase_create ("secret");

  tcase_add_test (tcase, secret__new__is_all_zero_and_of_its_size);
  tcase_add_test (tcase, secret__copy__is_independent);
  tcase_add_test (tcase, secret__equal__compares_all_octets_and_the_size);
  tcase_add_test (tcase, secret__wipe__leaves_nothing);
  tcase_add_test (tcase, secret__exhausted_heap__still_gives_secrets);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
