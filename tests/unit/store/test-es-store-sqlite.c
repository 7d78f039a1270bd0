/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file below es-store: how it is made, what is refused, what is erased. SQLite is used directly here to
 * do what another program, or somebody hostile, does to the file. */
#include "es-store-fixture.h"
#include "es-store-sqlite.h"

/* Creating */

START_TEST (sqlite__open__makes_the_file_private)
{
  g_autoptr (EsStore) store = NULL;
  struct stat status;

  umask (0);
  store = fixture_open ();
  ck_assert_int_eq (stat (fixture_path, &status), 0);
  ck_assert_uint_eq (status.st_mode, S_IFREG | 0600);
}
END_TEST

static guint journal_mode;
static sqlite3 *captured;

static int
look_at_journal (void *data G_GNUC_UNUSED)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);
  struct stat status;

  if (stat (journal, &status) == 0)
    journal_mode = status.st_mode;
  return 0;
}

/* SQLite calls this for every connection that is opened, also by es-store. */
static int
capture (sqlite3 *db, char **message G_GNUC_UNUSED, const void *api G_GNUC_UNUSED)
{
  captured = db;
  sqlite3_commit_hook (db, look_at_journal, NULL);
  return SQLITE_OK;
}

START_TEST (sqlite__change__keeps_the_journal_private)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);
  g_autoptr (EsStore) store = NULL;

  umask (0);
  sqlite3_auto_extension ((void (*) (void)) capture);
  store = fixture_open ();
  journal_mode = 0;
  fixture_add (store, BOB, 1, 1);
  ck_assert_uint_eq (journal_mode, S_IFREG | 0600);
  ck_assert (!g_file_test (journal, G_FILE_TEST_EXISTS));
  sqlite3_reset_auto_extension ();
}
END_TEST

START_TEST (sqlite__open__sets_up_the_connection)
{
  static const struct
  {
    int option;
    int on;
  } refusals[]
      = { { SQLITE_DBCONFIG_DEFENSIVE, 1 }, { SQLITE_DBCONFIG_ENABLE_TRIGGER, 0 }, { SQLITE_DBCONFIG_ENABLE_VIEW, 0 } };
  g_autoptr (EsStore) store = NULL;

  sqlite3_auto_extension ((void (*) (void)) capture);
  store = fixture_open ();
  sqlite3_reset_auto_extension ();

  ck_assert_int_eq (raw_number (captured, "PRAGMA secure_delete"), 1);
  ck_assert_int_eq (raw_number (captured, "PRAGMA foreign_keys"), 1);
  ck_assert_int_ge (raw_number (captured, "PRAGMA synchronous"), 2);
  ck_assert_int_eq (raw_number (captured, "PRAGMA trusted_schema"), 0);
  ck_assert_int_eq (raw_number (captured, "PRAGMA cell_size_check"), 1);
  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      int on = -1;

      ck_assert_int_eq (sqlite3_db_config (captured, refusals[i].option, -1, &on), SQLITE_OK);
      ck_assert_int_eq (on, refusals[i].on);
    }
  ck_assert_int_eq (raw_number (captured, "PRAGMA temp_store"), 2);
  ck_assert_int_le (raw_number (captured, "PRAGMA busy_timeout"), 250);
  ck_assert_int_gt (raw_number (captured, "PRAGMA busy_timeout"), 0);
  ck_assert_int_eq (raw_number (captured, "SELECT journal_mode = 'delete' FROM pragma_journal_mode"), 1);
  ck_assert_int_eq (raw_number (captured, "PRAGMA user_version"), 6);
  ck_assert_int_ne (raw_number (captured, "PRAGMA application_id"), 0);
  ck_assert_int_eq (raw_number (captured, "SELECT min (strict) FROM pragma_table_list "
                                          "WHERE name IN ('devices', 'policies', 'protection', 'failures')"),
                    1);
}
END_TEST

