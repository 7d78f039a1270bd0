/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialog in which the user names a device. */
#pragma once
#include <gtk/gtk.h>

#include "es-ui.h"

void es_rename_show (GtkWindow *parent, const EsApi *api, const EsRemembered *device);
