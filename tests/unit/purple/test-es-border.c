/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One contact, whose domain some write as it is and some as it stands in the DNS. */
#include "es-fake.h"
#include "es-labels.h"

#define WRITTEN "bob@m\xc3\xbcnchen.test"
#define ASCII "bob@xn--mnchen-3ya.test"
#define CAROL "carol@localhost"

static const char *const names[] = { WRITTEN, ASCII };

/* Each with each. */
#define ONE(i) names[(i) % 2]
#define OTHER(i) names[(i) / 2 % 2]
#define THIRD(i) names[(i) / 4 % 2]

static guint
n_windows (void)
{
  return g_list_length (purple_get_ims ());
}

static EsState
state_of (const char *name)
{
  EsConversation what;

  es_api ()->describe (fake_window (name), &what);
  return what.state;
}

/* Another plugin's stanza. */
static void
send_raw (const char *xml)
{
  xmlnode *node = xmlnode_from_str (xml, -1), *packet = node;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (node);
}

/* What was chosen for one holds for the other: typed, sent by itself, and by another plugin. */
START_TEST (border__policy__holds)
{
  int own = -1;
  EsPolicy usual = ES_POLICY_ASK;
  g_autoptr (EsAddress) contact = es_border_contact (fake_account (), ONE (_i));
  g_autofree char *raw = g_strdup_printf ("<message to='%s/x'><body>secret</body></message>", OTHER (_i));

  ck_assert_ptr_nonnull (contact);
  ck_assert (es_manager_set_policy (fake_link ()->manager, contact, ES_POLICY_ALWAYS, NULL));
  g_ptr_array_set_size (fake_sent, 0);
  fake_type (OTHER (_i), "secret");
  serv_send_im (fake_connection (), OTHER (_i), "secret", 0);
  serv_send_typing (fake_connection (), OTHER (_i), PURPLE_TYPING);
  send_raw (raw);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
  ck_assert_uint_eq (fake_count (fake_sent, "composing"), 0);
  ck_assert (es_api ()->policy (fake_account (), OTHER (_i), &own, &usual));
  ck_assert_int_eq (own, ES_POLICY_ALWAYS);
  ck_assert (es_api ()->covers (fake_window (OTHER (_i))));
}
END_TEST

/* TEXT is the last line, and above it, in the same window, stands what it is. */
static void
assert_marked (const char *text)
{
  const char *last = fake_lines->pdata[fake_lines->len - 1], *mark = fake_lines->pdata[fake_lines->len - 2];

  ck_assert_ptr_nonnull (strstr (last, text));
  ck_assert_ptr_nonnull (strstr (mark, ": The next message was not encrypted"));
  ck_assert_int_eq (strncmp (last, mark, strcspn (last, " ")), 0);
}

