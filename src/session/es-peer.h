/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A contact: its clients, the sessions with them, what waits, and what the conversation with it is. Only es-manager
 * calls this; see es-manager.h for what each call means. */
#pragma once
#include "es-belief.h"
#include "es-conversation.h"
#include "es-keep.h"
#include "es-seen.h"
#include "es-session.h"
#include "es-tally.h"

typedef struct _EsPeer EsPeer;

/* What the contacts of one account share. */
typedef struct
{
  EsAddress *account; /* bare */
  EsAddress *own;     /* full: which of its clients we are; NULL while that is not known */
  const EsHost *host;
  EsTrust *trust;
  EsOptions options;
  EsPolicy policy; /* the default */
  gsize limit;     /* of a stanza in octets, 0 if not known */
  EsKeep *keep;
  EsSeen *seen;
  gboolean restored; /* what an earlier life of the program left is here, and in SEEN */
  GHashTable *
      plain_told; /* contacts of whom the user knows that what is written to them while they are offline leaves unencrypted */
  EsErrorCode unrestored; /* why not, when that was tried last */
  EsTally tally;          /* of negotiations begun or answered */
  guint n_pending;        /* negotiations under way */
  guint64 n_begun;        /* sessions that ever were */
  gint64 errors_minute;   /* the minute that n_errors counts */
  guint n_errors;
} EsAccount;

EsPeer *es_peer_new (EsAccount *account, const EsAddress *contact);
void es_peer_free (EsPeer *peer);

EsState es_peer_state (const EsPeer *peer);
const EsSession *es_peer_session (const EsPeer *peer);
void es_peer_describe (const EsPeer *peer, EsConversation *conversation);
void es_peer_count (const EsPeer *peer, EsCounts *counts);

/* TYPED waits as if the user had typed it, whatever there is to send it in, and leaves encrypted only. Nobody is told. What
 * is too long for that is dropped. */
void es_peer_wait_again (EsPeer *peer, const char *typed);

void es_peer_opened (EsPeer *peer);
void es_peer_closed (EsPeer *peer);
/* Nothing would be left of what has not arrived: it goes back to the user, what is not confirmed as soon as nobody is left to do
 * that. */
void es_peer_give_back (EsPeer *peer);

/* What was to go back to the user and could not, what waits, and, as soon as nobody is left to confirm it, what is not confirmed and was
 * to: that goes back. */
void es_peer_give_back_held (EsPeer *peer);

/* The same of what the store does not have: the rest waits there. */
void es_peer_give_back_unstored (EsPeer *peer);

/* The account's limit is another one. */
void es_peer_limit_changed (EsPeer *peer);

/* What an earlier life of the program left of what was written to the contact; RESTORED's texts and stanza are taken. */
void es_peer_restore (EsPeer *peer, EsRestored *restored);

/* That was all of it: it goes on as soon as that can be. */
void es_peer_restored (EsPeer *peer);

EsVerdict es_peer_typed (EsPeer *peer, const char *typed, const char *leaving);
void es_peer_shown (EsPeer *peer);
EsDisposition es_peer_outgoing (EsPeer *peer, EsXml *stanza, gboolean handed);
EsDisposition es_peer_incoming (EsPeer *peer, const EsAddress *from, EsXml *stanza);

/* Whether ID is that of one of the last messages of a session with the contact. */
gboolean es_peer_has_message (const EsPeer *peer, const char *id);

/* For es_manager_take_sent. */
EsXml *es_peer_take_sent (EsPeer *peer, guint64 number);

/* Whether nothing that is for people may pass between us and the contact unencrypted without a word. */
gboolean es_peer_is_guarded (const EsPeer *peer);

/* The same for iqs and presence. */
EsDisposition es_peer_stanza_outgoing (EsPeer *peer, const EsAddress *to, EsXml *stanza);
EsDisposition es_peer_stanza_incoming (EsPeer *peer, const EsAddress *from, EsXml *stanza);
/* Whether something is to be said to the contact now or later. */
gboolean es_peer_has_business (const EsPeer *peer);

/* Whether there is one with any client, be it only begun. */
gboolean es_peer_has_session (const EsPeer *peer);

/* Whether one is there that messages can go out in. */
gboolean es_peer_has_live_session (const EsPeer *peer);
gboolean es_peer_has_file (const EsPeer *peer, const EsAddress *jid);

/* Whether what is sent to the contact now may leave as it is. */
gboolean es_peer_may_be_plain (EsPeer *peer);

/* Whether a file may leave on a way that nobody encrypts. If not the user is told. */
gboolean es_peer_file_may_go_past (EsPeer *peer);

void es_peer_set_presence (EsPeer *peer, const EsAddress *jid, gboolean available, int priority, const char *version);
void es_peer_set_support (EsPeer *peer, const EsAddress *jid, gboolean supported, gboolean gajim);
void es_peer_start (EsPeer *peer);
void es_peer_end (EsPeer *peer);
void es_peer_verify (EsPeer *peer, const char *code, gboolean equal);
char *es_peer_own_link (const EsPeer *peer);
/* Whether STREAM is a file that the client JID, full or not, has begun or been sent in a session. */
gboolean es_peer_has_stream (const EsPeer *peer, const EsAddress *jid, const char *stream);

EsLinkVerdict es_peer_check_link (EsPeer *peer, const char *text);
void es_peer_password (EsPeer *peer, const char *password, const char *question);
void es_peer_decline_password (EsPeer *peer);
GPtrArray *es_peer_waiting (const EsPeer *peer);
char *es_peer_withdraw (EsPeer *peer, const char *label);
void es_peer_discard (EsPeer *peer, const char *label);
void es_peer_undo_discard (EsPeer *peer, const char *label);
void es_peer_send_plain (EsPeer *peer);
void es_peer_keep_waiting (EsPeer *peer);
void es_peer_write_anyway (EsPeer *peer);
void es_peer_store_changed (EsPeer *peer);
gboolean es_peer_set_policy (EsPeer *peer, int policy, GError **error);
void es_peer_offline (EsPeer *peer, gboolean wanted);

/* Es-peer-devices.c: what es-manager.h says of remembered devices. */
void es_peer_device_unmarked (EsPeer *peer, gint64 device);
void es_peer_device_forgotten (EsPeer *peer, gint64 device);
gboolean es_peer_use_of (const EsPeer *peer, gint64 device, EsDeviceUse *use);

/* Whether nothing leaves in the clear; and the account's policy has changed since that was found out. */
gboolean es_peer_is_always (const EsPeer *peer);
void es_peer_policy_changed (EsPeer *peer, gboolean was_always);

/* The user lets in a stranger, who is there as JID (full) and can encrypt. */
void es_peer_meet (EsPeer *peer, const EsAddress *jid);

/* Whether anything may be sent to the contact without the user's doing: that we are here is nothing to tell strangers. */
gboolean es_peer_may_see_us (const EsPeer *peer);

/* Whether anything about the contact is worth keeping in memory. */
gboolean es_peer_is_idle (const EsPeer *peer);