/* Put back from elsewhere: nobody else may read it from now on. */
START_TEST (sqlite__open__takes_the_rights_of_others)
{
  static const mode_t modes[] = { 0666, 0644, 0600, 0440 };
  struct stat status;

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    {
      g_autoptr (EsStore) store = fixture_open ();

      g_clear_pointer (&store, es_store_close);
      ck_assert_int_eq (g_chmod (fixture_path, modes[i]), 0);
      store = fixture_open ();
      ck_assert_int_eq (g_lstat (fixture_path, &status), 0);
      ck_assert_uint_eq (status.st_mode, S_IFREG | (modes[i] & 0700));
      g_clear_pointer (&store, es_store_close);
      ck_assert_int_eq (g_chmod (fixture_path, 0600), 0);
    }
}
END_TEST

START_TEST (sqlite__open__takes_an_empty_file)
{
  fixture_write (fixture_path, "", 0);
  g_clear_pointer (&(EsStore *){ fixture_open () }, es_store_close);
  make_state ();
  ck_assert (!changed_state ());
}
END_TEST

START_TEST (sqlite__open__follows_no_link)
{
  g_autofree char *target = g_build_filename (fixture_directory, "target", NULL);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  /* Neither to nothing, nor to a good file. */
  ck_assert_int_eq (symlink (target, fixture_path), 0);
  fixture_expect_refused (ES_ERROR_STORE);
  ck_assert (!g_file_test (target, G_FILE_TEST_EXISTS));

  ck_assert_int_eq (unlink (fixture_path), 0);
  make_state ();
  ck_assert_int_eq (rename (fixture_path, target), 0);
  ck_assert_int_eq (symlink (target, fixture_path), 0);
  before = fixture_read (target);
  fixture_expect_refused (ES_ERROR_STORE);
  after = fixture_read (target);
  ck_assert (g_bytes_equal (before, after));
}
END_TEST

START_TEST (sqlite__open__takes_regular_files_only)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);
  EsStore *store = NULL;

  ck_assert_int_eq (mkdir (fixture_path, 0700), 0);
  fixture_expect_refused (ES_ERROR_STORE);
  ck_assert_int_eq (rmdir (fixture_path), 0);

  /* Opening it would wait for a writer, and so would its journal. */
  ck_assert_int_eq (mkfifo (fixture_path, 0600), 0);
  fixture_expect_refused (ES_ERROR_STORE);
  ck_assert_int_eq (unlink (fixture_path), 0);
  store = es_store_open (fixture_path, NULL);
  ck_assert_ptr_nonnull (store);
  g_clear_pointer (&store, es_store_close);
  ck_assert_int_eq (mkfifo (journal, 0600), 0);
  fixture_expect_refused (ES_ERROR_STORE);
  ck_assert_int_eq (unlink (journal), 0);
}
END_TEST

START_TEST (sqlite__open__without_the_directory_is_an_error)
{
  g_autofree char *path = g_build_filename (fixture_directory, "none", "esession.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = es_store_open (path, &error);

  ck_assert_ptr_null (store);
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_STORE));
}
END_TEST

START_TEST (sqlite__open__takes_no_uri)
{
  static const char path[] = "file:esession.db?mode=memory";
  g_autoptr (EsStore) store = NULL;

  ck_assert_int_eq (chdir (fixture_directory), 0);
  store = es_store_open (path, NULL);
  ck_assert_ptr_nonnull (store);
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 4, NULL));
  g_clear_pointer (&store, es_store_close);

  store = es_store_open (path, NULL);
  ck_assert_ptr_nonnull (store);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), 4);
}
END_TEST

/* Files that are not ours */

