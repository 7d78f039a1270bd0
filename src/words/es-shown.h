/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that others have chosen, and texts, as they are shown to people. */
#pragma once

/* NAME, cut short and kept apart from what stands beside it, which it cannot turn round; without line ends and the like. The
 * caller's. */
char *es_shown_name (const char *name);

/* The same between quotation marks, which NAME cannot have, for use in a sentence: a name may well be one. The caller's. */
char *es_quoted_name (const char *name);

/* TEXT as it is shown where there is room for more: its lines stay, and it is cut only where it is longer than anybody reads there. The
 * caller's. */
char *es_shown_text (const char *text);
