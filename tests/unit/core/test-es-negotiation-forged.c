/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <openssl/bn.h>

#include "forging.h"

static const EsMessage signed_messages[] = { ES_MESSAGE_INITIATOR_ACCEPT, ES_MESSAGE_RESPONDER_ACCEPT };

/* Otherwise all that follows would be refused for the wrong reason. */
START_TEST (negotiation__forged__without_a_fault_is_accepted)
{
  EsMessage which = signed_messages[_i];
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 600);
  payload = make (&p, which);
  sign (&p, which, payload, (Forgery){ NULL });
  assert_completes (&p, which, payload);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__forged__wrong_nonce)
{
  EsMessage which = signed_messages[_i];
  Parties p;
  g_autoptr (EsXml) payload = NULL;
  GBytes *right = NULL;
  g_autofree guint8 *wrong = NULL;

  parties_init (&p, 601);
  payload = make (&p, which);
  right = which == ES_MESSAGE_INITIATOR_ACCEPT ? p.b->nonce_b : p.a->nonce_a;
  wrong = g_memdup2 (g_bytes_get_data (right, NULL), g_bytes_get_size (right));
  wrong[31] ^= 1;
  set_octets (payload, "nonce", wrong, 32);
  sign (&p, which, payload, (Forgery){ NULL });
  assert_refused (&p, which, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__forged__nonce_cut_short)
{
  EsMessage which = signed_messages[_i];
  Parties p;
  g_autoptr (EsXml) payload = NULL;
  GBytes *right = NULL;

  parties_init (&p, 602);
  payload = make (&p, which);
  right = which == ES_MESSAGE_INITIATOR_ACCEPT ? p.b->nonce_b : p.a->nonce_a;
  set_octets (payload, "nonce", g_bytes_get_data (right, NULL), 31);
  sign (&p, which, payload, (Forgery){ NULL });
  assert_refused (&p, which, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

/* M does not cover what is inside the identity, and the other way round. */
START_TEST (negotiation__forged__only_the_mac_inside_is_wrong)
{
  EsMessage which = signed_messages[_i];
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 603);
  payload = make (&p, which);
  sign (&p, which, payload, (Forgery){ .wrong_sigma = TRUE });
  assert_refused (&p, which, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__forged__only_the_mac_outside_is_wrong)
{
  EsMessage which = signed_messages[_i];

  for (gsize size = 1; size <= 33; size++)
    {
      Parties p;
      g_autoptr (EsXml) payload = NULL;
      g_autoptr (EsForm) form = NULL;
      g_autoptr (GBytes) mac = NULL;
      guint8 wrong[33] = { 0 };

      parties_init (&p, 604);
      payload = make (&p, which);
      form = es_form_parse (form_in (payload), NULL);
      mac = es_form_get_octets (form, "mac", 32, 32, NULL);
      memcpy (wrong, g_bytes_get_data (mac, NULL), 32);
      wrong[31] ^= size == 32 ? 1 : 0; /* the others are too short or too long, and right as far as they go */
      set_octets (payload, "mac", wrong, size);
      assert_refused (&p, which, payload, ES_ERROR_CHECK, NULL);
      parties_end (&p);
    }
}
END_TEST

START_TEST (negotiation__forged__identity_of_another_length)
{
  static const int more[] = { -31, -1, 1, 16, 32 };
  EsMessage which = signed_messages[_i];

  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    {
      Parties p;
      g_autoptr (EsXml) payload = NULL;

      parties_init (&p, 605);
      payload = make (&p, which);
      sign (&p, which, payload, (Forgery){ .more = more[i] });
      assert_refused (&p, which, payload, ES_ERROR_CHECK, NULL);
      parties_end (&p);
    }
}
END_TEST

/* Public values. Whoever sends a bad one knows what comes of it, so that all the MACs can be right. */

static BIGNUM *
prime_of (guint group)
{
  return group == 14   ? BN_get_rfc3526_prime_2048 (NULL)
         : group == 15 ? BN_get_rfc3526_prime_3072 (NULL)
         : group == 16 ? BN_get_rfc3526_prime_4096 (NULL)
         : group == 17 ? BN_get_rfc3526_prime_6144 (NULL)
                       : BN_get_rfc3526_prime_8192 (NULL);
}

static GBytes *
prime_and (guint group, BN_ULONG plus, BN_ULONG minus)
{
  BIGNUM *number = prime_of (group);
  guint8 octets[1024];
  int size = 0;

  ck_assert (number != NULL && BN_add_word (number, plus) == 1 && BN_sub_word (number, minus) == 1);
  size = BN_bn2bin (number, octets);
  BN_free (number);
  return g_bytes_new (octets, (gsize) size);
}

static void
assert_d_refused (guint group, GBytes *value)
{
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 610);
  p.options_a.groups[0] = group;
  payload = make (&p, ES_MESSAGE_RESPONSE);
  set_octets (payload, "dhkeys", g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  assert_refused (&p, ES_MESSAGE_RESPONSE, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}

/* Message 3 with VALUE for e, which Bob has a commitment to, and keys from SHARED (NULL: the right ones). */
static EsXml *
accept_with (Parties *p, guint group, GBytes *value, GBytes *shared)
{
  EsPart part = ES_PART_BYTES (value);
  guint8 hash[ES_HASH_MAX_OCTETS];
  EsXml *payload = NULL;
  g_autoptr (EsSecret) secret = NULL, k = NULL;

  parties_init (p, 611);
  p->options_a.groups[0] = group;
  payload = make (p, ES_MESSAGE_INITIATOR_ACCEPT);
  es_hash (es_hash_find ("sha256"), &part, 1, hash);
  g_bytes_unref (p->b->commitment);
  p->b->commitment = g_bytes_new (hash, 32);

  if (shared != NULL)
    {
      secret = es_secret_new_from (g_bytes_get_data (shared, NULL), g_bytes_get_size (shared));
      k = es_keys_provisional (&p->b->terms.suite, secret);
    }
  set_octets (payload, "dhkeys", part.data, part.size);
  sign (p, ES_MESSAGE_INITIATOR_ACCEPT, payload, (Forgery){ .k = k, .public_value = value });
  return payload;
}

static void
assert_e_refused (guint group, GBytes *value, GBytes *shared)
{
  Parties p;
  g_autoptr (EsXml) payload = accept_with (&p, group, value, shared);

  assert_refused (&p, ES_MESSAGE_INITIATOR_ACCEPT, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}

static void
assert_both_refused (guint group, GBytes *value, GBytes *shared)
{
  assert_d_refused (group, value);
  assert_e_refused (group, value, shared);
}

static const guint modp[] = { 14, 15, 16, 17, 18 };

START_TEST (negotiation__public_value__modp_zero_one_and_the_prime)
{
  guint group = modp[_i];
  g_autoptr (GBytes) nothing = g_bytes_new ("", 0), zero = g_bytes_new ("", 1), one = g_bytes_new ("\1", 1);
  g_autoptr (GBytes) prime = prime_and (group, 0, 0), after = prime_and (group, 1, 0);
  g_autoptr (GBytes) before = prime_and (group, 0, 1);

  assert_both_refused (group, zero, nothing);
  assert_both_refused (group, one, one);
  assert_both_refused (group, prime, nothing);
  assert_both_refused (group, after, one);

  /* (p-1)^y is 1 or p-1, as y is even or odd: an attacker has an even chance. */
  assert_both_refused (group, before, one);
  assert_both_refused (group, before, before);
}
END_TEST

/* The shortest and the longest value that there may be. */
START_TEST (negotiation__public_value__modp_two_is_accepted)
{
  g_autoptr (GBytes) two = g_bytes_new ("\2", 1), last = prime_and (14, 0, 2);
  GBytes *const values[] = { two, last };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      Parties p;
      g_autoptr (EsXml) payload = NULL;

      parties_init (&p, 612);
      p.options_a.groups[0] = 14;
      payload = make (&p, ES_MESSAGE_RESPONSE);
      set_octets (payload, "dhkeys", g_bytes_get_data (values[i], NULL), g_bytes_get_size (values[i]));
      ck_assert (hand_over (&p, ES_MESSAGE_RESPONSE, payload, NULL));
      parties_end (&p);
    }
}
END_TEST

/* Two spellings of one number would give two MACs. */
START_TEST (negotiation__public_value__modp_leading_zero)
{
  guint group = modp[_i];
  guint8 longer[1025] = { 0 };
  gsize size = 0;
  const guint8 *octets = NULL;
  g_autoptr (GBytes) value = NULL;
  Parties p;

  parties_init (&p, 611);
  p.options_a.groups[0] = group;
  parties_begin (&p);
  pass_until (&p, 2);
  octets = g_bytes_get_data (p.a->e, &size);
  memcpy (longer + 1, octets, size);
  parties_end (&p);

  value = g_bytes_new (longer, size + 1);
  assert_both_refused (group, value, NULL);
}
END_TEST

static void
put_little_endian (guint8 *out, const BIGNUM *number)
{
  ck_assert_int_eq (BN_bn2lebinpad (number, out, 32), 32);
}

/* RFC 7748 leaves out the highest bit, so that each of the seven has two spellings. */
START_TEST (negotiation__public_value__x25519_low_order)
{
  static const char *const points[] = {
    "0",
    "1",
    "325606250916557431795983626356110631294008115727848805560023387167927233504",
    "39382357235489614581723060781553021112529911719440698176882885853963445705823",
    "57896044618658097711785492504343953926634992332820282019728792003956564819948", /* p-1, p, p+1 */
    "57896044618658097711785492504343953926634992332820282019728792003956564819949",
    "57896044618658097711785492504343953926634992332820282019728792003956564819950",
  };
  static const guint8 zeros[32] = { 0 };
  g_autoptr (GBytes) shared = g_bytes_new (zeros, sizeof zeros);

  for (gsize i = 0; i < 2 * G_N_ELEMENTS (points); i++)
    {
      BIGNUM *number = NULL;
      guint8 octets[32];
      g_autoptr (GBytes) value = NULL;

      ck_assert_int_gt (BN_dec2bn (&number, points[i / 2]), 0);
      put_little_endian (octets, number);
      BN_free (number);
      octets[31] |= i % 2 != 0 ? 0x80 : 0;
      value = g_bytes_new (octets, sizeof octets);
      assert_both_refused (31, value, shared);
    }
}
END_TEST

START_TEST (negotiation__public_value__x25519_of_another_length)
{
  guint8 octets[33] = { 0 };
  g_autoptr (GBytes) shorter = NULL, longer = NULL;
  Parties p;

  parties_init (&p, 611);
  parties_begin (&p);
  pass_until (&p, 2);
  memcpy (octets, g_bytes_get_data (p.a->e, NULL), 32);
  parties_end (&p);

  shorter = g_bytes_new (octets, 31);
  longer = g_bytes_new (octets, 33);
  assert_both_refused (31, shorter, NULL);
  assert_both_refused (31, longer, NULL);
}
END_TEST

/* Who sees d before choosing x could make the code come out as wanted. */
START_TEST (negotiation__forged__e_that_was_not_committed_to)
{
  Parties p;
  g_autoptr (EsXml) payload = NULL;
  g_autoptr (EsSecret) exponent = NULL, shared = NULL, k = NULL;
  g_autoptr (GBytes) e = NULL;

  parties_init (&p, 620);
  payload = make (&p, ES_MESSAGE_INITIATOR_ACCEPT);
  exponent = es_dh_secret_new (p.b->terms.suite.group, &p.source_a);
  e = es_dh_public (p.b->terms.suite.group, exponent);
  shared = es_dh_shared (p.b->terms.suite.group, exponent, NULL, p.a->d, NULL);
  k = es_keys_provisional (&p.b->terms.suite, shared);
  set_octets (payload, "dhkeys", g_bytes_get_data (e, NULL), g_bytes_get_size (e));
  sign (&p, ES_MESSAGE_INITIATOR_ACCEPT, payload, (Forgery){ .k = k, .public_value = e });
  assert_refused (&p, ES_MESSAGE_INITIATOR_ACCEPT, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

/* The commitment to another group's e does not count for this one's. */
START_TEST (negotiation__forged__e_committed_to_for_another_group)
{
  Parties p;
  g_autoptr (EsXml) request = NULL, accept = NULL;
  g_autoptr (EsForm) form = NULL;
  g_autoptr (GPtrArray) hashes = NULL;

  parties_init (&p, 621);
  p.options_a.groups[1] = 14;
  p.options_a.groups[2] = 0;
  request = make (&p, ES_MESSAGE_REQUEST);
  form = es_form_parse (form_in (request), NULL);
  hashes = es_form_get_octets_list (form, "dhhashes", 32, 32, NULL);
  emptied (request, "dhhashes");
  for (guint i = 2; i-- > 0;)
    {
      g_autofree char *text = es_base64_encode (ES_PART_BYTES (hashes->pdata[i]));

      es_xml_append_new (field_in (request, "dhhashes"), "value", text);
    }
  believe (&p, ES_MESSAGE_REQUEST, request);
  ck_assert (hand_over (&p, ES_MESSAGE_REQUEST, request, NULL));
  ck_assert (pass (&p, ES_MESSAGE_RESPONSE, NULL));
  accept = make_next (&p, ES_MESSAGE_INITIATOR_ACCEPT);
  assert_refused (&p, ES_MESSAGE_INITIATOR_ACCEPT, accept, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

/* Every failed check wipes, also what was given to the negotiation and what it already agreed. */
START_TEST (negotiation__failed_check__leaves_no_secret)
{
  g_autoptr (GPtrArray) secrets = secrets_numbered (1, 2);
  static const guint8 zeros[32] = { 0 };

  for (guint which = ES_MESSAGE_RESPONSE; which <= ES_MESSAGE_RESPONDER_ACCEPT; which++)
    {
      Parties p;
      g_autoptr (EsXml) payload = NULL;
      EsNegotiation *receiver = NULL;

      parties_init (&p, 640);
      p.secrets_a = p.secrets_b = secrets;
      p.other_a = p.other_b = secrets->pdata[0];
      payload = make (&p, which);
      receiver = receiver_of (&p, which);
      es_negotiation_set_secrets (receiver, retained_from (secrets, 0));
      es_negotiation_set_other_secret (receiver, secrets->pdata[0]);
      set_octets (payload, "nonce", zeros, sizeof zeros);
      assert_refused (&p, which, payload, ES_ERROR_CHECK, NULL); /* looks at all of it */
      ck_assert_ptr_null (es_negotiation_steal_agreement (receiver));
      parties_end (&p);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation-forged");
  TCase *tcase = tcase_create ("negotiation-forged");
  const TTest *const both[] = {
    negotiation__forged__without_a_fault_is_accepted,
    negotiation__forged__wrong_nonce,
    negotiation__forged__nonce_cut_short,
    negotiation__forged__only_the_mac_inside_is_wrong,
    negotiation__forged__only_the_mac_outside_is_wrong,
    negotiation__forged__identity_of_another_length,
  };

  tcase_set_timeout (tcase, 120);
  for (gsize i = 0; i < G_N_ELEMENTS (both); i++)
    tcase_add_loop_test (tcase, both[i], 0, G_N_ELEMENTS (signed_messages));
  tcase_add_loop_test (tcase, negotiation__public_value__modp_zero_one_and_the_prime, 0, G_N_ELEMENTS (modp));
  tcase_add_loop_test (tcase, negotiation__public_value__modp_leading_zero, 0, G_N_ELEMENTS (modp));
  tcase_add_test (tcase, negotiation__public_value__modp_two_is_accepted);
  tcase_add_test (tcase, negotiation__public_value__x25519_low_order);
  tcase_add_test (tcase, negotiation__public_value__x25519_of_another_length);
  tcase_add_test (tcase, negotiation__forged__e_that_was_not_committed_to);
  tcase_add_test (tcase, negotiation__forged__e_committed_to_for_another_group);
  tcase_add_test (tcase, negotiation__failed_check__leaves_no_secret);
  suite_add_tcase (suite, tcase);
  return run_strictly (suite);
}
