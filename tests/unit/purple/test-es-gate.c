/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define BOB_FULL "bob@localhost/x"

static void
hold_login (PurpleAccount *account)
{
}

START_TEST (gate__typed__leaves_plain_to_whom_nothing_is_known_of)
{
  fake_add_buddy ("carol@localhost");
  fake_type ("carol@localhost", "hello");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "hello"), 1);
}
END_TEST

static void
write_at_once (PurpleConnection *connection, const char *text)
{
  serv_send_im (connection, BOB, text, 0);
}

/* Just after signing on the presence of contacts is under way: nobody is taken for one who cannot, and what is written waits; typed (0),
 * or sent by another plugin as soon as that can be. */
START_TEST (gate__typed__waits_for_whoever_may_be_there)
{
  static int handle;

  if (_i == 1)
    purple_signal_connect (purple_connections_get_handle (), "signed-on", &handle, PURPLE_CALLBACK (write_at_once),
                           (gpointer) "hello");
  fake_reconnect (NULL);
  if (_i == 0)
    fake_type (BOB, "hello");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "hello"), 0);
  fake_bob_comes ();
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "hello"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "hello"), 1);
}
END_TEST

START_TEST (gate__typed__leaves_encrypted)
{
  fake_encrypt_with_bob ();
  ck_assert_uint_eq (fake_count (fake_sent, "first"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "first"), 1);
  fake_type (BOB, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 1);
}
END_TEST

/* libpurple looks at names alone: another client of an honest server's could pass for Bob. */
START_TEST (gate__incoming__has_one_from)
{
  xmlnode *message = xmlnode_new ("message");

  xmlnode_set_namespace (message, "jabber:client");
  xmlnode_set_attrib_full (message, "from", "urn:x", "x", BOB_FULL);
  xmlnode_set_attrib_full (message, "from", NULL, NULL, "eve@localhost/y");
  xmlnode_insert_data (xmlnode_new_child (message, "body"), "I am Bob", -1);
  fake_receive_node (message);
  ck_assert_uint_eq (fake_got->len, 1);
  ck_assert_uint_eq (fake_count (fake_got, "from='eve@localhost/y'"), 1);
  ck_assert_uint_eq (fake_count (fake_got, BOB), 0);

  /* Without a namespace it is nothing that XML has. */
  message = xmlnode_new ("message");
  xmlnode_set_namespace (message, "jabber:client");
  xmlnode_set_attrib (message, "from", BOB_FULL);
  xmlnode_insert_data (xmlnode_new_child (message, "body"), "I am Bob", -1);
  g_free (message->child->name);
  message->child->name = g_strdup ("x:from");
  xmlnode_set_attrib (message, "from", "eve@localhost/y");
  fake_receive_node (message);
  ck_assert_uint_eq (fake_count (fake_got, BOB), 0);
}
END_TEST

/* What says nothing in XMPP is no reason to lose what somebody has said. */
START_TEST (gate__incoming__with_an_id_for_xml_arrives)
{
  fake_receive ("<message xmlns='jabber:client' from='carol@localhost/x' type='chat' xml:id='other' id='m1'>"
                "<body xml:id='b'>hello</body></message>");
  fake_receive ("<message xmlns='jabber:client' from='carol@localhost/x' type='chat' xml:id='other'>"
                "<body>hello</body></message>");
  ck_assert_uint_eq (fake_count (fake_got, "hello"), 2);
  ck_assert_uint_eq (fake_count (fake_got, "id='m1'"), 1);
  ck_assert_uint_eq (fake_count (fake_got, "other"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "hello"), 2);
}
END_TEST

static void
change_to (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  if (purple_strequal ((*packet)->name, "message"))
    xmlnode_set_attrib (*packet, "to", to);
}

static void
change_second_to (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  g_autofree char *body = *packet != NULL ? es_saying_dup_body (*packet) : NULL;

  if (purple_strequal (body, "second"))
    xmlnode_set_attrib (*packet, "to", to);
}

static void
change_body (PurpleConnection *connection, xmlnode **packet, const char *text)
{
  if (purple_strequal ((*packet)->name, "message"))
    xmlnode_insert_data (xmlnode_new_child (*packet, "body"), text, -1);
}

static void
listen (gpointer handler, const char *data, int priority)
{
  static int handle;

  purple_signal_connect_priority (es_plugin_running ()->jabber, "jabber-sending-xmlnode", &handle, handler,
                                  (gpointer) data, priority);
}

static void
add_deep (PurpleConnection *connection, xmlnode **packet, const char *octets)
{
  xmlnode *at = *packet;

  if (!purple_strequal (at->name, "message") || xmlnode_get_child (at, "body") == NULL)
    return;
  at = xmlnode_new_child (at, "html");
  xmlnode_set_namespace (at, "http://jabber.org/protocol/xhtml-im");
  at = xmlnode_new_child (at, "body");
  xmlnode_set_namespace (at, "http://www.w3.org/1999/xhtml");
  for (guint i = 0; i < 100; i++)
    at = xmlnode_new_child (at, "span");
  xmlnode_insert_data (at, "second", -1);
  if (octets != NULL)
    xmlnode_insert_data (xmlnode_get_child (*packet, "body"), octets, -1);
}

/* Formatting in more layers than can be looked at is left out; what cannot be looked at at all goes back. To whom it is encrypted (0)
 * or not. */
START_TEST (gate__typed__that_cannot_be_looked_at_is_not_lost)
{
  const char *who = _i == 0 ? BOB : "carol@localhost";
  const GPtrArray *arrived = _i == 0 ? fake_bob_shown : fake_sent;

  fake_add_buddy ("carol@localhost");
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (add_deep), NULL, PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (who, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (arrived, "second"), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "span"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "not sent"), 0);

  listen (PURPLE_CALLBACK (add_deep), "\x01", PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (who, "third");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (arrived, "third"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "Your message was not sent because it holds something"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: third"), 1);
}
END_TEST

/* Another plugin sends to whom it likes; what was typed for encryption does not go there. */
START_TEST (gate__wall__holds_for_another_address)
{
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (change_to), "eve@localhost", PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (BOB, "second");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "eve@localhost"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), 1);
}
END_TEST

static void
add_other_to (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  if (purple_strequal ((*packet)->name, "message"))
    xmlnode_set_attrib_full (*packet, "to", "urn:x", "x", to);
}

START_TEST (gate__outgoing__has_one_to)
{
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (add_other_to), "eve@localhost", PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (BOB, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "eve@localhost"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), 1);
}
END_TEST

static void
name_badly (PurpleConnection *connection, xmlnode **packet, const char *name)
{
  if (!purple_strequal ((*packet)->name, "message") || xmlnode_get_child (*packet, "body") == NULL)
    return;
  xmlnode_set_namespace (*packet, "jabber:client");
  xmlnode_set_attrib (*packet, name, "jabber:client");
}

/* The server ends the stream over what is not well-formed, and libpurple sends it again at every sign-on: typed to whom it is encrypted
 * (0, 1), or not (2, 3), where another plugin adds what is no name, or what libpurple writes twice. */
