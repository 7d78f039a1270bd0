/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A few sentences about what a window of ours is for. */
#pragma once
#include <gtk/gtk.h>

#include "es-ui.h"

/* DIALOG gets a button, and the key F1, which show the help about TOPIC; once, however often it is asked for. */
void es_help_add (GtkDialog *dialog, EsHelp topic);

/* The key alone, while the keyboard is somewhere in WIDGET. */
void es_help_add_key (GtkWidget *widget, EsHelp topic);

void es_help_close (void);
