/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who asks whom for the key of remembered devices, and when: the keyring by itself, the user once by itself and then
 * whenever that is wished for. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-keyring.h"
#include "es-passphrase.h"
#include "es-protection.h"
#include "es-words.h"

#define KEY_OCTETS 32

/* A key that the keyring is asked to keep, and what it is for. */
typedef struct
{
  EsVault *vault;
  EsProtection protection;
  EsProtection before; /* how it was when that was wanted */
  EsSecret *key;
} Coming;

struct _EsVault
{
  EsPlugin *plugin;
  EsKeyring *keyring;
  EsProtectionUi ui;
  guint soon;                                 /* a source */
  gboolean looking;                           /* for the key in the keyring, */
  char looked_for[ES_PROTECTION_ITEM_OCTETS]; /* of that name */
  gboolean wished;                            /* it was the user who wanted that */
  gboolean refused;                           /* the keyring has not taken a key */
  GPtrArray *asked;                           /* of Coming: all that it has not answered yet */
  Coming *coming;                             /* the one of them that is still wanted, NULL: none */
};

static gboolean
look (const EsVault *vault, EsProtection *protection, gboolean *locked)
{
  return es_trust_protection (vault->plugin->trust, protection, locked, NULL);
}

void
es_vault_store_changed (EsVault *vault)
{
  GHashTableIter iter;
  gpointer link = NULL;

  g_hash_table_iter_init (&iter, vault->plugin->links);
  while (g_hash_table_iter_next (&iter, NULL, &link))
    es_manager_store_changed (((EsLink *) link)->manager);
  es_remembered_changed (vault->plugin);
}

static void
tell_failure (EsVault *vault, const GError *error)
{
  const char *sentence = es_error_sentence (&es_program_libpurple, (EsErrorCode) error->code);

  es_protection_tell (&vault->ui, sentence != NULL ? sentence : _ ("Remembered devices cannot be used now."), TRUE);
}

static void
tell_unchanged (EsVault *vault)
{
  es_protection_tell (&vault->ui,
                      _ ("Nothing was changed because the list of remembered devices cannot be written now: please try "
                         "again later."),
                      TRUE);
}

/* What is remembered is sealed under a key in the keyring */

static void
coming_free (gpointer data)
{
  Coming *coming = data;

  es_secret_free (coming->key);
  g_free (coming);
}

/* It may ask its own user first, and answer when something else was chosen long ago. */
static gboolean
is_as_before (const EsProtection *now, const EsProtection *before)
{
  return now->kind == before->kind && strcmp (now->item, before->item) == 0
         && memcmp (now->salt, before->salt, sizeof now->salt) == 0;
}

static void
tell_coming (EsVault *vault, const EsProtection *protection, gboolean stored, gboolean done)
{
  if (stored && !done)
    tell_unchanged (vault);
  else
    es_protection_tell (&vault->ui,
                        done ? es_protection_sentence (protection, FALSE, FALSE)
                             : _ ("The keyring of this computer cannot be used: nothing was changed."),
                        !done);
}

static void
on_stored (gpointer data, gboolean stored)
{
  Coming *coming = data;
  EsVault *vault = coming->vault;
  const EsProtection *protection = &coming->protection;
  EsProtection now;
  gboolean locked = FALSE, done = FALSE, wanted = vault->coming == coming;

  es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_INFO, NULL, "the keyring has taken a key: %d, wanted: %d", stored,
          wanted);
  if (wanted)
    {
      vault->coming = NULL;
      vault->refused = !stored;
    }
  if (wanted && stored && look (vault, &now, &locked) && !locked && is_as_before (&now, &coming->before)
      && (protection->chosen || !now.chosen))
    done = es_trust_protect (vault->plugin->trust, protection, coming->key, NULL);
  if (done && now.kind == ES_PROTECTION_KEYRING)
    es_keyring_remove (vault->keyring, now.item);
  if (stored && !done)
    es_keyring_remove (vault->keyring, protection->item);
  if (wanted && protection->chosen)
    tell_coming (vault, protection, stored, done);
  g_ptr_array_remove (vault->asked, coming);
}

static void
move_to_keyring (EsVault *vault, gboolean chosen)
{
  Coming *coming = NULL;
  EsProtection before;
  gboolean locked = FALSE;

  if (vault->coming != NULL)
    {
      vault->coming->protection.chosen |= chosen;
      return;
    }
  if (!look (vault, &before, &locked))
    {
      if (chosen)
        tell_unchanged (vault);
      return;
    }
  coming = g_new0 (Coming, 1);
  *coming = (Coming){ .vault = vault, .before = before, .key = es_secret_new (KEY_OCTETS) };
  es_protection_init (&coming->protection, ES_PROTECTION_KEYRING, chosen);
  es_random_fill (&es_random_system, es_secret_data (coming->key), KEY_OCTETS);
  g_ptr_array_add (vault->asked, coming);
  vault->coming = coming;
  es_keyring_store (vault->keyring, coming->protection.item, coming->key, on_stored, coming);
}

