/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-store-private.h"

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define END ES_SQLITE_END

/* Beside the policy, if there is one, which is then one more than it was. */
#define LAPSED "65536"
#define LAPSE_TOLD "131072"
#define POLICY_BITS "65535"
#define IS_LAPSED "policy BETWEEN 65536 AND 262143 AND policy & " LAPSED

EsDevice *
es_store_device_new (void)
{
  EsDevice *device = g_new0 (EsDevice, 1);

  device->pending = es_secret_array_new ();
  return device;
}

void
es_device_free (EsDevice *device)
{
  if (device == NULL)
    return;

  es_address_unref (device->account);
  es_address_unref (device->contact);
  g_free (device->name);
  es_secret_free (device->newest);
  es_secret_free (device->older);
  g_ptr_array_unref (device->pending);
  g_free (device);
}

/* What we write is what es_store_read would take. Numbers are left to the tables. */
static gboolean
valid_text (const char *text, gsize max)
{
  return text != NULL && *text != '\0' && strlen (text) <= max && g_utf8_validate (text, -1, NULL);
}

static gboolean
valid_pair (const EsAddress *account, const EsAddress *contact)
{
  return account != NULL && contact != NULL && es_address_is_bare (account) && es_address_is_bare (contact);
}

/* NULL for NULL. */
static const char *
text_of (const EsAddress *address)
{
  return address != NULL ? es_address_text (address) : NULL;
}

gboolean
es_store_begin (EsStore *store, GError **error)
{
  if (!es_sqlite_begin (store->db, error))
    return FALSE;
  return (es_store_check (store, error) && es_store_check_lineage (store, error))
         || es_store_finish (store, FALSE, NULL);
}

/* One statement as a transaction. */
static gboolean
change (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error)
{
  return es_store_begin (store, error) && es_store_finish (store, es_sqlite_run (store->db, sql, values, error), error);
}

/* The row of that number in ROWS, which belong to the caller. One that is in no list is not there. */
static EsStoreRow *
read_one (EsStore *store, gint64 id, GPtrArray **rows, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (id), END };

  *rows = es_store_read (store, ES_STORE_SELECT "WHERE id = ?1", values, error);
  if (*rows == NULL)
    return NULL;
  if ((*rows)->len == 1 && es_store_row_is_prepared ((*rows)->pdata[0]))
    return (*rows)->pdata[0];
  es_sqlite_refuse (store->db, ES_ERROR_STALE, "no such device", error);
  return NULL;
}

/* What a device may be changed by. */
typedef struct
{
  const EsAddress *account;
  const EsAddress *contact;
  const EsSecret *found;
  const GPtrArray *held;
  const EsSecret *secret;
  gboolean verified;
  guint32 strength;
  const char *name;
  gint64 now;
} Edit;

/* EDIT (store, device, DATA) as a transaction. */
static gboolean
alter (EsStore *store,
       gint64 id,
       gboolean (*edit) (EsStore *store, EsDevice *device, const Edit *data, GError **error),
       const Edit *data,
       GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  EsStoreRow *row = NULL;

  if (!es_store_begin (store, error))
    return FALSE;
  row = read_one (store, id, &rows, error);
  return es_store_finish (
      store, row != NULL && edit (store, row->device, data, error) && es_store_write (store, row, error), error);
}

/* Opening */

static EsStore *
open_store (const char *path, gboolean patient, GError **error)
{
  g_autoptr (EsStore) store = g_new0 (EsStore, 1);
  g_autoptr (GPtrArray) rows = NULL;

  store->db = es_sqlite_open (path, patient, &es_store_format, error);
  if (store->db == NULL || !es_store_read_protection (store, error))
    return NULL;
  if (es_store_is_locked (store))
    return g_steal_pointer (&store);

  /* Once every device was read, a change does not write over one that is not valid. */
  rows = es_store_read (store, ES_STORE_SELECT, NULL, error);
  return rows != NULL && es_store_merge (store, rows, error) ? g_steal_pointer (&store) : NULL;
}

EsStore *
es_store_open (const char *path, GError **error)
{
  return open_store (path, TRUE, error);
}

