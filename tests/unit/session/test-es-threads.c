/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A thread stands outside the encryption, and whoever asks chooses it: that of a session which is over, none at all, or one for all. What
 * was said and begun in one session is nothing of another one's for that. */
#include "es-forge.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define IBB "http://jabber.org/protocol/ibb"
#define STREAM "<open xmlns='" IBB "' sid='purple0' block-size='4096'/>"
#define REST "<data xmlns='" IBB "' sid='purple0' seq='1'>UkVTVA==</data>"

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
meet_verified (void)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_verify (alice->manager, es_at (BOB), endpoint_look (alice, BOB).code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), endpoint_look (bob, ALICE).code, TRUE);
  world_wait (world, 5);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}

/* Bob's client gets nothing. */
static gboolean
lose_to_bob (World *of, Letter *letter, gpointer data)
{
  return strcmp (letter->to, bob->jid) != 0;
}

static gboolean
answer_as_bob (World *of, Letter *letter, gpointer data)
{
  return forger_tap (of, letter, forger);
}

static char *
current_thread (void)
{
  return forge_thread (world_last (world, alice->jid, "<c "));
}

/* The server ends the session on THREAD, and begins its own in the name of Bob's client on AGAIN, or on one of its own. */
static void
replace_session (const char *thread, const char *again)
{
  g_autofree char *error = forge_error (alice->jid, thread, ES_ERROR_UNSUPPORTED, NULL);

  world->tap = lose_to_bob;
  world_inject (world, bob->jid, alice->jid, error);
  world_wait (world, 15);
  forger = forger_new (world, bob->jid);
  world->tap = answer_as_bob;
  forger_ask (forger, alice->jid, again);
  world_wait (world, 2);
  ck_assert_ptr_nonnull (forger->channel);
}

static void
say (const char *content)
{
  g_clear_pointer (&forger->heard, es_xml_free);
  forger_send (forger, content);
  world_run (world);
}

/* Bob is there again, and nobody is in between. */
static void
bring_bob_back (void)
{
  world->tap = NULL;
  es_manager_set_presence (alice->manager, es_at (bob->jid), FALSE, 0, NULL);
  es_manager_set_presence (alice->manager, es_at (bob->jid), TRUE, 0, "can2");
  world_wait (world, 20);
  endpoint_type (alice, BOB, "and bring the map");
  world_wait (world, 300);
  ck_assert_str_eq (texts (bob->shown), "meet me at noon|and bring the map");
}

START_TEST (threads__again__a_text_is_not_taken_for_arrived)
{
  g_autofree char *thread = NULL;

  meet_verified ();
  world->tap = lose_to_bob;
  endpoint_type (alice, BOB, "meet me at noon");
  world_run (world);
  thread = current_thread ();
  replace_session (thread, thread);
  say ("<body>hi</body>");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  bring_bob_back ();
}
END_TEST

/* What was sent in an earlier life of the program was sent in no session of this one. */
START_TEST (threads__empty__a_text_is_not_taken_for_arrived)
{
  meet_verified ();
  world->tap = lose_to_bob;
  endpoint_type (alice, BOB, "meet me at noon");
  world_wait (world, 2);
  endpoint_kill_program (alice);
  endpoint_kill (bob);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 15);
  forger = forger_new (world, bob->jid);
  world->tap = answer_as_bob;
  forger_ask (forger, alice->jid, "");
  world_wait (world, 2);
  ck_assert_ptr_nonnull (forger->channel);
  say ("<body>hi</body>");
  ck_assert_uint_eq (endpoint_look (alice, BOB).unconfirmed, 1);
  endpoint_sign_on (bob);
  bring_bob_back ();
}
END_TEST

static gboolean
lose_to_forger (World *of, Letter *letter, gpointer data)
{
  return strcmp (letter->to, forger->jid) != 0;
}

/* Nobody is hostile: another program has one thread for all of a chat, as XEP-0201 has it, and knows no receipts. */
START_TEST (threads__one_for_all__a_text_goes_again)
{
  forger = forger_new (world, BOB "/other-program");
  world->tap = answer_as_bob;
  es_manager_set_presence (alice->manager, es_at (forger->jid), TRUE, 0, "can");
  forger_ask (forger, alice->jid, "our-chat");
  world_wait (world, 2);
  say ("<body>hi</body>");
  world_wait (world, 2);
  world->tap = lose_to_forger;
  endpoint_type (alice, BOB, "meet me at noon");
  world_wait (world, 15);
  es_manager_set_presence (alice->manager, es_at (forger->jid), FALSE, 0, NULL);
  world_wait (world, 20);
  world->tap = answer_as_bob;
  g_clear_pointer (&forger->heard, es_xml_free);
  forger_ask (forger, alice->jid, "our-chat");
  es_manager_set_presence (alice->manager, es_at (forger->jid), TRUE, 0, "can");
  world_wait (world, 12);
  ck_assert_ptr_nonnull (forger->heard);
  ck_assert_ptr_nonnull (es_xml_child (forger->heard, "body", NULL));
}
END_TEST

