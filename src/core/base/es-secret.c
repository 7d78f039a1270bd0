/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-secret.h"

#include <string.h>

#include <openssl/crypto.h>

#include "es-locked.h"

/* OpenSSL keeps its own X25519 keys and big numbers there while it computes with them, and fails where it is full: nothing of
 * ours is in it. */
#define LIBRARY_HEAP_OCTETS (256 * 1024)
#define LIBRARY_HEAP_SMALLEST 32

struct _EsSecret
{
  gsize size;
  guint8 *data;
  gboolean locked;
};

static gboolean is_set_up;
static EsSecretMemory memory;
static void (*on_unlocked) (void);

gboolean
es_secret_setup (void)
{
  void *first = NULL;

  if (is_set_up)
    return memory.unlocked_ever == 0 && memory.library_is_locked;
  is_set_up = TRUE;

  /* Ours goes before: what it holds stays there for as long as a conversation does. */
  if ((first = es_locked_new (1)) != NULL)
    es_locked_free (first, 1);
  memory.library_is_locked = !CRYPTO_secure_malloc_initialized ()
                             && CRYPTO_secure_malloc_init (LIBRARY_HEAP_OCTETS, LIBRARY_HEAP_SMALLEST) == 1;
  return first != NULL && memory.library_is_locked;
}

void
es_secret_release (void)
{
  es_locked_release ();
}

void
es_secret_tell_unlocked (void (*told) (void))
{
  on_unlocked = told;
}

void
es_secret_memory (EsSecretMemory *now)
{
  *now = memory;
  now->locked_octets = es_locked_octets ();
}

gboolean
es_secret_may_be_swapped (void)
{
  return is_set_up && (memory.unlocked_ever > 0 || !memory.library_is_locked);
}

gboolean
es_secret_is_locked (const EsSecret *secret)
{
  return secret->locked;
}

/* Ordinary memory, which is wiped just the same. */
static guint8 *
new_unlocked (gsize size)
{
  guint8 *data = OPENSSL_zalloc (size);

  if (data == NULL)
    g_error ("out of memory");
  memory.unlocked++;
  if (is_set_up && size <= ES_LOCKED_LARGEST && memory.unlocked_ever++ == 0 && on_unlocked != NULL)
    on_unlocked ();
  return data;
}

EsSecret *
es_secret_new (gsize size)
{
  EsSecret *secret = g_new0 (EsSecret, 1);

  /* An allocation of no octets may give NULL, so there is always one. */
  gsize octets = MAX (size, 1);

  secret->size = size;
  if (is_set_up && octets <= ES_LOCKED_LARGEST)
    secret->data = es_locked_new (octets);
  secret->locked = secret->data != NULL;
  if (secret->data == NULL)
    secret->data = new_unlocked (octets);
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

  if (secret->locked)
    es_locked_free (secret->data, MAX (secret->size, 1));
  else
    {
      OPENSSL_clear_free (secret->data, MAX (secret->size, 1));
      memory.unlocked--;
    }
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

void
es_text_free (char *text)
{
  if (text != NULL)
    es_octets_wipe (text, strlen (text));
  g_free (text);
}