EsStore *
es_store_try_open (const char *path, GError **error)
{
  return open_store (path, FALSE, error);
}

gboolean
es_store_is_busy (const EsStore *store)
{
  return es_sqlite_is_busy (store->db);
}

gboolean
es_store_has_moved (EsStore *store)
{
  return es_sqlite_has_moved (store->db);
}

gboolean
es_store_has_changed (EsStore *store)
{
  return es_sqlite_has_changed (store->db);
}

gboolean
es_store_was_seen (const EsStore *store)
{
  return es_sqlite_was_seen (store->db);
}

guint
es_store_revision (const EsStore *store)
{
  return store->revision;
}

void
es_store_close (EsStore *store)
{
  if (store == NULL)
    return;

  es_sqlite_close (store->db);
  es_secret_free (store->wrapped);
  es_secret_free (store->key);
  g_free (store->bound);
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

static void
free_device (gpointer data)
{
  es_device_free (data);
}

/* The devices of a query, those that are in lists, last used first. */
static GPtrArray *
list (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error)
{
  g_autoptr (GPtrArray) rows = es_store_check (store, error) ? es_store_read (store, sql, values, error) : NULL;
  GPtrArray *devices = rows != NULL ? g_ptr_array_new_with_free_func (free_device) : NULL;

  for (guint i = 0; rows != NULL && i < rows->len; i++)
    if (es_store_row_is_prepared (rows->pdata[i]))
      g_ptr_array_add (devices, g_steal_pointer (&((EsStoreRow *) rows->pdata[i])->device));

  /* Here and not in SQLite, whose sorter would hold more copies of the secrets. */
  if (devices != NULL)
    g_ptr_array_sort (devices, last_used_first);
  return devices;
}

GPtrArray *
es_store_devices (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };
  GPtrArray *devices = list (store, ES_STORE_SELECT "WHERE account = ?1 AND contact = ?2", values, error);

  if (devices != NULL && devices->len > ES_LIMIT_DEVICES)
    g_ptr_array_set_size (devices, ES_LIMIT_DEVICES);
  return devices;
}

GPtrArray *
es_store_all_devices (EsStore *store, GError **error)
{
  return list (store, ES_STORE_SELECT, NULL, error);
}

gboolean
es_store_make_room (EsStore *store, const char *account, const char *contact, gint64 device, GError **error)
{
  const EsSqliteValue values[]
      = { TEXT (account), TEXT (contact), INTEGER (device), INTEGER (ES_LIMIT_DEVICES - (device != 0 ? 1 : 0)), END };

  return es_sqlite_run (store->db,
                        "DELETE FROM devices WHERE account = ?1 AND contact = ?2 AND id <> ?3 AND id NOT IN "
                        "(SELECT id FROM devices WHERE account = ?1 AND contact = ?2 AND id <> ?3 "
                        "ORDER BY verified DESC, last_used DESC, id DESC LIMIT ?4)",
                        values, error);
}

/* A row to be written over within the transaction: what is sealed is bound to its number. */
gboolean
es_store_insert (EsStore *store, const EsStoreRow *row, GError **error)
{
  const EsSqliteValue values[] = { TEXT (row->account), TEXT (row->contact), INTEGER (row->device->created), END };

  if (!es_sqlite_run (store->db,
                      "INSERT INTO devices (account, contact, verified, confirmed, created, verified_at, last_used, "
                      "newest) VALUES (?1, ?2, 0, 0, ?3, 0, ?3, zeroblob (16))",
                      values, error))
    return FALSE;
  row->device->id = es_sqlite_inserted (store->db);
  return es_store_write (store, row, error)
         && es_store_make_room (store, row->account, row->contact, row->device->id, error);
}

gint64
es_store_add (EsStore *store,
              const EsAddress *account,
              const EsAddress *contact,
              const EsSecret *secret,
              gboolean confirmed,
              gint64 now,
              GError **error)
{
  g_autoptr (EsDevice) device = es_store_device_new ();
  EsStoreRow row = { device, (char *) text_of (account), (char *) text_of (contact) };

  if (!valid_pair (account, contact))
    {
      es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a device cannot be remembered", error);
      return 0;
    }
  device->newest = es_secret_copy (secret);
  device->confirmed = confirmed != FALSE;
  device->created = device->last_used = now;
  return es_store_begin (store, error) && es_store_finish (store, es_store_insert (store, &row, error), error)
             ? device->id
             : 0;
}

