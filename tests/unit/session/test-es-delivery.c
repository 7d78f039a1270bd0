/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each message arrives once, in order, or the user is told. */
#include "es-forge.h"

#include <sqlite3.h>

#include "es-limits.h"
#include "es-padding.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;
static Forger *forger;

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

static void
meet (void)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

static guint
count_deliveries (const char *name)
{
  guint count = 0;

  for (guint i = 0; i < alice->deliveries->len; i++)
    count += g_str_has_suffix (alice->deliveries->pdata[i], name);
  return count;
}

static void
assert_all_confirmed (void)
{
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
}

START_TEST (delivery__receipt__confirms)
{
  meet ();
  endpoint_type (alice, BOB, "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  ck_assert_str_eq (texts (alice->deliveries), "1 sent");
  world_run (world);
  assert_all_confirmed ();
  ck_assert_str_eq (texts (alice->deliveries), "1 sent|1 arrived");
  ck_assert_uint_eq (bob->deliveries->len, 0);
  ck_assert_str_eq (texts (bob->shown), "one");
  ck_assert_uint_eq (alice->shown->len, 0);

  /* Inside the encryption, and no word of it outside. */
  ck_assert_ptr_null (strstr (world->wire->str, "urn:xmpp:receipts"));
  ck_assert_ptr_null (strstr (world->wire->str, "origin-id"));
}
END_TEST

START_TEST (delivery__lost_receipt__does_not_show_it_twice)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);

  /* The next one from Bob leaves a gap: both begin again. */
  world->tap = NULL;
  endpoint_type (bob, ALICE, "two");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  ck_assert_str_eq (texts (alice->shown), "two");
  assert_all_confirmed ();
}
END_TEST

/* Ended, without an answer, and begun anew: what is written then was not given up with what went before. The line is cut (0), or the program
 * left (1). */
START_TEST (delivery__ended__and_begun_anew)
{
  meet ();
  endpoint_type (alice, BOB, "old");
  world_wait (world, 5);
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  world->tap = NULL;
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 2);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "new");
  world_wait (world, 2);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  if (_i == 0)
    {
      es_manager_offline (alice->manager, FALSE);
      alice->online = FALSE;
      es_manager_set_presence (bob->manager, es_at (alice->jid), FALSE, 0, NULL);
      world_run (world);
    }
  else
    endpoint_sign_off (alice);
  world->tap = NULL;
  ck_assert_uint_eq (alice->uncertain->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "old|new");
}
END_TEST

/* What another plugin has swallowed is not what is shown next. */
START_TEST (delivery__swallowed__is_not_confirmed_by_another)
{
  meet ();
  bob->swallows = TRUE;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  bob->swallows = FALSE;
  world_inject (world, alice->jid, bob->jid, "<message><body>forged</body></message>");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "forged");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  world_wait (world, 120);
  ck_assert_str_eq (texts (bob->shown), "forged|one");
  assert_all_confirmed ();
}
END_TEST

/* Another plugin has the account sign off when it sees a message, which is shown all the same: not once more when it comes again. */
START_TEST (delivery__signed_off_while_it_is_shown__is_not_shown_twice)
{
  meet ();
  bob->signs_off = TRUE;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  bob->signs_off = FALSE;
  ck_assert_str_eq (texts (bob->shown), "one");
  endpoint_sign_on (bob);
  es_manager_opened (bob->manager, es_at (ALICE));
  world_wait (world, 120);
  ck_assert_str_eq (texts (bob->shown), "one");
  assert_all_confirmed ();
}
END_TEST

/* Of what XML cannot carry nothing is left: it is taken, and nothing of it can be shown. */
START_TEST (delivery__nothing_to_show__is_confirmed)
{
  meet ();
  bob->swallows = TRUE;
  endpoint_send_raw (alice, _i == 0 ? "<message to='" BOB "'><body/></message>"
                                    : "<message to='" BOB "'><body></body><subject/></message>");
  world_wait (world, 5);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  bob->swallows = FALSE;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
}
END_TEST

/* Whatever somebody does to the clock meanwhile. */
START_TEST (delivery__silence__begins_a_new_session)
{
  static const gint64 jumps[] = { 0, -7200, 7200, -900000 };
  g_autofree char *code = NULL;

  meet ();
  code = g_strdup (endpoint_look (alice, BOB).code);
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  world_run (world);
  world->tap = NULL;
  world->clock_set = jumps[_i];
  world_wait (world, 59);
  ck_assert_str_eq (endpoint_look (alice, BOB).code, code);
  world_wait (world, 2);
  ck_assert_str_ne (endpoint_look (alice, BOB).code, code);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  assert_all_confirmed ();
}
END_TEST

static gboolean
tap_lose_all_from (World *w, Letter *letter, gpointer data)
{
  return strcmp (letter->from, data) != 0;
}

/* Who is cut off for a while finds the session as it was. */
START_TEST (delivery__silence__keeps_the_session_until_there_is_another)
{
  meet ();
  endpoint_type (alice, BOB, "zero");
  world_run (world);
  world->tap = tap_lose_all_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "one");
  world_wait (world, 300);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  ck_assert_uint_le (world_count (world, alice->jid, "dhhashes"), 1 + 3);
  world->tap = NULL;
  world_wait (world, 1000);
  ck_assert_str_eq (texts (bob->shown), "zero|one");
  assert_all_confirmed ();
}
END_TEST

/* Nothing is known of what leaves as it is, nor told of what is no text. */
START_TEST (delivery__plain__is_not_told)
{
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "plain");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "plain");
  ck_assert_uint_eq (alice->deliveries->len, 0);
}
END_TEST

START_TEST (delivery__typing__is_not_told)
{
  meet ();
  endpoint_send_raw (alice,
                     "<message to='" BOB "' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/>"
                     "</message>");
  world_run (world);
  ck_assert_uint_eq (alice->deliveries->len, 0);
}
END_TEST

START_TEST (delivery__killed__gets_it_when_it_is_back)
{
  meet ();
  endpoint_type (alice, BOB, "one");
  endpoint_kill (bob);
  endpoint_type (alice, BOB, "two");
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  assert_all_confirmed ();

  /* However often it went out. */
  ck_assert_str_eq (texts (alice->deliveries), "1 sent|2 sent|1 arrived|2 arrived");
  ck_assert_ptr_null (strstr (world->wire->str, "<body>one"));
  ck_assert_ptr_null (strstr (world->wire->str, "<body>two"));
}
END_TEST

START_TEST (delivery__other_device__gets_what_the_first_did_not)
{
  Endpoint *phone = world_add (world, BOB "/phone");

  meet ();
  endpoint_type (alice, BOB, "one");
  world_run (world);
  endpoint_type (alice, BOB, "two");
  endpoint_type (alice, BOB, "three");
  endpoint_kill (bob);
  endpoint_sign_on (phone);
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "two|three");
  assert_all_confirmed ();
}
END_TEST

