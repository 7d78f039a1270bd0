/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-negotiation-private.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"

typedef struct
{
  EsRole role;
  EsNegotiationState state;
  EsMessage message;
  EsCreate create; /* one of the two */
  EsConsume consume;
  EsNegotiationState next;
} Step;

#define INITIATOR ES_ROLE_INITIATOR
#define RESPONDER ES_ROLE_RESPONDER
#define STATE(name) ES_NEGOTIATION_##name
#define MESSAGE(name) ES_MESSAGE_##name

/* clang-format off */
static const Step steps[] = {
  /* role     state             message                     create                           consume                           next              (XEP-0116) */
  { INITIATOR, STATE (NEW),       MESSAGE (REQUEST),          es_four_create_request,          NULL,                             STATE (REQUESTED) }, /* 4.3 */
  { RESPONDER, STATE (NEW),       MESSAGE (REQUEST),          NULL,                            es_four_consume_request,          STATE (ASKED) },     /* 4.4 */
  { RESPONDER, STATE (ASKED),     MESSAGE (RESPONSE),         es_four_create_response,         NULL,                             STATE (RESPONDED) }, /* 4.5 */
  { INITIATOR, STATE (REQUESTED), MESSAGE (RESPONSE),         NULL,                            es_four_consume_response,         STATE (ANSWERED) },  /* 4.6.1 */
  { INITIATOR, STATE (ANSWERED),  MESSAGE (INITIATOR_ACCEPT), es_four_create_initiator_accept, NULL,                             STATE (ACCEPTED) },  /* 4.6.3 */
  { RESPONDER, STATE (RESPONDED), MESSAGE (INITIATOR_ACCEPT), NULL,                            es_four_consume_initiator_accept, STATE (CHECKED) },   /* 4.7.1 */
  { RESPONDER, STATE (CHECKED),   MESSAGE (RESPONDER_ACCEPT), es_four_create_responder_accept, NULL,                             STATE (DONE) },      /* 4.7.4 */
  { INITIATOR, STATE (ACCEPTED),  MESSAGE (RESPONDER_ACCEPT), NULL,                            es_four_consume_responder_accept, STATE (DONE) },      /* 4.8 */
};

/* How each message travels. */
static const struct { const char *kind, *wrapper, *wrapper_namespace; } envelopes[] = {
  [ES_MESSAGE_REQUEST]          = { "form",   "feature", ES_NS_FEATURE },
  [ES_MESSAGE_RESPONSE]         = { "submit", "feature", ES_NS_FEATURE },
  [ES_MESSAGE_INITIATOR_ACCEPT] = { "result", "feature", ES_NS_FEATURE },
  [ES_MESSAGE_RESPONDER_ACCEPT] = { "result", "init",    ES_NS_INIT },
};
/* clang-format on */

EsRetained *
es_retained_new (gint64 device, gboolean verified, const EsSecret *secret)
{
  EsRetained *retained = g_new0 (EsRetained, 1);

  retained->device = device;
  retained->verified = verified;
  retained->secret = es_secret_copy (secret);
  return retained;
}

void
es_retained_free (EsRetained *retained)
{
  es_secret_free (retained->secret);
  g_free (retained);
}

void
es_agreement_free (EsAgreement *agreement)
{
  if (agreement == NULL)
    return;

  es_keys_clear (&agreement->own);
  es_keys_clear (&agreement->peer);
  es_secret_free (agreement->exponent);
  g_clear_pointer (&agreement->own_public, g_bytes_unref);
  g_clear_pointer (&agreement->peer_public, g_bytes_unref);
  g_free (agreement->code);
  g_clear_pointer (&agreement->context, g_bytes_unref);
  es_secret_free (agreement->retained);
  es_secret_free (agreement->found);
  g_clear_pointer (&agreement->held, g_ptr_array_unref);
  g_free (agreement);
}

EsNegotiation *
es_negotiation_new (EsRole role, const EsOptions *options, const EsRandom *random)
{
  EsNegotiation *negotiation = g_new0 (EsNegotiation, 1);

  negotiation->role = role;
  negotiation->options = *options;
  negotiation->random = random;
  return negotiation;
}

/* Everything but the role and the state. */
static void
wipe (EsNegotiation *negotiation)
{
  g_clear_pointer (&negotiation->party_a, es_address_unref);
  g_clear_pointer (&negotiation->party_b, es_address_unref);
  g_clear_pointer (&negotiation->exponents, g_ptr_array_unref);
  g_clear_pointer (&negotiation->publics, g_ptr_array_unref);
  g_clear_pointer (&negotiation->commitment, g_bytes_unref);
  g_clear_pointer (&negotiation->exponent, es_secret_free);
  g_clear_pointer (&negotiation->e, g_bytes_unref);
  g_clear_pointer (&negotiation->d, g_bytes_unref);
  g_clear_pointer (&negotiation->nonce_a, g_bytes_unref);
  g_clear_pointer (&negotiation->nonce_b, g_bytes_unref);
  g_clear_pointer (&negotiation->form_a, g_free);
  g_clear_pointer (&negotiation->form_b, g_free);
  g_clear_pointer (&negotiation->k, es_secret_free);
  g_clear_pointer (&negotiation->contact_secrets, g_ptr_array_unref);
  g_clear_pointer (&negotiation->other_secret, es_secret_free);
  g_clear_pointer (&negotiation->agreement, es_agreement_free);
  es_octets_wipe (negotiation->m_a, sizeof negotiation->m_a);
}

