/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-dh.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include "es-error.h"

#define X25519_OCTETS 32
#define EXPONENT_OCTETS 40

struct _EsGroup
{
  guint number;
  gsize octets;
  guint bits; /* of security */
  gboolean weak;
  BIGNUM *(*prime) (BIGNUM *); /* NULL for group 31 */
};

static const EsGroup groups[] = {
  { 1, 96, 60, TRUE, BN_get_rfc2409_prime_768 },
  { 2, 128, 80, TRUE, BN_get_rfc2409_prime_1024 },
  { 5, 192, 90, TRUE, BN_get_rfc3526_prime_1536 },
  { 14, 256, 112, FALSE, BN_get_rfc3526_prime_2048 },
  { 15, 384, 128, FALSE, BN_get_rfc3526_prime_3072 },
  { 16, 512, 152, FALSE, BN_get_rfc3526_prime_4096 },
  { 17, 768, 176, FALSE, BN_get_rfc3526_prime_6144 },
  { 18, 1024, 200, FALSE, BN_get_rfc3526_prime_8192 },
  { 31, X25519_OCTETS, 128, FALSE, NULL },
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_clear_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BN_CTX, BN_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)

static void
must (gboolean ok)
{
  if (!ok)
    g_error ("OpenSSL failed");
}

const EsGroup *
es_group_find (guint number)
{
  for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
    if (groups[i].number == number)
      return &groups[i];
  return NULL;
}

guint
es_group_number (const EsGroup *group)
{
  return group->number;
}

guint
es_group_bits (const EsGroup *group)
{
  return group->bits;
}

gboolean
es_group_is_weak (const EsGroup *group)
{
  return group->weak;
}

gsize
es_group_octets (const EsGroup *group)
{
  return group->octets;
}

guint
es_group_cost (const EsGroup *group)
{
  return group->prime != NULL ? (guint) (group->octets * group->octets / 100) : 60;
}

EsSecret *
es_dh_secret_new (const EsGroup *group, const EsRandom *random)
{
  gsize size = group->prime != NULL ? EXPONENT_OCTETS : X25519_OCTETS;
  EsSecret *secret = es_secret_new (size);

  es_random_fill (random, es_secret_data (secret), size);

  /* 320 bits with the highest one set are over 2^255 and below every p. */
  if (group->prime != NULL)
    es_secret_data (secret)[0] |= 0x80;
  return secret;
}

static BIGNUM *
bn_from_secret (const EsSecret *secret)
{
  BIGNUM *bn = BN_secure_new ();

  must (bn != NULL && BN_bin2bn (es_secret_peek (secret), (int) es_secret_size (secret), bn) != NULL);
  BN_set_flags (bn, BN_FLG_CONSTTIME);
  return bn;
}

/* base^secret mod p in constant time; the caller frees. */
static BIGNUM *
power (const BIGNUM *base, const EsSecret *secret, const BIGNUM *p)
{
  g_autoptr (BIGNUM) x = bn_from_secret (secret);
  g_autoptr (BN_CTX) context = BN_CTX_secure_new ();
  BIGNUM *result = BN_secure_new ();

  must (context != NULL && result != NULL && BN_mod_exp_mont_consttime (result, base, x, p, context, NULL) == 1);
  return result;
}

static GBytes *
modp_public (const EsGroup *group, const EsSecret *secret)
{
  g_autoptr (BIGNUM) p = group->prime (NULL);
  g_autoptr (BIGNUM) g = BN_new ();
  g_autoptr (BIGNUM) value = NULL;
  guint8 *octets = NULL;

  must (p != NULL && g != NULL && BN_set_word (g, 2) == 1);
  value = power (g, secret, p);
  octets = g_malloc ((gsize) BN_num_bytes (value));
  return g_bytes_new_take (octets, (gsize) BN_bn2bin (value, octets));
}

