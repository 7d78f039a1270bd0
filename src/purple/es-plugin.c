/* SPDX-License-Identifier: GPL-3.0-or-later */
/* esession.so: the plugin's entry, and the one EsHost. */
/* Tells libpurple's headers that this is a plugin of its own, not one built in. */
#define PURPLE_PLUGINS

#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-preferences.h"
#include "es-prefs.h"
#include "es-shown.h"
#include "es-text.h"
#include "es-translations.h"
#include "es-words.h"
#include "es-xmlnode.h"

#define JABBER_ID "prpl-jabber"

/* The plugin's entry: what libpurple hands us has no room for more. The state is there while the plugin is started. */
static PurplePlugin *entry;
static EsPlugin *running;
static gboolean announced;

EsPlugin *
es_plugin_running (void)
{
  return running;
}

void
es_plugin_add_help (const EsPlugin *plugin, const char *title, EsHelp topic)
{
  if (plugin->ui != NULL && plugin->ui->add_help != NULL)
    plugin->ui->add_help (title, topic);
}

EsPlugin *
es_plugin_running_or_error (char **error)
{
  if (running == NULL)
    *error = g_strdup (_ ("Encrypted Sessions is not running: tick it in the list of plugins."));
  return running;
}

/* The host */

static gboolean
host_can_send (gpointer data)
{
  return es_link_connection (data) != NULL;
}

static void
host_send (gpointer data, EsXml *stanza)
{
  es_link_send (data, stanza);
  es_xml_free (stanza);
}

static gint64
host_now (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gint64
host_elapsed (gpointer data)
{
  return g_get_monotonic_time () / G_USEC_PER_SEC;
}

typedef struct
{
  void (*fire) (gpointer argument);
  gpointer argument;
} Timer;

static gboolean
timer_fired (gpointer data)
{
  const Timer *timer = data;

  timer->fire (timer->argument);
  return G_SOURCE_REMOVE;
}

static guint
host_start_timer (gpointer data, guint seconds, void (*fire) (gpointer argument), gpointer argument)
{
  Timer *timer = g_new (Timer, 1);

  *timer = (Timer){ fire, argument };
  return seconds == 0 ? g_idle_add_full (G_PRIORITY_DEFAULT, timer_fired, timer, g_free)
                      : g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, seconds, timer_fired, timer, g_free);
}

static void
host_stop_timer (gpointer data, guint timer)
{
  g_source_remove (timer);
}

static void
host_ask_support (gpointer data, const EsAddress *jid)
{
  es_presence_ask_support (data, jid);
}

static gboolean
host_ask_presence (gpointer data, const EsAddress *contact)
{
  return es_presence_ask_presence (data, contact);
}

static gboolean
host_may_see_us (gpointer data, const EsAddress *contact)
{
  return es_presence_may_see_us (data, contact);
}

static void
host_changed (gpointer data, const EsAddress *contact)
{
  EsLink *link = data;

  es_conversations_changed (link, contact);
  es_remembered_changed (link->plugin);
  if (!link->left_shown || es_manager_alarm (link->manager, contact) >= 0)
    es_unsent_show_soon (link->plugin);
}

const EsProgram *
es_plugin_program (const EsPlugin *plugin)
{
  return plugin->ui != NULL ? plugin->ui->program : &es_program_libpurple;
}

static void
host_notice (gpointer data, const EsAddress *contact, EsTone tone, const EsNotice *notice)
{
  const EsLink *link = data;
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);
  const char *alias = buddy != NULL ? purple_buddy_get_alias (buddy) : NULL;
  EsNotice named = *notice;
  g_autofree char *sentence = NULL;

  named.contact = alias != NULL ? alias : es_address_text (contact);
  sentence = es_notice_sentence (es_plugin_program (link->plugin), &named);

  if (notice->code == ES_NOTICE_NEXT_PLAIN || notice->code == ES_NOTICE_NEXT_UNVERIFIED)
    es_origin_mark_next (data, contact, sentence);
  else
    es_conversations_notice (data, contact, tone, sentence);
}

static gboolean
host_may_remind (gpointer data, const EsAddress *contact)
{
  return es_conversations_may_remind (data, contact);
}

static void
host_send_text (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted)
{
  es_conversations_send_text (data, contact, typed, leaving, encrypted);
}