/* Where SECRET (or NULL) stands among the pending ones of DEVICE; -1 if nowhere. */
static int
find_pending (const EsDevice *device, const EsSecret *secret)
{
  for (guint i = 0; secret != NULL && i < device->pending->len; i++)
    if (es_secret_equal (device->pending->pdata[i], secret))
      return (int) i;
  return -1;
}

gboolean
es_store_holds (const EsDevice *device, const EsSecret *secret)
{
  return secret != NULL
         && (es_secret_equal (secret, device->newest)
             || (device->older != NULL && es_secret_equal (secret, device->older))
             || find_pending (device, secret) >= 0);
}

/* A number alone may be that of somebody else's device by now. */
static gboolean
check_pair (EsStore *store, const EsDevice *device, const Edit *edit, GError **error)
{
  return (es_address_equal (device->account, edit->account) && es_address_equal (device->contact, edit->contact))
         || es_sqlite_refuse (store->db, ES_ERROR_STALE, "no such device", error);
}

/* Whether a session with that contact that ran on what it found may change DEVICE. */
static gboolean
check_found (EsStore *store, const EsDevice *device, const Edit *edit, GError **error)
{
  if (!check_pair (store, device, edit, error))
    return FALSE;
  return es_store_holds (device, edit->found)
         || es_sqlite_refuse (store->db, ES_ERROR_STALE, "the device does not hold that secret", error);
}

/* Nothing is erased for it: any of them may be the only one that the other side holds, and whoever sends old messages 3 again
 * brings in as many as he has collected. */
static gboolean
edit_pending (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  if (!check_found (store, device, edit, error))
    return FALSE;
  if (device->pending->len >= ES_LIMIT_PENDING_SECRETS)
    return es_sqlite_refuse (store->db, ES_ERROR_BUSY, "too many secrets wait to be proven", error);
  g_ptr_array_add (device->pending, es_secret_copy (edit->secret));
  return TRUE;
}

gboolean
es_store_add_pending (EsStore *store,
                      const EsAddress *account,
                      const EsAddress *contact,
                      gint64 device,
                      const EsSecret *found,
                      const EsSecret *secret,
                      GError **error)
{
  const Edit edit = { .account = account, .contact = contact, .found = found, .secret = secret };

  return alter (store, device, edit_pending, &edit, error);
}

/* Whether a proof of the session makes SECRET void: its device held that when it looked for one. */
static gboolean
is_voided (const Edit *edit, const EsSecret *secret)
{
  for (guint i = 0; edit->held != NULL && i < edit->held->len; i++)
    if (es_secret_equal (edit->held->pdata[i], secret))
      return TRUE;
  return FALSE;
}

/* Its secret is the newest one. What came after the session had looked is kept: whoever delays a proof must not make void by it
 * what may be all that the other side holds by now. */
static gboolean
settle (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  for (guint i = device->pending->len; i-- > 0;)
    if (es_secret_equal (device->pending->pdata[i], edit->secret) || is_voided (edit, device->pending->pdata[i]))
      g_ptr_array_remove_index (device->pending, i);
  if (!is_voided (edit, device->newest))
    {
      if (device->pending->len >= ES_LIMIT_PENDING_SECRETS)
        return es_sqlite_refuse (store->db, ES_ERROR_BUSY, "too many secrets wait to be proven", error);
      g_ptr_array_add (device->pending, es_secret_copy (device->newest));
    }
  es_secret_free (device->newest);
  device->newest = es_secret_copy (edit->secret);
  return TRUE;
}

static void
confirm (EsDevice *device, const Edit *edit)
{
  g_clear_pointer (&device->older, es_secret_free);
  device->confirmed = TRUE;
  device->last_used = edit->now;
}

