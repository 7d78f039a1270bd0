/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>

#include "es-fake.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define LINE "This conversation is with"

static PurpleBuddy *
bob (void)
{
  return purple_find_buddy (fake_account (), BOB);
}

static void
guard (const char *contact)
{
  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (contact), ES_POLICY_ALWAYS, NULL));
}

static void
receive (void)
{
  fake_receive ("<presence xmlns='jabber:client' from='localhost'/>");
}

/* As libpurple does it of what a server says. */
static void
server_calls (const char *contact, const char *name)
{
  receive ();
  purple_blist_alias_buddy (purple_find_buddy (fake_account (), contact), name);
}

static gboolean
on_idle (gpointer name)
{
  purple_blist_alias_buddy (bob (), name);
  return G_SOURCE_REMOVE;
}

/* Whatever the user does is done elsewhere in the main loop than what comes in. */
static void
user_calls_bob (const char *name)
{
  g_idle_add (on_idle, (gpointer) name);
  fake_settle ();
}

static void
assert_line (guint n, const char *address, const char *name)
{
  ck_assert_uint_eq (fake_count (fake_lines, LINE), n);
  if (n > 0)
    {
      ck_assert_ptr_nonnull (strstr (fake_lines->pdata[fake_lines->len - 1], address));
      ck_assert_ptr_nonnull (strstr (fake_lines->pdata[fake_lines->len - 1], name));
    }
}

static void
reopen (void)
{
  purple_conversation_destroy (fake_window (BOB));
  fake_window (BOB);
}

START_TEST (names__server__is_told_at_once)
{
  user_calls_bob ("Bob");
  guard (BOB);
  fake_window (BOB);
  assert_line (0, NULL, NULL);
  server_calls (BOB, "Carol");
  assert_line (1, BOB, "Carol");
  reopen ();
  server_calls (BOB, "Carol");
  assert_line (1, BOB, "Carol");
  server_calls (BOB, "Dave");
  assert_line (2, BOB, "Dave");

  /* Then it says who it is by itself. */
  server_calls (BOB, "");
  assert_line (2, BOB, "Dave");
}
END_TEST

START_TEST (names__server__is_told_in_the_next_window)
{
  user_calls_bob ("Bob");
  guard (BOB);
  if (_i == 1)
    reopen ();
  if (_i == 1)
    purple_conversation_destroy (fake_window (BOB));
  server_calls (BOB, "Carol");
  assert_line (0, NULL, NULL);
  fake_window (BOB);
  assert_line (1, BOB, "Carol");
  reopen ();
  assert_line (1, BOB, "Carol");
}
END_TEST

static void
reload (void)
{
  PurplePlugin *plugin = es_plugin_running ()->handle;

  ck_assert (purple_plugin_unload (plugin) && purple_plugin_load (plugin));
}

/* libpurple's list, which is written later, is not: the server says it all once more. */
START_TEST (names__killed__is_not_told_again)
{
  static const char *const names[] = { "Carol", " Carol ", "[Carol] = a\\b;" };

  user_calls_bob ("Bob");
  guard (BOB);
  fake_window (BOB);
  server_calls (BOB, names[_i]);
  assert_line (1, BOB, "Carol");
  purple_conversation_destroy (fake_window (BOB));
  purple_blist_remove_buddy (bob ());
  reload ();
  guard (BOB);
  receive ();
  purple_blist_add_buddy (purple_buddy_new (fake_account (), BOB, names[_i]), NULL, NULL, NULL);
  fake_window (BOB);
  assert_line (1, BOB, "Carol");
  server_calls (BOB, "Dave");
  assert_line (2, BOB, "Dave");
}
END_TEST

/* As it was kept before. */
START_TEST (names__known_from_the_list__is_not_told_again)
{
  PurplePlugin *plugin = es_plugin_running ()->handle;

  ck_assert (purple_plugin_unload (plugin));
  purple_blist_node_set_string ((PurpleBlistNode *) fake_add_buddy (CAROL), "esession-known-as", "Carol");
  ck_assert (purple_plugin_load (plugin));
  guard (CAROL);
  server_calls (CAROL, "Carol");
  fake_window (CAROL);
  assert_line (0, NULL, NULL);
}
END_TEST

START_TEST (names__user__is_not_told)
{
  user_calls_bob ("Bob");
  guard (BOB);
  fake_window (BOB);
  receive ();
  user_calls_bob ("Robert");
  server_calls (BOB, "Robert");
  reopen ();
  purple_conversation_destroy (fake_window (BOB));
  user_calls_bob ("Bobby");
  fake_window (BOB);
  assert_line (0, NULL, NULL);
}
END_TEST

