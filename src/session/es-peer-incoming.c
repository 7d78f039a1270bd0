/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-peer-private.h"

#include <string.h>

#include "es-channel.h"
#include "es-envelope.h"
#include "es-error.h"
#include "es-limits.h"
#include "es-privacy.h"

/* All verified devices of a contact, as the writer of what one of them wrote. */
#define VERIFIED_WRITERS "verified"

static char *
dup_thread (const EsXml *stanza)
{
  const EsXml *thread = es_xml_child (stanza, "thread", ES_NS_CLIENT);
  g_autofree char *text = thread != NULL ? es_xml_dup_text (thread) : NULL;

  return text != NULL && strlen (text) <= ES_LIMIT_THREAD_OCTETS ? g_steal_pointer (&text) : NULL;
}

/* Where it tells a stranger nothing and the account is not being flooded. */
gboolean
es_peer_may_send_error (EsPeer *peer)
{
  EsAccount *account = peer->account;
  gint64 minute = es_peer_elapsed (peer) / 60;

  if (account->errors_minute != minute)
    account->n_errors = 0;
  account->errors_minute = minute;
  if (account->n_errors >= ES_LIMIT_ERRORS_MINUTE || !es_peer_may_see_us (peer))
    return FALSE;
  account->n_errors++;
  return TRUE;
}

static void
send_error (EsPeer *peer, const EsAddress *to, const char *thread, const GError *error)
{
  const char *condition = es_error_condition ((EsErrorCode) error->code);
  EsXml *stanza = NULL, *xml = NULL;

  if (condition == NULL || !es_peer_may_send_error (peer))
    return;

  stanza = es_xml_new ("message", ES_NS_CLIENT);
  es_xml_set_attribute (stanza, "to", es_address_text (to));
  es_xml_set_attribute (stanza, "type", "error");
  if (thread != NULL)
    es_xml_append_new (stanza, "thread", thread);
  xml = es_xml_append_new (stanza, "error", NULL);
  es_xml_set_attribute (xml, "type", es_error_type ((EsErrorCode) error->code));
  es_xml_append (xml, es_xml_new (condition, ES_NS_STANZAS));

  /* Those two list fields in their message: es-error.h. */
  if (error->code == ES_ERROR_UNSUPPORTED || error->code == ES_ERROR_UNKNOWN_FIELD)
    {
      g_auto (GStrv) fields = g_strsplit (error->message, " ", -1);
      EsXml *feature = es_xml_append (xml, es_xml_new ("feature", ES_NS_FEATURE));

      for (guint i = 0; fields[i] != NULL; i++)
        es_xml_set_attribute (es_xml_append_new (feature, "field", NULL), "var", fields[i]);
    }
  es_peer_send (peer, stanza);
}

static void
send_new_error (EsPeer *peer, const EsAddress *to, const char *thread, EsErrorCode code)
{
  g_autoptr (GError) error = g_error_new_literal (ES_ERROR, (int) code, "");

  send_error (peer, to, thread, error);
}

/* Whether a server has kept STANZA for later. */
static gboolean
is_stored (const EsXml *stanza)
{
  return es_xml_child (stanza, "delay", ES_NS_DELAY) != NULL || es_xml_child (stanza, "x", ES_NS_OLD_DELAY) != NULL
         || es_xml_child (stanza, "store", ES_NS_HINTS) != NULL;
}

/* Whether it came to our bare address: servers give that to any of our programs, or to all. */
static gboolean
is_for_any_client (const EsXml *stanza)
{
  const char *to = es_xml_attribute (stanza, "to");

  return to != NULL && strchr (to, '/') == NULL;
}

