/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered moves to another computer: one holder at any time, whatever fails, whoever is killed, and whatever is in the file. */
#include "es-store-move.h"
#include "es-store-fixture.h"

#include <sys/resource.h>

#define DAVE "dave@example.com"
#define ERIN "erin@example.com"
#define FRANK "frank@example.com"
#define GRACE "grace@example.com"
#define HEIDI "heidi@example.com"
#define IVAN "ivan@example.com"
#define NOW 5000

static char *file; /* that is moved */

static void
setup (void)
{
  fixture_setup ();
  file = g_build_filename (fixture_directory, "moved", NULL);
}

static void
teardown (void)
{
  g_clear_pointer (&file, g_free);
  fixture_teardown ();
}

/* The other computer's. */
static EsStore *
open_other (void)
{
  g_autofree char *path = g_build_filename (fixture_directory, "other.db", NULL);
  EsStore *store = es_store_open (path, NULL);

  ck_assert_ptr_nonnull (store);
  return store;
}

/* Bob's 1, verified, "phone": 1 and, pending, 2. Carol's 2: 3. Codes differed with Dave; Erin has lapsed. A text for Bob waits. */
static void
make_devices (EsStore *store)
{
  ck_assert_int_eq (fixture_add (store, BOB, 1, 1000), 1);
  ck_assert (fixture_prove (store, 1, "", 1, 1001, NULL));
  fixture_pend (store, BOB, 1, 1, 2);
  ck_assert (es_store_set_verified (store, 1, TRUE, 1002, NULL));
  ck_assert (es_store_set_strength (store, at (ALICE), at (BOB), 1, 77, NULL));
  ck_assert (es_store_set_name (store, 1, "phone", NULL));
  ck_assert_int_eq (fixture_add (store, CAROL, 3, 1003), 2);
  ck_assert (es_store_set_policy (store, at (ALICE), at (CAROL), 3, NULL));
  ck_assert (es_store_set_differed (store, at (ALICE), at (DAVE), TRUE, NULL));
  ck_assert_int_eq (fixture_add (store, ERIN, 4, 100), 3);
  ck_assert (es_store_set_verified (store, 3, TRUE, 101, NULL));
  ck_assert (es_store_expire (store, TRUE, 200, NULL, NULL, NULL));
  ck_assert (es_store_add_password_failure (store, at (ALICE), at (CAROL), 1005, NULL));
  ck_assert_int_eq (fixture_keep (store, BOB, 6, 50), 1);
}

/* A key that a passphrase could make. */
static EsMove
move_out_to (EsStore *store, const char *path, guint key, char **written, GError **error)
{
  g_autoptr (EsSecret) secret = outer_key (key);
  EsProtection protection;

  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  return es_store_move_out (store, path, &protection, secret, NOW, written, error);
}

static void
move_out (EsStore *store)
{
  g_autofree char *written = NULL;
  g_autoptr (GError) error = NULL;
  EsMove move = move_out_to (store, file, 7, &written, &error);

  ck_assert_msg (move == ES_MOVE_DONE, "%s", error != NULL ? error->message : "no error");
  ck_assert_str_eq (written, file);
}

static gboolean
move_in (EsStore *store, guint key, guint *n, GError **error)
{
  g_autoptr (EsSecret) secret = outer_key (key);
  g_autoptr (EsStore) moved = es_store_open_moved (file, error);

  *n = 0;
  return moved != NULL && es_store_move_in (store, moved, secret, NOW + 10, n, error);
}

static void
expect_moves_in (EsStore *store, guint devices)
{
  g_autoptr (GError) error = NULL;
  guint n = 0;

  fixture_good (move_in (store, 7, &n, &error), error);
  ck_assert_uint_eq (n, devices);
}

static GBytes *
read_other (void)
{
  g_autofree char *path = g_build_filename (fixture_directory, "other.db", NULL);

  return fixture_read (path);
}

/* Not for that reason: nothing has changed. */
static void
expect_not_taken (EsStore *store, guint key, EsErrorCode code, const char *what)
{
  g_autoptr (GBytes) before = read_other (), after = NULL;
  g_autoptr (GError) error = NULL;
  guint n = 0;

  ck_assert_msg (!move_in (store, key, &n, &error), "%s", what);
  ck_assert_msg (g_error_matches (error, ES_ERROR, (int) code), "%s: %s", what, error->message);
  ck_assert_uint_eq (n, 0);
  after = read_other ();
  ck_assert_msg (g_bytes_equal (before, after), "%s", what);
}

static void
expect_lapse (EsStore *store, const char *contact, EsLapse lapse)
{
  EsLapse found = ES_LAPSE_NONE;

  ck_assert (es_store_lapse (store, at (ALICE), at (contact), &found, NULL));
  ck_assert_int_eq (found, lapse);
}

static gboolean
has_differed (EsStore *store, const char *contact)
{
  gboolean differed = FALSE;

  ck_assert (es_store_differed (store, at (ALICE), at (contact), &differed, NULL));
  return differed;
}

/* All that make_devices made, and where it was made. */
static void
expect_here (EsStore *store)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL), moved = es_store_moved (store, NULL);

  ck_assert_uint_eq (devices->len, 2);
  fixture_expect (store, 1, 1, "2 ", TRUE);
  fixture_expect (store, 2, 3, "", FALSE);
  ck_assert_uint_eq (moved->len, 0);
  expect_lapse (store, BOB, ES_LAPSE_NONE);
}

