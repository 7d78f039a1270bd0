/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-tally.h"

#define HOUR 3600
#define DAY ((gint64) 24 * HOUR)

void
es_tally_init (EsTally *tally)
{
  g_queue_init (&tally->moments);
}

void
es_tally_clear (EsTally *tally)
{
  g_queue_clear_full (&tally->moments, g_free);
}

static void
forget_old (EsTally *tally, gint64 now)
{
  const gint64 *oldest = NULL;

  while ((oldest = g_queue_peek_head (&tally->moments)) != NULL && *oldest <= now - DAY)
    g_free (g_queue_pop_head (&tally->moments));
}

void
es_tally_add (EsTally *tally, gint64 now)
{
  forget_old (tally, now);
  g_queue_push_tail (&tally->moments, g_memdup2 (&now, sizeof now));
}

void
es_tally_take_back (EsTally *tally, gint64 then)
{
  for (GList *link = tally->moments.tail; link != NULL; link = link->prev)
    if (*(const gint64 *) link->data == then)
      {
        g_free (link->data);
        g_queue_delete_link (&tally->moments, link);
        return;
      }
}

/* A clock that was set back does not make what was in the future count for ever: it counts as long as a day. */
gboolean
es_tally_is_full (EsTally *tally, gint64 now, guint per_hour, guint per_day)
{
  guint in_hour = 0;

  forget_old (tally, now);
  for (const GList *link = tally->moments.tail; link != NULL && *(const gint64 *) link->data > now - HOUR;
       link = link->prev)
    in_hour++;
  return in_hour >= per_hour || (per_day > 0 && tally->moments.length >= per_day);
}
