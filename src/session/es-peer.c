/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-peer-private.h"

#include <string.h>

#include "es-error.h"

const EsHost *
es_peer_host (const EsPeer *peer)
{
  return peer->account->host;
}

gint64
es_peer_now (const EsPeer *peer)
{
  return es_peer_host (peer)->clock.now (es_peer_host (peer)->clock.data);
}

gint64
es_peer_elapsed (const EsPeer *peer)
{
  return es_peer_host (peer)->clock.elapsed (es_peer_host (peer)->clock.data);
}

gboolean
es_peer_can_send (const EsPeer *peer)
{
  return es_peer_host (peer)->transport.can_send (es_peer_host (peer)->transport.data);
}

void
es_peer_send (const EsPeer *peer, EsXml *stanza)
{
  if (stanza != NULL)
    es_peer_host (peer)->transport.send (es_peer_host (peer)->transport.data, stanza);
}

void
es_peer_log (const EsPeer *peer, EsArea area, EsLogLevel level, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  es_log_va (es_peer_host (peer)->log, area, level, es_address_text (peer->contact), format, arguments);
  va_end (arguments);
}

static EsArea
area_of (EsNoticeCode code)
{
  return code >= ES_NOTICE_UNSENT_DATA    ? ES_AREA_DELIVERY
         : code >= ES_NOTICE_FILE_CANNOT  ? ES_AREA_FILES
         : code >= ES_NOTICE_WAITS        ? ES_AREA_DELIVERY
         : code >= ES_NOTICE_REMINDER     ? ES_AREA_VERIFICATION
         : code >= ES_NOTICE_PEER_OFFLINE ? ES_AREA_NEGOTIATION
                                          : ES_AREA_SESSION;
}

void
es_peer_tell_notice (const EsPeer *peer, EsTone tone, const EsNotice *notice)
{
  EsLogLevel level = tone == ES_TONE_INFO || tone == ES_TONE_REMINDER ? ES_LOG_INFO : ES_LOG_WARNING;

  if (notice->code == ES_NOTICE_NONE)
    return;
  if (notice->code == ES_NOTICE_ERROR)
    es_peer_log (peer, ES_AREA_SESSION, level, "the user is told: %s", es_error_name (notice->error));
  else
    es_peer_log (peer, area_of (notice->code), level, "the user is told: %s", es_notice_name (notice->code));
  es_peer_host (peer)->user.notice (es_peer_host (peer)->user.data, peer->contact, tone, notice);
}

void
es_peer_tell (const EsPeer *peer, EsTone tone, EsNoticeCode code)
{
  es_peer_tell_notice (peer, tone, &(EsNotice){ code });
}

void
es_peer_changed (const EsPeer *peer)
{
  es_peer_host (peer)->user.changed (es_peer_host (peer)->user.data, peer->contact);
}

void
es_peer_tell_delivery (const EsPeer *peer, guint64 number, EsDelivery delivery)
{
  es_peer_host (peer)->user.delivery (es_peer_host (peer)->user.data, peer->contact, number, delivery);
}

static void
on_silent (gpointer data)
{
  es_peer_reconsider (data);
}

EsPeer *
es_peer_new (EsAccount *account, const EsAddress *contact)
{
  EsPeer *peer = g_new0 (EsPeer, 1);

  peer->account = account;
  peer->contact = es_address_ref (contact);
  peer->belief = es_belief_new (&account->host->clock, account->trust, account->account, contact);
  peer->reach = es_reach_new (account->host, peer->contact, on_silent, peer);
  peer->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) es_entry_free);
  peer->outbox = es_outbox_new ();
  peer->receipts = es_receipts_new ();
  peer->queries = es_queries_new ();
  es_tally_init (&peer->tally);
  g_queue_init (&peer->gone);
  return peer;
}

static void
stop_timer (const EsPeer *peer, guint *timer)
{
  if (*timer != 0)
    es_peer_host (peer)->clock.stop_timer (es_peer_host (peer)->clock.data, *timer);
  *timer = 0;
}

