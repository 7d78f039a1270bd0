/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many negotiations there may be: each is one try to hit a verification code. */
#include "es-forge.h"

#include <sqlite3.h>

#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define FORGER BOB "/forger"

static World *world;
static Endpoint *alice, *bob;
static Forger *forger;

static const char too_many[]
    = "The other side asks for an encrypted conversation again and again, which is not answered any "
      "more: choose Start encryption if you want one.";

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
  g_clear_pointer (&forger, forger_free);
  g_clear_pointer (&world, world_free);
}

static guint
n_answers (void)
{
  return world_count (world, alice->jid, "dhkeys");
}

static guint
count_text (GPtrArray *array, const char *text)
{
  guint n = 0;

  for (guint i = 0; i < array->len; i++)
    n += strcmp (array->pdata[i], text) == 0 ? 1 : 0;
  return n;
}

/* Takes what is for the forger and the like, and goes no further. */
static gboolean
tap_swallow (World *w, Letter *letter, gpointer data)
{
  return strcmp (letter->to, FORGER) != 0 && strstr (letter->to, "@example.net") == NULL;
}

/* A request from JID that is given up as soon as it is answered, and maybe before. */
static void
ask_and_give_up (const char *jid)
{
  g_autofree char *thread = g_uuid_string_random (), *error = NULL;
  Forger *one = forger_new (world, jid);

  forger_ask (one, alice->jid, thread);
  error = forge_error (alice->jid, thread, ES_ERROR_UNEXPECTED, NULL);
  world_inject (world, jid, alice->jid, error);
  world_run (world);
  forger_free (one);
}

START_TEST (negotiations__answered__so_many_an_hour_and_a_day)
{
  guint per_hour = ES_LIMIT_NEGOTIATIONS_HOUR, per_day = ES_LIMIT_NEGOTIATIONS_DAY, hours = per_day / per_hour;

  world->tap = tap_swallow;
  for (guint hour = 0; hour <= hours; hour++)
    {
      for (guint i = 0; i < per_hour + 20; i++)
        ask_and_give_up (FORGER);
      ck_assert_uint_eq (n_answers (), MIN ((hour + 1) * per_hour, per_day));

      /* Said once, each time that it begins. */
      ck_assert_uint_eq (count_text (alice->warnings, too_many), MIN (hour + 1, hours));
      world->now += 3600;
    }
  world->now += 24 * 3600;
  ask_and_give_up (FORGER);
  ck_assert_uint_eq (n_answers (), per_day + 1);
}
END_TEST

/* A session that was carried through, and one that the same client never goes on with, counts alike. The user's Start is another
 * matter. */
START_TEST (negotiations__too_many__until_the_user_wants_one)
{
  forger = forger_new (world, FORGER);
  world->tap = forger_tap;
  world->tap_data = forger;
  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  es_manager_set_support (alice->manager, es_at (FORGER), TRUE, FALSE);
  for (guint i = 0; i < ES_LIMIT_NEGOTIATIONS_HOUR; i++)
    {
      forger_ask (forger, alice->jid, NULL);
      world_run (world);
      ck_assert_ptr_nonnull (forger->channel);
    }
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  {
    g_autofree char *code = g_strdup (endpoint_look (alice, BOB).code);

    /* What is on display stays. */
    forger_ask (forger, alice->jid, NULL);
    world_run (world);
    ck_assert_ptr_null (forger->channel);
    ck_assert_pstr_eq (endpoint_look (alice, BOB).code, code);
  }
  ck_assert_uint_eq (count_text (alice->warnings, too_many), 1);
  es_manager_end (alice->manager, es_at (BOB));
  world_wait (world, ES_NEGOTIATION_SECONDS + 1);

  /* Nor does anything begin by itself. */
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE, NULL));
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 0);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Alice's user has pressed Start, in vain: one request is answered after that, soon. And who is refused is told so, once a minute. */
START_TEST (negotiations__too_many__one_for_each_start)
{
  guint n = ES_LIMIT_NEGOTIATIONS_HOUR;

  world->tap = tap_swallow;
  for (guint i = 0; i < n + 20; i++)
    ask_and_give_up (FORGER);
  ck_assert_uint_eq (n_answers (), n);
  ck_assert_uint_eq (world_count (world, alice->jid, "resource-constraint"), 1);
  world_wait (world, 60);
  ask_and_give_up (FORGER);
  ask_and_give_up (FORGER);
  ck_assert_uint_eq (world_count (world, alice->jid, "resource-constraint"), 2);

  es_manager_start (alice->manager, es_at (BOB));
  for (guint i = 0; i < 3; i++)
    ask_and_give_up (FORGER);
  ck_assert_uint_eq (n_answers (), n + 1);
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 301);
  ask_and_give_up (FORGER);
  ck_assert_uint_eq (n_answers (), n + 1);
  es_manager_start (alice->manager, es_at (BOB));
  es_manager_end (alice->manager, es_at (BOB));
  ask_and_give_up (FORGER);
  ck_assert_uint_eq (n_answers (), n + 1);
}
END_TEST

