/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How to read a verification code out over the phone. */
#pragma once
#include <glib.h>

/* "kilo - seven - quebec" for "k7q"; the caller frees. */
char *es_spell_code (const char *code);

/* "abc 123" for "abc123": groups of three, a shorter rest as it is; the caller frees. */
char *es_group_code (const char *code);

/* The code as somebody types it: capitals, spaces and dashes do not matter. The caller frees. */
char *es_tidy_code (const char *typed);

/* The first character of CODE, which is tidy, that no code ever has; NULL if there is none. */
const char *es_unknown_in_code (const char *code);
