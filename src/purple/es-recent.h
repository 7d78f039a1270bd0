/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A table that others can make us fill, and that never grows beyond a size: of more, the oldest are forgotten. */
#pragma once
#include <glib.h>

typedef struct _EsRecent EsRecent;

/* Keys are text, values FREE's, which may be NULL. */
EsRecent *es_recent_new (guint size, GDestroyNotify free);
void es_recent_free (EsRecent *recent);

/* VALUE becomes the table's; KEY is copied. What KEY had before is gone, and it is the newest. */
void es_recent_add (EsRecent *recent, const char *key, gpointer value);

/* FALSE for a KEY, which may be NULL, that is not there; *VALUE, where VALUE is not NULL, stays the table's. */
gboolean es_recent_find (const EsRecent *recent, const char *key, gpointer *value);

void es_recent_remove (EsRecent *recent, const char *key);
void es_recent_clear (EsRecent *recent);
guint es_recent_count (const EsRecent *recent);
