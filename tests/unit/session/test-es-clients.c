/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-clients.h"

#include "../es-test.h"
#include "es-limits.h"

#define LAPTOP "bob@example.com/laptop"
#define PHONE "bob@example.com/phone"
#define TABLET "bob@example.com/tablet"

static EsClients *clients;

static void
setup (void)
{
  clients = es_clients_new ();
}

static void
teardown (void)
{
  g_clear_pointer (&clients, es_clients_free);
}

START_TEST (clients__support__is_no_without_clients)
{
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
  ck_assert_ptr_null (es_clients_best (clients));
  ck_assert_ptr_null (es_clients_first (clients));
  ck_assert_ptr_null (es_clients_ask_next (clients));
  ck_assert (!es_clients_remove (clients, es_at (LAPTOP)));
  ck_assert (!es_clients_set_support (clients, es_at (LAPTOP), TRUE));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
}
END_TEST

START_TEST (clients__support__follows_the_answers)
{
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  es_clients_add (clients, es_at (PHONE), 0, "v1");
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_UNKNOWN);
  ck_assert (es_clients_set_support (clients, es_at (LAPTOP), FALSE));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_UNKNOWN);
  ck_assert (es_clients_set_support (clients, es_at (PHONE), FALSE));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
  ck_assert_ptr_null (es_clients_best (clients));
  ck_assert (es_clients_set_support (clients, es_at (PHONE), TRUE));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_YES);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), PHONE);
}
END_TEST

START_TEST (clients__best__is_the_highest_that_can)
{
  es_clients_add (clients, es_at (LAPTOP), -1, "v1");
  es_clients_add (clients, es_at (PHONE), 5, "v1");
  es_clients_add (clients, es_at (TABLET), 5, "v1");
  es_clients_set_support (clients, es_at (LAPTOP), TRUE);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), LAPTOP);
  es_clients_set_support (clients, es_at (TABLET), TRUE);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), TABLET);
  es_clients_set_support (clients, es_at (PHONE), TRUE);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), PHONE);
  es_clients_add (clients, es_at (LAPTOP), 6, NULL);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), LAPTOP);
  ck_assert (es_clients_remove (clients, es_at (LAPTOP)));
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), PHONE);
}
END_TEST

START_TEST (clients__ask_next__asks_each_once)
{
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  es_clients_add (clients, es_at (PHONE), 0, NULL);
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), LAPTOP);
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), PHONE);
  ck_assert_ptr_null (es_clients_ask_next (clients));

  /* The same again, and presences that do not say, change nothing. */
  es_clients_set_support (clients, es_at (LAPTOP), TRUE);
  es_clients_add (clients, es_at (LAPTOP), 3, "v1");
  es_clients_add (clients, es_at (LAPTOP), 3, NULL);
  es_clients_add (clients, es_at (PHONE), 3, NULL);
  ck_assert_ptr_null (es_clients_ask_next (clients));
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), LAPTOP);
}
END_TEST

START_TEST (clients__add__with_another_version_asks_again)
{
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), LAPTOP);
  es_clients_set_support (clients, es_at (LAPTOP), TRUE);
  es_clients_add (clients, es_at (LAPTOP), 0, "v2");
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_UNKNOWN);
  ck_assert_ptr_null (es_clients_best (clients));
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), LAPTOP);
  ck_assert_ptr_null (es_clients_ask_next (clients));
}
END_TEST

START_TEST (clients__give_up__takes_silence_for_a_no)
{
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  es_clients_add (clients, es_at (PHONE), 0, "v1");
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), LAPTOP);
  ck_assert (es_clients_give_up (clients));

  /* Not of those that nobody asked. */
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_UNKNOWN);
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), PHONE);
  ck_assert (es_clients_give_up (clients));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
  ck_assert_ptr_null (es_clients_ask_next (clients));

  /* An answer that comes late still counts, and silence takes none back. */
  ck_assert (es_clients_set_support (clients, es_at (LAPTOP), TRUE));
  ck_assert (!es_clients_give_up (clients));
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), LAPTOP);
}
END_TEST

START_TEST (clients__remove__forgets_the_answer)
{
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  es_clients_set_support (clients, es_at (LAPTOP), TRUE);
  ck_assert (es_clients_remove (clients, es_at (LAPTOP)));
  ck_assert (!es_clients_remove (clients, es_at (LAPTOP)));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_UNKNOWN);
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), LAPTOP);

  es_clients_add (clients, es_at (PHONE), 0, "v1");
  es_clients_clear (clients);
  ck_assert_ptr_null (es_clients_first (clients));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
}
END_TEST

