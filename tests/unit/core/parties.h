/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides of a negotiation in one process, with random octets that repeat, and somebody in between who may change what
 * passes. */
#pragma once
#include "es-channel.h"
#include "es-error.h"
#include "es-negotiation-private.h"

#include "../es-test.h"

/* SHA-256 in counter mode. */
typedef struct
{
  guint64 seed, n;
  gsize left;
  guint8 block[32];
} Repeating;

static inline void
repeating_fill (gpointer data, guint8 *out, gsize size)
{
  Repeating *r = data;

  for (; size > 0; size--)
    {
      if (r->left == 0)
        {
          EsPart part = ES_PART (r, 2 * sizeof (guint64));

          es_hash (es_hash_find ("sha256"), &part, 1, r->block);
          r->n++;
          r->left = sizeof r->block;
        }
      *out++ = r->block[--r->left];
    }
}

typedef struct
{
  Repeating random_a, random_b;
  EsRandom source_a, source_b;
  EsOptions options_a, options_b;
  EsNegotiation *a, *b;
  GPtrArray *secrets_a, *secrets_b; /* of EsSecret, given to the negotiations at message 3, */
  guint verified_b;                 /* and which of them, from 1, is of a verified device, or 0 */
  EsSecret *other_a, *other_b;
} Parties;

static inline void
parties_init (Parties *p, guint64 seed)
{
  *p = (Parties){ .random_a = { .seed = 2 * seed }, .random_b = { .seed = 2 * seed + 1 } };
  p->source_a = (EsRandom){ repeating_fill, &p->random_a };
  p->source_b = (EsRandom){ repeating_fill, &p->random_b };
  es_options_init (&p->options_a);
  es_options_init (&p->options_b);
  p->options_a.groups[1] = 0; /* the big groups take their time */
}

static inline void
parties_begin (Parties *p)
{
  p->a = es_negotiation_new (ES_ROLE_INITIATOR, &p->options_a, &p->source_a);
  p->b = es_negotiation_new (ES_ROLE_RESPONDER, &p->options_b, &p->source_b);
}

static inline void
parties_end (Parties *p)
{
  g_clear_pointer (&p->a, es_negotiation_free);
  g_clear_pointer (&p->b, es_negotiation_free);
}

static inline GPtrArray *
retained_from (const GPtrArray *secrets, guint verified)
{
  GPtrArray *retained = g_ptr_array_new_with_free_func ((GDestroyNotify) es_retained_free);

  for (guint i = 0; secrets != NULL && i < secrets->len; i++)
    g_ptr_array_add (retained, es_retained_new (i + 1, i + 1 == verified, secrets->pdata[i]));
  return retained;
}

static inline EsNegotiation *
sender_of (Parties *p, EsMessage message)
{
  return message == ES_MESSAGE_REQUEST || message == ES_MESSAGE_INITIATOR_ACCEPT ? p->a : p->b;
}

static inline EsNegotiation *
receiver_of (Parties *p, EsMessage message)
{
  return sender_of (p, message) == p->a ? p->b : p->a;
}

/* Creates MESSAGE as text; NULL with ERROR if that fails. The caller frees. */
static inline char *
create_text (Parties *p, EsMessage message, GError **error)
{
  g_autoptr (EsXml) payload = NULL;

  if (message == ES_MESSAGE_INITIATOR_ACCEPT)
    {
      es_negotiation_set_secrets (p->a, retained_from (p->secrets_a, 0));
      es_negotiation_set_secrets (p->b, retained_from (p->secrets_b, p->verified_b));
      if (p->other_a != NULL)
        es_negotiation_set_other_secret (p->a, p->other_a);
      if (p->other_b != NULL)
        es_negotiation_set_other_secret (p->b, p->other_b);
    }
  payload = es_negotiation_create (sender_of (p, message), message, error);
  return payload != NULL ? es_xml_to_string (payload, "") : NULL;
}

/* Hands TEXT to the receiver, the way a stanza is: what is not XML, or not ours, does not get there. */
static inline gboolean
consume_text (Parties *p, EsMessage message, const char *text, gsize size, GError **error)
{
  g_autoptr (EsXml) stanza = es_xml_parse_content (text, size, error);
  EsMessage recognized = message;
  const EsXml *payload = stanza != NULL ? es_negotiation_recognize (stanza, &recognized) : NULL;

  if (payload == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "not recognized");
      return FALSE;
    }
  return es_negotiation_consume (receiver_of (p, message), recognized, payload, error);
}

static inline gboolean
same_octets (const EsForm *a, const EsForm *b, const char *var)
{
  g_autoptr (GBytes) left = es_form_get_octets (a, var, 1, 1000, NULL),
                     right = es_form_get_octets (b, var, 1, 1000, NULL);

  return left == NULL || right == NULL ? left == right : g_bytes_equal (left, right);
}

/* Whether both messages of a negotiation say the same: the two fields that no MAC covers may stand where they like. */
static inline gboolean
says_the_same (const EsXml *a, const EsXml *b)
{
  const EsXml *x_a = es_xml_child (a, "x", ES_NS_DATA), *x_b = es_xml_child (b, "x", ES_NS_DATA);
  g_autoptr (EsForm) form_a = es_form_parse (x_a, NULL), form_b = es_form_parse (x_b, NULL);
  g_autofree char *text_a = es_xml_normalize_form (x_a, ES_DIALECT_STRICT, NULL);
  g_autofree char *text_b = es_xml_normalize_form (x_b, ES_DIALECT_STRICT, NULL);

  return form_a != NULL && form_b != NULL && text_a != NULL && g_strcmp0 (text_a, text_b) == 0
         && strcmp (es_xml_namespace (a), es_xml_namespace (b)) == 0
         && strcmp (es_form_kind (form_a), es_form_kind (form_b)) == 0 && same_octets (form_a, form_b, "identity")
         && same_octets (form_a, form_b, "mac");
}

/* One message from its sender to its receiver. */
static inline gboolean
pass (Parties *p, EsMessage message, GError **error)
{
  g_autofree char *text = create_text (p, message, error);

  return text != NULL && consume_text (p, message, text, strlen (text), error);
}

/* The messages before END, which must all work. */
static inline void
pass_until (Parties *p, guint end)
{
  for (guint i = 0; i < end; i++)
    {
      GError *error = NULL;

      ck_assert (pass (p, (EsMessage) i, &error));
      g_assert_no_error (error);
    }
}
