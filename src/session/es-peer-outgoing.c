/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-peer-private.h"

#include <string.h>

#include "es-envelope.h"
#include "es-error.h"
#include "es-last.h"
#include "es-limits.h"
#include "es-privacy.h"

/* A receipt then takes the shortest length that there is. */
#define ID_OCTETS 9

/* How the texts of another encryption begin (OTR), whose program may send some of its own accord: they mean something to the two programs
 * as they run now, and nothing in a later life of either. */
#define OTHER_ENCRYPTION "?OTR"

/* What became of something that goes back to the user. */
typedef enum
{
  NOTHING, /* there was nothing in it to have back, or nobody wants it */
  HAD_BACK,
  LOST
} Return;

static Return
worse (Return left, Return right)
{
  return MAX (left, right);
}

static Return
return_text (const EsPeer *peer, const char *text, gboolean sent)
{
  const EsUser *user = &es_peer_host (peer)->user;

  return user->return_text (user->data, peer->contact, text, sent) ? HAD_BACK : LOST;
}

/* A stanza is worth to the user what text there is in it: as HTML, or NULL. */
static char *
markup_of (const EsXml *stanza)
{
  const EsXml *body = es_xml_child (stanza, "body", NULL);
  char *text = body != NULL ? es_xml_dup_text (body) : NULL;
  char *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  es_text_free (text);
  return markup;
}

static Return
return_stanza (const EsPeer *peer, const EsXml *stanza, gboolean sent)
{
  char *markup = markup_of (stanza);
  Return became = markup != NULL ? return_text (peer, markup, sent) : NOTHING;

  es_text_free (markup);
  return became;
}

static char *
random_id (const EsPeer *peer)
{
  guint8 octets[ID_OCTETS];

  es_random_fill (&es_peer_host (peer)->random, octets, sizeof octets);
  return es_base64_encode (ES_PART (octets, sizeof octets));
}

/* Why a message was not encrypted; ERROR may be NULL. */
static EsNoticeCode
unsent (const GError *error)
{
  if (error != NULL && error->code == ES_ERROR_LIMIT)
    return ES_NOTICE_UNSENT_TOO_LONG;
  if (error != NULL && error->code == ES_ERROR_MALFORMED)
    return ES_NOTICE_UNSENT_UNREADABLE;
  return ES_NOTICE_UNSENT;
}

/* The user writes to it although it is not verified. Once it is, that is no exception any more. */
static gboolean
is_exception (const EsEntry *entry)
{
  return entry != NULL && entry->number == entry->peer->allowed && !es_session_is_verified (entry->session);
}

/* Whether what is written now is for verified devices only. Where that is not known nothing leaves: es_peer_note_verified. */
static gboolean
is_for_verified (const EsPeer *peer)
{
  const EsEntry *entry = peer->current;

  return !is_exception (entry)
         && (es_belief_had_verified (peer->belief)
             || (es_entry_can_carry (entry) && es_session_is_verified (entry->session)));
}

void
es_peer_note_verified (EsPeer *peer, gboolean newly)
{
  es_outbox_keep_for_verified (peer->outbox);
  if (newly)
    es_receipts_keep_for_verified (peer->receipts);
}

/* Whether the session of ENTRY may have what was written FOR_VERIFIED devices only, or for any. */
static gboolean
may_go (const EsEntry *entry, gboolean for_verified)
{
  return es_entry_can_carry (entry) && es_entry_may_have (entry)
         && (!for_verified || es_session_is_verified (entry->session));
}

/* What was written for verified devices has no way left: there is none any more, or the user now writes to another one. */
static gboolean
has_no_way (const EsPeer *peer, gboolean for_verified)
{
  return for_verified && (!es_belief_may_have_verified (peer->belief) || is_exception (peer->current));
}

/* What is not confirmed */

static void watch_silence (EsPeer *peer);

static gboolean
is_silent (const EsPeer *peer, const EsSent *sent)
{
  return sent->sent + ES_SILENCE_SECONDS <= es_peer_elapsed (peer);
}

/* Nobody confirms anything: the other side may have lost the session without knowing. Some of it may have gone out in a session that
 * the conversation has left, and be nothing for the one that it is in now: that session is replaced as well. */
static void
renew_silent (EsPeer *peer)
{
  gboolean here = FALSE;

  if (!es_entry_can_carry (peer->current))
    return;
  for (const EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    {
      const EsEntry *entry = es_entry_numbered (peer, sent->session);

      if (!is_silent (peer, sent))
        continue;
      if (entry != peer->current && es_entry_can_carry (entry))
        es_peer_renew (peer, entry);
      else
        here = TRUE;
    }
  if (here && (es_entry_may_have (peer->current) || es_peer_may_try_another (peer)))
    es_peer_begin (peer, FALSE);
}

/* What nobody has confirmed in one session after another has arrived, and something else takes it there before it is shown, or the other
 * side confirms nothing: that would go on for ever. */
static void
note_silent (EsPeer *peer)
{
  gboolean any_returns = FALSE;

  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    {
      if (sent->silent || !is_silent (peer, sent) || !es_entry_can_carry (es_entry_numbered (peer, sent->session)))
        continue;
      sent->silent = TRUE;
      sent->returns |= ++sent->losses >= ES_REFUSALS;
      any_returns |= sent->returns;
    }
  if (any_returns)
    es_peer_give_back_held (peer);
}

static void
on_silence (gpointer data)
{
  EsPeer *peer = data;
  const EsSent *oldest = es_receipts_oldest (peer->receipts);

  peer->silence_timer = 0;
  if (oldest != NULL && is_silent (peer, oldest))
    {
      es_peer_log (peer, ES_AREA_DELIVERY, ES_LOG_WARNING, "nothing is confirmed: %u messages",
                   es_receipts_size (peer->receipts));
      peer->silence = MIN (2 * MAX (peer->silence, ES_SILENCE_SECONDS), ES_SILENCE_SECONDS_MAX);
      note_silent (peer);
      renew_silent (peer);
    }
  watch_silence (peer);
}

static void
watch_silence (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);

  if (peer->silence_timer == 0 && es_receipts_size (peer->receipts) > 0)
    peer->silence_timer
        = host->clock.start_timer (host->clock.data, MAX (peer->silence, ES_SILENCE_SECONDS), on_silence, peer);
}