/* A device that nobody verified gets nothing that was meant for a verified one: that waits for it. */
START_TEST (delivery__other_device__that_is_strange_gets_nothing)
{
  Endpoint *phone = world_add (world, BOB "/phone");
  g_autofree char *code = NULL;

  meet ();
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  endpoint_type (alice, BOB, "one");
  endpoint_kill (bob);
  endpoint_sign_on (phone);
  world_run (world);
  ck_assert_uint_eq (phone->shown->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  ck_assert (endpoint_look (alice, BOB).barred);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_uint_eq (phone->shown->len, 0);
  ck_assert_str_eq (texts (bob->shown), "one");
  ck_assert_uint_eq (alice->uncertain->len, 0);
}
END_TEST

START_TEST (delivery__other_device__gets_what_waits_once_it_is_verified)
{
  Endpoint *phone = world_add (world, BOB "/phone");

  meet ();
  es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
  endpoint_kill (bob);
  endpoint_sign_on (phone);
  world_run (world);
  ck_assert (endpoint_look (alice, BOB).barred);
  endpoint_type (alice, BOB, "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "one");
  assert_all_confirmed ();
}
END_TEST

/* Of whom we do not know that it is there we cannot ask for anything. */
START_TEST (delivery__other_device__that_is_strange_and_hidden)
{
  Endpoint *phone = world_add (world, BOB "/phone");

  meet ();
  es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
  endpoint_type (alice, BOB, "one");
  endpoint_kill (bob);
  phone->supports = FALSE;
  endpoint_sign_on (phone);
  world_run (world);
  es_manager_start (phone->manager, es_at (ALICE));
  world_run (world);
  ck_assert (endpoint_look (alice, BOB).barred);
  world_wait (world, 200);
  ck_assert_uint_eq (phone->shown->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
}
END_TEST

/* We */

START_TEST (delivery__cut__goes_on_when_we_are_back)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  es_manager_offline (alice->manager, FALSE);
  world->tap = NULL;
  alice->online = FALSE;
  world_wait (world, 100);
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
  endpoint_sign_on (alice);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  assert_all_confirmed ();
}
END_TEST

START_TEST (delivery__sign_off__keeps_it)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "one");
  endpoint_sign_off (alice);
  world_wait (world, 100);
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  world->tap = NULL;
  endpoint_sign_on (alice);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  assert_all_confirmed ();
}
END_TEST

/* That nobody is there does not say that nobody can encrypt: what waits stays, over a sign-off and over the program's end. */
START_TEST (delivery__waiting__does_not_leave_while_nobody_is_there)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  endpoint_sign_off (alice);
  if (_i == 1)
    endpoint_kill (alice);
  endpoint_sign_off (bob);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 100);
  endpoint_type (alice, BOB, "two");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert_ptr_null (strstr (world->wire->str, "<body>one"));
  ck_assert_ptr_null (strstr (world->wire->str, "<body>two"));
  assert_all_confirmed ();
}
END_TEST

START_TEST (delivery__given_back__what_waits_next_is_told_again)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  for (guint i = 0; i < 2; i++)
    {
      g_ptr_array_set_size (alice->notices, 0);
      endpoint_type (alice, BOB, "one");
      ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
      ck_assert_str_eq (texts (alice->notices),
                        "Your message waits until it is known whether the other side's program can encrypt.");
      es_manager_end (alice->manager, es_at (BOB));
      ck_assert_uint_eq (alice->returned->len, i + 1);
      es_manager_start (alice->manager, es_at (BOB));
    }
}
END_TEST

/* What is confirmed after we have ended the session is not lost. */
START_TEST (delivery__end__waits_for_the_receipts)
{
  meet ();
  endpoint_type (alice, BOB, "one");
  es_manager_end (alice->manager, es_at (BOB));
  ck_assert_uint_eq (alice->uncertain->len, 0);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  assert_all_confirmed ();
}
END_TEST

START_TEST (delivery__end__without_receipts_gives_back)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  world->tap = NULL;
  endpoint_type (alice, BOB, "plain");
  world->tap = tap_lose_all_from;
  world_wait (world, ES_NEGOTIATION_SECONDS + 1);
  ck_assert_str_eq (texts (alice->uncertain), "one");
  ck_assert_str_eq (texts (alice->deliveries), "1 sent|1 returned");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
}
END_TEST

START_TEST (delivery__peer_ends__gives_back_what_it_did_not_have)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_str_eq (texts (alice->uncertain), "one");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
}
END_TEST

START_TEST (delivery__too_many__are_given_back)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  for (guint i = 0; i < ES_LIMIT_WAITING + 44; i++)
    endpoint_type (alice, BOB, "text");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, ES_LIMIT_WAITING);
  ck_assert_uint_eq (alice->returned->len, 44);
  world->tap = NULL;
  world_wait (world, 61);
  ck_assert_uint_eq (bob->shown->len, ES_LIMIT_WAITING);
}
END_TEST

/* Others */

static void
meet_forger (void)
{
  forger = forger_new (world, BOB "/forger");
  world->tap = forger_tap;
  world->tap_data = forger;
  es_manager_set_presence (alice->manager, es_at (forger->jid), TRUE, 0, "can");
  es_manager_set_support (alice->manager, es_at (forger->jid), TRUE, FALSE);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_set_support (alice->manager, es_at (forger->jid), TRUE, FALSE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

/* Receipts for what was never sent, by the thousand. */
START_TEST (delivery__hostile__receipts_have_no_effect)
{
  GString *many = g_string_new (NULL);

  meet_forger ();
  endpoint_type (alice, BOB, "one");
  world_run (world);
  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (many, "<received xmlns='urn:xmpp:receipts' id='%u'/>", i);
  forger_send (forger, many->str);
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  ck_assert_uint_eq (alice->shown->len, 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  g_string_free (many, TRUE);
}
END_TEST

/* What something else swallowed before the user saw it is not confirmed, whatever is shown after it, and shown when it comes
 * again. */
START_TEST (delivery__swallowed__is_not_confirmed_and_comes_again)
{
  static const char plain[] = "<message type='chat'><body>plain</body></message>";

  meet ();
  bob->swallows = TRUE;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  bob->swallows = FALSE;
  ck_assert_uint_eq (bob->shown->len, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  if (_i == 0)
    world_inject (world, alice->jid, bob->jid, plain);
  else if (_i == 1)
    endpoint_type (alice, BOB, "two");
  else
    world_inject (world, ALICE "/other", bob->jid, plain);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), _i == 1 ? "two" : "plain");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);

  world_wait (world, 62);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_str_eq (texts (bob->shown), _i == 1 ? "two|one" : "plain|one");
}
END_TEST

/* Where something else takes all that comes, each time, it goes back, and no more sessions are begun for it; and it does not come later. */
START_TEST (delivery__swallowed__for_ever_goes_back)
{
  guint before = 0, after = 0;

  meet ();
  bob->swallows = TRUE;
  before = world_count (world, alice->jid, "dhhashes");
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  world_wait (world, 3600);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_str_eq (texts (alice->uncertain), "one|two");
  after = world_count (world, alice->jid, "dhhashes");
  ck_assert_uint_le (after, before + 1);
  world_wait (world, 36000);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), after);

  bob->swallows = FALSE;
  endpoint_type (alice, BOB, "three");
  world_wait (world, 120);
  ck_assert_str_eq (texts (bob->shown), "three");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
}
END_TEST