/* Content of an iq of the forger's. */
static void
say_iq (const char *id, const char *content)
{
  g_autofree char *stanza = g_strdup_printf ("<iq to='" ALICE "/pda' type='set' id='%s'/>", id);
  g_autofree char *inside = forge_envelope (stanza, content), *c = NULL, *iq = NULL;
  g_autoptr (EsXml) xml = es_channel_encrypt (forger->channel, inside, FALSE, NULL);

  c = es_xml_to_string (xml, ES_NS_CLIENT);
  iq = g_strdup_printf ("<iq to='" ALICE "/pda' type='set' id='%s'>%s</iq>", id, c);
  world_inject (world, forger->jid, alice->jid, iq);
  world_run (world);
}

/* Bob's device begins one. */
static void
begin_file (void)
{
  endpoint_type (bob, ALICE, "hello");
  world_run (world);
  endpoint_send_raw (bob, "<iq to='" ALICE "/pda' type='set' id='purple1'>" STREAM "</iq>");
  world_run (world);
  ck_assert_ptr_nonnull (strstr (texts (alice->others), "purple0"));
}

/* 0: on the same thread; 1: on another one, after as many files of its own as we know of. */
START_TEST (threads__again__nobody_goes_on_with_a_file)
{
  g_autofree char *thread = NULL;

  meet_verified ();
  begin_file ();
  thread = forge_thread (world_last (world, bob->jid, "<c "));
  replace_session (thread, _i == 0 ? thread : NULL);
  say ("");
  for (guint i = 0; _i == 1 && i < ES_LIMIT_REQUESTS; i++)
    {
      g_autofree char *id = g_strdup_printf ("f%u", i);
      g_autofree char *open = g_strdup_printf ("<open xmlns='" IBB "' sid='s%u' block-size='4096'/>", i);

      say_iq (id, open);
    }
  g_ptr_array_set_size (alice->others, 0);
  say_iq ("last", REST);
  ck_assert_ptr_null (strstr (texts (alice->others), "UkVTVA=="));
}
END_TEST

/* Nor does one that we send go on with whom the user writes to all the same. */
START_TEST (threads__again__nobody_gets_the_rest_of_a_file)
{
  g_autofree char *thread = NULL;

  meet_verified ();
  endpoint_type (bob, ALICE, "hello");
  world_run (world);
  thread = forge_thread (world_last (world, bob->jid, "<c "));
  endpoint_send_raw (alice, "<iq to='" BOB "/laptop' type='set' id='p1'>" STREAM "</iq>");
  world_run (world);
  replace_session (thread, _i == 0 ? thread : NULL);
  say ("");
  es_manager_write_anyway (alice->manager, es_at (BOB));
  g_clear_pointer (&forger->heard, es_xml_free);
  endpoint_send_raw (alice, "<iq to='" BOB "/laptop' type='set' id='p2'>" REST "</iq>");
  world_run (world);
  ck_assert_ptr_null (forger->heard);
}
END_TEST

/* Files come and go as often as people like. */
START_TEST (threads__files__end_and_others_begin)
{
  meet_verified ();
  for (guint i = 0; i < ES_LIMIT_REQUESTS + 10; i++)
    {
      g_autofree char *open = g_strdup_printf (
          "<iq to='" ALICE "/pda' type='set' id='o%u'><open xmlns='" IBB "' sid='s%u' block-size='4096'/></iq>", i, i);
      g_autofree char *end = g_strdup_printf (
          "<iq to='" ALICE "/pda' type='set' id='c%u'><close xmlns='" IBB "' sid='s%u'/></iq>", i, i);

      endpoint_send_raw (bob, open);
      if (_i == 1)
        endpoint_send_raw (bob, end);
      world_run (world);
    }
  ck_assert_ptr_nonnull (strstr (texts (alice->others), "s265"));
}
END_TEST

/* A server that calls all sessions of Bob's by one name towards Alice. */
static char *his;
static gboolean drops, asks_may_pass;

