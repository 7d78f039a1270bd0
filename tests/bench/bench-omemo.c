/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-omemo.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <signal/key_helper.h>
#include <signal/protocol.h>
#include <signal/session_builder.h>
#include <signal/session_cipher.h>
#include <signal/signal_protocol.h>

#define NS "eu.siacs.conversations.axolotl"
#define DEVICE 1
#define KEY_OCTETS 16
#define IV_OCTETS 12
#define TAG_OCTETS 16

typedef struct
{
  signal_protocol_store_context *store;
  session_cipher *cipher; /* to the other side */
  signal_protocol_address other;
  signal_buffer *session, *own_public, *own_private, *pre_key, *signed_pre_key;
} Side;

struct _Omemo
{
  signal_context *context;
  EVP_MAC *mac;
  EVP_MAC_CTX *hmac; /* of SHA-256, with no key yet */
  EVP_MD *sha512;
  EVP_CIPHER *cbc, *gcm;
  Side alice, bob;
};

/* What libsignal does not do itself, by OpenSSL. */

static int
on_random (uint8_t *data, size_t size, void *omemo)
{
  return RAND_bytes (data, (int) size) == 1 ? 0 : SG_ERR_UNKNOWN;
}

static int
on_hmac_init (void **context, const uint8_t *key, size_t size, void *omemo)
{
  *context = EVP_MAC_CTX_dup (((Omemo *) omemo)->hmac);
  return EVP_MAC_init (*context, key, size, NULL) == 1 ? 0 : SG_ERR_UNKNOWN;
}

static int
on_hmac_update (void *context, const uint8_t *data, size_t size, void *omemo)
{
  return EVP_MAC_update (context, data, size) == 1 ? 0 : SG_ERR_UNKNOWN;
}

static int
on_hmac_final (void *context, signal_buffer **out, void *omemo)
{
  guint8 octets[EVP_MAX_MD_SIZE];
  gsize size = 0;

  if (EVP_MAC_final (context, octets, &size, sizeof octets) != 1)
    return SG_ERR_UNKNOWN;
  *out = signal_buffer_create (octets, size);
  return 0;
}

static void
on_hmac_cleanup (void *context, void *omemo)
{
  EVP_MAC_CTX_free (context);
}

static int
on_digest_init (void **context, void *omemo)
{
  *context = EVP_MD_CTX_new ();
  return EVP_DigestInit_ex2 (*context, ((Omemo *) omemo)->sha512, NULL) == 1 ? 0 : SG_ERR_UNKNOWN;
}

static int
on_digest_update (void *context, const uint8_t *data, size_t size, void *omemo)
{
  return EVP_DigestUpdate (context, data, size) == 1 ? 0 : SG_ERR_UNKNOWN;
}

static int
on_digest_final (void *context, signal_buffer **out, void *omemo)
{
  guint8 octets[EVP_MAX_MD_SIZE];
  guint size = 0;

  if (EVP_DigestFinal_ex (context, octets, &size) != 1
      || EVP_DigestInit_ex2 (context, ((Omemo *) omemo)->sha512, NULL) != 1)
    return SG_ERR_UNKNOWN;
  *out = signal_buffer_create (octets, size);
  return 0;
}

static void
on_digest_cleanup (void *context, void *omemo)
{
  EVP_MD_CTX_free (context);
}

static int
run_cbc (Omemo *omemo,
         gboolean encrypt,
         signal_buffer **out,
         int mode,
         const uint8_t *key,
         size_t key_size,
         const uint8_t *iv,
         const uint8_t *in,
         size_t size)
{
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  g_autofree guint8 *octets = g_malloc (size + EVP_MAX_BLOCK_LENGTH);
  int written = 0, rest = 0;
  gboolean done = mode == SG_CIPHER_AES_CBC_PKCS5 && key_size == 32
                  && EVP_CipherInit_ex2 (context, omemo->cbc, key, iv, encrypt, NULL) == 1
                  && EVP_CipherUpdate (context, octets, &written, in, (int) size) == 1
                  && EVP_CipherFinal_ex (context, octets + written, &rest) == 1;

  EVP_CIPHER_CTX_free (context);
  if (!done)
    return SG_ERR_UNKNOWN;
  *out = signal_buffer_create (octets, (gsize) (written + rest));
  return 0;
}