void
es_peer_free (EsPeer *peer)
{
  g_ptr_array_unref (peer->entries);
  g_queue_clear_full (&peer->gone, g_free);
  g_queue_clear_full (&peer->plain_ids, g_free);
  es_address_unref (peer->device);
  es_reach_free (peer->reach);
  stop_timer (peer, &peer->silence_timer);
  stop_timer (peer, &peer->aside_timer);
  es_outbox_free (peer->outbox);
  es_text_free (peer->other_typed);
  es_text_free (peer->other_leaving);
  es_peer_forget_arriving (peer);
  es_receipts_free (peer->receipts);
  es_queries_free (peer->queries);
  es_tally_clear (&peer->tally);
  stop_timer (peer, &peer->retry_timer);
  stop_timer (peer, &peer->write_timer);
  stop_timer (peer, &peer->erase_timer);
  stop_timer (peer, &peer->read_timer);
  es_belief_free (peer->belief);
  es_address_unref (peer->contact);
  g_free (peer);
}

gboolean
es_peer_is_idle (const EsPeer *peer)
{
  return peer->entries->len == 0 && es_reach_first (peer->reach) == NULL && peer->state == ES_STATE_PLAIN
         && peer->intent.ended != ES_END_DIFFERED && !es_belief_has_to_write (peer->belief)
         && !es_peer_has_business (peer);
}

gboolean
es_peer_has_business (const EsPeer *peer)
{
  return peer->open || es_outbox_size (peer->outbox) > 0 || es_receipts_size (peer->receipts) > 0;
}

/* What is wanted, and what can be */

/* Whoever only is there is no reason to speak. */
static gboolean
is_worth_telling (const EsPeer *peer)
{
  return peer->addressed || es_peer_has_business (peer);
}

/* Codes differed in an earlier life of the program: all is as it was then. */
static void
resume_difference (EsPeer *peer)
{
  if (peer->state == ES_STATE_PLAIN)
    es_peer_apply (peer, ES_EVENT_BEGUN, NULL);
  es_intent_note_difference (&peer->intent);
  es_peer_apply (peer, ES_EVENT_CUT, NULL);
}

/* Windows show what is known. */
static void
on_read (gpointer data)
{
  EsPeer *peer = data;

  peer->read_timer = 0;
  es_peer_refresh (peer);
  if (es_belief_is_known (peer->belief))
    es_peer_reconsider (peer);
}

/* What ERROR is about. What is not restored yet is like a file that another program has for a moment, but it was something else that has
 * kept it from that. */
static EsErrorCode
reason_of (const EsPeer *peer, const GError *error)
{
  return error->code == ES_ERROR_STORE_LOCKED && !peer->account->restored ? peer->account->unrestored
                                                                          : (EsErrorCode) error->code;
}

/* What comes now is not who was verified: where there is a window it says why, and before that the store remembers that it has to. */
static void
tell_lapse (EsPeer *peer)
{
  if (peer->open && es_belief_steal_lapse (peer->belief))
    es_peer_tell (peer, ES_TONE_WARNING, es_belief_was_moved (peer->belief) ? ES_NOTICE_MOVED : ES_NOTICE_LAPSED);
}

/* There were N_VERIFIED devices of the contact, as far as that was known, or another POLICY was. What the user chose before does not hold for
 * what there is now. */
static void
outweigh_choices (EsPeer *peer, guint n_verified, gboolean policy)
{
  guint n = es_belief_count_verified (peer->belief);

  /* Who else is verified was another thing when the user wrote to a device that is not. */
  if (n != n_verified)
    peer->allowed = 0;

  /* Who was not verified was to be written to unencrypted. */
  if (n > n_verified && peer->intent.wish == ES_WISH_PLAIN)
    es_intent_be_usual (&peer->intent);
  if (n > n_verified || policy)
    es_outbox_forbid_plain (peer->outbox);
}

