/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of remembered devices gives way to another one, or cannot be had, while the program runs: nothing that held for one is taken
 * for what the other says, and nothing that was promised under the one leaves because of the other. */
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <unistd.h>

#include "es-passphrase.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define CAROL "carol@example.net"
#define DAVE "dave@example.org"

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
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
compare (gboolean equal)
{
  g_autofree char *code = g_strdup (endpoint_look (alice, BOB).code);

  es_manager_verify (alice->manager, es_at (BOB), code, equal);
  es_manager_verify (bob->manager, es_at (ALICE), code, equal);
  world_run (world);
}

static void
always (void)
{
  alice->policy = ES_POLICY_ALWAYS;
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
}

static char *
first_label (Endpoint *who)
{
  g_autoptr (GPtrArray) all = es_manager_waiting (who->manager, es_at (BOB));

  return all->len > 0 ? g_strdup (((const EsWaitingText *) all->pdata[0])->label) : NULL;
}

static void
kill_and_start (void)
{
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
}

static void
replace_file (void)
{
  g_autofree char *fresh = g_strconcat (alice->path, ".fresh", NULL);
  EsTrust *trust = es_trust_new (fresh);
  EsTrustSummary summary;

  ck_assert (es_trust_summary (trust, es_at (ALICE), es_at (BOB), &summary, NULL));
  es_trust_free (trust);
  ck_assert_int_eq (g_rename (fresh, alice->path), 0);
}

static void
seal_file (EsTrust *trust)
{
  g_autoptr (EsSecret) secret = es_passphrase_new ("correct horse");
  EsProtection protection;

  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  protection.cost = 14;
  ck_assert (es_trust_protect (trust, &protection, secret, NULL));
}

static void
start_over (void)
{
  ck_assert (es_trust_start_over (alice->trust, NULL));
  es_manager_store_changed (alice->manager);
}

/* A copy of it, and the same written over it, as cp does: it stays the same file. */
static char *copy;
static gsize copy_size;

static void
copy_file (void)
{
  EsTrustSummary summary;

  ck_assert (es_trust_summary (alice->trust, es_at (ALICE), es_at (BOB), &summary, NULL));
  ck_assert (g_file_get_contents (alice->path, &copy, &copy_size, NULL));
}

static void
put_back (void)
{
  endpoint_overwrite (alice, copy, copy_size);
  g_clear_pointer (&copy, g_free);
}

static sqlite3 *
hold_file (const char *how)
{
  sqlite3 *other = NULL;

  ck_assert_int_eq (sqlite3_open (alice->path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, how, NULL, NULL, NULL), SQLITE_OK);
  return other;
}

/* The number that Bob's device had in the old file is that of Carol's in the new one: by what is said of his code nothing is said of her.
 * Replaced (0, 2), or started over (1, 3); the codes are equal, or differ. */
START_TEST (other_file__numbers__mean_nobody_else)
{
  Endpoint *carol = world_add (world, CAROL "/pc");
  gboolean equal = _i < 2;
  g_autofree char *code = NULL;

  meet ();
  if (_i % 2 == 0)
    replace_file ();
  else
    {
      EsTrust *other = es_trust_new (alice->path);

      seal_file (other);
      es_trust_free (other);
      start_over ();
    }
  endpoint_sign_on (carol);
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, CAROL), ES_STATE_ENCRYPTED);
  if (!equal)
    {
      code = g_strdup (endpoint_look (alice, CAROL).code);
      es_manager_verify (alice->manager, es_at (CAROL), code, TRUE);
      ck_assert_int_eq (endpoint_state (alice, CAROL), ES_STATE_VERIFIED);
    }
  compare (equal);
  ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  kill_and_start ();
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, CAROL), equal ? ES_STATE_ENCRYPTED : ES_STATE_VERIFIED);
}
END_TEST

/* After that the code can be compared all the same: the conversation has got another session, which is in the new file. */
START_TEST (other_file__conversation__can_be_verified)
{
  meet ();
  replace_file ();
  endpoint_type (alice, BOB, "hello");
  world_run (world);
  compare (TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  kill_and_start ();
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_uint_eq (bob->shown->len, 1);
}
END_TEST

/* Gone, and then another program makes a new one (0), or replaced (1): what the user was shown a moment ago holds until he chooses, here by
 * sending it unencrypted. */
START_TEST (other_file__verified__is_not_written_to_in_the_clear)
{
  g_autoptr (EsTrust) other = NULL;
  EsTrustSummary summary;

  meet ();
  compare (TRUE);
  endpoint_sign_off (bob);
  kill_and_start ();
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  if (_i == 1)
    replace_file ();
  else
    ck_assert_int_eq (g_unlink (alice->path), 0);
  other = es_trust_new (alice->path);
  ck_assert (es_trust_summary (other, es_at (ALICE), es_at (BOB), &summary, NULL));
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_ALWAYS);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_wait (world, 20);
  ck_assert_str_eq (texts (bob->shown), "secret");
}
END_TEST

