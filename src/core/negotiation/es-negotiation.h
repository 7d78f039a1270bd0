/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Negotiating a session (XEP-0116 section 4): four messages, after which both sides hold the same keys.
 *
 *     1  A -> B  request            what A offers, N_A, commitments to e
 *     2  B -> A  response           what B chose, N_B, d, N_A, C_A
 *     3  A -> B  initiator's accept N_B, e, hashes of retained secrets, ID_A, M_A
 *     4  B -> A  responder's accept N_A, hash of the one both hold, ID_B, M_B
 *
 * A negotiation is a state and a table; each message is created by one side and consumed by the other, once. A message
 * that is not expected, or malformed, leaves everything as it was; a failed check destroys the negotiation. */
#pragma once
#include "es-address.h"
#include "es-echoes.h"
#include "es-form.h"
#include "es-keys.h"

typedef enum
{
  ES_MESSAGE_REQUEST,
  ES_MESSAGE_RESPONSE,
  ES_MESSAGE_INITIATOR_ACCEPT,
  ES_MESSAGE_RESPONDER_ACCEPT
} EsMessage;

typedef enum
{
  ES_NEGOTIATION_NEW,
  ES_NEGOTIATION_REQUESTED, /* initiator: 1 sent */
  ES_NEGOTIATION_ASKED,     /* responder: 1 taken */
  ES_NEGOTIATION_RESPONDED, /* responder: 2 sent */
  ES_NEGOTIATION_ANSWERED,  /* initiator: 2 taken */
  ES_NEGOTIATION_ACCEPTED,  /* initiator: 3 sent */
  ES_NEGOTIATION_CHECKED,   /* responder: 3 taken */
  ES_NEGOTIATION_DONE,
  ES_NEGOTIATION_FAILED
} EsNegotiationState;

typedef enum
{
  ES_LOGGING_MAY,
  ES_LOGGING_MUST_NOT
} EsLogging;

/* What we offer as initiator, most wanted first, and restrict ourselves to as responder. Lists end with 0 or NULL.
 * A responder also takes what es-algs and es-dh know beyond the lists. */
typedef struct
{
  EsDialect dialect;
  guint groups[9];
  const char *ciphers[4];
  const char *hashes[4];
  const char *sas[3];
  guint stanzas; /* bits of EsStanzas */
  guint32 rekey_freq;
  EsLogging logging;
  gboolean weak_groups;
} EsOptions;

/* The defaults: groups 31, 15, 14; aes256 and aes128; sha256; sas28x6, sas28x5; all stanzas; re-key at each turn. */
void es_options_init (EsOptions *options);

/* What Gajim 0.12 to 0.16 understands: its dialect, in which it takes the first group that is offered, encrypts messages only, and
 * never re-keys. The rest of OPTIONS stays. */
void es_options_speak_gajim (EsOptions *options);

/* Groups 5, 2 and 1 are offered last, and taken; or neither. */
void es_options_allow_weak_groups (EsOptions *options, gboolean allowed);

/* A retained secret that may be found again, with the number that the caller knows it by. */
typedef struct
{
  gint64 device;
  gboolean verified; /* the device is: of several that both sides hold, one of such a device is used */
  EsSecret *secret;
} EsRetained;

/* Copies SECRET. */
EsRetained *es_retained_new (gint64 device, gboolean verified, const EsSecret *secret);
void es_retained_free (EsRetained *retained);

/* What a finished negotiation leaves behind. */
typedef struct
{
  EsSuite suite;
  EsRole role;
  guint stanzas;
  guint32 strength; /* es-strength.h: of the best that the other side was seen to support */
  guint32 rekey_freq;
  EsLogging logging;
  gboolean
      parties; /* both sides have proved who it is that they talk to; without it nothing may make the session verified */
  EsKeys own;  /* for what we send; no SIGMA keys any more */
  EsKeys peer;
  EsCounter own_counter;
  EsCounter peer_counter;
  EsSecret *exponent;  /* our x or y */
  GBytes *own_public;  /* our e or d */
  GBytes *peer_public; /* their d or e */
  char *code;          /* the verification code */
  GBytes *context;     /* the same, whole and whatever the code is: what a shared password is compared in */
  EsSecret *retained;  /* to be remembered for the next session */
  EsSecret *found;     /* the retained secret that this session runs on, or NULL */
  gint64 found_device; /* its number */
  GPtrArray *held;     /* of EsSecret: all that could have been found of that device; NULL if nothing was found */
} EsAgreement;