void
es_peer_note_confirmed (EsPeer *peer)
{
  const EsHost *host = es_peer_host (peer);

  if (peer->silence_timer != 0)
    host->clock.stop_timer (host->clock.data, peer->silence_timer);
  peer->silence_timer = 0;
  peer->silence = 0;
  watch_silence (peer);
  es_peer_changed (peer);
}

/* What goes back to the user */

static void
on_erase (gpointer data)
{
  EsPeer *peer = data;

  peer->erase_timer = 0;
  es_peer_refresh (peer);
  es_peer_release (peer);
}

/* In the store it would be sent after the next start of the program, all the same. */
static gboolean
erase (EsPeer *peer, const GPtrArray *kept)
{
  const EsHost *host = es_peer_host (peer);

  if (es_keep_erase (peer->account->keep, kept))
    return TRUE;
  es_peer_log (peer, ES_AREA_STORE, ES_LOG_WARNING, "what goes back is not forgotten yet");
  if (peer->erase_timer == 0)
    peer->erase_timer = host->clock.start_timer (host->clock.data, ES_STORE_SECONDS, on_erase, peer);
  return FALSE;
}

static gboolean
erase_one (EsPeer *peer, EsKept *kept)
{
  gpointer only[] = { kept };

  return erase (peer, &(const GPtrArray){ only, G_N_ELEMENTS (only) });
}

/* It was promised that it would be sent; what waits after it is promised anew. CODE is what is said of what the user has back. */
static void
tell_given_back (EsPeer *peer, Return became, EsNoticeCode code)
{
  if (es_outbox_size (peer->outbox) == 0)
    peer->waiting_told = FALSE;
  if (became == LOST)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_LOST);
  else if (became == HAD_BACK)
    es_peer_tell (peer, ES_TONE_INFO, code);
  es_peer_changed (peer);
}

/* Out of what waits, as it was put in. */
static guint
drop_gone_waiting (EsPeer *peer)
{
  guint dropped = 0;

  for (guint n = es_outbox_size (peer->outbox); n > 0; n--)
    {
      g_autoptr (EsWaiting) waiting = es_outbox_take (peer->outbox);

      if (es_kept_is_gone (waiting->kept))
        {
          es_kept_done (waiting->kept);
          dropped++;
        }
      else
        es_outbox_put_back (peer->outbox, g_steal_pointer (&waiting));
    }
  if (dropped > 0 && es_outbox_size (peer->outbox) == 0)
    peer->waiting_told = peer->stuck_told = FALSE;
  return dropped;
}

void
es_peer_drop_gone (EsPeer *peer)
{
  guint dropped = 0;

  if (es_receipts_size (peer->receipts) + es_outbox_size (peer->outbox) == 0)
    return;
  es_keep_learn (peer->account->keep);
  for (EsSent *sent = es_receipts_oldest (peer->receipts), *next = NULL; sent != NULL; sent = next)
    {
      next = es_receipts_after (sent);
      if (!es_kept_is_gone (sent->kept))
        continue;
      es_kept_done (sent->kept);
      es_sent_free (es_receipts_take (peer->receipts, sent));
      dropped++;
    }
  dropped += drop_gone_waiting (peer);
  if (dropped == 0)
    return;
  es_peer_log (peer, ES_AREA_DELIVERY, ES_LOG_INFO, "another program has dealt with %u messages", dropped);
  es_peer_changed (peer);
}

/* The user has discarded it, and may still want it back. */
static gboolean
is_aside (const EsWaiting *waiting)
{
  return waiting->aside != 0 && !waiting->discarded;
}

/* Those that go back, out of what waits; the others stay as they are, and so does what goes back only if the user wants that. */
static GPtrArray *
take_returning (EsPeer *peer)
{
  GPtrArray *taken = g_ptr_array_new_with_free_func ((GDestroyNotify) es_waiting_free);

  for (guint n = es_outbox_size (peer->outbox); n > 0; n--)
    {
      EsWaiting *waiting = es_outbox_take (peer->outbox);

      if (waiting->returns && !is_aside (waiting) && !es_kept_is_stored (waiting->kept))
        g_ptr_array_add (taken, waiting);
      else
        es_outbox_put_back (peer->outbox, waiting);
    }
  return taken;
}

static Return
return_waiting (const EsPeer *peer, const EsWaiting *waiting)
{
  es_kept_done (waiting->kept);
  if (waiting->discarded)
    return NOTHING;
  return waiting->text != NULL ? return_text (peer, waiting->text, FALSE)
                               : return_stanza (peer, waiting->stanza, FALSE);
}