static int
on_encrypt (signal_buffer **out,
            int mode,
            const uint8_t *key,
            size_t key_size,
            const uint8_t *iv,
            size_t iv_size,
            const uint8_t *in,
            size_t size,
            void *omemo)
{
  return run_cbc (omemo, TRUE, out, mode, key, key_size, iv, in, size);
}

static int
on_decrypt (signal_buffer **out,
            int mode,
            const uint8_t *key,
            size_t key_size,
            const uint8_t *iv,
            size_t iv_size,
            const uint8_t *in,
            size_t size,
            void *omemo)
{
  return run_cbc (omemo, FALSE, out, mode, key, key_size, iv, in, size);
}

/* What one side remembers: one session, one key of each kind. */

static int
on_load_session (signal_buffer **record, signal_buffer **user, const signal_protocol_address *address, void *side)
{
  const Side *own = side;

  if (own->session == NULL)
    return 0;
  *record = signal_buffer_copy (own->session);
  return 1;
}

static int
on_store_session (const signal_protocol_address *address,
                  uint8_t *record,
                  size_t size,
                  uint8_t *user,
                  size_t user_size,
                  void *side)
{
  Side *own = side;

  signal_buffer_free (own->session);
  own->session = signal_buffer_create (record, size);
  return 0;
}

static int
on_contains_session (const signal_protocol_address *address, void *side)
{
  return ((Side *) side)->session != NULL;
}

static int
on_load_pre_key (signal_buffer **record, uint32_t id, void *side)
{
  *record = signal_buffer_copy (((Side *) side)->pre_key);
  return SG_SUCCESS;
}

static int
on_load_signed_pre_key (signal_buffer **record, uint32_t id, void *side)
{
  *record = signal_buffer_copy (((Side *) side)->signed_pre_key);
  return SG_SUCCESS;
}

static int
on_contains (uint32_t id, void *side)
{
  return 1;
}

static int
on_remove (uint32_t id, void *side)
{
  return 0;
}

static int
on_identity (signal_buffer **public_key, signal_buffer **private_key, void *side)
{
  *public_key = signal_buffer_copy (((Side *) side)->own_public);
  *private_key = signal_buffer_copy (((Side *) side)->own_private);
  return 0;
}

static int
on_registration (void *side, uint32_t *id)
{
  *id = DEVICE;
  return 0;
}

static int
on_save_identity (const signal_protocol_address *address, uint8_t *key, size_t size, void *side)
{
  return 0;
}

static int
on_is_trusted (const signal_protocol_address *address, uint8_t *key, size_t size, void *side)
{
  return 1;
}

static void
must (int result, const char *what)
{
  bench_must (result == SG_SUCCESS, what);
}

static void
set_stores (Omemo *omemo, Side *side)
{
  signal_protocol_session_store sessions = { .load_session_func = on_load_session,
                                             .store_session_func = on_store_session,
                                             .contains_session_func = on_contains_session,
                                             .user_data = side };
  signal_protocol_pre_key_store pre_keys = {
    .load_pre_key = on_load_pre_key, .contains_pre_key = on_contains, .remove_pre_key = on_remove, .user_data = side
  };
  signal_protocol_signed_pre_key_store signed_pre_keys = { .load_signed_pre_key = on_load_signed_pre_key,
                                                           .contains_signed_pre_key = on_contains,
                                                           .remove_signed_pre_key = on_remove,
                                                           .user_data = side };
  signal_protocol_identity_key_store identities = { .get_identity_key_pair = on_identity,
                                                    .get_local_registration_id = on_registration,
                                                    .save_identity = on_save_identity,
                                                    .is_trusted_identity = on_is_trusted,
                                                    .user_data = side };

  must (signal_protocol_store_context_create (&side->store, omemo->context), "store");
  must (signal_protocol_store_context_set_session_store (side->store, &sessions), "store");
  must (signal_protocol_store_context_set_pre_key_store (side->store, &pre_keys), "store");
  must (signal_protocol_store_context_set_signed_pre_key_store (side->store, &signed_pre_keys), "store");
  must (signal_protocol_store_context_set_identity_key_store (side->store, &identities), "store");
}

