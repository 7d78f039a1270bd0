/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is clicked was meant for what was on the screen: that may have changed in the same moment, or change before it is drawn. So
 * what others can change under the user's hand is to be chosen only after the user has had a glance at it. */
#pragma once
#include <gtk/gtk.h>

/* Until one knows what one clicks at. */
#define ES_GLANCE_MILLISECONDS 1000

/* What WIDGET (and all that is in it) shows has changed: once it has been drawn, and MILLISECONDS have passed since then, AFTER is
 * called with DATA, which lives as long as WIDGET. Begun again, it counts from then on. */
void es_glance_begin (GtkWidget *widget, guint milliseconds, void (*after) (gpointer data), gpointer data);

/* Whether the user has had it: TRUE as well where nothing was begun. */
gboolean es_glance_is_over (GtkWidget *widget);

/* WIDGET cannot be chosen, and says why; and, for AFTER: DATA, which is that, can be chosen again. */
void es_glance_disable (GtkWidget *widget);
void es_glance_enable (gpointer data);