static gboolean
host_can_return (gpointer data, const EsAddress *contact)
{
  return es_unsent_would_show (data, contact);
}

static gboolean
host_return_text (gpointer data, const EsAddress *contact, const char *text, gboolean sent)
{
  const EsLink *link = data;

  es_unsent_add (data, contact, text, sent);
  return !link->plugin->quitting;
}

static void
host_delivery (gpointer data, const EsAddress *contact, guint64 number, EsDelivery delivery)
{
  es_origin_note_delivery (data, contact, number, delivery);
}

static void
host_ask_stranger (gpointer data, const EsAddress *contact)
{
  es_questions_ask (data, contact);
}

/* Accounts */

static EsLink *
link_new (EsPlugin *plugin, PurpleAccount *account, EsAddress *own)
{
  EsLink *link = g_new0 (EsLink, 1);
  EsOptions options;

  es_options_init (&options);

  link->plugin = plugin;
  link->account = account;
  link->own = own;
  link->host = (EsHost){
    .random = es_random_system,
    .log = plugin->log,
    .transport = { .data = link,
                   .fallback = es_fallback_text (),
                   .can_send = host_can_send,
                   .send = host_send,
                   .ask_support = host_ask_support,
                   .ask_presence = host_ask_presence,
                   .may_see_us = host_may_see_us },
    .clock = { .data = link,
               .now = host_now,
               .elapsed = host_elapsed,
               .start_timer = host_start_timer,
               .stop_timer = host_stop_timer },
    .user = { .data = link,
              .changed = host_changed,
              .may_remind = host_may_remind,
              .notice = host_notice,
              .send_text = host_send_text,
              .can_return = host_can_return,
              .return_text = host_return_text,
              .delivery = host_delivery,
              .ask_stranger = host_ask_stranger },
  };
  link->manager = es_manager_new (link->own, &link->host, plugin->trust, &options, ES_POLICY_POSSIBLE);
  es_choices_add_link (link);
  es_logging_add_link (link);
  es_sizes_add_link (link);
  es_deleted_add_link (link);
  link->writing = g_ptr_array_new_with_free_func (es_writing_free);
  link->sayings = g_ptr_array_new_with_free_func (es_saying_unref);
  link->id_prefix = g_strdup_printf ("esession-%08x-", g_random_int ());
  link->refusals = es_recent_new (ES_LIMIT_QUERIES, (GDestroyNotify) es_refusal_free);
  link->queries = es_recent_new (ES_LIMIT_QUERIES, (GDestroyNotify) es_address_unref);
  link->joining = es_recent_new (ES_LIMIT_ROOMS, NULL);
  link->rooms = es_recent_new (ES_LIMIT_ROOMS, NULL);
  link->subscribers = es_address_table_new (NULL);
  link->arrived = es_address_table_new (NULL);
  link->asked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  link->streams = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  link->lines = es_recent_new (ES_LIMIT_LINES, (GDestroyNotify) g_ptr_array_unref);
  link->unsent = es_unsent_new ();
  link->unlogged = es_address_table_new (NULL);
  link->reminded = es_recent_new (ES_LIMIT_REMINDERS, g_free);
  link->names = es_recent_new (ES_LIMIT_NAMES, g_free);
  link->agreed = es_address_table_new (NULL);
  return link;
}

static void
link_free (gpointer data)
{
  EsLink *link = data;

  es_questions_close (link);
  es_manager_free (link->manager);
  es_recent_free (link->reminded);
  es_recent_free (link->names);
  g_hash_table_unref (link->agreed);
  g_hash_table_unref (link->unlogged);
  g_hash_table_unref (link->unsent);
  es_recent_free (link->lines);
  es_recent_free (link->joining);
  es_recent_free (link->rooms);
  g_hash_table_unref (link->subscribers);
  g_hash_table_unref (link->arrived);
  g_hash_table_unref (link->asked);
  g_hash_table_unref (link->streams);
  es_recent_free (link->queries);
  es_recent_free (link->refusals);
  g_free (link->id_prefix);
  es_conversations_forget_told (link);
  es_origin_forget (link);
  g_ptr_array_unref (link->sayings);
  g_ptr_array_unref (link->writing);
  es_address_unref (link->own);
  g_free (link);
}

