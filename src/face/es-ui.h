/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between esession.so and whoever shows it: the commands in src/text, or pidgin-esession.so. Libpurple opens plugins so
 * that one does not see the other's functions; the core therefore puts an EsApi into its plugin's `extra`. */
#pragma once
#include <purple.h>

#include "es-manager.h"
#include "es-program.h"

#define ES_PLUGIN_ID "core-esession"
#define ES_PIDGIN_PLUGIN_ID "gtk-esession"

/* Raised whenever EsApi, EsUi or EsConversation change: both plugins must be of one build. */
#define ES_API_VERSION 24

/* Whether encrypted conversations may be logged: the preference, TRUE if the user has not said otherwise. */
#define ES_PREF_PLUGIN "/plugins/core/esession"
#define ES_PREF_LOG ES_PREF_PLUGIN "/log"

/* What holds for contacts for whom nothing was chosen (an EsPolicy); whose requests are heard (an EsStarters); whether weak
 * groups may be used; whether other programs of the user's see what is said, over D-Bus; whether the user is reminded to
 * verify; whether what has not arrived is kept in the file of the remembered devices; after how many days without use devices are forgotten that are not verified, and that are: 0 for never. What the
 * preferences hold is checked before it gets here: es-prefs.c. */
#define ES_PREF_POLICY ES_PREF_PLUGIN "/policy"
#define ES_PREF_STARTERS ES_PREF_PLUGIN "/starters"
#define ES_PREF_WEAK_GROUPS ES_PREF_PLUGIN "/weak-groups"
#define ES_PREF_HIDE_FROM_DBUS ES_PREF_PLUGIN "/hide-from-dbus"
#define ES_PREF_REMIND ES_PREF_PLUGIN "/remind"
#define ES_PREF_KEEP ES_PREF_PLUGIN "/keep"
#define ES_PREF_EXPIRY ES_PREF_PLUGIN "/expiry"
#define ES_PREF_EXPIRY_VERIFIED ES_PREF_PLUGIN "/expiry-verified"

/* A remembered device as the user is shown it. */
typedef struct
{
  gint64 id;
  PurpleAccount *account; /* NULL if it is there no more */
  char *account_name;     /* bare JIDs */
  char *contact;
  char *alias;        /* what the buddy list calls the contact, or NULL */
  gboolean elsewhere; /* another account of the user's has that contact too */
  char *
      name; /* what the user calls the device, or what it called itself when it was first seen; NULL where that is not known */
  char *resource; /* what it calls itself, while it is connected */
  gboolean verified;
  gboolean connected;
  gint64 created; /* seconds since 1970 */
  gint64 verified_at;
  gint64 last_used;
  gint64 moved;              /* when it was moved to another computer: it is only in the list; 0 if it was not */
  const char *cannot_verify; /* the sentence why its code cannot be compared now; NULL if it can */
} EsRemembered;

/* What there is help about. */
typedef enum
{
  ES_HELP_VERIFY,
  ES_HELP_DEVICES,
  ES_HELP_PREFERENCES,
  ES_HELP_WAITING,
  ES_HELP_PROTECTION,
  ES_HELP_STRANGERS,
  ES_N_HELP
} EsHelp;

