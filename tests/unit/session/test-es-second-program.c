/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered changes while the program runs, and not by what the user does in it: an older copy of the file is put back, a
 * verification lapses, or a second program of the user's writes into the same file. Whatever the user does next is no consent to what was
 * never shown. */
#include <sqlite3.h>

#include "es-forge.h"
#include "es-passphrase.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define ROB "rob@example.net"

static World *world;
static Endpoint *alice, *laptop, *phone;
static EsTrust *other; /* the file as the second program of Alice's has it */

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  laptop = world_add (world, BOB "/laptop");
  phone = world_add (world, BOB "/phone");
  other = es_trust_new (alice->path);
  endpoint_sign_on (alice);
}

static void
teardown (void)
{
  g_clear_pointer (&other, es_trust_free);
  g_clear_pointer (&world, world_free);
}

/* A new session of DEVICE, a client of Bob's, which the conversation is in then. */
static void
meet (Endpoint *device)
{
  endpoint_sign_on (device);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_opened (device->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (device, ALICE, "it is me");
  world_run (world);
  ck_assert_pstr_eq (es_text_of (endpoint_look (alice, BOB).device), device->jid);
}

/* Alice says so of the code that she sees. */
static void
compare (gboolean equal)
{
  g_autofree char *code = g_strdup (endpoint_look (alice, BOB).code);

  ck_assert_ptr_nonnull (code);
  es_manager_verify (alice->manager, es_at (BOB), code, equal);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), equal ? ES_STATE_VERIFIED : ES_STATE_ENDED);
}

static void
begin_next_life (void)
{
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 20);
}

static void
clear_notices (void)
{
  g_ptr_array_set_size (alice->notices, 0);
  g_ptr_array_set_size (alice->warnings, 0);
}

static void
type (const char *text)
{
  endpoint_type (alice, BOB, text);
  world_wait (world, 20);
}

static void
set_policy (int policy)
{
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), policy, NULL));
  world_wait (world, 5);
}

static void
assert_not_sent (const char *text)
{
  ck_assert_ptr_null (strstr (world->wire->str, text));
  ck_assert (!es_has_text (laptop->shown, text));
  ck_assert (!es_has_text (phone->shown, text));
}

/* The phone is there, and nobody has verified it. */
static void
assert_barred (void)
{
  EsConversation what = endpoint_look (alice, BOB);

  ck_assert_pstr_eq (es_text_of (what.device), phone->jid);
  ck_assert_int_eq (what.state, ES_STATE_ENCRYPTED);
  ck_assert (what.barred);
  ck_assert_str_eq (texts (phone->shown), "");
}

/* An older copy */

/* The laptop is verified, and away; then what is in the file is what was there before, whether that is in the same life or not. */
static void
roll_back (gboolean next_life)
{
  g_autofree char *copy = NULL;
  gsize size = 0;
  EsTrustSummary summary;

  ck_assert (es_trust_summary (alice->trust, es_at (ALICE), es_at (BOB), &summary, NULL));
  ck_assert (g_file_get_contents (alice->path, &copy, &size, NULL));
  meet (laptop);
  compare (TRUE);
  endpoint_sign_off (laptop);
  world_wait (world, 5);
  if (next_life)
    begin_next_life ();
  endpoint_overwrite (alice, copy, size);
  clear_notices ();
}

/* From now on it is another program that the laptop runs, which cannot. */
static void
bring_plain (void)
{
  endpoint_kill (laptop);
  laptop->supports = FALSE;
  laptop->policy = ES_POLICY_NEVER;
  endpoint_sign_on (laptop);
  world_wait (world, 20);
}

static void
bring_stranger (void)
{
  if (laptop->online)
    endpoint_sign_off (laptop);
  endpoint_sign_on (phone);
  world_wait (world, 20);
}

static void
choose_nothing (void)
{
}

static void
choose_start (void)
{
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 5);
}

