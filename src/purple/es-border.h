/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only place where text that libpurple, a server or the user has written becomes an address. Windows are found by
 * libpurple's own preparation: where ours comes to another result, the contact that we know would not be the one in the
 * window, so that the text counts as no address at all. */
#pragma once
#include <purple.h>

#include "es-address.h"

/* The address in a `to` or `from`, the caller's; NULL if it is none that may be let through. */
EsAddress *es_border_address (PurpleAccount *account, const char *text);

/* The bare address of the contact that a window, the buddy list or the user calls NAME; the caller's, or NULL likewise. */
EsAddress *es_border_contact (PurpleAccount *account, const char *name);

/* The account's own bare address, the caller's; NULL if its user name is none. */
EsAddress *es_border_own (PurpleAccount *account);
