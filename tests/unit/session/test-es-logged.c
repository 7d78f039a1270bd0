/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who reads the log of a conversation learns what happened in it, and nothing of what was said, nor by whom, nor with which secrets.
 * That no line names anybody is looked for in all worlds: es-world.c. */
#include "es-world.h"

#include "es-life.h"
#include "es-passphrase.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define PASSWORD "xylophone on the roof"
#define GUESS "zeppelin in the cellar"
#define PASSPHRASE "quokkas jump twelve"
#define FILE_NAME "wedding-in-paris.jpg"

static World *world;
static Endpoint *alice, *bob;
static GPtrArray *secrets;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda-of-alice");
  bob = world_add (world, BOB "/laptop-of-bob");
  secrets = g_ptr_array_new_with_free_func (g_free);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
  g_clear_pointer (&secrets, g_ptr_array_unref);
}

static void
keep_secret (const char *text)
{
  ck_assert_uint_ge (strlen (text), 3);
  g_ptr_array_add (secrets, g_strdup (text));
}

static void
type (Endpoint *endpoint, const char *text)
{
  keep_secret (text);
  endpoint_type (endpoint, endpoint == alice ? BOB : ALICE, text);
  world_run (world);
}

/* The code of the session that there is now, the world's until it changes. */
static const char *
code (void)
{
  EsConversation what;

  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_ptr_nonnull (what.code);
  keep_secret (what.code);
  return secrets->pdata[secrets->len - 1];
}

static void
give (Endpoint *endpoint, const char *word)
{
  keep_secret (word);
  es_manager_password (endpoint->manager, es_at (endpoint == alice ? BOB : ALICE), word, NULL);
  world_run (world);
}

static gboolean
spoil (World *of, Letter *letter, gpointer data)
{
  char *mac = strstr (letter->text, "<mac>");

  if (mac != NULL && strcmp (letter->from, data) == 0)
    {
      mac[5] = mac[5] == 'A' ? 'B' : 'A';
      of->tap = NULL;
    }
  return TRUE;
}

static gboolean
has_line (const Endpoint *endpoint, const char *expression)
{
  for (guint i = 0; i < endpoint->log->len; i++)
    if (g_regex_match_simple (expression, endpoint->log->pdata[i], 0, 0))
      return TRUE;
  return FALSE;
}

static void
assert_logged (const Endpoint *endpoint, const char *expression)
{
  ck_assert_msg (has_line (endpoint, expression), "%s is not in: %s", expression, texts (endpoint->log));
}

/* Keys, nonces and what is encrypted are long and of one piece, whoever writes them down. */
static void
assert_nothing_is_known (const Endpoint *endpoint)
{
  static const char *const names[] = { "alice", "bob", "example", "pda", "laptop", FILE_NAME, "esession-world" };

  ck_assert_uint_gt (endpoint->log->len, 5);
  for (guint i = 0; i < endpoint->log->len; i++)
    {
      const char *line = endpoint->log->pdata[i];
      g_autofree char *lower = g_ascii_strdown (line, -1);

      for (guint j = 0; j < secrets->len; j++)
        ck_assert_msg (strstr (line, secrets->pdata[j]) == NULL, "%s", line);
      for (gsize j = 0; j < G_N_ELEMENTS (names); j++)
        ck_assert_msg (strstr (lower, names[j]) == NULL, "%s", line);
      ck_assert_msg (!g_regex_match_simple ("[A-Za-z0-9+/=]{20}", line, 0, 0), "%s", line);
    }
}

static void
meet (void)
{
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  type (alice, "first words, which wait");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

START_TEST (logged__conversation__tells_what_happened)
{
  meet ();
  type (bob, "an answer & more");
  es_manager_verify (alice->manager, es_at (BOB), code (), TRUE);
  give (alice, PASSWORD);
  give (bob, PASSWORD);
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);

  assert_logged (alice, "^session info ~[0-9a-f]{6}: plain, begun: starting$");
  assert_logged (alice, "^negotiation info ~[0-9a-f]{6}/[0-9a-f]{4}: we ask$");
  assert_logged (bob, "^negotiation info ~[0-9a-f]{6}/[0-9a-f]{4}: the other side asks$");
  assert_logged (alice, "^negotiation info .*: agreed: verified 0, on a secret 0, proven 1, log 1$");
  assert_logged (alice, "^session info .*: starting, unverified: encrypted$");
  assert_logged (alice, "^delivery info .*: a text waits, of 1$");
  assert_logged (alice, "^delivery info .*: what waited goes out: 1 before, 0 now$");
  assert_logged (alice, "^session info .*: encrypted, verified: verified$");
  assert_logged (bob, "^verification info .*: the user is told: password-asked$");
  assert_logged (bob, "^verification info .*: the user is told: password-equal$");
  assert_logged (bob, "^session info .*: verified, peer-ended: ended$");
  assert_nothing_is_known (alice);
  assert_nothing_is_known (bob);
}
END_TEST

