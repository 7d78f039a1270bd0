/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-peer-private.h"

#include <string.h>

#include "es-error.h"
#include "es-last.h"
#include "es-limits.h"

static void
stop_timer (const EsPeer *peer, guint *timer)
{
  if (*timer != 0)
    es_peer_host (peer)->clock.stop_timer (es_peer_host (peer)->clock.data, *timer);
  *timer = 0;
}

gboolean
es_entry_is_negotiating (const EsEntry *entry)
{
  return !entry->ending && (!es_session_is_active (entry->session) || entry->unproven);
}

gboolean
es_entry_can_carry (const EsEntry *entry)
{
  return entry != NULL && !entry->ending && es_session_is_active (entry->session) && !entry->unproven;
}

gboolean
es_entry_may_have (const EsEntry *entry)
{
  const EsPeer *peer = entry->peer;

  return es_session_is_verified (entry->session) || entry->number == peer->allowed
         || !es_belief_may_have_verified (peer->belief);
}

gboolean
es_entry_speaks_for (const EsEntry *entry, const EsEntry *other)
{
  return es_address_equal (es_session_jid (entry->session), es_session_jid (other->session))
         && (es_session_is_verified (entry->session) || !es_session_is_verified (other->session)
             || es_session_device (entry->session) == es_session_device (other->session));
}

/* What has happened in one of its sessions has to do with one of its clients. */
static void log_entry (const EsEntry *entry, EsArea area, EsLogLevel level, const char *format, ...)
    G_GNUC_PRINTF (4, 5);

static void
log_entry (const EsEntry *entry, EsArea area, EsLogLevel level, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  es_log_va (es_peer_host (entry->peer)->log, area, level, es_address_text (es_session_jid (entry->session)), format,
             arguments);
  va_end (arguments);
}

gboolean
es_peer_had_thread (const EsPeer *peer, const char *thread)
{
  return es_last_has (&peer->gone, thread);
}

/* Receipts */

guint
es_entry_append_receipts (const EsEntry *entry, EsXml *stanza)
{
  gsize octets = 0;
  guint n = 0;

  for (; n < entry->owed->len; n++)
    {
      g_autoptr (EsXml) receipt = es_receipts_answer (entry->owed->pdata[n]);
      g_autofree char *text = es_xml_to_string (receipt, ES_NS_CLIENT);

      octets += strlen (text);
      if (n > 0 && octets > ES_LIMIT_RECEIPTS_OCTETS)
        break;
      es_xml_append (stanza, g_steal_pointer (&receipt));
    }
  return n;
}

void
es_entry_receipts_sent (EsEntry *entry, guint n)
{
  if (n > 0)
    g_ptr_array_remove_range (entry->owed, 0, n);
  if (entry->owed->len == 0)
    stop_timer (entry->peer, &entry->owed_timer);
}

void
es_entry_confirm_all (EsEntry *entry)
{
  const EsSession *session = entry->session;

  while (es_entry_can_carry (entry) && entry->owed->len > 0)
    {
      g_autoptr (EsXml) stanza = es_session_stanza (es_session_jid (session), es_session_thread (session), NULL);
      guint n = es_entry_append_receipts (entry, stanza);
      gboolean done = es_session_encrypt (entry->session, stanza, NULL);

      es_entry_receipts_sent (entry, n);
      if (done)
        es_peer_send (entry->peer, g_steal_pointer (&stanza));
    }
  es_entry_receipts_sent (entry, entry->owed->len);
}

static void
on_shown (gpointer data)
{
  EsEntry *entry = data;

  entry->owed_timer = 0;
  es_entry_confirm_all (entry);
}

void
es_entry_confirm (EsEntry *entry, const char *id)
{
  const EsHost *host = es_peer_host (entry->peer);

  /* What came together is confirmed together, but nothing waits for more to come: whoever loses the power has confirmed what
   * was shown, and who wrote it knows where a session broke. */
  g_ptr_array_add (entry->owed, g_strdup (id));
  if (entry->owed_timer == 0)
    entry->owed_timer = host->clock.start_timer (host->clock.data, 0, on_shown, entry);
}

