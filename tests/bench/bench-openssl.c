/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-openssl.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#define X25519_OCTETS 32
#define MAC_OCTETS 32
#define EXPONENT_BITS 320

static const struct
{
  guint group;
  BIGNUM *(*prime) (BIGNUM *);
} PRIMES[] = {
  { 14, BN_get_rfc3526_prime_2048 }, { 15, BN_get_rfc3526_prime_3072 }, { 16, BN_get_rfc3526_prime_4096 },
  { 17, BN_get_rfc3526_prime_6144 }, { 18, BN_get_rfc3526_prime_8192 },
};

struct _Floor
{
  EVP_PKEY_CTX *pairs;
  EVP_PKEY *peer; /* the side that does not re-key */
  BN_CTX *numbers;
  BIGNUM *primes[G_N_ELEMENTS (PRIMES)];
  BN_MONT_CTX *montgomery[G_N_ELEMENTS (PRIMES)];
  BIGNUM *exponent;
  EVP_CIPHER *cipher;
  EVP_CIPHER_CTX *stream;
  EVP_MAC *hmac;
  EVP_MAC_CTX *mac;
  guint8 key[32];
  guint8 counter[16];
  GByteArray *there; /* encrypted */
  GByteArray *back;  /* and decrypted again */
};

static EVP_PKEY *
new_pair (Floor *raw)
{
  EVP_PKEY *pair = NULL;

  bench_must (EVP_PKEY_generate (raw->pairs, &pair) == 1, "X25519");
  return pair;
}

Floor *
floor_new (void)
{
  Floor *raw = g_new0 (Floor, 1);
  OSSL_PARAM digest[]
      = { OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, (char *) "SHA256", 0), OSSL_PARAM_construct_end () };

  raw->pairs = EVP_PKEY_CTX_new_from_name (NULL, "X25519", NULL);
  bench_must (raw->pairs != NULL && EVP_PKEY_keygen_init (raw->pairs) == 1, "X25519");
  raw->peer = new_pair (raw);

  raw->numbers = BN_CTX_new ();
  raw->exponent = BN_new ();
  bench_must (BN_rand (raw->exponent, EXPONENT_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1, "random number");
  for (gsize i = 0; i < G_N_ELEMENTS (PRIMES); i++)
    {
      raw->primes[i] = PRIMES[i].prime (NULL);
      raw->montgomery[i] = BN_MONT_CTX_new ();
      bench_must (BN_MONT_CTX_set (raw->montgomery[i], raw->primes[i], raw->numbers) == 1, "prime");
    }

  raw->cipher = EVP_CIPHER_fetch (NULL, "AES-256-CTR", NULL);
  raw->stream = EVP_CIPHER_CTX_new ();
  raw->hmac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  raw->mac = EVP_MAC_CTX_new (raw->hmac);
  bench_must (EVP_EncryptInit_ex2 (raw->stream, raw->cipher, raw->key, raw->counter, NULL) == 1
                  && EVP_MAC_init (raw->mac, raw->key, sizeof raw->key, digest) == 1,
              "OpenSSL");
  raw->there = g_byte_array_new ();
  raw->back = g_byte_array_new ();
  return raw;
}

void
floor_free (Floor *raw)
{
  for (gsize i = 0; i < G_N_ELEMENTS (PRIMES); i++)
    {
      BN_MONT_CTX_free (raw->montgomery[i]);
      BN_free (raw->primes[i]);
    }
  BN_free (raw->exponent);
  BN_CTX_free (raw->numbers);
  EVP_PKEY_free (raw->peer);
  EVP_PKEY_CTX_free (raw->pairs);
  EVP_MAC_CTX_free (raw->mac);
  EVP_MAC_free (raw->hmac);
  EVP_CIPHER_CTX_free (raw->stream);
  EVP_CIPHER_free (raw->cipher);
  g_byte_array_unref (raw->there);
  g_byte_array_unref (raw->back);
  g_free (raw);
}

/* The value that OWN shares with PEER, which comes as octets. */
static void
derive (EVP_PKEY *own, EVP_PKEY *peer, guint8 *out)
{
  guint8 octets[X25519_OCTETS];
  gsize size = sizeof octets;
  EVP_PKEY *received = NULL;
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (NULL, own, NULL);

  bench_must (EVP_PKEY_get_raw_public_key (peer, octets, &size) == 1, "X25519");
  received = EVP_PKEY_new_raw_public_key_ex (NULL, "X25519", NULL, octets, size);
  bench_must (EVP_PKEY_derive_init (context) == 1 && EVP_PKEY_derive_set_peer (context, received) == 1
                  && EVP_PKEY_derive (context, out, &size) == 1,
              "X25519");
  EVP_PKEY_CTX_free (context);
  EVP_PKEY_free (received);
}

static void
derive_both (EVP_PKEY *alice, EVP_PKEY *bob)
{
  guint8 a[X25519_OCTETS], b[X25519_OCTETS];

  derive (alice, bob, a);
  derive (bob, alice, b);
  bench_must (memcmp (a, b, sizeof a) == 0, "X25519");
}

void
floor_x25519_rekey (Floor *raw)
{
  EVP_PKEY *pair = new_pair (raw);

  derive_both (pair, raw->peer);
  EVP_PKEY_free (pair);
}

void
floor_x25519_agree (Floor *raw)
{
  EVP_PKEY *alice = new_pair (raw), *bob = new_pair (raw);

  derive_both (alice, bob);
  EVP_PKEY_free (alice);
  EVP_PKEY_free (bob);
}

void
floor_modp (Floor *raw, guint group, guint n)
{
  BIGNUM *value = BN_new ();
  gsize i = 0;

  while (PRIMES[i].group != group)
    i++;
  BN_set_word (value, 2);
  for (; n > 0; n--)
    bench_must (
        BN_mod_exp_mont_consttime (value, value, raw->exponent, raw->primes[i], raw->numbers, raw->montgomery[i]) == 1,
        "power");
  BN_free (value);
}

static void
stream (Floor *raw, const guint8 *in, gsize size, guint8 *out)
{
  int written = 0;

  bench_must (EVP_EncryptInit_ex2 (raw->stream, NULL, raw->key, raw->counter, NULL) == 1
                  && EVP_EncryptUpdate (raw->stream, out, &written, in, (int) size) == 1,
              "AES");
}

static void
mac (Floor *raw, const GByteArray *octets, guint8 *out)
{
  gsize written = 0;

  bench_must (EVP_MAC_init (raw->mac, raw->key, sizeof raw->key, NULL) == 1
                  && EVP_MAC_update (raw->mac, octets->data, octets->len) == 1
                  && EVP_MAC_final (raw->mac, out, &written, MAC_OCTETS) == 1,
              "HMAC");
}

void
floor_message (Floor *raw, const char *text, gsize size)
{
  guint8 sent[MAC_OCTETS], received[MAC_OCTETS];

  g_byte_array_set_size (raw->there, (guint) size);
  g_byte_array_set_size (raw->back, (guint) size);
  stream (raw, (const guint8 *) text, size, raw->there->data);
  mac (raw, raw->there, sent);
  mac (raw, raw->there, received);
  stream (raw, raw->there->data, size, raw->back->data);
  bench_must (memcmp (sent, received, sizeof sent) == 0 && memcmp (raw->back->data, text, size) == 0, "AES");
}