/* As somebody makes who puts a backup back that is as new as the file. */
static void
replace_by_copy (void)
{
  copy_file ();
  ck_assert (g_file_set_contents (alice->path, copy, (gssize) copy_size, NULL));
  g_clear_pointer (&copy, g_free);
}

/* That the codes match can be said as soon as the conversation has its session in the file that there is, for which nobody has to write: of the
 * code before it is told that there is another one. */
START_TEST (other_file__same_again__verifies_the_next_code)
{
  meet ();
  replace_by_copy ();
  compare (TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_CODE_OLD)));
  ck_assert (!es_has_text (alice->notices, es_said (ES_NOTICE_NOT_STORED)));
  world_wait (world, 20);
  compare (TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  kill_and_start ();
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

/* What is said to be forgotten is: the codes differed, and the device that was verified does not stay so in the copy. */
START_TEST (other_file__same_again__forgets_whose_code_differed)
{
  g_autofree char *code = NULL;
  EsTrustSummary summary;

  meet ();
  compare (TRUE);
  code = g_strdup (endpoint_look (alice, BOB).code);
  replace_by_copy ();
  es_manager_verify (alice->manager, es_at (BOB), code, FALSE);
  world_run (world);
  ck_assert (es_trust_summary (alice->trust, es_at (ALICE), es_at (BOB), &summary, NULL));
  ck_assert (!summary.verified && summary.differed);
}
END_TEST

/* Another program has the file open as well. */
static gint64
device_of (EsTrust *trust, const char *contact)
{
  g_autoptr (GPtrArray) devices = es_trust_devices (trust, NULL);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    if (es_address_equal (((const EsDevice *) devices->pdata[i])->contact, es_at (contact)))
      return ((const EsDevice *) devices->pdata[i])->id;
  return 0;
}

/* What the list on the screen says was of the file before: it is not changed (0: forgotten, 1: unmarked, 2: renamed) and the user is told; what it
 * says when it was made anew can be. */
START_TEST (other_file__same_again__changes_nothing_unsaid)
{
  g_autoptr (GError) error = NULL;
  gint64 device = 0;
  gboolean good = TRUE;

  meet ();
  compare (TRUE);
  device = device_of (alice->trust, BOB);
  replace_by_copy ();
  for (int i = 0; i < 2; i++)
    {
      g_clear_error (&error);
      good = _i == 0   ? es_trust_forget (alice->trust, device, &error)
             : _i == 1 ? es_trust_unmark (alice->trust, device, 1, &error)
                       : es_trust_rename (alice->trust, device, "laptop", &error);
      ck_assert_int_eq (good, i == 1);
      ck_assert (good || error->code == ES_ERROR_STORE_OTHER);
      device = device_of (alice->trust, BOB);
    }
  ck_assert_int_eq (device == 0, _i == 0);
}
END_TEST

/* What the user chooses in the one holds in the other as soon as something is written there. */
START_TEST (two_programs__policy__holds_at_once)
{
  g_autoptr (EsTrust) other = es_trust_new (alice->path);

  es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  endpoint_type (alice, BOB, "in the clear");
  world_run (world);
  ck_assert_ptr_nonnull (strstr (world->wire->str, "in the clear"));
  ck_assert (es_trust_set_policy (other, es_at (ALICE), es_at (BOB), ES_POLICY_ALWAYS, NULL));
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* Whoever wanted to write unencrypted to somebody who was not verified did not say so of whom another program has verified since. */
START_TEST (two_programs__verified__is_written_to_encrypted)
{
  g_autoptr (EsTrust) other = es_trust_new (alice->path);

  meet ();
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert (es_trust_verify (other, es_at (ALICE), es_at (BOB), device_of (other, BOB), 1, NULL));
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* A mark that is made (0), or taken away (1; 2: of a session that runs on the secret of an earlier one), or codes that differed (3). */
START_TEST (two_programs__mark__holds_at_once)
{
  g_autoptr (EsTrust) other = es_trust_new (alice->path);
  gint64 device = 0;

  meet ();
  if (_i > 0)
    compare (TRUE);
  if (_i == 2)
    {
      endpoint_sign_off (bob);
      endpoint_sign_on (bob);
      world_wait (world, 20);
    }
  device = device_of (other, BOB);
  ck_assert_int_ne (device, 0);
  if (_i == 0)
    ck_assert (es_trust_verify (other, es_at (ALICE), es_at (BOB), device, 1, NULL));
  else if (_i < 3)
    ck_assert (es_trust_unmark (other, device, 1, NULL));
  else
    ck_assert (es_trust_set_differed (other, es_at (ALICE), es_at (BOB), TRUE, NULL));
  endpoint_type (alice, BOB, "secret");
  ck_assert_int_eq (endpoint_state (alice, BOB), _i == 0  ? ES_STATE_VERIFIED
                                                 : _i < 3 ? ES_STATE_ENCRYPTED
                                                          : ES_STATE_ENDED);
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, _i < 3 ? 1 : 0);
}
END_TEST

/* Written to a verified contact while the list is locked, or damaged; then the user begins with an empty one. */
START_TEST (other_file__started_over__lets_nothing_out)
{
  meet ();
  compare (TRUE);
  endpoint_sign_off (bob);
  bob->supports = FALSE;
  if (_i == 0)
    seal_file (alice->trust);
  kill_and_start ();
  if (_i == 1)
    ck_assert (g_file_set_contents (alice->path, "This is no list of devices.", -1, NULL));
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_sign_on (bob);
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 20);
  start_over ();
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "secret one"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
}
END_TEST

/* Written under Always, which another program lowers, or another file does not say. */
START_TEST (other_file__policy__holds_for_what_was_written)
{
  EsTrust *other = NULL;

  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 20);
  if (_i == 0)
    {
      other = es_trust_new (alice->path);
      ck_assert (es_trust_set_policy (other, es_at (ALICE), es_at (BOB), -1, NULL));
      es_trust_free (other);
    }
  else
    replace_file ();
  bob->supports = FALSE;
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 5);
  endpoint_sign_on (bob);
  world_wait (world, 30);
  ck_assert_ptr_null (strstr (world->wire->str, "secret one"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting + alice->returned->len, 1);
}
END_TEST

