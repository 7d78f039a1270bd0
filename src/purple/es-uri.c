/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links that verify, opened in a browser, a mail program, or a conversation: whatever opens them may be in league with whoever listens
 * in, so that nothing is checked before the user wants it. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-words.h"

#define SCHEME "xmpp"
#define KIND "esession"

/* As it was before libpurple took it to pieces; the caller's. Whatever else was in it says nothing to us. */
static char *
put_together (const char *who, GHashTable *parameters)
{
  static const char *const keys[] = { "verify", "session", "with" };
  GString *text = g_string_new (SCHEME ":");

  g_string_append_printf (text, "%s?" KIND, who);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      const char *value = g_hash_table_lookup (parameters, keys[i]);

      if (value != NULL)
        g_string_append_printf (text, ";%s=%s", keys[i], value);
    }
  return g_string_free (text, FALSE);
}

/* That of the account that READ is for, while it is online. */
static EsLink *
link_for (EsPlugin *plugin, const EsVerifyLink *read)
{
  for (GList *item = purple_connections_get_all (); item != NULL; item = item->next)
    {
      EsLink *link = es_plugin_link_of_connection (plugin, item->data);

      if (link != NULL && es_link_connection (link) != NULL && es_address_same_bare (link->own, read->other))
        return link;
    }
  return NULL;
}

static void
say (const EsPlugin *plugin, EsLinkVerdict verdict)
{
  purple_notify_warning (plugin->handle, _ ("Encrypted Sessions"), es_link_sentence (verdict), NULL);
}

/* What is to be done where there is no window for it. */
static void
tell_how (EsLink *link, PurpleConversation *conversation, const EsAddress *contact)
{
  g_autofree char *own = es_manager_own_link (link->manager, contact);

  es_conversations_say (link, conversation,
                        own == NULL ? es_link_sentence (ES_LINK_NO_SESSION)
                                    /* Translators: /esession verify is a command. */
                                    : _ ("To check the link, type /esession verify and the link."));
}

static void
open_link (EsPlugin *plugin, const char *text)
{
  g_autoptr (EsVerifyLink) read = es_verify_link_read (text);
  EsLink *link = read != NULL ? link_for (plugin, read) : NULL;
  const EsAddress *contact = read != NULL ? es_address_bare (read->maker) : NULL;
  PurpleConversation *conversation = NULL;

  if (link == NULL || es_rooms_may_have (link, contact))
    {
      say (plugin, read != NULL ? ES_LINK_OTHER_PEOPLE : ES_LINK_UNREADABLE);
      return;
    }
  es_conversations_show (link, contact);
  conversation = es_conversations_find (link, contact);
  if (conversation == NULL || (plugin->ui->show_link != NULL && plugin->ui->show_link (conversation, text)))
    return;
  tell_how (link, conversation, contact);
}

/* TRUE: nobody else is asked. */
static gboolean
on_uri (const char *scheme, const char *who, GHashTable *parameters, EsPlugin *plugin)
{
  g_autofree char *text = NULL;

  if (g_ascii_strcasecmp (scheme, SCHEME) != 0 || parameters == NULL
      || !g_hash_table_lookup_extended (parameters, KIND, NULL, NULL))
    return FALSE;
  text = put_together (who, parameters);
  open_link (plugin, text);
  return TRUE;
}

void
es_uri_start (EsPlugin *plugin)
{
  purple_signal_connect_priority (purple_get_core (), "uri-handler", plugin->handle, PURPLE_CALLBACK (on_uri), plugin,
                                  PURPLE_SIGNAL_PRIORITY_HIGHEST);
}
