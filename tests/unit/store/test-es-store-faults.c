/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file below es-store when something is in the way: locks, missing rights, full disks, a process that
 * ends in the middle of a change. */
#include "es-store-fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* Locks */

START_TEST (sqlite__lock__of_another_program_is_an_error_for_now)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *raw = NULL;
  gint64 start = 0;

  make_state ();
  store = fixture_open ();
  raw = raw_open ();
  raw_run (raw, "BEGIN EXCLUSIVE");

  start = g_get_monotonic_time ();
  ck_assert (!change_state (store, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_LOCKED);
  ck_assert_int_lt (g_get_monotonic_time () - start, 2 * G_USEC_PER_SEC);

  ck_assert_ptr_null (es_store_all_devices (store, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_LOCKED);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), &error), -2);
  fixture_expect_error (&error, ES_ERROR_STORE_LOCKED);
  fixture_expect_refused (ES_ERROR_STORE_LOCKED);

  raw_run (raw, "ROLLBACK");
  ck_assert (!changed_state ());
  ck_assert (change_state (store, NULL));
  ck_assert (changed_state ());
  sqlite3_close (raw);
}
END_TEST

START_TEST (sqlite__lock__of_a_reader_undoes_the_change)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *raw = NULL;

  make_state ();
  store = fixture_open ();
  raw = raw_open ();
  raw_run (raw, "BEGIN; SELECT * FROM policies");

  ck_assert (!change_state (store, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_LOCKED);
  ck_assert (!changed_state ());

  raw_run (raw, "COMMIT");
  ck_assert (change_state (store, NULL));
  ck_assert (changed_state ());
  sqlite3_close (raw);
}
END_TEST

static gpointer
end_soon (gpointer data)
{
  g_usleep (50 * 1000);
  sqlite3_exec (data, "ROLLBACK", NULL, NULL, NULL);
  return NULL;
}

/* A change that began as a reader would not wait but fail. */
START_TEST (sqlite__lock__that_ends_soon_is_waited_for)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GError) error = NULL;
  GThread *thread = NULL;
  sqlite3 *raw = NULL;

  make_state ();
  store = fixture_open ();
  raw = raw_open ();
  raw_run (raw, "BEGIN IMMEDIATE");
  thread = g_thread_new ("other", end_soon, raw);
  ck_assert_msg (change_state (store, &error), "%s", error != NULL ? error->message : "no error");
  g_thread_join (thread);
  ck_assert (changed_state ());
  sqlite3_close (raw);
}
END_TEST

/* Asks the system: a child of ours has a copy of what SQLite thinks that is locked. */
static int
file_is_locked (void)
{
  struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  int fd = open (fixture_path, O_RDWR | O_CLOEXEC);

  CHILD_CHECK (fd >= 0 && fcntl (fd, F_GETLK, &lock) == 0);
  return lock.l_type != F_UNLCK;
}

/* Closing any descriptor of a file drops all locks that the process holds on it. */
START_TEST (sqlite__lock__of_this_process_survives_an_open)
{
  sqlite3 *raw = NULL;

  make_state ();
  expect_exit (in_child (file_is_locked), FALSE);
  raw = raw_open ();
  raw_run (raw, "BEGIN EXCLUSIVE");
  expect_exit (in_child (file_is_locked), TRUE);
  fixture_expect_refused (ES_ERROR_STORE_LOCKED);
  expect_exit (in_child (file_is_locked), TRUE);
  raw_run (raw, "ROLLBACK");
  sqlite3_close (raw);
}
END_TEST

/* Not writable. In a child without the rights of root, which no mode keeps from writing. */

static void
drop_rights (void)
{
  if (geteuid () == 0 && (setgroups (0, NULL) != 0 || setgid (65534) != 0 || setuid (65534) != 0))
    _exit (98);
}