/* What waits goes back then, as where the user chooses so here. */
START_TEST (two_programs__policy__gives_back_what_was_written_before)
{
  g_autoptr (EsTrust) other = es_trust_new (alice->path);

  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 5);
  ck_assert (es_trust_set_policy (other, es_at (ALICE), es_at (BOB), ES_POLICY_NEVER, NULL));
  endpoint_type (alice, BOB, "in the clear");
  world_wait (world, 5);
  ck_assert_str_eq (texts (alice->returned), "secret one");
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_GIVEN_BACK)));
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "secret one"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* The user wants what waits to leave unencrypted, which cannot be done at once; then nothing is to leave so, in the second program. */
START_TEST (two_programs__policy__holds_for_what_was_to_leave_plain)
{
  g_autoptr (EsTrust) other = es_trust_new (alice->path);
  sqlite3 *holder = NULL;

  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 20);
  holder = hold_file ("BEGIN IMMEDIATE");
  es_manager_send_plain (alice->manager, es_at (BOB));
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_STORE_LATER)));
  sqlite3_close (holder);
  ck_assert (es_trust_set_policy (other, es_at (ALICE), es_at (BOB), ES_POLICY_ALWAYS, NULL));
  world_wait (world, 60);
  ck_assert_ptr_null (strstr (world->wire->str, "secret one"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
}
END_TEST

/* A window that shows that nothing leaves in the clear, for that cannot be known, is not behind the times when it is. */
START_TEST (other_file__free_again__is_told_to_windows)
{
  sqlite3 *other = NULL;

  bob->supports = FALSE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 20);
  other = hold_file ("BEGIN EXCLUSIVE");
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_ALWAYS);
  if (_i == 1)
    es_manager_end (alice->manager, es_at (BOB));
  sqlite3_close (other);
  if (_i == 0)
    world_wait (world, 10);
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, _i == 0 ? ES_POLICY_POSSIBLE : ES_POLICY_ALWAYS);
  endpoint_type (alice, BOB, "words");
  world_wait (world, 10);
  ck_assert_int_eq (strstr (world->wire->str, "words") != NULL, _i == 0);
}
END_TEST