/* What the store does not have any more, or never had: what was sent and may have arrived, then what waits. */
static void
hand_back (EsPeer *peer)
{
  g_autoptr (GPtrArray) waiting = NULL;
  Return became = NOTHING;
  gboolean any = FALSE, strict = is_exception (peer->current);

  for (EsSent *sent = es_receipts_oldest (peer->receipts), *next = NULL; sent != NULL; sent = next)
    {
      g_autoptr (EsSent) taken = NULL;

      next = es_receipts_after (sent);
      if (!sent->returns || es_kept_is_stored (sent->kept))
        continue;
      taken = es_receipts_take (peer->receipts, sent);
      es_kept_done (taken->kept);
      es_peer_tell_delivery (peer, taken->number, ES_DELIVERY_RETURNED);
      became = worse (became, taken->typed != NULL ? return_text (peer, taken->typed, TRUE)
                                                   : return_stanza (peer, taken->stanza, TRUE));
      any = TRUE;
    }
  if (became == LOST)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_LOST_SENT);
  if (any)
    es_peer_note_confirmed (peer);
  became = NOTHING;
  waiting = take_returning (peer);
  for (guint i = 0; i < waiting->len; i++)
    {
      became = worse (became, return_waiting (peer, waiting->pdata[i]));
      strict = strict && ((const EsWaiting *) waiting->pdata[i])->for_verified;
    }
  if (waiting->len > 0)
    tell_given_back (peer, became, strict ? ES_NOTICE_GIVEN_BACK_STRICT : ES_NOTICE_GIVEN_BACK);
}

/* Whether what is KEPT goes back to the user; SENT is NULL while it waits. */
typedef gboolean (*GoesBack) (const EsPeer *peer, const EsKept *kept, gboolean for_verified, const EsSent *sent);

/* And whatever was to go back before, and could not. What the store does not have need not wait for it; what the store has stays there
 * while the user would not see it, and waits again after the next start of the program. */
static void
give_back_where (EsPeer *peer, GoesBack goes_back)
{
  const EsHost *host = es_peer_host (peer);
  g_autoptr (GPtrArray) kept = g_ptr_array_new ();
  gboolean any = FALSE, seen = host->user.can_return (host->user.data, peer->contact);

  es_peer_drop_gone (peer);
  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    {
      sent->returns |= goes_back (peer, sent->kept, sent->for_verified, sent);
      any |= sent->returns;
      if (sent->returns && seen && es_kept_is_stored (sent->kept))
        g_ptr_array_add (kept, sent->kept);
    }
  for (guint n = es_outbox_size (peer->outbox); n > 0; n--)
    {
      EsWaiting *waiting = es_outbox_take (peer->outbox);

      waiting->returns |= goes_back (peer, waiting->kept, waiting->for_verified, NULL);
      any |= waiting->returns;
      if (waiting->returns && !is_aside (waiting) && (seen || waiting->discarded) && es_kept_is_stored (waiting->kept))
        g_ptr_array_add (kept, waiting->kept);
      es_outbox_put_back (peer->outbox, waiting);
    }
  if (kept->len > 0)
    erase (peer, kept);
  if (any)
    hand_back (peer);
}

/* Whether what waits longest goes elsewhere as soon as the store can forget it. */
static gboolean
is_held (const EsPeer *peer)
{
  const EsWaiting *oldest = es_outbox_peek (peer->outbox);

  return peer->erase_timer != 0 && oldest != NULL && oldest->returns;
}

void
es_peer_tell_held (EsPeer *peer)
{
  gboolean held = is_held (peer);

  for (const EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL && !held; sent = es_receipts_after (sent))
    held = peer->erase_timer != 0 && sent->returns;
  if (held)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_STORE_LATER);

  /* What is written after it waits for another reason than that did. */
  peer->waiting_told &= !held;
}

static gboolean
nothing_more (const EsPeer *peer, const EsKept *kept, gboolean for_verified, const EsSent *sent)
{
  return FALSE;
}

static gboolean
is_unstored (const EsPeer *peer, const EsKept *kept, gboolean for_verified, const EsSent *sent)
{
  return !es_kept_is_stored (kept);
}

static gboolean
has_no_way_left (const EsPeer *peer, const EsKept *kept, gboolean for_verified, const EsSent *sent)
{
  const EsEntry *entry = sent != NULL ? es_entry_numbered (peer, sent->session) : NULL;

  if (!has_no_way (peer, for_verified))
    return FALSE;

  /* It may be on its way still, but where nobody is verified any more, and the conversation has gone on in another session, it would
   * come after what is newer. */
  return !es_entry_can_carry (entry) || (entry != peer->current && !es_belief_may_have_verified (peer->belief));
}

static gboolean
is_waiting (const EsPeer *peer, const EsKept *kept, gboolean for_verified, const EsSent *sent)
{
  return sent == NULL;
}

void
es_peer_give_back_held (EsPeer *peer)
{
  give_back_where (peer, nothing_more);
}

void
es_peer_give_back_waiting (EsPeer *peer)
{
  give_back_where (peer, is_waiting);
}

void
es_peer_give_back_unstored (EsPeer *peer)
{
  give_back_where (peer, is_unstored);
}

static gboolean
has_ending (const EsPeer *peer)
{
  for (guint i = 0; i < peer->entries->len; i++)
    if (((const EsEntry *) peer->entries->pdata[i])->ending)
      return TRUE;
  return FALSE;
}

/* What has been sent again meanwhile is on its way. */
void
es_peer_settle (EsPeer *peer)
{
  gboolean any = FALSE;

  if (has_ending (peer))
    return;
  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    {
      sent->returns |= sent->abandoned && !es_entry_can_carry (es_entry_numbered (peer, sent->session));
      any |= sent->returns;
    }
  if (!any)
    return;
  give_back_where (peer, nothing_more);
  es_peer_note_confirmed (peer);
}

void
es_peer_give_back (EsPeer *peer)
{
  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    sent->abandoned = TRUE;
  es_peer_settle (peer);
  es_peer_give_back_waiting (peer);
}