static void
expect_gone (EsStore *store)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL), moved = es_store_moved (store, NULL);
  const EsDevice *bob = fixture_find (moved, 1);

  ck_assert_uint_eq (devices->len, 0);
  ck_assert_uint_eq (moved->len, 2);
  ck_assert_str_eq (bob->name, "phone");
  ck_assert (bob->verified && bob->newest == NULL && bob->moved == NOW && bob->verified_at == 1002);
  ck_assert (es_store_is_moved (store, 1) && es_store_is_moved (store, 2) && !es_store_is_moved (store, 3));
  ck_assert (es_store_was_moved (store, at (ALICE), at (BOB)) && !es_store_was_moved (store, at (ALICE), at (ERIN)));
  expect_lapse (store, BOB, ES_LAPSE_NEW);
  expect_lapse (store, CAROL, ES_LAPSE_NONE);
  expect_lapse (store, ERIN, ES_LAPSE_NEW);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (CAROL), NULL), 3);
  for (guint number = 1; number <= 4; number++)
    ck_assert (!fixture_file_holds (number));
}

static void
expect_arrived (EsStore *store)
{
  g_autoptr (GPtrArray) bobs = fixture_devices (store, BOB), carols = fixture_devices (store, CAROL);
  const EsDevice *bob = bobs->len == 1 ? bobs->pdata[0] : NULL;
  g_autofree char *pending = bob != NULL ? fixture_pending (bob) : NULL;
  guint failures = 0;
  gint64 last = 0;

  ck_assert_ptr_nonnull (bob);
  ck_assert_str_eq (pending, "2 ");
  ck_assert (fixture_is (bob->newest, 1) && bob->verified && bob->confirmed && bob->strength == 77);
  ck_assert (bob->created == 1000 && bob->verified_at == 1002 && bob->last_used == 1001 && bob->moved == 0);
  ck_assert_str_eq (bob->name, "phone");
  ck_assert_uint_eq (carols->len, 1);
  ck_assert (fixture_is (((EsDevice *) carols->pdata[0])->newest, 3));
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (CAROL), NULL), 3);
  ck_assert (has_differed (store, DAVE) && !has_differed (store, BOB));
  expect_lapse (store, ERIN, ES_LAPSE_NEW);
  expect_lapse (store, BOB, ES_LAPSE_NONE);
  ck_assert (es_store_password_failures (store, at (ALICE), at (CAROL), &failures, &last, NULL));
  ck_assert (failures == 1 && last == 1005);
}

static gboolean
exists (const char *path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static gboolean
has_part (void)
{
  g_autofree char *part = g_strconcat (file, ".part", NULL);

  return exists (part);
}

/* Not sealed here (0), or sealed, here and there. */
START_TEST (move__all__is_there_and_not_here)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autoptr (GPtrArray) outbox = NULL, dropped = es_store_dropped_new ();
  g_autoptr (GBytes) bytes = NULL;
  struct stat status;

  make_devices (store);
  if (_i == 1)
    {
      ck_assert (fixture_protect (store, 3, NULL));
      ck_assert (fixture_protect (other, 4, NULL));
    }
  move_out (store);
  expect_gone (store);
  ck_assert_int_eq (stat (file, &status), 0);
  ck_assert_uint_eq (status.st_mode & 0777, 0600);
  ck_assert (!has_part () && !state_shows (file));
  outbox = es_store_outbox_load (store, at (ALICE), dropped, NULL);
  ck_assert_uint_eq (outbox->len, 1);

  expect_moves_in (other, 2);
  expect_arrived (other);
  ck_assert (es_store_move_erase (file) && !exists (file));
  ck_assert (es_store_move_erase (file));

  /* All of that outlives the program. */
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  if (_i == 1)
    ck_assert (fixture_unlock (store, 3, NULL));
  expect_gone (store);
}
END_TEST

START_TEST (move__back__is_as_it_was)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autofree char *copy = NULL;
  g_autoptr (GPtrArray) moved = NULL;
  gsize size = 0;

  make_devices (store);
  move_out (store);
  ck_assert (g_file_get_contents (file, &copy, &size, NULL));
  expect_moves_in (other, 2);
  ck_assert (es_store_move_erase (file));
  move_out (other);
  expect_moves_in (store, 2);
  expect_arrived (store);
  moved = es_store_moved (store, NULL);
  ck_assert_uint_eq (moved->len, 0);

  /* Whoever keeps the first one has nothing. */
  fixture_write (file, copy, size);
  expect_not_taken (other, 7, ES_ERROR_MOVE_TAKEN, "there");
  ck_assert (!move_in (store, 7, &(guint){ 0 }, NULL));
}
END_TEST

/* Somebody thinks better of it: the computer that it was moved away from takes it over itself. */
START_TEST (move__here_again__ends_the_lapse)
{
  g_autoptr (EsStore) store = fixture_open ();

  make_devices (store);
  move_out (store);
  expect_moves_in (store, 2);
  expect_arrived (store);
  ck_assert (!es_store_was_moved (store, at (ALICE), at (BOB)));
}
END_TEST

START_TEST (move__twice__is_told)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();

  make_devices (store);
  move_out (store);
  expect_moves_in (other, 2);
  expect_not_taken (other, 7, ES_ERROR_MOVE_TAKEN, "twice");
  expect_arrived (other);
}
END_TEST

/* Failures */

/* ERROR, nothing changed, and no file. */
static void
expect_stays (EsStore *store, const char *path, EsErrorCode code)
{
  g_autofree char *written = NULL, *part = g_strconcat (path, ".part", NULL);
  g_autoptr (GError) error = NULL;
  gboolean was_there = exists (path), was_part = exists (part);

  ck_assert_int_eq (move_out_to (store, path, 7, &written, &error), ES_MOVE_NONE);
  ck_assert_msg (g_error_matches (error, ES_ERROR, (int) code), "%s", error->message);
  ck_assert_ptr_null (written);
  expect_here (store);
  ck_assert (exists (path) == was_there && exists (part) == was_part);
}

