/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "es-limits.h"

/* The main thread waits, but not time and again for one that does not come to an end. */
#define BUSY_MILLISECONDS 250

/* No row of ours is as long, so SQLite need not allocate more for a row of somebody else's making. */
#define ROW_OCTETS_MAX ((int) ES_LIMIT_STORED_OCTETS + 16 * 1024)

/* STRICT tables came with 3.37. */
G_STATIC_ASSERT (SQLITE_VERSION_NUMBER >= 3037000);

/* EXTRA is FULL that also syncs the directory once the journal is deleted: without it a power loss may bring
 * back a state that somebody was already told is over. Through a memory map, a file that another program
 * shortens would be a crash. */
static const char *const SETTINGS[] = {
  "PRAGMA cell_size_check = ON", "PRAGMA trusted_schema = OFF",  "PRAGMA mmap_size = 0",
  "PRAGMA temp_store = MEMORY",  "PRAGMA secure_delete = ON",    "PRAGMA foreign_keys = ON",
  "PRAGMA synchronous = EXTRA",  "PRAGMA journal_mode = DELETE",
};

/* None of them has a view or a trigger. */
static const struct
{
  int option;
  int on;
} REFUSALS[] = {
  { SQLITE_DBCONFIG_DEFENSIVE, 1 },
  { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 },
  { SQLITE_DBCONFIG_ENABLE_VIEW, 0 },
};

/* Statements that are kept, and more than we have; what is asked for besides is made anew each time. */
#define KEPT_STATEMENTS 128

struct _EsSqliteRows
{
  EsSqlite *db;
  sqlite3_stmt *statement;
  char *sql;
  gboolean running;
};

struct _EsSqlite
{
  sqlite3 *handle;
  char *path;
  gboolean busy;         /* what was tried last, another program was in the way */
  sqlite3_stmt *version; /* asks for what changes with each commit of another program */
  gint64 seen;           /* what it said last */
  gboolean blind;        /* that could not be seen */
  int octets, columns;   /* what is usual, while less is let in */
  GHashTable *kept;      /* SQL -> EsSqliteRows: to read a statement takes longer than to run it */
};

const char *
es_sqlite_version (void)
{
  return sqlite3_libversion ();
}

const char *
es_sqlite_path (const EsSqlite *db)
{
  return db->path;
}

/* Errors */

/* NUMBER is errno as the call left it. */
static EsErrorCode
classify (int code, int number)
{
  switch (code & 0xff)
    {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ES_ERROR_STORE_LOCKED;

    case SQLITE_READONLY:
    case SQLITE_PERM:
      return ES_ERROR_STORE_READONLY;

    case SQLITE_FULL:
      return ES_ERROR_STORE_FULL;

    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
    case SQLITE_INTERRUPT:
      return ES_ERROR_STORE_DAMAGED;

    case SQLITE_CANTOPEN:
    case SQLITE_IOERR:
      /* SQLite itself takes only a write that ends with ENOSPC for a full disk, and sqlite3_system_errno does
       * not tell what failed in a commit. */
      if (number == ENOSPC || number == EDQUOT || number == EFBIG)
        return ES_ERROR_STORE_FULL;
      return (code & 0xff) == SQLITE_CANTOPEN ? ES_ERROR_STORE_READONLY : ES_ERROR_STORE;

    default:
      return ES_ERROR_STORE;
    }
}

/* Another program is waited for once. */
static void
note_busy (EsSqlite *db, EsErrorCode reason)
{
  db->busy = reason == ES_ERROR_STORE_LOCKED;
  if (db->busy)
    sqlite3_busy_timeout (db->handle, 0);
}

static gboolean
fail (EsSqlite *db, int code, GError **error)
{
  EsErrorCode reason = classify (code, errno);

  note_busy (db, reason);
  g_set_error (error, ES_ERROR, reason, "%s: %s (%d)", db->path, sqlite3_errmsg (db->handle), code);
  return FALSE;
}

