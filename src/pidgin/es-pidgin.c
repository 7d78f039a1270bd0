/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pidgin-esession.so: the plugin that the user ticks. It starts and stops esession.so, which libpurple has loaded before,
 * and gives it windows. */
/* Tells libpurple's headers that this is a plugin of its own, not one built in. */
#define PURPLE_PLUGINS

#include <libintl.h>

#include <glib/gi18n-lib.h>
#include <gtkaccount.h>
#include <gtkconv.h>
#include <gtkplugin.h>

#include "es-about.h"
#include "es-alarm.h"
#include "es-bar.h"
#include "es-button.h"
#include "es-commands.h"
#include "es-devices.h"
#include "es-emblem.h"
#include "es-fault.h"
#include "es-grown.h"
#include "es-help.h"
#include "es-link.h"
#include "es-menu.h"
#include "es-person.h"
#include "es-plain.h"
#include "es-quit.h"
#include "es-request.h"
#include "es-settings.h"
#include "es-tab.h"
#include "es-tick.h"
#include "es-translations.h"
#include "es-verify.h"
#include "es-window.h"

/* Whether the user has been told what this is. */
#define PREF_INTRODUCED "/plugins/gtk/esession/introduced"

/* The plugin's entry. */
static PurplePlugin *entry;

/* Runs until that is told. */
static guint introduction;

static const EsApi *
core (void)
{
  PurplePlugin *plugin = purple_plugins_find_with_id (ES_PLUGIN_ID);
  const EsApi *api = plugin != NULL ? plugin->extra : NULL;

  return api != NULL && api->version == ES_API_VERSION ? api : NULL;
}

/* The core tells of what it finds while it starts, when nothing of ours is there yet: when it is, that looks for itself. */
static gboolean ready;

static void
on_changed (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  PidginWindow *window = gtkconv != NULL ? pidgin_conv_get_window (gtkconv) : NULL;

  if (!ready)
    return;
  if (window != NULL && pidgin_conv_window_get_active_conversation (window) == conversation)
    es_window_update (window, core ());
  es_person_update (conversation);
  es_bar_update (conversation, core ());
  es_button_update (conversation, core ());
  es_tab_update (conversation, core ());
  es_verify_update (conversation, core ());
  es_plain_update (conversation, core ());
}

static gboolean
on_return_texts (PurpleConversation *conversation, const char *const *texts)
{
  return es_bar_return_texts (conversation, core (), texts);
}

static void
on_devices_changed (void)
{
  if (!ready)
    return;
  es_devices_update ();
  es_settings_update ();
  es_emblem_update ();
}

static void
on_delivery (PurpleConversation *conversation, guint64 number, EsDelivery delivery)
{
  if (ready)
    es_tick_deliver (conversation, number, delivery);
}

static gboolean
shares_window (PurpleConversation *conversation)
{
  const PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  return gtkconv != NULL && gtkconv->convs != NULL && gtkconv->convs->next != NULL;
}

/* For the menu of the buddy list. */

static void
end (PurpleConversation *conversation)
{
  es_plain_end (conversation, core ());
}

static void
never (PurpleConversation *conversation)
{
  es_menu_never (conversation, core ());
}

static gboolean
show_verify (PurpleConversation *conversation)
{
  return es_verify_show (conversation, core ());
}

static gboolean
show_link (PurpleConversation *conversation, const char *link)
{
  return es_verify_show_link (conversation, core (), link);
}

static void
show_devices (const char *contact)
{
  es_devices_show (NULL, core (), contact);
}

static void
show_preferences (void)
{
  es_settings_show (NULL, core ());
}

static void
show_about (void)
{
  es_about_show (NULL);
}

static void
show_report (void)
{
  es_fault_show (NULL, core ());
}

/* Pidgin keeps one for a while whose tab was closed, where nobody sees it. */
static gboolean
is_shown (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  return gtkconv != NULL && !pidgin_conv_is_hidden (gtkconv);
}

static void
reveal (PurpleConversation *conversation)
{
  pidgin_conv_attach_to_conversation (conversation);
}

static gboolean
ask_keep (gboolean cannot)
{
  g_module_make_resident (entry->handle);
  return es_quit_ask_keep (cannot);
}

