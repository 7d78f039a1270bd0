/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of remembered devices is damaged, locked, not writable, or the disk is full: the user is told
 * which, once; nothing leaves in the clear, nothing is written over, and when it is repaired everything
 * works again. */
#include "es-forge.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;

static const char *full_path; /* writes to this file, or its journal, find no room */

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
}

static void
teardown (void)
{
  full_path = NULL;
  g_clear_pointer (&world, world_free);
}

static char *before;
static gsize before_size;

static void
note_file (const Endpoint *endpoint)
{
  g_free (before);
  ck_assert (g_file_get_contents (endpoint->path, &before, &before_size, NULL));
}

static void
assert_file_unchanged (const Endpoint *endpoint)
{
  g_autofree char *after = NULL;
  gsize size = 0;

  ck_assert (g_file_get_contents (endpoint->path, &after, &size, NULL));
  ck_assert_uint_eq (size, before_size);
  ck_assert (memcmp (before, after, size) == 0);
  g_clear_pointer (&before, g_free);
}

/* A file as there is one after the first session. */
static void
make_file (Endpoint *endpoint)
{
  EsTrustSummary summary;

  ck_assert (
      es_trust_summary (endpoint->trust, es_at (endpoint->bare), es_at ("somebody@example.org"), &summary, NULL));
  es_trust_free (endpoint->trust);
  endpoint->trust = es_trust_new (endpoint->path);
}

static void
sign_on (void)
{
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
}

/* Alice opens the conversation and writes. */
static void
write_secret (void)
{
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "a secret");
  world_run (world);
}

