/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-session.h"

#include <string.h>

#include "es-envelope.h"
#include "es-error.h"
#include "es-files.h"
#include "es-last.h"
#include "es-limits.h"
#include "es-session-stanza.h"

struct _EsSession
{
  EsAddress *account; /* bare */
  EsAddress *contact; /* bare */
  EsAddress *jid;     /* full, once known */
  char *thread;
  const EsHost *host;
  EsTrust *trust;

  EsNegotiation *negotiation; /* NULL once the channel is there */
  EsChannel *channel;
  EsRole role;

  char *code;
  gboolean code_proves;
  GBytes *context; /* of a shared password */
  gint64 device;
  EsBudget *budgets; /* not its own, or NULL */
  gboolean has_parties;
  gboolean verified;
  gboolean unmarked;
  gboolean strange;
  gboolean narrowed;
  GPtrArray *held;       /* what was held, of EsSecret, when it found the one that it runs on, until then; or NULL */
  EsSecret *unconfirmed; /* the new one, until the other side is known to hold it */
  guint stanzas;
  EsLogging logging;
  guint32 strength;
  gint64 verified_at;
  gboolean runs_on_secret;
  gboolean must_be_verified;
  gsize limit; /* of what is encrypted in one stanza, in octets */
  gint64 since;
  gint64 began; /* the same moment, as EsHost.elapsed tells */
  gboolean has_sent;
  gboolean has_heard;
  GQueue ids; /* of char *: of its last messages, oldest first */
};

static gint64
now (const EsSession *session)
{
  return session->host->clock.now (session->host->clock.data);
}

static gint64
elapsed (const EsSession *session)
{
  return session->host->clock.elapsed (session->host->clock.data);
}

static char *
random_id (const EsHost *host)
{
  guint8 octets[16];
  GString *id = g_string_new (NULL);

  es_random_fill (&host->random, octets, sizeof octets);
  for (gsize i = 0; i < sizeof octets; i++)
    g_string_append_printf (id, "%02x", octets[i]);
  return g_string_free (id, FALSE);
}

EsSession *
es_session_new (EsRole role,
                const EsAddress *account,
                const EsAddress *jid,
                const char *thread,
                const EsOptions *options,
                const EsHost *host,
                EsTrust *trust)
{
  EsSession *session = g_new0 (EsSession, 1);

  session->role = role;
  session->account = es_address_ref (account);
  session->contact = es_address_ref (es_address_bare (jid));
  session->jid = es_address_ref (jid);
  session->thread = thread != NULL ? g_strdup (thread) : random_id (host);
  session->host = host;
  session->limit = ES_LIMIT_CONTENT_OCTETS;
  session->trust = trust;
  session->negotiation = es_negotiation_new (role, options, &host->random);
  es_negotiation_set_parties (session->negotiation, account, session->contact);
  es_negotiation_set_echoes (session->negotiation, es_trust_echoes (trust));
  return session;
}

void
es_session_free (EsSession *session)
{
  if (session == NULL)
    return;
  es_negotiation_free (session->negotiation);
  es_channel_free (session->channel);
  if (session->device != 0)
    es_trust_release (session->trust, session->device);
  g_clear_pointer (&session->held, g_ptr_array_unref);
  es_secret_free (session->unconfirmed);
  g_queue_clear_full (&session->ids, g_free);
  g_free (session->code);
  g_clear_pointer (&session->context, g_bytes_unref);
  g_free (session->thread);
  es_address_unref (session->jid);
  es_address_unref (session->contact);
  es_address_unref (session->account);
  g_free (session);
}

const EsAddress *
es_session_jid (const EsSession *session)
{
  return session->jid;
}

const char *
es_session_thread (const EsSession *session)
{
  return session->thread;
}

EsRole
es_session_role (const EsSession *session)
{
  return session->role;
}

gboolean
es_session_is_active (const EsSession *session)
{
  return session->channel != NULL;
}

