/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iqs and directed presence. Unlike messages they cannot wait: what may not go out in the clear is refused, and who asked
 * for it is told at once. */
#include "es-peer-private.h"

#include <string.h>

#include "es-envelope.h"
#include "es-error.h"
#include "es-files.h"
#include "es-privacy.h"
#include "es-requests.h"

struct _EsQueries
{
  EsRequests *asked; /* our questions that went out encrypted: only an encrypted answer counts */
  EsRequests
      *answers; /* that we owe: theirs came encrypted, and so it goes out, in the same session if that is still there */
  EsRequests *streams;       /* files that began encrypted: they do not go on otherwise */
  EsNoticeCode refusal_told; /* why something was not sent, as the user knows */
  gboolean presence_to_bare; /* presence for everybody is seen to come addressed to our bare JID */
};

EsQueries *
es_queries_new (void)
{
  EsQueries *queries = g_new0 (EsQueries, 1);

  queries->asked = es_requests_new ();
  queries->answers = es_requests_new ();
  queries->streams = es_requests_new ();
  return queries;
}

void
es_queries_free (EsQueries *queries)
{
  es_requests_free (queries->asked);
  es_requests_free (queries->answers);
  es_requests_free (queries->streams);
  g_free (queries);
}

/* Sessions */

static gboolean
remember (EsRequests *requests, const EsEntry *entry, const char *id, const char *mac)
{
  return es_requests_add (requests, es_session_jid (entry->session), id, entry->number,
                          es_session_device (entry->session), mac);
}

static gboolean
belongs (const EsRequest *request, const EsEntry *entry)
{
  return es_request_is_of (request, entry->number, es_session_device (entry->session));
}

/* IQ may be of a file that goes or comes in the session. FALSE if that file began with another device, or nobody could tell later whose
 * it is. */
static gboolean
note_stream (EsPeer *peer, const EsEntry *entry, const EsXml *iq)
{
  EsRequests *streams = peer->queries->streams;
  const EsAddress *jid = es_session_jid (entry->session);
  const char *id = es_files_stream (iq);
  const EsRequest *stream = es_requests_find (streams, jid, id);

  if (stream != NULL ? !belongs (stream, entry) : id != NULL && !remember (streams, entry, id, NULL))
    return FALSE;

  /* What has ended goes on with nobody. */
  if (es_files_kind (iq) == ES_FILE_END)
    es_request_free (es_requests_take (streams, jid, id));
  return TRUE;
}

static gboolean
covers (const EsEntry *entry, const EsXml *stanza)
{
  return (es_session_stanzas (entry->session) & es_stanza_bit (es_xml_name (stanza))) != 0;
}

/* The session that something is sent in to the client JID, or NULL. */
static EsEntry *
find_for_sending (const EsPeer *peer, const EsAddress *jid)
{
  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (es_entry_can_carry (entry) && es_address_equal (es_session_jid (entry->session), jid))
        return entry;
    }
  return NULL;
}

/* The session that something from JID, which names no thread, is in: stanzas keep their order, so it is the newest that the
 * other side is known to have taken up. */
static EsEntry *
find_for_receiving (const EsPeer *peer, const EsAddress *jid)
{
  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (es_session_has_heard (entry->session) && es_address_equal (es_session_jid (entry->session), jid))
        return entry;
    }
  return NULL;
}

static gboolean
is_error_element (const EsXml *child)
{
  return es_xml_is (child, "error", ES_NS_CLIENT);
}

/* What strip () leaves. */
enum
{
  STRIP_C = 1,
  STRIP_ERROR = 2
};

static gboolean
is_left (const EsXml *child, gpointer data)
{
  guint leave = GPOINTER_TO_UINT (data);

  return ((leave & STRIP_C) != 0 && es_xml_is (child, "c", ES_NS_CRYPT))
         || ((leave & STRIP_ERROR) != 0 && is_error_element (child));
}

/* Takes out of STANZA every child but <c/>, where C, and <error/>, where ERROR. */
static void
strip (EsXml *stanza, gboolean c, gboolean error)
{
  es_xml_filter (stanza, is_left, GUINT_TO_POINTER ((c ? STRIP_C : 0u) | (error ? STRIP_ERROR : 0u)), NULL);
}