static EsSecret *
modp_shared (const EsGroup *group, const EsSecret *secret, GBytes *peer, GError **error)
{
  gsize size = 0;
  const guint8 *octets = g_bytes_get_data (peer, &size);
  g_autoptr (BIGNUM) p = group->prime (NULL);
  g_autoptr (BIGNUM) last = NULL;
  g_autoptr (BIGNUM) value = NULL;
  g_autoptr (BIGNUM) shared = NULL;
  EsSecret *result = NULL;

  must (p != NULL && (last = BN_dup (p)) != NULL && BN_sub_word (last, 1) == 1);
  if (size == 0 || size > group->octets || octets[0] == 0)
    goto refuse;

  value = BN_bin2bn (octets, (int) size, NULL);
  must (value != NULL);
  if (BN_is_one (value) || BN_cmp (value, last) >= 0)
    goto refuse;

  shared = power (value, secret, p);
  result = es_secret_new ((gsize) BN_num_bytes (shared));
  BN_bn2bin (shared, es_secret_data (result));
  return result;

refuse:
  g_set_error_literal (error, ES_ERROR, ES_ERROR_CHECK, "check failed");
  return NULL;
}

/* OWN is its public value, or NULL: OpenSSL computes it then, which takes as long as what the key is for. */
static EVP_PKEY *
x25519_key (const EsSecret *secret, GBytes *own)
{
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_name (NULL, "X25519", NULL);
  EVP_PKEY *key = NULL;
  OSSL_PARAM parameters[] = {
    OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PRIV_KEY, (void *) es_secret_peek (secret),
                                       es_secret_size (secret)),
    OSSL_PARAM_construct_end (),
    OSSL_PARAM_construct_end (),
  };

  if (own != NULL)
    parameters[1] = OSSL_PARAM_construct_octet_string (OSSL_PKEY_PARAM_PUB_KEY, (void *) g_bytes_get_data (own, NULL),
                                                       g_bytes_get_size (own));
  must (context != NULL && EVP_PKEY_fromdata_init (context) == 1
        && EVP_PKEY_fromdata (context, &key, EVP_PKEY_KEYPAIR, parameters) == 1);
  return key;
}

static GBytes *
x25519_public (const EsSecret *secret)
{
  g_autoptr (EVP_PKEY) key = x25519_key (secret, NULL);
  guint8 octets[X25519_OCTETS];
  gsize size = sizeof octets;

  must (EVP_PKEY_get_raw_public_key (key, octets, &size) == 1 && size == sizeof octets);
  return g_bytes_new (octets, size);
}

static EsSecret *
x25519_shared (const EsSecret *secret, GBytes *own_public, GBytes *peer, GError **error)
{
  gsize size = 0;
  const guint8 *octets = g_bytes_get_data (peer, &size);
  g_autoptr (EVP_PKEY) own = x25519_key (secret, own_public);
  gboolean is_value = size == X25519_OCTETS && (octets[X25519_OCTETS - 1] & 0x80) == 0;
  g_autoptr (EVP_PKEY) other = is_value ? EVP_PKEY_new_raw_public_key_ex (NULL, "X25519", NULL, octets, size) : NULL;
  g_autoptr (EVP_PKEY_CTX) context = EVP_PKEY_CTX_new_from_pkey (NULL, own, NULL);
  g_autoptr (EsSecret) shared = es_secret_new (X25519_OCTETS);
  g_autoptr (EsSecret) zero = es_secret_new (X25519_OCTETS);

  size = X25519_OCTETS;
  must (context != NULL && EVP_PKEY_derive_init (context) == 1);

  /* OpenSSL refuses an all-zero result itself; RFC 7748 section 6.1 leaves it to the user, so both look. */
  if (other == NULL || EVP_PKEY_derive_set_peer (context, other) != 1
      || EVP_PKEY_derive (context, es_secret_data (shared), &size) != 1 || es_secret_equal (shared, zero))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_CHECK, "check failed");
      return NULL;
    }
  return g_steal_pointer (&shared);
}

GBytes *
es_dh_public (const EsGroup *group, const EsSecret *secret)
{
  return group->prime != NULL ? modp_public (group, secret) : x25519_public (secret);
}

EsSecret *
es_dh_shared (const EsGroup *group, const EsSecret *secret, GBytes *own, GBytes *peer, GError **error)
{
  return group->prime != NULL ? modp_shared (group, secret, peer, error) : x25519_shared (secret, own, peer, error);
}
