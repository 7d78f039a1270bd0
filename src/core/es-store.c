/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-store-private.h"

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
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

/* What we write is what es_store_read would take. Numbers are left to the tables. */
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

/* A transaction, in a store that is not locked. */
static gboolean
begin (EsStore *store, GError **error)
{
  if (!es_sqlite_begin (store->db, error))
    return FALSE;
  return es_store_check (store, error) || es_sqlite_finish (store->db, FALSE, NULL);
}

/* One statement as a transaction. */
static gboolean
change (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error)
{
  return begin (store, error) && es_sqlite_finish (store->db, es_sqlite_run (store->db, sql, values, error), error);
}

static EsDevice *
read_one (EsStore *store, gint64 id, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (id), END };
  g_autoptr (GPtrArray) devices = es_store_read (store, ES_STORE_SELECT "WHERE id = ?1", values, error);

  if (devices == NULL)
    return NULL;
  if (devices->len == 0)
    {
      es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such device", error);
      return NULL;
    }
  return g_ptr_array_steal_index (devices, 0);
}

/* EDIT (device, DATA) as a transaction. */
static gboolean
alter (EsStore *store,
       gint64 id,
       void (*edit) (EsDevice *device, gconstpointer data),
       gconstpointer data,
       GError **error)
{
  g_autoptr (EsDevice) device = NULL;

  if (!begin (store, error))
    return FALSE;
  device = read_one (store, id, error);
  if (device != NULL)
    edit (device, data);
  return es_sqlite_finish (store->db, device != NULL && es_store_write (store, device, error), error);
}

/* Opening */

EsStore *
es_store_open (const char *path, GError **error)
{
  g_autoptr (EsStore) store = g_new0 (EsStore, 1);
  g_autoptr (GPtrArray) devices = NULL;

  store->db = es_sqlite_open (path, &es_store_format, error);
  if (store->db == NULL || !es_store_read_protection (store, error))
    return NULL;
  if (es_store_is_locked (store))
    return g_steal_pointer (&store);

  /* Once every device was read, a change does not write over one that is not valid. */
  devices = es_store_read (store, ES_STORE_SELECT, NULL, error);
  return devices != NULL ? g_steal_pointer (&store) : NULL;
}

void
es_store_close (EsStore *store)
{
  if (store == NULL)
    return;

  es_sqlite_close (store->db);
  es_secret_free (store->wrapped);
  es_secret_free (store->key);
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
  const char *sql = ES_STORE_SELECT "WHERE account = ?1 AND (?2 IS NULL OR contact = ?2)";
  GPtrArray *devices = es_store_check (store, error) ? es_store_read (store, sql, values, error) : NULL;

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
  GPtrArray *devices = es_store_check (store, error) ? es_store_read (store, ES_STORE_SELECT, NULL, error) : NULL;

  if (devices != NULL)
    g_ptr_array_sort (devices, last_used_first);
  return devices;
}

/* Whether a session of ACCOUNT that ran on FOUND may change DEVICE: FOUND is one of its generations. */
static gboolean
check_found (EsStore *store, const char *account, const EsDevice *device, const EsSecret *found, GError **error)
{
  if (strcmp (device->account, account) != 0)
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such device", error);
  return es_secret_equal (found, device->newest) || (device->older != NULL && es_secret_equal (found, device->older))
         || es_sqlite_refuse (store->db, ES_ERROR_STORE, "the device does not hold that secret", error);
}