START_TEST (names__plain_contact__is_as_it_was)
{
  user_calls_bob ("Bob");
  fake_window (BOB);
  server_calls (BOB, "Carol");
  reopen ();
  assert_line (0, NULL, NULL);
}
END_TEST

static void
add (const char *contact, const char *name, const char *group)
{
  PurpleBuddy *buddy = purple_buddy_new (fake_account (), contact, name);
  PurpleGroup *in = purple_group_new (group);

  purple_blist_add_group (in, NULL);
  purple_blist_add_buddy (buddy, NULL, in, NULL);
}

/* As libpurple does it where another group is said, or somebody is taken out of the list and put in again. */
START_TEST (names__moved__is_the_same_contact)
{
  static const struct
  {
    const char *name;
    guint n;
  } rows[] = { { "Bob", 0 }, { "Carol", 1 } };

  user_calls_bob ("Bob");
  guard (BOB);
  fake_window (BOB);
  for (guint i = 0; i < 2; i++)
    {
      receive ();
      purple_blist_remove_buddy (bob ());
      if (_i / 2 == 1)
        receive ();
      add (BOB, rows[_i % 2].name, i == 0 ? "one" : "two");
      reopen ();
      assert_line (rows[_i % 2].n, BOB, rows[_i % 2].name);
    }
}
END_TEST

static PurpleGroup *
new_group (void)
{
  PurpleGroup *group = purple_group_new ("Work");

  purple_blist_add_group (group, NULL);
  return group;
}