static void
on_probed (gpointer data, gboolean ready)
{
  if (ready)
    move_to_keyring (data, FALSE);
}

/* Unlocking */

/* Changes that were not finished leave keys behind. A file that was put aside may still need its own. */
static void
unlocked (EsVault *vault)
{
  EsProtection protection;
  gboolean locked = TRUE;

  es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_INFO, NULL, "unlocked");
  es_deleted_erase (vault->plugin);
  es_deleted_ask (vault->plugin);
  es_mover_resume (vault->plugin->mover);
  es_vault_store_changed (vault);
  if (look (vault, &protection, &locked) && !locked && protection.kind == ES_PROTECTION_KEYRING
      && !es_trust_has_started_over (vault->plugin->trust))
    es_keyring_remove_others (vault->keyring, protection.item);
}

static void
log_locked (const EsVault *vault, const GError *error)
{
  if (error != NULL)
    es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "not unlocked: %s",
            es_error_name ((EsErrorCode) error->code));
}

static void ask_for_key (EsVault *vault, const EsProtection *protection, gboolean wished);

static void
on_found (gpointer data, EsSecret *found)
{
  EsVault *vault = data;
  g_autoptr (EsSecret) key = found;
  g_autoptr (GError) error = NULL;
  EsProtection now;
  gboolean wished = vault->wished, locked = FALSE;

  vault->looking = vault->wished = FALSE;
  es_trust_set_asking (vault->plugin->trust, FALSE);
  es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_INFO, NULL, "the keyring has answered: key %d", key != NULL);

  /* It is no key any more to what there is now. */
  if (look (vault, &now, &locked) && (!locked || strcmp (now.item, vault->looked_for) != 0))
    {
      if (locked)
        ask_for_key (vault, &now, wished);
      else
        es_vault_store_changed (vault);
      return;
    }
  if (key != NULL && es_trust_unlock (vault->plugin->trust, key, &error))
    {
      unlocked (vault);
      return;
    }
  log_locked (vault, error);
  es_vault_store_changed (vault);
  if (!wished)
    return;
  if (error == NULL || error->code == ES_ERROR_STORE_KEYRING)
    es_protection_tell_locked (&vault->ui, ES_PROTECTION_KEYRING);
  else
    tell_failure (vault, error);
}

/* Whoever has the key is asked for it. */
static void
ask_for_key (EsVault *vault, const EsProtection *protection, gboolean wished)
{
  if (protection->kind == ES_PROTECTION_PASSPHRASE)
    {
      es_protection_ask_passphrase (&vault->ui);
      return;
    }
  vault->wished |= wished;
  if (vault->looking)
    return;
  vault->looking = TRUE;
  memcpy (vault->looked_for, protection->item, sizeof vault->looked_for);
  es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_DETAIL, NULL, "the keyring is asked");
  es_keyring_find (vault->keyring, protection->item, on_found, vault);
}

static void
on_unlock (gpointer data, const char *text)
{
  EsVault *vault = data;
  g_autoptr (EsSecret) passphrase = es_passphrase_new (text);
  g_autoptr (GError) error = NULL;

  if (passphrase != NULL && es_trust_unlock_with (vault->plugin->trust, passphrase, &error))
    {
      unlocked (vault);
      return;
    }
  log_locked (vault, error);
  if (error == NULL || error->code == ES_ERROR_STORE_SEALED)
    es_protection_tell_locked (&vault->ui, ES_PROTECTION_PASSPHRASE);
  else
    tell_failure (vault, error);
}

static void
on_try_again (gpointer data)
{
  EsVault *vault = data;
  EsProtection protection;
  gboolean locked = FALSE;

  if (look (vault, &protection, &locked) && locked)
    ask_for_key (vault, &protection, TRUE);
}

static void
on_start_over (gpointer data)
{
  EsVault *vault = data;
  EsProtection protection;
  gboolean locked = FALSE;
  g_autoptr (GError) error = NULL;

  /* It may have been unlocked since that was asked. */
  if (!look (vault, &protection, &locked) || !locked)
    return;
  es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "started over");
  if (es_trust_start_over (vault->plugin->trust, &error))
    es_vault_store_changed (vault);
  else
    tell_failure (vault, error);
}

/* Changing */

