/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-sas.h"

#include "parties.h"

#define ALPHABET "acdefghikmopqruvwxy123456789"

static EsSuite
sha256_suite (void)
{
  return (EsSuite){ .cipher = es_cipher_find ("aes256-ctr", ES_DIALECT_STRICT), .hash = es_hash_find ("sha256") };
}

START_TEST (sas__code__has_six_digits_of_its_alphabet)
{
  EsSuite suite = sha256_suite ();
  guint zeros = 0, double_zeros = 0;

  for (guint i = 0; i < 5000; i++)
    {
      g_autoptr (GBytes) e = g_bytes_new (&i, sizeof i);
      g_autofree char *code = es_sas_code (&suite, e, "a", "b");

      ck_assert_uint_eq (strlen (code), 6);
      ck_assert_uint_eq (strspn (code, ALPHABET), 6);
      zeros += code[0] == 'a' ? 1 : 0;
      double_zeros += g_str_has_prefix (code, "aa") ? 1 : 0;
    }

  /* 2^28 values in 28^6 numbers: the first digit is 0 to 15. */
  ck_assert (zeros > 200 && zeros < 500);
  ck_assert_uint_gt (double_zeros, 0);
}
END_TEST

/* The low BITS of the hash of TEXT as a number, and the code as one. */
static guint64
low_bits (const EsSuite *suite, const void *text, gsize size, guint bits)
{
  EsPart part = ES_PART (text, size);
  guint8 hash[ES_HASH_MAX_OCTETS];
  guint64 value = 0;

  es_hash (suite->hash, &part, 1, hash);
  for (gsize i = 0; i < suite->hash->octets; i++)
    value = value << 8 | hash[i];
  return value & (((guint64) 1 << bits) - 1);
}

static guint64
value_of (const char *code)
{
  guint64 value = 0;

  for (; *code != '\0'; code++)
    value = value * 28 + (guint64) (strchr (ALPHABET, *code) - ALPHABET);
  return value;
}

START_TEST (sas__codes__are_the_low_bits_of_their_hashes)
{
  static const char *const hashes[] = { "sha256", "sha384", "sha512" };
  EsSuite suite = { .hash = es_hash_find (hashes[_i]) };

  for (guint i = 0; i < 500; i++)
    {
      g_autofree char *form_a = g_strdup_printf ("<a%u/>", 100 + i), *m_a = g_strnfill (suite.hash->octets, 'm');
      g_autofree char *strong = NULL, *weak = NULL, *weak_text = NULL;
      g_autoptr (GString) text = g_string_new ("sas28x6");
      g_autoptr (GBytes) e = g_bytes_new_static ("\0e", 2), context = NULL;
      guint8 hash[ES_HASH_MAX_OCTETS];

      g_string_append_len (text, "\0\0\0\2\0e\0\0\0\7", 10);
      g_string_append (text, form_a);
      g_string_append_len (text, "\0\0\0\4<b/>", 8);
      strong = es_sas_code (&suite, e, form_a, "<b/>");
      ck_assert_uint_eq (strlen (strong), 6);
      ck_assert_uint_eq (value_of (strong), low_bits (&suite, text->str, text->len, 28));

      context = es_sas_context (&suite, e, form_a, "<b/>");
      ck_assert_uint_eq (g_bytes_get_size (context), 17 + suite.hash->octets);
      ck_assert_int_eq (memcmp (g_bytes_get_data (context, NULL), "ESession password", 17), 0);
      es_hash (suite.hash, &(EsPart){ text->str, text->len }, 1, hash);
      ck_assert_int_eq (memcmp ((const guint8 *) g_bytes_get_data (context, NULL) + 17, hash, suite.hash->octets), 0);

      weak_text = g_strconcat (m_a, form_a, "Short Authentication String", NULL);
      weak = es_sas_code_weak (&suite, (const guint8 *) m_a, form_a);
      ck_assert_uint_eq (strlen (weak), 5);
      ck_assert_uint_eq (value_of (weak), low_bits (&suite, weak_text, strlen (weak_text), 24));
    }
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

/* The same in whole negotiations that are equal up to message 2 and whose initiator then draws other random values: the code
 * of sas28x5 follows them, that of sas28x6 does not. */
START_TEST (sas__negotiation__code_is_fixed_before_message_3)
{
  static const char *const names[] = { "sas28x6", "sas28x5" };
  g_autoptr (GHashTable) codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint64 i = 0; i < 10; i++)
    {
      g_autoptr (EsAgreement) a = NULL, b = NULL;
      Parties p;

      parties_init (&p, 5);
      p.options_a.sas[0] = names[_i];
      p.options_a.sas[1] = NULL;
      parties_begin (&p);
      pass_until (&p, 2);
      p.random_a = (Repeating){ .seed = 1000 + i };
      ck_assert (pass (&p, ES_MESSAGE_INITIATOR_ACCEPT, NULL));
      ck_assert (pass (&p, ES_MESSAGE_RESPONDER_ACCEPT, NULL));
      a = es_negotiation_steal_agreement (p.a);
      b = es_negotiation_steal_agreement (p.b);
      ck_assert_str_eq (a->code, b->code);
      ck_assert_int_eq (a->suite.sas->proves, _i == 0);
      ck_assert (g_bytes_equal (a->context, b->context));
      g_hash_table_add (codes, g_strdup (a->code));
      parties_end (&p);
    }
  ck_assert_uint_eq (g_hash_table_size (codes), _i == 0 ? 1 : 10);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("sas");
  TCase *tcase = tcase_create ("sas");

  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, sas__code__has_six_digits_of_its_alphabet);
  tcase_add_loop_test (tcase, sas__codes__are_the_low_bits_of_their_hashes, 0, 3);
  tcase_add_test (tcase, sas__code__depends_on_every_octet_and_where_it_is);
  tcase_add_test (tcase, sas__middle__forges_sas28x5_but_not_sas28x6);
  tcase_add_loop_test (tcase, sas__negotiation__code_is_fixed_before_message_3, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