void
es_entry_free (EsEntry *entry)
{
  es_last_add (&entry->peer->gone, es_session_thread (entry->session), ES_LIMIT_GONE_THREADS);
  stop_timer (entry->peer, &entry->timer);
  stop_timer (entry->peer, &entry->owed_timer);
  es_entry_drop_password (entry);
  es_links_remove (es_trust_links (entry->peer->account->trust), &entry->link);
  es_verify_link_free (entry->link.link);
  g_ptr_array_unref (entry->owed);
  if (es_entry_is_negotiating (entry))
    entry->peer->account->n_pending--;
  if (entry->peer->current == entry)
    entry->peer->current = NULL;

  /* What is on its way into the window is shown all the same, but there is nobody to confirm it to. */
  if (entry->peer->arriving == entry)
    entry->peer->arriving = NULL;
  g_clear_pointer (&entry->request_nonce, g_bytes_unref);
  es_session_free (entry->session);
  g_free (entry);
}

void
es_entry_remove (EsEntry *entry)
{
  EsPeer *peer = entry->peer;
  EsNoticeCode password_lost = es_entry_drop_password (entry);

  g_ptr_array_remove (peer->entries, entry);
  es_peer_tell_password_lost (peer, password_lost);
}

EsEntry *
es_entry_numbered (const EsPeer *peer, guint64 number)
{
  for (guint i = 0; i < peer->entries->len; i++)
    if (((const EsEntry *) peer->entries->pdata[i])->number == number)
      return peer->entries->pdata[i];
  return NULL;
}

EsEntry *
es_entry_find (const EsPeer *peer, const char *thread)
{
  for (guint i = 0; thread != NULL && i < peer->entries->len; i++)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (strcmp (es_session_thread (entry->session), thread) == 0)
        return entry;
    }
  return NULL;
}

void
es_peer_limit_changed (EsPeer *peer)
{
  for (guint i = 0; i < peer->entries->len; i++)
    es_session_set_limit (((EsEntry *) peer->entries->pdata[i])->session, peer->account->limit);
}

gboolean
es_peer_has_session (const EsPeer *peer)
{
  return peer->entries->len > 0;
}

static EsEntry *
find_carrying (const EsPeer *peer)
{
  for (guint i = peer->entries->len; i-- > 0;)
    if (es_entry_can_carry (peer->entries->pdata[i]))
      return peer->entries->pdata[i];
  return NULL;
}

gboolean
es_peer_has_live_session (const EsPeer *peer)
{
  return find_carrying (peer) != NULL;
}

gboolean
es_peer_is_busy (const EsPeer *peer)
{
  guint n = 0;

  for (guint i = 0; i < peer->entries->len; i++)
    n += es_entry_is_negotiating (peer->entries->pdata[i]) ? 1 : 0;
  return n >= ES_LIMIT_PENDING_CONTACT || peer->account->n_pending >= ES_LIMIT_PENDING_ACCOUNT;
}

static EsEvent
event_of (const EsPeer *peer, const EsSession *session)
{
  return es_session_is_verified (session)                                           ? ES_EVENT_KNOWN
         : es_session_is_strange (session) || es_belief_had_verified (peer->belief) ? ES_EVENT_STRANGE
                                                                                    : ES_EVENT_UNVERIFIED;
}

static void
tell_device (EsPeer *peer, const EsAddress *jid)
{
  const char *resource = es_address_resource (jid);
  gboolean worth = peer->device != NULL || es_reach_count (peer->reach) > 1;

  if (resource == NULL || es_address_equal (peer->device, jid))
    return;
  es_address_unref (peer->device);
  peer->device = es_address_ref (jid);
  if (!worth)
    return;
  es_peer_tell_notice (peer, ES_TONE_INFO, &(EsNotice){ ES_NOTICE_DEVICE, .device = resource });
}

void
es_entry_go_on (EsEntry *entry)
{
  EsPeer *peer = entry->peer;

  peer->current = entry;
  tell_device (peer, es_session_jid (entry->session));
  es_peer_apply (peer, event_of (peer, entry->session), NULL);
}

/* The newest session that may have what is written, or NULL. */
static EsEntry *
find_allowed (const EsPeer *peer)
{
  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (es_entry_can_carry (entry) && es_entry_may_have (entry))
        return entry;
    }
  return NULL;
}

/* Under one name there is one client: whether it is the one of ENTRY, or of another session that may not have what is written, nobody knows
 * before one of them says something. */
