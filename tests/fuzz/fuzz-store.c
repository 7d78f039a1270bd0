/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of remembered devices, as somebody else left it: octets; octets of a good file changed; or rows that a script has
 * written past all checks. A file that is refused as damaged keeps its octets. One that opens is used as a script has it, and opens
 * again. In one that is sealed nobody has changed a device. */
#include <string.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-store-outbox.h"
#include "fuzz.h"

#include "../es-at.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

typedef struct
{
  char *octets;
  gsize size;
} File;

static File plain, sealed;
static GPtrArray *sealed_devices; /* of EsDevice */
static char *path;
static guint8 key_octets[32] = { 1 };

static EsSecret *
secret (guint number)
{
  guint8 octets[32];

  memset (octets, (int) number, sizeof octets);
  return es_secret_new_from (octets, sizeof octets);
}

static void
add_entries (EsStore *store)
{
  EsSecret *content = secret ('<');
  EsStored *entry = es_stored_new (ES_STORED_WAITING_TEXT, es_at (ALICE), es_at (BOB), 100, "label", content);

  g_assert (es_store_outbox_add (store, &entry, 1, NULL));
  es_stored_free (entry);
}

static void
fill_store (EsStore *store)
{
  g_autoptr (EsSecret) one = secret (1), two = secret (2), three = secret (3);
  gint64 device = es_store_add (store, es_at (ALICE), es_at (BOB), one, TRUE, 100, NULL);

  g_assert (device > 0 && es_store_add (store, es_at (ALICE), es_at (BOB), two, FALSE, 200, NULL) > 0);
  g_assert (es_store_add_pending (store, es_at (ALICE), es_at (BOB), device, one, three, NULL));
  g_assert (es_store_set_verified (store, device, TRUE, 300, NULL)
            && es_store_set_name (store, device, "Laptop", NULL));
  g_assert (es_store_set_strength (store, es_at (ALICE), es_at (BOB), device, 12345, NULL));
  g_assert (es_store_set_policy (store, es_at (ALICE), es_at (BOB), 2, NULL));
  g_assert (es_store_add_password_failure (store, es_at (ALICE), es_at (BOB), 100, NULL));
  add_entries (store);
}

static void
make_file (File *file, gboolean seal)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (EsSecret) key = es_secret_new_from (key_octets, sizeof key_octets);

  g_unlink (path);
  store = es_store_open (path, NULL);
  g_assert (store != NULL);
  fill_store (store);
  if (seal)
    {
      EsProtection protection;

      es_protection_init (&protection, ES_PROTECTION_KEYRING, TRUE);
      g_assert (es_store_protect (store, &protection, key, NULL));
      sealed_devices = es_store_all_devices (store, NULL);
      g_assert (sealed_devices->len == 2);
    }
  g_clear_pointer (&store, es_store_close);
  g_assert (g_file_get_contents (path, &file->octets, &file->size, NULL));
}

void
fuzz_setup (void)
{
  path = g_build_filename (fuzz_folder (), "esession.db", NULL);
  make_file (&plain, FALSE);
  make_file (&sealed, TRUE);
}

/* The file */