static int
only_reads (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  drop_rights ();
  CHILD_CHECK (g_access (fixture_directory, W_OK) != 0);
  store = es_store_open (fixture_path, &error);
  CHILD_CHECK (store != NULL);
  CHILD_CHECK (es_store_policy (store, at (ALICE), at (BOB), &error) == 1);
  devices = es_store_all_devices (store, &error);
  CHILD_CHECK (devices != NULL && devices->len == ES_LIMIT_DEVICES + 1);

  CHILD_CHECK (!change_state (store, &error));
  CHILD_CHECK (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_READONLY));
  g_clear_error (&error);
  CHILD_CHECK (!es_store_set_policy (store, at (ALICE), at (BOB), 2, &error));
  CHILD_CHECK (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_READONLY));
  g_clear_error (&error);
  CHILD_CHECK (!es_store_forget (store, state_carols, &error));
  CHILD_CHECK (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_READONLY));
  CHILD_CHECK (es_store_policy (store, at (ALICE), at (BOB), NULL) == 1);
  return 0;
}

static int
cannot_create (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = NULL;

  drop_rights ();
  store = es_store_open (fixture_path, &error);
  CHILD_CHECK (store == NULL);
  CHILD_CHECK (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_READONLY));
  return 0;
}

START_TEST (sqlite__readonly__can_be_read)
{
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;

  make_state ();
  before = fixture_read (fixture_path);
  ck_assert_int_eq (chmod (fixture_directory, 0555), 0);

  /* The file; then, with a file that may be written, its directory, where the journal has to go. */
  ck_assert_int_eq (chmod (fixture_path, 0444), 0);
  expect_exit (in_child (only_reads), 0);
  ck_assert_int_eq (chmod (fixture_path, 0666), 0);
  expect_exit (in_child (only_reads), 0);

  after = fixture_read (fixture_path);
  ck_assert (g_bytes_equal (before, after));
}
END_TEST

START_TEST (sqlite__readonly__directory_gets_no_file)
{
  ck_assert_int_eq (chmod (fixture_directory, 0555), 0);
  expect_exit (in_child (cannot_create), 0);
  ck_assert (!g_file_test (fixture_path, G_FILE_TEST_EXISTS));

  /* And an empty file stays empty. */
  ck_assert_int_eq (chmod (fixture_directory, 0755), 0);
  fixture_write (fixture_path, "", 0);
  ck_assert_int_eq (chmod (fixture_path, 0444), 0);
  ck_assert_int_eq (chmod (fixture_directory, 0555), 0);
  expect_exit (in_child (cannot_create), 0);

  /* Nor is one opened that may not even be read. */
  ck_assert_int_eq (chmod (fixture_path, 0), 0);
  expect_exit (in_child (cannot_create), 0);
}
END_TEST

/* A full disk */

static int
fill_disk (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = es_store_open (fixture_path, &error);
  g_autoptr (GPtrArray) devices = NULL;
  struct stat status;
  struct rlimit limit;
  int added = 0;

  CHILD_CHECK (store != NULL && stat (fixture_path, &status) == 0);
  signal (SIGXFSZ, SIG_IGN);
  limit.rlim_cur = limit.rlim_max = (rlim_t) status.st_size;
  CHILD_CHECK (setrlimit (RLIMIT_FSIZE, &limit) == 0);

  for (added = 0; added < 90 && error == NULL; added++)
    {
      g_autoptr (EsSecret) secret = fixture_secret (1000 + (guint) added);

      es_store_add (store, at (ALICE), at (CAROL), secret, FALSE, 10 + added, &error);
    }
  CHILD_CHECK (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_FULL));

  devices = es_store_all_devices (store, NULL);
  CHILD_CHECK (devices != NULL && (int) devices->len == (int) ES_LIMIT_DEVICES + added);
  return added - 1;
}