static gboolean
is_in_doubt (const EsEntry *entry)
{
  const EsPeer *peer = entry->peer;

  for (guint i = 0; i < peer->entries->len; i++)
    {
      const EsEntry *other = peer->entries->pdata[i];

      if (es_entry_can_carry (other) && !es_entry_may_have (other)
          && es_address_equal (es_session_jid (other->session), es_session_jid (entry->session)))
        return TRUE;
    }
  return FALSE;
}

/* The same, if it is known whose it is. */
static EsEntry *
find_sure (const EsPeer *peer)
{
  EsEntry *entry = find_allowed (peer);

  return entry != NULL && !is_in_doubt (entry) ? entry : NULL;
}

void
es_peer_leave_device (EsPeer *peer, EsEvent event)
{
  EsEntry *entry = find_allowed (peer);

  if (entry != NULL)
    es_entry_go_on (entry);
  else
    es_peer_apply (peer, event, NULL);
}

void
es_peer_leave_barred (EsPeer *peer)
{
  EsEntry *entry = NULL;

  if (!es_entry_can_carry (peer->current) || es_entry_may_have (peer->current))
    return;
  entry = find_sure (peer);
  if (entry != NULL)
    es_entry_go_on (entry);
}

void
es_entry_fail (EsEntry *entry, EsEvent event, EsNotice notice)
{
  EsPeer *peer = entry->peer;
  g_autoptr (EsAddress) jid = es_address_ref (es_session_jid (entry->session));
  EsEntry *other = NULL;
  gboolean was_current = peer->current == entry;

  log_entry (entry, ES_AREA_NEGOTIATION, ES_LOG_WARNING, "%s: %s", es_event_name (event),
             notice.code == ES_NOTICE_ERROR ? es_error_name (notice.error) : es_notice_name (notice.code));
  es_entry_remove (entry);
  if (!was_current)
    return;

  /* What was to be replaced is good enough still. */
  other = find_sure (peer);
  if (other == NULL)
    other = find_carrying (peer);
  if (other != NULL)
    {
      es_entry_go_on (other);

      /* Should the other side have given it up, it says so. */
      es_peer_send (peer, es_session_control (other->session, NULL));
    }
  else
    {
      if (event == ES_EVENT_DECLINED)
        es_reach_note_declined_told (peer->reach, jid);

      /* Where another client may say yes nothing is decided yet. */
      es_peer_apply (peer, event, event == ES_EVENT_DECLINED && !es_reach_have_declined (peer->reach) ? NULL : &notice);
    }
}

void
es_entry_give_way (EsEntry *entry)
{
  if (entry->peer->stale_tries++ < ES_STALE_TRIES)
    es_entry_fail (entry, ES_EVENT_STALE, (EsNotice){ ES_NOTICE_NONE });
  else
    es_entry_fail (entry, ES_EVENT_FAILED, es_notice_of_error (ES_ERROR_UNEXPECTED));
}

static void
on_timeout (gpointer data)
{
  EsEntry *entry = data;

  entry->timer = 0;
  if (entry->ending)
    {
      EsPeer *peer = entry->peer;

      es_entry_remove (entry);
      es_peer_settle (peer);
    }
  else
    es_entry_fail (entry, ES_EVENT_FAILED, es_notice_of_error (ES_ERROR_TIMEOUT));
}

void
es_entry_restart_timer (EsEntry *entry)
{
  const EsHost *host = es_peer_host (entry->peer);

  stop_timer (entry->peer, &entry->timer);
  entry->timer = host->clock.start_timer (host->clock.data, ES_NEGOTIATION_SECONDS, on_timeout, entry);
}

/* It counts for nothing: it has proved that it is no try to hit a code, or is one with another one. */
void
es_entry_uncount (EsEntry *entry)
{
  if (entry->counted != 0)
    {
      es_tally_take_back (&entry->peer->tally, entry->counted);
      es_tally_take_back (&entry->peer->account->tally, entry->counted);
    }
  entry->counted = 0;
}

/* Of too many sessions the oldest goes that nothing is sent in, if it can be one that is not verified. */
static void
make_room (EsPeer *peer)
{
  EsEntry *victim = NULL;

  if (peer->entries->len < ES_LIMIT_SESSIONS)
    return;
  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (entry != peer->current
          && (victim == NULL || !es_session_is_verified (entry->session) || es_session_is_verified (victim->session)))
        victim = entry;
    }
  if (victim != NULL)
    es_entry_remove (victim);
}

