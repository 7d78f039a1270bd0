/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-store-sqlite.h"
#include "es-strength.h"

#define APPLICATION 0x45536573 /* "ESes" */
#define VERSION 1

/* What a row may hold. Times end with the year 9999. */
#define SECRET_MIN 16
#define SECRET_MAX 64
#define TIME_MAX 253402300799
#define NAME_OCTETS_MAX 1024

/* A file that was created with other texts is not ours: whoever changes one raises VERSION. AUTOINCREMENT,
 * because a session may still hold the id of a device that was forgotten, which must not become the id of
 * another one. */
static const char *const TABLES[] = { "CREATE TABLE devices ("
                                      "id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0), "
                                      "account TEXT NOT NULL, "
                                      "contact TEXT NOT NULL, "
                                      "name TEXT, "
                                      "verified INTEGER NOT NULL CHECK (verified BETWEEN 0 AND 1), "
                                      "confirmed INTEGER NOT NULL CHECK (confirmed BETWEEN 0 AND 1), "
                                      "created INTEGER NOT NULL CHECK (created BETWEEN 0 AND 253402300799), "
                                      "verified_at INTEGER NOT NULL CHECK (verified_at BETWEEN 0 AND 253402300799), "
                                      "last_used INTEGER NOT NULL CHECK (last_used BETWEEN 0 AND 253402300799), "
                                      "newest BLOB NOT NULL CHECK (length (newest) BETWEEN 16 AND 64), "
                                      "older BLOB CHECK (length (older) BETWEEN 16 AND 64), "
                                      "strength INTEGER NOT NULL DEFAULT 0 CHECK (strength BETWEEN 0 AND 1073741823)) "
                                      "STRICT",

                                      "CREATE TABLE policies ("
                                      "account TEXT NOT NULL, "
                                      "contact TEXT NOT NULL, "
                                      "policy INTEGER NOT NULL CHECK (policy BETWEEN 0 AND 2147483647), "
                                      "PRIMARY KEY (account, contact)) STRICT, WITHOUT ROWID",

                                      NULL };

/* In the order of read_device. */
#define SELECT_DEVICES                                                                                                 \
  "SELECT id, account, contact, name, verified, confirmed, created, "                                                  \
  "verified_at, last_used, newest, older, strength FROM devices "

struct _EsStore
{
  EsSqlite *db;
};

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define SECRET ES_SQLITE_SECRET
#define END ES_SQLITE_END

void
es_device_free (EsDevice *device)
{
  if (device == NULL)
    return;

  g_free (device->account);
  g_free (device->contact);
  g_free (device->name);
  es_secret_free (device->newest);
  es_secret_free (device->older);
  g_free (device);
}

static void
free_device (gpointer data)
{
  es_device_free (data);
}

/* What we write is what read_device would take. Numbers and the size of secrets are left to the tables. */
static gboolean
valid_text (const char *text, gsize max)
{
  return text != NULL && *text != '\0' && strlen (text) <= max && g_utf8_validate (text, -1, NULL);
}

static gboolean
valid_jids (const char *account, const char *contact)
{
  return valid_text (account, ES_LIMIT_JID_OCTETS) && valid_text (contact, ES_LIMIT_JID_OCTETS);
}

/* One statement as a transaction. With MISSING, it is an error when it changed nothing. */
static gboolean
change (EsStore *store, const char *sql, const EsSqliteValue *values, const char *missing, GError **error)
{
  gboolean good = FALSE;

  if (!es_sqlite_begin (store->db, error))
    return FALSE;

  good = es_sqlite_run (store->db, sql, values, error);
  if (good && missing != NULL && es_sqlite_changed (store->db) == 0)
    good = es_sqlite_refuse (store->db, ES_ERROR_STORE, missing, error);
  return es_sqlite_finish (store->db, good, error);
}

/* Reading */

static EsDevice *
read_device (EsStore *store, EsSqliteRows *row, GError **error)
{
  g_autoptr (EsDevice) device = g_new0 (EsDevice, 1);
  gint64 verified = 0;
  gint64 confirmed = 0;
  gint64 strength = 0;

  if (!es_sqlite_integer (row, 0, 1, G_MAXINT64, &device->id)
      || !es_sqlite_text (row, 1, 1, ES_LIMIT_JID_OCTETS, &device->account)
      || !es_sqlite_text (row, 2, 1, ES_LIMIT_JID_OCTETS, &device->contact)
      || (!es_sqlite_is_null (row, 3) && !es_sqlite_text (row, 3, 1, NAME_OCTETS_MAX, &device->name))
      || !es_sqlite_integer (row, 4, 0, 1, &verified) || !es_sqlite_integer (row, 5, 0, 1, &confirmed)
      || !es_sqlite_integer (row, 6, 0, TIME_MAX, &device->created)
      || !es_sqlite_integer (row, 7, 0, TIME_MAX, &device->verified_at)
      || !es_sqlite_integer (row, 8, 0, TIME_MAX, &device->last_used)
      || !es_sqlite_secret (row, 9, SECRET_MIN, SECRET_MAX, &device->newest)
      || (!es_sqlite_is_null (row, 10) && !es_sqlite_secret (row, 10, SECRET_MIN, SECRET_MAX, &device->older))
      || !es_sqlite_integer (row, 11, 0, ES_STRENGTH_MAX, &strength))
    {
      es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a device is not valid", error);
      return NULL;
    }

  device->verified = verified == 1;
  device->confirmed = confirmed == 1;
  device->strength = (guint32) strength;
  return g_steal_pointer (&device);
}

