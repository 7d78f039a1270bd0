/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens, told as events:
 *
 *   ready, quit
 *   signed-on, signed-off            account
 *   connection-error                 account, reason, text
 *   buddy-signed-on, -signed-off     account, who
 *   authorized                       account, who, text: somebody asked to see our presence
 *   conversation-created, deleting-conversation
 *                                    account, who
 *   displayed                        account, conversation, who, text, flags, time: a line of a conversation
 *   sending-im-msg, sent-im-msg, received-im-msg
 *                                    account, who, text
 *   typing                           account, who, state: typing, typed or stopped
 *   file-send-complete, file-send-cancel, file-recv-complete, file-recv-cancel
 *                                    account, who, path
 *   request                          request (its number), account, type, who, title, primary, secondary,
 *                                    buttons, and for some types value, choices, fields
 *   request-closed                   request
 *   notify                           type, title, primary, secondary
 *   warning, critical                domain, text: GLib's complaints */
#include "headless.h"

#include <stdio.h>

typedef struct
{
  guint bit;
  const char *word;
} FlagWord;

static FILE *events;

void
headless_events_init (FILE *stream)
{
  events = stream;
}

void
headless_put (JsonObject *object, const char *name, const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  json_object_set_string_member (object, name, valid);
}

JsonObject *
headless_event_new (const char *name)
{
  JsonObject *event = json_object_new ();

  headless_put (event, "event", name);
  return event;
}

void
headless_emit (JsonObject *event)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  g_autofree char *line = NULL;

  json_node_take_object (node, event);
  line = json_to_string (node, FALSE);
  fprintf (events, "%s\n", line);
  fflush (events);
}

guint
headless_next_handle (void)
{
  static guint last;

  return ++last;
}

JsonObject *
headless_account_event_new (const char *name, PurpleAccount *account)
{
  JsonObject *event = headless_event_new (name);

  headless_put (event, "account", account ? purple_account_get_username (account) : NULL);
  return event;
}

static void
emit_message (const char *name, PurpleAccount *account, const char *who, const char *text)
{
  JsonObject *event = headless_account_event_new (name, account);

  headless_put (event, "who", who);
  headless_put (event, "text", text);
  headless_emit (event);
}

static JsonArray *
flag_words (PurpleMessageFlags flags)
{
  static const FlagWord words[] = {
    { PURPLE_MESSAGE_SEND, "SEND" },
    { PURPLE_MESSAGE_RECV, "RECV" },
    { PURPLE_MESSAGE_SYSTEM, "SYSTEM" },
    { PURPLE_MESSAGE_AUTO_RESP, "AUTO_RESP" },
    { PURPLE_MESSAGE_ACTIVE_ONLY, "ACTIVE_ONLY" },
    { PURPLE_MESSAGE_NICK, "NICK" },
    { PURPLE_MESSAGE_NO_LOG, "NO_LOG" },
    { PURPLE_MESSAGE_WHISPER, "WHISPER" },
    { PURPLE_MESSAGE_ERROR, "ERROR" },
    { PURPLE_MESSAGE_DELAYED, "DELAYED" },
    { PURPLE_MESSAGE_RAW, "RAW" },
    { PURPLE_MESSAGE_IMAGES, "IMAGES" },
    { PURPLE_MESSAGE_NOTIFY, "NOTIFY" },
    { PURPLE_MESSAGE_NO_LINKIFY, "NO_LINKIFY" },
    { PURPLE_MESSAGE_INVISIBLE, "INVISIBLE" },
    { PURPLE_MESSAGE_REMOTE_SEND, "REMOTE_SEND" },
  };
  JsonArray *array = json_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (flags & words[i].bit)
      json_array_add_string_element (array, words[i].word);
  return array;
}

static void
on_signed_on (PurpleConnection *gc)
{
  headless_emit (headless_account_event_new ("signed-on", purple_connection_get_account (gc)));
}

static void
on_signed_off (PurpleConnection *gc)
{
  headless_emit (headless_account_event_new ("signed-off", purple_connection_get_account (gc)));
}

static void
on_connection_error (PurpleConnection *gc, PurpleConnectionError reason, const char *text)
{
  JsonObject *event = headless_account_event_new ("connection-error", purple_connection_get_account (gc));

  json_object_set_int_member (event, "reason", reason);
  headless_put (event, "text", text);
  headless_emit (event);
}

static void
on_buddy (PurpleBuddy *buddy, const char *name)
{
  JsonObject *event = headless_account_event_new (name, purple_buddy_get_account (buddy));

  headless_put (event, "who", purple_buddy_get_name (buddy));
  headless_emit (event);
}

static void
on_typing (PurpleAccount *account, const char *who, const char *state)
{
  JsonObject *event = headless_account_event_new ("typing", account);

  headless_put (event, "who", who);
  headless_put (event, "state", state);
  headless_emit (event);
}

static void
on_conversation (PurpleConversation *conv, const char *name)
{
  JsonObject *event = headless_account_event_new (name, purple_conversation_get_account (conv));

  headless_put (event, "who", purple_conversation_get_name (conv));
  headless_emit (event);
}

static void
on_sending_im_msg (PurpleAccount *account, const char *who, char **text)
{
  emit_message ("sending-im-msg", account, who, *text);
}

static void
on_sent_im_msg (PurpleAccount *account, const char *who, const char *text)
{
  emit_message ("sent-im-msg", account, who, text);
}

static void
on_received_im_msg (PurpleAccount *account, const char *who, const char *text)
{
  emit_message ("received-im-msg", account, who, text);
}

