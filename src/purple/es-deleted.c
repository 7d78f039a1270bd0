/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for an account that is deleted would never leave, and nobody would see it again: it is erased, at once or as soon as the
 * file can be read. The addresses of those for which that is still to be done stand in the preferences. */
#include "es-plugin.h"

#include <string.h>

#define PREF_DELETED ES_PREF_PLUGIN "/deleted-accounts"

#define AGAIN_SECONDS 5

static void
free_names (GList *names)
{
  g_list_free_full (names, g_free);
}

static gboolean
on_time (gpointer data)
{
  EsPlugin *plugin = data;

  plugin->deleted_source = 0;
  es_deleted_erase (plugin);
  return G_SOURCE_REMOVE;
}

/* Whether nothing is left of the account called NAME. */
static gboolean
erase (const EsPlugin *plugin, const char *name)
{
  g_autoptr (EsAddress) own = es_address_new (name);
  g_autoptr (GError) error = NULL;

  if (own == NULL || es_trust_outbox_erase (plugin->trust, own, &error))
    return TRUE;
  es_log (plugin->log, ES_AREA_STORE, ES_LOG_WARNING, name, "what waited is not erased yet: %s",
          es_error_name ((EsErrorCode) error->code));
  return FALSE;
}

void
es_deleted_erase (EsPlugin *plugin)
{
  GList *names = purple_prefs_get_string_list (PREF_DELETED), *left = NULL;

  if (names == NULL)
    return;
  for (GList *item = names; item != NULL; item = item->next)
    if (!erase (plugin, item->data))
      left = g_list_append (left, g_strdup (item->data));
  if (g_list_length (left) != g_list_length (names))
    purple_prefs_set_string_list (PREF_DELETED, left);
  if (left != NULL && plugin->deleted_source == 0)
    plugin->deleted_source = g_timeout_add_seconds (AGAIN_SECONDS, on_time, plugin);
  free_names (left);
  free_names (names);
}

void
es_deleted_add (EsPlugin *plugin, const EsAddress *own)
{
  GList *names = purple_prefs_get_string_list (PREF_DELETED);

  if (g_list_find_custom (names, es_address_text (own), (GCompareFunc) strcmp) == NULL)
    names = g_list_append (names, g_strdup (es_address_text (own)));
  purple_prefs_set_string_list (PREF_DELETED, names);
  free_names (names);
  es_trust_account_gone (plugin->trust, own);
  es_deleted_erase (plugin);
}

void
es_deleted_start (EsPlugin *plugin)
{
  GList *names = NULL;

  purple_prefs_add_string_list (PREF_DELETED, NULL);
  names = purple_prefs_get_string_list (PREF_DELETED);
  for (GList *item = names; item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) own = es_address_new (item->data);

      if (own != NULL)
        es_trust_account_gone (plugin->trust, own);
    }
  free_names (names);
  es_deleted_erase (plugin);
}

void
es_deleted_stop (EsPlugin *plugin)
{
  if (plugin->deleted_source != 0)
    g_source_remove (plugin->deleted_source);
}
