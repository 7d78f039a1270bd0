/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The running plugin: what its parts share while it is started. */
#pragma once
#include <purple.h>

#include "es-border.h"
#include "es-manager.h"
#include "es-recent.h"
#include "es-ui.h"

typedef struct _EsMover EsMover;
typedef struct _EsVault EsVault;

typedef struct
{
  PurplePlugin *handle; /* of signals, commands and requests */
  PurplePlugin *jabber;
  const EsUi *ui;
  EsLog *log;
  EsTrust *trust;
  EsVault *vault;
  EsMover *mover;
  GHashTable *links; /* PurpleAccount -> EsLink */
  xmlnode *nothing;  /* stands in for a stanza that is not to be sent */
  int (*send_raw) (PurpleConnection *connection, const char *text, int size); /* libpurple's own */
  char *let_out;     /* the stanza that may be written next, as text, or NULL */
  gboolean from_raw; /* it was handed to us as text */
  gboolean held;     /* the last message did not leave because it waits, and leaves later */
  guint depth; /* so many stanzas are on their way through the plugins: one may send another while it looks at one */
  guint unsent_source;
  guint devices_source;
  gboolean devices_unnamed; /* some may be, of those that have come */
  guint deleted_source;
  guint names_source;
  gboolean quitting;  /* the whole program, */
  gboolean stopping;  /* or the plugin alone */
  GSource *receiving; /* where the last stanza came in, NULL: not from GLib's loop, */
  gboolean has_received;
  GHashTable *nameless; /* addresses that no account has any more, and of which the user was asked */
  GHashTable *withs;    /* PurpleConversation -> whom it is with: es-with.c */
  GHashTable *known;    /* the names that the user knows contacts by: es-names.c, */
  GHashTable *seen;     /* and PurpleBuddy -> those that it has, as the eye sees them */
} EsPlugin;

typedef struct _EsRefusal EsRefusal;

/* A text that libpurple is about to send: es-saying.c. */
typedef struct
{
  char *typed;        /* as it was before any plugin changed it */
  EsAddress *contact; /* bare: to whom it goes; NULL: to nobody whose conversations are ours, or nobody knows yet */
  gboolean walled;    /* it leaves encrypted only */
  gboolean handed;    /* it has waited, and the manager has handed it over */
  gboolean stopped;   /* it did not leave, and went back to the user: it is not shown as sent */
  gboolean copied;    /* another plugin has sent the same where it must not go */
  gboolean seen;      /* its stanza has been, */
  guint depth;        /* and is under way as the how manieth within others, or is not: 0 */
  char *body;         /* what people could read in it then, or NULL */
} EsSaying;