static void
on_file (PurpleXfer *xfer, const char *name)
{
  JsonObject *event = headless_account_event_new (name, purple_xfer_get_account (xfer));

  headless_put (event, "who", purple_xfer_get_remote_user (xfer));
  headless_put (event, "path", purple_xfer_get_local_filename (xfer));
  headless_emit (event);
}

void
headless_connect_signals (void)
{
  static int handle;
  const struct
  {
    void *instance;
    const char *signal;
    void (*func) (void);
    const char *data;
  } rows[] = {
    { purple_connections_get_handle (), "signed-on", G_CALLBACK (on_signed_on), NULL },
    { purple_connections_get_handle (), "signed-off", G_CALLBACK (on_signed_off), NULL },
    { purple_connections_get_handle (), "connection-error", G_CALLBACK (on_connection_error), NULL },
    { purple_blist_get_handle (), "buddy-signed-on", G_CALLBACK (on_buddy), "buddy-signed-on" },
    { purple_blist_get_handle (), "buddy-signed-off", G_CALLBACK (on_buddy), "buddy-signed-off" },
    { purple_conversations_get_handle (), "buddy-typing", G_CALLBACK (on_typing), "typing" },
    { purple_conversations_get_handle (), "buddy-typed", G_CALLBACK (on_typing), "typed" },
    { purple_conversations_get_handle (), "buddy-typing-stopped", G_CALLBACK (on_typing), "stopped" },
    { purple_conversations_get_handle (), "conversation-created", G_CALLBACK (on_conversation),
      "conversation-created" },
    { purple_conversations_get_handle (), "deleting-conversation", G_CALLBACK (on_conversation),
      "deleting-conversation" },
    { purple_xfers_get_handle (), "file-send-complete", G_CALLBACK (on_file), "file-send-complete" },
    { purple_xfers_get_handle (), "file-send-cancel", G_CALLBACK (on_file), "file-send-cancel" },
    { purple_xfers_get_handle (), "file-recv-complete", G_CALLBACK (on_file), "file-recv-complete" },
    { purple_xfers_get_handle (), "file-recv-cancel", G_CALLBACK (on_file), "file-recv-cancel" },
    { purple_conversations_get_handle (), "sending-im-msg", G_CALLBACK (on_sending_im_msg), NULL },
    { purple_conversations_get_handle (), "sent-im-msg", G_CALLBACK (on_sent_im_msg), NULL },
    { purple_conversations_get_handle (), "received-im-msg", G_CALLBACK (on_received_im_msg), NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    purple_signal_connect_priority (rows[i].instance, rows[i].signal, &handle, PURPLE_CALLBACK (rows[i].func),
                                    (void *) rows[i].data, PURPLE_SIGNAL_PRIORITY_LOWEST);
}

/* What a window would show */

static void
write_conv (PurpleConversation *conv,
            const char *name,
            const char *alias,
            const char *text,
            PurpleMessageFlags flags,
            time_t when)
{
  JsonObject *event = headless_account_event_new ("displayed", purple_conversation_get_account (conv));

  headless_put (event, "conversation", purple_conversation_get_name (conv));
  headless_put (event, "who", name);
  headless_put (event, "text", text);
  json_object_set_array_member (event, "flags", flag_words (flags));
  json_object_set_int_member (event, "time", when);
  headless_emit (event);
}

static void *
notify (const char *type, const char *title, const char *primary, const char *secondary)
{
  JsonObject *event = headless_event_new ("notify");

  headless_put (event, "type", type);
  headless_put (event, "title", title);
  headless_put (event, "primary", primary);
  headless_put (event, "secondary", secondary);
  headless_emit (event);
  return GUINT_TO_POINTER (headless_next_handle ());
}

static void *
notify_message (PurpleNotifyMsgType type, const char *title, const char *primary, const char *secondary)
{
  static const char *const words[] = { "error", "warning", "info" };

  return notify (words[type], title, primary, secondary);
}

static void *
notify_formatted (const char *title, const char *primary, const char *secondary, const char *text)
{
  g_autofree char *all = g_strjoin ("\n", secondary ? secondary : "", text, NULL);

  return notify ("formatted", title, primary, all);
}

static void *
notify_userinfo (PurpleConnection *gc, const char *who, PurpleNotifyUserInfo *info)
{
  g_autofree char *text = purple_notify_user_info_get_text_with_newline (info, "\n");

  return notify ("userinfo", who, NULL, text);
}

static void *
notify_uri (const char *uri)
{
  return notify ("uri", uri, NULL, NULL);
}

static void *
request_authorize (PurpleAccount *account,
                   const char *who,
                   const char *id,
                   const char *alias,
                   const char *message,
                   gboolean on_list,
                   PurpleAccountRequestAuthorizationCb authorize,
                   PurpleAccountRequestAuthorizationCb deny,
                   void *user_data)
{
  emit_message ("authorized", account, who, message);
  authorize (user_data);
  return NULL;
}

void
headless_set_display_ops (void)
{
  static PurpleConversationUiOps conversation_ops = { .write_conv = write_conv };
  static PurpleNotifyUiOps notify_ops = {
    .notify_message = notify_message,
    .notify_formatted = notify_formatted,
    .notify_userinfo = notify_userinfo,
    .notify_uri = notify_uri,
  };
  static PurpleAccountUiOps account_ops = { .request_authorize = request_authorize };

  purple_conversations_set_ui_ops (&conversation_ops);
  purple_notify_set_ui_ops (&notify_ops);
  purple_accounts_set_ui_ops (&account_ops);
}