START_TEST (gate__typed__that_no_server_can_read_goes_back_once)
{
  const char *who = _i < 2 ? BOB : "carol@localhost";
  gboolean twice = _i % 2 == 1, encrypted = _i < 2;

  fake_add_buddy ("carol@localhost");
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (name_badly), twice ? "xmlns" : "1st", PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (who, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, " 1st="), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "xmlns='jabber:client' xmlns='jabber:client'"), 0);
  ck_assert_uint_eq (fake_count (encrypted ? fake_bob_shown : fake_sent, "second"), twice && encrypted);
  ck_assert_uint_eq (fake_count (fake_lines, "Your message was not sent because it holds something"),
                     !twice || !encrypted);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), !twice || !encrypted);
}
END_TEST

static xmlnode *leaving;

static void
hold_leaving (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  leaving
      = purple_strequal ((*packet)->name, "message") && xmlnode_get_child (*packet, "body") != NULL ? *packet : NULL;
}

static void
spoil (PurpleConversation *conversation)
{
  if (leaving != NULL)
    xmlnode_set_attrib (leaving, "1st", "1");
}

/* However that has come about: what is encrypted in it goes back as it was, and the next session does not have it again; typed (0), or
 * another plugin's. */
START_TEST (gate__encrypted__that_no_server_can_read_goes_back_once)
{
  static const EsUi ui = { .program = &es_program_libpurple, .changed = spoil };

  fake_encrypt_with_bob ();
  es_plugin_running ()->ui = &ui;
  listen (PURPLE_CALLBACK (hold_leaving), NULL, PURPLE_SIGNAL_PRIORITY_DEFAULT);
  if (_i == 0)
    fake_type (BOB, "second");
  else
    serv_send_im (fake_connection (), BOB, "second", 0);
  leaving = NULL;
  es_plugin_running ()->ui = NULL;
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, " 1st="), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "Your message was not sent because it holds something"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "may not have arrived"), 0);

  fake_reconnect (NULL);
  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "third");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "third"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), 1);
}
END_TEST

static void
send_twice (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  static gboolean busy;
  xmlnode *copy = NULL;

  if (busy || !purple_strequal ((*packet)->name, "message"))
    return;
  busy = TRUE;
  for (int i = 0; i < 2; i++)
    {
      xmlnode *node = copy = xmlnode_copy (*packet);

      xmlnode_set_attrib (copy, "to", to);
      purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", connection, &copy);
      xmlnode_free (node);
    }
  busy = FALSE;
}

/* What goes nowhere are the copies: that is said where they were to go, and what was typed is sent. */
START_TEST (gate__wall__holds_for_more_than_one)
{
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (send_twice), "eve@localhost", PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (BOB, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), 1);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, ": second"), 2);
}
END_TEST

static void
send_elsewhere (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  if (xmlnode_get_child (*packet, "body") == NULL || purple_strequal (xmlnode_get_attrib (*packet, "to"), to))
    return;
  send_twice (connection, packet, to);
  xmlnode_free (xmlnode_get_child (*packet, "body"));
}

/* Unless another plugin has taken it away: then it is not shown as sent. */
START_TEST (gate__wall__holds_for_what_is_sent_elsewhere)
{
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (send_elsewhere), "eve@localhost", PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_type (BOB, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), 2);
  ck_assert_uint_eq (fake_count (fake_lines, ": second"), 2);
}
END_TEST

static const char *within;

/* As a window would, or past that. */
static void
say_within (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  const char *now = within;

  if (now == NULL || *packet == NULL || !purple_strequal ((*packet)->name, "message"))
    return;
  within = NULL;
  if (to != NULL)
    fake_type (to, now);
  else
    serv_send_im (connection, CAROL, now, 0);
}

/* Another plugin says something else when it sees what was typed: to somebody else (0), to the same (1), or past the window (2; 3: before we
 * have seen any of it). All of it leaves; and what was typed still goes to whom it was typed to, and to nobody else (4 to 7). */
START_TEST (gate__wall__is_of_what_was_typed)
{
  static const char *const whom[] = { CAROL, BOB, NULL, NULL };
  const char *to = whom[_i % 4];

  fake_add_buddy (CAROL);
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (say_within), to, _i % 4 == 3 ? PURPLE_SIGNAL_PRIORITY_LOWEST : 0);
  if (_i >= 4)
    listen (PURPLE_CALLBACK (change_second_to), "eve@localhost", PURPLE_SIGNAL_PRIORITY_DEFAULT + 1);
  within = "more words";
  fake_type (BOB, "second");
  fake_bob_runs ();
  ck_assert_ptr_null (within);
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (_i % 4 == 1 ? fake_bob_shown : fake_sent, "more words"), 1);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), _i < 4);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: second"), _i >= 4);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent"), _i >= 4);
}
END_TEST

/* Nor does it leave unencrypted because what it is said within does: what waits is sent so by the user, and another plugin answers to that. */
START_TEST (gate__plain_once__is_of_what_waited)
{
  fake_encrypt_with_bob ();
  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  fake_receive ("<presence xmlns='jabber:client' type='unavailable' from='" BOB_FULL "' to='alice@localhost/x'/>");
  fake_type (BOB, "second");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  listen (PURPLE_CALLBACK (say_within), BOB, 0);
  within = "more words";
  es_manager_send_plain (fake_link ()->manager, es_at (BOB));
  fake_settle ();
  ck_assert_ptr_null (within);
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "more words"), 0);
}
END_TEST

START_TEST (gate__wall__is_gone_afterwards)
{
  fake_encrypt_with_bob ();
  fake_type (BOB, "second");
  fake_type ("carol@localhost", "in the clear");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "in the clear"), 1);
}
END_TEST

/* Whoever comes after us could put back what we have taken out. */
START_TEST (gate__wire__has_what_the_gate_has_seen)
{
  fake_encrypt_with_bob ();
  listen (PURPLE_CALLBACK (change_body), "secret", PURPLE_SIGNAL_PRIORITY_HIGHEST);
  fake_type (BOB, "second");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
}
END_TEST

static void
set_namespace (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  xmlnode_set_namespace (*packet, "jabber:client");
}

/* What libpurple itself does over HTTP. */
START_TEST (gate__wire__has_a_namespace_over_http)
{
  listen (PURPLE_CALLBACK (set_namespace), NULL, PURPLE_SIGNAL_PRIORITY_HIGHEST);
  fake_type ("carol@localhost", "in the clear");
  ck_assert_uint_eq (fake_count (fake_sent, "in the clear"), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "xmlns='jabber:client'"), 1);
}
END_TEST

static void
send_raw (const char *text)
{
  PURPLE_PLUGIN_PROTOCOL_INFO (es_plugin_running ()->jabber)->send_raw (fake_connection (), text, (int) strlen (text));
}

START_TEST (gate__raw_stanza__goes_through_the_gate)
{
  fake_encrypt_with_bob ();
  send_raw ("<message to='BOB@localhost/x'><body>raw words</body></message>");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "raw words"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "raw words"), 1);
  send_raw ("<message to='carol@localhost/x'><body>raw words</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "raw words"), 1);
}
END_TEST

