/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the program itself logs of conversations. While an encrypted one is not to be logged, its logging is switched off;
 * afterwards it is what the user had chosen. */
#include "es-plugin.h"

/* On a conversation whose logging is switched off: what the user had chosen. */
#define WISH_KEY "esession-logging"

/* On a contact in the buddy list. */
#define AGREED_KEY "esession-unlogged"

enum
{
  WISH_NONE,
  WISH_OFF,
  WISH_ON
};

static gboolean
wanted (void)
{
  return purple_prefs_get_bool (ES_PREF_LOG);
}

/* Once a conversation was not to be logged, it stays so until another one, or an unencrypted one, has begun: between an
 * end and what the user then chooses there may be talk of what was said. */
static void
decide (EsLink *link, const EsAddress *contact)
{
  EsConversation what;

  es_manager_describe (link->manager, contact, &what);
  if (what.state == ES_STATE_PLAIN)
    g_hash_table_remove (link->unlogged, contact);
  else if (!what.log || !wanted ())
    g_hash_table_add (link->unlogged, es_address_ref (contact));
  else if (what.state != ES_STATE_ENDED && what.state != ES_STATE_STARTING)
    g_hash_table_remove (link->unlogged, contact);
}

gboolean
es_logging_allowed (EsLink *link, const EsAddress *contact)
{
  decide (link, contact);
  return !g_hash_table_contains (link->unlogged, contact);
}

void
es_logging_agree (EsLink *link, const EsAddress *contact)
{
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);

  g_hash_table_add (link->agreed, es_address_ref (contact));
  if (buddy != NULL)
    purple_blist_node_set_bool (PURPLE_BLIST_NODE (buddy), AGREED_KEY, TRUE);
}

gboolean
es_logging_is_agreed (EsLink *link, const EsAddress *contact)
{
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);

  return g_hash_table_contains (link->agreed, contact)
         || (buddy != NULL && purple_blist_node_get_bool (PURPLE_BLIST_NODE (buddy), AGREED_KEY));
}

static int
wish_of (PurpleConversation *conversation)
{
  return GPOINTER_TO_INT (purple_conversation_get_data (conversation, WISH_KEY));
}

static void
set_wish (PurpleConversation *conversation, int wish)
{
  purple_conversation_set_data (conversation, WISH_KEY, GINT_TO_POINTER (wish));
}

void
es_logging_release (PurpleConversation *conversation)
{
  int wish = wish_of (conversation);

  set_wish (conversation, WISH_NONE);
  if (wish != WISH_NONE)
    purple_conversation_set_logging (conversation, wish == WISH_ON);
}

static void
stop_logging (PurpleConversation *conversation)
{
  if (wish_of (conversation) == WISH_NONE)
    set_wish (conversation, purple_conversation_is_logging (conversation) ? WISH_ON : WISH_OFF);
  purple_conversation_set_logging (conversation, FALSE);
}

void
es_logging_update (EsLink *link, const EsAddress *contact, const GList *conversations)
{
  gboolean allowed = es_logging_allowed (link, contact);

  for (const GList *item = conversations; item != NULL; item = item->next)
    allowed ? es_logging_release (item->data) : stop_logging (item->data);
}

/* The user, or another plugin, has switched it on again: that is for later. */
static void
on_updated (PurpleConversation *conversation, PurpleConvUpdateType type, EsPlugin *plugin)
{
  if (type != PURPLE_CONV_UPDATE_LOGGING || wish_of (conversation) == WISH_NONE
      || !purple_conversation_is_logging (conversation))
    return;
  set_wish (conversation, WISH_ON);
  purple_conversation_set_logging (conversation, FALSE);
}

static void
on_preference (const char *name, PurplePrefType type, gconstpointer value, gpointer data)
{
  EsPlugin *plugin = data;
  GHashTableIter iter;
  gpointer link = NULL;

  g_hash_table_iter_init (&iter, plugin->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    es_manager_set_log (((EsLink *) link)->manager, wanted ());
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) contact = es_conversation_contact (item->data);
      EsLink *of = contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (item->data)) : NULL;

      if (of != NULL)
        es_conversations_changed (of, contact);
    }
}

void
es_logging_add_link (EsLink *link)
{
  es_manager_set_log (link->manager, wanted ());
}

void
es_logging_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_conversations_get_handle (), "conversation-updated", plugin->handle,
                         PURPLE_CALLBACK (on_updated), plugin);
  purple_prefs_connect_callback (plugin->handle, ES_PREF_LOG, on_preference, plugin);
}

void
es_logging_stop (EsPlugin *plugin)
{
  purple_prefs_disconnect_by_handle (plugin->handle);
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    es_logging_release (item->data);
}