START_TEST (move__failure__changes_nothing)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autofree char *nowhere = g_build_filename (fixture_directory, "no", "where", NULL),
                  *part = g_strconcat (file, ".part", NULL), *written = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *raw = NULL;

  ck_assert_int_eq (move_out_to (store, file, 7, &written, &error), ES_MOVE_NONE);
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MOVE_NOTHING));
  ck_assert (!exists (file) && !has_part ());
  make_devices (store);
  expect_stays (store, nowhere, ES_ERROR_MOVE_FILE);
  expect_stays (store, fixture_directory, ES_ERROR_MOVE_EXISTS);
  fixture_write (file, "x", 1);
  expect_stays (store, file, ES_ERROR_MOVE_EXISTS);
  g_remove (file);
  fixture_write (part, "SQLite, but somebody else's", 27);
  expect_stays (store, file, ES_ERROR_MOVE_EXISTS);
  g_remove (part);

  raw = raw_open ();
  raw_run (raw, "BEGIN IMMEDIATE");
  expect_stays (store, file, ES_ERROR_STORE_LOCKED);
  raw_run (raw, "ROLLBACK");
  sqlite3_close (raw);
  move_out (store);
}
END_TEST

/* SQLite would take it for its own, and play it back or delete it. By whatever way the folder is named. */
START_TEST (move__name__is_not_one_of_the_store)
{
  static const char *const ends[] = { "", "-journal", "-wal", "-shm", "-mj0123", "-2", ".part" };
  g_autoptr (EsStore) store = fixture_open ();
  g_autofree char *base = g_path_get_basename (fixture_path),
                  *link = g_build_filename (fixture_directory, "link", NULL), *folder = NULL, *elsewhere = NULL,
                  *written = NULL;
  g_autoptr (GError) error = NULL;

  make_devices (store);
  ck_assert_int_eq (symlink (".", link), 0);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++)
    {
      g_autofree char *plain = g_strconcat (fixture_path, ends[i], NULL),
                      *linked = g_strconcat (link, "/", base, ends[i], NULL), *large = g_ascii_strup (base, -1),
                      *name = g_strconcat (large, ends[i], NULL),
                      *other = g_build_filename (fixture_directory, name, NULL);

      expect_stays (store, plain, ES_ERROR_MOVE_FILE);
      expect_stays (store, linked, ES_ERROR_MOVE_FILE);
      expect_stays (store, other, ES_ERROR_MOVE_FILE);
    }
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  expect_here (store);

  /* In another folder that is a name like any other. */
  folder = g_build_filename (fixture_directory, "folder", NULL);
  ck_assert_int_eq (g_mkdir (folder, 0700), 0);
  elsewhere = g_strconcat (folder, "/", base, "-journal", NULL);
  ck_assert_int_eq (move_out_to (store, elsewhere, 7, &written, &error), ES_MOVE_DONE);
  expect_gone (store);
}
END_TEST

START_TEST (move__locked__does_not_begin)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autofree char *written = NULL;
  g_autoptr (GError) error = NULL;

  make_devices (store);
  ck_assert (fixture_protect (store, 3, NULL));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert_int_eq (move_out_to (store, file, 7, &written, &error), ES_MOVE_NONE);
  fixture_expect_error (&error, ES_ERROR_STORE_KEYRING);
  ck_assert (!exists (file) && !has_part ());
}
END_TEST

/* What is in the file */

START_TEST (move__hostile__file_is_refused)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autofree char *octets = NULL, *link = g_strconcat (file, "-link", NULL);
  gsize size = 0;

  fixture_add (other, BOB, 20, 10);
  make_devices (store);
  move_out (store);
  expect_not_taken (other, 8, ES_ERROR_MOVE_KEY, "another key");
  ck_assert (g_file_get_contents (file, &octets, &size, NULL));

  for (gsize at = 0; at < size; at += at < 100 ? 1 : 307)
    {
      g_autofree char *changed = g_memdup2 (octets, size), *what = g_strdup_printf ("octet %zu", at);
      g_autoptr (GError) error = NULL;
      guint n = 0;

      changed[at] ^= 0x10;
      fixture_write (file, changed, size);
      ck_assert_msg (!move_in (other, 7, &n, &error), "%s", what);
      ck_assert_msg (error->code >= (int) ES_ERROR_MOVE_FILE, "%s: %s", what, error->message);
    }
  for (gsize cut = 0; cut < size; cut += cut < 20 ? 1 : 2003)
    {
      g_autoptr (GError) error = NULL;
      guint n = 0;

      fixture_write (file, octets, cut);
      ck_assert_msg (!move_in (other, 7, &n, &error), "cut at %zu", cut);
      ck_assert_int_eq (error->code, ES_ERROR_MOVE_DAMAGED);
    }
  ck_assert_uint_eq (fixture_devices (other, NULL)->len, 1);

  octets[63] = 7;
  fixture_write (file, octets, size);
  expect_not_taken (other, 7, ES_ERROR_MOVE_NEWER, "newer");
  g_remove (file);
  expect_not_taken (other, 7, ES_ERROR_MOVE_FILE, "none");
  ck_assert_int_eq (symlink (fixture_path, file), 0);
  expect_not_taken (other, 7, ES_ERROR_MOVE_FILE, "a link");
  g_remove (file);
  ck_assert_int_eq (mkfifo (file, 0600), 0);
  expect_not_taken (other, 7, ES_ERROR_MOVE_FILE, "a pipe");
}
END_TEST