/* A secret that is gone was voided by the proof of a session that looked later. */
static gboolean
edit_proven (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  if (edit->secret == NULL)
    return es_sqlite_refuse (store->db, ES_ERROR_STALE, "no such secret", error);
  if (!es_store_holds (device, edit->secret))
    return TRUE;
  if (!es_secret_equal (edit->secret, device->newest) && !settle (store, device, edit, error))
    return FALSE;
  confirm (device, edit);
  return TRUE;
}

gboolean
es_store_prove (EsStore *store,
                gint64 device,
                const GPtrArray *held,
                const EsSecret *secret,
                gint64 now,
                GError **error)
{
  return alter (store, device, edit_proven, &(Edit){ .held = held, .secret = secret, .now = now }, error);
}

static gboolean
edit_replaced (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  if (!check_found (store, device, edit, error))
    return FALSE;
  if (!settle (store, device, edit, error))
    return FALSE;
  confirm (device, edit);
  return TRUE;
}

gboolean
es_store_replace (EsStore *store,
                  const EsAddress *account,
                  const EsAddress *contact,
                  gint64 device,
                  const EsSecret *found,
                  const GPtrArray *held,
                  const EsSecret *secret,
                  gint64 now,
                  GError **error)
{
  const Edit edit
      = { .account = account, .contact = contact, .found = found, .held = held, .secret = secret, .now = now };

  return alter (store, device, edit_replaced, &edit, error);
}

/* The contact has a verified device again. */
gboolean
es_store_end_lapse (EsStore *store, const EsDevice *device, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (device->account)), TEXT (text_of (device->contact)), END };

  return es_sqlite_run (store->db,
                        "DELETE FROM policies WHERE account = ?1 AND contact = ?2 AND " IS_LAPSED
                        " AND policy & " POLICY_BITS " = 0",
                        values, error)
         && es_sqlite_run (store->db,
                           "UPDATE policies SET policy = (policy & " POLICY_BITS ") - 1 "
                           "WHERE account = ?1 AND contact = ?2 AND " IS_LAPSED,
                           values, error);
}

static gboolean
edit_verified (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  device->verified = edit->verified;
  device->verified_at = edit->verified ? edit->now : 0;
  return !edit->verified || es_store_end_lapse (store, device, error);
}

gboolean
es_store_set_verified (EsStore *store, gint64 device, gboolean verified, gint64 now, GError **error)
{
  return alter (store, device, edit_verified, &(Edit){ .verified = verified != FALSE, .now = now }, error);
}

static gboolean
edit_used (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  device->last_used = MAX (device->last_used, edit->now);
  return check_pair (store, device, edit, error);
}

gboolean
es_store_set_used (EsStore *store,
                   const EsAddress *account,
                   const EsAddress *contact,
                   gint64 device,
                   gint64 now,
                   GError **error)
{
  const Edit edit = { .account = account, .contact = contact, .now = now };

  return alter (store, device, edit_used, &edit, error);
}

static gboolean
edit_compared (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  return check_pair (store, device, edit, error) && edit_verified (store, device, edit, error);
}

gboolean
es_store_verify (EsStore *store,
                 const EsAddress *account,
                 const EsAddress *contact,
                 gint64 device,
                 gint64 now,
                 GError **error)
{
  const Edit edit = { .account = account, .contact = contact, .verified = TRUE, .now = now };

  return alter (store, device, edit_compared, &edit, error);
}

static gboolean
edit_strength (EsStore *store, EsDevice *device, const Edit *edit, GError **error)
{
  if (!check_pair (store, device, edit, error))
    return FALSE;
  device->strength = edit->strength;
  return TRUE;
}

gboolean
es_store_set_strength (EsStore *store,
                       const EsAddress *account,
                       const EsAddress *contact,
                       gint64 device,
                       guint32 strength,
                       GError **error)
{
  const Edit edit = { .account = account, .contact = contact, .strength = strength };

  return alter (store, device, edit_strength, &edit, error);
}

static gboolean
edit_name (EsStore *store G_GNUC_UNUSED, EsDevice *device, const Edit *edit, GError **error G_GNUC_UNUSED)
{
  g_free (device->name);
  device->name = g_strdup (edit->name);
  return TRUE;
}

