/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only type that holds secrets: keys, DH exponents, shared values, retained secrets.
 *
 * Fixed size, in locked memory (es-locked.h), never copied on growth, wiped when freed. When no more memory can be locked, and for
 * what is no key but a text (more than 4 KiB), an ordinary allocation is used, which is wiped just the same but might be swapped
 * out. */
#pragma once
#include <glib.h>

typedef struct _EsSecret EsSecret;

/* Where the secrets are. */
typedef struct
{
  gsize locked_octets;        /* set aside for them */
  guint unlocked;             /* secrets that are in ordinary memory now, texts included */
  guint64 unlocked_ever;      /* those without texts for which there was no locked memory, since setup */
  gboolean library_is_locked; /* what OpenSSL computes with is in locked memory, too */
} EsSecretMemory;

/* Sets up locked memory once per process; later calls change nothing. Returns FALSE when memory could not be locked, or not that of
 * OpenSSL (the limit on locked memory is small, say); secrets then work without the lock. */
gboolean es_secret_setup (void);

/* Gives locked memory back if no secret is left; one that is made later takes some anew. */
void es_secret_release (void);

/* TOLD is called when a secret, the first after setup, finds no locked memory. NULL: nobody. */
void es_secret_tell_unlocked (void (*told) (void));

void es_secret_memory (EsSecretMemory *now);

/* Whether a secret has been since setup, or is when OpenSSL computes with it, in memory that is not locked. */
gboolean es_secret_may_be_swapped (void);

gboolean es_secret_is_locked (const EsSecret *secret);

/* A secret of SIZE octets, all zero. Never NULL. */
EsSecret *es_secret_new (gsize size);

/* A secret with a copy of SIZE octets at DATA; DATA stays the caller's, who wipes it. */
EsSecret *es_secret_new_from (const void *data, gsize size);

/* A secret of its own with the same octets. NULL for NULL. */
EsSecret *es_secret_copy (const EsSecret *secret);

/* Wipes and frees. NULL is allowed. */
void es_secret_free (EsSecret *secret);

/* The octets; they belong to the secret. */
guint8 *es_secret_data (EsSecret *secret);
const guint8 *es_secret_peek (const EsSecret *secret);
gsize es_secret_size (const EsSecret *secret);

/* Whether both hold the same octets; takes the same time wherever they differ. */
gboolean es_secret_equal (const EsSecret *a, const EsSecret *b);

/* The same for octets that are no secret themselves but are compared with one (MACs, hashes of secrets). */
gboolean es_octets_equal (const void *a, gsize a_size, const void *b, gsize b_size);

/* Wipes SIZE octets at DATA in a way the compiler does not remove. */
void es_octets_wipe (void *data, gsize size);

/* Wipes TEXT, up to the NUL at its end, and frees it; NULL is allowed. For what people write, and copies of passwords. */
void es_text_free (char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsSecret, es_secret_free)

/* An array of EsSecret, empty, that frees what is in it. */
GPtrArray *es_secret_array_new (void);
