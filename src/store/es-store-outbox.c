/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-outbox.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-store-private.h"

/* Sealed content comes behind its size, in four octets, and is filled up with zeros. */
#define STEP 256
#define SIZE_OCTETS 4
#define SEALED_MIN (STEP + ES_SEAL_OCTETS)
#define SEALED_MAX ((ES_LIMIT_STORED_OCTETS / STEP + 1) * STEP + ES_SEAL_OCTETS)

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define SECRET ES_SQLITE_SECRET
#define END ES_SQLITE_END

EsStored *
es_stored_new (EsStoredKind kind,
               const EsAddress *account,
               const EsAddress *contact,
               gint64 written,
               const char *label,
               EsSecret *content)
{
  EsStored *entry = g_new0 (EsStored, 1);

  entry->kind = kind;
  entry->account = es_address_ref (account);
  entry->contact = es_address_ref (contact);
  entry->written = written;
  entry->label = g_strdup (label);
  entry->content = content;
  return entry;
}

void
es_stored_free (EsStored *entry)
{
  if (entry == NULL)
    return;
  es_address_unref (entry->account);
  es_address_unref (entry->contact);
  g_free (entry->label);
  es_secret_free (entry->content);
  g_free (entry);
}

gboolean
es_stored_is_message (EsStoredKind kind)
{
  return kind != ES_STORED_SHOWN && kind != ES_STORED_ALARM;
}

/* Sealed content */

/* Everything about ENTRY but its content, with its addresses as they are written in the file. */
static char *
bind_to (const EsStored *entry, const char *account, const char *contact)
{
  const char *label = entry->label != NULL ? entry->label : "";

  return g_strdup_printf ("outbox %" G_GINT64_FORMAT " %d %d %" G_GINT64_FORMAT " %zu:%s %zu:%s %d %zu:%s", entry->id,
                          (int) entry->kind, entry->for_verified != FALSE, entry->written, strlen (account), account,
                          strlen (contact), contact, entry->label != NULL, strlen (label), label);
}

static EsSecret *
seal (const EsStore *store, const EsStored *entry)
{
  g_autofree char *binding = bind_to (entry, es_address_text (entry->account), es_address_text (entry->contact));
  gsize size = es_secret_size (entry->content);
  g_autoptr (EsSecret) padded = NULL;
  guint32 number = GUINT32_TO_BE ((guint32) size);

  if (store->key == NULL)
    return es_secret_copy (entry->content);
  padded = es_secret_new ((SIZE_OCTETS + size + STEP - 1) / STEP * STEP);
  memcpy (es_secret_data (padded), &number, SIZE_OCTETS);
  memcpy (es_secret_data (padded) + SIZE_OCTETS, es_secret_peek (entry->content), size);
  return es_seal (store->key, ES_PART_STRING (binding), padded);
}

/* Puts what ENTRY held before it was sealed in its place; FALSE if it was not sealed like that. */
static gboolean
unseal (const EsStore *store, EsStored *entry, const char *account, const char *contact)
{
  g_autofree char *binding = bind_to (entry, account, contact);
  g_autoptr (EsSecret) sealed = NULL, padded = NULL;
  guint32 number = 0;

  if (store->key == NULL)
    return TRUE;
  sealed = g_steal_pointer (&entry->content);
  padded = es_unseal (store->key, ES_PART_STRING (binding), sealed);
  if (padded == NULL)
    return FALSE;
  memcpy (&number, es_secret_peek (padded), SIZE_OCTETS);
  number = GUINT32_FROM_BE (number);
  if (number == 0 || number > ES_LIMIT_STORED_OCTETS || number > es_secret_size (padded) - SIZE_OCTETS)
    return FALSE;
  entry->content = es_secret_new_from (es_secret_peek (padded) + SIZE_OCTETS, number);
  return TRUE;
}

/* Rows */

/* ANY: in whichever spelling; otherwise as the address is. */
static EsAddress *
read_address (EsSqliteRows *row, int column, gboolean any, char **text)
{
  g_autoptr (EsAddress) address
      = es_sqlite_text (row, column, 1, ES_LIMIT_JID_OCTETS, text) ? es_store_address (*text) : NULL;

  return address != NULL && (any || strcmp (es_address_text (address), *text) == 0) ? g_steal_pointer (&address) : NULL;
}