static gboolean
rename_threads (World *of, Letter *letter, gpointer data)
{
  g_autofree char *old = strstr (letter->text, "<thread>") != NULL ? forge_thread (letter->text) : NULL;
  gboolean to_alice = strcmp (letter->to, alice->jid) == 0, asks = strstr (letter->text, "dhhashes") != NULL;
  g_auto (GStrv) parts = NULL;

  if (strcmp (letter->from, alice->jid) == 0
      && ((drops && strstr (letter->text, "<c ") != NULL) || (asks && !asks_may_pass)))
    return FALSE;
  if (old == NULL)
    return TRUE;
  if (to_alice && asks)
    {
      g_free (his);
      his = g_strdup (old);
    }
  if (his == NULL || strcmp (old, to_alice ? his : "one-name") != 0)
    return TRUE;
  parts = g_strsplit (letter->text, old, -1);
  g_free (letter->text);
  letter->text = g_strjoinv (to_alice ? "one-name" : his, parts);
  return TRUE;
}

START_TEST (threads__one_name__order_is_kept)
{
  g_autofree char *error = forge_error (alice->jid, "one-name", ES_ERROR_UNSUPPORTED, NULL);

  drops = asks_may_pass = FALSE;
  meet_verified ();
  world->tap = rename_threads;
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  es_manager_start (bob->manager, es_at (ALICE));
  world_wait (world, 3);
  drops = TRUE;
  endpoint_type (alice, BOB, "one");
  world_run (world);
  drops = FALSE;
  world_inject (world, bob->jid, alice->jid, error);
  world_run (world);
  es_manager_end (bob->manager, es_at (ALICE));
  world_wait (world, 12);
  es_manager_start (bob->manager, es_at (ALICE));
  world_wait (world, 3);
  endpoint_type (alice, BOB, "two");
  world_wait (world, 3);
  asks_may_pass = TRUE;
  world_wait (world, 200);
  ck_assert_str_eq (texts (bob->shown), "one|two");
  g_clear_pointer (&his, g_free);
}
END_TEST

static guint
count_told (void)
{
  guint n = 0;

  for (guint i = 0; i < alice->warnings->len; i++)
    n += strcmp (alice->warnings->pdata[i], es_said (ES_NOTICE_PLAIN_RETURNED)) == 0 ? 1 : 0;
  return n;
}

/* What left unencrypted, because the user wanted that, and comes back from a server is told of: once, and no word that the error has in
 * it is shown. 0: it waited; 1: the verified contact is written to unencrypted; 2: the error comes when it is encrypted again. */
START_TEST (threads__plain__that_comes_back_is_told_of)
{
  static const char error[]
      = "<message to='" ALICE "/pda' type='error' id='m1'><body>forged</body><error type='cancel'>"
        "<service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>";

  if (_i == 1)
    meet_verified ();
  else
    {
      endpoint_sign_on (bob);
      es_manager_opened (alice->manager, es_at (BOB));
      world_run (world);
    }
  if (_i != 0)
    es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_sign_off (bob);
  world_wait (world, 15);
  endpoint_send_raw (alice, "<message to='" BOB "' type='chat' id='m1'><body>important</body></message>");
  if (_i == 0)
    es_manager_send_plain (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "important"), 1);
  if (_i == 2)
    {
      endpoint_sign_on (bob);
      es_manager_start (alice->manager, es_at (BOB));
      world_wait (world, 5);
      ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
    }
  for (guint i = 0; i < 2; i++)
    world_inject (world, BOB, alice->jid, error);
  world_run (world);
  ck_assert_uint_eq (count_told (), 1);
  ck_assert (!es_has_text (alice->shown, "forged"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("threads");
  TCase *tcase = tcase_create ("threads");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, threads__again__a_text_is_not_taken_for_arrived);
  tcase_add_test (tcase, threads__empty__a_text_is_not_taken_for_arrived);
  tcase_add_test (tcase, threads__one_for_all__a_text_goes_again);
  tcase_add_loop_test (tcase, threads__again__nobody_goes_on_with_a_file, 0, 2);
  tcase_add_loop_test (tcase, threads__again__nobody_gets_the_rest_of_a_file, 0, 2);
  tcase_add_loop_test (tcase, threads__files__end_and_others_begin, 0, 2);
  tcase_add_test (tcase, threads__one_name__order_is_kept);
  tcase_add_loop_test (tcase, threads__plain__that_comes_back_is_told_of, 0, 3);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
