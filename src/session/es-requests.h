/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encrypted questions (iqs) that have not been answered: the answer has to come, or go, encrypted as well. There are
 * ES_LIMIT_REQUESTS of them; a new one then takes the place of the oldest of the same session or device, as nobody makes us forget what is
 * somebody else's. */
#pragma once
#include "es-address.h"

typedef struct _EsRequests EsRequests;

typedef struct
{
  EsAddress *jid; /* full, of the other side */
  char *id;
  guint64 session; /* its number */
  gint64 device;   /* that it is with, as es_session_device() */
  char *mac;       /* of the <c/> that asked */
} EsRequest;

EsRequests *es_requests_new (void);
void es_requests_free (EsRequests *requests);

void es_request_free (EsRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsRequest, es_request_free)

/* ID may be NULL, which nobody can answer. FALSE if it has none, or one that is too long, or if there is no room. */
gboolean es_requests_add (EsRequests *requests,
                          const EsAddress *jid,
                          const char *id,
                          guint64 session,
                          gint64 device,
                          const char *mac);

/* Whether a session is the one that REQUEST came or went in, or a later one with the same device: whoever signs in with the
 * same name is not let in on what somebody else began. */
gboolean es_request_is_of (const EsRequest *request, guint64 session, gint64 device);

/* Whether there is any with that JID. */
gboolean es_requests_has (const EsRequests *requests, const EsAddress *jid);

/* The newest with that JID and id, or NULL; taking it makes it the caller's. */
const EsRequest *es_requests_find (const EsRequests *requests, const EsAddress *jid, const char *id);
EsRequest *es_requests_take (EsRequests *requests, const EsAddress *jid, const char *id);
