/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One session: a negotiation, then a channel, on one <thread/> with one full JID. Turns stanzas into encrypted ones and
 * back; knows nothing of users and policies. */
#pragma once
#include "es-budget.h"
#include "es-channel.h"
#include "es-host.h"
#include "es-session-stanza.h"
#include "es-trust.h"

typedef struct _EsSession EsSession;

/* JID may be bare for an initiator: the session is then with whoever answers. HOST and TRUST must outlive it. THREAD NULL: a fresh
 * random one. */
EsSession *es_session_new (EsRole role,
                           const EsAddress *account,
                           const EsAddress *jid,
                           const char *thread,
                           const EsOptions *options,
                           const EsHost *host,
                           EsTrust *trust);

/* Wipes all keys and frees. */
void es_session_free (EsSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsSession, es_session_free)

const EsAddress *es_session_jid (const EsSession *session);
const char *es_session_thread (const EsSession *session);
EsRole es_session_role (const EsSession *session);

/* Whether encrypted stanzas can be exchanged. */
gboolean es_session_is_active (const EsSession *session);

/* Of an active session: the code, whether equal codes prove anything, whether it runs on a verified device, and whether it
 * does not though the contact has one. */
const char *es_session_code (const EsSession *session);
gboolean es_session_code_proves (const EsSession *session);
GBytes *
es_session_context (const EsSession *session); /* what a shared password is compared in; belongs to the session */
gboolean es_session_is_verified (const EsSession *session);
gboolean es_session_is_unmarked (const EsSession *session); /* it was, and the user has taken that back */

/* Whether both sides have proved who it is that they talk to: without that nothing makes it verified. */
gboolean es_session_has_parties (const EsSession *session);
gint64 es_session_verified_at (const EsSession *session); /* 0 if it is not */
gboolean es_session_is_strange (const EsSession *session);
gboolean es_session_is_narrowed (const EsSession *session); /* it can do less than that device could before */
guint es_session_stanzas (const EsSession *session);
gboolean es_session_may_log (const EsSession *session);
gint64 es_session_since (const EsSession *session);

/* For how many seconds it has been active. */
gint64 es_session_age (const EsSession *session);

/* Whether it was begun on a secret that both sides remembered. Until the initiator has been heard in it, anybody could have named
 * that. */
gboolean es_session_runs_on_secret (const EsSession *session);

/* Only a device that is verified will do: without its secret the negotiation fails (ES_ERROR_BUSY). */
void es_session_require_verified (EsSession *session);

/* Whether anything was sent in it. */
gboolean es_session_has_sent (const EsSession *session);

/* Whether ID is that of one of the last messages that left in it: servers that send one back do not always say which thread it was on. */
gboolean es_session_has_message (const EsSession *session, const char *id);

/* Whether the other side is known to hold its keys: what came before that was of an earlier session. */
gboolean es_session_has_heard (const EsSession *session);

/* Our my_nonce while our request is unanswered, else NULL. */
GBytes *es_session_unanswered_nonce (const EsSession *session);

/* The stanza with message 1; the caller frees, as below. */
EsXml *es_session_request (EsSession *session, GError **error);

/* Takes the message PAYLOAD from the full JID FROM. *REPLY is the stanza to send now, or NULL. May make the session
 * active: what has to be remembered for next time is on disk by then. */
gboolean es_session_consume (EsSession *session,
                             const EsAddress *from,
                             EsMessage message,
                             const EsXml *payload,
                             EsXml **reply,
                             GError **error);

/* Encrypts what STANZA holds, in place, and addresses it; fails without having changed it: ES_ERROR_LIMIT where a server would not
 * pass it on, ES_ERROR_MALFORMED where the other side could not read it. Only messages name their thread:
 * of iqs and presence the receiver finds the session by the JIDs. */
gboolean es_session_encrypt (EsSession *session, EsXml *stanza, GError **error);

/* The server takes stanzas of so many OCTETS; 0: not known. */
void es_session_set_limit (EsSession *session, gsize octets);

/* What the other side's keys may cost, and those of all sessions that have BUDGETS (N_BUDGETS of them): verified ones, and others. They must
 * outlive the session. NULL, as at first: whatever they do. */
enum
{
  ES_BUDGET_UNVERIFIED,
  ES_BUDGET_VERIFIED,
  ES_N_BUDGETS
};
void es_session_set_budgets (EsSession *session, EsBudget *budgets);

/* Decrypts STANZA in place: everything beside <c/> that a server could have added or changed is thrown away. *ENDED tells
 * the kind of termination form it held, or NULL, and *REASON (REASON may be NULL) its reason. After an error other than ES_ERROR_DUPLICATE the session is dead. */
gboolean
es_session_decrypt (EsSession *session, EsXml *stanza, const char **ended, const char **reason, GError **error);

/* An encrypted message that holds PAYLOAD, which is taken, or with NULL an empty one. NULL when the session is not active. */
EsXml *es_session_control (EsSession *session, EsXml *payload);

/* The same of two, the second of which may be NULL; both are taken. */
EsXml *es_session_control_with (EsSession *session, EsXml *payload, EsXml *beside);

/* The user found the codes equal. */
gboolean es_session_verify (EsSession *session, GError **error);

/* Both sides have shown that they know the same password, whatever the code proves. */
gboolean es_session_verify_by_password (EsSession *session, GError **error);

/* The number of the remembered device that an active session runs on. */
gint64 es_session_device (const EsSession *session);

/* DEVICE counts as verified from now on, or no longer: so does SESSION if it runs on it. */
void es_session_set_mark (EsSession *session, gint64 device, gboolean verified);
