/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A plugin of somebody else's, for the end-to-end tests: it signs what is written, as pidgin-otr and others change it, and
 * swallows what is written or came if that says so. Like carbons it unwraps what is forwarded to it. */
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

static void
on_stanza (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  xmlnode *wrapped = *packet ? xmlnode_get_child (*packet, "received/forwarded/message") : NULL;
  xmlnode *copy = NULL;

  if (!wrapped)
    return;
  copy = xmlnode_copy (wrapped);
  xmlnode_free (*packet);
  *packet = copy;
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