/* A row to be written over within the transaction: what is sealed is bound to its number. */
static EsDevice *
insert (EsStore *store, const char *account, const char *contact, gint64 now, GError **error)
{
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), INTEGER (now), END };
  EsDevice *device = NULL;

  if (!es_sqlite_run (store->db,
                      "INSERT INTO devices (account, contact, verified, confirmed, created, verified_at, last_used, "
                      "newest) VALUES (?1, ?2, 0, 0, ?3, 0, ?3, zeroblob (16))",
                      values, error))
    return NULL;
  device = g_new0 (EsDevice, 1);
  device->id = es_sqlite_inserted (store->db);
  device->account = g_strdup (account);
  device->created = now;
  return device;
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
  g_autoptr (EsDevice) changed = NULL;
  gboolean good = FALSE;

  if (!valid_jids (account, contact) || device < 0 || (device == 0) != (found == NULL))
    {
      es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a device cannot be remembered", error);
      return 0;
    }
  if (!begin (store, error))
    return 0;

  changed = device == 0 ? insert (store, account, contact, now, error) : read_one (store, device, error);
  good = changed != NULL && (found == NULL || check_found (store, account, changed, found, error));
  if (good)
    {
      g_free (changed->contact);
      es_secret_free (changed->newest);
      es_secret_free (changed->older);
      changed->contact = g_strdup (contact);
      changed->newest = es_secret_copy (secret);
      changed->older = confirmed ? NULL : es_secret_copy (found);
      changed->confirmed = confirmed;
      changed->last_used = now;
      good = es_store_write (store, changed, error) && make_room (store, account, contact, changed->id, error);
    }
  return es_sqlite_finish (store->db, good, error) ? changed->id : 0;
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

/* What a device may be changed by. */
typedef struct
{
  const EsSecret *secret;
  gboolean verified;
  guint32 strength;
  const char *name;
  gint64 now;
} Edit;

static void
edit_confirmed (EsDevice *device, gconstpointer data)
{
  const Edit *edit = data;

  device->last_used = edit->now;
  if (!es_secret_equal (device->newest, edit->secret))
    return;
  device->confirmed = TRUE;
  g_clear_pointer (&device->older, es_secret_free);
}

gboolean
es_store_confirm (EsStore *store, gint64 device, const EsSecret *secret, gint64 now, GError **error)
{
  return alter (store, device, edit_confirmed, &(Edit){ .secret = secret, .now = now }, error);
}

static void
edit_verified (EsDevice *device, gconstpointer data)
{
  const Edit *edit = data;

  device->verified = edit->verified;
  device->verified_at = edit->verified ? edit->now : 0;
}

gboolean
es_store_set_verified (EsStore *store, gint64 device, gboolean verified, gint64 now, GError **error)
{
  return alter (store, device, edit_verified, &(Edit){ .verified = verified != FALSE, .now = now }, error);
}

static void
edit_strength (EsDevice *device, gconstpointer data)
{
  device->strength = ((const Edit *) data)->strength;
}

gboolean
es_store_set_strength (EsStore *store, gint64 device, guint32 strength, GError **error)
{
  return alter (store, device, edit_strength, &(Edit){ .strength = strength }, error);
}

static void
edit_name (EsDevice *device, gconstpointer data)
{
  g_free (device->name);
  device->name = g_strdup (((const Edit *) data)->name);
}

gboolean
es_store_set_name (EsStore *store, gint64 device, const char *name, GError **error)
{
  const char *kept = name != NULL && *name != '\0' ? name : NULL;

  if (kept != NULL && !valid_text (kept, ES_LIMIT_NAME_OCTETS))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a name cannot be stored", error);

  return alter (store, device, edit_name, &(Edit){ .name = kept }, error);
}

gboolean
es_store_forget (EsStore *store, gint64 device, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), END };

  return change (store, "DELETE FROM devices WHERE id = ?1", values, error);
}

gboolean
es_store_forget_contact (EsStore *store, const char *account, const char *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), END };

  return change (store, "DELETE FROM devices WHERE account = ?1 AND contact = ?2", values, error);
}

gboolean
es_store_expire (EsStore *store, gboolean verified, gint64 before, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (before), INTEGER (verified != FALSE), END };

  return change (store, "DELETE FROM devices WHERE verified = ?2 AND last_used < ?1", values, error);
}

/* Policies */

int
es_store_policy (EsStore *store, const char *account, const char *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (account), TEXT (contact), END };
  const char *sql = "SELECT policy FROM policies WHERE account = ?1 AND contact = ?2";
  g_autoptr (EsSqliteRows) rows
      = es_store_check (store, error) ? es_sqlite_select (store->db, sql, values, error) : NULL;
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
    return change (store, "DELETE FROM policies WHERE account = ?1 AND contact = ?2", jids, error);

  return change (store, "INSERT OR REPLACE INTO policies VALUES (?1, ?2, ?3)", values, error);
}
