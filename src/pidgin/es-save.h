/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A text is saved where the user wants it. */
#pragma once
#include <gtk/gtk.h>

/* Asks over PARENT, which lives on, under TITLE; NAME is what the file is called at first. TEXT is written as it is now, for the user alone
 * to read; a file that is there already is asked about. Where that fails FAILED is said. */
void es_save_text (GtkWindow *parent, const char *title, const char *name, const char *text, const char *failed);

/* Over PARENT, and under its title: WHAT has happened, and WHY, each a sentence. */
void es_complain (GtkWindow *parent, const char *what, const char *why);
