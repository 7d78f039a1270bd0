/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-peer-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-error.h"
#include "es-jid.h"

#define NS_CHAT_STATES "http://jabber.org/protocol/chatstates"

const EsHost *
es_peer_host (const EsPeer *peer)
{
  return peer->account->host;
}

gint64
es_peer_now (const EsPeer *peer)
{
  return es_peer_host (peer)->now (es_peer_host (peer)->data);
}

void
es_peer_send (const EsPeer *peer, EsXml *stanza)
{
  if (stanza != NULL)
    es_peer_host (peer)->send (es_peer_host (peer)->data, stanza);
}

void
es_peer_tell (const EsPeer *peer, EsNoticeKind kind, const char *sentence)
{
  if (sentence != NULL)
    es_peer_host (peer)->notice (es_peer_host (peer)->data, peer->contact, kind, sentence);
}

static void
changed (const EsPeer *peer)
{
  es_peer_host (peer)->changed (es_peer_host (peer)->data, peer->contact);
}

EsPeer *
es_peer_new (EsAccount *account, const char *contact)
{
  EsPeer *peer = g_new0 (EsPeer, 1);

  peer->account = account;
  peer->contact = g_strdup (contact);
  peer->clients = es_clients_new ();
  peer->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) es_entry_free);
  peer->outbox = es_outbox_new ();
  g_queue_init (&peer->starts);
  return peer;
}

void
es_peer_free (EsPeer *peer)
{
  es_peer_stop_asking (peer);
  g_ptr_array_unref (peer->entries);
  es_clients_free (peer->clients);
  es_outbox_free (peer->outbox);
  g_queue_clear_full (&peer->starts, g_free);
  g_free (peer->ended_by);
  g_free (peer->contact);
  g_free (peer);
}

gboolean
es_peer_is_idle (const EsPeer *peer)
{
  return !peer->open && peer->entries->len == 0 && es_clients_first (peer->clients) == NULL
         && peer->state == ES_STATE_PLAIN && es_outbox_size (peer->outbox) == 0;
}

/* What is wanted, and what can be */

/* Reads what is remembered of the contact, and tells once why that cannot be done. */
void
es_peer_read_summary (EsPeer *peer)
{
  EsAccount *account = peer->account;
  const char *sentence = NULL;
  g_autoptr (GError) error = NULL;

  peer->tried = es_peer_now (peer);
  peer->known = es_trust_summary (account->trust, account->account, peer->contact, &peer->summary, &error);
  sentence = peer->known ? NULL : es_error_sentence ((EsErrorCode) error->code);
  if (g_strcmp0 (sentence, peer->told) != 0)
    es_peer_tell (peer, ES_NOTICE_WARNING, sentence);
  peer->told = sentence;
}

/* What to say of a negotiation that failed; NULL if the user knows already. */
const char *
es_peer_failure (const EsPeer *peer, const GError *error)
{
  const char *sentence = es_error_sentence ((EsErrorCode) error->code);

  return g_strcmp0 (sentence, peer->told) == 0 ? NULL : sentence;
}

EsSituation
es_peer_situation (EsPeer *peer)
{
  EsPolicy policy = peer->account->policy;

  if (!peer->known && es_peer_now (peer) >= peer->tried + ES_STORE_SECONDS)
    es_peer_read_summary (peer);

  /* Who was verified once is never written to in the clear by accident, nor is somebody of whom we cannot know. */
  if (!peer->known || (peer->summary.policy < 0 && peer->summary.verified && policy == ES_POLICY_POSSIBLE))
    policy = peer->plain_chosen ? ES_POLICY_POSSIBLE : ES_POLICY_ALWAYS;
  else if (peer->summary.policy >= 0 && peer->summary.policy < ES_N_POLICIES)
    policy = (EsPolicy) peer->summary.policy;

  return (EsSituation){
    policy, peer->state, es_peer_support (peer), peer->plain_chosen, peer->ended_on_purpose, peer->distrusted
  };
}

EsState
es_peer_state (const EsPeer *peer)
{
  return peer->state;
}

const EsSession *
es_peer_session (const EsPeer *peer)
{
  return es_entry_can_carry (peer->current) ? peer->current->session : NULL;
}