START_TEST (gate__raw_text__is_no_way_around)
{
  static const char *const texts[] = {
    "<r xmlns='urn:xmpp:sm:3'/><message to='bob@localhost/x'><body>raw words</body></message>",
    " <message to='bob@localhost/x'><body>raw words",
    "<stream:stream to='localhost'><message to='bob@localhost/x'><body>raw words</body></message>",
    "<a:message xmlns:a='jabber:client' to='bob@localhost/x'><a:body>raw words</a:body></a:message>",
  };

  fake_encrypt_with_bob ();
  send_raw (texts[_i]);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "raw words"), 0);
}
END_TEST

/* All its octets are written, whoever looks at it as a string. */
START_TEST (gate__raw_text__ends_where_it_is_said_to)
{
  static const char text[] = "\t\0<message to='bob@localhost/x'><body>raw words</body></message>";
  PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (es_plugin_running ()->jabber);
  guint n_sent = fake_sent->len;

  ck_assert_int_lt (info->send_raw (fake_connection (), text, sizeof text - 1), 0);
  ck_assert_uint_eq (fake_sent->len, n_sent);
  ck_assert_int_eq (info->send_raw (fake_connection (), "\t and more", 1), 1);
  ck_assert_str_eq (fake_sent->pdata[n_sent], "\t");
  ck_assert_int_eq (info->send_raw (fake_connection (), "\t", -1), -1);
  ck_assert_uint_eq (fake_sent->len, n_sent + 2);
}
END_TEST

START_TEST (gate__stream__is_written)
{
  static const char *const texts[] = {
    "\t",
    "<?xml version='1.0' ?>",
    "<stream:stream to='localhost' version='1.0'>",
    "</stream:stream>",
    "<r xmlns='urn:xmpp:sm:3'/>",
  };

  send_raw (texts[_i]);
  ck_assert_str_eq (fake_sent->pdata[fake_sent->len - 1], texts[_i]);
}
END_TEST

static void
receive_nested (const char *inside, const char *around)
{
  GString *xml = g_string_new ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL "'>");

  g_string_append (xml, around);
  for (int i = 0; i < 70; i++)
    g_string_append (xml, "<a xmlns='urn:a'>");
  g_string_append (xml, inside);
  for (int i = 0; i < 70; i++)
    g_string_append (xml, "</a>");
  g_string_append (xml, "</message>");
  fake_receive (xml->str);
  g_string_free (xml, TRUE);
}

START_TEST (gate__deep_message__passes)
{
  receive_nested ("", "<body>deep</body>");
  ck_assert_uint_eq (fake_count (fake_lines, "deep"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "not encrypted"), 0);
}
END_TEST

START_TEST (gate__deep_message__is_marked)
{
  fake_encrypt_with_bob ();
  receive_nested ("", "<body>deep</body>");
  ck_assert_uint_eq (fake_count (fake_lines, "deep"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "The next message was not encrypted"), 1);
}
END_TEST

/* Where it is shown does not depend on what cannot be looked at. */
START_TEST (gate__deep_message__is_no_invitation)
{
  static const char *const inside[]
      = { "<x xmlns='jabber:x:conference' jid='deep@localhost'/>",
          "<x xmlns='http://jabber.org/protocol/muc#user'><invite><reason>deep</reason></invite></x>",
          "<attention xmlns='urn:xmpp:attention:0'/><body>deep</body>" };

  fake_encrypt_with_bob ();
  receive_nested ("", inside[_i]);
  ck_assert_uint_eq (fake_count (fake_got, "deep"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "The next message"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "was not shown"), 1);
}
END_TEST

START_TEST (gate__deep_message_of_ours__is_dropped)
{
  static const char *const ours[] = {
    "<c xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'/>",
    "<feature xmlns='http://jabber.org/protocol/feature-neg'/>",
    "<init xmlns='http://www.xmpp.org/extensions/xep-0116.html#ns-init'/>",
    "<verify xmlns='esession:verify:0'/>",
  };

  receive_nested (ours[_i / 2], _i % 2 == 0 ? "<body>deep</body>" : ours[_i / 2]);
  ck_assert_uint_eq (fake_got->len, 0);
}
END_TEST

/* A bot or a gateway is a contact like any other. */
START_TEST (gate__domain__is_a_contact)
{
  g_autofree char *answer = NULL;
  xmlnode *query = NULL;

  fake_add_buddy ("bot.localhost");
  fake_receive ("<iq xmlns='jabber:client' type='set' id='r'><query xmlns='jabber:iq:roster'>"
                "<item jid='bot.localhost' subscription='both'/></query></iq>");
  fake_receive ("<presence xmlns='jabber:client' from='Bot.Localhost/b'/>");
  fake_window ("bot.localhost");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "disco#info"), 1);
  query = xmlnode_from_str (fake_sent->pdata[fake_sent->len - 1], -1);
  answer = g_strdup_printf ("<iq xmlns='jabber:client' type='result' from='bot.localhost/b' id='%s'>"
                            "<query xmlns='http://jabber.org/protocol/disco#info'>"
                            "<feature var='http://www.xmpp.org/extensions/xep-0116.html#ns'/></query></iq>",
                            xmlnode_get_attrib (query, "id"));
  xmlnode_free (query);
  fake_receive (answer);
  fake_type ("bot.localhost", "secret");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "http://jabber.org/protocol/feature-neg"), 1);
}
END_TEST

START_TEST (gate__domain__waits_where_it_must_be_encrypted)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type ("bot.localhost", "secret");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
}
END_TEST

START_TEST (gate__spellings__are_one_contact)
{
  static const char *const names[]
      = { "Bob@localhost", "bob@LOCALHOST", "bo\302\255b@localhost", "\357\275\202ob@localhost" };

  fake_encrypt_with_bob ();
  fake_type (names[_i], "second");
  serv_send_im (fake_connection (), names[_i], "third", 0);
  serv_send_typing (fake_connection (), names[_i], PURPLE_TYPING);
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "third"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "composing"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 1);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "third"), 1);
}
END_TEST

/* Other programs of one's own are at the other end of the same server. */
START_TEST (gate__own_device__is_as_a_contacts)
{
  g_autoptr (GError) error = NULL;

  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at ("alice@localhost"), ES_POLICY_ALWAYS, &error));
  send_raw ("<iq type='set' id='f' to='alice@localhost/phone'><si xmlns='http://jabber.org/protocol/si' id='s' "
            "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
            "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='secret' size='3'/></si></iq>");
  send_raw ("<iq type='set' id='d' to='alice@localhost/phone'>"
            "<data xmlns='http://jabber.org/protocol/ibb' sid='s' seq='0'>secret</data></iq>");
  send_raw ("<presence to='alice@localhost/phone'><status>secret</status></presence>");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  send_raw ("<iq type='set' id='b' to='alice@localhost'><vCard xmlns='vcard-temp'>own</vCard></iq>");
  ck_assert_uint_eq (fake_count (fake_sent, "own"), 1);
}
END_TEST

