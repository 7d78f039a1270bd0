/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hash, HMAC, counter mode, random octets, and what seals a file, from OpenSSL 3. */
#pragma once
#include "es-algs.h"
#include "es-secret.h"

/* A stretch of octets; several of them are what the specification writes {a, b, c}. */
typedef struct
{
  const void *data;
  gsize size;
} EsPart;

#define ES_PART(data, size) ((EsPart){ (data), (size) })
#define ES_PART_STRING(text) ((EsPart){ (text), strlen (text) })
#define ES_PART_BYTES(bytes) ((EsPart){ g_bytes_get_data ((bytes), NULL), g_bytes_get_size (bytes) })
#define ES_PART_SECRET(secret) ((EsPart){ es_secret_peek (secret), es_secret_size (secret) })

/* Whether this OpenSSL has all that we need. Call once before anything else here: what follows ends the process
 * where it cannot do its work, rather than go on without. */
gboolean es_crypto_available (void);

/* Which OpenSSL it is that runs. */
const char *es_crypto_version (void);

/* Gives back what was looked up in OpenSSL, which would outlive a plugin that is unloaded. It is looked up again when
 * needed. */
void es_crypto_release (void);

/* Where random octets come from, so that tests can replay a session. */
typedef struct
{
  void (*fill) (gpointer data, guint8 *out, gsize size);
  gpointer data;
} EsRandom;

/* OpenSSL's generator. */
extern const EsRandom es_random_system;

/* A number below LIMIT (1 to 256), each equally likely. */
guint es_random_below (const EsRandom *random, guint limit);
void es_random_fill (const EsRandom *random, void *out, gsize size);

#define ES_HASH_MAX_OCTETS 64

/* HASH (parts) and HMAC (HASH, key, parts) to OUT, which has room for hash->octets. */
void es_hash (const EsHash *hash, const EsPart *parts, gsize n_parts, guint8 *out);
void es_hmac (const EsHash *hash, EsPart key, const EsPart *parts, gsize n_parts, guint8 *out);

/* The same where the result is secret. */
EsSecret *es_hash_secret (const EsHash *hash, const EsPart *parts, gsize n_parts);
EsSecret *es_hmac_secret (const EsHash *hash, EsPart key, const EsPart *parts, gsize n_parts);

/* The 128-bit block counter, big-endian. It is never reset within a session. */
#define ES_COUNTER_OCTETS 16
typedef struct
{
  guint8 octets[ES_COUNTER_OCTETS];
} EsCounter;

/* Adds N modulo 2^128. */
void es_counter_add (EsCounter *counter, guint64 n);

/* Encrypts or decrypts SIZE octets from IN to OUT, which may be the same, and moves COUNTER on by one for each
 * block or part of one. In the strict dialect the first block uses the counter as it stands, in Gajim's the next. */
void es_ctr (const EsCipher *cipher,
             EsDialect dialect,
             const EsSecret *key,
             EsCounter *counter,
             const void *in,
             gsize size,
             guint8 *out);

/* Seals SECRET with AES-256-GCM under KEY (32 octets) and a random nonce: the result, ES_SEAL_OCTETS longer, is opened only
 * with the same key and the same BINDING, which is not in it. NULL from es_unseal: another key, another binding, or changed. */
#define ES_SEAL_KEY_OCTETS 32
#define ES_SEAL_OCTETS (12 + 16)
EsSecret *es_seal (const EsSecret *key, EsPart binding, const EsSecret *secret);
EsSecret *es_unseal (const EsSecret *key, EsPart binding, const EsSecret *sealed);

/* SIZE octets from what somebody can remember, by scrypt with N = 2^COST, r = 8, p = 1, which takes 2^COST KiB of memory:
 * NULL where there is not so much. */
EsSecret *es_scrypt (const EsSecret *passphrase, EsPart salt, guint cost, gsize size);