/* Made by somebody who knows the passphrase, or by a hand: by SQL on a file that is good. */
START_TEST (move__hostile__tables_are_refused)
{
  static const struct
  {
    const char *sql;
    EsErrorCode code;
  } changes[] = {
    { "DELETE FROM transfers", ES_ERROR_MOVE_DAMAGED },
    { "INSERT INTO transfers (number, own) VALUES ('00000000000000000000000000000000', 1)", ES_ERROR_MOVE_DAMAGED },
    { "DELETE FROM protection", ES_ERROR_MOVE_DAMAGED },
    { "UPDATE protection SET kind = 1, cost = 30", ES_ERROR_MOVE_DAMAGED },
    { "UPDATE protection SET cost = 17", ES_ERROR_MOVE_KEY },
    { "UPDATE protection SET wrapped = CAST ('ESession: whoever wrote this file did not come to an end....' AS BLOB)",
      ES_ERROR_MOVE_CUT_SHORT },
    { "UPDATE devices SET verified = 1", ES_ERROR_MOVE_KEY },
    { "DELETE FROM policies", ES_ERROR_MOVE_KEY },
    { "DELETE FROM differed", ES_ERROR_MOVE_KEY },
    { "CREATE TRIGGER more AFTER INSERT ON devices BEGIN DELETE FROM policies; END", ES_ERROR_MOVE_DAMAGED },
    { "DROP TABLE outbox", ES_ERROR_MOVE_DAMAGED },
    { "PRAGMA user_version = 5", ES_ERROR_MOVE_DAMAGED },
    { "PRAGMA journal_mode = WAL", ES_ERROR_MOVE_DAMAGED },
    { "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000) "
      "INSERT INTO policies SELECT 'a' || i, 'b', 1 FROM n",
      ES_ERROR_MOVE_LIMIT },
    { "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000) "
      "INSERT INTO differed SELECT 'alice@example.org', 'bob' || i || '@example.net' FROM n",
      ES_ERROR_MOVE_LIMIT },
  };
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autofree char *octets = NULL;
  gsize size = 0;

  make_devices (store);
  move_out (store);
  ck_assert (g_file_get_contents (file, &octets, &size, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      sqlite3 *raw = NULL;

      fixture_write (file, octets, size);
      ck_assert_int_eq (sqlite3_open (file, &raw), SQLITE_OK);
      raw_run (raw, "PRAGMA synchronous = OFF");
      raw_run (raw, changes[i].sql);
      sqlite3_close (raw);
      expect_not_taken (other, 7, changes[i].code, changes[i].sql);
    }

  /* A store that nobody made for it. */
  g_clear_pointer (&store, es_store_close);
  g_remove (fixture_path);
  store = fixture_open ();
  fixture_add (store, BOB, 1, 1);
  g_clear_pointer (&store, es_store_close);
  ck_assert_int_eq (rename (fixture_path, file), 0);
  expect_not_taken (other, 7, ES_ERROR_MOVE_DAMAGED, "a store");
  ck_assert_int_eq (truncate (file, (off_t) ES_LIMIT_MOVE_OCTETS + 1), 0);
  expect_not_taken (other, 7, ES_ERROR_MOVE_LIMIT, "large");
}
END_TEST

static guint
be16 (const guint8 *octets)
{
  return ((guint) octets[0] << 8) | octets[1];
}

static void
put32 (guint8 *octets, guint32 number)
{
  number = GUINT32_TO_BE (number);
  memcpy (octets, &number, sizeof number);
}

#define PAGE 4096u
#define CHILDREN 200u

/* A page of a tree (sqlite.org/fileformat.html, section 1.6) all of whose CHILDREN are the page CHILD, but the first, which is FIRST. */
static void
make_inner (guint8 *page, gsize header, guint32 first, guint32 child)
{
  guint8 *head = page + header;

  memset (head, 0, PAGE - header);
  head[0] = 5;
  head[3] = CHILDREN >> 8;
  head[4] = CHILDREN & 0xff;
  put32 (head + 8, child);
  for (guint i = 0; i < CHILDREN; i++)
    {
      guint at = PAGE - (i + 1) * 5;

      put32 (page + at, i == 0 ? first : child);
      page[at + 4] = (guint8) (1 + i % 100);
      head[12 + 2 * i] = (guint8) (at >> 8);
      head[13 + 2 * i] = (guint8) at;
    }
  head[5] = head[12 + 2 * (CHILDREN - 1)];
  head[6] = head[13 + 2 * (CHILDREN - 1)];
}

#define LEVELS 15u

/* The list of tables, which is on the first page, is followed by one of their indexes, so often that nobody has read them all in a lifetime. */
static void
make_endless (void)
{
  g_autofree char *octets = NULL;
  g_autofree guint8 *all = NULL;
  gsize size = 0;
  guint32 pages = 0;

  ck_assert (g_file_get_contents (file, &octets, &size, NULL));
  ck_assert_uint_eq (size % PAGE, 0);
  pages = (guint32) (size / PAGE);
  all = g_malloc0 (size + (LEVELS + 2) * PAGE);
  memcpy (all, octets, size);

  /* All of it, and the last one alone. */
  for (guint i = 0; i < 2; i++)
    {
      guint8 *leaf = all + size + i * PAGE;

      ck_assert_uint_eq (all[100], 13);
      memcpy (leaf, all, PAGE);
      memmove (leaf, leaf + 100, 8 + 2 * be16 (all + 103));
    }
  memcpy (all + size + PAGE + 8, all + size + 8 + 2 * (be16 (all + 103) - 1), 2);
  memcpy (all + size + PAGE + 3, (const guint8[]){ 0, 1 }, 2);
  for (guint i = 0; i < LEVELS; i++)
    make_inner (all + size + (2 + i) * PAGE, 0, pages + 2 + i, pages + 2 + i);
  make_inner (all, 100, pages + 1, pages + 2 + LEVELS);
  put32 (all + 28, pages + 2 + LEVELS);
  fixture_write (file, all, size + (LEVELS + 2) * PAGE);
}

/* To look at it is no work without an end. An endless list (0), what is computed while it is looked at, under a name of SQLite's own (1), and so many
 * tables (2). */
START_TEST (move__hostile__endless_is_refused)
{
  static const char *const changes[] = {
    "CREATE TABLE more (a UNIQUE)",
    ("CREATE TABLE more (a); INSERT INTO more VALUES (hex (zeroblob (20000))); PRAGMA writable_schema = ON;"
     "UPDATE sqlite_schema SET name = 'sqlite_more', tbl_name = 'sqlite_more', sql = 'CREATE TABLE sqlite_more ("
     "a CHECK (a NOT LIKE ''%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%0%1''))' WHERE name = 'more'"),
    ("PRAGMA writable_schema = ON; WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) "
     "INSERT INTO sqlite_schema SELECT 'view', 'v' || i, 'v' || i, 0, 'CREATE VIEW v' || i || ' AS SELECT 1' FROM n"),
  };
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  sqlite3 *raw = NULL;

  make_devices (store);
  move_out (store);
  ck_assert_int_eq (sqlite3_open (file, &raw), SQLITE_OK);
  raw_run (raw, "PRAGMA synchronous = OFF");
  raw_run (raw, changes[_i]);
  sqlite3_close (raw);
  if (_i == 0)
    make_endless ();
  expect_not_taken (other, 7, ES_ERROR_MOVE_DAMAGED, changes[_i]);
}
END_TEST

/* What is known here already */

START_TEST (move__merge__nothing_gets_weaker)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autoptr (GPtrArray) bobs = NULL;
  gint64 mine = 0, same = 0;

  /* Carol's chain is one of both; Bob has another device here, which is verified. */
  make_devices (store);
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 0, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (DAVE), 0, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (ERIN), 2, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (CAROL), 1, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (FRANK), 1, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (GRACE), 2, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (HEIDI), 3, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (IVAN), 1, NULL));
  ck_assert (es_store_set_policy (other, at (ALICE), at (IVAN), 0, NULL));
  same = fixture_add (other, CAROL, 3, 900);
  ck_assert (es_store_set_verified (other, same, TRUE, 950, NULL));
  mine = fixture_add (other, BOB, 20, 900);
  ck_assert (es_store_set_verified (other, mine, TRUE, 950, NULL));
  ck_assert (es_store_set_differed (other, at (ALICE), at (BOB), TRUE, NULL));
  ck_assert (es_store_set_policy (other, at (ALICE), at (CAROL), 3, NULL));
  ck_assert (es_store_set_policy (other, at (ALICE), at (ERIN), 1, NULL));
  move_out (store);
  expect_moves_in (other, 1);

  bobs = fixture_devices (other, BOB);
  ck_assert_uint_eq (bobs->len, 2);
  fixture_expect (other, mine, 20, "", FALSE);
  fixture_expect (other, same, 3, "", FALSE);
  ck_assert (fixture_find (fixture_devices (other, CAROL), same)->verified);
  ck_assert (has_differed (other, BOB) && has_differed (other, DAVE));

  /* Nothing is written to Bob, who is verified, as never encrypted; Carol's stays; Erin's is the stricter one, and a lapse. Of the others nothing was
   * known, and what is usual here, which the store does not know, may be stricter than all but one; and that Ivan is to be asked for was
   * not said here. */
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (BOB), NULL), -1);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (CAROL), NULL), 3);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (ERIN), NULL), 2);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (DAVE), NULL), -1);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (FRANK), NULL), -1);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (GRACE), NULL), -1);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (HEIDI), NULL), 3);
  ck_assert_int_eq (es_store_policy (other, at (ALICE), at (IVAN), NULL), 0);
  expect_lapse (other, ERIN, ES_LAPSE_NEW);
}
END_TEST

