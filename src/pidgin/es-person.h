/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tab of Pidgin's is for a person: for all of a contact's addresses that the user has put together in the buddy list. It changes
 * from one to another by itself when that one writes, and what is typed goes there from then on. So the tab says to whom, and
 * what stood in the entry by then is not sent before the user has seen that. */
#pragma once
#include "es-ui.h"

#include <gtkconv.h>

/* SHOW shows again all that there is to show of a tab, once that goes to another conversation and Pidgin tells nobody; OFFER, as EsUi's
 * return_texts, what was not sent and was not in the entry. */
void es_person_init (gpointer handle,
                     const EsApi *api,
                     void (*show) (PidginConversation *gtkconv),
                     gboolean (*offer) (PurpleConversation *conversation, const char *const *texts));

/* Whether what is entered in CONVERSATION, a command, was typed for that one. If not it is held, as text is, and the tab says so. */
gboolean es_person_is_meant (PurpleConversation *conversation);

/* Sends MESSAGE, which the user has chosen for CONVERSATION elsewhere: what stands in the entry, and for whom, has nothing to do with it. */
void es_person_send (PurpleConversation *conversation, const char *message);

/* Looks to whom what is typed in the tab of CONVERSATION goes. */
void es_person_update (PurpleConversation *conversation);

/* Forgets what is known of the tab. */
void es_person_clear (PurpleConversation *conversation);
