/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can happen to encrypted stanzas on their way, and what can be put beside them. */
#include "es-forge.h"

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

static const char *
interrupted (void)
{
  return es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_LOST)->notice);
}

/* Alice and Bob have a session. */
static void
meet_bob (void)
{
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->notices->len, 1);
}

static char *
thread_of_alice (void)
{
  return forge_thread (world_last (world, alice->jid, "dhhashes"));
}

static char *
code_of (Endpoint *endpoint, const char *contact)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact), &what);
  return g_strdup (what.code);
}

static void
assert_passes (Endpoint *from, const char *contact, Endpoint *to, const char *text)
{
  g_ptr_array_set_size (to->shown, 0);
  endpoint_type (from, contact, text);
  world_run (world);
  ck_assert_str_eq (texts (to->shown), text);
  ck_assert_ptr_null (strstr (world->wire->str, text));
}

/* The session broke, both were told once, and there is another one by now. */
static void
assert_began_again (const char *old_code)
{
  g_autofree char *here = code_of (alice, BOB), *there = code_of (bob, ALICE);

  ck_assert (es_has_text (alice->notices, interrupted ()));
  ck_assert (es_has_text (bob->notices, interrupted ()));
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (here, there);
  ck_assert_str_ne (here, old_code);
  assert_passes (alice, BOB, bob, "secret again");
  assert_passes (bob, ALICE, alice, "secret answer");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}

/* Changed on their way */

typedef enum
{
  CHANGE_MAC,
  CHANGE_DATA,
  DROP_MAC,
  DROP_DATA,
  ADD_NEW,
  ADD_KEY,
  ADD_OLD,
  ADD_UNKNOWN,
  ADD_ATTRIBUTE,
  DOUBLE_DATA,
  BAD_BASE64,
  EMPTY,
  N_CHANGES
} Change;

static void
change_child (EsXml *c, const char *name, const char *text, gboolean again)
{
  for (guint i = es_xml_children (c)->len; !again && i-- > 0;)
    if (es_xml_is (es_xml_children (c)->pdata[i], name, NULL))
      es_xml_free (es_xml_steal (c, i));
  if (text != NULL)
    es_xml_append_new (c, name, text);
}

static void
change_encrypted (EsXml *c, Change change)
{
  static const char mac[] = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
  static const struct
  {
    const char *name;
    const char *text;
    gboolean again;
  } changes[N_CHANGES] = {
    [CHANGE_MAC] = { "mac", mac, FALSE },     [CHANGE_DATA] = { "data", "AAAA", FALSE },
    [DROP_MAC] = { "mac", NULL, FALSE },      [DROP_DATA] = { "data", NULL, FALSE },
    [ADD_NEW] = { "new", "1", TRUE },         [ADD_KEY] = { "key", mac, TRUE },
    [ADD_OLD] = { "old", mac, TRUE },         [ADD_UNKNOWN] = { "hello", "AAAA", TRUE },
    [DOUBLE_DATA] = { "data", "AAAA", TRUE }, [BAD_BASE64] = { "data", "A", FALSE },
  };

  if (change == ADD_ATTRIBUTE)
    es_xml_set_attribute (es_xml_children (c)->pdata[0], "a", "1");
  while (change == EMPTY && es_xml_children (c)->len > 0)
    es_xml_free (es_xml_steal (c, 0));
  if (changes[change].name != NULL)
    change_child (c, changes[change].name, changes[change].text, changes[change].again);
}

static gboolean
tap_change (World *w, Letter *letter, gpointer data)
{
  g_autoptr (EsXml) stanza = NULL;

  if (strstr (letter->text, "<data>") == NULL)
    return TRUE;
  w->tap = NULL;
  stanza = forge_parse (letter->text);
  change_encrypted ((EsXml *) es_xml_child (stanza, "c", NULL), GPOINTER_TO_UINT (data));
  g_free (letter->text);
  letter->text = es_xml_to_string (stanza, ES_NS_CLIENT);
  return TRUE;
}

START_TEST (stanzas__changed__end_the_session_and_begin_another)
{
  g_autofree char *code = NULL, *thread = NULL, *expected = NULL;

  meet_bob ();
  code = code_of (alice, BOB);
  thread = thread_of_alice ();
  world->tap = tap_change;
  world->tap_data = GUINT_TO_POINTER (_i);
  endpoint_type (alice, BOB, "secret but changed");
  world_run (world);
  ck_assert_ptr_null (world->tap);

  expected = forge_error (alice->jid, thread, ES_ERROR_NO_SESSION, NULL);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  ck_assert_str_eq (world_last (world, bob->jid, "type=\"error\""), expected);
  ck_assert_str_eq (texts (bob->shown), "secret but changed");
  assert_began_again (code);
}
END_TEST

