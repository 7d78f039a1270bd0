/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-secret.h"

#include <openssl/crypto.h>

#include "es-dh.h"
#include "es-locked.h"

#include "../es-limit.h"
#include "../es-test.h"

/* What is under OpenSSL's memory in this program: it looks at the octets of one address as they are given back. */
static const guint8 *watched;
static gsize watched_size, watched_left;
static guint watched_frees;

static void *
watch_malloc (size_t size, const char *file, int line)
{
  return malloc (size);
}

static void *
watch_realloc (void *memory, size_t size, const char *file, int line)
{
  return realloc (memory, size);
}

static void
watch_free (void *memory, const char *file, int line)
{
  if (memory != NULL && memory == watched)
    {
      watched_frees++;
      for (gsize i = 0; i < watched_size; i++)
        watched_left += watched[i] != 0 ? 1 : 0;
    }
  free (memory);
}

static guint n_told;

static void
count_told (void)
{
  n_told++;
}

/* What the kernel says is locked of this process. */
static gsize
kernel_locked (void)
{
  g_autofree char *status = NULL;
  const char *at = NULL;

  ck_assert (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  at = strstr (status, "\nVmLck:");
  ck_assert_ptr_nonnull (at);
  return (gsize) g_ascii_strtoull (at + strlen ("\nVmLck:") + strspn (at + strlen ("\nVmLck:"), " \t"), NULL, 10)
         * 1024;
}

/* Without locked memory, that is before setup, and where it is full. */
START_TEST (secret__free__wipes)
{
  static const gsize sizes[] = { 1, 16, 32, 40, 64, 1024 };
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);

  for (guint i = 0; _i == 1 && i < 2000; i++)
    {
      limit_locked_memory (64 * 1024);
      es_secret_setup ();
      g_ptr_array_add (all, es_secret_new (1024));
    }
  /* Of what is left of each size, too. */
  for (guint i = 0; _i == 1 && i < 16 * 1024; i++)
    g_ptr_array_add (all, es_secret_new ((gsize) 1 << (5 + i % 6)));
  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      EsSecret *secret = es_secret_new (sizes[i]);

      watched = es_secret_peek (secret);
      watched_size = sizes[i];
      memset (es_secret_data (secret), 0x5a, sizes[i]);
      ck_assert (!es_secret_is_locked (secret));
      es_secret_free (secret);
      watched = NULL;
      ck_assert_uint_eq (watched_frees, i + 1);
      ck_assert_uint_eq (watched_left, 0);
    }
  es_secret_free (NULL);
}
END_TEST

START_TEST (secret__new__is_in_locked_memory_once_there_is_some)
{
  limit_locked_memory (8 * 1024 * 1024);
  ck_assert (es_secret_setup ());
  ck_assert (es_secret_setup ());
  {
    g_autoptr (EsSecret) secret = es_secret_new (32), copy = es_secret_copy (secret);

    ck_assert (es_secret_is_locked (secret));
    ck_assert (es_secret_is_locked (copy));
    ck_assert (!CRYPTO_secure_allocated (es_secret_peek (secret)));
  }
  ck_assert_uint_eq (CRYPTO_secure_used (), 0);
  ck_assert_uint_ge (kernel_locked (), es_locked_octets ());
}
END_TEST

/* A thousand sessions and more: as many as the limit allows, told by nobody. */
START_TEST (secret__locked_memory__grows)
{
  static const gsize sizes[] = { 16, 32, 40, 64, 256, 1024 };
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);
  EsSecretMemory memory;
  gsize peak = 0;

  limit_locked_memory (8 * 1024 * 1024);
  es_secret_setup ();
  es_secret_tell_unlocked (count_told);
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = 0; i < 24000; i++)
        {
          EsSecret *secret = es_secret_new (sizes[i % G_N_ELEMENTS (sizes)]);

          ck_assert (es_secret_is_locked (secret));
          ck_assert_uint_eq (es_secret_peek (secret)[0], 0);
          ck_assert_uint_eq (es_secret_peek (secret)[es_secret_size (secret) - 1], 0);
          memset (es_secret_data (secret), (int) i | 1, es_secret_size (secret));
          g_ptr_array_add (all, secret);
        }
      for (guint i = 0; i < all->len; i++)
        {
          const guint8 *octets = es_secret_peek (all->pdata[i]);

          ck_assert_uint_eq (octets[0], (guint8) (i | 1));
          ck_assert_uint_eq (octets[sizes[i % G_N_ELEMENTS (sizes)] - 1], (guint8) (i | 1));
        }
      g_ptr_array_set_size (all, 0);

      /* What was given back is used again. */
      ck_assert (round == 0 || peak == es_locked_octets ());
      peak = es_locked_octets ();
    }
  ck_assert_uint_gt (peak, 4 * 1024 * 1024);
  ck_assert_uint_ge (kernel_locked (), peak);
  es_secret_memory (&memory);
  ck_assert_uint_eq (memory.locked_octets, peak);
  ck_assert_uint_eq (memory.unlocked + memory.unlocked_ever, 0);
  ck_assert_uint_eq (n_told, 0);
  ck_assert (!es_secret_may_be_swapped ());
}
END_TEST