/* What the program of another encryption says to the other side's, which takes it, means nothing later: nothing waits for it to be
 * confirmed, and it is in no later session; while nobody is there it does not wait either. So it is where the user has typed it (1). */
START_TEST (delivery__other_encryption__is_not_said_again)
{
  guint before = 0;

  meet ();
  bob->swallows = TRUE;
  before = world_count (world, alice->jid, "dhhashes");
  if (_i == 0)
    endpoint_send_raw (alice, "<message to='" BOB "'><body>?OTR:AAICAAAAxM7G=.</body></message>");
  else
    endpoint_type (alice, BOB, "?OTRv23?");
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "OTR"), 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  world_wait (world, 3600);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), before);
  bob->swallows = FALSE;
  endpoint_sign_off (bob);
  world_run (world);
  if (_i == 0)
    {
      endpoint_send_raw (alice, "<message to='" BOB "'><body>?OTR:AAICAAAAxM7G=.</body></message>");
      ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
    }
  endpoint_sign_on (bob);
  es_manager_opened (bob->manager, es_at (ALICE));
  world_wait (world, 120);
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one");
  assert_all_confirmed ();
}
END_TEST

static void
type_as (const char *typed, const char *leaving)
{
  g_autofree char *escaped = g_markup_escape_text (leaving, -1);
  g_autofree char *xml = g_strdup_printf ("<message to='" BOB "'><body>%s</body></message>", escaped);

  ck_assert_int_eq (es_manager_typed (alice->manager, es_at (BOB), typed, leaving), ES_SEND_ENCRYPTED);
  endpoint_send_raw (alice, xml);
}

/* The user's own words are not lost, as whatever they leave: they come again (0), go back as they were typed where they are never
 * shown (1), and are there after a restart, as they were typed (2). Some only look like that (3). */
START_TEST (delivery__other_encryption__loses_no_words)
{
  const char *leaving = _i == 3 ? "?OTR is what?" : "?OTR:AAMDAAAAxM7G=.", *typed = _i == 3 ? leaving : "one";

  meet ();
  bob->swallows = TRUE;
  type_as (typed, leaving);
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  if (_i == 1)
    {
      world_wait (world, 3600);
      ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
      ck_assert_str_eq (texts (alice->uncertain), "one");
      return;
    }
  bob->swallows = FALSE;
  if (_i == 2)
    {
      endpoint_kill (alice);
      endpoint_sign_on (alice);
    }
  world_wait (world, 120);
  ck_assert_str_eq (texts (bob->shown), _i == 2 ? "one" : leaving);
  assert_all_confirmed ();
}
END_TEST

/* What was shown is confirmed once, however often that is said; and at once when it comes again. */
START_TEST (delivery__shown__is_confirmed_once)
{
  guint before = 0;

  meet ();
  before = world_count (world, bob->jid, "<mac>");
  endpoint_type (alice, BOB, "one");
  world_run (world);
  for (guint i = 0; i < 3; i++)
    es_manager_shown (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_uint_eq (world_count (world, bob->jid, "<mac>"), before + 1);
  assert_all_confirmed ();
}
END_TEST

/* Who writes gets receipts, and neither of the two re-keys; the answer does. */
START_TEST (delivery__one_way__does_not_rekey)
{
  meet ();
  for (guint i = 0; i < 20; i++)
    {
      endpoint_type (alice, BOB, "text");
      world_run (world);
    }
  assert_all_confirmed ();
  ck_assert_uint_eq (world_count (world, NULL, "<key>"), 0);
  endpoint_type (bob, ALICE, "answer");
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "<key>"), 1);
  endpoint_type (alice, BOB, "answer to that");
  world_run (world);
  ck_assert_uint_eq (world_count (world, bob->jid, "<key>"), 1);
  ck_assert_uint_eq (world_count (world, alice->jid, "<key>"), 1);
}
END_TEST

/* What arrives together is confirmed in one stanza, or in as few as servers take. */
START_TEST (delivery__together__is_confirmed_together)
{
  static const guint numbers[] = { 1, 3, 20, 200 };
  guint before = 0, n = 0;

  meet ();
  before = world_count (world, bob->jid, "<mac>");
  world->together = TRUE;
  for (guint i = 0; i < numbers[_i]; i++)
    endpoint_type (alice, BOB, "text");
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, numbers[_i]);
  assert_all_confirmed ();
  n = world_count (world, bob->jid, "<mac>") - before;
  ck_assert_uint_eq (n, _i < 3 ? 1 : 6);
  for (guint i = 0; i < world->log->len; i++)
    {
      const Letter *letter = world->log->pdata[i];

      ck_assert (strcmp (letter->from, bob->jid) != 0 || strlen (letter->text) < 10000);
    }
}
END_TEST

/* While the third stanza of Alice's is on its way, Bob, who has seen two texts, does something. */
typedef struct
{
  guint n;
  void (*act) (void);
} Third;

static gboolean
tap_third (World *w, Letter *letter, gpointer data)
{
  Third *third = data;

  if (strcmp (letter->from, alice->jid) == 0 && strstr (letter->text, "<mac>") != NULL && ++third->n == 3)
    third->act ();
  return TRUE;
}

static void
type_three (Third *third, gboolean notice)
{
  meet ();
  world->together = TRUE;
  world->tap = tap_third;
  world->tap_data = third;
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  if (notice)
    endpoint_send_raw (alice, "<message to='" BOB "' type='chat'><composing "
                              "xmlns='http://jabber.org/protocol/chatstates'/></message>");
  else
    endpoint_type (alice, BOB, "three");
  world_run (world);
}

static void
bob_answers (void)
{
  endpoint_type (bob, ALICE, "answer");
}

/* No word of its own for what rides on the answer. */
START_TEST (delivery__receipts__ride_on_the_answer)
{
  Third third = { 0, bob_answers };

  type_three (&third, TRUE);
  assert_all_confirmed ();
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert_str_eq (texts (alice->shown), "answer");
  ck_assert_uint_eq (endpoint_look (bob, ALICE).unconfirmed, 0);
  ck_assert_uint_eq (world_count (world, bob->jid, "<mac>"), 1);
}
END_TEST

static void
bob_answers_at_length (void)
{
  gsize most = es_padded_size (4000);
  g_autofree char *text = NULL;

  /* With its label, and so on, as long as there is room for; which the receipts then have not. */
  es_manager_set_limit (bob->manager, ES_STANZA_OCTETS_ALL_TAKE);
  for (; most > 0 && endpoint_look (bob, ALICE).unconfirmed == 0; most--)
    {
      g_free (text);
      text = g_strnfill (most, 'x');
      endpoint_type (bob, ALICE, text);
    }
}