static char *
dup_mac (const EsXml *stanza)
{
  const EsXml *c = es_xml_child (stanza, "c", ES_NS_CRYPT);
  const EsXml *mac = c != NULL ? es_xml_child (c, "mac", ES_NS_CRYPT) : NULL;

  return mac != NULL ? es_xml_dup_text (mac) : NULL;
}

/* Errors */

static void
append_error (EsXml *iq, EsErrorCode code)
{
  EsXml *error = es_xml_append_new (iq, "error", NULL);

  es_xml_set_attribute (error, "type", es_error_type (code));
  es_xml_append (error, es_xml_new (es_error_condition (code), ES_NS_STANZAS));
}

/* Answers the question ID of TO's, encrypted if that came in ENTRY. */
static void
answer_with_error (EsPeer *peer, EsEntry *entry, const EsAddress *to, const char *id, EsErrorCode code)
{
  g_autoptr (EsXml) iq = NULL;

  if (!es_peer_may_send_error (peer))
    return;
  iq = es_xml_new ("iq", ES_NS_CLIENT);
  es_xml_set_attribute (iq, "to", es_address_text (to));
  es_xml_set_attribute (iq, "type", "error");
  es_xml_set_attribute (iq, "id", id);
  append_error (iq, code);
  if (entry == NULL || (es_entry_can_carry (entry) && es_session_encrypt (entry->session, iq, NULL)))
    es_peer_send (peer, g_steal_pointer (&iq));
}

/* Makes of an answer that nobody can read one that says so: whoever waits for it need not wait any longer. */
static EsDisposition
spoil (EsXml *iq)
{
  strip (iq, FALSE, FALSE);
  es_xml_set_attribute (iq, "type", "error");
  append_error (iq, ES_ERROR_NO_SESSION);
  return ES_CHANGED;
}

/* What becomes of an encrypted iq that is not let through: questions are answered, answers are spoilt if somebody waits
 * for them. An error is never answered. */
static EsDisposition
turn_down (EsPeer *peer, EsEntry *entry, const EsAddress *from, EsXml *iq, EsErrorCode code)
{
  const char *type = es_xml_attribute (iq, "type"), *id = es_xml_attribute (iq, "id");

  if (es_privacy_is_question (type))
    answer_with_error (peer, entry, from, id, code);
  else if (es_privacy_is_answer (type))
    {
      g_autoptr (EsRequest) request = es_requests_take (peer->queries->asked, from, id);

      if (request != NULL)
        return spoil (iq);
    }
  return ES_CONSUMED;
}

/* Refusing to send */

/* Once, until something can be sent again; what the user does is told each time. */
static void
tell_refusal (EsPeer *peer, EsNoticeCode code, gboolean always)
{
  if (always || peer->queries->refusal_told != code)
    es_peer_tell (peer, ES_TONE_WARNING, code);
  peer->queries->refusal_told = code;
}

/* Why a file cannot be sent to JID. */
static EsNotice
file_refusal (const EsPeer *peer, const EsAddress *jid, const EsSituation *facts)
{
  const char *resource = es_address_resource (jid);
  EsVerdict verdict = es_policy_decide (facts);

  if (find_for_sending (peer, jid) != NULL)
    return (EsNotice){ ES_NOTICE_FILE_CANNOT };
  if (verdict == ES_SEND_REFUSE)
    return (EsNotice){ ES_NOTICE_FILE_ENDED };
  if (verdict == ES_SEND_ENCRYPTED && resource != NULL)
    return (EsNotice){ ES_NOTICE_FILE_OTHER_DEVICE, .device = resource };
  if (facts->support == ES_SUPPORT_UNKNOWN)
    return (EsNotice){ ES_NOTICE_FILE_UNKNOWN };
  return (EsNotice){ ES_NOTICE_FILE_NOT_YET };
}

static EsDisposition
refuse (EsPeer *peer, const EsAddress *to, const EsXml *stanza, EsNoticeCode code)
{
  const char *type = es_xml_attribute (stanza, "type");

  tell_refusal (peer, code, es_files_kind (stanza) == ES_FILE_OFFER);
  if (!es_xml_is (stanza, "iq", NULL))
    return ES_CONSUMED;
  if (!es_privacy_is_answer (type))
    return ES_REFUSED;

  /* The other side need not wait for it. */
  answer_with_error (peer, NULL, to, es_xml_attribute (stanza, "id"), ES_ERROR_NO_SESSION);
  return ES_CONSUMED;
}

