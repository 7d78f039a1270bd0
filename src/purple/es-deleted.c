/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for an account that is deleted would never leave, and nobody would see it again: it is erased, at once or as soon as the
 * file can be read. The addresses of those for which that is still to be done stand in the preferences. What waits for a name that an
 * account had, and none has any more, is the user's to decide about. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-fit.h"
#include "es-shown.h"

#define PREF_DELETED ES_PREF_PLUGIN "/deleted-accounts"

/* Of the account: what it was called while we were there, with spaces between, which no address has. */
#define NAMES_KEY "esession-names"

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
  es_deleted_ask (plugin);
  return G_SOURCE_REMOVE;
}

static void
try_again (EsPlugin *plugin)
{
  if (plugin->deleted_source == 0)
    plugin->deleted_source = g_timeout_add_seconds (AGAIN_SECONDS, on_time, plugin);
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
  if (left != NULL)
    try_again (plugin);
  free_names (left);
  free_names (names);
}

/* The user may have given several accounts the same address. */
static gboolean
is_anybodys (const EsPlugin *plugin, const EsAddress *own)
{
  for (GList *item = purple_accounts_get_all (); item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) other = es_plugin_is_xmpp (plugin, item->data) ? es_border_own (item->data) : NULL;

      if (es_address_equal (other, own))
        return TRUE;
    }
  return FALSE;
}

static void
add (EsPlugin *plugin, const EsAddress *own)
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
es_deleted_add_link (const EsLink *link)
{
  const char *names = purple_account_get_string (link->account, NAMES_KEY, "");
  g_auto (GStrv) each = g_strsplit (names, " ", -1);
  g_autofree char *more = g_strjoin (*names != '\0' ? " " : "", names, es_address_text (link->own), NULL);

  if (!g_strv_contains ((const char *const *) each, es_address_text (link->own)))
    purple_account_set_string (link->account, NAMES_KEY, more);
}

void
es_deleted_add_account (EsPlugin *plugin, PurpleAccount *account)
{
  g_auto (GStrv) names = g_strsplit (purple_account_get_string (account, NAMES_KEY, ""), " ", -1);
  g_autoptr (EsAddress) present = es_plugin_is_xmpp (plugin, account) ? es_border_own (account) : NULL;

  if (present != NULL && !is_anybodys (plugin, present))
    add (plugin, present);
  for (char **name = names; *name != NULL; name++)
    {
      g_autoptr (EsAddress) own = es_address_new (*name);

      if (own != NULL && !es_address_equal (own, present) && !is_anybodys (plugin, own))
        add (plugin, own);
    }
}

/* Names that no account has */

static void
on_erase (const char *name, int action)
{
  g_autoptr (EsAddress) own = es_address_new (name);

  /* It may have been given back meanwhile. */
  if (own != NULL && !is_anybodys (es_plugin_running (), own))
    add (es_plugin_running (), own);
}

/* NAME stays while the plugin runs. */
static void
ask (const EsPlugin *plugin, char *name, guint n)
{
  g_autofree char *quoted = es_quoted_name (name), *sentence = NULL, *question = NULL, *explanation = NULL,
                  *erase_label = NULL, *keep_label = NULL;

  /* Translators: %2$s is an address, such as alice@example.org, in quotation marks. */
  sentence = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE,
                   "%1$u message that you wrote as %2$s has not arrived, and no account has that name any more.",
                   "%1$u messages that you wrote as %2$s have not arrived, and no account has that name any more.", n),
      n, quoted);
  question = es_fit_text (sentence);
  explanation = es_fit_text (_ ("What you keep stays on your disk, and is sent when an account has that name again. "
                                "What you erase is gone."));
  erase_label = es_fit_label (_ ("_Erase"));
  keep_label = es_fit_label (_ ("_Keep"));
  purple_request_action (plugin->nameless, _ ("Encrypted Sessions"), question, explanation, 1, NULL, NULL, NULL, name,
                         2, erase_label, on_erase, keep_label, NULL);
  es_plugin_add_help (plugin, _ ("Encrypted Sessions"), ES_HELP_WAITING);
}

void
es_deleted_ask (EsPlugin *plugin)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) accounts = es_trust_outbox_accounts (plugin->trust, &error);
  GHashTableIter iter;
  gpointer own = NULL, n = NULL;

  if (accounts == NULL)
    {
      if (error->code == ES_ERROR_STORE_LOCKED)
        try_again (plugin);
      es_log (plugin->log, ES_AREA_STORE, ES_LOG_WARNING, NULL, "it is not known what waits: %s",
              es_error_name ((EsErrorCode) error->code));
      return;
    }
  g_hash_table_iter_init (&iter, accounts);
  while (g_hash_table_iter_next (&iter, &own, &n))
    {
      char *name = NULL;

      if (is_anybodys (plugin, own) || g_hash_table_contains (plugin->nameless, es_address_text (own)))
        continue;
      name = g_strdup (es_address_text (own));
      g_hash_table_add (plugin->nameless, name);
      ask (plugin, name, GPOINTER_TO_UINT (n));
    }
}

void
es_deleted_start (EsPlugin *plugin)
{
  GList *names = NULL;

  plugin->nameless = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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
  purple_request_close_with_handle (plugin->nameless);
  g_hash_table_unref (plugin->nameless);
}