void
es_peer_resend (EsPeer *peer)
{
  gboolean any_returns = FALSE;

  es_peer_drop_gone (peer);
  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    {
      const EsEntry *entry = peer->current;
      g_autoptr (EsXml) stanza = NULL;
      g_autoptr (GError) error = NULL;

      if (sent->returns || !may_go (entry, sent->for_verified) || sent->session == entry->number)
        continue;
      stanza = es_xml_copy (sent->stanza);
      if (!es_session_encrypt (entry->session, stanza, &error))
        {
          /* What is too long for the server, or nobody could read, stays so. */
          if (error->code != ES_ERROR_LIMIT && error->code != ES_ERROR_MALFORMED)
            break;
          es_peer_tell (peer, ES_TONE_WARNING, unsent (error));
          sent->returns = any_returns = TRUE;
          continue;
        }
      es_sent_move (sent, entry->number, es_peer_elapsed (peer));
      es_peer_send (peer, g_steal_pointer (&stanza));
    }
  if (any_returns)
    give_back_where (peer, nothing_more);
  watch_silence (peer);
}

/* What a session ended with, or could not read, twice is not tried a third time: the rest goes on without it. */
void
es_peer_note_refused (EsPeer *peer, guint64 session)
{
  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    {
      if (sent->session != session)
        continue;
      sent->returns |= ++sent->losses >= ES_REFUSALS;
      if (sent->returns)
        give_back_where (peer, nothing_more);
      return;
    }
}

/* What waits */

/* Where nobody is there, as just after coming online, it is not known what their programs can. */
static EsVerdict
decide_waiting (const EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);

  if (es_reach_count (peer->reach) == 0 && (!es_reach_is_silent (peer->reach) || peer->intent.wish == ES_WISH_START))
    facts.support = ES_SUPPORT_UNKNOWN;
  return es_policy_decide (&facts);
}

/* How what has waited longest leaves now; ES_SEND_WAIT if it does not. */
static EsVerdict
way_of_oldest (EsPeer *peer)
{
  const EsWaiting *oldest = NULL;
  EsSituation facts = es_peer_situation (peer);
  EsVerdict verdict = ES_SEND_WAIT;

  facts.plain_once = peer->plain_once;
  verdict = es_policy_decide (&facts);

  /* Offline it would be lost. */
  if (verdict == ES_SEND_PLAIN && !es_peer_can_send (peer))
    return ES_SEND_WAIT;

  /* In the clear nothing leaves before whoever is there has been asked. */
  if (verdict == ES_SEND_PLAIN && !peer->plain_once)
    {
      peer->addressed = TRUE;
      es_peer_discover (peer);
      verdict = decide_waiting (peer);
    }
  oldest = es_outbox_peek (peer->outbox);
  if (oldest == NULL || oldest->returns || oldest->aside != 0)
    return ES_SEND_WAIT;
  if (verdict == ES_SEND_PLAIN && (oldest->guarded || oldest->for_verified) && !peer->plain_once)
    {
      es_peer_tell_stuck (peer);
      return ES_SEND_WAIT;
    }
  return verdict == ES_SEND_PLAIN || (verdict == ES_SEND_ENCRYPTED && may_go (peer->current, oldest->for_verified))
             ? verdict
             : ES_SEND_WAIT;
}

static void
send_waiting (EsPeer *peer, EsWaiting *waiting)
{
  EsDisposition disposition = es_peer_outgoing (peer, waiting->stanza, TRUE);

  if (disposition == ES_PASS || disposition == ES_CHANGED)
    es_peer_send (peer, g_steal_pointer (&waiting->stanza));
}

/* FALSE: it cannot be encrypted, and goes back, as everything does, when the store has forgotten it. */
static gboolean
send_oldest (EsPeer *peer, EsVerdict verdict)
{
  const EsHost *host = es_peer_host (peer);
  g_autoptr (EsWaiting) waiting = es_outbox_take (peer->outbox);

  peer->label = waiting->label;
  peer->released = TRUE;
  peer->refused = FALSE;
  if (waiting->text != NULL)
    host->user.send_text (host->user.data, peer->contact, waiting->text, waiting->leaving,
                          verdict == ES_SEND_ENCRYPTED);
  else
    send_waiting (peer, waiting);
  peer->label = NULL;
  peer->released = FALSE;
  if (!peer->refused)
    {
      es_kept_done (waiting->kept);
      return TRUE;
    }
  waiting->returns = TRUE;
  es_outbox_put_back (peer->outbox, g_steal_pointer (&waiting));
  return FALSE;
}

/* Whether what leaves unencrypted does so because nobody is there, as far as that can be seen. */
static gboolean
is_offline (const EsPeer *peer)
{
  return es_reach_count (peer->reach) == 0;
}

/* So it is done where nothing else was chosen, and nobody need know that. */
static void
tell_left_plain (EsPeer *peer)
{
  g_hash_table_replace (peer->account->plain_told, es_address_ref (peer->contact), NULL);
  es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_LEFT_PLAIN);
}

/* The same of what waited. */
static void
tell_sent_plain (EsPeer *peer)
{
  if (is_offline (peer))
    tell_left_plain (peer);
  else
    es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_SENT_PLAIN);
}

static void
tell_left_plain_once (EsPeer *peer, const EsSituation *facts)
{
  if (facts->policy == ES_POLICY_POSSIBLE && facts->wish != ES_WISH_PLAIN && is_offline (peer)
      && !g_hash_table_contains (peer->account->plain_told, peer->contact))
    tell_left_plain (peer);
}