START_TEST (delivery__receipts__do_not_make_the_answer_too_long)
{
  Third third = { 0, bob_answers_at_length };
  g_autofree char *longer = NULL;
  guint refused = 0;

  type_three (&third, FALSE);
  assert_all_confirmed ();
  ck_assert_uint_eq (endpoint_look (bob, ALICE).unconfirmed, 0);
  ck_assert_uint_eq (alice->shown->len, 1);

  /* It was as long as can be. */
  longer = g_strconcat (alice->shown->pdata[0], "x", NULL);
  refused = bob->returned->len;
  endpoint_type (bob, ALICE, longer);
  ck_assert_uint_eq (bob->returned->len, refused + 1);
}
END_TEST

static void
bob_ends (void)
{
  es_manager_end (bob->manager, es_at (ALICE));
}

static void
bob_goes (void)
{
  es_manager_offline (bob->manager, TRUE);
}

/* What was shown is confirmed before the session ends, whoever ends it and why; what comes later is not. */
START_TEST (delivery__receipts__go_before_the_end)
{
  Third third = { 0, _i == 0 ? bob_ends : bob_goes };

  type_three (&third, FALSE);
  ck_assert (es_has_text (bob->shown, "one") && es_has_text (bob->shown, "two"));
  ck_assert (!es_has_text (alice->uncertain, "one") && !es_has_text (alice->uncertain, "two"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed + alice->uncertain->len, 1);
}
END_TEST

START_TEST (delivery__receipts__go_before_the_end_is_answered)
{
  meet ();
  world->together = TRUE;
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  if (_i == 0)
    es_manager_end (alice->manager, es_at (BOB));
  else
    es_manager_offline (alice->manager, TRUE);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert (_i == 1 || endpoint_look (alice, BOB).unconfirmed == 0);
  ck_assert_uint_eq (alice->uncertain->len, 0);
}
END_TEST

/* A server that will not pass what is long, and says that the other side would not have it. */
static gboolean
tap_refuse_long (World *w, Letter *letter, gpointer data)
{
  g_autofree char *thread = NULL;

  if (strlen (letter->text) < 4000 || strstr (letter->text, "<mac>") == NULL)
    return TRUE;
  thread = forge_thread (letter->text);
  {
    g_autofree char *error = forge_error (letter->from, thread, ES_ERROR_NO_SESSION, NULL);

    world_inject (w, letter->to, letter->from, error);
  }
  return FALSE;
}

/* The second time it goes back to the user, and what came after it goes on. */
START_TEST (delivery__refused__by_two_sessions_is_given_back)
{
  g_autofree char *big = g_strnfill (6000, 'x');

  meet ();
  endpoint_type (alice, BOB, "one");
  world_run (world);
  world->tap = tap_refuse_long;
  endpoint_type (alice, BOB, "two");
  endpoint_type (alice, BOB, big);
  endpoint_type (alice, BOB, "three");
  endpoint_type (alice, BOB, "four");
  world_wait (world, 10);
  ck_assert_str_eq (texts (alice->uncertain), big);
  ck_assert_str_eq (texts (bob->shown), "one|two|three|four");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_uint_le (world_count (world, alice->jid, "dhhashes"), 3);
  ck_assert_uint_eq (world_count (world, bob->jid, "dhhashes"), 0);
  world_wait (world, 300);
  ck_assert_uint_le (world_count (world, alice->jid, "dhhashes"), 3);
  endpoint_type (alice, BOB, "five");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two|three|four|five");
  ck_assert_uint_eq (count_deliveries ("returned"), 1);
  ck_assert_uint_eq (count_deliveries ("sent"), 6);
  ck_assert_uint_eq (count_deliveries ("arrived"), 5);
}
END_TEST

static gboolean
tap_lose_answers (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->text, "dhkeys") == NULL;
}

/* Whoever asks anew has lost the session; when that comes to nothing the old one is asked for a sign of life, so that nobody goes on
 * writing into it. */
START_TEST (delivery__renewal__that_fails_finds_out_whether_the_session_lives)
{
  meet ();
  endpoint_type (alice, BOB, "one");
  world_run (world);
  es_manager_free (bob->manager);
  bob->manager = NULL;
  endpoint_sign_on (bob);
  world->tap = tap_lose_answers;
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_STARTING);
  world->tap = NULL;
  world_wait (world, ES_NEGOTIATION_SECONDS + 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_pstr_eq (endpoint_look (alice, BOB).code, endpoint_look (bob, ALICE).code);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}
END_TEST

/* Neither side gives up what has begun, nor begins it anew. */
START_TEST (delivery__begun__goes_on_for_as_long_as_it_likes)
{
  g_autofree char *code = NULL;

  meet ();
  endpoint_type (alice, BOB, "one");
  world_run (world);
  code = g_strdup (endpoint_look (alice, BOB).code);
  world_wait (world, 10 * ES_NEGOTIATION_SECONDS);
  ck_assert_pstr_eq (endpoint_look (alice, BOB).code, code);
  ck_assert_pstr_eq (endpoint_look (bob, ALICE).code, code);
  endpoint_type (bob, ALICE, "two");
  endpoint_type (alice, BOB, "three");
  world_wait (world, 10 * ES_NEGOTIATION_SECONDS);
  ck_assert_pstr_eq (endpoint_look (alice, BOB).code, code);
  ck_assert_pstr_eq (endpoint_look (bob, ALICE).code, code);
  ck_assert_uint_eq (world_count (world, NULL, "dhhashes"), 1);
  ck_assert_uint_eq (alice->notices->len + bob->notices->len, 2);
  ck_assert_uint_eq (alice->timers->len + bob->timers->len, 0);
}
END_TEST

/* The same where the responder has to wait for a proof. */
START_TEST (delivery__begun__on_a_secret_goes_on)
{
  g_autofree char *code = NULL;

  meet ();
  endpoint_kill (bob);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  code = g_strdup (endpoint_look (bob, ALICE).code);
  world_wait (world, 10 * ES_NEGOTIATION_SECONDS);
  ck_assert_pstr_eq (endpoint_look (alice, BOB).code, code);
  ck_assert_pstr_eq (endpoint_look (bob, ALICE).code, code);
  ck_assert_uint_eq (alice->timers->len + bob->timers->len, 0);
}
END_TEST

/* One label for many texts: all of them are shown, each once. */
START_TEST (delivery__hostile__label_on_other_text_hides_nothing)
{
  static const char label[] = "<origin-id xmlns='urn:xmpp:sid:0' id='same'/>";
  static const char *const said[] = { "one", "two", "one", "three", "two" };

  meet_forger ();
  for (guint i = 0; i < G_N_ELEMENTS (said); i++)
    {
      g_autofree char *content = g_strdup_printf ("<body>%s</body>%s", said[i], label);

      forger_send (forger, content);
      world_run (world);
    }
  ck_assert_str_eq (texts (alice->shown), "one|two|three");
}
END_TEST

