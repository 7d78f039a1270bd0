/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define BOB "bob@localhost"
#define BOB_FULL "bob@localhost/x"

static EsState
state (void)
{
  EsConversation what;

  es_manager_describe (fake_link ()->manager, es_at (BOB), &what);
  return what.state;
}

static void
block (void)
{
  ck_assert (purple_privacy_deny_add (fake_account (), BOB, FALSE));
}

/* Everything that is written to Bob from now on. */
static guint
count_since (guint n)
{
  guint count = 0;

  for (; n < fake_sent->len; n++)
    count += strstr (fake_sent->pdata[n], BOB) != NULL;
  return count;
}

START_TEST (blocked__request__is_not_answered)
{
  guint n = 0;

  fake_bob_comes ();
  block ();
  n = fake_sent->len;
  fake_bob_starts ();
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
  ck_assert_uint_eq (fake_count (fake_got, "feature-neg"), 0);
  ck_assert_int_eq (state (), ES_STATE_PLAIN);
}
END_TEST

START_TEST (blocked__session__falls_silent)
{
  guint n = 0;

  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "first");
  fake_bob_runs ();
  ck_assert_int_eq (state (), ES_STATE_ENCRYPTED);
  block ();
  n = fake_sent->len;
  fake_bob_types ("do you hear me?");
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "do you hear me?"), 0);
  ck_assert_int_ne (state (), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (blocked__presence__starts_nothing)
{
  guint n = 0;

  block ();
  n = fake_sent->len;
  fake_bob_comes ();
  fake_window (BOB);
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
}
END_TEST

/* Where in what was sent TEXT stands first, from N on; the length if nowhere. */
static guint
find_since (guint n, const char *text)
{
  while (n < fake_sent->len && strstr (fake_sent->pdata[n], text) == NULL)
    n++;
  return n;
}

/* Servers let nothing through afterwards. */
START_TEST (blocked__session__is_ended_first)
{
  guint n = 0;

  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "first");
  fake_bob_runs ();
  ck_assert_int_eq (fake_bob_state (), ES_STATE_ENCRYPTED);
  n = fake_sent->len;
  if (_i == 0) /* the server has nothing of the kind */
    PURPLE_PLUGIN_PROTOCOL_INFO (es_plugin_running ()->jabber)->add_deny = NULL;
  block ();
  ck_assert_uint_lt (find_since (n, "<c "), fake_sent->len);
  if (_i != 0)
    ck_assert_uint_lt (find_since (n, "<c "), find_since (n, "urn:xmpp:blocking"));
  ck_assert_uint_eq (find_since (n, "urn:xmpp:blocking") < fake_sent->len, _i != 0);
  fake_bob_runs ();
  ck_assert_int_eq (fake_bob_state (), ES_STATE_ENDED);
  ck_assert_int_eq (state (), ES_STATE_ENDED);

  /* And nothing after that, whatever the user does. */
  n = fake_sent->len;
  es_manager_end (fake_link ()->manager, es_at (BOB));
  es_manager_start (fake_link ()->manager, es_at (BOB));
  fake_settle ();
  ck_assert_uint_eq (count_since (n), 0);
}
END_TEST

#define FROM_BOB "xmlns='jabber:client' from='" BOB_FULL "' to='alice@localhost/a'"

START_TEST (blocked__whatever_comes__is_not_there)
{
  static const char *const stanzas[] = {
    "<message " FROM_BOB "><body>here I am</body></message>",
    "<message " FROM_BOB " type='chat'><gone xmlns='http://jabber.org/protocol/chatstates'/></message>",
    "<message " FROM_BOB " type='headline'><subject>here I am</subject><body>here I am</body></message>",
    "<message " FROM_BOB " type='error'><body>here I am</body><error type='cancel'/></message>",
    "<message " FROM_BOB "><x xmlns='jabber:x:conference' jid='here@localhost'/></message>",
    "<message " FROM_BOB "><attention xmlns='urn:xmpp:attention:0'/></message>",
    "<presence " FROM_BOB " type='subscribe'><status>here I am</status></presence>",
    "<presence " FROM_BOB " type='error'><error type='cancel'><text>here I am</text></error></presence>",
    "<iq " FROM_BOB " type='set' id='1'><si xmlns='http://jabber.org/protocol/si' id='s' "
    "profile='http://jabber.org/protocol/si/profile/file-transfer'/></iq>",
    "<iq " FROM_BOB " type='set' id='1'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate'/></iq>",
  };
  guint n = 0;

  fake_window (BOB);
  block ();
  fake_settle ();
  n = fake_got->len;
  fake_receive (stanzas[_i]);
  ck_assert_uint_eq (fake_got->len, n);
  ck_assert_uint_eq (fake_count (fake_lines, "here I am"), 0);
}
END_TEST

/* That he is there, and is not any more, is not said: the list shows it, and no more. */
START_TEST (blocked__presence__says_nothing)
{
  static const char *const types[] = { "", "type='unavailable'" };
  g_autofree char *presence
      = g_strdup_printf ("<presence " FROM_BOB " %s><show>away</show><status>here I am</status>"
                         "<nick xmlns='http://jabber.org/protocol/nick'>here I am</nick></presence>",
                         types[_i]);

  block ();
  fake_receive (presence);
  ck_assert_uint_eq (fake_count (fake_got, "<presence"), 1);
  ck_assert_uint_eq (fake_count (fake_got, "here I am"), 0);
}
END_TEST

/* What his program asks of ours, and answers, is libpurple's. */
START_TEST (blocked__plain__goes_to_libpurple)
{
  block ();
  fake_receive ("<message xmlns='jabber:client' from='" BOB_FULL "'><body>hello</body></message>");
  fake_receive ("<iq xmlns='jabber:client' from='" BOB_FULL
                "' type='get' id='1'><query xmlns='jabber:iq:version'/></iq>");
  ck_assert_uint_eq (fake_count (fake_got, "hello"), 0);
  ck_assert_uint_eq (fake_count (fake_got, "jabber:iq:version"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "hello"), 0);
}
END_TEST

START_TEST (blocked__unblocked__is_there_again)
{
  block ();
  ck_assert (purple_privacy_deny_remove (fake_account (), BOB, TRUE));
  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "first");
  fake_bob_runs ();
  ck_assert_int_eq (state (), ES_STATE_ENCRYPTED);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("blocked");
  TCase *tcase = tcase_create ("blocked");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, blocked__request__is_not_answered);
  tcase_add_test (tcase, blocked__session__falls_silent);
  tcase_add_loop_test (tcase, blocked__session__is_ended_first, 0, 2);
  tcase_add_loop_test (tcase, blocked__whatever_comes__is_not_there, 0, 10);
  tcase_add_loop_test (tcase, blocked__presence__says_nothing, 0, 2);
  tcase_add_test (tcase, blocked__presence__starts_nothing);
  tcase_add_test (tcase, blocked__plain__goes_to_libpurple);
  tcase_add_test (tcase, blocked__unblocked__is_there_again);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
