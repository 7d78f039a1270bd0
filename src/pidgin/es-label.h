/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A label whose text wraps at whatever width there is, and asks for none: GTK 2's own wraps at a fixed one. */
#pragma once
#include <gtk/gtk.h>

GtkWidget *es_label_new (void);

/* LABEL wraps at the width that is set for it, and keeps to the edge where its language begins. */
void es_label_wrap (GtkLabel *label);
void es_label_set_text (GtkWidget *box, const char *text);
