/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of es-store and es-store-sqlite share: a directory of their own, secrets that can be
 * searched for in a file, a look at what a store holds, another program and another process. */
#pragma once
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <check.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-store-outbox.h"

#include "../es-test.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.net"
#define CAROL "carol@example.com"

/* As the first version created it. */
#define DEVICES_OF_VERSION_1                                                                                           \
  "CREATE TABLE devices (id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0), account TEXT NOT NULL, "                 \
  "contact TEXT NOT NULL, name TEXT, verified INTEGER NOT NULL CHECK (verified BETWEEN 0 AND 1), "                     \
  "confirmed INTEGER NOT NULL CHECK (confirmed BETWEEN 0 AND 1), "                                                     \
  "created INTEGER NOT NULL CHECK (created BETWEEN 0 AND 253402300799), "                                              \
  "verified_at INTEGER NOT NULL CHECK (verified_at BETWEEN 0 AND 253402300799), "                                      \
  "last_used INTEGER NOT NULL CHECK (last_used BETWEEN 0 AND 253402300799), "                                          \
  "newest BLOB NOT NULL CHECK (length (newest) BETWEEN 16 AND 64), "                                                   \
  "older BLOB CHECK (length (older) BETWEEN 16 AND 64), "                                                              \
  "strength INTEGER NOT NULL DEFAULT 0 CHECK (strength BETWEEN 0 AND 1073741823)) STRICT"

static char *fixture_root;
static char *fixture_directory;
static char *fixture_path;

/* See make_state. */
static char *state_before;
static char *state_after;

static inline void
fixture_setup_root (void)
{
  fixture_root = es_test_folder ("es-store");
}

static inline void
fixture_remove (const char *path)
{
  g_autoptr (GDir) entries = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *entry = g_build_filename (path, name, NULL);

      g_chmod (path, 0755);
      fixture_remove (entry);
    }
  g_remove (path);
}

/* Runs in the process that starts the tests, so that what failed or crashed is cleaned up as well. */
static inline void
fixture_teardown_root (void)
{
  fixture_remove (fixture_root);
  g_clear_pointer (&fixture_root, g_free);
}

static inline void
fixture_setup (void)
{
  fixture_directory = g_build_filename (fixture_root, "XXXXXX", NULL);
  g_assert_nonnull (g_mkdtemp_full (fixture_directory, 0755));
  fixture_path = g_build_filename (fixture_directory, "esession.db", NULL);
}

static inline void
fixture_teardown (void)
{
  fixture_remove (fixture_directory);
  g_clear_pointer (&fixture_path, g_free);
  g_clear_pointer (&fixture_directory, g_free);
  g_clear_pointer (&state_before, g_free);
  g_clear_pointer (&state_after, g_free);
}

/* 32 octets that occur nowhere else. */
static inline EsSecret *
fixture_secret (guint number)
{
  char octets[33];

  g_snprintf (octets, sizeof octets, "<<secret of the tests %8u>>", number);
  return es_secret_new_from (octets, 32);
}

static inline EsStore *
fixture_open (void)
{
  g_autoptr (GError) error = NULL;
  EsStore *store = es_store_open (fixture_path, &error);

  ck_assert_msg (store != NULL, "%s", error != NULL ? error->message : "no error");
  ck_assert_ptr_null (error);
  return store;
}

/* The address, which stays; NULL for NULL. */
static inline const EsAddress *
at (const char *text)
{
  static GHashTable *known;
  EsAddress *address = NULL;

  if (text == NULL)
    return NULL;
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) es_address_unref);
  address = g_hash_table_lookup (known, text);
  if (address != NULL)
    return address;
  address = es_address_new (text);
  ck_assert_ptr_nonnull (address);
  g_hash_table_insert (known, g_strdup (text), address);
  return address;
}

#define fixture_good(done, error)                                                                                      \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    ck_assert_msg ((done), "%s", (error) != NULL ? (error)->message : "no error");                                     \
    ck_assert_ptr_null ((error));                                                                                      \
  }                                                                                                                    \
  G_STMT_END

/* A new device of the responder's; secrets go by number. These never fail. */
static inline gint64
fixture_add (EsStore *store, const char *contact, guint number, gint64 now)
{
  g_autoptr (EsSecret) secret = fixture_secret (number);
  g_autoptr (GError) error = NULL;
  gint64 id = es_store_add (store, at (ALICE), at (contact), secret, FALSE, now, &error);

  fixture_good (id > 0, error);
  return id;
}

