/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a conversation window gets: the indicator at the right end of its menu bar and the Encryption menu in it. Both
 * belong to the window and show its active conversation. */
#pragma once
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-ui.h"

/* Makes or refreshes both for WINDOW. */
void es_window_update (PidginWindow *window, const EsApi *api);

/* What the menu opens; NULL if there is none. */
GtkWidget *es_window_menu (PidginWindow *window);

/* Takes both away again. */
void es_window_clear (PidginWindow *window);
