/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-negotiation.c (the runner) and es-negotiation-four.c (the messages) share, and tests may look into. */
#pragma once
#include "es-negotiation.h"

/* What was agreed. */
typedef struct
{
  EsSuite suite;
  guint group_index; /* of the group, in the initiator's list */
  guint stanzas;
  guint32 strength; /* of the best that the other side was seen to support */
  guint32 rekey_freq;
  EsLogging logging;
  gboolean old_logging_field; /* the initiator says "otr" */
  gboolean parties;           /* the other side has said who talks to whom, and it is true */
} EsTerms;

struct _EsNegotiation
{
  EsRole role;
  EsNegotiationState state; /* changed by the runner only */
  EsOptions options;
  const EsRandom *random;

  EsEchoes *echoes;   /* not ours; may be NULL */
  EsAddress *party_a; /* bare addresses of initiator and responder, or NULL */
  EsAddress *party_b;

  EsTerms terms;

  GPtrArray *exponents; /* initiator: an EsSecret for each group offered */
  GPtrArray *publics;   /* and its e, of GBytes */
  GBytes *commitment;   /* responder: SHA256 (e) for the group chosen */
  EsSecret *exponent;   /* ours in the group chosen */
  GBytes *e;
  GBytes *d;
  GBytes *nonce_a;
  GBytes *nonce_b;
  EsCounter counter_a;
  EsCounter counter_b;
  char *form_a; /* normalized */
  char *form_b;
  guint8 m_a[ES_HASH_MAX_OCTETS];
  EsSecret *k; /* HASH (shared value), from message 3 on */

  GPtrArray *contact_secrets;
  EsSecret *other_secret;

  EsAgreement *agreement;
};

/* Create: fill the form X. Consume: FORM is the form, TEXT its normalized content. Both change the negotiation at their
 * end only, after the last thing that can fail. */
typedef gboolean (*EsCreate) (EsNegotiation *negotiation, EsXml *x, GError **error);
typedef gboolean (*EsConsume) (EsNegotiation *negotiation, const EsForm *form, const char *text, GError **error);

/* Whether FORM, a request of BY's to TO, holds words of ours. */
gboolean es_four_is_echo (const EsEchoes *echoes, const EsForm *form, const EsAddress *by, const EsAddress *to);

gboolean es_four_create_request (EsNegotiation *negotiation, EsXml *x, GError **error);
gboolean es_four_consume_request (EsNegotiation *negotiation, const EsForm *form, const char *text, GError **error);
gboolean es_four_create_response (EsNegotiation *negotiation, EsXml *x, GError **error);
gboolean es_four_consume_response (EsNegotiation *negotiation, const EsForm *form, const char *text, GError **error);
gboolean es_four_create_initiator_accept (EsNegotiation *negotiation, EsXml *x, GError **error);
gboolean
es_four_consume_initiator_accept (EsNegotiation *negotiation, const EsForm *form, const char *text, GError **error);
gboolean es_four_create_responder_accept (EsNegotiation *negotiation, EsXml *x, GError **error);
gboolean
es_four_consume_responder_accept (EsNegotiation *negotiation, const EsForm *form, const char *text, GError **error);

/* Choosing among options: es-negotiation-options.c. */

/* Responder: takes the first of each list that we support. ES_ERROR_UNSUPPORTED names the fields without one. */
gboolean es_options_choose (const EsOptions *options, const EsForm *form, EsTerms *terms, GError **error);

/* Initiator: reads what the responder chose and refuses what was not offered. */
gboolean es_options_check (const EsOptions *options, const EsForm *form, EsTerms *terms, GError **error);

/* The fields of an offer (message 1) and of a choice (message 2), but for nonces, keys and what follows them. */
void es_options_write_offer (const EsOptions *options, EsXml *x);
void es_options_write_choice (const EsTerms *terms, EsXml *x);

/* Who talks to whom: es-negotiation-parties.c. */

/* Appends the field, if we know the parties. TYPE may be NULL. */
void es_parties_write (const EsNegotiation *negotiation, EsXml *x, const char *type);

/* *SAID is whether FORM says who talks to whom, if we know ourselves. ES_ERROR_PARTIES: it says something else. */
gboolean es_parties_check (const EsNegotiation *negotiation, const EsForm *form, gboolean *said, GError **error);

/* mac_A and mac_B: HMAC (HASH, KS, first | second | public | form | form2), to OUT. */
void es_sigma_mac (const EsSuite *suite,
                   const EsSecret *sigma,
                   GBytes *first,
                   GBytes *second,
                   GBytes *public_value,
                   const char *form,
                   const char *form2,
                   guint8 *out);