static inline void
fixture_pend (EsStore *store, const char *contact, gint64 device, guint found, guint number)
{
  g_autoptr (EsSecret) old = fixture_secret (found), secret = fixture_secret (number);
  g_autoptr (GError) error = NULL;

  fixture_good (es_store_add_pending (store, at (ALICE), at (contact), device, old, secret, &error), error);
}

/* The secrets with NUMBERS, "1 2 3"; NULL for "". */
static inline GPtrArray *
fixture_secrets (const char *numbers)
{
  g_auto (GStrv) words = g_strsplit (numbers, " ", -1);
  GPtrArray *secrets = *numbers != '\0' ? es_secret_array_new () : NULL;

  for (char **word = words; *word != NULL; word++)
    if (**word != '\0')
      g_ptr_array_add (secrets, fixture_secret ((guint) g_ascii_strtoull (*word, NULL, 10)));
  return secrets;
}

static inline void
fixture_free_secrets (GPtrArray *secrets)
{
  if (secrets != NULL)
    g_ptr_array_unref (secrets);
}

/* HELD: the numbers of what the device held when the session looked. */
static inline gboolean
fixture_prove (EsStore *store, gint64 device, const char *held, guint number, gint64 now, GError **error)
{
  g_autoptr (EsSecret) secret = fixture_secret (number);
  GPtrArray *secrets = fixture_secrets (held);
  gboolean good = es_store_prove (store, device, secrets, secret, now, error);

  fixture_free_secrets (secrets);
  return good;
}

static inline void
fixture_replace (EsStore *store,
                 const char *contact,
                 gint64 device,
                 guint found,
                 const char *held,
                 guint number,
                 gint64 now)
{
  g_autoptr (EsSecret) old = fixture_secret (found), secret = fixture_secret (number);
  GPtrArray *secrets = fixture_secrets (held);
  g_autoptr (GError) error = NULL;

  fixture_good (es_store_replace (store, at (ALICE), at (contact), device, old, secrets, secret, now, &error), error);
  fixture_free_secrets (secrets);
}

/* The devices of ALICE with CONTACT (NULL: anybody); never fails. */
static inline GPtrArray *
fixture_devices (EsStore *store, const char *contact)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *devices = contact != NULL ? es_store_devices (store, at (ALICE), at (contact), &error)
                                       : es_store_all_devices (store, &error);

  fixture_good (devices != NULL, error);
  for (guint i = devices->len; i > 0; i--)
    if (!es_address_equal (((EsDevice *) devices->pdata[i - 1])->account, at (ALICE)))
      g_ptr_array_remove_index (devices, i - 1);
  return devices;
}

/* The device with that ID, or NULL. */
static inline const EsDevice *
fixture_find (GPtrArray *devices, gint64 id)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];

      if (device->id == id)
        return device;
    }
  return NULL;
}

/* NUMBER 0 stands for no secret. */
static inline gboolean
fixture_is (const EsSecret *secret, guint number)
{
  g_autoptr (EsSecret) expected = number != 0 ? fixture_secret (number) : NULL;

  if (secret == NULL || expected == NULL)
    return secret == NULL && expected == NULL;
  return es_secret_equal (secret, expected);
}

/* The numbers of the pending secrets, like "2 3 ". */
static inline char *
fixture_pending (const EsDevice *device)
{
  GString *numbers = g_string_new (NULL);

  for (guint i = 0; i < device->pending->len; i++)
    {
      const EsSecret *secret = device->pending->pdata[i];
      g_autofree char *text = g_strndup ((const char *) es_secret_peek (secret), es_secret_size (secret));
      guint number = 0;

      ck_assert_int_eq (sscanf (text, "<<secret of the tests %u>>", &number), 1);
      g_string_append_printf (numbers, "%u ", number);
    }
  return g_string_free (numbers, FALSE);
}

/* Fails unless device ID holds that secret, and PENDING as fixture_pending says it. */
static inline void
fixture_expect (EsStore *store, gint64 id, guint newest, const char *pending, gboolean confirmed)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL);
  const EsDevice *device = fixture_find (devices, id);
  g_autofree char *held = NULL;

  ck_assert_ptr_nonnull (device);
  held = fixture_pending (device);
  ck_assert_str_eq (held, pending);
  ck_assert (fixture_is (device->newest, newest));
  ck_assert_int_eq (device->confirmed, confirmed);
}