/* One account. */
typedef struct
{
  EsPlugin *plugin;
  PurpleAccount *account;
  EsAddress *own; /* bare */
  EsHost host;
  EsManager *manager;
  const xmlnode *own_node; /* the stanza of ours that is on its way out, */
  const EsXml *own_stanza; /* and what it was before others saw it */
  guint n_signs;           /* on stanzas that came in and were looked at */
  gboolean taken;          /* nobody else is to see the last of them */
  EsAddress *said;         /* bare: to whom text has just left, and is not yet shown, */
  guint64 said_number;     /* which that is, 0: it did not leave encrypted, */
  guint64 shown_number;    /* and the same of what is being shown */
  EsAddress *ahead;        /* bare: for whom text is shown, and is about to leave */
  EsAddress *heard;        /* bare: whose message it was, if it is to be shown */
  char *next;              /* what is to stand above it, or NULL, */
  EsAddress *next_of;      /* and whose message that is, bare */
  GPtrArray *writing;      /* es-origin.c's: what of one's own is being shown, one within another */
  const char *quoted;      /* what is being shown as such, or was: only to be compared */
  GPtrArray *told;         /* what was said since it came, */
  EsAddress *told_of;      /* and in whose conversation */
  char *id_prefix;         /* of the ids of our own iqs */
  guint n_ids;
  EsRecent *refusals;       /* ids of pings of ours -> EsRefusal */
  EsRecent *queries;        /* ids of queries of ours -> full EsAddress, or NULL for our server */
  EsRecent *joining;        /* bare addresses that we asked to join */
  EsRecent *rooms;          /* and that answered as rooms */
  GHashTable *subscribers;  /* bare EsAddress that may see our presence */
  gint64 signed_on;         /* when, as g_get_monotonic_time tells; 0 if that was before the plugin */
  GHashTable *asked;        /* ids of iqs that libpurple has sent for a file -> es-transfers.c */
  GHashTable *streams;      /* names of streams for files -> PurpleXfer */
  GHashTable *arrived;      /* bare EsAddress whose presence has come just after that */
  EsRecent *lines;          /* bare addresses -> GPtrArray of sentences for a conversation that nobody sees yet */
  GHashTable *unsent;       /* bare EsAddress -> what goes back to the user: es-unsent.c */
  GHashTable *unlogged;     /* bare EsAddress whose conversation is not to be logged */
  EsRecent *names;          /* bare addresses that are not in the buddy list -> the name that the user knows */
  EsRecent *reminded;       /* bare addresses -> gint64: when the user was last reminded to verify */
  GHashTable *agreed;       /* bare EsAddress with whom the user goes on without a log */
  GPtrArray *sayings;       /* of EsSaying: the texts that libpurple is about to send, one within another, */
  EsSaying *says;           /* and the one whose stanza is being looked at, or NULL: another plugin's is */
  const EsAddress *closing; /* the contact whose conversation is being closed */
  const EsAddress *parting; /* the contact that is being blocked, and may still be told */
  gboolean leaving;         /* going offline */
  gboolean
      resends; /* what the server may not have had is being sent again: it knows who we are, though we are not online yet */
  gboolean left_shown;    /* what waits since an earlier life */
  gsize announced;        /* the server takes no larger stanza, in octets; 0: it does not say */
  gsize limit;            /* the same, as the manager knows it, with what was learnt */
  guint32 n_written;      /* stanzas, since the server counts them */
  gsize largest;          /* stanza that was written lately and is not acknowledged, */
  gint64 largest_at;      /* when, on the monotonic clock, */
  guint32 largest_number; /* and as which */
  gsize suspect;       /* the last connections broke when so much was written; 0: they did not, or that is explained */
  guint n_breaks;      /* how many */
  EsAddress *stranger; /* about whom the user is asked, or NULL */
} EsLink;

/* NULL while the plugin is not started. */
EsPlugin *es_plugin_running (void);

/* A request that was just made with TITLE gets help about TOPIC, where the program has any. */
void es_plugin_add_help (const EsPlugin *plugin, const char *title, EsHelp topic);

/* The same, with a sentence for the user in *ERROR, the caller's, where it is not. */
EsPlugin *es_plugin_running_or_error (char **error);

/* What EsApi has. */
gboolean es_plugin_start (const EsUi *ui, char **error);
void es_plugin_stop (void);
const EsApi *es_api (void);

/* Whose sentences are said in conversations. */
const EsProgram *es_plugin_program (const EsPlugin *plugin);

/* The link of an XMPP account, made when it is first asked for; NULL for other protocols. */
EsLink *es_plugin_link (EsPlugin *plugin, PurpleAccount *account);
EsLink *es_plugin_link_of_connection (EsPlugin *plugin, PurpleConnection *connection);

/* Whether ACCOUNT is one of XMPP as far as is known, whatever the user has made of it since it signed on. */
gboolean es_plugin_is_xmpp (const EsPlugin *plugin, PurpleAccount *account);

/* Whether the account has been given another name, or protocol, since the link was made; no stanza leaves until it signs on
 * anew, with a new link. */
gboolean es_link_is_renamed (const EsLink *link);

/* The connection while stanzas can be sent on it, or NULL: the account is online, and libpurple has logged in. */
PurpleConnection *es_link_connection (const EsLink *link);

/* Sends STANZA, which stays the caller's, through all of libpurple's handlers but ours. */
void es_link_send (EsLink *link, const EsXml *stanza);

