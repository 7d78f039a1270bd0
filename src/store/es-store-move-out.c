/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-store-move-file.h"
#include "es-store-move-private.h"

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define SECRET ES_SQLITE_SECRET
#define END ES_SQLITE_END

#define PATH_OCTETS_MAX 4096

/* The file */

/* What is copied as it stands: two texts, and numbers. */
typedef struct
{
  const char *read;
  const char *write;
  int numbers;
} Table;

static const Table tables[] = {
  { "SELECT account, contact, policy FROM policies", "INSERT INTO policies VALUES (?1, ?2, ?3)", 1 },
  { "SELECT account, contact, count, last FROM failures", "INSERT INTO failures VALUES (?1, ?2, ?3, ?4)", 2 },
  { "SELECT account, contact FROM differed", "INSERT INTO differed VALUES (?1, ?2)", 0 },
  { "SELECT number, number FROM transfers WHERE own = 0 ORDER BY id",
    "INSERT INTO transfers (number, own) SELECT ?1, 0 WHERE ?1 = ?2", 0 },
};

static gboolean
copy_row (const Table *table, EsStore *store, EsSqliteRows *row, EsStore *out, GError **error)
{
  g_autofree char *account = NULL, *contact = NULL;
  gint64 numbers[2] = { 0 };
  EsSqliteValue values[5] = { END };
  gboolean good = es_sqlite_text (row, 0, 1, ES_LIMIT_JID_OCTETS, &account)
                  && es_sqlite_text (row, 1, 1, ES_LIMIT_JID_OCTETS, &contact);

  for (int i = 0; good && i < table->numbers; i++)
    good = es_sqlite_integer (row, 2 + i, 0, ES_STORE_TIME_MAX, &numbers[i]);
  if (!good)
    return es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a row is not valid", error);
  values[0] = (EsSqliteValue) TEXT (account);
  values[1] = (EsSqliteValue) TEXT (contact);
  for (int i = 0; i < table->numbers; i++)
    values[2 + i] = (EsSqliteValue) INTEGER (numbers[i]);
  return es_sqlite_run (out->db, table->write, values, error);
}

static gboolean
copy_table (const Table *table, EsStore *store, EsStore *out, guint *n, GError **error)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, table->read, NULL, error);
  gboolean row = FALSE, good = rows != NULL && es_sqlite_next (store->db, rows, &row, error);

  for (*n = 0; good && row; (*n)++)
    good = copy_row (table, store, rows, out, error) && es_sqlite_next (store->db, rows, &row, error);
  return good;
}

/* Under the same number, for that is nobody's in the file. */
static gboolean
copy_device (const EsStoreRow *row, EsStore *out, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (row->device->id), END };

  return es_sqlite_run (out->db,
                        "INSERT INTO devices (id, account, contact, verified, confirmed, created, verified_at, "
                        "last_used, newest) VALUES (?1, '', '', 0, 0, 0, 0, 0, zeroblob (16))",
                        values, error)
         && es_store_write (out, row, error);
}

static gboolean
write_number (EsStore *out, GError **error)
{
  guint8 octets[16];
  char number[2 * sizeof octets + 1];
  const EsSqliteValue values[] = { TEXT (number), END };

  es_random_fill (&es_random_system, octets, sizeof octets);
  for (gsize i = 0; i < sizeof octets; i++)
    g_snprintf (number + 2 * i, 3, "%02x", octets[i]);
  return es_sqlite_run (out->db, "INSERT INTO transfers (number, own) VALUES (?1, 1)", values, error);
}

static gboolean
fill (EsStore *store, const GPtrArray *rows, EsStore *out, GError **error)
{
  guint n = 0, choices = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      if (!copy_table (&tables[i], store, out, &n, error))
        return FALSE;
      if (n > ES_LIMIT_MOVE_ROWS || rows->len > ES_LIMIT_MOVE_ROWS)
        return es_sqlite_refuse (store->db, ES_ERROR_MOVE_LIMIT, "too many rows", error);
      choices += i == 0 ? n : 0;
    }
  if (rows->len == 0 && choices == 0)
    return es_sqlite_refuse (store->db, ES_ERROR_MOVE_NOTHING, "nothing to move", error);
  for (guint i = 0; i < rows->len; i++)
    if (!copy_device (rows->pdata[i], out, error))
      return FALSE;
  return write_number (out, error) && es_store_write_protection (out, error);
}

