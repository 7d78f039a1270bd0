/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The question at the end of the program. */
#pragma once
#include <glib.h>

/* Asks what becomes of messages that are in memory only, and returns when that is answered: TRUE if they are to be kept. CANNOT is that of EsUi. FALSE at
 * once where it is being asked already; then the first call never returns, for the program has ended when it could: this code must still be
 * there. */
gboolean es_quit_ask_keep (gboolean cannot);