/* An entry of ALICE's outbox: its content tells NUMBER all over SIZE octets. */
static inline EsSecret *
fixture_content (guint number, gsize size)
{
  EsSecret *content = es_secret_new (size);
  char piece[17];

  for (gsize i = 0; i < size; i++)
    {
      if (i % 16 == 0)
        g_snprintf (piece, sizeof piece, "[%5u|%8zu]", number, i);
      es_secret_data (content)[i] = (guint8) piece[i % 16];
    }
  return content;
}

static inline EsStored *
fixture_entry (EsStoredKind kind, const char *contact, guint number, gsize size)
{
  g_autofree char *label = g_strdup_printf ("label %u", number);

  return es_stored_new (kind, at (ALICE), at (contact), 1000 + number, label, fixture_content (number, size));
}

/* Adds one and gives its number. */
static inline gint64
fixture_keep (EsStore *store, const char *contact, guint number, gsize size)
{
  g_autoptr (EsStored) entry = fixture_entry (ES_STORED_WAITING_TEXT, contact, number, size);
  g_autoptr (GError) error = NULL;

  fixture_good (es_store_outbox_add (store, &entry, 1, &error), error);
  return entry->id;
}

/* Fails unless ERROR is CODE and names the file; clears it. */
static inline void
fixture_expect_error (GError **error, EsErrorCode code)
{
  ck_assert_ptr_nonnull (*error);
  ck_assert_msg (g_error_matches (*error, ES_ERROR, (int) code), "%d: %s", (*error)->code, (*error)->message);
  ck_assert_msg (strstr ((*error)->message, "secret of the tests") == NULL, "%s", (*error)->message);
  ck_assert_msg (strstr ((*error)->message, fixture_path) != NULL, "%s", (*error)->message);
  g_clear_error (error);
}

static inline void
fixture_expect_refused (EsErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = es_store_open (fixture_path, &error);

  ck_assert_ptr_null (store);
  fixture_expect_error (&error, code);
}

static inline GBytes *
fixture_read (const char *path)
{
  char *data = NULL;
  gsize size = 0;

  ck_assert (g_file_get_contents (path, &data, &size, NULL));
  return g_bytes_new_take (data, size);
}

/* Writes in place, so that mode and owner stay. */
static inline void
fixture_write (const char *path, const void *data, gsize size)
{
  FILE *file = g_fopen (path, "wb");

  ck_assert_ptr_nonnull (file);
  ck_assert_uint_eq (fwrite (data, 1, size, file), size);
  ck_assert_int_eq (fclose (file), 0);
}

/* Whether the octets of secret NUMBER are anywhere in the file. */
static inline gboolean
fixture_file_holds (guint number)
{
  g_autoptr (GBytes) bytes = fixture_read (fixture_path);
  g_autoptr (EsSecret) secret = fixture_secret (number);
  gsize size = 0;
  const void *data = g_bytes_get_data (bytes, &size);

  return memmem (data, size, es_secret_peek (secret), es_secret_size (secret)) != NULL;
}

/* Helpers: another program */

static inline sqlite3 *
raw_open (void)
{
  sqlite3 *raw = NULL;

  ck_assert_int_eq (sqlite3_open (fixture_path, &raw), SQLITE_OK);
  return raw;
}

static inline void
raw_run (sqlite3 *raw, const char *sql)
{
  char *message = NULL;
  int code = sqlite3_exec (raw, sql, NULL, NULL, &message);

  ck_assert_msg (code == SQLITE_OK, "%s: %s", sql, message);
}

/* Runs SQL on the file as another program that minds no CHECK. */
static inline void
tamper (const char *sql)
{
  sqlite3 *raw = raw_open ();

  raw_run (raw, "PRAGMA ignore_check_constraints = ON");
  raw_run (raw, sql);
  sqlite3_close (raw);
}

static inline gint64
raw_number (sqlite3 *raw, const char *sql)
{
  sqlite3_stmt *statement = NULL;
  gint64 number = 0;

  ck_assert_int_eq (sqlite3_prepare_v2 (raw, sql, -1, &statement, NULL), SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  number = sqlite3_column_int64 (statement, 0);
  sqlite3_finalize (statement);
  return number;
}

/* Refused as damaged, and every octet as it was. */
static inline void
expect_damaged (const char *what)
{
  g_autoptr (GBytes) before = fixture_read (fixture_path);
  g_autoptr (GBytes) after = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = es_store_open (fixture_path, &error);

  ck_assert_msg (store == NULL, "%s: was opened", what);
  ck_assert_msg (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_DAMAGED), "%s: %s", what, error->message);
  after = fixture_read (fixture_path);
  ck_assert_msg (g_bytes_equal (before, after), "%s: octets changed", what);
}