const char *
es_session_code (const EsSession *session)
{
  return session->code;
}

gboolean
es_session_code_proves (const EsSession *session)
{
  return session->code_proves;
}

GBytes *
es_session_context (const EsSession *session)
{
  return session->context;
}

gboolean
es_session_has_parties (const EsSession *session)
{
  return session->has_parties;
}

gboolean
es_session_is_verified (const EsSession *session)
{
  return session->verified;
}

gint64
es_session_verified_at (const EsSession *session)
{
  return session->verified_at;
}

gboolean
es_session_is_strange (const EsSession *session)
{
  return session->strange;
}

gboolean
es_session_is_narrowed (const EsSession *session)
{
  return session->narrowed;
}

gboolean
es_session_may_log (const EsSession *session)
{
  return session->logging == ES_LOGGING_MAY;
}

guint
es_session_stanzas (const EsSession *session)
{
  return session->stanzas;
}

gint64
es_session_since (const EsSession *session)
{
  return session->since;
}

gint64
es_session_age (const EsSession *session)
{
  return elapsed (session) - session->began;
}

gboolean
es_session_runs_on_secret (const EsSession *session)
{
  return session->runs_on_secret;
}

void
es_session_require_verified (EsSession *session)
{
  session->must_be_verified = TRUE;
}

gboolean
es_session_has_sent (const EsSession *session)
{
  return session->has_sent;
}

gboolean
es_session_has_heard (const EsSession *session)
{
  return session->channel != NULL && (session->has_heard || session->role == ES_ROLE_INITIATOR);
}

gboolean
es_session_is_unmarked (const EsSession *session)
{
  return session->unmarked;
}

GBytes *
es_session_unanswered_nonce (const EsSession *session)
{
  return session->negotiation != NULL && es_negotiation_state (session->negotiation) == ES_NEGOTIATION_REQUESTED
             ? es_negotiation_own_nonce (session->negotiation)
             : NULL;
}

/* Who programs number messages for may count them: what leaves in a session is named by chance alone. */
static void
name_message (EsSession *session, EsXml *message)
{
  g_autofree char *id = random_id (session->host);

  es_xml_set_attribute (message, "id", id);
  es_last_add (&session->ids, id, ES_LIMIT_SESSION_IDS);
}

gboolean
es_session_has_message (const EsSession *session, const char *id)
{
  return es_last_has (&session->ids, id);
}

static EsXml *
own_stanza (EsSession *session, EsXml *payload)
{
  EsXml *stanza = payload != NULL ? es_session_stanza (session->jid, session->thread, payload) : NULL;

  if (stanza != NULL)
    name_message (session, stanza);
  return stanza;
}

EsXml *
es_session_request (EsSession *session, GError **error)
{
  return own_stanza (session, es_negotiation_create (session->negotiation, ES_MESSAGE_REQUEST, error));
}

static gboolean
load_secrets (EsSession *session, GError **error)
{
  GPtrArray *secrets = NULL;

  es_trust_note_time (session->trust, now (session), elapsed (session));
  if (!es_trust_secrets (session->trust, session->account, session->contact, now (session), &secrets, error))
    return FALSE;
  es_negotiation_set_secrets (session->negotiation, secrets);
  return TRUE;
}

/* What was not agreed is neither encrypted nor taken for encrypted. */
static gboolean
covers (guint stanzas, const char *name, GError **error)
{
  if ((stanzas & es_stanza_bit (name)) != 0)
    return TRUE;
  g_set_error_literal (error, ES_ERROR, ES_ERROR_UNSUPPORTED, "stanzas");
  return FALSE;
}

/* Where a session without the secret of a verified device is one too many. */
static gboolean
check_verified (const EsSession *session, const EsAgreement *agreement, GError **error)
{
  if (!session->must_be_verified
      || (agreement->found != NULL
          && es_trust_verified_at (session->trust, session->account, session->contact, agreement->found_device) > 0))
    return TRUE;
  g_set_error_literal (error, ES_ERROR, ES_ERROR_BUSY, "too many negotiations");
  return FALSE;
}