static gboolean
read_entry (const EsStore *store, EsSqliteRows *row, gboolean any, EsStored *entry)
{
  g_autofree char *account = NULL, *contact = NULL;
  gsize min = store->key != NULL ? SEALED_MIN : 1, max = store->key != NULL ? SEALED_MAX : ES_LIMIT_STORED_OCTETS;
  gint64 kind = 0, for_verified = 0;
  gboolean good = entry->id > 0 && (entry->account = read_address (row, 1, any, &account)) != NULL
                  && (entry->contact = read_address (row, 2, any, &contact)) != NULL
                  && es_sqlite_integer (row, 3, 0, ES_N_STORED_KINDS - 1, &kind)
                  && es_sqlite_integer (row, 4, 0, 1, &for_verified)
                  && es_sqlite_integer (row, 5, 0, ES_STORE_TIME_MAX, &entry->written)
                  && (es_sqlite_is_null (row, 6) || es_sqlite_text (row, 6, 1, ES_LIMIT_ID_OCTETS, &entry->label))
                  && es_sqlite_secret (row, 7, min, max, &entry->content);

  entry->kind = (EsStoredKind) kind;
  entry->for_verified = for_verified == 1;
  return good && unseal (store, entry, account, contact);
}

static void
free_contact (gpointer data)
{
  es_address_unref (data);
}

GPtrArray *
es_store_dropped_new (void)
{
  return g_ptr_array_new_with_free_func (free_contact);
}

static void
free_entry (gpointer data)
{
  es_stored_free (data);
}

static GPtrArray *
read_entries (EsStore *store,
              const char *condition,
              const EsSqliteValue *values,
              gboolean any,
              GArray *invalid,
              GPtrArray *dropped,
              GError **error)
{
  g_autofree char *sql = g_strdup_printf (
      "SELECT id, account, contact, kind, for_verified, written, label, content FROM outbox %s ORDER BY id", condition);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (free_entry);
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, values, error);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      g_autoptr (EsStored) entry = g_new0 (EsStored, 1);

      /* A row has a number in any case. */
      es_sqlite_integer (rows, 0, G_MININT64, G_MAXINT64, &entry->id);
      if (read_entry (store, rows, any, entry))
        g_ptr_array_add (entries, g_steal_pointer (&entry));
      else
        {
          g_array_append_val (invalid, entry->id);
          if (dropped != NULL)
            g_ptr_array_add (dropped, es_stored_is_message (entry->kind) ? g_steal_pointer (&entry->contact) : NULL);
        }
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&entries);
}

GPtrArray *
es_store_outbox_read (EsStore *store,
                      const char *condition,
                      const EsSqliteValue *values,
                      GArray *invalid,
                      GPtrArray *dropped,
                      GError **error)
{
  return read_entries (store, condition, values, FALSE, invalid, dropped, error);
}

static gboolean
valid (EsStore *store, const EsStored *entry, GError **error)
{
  gsize size = entry->content != NULL ? es_secret_size (entry->content) : 0;
  gboolean good = entry->account != NULL && es_address_is_bare (entry->account) && entry->contact != NULL
                  && es_address_is_bare (entry->contact) && entry->kind < ES_N_STORED_KINDS && entry->written >= 0
                  && entry->written <= ES_STORE_TIME_MAX && size > 0 && size <= ES_LIMIT_STORED_OCTETS
                  && (entry->label == NULL
                      || (*entry->label != '\0' && strlen (entry->label) <= ES_LIMIT_ID_OCTETS
                          && g_utf8_validate (entry->label, -1, NULL)));

  return good || es_sqlite_refuse (store->db, ES_ERROR_STORE, "such an entry cannot be stored", error);
}

/* Over the row of its number, if that is its own: a number alone may be that of another entry by now. The kind of one that is written
 * for the first time is not known yet. */
