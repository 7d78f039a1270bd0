/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line above the entry of a conversation in Finch that says what the conversation is. In other programs, and where this
 * Finch cannot do it, nothing happens. */
#pragma once
#include "es-ui.h"

void es_finch_show (PurpleConversation *conversation, const EsConversation *what);

/* Takes the line away; or only forgets it, as the window may be gone already. */
void es_finch_clear (PurpleConversation *conversation);
void es_finch_closing (PurpleConversation *conversation);