static void
on_protect (gpointer data, EsProtectionKind kind, const char *text)
{
  EsVault *vault = data;
  g_autoptr (EsSecret) passphrase = text != NULL ? es_passphrase_new (text) : NULL;
  EsProtection before, protection;
  gboolean locked = FALSE;

  if (kind == ES_PROTECTION_KEYRING)
    {
      move_to_keyring (vault, TRUE);
      return;
    }
  vault->coming = NULL;
  es_protection_init (&protection, kind, TRUE);
  if (!look (vault, &before, &locked) || !es_trust_protect (vault->plugin->trust, &protection, passphrase, NULL))
    {
      tell_unchanged (vault);
      return;
    }
  es_log (vault->plugin->log, ES_AREA_VAULT, ES_LOG_INFO, NULL, "the protection is another one: %d",
          (int) protection.kind);
  vault->refused = FALSE;
  if (before.kind == ES_PROTECTION_KEYRING)
    es_keyring_remove (vault->keyring, before.item);
  es_protection_tell (&vault->ui, es_protection_sentence (&protection, FALSE, FALSE), FALSE);
}

/* When the file is first needed, and a moment after the start where there is one */

static gboolean
on_soon (gpointer data)
{
  EsVault *vault = data;
  EsProtection protection;
  gboolean locked = FALSE, opened = look (vault, &protection, &locked);

  vault->soon = 0;
  if (!opened)
    return G_SOURCE_REMOVE;
  if (!locked)
    {
      es_mover_resume (vault->plugin->mover);
      es_remembered_changed (vault->plugin);
    }
  if (locked)
    ask_for_key (vault, &protection, FALSE);
  else if (protection.kind == ES_PROTECTION_NONE && !protection.chosen)
    es_keyring_probe (vault->keyring, on_probed, vault);
  return G_SOURCE_REMOVE;
}

static void
on_opened (gpointer data)
{
  EsVault *vault = data;

  if (vault->soon == 0)
    vault->soon = g_idle_add (on_soon, vault);
}

static void
on_asked (gpointer data, const char *title)
{
  const EsVault *vault = data;

  es_plugin_add_help (vault->plugin, title, ES_HELP_PROTECTION);
}

static void
choose_by_typing (PurpleRequestField *typed, PurpleRequestField *choice, int value)
{
  const EsUi *ui = es_plugin_running () != NULL ? es_plugin_running ()->ui : NULL;

  if (ui != NULL && ui->choose_by_typing != NULL)
    ui->choose_by_typing (typed, choice, value);
}

EsVault *
es_vault_new (EsPlugin *plugin, const char *path)
{
  EsVault *vault = g_new0 (EsVault, 1);

  vault->plugin = plugin;
  vault->asked = g_ptr_array_new_with_free_func (coming_free);
  vault->keyring = es_keyring_new (purple_user_dir ());
  vault->ui = (EsProtectionUi){ on_unlock, on_try_again, on_start_over, on_protect, vault, on_asked, choose_by_typing };
  es_trust_watch_opening (plugin->trust, on_opened, vault);

  /* So that the keyring has answered before anybody is online. */
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    on_opened (vault);
  return vault;
}

void
es_vault_free (EsVault *vault)
{
  es_trust_watch_opening (vault->plugin->trust, NULL, NULL);
  if (vault->soon != 0)
    g_source_remove (vault->soon);
  es_protection_close (&vault->ui);
  es_keyring_free (vault->keyring);
  g_ptr_array_unref (vault->asked);
  g_free (vault);
}

/* For the user interface */

gboolean
es_vault_is_locked (EsVault *vault)
{
  EsProtection protection;
  gboolean locked = FALSE;

  return look (vault, &protection, &locked) && locked && !vault->looking;
}

char *
es_vault_sentence (EsVault *vault)
{
  EsProtection protection;
  gboolean locked = FALSE;

  return g_strdup (look (vault, &protection, &locked) ? es_protection_sentence (&protection, locked, vault->refused)
                                                      : _ ("The list of remembered devices cannot be used now."));
}

void
es_vault_unlock (EsVault *vault)
{
  EsProtection protection;
  gboolean locked = FALSE;

  es_protection_close (&vault->ui);
  if (look (vault, &protection, &locked) && locked)
    ask_for_key (vault, &protection, TRUE);
  else
    es_protection_tell (&vault->ui, _ ("Your remembered devices are not locked."), FALSE);
}

void
es_vault_protect (EsVault *vault)
{
  EsProtection protection;
  gboolean locked = FALSE;
  g_autoptr (GError) error = NULL;

  es_protection_close (&vault->ui);
  if (!es_trust_protection (vault->plugin->trust, &protection, &locked, &error))
    tell_failure (vault, error);
  else if (locked)
    ask_for_key (vault, &protection, TRUE);
  else
    es_protection_ask_change (&vault->ui, protection.kind, NULL);
}
