/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-crypto.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_GROUP, EC_GROUP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER, EVP_CIPHER_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_CIPHER_CTX, EVP_CIPHER_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD, EVP_MD_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF, EVP_KDF_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_KDF_CTX, EVP_KDF_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MAC, EVP_MAC_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MAC_CTX, EVP_MAC_CTX_free)

/* All that can fail below is memory and an OpenSSL without its default provider; es_crypto_available looked. */
static void
must (gboolean ok)
{
  if (!ok)
    g_error ("OpenSSL failed");
}

gboolean
es_crypto_available (void)
{
  static const char *const digests[] = { "SHA256", "SHA384", "SHA512" };
  static const char *const ciphers[] = { "AES-128-CTR", "AES-192-CTR", "AES-256-CTR", "AES-256-GCM" };
  g_autoptr (EVP_MAC) hmac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  g_autoptr (EC_GROUP) curve = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);
  g_autoptr (EVP_KDF) scrypt = EVP_KDF_fetch (NULL, "SCRYPT", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (digests); i++)
    {
      g_autoptr (EVP_MD) digest = EVP_MD_fetch (NULL, digests[i], NULL);

      if (digest == NULL)
        return FALSE;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (ciphers); i++)
    {
      g_autoptr (EVP_CIPHER) cipher = EVP_CIPHER_fetch (NULL, ciphers[i], NULL);

      if (cipher == NULL)
        return FALSE;
    }
  return hmac != NULL && curve != NULL && scrypt != NULL && RAND_status () == 1;
}

const char *
es_crypto_version (void)
{
  return OpenSSL_version (OPENSSL_FULL_VERSION_STRING);
}

/* OpenSSL takes longer to look an algorithm up by its name than to run it over a short message, so the last ones stay. */
static struct
{
  const EsHash *hash;
  EVP_MAC_CTX *hmac; /* with that hash and no key yet */
  const EsCipher *cipher;
  EVP_CIPHER *evp;
} last;

void
es_crypto_release (void)
{
  EVP_MAC_CTX_free (last.hmac);
  EVP_CIPHER_free (last.evp);
  memset (&last, 0, sizeof last);
}

static const EVP_MAC_CTX *
look_up_hmac (const EsHash *hash)
{
  g_autoptr (EVP_MAC) mac = NULL;
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, (char *) hash->openssl, 0),
    OSSL_PARAM_construct_end (),
  };

  if (last.hash == hash)
    return last.hmac;
  EVP_MAC_CTX_free (last.hmac);
  last.hash = hash;
  mac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  last.hmac = mac != NULL ? EVP_MAC_CTX_new (mac) : NULL;
  must (last.hmac != NULL && EVP_MAC_CTX_set_params (last.hmac, parameters) == 1);
  return last.hmac;
}

static const EVP_CIPHER *
look_up_cipher (const EsCipher *cipher)
{
  if (last.cipher == cipher)
    return last.evp;
  EVP_CIPHER_free (last.evp);
  last.cipher = cipher;
  last.evp = EVP_CIPHER_fetch (NULL, cipher->openssl, NULL);
  must (last.evp != NULL);
  return last.evp;
}

static void
fill_system (gpointer data, guint8 *out, gsize size)
{
  while (size > 0)
    {
      int n = (int) MIN (size, G_MAXINT);

      must (RAND_priv_bytes (out, n) == 1);
      out += n;
      size -= (gsize) n;
    }
}

const EsRandom es_random_system = { fill_system, NULL };

void
es_random_fill (const EsRandom *random, void *out, gsize size)
{
  random->fill (random->data, out, size);
}

guint
es_random_below (const EsRandom *random, guint limit)
{
  guint8 octet = 0;

  /* Refuse the last, incomplete run of 0 .. limit-1. */
  do
    es_random_fill (random, &octet, 1);
  while (octet >= 256 - 256 % limit);

  return octet % limit;
}

void
es_hash (const EsHash *hash, const EsPart *parts, gsize n_parts, guint8 *out)
{
  g_autoptr (EVP_MD) digest = EVP_MD_fetch (NULL, hash->openssl, NULL);
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();

  must (digest != NULL && context != NULL && EVP_DigestInit_ex2 (context, digest, NULL) == 1);
  for (gsize i = 0; i < n_parts; i++)
    must (EVP_DigestUpdate (context, parts[i].data, parts[i].size) == 1);
  must (EVP_DigestFinal_ex (context, out, NULL) == 1);
}

void
es_hmac (const EsHash *hash, EsPart key, const EsPart *parts, gsize n_parts, guint8 *out)
{
  g_autoptr (EVP_MAC_CTX) context = EVP_MAC_CTX_dup (look_up_hmac (hash));
  gsize written = 0;

  must (context != NULL && EVP_MAC_init (context, key.data, key.size, NULL) == 1);
  for (gsize i = 0; i < n_parts; i++)
    must (EVP_MAC_update (context, parts[i].data, parts[i].size) == 1);
  must (EVP_MAC_final (context, out, &written, hash->octets) == 1 && written == hash->octets);
}

EsSecret *
es_hash_secret (const EsHash *hash, const EsPart *parts, gsize n_parts)
{
  EsSecret *secret = es_secret_new (hash->octets);

  es_hash (hash, parts, n_parts, es_secret_data (secret));
  return secret;
}