gboolean
es_sqlite_refuse (EsSqlite *db, EsErrorCode code, const char *what, GError **error)
{
  db->busy = FALSE;
  g_set_error (error, ES_ERROR, code, "%s: %s", db->path, what);
  return FALSE;
}

static gboolean
fail_errno (EsSqlite *db, int number, GError **error)
{
  EsErrorCode code = ES_ERROR_STORE;

  if (number == EACCES || number == EPERM || number == EROFS)
    code = ES_ERROR_STORE_READONLY;
  else if (number == ENOSPC || number == EDQUOT)
    code = ES_ERROR_STORE_FULL;

  return es_sqlite_refuse (db, code, g_strerror (number), error);
}

/* Statements */

static int
bind (sqlite3_stmt *statement, int at, const EsSqliteValue *value)
{
  if (value->type == ES_SQLITE_TYPE_INTEGER)
    return sqlite3_bind_int64 (statement, at, value->integer);
  if (value->type == ES_SQLITE_TYPE_TEXT)
    return sqlite3_bind_text (statement, at, value->text, -1, SQLITE_STATIC);
  if (value->secret == NULL)
    return sqlite3_bind_null (statement, at);

  return sqlite3_bind_blob64 (statement, at, es_secret_peek (value->secret), es_secret_size (value->secret),
                              SQLITE_STATIC);
}

static void
rows_free (gpointer data)
{
  EsSqliteRows *rows = data;

  sqlite3_finalize (rows->statement);
  g_free (rows->sql);
  g_free (rows);
}

/* What changes tables or settings is not run twice. */
static gboolean
may_be_kept (const EsSqlite *db, const char *sql)
{
  static const char *const verbs[] = { "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "BEGIN ", "COMMIT" };

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (g_str_has_prefix (sql, verbs[i]))
      return g_hash_table_size (db->kept) < KEPT_STATEMENTS && !g_hash_table_contains (db->kept, sql);
  return FALSE;
}

/* A statement that is not running; NULL if it is none. */
static EsSqliteRows *
prepare (EsSqlite *db, const char *sql, int *code)
{
  EsSqliteRows *rows = g_hash_table_lookup (db->kept, sql);
  sqlite3_stmt *statement = NULL;

  if (rows != NULL && !rows->running)
    return rows;
  if ((*code = sqlite3_prepare_v2 (db->handle, sql, -1, &statement, NULL)) != SQLITE_OK)
    return NULL;
  rows = g_new0 (EsSqliteRows, 1);
  *rows = (EsSqliteRows){ .db = db, .statement = statement, .sql = g_strdup (sql) };
  if (may_be_kept (db, sql))
    g_hash_table_insert (db->kept, rows->sql, rows);
  return rows;
}

EsSqliteRows *
es_sqlite_select (EsSqlite *db, const char *sql, const EsSqliteValue *values, GError **error)
{
  g_autoptr (EsSqliteRows) rows = NULL;
  int code = SQLITE_OK;

  errno = 0;
  if ((rows = prepare (db, sql, &code)) != NULL)
    rows->running = TRUE;
  for (int i = 0; code == SQLITE_OK && values != NULL && values[i].type != ES_SQLITE_TYPE_END; i++)
    code = bind (rows->statement, i + 1, &values[i]);

  if (code != SQLITE_OK)
    {
      fail (db, code, error);
      return NULL;
    }
  return g_steal_pointer (&rows);
}

gboolean
es_sqlite_next (EsSqlite *db, EsSqliteRows *rows, gboolean *row, GError **error)
{
  int code = SQLITE_OK;

  errno = 0;
  code = sqlite3_step (rows->statement);
  *row = code == SQLITE_ROW;
  db->busy = FALSE;
  return *row || code == SQLITE_DONE || fail (db, code, error);
}

/* One that is kept holds neither locks nor values. */
void
es_sqlite_rows_free (EsSqliteRows *rows)
{
  if (rows == NULL)
    return;
  if (g_hash_table_lookup (rows->db->kept, rows->sql) != rows)
    {
      rows_free (rows);
      return;
    }
  sqlite3_reset (rows->statement);
  sqlite3_clear_bindings (rows->statement);
  rows->running = FALSE;
}

gboolean
es_sqlite_run (EsSqlite *db, const char *sql, const EsSqliteValue *values, GError **error)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (db, sql, values, error);
  gboolean good = rows != NULL;
  gboolean row = TRUE;

  while (good && row)
    good = es_sqlite_next (db, rows, &row, error);
  return good;
}