static void
choose_always (void)
{
  set_policy (ES_POLICY_ALWAYS);
}

static void
choose_usual (void)
{
  set_policy (-1);
}

static void
choose_plain_once (void)
{
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_wait (world, 5);
}

static void (*const choices[]) (void)
    = { choose_nothing, choose_start, choose_always, choose_usual, choose_plain_once };

/* Nobody is there who could be encrypted for: each choice, in the same life and in the next one. */
START_TEST (rolled_back__choice__lets_nothing_else_out)
{
  void (*choose) (void) = choices[_i / 2];
  gboolean one_goes = choose == choose_plain_once;

  roll_back (_i % 2 == 1);
  bring_plain ();
  type ("secret one");
  assert_not_sent ("secret one");
  choose ();
  ck_assert_int_eq (es_has_text (laptop->shown, "secret one"), one_goes);
  type ("secret two");
  assert_not_sent ("secret two");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, one_goes ? 1 : 2);

  /* Nor may who comes then have it. */
  bring_stranger ();
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_STRANGE_DEVICE)));
  assert_barred ();
  assert_not_sent ("secret two");
}
END_TEST

/* The same where who comes is there before. */
START_TEST (rolled_back__stranger__gets_nothing_by_a_choice)
{
  roll_back (_i % 2 == 1);
  bring_stranger ();
  type ("secret one");
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_STRANGE_DEVICE)));
  choices[_i / 2]();
  type ("secret two");
  assert_barred ();
  assert_not_sent ("secret");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
}
END_TEST

/* What the user chose knowingly holds for what leaves in the clear, and is no word about who is verified. */
START_TEST (rolled_back__weaker_policy__means_what_it_says)
{
  roll_back (TRUE);
  bring_plain ();
  set_policy (_i);
  type ("words");
  ck_assert_str_eq (texts (laptop->shown), "words");
  if (_i == ES_POLICY_NEVER)
    return;
  bring_stranger ();
  choose_start ();
  type ("secret");
  assert_barred ();
  assert_not_sent ("secret");
}
END_TEST

START_TEST (rolled_back__end__is_for_the_clear_only)
{
  roll_back (_i == 1);
  bring_plain ();
  es_manager_end (alice->manager, es_at (BOB));
  type ("words");
  ck_assert_str_eq (texts (laptop->shown), "words");
  bring_stranger ();
  choose_start ();
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_STRANGE_DEVICE)));
  type ("secret");
  assert_barred ();
  assert_not_sent ("secret");
}
END_TEST

/* Who was verified is whoever is verified again. */
START_TEST (rolled_back__verified_again__has_what_waited)
{
  roll_back (_i == 1);
  type ("secret one");
  endpoint_sign_on (laptop);
  world_wait (world, 20);
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_STRANGE_DEVICE)));
  ck_assert (endpoint_look (alice, BOB).barred);
  type ("secret two");
  assert_not_sent ("secret");
  compare (TRUE);
  ck_assert_str_eq (texts (laptop->shown), "secret one|secret two");
}
END_TEST

/* A lapsed verification */

/* Nobody has used the laptop for long, so that it was forgotten when somebody else was met; the phone comes, and a text waits. */
static void
let_lapse (void)
{
  Endpoint *rob = world_add (world, ROB "/laptop");

  meet (laptop);
  compare (TRUE);
  endpoint_kill (laptop);
  es_manager_closed (alice->manager, es_at (BOB));
  world_run (world);
  es_trust_set_expiry (alice->trust, 30, 30);
  world->now += 31 * 24 * 60 * 60;
  endpoint_sign_on (rob);
  es_manager_opened (alice->manager, es_at (ROB));
  world_run (world);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert (endpoint_look (alice, BOB).lapsed);
  endpoint_sign_on (phone);
  world_run (world);
  type ("secret");
  assert_barred ();
  clear_notices ();
}

/* A policy, or (the last) none of the contact's own. */
static int
policy_of (int i)
{
  return i < (int) ES_N_POLICIES ? i : -1;
}

