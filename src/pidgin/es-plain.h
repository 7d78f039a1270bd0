/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways from an encrypted conversation to an unencrypted one. Where the contact has a verified device, is to be encrypted
 * always, or does not want it now, the user is asked first; the question names the contact and quotes what would be sent. */
#pragma once
#include "es-ui.h"

typedef void (*EsPlainAct) (PurpleConversation *conversation, const EsApi *api);

/* What waits is sent unencrypted, this once. */
void es_plain_send (PurpleConversation *conversation, const EsApi *api);

/* Encryption ends: what is written then is not encrypted. */
void es_plain_end (PurpleConversation *conversation, const EsApi *api);

/* The same by another act that has it end. */
void es_plain_end_by (PurpleConversation *conversation, const EsApi *api, EsPlainAct act);

/* Something has changed: a question that is not the same any more goes. */
void es_plain_update (PurpleConversation *conversation, const EsApi *api);
void es_plain_close (PurpleConversation *conversation);