gint64
es_sqlite_inserted (EsSqlite *db)
{
  return sqlite3_last_insert_rowid (db->handle);
}

int
es_sqlite_changed (EsSqlite *db)
{
  return sqlite3_changes (db->handle);
}

int
es_sqlite_all_changed (EsSqlite *db)
{
  return sqlite3_total_changes (db->handle);
}

gboolean
es_sqlite_begin (EsSqlite *db, GError **error)
{
  return es_sqlite_run (db, "BEGIN IMMEDIATE", NULL, error);
}

gboolean
es_sqlite_finish (EsSqlite *db, gboolean good, GError **error)
{
  if (good && es_sqlite_run (db, "COMMIT", NULL, error))
    {
      sqlite3_busy_timeout (db->handle, BUSY_MILLISECONDS);
      return TRUE;
    }

  /* Some errors end the transaction by themselves. When the rollback fails as well, the journal stays, and
   * whoever reads the file next restores it from there. */
  if (!sqlite3_get_autocommit (db->handle))
    es_sqlite_run (db, "ROLLBACK", NULL, NULL);
  return FALSE;
}

gboolean
es_sqlite_begin_erasing (EsSqlite *db, GError **error)
{
  return es_sqlite_run (db, "PRAGMA journal_mode = PERSIST", NULL, error) && es_sqlite_begin (db, error);
}

static int
overwrite (sqlite3_file *file)
{
  static const guint8 zeros[4096] = { 0 };
  sqlite3_int64 size = 0;
  int code = file->pMethods->xFileSize (file, &size);

  for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += (sqlite3_int64) sizeof zeros)
    code = file->pMethods->xWrite (file, zeros, (int) MIN (size - at, (sqlite3_int64) sizeof zeros), at);
  return code == SQLITE_OK ? file->pMethods->xSync (file, SQLITE_SYNC_FULL) : code;
}

/* Whoever has begun to write has played back a journal that was still good: what is there now is void. */
static gboolean
overwrite_journal (EsSqlite *db)
{
  const char *name = sqlite3_filename_journal (sqlite3_db_filename (db->handle, "main"));
  g_autofree sqlite3_file *file = NULL;
  sqlite3_vfs *vfs = NULL;
  int there = 0;
  int code = sqlite3_file_control (db->handle, "main", SQLITE_FCNTL_VFS_POINTER, &vfs);

  if (code != SQLITE_OK || vfs == NULL || name == NULL || *name == '\0'
      || vfs->xAccess (vfs, name, SQLITE_ACCESS_EXISTS, &there) != SQLITE_OK || !there)
    return TRUE;
  file = g_malloc0 ((gsize) vfs->szOsFile);
  code = vfs->xOpen (vfs, name, file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_MAIN_JOURNAL, NULL);
  if (code == SQLITE_OK)
    code = overwrite (file);
  if (file->pMethods != NULL)
    file->pMethods->xClose (file);
  return code == SQLITE_OK;
}

void
es_sqlite_erase_left (EsSqlite *db)
{
  gboolean erased = es_sqlite_begin (db, NULL) && overwrite_journal (db);

  if (!sqlite3_get_autocommit (db->handle))
    es_sqlite_run (db, "COMMIT", NULL, NULL);

  /* Ceasing to persist with the journal deletes it. One that could not be overwritten waits for the next time. */
  if (erased && es_sqlite_run (db, "PRAGMA journal_mode = PERSIST", NULL, NULL))
    es_sqlite_run (db, "PRAGMA journal_mode = DELETE", NULL, NULL);
}

gboolean
es_sqlite_finish_erasing (EsSqlite *db, gboolean good, GError **error)
{
  gboolean committed = es_sqlite_finish (db, good, error);

  if (committed)
    es_sqlite_erase_left (db);
  else
    es_sqlite_run (db, "PRAGMA journal_mode = DELETE", NULL, NULL);
  return committed;
}

