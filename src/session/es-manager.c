/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-manager.h"

#include <string.h>

#include "es-channel.h"
#include "es-error.h"
#include "es-files.h"
#include "es-limits.h"
#include "es-peer.h"
#include "es-privacy.h"
#include "es-strangers.h"

struct _EsManager
{
  EsAccount account;
  GHashTable *peers; /* by bare JID */
  EsStarters starters;
  EsStrangers *strangers;
  GHashTable *alarms; /* bare JID -> EsKept: of what the user has not seen */
  guint restore_timer;
};

/* So soon what an earlier life of the program left is looked for again, whether anything happens or not: other programs have the file
 * for a moment only. */
#define RESTORE_SECONDS 1

EsManager *
es_manager_new (const EsAddress *account, const EsHost *host, EsTrust *trust, const EsOptions *options, EsPolicy policy)
{
  EsManager *manager = g_new0 (EsManager, 1);

  manager->account = (EsAccount){
    .account = es_address_ref (account),
    .host = host,
    .trust = trust,
    .options = *options,
    .policy = policy,
  };
  manager->peers = es_address_table_new ((GDestroyNotify) es_peer_free);
  es_tally_init (&manager->account.tally);
  manager->account.keep = es_keep_new (&host->clock, &host->user, host->log, trust, account);
  manager->account.seen = es_seen_new (manager->account.keep);
  manager->strangers = es_strangers_new ();
  manager->alarms = es_address_table_new (NULL);
  manager->account.plain_told = es_address_table_new (NULL);
  return manager;
}

void
es_manager_free (EsManager *manager)
{
  if (manager == NULL)
    return;
  if (manager->restore_timer != 0)
    manager->account.host->clock.stop_timer (manager->account.host->clock.data, manager->restore_timer);
  es_strangers_free (manager->strangers);
  g_hash_table_unref (manager->peers);
  g_hash_table_unref (manager->alarms);
  g_hash_table_unref (manager->account.plain_told);
  es_seen_free (manager->account.seen);
  es_keep_free (manager->account.keep);
  es_tally_clear (&manager->account.tally);
  es_address_unref (manager->account.account);
  es_address_unref (manager->account.own);
  g_free (manager);
}

static EsPeer *
find_peer (const EsManager *manager, const EsAddress *jid)
{
  return g_hash_table_lookup (manager->peers, es_address_bare (jid));
}

static gboolean
is_idle (gpointer key, gpointer value, gpointer data)
{
  return es_peer_is_idle (value);
}

static EsPeer *
add_peer (EsManager *manager, const EsAddress *jid)
{
  EsPeer *peer = find_peer (manager, jid);

  if (peer != NULL)
    return peer;
  peer = es_peer_new (&manager->account, es_address_bare (jid));
  g_hash_table_insert (manager->peers, es_address_ref (es_address_bare (jid)), peer);
  return peer;
}

static void on_restore (gpointer data);

/* Where somebody has to unlock the file, or to move it away, that is waited for: es_manager_store_changed. */
static void
restore_later (EsManager *manager, const GError *error)
{
  const EsClock *clock = &manager->account.host->clock;
  guint seconds = error->code == ES_ERROR_STORE_LOCKED ? RESTORE_SECONDS : ES_STORE_SECONDS;

  if (manager->restore_timer == 0 && !es_trust_is_locked_error (error) && error->code != ES_ERROR_STORE_DAMAGED)
    manager->restore_timer = clock->start_timer (clock->data, seconds, on_restore, manager);
}

/* One is enough for a contact. */
static void
take_up_alarm (EsManager *manager, const EsRestored *restored)
{
  const EsUser *user = &manager->account.host->user;

  if (g_hash_table_contains (manager->alarms, restored->contact))
    {
      es_kept_done (restored->kept);
      return;
    }
  g_hash_table_insert (manager->alarms, es_address_ref (restored->contact), restored->kept);
  user->changed (user->data, restored->contact);
}

static void
take_up (EsManager *manager, const GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      EsRestored *restored = all->pdata[i];

      if (restored->kind == ES_STORED_SHOWN)
        es_seen_restore (manager->account.seen, restored->contact, restored->kept, restored->shown);
      else if (restored->kind == ES_STORED_ALARM)
        take_up_alarm (manager, restored);
      else
        es_peer_restore (add_peer (manager, restored->contact), restored);
    }
  for (guint i = 0; i < all->len; i++)
    {
      EsPeer *peer = find_peer (manager, ((const EsRestored *) all->pdata[i])->contact);

      if (peer != NULL)
        es_peer_restored (peer);
    }
}