/* ulimit -l 64 and less: what fits is locked, the first secret that does not is told, and so is that OpenSSL's are not. */
START_TEST (secret__small_limit__is_used_and_told)
{
  static const gsize limits[] = { 0, 4096, 20 * 1024, 64 * 1024, 256 * 1024 + 4096, 300 * 1024 };
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);
  EsSecretMemory memory;
  guint n_unlocked = 0;

  limit_locked_memory (limits[_i]);
  es_secret_tell_unlocked (count_told);
  ck_assert (!es_secret_setup ());
  for (guint i = 0; i < 20000; i++)
    {
      EsSecret *secret = es_secret_new (32);

      n_unlocked += !es_secret_is_locked (secret);
      ck_assert_uint_eq (n_told, n_unlocked > 0 ? 1 : 0);
      g_ptr_array_add (all, secret);
    }
  ck_assert_uint_eq (20000 - n_unlocked, limits[_i] / 4096 * 4096 / 32);
  es_secret_memory (&memory);
  ck_assert_uint_eq (memory.locked_octets, limits[_i] / 4096 * 4096);
  ck_assert_uint_eq (memory.unlocked, n_unlocked);
  ck_assert_uint_eq (memory.unlocked_ever, n_unlocked);
  ck_assert (!memory.library_is_locked);
  ck_assert (es_secret_may_be_swapped ());
  ck_assert_uint_eq (kernel_locked (), limits[_i] / 4096 * 4096);
  g_ptr_array_set_size (all, 0);
  es_secret_memory (&memory);
  ck_assert_uint_eq (memory.unlocked, 0);
  ck_assert (!es_secret_setup ());
}
END_TEST

/* No key, and not one that failed. */
START_TEST (secret__long_text__is_told_by_nobody)
{
  EsSecretMemory memory;

  es_secret_setup ();
  es_secret_tell_unlocked (count_told);
  {
    g_autoptr (EsSecret) text = es_secret_new (ES_LOCKED_LARGEST + 1), longest = es_secret_new (ES_LOCKED_LARGEST);

    ck_assert (!es_secret_is_locked (text));
    ck_assert (es_secret_is_locked (longest));
    es_secret_memory (&memory);
    ck_assert_uint_eq (memory.unlocked, 1);
  }
  es_secret_memory (&memory);
  ck_assert_uint_eq (memory.unlocked + memory.unlocked_ever + n_told, 0);
}
END_TEST

START_TEST (secret__before_setup__is_still_there_and_freed_after_it)
{
  EsSecret *early = es_secret_new_from ("early", 5);

  es_secret_setup ();
  ck_assert_mem_eq (es_secret_peek (early), "early", 5);
  es_secret_free (early);
}
END_TEST

/* OpenSSL has no other memory for its own secrets, and ends where it has none. */
START_TEST (secret__exhausted_heap__leaves_room_for_openssl)
{
  static const guint groups[] = { 31, 14, 18 };
  g_autoptr (GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);

  limit_locked_memory (_i == 0 ? 64 * 1024 : 1024 * 1024);
  es_secret_setup ();
  for (guint i = 0; i < 40000; i++)
    g_ptr_array_add (all, es_secret_new (i % 2 ? 32 : 64));
  ck_assert (es_secret_is_locked (all->pdata[0]));
  ck_assert (!es_secret_is_locked (all->pdata[all->len - 1]));
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      const EsGroup *group = es_group_find (groups[i]);
      g_autoptr (EsSecret) x = es_dh_secret_new (group, &es_random_system), k = NULL;
      g_autoptr (GBytes) e = es_dh_public (group, x);

      k = es_dh_shared (group, x, NULL, e, NULL);
      ck_assert_ptr_nonnull (k);
    }
}
END_TEST

START_TEST (secret__new__is_all_zero_and_of_its_size)
{
  g_autoptr (EsSecret) secret = es_secret_new (40), empty = es_secret_new (0);
  guint8 zero[40] = { 0 };

  ck_assert_uint_eq (es_secret_size (secret), 40);
  ck_assert_mem_eq (es_secret_peek (secret), zero, 40);
  ck_assert_uint_eq (es_secret_size (empty), 0);
}
END_TEST

START_TEST (secret__new_from__has_each_octet)
{
  for (gsize size = 0; size <= 8; size++)
    {
      g_autoptr (EsSecret) secret = es_secret_new_from ("12345678", size);

      ck_assert_uint_eq (es_secret_size (secret), size);
      ck_assert (memcmp (es_secret_data (secret), "12345678", size) == 0);
    }
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

/* More than there is locked memory for: the rest is ordinary memory, as usable. */
START_TEST (secret__exhausted_heap__still_gives_secrets)
{
  enum
  {
    N = 4000,
    SIZE = 1024
  };
  EsSecret **all = g_new (EsSecret *, N);

  limit_locked_memory (1024 * 1024);
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

  if (CRYPTO_set_mem_functions (watch_malloc, watch_realloc, watch_free) != 1)
    g_error ("OpenSSL has memory already");
  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, secret__free__wipes, 0, 2);
  tcase_add_test (tcase, secret__new__is_in_locked_memory_once_there_is_some);
  tcase_add_test (tcase, secret__locked_memory__grows);
  tcase_add_loop_test (tcase, secret__small_limit__is_used_and_told, 0, 6);
  tcase_add_test (tcase, secret__long_text__is_told_by_nobody);
  tcase_add_test (tcase, secret__before_setup__is_still_there_and_freed_after_it);
  tcase_add_loop_test (tcase, secret__exhausted_heap__leaves_room_for_openssl, 0, 2);
  tcase_add_test (tcase, secret__new__is_all_zero_and_of_its_size);
  tcase_add_test (tcase, secret__new_from__has_each_octet);
  tcase_add_test (tcase, secret__copy__is_independent);
  tcase_add_test (tcase, secret__equal__compares_all_octets_and_the_size);
  tcase_add_test (tcase, secret__wipe__leaves_nothing);
  tcase_add_test (tcase, secret__exhausted_heap__still_gives_secrets);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