/* Columns */

gboolean
es_sqlite_is_null (EsSqliteRows *rows, int column)
{
  return sqlite3_column_type (rows->statement, column) == SQLITE_NULL;
}

gboolean
es_sqlite_integer (EsSqliteRows *rows, int column, gint64 min, gint64 max, gint64 *integer)
{
  gint64 value = sqlite3_column_int64 (rows->statement, column);

  if (sqlite3_column_type (rows->statement, column) != SQLITE_INTEGER || value < min || value > max)
    return FALSE;

  *integer = value;
  return TRUE;
}

gboolean
es_sqlite_text (EsSqliteRows *rows, int column, gsize min, gsize max, char **text)
{
  gboolean good = sqlite3_column_type (rows->statement, column) == SQLITE_TEXT;
  const char *octets = good ? (const char *) sqlite3_column_text (rows->statement, column) : NULL;
  gsize size = good ? (gsize) sqlite3_column_bytes (rows->statement, column) : 0;

  /* With a size given, a NUL inside is not valid. */
  if (octets == NULL || size < min || size > max || !g_utf8_validate (octets, (gssize) size, NULL))
    return FALSE;

  *text = g_strndup (octets, size);
  return TRUE;
}

gboolean
es_sqlite_secret (EsSqliteRows *rows, int column, gsize min, gsize max, EsSecret **secret)
{
  gboolean good = sqlite3_column_type (rows->statement, column) == SQLITE_BLOB;
  const void *octets = good ? sqlite3_column_blob (rows->statement, column) : NULL;
  gsize size = good ? (gsize) sqlite3_column_bytes (rows->statement, column) : 0;

  if (octets == NULL || size < min || size > max)
    return FALSE;

  *secret = es_secret_new_from (octets, size);
  return TRUE;
}

/* Opening */

/* SQLite opens whatever stands there under the name of its journal, and would wait for somebody to write into a pipe. */
static gboolean
check_journal (EsSqlite *db, GError **error)
{
  g_autofree char *path = g_strconcat (db->path, "-journal", NULL);
  struct stat status;

  return lstat (path, &status) != 0 || S_ISREG (status.st_mode)
         || es_sqlite_refuse (db, ES_ERROR_STORE, "its journal is not a regular file", error);
}

/* Makes sure that there is a regular file, since SQLite would create one with mode 0644 and follow a link;
 * the journal takes its mode. A file that exists is not opened: closing it would drop the locks that this
 * process holds on it through SQLite. */
static gboolean
prepare_file (EsSqlite *db, GError **error)
{
  struct stat status;
  int fd = open (db->path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);

  if (fd >= 0)
    {
      close (fd);
      return TRUE;
    }
  if (errno != EEXIST || lstat (db->path, &status) != 0)
    return fail_errno (db, errno, error);

  if (!S_ISREG (status.st_mode))
    return es_sqlite_refuse (db, ES_ERROR_STORE, "not a regular file", error);

  /* One that was put back, or copied, may have other rights than ours. That of somebody else is theirs to protect. */
  if (status.st_uid == geteuid () && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0
      && chmod (db->path, status.st_mode & S_IRWXU) != 0)
    return fail_errno (db, errno, error);
  return TRUE;
}

static gboolean
same_number (const guint8 *octets, gint32 number)
{
  guint32 value = 0;

  memcpy (&value, octets, sizeof value);
  return GUINT32_FROM_BE (value) == (guint32) number;
}

/* FORMAT, or the one before it that has that VERSION; NULL if there is none. */
static const EsSqliteFormat *
find_format (const EsSqliteFormat *format, gint64 version)
{
  while (format != NULL && format->version != version)
    format = format->before;
  return format;
}

static gboolean
same_version (const guint8 *octets, const EsSqliteFormat *format)
{
  while (format != NULL && !same_number (octets, format->version))
    format = format->before;
  return format != NULL;
}

