/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is a room. libpurple makes a chat of whatever is joined, or invited to, before anything has answered; and nobody with
 * whom there may be an encrypted conversation becomes a room by that. So a room is what we asked to join and what then
 * answered as one, and is nobody in the buddy list, with a session, or with a remembered device. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-shown.h"

/* On a conversation: it began with somebody in a room, and is none with a contact while that room is not joined. */
#define PERSON_KEY "esession-in-a-room"

gboolean
es_rooms_may_have (const EsLink *link, const EsAddress *bare)
{
  return !es_address_equal (bare, link->own) && es_address_has_node (bare)
         && es_border_buddy (link->account, bare) == NULL && !es_manager_knows (link->manager, bare);
}

gboolean
es_rooms_has (const EsLink *link, const EsAddress *bare)
{
  return es_recent_find (link->rooms, es_address_text (bare), NULL) && es_rooms_may_have (link, bare);
}

/* Who is a contact stands in the store, too. */
static gboolean
can_tell (const EsLink *link)
{
  EsProtection protection;
  gboolean locked = FALSE;

  return es_trust_protection (link->plugin->trust, &protection, &locked, NULL) && !locked;
}

/* The room hands it on. */
static gboolean
is_invitation (const xmlnode *message)
{
  gboolean found = FALSE;

  for (const xmlnode *child = message->child; child != NULL; child = child->next)
    {
      if (child->type != XMLNODE_TYPE_TAG)
        continue;
      if (!purple_strequal (child->name, "x") || !purple_strequal (child->xmlns, ES_NS_MUC_USER))
        return FALSE;
      found = TRUE;
    }
  return found;
}

gboolean
es_rooms_has_stanza (const EsLink *link, const EsAddress *address, const xmlnode *stanza)
{
  if (!es_rooms_has (link, es_address_bare (address)))
    return FALSE;
  if (!purple_strequal (stanza->name, "message")
      || purple_strequal (xmlnode_get_attrib ((xmlnode *) stanza, "type"), "groupchat"))
    return TRUE;
  return can_tell (link) && (!es_address_is_bare (address) || is_invitation (stanza));
}

/* An address of nobody's would be shown as if it were a name. */
static gboolean
may_invite (const EsLink *link, const char *inviter)
{
  g_autoptr (EsAddress) address = es_border_address (link->account, inviter);

  return address != NULL && es_address_has_node (address)
         && !es_manager_is_guarded (link->manager, es_address_bare (address));
}

void
es_rooms_prepare_invitation (EsLink *link, const EsAddress *from, xmlnode *message)
{
  for (xmlnode *child = message->child; child != NULL; child = child->next)
    {
      if (child->type != XMLNODE_TYPE_TAG || !purple_strequal (child->name, "x")
          || !purple_strequal (child->xmlns, ES_NS_MUC_USER))
        continue;
      for (xmlnode *invite = xmlnode_get_child (child, "invite"); invite != NULL;
           invite = xmlnode_get_next_twin (invite))
        if (!may_invite (link, xmlnode_get_attrib (invite, "from")))
          xmlnode_set_attrib (invite, "from", xmlnode_get_attrib (message, "from"));
    }
}

/* Takes out of WHAT, an invitation or the answer to one, all that is said with it; whether there was anything. */
static gboolean
remove_words (xmlnode *what)
{
  gboolean found = FALSE;

  for (xmlnode *child = what->child, *next = NULL; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_ATTRIB)
        continue;
      xmlnode_free (child);
      found = TRUE;
    }
  return found;
}