/* Those to whom something was written that cannot be read any more, or NULL; each once. */
static void
tell_dropped (EsManager *manager, const GPtrArray *dropped)
{
  const EsUser *user = &manager->account.host->user;
  g_autoptr (GHashTable) told = es_address_table_new (NULL);

  if (dropped->len > 0)
    es_log (manager->account.host->log, ES_AREA_STORE, ES_LOG_ERROR, NULL, "what was left could not be read: %u",
            dropped->len);
  for (guint i = 0; i < dropped->len; i++)
    if (dropped->pdata[i] != NULL && g_hash_table_add (told, es_address_ref (dropped->pdata[i])))
      user->notice (user->data, dropped->pdata[i], ES_TONE_WARNING, &(EsNotice){ ES_NOTICE_RESTORED_NOT });
}

/* Once the store can be read: whenever anything happens, before it does. Until then nobody is known (es_peer_read_summary): nothing
 * that is newer leaves, and nobody gets a session in which something that was shown could come again. */
static void
restore (EsManager *manager)
{
  g_autoptr (GPtrArray) all = NULL, dropped = es_store_dropped_new ();
  g_autoptr (GError) error = NULL;

  if (manager->account.restored)
    return;
  all = es_keep_restore (manager->account.keep, dropped, &error);
  if (all == NULL)
    {
      manager->account.unrestored = (EsErrorCode) error->code;
      restore_later (manager, error);
      return;
    }
  manager->account.restored = TRUE;
  tell_dropped (manager, dropped);
  take_up (manager, all);
}

/* Never NULL: for what the user does. */
static EsPeer *
make_peer (EsManager *manager, const EsAddress *jid)
{
  restore (manager);
  return add_peer (manager, jid);
}

/* For what comes from outside, as windows do for which somebody else has written. NULL only where that has filled the table. */
static EsPeer *
need_peer (EsManager *manager, const EsAddress *jid)
{
  EsPeer *peer = find_peer (manager, jid);

  if (peer != NULL)
    return peer;
  if (g_hash_table_size (manager->peers) >= ES_LIMIT_PEERS)
    g_hash_table_foreach_remove (manager->peers, is_idle, NULL);
  return g_hash_table_size (manager->peers) < ES_LIMIT_PEERS ? make_peer (manager, jid) : NULL;
}

void
es_manager_describe (const EsManager *manager, const EsAddress *contact, EsConversation *conversation)
{
  const EsAccount *account = &manager->account;
  const EsPeer *peer = find_peer (manager, contact);
  EsTrustSummary summary = { .policy = -1 };

  if (peer != NULL)
    {
      es_peer_describe (peer, conversation);
      return;
    }
  es_trust_peek (account->trust, account->account, contact, &summary);
  *conversation = (EsConversation){
    .online = account->host->transport.can_send (account->host->transport.data),
    .state = ES_STATE_PLAIN,
    .own_policy = MIN (summary.policy, (int) ES_POLICY_ALWAYS),
    .usual_policy = summary.verified || summary.lapse != ES_LAPSE_NONE ? ES_POLICY_ALWAYS : account->policy,
    .once_verified = summary.verified || summary.lapse != ES_LAPSE_NONE,
    .lapsed = summary.lapse != ES_LAPSE_NONE,
    .moved = summary.lapse != ES_LAPSE_NONE && summary.moved,
    .log = TRUE,
  };
  conversation->policy
      = conversation->own_policy >= 0 ? (EsPolicy) conversation->own_policy : conversation->usual_policy;
  conversation->withheld = conversation->policy == ES_POLICY_ALWAYS;
  conversation->can_start = conversation->online && conversation->policy != ES_POLICY_NEVER;
}

GPtrArray *
es_manager_waiting_contacts (EsManager *manager)
{
  GPtrArray *contacts = NULL;
  GHashTableIter iter;
  gpointer contact = NULL, peer = NULL;

  restore (manager);
  if (!manager->account.restored)
    return NULL;
  contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) es_address_unref);
  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, &contact, &peer))
    {
      EsCounts counts = { 0 };

      es_peer_count (peer, &counts);
      if (counts.waiting > 0)
        g_ptr_array_add (contacts, es_address_ref (contact));
    }
  return contacts;
}

