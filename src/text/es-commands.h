/* SPDX-License-Identifier: GPL-3.0-or-later */
/* /esession: the user interface where there is no other. */
#pragma once
#include "es-ui.h"

/* Registers the command for PLUGIN, and takes it back. */
void es_commands_register (PurplePlugin *plugin, const EsApi *api);
void es_commands_unregister (PurplePlugin *plugin);