static gboolean
write_over (EsStore *store, const EsStored *entry, gboolean *found, GError **error)
{
  g_autoptr (EsSecret) content = seal (store, entry);
  const EsSqliteValue values[] = { INTEGER (entry->id),
                                   TEXT (es_address_text (entry->account)),
                                   TEXT (es_address_text (entry->contact)),
                                   INTEGER ((gint64) entry->kind),
                                   INTEGER (entry->for_verified != FALSE),
                                   INTEGER (entry->written),
                                   TEXT (entry->label),
                                   SECRET (content),
                                   END };

  if (!es_sqlite_run (store->db,
                      "UPDATE outbox SET kind = ?4, for_verified = ?5, written = ?6, label = ?7, content = ?8 "
                      "WHERE id = ?1 AND account = ?2 AND contact = ?3 AND (kind IS NULL OR label IS ?7)",
                      values, error))
    return FALSE;
  *found = es_sqlite_changed (store->db) == 1;
  return TRUE;
}

static gboolean
write_entry (EsStore *store, const EsStored *entry, GError **error)
{
  gboolean found = FALSE;

  return write_over (store, entry, &found, error)
         && (found || es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such entry", error));
}

gboolean
es_store_outbox_move (EsStore *store, const char *account, const char *contact, GError **error)
{
  const EsSqliteValue from[] = { TEXT (account), TEXT (contact), END };
  g_autoptr (GArray) invalid = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) entries
      = read_entries (store, "WHERE account = ?1 AND contact = ?2", from, TRUE, invalid, NULL, error);
  gboolean good = entries != NULL;

  for (guint i = 0; good && i < entries->len; i++)
    {
      const EsStored *entry = entries->pdata[i];
      const EsSqliteValue to[] = { INTEGER (entry->id), TEXT (es_address_text (entry->account)),
                                   TEXT (es_address_text (entry->contact)), END };

      good = es_sqlite_run (store->db, "UPDATE outbox SET account = ?2, contact = ?3 WHERE id = ?1", to, error)
             && write_entry (store, entry, error);
    }
  return good;
}

/* What is sealed is bound to its number, which has to be known first. */
static gboolean
insert (EsStore *store, EsStored *entry, GError **error)
{
  const EsSqliteValue values[]
      = { TEXT (es_address_text (entry->account)), TEXT (es_address_text (entry->contact)), END };

  if (!es_sqlite_run (store->db, "INSERT INTO outbox (account, contact) VALUES (?1, ?2)", values, error))
    return FALSE;
  entry->id = es_sqlite_inserted (store->db);
  return write_entry (store, entry, error);
}

static gboolean
remove_entry (EsStore *store, EsStored *entry, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (entry->id), TEXT (es_address_text (entry->account)),
                                   TEXT (es_address_text (entry->contact)), TEXT (entry->label), END };

  return es_sqlite_run (store->db, "DELETE FROM outbox WHERE id = ?1 AND account = ?2 AND contact = ?3 AND label IS ?4",
                        values, error);
}