START_TEST (sqlite__open__leaves_other_files_alone)
{
  g_autofree char *text = g_strnfill (20000, 'x');
  const struct
  {
    const char *octets;
    gsize size;
  } cases[] = {
    { "x", 1 }, { "\0\0", 2 }, { "SQLite format 3", 16 }, { text, 99 }, { text, 100 }, { text, 512 }, { text, 20000 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *what = g_strdup_printf ("case %u", (guint) i);

      fixture_write (fixture_path, cases[i].octets, cases[i].size);
      expect_damaged (what);
    }

  memset (text, 0, 20000);
  fixture_write (fixture_path, text, 20000);
  expect_damaged ("zeros");
}
END_TEST

START_TEST (sqlite__open__leaves_databases_of_others_alone)
{
  static const char *const changes[] = {
    "PRAGMA application_id = 1",
    "PRAGMA application_id = 0",
    "PRAGMA user_version = 7",
    "PRAGMA user_version = 5",
    "PRAGMA user_version = 4",
    "PRAGMA user_version = 3",
    "PRAGMA user_version = 2",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = 0",
    "PRAGMA user_version = -1",
    "PRAGMA journal_mode = WAL",
    "CREATE TABLE more (a)",
    "CREATE VIEW more AS SELECT * FROM devices",
    "CREATE INDEX more ON devices (contact)",
    "CREATE TRIGGER more AFTER UPDATE ON devices BEGIN DELETE FROM policies; END",
    "DROP TABLE policies",
    "DROP TABLE protection",
    "DROP TABLE failures",
    "DROP TABLE differed",
    "DROP TABLE outbox",
    "DROP TABLE lineage",
    "DROP INDEX devices_contact",
    "DROP INDEX devices_contact; CREATE INDEX devices_contact ON devices (contact, account)",
    "CREATE INDEX more ON outbox (contact)",
    "DROP TABLE devices; DROP TABLE policies",
    "ALTER TABLE devices ADD COLUMN more TEXT",
    "ALTER TABLE devices RENAME COLUMN name TO names",
    "DROP TABLE policies; CREATE TABLE policies (account TEXT, contact TEXT, policy INTEGER)",
    "PRAGMA writable_schema = ON; INSERT INTO sqlite_schema VALUES ('view', 'sqlite_more', 'sqlite_more', 0, "
    "'CREATE VIEW sqlite_more AS SELECT 1')",
    "CREATE TABLE more (a); PRAGMA writable_schema = ON; UPDATE sqlite_schema SET name = 'sqlite_more', "
    "tbl_name = 'sqlite_more', sql = 'CREATE TABLE sqlite_more (a)' WHERE name = 'more'",
  };
  g_autoptr (GBytes) good = NULL;

  make_state ();
  good = fixture_read (fixture_path);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      fixture_write (fixture_path, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
      ck_assert (!changed_state ());
      tamper (changes[i]);
      expect_damaged (changes[i]);
    }

  /* One that never was ours. */
  ck_assert_int_eq (unlink (fixture_path), 0);
  tamper ("CREATE TABLE devices (id)");
  expect_damaged ("another program's");
}
END_TEST

/* Damage */

static void
use (EsStore *store)
{
  g_autoptr (GPtrArray) devices = es_store_all_devices (store, NULL), outbox = NULL;
  g_autoptr (EsSecret) secret = fixture_secret (77);

  for (guint i = 0; devices != NULL && i < MIN (devices->len, 3); i++)
    {
      const EsDevice *device = devices->pdata[i];

      es_store_add_pending (store, at (ALICE), device->contact, device->id, device->newest, secret, NULL);
      es_store_set_name (store, device->id, "a name", NULL);
      es_store_prove (store, device->id, NULL, secret, 9, NULL);
    }
  es_store_policy (store, at (ALICE), at (BOB), NULL);
  es_store_set_policy (store, at (ALICE), at (CAROL), 1, NULL);
  es_store_expire (store, FALSE, 1000, NULL, NULL, NULL);
  outbox = es_store_outbox_load (store, at (ALICE), NULL, NULL);
  for (guint i = 0; outbox != NULL && i < outbox->len; i++)
    es_store_outbox_update (store, (EsStored **) &outbox->pdata[i], 1, NULL);
  es_store_outbox_remove_contact (store, at (ALICE), at (BOB), NULL);
  es_store_add_password_failure (store, at (ALICE), at (BOB), 7, NULL);
}

/* Returns whether it was refused. */
static gboolean
try_damage (const guint8 *octets, gsize size, gsize at)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GBytes) after = NULL;

  fixture_write (fixture_path, octets, size);
  store = es_store_open (fixture_path, &error);
  if (store != NULL)
    {
      use (store);
      return FALSE;
    }

  ck_assert_msg (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_DAMAGED), "%zu: %s", at, error->message);
  after = fixture_read (fixture_path);
  ck_assert_msg (g_bytes_get_size (after) == size, "%zu: size changed", at);
  ck_assert_msg (memcmp (g_bytes_get_data (after, NULL), octets, size) == 0, "%zu: octets changed", at);
  return TRUE;
}