START_TEST (sqlite__full__keeps_what_was_there)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  int status = 0;
  guint added = 0;

  make_state ();
  status = in_child (fill_disk);
  ck_assert (WIFEXITED (status));
  added = (guint) WEXITSTATUS (status);
  ck_assert_uint_lt (added, ES_LIMIT_DEVICES - 1);

  store = fixture_open ();
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, ES_LIMIT_DEVICES);
  g_clear_pointer (&devices, g_ptr_array_unref);
  devices = fixture_devices (store, CAROL);
  ck_assert_uint_eq (devices->len, 1 + added);
  fixture_expect (store, state_carols, PROVEN, "2 4 ", FALSE);
  for (guint i = 0; i < added; i++)
    ck_assert (fixture_file_holds (1000 + i));
}
END_TEST

/* Ends and errors at every single write, truncation and deletion: SQLite lets its system calls be
 * replaced. */

typedef enum
{
  FAULT_KILL, /* the process ends before the call */
  FAULT_TORN, /* it ends when half is written */
  FAULT_FULL, /* from this call on there is no room */
  FAULT_BAD   /* from this call on nothing works */
} Fault;

static Fault fault;
static guint fault_at;
static guint fault_calls;
static gboolean protecting;  /* no secret is to be left behind */
static gboolean left_behind; /* one was */

/* Whether the call fails, with errno set. */
static gboolean
strike (gboolean needs_room)
{
  fault_calls++;
  if (fault_calls == fault_at && (fault == FAULT_KILL || fault == FAULT_TORN))
    raise (SIGKILL);

  errno = fault == FAULT_FULL ? ENOSPC : EIO;
  return fault_calls >= fault_at && (needs_room || fault == FAULT_BAD);
}

static ssize_t
fault_pwrite (int fd, const void *data, size_t size, off_t offset)
{
  if (fault == FAULT_TORN && fault_calls + 1 == fault_at && pwrite (fd, data, size / 2, offset) < 0)
    return -1;
  return strike (TRUE) ? -1 : pwrite (fd, data, size, offset);
}

static ssize_t
fault_write (int fd, const void *data, size_t size)
{
  if (fault == FAULT_TORN && fault_calls + 1 == fault_at && write (fd, data, size / 2) < 0)
    return -1;
  return strike (TRUE) ? -1 : write (fd, data, size);
}

static int
fault_ftruncate (int fd, off_t size)
{
  return strike (FALSE) ? -1 : ftruncate (fd, size);
}

/* What is deleted stays on the disk for whoever can read it. */
static int
fault_unlink (const char *path)
{
  if (protecting && state_shows (path))
    left_behind = TRUE;
  return strike (FALSE) ? -1 : unlink (path);
}

static void
arm (void)
{
  sqlite3_vfs *vfs = sqlite3_vfs_find ("unix");

  vfs->xSetSystemCall (vfs, "pwrite", (sqlite3_syscall_ptr) fault_pwrite);
  vfs->xSetSystemCall (vfs, "pwrite64", (sqlite3_syscall_ptr) fault_pwrite);
  vfs->xSetSystemCall (vfs, "write", (sqlite3_syscall_ptr) fault_write);
  vfs->xSetSystemCall (vfs, "ftruncate", (sqlite3_syscall_ptr) fault_ftruncate);
  vfs->xSetSystemCall (vfs, "unlink", (sqlite3_syscall_ptr) fault_unlink);
  fault_calls = 0;
}

enum
{
  CHILD_UNTOUCHED, /* done, and the fault never came */
  CHILD_DONE,
  CHILD_FAILED,
  CHILD_CODES
};

static int
report (gboolean done, const GError *error)
{
  if (done)
    return fault_calls < fault_at ? CHILD_UNTOUCHED : CHILD_DONE;

  CHILD_CHECK (error != NULL);
  CHILD_CHECK (g_error_matches (error, ES_ERROR, fault == FAULT_FULL ? ES_ERROR_STORE_FULL : ES_ERROR_STORE));
  return CHILD_FAILED;
}

static int
change_with_fault (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = es_store_open (fixture_path, &error);
  gboolean done = FALSE;

  CHILD_CHECK (store != NULL);
  arm ();
  done = change_state (store, &error);
  return report (done, error);
}

