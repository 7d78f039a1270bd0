/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text as a QR code. Without libqrencode there is none. */
#pragma once
#include <gtk/gtk.h>

/* A picture of nothing, which is not shown, with that NAME for screen readers; the caller's, like any new widget. */
GtkWidget *es_qr_new (const char *name);

/* It is one of TEXT; it is shown unless TEXT is NULL, too long, or there is no way to make one. */
void es_qr_set_text (GtkWidget *qr, const char *text);
