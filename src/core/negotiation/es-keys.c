/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-keys.h"

#include <string.h>

void
es_keys_clear (EsKeys *keys)
{
  g_clear_pointer (&keys->cipher, es_secret_free);
  g_clear_pointer (&keys->mac, es_secret_free);
  g_clear_pointer (&keys->sigma, es_secret_free);
}

EsPart
es_keys_counter (EsDialect dialect, const EsCounter *counter)
{
  gsize skip = 0;

  while (dialect == ES_DIALECT_GAJIM && skip < ES_COUNTER_OCTETS && counter->octets[skip] == 0)
    skip++;
  return ES_PART (counter->octets + skip, ES_COUNTER_OCTETS - skip);
}

EsSecret *
es_keys_provisional (const EsSuite *suite, const EsSecret *shared)
{
  EsPart parts[] = { ES_PART_SECRET (shared) };

  return es_hash_secret (suite->hash, parts, G_N_ELEMENTS (parts));
}

EsSecret *
es_keys_final (const EsSuite *suite, const EsSecret *k, const EsSecret *retained, const EsSecret *other)
{
  EsPart parts[3] = { ES_PART_SECRET (k) };
  gsize n = 1;

  if (retained != NULL)
    parts[n++] = ES_PART_SECRET (retained);
  if (other != NULL)
    parts[n++] = ES_PART_SECRET (other);
  return es_hash_secret (suite->hash, parts, n);
}

static EsSecret *
labelled (const EsSuite *suite, const EsSecret *k, const char *label)
{
  EsPart parts[] = { ES_PART_STRING (label) };

  return es_hmac_secret (suite->hash, ES_PART_SECRET (k), parts, G_N_ELEMENTS (parts));
}

/* Cipher keys are the least significant, that is the rightmost octets (XEP-0116 section 4.5.3). */
static EsSecret *
labelled_cipher (const EsSuite *suite, const EsSecret *k, const char *label)
{
  g_autoptr (EsSecret) whole = labelled (suite, k, label);
  gsize size = suite->cipher->key_octets;

  g_assert (size <= es_secret_size (whole));
  return es_secret_new_from (es_secret_peek (whole) + es_secret_size (whole) - size, size);
}

void
es_keys_derive (const EsSuite *suite, const EsSecret *k, EsRole side, EsKeys *keys)
{
  gboolean initiator = side == ES_ROLE_INITIATOR;

  keys->cipher = labelled_cipher (suite, k, initiator ? "Initiator Cipher Key" : "Responder Cipher Key");
  keys->mac = labelled (suite, k, initiator ? "Initiator MAC Key" : "Responder MAC Key");
  keys->sigma = labelled (suite, k, initiator ? "Initiator SIGMA Key" : "Responder SIGMA Key");
}

void
es_keys_derive_rekey (const EsSuite *suite, const EsSecret *shared, gboolean sent_by_beginner, EsKeys *keys)
{
  keys->cipher = labelled_cipher (suite, shared, sent_by_beginner ? "Rekey Initiator Crypt" : "Rekey Acceptor Crypt");
  keys->mac = labelled (suite, shared, sent_by_beginner ? "Rekey Initiator MAC" : "Rekey Acceptor MAC");
}

EsSecret *
es_keys_retained (const EsSuite *suite, const EsSecret *k)
{
  return labelled (suite, k, "New Retained Secret");
}
