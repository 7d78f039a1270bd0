/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-stretch.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

/* scrypt takes 128 * r * N octets and a little more. */
#define SCRYPT_N 32768
#define SCRYPT_R 8
#define SCRYPT_P 1
#define SCRYPT_MEMORY ((guint64) 64 * 1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF, EVP_KDF_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF_CTX, EVP_KDF_CTX_free)

static gboolean
scrypt (char *password, GBytes *salt, EsSecret *out)
{
  g_autoptr (EVP_KDF) kdf = EVP_KDF_fetch (NULL, "SCRYPT", NULL);
  g_autoptr (EVP_KDF_CTX) context = kdf != NULL ? EVP_KDF_CTX_new (kdf) : NULL;
  guint64 n = SCRYPT_N, memory = SCRYPT_MEMORY;
  guint32 r = SCRYPT_R, p = SCRYPT_P;
  gsize salt_octets = 0;
  const void *octets = g_bytes_get_data (salt, &salt_octets);
  const OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD, password, strlen (password)),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) octets, salt_octets),
    OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_N, &n),
    OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_SCRYPT_R, &r),
    OSSL_PARAM_construct_uint32 (OSSL_KDF_PARAM_SCRYPT_P, &p),
    OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
    OSSL_PARAM_construct_end (),
  };

  return context != NULL && EVP_KDF_derive (context, es_secret_data (out), es_secret_size (out), parameters) == 1;
}

EsSecret *
es_stretch (const char *password, GBytes *salt, gsize size)
{
  char *composed = g_utf8_normalize (password, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  g_autoptr (EsSecret) out = es_secret_new (size);
  gboolean done = composed != NULL && scrypt (composed, salt, out);

  if (composed != NULL)
    es_octets_wipe (composed, strlen (composed));
  g_free (composed);
  return done ? g_steal_pointer (&out) : NULL;
}
