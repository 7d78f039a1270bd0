/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for windows that do not break lines. */
#pragma once
#include <glib.h>

/* Fits a terminal of 80 columns with a frame around. */
#define ES_WRAP_COLUMNS 72

/* TEXT (UTF-8) with line feeds for spaces where lines would be wider than COLUMNS; words that are wider are broken. Line
 * feeds stay, and spaces at the beginning of lines. The caller's. */
char *es_wrap (const char *text, guint columns);