void
es_peer_describe (const EsPeer *peer, EsConversation *conversation)
{
  const EsSession *session = es_peer_session (peer);
  gboolean encrypted = peer->state == ES_STATE_ENCRYPTED || peer->state == ES_STATE_VERIFIED;

  *conversation = (EsConversation){
    .state = peer->state,
    .device = session != NULL ? es_session_jid (session) : NULL,
    .code = session != NULL ? es_session_code (session) : NULL,
    .code_proves = session != NULL && es_session_code_proves (session),
    .since = session != NULL ? es_session_since (session) : 0,
    .waiting = es_outbox_size (peer->outbox),
    .can_start = !encrypted && peer->state != ES_STATE_STARTING,
    .can_end = peer->state != ES_STATE_PLAIN || es_outbox_size (peer->outbox) > 0,
    .can_verify = encrypted && session != NULL && es_session_code_proves (session),
  };
}

/* The state, and what comes with a change of it */

static void
return_waiting (EsPeer *peer)
{
  EsWaiting *waiting = NULL;

  while ((waiting = es_outbox_take (peer->outbox)) != NULL)
    {
      const EsXml *body = waiting->stanza != NULL ? es_xml_child (waiting->stanza, "body", NULL) : NULL;
      g_autofree char *plain = body != NULL ? es_xml_dup_text (body) : NULL;
      g_autofree char *text = plain != NULL ? g_markup_escape_text (plain, -1) : g_strdup (waiting->text);

      if (text != NULL)
        es_peer_host (peer)->return_text (es_peer_host (peer)->data, peer->contact, text);
      es_waiting_free (waiting);
    }
}

/* What waited goes the way that policy finds right now: sending it asks again, so it can come back here, but only once per
 * call. */
static void
release_waiting (EsPeer *peer)
{
  peer->releasing = TRUE;
  for (guint n = es_outbox_size (peer->outbox); n > 0; n--)
    {
      g_autoptr (EsWaiting) waiting = es_outbox_take (peer->outbox);

      if (waiting == NULL)
        break;
      if (waiting->text != NULL)
        es_peer_host (peer)->send_text (es_peer_host (peer)->data, peer->contact, waiting->text);
      else if (es_peer_outgoing (peer, waiting->stanza) != ES_CONSUMED)
        es_peer_send (peer, g_steal_pointer (&waiting->stanza));
    }
  peer->releasing = FALSE;
}

void
es_peer_apply (EsPeer *peer, EsEvent event, const char *sentence)
{
  const EsTransition *transition = es_life_find (peer->state, event);
  EsState before = peer->state;

  peer->state = transition->next;
  if (event == ES_EVENT_PEER_ENDED || event == ES_EVENT_DIFFER)
    peer->ended_on_purpose = TRUE;
  else if (event == ES_EVENT_BEGUN)
    peer->ended_on_purpose = peer->start_wanted = FALSE;
  if (event == ES_EVENT_DIFFER)
    peer->distrusted = TRUE;

  if (sentence != NULL)
    es_peer_tell (peer, transition->kind, sentence);
  else if (transition->sentence != NULL)
    es_peer_tell (peer, transition->kind, _ (transition->sentence));
  if (before != peer->state || event != ES_EVENT_BEGUN)
    changed (peer);

  switch (transition->action)
    {
    case ES_ACTION_RELEASE:
      release_waiting (peer);
      break;
    case ES_ACTION_RETURN:
      return_waiting (peer);
      break;
    case ES_ACTION_RESTART:
      es_peer_reconsider (peer);
      break;
    case ES_ACTION_NONE:
    default:
      break;
    }
}

/* Says what becomes of what waits. */
static void
tell_waiting (EsPeer *peer)
{
  peer->stuck_told = peer->state != ES_STATE_STARTING && es_peer_support (peer) == ES_SUPPORT_NO;
  if (!peer->stuck_told)
    es_peer_tell (peer, ES_NOTICE_INFO, _ ("Your message will be sent as soon as the conversation is encrypted."));
  else
    es_peer_tell (
        peer, ES_NOTICE_WARNING,
        _ ("Your message waits because it cannot be encrypted now: to write unencrypted instead, choose End in the "
           "Encryption menu."));
}

