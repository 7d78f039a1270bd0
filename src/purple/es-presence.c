/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is there, what their programs can (XEP-0030), and who may know that we are there. */
#include "es-plugin.h"

#include <stdlib.h>
#include <string.h>

#include "es-limits.h"
#include "es-xmlnode.h"

/* So long the presence of contacts may be under way after signing on, in seconds. */
#define ARRIVAL_SECONDS 5

/* Starts an iq of ours; *ID is the caller's. */
static EsXml *
new_iq (EsLink *link, const char *type, const EsAddress *to, const char *namespace_, char **id)
{
  EsXml *iq = es_xml_new ("iq", ES_NS_CLIENT);

  *id = g_strdup_printf ("%s%u", link->id_prefix, ++link->n_ids);
  es_xml_set_attribute (iq, "type", type);
  es_xml_set_attribute (iq, "to", to != NULL ? es_address_text (to) : NULL);
  es_xml_set_attribute (iq, "id", *id);
  es_xml_append (iq, es_xml_new ("query", namespace_));
  return iq;
}

void
es_presence_ask_support (EsLink *link, const EsAddress *jid)
{
  g_autofree char *id = NULL;
  g_autoptr (EsXml) iq = new_iq (link, "get", jid, ES_NS_DISCO_INFO, &id);

  es_recent_add (link->queries, id, es_address_ref (jid));
  es_link_send (link, iq);
}

void
es_presence_ask_roster (EsLink *link)
{
  g_autofree char *id = NULL;
  g_autoptr (EsXml) iq = new_iq (link, "get", NULL, ES_NS_ROSTER, &id);

  es_recent_add (link->queries, id, NULL);
  es_link_send (link, iq);
}

/* Just after signing on our server has asked for everybody's presence, and the answers are under way. */
static gboolean
is_early (const EsLink *link)
{
  return link->signed_on != 0 && g_get_monotonic_time () < link->signed_on + ARRIVAL_SECONDS * G_USEC_PER_SEC;
}

static gboolean
is_arriving (const EsLink *link, const EsAddress *contact)
{
  return is_early (link) && !g_hash_table_contains (link->arrived, contact);
}

/* Ours, unless the server calls us by somebody else's name. */
void
es_presence_note_own (EsLink *link)
{
  const PurpleConnection *connection = purple_account_get_connection (link->account);
  const char *name = connection != NULL ? purple_connection_get_display_name (connection) : NULL;
  g_autoptr (EsAddress) full = name != NULL ? es_border_address (link->account, name) : NULL;
  gboolean is_ours = es_address_same_bare (full, link->own) && !es_address_is_bare (full);

  es_manager_set_own (link->manager, is_ours ? full : NULL);
}

static void
on_signed_on (PurpleConnection *connection, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  if (link == NULL)
    return;
  es_log (plugin->log, ES_AREA_PLUGIN, ES_LOG_INFO, es_address_text (link->own), "signed on");
  link->signed_on = g_get_monotonic_time ();
  es_presence_note_own (link);
  g_hash_table_remove_all (link->arrived);
}

/* libpurple shows whether a buddy is online, but not with which clients. They are known when we were there as their
 * presence came. */
gboolean
es_presence_ask_presence (EsLink *link, const EsAddress *contact)
{
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);
  g_autoptr (EsXml) probe = NULL;

  if (buddy == NULL || es_blocked_has (link, contact) || es_link_connection (link) == NULL)
    return FALSE;
  if (!PURPLE_BUDDY_IS_ONLINE (buddy))
    return is_arriving (link, contact);
  probe = es_xml_new ("presence", ES_NS_CLIENT);
  es_xml_set_attribute (probe, "type", "probe");
  es_xml_set_attribute (probe, "to", es_address_text (contact));
  es_link_send (link, probe);
  return TRUE;
}

gboolean
es_presence_may_see_us (EsLink *link, const EsAddress *contact)
{
  return g_hash_table_contains (link->subscribers, contact) && !es_blocked_has (link, contact);
}

static void
take_support (EsLink *link, const EsAddress *jid, const char *type, const xmlnode *packet)
{
  const xmlnode *query = xmlnode_get_child_with_namespace (packet, "query", ES_NS_DISCO_INFO);
  xmlnode *feature = query != NULL ? xmlnode_get_child (query, "feature") : NULL;
  xmlnode *identity = query != NULL ? xmlnode_get_child (query, "identity") : NULL;
  gboolean supported = FALSE, gajim = FALSE;

  for (; identity != NULL; identity = xmlnode_get_next_twin (identity))
    gajim |= purple_strequal (xmlnode_get_attrib (identity, "category"), "client")
             && purple_strequal (xmlnode_get_attrib (identity, "name"), "Gajim");
  for (; feature != NULL; feature = xmlnode_get_next_twin (feature))
    supported |= purple_strequal (xmlnode_get_attrib (feature, "var"), ES_NS_ESESSION);
  es_manager_set_support (link->manager, jid, supported && purple_strequal (type, "result"), gajim);
}

static void
take_roster (EsLink *link, const xmlnode *query)
{
  for (xmlnode *item = xmlnode_get_child (query, "item"); item != NULL; item = xmlnode_get_next_twin (item))
    {
      g_autoptr (EsAddress) contact = es_border_contact (link->account, xmlnode_get_attrib (item, "jid"));
      const char *subscription = xmlnode_get_attrib (item, "subscription");

      if (contact == NULL)
        continue;
      if ((purple_strequal (subscription, "from") || purple_strequal (subscription, "both"))
          && g_hash_table_size (link->subscribers) < ES_LIMIT_SUBSCRIBERS)
        g_hash_table_add (link->subscribers, g_steal_pointer (&contact));
      else
        g_hash_table_remove (link->subscribers, contact);
    }

  /* Of some of whom a conversation is open we know only now that they may know that we are here. */
  if (es_link_connection (link) != NULL)
    es_conversations_opened (link);
}