void
es_negotiation_free (EsNegotiation *negotiation)
{
  if (negotiation == NULL)
    return;
  wipe (negotiation);
  g_free (negotiation);
}

EsNegotiationState
es_negotiation_state (const EsNegotiation *negotiation)
{
  return negotiation->state;
}

EsRole
es_negotiation_role (const EsNegotiation *negotiation)
{
  return negotiation->role;
}

GBytes *
es_negotiation_own_nonce (const EsNegotiation *negotiation)
{
  return negotiation->role == ES_ROLE_INITIATOR ? negotiation->nonce_a : negotiation->nonce_b;
}

void
es_negotiation_set_parties (EsNegotiation *negotiation, const EsAddress *own, const EsAddress *other)
{
  gboolean initiator = negotiation->role == ES_ROLE_INITIATOR;

  g_clear_pointer (&negotiation->party_a, es_address_unref);
  g_clear_pointer (&negotiation->party_b, es_address_unref);
  negotiation->party_a = es_address_ref (es_address_bare (initiator ? own : other));
  negotiation->party_b = es_address_ref (es_address_bare (initiator ? other : own));
}

void
es_negotiation_set_echoes (EsNegotiation *negotiation, EsEchoes *echoes)
{
  negotiation->echoes = echoes;
}

void
es_negotiation_set_secrets (EsNegotiation *negotiation, GPtrArray *contact)
{
  g_clear_pointer (&negotiation->contact_secrets, g_ptr_array_unref);
  negotiation->contact_secrets = contact;
}

void
es_negotiation_set_other_secret (EsNegotiation *negotiation, const EsSecret *secret)
{
  es_secret_free (negotiation->other_secret);
  negotiation->other_secret = es_secret_copy (secret);
}

static const Step *
find_step (const EsNegotiation *negotiation, EsMessage message, gboolean create, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i].role == negotiation->role && steps[i].state == negotiation->state && steps[i].message == message
        && (steps[i].create != NULL) == create)
      return &steps[i];

  g_set_error_literal (error, ES_ERROR, ES_ERROR_UNEXPECTED, "no such message now");
  return NULL;
}

/* The one place where the state changes. A step that failed a check leaves nothing to go on with. */
static void
advance (EsNegotiation *negotiation, const Step *step, const GError *failure)
{
  if (failure != NULL && !g_error_matches (failure, ES_ERROR, ES_ERROR_CHECK))
    return;
  if (failure != NULL)
    wipe (negotiation);
  negotiation->state = failure == NULL ? step->next : ES_NEGOTIATION_FAILED;
}

EsXml *
es_negotiation_create (EsNegotiation *negotiation, EsMessage message, GError **error)
{
  const Step *step = find_step (negotiation, message, TRUE, error);
  g_autoptr (EsXml) wrapper = NULL;
  GError *failure = NULL;
  EsXml *x = NULL;

  if (step == NULL)
    return NULL;

  wrapper = es_xml_new (envelopes[message].wrapper, envelopes[message].wrapper_namespace);
  x = es_xml_append (wrapper, es_form_new (envelopes[message].kind));
  step->create (negotiation, x, &failure);
  advance (negotiation, step, failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return NULL;
    }
  return g_steal_pointer (&wrapper);
}

/* The form in PAYLOAD, which must be of the kind, and travel in the element, that MESSAGE does. Nothing covers "identity" and
 * "mac", so that they may stand only where they are checked. */
static EsForm *
read_form (const EsXml *payload, EsMessage message, GError **error)
{
  gboolean has_mac = message == ES_MESSAGE_INITIATOR_ACCEPT || message == ES_MESSAGE_RESPONDER_ACCEPT;
  const EsXml *x = es_xml_child (payload, "x", ES_NS_DATA);
  g_autoptr (EsForm) form = NULL;

  if (x == NULL || !es_xml_is (payload, envelopes[message].wrapper, envelopes[message].wrapper_namespace))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "no form");
      return NULL;
    }
  if ((form = es_form_parse (x, error)) == NULL)
    return NULL;
  if (strcmp (es_form_kind (form), envelopes[message].kind) != 0
      || (!has_mac && (es_form_has (form, "identity") || es_form_has (form, "mac"))))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form: of another message");
      return NULL;
    }
  return g_steal_pointer (&form);
}