/* The user's file waits for nothing, but the next try may work. */
static void
prepare_next_try (EsPeer *peer)
{
  EsSituation facts = { 0 };

  peer->addressed = TRUE;
  es_peer_refresh (peer);
  es_peer_discover (peer);
  facts = es_peer_situation (peer);
  if (es_policy_should_start (&facts))
    es_peer_begin (peer, FALSE);
}

gboolean
es_peer_may_be_plain (EsPeer *peer)
{
  EsSituation facts = { 0 };

  es_peer_refresh (peer);
  facts = es_peer_situation (peer);
  return es_policy_decide (&facts) == ES_SEND_PLAIN;
}

gboolean
es_peer_file_may_go_past (EsPeer *peer)
{
  gboolean may = es_peer_may_be_plain (peer);
  EsSituation facts = es_peer_situation (peer);
  gboolean waits = es_policy_decide (&facts) == ES_SEND_WAIT;
  gboolean may_turn_out_plain = waits && facts.state == ES_STATE_PLAIN && facts.policy != ES_POLICY_ALWAYS
                                && facts.support == ES_SUPPORT_UNKNOWN;

  if (may)
    return TRUE;
  es_peer_tell (peer, ES_TONE_WARNING, may_turn_out_plain ? ES_NOTICE_FILE_UNKNOWN : ES_NOTICE_FILE_PAST);
  if (waits)
    prepare_next_try (peer);
  return FALSE;
}

/* There is no session that STANZA could go out in: policy decides. */
static EsDisposition
send_outside (EsPeer *peer, const EsAddress *to, const EsXml *stanza)
{
  EsSituation facts = es_peer_situation (peer);
  EsVerdict verdict = es_policy_decide (&facts);

  /* That nothing more comes is no secret, and the other side need not wait. */
  if (es_files_kind (stanza) == ES_FILE_END)
    return ES_PASS;
  if (es_requests_find (peer->queries->streams, to, es_files_stream (stanza)) != NULL)
    return refuse (peer, to, stanza, ES_NOTICE_FILE_REST);
  if (verdict == ES_SEND_PLAIN)
    return ES_PASS;
  if (es_files_kind (stanza) == ES_FILE_OFFER)
    {
      EsNotice notice = file_refusal (peer, to, &facts);

      es_peer_tell_notice (peer, ES_TONE_WARNING, &notice);
      if (verdict == ES_SEND_WAIT)
        prepare_next_try (peer);
      return ES_REFUSED;
    }
  return refuse (peer, to, stanza, ES_NOTICE_UNSENT_DATA);
}

/* Sending */

static EsDisposition
encrypt (EsPeer *peer, EsEntry *entry, EsXml *stanza)
{
  gboolean is_question = es_xml_is (stanza, "iq", NULL) && es_privacy_is_question (es_xml_attribute (stanza, "type"));
  g_autoptr (GError) error = NULL;

  if (!es_session_encrypt (entry->session, stanza, &error))
    es_peer_log (peer, ES_AREA_DELIVERY, ES_LOG_WARNING, "an iq or presence was not encrypted: %s",
                 es_error_name ((EsErrorCode) error->code));
  if (error != NULL)
    return refuse (peer, es_session_jid (entry->session), stanza,
                   error->code == ES_ERROR_LIMIT ? ES_NOTICE_UNSENT_DATA_TOO_LONG : ES_NOTICE_UNSENT_DATA);
  if (is_question)
    {
      g_autofree char *mac = dup_mac (stanza);

      remember (peer->queries->asked, entry, es_xml_attribute (stanza, "id"), mac);
    }
  peer->queries->refusal_told = ES_NOTICE_NONE;
  return ES_CHANGED;
}

/* What is said in a call goes past the session. Not where nothing may. */
static gboolean
may_call (EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);

  if (facts.policy == ES_POLICY_ALWAYS)
    return FALSE;
  es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_CALL);
  return TRUE;
}

/* What the window promises holds for every device; and who may not have what is written gets nothing else. */
static gboolean
is_weaker_than_shown (const EsPeer *peer, const EsEntry *entry)
{
  return !es_entry_may_have (entry) || (peer->state == ES_STATE_VERIFIED && !es_session_is_verified (entry->session));
}

