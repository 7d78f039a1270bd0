/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one door to SQLite, for es-store only: a file of ours, statements with bound values, transactions, and
 * rows of which nothing is believed.
 *
 * Secrets are bound where they lie and copied straight into an EsSecret; what is erased in the file is
 * overwritten there (secure_delete). Not covered: SQLite's page cache and row buffers are ordinary memory,
 * freed without wiping, which may be swapped out. The rollback journal holds the former pages; when it is
 * deleted its blocks on the disk are overwritten by es_sqlite_finish_erasing only. Old blocks on flash, on file
 * systems that copy on write, in snapshots and in backups never are. */
#pragma once
#include "es-error.h"
#include "es-secret.h"

typedef struct _EsSqlite EsSqlite;

/* What makes a file ours: its application_id, its user_version, and tables and indexes that were created with exactly
 * these texts (NULL-terminated), so that their checks are known to apply and nothing else, such as a trigger,
 * runs. A file of the format before, if there is one, is made one of this by UPGRADE (statements likewise), and one of a
 * format before that by the upgrades of all between, in one transaction. */
typedef struct _EsSqliteFormat EsSqliteFormat;
struct _EsSqliteFormat
{
  gint32 application;
  gint32 version;
  const char *const *tables;
  const EsSqliteFormat *before;
  const char *const *upgrade;
};

/* Opens the file at PATH, which is created with mode 0600 where there is none, and checks every page and index of it.
 * An empty file becomes one of FORMAT; any other file that is not of FORMAT, or damaged, keeps its octets and
 * gives ES_ERROR_STORE_DAMAGED. While another program has it a moment is waited, if PATIENT: once, until a change succeeds. PATH
 * ":memory:" is for tests. */
EsSqlite *es_sqlite_open (const char *path, gboolean patient, const EsSqliteFormat *format, GError **error);
void es_sqlite_close (EsSqlite *db);

/* The whole file as its octets, the caller's; NULL on error. And one that is OCTETS, which stays in memory; NAME is for errors. What is
 * refused of a file is refused of octets. */
GBytes *es_sqlite_image (EsSqlite *db, GError **error);
EsSqlite *es_sqlite_open_image (const char *name, GBytes *octets, const EsSqliteFormat *format, GError **error);

/* Where it is, absolute; ":memory:" where it is nowhere. */
const char *es_sqlite_path (const EsSqlite *db);

/* Which SQLite it is that runs. */
const char *es_sqlite_version (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsSqlite, es_sqlite_close)

/* Whether the last error was that another program has the file; and whether there is another file now, or none, where it was. */
gboolean es_sqlite_is_busy (const EsSqlite *db);
gboolean es_sqlite_has_moved (EsSqlite *db);

/* Whether another program has changed the file since this was asked last, or since it was opened. FALSE while that cannot be seen. */
gboolean es_sqlite_has_changed (EsSqlite *db);

/* Whether that could be seen when it was asked last. */
gboolean es_sqlite_was_seen (const EsSqlite *db);

/* Sets an error that names the file. Always FALSE. */
gboolean es_sqlite_refuse (EsSqlite *db, EsErrorCode code, const char *what, GError **error);

/* A value for ?1, ?2, ... of a statement. Texts and secrets may be NULL. A list of values ends with
 * ES_SQLITE_END. */
typedef struct
{
  enum
  {
    ES_SQLITE_TYPE_END,
    ES_SQLITE_TYPE_INTEGER,
    ES_SQLITE_TYPE_TEXT,
    ES_SQLITE_TYPE_SECRET
  } type;
  gint64 integer;
  const char *text;
  const EsSecret *secret;
} EsSqliteValue;

#define ES_SQLITE_INTEGER(value)                                                                                       \
  {                                                                                                                    \
    ES_SQLITE_TYPE_INTEGER, (value), NULL, NULL                                                                        \
  }
#define ES_SQLITE_TEXT(value)                                                                                          \
  {                                                                                                                    \
    ES_SQLITE_TYPE_TEXT, 0, (value), NULL                                                                              \
  }
#define ES_SQLITE_SECRET(value)                                                                                        \
  {                                                                                                                    \
    ES_SQLITE_TYPE_SECRET, 0, NULL, (value)                                                                            \
  }
#define ES_SQLITE_END                                                                                                  \
  {                                                                                                                    \
    ES_SQLITE_TYPE_END, 0, NULL, NULL                                                                                  \
  }

/* Runs one statement; VALUES may be NULL. */
gboolean es_sqlite_run (EsSqlite *db, const char *sql, const EsSqliteValue *values, GError **error);

/* What the last statement did. */
gint64 es_sqlite_inserted (EsSqlite *db);
int es_sqlite_changed (EsSqlite *db);

/* How many rows all statements so far have changed. */
int es_sqlite_all_changed (EsSqlite *db);

/* A transaction. es_sqlite_finish commits when GOOD; otherwise, or when that fails, nothing of it stays.
 * Returns whether it was committed; ERROR is set only when the commit failed. */
gboolean es_sqlite_begin (EsSqlite *db, GError **error);
gboolean es_sqlite_finish (EsSqlite *db, gboolean good, GError **error);

/* The same for a transaction after which nothing of what was there before is to be found: the journal is overwritten
 * before it is deleted. */
gboolean es_sqlite_begin_erasing (EsSqlite *db, GError **error);
gboolean es_sqlite_finish_erasing (EsSqlite *db, gboolean good, GError **error);

/* Does so with the journal that such a transaction left when its process ended after the commit. */
void es_sqlite_erase_left (EsSqlite *db);

/* The rows of a query. VALUES must outlive them. es_sqlite_next moves to the first and then to the next row,
 * and sets ROW to whether there is one; FALSE is an error. */
typedef struct _EsSqliteRows EsSqliteRows;

EsSqliteRows *es_sqlite_select (EsSqlite *db, const char *sql, const EsSqliteValue *values, GError **error);
gboolean es_sqlite_next (EsSqlite *db, EsSqliteRows *rows, gboolean *row, GError **error);
void es_sqlite_rows_free (EsSqliteRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsSqliteRows, es_sqlite_rows_free)

/* A column of the current row, counted from 0. FALSE when it is of another type or not between MIN and MAX
 * (octets, for texts and secrets), and for text that is not valid UTF-8 or holds a NUL. The caller owns text
 * and secret. */
gboolean es_sqlite_is_null (EsSqliteRows *rows, int column);
gboolean es_sqlite_integer (EsSqliteRows *rows, int column, gint64 min, gint64 max, gint64 *integer);
gboolean es_sqlite_text (EsSqliteRows *rows, int column, gsize min, gsize max, char **text);
gboolean es_sqlite_secret (EsSqliteRows *rows, int column, gsize min, gsize max, EsSecret **secret);
