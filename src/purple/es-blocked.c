/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts whom the user has blocked. For them we are not there: nothing of ours goes to them but that an encrypted conversation
 * is over, before the server lets nothing through; and what they send is nowhere to be seen. */
#include "es-plugin.h"

#include "es-channel.h"
#include "es-negotiation.h"
#include "es-files.h"
#include "es-privacy.h"
#include "es-xmlnode.h"

gboolean
es_blocked_has (const EsLink *link, const EsAddress *jid)
{
  const EsAddress *contact = es_address_bare (jid);
  g_autofree char *ascii = es_address_dup_ascii (contact);
  gboolean may = purple_privacy_check (link->account, es_address_text (contact));
  gboolean may_otherwise = ascii != NULL ? purple_privacy_check (link->account, ascii) : may;

  /* One list says who may, another who may not. */
  return link->account->perm_deny == PURPLE_PRIVACY_DENY_USERS ? !may || !may_otherwise : !may && !may_otherwise;
}

/* What programs ask each other, and answer, nobody sees. */
static gboolean
is_unseen_iq (const xmlnode *iq)
{
  g_autoptr (EsXml) stanza = es_xml_from_node (iq);

  return stanza != NULL && !es_files_is_act (stanza)
         && !(es_privacy_is_question (es_xml_attribute (stanza, "type")) && es_privacy_is_private (stanza, NULL));
}

/* The list shows who is there, and no more. */
static gboolean
take_words (xmlnode *presence)
{
  const char *type = xmlnode_get_attrib (presence, "type");
  xmlnode *next = NULL;

  if (type != NULL && !purple_strequal (type, "unavailable"))
    return TRUE;
  for (xmlnode *child = presence->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_TAG
          && (purple_strequal (child->name, "status") || purple_strequal (child->name, "nick")))
        xmlnode_free (child);
    }
  return FALSE;
}

/* Answers to iqs of ours are found by their ids. */
static gboolean
is_for_us (const xmlnode *packet)
{
  static const char *const ours[] = { ES_NS_CRYPT, ES_NS_INIT, ES_NS_FEATURE, NULL };

  for (const xmlnode *child = packet->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_TAG && child->xmlns != NULL && g_strv_contains (ours, child->xmlns))
      return TRUE;
  return FALSE;
}

gboolean
es_blocked_take (xmlnode *packet)
{
  if (is_for_us (packet) || purple_strequal (packet->name, "message"))
    return TRUE;
  return purple_strequal (packet->name, "iq") ? !is_unseen_iq (packet) : take_words (packet);
}

/* The last that CONTACT hears of us. */
static void
leave (EsLink *link, const EsAddress *contact)
{
  link->parting = contact;
  es_manager_leave (link->manager, contact);
  link->parting = NULL;
}

void
es_blocked_note_leaving (EsLink *link, const xmlnode *packet)
{
  const xmlnode *block = xmlnode_get_child_with_namespace (packet, "block", ES_NS_BLOCKING);
  xmlnode *item = block != NULL ? xmlnode_get_child (block, "item") : NULL;

  if (!purple_strequal (packet->name, "iq")
      || !purple_strequal (xmlnode_get_attrib ((xmlnode *) packet, "type"), "set"))
    return;
  for (; item != NULL; item = xmlnode_get_next_twin (item))
    {
      g_autoptr (EsAddress) contact = es_border_contact (link->account, xmlnode_get_attrib (item, "jid"));

      if (contact != NULL)
        leave (link, contact);
    }
}

/* Whether CONTACT is in the list, be it that libpurple is about to go by it. */
static gboolean
is_listed (const EsLink *link, const EsAddress *contact)
{
  for (GSList *item = link->account->deny; item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) listed = es_border_contact (link->account, item->data);

      if (es_address_equal (listed, contact))
        return TRUE;
    }
  return FALSE;
}

/* Whoever is blocked is gone; whoever is not any more is asked for. */
static void
on_changed (PurpleBuddy *buddy, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, purple_buddy_get_account (buddy));
  g_autoptr (EsAddress) contact
      = link != NULL ? es_border_contact (link->account, purple_buddy_get_name (buddy)) : NULL;

  if (contact == NULL)
    return;
  if (es_blocked_has (link, contact) || is_listed (link, contact))
    {
      leave (link, contact);
      es_manager_set_presence (link->manager, contact, FALSE, 0, NULL);
    }
  else
    es_presence_ask_presence (link, contact);
}

void
es_blocked_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_blist_get_handle (), "buddy-privacy-changed", plugin->handle,
                         PURPLE_CALLBACK (on_changed), plugin);
}