static int
create_with_fault (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = NULL;

  arm ();
  store = es_store_open (fixture_path, &error);
  return report (store != NULL, error);
}

static void
remove_files (void)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);

  g_remove (journal);
  g_remove (fixture_path);
}

/* Strikes every call of BODY in turn and runs CHECK after each; returns how many there were. */
static guint
strike_all (int (*body) (void), GBytes *start, void (*check) (int status))
{
  for (fault_at = 1; fault_at < 200; fault_at++)
    {
      int status = 0;

      remove_files ();
      if (start != NULL)
        fixture_write (fixture_path, g_bytes_get_data (start, NULL), g_bytes_get_size (start));
      status = in_child (body);
      if (WIFSIGNALED (status))
        ck_assert_int_eq (WTERMSIG (status), SIGKILL);
      else
        ck_assert_int_lt (WEXITSTATUS (status), CHILD_CODES);
      check (status);
      if (WIFEXITED (status) && WEXITSTATUS (status) == CHILD_UNTOUCHED)
        return fault_at - 1;
    }
  ck_abort_msg ("no end");
  return 0;
}

static guint states[2];

static void
check_change (int status)
{
  gboolean changed = changed_state ();

  states[changed]++;
  if (WIFEXITED (status))
    ck_assert_int_eq (changed, WEXITSTATUS (status) != CHILD_FAILED);
}

static void
check_creation (int status G_GNUC_UNUSED)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL);

  ck_assert_uint_eq (devices->len, 0);
  fixture_add (store, BOB, 1, 1);
}

START_TEST (sqlite__fault__leaves_the_old_state_or_the_new)
{
  g_autoptr (GBytes) start = NULL;

  /* The first change meets all faults, the others one that ends the process and one that does not. */
  state_change = _i <= FAULT_BAD ? 0 : (guint) (_i - FAULT_BAD + 1) / 2;
  fault = _i <= FAULT_BAD ? (Fault) _i : _i % 2 == 0 ? FAULT_KILL : FAULT_FULL;
  make_state ();
  start = fixture_read (fixture_path);
  states[FALSE] = states[TRUE] = 0;
  ck_assert_uint_ge (strike_all (change_with_fault, start, check_change), 5);
  ck_assert_uint_ge (states[FALSE], 4);
  ck_assert_uint_ge (states[TRUE], 1);
}
END_TEST

START_TEST (sqlite__fault__while_creating_can_be_made_good)
{
  fault = (Fault) _i;
  ck_assert_uint_ge (strike_all (create_with_fault, NULL, check_creation), 4);
}
END_TEST

/* From one protection to another */

static const struct
{
  guint from, to; /* keys; 0: none */
} changes[] = { { 0, 1 }, { 1, 2 }, { 1, 0 } };

static guint change_of;

static int
protect_with_fault (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = es_store_open (fixture_path, &error);
  gboolean done = FALSE;

  CHILD_CHECK (store != NULL);
  CHILD_CHECK (changes[change_of].from == 0 || fixture_unlock (store, changes[change_of].from, &error));
  protecting = changes[change_of].to != 0;
  arm ();
  done = fixture_protect (store, changes[change_of].to, &error);
  CHILD_CHECK (!done || !left_behind);
  return report (done, error);
}

static void
check_protection (int status)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);
  g_autoptr (EsStore) store = fixture_open ();
  guint from = changes[change_of].from, to = changes[change_of].to;
  gboolean changed = FALSE;

  /* A new key is needed, or none: the old one opens nothing of the new. */
  if (es_store_is_locked (store))
    changed = from == 0 || !fixture_unlock (store, from, NULL);
  else
    changed = from != 0;
  ck_assert (!changed || to == 0 || fixture_unlock (store, to, NULL));
  ck_assert (!es_store_is_locked (store));
  ck_assert (!changed_state_of (store));
  states[changed]++;
  if (WIFEXITED (status))
    ck_assert_int_eq (changed, WEXITSTATUS (status) != CHILD_FAILED);

  if (!changed || to == 0)
    return;
  ck_assert (!state_shows (fixture_path));
  ck_assert (!g_file_test (journal, G_FILE_TEST_EXISTS));
}