START_TEST (clients__add__stops_at_its_limit)
{
  for (guint i = 0; i < ES_LIMIT_DEVICES + 10; i++)
    {
      g_autofree char *jid = g_strdup_printf ("bob@example.com/%u", i);

      es_clients_add (clients, es_at (jid), 0, "v1");
      ck_assert_int_eq (es_clients_set_support (clients, es_at (jid), TRUE), i < ES_LIMIT_DEVICES);
    }
  ck_assert_str_eq (es_text_of (es_clients_first (clients)), "bob@example.com/0");

  /* Those that are noted go on being so; who goes makes room. */
  es_clients_add (clients, es_at ("bob@example.com/7"), 9, "v1");
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "bob@example.com/7");
  ck_assert (es_clients_remove (clients, es_at ("bob@example.com/0")));
  es_clients_add (clients, es_at (LAPTOP), 0, "v1");
  ck_assert (es_clients_remove (clients, es_at (LAPTOP)));
}
END_TEST

START_TEST (clients__best__has_not_declined)
{
  es_clients_add (clients, es_at ("a@b/one"), 5, "v");
  es_clients_add (clients, es_at ("a@b/two"), 1, "v");
  es_clients_set_support (clients, es_at ("a@b/one"), TRUE);
  es_clients_set_support (clients, es_at ("a@b/two"), TRUE);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/one");
  es_clients_note_declined (clients, es_at ("a@b/one"));
  es_clients_note_declined (clients, es_at ("a@b/gone"));
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/two");
  es_clients_note_declined (clients, es_at ("a@b/two"));
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/one");
  es_clients_note_declined (clients, es_at ("a@b/one"));
  es_clients_try_again (clients);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/one");
}
END_TEST

/* What the user has replaced may think otherwise than the program before it; but the device is the one that it was. */
START_TEST (clients__add__with_another_version_has_not_declined)
{
  es_clients_add (clients, es_at ("a@b/one"), 5, "v1");
  es_clients_add (clients, es_at ("a@b/two"), 1, "v1");
  es_clients_set_support (clients, es_at ("a@b/one"), TRUE);
  es_clients_set_support (clients, es_at ("a@b/two"), TRUE);
  es_clients_note_declined (clients, es_at ("a@b/one"));
  es_clients_add (clients, es_at ("a@b/one"), 5, "v1");
  es_clients_add (clients, es_at ("a@b/one"), 5, NULL);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/two");
  es_clients_add (clients, es_at ("a@b/one"), 5, "v2");
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/two");
  es_clients_set_support (clients, es_at ("a@b/one"), TRUE);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/one");

  es_clients_note_barred (clients, es_at ("a@b/one"), TRUE);
  es_clients_add (clients, es_at ("a@b/one"), 5, "v3");
  es_clients_set_support (clients, es_at ("a@b/one"), TRUE);
  ck_assert_str_eq (es_text_of (es_clients_best (clients)), "a@b/two");
}
END_TEST

START_TEST (clients__try_again__asks_the_silent_only)
{
  es_clients_add (clients, es_at ("a@b/silent"), 0, "v");
  es_clients_add (clients, es_at ("a@b/cannot"), 0, "v");
  es_clients_ask_next (clients);
  es_clients_ask_next (clients);
  es_clients_set_support (clients, es_at ("a@b/cannot"), FALSE);
  ck_assert (es_clients_give_up (clients));
  ck_assert_int_eq (es_clients_support (clients), ES_SUPPORT_NO);
  ck_assert_ptr_null (es_clients_ask_next (clients));
  es_clients_try_again (clients);
  ck_assert_str_eq (es_text_of (es_clients_ask_next (clients)), "a@b/silent");
  ck_assert_ptr_null (es_clients_ask_next (clients));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("clients");
  TCase *tcase = tcase_create ("clients");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, clients__support__is_no_without_clients);
  tcase_add_test (tcase, clients__support__follows_the_answers);
  tcase_add_test (tcase, clients__best__is_the_highest_that_can);
  tcase_add_test (tcase, clients__ask_next__asks_each_once);
  tcase_add_test (tcase, clients__add__with_another_version_asks_again);
  tcase_add_test (tcase, clients__give_up__takes_silence_for_a_no);
  tcase_add_test (tcase, clients__remove__forgets_the_answer);
  tcase_add_test (tcase, clients__add__stops_at_its_limit);
  tcase_add_test (tcase, clients__best__has_not_declined);
  tcase_add_test (tcase, clients__add__with_another_version_has_not_declined);
  tcase_add_test (tcase, clients__try_again__asks_the_silent_only);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
