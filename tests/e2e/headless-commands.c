/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands of headless-client, in the table at the end; members in brackets may be left out, and all but the
 * first three take "account" too, which is needed when there are several.
 *
 *   load, unload   plugin: a path, an id or a file's base name
 *   state          reply: plugins (loaded ids), accounts { name: connected, connecting or disconnected },
 *                  conversations (names)
 *   connect        jid, password, server, port, security: require_tls, opportunistic_tls or old_ssl
 *   disconnect, disable
 *   open, close    who; close: a room, too
 *   send           who, text or html: into the open conversation, as its window does
 *   serv-send-im   who, text or html, [auto]: past the window, as automatic answers and other plugins do
 *   send-stanza    xml
 *   send-file      who, path
 *   cancel-files   cancels all that are under way
 *   proxy-only     offers files by way of proxies only, not of this computer's own addresses
 *   typing         who, state: typing, typed or stopped
 *   status         status, [message]
 *   slash          who, line (without the slash); reply: status, text
 *   tool           plugin, label: what stands in the program's menu of plugins
 *   answer         request, button (its index), [value], [fields { id: value }]
 *   buddies        reply: online { name: status }
 *   uri            uri: a link that was clicked
 *   join, say      room; say: text too, to a room that we are in
 *   block          who
 *   alias          who, alias: what the user calls a contact from now on
 *   quit */
#include "headless.h"

#include <gio/gio.h>
#include <stdarg.h>

typedef gboolean (*CommandFunc) (JsonObject *command, JsonObject *reply, GError **error);

gboolean
headless_fail (GError **error, const char *format, ...)
{
  va_list args;
  g_autofree char *text = NULL;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, text);
  return FALSE;
}

static const char *
get (JsonObject *command, const char *name)
{
  return json_object_get_string_member_with_default (command, name, NULL);
}

/* "html" as it is, or "text" as a window would turn it into HTML; the caller frees. */
static char *
get_html (JsonObject *command)
{
  g_autofree char *escaped = NULL;

  if (get (command, "html"))
    return g_strdup (get (command, "html"));
  escaped = g_markup_escape_text (get (command, "text") ? get (command, "text") : "", -1);
  return purple_strreplace (escaped, "\n", "<br>");
}

/* The account that is named, or the only one. */
static PurpleAccount *
get_account (JsonObject *command, GError **error)
{
  const char *name = get (command, "account");
  GList *all = purple_accounts_get_all ();
  PurpleAccount *account = NULL;

  if (name)
    account = purple_accounts_find (name, "prpl-jabber");
  else if (all && !all->next)
    account = all->data;
  if (!account)
    headless_fail (error, "no such account: %s", name ? name : "(name it, there are several or none)");
  return account;
}

static PurpleConnection *
get_connection (JsonObject *command, GError **error)
{
  PurpleAccount *account = get_account (command, error);

  if (!account)
    return NULL;
  if (!purple_account_is_connected (account))
    {
      headless_fail (error, "not connected");
      return NULL;
    }
  return purple_account_get_connection (account);
}

static PurpleConversation *
get_conversation (JsonObject *command, GError **error)
{
  PurpleAccount *account = get_account (command, error);
  PurpleConversation *conv = NULL;

  if (!account)
    return NULL;
  conv = purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, get (command, "who"), account);
  if (!conv)
    headless_fail (error, "no conversation with %s", get (command, "who"));
  return conv;
}

static gboolean
find_plugin (JsonObject *command, PurplePlugin **plugin, GError **error)
{
  const char *name = get (command, "plugin");

  if (strchr (name, '/'))
    *plugin = purple_plugin_probe (name);
  else if (!(*plugin = purple_plugins_find_with_id (name)))
    *plugin = purple_plugins_find_with_basename (name);
  return *plugin != NULL || headless_fail (error, "no such plugin: %s", name);
}

static gboolean
do_load (JsonObject *command, JsonObject *reply, GError **error)
{
  PurplePlugin *plugin;

  if (!find_plugin (command, &plugin, error))
    return FALSE;
  headless_put (reply, "plugin", purple_plugin_get_id (plugin));
  return purple_plugin_load (plugin) || headless_fail (error, "cannot load: %s", plugin->error ? plugin->error : "?");
}

