/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The button at the end of the row with the contact's name: the padlock, the state in words, and the Encryption menu. */
#pragma once
#include "es-ui.h"

/* Makes it, changes it or takes it away, for what holds in the conversation of the tab now. */
void es_button_update (PurpleConversation *conversation, const EsApi *api);
void es_button_clear (PurpleConversation *conversation);