/* A device here is verified, and the other computer's is not; too many of them. */
START_TEST (move__merge__makes_no_room_among_the_verified)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 worst = 0;

  fixture_add (store, BOB, 1, 1000);
  ck_assert (es_store_set_verified (store, fixture_add (store, BOB, 2, 1000), TRUE, 1000, NULL));
  for (guint i = 0; i < ES_LIMIT_DEVICES; i++)
    {
      worst = fixture_add (other, BOB, 100 + i, 10);
      ck_assert (es_store_set_verified (other, worst, i > 0 || _i == 1, 10, NULL));
    }
  move_out (store);
  expect_moves_in (other, _i == 1 ? 0 : 1);
  devices = fixture_devices (other, BOB);
  ck_assert_uint_eq (devices->len, ES_LIMIT_DEVICES);
  for (guint i = 0; i < devices->len; i++)
    ck_assert (((EsDevice *) devices->pdata[i])->verified);
}
END_TEST

/* The clock of the other one was wrong. */
START_TEST (move__merge__nothing_is_of_the_future)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autoptr (GPtrArray) devices = NULL;
  const EsDevice *device = NULL;

  ck_assert (es_store_set_verified (store, fixture_add (store, BOB, 1, 900000), TRUE, 900000, NULL));
  move_out (store);
  expect_moves_in (other, 1);
  devices = fixture_devices (other, BOB);
  device = devices->pdata[0];
  ck_assert (device->created == NOW + 10 && device->verified_at == NOW + 10 && device->last_used == NOW + 10);
}
END_TEST

