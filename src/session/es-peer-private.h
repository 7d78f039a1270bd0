/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-peer.c (state and user), es-peer-outgoing.c (what is sent), es-peer-incoming.c (what arrives),
 * es-peer-stanzas.c (iqs and presence, both ways), es-peer-clients.c (who is there), es-peer-devices.c (who is remembered),
 * es-peer-entries.c (sessions) and es-peer-verify.c (verification) share. */
#pragma once
#include "es-reach.h"
#include "es-life.h"
#include "es-links.h"
#include "es-outbox.h"
#include "es-password.h"
#include "es-peer.h"
#include "es-receipts.h"
#include "es-tally.h"

/* Timers, all of them:
 *   negotiation without progress     ES_NEGOTIATION_SECONDS    fails
 *   our end of a session unanswered  ES_NEGOTIATION_SECONDS    its keys go
 *   clients asked what they support  ES_SUPPORT_SECONDS        silence is a no (es-reach)
 *   messages shown                   none                      are confirmed once they have been, all in one stanza
 *   message sent but not confirmed   ES_SILENCE_SECONDS        a new session is tried, then again ever later; in the second it goes back
 *   a password not answered          ES_PASSWORD_SECONDS       is not compared
 *   a text that waits was discarded  ES_UNDO_SECONDS           cannot be had back any more
 * While the store cannot be read it is tried again every ES_STORE_SECONDS. */
#define ES_SILENCE_SECONDS 60
#define ES_SILENCE_SECONDS_MAX 3600
#define ES_PASSWORD_SECONDS 300

/* Whoever writes back after so long without having confirmed what came before does not confirm anything. */
#define ES_ANSWER_SECONDS 10

/* A session that breaks within so many seconds is not replaced at once, after so many one after the other. */
#define ES_YOUNG_SECONDS 10
#define ES_YOUNG_LOSSES 2

/* So often at the most the user is told of requests that are none. */
#define ES_BAD_REQUEST_SECONDS 60

/* So often at the most the other side is told that it asks too often, in seconds; and it asks again only after more. */
#define ES_REFUSED_SECONDS 60

/* So long the user's Start lets one request of the other side's through that would be one too many, in seconds. */
#define ES_INVITED_SECONDS 300

/* So often at the most the store is told that a device is used. */
#define ES_USE_SECONDS (24 * 60 * 60)

/* So many negotiations one after the other may come to nothing without anybody being told. */
#define ES_STALE_TRIES 2

/* After so many sessions that broke with the same oldest message, or were silent about one, it goes back to the user. */
#define ES_REFUSALS 2

/* What es-peer-stanzas.c has to remember; nobody else looks into it. */
typedef struct _EsQueries EsQueries;

/* One session of the peer's. */
typedef struct
{
  EsPeer *peer;
  guint64 number; /* no other session of the account has it */
  EsSession *session;
  GBytes *request_nonce; /* of the other side's request */
  gint64 made;           /* the moment at which we asked, or were asked, on the clock that nobody can set */
  gint64 counted;        /* the moment at which it was counted as a negotiation, 0: it does not count */
  gboolean ending;       /* we have ended it and wait for the answer */
  gboolean unproven;     /* active, but the other side has not shown yet that it holds the retained secret */
  gboolean confirms;     /* the other side has confirmed a message in it */
  GPtrArray *owed;       /* of char *: labels of messages that we have to confirm */
  guint owed_timer;
  guint timer;
  gint64 used;          /* when the store was told last that its device is used, on the clock that nobody can set */
  EsPassword *password; /* NULL while none was needed */
  guint password_timer; /* runs while one is being compared */
  gboolean password_differs; /* the last that was compared was not that of the other side */
  char *question;            /* what it is the answer to, as the other side has asked, or NULL */
  gboolean other_verified;   /* the other side says that it has verified us */
  EsLinkWatch link;          /* whether that which would verify it has come: es-links.h */
} EsEntry;

struct _EsPeer
{
  EsAccount *account;
  EsAddress *contact;
  EsState state; /* changed by es_peer_apply only */
  EsIntent intent;
  gboolean open;      /* the conversation is: libpurple opens one for whoever writes to us */
  gboolean addressed; /* by the user, with a message or a wish to encrypt, since we came online */

  EsReach *reach;

