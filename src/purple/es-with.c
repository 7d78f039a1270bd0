/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom conversations are with. What an address is takes time to find out, and is asked for every window at everything that happens: it is
 * kept for as long as the conversation has that account and that name, which anybody in the program can change. */
#include "es-plugin.h"

#include <string.h>

typedef struct
{
  PurpleAccount *account; /* only compared */
  char *name;
  EsAddress *contact; /* bare; NULL if the name is no address */
} With;

static void
with_free (gpointer data)
{
  With *with = data;

  g_free (with->name);
  es_address_unref (with->contact);
  g_free (with);
}

static const With *
with_of (EsPlugin *plugin, PurpleConversation *conversation)
{
  PurpleAccount *account = purple_conversation_get_account (conversation);
  const char *name = purple_conversation_get_name (conversation);
  With *with = g_hash_table_lookup (plugin->withs, conversation);

  if (with != NULL && with->account == account && purple_strequal (with->name, name))
    return with;
  with = g_new (With, 1);
  *with = (With){ account, g_strdup (name), es_border_contact (account, name) };
  g_hash_table_insert (plugin->withs, conversation, with);
  return with;
}

EsAddress *
es_conversation_contact (PurpleConversation *conversation)
{
  EsPlugin *plugin = es_plugin_running ();
  PurpleAccount *account = purple_conversation_get_account (conversation);
  const EsLink *link = NULL;
  const With *with = NULL;

  if (account == NULL || purple_conversation_get_type (conversation) != PURPLE_CONV_TYPE_IM)
    return NULL;
  link = plugin != NULL ? es_plugin_link (plugin, account) : NULL;
  with = link != NULL ? with_of (plugin, conversation) : NULL;
  return with != NULL && with->contact != NULL && !es_rooms_has_person (link, with->contact, with->name)
             ? es_address_ref (with->contact)
             : NULL;
}

EsAddress *
es_conversation_former_contact (PurpleConversation *conversation)
{
  const With *with = g_hash_table_lookup (es_plugin_running ()->withs, conversation);

  return with != NULL && with->contact != NULL ? es_address_ref (with->contact) : NULL;
}

PurpleAccount *
es_conversation_former_account (PurpleConversation *conversation)
{
  const With *with = g_hash_table_lookup (es_plugin_running ()->withs, conversation);

  return with != NULL ? with->account : NULL;
}

PurpleBuddy *
es_conversation_buddy (PurpleConversation *conversation)
{
  PurpleAccount *account = purple_conversation_get_account (conversation);
  g_autoptr (EsAddress) contact = es_conversation_contact (conversation);

  return contact != NULL ? es_border_buddy (account, contact)
                         : purple_find_buddy (account, purple_conversation_get_name (conversation));
}

static gboolean
has_contact (PurpleAccount *account, const EsAddress *contact, const char *name)
{
  const PurpleConversation *window = contact != NULL
                                         ? es_border_conversation (PURPLE_CONV_TYPE_IM, account, contact)
                                         : purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, name, account);
  const PurpleBuddy *buddy = contact != NULL ? es_border_buddy (account, contact) : purple_find_buddy (account, name);

  return window != NULL || (buddy != NULL && purple_account_get_enabled (account, purple_core_get_ui ()));
}

gboolean
es_contact_is_elsewhere (const PurpleAccount *account, const EsAddress *contact, const char *name)
{
  for (GList *item = purple_accounts_get_all (); item != NULL; item = item->next)
    if (item->data != account && has_contact (item->data, contact, name))
      return TRUE;
  return FALSE;
}

/* Without the resource. */
static char *
address_of (PurpleAccount *account)
{
  const char *name = purple_account_get_username (account);

  return g_strndup (name, strcspn (name, "/"));
}

char *
es_account_name (PurpleAccount *account)
{
  g_autofree char *own = address_of (account);

  for (GList *item = purple_accounts_get_all (); item != NULL; item = item->next)
    {
      g_autofree char *other = address_of (item->data);

      if (item->data != account && g_ascii_strcasecmp (other, own) == 0)
        return g_strdup (purple_account_get_username (account));
    }
  return g_steal_pointer (&own);
}

char *
es_own_name (PurpleAccount *account, const EsAddress *contact, const char *name)
{
  return es_contact_is_elsewhere (account, contact, name) ? es_account_name (account) : NULL;
}

char *
es_conversation_own_name (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = es_conversation_contact (conversation);

  return es_own_name (purple_conversation_get_account (conversation), contact,
                      purple_conversation_get_name (conversation));
}

/* libpurple opens one for each device of a contact whom it takes for a room. */
GList *
es_conversations_of (const EsLink *link, const EsAddress *contact)
{
  GList *found = NULL;

  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) of
          = purple_conversation_get_account (item->data) == link->account ? es_conversation_contact (item->data) : NULL;

      if (of != NULL && es_address_equal (of, contact))
        found = g_list_prepend (found, item->data);
    }
  return found;
}

PurpleConversation *
es_conversations_find (const EsLink *link, const EsAddress *contact)
{
  PurpleConversation *conversation = es_border_conversation (PURPLE_CONV_TYPE_IM, link->account, contact);
  g_autoptr (GList) all = conversation == NULL ? es_conversations_of (link, contact) : NULL;

  return all != NULL ? all->data : conversation;
}

/* After all others. */
static void
on_deleting (PurpleConversation *conversation, EsPlugin *plugin)
{
  g_hash_table_remove (plugin->withs, conversation);
}

void
es_with_start (EsPlugin *plugin)
{
  plugin->withs = g_hash_table_new_full (NULL, NULL, NULL, with_free);
  purple_signal_connect_priority (purple_conversations_get_handle (), "deleting-conversation", plugin->handle,
                                  PURPLE_CALLBACK (on_deleting), plugin, PURPLE_SIGNAL_PRIORITY_HIGHEST);
}

void
es_with_stop (EsPlugin *plugin)
{
  g_clear_pointer (&plugin->withs, g_hash_table_unref);
}
