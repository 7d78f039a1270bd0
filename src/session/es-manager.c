/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-manager.h"

#include <string.h>

#include "es-channel.h"
#include "es-error.h"
#include "es-jid.h"
#include "es-limits.h"
#include "es-peer.h"
#include "es-privacy.h"

struct _EsManager
{
  EsAccount account;
  GHashTable *peers; /* by bare JID */
};

EsManager *
es_manager_new (const char *account, const EsHost *host, EsTrust *trust, const EsOptions *options, EsPolicy policy)
{
  EsManager *manager = g_new0 (EsManager, 1);

  manager->account = (EsAccount){
    .account = g_strdup (account),
    .host = host,
    .trust = trust,
    .options = *options,
    .policy = policy,
  };
  manager->peers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) es_peer_free);
  return manager;
}

void
es_manager_free (EsManager *manager)
{
  if (manager == NULL)
    return;
  g_hash_table_unref (manager->peers);
  g_free (manager->account.account);
  g_free (manager);
}

static EsPeer *
find_peer (const EsManager *manager, const char *jid)
{
  g_autofree char *contact = es_jid_bare (jid);

  return g_hash_table_lookup (manager->peers, contact);
}

static gboolean
is_idle (gpointer key, gpointer value, gpointer data)
{
  return es_peer_is_idle (value);
}

/* NULL only where strangers have filled the table. */
static EsPeer *
need_peer (EsManager *manager, const char *jid)
{
  EsPeer *peer = find_peer (manager, jid);

  if (peer != NULL)
    return peer;
  if (g_hash_table_size (manager->peers) >= ES_LIMIT_PEERS)
    g_hash_table_foreach_remove (manager->peers, is_idle, NULL);
  if (g_hash_table_size (manager->peers) >= ES_LIMIT_PEERS || strlen (jid) > ES_LIMIT_JID_OCTETS)
    return NULL;

  {
    g_autofree char *contact = es_jid_bare (jid);

    peer = es_peer_new (&manager->account, contact);
    g_hash_table_insert (manager->peers, g_steal_pointer (&contact), peer);
  }
  return peer;
}

void
es_manager_describe (EsManager *manager, const char *contact, EsConversation *conversation)
{
  EsPeer *peer = need_peer (manager, contact);

  *conversation = (EsConversation){
    .state = ES_STATE_PLAIN,
    .policy = manager->account.policy,
    .own_policy = -1,
    .usual_policy = manager->account.policy,
    .log = TRUE,
    .can_start = TRUE,
  };
  if (peer != NULL)
    es_peer_describe (peer, conversation);
}

void
es_manager_opened (EsManager *manager, const char *contact)
{
  EsPeer *peer = need_peer (manager, contact);

  if (peer != NULL)
    es_peer_opened (peer);
}

void
es_manager_closed (EsManager *manager, const char *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_closed (peer);
}

EsVerdict
es_manager_typed (EsManager *manager, const char *contact, const char *text)
{
  const EsHost *host = manager->account.host;
  EsPeer *peer = need_peer (manager, contact);

  if (peer != NULL)
    return es_peer_typed (peer, text);
  host->notice (host->data, contact, ES_NOTICE_WARNING, es_error_sentence (ES_ERROR_BUSY));
  host->return_text (host->data, contact, text, FALSE);
  return ES_SEND_REFUSE;
}

/* A chat or normal message with a contact, not one of a room's. */
static gboolean
is_one_to_one (const EsXml *stanza)
{
  return es_xml_is (stanza, "message", NULL) && g_strcmp0 (es_xml_attribute (stanza, "type"), "groupchat") != 0;
}

/* An iq, or presence not meant for everybody, that goes to or comes from a contact: no server, room or device of ours. */
static gboolean
is_with_contact (const EsManager *manager, const EsXml *stanza, const char *jid)
{
  const char *at = jid != NULL ? strchr (jid, '@') : NULL;

  return at != NULL && strcspn (jid, "/") > (gsize) (at - jid) && !es_jid_same_bare (jid, manager->account.account)
         && (es_xml_is (stanza, "iq", NULL) || es_xml_is (stanza, "presence", NULL));
}

