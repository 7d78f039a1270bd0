/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What each negotiated name means. Adding an algorithm is adding a row to es-algs.c (a group: es-dh.c). */
#pragma once
#include <glib.h>

/* XEP-0116, or what Gajim 0.12 to 0.16 made of it. */
typedef enum
{
  ES_DIALECT_STRICT,
  ES_DIALECT_GAJIM
} EsDialect;

typedef struct
{
  const char *name;    /* as negotiated, "aes256-ctr" */
  const char *openssl; /* as OpenSSL names it */
  gsize key_octets;
} EsCipher;

typedef struct
{
  const char *name; /* as negotiated, "sha256" */
  const char *openssl;
  gsize octets; /* of its output */
} EsHash;

typedef struct
{
  const char *name; /* as negotiated, "sas28x6" */
  gboolean proves;  /* whether equal codes prove that nobody is in the middle */
} EsSas;

/* The row of a name, or NULL. In the Gajim dialect "aes128-ctr" is AES with a 256-bit key. */
const EsCipher *es_cipher_find (const char *name, EsDialect dialect);
const EsHash *es_hash_find (const char *name);
const EsSas *es_sas_find (const char *name);

/* Stanza types that a session covers, as bits. */
typedef enum
{
  ES_STANZA_MESSAGE = 1 << 0,
  ES_STANZA_IQ = 1 << 1,
  ES_STANZA_PRESENCE = 1 << 2,
  ES_STANZA_ALL = ES_STANZA_MESSAGE | ES_STANZA_IQ | ES_STANZA_PRESENCE
} EsStanzas;

/* The bit of "message", "iq" or "presence", or 0; and the name of a bit. */
guint es_stanza_bit (const char *name);
const char *es_stanza_name (guint bit);