static const EsUi ui = {
  .program = &es_program_pidgin,
  .changed = on_changed,
  .return_texts = on_return_texts,
  .delivery = on_delivery,
  .is_shown = is_shown,
  .reveal = reveal,
  .is_seen = es_window_shows,
  .take_unsent = es_bar_take_unsent,
  .alarm = es_alarm_raise,
  .shares_window = shares_window,
  .verify_link = ES_LINK_VERIFY,
  .end = end,
  .never = never,
  .show_verify = show_verify,
  .show_link = show_link,
  .show_devices = show_devices,
  .show_preferences = show_preferences,
  .show_about = show_about,
  .show_report = show_report,
  .add_help = es_request_add_help,
  .choose_by_typing = es_request_choose_by_typing,
  .ask_keep = ask_keep,
  .devices_changed = on_devices_changed,
};

static void
show_tab (PidginConversation *gtkconv)
{
  PidginWindow *window = pidgin_conv_get_window (gtkconv);

  if (window != NULL)
    es_window_update (window, core ());
  if (gtkconv->active_conv != NULL)
    {
      es_person_update (gtkconv->active_conv);
      es_bar_update (gtkconv->active_conv, core ());
      es_button_update (gtkconv->active_conv, core ());
      es_tab_update (gtkconv->active_conv, core ());
    }
}

static void
on_displayed (PidginConversation *gtkconv, gpointer data)
{
  core ()->shown ();
  show_tab (gtkconv);
}

static void
on_switched (PurpleConversation *conversation, gpointer data)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  core ()->shown ();
  if (gtkconv != NULL)
    show_tab (gtkconv);
}

static void
on_deleting (PurpleConversation *conversation, gpointer data)
{
  es_verify_close (conversation);
  es_plain_close (conversation);
  es_tick_forget (conversation);
  es_bar_clear (conversation);
  es_button_clear (conversation);
}

static void
on_connection (PurpleConnection *connection, gpointer data)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    if (purple_conversation_get_account (item->data) == purple_connection_get_account (connection))
      on_changed (item->data);
}

static void
on_account_modified (PurpleAccount *account, gpointer data)
{
  core ()->account_changed (account);
}

/* The first time it says what happens by itself, and what the user has to do once. */

static gboolean
on_first_time (gpointer data)
{
  introduction = 0;
  purple_prefs_set_bool (PREF_INTRODUCED, TRUE);
  es_about_show (NULL);
  return G_SOURCE_REMOVE;
}

static void
introduce (void)
{
  purple_prefs_add_bool (PREF_INTRODUCED, FALSE);
  if (!purple_prefs_get_bool (PREF_INTRODUCED))
    introduction = g_idle_add (on_first_time, NULL);
}

static gboolean
on_load (PurplePlugin *plugin)
{
  const EsApi *api = core ();
  g_autofree char *error = NULL;

  entry = plugin;
  if (api == NULL || !api->start (&ui, &error))
    {
      purple_notify_error (plugin, _ ("Encrypted Sessions"), _ ("Encryption is not available."),
                           api == NULL ? _ ("The two parts of the plugin do not belong together: please install it "
                                            "again.")
                                       : error);
      return FALSE;
    }
  es_commands_register (plugin, api, es_person_is_meant);
  es_devices_init ();
  es_link_init (plugin, api);
  es_tick_init (plugin, api);
  es_emblem_init (plugin, api);
  es_person_init (plugin, api, show_tab, on_return_texts);
  ready = TRUE;

  purple_signal_connect (pidgin_conversations_get_handle (), "conversation-displayed", plugin,
                         PURPLE_CALLBACK (on_displayed), NULL);
  purple_signal_connect (pidgin_conversations_get_handle (), "conversation-switched", plugin,
                         PURPLE_CALLBACK (on_switched), NULL);
  purple_signal_connect (purple_conversations_get_handle (), "deleting-conversation", plugin,
                         PURPLE_CALLBACK (on_deleting), NULL);
  purple_signal_connect (purple_connections_get_handle (), "signed-on", plugin, PURPLE_CALLBACK (on_connection), NULL);
  purple_signal_connect (purple_connections_get_handle (), "signed-off", plugin, PURPLE_CALLBACK (on_connection), NULL);
  purple_signal_connect (pidgin_account_get_handle (), "account-modified", plugin,
                         PURPLE_CALLBACK (on_account_modified), NULL);
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      es_bar_update (item->data, api);
      es_button_update (item->data, api);
      es_tab_update (item->data, api);
    }
  for (GList *item = pidgin_conv_windows_get_list (); item != NULL; item = item->next)
    if (pidgin_conv_window_get_active_conversation (item->data) != NULL)
      es_window_update (item->data, api);
  introduce ();
  return TRUE;
}

