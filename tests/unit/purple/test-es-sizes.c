/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define CAROL "carol@localhost"
#define TOO_LONG "longer than your server takes"

static char *
text_of (gsize octets)
{
  return g_strnfill (octets, 'x');
}

static void
announce (const char *octets)
{
  g_autofree char *features = g_strdup_printf (
      "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
      "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>%s</max-bytes></limits></stream:features>",
      octets);

  fake_receive (features);
}

static void
end_stream (const char *condition)
{
  g_autofree char *error = g_strdup_printf ("<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
                                            "<%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>",
                                            condition);

  fake_receive (error);
  fake_reconnect ("stream error");
}

/* What libpurple does with what the server has not acknowledged. */
static void
send_again (guint n)
{
  xmlnode *node = xmlnode_from_str (fake_sent->pdata[n], -1), *packet = node;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (node);
}

START_TEST (sizes__announced__are_kept)
{
  g_autofree char *fits = text_of (19000), *too_long = text_of (20001);

  announce ("20000");
  fake_type (CAROL, fits);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 1);
  fake_type (CAROL, too_long);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, TOO_LONG), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: xxx"), 1);
}
END_TEST

START_TEST (sizes__announced__are_no_less_than_the_standard_says)
{
  g_autofree char *fits = text_of (9000);

  announce ("1");
  fake_type (CAROL, fits);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 1);
}
END_TEST

START_TEST (sizes__announced__may_be_nonsense)
{
  static const char *const numbers[] = { "", "0", "x", "18446744073709551616" };
  g_autofree char *fits = text_of (9000);

  announce (numbers[_i]);
  fake_type (CAROL, fits);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 1);
}
END_TEST

START_TEST (sizes__stream_error__is_learnt_from)
{
  g_autofree char *text = text_of (60000);
  guint n = 0;

  fake_type (CAROL, text);
  n = fake_sent->len - 1;
  end_stream ("policy-violation");
  send_again (n);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, TOO_LONG), 1);
  ck_assert_int_eq (purple_account_get_int (fake_account (), "esession-stanza-octets", 0),
                    (int) strlen (fake_sent->pdata[n]) / 4 * 3);
}
END_TEST

/* It may be about something else. */
START_TEST (sizes__stream_error__proves_nothing_about_small_stanzas)
{
  g_autofree char *text = text_of (60000);

  fake_type (CAROL, "short");
  end_stream ("policy-violation");
  fake_type (CAROL, text);
  end_stream ("conflict");
  fake_type (CAROL, text);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 2);
}
END_TEST

START_TEST (sizes__broken_connection__is_learnt_from_the_second_time)
{
  g_autofree char *text = text_of (60000);
  guint n = 0;

  fake_type (CAROL, text);
  n = fake_sent->len - 1;
  fake_reconnect ("reset by peer");
  send_again (n);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 2);
  fake_reconnect ("reset by peer");
  send_again (n);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 2);
}
END_TEST

/* What was as large has come through since. */
START_TEST (sizes__broken_connection__proves_nothing_where_as_much_goes_through)
{
  g_autofree char *text = text_of (60000);

  fake_type (CAROL, text);
  fake_reconnect ("reset by peer");
  fake_type (CAROL, text);
  fake_link ()->largest_at -= 11 * G_TIME_SPAN_SECOND;
  fake_type (CAROL, text);
  fake_reconnect ("reset by peer");
  fake_type (CAROL, text);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 4);
  ck_assert_int_eq (purple_account_get_int (fake_account (), "esession-stanza-octets", 0), 0);
}
END_TEST

START_TEST (sizes__iq__is_refused)
{
  g_autofree char *text = text_of (20000),
                  *xml = g_strdup_printf ("<iq type='set' id='vcard'><vCard xmlns='vcard-temp'>%s</vCard></iq>", text);
  xmlnode *node = xmlnode_from_str (xml, -1), *packet = node;
  g_autofree char *answer = NULL;
  xmlnode *ping = NULL;

  announce ("20000");
  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (node);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 0);
  ping = xmlnode_from_str (fake_sent->pdata[fake_sent->len - 1], -1);
  answer = g_strdup_printf ("<iq xmlns='jabber:client' type='result' id='%s'/>", xmlnode_get_attrib (ping, "id"));
  xmlnode_free (ping);
  fake_receive (answer);
  ck_assert_uint_eq (fake_count (fake_got, "id='vcard' type='error'"), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("sizes");
  TCase *tcase = tcase_create ("sizes");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, sizes__announced__are_kept);
  tcase_add_test (tcase, sizes__announced__are_no_less_than_the_standard_says);
  tcase_add_loop_test (tcase, sizes__announced__may_be_nonsense, 0, 4);
  tcase_add_test (tcase, sizes__stream_error__is_learnt_from);
  tcase_add_test (tcase, sizes__stream_error__proves_nothing_about_small_stanzas);
  tcase_add_test (tcase, sizes__broken_connection__is_learnt_from_the_second_time);
  tcase_add_test (tcase, sizes__broken_connection__proves_nothing_where_as_much_goes_through);
  tcase_add_test (tcase, sizes__iq__is_refused);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