/* The parts; each begins to listen, and the signals end with the plugin's handle.
 *   gate           every stanza that leaves or arrives
 *   wire           that nothing else is written
 *   transfers      files that other plugins send
 *   sizes          how large a stanza may be
 *   blocked        for whom we are not there
 *   presence       who is there, what they can, who may see us
 *   rooms          what is said in them
 *   with           whom conversations are with
 *   conversations  what the user does and is shown
 *   origin         whose words are written there
 *   names          by which name, and that it is not somebody else's
 *   unsent         what goes back to the user, or has nobody any more to wait for
 *   menu           of a contact in the buddy list
 *   uri            links that are opened elsewhere */
void es_gate_start (EsPlugin *plugin);
void es_wire_start (EsPlugin *plugin);
void es_wire_stop (EsPlugin *plugin);
void es_transfers_start (EsPlugin *plugin);
void es_transfers_stop (EsPlugin *plugin);
void es_sizes_start (EsPlugin *plugin);
void es_blocked_start (EsPlugin *plugin);
void es_presence_start (EsPlugin *plugin);
void es_rooms_start (EsPlugin *plugin);
void es_with_start (EsPlugin *plugin);
void es_with_stop (EsPlugin *plugin);
void es_conversations_start (EsPlugin *plugin);
void es_origin_start (EsPlugin *plugin);
void es_heard_start (EsPlugin *plugin);
void es_names_start (EsPlugin *plugin);
void es_names_stop (EsPlugin *plugin);
void es_menu_start (EsPlugin *plugin);
void es_uri_start (EsPlugin *plugin);
void es_unsent_start (EsPlugin *plugin);

/* What waits for ACCOUNT, which is deleted, under its name or one that it had before, is erased as soon as that can be done unless another
 * account has that name; tried again. Ask: where something waits for a name that no account has, the user is asked what becomes of
 * it, once while the plugin runs. */
void es_deleted_start (EsPlugin *plugin);
void es_deleted_stop (EsPlugin *plugin);
void es_deleted_add_link (const EsLink *link);
void es_deleted_add_account (EsPlugin *plugin, PurpleAccount *account);
void es_deleted_erase (EsPlugin *plugin);
void es_deleted_ask (EsPlugin *plugin);

/* Blocked: whether the user has blocked the contact of JID, which gets silence: it is answered nothing, and nothing begins with it;
 * whether PACKET, from such a contact, goes to nobody, what else there is to be seen is taken out of it; and that PACKET, which
 * may tell our server to block somebody, is about to leave. */
gboolean es_blocked_has (const EsLink *link, const EsAddress *jid);
gboolean es_blocked_take (xmlnode *packet);
void es_blocked_note_leaving (EsLink *link, const xmlnode *packet);

/* Presence: which client of the account we are is looked up again; and for the host, and the gate's iqs. */
void es_presence_note_own (EsLink *link);
void es_presence_ask_support (EsLink *link, const EsAddress *jid);
gboolean es_presence_ask_presence (EsLink *link, const EsAddress *contact);
gboolean es_presence_may_see_us (EsLink *link, const EsAddress *contact);

/* Whether ADDRESS is the bare one of the account, or that of this connection. */
gboolean es_presence_is_us (const EsLink *link, const EsAddress *address);

/* Whether an iq was an answer to a question of ours; it is nobody else's then. */
gboolean es_presence_take_iq (EsLink *link, const char *type, const char *id, const char *from, xmlnode *packet);

/* What a roster, or a change to it, says before anybody else reads it: each contact has one spelling; what is no address goes, and what is
 * a room. */
void es_presence_prepare_roster (EsLink *link, const EsAddress *from, xmlnode *packet);

/* Asks for the roster, where the plugin was started too late to see the one that libpurple asked for. */
void es_presence_ask_roster (EsLink *link);

/* Refusals: whoever in libpurple made IQ, which is not sent, gets an error for an answer a moment later. The gate hands in
 * what comes from others than contacts: PACKET may be made that answer. */
void es_refusals_add (EsLink *link, const EsXml *iq);
void es_refusals_take (EsLink *link, const EsAddress *from, xmlnode *packet);
void es_refusal_free (EsRefusal *refusal);

/* Transfers: cancels the files that began encrypted; without the gate they would go on in the clear. */
void es_transfers_cancel (EsLink *link);

