/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ends of a session in one process, made without a negotiation, and what passes between them. */
#pragma once
#include "es-channel-private.h"

#include "es-limits.h"
#include "parties.h"

typedef struct
{
  Repeating random_a, random_b;
  EsRandom source_a, source_b;
  EsChannel *a, *b;
} Ends;

static inline EsSuite
suite_for (guint group, const char *cipher, const char *hash, EsDialect dialect)
{
  return (EsSuite){ .dialect = dialect,
                    .group = es_group_find (group),
                    .cipher = es_cipher_find (cipher, dialect),
                    .hash = es_hash_find (hash) };
}

/* What a negotiation would have left with the side of ROLE. */
static inline EsChannel *
end_new (const EsSuite *suite,
         EsRole role,
         const EsSecret *exponent,
         GBytes *peer,
         const EsCounter *c_a,
         EsRandom *source)
{
  g_autoptr (EsAgreement) agreement = g_new0 (EsAgreement, 1);
  g_autoptr (EsSecret) shared = es_dh_shared (suite->group, exponent, NULL, peer, NULL);
  g_autoptr (EsSecret) k = es_keys_provisional (suite, shared);
  EsCounter c_b = *c_a;

  c_b.octets[0] ^= 0x80;
  agreement->suite = *suite;
  agreement->role = role;
  agreement->rekey_freq = 1;
  es_keys_derive (suite, k, role, &agreement->own);
  es_keys_derive (suite, k, role == ES_ROLE_INITIATOR ? ES_ROLE_RESPONDER : ES_ROLE_INITIATOR, &agreement->peer);
  agreement->own_counter = role == ES_ROLE_INITIATOR ? *c_a : c_b;
  agreement->peer_counter = role == ES_ROLE_INITIATOR ? c_b : *c_a;
  agreement->exponent = es_secret_copy (exponent);
  agreement->own_public = es_dh_public (suite->group, exponent);
  agreement->peer_public = g_bytes_ref (peer);
  return es_channel_new (agreement, source);
}

static inline void
ends_open (Ends *ends, guint64 seed, const EsSuite *suite)
{
  g_autoptr (EsSecret) x = NULL, y = NULL;
  g_autoptr (GBytes) e = NULL, d = NULL;
  EsCounter c_a;

  *ends = (Ends){ .random_a = { .seed = 2 * seed }, .random_b = { .seed = 2 * seed + 1 } };
  ends->source_a = (EsRandom){ repeating_fill, &ends->random_a };
  ends->source_b = (EsRandom){ repeating_fill, &ends->random_b };
  x = es_dh_secret_new (suite->group, &ends->source_a);
  y = es_dh_secret_new (suite->group, &ends->source_b);
  e = es_dh_public (suite->group, x);
  d = es_dh_public (suite->group, y);
  es_random_fill (&ends->source_b, c_a.octets, sizeof c_a.octets);
  ends->a = end_new (suite, ES_ROLE_INITIATOR, x, d, &c_a, &ends->source_a);
  ends->b = end_new (suite, ES_ROLE_RESPONDER, y, e, &c_a, &ends->source_b);
}

static inline void
ends_init (Ends *ends, guint64 seed, guint group)
{
  EsSuite suite = suite_for (group, "aes256-ctr", "sha256", ES_DIALECT_STRICT);

  ends_open (ends, seed, &suite);
}

static inline void
ends_clear (Ends *ends)
{
  g_clear_pointer (&ends->a, es_channel_free);
  g_clear_pointer (&ends->b, es_channel_free);
}

static inline char *
encrypt (EsChannel *channel, const char *content, gboolean rekey)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) c = es_channel_encrypt (channel, content, rekey, &error);

  g_assert_no_error (error);
  return es_xml_to_string (c, "");
}

static inline gboolean
decrypt (EsChannel *channel, const char *text, char **content, GError **error)
{
  g_autoptr (EsXml) c = es_xml_parse (text, strlen (text), error), inside = NULL;

  *content = NULL;
  if (c == NULL || !es_channel_decrypt (channel, c, &inside, error))
    return FALSE;
  *content = g_strchomp (inside != NULL ? es_xml_children_to_string (inside) : g_strdup (""));
  return TRUE;
}

static inline void
assert_delivers (EsChannel *to, const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  ck_assert_msg (decrypt (to, text, &content, &error), "%s: %.200s", error != NULL ? error->message : "", text);
  ck_assert_str_eq (content, expected != NULL ? expected : "");
}

static inline void
assert_fails (EsChannel *to, const char *text, EsErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  ck_assert_msg (!decrypt (to, text, &content, &error), "accepted %.200s", text);
  ck_assert_msg (error->code == (int) code, "%s: %.200s", error->message, text);
  ck_assert_ptr_null (content);
}

/* Every key is gone, and nothing works any more. */
static inline void
assert_dead (EsChannel *channel)
{
  g_autoptr (GError) error = NULL;

  ck_assert_uint_eq (channel->sets->len, 0);
  ck_assert_uint_eq (channel->publish->len, 0);
  ck_assert (channel->sending.cipher == NULL && channel->sending.mac == NULL);
  ck_assert_ptr_null (es_channel_encrypt (channel, "<body/>", FALSE, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_NO_SESSION));
  ck_assert (!es_channel_should_rekey (channel, TRUE, ES_REKEY_IDLE_SECONDS));
  assert_fails (channel, "<c xmlns='" ES_NS_CRYPT "'><mac>AAAA</mac></c>", ES_ERROR_NO_SESSION);
}

/* SIZE octets of well-formed XML; NULL for none, and text alone for less than an element takes. */
static inline char *
content_of (gsize size)
{
  g_autofree char *text = g_strnfill (size > 7 ? size - 7 : size, 'x');

  return size == 0 ? NULL : size <= 7 ? g_steal_pointer (&text) : g_strdup_printf ("<b>%s</b>", text);
}

/* A side that holds the keys and misbehaves: these children, with a right MAC. */
static inline char *
forge (EsChannel *channel, const char *children)
{
  EsPart parts[] = { ES_PART_STRING (children), ES_PART (channel->own_counter.octets, ES_COUNTER_OCTETS) };
  guint8 mac[ES_HASH_MAX_OCTETS];
  g_autofree char *encoded = NULL;

  es_hmac (channel->suite.hash, ES_PART_SECRET (channel->sending.mac), parts, 2, mac);
  encoded = g_base64_encode (mac, channel->suite.hash->octets);
  return g_strdup_printf ("<c xmlns='" ES_NS_CRYPT "'>%s<mac>%s</mac></c>", children, encoded);
}

/* The same for octets inside <data/>, whatever they are. */
static inline char *
forge_data (EsChannel *channel, const void *octets, gsize size)
{
  EsCounter counter = channel->own_counter;
  g_autofree guint8 *data = g_malloc (size);
  g_autofree char *encoded = NULL, *children = NULL;

  es_ctr (channel->suite.cipher, channel->suite.dialect, channel->sending.cipher, &counter, octets, size, data);
  encoded = g_base64_encode (data, size);
  children = g_strdup_printf ("<data>%s</data>", encoded);
  return forge (channel, children);
}
