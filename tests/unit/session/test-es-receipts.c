/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-receipts.h"

#include "../es-memory.h"
#include "es-limits.h"

static EsReceipts *receipts;

static void
setup (void)
{
  receipts = es_receipts_new ();
}

static void
teardown (void)
{
  g_clear_pointer (&receipts, es_receipts_free);
}

static EsXml *
parse (const char *children)
{
  g_autofree char *text = g_strdup_printf ("<message id='outer'>%s</message>", children);
  g_autoptr (EsXml) content = es_xml_parse_content (text, strlen (text), NULL);

  return es_xml_steal (content, 0);
}

static void
add (const char *id, guint64 session, gint64 now)
{
  es_receipts_add (receipts, id, parse ("<body>text</body>"), session, now);
}

START_TEST (receipts__label__replaces_any_other)
{
  g_autoptr (EsXml) stanza = parse ("<body>text</body><origin-id xmlns='urn:xmpp:sid:0' id='old'/>"
                                    "<request xmlns='urn:xmpp:receipts'/>");
  g_autofree char *text = NULL;

  es_receipts_label (stanza, "new");
  text = es_xml_to_string (stanza, ES_NS_CLIENT);
  ck_assert_str_eq (text, "<message id=\"outer\"><body>text</body><origin-id xmlns=\"urn:xmpp:sid:0\" id=\"new\"/>"
                          "<request xmlns=\"urn:xmpp:receipts\"/></message>");
  ck_assert_str_eq (es_receipts_label_of (stanza), "new");
}
END_TEST

START_TEST (receipts__confirm__once_and_in_any_order)
{
  g_autoptr (EsSent) last = NULL;
  EsSent *first = NULL;

  add ("1", 1, 10);
  add ("2", 1, 11);
  add ("3", 2, 12);
  ck_assert (es_receipts_confirm (receipts, 1, "2"));
  ck_assert (!es_receipts_confirm (receipts, 1, "2"));
  ck_assert (!es_receipts_confirm (receipts, 1, "never sent"));
  ck_assert_uint_eq (es_receipts_size (receipts), 2);
  first = es_receipts_oldest (receipts);
  ck_assert_str_eq (first->id, "1");
  ck_assert_str_eq (es_receipts_after (first)->id, "3");
  ck_assert_ptr_null (es_receipts_after (es_receipts_after (first)));

  es_sent_move (first, 2, 20);
  ck_assert_uint_eq (first->session, 2);
  ck_assert_int_eq (first->sent, 20);
  es_sent_free (es_receipts_take (receipts, first));
  last = es_receipts_take (receipts, es_receipts_oldest (receipts));
  ck_assert_str_eq (last->id, "3");
  ck_assert_ptr_null (es_receipts_oldest (receipts));
}
END_TEST

/* Another device's receipt says nothing of what went to this one. */
START_TEST (receipts__confirm__in_the_same_session_only)
{
  g_autoptr (EsXml) stanza = parse ("<received xmlns='urn:xmpp:receipts' id='1'/>");

  add ("1", 1, 10);
  ck_assert (!es_receipts_confirm (receipts, 2, "1"));
  ck_assert (!es_receipts_collect (receipts, 2, stanza));
  ck_assert_uint_eq (es_receipts_size (receipts), 1);
  es_sent_move (es_receipts_oldest (receipts), 2, 11);
  ck_assert (es_receipts_confirm (receipts, 2, "1"));
}
END_TEST

START_TEST (receipts__assume__what_is_old_in_that_session)
{
  add ("1", 1, 10);
  add ("2", 2, 10);
  add ("3", 1, 20);
  es_receipts_assume (receipts, 1, 20);
  ck_assert_uint_eq (es_receipts_size (receipts), 2);
  ck_assert_str_eq (es_receipts_oldest (receipts)->id, "2");
}
END_TEST

START_TEST (receipts__room__has_an_end)
{
  g_autoptr (EsXml) stanza = parse ("<body>text</body>"), big = NULL;
  g_autofree char *text = g_strnfill (ES_LIMIT_WAITING_OCTETS, 'x');

  big = es_xml_new ("message", ES_NS_CLIENT);
  es_xml_append_new (big, "body", text);
  ck_assert (!es_receipts_have_room (receipts, big));
  for (guint i = 0; i < ES_LIMIT_WAITING; i++)
    {
      ck_assert (es_receipts_have_room (receipts, stanza));
      add ("id", 1, 1);
    }
  ck_assert (!es_receipts_have_room (receipts, stanza));
  ck_assert (es_receipts_confirm (receipts, 1, "id"));
  ck_assert (es_receipts_have_room (receipts, stanza));
}
END_TEST

/* Whether a message is new. */
static gboolean
note (const char *label, const char *body)
{
  g_autoptr (GBytes) mark = es_receipts_mark_of ("1", label, body);
  gboolean is_new = !es_receipts_has_shown (receipts, mark);

  es_receipts_note (receipts, mark);
  return is_new;
}

START_TEST (receipts__note__label_is_its_writers)
{
  g_autoptr (GBytes) one = es_receipts_mark_of ("1", "2id", "text");
  g_autoptr (GBytes) other = es_receipts_mark_of ("12", "id", "text");

  es_receipts_note (receipts, one);
  ck_assert (!es_receipts_has_shown (receipts, other));
}
END_TEST

