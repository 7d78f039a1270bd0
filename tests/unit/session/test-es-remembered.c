/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user does to remembered devices and to the usual policy: conversations follow. */
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

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

static EsConversation
conversation (Endpoint *endpoint, const char *contact)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact), &what);
  return what;
}

static void
clear_notices (void)
{
  g_ptr_array_set_size (alice->notices, 0);
  g_ptr_array_set_size (alice->warnings, 0);
}

/* The number of the device that was remembered last. */
static gint64
last_device (void)
{
  g_autoptr (GPtrArray) devices = es_trust_devices (alice->trust, NULL);
  gint64 last = 0;

  ck_assert_ptr_nonnull (devices);
  for (guint i = 0; i < devices->len; i++)
    last = MAX (last, ((const EsDevice *) devices->pdata[i])->id);
  ck_assert_int_gt (last, 0);
  return last;
}

static gint64
meet (Endpoint *device)
{
  endpoint_sign_on (device);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  return last_device ();
}

static void
verify (void)
{
  g_autofree char *code = g_strdup (conversation (alice, BOB).code);

  ck_assert_ptr_nonnull (code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  clear_notices ();
}

static void
unmark (gint64 device)
{
  ck_assert (es_trust_unmark (alice->trust, device, world->now, NULL));
  es_manager_device_unmarked (alice->manager, es_at (BOB), device);
}

static void
forget (gint64 device)
{
  ck_assert (es_trust_forget (alice->trust, device, NULL));
  es_manager_device_forgotten (alice->manager, es_at (BOB), device);
}

START_TEST (remembered__use_of__tells_what_is_connected)
{
  gint64 device = meet (laptop);
  EsDeviceUse use;

  ck_assert (es_manager_use_of (alice->manager, device, &use));
  ck_assert_str_eq (es_text_of (use.jid), laptop->jid);
  ck_assert (use.current && use.can_verify);
  ck_assert (!es_manager_use_of (alice->manager, device + 1, &use));
  ck_assert (!es_manager_use_of (alice->manager, 0, &use));
  endpoint_kill (laptop);
  world_run (world);
  ck_assert (!es_manager_use_of (alice->manager, device, &use));
  ck_assert_ptr_null (use.jid);
}
END_TEST

START_TEST (remembered__unmarked__is_seen_at_once)
{
  gint64 device = meet (laptop);

  verify ();
  ck_assert_int_eq (conversation (alice, BOB).policy, ES_POLICY_ALWAYS);
  unmark (device);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (conversation (alice, BOB).policy, ES_POLICY_POSSIBLE);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert (g_str_has_prefix (texts (alice->warnings), "The other device no longer counts as verified"));

  /* Both go on as before. */
  endpoint_type (alice, BOB, "the first");
  endpoint_type (laptop, ALICE, "two");
  world_run (world);
  ck_assert_str_eq (texts (laptop->shown), "the first");
  ck_assert_str_eq (texts (alice->shown), "two");
  ck_assert_ptr_null (strstr (world->wire->str, "the first"));
  verify ();
}
END_TEST

/* What was written for a verified device, and has not arrived, is not for one that has never been: whom it was sent to is asked anew,
 * though the conversation has left him, and as nobody is verified any more it goes back. */
START_TEST (remembered__unmarked__gives_back_what_has_not_arrived)
{
  gint64 device = meet (laptop);

  verify ();
  laptop->swallows = TRUE;
  endpoint_type (alice, BOB, "for the verified one");
  world_run (world);
  unmark (device);
  endpoint_sign_on (phone);
  es_manager_start (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  ck_assert_str_eq (es_text_of (conversation (alice, BOB).device), phone->jid);
  world_wait (world, 100);
  ck_assert_str_eq (texts (alice->uncertain), "for the verified one");
  ck_assert_uint_eq (conversation (alice, BOB).unconfirmed, 0);
}
END_TEST

/* One's own other device is verified: after the next start nobody speaks in its name unmarked. */
START_TEST (remembered__own_device__is_not_imitated)
{
  Endpoint *other = world_add (world, ALICE "/other");
  g_autofree char *code = NULL;

  endpoint_sign_on (other);
  es_manager_opened (alice->manager, es_at (ALICE));
  world_run (world);
  code = g_strdup (conversation (alice, ALICE).code);
  ck_assert_ptr_nonnull (code);
  es_manager_verify (alice->manager, es_at (ALICE), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, ALICE), ES_STATE_VERIFIED);
  endpoint_sign_off (other);
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  world_run (world);
  clear_notices ();
  world_inject (world, ALICE "/other", alice->jid, "<message type='chat'><body>forged</body></message>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "forged");
  ck_assert (es_has_text (alice->notices, "The next message was not encrypted: anyone may have read or written it."));
}
END_TEST

/* Who is verified may offer files unencrypted where the user has allowed that, but that is said, as of what is written: 0 a stream, 1 a
 * connection. */
START_TEST (remembered__file__that_is_plain_is_announced)
{
  static const char *const offers[] = {
    "<iq type='set' id='i'><si xmlns='http://jabber.org/protocol/si' id='s' "
    "profile='http://jabber.org/protocol/si/profile/file-transfer'/></iq>",
    "<iq type='set' id='i'><query xmlns='jabber:iq:oob'><url>http://example.com/f</url></query></iq>",
  };

  meet (laptop);
  verify ();
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_POSSIBLE, NULL));
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  clear_notices ();
  world_inject (world, laptop->jid, alice->jid, offers[_i]);
  world_run (world);
  ck_assert_uint_eq (alice->others->len, 1);
  ck_assert_str_eq (texts (alice->warnings), es_said (ES_NOTICE_NEXT_FILE_PLAIN));
}
END_TEST