static EsDisposition
send_question (EsPeer *peer, EsEntry *entry, EsXml *iq)
{
  EsFileKind kind = es_files_kind (iq);

  if (es_files_is_call (iq) && !may_call (peer))
    return refuse (peer, es_session_jid (entry->session), iq, ES_NOTICE_CALL_NOT_MADE);
  if (kind == ES_FILE_PAST || (kind == ES_FILE_OFFER && !es_files_restrict (iq)))
    return refuse (peer, es_session_jid (entry->session), iq, ES_NOTICE_FILE_PAST);
  if (is_weaker_than_shown (peer, entry))
    return refuse (peer, es_session_jid (entry->session), iq,
                   kind == ES_FILE_OFFER ? ES_NOTICE_FILE_UNVERIFIED : ES_NOTICE_UNSENT_DATA_UNVERIFIED);
  if (!note_stream (peer, entry, iq))
    return refuse (peer, es_session_jid (entry->session), iq, ES_NOTICE_FILE_REST);
  return encrypt (peer, entry, iq);
}

static EsDisposition
send_iq (EsPeer *peer, const EsAddress *to, EsXml *iq)
{
  gboolean is_answer = es_privacy_is_answer (es_xml_attribute (iq, "type"));
  g_autoptr (EsRequest) request
      = is_answer ? es_requests_take (peer->queries->answers, to, es_xml_attribute (iq, "id")) : NULL;
  EsEntry *entry = request != NULL ? es_entry_numbered (peer, request->session) : NULL;

  if (request == NULL && !es_privacy_is_private (iq, to))
    return ES_PASS;
  if (!es_entry_can_carry (entry))
    entry = find_for_sending (peer, to);
  if (entry != NULL && covers (entry, iq) && (request == NULL || belongs (request, entry)))
    return is_answer ? encrypt (peer, entry, iq) : send_question (peer, entry, iq);

  /* What was asked in confidence is not answered aloud. */
  if (request != NULL)
    {
      answer_with_error (peer, NULL, to, request->id, ES_ERROR_NO_SESSION);
      return ES_CONSUMED;
    }
  return send_outside (peer, to, iq);
}

/* Servers act on the other types, and pass on what is in them. */
static gboolean
says_who_is_there (const EsXml *presence)
{
  const char *type = es_xml_attribute (presence, "type");

  return type == NULL || strcmp (type, "unavailable") == 0;
}

static EsDisposition
send_presence (EsPeer *peer, const EsAddress *to, EsXml *presence)
{
  EsEntry *entry = find_for_sending (peer, to);

  if (entry != NULL && covers (entry, presence) && says_who_is_there (presence) && !is_weaker_than_shown (peer, entry))
    return encrypt (peer, entry, presence);
  return es_privacy_is_private (presence, to) ? send_outside (peer, to, presence) : ES_PASS;
}

EsDisposition
es_peer_stanza_outgoing (EsPeer *peer, const EsAddress *to, EsXml *stanza)
{
  es_peer_refresh (peer);

  /* After a reconnect libpurple sends again what the server may not have had. */
  if (es_session_has_encrypted (stanza, es_peer_host (peer)->transport.fallback))
    return ES_PASS;
  return es_xml_is (stanza, "iq", NULL) ? send_iq (peer, to, stanza) : send_presence (peer, to, stanza);
}

/* What arrives in the clear */

/* Whether what is private may not come from the contact in the clear: our answer would not be let out. */
static gboolean
wants_encryption (EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);

  return es_policy_decide (&facts) != ES_SEND_PLAIN
         && (facts.state != ES_STATE_PLAIN || facts.policy == ES_POLICY_ALWAYS);
}

/* Anybody on the way could have made it, but then could as well lose what it answers. */
static EsDisposition
take_plain_error (EsPeer *peer, const EsAddress *from, const EsXml *iq)
{
  g_autoptr (EsRequest) request = es_requests_take (peer->queries->asked, from, es_xml_attribute (iq, "id"));
  EsEntry *entry = request != NULL ? es_entry_numbered (peer, request->session) : NULL;
  const EsXml *error = es_xml_child (iq, "error", ES_NS_CLIENT);

  /* So answers who has no keys any more. */
  if (entry != NULL && es_address_equal (es_session_jid (entry->session), from) && error != NULL
      && es_xml_child (error, es_error_condition (ES_ERROR_NO_SESSION), ES_NS_STANZAS) != NULL)
    es_entry_lose (entry);
  return ES_PASS;
}

