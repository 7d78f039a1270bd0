/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-outbox.h"

#include "../es-memory.h"
#include "es-limits.h"

static EsOutbox *outbox;

static void
setup (void)
{
  outbox = es_outbox_new ();
}

static void
teardown (void)
{
  g_clear_pointer (&outbox, es_outbox_free);
}

static EsXml *
stanza_with (const char *body)
{
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_append_new (stanza, "body", body);
  return stanza;
}

static void
expect_text (const char *text)
{
  g_autoptr (EsWaiting) waiting = es_outbox_take (outbox);

  ck_assert_ptr_nonnull (waiting);
  ck_assert_ptr_null (waiting->stanza);
  ck_assert_str_eq (waiting->text, text);
}

START_TEST (outbox__take__keeps_order_and_gives_once)
{
  g_autoptr (EsWaiting) waiting = NULL;
  EsXml *stanza = stanza_with ("two");
  char text[] = "one";

  ck_assert_ptr_null (es_outbox_take (outbox));
  ck_assert (es_outbox_add_text (outbox, text, ""));
  text[0] = 'X';
  ck_assert (es_outbox_add_stanza (outbox, stanza));
  ck_assert (es_outbox_add_text (outbox, "three", ""));
  ck_assert_uint_eq (es_outbox_size (outbox), 3);

  expect_text ("one");
  waiting = es_outbox_take (outbox);
  ck_assert_ptr_eq (waiting->stanza, stanza);
  ck_assert_ptr_null (waiting->text);
  ck_assert_uint_eq (es_outbox_size (outbox), 1);
  expect_text ("three");
  ck_assert_ptr_null (es_outbox_take (outbox));
  ck_assert_uint_eq (es_outbox_size (outbox), 0);
}
END_TEST

START_TEST (outbox__add__stops_at_its_number)
{
  for (guint i = 0; i < ES_LIMIT_WAITING; i++)
    if (i % 2 == 0)
      ck_assert (es_outbox_add_text (outbox, "x", ""));
    else
      ck_assert (es_outbox_add_stanza (outbox, stanza_with ("x")));
  ck_assert (!es_outbox_add_text (outbox, "too many", ""));
  ck_assert (!es_outbox_add_stanza (outbox, stanza_with ("too many")));
  ck_assert_uint_eq (es_outbox_size (outbox), ES_LIMIT_WAITING);

  expect_text ("x");
  ck_assert (es_outbox_add_text (outbox, "again", ""));
  ck_assert (!es_outbox_add_text (outbox, "too many", ""));
}
END_TEST

START_TEST (outbox__add__stops_at_its_octets)
{
  g_autofree char *most = g_strnfill (ES_LIMIT_WAITING_OCTETS - 10, 'x'),
                  *over = g_strnfill (ES_LIMIT_WAITING_OCTETS + 1, 'x');

  ck_assert (!es_outbox_add_text (outbox, over, ""));
  ck_assert_uint_eq (es_outbox_size (outbox), 0);
  ck_assert (es_outbox_add_text (outbox, most, ""));
  ck_assert (!es_outbox_add_text (outbox, "eleven more", ""));
  ck_assert (!es_outbox_add_stanza (outbox, stanza_with ("")));
  ck_assert (es_outbox_add_text (outbox, "ten more..", ""));
  ck_assert (!es_outbox_add_text (outbox, "x", ""));
  ck_assert_uint_eq (es_outbox_size (outbox), 2);
}
END_TEST

/* Room comes back to the octet, whatever passed through. */
START_TEST (outbox__take__gives_its_room_back)
{
  g_autofree char *half = g_strnfill (ES_LIMIT_WAITING_OCTETS / 2, 'x'),
                  *all = g_strnfill (ES_LIMIT_WAITING_OCTETS, 'x');

  for (guint i = 0; i < 5; i++)
    {
      g_autoptr (EsWaiting) text = NULL, stanza = NULL;

      ck_assert (es_outbox_add_text (outbox, half, ""));
      ck_assert (es_outbox_add_stanza (outbox, stanza_with ("& < > and \xc3\xbc")));
      ck_assert (!es_outbox_add_text (outbox, half, ""));
      text = es_outbox_take (outbox);
      stanza = es_outbox_take (outbox);
    }
  ck_assert (es_outbox_add_text (outbox, all, ""));
}
END_TEST

