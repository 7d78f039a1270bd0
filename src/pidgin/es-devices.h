/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window of remembered devices. */
#pragma once
#include <gtk/gtk.h>

#include "es-ui.h"

/* Where the window keeps its size. */
void es_devices_init (void);

/* Shows the window, or brings it to the front; PARENT may be NULL. With CONTACT, a bare JID or NULL, only the devices that are
 * found by it. */
void es_devices_show (GtkWindow *parent, const EsApi *api, const char *contact);

/* The devices have changed. */
void es_devices_update (void);
void es_devices_close (void);
