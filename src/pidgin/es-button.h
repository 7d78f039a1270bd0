/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The button in a conversation's formatting toolbar, for those who want it: the state, and the Encryption menu. */
#pragma once
#include "es-ui.h"

/* Makes it, changes it or takes it away, for what holds in the conversation of the tab now. */
void es_button_update (PurpleConversation *conversation, const EsApi *api);
void es_button_clear (PurpleConversation *conversation);
