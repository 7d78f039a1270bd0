/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that remembered devices are moved in, as octets on a disk, which may be anybody's stick: no locks, no journal. Errors are
 * ES_ERROR_MOVE_FILE and others of ES_ERROR_MOVE_*. */
#pragma once
#include "es-error.h"

/* Under which name PATH is while it is being written; the caller's. */
char *es_move_file_part (const char *path);

/* Whether PATH is a name that begins like that of the database STORE, in the same folder: SQLite takes what has one, its journal say, for a
 * part of that. Also where it cannot be known. */
gboolean es_move_file_is_of (const char *path, const char *store);

/* Creates it, with mode 0600, and makes sure that it is on the disk as written. ES_ERROR_MOVE_EXISTS where there is anything. */
gboolean es_move_file_write (const char *path, GBytes *octets, GError **error);

/* All of it; NULL on error, ES_ERROR_MOVE_LIMIT where that is more than ES_LIMIT_MOVE_OCTETS. */
GBytes *es_move_file_read (const char *path, GError **error);

/* Writes OCTETS into it at PLACE. */
gboolean es_move_file_patch (const char *path, gsize place, GBytes *octets);

/* Gives it the name PATH, or one beside that which is free: that, the caller's; NULL on error. */
char *es_move_file_rename (const char *part, const char *path);

/* Deletes it, if it is a file that begins as ours do; FALSE if it is still there. ERASE: what is in it is overwritten before. */
gboolean es_move_file_remove (const char *path, gboolean erase);
