/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-private.h"

#include <string.h>

#include "es-crypto.h"

/* scrypt takes 64 MiB at the usual cost. What a file asks for is bounded both ways: neither does it take all memory, nor is
 * a passphrase ever stretched less. */
#define COST 16
#define COST_MIN 14
#define COST_MAX 18
#define WRAPPED (ES_SEAL_KEY_OCTETS + ES_SEAL_OCTETS)

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define SECRET ES_SQLITE_SECRET
#define END ES_SQLITE_END

void
es_protection_init (EsProtection *protection, EsProtectionKind kind, gboolean chosen)
{
  *protection = (EsProtection){ .kind = kind, .chosen = chosen, .cost = kind == ES_PROTECTION_PASSPHRASE ? COST : 0 };
  if (kind == ES_PROTECTION_PASSPHRASE)
    es_random_fill (&es_random_system, protection->salt, sizeof protection->salt);
  if (kind == ES_PROTECTION_KEYRING)
    {
      guint8 octets[(ES_PROTECTION_ITEM_OCTETS - 1) / 2];

      es_random_fill (&es_random_system, octets, sizeof octets);
      for (gsize i = 0; i < sizeof octets; i++)
        g_snprintf (protection->item + 2 * i, 3, "%02x", octets[i]);
    }
}

EsSecret *
es_protection_stretch (const EsProtection *protection, const EsSecret *passphrase, GError **error)
{
  EsSecret *key = es_scrypt (passphrase, ES_PART (protection->salt, sizeof protection->salt), protection->cost,
                             ES_SEAL_KEY_OCTETS);

  if (key == NULL)
    g_set_error_literal (error, ES_ERROR, ES_ERROR_STORE, "not enough memory for the passphrase");
  return key;
}

/* What the file's key is bound to in its wrapping. */
char *
es_protection_binding (const EsProtection *protection, const char *bound)
{
  return g_strdup_printf ("protection %d %u %s%s%s", (int) protection->kind, protection->cost, protection->item,
                          bound != NULL ? " moved " : "", bound != NULL ? bound : "");
}

/* Reading */

static gboolean
read_passphrase (EsSqliteRows *row, EsProtection *protection)
{
  g_autoptr (EsSecret) salt = NULL;
  gint64 cost = 0;

  if (!es_sqlite_is_null (row, 2) || !es_sqlite_integer (row, 3, COST_MIN, COST_MAX, &cost)
      || !es_sqlite_secret (row, 4, sizeof protection->salt, sizeof protection->salt, &salt))
    return FALSE;
  protection->cost = (guint) cost;
  memcpy (protection->salt, es_secret_peek (salt), sizeof protection->salt);
  return TRUE;
}

static gboolean
read_keyring (EsSqliteRows *row, EsProtection *protection)
{
  g_autofree char *item = NULL;

  if (!es_sqlite_text (row, 2, ES_PROTECTION_ITEM_OCTETS - 1, ES_PROTECTION_ITEM_OCTETS - 1, &item)
      || strspn (item, "0123456789abcdef") != ES_PROTECTION_ITEM_OCTETS - 1 || !es_sqlite_is_null (row, 3)
      || !es_sqlite_is_null (row, 4))
    return FALSE;
  g_strlcpy (protection->item, item, sizeof protection->item);
  return TRUE;
}

static gboolean
read_row (EsSqliteRows *row, EsProtection *protection, EsSecret **wrapped)
{
  gint64 kind = 0, chosen = 0;

  if (!es_sqlite_integer (row, 0, ES_PROTECTION_NONE, ES_PROTECTION_KEYRING, &kind)
      || !es_sqlite_integer (row, 1, 0, 1, &chosen))
    return FALSE;
  protection->kind = (EsProtectionKind) kind;
  protection->chosen = chosen == 1;
  if (protection->kind == ES_PROTECTION_NONE)
    return es_sqlite_is_null (row, 2) && es_sqlite_is_null (row, 3) && es_sqlite_is_null (row, 4)
           && es_sqlite_is_null (row, 5);
  return (protection->kind == ES_PROTECTION_PASSPHRASE ? read_passphrase (row, protection)
                                                       : read_keyring (row, protection))
         && es_sqlite_secret (row, 5, WRAPPED, WRAPPED, wrapped);
}

static gboolean
read_protection (EsStore *store, EsProtection *protection, EsSecret **wrapped, GError **error)
{
  const char *sql = "SELECT kind, chosen, item, cost, salt, wrapped FROM protection";
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, NULL, error);
  gboolean row = FALSE;

  *protection = (EsProtection){ .kind = ES_PROTECTION_NONE };
  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return FALSE;
  return !row || read_row (rows, protection, wrapped)
         || es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "its protection is not valid", error);
}

gboolean
es_store_read_protection (EsStore *store, GError **error)
{
  return read_protection (store, &store->protection, &store->wrapped, error);
}

const EsProtection *
es_store_protection (const EsStore *store)
{
  return &store->protection;
}

gboolean
es_store_is_locked (const EsStore *store)
{
  return store->wrapped != NULL && store->key == NULL;
}

static gboolean
refuse_locked (EsStore *store, GError **error)
{
  return es_sqlite_refuse (
      store->db, store->protection.kind == ES_PROTECTION_KEYRING ? ES_ERROR_STORE_KEYRING : ES_ERROR_STORE_SEALED,
      "locked", error);
}

/* Whether the file is protected as it was on opening: each change makes another key. FALSE with *CHANGED as it was: it cannot be
 * read. */
static gboolean
compare_protection (EsStore *store, gboolean *changed, GError **error)
{
  EsProtection protection;
  g_autoptr (EsSecret) wrapped = NULL;

  if (!read_protection (store, &protection, &wrapped, error))
    return FALSE;
  *changed = wrapped == NULL || store->wrapped == NULL ? wrapped != store->wrapped
                                                       : !es_secret_equal (wrapped, store->wrapped);
  return TRUE;
}

