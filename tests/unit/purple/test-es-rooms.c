/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#include "es-passphrase.h"

#define BOB "bob@localhost"
#define EVE "eve@localhost"
#define ROOM "room@conference.localhost"

static void
send (const char *xml)
{
  xmlnode *node = xmlnode_from_str (xml, -1), *packet = node;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (node);
}

static void
join (const char *where)
{
  g_autofree char *xml
      = g_strdup_printf ("<presence to='%s/alice'><x xmlns='http://jabber.org/protocol/muc'/></presence>", where);

  send (xml);
}

static void
answer (const char *where)
{
  g_autofree char *xml = g_strdup_printf ("<presence xmlns='jabber:client' from='%s/alice'>"
                                          "<x xmlns='http://jabber.org/protocol/muc#user'/></presence>",
                                          where);

  fake_receive (xml);
}

static gboolean
is_room (const char *where)
{
  return es_rooms_has (fake_link (), es_at (where));
}

START_TEST (rooms__room__is_what_answers_as_one)
{
  answer (ROOM);
  ck_assert (!is_room (ROOM));
  join (ROOM);
  ck_assert (!is_room (ROOM));
  answer (ROOM);
  ck_assert (is_room (ROOM));
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  send ("<message to='" ROOM "' type='groupchat'><body>hello all</body></message>");
  send ("<message to='" ROOM "/carol' type='chat'><body>hello you</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "hello"), 2);
  fake_reconnect (NULL);
  ck_assert (!is_room (ROOM));
}
END_TEST

/* Whatever libpurple thinks of a chat of that name. */
START_TEST (rooms__contact__is_none)
{
  static const char *const spellings[] = { BOB, "BOB@LocalHost" };

  purple_conversation_new (PURPLE_CONV_TYPE_CHAT, fake_account (), BOB);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  join (spellings[_i]);
  answer (spellings[_i]);
  ck_assert (!is_room (BOB));
  send ("<message to='" BOB "' type='groupchat'><body>secret</body></message>");
  send ("<message to='" BOB "/x' type='chat'><body>secret</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "protocol/muc"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  ck_assert_uint_eq (fake_count (fake_notes, "was not joined"), 1);
  ck_assert_uint_eq (fake_count (fake_notes, "no room has answered"), 1);
}
END_TEST

/* A server answers what it was not asked. */
START_TEST (rooms__join__that_does_not_leave)
{
  g_autoptr (GError) error = NULL;

  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (ROOM), ES_POLICY_ALWAYS, &error));
  fake_type (ROOM, "secret");
  purple_conversation_destroy (fake_window (ROOM));
  join (ROOM);
  ck_assert_uint_eq (fake_count (fake_sent, "protocol/muc"), 0);
  ck_assert_uint_eq (es_recent_count (fake_link ()->joining), 0);
  answer (ROOM);
  ck_assert (!is_room (ROOM));
  fake_type (ROOM, "secret");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
}
END_TEST

START_TEST (rooms__address_with_a_window__is_none)
{
  fake_window (ROOM);
  join (ROOM);
  answer (ROOM);
  ck_assert (!is_room (ROOM));
  ck_assert_uint_eq (fake_count (fake_notes, "was not joined"), 1);
  purple_conversation_destroy (fake_window (ROOM));
  join (ROOM);
  fake_window (ROOM);
  answer (ROOM);
  ck_assert (!is_room (ROOM));
}
END_TEST

static void
make_room (void)
{
  join (ROOM);
  answer (ROOM);
  ck_assert (is_room (ROOM));
}

START_TEST (rooms__text_to_bare_address__is_a_contacts)
{
  make_room ();
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  send ("<message to='" ROOM "' type='chat'><body>secret</body></message>");
  send ("<message to='" ROOM "'><body>secret</body></message>");
  send ("<message to='" ROOM "'><body>secret</body><x xmlns='http://jabber.org/protocol/muc#user'/></message>");
  fake_type (ROOM, "secret");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  send ("<message to='" ROOM
        "'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='carol@localhost'/></x></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "<invite"), 1);
}
END_TEST

static void
lock_store (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsSecret) secret = es_passphrase_new ("correct horse");
  PurplePlugin *plugin = es_plugin_running ()->handle;
  EsProtection protection;

  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  protection.cost = ES_QUICK_COST;
  ck_assert (es_trust_protect (es_plugin_running ()->trust, &protection, secret, &error));
  ck_assert (purple_plugin_unload (plugin) && purple_plugin_load (plugin));
}

