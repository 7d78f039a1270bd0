/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts that wait in a conversation, as a list in its bar: each can go back into the entry, or be thrown away,
 * which can be undone for some seconds. */
#pragma once
#include <gtkconv.h>

#include "es-ui.h"

/* A list for the tab, in which nothing waits at first; the caller's, as every new widget. */
GtkWidget *es_waiting_new (PidginConversation *gtkconv, const EsApi *api);

/* Whether there is anything to show: also what was just discarded. */
gboolean es_waiting_has_any (GtkWidget *list);

/* Shows what waits in the conversation that the tab shows now. Whether that is something else than before. */
gboolean es_waiting_update (GtkWidget *list);

/* Where one's buttons stood another's may stand by now: they can be pressed only once the user has seen that. */
void es_waiting_glance (GtkWidget *list);

/* The first texts, in quotation marks, a line each, and how many more there are; "" where none waits. The caller's. */
char *es_waiting_quoted (PurpleConversation *conversation, const EsApi *api);
