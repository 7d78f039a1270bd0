/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When to encrypt, and whom a conversation is with, as more than one user interface says it. */
#pragma once
#include "es-ui.h"

/* When a contact's conversations are to be encrypted: "_Never", with the underline of a menu; the second one as text, the
 * caller's. */
const char *es_policy_label (EsPolicy policy);
char *es_policy_name (EsPolicy policy);

/* "As _usual (Whenever possible)", of the policy that holds for a contact for which nothing was chosen; the caller's. */
char *es_policy_usual_label (EsPolicy usual);

/* A contact: the name that is shown, which may be NULL, and the address; with OWN, unless that is NULL, as the user's account that has it.
 * The caller's. */
char *es_contact_on (const char *shown_name, const char *address, const char *own);

/* Whom the conversation is with, however the server or the buddy list calls them: the name that is shown, and the address; where the
 * user has the same contact on several accounts, on which. The caller's. */
char *es_contact_label (PurpleConversation *conversation, const EsApi *api);

/* What tells a conversation from all others, as they come and go: the user's account, and the contact. The caller's; NULL if it is none of
 * ours. */
char *es_conversation_key (PurpleConversation *conversation, const EsApi *api);