/* The conversation goes to another device and back. */
START_TEST (remembered__unmarked__stays_so_in_the_session)
{
  gint64 device = meet (laptop);

  verify ();
  unmark (device);
  endpoint_sign_on (phone);
  es_manager_start (phone->manager, es_at (ALICE));
  world_run (world);
  endpoint_type (phone, ALICE, "from the phone");
  world_run (world);
  ck_assert_str_eq (es_text_of (conversation (alice, BOB).device), phone->jid);
  endpoint_type (laptop, ALICE, "from the laptop");
  world_run (world);
  ck_assert_str_eq (es_text_of (conversation (alice, BOB).device), laptop->jid);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (remembered__unmarked__stays_so_in_the_next_session)
{
  gint64 device = meet (laptop);

  verify ();
  unmark (device);
  endpoint_sign_off (laptop);
  endpoint_sign_on (laptop);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (last_device (), device);
}
END_TEST

/* While the contact is offline the conversation says nothing; what waited must not go out in the clear now. */
START_TEST (remembered__unmarked__lets_nothing_slip_out)
{
  gint64 device = meet (laptop);

  verify ();
  endpoint_sign_off (laptop);
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_closed (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for bob only");
  ck_assert_uint_eq (conversation (alice, BOB).waiting, 1);
  laptop->supports = FALSE;
  endpoint_sign_on (laptop);
  world_run (world);
  ck_assert_uint_eq (conversation (alice, BOB).waiting, 1);
  unmark (device);
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "for bob only");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));

  /* What is written from now on is another matter. */
  endpoint_type (alice, BOB, "for anybody");
  ck_assert_uint_eq (conversation (alice, BOB).waiting, 0);
}
END_TEST

START_TEST (remembered__forgotten__ends_the_session)
{
  gint64 device = meet (laptop);
  EsConversation what;

  verify ();
  forget (device);
  world_run (world);
  what = conversation (alice, BOB);
  ck_assert_int_eq (what.state, ES_STATE_ENDED);
  ck_assert (what.must_choose);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert (g_str_has_prefix (texts (alice->notices), "The other device is forgotten"));
  ck_assert_uint_eq (alice->warnings->len, 0);
  ck_assert_int_eq (endpoint_state (laptop, ALICE), ES_STATE_ENDED);
  endpoint_type (alice, BOB, "for bob only");
  ck_assert_str_eq (texts (alice->returned), "for bob only");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));

  /* Whoever starts again meets a stranger. */
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_ne (last_device (), device);
}
END_TEST

/* Who usually wants nothing encrypted has begun this all the same, and has not said that it may go on in the clear. */
START_TEST (remembered__forgotten__lets_nothing_slip_out)
{
  gint64 device = 0;
  EsConversation what;

  endpoint_sign_on (laptop);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_NEVER, NULL));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  verify ();
  device = last_device ();
  forget (device);
  world_run (world);
  what = conversation (alice, BOB);
  ck_assert_int_eq (what.state, ES_STATE_ENDED);
  ck_assert (what.must_choose);
  endpoint_type (alice, BOB, "for bob only");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}
