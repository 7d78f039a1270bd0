/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog in which two people compare their codes. */
#pragma once
#include "es-ui.h"

/* Shows the dialog of the conversation, or brings it to the front. FALSE if there is nothing to show. */
gboolean es_verify_show (PurpleConversation *conversation, const EsApi *api);

/* The same, where LINK, which the user has opened, is about to be checked; where nothing is to be verified any more that is all. */
gboolean es_verify_show_link (PurpleConversation *conversation, const EsApi *api, const char *link);

/* Whether there is something to show: a code. */
gboolean es_verify_can_show (const EsConversation *what);

/* The session may be another one by now: closes the dialog if its code is no longer the one shown. */
void es_verify_update (PurpleConversation *conversation, const EsApi *api);

/* Closes it. */
void es_verify_close (PurpleConversation *conversation);
