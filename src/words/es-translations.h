/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* From where our sentences are translated: from the folder ES_TRANSLATIONS beside FILE, the plugin's own (or NULL), where somebody has
 * put one there, as in a home folder; else from where they are installed for all users. */
#define ES_TRANSLATIONS "esession-locale"
void es_translations_find (const char *file);
