/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts for libpurple's dialogs and menus as the program shows them that there is: Pidgin breaks lines by itself and
 * knows what the underlines in labels mean, others do neither. All are the caller's. */
#pragma once
#include <glib.h>

/* Whether it is Finch: 24 lines, and choices that do not work. */
gboolean es_fit_in_finch (void);
gboolean es_fit_in_pidgin (void);

char *es_fit_text (const char *text);
char *es_fit_label (const char *label);
