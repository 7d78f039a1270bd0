/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encrypted conversations of one account: what the plugin's upper floors call. Contacts are bare JIDs, clients full
 * ones. */
#pragma once
#include "es-negotiation.h"
#include "es-policy.h"
#include "es-trust.h"

typedef struct _EsManager EsManager;

/* HOST and TRUST must outlive the manager. OPTIONS is what sessions may be negotiated with; POLICY holds for contacts
 * without one of their own. */
EsManager *
es_manager_new (const char *account, const EsHost *host, EsTrust *trust, const EsOptions *options, EsPolicy policy);

/* Frees at once; es_manager_offline says goodbye. */
void es_manager_free (EsManager *manager);

/* What there is to know of the conversation with a contact. Strings belong to the manager, until its next call. */
typedef struct
{
  EsState state;
  const char *device;   /* full JID, NULL without a session */
  const char *code;     /* NULL without a session */
  gboolean code_proves; /* equal codes prove that nobody listens in */
  gint64 since;
  guint waiting;         /* messages that wait to be encrypted */
  guint unconfirmed;     /* messages that were sent encrypted and have not been confirmed to have arrived */
  EsPolicy policy;       /* what holds for the contact */
  int own_policy;        /* what the user chose for the contact, -1: nothing */
  EsPolicy usual_policy; /* what holds where the user chose nothing */
  gboolean must_choose;  /* nothing can be sent until the user has chosen to start again or to write unencrypted */
  gboolean log;          /* whether what is said may be logged */
  gboolean log_refused;  /* it would be, but the other side does not want that */
  gboolean can_start;
  gboolean can_end;
  gboolean can_verify;
  gboolean can_send_plain; /* what waits can go out unencrypted, if the user wants that: es_manager_send_plain */
} EsConversation;

void es_manager_describe (EsManager *manager, const char *contact, EsConversation *conversation);

/* The user opened the conversation, or closed it (sessions live on). */
void es_manager_opened (EsManager *manager, const char *contact);
void es_manager_closed (EsManager *manager, const char *contact);

/* The user typed TEXT. ES_SEND_WAIT: the manager keeps it and hands it back to the host, once, to be sent or
 * returned. ES_SEND_REFUSE: it was given back already. Otherwise send it on its usual way. */
EsVerdict es_manager_typed (EsManager *manager, const char *contact, const char *text);

typedef enum
{
  ES_PASS,     /* as it is */
  ES_CHANGED,  /* send or deliver it as it is now */
  ES_CONSUMED, /* neither */
  ES_REFUSED   /* of an outgoing iq that asks something: neither, and whoever waits for the answer is to get an error */
} EsDisposition;

/* Every stanza about to leave, but those from host->send; and every one that arrived. Changed in place. Of iqs and presence
 * those to and from contacts, which have an '@' in their bare JIDs and are no rooms. */
EsDisposition es_manager_outgoing (EsManager *manager, EsXml *stanza);
EsDisposition es_manager_incoming (EsManager *manager, EsXml *stanza);

/* Whether a file that began encrypted may be under way to or from the client JID. */
gboolean es_manager_has_file (const EsManager *manager, const char *jid);

/* A client came (or changed: VERSION stands for what it can, NULL if unknown), or went; a bare JID: all of them went. */
void
es_manager_set_presence (EsManager *manager, const char *jid, gboolean available, int priority, const char *version);

/* The answer to host->ask_support. */
void es_manager_set_support (EsManager *manager, const char *jid, gboolean supported);

/* The user's wishes. EQUAL is what the user said of the codes that CODE was one of; it has no effect if the session has
 * another code by now. */
void es_manager_start (EsManager *manager, const char *contact);
void es_manager_end (EsManager *manager, const char *contact);
void es_manager_verify (EsManager *manager, const char *contact, const char *code, gboolean equal);

/* What waits is sent unencrypted, this once. */
void es_manager_send_plain (EsManager *manager, const char *contact);

/* An EsPolicy for the contact, or -1 for the account's. FALSE with ERROR, and no change, if it cannot be stored. */
gboolean es_manager_set_policy (EsManager *manager, const char *contact, int policy, GError **error);

/* Whether encrypted conversations may be logged here; asked of the other side in every negotiation from now on. */
void es_manager_set_log (EsManager *manager, gboolean log);

/* The store has been unlocked, or it is known now that it will not be by itself: what waits for that goes on, or is told. */
void es_manager_store_changed (EsManager *manager);

/* We are about to go offline, or the plugin to stop: ends every session, properly while stanzas can still be sent. If that
 * is WANTED, what waits goes back to the user; otherwise it waits for the connection to come back. */
void es_manager_offline (EsManager *manager, gboolean wanted);