/* What was sent encrypted to somebody is nobody else's, the server's least. */
START_TEST (gate__bits__leave_encrypted_only)
{
  static const char *const whose[] = { "", "to='localhost'", "to='carol@localhost/x'", "to='room@localhost/x'" };
  g_autofree char *answer
      = g_strdup_printf ("<iq type='result' id='b' %s><data xmlns='urn:xmpp:bob'>secret</data></iq>", whose[_i]);
  g_autofree char *question = g_strdup_printf (
      "<iq type='get' id='q' %s><si xmlns='urn:x'><data xmlns='urn:xmpp:bob' cid='secret'/></si></iq>", whose[_i]);

  send_raw (answer);
  send_raw (question);
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "urn:xmpp:ping"), 1);
}
END_TEST

static void
change_all (PurpleConnection *connection, xmlnode **packet, const char *what)
{
  xmlnode *child = NULL;

  if (strcmp (what, "child") == 0)
    xmlnode_insert_data (xmlnode_new_child (*packet, "secret"), "secret", -1);
  else if (strcmp (what, "text") == 0)
    xmlnode_insert_data (*packet, "secret", -1);
  else if (strcmp (what, "attribute") == 0)
    xmlnode_set_attrib (*packet, "secret", "secret");
  else if (strcmp (what, "confusing") == 0)
    xmlnode_set_attrib_full (*packet, "to", "urn:x", "x", "secret@localhost");
  else if (strcmp (what, "address") == 0 && xmlnode_get_attrib (*packet, "to") != NULL)
    xmlnode_set_attrib (*packet, "to", "secret@localhost");
  else if (strcmp (what, "inside") == 0)
    for (child = (*packet)->child; child != NULL; child = child->next)
      if (child->type == XMLNODE_TYPE_TAG)
        xmlnode_insert_data (child, "secret", -1);
}

/* What we say ourselves leaves as we have said it. */
START_TEST (gate__own_stanza__is_as_it_was)
{
  static const char *const changes[] = { "child", "text", "attribute", "confusing", "address", "inside" };
  EsConversation what;
  EsManager *manager = fake_link ()->manager;

  listen (PURPLE_CALLBACK (change_all), changes[_i], PURPLE_SIGNAL_PRIORITY_DEFAULT);
  fake_bob_comes ();
  fake_window (BOB);
  es_manager_start (manager, es_at (BOB));
  fake_bob_runs ();
  es_manager_describe (manager, es_at (BOB), &what);
  ck_assert_int_eq (what.state, ES_STATE_ENCRYPTED);
  fake_bob_types ("an answer"); /* which is confirmed */
  fake_bob_runs ();
  es_manager_end (manager, es_at (BOB));
  fake_bob_runs ();
  ck_assert_int_eq (fake_bob_state (), ES_STATE_ENDED);
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
}
END_TEST

/* Another plugin puts REPLACEMENT in the place of what Carol sends. */
static const char *replacement;
static gboolean in_its_place;

static void
replace (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  xmlnode *node = NULL, taken = { 0 };
  const char *from = xmlnode_get_attrib (*packet, "from");

  if (from == NULL || !g_str_has_prefix (from, "carol@"))
    return;
  node = xmlnode_from_str (replacement, -1);
  if (in_its_place)
    {
      taken = **packet;
      **packet = *node;
      *node = taken;
      for (xmlnode *child = (*packet)->child; child != NULL; child = child->next)
        child->parent = *packet;
      for (xmlnode *child = node->child; child != NULL; child = child->next)
        child->parent = node;
    }
  xmlnode_free (in_its_place ? node : *packet);
  *packet = in_its_place ? *packet : node;
}

/* Instead of what Carol sends, on its way in. */
static void
receive_instead (const char *xml, gboolean reused)
{
  static int handle;
  g_autofree char *name = g_strndup (xml + 1, strcspn (xml + 1, " "));
  g_autofree char *carols
      = g_strdup_printf ("<%s xmlns='jabber:client' type='result' from='carol@localhost/x'/>", name);

  replacement = xml;
  in_its_place = reused;
  purple_signal_connect_priority (es_plugin_running ()->jabber, "jabber-receiving-xmlnode", &handle,
                                  PURPLE_CALLBACK (replace), NULL, PURPLE_SIGNAL_PRIORITY_LOWEST + 100);
  fake_receive (carols);
}

/* libpurple writes that somebody has gone where there are no words, in whatever name: as it came (0), in layers that nobody looks at (1), or
 * in the place of something else (2; 3: where that was). Whose conversation is not guarded may say so. */
START_TEST (gate__plain_message__does_not_say_who_has_gone)
{
  static const char message[]
      = "<message xmlns='jabber:client' type='chat' from='" BOB_FULL
        "'><whatever xmlns='urn:x'/><body/><gone xmlns='http://jabber.org/protocol/chatstates'/>"
        "</message>";

  fake_receive (message);
  ck_assert_uint_eq (fake_count (fake_got, "gone"), 1);
  fake_encrypt_with_bob ();
  if (_i == 0)
    fake_receive (message);
  else if (_i == 1)
    receive_nested ("", "<body>deep</body><gone xmlns='http://jabber.org/protocol/chatstates'/>");
  else
    receive_instead (message, _i == 3);
  ck_assert_uint_eq (fake_count (fake_got, "gone"), 1);
  ck_assert_uint_eq (fake_count (fake_got, _i == 1 ? "deep" : "whatever"), _i == 1 ? 1 : 2);
}
END_TEST

START_TEST (gate__replaced_message__is_marked)
{
  fake_encrypt_with_bob ();
  receive_instead ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL "'><body>forged</body></message>",
                   _i == 1);
  ck_assert_uint_eq (fake_count (fake_lines, "forged"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "The next message was not encrypted"), 1);
}
END_TEST

START_TEST (gate__replaced_presence__renames_nobody)
{
  fake_encrypt_with_bob ();
  receive_instead ("<presence xmlns='jabber:client' from='" BOB_FULL
                   "'><nick xmlns='http://jabber.org/protocol/nick'>forged</nick></presence>",
                   _i == 1);
  ck_assert_uint_eq (fake_count (fake_got, "<presence"), 2);
  ck_assert_uint_eq (fake_count (fake_got, "forged"), 0);
}
END_TEST

START_TEST (gate__replaced_iq__offers_nothing)
{
  fake_encrypt_with_bob ();
  receive_instead ("<iq xmlns='jabber:client' type='set' id='f' from='" BOB_FULL "'>"
                   "<si xmlns='http://jabber.org/protocol/si' id='s' "
                   "profile='http://jabber.org/protocol/si/profile/file-transfer'/></iq>",
                   _i == 1);
  ck_assert_uint_eq (fake_count (fake_got, "protocol/si"), 0);
}
END_TEST

/* Who wants to be in the list under two names. */
START_TEST (gate__replaced_roster__has_one_spelling)
{
  receive_instead ("<iq xmlns='jabber:client' type='set' id='f'><query xmlns='jabber:iq:roster'>"
                   "<item jid='BOB@localhost' subscription='both'/><item jid='b@@localhost'/></query></iq>",
                   _i == 1);
  ck_assert_uint_eq (fake_count (fake_got, "jid='bob@localhost'"), 1);
  ck_assert_uint_eq (fake_count (fake_got, "b@@localhost"), 0);
}
END_TEST

