/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-algs.h"

#include <string.h>

static const EsCipher ciphers[] = {
  { "aes256-ctr", "AES-256-CTR", 32 },
  { "aes192-ctr", "AES-192-CTR", 24 },
  { "aes128-ctr", "AES-128-CTR", 16 },
};

static const EsCipher gajim_ciphers[] = {
  { "aes128-ctr", "AES-256-CTR", 32 },
};

static const EsHash hashes[] = {
  { "sha256", "SHA256", 32 },
  { "sha384", "SHA384", 48 },
  { "sha512", "SHA512", 64 },
};

/* sas28x5 (XEP-0116 section 8) is a hash over values that the initiator is still free to choose once it knows all
 * the others, so whoever sits in the middle can make two codes equal. */
static const EsSas sas[] = {
  { "sas28x6", TRUE },
  { "sas28x5", FALSE },
};

static const char *const stanza_names[] = { "message", "iq", "presence" };

const EsCipher *
es_cipher_find (const char *name, EsDialect dialect)
{
  const EsCipher *rows = dialect == ES_DIALECT_GAJIM ? gajim_ciphers : ciphers;
  gsize n = dialect == ES_DIALECT_GAJIM ? G_N_ELEMENTS (gajim_ciphers) : G_N_ELEMENTS (ciphers);

  for (gsize i = 0; i < n; i++)
    if (strcmp (rows[i].name, name) == 0)
      return &rows[i];
  return NULL;
}

const EsHash *
es_hash_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (hashes); i++)
    if (strcmp (hashes[i].name, name) == 0)
      return &hashes[i];
  return NULL;
}

const EsSas *
es_sas_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sas); i++)
    if (strcmp (sas[i].name, name) == 0)
      return &sas[i];
  return NULL;
}

guint
es_stanza_bit (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (stanza_names); i++)
    if (strcmp (stanza_names[i], name) == 0)
      return 1u << i;
  return 0;
}

const char *
es_stanza_name (guint bit)
{
  for (gsize i = 0; i < G_N_ELEMENTS (stanza_names); i++)
    if (bit == 1u << i)
      return stanza_names[i];
  return NULL;
}