/* The user may give an account another protocol, too; what is behind its connection stays what it was until it signs on anew. */
gboolean
es_plugin_is_xmpp (const EsPlugin *plugin, PurpleAccount *account)
{
  const PurpleConnection *connection = purple_account_get_connection (account);

  return purple_strequal (purple_account_get_protocol_id (account), JABBER_ID)
         && (connection == NULL || purple_connection_get_prpl (connection) == plugin->jabber);
}

EsLink *
es_plugin_link (EsPlugin *plugin, PurpleAccount *account)
{
  EsLink *link = g_hash_table_lookup (plugin->links, account);

  /* One that is being deleted closes its windows. */
  if (link == NULL && es_plugin_is_xmpp (plugin, account) && g_list_find (purple_accounts_get_all (), account) != NULL)
    {
      EsAddress *own = es_border_own (account);

      if (own == NULL)
        return NULL;
      link = link_new (plugin, account, own);
      g_hash_table_insert (plugin->links, account, link);
      es_presence_note_own (link);
    }
  return link;
}

EsLink *
es_plugin_link_of_connection (EsPlugin *plugin, PurpleConnection *connection)
{
  return es_plugin_link (plugin, purple_connection_get_account (connection));
}

gboolean
es_link_is_renamed (const EsLink *link)
{
  g_autoptr (EsAddress) own = es_border_own (link->account);

  return !es_plugin_is_xmpp (link->plugin, link->account) || !es_address_equal (own, link->own);
}

PurpleConnection *
es_link_connection (const EsLink *link)
{
  PurpleConnection *connection = purple_account_get_connection (link->account);

  return connection != NULL && purple_connection_get_state (connection) == PURPLE_CONNECTED
                 && !es_link_is_renamed (link)
             ? connection
             : NULL;
}

void
es_link_send (EsLink *link, const EsXml *stanza)
{
  PurpleConnection *connection = es_link_connection (link);
  const xmlnode *outer = link->own_node;
  const EsXml *outer_stanza = link->own_stanza;
  const char *text = es_xml_attribute (stanza, "to");
  g_autoptr (EsAddress) to = text != NULL ? es_border_address (link->account, text) : NULL;
  g_autofree char *name = to != NULL ? es_border_dup_name (link->account, to, text) : NULL;
  g_autoptr (EsXml) own = name != NULL && strcmp (name, text) != 0 ? es_xml_copy (stanza) : NULL;
  xmlnode *node = NULL, *packet = NULL;

  if (connection == NULL
      || (to != NULL && es_blocked_has (link, to)
          && !(link->parting != NULL && es_address_same_bare (to, link->parting))))
    return;
  if (own != NULL)
    es_xml_set_attribute (own, "to", name);
  packet = node = es_xml_to_node (own != NULL ? own : stanza);
  link->own_node = node;
  link->own_stanza = own != NULL ? own : stanza;
  purple_signal_emit (link->plugin->jabber, "jabber-sending-xmlnode", connection, &packet);
  link->own_node = outer;
  link->own_stanza = outer_stanza;
  xmlnode_free (node);
}

/* Nothing shows any more how it was. */
static void
drop_link (EsPlugin *plugin, PurpleAccount *account)
{
  g_hash_table_remove (plugin->links, account);
  es_remembered_changed (plugin);
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    if (purple_conversation_get_account (item->data) == account)
      {
        es_logging_release (item->data);
        if (plugin->ui != NULL && plugin->ui->changed != NULL)
          plugin->ui->changed (item->data);
      }
}

/* What there is to see of CONVERSATION, and whom it is with, the caller's; NULL, and nothing to see, where it is none of ours. */
static EsLink *
look_at (EsPlugin *plugin, PurpleConversation *conversation, EsAddress **contact, EsConversation *what)
{
  EsLink *link = NULL;

  *contact = es_conversation_contact (conversation);
  *what = (EsConversation){ .state = ES_STATE_PLAIN };
  if (*contact != NULL)
    link = es_plugin_link (plugin, purple_conversation_get_account (conversation));
  if (link != NULL)
    es_manager_describe (link->manager, *contact, what);
  return link;
}

