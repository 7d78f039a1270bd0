/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What contacts are called. Names in the buddy list come from the server as well, which can give one contact that of another, and
 * windows bear them. Where words are meant for one contact alone the user is told who it is, as soon as it has a name that the user
 * does not know it by, or that of somebody else. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-shown.h"

/* The names that the user knows contacts in the buddy list by: a file of our own, written at once, because libpurple writes the list when
 * it has the time, and what was said before it is killed would be said again. */
#define FILE_NAME "esession-names"
#define GROUP "names"

/* Where they were before: on the contact in the buddy list. */
#define KNOWN_KEY "esession-known-as"

/* On a conversation that nobody sees: by which name that is, is still to be looked at. */
#define UNSEEN_KEY "esession-unseen-name"

static char *
key_of (const EsLink *link, const EsAddress *contact)
{
  g_autofree char *own = g_uri_escape_string (es_address_text (link->own), "@", FALSE),
                  *other = g_uri_escape_string (es_address_text (contact), "@", FALSE);

  return g_strdup_printf ("%s/%s", own, other);
}

static char *
file_path (void)
{
  return g_build_filename (purple_user_dir (), FILE_NAME, NULL);
}

/* What is no such file is as none: then something is said once more. */
static GHashTable *
read_file (void)
{
  g_autofree char *path = file_path ();
  GHashTable *known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_auto (GStrv) keys = NULL;

  if (g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, NULL))
    keys = g_key_file_get_keys (file, GROUP, NULL, NULL);
  for (char **key = keys; key != NULL && *key != NULL; key++)
    {
      char *name = g_key_file_get_string (file, GROUP, *key, NULL);

      if (name != NULL)
        g_hash_table_insert (known, g_strdup (*key), name);
    }
  return known;
}

static void
write_file (const EsPlugin *plugin)
{
  g_autofree char *path = file_path (), *text = NULL;
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  GHashTableIter iter;
  gpointer key = NULL, name = NULL;

  g_hash_table_iter_init (&iter, plugin->known);
  while (g_hash_table_iter_next (&iter, &key, &name))
    g_key_file_set_string (file, GROUP, key, name);
  text = g_key_file_to_data (file, NULL, NULL);
  if (!g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    es_log (plugin->log, ES_AREA_PLUGIN, ES_LOG_WARNING, NULL, "the names of contacts were not written: %d",
            error->code);
}

/* What came at once is written at once. */
static gboolean
on_idle (gpointer data)
{
  EsPlugin *plugin = data;

  plugin->names_source = 0;
  write_file (plugin);
  return G_SOURCE_REMOVE;
}

static void
write_soon (EsPlugin *plugin)
{
  if (plugin->names_source == 0)
    plugin->names_source = g_idle_add (on_idle, plugin);
}

void
es_names_note_receiving (EsPlugin *plugin)
{
  GSource *source = g_main_current_source ();

  plugin->has_received = TRUE;
  if (source == plugin->receiving)
    return;
  g_clear_pointer (&plugin->receiving, g_source_unref);
  plugin->receiving = source != NULL ? g_source_ref (source) : NULL;
}

/* What happens where stanzas come in happens because of them: of a stanza all is done at once. */
static gboolean
is_servers_doing (const EsPlugin *plugin)
{
  return plugin->has_received && g_main_current_source () == plugin->receiving;
}

static EsLink *
link_of (EsPlugin *plugin, PurpleBuddy *buddy, EsAddress **contact)
{
  PurpleAccount *account = purple_buddy_get_account (buddy);
  EsLink *link = es_plugin_link (plugin, account);

  *contact = link != NULL ? es_border_contact (account, purple_buddy_get_name (buddy)) : NULL;
  return *contact != NULL ? link : NULL;
}

/* Where libpurple looks for what somebody is called, whatever the type of the stanza is: for a nickname in presence and in events
 * (XEP-0172), at any depth here; */
static void
take_nicknames (xmlnode *node)
{
  for (xmlnode *child = node->child, *next = NULL; child != NULL; child = next)
    {
      next = child->next;
      if (child->type != XMLNODE_TYPE_TAG)
        continue;
      if (purple_strequal (child->name, "nick") && purple_strequal (child->xmlns, ES_NS_NICK))
        xmlnode_free (child);
      else
        take_nicknames (child);
    }
}

static gboolean
is_card (const xmlnode *node)
{
  return node->type == XMLNODE_TYPE_TAG
         && (purple_strequal (node->name, "vCard")
             || (purple_strequal (node->name, "query") && purple_strequal (node->xmlns, ES_NS_VCARD)));
}

/* and in cards, for whatever names they hold, whatever their namespaces are. The card itself stays: libpurple holds on to what is in an
 * iq. */
static void
take_card_names (xmlnode *iq)
{
  static const char *const names[] = { "FN", "N", "NICKNAME", NULL };

  for (xmlnode *card = iq->child; card != NULL; card = card->next)
    for (xmlnode *child = is_card (card) ? card->child : NULL, *next = NULL; child != NULL; child = next)
      {
        next = child->next;
        if (child->type == XMLNODE_TYPE_TAG && g_strv_contains (names, child->name))
          xmlnode_free (child);
      }
}

void
es_names_take (const EsLink *link, const EsAddress *from, xmlnode *packet)
{
  if (!es_manager_is_guarded (link->manager, es_address_bare (from)))
    return;
  if (purple_strequal (packet->name, "iq"))
    take_card_names (packet);
  else
    take_nicknames (packet);
}

void
es_names_forget_kept (const EsLink *link, const EsAddress *contact)
{
  g_autoptr (GSList) buddies = NULL;

  if (!es_manager_is_guarded (link->manager, contact))
    return;
  buddies = es_border_buddies (link->account, contact);
  for (GSList *item = buddies; item != NULL; item = item->next)
    purple_blist_node_remove_setting (item->data, "servernick");
}

/* As windows show it. */
static const char *
name_of (const EsLink *link, const EsAddress *contact)
{
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);
  const char *name = buddy != NULL ? purple_buddy_get_contact_alias (buddy) : NULL;

  return name != NULL ? name : es_address_text (contact);
}