/* The negotiation is over: remember the new secret, then take up the channel. */
static gboolean
establish (EsSession *session, GError **error)
{
  g_autoptr (EsAgreement) agreement = es_negotiation_steal_agreement (session->negotiation);
  EsTrustSummary summary = { 0 };
  EsRecognition recognition = { 0 };

  /* Messages are all that we encrypt: a session without them is none. */
  if (!covers (agreement->stanzas, "message", error) || !check_verified (session, agreement, error)
      || !es_trust_summary (session->trust, session->account, session->contact, &summary, error)
      || !es_trust_remember (session->trust, session->account, session->contact, agreement, now (session), &recognition,
                             error))
    return FALSE;

  session->device = recognition.device;
  session->runs_on_secret = agreement->found != NULL;
  session->verified = recognition.verified && agreement->parties;
  session->has_parties = agreement->parties;
  session->narrowed = recognition.narrowed;
  session->strength = recognition.strength;
  session->verified_at = session->verified ? recognition.verified_at : 0;

  /* Remembered or not: whoever got in unnoticed once would be no stranger the second time. */
  session->strange = (summary.verified || summary.lapse != ES_LAPSE_NONE) && !session->verified;
  session->code = g_strdup (agreement->code);
  session->context = g_bytes_ref (agreement->context);
  session->code_proves = agreement->suite.sas->proves && agreement->parties;
  session->stanzas = agreement->stanzas;
  session->logging = agreement->logging;
  es_trust_hold (session->trust, session->device);
  session->since = now (session);
  session->began = elapsed (session);

  /* What an initiator has verified proves that the responder holds the newest secret already. */
  if (session->role == ES_ROLE_RESPONDER)
    {
      session->held = g_steal_pointer (&agreement->held);
      session->unconfirmed = es_secret_copy (agreement->retained);
    }
  session->channel = es_channel_new (agreement, &session->host->random);
  g_clear_pointer (&session->negotiation, es_negotiation_free);

  return TRUE;
}

/* A session is bound to the full JID that answered; another one has no say in it. */
static gboolean
check_sender (EsSession *session, const EsAddress *from, GError **error)
{
  if (es_address_equal (session->jid, from))
    return TRUE;
  if (session->role == ES_ROLE_INITIATOR && es_address_resource (session->jid) == NULL
      && es_session_unanswered_nonce (session) != NULL && es_address_same_bare (session->jid, from))
    return TRUE;
  g_set_error_literal (error, ES_ERROR, ES_ERROR_UNEXPECTED, "message from another device");
  return FALSE;
}

static void
bind (EsSession *session, const EsAddress *from)
{
  EsAddress *jid = es_address_ref (from);

  es_address_unref (session->jid);
  session->jid = jid;
}

gboolean
es_session_consume (EsSession *session,
                    const EsAddress *from,
                    EsMessage message,
                    const EsXml *payload,
                    EsXml **reply,
                    GError **error)
{
  EsNegotiation *negotiation = session->negotiation;

  *reply = NULL;
  if (negotiation == NULL)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_UNEXPECTED, "session is active");
      return FALSE;
    }
  if (!check_sender (session, from, error))
    return FALSE;

  switch (message)
    {
    case ES_MESSAGE_REQUEST:
      if (!es_negotiation_consume (negotiation, message, payload, error))
        return FALSE;
      *reply = own_stanza (session, es_negotiation_create (negotiation, ES_MESSAGE_RESPONSE, error));
      return *reply != NULL;

    case ES_MESSAGE_RESPONSE:
      if (!es_negotiation_consume (negotiation, message, payload, error) || !load_secrets (session, error))
        return FALSE;
      bind (session, from);
      *reply = own_stanza (session, es_negotiation_create (negotiation, ES_MESSAGE_INITIATOR_ACCEPT, error));
      return *reply != NULL;

    case ES_MESSAGE_INITIATOR_ACCEPT:
      if (!load_secrets (session, error) || !es_negotiation_consume (negotiation, message, payload, error))
        return FALSE;
      *reply = own_stanza (session, es_negotiation_create (negotiation, ES_MESSAGE_RESPONDER_ACCEPT, error));
      if (*reply != NULL && establish (session, error))
        return TRUE;
      g_clear_pointer (reply, es_xml_free);
      return FALSE;

    case ES_MESSAGE_RESPONDER_ACCEPT:
    default:
      return es_negotiation_consume (negotiation, message, payload, error) && establish (session, error);
    }
}