START_TEST (lapsed__policy__gives_nothing_to_a_stranger)
{
  let_lapse ();
  set_policy (policy_of (_i));
  assert_not_sent ("secret");
  ck_assert (endpoint_look (alice, BOB).lapsed);

  /* Never ends it, and lets what is written from now on out in the clear. */
  if (_i == ES_POLICY_NEVER)
    return;
  assert_barred ();
  type ("another secret");
  assert_barred ();
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  compare (TRUE);
  ck_assert_str_eq (texts (phone->shown), "secret|another secret");
}
END_TEST

/* Nor in the next life. */
START_TEST (lapsed__policy__does_not_end_it_for_later)
{
  let_lapse ();
  set_policy (policy_of (_i));
  begin_next_life ();
  if (_i == ES_POLICY_NEVER)
    set_policy (-1);
  choose_start ();
  world_wait (world, 20);
  assert_barred ();
  type ("another secret");
  assert_barred ();
  assert_not_sent ("secret");
}
END_TEST

/* Lapsed, and with a policy as well (1); or an older copy (2). */
START_TEST (strange__write_anyway__gives_back_what_was_typed_before)
{
  if (_i < 2)
    let_lapse ();
  else
    {
      roll_back (FALSE);
      bring_stranger ();
      type ("secret");
      assert_barred ();
    }
  if (_i == 1)
    set_policy (ES_POLICY_POSSIBLE);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "secret");
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_GIVEN_BACK_STRICT)));
  type ("for whoever it is");
  ck_assert_str_eq (texts (phone->shown), "for whoever it is");
  assert_not_sent ("secret");
}
END_TEST

/* The second program */

/* What Alice remembers of the device that the conversation is with, or of another one of Bob's. */
static gint64
find_device (gboolean current)
{
  g_autoptr (GPtrArray) devices = es_trust_devices (alice->trust, NULL);

  for (guint i = 0; i < devices->len; i++)
    {
      gint64 device = ((const EsDevice *) devices->pdata[i])->id;
      EsDeviceUse use = { 0 };

      es_manager_use_of (alice->manager, device, &use);
      if (use.current == current)
        return device;
    }
  ck_abort_msg ("there is no such device");
  return 0;
}

typedef enum
{
  UNMARK,
  FORGET,
  VERIFY,
  DIFFER,
  N_CHANGES
} Change;

static const EsState states[N_CHANGES] = { ES_STATE_ENCRYPTED, ES_STATE_ENCRYPTED, ES_STATE_VERIFIED, ES_STATE_ENDED };

/* The number of DEVICE is that of this program. */
static void
change (Change which, gint64 device)
{
  gint64 number = es_trust_stored_number (alice->trust, device);
  g_autoptr (GPtrArray) devices = es_trust_devices (other, NULL);

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    if (es_trust_stored_number (other, ((const EsDevice *) devices->pdata[i])->id) == number)
      device = ((const EsDevice *) devices->pdata[i])->id;
  switch (which)
    {
    case UNMARK:
      ck_assert (es_trust_unmark (other, device, 1, NULL));
      break;
    case FORGET:
      ck_assert (es_trust_forget (other, device, NULL));
      break;
    case VERIFY:
      ck_assert (es_trust_verify (other, es_at (ALICE), es_at (BOB), device, 1, NULL));
      break;
    case DIFFER:
    case N_CHANGES:
    default:
      ck_assert (es_trust_set_differed (other, es_at (ALICE), es_at (BOB), TRUE, NULL));
      break;
    }
}