static gboolean
remove_invalid (EsStore *store, const GArray *invalid, GError **error)
{
  for (guint i = 0; i < invalid->len; i++)
    {
      const EsSqliteValue values[] = { INTEGER (g_array_index (invalid, gint64, i)), END };

      if (!es_sqlite_run (store->db, "DELETE FROM outbox WHERE id = ?1", values, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
es_store_outbox_write (EsStore *store, const GPtrArray *entries, const GArray *invalid, GError **error)
{
  gboolean good = TRUE;

  for (guint i = 0; good && i < entries->len; i++)
    good = write_entry (store, entries->pdata[i], error);

  /* They are still to be counted: what they hold goes, not they. */
  for (guint i = 0; good && i < invalid->len; i++)
    {
      const EsSqliteValue values[] = { INTEGER (g_array_index (invalid, gint64, i)), END };

      good = es_sqlite_run (store->db, "UPDATE outbox SET label = NULL, content = NULL WHERE id = ?1", values, error);
    }
  return good;
}

/* What others call */

static gboolean
valid_all (EsStore *store, EsStored *const *entries, gsize n, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!valid (store, entries[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
write_each (EsStore *store,
            gboolean (*write) (EsStore *store, EsStored *entry, GError **error),
            EsStored *const *entries,
            gsize n,
            GError **error)
{
  gboolean good = TRUE;

  if (!es_store_begin (store, error))
    return FALSE;
  for (gsize i = 0; good && i < n; i++)
    good = write (store, entries[i], error);
  return es_store_finish_outbox (store, good, error);
}

gboolean
es_store_outbox_add (EsStore *store, EsStored *const *entries, gsize n, GError **error)
{
  gboolean good = valid_all (store, entries, n, error) && write_each (store, insert, entries, n, error);

  for (gsize i = 0; !good && i < n; i++)
    entries[i]->id = 0;
  return good;
}

gboolean
es_store_outbox_update (EsStore *store, EsStored *const *entries, gsize n, GError **error)
{
  g_autofree gboolean *found = g_new0 (gboolean, n);
  gboolean good = TRUE;

  if (!valid_all (store, entries, n, error) || !es_store_begin (store, error))
    return FALSE;
  for (gsize i = 0; good && i < n; i++)
    good = write_over (store, entries[i], &found[i], error);
  if (!es_store_finish_outbox (store, good, error))
    return FALSE;
  for (gsize i = 0; i < n; i++)
    entries[i]->id = found[i] ? entries[i]->id : 0;
  return TRUE;
}

gboolean
es_store_outbox_remove (EsStore *store, EsStored *const *entries, gsize n, GError **error)
{
  return write_each (store, remove_entry, entries, n, error);
}

gboolean
es_store_outbox_remove_contact (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (es_address_text (account)), TEXT (es_address_text (contact)), END };

  return es_store_begin (store, error)
         && es_store_finish_outbox (
             store, es_sqlite_run (store->db, "DELETE FROM outbox WHERE account = ?1 AND contact = ?2", values, error),
             error);
}

GPtrArray *
es_store_outbox_load (EsStore *store, const EsAddress *account, GPtrArray *dropped, GError **error)
{
  const EsSqliteValue values[] = { TEXT (es_address_text (account)), END };
  g_autoptr (GArray) invalid = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) entries = es_store_check (store, error) ? es_store_outbox_read (store, "WHERE account = ?1",
                                                                                        values, invalid, dropped, error)
                                                                : NULL;

  if (entries == NULL)
    return NULL;

  /* What cannot be removed now is no reason to have nothing of the rest: it is removed the next time. */
  if (invalid->len > 0 && es_store_begin (store, NULL))
    es_store_finish_outbox (store, remove_invalid (store, invalid, NULL), NULL);
  return g_steal_pointer (&entries);
}

gboolean
es_store_outbox_remove_account (EsStore *store, const EsAddress *account, GError **error)
{
  const EsSqliteValue values[] = { TEXT (es_address_text (account)), END };

  return es_store_begin (store, error)
         && es_store_finish_outbox (
             store, es_sqlite_run (store->db, "DELETE FROM outbox WHERE account = ?1", values, error), error);
}

GArray *
es_store_outbox_numbers (EsStore *store, const EsAddress *account, GError **error)
{
  const EsSqliteValue values[] = { TEXT (es_address_text (account)), END };
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (EsSqliteRows) rows
      = es_store_check (store, error)
            ? es_sqlite_select (store->db, "SELECT id FROM outbox WHERE account = ?1 ORDER BY id", values, error)
            : NULL;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      gint64 number = 0;

      if (es_sqlite_integer (rows, 0, G_MININT64, G_MAXINT64, &number))
        g_array_append_val (numbers, number);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&numbers);
}

GHashTable *
es_store_outbox_accounts (EsStore *store, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (ES_STORED_WAITING_TEXT), INTEGER (ES_STORED_SENT), END };
  g_autoptr (GHashTable) accounts = es_address_table_new (NULL);
  g_autoptr (EsSqliteRows) rows
      = es_store_check (store, error)
            ? es_sqlite_select (store->db,
                                "SELECT account, COUNT(*) FROM outbox WHERE kind BETWEEN ?1 AND ?2 GROUP BY account",
                                values, error)
            : NULL;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      g_autofree char *text = NULL;
      EsAddress *account = read_address (rows, 0, FALSE, &text);
      gint64 number = 0;

      if (account != NULL && es_sqlite_integer (rows, 1, 1, G_MAXINT, &number))
        g_hash_table_insert (accounts, account, GUINT_TO_POINTER ((guint) number));
      else
        es_address_unref (account);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&accounts);
}
