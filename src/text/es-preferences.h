/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user can set for all conversations, in libpurple's own form, which every program shows its own way. */
#pragma once
#include <purple.h>

/* For PurplePluginInfo. */
PurplePluginUiInfo *es_preferences_info (void);