void
es_manager_count (const EsManager *manager, EsCounts *counts)
{
  GHashTableIter iter;
  gpointer peer = NULL;

  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    es_peer_count (peer, counts);
}

/* Another program may have told it. */
static EsKept *
find_alarm (const EsManager *manager, const EsAddress *contact)
{
  EsKept *kept = g_hash_table_lookup (manager->alarms, es_address_bare (contact));

  return kept != NULL && !es_kept_is_gone (kept) ? kept : NULL;
}

void
es_manager_keep_alarm (EsManager *manager, const EsAddress *contact)
{
  if (find_alarm (manager, contact) != NULL)
    return;
  es_manager_alarm_told (manager, contact);
  g_hash_table_insert (manager->alarms, es_address_ref (es_address_bare (contact)),
                       es_keep_alarm (manager->account.keep, es_address_bare (contact)));
}

gint64
es_manager_alarm (const EsManager *manager, const EsAddress *contact)
{
  const EsKept *kept = find_alarm (manager, contact);

  return kept != NULL ? es_kept_written (kept) : -1;
}

void
es_manager_alarm_told (EsManager *manager, const EsAddress *contact)
{
  es_kept_done (g_hash_table_lookup (manager->alarms, es_address_bare (contact)));
  g_hash_table_remove (manager->alarms, es_address_bare (contact));
}

void
es_manager_opened (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = need_peer (manager, contact);

  if (peer != NULL)
    es_peer_opened (peer);
}

void
es_manager_closed (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_closed (peer);
}

void
es_manager_seen (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_give_back_held (peer);
}

void
es_manager_wait_again (EsManager *manager, const EsAddress *contact, const char *typed)
{
  EsPeer *peer = make_peer (manager, contact);

  if (peer != NULL)
    es_peer_wait_again (peer, typed);
}

EsVerdict
es_manager_typed (EsManager *manager, const EsAddress *contact, const char *typed, const char *leaving)
{
  return es_peer_typed (make_peer (manager, contact), typed, leaving != NULL ? leaving : typed);
}

void
es_manager_shown (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_shown (peer);
}

void
es_manager_set_limit (EsManager *manager, gsize octets)
{
  GHashTableIter iter;
  gpointer peer = NULL;

  manager->account.limit = octets;
  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    es_peer_limit_changed (peer);
}

/* A chat or normal message with a contact, not one of a room's. */
static gboolean
is_one_to_one (const EsXml *stanza)
{
  return es_xml_is (stanza, "message", NULL) && g_strcmp0 (es_xml_attribute (stanza, "type"), "groupchat") != 0;
}

/* A bot or a gateway that is talked to like a contact, or is offered a file; what else is asked of it is asked of a server. */
static gboolean
is_contact_without_node (const EsManager *manager, const EsAddress *jid, const EsXml *stanza)
{
  const EsPeer *peer = find_peer (manager, jid);

  return (peer != NULL ? es_peer_has_session (peer) || es_peer_is_guarded (peer) : es_manager_knows (manager, jid))
         || es_files_kind (stanza) != ES_FILE_NONE || es_files_is_call (stanza);
}

/* An iq, or presence not meant for everybody, that goes to or comes from a contact, or another device of ours: no room, no server. */
static gboolean
is_with_contact (const EsManager *manager, const EsXml *stanza, const EsAddress *jid)
{
  return jid != NULL && (es_address_has_node (jid) || is_contact_without_node (manager, jid, stanza))
         && !(es_address_same_bare (jid, manager->account.account) && es_address_is_bare (jid))
         && (es_xml_is (stanza, "iq", NULL) || es_xml_is (stanza, "presence", NULL));
}

static EsDisposition
send_other (EsManager *manager, const EsAddress *to, EsXml *stanza)
{
  gboolean is_private = es_privacy_is_private (stanza, to);
  EsPeer *peer = is_private ? need_peer (manager, to) : find_peer (manager, to);

  /* With whom there is a session is no room. */
  if (peer == NULL || es_peer_is_idle (peer))
    {
      if (!is_private || es_privacy_is_of_room (stanza))
        return ES_PASS;
      if (peer == NULL)
        return es_privacy_is_question (es_xml_attribute (stanza, "type")) ? ES_REFUSED : ES_CONSUMED;
    }
  return es_peer_stanza_outgoing (peer, to, stanza);
}

