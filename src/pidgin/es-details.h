/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that there is to know of a conversation, for tooltips and screen readers. */
#pragma once
#include "es-ui.h"

/* A line each, translated; the caller's. */
char *es_details (PurpleConversation *conversation, const EsApi *api, const EsConversation *what);
