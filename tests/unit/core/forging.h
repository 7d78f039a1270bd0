/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages changed by whoever made them: every MAC is right, and one thing is not. The MACs find all that is
 * changed in transit, whatever else is looked at; only here must each other check hold by itself. */
#pragma once
#include "parties.h"

static inline EsXml *
form_in (const EsXml *payload)
{
  return es_xml_child (payload, "x", ES_NS_DATA);
}

static inline EsXml *
field_in (const EsXml *payload, const char *var)
{
  const GPtrArray *fields = es_xml_children (form_in (payload));

  for (guint i = 0; i < fields->len; i++)
    if (g_strcmp0 (es_xml_attribute (fields->pdata[i], "var"), var) == 0)
      return fields->pdata[i];
  ck_abort_msg ("no field %s", var);
}

static inline EsXml *
emptied (const EsXml *payload, const char *var)
{
  EsXml *field = field_in (payload, var);

  while (es_xml_children (field)->len > 0)
    es_xml_free (es_xml_steal (field, 0));
  return field;
}

static inline void
set_text (EsXml *payload, const char *var, const char *value)
{
  es_xml_append_new (emptied (payload, var), "value", value);
}

static inline void
set_octets (EsXml *payload, const char *var, const void *data, gsize size)
{
  g_autofree char *text = es_base64_encode (ES_PART (data, size));

  set_text (payload, var, text);
}

/* WORDS are separated by spaces. */
static inline void
set_options (EsXml *payload, const char *var, const char *words)
{
  g_auto (GStrv) split = g_strsplit (words, " ", -1);
  EsXml *field = emptied (payload, var);

  for (guint i = 0; split[i] != NULL; i++)
    es_xml_append_new (es_xml_append_new (field, "option", NULL), "value", split[i]);
}

/* N secrets of 32 octets, each of which is the secret's number; from FIRST on. */
static inline GPtrArray *
secrets_numbered (guint first, guint n)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);

  for (guint i = 0; i < n; i++)
    {
      EsSecret *secret = es_secret_new (32);

      memset (es_secret_data (secret), (int) (first + i), 32);
      g_ptr_array_add (list, secret);
    }
  return list;
}

/* Message WHICH, after those before it have passed. */
static inline EsXml *
make_next (Parties *p, EsMessage which)
{
  g_autofree char *text = create_text (p, which, NULL);

  ck_assert_ptr_nonnull (text);
  return es_xml_parse (text, strlen (text), NULL);
}

static inline EsXml *
make (Parties *p, EsMessage which)
{
  parties_begin (p);
  pass_until (p, which);
  return make_next (p, which);
}

/* Makes the sender of a request or response hold PAYLOAD for what it made. */
static inline void
believe (Parties *p, EsMessage which, const EsXml *payload)
{
  EsNegotiation *sender = sender_of (p, which);
  gboolean first = which == ES_MESSAGE_REQUEST;
  char **form = first ? &sender->form_a : &sender->form_b;
  GBytes **nonce = first ? &sender->nonce_a : &sender->nonce_b;
  g_autoptr (EsForm) read = es_form_parse (form_in (payload), NULL);

  g_free (*form);
  *form = es_xml_normalize_form (form_in (payload), sender->options.dialect, NULL);
  g_bytes_unref (*nonce);
  *nonce = es_form_get_octets (read, "my_nonce", 0, 1000, NULL);
}

typedef struct
{
  const EsSecret *k;    /* NULL: the one that both have */
  GBytes *public_value; /* NULL: the one that both know */
  gboolean wrong_sigma; /* mac_A or mac_B is not right, but all around it */
  int more;             /* octets that the identity is too long or, below 0, too short */
} Forgery;

