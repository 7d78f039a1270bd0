/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What libpurple's requests cannot say, done to the widgets that Pidgin has made of them. */
#pragma once
#include "es-ui.h"

/* EsUi's add_help and choose_by_typing. */
void es_request_add_help (const char *title, EsHelp topic);
void es_request_choose_by_typing (PurpleRequestField *typed, PurpleRequestField *choice, int value);
