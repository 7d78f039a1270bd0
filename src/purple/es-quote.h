/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that are shown, and are not to be taken for anything else. */
#pragma once

/* TEXT, a message as HTML, as it is shown below a sentence that says what it is: without its own formatting, pictures and blanks that
 * push words elsewhere; in italics, and each of its lines after a "> ". The caller's; lines are broken for narrow windows if
 * COLUMNS is not 0. */
char *es_quote (const char *text, unsigned int columns);
