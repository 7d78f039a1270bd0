/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only place where text that libpurple, a server or the user has written becomes an address. Windows are found by
 * libpurple's own preparation: where ours comes to another result, the contact that we know would not be the one in the
 * window, so that the text counts as no address at all. Only domains libpurple leaves as they are where they are written as in
 * the DNS: two spellings, two windows and two buddies may be one contact. */
#pragma once
#include <purple.h>

#include "es-address.h"

/* The address in a `to` or `from`, the caller's; NULL if it is none that may be let through. */
EsAddress *es_border_address (PurpleAccount *account, const char *text);

/* The bare address of the contact that a window, the buddy list or the user calls NAME; the caller's, or NULL likewise. */
EsAddress *es_border_contact (PurpleAccount *account, const char *name);

/* The account's own bare address, the caller's; NULL if its user name is none. */
EsAddress *es_border_own (PurpleAccount *account);

/* What libpurple has of CONTACT (of a chat, of a room), in whichever spelling: the buddy, all of them (the caller's list), and the
 * conversation, or NULL; and a conversation that is opened. */
PurpleBuddy *es_border_buddy (PurpleAccount *account, const EsAddress *contact);
GSList *es_border_buddies (PurpleAccount *account, const EsAddress *contact);
PurpleConversation *es_border_conversation (PurpleConversationType type, PurpleAccount *account, const EsAddress *with);
PurpleConversation *es_border_open (PurpleAccount *account, const EsAddress *contact);

/* ADDRESS as libpurple and the server know it, the caller's: like the account itself, the buddy, the conversation, our own server, or
 * TEXT, where it was found, or NULL. */
char *es_border_dup_name (PurpleAccount *account, const EsAddress *address, const char *text);
