/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A password that two people know, compared inside one session (SPAKE2): who may send what when, and how often it may go
 * wrong. Knows nothing of stanzas' ways, of users and of clocks. Ends with its session. */
#pragma once
#include "es-conversation.h"
#include "es-negotiation.h"
#include "es-spake2.h"

typedef struct _EsPassword EsPassword;

/* ROLE is ours in the session; OWN and OTHER are bare JIDs; CONTEXT is the session's. RANDOM must outlive it. */
EsPassword *
es_password_new (EsRole role, const EsAddress *own, const EsAddress *other, GBytes *context, const EsRandom *random);

/* Wipes and frees. */
void es_password_free (EsPassword *password);

/* Never ES_PASSWORD_OVER: whose failures count is known to whoever has the EsPassword. */
EsPasswordState es_password_state (const EsPassword *password);

/* How often, since this was asked last, somebody got something to try a guess on: our confirmation, or a check of ours that
 * failed. That counts as a failure however the run ends, unless it ends well. */
guint es_password_steal_tries (EsPassword *password);

/* Whether the other side has our confirmation, and we have none. */
gboolean es_password_has_answered (const EsPassword *password);

/* The user's password, which starts, or answers what the other side has started. Returns the payload to send, or NULL, with
 * nothing changed, if the password cannot be used or is not wanted now. */
EsXml *es_password_give (EsPassword *password, const char *text);

/* Stops what is under way; returns the payload that says so, or NULL if nothing is. */
EsXml *es_password_stop (EsPassword *password);

typedef enum
{
  ES_PASSWORD_UNCHANGED, /* nothing that the user need know */
  ES_PASSWORD_ASKED,     /* the other side waits for our password */
  ES_PASSWORD_REFUSED,   /* the other side does not want to give its own */
  ES_PASSWORD_WITHDRAWN, /* the other side does not wait any more */
  ES_PASSWORD_EQUAL,     /* both mean the same: the session is verified */
  ES_PASSWORD_DIFFERENT, /* they do not, or somebody is in the middle */
  ES_PASSWORD_BROKEN     /* that was nothing that could have been expected now */
} EsPasswordOutcome;

/* Takes a <verify/> that came in the session. *REPLY is the payload to send, or NULL. */
EsPasswordOutcome es_password_take (EsPassword *password, const EsXml *verify, EsXml **reply);

/* The payload that refuses, for whoever has no EsPassword. */
EsXml *es_password_refusal (void);