EsDisposition
es_manager_outgoing (EsManager *manager, const EsAddress *to, EsXml *stanza, gboolean handed)
{
  if (is_with_contact (manager, stanza, to))
    return send_other (manager, to, stanza);
  if (!is_one_to_one (stanza) || to == NULL)
    return ES_PASS;
  return es_peer_outgoing (make_peer (manager, to), stanza, handed);
}

EsXml *
es_manager_take_sent (EsManager *manager, const EsAddress *to, guint64 number)
{
  EsPeer *peer = find_peer (manager, to);

  return peer != NULL ? es_peer_take_sent (peer, number) : NULL;
}

/* A contact may be known and still not be let in. */
static gboolean
is_strangers_request (const EsManager *manager, const EsPeer *peer, const EsAddress *contact, const EsXml *stanza)
{
  const EsHost *host = manager->account.host;
  EsMessage message = ES_MESSAGE_RESPONSE;
  const EsXml *payload = es_negotiation_recognize (stanza, &message);
  g_autoptr (GBytes) nonce
      = payload != NULL && message == ES_MESSAGE_REQUEST ? es_negotiation_request_nonce (payload) : NULL;

  return nonce != NULL && g_strcmp0 (es_xml_attribute (stanza, "type"), "error") != 0
         && !(peer != NULL ? es_peer_may_see_us (peer) : host->transport.may_see_us (host->transport.data, contact));
}

/* Of whom the user wants no encryption nobody need ask. */
static gboolean
may_be_met (const EsManager *manager, const EsAddress *contact)
{
  const EsAccount *account = &manager->account;
  EsTrustSummary summary;

  if (!es_trust_summary (account->trust, account->account, contact, &summary, NULL))
    return FALSE;
  return (summary.policy >= 0 ? summary.policy : (int) account->policy) != ES_POLICY_NEVER;
}

/* Whether nothing else is to be done about STANZA. */
static gboolean
take_stranger (EsManager *manager, const EsPeer *peer, const EsAddress *from, const EsXml *stanza)
{
  const EsHost *host = manager->account.host;
  const EsAddress *contact = es_address_bare (from);

  if (manager->starters != ES_STARTERS_ASK || es_address_is_bare (from) || !es_address_has_node (from)
      || !is_strangers_request (manager, peer, contact, stanza))
    return FALSE;
  if (may_be_met (manager, contact)
      && es_strangers_take (manager->strangers, contact, from, stanza, host->clock.elapsed (host->clock.data)))
    host->user.ask_stranger (host->user.data, contact);
  return TRUE;
}

static gboolean
is_for_many (const EsXml *stanza)
{
  return g_strcmp0 (es_xml_attribute (stanza, "type"), "groupchat") == 0;
}

/* Somebody holds up a mirror: our own request comes back from another address. */
static gboolean
is_echo (const EsManager *manager, const EsAddress *from, const EsXml *stanza)
{
  EsMessage message = ES_MESSAGE_RESPONSE;
  const EsXml *payload = es_negotiation_recognize (stanza, &message);

  return payload != NULL && message == ES_MESSAGE_REQUEST && g_strcmp0 (es_xml_attribute (stanza, "type"), "error") != 0
         && es_negotiation_is_echo (es_trust_echoes (manager->account.trust), payload, from, manager->account.account);
}

/* Whether what a contact of whom nothing is in memory sends in the clear is not to pass as if that were usual. */
static gboolean
is_guarded (const EsManager *manager, const EsAddress *from)
{
  const EsAccount *account = &manager->account;
  EsTrustSummary summary;

  /* What comes from our own bare address our server says; our other devices are as good as any. */
  if (es_address_same_bare (from, account->account) && es_address_is_bare (from))
    return FALSE;
  if (!es_trust_summary (account->trust, account->account, es_address_bare (from), &summary, NULL))
    return TRUE;
  return summary.verified || summary.lapse != ES_LAPSE_NONE || summary.differed
         || (summary.policy >= 0 ? summary.policy : (int) account->policy) == ES_POLICY_ALWAYS;
}