/* What SIDE publishes, of which it keeps the private halves. */
static session_pre_key_bundle *
make_keys (Omemo *omemo, Side *side)
{
  ratchet_identity_key_pair *identity = NULL;
  ec_key_pair *pair = NULL;
  session_pre_key *pre_key = NULL;
  session_signed_pre_key *signed_pre_key = NULL;
  session_pre_key_bundle *bundle = NULL;

  must (signal_protocol_key_helper_generate_identity_key_pair (&identity, omemo->context), "identity");
  must (ec_public_key_serialize (&side->own_public, ratchet_identity_key_pair_get_public (identity)), "identity");
  must (ec_private_key_serialize (&side->own_private, ratchet_identity_key_pair_get_private (identity)), "identity");
  must (curve_generate_key_pair (omemo->context, &pair), "key");
  must (session_pre_key_create (&pre_key, 1, pair), "key");
  must (session_pre_key_serialize (&side->pre_key, pre_key), "key");
  must (signal_protocol_key_helper_generate_signed_pre_key (&signed_pre_key, identity, 1, 1, omemo->context),
        "signed key");
  must (session_signed_pre_key_serialize (&side->signed_pre_key, signed_pre_key), "signed key");
  must (session_pre_key_bundle_create (&bundle, DEVICE, DEVICE, 1, ec_key_pair_get_public (pair), 1,
                                       ec_key_pair_get_public (session_signed_pre_key_get_key_pair (signed_pre_key)),
                                       session_signed_pre_key_get_signature (signed_pre_key),
                                       session_signed_pre_key_get_signature_len (signed_pre_key),
                                       ratchet_identity_key_pair_get_public (identity)),
        "bundle");
  SIGNAL_UNREF (signed_pre_key);
  SIGNAL_UNREF (pre_key);
  SIGNAL_UNREF (pair);
  SIGNAL_UNREF (identity);
  return bundle;
}

static signal_buffer *
encrypt_key (Side *from, const guint8 *key, gsize size, int type)
{
  ciphertext_message *message = NULL;
  signal_buffer *wire = NULL;

  must (session_cipher_encrypt (from->cipher, key, size, &message), "encryption of OMEMO");
  bench_must (ciphertext_message_get_type (message) == type, "kind of OMEMO's message");
  wire = signal_buffer_copy (ciphertext_message_get_serialized (message));
  SIGNAL_UNREF (message);
  return wire;
}

static signal_buffer *
decrypt_key (Omemo *omemo, Side *to, const guint8 *wire, gsize size)
{
  signal_message *message = NULL;
  signal_buffer *key = NULL;

  must (signal_message_deserialize (&message, wire, size, omemo->context), "OMEMO's message");
  must (session_cipher_decrypt_signal_message (to->cipher, message, NULL, &key), "decryption of OMEMO");
  SIGNAL_UNREF (message);
  return key;
}

/* Alice writes to Bob, and he to her. */
static void
begin (Omemo *omemo)
{
  static const guint8 key[] = "key";
  signal_buffer *wire = encrypt_key (&omemo->alice, key, sizeof key, CIPHERTEXT_PREKEY_TYPE), *read = NULL;
  pre_key_signal_message *first = NULL;

  must (
      pre_key_signal_message_deserialize (&first, signal_buffer_data (wire), signal_buffer_len (wire), omemo->context),
      "first message");
  must (session_cipher_decrypt_pre_key_signal_message (omemo->bob.cipher, first, NULL, &read), "first message");
  SIGNAL_UNREF (first);
  signal_buffer_free (read);
  signal_buffer_free (wire);

  wire = encrypt_key (&omemo->bob, key, sizeof key, CIPHERTEXT_SIGNAL_TYPE);
  read = decrypt_key (omemo, &omemo->alice, signal_buffer_data (wire), signal_buffer_len (wire));
  signal_buffer_free (read);
  signal_buffer_free (wire);
}

