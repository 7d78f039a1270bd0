/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-limits.h"
#include "forging.h"

/* The number of secrets in HASHES and, in PLACES, bits of where they stand, modulo 4. */
static guint
count_known (const Parties *p, const GPtrArray *hashes, guint *places)
{
  guint found = 0;

  for (guint i = 0; i < p->secrets_a->len; i++)
    {
      EsPart secret = ES_PART_SECRET ((const EsSecret *) p->secrets_a->pdata[i]);
      guint8 value[ES_HASH_MAX_OCTETS];

      es_hmac (es_hash_find ("sha256"), ES_PART_BYTES (p->a->nonce_a), &secret, 1, value);
      for (guint j = 0; j < hashes->len; j++)
        if (memcmp (value, g_bytes_get_data (hashes->pdata[j], NULL), 32) == 0)
          {
            found++;
            *places |= 1u << j % 4;
          }
    }
  return found;
}

static void
check_rshashes (guint64 seed, guint n_known, guint *places)
{
  g_autoptr (GPtrArray) secrets = secrets_numbered (1, n_known), hashes = NULL;
  g_autoptr (EsXml) payload = NULL;
  g_autoptr (EsForm) form = NULL;
  guint found = 0;
  Parties p;

  parties_init (&p, seed);
  p.secrets_a = secrets;
  payload = make (&p, ES_MESSAGE_INITIATOR_ACCEPT);
  form = es_form_parse (form_in (payload), NULL);
  hashes = es_form_get_octets_list (form, "rshashes", 32, 32, NULL);
  found = count_known (&p, hashes, places);
  ck_assert_uint_eq (found, MIN (n_known, 62));
  ck_assert_uint_eq (hashes->len % 4, 0);
  ck_assert_uint_ge (hashes->len, found + 2);
  ck_assert_uint_le (hashes->len, MIN (found + 5, ES_LIMIT_FIELD_VALUES));
  assert_completes (&p, ES_MESSAGE_INITIATOR_ACCEPT, payload);
  parties_end (&p);
}

/* All that are known are there, up to 62, among at least two that are not. */
START_TEST (negotiation__rshashes__hide_how_many_are_known)
{
  for (guint n_known = 0; n_known <= 100; n_known += n_known < 10 || n_known > 58 ? 1 : 7)
    {
      guint places = 0;

      check_rshashes (730, n_known, &places);
    }
}
END_TEST

START_TEST (negotiation__rshashes__hide_which_one_is_known)
{
  guint places = 0;

  for (guint64 seed = 800; seed < 840; seed++)
    check_rshashes (seed, 1, &places);
  ck_assert_uint_eq (places, 0xf);
}
END_TEST

/* Each side may hold two generations; the responder's order decides. */
START_TEST (negotiation__two_generations__the_responders_first_is_used)
{
  /* Secrets of each list: the first, and how many. The one that is used; 0: none. And which one is of a verified device. */
  static const struct
  {
    guint a, n_a, b, n_b, used, verified;
  } rows[] = {
    { 10, 2, 10, 2, 10 },    /* both hold both */
    { 10, 2, 11, 1, 11 },    /* one side holds the older only */
    { 11, 1, 10, 2, 11 },    /* or the other side */
    { 10, 2, 9, 2, 10 },     /* the responder has a newer one */
    { 10, 2, 20, 2, 0 },     /* nowhere */
    { 10, 3, 10, 3, 12, 3 }, /* what says more */
    { 10, 2, 10, 3, 10, 3 }, /* if the other side has it */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) a = secrets_numbered (rows[i].a, rows[i].n_a);
      g_autoptr (GPtrArray) b = secrets_numbered (rows[i].b, rows[i].n_b);
      Parties p;
      const EsSecret *found[2] = { NULL };

      parties_init (&p, 740);
      p.secrets_a = a;
      p.secrets_b = b;
      p.verified_b = rows[i].verified;
      parties_begin (&p);
      pass_until (&p, 4);
      found[0] = p.a->agreement->found;
      found[1] = p.b->agreement->found;
      for (gsize k = 0; k < 2; k++)
        ck_assert_uint_eq (found[k] != NULL ? es_secret_peek (found[k])[31] : 0, rows[i].used);
      assert_alike (&p);
      parties_end (&p);
    }
}
END_TEST

/* Bob names a secret that Alice has, but did not use it. */
START_TEST (negotiation__forged__retained_secret_that_was_not_used)
{
  g_autoptr (GPtrArray) secrets = secrets_numbered (1, 1);
  EsPart label = ES_PART_STRING ("Shared Retained Secret");
  guint8 hash[ES_HASH_MAX_OCTETS];
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 630);
  p.secrets_a = secrets;
  payload = make (&p, ES_MESSAGE_RESPONDER_ACCEPT);
  ck_assert_ptr_null (p.b->agreement->found);
  es_hmac (p.b->terms.suite.hash, ES_PART_SECRET ((const EsSecret *) secrets->pdata[0]), &label, 1, hash);
  set_octets (payload, "srshash", hash, 32);
  sign (&p, ES_MESSAGE_RESPONDER_ACCEPT, payload, (Forgery){ NULL });
  assert_refused (&p, ES_MESSAGE_RESPONDER_ACCEPT, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

/* He used it, but does not say so: to Alice this is a first meeting with another K. */
START_TEST (negotiation__forged__retained_secret_that_is_not_named)
{
  g_autoptr (GPtrArray) secrets = secrets_numbered (1, 1);
  static const guint8 zeros[32] = { 0 };
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 631);
  p.secrets_a = secrets;
  p.secrets_b = secrets;
  payload = make (&p, ES_MESSAGE_RESPONDER_ACCEPT);
  ck_assert_ptr_nonnull (p.b->agreement->found);
  set_octets (payload, "srshash", zeros, sizeof zeros);
  sign (&p, ES_MESSAGE_RESPONDER_ACCEPT, payload, (Forgery){ NULL });
  assert_refused (&p, ES_MESSAGE_RESPONDER_ACCEPT, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation-retained");
  TCase *tcase = tcase_create ("negotiation-retained");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, negotiation__rshashes__hide_how_many_are_known);
  tcase_add_test (tcase, negotiation__rshashes__hide_which_one_is_known);
  tcase_add_test (tcase, negotiation__two_generations__the_responders_first_is_used);
  tcase_add_test (tcase, negotiation__forged__retained_secret_that_was_not_used);
  tcase_add_test (tcase, negotiation__forged__retained_secret_that_is_not_named);
  suite_add_tcase (suite, tcase);
  return run_strictly (suite);
}