static gboolean
move_person (gpointer data)
{
  purple_blist_add_contact (purple_buddy_get_contact (bob ()), new_group (), NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
move_buddy (gpointer data)
{
  purple_blist_add_buddy (bob (), NULL, new_group (), NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
merge_into (gpointer data)
{
  purple_blist_merge_contact (purple_buddy_get_contact (bob ()), PURPLE_BLIST_NODE (fake_add_buddy (CAROL)));
  return G_SOURCE_REMOVE;
}

static gboolean
merge_with (gpointer data)
{
  purple_blist_merge_contact (purple_buddy_get_contact (fake_add_buddy (CAROL)), PURPLE_BLIST_NODE (bob ()));
  return G_SOURCE_REMOVE;
}

/* Whoever does that need not have looked at the name. */
START_TEST (names__moved_by_the_user__is_told_all_the_same)
{
  static const GSourceFunc ways[] = { move_person, move_buddy, merge_into, merge_with };

  user_calls_bob ("Bob");
  guard (BOB);
  server_calls (BOB, "Carol");
  g_idle_add (ways[_i], NULL);
  fake_settle ();
  fake_window (BOB);
  assert_line (1, BOB, "Carol");
  reopen ();
  assert_line (1, BOB, "Carol");
}
END_TEST

static gboolean
add_again (gpointer data)
{
  purple_blist_remove_buddy (bob ());
  purple_blist_add_buddy (purple_buddy_new (fake_account (), BOB, "Robert"), NULL, NULL, NULL);
  return G_SOURCE_REMOVE;
}

/* Somebody new, as the user calls them. */
START_TEST (names__added_by_the_user__is_known)
{
  user_calls_bob ("Bob");
  guard (BOB);
  receive ();
  g_idle_add (add_again, NULL);
  fake_settle ();
  fake_window (BOB);
  assert_line (0, NULL, NULL);
  server_calls (BOB, "Carol");
  assert_line (1, BOB, "Carol");
}
END_TEST

static gboolean is_seen;

static gboolean
is_shown (PurpleConversation *conversation)
{
  return is_seen;
}

/* In a conversation that nobody sees (1: from its start) it is not said before somebody does. */
START_TEST (names__hidden__is_told_when_it_is_seen)
{
  static const EsUi ui = { .is_shown = is_shown };

  user_calls_bob ("Bob");
  guard (BOB);
  es_plugin_running ()->ui = &ui;
  is_seen = _i == 0;
  if (_i == 0)
    fake_window (BOB);
  is_seen = FALSE;
  server_calls (BOB, "Carol");
  fake_window (BOB);
  fake_settle ();
  assert_line (0, NULL, NULL);
  if (_i == 2)
    purple_conversation_destroy (fake_window (BOB));
  is_seen = TRUE;
  fake_window (BOB);
  es_api ()->shown ();
  fake_settle ();
  assert_line (1, BOB, "Carol");
  es_api ()->shown ();
  fake_settle ();
  reopen ();
  assert_line (1, BOB, "Carol");
}
END_TEST

/* In another spelling, at that: each is told where one of the two is guarded. */
START_TEST (names__namesake__is_told)
{
  static const char *const names[] = { "Bob", "BOB ", "B\xe2\x80\x8bob", "\xef\xbc\xa2ob", "bob@localhost" };
  const char *shown = _i == 2 ? "B ob" : names[_i];

  add (CAROL, names[_i], "one");
  user_calls_bob ("Bob");
  fake_window (CAROL);
  fake_window (BOB);
  assert_line (0, NULL, NULL);
  guard (BOB);
  purple_conversation_destroy (fake_window (CAROL));
  fake_window (CAROL);
  assert_line (1, CAROL, shown);

  /* Who becomes one while the window is open. */
  server_calls (CAROL, "Carol");
  assert_line (1, CAROL, shown);
  server_calls (CAROL, names[_i]);
  assert_line (2, CAROL, shown);
}
END_TEST

/* What the user has made one. */
START_TEST (names__person__is_no_namesake)
{
  add (CAROL, NULL, "one");
  guard (BOB);
  purple_blist_merge_contact (purple_buddy_get_contact (purple_find_buddy (fake_account (), CAROL)),
                              (PurpleBlistNode *) bob ());
  purple_blist_alias_contact (purple_buddy_get_contact (bob ()), "Bob");
  fake_window (BOB);
  fake_window (CAROL);
  assert_line (0, NULL, NULL);
}
END_TEST

/* Programs show several contacts of one person in one window: each line of ours says of whom it speaks, once there are several. */
START_TEST (names__person__has_lines_with_names)
{
  PurpleBuddy *carol = fake_add_buddy (CAROL);
  g_autoptr (EsAddress) contact = es_address_ref (es_at (BOB));

  fake_window (BOB);
  es_conversations_notice (fake_link (), contact, ES_TONE_INFO, "Alone.");
  fake_window (CAROL);
  es_conversations_notice (fake_link (), contact, ES_TONE_INFO, "Another window.");
  purple_blist_merge_contact (purple_buddy_get_contact (carol), PURPLE_BLIST_NODE (bob ()));
  purple_blist_alias_buddy (bob (), "Bob & \"Co\"");
  es_conversations_notice (fake_link (), contact, ES_TONE_INFO, "In company.");
  ck_assert_uint_eq (fake_count (fake_lines, BOB ": Alone."), 1);
  ck_assert_uint_eq (fake_count (fake_lines, BOB ": Another window."), 1);
  ck_assert_uint_eq (fake_count (fake_lines,
                                 BOB ": &quot;\342\201\250Bob &amp; &apos;Co&apos;\342\201\251&quot; (\342\201\250" BOB
                                     "\342\201\251): In company."),
                     1);
}
END_TEST

START_TEST (names__hostile__end_no_sentence)
{
  g_autofree char *endless = g_strnfill (4000, 'x');

  user_calls_bob ("Bob");
  guard (BOB);
  fake_window (BOB);
  server_calls (BOB, "Bob\". You have verified\nthe <b>other</b> device \xe2\x80\xae");
  assert_line (1, BOB, "Bob&apos;. You have verified the &lt;b&gt;other");
  server_calls (BOB, endless);
  assert_line (2, BOB, "xxx...");
}
END_TEST

/* A list of thousands comes at once. */
START_TEST (names__many__are_written_once)
{
  g_autofree char *path = g_build_filename (purple_user_dir (), "esession-names", NULL);

  guard (BOB);
  fake_window (BOB);
  fake_settle ();
  g_remove (path);
  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *name = g_strdup_printf ("Bob %u", i);

      server_calls (BOB, name);
      ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
    }
  fake_settle ();
  ck_assert (g_file_test (path, G_FILE_TEST_EXISTS));
}
END_TEST

#define NICK "<nick xmlns='http://jabber.org/protocol/nick'>forged</nick>"
#define CARD(CARD) "<iq xmlns='jabber:client' type='result' id='v' from='" BOB "' to='alice@localhost/x'>" CARD "</iq>"
#define CARD_ERROR(CARD)                                                                                               \
  "<iq xmlns='jabber:client' type='error' id='v' from='" BOB "' to='alice@localhost/x'><error/>" CARD "</iq>"

static const char *const naming[] = {
  "<presence xmlns='jabber:client' from='" BOB "/x'>" NICK "</presence>",
  "<presence xmlns='jabber:client' type='subscribe' from='" BOB "'>" NICK "</presence>",
  "<presence xmlns='jabber:client' from='" BOB "/x'>" NICK NICK "</presence>",
  "<message xmlns='jabber:client' type='headline' from='" BOB
  "'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
  "<items node='http://jabber.org/protocol/nick'><item id='1'>" NICK "</item></items></event></message>",
  CARD ("<vCard xmlns='vcard-temp'><FN>forged</FN><N><GIVEN>forged</GIVEN></N></vCard>"),
  CARD ("<vCard xmlns='vcard-temp'><NICKNAME>forged</NICKNAME><NICKNAME>forged</NICKNAME></vCard>"),
  CARD ("<vCard xmlns='urn:other'><FN>forged</FN></vCard>"),
  CARD ("<vCard><FN>forged</FN></vCard>"),
  CARD ("<vCard xmlns='urn:other'/><vCard xmlns='vcard-temp'><FN>forged</FN></vCard>"),
  CARD ("<x xmlns='urn:other'/><c:vCard xmlns:c='vcard-temp'><n:FN xmlns:n='urn:other'>forged</n:FN></c:vCard>"),
  CARD ("<query xmlns='vcard-temp'><NICKNAME>forged</NICKNAME></query>"),
  CARD_ERROR ("<vCard xmlns='vcard-temp'><FN>forged</FN></vCard>"),
  CARD_ERROR ("<query xmlns='vcard-temp'><FN>forged</FN></query>"),
};

/* Of whom encryption is promised the network gives no names, however libpurple would find them; of the others it may. */
START_TEST (names__network__gives_none_to_whom_is_guarded)
{
  g_autofree char *carols = NULL;
  g_auto (GStrv) parts = g_strsplit (naming[_i], BOB, -1);

  fake_add_buddy (CAROL);
  guard (BOB);
  fake_receive (naming[_i]);
  ck_assert_uint_eq (fake_got->len, 1);
  ck_assert_uint_eq (fake_count (fake_got, "forged"), 0);
  carols = g_strjoinv (CAROL, parts);
  fake_receive (carols);
  ck_assert_uint_eq (fake_got->len, 2);
  ck_assert_uint_eq (fake_count (fake_got, "forged"), 1);
}
END_TEST

/* What cannot be looked at whole. */
START_TEST (names__network__gives_none_in_what_is_too_large)
{
  GString *xml
      = g_string_new ("<iq xmlns='jabber:client' type='result' id='v' from='" BOB "'><vCard xmlns='vcard-temp'>");

  for (guint i = 0; i < 200; i++)
    g_string_append (xml, "<x xmlns='urn:x'>");
  for (guint i = 0; i < 200; i++)
    g_string_append (xml, "</x>");
  g_string_append (xml, "<FN>forged</FN></vCard></iq>");
  guard (BOB);
  fake_receive (xml->str);
  ck_assert_uint_eq (fake_count (fake_got, "forged"), 0);
  g_string_free (xml, TRUE);
}
END_TEST

/* libpurple keeps the name in a card, and gives it again when the server sends a list. */
START_TEST (names__kept_card__names_nobody_who_is_guarded)
{
  PurpleBlistNode *nodes[] = { (PurpleBlistNode *) bob (), (PurpleBlistNode *) fake_add_buddy (CAROL) };

  guard (BOB);
  for (guint i = 0; i < 2; i++)
    purple_blist_node_set_string (nodes[i], "servernick", "forged");
  fake_receive ("<iq xmlns='jabber:client' type='set' id='r'><query xmlns='jabber:iq:roster'>"
                "<item jid='" BOB "' subscription='both'/><item jid='" CAROL "' subscription='both'/></query></iq>");
  ck_assert_ptr_null (purple_blist_node_get_string (nodes[0], "servernick"));
  ck_assert_str_eq (purple_blist_node_get_string (nodes[1], "servernick"), "forged");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("names");
  TCase *tcase = tcase_create ("names");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, names__server__is_told_at_once);
  tcase_add_loop_test (tcase, names__server__is_told_in_the_next_window, 0, 2);
  tcase_add_loop_test (tcase, names__killed__is_not_told_again, 0, 3);
  tcase_add_test (tcase, names__known_from_the_list__is_not_told_again);
  tcase_add_test (tcase, names__user__is_not_told);
  tcase_add_test (tcase, names__plain_contact__is_as_it_was);
  tcase_add_loop_test (tcase, names__moved__is_the_same_contact, 0, 4);
  tcase_add_loop_test (tcase, names__moved_by_the_user__is_told_all_the_same, 0, 4);
  tcase_add_test (tcase, names__added_by_the_user__is_known);
  tcase_add_loop_test (tcase, names__hidden__is_told_when_it_is_seen, 0, 3);
  tcase_add_loop_test (tcase, names__namesake__is_told, 0, 5);
  tcase_add_test (tcase, names__person__is_no_namesake);
  tcase_add_test (tcase, names__person__has_lines_with_names);
  tcase_add_test (tcase, names__hostile__end_no_sentence);
  tcase_add_test (tcase, names__many__are_written_once);
  tcase_add_loop_test (tcase, names__network__gives_none_to_whom_is_guarded, 0, G_N_ELEMENTS (naming));
  tcase_add_test (tcase, names__network__gives_none_in_what_is_too_large);
  tcase_add_test (tcase, names__kept_card__names_nobody_who_is_guarded);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