/* An account that nobody has here is as good as any; what is no address is nobody's. */
START_TEST (move__merge__takes_every_account)
{
  g_autoptr (EsStore) store = fixture_open (), other = open_other ();
  g_autoptr (EsSecret) secret = fixture_secret (1);

  ck_assert_int_gt (es_store_add (store, at ("other@example.org"), at (BOB), secret, TRUE, 10, NULL), 0);
  g_clear_pointer (&store, es_store_close);
  tamper ("INSERT INTO policies VALUES ('alice@example.org', '@example.net', 2)");
  store = fixture_open ();
  move_out (store);
  expect_moves_in (other, 1);
  ck_assert_uint_eq (es_store_devices (other, at ("other@example.org"), at (BOB), NULL)->len, 1);
}
END_TEST

START_TEST (move__forget__takes_the_row_away)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) moved = NULL;

  make_devices (store);
  move_out (store);
  ck_assert (es_store_forget (store, 1, NULL));
  ck_assert (es_store_forget_contact (store, at (ALICE), at (CAROL), NULL));
  moved = es_store_moved (store, NULL);
  ck_assert_uint_eq (moved->len, 0);
  expect_lapse (store, BOB, ES_LAPSE_NEW);
}
END_TEST

/* Killed at each write, or nothing can be written from there on */

typedef enum
{
  NO_FAULT,
  KILL,
  TORN,
  FULL,
  BAD
} Fault;

static Fault fault;
static guint fault_at;
static guint fault_calls;

ssize_t __real_pwrite (int fd, const void *data, size_t size, off_t offset);
ssize_t __real_pwrite64 (int fd, const void *data, size_t size, off_t offset);
int __real_renameat2 (int from, const char *old, int to, const char *new, unsigned int flags);
int __real_unlink (const char *path);
ssize_t __wrap_pwrite (int fd, const void *data, size_t size, off_t offset);
ssize_t __wrap_pwrite64 (int fd, const void *data, size_t size, off_t offset);
int __wrap_renameat2 (int from, const char *old, int to, const char *new, unsigned int flags);
int __wrap_unlink (const char *path);

static gboolean
strikes (gboolean needs_room)
{
  if (fault == NO_FAULT)
    return FALSE;
  fault_calls++;
  if (fault_calls == fault_at && (fault == KILL || fault == TORN))
    raise (SIGKILL);
  errno = fault == FULL ? ENOSPC : EIO;
  return fault_calls >= fault_at && fault >= FULL && (needs_room || fault == BAD);
}

ssize_t
__wrap_pwrite64 (int fd, const void *data, size_t size, off_t offset)
{
  if (fault == TORN && fault_calls + 1 == fault_at && __real_pwrite64 (fd, data, size / 2, offset) < 0)
    return -1;
  return strikes (TRUE) ? -1 : __real_pwrite64 (fd, data, size, offset);
}

ssize_t
__wrap_pwrite (int fd, const void *data, size_t size, off_t offset)
{
  return __wrap_pwrite64 (fd, data, size, offset);
}

int
__wrap_renameat2 (int from, const char *old, int to, const char *new, unsigned int flags)
{
  return strikes (FALSE) ? -1 : __real_renameat2 (from, old, to, new, flags);
}

int
__wrap_unlink (const char *path)
{
  return strikes (FALSE) ? -1 : __real_unlink (path);
}

static int
fault_ftruncate (int fd, off_t size)
{
  return strikes (FALSE) ? -1 : ftruncate (fd, size);
}

static void
arm (void)
{
  sqlite3_vfs *vfs = sqlite3_vfs_find ("unix");

  vfs->xSetSystemCall (vfs, "pwrite", (sqlite3_syscall_ptr) __wrap_pwrite64);
  vfs->xSetSystemCall (vfs, "pwrite64", (sqlite3_syscall_ptr) __wrap_pwrite64);
  vfs->xSetSystemCall (vfs, "ftruncate", (sqlite3_syscall_ptr) fault_ftruncate);
  vfs->xSetSystemCall (vfs, "unlink", (sqlite3_syscall_ptr) __wrap_unlink);
  fault_calls = 0;
}

enum
{
  CHILD_UNTOUCHED,
  CHILD_DONE,
  CHILD_FAILED
};

static Fault coming;

static int
move_out_with_fault (void)
{
  g_autoptr (EsStore) store = es_store_open (fixture_path, NULL);
  g_autofree char *written = NULL;
  g_autoptr (GError) error = NULL;
  EsMove move = ES_MOVE_NONE;

  CHILD_CHECK (store != NULL);
  arm ();
  fault = coming;
  move = move_out_to (store, file, 7, &written, &error);
  CHILD_CHECK ((move == ES_MOVE_NONE) == (error != NULL));
  return fault_calls < fault_at ? CHILD_UNTOUCHED : move == ES_MOVE_NONE ? CHILD_FAILED : CHILD_DONE;
}

static void
clear_folder (void)
{
  fixture_remove (fixture_directory);
  ck_assert_int_eq (g_mkdir (fixture_directory, 0755), 0);
}

/* Whether the file, or what is to be that, could be opened now by whoever has the passphrase. */
static gboolean
could_be_opened (const char *path)
{
  g_autoptr (EsSecret) key = outer_key (7);
  g_autoptr (EsStore) moved = es_store_open_moved (path, NULL);

  return moved != NULL && es_store_unlock (moved, key, NULL);
}

/* Whatever happened: one of both, and never both. Then the next start makes it whole. */
static gboolean
check_one_holder (void)
{
  g_autoptr (EsStore) store = fixture_open (), other = NULL;
  g_autofree char *part = g_strconcat (file, ".part", NULL), *path = NULL;
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL);
  gboolean is_here = devices->len > 0;
  EsMove move = ES_MOVE_NONE;

  ck_assert (!is_here || (!could_be_opened (file) && !could_be_opened (part)));
  move = es_store_move_resume (store, &path);
  ck_assert (!has_part ());
  if (is_here)
    {
      ck_assert (move == ES_MOVE_NONE || move == ES_MOVE_TAKEN_BACK);
      expect_here (store);
      ck_assert (!exists (file));
      move_out (store);
    }
  else
    ck_assert (move == ES_MOVE_NONE || move == ES_MOVE_DONE);
  expect_gone (store);
  g_clear_pointer (&path, g_free);
  ck_assert_int_eq (es_store_move_resume (store, &path), ES_MOVE_NONE);
  other = open_other ();
  expect_moves_in (other, 2);
  expect_arrived (other);
  return is_here;
}