gboolean
es_manager_is_guarded (const EsManager *manager, const EsAddress *contact)
{
  const EsPeer *peer = find_peer (manager, contact);

  return peer != NULL ? es_peer_is_guarded (peer) : is_guarded (manager, contact);
}

gboolean
es_manager_guards_any (const EsManager *manager)
{
  GHashTableIter iter;
  gpointer peer = NULL;

  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    if (es_peer_is_guarded (peer))
      return TRUE;
  return manager->account.policy == ES_POLICY_ALWAYS;
}

gboolean
es_manager_may_be_plain (EsManager *manager, const EsAddress *contact)
{
  return es_peer_may_be_plain (make_peer (manager, contact));
}

gboolean
es_manager_file_may_go_past (EsManager *manager, const EsAddress *contact)
{
  return es_peer_file_may_go_past (make_peer (manager, contact));
}

/* What somebody says is shown, marked, however many others there are; but nothing is left of who says it before the user does anything
 * about it. */
static EsDisposition
take_one_too_many (EsManager *manager, const EsAddress *from, EsXml *stanza)
{
  EsPeer *peer = make_peer (manager, from);
  EsDisposition disposition = es_peer_incoming (peer, from, stanza);

  if (es_peer_is_idle (peer))
    g_hash_table_remove (manager->peers, es_address_bare (from));
  return disposition;
}

/* Our own server, which answers for all others. */
static gboolean
is_own_server (const EsManager *manager, const EsAddress *from)
{
  const EsAddress *account = manager->account.account;
  const char *at = strchr (es_address_text (account), '@');

  return es_address_equal (from, account)
         || g_strcmp0 (es_address_text (from), at != NULL ? at + 1 : es_address_text (account)) == 0;
}

/* With whom the session is of which our server returns a message in its own name; NULL if STANZA is nothing such. */
static EsPeer *
find_returned (const EsManager *manager, const EsAddress *from, const EsXml *stanza)
{
  GHashTableIter iter;
  gpointer peer = NULL;

  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") != 0 || !es_xml_is (stanza, "message", NULL)
      || !is_own_server (manager, from))
    return NULL;
  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    if (es_peer_has_message (peer, es_xml_attribute (stanza, "id")))
      return peer;
  return NULL;
}

EsDisposition
es_manager_incoming (EsManager *manager, const EsAddress *from, EsXml *stanza)
{
  const EsClock *clock = &manager->account.host->clock;
  EsMessage message = ES_MESSAGE_REQUEST;
  EsPeer *peer = NULL;
  gboolean is_other = FALSE;

  es_trust_note_time (manager->account.trust, clock->now (clock->data), clock->elapsed (clock->data));
  is_other = is_with_contact (manager, stanza, from);

  /* Nothing of ours is said in rooms, nor to everybody. */
  if (from != NULL && es_xml_is (stanza, "message", NULL) && is_for_many (stanza))
    return es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL || es_manager_is_guarded (manager, es_address_bare (from))
               ? ES_CONSUMED
               : ES_PASS;
  if (from == NULL || !(is_other || is_one_to_one (stanza)))
    return ES_PASS;
  if ((peer = find_returned (manager, from, stanza)) != NULL)
    return es_peer_incoming (peer, from, stanza);

  if (!is_other && is_echo (manager, from, stanza))
    return ES_CONSUMED;
  restore (manager);

  /* Only what concerns encryption makes us remember who wrote. */
  peer = find_peer (manager, from);
  if (!is_other && take_stranger (manager, peer, from, stanza))
    return ES_CONSUMED;
  if (peer == NULL
      && (es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL || es_negotiation_recognize (stanza, &message) != NULL))
    {
      if (!manager->account.host->transport.may_see_us (manager->account.host->transport.data, es_address_bare (from))
          || (peer = need_peer (manager, from)) == NULL)
        return ES_CONSUMED;
    }
  if (peer == NULL && !es_xml_is (stanza, "presence", NULL) && is_guarded (manager, from)
      && (peer = need_peer (manager, from)) == NULL)
    {
      if (!es_xml_is (stanza, "message", NULL))
        return ES_CONSUMED;

      return take_one_too_many (manager, from, stanza);
    }
  if (peer == NULL)
    return ES_PASS;
  return is_other ? es_peer_stanza_incoming (peer, from, stanza) : es_peer_incoming (peer, from, stanza);
}