/* Looks at the header (sqlite.org/fileformat.html, section 1.3) before SQLite does, which would play back the
 * journal of somebody else's file. Through SQLite's own handle, for the reason given at prepare_file. */
static gboolean
check_header (EsSqlite *db, const EsSqliteFormat *format, GError **error)
{
  static const guint8 zeros[100] = { 0 };
  guint8 header[100] = { 0 };
  sqlite3_file *file = NULL;
  const char *wrong = NULL;
  int code = sqlite3_file_control (db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);

  errno = 0;
  if (code == SQLITE_OK && file->pMethods != NULL)
    code = file->pMethods->xRead (file, header, sizeof header, 0);
  if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
    return fail (db, code, error);

  /* An empty file, or one whose creation was cut short: SQLite finds out which. */
  if (memcmp (header, zeros, sizeof header) == 0)
    return TRUE;

  if (memcmp (header, "SQLite format 3", 16) != 0)
    wrong = "not a database";
  else if (!same_number (header + 68, format->application))
    wrong = "a database of another program";
  else if (!same_version (header + 60, format))
    wrong = "written by another version";
  else if (header[18] != 1 || header[19] != 1)
    wrong = "a database without a rollback journal";
  else if (!same_number (header + 44, 4))
    wrong = "a database of another format";

  return wrong == NULL || es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, wrong, error);
}

/* SQLite's own copy, which it frees. */
static gboolean
take_image (EsSqlite *db, GBytes *image, GError **error)
{
  gsize size = g_bytes_get_size (image);
  guint8 *octets = sqlite3_malloc64 (size);

  if (octets == NULL)
    return es_sqlite_refuse (db, ES_ERROR_STORE, "not enough memory", error);
  memcpy (octets, g_bytes_get_data (image, NULL), size);
  errno = 0;
  return sqlite3_deserialize (db->handle, "main", octets, (sqlite3_int64) size, (sqlite3_int64) size,
                              SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
             == SQLITE_OK
         || es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "not a database", error);
}

static int
give_up (void *data G_GNUC_UNUSED)
{
  return 1;
}

/* Until its tables have turned out to be ours. */
static void
bound_work (EsSqlite *db)
{
  sqlite3_progress_handler (db->handle, ES_LIMIT_SCHEMA_STEPS, give_up, NULL);
  db->octets = sqlite3_limit (db->handle, SQLITE_LIMIT_SQL_LENGTH, ES_LIMIT_SCHEMA_OCTETS);
  db->columns = sqlite3_limit (db->handle, SQLITE_LIMIT_COLUMN, ES_LIMIT_SCHEMA_COLUMNS);
}

static void
unbound_work (EsSqlite *db)
{
  sqlite3_progress_handler (db->handle, 0, NULL, NULL);
  sqlite3_limit (db->handle, SQLITE_LIMIT_SQL_LENGTH, db->octets);
  sqlite3_limit (db->handle, SQLITE_LIMIT_COLUMN, db->columns);
}

/* IMAGE, or NULL. */
static gboolean
open_file (EsSqlite *db, gboolean memory, gboolean patient, GBytes *image, const EsSqliteFormat *format, GError **error)
{
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
  int code = SQLITE_OK;

  if (!memory && !(prepare_file (db, error) && check_journal (db, error)))
    return FALSE;

  errno = 0;
  code = sqlite3_open_v2 (memory ? ":memory:" : db->path, &db->handle, flags | (memory ? SQLITE_OPEN_MEMORY : 0), NULL);
  if (code != SQLITE_OK)
    return fail (db, code, error);

  sqlite3_busy_timeout (db->handle, patient ? BUSY_MILLISECONDS : 0);
  sqlite3_limit (db->handle, SQLITE_LIMIT_LENGTH, ROW_OCTETS_MAX);
  for (gsize i = 0; i < G_N_ELEMENTS (REFUSALS); i++)
    sqlite3_db_config (db->handle, REFUSALS[i].option, REFUSALS[i].on, NULL);
  bound_work (db);
  if ((image != NULL && !take_image (db, image, error))
      || ((!memory || image != NULL) && !check_header (db, format, error)))
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (SETTINGS); i++)
    if (!es_sqlite_run (db, SETTINGS[i], NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
count (EsSqlite *db, const char *sql, gint64 *number, GError **error)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (db, sql, NULL, error);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (db, rows, &row, error))
    return FALSE;

  return (row && es_sqlite_integer (rows, 0, 0, G_MAXINT64, number))
         || es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "not a number", error);
}