/* The label of the only message that ENDPOINT keeps; the caller's. */
static char *
kept_label (const Endpoint *endpoint)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  char *label = NULL;

  ck_assert_int_eq (sqlite3_open (endpoint->path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_prepare_v2 (db, "SELECT label FROM outbox WHERE kind < 3", -1, &statement, NULL),
                    SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  label = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_DONE);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return label;
}

/* Another device of Bob's, which somebody else made up, says something with the label of what the true one has written, and is not
 * delivered (0: then Alice starts again; 1: in the same life, with the same text). What the true one has written is shown all the
 * same. */
START_TEST (delivery__hostile__label_of_another_device_hides_nothing)
{
  g_autofree char *label = NULL, *content = NULL;

  meet ();
  es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), endpoint_look (bob, ALICE).code, TRUE);
  world_run (world);
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (bob, ALICE, "yes");
  world_run (world);
  label = kept_label (bob);
  ck_assert_ptr_null (strstr (world->wire->str, label));
  endpoint_kill (bob);
  forger = forger_new (world, BOB "/forger");
  world->tap = forger_tap;
  world->tap_data = forger;
  es_manager_set_presence (alice->manager, es_at (forger->jid), TRUE, 0, "can");
  forger_ask (forger, alice->jid, NULL);
  world_run (world);
  content = g_strdup_printf ("<body>%s</body><origin-id xmlns='urn:xmpp:sid:0' id='%s'/>"
                             "<request xmlns='urn:xmpp:receipts'/>",
                             _i == 0 ? "hello" : "yes", label);
  forger_send (forger, content);
  world_run (world);
  ck_assert_uint_eq (alice->shown->len, 1);
  world_wait (world, 10);
  world->tap = NULL;
  if (_i == 0)
    {
      endpoint_kill_program (alice);
      endpoint_sign_on (alice);
    }
  else
    es_manager_set_presence (alice->manager, es_at (forger->jid), FALSE, 0, NULL);
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_str_eq (texts (alice->shown), _i == 0 ? "hello|yes" : "yes|yes");
  ck_assert_uint_eq (endpoint_look (bob, ALICE).unconfirmed, 0);
}
END_TEST

/* But what a device has had shown is known when it is verified meanwhile, and when another verified one sends it. */
START_TEST (delivery__verified_meanwhile__is_shown_once)
{
  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (bob, ALICE, "one");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "one");
  world->tap = NULL;
  es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), endpoint_look (bob, ALICE).code, TRUE);
  world_wait (world, 10);
  endpoint_kill_program (bob);
  if (_i == 1)
    {
      endpoint_kill_program (alice);
      endpoint_sign_on (alice);
    }
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_str_eq (texts (alice->shown), "one");
  ck_assert_uint_eq (endpoint_look (bob, ALICE).unconfirmed, 0);
}
END_TEST

/* Who answers but has no receipts does not make us begin again and again. */
START_TEST (delivery__without_receipts__an_answer_is_enough)
{
  meet_forger ();
  endpoint_type (alice, BOB, "one");
  world_wait (world, 20);
  forger_send (forger, "<body>yes</body>");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);

  /* Nobody waits for it any more, but nobody says either that it has arrived. */
  ck_assert_str_eq (texts (alice->deliveries), "1 sent");
  world_wait (world, 1000);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);
}
END_TEST

static char *
label_heard (const Forger *by)
{
  const EsXml *label = by->heard != NULL ? es_xml_child (by->heard, "origin-id", "urn:xmpp:sid:0") : NULL;

  ck_assert_ptr_nonnull (label);
  return g_strdup (es_xml_attribute (label, "id"));
}

/* But who has confirmed something in the session confirms by receipts alone. */
START_TEST (delivery__with_receipts__an_answer_is_not_enough)
{
  g_autofree char *label = NULL, *receipt = NULL;

  meet_forger ();
  g_clear_pointer (&forger->heard, es_xml_free);
  endpoint_type (alice, BOB, "one");
  world_run (world);
  label = label_heard (forger);
  receipt = g_strdup_printf ("<received xmlns='urn:xmpp:receipts' id='%s'/>", label);
  forger_send (forger, receipt);
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  endpoint_type (alice, BOB, "two");
  world_wait (world, 20);
  forger_send (forger, "<body>yes</body>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "yes");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
}
END_TEST

/* Nor where somebody who has confirmed nothing yet wants that from us. */
START_TEST (delivery__wish_for_receipts__confirms_nothing)
{
  meet_forger ();
  endpoint_type (alice, BOB, "one");
  world_wait (world, 20);
  forger_send (forger, "<body>yes</body><request xmlns='urn:xmpp:receipts'/>"
                       "<origin-id xmlns='urn:xmpp:sid:0' id='1'/>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "yes");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
}
END_TEST

/* Receipts in one contact's session say nothing of another's messages. */
START_TEST (delivery__hostile__receipts_of_another_contact)
{
  Endpoint *carol = world_add (world, "carol@example.net/pc");

  endpoint_sign_on (carol);
  meet ();
  es_manager_opened (alice->manager, es_at (carol->bare));
  world_run (world);
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, carol->bare, "two");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  ck_assert_uint_eq (endpoint_look (alice, carol->bare).unconfirmed, 0);
  ck_assert_str_eq (texts (alice->deliveries), "1 sent|2 sent|2 arrived");
}
END_TEST

/* An error counts if it comes from the client that the session is with; one for a session that is over is swallowed,
 * others are none of our business. */
START_TEST (delivery__hostile__errors_of_others)
{
  g_autofree char *thread = NULL, *code = NULL, *text = NULL;
  g_autoptr (EsXml) late = NULL, foreign = NULL;

  meet ();
  thread = forge_thread (world_last (world, alice->jid, "dhhashes"));
  code = g_strdup (endpoint_look (alice, BOB).code);
  text = g_strdup_printf ("<message type='error'><thread>%s</thread><error type='cancel'><not-acceptable "
                          "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                          thread);
  world_inject (world, BOB "/elsewhere", alice->jid, text);
  world_inject (world, BOB, alice->jid, text);
  world_inject (world, "mallory@example.net/pc", alice->jid, text);
  world_run (world);
  ck_assert_pstr_eq (endpoint_look (alice, BOB).code, code);
  ck_assert_uint_eq (alice->notices->len, 1);

  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  late = forge_parse (text);
  es_xml_set_attribute (late, "from", bob->jid);
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (late, "from")), late), ES_CONSUMED);
  foreign = forge_parse ("<message type='error' from='" BOB "/laptop'><thread>of another program</thread></message>");
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (foreign, "from")), foreign), ES_PASS);
}
END_TEST

/* A known device that offers less than before is an alarm. Where Alice asks (even) it is she who offers, but for stanzas, of
 * which Bob takes what he likes. */
static const guint without[] = { 0, ES_STANZA_IQ, ES_STANZA_PRESENCE, ES_STANZA_IQ | ES_STANZA_PRESENCE };