/* The same from the side that was asked: who has the conversation open begins again. */
START_TEST (stanzas__changed__in_the_other_direction_too)
{
  g_autofree char *code = NULL;

  meet_bob ();
  code = code_of (alice, BOB);
  world->tap = tap_change;
  world->tap_data = GUINT_TO_POINTER (CHANGE_MAC);
  endpoint_type (bob, ALICE, "secret but changed");
  world_run (world);
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 1);
  ck_assert_str_eq (texts (alice->shown), "secret but changed");
  assert_began_again (code);
}
END_TEST

/* Sent again, lost, swapped */

static gboolean
tap_repeat (World *w, Letter *letter, gpointer data)
{
  if (strstr (letter->text, "<mac>") != NULL)
    {
      w->tap = NULL;
      for (guint i = 0; i < 3; i++)
        world_inject (w, letter->from, letter->to, letter->text);
    }
  return TRUE;
}

START_TEST (stanzas__repeated__are_dropped)
{
  meet_bob ();
  for (guint i = 0; i < 3; i++)
    {
      world->tap = tap_repeat;
      assert_passes (i == 1 ? bob : alice, i == 1 ? ALICE : BOB, i == 1 ? alice : bob, "secret once");
      ck_assert_ptr_null (world->tap);
    }
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  ck_assert_uint_eq (alice->notices->len + bob->notices->len, 2);
}
END_TEST

/* One of a session that is over is of no session; the one that is there goes on. */
START_TEST (stanzas__repeated__from_an_old_session_harm_nothing)
{
  g_autofree char *old = NULL, *thread = NULL, *expected = NULL;

  meet_bob ();
  endpoint_type (alice, BOB, "secret once");
  world_run (world);
  old = g_strdup (world_last (world, alice->jid, "<data>"));
  thread = thread_of_alice ();
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  g_ptr_array_set_size (bob->shown, 0);
  g_ptr_array_set_size (bob->notices, 0);
  g_ptr_array_set_size (alice->notices, 0);

  world_inject (world, alice->jid, bob->jid, old);
  world_run (world);
  expected = forge_error (alice->jid, thread, ES_ERROR_NO_SESSION, NULL);
  ck_assert_str_eq (world_last (world, bob->jid, "type=\"error\""), expected);
  ck_assert_uint_eq (bob->shown->len, 0);
  assert_passes (alice, BOB, bob, "secret more");
  ck_assert_uint_eq (alice->notices->len + bob->notices->len, 0);
}
END_TEST

static gboolean
tap_lose (World *w, Letter *letter, gpointer data)
{
  if (strstr (letter->text, "<data>") == NULL)
    return TRUE;
  w->tap = NULL;
  return FALSE;
}

START_TEST (stanzas__lost__are_noticed_with_the_next)
{
  g_autofree char *code = NULL;

  meet_bob ();
  code = code_of (alice, BOB);
  world->tap = tap_lose;
  endpoint_type (alice, BOB, "secret one");
  world_run (world);
  ck_assert_ptr_null (world->tap);
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  assert_began_again (code);
}
END_TEST

static gboolean
tap_swap (World *w, Letter *letter, gpointer data)
{
  if (strstr (letter->text, "<data>") == NULL)
    return TRUE;
  w->tap = NULL;
  world_inject (w, letter->from, letter->to, letter->text);
  return FALSE;
}

START_TEST (stanzas__swapped__are_not_shown_in_the_wrong_order)
{
  g_autofree char *code = NULL;

  meet_bob ();
  code = code_of (alice, BOB);
  world->tap = tap_swap;
  endpoint_type (alice, BOB, "secret one");
  endpoint_type (alice, BOB, "secret two");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "secret one|secret two");
  assert_began_again (code);
}
END_TEST

/* Beside what is encrypted */

static gboolean
tap_beside (World *w, Letter *letter, gpointer data)
{
  char *end = strstr (letter->text, "</message>");

  if (strstr (letter->text, "<data>") != NULL && end != NULL)
    {
      char *text = g_strdup_printf ("%.*s%s</message>", (int) (end - letter->text), letter->text, (const char *) data);

      w->tap = NULL;
      g_free (letter->text);
      letter->text = text;
    }
  return TRUE;
}

