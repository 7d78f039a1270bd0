/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /esession: the user interface where there is no other. */
#pragma once
#include "es-ui.h"

/* Registers the command for PLUGIN, and takes it back. IS_MEANT, NULL if whoever shows the windows sees to it, says whether what is
 * entered in a conversation was typed for that one, and if not has told the user so. */
void
es_commands_register (PurplePlugin *plugin, const EsApi *api, gboolean (*is_meant) (PurpleConversation *conversation));
void es_commands_unregister (PurplePlugin *plugin);

/* Whether MARKUP, which libpurple takes for a message, is to the eye the command, or was meant as it: something stands before the
 * slash, or between the letters, that nobody sees; or it is mistyped. Only its beginning counts, and where there is no slash, only
 * with one of the commands behind it. */
gboolean es_commands_resembles (const char *markup);
