/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verification: by codes that two people compare, or by a password that both know; and what the other side says of it. */
#include "es-limits.h"
#include "es-peer-private.h"

#include <string.h>

#include "es-limits.h"

static void
tell_not_stored (const EsPeer *peer)
{
  es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_NOT_STORED);
}

/* The session of ENTRY has been verified. */
static void
note_verified (EsEntry *entry, EsNoticeCode code)
{
  EsPeer *peer = entry->peer;

  for (guint i = 0; i < peer->entries->len; i++)
    es_session_set_mark (((EsEntry *) peer->entries->pdata[i])->session, es_session_device (entry->session), TRUE);
  es_peer_read_summary (peer);
  if (es_entry_can_carry (entry))
    es_peer_send (peer, es_session_control (entry->session, es_xml_new ("verified", ES_NS_VERIFY)));

  /* The conversation may have gone on with another device. */
  if (peer->current == entry || (es_entry_can_carry (peer->current) && es_session_is_verified (peer->current->session)))
    es_peer_apply (peer, ES_EVENT_VERIFIED, &(EsNotice){ code });
  else
    es_peer_tell (peer, ES_TONE_INFO, code);
  es_peer_leave_barred (peer);
  es_peer_changed (peer);
}

/* Another proof than a password has been given, or a password that is right. That says nothing of what is still being compared,
 * perhaps with another device: it goes on counting until it turns out to be right itself. */
static void
clear_failures (EsPeer *peer)
{
  es_belief_clear_failures (peer->belief);
  for (guint i = 0; i < peer->entries->len; i++)
    {
      const EsPassword *password = ((const EsEntry *) peer->entries->pdata[i])->password;

      if (password != NULL && es_password_has_answered (password))
        es_belief_add_failure (peer->belief);
    }
  es_peer_write_down (peer);
}

static void
on_write (gpointer data)
{
  EsPeer *peer = data;

  peer->write_timer = 0;
  if (!es_peer_write_down (peer))
    return;
  es_peer_read_summary (peer);
  es_peer_changed (peer);
}

gboolean
es_peer_write_down (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);
  gboolean done = es_belief_write (peer->belief);

  if (!done && peer->write_timer == 0)
    peer->write_timer = host->clock.start_timer (host->clock.data, ES_STORE_SECONDS, on_write, peer);
  if (done && peer->unforgotten)
    {
      peer->unforgotten = FALSE;
      es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_CODES_FORGOTTEN);
    }
  return done;
}

/* Of its device nothing can be said in the file that there is: another session begins, with a code of its own. */
static gboolean
is_of_other_file (const EsEntry *entry)
{
  gint64 device = es_session_device (entry->session);

  return device != 0 && !es_trust_is_current (entry->peer->account->trust, device);
}

void
es_peer_verify (EsPeer *peer, const char *code, gboolean equal)
{
  EsEntry *entry = NULL;
  g_autoptr (GError) error = NULL;

  if (equal)
    es_peer_refresh (peer);
  entry = es_entry_can_carry (peer->current) ? peer->current : NULL;

  /* The dialog may be older than the session. */
  if (entry == NULL || g_strcmp0 (es_session_code (entry->session), code) != 0 || (equal && is_of_other_file (entry)))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_CODE_OLD);
      return;
    }

  if (equal && !es_session_code_proves (entry->session))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_CODE_NO_PROOF);
      return;
    }
  if (equal && es_session_verify (entry->session, &error))
    {
      clear_failures (peer);
      note_verified (entry, ES_NOTICE_NONE);
      return;
    }

  if (equal)
    es_peer_log (peer, ES_AREA_STORE, ES_LOG_ERROR, "that the codes match was not written: %s",
                 es_error_name ((EsErrorCode) error->code));

  /* Not even a full disk keeps a session alive in which somebody listens. */
  if (!equal)
    {
      const EsNotice unforgotten = { ES_NOTICE_CODES_UNFORGOTTEN };
      gboolean forgotten = FALSE;

      es_belief_note_difference (peer->belief, es_session_device (entry->session));
      forgotten = es_peer_write_down (peer);
      es_peer_terminate_all (peer, "user");
      if (forgotten)
        es_peer_read_summary (peer);
      es_peer_apply (peer, ES_EVENT_DIFFER, forgotten ? NULL : &unforgotten);
      peer->unforgotten = !forgotten;
      return;
    }
  tell_not_stored (peer);
}

