/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window grows by itself where what appears in it has no room, and stays so when that has gone: this brings it back to the height that
 * the user gave it. */
#pragma once
#include <gtk/gtk.h>

/* From now on the height of the window that WIDGET is in is looked at, and no more. */
void es_grown_watch (GtkWidget *widget);
void es_grown_forget (GtkWidget *window);

/* Something in WIDGET needs more room now, or less. */
void es_grown_settle (GtkWidget *widget);
