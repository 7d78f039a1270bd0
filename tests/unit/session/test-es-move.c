/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered moves to another computer: there it goes on as if nothing had happened, and here nothing leaves by mistake. */
#include <glib/gstdio.h>
#include <string.h>

#include "es-passphrase.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define CAROL "carol@example.net"

static World *world;
static Endpoint *alice, *bob;
static char *file;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/old");
  bob = world_add (world, BOB "/laptop");
  file = g_build_filename (world->folder, "moved", NULL);
  endpoint_sign_on (alice);
}

static void
teardown (void)
{
  g_clear_pointer (&file, g_free);
  g_clear_pointer (&world, world_free);
}

static void
meet (gboolean verify)
{
  g_autofree char *code = NULL;

  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  if (!verify)
    return;
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}

static void
clear_notices (Endpoint *endpoint)
{
  g_ptr_array_set_size (endpoint->notices, 0);
  g_ptr_array_set_size (endpoint->warnings, 0);
}

static void
move_out (void)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new ("correct horse");
  g_autofree char *written = NULL;
  g_autoptr (GError) error = NULL;
  EsMove move = es_trust_move_out (alice->trust, file, passphrase, world->now, &written, &error);

  ck_assert_msg (move == ES_MOVE_DONE, "%s", error != NULL ? error->message : "no error");
  ck_assert_str_eq (written, file);
  es_manager_store_changed (alice->manager);
  world_run (world);
}

static void
move_in (Endpoint *endpoint, guint expected)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new ("correct horse");
  g_autoptr (GError) error = NULL;
  gboolean erased = FALSE;
  guint n = 0;

  ck_assert_msg (es_trust_move_in (endpoint->trust, file, passphrase, world->now, &n, &erased, &error), "%s",
                 error != NULL ? error->message : "no error");
  ck_assert_uint_eq (n, expected);
  ck_assert (erased && !g_file_test (file, G_FILE_TEST_EXISTS));
  es_manager_store_changed (endpoint->manager);
  world_run (world);
}

/* The conversation here ends in words, and nothing goes to Bob until he is verified, neither in the clear nor to whoever comes. */
START_TEST (move__old__bars_and_says_so)
{
  EsConversation what;
  g_autofree char *code = NULL;
  g_autoptr (GPtrArray) devices = NULL;

  meet (TRUE);
  clear_notices (alice);
  move_out ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_MOVED_ENDED)));
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_MOVED)));
  what = endpoint_look (alice, BOB);
  ck_assert (what.lapsed && what.moved && what.once_verified);
  ck_assert_int_eq (what.policy, ES_POLICY_ALWAYS);
  devices = es_trust_devices (alice->trust, NULL);
  ck_assert_uint_eq (devices->len, 1);
  ck_assert_int_eq (((EsDevice *) devices->pdata[0])->moved, world->now);

  endpoint_type (alice, BOB, "for bob only");
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 100);
  ck_assert_str_eq (texts (bob->shown), "");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));

  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_STRANGE_MOVED)));

  /* A new verification is one. */
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  endpoint_type (alice, BOB, "for bob only");
  code = g_strdup (endpoint_look (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert (strstr (texts (bob->shown), "for bob only") != NULL);
  ck_assert (!endpoint_look (alice, BOB).moved);
}
END_TEST

/* Neither does it in the next life of the program, nor without a session. */
START_TEST (move__old__bars_in_the_next_life)
{
  meet (TRUE);
  endpoint_sign_off (bob);
  move_out ();
  endpoint_kill_program (alice);
  world_run (world);
  endpoint_sign_on (alice);
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  clear_notices (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 100);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
  ck_assert_ptr_null (strstr (texts (alice->warnings), "used for as long"));
  ck_assert (endpoint_look (alice, BOB).moved);
}
END_TEST

/* One who was never verified is met anew, as anybody. */
START_TEST (move__old__unverified_is_a_stranger_as_before)
{
  meet (FALSE);
  clear_notices (alice);
  move_out ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_MOVED_ENDED)));
  ck_assert_uint_eq (alice->warnings->len, 0);
  ck_assert (!endpoint_look (alice, BOB).lapsed);
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 10);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* On the other computer Bob is who he was, for both. There a session with him, as a stranger, may be running (1). */
START_TEST (move__new__goes_on_verified)
{
  Endpoint *other = NULL;

  meet (TRUE);
  move_out ();
  endpoint_sign_off (alice);
  other = world_add (world, ALICE "/new");
  endpoint_sign_on (other);
  if (_i == 1)
    {
      es_manager_opened (other->manager, es_at (BOB));
      world_wait (world, 10);
      ck_assert_int_eq (endpoint_state (other, BOB), ES_STATE_ENCRYPTED);
    }
  move_in (other, 1);
  es_manager_opened (other->manager, es_at (BOB));
  endpoint_type (other, BOB, "from the new one");
  world_wait (world, 10);
  ck_assert_int_eq (endpoint_state (other, BOB), ES_STATE_VERIFIED);
  ck_assert (es_has_text (bob->shown, "from the new one"));
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
  ck_assert (!endpoint_look (other, BOB).lapsed);

  /* And so it stays. */
  endpoint_kill_program (other);
  world_run (world);
  endpoint_sign_on (other);
  es_manager_opened (other->manager, es_at (BOB));
  world_wait (world, 10);
  ck_assert_int_eq (endpoint_state (other, BOB), ES_STATE_VERIFIED);
}
END_TEST