/* Those for whom something is in the store. */
static void
tell_what_is_kept (EsPlugin *plugin)
{
  for (GList *item = purple_get_ims (); item != NULL && !plugin->quitting; item = item->next)
    {
      g_autoptr (EsAddress) contact = NULL;
      EsConversation what;
      EsLink *link = look_at (plugin, item->data, &contact, &what);

      if (what.waiting + what.unconfirmed > 0)
        es_conversations_notice (
            link, contact, ES_TONE_WARNING,
            _ ("What you wrote before and what has not arrived is kept, and sent when this plugin runs again."));
    }
}

/* What was made for one name, or protocol, is nothing to another. */
static void
on_signing_on (PurpleConnection *connection, EsPlugin *plugin)
{
  PurpleAccount *account = purple_connection_get_account (connection);
  EsLink *link = g_hash_table_lookup (plugin->links, account);

  if (link != NULL)
    link->resends = FALSE;
  if (link == NULL || !es_link_is_renamed (link))
    return;
  es_log (plugin->log, ES_AREA_PLUGIN, ES_LOG_INFO, es_address_text (link->own), "the account has another name");
  es_manager_offline (link->manager, TRUE);
  es_unsent_flush (link);
  drop_link (plugin, account);
}

static void
on_signed_on (PurpleConnection *connection, EsPlugin *plugin)
{
  if (es_plugin_link_of_connection (plugin, connection) != NULL)
    es_deleted_ask (plugin);
}

static void
on_signing_off (PurpleConnection *connection, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  if (link == NULL)
    return;

  es_log (plugin->log, ES_AREA_PLUGIN, ES_LOG_INFO, es_address_text (link->own), "signing off: with an error %d",
          purple_account_get_current_error (link->account) != NULL);

  /* An error is remembered with the account until it is online again. */
  link->leaving = TRUE;
  es_manager_offline (link->manager, purple_account_get_current_error (link->account) == NULL);
  link->leaving = FALSE;
}

static void
on_signed_off (PurpleConnection *connection, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  if (link == NULL)
    return;
  es_questions_close (link);
  es_recent_clear (link->queries);
  es_recent_clear (link->refusals);
  es_rooms_forget (link);
  g_hash_table_remove_all (link->subscribers);
}

static void
on_quitting (EsPlugin *plugin)
{
  if (!plugin->quitting)
    es_choices_end (plugin);
  plugin->quitting = TRUE;
}

/* Nothing will bring the connection back. */
static void
on_account_disabled (PurpleAccount *account, EsPlugin *plugin)
{
  EsLink *link = g_hash_table_lookup (plugin->links, account);

  if (link != NULL)
    es_manager_offline (link->manager, TRUE);
}

static void
on_account_removed (PurpleAccount *account, EsPlugin *plugin)
{
  g_hash_table_remove (plugin->links, account);
  es_deleted_add_account (plugin, account);
}

/* Starting and stopping */

/* libpurple has no way to take a feature back: it stays until the program ends, and is announced once. */
static void
announce (EsPlugin *plugin)
{
  static const char *const features[] = { "http://www.xmpp.org/extensions/xep-0116.html#ns",
                                          "http://www.xmpp.org/extensions/xep-0200.html#ns", "urn:xmpp:ssn" };

  if (announced)
    return;
  announced = TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (features); i++)
    purple_plugin_ipc_call (plugin->jabber, "add_feature", NULL, features[i]);
}

static void
start_parts (EsPlugin *plugin)
{
  es_with_start (plugin);
  es_gate_start (plugin);
  es_wire_start (plugin);
  es_transfers_start (plugin);
  es_sizes_start (plugin);
  es_blocked_start (plugin);
  es_presence_start (plugin);
  es_rooms_start (plugin);
  es_conversations_start (plugin);
  es_origin_start (plugin);
  es_heard_start (plugin);
  es_names_start (plugin);
  es_unsent_start (plugin);
  es_deleted_start (plugin);
  es_logging_start (plugin);
  es_remembered_start (plugin);
  es_choices_start (plugin);
  es_menu_start (plugin);
  es_uri_start (plugin);
}

static void
on_unlocked (void)
{
  es_log (running != NULL ? running->log : NULL, ES_AREA_PLUGIN, ES_LOG_WARNING, NULL,
          "some keys may be swapped out: the limit on locked memory is too small for all of them");
}