gboolean
es_store_set_name (EsStore *store, gint64 device, const char *name, GError **error)
{
  const char *kept = name != NULL && *name != '\0' ? name : NULL;

  if (kept != NULL && !valid_text (kept, ES_LIMIT_NAME_OCTETS))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a name cannot be stored", error);

  return alter (store, device, edit_name, &(Edit){ .name = kept }, error);
}

/* From both lists: what is here, and what was moved away. */
static gboolean
forget (EsStore *store, const char *here, const char *moved, const EsSqliteValue *values, GError **error)
{
  return es_store_begin (store, error)
         && es_store_finish (
             store, es_sqlite_run (store->db, here, values, error) && es_sqlite_run (store->db, moved, values, error),
             error);
}

gboolean
es_store_forget (EsStore *store, gint64 device, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), END };

  return forget (store, "DELETE FROM devices WHERE id = ?1", "DELETE FROM moved WHERE id = ?1", values, error);
}

gboolean
es_store_forget_of (EsStore *store, const EsAddress *account, const EsAddress *contact, gint64 device, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), TEXT (text_of (account)), TEXT (text_of (contact)), END };

  return change (store, "DELETE FROM devices WHERE id = ?1 AND account = ?2 AND contact = ?3", values, error);
}

gboolean
es_store_forget_contact (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };

  return forget (store, "DELETE FROM devices WHERE account = ?1 AND contact = ?2",
                 "DELETE FROM moved WHERE account = ?1 AND contact = ?2", values, error);
}

/* What is true of a device that was last used before ?1 and is not KEPT. The caller's. */
static char *
is_old (const GArray *kept)
{
  GString *condition = g_string_new ("(last_used < ?1 AND id NOT IN (0");

  for (guint i = 0; kept != NULL && i < kept->len; i++)
    g_string_append_printf (condition, ", %" G_GINT64_FORMAT, g_array_index (kept, gint64, i));
  g_string_append (condition, "))");
  return g_string_free (condition, FALSE);
}

/* What becomes of a policy, or of none, with that. */
#define LAPSE                                                                                                          \
  "ON CONFLICT (account, contact) DO UPDATE SET policy = CASE WHEN policy < " POLICY_BITS " THEN policy + 1 + " LAPSED \
  " WHEN " IS_LAPSED " THEN policy & ~" LAPSE_TOLD " ELSE policy END"

gboolean
es_store_let_lapse (EsStore *store, const char *which, const EsSqliteValue *values, GError **error)
{
  g_autofree char *sql
      = g_strdup_printf ("INSERT INTO policies SELECT account, contact, " LAPSED
                         " FROM devices WHERE verified GROUP BY account, contact HAVING min (%s) " LAPSE,
                         which);

  return es_sqlite_run (store->db, sql, values, error);
}

gboolean
es_store_begin_lapse (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };

  return es_sqlite_run (store->db, "INSERT INTO policies VALUES (?1, ?2, " LAPSED ") " LAPSE, values, error);
}

/* The contacts whose verified devices are all among those that WHICH is true of have lapsed, of which nobody has to be told; and those devices are
 * forgotten. */
static gboolean
lose (EsStore *store, const char *which, const EsSqliteValue *values, GError **error)
{
  g_autofree char *tell = g_strdup_printf ("UPDATE policies SET policy = policy | " LAPSE_TOLD " WHERE " IS_LAPSED
                                           " AND (account, contact) "
                                           "IN (SELECT account, contact FROM devices WHERE verified AND %s)",
                                           which);
  g_autofree char *here = g_strdup_printf ("DELETE FROM devices WHERE %s", which);
  g_autofree char *moved = g_strdup_printf ("DELETE FROM moved WHERE %s", which);

  return es_store_begin (store, error)
         && es_store_finish (
             store,
             es_store_let_lapse (store, which, values, error) && es_sqlite_run (store->db, tell, values, error)
                 && es_sqlite_run (store->db, here, values, error) && es_sqlite_run (store->db, moved, values, error),
             error);
}

gboolean
es_store_lose (EsStore *store, gint64 device, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (device), END };

  return lose (store, "id = ?1", values, error);
}

