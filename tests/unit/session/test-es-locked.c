/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of remembered devices is locked: nothing leaves in the clear and nothing begins; what waits goes on by itself
 * once it is unlocked. */
#include "es-forge.h"

#include "es-error.h"
#include "es-limits.h"
#include "es-passphrase.h"

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
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static EsSecret *
keyring_key (void)
{
  EsSecret *key = es_secret_new (32);

  memset (es_secret_data (key), 7, 32);
  return key;
}

static void
protect_by (EsTrust *trust, EsProtectionKind kind)
{
  g_autoptr (EsSecret) secret = kind == ES_PROTECTION_KEYRING ? keyring_key () : es_passphrase_new ("correct horse");
  EsProtection protection;
  g_autoptr (GError) error = NULL;

  es_protection_init (&protection, kind, TRUE);
  protection.cost = MIN (protection.cost, ES_QUICK_COST);
  ck_assert_msg (es_trust_protect (trust, &protection, secret, &error), "%s", error != NULL ? error->message : "");
}

static void
protect (EsProtectionKind kind)
{
  protect_by (alice->trust, kind);
}

/* Another program with the same file does it, and Alice's knows no key. */
static void
protect_elsewhere (void)
{
  EsTrust *other = es_trust_new (alice->path);

  protect_by (other, ES_PROTECTION_PASSPHRASE);
  es_trust_free (other);
}

/* As after a restart: Alice's program knows no key. */
static gboolean
unlock (const char *passphrase, GError **error)
{
  g_autoptr (EsSecret) secret = es_passphrase_new (passphrase);

  return es_trust_unlock_with (alice->trust, secret, error);
}

static void
unlock_and_go_on (void)
{
  ck_assert (unlock ("correct horse", NULL));
  es_manager_store_changed (alice->manager);
  world_run (world);
}

static void
write_secret (void)
{
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "a secret");
  world_run (world);
}

static void
assert_nothing_leaves (void)
{
  guint stanzas = world_count (world, ALICE "/pda", "my_nonce");

  world_wait (world, 120);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_uint_eq (world_count (world, ALICE "/pda", "my_nonce"), stanzas);
  ck_assert_uint_eq (world_count (world, NULL, "<mac>"), 0);
  ck_assert_uint_eq (alice->returned->len, 0);
}

START_TEST (locked__passphrase__is_told_once_and_what_waits_goes_on)
{
  g_autoptr (GError) error = NULL;

  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  write_secret ();
  assert_nothing_leaves ();
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_STORE_SEALED));

  /* Another passphrase changes nothing. */
  ck_assert (!unlock ("correct horse ", &error));
  ck_assert_int_eq (error->code, ES_ERROR_STORE_SEALED);
  es_manager_store_changed (alice->manager);
  assert_nothing_leaves ();
  ck_assert_uint_eq (alice->warnings->len, 1);

  unlock_and_go_on ();
  ck_assert_str_eq (texts (bob->shown), "a secret");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* Who was verified is so again, and was never written to in the clear meanwhile. */
/* What was looked up while there was nobody to tell is told as soon as there is. */
START_TEST (locked__passphrase__is_told_who_writes_at_once)
{
  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  world_inject (world, BOB "/laptop", ALICE "/pda", "<iq type='get' id='1'><query xmlns='urn:x'/></iq>");
  world_run (world);
  ck_assert_uint_eq (alice->warnings->len, 0);
  endpoint_type (alice, BOB, "a secret");
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_STORE_SEALED));
  assert_nothing_leaves ();
}
END_TEST

START_TEST (locked__verified__is_recognised_after_it)
{
  EsConversation what;
  g_autofree char *code = NULL;

  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  write_secret ();
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  protect (ES_PROTECTION_PASSPHRASE);
  world_run (world);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "another");
  world_wait (world, 60);
  ck_assert_str_eq (texts (bob->shown), "a secret");
  unlock_and_go_on ();
  ck_assert_str_eq (texts (bob->shown), "a secret|another");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

/* Most often it answers before anybody looks. */
START_TEST (locked__keyring__that_answers_is_not_spoken_of)
{
  g_autoptr (EsSecret) key = keyring_key ();

  protect (ES_PROTECTION_KEYRING);
  endpoint_kill_program (alice);
  es_trust_set_asking (alice->trust, TRUE);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  write_secret ();
  assert_nothing_leaves ();
  ck_assert_uint_eq (alice->warnings->len, 0);
  ck_assert (es_trust_unlock (alice->trust, key, NULL));
  es_manager_store_changed (alice->manager);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret");
  ck_assert_uint_eq (alice->warnings->len, 0);
}
END_TEST

