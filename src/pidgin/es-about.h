/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this is, in plain words. */
#pragma once
#include <gtk/gtk.h>

/* Shows the window, over PARENT. */
void es_about_show (GtkWindow *parent);