static gboolean
do_tool (JsonObject *command, JsonObject *reply, GError **error)
{
  PurplePlugin *plugin;
  GList *actions = NULL;
  gboolean found = FALSE;

  if (!find_plugin (command, &plugin, error))
    return FALSE;
  actions = PURPLE_PLUGIN_ACTIONS (plugin, NULL);
  for (GList *item = actions; item != NULL; item = item->next)
    {
      PurplePluginAction *action = item->data;

      if (!found && purple_strequal (action->label, get (command, "label")))
        {
          found = TRUE;
          action->plugin = plugin;
          action->callback (action);
        }
      purple_plugin_action_free (action);
    }
  g_list_free (actions);
  return found || headless_fail (error, "no such action: %s", get (command, "label"));
}

static gboolean
do_unload (JsonObject *command, JsonObject *reply, GError **error)
{
  PurplePlugin *plugin;

  if (!find_plugin (command, &plugin, error))
    return FALSE;
  return purple_plugin_unload (plugin) || headless_fail (error, "cannot unload");
}

static gboolean
do_connect (JsonObject *command, JsonObject *reply, GError **error)
{
  const char *jid = get (command, "jid");
  PurpleAccount *account = purple_accounts_find (jid, "prpl-jabber");

  if (!account)
    {
      account = purple_account_new (jid, "prpl-jabber");
      purple_accounts_add (account);
    }
  if (!purple_account_is_disconnected (account))
    return headless_fail (error, "%s is still connected or connecting", jid);
  purple_account_set_password (account, get (command, "password"));
  purple_account_set_string (account, "connect_server", get (command, "server"));
  purple_account_set_int (account, "port", json_object_get_int_member (command, "port"));
  purple_account_set_string (account, "connection_security", get (command, "security"));
  /* Enabling connects, if it was not enabled already. */
  purple_account_set_enabled (account, HEADLESS_UI_ID, TRUE);
  if (purple_account_is_disconnected (account))
    purple_account_connect (account);
  return TRUE;
}

static gboolean
do_disable (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);

  if (!account)
    return FALSE;
  purple_account_set_enabled (account, HEADLESS_UI_ID, FALSE);
  return TRUE;
}

static gboolean
do_disconnect (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);

  if (!account)
    return FALSE;
  purple_account_disconnect (account);
  return TRUE;
}

static gboolean
do_open (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);

  if (!account)
    return FALSE;
  purple_conversation_new (PURPLE_CONV_TYPE_IM, account, get (command, "who"));
  return TRUE;
}

static gboolean
do_close (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);
  PurpleConversation *conv
      = account ? purple_find_conversation_with_account (PURPLE_CONV_TYPE_ANY, get (command, "who"), account) : NULL;

  if (!account)
    return FALSE;
  if (!conv)
    return headless_fail (error, "no conversation with %s", get (command, "who"));
  purple_conversation_destroy (conv);
  return TRUE;
}

static gboolean
do_send (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleConversation *conv = get_conversation (command, error);
  g_autofree char *html = get_html (command);

  if (!conv)
    return FALSE;
  purple_conv_im_send (purple_conversation_get_im_data (conv), html);
  return TRUE;
}

static gboolean
do_serv_send_im (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleConnection *gc = get_connection (command, error);
  g_autofree char *html = get_html (command);
  gboolean automatic = json_object_get_boolean_member_with_default (command, "auto", FALSE);

  if (!gc)
    return FALSE;
  json_object_set_int_member (reply, "result",
                              serv_send_im (gc, get (command, "who"), html, automatic ? PURPLE_MESSAGE_AUTO_RESP : 0));
  return TRUE;
}

/* Sends XML as if the protocol plugin had made it: through all handlers of jabber-sending-xmlnode. */
static gboolean
do_send_stanza (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleConnection *gc = get_connection (command, error);
  xmlnode *node = NULL, *packet = NULL;

  if (!gc)
    return FALSE;
  node = packet = xmlnode_from_str (get (command, "xml"), -1);
  if (!node)
    return headless_fail (error, "not well-formed");
  purple_signal_emit (purple_connection_get_prpl (gc), "jabber-sending-xmlnode", gc, &packet);
  xmlnode_free (node);
  return TRUE;
}

