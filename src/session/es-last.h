/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The last few names of something, by which it is known again. A queue of those (char *, its own), oldest first: g_queue_clear_full () with
 * g_free () ends it. */
#pragma once
#include <glib.h>

/* Of more than LIMIT the oldest goes. */
void es_last_add (GQueue *last, const char *name, guint limit);

/* NAME NULL: FALSE. */
gboolean es_last_has (const GQueue *last, const char *name);