static const char *const beside[] = {
  "<body>forged</body>",
  "<body xml:lang='de'>forged</body><subject>forged</subject>",
  "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>forged</body></html>",
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'><field "
  "var='FORM_TYPE'><value>urn:xmpp:ssn</value></field><field var='terminate'><value>1</value></field></x></feature>",
  "<c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c>",
};

START_TEST (stanzas__beside__is_thrown_away)
{
  meet_bob ();
  world->tap = tap_beside;
  world->tap_data = (gpointer) beside[_i];
  assert_passes (alice, BOB, bob, "secret one");
  ck_assert_ptr_null (world->tap);
  assert_passes (alice, BOB, bob, "secret two");
  ck_assert_uint_eq (world_count (world, NULL, "type=\"error\""), 0);
  ck_assert_uint_eq (bob->notices->len, 1);
}
END_TEST

/* In the clear */

static const char not_encrypted[] = "The next message was not encrypted: anyone may have read or written it.";

START_TEST (stanzas__plain__is_shown_and_marked)
{
  meet_bob ();
  for (guint i = 1; i <= 3; i++)
    {
      world_inject (world, i == 2 ? BOB "/phone" : bob->jid, alice->jid,
                    "<message type='chat'><body>x</body></message>");
      world_run (world);
      ck_assert_uint_eq (alice->shown->len, i);
      ck_assert_uint_eq (alice->warnings->len, i);
      ck_assert_str_eq (alice->warnings->pdata[i - 1], not_encrypted);
    }
  assert_passes (bob, ALICE, alice, "secret");
  ck_assert_uint_eq (alice->warnings->len, 3);
}
END_TEST

/* Somebody on the way makes us start again, and puts in a word before that has come to anything. */
START_TEST (stanzas__plain__is_marked_while_starting_again)
{
  g_autoptr (EsXml) stanza = NULL;

  meet_bob ();
  forger = forger_new (world, bob->jid);
  forger_ask (forger, alice->jid, "forged-thread");
  world_inject (world, bob->jid, alice->jid, "<message type='chat'><body>forged</body></message>");
  world->tap = tap_lose;
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "forged");
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), not_encrypted));

  /* And what is not to be shown is not to be seen. */
  stanza = forge_parse ("<message from='" BOB "/laptop' to='" ALICE "/pda'><composing "
                        "xmlns='http://jabber.org/protocol/chatstates'/></message>");
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (stanza, "from")), stanza),
                    ES_CONSUMED);
}
END_TEST

static const char *const notices[] = {
  "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
  "<active xmlns='http://jabber.org/protocol/chatstates'/><thread>x</thread>",
  "<received xmlns='urn:xmpp:receipts' id='1'/>",
  "<verified xmlns='esession:verify:0'/>",
  "",
};

START_TEST (stanzas__plain__without_text_is_dropped)
{
  g_autofree char *text
      = g_strdup_printf ("<message from='" BOB "/laptop' to='" ALICE "/pda'>%s</message>", notices[_i]);
  g_autoptr (EsXml) before = forge_parse (text), after = forge_parse (text);

  endpoint_sign_on (bob);
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (before, "from")), before), ES_PASS);
  meet_bob ();
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (after, "from")), after), ES_CONSUMED);
  ck_assert_uint_eq (alice->notices->len, 1);
}
END_TEST

/* Whatever people see is marked, not only text. */
static const char *const seen[] = {
  "<body>new</body>",
  "<subject>new</subject>",
  "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>new</body></html>",
  "<x xmlns='jabber:x:oob'><url>http://example.com/</url></x>",
  "<whatever xmlns='urn:example:new'/>",
};

START_TEST (stanzas__plain__whatever_is_seen_is_marked)
{
  g_autofree char *text = g_strdup_printf ("<message from='" BOB "/laptop' to='" ALICE "/pda'>%s</message>", seen[_i]);
  g_autofree char *bare = g_strdup_printf ("<message from='" BOB "' to='" ALICE "/pda'>%s</message>", seen[_i]);
  g_autoptr (EsXml) from_client = forge_parse (text), from_server = forge_parse (bare);

  meet_bob ();
  g_ptr_array_set_size (alice->warnings, 0);
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (BOB "/laptop"), from_client), ES_PASS);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (BOB), from_server), ES_PASS);
  ck_assert_uint_eq (alice->warnings->len, 2);
}
END_TEST

