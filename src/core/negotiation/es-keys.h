/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The key schedule: XEP-0116 sections 4.4 to 4.8, and XEP-0200 section 9 for re-keying. */
#pragma once
#include "es-crypto.h"
#include "es-dh.h"

typedef enum
{
  ES_ROLE_INITIATOR, /* Alice: asked for the session */
  ES_ROLE_RESPONDER  /* Bob: answered */
} EsRole;

/* What the two sides agreed to compute with. The rows are static. */
typedef struct
{
  EsDialect dialect;
  const EsGroup *group;
  const EsCipher *cipher;
  const EsHash *hash;
  const EsSas *sas;
} EsSuite;

/* The keys of one direction. SIGMA is there during a negotiation only. */
typedef struct
{
  EsSecret *cipher; /* KC, suite->cipher->key_octets */
  EsSecret *mac;    /* KM, suite->hash->octets */
  EsSecret *sigma;  /* KS, likewise */
} EsKeys;

/* Wipes and frees what KEYS hold. */
void es_keys_clear (EsKeys *keys);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EsKeys, es_keys_clear)

/* COUNTER as it enters a MAC: whole, but in Gajim's dialect, where Gajim writes or we write what it reads, without the zero
 * octets in front. It stays in COUNTER. */
EsPart es_keys_counter (EsDialect dialect, const EsCounter *counter);

/* K = HASH (shared DH value). The caller frees, as below. */
EsSecret *es_keys_provisional (const EsSuite *suite, const EsSecret *shared);

/* K = HASH (K | SRS | OSS), each only where it exists (not NULL); K again where neither does is HASH (K) too. */
EsSecret *es_keys_final (const EsSuite *suite, const EsSecret *k, const EsSecret *retained, const EsSecret *other);

/* The keys for what SIDE sends. KEYS must be empty. */
void es_keys_derive (const EsSuite *suite, const EsSecret *k, EsRole side, EsKeys *keys);

/* Re-keying: from the DH value itself, the keys for what the side sends that began the re-key, and for the other's. */
void es_keys_derive_rekey (const EsSuite *suite, const EsSecret *shared, gboolean sent_by_beginner, EsKeys *keys);

/* What is remembered for the next session with this client: HMAC (HASH, K, "New Retained Secret"). */
EsSecret *es_keys_retained (const EsSuite *suite, const EsSecret *k);