START_TEST (delivery__narrowed__is_an_alarm)
{
  Endpoint *asking = _i == 0 ? alice : bob;
  const char *contact = asking == alice ? BOB : ALICE;

  endpoint_sign_on (bob);
  for (guint round = 0; round < 4; round++)
    {
      g_ptr_array_set_size (alice->warnings, 0);
      bob->options.ciphers[0] = round == 2 && _i < 2 ? "aes128-ctr" : "aes256-ctr";
      bob->options.ciphers[1] = round == 2 && _i < 2 ? NULL : "aes128-ctr";
      bob->options.stanzas = round == 2 ? ES_STANZA_ALL & ~without[_i / 2] : ES_STANZA_ALL;
      endpoint_kill (bob);
      endpoint_kill (alice);
      endpoint_sign_on (alice);
      endpoint_sign_on (bob);
      es_manager_opened (asking->manager, es_at (contact));
      world_run (world);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
      ck_assert_uint_eq (alice->warnings->len, (_i % 2 == 1 || _i > 1) && round == 2);
      if (alice->warnings->len > 0)
        ck_assert_ptr_nonnull (strstr (alice->warnings->pdata[0], "weaker encryption"));
    }
}
END_TEST

/* Somebody in between can pass on who Alice says she is, but nothing under the keys that come of it: until there is
 * something, Bob is not shown a verified conversation, and what he writes waits. */
START_TEST (delivery__hostile__verified_is_who_holds_the_secret)
{
  g_autofree char *code = NULL;

  meet ();
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  endpoint_kill (alice);
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_STARTING);
  endpoint_type (bob, ALICE, "for alice");
  world_wait (world, ES_NEGOTIATION_SECONDS - 1);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_STARTING);
  world_wait (world, 2);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENDED);
  ck_assert_str_eq (texts (bob->returned), "for alice");
  ck_assert_uint_eq (alice->shown->len, 0);
}
END_TEST

/* After a reconnect libpurple sends again what we answered with: it goes as it is, if there is nothing in it, and never
 * into another session. */
START_TEST (delivery__error_of_ours__is_never_encrypted)
{
  static const char *const bare[]
      = { "<message type='error' to='" BOB "/laptop'><thread>old</thread><error type='cancel'/></message>",
          "<message type='error' to='" BOB "/laptop'><thread>old</thread><error type='cancel'><gone "
          "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>words</text>"
          "</error></message>" };
  static const char full[] = "<message type='error' to='" BOB "/laptop'><thread>old</thread><body>quoted</body>"
                             "<error type='cancel'/></message>";
  guint before = 0;

  meet ();
  before = world_count (world, alice->jid, "<message");
  endpoint_send_raw (alice, full);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), before);
  for (guint i = 0; i < G_N_ELEMENTS (bare); i++)
    {
      endpoint_send_raw (alice, bare[i]);
      world_run (world);
      ck_assert_ptr_nonnull (strstr (world_last (world, alice->jid, "<message"), "type=\"error\""));
      ck_assert_ptr_null (strstr (world_last (world, alice->jid, "<message"), "<c "));
      ck_assert_ptr_null (strstr (world_last (world, alice->jid, "<message"), "words"));
    }
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (delivery__events_of_the_account__pass)
{
  static const char event[] = "<message from='" BOB "%s' type='headline'><event "
                              "xmlns='http://jabber.org/protocol/pubsub#event'/></message>";
  g_autofree char *server = g_strdup_printf (event, ""), *client = g_strdup_printf (event, "/laptop");
  g_autoptr (EsXml) from_server = forge_parse (server), from_client = forge_parse (client);

  meet ();
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (from_server, "from")), from_server),
                    ES_PASS);
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (from_client, "from")), from_client),
                    ES_CONSUMED);
}
END_TEST

/* What waits is shown, and can be taken back */

static const char *
waiting_texts (Endpoint *endpoint, const char *contact)
{
  static char *joined;
  g_autoptr (GPtrArray) all = es_manager_waiting (endpoint->manager, es_at (contact));
  g_autoptr (GPtrArray) found = g_ptr_array_new ();

  for (guint i = 0; i < all->len; i++)
    g_ptr_array_add (found, ((const EsWaitingText *) all->pdata[i])->text);
  g_ptr_array_add (found, NULL);
  g_free (joined);
  joined = g_strjoinv ("|", (char **) found->pdata);
  return joined;
}

static char *
withdraw (Endpoint *endpoint, const char *contact, guint n)
{
  g_autoptr (GPtrArray) all = es_manager_waiting (endpoint->manager, es_at (contact));

  ck_assert_uint_lt (n, all->len);
  return es_manager_withdraw (endpoint->manager, es_at (contact), ((const EsWaitingText *) all->pdata[n])->label);
}

START_TEST (delivery__waiting__is_what_the_user_typed)
{
  g_autofree char *label = NULL, *none = NULL;

  ck_assert_str_eq (waiting_texts (alice, BOB), "");
  ck_assert_ptr_null (es_manager_withdraw (alice->manager, es_at (BOB), "x"));
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  endpoint_type (alice, BOB, "one &amp; <b>two</b>");
  endpoint_send_raw (alice, "<message xmlns='jabber:client' to='" BOB "'><body>&lt;three&gt;</body></message>");
  endpoint_send_raw (alice, "<message xmlns='jabber:client' to='" BOB "'><x xmlns='urn:example'/></message>");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 3);
  ck_assert_str_eq (waiting_texts (alice, BOB), "one &amp; <b>two</b>|&lt;three&gt;");
  {
    g_autoptr (GPtrArray) all = es_manager_waiting (alice->manager, es_at (BOB));

    label = g_strdup (((const EsWaitingText *) all->pdata[0])->label);
  }
  none = withdraw (alice, BOB, 0);
  ck_assert_str_eq (none, "one &amp; <b>two</b>");
  ck_assert_ptr_null (es_manager_withdraw (alice->manager, es_at (BOB), label));
  ck_assert_uint_eq (alice->returned->len, 0);
}
END_TEST

/* What was taken back is not sent, nor after a restart; what stood behind it is. 1: in a conversation that is restarted. */
START_TEST (delivery__withdraw__is_never_sent)
{
  g_autofree char *taken = NULL;

  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  endpoint_kill (bob);
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  endpoint_type (alice, BOB, "three");
  world_wait (world, 10);
  taken = withdraw (alice, BOB, 1);
  ck_assert_str_eq (taken, "two");
  ck_assert_str_eq (waiting_texts (alice, BOB), "one|three");
  if (_i == 1)
    {
      world_wait (world, 10);
      endpoint_kill (alice);
      endpoint_sign_on (alice);
      es_manager_opened (alice->manager, es_at (BOB));
      world_run (world);
      ck_assert_str_eq (waiting_texts (alice, BOB), "one|three");
    }
  endpoint_sign_on (bob);
  world_wait (world, 30);
  ck_assert_str_eq (texts (bob->shown), "one|three");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* The user's choices */

START_TEST (delivery__send_plain__what_waits_and_no_more)
{
  g_autoptr (GError) error = NULL;

  bob->supports = FALSE;
  endpoint_sign_on (bob);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, &error));
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "one");
  endpoint_type (alice, BOB, "two");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  ck_assert (endpoint_look (alice, BOB).can_send_plain);
  ck_assert_uint_eq (bob->shown->len, 0);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert (!endpoint_look (alice, BOB).can_send_plain);

  /* Once, not for ever. */
  endpoint_type (alice, BOB, "three");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
}
END_TEST