END_TEST

/* Unlike after codes that differed nobody is held off. */
START_TEST (remembered__forgotten__may_ask_again)
{
  gint64 device = meet (laptop);

  forget (device);
  world_run (world);
  es_manager_start (laptop->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (remembered__forgotten__is_another_one_than_the_one_in_use)
{
  gint64 first = meet (laptop), second = 0;

  endpoint_sign_off (laptop);
  second = meet (phone);
  ck_assert_int_ne (first, second);
  verify ();
  forget (first);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  unmark (second);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (remembered__usual_policy__holds_at_once)
{
  meet (laptop);
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_closed (alice->manager, es_at (BOB));
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ASK);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert_int_eq (conversation (alice, BOB).usual_policy, ES_POLICY_ASK);
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);

  /* What runs goes on. */
  es_manager_set_usual_policy (alice->manager, ES_POLICY_NEVER);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);

  /* The user's own choice comes first. */
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ASK);
  ck_assert_int_eq (conversation (alice, BOB).policy, ES_POLICY_ALWAYS);
}
END_TEST

START_TEST (remembered__usual_policy__lets_nothing_slip_out)
{
  laptop->supports = FALSE;
  endpoint_sign_on (laptop);
  es_manager_set_usual_policy (alice->manager, ES_POLICY_ALWAYS);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "for bob only");
  ck_assert_uint_eq (conversation (alice, BOB).waiting, 1);
  es_manager_set_usual_policy (alice->manager, ES_POLICY_POSSIBLE);
  world_run (world);
  ck_assert_str_eq (texts (alice->returned), "for bob only");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}
END_TEST

/* An old program: it offers nothing else. */
START_TEST (remembered__weak_groups__are_taken_only_where_allowed)
{
  laptop->options.groups[0] = 5;
  laptop->options.weak_groups = TRUE;
  laptop->options.groups[1] = 0;
  endpoint_sign_on (laptop);
  es_manager_start (laptop->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  es_manager_set_weak_groups (alice->manager, TRUE);
  es_manager_start (laptop->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);

  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_set_weak_groups (alice->manager, FALSE);
  es_manager_start (laptop->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Ours is offered to it, last. */
START_TEST (remembered__weak_groups__are_offered_last)
{
  EsOptions options;

  es_options_init (&options);
  for (guint i = 0; i < 3; i++)
    es_options_allow_weak_groups (&options, TRUE);
  ck_assert (options.weak_groups);
  ck_assert_uint_eq (options.groups[0], 31);
  ck_assert_uint_eq (options.groups[2], 14);
  ck_assert_uint_eq (options.groups[3], 5);
  ck_assert_uint_eq (options.groups[5], 1);
  ck_assert_uint_eq (options.groups[6], 0);
  es_options_allow_weak_groups (&options, FALSE);
  ck_assert (!options.weak_groups);
  ck_assert_uint_eq (options.groups[2], 14);
  ck_assert_uint_eq (options.groups[3], 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("remembered");
  TCase *tcase = tcase_create ("remembered");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, remembered__use_of__tells_what_is_connected);
  tcase_add_test (tcase, remembered__own_device__is_not_imitated);
  tcase_add_loop_test (tcase, remembered__file__that_is_plain_is_announced, 0, 2);
  tcase_add_test (tcase, remembered__unmarked__is_seen_at_once);
  tcase_add_test (tcase, remembered__unmarked__gives_back_what_has_not_arrived);
  tcase_add_test (tcase, remembered__unmarked__stays_so_in_the_session);
  tcase_add_test (tcase, remembered__unmarked__stays_so_in_the_next_session);
  tcase_add_test (tcase, remembered__unmarked__lets_nothing_slip_out);
  tcase_add_test (tcase, remembered__forgotten__ends_the_session);
  tcase_add_test (tcase, remembered__forgotten__lets_nothing_slip_out);
  tcase_add_test (tcase, remembered__forgotten__may_ask_again);
  tcase_add_test (tcase, remembered__forgotten__is_another_one_than_the_one_in_use);
  tcase_add_test (tcase, remembered__usual_policy__holds_at_once);
  tcase_add_test (tcase, remembered__usual_policy__lets_nothing_slip_out);
  tcase_add_test (tcase, remembered__weak_groups__are_taken_only_where_allowed);
  tcase_add_test (tcase, remembered__weak_groups__are_offered_last);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