/* A line that broke all the time has left both with too many: each user reads that at once, and does what is said there. */
START_TEST (negotiations__too_many__on_both_sides)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  for (guint i = 1; i < ES_LIMIT_NEGOTIATIONS_HOUR; i++)
    {
      es_manager_end (alice->manager, es_at (BOB));
      world_run (world);
      es_manager_start (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
    }
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  g_ptr_array_set_size (alice->warnings, 0);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_BUSY));
  ck_assert_uint_eq (count_text (bob->warnings, too_many), 1);
  if (_i == 0)
    world_wait (world, 120);
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_BUSY));
}
END_TEST

START_TEST (negotiations__of_an_account__are_limited_together)
{
  guint n = ES_LIMIT_NEGOTIATIONS_ACCOUNT_HOUR;

  world->tap = tap_swallow;
  for (guint i = 0; i < n + 50; i++)
    {
      g_autofree char *jid = g_strdup_printf ("user%u@example.net/x", i % 50);

      ask_and_give_up (jid);
    }
  ck_assert_uint_eq (n_answers (), n);
  world->now += 3600;
  ask_and_give_up ("user0@example.net/x");
  ck_assert_uint_eq (n_answers (), n + 1);
}
END_TEST

static void
verify (void)
{
  g_autofree char *code = NULL;

  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}

/* With a verified device somebody else can ask as often as he likes, and never gets as far as a code. */
START_TEST (negotiations__verified__is_answered_and_nobody_else_has_a_code)
{
  verify ();
  forger = forger_new (world, FORGER);
  world->tap = tap_swallow;
  for (guint i = 0; i < ES_LIMIT_NEGOTIATIONS_HOUR; i++)
    ask_and_give_up (FORGER);
  world->tap = forger_tap;
  world->tap_data = forger;
  g_ptr_array_set_size (alice->notices, 0);
  g_ptr_array_set_size (alice->warnings, 0);
  for (guint i = 0; i < 5; i++)
    {
      guint before = n_answers ();

      forger_ask (forger, alice->jid, NULL);
      world_run (world);
      ck_assert_uint_eq (n_answers (), before + 1);
      ck_assert_ptr_null (forger->channel);
      ck_assert_ptr_nonnull (strstr (world_last (world, alice->jid, "type=\"error\""), "resource-constraint"));
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
      ck_assert_str_eq (es_text_of (endpoint_look (alice, BOB).device), bob->jid);
    }

  /* Whoever holds the secret is as welcome as ever, however bad the line is. */
  for (guint i = 0; i < 10; i++)
    {
      endpoint_kill (bob);
      world_run (world);
      endpoint_sign_on (bob);
      es_manager_start (bob->manager, es_at (ALICE));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
      ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
    }

  /* But we ask nobody by ourselves, and say so once. */
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_BUSY));
}
END_TEST

/* Nor can he use up what there is for others. */
START_TEST (negotiations__verified__uses_up_nothing_of_the_account)
{
  Endpoint *carol = world_add (world, "carol@example.net/pc");

  verify ();
  world->tap = tap_swallow;
  for (guint i = 0; i < ES_LIMIT_NEGOTIATIONS_ACCOUNT_HOUR + 10; i++)
    ask_and_give_up (FORGER);
  world->tap = NULL;
  endpoint_sign_on (carol);
  es_manager_opened (alice->manager, es_at ("carol@example.net"));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, "carol@example.net"), ES_STATE_ENCRYPTED);
}
END_TEST

/* Verified sessions are no tries: a line that breaks all day long costs nothing, whoever asks: Alice, Bob, or
 * (2) nobody but the programs. */
START_TEST (negotiations__verified__do_not_count)
{
  verify ();
  for (guint i = 0; i < ES_LIMIT_NEGOTIATIONS_HOUR + 10; i++)
    {
      if (_i == 2)
        {
          endpoint_kill (bob);
          world_wait (world, 11);
          endpoint_sign_on (bob);
        }
      else
        {
          es_manager_end (_i == 0 ? alice->manager : bob->manager, es_at (_i == 0 ? BOB : ALICE));
          world_run (world);
          es_manager_start (_i == 0 ? alice->manager : bob->manager, es_at (_i == 0 ? BOB : ALICE));
        }
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
      ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
    }
  ck_assert_uint_eq (count_text (alice->warnings, too_many) + count_text (bob->warnings, too_many), 0);
}
END_TEST

/* Two requests that cross are one negotiation, on both sides. */
START_TEST (negotiations__that_cross__count_once)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  for (guint n = 1; n < ES_LIMIT_NEGOTIATIONS_HOUR - 1; n++)
    {
      es_manager_end (alice->manager, es_at (BOB));
      world_run (world);
      es_manager_start (alice->manager, es_at (BOB));
      es_manager_start (bob->manager, es_at (ALICE));
      world_run (world);
      ck_assert_msg (endpoint_state (alice, BOB) == ES_STATE_ENCRYPTED, "%u", n);
      ck_assert_msg (endpoint_state (bob, ALICE) == ES_STATE_ENCRYPTED, "%u", n);
    }
  ck_assert_uint_eq (count_text (alice->warnings, too_many) + count_text (bob->warnings, too_many), 0);

  /* They did count: there is one left. */
  for (guint i = 0; i < 2; i++)
    {
      es_manager_end (alice->manager, es_at (BOB));
      world_run (world);
      es_manager_start (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), i == 0 ? ES_STATE_ENCRYPTED : ES_STATE_ENDED);
    }
  ck_assert_uint_eq (count_text (bob->warnings, too_many), 1);
}
END_TEST

