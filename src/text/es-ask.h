/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a program asks for which there are no windows of ours: dialogs of libpurple's, which every program shows its own
 * way, or not at all. Of each kind a conversation has one at most; they go with the conversation, with what they are about,
 * and with the plugin. Where the program shows none, these return FALSE. */
#pragma once
#include "es-ui.h"

/* From now on: es_ask_code and es_ask_password ask; before, and after stop, they return FALSE. */
void es_ask_start (void);
void es_ask_stop (void);

/* Whether the code shown here is that of the other side. */
gboolean es_ask_code (PurpleConversation *conversation, const EsApi *api);

/* For a password to compare. */
gboolean es_ask_password (PurpleConversation *conversation, const EsApi *api);

/* Whether it is well that the other side wants no log. */
gboolean es_ask_unlogged (PurpleConversation *conversation, const EsApi *api);

/* Whether to forget DEVICE, or ALL devices of its contact. CONVERSATION hears what comes of it. */
gboolean es_ask_forget (PurpleConversation *conversation, const EsApi *api, const EsRemembered *device, gboolean all);

/* Closes what the conversation has outlived, what a device has that is there no more, all of the conversation. */
void es_ask_update (PurpleConversation *conversation);
void es_ask_devices_changed (const EsApi *api);
void es_ask_close (PurpleConversation *conversation);
void es_ask_close_all (void);
