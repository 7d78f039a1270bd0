/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was not sent goes back to the user. It is kept until libpurple has nothing else to do, because a window that is
 * sending clears its entry afterwards, and until a conversation is there to show it in. None is opened for one that
 * is being closed, or whose account goes offline: it is shown when the user opens it again. */
#include "es-plugin.h"

#include <string.h>
#include <time.h>

#include <glib/gi18n-lib.h>

#include "es-commands.h"
#include "es-labels.h"
#include "es-limits.h"

/* On a conversation: an array of what goes back there. */
#define RETURNED_KEY "esession-returned"

/* What came back of one contact's. */
typedef struct
{
  GPtrArray *texts; /* not sent */
  GPtrArray *lines; /* sent, and perhaps not arrived */
  gboolean open;    /* a conversation is to be opened to show them */
} Unsent;

static void
unsent_free (gpointer data)
{
  Unsent *unsent = data;

  g_ptr_array_unref (unsent->texts);
  g_ptr_array_unref (unsent->lines);
  g_free (unsent);
}

GHashTable *
es_unsent_new (void)
{
  return es_address_table_new (unsent_free);
}

static char *
line_of (const char *text, gboolean sent)
{
  /* Translators: %s is the message. */
  return g_strdup_printf (sent ? _ ("This message may not have arrived: %s") : _ ("This message was not sent: %s"),
                          text);
}

static void
write_lines (PurpleConversation *conversation, const GPtrArray *texts, gboolean sent)
{
  for (guint i = 0; i < texts->len && texts->pdata[i] != NULL; i++)
    {
      g_autofree char *line = line_of (texts->pdata[i], sent);

      /* In the window only: it was not meant for a file. */
      es_conversations_write (conversation, line, PURPLE_MESSAGE_NO_LOG);
    }
}

static void
give (const EsPlugin *plugin, PurpleConversation *conversation, GPtrArray *texts)
{
  const EsUi *ui = plugin->ui;

  if (texts->len == 0)
    return;
  g_ptr_array_add (texts, NULL);
  if (ui == NULL || ui->return_texts == NULL || !ui->return_texts (conversation, (const char *const *) texts->pdata))
    write_lines (conversation, texts, FALSE);
}

/* What may have arrived is not to be sent twice by mistake: it is shown and no more. */
static void
show (const EsLink *link, PurpleConversation *conversation, const Unsent *unsent)
{
  write_lines (conversation, unsent->lines, TRUE);
  give (link->plugin, conversation, unsent->texts);
}

/* What was typed in CONVERSATION, which need be none of ours. */
static GPtrArray *
take_returned (PurpleConversation *conversation)
{
  GPtrArray *texts = purple_conversation_get_data (conversation, RETURNED_KEY);

  if (texts != NULL)
    purple_conversation_set_data (conversation, RETURNED_KEY, NULL);
  return texts;
}

static void
show_returned (const EsPlugin *plugin, PurpleConversation *conversation)
{
  g_autoptr (GPtrArray) texts = take_returned (conversation);

  if (texts != NULL)
    give (plugin, conversation, texts);
}

void
es_unsent_show_returned (const EsPlugin *plugin)
{
  for (GList *item = purple_get_conversations (); item != NULL; item = item->next)
    show_returned (plugin, item->data);
}

void
es_unsent_write_returned (PurpleConversation *conversation)
{
  g_autoptr (GPtrArray) texts = take_returned (conversation);

  if (texts != NULL)
    write_lines (conversation, texts, FALSE);
}

void
es_unsent_forget (PurpleConversation *conversation)
{
  g_autoptr (GPtrArray) texts = take_returned (conversation);
}

/* Takes what there is for CONTACT, if it can be shown now. */
static void
deliver (EsLink *link, const EsAddress *contact)
{
  PurpleConversation *conversation = es_conversations_find (link, contact);
  gpointer key = NULL, value = NULL;
  const Unsent *unsent = g_hash_table_lookup (link->unsent, contact);

  if (unsent != NULL && conversation == NULL && unsent->open)
    conversation = es_conversations_need (link, contact);
  if (unsent == NULL || conversation == NULL)
    return;
  if (!es_conversation_is_shown (link->plugin, conversation))
    {
      if (es_link_connection (link) == NULL)
        return;
      link->plugin->ui->reveal (conversation);
    }
  if (g_hash_table_steal_extended (link->unsent, contact, &key, &value))
    {
      show (link, conversation, value);
      unsent_free (value);
      es_address_unref (key);
    }
}

