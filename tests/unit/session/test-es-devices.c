/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A contact with more than one device, some of them verified, some not, some not theirs. */
#include "es-forge.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define ROB "rob@example.net"

static World *world;
static Endpoint *alice, *laptop, *phone;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  laptop = world_add (world, BOB "/laptop");
  phone = world_add (world, BOB "/phone");
  endpoint_sign_on (alice);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static const char strange[]
    = "The other side uses a device that you have not verified, although you verified another one";
static const char marked[] = "The next message comes from a device that you have not verified.";

static void
clear_notices (void)
{
  Endpoint *all[] = { alice, laptop, phone };

  for (gsize i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_ptr_array_set_size (all[i]->notices, 0);
      g_ptr_array_set_size (all[i]->warnings, 0);
      g_ptr_array_set_size (all[i]->shown, 0);
    }
}

/* Alice and the laptop have a session and have compared codes. */
static void
verify_laptop (void)
{
  EsConversation what;
  g_autofree char *code = NULL;

  endpoint_sign_on (laptop);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (laptop->manager, es_at (ALICE), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  clear_notices ();
}

static void
assert_device (const char *jid, EsState state)
{
  EsConversation what;

  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.state, state);
  ck_assert_pstr_eq (es_text_of (what.device), jid);
}

/* One alarm, and what waited goes on waiting instead of going out. */
static void
assert_alarm (void)
{
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_msg (g_str_has_prefix (texts (alice->warnings), strange), "%s", texts (alice->warnings));
  ck_assert_str_eq (texts (alice->returned), "");
  ck_assert_uint_eq (phone->shown->len + laptop->shown->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}

static guint64
session_of_alice (void)
{
  EsConversation what;

  es_manager_describe (alice->manager, es_at (BOB), &what);
  return what.session;
}

/* By it a window knows whether what it shows is still so. */
START_TEST (devices__session__has_a_number_of_its_own)
{
  guint64 first = 0, second = 0;

  ck_assert_uint_eq (session_of_alice (), 0);
  endpoint_sign_on (laptop);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  first = session_of_alice ();
  endpoint_type (laptop, ALICE, "from the laptop");
  world_run (world);
  ck_assert_uint_ne (first, 0);
  ck_assert_uint_eq (session_of_alice (), first);

  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  second = session_of_alice ();
  ck_assert (second != 0 && second != first);
  endpoint_type (laptop, ALICE, "from the laptop again");
  world_run (world);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (session_of_alice (), first);

  /* The same device, in another session. */
  endpoint_kill (laptop);
  endpoint_sign_on (laptop);
  es_manager_opened (laptop->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (laptop, ALICE, "from the laptop once more");
  world_run (world);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  ck_assert (session_of_alice () != first && session_of_alice () != second && session_of_alice () != 0);
}
END_TEST

START_TEST (devices__strange__is_an_alarm_and_gets_nothing)
{
  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  clear_notices ();
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_closed (alice->manager, es_at (BOB));
  clear_notices ();

  endpoint_sign_on (phone);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  assert_alarm ();

  /* The user has read it, and writes nevertheless: that alone is no choice. */
  endpoint_type (alice, BOB, "for bob again");
  world_wait (world, 60);
  ck_assert_str_eq (texts (phone->shown), "");
  ck_assert_str_eq (texts (alice->returned), "");

  /* This is one; what was written for the verified device does not go along. */
  es_manager_write_anyway (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "");
  ck_assert_str_eq (texts (alice->returned), "for bob only|for bob again");
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_GIVEN_BACK_STRICT)));
  ck_assert (!es_has_text (alice->notices, es_said (ES_NOTICE_GIVEN_BACK)));
  endpoint_type (alice, BOB, "for whoever it is");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "for whoever it is");
  ck_assert_ptr_null (strstr (world->wire->str, "for "));
}
END_TEST

static gboolean
tap_lose (World *of, Letter *letter, gpointer data)
{
  return strstr (letter->text, "<c ") == NULL;
}