  GPtrArray *entries; /* of EsEntry, newest last */
  EsEntry *current;   /* the one that we send in, or that we start */
  guint64 allowed;    /* of one that is not verified, and that the user writes to all the same: its number, or 0 */
  EsAddress *device;  /* the client that the user knows to be talked to */
  GQueue gone;        /* of char *: threads of the last that are over */
  GQueue plain_ids;   /* of char *: ids of the last messages that left unencrypted */
  EsOutbox *outbox;
  gboolean releasing;  /* what waits in it */
  gboolean released;   /* the one that is on its way out has not come by yet, */
  const char *label;   /* that is its, */
  gboolean plain_once; /* it is to leave unencrypted, as the user wants, */
  gboolean refused;    /* and it could not be encrypted */
  EsReceipts *receipts;
  EsBudget budgets[ES_N_BUDGETS]; /* of its sessions */
  EsEntry *arriving;              /* the session of the message that is about to be shown, */
  char *arriving_label;           /* what its receipt is to name, NULL: it wants none, */
  char *arriving_writer;          /* whose it is, */
  GBytes *arriving_mark;          /* what it is recognised by, NULL: nothing, */
  GBytes *arriving_text;          /* and the same whoever writes it */
  char *other_typed;              /* what was typed of what is about to leave as another encryption's, */
  char *other_leaving;            /* and that; NULL: nothing */
  guint erase_timer;       /* runs while the store cannot forget what is to go back to the user, or out in the clear */
  guint aside_timer;       /* runs while the user may want back what was discarded */
  guint silence_timer;     /* runs while something is unconfirmed */
  guint silence;           /* how many seconds it runs */
  gboolean log_told;       /* the user knows that the other side wants no log */
  gboolean waiting_told;   /* the user knows that what was written waits */
  gboolean full_told;      /* and that no more can */
  gboolean stuck_told;     /* the user knows that what waits cannot be sent now */
  EsTally tally;           /* of negotiations begun or answered */
  gboolean too_many_told;  /* the user knows that the other side asks too often */
  gboolean busy_told;      /* the user knows that the other side had too many */
  gint64 turned_away;      /* when the other side was told that last, or 0 */
  gint64 invited;          /* when the user asked for a session that nobody has answered yet, 0: that is done */
  gint64 bad_request_told; /* when the user was last told of one */
  guint
      stale_tries; /* negotiations one after the other that came to nothing for no reason that another one need meet */
  guint young_losses; /* sessions one after the other that broke soon after they had begun */
  guint retry_timer;  /* runs while we wait to ask again whoever had too many negotiations */
  gboolean held;      /* the user knows that there were too many */

  EsQueries *queries; /* iqs, files and presence */

  EsBelief *belief;
  gboolean
      was_always; /* nothing was to leave in the clear before another program wrote what has been read, and not been followed, */
  guint write_timer;           /* runs while it has something to write, */
  gboolean unforgotten;        /* such as what a device whose code differed is, as the user knows */
  guint read_timer;            /* and while it cannot be read */
  gboolean missed;             /* the other side asked for a session meanwhile */
  EsNotice told;               /* why it cannot be, as the user knows */
  EsNoticeCode shown_obstacle; /* the one of the last reconsideration */
};

/* es-peer.c */
const EsHost *es_peer_host (const EsPeer *peer);
gint64 es_peer_now (const EsPeer *peer);
gint64 es_peer_elapsed (const EsPeer *peer);

gboolean es_peer_can_send (const EsPeer *peer);
void es_peer_send (const EsPeer *peer, EsXml *stanza);
/* Tells the user; nothing for ES_NOTICE_NONE. The first one is for what has no arguments. */
void es_peer_tell (const EsPeer *peer, EsTone tone, EsNoticeCode code);
/* Writes down what has happened with the contact: es-log.h. */
void es_peer_log (const EsPeer *peer, EsArea area, EsLogLevel level, const char *format, ...) G_GNUC_PRINTF (4, 5);
void es_peer_tell_notice (const EsPeer *peer, EsTone tone, const EsNotice *notice);
void es_peer_changed (const EsPeer *peer);
void es_peer_tell_delivery (const EsPeer *peer, guint64 number, EsDelivery delivery);
/* OWN is told instead of what the table says, if it is not NULL or ES_NOTICE_NONE. */
void es_peer_apply (EsPeer *peer, EsEvent event, const EsNotice *own);
void es_peer_reconsider (EsPeer *peer);
void es_peer_read_summary (EsPeer *peer);
gboolean es_peer_is_locked (EsPeer *peer);
EsNotice es_peer_failure (const EsPeer *peer, const GError *error);
/* Looks again at what the store says of the contact where that is not known; and how things are. */
void es_peer_refresh (EsPeer *peer);
EsSituation es_peer_situation (const EsPeer *peer);