/* What an earlier life left, the user sees, and can take back. */
static void
show_left (EsLink *link)
{
  g_autoptr (GPtrArray) contacts
      = !link->left_shown && es_link_connection (link) != NULL ? es_manager_waiting_contacts (link->manager) : NULL;

  if (contacts == NULL)
    return;
  link->left_shown = TRUE;

  /* What is remembered is known since. */
  es_remembered_changed (link->plugin);
  for (guint i = 0; i < contacts->len; i++)
    es_conversations_show (link, contacts->pdata[i]);
}

/* What was to go back while nobody looked. */
static void
show_held (EsPlugin *plugin)
{
  g_autoptr (GList) all = g_list_copy (purple_get_ims ());

  for (GList *item = all; item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) contact = es_conversation_contact (item->data);
      EsLink *link = contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (item->data)) : NULL;

      if (link != NULL && es_conversation_is_seen (plugin, item->data))
        es_manager_seen (link->manager, contact);
    }
}

static gboolean
on_idle (gpointer data)
{
  EsPlugin *plugin = data;
  g_autoptr (GList) links = g_hash_table_get_values (plugin->links);

  plugin->unsent_source = 0;
  es_unsent_show_returned (plugin);
  es_conversations_show_kept (plugin);
  es_names_show_kept (plugin);
  show_held (plugin);
  for (GList *item = links; item != NULL; item = item->next)
    {
      EsLink *link = item->data;
      g_autoptr (GPtrArray) contacts = g_ptr_array_new_with_free_func ((GDestroyNotify) es_address_unref);
      GHashTableIter iter;
      gpointer contact = NULL;

      g_hash_table_iter_init (&iter, link->unsent);
      while (g_hash_table_iter_next (&iter, &contact, NULL))
        g_ptr_array_add (contacts, es_address_ref (contact));
      for (guint i = 0; i < contacts->len; i++)
        deliver (link, contacts->pdata[i]);
      show_left (link);
    }
  return G_SOURCE_REMOVE;
}

void
es_unsent_show_soon (EsPlugin *plugin)
{
  if (plugin->unsent_source == 0)
    plugin->unsent_source = g_idle_add (on_idle, plugin);
}

static Unsent *
need_unsent (EsLink *link, const EsAddress *contact)
{
  Unsent *unsent = g_hash_table_lookup (link->unsent, contact);

  if (unsent != NULL)
    return unsent;
  unsent = g_new0 (Unsent, 1);
  unsent->texts = g_ptr_array_new_with_free_func ((GDestroyNotify) es_text_free);
  unsent->lines = g_ptr_array_new_with_free_func ((GDestroyNotify) es_text_free);
  g_hash_table_insert (link->unsent, es_address_ref (contact), unsent);
  return unsent;
}

void
es_unsent_return (EsPlugin *plugin, PurpleConversation *conversation, const char *text)
{
  GPtrArray *texts = purple_conversation_get_data (conversation, RETURNED_KEY);

  if (texts == NULL)
    {
      texts = g_ptr_array_new_with_free_func ((GDestroyNotify) es_text_free);
      purple_conversation_set_data (conversation, RETURNED_KEY, texts);
    }
  g_ptr_array_add (texts, g_strdup (text));
  if (plugin->ui == NULL || plugin->ui->return_texts == NULL)
    show_returned (plugin, conversation);
  else
    es_unsent_show_soon (plugin);
}

/* None is opened for what comes back now. */
static gboolean
is_quiet (const EsLink *link, const EsAddress *contact)
{
  return link->leaving || es_address_equal (link->closing, contact) || es_link_connection (link) == NULL;
}

gboolean
es_unsent_would_show (const EsLink *link, const EsAddress *contact)
{
  PurpleConversation *conversation = es_conversations_find (link, contact);

  if (link->plugin->quitting || link->plugin->stopping || es_address_equal (link->closing, contact))
    return FALSE;

  /* One that is open and not looked at is not opened. */
  return es_conversation_is_shown (link->plugin, conversation) ? es_conversation_is_seen (link->plugin, conversation)
                                                               : !is_quiet (link, contact);
}