/* Whether a request is so old, or pretends to be so young, that nobody waits for the answer. */
static gboolean
is_late (const EsPeer *peer, const EsXml *stanza)
{
  const EsXml *delay = es_xml_child (stanza, "delay", ES_NS_DELAY);
  const char *stamp = delay != NULL ? es_xml_attribute (delay, "stamp") : NULL;
  g_autoptr (GDateTime) then = stamp != NULL ? g_date_time_new_from_iso8601 (stamp, NULL) : NULL;
  gint64 age = then != NULL ? es_peer_now (peer) - g_date_time_to_unix (then) : -1;

  return (delay != NULL && (age < 0 || age > (gint64) ES_REQUEST_SECONDS))
         || es_xml_child (stanza, "x", ES_NS_OLD_DELAY) != NULL;
}

static EsEntry *
find_crossing (const EsPeer *peer, const EsAddress *from)
{
  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *entry = peer->entries->pdata[i];
      const EsAddress *jid = es_session_jid (entry->session);

      if (es_session_unanswered_nonce (entry->session) != NULL
          && (es_address_is_bare (jid) || es_address_equal (jid, from)))
        return entry;
    }
  return NULL;
}

/* Two requests that cross: the greater nonce wins. Returns whether theirs is to be answered. */
static gboolean
yields_to (const EsPeer *peer, const EsAddress *from, GBytes *their_nonce)
{
  const EsEntry *entry = find_crossing (peer, from);

  return entry == NULL || es_peer_elapsed (peer) - entry->made > ES_CROSSING_SECONDS
         || (their_nonce != NULL && g_bytes_compare (es_session_unanswered_nonce (entry->session), their_nonce) <= 0);
}

/* Ours, which theirs has beaten, goes: both are one negotiation. */
static void
drop_crossing (EsPeer *peer, const EsAddress *from)
{
  EsEntry *entry = NULL;

  while ((entry = find_crossing (peer, from)) != NULL)
    {
      es_entry_uncount (entry);
      es_entry_remove (entry);
    }
}

static void
log_refused (const EsPeer *peer, const EsAddress *from, const GError *error)
{
  es_log (es_peer_host (peer)->log, ES_AREA_NEGOTIATION, ES_LOG_WARNING, es_address_text (from),
          "what the other side sends does not do: %s", es_error_name ((EsErrorCode) error->code));
}

/* The negotiation cannot go on: the other side is told, and the user unless that was somebody else's doing. */
static void
give_up (EsEntry *entry, const EsAddress *from, const GError *error)
{
  EsPeer *peer = entry->peer;

  log_refused (peer, from, error);

  /* Another client of the contact's may say yes. */
  if (error->code == ES_ERROR_DECLINED)
    es_reach_note_declined (peer->reach, from);
  send_error (peer, from, es_session_thread (entry->session), error);
  if (error->code == ES_ERROR_STALE)
    {
      es_entry_give_way (entry);
      return;
    }
  es_entry_fail (entry, error->code == ES_ERROR_DECLINED ? ES_EVENT_DECLINED : ES_EVENT_FAILED,
                 es_peer_failure (peer, error));
}

/* Sends the reply to a message of a negotiation, or an end to it. */
static void
go_on (EsEntry *entry, const EsAddress *from, EsMessage message, const EsXml *payload)
{
  g_autoptr (GError) error = NULL;
  EsXml *reply = NULL;

  if (es_peer_is_complete (entry->peer, &error)
      && es_session_consume (entry->session, from, message, payload, &reply, &error))
    {
      entry->peer->invited = 0;
      es_entry_restart_timer (entry);
      es_peer_send (entry->peer, reply);
      if (es_session_is_active (entry->session))
        es_entry_establish (entry);
      return;
    }

  /* Sent twice, or by another device: no reason to give up. */
  if (error->code != ES_ERROR_UNEXPECTED)
    give_up (entry, from, error);
}

/* With too many of them none is answered by itself: the user is told once, and can ask, which lets one through; whoever asks is told as
 * well. Where a device is verified its secret has to show that it is that one. */