/* What is on its way. */
typedef struct
{
  char *path;
  char *part;
  GBytes *image;   /* with the placeholder at PLACE, */
  gsize place;     /* into which belongs */
  GBytes *wrapped; /* that */
} Transfer;

static void
clear_transfer (Transfer *transfer)
{
  g_clear_pointer (&transfer->path, g_free);
  g_clear_pointer (&transfer->part, g_free);
  g_clear_pointer (&transfer->image, g_bytes_unref);
  g_clear_pointer (&transfer->wrapped, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Transfer, clear_transfer)

/* The image, and the key of its own, which nothing but what is wrapped holds from now on. */
static gboolean
make_image (EsStore *store,
            const GPtrArray *rows,
            const EsProtection *protection,
            const EsSecret *key,
            Transfer *transfer,
            GError **error)
{
  g_autoptr (EsStore) out = g_new0 (EsStore, 1);
  g_autoptr (EsSecret) wrapped = NULL;
  g_autofree char *digest = NULL, *binding = NULL;

  out->protection = *protection;
  out->key = es_secret_new (ES_SEAL_KEY_OCTETS);
  es_random_fill (&es_random_system, es_secret_data (out->key), ES_SEAL_KEY_OCTETS);
  out->wrapped = es_secret_new_from (es_move_placeholder (), ES_MOVE_WRAPPED_OCTETS);
  out->db = es_sqlite_open (":memory:", FALSE, &es_store_format, error);
  if (out->db == NULL || !es_sqlite_begin (out->db, error)
      || !es_sqlite_finish (out->db, fill (store, rows, out, error), error)
      || (transfer->image = es_sqlite_image (out->db, error)) == NULL)
    return FALSE;
  if (g_bytes_get_size (transfer->image) > ES_LIMIT_MOVE_OCTETS)
    return es_sqlite_refuse (store->db, ES_ERROR_MOVE_LIMIT, "too much", error);
  if (!es_move_find (transfer->image, es_move_placeholder (), &transfer->place))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "no place for the key", error);
  digest = es_move_digest (transfer->image, transfer->place);
  binding = es_protection_binding (protection, digest);
  wrapped = es_seal (key, ES_PART_STRING (binding), out->key);
  transfer->wrapped = g_bytes_new (es_secret_peek (wrapped), es_secret_size (wrapped));
  return TRUE;
}

/* OCTETS as they are to be in the end. */
static GBytes *
finished (const Transfer *transfer, GBytes *octets)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (octets, &size);
  guint8 *copy = g_malloc (size);

  memcpy (copy, data, size);
  memcpy (copy + transfer->place, g_bytes_get_data (transfer->wrapped, NULL), ES_MOVE_WRAPPED_OCTETS);
  return g_bytes_new_take (copy, size);
}

/* What is on the disk, with what it still lacks, opens with KEY and holds that many devices. */
static gboolean
check_part (const Transfer *transfer, const EsSecret *key, guint devices, GError **error)
{
  g_autoptr (GBytes) read = es_move_file_read (transfer->part, error), whole = NULL;
  g_autoptr (EsStore) moved = NULL;
  g_autoptr (GPtrArray) rows = NULL;
  gsize place = 0;

  if (read == NULL)
    return FALSE;
  if (!g_bytes_equal (read, transfer->image))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MOVE_FILE, "the file is not what was written");
      return FALSE;
    }
  whole = finished (transfer, read);
  moved = es_move_open_image (transfer->part, whole, &place, error);
  if (moved == NULL || !es_store_unlock (moved, key, error)
      || (rows = es_store_read (moved, ES_STORE_SELECT, NULL, error)) == NULL)
    return FALSE;
  return rows->len == devices || es_sqlite_refuse (moved->db, ES_ERROR_MOVE_FILE, "not all of it is there", error);
}

/* That it is on its way */

static gboolean
write_moving (EsStore *store, const Transfer *transfer, gboolean begun, GError **error)
{
  g_autoptr (EsSecret) path = es_secret_new_from (transfer->path, strlen (transfer->path));
  g_autoptr (EsSecret) wrapped
      = begun ? NULL : es_secret_new_from (g_bytes_get_data (transfer->wrapped, NULL), ES_MOVE_WRAPPED_OCTETS);
  const EsSqliteValue values[] = { SECRET (path), INTEGER ((gint64) transfer->place), SECRET (wrapped), END };

  return es_sqlite_run (store->db, "INSERT OR REPLACE INTO moving (id, path, place, wrapped) VALUES (1, ?1, ?2, ?3)",
                        values, error);
}