/* What is shown anywhere else than among the messages could not be marked there, and the mark would stand above somebody's next
 * message. */
static const struct
{
  const char *type, *inside;
} elsewhere[] = {
  { "headline", "<body>new</body>" },
  { "headline", "<subject>new</subject>" },
  { "headline",
    "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>new</body></html>" },
  { "chat", "<attention xmlns='urn:xmpp:attention:0'/>" },
  { "chat", "<body>new</body><attention xmlns='urn:xmpp:attention:0'/>" },
  { "chat", "<x xmlns='jabber:x:conference' jid='room@example.com'/>" },
  { "chat", "<body>new</body><x xmlns='jabber:x:conference' jid='room@example.com' reason='new'/>" },
  { "normal", "<x xmlns='http://jabber.org/protocol/muc#user'><invite from='" BOB "'/></x>" },
  { "normal",
    "<x xmlns='http://jabber.org/protocol/muc#user'><invite><reason>new</reason></invite></x><body>new</body>" },
  { "chat", "<body>new</body><event xmlns='http://jabber.org/protocol/pubsub#event'><items node='x'/></event>" },
};

START_TEST (stanzas__plain__shown_elsewhere_is_dropped)
{
  static const char *const from[] = { BOB "/laptop", BOB };

  for (gsize i = 0; i < G_N_ELEMENTS (from); i++)
    {
      g_autofree char *text = g_strdup_printf ("<message from='%s' to='" ALICE "/pda' type='%s'>%s</message>", from[i],
                                               elsewhere[_i].type, elsewhere[_i].inside);
      g_autoptr (EsXml) before = forge_parse (text), after = forge_parse (text);

      if (i == 0)
        {
          ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (from[i]), before), ES_PASS);
          meet_bob ();
        }
      g_ptr_array_set_size (alice->warnings, 0);
      ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (from[i]), after), ES_CONSUMED);
      ck_assert_str_eq (texts (alice->warnings), es_said (ES_NOTICE_NOT_SHOWN));
    }
}
END_TEST

/* A form in the clear does not end what is encrypted. */
START_TEST (stanzas__plain__ends_nothing)
{
  static const char *const kinds[] = { "submit", "result" };
  g_autofree char *thread = NULL;

  meet_bob ();
  thread = thread_of_alice ();
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *text = g_strdup_printf (
          "<message><thread>%s</thread><feature xmlns='http://jabber.org/protocol/feature-neg'><x "
          "xmlns='jabber:x:data' type='%s'><field var='FORM_TYPE'><value>urn:xmpp:ssn</value></field>"
          "<field var='terminate'><value>1</value></field></x></feature></message>",
          thread, kinds[i]);

      world_inject (world, bob->jid, alice->jid, text);
    }
  world_run (world);
  assert_passes (alice, BOB, bob, "secret");
  ck_assert_uint_eq (alice->notices->len, 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("stanzas");
  TCase *tcase = tcase_create ("stanzas");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, stanzas__changed__end_the_session_and_begin_another, 0, N_CHANGES);
  tcase_add_test (tcase, stanzas__changed__in_the_other_direction_too);
  tcase_add_test (tcase, stanzas__repeated__are_dropped);
  tcase_add_test (tcase, stanzas__repeated__from_an_old_session_harm_nothing);
  tcase_add_test (tcase, stanzas__lost__are_noticed_with_the_next);
  tcase_add_test (tcase, stanzas__swapped__are_not_shown_in_the_wrong_order);
  tcase_add_loop_test (tcase, stanzas__beside__is_thrown_away, 0, G_N_ELEMENTS (beside));
  tcase_add_test (tcase, stanzas__plain__is_shown_and_marked);
  tcase_add_test (tcase, stanzas__plain__is_marked_while_starting_again);
  tcase_add_loop_test (tcase, stanzas__plain__shown_elsewhere_is_dropped, 0, G_N_ELEMENTS (elsewhere));
  tcase_add_loop_test (tcase, stanzas__plain__whatever_is_seen_is_marked, 0, G_N_ELEMENTS (seen));
  tcase_add_loop_test (tcase, stanzas__plain__without_text_is_dropped, 0, G_N_ELEMENTS (notices));
  tcase_add_test (tcase, stanzas__plain__ends_nothing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
