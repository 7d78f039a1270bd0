/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences of the plugin as rows: what each may be, and what it is otherwise. */
#pragma once
#include "es-ui.h"

/* Makes those that are not there, and puts right those that hold what they may not. */
void es_prefs_init (void);

/* All of them and what holds, one line each, for a report; the caller's. */
char *es_prefs_text (void);

/* The number that the preference NAME holds, or its default where that is none of its choices. */
int es_prefs_get (const char *name);