/* What waits is in the file that there is. */
START_TEST (other_file__what_waits__is_written_again)
{
  alice->policy = ES_POLICY_ALWAYS;
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 5);
  replace_file ();
  endpoint_type (alice, BOB, "secret two");
  world_wait (world, 10);
  kill_and_start ();
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
}
END_TEST

/* Whoever has tried to write it: what could not be written is tried again. */
START_TEST (other_file__offline__goes_on_writing)
{
  sqlite3 *other = NULL;

  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  alice->policy = ES_POLICY_ALWAYS;
  endpoint_type (alice, CAROL, "before");
  world_run (world);
  other = hold_file ("BEGIN IMMEDIATE");
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  es_manager_offline (alice->manager, FALSE);
  world_run (world);
  sqlite3_close (other);
  world_wait (world, 20);
  kill_and_start ();
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "secret one");
}
END_TEST

/* A proper end: what the user took back before, and what could not be written, comes back, neither for the other's sake. */
START_TEST (other_file__held__keeps_nothing_back_at_the_end)
{
  g_autoptr (GPtrArray) all = NULL;
  sqlite3 *other = NULL;

  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  alice->policy = ES_POLICY_ALWAYS;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  other = hold_file ("BEGIN IMMEDIATE");
  all = es_manager_waiting (alice->manager, es_at (BOB));
  ck_assert_ptr_null (
      es_manager_withdraw (alice->manager, es_at (BOB), ((const EsWaitingText *) all->pdata[0])->label));
  if (_i == 0)
    sqlite3_close (other);
  else
    endpoint_type (alice, BOB, "secret two");
  endpoint_sign_off (alice);
  ck_assert_str_eq (texts (alice->returned), _i == 0 ? "secret one" : "secret two");
  if (_i == 1)
    sqlite3_close (other);
  else
    {
      kill_and_start ();
      endpoint_sign_on (bob);
      es_manager_opened (alice->manager, es_at (BOB));
      world_wait (world, 100);
      ck_assert_uint_eq (bob->shown->len, 0);
    }
}
END_TEST

/* Emptied in place, it says nothing of anybody. */
START_TEST (other_file__emptied__is_no_new_one)
{
  meet ();
  compare (TRUE);
  endpoint_sign_off (bob);
  bob->supports = FALSE;
  ck_assert_int_eq (truncate (alice->path, 0), 0);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 100);
  ck_assert_ptr_null (strstr (world->wire->str, "secret one"));
}
END_TEST

/* Bob was there before it was copied, and Carol came after that; when it has been put back Dave comes, whose number is that of Carol's. Her
 * code (0), or password (1), says nothing of him. */
START_TEST (older_copy__numbers__mean_nobody_else)
{
  Endpoint *carol = world_add (world, CAROL "/pc"), *dave = world_add (world, DAVE "/pc");
  g_autofree char *code = NULL;

  meet ();
  compare (TRUE);
  copy_file ();
  endpoint_sign_on (carol);
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 20);
  put_back ();
  endpoint_sign_on (dave);
  es_manager_opened (alice->manager, es_at (DAVE));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, DAVE), ES_STATE_ENCRYPTED);
  code = g_strdup (endpoint_look (alice, CAROL).code);
  if (_i == 0)
    es_manager_verify (alice->manager, es_at (CAROL), code, TRUE);
  else
    {
      es_manager_password (carol->manager, es_at (ALICE), "correct horse", NULL);
      world_run (world);
      es_manager_password (alice->manager, es_at (CAROL), "correct horse", NULL);
    }
  world_wait (world, 10);
  endpoint_type (alice, DAVE, "hi");
  world_wait (world, 10);
  ck_assert_int_eq (endpoint_state (alice, DAVE), ES_STATE_ENCRYPTED);
  endpoint_sign_off (dave);
  endpoint_sign_on (dave);
  es_manager_opened (alice->manager, es_at (DAVE));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, DAVE), ES_STATE_ENCRYPTED);
}
END_TEST

/* The code of whom it does not know is compared: whoever has got his number since is not verified by that. */
START_TEST (older_copy__first_of_all__means_nobody_else)
{
  Endpoint *carol = world_add (world, CAROL "/pc");

  copy_file ();
  meet ();
  put_back ();
  endpoint_sign_on (carol);
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 20);
  compare (TRUE);
  kill_and_start ();
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 20);
  ck_assert_int_eq (endpoint_state (alice, CAROL), ES_STATE_ENCRYPTED);
}
END_TEST