static void
lock_memory (EsPlugin *plugin)
{
  es_secret_tell_unlocked (on_unlocked);
  if (!es_secret_setup ())
    es_log (plugin->log, ES_AREA_PLUGIN, ES_LOG_WARNING, NULL,
            "keys may be swapped out: not all memory for them can be locked");
}

gboolean
es_plugin_start (const EsUi *ui, char **error)
{
  PurplePlugin *jabber = purple_plugins_find_with_id (JABBER_ID);
  g_autofree char *path = g_build_filename (purple_user_dir (), "esession.db", NULL);
  void *connections = purple_connections_get_handle ();

  if (running != NULL)
    return TRUE;
  if (jabber == NULL || !es_crypto_available ())
    {
      *error = g_strdup (jabber == NULL ? _ ("XMPP is not installed.")
                                        : _ ("The OpenSSL library of this computer lacks what is needed."));
      return FALSE;
    }

  running = g_new0 (EsPlugin, 1);
  running->handle = entry;
  running->jabber = jabber;
  running->ui = ui;
  running->log = es_report_log_new ();
  lock_memory (running);
  running->trust = es_trust_new (path);
  running->links = g_hash_table_new_full (NULL, NULL, NULL, link_free);
  running->nothing = xmlnode_new ("esession-nothing");
  running->mover = es_mover_new (running);
  running->vault = es_vault_new (running, path);

  purple_signal_connect (connections, "signing-on", entry, PURPLE_CALLBACK (on_signing_on), running);
  purple_signal_connect (connections, "signed-on", entry, PURPLE_CALLBACK (on_signed_on), running);
  purple_signal_connect (connections, "signing-off", entry, PURPLE_CALLBACK (on_signing_off), running);
  purple_signal_connect (connections, "signed-off", entry, PURPLE_CALLBACK (on_signed_off), running);
  purple_signal_connect (purple_accounts_get_handle (), "account-disabled", entry,
                         PURPLE_CALLBACK (on_account_disabled), running);
  purple_signal_connect (purple_accounts_get_handle (), "account-removed", entry, PURPLE_CALLBACK (on_account_removed),
                         running);
  purple_signal_connect (purple_get_core (), "quitting", entry, PURPLE_CALLBACK (on_quitting), running);
  start_parts (running);
  announce (running);

  for (GList *item = purple_connections_get_all (); item != NULL; item = item->next)
    {
      EsLink *link = es_plugin_link_of_connection (running, item->data);

      if (link == NULL)
        continue;
      es_presence_ask_roster (link);
      es_rooms_take_over (link);
      es_conversations_opened (link);
      es_unsent_show_soon (running);
      es_deleted_ask (running);
    }
  return TRUE;
}

/* Whether it matters that what is written to CONTACT is not encrypted any more: it is now, or nothing would have left without it. */
static gboolean
was_safe (const EsLink *link, const EsAddress *contact, const EsConversation *what)
{
  return what->state != ES_STATE_PLAIN || es_manager_is_guarded (link->manager, contact);
}

/* Nothing in the window shows the state any more. Nobody reads that when the program ends. */
static void
tell_open_conversations (EsPlugin *plugin)
{
  es_conversations_show_kept (plugin);
  for (GList *item = purple_get_ims (); item != NULL && !plugin->quitting; item = item->next)
    {
      g_autoptr (EsAddress) contact = NULL;
      EsConversation what;
      EsLink *link = look_at (plugin, item->data, &contact, &what);

      if (link != NULL && was_safe (link, contact, &what))
        es_conversations_notice (link, contact, ES_TONE_WARNING, _ ("What you write now is not encrypted."));
    }
}

