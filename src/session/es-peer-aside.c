/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user has discarded and may still want back. It stays where it was, so that it is sent once and in order whatever the user
 * chooses, and holds back what was written after it; but not in the store, where it would wait again after a crash. */
#include "es-peer-private.h"

static void watch (EsPeer *peer);

/* Of those that were discarded at MOMENT or before: throwing away one may change what there is. */
static GPtrArray *
labels_until (const EsPeer *peer, gint64 moment)
{
  GPtrArray *labels = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < es_outbox_size (peer->outbox); i++)
    {
      const EsWaiting *waiting = es_outbox_nth (peer->outbox, i);

      if (waiting->aside != 0 && waiting->aside <= moment && !waiting->discarded)
        g_ptr_array_add (labels, g_strdup (waiting->label));
    }
  return labels;
}

static void
throw_away_until (EsPeer *peer, gint64 moment)
{
  g_autoptr (GPtrArray) labels = labels_until (peer, moment);

  for (guint i = 0; i < labels->len; i++)
    es_peer_throw_away (peer, labels->pdata[i]);
}

static void
on_time (gpointer data)
{
  EsPeer *peer = data;

  peer->aside_timer = 0;
  throw_away_until (peer, es_peer_elapsed (peer) - ES_UNDO_SECONDS);
  watch (peer);
}

/* Until the time of the oldest is over. */
static void
watch (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);
  gint64 oldest = 0;

  for (guint i = 0; i < es_outbox_size (peer->outbox); i++)
    {
      const EsWaiting *waiting = es_outbox_nth (peer->outbox, i);

      if (waiting->aside != 0 && !waiting->discarded && (oldest == 0 || waiting->aside < oldest))
        oldest = waiting->aside;
    }
  if (oldest != 0 && peer->aside_timer == 0)
    peer->aside_timer = host->clock.start_timer (
        host->clock.data, (guint) MAX (oldest + ES_UNDO_SECONDS - es_peer_elapsed (peer), 1), on_time, peer);
}

void
es_peer_discard (EsPeer *peer, const char *label)
{
  EsWaiting *found = NULL;

  es_peer_drop_gone (peer);
  found = es_outbox_find (peer->outbox, label);
  if (found == NULL || found->discarded || found->aside != 0)
    return;
  found->aside = MAX (es_peer_elapsed (peer), 1);
  es_kept_set_aside (found->kept, TRUE);
  watch (peer);
  es_peer_changed (peer);
}

/* What another program has sent, or has thrown away, is not to be had back. What has gone back to the user since, but for this, does so. */
void
es_peer_undo_discard (EsPeer *peer, const char *label)
{
  EsWaiting *found = NULL;

  es_peer_drop_gone (peer);
  found = es_outbox_find (peer->outbox, label);
  if (found == NULL || found->discarded || found->aside == 0)
    return;
  found->aside = 0;
  if (found->returns)
    es_peer_give_back_held (peer);
  else
    es_kept_set_aside (found->kept, FALSE);
  es_peer_changed (peer);
  es_peer_reconsider (peer);
}

void
es_peer_finish_aside (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);

  if (peer->aside_timer == 0)
    return;
  host->clock.stop_timer (host->clock.data, peer->aside_timer);
  peer->aside_timer = 0;
  throw_away_until (peer, G_MAXINT64);
}

guint
es_peer_count_aside (const EsPeer *peer)
{
  g_autoptr (GPtrArray) labels = peer->aside_timer != 0 ? labels_until (peer, G_MAXINT64) : NULL;

  return labels != NULL ? labels->len : 0;
}