/* Something comes that only shows that Alice's program looks. */
static void
wake (const char *from)
{
  world_inject (world, from, alice->jid,
                "<message type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
}

static void
seal (void)
{
  g_autoptr (EsSecret) secret = es_passphrase_new ("correct horse");
  EsProtection protection;

  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  protection.cost = 14;
  ck_assert (es_trust_protect (other, &protection, secret, NULL));
}

static void
unlock (void)
{
  g_autoptr (EsSecret) secret = es_passphrase_new ("correct horse");

  ck_assert (es_trust_unlock_with (alice->trust, secret, NULL));
  es_manager_store_changed (alice->manager);
}

/* What the user does here first. */
typedef enum
{
  CHOOSE,
  UNLOCK,
  UNLOCK_SEEN, /* the list was found to be locked */
  FORGET_OTHER,
  UNMARK_OTHER,
  N_ACTIONS
} Action;

static void
act (Action what, gint64 another)
{
  switch (what)
    {
    case UNLOCK:
    case UNLOCK_SEEN:
      unlock ();
      break;
    case FORGET_OTHER:
      ck_assert (es_trust_forget (alice->trust, another, NULL));
      es_manager_device_forgotten (alice->manager, es_at (BOB), another);
      break;
    case UNMARK_OTHER:
      ck_assert (es_trust_unmark (alice->trust, another, world->now, NULL));
      es_manager_device_unmarked (alice->manager, es_at (BOB), another);
      break;
    case CHOOSE:
    case N_ACTIONS:
    default:
      ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
      break;
    }
}

/* The phone is remembered, and away; the conversation is with the laptop. */
static void
meet_both (gboolean verified, gboolean other_verified)
{
  meet (phone);
  if (other_verified)
    compare (TRUE);
  endpoint_sign_off (phone);
  world_run (world);
  meet (laptop);
  if (verified)
    compare (TRUE);
}

/* CHANGE of the laptop in the second program, and WHAT the user does here then. */
static void
change_and_act (Change which, Action what)
{
  gint64 current = find_device (TRUE), another = find_device (FALSE);

  if (what == UNLOCK || what == UNLOCK_SEEN)
    seal ();
  if (what == UNLOCK_SEEN)
    type ("before");
  change (which, current);
  act (what, another);
}

/* Each change, and each thing that the user may do. */
START_TEST (second_program__change__is_followed_whatever_comes_first)
{
  Change which = _i % N_CHANGES;
  Action what = _i / N_CHANGES;

  meet_both (which != VERIFY, what == UNMARK_OTHER);
  change_and_act (which, what);
  ck_assert_int_eq (endpoint_state (alice, BOB), states[which]);
  type ("secret");
  ck_assert_int_eq (endpoint_state (alice, BOB), states[which]);
  if (which == DIFFER)
    ck_assert_str_eq (texts (alice->returned), "secret");
  ck_assert (which != DIFFER || !es_has_text (laptop->shown, "secret"));
  ck_assert (which != VERIFY || es_has_text (laptop->shown, "secret"));
}
END_TEST

/* Where another device is verified still, what is written is for that. */
START_TEST (second_program__not_verified_any_more__gets_nothing)
{
  Change which = _i % 2 == 0 ? UNMARK : FORGET;

  meet_both (TRUE, TRUE);
  change_and_act (which, _i / 2);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert (endpoint_look (alice, BOB).barred);
  type ("secret");
  assert_not_sent ("secret");
  endpoint_sign_off (laptop);
  endpoint_sign_on (phone);
  world_wait (world, 20);
  ck_assert (es_has_text (phone->shown, "secret"));
}
END_TEST

typedef struct
{
  Change change;
  gint64 device;
  gboolean followed; /* by something that is not encrypted */
  gboolean done;
} Moment;

/* Once message 4 is on its way, and nothing of the session. */
static gboolean
tap_moment (World *of, Letter *letter, gpointer data)
{
  Moment *moment = data;

  if (moment->done || strcmp (letter->from, alice->jid) != 0 || forge_message (letter->text) != 4)
    return TRUE;
  moment->done = TRUE;
  change (moment->change, moment->device);
  if (moment->followed)
    wake (laptop->jid);
  return TRUE;
}

/* The device was recognised; before it has said anything what is remembered of it is something else. */
START_TEST (second_program__change_before_the_proof__holds)
{
  Moment moment = { .change = _i / 2, .followed = _i % 2 == 1 };

  meet (laptop);
  if (moment.change != VERIFY)
    compare (TRUE);
  moment.device = find_device (TRUE);
  endpoint_sign_off (laptop);
  es_manager_closed (alice->manager, es_at (BOB));
  world_wait (world, 20);
  endpoint_sign_on (laptop);
  world->tap = tap_moment;
  world->tap_data = &moment;
  es_manager_opened (laptop->manager, es_at (ALICE));
  endpoint_type (laptop, ALICE, "from the laptop");
  world_run (world);
  ck_assert (moment.done);
  ck_assert (es_has_text (alice->shown, "from the laptop"));
  ck_assert_int_eq (endpoint_state (alice, BOB), states[moment.change]);
  type ("hello");
  ck_assert_int_eq (endpoint_state (alice, BOB), states[moment.change]);
}
END_TEST

/* Nothing is encrypted here: as the policies say, or because the user has ended it (the last). */
START_TEST (second_program__codes_differ__refuses_what_would_be_plain)
{
  if (_i < (int) ES_POLICY_ALWAYS)
    {
      alice->policy = (EsPolicy) _i;
      es_manager_set_usual_policy (alice->manager, alice->policy);
      laptop->supports = alice->policy != ES_POLICY_POSSIBLE;
      endpoint_sign_on (laptop);
      es_manager_opened (alice->manager, es_at (BOB));
      world_wait (world, 20);
    }
  else
    {
      meet (laptop);
      es_manager_end (alice->manager, es_at (BOB));
    }
  type ("words");
  ck_assert_str_eq (texts (laptop->shown), "words");
  change (DIFFER, 0);
  type ("secret");
  assert_not_sent ("secret");
  ck_assert_str_eq (texts (alice->returned), "secret");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert (endpoint_look (alice, BOB).must_choose);
}
END_TEST

/* The file is held: it can be read (0), or not (1). */
static sqlite3 *
hold (int how)
{
  sqlite3 *holder = NULL;

  ck_assert_int_eq (sqlite3_open (alice->path, &holder), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (holder, how == 0 ? "BEGIN IMMEDIATE" : "BEGIN EXCLUSIVE", NULL, NULL, NULL),
                    SQLITE_OK);
  return holder;
}

/* That the user begins anew cannot be written down. */
START_TEST (second_program__holds_the_file__nothing_begins)
{
  sqlite3 *holder = NULL;
  guint requests = 0;

  meet (laptop);
  compare (FALSE);
  world_wait (world, 100);
  requests = world_count (world, alice->jid, "dhhashes");
  clear_notices ();
  holder = hold (_i);
  choose_start ();
  sqlite3_close (holder);
  world_wait (world, 60);
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_NOT_STORED)));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
  type ("secret");
  assert_not_sent ("secret");

  /* Then it can be, and does not come back with what another program writes. */
  choose_start ();
  world_wait (world, 20);
  compare (TRUE);
  ck_assert (es_trust_set_policy (other, es_at (ALICE), es_at (ROB), ES_POLICY_ALWAYS, NULL));
  type ("secret again");
  ck_assert (es_has_text (laptop->shown, "secret again"));
  begin_next_life ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