/* What was sent before the user verified the device, and did not arrive, is for that device as well. */
START_TEST (devices__strange__gets_nothing_of_before_the_verification)
{
  EsConversation what;
  g_autofree char *code = NULL;

  endpoint_sign_on (laptop);
  world->tap = tap_lose;
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  endpoint_kill (laptop);
  world_run (world);
  world->tap = NULL;
  clear_notices ();

  endpoint_sign_on (phone);
  world_wait (world, 60);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  assert_alarm ();
  es_manager_write_anyway (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "");
  ck_assert_str_eq (texts (alice->uncertain), "for bob only");
  ck_assert_ptr_null (strstr (world->wire->str, "for "));
}
END_TEST

/* Also where it is the other side that asks. */
START_TEST (devices__strange__that_asks_is_an_alarm)
{
  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_closed (alice->manager, es_at (BOB));
  clear_notices ();

  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_msg (g_str_has_prefix (texts (alice->warnings), strange), "%s", texts (alice->warnings));
}
END_TEST

/* The same client, but it has lost what it knew, or is another one under that name. */
START_TEST (devices__strange__under_the_same_name_is_an_alarm)
{
  g_autofree char *path = g_strconcat (laptop->path, ".other", NULL);

  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  clear_notices ();
  es_trust_free (laptop->trust);
  laptop->trust = es_trust_new (path);
  endpoint_sign_on (laptop);
  world_run (world);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_msg (g_str_has_prefix (texts (alice->warnings), strange), "%s", texts (alice->warnings));

  /* It stays strange until somebody verifies it. */
  endpoint_kill (laptop);
  world_run (world);
  clear_notices ();
  endpoint_sign_on (laptop);
  world_run (world);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_msg (g_str_has_prefix (texts (alice->warnings), strange), "%s", texts (alice->warnings));
}
END_TEST

/* A verified contact is not written to in the clear, whatever its clients say they can. */
START_TEST (devices__verified__is_not_written_to_in_the_clear)
{
  verify_laptop ();
  endpoint_kill (laptop);
  endpoint_kill (alice);
  endpoint_sign_on (alice);
  phone->supports = FALSE;
  endpoint_sign_on (phone);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), "it cannot be encrypted now"));

  /* Until the user says so. */
  es_manager_end (alice->manager, es_at (BOB));
  ck_assert_str_eq (texts (alice->returned), "for bob only");
  endpoint_type (alice, BOB, "for everybody");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "for everybody");
}
END_TEST

/* A second device that nobody verified does not take over, and is not mistaken for the first. */
/* In the next life of the program, before anything has passed between the two: as soon as the list has been read. */
START_TEST (devices__verified__is_known_before_anybody_comes)
{
  g_autoptr (GPtrArray) waiting = NULL;

  verify_laptop ();
  endpoint_sign_off (laptop);
  endpoint_kill (alice);
  endpoint_sign_on (alice);
  waiting = es_manager_waiting_contacts (alice->manager);
  ck_assert_ptr_nonnull (waiting);
  ck_assert (endpoint_look (alice, BOB).once_verified);
  ck_assert (!endpoint_look (alice, BOB).lapsed);
  ck_assert (!endpoint_look (alice, ROB).once_verified);
}
END_TEST

START_TEST (devices__second__does_not_take_over_unverified)
{
  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (phone, ALICE), ES_STATE_ENCRYPTED);
  assert_device (laptop->jid, ES_STATE_VERIFIED);

  for (guint i = 1; i <= 2; i++)
    {
      endpoint_type (phone, ALICE, "from the phone");
      world_run (world);
      ck_assert_uint_eq (alice->shown->len, i);
      ck_assert_uint_eq (alice->warnings->len, i);
      ck_assert_str_eq (alice->warnings->pdata[i - 1], marked);
      assert_device (laptop->jid, ES_STATE_VERIFIED);
    }

  /* Answers go to the verified one, whose messages are not marked. */
  endpoint_type (alice, BOB, "for bob only");
  endpoint_type (laptop, ALICE, "from the laptop");
  world_run (world);
  ck_assert_str_eq (texts (laptop->shown), "for bob only");
  ck_assert_uint_eq (phone->shown->len, 0);
  ck_assert_str_eq (texts (alice->shown), "from the phone|from the phone|from the laptop");
  ck_assert_uint_eq (alice->warnings->len, 2);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}
END_TEST

