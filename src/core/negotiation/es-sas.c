/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-sas.h"

#include <string.h>

/* The low BITS of HASH in DIGITS of base 28, most significant first. */
static char *
digits (const EsSuite *suite, const guint8 *hash, guint bits, guint n_digits)
{
  static const char alphabet[] = ES_SAS_DIGITS;
  const guint8 *end = hash + suite->hash->octets;
  guint32 value = (guint32) end[-4] << 24 | (guint32) end[-3] << 16 | (guint32) end[-2] << 8 | end[-1];
  char *code = g_malloc0 (n_digits + 1);

  value &= ((guint32) 1 << bits) - 1;
  for (guint i = n_digits; i-- > 0; value /= 28)
    code[i] = alphabet[value % 28];
  return code;
}

/* HASH ("sas28x6" | len (e) | e | len (form_A) | form_A | len (form_B) | form_B) */
static void
hash_beginning (const EsSuite *suite, GBytes *e, const char *form_a, const char *form_b, guint8 *hash)
{
  EsPart values[] = { ES_PART_BYTES (e), ES_PART_STRING (form_a), ES_PART_STRING (form_b) };
  guint32 lengths[G_N_ELEMENTS (values)];
  EsPart parts[1 + 2 * G_N_ELEMENTS (values)] = { ES_PART_STRING ("sas28x6") };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      lengths[i] = GUINT32_TO_BE ((guint32) values[i].size);
      parts[1 + 2 * i] = ES_PART (&lengths[i], sizeof lengths[i]);
      parts[2 + 2 * i] = values[i];
    }
  es_hash (suite->hash, parts, G_N_ELEMENTS (parts), hash);
}

char *
es_sas_code (const EsSuite *suite, GBytes *e, const char *form_a, const char *form_b)
{
  guint8 hash[ES_HASH_MAX_OCTETS];

  hash_beginning (suite, e, form_a, form_b, hash);
  return digits (suite, hash, 28, 6);
}

GBytes *
es_sas_context (const EsSuite *suite, GBytes *e, const char *form_a, const char *form_b)
{
  static const char name[] = "ESession password";
  guint8 context[sizeof name - 1 + ES_HASH_MAX_OCTETS];

  memcpy (context, name, sizeof name - 1);
  hash_beginning (suite, e, form_a, form_b, context + sizeof name - 1);
  return g_bytes_new (context, sizeof name - 1 + suite->hash->octets);
}

char *
es_sas_code_weak (const EsSuite *suite, const guint8 *m_a, const char *form_b)
{
  EsPart parts[]
      = { ES_PART (m_a, suite->hash->octets), ES_PART_STRING (form_b), ES_PART_STRING ("Short Authentication String") };
  guint8 hash[ES_HASH_MAX_OCTETS];

  es_hash (suite->hash, parts, G_N_ELEMENTS (parts), hash);
  return digits (suite, hash, 24, 5);
}
