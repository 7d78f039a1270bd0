/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-private.h"

#define APPLICATION 0x45536573 /* "ESes" */

/* A file that was created with other texts is not ours: whoever changes one adds a version. AUTOINCREMENT,
 * because a session may still hold the id of a device that was forgotten, which must not become the id of
 * another one. */
#define DEVICES(newest, older)                                                                                         \
  "CREATE TABLE devices ("                                                                                             \
  "id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0), "                                                              \
  "account TEXT NOT NULL, "                                                                                            \
  "contact TEXT NOT NULL, "                                                                                            \
  "name TEXT, "                                                                                                        \
  "verified INTEGER NOT NULL CHECK (verified BETWEEN 0 AND 1), "                                                       \
  "confirmed INTEGER NOT NULL CHECK (confirmed BETWEEN 0 AND 1), "                                                     \
  "created INTEGER NOT NULL CHECK (created BETWEEN 0 AND 253402300799), "                                              \
  "verified_at INTEGER NOT NULL CHECK (verified_at BETWEEN 0 AND 253402300799), "                                      \
  "last_used INTEGER NOT NULL CHECK (last_used BETWEEN 0 AND 253402300799), "                                          \
  "newest BLOB NOT NULL CHECK (" newest "), "                                                                          \
  "older BLOB CHECK (" older "), "                                                                                     \
  "strength INTEGER NOT NULL DEFAULT 0 CHECK (strength BETWEEN 0 AND 1073741823)) "                                    \
  "STRICT"

#define POLICIES                                                                                                       \
  "CREATE TABLE policies ("                                                                                            \
  "account TEXT NOT NULL, "                                                                                            \
  "contact TEXT NOT NULL, "                                                                                            \
  "policy INTEGER NOT NULL CHECK (policy BETWEEN 0 AND 2147483647), "                                                  \
  "PRIMARY KEY (account, contact)) STRICT, WITHOUT ROWID"

/* At most one row; none stands for ES_PROTECTION_NONE that nobody has chosen. */
#define PROTECTION                                                                                                     \
  "CREATE TABLE protection ("                                                                                          \
  "id INTEGER PRIMARY KEY CHECK (id = 1), "                                                                            \
  "kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 2), "                                                               \
  "chosen INTEGER NOT NULL CHECK (chosen BETWEEN 0 AND 1), "                                                           \
  "item TEXT, "                                                                                                        \
  "cost INTEGER, "                                                                                                     \
  "salt BLOB, "                                                                                                        \
  "wrapped BLOB) STRICT"

static const char *const tables_1[]
    = { DEVICES ("length (newest) BETWEEN 16 AND 64", "length (older) BETWEEN 16 AND 64"), POLICIES, NULL };

/* A sealed secret has 93 octets. */
#define DEVICES_2                                                                                                      \
  DEVICES ("length (newest) BETWEEN 16 AND 64 OR length (newest) = 93",                                                \
           "length (older) BETWEEN 16 AND 64 OR length (older) = 93")

static const char *const tables_2[] = { DEVICES_2, POLICIES, PROTECTION, NULL };

/* The sequence is what keeps ids from being given twice. */
static const char *const upgrade_2[] = { "ALTER TABLE devices RENAME TO former",
                                         DEVICES_2,
                                         "INSERT INTO devices SELECT * FROM former",
                                         "DELETE FROM sqlite_sequence WHERE name = 'devices'",
                                         "UPDATE sqlite_sequence SET name = 'devices' WHERE name = 'former'",
                                         "DROP TABLE former",
                                         PROTECTION,
                                         NULL };

static const EsSqliteFormat format_1 = { APPLICATION, 1, tables_1, NULL, NULL };

const EsSqliteFormat es_store_format = { APPLICATION, 2, tables_2, &format_1, upgrade_2 };