/* Helpers: another process. BODY's return value is its exit status; it must not use ck_assert. */

static inline int
wait_for (pid_t pid)
{
  int status = 0;

  ck_assert_int_eq (waitpid (pid, &status, 0), pid);
  return status;
}

static inline int
in_child (int (*body) (void))
{
  pid_t pid = fork ();

  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    _exit (body ());
  return wait_for (pid);
}

#define CHILD_CHECK(condition)                                                                                         \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    if (!(condition))                                                                                                  \
      {                                                                                                                \
        fprintf (stderr, "line %d: not %s\n", __LINE__, #condition);                                                   \
        return 99;                                                                                                     \
      }                                                                                                                \
  }                                                                                                                    \
  G_STMT_END

static inline void
expect_exit (int status, int code)
{
  ck_assert_msg (WIFEXITED (status), "ended by signal %d", WTERMSIG (status));
  ck_assert_int_eq (WEXITSTATUS (status), code);
}

/* Helpers: a state that a single change turns into another, in several pages */

enum
{
  PROVEN = 1,  /* numbers of the secrets of Carol's device, which */
  PENDING = 2, /* has two more */
  FIRST = 100  /* number of the secret of the first of Bob's devices */
};

static gint64 state_carols;
static gint64 state_entry;

/* All that the store holds for ALICE. */
static inline char *
state_dump (EsStore *store)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL), outbox = NULL;
  GString *dump = g_string_new (NULL);
  guint count = 0;
  g_autoptr (GPtrArray) dropped = es_store_dropped_new ();
  gint64 last = 0;

  for (guint i = 0; i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];
      g_autofree char *pending = fixture_pending (device);

      g_string_append_printf (dump, "%d %s %.32s %s%d %d %d %d\n", (int) device->id, es_address_text (device->contact),
                              (const char *) es_secret_peek (device->newest), pending, device->verified,
                              device->confirmed, (int) device->verified_at, (int) device->last_used);
    }
  outbox = es_store_outbox_load (store, at (ALICE), dropped, NULL);
  ck_assert (outbox != NULL && dropped->len == 0);
  for (guint i = 0; i < outbox->len; i++)
    {
      const EsStored *entry = outbox->pdata[i];
      g_autofree char *sum = g_compute_checksum_for_data (G_CHECKSUM_SHA256, es_secret_peek (entry->content),
                                                          es_secret_size (entry->content));

      g_string_append_printf (dump, "%d %s %d %s %s\n", (int) entry->id, es_address_text (entry->contact),
                              (int) entry->kind, entry->label, sum);
    }
  ck_assert (es_store_password_failures (store, at (ALICE), at (BOB), &count, &last, NULL));
  g_string_append_printf (dump, "%u %d %d", count, (int) last, es_store_policy (store, at (ALICE), at (BOB), NULL));
  return g_string_free (dump, FALSE);
}

/* The unverified of Bob's devices that was used longest ago makes room. */
static inline gboolean
state_change_add (EsStore *store, GError **error)
{
  g_autoptr (EsSecret) secret = fixture_secret (3);

  return es_store_add (store, at (ALICE), at (BOB), secret, FALSE, 5, error) > 0;
}

static inline gboolean
state_change_prove (EsStore *store, GError **error)
{
  return fixture_prove (store, state_carols, G_STRINGIFY (PROVEN), PENDING, 5, error);
}

static inline gboolean
state_change_keep (EsStore *store, GError **error)
{
  g_autoptr (EsStored) one = fixture_entry (ES_STORED_WAITING_TEXT, BOB, 8, 9000),
                       two = fixture_entry (ES_STORED_SENT, CAROL, 9, 20);
  EsStored *both[] = { one, two };

  return es_store_outbox_add (store, both, 2, error);
}

static inline gboolean
state_change_update (EsStore *store, GError **error)
{
  g_autoptr (EsStored) entry = fixture_entry (ES_STORED_SENT, BOB, 8, 100);

  g_free (entry->label);
  entry->label = g_strdup ("label 6");
  entry->id = state_entry;
  return es_store_outbox_update (store, &entry, 1, error);
}

static inline gboolean
state_change_remove (EsStore *store, GError **error)
{
  g_autoptr (EsStored) one = fixture_entry (ES_STORED_WAITING_TEXT, BOB, 6, 1),
                       two = fixture_entry (ES_STORED_WAITING_TEXT, CAROL, 7, 1);
  EsStored *both[] = { one, two };

  one->id = state_entry;
  two->id = state_entry + 1;
  return es_store_outbox_remove (store, both, 2, error);
}

