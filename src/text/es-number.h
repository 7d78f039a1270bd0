/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What users type after a command. */
#pragma once
#include <glib.h>

/* TYPED begins with a number from 1 on, and nothing else in that word; *REST is what follows, without white space before
 * it. */
gboolean es_number_parse (const char *typed, guint *number, const char **rest);