/* One after the other, as policy finds for each: what may not go yet stays, and so does what is newer. */
void
es_peer_release (EsPeer *peer)
{
  gboolean was_plain = FALSE, any_refused = FALSE;
  guint waited = 0;

  /* What was written for verified devices goes to them or back to the user. */
  give_back_where (peer, has_no_way_left);
  es_peer_resend (peer);
  if (peer->releasing)
    return;
  peer->releasing = TRUE;
  waited = es_outbox_size (peer->outbox);
  while (es_outbox_size (peer->outbox) > 0)
    {
      EsVerdict verdict = ES_SEND_WAIT;

      peer->plain_once = es_outbox_peek (peer->outbox)->plain;
      verdict = way_of_oldest (peer);
      if (verdict == ES_SEND_WAIT
          || (verdict == ES_SEND_PLAIN && !erase_one (peer, es_outbox_peek (peer->outbox)->kept)))
        break;
      was_plain |= verdict == ES_SEND_PLAIN && !peer->plain_once;
      any_refused |= !send_oldest (peer, verdict);
    }
  peer->releasing = peer->plain_once = FALSE;
  if (any_refused)
    give_back_where (peer, nothing_more);
  if (was_plain && peer->waiting_told && peer->intent.wish != ES_WISH_PLAIN)
    tell_sent_plain (peer);
  if (es_outbox_size (peer->outbox) == 0)
    peer->waiting_told = FALSE;
  if (es_outbox_size (peer->outbox) == waited)
    return;
  es_peer_log (peer, ES_AREA_DELIVERY, ES_LOG_INFO, "what waited goes out: %u before, %u now", waited,
               es_outbox_size (peer->outbox));
  es_peer_changed (peer);
}

static void
waiting_text_free (gpointer data)
{
  EsWaitingText *waiting = data;

  es_text_free (waiting->text);
  g_free (waiting->label);
  g_free (waiting);
}

static char *
dup_text (const EsWaiting *waiting)
{
  return waiting->text != NULL ? g_strdup (waiting->text) : markup_of (waiting->stanza);
}

GPtrArray *
es_peer_waiting (const EsPeer *peer)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (waiting_text_free);

  for (guint i = 0; i < es_outbox_size (peer->outbox); i++)
    {
      const EsWaiting *waiting = es_outbox_nth (peer->outbox, i);
      char *text = !waiting->discarded ? dup_text (waiting) : NULL;
      EsWaitingText *shown = text != NULL ? g_new (EsWaitingText, 1) : NULL;

      if (shown == NULL)
        continue;
      *shown = (EsWaitingText){ g_strdup (waiting->label), text, waiting->aside != 0 };
      g_ptr_array_add (all, shown);
    }
  return all;
}

/* Out of what waits; NULL if the store cannot forget it yet. What stood behind it may be free to go. */
static EsWaiting *
withdraw (EsPeer *peer, EsWaiting *found)
{
  EsWaiting *waiting = NULL;

  if (!erase_one (peer, found->kept))
    {
      found->returns = TRUE;
      es_peer_changed (peer);
      return NULL;
    }
  waiting = es_outbox_take_labelled (peer->outbox, found->label);
  es_kept_done (waiting->kept);
  if (es_outbox_size (peer->outbox) == 0)
    peer->waiting_told = peer->stuck_told = FALSE;
  es_peer_changed (peer);
  es_peer_reconsider (peer);
  return waiting;
}

char *
es_peer_withdraw (EsPeer *peer, const char *label)
{
  EsWaiting *found = NULL;
  g_autoptr (EsWaiting) waiting = NULL;

  es_peer_drop_gone (peer);
  found = es_outbox_find (peer->outbox, label);
  waiting = found != NULL ? withdraw (peer, found) : NULL;

  if (found != NULL && waiting == NULL)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_STORE_LATER);
  return waiting != NULL ? dup_text (waiting) : NULL;
}

void
es_peer_throw_away (EsPeer *peer, const char *label)
{
  EsWaiting *found = es_outbox_find (peer->outbox, label);
  g_autoptr (EsWaiting) waiting = NULL;

  if (found == NULL)
    return;
  found->discarded = TRUE;
  waiting = withdraw (peer, found);
  if (waiting == NULL)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_STORE_LATER);
}

void
es_peer_write_anyway (EsPeer *peer)
{
  EsEntry *entry = es_entry_can_carry (peer->current) ? peer->current : NULL;

  if (entry == NULL || es_entry_may_have (entry))
    return;
  peer->allowed = entry->number;
  es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_SENT_ANYWAY);
  es_peer_release (peer);

  /* Not all of what was for verified devices may have come back. */
  es_peer_tell_held (peer);
  es_peer_changed (peer);
}

void
es_peer_send_plain (EsPeer *peer)
{
  if (es_entry_can_carry (peer->current) || !es_peer_can_send (peer))
    return;
  es_peer_refresh (peer);
  es_peer_finish_aside (peer);
  es_outbox_allow_plain (peer->outbox);
  es_peer_release (peer);
  if (es_outbox_size (peer->outbox) > 0 && es_outbox_peek (peer->outbox)->plain)
    es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_STORE_LATER);
  es_peer_changed (peer);
}

void
es_peer_keep_waiting (EsPeer *peer)
{
  es_outbox_forbid_plain (peer->outbox);
}

gboolean
es_peer_is_stuck (const EsPeer *peer)
{
  return peer->state != ES_STATE_STARTING
         && (es_peer_support (peer) == ES_SUPPORT_NO || peer->intent.ended == ES_END_DECLINED);
}

void
es_peer_tell_stuck (EsPeer *peer)
{
  if (es_outbox_size (peer->outbox) > 0 && !peer->stuck_told)
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_STUCK);
  peer->stuck_told = es_outbox_size (peer->outbox) > 0;
}

