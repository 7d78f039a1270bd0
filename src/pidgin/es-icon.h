/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The padlock: drawn in the colour of the theme's text, so that it is legible on every theme, with a different shape, not
 * only a different colour, for each state. */
#pragma once
#include <gtk/gtk.h>

#include "es-conversation.h"

/* A new widget of SIZE by SIZE pixels, and what it shows. */
GtkWidget *es_icon_new (int size);
void es_icon_set_state (GtkWidget *icon, EsState state);
void es_icon_show (GtkWidget *icon, const EsConversation *conversation);

/* What a widget would show, as a picture of SIZE by SIZE pixels, drawn in INK on what is PAPER: the caller's. */
GdkPixbuf *es_icon_picture (EsState state, int size, const GdkColor *ink, const GdkColor *paper);

/* Beside what waits: a clock of SIZE pixels. */
GtkWidget *es_icon_new_clock (int size);