static void
tell_wordless (const EsLink *link, const char *who)
{
  g_autofree char *name = es_shown_name (who != NULL ? who : "");
  /* Translators: %s is an address, such as bob@example.org. */
  g_autofree char *sentence = g_strdup_printf (
      _ ("What you wrote to %s with the invitation was not sent because it would not have been encrypted."), name);

  purple_notify_warning (link->plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
}

void
es_rooms_prepare_leaving (EsLink *link, xmlnode *message)
{
  xmlnode *next = NULL, *x = purple_strequal (message->name, "message") ? message->child : NULL;

  for (; x != NULL; x = x->next)
    for (xmlnode *what = x->type == XMLNODE_TYPE_TAG && purple_strequal (x->xmlns, ES_NS_MUC_USER) ? x->child : NULL;
         what != NULL; what = next)
      {
        const char *who = what->type == XMLNODE_TYPE_TAG ? xmlnode_get_attrib (what, "to") : NULL;
        g_autoptr (EsAddress) to = who != NULL ? es_border_address (link->account, who) : NULL;

        next = what->next;
        if (who != NULL && (to == NULL || es_manager_is_guarded (link->manager, es_address_bare (to)))
            && remove_words (what))
          tell_wordless (link, who);
      }
}

EsRoomsPerson
es_rooms_person (const EsLink *link, const char *name)
{
  g_autoptr (EsAddress) address = es_border_address (link->account, name);

  if (address == NULL || es_address_is_bare (address) || !es_rooms_has (link, es_address_bare (address)))
    return ES_ROOMS_NOBODY;
  return can_tell (link) ? ES_ROOMS_SOMEBODY : ES_ROOMS_PERHAPS;
}

gboolean
es_rooms_has_person (const EsLink *link, const EsAddress *contact, const char *name)
{
  return strchr (name, '/') != NULL && es_rooms_has (link, contact) && es_rooms_person (link, name) != ES_ROOMS_NOBODY;
}

static void
note_person (const EsLink *link, PurpleConversation *conversation)
{
  if (es_rooms_person (link, purple_conversation_get_name (conversation)) != ES_ROOMS_NOBODY)
    purple_conversation_set_data (conversation, PERSON_KEY, conversation);
}

gboolean
es_rooms_may_return (const EsLink *link, PurpleConversation *conversation)
{
  g_autoptr (EsAddress) address = es_border_address (link->account, purple_conversation_get_name (conversation));

  return address != NULL && !es_address_is_bare (address)
         && (purple_conversation_get_data (conversation, PERSON_KEY) != NULL
             || es_border_conversation (PURPLE_CONV_TYPE_CHAT, link->account, es_address_bare (address)) != NULL);
}

static gboolean
is_kept (const EsLink *link, const EsAddress *bare)
{
  g_autofree char *ascii = es_address_dup_ascii (bare);

  return purple_blist_find_chat (link->account, es_address_text (bare)) != NULL
         || (ascii != NULL && purple_blist_find_chat (link->account, ascii) != NULL);
}

/* While it cannot be told who is a contact only those rooms are joined that the user keeps in the buddy list. */
static gboolean
is_certain (const EsLink *link, const EsAddress *bare)
{
  return can_tell (link) || is_kept (link, bare);
}

/* What is written in a window, or waits, belongs to the contact it was meant for. */
static gboolean
may_become (const EsLink *link, const EsAddress *bare)
{
  PurpleConversation *window = es_border_conversation (PURPLE_CONV_TYPE_IM, link->account, bare);

  return es_rooms_may_have (link, bare) && is_certain (link, bare) && !es_manager_has_business (link->manager, bare)
         && (window == NULL || purple_conversation_get_data (window, PERSON_KEY) != NULL);
}

void
es_rooms_take_over (EsLink *link)
{
  for (GList *item = purple_get_chats (); item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) room = purple_conversation_get_account (item->data) == link->account
                                       ? es_border_address (link->account, purple_conversation_get_name (item->data))
                                       : NULL;

      if (room != NULL && es_address_is_bare (room) && !purple_conv_chat_has_left (PURPLE_CONV_CHAT (item->data))
          && may_become (link, room))
        es_recent_add (link->rooms, es_address_text (room), NULL);
    }
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    if (purple_conversation_get_account (item->data) == link->account)
      note_person (link, item->data);
}

static gboolean
is_join (const xmlnode *stanza)
{
  return purple_strequal (stanza->name, "presence") && xmlnode_get_attrib ((xmlnode *) stanza, "type") == NULL
         && xmlnode_get_child_with_namespace (stanza, "x", ES_NS_MUC) != NULL;
}

typedef gpointer (*FindChat) (gpointer stream, const char *room, const char *server);

static gpointer
call_find_chat (FindChat find, gpointer stream, const char *bare)
{
  g_auto (GStrv) parts = g_strsplit (bare, "@", 2);

  return find (stream, parts[0], parts[1]);
}

/* libpurple's own chat of that name, if it can be found, and its functions. */
static gpointer
find_chat (const EsLink *link, const EsAddress *bare, gpointer *destroy)
{
  PurpleConnection *connection = purple_account_get_connection (link->account);
  GModule *module = link->plugin->jabber->handle;
  g_autofree char *ascii = es_address_dup_ascii (bare);
  gpointer find = NULL, chat = NULL;

  /* What is behind a connection of another protocol is nothing of XMPP's. */
  if (!es_address_has_node (bare) || connection == NULL || connection->proto_data == NULL
      || purple_connection_get_prpl (connection) != link->plugin->jabber || module == NULL
      || !g_module_symbol (module, "jabber_chat_find", &find)
      || !g_module_symbol (module, "jabber_chat_destroy", destroy))
    return NULL;
  chat = call_find_chat ((FindChat) find, connection->proto_data, es_address_text (bare));
  return chat == NULL && ascii != NULL ? call_find_chat ((FindChat) find, connection->proto_data, ascii) : chat;
}