static void
fail_password (void)
{
  es_manager_password (alice->manager, es_at (BOB), "one word", NULL);
  world_run (world);
  es_manager_password (laptop->manager, es_at (ALICE), "another word", NULL);
  world_run (world);
}

/* Those of before the day of rest do not count, though that cannot be written down when the next one is wrong. */
START_TEST (second_program__holds_the_file__one_password_counts_as_one)
{
  sqlite3 *holder = NULL;
  guint count = 0;
  gint64 last = 0;

  meet (laptop);
  for (guint i = 0; i < 3; i++)
    fail_password ();
  ck_assert_int_eq (endpoint_look (alice, BOB).password, ES_PASSWORD_OVER);
  world->now += 24 * 60 * 60 + 10;
  world_run (world);
  holder = hold (_i);
  fail_password ();
  sqlite3_close (holder);
  world_wait (world, 60);
  ck_assert (es_trust_password_failures (other, es_at (ALICE), es_at (BOB), &count, &last, NULL));
  ck_assert_uint_eq (count, 1);
  ck_assert_int_eq (endpoint_look (alice, BOB).password, ES_PASSWORD_NONE);
}
END_TEST

/* Wrong ones are counted for whoever reads the file: there is no fourth guess here because nobody has looked. */
START_TEST (second_program__has_failed__nothing_is_tried_here)
{
  gsize sent = 0;

  meet (laptop);
  for (guint i = 0; i < 3; i++)
    ck_assert (es_trust_add_password_failure (other, es_at (ALICE), es_at (BOB), world->now, NULL));
  clear_notices ();
  sent = world->wire->len;
  es_manager_password (alice->manager, es_at (BOB), "one word", NULL);
  world_run (world);
  ck_assert_uint_eq (world->wire->len, sent);
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_PASSWORD_OVER)));
  ck_assert_int_eq (endpoint_look (alice, BOB).password, ES_PASSWORD_OVER);
  ck_assert_int_ne (endpoint_look (laptop, ALICE).password, ES_PASSWORD_OFFERED);
}
END_TEST