static gboolean
is_too_much (EsPeer *peer, const EsAddress *from, const char *thread, gboolean *must_be_verified)
{
  gint64 now = es_peer_elapsed (peer);

  *must_be_verified = FALSE;
  if (!es_peer_has_had_enough (peer))
    {
      peer->too_many_told = FALSE;
      return FALSE;
    }
  *must_be_verified = es_belief_may_have_verified (peer->belief);
  if (*must_be_verified || (peer->invited != 0 && now - peer->invited <= ES_INVITED_SECONDS))
    return FALSE;

  /* What crosses ours takes its place. */
  if (find_crossing (peer, from) != NULL)
    return FALSE;
  if (!peer->too_many_told)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_TOO_MANY_REQUESTS);
  peer->too_many_told = TRUE;
  if (peer->turned_away == 0 || now - peer->turned_away >= ES_REFUSED_SECONDS)
    {
      peer->turned_away = MAX (now, 1);
      send_new_error (peer, from, thread, ES_ERROR_BUSY);
    }
  return TRUE;
}

/* Whoever sends many of them is spoken of once a minute. */
static void
tell_bad_request (EsPeer *peer, const GError *error)
{
  gint64 now = es_peer_elapsed (peer);
  EsNotice notice = { ES_NOTICE_NONE };

  if (now < peer->bad_request_told + ES_BAD_REQUEST_SECONDS && now >= peer->bad_request_told)
    return;
  peer->bad_request_told = now;
  notice = es_peer_failure (peer, error);
  es_peer_tell_notice (peer, ES_TONE_WARNING, &notice);
}

/* Whether a request may be answered at all; says so to the other side where that tells it nothing new. */
static gboolean
may_answer (EsPeer *peer, const EsAddress *from, const char *thread, GBytes *nonce)
{
  EsSituation facts = { 0 };

  if (!es_peer_may_see_us (peer))
    return FALSE;
  if (es_peer_is_locked (peer))
    {
      /* Who asks can. */
      peer->missed = es_reach_set_support (peer->reach, from, TRUE);
      send_new_error (peer, from, thread, ES_ERROR_STORE_SEALED);
      return FALSE;
    }
  facts = es_peer_situation (peer);
  if (!es_policy_should_accept (&facts))
    {
      es_peer_send (peer, es_session_stanza (from, thread, es_negotiation_decline ()));
      return FALSE;
    }
  if (!yields_to (peer, from, nonce))
    return FALSE;
  if (es_peer_is_busy (peer))
    {
      send_new_error (peer, from, thread, ES_ERROR_BUSY);
      return FALSE;
    }
  return TRUE;
}

/* Nothing has begun by it, and nothing was answered. Where another program has the file for a moment we ask as soon as that is over. */
static void
refuse_request (EsPeer *peer, const EsAddress *from, const char *thread, const GError *error)
{
  log_refused (peer, from, error);
  if (error->code == ES_ERROR_STORE_LOCKED && !peer->account->restored)
    peer->missed = es_reach_set_support (peer->reach, from, TRUE);
  send_error (peer, from, thread, error);
  tell_bad_request (peer, error);
}