/* libpurple makes a chat when it asks to join, and takes for a room's whatever comes from there from then on. */
static void
forget_chat (const EsLink *link, const EsAddress *bare)
{
  gpointer destroy = NULL, chat = find_chat (link, bare, &destroy);
  PurpleConversation *window
      = chat != NULL ? es_border_conversation (PURPLE_CONV_TYPE_CHAT, link->account, bare) : NULL;

  if (window != NULL && !purple_conv_chat_has_left (PURPLE_CONV_CHAT (window)))
    purple_conv_chat_left (PURPLE_CONV_CHAT (window));
  if (chat != NULL)
    ((void (*) (gpointer chat)) destroy) (chat);
}

void
es_rooms_take_contact (const EsLink *link, const EsAddress *from)
{
  gpointer destroy = NULL;

  if (find_chat (link, es_address_bare (from), &destroy) != NULL && !es_rooms_may_have (link, es_address_bare (from)))
    forget_chat (link, es_address_bare (from));
}

/* Nothing is sent to a room that is none. */
static void
refuse (EsLink *link, const EsAddress *bare, gboolean join)
{
  g_autofree char *name = es_shown_name (es_address_text (bare));
  /* Translators: %s is an address, such as bob@example.org. */
  g_autofree char *sentence
      = g_strdup_printf (!join ? _ ("What you wrote to %s was not sent because no room has answered there.")
                         : is_certain (link, bare)
                             /* Translators: %s is an address, such as bob@example.org. */
                             ? _ ("%s was not joined because it is the address of a contact and no room.")
                             /* Translators: %s is an address, such as bob@example.org. */
                             : _ ("%s was not joined because it could be the address of a contact: the list of "
                                  "remembered devices cannot be read now."),
                         name);

  purple_notify_warning (link->plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
}

gboolean
es_rooms_may_leave (EsLink *link, const EsAddress *to, xmlnode *stanza)
{
  const EsAddress *bare = es_address_bare (to);
  gboolean is_talk
      = purple_strequal (stanza->name, "message") && purple_strequal (xmlnode_get_attrib (stanza, "type"), "groupchat");

  if (is_join (stanza) ? may_become (link, bare) : !is_talk || es_rooms_has (link, bare))
    return TRUE;
  refuse (link, bare, is_join (stanza));
  if (is_join (stanza))
    forget_chat (link, bare);
  return FALSE;
}

void
es_rooms_note_left (EsLink *link, const EsAddress *to, const xmlnode *stanza)
{
  if (is_join (stanza))
    es_recent_add (link->joining, es_address_text (es_address_bare (to)), NULL);
}

void
es_rooms_take_presence (EsLink *link, const EsAddress *from, const xmlnode *presence)
{
  const EsAddress *bare = es_address_bare (from);

  if (!es_address_is_bare (from) && xmlnode_get_attrib ((xmlnode *) presence, "type") == NULL
      && xmlnode_get_child_with_namespace (presence, "x", ES_NS_MUC_USER) != NULL
      && es_recent_find (link->joining, es_address_text (bare), NULL) && may_become (link, bare))
    {
      es_recent_remove (link->joining, es_address_text (bare));
      es_recent_add (link->rooms, es_address_text (bare), NULL);
    }
}

gboolean
es_rooms_is_false (const EsLink *link, const EsAddress *from, const xmlnode *presence)
{
  const EsAddress *bare = es_address_bare (from);

  return xmlnode_get_child_with_namespace (presence, "x", ES_NS_MUC_USER) != NULL
         && !es_recent_find (link->rooms, es_address_text (bare), NULL) && es_manager_is_guarded (link->manager, bare);
}

/* Where libpurple is in no room any more it would send nothing, and say nothing. */
static void
on_sending_chat (PurpleAccount *account, char **text, int id, EsPlugin *plugin)
{
  PurpleConnection *connection = purple_account_get_connection (account);
  PurpleConversation *window = connection != NULL ? purple_find_chat (connection, id) : NULL;
  EsLink *link = window != NULL ? es_plugin_link (plugin, account) : NULL;
  g_autoptr (EsAddress) room = link != NULL ? es_border_contact (account, purple_conversation_get_name (window)) : NULL;

  if (*text == NULL || room == NULL || es_rooms_may_have (link, room))
    return;
  refuse (link, room, FALSE);
  g_clear_pointer (text, g_free);
}

static void
on_created (PurpleConversation *conversation, EsPlugin *plugin)
{
  EsLink *link = purple_conversation_get_type (conversation) == PURPLE_CONV_TYPE_IM
                     ? es_plugin_link (plugin, purple_conversation_get_account (conversation))
                     : NULL;

  if (link != NULL)
    note_person (link, conversation);
}

void
es_rooms_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_conversations_get_handle (), "conversation-created", plugin->handle,
                         PURPLE_CALLBACK (on_created), plugin);
  purple_signal_connect (purple_conversations_get_handle (), "sending-chat-msg", plugin->handle,
                         PURPLE_CALLBACK (on_sending_chat), plugin);
}

void
es_rooms_forget (EsLink *link)
{
  es_recent_clear (link->joining);
  es_recent_clear (link->rooms);
}