/* Reads what is remembered of the contact, and tells once why that cannot be done. */
void
es_peer_read_summary (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);
  EsNotice notice = { ES_NOTICE_NONE };
  gboolean was_known = es_belief_is_known (peer->belief), was_verified = es_belief_has_verified (peer->belief);
  gboolean news = was_known && es_belief_is_due (peer->belief);
  guint n_verified = es_belief_count_verified (peer->belief);
  int policy = es_belief_policy (peer->belief);
  g_autoptr (GError) error = NULL;

  peer->was_always |= news && es_peer_is_always (peer);
  if (!es_belief_read (peer->belief, peer->account->restored, &error))
    {
      notice = es_notice_of_error (reason_of (peer, error));
      es_peer_log (peer, ES_AREA_STORE, was_known ? ES_LOG_WARNING : ES_LOG_DETAIL,
                   "what is remembered cannot be read: %s", es_error_name ((EsErrorCode) error->code));
    }
  else if (!was_known)
    es_peer_log (peer, ES_AREA_STORE, ES_LOG_DETAIL, "read: verified %d, differed %d, policy %d",
                 es_belief_has_verified (peer->belief), es_belief_differs (peer->belief),
                 es_belief_policy (peer->belief));

  /* What was written while another file was there, or none that could be read, was written under what that said. */
  if (es_belief_steal_moved (peer->belief))
    es_outbox_guard (peer->outbox);
  if (es_belief_is_known (peer->belief) != was_known)
    es_peer_changed (peer);
  if (es_belief_has_verified (peer->belief) && !was_verified)
    es_peer_note_verified (peer, was_known);

  if (es_belief_is_known (peer->belief))
    outweigh_choices (peer, n_verified, was_known && es_belief_policy (peer->belief) != policy);

  /* What was written before that was known leaves as if it had been. */
  if (es_belief_is_known (peer->belief) && es_peer_is_always (peer))
    es_outbox_guard (peer->outbox);
  if (!was_known && es_belief_differs (peer->belief) && peer->intent.ended != ES_END_DIFFERED)
    resume_difference (peer);

  tell_lapse (peer);
  if (es_belief_is_doubtful (peer->belief) && is_worth_telling (peer) && peer->read_timer == 0)
    peer->read_timer = host->clock.start_timer (host->clock.data, ES_STORE_SECONDS, on_read, peer);
  if (notice.code != ES_NOTICE_NONE && !is_worth_telling (peer))
    return;
  if (!es_notice_equal (&notice, &peer->told))
    es_peer_tell_notice (peer, ES_TONE_WARNING, &notice);
  peer->told = notice;
}

/* It may have been locked since, by another program. */
gboolean
es_peer_is_locked (EsPeer *peer)
{
  if (es_belief_was_locked (peer->belief))
    {
      es_peer_read_summary (peer);
      es_peer_changed (peer);
    }
  return es_belief_is_locked (peer->belief);
}

/* What to say of a negotiation that failed; nothing if the user knows already. */
EsNotice
es_peer_failure (const EsPeer *peer, const GError *error)
{
  EsNotice notice = es_notice_of_error (reason_of (peer, error));

  if (error->code == ES_ERROR_UNSUPPORTED && strstr (error->message, "disclosure") != NULL)
    return (EsNotice){ ES_NOTICE_DISCLOSURE };
  return es_notice_equal (&notice, &peer->told) ? (EsNotice){ ES_NOTICE_NONE } : notice;
}

/* What holds where the user chose nothing for the contact. Who was verified once is never written to in the clear by
 * accident, nor is somebody of whom we cannot know. */
static EsPolicy
usual_policy (const EsPeer *peer)
{
  return es_belief_may_have_verified (peer->belief) || es_belief_may_be_always (peer->belief) ? ES_POLICY_ALWAYS
                                                                                              : peer->account->policy;
}

void
es_peer_refresh (EsPeer *peer)
{
  gboolean due = FALSE;

  es_trust_refresh (peer->account->trust);
  due = es_belief_is_due (peer->belief);

  /* Why it could not be read may be something to tell by now. */
  if (due || (!es_belief_is_known (peer->belief) && peer->told.code == ES_NOTICE_NONE && is_worth_telling (peer)))
    es_peer_read_summary (peer);

  /* Whoever has read it. */
  if (es_belief_is_known (peer->belief) && es_belief_steal_news (peer->belief))
    es_peer_follow_store (peer);
  tell_lapse (peer);
}

EsSituation
es_peer_situation (const EsPeer *peer)
{
  EsPolicy policy
      = es_belief_policy (peer->belief) >= 0 ? (EsPolicy) es_belief_policy (peer->belief) : usual_policy (peer);

  /* Always is always where somebody chose it, or may have; else it yields to the user's wish to end encryption. */
  if (es_belief_is_known (peer->belief) && policy == ES_POLICY_ALWAYS && es_belief_policy (peer->belief) < 0
      && peer->account->policy != ES_POLICY_ALWAYS && peer->intent.wish == ES_WISH_PLAIN)
    policy = ES_POLICY_POSSIBLE;

  return (EsSituation){
    .policy = policy,
    .state = peer->state,
    .support = es_peer_support (peer),
    .wish = peer->intent.wish,
    .ended = peer->intent.ended,
    .barred = es_entry_can_carry (peer->current) && !es_entry_may_have (peer->current),
  };
}

gboolean
es_peer_is_guarded (const EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);

  return peer->state != ES_STATE_PLAIN || facts.policy == ES_POLICY_ALWAYS || es_belief_may_have_verified (peer->belief)
         || es_belief_differs (peer->belief) || es_peer_has_live_session (peer);
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