START_TEST (sqlite__damage__of_any_octet_never_crashes)
{
  static const guint8 flips[] = { 0xff, 0x80, 0x01 };
  g_autoptr (GBytes) good = NULL;
  g_autofree guint8 *octets = NULL;
  gsize size = 0;
  guint refused = 0;
  guint tried = 0;

  make_state ();
  good = fixture_read (fixture_path);
  octets = g_bytes_unref_to_data (g_steal_pointer (&good), &size);
  ck_assert_uint_ge (size, 4 * 4096);

  /* The whole header, every 512th octet, and a stride that meets every part of a page. */
  for (gsize at = 0; at < size; at++)
    if (at < 112 || at % 512 == 0 || at % 67 == 0)
      for (gsize i = 0; i < G_N_ELEMENTS (flips); i++)
        {
          octets[at] ^= flips[i];
          refused += try_damage (octets, size, at) ? 1 : 0;
          tried++;
          octets[at] ^= flips[i];
        }

  /* Much of it cannot be noticed (free room, octets of a secret), but not nothing either. */
  ck_assert_uint_gt (refused, 100);
  ck_assert_uint_lt (refused, tried);
}
END_TEST

START_TEST (sqlite__damage__by_truncation_is_refused)
{
  g_autoptr (GBytes) good = NULL;
  const guint8 *octets = NULL;
  gsize size = 0;

  make_state ();
  good = fixture_read (fixture_path);
  octets = g_bytes_get_data (good, &size);
  for (gsize left = 1; left < size; left += left % 512 == 511 ? 1 : (left % 512 == 0 ? 1 : 510))
    ck_assert_msg (try_damage (octets, left, left), "%zu octets of %zu are taken", left, size);
}
END_TEST

START_TEST (sqlite__damage__by_random_octets_never_crashes)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (116);
  g_autoptr (GBytes) good = NULL;
  const guint8 *octets = NULL;
  gsize size = 0;

  make_state ();
  good = fixture_read (fixture_path);
  octets = g_bytes_get_data (good, &size);
  for (guint i = 0; i < 300; i++)
    {
      g_autofree guint8 *damaged = g_memdup2 (octets, size);
      gsize at = (gsize) g_rand_int_range (random, 100, (gint32) size);
      gsize length = (gsize) g_rand_int_range (random, 1, 64);

      for (gsize j = at; j < MIN (at + length, size); j++)
        damaged[j] = (guint8) g_rand_int (random);
      try_damage (damaged, size, at);
    }
}
END_TEST

/* A file with one device of Alice's whose COLUMN (none if negative) is LITERAL, and one policy, POLICY, under
 * tables whose texts are ours but which were made without any checks. */
