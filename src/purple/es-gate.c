/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every stanza passes here: on its way out after all other plugins, just before libpurple writes it, and on its way in
 * before anybody else sees it. Stanzas are changed in place; libpurple looks at them again afterwards. */
#include "es-plugin.h"

#include <string.h>

#include "es-channel.h"
#include "es-jid.h"
#include "es-xmlnode.h"

/* libpurple's own writer sits at the highest. */
#define AFTER_ALL_OTHERS (PURPLE_SIGNAL_PRIORITY_HIGHEST - 1)
#define BEFORE_ALL_OTHERS PURPLE_SIGNAL_PRIORITY_LOWEST

static gboolean
is_message (const xmlnode *node)
{
  return node != NULL && purple_strequal (node->name, "message");
}

/* Puts a stand-in in the stanza's place, which on_sending_text () swallows: libpurple takes no NULL here. The stanza itself
 * stays its maker's. */
static void
drop_outgoing (EsPlugin *plugin, xmlnode **packet)
{
  *packet = plugin->nothing;
}

static void
on_sending (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);
  g_autoptr (EsXml) stanza = NULL;
  g_autofree char *contact = NULL;
  const char *to = is_message (*packet) ? xmlnode_get_attrib (*packet, "to") : NULL;

  if (link == NULL || to == NULL || *packet == link->own_node)
    return;
  contact = es_jid_bare (to);
  if (es_is_room (link->account, contact))
    return;

  /* What cannot be looked at cannot be let out. */
  stanza = es_xml_from_node (*packet);
  if (stanza == NULL)
    {
      drop_outgoing (plugin, packet);
      return;
    }
  switch (es_manager_outgoing (link->manager, stanza))
    {
    case ES_PASS:
      return;
    case ES_CHANGED:
      es_xml_write_node (stanza, *packet);
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
  EsLink *link = es_plugin_link_of_connection (plugin, connection);
  g_autoptr (EsXml) stanza = NULL;
  g_autofree char *contact = NULL;
  const char *from = is_message (*packet) ? xmlnode_get_attrib (*packet, "from") : NULL;

  if (link == NULL)
    return;
  link->taken_node = NULL;
  if (from == NULL)
    return;
  contact = es_jid_bare (from);
  if (es_is_room (link->account, contact))
    return;

  stanza = es_xml_from_node (*packet);
  switch (stanza != NULL ? es_manager_incoming (link->manager, stanza) : ES_CONSUMED)
    {
    case ES_PASS:
      return;
    case ES_CHANGED:
      es_xml_write_node (stanza, *packet);
      return;
    case ES_CONSUMED:
    default:
      /* It must go on to be counted by stream management; on_receiving_message () then takes it. */
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

  return link != NULL && es_presence_take_iq (link, type, id, from, packet);
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
}