/* Whose file failed was told why, once; the other side at most once that nothing came of it. */
static void
assert_told (Endpoint *endpoint, EsErrorCode code)
{
  Endpoint *other = endpoint == alice ? bob : alice;
  EsConversation what;

  ck_assert_str_eq (texts (endpoint->warnings), es_said_of (code));
  ck_assert_uint_le (other->warnings->len, 1);
  es_manager_describe (endpoint->manager, es_at (endpoint == alice ? BOB : ALICE), &what);
  ck_assert (what.state == ES_STATE_ENDED || what.state == ES_STATE_PLAIN);
  ck_assert_ptr_null (what.code);
  ck_assert_uint_eq (world_count (world, NULL, "<mac>"), 0);
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* Nothing more is said, and nothing leaves, however long it lasts. */
static void
assert_quiet (void)
{
  guint n_alice = alice->warnings->len, n_bob = bob->warnings->len;

  world_wait (world, 60);
  ck_assert_uint_eq (alice->warnings->len, n_alice);
  ck_assert_uint_eq (bob->warnings->len, n_bob);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* What was held back came back, or goes out now; whatever is written from now on passes. */
static void
assert_works (void)
{
  world_wait (world, 6);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "more secrets");
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (bob->shown), alice->returned->len > 0 ? "more secrets" : "a secret|more secrets");
  ck_assert_uint_eq (alice->returned->len + bob->shown->len, 2);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* Damaged */

static const char junk[] = "This was a store of remembered devices. It is not one any more.";

/* All of it, in the same file. */
static void
overwrite (const Endpoint *endpoint)
{
  struct stat status;
  int fd = open (endpoint->path, O_WRONLY);

  ck_assert_int_ge (fd, 0);
  ck_assert_int_eq (fstat (fd, &status), 0);
  for (off_t at = 0; at < status.st_size; at += sizeof junk)
    ck_assert_int_eq (pwrite (fd, junk, sizeof junk, at), sizeof junk);
  close (fd);
}

START_TEST (store__damaged__is_told_and_kept)
{
  Endpoint *victim = _i == 0 ? alice : bob;

  ck_assert (g_file_set_contents (victim->path, junk, -1, NULL));
  note_file (victim);
  sign_on ();
  write_secret ();
  assert_told (victim, ES_ERROR_STORE_DAMAGED);
  assert_quiet ();
  assert_file_unchanged (victim);

  /* The user does as told. */
  g_unlink (victim->path);
  assert_works ();
}
END_TEST

/* Who cannot know whether a contact was verified does not write in the clear, though the contact's program
 * could read nothing else. */
START_TEST (store__damaged__lets_nothing_out_in_the_clear)
{
  bob->supports = FALSE;
  ck_assert (g_file_set_contents (alice->path, junk, -1, NULL));
  sign_on ();
  write_secret ();
  world_wait (world, 60);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  g_unlink (alice->path);
  world_wait (world, 6);
  endpoint_type (alice, BOB, "another secret");
  world_wait (world, 6);

  /* A new list says nothing of what the other one said: the user chooses, and the order is what it was. */
  ck_assert_str_eq (texts (bob->shown), "");
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret|another secret");
}
END_TEST

/* It was well when it was opened. The user moves it away, and need not start anew for that. */
START_TEST (store__damaged__in_a_session_is_told_at_the_next)
{
  Endpoint *victim = _i == 0 ? alice : bob;

  sign_on ();
  write_secret ();
  ck_assert_str_eq (texts (bob->shown), "a secret");
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  overwrite (victim);
  note_file (victim);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (victim->warnings->pdata[victim->warnings->len - 1], es_said_of (ES_ERROR_STORE_DAMAGED));
  ck_assert (endpoint_state (victim, victim == alice ? BOB : ALICE) != ES_STATE_ENCRYPTED);
  assert_file_unchanged (victim);
  g_unlink (victim->path);
  assert_works ();
}
END_TEST

/* Locked by another program */

static sqlite3 *
lock (const Endpoint *endpoint)
{
  sqlite3 *db = NULL;

  ck_assert_int_eq (sqlite3_open (endpoint->path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
  return db;
}

START_TEST (store__locked__is_told_and_waited_for)
{
  Endpoint *victim = _i == 0 ? alice : bob;
  sqlite3 *db = NULL;

  make_file (victim);
  note_file (victim);
  db = lock (victim);
  sign_on ();
  write_secret ();
  assert_told (victim, ES_ERROR_STORE_LOCKED);
  assert_quiet ();
  assert_file_unchanged (victim);
  sqlite3_close (db);
  assert_works ();
}
END_TEST

/* In the middle of a session nothing needs the file but what the user says of the codes. */
START_TEST (store__locked__in_a_session_keeps_verification_for_later)
{
  EsConversation what;
  sqlite3 *db = NULL;
  g_autofree char *code = NULL;

  sign_on ();
  write_secret ();
  db = lock (alice);
  endpoint_type (alice, BOB, "more secrets");
  endpoint_type (bob, ALICE, "his secrets");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret|more secrets");
  ck_assert_str_eq (texts (alice->shown), "his secrets");
  ck_assert_uint_eq (alice->warnings->len, 0);

  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert (g_str_has_prefix (alice->warnings->pdata[0], "Your answer could not be stored"));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  sqlite3_close (db);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

static void
restart_alice (void)
{
  endpoint_kill (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
}

/* What the user has said of the codes holds, and is written as soon as that can be: in this life and in the next. */
START_TEST (store__locked__they_differ_all_the_same)
{
  EsConversation what;
  sqlite3 *db = NULL;
  g_autofree char *code = NULL;
  guint requests = 0;

  sign_on ();
  write_secret ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  db = lock (alice);
  es_manager_verify (alice->manager, es_at (BOB), code, FALSE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  requests = world_count (world, alice->jid, "dhhashes");
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);

  sqlite3_close (db);
  world_wait (world, 60);
  if (_i == 0)
    restart_alice ();
  world_wait (world, 60);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Passwords that were wrong meanwhile are counted in the next life (0); none is once the codes have shown who that is (1). */
START_TEST (store__locked__counts_passwords_that_were_wrong)
{
  sqlite3 *db = NULL;
  guint count = 0;
  gint64 last = 0;

  sign_on ();
  write_secret ();
  db = lock (alice);
  for (guint i = 0; i < 3; i++)
    {
      es_manager_password (alice->manager, es_at (BOB), "a word", NULL);
      world_run (world);
      es_manager_password (bob->manager, es_at (ALICE), "another word", NULL);
      world_run (world);
    }
  sqlite3_close (db);
  if (_i == 1)
    {
      EsConversation what;
      g_autofree char *code = NULL;

      es_manager_describe (alice->manager, es_at (BOB), &what);
      code = g_strdup (what.code);
      es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
    }
  world_wait (world, 60);
  ck_assert (es_trust_password_failures (alice->trust, es_at (ALICE), es_at (BOB), &count, &last, NULL));
  ck_assert_uint_eq (count, _i == 0 ? 3 : 0);
}
END_TEST

/* What is in the file stays there when it cannot be changed as the program ends. */
START_TEST (store__locked__at_the_end_loses_nothing_that_is_stored)
{
  sqlite3 *db = NULL;

  sign_on ();
  write_secret ();
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "stored");
  world_wait (world, 2);
  db = lock (alice);
  endpoint_type (alice, BOB, "not stored");
  world_wait (world, 1);
  endpoint_sign_off (alice);
  ck_assert_str_eq (texts (alice->returned), "not stored");
  sqlite3_close (db);
  restart_alice ();
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret|stored");
}
END_TEST

/* Not writable: without the rights of root, which no mode keeps from writing */

static void
set_rights (Endpoint *victim, gboolean writable)
{
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (0), 0);
  ck_assert_int_eq (g_chmod (world->folder, 0777), 0);
  ck_assert_int_eq (g_chmod (alice->path, 0666), 0);
  ck_assert_int_eq (g_chmod (bob->path, 0666), 0);
  ck_assert_int_eq (g_chmod (victim->path, writable ? 0666 : 0444), 0);
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (65534), 0);
}

START_TEST (store__readonly__is_told_and_kept)
{
  Endpoint *victim = _i == 0 ? alice : bob;

  make_file (alice);
  make_file (bob);
  set_rights (victim, FALSE);
  note_file (victim);
  sign_on ();
  write_secret ();
  assert_told (victim, ES_ERROR_STORE_READONLY);
  assert_quiet ();
  assert_file_unchanged (victim);
  set_rights (victim, TRUE);
  assert_works ();
  if (getuid () == 0)
    ck_assert_int_eq (seteuid (0), 0);
}
END_TEST

/* A full disk: SQLite lets its system calls be replaced. */

static gboolean
is_full (int fd)
{
  g_autofree char *link = g_strdup_printf ("/proc/self/fd/%d", fd), *path = g_file_read_link (link, NULL);

  errno = ENOSPC;
  return full_path != NULL && path != NULL && g_str_has_prefix (path, full_path);
}

static ssize_t
full_pwrite (int fd, const void *data, size_t size, off_t offset)
{
  return is_full (fd) ? -1 : pwrite (fd, data, size, offset);
}

static ssize_t
full_write (int fd, const void *data, size_t size)
{
  return is_full (fd) ? -1 : write (fd, data, size);
}

static void
fill_disk (const Endpoint *endpoint)
{
  sqlite3_vfs *vfs = sqlite3_vfs_find ("unix");

  ck_assert_ptr_nonnull (vfs);
  vfs->xSetSystemCall (vfs, "pwrite", (sqlite3_syscall_ptr) full_pwrite);
  vfs->xSetSystemCall (vfs, "pwrite64", (sqlite3_syscall_ptr) full_pwrite);
  vfs->xSetSystemCall (vfs, "write", (sqlite3_syscall_ptr) full_write);
  full_path = endpoint->path;
}

/* Found out when the new secret is to be written, that is before Bob sends message 4, and when Alice has
 * checked it. */
START_TEST (store__full__is_told_and_kept)
{
  Endpoint *victim = _i == 0 ? alice : bob;

  make_file (victim);
  note_file (victim);
  fill_disk (victim);
  sign_on ();
  write_secret ();
  ck_assert_str_eq (texts (victim->warnings), es_said_of (ES_ERROR_STORE_FULL));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENDED);
  ck_assert_uint_eq (world_count (world, NULL, "ns-init"), victim == alice ? 1 : 0);
  ck_assert_str_eq (texts (alice->returned), "a secret");
  assert_quiet ();
  assert_file_unchanged (victim);
  full_path = NULL;
  assert_works ();
}
END_TEST

/* A chain that was there goes on after the disk had no room for its next secret. */
START_TEST (store__full__does_not_break_the_chain)
{
  Endpoint *victim = _i == 0 ? alice : bob;
  EsConversation what;
  g_autofree char *code = NULL;

  sign_on ();
  write_secret ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  for (guint i = 0; i < 3; i++)
    {
      es_manager_end (alice->manager, es_at (BOB));
      world_run (world);
      fill_disk (victim);
      es_manager_start (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
      full_path = NULL;
      es_manager_start (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
      ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
    }
}
END_TEST

/* That the other side holds the new secret can be noted later: messages pass meanwhile. */
static gboolean
tap_fill (World *w, Letter *letter, gpointer data)
{
  if (strstr (letter->text, "ns-init") != NULL)
    fill_disk (bob);
  return TRUE;
}

START_TEST (store__full__lets_a_session_go_on)
{
  sign_on ();
  world->tap = tap_fill;
  write_secret ();
  endpoint_type (alice, BOB, "more secrets");
  world_run (world);
  ck_assert_ptr_nonnull (full_path);
  full_path = NULL;
  world->tap = NULL;
  endpoint_type (alice, BOB, "and more");
  endpoint_type (bob, ALICE, "his secrets");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret|more secrets|and more");
  ck_assert_str_eq (texts (alice->shown), "his secrets");
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
}
END_TEST

/* The program ends, and is seen to: nobody has back what it cannot keep. */
static void
quit (void)
{
  alice->quits = TRUE;
  endpoint_sign_off (alice);
}

static guint
count_notice (EsNoticeCode code)
{
  guint n = 0;

  for (guint i = 0; i < alice->notices->len; i++)
    n += strcmp (alice->notices->pdata[i], es_said (code)) == 0 ? 1 : 0;
  return n;
}

/* Alice has written to somebody who is not there any more. */
static void
meet_and_part (void)
{
  sign_on ();
  write_secret ();
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "a stored secret");
  world_wait (world, 2);
}

/* Whatever is in the way, for longer than a moment: the user knows what the end of the program means, and what it has meant. */
START_TEST (store__unsaved__is_told_before_it_is_lost)
{
  sqlite3 *db = NULL;

  meet_and_part ();
  if (_i == 0)
    db = lock (alice);
  else if (_i == 1)
    fill_disk (alice);
  else if (_i == 2)
    g_unlink (alice->path);
  else
    overwrite (alice);
  endpoint_type (alice, BOB, "a secret that is not stored");
  world_run (world);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 0);
  world_wait (world, 1);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  world_wait (world, 60);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  quit ();
  ck_assert_uint_eq (count_notice (ES_NOTICE_LOST), 1);
  ck_assert_uint_eq (count_notice (ES_NOTICE_GIVEN_BACK), 0);
  full_path = NULL;
  sqlite3_close (db);
}
END_TEST

/* Each text, while others wait that were told of, or have come back since; many at once are told of together. What is confirmed at once is
 * not spoken of again and again. */
START_TEST (store__unsaved__is_told_of_each)
{
  meet_and_part ();
  fill_disk (alice);
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  world_wait (world, 2);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  endpoint_type (alice, BOB, "three");
  world_wait (world, 2);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 2);
  full_path = NULL;
  endpoint_sign_on (bob);
  world_wait (world, 10);
  fill_disk (alice);
  for (guint i = 0; i < 5; i++)
    {
      endpoint_type (alice, BOB, "four");
      world_wait (world, 2);
    }
  ck_assert_uint_le (count_notice (ES_NOTICE_UNSAVED), 3);
  full_path = NULL;
}
END_TEST

/* What was stored is lost with the file, whoever it was for. */
START_TEST (store__gone__takes_with_it_what_was_stored)
{
  meet_and_part ();
  if (_i == 0)
    g_unlink (alice->path);
  else
    overwrite (alice);
  es_manager_opened (alice->manager, es_at ("carol@example.net"));
  endpoint_type (alice, "carol@example.net", "a secret for Carol");
  world_wait (world, 2);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 2);
  quit ();
  ck_assert_uint_eq (count_notice (ES_NOTICE_LOST), _i == 0 ? 2 : 1);
}
END_TEST