static void
set_provider (Omemo *omemo)
{
  OSSL_PARAM digest[]
      = { OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_DIGEST, (char *) "SHA256", 0), OSSL_PARAM_construct_end () };
  signal_crypto_provider provider = {
    .random_func = on_random,
    .hmac_sha256_init_func = on_hmac_init,
    .hmac_sha256_update_func = on_hmac_update,
    .hmac_sha256_final_func = on_hmac_final,
    .hmac_sha256_cleanup_func = on_hmac_cleanup,
    .sha512_digest_init_func = on_digest_init,
    .sha512_digest_update_func = on_digest_update,
    .sha512_digest_final_func = on_digest_final,
    .sha512_digest_cleanup_func = on_digest_cleanup,
    .encrypt_func = on_encrypt,
    .decrypt_func = on_decrypt,
    .user_data = omemo,
  };

  omemo->mac = EVP_MAC_fetch (NULL, "HMAC", NULL);
  omemo->hmac = EVP_MAC_CTX_new (omemo->mac);
  omemo->sha512 = EVP_MD_fetch (NULL, "SHA512", NULL);
  omemo->cbc = EVP_CIPHER_fetch (NULL, "AES-256-CBC", NULL);
  omemo->gcm = EVP_CIPHER_fetch (NULL, "AES-128-GCM", NULL);
  bench_must (EVP_MAC_CTX_set_params (omemo->hmac, digest) == 1 && omemo->sha512 != NULL && omemo->cbc != NULL
                  && omemo->gcm != NULL,
              "OpenSSL");
  must (signal_context_create (&omemo->context, omemo), "libsignal");
  must (signal_context_set_crypto_provider (omemo->context, &provider), "libsignal");
}

Omemo *
omemo_new (void)
{
  Omemo *omemo = g_new0 (Omemo, 1);
  session_pre_key_bundle *of_alice = NULL, *of_bob = NULL;
  session_builder *builder = NULL;

  set_provider (omemo);
  omemo->alice.other = (signal_protocol_address){ BENCH_BOB, strlen (BENCH_BOB), DEVICE };
  omemo->bob.other = (signal_protocol_address){ BENCH_ALICE, strlen (BENCH_ALICE), DEVICE };
  set_stores (omemo, &omemo->alice);
  set_stores (omemo, &omemo->bob);
  of_alice = make_keys (omemo, &omemo->alice);
  of_bob = make_keys (omemo, &omemo->bob);
  must (session_builder_create (&builder, omemo->alice.store, &omemo->alice.other, omemo->context), "session");
  must (session_builder_process_pre_key_bundle (builder, of_bob), "session");
  session_builder_free (builder);
  SIGNAL_UNREF (of_alice);
  SIGNAL_UNREF (of_bob);
  must (session_cipher_create (&omemo->alice.cipher, omemo->alice.store, &omemo->alice.other, omemo->context),
        "cipher");
  must (session_cipher_create (&omemo->bob.cipher, omemo->bob.store, &omemo->bob.other, omemo->context), "cipher");
  begin (omemo);
  return omemo;
}

static void
side_clear (Side *side)
{
  signal_buffer *buffers[]
      = { side->session, side->own_public, side->own_private, side->pre_key, side->signed_pre_key };

  session_cipher_free (side->cipher);
  signal_protocol_store_context_destroy (side->store);
  for (gsize i = 0; i < G_N_ELEMENTS (buffers); i++)
    signal_buffer_free (buffers[i]);
}

