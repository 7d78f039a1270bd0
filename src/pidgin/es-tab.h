/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The padlock in a tab, behind the name: it shows the state of the conversation that the tab goes to. */
#pragma once
#include "es-ui.h"

/* Makes or refreshes it where the tab goes to CONVERSATION now. */
void es_tab_update (PurpleConversation *conversation, const EsApi *api);

/* Takes it away again, from the tab that CONVERSATION is in. */
void es_tab_clear (PurpleConversation *conversation);