static void
take_request (EsPeer *peer, const EsAddress *from, const char *thread, const EsXml *payload)
{
  g_autoptr (GBytes) nonce = es_negotiation_request_nonce (payload);
  EsEntry *entry = es_entry_find (peer, thread);
  const EsEntry *current = NULL;
  g_autoptr (GError) error = NULL;
  EsXml *reply = NULL;
  gboolean must_be_verified = FALSE;

  if (entry != NULL)
    {
      /* The same request again is a repetition of the network's, another one on the same thread is not. */
      if (nonce == NULL || entry->request_nonce == NULL || !g_bytes_equal (nonce, entry->request_nonce))
        send_new_error (peer, from, thread, ES_ERROR_UNEXPECTED);
      return;
    }
  if (!may_answer (peer, from, thread, nonce) || is_too_much (peer, from, thread, &must_be_verified))
    {
      es_log (es_peer_host (peer)->log, ES_AREA_NEGOTIATION, ES_LOG_DETAIL, es_address_text (from),
              "a request is not answered with yes");
      return;
    }

  /* An old request, sent again by somebody else: with its nonce go hashes that name our secrets. */
  if (nonce != NULL && es_echoes_has (es_trust_heard (peer->account->trust), nonce, NULL, NULL))
    return;

  /* Where it never can be read it is answered, and fails as one of ours does: theirs may have crossed it. */
  if (!es_peer_is_complete (peer, &error) && error->code == ES_ERROR_STORE_LOCKED)
    {
      refuse_request (peer, from, thread, error);
      return;
    }
  g_clear_error (&error);
  /* What never gets as far as a code is no try to hit one, and uses up nothing of the account's. */
  entry = es_entry_add (peer, ES_ROLE_RESPONDER, from, thread, !must_be_verified);
  entry->request_nonce = nonce != NULL ? g_bytes_ref (nonce) : NULL;
  if (must_be_verified)
    es_session_require_verified (entry->session);
  if (!es_session_consume (entry->session, from, ES_MESSAGE_REQUEST, payload, &reply, &error))
    {
      es_entry_uncount (entry);
      es_entry_remove (entry);
      refuse_request (peer, from, thread, error);
      return;
    }

  peer->invited = 0;
  if (nonce != NULL)
    es_echoes_add (es_trust_heard (peer->account->trust), nonce, NULL, NULL);
  drop_crossing (peer, from);
  es_reach_set_support (peer->reach, from, TRUE);

  /* A client that asks anew has lost what it had with us; one more client of the contact has not. */
  current = peer->current;
  if (!es_entry_can_carry (current) || es_address_equal (es_session_jid (current->session), from))
    {
      peer->current = entry;
      es_peer_apply (peer, ES_EVENT_BEGUN, NULL);
    }
  es_peer_send (peer, reply);
}

static void
take_negotiation (EsPeer *peer, const EsAddress *from, const char *thread, EsMessage message, const EsXml *payload)
{
  EsEntry *entry = es_entry_find (peer, thread);

  if (thread == NULL)
    return;
  if (message == ES_MESSAGE_REQUEST)
    take_request (peer, from, thread, payload);
  else if (entry != NULL)
    go_on (entry, from, message, payload);
  else
    send_new_error (peer, from, thread, ES_ERROR_UNEXPECTED);
}

/* Whoever has too many negotiations is asked again later; the user is told once, and where something comes back. Returns what is to be
 * told. */
static EsNotice
note_busy (EsPeer *peer, EsErrorCode code)
{
  gboolean told = peer->busy_told && es_outbox_size (peer->outbox) == 0;

  if (code != ES_ERROR_BUSY)
    return es_notice_of_error (code);
  peer->busy_told = TRUE;
  es_peer_retry_later (peer, ES_REFUSED_SECONDS);
  return told ? (EsNotice){ ES_NOTICE_NONE } : es_notice_of_error (code);
}

/* Once. */
static gboolean
take_plain_id (EsPeer *peer, const char *id)
{
  GList *link = id != NULL ? g_queue_find_custom (&peer->plain_ids, id, (GCompareFunc) strcmp) : NULL;

  if (link == NULL)
    return FALSE;
  g_free (link->data);
  g_queue_delete_link (&peer->plain_ids, link);
  return TRUE;
}

static EsEntry *
find_message (const EsPeer *peer, const char *id)
{
  for (guint i = 0; i < peer->entries->len; i++)
    if (es_session_has_message (((const EsEntry *) peer->entries->pdata[i])->session, id))
      return peer->entries->pdata[i];
  return NULL;
}

gboolean
es_peer_has_message (const EsPeer *peer, const char *id)
{
  return find_message (peer, id) != NULL;
}

/* Whether an error from FROM is the other side's of ENTRY, or a server's, which answers in the name of whom it could not reach: the full
 * address, or, where it can only be a server's that knows the message by its id, another one. */
static gboolean
may_refuse (const EsEntry *entry, const EsAddress *from, gboolean by_id)
{
  return es_address_equal (es_session_jid (entry->session), from) || (by_id && es_address_is_bare (from));
}

/* An error on one of our threads, or about one of our messages: the other side, or a server on the way to it, has given up. On one that is
 * over it is nothing that libpurple need speak of. */
