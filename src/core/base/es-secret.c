/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-secret.h"

#include <string.h>

#include <openssl/crypto.h>

/* A session needs under 4 KiB, under 16 whatever the other side does. OpenSSL keeps its own X25519 keys and big numbers
 * in the same heap once it exists and fails where that is full, so half of it is not for us. */
#define HEAP_OCTETS (512 * 1024)
#define OWN_OCTETS (HEAP_OCTETS / 2)
#define HEAP_SMALLEST 32
#define HEAP_LARGEST 4096

struct _EsSecret
{
  gsize size;
  guint8 *data;
};

gboolean
es_secret_setup (void)
{
  if (CRYPTO_secure_malloc_initialized ())
    return TRUE;

  return CRYPTO_secure_malloc_init (HEAP_OCTETS, HEAP_SMALLEST) == 1;
}

EsSecret *
es_secret_new (gsize size)
{
  EsSecret *secret = g_new0 (EsSecret, 1);

  /* An allocation of no octets may give NULL, so there is always one. */
  secret->size = size;
  if (size <= HEAP_LARGEST && (!CRYPTO_secure_malloc_initialized () || CRYPTO_secure_used () < OWN_OCTETS))
    secret->data = OPENSSL_secure_zalloc (MAX (size, 1));

  /* Our part is full, or would be: OPENSSL_secure_clear_free takes ordinary memory as well and wipes it. */
  if (secret->data == NULL)
    secret->data = OPENSSL_zalloc (MAX (size, 1));
  if (secret->data == NULL)
    g_error ("out of memory");

  return secret;
}

EsSecret *
es_secret_new_from (const void *data, gsize size)
{
  EsSecret *secret = es_secret_new (size);

  if (size > 0)
    memcpy (secret->data, data, size);
  return secret;
}

EsSecret *
es_secret_copy (const EsSecret *secret)
{
  return secret != NULL ? es_secret_new_from (secret->data, secret->size) : NULL;
}

void
es_secret_free (EsSecret *secret)
{
  if (secret == NULL)
    return;

  OPENSSL_secure_clear_free (secret->data, MAX (secret->size, 1));
  g_free (secret);
}

static void
free_secret (gpointer data)
{
  es_secret_free (data);
}

GPtrArray *
es_secret_array_new (void)
{
  return g_ptr_array_new_with_free_func (free_secret);
}

guint8 *
es_secret_data (EsSecret *secret)
{
  return secret->data;
}

const guint8 *
es_secret_peek (const EsSecret *secret)
{
  return secret->data;
}

gsize
es_secret_size (const EsSecret *secret)
{
  return secret->size;
}

gboolean
es_secret_equal (const EsSecret *a, const EsSecret *b)
{
  return es_octets_equal (a->data, a->size, b->data, b->size);
}

gboolean
es_octets_equal (const void *a, gsize a_size, const void *b, gsize b_size)
{
  return a_size == b_size && CRYPTO_memcmp (a, b, a_size) == 0;
}

void
es_octets_wipe (void *data, gsize size)
{
  OPENSSL_cleanse (data, size);
}