/* Whether PACKET, if it offers a file to TO, may leave because the file can arrive. The user is told if not. */
gboolean es_transfers_may_arrive (EsLink *link, const EsAddress *to, const xmlnode *packet);

/* PACKET, which leaves for TO, may be libpurple's question for one; and an answer of that ID, FROM whom, goes on to libpurple. */
void es_transfers_note_leaving (EsLink *link, const EsAddress *to, const xmlnode *packet);
void es_transfers_note_answer (EsLink *link, const char *id, const char *from);

/* Whether PACKET may leave as far as files are concerned that are uploaded to a server (XEP-0363). The user is told if not. */
gboolean es_transfers_may_leave (EsLink *link, const xmlnode *packet);

/* Tells the manager of all conversations that are open: after a sign-on, and when the roster is known. */
void es_conversations_opened (EsLink *link);

/* Conversations: for the host. */
void es_conversations_changed (EsLink *link, const EsAddress *contact);
/* Whether the user may be reminded to verify the contact now, which counts as done; and that they said "later". */
gboolean es_conversations_may_remind (EsLink *link, const EsAddress *contact);
void es_conversations_note_reminded (EsLink *link, const EsAddress *contact);
const char *es_conversations_verify_label (void);
void es_conversations_notice (EsLink *link, const EsAddress *contact, EsTone tone, const char *sentence);
void es_conversations_send_text (EsLink *link,
                                 const EsAddress *contact,
                                 const char *typed,
                                 const char *leaving,
                                 gboolean encrypted);

/* A line of ours, as markup, with MORE flags; it says of whom it speaks where the window is for several. */
void es_conversations_write (PurpleConversation *conversation, const char *markup, PurpleMessageFlags more);

/* Whether the user can see it: some programs let one go on whose window was closed. And what was said in one meanwhile is said as soon
 * as it can be seen. */
gboolean es_conversation_is_shown (const EsPlugin *plugin, PurpleConversation *conversation);
gboolean es_conversation_is_seen (const EsPlugin *plugin, PurpleConversation *conversation);
void es_conversations_show_kept (EsPlugin *plugin);

/* In this one alone. */
void es_conversations_say (EsLink *link, PurpleConversation *conversation, const char *sentence);

/* All conversations with CONTACT, the list is the caller's; and one of them, or NULL. */
GList *es_conversations_of (const EsLink *link, const EsAddress *contact);
PurpleConversation *es_conversations_find (const EsLink *link, const EsAddress *contact);

/* The one with CONTACT, opened if there is none; NULL where that cannot be done, offline. And the same, brought back where nobody sees it:
 * for what the user is to see now. */
PurpleConversation *es_conversations_need (const EsLink *link, const EsAddress *contact);
void es_conversations_show (const EsLink *link, const EsAddress *contact);

/* Another stanza has come. */
void es_conversations_forget_told (EsLink *link);

/* es-saying.c */
/* TYPED is to leave for CONTACT, NULL: nobody knows yet; instead of the last one, unless that is in the middle of leaving: then within it.
 * The link's. And it is through, or does not leave: not while it is in the middle of that. */
EsSaying *es_saying_begin (EsLink *link, const char *typed, const EsAddress *contact);
void es_saying_end (EsLink *link);
void es_saying_unref (gpointer saying);

/* The innermost, or NULL. */
EsSaying *es_saying_current (const EsLink *link);

/* PACKET, a message to TO, begins to leave before other plugins have looked at it or have sent something themselves: the first is the
 * stanza of the text. And the one whose stanza comes by after that, whatever others have made of it; or NULL. */
void es_saying_note_stanza (EsLink *link, const EsAddress *to, const xmlnode *packet);
EsSaying *es_saying_find_stanza (EsLink *link);

/* The one that is to leave encrypted or not at all whose stanza PACKET is, or which says the same, of another plugin's making; or NULL. */
EsSaying *es_saying_find_walled (const EsLink *link, const xmlnode *packet);

/* What people can read in PACKET, or NULL; the caller's. */
char *es_saying_dup_body (const xmlnode *packet);

/* SAYING does not leave, and goes back; and the same where it has gone back already, of what is being looked at. */
void es_conversations_stop (EsLink *link, EsSaying *saying);
void es_conversations_note_stopped (EsLink *link, const EsAddress *to);