/* The user keeps it in the buddy list. */
static void
keep_room (const char *room, const char *server)
{
  GHashTable *components = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  g_hash_table_insert (components, g_strdup ("room"), g_strdup (room));
  g_hash_table_insert (components, g_strdup ("server"), g_strdup (server));
  purple_blist_add_chat (purple_chat_new (fake_account (), "a chat", components), NULL, NULL);
}

/* Whom the list of devices knows cannot be told while it is locked: only what the user keeps as a chat (1) is joined. */
START_TEST (rooms__unknown__is_not_joined)
{
  lock_store ();
  if (_i == 1)
    keep_room ("eve", "localhost");
  join (EVE);
  answer (EVE);
  ck_assert_int_eq (is_room (EVE), _i == 1);
  ck_assert_uint_eq (fake_count (fake_notes, "cannot be read now"), _i == 1 ? 0 : 1);
}
END_TEST

/* Bob may be a verified contact. */
START_TEST (rooms__locked_store__leaves_talk_alone)
{
  lock_store ();
  keep_room ("room", "conference.localhost");
  make_room ();
  purple_conversation_new (PURPLE_CONV_TYPE_CHAT, fake_account (), ROOM);
  send ("<message to='" ROOM "/carol' type='chat'><body>secret</body></message>");
  send ("<message to='" ROOM "' type='chat'><body>secret</body></message>");
  fake_type (ROOM "/carol", "secret");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  send ("<message to='" ROOM "' type='groupchat'><body>hello all</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "hello all"), 1);
}
END_TEST

START_TEST (rooms__room__becomes_a_contact)
{
  join (ROOM);
  answer (ROOM);
  ck_assert (is_room (ROOM));
  fake_add_buddy (ROOM);
  ck_assert (!is_room (ROOM));
}
END_TEST

/* The server has put it into the list, which makes no contact of what is a room; the user may. */
START_TEST (rooms__room__is_not_pushed_into_the_list)
{
  static const char push[]
      = "<iq xmlns='jabber:client' type='set' id='p'><query xmlns='jabber:iq:roster'><item jid='" ROOM
        "' name='Bob' subscription='both'/><item jid='Room@Conference.localhost/carol' subscription='both'/>"
        "<item jid='dave@localhost' subscription='both'/></query></iq>";

  make_room ();
  fake_receive (push);
  ck_assert_uint_eq (fake_count (fake_got, "dave@localhost"), 1);
  ck_assert_uint_eq (fake_count (fake_got, "onference.localhost' name"), 0);
  ck_assert_uint_eq (fake_count (fake_got, "subscription='both'"), 1);
  ck_assert_uint_eq (fake_count (fake_got, "jid='" ROOM), 0);
  fake_receive ("<message xmlns='jabber:client' type='chat' from='" ROOM "/carol'><body>hello you</body></message>");
  ck_assert_uint_eq (fake_count (fake_lines, "hello you"), 1);
  fake_add_buddy (ROOM);
  fake_receive (push);
  ck_assert_uint_eq (fake_count (fake_got, "jid='" ROOM), 1);
  ck_assert (!is_room (ROOM));
}
END_TEST

/* What was written to somebody in a room was meant for nobody else. */
START_TEST (rooms__private_window__does_not_keep_out)
{
  make_room ();
  fake_window (ROOM "/carol");
  fake_reconnect (NULL);
  ck_assert (!is_room (ROOM));
  fake_receive ("<iq xmlns='jabber:client' type='set' id='p'><query xmlns='jabber:iq:roster'/></iq>");
  make_room ();
  ck_assert_uint_eq (fake_notes->len, 0);
}
END_TEST

/* This was no room's when it opened. */
START_TEST (rooms__window_of_a_device__keeps_out)
{
  fake_window (ROOM "/carol");
  fake_reconnect (NULL);
  join (ROOM);
  answer (ROOM);
  ck_assert (!is_room (ROOM));
  ck_assert_uint_eq (fake_count (fake_notes, "was not joined"), 1);
}
END_TEST

START_TEST (rooms__tables__have_a_size)
{
  for (int i = 0; i < 1100; i++)
    {
      g_autofree char *where = g_strdup_printf ("room%d@conference.localhost", i);

      join (where);
      answer (where);
      join (where);
    }
  ck_assert_uint_eq (es_recent_count (fake_link ()->joining), 1024);
  ck_assert_uint_eq (es_recent_count (fake_link ()->rooms), 1024);
  ck_assert (is_room ("room1099@conference.localhost"));
}
END_TEST

/* Who hands it on says who has asked for it: of those whose words are marked nobody but they themselves. */
START_TEST (rooms__invitation__is_in_nobodys_name)
{
  static const struct
  {
    const char *who;
    gboolean before, after; /* whether it stays so */
  } rows[] = {
    { "bob@localhost", TRUE, FALSE },     { "BOB@localhost/x", TRUE, FALSE },
    { "carol@localhost/x", TRUE, TRUE },  { "Bob", FALSE, FALSE }, /* nobody has such an address */
    { "Bob, your friend", FALSE, FALSE }, { "", FALSE, FALSE },
  };
  g_autofree char *kept = g_strdup_printf ("from='%s'", rows[_i].who);
  g_autofree char *xml = g_strdup_printf ("<message xmlns='jabber:client' from='" ROOM
                                          "' to='alice@localhost/a'><x xmlns='http://jabber.org/protocol/muc#user'>"
                                          "<invite %s><reason>come here</reason></invite></x></message>",
                                          kept);

  for (guint i = 0; i < 2; i++)
    {
      gboolean stays = i == 0 ? rows[_i].before : rows[_i].after;

      g_ptr_array_set_size (fake_got, 0);
      fake_receive (xml);
      ck_assert_uint_eq (fake_count (fake_got, "come here"), 1);
      ck_assert_uint_eq (fake_count (fake_got, kept), stays ? 1 : 0);
      ck_assert_uint_eq (fake_count (fake_got, "<invite from='" ROOM "'>"), stays ? 0 : 1);
      ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
    }
}
END_TEST

/* What is written with one leaves encrypted or not at all. */
START_TEST (rooms__invitation__of_a_contact_holds_no_words)
{
  static const char *const sent[] = {
    "<message to='" ROOM "'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='WHO'><reason>my words</reason>"
    "</invite></x></message>",
    "<message to='" ROOM "'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='carol@localhost'/></x>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><decline to='WHO'>my words<reason/></decline></x></message>",
    "<message to='WHO'><body>my words</body><x xmlns='jabber:x:conference' jid='" ROOM
    "' reason='my words'/></message>",
  };
  static const char *const guarded[] = { BOB, "BOB@localhost/x" };

  make_room ();
  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (sent); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (guarded); k++)
      {
        g_autofree char *xml = purple_strreplace (sent[i], "WHO", guarded[k]);

        send (xml);
      }
  ck_assert_uint_eq (fake_count (fake_sent, "my words"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "<invite to="), 4);
  ck_assert_uint_eq (fake_count (fake_notes, "with the invitation"), 4);
  send ("<message to='" ROOM "'><x xmlns='http://jabber.org/protocol/muc#user'><invite to='carol@localhost'>"
        "<reason>my words</reason></invite></x></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "my words"), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rooms");
  TCase *tcase = tcase_create ("rooms");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_set_timeout (tcase, 30); /* a thousand rooms, on a machine that does other things */
  tcase_add_test (tcase, rooms__room__is_what_answers_as_one);
  tcase_add_loop_test (tcase, rooms__contact__is_none, 0, 2);
  tcase_add_loop_test (tcase, rooms__unknown__is_not_joined, 0, 2);
  tcase_add_test (tcase, rooms__join__that_does_not_leave);
  tcase_add_test (tcase, rooms__address_with_a_window__is_none);
  tcase_add_test (tcase, rooms__text_to_bare_address__is_a_contacts);
  tcase_add_test (tcase, rooms__locked_store__leaves_talk_alone);
  tcase_add_test (tcase, rooms__room__becomes_a_contact);
  tcase_add_loop_test (tcase, rooms__invitation__is_in_nobodys_name, 0, 6);
  tcase_add_test (tcase, rooms__invitation__of_a_contact_holds_no_words);
  tcase_add_test (tcase, rooms__room__is_not_pushed_into_the_list);
  tcase_add_test (tcase, rooms__private_window__does_not_keep_out);
  tcase_add_test (tcase, rooms__window_of_a_device__keeps_out);
  tcase_add_test (tcase, rooms__tables__have_a_size);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