static EsDisposition
take_error (EsPeer *peer, const EsAddress *from, const char *thread, const EsXml *stanza)
{
  static const struct
  {
    const char *condition;
    EsErrorCode code;
  } meanings[] = {
    { "not-acceptable", ES_ERROR_UNSUPPORTED },    { "feature-not-implemented", ES_ERROR_CHECK },
    { "resource-constraint", ES_ERROR_BUSY },      { "bad-request", ES_ERROR_MALFORMED },
    { "unexpected-request", ES_ERROR_UNEXPECTED }, { "service-unavailable", ES_ERROR_UNAVAILABLE },
  };
  const EsXml *xml = es_xml_child (stanza, "error", ES_NS_CLIENT);
  gboolean by_id = es_xml_child (stanza, "thread", ES_NS_CLIENT) == NULL;
  EsEntry *entry = by_id ? find_message (peer, es_xml_attribute (stanza, "id")) : es_entry_find (peer, thread);
  EsErrorCode code = ES_ERROR_TIMEOUT;

  /* What is in a window is encrypted: an error in the clear has nothing to say there. Unless it is about what the user sent
   * unencrypted, of which libpurple would show as much as the error repeats: that need not be what was sent, nor anything. */
  if (entry == NULL)
    {
      gboolean guarded = es_peer_is_guarded (peer), plain = take_plain_id (peer, es_xml_attribute (stanza, "id"));

      if (guarded && plain)
        es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_PLAIN_RETURNED);
      return es_peer_had_thread (peer, thread) || guarded ? ES_CONSUMED : ES_PASS;
    }

  /* Nobody else has a say in it. */
  if (!may_refuse (entry, from, by_id))
    return ES_CONSUMED;
  for (gsize i = 0; xml != NULL && i < G_N_ELEMENTS (meanings); i++)
    if (es_xml_child (xml, meanings[i].condition, ES_NS_STANZAS) != NULL)
      code = meanings[i].code;

  /* With a list of fields it was no failed check. */
  if (code == ES_ERROR_CHECK && es_xml_child (xml, "feature", ES_NS_FEATURE) != NULL)
    code = ES_ERROR_UNKNOWN_FIELD;

  es_log (es_peer_host (peer)->log, ES_AREA_NEGOTIATION, ES_LOG_WARNING, es_address_text (from),
          "an error has come: %s", es_error_name (code));
  if (es_entry_is_negotiating (entry))
    {
      /* Whoever has answered has had its try. */
      if (code == ES_ERROR_BUSY && es_session_unanswered_nonce (entry->session) != NULL)
        es_entry_uncount (entry);
      if (code == ES_ERROR_UNEXPECTED)
        es_entry_give_way (entry);
      else
        es_entry_fail (entry, ES_EVENT_FAILED, note_busy (peer, code));
    }
  else
    {
      es_peer_note_refused (peer, entry->number);
      es_entry_lose (entry);
    }
  return ES_CONSUMED;
}

gboolean
es_peer_follow (EsPeer *peer, EsEntry *entry)
{
  if (peer->current == entry)
    return TRUE;
  if (!es_session_is_verified (entry->session)
      && (peer->state == ES_STATE_VERIFIED
          || (es_belief_had_verified (peer->belief) && !es_entry_can_carry (peer->current))))
    return FALSE;

  /* Who wrote last is answered, as in every conversation, where that is possible: what waits for one device while another one may have
   * it would be for neither. */
  if (es_entry_can_carry (peer->current) && es_entry_can_carry (entry)
      && (es_entry_may_have (entry) || !es_entry_may_have (peer->current)))
    es_entry_go_on (entry);
  return TRUE;
}

/* STANZA, which holds something for people, is not known to be the contact's: it must not pass for that. FALSE if it would be shown
 * where CODE, that this is so of the next message, does not stand above it. */
static gboolean
mark (const EsPeer *peer, const EsXml *stanza, EsNoticeCode code)
{
  gboolean elsewhere = es_privacy_is_elsewhere (stanza);

  es_peer_tell (peer, ES_TONE_WARNING, elsewhere ? ES_NOTICE_NOT_SHOWN : code);
  return !elsewhere;
}

