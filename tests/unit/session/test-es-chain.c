/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that holds stanzas back and hands them over later: the chain of retained secrets goes on. */
#include "es-forge.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;
static char *held, *first, *second; /* a stanza held back; the threads of both sessions */

static gboolean
is_on (const Letter *letter, const char *thread)
{
  g_autofree char *own = g_str_has_prefix (letter->text, "<message") ? forge_thread (letter->text) : NULL;

  return own != NULL && g_strcmp0 (own, thread) == 0;
}

static void
note_threads (const Letter *letter)
{
  if (forge_message (letter->text) != 1)
    return;
  if (first == NULL)
    first = forge_thread (letter->text);
  else if (second == NULL && !is_on (letter, first))
    second = forge_thread (letter->text);
}

static gboolean
hold (const Letter *letter)
{
  if (held == NULL)
    held = g_strdup (letter->text);
  return FALSE;
}

/* Nothing that Bob encrypts arrives: the first stanza of the first session is held. */
static gboolean
hold_stanza (World *of, Letter *letter, gpointer data)
{
  if (g_strcmp0 (letter->text, held) == 0)
    return TRUE;
  note_threads (letter);
  if (strcmp (letter->from, bob->jid) != 0 || strstr (letter->text, "<c ") == NULL)
    return TRUE;
  return is_on (letter, first) ? hold (letter) : !is_on (letter, second);
}

/* The same with message 4 of Alice's session; errors are lost as well. */
static gboolean
hold_message_4 (World *of, Letter *letter, gpointer data)
{
  if (g_strcmp0 (letter->text, held) == 0)
    return TRUE;
  note_threads (letter);
  if (strcmp (letter->from, bob->jid) == 0 && forge_message (letter->text) == 4 && is_on (letter, first))
    return hold (letter);
  return strstr (letter->text, "type=\"error\"") == NULL
         && (strcmp (letter->from, bob->jid) != 0 || strstr (letter->text, "<c ") == NULL);
}

static void
open_both (void)
{
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
}

static void
assert_verified (void)
{
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
}

/* Both know each other, and no session runs. */
static void
setup (void)
{
  g_autofree char *code = NULL;
  EsConversation what;

  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  open_both ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  world_run (world);
  assert_verified ();
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
  g_clear_pointer (&held, g_free);
  g_clear_pointer (&first, g_free);
  g_clear_pointer (&second, g_free);
}

/* What the server says to Bob as if Alice had. */
static void
refuse_first (const char *condition)
{
  g_autofree char *error = g_strdup_printf ("<message type='error'><thread>%s</thread><error type='cancel'>"
                                            "<%s xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
                                            first, condition);

  world_inject (world, alice->jid, bob->jid, error);
  world_run (world);
}

/* Hands over what was held; then both begin anew, and nothing is in the way. */
static void
hand_over_and_restart (void)
{
  ck_assert_ptr_nonnull (held);
  ck_assert_ptr_nonnull (second);
  world_inject (world, bob->jid, alice->jid, held);
  world_run (world);
  endpoint_kill (alice);
  endpoint_kill (bob);
  world_run (world);
  world->tap = NULL;
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  open_both ();
  world_wait (world, 5);
  assert_verified ();
}

/* The next session ran on the first one's secret when the proof of that came. */
START_TEST (chain__late_proof__leaves_the_next_secret)
{
  world->tap = hold_stanza;
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  refuse_first ("not-acceptable");
  hand_over_and_restart ();
}
END_TEST

/* Alice is asked, and answers, while her own session waits for message 4. */
START_TEST (chain__late_message_4__leaves_the_secret_of_the_other_direction)
{
  world->tap = hold_message_4;
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  refuse_first ("service-unavailable");
  es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  hand_over_and_restart ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("es-chain");
  TCase *tcase = tcase_create ("chain");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, chain__late_proof__leaves_the_next_secret);
  tcase_add_test (tcase, chain__late_message_4__leaves_the_secret_of_the_other_direction);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