START_TEST (sqlite__fault__leaves_the_old_protection_or_the_new)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GBytes) start = NULL;

  fault = (Fault) (_i % (FAULT_BAD + 1));
  change_of = (guint) _i / (FAULT_BAD + 1);
  make_state ();
  store = fixture_open ();
  ck_assert (changes[change_of].from == 0 || fixture_protect (store, changes[change_of].from, NULL));
  g_clear_pointer (&store, es_store_close);
  start = fixture_read (fixture_path);
  states[FALSE] = states[TRUE] = 0;
  ck_assert_uint_ge (strike_all (protect_with_fault, start, check_protection), 8);
  ck_assert_uint_ge (states[FALSE], 4);
  ck_assert_uint_ge (states[TRUE], 4);
}
END_TEST

/* A file of the first version, with a device and a policy under another spelling of an address, becomes what it becomes where
 * nothing happens on the way. */

static GBytes *
first_version (void)
{
  g_autoptr (EsStore) store = NULL;
  GBytes *octets = NULL;
  sqlite3 *raw = NULL;

  make_state ();
  raw = raw_open ();
  raw_run (
      raw,
      "CREATE TEMP TABLE d AS SELECT id, account, contact, name, verified, confirmed, created, verified_at, "
      "last_used, newest, older, strength FROM devices; CREATE TEMP TABLE s AS SELECT * FROM sqlite_sequence;"
      "UPDATE d SET contact = 'BOB@example.NET' WHERE id = 9;"
      "DROP TABLE devices; DROP TABLE protection; DROP TABLE outbox; DROP TABLE failures; DROP TABLE "
      "differed; DROP TABLE lineage; DROP TABLE moved; DROP TABLE moving; DROP TABLE transfers;" DEVICES_OF_VERSION_1
      ";INSERT INTO devices SELECT * FROM d;"
      "INSERT INTO policies VALUES ('Alice@example.org', 'bob@example.net', 3);"
      "UPDATE sqlite_sequence SET seq = (SELECT seq FROM s WHERE name = 'devices');"
      "PRAGMA user_version = 1");
  sqlite3_close (raw);
  octets = fixture_read (fixture_path);

  store = fixture_open ();
  g_free (state_before);
  state_before = state_dump (store);
  ck_assert (g_str_has_suffix (state_before, "0 0 3"));
  ck_assert_ptr_nonnull (strstr (state_before, "\n9 bob@example.net "));
  return octets;
}

static void
check_upgrade (int status G_GNUC_UNUSED)
{
  ck_assert (!changed_state ());
}

START_TEST (sqlite__fault__while_upgrading_can_be_made_good)
{
  g_autoptr (GBytes) start = first_version ();

  fault = (Fault) _i;
  ck_assert_uint_ge (strike_all (create_with_fault, start, check_upgrade), 5);
}
END_TEST

static int
leave_foreign_journal (void)
{
  sqlite3 *raw = NULL;

  if (sqlite3_open (fixture_path, &raw) != SQLITE_OK)
    return 99;
  arm ();
  sqlite3_exec (raw, "UPDATE theirs SET a = a + 1", NULL, NULL, NULL);
  return 99;
}

START_TEST (sqlite__open__leaves_the_journal_of_others_alone)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);
  g_autoptr (GBytes) before = NULL;
  g_autoptr (GBytes) after = NULL;
  int status = 0;

  tamper ("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)");
  fault = FAULT_KILL;
  for (fault_at = 4; before == NULL || g_bytes_get_size (before) < 4096; fault_at++)
    {
      g_clear_pointer (&before, g_bytes_unref);
      status = in_child (leave_foreign_journal);
      ck_assert (WIFSIGNALED (status));
      before = fixture_read (journal);
    }

  expect_damaged ("with a journal");
  after = fixture_read (journal);
  ck_assert (g_bytes_equal (before, after));
}
END_TEST