static GPtrArray *
read_devices (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (free_device);
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, values, error);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;

  while (row)
    {
      EsDevice *device = read_device (store, rows, error);

      if (device == NULL)
        return NULL;
      g_ptr_array_add (devices, device);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&devices);
}

/* Opening */

EsStore *
es_store_open (const char *path, GError **error)
{
  const EsSqliteFormat format = { APPLICATION, VERSION, TABLES };
  g_autoptr (EsStore) store = g_new0 (EsStore, 1);
  g_autoptr (GPtrArray) devices = NULL;

  store->db = es_sqlite_open (path, &format, error);
  if (store->db == NULL)
    return NULL;

  /* Once every device was read, a change does not write over one that is not valid. */
  devices = read_devices (store, SELECT_DEVICES, NULL, error);
  return devices != NULL ? g_steal_pointer (&store) : NULL;
}

void
es_store_close (EsStore *store)
{
  if (store == NULL)
    return;

  es_sqlite_close (store->db);
  g_free (store);
}

/* Devices */

static int
last_used_first (gconstpointer left, gconstpointer right)
{
  const EsDevice *a = *(const EsDevice *const *) left;
  const EsDevice *b = *(const EsDevice *const *) right;

  if (a->last_used != b->last_used)
    return a->last_used > b->last_used ? -1 : 1;
  return a->id > b->id ? -1 : a->id < b->id;
}

GPtrArray *
es_store_devices (EsStore *store, const char *account, const char *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), END };
  const char *sql = SELECT_DEVICES "WHERE account = ?1 AND (?2 IS NULL OR contact = ?2)";
  GPtrArray *devices = read_devices (store, sql, values, error);

  if (devices == NULL)
    return NULL;

  /* Here and not in SQLite, whose sorter would hold more copies of the secrets. */
  g_ptr_array_sort (devices, last_used_first);
  if (contact != NULL && devices->len > ES_LIMIT_DEVICES)
    g_ptr_array_set_size (devices, ES_LIMIT_DEVICES);
  return devices;
}

GPtrArray *
es_store_all_devices (EsStore *store, GError **error)
{
  GPtrArray *devices = read_devices (store, SELECT_DEVICES, NULL, error);

  if (devices != NULL)
    g_ptr_array_sort (devices, last_used_first);
  return devices;
}

/* Whether a session that ran on FOUND may change DEVICE: FOUND is one of its generations. */
static gboolean
check_found (EsStore *store, const char *account, gint64 device, const EsSecret *found, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), TEXT (account), END };
  const char *sql = SELECT_DEVICES "WHERE id = ?1 AND account = ?2";
  g_autoptr (GPtrArray) devices = read_devices (store, sql, values, error);
  const EsDevice *held = NULL;

  if (devices == NULL)
    return FALSE;
  if (devices->len == 0)
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such device", error);

  held = devices->pdata[0];
  return es_secret_equal (found, held->newest) || (held->older != NULL && es_secret_equal (found, held->older))
         || es_sqlite_refuse (store->db, ES_ERROR_STORE, "the device does not hold that secret", error);
}

/* Leaves DEVICE and at most ES_LIMIT_DEVICES - 1 others with CONTACT: verified ones first, then by last
 * use. */
static gboolean
make_room (EsStore *store, const char *account, const char *contact, gint64 device, GError **error)
{
  const EsSqliteValue values[]
      = { TEXT (account), TEXT (contact), INTEGER (device), INTEGER (ES_LIMIT_DEVICES - 1), END };

  return es_sqlite_run (store->db,
                        "DELETE FROM devices WHERE account = ?1 AND contact = ?2 AND id <> ?3 AND id NOT IN "
                        "(SELECT id FROM devices WHERE account = ?1 AND contact = ?2 AND id <> ?3 "
                        "ORDER BY verified DESC, last_used DESC, id DESC LIMIT ?4)",
                        values, error);
}