static gboolean
do_send_file (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleConnection *gc = get_connection (command, error);

  if (!gc)
    return FALSE;
  serv_send_file (gc, get (command, "who"), get (command, "path"));
  return TRUE;
}

static gboolean
do_cancel_files (JsonObject *command, JsonObject *reply, GError **error)
{
  g_autoptr (GList) all = g_list_copy (purple_xfers_get_all ());

  for (GList *item = all; item != NULL; item = item->next)
    purple_xfer_cancel_local (item->data);
  return TRUE;
}

/* libpurple does not listen for whoever wants to fetch a file where that would give away the address. */
static gboolean
do_proxy_only (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);
  PurpleProxyInfo *info = NULL;

  if (!account)
    return FALSE;
  info = purple_proxy_info_new ();
  purple_proxy_info_set_type (info, PURPLE_PROXY_TOR);
  purple_account_set_proxy_info (account, info);
  return TRUE;
}

static gboolean
do_typing (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleConnection *gc = get_connection (command, error);
  const char *state = get (command, "state");

  if (!gc)
    return FALSE;
  serv_send_typing (gc, get (command, "who"),
                    g_str_equal (state, "typing")  ? PURPLE_TYPING
                    : g_str_equal (state, "typed") ? PURPLE_TYPED
                                                   : PURPLE_NOT_TYPING);
  return TRUE;
}

static gboolean
do_status (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);

  if (!account)
    return FALSE;
  purple_account_set_status (account, get (command, "status"), TRUE, "message", get (command, "message"), NULL);
  return TRUE;
}

static gboolean
do_slash (JsonObject *command, JsonObject *reply, GError **error)
{
  static const char *const words[] = { "OK", "FAILED", "NOT_FOUND", "WRONG_ARGS", "WRONG_PRPL", "WRONG_TYPE" };
  PurpleConversation *conv = get_conversation (command, error);
  g_autofree char *markup = NULL;
  g_autofree char *text = NULL;
  PurpleCmdStatus status;

  if (!conv)
    return FALSE;
  markup = g_markup_escape_text (get (command, "line"), -1);
  status = purple_cmd_do_command (conv, get (command, "line"), markup, &text);
  headless_put (reply, "status", words[status]);
  headless_put (reply, "text", text);
  return TRUE;
}

static gboolean
do_state (JsonObject *command, JsonObject *reply, GError **error)
{
  JsonArray *plugins = json_array_new ();
  JsonObject *accounts = json_object_new ();
  JsonArray *conversations = json_array_new ();

  for (GList *p = purple_plugins_get_loaded (); p; p = p->next)
    json_array_add_string_element (plugins, purple_plugin_get_id (p->data));
  for (GList *a = purple_accounts_get_all (); a; a = a->next)
    headless_put (accounts, purple_account_get_username (a->data),
                  purple_account_is_connected (a->data)    ? "connected"
                  : purple_account_is_connecting (a->data) ? "connecting"
                                                           : "disconnected");
  for (GList *c = purple_get_ims (); c; c = c->next)
    json_array_add_string_element (conversations, purple_conversation_get_name (c->data));
  json_object_set_array_member (reply, "plugins", plugins);
  json_object_set_object_member (reply, "accounts", accounts);
  json_object_set_array_member (reply, "conversations", conversations);
  return TRUE;
}

static gboolean
do_buddies (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);
  JsonObject *online = json_object_new ();
  g_autoptr (GSList) buddies = account ? purple_find_buddies (account, NULL) : NULL;

  for (GSList *b = buddies; b; b = b->next)
    if (PURPLE_BUDDY_IS_ONLINE ((PurpleBuddy *) b->data))
      headless_put (online, purple_buddy_get_name (b->data),
                    purple_status_get_id (purple_presence_get_active_status (purple_buddy_get_presence (b->data))));
  json_object_set_object_member (reply, "online", online);
  return account != NULL;
}