START_TEST (outbox__restored__comes_before_what_is_new)
{
  static const char *const old[] = { "one", "two" };

  ck_assert (es_outbox_add_text (outbox, "three", ""));
  ck_assert (es_outbox_add_text (outbox, "four", ""));
  for (gsize i = 0; i < G_N_ELEMENTS (old); i++)
    {
      const EsWaiting *waiting = es_outbox_restore_text (outbox, old[i], "");

      ck_assert (waiting->restored && waiting->guarded);
    }
  ck_assert_uint_eq (es_outbox_size (outbox), 4);
  expect_text ("one");
  expect_text ("two");
  expect_text ("three");
  expect_text ("four");
}
END_TEST

/* Whatever there is: nowhere else is it, and it takes the room of what comes later. */
START_TEST (outbox__restored__has_room)
{
  g_autofree char *all = g_strnfill (ES_LIMIT_WAITING_OCTETS, 'x');

  ck_assert (es_outbox_add_text (outbox, all, ""));
  ck_assert_ptr_nonnull (es_outbox_restore_stanza (outbox, stanza_with ("one")));
  ck_assert_ptr_nonnull (es_outbox_restore_text (outbox, "two", ""));
  ck_assert (!es_outbox_add_text (outbox, "", ""));
  es_waiting_free (es_outbox_take (outbox));
  expect_text ("two");
  expect_text (all);
  ck_assert (es_outbox_add_text (outbox, all, ""));
}
END_TEST

START_TEST (outbox__free__takes_what_waits_along)
{
  ck_assert (es_outbox_add_text (outbox, "left behind", ""));
  ck_assert (es_outbox_add_stanza (outbox, stanza_with ("left behind")));
  es_outbox_free (NULL);
  es_waiting_free (NULL);
  ck_assert_uint_eq (es_outbox_size (outbox), 2);
}
END_TEST

/* Nor is anything left of it in memory, be it that it had no room. */
START_TEST (outbox__free__leaves_nothing_behind)
{
  g_autofree char *filling = g_strnfill (_i == 1 ? ES_LIMIT_WAITING_OCTETS : 0, 'x');
  char *text = with_secret ("<message><body>%s</body></message>");
  g_autoptr (EsXml) content = es_xml_parse_content (text, strlen (text), NULL);

  es_outbox_add_text (outbox, text, filling);
  es_octets_wipe (text, strlen (text));
  g_free (text);
  if (_i == 1)
    es_outbox_add_text (outbox, filling, "");
  ck_assert_int_eq (es_outbox_add_stanza (outbox, es_xml_steal (content, 0)) != NULL, _i == 0);
  ck_assert_int_eq (memory_holds_secret (), _i == 0);
  g_clear_pointer (&outbox, es_outbox_free);
  ck_assert (!memory_holds_secret ());
  outbox = es_outbox_new ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("outbox");
  TCase *tcase = tcase_create ("outbox");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, outbox__take__keeps_order_and_gives_once);
  tcase_add_test (tcase, outbox__add__stops_at_its_number);
  tcase_add_test (tcase, outbox__add__stops_at_its_octets);
  tcase_add_test (tcase, outbox__take__gives_its_room_back);
  tcase_add_test (tcase, outbox__restored__comes_before_what_is_new);
  tcase_add_test (tcase, outbox__restored__has_room);
  tcase_add_test (tcase, outbox__free__takes_what_waits_along);
  tcase_add_loop_test (tcase, outbox__free__leaves_nothing_behind, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