START_TEST (gate__replaced_stanza__is_none_of_ours)
{
  static const char *const stanzas[] = {
    "<message xmlns='jabber:client' from='" BOB_FULL
    "'><c xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'/></message>",
    "<iq xmlns='jabber:client' type='set' id='f' from='" BOB_FULL
    "'><c xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'/></iq>",
    "<presence xmlns='jabber:client' from='" BOB_FULL
    "'><c xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'/></presence>",
    "<message xmlns='jabber:client' from='BOB@localhost/x'><body>forged</body></message>",
    "<message xmlns='jabber:client' from='bob@@localhost'><body>forged</body></message>",
  };

  fake_encrypt_with_bob ();
  g_ptr_array_set_size (fake_got, 0);
  receive_instead (stanzas[_i / 2], _i % 2 == 1);
  ck_assert_uint_eq (fake_got->len, 0);
}
END_TEST

static void
rename_sender (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  xmlnode_set_attrib (*packet, "from", BOB_FULL);
}

START_TEST (gate__other_sender__is_looked_at_again)
{
  static int handle;

  fake_encrypt_with_bob ();
  purple_signal_connect_priority (es_plugin_running ()->jabber, "jabber-receiving-xmlnode", &handle,
                                  PURPLE_CALLBACK (rename_sender), NULL, PURPLE_SIGNAL_PRIORITY_LOWEST + 100);
  fake_receive ("<message xmlns='jabber:client' type='chat' from='carol@localhost/x'><body>forged</body></message>");
  ck_assert_uint_eq (fake_count (fake_lines, "forged"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "The next message was not encrypted"), 1);
}
END_TEST

/* A plugin may copy what it likes. */
static void
copy (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  xmlnode *node = xmlnode_copy (*packet);

  xmlnode_free (*packet);
  *packet = node;
}

START_TEST (gate__whole_copy__is_what_it_was)
{
  static int handle;

  fake_encrypt_with_bob ();
  purple_signal_connect_priority (es_plugin_running ()->jabber, "jabber-receiving-xmlnode", &handle,
                                  PURPLE_CALLBACK (copy), NULL, PURPLE_SIGNAL_PRIORITY_LOWEST + 100);
  fake_bob_types ("an answer");
  ck_assert_uint_eq (fake_count (fake_lines, "an answer"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "not encrypted"), 0);
}
END_TEST

/* Who is in a room, and what is said there, comes from rooms. */
START_TEST (gate__contact__is_no_room)
{
  static const char *const stanzas[] = {
    "<presence xmlns='jabber:client' from='bob@localhost/nobody'><x xmlns='http://jabber.org/protocol/muc#user'>"
    "<item affiliation='owner' role='moderator'/></x></presence>",
    "<presence xmlns='jabber:client' from='bob@localhost/nobody' type='unavailable'><status>forged</status>"
    "<x xmlns='http://jabber.org/protocol/muc#user'><item role='none'/></x></presence>",
    "<message xmlns='jabber:client' from='bob@localhost/nobody' type='groupchat'><body>forged</body></message>",
  };
  guint n = 0;

  fake_encrypt_with_bob ();
  n = fake_got->len;
  fake_receive (stanzas[_i]);
  fake_settle ();
  ck_assert_uint_eq (fake_got->len, n);
}
END_TEST

/* Whether an iq with WHAT from Bob comes through to libpurple on CONNECTION. */
static gboolean
comes_through (PurpleConnection *connection, const char *what)
{
  g_autofree char *xml = g_strdup_printf ("<iq xmlns='jabber:client' type='set' id='i' from='" BOB_FULL
                                          "'><%s xmlns='http://jabber.org/protocol/ibb' %s/></iq>",
                                          what, g_str_equal (what, "open") ? "sid='s' block-size='4096'" : "sid='s'");
  xmlnode *packet = xmlnode_from_str (xml, -1);
  gboolean taken = FALSE;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-receiving-xmlnode", connection, &packet);
  taken = GPOINTER_TO_INT (purple_signal_emit_return_1 (es_plugin_running ()->jabber, "jabber-receiving-iq", connection,
                                                        "set", "i", BOB_FULL, packet));
  xmlnode_free (packet);
  return !taken;
}

/* libpurple knows a stream by its name and by whom it is with, on whichever account: what is of a file that goes encrypted on one of them
 * comes on no other; before there is one it is like any other. */
START_TEST (gate__stream_of_another_account__goes_to_nobody)
{
  static const char *const parts[] = { "open", "data", "close" };
  PurpleAccount *other = purple_account_new ("dave@localhost/a", "prpl-jabber");
  PurpleConnection *connection = NULL;

  purple_accounts_add (other);
  purple_account_set_password (other, "secret");
  purple_account_set_enabled (other, "esession-test", TRUE);
  purple_account_connect (other);
  connection = purple_account_get_connection (other);
  fake_encrypt_with_bob ();
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    ck_assert (comes_through (connection, parts[i]));
  send_raw (
      "<iq type='set' id='f' to='" BOB_FULL "'><si xmlns='http://jabber.org/protocol/si' id='s' "
      "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
      "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='f' size='3'/>"
      "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
      "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option>"
      "</field></x></feature></si></iq>");
  ck_assert (es_manager_has_stream (fake_link ()->manager, es_at (BOB_FULL), "s"));
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    ck_assert (!comes_through (connection, parts[i]));
}
END_TEST

/* Its windows close when it is out of the list already. */
START_TEST (gate__deleted_account__leaves_nothing)
{
  PurpleAccount *other = purple_account_new ("carol@localhost/a", "prpl-jabber");

  purple_accounts_add (other);
  purple_account_set_password (other, "secret");
  purple_account_set_enabled (other, "esession-test", TRUE);
  purple_account_connect (other);
  purple_conversation_new (PURPLE_CONV_TYPE_IM, other, BOB);
  ck_assert_ptr_nonnull (es_plugin_link (es_plugin_running (), other));
  purple_accounts_delete (other);
  ck_assert (!g_hash_table_contains (es_plugin_running ()->links, other));
}
END_TEST

START_TEST (gate__renamed_account__has_a_link_of_its_own)
{
  g_autoptr (GError) error = NULL;

  ck_assert (es_trust_set_policy (es_plugin_running ()->trust, es_at ("carol@localhost"), es_at (BOB), ES_POLICY_ALWAYS,
                                  &error));
  fake_type (BOB, "early");
  ck_assert_uint_eq (fake_count (fake_sent, "early"), 1);
  purple_account_set_username (fake_account (), "carol@localhost/a");
  fake_type (BOB, "secret");
  send_raw ("<message to='bob@localhost/x'><body>secret</body></message>");
  send_raw ("<presence><status>secret</status></presence>");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "the name or the protocol of your account was changed"), 1);
  fake_reconnect (NULL);
  fake_settle ();
  ck_assert_str_eq (es_address_text (fake_link ()->own), "carol@localhost");
  fake_type (BOB, "secret");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  fake_type ("dave@localhost", "hello");
  ck_assert_uint_eq (fake_count (fake_sent, "hello"), 1);
}
END_TEST

START_TEST (gate__other_resource__is_no_other_name)
{
  EsLink *link = fake_link ();

  purple_account_set_username (fake_account (), "Alice@localhost/b");
  fake_type ("dave@localhost", "hello");
  ck_assert_uint_eq (fake_count (fake_sent, "hello"), 1);
  fake_reconnect (NULL);
  ck_assert_ptr_eq (fake_link (), link);
}
END_TEST

