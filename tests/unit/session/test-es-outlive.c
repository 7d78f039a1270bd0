/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was written outlives the program: it arrives once and in order, whenever that is killed. */
#include <sqlite3.h>

#include "es-limits.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  alice->policy = ES_POLICY_ALWAYS;
  endpoint_sign_on (alice);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static void
meet (void)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

static void
verify (void)
{
  g_autofree char *code = g_strdup (endpoint_look (alice, BOB).code);

  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  world_run (world);
}

/* Nothing is left of the program but its file. */
static void
kill_and_start (Endpoint *endpoint)
{
  endpoint_kill_program (endpoint);
  world_run (world);
  endpoint_sign_on (endpoint);
  es_manager_opened (endpoint->manager, es_at (endpoint == alice ? BOB : ALICE));
  world_run (world);
}

static void
assert_done (void)
{
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting + endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));

  /* Nor is there anything left to be sent at the next start. */
  endpoint_kill (bob);
  kill_and_start (alice);
  world_wait (world, 200);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting + endpoint_look (alice, BOB).unconfirmed, 0);
}

START_TEST (outlive__waiting__is_sent_once_and_in_order)
{
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);

  /* More than once, and what is written later is later. */
  kill_and_start (alice);
  endpoint_type (alice, BOB, "secret three");
  world_run (world);
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 3);
  endpoint_sign_on (bob);
  world_run (world);
  endpoint_type (alice, BOB, "secret four");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two|secret three|secret four");
  assert_done ();
  ck_assert_uint_eq (bob->shown->len, 4);
}
END_TEST

/* Before it arrived (0), or before the receipt did (1): the other side shows it once, by its label. */
START_TEST (outlive__sent__is_shown_once)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = _i == 0 ? alice->jid : bob->jid;
  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), _i == 0 ? "" : "secret one|secret two");
  endpoint_kill_program (alice);
  world->tap = NULL;
  world_run (world);
  endpoint_sign_on (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 2);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  assert_done ();
  ck_assert_uint_eq (bob->shown->len, 2);
}
END_TEST

/* Some of it sent, some not yet. */
START_TEST (outlive__mixed__keeps_its_order)
{
  meet ();
  endpoint_type (alice, BOB, "secret zero");
  world_run (world);
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "secret three");
  endpoint_type (alice, BOB, "secret four");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 2);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  world->tap = NULL;
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 2);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);

  /* Bob's program has been started anew and does not know any more what it has shown. */
  g_ptr_array_set_size (bob->shown, 0);
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two|secret three|secret four");
  assert_done ();
}
END_TEST

/* What waited for encryption, or was encrypted, waits for it still: policy alone would let it out. 0: the contact is offline; 1: its
 * program cannot encrypt any more. */
START_TEST (outlive__waiting__never_leaves_in_the_clear)
{
  alice->policy = ES_POLICY_POSSIBLE;
  kill_and_start (alice);
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  world->tap = NULL;
  endpoint_sign_off (bob);
  world_run (world);
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  kill_and_start (alice);
  world_wait (world, 100);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);

  /* Nor does what is written now go before it. */
  endpoint_type (alice, BOB, "secret three");
  world_wait (world, 100);
  if (_i == 1)
    {
      bob->supports = FALSE;
      endpoint_sign_on (bob);
      world_wait (world, 100);
      ck_assert_uint_eq (bob->shown->len, 0);
      endpoint_sign_off (bob);
      bob->supports = TRUE;
    }
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two|secret three");
  assert_done ();
}
END_TEST

/* The store is locked at first: what is in it is found when it opens, and goes on without the window. */
START_TEST (outlive__locked__goes_on_when_it_opens)
{
  g_autoptr (EsSecret) key = es_secret_new_from ("0123456789abcdef0123456789abcdef", 32);
  EsProtection protection;

  es_protection_init (&protection, ES_PROTECTION_KEYRING, TRUE);
  ck_assert (es_trust_protect (alice->trust, &protection, key, NULL));
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  endpoint_kill_program (alice);
  world->tap = NULL;
  world_run (world);
  endpoint_sign_on (alice);
  world_wait (world, 20);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert (es_trust_unlock (alice->trust, key, NULL));
  es_manager_store_changed (alice->manager);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
}
END_TEST