gboolean
es_manager_has_stream (const EsManager *manager, const EsAddress *jid, const char *stream)
{
  const EsPeer *peer = find_peer (manager, jid);

  return peer != NULL && es_peer_has_stream (peer, jid, stream);
}

gboolean
es_manager_knows (const EsManager *manager, const EsAddress *contact)
{
  const EsAccount *account = &manager->account;
  const EsPeer *peer = find_peer (manager, contact);
  EsTrustSummary summary;

  return (peer != NULL && es_peer_has_session (peer))
         || (es_trust_summary (account->trust, account->account, es_address_bare (contact), &summary, NULL)
             && (summary.remembered || summary.policy >= 0 || summary.lapse != ES_LAPSE_NONE || summary.differed));
}

gboolean
es_manager_has_business (const EsManager *manager, const EsAddress *contact)
{
  const EsPeer *peer = find_peer (manager, contact);

  return peer != NULL && es_peer_has_business (peer);
}

gboolean
es_manager_has_file (const EsManager *manager, const EsAddress *jid)
{
  const EsPeer *peer = find_peer (manager, jid);

  return peer != NULL && es_peer_has_file (peer, jid);
}

void
es_manager_set_presence (EsManager *manager,
                         const EsAddress *jid,
                         gboolean available,
                         int priority,
                         const char *version)
{
  EsPeer *peer = NULL;

  restore (manager);
  peer = available ? need_peer (manager, jid) : find_peer (manager, jid);
  if (peer != NULL)
    es_peer_set_presence (peer, jid, available, priority, version);
}

void
es_manager_leave (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_offline (peer, TRUE);
}

void
es_manager_set_support (EsManager *manager, const EsAddress *jid, gboolean supported, gboolean gajim)
{
  EsPeer *peer = find_peer (manager, jid);

  if (peer != NULL)
    es_peer_set_support (peer, jid, supported, gajim);
}

void
es_manager_start (EsManager *manager, const EsAddress *contact)
{
  es_peer_start (make_peer (manager, contact));
}

void
es_manager_end (EsManager *manager, const EsAddress *contact)
{
  es_peer_end (make_peer (manager, contact));
}

void
es_manager_verify (EsManager *manager, const EsAddress *contact, const char *code, gboolean equal)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_verify (peer, code, equal);
}

void
es_manager_set_own (EsManager *manager, const EsAddress *own)
{
  es_address_unref (manager->account.own);
  manager->account.own = es_address_ref (own);
}

char *
es_manager_own_link (const EsManager *manager, const EsAddress *contact)
{
  const EsPeer *peer = find_peer (manager, contact);

  return peer != NULL ? es_peer_own_link (peer) : NULL;
}

EsLinkVerdict
es_manager_check_link (EsManager *manager, const EsAddress *contact, const char *text)
{
  return es_peer_check_link (make_peer (manager, contact), text);
}

void
es_manager_password (EsManager *manager, const EsAddress *contact, const char *password, const char *question)
{
  es_peer_password (make_peer (manager, contact), password, question);
}

void
es_manager_decline_password (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_decline_password (peer);
}

GPtrArray *
es_manager_waiting (const EsManager *manager, const EsAddress *contact)
{
  const EsPeer *peer = find_peer (manager, contact);

  return peer != NULL ? es_peer_waiting (peer) : g_ptr_array_new ();
}

char *
es_manager_withdraw (EsManager *manager, const EsAddress *contact, const char *label)
{
  EsPeer *peer = find_peer (manager, contact);

  return peer != NULL ? es_peer_withdraw (peer, label) : NULL;
}

void
es_manager_discard (EsManager *manager, const EsAddress *contact, const char *label)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_discard (peer, label);
}

void
es_manager_undo_discard (EsManager *manager, const EsAddress *contact, const char *label)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_undo_discard (peer, label);
}

void
es_manager_send_plain (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_send_plain (peer);
}

void
es_manager_keep_waiting (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_keep_waiting (peer);
}

void
es_manager_write_anyway (EsManager *manager, const EsAddress *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_write_anyway (peer);
}

gboolean
es_manager_set_policy (EsManager *manager, const EsAddress *contact, int policy, GError **error)
{
  return es_peer_set_policy (make_peer (manager, contact), policy, error);
}

void
es_manager_set_log (EsManager *manager, gboolean log)
{
  manager->account.options.logging = log ? ES_LOGGING_MAY : ES_LOGGING_MUST_NOT;
}