/* His server writes him in one way, the buddy list in one, and the window that is open in one. */
START_TEST (border__session__is_of_all)
{
  g_autofree char *plain = g_strdup_printf (
      "<message xmlns='jabber:client' from='%s/x' type='chat'><body>forged</body></message>", OTHER (_i));

  fake_call_bob (ONE (_i));
  fake_add_buddy (OTHER (_i));
  fake_window (THIRD (_i));
  fake_bob_comes ();
  fake_bob_runs ();
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    fake_type (names[i], i == 0 ? "first" : "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_sent, "first") + fake_count (fake_sent, "second"), 0);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "first"), 1);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 1);
  ck_assert_int_eq (state_of (WRITTEN), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (state_of (ASCII), ES_STATE_ENCRYPTED);

  fake_bob_types ("third");
  ck_assert_uint_eq (fake_count (fake_lines, ": third"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "was not encrypted"), 0);

  fake_receive (plain);
  assert_marked ("forged");
}
END_TEST

/* There is one window for him, and he is there once: as the buddy list has him. */
START_TEST (border__buddy__is_known_by_its_name)
{
  g_autofree char *presence
      = g_strdup_printf ("<presence xmlns='jabber:client' from='%s/x' to='alice@localhost/a'/>", OTHER (_i));
  g_autofree char *message = g_strdup_printf (
      "<message xmlns='jabber:client' from='%s/x' type='chat'><body>hello</body></message>", OTHER (_i));
  g_autofree char *roster
      = g_strdup_printf ("<iq xmlns='jabber:client' type='set' id='r' to='alice@localhost/a'><query "
                         "xmlns='jabber:iq:roster'><item jid='%s' subscription='both'/></query></iq>",
                         OTHER (_i));
  PurpleBuddy *buddy = fake_add_buddy (ONE (_i));
  EsAddress *const contact = es_border_contact (fake_account (), OTHER (_i));
  g_autoptr (GSList) all = es_border_buddies (fake_account (), contact);

  ck_assert_ptr_eq (es_border_buddy (fake_account (), contact), buddy);
  ck_assert_uint_eq (g_slist_length (all), 1);
  fake_receive (roster);
  fake_receive (presence);
  fake_receive (message);
  for (guint i = 0; i < fake_got->len; i++)
    ck_assert_msg (strstr (fake_got->pdata[i], ONE (_i)) != NULL, "%s", (char *) fake_got->pdata[i]);
  ck_assert_uint_eq (fake_got->len, 3);
  ck_assert_uint_eq (n_windows (), 1);
  ck_assert_ptr_nonnull (purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, ONE (_i), fake_account ()));
  es_conversations_show (fake_link (), contact);
  ck_assert_uint_eq (n_windows (), 1);
  ck_assert (es_presence_may_see_us (fake_link (), contact));

  /* What is asked goes to whom the server knows. */
  fake_type (OTHER (_i), "hello");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, OTHER (_i)), ONE (_i) == OTHER (_i) ? fake_count (fake_sent, ONE (_i)) : 0);
  ck_assert_uint_gt (fake_count (fake_sent, ONE (_i)), 0);
  es_address_unref (contact);
}
END_TEST

/* Whom nothing is known of, and rooms, stay as they came. */
START_TEST (border__stranger__stays_as_written)
{
  g_autofree char *message = g_strdup_printf (
      "<message xmlns='jabber:client' from='%s/x' type='chat'><body>hello</body></message>", names[_i]);
  g_autofree char *raw
      = g_strdup_printf ("<presence to='%s/me'><x xmlns='http://jabber.org/protocol/muc'/></presence>", names[_i]);

  send_raw (raw);
  fake_receive (message);
  ck_assert_uint_eq (fake_count (fake_sent, names[_i]), 1);
  ck_assert_uint_eq (fake_count (fake_got, names[_i]), 1);
}
END_TEST

START_TEST (border__contact__is_no_room)
{
  g_autofree char *raw
      = g_strdup_printf ("<presence to='%s/me'><x xmlns='http://jabber.org/protocol/muc'/></presence>", OTHER (_i));

  fake_add_buddy (ONE (_i));
  g_ptr_array_set_size (fake_sent, 0);
  send_raw (raw);
  ck_assert_uint_eq (fake_sent->len, 0);
  ck_assert_uint_eq (fake_count (fake_notes, "was not joined because it is the address of a contact"), 1);
}
END_TEST

START_TEST (border__blocked__is_blocked)
{
  g_autofree char *message = g_strdup_printf (
      "<message xmlns='jabber:client' from='%s/x' type='chat'><body>hello</body></message>", OTHER (_i));
  g_autoptr (EsAddress) contact = es_border_contact (fake_account (), OTHER (_i));

  fake_account ()->perm_deny = _i < 4 ? PURPLE_PRIVACY_DENY_USERS : PURPLE_PRIVACY_ALLOW_USERS;
  if (_i < 4)
    purple_privacy_deny_add (fake_account (), ONE (_i), TRUE);
  else
    purple_privacy_permit_add (fake_account (), ONE (_i), TRUE);
  ck_assert_int_eq (es_blocked_has (fake_link (), contact), _i < 4);
  if (_i >= 4)
    return; /* libpurple goes by its own spelling */
  fake_receive (message);
  ck_assert_uint_eq (fake_got->len, 0);
}
END_TEST

