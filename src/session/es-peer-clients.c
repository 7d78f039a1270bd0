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
  EsSupport support = es_clients_support (peer->clients);

  /* Nothing begins, and nothing is given up, before the store is unlocked. */
  if (es_belief_is_locked (peer->belief))
    return ES_SUPPORT_UNKNOWN;
  return support == ES_SUPPORT_NO && peer->presence_asked ? ES_SUPPORT_UNKNOWN : support;
}

void
es_peer_stop_asking (EsPeer *peer)
{
  if (peer->support_timer != 0)
    es_peer_host (peer)->clock.stop_timer (es_peer_host (peer)->clock.data, peer->support_timer);
  peer->support_timer = 0;
}

static void
on_support_timeout (gpointer data)
{
  EsPeer *peer = data;
  gboolean silent = es_clients_give_up (peer->clients) || peer->presence_asked;

  if (silent)
    es_peer_log (peer, ES_AREA_PRESENCE, ES_LOG_INFO, "no answer to what its programs can");
  peer->support_timer = 0;
  peer->presence_silent |= peer->presence_asked;
  peer->presence_asked = FALSE;
  if (silent)
    es_peer_reconsider (peer);
}

void
es_peer_discover (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);
  const EsAddress *jid = NULL;
  gboolean asked = FALSE;

  if (!es_peer_may_see_us (peer))
    return;
  if (es_clients_first (peer->clients) == NULL && !peer->presence_asked && !peer->presence_silent)
    asked = peer->presence_asked = host->transport.ask_presence (host->transport.data, peer->contact);
  for (; (jid = es_clients_ask_next (peer->clients)) != NULL; asked = TRUE)
    host->transport.ask_support (host->transport.data, jid);

  if (asked)
    es_peer_log (peer, ES_AREA_PRESENCE, ES_LOG_DETAIL, "asked who is there and what they can");
  if (asked && peer->support_timer == 0)
    peer->support_timer = host->clock.start_timer (host->clock.data, ES_SUPPORT_SECONDS, on_support_timeout, peer);
}

/* Nobody need have told that it came: there may be a session with it all the same. */
static void
lose_presence (EsPeer *peer, const EsAddress *jid)
{
  es_log (es_peer_host (peer)->log, ES_AREA_PRESENCE, ES_LOG_DETAIL, es_address_text (jid), "has gone");
  es_clients_remove (peer->clients, jid);

  /* It may have thought better of it when it comes back. Who ended what there was is asked again only by our user. */
  if (es_address_equal (peer->declined_by, jid))
    {
      if (peer->ended == ES_END_DECLINED)
        peer->ended = ES_END_NONE;
      g_clear_pointer (&peer->declined_by, es_address_unref);
      es_peer_changed (peer);
    }
  es_peer_lose_client (peer, jid);
}

void
es_peer_set_presence (EsPeer *peer, const EsAddress *jid, gboolean available, int priority, const char *version)
{
  const EsAddress *first = NULL;

  peer->presence_asked = peer->presence_silent = FALSE;
  if (available)
    {
      if (es_address_resource (jid) != NULL)
        es_clients_add (peer->clients, jid, priority, version);
      if (es_peer_has_business (peer))
        es_peer_discover (peer);
      return;
    }

  if (es_address_resource (jid) != NULL)
    lose_presence (peer, jid);

  /* Servers say that, too, of somebody who is there but does not show it to us. */
  else
    while ((first = es_clients_first (peer->clients)) != NULL)
      {
        g_autoptr (EsAddress) gone = es_address_ref (first);

        lose_presence (peer, gone);
      }
  es_peer_reconsider (peer);
}

void
es_peer_set_support (EsPeer *peer, const EsAddress *jid, gboolean supported, gboolean gajim)
{
  es_clients_set_gajim (peer->clients, jid, gajim);
  es_log (es_peer_host (peer)->log, ES_AREA_PRESENCE, ES_LOG_DETAIL, es_address_text (jid),
          supported ? "can encrypt" : "cannot encrypt");
  if (es_clients_set_support (peer->clients, jid, supported))
    es_peer_reconsider (peer);
}