/* Ended from outside in the middle of a thousand changes */

static volatile guint *progress;
static gint64 killed;

static int
prove_a_thousand (void)
{
  g_autoptr (EsStore) store = es_store_open (fixture_path, NULL);

  for (guint number = 2; number < 1000; number++)
    {
      g_autoptr (EsSecret) found = fixture_secret (number - 1);
      g_autoptr (EsSecret) secret = fixture_secret (number);
      g_autoptr (GPtrArray) held = g_ptr_array_new ();

      g_ptr_array_add (held, found);
      CHILD_CHECK (es_store_add_pending (store, at (ALICE), at (BOB), killed, found, secret, NULL));
      CHILD_CHECK (es_store_prove (store, killed, held, secret, number, NULL));
      *progress = number;
    }
  return 0;
}

START_TEST (sqlite__kill__leaves_one_of_the_valid_states)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (9);

  progress = mmap (NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ck_assert_ptr_ne ((void *) progress, MAP_FAILED);
  for (int round = 0; round < 12; round++)
    {
      g_autoptr (EsStore) store = NULL;
      guint until = (guint) g_rand_int_range (random, 2, 700);
      guint newest = 0;
      pid_t pid = 0;

      remove_files ();
      store = fixture_open ();
      killed = fixture_add (store, BOB, 1, 1);
      g_clear_pointer (&store, es_store_close);

      *progress = 1;
      pid = fork ();
      ck_assert_int_ge (pid, 0);
      if (pid == 0)
        _exit (prove_a_thousand ());
      while (*progress < until)
        {
          ck_assert_int_eq (waitpid (pid, NULL, WNOHANG), 0);
          g_usleep (10);
        }
      g_usleep ((gulong) g_rand_int_range (random, 0, 200));
      ck_assert_int_eq (kill (pid, SIGKILL), 0);
      ck_assert (WIFSIGNALED (wait_for (pid)));

      /* What was done stays done; what was begun may be. */
      newest = *progress;
      store = fixture_open ();
      if (!fixture_file_holds (newest))
        fixture_expect (store, killed, newest + 1, "", TRUE);
      else if (fixture_file_holds (newest + 1))
        {
          g_autofree char *pending = g_strdup_printf ("%u ", newest + 1);

          fixture_expect (store, killed, newest, pending, newest > 1);
        }
      else
        fixture_expect (store, killed, newest, "", newest > 1);
      fixture_add (store, CAROL, 5000, 1);
    }
  munmap ((void *) progress, sizeof *progress);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    sqlite__lock__of_another_program_is_an_error_for_now,
    sqlite__lock__of_a_reader_undoes_the_change,
    sqlite__lock__that_ends_soon_is_waited_for,
    sqlite__lock__of_this_process_survives_an_open,
    sqlite__readonly__can_be_read,
    sqlite__readonly__directory_gets_no_file,
    sqlite__full__keeps_what_was_there,
    sqlite__open__leaves_the_journal_of_others_alone,
    sqlite__kill__leaves_one_of_the_valid_states,
  };
  TCase *tcase = fixture_tcase ("es-store-faults");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  tcase_add_loop_test (tcase, sqlite__fault__leaves_the_old_state_or_the_new, 0,
                       FAULT_BAD + 1 + 2 * ((int) G_N_ELEMENTS (state_changes) - 1));
  tcase_add_loop_test (tcase, sqlite__fault__while_creating_can_be_made_good, FAULT_KILL, FAULT_BAD + 1);
  tcase_add_loop_test (tcase, sqlite__fault__while_upgrading_can_be_made_good, FAULT_KILL, FAULT_BAD + 1);
  tcase_add_loop_test (tcase, sqlite__fault__leaves_the_old_protection_or_the_new, 0,
                       (FAULT_BAD + 1) * (int) G_N_ELEMENTS (changes));
  return fixture_main ("es-store-faults", tcase);
}