static void
forge (int column, const char *literal, const char *policy)
{
  const char *const good[]
      = { "1", "'" ALICE "'", "'" BOB "'", "NULL", "0", "0", "1", "0", "1", "zeroblob (32)", "NULL", "0", "NULL" };
  g_autoptr (GString) row = g_string_new ("INSERT INTO devices VALUES (");
  g_autofree char *other = g_strdup_printf ("INSERT INTO policies VALUES ('" ALICE "', '" BOB "', %s)", policy);
  sqlite3 *raw = NULL;

  for (int i = 0; i < (int) G_N_ELEMENTS (good); i++)
    g_string_append_printf (row, "%s%s", i > 0 ? ", " : "", i == column ? literal : good[i]);
  g_string_append (row, ")");

  g_remove (fixture_path);
  g_clear_pointer (&(EsStore *){ fixture_open () }, es_store_close);
  raw = raw_open ();
  raw_run (raw, "CREATE TEMP TABLE texts AS SELECT name, sql FROM sqlite_schema");
  raw_run (raw, "DROP TABLE devices; DROP TABLE policies");
  raw_run (raw, "CREATE TABLE devices (id INTEGER PRIMARY KEY AUTOINCREMENT, account, contact, name, "
                "verified, confirmed, created, verified_at, last_used, newest, older, strength, pending)");
  raw_run (raw, "CREATE INDEX devices_contact ON devices (account, contact)");
  raw_run (raw, "CREATE TABLE policies (account TEXT, contact TEXT, policy, PRIMARY KEY (account, contact)) "
                "WITHOUT ROWID");
  raw_run (raw, row->str);
  raw_run (raw, other);
  raw_run (raw, "PRAGMA writable_schema = ON");
  raw_run (raw, "UPDATE sqlite_master "
                "SET sql = (SELECT sql FROM texts WHERE texts.name = sqlite_master.name)");
  sqlite3_close (raw);
}

START_TEST (sqlite__damage__of_any_value_is_refused)
{
  g_autofree char *jid = g_strdup_printf ("'%0*d'", (int) ES_LIMIT_JID_OCTETS + 1, 0);
  g_autofree char *name = g_strdup_printf ("'%0*d'", 1025, 0);
  g_autofree char *jid_fits = g_strdup_printf ("'%0*d'", (int) ES_LIMIT_JID_OCTETS, 0);
  const struct
  {
    int column;
    const char *literal;
    gboolean good;
  } cases[] = {
    /* Some that are good, to show that it is the value that is refused. */
    { -1, "", TRUE },
    { 1, jid_fits, TRUE },
    { 3, "'phone'", TRUE },
    { 6, "253402300799", TRUE },
    { 10, "zeroblob (64)", TRUE },
    { 12, "CAST (x'10' || zeroblob (64) AS BLOB)", TRUE },
    { 0, "0", FALSE },
    { 0, "-5", FALSE },
    { 1, "NULL", FALSE },
    { 1, "''", FALSE },
    { 1, "5", FALSE },
    { 1, "x'41'", FALSE },
    { 1, "CAST (x'ff' AS TEXT)", FALSE },
    { 1, "CAST (x'610062' AS TEXT)", FALSE },
    { 1, jid, FALSE },
    { 2, "NULL", FALSE },
    { 2, "''", FALSE },
    { 2, "CAST (x'eda080' AS TEXT)", FALSE },
    { 2, jid, FALSE },
    { 3, "''", FALSE },
    { 3, "7", FALSE },
    { 3, "CAST (x'c080' AS TEXT)", FALSE },
    { 3, name, FALSE },
    { 3, "printf ('%0100000d', 0)", FALSE },
    { 4, "2", FALSE },
    { 4, "-1", FALSE },
    { 4, "NULL", FALSE },
    { 4, "0.5", FALSE },
    { 5, "256", FALSE },
    { 5, "'1'", FALSE },
    { 6, "-1", FALSE },
    { 6, "NULL", FALSE },
    { 6, "253402300800", FALSE },
    { 7, "9223372036854775807", FALSE },
    { 7, "x'00'", FALSE },
    { 8, "'soon'", FALSE },
    { 8, "-9223372036854775808", FALSE },
    { 9, "NULL", FALSE },
    { 9, "zeroblob (0)", FALSE },
    { 9, "zeroblob (15)", FALSE },
    { 9, "zeroblob (65)", FALSE },
    { 9, "'a text of sixteen octets or more'", FALSE },
    { 9, "5", FALSE },
    { 10, "zeroblob (0)", FALSE },
    { 10, "zeroblob (15)", FALSE },
    { 10, "zeroblob (65)", FALSE },
    { 10, "zeroblob (100000)", FALSE },
    { 10, "'a text of sixteen octets or more'", FALSE },
    { 12, "zeroblob (65)", FALSE },
    { 12, "zeroblob (0)", FALSE },
    { 12, "CAST (x'10' || zeroblob (63) AS BLOB)", FALSE },
    { 12, "CAST (x'0f' || zeroblob (64) AS BLOB)", FALSE },
    { 12, "CAST (x'41' || zeroblob (64) AS BLOB)", FALSE },
    { 12, "CAST (x'10' || zeroblob (64) || x'20' || zeroblob (65) AS BLOB)", FALSE },
    { 12, "CAST (x'10' || zeroblob (129) AS BLOB)", FALSE },
    { 12, "CAST (x'10' || zeroblob (66624) AS BLOB)", FALSE },
    { 12, "'a text of sixty-five octets, which is as long as one pending secret'", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *what = g_strdup_printf ("column %d: %s", cases[i].column, cases[i].literal);

      forge (cases[i].column, cases[i].literal, "1");
      if (cases[i].good)
        g_clear_pointer (&(EsStore *){ fixture_open () }, es_store_close);
      else
        expect_damaged (what);
    }
}
END_TEST

START_TEST (sqlite__damage__of_a_policy_is_refused)
{
  static const char *const policies[] = { "-1", "2147483648", "'x'", "NULL", "1.5", "x'01'" };

  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      forge (-1, "", policies[i]);
      expect_damaged (policies[i]);
    }
}
END_TEST

