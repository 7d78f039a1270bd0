/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libpurple's requests cannot say, done to the widgets that Pidgin has made of them. */
#pragma once
#include <purple.h>

/* EsUi's choose_by_typing. The window of the request gets help as well: it is that about the protection of remembered devices. */
void es_request_choose_by_typing (PurpleRequestField *typed, PurpleRequestField *choice, int value);
