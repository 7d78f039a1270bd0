/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The user is reminded that a contact is not verified: where that makes sense, and no more often than the host lets. */
#include "es-forge.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static const char reminder[] = "To be sure that nobody listens in, verify once";

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  alice->reminders = TRUE;
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static guint
reminders (const Endpoint *endpoint)
{
  guint n = 0;

  for (guint i = 0; i < endpoint->notices->len; i++)
    n += g_str_has_prefix (endpoint->notices->pdata[i], reminder) ? 1 : 0;
  return n;
}

static void
verify (void)
{
  EsConversation what;
  g_autofree char *code = NULL;

  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
}

START_TEST (reminder__comes__with_the_session_and_not_where_it_is_not_wanted)
{
  es_manager_opened (bob->manager, es_at (ALICE));
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (reminders (alice), 1);
  ck_assert_uint_eq (reminders (bob), 0);
}
END_TEST

START_TEST (reminder__comes__when_the_conversation_is_opened_again)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_closed (alice->manager, es_at (BOB));
  ck_assert_uint_eq (reminders (alice), 1);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert_uint_eq (reminders (alice), 2);
}
END_TEST

/* Nobody looks at it, so it would count for a day in which nobody was reminded. */
START_TEST (reminder__waits__until_the_conversation_is_open)
{
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (reminders (alice), 0);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert_uint_eq (reminders (alice), 1);
}
END_TEST

START_TEST (reminder__stops__once_verified)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  verify ();
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  es_manager_closed (alice->manager, es_at (BOB));
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_uint_eq (reminders (alice), 1);
}
END_TEST

START_TEST (reminder__knows__when_the_device_was_verified)
{
  EsConversation what;

  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.verified_at, 0);
  verify ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.verified_at, world->now);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("reminder");
  TCase *tcase = tcase_create ("reminder");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, reminder__comes__with_the_session_and_not_where_it_is_not_wanted);
  tcase_add_test (tcase, reminder__comes__when_the_conversation_is_opened_again);
  tcase_add_test (tcase, reminder__waits__until_the_conversation_is_open);
  tcase_add_test (tcase, reminder__stops__once_verified);
  tcase_add_test (tcase, reminder__knows__when_the_device_was_verified);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
