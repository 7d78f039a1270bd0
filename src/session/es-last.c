/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-last.h"

#include <string.h>

void
es_last_add (GQueue *last, const char *name, guint limit)
{
  g_queue_push_tail (last, g_strdup (name));
  if (last->length > limit)
    g_free (g_queue_pop_head (last));
}

gboolean
es_last_has (const GQueue *last, const char *name)
{
  for (const GList *link = last->head; name != NULL && link != NULL; link = link->next)
    if (strcmp (link->data, name) == 0)
      return TRUE;
  return FALSE;
}