static gboolean
run_alone (EsStore *store, gboolean good, GError **error)
{
  return es_store_finish (store, good, error);
}

static gboolean
begin_moving (EsStore *store, const Transfer *transfer, GError **error)
{
  return es_store_begin (store, error) && run_alone (store, write_moving (store, transfer, TRUE, error), error);
}

static gboolean
end_moving (EsStore *store, GError **error)
{
  return es_store_begin (store, error)
         && run_alone (store, es_sqlite_run (store->db, "DELETE FROM moving", NULL, error), error);
}

/* FALSE: nothing is on its way, or it cannot be read. WRAPPED stays NULL while all is here. */
static gboolean
read_moving (EsStore *store, Transfer *transfer)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, "SELECT path, place, wrapped FROM moving", NULL, NULL);
  g_autoptr (EsSecret) path = NULL, wrapped = NULL;
  gint64 place = 0;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, NULL) || !row
      || !es_sqlite_secret (rows, 0, 1, PATH_OCTETS_MAX, &path)
      || !es_sqlite_integer (rows, 1, 0, ES_LIMIT_MOVE_OCTETS, &place))
    return FALSE;
  if (!es_sqlite_is_null (rows, 2)
      && !es_sqlite_secret (rows, 2, ES_MOVE_WRAPPED_OCTETS, ES_MOVE_WRAPPED_OCTETS, &wrapped))
    return FALSE;
  transfer->path = g_strndup ((const char *) es_secret_peek (path), es_secret_size (path));
  transfer->part = es_move_file_part (transfer->path);
  transfer->place = (gsize) place;
  transfer->wrapped = wrapped != NULL ? g_bytes_new (es_secret_peek (wrapped), ES_MOVE_WRAPPED_OCTETS) : NULL;
  return TRUE;
}

/* Nothing here any more; within a transaction */

static gboolean
empty (EsStore *store, gint64 now, GError **error)
{
  const EsSqliteValue then[] = { INTEGER (now), INTEGER (ES_LIMIT_DEVICES), END };
  const EsSqliteValue at[] = { then[0], END };

  /* Of too many of one contact those go that were moved first. */
  return es_sqlite_run (store->db,
                        "INSERT OR REPLACE INTO moved SELECT id, account, contact, name, verified, created, "
                        "verified_at, last_used, ?1 FROM devices",
                        at, error)
         && es_sqlite_run (store->db,
                           "DELETE FROM moved WHERE moved <> ?1 AND id IN (SELECT id FROM (SELECT id, row_number () "
                           "OVER (PARTITION BY account, contact ORDER BY moved DESC, id DESC) AS n FROM moved) "
                           "WHERE n > ?2)",
                           then, error)
         && es_store_let_lapse (store, "1", NULL, error)
         && es_sqlite_run (store->db, "DELETE FROM devices", NULL, error);
}

/* All that lies between. The other programs wait. */
static gboolean
move (EsStore *store,
      const EsProtection *protection,
      const EsSecret *key,
      gint64 now,
      Transfer *transfer,
      GError **error)
{
  g_autoptr (GPtrArray) rows = es_store_read (store, ES_STORE_SELECT, NULL, error);

  return rows != NULL && make_image (store, rows, protection, key, transfer, error)
         && es_move_file_write (transfer->part, transfer->image, error) && check_part (transfer, key, rows->len, error)
         && empty (store, now, error) && write_moving (store, transfer, FALSE, error);
}

static gboolean
move_at_once (EsStore *store,
              const EsProtection *protection,
              const EsSecret *key,
              gint64 now,
              Transfer *transfer,
              GError **error)
{
  gboolean good = es_sqlite_begin_erasing (store->db, error) && es_store_check (store, error)
                  && es_store_check_lineage (store, error) && es_store_note_change (store, error)
                  && move (store, protection, key, now, transfer, error);

  store->revision++;
  if (!es_sqlite_finish_erasing (store->db, good, error))
    return FALSE;
  store->lineage = store->next;
  return TRUE;
}

/* Finishing */