/* Says what becomes of the first message that waits: nothing that may turn out otherwise. */
static void
tell_waiting (EsPeer *peer)
{
  EsSituation facts = es_peer_situation (peer);
  gboolean may_be_plain = facts.state == ES_STATE_PLAIN && facts.policy != ES_POLICY_ALWAYS;

  /* Whoever ended encryption where nothing leaves without it, and writes, wants it after all. */
  if (peer->intent.wish == ES_WISH_PLAIN && facts.policy == ES_POLICY_ALWAYS)
    es_intent_be_usual (&peer->intent);
  if (peer->waiting_told)
    return;
  peer->waiting_told = TRUE;
  peer->stuck_told = FALSE;
  if (is_held (peer))
    es_peer_tell (peer, ES_TONE_WARNING, ES_NOTICE_STORE_LATER);
  else if (facts.barred)
    es_peer_tell (peer, ES_TONE_REMINDER, ES_NOTICE_WAITS_FOR_DEVICE);
  else if (es_peer_is_stuck (peer))
    es_peer_tell_stuck (peer);
  else if (!es_belief_is_known (peer->belief))
    {
      es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_WAITS_FOR_STORE);
      es_keep_note_told (peer->account->keep, peer->contact);
    }
  else if (may_be_plain)
    es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_WAITS_FOR_SUPPORT);
  else
    es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_WAITS);
}

static void
refuse_text (EsPeer *peer, const char *text, EsNoticeCode code)
{
  /* Whoever writes a thousand times reads it once. */
  if (code != ES_NOTICE_UNSENT_FULL || !peer->full_told)
    es_peer_tell (peer, ES_TONE_WARNING, code);
  peer->full_told = code == ES_NOTICE_UNSENT_FULL;
  return_text (peer, text, FALSE);
}

/* Whether what is written now leaves by itself encrypted only, whatever is known later: so it is, or that cannot be known. While the
 * list is locked it is promised only that it waits for that. */
static gboolean
is_guarded (const EsPeer *peer)
{
  return es_peer_is_always (peer) && !es_belief_is_locked (peer->belief);
}

/* What waits is older than something that may leave now: what stays in front of it may go later only. */
static EsVerdict
after_what_waits (EsPeer *peer, EsVerdict verdict)
{
  if (verdict != ES_SEND_PLAIN && verdict != ES_SEND_ENCRYPTED)
    return verdict;
  es_peer_finish_aside (peer);
  es_peer_release (peer);
  return es_outbox_size (peer->outbox) > 0 ? ES_SEND_WAIT : verdict;
}

/* Somebody writes. Whether that leaves encrypted only: what the user saw before counts as well, where that could not be read. */
static gboolean
prepare (EsPeer *peer)
{
  gboolean doubtful = es_belief_is_doubtful (peer->belief);

  peer->addressed = TRUE;
  es_peer_refresh (peer);
  es_peer_discover (peer);
  return doubtful || is_guarded (peer);
}

static gboolean
is_other_encryption (const char *text)
{
  return g_str_has_prefix (text, OTHER_ENCRYPTION);
}

/* Whoever types it asks the other side's program for that encryption, and says nothing. */
static gboolean
is_other_request (const char *text)
{
  return is_other_encryption (text)
         && text[strlen (OTHER_ENCRYPTION) + strspn (text + strlen (OTHER_ENCRYPTION), "?vx0123456789")] == '\0';
}

/* TYPED leaves as LEAVING, at once. */
static void
note_other (EsPeer *peer, const char *typed, const char *leaving)
{
  gboolean other = is_other_encryption (leaving) && !is_other_request (typed);

  es_text_free (peer->other_typed);
  es_text_free (peer->other_leaving);
  peer->other_typed = other ? g_strdup (typed) : NULL;
  peer->other_leaving = other ? g_strdup (leaving) : NULL;
}

/* Whose words STANZA holds. */
typedef enum
{
  WORDS_USUAL,
  WORDS_TYPED, /* the user's as another encryption writes them: peer->other_typed */
  WORDS_OTHER  /* what the programs of another encryption say to each other */
} Words;

static Words
words_of (const EsPeer *peer, const EsXml *stanza, gboolean released)
{
  const EsXml *body = es_xml_child (stanza, "body", NULL);
  char *text = body != NULL ? es_xml_dup_text (body) : NULL;
  Words words = WORDS_USUAL;

  if (text != NULL && is_other_encryption (text))
    words = g_strcmp0 (text, peer->other_leaving) == 0 ? WORDS_TYPED : released ? WORDS_USUAL : WORDS_OTHER;
  es_text_free (text);
  return words;
}

/* NULL: there is no room. */
static EsWaiting *
add_waiting (EsPeer *peer, const char *typed, const char *leaving, gboolean guarded)
{
  EsWaiting *waiting = es_outbox_add_text (peer->outbox, typed, leaving);

  if (waiting == NULL)
    return NULL;
  waiting->for_verified = is_for_verified (peer);
  waiting->guarded = guarded;
  waiting->label = random_id (peer);
  waiting->kept
      = es_keep_text (peer->account->keep, peer->contact, waiting->label, typed, leaving, waiting->for_verified);
  es_peer_log (peer, ES_AREA_DELIVERY, ES_LOG_INFO, "a text waits, of %u", es_outbox_size (peer->outbox));
  return waiting;
}

void
es_peer_wait_again (EsPeer *peer, const char *typed)
{
  if (strlen (typed) <= ES_LIMIT_CONTENT_OCTETS)
    add_waiting (peer, typed, typed, TRUE);
}

