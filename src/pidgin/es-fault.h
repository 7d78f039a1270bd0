/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The report of a fault, for the user to read before it goes anywhere. */
#pragma once
#include <gtk/gtk.h>

#include "es-ui.h"

/* Shows the window with a new report, or brings it to the front with one; PARENT may be NULL. */
void es_fault_show (GtkWindow *parent, const EsApi *api);
void es_fault_close (void);