/* The other program was faster by the time that it takes to ask for it to be written: what the user said is tried once more when the
 * program ends. */
START_TEST (second_program__holds_the_file__they_differ_is_written_at_the_end)
{
  sqlite3 *holder = NULL;
  guint requests = 0;

  meet (laptop);
  holder = hold (_i);
  compare (FALSE);
  sqlite3_close (holder);
  endpoint_sign_off (alice);
  requests = world_count (world, alice->jid, "dhhashes");
  begin_next_life ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), requests);
}
END_TEST

/* What was written for verified devices comes back when it can be forgotten, and not before: that is told. */
START_TEST (second_program__holds_the_file__write_anyway_says_what_comes_later)
{
  sqlite3 *holder = NULL;

  meet (laptop);
  compare (TRUE);
  endpoint_sign_off (laptop);
  meet (phone);
  assert_barred ();
  type ("secret");
  clear_notices ();
  holder = hold (_i);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_STORE_LATER)));
  ck_assert_str_eq (texts (alice->returned), "");
  sqlite3_close (holder);
  world_wait (world, 60);
  ck_assert_str_eq (texts (alice->returned), "secret");
  assert_not_sent ("secret");
}
END_TEST

/* A verified device is there */

/* The conversation is with the one that is verified: by itself, and so is what is written. */
static void
assert_goes_to (const Endpoint *device, const Endpoint *barred)
{
  EsConversation what;
  guint n = barred->shown->len;

  type ("secret");
  what = endpoint_look (alice, BOB);
  ck_assert_pstr_eq (es_text_of (what.device), device->jid);
  ck_assert_int_eq (what.state, ES_STATE_VERIFIED);
  ck_assert_uint_eq (what.waiting, 0);
  ck_assert_str_eq (texts (device->shown), "secret");
  ck_assert_uint_eq (barred->shown->len, n);
}

