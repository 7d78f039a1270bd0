/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of iqs and presence is nobody else's business. Decided by lists of what is harmless: all that is not on them is
 * private. */
#pragma once
#include "es-address.h"
#include "es-xml.h"

/* Whether STANZA, an iq or a presence, holds anything private. What is published is no secret: a question to the contact's
 * server for it (a get that leaves for the bare address TO) holds none. TO is NULL for what arrives. */
gboolean es_privacy_is_private (const EsXml *stanza, const EsAddress *to);

/* Whether a message holds anything that people may see, or that programs act on before their eyes: all but what is known to be
 * neither, such as typing notices and receipts. And whether it is an event that a server tells of (XEP-0163). */
gboolean es_privacy_is_for_people (const EsXml *message);
gboolean es_privacy_is_event (const EsXml *message);

/* Whether what people see of a message is not, or not only, among what was said in the conversation: libpurple makes windows of their
 * own of headlines and invitations, and speaks itself where attention is asked for. */
gboolean es_privacy_is_elsewhere (const EsXml *message);

/* Takes out of MESSAGE whether somebody types, or has gone. */
void es_privacy_remove_states (EsXml *message);

/* Whether STANZA is about a chat room, which it may be addressed to before anybody knows that it is one. */
gboolean es_privacy_is_of_room (const EsXml *stanza);

/* Whether an iq of TYPE is an answer; and whether it asks for one. Neither, if it is something else. */
gboolean es_privacy_is_answer (const char *type);
gboolean es_privacy_is_question (const char *type);