/* Where it would not be shown among the messages it could not be marked. */
START_TEST (devices__second__invites_nobody)
{
  static const char invitation[]
      = "<message type='chat' to='" ALICE "/pda'><x xmlns='jabber:x:conference' jid='room@example.com'/></message>";

  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  g_ptr_array_set_size (alice->unseen, 0);
  endpoint_send_raw (phone, invitation);
  world_run (world);
  ck_assert_str_eq (texts (alice->unseen), "");
  ck_assert_str_eq (texts (alice->warnings), es_said (ES_NOTICE_NOT_SHOWN));
  endpoint_send_raw (laptop, invitation);
  world_run (world);
  ck_assert_uint_eq (alice->unseen->len, 1);
  ck_assert_uint_eq (alice->warnings->len, 1);
}
END_TEST

/* What libpurple shows of a message without words has no mark: it is the contact's, or nobody's. */
START_TEST (devices__second__is_not_seen_typing)
{
  static const char *const states[] = { "composing", "paused", "gone", "active" };
  g_autofree char *notice = g_strdup_printf ("<message type='chat' to='" ALICE
                                             "/pda'><%s xmlns='http://jabber.org/protocol/chatstates'/></message>",
                                             states[_i]);
  g_autofree char *beside = g_strdup_printf ("<message type='chat' to='" ALICE "/pda'><whatever xmlns='urn:x'/><%s "
                                             "xmlns='http://jabber.org/protocol/chatstates'/></message>",
                                             states[_i]);

  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  g_ptr_array_set_size (alice->unseen, 0);
  endpoint_send_raw (phone, notice);
  world_run (world);
  ck_assert_str_eq (texts (alice->unseen), "");
  ck_assert_str_eq (texts (alice->warnings), "");
  endpoint_send_raw (laptop, notice);
  world_run (world);
  ck_assert_uint_eq (alice->unseen->len, 1);

  /* Be it that the user writes to it all the same, or that it says something else beside. */
  endpoint_kill (laptop);
  world_run (world);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  endpoint_send_raw (phone, notice);
  world_run (world);
  ck_assert_uint_eq (alice->unseen->len, 1);
  endpoint_send_raw (phone, beside);
  world_run (world);
  ck_assert_uint_eq (alice->unseen->len, 2);
  ck_assert_ptr_null (strstr (alice->unseen->pdata[1], "chatstates"));
}
END_TEST

/* Nor while the first is made to start again, which anybody on the way can do. */
START_TEST (devices__second__is_marked_while_starting_again)
{
  g_autoptr (Forger) forger = forger_new (world, laptop->jid);

  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  world->tap = forger_tap;
  world->tap_data = forger;
  forger->silent = TRUE;
  forger_ask (forger, alice->jid, NULL);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_STARTING);
  clear_notices ();
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "from the phone");
  ck_assert_str_eq (texts (alice->warnings), marked);
}
END_TEST

/* What the second device asks, or breaks, does not end what the first has. */
START_TEST (devices__second__breaks_nothing)
{
  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  es_manager_end (phone->manager, es_at (ALICE));
  world_run (world);
  es_manager_start (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_kill (phone);
  world_run (world);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
  ck_assert_uint_eq (alice->notices->len, 0);
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  ck_assert_str_eq (texts (laptop->shown), "for bob only");
}
END_TEST

/* When the first goes, the second may have the conversation, with an alarm. */
START_TEST (devices__second__gets_it_with_an_alarm)
{
  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_kill (laptop);
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  ck_assert (es_has_text (alice->notices, es_said (es_life_find (ES_STATE_VERIFIED, ES_EVENT_LOST)->notice)));
  ck_assert (g_str_has_prefix (texts (alice->warnings), strange));
  ck_assert_uint_eq (phone->shown->len, 0);
}
END_TEST

/* Of two devices that are alike, the one that wrote last is answered. */
START_TEST (devices__second__unverified_like_the_first_is_answered)
{
  endpoint_sign_on (laptop);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  clear_notices ();
  endpoint_type (laptop, ALICE, "from the laptop");
  world_run (world);
  endpoint_type (alice, BOB, "to the laptop");
  world_run (world);
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  endpoint_type (alice, BOB, "to the phone");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "from the laptop|from the phone");
  ck_assert_str_eq (texts (laptop->shown), "to the laptop");
  ck_assert_str_eq (texts (phone->shown), "to the phone");
  ck_assert_str_eq (texts (alice->notices), "You are now talking to the device \"\xe2\x81\xa8"
                                            "laptop\xe2\x81\xa9\".|You are now talking to the device \"\xe2\x81\xa8"
                                            "phone\xe2\x81\xa9\".");
  ck_assert_uint_eq (alice->warnings->len, 0);
}
END_TEST