gboolean
es_store_lose_contact (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };

  return lose (store, "account = ?1 AND contact = ?2", values, error);
}

gboolean
es_store_expire (EsStore *store, gboolean verified, gint64 before, const GArray *kept, guint *n, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (before), INTEGER (verified != FALSE), END };
  const EsSqliteValue then[] = { values[0], END };
  g_autofree char *old = is_old (kept);
  g_autofree char *erase = g_strdup_printf ("DELETE FROM devices WHERE verified = ?2 AND %s", old);
  gboolean good = FALSE;

  if (!es_store_begin (store, error))
    return FALSE;
  good = (!verified || es_store_let_lapse (store, old, then, error)) && es_sqlite_run (store->db, erase, values, error);
  if (good && n != NULL)
    *n += (guint) es_sqlite_changed (store->db);
  return es_store_finish (store, good, error);
}

gint64
es_store_last_used (EsStore *store)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, "SELECT max (last_used) FROM devices", NULL, NULL);
  gint64 last = 0;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, NULL) || !row
      || !es_sqlite_integer (rows, 0, 0, ES_STORE_TIME_MAX, &last))
    return 0;
  return last;
}

/* Nothing that stands between them is in an address. */
char *
es_store_contact_key (const EsAddress *account, const EsAddress *contact)
{
  return g_strconcat (es_address_text (account), "\n", es_address_text (contact), NULL);
}

GHashTable *
es_store_contacts (EsStore *store, GError **error)
{
  const char *sql = "SELECT account || char (10) || contact FROM devices "
                    "UNION SELECT account || char (10) || contact FROM policies "
                    "UNION SELECT account || char (10) || contact FROM differed "
                    "UNION SELECT account || char (10) || contact FROM failures";
  g_autoptr (EsSqliteRows) rows = es_store_check (store, error) ? es_sqlite_select (store->db, sql, NULL, error) : NULL;
  g_autoptr (GHashTable) contacts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      char *key = NULL;

      if (es_sqlite_text (rows, 0, 1, 2 * ES_LIMIT_JID_OCTETS + 1, &key))
        g_hash_table_add (contacts, key);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&contacts);
}

/* Policies */

/* What stands there, in two parts; -1 and ES_LAPSE_NONE for nothing. */
static gboolean
read_policy (EsStore *store,
             const EsAddress *account,
             const EsAddress *contact,
             gint64 *policy,
             EsLapse *lapse,
             GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };
  const char *sql = "SELECT CASE WHEN " IS_LAPSED " THEN (policy & " POLICY_BITS ") - 1 ELSE policy END, "
                    "CASE WHEN " IS_LAPSED " THEN 1 + (policy & " LAPSE_TOLD " <> 0) ELSE 0 END "
                    "FROM policies WHERE account = ?1 AND contact = ?2";
  g_autoptr (EsSqliteRows) rows
      = es_store_check (store, error) ? es_sqlite_select (store->db, sql, values, error) : NULL;
  gint64 lapsed = ES_LAPSE_NONE;
  gboolean row = FALSE;

  *policy = -1;
  *lapse = ES_LAPSE_NONE;
  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return FALSE;
  if (row
      && (!es_sqlite_integer (rows, 0, -1, G_MAXINT, policy)
          || !es_sqlite_integer (rows, 1, ES_LAPSE_NONE, ES_LAPSE_TOLD, &lapsed)))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a policy is not valid", error);
  *lapse = (EsLapse) lapsed;
  return TRUE;
}

int
es_store_policy (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  gint64 policy = -1;
  EsLapse lapse = ES_LAPSE_NONE;

  return read_policy (store, account, contact, &policy, &lapse, error) ? (int) policy : -2;
}

gboolean
es_store_lapse (EsStore *store, const EsAddress *account, const EsAddress *contact, EsLapse *lapse, GError **error)
{
  gint64 policy = -1;

  return read_policy (store, account, contact, &policy, lapse, error);
}

gboolean
es_store_lapse_told (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };

  return change (store,
                 "UPDATE policies SET policy = policy | " LAPSE_TOLD " "
                 "WHERE account = ?1 AND contact = ?2 AND " IS_LAPSED,
                 values, error);
}

