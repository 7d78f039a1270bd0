/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every stanza passes here: on its way out after all other plugins, just before libpurple writes it, and on its way in
 * before anybody else sees it. Stanzas are changed in place; libpurple looks at them again afterwards. */
#include "es-plugin.h"

#include <string.h>

#include "es-files.h"
#include "es-jid.h"
#include "es-xmlnode.h"

/* libpurple's own writer sits at the highest. */
#define AFTER_ALL_OTHERS (PURPLE_SIGNAL_PRIORITY_HIGHEST - 1)
#define BEFORE_ALL_OTHERS PURPLE_SIGNAL_PRIORITY_LOWEST

/* Whom a stanza that is our concern goes to or comes from, JID, as a bare JID; NULL for all others: those with servers, rooms
 * and ourselves. The caller frees. */
static char *
contact_of (const EsLink *link, const xmlnode *node, const char *jid)
{
  gboolean is_message = purple_strequal (node->name, "message");
  g_autofree char *contact = jid != NULL ? es_jid_bare (jid) : NULL;

  if (contact == NULL || !(is_message || purple_strequal (node->name, "iq") || purple_strequal (node->name, "presence"))
      || es_is_room (link->account, contact))
    return NULL;
  if (!is_message
      && (strchr (contact, '@') == NULL || es_jid_same_bare (contact, purple_account_get_username (link->account))))
    return NULL;
  return g_steal_pointer (&contact);
}

/* Puts a stand-in in the stanza's place, which on_sending_text () swallows: libpurple takes no NULL here. The stanza itself
 * stays its maker's. */
static void
drop_outgoing (EsPlugin *plugin, xmlnode **packet)
{
  *packet = plugin->nothing;
}

/* Files are the user's doing: why they were refused is said where it is seen. */
static void
show_conversation (const EsLink *link, const char *contact)
{
  if (purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, contact, link->account) == NULL)
    purple_conversation_new (PURPLE_CONV_TYPE_IM, link->account, contact);
}

static void
on_sending (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  g_autoptr (EsXml) stanza = NULL;
  g_autofree char *contact = NULL;

  if (link == NULL || *packet == link->own_node)
    return;
  contact = contact_of (link, *packet, xmlnode_get_attrib (*packet, "to"));
  if (contact == NULL)
    return;

  /* What cannot be looked at cannot be let out. */
  stanza = es_xml_from_node (*packet);
  switch (stanza != NULL ? es_manager_outgoing (link->manager, stanza) : ES_CONSUMED)
    {
    case ES_PASS:
      return;
    case ES_CHANGED:
      es_xml_write_node (stanza, *packet);
      return;
    case ES_REFUSED:
      es_refusals_add (link, stanza);
      if (es_files_kind (stanza) == ES_FILE_OFFER)
        show_conversation (link, contact);
      drop_outgoing (plugin, packet);
      return;
    case ES_CONSUMED:
    default:
      drop_outgoing (plugin, packet);
    }
}

static void
on_sending_text (PurpleConnection *connection, char **text, EsPlugin *plugin)
{
  g_autofree char *nothing = NULL;

  if (*text == NULL || strncmp (*text, "<esession-nothing", strlen ("<esession-nothing")) != 0)
    return;
  nothing = xmlnode_to_str (plugin->nothing, NULL);
  if (purple_strequal (*text, nothing))
    *text = NULL;
}

static void
on_receiving (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  g_autoptr (EsXml) stanza = NULL;
  g_autofree char *contact = NULL;
  const char *from = NULL;

  if (link == NULL)
    return;
  link->taken_node = NULL;
  from = xmlnode_get_attrib (*packet, "from");
  contact = contact_of (link, *packet, from);
  if (contact == NULL)
    {
      es_refusals_take (link, from, *packet);
      return;
    }

  stanza = es_xml_from_node (*packet);
  switch (stanza != NULL ? es_manager_incoming (link->manager, stanza) : ES_CONSUMED)
    {
    case ES_PASS:
      return;
    case ES_CHANGED:
      es_xml_write_node (stanza, *packet);
      return;
    case ES_CONSUMED:
    case ES_REFUSED:
    default:
      /* It must go on to be counted by stream management; those below then take it. */
      link->taken_node = *packet;
    }
}

static gboolean
on_receiving_message (PurpleConnection *connection,
                      const char *type,
                      const char *id,
                      const char *from,
                      const char *to,
                      xmlnode *packet,
                      EsPlugin *plugin)
{
  const EsLink *link = es_plugin_link_of_connection (plugin, connection);

  return link != NULL && link->taken_node == packet;
}

static gboolean
on_receiving_iq (PurpleConnection *connection,
                 const char *type,
                 const char *id,
                 const char *from,
                 xmlnode *packet,
                 EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  return link != NULL && (link->taken_node == packet || es_presence_take_iq (link, type, id, from, packet));
}

static gboolean
on_receiving_presence (PurpleConnection *connection,
                       const char *type,
                       const char *from,
                       xmlnode *packet,
                       EsPlugin *plugin)
{
  const EsLink *link = es_plugin_link_of_connection (plugin, connection);

  return link != NULL && link->taken_node == packet;
}

void
es_gate_start (EsPlugin *plugin)
{
  PurplePlugin *jabber = plugin->jabber;

  purple_signal_connect_priority (jabber, "jabber-sending-xmlnode", plugin->handle, PURPLE_CALLBACK (on_sending),
                                  plugin, AFTER_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-sending-text", plugin->handle, PURPLE_CALLBACK (on_sending_text),
                                  plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-xmlnode", plugin->handle, PURPLE_CALLBACK (on_receiving),
                                  plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-message", plugin->handle,
                                  PURPLE_CALLBACK (on_receiving_message), plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-iq", plugin->handle, PURPLE_CALLBACK (on_receiving_iq),
                                  plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-presence", plugin->handle,
                                  PURPLE_CALLBACK (on_receiving_presence), plugin, BEFORE_ALL_OTHERS);
}