START_TEST (sqlite__damage__while_open_is_refused)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (EsSecret) found = fixture_secret (PROVEN), secret = fixture_secret (3);
  g_autoptr (GBytes) before = NULL, after = NULL;
  g_autoptr (GError) error = NULL;
  guint count = 0;
  gint64 last = 0;

  make_state ();
  store = fixture_open ();
  ck_assert (es_store_add_password_failure (store, at (ALICE), at (BOB), 7, NULL));
  tamper ("UPDATE devices SET pending = zeroblob (66) WHERE pending IS NOT NULL;"
          "UPDATE policies SET policy = -7; UPDATE failures SET count = 0");
  before = fixture_read (fixture_path);

  ck_assert_ptr_null (es_store_devices (store, at (ALICE), at (CAROL), &error));
  fixture_expect_error (&error, ES_ERROR_STORE_DAMAGED);
  ck_assert (!es_store_replace (store, at (ALICE), at (CAROL), state_carols, found, NULL, secret, 9, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_DAMAGED);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), &error), -2);
  fixture_expect_error (&error, ES_ERROR_STORE_DAMAGED);
  ck_assert (!es_store_password_failures (store, at (ALICE), at (BOB), &count, &last, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_DAMAGED);
  after = fixture_read (fixture_path);
  ck_assert (g_bytes_equal (before, after));
}
END_TEST

/* Erasing */

START_TEST (sqlite__erase__leaves_no_octets)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);
  gint64 other = fixture_add (store, BOB, 11, 1);

  fixture_pend (store, BOB, id, 1, 2);
  ck_assert (fixture_file_holds (1) && fixture_file_holds (2));
  ck_assert (es_store_forget (store, id, NULL));
  ck_assert (!fixture_file_holds (1) && !fixture_file_holds (2));
  ck_assert (fixture_file_holds (11));
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, 1);
  ck_assert_int_eq (((EsDevice *) devices->pdata[0])->id, other);

  /* Again is no error. */
  ck_assert (es_store_forget (store, id, NULL));
}
END_TEST