/* Another program writes the file, and takes its time. */
static sqlite3 *
hold_file (const Endpoint *endpoint)
{
  sqlite3 *other = NULL;

  ck_assert_int_eq (sqlite3_open (endpoint->path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  return other;
}

/* What cannot be forgotten does not go back to the user, nor out in the clear: it would go again after the next start. */
START_TEST (outlive__busy__gives_back_what_is_forgotten)
{
  gboolean plain = _i % 2 == 1, killed = _i / 2 == 1;
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  other = hold_file (alice);
  if (plain)
    es_manager_send_plain (alice->manager, es_at (BOB));
  else
    es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
  world_wait (world, 20);
  ck_assert_uint_eq (alice->returned->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  if (killed)
    endpoint_kill_program (alice);
  sqlite3_close (other);
  if (killed)
    {
      kill_and_start (alice);
      ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
      return;
    }
  if (plain)
    es_manager_send_plain (alice->manager, es_at (BOB));
  world_wait (world, 10);
  ck_assert_str_eq (texts (alice->returned), plain ? "" : "secret one|secret two");
  ck_assert (plain == (strstr (world->wire->str, "secret two") != NULL));
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* The same of what was sent and is not confirmed. */
START_TEST (outlive__busy__gives_back_what_was_sent)
{
  sqlite3 *other = NULL;

  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = hold_file (alice);
  es_manager_end (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_uint_eq (alice->uncertain->len, 0);
  sqlite3_close (other);
  world_wait (world, 10);
  ck_assert_str_eq (texts (alice->uncertain), "secret one");
  world->tap = NULL;
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting + endpoint_look (alice, BOB).unconfirmed, 0);
}
END_TEST

/* What the user takes back, or throws away, is not sent by the next life either. */
START_TEST (outlive__busy__is_taken_back_when_it_is_forgotten)
{
  g_autoptr (GPtrArray) all = NULL;
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = hold_file (alice);
  all = es_manager_waiting (alice->manager, es_at (BOB));
  ck_assert_uint_eq (all->len, 1);
  ck_assert_ptr_null (
      es_manager_withdraw (alice->manager, es_at (BOB), ((const EsWaitingText *) all->pdata[0])->label));
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_uint_eq (alice->returned->len + bob->shown->len, 0);
  sqlite3_close (other);
  world_wait (world, 10);
  ck_assert_str_eq (texts (alice->returned), "secret one");
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting + bob->shown->len, 0);
}
END_TEST

/* What was to leave unencrypted, and could not yet, does not once the user has chosen otherwise: 0 for the contact, 1 for all, 2 to let it
 * wait, 3 to begin. */
START_TEST (outlive__busy__is_not_sent_plain_against_a_later_wish)
{
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = hold_file (alice);
  es_manager_send_plain (alice->manager, es_at (BOB));
  ck_assert (g_str_has_prefix (alice->notices->pdata[alice->notices->len - 1],
                               "The file with your messages cannot be changed now"));
  if (_i == 0)
    {
      sqlite3_exec (other, "ROLLBACK", NULL, NULL, NULL);
      ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
    }
  else if (_i == 1)
    {
      es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
      es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
    }
  else if (_i == 2)
    es_manager_keep_waiting (alice->manager, es_at (BOB));
  else
    es_manager_start (alice->manager, es_at (BOB));
  sqlite3_close (other);
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* What is thrown away meanwhile waits no more, and does not come back either. */
START_TEST (outlive__busy__is_thrown_away_for_good)
{
  g_autoptr (GPtrArray) all = NULL, left = NULL;
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = hold_file (alice);
  all = es_manager_waiting (alice->manager, es_at (BOB));
  endpoint_discard (alice, BOB, ((const EsWaitingText *) all->pdata[0])->label);
  left = es_manager_waiting (alice->manager, es_at (BOB));
  ck_assert_uint_eq (left->len, 0);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  sqlite3_close (other);
  world_wait (world, 10);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  kill_and_start (alice);
  world_wait (world, 20);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_uint_eq (alice->returned->len + bob->shown->len, 0);
}
END_TEST

static guint
n_written (void)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  guint n = 0;

  ck_assert_int_eq (sqlite3_open (alice->path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_prepare_v2 (db, "SELECT count(*) FROM outbox WHERE kind <> 3", -1, &statement, NULL),
                    SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  n = (guint) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return n;
}

/* What goes back where the user would not see it stays in the file, and goes nowhere else: until there is a window (0), or the program
 * starts anew (1). */
START_TEST (outlive__unseen__waits_until_it_is_seen)
{
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  alice->blind = TRUE;
  endpoint_sign_off (alice);
  es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_uint_eq (n_written (), 1);
  ck_assert_uint_eq (alice->returned->len + bob->shown->len, 0);
  if (_i == 0)
    {
      alice->blind = FALSE;
      es_manager_opened (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_str_eq (texts (alice->returned), "secret one");
      ck_assert_uint_eq (n_written (), 0);
      ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
    }
  kill_and_start (alice);
  world_wait (world, 200);
  ck_assert_uint_eq (alice->returned->len, _i == 0 ? 1 : 0);
  ck_assert_str_eq (texts (bob->shown), _i == 0 ? "" : "secret one");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* The same of what was sent and has not arrived, where the conversation is ended and the program left at once. */
START_TEST (outlive__unseen__what_was_sent_is_not_lost)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "secret one");
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_closed (alice->manager, es_at (BOB));
  world_run (world);
  alice->blind = TRUE;
  endpoint_sign_off (alice);
  ck_assert_uint_eq (alice->uncertain->len, 0);
  ck_assert_uint_eq (n_written (), 1);
  world->tap = NULL;
  if (_i == 0)
    {
      alice->blind = FALSE;
      es_manager_opened (alice->manager, es_at (BOB));
      ck_assert_str_eq (texts (alice->uncertain), "secret one");
      ck_assert_uint_eq (n_written (), 0);
    }
  kill_and_start (alice);
  world_wait (world, 200);
  ck_assert_uint_eq (alice->uncertain->len, _i == 0 ? 1 : 0);
  ck_assert_str_eq (texts (bob->shown), _i == 0 ? "" : "secret one");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* What the user throws away goes to nobody, seen or not. */
START_TEST (outlive__unseen__is_thrown_away_all_the_same)
{
  g_autoptr (GPtrArray) all = NULL;
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  all = es_manager_waiting (alice->manager, es_at (BOB));
  other = hold_file (alice);
  endpoint_discard (alice, BOB, ((const EsWaitingText *) all->pdata[0])->label);
  alice->blind = TRUE;
  sqlite3_close (other);
  world_wait (world, 10);
  ck_assert_uint_eq (n_written (), 0);
  ck_assert_uint_eq (alice->returned->len + endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* What only the memory has is given back though it is not seen: nowhere else would it be. */
START_TEST (outlive__unseen__what_is_not_stored_is_given_back)
{
  sqlite3 *other = NULL;

  world_run (world);
  es_manager_opened (alice->manager, es_at (BOB));
  other = hold_file (alice);
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  alice->blind = TRUE;
  endpoint_sign_off (alice);
  ck_assert_str_eq (texts (alice->returned), "secret one");
  sqlite3_close (other);
}
END_TEST

/* Another program has the file from the moment on at which what waited goes out. */
static void (
    *send_text) (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted);
static sqlite3 *holder;

static void
hold_and_send (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted)
{
  if (holder == NULL)
    holder = hold_file (data);
  send_text (data, contact, typed, leaving, encrypted);
}

/* What turns out, when its turn comes, to be longer than the server takes goes back when it is forgotten; or, where the program is
 * killed before that, is there still. */
START_TEST (outlive__busy__is_refused_when_it_is_forgotten)
{
  g_autofree char *text = g_strnfill (20000, 'x');

  endpoint_type (alice, BOB, text);
  world_run (world);
  es_manager_set_limit (alice->manager, ES_STANZA_OCTETS_ALL_TAKE);
  holder = NULL;
  send_text = alice->host.user.send_text;
  alice->host.user.send_text = hold_and_send;
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_ptr_nonnull (holder);
  ck_assert_uint_eq (alice->returned->len + bob->shown->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  if (_i == 1)
    {
      endpoint_sign_off (bob);
      endpoint_kill_program (alice);
    }
  sqlite3_close (holder);
  if (_i == 1)
    {
      kill_and_start (alice);
      ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
      return;
    }
  world_wait (world, 20);
  ck_assert_str_eq (texts (alice->returned), text);
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* What was written for a verified device is that still. */
START_TEST (outlive__for_verified__goes_to_no_other)
{
  Endpoint *phone = world_add (world, BOB "/phone");

  meet ();
  verify ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  endpoint_kill (bob);
  world->tap = NULL;
  world_run (world);
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  kill_and_start (alice);
  endpoint_sign_on (phone);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert (endpoint_look (alice, BOB).barred);
  world_wait (world, 200);
  ck_assert_uint_eq (phone->shown->len, 0);
  kill_and_start (alice);
  ck_assert_uint_eq (phone->shown->len, 0);

  /* Not even where the user then writes to that one: it comes back. */
  if (_i == 0)
    {
      es_manager_opened (alice->manager, es_at (BOB));
      world_run (world);
      es_manager_write_anyway (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_str_eq (texts (alice->returned), "secret two");
      ck_assert_str_eq (texts (alice->uncertain), "secret one");
      ck_assert_uint_eq (phone->shown->len, 0);
      kill_and_start (alice);
      ck_assert_uint_eq (endpoint_look (alice, BOB).waiting + endpoint_look (alice, BOB).unconfirmed, 0);
      return;
    }
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  ck_assert_uint_eq (phone->shown->len, 0);
  assert_done ();
}
END_TEST

/* Though the device is forgotten meanwhile, or is none any more: it comes back. */
START_TEST (outlive__for_verified__comes_back_where_nobody_is)
{
  g_autoptr (GPtrArray) list = NULL;
  gint64 device = 0;

  meet ();
  verify ();
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  endpoint_kill_program (alice);
  list = es_trust_devices (alice->trust, NULL);
  device = ((const EsDevice *) list->pdata[0])->id;
  ck_assert (_i == 0 ? es_trust_forget (alice->trust, device, NULL)
                     : es_trust_unmark (alice->trust, device, world->now, NULL));
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert_str_eq (texts (alice->returned), "secret one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* Puts what waits in the file EARLIER into that of Alice's, in the place of what waits there. */
static void
put_back (const char *earlier)
{
  g_autofree char *attach = g_strdup_printf ("ATTACH '%s' AS earlier", earlier);
  const char *const steps[]
      = { attach, "DELETE FROM outbox", "INSERT INTO outbox SELECT * FROM earlier.outbox", "DETACH earlier" };
  sqlite3 *db = NULL;

  ck_assert_int_eq (sqlite3_open (alice->path, &db), SQLITE_OK);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    ck_assert_int_eq (sqlite3_exec (db, steps[i], NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close (db);
}

/* Killed after it was sent and before that was written down: what waits in the file has the label that it was sent with. */
START_TEST (outlive__sent__and_not_written_down_is_shown_once)
{
  g_autofree char *before = NULL, *earlier = g_build_filename (world->folder, "earlier.db", NULL);
  gsize size = 0;

  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  ck_assert (g_file_get_contents (alice->path, &before, &size, NULL));
  ck_assert (g_file_set_contents (earlier, before, (gssize) size, NULL));
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  endpoint_kill (alice);
  es_trust_free (alice->trust);
  put_back (earlier);
  alice->trust = es_trust_new (alice->path);
  world_run (world);
  endpoint_sign_on (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  assert_done ();
}
END_TEST

/* Another program has the file while ours starts: what that has shown, and what waits there, it cannot know yet. */
static sqlite3 *
start_locked (Endpoint *endpoint, guint seconds)
{
  sqlite3 *other = NULL;

  endpoint_kill_program (endpoint);
  world_run (world);
  ck_assert_int_eq (sqlite3_open (endpoint->path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
  endpoint_sign_on (endpoint);
  es_manager_opened (endpoint->manager, es_at (endpoint == alice ? BOB : ALICE));
  world_wait (world, seconds);
  return other;
}

/* For less than a second (0), or longer. */
START_TEST (outlive__locked_at_the_start__shows_nothing_twice)
{
  sqlite3 *other = NULL;

  meet ();
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 3);
  ck_assert_str_eq (texts (bob->shown), "secret one");
  world->tap = NULL;
  endpoint_kill (alice);
  other = start_locked (bob, _i == 0 ? 0 : 7);
  if (_i == 1)
    {
      endpoint_sign_on (alice);
      world_wait (world, 7);
    }
  sqlite3_close (other);
  if (_i == 0)
    endpoint_sign_on (alice);
  world_wait (world, 100);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_str_eq (texts (bob->shown), "secret one");
}
END_TEST

START_TEST (outlive__locked_at_the_start__lets_nothing_overtake)
{
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = start_locked (alice, _i == 0 ? 0 : 7);
  if (_i == 1)
    endpoint_type (alice, BOB, "secret two");
  sqlite3_close (other);
  endpoint_sign_on (bob);
  world_run (world);
  if (_i == 0)
    endpoint_type (alice, BOB, "secret two");
  world_wait (world, 10);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  assert_done ();
}
END_TEST

/* Nobody is there, and nothing happens but that it is free again. */
START_TEST (outlive__locked_at_the_start__is_mentioned)
{
  sqlite3 *other = NULL;

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = start_locked (alice, 0);
  sqlite3_close (other);
  world_wait (world, 1);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_RESTORED)));
}
END_TEST

/* Somebody, or the disk, has changed what waited: the rest goes on, and the user knows. */
START_TEST (outlive__damaged__is_told)
{
  sqlite3 *db = NULL;

  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  endpoint_kill_program (alice);
  ck_assert_int_eq (sqlite3_open (alice->path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db,
                                  _i == 0 ? "UPDATE outbox SET written = -1 WHERE id = (SELECT min(id) FROM outbox)"
                                          : "UPDATE outbox SET content = x'40' WHERE id = (SELECT min(id) FROM outbox)",
                                  NULL, NULL, NULL),
                    SQLITE_OK);
  sqlite3_close (db);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_RESTORED_NOT)));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  endpoint_sign_on (bob);
  world_wait (world, 10);
  ck_assert_str_eq (texts (bob->shown), "secret two");
}
END_TEST

/* What is confirmed is gone from the file, and what the user has back as well. */
START_TEST (outlive__done__is_forgotten)
{
  meet ();
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  kill_and_start (alice);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one");

  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "secret two");
  kill_and_start (alice);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_uint_eq (bob->shown->len, 1);
}
END_TEST

/* Killed at each moment of an exchange: after so many letters. */
START_TEST (outlive__killed__at_any_moment)
{
  guint n = 0;

  meet ();
  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  for (GList *link = world->letters.tail; (int) world->letters.length > _i && link != NULL; link = world->letters.tail)
    {
      Letter *letter = g_queue_pop_tail (&world->letters);

      /* It never got there. */
      g_free (letter->from);
      g_free (letter->to);
      g_free (letter->text);
      g_free (letter);
      n++;
    }
  ck_assert_uint_le (n, 2);
  world_run (world);
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  assert_done ();
}
END_TEST

/* Another account's, or none that we would have written: whoever can write to the file can make us say nothing by it. */
START_TEST (outlive__other_account__is_none_of_ours)
{
  Endpoint *carol = world_add (world, "carol@example.net/pc");

  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  endpoint_kill_program (alice);
  es_trust_free (carol->trust);
  carol->trust = es_trust_new (alice->path);
  endpoint_sign_on (carol);
  world_run (world);
  es_manager_opened (carol->manager, es_at (BOB));
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_uint_eq (endpoint_look (carol, BOB).waiting, 0);
  ck_assert_uint_eq (bob->shown->len, 0);
  endpoint_sign_on (alice);
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one");
}
END_TEST

/* What the user has not seen; as often as it was said (1), and where the file is protected (2). */
START_TEST (outlive__alarm__is_there_until_it_was_told)
{
  EsProtection protection;
  g_autoptr (EsSecret) passphrase = es_secret_new_from ("correct horse", 13);
  gint64 when = world->now;

  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  if (_i == 2)
    ck_assert (es_trust_protect (alice->trust, &protection, passphrase, NULL));
  for (int i = 0; i <= _i; i++)
    es_manager_keep_alarm (alice->manager, es_at (BOB "/laptop"));
  world_run (world);
  world_wait (world, 100000);
  for (guint i = 0; i < 3; i++)
    {
      kill_and_start (alice);
      if (_i == 2)
        {
          ck_assert_int_eq (es_manager_alarm (alice->manager, es_at (BOB)), -1);
          ck_assert (es_trust_unlock_with (alice->trust, passphrase, NULL));
          alice->n_changed = 0;
          es_manager_store_changed (alice->manager);
          ck_assert_uint_ge (alice->n_changed, 1);
        }
      ck_assert_int_eq (es_manager_alarm (alice->manager, es_at (BOB)), when);
      ck_assert_int_eq (es_manager_alarm (alice->manager, es_at ("carol@example.net")), -1);
    }
  es_manager_alarm_told (alice->manager, es_at (BOB));
  ck_assert_int_eq (es_manager_alarm (alice->manager, es_at (BOB)), -1);
  world_run (world);
  kill_and_start (alice);
  if (_i == 2)
    ck_assert (es_trust_unlock_with (alice->trust, passphrase, NULL));
  es_manager_store_changed (alice->manager);
  ck_assert_int_eq (es_manager_alarm (alice->manager, es_at (BOB)), -1);
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
}
END_TEST

/* Two programs have the file: what one has told is no alarm to the other; the next one is. */
START_TEST (outlive__alarm__was_told_elsewhere)
{
  sqlite3 *db = NULL;

  es_manager_keep_alarm (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (sqlite3_open (alice->path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db, "DELETE FROM outbox", NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close (db);
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 10);
  ck_assert_int_eq (es_manager_alarm (alice->manager, es_at (BOB)), -1);
  es_manager_keep_alarm (alice->manager, es_at (BOB));
  world_run (world);
  kill_and_start (alice);
  ck_assert_int_ge (es_manager_alarm (alice->manager, es_at (BOB)), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("outlive");
  TCase *tcase = tcase_create ("outlive");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, outlive__waiting__is_sent_once_and_in_order);
  tcase_add_loop_test (tcase, outlive__sent__is_shown_once, 0, 2);
  tcase_add_loop_test (tcase, outlive__waiting__never_leaves_in_the_clear, 0, 2);
  tcase_add_test (tcase, outlive__locked__goes_on_when_it_opens);
  tcase_add_loop_test (tcase, outlive__busy__gives_back_what_is_forgotten, 0, 4);
  tcase_add_test (tcase, outlive__busy__gives_back_what_was_sent);
  tcase_add_test (tcase, outlive__busy__is_taken_back_when_it_is_forgotten);
  tcase_add_loop_test (tcase, outlive__busy__is_not_sent_plain_against_a_later_wish, 0, 4);
  tcase_add_test (tcase, outlive__busy__is_thrown_away_for_good);
  tcase_add_loop_test (tcase, outlive__unseen__waits_until_it_is_seen, 0, 2);
  tcase_add_loop_test (tcase, outlive__unseen__what_was_sent_is_not_lost, 0, 2);
  tcase_add_test (tcase, outlive__unseen__is_thrown_away_all_the_same);
  tcase_add_test (tcase, outlive__unseen__what_is_not_stored_is_given_back);
  tcase_add_loop_test (tcase, outlive__busy__is_refused_when_it_is_forgotten, 0, 2);
  tcase_add_test (tcase, outlive__mixed__keeps_its_order);
  tcase_add_loop_test (tcase, outlive__for_verified__goes_to_no_other, 0, 2);
  tcase_add_loop_test (tcase, outlive__for_verified__comes_back_where_nobody_is, 0, 2);
  tcase_add_test (tcase, outlive__sent__and_not_written_down_is_shown_once);
  tcase_add_loop_test (tcase, outlive__locked_at_the_start__shows_nothing_twice, 0, 2);
  tcase_add_loop_test (tcase, outlive__locked_at_the_start__lets_nothing_overtake, 0, 2);
  tcase_add_test (tcase, outlive__locked_at_the_start__is_mentioned);
  tcase_add_loop_test (tcase, outlive__damaged__is_told, 0, 2);
  tcase_add_test (tcase, outlive__done__is_forgotten);
  tcase_add_loop_test (tcase, outlive__killed__at_any_moment, 0, 3);
  tcase_add_test (tcase, outlive__other_account__is_none_of_ours);
  tcase_add_loop_test (tcase, outlive__alarm__is_there_until_it_was_told, 0, 3);
  tcase_add_test (tcase, outlive__alarm__was_told_elsewhere);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
