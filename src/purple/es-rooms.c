/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is a room. libpurple makes a chat of whatever is joined, or invited to, before anything has answered; and nobody with
 * whom there may be an encrypted conversation becomes a room by that. So a room is what we asked to join and what then
 * answered as one, and is nobody in the buddy list, with a session, or with a remembered device. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-shown.h"

#define NS_MUC "http://jabber.org/protocol/muc"
#define NS_MUC_USER "http://jabber.org/protocol/muc#user"

gboolean
es_rooms_may_have (const EsLink *link, const EsAddress *bare)
{
  return !es_address_equal (bare, link->own) && es_address_has_node (bare)
         && purple_find_buddy (link->account, es_address_text (bare)) == NULL
         && !es_manager_knows (link->manager, bare);
}

gboolean
es_rooms_has (const EsLink *link, const EsAddress *bare)
{
  return es_recent_find (link->rooms, es_address_text (bare), NULL) && es_rooms_may_have (link, bare);
}

/* Nothing is sent to a room that is none. */
static void
refuse (EsLink *link, const EsAddress *bare, gboolean is_join)
{
  g_autofree char *name = es_shown_name (es_address_text (bare));
  /* Translators: %s is an address, such as bob@example.org. */
  g_autofree char *sentence
      = g_strdup_printf (is_join ? _ ("%s was not joined because it is the address of a contact and no room.")
                                 /* Translators: %s is an address, such as bob@example.org. */
                                 : _ ("What you wrote to %s was not sent because no room has answered there."),
                         name);

  purple_notify_warning (link->plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
}

gboolean
es_rooms_may_leave (EsLink *link, const EsAddress *to, xmlnode *stanza)
{
  const EsAddress *bare = es_address_bare (to);
  gboolean is_join = purple_strequal (stanza->name, "presence") && xmlnode_get_attrib (stanza, "type") == NULL
                     && xmlnode_get_child_with_namespace (stanza, "x", NS_MUC) != NULL;
  gboolean is_talk
      = purple_strequal (stanza->name, "message") && purple_strequal (xmlnode_get_attrib (stanza, "type"), "groupchat");

  if (is_join && es_rooms_may_have (link, bare))
    es_recent_add (link->joining, es_address_text (bare), NULL);
  else if (is_join || (is_talk && !es_rooms_has (link, bare)))
    {
      refuse (link, bare, is_join);
      return FALSE;
    }
  return TRUE;
}

void
es_rooms_take_presence (EsLink *link, const EsAddress *from, const xmlnode *presence)
{
  const EsAddress *bare = es_address_bare (from);

  if (!es_address_is_bare (from) && xmlnode_get_attrib ((xmlnode *) presence, "type") == NULL
      && xmlnode_get_child_with_namespace (presence, "x", NS_MUC_USER) != NULL
      && es_recent_find (link->joining, es_address_text (bare), NULL) && es_rooms_may_have (link, bare))
    {
      es_recent_remove (link->joining, es_address_text (bare));
      es_recent_add (link->rooms, es_address_text (bare), NULL);
    }
}

void
es_rooms_forget (EsLink *link)
{
  es_recent_clear (link->joining);
  es_recent_clear (link->rooms);
}