/* Rows of changing length over many pages: SQLite splits, joins and rebuilds them. */
START_TEST (sqlite__erase__takes_what_was_moved_about)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GRand) random = g_rand_new_with_seed (2007);
  gint64 ids[400];
  guint held[400];
  guint next = 1;

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autofree char *contact = g_strdup_printf ("contact%u@example.org", i / 10);

      held[i] = next++;
      ids[i] = fixture_add (store, contact, held[i], i);
    }
  for (guint step = 0; step < 1200; step++)
    {
      guint i = (guint) g_rand_int_range (random, 0, G_N_ELEMENTS (ids));
      g_autofree char *contact = g_strdup_printf ("contact%u@example.org", i / 10);
      g_autofree char *name = g_strnfill ((gsize) g_rand_int_range (random, 0, 900), 'n');

      if (held[i] == 0)
        ids[i] = fixture_add (store, contact, held[i] = next++, step);
      else if (g_rand_int_range (random, 0, 3) == 0)
        {
          ck_assert (es_store_forget (store, ids[i], NULL));
          held[i] = 0;
        }
      else
        {
          g_autofree char *number = g_strdup_printf ("%u", held[i]);

          ck_assert (es_store_set_name (store, ids[i], name, NULL));
          fixture_replace (store, contact, ids[i], held[i], number, next, step);
          held[i] = next++;
        }
    }

  for (guint number = 1; number < next; number++)
    {
      gboolean kept = FALSE;

      for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
        kept = kept || held[i] == number;
      ck_assert_msg (fixture_file_holds (number) == kept, "secret %u of %u, kept: %d", number, next, kept);
    }
}
END_TEST

/* Statements, which are kept */

static const char *const small_tables[] = { "CREATE TABLE t (a INTEGER, b TEXT) STRICT", NULL };
static const EsSqliteFormat small = { 0x1234, 1, small_tables, NULL, NULL };

static gint64
first_number (EsSqlite *db, const char *sql, const EsSqliteValue *values)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (db, sql, values, NULL);
  gboolean row = FALSE;
  gint64 number = -1;

  ck_assert (rows != NULL && es_sqlite_next (db, rows, &row, NULL));
  return row && es_sqlite_integer (rows, 0, 0, G_MAXINT64, &number) ? number : -1;
}

START_TEST (sqlite__statement__knows_nothing_of_its_last_run)
{
  static const char insert[] = "INSERT INTO t (a, b) VALUES (?1, ?2)";
  const EsSqliteValue both[] = { ES_SQLITE_INTEGER (1), ES_SQLITE_TEXT ("text"), ES_SQLITE_END };
  const EsSqliteValue one[] = { ES_SQLITE_INTEGER (2), ES_SQLITE_END };
  g_autoptr (EsSqlite) db = es_sqlite_open (":memory:", FALSE, &small, NULL);

  ck_assert (es_sqlite_run (db, insert, both, NULL));
  ck_assert (es_sqlite_run (db, insert, one, NULL));
  ck_assert (es_sqlite_run (db, insert, NULL, NULL));
  ck_assert_int_eq (first_number (db, "SELECT count (b) FROM t", NULL), 1);
  ck_assert_int_eq (first_number (db, "SELECT count (a) FROM t", NULL), 2);
  ck_assert_int_eq (first_number (db, "SELECT count (*) FROM t", NULL), 3);
}
END_TEST