/* What the core asks of its user interface. All but the program may be NULL. */
typedef struct
{
  /* Whose sentences are said in conversations: es-program.h. */
  const EsProgram *program;

  /* What there is to show of the conversation has changed. */
  void (*changed) (PurpleConversation *conversation);

  /* TEXTS (HTML as the user typed it, up to a NULL) were not sent. TRUE if the user has them back; otherwise they are
   * written into the conversation. */
  gboolean (*return_texts) (PurpleConversation *conversation, const char *const *texts);

  /* What became of a text that the user wrote there and that left encrypted; NUMBER stands for it alone, in all conversations. SENT: it
   * is what was just written in CONVERSATION, with PURPLE_MESSAGE_SEND. The others may be told of what no conversation has shown. */
  void (*delivery) (PurpleConversation *conversation, guint64 number, EsDelivery delivery);

  /* Whether the conversation is in a window: the user may have closed that while it goes on; and to bring it back into one. */
  gboolean (*is_shown) (PurpleConversation *conversation);
  void (*reveal) (PurpleConversation *conversation);

  /* Whether the user sees the conversation at this moment, as far as that can be known: it is the one that a window shows. NULL: as
   * IS_SHOWN. What came back while that is not so lies in no entry. */
  gboolean (*is_seen) (PurpleConversation *conversation);

  /* What was not sent and lies in the conversation's window still, as it came back: an array of texts, the caller's. It lies there no
   * more. */
  GPtrArray *(*take_unsent) (PurpleConversation *conversation);

  /* Something grave was written into the conversation, once: whoever does not look at it gets to know that. */
  void (*alarm) (PurpleConversation *conversation);

  /* Whether others are shown in the same window. */
  gboolean (*shares_window) (PurpleConversation *conversation);

  /* What a link leads to that is shown with a sentence of ours about a contact who is not verified: what es_conversation_key () makes of
   * the conversation follows, escaped as in a URI. */
  const char *verify_link;

  /* Ends encryption as EsApi's user_end does, after a question where one is due. */
  void (*end) (PurpleConversation *conversation);

  /* The same for EsApi's user_set_policy with ES_POLICY_NEVER. */
  void (*never) (PurpleConversation *conversation);

  /* Windows that there may be, for CONTACT (a bare JID) or NULL. */
  gboolean (*show_verify) (PurpleConversation *conversation); /* FALSE if there was no window */

  /* The same where LINK, which the user has opened, is checked: that is for the user to do there. */
  gboolean (*show_link) (PurpleConversation *conversation, const char *link);

  void (*show_devices) (const char *contact);
  void (*show_preferences) (void);
  void (*show_about) (void);
  void (*show_report) (void);

  /* A request is shown with TITLE: it gets help about TOPIC, or, where it asks for a file, a folder to begin in. */
  void (*add_help) (const char *title, EsHelp topic);

  /* In a request that is shown: typing in TYPED, a string, chooses VALUE of CHOICE. */
  void (*choose_by_typing) (PurpleRequestField *typed, PurpleRequestField *choice, int value);

  /* The program is about to end, and messages that were not sent, or nobody has confirmed, are in memory only: asks whether they are to be
   * kept for its next start, and returns when that is answered. CANNOT: they could not be, as things are; whoever wants them kept
   * wants that tried again. */
  gboolean (*ask_keep) (gboolean cannot);

  /* The remembered devices have changed, or which of them are connected. */
  void (*devices_changed) (void);
} EsUi;