/* Another plugin says something just before (0) or after (1) what waited leaves: both are shown, whatever has to be sent again. */
START_TEST (delivery__waited__is_not_taken_for_what_others_send)
{
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  endpoint_type (alice, BOB, "it waited");
  *(_i == 0 ? &alice->before_typed : &alice->after_typed)
      = "<message type='chat' to='" BOB "'><body>another plugin</body></message>";
  meet ();
  world->tap = world_lose_from;
  world->tap_data = bob->jid;
  world_wait (world, 5);
  world->tap = NULL;
  alice->before_typed = alice->after_typed = NULL;
  endpoint_kill (bob);
  endpoint_sign_on (bob);
  world_wait (world, 100);
  ck_assert_msg (es_has_text (bob->shown, "it waited") && es_has_text (bob->shown, "another plugin"), "%s",
                 texts (bob->shown));
  assert_all_confirmed ();
}
END_TEST

/* What the user sends unencrypted is that, and nothing that another plugin sends at the same time. */
START_TEST (delivery__send_plain__is_not_said_of_what_others_send)
{
  bob->supports = FALSE;
  alice->policy = ES_POLICY_ALWAYS;
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "it waited");
  world_run (world);
  *(_i == 0 ? &alice->before_typed : &alice->after_typed)
      = "<message type='chat' to='" BOB "'><body>another plugin</body></message>";
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "it waited");
  ck_assert_ptr_null (strstr (world->wire->str, "another plugin"));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
}
END_TEST

/* While nothing can leave it waits on, whoever wrote it. */
START_TEST (delivery__send_plain__not_while_we_are_offline)
{
  meet ();
  endpoint_sign_off (bob);
  world_wait (world, 5);
  endpoint_type (alice, BOB, "one");
  endpoint_send_raw (alice, "<message type='chat' to='" BOB "'><body>two</body></message>");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  es_manager_offline (alice->manager, _i == 0);
  alice->online = FALSE;
  world_run (world);
  ck_assert (!endpoint_look (alice, BOB).can_send_plain);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_wait (world, 5);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 2);
  ck_assert_uint_eq (alice->returned->len, 0);
  endpoint_sign_on (alice);
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, 0);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
}
END_TEST

/* What was sent encrypted never goes out in the clear, whatever the user chooses for what waits. */
START_TEST (delivery__send_plain__not_what_was_encrypted)
{
  meet ();
  endpoint_type (alice, BOB, "one");
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "two");
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  world_run (world);
  es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "two");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  es_manager_end (alice->manager, es_at (BOB));
  ck_assert_str_eq (texts (alice->uncertain), "one");
  ck_assert_ptr_null (strstr (world->wire->str, "<body>one"));
}
END_TEST

START_TEST (delivery__policy__is_remembered)
{
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (endpoint_look (alice, BOB).own_policy, -1);
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_POSSIBLE);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_NEVER, &error));
  endpoint_kill (alice);
  endpoint_sign_on (alice);
  ck_assert_int_eq (endpoint_look (alice, BOB).own_policy, ES_POLICY_NEVER);
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_NEVER);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), -1, &error));
  ck_assert_int_eq (endpoint_look (alice, BOB).own_policy, -1);
}
END_TEST

/* What was promised to be encrypted does not leave otherwise because that is not promised any more. */
START_TEST (delivery__policy__gives_back_what_could_leave_in_the_clear)
{
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE + _i, NULL));
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "one");
  ck_assert_uint_eq (bob->shown->len, 0);
}
END_TEST

START_TEST (delivery__policy__never_ends_what_there_is)
{
  meet ();
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_NEVER, NULL));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENDED);
  endpoint_type (alice, BOB, "plain");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "plain");

  /* And may begin again. */
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE, NULL));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* What waited for encryption that nobody wants any more goes back, whether that was chosen for the contact or for all. */
START_TEST (delivery__policy__never_leaves_nothing_waiting)
{
  meet ();
  endpoint_kill (bob);
  world_run (world);
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
  if (_i == 0)
    ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_NEVER, NULL));
  else
    es_manager_set_usual_policy (alice->manager, ES_POLICY_NEVER);
  world_run (world);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert_str_eq (texts (alice->returned), "one");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert (!endpoint_look (alice, BOB).must_choose);

  /* And may begin again. */
  endpoint_sign_on (bob);
  if (_i == 0)
    ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE, NULL));
  else
    es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
  endpoint_type (alice, BOB, "two");
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (bob->shown), "two");
}
END_TEST

START_TEST (delivery__policy__verified_is_always)
{
  g_autofree char *code = NULL;

  meet ();
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_POSSIBLE);
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_ALWAYS);
  ck_assert_int_eq (endpoint_look (alice, BOB).own_policy, -1);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE, NULL));
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_POSSIBLE);
}
END_TEST

/* 0 both may, 1 Alice must not, 2 Bob must not, 3 both must not. */
START_TEST (delivery__log__only_if_both_may)
{
  static const char told[] = "The other side asked not to log this encrypted conversation: it is not logged.";

  if ((_i & 1) != 0)
    es_manager_set_log (alice->manager, FALSE);
  endpoint_sign_on (bob);
  if ((_i & 2) != 0)
    es_manager_set_log (bob->manager, FALSE);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_look (alice, BOB).log, _i == 0);
  ck_assert_int_eq (endpoint_look (bob, ALICE).log, _i == 0);
  ck_assert_int_eq (endpoint_look (alice, BOB).log_refused, _i == 2);
  ck_assert_int_eq (endpoint_look (bob, ALICE).log_refused, _i == 1);
  ck_assert_int_eq (es_has_text (alice->notices, told), _i == 2);
  ck_assert_int_eq (es_has_text (bob->notices, told), _i == 1);

  /* Said once. */
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert (endpoint_look (alice, BOB).log);
  ck_assert (!endpoint_look (alice, BOB).log_refused);
  g_ptr_array_set_size (alice->notices, 0);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_look (alice, BOB).log, _i == 0);
  ck_assert (!es_has_text (alice->notices, told));
}
END_TEST

/* What was sent is sent again in the next session; a server that takes less by then does not get it, and the user has it back. What is
 * shorter goes all the same. */