/* Verified once more: two verified devices are equals. */
START_TEST (devices__second__verified_takes_its_turn)
{
  EsConversation what;
  g_autofree char *code = NULL;

  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  endpoint_sign_on (phone);
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  clear_notices ();

  endpoint_sign_on (laptop);
  es_manager_opened (laptop->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (laptop, ALICE, "from the laptop");
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  assert_device (phone->jid, ES_STATE_VERIFIED);
  endpoint_type (laptop, ALICE, "again");
  world_run (world);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
  ck_assert_uint_eq (alice->warnings->len, 0);
  ck_assert_str_eq (texts (alice->shown), "from the laptop|from the phone|again");
}
END_TEST

/* A session lasts for longer than devices are remembered that nobody uses, and then a negotiation with somebody else forgets those: not
 * one with which there is a session, whether it spoke a moment ago (0) or not (1). */
START_TEST (devices__expiry__forgets_nobody_in_use)
{
  Endpoint *rob = world_add (world, ROB "/laptop");

  es_trust_set_expiry (alice->trust, 30, 30);
  verify_laptop ();
  world->now += 31 * 24 * 60 * 60;
  if (_i == 0)
    {
      endpoint_type (laptop, ALICE, "still here");
      world_run (world);
    }
  world->tap = world_lose_from;
  world->tap_data = laptop->jid;
  endpoint_sign_on (rob);
  es_manager_opened (alice->manager, es_at (ROB));
  world_run (world);
  endpoint_look (alice, BOB);
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
  ck_assert_uint_eq (alice->warnings->len, 0);
  ck_assert_str_eq (texts (laptop->shown), "for bob only");
}
END_TEST

/* Somebody sets the clock far ahead, for a moment, and somebody else negotiates just then: nobody is forgotten, whether there is a
 * session with it (0) or not (1). */
START_TEST (devices__expiry__is_not_of_a_clock_that_was_set)
{
  Endpoint *rob = world_add (world, ROB "/laptop");
  g_autoptr (GPtrArray) devices = NULL;

  es_trust_set_expiry (alice->trust, 30, 30);
  verify_laptop ();
  world->now += 4 * 60 * 60;
  if (_i == 1)
    endpoint_kill (laptop);
  world_run (world);
  world->clock_set = 40 * 24 * 60 * 60;
  endpoint_sign_on (rob);
  es_manager_opened (alice->manager, es_at (ROB));
  world_run (world);
  es_manager_start (rob->manager, es_at (ALICE));
  world_run (world);
  world->clock_set = 0;
  devices = es_trust_devices (alice->trust, NULL);
  ck_assert_uint_eq (devices->len, 2);
  if (_i == 1)
    endpoint_sign_on (laptop);
  world_run (world);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
}
END_TEST

/* What the verified device has not confirmed is no message of later, for another one that is verified some time: where the mark is taken
 * away, and the conversation goes on with that one, the user has it back. */
START_TEST (devices__unmarked__what_it_did_not_confirm_does_not_come_later)
{
  EsConversation what;
  g_autofree char *code = NULL;
  g_autoptr (GPtrArray) devices = NULL;
  gint64 device = 0;

  verify_laptop ();
  devices = es_trust_devices (alice->trust, NULL);
  device = ((const EsDevice *) devices->pdata[0])->id;
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  world->tap = NULL;
  ck_assert (es_trust_unmark (alice->trust, device, world->now, NULL));
  es_manager_device_unmarked (alice->manager, es_at (BOB), device);
  endpoint_type (phone, ALICE, "it is me");
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  ck_assert_str_eq (texts (alice->uncertain), "for bob only");

  endpoint_type (alice, BOB, "newer");
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "newer");
}
END_TEST

