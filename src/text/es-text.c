/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-text.h"

#include <glib/gi18n-lib.h>

#include "es-ask.h"
#include "es-commands.h"
#include "es-finch.h"
#include "es-fit.h"

/* What is to be asked is asked once. */
typedef struct
{
  guint64 password; /* the session in which the other side waits for one, or 0 */
  gboolean unlogged;
} Asked;

typedef struct
{
  PurplePlugin *plugin; /* NULL: stopped */
  const EsApi *api;
  GHashTable *asked; /* PurpleConversation -> Asked */
  guint source;
} Text;

/* EsUi has no room for it. */
static Text text;

static Asked *
asked_of (PurpleConversation *conversation)
{
  Asked *asked = g_hash_table_lookup (text.asked, conversation);

  if (asked == NULL)
    {
      asked = g_new0 (Asked, 1);
      g_hash_table_insert (text.asked, conversation, asked);
    }
  return asked;
}

static void
look (PurpleConversation *conversation)
{
  Asked *asked = asked_of (conversation);
  guint64 offered = 0;
  EsConversation what;

  es_ask_update (conversation);
  text.api->describe (conversation, &what);
  offered = what.password == ES_PASSWORD_OFFERED ? what.session : 0;
  if (offered != 0 && offered != asked->password)
    es_ask_password (conversation, text.api);
  asked->password = offered;
  if (what.log_refused && !asked->unlogged)
    es_ask_unlogged (conversation, text.api);
  asked->unlogged = what.log_refused;
}

/* What changed may be in the middle of changing: nothing is asked before it is through. */
static gboolean
on_changed (gpointer data)
{
  text.source = 0;
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    if (text.api->covers (item->data))
      look (item->data);
  es_finch_update ();
  return G_SOURCE_REMOVE;
}

static void
changed (PurpleConversation *conversation)
{
  if (text.plugin != NULL && text.source == 0)
    text.source = g_idle_add (on_changed, NULL);
}

static void
devices_changed (void)
{
  if (text.plugin != NULL)
    es_ask_devices_changed (text.api);
}

static void
on_deleting (PurpleConversation *conversation, gpointer data)
{
  g_hash_table_remove (text.asked, conversation);
}

void
es_text_start (PurplePlugin *plugin, const EsApi *api)
{
  text = (Text){ .plugin = plugin, .api = api, .asked = g_hash_table_new_full (NULL, NULL, NULL, g_free) };
  es_commands_register (plugin, api, NULL);
  es_ask_start ();
  es_finch_start (api, changed);
  purple_signal_connect (purple_conversations_get_handle (), "deleting-conversation", &text,
                         PURPLE_CALLBACK (on_deleting), NULL);
  changed (NULL);
}

void
es_text_stop (PurplePlugin *plugin)
{
  if (text.plugin == NULL)
    return;
  purple_signals_disconnect_by_handle (&text);
  es_finch_stop ();
  es_ask_stop ();
  purple_notify_close_with_handle (plugin);
  es_commands_unregister (plugin);
  if (text.source != 0)
    g_source_remove (text.source);
  g_hash_table_unref (text.asked);
  text = (Text){ 0 };
}

/* What menus open */

static void
show_devices (void)
{
  g_autofree char *error = NULL, *list = NULL, *wrapped = NULL, *escaped = NULL, *html = NULL;

  if (text.plugin == NULL)
    return;
  list = text.api->export_devices (&error);
  wrapped = es_fit_text (list != NULL ? list : error);
  escaped = g_markup_escape_text (wrapped, -1);
  html = purple_strreplace (escaped, "\n", "<br>");
  purple_notify_formatted (text.plugin, _ ("Encrypted Sessions"),
                           _ ("To change them, type /esession devices all in a conversation."), NULL, html, NULL, NULL);
}

static gboolean
show_verify (PurpleConversation *conversation)
{
  return text.plugin != NULL && conversation != NULL
         && (es_ask_code (conversation, text.api) || es_ask_password (conversation, text.api));
}

static void
show_devices_of (const char *contact)
{
  show_devices ();
}

const EsUi *
es_text_ui (void)
{
  static const EsUi ui = { .program = &es_program_libpurple,
                           .changed = changed,
                           .show_verify = show_verify,
                           .show_devices = show_devices_of,
                           .devices_changed = devices_changed };

  return &ui;
}

static void
on_devices (PurplePluginAction *action)
{
  show_devices ();
}

GList *
es_text_actions (PurplePlugin *plugin, gpointer context)
{
  return g_list_append (NULL, purple_plugin_action_new (_ ("Remembered devices..."), on_devices));
}
