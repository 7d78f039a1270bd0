/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the floors below have to say, in the user's words and language. */
#pragma once
#include "es-host.h"

/* "Not encrypted", "Starting...", and so on. */
const char *es_state_label (EsState state);

/* What a state means for the user, in a sentence. */
const char *es_state_meaning (EsState state);
