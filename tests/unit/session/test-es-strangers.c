/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Requests from people who may not know that we are here. Alice's are let in or not; Bob is a stranger to her. */
#include "es-world.h"

#include "es-limits.h"

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
  alice->stranger = TRUE;
  endpoint_sign_on (bob);
  endpoint_sign_on (alice);
  es_manager_set_starters (alice->manager, ES_STARTERS_ASK);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static gboolean
tap_lose (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->text, "dhhashes") == NULL;
}

/* A request of Bob's, whom she has not let in, learns nothing. */
static void
ask (void)
{
  guint before = world_count (world, alice->jid, "<message");

  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_STARTING);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), before);
}

START_TEST (strangers__contacts_only__are_not_asked_about)
{
  es_manager_set_starters (alice->manager, ES_STARTERS_CONTACTS);
  ask ();
  ck_assert_uint_eq (alice->strangers->len, 0);
  es_manager_answer_stranger (alice->manager, es_at (BOB), TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_STARTING);
}
END_TEST

START_TEST (strangers__accepted__has_a_session)
{
  ask ();
  ck_assert_str_eq (texts (alice->strangers), BOB);
  es_manager_answer_stranger (alice->manager, es_at (BOB), TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);

  /* From now on there is nothing to ask. */
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->strangers->len, 1);
}
END_TEST

/* The other side has given up meanwhile: then it is we who ask. */
START_TEST (strangers__accepted__late)
{
  ask ();
  world_wait (world, ES_NEGOTIATION_SECONDS + 1);
  ck_assert_int_ne (endpoint_state (bob, ALICE), ES_STATE_STARTING);
  es_manager_answer_stranger (alice->manager, es_at (BOB), TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (strangers__declined__learns_nothing_and_is_not_asked_about_again)
{
  guint said = 0;

  ask ();
  said = world_count (world, alice->jid, NULL);
  es_manager_answer_stranger (alice->manager, es_at (BOB), FALSE);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, NULL), said);
  world_wait (world, ES_NEGOTIATION_SECONDS + 1);
  ask ();
  ck_assert_uint_eq (alice->strangers->len, 1);

  /* A yes comes too late. */
  es_manager_answer_stranger (alice->manager, es_at (BOB), TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_STARTING);
}
END_TEST

START_TEST (strangers__never__is_not_asked_about)
{
  ck_assert (es_trust_set_policy (alice->trust, es_at (ALICE), es_at (BOB), ES_POLICY_NEVER, NULL));
  ask ();
  ck_assert_uint_eq (alice->strangers->len, 0);
}
END_TEST

START_TEST (strangers__offline__lapses)
{
  ask ();
  es_manager_offline (alice->manager, FALSE);
  es_manager_answer_stranger (alice->manager, es_at (BOB), TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_STARTING);
}
END_TEST

/* The request of Bob's as anybody else would send it. */
static void
ask_as (const char *jid)
{
  const char *request = world_last (world, bob->jid, "feature");

  ck_assert_ptr_nonnull (request);
  world_inject (world, jid, alice->jid, request);
  world_run (world);
}

START_TEST (strangers__many__are_one_question_at_a_time_and_few_an_hour)
{
  guint asked = 1;

  ask ();
  ask_as ("eve1@example.com/x");
  ck_assert_uint_eq (alice->strangers->len, asked);
  for (guint i = 0; i < 20; i++)
    {
      g_autofree char *jid = g_strdup_printf ("eve%u@example.com/x", i);

      es_manager_answer_stranger (alice->manager, es_at (alice->strangers->pdata[alice->strangers->len - 1]), FALSE);
      ask_as (jid);
    }
  ck_assert_uint_eq (alice->strangers->len, ES_LIMIT_STRANGERS_HOUR);
  world_wait (world, 3600);
  ask_as ("eve100@example.com/x");
  ck_assert_uint_eq (alice->strangers->len, ES_LIMIT_STRANGERS_HOUR + 1);
}
END_TEST

/* A question that nobody answers makes room for others in the end. */
START_TEST (strangers__unanswered__lapses)
{
  ask ();
  world_wait (world, 599);
  ask_as ("eve1@example.com/x");
  ck_assert_uint_eq (alice->strangers->len, 1);
  world_wait (world, 1);
  ask_as ("eve2@example.com/x");
  ck_assert_uint_eq (alice->strangers->len, 2);
  es_manager_answer_stranger (alice->manager, es_at (BOB), TRUE);
  world_run (world);
  ck_assert_int_ne (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (strangers__junk__is_not_asked_about)
{
  static const char *const junk[] = {
    "<message><thread>t</thread><feature xmlns='http://jabber.org/protocol/feature-neg'/></message>",
    "<message type='error'><thread>t</thread><feature xmlns='http://jabber.org/protocol/feature-neg'/></message>",
    "<message><thread>t</thread><c xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'/></message>",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (junk); i++)
    world_inject (world, "eve@example.com/x", alice->jid, junk[i]);
  world_run (world);
  ck_assert_uint_eq (alice->strangers->len, 0);
  ck_assert_uint_eq (world_count (world, alice->jid, "<message"), 0);

  /* Nobody talks for a server. */
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_uint_eq (alice->strangers->len, 1);
  es_manager_answer_stranger (alice->manager, es_at (BOB), FALSE);
  ask_as ("example.com/x");
  ask_as ("eve@example.com");
  ck_assert_uint_eq (alice->strangers->len, 1);
}
END_TEST

/* A request that comes back as an error, with all that was in it, asks for nothing: whoever made it, and whoever sends it. */
START_TEST (strangers__bounced__is_not_asked_about)
{
  static const char error[] = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                              "</error>";
  const char *request = NULL;

  if (_i == 0)
    {
      world->tap = tap_lose;
      es_manager_start (alice->manager, es_at (BOB));
      world_run (world);
    }
  else
    {
      es_manager_set_starters (alice->manager, ES_STARTERS_CONTACTS);
      ask ();
      es_manager_set_starters (alice->manager, ES_STARTERS_ASK);
    }
  request = world_last (world, _i == 0 ? alice->jid : bob->jid, "dhhashes");
  ck_assert_ptr_nonnull (request);
  {
    const char *children = strchr (request, '>') + 1;
    g_autofree char *whole = g_strdup_printf ("<message type='error'>%.*s%s</message>",
                                              (int) (strlen (children) - strlen ("</message>")), children, error);

    world_inject (world, "eve@example.com/x", alice->jid, whole);
    world_inject (world, bob->jid, alice->jid, whole);
    world_run (world);
  }
  ck_assert_uint_eq (alice->strangers->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("strangers");
  TCase *tcase = tcase_create ("strangers");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, strangers__contacts_only__are_not_asked_about);
  tcase_add_test (tcase, strangers__accepted__has_a_session);
  tcase_add_test (tcase, strangers__accepted__late);
  tcase_add_test (tcase, strangers__declined__learns_nothing_and_is_not_asked_about_again);
  tcase_add_test (tcase, strangers__never__is_not_asked_about);
  tcase_add_test (tcase, strangers__offline__lapses);
  tcase_add_test (tcase, strangers__many__are_one_question_at_a_time_and_few_an_hour);
  tcase_add_test (tcase, strangers__unanswered__lapses);
  tcase_add_loop_test (tcase, strangers__bounced__is_not_asked_about, 0, 2);
  tcase_add_test (tcase, strangers__junk__is_not_asked_about);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