/* PACKET, of another plugin's making, says the same as SAYING to TO, and does not leave. */
void es_conversations_stop_copy (EsLink *link, EsSaying *saying, const EsAddress *to, xmlnode *packet);

/* What was typed for CONTACT is through: whatever another plugin now sends is no part of it. */
void es_conversations_note_left (EsLink *link, const EsAddress *contact);

/* Whether what is about to be shown in the conversation with CONTACT, as sent, was stopped. */
gboolean es_conversations_is_stopped (const EsLink *link, const EsAddress *contact);

/* PACKET, a message to TO that people could read, is more than the server takes; or cannot be looked at; or is written to a stream on which
 * the account is not online yet. Its text goes back. */
void es_conversations_too_large (EsLink *link, const EsAddress *to, xmlnode *packet);
void es_conversations_unreadable (EsLink *link, const EsAddress *to, xmlnode *packet);
void es_conversations_offline (EsLink *link, const EsAddress *to, xmlnode *packet);

/* Origin: another stanza has come; text leaves for TO; what has come from FROM, MESSAGE, is going to be shown, and SENTENCE is to stand
 * right above it, and above each piece of it, if it really is. */
void es_origin_forget (EsLink *link);
void es_origin_note_said (EsLink *link, const EsAddress *to);
void es_origin_note_heard (EsLink *link, const EsAddress *from, xmlnode *message);
void es_origin_mark_next (EsLink *link, const EsAddress *from, const char *sentence);

/* What LINK->writing is freed with. */
void es_writing_free (gpointer data);

/* What became of the text to CONTACT with that NUMBER: of what is sent the user interface is told when it is shown. */
void es_origin_note_delivery (EsLink *link, const EsAddress *contact, guint64 number, EsDelivery delivery);

/* OTR: what was TYPED, is to leave encrypted by us, and was going to leave as LEAVING: without the offer of another encryption that others
 * have added; and what has
 * waited, was TYPED, and may have been encrypted with keys that are gone by now. The caller wipes and frees. */
char *es_otr_remove_offer (const char *typed, const char *leaving);
char *es_otr_waited (const char *typed, const char *leaving);

/* Names: a stanza has come; all that libpurple does of it, it does now. And conversations that nobody saw may be seen now. */
void es_names_note_receiving (EsPlugin *plugin);
void es_names_show_kept (EsPlugin *plugin);

/* Takes out of PACKET, which libpurple is about to deal with, the names that it would call FROM by, where that is guarded: it writes them
 * into conversations, and windows bear them. And what it has kept of these for CONTACT, which it takes up whenever a list comes. */
void es_names_take (const EsLink *link, const EsAddress *from, xmlnode *packet);
void es_names_forget_kept (const EsLink *link, const EsAddress *contact);

/* Heard: PACKET is about to be dealt with by libpurple; NAME, which may be NULL, may be shown. */
void es_heard_note (const EsPlugin *plugin, const xmlnode *packet);
void es_heard_note_name (const EsPlugin *plugin, const char *name);

/* Gate: whether NODE is one of the three that are passed on to others. */
gboolean es_gate_is_stanza (const xmlnode *node);

/* Wire: NODE is a stanza that the gate lets out, LINK may be NULL; or the server would end the stream over it, which libpurple then sends
 * again at every sign-on: it is larger than that takes, or, looked at where it is OURS, not well-formed. */
typedef enum
{
  ES_WIRE_OUT,
  ES_WIRE_TOO_LARGE,
  ES_WIRE_UNREADABLE
} EsWire;

EsWire es_wire_let_out (EsPlugin *plugin, EsLink *link, xmlnode *node, gboolean ours);

/* Sizes: what is known of the account's server; whether a stanza of so many OCTETS may be written, which it is then. */
void es_sizes_add_link (EsLink *link);
gboolean es_sizes_may_write (EsLink *link, gsize octets);