EsEntry *
es_entry_add (EsPeer *peer, EsRole role, const EsAddress *jid, const char *thread, gboolean counts)
{
  EsAccount *account = peer->account;
  EsOptions options = account->options;
  EsEntry *entry = g_new0 (EsEntry, 1);

  /* In that dialect nobody proves who it is: where somebody was verified once it would be a way down. */
  if (es_reach_is_gajim (peer->reach, jid) && !es_belief_may_have_verified (peer->belief))
    es_options_speak_gajim (&options);
  entry->peer = peer;
  entry->number = ++account->n_begun;
  entry->used = entry->made = es_peer_elapsed (peer);
  entry->owed = g_ptr_array_new_with_free_func (g_free);
  entry->session = es_session_new (role, account->account, jid, thread, &options, account->host, account->trust);
  es_session_set_limit (entry->session, account->limit);
  es_session_set_budgets (entry->session, peer->budgets);
  account->n_pending++;
  if (counts)
    {
      entry->counted = es_peer_elapsed (peer);
      es_tally_add (&peer->tally, entry->counted);
      es_tally_add (&account->tally, entry->counted);
    }
  log_entry (entry, ES_AREA_NEGOTIATION, ES_LOG_INFO, role == ES_ROLE_INITIATOR ? "we ask" : "the other side asks");
  make_room (peer);
  g_ptr_array_add (peer->entries, entry);
  entry->link = (EsLinkWatch){ .look = es_entry_look_for_link, .data = entry };
  es_links_add (es_trust_links (account->trust), &entry->link);
  es_entry_restart_timer (entry);
  return entry;
}

/* Those with the same client that ENTRY replaces go. Returns whether there were any. */
static gboolean
drop_replaced (EsPeer *peer, const EsEntry *entry)
{
  gboolean any = FALSE;

  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *other = peer->entries->pdata[i];

      if (other != entry && es_entry_can_carry (other) && es_entry_speaks_for (entry, other))
        {
          es_entry_remove (other);
          any = TRUE;
        }
    }
  return any;
}

static void
tell_narrowed (EsPeer *peer, const EsSession *session)
{
  if (es_session_is_narrowed (session))
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_NARROWED);
}

static void
tell_log (EsPeer *peer, const EsSession *session)
{
  if (!es_session_may_log (session) && peer->account->options.logging == ES_LOGGING_MAY && !peer->log_told)
    {
      peer->log_told = TRUE;
      es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_NOT_LOGGED);
    }
}

void
es_entry_establish (EsEntry *entry)
{
  EsPeer *peer = entry->peer;
  EsSession *session = entry->session;
  gboolean verified = es_session_is_verified (session);

  /* What asked us named a secret of ours, but anybody in between could have passed that on: only who holds the secret can
   * say something under the keys that come of it. */
  entry->unproven = es_session_runs_on_secret (session) && es_session_role (session) == ES_ROLE_RESPONDER
                    && !es_session_has_heard (session);
  log_entry (entry, ES_AREA_NEGOTIATION, entry->unproven ? ES_LOG_DETAIL : ES_LOG_INFO,
             "agreed: verified %d, on a secret %d, proven %d, log %d", verified, es_session_runs_on_secret (session),
             !entry->unproven, es_session_may_log (session));
  if (entry->unproven)
    return;
  peer->account->n_pending--;
  stop_timer (peer, &entry->timer);
  es_peer_read_summary (peer);
  verified = es_peer_follow_mark (entry);
  if (verified)
    es_entry_uncount (entry);
  es_reach_note_barred (peer->reach, es_session_jid (session), !es_entry_may_have (entry));
  peer->busy_told = FALSE;
  peer->stale_tries = 0;

  /* Somebody's second device that nobody verified does not take over from a verified one. */
  if (peer->current == NULL || peer->current == entry || verified || peer->state != ES_STATE_VERIFIED
      || es_address_equal (es_session_jid (peer->current->session), es_session_jid (session)))
    {
      if (drop_replaced (peer, entry) && !verified)
        es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_RENEWED);
      tell_narrowed (peer, session);
      tell_log (peer, session);
      es_entry_go_on (entry);
      es_peer_leave_barred (peer);
    }

  /* So that the other side sees at once that we hold the new keys. */
  if (es_session_role (session) == ES_ROLE_INITIATOR && !es_session_has_sent (session))
    es_peer_send (peer, es_session_control (session, NULL));
}