/* That the user writes to a strange device all the same holds for the session, not for the device. */
START_TEST (devices__strange__is_written_to_in_that_session_only)
{
  verify_laptop ();
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_kill (laptop);
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "one");

  if (_i == 0)
    {
      endpoint_kill (phone);
      world_run (world);
      endpoint_sign_on (phone);
    }
  else
    {
      es_manager_end (phone->manager, es_at (ALICE));
      world_run (world);
      es_manager_start (phone->manager, es_at (ALICE));
    }
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 100);
  ck_assert_str_eq (texts (phone->shown), "one");
  ck_assert_str_eq (texts (alice->returned), "");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
  endpoint_sign_on (laptop);
  world_run (world);
  ck_assert_str_eq (texts (laptop->shown), "for bob only");
  ck_assert_str_eq (texts (phone->shown), "one");
}
END_TEST

static const char lapsed[] = "The device that you had verified is forgotten";

static void
let_expire (const char *own)
{
  Endpoint *rob = world_add (world, ROB "/laptop");

  verify_laptop ();
  if (own != NULL)
    ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE, NULL));
  endpoint_kill (laptop);
  es_manager_closed (alice->manager, es_at (BOB));
  world_run (world);
  es_trust_set_expiry (alice->trust, 30, 30);
  world->now += 31 * 24 * 60 * 60;
  clear_notices ();
  endpoint_sign_on (rob);
  es_manager_opened (alice->manager, es_at (ROB));
  world_run (world);
}

/* A verified device was forgotten because nobody had used it: as soon as there is a window that says so, once, be it in the next life of
 * the program (1). That was not the user's choice; and whoever comes is a stranger, whatever the user has chosen (2), until he is
 * verified. */
START_TEST (devices__lapsed__is_told_once_and_who_comes_is_a_stranger)
{
  EsConversation what;
  g_autofree char *code = NULL;

  let_expire (_i == 2 ? "possible" : NULL);
  ck_assert_uint_eq (alice->warnings->len, 0);
  if (_i == 1)
    {
      endpoint_kill (alice);
      endpoint_sign_on (alice);
    }
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert (g_str_has_prefix (texts (alice->warnings), lapsed));
  what = endpoint_look (alice, BOB);
  ck_assert (what.lapsed && what.once_verified);
  ck_assert_int_eq (what.own_policy, _i == 2 ? ES_POLICY_POSSIBLE : -1);
  ck_assert_int_eq (what.usual_policy, ES_POLICY_ALWAYS);

  endpoint_sign_on (phone);
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->warnings->len, 2);
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), strange));
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "");

  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "for bob only");
  what = endpoint_look (alice, BOB);
  ck_assert (!what.lapsed && what.once_verified);
  ck_assert_int_eq (what.own_policy, _i == 2 ? ES_POLICY_POSSIBLE : -1);
}
END_TEST

/* Nobody comes: nothing leaves in the clear, in this life of the program and in the next, whatever is chosen for him that does not say so. */
START_TEST (devices__lapsed__lets_nothing_out)
{
  let_expire (NULL);
  laptop->supports = FALSE;
  endpoint_sign_on (laptop);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "in the clear?");
  world_wait (world, 100);
  endpoint_kill (alice);
  endpoint_sign_on (alice);
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_ALWAYS);
  clear_notices ();
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "in the clear?");
  world_wait (world, 100);
  ck_assert_ptr_null (strstr (world->wire->str, "in the clear?"));
  ck_assert_ptr_null (strstr (texts (alice->warnings), lapsed));
  for (int policy = -1; policy <= (int) ES_POLICY_ALWAYS; policy++)
    {
      ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), policy, NULL));
      ck_assert (endpoint_look (alice, BOB).lapsed);
      ck_assert_int_eq (endpoint_look (alice, BOB).policy, policy == -1 ? (int) ES_POLICY_ALWAYS : policy);
    }
  ck_assert_ptr_null (strstr (world->wire->str, "in the clear?"));
}
END_TEST

static gint64
device_of_bob (void)
{
  g_autoptr (GPtrArray) list = es_trust_devices (alice->trust, NULL);

  ck_assert_uint_eq (list->len, 1);
  return ((const EsDevice *) list->pdata[0])->id;
}

/* Somebody else has the verified device: it is another one in his next session, and nothing that is written goes there, in the next life of the program
 * (1) as well, nor in the clear; what has begun to be encrypted with it ends at once. That nobody is verified is no news. */