/* Alice's request gets lost; much later Bob asks, who knows nothing of it. Whichever nonce is the greater one, his is answered. */
static gboolean
tap_lose_requests (World *w, Letter *letter, gpointer data)
{
  return forge_message (letter->text) != 1 || strcmp (letter->from, data) != 0;
}

START_TEST (negotiations__lost_request__does_not_cross)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  for (guint i = 0; i < 10; i++)
    {
      es_manager_end (alice->manager, es_at (BOB));
      world_wait (world, ES_NEGOTIATION_SECONDS + 1);
      world->tap = tap_lose_requests;
      world->tap_data = alice->jid;
      es_manager_start (alice->manager, es_at (BOB));
      world_wait (world, ES_CROSSING_SECONDS + 1);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_STARTING);
      es_manager_start (bob->manager, es_at (ALICE));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
      ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
    }
  ck_assert_str_eq (texts (alice->warnings), "");
}
END_TEST

static char *held_back;

static gboolean
tap_hold_back (World *w, Letter *letter, gpointer data)
{
  if (held_back != NULL || forge_message (letter->text) != 1 || strcmp (letter->from, bob->jid) != 0)
    return TRUE;
  held_back = g_strdup (letter->text);
  return FALSE;
}

/* Alice goes and comes; Bob's request of before that arrives after it, when he has given it up. Nobody is told of that, and nothing
 * comes back. */
START_TEST (negotiations__late_request__stops_nothing)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_kill (alice);
  endpoint_kill (bob);
  world_run (world);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  g_clear_pointer (&held_back, g_free);
  world->tap = tap_hold_back;
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_ptr_nonnull (held_back);
  endpoint_kill (alice);
  world_run (world);
  ck_assert_str_eq (texts (bob->warnings), "");
  endpoint_sign_on (alice);
  world_inject (world, bob->jid, alice->jid, held_back);
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 60);
  ck_assert_str_eq (texts (bob->shown), "secret");
  ck_assert_str_eq (texts (alice->warnings), "");
  ck_assert_str_eq (texts (bob->warnings), "");
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
  g_clear_pointer (&held_back, g_free);
}
END_TEST

/* Another program of Alice's has forgotten the device (0), or had another session on the same secret (1), when the last message comes. */
static gboolean
tap_change_store (World *w, Letter *letter, gpointer data)
{
  sqlite3 *db = NULL;

  if (forge_message (letter->text) != 4 || strcmp (letter->to, alice->jid) != 0)
    return TRUE;
  w->tap = NULL;
  ck_assert_int_eq (sqlite3_open (alice->path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db, data, NULL, NULL, NULL), SQLITE_OK);
  sqlite3_close (db);
  return TRUE;
}

START_TEST (negotiations__other_program__stops_nothing)
{
  static const char *const changes[]
      = { "DELETE FROM devices", "UPDATE devices SET newest = randomblob (32), older = NULL" };

  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  endpoint_kill (alice);
  world_run (world);
  g_ptr_array_set_size (alice->warnings, 0);
  endpoint_sign_on (alice);
  world->tap = tap_change_store;
  world->tap_data = (gpointer) changes[_i];
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 60);
  ck_assert_ptr_null (world->tap);
  ck_assert_str_eq (texts (bob->shown), "secret");
  ck_assert_str_eq (texts (alice->warnings), "");
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiations");
  TCase *tcase = tcase_create ("negotiations");

  tcase_set_timeout (tcase, 240);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, negotiations__answered__so_many_an_hour_and_a_day);
  tcase_add_test (tcase, negotiations__too_many__until_the_user_wants_one);
  tcase_add_test (tcase, negotiations__too_many__one_for_each_start);
  tcase_add_loop_test (tcase, negotiations__too_many__on_both_sides, 0, 2);
  tcase_add_test (tcase, negotiations__of_an_account__are_limited_together);
  tcase_add_test (tcase, negotiations__verified__is_answered_and_nobody_else_has_a_code);
  tcase_add_test (tcase, negotiations__verified__uses_up_nothing_of_the_account);
  tcase_add_loop_test (tcase, negotiations__verified__do_not_count, 0, 3);
  tcase_add_test (tcase, negotiations__that_cross__count_once);
  tcase_add_test (tcase, negotiations__lost_request__does_not_cross);
  tcase_add_test (tcase, negotiations__late_request__stops_nothing);
  tcase_add_loop_test (tcase, negotiations__other_program__stops_nothing, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
