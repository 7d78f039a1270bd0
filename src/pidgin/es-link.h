/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The link beside a sentence of ours. It leads to the dialog of the conversation that the sentence is about, if that is in
 * the tab in which it stands, and nowhere else, whoever wrote it. */
#pragma once
#include "es-ui.h"

#define ES_LINK "esession:"
#define ES_LINK_VERIFY ES_LINK "verify?"

/* From now on Pidgin knows such links; API must stay until es_link_uninit. libpurple ends what was connected for HANDLE. */
void es_link_init (gpointer handle, const EsApi *api);

/* Those that are shown lead nowhere. */
void es_link_uninit (void);