/* What was decrypted is about to be seen. FALSE if it must not be. */
static gboolean
mark_origin (EsPeer *peer, EsEntry *entry, EsXml *stanza)
{
  gboolean sure = es_session_is_verified (entry->session) || !es_belief_may_have_verified (peer->belief);

  /* That somebody types there, or has gone, could not be marked. */
  if (!sure)
    es_privacy_remove_states (stanza);
  if (!es_privacy_is_for_people (stanza))
    return sure;
  return (es_peer_follow (peer, entry) && es_entry_may_have (entry)) || mark (peer, stanza, ES_NOTICE_NEXT_UNVERIFIED);
}

/* Whose the labels are of what comes in the session of ENTRY: the device's, as nobody else's words are to be hidden by them. */
static char *
device_of (const EsEntry *entry)
{
  gint64 number = es_trust_stored_number (entry->peer->account->trust, es_session_device (entry->session));

  return number != 0 ? g_strdup_printf ("%" G_GINT64_FORMAT, number)
                     : g_strdup_printf ("session %" G_GUINT64_FORMAT, entry->number);
}

/* Those of a verified one are of all that are, so that what it has had shown is known whichever of them sends it again. */
static char *
writer_of (const EsEntry *entry)
{
  return es_session_is_verified (entry->session) ? g_strdup (VERIFIED_WRITERS) : device_of (entry);
}

static GBytes *
mark_of (const char *writer, const char *label, const EsXml *body)
{
  char *text = es_xml_dup_text (body);
  GBytes *mark = es_receipts_mark_of (writer != NULL ? writer : "", label, text);

  es_octets_wipe (text, strlen (text));
  g_free (text);
  return mark;
}

/* WRITER NULL: whoever's it was. */
static gboolean
was_shown (const EsPeer *peer, const char *writer, const char *label, const EsXml *body)
{
  g_autoptr (GBytes) mark = mark_of (writer, label, body);

  return es_receipts_has_shown (peer->receipts, mark)
         || es_seen_has (peer->account->seen, peer->contact, writer, label);
}

static gboolean
comes_again (const EsEntry *entry, const char *label, const EsXml *body)
{
  g_autofree char *device = device_of (entry);

  /* Who is not verified may have been forgotten, and be another device since; it is nobody whose words are surely its own. */
  if (!es_session_is_verified (entry->session))
    return was_shown (entry->peer, NULL, label, body);
  return was_shown (entry->peer, device, label, body) || was_shown (entry->peer, VERIFIED_WRITERS, label, body);
}

/* Of some texts nothing is left once it is XML: nobody shows them, and they would come again and again. */
static gboolean
shows_nothing (const EsXml *stanza, const EsXml *body)
{
  char *text = es_xml_dup_text (body);
  gboolean empty = *text == '\0';

  es_octets_wipe (text, strlen (text));
  g_free (text);
  return empty && es_xml_child (stanza, "html", NULL) == NULL;
}

static void
tell_arrived (const EsPeer *peer, const GArray *numbers)
{
  for (guint i = 0; i < numbers->len; i++)
    es_peer_tell_delivery (peer, g_array_index (numbers, guint64, i), ES_DELIVERY_ARRIVED);
}

/* Receipts, which are our business alone, and messages that come again because ours was lost. FALSE if that leaves nothing
 * to show. */