void
es_unsent_add (EsLink *link, const EsAddress *contact, const char *text, gboolean sent)
{
  const EsUi *ui = link->plugin->ui;
  Unsent *unsent = NULL;

  /* When the program ends nobody sees a window any more, and it was not meant for a file. */
  if (link->plugin->quitting)
    return;
  unsent = need_unsent (link, contact);
  g_ptr_array_add (sent ? unsent->lines : unsent->texts, g_strdup (text));
  unsent->open |= !is_quiet (link, contact) || unsent->texts->len + unsent->lines->len >= ES_LIMIT_WAITING;
  if ((ui == NULL || ui->return_texts == NULL) && es_conversations_find (link, contact) != NULL)
    deliver (link, contact);
  else
    es_unsent_show_soon (link->plugin);
}

void
es_unsent_closing (EsLink *link, const EsAddress *contact)
{
  Unsent *unsent = g_hash_table_lookup (link->unsent, contact);

  if (unsent != NULL)
    unsent->open = FALSE;
}

/* It is nowhere else, and no window is there for it. */
static void
say (const EsLink *link, const EsAddress *contact, const GPtrArray *texts, gboolean sent)
{
  g_autofree char *own = es_own_name (link->account, contact, NULL);
  g_autofree char *whom = es_contact_on (NULL, es_address_text (contact), own);

  for (guint i = 0; i < texts->len && texts->pdata[i] != NULL; i++)
    {
      g_autofree char *text = purple_markup_strip_html (texts->pdata[i]), *line = line_of (text, sent);

      purple_notify_warning (purple_get_core (), NULL, line, whom);
      es_octets_wipe (text, strlen (text));
    }
}

void
es_unsent_flush (EsLink *link)
{
  GHashTableIter iter;
  gpointer contact = NULL, value = NULL;

  g_hash_table_iter_init (&iter, link->unsent);
  while (g_hash_table_iter_next (&iter, &contact, &value))
    {
      const Unsent *unsent = value;
      PurpleConversation *conversation = es_conversations_need (link, contact);

      if (conversation == NULL)
        {
          say (link, contact, unsent->lines, TRUE);
          say (link, contact, unsent->texts, FALSE);
          continue;
        }
      write_lines (conversation, unsent->lines, TRUE);
      write_lines (conversation, unsent->texts, FALSE);
    }
  g_hash_table_remove_all (link->unsent);
}

/* What came back because it looks like a command may be a password. */
static void
wait_again (const EsLink *link, const EsAddress *contact, const GPtrArray *texts)
{
  for (guint i = 0; i < texts->len && texts->pdata[i] != NULL; i++)
    if (!es_commands_resembles (texts->pdata[i]))
      es_manager_wait_again (link->manager, contact, texts->pdata[i]);
}

static void
take_back (EsPlugin *plugin, PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = es_conversation_contact (conversation);
  EsLink *link = contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (conversation)) : NULL;
  g_autoptr (GPtrArray) texts = NULL;

  if (link == NULL || plugin->ui == NULL || plugin->ui->take_unsent == NULL)
    return;
  texts = plugin->ui->take_unsent (conversation);
  wait_again (link, contact, texts);
}

void
es_unsent_wait_again (EsPlugin *plugin)
{
  g_autoptr (GList) links = g_hash_table_get_values (plugin->links);

  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    take_back (plugin, item->data);
  for (GList *item = links; item != NULL; item = item->next)
    {
      const EsLink *link = item->data;
      GHashTableIter iter;
      gpointer contact = NULL, unsent = NULL;

      g_hash_table_iter_init (&iter, link->unsent);
      while (g_hash_table_iter_next (&iter, &contact, &unsent))
        wait_again (link, contact, ((const Unsent *) unsent)->texts);
      g_hash_table_remove_all (link->unsent);
    }
}

/* Nobody tells of one who is not in the buddy list when it comes. */
static void
on_removed (PurpleBuddy *buddy, EsPlugin *plugin)
{
  PurpleAccount *account = purple_buddy_get_account (buddy);
  EsLink *link = es_plugin_link (plugin, account);
  g_autoptr (EsAddress) contact = link != NULL ? es_border_contact (account, purple_buddy_get_name (buddy)) : NULL;
  EsConversation what;

  if (contact == NULL)
    return;
  es_manager_describe (link->manager, contact, &what);
  if (what.waiting > 0 && es_border_buddy (link->account, contact) == NULL)
    es_conversations_show (link, contact);
}

void
es_unsent_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_blist_get_handle (), "buddy-removed", plugin->handle, PURPLE_CALLBACK (on_removed),
                         plugin);
}