static gboolean
create_tables (EsSqlite *db, const EsSqliteFormat *format, GError **error)
{
  g_autofree char *application = g_strdup_printf ("PRAGMA application_id = %d", format->application);
  g_autofree char *version = g_strdup_printf ("PRAGMA user_version = %d", format->version);
  gint64 present = 0;
  gboolean good = FALSE;

  if (!count (db, "PRAGMA page_count", &present, error))
    return FALSE;
  if (present > 0)
    return TRUE;
  if (!es_sqlite_begin (db, error))
    return FALSE;

  /* Another process may have been faster. */
  good = count (db, "SELECT count (*) FROM sqlite_schema", &present, error);
  if (good && present == 0)
    {
      for (gsize i = 0; good && format->tables[i] != NULL; i++)
        good = es_sqlite_run (db, format->tables[i], NULL, error);
      good = good && es_sqlite_run (db, application, NULL, error) && es_sqlite_run (db, version, NULL, error);
    }
  return es_sqlite_finish (db, good, error);
}

/* From VERSION to FORMAT, one after the other. */
static gboolean
run_upgrades (EsSqlite *db, const EsSqliteFormat *format, gint64 version, GError **error)
{
  gboolean good = format->version == version || run_upgrades (db, format->before, version, error);

  for (gsize i = 0; good && format->version != version && format->upgrade[i] != NULL; i++)
    good = es_sqlite_run (db, format->upgrade[i], NULL, error);
  return good;
}

/* Where a file is of a format before FORMAT; nothing of it was changed if this fails. */
static gboolean
upgrade (EsSqlite *db, const EsSqliteFormat *format, GError **error)
{
  g_autofree char *set_version = g_strdup_printf ("PRAGMA user_version = %d", format->version);
  gint64 version = 0;
  gboolean good = FALSE;

  if (!es_sqlite_begin (db, error))
    return FALSE;

  /* Another process may have been faster. */
  good = count (db, "PRAGMA user_version", &version, error)
         && (find_format (format, version) != NULL
             || es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "written by another version", error))
         && run_upgrades (db, format, version, error) && es_sqlite_run (db, set_version, NULL, error);
  return es_sqlite_finish (db, good, error);
}

/* SQLite keeps the text of what was created, and has tables of its own. */
static gboolean
check_tables (EsSqlite *db, const EsSqliteFormat *format, GError **error)
{
  const char *sql = "SELECT sql FROM sqlite_schema WHERE sql IS NULL OR sql NOT IN ("
                    "'CREATE TABLE sqlite_sequence(name,seq)', 'CREATE TABLE sqlite_stat1(tbl,idx,stat)', "
                    "'CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)')";
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (db, sql, NULL, error);
  gsize found = 0;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (db, rows, &row, error))
    return FALSE;
  while (row)
    {
      const char *text = (const char *) sqlite3_column_text (rows->statement, 0);

      if (text == NULL || !g_strv_contains (format->tables, text))
        return es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "other tables than ours", error);
      found++;
      if (!es_sqlite_next (db, rows, &row, error))
        return FALSE;
    }

  /* No name occurs twice, so neither does a text. */
  if (found != g_strv_length ((char **) format->tables))
    return es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "a table is missing", error);
  unbound_work (db);
  return TRUE;
}

