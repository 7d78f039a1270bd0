/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link that could have come over the network proves nothing, however it came. */
#include "es-links.h"

#include "es-fake.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define ROOM "room@rooms.localhost"

static EsLinkVerdict
check (const char *text)
{
  return es_manager_check_link (fake_link ()->manager, es_at (BOB), text);
}

static char *
meet (void)
{
  char *of_bob = NULL;

  purple_connection_set_display_name (fake_connection (), purple_account_get_username (fake_account ()));
  es_presence_note_own (fake_link ());
  fake_encrypt_with_bob ();
  of_bob = fake_bob_link ();
  ck_assert_ptr_nonnull (of_bob);
  return of_bob;
}

static char *
filled (const char *format, const char *of_bob)
{
  g_auto (GStrv) parts = g_strsplit (format, "LINK", -1);

  return g_strjoinv (of_bob, parts);
}

#define C " xmlns='jabber:client' "
#define NOISE "0123456789abcdef0123456789abcdef"
#define HIDDEN NOISE NOISE NOISE NOISE NOISE NOISE NOISE

static const char *const ways[] = {
  "<message" C "from='" CAROL "/x' type='chat'><body>LINK</body></message>",
  "<message" C "from='" CAROL "/x' type='chat'><body>x</body><html xmlns='http://jabber.org/protocol/xhtml-im'>"
  "<body xmlns='http://www.w3.org/1999/xhtml'><a href='LINK'>x</a></body></html></message>",
  "<message" C "from='" CAROL "/x' type='headline'><subject>LINK</subject><body>x</body></message>",
  "<message" C "from='" ROOM "/carol' type='groupchat'><body>LINK</body></message>",
  "<message" C "from='" ROOM "' type='groupchat'><subject>LINK</subject></message>",
  "<presence" C "from='" CAROL "/x'><status>LINK</status></presence>",
  "<presence" C "from='" CAROL "/LINK'/>",
  "<presence" C "from='" ROOM "/LINK'><x xmlns='http://jabber.org/protocol/muc#user'/></presence>",
  "<iq" C "type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='" CAROL "' name='LINK'/></query></iq>",
  "<iq" C "type='set' id='s' from='" CAROL "/x'><si xmlns='http://jabber.org/protocol/si' id='s' "
  "profile='http://jabber.org/protocol/si/profile/file-transfer'>"
  "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='LINK' size='1'/></si></iq>",
  "<iq" C "type='result' id='v' from='" CAROL "'><vCard xmlns='vcard-temp'><DESC>LINK</DESC></vCard></iq>",
  "<message" C "from='" CAROL "/x' type='error'><body>x</body><error type='cancel'><text "
  "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>LINK</text></error></message>",
};

START_TEST (heard__link_in_anything__proves_nothing)
{
  g_autofree char *of_bob = meet (), *stanza = filled (ways[_i], of_bob);

  fake_receive (stanza);
  ck_assert_int_eq (check (of_bob), ES_LINK_CAME_HERE);
}
END_TEST

/* In PIECES between which there is what is not shown; or letters that stand for pictures. */
START_TEST (heard__link_in_pieces__proves_nothing)
{
  g_autofree char *of_bob = meet ();
  GString *stanza = g_string_new ("<message" C "from='" CAROL "/x' type='chat'><body>x</body>"
                                  "<html xmlns='http://jabber.org/protocol/xhtml-im'>"
                                  "<body xmlns='http://www.w3.org/1999/xhtml'>");

  for (const char *c = of_bob; *c != '\0'; c++)
    switch (_i)
      {
      case 0:
        g_string_append_printf (stanza, "<span style='color: #abcdef; background: #%s'>%c</span>", NOISE, *c);
        break;
      case 1:
        g_string_append_printf (stanza, "<img src='#%s' alt='%c'/>", NOISE, *c);
        break;
      default:
        g_string_append_printf (stanza, "<style>%s</style>%c", HIDDEN, *c);
      }
  g_string_append (stanza, "</body></html></message>");
  fake_receive (stanza->str);
  g_string_free (stanza, TRUE);
  ck_assert_int_eq (check (of_bob), ES_LINK_CAME_HERE);
}
END_TEST

/* In more layers than are looked at. */
START_TEST (heard__link_in_the_deep__proves_nothing)
{
  g_autofree char *of_bob = meet ();
  GString *stanza = g_string_new ("<message" C "from='" CAROL "/x' type='chat'><body>x</body>");

  for (guint i = 0; i < 100; i++)
    g_string_append (stanza, "<x xmlns='urn:x'>");
  g_string_append (stanza, _i == 0 ? of_bob : "Hello.");
  for (guint i = 0; i < 100; i++)
    g_string_append (stanza, "</x>");
  g_string_append (stanza, "</message>");
  fake_receive (stanza->str);
  g_string_free (stanza, TRUE);
  ck_assert_int_eq (check (of_bob), _i == 0 ? ES_LINK_CAME_HERE : ES_LINK_AGREES);
}
END_TEST

static const char *const harmless[] = {
  "<message" C "from='" CAROL "/x' type='chat'><body>Hello.</body></message>",
  "<message" C "from='" BOB "/x' type='chat' id='" NOISE "'><thread>" NOISE "</thread><body>" HIDDEN HIDDEN
  "</body></message>",
  "<iq" C "type='result' id='v' from='" CAROL "'><vCard xmlns='vcard-temp'><PHOTO><BINVAL>" HIDDEN HIDDEN
  "</BINVAL></PHOTO></vCard></iq>",
};

START_TEST (heard__nothing_of_it__is_no_reason)
{
  g_autofree char *of_bob = meet ();

  fake_receive (harmless[_i]);
  ck_assert_int_eq (check (of_bob), ES_LINK_AGREES);

  /* Then there is nothing to search. */
  ck_assert (!es_links_are_wanted (es_trust_links (es_plugin_running ()->trust)));
}
END_TEST

/* Somebody writes on another network. */
START_TEST (heard__link_on_another_network__proves_nothing)
{
  g_autofree char *of_bob = meet (), *text = NULL;
  PurpleAccount *irc = purple_account_new ("alice@irc.localhost", "prpl-irc");
  char *sender = g_strdup ("carol"), *message = NULL;
  PurpleMessageFlags flags = PURPLE_MESSAGE_RECV;
  GString *marked = g_string_new (NULL);

  for (const char *c = of_bob; *c != '\0'; c++)
    g_string_append_printf (marked, "<font color='#%s'>%c</font>", NOISE, *c);
  message = g_string_free (marked, FALSE);
  purple_signal_emit_return_1 (purple_conversations_get_handle (), _i == 0 ? "receiving-im-msg" : "receiving-chat-msg",
                               irc, &sender, &message, NULL, &flags);
  ck_assert_int_eq (check (of_bob), ES_LINK_CAME_HERE);
  g_free (sender);
  g_free (message);
  purple_account_destroy (irc);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("heard");
  TCase *tcase = tcase_create ("heard");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_loop_test (tcase, heard__link_in_anything__proves_nothing, 0, G_N_ELEMENTS (ways));
  tcase_add_loop_test (tcase, heard__link_in_pieces__proves_nothing, 0, 3);
  tcase_add_loop_test (tcase, heard__link_in_the_deep__proves_nothing, 0, 2);
  tcase_add_loop_test (tcase, heard__nothing_of_it__is_no_reason, 0, G_N_ELEMENTS (harmless));
  tcase_add_loop_test (tcase, heard__link_on_another_network__proves_nothing, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
