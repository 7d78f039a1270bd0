/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The preferences, and what they mean. The file that they come from may hold anything: what is not one of the choices counts
 * as the default. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-preferences.h"
#include "es-prefs.h"

/* What the user chose for an account, in libpurple's own form for those: a word of es-preferences.h, or anything else for nothing. */
#define OPTION_POLICY "esession-policy"

/* Exported by libpurple where it has D-Bus; its header needs more headers than this. */
void purple_dbus_uninit (void) __attribute__ ((weak));

static gboolean
is_set (const char *name)
{
  return purple_prefs_get_type (name) == PURPLE_PREF_BOOLEAN && purple_prefs_get_bool (name);
}

/* Other programs have no way to see what is said any more, nor to do anything else, until the program is started anew. */
static void
hide_from_dbus (void)
{
  if (is_set (ES_PREF_HIDE_FROM_DBUS) && purple_dbus_uninit != NULL)
    purple_dbus_uninit ();
}

static PurpleAccountOption *option;

/* Takes LABEL over. */
static void
add_policy (GList **list, char *label, const char *word)
{
  PurpleKeyValuePair *pair = g_new (PurpleKeyValuePair, 1);

  pair->key = label;
  pair->value = g_strdup (word);
  *list = g_list_append (*list, pair);
}

/* Where whoever edits an XMPP account finds it: the same choices as in the preferences. */
static void
add_option (EsPlugin *plugin)
{
  PurplePluginProtocolInfo *protocol = PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber);
  const EsPreference *preference = es_preference_find (ES_PREF_POLICY);
  g_autofree char *title = es_preference_title (_ (preference->label));
  GList *list = NULL;

  add_policy (&list, g_strdup (_ ("As in the preferences")), "");
  for (const EsChoice *choice = preference->choices; choice->label != NULL; choice++)
    add_policy (&list, es_choice_label (choice), es_policy_word ((EsPolicy) choice->value));
  option = purple_account_option_list_new (title, OPTION_POLICY, list);
  protocol->protocol_options = g_list_append (protocol->protocol_options, option);
}

void
es_choices_follow (EsLink *link)
{
  int own = es_policy_of_word (purple_account_get_string (link->account, OPTION_POLICY, ""));

  es_manager_set_usual_policy (link->manager, (EsPolicy) (own >= 0 ? own : es_prefs_get (ES_PREF_POLICY)));
}

static void
apply_to_link (EsLink *link)
{
  es_choices_follow (link);
  es_manager_set_starters (link->manager, (EsStarters) es_prefs_get (ES_PREF_STARTERS));
  es_manager_set_weak_groups (link->manager, is_set (ES_PREF_WEAK_GROUPS));
  es_manager_set_kept (link->manager, is_set (ES_PREF_KEEP));
}

static void
apply (EsPlugin *plugin)
{
  g_autoptr (GList) links = g_hash_table_get_values (plugin->links);

  es_trust_set_expiry (plugin->trust, (guint) es_prefs_get (ES_PREF_EXPIRY),
                       (guint) es_prefs_get (ES_PREF_EXPIRY_VERIFIED));
  for (GList *item = links; item != NULL; item = item->next)
    apply_to_link (item->data);
  hide_from_dbus ();
}

static void
on_preference (const char *name, PurplePrefType type, gconstpointer value, gpointer plugin)
{
  apply (plugin);
}

void
es_choices_add_link (EsLink *link)
{
  apply_to_link (link);
}

static gboolean
has_unsent (const EsPlugin *plugin)
{
  g_autoptr (GList) links = g_hash_table_get_values (plugin->links);
  EsCounts counts = { 0 };

  for (GList *item = links; item != NULL; item = item->next)
    es_manager_count (((EsLink *) item->data)->manager, &counts);
  return counts.waiting + counts.unconfirmed > 0;
}

/* Writes what there is of messages now, or takes it out of the file. FALSE if not all of that could be done. */
static gboolean
keep_all (EsPlugin *plugin, gboolean in_file)
{
  g_autoptr (GList) links = g_hash_table_get_values (plugin->links);
  gboolean good = TRUE;

  for (GList *item = links; item != NULL; item = item->next)
    {
      EsLink *link = item->data;

      es_manager_set_kept (link->manager, in_file);
      good = es_manager_write_kept (link->manager) && good;
    }
  return good;
}

/* Only what the user wants nowhere else is lost with the program. While he thinks accounts may go, and all of us. */
void
es_choices_end (EsPlugin *plugin)
{
  gboolean cannot = es_vault_is_locked (plugin->vault);

  es_unsent_wait_again (plugin);
  if (is_set (ES_PREF_KEEP))
    return;
  while (plugin->ui != NULL && plugin->ui->ask_keep != NULL && has_unsent (plugin))
    {
      gboolean wanted = plugin->ui->ask_keep (cannot);

      if (es_plugin_running () != plugin)
        return;
      if (!wanted && cannot)
        keep_all (plugin, FALSE);
      if (!wanted || keep_all (plugin, TRUE))
        return;
      cannot = TRUE;
    }
}

void
es_choices_start (EsPlugin *plugin)
{
  purple_prefs_connect_callback (plugin->handle, ES_PREF_PLUGIN, on_preference, plugin);
  add_option (plugin);
  apply (plugin);
}

void
es_choices_stop (EsPlugin *plugin)
{
  PurplePluginProtocolInfo *protocol = PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber);

  protocol->protocol_options = g_list_remove (protocol->protocol_options, option);
  g_clear_pointer (&option, purple_account_option_destroy);
}