static inline gboolean
state_change_failure (EsStore *store, GError **error)
{
  return es_store_add_password_failure (store, at (ALICE), at (BOB), 77, error);
}

static gboolean (*const state_changes[]) (EsStore *store, GError **error)
    = { state_change_add,    state_change_prove,  state_change_keep,
        state_change_update, state_change_remove, state_change_failure };

/* Which of them is made. */
static guint state_change;

static inline gboolean
change_state (EsStore *store, GError **error)
{
  return state_changes[state_change](store, error);
}

static inline void
fill_state (EsStore *store)
{
  state_carols = fixture_add (store, CAROL, PROVEN, 1);
  fixture_pend (store, CAROL, state_carols, PROVEN, PENDING);
  fixture_pend (store, CAROL, state_carols, PROVEN, PENDING + 2);
  ck_assert (es_store_set_verified (store, state_carols, TRUE, 2, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 1, NULL));
  for (guint i = 0; i < ES_LIMIT_DEVICES; i++)
    ck_assert (es_store_set_verified (store, fixture_add (store, BOB, FIRST + i, FIRST + i), TRUE, 2, NULL));
  state_entry = fixture_keep (store, BOB, 6, 12000);
  ck_assert_int_eq (fixture_keep (store, CAROL, 7, 40), state_entry + 1);
}

/* The file is in the state before; in which one it is after the change is found out here. */
static inline void
make_state (void)
{
  g_autoptr (EsStore) store = fixture_open ();
  char *octets = NULL;
  gsize size = 0;

  fill_state (store);
  state_before = state_dump (store);
  ck_assert (g_file_get_contents (fixture_path, &octets, &size, NULL));
  ck_assert (change_state (store, NULL));
  state_after = state_dump (store);
  ck_assert_str_ne (state_before, state_after);
  g_clear_pointer (&store, es_store_close);
  fixture_write (fixture_path, octets, size);
  g_free (octets);
}

/* Fails unless STORE holds the state before the change (FALSE) or after it (TRUE), and nothing between. */
static inline gboolean
changed_state_of (EsStore *store)
{
  g_autofree char *now = state_dump (store);

  ck_assert_msg (strcmp (now, state_before) == 0 || strcmp (now, state_after) == 0, "%s", now);
  return strcmp (now, state_after) == 0;
}

static inline gboolean
changed_state (void)
{
  g_autoptr (EsStore) store = fixture_open ();

  return changed_state_of (store);
}

/* Whether any secret, or the longer text, of make_state can be read in that file, which need not be there. */
static inline gboolean
state_shows (const char *path)
{
  g_autofree char *data = NULL;
  gsize size = 0;

  return g_file_get_contents (path, &data, &size, NULL) && data != NULL
         && (memmem (data, size, "<<secret of the tests", 21) != NULL || memmem (data, size, "[    6|", 7) != NULL);
}

/* The key that a keyring would keep. */
static inline EsSecret *
outer_key (guint number)
{
  EsSecret *key = es_secret_new (32);

  memset (es_secret_data (key), (int) number, 32);
  return key;
}

/* KEY 0: not protected; else as by a keyring that keeps that key. */
static inline gboolean
fixture_protect (EsStore *store, guint key, GError **error)
{
  g_autoptr (EsSecret) secret = key != 0 ? outer_key (key) : NULL;
  EsProtection protection;

  es_protection_init (&protection, key != 0 ? ES_PROTECTION_KEYRING : ES_PROTECTION_NONE, TRUE);
  return es_store_protect (store, &protection, secret, error);
}

static inline gboolean
fixture_unlock (EsStore *store, guint key, GError **error)
{
  g_autoptr (EsSecret) secret = outer_key (key);

  return es_store_unlock (store, secret, error);
}

static inline TCase *
fixture_tcase (const char *name)
{
  TCase *tcase = tcase_create (name);

  tcase_add_unchecked_fixture (tcase, fixture_setup_root, fixture_teardown_root);
  tcase_add_checked_fixture (tcase, fixture_setup, fixture_teardown);
  tcase_set_timeout (tcase, 120);
  return tcase;
}

static inline int
fixture_main (const char *name, TCase *tcase)
{
  Suite *suite = suite_create (name);
  SRunner *runner = NULL;
  int failed = 0;

  suite_add_tcase (suite, tcase);
  runner = srunner_create (suite);
  if (g_getenv ("ES_TAP") != NULL)
    srunner_set_tap (runner, "-");
  srunner_run_all (runner, g_getenv ("ES_TAP") != NULL ? CK_SILENT : CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