EsSecret *
es_hmac_secret (const EsHash *hash, EsPart key, const EsPart *parts, gsize n_parts)
{
  EsSecret *secret = es_secret_new (hash->octets);

  es_hmac (hash, key, parts, n_parts, es_secret_data (secret));
  return secret;
}

void
es_counter_add (EsCounter *counter, guint64 n)
{
  guint carry = 0;

  for (int i = ES_COUNTER_OCTETS - 1; i >= 0; i--, n >>= 8, carry >>= 8)
    {
      carry += counter->octets[i] + (guint) (n & 0xff);
      counter->octets[i] = carry & 0xff;
    }
}

void
es_ctr (const EsCipher *cipher,
        EsDialect dialect,
        const EsSecret *key,
        EsCounter *counter,
        const void *in,
        gsize size,
        guint8 *out)
{
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  EsCounter first = *counter;
  int written = 0;

  g_assert (es_secret_size (key) == cipher->key_octets && size <= G_MAXINT);
  if (dialect == ES_DIALECT_GAJIM)
    es_counter_add (&first, 1);

  must (context != NULL
        && EVP_EncryptInit_ex2 (context, look_up_cipher (cipher), es_secret_peek (key), first.octets, NULL) == 1
        && EVP_EncryptUpdate (context, out, &written, in, (int) size) == 1 && (gsize) written == size);
  es_counter_add (counter, (size + ES_COUNTER_OCTETS - 1) / ES_COUNTER_OCTETS);
}

#define SEAL_NONCE 12
#define SEAL_TAG 16

EsSecret *
es_seal (const EsSecret *key, EsPart binding, const EsSecret *secret)
{
  gsize size = es_secret_size (secret);
  EsSecret *sealed = es_secret_new (ES_SEAL_OCTETS + size);
  guint8 *nonce = es_secret_data (sealed), *out = nonce + SEAL_NONCE;
  g_autoptr (EVP_CIPHER) cipher = EVP_CIPHER_fetch (NULL, "AES-256-GCM", NULL);
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  int written = 0;

  g_assert (es_secret_size (key) == ES_SEAL_KEY_OCTETS && size <= G_MAXINT && binding.size <= G_MAXINT);
  es_random_fill (&es_random_system, nonce, SEAL_NONCE);
  must (cipher != NULL && context != NULL
        && EVP_EncryptInit_ex2 (context, cipher, es_secret_peek (key), nonce, NULL) == 1
        && EVP_EncryptUpdate (context, NULL, &written, binding.data, (int) binding.size) == 1
        && EVP_EncryptUpdate (context, out, &written, es_secret_peek (secret), (int) size) == 1
        && EVP_EncryptFinal_ex (context, out + size, &written) == 1
        && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG, out + size) == 1);
  return sealed;
}

EsSecret *
es_unseal (const EsSecret *key, EsPart binding, const EsSecret *sealed)
{
  gsize size = es_secret_size (sealed) >= ES_SEAL_OCTETS ? es_secret_size (sealed) - ES_SEAL_OCTETS : 0;
  g_autoptr (EsSecret) secret = es_secret_new (size);
  g_autoptr (EVP_CIPHER) cipher = EVP_CIPHER_fetch (NULL, "AES-256-GCM", NULL);
  g_autoptr (EVP_CIPHER_CTX) context = EVP_CIPHER_CTX_new ();
  const guint8 *nonce = es_secret_peek (sealed), *in = nonce + SEAL_NONCE;
  guint8 tag[SEAL_TAG], rest[SEAL_TAG];
  int written = 0;

  if (es_secret_size (sealed) < ES_SEAL_OCTETS || es_secret_size (key) != ES_SEAL_KEY_OCTETS || size > G_MAXINT
      || binding.size > G_MAXINT)
    return NULL;
  memcpy (tag, in + size, SEAL_TAG);
  must (cipher != NULL && context != NULL
        && EVP_DecryptInit_ex2 (context, cipher, es_secret_peek (key), nonce, NULL) == 1
        && EVP_DecryptUpdate (context, NULL, &written, binding.data, (int) binding.size) == 1
        && EVP_DecryptUpdate (context, es_secret_data (secret), &written, in, (int) size) == 1
        && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG, tag) == 1);
  return EVP_DecryptFinal_ex (context, rest, &written) == 1 ? g_steal_pointer (&secret) : NULL;
}

EsSecret *
es_scrypt (const EsSecret *passphrase, EsPart salt, guint cost, gsize size)
{
  guint64 n = (guint64) 1 << cost, r = 8, p = 1, most = ((guint64) 1 << (cost + 10)) + ((guint64) 1 << 20);
  g_autoptr (EVP_KDF) scrypt = EVP_KDF_fetch (NULL, "SCRYPT", NULL);
  g_autoptr (EVP_KDF_CTX) context = scrypt != NULL ? EVP_KDF_CTX_new (scrypt) : NULL;
  g_autoptr (EsSecret) out = es_secret_new (size);
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD, (void *) es_secret_peek (passphrase),
                                       es_secret_size (passphrase)),
    OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) salt.data, salt.size),
    OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_N, &n),
    OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_R, &r),
    OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_P, &p),
    OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most),
    OSSL_PARAM_construct_end (),
  };

  must (context != NULL);
  return EVP_KDF_derive (context, es_secret_data (out), size, parameters) == 1 ? g_steal_pointer (&out) : NULL;
}