START_TEST (devices__lost__gets_nothing_more)
{
  gint64 device = 0;

  verify_laptop ();
  device = device_of_bob ();
  clear_notices ();
  ck_assert (es_trust_lose (alice->trust, device, NULL));
  es_manager_device_forgotten (alice->manager, es_at (BOB), device);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  if (_i == 1)
    {
      endpoint_kill (alice);
      endpoint_sign_on (alice);
      es_manager_opened (alice->manager, es_at (BOB));
    }
  ck_assert (endpoint_look (alice, BOB).lapsed);
  ck_assert_ptr_null (strstr (texts (alice->warnings), lapsed));
  es_manager_start (laptop->manager, es_at (ALICE));
  world_wait (world, 20);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (texts (laptop->shown), "for bob only"));
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), strange));
  endpoint_kill (laptop);
  laptop->supports = FALSE;
  endpoint_sign_on (laptop);
  world_wait (world, 100);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
  ck_assert_int_eq (endpoint_look (alice, BOB).policy, ES_POLICY_ALWAYS);
}
END_TEST

/* What the list of devices says is asked for each session: here the user has verified the first one elsewhere, in another program,
 * while we were not looking; or it is verified no more, because nobody has used it for so long. */
START_TEST (devices__session__is_held_against_the_list_as_it_is_now)
{
  g_autoptr (GPtrArray) list = NULL;

  if (_i == 1)
    verify_laptop ();
  endpoint_sign_on (laptop);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  list = es_trust_devices (alice->trust, NULL);
  ck_assert_uint_eq (list->len, 1);
  if (_i == 0)
    ck_assert (es_trust_verify (alice->trust, es_at (ALICE), es_at (BOB), ((EsDevice *) list->pdata[0])->id, world->now,
                                NULL));
  endpoint_kill (laptop);
  world_run (world);
  if (_i == 1)
    {
      es_trust_set_expiry (alice->trust, 1, 1);
      world->now += 3 * 24 * 60 * 60;
    }
  clear_notices ();
  endpoint_sign_on (phone);
  world_run (world);
  assert_device (phone->jid, ES_STATE_ENCRYPTED);
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 20);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
  ck_assert_str_eq (texts (phone->shown), "");
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), strange));
  ck_assert_int_eq (g_str_has_prefix (texts (alice->warnings), lapsed), _i == 1);
}
END_TEST

static Forger *forgers[2];

static gboolean
tap_both (World *w, Letter *letter, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (forgers); i++)
    if (strcmp (letter->to, forgers[i]->jid) == 0)
      return forger_tap (w, letter, forgers[i]);
  return TRUE;
}

/* A second device that nobody verified confirms nothing of what went to the verified one, though it may know the label of that: not in
 * its own session, nor by an answer. */