/* Writes the identity and mac of message 3 or 4 once more, in accord with all that its receiver knows. */
static inline void
sign (Parties *p, EsMessage which, EsXml *payload, Forgery forgery)
{
  const EsNegotiation *receiver = receiver_of (p, which);
  const EsSuite *suite = &receiver->terms.suite;
  gboolean third = which == ES_MESSAGE_INITIATOR_ACCEPT;
  EsCounter counter = third ? receiver->counter_a : receiver->counter_b, after = counter;
  GBytes *public_value = forgery.public_value != NULL ? forgery.public_value : third ? p->a->e : receiver->d;
  g_autofree char *text = es_xml_normalize_form (form_in (payload), suite->dialect, NULL);
  g_auto (EsKeys) keys = { NULL };
  guint8 identity[2 * ES_HASH_MAX_OCTETS] = { 0 }, m[ES_HASH_MAX_OCTETS];
  gsize size = (gsize) ((int) suite->hash->octets + forgery.more);
  EsPart parts[] = { ES_PART (counter.octets, ES_COUNTER_OCTETS), ES_PART (identity, size) };

  es_keys_derive (suite, forgery.k != NULL ? forgery.k : sender_of (p, which)->k,
                  third ? ES_ROLE_INITIATOR : ES_ROLE_RESPONDER, &keys);
  es_sigma_mac (suite, keys.sigma, third ? receiver->nonce_b : receiver->nonce_a,
                third ? receiver->nonce_a : receiver->nonce_b, public_value,
                third ? receiver->form_a : receiver->form_b, text, identity);
  identity[0] ^= forgery.wrong_sigma ? 1 : 0;
  es_ctr (suite->cipher, suite->dialect, keys.cipher, &after, identity, size, identity);
  es_hmac (suite->hash, ES_PART_SECRET (keys.mac), parts, G_N_ELEMENTS (parts), m);
  set_octets (payload, "identity", identity, size);
  set_octets (payload, "mac", m, suite->hash->octets);
}

static inline gboolean
hand_over (Parties *p, EsMessage which, const EsXml *payload, GError **error)
{
  g_autofree char *text = es_xml_to_string (payload, "");

  return consume_text (p, which, text, strlen (text), error);
}

static inline void
assert_wiped (const EsNegotiation *n)
{
  static const guint8 zeros[ES_HASH_MAX_OCTETS] = { 0 };
  const void *const secret[] = { n->exponents, n->exponent, n->k, n->other_secret, n->agreement };
  const void *const lists[] = { n->contact_secrets, n->publics, n->commitment };
  const void *const seen[] = { n->e, n->d, n->nonce_a, n->nonce_b, n->form_a, n->form_b };

  ck_assert_int_eq (es_negotiation_state (n), ES_NEGOTIATION_FAILED);
  for (gsize i = 0; i < G_N_ELEMENTS (secret); i++)
    ck_assert_ptr_null (secret[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    ck_assert_ptr_null (lists[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (seen); i++)
    ck_assert_ptr_null (seen[i]);
  ck_assert_mem_eq (n->m_a, zeros, sizeof zeros);
}

/* A check that failed ends everything and says no more than that; every other error changes nothing. MESSAGE
 * may be NULL. */
static inline void
assert_refused (Parties *p, EsMessage which, const EsXml *payload, EsErrorCode code, const char *message)
{
  EsNegotiation *receiver = receiver_of (p, which);
  EsNegotiation before = *receiver;
  g_autoptr (GError) error = NULL;

  ck_assert (!hand_over (p, which, payload, &error));
  ck_assert_msg (error->code == (int) code, "%d: %s", error->code, error->message);
  if (message != NULL)
    ck_assert_str_eq (error->message, message);
  if (code == ES_ERROR_CHECK)
    {
      ck_assert_str_eq (error->message, "check failed");
      assert_wiped (receiver);
    }
  else
    ck_assert_mem_eq (&before, receiver, sizeof before);
}

/* Both are done and hold the same. */
static inline void
assert_alike (Parties *p)
{
  g_autoptr (EsAgreement) a = es_negotiation_steal_agreement (p->a);
  g_autoptr (EsAgreement) b = es_negotiation_steal_agreement (p->b);

  ck_assert (a != NULL && b != NULL);
  ck_assert_str_eq (a->code, b->code);
  ck_assert (es_secret_equal (a->own.cipher, b->peer.cipher) && es_secret_equal (a->own.mac, b->peer.mac));
  ck_assert (es_secret_equal (b->own.cipher, a->peer.cipher) && es_secret_equal (b->own.mac, a->peer.mac));
  ck_assert (es_secret_equal (a->retained, b->retained));
  ck_assert_mem_eq (&a->own_counter, &b->peer_counter, sizeof a->own_counter);
  ck_assert_mem_eq (&b->own_counter, &a->peer_counter, sizeof b->own_counter);
}

/* Hands PAYLOAD over, which must work, and then everything after it. */
static inline void
assert_completes (Parties *p, EsMessage which, const EsXml *payload)
{
  GError *error = NULL;

  hand_over (p, which, payload, &error);
  g_assert_no_error (error);
  for (guint i = which + 1u; i < 4; i++)
    {
      pass (p, (EsMessage) i, &error);
      g_assert_no_error (error);
    }
  assert_alike (p);
}

/* Runs SUITE. What GLib complains about is a fault too: a length below zero would else pass for a refusal. */
static inline int
run_strictly (Suite *suite)
{
  g_log_set_always_fatal ((GLogLevelFlags) (G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL));
  return es_test_run (suite);
}