static EsDisposition
take_plain_iq (EsPeer *peer, const EsAddress *from, EsXml *iq)
{
  const char *type = es_xml_attribute (iq, "type"), *id = es_xml_attribute (iq, "id");
  const EsEntry *entry = find_for_sending (peer, from);
  gboolean in_session = entry != NULL && covers (entry, iq);
  gboolean is_stream = es_requests_find (peer->queries->streams, from, es_files_stream (iq)) != NULL;
  gboolean is_private = es_privacy_is_private (iq, NULL);

  /* libpurple does not look whether it is a question that it acts on: in errors and answers there is none. */
  if (es_peer_is_guarded (peer) && es_files_is_confusing (iq))
    return ES_CONSUMED;
  if (g_strcmp0 (type, "error") == 0)
    {
      take_plain_error (peer, from, iq);
      if (!es_peer_is_guarded (peer) || !es_files_is_act (iq))
        return ES_PASS;
      strip (iq, FALSE, TRUE);
      return ES_CHANGED;
    }
  if (g_strcmp0 (type, "result") == 0)
    {
      if (es_files_is_act (iq) && wants_encryption (peer))
        return ES_CONSUMED;
      return es_requests_find (peer->queries->asked, from, id) != NULL || (is_private && in_session) ? ES_CONSUMED
                                                                                                     : ES_PASS;
    }

  /* The contact's server answers for it, but asks nothing private. */
  if (!is_private || (es_files_kind (iq) == ES_FILE_END && !in_session)
      || !(in_session || is_stream || wants_encryption (peer)))
    {
      if (es_files_kind (iq) == ES_FILE_OFFER)
        es_peer_discover (peer);
      if ((es_files_kind (iq) == ES_FILE_OFFER || es_files_kind (iq) == ES_FILE_PAST) && es_peer_is_guarded (peer))
        es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_NEXT_FILE_PLAIN);
      return ES_PASS;
    }
  if (es_files_kind (iq) == ES_FILE_OFFER)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_FILE_REFUSED_PLAIN);
  answer_with_error (peer, NULL, from, id, ES_ERROR_NO_SESSION);
  return ES_CONSUMED;
}

/* Presence for everybody comes from the same full JID. It can be told from one for us alone only by what it is addressed to,
 * and only where servers leave that as it was. */
static EsDisposition
take_plain_presence (EsPeer *peer, const EsAddress *from, const EsXml *presence)
{
  const char *to = es_xml_attribute (presence, "to");
  const EsEntry *entry = find_for_sending (peer, from);
  gboolean to_us_alone = to != NULL && strchr (to, '/') != NULL;

  if (es_xml_attribute (presence, "type") != NULL || to == NULL)
    return ES_PASS;
  if (!to_us_alone)
    peer->queries->presence_to_bare = TRUE;
  return to_us_alone && peer->queries->presence_to_bare && entry != NULL && covers (entry, presence)
                 && es_privacy_is_private (presence, NULL)
             ? ES_CONSUMED
             : ES_PASS;
}

/* What arrives encrypted */

/* Errors may come with what they are about: ours, which nobody has read. */
static gboolean
is_our_own (const EsPeer *peer, const EsAddress *from, const EsXml *iq)
{
  const EsRequest *request = es_requests_find (peer->queries->asked, from, es_xml_attribute (iq, "id"));
  g_autofree char *mac = dup_mac (iq);

  return request != NULL && g_strcmp0 (request->mac, mac) == 0
         && g_strcmp0 (es_xml_attribute (iq, "type"), "error") == 0;
}

/* A question is one element, an answer one or none; and no stanza is in another one. */
static gboolean
is_well_shaped (const EsXml *iq)
{
  const GPtrArray *children = es_xml_children (iq);
  guint n = 0;

  if (es_files_is_confusing (iq))
    return FALSE;
  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (is_error_element (child))
        continue;
      if (es_xml_is (child, "iq", ES_NS_CLIENT) || es_xml_is (child, "message", ES_NS_CLIENT)
          || es_xml_is (child, "presence", ES_NS_CLIENT))
        return FALSE;
      n++;
    }
  return es_privacy_is_question (es_xml_attribute (iq, "type")) ? n == 1 : n <= 1;
}