void
es_plugin_stop (void)
{
  GHashTableIter iter;
  gpointer link = NULL;
  EsPlugin *plugin = running;

  if (plugin == NULL)
    return;

  plugin->stopping = TRUE;
  tell_open_conversations (plugin);

  /* First goodbye, then the gate closes. */
  g_hash_table_iter_init (&iter, plugin->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    {
      es_transfers_cancel (link);
      es_manager_offline (((EsLink *) link)->manager, TRUE);
    }
  /* What is not given back by now is in the store. */
  tell_what_is_kept (plugin);
  purple_signals_disconnect_by_handle (entry);
  es_wire_stop (plugin);
  es_names_stop (plugin);
  es_deleted_stop (plugin);
  es_transfers_stop (plugin);
  es_logging_stop (plugin);
  es_remembered_stop (plugin);
  es_choices_stop (plugin);
  if (plugin->unsent_source != 0)
    g_source_remove (plugin->unsent_source);
  if (!plugin->quitting)
    es_unsent_show_returned (plugin);
  g_hash_table_iter_init (&iter, plugin->links);
  while (!plugin->quitting && g_hash_table_iter_next (&iter, NULL, &link))
    es_unsent_flush (link);

  running = NULL;
  es_vault_free (plugin->vault);
  es_mover_free (plugin->mover);
  g_hash_table_unref (plugin->links);
  es_with_stop (plugin);
  es_trust_free (plugin->trust);
  xmlnode_free (plugin->nothing);
  es_log (plugin->log, ES_AREA_PLUGIN, ES_LOG_INFO, NULL, "stopped");
  es_log_free (plugin->log);
  g_free (plugin->let_out);
  g_free (plugin);
  es_secret_tell_unlocked (NULL);
  es_crypto_release ();
  es_secret_release ();
}

/* The plugin as libpurple sees it */

static gboolean
in_pidgin (void)
{
  return purple_strequal (purple_core_get_ui (), "gtk-gaim");
}

/* In Pidgin the other plugin starts us, with its windows. */
static gboolean
on_load (PurplePlugin *plugin)
{
  g_autofree char *error = NULL;

  entry = plugin;
  plugin->extra = (gpointer) es_api ();
  es_prefs_init ();
  if (in_pidgin ())
    return TRUE;
  if (!es_plugin_start (es_text_ui (), &error))
    {
      /* Translators: The name of the plugin. */
      purple_notify_error (plugin, _ ("Encrypted Sessions"), _ ("Encryption is not available."), error);
      return FALSE;
    }
  es_text_start (plugin, es_api ());
  return TRUE;
}

static gboolean
on_unload (PurplePlugin *plugin)
{
  es_plugin_stop ();
  es_text_stop (plugin);
  return TRUE;
}

static void
on_unlock_action (PurplePluginAction *action)
{
  es_api ()->user_unlock ();
}

static void
on_protect_action (PurplePluginAction *action)
{
  es_api ()->user_protect ();
}

static void
on_move_out_action (PurplePluginAction *action)
{
  es_api ()->user_move_out ();
}

static void
on_move_in_action (PurplePluginAction *action)
{
  es_api ()->user_move_in ();
}

/* In Finch's menu Tools; Pidgin's has those of the other plugin. */
static GList *
make_actions (PurplePlugin *plugin, gpointer context)
{
  GList *actions = es_text_actions (plugin, context);

  actions = g_list_append (actions, purple_plugin_action_new (_ ("Unlock remembered devices..."), on_unlock_action));
  actions = g_list_append (actions,
                           purple_plugin_action_new (_ ("Protection of remembered devices..."), on_protect_action));
  actions = g_list_append (actions, purple_plugin_action_new (_ ("Move to another computer..."), on_move_out_action));
  return g_list_append (actions,
                        purple_plugin_action_new (_ ("Take over from another computer..."), on_move_in_action));
}

static PurplePluginInfo info = {
  .magic = PURPLE_PLUGIN_MAGIC,
  .major_version = PURPLE_MAJOR_VERSION,
  .minor_version = PURPLE_MINOR_VERSION,
  .type = PURPLE_PLUGIN_STANDARD,
  .priority = PURPLE_PRIORITY_DEFAULT,
  .id = (char *) ES_PLUGIN_ID,
  .version = (char *) ES_VERSION,
  .author = (char *) "The ESession authors",
  .load = on_load,
  .unload = on_unload,
};

static void
on_init (PurplePlugin *plugin)
{
  es_translations_find (plugin->path);

  info.prefs_info = es_preferences_info ();
  info.name = _ ("Encrypted Sessions");
  info.summary = _ ("Encrypts conversations with your XMPP contacts.");
  info.description = _ ("Encrypts conversations with your XMPP contacts from end to end, by itself wherever both sides "
                        "have it, and lets you verify once that nobody listens in.");
  if (in_pidgin ())
    info.flags |= PURPLE_PLUGIN_FLAG_INVISIBLE;
  else
    info.actions = make_actions;
}

PURPLE_INIT_PLUGIN (esession, on_init, info)