/* Rosters come from our own server only: without `from`, or from our own address; some servers write that of our connection. What
 * libpurple calls our connection the server has chosen: it may be anybody's address. */
gboolean
es_presence_is_us (const EsLink *link, const EsAddress *sender)
{
  const PurpleConnection *connection = purple_account_get_connection (link->account);
  const char *name = connection != NULL ? purple_connection_get_display_name (connection) : NULL;
  g_autoptr (EsAddress) full = name != NULL ? es_border_address (link->account, name) : NULL;

  return es_address_same_bare (sender, link->own) && (es_address_is_bare (sender) || es_address_equal (sender, full));
}

static gboolean
is_from_ourselves (const EsLink *link, const char *from)
{
  g_autoptr (EsAddress) sender = from != NULL ? es_border_address (link->account, from) : NULL;

  return from == NULL || es_presence_is_us (link, sender);
}

/* A contact that is in the list already does not come into it a second time. */
static void
prepare_item (const EsLink *link, xmlnode *item, const EsAddress *contact)
{
  g_autofree char *name = es_border_dup_name (link->account, contact, xmlnode_get_attrib (item, "jid"));

  xmlnode_set_attrib (item, "jid", name);
  es_names_forget_kept (link, es_address_bare (contact));
}

void
es_presence_prepare_roster (EsLink *link, const EsAddress *from, xmlnode *packet)
{
  const char *type = xmlnode_get_attrib (packet, "type");
  xmlnode *roster
      = purple_strequal (packet->name, "iq") ? xmlnode_get_child_with_namespace (packet, "query", ES_NS_ROSTER) : NULL;
  xmlnode *next = NULL;

  if (roster == NULL || !(purple_strequal (type, "result") || purple_strequal (type, "set"))
      || (from != NULL && !es_presence_is_us (link, from)))
    return;
  for (xmlnode *item = xmlnode_get_child (roster, "item"); item != NULL; item = next)
    {
      g_autoptr (EsAddress) contact = es_border_address (link->account, xmlnode_get_attrib (item, "jid"));

      next = xmlnode_get_next_twin (item);

      /* The user adds whom they want before the server says so. */
      if (contact == NULL || es_node_is_confusing (item) || es_rooms_has (link, es_address_bare (contact)))
        xmlnode_free (item);
      else
        prepare_item (link, item, contact);
    }
}

/* Whether FROM is that of ASKED. */
static gboolean
is_from (const EsLink *link, const EsAddress *asked, const char *from)
{
  g_autoptr (EsAddress) sender = from != NULL ? es_border_address (link->account, from) : NULL;

  return es_address_equal (sender, asked);
}

gboolean
es_presence_take_iq (EsLink *link, const char *type, const char *id, const char *from, xmlnode *packet)
{
  const xmlnode *roster = xmlnode_get_child_with_namespace (packet, "query", ES_NS_ROSTER);
  gboolean is_answer = purple_strequal (type, "result") || purple_strequal (type, "error");
  g_autoptr (EsAddress) jid = NULL;
  gpointer asked = NULL;

  if (roster != NULL && is_from_ourselves (link, from)
      && (purple_strequal (type, "result") || purple_strequal (type, "set")))
    take_roster (link, roster);

  if (!is_answer || !es_recent_find (link->queries, id, &asked))
    return FALSE;

  /* Ids can be guessed: an answer counts only if it comes from whom we asked. */
  if (asked != NULL ? !is_from (link, asked, from) : !is_from_ourselves (link, from))
    return TRUE;
  jid = es_address_ref (asked);
  es_recent_remove (link->queries, id);
  if (jid != NULL && !es_blocked_has (link, jid))
    take_support (link, jid, type, packet);
  return TRUE;
}

static const char *
attribute_or_empty (xmlnode *node, const char *name)
{
  const char *value = xmlnode_get_attrib (node, name);

  return value != NULL ? value : "";
}

static gboolean
on_presence (PurpleConnection *connection, const char *type, const char *from, xmlnode *packet, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);
  g_autoptr (EsAddress) sender = link != NULL && from != NULL ? es_border_address (link->account, from) : NULL;
  g_autofree char *version = NULL, *priority = NULL;
  xmlnode *caps = NULL, *child = NULL;

  if (sender == NULL || es_border_buddy (link->account, es_address_bare (sender)) == NULL)
    return FALSE;
  if (is_early (link))
    g_hash_table_add (link->arrived, es_address_ref (es_address_bare (sender)));
  if (purple_strequal (type, "unavailable"))
    es_manager_set_presence (link->manager, sender, FALSE, 0, NULL);
  if (type != NULL || es_blocked_has (link, sender))
    return FALSE;

  caps = xmlnode_get_child_with_namespace (packet, "c", ES_NS_CAPS);
  if (caps != NULL)
    version = g_strdup_printf ("%s#%s", attribute_or_empty (caps, "node"), attribute_or_empty (caps, "ver"));
  child = xmlnode_get_child (packet, "priority");
  priority = child != NULL ? xmlnode_get_data (child) : NULL;
  es_manager_set_presence (link->manager, sender, TRUE, priority != NULL ? atoi (priority) : 0, version);
  return FALSE;
}

void
es_presence_start (EsPlugin *plugin)
{
  purple_signal_connect (plugin->jabber, "jabber-receiving-presence", plugin->handle, PURPLE_CALLBACK (on_presence),
                         plugin);

  /* Before all others, who may write to somebody at once. */
  purple_signal_connect_priority (purple_connections_get_handle (), "signed-on", plugin->handle,
                                  PURPLE_CALLBACK (on_signed_on), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
}