/* Whoever wanted to write unencrypted to a stranger did not say so of whom he turns out to be. */
START_TEST (move__new__is_written_to_encrypted_after_an_end)
{
  Endpoint *other = NULL;

  meet (TRUE);
  move_out ();
  endpoint_sign_off (alice);
  other = world_add (world, ALICE "/new");
  endpoint_sign_on (other);
  es_manager_opened (other->manager, es_at (BOB));
  world_wait (world, 10);
  es_manager_end (other->manager, es_at (BOB));
  endpoint_type (other, BOB, "to a stranger");
  world_wait (world, 10);
  ck_assert_ptr_nonnull (strstr (world->wire->str, "to a stranger"));
  move_in (other, 1);
  endpoint_type (other, BOB, "for bob only");
  world_wait (world, 10);
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}
END_TEST

/* Another program of the same user has the file open as well: it does not go on with what is not here any more. */
static Endpoint *
second_program (void)
{
  Endpoint *second = world_add (world, ALICE "/finch");

  g_free (second->path);
  second->path = g_strdup (alice->path);
  es_trust_free (second->trust);
  second->trust = es_trust_new (second->path);
  endpoint_sign_on (second);
  es_manager_opened (second->manager, es_at (BOB));
  world_wait (world, 5);
  return second;
}

START_TEST (move__two_programs__follow)
{
  Endpoint *second = NULL;

  meet (TRUE);
  second = second_program ();
  endpoint_type (second, BOB, "from the second");
  world_wait (world, 5);
  ck_assert_int_eq (endpoint_state (second, BOB), ES_STATE_VERIFIED);
  clear_notices (second);
  move_out ();
  endpoint_type (second, BOB, "for bob only");
  world_wait (world, 100);
  ck_assert (es_has_text (second->notices, es_said (ES_NOTICE_MOVED_ENDED)));
  ck_assert_int_ne (endpoint_state (second, BOB), ES_STATE_VERIFIED);
  ck_assert (endpoint_look (second, BOB).moved);
  ck_assert_str_eq (texts (bob->shown), "from the second");
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));

  /* And takes up what comes back. */
  move_in (alice, 1);
  es_manager_start (second->manager, es_at (BOB));
  world_wait (world, 10);
  ck_assert_int_eq (endpoint_state (second, BOB), ES_STATE_VERIFIED);
}
END_TEST

/* Moved while a negotiation is on its way, at each of its messages: what it comes to is a stranger's, or has ended. */
static int letters;

static gboolean
move_at (World *in, Letter *letter, gpointer data)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new ("correct horse");
  g_autofree char *written = NULL;

  if (letters-- != 0)
    return TRUE;
  ck_assert_int_eq (es_trust_move_out (alice->trust, file, passphrase, in->now, &written, NULL), ES_MOVE_DONE);
  return TRUE;
}

START_TEST (move__under_way__is_a_stranger)
{
  meet (TRUE);
  endpoint_kill (bob);
  world_run (world);
  letters = _i;
  world->tap = move_at;
  endpoint_sign_on (bob);
  if (_i % 2 == 0)
    es_manager_opened (bob->manager, es_at (ALICE));
  world_wait (world, 5);
  ck_assert_int_lt (letters, 0);
  world->tap = NULL;
  endpoint_type (alice, BOB, "for bob only");
  world_wait (world, 200);
  ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert (endpoint_look (alice, BOB).moved);
  ck_assert_ptr_null (strstr (texts (bob->shown), "for bob only"));
  ck_assert_ptr_null (strstr (world->wire->str, "for bob only"));
}
END_TEST

START_TEST (move__locked__cannot_be)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new ("correct horse");
  g_autofree char *written = NULL, *path = NULL;
  g_autoptr (GError) error = NULL;
  EsProtection protection;
  gboolean erased = FALSE;
  guint n = 0;

  meet (TRUE);
  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  protection.cost = 14;
  ck_assert (es_trust_protect (alice->trust, &protection, passphrase, NULL));
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  ck_assert_int_eq (es_trust_move_out (alice->trust, file, passphrase, world->now, &written, &error), ES_MOVE_NONE);
  ck_assert_int_eq (error->code, ES_ERROR_STORE_SEALED);
  g_clear_error (&error);
  ck_assert (!es_trust_move_in (alice->trust, file, passphrase, world->now, &n, &erased, &error));
  ck_assert_int_eq (error->code, ES_ERROR_STORE_SEALED);
  ck_assert_int_eq (es_trust_move_resume (alice->trust, &path), ES_MOVE_NONE);
  ck_assert (!g_file_test (file, G_FILE_TEST_EXISTS));
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    move__old__bars_and_says_so, move__old__bars_in_the_next_life, move__old__unverified_is_a_stranger_as_before,
    move__two_programs__follow,  move__under_way__is_a_stranger,   move__locked__cannot_be,
  };
  Suite *suite = suite_create ("move");
  TCase *tcase = tcase_create ("move");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_set_timeout (tcase, 60);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  tcase_add_loop_test (tcase, move__under_way__is_a_stranger, 0, 5);
  tcase_add_test (tcase, move__new__is_written_to_encrypted_after_an_end);
  tcase_add_loop_test (tcase, move__new__goes_on_verified, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