gboolean
es_peer_has_had_enough (EsPeer *peer)
{
  EsAccount *account = peer->account;
  gint64 now = es_peer_elapsed (peer);

  return es_tally_is_full (&peer->tally, now, ES_LIMIT_NEGOTIATIONS_HOUR, ES_LIMIT_NEGOTIATIONS_DAY)
         || es_tally_is_full (&account->tally, now, ES_LIMIT_NEGOTIATIONS_ACCOUNT_HOUR, 0);
}

gboolean
es_peer_is_complete (const EsPeer *peer, GError **error)
{
  const EsAccount *account = peer->account;
  EsTrustSummary summary;

  if (account->restored)
    return TRUE;
  if (es_trust_summary (account->trust, account->account, peer->contact, &summary, error))
    g_set_error_literal (error, ES_ERROR, ES_ERROR_STORE_LOCKED, "nothing is restored yet");
  return FALSE;
}

static gboolean
may_start (EsPeer *peer, gboolean asked_for, GError **error)
{
  if (es_peer_is_busy (peer) || (!asked_for && es_peer_has_had_enough (peer)))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_BUSY, "too many negotiations");
      return FALSE;
    }
  peer->held = FALSE;
  peer->busy_told &= !asked_for;
  return TRUE;
}

static void
on_retry (gpointer data)
{
  EsPeer *peer = data;

  peer->retry_timer = 0;
  es_peer_reconsider (peer);
}

void
es_peer_retry_later (EsPeer *peer, guint seconds)
{
  const EsHost *host = es_peer_host (peer);

  seconds += ES_RETRY_SECONDS_MIN + es_random_below (&host->random, ES_RETRY_SECONDS_MAX - ES_RETRY_SECONDS_MIN + 1);
  if (peer->retry_timer == 0)
    peer->retry_timer = host->clock.start_timer (host->clock.data, seconds, on_retry, peer);
}

gboolean
es_peer_may_try_another (const EsPeer *peer)
{
  const EsAddress *best = es_reach_best (peer->reach);

  if (best == NULL || !es_entry_can_carry (peer->current) || es_entry_may_have (peer->current))
    return FALSE;
  for (guint i = 0; i < peer->entries->len; i++)
    if (es_address_equal (es_session_jid (((const EsEntry *) peer->entries->pdata[i])->session), best))
      return FALSE;
  return TRUE;
}

static EsEntry *
find_own_request (const EsPeer *peer, const EsAddress *jid)
{
  for (guint i = 0; i < peer->entries->len; i++)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (es_entry_is_negotiating (entry) && es_session_role (entry->session) == ES_ROLE_INITIATOR
          && es_address_equal (es_session_jid (entry->session), jid))
        return entry;
    }
  return NULL;
}

/* RENEWAL: another session serves until then. */
static void
ask (EsPeer *peer, const EsAddress *jid, gboolean renewal, gboolean asked_for)
{
  EsEntry *entry = find_own_request (peer, jid);
  g_autoptr (GError) error = NULL;
  EsXml *request = NULL;

  if (entry != NULL)
    {
      if (!renewal && peer->current != entry)
        {
          peer->current = entry;
          es_peer_apply (peer, ES_EVENT_BEGUN, NULL);
        }
      return;
    }
  if (!may_start (peer, asked_for, &error))
    {
      EsNotice notice = es_notice_of_error ((EsErrorCode) error->code);
      gboolean told = (peer->held || peer->busy_told) && !asked_for;

      es_peer_log (peer, ES_AREA_NEGOTIATION, ES_LOG_WARNING, "not begun: %s",
                   es_error_name ((EsErrorCode) error->code));

      peer->held = TRUE;
      if (!renewal)
        es_peer_apply (peer, ES_EVENT_FAILED, told ? NULL : &notice);
      return;
    }
  entry = es_entry_add (peer, ES_ROLE_INITIATOR, jid, NULL, TRUE);
  request = es_session_request (entry->session, &error);
  if (request == NULL)
    {
      EsNotice notice = es_notice_of_error ((EsErrorCode) error->code);

      es_peer_log (peer, ES_AREA_NEGOTIATION, ES_LOG_WARNING, "not begun: %s",
                   es_error_name ((EsErrorCode) error->code));
      es_entry_remove (entry);
      if (!renewal)
        es_peer_apply (peer, ES_EVENT_FAILED, &notice);
      return;
    }
  es_peer_send (peer, request);
  if (renewal)
    return;
  peer->current = entry;
  es_peer_apply (peer, ES_EVENT_BEGUN, NULL);
}