/* A link that is handed over past the conversation: es-verify-link.h */

/* What our program makes of the session of ENTRY, or, OTHERS, what that of the other side does. NULL where there is nothing to
 * prove. */
static EsVerifyLink *
link_of (const EsEntry *entry, gboolean others)
{
  const EsAddress *own = entry->peer->account->own, *jid = es_session_jid (entry->session);

  if (own == NULL || !es_session_is_active (entry->session) || !es_session_code_proves (entry->session))
    return NULL;
  return es_verify_link_new (others ? jid : own, others ? own : jid, es_session_code (entry->session),
                             es_session_thread (entry->session), es_session_context (entry->session));
}

void
es_entry_look_for_link (EsLinkWatch *link)
{
  const EsEntry *entry = link->data;
  const EsAddress *own = entry->peer->account->own;

  link->known = es_session_is_active (entry->session) && (own != NULL || !es_session_code_proves (entry->session));
  link->verified = es_session_is_verified (entry->session);
  if (link->link != NULL && !es_address_equal (link->link->other, own))
    g_clear_pointer (&link->link, es_verify_link_free);
  if (link->link == NULL)
    link->link = link_of (entry, TRUE);
}

char *
es_peer_own_link (const EsPeer *peer)
{
  g_autoptr (EsVerifyLink) own = es_entry_can_carry (peer->current) ? link_of (peer->current, FALSE) : NULL;

  return own != NULL ? es_verify_link_write (own) : NULL;
}

EsLinkVerdict
es_peer_check_link (EsPeer *peer, const char *text)
{
  EsEntry *entry = peer->current;
  EsLinkWatch *expected = NULL;
  g_autoptr (EsVerifyLink) given = es_verify_link_read (text);
  EsLinkVerdict verdict = ES_LINK_UNREADABLE;

  if (given == NULL)
    return ES_LINK_UNREADABLE;
  if (!es_entry_can_carry (entry))
    return ES_LINK_NO_SESSION;
  expected = &entry->link;
  expected->look (expected);
  if (expected->link == NULL)
    return ES_LINK_NO_PROOF;
  verdict = es_verify_link_judge (given, expected->link);
  if (verdict == ES_LINK_AGREES
      && (es_links_have (es_trust_links (peer->account->trust), expected) || es_session_is_unmarked (entry->session)))
    verdict = ES_LINK_CAME_HERE;
  es_peer_log (peer, ES_AREA_SESSION, verdict == ES_LINK_DIFFERS ? ES_LOG_WARNING : ES_LOG_INFO,
               "a link was checked: %s", es_link_verdict_name (verdict));
  if (verdict == ES_LINK_AGREES)
    es_peer_verify (peer, expected->link->code, TRUE);
  return verdict;
}

void
es_peer_note_typed_link (EsPeer *peer, const char *text)
{
  for (guint i = 0; i < peer->entries->len; i++)
    {
      g_autoptr (EsVerifyLink) own = link_of (peer->entries->pdata[i], FALSE),
                               others = link_of (peer->entries->pdata[i], TRUE);

      if (own == NULL || !(es_verify_link_is_in (own, text) || es_verify_link_is_in (others, text)))
        continue;
      es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_LINK_HERE);
      return;
    }
}

/* A password that both know */

static void
stop_timer (EsEntry *entry)
{
  const EsHost *host = es_peer_host (entry->peer);

  if (entry->password_timer != 0)
    host->clock.stop_timer (host->clock.data, entry->password_timer);
  entry->password_timer = 0;
}