START_TEST (logged__failures__name_the_error)
{
  meet ();
  give (alice, PASSWORD);
  give (bob, GUESS);
  world->tap = spoil;
  world->tap_data = bob->jid;
  type (bob, "words that are changed on the way");
  world_wait (world, 5);
  ck_assert_ptr_null (world->tap);
  es_manager_verify (alice->manager, es_at (BOB), code (), FALSE);
  world_run (world);
  type (alice, "words that are given back");

  assert_logged (bob, "^verification warning .*: the user is told: password-differs$");
  assert_logged (alice, "^session warning ~[0-9a-f]{6}/[0-9a-f]{4}: a message was not decrypted: check$");
  assert_logged (alice, "^session warning .*: session lost: current 1, young 1$");
  assert_logged (alice, "^session info .*: encrypted, differ: ended$");
  assert_logged (alice, "^delivery warning .*: the user is told: unsent-ended$");
  assert_nothing_is_known (alice);
  assert_nothing_is_known (bob);
}
END_TEST

static void
protect (void)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new (PASSPHRASE);
  EsProtection protection;

  keep_secret (PASSPHRASE);
  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  protection.cost = MIN (protection.cost, ES_QUICK_COST);
  ck_assert (es_trust_protect (alice->trust, &protection, passphrase, NULL));
}

START_TEST (logged__locked_store__says_so)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new (PASSPHRASE);

  meet ();
  protect ();
  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  type (alice, "words for behind the lock");
  ck_assert (es_trust_unlock_with (alice->trust, passphrase, NULL));
  es_manager_store_changed (alice->manager);
  world_run (world);

  assert_logged (alice, "^store detail .*: what is remembered cannot be read: store-sealed$");
  assert_logged (alice, "^delivery info .*: the user is told: waits-for-store$");
  assert_logged (alice, "^store detail .*: read: verified 0, differed 0, policy -1$");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  assert_nothing_is_known (alice);
  assert_nothing_is_known (bob);
}
END_TEST

START_TEST (logged__file__has_no_name)
{
  bob->supports = FALSE;
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  type (alice, "words before a file");
  endpoint_send_raw (
      alice, "<iq type='set' id='offer' to='" BOB "/laptop-of-bob'><si xmlns='http://jabber.org/protocol/si' "
             "id='s1' profile='http://jabber.org/protocol/si/profile/file-transfer'><file "
             "xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='" FILE_NAME "' size='7'/></si></iq>");
  world_run (world);
  ck_assert_ptr_null (world_last (world, NULL, FILE_NAME));

  assert_logged (alice, "^files warning ~[0-9a-f]{6}: the user is told: file-");
  assert_logged (alice, "^session info ~[0-9a-f]{6}: policy 3$");
  assert_nothing_is_known (alice);
}
END_TEST

/* Names that are alike, or none at all, would be of no use. */
START_TEST (logged__names__are_of_one_thing)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (int i = 0; i < ES_N_NOTICES; i++)
    ck_assert (g_hash_table_add (names, (gpointer) es_notice_name (i)));
  ck_assert_uint_eq (g_hash_table_size (names), ES_N_NOTICES);
  g_hash_table_remove_all (names);
  for (int i = 0; i < ES_N_STATES; i++)
    ck_assert (g_hash_table_add (names, (gpointer) es_state_name (i)));
  g_hash_table_remove_all (names);
  for (int i = 0; i < ES_N_EVENTS; i++)
    ck_assert (g_hash_table_add (names, (gpointer) es_event_name (i)));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("logged");
  TCase *tcase = tcase_create ("logged");

  tcase_set_timeout (tcase, 60);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, logged__conversation__tells_what_happened);
  tcase_add_test (tcase, logged__failures__name_the_error);
  tcase_add_test (tcase, logged__locked_store__says_so);
  tcase_add_test (tcase, logged__file__has_no_name);
  tcase_add_test (tcase, logged__names__are_of_one_thing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
