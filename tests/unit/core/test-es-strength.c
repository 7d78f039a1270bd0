/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-strength.h"

#include "../es-test.h"
#include "es-dh.h"

static guint32
strength (guint group, const char *cipher, const char *hash, const char *sas, guint stanzas)
{
  const EsSuite suite = {
    .group = es_group_find (group),
    .cipher = es_cipher_find (cipher, ES_DIALECT_STRICT),
    .hash = es_hash_find (hash),
    .sas = es_sas_find (sas),
  };

  return es_strength_of (&suite, stanzas);
}

START_TEST (strength__narrowed__each_part_for_itself)
{
  guint32 usual = strength (31, "aes256-ctr", "sha256", "sas28x6", ES_STANZA_ALL);

  ck_assert (!es_strength_is_narrowed (usual, usual));
  ck_assert (!es_strength_is_narrowed (usual, 0));
  ck_assert (es_strength_is_narrowed (0, usual));
  ck_assert (es_strength_is_narrowed (strength (14, "aes256-ctr", "sha256", "sas28x6", ES_STANZA_ALL), usual));
  ck_assert (es_strength_is_narrowed (strength (31, "aes128-ctr", "sha256", "sas28x6", ES_STANZA_ALL), usual));
  ck_assert (es_strength_is_narrowed (strength (31, "aes256-ctr", "sha256", "sas28x5", ES_STANZA_ALL), usual));
  ck_assert (es_strength_is_narrowed (strength (31, "aes256-ctr", "sha256", "sas28x6", ES_STANZA_MESSAGE), usual));
  ck_assert (es_strength_is_narrowed (usual, strength (31, "aes256-ctr", "sha512", "sas28x6", ES_STANZA_ALL)));

  /* Whatever kind of stanza is left out goes out in the clear. */
  for (guint kind = ES_STANZA_MESSAGE; kind <= ES_STANZA_ALL; kind <<= 1)
    {
      guint32 fewer = strength (31, "aes256-ctr", "sha256", "sas28x6", ES_STANZA_ALL & ~kind);

      ck_assert (es_strength_is_narrowed (fewer, usual));
      ck_assert (!es_strength_is_narrowed (usual, fewer));
      ck_assert (!es_strength_is_narrowed (fewer, fewer));
    }

  /* More of one does not make up for less of another. */
  ck_assert (es_strength_is_narrowed (strength (18, "aes128-ctr", "sha512", "sas28x6", ES_STANZA_ALL), usual));
  ck_assert (!es_strength_is_narrowed (strength (15, "aes256-ctr", "sha256", "sas28x6", ES_STANZA_ALL), usual));
}
END_TEST

START_TEST (strength__best__of_each_part)
{
  guint32 one = strength (18, "aes128-ctr", "sha256", "sas28x5", ES_STANZA_MESSAGE);
  guint32 other = strength (14, "aes256-ctr", "sha512", "sas28x6", ES_STANZA_IQ);

  ck_assert_uint_eq (es_strength_best (one, other),
                     strength (18, "aes256-ctr", "sha512", "sas28x6", ES_STANZA_MESSAGE | ES_STANZA_IQ));
  ck_assert_uint_le (es_strength_best (one, other), ES_STRENGTH_MAX);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("strength");
  TCase *tcase = tcase_create ("strength");

  tcase_add_test (tcase, strength__narrowed__each_part_for_itself);
  tcase_add_test (tcase, strength__best__of_each_part);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