/* A name that is the address is nobody else's. */
START_TEST (border__name__is_the_address)
{
  g_autoptr (EsAddress) contact = es_border_contact (fake_account (), WRITTEN);
  g_autofree char *label = NULL;

  ck_assert (es_manager_set_policy (fake_link ()->manager, contact, ES_POLICY_ALWAYS, NULL));
  fake_add_buddy (ONE (_i));
  label = es_contact_label (fake_window (OTHER (_i)), es_api ());
  ck_assert_ptr_nonnull (strstr (label, WRITTEN));
  ck_assert_ptr_null (strstr (label, "xn--"));
  ck_assert_uint_eq (fake_count (fake_lines, "whom your buddy list calls"), 0);
}
END_TEST

/* One's own: what libpurple compares with it is as the account is spelled. */
START_TEST (border__own__works)
{
  static const char *const own[] = { "alice@m\xc3\xbcnchen.test", "alice@xn--mnchen-3ya.test" };
  g_autofree char *full = g_strconcat (own[_i % 2], "/a", NULL);
  g_autofree char *roster = g_strdup_printf (
      "<iq xmlns='jabber:client' type='result' id='r' from='%s' to='%s'><query xmlns='jabber:iq:roster'><item "
      "jid='" CAROL "' subscription='both'/></query></iq>",
      own[_i / 2], full);
  g_autofree char *home
      = g_strdup_printf ("<iq xmlns='jabber:client' type='result' id='s' from='%s'/>", strchr (own[_i / 2], '@') + 1);

  fake_call_bob (OTHER (_i));
  fake_add_buddy (ONE (_i));
  purple_account_set_username (fake_account (), full);
  fake_reconnect (NULL);
  fake_settle ();
  ck_assert_str_eq (es_address_text (fake_link ()->own), own[0]);
  fake_link ()->signed_on = 0;
  g_ptr_array_set_size (fake_got, 0);
  fake_receive (roster);
  ck_assert (es_presence_may_see_us (fake_link (), es_at (CAROL)));
  fake_receive (home);
  ck_assert_uint_eq (fake_count (fake_got, strchr (own[_i % 2], '@') + 1), 2);
  ck_assert_uint_eq (fake_count (fake_got, strchr (own[1 - _i % 2], '@') + 1), 0);
  fake_encrypt_with_bob ();
  ck_assert_uint_eq (fake_count (fake_bob_shown, "first"), 1);
  fake_bob_types ("second");
  ck_assert_uint_eq (fake_count (fake_lines, "second"), 1);
}
END_TEST

/* One that is closed is not the last. */
START_TEST (border__windows__close_one_by_one)
{
  g_autoptr (EsAddress) contact = es_border_contact (fake_account (), ONE (_i));
  PurpleConversation *one = fake_window (ONE (_i)), *other = fake_window (OTHER (_i));

  ck_assert (es_manager_has_business (fake_link ()->manager, contact));
  if (one != other)
    {
      purple_conversation_destroy (one);
      ck_assert (es_manager_has_business (fake_link ()->manager, contact));
    }
  purple_conversation_destroy (other);
  ck_assert (!es_manager_has_business (fake_link ()->manager, contact));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("border");
  TCase *tcase = tcase_create ("border");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_loop_test (tcase, border__policy__holds, 0, 4);
  tcase_add_loop_test (tcase, border__session__is_of_all, 0, 8);
  tcase_add_loop_test (tcase, border__buddy__is_known_by_its_name, 0, 4);
  tcase_add_loop_test (tcase, border__stranger__stays_as_written, 0, 2);
  tcase_add_loop_test (tcase, border__contact__is_no_room, 0, 4);
  tcase_add_loop_test (tcase, border__blocked__is_blocked, 0, 8);
  tcase_add_loop_test (tcase, border__name__is_the_address, 0, 4);
  tcase_add_loop_test (tcase, border__own__works, 0, 4);
  tcase_add_loop_test (tcase, border__windows__close_one_by_one, 0, 4);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