START_TEST (store__unsaved__for_a_moment_is_not_told)
{
  sqlite3 *db = NULL;

  meet_and_part ();
  db = lock (alice);
  endpoint_type (alice, BOB, "another secret");
  world_run (world);
  sqlite3_close (db);
  world_wait (world, 20);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 0);
  quit ();
  ck_assert_uint_eq (count_notice (ES_NOTICE_LOST), 0);
}
END_TEST

/* It has left, and nobody has confirmed it. */
START_TEST (store__unsaved__unconfirmed_is_told_as_well)
{
  sqlite3 *db = NULL;

  sign_on ();
  write_secret ();
  db = lock (alice);
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "another secret");
  world_wait (world, 2);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  quit ();
  ck_assert_uint_eq (count_notice (ES_NOTICE_LOST_SENT), 1);
  ck_assert_uint_eq (count_notice (ES_NOTICE_LOST) + count_notice (ES_NOTICE_GIVEN_BACK), 0);
  sqlite3_close (db);
}
END_TEST

START_TEST (store__too_long__is_told_at_once_and_once)
{
  g_autofree char *text = g_strnfill (ES_LIMIT_STORED_OCTETS, 'x');
  g_autofree char *stanza = g_strdup_printf ("<message to='" BOB "'><body>%s</body></message>", text);

  meet_and_part ();
  endpoint_send_raw (alice, stanza);
  world_run (world);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  endpoint_type (alice, BOB, "a secret that can be stored");
  world_wait (world, 10);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  quit ();
  ck_assert_uint_eq (count_notice (ES_NOTICE_LOST), 1);
}
END_TEST

