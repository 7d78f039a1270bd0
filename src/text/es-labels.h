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

/* Whom the conversation is with, however the server or the buddy list calls them: the name that is shown, and the address. The
 * caller's. */
char *es_contact_label (PurpleConversation *conversation, const EsApi *api);
