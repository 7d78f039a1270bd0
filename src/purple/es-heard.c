/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All that comes, from whomever and on whichever account, is searched for links that verify: a link that somebody could have put there
 * proves nothing, wherever it stands and whoever seems to have said it. */
#include "es-plugin.h"

#include <string.h>

#include "es-links.h"
#include "es-secret.h"

/* Pictures and files, which nobody reads as they are. */
static gboolean
is_payload (const xmlnode *node)
{
  static const char *const namespaces[] = { ES_NS_AVATAR_DATA, ES_NS_BITS, ES_NS_IBB, NULL };

  return purple_strequal (node->name, "BINVAL")
         || (purple_strequal (node->name, "data") && node->xmlns != NULL && g_strv_contains (namespaces, node->xmlns));
}

/* What programs do not show in the middle of a text. */
static gboolean
is_apart (const xmlnode *node)
{
  static const char *const names[] = { "head", "script", "style", "title", NULL };

  return g_strv_contains (names, node->name);
}

/* Letters that are shown for a picture stand in the text. */
static gboolean
is_text (const xmlnode *child)
{
  return child->type == XMLNODE_TYPE_DATA
         || (child->type == XMLNODE_TYPE_ATTRIB && purple_strequal (child->name, "alt") && child->data != NULL);
}

static gsize
size_of (const xmlnode *child)
{
  return child->type == XMLNODE_TYPE_DATA ? child->data_sz : strlen (child->data);
}

/* How many octets gather () needs. */
static gsize
room_for (const xmlnode *node)
{
  gsize size = 0;

  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    if (is_text (child))
      size += size_of (child);
    else if (child->type == XMLNODE_TYPE_TAG && !is_payload (child))
      size += room_for (child);
  return size;
}

static void search (EsLinks *links, const xmlnode *node);

/* Puts into TEXT, which has room, what stands in NODE as it is read. What stands for itself is searched by itself. */
static void
gather (EsLinks *links, const xmlnode *node, GString *text)
{
  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    if (is_text (child))
      g_string_append_len (text, child->data, (gssize) size_of (child));
    else if (child->type == XMLNODE_TYPE_ATTRIB && child->data != NULL && !purple_strequal (child->name, "xmlns"))
      es_links_note (links, child->data);
    else if (child->type == XMLNODE_TYPE_TAG && is_apart (child))
      search (links, child);
    else if (child->type == XMLNODE_TYPE_TAG && !is_payload (child))
      gather (links, child, text);
}

static void
search (EsLinks *links, const xmlnode *node)
{
  GString *text = g_string_sized_new (room_for (node) + 1);

  gather (links, node, text);
  es_links_note (links, text->str);
  es_text_free (g_string_free (text, FALSE));
}

void
es_heard_note (const EsPlugin *plugin, const xmlnode *packet)
{
  EsLinks *links = es_trust_links (plugin->trust);

  if (es_links_are_wanted (links))
    search (links, packet);
}

void
es_heard_note_name (const EsPlugin *plugin, const char *name)
{
  if (name != NULL)
    es_links_note (es_trust_links (plugin->trust), name);
}

/* On an account of another protocol, in a conversation or a room. Marks between its digits would be some. */
static gboolean
on_receiving (PurpleAccount *account,
              char **sender,
              char **message,
              PurpleConversation *conversation,
              PurpleMessageFlags *flags,
              EsPlugin *plugin)
{
  char *plain = NULL;

  if (*message == NULL || es_plugin_link (plugin, account) != NULL
      || !es_links_are_wanted (es_trust_links (plugin->trust)))
    return FALSE;
  es_heard_note_name (plugin, *sender);
  es_heard_note_name (plugin, *message);
  plain = purple_markup_strip_html (*message);
  es_heard_note_name (plugin, plain);
  es_text_free (plain);
  return FALSE;
}

void
es_heard_start (EsPlugin *plugin)
{
  static const char *const signals[] = { "receiving-im-msg", "receiving-chat-msg" };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    purple_signal_connect (purple_conversations_get_handle (), signals[i], plugin->handle,
                           PURPLE_CALLBACK (on_receiving), plugin);
}