EsVerdict
es_peer_typed (EsPeer *peer, const char *typed, const char *leaving)
{
  EsSituation facts = { 0 };
  EsVerdict verdict = ES_SEND_REFUSE;
  gboolean guarded = FALSE;
  g_autoptr (GError) error = NULL;

  guarded = prepare (peer);
  facts = es_peer_situation (peer);
  verdict = after_what_waits (peer, es_policy_decide (&facts));
  if (verdict == ES_SEND_PLAIN && guarded)
    verdict = ES_SEND_WAIT;
  switch (verdict)
    {
    case ES_SEND_WAIT:
      if (strlen (typed) > ES_LIMIT_CONTENT_OCTETS || strlen (leaving) > ES_LIMIT_CONTENT_OCTETS)
        {
          g_set_error_literal (&error, ES_ERROR, ES_ERROR_LIMIT, "");
          refuse_text (peer, typed, unsent (error));
          return ES_SEND_REFUSE;
        }
      if (add_waiting (peer, typed, leaving, guarded) == NULL)
        {
          refuse_text (peer, typed, ES_NOTICE_UNSENT_FULL);
          return ES_SEND_REFUSE;
        }
      tell_waiting (peer);
      es_peer_reconsider (peer);
      es_peer_changed (peer);
      break;
    case ES_SEND_REFUSE:
      refuse_text (peer, typed, ES_NOTICE_UNSENT_ENDED);
      break;
    case ES_SEND_PLAIN:
      tell_left_plain_once (peer, &facts);
      break;
    case ES_SEND_ENCRYPTED:
    default:
      note_other (peer, typed, leaving);
      break;
    }
  if (verdict != ES_SEND_REFUSE)
    es_peer_note_typed_link (peer, typed);
  return verdict;
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
          && strcmp (es_xml_namespace (child), ES_NS_CHAT_STATES) != 0)
        return FALSE;
    }
  return TRUE;
}

gboolean
es_peer_is_empty (const EsXml *stanza)
{
  const GPtrArray *children = es_xml_children (stanza);

  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL && !es_session_stays_plain (children->pdata[i]))
      return FALSE;
  return TRUE;
}

static EsDisposition
refuse_stanza (EsPeer *peer, const EsXml *stanza, gboolean released, EsNoticeCode code)
{
  es_peer_tell (peer, ES_TONE_WARNING, code);
  if (released)
    peer->refused = TRUE;
  else
    return_stanza (peer, stanza, FALSE);
  return ES_REFUSED;
}

/* What has to be confirmed rides on what is written, unless that makes it too long. */
static gboolean
encrypt_text (EsEntry *entry, EsXml *stanza, GError **error)
{
  guint n = es_entry_append_receipts (entry, stanza);

  if (n > 0 && es_session_encrypt (entry->session, stanza, NULL))
    {
      es_entry_receipts_sent (entry, n);
      return TRUE;
    }
  for (; n > 0; n--)
    es_xml_free (es_xml_steal (stanza, es_xml_children (stanza)->len - 1));
  return es_session_encrypt (entry->session, stanza, error);
}

/* Keeps STANZA, which has just been encrypted with the label ID, until it is confirmed; takes it. What is another encryption's is
 * kept as it was typed for the next life of the program. */
static void
keep_sent (EsPeer *peer, const char *id, EsXml *stanza, Words words)
{
  char *typed = words == WORDS_TYPED ? g_strdup (peer->other_typed) : NULL;
  EsKeep *keep = peer->account->keep;
  gboolean for_verified = is_for_verified (peer);
  EsSent *sent = es_receipts_add (peer->receipts, id, stanza, peer->current->number, es_peer_elapsed (peer));

  sent->typed = typed;
  sent->for_verified = for_verified;
  sent->kept = typed != NULL ? es_keep_text (keep, peer->contact, id, typed, typed, for_verified)
                             : es_keep_stanza (keep, peer->contact, ES_STORED_SENT, id, sent->stanza, for_verified);
  watch_silence (peer);
  es_peer_tell_delivery (peer, sent->number, ES_DELIVERY_SENT);
  es_peer_changed (peer);
}

static EsDisposition
encrypt (EsPeer *peer, EsXml *stanza, gboolean released)
{
  Words words = words_of (peer, stanza, released);
  gboolean has_body = es_xml_child (stanza, "body", NULL) != NULL, keeps = has_body && words != WORDS_OTHER;
  g_autofree char *id = !has_body ? NULL : released ? g_strdup (peer->label) : random_id (peer);
  g_autoptr (EsXml) kept = NULL;
  gboolean done = FALSE;
  g_autoptr (GError) error = NULL;

  if (keeps && !es_receipts_have_room (peer->receipts, stanza))
    return refuse_stanza (peer, stanza, released, ES_NOTICE_UNSENT_FULL);
  es_envelope_close_type (stanza);
  if (es_privacy_is_for_people (stanza))
    es_envelope_close_message (stanza, es_peer_now (peer));
  if (has_body)
    {
      es_receipts_label (stanza, id);
      kept = es_xml_copy (stanza);
      es_session_shorten (kept);
    }
  if (es_entry_can_carry (peer->current))
    done = has_body ? encrypt_text (peer->current, stanza, &error)
                    : es_session_encrypt (peer->current->session, stanza, &error);
  if (!done)
    {
      es_peer_log (peer, ES_AREA_DELIVERY, ES_LOG_WARNING, "a message was not encrypted: %s",
                   error != NULL ? es_error_name ((EsErrorCode) error->code) : es_error_name (ES_ERROR_NO_SESSION));
      return refuse_stanza (peer, stanza, released, unsent (error));
    }
  if (keeps)
    keep_sent (peer, id, g_steal_pointer (&kept), words);
  return ES_CHANGED;
}