START_TEST (delivery__resent__is_too_long_by_then)
{
  g_autofree char *text = g_strnfill (20000, 'x');

  meet ();
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, text);
  endpoint_type (alice, BOB, "short");
  world_run (world);
  world->tap = NULL;
  es_manager_set_limit (alice->manager, 16000);
  world_wait (world, 61);
  ck_assert_str_eq (texts (bob->shown), "short");
  ck_assert_uint_eq (alice->returned->len + alice->uncertain->len, 1);
  ck_assert (es_has_text (alice->returned, text) || es_has_text (alice->uncertain, text));
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 0);
  endpoint_type (alice, BOB, "and more");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "short|and more");
}
END_TEST

/* What could never be encrypted does not wait for that either. */
START_TEST (delivery__waiting__is_not_too_long)
{
  g_autofree char *longest = g_strnfill (ES_LIMIT_CONTENT_OCTETS, 'x');
  g_autofree char *text = g_strconcat (longest, "x", NULL);

  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  endpoint_type (alice, BOB, text);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 0);
  ck_assert (es_has_text (alice->returned, text));
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_UNSENT_TOO_LONG)));
  endpoint_type (alice, BOB, longest);
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("delivery");
  TCase *tcase = tcase_create ("delivery");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, delivery__receipt__confirms);
  tcase_add_test (tcase, delivery__lost_receipt__does_not_show_it_twice);
  tcase_add_test (tcase, delivery__swallowed__is_not_confirmed_by_another);
  tcase_add_test (tcase, delivery__signed_off_while_it_is_shown__is_not_shown_twice);
  tcase_add_loop_test (tcase, delivery__ended__and_begun_anew, 0, 2);
  tcase_add_loop_test (tcase, delivery__nothing_to_show__is_confirmed, 0, 2);
  tcase_add_loop_test (tcase, delivery__silence__begins_a_new_session, 0, 4);
  tcase_add_test (tcase, delivery__silence__keeps_the_session_until_there_is_another);
  tcase_add_test (tcase, delivery__plain__is_not_told);
  tcase_add_test (tcase, delivery__typing__is_not_told);
  tcase_add_test (tcase, delivery__killed__gets_it_when_it_is_back);
  tcase_add_test (tcase, delivery__other_device__gets_what_the_first_did_not);
  tcase_add_test (tcase, delivery__other_device__that_is_strange_gets_nothing);
  tcase_add_test (tcase, delivery__other_device__gets_what_waits_once_it_is_verified);
  tcase_add_test (tcase, delivery__other_device__that_is_strange_and_hidden);
  tcase_add_test (tcase, delivery__cut__goes_on_when_we_are_back);
  tcase_add_test (tcase, delivery__sign_off__keeps_it);
  tcase_add_loop_test (tcase, delivery__waiting__does_not_leave_while_nobody_is_there, 0, 2);
  tcase_add_test (tcase, delivery__given_back__what_waits_next_is_told_again);
  tcase_add_test (tcase, delivery__end__waits_for_the_receipts);
  tcase_add_test (tcase, delivery__end__without_receipts_gives_back);
  tcase_add_test (tcase, delivery__peer_ends__gives_back_what_it_did_not_have);
  tcase_add_test (tcase, delivery__too_many__are_given_back);
  tcase_add_test (tcase, delivery__hostile__receipts_have_no_effect);
  tcase_add_test (tcase, delivery__hostile__label_on_other_text_hides_nothing);
  tcase_add_loop_test (tcase, delivery__hostile__label_of_another_device_hides_nothing, 0, 2);
  tcase_add_loop_test (tcase, delivery__verified_meanwhile__is_shown_once, 0, 2);
  tcase_add_test (tcase, delivery__without_receipts__an_answer_is_enough);
  tcase_add_test (tcase, delivery__wish_for_receipts__confirms_nothing);
  tcase_add_test (tcase, delivery__with_receipts__an_answer_is_not_enough);
  tcase_add_loop_test (tcase, delivery__swallowed__is_not_confirmed_and_comes_again, 0, 3);
  tcase_add_test (tcase, delivery__swallowed__for_ever_goes_back);
  tcase_add_loop_test (tcase, delivery__other_encryption__is_not_said_again, 0, 2);
  tcase_add_loop_test (tcase, delivery__other_encryption__loses_no_words, 0, 4);
  tcase_add_test (tcase, delivery__shown__is_confirmed_once);
  tcase_add_test (tcase, delivery__one_way__does_not_rekey);
  tcase_add_loop_test (tcase, delivery__together__is_confirmed_together, 0, 4);
  tcase_add_test (tcase, delivery__receipts__ride_on_the_answer);
  tcase_add_test (tcase, delivery__receipts__do_not_make_the_answer_too_long);
  tcase_add_loop_test (tcase, delivery__receipts__go_before_the_end, 0, 2);
  tcase_add_loop_test (tcase, delivery__receipts__go_before_the_end_is_answered, 0, 2);
  tcase_add_test (tcase, delivery__refused__by_two_sessions_is_given_back);
  tcase_add_test (tcase, delivery__renewal__that_fails_finds_out_whether_the_session_lives);
  tcase_add_test (tcase, delivery__begun__goes_on_for_as_long_as_it_likes);
  tcase_add_test (tcase, delivery__begun__on_a_secret_goes_on);
  tcase_add_test (tcase, delivery__hostile__receipts_of_another_contact);
  tcase_add_test (tcase, delivery__hostile__errors_of_others);
  tcase_add_test (tcase, delivery__hostile__verified_is_who_holds_the_secret);
  tcase_add_test (tcase, delivery__error_of_ours__is_never_encrypted);
  tcase_add_test (tcase, delivery__events_of_the_account__pass);
  tcase_add_loop_test (tcase, delivery__narrowed__is_an_alarm, 0, 2 * G_N_ELEMENTS (without));
  tcase_add_test (tcase, delivery__waiting__is_what_the_user_typed);
  tcase_add_loop_test (tcase, delivery__withdraw__is_never_sent, 0, 2);
  tcase_add_test (tcase, delivery__send_plain__what_waits_and_no_more);
  tcase_add_loop_test (tcase, delivery__waited__is_not_taken_for_what_others_send, 0, 2);
  tcase_add_loop_test (tcase, delivery__send_plain__is_not_said_of_what_others_send, 0, 2);
  tcase_add_loop_test (tcase, delivery__send_plain__not_while_we_are_offline, 0, 2);
  tcase_add_test (tcase, delivery__send_plain__not_what_was_encrypted);
  tcase_add_test (tcase, delivery__policy__is_remembered);
  tcase_add_loop_test (tcase, delivery__policy__gives_back_what_could_leave_in_the_clear, -2, 1);
  tcase_add_test (tcase, delivery__policy__never_ends_what_there_is);
  tcase_add_loop_test (tcase, delivery__policy__never_leaves_nothing_waiting, 0, 2);
  tcase_add_test (tcase, delivery__policy__verified_is_always);
  tcase_add_loop_test (tcase, delivery__log__only_if_both_may, 0, 4);
  tcase_add_test (tcase, delivery__resent__is_too_long_by_then);
  tcase_add_test (tcase, delivery__waiting__is_not_too_long);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