START_TEST (receipts__note__label_and_text_together)
{
  ck_assert (note ("id", "one"));
  ck_assert (!note ("id", "one"));
  ck_assert (note ("id", "two"));
  ck_assert (note ("id2", "one"));

  /* Where the one ends and the other begins counts. */
  ck_assert (note ("ido", "ne"));
}
END_TEST

START_TEST (receipts__note__forgets_the_oldest)
{
  for (guint i = 0; i <= ES_LIMIT_SHOWN; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      ck_assert (note (id, "text"));
    }
  ck_assert (!note ("1", "text"));
  ck_assert (note ("0", "text"));
}
END_TEST

START_TEST (receipts__collect__takes_all_out)
{
  g_autoptr (EsXml) stanza = parse ("<received xmlns='urn:xmpp:receipts' id='1'/><received xmlns='urn:xmpp:receipts'/>"
                                    "<body>text</body><received xmlns='urn:xmpp:receipts' id='3'/>");
  g_autoptr (EsXml) foreign = parse ("<received xmlns='urn:other' id='2'/>");
  g_autoptr (GArray) numbers = NULL;
  guint64 first = 0;

  add ("1", 1, 1);
  first = es_receipts_oldest (receipts)->number;
  add ("2", 1, 1);
  add ("3", 1, 1);
  numbers = es_receipts_collect (receipts, 1, stanza);
  ck_assert_uint_eq (numbers->len, 2);
  ck_assert_uint_eq (g_array_index (numbers, guint64, 0), first);
  ck_assert_uint_eq (g_array_index (numbers, guint64, 1), first + 2);
  ck_assert_uint_eq (es_receipts_size (receipts), 1);
  ck_assert_uint_eq (es_xml_children (stanza)->len, 1);
  ck_assert_ptr_null (es_receipts_collect (receipts, 1, foreign));
  ck_assert_uint_eq (es_xml_children (foreign)->len, 1);
}
END_TEST

static const struct
{
  const char *children, *wish, *label;
} wishes[] = {
  { "<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='inner'/>", "inner", "inner" },
  { "<request xmlns='urn:xmpp:receipts'/>", "outer", NULL },
  { "<origin-id xmlns='urn:xmpp:sid:0' id='inner'/>", NULL, "inner" },
  { "<request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0'/>", "outer", NULL },
  { "<request/><origin-id id='inner'/>", NULL, NULL },
  { "", NULL, NULL },
};

START_TEST (receipts__request__names_the_label)
{
  g_autoptr (EsXml) stanza = parse (wishes[_i].children);
  g_autofree char *wish = NULL;

  ck_assert_pstr_eq (es_receipts_label_of (stanza), wishes[_i].label);
  wish = es_receipts_request (stanza);
  ck_assert_pstr_eq (wish, wishes[_i].wish);
  ck_assert_ptr_null (es_xml_child (stanza, "request", "urn:xmpp:receipts"));
}
END_TEST

START_TEST (receipts__label_of__has_a_limit)
{
  g_autofree char *id = g_strnfill (ES_LIMIT_THREAD_OCTETS + 1, 'x');
  g_autofree char *text = g_strdup_printf ("<origin-id xmlns='urn:xmpp:sid:0' id='%s'/>", id);
  g_autoptr (EsXml) stanza = parse (text);

  ck_assert_ptr_null (es_receipts_label_of (stanza));
}
END_TEST

/* Once it is confirmed nothing is left of it in memory. */
START_TEST (receipts__confirm__leaves_nothing_behind)
{
  char *text = with_secret ("<body>%s</body>");
  EsXml *content = es_xml_parse_content (text, strlen (text), NULL);

  es_octets_wipe (text, strlen (text));
  g_free (text);
  ck_assert (es_receipts_have_room (receipts, content));
  es_receipts_add (receipts, "id", content, 1, 1);
  ck_assert (memory_holds_secret ());
  ck_assert (es_receipts_confirm (receipts, 1, "id"));
  ck_assert (!memory_holds_secret ());
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("receipts");
  TCase *tcase = tcase_create ("receipts");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, receipts__label__replaces_any_other);
  tcase_add_test (tcase, receipts__confirm__once_and_in_any_order);
  tcase_add_test (tcase, receipts__confirm__in_the_same_session_only);
  tcase_add_test (tcase, receipts__assume__what_is_old_in_that_session);
  tcase_add_test (tcase, receipts__room__has_an_end);
  tcase_add_test (tcase, receipts__note__label_is_its_writers);
  tcase_add_test (tcase, receipts__note__label_and_text_together);
  tcase_add_test (tcase, receipts__note__forgets_the_oldest);
  tcase_add_test (tcase, receipts__collect__takes_all_out);
  tcase_add_loop_test (tcase, receipts__request__names_the_label, 0, G_N_ELEMENTS (wishes));
  tcase_add_test (tcase, receipts__label_of__has_a_limit);
  tcase_add_test (tcase, receipts__confirm__leaves_nothing_behind);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