/* A contact is in the list once for each of its groups. NULL if there is none. */
static const char *
known_name (const EsLink *link, const EsAddress *contact)
{
  g_autoptr (GSList) buddies = es_border_buddies (link->account, contact);
  g_autofree char *key = key_of (link, contact);
  gpointer found = g_hash_table_lookup (link->plugin->known, key);

  if (found != NULL)
    return found;
  for (GSList *item = buddies; item != NULL; item = item->next)
    {
      const char *known = purple_blist_node_get_string (item->data, KNOWN_KEY);

      if (known != NULL)
        return known;
    }
  return es_recent_find (link->names, es_address_text (contact), &found) ? found : NULL;
}

static void
note_known (EsLink *link, const EsAddress *contact, const char *name)
{
  EsPlugin *plugin = link->plugin;
  g_autofree char *known = g_utf8_make_valid (name, -1), *key = key_of (link, contact);

  es_recent_remove (link->names, es_address_text (contact));
  if (es_border_buddy (link->account, contact) == NULL)
    es_recent_add (link->names, es_address_text (contact), g_steal_pointer (&known));
  else if (!purple_strequal (g_hash_table_lookup (plugin->known, key), known))
    {
      g_hash_table_insert (plugin->known, g_steal_pointer (&key), g_steal_pointer (&known));
      write_soon (plugin);
    }
}

/* What is left of a name for the eye. */
static char *
fold (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1),
                  *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *folded = g_utf8_casefold (normal, -1);
  GString *seen = g_string_new (NULL);

  for (const char *next = folded; *next != '\0'; next = g_utf8_next_char (next))
    if (g_unichar_isgraph (g_utf8_get_char (next)))
      g_string_append_unichar (seen, g_utf8_get_char (next));
  return g_string_free (seen, FALSE);
}

/* Of a contact in the list: what is left for the eye of the name and of the address, for as long as these are what they were. */
typedef struct
{
  char *name;
  char *address;
  char *seen_name;
  char *seen_address;
} Seen;

static void
seen_free (gpointer data)
{
  Seen *seen = data;

  g_free (seen->name);
  g_free (seen->address);
  g_free (seen->seen_name);
  g_free (seen->seen_address);
  g_free (seen);
}