typedef enum
{
  FILE_OTHER,      /* none, or another one */
  FILE_UNFINISHED, /* whoever was to write the key has written none of it, or a part */
  FILE_FINISHED
} FileState;

static FileState
look_at (const char *path, const Transfer *transfer)
{
  g_autoptr (GBytes) read = es_move_file_read (path, NULL);
  const guint8 *wrapped = g_bytes_get_data (transfer->wrapped, NULL), *placeholder = es_move_placeholder ();
  gsize size = 0;
  const guint8 *found = read != NULL ? g_bytes_get_data (read, &size) : NULL;

  if (size < transfer->place + ES_MOVE_WRAPPED_OCTETS)
    return FILE_OTHER;
  found += transfer->place;
  if (memcmp (found, wrapped, ES_MOVE_WRAPPED_OCTETS) == 0)
    return FILE_FINISHED;
  for (gsize i = 0; i < ES_MOVE_WRAPPED_OCTETS; i++)
    if (found[i] != wrapped[i] && found[i] != placeholder[i])
      return FILE_OTHER;
  return FILE_UNFINISHED;
}

/* Another program may have been faster: each step is good if it was done already. */
static EsMove
finish (EsStore *store, const Transfer *transfer, char **written)
{
  if (look_at (transfer->part, transfer) == FILE_UNFINISHED)
    es_move_file_patch (transfer->part, transfer->place, transfer->wrapped);
  if (look_at (transfer->part, transfer) == FILE_FINISHED)
    *written = es_move_file_rename (transfer->part, transfer->path);
  else if (look_at (transfer->path, transfer) == FILE_FINISHED)
    *written = g_strdup (transfer->path);
  if (*written == NULL)
    {
      *written = g_strdup (transfer->path);
      return ES_MOVE_UNFINISHED;
    }

  /* Where that cannot be written, the next time finds that all is done. */
  end_moving (store, NULL);
  return ES_MOVE_DONE;
}

static gboolean
check_path (EsStore *store, const Transfer *transfer, GError **error)
{
  if (strlen (transfer->path) > PATH_OCTETS_MAX)
    return es_sqlite_refuse (store->db, ES_ERROR_MOVE_FILE, "too long a name", error);
  if (es_move_file_is_of (transfer->path, es_sqlite_path (store->db))
      || es_move_file_is_of (transfer->part, es_sqlite_path (store->db)))
    return es_sqlite_refuse (store->db, ES_ERROR_MOVE_FILE, "a name of the store", error);
  return (!g_file_test (transfer->path, G_FILE_TEST_EXISTS) && !g_file_test (transfer->part, G_FILE_TEST_EXISTS))
         || es_sqlite_refuse (store->db, ES_ERROR_MOVE_EXISTS, "there is such a file", error);
}

/* What was not finished has no key: it is only in the way. */
static gboolean
take_back (EsStore *store, const Transfer *transfer)
{
  g_auto (Transfer) now = { NULL };

  if (!es_store_begin (store, NULL))
    return FALSE;

  /* Another program may be at it. */
  return run_alone (store,
                    read_moving (store, &now) && now.wrapped == NULL && g_strcmp0 (now.path, transfer->path) == 0
                        && es_move_file_remove (now.part, FALSE)
                        && es_sqlite_run (store->db, "DELETE FROM moving", NULL, NULL),
                    NULL);
}

EsMove
es_store_move_resume (EsStore *store, char **path)
{
  g_auto (Transfer) transfer = { NULL };

  *path = NULL;
  if (es_store_is_locked (store) || !read_moving (store, &transfer))
    return ES_MOVE_NONE;
  if (transfer.wrapped != NULL)
    return finish (store, &transfer, path);
  *path = g_strdup (transfer.path);
  return take_back (store, &transfer) ? ES_MOVE_TAKEN_BACK : ES_MOVE_NONE;
}

/* It failed. It may have been done all the same, where only that could not be told. */
static EsMove
recover (EsStore *store, const Transfer *transfer, char **written, GError **error)
{
  g_auto (Transfer) now = { NULL };
  EsMove found = es_store_move_resume (store, written);

  if (found == ES_MOVE_DONE || found == ES_MOVE_UNFINISHED)
    {
      g_clear_error (error);
      return found;
    }
  g_clear_pointer (written, g_free);
  if (found == ES_MOVE_NONE && read_moving (store, &now) && now.wrapped == NULL)
    es_move_file_remove (transfer->part, FALSE);
  return ES_MOVE_NONE;
}