/* What stands in the way of encrypting; ES_NOTICE_NONE if nothing does, or if that is not known yet. */
static EsNoticeCode
obstacle (const EsPeer *peer)
{
  if (es_peer_support (peer) != ES_SUPPORT_NO)
    return ES_NOTICE_NONE;
  return es_reach_count (peer->reach) == 0 ? ES_NOTICE_PEER_OFFLINE : ES_NOTICE_PEER_CANNOT;
}

void
es_peer_describe (const EsPeer *peer, EsConversation *conversation)
{
  const EsSession *session = es_peer_session (peer);
  EsSituation facts = es_peer_situation (peer);
  EsPasswordState password = session != NULL ? es_entry_password_state (peer->current) : ES_PASSWORD_NONE;
  gboolean encrypted = peer->state == ES_STATE_ENCRYPTED || peer->state == ES_STATE_VERIFIED;
  gboolean must_choose = es_policy_decide (&facts) == ES_SEND_REFUSE;
  guint waiting = es_outbox_size (peer->outbox) - es_peer_count_aside (peer);

  *conversation = (EsConversation){
    .online = es_peer_can_send (peer),
    .state = peer->state,
    .session = session != NULL ? peer->current->number : 0,
    .device = session != NULL ? es_session_jid (session) : NULL,
    .code = session != NULL ? es_session_code (session) : NULL,
    .code_proves = session != NULL && es_session_code_proves (session),
    .verified_at = peer->state == ES_STATE_VERIFIED && session != NULL ? es_session_verified_at (session) : 0,
    .since = session != NULL ? es_session_since (session) : 0,
    .waiting = waiting,
    .unconfirmed = es_receipts_size (peer->receipts),
    .policy = facts.policy,
    .own_policy = es_belief_policy (peer->belief),
    .usual_policy = usual_policy (peer),
    .barred = facts.barred,
    .withheld = peer->state == ES_STATE_PLAIN && (facts.policy == ES_POLICY_ALWAYS || must_choose),
    .must_choose = must_choose,
    .declined = peer->state == ES_STATE_ENDED && peer->intent.ended == ES_END_DECLINED,
    .log = session == NULL || es_session_may_log (session),
    .log_refused = session != NULL && !es_session_may_log (session) && peer->account->options.logging == ES_LOGGING_MAY,
    .can_start
    = !encrypted && peer->state != ES_STATE_STARTING && facts.policy != ES_POLICY_NEVER && es_peer_can_send (peer),
    .can_end = peer->state != ES_STATE_PLAIN || es_outbox_size (peer->outbox) > 0,
    .once_verified = es_belief_had_verified (peer->belief),
    .lapsed = es_belief_has_lapsed (peer->belief),
    .moved = es_belief_was_moved (peer->belief),
    .can_send_plain = !encrypted && waiting > 0 && es_peer_can_send (peer),
    .can_verify = encrypted && session != NULL && es_session_code_proves (session),
    .password = password,
    .password_differs = session != NULL && peer->current->password_differs,
    .question = password == ES_PASSWORD_OFFERED ? peer->current->question : NULL,
    .can_use_password
    = encrypted && session != NULL && es_session_has_parties (session) && password != ES_PASSWORD_OVER,
    .other_verified = session != NULL && peer->current->other_verified && !es_session_is_verified (session),
    .obstacle = peer->state == ES_STATE_PLAIN || peer->state == ES_STATE_ENDED ? obstacle (peer) : ES_NOTICE_NONE,
  };
}

void
es_peer_count (const EsPeer *peer, EsCounts *counts)
{
  counts->states[peer->state]++;
  counts->sessions += peer->entries->len;
  counts->waiting += es_outbox_size (peer->outbox);
  counts->unconfirmed += es_receipts_size (peer->receipts);
}

/* The state, and what comes with a change of it */

static void
remind (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);

  if (peer->state == ES_STATE_ENCRYPTED && peer->open && es_entry_can_carry (peer->current)
      && es_session_code_proves (peer->current->session) && host->user.may_remind (host->user.data, peer->contact))
    es_peer_tell (peer, ES_TONE_REMINDER, ES_NOTICE_REMINDER);
}

static void
log_event (const EsPeer *peer, EsState before, EsEvent event)
{
  es_peer_log (peer, ES_AREA_SESSION, peer->state != before ? ES_LOG_INFO : ES_LOG_DETAIL, "%s, %s: %s",
               es_state_name (before), es_event_name (event), es_state_name (peer->state));
}

