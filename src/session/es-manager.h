/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The encrypted conversations of one account: what the plugin's upper floors call. Contacts are bare JIDs, clients full
 * ones. */
#pragma once
#include "es-conversation.h"
#include "es-negotiation.h"
#include "es-trust.h"

typedef struct _EsManager EsManager;

/* HOST and TRUST must outlive the manager. OPTIONS is what sessions may be negotiated with; POLICY holds for contacts
 * without one of their own. */
EsManager *es_manager_new (const EsAddress *account,
                           const EsHost *host,
                           EsTrust *trust,
                           const EsOptions *options,
                           EsPolicy policy);

/* Frees at once; es_manager_offline says goodbye. */
void es_manager_free (EsManager *manager);

/* All texts that wait, as EsWaitingText, oldest first; the caller's, and wiped when it is freed. */
GPtrArray *es_manager_waiting (const EsManager *manager, const EsAddress *contact);

/* The user takes back the text with that label, which waits no more: returns it, the caller's; NULL if it waited no more, or comes back
 * later, as soon as the store can forget it. */
char *es_manager_withdraw (EsManager *manager, const EsAddress *contact, const char *label);

/* The user does not want it sent, nor back. For ES_UNDO_SECONDS it keeps its place, and what was written after it waits as well, so that
 * the user may think better of it; unless it goes another way before, or the user wants what is behind it to go. A crash in that time
 * leaves it waiting. */
void es_manager_discard (EsManager *manager, const EsAddress *contact, const char *label);
void es_manager_undo_discard (EsManager *manager, const EsAddress *contact, const char *label);

/* Changes nothing, and does not look into the file. */
void es_manager_describe (const EsManager *manager, const EsAddress *contact, EsConversation *conversation);

/* The contacts to whom something waits to be sent, of EsAddress, the caller's; NULL until it is known what an earlier life of the
 * program left. */
GPtrArray *es_manager_waiting_contacts (EsManager *manager);

/* Adds to COUNTS what there is on the account. */
void es_manager_count (const EsManager *manager, EsCounts *counts);

/* An alarm about CONTACT that the user cannot be shown now: that there was one outlives the program, until it was told. Since when that
 * is so, or -1; host->user.changed tells of those of an earlier life as soon as they can be read. */
void es_manager_keep_alarm (EsManager *manager, const EsAddress *contact);
gint64 es_manager_alarm (const EsManager *manager, const EsAddress *contact);
void es_manager_alarm_told (EsManager *manager, const EsAddress *contact);

/* The user opened the conversation, or closed it (sessions live on). */
void es_manager_opened (EsManager *manager, const EsAddress *contact);
void es_manager_closed (EsManager *manager, const EsAddress *contact);

/* The user sees the conversation now: what was to go back to her does. */
void es_manager_seen (EsManager *manager, const EsAddress *contact);

/* TYPED came back, and the user has done nothing with it when the program is about to end: it waits, and leaves encrypted only. */
void es_manager_wait_again (EsManager *manager, const EsAddress *contact, const char *typed);

/* The user typed TYPED, of which others made LEAVING (NULL: the same). ES_SEND_WAIT: the manager keeps both and hands them back
 * to the host, once, to be sent, or TYPED to be returned. ES_SEND_REFUSE: it was given back already. Otherwise send it on its
 * usual way; after ES_SEND_ENCRYPTED in no other one. */
EsVerdict es_manager_typed (EsManager *manager, const EsAddress *contact, const char *typed, const char *leaving);

/* The message that es_manager_incoming has just let through was shown to the user: only then is it confirmed. */
void es_manager_shown (EsManager *manager, const EsAddress *contact);

/* The server takes stanzas of so many OCTETS and no more; 0: not known. */
void es_manager_set_limit (EsManager *manager, gsize octets);

/* Every stanza about to leave, but those from host->transport.send; and every one that arrived: with anybody but rooms. Changed in place.
 * TO and FROM are its addresses, NULL for our own server. HANDED: it is what the host was handed to be sent; anything else, which is sent
 * meanwhile or because of it, is looked at for itself. */
EsDisposition es_manager_outgoing (EsManager *manager, const EsAddress *to, EsXml *stanza, gboolean handed);
EsDisposition es_manager_incoming (EsManager *manager, const EsAddress *from, EsXml *stanza);

/* The text to TO with that NUMBER has just been encrypted, and cannot leave: it is forgotten, and not sent again. The caller's, as it was;
 * NULL if it is not there. */
EsXml *es_manager_take_sent (EsManager *manager, const EsAddress *to, guint64 number);

/* Whether STREAM is a file that comes from, or goes to, the client JID in a session. */
gboolean es_manager_has_stream (const EsManager *manager, const EsAddress *jid, const char *stream);

/* Whether CONTACT is more than an address: it has a session or, as far as the store can be read, a remembered device or a policy of
 * its own; and whether there is more to it, an open conversation or something that waits. */
gboolean es_manager_knows (const EsManager *manager, const EsAddress *contact);
gboolean es_manager_has_business (const EsManager *manager, const EsAddress *contact);

/* Whether what CONTACT sends in the clear is not to pass as if that were usual, and whether that is so of anybody in memory. */
gboolean es_manager_is_guarded (const EsManager *manager, const EsAddress *contact);
gboolean es_manager_guards_any (const EsManager *manager);

/* Whether what is sent to CONTACT now may leave as it is. */
gboolean es_manager_may_be_plain (EsManager *manager, const EsAddress *contact);