START_TEST (locked__keyring__that_has_no_key_is_told)
{
  g_autoptr (EsSecret) key = keyring_key ();

  protect (ES_PROTECTION_KEYRING);
  endpoint_kill_program (alice);
  es_trust_set_asking (alice->trust, TRUE);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  write_secret ();
  ck_assert_uint_eq (alice->warnings->len, 0);
  es_trust_set_asking (alice->trust, FALSE);
  es_manager_store_changed (alice->manager);
  assert_nothing_leaves ();
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_STORE_KEYRING));
  ck_assert (es_trust_unlock (alice->trust, key, NULL));
  es_manager_store_changed (alice->manager);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret");
}
END_TEST

/* Bob's request finds it locked: after it Alice asks, unless she never wants to. */
START_TEST (locked__request__is_made_up_for)
{
  gboolean never = _i == 1;

  if (never)
    ck_assert (es_trust_set_policy (alice->trust, es_at (ALICE), es_at (BOB), ES_POLICY_NEVER, NULL));
  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_uint_eq (world_count (world, ALICE "/pda", "service-unavailable"), 1);
  ck_assert_uint_eq (world_count (world, ALICE "/pda", "my_nonce"), 0);
  unlock_and_go_on ();
  ck_assert_int_eq (endpoint_state (alice, BOB), never ? ES_STATE_PLAIN : ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (world_count (world, ALICE "/pda", "my_nonce") > 0, !never);
}
END_TEST

/* Whom encryption does not reach gets what waits unencrypted, as ever, but only when it is known that this is right. */
START_TEST (locked__plain__goes_out_after_it_only)
{
  bob->supports = FALSE;
  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  write_secret ();
  assert_nothing_leaves ();
  unlock_and_go_on ();
  ck_assert_str_eq (texts (bob->shown), "a secret");
}
END_TEST

/* Start says why it does not, each time, and is not forgotten. */
/* The user ends encryption where nothing leaves without it, and writes: that is promised to be sent, and begins it again; locked
 * meanwhile (0), or not. */
/* What was written while nobody could know that nothing was to leave in the clear (0: the user chose so; 1: who is verified) does not do so
 * because another program has changed that since. */
START_TEST (locked__written__is_guarded_once_that_is_known)
{
  g_autoptr (EsTrust) other = NULL;
  g_autoptr (EsSecret) secret = es_passphrase_new ("correct horse");

  if (_i == 0)
    ck_assert (es_trust_set_policy (alice->trust, es_at (ALICE), es_at (BOB), ES_POLICY_ALWAYS, NULL));
  else
    {
      endpoint_sign_on (alice);
      endpoint_sign_on (bob);
      es_manager_opened (alice->manager, es_at (BOB));
      world_run (world);
      es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
      endpoint_sign_off (bob);
    }
  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  write_secret ();
  unlock_and_go_on ();
  other = es_trust_new (alice->path);
  ck_assert (es_trust_unlock_with (other, secret, NULL));
  ck_assert (es_trust_set_policy (other, es_at (ALICE), es_at (BOB), ES_POLICY_NEVER, NULL));
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 120);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* What an earlier life of the program has left is there again, though what was written while the list was locked has taken its room. */
START_TEST (locked__full__loses_nothing)
{
  EsConversation what;

  alice->policy = ES_POLICY_ALWAYS;
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  for (guint i = 0; i < ES_LIMIT_WAITING; i++)
    endpoint_type (alice, BOB, i == 0 ? "the oldest" : "older");
  world_wait (world, 5);
  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  write_secret ();
  unlock_and_go_on ();
  what = endpoint_look (alice, BOB);
  ck_assert_uint_eq (what.waiting, ES_LIMIT_WAITING + 1);
  endpoint_type (alice, BOB, "one too many");
  ck_assert_str_eq (texts (alice->returned), "one too many");
  ck_assert (es_has_text (alice->warnings, es_said (ES_NOTICE_UNSENT_FULL)));
}
END_TEST

START_TEST (locked__ended__and_written_all_the_same_goes_on)
{
  endpoint_sign_on (bob);
  if (_i == 0)
    {
      protect (ES_PROTECTION_PASSPHRASE);
      endpoint_kill_program (alice);
      endpoint_sign_on (alice);
    }
  else
    {
      endpoint_sign_on (alice);
      ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
    }
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  write_secret ();
  if (_i == 0)
    {
      assert_nothing_leaves ();
      unlock_and_go_on ();
    }
  ck_assert_str_eq (texts (bob->shown), "a secret");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

START_TEST (locked__start__waits_as_well)
{
  protect (ES_PROTECTION_PASSPHRASE);
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_start (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  assert_nothing_leaves ();
  ck_assert_uint_ge (alice->warnings->len, 2);
  ck_assert_str_eq (alice->warnings->pdata[1], es_said_of (ES_ERROR_STORE_SEALED));
  unlock_and_go_on ();
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* As soon as so many stanzas of a negotiation, or of what was encrypted afterwards, have passed. */
static gboolean
lock_later (World *of, Letter *letter, gpointer data)
{
  guint *left = data;

  if (*left > 0 && (strstr (letter->text, ES_NS_FEATURE) != NULL || strstr (letter->text, ES_NS_CRYPT) != NULL)
      && --*left == 0)
    protect_elsewhere ();
  return TRUE;
}

/* Before anything is said (0), or at any step of the negotiation; and whoever asks first, Alice (even) or Bob. */
START_TEST (locked__by_another_program__what_was_promised_waits)
{
  guint left = (guint) _i / 2;
  Endpoint *first = _i % 2 == 0 ? alice : bob;

  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  if (first == bob)
    es_manager_closed (alice->manager, es_at (BOB));
  world_run (world);
  if (left == 0)
    protect_elsewhere ();
  world->tap = lock_later;
  world->tap_data = &left;
  endpoint_sign_on (bob);
  if (first == bob)
    es_manager_opened (bob->manager, es_at (ALICE));
  endpoint_type (alice, BOB, "a secret");
  world_wait (world, 1);
  endpoint_type (alice, BOB, "another");
  world_wait (world, 120);
  ck_assert_msg (alice->returned->len == 0, "%s", texts (alice->notices));
  unlock_and_go_on ();
  world_wait (world, 120);
  ck_assert_str_eq (texts (bob->shown), "a secret|another");
  ck_assert_uint_eq (alice->returned->len, 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* While something waits of which it was told that it will be sent: what is written after that is in memory only. Where the user was told
 * so of all that is written there, that is told once. */
START_TEST (locked__by_another_program__is_told_though_something_waits)
{
  guint n = 0;

  alice->policy = ES_POLICY_ALWAYS;
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  if (_i == 0)
    endpoint_type (alice, BOB, "a secret");
  world_wait (world, 2);
  protect_elsewhere ();
  endpoint_type (alice, BOB, "another");
  world_wait (world, 20);
  for (guint i = 0; i < alice->notices->len; i++)
    n += strcmp (alice->notices->pdata[i], es_said (ES_NOTICE_UNSAVED)) == 0 ? 1 : 0;
  ck_assert_uint_eq (n, _i == 0 ? 1 : 0);
  ck_assert (es_has_text (alice->notices, es_said (ES_NOTICE_WAITS_FOR_STORE)) == (_i == 1));
  unlock_and_go_on ();
  world_wait (world, 2);
  endpoint_kill (alice);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert_uint_eq (endpoint_look (alice, BOB).waiting, _i == 0 ? 2 : 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("locked");
  TCase *tcase = tcase_create ("locked");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, locked__passphrase__is_told_once_and_what_waits_goes_on);
  tcase_add_test (tcase, locked__passphrase__is_told_who_writes_at_once);
  tcase_add_test (tcase, locked__verified__is_recognised_after_it);
  tcase_add_test (tcase, locked__keyring__that_answers_is_not_spoken_of);
  tcase_add_test (tcase, locked__keyring__that_has_no_key_is_told);
  tcase_add_loop_test (tcase, locked__request__is_made_up_for, 0, 2);
  tcase_add_test (tcase, locked__plain__goes_out_after_it_only);
  tcase_add_loop_test (tcase, locked__written__is_guarded_once_that_is_known, 0, 2);
  tcase_add_test (tcase, locked__full__loses_nothing);
  tcase_add_loop_test (tcase, locked__ended__and_written_all_the_same_goes_on, 0, 2);
  tcase_add_test (tcase, locked__start__waits_as_well);
  tcase_add_loop_test (tcase, locked__by_another_program__what_was_promised_waits, 0, 14);
  tcase_add_loop_test (tcase, locked__by_another_program__is_told_though_something_waits, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
