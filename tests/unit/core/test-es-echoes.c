/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-echoes.h"

#include "es-crypto.h"
#include "es-limits.h"

#include "../es-test.h"

static GBytes *
numbered (guint n)
{
  return g_bytes_new (&n, sizeof n);
}

static gboolean
has (const EsEchoes *echoes, guint n)
{
  g_autoptr (GBytes) octets = numbered (n), digest = NULL;
  EsPart part = ES_PART_BYTES (octets);
  guint8 hash[ES_HASH_MAX_OCTETS];
  gboolean found = es_echoes_has (echoes, octets, NULL, NULL);

  /* A value and the commitment to it are one. */
  es_hash (es_hash_find ("sha256"), &part, 1, hash);
  digest = g_bytes_new (hash, 32);
  ck_assert_int_eq (es_echoes_has_digest (echoes, digest, NULL, NULL), found);
  ck_assert (!es_echoes_has_digest (echoes, octets, NULL, NULL));
  ck_assert (!es_echoes_has (echoes, digest, NULL, NULL));
  return found;
}

static void
add (EsEchoes *echoes, guint n)
{
  g_autoptr (GBytes) octets = numbered (n);

  es_echoes_add (echoes, octets, NULL, NULL);
}

START_TEST (echoes__added__are_known_and_no_others)
{
  g_autoptr (EsEchoes) echoes = es_echoes_new ();

  ck_assert (!has (echoes, 1));
  add (echoes, 1);
  add (echoes, 3);
  ck_assert (has (echoes, 1) && !has (echoes, 2) && has (echoes, 3));
}
END_TEST

START_TEST (echoes__too_many__the_oldest_is_forgotten)
{
  g_autoptr (EsEchoes) echoes = es_echoes_new ();

  for (guint i = 0; i < ES_LIMIT_ECHOES; i++)
    add (echoes, i);
  ck_assert (has (echoes, 0));

  /* Again: nothing new, and nothing goes for it. */
  add (echoes, 5);
  ck_assert (has (echoes, 0) && has (echoes, ES_LIMIT_ECHOES - 1));
  add (echoes, ES_LIMIT_ECHOES);
  ck_assert (!has (echoes, 0) && has (echoes, 1) && has (echoes, ES_LIMIT_ECHOES));
  for (guint i = 0; i < 3 * ES_LIMIT_ECHOES; i++)
    add (echoes, i + ES_LIMIT_ECHOES + 1);
  ck_assert (!has (echoes, 3 * ES_LIMIT_ECHOES) && has (echoes, 3 * ES_LIMIT_ECHOES + 1));
  ck_assert (has (echoes, 4 * ES_LIMIT_ECHOES) && !has (echoes, 4 * ES_LIMIT_ECHOES + 1));
}
END_TEST

/* Two accounts of one program: what one says to the other comes from it, and from nobody else, and is for nobody else. */
START_TEST (echoes__said_to_another_account__is_none)
{
  const EsAddress *a = es_at ("alice@example.org/x"), *b = es_at ("bob@example.org"), *c = es_at ("carol@example.org");
  const struct
  {
    const EsAddress *by, *to;
    gboolean echo;
  } rows[] = { { a, b, FALSE }, { b, a, TRUE },    { a, c, TRUE },    { c, b, TRUE },      { a, a, TRUE },
               { b, b, TRUE },  { NULL, b, TRUE }, { a, NULL, TRUE }, { NULL, NULL, TRUE } };
  g_autoptr (EsEchoes) echoes = es_echoes_new ();
  g_autoptr (GBytes) octets = numbered (1), others = numbered (2);

  es_echoes_add (echoes, octets, a, b);
  es_echoes_add (echoes, octets, b, a);
  es_echoes_add (echoes, others, a, a);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      ck_assert_int_eq (es_echoes_has (echoes, octets, rows[i].by, rows[i].to), rows[i].echo);
      ck_assert (es_echoes_has (echoes, others, rows[i].by, rows[i].to));
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("echoes");
  TCase *tcase = tcase_create ("echoes");

  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, echoes__added__are_known_and_no_others);
  tcase_add_test (tcase, echoes__too_many__the_oldest_is_forgotten);
  tcase_add_test (tcase, echoes__said_to_another_account__is_none);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