/* Something that the decision depends on has changed. */
void
es_peer_reconsider (EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);
  EsVerdict verdict = ES_SEND_WAIT;

  if (peer->start_wanted && facts.support != ES_SUPPORT_UNKNOWN)
    {
      es_peer_start (peer);
      facts = es_peer_situation (peer);
    }
  verdict = es_policy_decide (&facts);
  if (es_policy_should_start (&facts) && (peer->open || es_outbox_size (peer->outbox) > 0))
    es_peer_begin (peer, FALSE);
  else if (verdict == ES_SEND_PLAIN || verdict == ES_SEND_ENCRYPTED)
    release_waiting (peer);
  else if (verdict == ES_SEND_WAIT && facts.state == ES_STATE_PLAIN && facts.support == ES_SUPPORT_NO
           && es_outbox_size (peer->outbox) > 0 && !peer->stuck_told)
    tell_waiting (peer);
}

/* What the user does */

void
es_peer_opened (EsPeer *peer)
{
  peer->open = TRUE;
  peer->presence_silent = FALSE;
  es_peer_discover (peer);
  es_peer_reconsider (peer);
}

void
es_peer_closed (EsPeer *peer)
{
  peer->open = FALSE;
  peer->plain_chosen = FALSE;
  peer->start_wanted = FALSE;
}

static void
refuse_text (EsPeer *peer, const char *text, const char *sentence)
{
  es_peer_tell (peer, ES_NOTICE_WARNING, sentence);
  es_peer_host (peer)->return_text (es_peer_host (peer)->data, peer->contact, text);
}

static const char *
refused_sentence (void)
{
  return _ ("Your message was not sent because the encrypted conversation has ended: choose Start in the Encryption "
            "menu to encrypt again, or End to write unencrypted.");
}

EsVerdict
es_peer_typed (EsPeer *peer, const char *text)
{
  EsSituation facts = { 0 };
  EsVerdict verdict = ES_SEND_REFUSE;

  peer->addressed = TRUE;
  es_peer_discover (peer);
  facts = es_peer_situation (peer);
  verdict = es_policy_decide (&facts);

  /* What waits is older. */
  if ((verdict == ES_SEND_PLAIN || verdict == ES_SEND_ENCRYPTED) && !peer->releasing)
    release_waiting (peer);
  switch (verdict)
    {
    case ES_SEND_WAIT:
      if (!es_outbox_add_text (peer->outbox, text))
        {
          refuse_text (peer, text, _ ("Your message was not sent because too many messages are waiting already."));
          return ES_SEND_REFUSE;
        }
      if (es_outbox_size (peer->outbox) == 1)
        tell_waiting (peer);
      es_peer_reconsider (peer);
      changed (peer);
      break;
    case ES_SEND_REFUSE:
      refuse_text (peer, text, refused_sentence ());
      break;
    case ES_SEND_PLAIN:
    case ES_SEND_ENCRYPTED:
    default:
      break;
    }
  return verdict;
}

void
es_peer_start (EsPeer *peer)
{
  EsSupport can = ES_SUPPORT_NO;

  peer->addressed = TRUE;
  peer->plain_chosen = FALSE;
  peer->distrusted = FALSE;
  peer->start_wanted = FALSE;
  if (peer->state != ES_STATE_PLAIN && peer->state != ES_STATE_ENDED)
    return;

  /* Who asks is told once more. */
  peer->told = NULL;
  es_peer_read_summary (peer);
  es_peer_discover (peer);
  can = es_peer_support (peer);
  peer->start_wanted = can == ES_SUPPORT_UNKNOWN;
  if (can == ES_SUPPORT_YES)
    es_peer_begin (peer, TRUE);
  else if (can == ES_SUPPORT_NO)
    es_peer_tell (
        peer, ES_NOTICE_WARNING,
        _ ("Encryption cannot be started because the other side is offline or uses a program that does not offer "
           "it."));
}

void
es_peer_end (EsPeer *peer)
{
  es_peer_terminate_all (peer);
  peer->plain_chosen = TRUE;
  peer->start_wanted = FALSE;
  es_peer_apply (peer, ES_EVENT_USER_ENDED, NULL);
}