/* es-peer-outgoing.c */

/* Whether STANZA is worth nothing later: a typing notice, or nothing at all; and whether it is nothing at all. */
gboolean es_peer_is_fleeting (const EsXml *stanza);
gboolean es_peer_is_empty (const EsXml *stanza);

/* What has not arrived is sent again, then what waits goes the way that policy finds. */
void es_peer_release (EsPeer *peer);

/* Sends again in the session that there is now what went out in others: those are no more, or with a device that the
 * conversation has left before it confirmed. There it may be shown as well, but nothing is late, and nothing comes after
 * what is newer. */
void es_peer_resend (EsPeer *peer);

/* The other side, or a server, refused what was sent in the session THREAD, which is over: it may have been the oldest of that. */
void es_peer_note_refused (EsPeer *peer, guint64 session);

/* The contact has a verified device, as is known only now or, NEWLY, since the user has verified it: what was written is for those
 * that are, and so is what was sent before and has not arrived. */
void es_peer_note_verified (EsPeer *peer, gboolean newly);

/* Tells the user that what was to go back now does so only when the store can forget it. */
void es_peer_tell_held (EsPeer *peer);
void es_peer_give_back_waiting (EsPeer *peer);
void es_peer_settle (EsPeer *peer);

/* The other side has confirmed something, or it has gone back to the user. */
void es_peer_note_confirmed (EsPeer *peer);

/* Whether what waits cannot be encrypted as things are, and nothing is under way that may change that; tells it once. */
gboolean es_peer_is_stuck (const EsPeer *peer);
void es_peer_tell_stuck (EsPeer *peer);

/* What another program of the user's has sent, had confirmed, or handed back, is done with. */
void es_peer_drop_gone (EsPeer *peer);

/* Throws away at once what waits under LABEL. */
void es_peer_throw_away (EsPeer *peer, const char *label);

/* es-peer-aside.c */
/* What the user has discarded cannot be had back any more: it is gone. Others wait behind it no longer. */
void es_peer_finish_aside (EsPeer *peer);
guint es_peer_count_aside (const EsPeer *peer);

/* es-peer-incoming.c */
/* Nothing is about to be shown any more. */
void es_peer_forget_arriving (EsPeer *peer);

/* Whether one more error may be sent to the contact: counts it. */
gboolean es_peer_may_send_error (EsPeer *peer);

/* The conversation goes on in ENTRY, in which the other side has just said something, where that is possible. FALSE if it
 * must not: it is less sure than what the user knows. */
gboolean es_peer_follow (EsPeer *peer, EsEntry *entry);

/* es-peer-stanzas.c */
EsQueries *es_queries_new (void);
void es_queries_free (EsQueries *queries);

/* es-peer-verify.c */
/* Takes what concerns verification out of STANZA, which was decrypted in ENTRY. */
void es_peer_take_verification (EsPeer *peer, EsEntry *entry, EsXml *stanza);

/* Writes down what the store could not take so far, now or as soon as it can. Whether nothing is left. */
gboolean es_peer_write_down (EsPeer *peer);

/* TEXT, HTML that the user has typed and that is sent, may hold a link that verifies. */
void es_peer_note_typed_link (EsPeer *peer, const char *text);

EsPasswordState es_entry_password_state (const EsEntry *entry);

/* The session is over, and so is a comparison in it: returns what the user then has to be told of it when all is done, or
 * ES_NOTICE_NONE. */
EsNoticeCode es_entry_drop_password (EsEntry *entry);
void es_peer_tell_password_lost (const EsPeer *peer, EsNoticeCode code);

/* es-peer-clients.c */
/* Whether any client of the contact's, as far as we know, can be talked to encrypted. */
EsSupport es_peer_support (const EsPeer *peer);

/* Asks who is there and what they support, where that is not known and they may see us. */
void es_peer_discover (EsPeer *peer);

/* es-peer-devices.c */
/* The sessions follow what another program has told the store: that codes differed, or who is verified, or not any more. */
void es_peer_follow_store (EsPeer *peer);

/* The mark of the device that the session of ENTRY is with is what the store says of it by now, if that can be read. Returns whether it is
 * verified. */
gboolean es_peer_follow_mark (EsEntry *entry);

/* es-peer-entries.c */
/* COUNTS: as one more negotiation. */
EsEntry *es_entry_add (EsPeer *peer, EsRole role, const EsAddress *jid, const char *thread, gboolean counts);

