/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user can set for all conversations: the plugin's Configure dialog, and a window of its own. */
#pragma once
#include <gtk/gtk.h>

#include "es-ui.h"

/* Shows the window, or brings it to the front; PARENT may be NULL. */
void es_settings_show (GtkWindow *parent, const EsApi *api);
void es_settings_close (void);

/* How the list of remembered devices is protected has changed. */
void es_settings_update (void);

/* What is in it; libpurple puts it into the Configure dialog. */
GtkWidget *es_settings_new (const EsApi *api);