START_TEST (devices__second__confirms_nothing_of_the_first)
{
  EsConversation what;
  g_autofree char *code = NULL, *receipt = NULL;
  const EsXml *label = NULL;

  forgers[0] = forger_new (world, BOB "/first");
  forgers[1] = forger_new (world, BOB "/second");
  world->tap = tap_both;
  es_manager_set_presence (alice->manager, es_at (forgers[0]->jid), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_set_presence (alice->manager, es_at (forgers[1]->jid), TRUE, 0, "can");
  forger_ask (forgers[1], alice->jid, NULL);
  world_run (world);
  ck_assert_ptr_nonnull (forgers[1]->channel);
  assert_device (forgers[0]->jid, ES_STATE_VERIFIED);

  g_clear_pointer (&forgers[0]->heard, es_xml_free);
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  label = es_xml_child (forgers[0]->heard, "origin-id", "urn:xmpp:sid:0");
  ck_assert_ptr_nonnull (label);
  receipt = g_strdup_printf ("<received xmlns='urn:xmpp:receipts' id='%s'/>", es_xml_attribute (label, "id"));
  forger_send (forgers[1], receipt);
  world_wait (world, 20);
  forger_send (forgers[1], "<body>yes</body>");
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_uint_eq (what.unconfirmed, 1);
  forger_send (forgers[0], receipt);
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_uint_eq (what.unconfirmed, 0);
  g_clear_pointer (&forgers[0], forger_free);
  g_clear_pointer (&forgers[1], forger_free);
}
END_TEST

/* The verified device of one contact answers for another: it is known by its name, and not trusted under
 * the new one. */
START_TEST (devices__known__under_another_name_is_somebody_else)
{
  Endpoint *rob = world_add (world, ROB "/laptop");

  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  clear_notices ();
  {
    g_autofree char *contents = NULL;
    gsize size = 0;

    /* Bob's folder, used with another account: to the store that is another account too. */
    ck_assert (g_file_get_contents (laptop->path, &contents, &size, NULL));
    ck_assert (g_file_set_contents (rob->path, contents, (gssize) size, NULL));
    g_free (rob->bare);
    rob->bare = g_strdup (BOB);
  }
  endpoint_sign_on (rob);
  es_manager_opened (rob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_ne (endpoint_state (alice, ROB), ES_STATE_VERIFIED);

  /* Bob's own device has lost nothing by it. */
  endpoint_sign_on (laptop);
  endpoint_type (alice, BOB, "still you?");
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

/* Whose presence was taken back by somebody, or never came, may have a session nevertheless. */
START_TEST (devices__gone__though_it_was_not_known_to_be_there)
{
  endpoint_sign_on (laptop);
  es_manager_set_presence (alice->manager, es_at (BOB), FALSE, 0, NULL);
  es_manager_start (laptop->manager, es_at (ALICE));
  world_run (world);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);

  /* That another one goes, or that nobody shows that he is there, says nothing of it. */
  es_manager_set_presence (alice->manager, es_at (phone->jid), FALSE, 0, NULL);
  es_manager_set_presence (alice->manager, es_at (BOB), FALSE, 0, NULL);
  assert_device (laptop->jid, ES_STATE_ENCRYPTED);
  es_manager_set_presence (alice->manager, es_at (laptop->jid), FALSE, 0, NULL);
  assert_device (NULL, ES_STATE_ENDED);

  endpoint_sign_on (laptop);
  endpoint_type (alice, BOB, "are you back?");
  world_run (world);
  ck_assert_str_eq (texts (laptop->shown), "are you back?");
}
END_TEST

/* There is room for so many sessions with a contact: of the others the oldest goes, and what is said in it later begins a new one. */
START_TEST (devices__too_many__the_oldest_that_is_not_verified_makes_room)
{
  Endpoint *others[ES_LIMIT_SESSIONS + 1];
  EsCounts counts = { 0 };

  verify_laptop ();
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *jid = g_strdup_printf (BOB "/%u", i);

      others[i] = world_add (world, jid);
      endpoint_sign_on (others[i]);
      es_manager_opened (others[i]->manager, es_at (ALICE));
      world_run (world);
      ck_assert_int_eq (endpoint_state (others[i], ALICE), ES_STATE_ENCRYPTED);
    }
  es_manager_count (alice->manager, &counts);
  ck_assert_uint_eq (counts.sessions, ES_LIMIT_SESSIONS);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
  endpoint_type (alice, BOB, "for bob only");
  endpoint_type (others[G_N_ELEMENTS (others) - 1], ALICE, "from the last");
  endpoint_type (others[0], ALICE, "from the first");
  world_wait (world, 5);
  ck_assert_str_eq (texts (laptop->shown), "for bob only");
  ck_assert_str_eq (texts (alice->shown), "from the last|from the first");
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    ck_assert_uint_eq (others[i]->shown->len, 0);
  es_manager_count (alice->manager, (counts = (EsCounts){ 0 }, &counts));
  ck_assert_uint_le (counts.sessions, ES_LIMIT_SESSIONS);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
}
END_TEST

/* The user writes to a strange device, and then verifies it: that was an exception, and is none any more. What is written then is for
 * verified devices. */
START_TEST (devices__strange__that_is_verified_is_no_exception)
{
  Endpoint *tablet = world_add (world, BOB "/tablet");
  g_autofree char *code = NULL;

  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  endpoint_sign_on (phone);
  world_run (world);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  world_run (world);
  assert_device (phone->jid, ES_STATE_VERIFIED);
  world->tap = world_lose_from;
  world->tap_data = alice->jid;
  endpoint_type (alice, BOB, "for bob only");
  world_run (world);
  world->tap = NULL;
  endpoint_kill (phone);
  world_run (world);
  endpoint_sign_on (tablet);
  es_manager_opened (tablet->manager, es_at (ALICE));
  world_wait (world, 100);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (tablet->shown), "");
  ck_assert_str_eq (texts (alice->uncertain), "for bob only");
}
END_TEST