static EsNoticeCode
notice_of (const EsPeer *peer, const EsTransition *transition)
{
  return transition->notice == ES_NOTICE_STRANGE_DEVICE && es_belief_was_moved (peer->belief) ? ES_NOTICE_STRANGE_MOVED
                                                                                              : transition->notice;
}

void
es_peer_apply (EsPeer *peer, EsEvent event, const EsNotice *own)
{
  const EsTransition *transition = es_life_find (peer->state, event);
  EsState before = peer->state;
  gboolean locked = event == ES_EVENT_FAILED && es_peer_is_locked (peer);

  peer->state = transition->next;
  log_event (peer, before, event);

  /* It was said while there was no better one to write to. */
  if (peer->state == ES_STATE_VERIFIED)
    peer->allowed = 0;
  es_intent_note (&peer->intent, event, es_reach_have_declined (peer->reach));

  if (locked && own != NULL && es_notice_equal (own, &peer->told))
    own = NULL;
  if (own != NULL && own->code != ES_NOTICE_NONE)
    es_peer_tell_notice (peer, transition->tone, own);
  else
    es_peer_tell (peer, transition->tone, notice_of (peer, transition));
  if (peer->state != before)
    remind (peer);
  if (before != peer->state || event != ES_EVENT_BEGUN)
    es_peer_changed (peer);

  switch (transition->action)
    {
    case ES_ACTION_RELEASE:
      es_peer_release (peer);
      break;
    case ES_ACTION_RETURN:
      /* What is written waits for that, as the user is told. */
      if (!locked)
        es_peer_give_back (peer);
      break;
    case ES_ACTION_RESTART:
      if (peer->retry_timer == 0)
        es_peer_reconsider (peer);
      break;
    case ES_ACTION_NONE:
    default:
      break;
    }
}

static void
start (EsPeer *peer)
{
  EsSupport can = ES_SUPPORT_NO;

  /* With what is not forgotten yet it would be as if nothing had been said. */
  if (!es_peer_write_down (peer))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_NOT_STORED);
      return;
    }

  /* Only what is known can be taken back. */
  es_peer_refresh (peer);
  peer->addressed = TRUE;
  peer->stale_tries = 0;
  if (peer->intent.ended == ES_END_DIFFERED && !es_belief_clear_difference (peer->belief))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_NOT_STORED);
      return;
    }
  es_intent_begin (&peer->intent);
  if (peer->state != ES_STATE_PLAIN && peer->state != ES_STATE_ENDED)
    return;

  /* Who asks is told once more. */
  peer->told = (EsNotice){ ES_NOTICE_NONE };
  es_peer_read_summary (peer);
  es_peer_discover (peer);
  can = es_peer_support (peer);
  if (can == ES_SUPPORT_UNKNOWN)
    es_intent_await (&peer->intent);
  else if (can == ES_SUPPORT_YES)
    es_peer_begin (peer, TRUE);
  else if (can == ES_SUPPORT_NO)
    es_peer_tell (peer, ES_TONE_WARNING, obstacle (peer));
  es_peer_changed (peer);
}

/* Something that the decision depends on has changed. */
void
es_peer_reconsider (EsPeer *peer)
{
  EsSituation facts = { 0 };
  EsVerdict verdict = ES_SEND_WAIT;

  es_peer_refresh (peer);
  es_peer_leave_barred (peer);
  facts = es_peer_situation (peer);
  if (peer->shown_obstacle != obstacle (peer))
    {
      peer->shown_obstacle = obstacle (peer);
      es_peer_changed (peer);
    }

  /* Whoever is not there says nothing about what can be. */
  if (peer->intent.wish == ES_WISH_START && facts.support != ES_SUPPORT_UNKNOWN && es_reach_count (peer->reach) > 0)
    {
      start (peer);
      facts = es_peer_situation (peer);
    }
  verdict = es_policy_decide (&facts);
  if ((es_policy_should_start (&facts) || es_peer_may_try_another (peer)) && es_peer_has_business (peer))
    es_peer_begin (peer, FALSE);
  else if (verdict == ES_SEND_PLAIN || verdict == ES_SEND_ENCRYPTED)
    es_peer_release (peer);
  else if (verdict == ES_SEND_WAIT && es_peer_is_stuck (peer))
    es_peer_tell_stuck (peer);
}