static gboolean
take_receipts (EsPeer *peer, EsEntry *entry, EsXml *stanza)
{
  const EsXml *body = es_xml_child (stanza, "body", ES_NS_CLIENT);
  const char *label = es_receipts_label_of (stanza);
  g_autofree char *wish = es_receipts_request (stanza);
  g_autoptr (GArray) confirmed = es_receipts_collect (peer->receipts, entry->number, stanza);

  if (confirmed != NULL)
    {
      entry->confirms = TRUE;
      tell_arrived (peer, confirmed);
      es_peer_note_confirmed (peer);
    }
  if (body == NULL)
    return !es_peer_is_empty (stanza);

  /* Who answers but neither confirms nor wants that has no receipts; in a session that holds together nothing was lost. */
  if (!entry->confirms && wish == NULL)
    {
      es_receipts_assume (peer->receipts, entry->number, es_peer_elapsed (peer) - ES_ANSWER_SECONDS);
      es_peer_changed (peer);
    }
  if (label != NULL && comes_again (entry, label, body))
    {
      if (wish != NULL)
        es_entry_confirm (entry, wish);
      return FALSE;
    }
  if (wish != NULL && shows_nothing (stanza, body))
    {
      es_entry_confirm (entry, wish);
      return TRUE;
    }
  peer->arriving = entry;
  peer->arriving_writer = writer_of (entry);
  peer->arriving_label = g_steal_pointer (&wish);
  peer->arriving_mark = label != NULL ? mark_of (peer->arriving_writer, label, body) : NULL;
  peer->arriving_text = label != NULL ? mark_of (NULL, label, body) : NULL;
  return TRUE;
}

void
es_peer_forget_arriving (EsPeer *peer)
{
  peer->arriving = NULL;
  g_clear_pointer (&peer->arriving_label, g_free);
  g_clear_pointer (&peer->arriving_writer, g_free);
  g_clear_pointer (&peer->arriving_mark, g_bytes_unref);
  g_clear_pointer (&peer->arriving_text, g_bytes_unref);
}

/* What was swallowed by something else was not shown: it is not confirmed, and may come again. */
void
es_peer_shown (EsPeer *peer)
{
  if (peer->arriving_mark != NULL)
    {
      es_receipts_note (peer->receipts, peer->arriving_mark);
      es_receipts_note (peer->receipts, peer->arriving_text);
      if (peer->arriving_label != NULL)
        es_seen_note (peer->account->seen, peer->contact, peer->arriving_writer, peer->arriving_label);
    }
  if (peer->arriving != NULL && peer->arriving_label != NULL)
    es_entry_confirm (peer->arriving, peer->arriving_label);
  es_peer_forget_arriving (peer);
}

/* It is the end of all that the device has with us. Whether that was all with its client. */
static gboolean
end_others (const EsEntry *entry)
{
  EsPeer *peer = entry->peer;
  gboolean all = TRUE;

  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *other = peer->entries->pdata[i];

      if (other == entry || !es_entry_can_carry (other)
          || !es_address_equal (es_session_jid (other->session), es_session_jid (entry->session)))
        continue;
      if (es_entry_speaks_for (entry, other))
        es_entry_remove (other);
      else
        all = FALSE;
    }
  return all;
}

/* The other side has ended the session of ENTRY, KIND "submit", or answers our end. */
static void
take_end (EsEntry *entry, const char *kind, const char *reason)
{
  EsPeer *peer = entry->peer;
  g_autoptr (EsAddress) from = es_address_ref (es_session_jid (entry->session));
  gboolean gone = strcmp (reason, "offline") == 0, had_current = peer->current != NULL, was_ending = entry->ending;
  gboolean all = FALSE;

  /* Ends that cross acknowledge each other. What has been shown must not go back to whoever wrote it. */
  if (strcmp (kind, "submit") == 0 && !was_ending)
    {
      es_entry_confirm_all (entry);
      es_peer_send (peer, es_session_control (entry->session, es_termination_new ("result", NULL)));
    }
  if (!was_ending)
    all = end_others (entry);
  es_entry_remove (entry);
  if (gone && all)
    es_reach_note_left (peer->reach, from);
  es_peer_settle (peer);
  if (!had_current || peer->current != NULL)
    return;

  /* What one device leaves goes on with another. */
  es_peer_leave_device (peer, !gone                                      ? ES_EVENT_PEER_ENDED
                              : es_peer_support (peer) == ES_SUPPORT_YES ? ES_EVENT_LOST
                                                                         : ES_EVENT_GONE);
}