/* While the rows of one run are read the same is asked again. */
START_TEST (sqlite__statement__runs_inside_itself)
{
  static const char select[] = "SELECT a FROM t WHERE a >= ?1 ORDER BY a";
  const EsSqliteValue from[] = { ES_SQLITE_INTEGER (1), ES_SQLITE_END },
                      from_two[] = { ES_SQLITE_INTEGER (2), ES_SQLITE_END };
  g_autoptr (EsSqlite) db = es_sqlite_open (":memory:", FALSE, &small, NULL);
  g_autoptr (EsSqliteRows) rows = NULL;
  gboolean row = FALSE;
  gint64 number = 0;

  ck_assert (es_sqlite_run (db, "INSERT INTO t (a) VALUES (1), (2), (3)", NULL, NULL));
  for (guint i = 0; i < 2; i++)
    {
      rows = es_sqlite_select (db, select, from, NULL);
      for (gint64 j = 1; j <= 3; j++)
        {
          ck_assert (es_sqlite_next (db, rows, &row, NULL) && row && es_sqlite_integer (rows, 0, 0, 9, &number));
          ck_assert_int_eq (number, j);
          ck_assert_int_eq (first_number (db, select, from_two), 2);
        }
      ck_assert (es_sqlite_next (db, rows, &row, NULL) && !row);
      g_clear_pointer (&rows, es_sqlite_rows_free);
    }
}
END_TEST

/* One of which not all rows were read is in nobody's way, and one of before tables were made anew reads the new ones. */
START_TEST (sqlite__statement__holds_nothing_and_follows_tables)
{
  static const char select[] = "SELECT a FROM t ORDER BY a", add[] = "INSERT INTO t (a) VALUES (1), (2)";
  g_autofree char *path = g_strconcat (fixture_path, "-small", NULL);
  g_autoptr (EsSqlite) db = es_sqlite_open (path, FALSE, &small, NULL),
                       other = es_sqlite_open (path, FALSE, &small, NULL);

  ck_assert (es_sqlite_run (db, add, NULL, NULL));
  for (guint i = 0; i < 3; i++)
    {
      ck_assert_int_eq (first_number (db, select, NULL), 1);
      ck_assert (es_sqlite_run (other, add, NULL, NULL));
    }
  ck_assert_int_eq (first_number (db, "SELECT count (*) FROM t", NULL), 8);
  ck_assert (es_sqlite_run (other, "DROP TABLE t", NULL, NULL));
  ck_assert (!es_sqlite_run (db, select, NULL, NULL));
  ck_assert (es_sqlite_run (other, "CREATE TABLE t (z INTEGER, a INTEGER)", NULL, NULL));
  ck_assert (es_sqlite_run (other, "INSERT INTO t VALUES (5, 7)", NULL, NULL));
  ck_assert_int_eq (first_number (db, select, NULL), 7);
  g_remove (path);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    sqlite__open__makes_the_file_private,
    sqlite__change__keeps_the_journal_private,
    sqlite__open__sets_up_the_connection,
    sqlite__open__takes_the_rights_of_others,
    sqlite__open__takes_an_empty_file,
    sqlite__open__follows_no_link,
    sqlite__open__takes_regular_files_only,
    sqlite__open__without_the_directory_is_an_error,
    sqlite__open__takes_no_uri,
    sqlite__open__leaves_other_files_alone,
    sqlite__open__leaves_databases_of_others_alone,
    sqlite__damage__of_any_octet_never_crashes,
    sqlite__damage__by_truncation_is_refused,
    sqlite__damage__by_random_octets_never_crashes,
    sqlite__damage__of_any_value_is_refused,
    sqlite__damage__of_a_policy_is_refused,
    sqlite__damage__while_open_is_refused,
    sqlite__erase__leaves_no_octets,
    sqlite__erase__takes_what_was_moved_about,
    sqlite__statement__knows_nothing_of_its_last_run,
    sqlite__statement__runs_inside_itself,
    sqlite__statement__holds_nothing_and_follows_tables,
  };
  TCase *tcase = fixture_tcase ("es-store-sqlite");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  return fixture_main ("es-store-sqlite", tcase);
}
