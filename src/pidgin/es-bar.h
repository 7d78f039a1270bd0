/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bar above the entry of a conversation: what the user may want to choose, or should know, while there is something. It
 * belongs to the conversation's tab. */
#pragma once
#include "es-ui.h"

/* Shows, changes or hides it, for what holds in the conversation now. */
void es_bar_update (PurpleConversation *conversation, const EsApi *api);

/* TEXTS were not sent: es-ui.h. TRUE if the user has them back in the entry; else the bar offers to send them again. */
gboolean es_bar_return_texts (PurpleConversation *conversation, const EsApi *api, const char *const *texts);

/* Those that lie there still, in the entry as it came back, or in the bar: an array of texts, the caller's, which are there no more. */
GPtrArray *es_bar_take_unsent (PurpleConversation *conversation);

/* Takes it away, and forgets what it offered. */
void es_bar_clear (PurpleConversation *conversation);