gboolean
es_store_is_outdated (EsStore *store)
{
  gboolean changed = FALSE;

  return compare_protection (store, &changed, NULL) && changed;
}

gboolean
es_store_check (EsStore *store, GError **error)
{
  gboolean changed = FALSE;

  if (es_store_is_locked (store))
    return refuse_locked (store, error);
  return compare_protection (store, &changed, error)
         && (!changed
             || es_sqlite_refuse (store->db, ES_ERROR_STORE, "its protection was changed by another program", error));
}

/* Unlocking */

gboolean
es_store_unlock (EsStore *store, const EsSecret *key, GError **error)
{
  g_autofree char *binding = es_protection_binding (&store->protection, store->bound);
  g_autoptr (GPtrArray) rows = NULL;
  gboolean good = FALSE;

  if (!es_store_is_locked (store))
    return TRUE;
  store->key = es_unseal (key, ES_PART_STRING (binding), store->wrapped);
  if (store->key == NULL)
    return refuse_locked (store, error);

  /* As on opening one that is not locked. */
  rows = es_store_read (store, ES_STORE_SELECT, NULL, error);
  good = rows != NULL && es_store_merge (store, rows, error);
  if (good)
    es_sqlite_erase_left (store->db);
  else
    g_clear_pointer (&store->key, es_secret_free);
  return good;
}

/* Changing it */

gboolean
es_store_write_protection (EsStore *store, GError **error)
{
  const EsProtection *protection = &store->protection;
  gboolean keyring = protection->kind == ES_PROTECTION_KEYRING,
           stretched = protection->kind == ES_PROTECTION_PASSPHRASE;
  g_autoptr (EsSecret) salt = stretched ? es_secret_new_from (protection->salt, sizeof protection->salt) : NULL;
  const EsSqliteValue cost[] = { INTEGER (protection->cost), END };
  const EsSqliteValue values[] = { INTEGER ((gint64) protection->kind),
                                   INTEGER (protection->chosen != FALSE),
                                   TEXT (keyring ? protection->item : NULL),
                                   SECRET (salt),
                                   SECRET (store->wrapped),
                                   END };

  return es_sqlite_run (store->db, "DELETE FROM protection", NULL, error)
         && es_sqlite_run (
             store->db, "INSERT INTO protection (id, kind, chosen, item, salt, wrapped) VALUES (1, ?1, ?2, ?3, ?4, ?5)",
             values, error)
         && (!stretched || es_sqlite_run (store->db, "UPDATE protection SET cost = ?1", cost, error));
}

/* All that is sealed. */
typedef struct
{
  GPtrArray *rows;
  GPtrArray *outbox;
  GArray *invalid; /* numbers in the outbox */
} Contents;

static gboolean
read_all (EsStore *store, Contents *contents, GError **error)
{
  contents->invalid = g_array_new (FALSE, FALSE, sizeof (gint64));
  contents->rows = es_store_read (store, ES_STORE_SELECT, NULL, error);
  contents->outbox
      = contents->rows != NULL ? es_store_outbox_read (store, "", NULL, contents->invalid, NULL, error) : NULL;
  return contents->outbox != NULL;
}

/* With the keys as they are to be; within a transaction. */
static gboolean
write_all (EsStore *store, const Contents *contents, GError **error)
{
  for (guint i = 0; i < contents->rows->len; i++)
    if (!es_store_write (store, contents->rows->pdata[i], error))
      return FALSE;
  return es_store_outbox_write (store, contents->outbox, contents->invalid, error)
         && es_store_write_protection (store, error);
}

static void
clear_contents (Contents *contents)
{
  g_clear_pointer (&contents->rows, g_ptr_array_unref);
  g_clear_pointer (&contents->outbox, g_ptr_array_unref);
  g_clear_pointer (&contents->invalid, g_array_unref);
}

typedef struct
{
  EsProtection protection;
  EsSecret *wrapped;
  EsSecret *key;
} Keys;

/* Puts KEYS into the store, and what was there into KEYS. */
static void
swap_keys (EsStore *store, Keys *keys)
{
  Keys before = { store->protection, store->wrapped, store->key };

  store->protection = keys->protection;
  store->wrapped = keys->wrapped;
  store->key = keys->key;
  *keys = before;
}

gboolean
es_store_protect (EsStore *store, const EsProtection *protection, const EsSecret *key, GError **error)
{
  g_autofree char *binding = es_protection_binding (protection, NULL);
  Contents contents = { NULL };
  Keys keys = { *protection, NULL, NULL };
  gboolean good = FALSE;

  if ((protection->kind == ES_PROTECTION_NONE) != (key == NULL))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such protection", error);
  if (key != NULL)
    {
      keys.key = es_secret_new (ES_SEAL_KEY_OCTETS);
      es_random_fill (&es_random_system, es_secret_data (keys.key), ES_SEAL_KEY_OCTETS);
      keys.wrapped = es_seal (key, ES_PART_STRING (binding), keys.key);
    }

  good = es_sqlite_begin_erasing (store->db, error) && es_store_check (store, error)
         && es_store_check_lineage (store, error) && es_store_note_change (store, error)
         && read_all (store, &contents, error);
  swap_keys (store, &keys);
  good = good && write_all (store, &contents, error);
  good = es_sqlite_finish_erasing (store->db, good, error);
  if (good)
    store->lineage = store->next;
  else
    swap_keys (store, &keys);
  clear_contents (&contents);
  es_secret_free (keys.key);
  es_secret_free (keys.wrapped);
  return good;
}