EsPasswordState
es_entry_password_state (const EsEntry *entry)
{
  EsPasswordState state = entry->password != NULL ? es_password_state (entry->password) : ES_PASSWORD_NONE;

  return state != ES_PASSWORD_WAITING && es_belief_has_failed (entry->peer->belief) ? ES_PASSWORD_OVER : state;
}

static gboolean
is_under_way (EsPasswordState state)
{
  return state == ES_PASSWORD_OFFERED || state == ES_PASSWORD_WAITING;
}

EsNoticeCode
es_entry_drop_password (EsEntry *entry)
{
  gboolean under_way = is_under_way (es_entry_password_state (entry));
  gboolean answered = entry->password != NULL && es_password_has_answered (entry->password);

  stop_timer (entry);
  g_clear_pointer (&entry->password, es_password_free);
  g_clear_pointer (&entry->question, es_text_free);

  /* Whoever had our confirmation and showed none has found out that a guess was wrong. */
  if (answered)
    return ES_NOTICE_PASSWORD_DIFFERS;
  return under_way ? ES_NOTICE_PASSWORD_LOST : ES_NOTICE_NONE;
}

void
es_peer_tell_password_lost (const EsPeer *peer, EsNoticeCode code)
{
  if (code == ES_NOTICE_NONE)
    return;
  es_peer_tell (peer, code == ES_NOTICE_PASSWORD_DIFFERS ? ES_TONE_GRAVE : ES_TONE_INFO, code);
  es_peer_changed (peer);
}

/* Only what a failure did makes it that. */
static void
tell_over (const EsEntry *entry)
{
  if (es_entry_password_state (entry) == ES_PASSWORD_OVER)
    es_peer_tell (entry->peer, ES_TONE_WARNING, ES_NOTICE_PASSWORD_THIRD);
}

/* Returns whether anything was under way. */
static gboolean
stop_run (EsEntry *entry, EsNoticeCode code)
{
  EsXml *payload = es_password_stop (entry->password);

  stop_timer (entry);
  if (payload == NULL)
    return FALSE;
  es_peer_send (entry->peer, es_session_control (entry->session, payload));
  es_peer_tell (entry->peer, ES_TONE_INFO, code);
  es_peer_changed (entry->peer);
  return TRUE;
}

static void
stop (EsEntry *entry, EsNoticeCode code)
{
  if (stop_run (entry, code))
    tell_over (entry);
}

/* What waits for the other side in another session than that of COUNTED would be one guess too many; what was answered there has
 * been counted. */
static void
stop_others (const EsEntry *counted)
{
  const EsPeer *peer = counted->peer;

  for (guint i = 0; i < peer->entries->len; i++)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (entry != counted && entry->password != NULL && !es_password_has_answered (entry->password))
        stop_run (entry, ES_NOTICE_PASSWORD_STOPPED);
    }
}

/* Somebody has something to try a guess on: that is a failure until it turns out to be none, and counts with the contact, so that
 * no end of the session takes it back. */
static void
count_tries (EsEntry *entry)
{
  EsPeer *peer = entry->peer;

  for (guint n = es_password_steal_tries (entry->password); n > 0; n--)
    {
      es_belief_add_try (peer->belief);
      es_peer_write_down (peer);
      if (es_belief_has_failed (peer->belief))
        stop_others (entry);
    }
}

static void
on_timeout (gpointer data)
{
  EsEntry *entry = data;

  entry->password_timer = 0;
  stop (entry, ES_NOTICE_PASSWORD_TIMEOUT);
}

/* Each step may take so long as the whole. */
static void
watch (EsEntry *entry)
{
  const EsHost *host = es_peer_host (entry->peer);

  stop_timer (entry);
  if (is_under_way (es_entry_password_state (entry)))
    entry->password_timer = host->clock.start_timer (host->clock.data, ES_PASSWORD_SECONDS, on_timeout, entry);
}

static EsPassword *
need_password (EsEntry *entry)
{
  EsPeer *peer = entry->peer;

  if (entry->password == NULL)
    entry->password = es_password_new (es_session_role (entry->session), peer->account->account, peer->contact,
                                       es_session_context (entry->session), &es_peer_host (peer)->random);
  return entry->password;
}