/* What goes into <data/>, which the caller wipes; NULL if a server would not pass it on, or if nobody could read it. */
static char *
prepare_content (const EsSession *session, EsXml *inside, GError **error)
{
  char *content = es_xml_children_to_string (inside);
  gsize size = strlen (content);

  if (es_channel_size (session->channel, size) > session->limit && es_session_unformat (inside))
    {
      es_text_free (content);
      content = es_xml_children_to_string (inside);
      size = strlen (content);
    }
  if (es_channel_size (session->channel, size) > session->limit)
    g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "stanza too large for servers");
  else if (size == 0 || es_channel_can_read (inside, content))
    return content;
  else
    g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "nobody could read that");
  es_text_free (content);
  return NULL;
}

/* Whether STANZA says something to people. What programs tell each other beside that, receipts and typing notices, parts of files,
 * does not turn the talk. */
static gboolean
is_turn (const EsXml *stanza)
{
  return es_xml_is (stanza, "message", NULL) ? es_xml_child (stanza, "body", ES_NS_CLIENT) != NULL
                                             : es_files_kind (stanza) == ES_FILE_OFFER;
}

/* Children of STANZA become those of OUTSIDE. */
static void
replace_children (EsXml *stanza, EsXml *outside)
{
  es_xml_filter (stanza, NULL, NULL, NULL);
  es_xml_filter (outside, NULL, NULL, stanza);
}

gboolean
es_session_encrypt (EsSession *session, EsXml *stanza, GError **error)
{
  g_autoptr (EsXml) outside = NULL, inside = NULL;
  gboolean rekey = FALSE, is_message = es_xml_is (stanza, "message", NULL), turn = is_turn (stanza);
  char *content = NULL;
  EsXml *c = NULL;

  if (session->channel == NULL)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_NO_SESSION, "session is not active");
      return FALSE;
    }
  if (!covers (session->stanzas, es_xml_name (stanza), error))
    return FALSE;
  outside = es_xml_copy (stanza);
  if (es_xml_is (outside, "iq", NULL))
    es_envelope_close_iq (outside);
  inside = es_session_split (outside);

  /* The server would end the stream over what stands outside. */
  if (!es_xml_is_readable (outside))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "no server could read that");
      return FALSE;
    }
  if ((content = prepare_content (session, inside, error)) == NULL)
    return FALSE;

  rekey = es_channel_should_rekey (session->channel, turn, elapsed (session));
  c = es_channel_encrypt (session->channel, content, rekey, error);
  es_text_free (content);
  if (c == NULL)
    return FALSE;

  es_channel_note (session->channel, turn, elapsed (session));
  session->has_sent = TRUE;
  replace_children (stanza, outside);
  es_xml_set_attribute (stanza, "to", es_address_text (session->jid));

  /* An iq has room for one child only: the full JIDs tell which session it belongs to. */
  if (is_message)
    {
      name_message (session, stanza);
      es_session_dress (stanza, session->thread, c, turn ? session->host->transport.fallback : NULL);
    }
  else
    es_xml_append (stanza, c);
  return TRUE;
}

/* Base64 makes four octets of three, and there are addresses and names of elements besides. */
void
es_session_set_limit (EsSession *session, gsize octets)
{
  gsize rest = octets > ES_STANZA_FRAME_OCTETS ? (octets - ES_STANZA_FRAME_OCTETS) / 4 * 3 : 0;

  session->limit = octets > 0 ? MIN (rest, ES_LIMIT_CONTENT_OCTETS) : ES_LIMIT_CONTENT_OCTETS;
}