/* What waits is in the file that there is as soon as anything happens: something is written (1), or the account goes offline (2). */
START_TEST (older_copy__what_waits__is_written_again)
{
  always ();
  copy_file ();
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 5);
  put_back ();
  if (_i == 1)
    endpoint_type (alice, BOB, "secret two");
  world_wait (world, 60);
  if (_i == 2)
    endpoint_sign_off (alice);
  kill_and_start ();
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), _i == 1 ? "secret one|secret two" : "secret one");
}
END_TEST

/* What is done with, discarded (0) or sent (1), takes nothing with it that has got its number since. */
START_TEST (older_copy__done__takes_nothing_else)
{
  Endpoint *carol = world_add (world, CAROL "/pc");
  g_autofree char *label = NULL;

  always ();
  copy_file ();
  endpoint_type (alice, BOB, "to bob, before");
  world_wait (world, 5);
  put_back ();
  endpoint_type (alice, CAROL, "to carol, after");
  world_wait (world, 5);
  if (_i == 0)
    {
      label = first_label (alice);
      endpoint_discard (alice, BOB, label);
    }
  else
    endpoint_sign_on (bob);
  world_wait (world, 20);
  endpoint_sign_off (alice);
  kill_and_start ();
  endpoint_sign_on (carol);
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 100);
  ck_assert_str_eq (texts (carol->shown), "to carol, after");
  ck_assert_uint_eq (bob->shown->len, _i);
}
END_TEST

/* Another program of the same user: one account, one file. */
static Endpoint *
second_program (void)
{
  Endpoint *second = world_add (world, ALICE "/finch");

  g_free (second->path);
  second->path = g_strdup (alice->path);
  es_trust_free (second->trust);
  second->trust = es_trust_new (second->path);
  second->policy = alice->policy;
  endpoint_sign_on (second);
  es_manager_opened (second->manager, es_at (BOB));
  world_wait (world, 5);
  return second;
}

/* What waits in both is discarded (0), or taken back (1), or sent in the clear (2), in the one: the other one sends it no more. */
START_TEST (two_programs__waiting__is_dealt_with_once)
{
  Endpoint *second = NULL;
  g_autofree char *label = NULL, *text = NULL;

  always ();
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 5);
  second = second_program ();
  ck_assert_uint_eq (endpoint_look (second, BOB).waiting, 1);
  label = first_label (alice);
  if (_i == 0)
    endpoint_discard (alice, BOB, label);
  else if (_i == 1)
    {
      text = es_manager_withdraw (alice->manager, es_at (BOB), label);
      endpoint_type (alice, BOB, "secret two");
    }
  else
    {
      bob->supports = FALSE;
      endpoint_sign_on (bob);
      world_wait (world, 20);
      es_manager_send_plain (alice->manager, es_at (BOB));
      world_wait (world, 20);
      ck_assert_uint_eq (bob->shown->len, 1);
      endpoint_sign_off (bob);
      bob->supports = TRUE;
    }
  world_wait (world, 20);
  endpoint_sign_on (bob);
  es_manager_opened (second->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), _i == 0 ? "" : _i == 1 ? "secret two" : "secret one");
  ck_assert_uint_eq (second->returned->len, 0);
}
END_TEST

/* The one sends what the other has just discarded (1), or is about to (0): it is not had back there. */
START_TEST (two_programs__discarded__is_not_had_back_once_it_was_sent)
{
  Endpoint *second = NULL;
  g_autofree char *label = NULL;

  always ();
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 5);
  second = second_program ();
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  world_wait (world, 20);
  label = first_label (alice);
  if (_i == 1)
    es_manager_discard (alice->manager, es_at (BOB), label);
  es_manager_send_plain (second->manager, es_at (BOB));
  if (_i == 0)
    es_manager_discard (alice->manager, es_at (BOB), label);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret one");
  es_manager_undo_discard (alice->manager, es_at (BOB), label);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  world_wait (world, 2 * ES_UNDO_SECONDS);
  endpoint_sign_off (bob);
  bob->supports = TRUE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
  ck_assert_str_eq (texts (bob->shown), "secret one");
  ck_assert_str_eq (texts (alice->returned), "");
}
END_TEST