/* Who writes last is not who is written to, where the user writes to another one all the same. */
START_TEST (barred__writes_last__the_conversation_stays)
{
  Endpoint *tablet = world_add (world, BOB "/tablet");

  meet (laptop);
  compare (TRUE);
  endpoint_sign_off (laptop);
  meet (phone);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  type ("small talk");
  endpoint_sign_on (tablet);
  es_manager_opened (tablet->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (tablet, ALICE, "it is me");
  world_run (world);
  ck_assert (es_has_text (alice->shown, "it is me"));
  ck_assert_pstr_eq (es_text_of (endpoint_look (alice, BOB).device), phone->jid);
  clear_notices ();
  type ("more of it");
  ck_assert_str_eq (texts (phone->shown), "small talk|more of it");
  ck_assert_str_eq (texts (tablet->shown), "");
  ck_assert_str_eq (texts (alice->returned), "");
}
END_TEST

/* Nor is it said for ever: what was to be written to the phone was so while the laptop was the only one that is verified. Then the tablet is as
 * well (0), or the laptop is not any more and is again (1; 2: that is taken back here, and not by the second program). */
START_TEST (barred__written_to_anyway__until_marks_change)
{
  Endpoint *tablet = world_add (world, BOB "/tablet");
  gint64 first = 0, second = 0;

  meet (tablet);
  second = find_device (TRUE);
  endpoint_sign_off (tablet);
  meet (laptop);
  compare (TRUE);
  first = find_device (TRUE);
  endpoint_sign_off (laptop);
  meet (phone);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  type ("small talk");
  ck_assert_str_eq (texts (phone->shown), "small talk");
  if (_i == 1)
    change (UNMARK, first);
  else if (_i == 2)
    act (UNMARK_OTHER, first);
  if (_i > 0)
    type ("more of it");
  ck_assert_uint_eq (phone->shown->len, _i == 0 ? 1 : 2);
  change (VERIFY, _i == 0 ? second : first);
  type ("secret");
  ck_assert (endpoint_look (alice, BOB).barred);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_WAITS_FOR_DEVICE)));
  assert_not_sent ("secret");
  es_manager_write_anyway (alice->manager, es_at (BOB));
  type ("small talk again");
  ck_assert (es_has_text (phone->shown, "small talk again"));
  assert_not_sent ("secret");
}
END_TEST

/* By the password, while the conversation has gone on with the other one. */
START_TEST (barred__verified_by_password__goes_on_there)
{
  meet (laptop);
  endpoint_sign_on (phone);
  world_run (world);
  es_manager_password (alice->manager, es_at (BOB), "the cat on the piano", NULL);
  world_run (world);
  meet (phone);
  es_manager_password (laptop->manager, es_at (ALICE), "the cat on the piano", NULL);
  world_run (world);
  ck_assert_pstr_eq (es_text_of (endpoint_look (alice, BOB).device), laptop->jid);
  assert_goes_to (laptop, phone);
}
END_TEST

/* By the second program, before the user writes (0), or something comes (1). */
START_TEST (barred__verified_elsewhere__goes_on_there)
{
  meet (phone);
  meet (laptop);
  change (VERIFY, find_device (FALSE));
  if (_i == 1)
    {
      wake (laptop->jid);
      world_run (world);
      ck_assert_pstr_eq (es_text_of (endpoint_look (alice, BOB).device), phone->jid);
    }
  assert_goes_to (phone, laptop);
}
END_TEST

/* Both were verified, until the user takes that back of the one. */
START_TEST (barred__unmarked__goes_on_with_the_other)
{
  meet_both (TRUE, TRUE);
  meet (phone);
  meet (laptop);
  clear_notices ();
  act (UNMARK_OTHER, find_device (TRUE));
  world_run (world);
  ck_assert_pstr_eq (es_text_of (endpoint_look (alice, BOB).device), phone->jid);
  assert_goes_to (phone, laptop);
}
END_TEST

/* And where it is not there, the window shows that nothing goes any more. */
START_TEST (barred__verified_elsewhere__is_told_to_windows)
{
  guint n = 0;

  meet_both (FALSE, FALSE);
  change (VERIFY, find_device (FALSE));
  n = alice->n_changed;
  wake (laptop->jid);
  world_run (world);
  ck_assert (endpoint_look (alice, BOB).barred);
  ck_assert_uint_gt (alice->n_changed, n);
  type ("secret");
  assert_not_sent ("secret");
}
END_TEST