EsMove
es_store_move_out (EsStore *store,
                   const char *path,
                   const EsProtection *protection,
                   const EsSecret *key,
                   gint64 now,
                   char **written,
                   GError **error)
{
  g_auto (Transfer) transfer = { .path = g_canonicalize_filename (path, NULL) };
  EsMove earlier = es_store_move_resume (store, written);

  transfer.part = es_move_file_part (transfer.path);
  if (earlier == ES_MOVE_DONE)
    return earlier;
  if (earlier == ES_MOVE_UNFINISHED)
    {
      g_clear_pointer (written, g_free);
      es_sqlite_refuse (store->db, ES_ERROR_MOVE_UNDONE, "an earlier one is not finished", error);
      return ES_MOVE_NONE;
    }
  g_clear_pointer (written, g_free);
  if (!check_path (store, &transfer, error) || !begin_moving (store, &transfer, error))
    return ES_MOVE_NONE;
  return move_at_once (store, protection, key, now, &transfer, error) ? finish (store, &transfer, written)
                                                                      : recover (store, &transfer, written, error);
}

gboolean
es_store_move_give_up (EsStore *store, GError **error)
{
  return end_moving (store, error);
}

gboolean
es_store_move_erase (const char *path)
{
  return es_move_file_remove (path, TRUE);
}

/* What was moved */

static EsDevice *
read_moved (EsSqliteRows *row)
{
  g_autofree char *account = NULL, *contact = NULL;
  g_autoptr (EsDevice) device = es_store_device_new ();
  gint64 verified = 0;

  if (!es_sqlite_integer (row, 0, 1, G_MAXINT64, &device->id)
      || !es_sqlite_text (row, 1, 1, ES_LIMIT_JID_OCTETS, &account)
      || !es_sqlite_text (row, 2, 1, ES_LIMIT_JID_OCTETS, &contact)
      || (!es_sqlite_is_null (row, 3) && !es_sqlite_text (row, 3, 1, ES_LIMIT_NAME_OCTETS, &device->name))
      || !es_sqlite_integer (row, 4, 0, 1, &verified)
      || !es_sqlite_integer (row, 5, 0, ES_STORE_TIME_MAX, &device->created)
      || !es_sqlite_integer (row, 6, 0, ES_STORE_TIME_MAX, &device->verified_at)
      || !es_sqlite_integer (row, 7, 0, ES_STORE_TIME_MAX, &device->last_used)
      || !es_sqlite_integer (row, 8, 0, ES_STORE_TIME_MAX, &device->moved))
    return NULL;
  device->verified = verified == 1;
  device->account = es_store_address (account);
  device->contact = es_store_address (contact);
  return device->account != NULL && device->contact != NULL ? g_steal_pointer (&device) : NULL;
}

/* A row that is not valid is nobody's: nothing depends on it. */
GPtrArray *
es_store_moved (EsStore *store, GError **error)
{
  const char *sql = "SELECT id, account, contact, name, verified, created, verified_at, last_used, moved FROM moved "
                    "ORDER BY last_used DESC, id DESC";
  g_autoptr (EsSqliteRows) rows = es_store_check (store, error) ? es_sqlite_select (store->db, sql, NULL, error) : NULL;
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func ((GDestroyNotify) es_device_free);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      EsDevice *device = read_moved (rows);

      if (device != NULL)
        g_ptr_array_add (devices, device);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&devices);
}

static gboolean
finds (EsStore *store, const char *sql, const EsSqliteValue *values)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, values, NULL);
  gboolean row = FALSE;

  return rows != NULL && es_sqlite_next (store->db, rows, &row, NULL) && row;
}

gboolean
es_store_is_moved (EsStore *store, gint64 device)
{
  const EsSqliteValue values[] = { INTEGER (device), END };

  return finds (store, "SELECT 1 FROM moved WHERE id = ?1", values);
}

gboolean
es_store_was_moved (EsStore *store, const EsAddress *account, const EsAddress *contact)
{
  const EsSqliteValue values[] = { TEXT (es_address_text (account)), TEXT (es_address_text (contact)), END };

  return finds (store, "SELECT 1 FROM moved WHERE account = ?1 AND contact = ?2 LIMIT 1", values);
}