/* Both roles. CONFIRMED: the other side is known to hold SECRET, so FOUND is not kept. */
static gint64
put (EsStore *store,
     const char *account,
     const char *contact,
     gint64 device,
     const EsSecret *found,
     const EsSecret *secret,
     gboolean confirmed,
     gint64 now,
     GError **error)
{
  const EsSqliteValue values[] = { TEXT (account),
                                   TEXT (contact),
                                   SECRET (secret),
                                   SECRET (confirmed ? NULL : found),
                                   INTEGER (device),
                                   INTEGER (now),
                                   INTEGER (confirmed != FALSE),
                                   END };
  gboolean good = FALSE;

  if (!valid_jids (account, contact) || device < 0 || (device == 0) != (found == NULL))
    {
      es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a device cannot be remembered", error);
      return 0;
    }
  if (!es_sqlite_begin (store->db, error))
    return 0;

  if (device == 0)
    {
      good = es_sqlite_run (store->db,
                            "INSERT INTO devices (account, contact, verified, confirmed, created, "
                            "verified_at, last_used, newest) VALUES (?1, ?2, 0, ?7, ?6, 0, ?6, ?3)",
                            values, error);
      device = es_sqlite_inserted (store->db);
    }
  else
    good = check_found (store, account, device, found, error)
           && es_sqlite_run (store->db,
                             "UPDATE devices SET contact = ?2, newest = ?3, older = ?4, confirmed = ?7, "
                             "last_used = ?6 WHERE id = ?5",
                             values, error);

  good = good && make_room (store, account, contact, device, error);
  return es_sqlite_finish (store->db, good, error) ? device : 0;
}

gint64
es_store_add (EsStore *store,
              const char *account,
              const char *contact,
              gint64 device,
              const EsSecret *found,
              const EsSecret *secret,
              gint64 now,
              GError **error)
{
  return put (store, account, contact, device, found, secret, FALSE, now, error);
}

gint64
es_store_replace (EsStore *store,
                  const char *account,
                  const char *contact,
                  gint64 device,
                  const EsSecret *found,
                  const EsSecret *secret,
                  gint64 now,
                  GError **error)
{
  return put (store, account, contact, device, found, secret, TRUE, now, error);
}

gboolean
es_store_confirm (EsStore *store, gint64 device, const EsSecret *secret, gint64 now, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), INTEGER (now), SECRET (secret), END };

  return change (store,
                 "UPDATE devices SET older = CASE newest WHEN ?3 THEN NULL ELSE older END, "
                 "confirmed = CASE newest WHEN ?3 THEN 1 ELSE confirmed END, last_used = ?2 WHERE id = ?1",
                 values, "no such device", error);
}

gboolean
es_store_set_verified (EsStore *store, gint64 device, gboolean verified, gint64 now, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), INTEGER (verified != FALSE), INTEGER (now), END };

  return change (store, "UPDATE devices SET verified = ?2, verified_at = ?2 * ?3 WHERE id = ?1", values,
                 "no such device", error);
}

gboolean
es_store_set_strength (EsStore *store, gint64 device, guint32 strength, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), INTEGER (strength), END };

  return change (store, "UPDATE devices SET strength = ?2 WHERE id = ?1", values, "no such device", error);
}

gboolean
es_store_set_name (EsStore *store, gint64 device, const char *name, GError **error)
{
  const char *kept = name != NULL && *name != '\0' ? name : NULL;
  const EsSqliteValue values[] = { INTEGER (device), TEXT (kept), END };

  if (kept != NULL && !valid_text (kept, NAME_OCTETS_MAX))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a name cannot be stored", error);

  return change (store, "UPDATE devices SET name = ?2 WHERE id = ?1", values, "no such device", error);
}

gboolean
es_store_forget (EsStore *store, gint64 device, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), END };

  return change (store, "DELETE FROM devices WHERE id = ?1", values, NULL, error);
}

gboolean
es_store_forget_contact (EsStore *store, const char *account, const char *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), END };

  return change (store, "DELETE FROM devices WHERE account = ?1 AND contact = ?2", values, NULL, error);
}

gboolean
es_store_expire (EsStore *store, gboolean verified, gint64 before, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (before), INTEGER (verified != FALSE), END };

  return change (store, "DELETE FROM devices WHERE verified = ?2 AND last_used < ?1", values, NULL, error);
}

/* Policies */

int
es_store_policy (EsStore *store, const char *account, const char *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), END };
  const char *sql = "SELECT policy FROM policies WHERE account = ?1 AND contact = ?2";
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, values, error);
  gint64 policy = -1;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return -2;
  if (row && !es_sqlite_integer (rows, 0, 0, G_MAXINT, &policy))
    {
      es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a policy is not valid", error);
      return -2;
    }
  return (int) policy;
}

gboolean
es_store_set_policy (EsStore *store, const char *account, const char *contact, int policy, GError **error)
{
  const EsSqliteValue jids[] = { TEXT (account), TEXT (contact), END };
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), INTEGER (policy), END };

  if (!valid_jids (account, contact))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a policy cannot be stored", error);
  if (policy == -1)
    return change (store, "DELETE FROM policies WHERE account = ?1 AND contact = ?2", jids, NULL, error);

  return change (store, "INSERT OR REPLACE INTO policies VALUES (?1, ?2, ?3)", values, NULL, error);
}