START_TEST (move__fault__leaves_one_holder)
{
  guint here = 0, gone = 0;
  int status = 0;

  coming = (Fault) _i;
  for (fault_at = 1; fault_at < 400; fault_at++)
    {
      g_autoptr (EsStore) store = NULL;
      gboolean failed = FALSE, is_here = FALSE;

      clear_folder ();
      store = fixture_open ();
      make_devices (store);
      g_clear_pointer (&store, es_store_close);
      status = in_child (move_out_with_fault);
      if (WIFSIGNALED (status))
        ck_assert_int_eq (WTERMSIG (status), SIGKILL);
      else
        ck_assert_int_le (WEXITSTATUS (status), CHILD_FAILED);
      if (WIFEXITED (status) && WEXITSTATUS (status) == CHILD_UNTOUCHED)
        break;

      /* Who was told that it failed has everything. */
      failed = WIFEXITED (status) && WEXITSTATUS (status) == CHILD_FAILED;
      is_here = check_one_holder ();
      ck_assert (!failed || is_here);
      here += is_here ? 1 : 0;
      gone += is_here ? 0 : 1;
    }
  ck_assert_uint_lt (fault_at, 400);
  ck_assert_uint_ge (here, 5);
  ck_assert_uint_ge (gone, 2);
}
END_TEST

/* What has failed has removed its file, but where it cannot be known whether it has: that is known at the next start, and it is of no use
 * to anybody until then. */
START_TEST (move__full__leaves_no_file)
{
  g_autoptr (EsStore) store = NULL;
  g_autofree char *part = g_strconcat (file, ".part", NULL);
  guint left = 0;
  int status = 0;

  coming = FULL;
  for (fault_at = 1; fault_at < 400; fault_at++)
    {
      clear_folder ();
      store = fixture_open ();
      make_devices (store);
      g_clear_pointer (&store, es_store_close);
      status = in_child (move_out_with_fault);
      ck_assert (WIFEXITED (status));
      if (WEXITSTATUS (status) == CHILD_FAILED)
        {
          ck_assert (!exists (file) && !could_be_opened (part));
          left += has_part () ? 1 : 0;
        }
      else
        break;
    }
  ck_assert_uint_gt (fault_at, 20);
  ck_assert_uint_le (left, fault_at / 2);
}
END_TEST

static int
move_in_with_fault (void)
{
  g_autofree char *path = g_build_filename (fixture_directory, "other.db", NULL);
  g_autoptr (EsStore) other = es_store_open (path, NULL);
  g_autoptr (GError) error = NULL;
  guint n = 0;
  gboolean good = FALSE;

  CHILD_CHECK (other != NULL);
  arm ();
  fault = coming;
  good = move_in (other, 7, &n, &error);
  if (good)
    es_store_move_erase (file);
  return fault_calls < fault_at ? CHILD_UNTOUCHED : good ? CHILD_DONE : CHILD_FAILED;
}

/* All of it or nothing; and once. */
START_TEST (move__fault__takes_over_all_or_nothing)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autofree char *octets = NULL;
  gsize size = 0;
  int status = 0;

  make_devices (store);
  move_out (store);
  g_clear_pointer (&store, es_store_close);
  ck_assert (g_file_get_contents (file, &octets, &size, NULL));
  coming = (Fault) _i;
  for (fault_at = 1; fault_at < 400; fault_at++)
    {
      g_autoptr (EsStore) other = NULL;
      g_autoptr (GPtrArray) devices = NULL;
      guint n = 0;

      clear_folder ();
      fixture_write (file, octets, size);
      g_clear_pointer (&(EsStore *){ open_other () }, es_store_close);
      status = in_child (move_in_with_fault);
      if (WIFEXITED (status) && WEXITSTATUS (status) == CHILD_UNTOUCHED)
        break;
      other = open_other ();
      devices = fixture_devices (other, NULL);
      if (devices->len > 0)
        expect_arrived (other);
      else
        ck_assert (exists (file) && move_in (other, 7, &n, NULL) && n == 2);
      ck_assert (!move_in (other, 7, &n, NULL));
      expect_arrived (other);
    }
  ck_assert_uint_gt (fault_at, 5);
  ck_assert_uint_lt (fault_at, 400);
}
END_TEST

/* The disk with the file is gone when the next start is to finish it, and there again later (0), never (1), or when the user wants to move
 * again: he is told of what is finished by that (2). */