void
omemo_free (Omemo *omemo)
{
  side_clear (&omemo->alice);
  side_clear (&omemo->bob);
  signal_context_destroy (omemo->context);
  EVP_MAC_CTX_free (omemo->hmac);
  EVP_MAC_free (omemo->mac);
  EVP_MD_free (omemo->sha512);
  EVP_CIPHER_free (omemo->cbc);
  EVP_CIPHER_free (omemo->gcm);
  g_free (omemo);
}

EsXml *
omemo_encrypt (Omemo *omemo, const char *text)
{
  gsize size = strlen (text);
  g_autofree guint8 *payload = g_malloc (size);
  guint8 key[KEY_OCTETS + TAG_OCTETS], iv[IV_OCTETS];
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  EsXml *encrypted = es_xml_new ("encrypted", NS), *header = es_xml_append_new (encrypted, "header", NULL);
  g_autofree char *iv_text = NULL, *key_text = NULL, *payload_text = NULL;
  signal_buffer *wire = NULL;
  EsXml *child = NULL;
  int n = 0;

  bench_must (RAND_bytes (key, KEY_OCTETS) == 1 && RAND_bytes (iv, IV_OCTETS) == 1
                  && EVP_EncryptInit_ex2 (context, omemo->gcm, key, iv, NULL) == 1
                  && EVP_EncryptUpdate (context, payload, &n, (const guint8 *) text, (int) size) == 1
                  && EVP_EncryptFinal_ex (context, payload + n, &n) == 1
                  && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, TAG_OCTETS, key + KEY_OCTETS) == 1,
              "AES-GCM");
  EVP_CIPHER_CTX_free (context);
  wire = encrypt_key (&omemo->alice, key, sizeof key, CIPHERTEXT_SIGNAL_TYPE);

  key_text = g_base64_encode (signal_buffer_data (wire), signal_buffer_len (wire));
  iv_text = g_base64_encode (iv, sizeof iv);
  payload_text = g_base64_encode (payload, size);
  signal_buffer_free (wire);
  es_xml_set_attribute (header, "sid", "1234567890");
  child = es_xml_append_new (header, "key", key_text);
  es_xml_set_attribute (child, "rid", "1234567891");
  es_xml_append_new (header, "iv", iv_text);
  es_xml_append_new (encrypted, "payload", payload_text);
  return encrypted;
}

static guint8 *
octets_of (const EsXml *parent, const char *name, gsize *size)
{
  g_autofree char *text = es_xml_dup_text (es_xml_child (parent, name, NS));

  return g_base64_decode (text, size);
}

char *
omemo_decrypt (Omemo *omemo, const EsXml *encrypted)
{
  const EsXml *header = es_xml_child (encrypted, "header", NS);
  gsize wire_size = 0, iv_size = 0, size = 0;
  g_autofree guint8 *wire = octets_of (header, "key", &wire_size), *iv = octets_of (header, "iv", &iv_size);
  g_autofree guint8 *payload = octets_of (encrypted, "payload", &size);
  signal_buffer *key = decrypt_key (omemo, &omemo->bob, wire, wire_size);
  EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
  char *text = g_malloc (size + 1);
  int n = 0, rest = 0;

  bench_must (signal_buffer_len (key) == KEY_OCTETS + TAG_OCTETS && iv_size == IV_OCTETS, "OMEMO's key");
  bench_must (
      EVP_DecryptInit_ex2 (context, omemo->gcm, signal_buffer_data (key), iv, NULL) == 1
          && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, TAG_OCTETS, signal_buffer_data (key) + KEY_OCTETS)
                 == 1
          && EVP_DecryptUpdate (context, (guint8 *) text, &n, payload, (int) size) == 1
          && EVP_DecryptFinal_ex (context, (guint8 *) text + n, &rest) == 1,
      "AES-GCM");
  EVP_CIPHER_CTX_free (context);
  signal_buffer_bzero_free (key);
  text[size] = '\0';
  return text;
}