void
es_manager_set_kept (EsManager *manager, gboolean in_file)
{
  es_keep_set_messages (manager->account.keep, in_file);
}

gboolean
es_manager_write_kept (EsManager *manager)
{
  return es_keep_flush (manager->account.keep);
}

void
es_manager_set_weak_groups (EsManager *manager, gboolean allowed)
{
  es_options_allow_weak_groups (&manager->account.options, allowed);
}

void
es_manager_set_starters (EsManager *manager, EsStarters starters)
{
  manager->starters = starters;
}

void
es_manager_answer_stranger (EsManager *manager, const EsAddress *contact, gboolean accept)
{
  const EsHost *host = manager->account.host;
  EsPeer *peer = NULL;
  g_autoptr (EsAddress) jid = NULL;
  g_autoptr (EsXml) stanza = NULL;

  if (!es_strangers_answer (manager->strangers, contact, accept, host->clock.elapsed (host->clock.data), &jid, &stanza))
    return;
  peer = make_peer (manager, contact);
  es_peer_meet (peer, jid);
  if (stanza != NULL)
    es_peer_incoming (peer, jid, stanza);
  else
    es_peer_start (peer);
}

/* What is said to one contact may make others come and go. */
static GPtrArray *
contacts_of (EsManager *manager)
{
  GPtrArray *contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) es_address_unref);
  GHashTableIter iter;
  gpointer contact = NULL;

  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, &contact, NULL))
    g_ptr_array_add (contacts, es_address_ref (contact));
  return contacts;
}

void
es_manager_set_usual_policy (EsManager *manager, EsPolicy policy)
{
  g_autoptr (GPtrArray) contacts = NULL;
  g_autoptr (GHashTable) always = NULL;

  if (policy == manager->account.policy)
    return;
  contacts = contacts_of (manager);
  always = es_address_table_new (NULL);
  for (guint i = 0; i < contacts->len; i++)
    if (es_peer_is_always (find_peer (manager, contacts->pdata[i])))
      g_hash_table_add (always, es_address_ref (contacts->pdata[i]));
  manager->account.policy = policy;
  for (guint i = 0; i < contacts->len; i++)
    {
      EsPeer *peer = find_peer (manager, contacts->pdata[i]);

      if (peer != NULL)
        es_peer_policy_changed (peer, g_hash_table_contains (always, contacts->pdata[i]));
    }
}

gboolean
es_manager_use_of (EsManager *manager, gint64 device, EsDeviceUse *use)
{
  GHashTableIter iter;
  gpointer peer = NULL;

  *use = (EsDeviceUse){ 0 };
  g_hash_table_iter_init (&iter, manager->peers);
  while (g_hash_table_iter_next (&iter, NULL, &peer))
    if (es_peer_use_of (peer, device, use))
      return TRUE;
  return FALSE;
}

/* A device is one contact's, and only he has sessions with it. */
void
es_manager_device_unmarked (EsManager *manager, const EsAddress *contact, gint64 device)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_device_unmarked (peer, device);
}

void
es_manager_device_forgotten (EsManager *manager, const EsAddress *contact, gint64 device)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_device_forgotten (peer, device);
}

void
es_manager_store_changed (EsManager *manager)
{
  g_autoptr (GPtrArray) contacts = NULL;

  restore (manager);
  contacts = contacts_of (manager);
  for (guint i = 0; i < contacts->len; i++)
    {
      EsPeer *peer = find_peer (manager, contacts->pdata[i]);

      if (peer != NULL)
        es_peer_store_changed (peer);
    }
}

static void
on_restore (gpointer data)
{
  EsManager *manager = data;

  manager->restore_timer = 0;
  restore (manager);
  if (manager->account.restored)
    es_manager_store_changed (manager);
}

void
es_manager_offline (EsManager *manager, gboolean wanted)
{
  g_autoptr (GList) peers = g_hash_table_get_values (manager->peers);

  es_strangers_clear (manager->strangers);
  for (GList *item = peers; item != NULL; item = item->next)
    es_peer_offline (item->data, wanted);

  /* What is in the store waits there. */
  es_keep_flush (manager->account.keep);
  for (GList *item = peers; item != NULL; item = item->next)
    if (wanted)
      es_peer_give_back_unstored (item->data);
}
