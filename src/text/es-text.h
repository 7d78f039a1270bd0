/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user interface where no other plugin brings one: the command, questions, and what a program of libpurple's offers
 * besides. */
#pragma once
#include "es-ui.h"

/* For EsApi's start. */
const EsUi *es_text_ui (void);

/* To be called when EsApi has started, and when it has stopped. */
void es_text_start (PurplePlugin *plugin, const EsApi *api);
void es_text_stop (PurplePlugin *plugin);

/* For PurplePluginInfo. */
GList *es_text_actions (PurplePlugin *plugin, gpointer context);
