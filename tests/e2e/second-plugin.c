/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plugin of somebody else's, for the end-to-end tests: it signs what is written, as pidgin-otr and others change it, and
 * swallows what is written or came if that says so. Like carbons it unwraps what is forwarded to it. Like that for XEP-0363 it
 * uploads files, in place of libpurple's way or when told "/upload PATH": it asks upload.localhost for a place and sends the link. */
#include <gmodule.h>
#include <purple.h>

#define SIGNATURE " -- signed"
#define SWALLOWED "swallow"

static void
on_sending (PurpleAccount *account, const char *receiver, char **text, gpointer data)
{
  g_autofree char *old = *text;

  if (old)
    *text = g_strconcat (strstr (old, SWALLOWED) ? "" : old, strstr (old, SWALLOWED) ? "" : SIGNATURE, NULL);
}

static gboolean
on_receiving (PurpleAccount *account, char **sender, char **text, PurpleConversation *conv, PurpleMessageFlags *flags)
{
  return *text && strstr (*text, SWALLOWED);
}

/* What another client of one's own has written. */
static void
show_sent (PurpleAccount *account, xmlnode *message)
{
  g_autofree char *text = xmlnode_get_data (xmlnode_get_child (message, "body"));
  PurpleConversation *conv = purple_conversation_new (PURPLE_CONV_TYPE_IM, account, xmlnode_get_attrib (message, "to"));

  purple_conversation_write (conv, xmlnode_get_attrib (message, "from"), text, PURPLE_MESSAGE_SEND, time (NULL));
}

static void
on_stanza (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  xmlnode *wrapped = *packet ? xmlnode_get_child (*packet, "received/forwarded/message") : NULL;
  xmlnode *sent = *packet ? xmlnode_get_child (*packet, "sent/forwarded/message") : NULL;
  xmlnode *copy = NULL;

  if (sent)
    show_sent (purple_connection_get_account (connection), sent);
  if (!wrapped)
    return;
  copy = xmlnode_copy (wrapped);
  xmlnode_free (*packet);
  *packet = copy;
}

/* Files */

static PurpleXfer *uploading;

static void
on_init (PurpleXfer *xfer)
{
  PurpleConnection *connection = purple_account_get_connection (purple_xfer_get_account (xfer));
  xmlnode *iq = xmlnode_new ("iq"), *packet = iq, *request = xmlnode_new_child (iq, "request");

  uploading = xfer;
  xmlnode_set_attrib (iq, "type", "get");
  xmlnode_set_attrib (iq, "id", "upload");
  xmlnode_set_attrib (iq, "to", "upload.localhost");
  xmlnode_set_namespace (request, "urn:xmpp:http:upload:0");
  xmlnode_set_attrib (request, "filename", purple_xfer_get_filename (xfer));
  purple_signal_emit (purple_find_prpl ("prpl-jabber"), "jabber-sending-xmlnode", connection, &packet);
  xmlnode_free (iq);
}

static gboolean
on_answer (PurpleConnection *connection, const char *type, const char *id, const char *from, xmlnode *iq)
{
  PurpleXfer *xfer = uploading;
  PurpleConversation *conv = NULL;

  if (!xfer || !purple_strequal (id, "upload"))
    return FALSE;
  uploading = NULL;
  if (purple_strequal (type, "error"))
    purple_xfer_cancel_remote (xfer);
  else
    {
      conv = purple_conversation_new (PURPLE_CONV_TYPE_IM, purple_xfer_get_account (xfer),
                                      purple_xfer_get_remote_user (xfer));
      purple_conv_im_send (PURPLE_CONV_IM (conv), "https://upload.localhost/place");
      purple_xfer_set_completed (xfer, TRUE);
      purple_xfer_end (xfer);
    }
  return TRUE;
}

static PurpleXfer *
new_xfer (PurpleConnection *connection, const char *who)
{
  PurpleXfer *xfer = purple_xfer_new (purple_connection_get_account (connection), PURPLE_XFER_SEND, who);

  purple_xfer_set_init_fnc (xfer, on_init);
  return xfer;
}

static void
send_file (PurpleConnection *connection, const char *who, const char *path)
{
  purple_xfer_request_accepted (new_xfer (connection, who), path);
}

static PurpleCmdRet
upload (PurpleConversation *conv, const char *command, char **args, char **error, void *data)
{
  send_file (purple_conversation_get_gc (conv), purple_conversation_get_name (conv), args[0]);
  return PURPLE_CMD_RET_OK;
}

static gboolean
load (PurplePlugin *plugin)
{
  void *conversations = purple_conversations_get_handle ();
  PurplePlugin *jabber = purple_find_prpl ("prpl-jabber");

  purple_signal_connect (conversations, "sending-im-msg", plugin, PURPLE_CALLBACK (on_sending), NULL);
  purple_signal_connect (conversations, "receiving-im-msg", plugin, PURPLE_CALLBACK (on_receiving), NULL);
  purple_signal_connect_priority (jabber, "jabber-receiving-xmlnode", plugin, PURPLE_CALLBACK (on_stanza), NULL,
                                  PURPLE_SIGNAL_PRIORITY_LOWEST + 100);
  purple_signal_connect_priority (jabber, "jabber-receiving-iq", plugin, PURPLE_CALLBACK (on_answer), NULL,
                                  PURPLE_SIGNAL_PRIORITY_LOWEST + 100);
  PURPLE_PLUGIN_PROTOCOL_INFO (jabber)->send_file = send_file;
  PURPLE_PLUGIN_PROTOCOL_INFO (jabber)->new_xfer = new_xfer;
  purple_cmd_register ("upload", "s", PURPLE_CMD_P_PLUGIN, PURPLE_CMD_FLAG_IM, NULL, upload, "", NULL);
  return TRUE;
}

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_STANDARD,
  .id = (char *) "core-second",
  .name = (char *) "Second plugin",
  .load = load,
};

static void
init (PurplePlugin *plugin)
{
}

PURPLE_INIT_PLUGIN (second, init, info)