gboolean
es_store_write_policy (EsStore *store, const EsAddress *account, const EsAddress *contact, int policy, GError **error)
{
  const EsSqliteValue pair[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };
  const EsSqliteValue values[] = { pair[0], pair[1], INTEGER (policy), END };

  return policy == -1
             ? es_sqlite_run (store->db,
                              "DELETE FROM policies WHERE account = ?1 AND contact = ?2 AND NOT (" IS_LAPSED ")", pair,
                              error)
                   && es_sqlite_run (store->db,
                                     "UPDATE policies SET policy = policy & ~" POLICY_BITS " "
                                     "WHERE account = ?1 AND contact = ?2",
                                     pair, error)
             : es_sqlite_run (store->db,
                              "INSERT INTO policies VALUES (?1, ?2, ?3) "
                              "ON CONFLICT (account, contact) DO UPDATE SET policy = CASE WHEN " IS_LAPSED " "
                              "THEN (policy & ~" POLICY_BITS ") + ?3 + 1 ELSE ?3 END",
                              values, error);
}

gboolean
es_store_set_policy (EsStore *store, const EsAddress *account, const EsAddress *contact, int policy, GError **error)
{
  if (!valid_pair (account, contact))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a policy cannot be stored", error);
  return es_store_begin (store, error)
         && es_store_finish (store, es_store_write_policy (store, account, contact, policy, error), error);
}

/* Codes that differed */

gboolean
es_store_differed (EsStore *store,
                   const EsAddress *account,
                   const EsAddress *contact,
                   gboolean *differed,
                   GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };
  const char *sql = "SELECT 1 FROM differed WHERE account = ?1 AND contact = ?2";
  g_autoptr (EsSqliteRows) rows
      = es_store_check (store, error) ? es_sqlite_select (store->db, sql, values, error) : NULL;

  return rows != NULL && es_sqlite_next (store->db, rows, differed, error);
}

gboolean
es_store_set_differed (EsStore *store,
                       const EsAddress *account,
                       const EsAddress *contact,
                       gboolean differed,
                       GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };

  if (!valid_pair (account, contact))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such contact", error);
  return change (store,
                 differed ? "INSERT OR IGNORE INTO differed VALUES (?1, ?2)"
                          : "DELETE FROM differed WHERE account = ?1 AND contact = ?2",
                 values, error);
}

/* Passwords that were wrong */

gboolean
es_store_password_failures (EsStore *store,
                            const EsAddress *account,
                            const EsAddress *contact,
                            guint *count,
                            gint64 *last,
                            GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };
  const char *sql = "SELECT count, last FROM failures WHERE account = ?1 AND contact = ?2";
  g_autoptr (EsSqliteRows) rows
      = es_store_check (store, error) ? es_sqlite_select (store->db, sql, values, error) : NULL;
  gint64 number = 0, time = 0;
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return FALSE;
  if (row
      && (!es_sqlite_integer (rows, 0, 1, G_MAXINT, &number)
          || !es_sqlite_integer (rows, 1, 0, ES_STORE_TIME_MAX, &time)))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a count is not valid", error);
  *count = (guint) number;
  *last = time;
  return TRUE;
}

gboolean
es_store_add_password_failure (EsStore *store,
                               const EsAddress *account,
                               const EsAddress *contact,
                               gint64 now,
                               GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), INTEGER (now), END };

  if (!valid_pair (account, contact))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "no such contact", error);
  return change (store,
                 "INSERT INTO failures VALUES (?1, ?2, 1, ?3) ON CONFLICT (account, contact) "
                 "DO UPDATE SET count = min (count + 1, 2147483647), last = excluded.last",
                 values, error);
}

gboolean
es_store_clear_password_failures (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error)
{
  const EsSqliteValue values[] = { TEXT (text_of (account)), TEXT (text_of (contact)), END };

  return change (store, "DELETE FROM failures WHERE account = ?1 AND contact = ?2", values, error);
}

const char *
es_store_engine_version (void)
{
  return es_sqlite_version ();
}