/* IRC */

static GPtrArray *irc_sent;

static void
irc_login (PurpleAccount *account)
{
  purple_connection_set_state (purple_account_get_connection (account), PURPLE_CONNECTED);
}

static void
irc_close (PurpleConnection *connection)
{
}

static int
irc_send (PurpleConnection *connection, const char *who, const char *text, PurpleMessageFlags flags)
{
  g_ptr_array_add (irc_sent, g_strdup (text));
  return 1;
}

static void
take_irc (void)
{
  PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (purple_plugins_find_with_id ("prpl-irc"));

  irc_sent = g_ptr_array_new_with_free_func (g_free);
  info->login = irc_login;
  info->close = irc_close;
  info->send_im = irc_send;
  info->send_typing = NULL;
}

/* The connection stays XMPP's until it ends: nothing leaves on it by mistake. Then nothing of ours is left. */
START_TEST (gate__other_protocol__is_none_of_ours)
{
  PurpleConversation *window = NULL;
  EsConversation what;

  take_irc ();
  fake_encrypt_with_bob ();
  window = fake_window (BOB);
  purple_conversation_set_logging (window, TRUE);
  purple_account_set_protocol_id (fake_account (), "prpl-irc");
  fake_type (BOB, "secret");
  send_raw ("<message to='bob@localhost/x'><body>secret</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "sign off and on again"), 1);
  es_api ()->describe (window, &what);
  ck_assert_int_eq (what.state, ES_STATE_ENCRYPTED);
  fake_bob_types ("still encrypted");
  ck_assert_uint_eq (fake_count (fake_lines, "still encrypted"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "was not encrypted"), 0);

  fake_reconnect (NULL);
  fake_settle ();
  g_ptr_array_set_size (fake_sent, 0);
  ck_assert_ptr_null (fake_link ());
  ck_assert (!es_api ()->covers (window));
  ck_assert (purple_conversation_is_logging (window));
  fake_type (BOB, "hello");
  ck_assert_uint_eq (fake_count (irc_sent, "hello"), 1);
  fake_settle ();
  ck_assert_uint_eq (fake_sent->len, 0);
}
END_TEST

START_TEST (gate__other_protocol__becomes_ours_when_it_signs_on)
{
  PurpleAccount *other = purple_account_new ("carol@localhost", "prpl-irc");
  PurpleConversation *window = NULL;

  take_irc ();
  purple_accounts_add (other);
  purple_account_set_password (other, "secret");
  purple_account_set_enabled (other, "esession-test", TRUE);
  purple_account_connect (other);
  purple_account_set_protocol_id (other, "prpl-jabber");
  g_ptr_array_set_size (fake_sent, 0);
  window = purple_conversation_new (PURPLE_CONV_TYPE_IM, other, BOB);
  purple_conv_im_send (PURPLE_CONV_IM (window), "hello");
  fake_settle ();
  ck_assert_uint_eq (fake_count (irc_sent, "hello"), 1);
  ck_assert_uint_eq (fake_sent->len, 0);
  ck_assert (!es_api ()->covers (window));
  purple_account_disconnect (other);
  purple_account_connect (other);
  fake_settle ();
  ck_assert (es_api ()->covers (window));
  purple_conv_im_send (PURPLE_CONV_IM (window), "hello");
  ck_assert_uint_eq (fake_count (irc_sent, "hello"), 1);
}
END_TEST

/* What libpurple takes for a message where the command was meant. */
#define PASSWORD "/esession password correct horse"
static const char *const like_commands[] = {
  " " PASSWORD,
  "\t\n " PASSWORD,
  "\xc2\xa0" PASSWORD,     /* no-break space */
  "\xe2\x80\x8b" PASSWORD, /* zero width space */
  "\xe2\x80\x8f" PASSWORD, /* right-to-left mark */
  "\xef\xbb\xbf" PASSWORD, /* byte order mark */
  "\xe2\xa0\x80" PASSWORD, /* braille without a dot */
  "\xcc\x81" PASSWORD,     /* an accent on nothing */
  "<b>" PASSWORD "</b>",
  "<BODY><P ALIGN='RIGHT'> <FONT COLOR='red'>" PASSWORD "</FONT></P></BODY>",
  "<br>" PASSWORD,
  "&nbsp;" PASSWORD,
  "&#8203;" PASSWORD,
  " /ESession password correct horse",
  " /e<i>session</i> password correct horse",
  " /es\xe2\x80\x8b\x65ssion password correct horse",
  " /esession\xc2\xa0password correct horse",
  " /esession<br>password correct horse",
  "\xef\xbc\x8f\x65session password correct horse", /* full width */
  " /esession",
  PASSWORD,
  "/" PASSWORD,
  "/esession/password correct horse",
  "/ esession password correct horse",
  "/esesion password correct horse",
  "esession password correct horse",
};

static void
assert_refused (const char *line)
{
  ck_assert_msg (fake_count (fake_lines, "looks like a mistyped command: commands begin with /esession.") == 1, "%s",
                 line);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: "), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "esession"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "ESession"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "esesion"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "horse"), 0);
}

/* To whom nothing is encrypted (0), in an encrypted conversation, and where it would wait; in each it goes back. */
START_TEST (gate__typed__like_a_command_is_not_sent)
{
  const char *line = like_commands[(guint) _i / 3], *who = _i % 3 == 0 ? "carol@localhost" : BOB;

  fake_add_buddy ("carol@localhost");
  if (_i % 3 == 1)
    fake_encrypt_with_bob ();
  if (_i % 3 == 2)
    ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  g_ptr_array_set_size (fake_sent, 0);
  fake_type (who, line);
  fake_settle ();
  assert_refused (line);
  ck_assert_uint_eq (fake_sent->len, 0);
}
END_TEST

static const char *const no_commands[] = {
  "see /esession password, horse",
  "I use esession, as does my horse",
  "/sessions are for a horse",
  "esession horse",
  "- /esession horse",
};

START_TEST (gate__typed__that_is_no_command_is_sent)
{
  fake_add_buddy ("carol@localhost");
  fake_type ("carol@localhost", no_commands[_i]);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "horse"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "not sent"), 0);
}
END_TEST

/* Nor where nothing is ours. */
START_TEST (gate__typed__like_a_command_elsewhere)
{
  PurpleAccount *other = purple_account_new ("carol", "prpl-irc");
  PurpleConversation *window = NULL;

  take_irc ();
  purple_accounts_add (other);
  purple_account_set_password (other, "secret");
  purple_account_set_enabled (other, "esession-test", TRUE);
  purple_account_connect (other);
  window = purple_conversation_new (PURPLE_CONV_TYPE_IM, other, "dave");
  purple_conv_im_send (PURPLE_CONV_IM (window), " " PASSWORD);
  fake_settle ();
  assert_refused (PASSWORD);
  ck_assert_uint_eq (irc_sent->len, 0);
}
END_TEST

