/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-sas.h"

#include "../es-test.h"

#define ALPHABET "acdefghikmopqruvwxy123456789"

static EsSuite
sha256_suite (void)
{
  return (EsSuite){ .cipher = es_cipher_find ("aes256-ctr", ES_DIALECT_STRICT), .hash = es_hash_find ("sha256") };
}

START_TEST (sas__code__has_six_digits_of_its_alphabet)
{
  EsSuite suite = sha256_suite ();
  guint zeros = 0;

  for (guint i = 0; i < 5000; i++)
    {
      g_autoptr (GBytes) e = g_bytes_new (&i, sizeof i);
      g_autofree char *code = es_sas_code (&suite, e, "a", "b");

      ck_assert_uint_eq (strlen (code), 6);
      ck_assert_uint_eq (strspn (code, ALPHABET), 6);
      zeros += code[0] == 'a' ? 1 : 0;
    }

  /* 2^28 values in 28^6 numbers: the first digit is 0 to 15. */
  ck_assert (zeros > 200 && zeros < 500);
}
END_TEST

START_TEST (sas__code__depends_on_every_octet_and_where_it_is)
{
  EsSuite suite = sha256_suite ();
  g_autoptr (GBytes) e = g_bytes_new_static ("ee", 2), shorter = g_bytes_new_static ("e", 1);
  g_autofree char *code = es_sas_code (&suite, e, "aa", "bb");
  g_autofree char *moved = es_sas_code (&suite, shorter, "eaa", "bb"), *moved2 = es_sas_code (&suite, e, "aab", "b");
  g_autofree char *other = es_sas_code (&suite, e, "aa", "bc");

  ck_assert_str_ne (code, moved);
  ck_assert_str_ne (code, moved2);
  ck_assert_str_ne (code, other);
}
END_TEST

/* A man in the middle has Alice's code already and finishes with Bob, as the initiator: e and form_A are sent and form_B has
 * come, but his message 3 has not gone out. What he may still choose are the random values in rshashes, that is form_A2, and
 * with it M_A. Whatever he computes for Bob he computes with the real key schedule. */
typedef struct
{
  EsSuite suite;
  EsKeys keys;
  EsCounter counter;
  const char *form_a, *form_b;
} Middle;

static void
m_a_for (const Middle *middle, guint attempt, guint8 *m_a)
{
  g_autofree char *form_a2 = g_strdup_printf ("<field var=\"rshashes\"><value>%u</value></field>", attempt);
  EsPart sigma[] = { ES_PART_STRING (middle->form_a), ES_PART_STRING (form_a2) }, m[2];
  guint8 mac[ES_HASH_MAX_OCTETS], identity[ES_HASH_MAX_OCTETS];
  EsCounter counter = middle->counter;

  es_hmac (middle->suite.hash, ES_PART_SECRET (middle->keys.sigma), sigma, 2, mac);
  es_ctr (middle->suite.cipher, ES_DIALECT_STRICT, middle->keys.cipher, &counter, mac, 32, identity);
  m[0] = ES_PART (middle->counter.octets, ES_COUNTER_OCTETS);
  m[1] = ES_PART (identity, 32);
  es_hmac (middle->suite.hash, ES_PART_SECRET (middle->keys.mac), m, 2, m_a);
}

/* The last two characters only, one in 784: the whole search is the same with more patience. */
#define SHOWN 2
#define ATTEMPTS 20000

static guint
search (const Middle *middle, const char *target, gboolean weak)
{
  g_autoptr (GBytes) e = g_bytes_new_static ("e of the man in the middle", 26);
  guint found = 0;

  for (guint attempt = 0; attempt < ATTEMPTS; attempt++)
    {
      guint8 m_a[ES_HASH_MAX_OCTETS];
      g_autofree char *code = NULL;

      m_a_for (middle, attempt, m_a);
      code = weak ? es_sas_code_weak (&middle->suite, m_a, middle->form_b)
                  : es_sas_code (&middle->suite, e, middle->form_a, middle->form_b);
      found += strcmp (code + strlen (code) - SHOWN, target + strlen (target) - SHOWN) == 0 ? 1 : 0;
    }
  return found;
}

START_TEST (sas__middle__forges_sas28x5_but_not_sas28x6)
{
  Middle middle = { sha256_suite (), { NULL }, { { 1 } }, "form_A to Bob", "form_B of Bob" };
  g_autoptr (EsSecret) k = es_secret_new_from ("K with Bob", 10);
  g_autoptr (GBytes) e = g_bytes_new_static ("e of the man in the middle", 26);
  g_autofree char *honest = es_sas_code (&middle.suite, e, middle.form_a, middle.form_b);

  es_keys_derive (&middle.suite, k, ES_ROLE_INITIATOR, &middle.keys);

  /* The control: it is found about as often as chance has it. */
  ck_assert_uint_gt (search (&middle, "acdef", TRUE), 5);
  ck_assert (!es_sas_find ("sas28x5")->proves);

  /* Nothing he varies changes the code: no attempt ends in another than the first, so the one that he needs, unless it
   * is that one by luck, never comes. */
  ck_assert_uint_eq (search (&middle, honest, FALSE), ATTEMPTS);
  ck_assert_uint_eq (search (&middle, g_str_has_suffix (honest, "aa") ? "acdefc" : "acdeaa", FALSE), 0);
  ck_assert (es_sas_find ("sas28x6")->proves);
  es_keys_clear (&middle.keys);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("sas");
  TCase *tcase = tcase_create ("sas");

  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, sas__code__has_six_digits_of_its_alphabet);
  tcase_add_test (tcase, sas__code__depends_on_every_octet_and_where_it_is);
  tcase_add_test (tcase, sas__middle__forges_sas28x5_but_not_sas28x6);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
