/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-peer-private.h"

#include <string.h>

gboolean
es_peer_may_see_us (const EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);

  return peer->addressed || host->transport.may_see_us (host->transport.data, peer->contact);
}

EsSupport
es_peer_support (const EsPeer *peer)
{
  /* Nothing begins, and nothing is given up, before the store is unlocked. */
  return es_belief_is_locked (peer->belief) ? ES_SUPPORT_UNKNOWN : es_reach_support (peer->reach);
}

void
es_peer_discover (EsPeer *peer)
{
  if (es_peer_may_see_us (peer))
    es_reach_discover (peer->reach);
}

/* Nobody need have told that it came: there may be a session with it all the same. */
static void
lose_presence (EsPeer *peer, const EsAddress *jid)
{
  es_log (es_peer_host (peer)->log, ES_AREA_PRESENCE, ES_LOG_DETAIL, es_address_text (jid), "has gone");

  /* It may have thought better of it when it comes back. Who ended what there was is asked again only by our user. */
  if (es_reach_remove (peer->reach, jid))
    {
      es_intent_ask_again (&peer->intent);
      es_peer_changed (peer);
    }
  es_peer_lose_client (peer, jid);
}

void
es_peer_set_presence (EsPeer *peer, const EsAddress *jid, gboolean available, int priority, const char *version)
{
  const EsAddress *first = NULL;

  es_reach_note_presence (peer->reach);
  if (available)
    {
      if (es_address_resource (jid) != NULL)
        es_reach_add (peer->reach, jid, priority, version);
      if (es_peer_has_business (peer))
        es_peer_discover (peer);
      return;
    }

  if (es_address_resource (jid) != NULL)
    lose_presence (peer, jid);

  /* Servers say that, too, of somebody who is there but does not show it to us. */
  else
    while ((first = es_reach_first (peer->reach)) != NULL)
      {
        g_autoptr (EsAddress) gone = es_address_ref (first);

        lose_presence (peer, gone);
      }
  es_peer_reconsider (peer);
}

void
es_peer_set_support (EsPeer *peer, const EsAddress *jid, gboolean supported, gboolean gajim)
{
  es_reach_set_gajim (peer->reach, jid, gajim);
  es_log (es_peer_host (peer)->log, ES_AREA_PRESENCE, ES_LOG_DETAIL, es_address_text (jid),
          supported ? "can encrypt" : "cannot encrypt");
  if (es_reach_set_support (peer->reach, jid, supported))
    es_peer_reconsider (peer);
}