/* What cannot be forgotten now cannot go back: the user is told, and what is written next waits for it, and leaves as the user wants. */
START_TEST (store__locked__at_an_end_is_told)
{
  sqlite3 *db = NULL;

  meet_and_part ();
  db = lock (alice);
  es_manager_end (alice->manager, es_at (BOB));
  ck_assert_uint_eq (count_notice (ES_NOTICE_STORE_LATER), 1);
  endpoint_sign_on (bob);
  endpoint_type (alice, BOB, "said in the clear");
  ck_assert_uint_eq (count_notice (ES_NOTICE_STORE_LATER), 2);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  world_wait (world, 20);
  ck_assert_uint_eq (count_notice (ES_NOTICE_UNSAVED), 1);
  sqlite3_close (db);
  world_wait (world, 10);
  ck_assert_str_eq (texts (alice->returned), "a stored secret");
  ck_assert (es_has_text (bob->shown, "said in the clear"));
  ck_assert_uint_eq (count_notice (ES_NOTICE_SENT_PLAIN), 0);
}
END_TEST

/* What waits is in memory alone: the user knows, once, and it is written as soon as there is room. */
START_TEST (store__full__what_waits_is_not_saved)
{
  EsConversation what;

  alice->policy = ES_POLICY_ALWAYS;
  make_file (alice);
  endpoint_sign_on (alice);
  fill_disk (alice);
  endpoint_type (alice, BOB, "a secret");
  world_run (world);
  endpoint_type (alice, BOB, "another secret");
  world_wait (world, 100);
  ck_assert_uint_eq (alice->warnings->len, 2);
  ck_assert_str_eq (alice->warnings->pdata[0], es_said (ES_NOTICE_STUCK));
  ck_assert_str_eq (alice->warnings->pdata[1], es_said (ES_NOTICE_UNSAVED));
  full_path = NULL;
  world_wait (world, 10);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_uint_eq (what.waiting, 2);
}
END_TEST