/* Whether a file may go to CONTACT on a way that nobody encrypts. If not the user is told, and the next try prepared. */
gboolean es_manager_file_may_go_past (EsManager *manager, const EsAddress *contact);

/* Whether a file that began encrypted may be under way to or from the client JID. */
gboolean es_manager_has_file (const EsManager *manager, const EsAddress *jid);

/* A client came (or changed: VERSION stands for what it can, NULL if unknown), or went; a bare JID: all of them went. */
void es_manager_set_presence (EsManager *manager,
                              const EsAddress *jid,
                              gboolean available,
                              int priority,
                              const char *version);

/* CONTACT is about to get nothing from us any more: all there is with it ends, properly while stanzas can still be sent, as if we
 * went offline. */
void es_manager_leave (EsManager *manager, const EsAddress *contact);

/* The answer to host->transport.ask_support; GAJIM: it says that it is Gajim, which speaks a dialect of its own. */
void es_manager_set_support (EsManager *manager, const EsAddress *jid, gboolean supported, gboolean gajim);

/* The user's wishes. EQUAL is what the user said of the codes that CODE was one of; it has no effect if the session has
 * another code by now. */
void es_manager_start (EsManager *manager, const EsAddress *contact);
void es_manager_end (EsManager *manager, const EsAddress *contact);
void es_manager_verify (EsManager *manager, const EsAddress *contact, const char *code, gboolean equal);

/* Which client of the account we are (full), from now on; NULL: that is not known. What concerns links that verify needs it. */
void es_manager_set_own (EsManager *manager, const EsAddress *own);

/* The link that verifies us to the other side, for the user to hand over past the conversation: the caller's. NULL where there is no
 * session, or none that could be verified by it. */
char *es_manager_own_link (const EsManager *manager, const EsAddress *contact);

/* The user says that TEXT is the other side's link: es-verify-link.h. If it agrees that is as if the codes were equal; otherwise nothing
 * changes. */
EsLinkVerdict es_manager_check_link (EsManager *manager, const EsAddress *contact, const char *text);

/* Compares PASSWORD (UTF-8 as typed; white space around it does not count, and nothing else is no password) with that of the
 * other side: starts that, or answers what the other side has started. Notices tell what comes of it. The other side is shown QUESTION,
 * UTF-8, where it is asked; NULL or nothing but white space: none. */
void es_manager_password (EsManager *manager, const EsAddress *contact, const char *password, const char *question);

/* The user does not want to answer, or takes back what was started. */
void es_manager_decline_password (EsManager *manager, const EsAddress *contact);

/* What waits is sent unencrypted, this once. */
void es_manager_send_plain (EsManager *manager, const EsAddress *contact);

/* Or wants it to wait all the same, though that could not be done yet. */
void es_manager_keep_waiting (EsManager *manager, const EsAddress *contact);

/* The device that the session is with gets what is written although it is not verified and another one is; what was written
 * before goes back to the user. */
void es_manager_write_anyway (EsManager *manager, const EsAddress *contact);

/* An EsPolicy for the contact, or -1 for the account's. FALSE with ERROR, and no change, if it cannot be stored. */
gboolean es_manager_set_policy (EsManager *manager, const EsAddress *contact, int policy, GError **error);

/* Whether encrypted conversations may be logged here; asked of the other side in every negotiation from now on. */
void es_manager_set_log (EsManager *manager, gboolean log);

/* Whether what is written and has not arrived is kept in the file, or in memory only: es-keep.h. */
void es_manager_set_kept (EsManager *manager, gboolean in_file);

/* Does at once what is to be done for that. FALSE if it cannot be done now: then it is tried again, as usual. */
gboolean es_manager_write_kept (EsManager *manager);

/* The store has been unlocked, or it is known now that it will not be by itself: what waits for that goes on, or is told. */
void es_manager_store_changed (EsManager *manager);

/* What usually holds, of all contacts for whom the user chose nothing. What waits because nothing was to leave in the clear
 * goes back to the user where it could do so now. */
void es_manager_set_usual_policy (EsManager *manager, EsPolicy policy);

/* Whether groups that can be broken with much effort may be used, for old programs, from the next negotiation on. */
void es_manager_set_weak_groups (EsManager *manager, gboolean allowed);

/* Whose requests are heard. */
typedef enum
{
  ES_STARTERS_CONTACTS, /* of those who may see our presence; others are not answered */
  ES_STARTERS_ASK,      /* the user is asked about others */
  ES_N_STARTERS
} EsStarters;

void es_manager_set_starters (EsManager *manager, EsStarters starters);

/* The user's answer to host->user.ask_stranger. Without effect if that question is not open any more. */
void es_manager_answer_stranger (EsManager *manager, const EsAddress *contact, gboolean accept);

/* What goes on with the remembered DEVICE now; FALSE if it is not connected. */
gboolean es_manager_use_of (EsManager *manager, gint64 device, EsDeviceUse *use);

/* The user no longer counts DEVICE, remembered with CONTACT, as verified, or has forgotten it, and es-trust.h knows that:
 * sessions on it follow, as does what usually holds for the contact. */
void es_manager_device_unmarked (EsManager *manager, const EsAddress *contact, gint64 device);
void es_manager_device_forgotten (EsManager *manager, const EsAddress *contact, gint64 device);

/* We are about to go offline, or the plugin to stop: ends every session, properly while stanzas can still be sent. If that
 * is WANTED, what waits goes back to the user; otherwise it waits for the connection to come back. */
void es_manager_offline (EsManager *manager, gboolean wanted);