typedef struct
{
  guint version;

  /* Starts and stops everything; each without effect if it is so already. Start tells in *ERROR, the caller's to free,
   * why it cannot. */
  gboolean (*start) (const EsUi *ui, char **error);
  void (*stop) (void);

  /* A conversation may be in a window now that was in none: what there is to be said there is said soon. */
  void (*shown) (void);

  /* The user may have chosen something else for the account. */
  void (*account_changed) (PurpleAccount *account);

  /* Whether the conversation is one that could be encrypted: with a contact, on XMPP. */
  gboolean (*covers) (PurpleConversation *conversation);

  /* What the link says that EsUi's verify_link is about. */
  const char *(*verify_label) (void);

  /* The bare JID of the contact, the caller's; NULL if it is none of those. */
  char *(*contact_of) (PurpleConversation *conversation);

  /* What tells the user's account from others of hers, where another one has the contact of the conversation too: the caller's; NULL where
   * none has. */
  char *(*own_name) (PurpleConversation *conversation);

  /* The contact in the buddy list, however that and the conversation are spelled; NULL if it is not there. */
  PurpleBuddy *(*buddy_of) (PurpleConversation *conversation);

  /* Whether a device of that contact's is verified, as far as that is known without looking into the file: devices_changed tells when
   * that may be otherwise. */
  gboolean (*has_verified) (PurpleBuddy *buddy);

  /* The strings in WHAT are valid until the next call of anything here. */
  void (*describe) (PurpleConversation *conversation, EsConversation *what);

  /* The texts that wait, oldest first: an array of EsWaitingText, the caller's. */
  GPtrArray *(*waiting) (PurpleConversation *conversation);

  /* The policy of WHO, with whom no conversation need be open: what the user chose (-1: nothing), and what holds where
   * nothing is chosen. FALSE if WHO is nobody whose conversations could be encrypted. */
  gboolean (*policy) (PurpleAccount *account, const char *who, int *own, EsPolicy *usual);

  /* Whether what is said in the conversation may be logged now. */
  gboolean (*may_log) (PurpleConversation *conversation);

  /* The user's wishes: es-manager.h. */
  void (*user_start) (PurpleConversation *conversation);
  void (*user_end) (PurpleConversation *conversation);
  void (*user_verify) (PurpleConversation *conversation, const char *code, gboolean equal);
  char *(*own_link) (PurpleConversation *conversation);
  EsLinkVerdict (*user_check_link) (PurpleConversation *conversation, const char *text);
  /* The window with the code, which goes with the session: what was written into a conversation would stay. FALSE if there is
   * none. */
  gboolean (*show_verify) (PurpleConversation *conversation);

  /* The text with that label waits no more: HTML, the caller's; NULL if it did not. */
  char *(*user_withdraw) (PurpleConversation *conversation, const char *label);
  void (*user_discard) (PurpleConversation *conversation, const char *label);
  void (*user_undo_discard) (PurpleConversation *conversation, const char *label);
  void (*user_send_plain) (PurpleConversation *conversation);
  void (*user_keep_waiting) (PurpleConversation *conversation);
  void (*user_write_anyway) (PurpleConversation *conversation);
  void (*user_verify_later) (PurpleConversation *conversation);
  void (*user_password) (PurpleConversation *conversation, const char *password, const char *question);
  void (*user_decline_password) (PurpleConversation *conversation);

  /* The other side does not want the conversation to be logged (EsConversation's log_refused): the user goes on, and need
   * not be asked about that contact again. */
  void (*user_goes_on_unlogged) (PurpleConversation *conversation);

  /* FALSE, and nothing changed, if it cannot be stored. */
  gboolean (*user_set_policy) (PurpleAccount *account, const char *who, int policy);

  /* How remembered devices are protected, in one sentence, the caller's; and a window in which the user changes that. */
  char *(*protection_sentence) (void);
  void (*user_protect) (void);

  /* Whether they are locked, so that nothing can be encrypted until the user unlocks them; and that, in a window. */
  gboolean (*is_locked) (void);
  void (*user_unlock) (void);

  /* Windows in which the user moves all of them to another computer, or takes them over from one. */
  void (*user_move_out) (void);
  void (*user_move_in) (void);

  /* The remembered devices of all accounts. On failure all of these leave a sentence for the user in *ERROR, the caller's.
   * Devices are an array of EsRemembered, the caller's. NAME NULL or "": none. Running conversations follow at once: what is
   * unmarked is no longer verified, and a conversation with what is forgotten ends. LOST: somebody else may have it; a contact with no
   * verified device left is then not one who never had any: nothing leaves before the user verifies again or chooses otherwise. */
  GPtrArray *(*devices) (char **error);
  gboolean (*rename_device) (gint64 id, const char *name, char **error);
  gboolean (*unmark_device) (gint64 id, char **error);
  gboolean (*forget_device) (gint64 id, gboolean lost, char **error);
  gboolean (*forget_contact) (const char *account_name, const char *contact, gboolean lost, char **error);

  /* The list for people to read, without secrets; the caller's. */
  char *(*export_devices) (char **error);

  /* What a report of a fault needs, in English, for the user to read before it is sent anywhere; the caller's. And the same in a new
   * file: its name, the caller's. */
  char *(*report) (char **error);
  char *(*write_report) (char **error);
} EsApi;
