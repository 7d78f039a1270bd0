/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define BOB "bob@localhost"

static void
receive_roster (const char *from, const char *type, const char *items)
{
  g_autofree char *xml
      = g_strdup_printf ("<iq xmlns='jabber:client' type='%s' id='r' %s><query xmlns='jabber:iq:roster'>%s"
                         "</query></iq>",
                         type, from, items);

  fake_receive (xml);
}

static gboolean
sees_us (const char *contact)
{
  return es_presence_may_see_us (fake_link (), es_at (contact));
}

START_TEST (presence__roster__counts_from_the_server)
{
  static const char *const senders[]
      = { "", "from='alice@localhost'", "from='Alice@LOCALHOST'", "from='alice@localhost/a'" };

  purple_connection_set_display_name (fake_connection (), "alice@localhost/a");
  receive_roster (senders[_i], "result", "<item jid='" BOB "' subscription='both'/>");
  ck_assert (sees_us (BOB));
  receive_roster (senders[_i], "set", "<item jid='" BOB "' subscription='to'/>");
  ck_assert (!sees_us (BOB));
}
END_TEST

START_TEST (presence__roster__counts_from_nobody_else)
{
  static const char *const senders[]
      = { "from='localhost'", "from='eve@localhost'", "from='alice@localhost/other'", "from='alice@localhost.'" };

  purple_connection_set_display_name (fake_connection (), "alice@localhost/a");
  receive_roster (senders[_i], "set", "<item jid='" BOB "' subscription='both'/>");
  ck_assert (!sees_us (BOB));
}
END_TEST

START_TEST (presence__roster__has_one_spelling)
{
  receive_roster ("", "set",
                  "<item jid='BOB@LocalHost' subscription='both'/><item jid='carol@localhost' subscription='from'/>");
  ck_assert (sees_us (BOB));
  ck_assert (sees_us ("carol@localhost"));
  ck_assert_uint_eq (fake_count (fake_got, "BOB@LocalHost"), 0);
  ck_assert_uint_eq (fake_count (fake_got, "jid='" BOB "'"), 1);
}
END_TEST

START_TEST (presence__roster__holds_addresses)
{
  receive_roster ("", "set",
                  "<item jid='a b@localhost' subscription='both'/><item subscription='both'/>"
                  "<item jid='carol@localhost' subscription='both'/>");
  ck_assert_uint_eq (fake_count (fake_got, "a b@localhost"), 0);
  ck_assert_uint_eq (fake_count (fake_got, "jid='carol@localhost'"), 1);
  ck_assert (sees_us ("carol@localhost"));
}
END_TEST

/* Who is asked and does not answer is remembered for a while, not for ever. */
START_TEST (presence__questions__are_not_remembered_without_end)
{
  for (int i = 0; i < 5000; i++)
    es_presence_ask_support (fake_link (), es_at (BOB "/x"));
  ck_assert_uint_le (es_recent_count (fake_link ()->queries), 4096);
  fake_reconnect (NULL);
  ck_assert_uint_eq (es_recent_count (fake_link ()->queries), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("presence");
  TCase *tcase = tcase_create ("presence");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_loop_test (tcase, presence__roster__counts_from_the_server, 0, 4);
  tcase_add_loop_test (tcase, presence__roster__counts_from_nobody_else, 0, 4);
  tcase_add_test (tcase, presence__roster__has_one_spelling);
  tcase_add_test (tcase, presence__roster__holds_addresses);
  tcase_add_test (tcase, presence__questions__are_not_remembered_without_end);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
