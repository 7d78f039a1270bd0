/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows of Finch's. Above the entry stands a line that says what the conversation is. A window is for a person (es-recipient.h), and
 * so for several conversations: what is typed goes to the active one, which the line is about, and Finch shows no system lines of
 * the others. So the window says to whom it goes, what stood in the entry by then is not sent before the user has seen that, and
 * lines of the others are shown with a name. In other programs, and where this Finch cannot do it, nothing happens. */
#pragma once
#include "es-ui.h"

/* CHANGED is called when es_finch_update is due. */
void es_finch_start (const EsApi *api, void (*changed) (PurpleConversation *conversation));
void es_finch_stop (void);

/* Looks at all windows. */
void es_finch_update (void);