static gboolean
check_pages (EsSqlite *db, GError **error)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (db, "PRAGMA integrity_check (1)", NULL, error);
  sqlite3_file *file = NULL;
  sqlite3_int64 octets = 0;
  gint64 page = 0;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (db, rows, &row, error) || !count (db, "PRAGMA page_size", &page, error))
    return FALSE;
  if (!row || g_strcmp0 ((const char *) sqlite3_column_text (rows->statement, 0), "ok") != 0)
    return es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "the file is damaged", error);

  /* SQLite takes what is missing from the last page for zeros. Nobody writes while ROWS has not come to its
   * end. */
  sqlite3_file_control (db->handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
  if (file != NULL && file->pMethods != NULL && file->pMethods->xFileSize (file, &octets) == SQLITE_OK
      && octets % page != 0)
    return es_sqlite_refuse (db, ES_ERROR_STORE_DAMAGED, "the file is cut off", error);
  return TRUE;
}

/* Whatever is wrong with a file of a format before is found before it is touched. */
static gboolean
check_before (EsSqlite *db, const EsSqliteFormat *format, GError **error)
{
  const EsSqliteFormat *before = NULL;
  gint64 version = 0;

  if (!count (db, "PRAGMA user_version", &version, error))
    return FALSE;
  before = find_format (format->before, version);
  return before == NULL || (check_tables (db, before, error) && check_pages (db, error) && upgrade (db, format, error));
}

/* Takes PATH over; IMAGE may be NULL. */
static EsSqlite *
open_any (char *path, gboolean memory, gboolean patient, GBytes *image, const EsSqliteFormat *format, GError **error)
{
  g_autoptr (EsSqlite) db = g_new0 (EsSqlite, 1);

  db->path = path;
  db->kept = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, rows_free);

  if (!open_file (db, memory, patient, image, format, error) || !create_tables (db, format, error)
      || !check_before (db, format, error) || !check_tables (db, format, error) || !check_pages (db, error))
    return NULL;
  es_sqlite_has_changed (db);
  return g_steal_pointer (&db);
}

EsSqlite *
es_sqlite_open (const char *path, gboolean patient, const EsSqliteFormat *format, GError **error)
{
  gboolean memory = strcmp (path, ":memory:") == 0;

  /* An absolute path is never taken for a URI ("file:..."). */
  return open_any (memory ? g_strdup (path) : g_canonicalize_filename (path, NULL), memory, patient, NULL, format,
                   error);
}

EsSqlite *
es_sqlite_open_image (const char *name, GBytes *octets, const EsSqliteFormat *format, GError **error)
{
  return open_any (g_strdup (name), TRUE, FALSE, octets, format, error);
}

GBytes *
es_sqlite_image (EsSqlite *db, GError **error)
{
  sqlite3_int64 size = 0;
  unsigned char *octets = sqlite3_serialize (db->handle, "main", &size, 0);

  if (octets == NULL)
    {
      es_sqlite_refuse (db, ES_ERROR_STORE, "not enough memory", error);
      return NULL;
    }
  return g_bytes_new_with_free_func (octets, (gsize) size, sqlite3_free, octets);
}

gboolean
es_sqlite_is_busy (const EsSqlite *db)
{
  return db->busy;
}

gboolean
es_sqlite_has_moved (EsSqlite *db)
{
  int moved = 0;

  return sqlite3_file_control (db->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

gboolean
es_sqlite_has_changed (EsSqlite *db)
{
  gint64 before = db->seen;
  int code = SQLITE_OK;

  if (db->version == NULL
      && sqlite3_prepare_v2 (db->handle, "PRAGMA data_version", -1, &db->version, NULL) != SQLITE_OK)
    {
      db->blind = TRUE;
      return FALSE;
    }
  errno = 0;
  code = sqlite3_step (db->version);
  db->blind = code != SQLITE_ROW;
  if (code == SQLITE_ROW)
    db->seen = sqlite3_column_int64 (db->version, 0);
  else
    note_busy (db, classify (code, errno));
  sqlite3_reset (db->version);
  return db->seen != before;
}

gboolean
es_sqlite_was_seen (const EsSqlite *db)
{
  return !db->blind;
}

void
es_sqlite_close (EsSqlite *db)
{
  if (db == NULL)
    return;

  sqlite3_finalize (db->version);
  g_hash_table_unref (db->kept);
  sqlite3_close (db->handle);
  g_free (db->path);
  g_free (db);
}
