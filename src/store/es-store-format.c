/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-private.h"

#define APPLICATION 0x45536573 /* "ESes" */

/* A file that was created with other texts is not ours: whoever changes one adds a version. AUTOINCREMENT,
 * because a session may still hold the id of a device that was forgotten, which must not become the id of
 * another one. */
#define DEVICES(newest, older, more)                                                                                   \
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
  "strength INTEGER NOT NULL DEFAULT 0 CHECK (strength BETWEEN 0 AND 1073741823)" more ") "                            \
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
    = { DEVICES ("length (newest) BETWEEN 16 AND 64", "length (older) BETWEEN 16 AND 64", ""), POLICIES, NULL };

/* A sealed secret has 93 octets. */
#define NEWEST "length (newest) BETWEEN 16 AND 64 OR length (newest) = 93"
#define OLDER "length (older) BETWEEN 16 AND 64 OR length (older) = 93"
#define DEVICES_2 DEVICES (NEWEST, OLDER, "")

static const char *const tables_2[] = { DEVICES_2, POLICIES, PROTECTION, NULL };

/* The sequence is what keeps ids from being given twice. */
#define REMAKE_DEVICES(devices, columns)                                                                               \
  "ALTER TABLE devices RENAME TO former", devices, "INSERT INTO devices SELECT " columns " FROM former",               \
      "DELETE FROM sqlite_sequence WHERE name = 'devices'",                                                            \
      "UPDATE sqlite_sequence SET name = 'devices' WHERE name = 'former'", "DROP TABLE former"

static const char *const upgrade_2[] = { REMAKE_DEVICES (DEVICES_2, "*"), PROTECTION, NULL };

#define DEVICES_3                                                                                                      \
  DEVICES (NEWEST, OLDER, ", pending BLOB CHECK (length (pending) BETWEEN 65 AND 1040 OR length (pending) = 1068)")

/* Up to 1,024 secrets of 65 octets, or so many sealed as one. */
#define DEVICES_4 DEVICES (NEWEST, OLDER, ", pending BLOB CHECK (length (pending) BETWEEN 65 AND 66588)")

#define DEVICES_INDEX "CREATE INDEX devices_contact ON devices (account, contact)"

#define FAILURES                                                                                                       \
  "CREATE TABLE failures ("                                                                                            \
  "account TEXT NOT NULL, "                                                                                            \
  "contact TEXT NOT NULL, "                                                                                            \
  "count INTEGER NOT NULL CHECK (count BETWEEN 1 AND 2147483647), "                                                    \
  "last INTEGER NOT NULL CHECK (last BETWEEN 0 AND 253402300799), "                                                    \
  "PRIMARY KEY (account, contact)) STRICT, WITHOUT ROWID"

/* Without types, checks and index: a row that is not valid would make the file one that is damaged, and the devices with it.
 * What is read is checked when it is read. */
#define OUTBOX                                                                                                         \
  "CREATE TABLE outbox ("                                                                                              \
  "id INTEGER PRIMARY KEY AUTOINCREMENT, account, contact, kind, for_verified, written, label, content)"

static const char *const tables_3[] = { DEVICES_3, DEVICES_INDEX, POLICIES, PROTECTION, FAILURES, OUTBOX, NULL };

static const char *const upgrade_3[] = { REMAKE_DEVICES (DEVICES_3, "*, NULL"), DEVICES_INDEX, FAILURES, OUTBOX, NULL };

#define DIFFERED                                                                                                       \
  "CREATE TABLE differed ("                                                                                            \
  "account TEXT NOT NULL, "                                                                                            \
  "contact TEXT NOT NULL, "                                                                                            \
  "PRIMARY KEY (account, contact)) STRICT, WITHOUT ROWID"

static const char *const tables_4[]
    = { DEVICES_4, DEVICES_INDEX, POLICIES, PROTECTION, FAILURES, DIFFERED, OUTBOX, NULL };

static const char *const upgrade_4[] = { REMAKE_DEVICES (DEVICES_4, "*"), DEVICES_INDEX, DIFFERED, NULL };

/* As the outbox: what is not valid there is nobody's, and no damage. */
#define LINEAGE "CREATE TABLE lineage (id INTEGER PRIMARY KEY, program, changes)"

static const char *const tables_5[]
    = { DEVICES_4, DEVICES_INDEX, POLICIES, PROTECTION, FAILURES, DIFFERED, OUTBOX, LINEAGE, NULL };

static const char *const upgrade_5[] = { LINEAGE, NULL };

/* Devices that are another computer's by now, for people to read: without secrets, under the numbers that they had here. */
#define MOVED                                                                                                          \
  "CREATE TABLE moved ("                                                                                               \
  "id INTEGER PRIMARY KEY CHECK (id > 0), "                                                                            \
  "account TEXT NOT NULL, "                                                                                            \
  "contact TEXT NOT NULL, "                                                                                            \
  "name TEXT, "                                                                                                        \
  "verified INTEGER NOT NULL CHECK (verified BETWEEN 0 AND 1), "                                                       \
  "created INTEGER NOT NULL CHECK (created BETWEEN 0 AND 253402300799), "                                              \
  "verified_at INTEGER NOT NULL CHECK (verified_at BETWEEN 0 AND 253402300799), "                                      \
  "last_used INTEGER NOT NULL CHECK (last_used BETWEEN 0 AND 253402300799), "                                          \
  "moved INTEGER NOT NULL CHECK (moved BETWEEN 0 AND 253402300799)) "                                                  \
  "STRICT"

#define MOVED_INDEX "CREATE INDEX moved_contact ON moved (account, contact)"

/* At most one row, while devices are on their way into a file: where that is, and, once they are not here any more, what it still
 * lacks, and at which octet. */
#define MOVING                                                                                                         \
  "CREATE TABLE moving ("                                                                                              \
  "id INTEGER PRIMARY KEY CHECK (id = 1), "                                                                            \
  "path BLOB NOT NULL, "                                                                                               \
  "place INTEGER NOT NULL CHECK (place >= 0), "                                                                        \
  "wrapped BLOB) STRICT"

/* Of a file that was made to be taken over, its number (own); and of those that were taken over, here or before that elsewhere. */
#define TRANSFERS                                                                                                      \
  "CREATE TABLE transfers ("                                                                                           \
  "id INTEGER PRIMARY KEY, "                                                                                           \
  "number TEXT NOT NULL CHECK (length (number) = 32), "                                                                \
  "own INTEGER NOT NULL CHECK (own BETWEEN 0 AND 1)) STRICT"

static const char *const tables_6[] = { DEVICES_4, DEVICES_INDEX, POLICIES,    PROTECTION, FAILURES,  DIFFERED, OUTBOX,
                                        LINEAGE,   MOVED,         MOVED_INDEX, MOVING,     TRANSFERS, NULL };

static const char *const upgrade_6[] = { MOVED, MOVED_INDEX, MOVING, TRANSFERS, NULL };

static const EsSqliteFormat format_1 = { APPLICATION, 1, tables_1, NULL, NULL };
static const EsSqliteFormat format_2 = { APPLICATION, 2, tables_2, &format_1, upgrade_2 };

static const EsSqliteFormat format_3 = { APPLICATION, 3, tables_3, &format_2, upgrade_3 };

static const EsSqliteFormat format_4 = { APPLICATION, 4, tables_4, &format_3, upgrade_4 };

static const EsSqliteFormat format_5 = { APPLICATION, 5, tables_5, &format_4, upgrade_5 };

const EsSqliteFormat es_store_format = { APPLICATION, 6, tables_6, &format_5, upgrade_6 };
