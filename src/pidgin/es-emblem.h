/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The padlock with a tick in the buddy list, of contacts who have a verified device: in a column of its own, so that the emblems that
 * Pidgin and others show there stay what they are. Whoever rests the mouse on a contact is told the same in words. */
#pragma once
#include "es-ui.h"

/* From now on, until signals of HANDLE are disconnected and it is stopped; and which devices are remembered has changed. */
void es_emblem_init (gpointer handle, const EsApi *api);
void es_emblem_update (void);
void es_emblem_stop (void);