static int
count_kept (void)
{
  sqlite3 *raw = NULL;
  sqlite3_stmt *statement = NULL;
  int n = 0;

  ck_assert_int_eq (sqlite3_open (alice->path, &raw), SQLITE_OK);
  ck_assert_int_eq (sqlite3_prepare_v2 (raw, "SELECT count (*) FROM outbox", -1, &statement, NULL), SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  n = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (raw);
  return n;
}

/* More others have been there than the file knows programs, while this one had nothing to write: what it has written is in the file still, and not
 * written anew beside that. */
START_TEST (second_program__many_others__nothing_is_written_twice)
{
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  es_manager_opened (alice->manager, es_at (BOB));
  type ("first");
  world_wait (world, 20);
  ck_assert_int_eq (count_kept (), 1);
  for (guint i = 0; i < 70; i++)
    {
      g_autoptr (EsTrust) one = es_trust_new (alice->path);

      es_trust_refresh (one);
    }
  type ("second");
  world_wait (world, 20);
  ck_assert_int_eq (count_kept (), 2);
  meet (laptop);
  world_wait (world, 20);
  ck_assert_str_eq (texts (laptop->shown), "first|second");
  ck_assert_int_eq (es_trust_files (alice->trust), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("second-program");
  TCase *tcase = tcase_create ("second-program");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, rolled_back__choice__lets_nothing_else_out, 0, 2 * G_N_ELEMENTS (choices));
  tcase_add_loop_test (tcase, rolled_back__stranger__gets_nothing_by_a_choice, 0, 2 * G_N_ELEMENTS (choices));
  tcase_add_loop_test (tcase, rolled_back__weaker_policy__means_what_it_says, 0, ES_POLICY_ALWAYS);
  tcase_add_loop_test (tcase, rolled_back__end__is_for_the_clear_only, 0, 2);
  tcase_add_loop_test (tcase, rolled_back__verified_again__has_what_waited, 0, 2);
  tcase_add_loop_test (tcase, lapsed__policy__gives_nothing_to_a_stranger, 0, ES_N_POLICIES + 1);
  tcase_add_loop_test (tcase, lapsed__policy__does_not_end_it_for_later, 0, ES_N_POLICIES + 1);
  tcase_add_loop_test (tcase, strange__write_anyway__gives_back_what_was_typed_before, 0, 3);
  tcase_add_loop_test (tcase, second_program__change__is_followed_whatever_comes_first, 0, N_CHANGES * N_ACTIONS);
  tcase_add_loop_test (tcase, second_program__not_verified_any_more__gets_nothing, 0, 6);
  tcase_add_loop_test (tcase, second_program__change_before_the_proof__holds, 0, 6);
  tcase_add_loop_test (tcase, second_program__codes_differ__refuses_what_would_be_plain, 0, ES_POLICY_ALWAYS + 1);
  tcase_add_loop_test (tcase, second_program__holds_the_file__nothing_begins, 0, 2);
  tcase_add_loop_test (tcase, second_program__holds_the_file__one_password_counts_as_one, 0, 2);
  tcase_add_test (tcase, second_program__has_failed__nothing_is_tried_here);
  tcase_add_loop_test (tcase, second_program__holds_the_file__write_anyway_says_what_comes_later, 0, 2);
  tcase_add_loop_test (tcase, second_program__holds_the_file__they_differ_is_written_at_the_end, 0, 2);
  tcase_add_test (tcase, barred__writes_last__the_conversation_stays);
  tcase_add_loop_test (tcase, barred__written_to_anyway__until_marks_change, 0, 3);
  tcase_add_test (tcase, barred__verified_by_password__goes_on_there);
  tcase_add_loop_test (tcase, barred__verified_elsewhere__goes_on_there, 0, 2);
  tcase_add_test (tcase, barred__unmarked__goes_on_with_the_other);
  tcase_add_test (tcase, barred__verified_elsewhere__is_told_to_windows);
  tcase_add_test (tcase, second_program__many_others__nothing_is_written_twice);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
