/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every stanza passes here: on its way out after all other plugins, just before libpurple writes it, and on its way in
 * before anybody else sees it. Stanzas are changed in place; libpurple looks at them again afterwards. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-files.h"
#include "es-lists.h"
#include "es-session.h"
#include "es-xmlnode.h"

#define NS_XHTML_IM "http://jabber.org/protocol/xhtml-im"

/* libpurple's own writer sits at the highest. */
#define AFTER_ALL_OTHERS (PURPLE_SIGNAL_PRIORITY_HIGHEST - 1)
#define BEFORE_ALL_OTHERS PURPLE_SIGNAL_PRIORITY_LOWEST

static gboolean
is_stanza (const xmlnode *node)
{
  return purple_strequal (node->name, "message") || purple_strequal (node->name, "iq")
         || purple_strequal (node->name, "presence");
}

/* Whether a stanza with ADDRESS is our concern: not those with rooms, and of iqs and presence none with ourselves. */
static gboolean
is_ours (const EsLink *link, const xmlnode *node, const EsAddress *address)
{
  return !es_rooms_has (link, es_address_bare (address))
         && (purple_strequal (node->name, "message") || !es_address_same_bare (address, link->own));
}

/* Whoever looks at it next, libpurple among them, sees the one spelling that we have looked at. */
static void
prepare_attribute (xmlnode *node, const char *name, const EsAddress *address)
{
  if (!purple_strequal (xmlnode_get_attrib (node, name), es_address_text (address)))
    xmlnode_set_attrib (node, name, es_address_text (address));
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
show_conversation (const EsLink *link, const EsAddress *contact)
{
  if (purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, es_address_text (contact), link->account) == NULL)
    purple_conversation_new (PURPLE_CONV_TYPE_IM, link->account, es_address_text (contact));
}

/* What the user must know of a stanza that has no address that can be prepared. */
static void
tell_no_address (EsPlugin *plugin, const xmlnode *node, const char *to)
{
  g_autofree char *name = to != NULL ? es_shown_name (to) : g_strdup ("");
  g_autofree char *sentence = NULL;

  if (!purple_strequal (node->name, "message") || xmlnode_get_child (node, "body") == NULL)
    return;
  /* Translators: %s is what should be an address, such as bob@example.org. */
  sentence = g_strdup_printf (_ ("Your message to %s was not sent because that is not an address as servers write it."),
                              name);
  purple_notify_warning (plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
}

static void
let_out (EsLink *link, const EsAddress *to, xmlnode **packet)
{
  g_autoptr (EsXml) stanza = es_xml_from_node (*packet);

  /* What cannot be looked at cannot be let out. */
  switch (stanza != NULL ? es_manager_outgoing (link->manager, to, stanza) : ES_CONSUMED)
    {
    case ES_PASS:
      return;
    case ES_CHANGED:
      es_xml_write_node (stanza, *packet);
      return;
    case ES_REFUSED:
      es_refusals_add (link, stanza);
      if (es_files_kind (stanza) == ES_FILE_OFFER)
        show_conversation (link, es_address_bare (to));
      drop_outgoing (link->plugin, packet);
      return;
    case ES_CONSUMED:
    default:
      drop_outgoing (link->plugin, packet);
    }
}

/* Whether people could read something in it. */
static gboolean
holds_text (const xmlnode *packet)
{
  g_autoptr (EsXml) stanza = purple_strequal (packet->name, "message") ? es_xml_from_node (packet) : NULL;

  return stanza != NULL && !es_session_has_encrypted (stanza)
         && (es_xml_child (stanza, "body", ES_NS_CLIENT) != NULL || es_xml_child (stanza, "html", NS_XHTML_IM) != NULL);
}

static void
on_sending (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  const char *text = *packet != NULL ? xmlnode_get_attrib (*packet, "to") : NULL;
  g_autoptr (EsAddress) to = NULL;

  /* Signals are XMPP's: an account without a link has a name that is no address. */
  if (*packet == NULL || !is_stanza (*packet) || (link != NULL && *packet == link->own_node))
    return;

  /* To our own server. */
  if (text == NULL && !purple_strequal ((*packet)->name, "message"))
    return;
  to = link != NULL ? es_border_address (link->account, text) : NULL;
  if (to == NULL)
    {
      tell_no_address (plugin, *packet, text);
      drop_outgoing (plugin, packet);
      return;
    }
  prepare_attribute (*packet, "to", to);
  if (!es_rooms_may_leave (link, to, *packet))
    drop_outgoing (plugin, packet);
  else if (is_ours (link, *packet, to))
    let_out (link, to, packet);
  if (*packet != plugin->nothing && holds_text (*packet) && es_conversations_stop_text (link))
    drop_outgoing (plugin, packet);
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

static EsDisposition
let_in (EsLink *link, const EsAddress *from, xmlnode *packet)
{
  g_autoptr (EsXml) stanza = es_xml_from_node (packet);
  EsDisposition disposition = stanza != NULL ? es_manager_incoming (link->manager, from, stanza) : ES_CONSUMED;

  if (disposition == ES_CHANGED)
    es_xml_write_node (stanza, packet);
  return disposition;
}

static void
on_receiving (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  const char *text = *packet != NULL ? xmlnode_get_attrib (*packet, "from") : NULL;
  g_autoptr (EsAddress) from = NULL;
  gboolean taken = FALSE;

  if (link == NULL || !is_stanza (*packet))
    return;
  link->taken_node = NULL;
  if (text != NULL && (from = es_border_address (link->account, text)) == NULL)
    taken = TRUE;
  else if (from != NULL)
    {
      prepare_attribute (*packet, "from", from);
      if (purple_strequal ((*packet)->name, "presence"))
        es_rooms_take_presence (link, from, *packet);
    }
  if (!taken && from != NULL && is_ours (link, *packet, from))
    {
      EsDisposition disposition = let_in (link, from, *packet);

      taken = disposition == ES_CONSUMED || disposition == ES_REFUSED;
    }

  /* It must go on to be counted by stream management; those below then take it. */
  if (taken)
    link->taken_node = *packet;
  else
    es_refusals_take (link, from, *packet);
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