static gboolean
do_uri (JsonObject *command, JsonObject *reply, GError **error)
{
  purple_got_protocol_handler_uri (get (command, "uri"));
  return TRUE;
}

/* As the dialog for joining does it. */
static gboolean
do_join (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleConnection *gc = get_connection (command, error);
  PurplePluginProtocolInfo *prpl = NULL;

  if (!gc)
    return FALSE;
  prpl = PURPLE_PLUGIN_PROTOCOL_INFO (purple_connection_get_prpl (gc));
  serv_join_chat (gc, prpl->chat_info_defaults (gc, get (command, "room")));
  return TRUE;
}

static gboolean
do_say (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);
  PurpleConversation *conv = NULL;

  if (!account)
    return FALSE;
  conv = purple_find_conversation_with_account (PURPLE_CONV_TYPE_CHAT, get (command, "room"), account);
  if (!conv)
    return headless_fail (error, "not in %s", get (command, "room"));
  purple_conv_chat_send (purple_conversation_get_chat_data (conv), get (command, "text"));
  return TRUE;
}

static gboolean
do_block (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);

  if (!account)
    return FALSE;
  purple_privacy_deny (account, get (command, "who"), FALSE, FALSE);
  return TRUE;
}

static gboolean
do_alias (JsonObject *command, JsonObject *reply, GError **error)
{
  PurpleAccount *account = get_account (command, error);
  PurpleBuddy *buddy = account ? purple_find_buddy (account, get (command, "who")) : NULL;

  if (!account)
    return FALSE;
  if (!buddy)
    return headless_fail (error, "%s is not in the buddy list", get (command, "who"));
  purple_blist_alias_buddy (buddy, get (command, "alias"));
  serv_alias_buddy (buddy);
  return TRUE;
}

static const struct
{
  const char *name;
  CommandFunc func;
  const char *needs[5]; /* members without which it is not called */
} commands[] = {
  { "load", do_load, { "plugin" } },
  { "unload", do_unload, { "plugin" } },
  { "tool", do_tool, { "plugin", "label" } },
  { "connect", do_connect, { "jid", "password", "server", "port", "security" } },
  { "disconnect", do_disconnect, { NULL } },
  { "disable", do_disable, { NULL } },
  { "open", do_open, { "who" } },
  { "close", do_close, { "who" } },
  { "send", do_send, { "who" } },
  { "serv-send-im", do_serv_send_im, { "who" } },
  { "send-stanza", do_send_stanza, { "xml" } },
  { "send-file", do_send_file, { "who", "path" } },
  { "cancel-files", do_cancel_files, { NULL } },
  { "proxy-only", do_proxy_only, { NULL } },
  { "typing", do_typing, { "who", "state" } },
  { "status", do_status, { "status" } },
  { "slash", do_slash, { "who", "line" } },
  { "answer", headless_answer, { "request", "button" } },
  { "state", do_state, { NULL } },
  { "buddies", do_buddies, { NULL } },
  { "uri", do_uri, { "uri" } },
  { "join", do_join, { "room" } },
  { "say", do_say, { "room", "text" } },
  { "block", do_block, { "who" } },
  { "alias", do_alias, { "who", "alias" } },
};

gboolean
headless_run_command (JsonObject *command, JsonObject *reply, GMainLoop *loop, GError **error)
{
  const char *name = get (command, "command");
  gsize i = 0;

  if (g_strcmp0 (name, "quit") == 0)
    {
      g_main_loop_quit (loop);
      return TRUE;
    }
  while (i < G_N_ELEMENTS (commands) && g_strcmp0 (name, commands[i].name) != 0)
    i++;
  if (i == G_N_ELEMENTS (commands))
    return headless_fail (error, "no such command: %s", name);
  for (gsize n = 0; n < G_N_ELEMENTS (commands[i].needs) && commands[i].needs[n]; n++)
    if (!json_object_has_member (command, commands[i].needs[n]))
      return headless_fail (error, "%s needs \"%s\"", name, commands[i].needs[n]);
  return commands[i].func (command, reply, error);
}
