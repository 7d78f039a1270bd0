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
end_stream (const char *condition, const char *more)
{
  g_autofree char *error = g_strdup_printf ("<stream:error xmlns:stream='http://etherx.jabber.org/streams'>"
                                            "<%s xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>%s</stream:error>",
                                            condition, more);

  fake_receive (error);
  fake_reconnect ("stream error");
}

#define SAYS(text) "<text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>" text "</text>"

/* Stream management, as libpurple does it: what is written from now on is counted; and the server has so many. */
static void
count_stanzas (void)
{
  xmlnode *node = xmlnode_from_str ("<enable xmlns='urn:xmpp:sm:3'/>", -1), *packet = node;

  purple_signal_emit (es_plugin_running ()->jabber, "jabber-sending-xmlnode", fake_connection (), &packet);
  xmlnode_free (node);
}

static void
acknowledge (guint n)
{
  g_autofree char *text = g_strdup_printf ("<a xmlns='urn:xmpp:sm:3' h='%u'/>", n);

  fake_receive (text);
}

static const char *
learnt (void)
{
  return purple_account_get_string (fake_account (), "esession-stanza-limit", "");
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

/* As Prosody, ejabberd and Openfire say it. */
START_TEST (sizes__stream_error__is_learnt_from)
{
  static const char *const errors[] = { "<stanza-too-big xmlns='urn:xmpp:errors'/>", SAYS ("XML stanza is too big"),
                                        SAYS ("Maximum stanza length exceeded") };
  g_autofree char *text = text_of (60000), *octets = NULL;
  guint n = 0;

  fake_type (CAROL, text);
  n = fake_sent->len - 1;
  end_stream ("policy-violation", errors[_i]);
  send_again (n);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, TOO_LONG), 1);
  octets = g_strdup_printf ("%zu ", strlen (fake_sent->pdata[n]) / 4 * 3);
  ck_assert_msg (g_str_has_prefix (learnt (), octets), "%s", learnt ());
}
END_TEST

/* It may be about something else. */
START_TEST (sizes__stream_error__proves_nothing_about_small_stanzas)
{
  g_autofree char *text = text_of (60000);

  fake_type (CAROL, "short");
  end_stream ("policy-violation", SAYS ("XML stanza is too big"));
  fake_type (CAROL, text);
  end_stream ("conflict", "");
  fake_type (CAROL, text);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 2);
}
END_TEST

/* Nor where it speaks of something else, or the server has that stanza. */
START_TEST (sizes__stream_error__proves_nothing_about_what_it_does_not_speak_of)
{
  g_autofree char *text = text_of (60000);

  count_stanzas ();
  fake_type (CAROL, text);
  end_stream ("policy-violation", SAYS ("Too many unacked stanzas"));
  ck_assert_str_eq (learnt (), "");
  count_stanzas ();
  fake_type (CAROL, text);
  acknowledge (1);
  end_stream ("policy-violation", SAYS ("XML stanza is too big"));
  fake_type (CAROL, text);
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), 3);
  ck_assert_str_eq (learnt (), "");
}
END_TEST

START_TEST (sizes__broken_connection__is_learnt_from_the_third_time)
{
  g_autofree char *text = text_of (60000);
  guint n = 0;

  fake_type (CAROL, text);
  n = fake_sent->len - 1;
  for (guint i = 2; i <= 4; i++)
    {
      fake_reconnect ("reset by peer");
      send_again (n);
      ck_assert_uint_eq (fake_count (fake_sent, "xxx"), MIN (i, 3));
    }
}
END_TEST

/* What is as large is acknowledged (0), or was written long before (1); or it breaks without that as well (2); or the server says how
 * much it takes (3). */
START_TEST (sizes__broken_connection__proves_nothing)
{
  g_autofree char *text = text_of (60000);

  for (guint i = 0; i < 6; i++)
    {
      if (_i == 3)
        announce ("100000");
      count_stanzas ();
      fake_type (CAROL, text);
      ck_assert_uint_eq (fake_count (fake_sent, "xxx"), i + 1);
      if (_i == 0 && i % 2 == 1)
        acknowledge (1);
      fake_link ()->largest_at -= _i == 1 ? 11 * G_TIME_SPAN_SECOND : 0;
      fake_reconnect ("reset by peer");
      if (_i == 2 && i % 2 == 1)
        fake_reconnect ("reset by peer");
    }
  ck_assert_str_eq (learnt (), "");
}
END_TEST

/* For a day, on the same server, and not before it was learnt: the number of octets alone is from older versions. */
START_TEST (sizes__learnt__holds_for_a_day)
{
  static const struct
  {
    const char *octets;
    gint64 ago;
    const char *announced;
    gboolean holds;
  } rows[] = { { "20000", 60, " 0", TRUE },      { "20000", 86500, " 0", FALSE }, { "20000", -60, " 0", FALSE },
               { "20000", 60, " 90000", FALSE }, { "20000", 60, "", FALSE },      { "x", 60, " 0", FALSE } };
  g_autofree char *text = text_of (30000);
  g_autofree char *value = g_strdup_printf ("%s %" G_GINT64_FORMAT "%s", rows[_i].octets,
                                            g_get_real_time () / G_USEC_PER_SEC - rows[_i].ago, rows[_i].announced);

  purple_account_set_string (fake_account (), "esession-stanza-limit", value);
  purple_account_set_int (fake_account (), "esession-stanza-octets", 20000);
  fake_type (CAROL, text);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, "xxx"), rows[_i].holds ? 0 : 1);
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
  tcase_add_loop_test (tcase, sizes__stream_error__is_learnt_from, 0, 3);
  tcase_add_test (tcase, sizes__stream_error__proves_nothing_about_small_stanzas);
  tcase_add_test (tcase, sizes__stream_error__proves_nothing_about_what_it_does_not_speak_of);
  tcase_add_test (tcase, sizes__broken_connection__is_learnt_from_the_third_time);
  tcase_add_loop_test (tcase, sizes__broken_connection__proves_nothing, 0, 4);
  tcase_add_loop_test (tcase, sizes__learnt__holds_for_a_day, 0, 6);
  tcase_add_test (tcase, sizes__iq__is_refused);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