void
es_peer_decline_password (EsPeer *peer)
{
  EsEntry *entry = es_entry_can_carry (peer->current) ? peer->current : NULL;

  if (entry != NULL && entry->password != NULL)
    stop (entry, ES_NOTICE_PASSWORD_STOPPED);
}

/* Both mean the same, so nobody is in the middle, whatever the code of the session proves. */
static void
succeed (EsEntry *entry)
{
  if (es_session_verify_by_password (entry->session, NULL))
    {
      clear_failures (entry->peer);
      note_verified (entry, ES_NOTICE_PASSWORD_EQUAL);
    }
  else
    tell_not_stored (entry->peer);
}

static void
tell_outcome (EsEntry *entry, EsPasswordOutcome outcome)
{
  EsPeer *peer = entry->peer;

  if (outcome != ES_PASSWORD_UNCHANGED)
    entry->password_differs = outcome == ES_PASSWORD_DIFFERENT;
  switch (outcome)
    {
    case ES_PASSWORD_ASKED:
      es_peer_tell_notice (
          peer, ES_TONE_REMINDER,
          &(EsNotice){ entry->question != NULL ? ES_NOTICE_PASSWORD_QUESTION : ES_NOTICE_PASSWORD_ASKED,
                       .question = entry->question });
      break;
    case ES_PASSWORD_REFUSED:
      es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_PASSWORD_REFUSED);
      break;
    case ES_PASSWORD_WITHDRAWN:
      es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_PASSWORD_WITHDRAWN);
      break;
    case ES_PASSWORD_EQUAL:
      succeed (entry);
      break;
    case ES_PASSWORD_DIFFERENT:
      es_peer_tell (peer, ES_TONE_GRAVE, ES_NOTICE_PASSWORD_DIFFERS);
      tell_over (entry);
      break;
    case ES_PASSWORD_BROKEN:
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_PASSWORD_BROKEN);
      tell_over (entry);
      break;
    case ES_PASSWORD_UNCHANGED:
    default:
      break;
    }
}

static EsXml *
question_new (const char *question)
{
  EsXml *element = es_xml_new ("question", ES_NS_QUESTION);

  es_xml_append_text (element, question, -1);
  return element;
}

static void
give (EsEntry *entry, const char *text, const char *question)
{
  EsPeer *peer = entry->peer;
  EsPasswordState before = es_entry_password_state (entry);
  gboolean starts = before == ES_PASSWORD_NONE;
  EsXml *payload = NULL;

  if (starts && strlen (question) > ES_LIMIT_QUESTION_OCTETS)
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_UNSENT_TOO_LONG);
      return;
    }
  payload = before != ES_PASSWORD_OVER ? es_password_give (need_password (entry), text) : NULL;
  if (payload != NULL)
    {
      entry->password_differs = FALSE;
      count_tries (entry);
    }
  if (payload == NULL)
    {
      es_peer_tell (peer, ES_TONE_WARNING,
                    before == ES_PASSWORD_WAITING ? ES_NOTICE_PASSWORD_UNDER_WAY
                    : before == ES_PASSWORD_OVER  ? ES_NOTICE_PASSWORD_OVER
                                                  : ES_NOTICE_PASSWORD_UNUSABLE);
      return;
    }
  es_peer_send (peer, es_session_control_with (entry->session, payload,
                                               starts && *question != '\0' ? question_new (question) : NULL));
  watch (entry);
  if (!is_under_way (es_entry_password_state (entry)))
    tell_outcome (entry, ES_PASSWORD_BROKEN);
  else if (starts)
    es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_PASSWORD_WAITS);
  es_peer_changed (peer);
}

void
es_peer_password (EsPeer *peer, const char *password, const char *question)
{
  char *text = g_strstrip (g_strdup (password)), *asked = g_strstrip (g_strdup (question != NULL ? question : ""));

  /* Another program may have tried some. */
  es_peer_refresh (peer);
  if (*text != '\0' && es_entry_can_carry (peer->current) && es_session_has_parties (peer->current->session))
    give (peer->current, text, asked);
  else if (*text != '\0')
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_PASSWORD_NO_SESSION);
  es_text_free (text);
  es_text_free (asked);
}