START_TEST (move__unfinished__waits_for_the_file)
{
  g_autoptr (EsStore) store = NULL, other = open_other ();
  g_autofree char *part = g_strconcat (file, ".part", NULL), *away = g_strconcat (file, ".away", NULL), *path = NULL,
                  *written = NULL, *second = g_strconcat (file, "-second", NULL);
  g_autoptr (GError) error = NULL;
  int status = 0;

  coming = KILL;
  for (fault_at = 1; fault_at < 400 && (store == NULL || fixture_devices (store, NULL)->len > 0); fault_at++)
    {
      g_clear_pointer (&store, es_store_close);
      g_remove (fixture_path);
      g_remove (part);
      store = fixture_open ();
      make_devices (store);
      g_clear_pointer (&store, es_store_close);
      status = in_child (move_out_with_fault);
      ck_assert (WIFSIGNALED (status));
      store = fixture_open ();
    }
  expect_gone (store);
  expect_not_taken (other, 7, ES_ERROR_MOVE_FILE, "not there");
  ck_assert_int_eq (rename (part, away), 0);
  ck_assert_int_eq (es_store_move_resume (store, &path), ES_MOVE_UNFINISHED);
  ck_assert_str_eq (path, file);

  /* What is new here waits until then, or until the user gives that up. */
  fixture_add (store, BOB, 30, 1000);
  ck_assert_int_eq (move_out_to (store, file, 7, &written, &error), ES_MOVE_NONE);
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MOVE_UNDONE));
  if (_i == 1)
    {
      ck_assert (es_store_move_give_up (store, NULL));
      move_out (store);
      expect_moves_in (other, 1);
      return;
    }
  ck_assert_int_eq (rename (away, part), 0);
  if (_i == 2)
    {
      g_clear_error (&error);
      g_clear_pointer (&written, g_free);
      ck_assert_int_eq (move_out_to (store, second, 8, &written, &error), ES_MOVE_DONE);
      ck_assert_str_eq (written, file);
      ck_assert (!exists (second));
      ck_assert_uint_eq (fixture_devices (store, NULL)->len, 1);
      expect_moves_in (other, 2);
      return;
    }

  /* Nobody takes over what is not finished. */
  ck_assert_int_eq (rename (part, file), 0);
  expect_not_taken (other, 7, ES_ERROR_MOVE_CUT_SHORT, "not finished");
  ck_assert_int_eq (rename (file, part), 0);
  g_clear_pointer (&path, g_free);
  ck_assert_int_eq (es_store_move_resume (store, &path), ES_MOVE_DONE);
  ck_assert_str_eq (path, file);
  expect_moves_in (other, 2);
  expect_arrived (other);
}
END_TEST

/* Another file has its name by then. */
START_TEST (move__name__is_another_one_where_it_is_taken)
{
  g_autoptr (EsStore) store = NULL;
  g_autofree char *part = g_strconcat (file, ".part", NULL), *other = g_strconcat (file, "-2", NULL), *path = NULL;

  coming = KILL;
  for (fault_at = 1; fault_at < 400 && (store == NULL || fixture_devices (store, NULL)->len > 0); fault_at++)
    {
      g_clear_pointer (&store, es_store_close);
      g_remove (fixture_path);
      g_remove (part);
      store = fixture_open ();
      make_devices (store);
      g_clear_pointer (&store, es_store_close);
      ck_assert (WIFSIGNALED (in_child (move_out_with_fault)));
      store = fixture_open ();
    }
  fixture_write (file, "x", 1);
  ck_assert_int_eq (es_store_move_resume (store, &path), ES_MOVE_DONE);
  ck_assert_str_eq (path, other);
  ck_assert (could_be_opened (other));
}
END_TEST

/* Another program is at it: it is left alone. */
START_TEST (move__resume__does_not_disturb)
{
  g_autoptr (EsStore) store = fixture_open (), second = fixture_open ();
  g_autofree char *part = g_strconcat (file, ".part", NULL), *path = NULL;
  g_autofree char *sql = g_strdup_printf ("INSERT INTO moving VALUES (1, CAST ('%s' AS BLOB), 0, NULL)", file);
  sqlite3 *raw = NULL;

  make_devices (store);
  tamper (sql);
  fixture_write (part, "SQLite format 3", 16);
  raw = raw_open ();
  raw_run (raw, "BEGIN IMMEDIATE");
  ck_assert_int_eq (es_store_move_resume (second, &path), ES_MOVE_NONE);
  ck_assert (has_part ());
  raw_run (raw, "ROLLBACK");
  sqlite3_close (raw);

  /* Nor is what is not ours. */
  fixture_write (part, "x", 1);
  g_clear_pointer (&path, g_free);
  ck_assert_int_eq (es_store_move_resume (second, &path), ES_MOVE_NONE);
  ck_assert (has_part ());
  fixture_write (part, "SQLite", 6);
  g_clear_pointer (&path, g_free);
  ck_assert_int_eq (es_store_move_resume (second, &path), ES_MOVE_TAKEN_BACK);
  ck_assert (!has_part ());
  expect_here (store);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    move__back__is_as_it_was,
    move__here_again__ends_the_lapse,
    move__twice__is_told,
    move__failure__changes_nothing,
    move__name__is_not_one_of_the_store,
    move__locked__does_not_begin,
    move__hostile__file_is_refused,
    move__hostile__tables_are_refused,
    move__merge__nothing_gets_weaker,
    move__merge__nothing_is_of_the_future,
    move__merge__takes_every_account,
    move__forget__takes_the_row_away,
    move__full__leaves_no_file,
    move__name__is_another_one_where_it_is_taken,
    move__resume__does_not_disturb,
  };
  TCase *tcase = tcase_create ("es-store-move");

  tcase_add_unchecked_fixture (tcase, fixture_setup_root, fixture_teardown_root);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_set_timeout (tcase, 250);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  tcase_add_loop_test (tcase, move__hostile__endless_is_refused, 0, 3);
  tcase_add_loop_test (tcase, move__all__is_there_and_not_here, 0, 2);
  tcase_add_loop_test (tcase, move__merge__makes_no_room_among_the_verified, 0, 2);
  tcase_add_loop_test (tcase, move__fault__leaves_one_holder, KILL, BAD + 1);
  tcase_add_loop_test (tcase, move__fault__takes_over_all_or_nothing, KILL, BAD + 1);
  tcase_add_loop_test (tcase, move__unfinished__waits_for_the_file, 0, 3);
  return fixture_main ("es-store-move", tcase);
}
