/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user does to remembered devices, and to what usually holds: what is under way follows at once. */
#include "es-peer-private.h"

static gboolean
is_always (const EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);

  return facts.policy == ES_POLICY_ALWAYS;
}

/* What was written while nothing could leave in the clear does not do so because that has changed since. */
static void
give_back_promised (EsPeer *peer, gboolean was_always)
{
  if (was_always && !is_always (peer) && (peer->state == ES_STATE_PLAIN || peer->state == ES_STATE_ENDED))
    es_peer_give_back_waiting (peer);
}

static void
follow_policy (EsPeer *peer, gboolean was_always)
{
  const EsHost *host = es_peer_host (peer);

  give_back_promised (peer, was_always);
  host->user.changed (host->user.data, peer->contact);
  es_peer_reconsider (peer);
}

/* Of those that no session runs on nothing changes here. */
gboolean
es_peer_follow_mark (EsEntry *entry)
{
  const EsPeer *peer = entry->peer;
  const EsAccount *account = peer->account;
  EsSession *session = entry->session;
  gboolean was = es_session_is_verified (session), is = was;

  if (es_entry_can_carry (entry)
      && es_trust_mark (account->trust, account->account, peer->contact, es_session_device (session), &is) && is != was)
    es_session_set_mark (session, es_session_device (session), is);
  return es_session_is_verified (session);
}

/* Sessions on devices that are another computer's by now end: what they would remember is not ours any more. Whether there were any. */
static gboolean
end_moved (EsPeer *peer)
{
  gboolean found = FALSE, was_current = FALSE;

  for (guint i = peer->entries->len; i-- > 0; i = MIN (i, peer->entries->len))
    {
      const EsEntry *entry = peer->entries->pdata[i];
      gint64 device = es_entry_can_carry (entry) ? es_session_device (entry->session) : 0;

      if (device == 0 || !es_trust_is_moved (peer->account->trust, device))
        continue;
      found = TRUE;
      was_current |= es_peer_terminate_device (peer, device);
    }
  if (!was_current)
    return found;

  /* One sentence says it. */
  es_peer_apply (peer, ES_EVENT_FORGOTTEN, &(EsNotice){ ES_NOTICE_MOVED_ENDED });
  return TRUE;
}

void
es_peer_follow_store (EsPeer *peer)
{
  gboolean changed = FALSE, was_always = peer->was_always;

  peer->was_always = FALSE;
  if (es_belief_differs (peer->belief) && peer->intent.ended != ES_END_DIFFERED)
    {
      es_peer_terminate_all (peer, "user");
      es_peer_apply (peer, ES_EVENT_DIFFER, NULL);
      return;
    }
  if (end_moved (peer))
    {
      es_peer_changed (peer);
      return;
    }
  for (guint i = 0; i < peer->entries->len; i++)
    {
      EsEntry *entry = peer->entries->pdata[i];
      gboolean was = es_session_is_verified (entry->session);

      changed |= es_peer_follow_mark (entry) != was && entry == peer->current;
    }

  /* In this file nothing can be said of the device that the session is with: only a session that has told its secret to it. */
  if (es_entry_can_carry (peer->current) && es_session_device (peer->current->session) != 0
      && !es_trust_is_current (peer->account->trust, es_session_device (peer->current->session)))
    es_peer_begin (peer, FALSE);

  /* Nor was it asked whether it is one of those that came from another computer. */
  else if (es_belief_steal_more_verified (peer->belief) && es_entry_can_carry (peer->current)
           && !es_entry_may_have (peer->current))
    es_peer_begin (peer, FALSE);
  if (changed)
    es_peer_apply (peer, es_session_is_verified (peer->current->session) ? ES_EVENT_VERIFIED : ES_EVENT_UNMARKED, NULL);
  es_peer_leave_barred (peer);
  give_back_promised (peer, was_always);
  es_peer_changed (peer);
}

void
es_peer_device_unmarked (EsPeer *peer, gint64 device)
{
  gboolean was_always = is_always (peer);

  for (guint i = 0; i < peer->entries->len; i++)
    es_session_set_mark (((EsEntry *) peer->entries->pdata[i])->session, device, FALSE);
  es_peer_read_summary (peer);
  if (es_entry_can_carry (peer->current) && es_session_device (peer->current->session) == device)
    es_peer_apply (peer, ES_EVENT_UNMARKED, NULL);
  follow_policy (peer, was_always);
}

void
es_peer_device_forgotten (EsPeer *peer, gint64 device)
{
  gboolean was_always = is_always (peer), was_current = es_peer_terminate_device (peer, device);

  es_peer_read_summary (peer);
  if (was_current)
    es_peer_apply (peer, ES_EVENT_FORGOTTEN, NULL);
  else
    es_peer_resend (peer);
  follow_policy (peer, was_always);
}

gboolean
es_peer_use_of (const EsPeer *peer, gint64 device, EsDeviceUse *use)
{
  gboolean found = FALSE;

  for (guint i = 0; i < peer->entries->len; i++)
    {
      const EsEntry *entry = peer->entries->pdata[i];

      if (!es_entry_can_carry (entry) || es_session_device (entry->session) != device)
        continue;
      found = TRUE;
      use->jid = es_session_jid (entry->session);
      if (entry != peer->current)
        continue;
      use->current = TRUE;
      use->can_verify = es_session_code_proves (entry->session);
      break;
    }
  return found;
}

gboolean
es_peer_is_always (const EsPeer *peer)
{
  return is_always (peer);
}

void
es_peer_policy_changed (EsPeer *peer, gboolean was_always)
{
  EsSituation facts = es_peer_situation (peer);

  /* What was to leave unencrypted was so under another one. */
  es_outbox_forbid_plain (peer->outbox);

  /* Where the user wants nothing to be encrypted from now on nothing waits for that, and nobody has to choose, unless codes
   * differed. */
  if (facts.policy == ES_POLICY_NEVER && peer->state == ES_STATE_ENDED && facts.ended != ES_END_DIFFERED)
    {
      es_peer_end (peer);
      es_intent_be_usual (&peer->intent);
    }
  follow_policy (peer, was_always);
}

/* The user lets a stranger in. */
void
es_peer_meet (EsPeer *peer, const EsAddress *jid)
{
  peer->addressed = TRUE;
  es_reach_add (peer->reach, jid, 0, NULL);
  es_reach_set_support (peer->reach, jid, TRUE);
}