EsXml *
es_peer_take_sent (EsPeer *peer, guint64 number)
{
  for (EsSent *sent = es_receipts_oldest (peer->receipts); sent != NULL; sent = es_receipts_after (sent))
    if (sent->number == number)
      {
        g_autoptr (EsSent) taken = es_receipts_take (peer->receipts, sent);

        es_kept_done (taken->kept);
        es_peer_changed (peer);
        return g_steal_pointer (&taken->stanza);
      }
  return NULL;
}

static EsDisposition
hold (EsPeer *peer, const EsXml *stanza, gboolean guarded, gboolean released)
{
  EsXml *copy = NULL;
  EsWaiting *waiting = NULL;

  if (words_of (peer, stanza, released) == WORDS_OTHER)
    return ES_CONSUMED;
  copy = es_xml_copy (stanza);
  es_session_shorten (copy);
  waiting = es_outbox_add_stanza (peer->outbox, copy);
  if (waiting == NULL)
    return refuse_stanza (peer, stanza, released, ES_NOTICE_UNSENT_FULL);
  waiting->for_verified = is_for_verified (peer);
  waiting->guarded = guarded;
  waiting->label = random_id (peer);
  waiting->kept = es_keep_stanza (peer->account->keep, peer->contact, ES_STORED_WAITING_STANZA, waiting->label,
                                  waiting->stanza, waiting->for_verified);
  tell_waiting (peer);
  es_peer_reconsider (peer);
  es_peer_changed (peer);
  return ES_CONSUMED;
}

/* The server may send it back. */
static void
note_plain (EsPeer *peer, const EsXml *stanza)
{
  const char *id = es_xml_attribute (stanza, "id");

  if (id == NULL || strlen (id) > ES_LIMIT_ID_OCTETS || es_xml_child (stanza, "body", NULL) == NULL)
    return;
  es_last_add (&peer->plain_ids, id, ES_LIMIT_PLAIN_IDS);
}

EsDisposition
es_peer_outgoing (EsPeer *peer, EsXml *stanza, gboolean handed)
{
  EsSituation facts = { 0 };
  EsVerdict verdict = ES_SEND_REFUSE;
  gboolean fleeting = es_peer_is_fleeting (stanza), guarded = FALSE, released = handed && peer->released;
  EsMessage message = ES_MESSAGE_REQUEST;

  /* After a reconnect libpurple sends again what the server may not have had: what was encrypted then is so still, and a
   * negotiation of then is over. */
  if (es_session_has_encrypted (stanza, es_peer_host (peer)->transport.fallback))
    return ES_PASS;
  if (es_negotiation_recognize (stanza, &message) != NULL)
    return ES_CONSUMED;

  /* Errors say that something was not understood; what it was they need not repeat. */
  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0)
    return !es_peer_is_empty (stanza) ? ES_CONSUMED : es_session_remove_error_words (stanza) ? ES_CHANGED : ES_PASS;

  /* What was found of it holds for nothing that another plugin sends meanwhile, or because of it. */
  peer->released &= !released;
  if (!fleeting)
    guarded = prepare (peer);
  facts = es_peer_situation (peer);
  facts.plain_once = released && peer->plain_once;
  verdict = es_policy_decide (&facts);
  if (!fleeting && !released)
    verdict = after_what_waits (peer, verdict);
  if (verdict == ES_SEND_PLAIN && guarded && !facts.plain_once)
    verdict = ES_SEND_WAIT;
  switch (verdict)
    {
    case ES_SEND_PLAIN:
      note_plain (peer, stanza);
      return ES_PASS;
    case ES_SEND_ENCRYPTED:
      return encrypt (peer, stanza, released);
    case ES_SEND_WAIT:
      return fleeting ? ES_CONSUMED : hold (peer, stanza, guarded, released);
    case ES_SEND_REFUSE:
    default:
      return fleeting ? ES_CONSUMED : refuse_stanza (peer, stanza, released, ES_NOTICE_UNSENT_ENDED);
    }
}

void
es_peer_restore (EsPeer *peer, EsRestored *restored)
{
  if (restored->kind == ES_STORED_SENT)
    {
      EsSent *sent = es_receipts_add (peer->receipts, restored->label != NULL ? restored->label : "",
                                      g_steal_pointer (&restored->stanza), 0, es_peer_elapsed (peer));

      sent->for_verified = restored->for_verified;
      sent->kept = restored->kept;
    }
  else
    {
      EsWaiting *waiting = restored->kind == ES_STORED_WAITING_TEXT
                               ? es_outbox_restore_text (peer->outbox, restored->typed, restored->leaving)
                               : es_outbox_restore_stanza (peer->outbox, g_steal_pointer (&restored->stanza));

      waiting->label = g_steal_pointer (&restored->label);
      waiting->for_verified = restored->for_verified;
      waiting->kept = restored->kept;
    }
  peer->addressed = TRUE;
  if (!peer->waiting_told)
    es_peer_tell (peer, ES_TONE_INFO, ES_NOTICE_RESTORED);
  peer->waiting_told = TRUE;

  /* The conversation was, or was about to be, encrypted, and has been cut: it does not slip back to an unencrypted one. */
  if (peer->state == ES_STATE_PLAIN)
    {
      es_peer_apply (peer, ES_EVENT_BEGUN, NULL);
      es_peer_apply (peer, ES_EVENT_CUT, NULL);
    }
  es_peer_changed (peer);
}

void
es_peer_restored (EsPeer *peer)
{
  /* What is decided now is decided by what is remembered. */
  if (!es_belief_is_known (peer->belief))
    es_peer_read_summary (peer);
  es_peer_discover (peer);
  es_peer_reconsider (peer);
}