static const Seen *
seen_of (EsPlugin *plugin, PurpleBuddy *buddy)
{
  const char *address = purple_buddy_get_name (buddy), *alias = purple_buddy_get_contact_alias (buddy);
  const char *name = alias != NULL ? alias : address;
  Seen *seen = g_hash_table_lookup (plugin->seen, buddy);
  g_autoptr (EsAddress) contact = NULL;

  if (seen != NULL && strcmp (seen->name, name) == 0 && strcmp (seen->address, address) == 0)
    return seen;
  contact = es_border_contact (purple_buddy_get_account (buddy), address);
  seen = g_new (Seen, 1);
  *seen = (Seen){ g_strdup (name), g_strdup (address), fold (name),
                  fold (contact != NULL ? es_address_text (contact) : address) };
  g_hash_table_insert (plugin->seen, buddy, seen);
  return seen;
}

/* Whether BUDDY is somebody else than CONTACT, in the eyes of the user as well, and goes by NAME, which is folded. */
static gboolean
is_namesake (const EsLink *link, const EsAddress *contact, const char *name, PurpleBuddy *buddy)
{
  const Seen *seen = seen_of (link->plugin, buddy);
  PurpleBuddy *own = NULL;
  g_autoptr (EsAddress) of = NULL;
  EsLink *other = NULL;

  if (strcmp (seen->seen_name, name) != 0 && strcmp (seen->seen_address, name) != 0)
    return FALSE;
  own = es_border_buddy (link->account, contact);
  other = link_of (link->plugin, buddy, &of);
  return other != NULL && !es_address_equal (of, contact)
         && (own == NULL || purple_buddy_get_contact (own) != purple_buddy_get_contact (buddy))
         && (es_manager_is_guarded (link->manager, contact) || es_manager_is_guarded (other->manager, of));
}

static gboolean
has_namesake (const EsLink *link, const EsAddress *contact)
{
  g_autoptr (GSList) buddies = purple_blist_get_buddies ();
  g_autofree char *name = fold (name_of (link, contact));

  for (GSList *item = buddies; item != NULL; item = item->next)
    if (is_namesake (link, contact, name, item->data))
      return TRUE;
  return FALSE;
}

/* The caller's sentence for the conversation with CONTACT, or NULL. The address itself, however it is written, is no name of somebody else's. */
static char *
sentence_for (const EsLink *link, const EsAddress *contact)
{
  const char *known = known_name (link, contact), *name = name_of (link, contact);
  g_autofree char *address = NULL, *quoted = NULL;

  if (es_address_is_written (contact, name)
      || ((known == NULL || purple_strequal (known, name) || !es_manager_is_guarded (link->manager, contact))
          && !has_namesake (link, contact)))
    return NULL;
  address = es_shown_name (es_address_text (contact));
  quoted = es_quoted_name (name);
  /* Translators: an address, such as bob@example.org, and a name in quotation marks. */
  return g_strdup_printf (_ ("This conversation is with %s, whom your buddy list calls %s."), address, quoted);
}

/* Whether one of the conversations with CONTACT is seen; the others are looked at when they are. */
static gboolean
is_seen (const EsLink *link, const EsAddress *contact)
{
  g_autoptr (GList) windows = es_conversations_of (link, contact);
  gboolean seen = FALSE;

  for (GList *item = windows; item != NULL; item = item->next)
    if (es_conversation_is_shown (link->plugin, item->data))
      seen = TRUE;
    else
      purple_conversation_set_data (item->data, UNSEEN_KEY, GINT_TO_POINTER (TRUE));
  return seen;
}

/* CONTACT, which was called FORMER, may be called something else because of what has come. */
static void
look (EsLink *link, const EsAddress *contact, const char *former)
{
  g_autofree char *sentence = NULL;

  if (known_name (link, contact) == NULL && es_manager_is_guarded (link->manager, contact))
    note_known (link, contact, former);

  /* Otherwise it is for the next one that opens. */
  if (!is_seen (link, contact) || purple_strequal (known_name (link, contact), name_of (link, contact)))
    return;
  sentence = sentence_for (link, contact);
  note_known (link, contact, name_of (link, contact));
  if (sentence != NULL)
    es_conversations_notice (link, contact, ES_TONE_WARNING, sentence);
}