START_TEST (gate__typed__like_a_command_in_a_room)
{
  PurpleConversation *room = serv_got_joined_chat (fake_connection (), 1, "room@localhost");

  purple_conv_chat_send (PURPLE_CONV_CHAT (room), " " PASSWORD);
  fake_settle ();
  assert_refused (PASSWORD);
}
END_TEST

/* What the user chose for the account goes before the preference, from the next message on. What nobody could have chosen is nothing. */
START_TEST (gate__account__has_a_policy_of_its_own)
{
  static const struct
  {
    EsPolicy usual;
    const char *own;
    gboolean leaves;
  } cases[] = {
    { ES_POLICY_ALWAYS, "never", TRUE },   { ES_POLICY_NEVER, "always", FALSE }, { ES_POLICY_NEVER, "sometimes", TRUE },
    { ES_POLICY_ALWAYS, "", FALSE },       { ES_POLICY_ALWAYS, "ask", TRUE },    { ES_POLICY_NEVER, "possible", TRUE },
    { ES_POLICY_ALWAYS, "ALWAYS", FALSE },
  };

  purple_prefs_set_int (ES_PREF_POLICY, (int) cases[_i].usual);
  fake_type (CAROL, "before");
  ck_assert_uint_eq (fake_count (fake_sent, "before"), cases[_i].usual == ES_POLICY_NEVER);
  purple_account_set_string (fake_account (), "esession-policy", cases[_i].own);
  if (_i % 2 == 0)
    es_api ()->account_changed (fake_account ());
  fake_settle ();
  fake_type (CAROL, "after");
  ck_assert_uint_eq (fake_count (fake_sent, "after"), cases[_i].leaves);

  /* What was written before comes back where it would leave in the clear now. */
  ck_assert_uint_eq (fake_count (fake_sent, "before"), cases[_i].usual == ES_POLICY_NEVER);
}
END_TEST

START_TEST (gate__account__can_be_edited_while_we_are_there)
{
  PurplePluginProtocolInfo *protocol = PURPLE_PLUGIN_PROTOCOL_INFO (purple_plugins_find_with_id ("prpl-jabber"));
  guint n = g_list_length (protocol->protocol_options);
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;

  es_plugin_stop ();
  ck_assert_uint_eq (g_list_length (protocol->protocol_options), n - 1);
  ck_assert (es_plugin_start (ui, &error));
  ck_assert_uint_eq (g_list_length (protocol->protocol_options), n);
}
END_TEST

static void
send_text (const char *xml)
{
  xmlnode *made = xmlnode_from_str (xml, -1), *packet = made;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (made);
}

/* Signed off, and signing on again: there is a stream, and nobody knows yet whose it is. */
static void
connect_slowly (void)
{
  PURPLE_PLUGIN_PROTOCOL_INFO (es_plugin_running ()->jabber)->login = hold_login;
  fake_reconnect (NULL);
  ck_assert_int_eq (purple_connection_get_state (fake_connection ()), PURPLE_CONNECTING);
}

/* Before that stream is ours, and encrypted to the server, nobody's words leave on it: typed (0), sent by another plugin (1), or written
 * as they are (2); to whom nothing is encrypted, or everything. */
START_TEST (gate__connecting__nothing_is_said)
{
  gboolean guarded = _i >= 3;

  fake_add_buddy (CAROL);
  purple_prefs_set_int (ES_PREF_POLICY, guarded ? ES_POLICY_ALWAYS : ES_POLICY_NEVER);
  fake_window (CAROL);
  connect_slowly ();
  g_ptr_array_set_size (fake_sent, 0);
  if (_i % 3 == 0)
    fake_type (CAROL, "too <b>early</b>");
  else if (_i % 3 == 1)
    serv_send_im (fake_connection (), CAROL, "too early", 0);
  else
    send_text ("<message to='" CAROL "'><body>too early</body></message>");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "early"), 0);
  ck_assert_uint_eq (fake_sent->len, 0);
  if (_i < 3)
    {
      ck_assert_uint_eq (fake_count (fake_lines, "Your message was not sent because you are not online"), 1);
      ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: too "), 1);
    }

  purple_connection_set_state (fake_connection (), PURPLE_CONNECTED);
  fake_settle ();
  fake_type (CAROL, "in time");
  ck_assert_uint_eq (fake_count (fake_sent, "in time"), !guarded);
}
END_TEST

/* What the server may not have had is sent again as soon as it knows who we are: that is no new word. */
START_TEST (gate__connecting__what_was_said_is_said_again)
{
  fake_add_buddy (CAROL);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_NEVER);
  connect_slowly ();
  send_text ("<enable xmlns='urn:xmpp:sm:3'/>");
  send_text ("<message to='" CAROL "'><body>once more</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "once more"), 1);
  fake_receive ("<enabled xmlns='urn:xmpp:sm:3'/>");
  send_text ("<message to='" CAROL "'><body>too early</body></message>");
  connect_slowly ();
  send_text ("<message to='" CAROL "'><body>too early</body></message>");
  ck_assert_uint_eq (fake_count (fake_sent, "too early"), 0);
}
END_TEST

/* Offline (0), and while it is connecting (1). */
START_TEST (gate__offline__start_says_who_is_not_there)
{
  PurpleConversation *window = fake_window (BOB);
  EsConversation what;

  connect_slowly ();
  if (_i == 0)
    purple_account_disconnect (fake_account ());
  es_api ()->describe (window, &what);
  ck_assert (!what.can_start);
  ck_assert (!what.online);
  es_api ()->user_start (window);
  ck_assert_uint_eq (fake_count (fake_lines, "the other side is offline"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "because you are not online"), 1);
}
END_TEST

static PurpleConversation *changed;

static void
note_changed (PurpleConversation *conversation)
{
  changed = conversation;
}

static gboolean
take_texts (PurpleConversation *conversation, const char *const *texts)
{
  ck_abort_msg ("somebody else has them");
  return FALSE;
}

/* Anybody in the program can make a window one with somebody else, by another name (0) or account (1): what is shown there, and whether
 * that is logged, is what holds for whom the next words go to, and nothing that was written to the former contact goes there. */
START_TEST (gate__window_of_another_contact__shows_what_holds)
{
  static const EsUi ui = { .changed = note_changed, .return_texts = take_texts };
  PurpleAccount *other = purple_account_new ("dave@localhost", "prpl-jabber");
  PurpleConversation *window = NULL;
  EsConversation what;

  purple_prefs_set_bool ("/purple/logging/log_ims", TRUE);
  purple_prefs_set_bool (ES_PREF_LOG, FALSE);
  fake_add_buddy (CAROL);
  purple_accounts_add (other);
  fake_encrypt_with_bob ();
  window = fake_window (BOB);
  ck_assert (!purple_conversation_is_logging (window));
  es_plugin_running ()->ui = &ui;
  es_unsent_return (es_plugin_running (), window, "for Bob");
  changed = NULL;
  if (_i == 0)
    purple_conversation_set_name (window, CAROL);
  else
    purple_conversation_set_account (window, other);
  ck_assert_ptr_eq (changed, window);
  ck_assert (purple_conversation_is_logging (window));
  es_api ()->describe (window, &what);
  ck_assert_int_eq (what.state, ES_STATE_PLAIN);
  ck_assert_ptr_null (es_conversations_find (fake_link (), es_at (BOB)));
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: for Bob"), 1);
}
END_TEST