static EsDisposition
take_question (EsPeer *peer, EsEntry *entry, const EsAddress *from, EsXml *iq)
{
  EsFileKind kind = es_files_kind (iq);

  if (es_files_is_call (iq) && !may_call (peer))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_CALL_REFUSED);
      return turn_down (peer, entry, from, iq, ES_ERROR_NO_SESSION);
    }
  if (kind == ES_FILE_PAST || (kind == ES_FILE_OFFER && !es_files_restrict (iq)))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_FILE_REFUSED_PAST);
      return turn_down (peer, entry, from, iq, ES_ERROR_NO_SESSION);
    }
  if (kind == ES_FILE_OFFER && is_weaker_than_shown (peer, entry))
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_NEXT_FILE_UNVERIFIED);
  if (!note_stream (peer, entry, iq) || !remember (peer->queries->answers, entry, es_xml_attribute (iq, "id"), NULL))
    return turn_down (peer, entry, from, iq, ES_ERROR_NO_SESSION);
  return ES_CHANGED;
}

static EsDisposition
take_answer (EsPeer *peer, const EsEntry *entry, const EsAddress *from, EsXml *iq)
{
  g_autoptr (EsRequest) request = es_requests_take (peer->queries->asked, from, es_xml_attribute (iq, "id"));

  /* libpurple would look at what nobody asked for as well. */
  if (request == NULL)
    return ES_CONSUMED;
  if (!belongs (request, entry))
    return spoil (iq);
  if (es_files_kind (iq) == ES_FILE_ANSWER && !es_files_restrict (iq))
    return spoil (iq);
  return ES_CHANGED;
}

static EsDisposition
take_encrypted (EsPeer *peer, const EsAddress *from, EsXml *stanza)
{
  EsEntry *entry = find_for_receiving (peer, from);
  gboolean is_iq = es_xml_is (stanza, "iq", NULL);
  const char *ended = NULL;
  g_autoptr (GError) error = NULL;

  if (is_iq && is_our_own (peer, from, stanza))
    {
      strip (stanza, FALSE, TRUE);
      take_plain_error (peer, from, stanza);
      return ES_CHANGED;
    }
  if (entry == NULL || !covers (entry, stanza))
    return is_iq ? turn_down (peer, NULL, from, stanza, ES_ERROR_NO_SESSION) : ES_CONSUMED;

  strip (stanza, TRUE, is_iq && g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0);
  if (!es_session_decrypt (entry->session, stanza, &ended, NULL, &error))
    {
      EsDisposition disposition = ES_CONSUMED;

      if (error->code == ES_ERROR_DUPLICATE)
        return ES_CONSUMED;
      es_log (es_peer_host (peer)->log, ES_AREA_SESSION, ES_LOG_WARNING, es_address_text (from),
              "an iq or presence was not decrypted: %s", es_error_name ((EsErrorCode) error->code));
      if (is_iq)
        disposition = turn_down (peer, NULL, from, stanza, ES_ERROR_NO_SESSION);
      es_entry_lose (entry);
      return disposition;
    }
  if (is_iq && !es_envelope_open_iq (stanza))
    return ES_CONSUMED;
  if (!is_iq)
    return es_xml_child (stanza, "presence", ES_NS_CLIENT) == NULL ? ES_CHANGED : ES_CONSUMED;
  if (!is_well_shaped (stanza))
    return turn_down (peer, entry, from, stanza, ES_ERROR_MALFORMED);
  return es_privacy_is_question (es_xml_attribute (stanza, "type")) ? take_question (peer, entry, from, stanza)
                                                                    : take_answer (peer, entry, from, stanza);
}

EsDisposition
es_peer_stanza_incoming (EsPeer *peer, const EsAddress *from, EsXml *stanza)
{
  if (es_xml_is (stanza, "iq", NULL))
    es_peer_refresh (peer);
  if (es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL)
    return take_encrypted (peer, from, stanza);
  return es_xml_is (stanza, "iq", NULL) ? take_plain_iq (peer, from, stanza) : take_plain_presence (peer, from, stanza);
}

gboolean
es_peer_has_stream (const EsPeer *peer, const EsAddress *jid, const char *stream)
{
  return es_requests_find (peer->queries->streams, jid, stream) != NULL;
}

gboolean
es_peer_has_file (const EsPeer *peer, const EsAddress *jid)
{
  return es_requests_has (peer->queries->streams, jid);
}