/* Codes that differ end the session even where that cannot be written down. */
START_TEST (store__full__does_not_keep_a_listener)
{
  EsConversation what;
  g_autofree char *code = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  sign_on ();
  write_secret ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  fill_disk (alice);
  es_manager_verify (alice->manager, es_at (BOB), code, FALSE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_str_eq (alice->warnings->pdata[0], es_said (ES_NOTICE_CODES_UNFORGOTTEN));
  endpoint_type (alice, BOB, "more secrets");
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "more secrets");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));

  /* As soon as there is room again, and told once. */
  ck_assert (!es_has_text (alice->notices, es_said (ES_NOTICE_CODES_FORGOTTEN)));
  full_path = NULL;
  world_wait (world, 30);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_CODES_FORGOTTEN)));
  devices = es_trust_devices (alice->trust, NULL);
  ck_assert_uint_eq (devices->len, 0);
  g_ptr_array_set_size (alice->notices, 0);
  world_wait (world, 30);
  ck_assert (!es_has_text (alice->notices, es_said (ES_NOTICE_CODES_FORGOTTEN)));
}
END_TEST

/* From the beginning: when there is room again, and what was left is not read yet, nothing else is said to have been the reason. */
START_TEST (store__full__is_the_reason_while_nothing_is_restored)
{
  fill_disk (alice);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at ("carol@example.net"));
  world_wait (world, (guint) _i);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "a secret");
  world_wait (world, 10 - (guint) _i);
  full_path = NULL;
  world_wait (world, 120);
  ck_assert_ptr_null (strstr (texts (alice->warnings), es_said_of (ES_ERROR_STORE_LOCKED)));
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), es_said_of (ES_ERROR_STORE_FULL)));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("store");
  TCase *tcase = tcase_create ("store");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, store__damaged__is_told_and_kept, 0, 2);
  tcase_add_loop_test (tcase, store__damaged__in_a_session_is_told_at_the_next, 0, 2);
  tcase_add_test (tcase, store__damaged__lets_nothing_out_in_the_clear);
  tcase_add_loop_test (tcase, store__locked__is_told_and_waited_for, 0, 2);
  tcase_add_test (tcase, store__locked__in_a_session_keeps_verification_for_later);
  tcase_add_loop_test (tcase, store__locked__they_differ_all_the_same, 0, 2);
  tcase_add_loop_test (tcase, store__locked__counts_passwords_that_were_wrong, 0, 2);
  tcase_add_test (tcase, store__locked__at_the_end_loses_nothing_that_is_stored);
  tcase_add_loop_test (tcase, store__readonly__is_told_and_kept, 0, 2);
  tcase_add_loop_test (tcase, store__full__is_told_and_kept, 0, 2);
  tcase_add_loop_test (tcase, store__full__is_the_reason_while_nothing_is_restored, 0, 5);
  tcase_add_loop_test (tcase, store__full__does_not_break_the_chain, 0, 2);
  tcase_add_test (tcase, store__full__lets_a_session_go_on);
  tcase_add_loop_test (tcase, store__unsaved__is_told_before_it_is_lost, 0, 4);
  tcase_add_test (tcase, store__unsaved__is_told_of_each);
  tcase_add_loop_test (tcase, store__gone__takes_with_it_what_was_stored, 0, 2);
  tcase_add_test (tcase, store__unsaved__for_a_moment_is_not_told);
  tcase_add_test (tcase, store__unsaved__unconfirmed_is_told_as_well);
  tcase_add_test (tcase, store__too_long__is_told_at_once_and_once);
  tcase_add_test (tcase, store__locked__at_an_end_is_told);
  tcase_add_test (tcase, store__full__what_waits_is_not_saved);
  tcase_add_test (tcase, store__full__does_not_keep_a_listener);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