void
es_peer_begin (EsPeer *peer, gboolean asked_for)
{
  gboolean renewal = es_entry_can_carry (peer->current);
  const EsAddress *jid = renewal && es_entry_may_have (peer->current) ? es_session_jid (peer->current->session)
                                                                      : es_reach_best (peer->reach);
  g_autoptr (GError) error = NULL;

  /* Another program has the file for a moment only: what is written waits for that, and does not come back. */
  if (!es_peer_is_complete (peer, &error) && error->code == ES_ERROR_STORE_LOCKED)
    return;

  /* What could not be read before may say that codes differed. */
  if (!es_belief_is_known (peer->belief))
    es_peer_read_summary (peer);
  if (peer->intent.ended == ES_END_DIFFERED && !asked_for)
    return;

  /* Whom we talk to may be nobody who is known to be there. */
  if (jid != NULL)
    ask (peer, jid, renewal, asked_for);
}

void
es_peer_renew (EsPeer *peer, const EsEntry *entry)
{
  ask (peer, es_session_jid (entry->session), TRUE, FALSE);
}

static void
terminate (EsEntry *entry, const char *reason)
{
  EsPeer *peer = entry->peer;

  if (!es_entry_can_carry (entry))
    {
      es_entry_remove (entry);
      return;
    }
  es_entry_confirm_all (entry);
  es_peer_send (peer, es_session_control (entry->session, es_termination_new ("submit", reason)));
  entry->ending = TRUE;
  if (peer->current == entry)
    peer->current = NULL;
  es_entry_restart_timer (entry);
  es_peer_tell_password_lost (peer, es_entry_drop_password (entry));
}

void
es_peer_terminate_all (EsPeer *peer, const char *reason)
{
  peer->invited = 0;
  for (guint i = peer->entries->len; i-- > 0;)
    if (!((EsEntry *) peer->entries->pdata[i])->ending)
      terminate (peer->entries->pdata[i], reason);
}

gboolean
es_peer_terminate_device (EsPeer *peer, gint64 device)
{
  gboolean was_current = FALSE;

  for (guint i = peer->entries->len; i-- > 0;)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (entry->ending || !es_session_is_active (entry->session) || es_session_device (entry->session) != device)
        continue;
      was_current |= entry == peer->current;
      terminate (entry, "user");
    }
  return was_current;
}

void
es_entry_lose (EsEntry *entry)
{
  EsPeer *peer = entry->peer;
  gboolean was_current = peer->current == entry, was_young = FALSE;

  /* What broke before it began has failed. */
  if (es_entry_is_negotiating (entry))
    {
      es_entry_fail (entry, ES_EVENT_FAILED, es_notice_of_error (ES_ERROR_CHECK));
      return;
    }
  was_young = es_session_age (entry->session) < ES_YOUNG_SECONDS;
  peer->young_losses = was_young ? peer->young_losses + 1 : 0;
  log_entry (entry, ES_AREA_SESSION, ES_LOG_WARNING, "session lost: current %d, young %d", was_current, was_young);
  es_entry_remove (entry);
  if (was_current && peer->young_losses > ES_YOUNG_LOSSES)
    es_peer_retry_later (peer, 0);
  if (was_current)
    es_peer_apply (peer, ES_EVENT_LOST, NULL);
  else
    es_peer_resend (peer);
  es_peer_settle (peer);
}

static EsEntry *
find_by_client (const EsPeer *peer, const EsAddress *jid)
{
  for (guint i = 0; i < peer->entries->len; i++)
    {
      EsEntry *entry = peer->entries->pdata[i];

      if (es_address_equal (es_session_jid (entry->session), jid))
        return entry;
    }
  return NULL;
}

void
es_peer_lose_client (EsPeer *peer, const EsAddress *jid)
{
  EsEntry *entry = NULL;

  /* What follows from losing one may change the others. */
  while ((entry = find_by_client (peer, jid)) != NULL)
    if (es_entry_is_negotiating (entry))
      /* What waits is told of where it is known whether anybody else is there. */
      es_entry_fail (entry, ES_EVENT_CUT,
                     (EsNotice){ es_outbox_size (peer->outbox) > 0 ? ES_NOTICE_NONE : ES_NOTICE_PEER_OFFLINE });
    else
      es_entry_lose (entry);
}
