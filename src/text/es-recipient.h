/* SPDX-License-Identifier: GPL-3.0-or-later */
/* To whom goes what is typed in a window that is for a person: for all of a contact's addresses that the user has put together in
 * the buddy list. It goes from one to another by itself when that one writes. */
#pragma once
#include "es-ui.h"

/* What tells the contact of CONVERSATION from others, as conversations come and go; the caller's. */
char *es_recipient_key (PurpleConversation *conversation);

/* Whether the user may take CONVERSATION for one with another contact of the same person: what is written to that one leaves encrypted
 * only, or it is verified, and the one that CONVERSATION is with is neither. */
gboolean es_recipient_may_be_mistaken (PurpleConversation *conversation, const EsApi *api);

/* Plain sentences for the user, the caller's: what is typed goes to CONVERSATION from now on; what was typed for another contact
 * was not sent there, and stands in the entry still; or stands elsewhere. */
char *es_recipient_sentence (PurpleConversation *conversation, const EsApi *api);
char *es_recipient_held_sentence (PurpleConversation *conversation, const EsApi *api);
char *es_recipient_offered_sentence (PurpleConversation *conversation, const EsApi *api);