/* What was confirmed to the one while the other was offline is not sent to another device by that. */
START_TEST (two_programs__confirmed__is_not_sent_again)
{
  Endpoint *second = NULL, *pc = world_add (world, BOB "/pc");

  always ();
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret one");
  world_wait (world, 5);
  second = second_program ();
  es_manager_offline (second->manager, FALSE);
  second->online = FALSE;
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_str_eq (texts (bob->shown), "secret one");
  endpoint_sign_off (bob);
  endpoint_sign_on (second);
  endpoint_sign_on (pc);
  es_manager_opened (second->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_uint_eq (pc->shown->len, 0);
}
END_TEST

static guint
count_rows (const char *contact)
{
  guint n = 0;
  g_autoptr (EsTrust) trust = es_trust_new (alice->path);
  g_autoptr (GPtrArray) entries = es_trust_outbox_load (trust, es_at (ALICE), NULL, NULL);

  for (guint i = 0; i < entries->len; i++)
    n += es_address_equal (((const EsStored *) entries->pdata[i])->contact, es_at (contact))
         && ((const EsStored *) entries->pdata[i])->kind != ES_STORED_SHOWN;
  return n;
}

/* What is to be changed in the one was taken out of the file by the other: all else is written as ever. */
START_TEST (two_programs__changed__may_be_gone)
{
  Endpoint *second = NULL, *carol = world_add (world, CAROL "/pc");
  g_autoptr (EsTrust) other = NULL;
  g_autofree char *label = NULL;

  meet ();
  endpoint_sign_on (carol);
  es_manager_opened (alice->manager, es_at (CAROL));
  world_wait (world, 10);
  endpoint_sign_off (bob);
  always ();
  endpoint_type (alice, BOB, "waits");
  world_wait (world, 5);
  second = second_program ();
  label = first_label (second);
  endpoint_discard (second, BOB, label);
  world_wait (world, 5);
  ck_assert_uint_eq (count_rows (BOB), 0);
  other = es_trust_new (alice->path);
  ck_assert (es_trust_verify (other, es_at (ALICE), es_at (BOB), device_of (other, BOB), 1, NULL));
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_sign_off (second);
  world_wait (world, 5);
  endpoint_type (alice, CAROL, "to carol");
  world_wait (world, 20);
  ck_assert_str_eq (texts (carol->shown), "to carol");
  ck_assert_uint_eq (count_rows (CAROL), 0);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_uint_eq (bob->shown->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("other file");
  TCase *tcase = tcase_create ("other file");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, other_file__numbers__mean_nobody_else, 0, 4);
  tcase_add_test (tcase, other_file__conversation__can_be_verified);
  tcase_add_loop_test (tcase, other_file__verified__is_not_written_to_in_the_clear, 0, 2);
  tcase_add_test (tcase, other_file__same_again__verifies_the_next_code);
  tcase_add_test (tcase, other_file__same_again__forgets_whose_code_differed);
  tcase_add_loop_test (tcase, other_file__same_again__changes_nothing_unsaid, 0, 3);
  tcase_add_test (tcase, two_programs__policy__holds_at_once);
  tcase_add_test (tcase, two_programs__verified__is_written_to_encrypted);
  tcase_add_test (tcase, two_programs__policy__gives_back_what_was_written_before);
  tcase_add_test (tcase, two_programs__policy__holds_for_what_was_to_leave_plain);
  tcase_add_loop_test (tcase, two_programs__mark__holds_at_once, 0, 4);
  tcase_add_loop_test (tcase, other_file__started_over__lets_nothing_out, 0, 2);
  tcase_add_loop_test (tcase, other_file__policy__holds_for_what_was_written, 0, 2);
  tcase_add_loop_test (tcase, other_file__free_again__is_told_to_windows, 0, 2);
  tcase_add_test (tcase, other_file__what_waits__is_written_again);
  tcase_add_test (tcase, other_file__offline__goes_on_writing);
  tcase_add_loop_test (tcase, other_file__held__keeps_nothing_back_at_the_end, 0, 2);
  tcase_add_test (tcase, other_file__emptied__is_no_new_one);
  tcase_add_loop_test (tcase, older_copy__numbers__mean_nobody_else, 0, 2);
  tcase_add_test (tcase, older_copy__first_of_all__means_nobody_else);
  tcase_add_loop_test (tcase, older_copy__what_waits__is_written_again, 1, 3);
  tcase_add_loop_test (tcase, older_copy__done__takes_nothing_else, 0, 2);
  tcase_add_loop_test (tcase, two_programs__waiting__is_dealt_with_once, 0, 3);
  tcase_add_loop_test (tcase, two_programs__discarded__is_not_had_back_once_it_was_sent, 0, 2);
  tcase_add_test (tcase, two_programs__confirmed__is_not_sent_again);
  tcase_add_test (tcase, two_programs__changed__may_be_gone);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