void
es_peer_store_changed (EsPeer *peer)
{
  EsSituation facts = { 0 };
  gboolean missed = peer->missed;

  if (es_belief_is_known (peer->belief) && !es_belief_is_due (peer->belief))
    return;
  es_peer_read_summary (peer);
  if (es_belief_is_locked (peer->belief))
    return;
  peer->missed = FALSE;
  facts = es_peer_situation (peer);
  if (missed && es_policy_should_start (&facts))
    es_peer_begin (peer, FALSE);
  es_peer_changed (peer);
  es_peer_reconsider (peer);
}

/* What the user does */

void
es_peer_opened (EsPeer *peer)
{
  peer->open = TRUE;
  es_reach_try_again (peer->reach);
  es_intent_ask_again (&peer->intent);
  es_peer_give_back_held (peer);
  es_peer_discover (peer);
  es_peer_reconsider (peer);
  remind (peer);
}

/* Whether something is to leave encrypted, if that can be, though usually it would not. */
static gboolean
waits_for_start (const EsPeer *peer)
{
  return peer->intent.wish == ES_WISH_START && es_outbox_size (peer->outbox) > 0;
}

void
es_peer_closed (EsPeer *peer)
{
  peer->open = FALSE;
  es_peer_finish_aside (peer);

  /* What the user chose was for this window; where codes differed nothing starts by that. What was written after it waits for it. */
  if (!waits_for_start (peer))
    es_intent_be_usual (&peer->intent);
  es_peer_changed (peer);
}

void
es_peer_start (EsPeer *peer)
{
  if (!es_peer_can_send (peer))
    {
      es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_OFFLINE);
      return;
    }

  /* Perhaps an answer got lost, or somebody has thought better of it. */
  es_reach_try_again (peer->reach);
  es_outbox_forbid_plain (peer->outbox);
  peer->invited = MAX (es_peer_elapsed (peer), 1);
  start (peer);
}

void
es_peer_end (EsPeer *peer)
{
  EsSituation then = { 0 };
  EsNotice notice = { ES_NOTICE_NONE };

  es_peer_terminate_all (peer, "user");
  es_intent_be_plain (&peer->intent);
  then = es_peer_situation (peer);
  then.state = ES_STATE_PLAIN;
  if (es_policy_decide (&then) != ES_SEND_PLAIN)
    notice.code = ES_NOTICE_ENDED_NEVER_PLAIN;
  es_peer_apply (peer, ES_EVENT_USER_ENDED, &notice);
  es_peer_finish_aside (peer);
  es_peer_tell_held (peer);
}

void
es_peer_offline (EsPeer *peer, gboolean wanted)
{
  es_peer_terminate_all (peer, "offline");
  g_ptr_array_set_size (peer->entries, 0);

  /* Nobody is left who could confirm anything. */
  es_peer_settle (peer);
  es_reach_clear (peer->reach);
  stop_timer (peer, &peer->retry_timer);
  stop_timer (peer, &peer->silence_timer);
  stop_timer (peer, &peer->read_timer);
  if (peer->intent.wish == ES_WISH_START && !waits_for_start (peer))
    es_intent_be_usual (&peer->intent);
  if (wanted)
    peer->addressed = FALSE;
  es_peer_apply (peer, wanted ? ES_EVENT_OFFLINE : ES_EVENT_CUT, NULL);

  /* What waited behind it goes nowhere now. */
  es_peer_finish_aside (peer);

  /* There may be no next time to try. */
  es_peer_write_down (peer);
}

gboolean
es_peer_set_policy (EsPeer *peer, int policy, GError **error)
{
  EsAccount *account = peer->account;
  gboolean active = peer->state != ES_STATE_PLAIN && peer->state != ES_STATE_ENDED;
  gboolean was_always = es_peer_is_always (peer);

  if (!es_trust_set_policy (account->trust, account->account, peer->contact, policy, error))
    {
      es_peer_log (peer, ES_AREA_STORE, ES_LOG_WARNING, "the policy was not stored");
      return FALSE;
    }
  es_peer_log (peer, ES_AREA_SESSION, ES_LOG_INFO, "policy %d", policy);
  es_peer_read_summary (peer);
  es_outbox_forbid_plain (peer->outbox);
  es_belief_note_policy_chosen (peer->belief);
  if (policy == ES_POLICY_NEVER && active)
    es_peer_end (peer);
  else if (policy != ES_POLICY_NEVER)
    es_intent_be_usual (&peer->intent);
  es_peer_policy_changed (peer, was_always);
  return TRUE;
}