/* Who is offline (0), or online, and whose conversation with somebody who is always encrypted is not now (1), is told when nothing is any
 * more; who writes in the clear anyway (2) is not. */
START_TEST (gate__stopping__is_said_where_it_matters)
{
  purple_prefs_set_int (ES_PREF_POLICY, _i == 2 ? ES_POLICY_NEVER : ES_POLICY_ALWAYS);
  fake_window (BOB);
  fake_window (CAROL);
  if (_i == 0)
    purple_account_disconnect (fake_account ());
  fake_settle ();
  es_plugin_stop ();
  ck_assert_uint_eq (fake_count (fake_lines, "What you write now is not encrypted."), _i == 2 ? 0 : 2);
}
END_TEST

/* What would arrive with nothing in it is not shown as sent; what is left of the others is. */
START_TEST (gate__typed__that_would_be_empty_is_refused)
{
  static const struct
  {
    const char *text;
    gboolean leaves;
  } texts[] = { { "\x01", FALSE }, { "<b>\x01\x02</b>", FALSE }, { "\xef\xbf\xbf", FALSE }, { "a\x01", TRUE },
                { " ", TRUE },     { "\xf0\x9f\x99\x82", TRUE } };
  const char *who = _i % 2 == 0 ? BOB : CAROL;
  guint n_sent = 0;

  fake_add_buddy (CAROL);
  fake_encrypt_with_bob ();
  n_sent = fake_sent->len;
  fake_type (who, texts[_i / 2].text);
  fake_settle ();
  ck_assert_int_eq (fake_sent->len > n_sent, texts[_i / 2].leaves);
  ck_assert_uint_eq (fake_count (fake_lines, "Your message was not sent because it holds nothing"),
                     !texts[_i / 2].leaves);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("gate");
  TCase *tcase = tcase_create ("gate");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, gate__typed__leaves_plain_to_whom_nothing_is_known_of);
  tcase_add_test (tcase, gate__typed__leaves_encrypted);
  tcase_add_loop_test (tcase, gate__typed__like_a_command_is_not_sent, 0, 3 * G_N_ELEMENTS (like_commands));
  tcase_add_loop_test (tcase, gate__typed__that_is_no_command_is_sent, 0, G_N_ELEMENTS (no_commands));
  tcase_add_test (tcase, gate__typed__like_a_command_elsewhere);
  tcase_add_test (tcase, gate__typed__like_a_command_in_a_room);
  tcase_add_test (tcase, gate__incoming__has_one_from);
  tcase_add_test (tcase, gate__incoming__with_an_id_for_xml_arrives);
  tcase_add_test (tcase, gate__outgoing__has_one_to);
  tcase_add_test (tcase, gate__wall__holds_for_another_address);
  tcase_add_test (tcase, gate__wall__holds_for_more_than_one);
  tcase_add_test (tcase, gate__wall__holds_for_what_is_sent_elsewhere);
  tcase_add_loop_test (tcase, gate__wall__is_of_what_was_typed, 0, 8);
  tcase_add_test (tcase, gate__plain_once__is_of_what_waited);
  tcase_add_test (tcase, gate__wall__is_gone_afterwards);
  tcase_add_test (tcase, gate__wire__has_what_the_gate_has_seen);
  tcase_add_test (tcase, gate__wire__has_a_namespace_over_http);
  tcase_add_test (tcase, gate__raw_stanza__goes_through_the_gate);
  tcase_add_loop_test (tcase, gate__typed__waits_for_whoever_may_be_there, 0, 2);
  tcase_add_loop_test (tcase, gate__typed__that_cannot_be_looked_at_is_not_lost, 0, 2);
  tcase_add_loop_test (tcase, gate__raw_text__is_no_way_around, 0, 4);
  tcase_add_test (tcase, gate__raw_text__ends_where_it_is_said_to);
  tcase_add_loop_test (tcase, gate__stream__is_written, 0, 5);
  tcase_add_test (tcase, gate__deep_message__passes);
  tcase_add_test (tcase, gate__deep_message__is_marked);
  tcase_add_loop_test (tcase, gate__plain_message__does_not_say_who_has_gone, 0, 4);
  tcase_add_loop_test (tcase, gate__deep_message__is_no_invitation, 0, 3);
  tcase_add_loop_test (tcase, gate__deep_message_of_ours__is_dropped, 0, 8);
  tcase_add_test (tcase, gate__domain__is_a_contact);
  tcase_add_test (tcase, gate__domain__waits_where_it_must_be_encrypted);
  tcase_add_loop_test (tcase, gate__spellings__are_one_contact, 0, 4);
  tcase_add_test (tcase, gate__own_device__is_as_a_contacts);
  tcase_add_loop_test (tcase, gate__bits__leave_encrypted_only, 0, 4);
  tcase_add_loop_test (tcase, gate__own_stanza__is_as_it_was, 0, 6);
  tcase_add_loop_test (tcase, gate__replaced_message__is_marked, 0, 2);
  tcase_add_loop_test (tcase, gate__replaced_presence__renames_nobody, 0, 2);
  tcase_add_loop_test (tcase, gate__replaced_iq__offers_nothing, 0, 2);
  tcase_add_test (tcase, gate__stream_of_another_account__goes_to_nobody);
  tcase_add_loop_test (tcase, gate__replaced_roster__has_one_spelling, 0, 2);
  tcase_add_loop_test (tcase, gate__replaced_stanza__is_none_of_ours, 0, 10);
  tcase_add_test (tcase, gate__other_sender__is_looked_at_again);
  tcase_add_test (tcase, gate__whole_copy__is_what_it_was);
  tcase_add_loop_test (tcase, gate__contact__is_no_room, 0, 3);
  tcase_add_test (tcase, gate__deleted_account__leaves_nothing);
  tcase_add_test (tcase, gate__renamed_account__has_a_link_of_its_own);
  tcase_add_test (tcase, gate__other_resource__is_no_other_name);
  tcase_add_test (tcase, gate__other_protocol__is_none_of_ours);
  tcase_add_test (tcase, gate__other_protocol__becomes_ours_when_it_signs_on);
  tcase_add_loop_test (tcase, gate__account__has_a_policy_of_its_own, 0, 7);
  tcase_add_test (tcase, gate__account__can_be_edited_while_we_are_there);
  tcase_add_loop_test (tcase, gate__connecting__nothing_is_said, 0, 6);
  tcase_add_test (tcase, gate__connecting__what_was_said_is_said_again);
  tcase_add_loop_test (tcase, gate__offline__start_says_who_is_not_there, 0, 2);
  tcase_add_loop_test (tcase, gate__window_of_another_contact__shows_what_holds, 0, 2);
  tcase_add_loop_test (tcase, gate__stopping__is_said_where_it_matters, 0, 3);
  tcase_add_loop_test (tcase, gate__typed__that_would_be_empty_is_refused, 0, 12);
  tcase_add_loop_test (tcase, gate__typed__that_no_server_can_read_goes_back_once, 0, 4);
  tcase_add_loop_test (tcase, gate__encrypted__that_no_server_can_read_goes_back_once, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