void
es_session_set_budgets (EsSession *session, EsBudget *budgets)
{
  session->budgets = budgets;
}

EsXml *
es_session_control (EsSession *session, EsXml *payload)
{
  return es_session_control_with (session, payload, NULL);
}

EsXml *
es_session_control_with (EsSession *session, EsXml *payload, EsXml *beside)
{
  g_autoptr (EsXml) stanza = es_session_stanza (session->jid, session->thread, payload);

  if (beside != NULL)
    es_xml_append (stanza, beside);
  return es_session_encrypt (session, stanza, NULL) ? g_steal_pointer (&stanza) : NULL;
}

static gboolean
is_no_element (const EsXml *child, gpointer data)
{
  return es_xml_name (child) == NULL;
}

/* What brings a key makes us compute, as often as whoever sends it likes. */
static gboolean
can_afford (const EsSession *session, const EsXml *c, GError **error)
{
  EsBudget *budget = session->budgets;

  if (budget == NULL)
    return TRUE;
  budget += session->verified ? ES_BUDGET_VERIFIED : ES_BUDGET_UNVERIFIED;
  if (es_budget_spend (budget, elapsed (session), es_channel_cost (session->channel, c), ES_LIMIT_REKEY_BURST,
                       ES_LIMIT_REKEY_SECOND))
    return TRUE;
  g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "too many keys");
  return FALSE;
}

gboolean
es_session_decrypt (EsSession *session, EsXml *stanza, const char **ended, const char **reason, GError **error)
{
  g_autoptr (EsXml) outside = es_session_split (stanza), inside = NULL;
  const EsXml *c = es_xml_child (outside, "c", ES_NS_CRYPT);

  *ended = NULL;
  if (session->channel == NULL || c == NULL)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_NO_SESSION, "session is not active");
      return FALSE;
    }
  if (!covers (session->stanzas, es_xml_name (stanza), error) || !can_afford (session, c, error)
      || !es_channel_decrypt (session->channel, c, &inside, error))
    return FALSE;
  session->has_heard = TRUE;

  /* Too late for an error: should the disk fail now, all generations are kept until it works again. */
  if (session->unconfirmed != NULL
      && es_trust_prove (session->trust, session->account, session->contact, session->device, session->held,
                         session->unconfirmed, session->strength, now (session), NULL))
    {
      g_clear_pointer (&session->held, g_ptr_array_unref);
      g_clear_pointer (&session->unconfirmed, es_secret_free);
    }

  if (inside != NULL)
    {
      *ended = es_termination_recognize (inside, reason);
      es_xml_filter (inside, is_no_element, NULL, stanza);
    }
  es_channel_note (session->channel, is_turn (stanza), elapsed (session));
  return TRUE;
}

static gboolean
verify (EsSession *session, gboolean proves, GError **error)
{
  if (session->channel == NULL || !proves)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_NO_SESSION, "nothing to verify");
      return FALSE;
    }
  if (!es_trust_verify (session->trust, session->account, session->contact, session->device, now (session), error))
    return FALSE;
  es_session_set_mark (session, session->device, TRUE);
  return TRUE;
}

gboolean
es_session_verify (EsSession *session, GError **error)
{
  return verify (session, session->code_proves, error);
}

gboolean
es_session_verify_by_password (EsSession *session, GError **error)
{
  return verify (session, session->has_parties, error);
}

gint64
es_session_device (const EsSession *session)
{
  return session->device;
}

void
es_session_set_mark (EsSession *session, gint64 device, gboolean verified)
{
  if (session->channel != NULL && session->device == device)
    {
      session->unmarked |= session->verified && !verified;
      session->verified = verified && session->has_parties;
      session->verified_at = session->verified ? now (session) : 0;
    }
}
