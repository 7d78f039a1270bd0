/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a conversation window gets: the Encryption menu in its menu bar, and what screen readers are told at the end of that.
 * Both belong to the window and are about its active conversation. */
#pragma once
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-ui.h"

/* Makes or refreshes both for WINDOW. */
void es_window_update (PidginWindow *window, const EsApi *api);

/* What the menu opens; NULL if there is none. */
GtkWidget *es_window_menu (PidginWindow *window);

/* Whether the user sees CONVERSATION, as far as the program knows: a window that is on the screen shows its tab, and that goes to it. */
gboolean es_window_shows (PurpleConversation *conversation);

/* Takes both away again. */
void es_window_clear (PidginWindow *window);