/* BUDDY may have been GIVEN another name, or was put somewhere else in the list, with whatever name it had by then. */
static void
look_at (EsPlugin *plugin, PurpleBuddy *buddy, const char *former, gboolean given)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (plugin, buddy, &contact);

  if (link == NULL)
    return;
  if (is_servers_doing (plugin))
    look (link, contact, former != NULL ? former : es_address_text (contact));
  else if (given || known_name (link, contact) == NULL)
    note_known (link, contact, name_of (link, contact));
}

/* A contact's, or that of a person, of whose contacts those without a name of their own have it. */
static void
on_aliased (PurpleBlistNode *node, const char *former, EsPlugin *plugin)
{
  if (PURPLE_BLIST_NODE_IS_BUDDY (node))
    look_at (plugin, (PurpleBuddy *) node, former, TRUE);
  else if (PURPLE_BLIST_NODE_IS_CONTACT (node))
    for (PurpleBlistNode *child = purple_blist_node_get_first_child (node); child != NULL;
         child = purple_blist_node_get_sibling_next (child))
      look_at (plugin, (PurpleBuddy *) child, former, TRUE);
}

static void
on_added (PurpleBuddy *buddy, EsPlugin *plugin)
{
  look_at (plugin, buddy, NULL, FALSE);
}

/* The user has taken the contact out of the list, where it does not stand in another group. */
static void
forget (EsLink *link, const EsAddress *contact)
{
  g_autofree char *key = key_of (link, contact);

  if (es_border_buddy (link->account, contact) != NULL)
    return;
  es_recent_remove (link->names, es_address_text (contact));
  if (g_hash_table_remove (link->plugin->known, key))
    write_soon (link->plugin);
}

/* A server that puts a contact into another group takes it out of the list first. */
static void
on_removed (PurpleBuddy *buddy, EsPlugin *plugin)
{
  const char *known = purple_blist_node_get_string ((PurpleBlistNode *) buddy, KNOWN_KEY);
  const char *name = known != NULL ? known : purple_buddy_get_alias_only (buddy);
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (plugin, buddy, &contact);

  g_hash_table_remove (plugin->seen, buddy);
  if (link != NULL && !is_servers_doing (plugin))
    forget (link, contact);
  if (link != NULL && name != NULL && is_servers_doing (plugin) && known_name (link, contact) == NULL)
    es_recent_add (link->names, es_address_text (contact), g_strdup (name));
}

static void
on_created (PurpleConversation *conversation, EsPlugin *plugin)
{
  g_autoptr (EsAddress) contact = es_conversation_contact (conversation);
  EsLink *link = contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (conversation)) : NULL;
  gboolean seen = link != NULL && es_conversation_is_shown (plugin, conversation);
  g_autofree char *sentence = seen ? sentence_for (link, contact) : NULL;

  purple_conversation_set_data (conversation, UNSEEN_KEY, GINT_TO_POINTER (link != NULL && !seen));
  if (seen)
    note_known (link, contact, name_of (link, contact));
  if (sentence != NULL)
    es_conversations_say (link, conversation, sentence);
}

void
es_names_show_kept (EsPlugin *plugin)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    if (purple_conversation_get_data (item->data, UNSEEN_KEY) != NULL)
      on_created (item->data, plugin);
}

void
es_names_start (EsPlugin *plugin)
{
  void *list = purple_blist_get_handle ();

  plugin->known = read_file ();
  plugin->seen = g_hash_table_new_full (NULL, NULL, NULL, seen_free);
  purple_signal_connect (list, "blist-node-aliased", plugin->handle, PURPLE_CALLBACK (on_aliased), plugin);
  purple_signal_connect (list, "buddy-added", plugin->handle, PURPLE_CALLBACK (on_added), plugin);
  purple_signal_connect (list, "buddy-removed", plugin->handle, PURPLE_CALLBACK (on_removed), plugin);
  purple_signal_connect (purple_conversations_get_handle (), "conversation-created", plugin->handle,
                         PURPLE_CALLBACK (on_created), plugin);
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    on_created (item->data, plugin);
}

void
es_names_stop (EsPlugin *plugin)
{
  if (plugin->names_source != 0)
    {
      g_source_remove (plugin->names_source);
      write_file (plugin);
    }
  g_clear_pointer (&plugin->known, g_hash_table_unref);
  g_clear_pointer (&plugin->seen, g_hash_table_unref);
  g_clear_pointer (&plugin->receiving, g_source_unref);
}