void es_agreement_free (EsAgreement *agreement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsAgreement, es_agreement_free)

typedef struct _EsNegotiation EsNegotiation;

/* RANDOM must outlive the negotiation. */
EsNegotiation *es_negotiation_new (EsRole role, const EsOptions *options, const EsRandom *random);

/* Wipes and frees. */
void es_negotiation_free (EsNegotiation *negotiation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsNegotiation, es_negotiation_free)

EsNegotiationState es_negotiation_state (const EsNegotiation *negotiation);
EsRole es_negotiation_role (const EsNegotiation *negotiation);

/* Our nonce of message 1 or 2, or NULL before it; the negotiation owns it. */
GBytes *es_negotiation_own_nonce (const EsNegotiation *negotiation);

/* Who talks to whom: our bare address and the other side's, which go into messages 1 and 2 and are compared with what stands
 * there (ES_ERROR_PARTIES where they differ). References are kept. To be set before message 1 is created or consumed; without
 * it, and in Gajim's dialect, nothing is said and agreement->parties is FALSE. */
void es_negotiation_set_parties (EsNegotiation *negotiation, const EsAddress *own, const EsAddress *other);

/* What all negotiations of this process have sent: ours is added to ECHOES, and what comes back is refused. To be set before
 * message 1 is created or consumed; ECHOES must outlive the negotiation. */
void es_negotiation_set_echoes (EsNegotiation *negotiation, EsEchoes *echoes);

/* The retained secrets with this contact, never anybody else's. To be set before message 3 is created or consumed. The
 * negotiation takes the array of EsRetained. */
void es_negotiation_set_secrets (EsNegotiation *negotiation, GPtrArray *contact);

/* A machine-made secret both sides have from elsewhere (OSS), at least 16 octets; copied. */
void es_negotiation_set_other_secret (EsNegotiation *negotiation, const EsSecret *secret);

/* Creates MESSAGE: the payload element for a <message/>, which the caller frees. */
EsXml *es_negotiation_create (EsNegotiation *negotiation, EsMessage message, GError **error);

/* Takes the payload of a received message, as es_negotiation_recognize found it. Errors: any of es-error.h but those
 * of the store. After ES_ERROR_CHECK the state is ES_NEGOTIATION_FAILED and every secret is gone. */
gboolean es_negotiation_consume (EsNegotiation *negotiation, EsMessage message, const EsXml *payload, GError **error);

/* The result, once, when the state is ES_NEGOTIATION_DONE; the caller frees. */
EsAgreement *es_negotiation_steal_agreement (EsNegotiation *negotiation);

/* Whether STANZA carries a message of a negotiation: its payload, and which one. NULL if it is something else. */
const EsXml *es_negotiation_recognize (const EsXml *stanza, EsMessage *message);

/* The my_nonce of a request, for the decision between two that cross; NULL if it has none. The caller unrefs. */
GBytes *es_negotiation_request_nonce (const EsXml *payload);

/* Whether the nonce or a commitment of a request, which comes from BY and is for TO, is our own, so that it is to be dropped without
 * an answer: es-echoes.h. */
gboolean
es_negotiation_is_echo (const EsEchoes *echoes, const EsXml *payload, const EsAddress *by, const EsAddress *to);

/* XEP-0155's polite refusal of a request: <feature/> with accept 0. The caller frees. */
EsXml *es_negotiation_decline (void);

/* The form that ends a session (XEP-0155 section 7), KIND "submit" with REASON "user" or "offline", or, as its
 * acknowledgement, "result" with NULL. The caller frees. */
EsXml *es_termination_new (const char *kind, const char *reason);

/* Whether the content of an encrypted stanza holds one: its kind, or NULL. *REASON (REASON may be NULL) is "offline" or, for
 * any other and for none, "user". */
const char *es_termination_recognize (const EsXml *content, const char **reason);