static void
write_octets (const void *octets, gsize size)
{
  static const char *const former[] = { "", "-journal", "-wal", "-shm" };

  for (gsize i = 0; i < G_N_ELEMENTS (former); i++)
    {
      g_autofree char *name = g_strconcat (path, former[i], NULL);

      g_unlink (name);
    }
  g_assert (g_file_set_contents_full (path, octets, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

static void
write_changed (const File *file, Script *script)
{
  g_autofree char *octets = g_memdup2 (file->octets, file->size);

  for (guint n = 1 + script_below (script, 8); n > 0; n--)
    {
      gsize at = (script_octet (script) << 16 | script_octet (script) << 8 | script_octet (script)) % file->size;

      octets[at] = (char) script_octet (script);
    }
  write_octets (octets, script_octet (script) % 8 == 1 ? script_below (script, 65536) % file->size : file->size);
}

static void
bind_value (sqlite3_stmt *statement, int at, Script *script)
{
  g_autofree char *text = NULL;
  g_autoptr (GBytes) bytes = NULL;
  static const gint64 numbers[]
      = { 0, 1, 2, -1, 3, 253402300799, 253402300800, G_MAXINT64, G_MININT64, G_MAXINT32, 1073741824 };

  switch (script_below (script, 6))
    {
    case 0:
      sqlite3_bind_null (statement, at);
      break;
    case 1:
      sqlite3_bind_int64 (statement, at, numbers[script_below (script, G_N_ELEMENTS (numbers))]);
      break;
    case 2:
      text = script_word (script);
      sqlite3_bind_text (statement, at, text, -1, SQLITE_TRANSIENT);
      break;
    case 3:
      bytes = script_bytes (script);
      sqlite3_bind_blob (statement, at, g_bytes_get_data (bytes, NULL), (int) g_bytes_get_size (bytes),
                         SQLITE_TRANSIENT);
      break;
    case 4:
      sqlite3_bind_zeroblob (statement, at, (int) script_below (script, 2000));
      break;
    default:
      sqlite3_bind_int64 (statement, at, script_octet (script));
    }
}

static const char *const changes[] = {
  "UPDATE devices SET id = ?1 WHERE id = ?2",
  "UPDATE devices SET account = ?1",
  "UPDATE devices SET contact = ?1 WHERE id = ?2",
  "UPDATE devices SET name = ?1",
  "UPDATE devices SET verified = ?1",
  "UPDATE devices SET confirmed = ?1",
  "UPDATE devices SET created = ?1",
  "UPDATE devices SET verified_at = ?1",
  "UPDATE devices SET last_used = ?1",
  "UPDATE devices SET newest = ?1 WHERE id = ?2",
  "UPDATE devices SET older = ?1",
  "UPDATE devices SET pending = ?1",
  "UPDATE devices SET strength = ?1",
  "UPDATE devices SET older = newest",
  "UPDATE devices SET newest = (SELECT newest FROM devices WHERE id = ?1)",
  "DELETE FROM devices WHERE id = ?1",
  "INSERT INTO devices (account, contact, verified, confirmed, created, verified_at, last_used, newest) VALUES (?1, "
  "?2, 0, 0, 1, 0, 1, ?3)",
  "INSERT INTO devices SELECT id + 10, account, ?1, name, verified, confirmed, created, verified_at, last_used, "
  "newest, older, strength, pending FROM devices",
  "UPDATE policies SET policy = ?1",
  "INSERT INTO policies VALUES (?1, ?2, ?3)",
  "UPDATE failures SET count = ?1",
  "INSERT INTO failures VALUES (?1, ?2, ?3, 1)",
  "UPDATE outbox SET id = ?1",
  "UPDATE outbox SET account = ?1",
  "UPDATE outbox SET contact = ?1",
  "UPDATE outbox SET kind = ?1",
  "UPDATE outbox SET for_verified = ?1",
  "UPDATE outbox SET written = ?1",
  "UPDATE outbox SET label = ?1",
  "UPDATE outbox SET content = ?1",
  "INSERT INTO outbox VALUES (NULL, '" ALICE "', ?1, ?2, 0, 1, ?3, ?4)",
  "INSERT INTO protection VALUES (1, ?1, ?2, ?3, NULL, NULL, ?4)",
  "UPDATE protection SET kind = ?1",
  "UPDATE protection SET item = ?1",
  "UPDATE protection SET cost = ?1, salt = ?2",
  "UPDATE protection SET wrapped = ?1",
  "DELETE FROM protection",
  "UPDATE sqlite_sequence SET seq = ?1",
  "DELETE FROM sqlite_sequence",
  "PRAGMA user_version = 2",
  "PRAGMA user_version = 5",
  "PRAGMA application_id = 1",
  "DROP INDEX devices_contact",
  "DROP TABLE failures",
  "CREATE TRIGGER t AFTER UPDATE ON devices BEGIN DELETE FROM devices; END",
  "CREATE VIEW v AS SELECT * FROM devices",
};

static void
write_rows (const File *file, Script *script)
{
  sqlite3 *db = NULL;

  write_octets (file->octets, file->size);
  g_assert (sqlite3_open (path, &db) == SQLITE_OK);
  sqlite3_exec (db, "PRAGMA ignore_check_constraints = ON", NULL, NULL, NULL);
  for (guint n = 1 + script_below (script, 4); n > 0; n--)
    {
      sqlite3_stmt *statement = NULL;

      if (sqlite3_prepare_v2 (db, changes[script_below (script, G_N_ELEMENTS (changes))], -1, &statement, NULL)
          != SQLITE_OK)
        continue;
      for (int i = 1; i <= sqlite3_bind_parameter_count (statement); i++)
        bind_value (statement, i, script);
      sqlite3_step (statement);
      sqlite3_finalize (statement);
    }
  sqlite3_close (db);
}

/* Its use */

static void
check_devices (const GPtrArray *devices, gboolean is_sealed)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];
      gboolean found = FALSE;

      g_assert (device->id > 0 && device->pending->len <= ES_LIMIT_PENDING_SECRETS);
      g_assert (es_secret_size (device->newest) >= 16 && es_secret_size (device->newest) <= 64);
      for (guint j = 0; is_sealed && j < sealed_devices->len; j++)
        {
          const EsDevice *known = sealed_devices->pdata[j];

          found = found
                  || (known->id == device->id && known->verified == device->verified
                      && es_address_equal (known->contact, device->contact)
                      && es_secret_equal (known->newest, device->newest) && known->pending->len == device->pending->len
                      && known->verified_at == device->verified_at && known->strength == device->strength);
        }
      g_assert (found || !is_sealed);
    }
}

