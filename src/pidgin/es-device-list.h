/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of remembered devices: what is in it, in which order, and what is selected. */
#pragma once
#include <gtk/gtk.h>

#include "es-ui.h"

typedef struct _EsDeviceList EsDeviceList;

/* The list is freed with its widget. */
EsDeviceList *es_device_list_new (void);

/* A tree view. */
GtkWidget *es_device_list_widget (EsDeviceList *list);

/* Shows those of DEVICES (of EsRemembered, which it takes) in which WORDS are found; what was selected stays so. Returns how
 * many. */
guint es_device_list_fill (EsDeviceList *list, GPtrArray *devices, const char *words);

/* The selected ones, of const EsRemembered *, valid until the next fill. */
GPtrArray *es_device_list_selected (EsDeviceList *list);