/* Logging: the preference, and what it means at this moment for CONVERSATIONS, all with CONTACT; and one is none of ours any more. */
void es_logging_start (EsPlugin *plugin);
void es_logging_stop (EsPlugin *plugin);
void es_logging_add_link (EsLink *link);
void es_logging_update (EsLink *link, const EsAddress *contact, const GList *conversations);
void es_logging_release (PurpleConversation *conversation);
gboolean es_logging_allowed (EsLink *link, const EsAddress *contact);

/* The user goes on without a log with a contact who does not want one; and whether that was said, now or in an earlier
 * life of the program. */
void es_logging_agree (EsLink *link, const EsAddress *contact);
gboolean es_logging_is_agreed (EsLink *link, const EsAddress *contact);

/* Choices: the preferences but that of logging, checked, and what they mean for accounts and for the whole program. At its end the user
 * is asked what becomes of what is in memory only. */
void es_choices_start (EsPlugin *plugin);
void es_choices_add_link (EsLink *link);
void es_choices_end (EsPlugin *plugin);
void es_choices_stop (EsPlugin *plugin);

/* What the user chose for the account may be something else than it was. */
void es_choices_follow (EsLink *link);

/* Remembered devices: what EsApi has; and something about them has changed, which is told a moment later. */
void es_remembered_start (EsPlugin *plugin);
void es_remembered_stop (EsPlugin *plugin);
void es_remembered_changed (EsPlugin *plugin);
GPtrArray *es_remembered_list (char **error);
gboolean es_remembered_rename (gint64 id, const char *name, char **error);
gboolean es_remembered_unmark (gint64 id, char **error);
gboolean es_remembered_forget (gint64 id, gboolean lost, char **error);
gboolean es_remembered_forget_contact (const char *account_name, const char *contact, gboolean lost, char **error);
char *es_remembered_export (char **error);

/* Report: the log, which goes to libpurple's debug window; what a report of a fault needs, the caller's; and a new file with that: its name,
 * the caller's. NULL with a sentence for the user in *ERROR if it cannot be made or written. */
EsLog *es_report_log_new (void);
char *es_report_text (char **error);
char *es_report_write (char **error);

/* Rooms: what the address BARE is, now or possibly; whether STANZA may go to TO, as far as rooms are concerned (the user is told
 * if not), and that it has left; and presence that came. */
gboolean es_rooms_has (const EsLink *link, const EsAddress *bare);
gboolean es_rooms_may_have (const EsLink *link, const EsAddress *bare);
gboolean es_rooms_may_leave (EsLink *link, const EsAddress *to, xmlnode *stanza);
/* Whether a message, iq or presence to or from ADDRESS is a room's business: text to the bare address never is. */
gboolean es_rooms_has_stanza (const EsLink *link, const EsAddress *address, const xmlnode *stanza);

/* Whether NAME, of a conversation that is no chat, is that of somebody in a room; perhaps: nobody can tell while the store cannot be
 * read. */
typedef enum
{
  ES_ROOMS_NOBODY,
  ES_ROOMS_SOMEBODY,
  ES_ROOMS_PERHAPS
} EsRoomsPerson;

EsRoomsPerson es_rooms_person (const EsLink *link, const char *name);

/* Whether NAME, which is the address CONTACT and perhaps more, is or may be that of somebody in a room. */
gboolean es_rooms_has_person (const EsLink *link, const EsAddress *contact, const char *name);

/* Whether CONVERSATION, which is no chat, may be with somebody in a room that has not been joined again yet: it matters only when
 * something is written there. */
gboolean es_rooms_may_return (const EsLink *link, PurpleConversation *conversation);

/* MESSAGE from FROM may be an invitation that is handed on: it comes in the name of whoever hands it on where it would come in that
 * of somebody whose words are marked, or of nobody at all. */
void es_rooms_prepare_invitation (EsLink *link, const EsAddress *from, xmlnode *message);

/* Something has come from FROM: it comes from no room if that is a contact, whatever libpurple has joined. */
void es_rooms_take_contact (const EsLink *link, const EsAddress *from);

/* MESSAGE, which leaves for a room, may be an invitation that the room hands on: it holds no words for whoever gets none in the
 * clear. The user is told. */
void es_rooms_prepare_leaving (EsLink *link, xmlnode *message);