gboolean
es_negotiation_consume (EsNegotiation *negotiation, EsMessage message, const EsXml *payload, GError **error)
{
  const Step *step = find_step (negotiation, message, FALSE, error);
  g_autoptr (EsForm) form = NULL;
  g_autofree char *text = NULL;
  GError *failure = NULL;

  /* What the MACs cover is the form as it came, never one rebuilt. */
  if (step == NULL || (form = read_form (payload, message, error)) == NULL
      || (text = es_xml_normalize_form (es_xml_child (payload, "x", ES_NS_DATA), negotiation->options.dialect, error))
             == NULL)
    return FALSE;

  step->consume (negotiation, form, text, &failure);
  advance (negotiation, step, failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  return TRUE;
}

EsAgreement *
es_negotiation_steal_agreement (EsNegotiation *negotiation)
{
  return negotiation->state == ES_NEGOTIATION_DONE ? g_steal_pointer (&negotiation->agreement) : NULL;
}

/* The FORM_TYPE tells ours from other feature negotiations, whatever else is wrong with the form. */
static gboolean
is_session_form (const EsXml *x)
{
  const GPtrArray *children = es_xml_children (x);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *field = children->pdata[i], *value = NULL;
      g_autofree char *text = NULL;

      if (!es_xml_is (field, "field", ES_NS_DATA) || g_strcmp0 (es_xml_attribute (field, "var"), "FORM_TYPE") != 0)
        continue;
      value = es_xml_child (field, "value", ES_NS_DATA);
      text = value != NULL ? es_xml_dup_text (value) : NULL;
      return g_strcmp0 (text, ES_FORM_TYPE) == 0;
    }
  return FALSE;
}

const EsXml *
es_negotiation_recognize (const EsXml *stanza, EsMessage *message)
{
  for (gsize i = 0; i < G_N_ELEMENTS (envelopes); i++)
    {
      const EsXml *payload = es_xml_child (stanza, envelopes[i].wrapper, envelopes[i].wrapper_namespace);
      const EsXml *x = payload != NULL ? es_xml_child (payload, "x", ES_NS_DATA) : NULL;

      if (x == NULL || !is_session_form (x) || g_strcmp0 (es_xml_attribute (x, "type"), envelopes[i].kind) != 0)
        continue;
      *message = (EsMessage) i;
      return payload;
    }
  return NULL;
}

GBytes *
es_negotiation_request_nonce (const EsXml *payload)
{
  g_autoptr (EsForm) form = read_form (payload, ES_MESSAGE_REQUEST, NULL);

  return form != NULL ? es_form_get_octets (form, "my_nonce", ES_LIMIT_NONCE_MIN, ES_LIMIT_NONCE_MAX, NULL) : NULL;
}

gboolean
es_negotiation_is_echo (const EsEchoes *echoes, const EsXml *payload, const EsAddress *by, const EsAddress *to)
{
  g_autoptr (EsForm) form = read_form (payload, ES_MESSAGE_REQUEST, NULL);

  return form != NULL && es_four_is_echo (echoes, form, by, to);
}

static EsXml *
small_form (const char *kind, const char *var, const char *value)
{
  EsXml *feature = es_xml_new ("feature", ES_NS_FEATURE);
  EsXml *x = es_xml_append (feature, es_form_new (kind));

  es_form_add (x, "FORM_TYPE", NULL, ES_FORM_TYPE);
  es_form_add (x, var, NULL, value);
  return feature;
}

EsXml *
es_negotiation_decline (void)
{
  return small_form ("submit", "accept", "0");
}

EsXml *
es_termination_new (const char *kind, const char *reason)
{
  EsXml *feature = small_form (kind, "terminate", "1");

  if (reason != NULL)
    es_form_add (es_xml_child (feature, "x", ES_NS_DATA), "reason", NULL, reason);
  return feature;
}

const char *
es_termination_recognize (const EsXml *content, const char **reason)
{
  static const char *const kinds[] = { "submit", "result" };
  const EsXml *feature = es_xml_child (content, "feature", ES_NS_FEATURE);
  const EsXml *x = feature != NULL ? es_xml_child (feature, "x", ES_NS_DATA) : NULL;
  g_autoptr (EsForm) form = x != NULL && is_session_form (x) ? es_form_parse (x, NULL) : NULL;
  const char *value = NULL, *said = NULL;

  if (form == NULL || !es_form_get (form, "terminate", &value, NULL)
      || (strcmp (value, "1") != 0 && strcmp (value, "true") != 0))
    return NULL;
  if (reason != NULL)
    *reason = es_form_get (form, "reason", &said, NULL) && strcmp (said, "offline") == 0 ? "offline" : "user";
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (es_form_kind (form), kinds[i]) == 0)
      return kinds[i];
  return NULL;
}