static gboolean
on_unload (PurplePlugin *plugin)
{
  const EsApi *api = core ();

  if (introduction != 0)
    g_source_remove (introduction);
  introduction = 0;
  purple_signals_disconnect_by_handle (plugin);
  es_link_uninit ();
  es_commands_unregister (plugin);
  es_devices_close ();
  es_settings_close ();
  es_emblem_stop ();
  es_fault_close ();
  es_help_close ();

  /* libpurple leaves what we depend on loaded: unticked means stopped all the same. The windows still show how. */
  if (api != NULL)
    api->stop ();
  ready = FALSE;
  for (GList *item = purple_get_conversations (); item != NULL; item = item->next)
    {
      on_deleting (item->data, NULL);
      es_person_clear (item->data);
      es_tick_clear (item->data);
      es_tab_clear (item->data);
    }
  for (GList *item = pidgin_conv_windows_get_list (); item != NULL; item = item->next)
    {
      const PidginWindow *window = item->data;

      es_window_clear (item->data);
      es_alarm_clear (item->data);
      es_grown_forget (window->window);
    }
  return TRUE;
}

/* Tools > Encrypted Sessions */

static void
on_devices (PurplePluginAction *action)
{
  es_devices_show (NULL, core (), NULL);
}

static void
on_settings (PurplePluginAction *action)
{
  es_settings_show (NULL, core ());
}

static void
on_unlock (PurplePluginAction *action)
{
  if (core () != NULL)
    core ()->user_unlock ();
}

static void
on_protect (PurplePluginAction *action)
{
  if (core () != NULL)
    core ()->user_protect ();
}

static void
on_move_out (PurplePluginAction *action)
{
  if (core () != NULL)
    core ()->user_move_out ();
}

static void
on_move_in (PurplePluginAction *action)
{
  if (core () != NULL)
    core ()->user_move_in ();
}

static void
on_fault (PurplePluginAction *action)
{
  if (core () != NULL)
    es_fault_show (NULL, core ());
}

static GList *
make_actions (PurplePlugin *plugin, gpointer context)
{
  GList *actions = NULL;

  actions = g_list_append (actions, purple_plugin_action_new (_ ("Remembered devices..."), on_devices));
  actions = g_list_append (actions, purple_plugin_action_new (_ ("Preferences..."), on_settings));
  actions = g_list_append (actions, purple_plugin_action_new (_ ("Unlock remembered devices..."), on_unlock));
  actions = g_list_append (actions, purple_plugin_action_new (_ ("Protection of remembered devices..."), on_protect));
  actions = g_list_append (actions, purple_plugin_action_new (_ ("Move to another computer..."), on_move_out));
  actions = g_list_append (actions, purple_plugin_action_new (_ ("Take over from another computer..."), on_move_in));
  return g_list_append (actions, purple_plugin_action_new (_ ("Report a problem..."), on_fault));
}

static GtkWidget *
make_config_frame (PurplePlugin *plugin)
{
  return core () != NULL ? es_settings_new (core ()) : NULL;
}

static PidginPluginUiInfo ui_info = { .get_config_frame = make_config_frame };

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_STANDARD,
  .ui_requirement = (char *) PIDGIN_PLUGIN_TYPE,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *) ES_PIDGIN_PLUGIN_ID,
  .version = (char *) ES_VERSION,
  .author = (char *) "The ESession authors",
  .load = on_load,
  .unload = on_unload,
  .ui_info = &ui_info,
  .actions = make_actions,
};

static void
on_init (PurplePlugin *plugin)
{
  es_translations_find (plugin->path);

  info.dependencies = g_list_append (info.dependencies, (char *) ES_PLUGIN_ID);
  info.name = _ ("Encrypted Sessions");
  info.summary = _ ("Encrypts conversations with your XMPP contacts.");
  info.description = _ ("Encrypts conversations with your XMPP contacts from end to end, by itself wherever both sides "
                        "have it, and lets you verify once that nobody listens in.");
}

PURPLE_INIT_PLUGIN (pidgin_esession, on_init, info)