/* A session may last for longer than devices are remembered that nobody uses. */
static void
note_use (EsEntry *entry)
{
  const EsPeer *peer = entry->peer;
  gint64 device = es_session_device (entry->session);

  if (device == 0 || es_peer_elapsed (peer) < entry->used + ES_USE_SECONDS)
    return;
  entry->used = es_peer_elapsed (peer);
  es_trust_note_use (peer->account->trust, peer->account->account, peer->contact, device, es_peer_now (peer));
}

static EsDisposition
take_encrypted (EsPeer *peer, const EsAddress *from, const char *thread, EsXml *stanza)
{
  EsEntry *entry = es_entry_find (peer, thread);
  const char *ended = NULL, *reason = NULL;
  g_autoptr (GError) error = NULL;

  if (entry == NULL || !es_session_is_active (entry->session)
      || !es_address_equal (es_session_jid (entry->session), from))
    {
      /* Whoever sent what a server has kept does not wait for an answer, and whoever has a session with another program of
       * ours would lose it. */
      es_log (es_peer_host (peer)->log, ES_AREA_SESSION, ES_LOG_WARNING, es_address_text (from),
              "something encrypted has come for which there are no keys");
      if (!is_stored (stanza) && !is_for_any_client (stanza))
        send_new_error (peer, from, thread, ES_ERROR_NO_SESSION);
      return ES_CONSUMED;
    }
  if (!es_session_decrypt (entry->session, stanza, &ended, &reason, &error))
    {
      if (error->code == ES_ERROR_DUPLICATE)
        return ES_CONSUMED;
      es_log (es_peer_host (peer)->log, ES_AREA_SESSION, ES_LOG_WARNING, es_address_text (from),
              "a message was not decrypted: %s", es_error_name ((EsErrorCode) error->code));
      send_new_error (peer, from, thread, ES_ERROR_NO_SESSION);
      es_entry_lose (entry);
      return ES_CONSUMED;
    }

  if (entry->unproven)
    es_entry_establish (entry);
  note_use (entry);

  if (ended != NULL)
    {
      take_end (entry, ended, reason);
      return ES_CONSUMED;
    }
  es_envelope_open_message (stanza, es_peer_now (peer));
  es_peer_take_verification (peer, entry, stanza);
  if (!take_receipts (peer, entry, stanza))
    return ES_CONSUMED;
  return mark_origin (peer, entry, stanza) ? ES_CHANGED : ES_CONSUMED;
}

/* What came unencrypted where that is not as it should be. Whatever people see of it is marked alike. */
static EsDisposition
take_plain (EsPeer *peer, const EsAddress *from, const EsXml *stanza)
{
  /* Events of the account, moods and avatars, come from its server (XEP-0163). */
  if (es_privacy_is_event (stanza))
    return es_address_is_bare (from) ? ES_PASS : ES_CONSUMED;
  if (!es_privacy_is_for_people (stanza))
    return ES_CONSUMED;
  return mark (peer, stanza, ES_NOTICE_NEXT_PLAIN) ? ES_PASS : ES_CONSUMED;
}

EsDisposition
es_peer_incoming (EsPeer *peer, const EsAddress *from, EsXml *stanza)
{
  g_autofree char *thread = dup_thread (stanza);
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = NULL;

  es_peer_refresh (peer);

  /* What came before it and has not been shown by now was swallowed. */
  es_peer_forget_arriving (peer);
  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0)
    return take_error (peer, from, thread, stanza);
  if (es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL)
    return g_strcmp0 (es_xml_attribute (stanza, "type"), "headline") != 0 ? take_encrypted (peer, from, thread, stanza)
                                                                          : ES_CONSUMED;
  if ((payload = es_negotiation_recognize (stanza, &message)) != NULL)
    {
      if (message == ES_MESSAGE_REQUEST && is_late (peer, stanza))
        return ES_CONSUMED;
      take_negotiation (peer, from, thread, message, payload);
      return ES_CONSUMED;
    }

  if (!es_peer_is_guarded (peer))
    return ES_PASS;
  return take_plain (peer, from, stanza);
}