/* As much of what ELEMENT says as anybody reads; NULL if that is nothing. */
static char *
dup_question (const EsXml *element)
{
  g_autofree char *text = element != NULL ? es_xml_dup_text (element) : NULL;
  const char *end = text;

  if (text == NULL || *g_strstrip (text) == '\0')
    return NULL;
  while (*end != '\0' && g_utf8_next_char (end) - text <= (gssize) ES_LIMIT_QUESTION_OCTETS)
    end = g_utf8_next_char (end);
  return g_strndup (text, (gsize) (end - text));
}

static void
take_verify (EsEntry *entry, const EsXml *verify, const EsXml *question)
{
  EsPeer *peer = entry->peer;
  EsPasswordOutcome outcome = ES_PASSWORD_UNCHANGED;
  gboolean was_idle = FALSE;
  EsXml *reply = NULL;

  /* The user can only answer in the session that the conversation is in. */
  if (g_strcmp0 (es_xml_attribute (verify, "step"), "1") == 0
      && !(es_peer_follow (peer, entry) && peer->current == entry))
    {
      es_peer_send (peer, es_session_control (entry->session, es_password_refusal ()));
      return;
    }
  if (es_entry_password_state (entry) == ES_PASSWORD_OVER && g_strcmp0 (es_xml_attribute (verify, "step"), "1") == 0)
    {
      es_peer_send (peer, es_session_control (entry->session, es_password_refusal ()));
      return;
    }
  was_idle = es_entry_password_state (entry) == ES_PASSWORD_NONE;
  if (was_idle)
    {
      g_clear_pointer (&entry->question, es_text_free);
      entry->question = dup_question (question);
    }
  outcome = es_password_take (need_password (entry), verify, &reply);
  count_tries (entry);
  watch (entry);
  if (reply != NULL)
    es_peer_send (peer, es_session_control (entry->session, reply));

  /* Where nothing was being compared nothing has failed. */
  if (!(was_idle && outcome == ES_PASSWORD_BROKEN))
    tell_outcome (entry, outcome);
  es_peer_changed (peer);
}

/* That the other side is sure is worth knowing, but makes nobody else sure. */
static void
take_verified (EsEntry *entry)
{
  if (entry->other_verified || es_session_is_verified (entry->session) || !es_session_code_proves (entry->session))
    return;
  entry->other_verified = TRUE;
  if (entry->peer->current == entry)
    es_peer_tell (entry->peer, ES_TONE_REMINDER, ES_NOTICE_PEER_VERIFIED);
  es_peer_changed (entry->peer);
}

static gboolean
is_others (const EsXml *child, gpointer data)
{
  const char *ns = es_xml_namespace (child);

  return g_strcmp0 (ns, ES_NS_VERIFY) != 0 && g_strcmp0 (ns, ES_NS_QUESTION) != 0;
}

void
es_peer_take_verification (EsPeer *peer, EsEntry *entry, EsXml *stanza)
{
  g_autoptr (EsXml) ours = es_xml_new ("x", ES_NS_CLIENT);
  const EsXml *verify = NULL, *question = NULL;

  /* One step a message: who sends more is not answered more. */
  es_xml_filter (stanza, is_others, NULL, ours);
  verify = es_xml_child (ours, "verify", ES_NS_VERIFY);
  question = es_xml_child (ours, "question", ES_NS_QUESTION);

  /* It is a text like any other. */
  if (question != NULL)
    {
      char *text = es_xml_dup_text (question);

      es_links_note (es_trust_links (peer->account->trust), text);
      es_text_free (text);
    }
  if (!es_entry_can_carry (entry))
    return;
  if (verify != NULL && es_session_has_parties (entry->session))
    take_verify (entry, verify, question);
  if (es_xml_child (ours, "verified", ES_NS_VERIFY) != NULL)
    take_verified (entry);
}