static void
change (EsStore *store, Script *script)
{
  const EsAddress *contact = es_at (script_octet (script) % 2 == 0 ? BOB : "carol@example.net");
  g_autoptr (EsSecret) one = secret (1 + script_below (script, 4)), two = secret (1 + script_below (script, 8));
  g_autoptr (GPtrArray) held = g_ptr_array_new ();
  gint64 device = script_below (script, 4), now = 1000;
  g_autofree char *text = NULL;

  g_ptr_array_add (held, one);
  switch (script_below (script, 12))
    {
    case 0:
      es_store_add (store, es_at (ALICE), contact, one, TRUE, now, NULL);
      break;
    case 1:
      es_store_add_pending (store, es_at (ALICE), contact, device, one, two, NULL);
      break;
    case 2:
      es_store_prove (store, device, script_octet (script) % 4 != 0 ? held : NULL, two, now, NULL);
      break;
    case 3:
      es_store_replace (store, es_at (ALICE), contact, device, one, held, two, now, NULL);
      break;
    case 4:
      es_store_set_verified (store, device, TRUE, now, NULL);
      break;
    case 5:
      text = script_text (script);
      es_store_set_name (store, device, text, NULL);
      break;
    case 6:
      es_store_forget (store, device, NULL);
      break;
    case 7:
      es_store_expire (store, FALSE, now, NULL, NULL, NULL);
      break;
    case 8:
      es_store_set_policy (store, es_at (ALICE), contact, (int) device - 1, NULL);
      break;
    case 9:
      es_store_add_password_failure (store, es_at (ALICE), contact, now, NULL);
      break;
    case 10:
      es_store_outbox_remove_contact (store, es_at (ALICE), contact, NULL);
      break;
    default:
      es_store_forget_contact (store, es_at (ALICE), contact, NULL);
    }
}

static void
read_all (EsStore *store, gboolean is_sealed)
{
  g_autoptr (GPtrArray) devices = es_store_all_devices (store, NULL), entries = NULL;
  g_autoptr (GPtrArray) of_bob = es_store_devices (store, es_at (ALICE), es_at (BOB), NULL);
  guint count = 0;
  gint64 last = 0;

  if (devices != NULL)
    check_devices (devices, is_sealed);
  g_assert (of_bob == NULL || of_bob->len <= ES_LIMIT_DEVICES);
  g_assert (es_store_policy (store, es_at (ALICE), es_at (BOB), NULL) >= -2);
  es_store_password_failures (store, es_at (ALICE), es_at (BOB), &count, &last, NULL);
  entries = es_store_outbox_load (store, es_at (ALICE), NULL, NULL);
  for (guint i = 0; entries != NULL && i < entries->len; i++)
    {
      const EsStored *entry = entries->pdata[i];

      g_assert (entry->kind < ES_N_STORED_KINDS && es_secret_size (entry->content) >= 1);
      g_assert (es_secret_size (entry->content) <= ES_LIMIT_STORED_OCTETS);
    }
}

/* NULL where it does not open: then all is as it was if it is said to be damaged. */
static EsStore *
open_store (void)
{
  File before = { NULL, 0 }, after = { NULL, 0 };
  g_autoptr (GError) error = NULL;
  EsStore *store = NULL;

  g_assert (g_file_get_contents (path, &before.octets, &before.size, NULL));
  store = es_store_open (path, &error);
  g_assert ((store == NULL) == (error != NULL));
  if (store == NULL && error->code == ES_ERROR_STORE_DAMAGED)
    {
      g_assert (g_file_get_contents (path, &after.octets, &after.size, NULL));
      g_assert (before.size == after.size && memcmp (before.octets, after.octets, before.size) == 0);
    }
  g_free (before.octets);
  g_free (after.octets);
  return store;
}

static gboolean
unlock (EsStore *store)
{
  g_autoptr (EsSecret) key = es_secret_new_from (key_octets, sizeof key_octets);

  return !es_store_is_locked (store) || es_store_unlock (store, key, NULL);
}

static void
use (Script *script, gboolean is_sealed)
{
  g_autoptr (EsStore) store = open_store (), again = NULL;
  gboolean locked = FALSE, unlocked = FALSE;

  if (store == NULL)
    return;
  locked = es_store_is_locked (store);
  read_all (store, is_sealed && locked);
  unlocked = unlock (store);
  read_all (store, is_sealed && locked);
  while (!script_is_over (script))
    change (store, script);
  read_all (store, FALSE);
  g_clear_pointer (&store, es_store_close);
  again = open_store ();
  g_assert (again != NULL && (unlock (again) || !unlocked));
  read_all (again, FALSE);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Script script = { data, size };
  guint how = script_octet (&script) % 5;
  const File *file = how % 2 == 1 ? &sealed : &plain;

  if (size > 65536)
    return 0;
  if (how == 4)
    write_octets (script.at, script.left);
  else if (how / 2 == 0)
    write_changed (file, &script);
  else
    write_rows (file, &script);
  fuzz_begin ();
  if (how == 4)
    script.left = 0;
  use (&script, how % 2 == 1);
  fuzz_require_memory (size, 8 * 1024 * 1024);
  return 0;
}
