/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tick behind each message of one's own that left encrypted, in the message's own line; a second one when the other side's program
 * has confirmed it; words where it came back. It is in what the window shows and nowhere else: in no log, and in no history that is
 * shown again. */
#pragma once
#include "es-ui.h"

/* From now on, until signals of HANDLE are disconnected. */
void es_tick_init (gpointer handle, const EsApi *api);

/* What EsUi has: NUMBER's tick is put behind what was just written in CONVERSATION, or is changed, if there is one. */
void es_tick_deliver (PurpleConversation *conversation, guint64 number, EsDelivery delivery);

/* CONVERSATION goes: what is told of its messages from now on changes nothing. */
void es_tick_forget (PurpleConversation *conversation);

/* The tab of CONVERSATION keeps the ticks that stand there, and nothing else of ours. */
void es_tick_clear (PurpleConversation *conversation);
