/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests from people who may not know that we are here. Nothing is answered before the user has been asked, one question
 * at a time and few an hour; who was declined, or could not be asked about, learns nothing. */
#pragma once
#include "es-address.h"
#include "es-xml.h"

typedef struct _EsStrangers EsStrangers;

EsStrangers *es_strangers_new (void);
void es_strangers_free (EsStrangers *strangers);

/* CONTACT, as JID (full), has asked for a session with STANZA. TRUE: the user is to be asked now. */
gboolean es_strangers_take (EsStrangers *strangers,
                            const EsAddress *contact,
                            const EsAddress *jid,
                            const EsXml *stanza,
                            gint64 now);

/* The user's answer. If it is a yes to the question that is open: TRUE, with the full JID that asked, and the stanza while
 * the other side still waits for the answer to it (NULL: not any more); both the caller's. */
gboolean es_strangers_answer (EsStrangers *strangers,
                              const EsAddress *contact,
                              gboolean accept,
                              gint64 now,
                              EsAddress **jid,
                              EsXml **stanza);

/* We were offline: nobody waits any more, and anybody may ask again. */
void es_strangers_clear (EsStrangers *strangers);