void
es_peer_verify (EsPeer *peer, const char *code, gboolean equal)
{
  EsEntry *entry = es_entry_can_carry (peer->current) ? peer->current : NULL;
  g_autoptr (GError) error = NULL;

  /* The dialog may be older than the session. */
  if (entry == NULL || g_strcmp0 (es_session_code (entry->session), code) != 0)
    {
      es_peer_tell (peer, ES_NOTICE_WARNING, _ ("That code is no longer valid: please compare the new one."));
      return;
    }

  if (equal ? es_session_verify (entry->session, &error) : es_session_forget (entry->session, &error))
    {
      if (!equal)
        es_peer_terminate_all (peer);
      es_peer_read_summary (peer);
      es_peer_apply (peer, equal ? ES_EVENT_VERIFIED : ES_EVENT_DIFFER, NULL);
      return;
    }

  /* Not even a full disk keeps a session alive in which somebody listens. */
  if (!equal)
    {
      es_peer_terminate_all (peer);
      es_peer_apply (peer, ES_EVENT_DIFFER, NULL);
    }
  es_peer_tell (
      peer, ES_NOTICE_WARNING,
      _ ("Your answer could not be stored because the list of remembered devices cannot be written: please try "
         "again later."));
}

void
es_peer_offline (EsPeer *peer)
{
  es_peer_terminate_all (peer);
  g_ptr_array_set_size (peer->entries, 0);
  es_clients_clear (peer->clients);
  es_peer_stop_asking (peer);
  peer->presence_asked = peer->presence_silent = peer->start_wanted = peer->addressed = FALSE;
  es_peer_apply (peer, ES_EVENT_OFFLINE, NULL);
}

/* What is sent */

/* Typing notices are worth nothing later. */
gboolean
es_peer_is_fleeting (const EsXml *stanza)
{
  const GPtrArray *children = es_xml_children (stanza);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (es_xml_name (child) != NULL && !es_xml_is (child, "thread", NULL)
          && strcmp (es_xml_namespace (child), NS_CHAT_STATES) != 0)
        return FALSE;
    }
  return TRUE;
}

static EsDisposition
encrypt (EsPeer *peer, EsXml *stanza)
{
  const EsXml *body = es_xml_child (stanza, "body", NULL);
  g_autofree char *text = body != NULL ? es_xml_dup_text (body) : NULL, *markup = NULL;
  g_autoptr (GError) error = NULL;

  if (es_entry_can_carry (peer->current) && es_session_encrypt (peer->current->session, stanza, &error))
    return ES_CHANGED;

  es_peer_tell (peer, ES_NOTICE_WARNING,
                error != NULL && error->code == ES_ERROR_LIMIT
                    ? _ ("Your message was not sent because it is too long to be encrypted: please send it in parts.")
                    : _ ("Your message was not sent because it could not be encrypted: please try again."));
  if (text != NULL)
    {
      markup = g_markup_escape_text (text, -1);
      es_peer_host (peer)->return_text (es_peer_host (peer)->data, peer->contact, markup);
    }
  return ES_CONSUMED;
}

EsDisposition
es_peer_outgoing (EsPeer *peer, EsXml *stanza)
{
  EsSituation facts = { 0 };
  gboolean fleeting = es_peer_is_fleeting (stanza);
  EsMessage message = ES_MESSAGE_REQUEST;

  /* After a reconnect libpurple sends again what the server may not have had: what was encrypted then is so still, and a
   * negotiation of then is over. */
  if (es_session_has_encrypted (stanza))
    return ES_PASS;
  if (es_negotiation_recognize (stanza, &message) != NULL)
    return ES_CONSUMED;

  if (!fleeting)
    {
      peer->addressed = TRUE;
      es_peer_discover (peer);
    }
  facts = es_peer_situation (peer);
  switch (es_policy_decide (&facts))
    {
    case ES_SEND_PLAIN:
      return ES_PASS;
    case ES_SEND_ENCRYPTED:
      return encrypt (peer, stanza);
    case ES_SEND_WAIT:
      if (fleeting)
        return ES_CONSUMED;
      if (!es_outbox_add_stanza (peer->outbox, es_xml_copy (stanza)))
        es_peer_tell (peer, ES_NOTICE_WARNING,
                      _ ("Your message was not sent because too many messages are waiting already."));
      else if (es_outbox_size (peer->outbox) == 1)
        tell_waiting (peer);
      es_peer_reconsider (peer);
      return ES_CONSUMED;
    case ES_SEND_REFUSE:
    default:
      if (!fleeting)
        es_peer_tell (peer, ES_NOTICE_WARNING, refused_sentence ());
      return ES_CONSUMED;
    }
}