/* The session on THREAD, which stands outside the encryption and is called what whoever asks for it likes, also after one that is over: what
 * is to be found in the same session later is noted by its number. NULL if there is none. */
EsEntry *es_entry_find (const EsPeer *peer, const char *thread);
EsEntry *es_entry_numbered (const EsPeer *peer, guint64 number);
void es_entry_free (EsEntry *entry);

/* Whether THREAD was that of one of the last sessions. */
gboolean es_peer_had_thread (const EsPeer *peer, const char *thread);
void es_entry_remove (EsEntry *entry);
void es_entry_restart_timer (EsEntry *entry);
gboolean es_entry_is_negotiating (const EsEntry *entry);

void es_entry_uncount (EsEntry *entry);

/* Whether what is said in ENTRY may end what there is in OTHER, with the same client: a name is no device, and what a verified one has
 * with us is ended by a verified one alone, or by itself. */
gboolean es_entry_speaks_for (const EsEntry *entry, const EsEntry *other);

/* Whether messages can go out in it; FALSE for NULL. And whether it may have what is typed: once a device is verified only those
 * that are, or that the user writes to all the same. */
gboolean es_entry_can_carry (const EsEntry *entry);
gboolean es_entry_may_have (const EsEntry *entry);

/* What is known of the link that the other side's program makes of the session: LINK->look. */
void es_entry_look_for_link (EsLinkWatch *link);

/* Confirms the message with the label ID, when it has been shown: whoever dies before that has not confirmed it. */
void es_entry_confirm (EsEntry *entry, const char *id);

/* What is to be confirmed goes out now, before the session ends. */
void es_entry_confirm_all (EsEntry *entry);

/* Appends as many of the receipts as one stanza takes to STANZA, and returns how many: when that is encrypted, they have been
 * sent. */
guint es_entry_append_receipts (const EsEntry *entry, EsXml *stanza);
void es_entry_receipts_sent (EsEntry *entry, guint n);

/* The conversation goes on in ENTRY; where the contact has several devices, or another one than before, the user is told
 * with which. */
void es_entry_go_on (EsEntry *entry);

/* The negotiation failed or, as EVENT says, was declined; the session broke; the session has become active: tell the peer. */
void es_entry_fail (EsEntry *entry, EsEvent event, EsNotice notice);
void es_entry_lose (EsEntry *entry);

/* The negotiation came to nothing, but another one may not: it is tried, so often as that makes sense. */
void es_entry_give_way (EsEntry *entry);
void es_entry_establish (EsEntry *entry);

/* Asks the best client for a session; ASKED_FOR by the user, who is not held back by the limits of an hour and a day. Where there is a
 * session already, it serves until the new one takes over. */
void es_peer_begin (EsPeer *peer, gboolean asked_for);

/* Asks the client of ENTRY for another session in its place, while the conversation is in one that can carry. */
void es_peer_renew (EsPeer *peer, const EsEntry *entry);

/* The session that the conversation was in is over: it goes on in another one that may have what is written, or EVENT holds. */
void es_peer_leave_device (EsPeer *peer, EsEvent event);

/* The session that the conversation is in may not have what is written, as is known by now: it goes on in one that may, if there is any. */
void es_peer_leave_barred (EsPeer *peer);

/* Whether there is another client to ask, where the one that we talk to may not have what is written. */
gboolean es_peer_may_try_another (const EsPeer *peer);

/* Whether all that an earlier life of the program left is here. Before that there is no session: what was shown then could not be told
 * from what is new, and what is new would leave before what waits. */
gboolean es_peer_is_complete (const EsPeer *peer, GError **error);

/* Whether there have been too many negotiations with the contact, or in the account. */
gboolean es_peer_has_had_enough (EsPeer *peer);

/* It was one too many, for the other side or for us: a new one is tried a while after SECONDS. */
void es_peer_retry_later (EsPeer *peer, guint seconds);

/* Whether there are too many negotiations under way for one more. */
gboolean es_peer_is_busy (const EsPeer *peer);

/* The client has gone without ending what it had with us. */
void es_peer_lose_client (EsPeer *peer, const EsAddress *jid);

/* Ends every session properly: they stay, mute, until the other side has answered. */
void es_peer_terminate_all (EsPeer *peer, const char *reason);

/* The same for those with the remembered DEVICE; whether the current one was among them. */
gboolean es_peer_terminate_device (EsPeer *peer, gint64 device);