/* The user writes to a strange device while the verified one is not there; once that has come back it was said of another time. It is ended
 * there (0), or goes (1), or disappears (2). */
START_TEST (devices__strange__is_no_exception_once_the_verified_one_was_there)
{
  verify_laptop ();
  endpoint_kill (laptop);
  world_run (world);
  endpoint_sign_on (phone);
  es_manager_opened (phone->manager, es_at (ALICE));
  world_wait (world, 60);
  es_manager_write_anyway (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for whoever it is");
  world_run (world);
  ck_assert_str_eq (texts (phone->shown), "for whoever it is");

  endpoint_sign_on (laptop);
  es_manager_opened (laptop->manager, es_at (ALICE));
  world_wait (world, 60);
  endpoint_type (laptop, ALICE, "from the laptop");
  world_run (world);
  assert_device (laptop->jid, ES_STATE_VERIFIED);
  clear_notices ();
  if (_i == 0)
    es_manager_end (laptop->manager, es_at (ALICE));
  else if (_i == 1)
    endpoint_sign_off (laptop);
  else
    endpoint_kill (laptop);
  world_run (world);
  if (_i == 0)
    {
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
      ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_ENDED_BY_PEER)));
    }
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 100);
  ck_assert_str_eq (texts (phone->shown), "");
  endpoint_type (phone, ALICE, "from the phone");
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 100);
  ck_assert_str_eq (texts (phone->shown), "");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("devices");
  TCase *tcase = tcase_create ("devices");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, devices__session__has_a_number_of_its_own);
  tcase_add_test (tcase, devices__strange__is_an_alarm_and_gets_nothing);
  tcase_add_test (tcase, devices__strange__that_asks_is_an_alarm);
  tcase_add_test (tcase, devices__strange__under_the_same_name_is_an_alarm);
  tcase_add_test (tcase, devices__verified__is_not_written_to_in_the_clear);
  tcase_add_test (tcase, devices__verified__is_known_before_anybody_comes);
  tcase_add_test (tcase, devices__second__does_not_take_over_unverified);
  tcase_add_loop_test (tcase, devices__second__is_not_seen_typing, 0, 4);
  tcase_add_test (tcase, devices__second__invites_nobody);
  tcase_add_test (tcase, devices__second__is_marked_while_starting_again);
  tcase_add_test (tcase, devices__second__breaks_nothing);
  tcase_add_test (tcase, devices__second__gets_it_with_an_alarm);
  tcase_add_test (tcase, devices__second__unverified_like_the_first_is_answered);
  tcase_add_test (tcase, devices__second__verified_takes_its_turn);
  tcase_add_loop_test (tcase, devices__expiry__forgets_nobody_in_use, 0, 2);
  tcase_add_loop_test (tcase, devices__lapsed__is_told_once_and_who_comes_is_a_stranger, 0, 3);
  tcase_add_test (tcase, devices__lapsed__lets_nothing_out);
  tcase_add_loop_test (tcase, devices__lost__gets_nothing_more, 0, 2);
  tcase_add_loop_test (tcase, devices__expiry__is_not_of_a_clock_that_was_set, 0, 2);
  tcase_add_test (tcase, devices__unmarked__what_it_did_not_confirm_does_not_come_later);
  tcase_add_test (tcase, devices__strange__gets_nothing_of_before_the_verification);
  tcase_add_loop_test (tcase, devices__strange__is_written_to_in_that_session_only, 0, 2);
  tcase_add_loop_test (tcase, devices__session__is_held_against_the_list_as_it_is_now, 0, 2);
  tcase_add_test (tcase, devices__second__confirms_nothing_of_the_first);
  tcase_add_test (tcase, devices__known__under_another_name_is_somebody_else);
  tcase_add_test (tcase, devices__gone__though_it_was_not_known_to_be_there);
  tcase_add_test (tcase, devices__too_many__the_oldest_that_is_not_verified_makes_room);
  tcase_add_test (tcase, devices__strange__that_is_verified_is_no_exception);
  tcase_add_loop_test (tcase, devices__strange__is_no_exception_once_the_verified_one_was_there, 0, 3);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