void es_rooms_note_left (EsLink *link, const EsAddress *to, const xmlnode *stanza);
/* Whether it passes for that of somebody in a room, and comes from a contact whose words are marked: libpurple would show who enters,
 * leaves and is thrown out there, and why. */
gboolean es_rooms_is_false (const EsLink *link, const EsAddress *from, const xmlnode *presence);
void es_rooms_take_presence (EsLink *link, const EsAddress *from, const xmlnode *presence);
void es_rooms_forget (EsLink *link);

/* The rooms that libpurple was in before we were there. */
void es_rooms_take_over (EsLink *link);

/* Questions: whether a stranger may start. They go with the account's connection. */
void es_questions_ask (EsLink *link, const EsAddress *contact);
void es_questions_close (EsLink *link);

/* What was not sent: TEXT goes back to the user; or it was SENT, and may have arrived. Would show: whether the user would see it, in the window
 * that she looks at or in one that is opened for it. Closing: the conversation of CONTACT is not to be opened for it. Flush: the plugin
 * stops, so it is now or never; what no window can be opened for is said outside. It never goes into a file. Wait again: the program is about
 * to end, and what the user has done nothing with waits as if it had not come back. */
GHashTable *es_unsent_new (void);
gboolean es_unsent_would_show (const EsLink *link, const EsAddress *contact);
void es_unsent_add (EsLink *link, const EsAddress *contact, const char *text, gboolean sent);
void es_unsent_show_soon (EsPlugin *plugin);
void es_unsent_closing (EsLink *link, const EsAddress *contact);
void es_unsent_flush (EsLink *link);
void es_unsent_wait_again (EsPlugin *plugin);

/* The same of what was typed in CONVERSATION, whoever that is with, and has not been looked at: it goes back there. Show returned: what
 * has not gone back yet. Write returned: shown, and no more, because CONVERSATION is with somebody else now. Forget: CONVERSATION is gone. */
void es_unsent_return (EsPlugin *plugin, PurpleConversation *conversation, const char *text);
void es_unsent_show_returned (const EsPlugin *plugin);
void es_unsent_write_returned (PurpleConversation *conversation);
void es_unsent_forget (PurpleConversation *conversation);

/* Vault: how remembered devices are protected; their file is at PATH. */
EsVault *es_vault_new (EsPlugin *plugin, const char *path);
void es_vault_free (EsVault *vault);
gboolean es_vault_is_locked (EsVault *vault);
char *es_vault_sentence (EsVault *vault);

/* All accounts' conversations follow what the list says by now. */
void es_vault_store_changed (EsVault *vault);
void es_vault_unlock (EsVault *vault);
void es_vault_protect (EsVault *vault);

/* To another computer and from one: es-mover.c. What an earlier life of the program has begun is brought to an end as soon as the list is
 * open. */
EsMover *es_mover_new (EsPlugin *plugin);
void es_mover_free (EsMover *mover);
void es_mover_out (EsMover *mover);
void es_mover_in (EsMover *mover);
void es_mover_resume (EsMover *mover);

/* The contact (bare, the caller's) that a conversation is with, NULL if it is none of ours: another protocol, a room, somebody
 * in a room. */
EsAddress *es_conversation_contact (PurpleConversation *conversation);

/* Whom it was with when that was asked last, the caller's, and of which account, only to be compared: each may be NULL. */
EsAddress *es_conversation_former_contact (PurpleConversation *conversation);
PurpleAccount *es_conversation_former_account (PurpleConversation *conversation);

/* Whether an account other than ACCOUNT, which may be NULL, has CONTACT too: online or not, but in use, or in a window. NULL: who has no
 * address, and is called NAME. And what ACCOUNT is called where that is so, or the account of a conversation: the caller's, else NULL. */
gboolean es_contact_is_elsewhere (const PurpleAccount *account, const EsAddress *contact, const char *name);
char *es_own_name (PurpleAccount *account, const EsAddress *contact, const char *name);

/* What ACCOUNT is called, with its resource where the user has another of that address. */
char *es_account_name (PurpleAccount *account);
char *es_conversation_own_name (PurpleConversation *conversation);

/* The contact in the buddy list, or NULL. */
PurpleBuddy *es_conversation_buddy (PurpleConversation *conversation);
