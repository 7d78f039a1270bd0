/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Encryption menu of a conversation window. */
#pragma once
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-ui.h"

/* A new item for the menu bar of WINDOW, whose active conversation it is about. */
GtkWidget *es_menu_new (PidginWindow *window, const EsApi *api);

/* EsUi's never. */
void es_menu_never (PurpleConversation *conversation, const EsApi *api);

/* What holds may have changed. The menu looks again by itself when it opens. */
void es_menu_update (GtkWidget *item);

/* Takes it away, and leaves Pidgin's own menu as it was. */
void es_menu_destroy (GtkWidget *item);