static EsDisposition
send_other (EsManager *manager, EsXml *stanza, const char *to)
{
  gboolean is_private = es_privacy_is_private (stanza);
  EsPeer *peer = is_private ? need_peer (manager, to) : find_peer (manager, to);

  /* With whom there is a session is no room. */
  if (peer == NULL || es_peer_is_idle (peer))
    {
      if (!is_private || es_privacy_is_of_room (stanza))
        return ES_PASS;
      if (peer == NULL)
        return es_privacy_is_question (es_xml_attribute (stanza, "type")) ? ES_REFUSED : ES_CONSUMED;
    }
  return es_peer_stanza_outgoing (peer, stanza);
}

EsDisposition
es_manager_outgoing (EsManager *manager, EsXml *stanza)
{
  const char *to = es_xml_attribute (stanza, "to");
  EsPeer *peer = NULL;

  if (is_with_contact (manager, stanza, to))
    return send_other (manager, stanza, to);
  if (!is_one_to_one (stanza) || to == NULL || strchr (to, '@') == NULL)
    return ES_PASS;
  peer = need_peer (manager, to);
  return peer != NULL ? es_peer_outgoing (peer, stanza) : ES_CONSUMED;
}

EsDisposition
es_manager_incoming (EsManager *manager, EsXml *stanza)
{
  const char *from = es_xml_attribute (stanza, "from");
  EsMessage message = ES_MESSAGE_REQUEST;
  EsPeer *peer = NULL;

  gboolean is_other = is_with_contact (manager, stanza, from);

  if (from == NULL || !(is_other || is_one_to_one (stanza)))
    return ES_PASS;

  /* Only what concerns encryption makes us remember who wrote. */
  peer = find_peer (manager, from);
  if (peer == NULL
      && (es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL || es_negotiation_recognize (stanza, &message) != NULL))
    {
      g_autofree char *contact = es_jid_bare (from);

      if (!manager->account.host->may_see_us (manager->account.host->data, contact)
          || (peer = need_peer (manager, from)) == NULL)
        return ES_CONSUMED;
    }
  if (peer == NULL)
    return ES_PASS;
  return is_other ? es_peer_stanza_incoming (peer, from, stanza) : es_peer_incoming (peer, from, stanza);
}

gboolean
es_manager_has_file (const EsManager *manager, const char *jid)
{
  const EsPeer *peer = find_peer (manager, jid);

  return peer != NULL && es_peer_has_file (peer, jid);
}

void
es_manager_set_presence (EsManager *manager, const char *jid, gboolean available, int priority, const char *version)
{
  EsPeer *peer = available ? need_peer (manager, jid) : find_peer (manager, jid);

  if (peer != NULL)
    es_peer_set_presence (peer, jid, available, priority, version);
}

void
es_manager_set_support (EsManager *manager, const char *jid, gboolean supported)
{
  EsPeer *peer = find_peer (manager, jid);

  if (peer != NULL)
    es_peer_set_support (peer, jid, supported);
}

void
es_manager_start (EsManager *manager, const char *contact)
{
  EsPeer *peer = need_peer (manager, contact);

  if (peer != NULL)
    es_peer_start (peer);
}

void
es_manager_end (EsManager *manager, const char *contact)
{
  EsPeer *peer = need_peer (manager, contact);

  if (peer != NULL)
    es_peer_end (peer);
}

void
es_manager_verify (EsManager *manager, const char *contact, const char *code, gboolean equal)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_verify (peer, code, equal);
}

void
es_manager_send_plain (EsManager *manager, const char *contact)
{
  EsPeer *peer = find_peer (manager, contact);

  if (peer != NULL)
    es_peer_send_plain (peer);
}

gboolean
es_manager_set_policy (EsManager *manager, const char *contact, int policy, GError **error)
{
  EsPeer *peer = need_peer (manager, contact);

  if (peer != NULL)
    return es_peer_set_policy (peer, policy, error);
  g_set_error_literal (error, ES_ERROR, ES_ERROR_BUSY, "too many contacts");
  return FALSE;
}

void
es_manager_set_log (EsManager *manager, gboolean log)
{
  manager->account.options.logging = log ? ES_LOGGING_MAY : ES_LOGGING_MUST_NOT;
}

void
es_manager_store_changed (EsManager *manager)
{
  g_autoptr (GList) peers = g_hash_table_get_values (manager->peers);

  for (GList *item = peers; item != NULL; item = item->next)
    es_peer_store_changed (item->data);
}

void
es_manager_offline (EsManager *manager, gboolean wanted)
{
  g_autoptr (GList) peers = g_hash_table_get_values (manager->peers);

  for (GList *item = peers; item != NULL; item = item->next)
    es_peer_offline (item->data, wanted);
}
