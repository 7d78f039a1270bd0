/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What was asked and has not been answered. */
#include "es-requests.h"

#include "es-limits.h"

#include "../es-test.h"

#define BOB "bob@example.com/laptop"

START_TEST (requests__take__answers_once_and_to_whom_was_asked)
{
  EsRequests *requests = es_requests_new ();
  const EsRequest *found = NULL;
  g_autoptr (EsRequest) first = NULL, again = NULL, other = NULL;

  es_requests_add (requests, es_at (BOB), "1", 1, 7, "mac");
  found = es_requests_find (requests, es_at (BOB), "1");
  ck_assert_ptr_nonnull (found);
  ck_assert_uint_eq (found->session, 1);
  ck_assert_str_eq (found->mac, "mac");
  ck_assert (es_requests_has (requests, es_at (BOB)));
  ck_assert (!es_requests_has (requests, es_at ("bob@example.com/phone")));
  ck_assert_ptr_null (es_requests_find (requests, es_at ("bob@example.com/phone"), "1"));
  ck_assert_ptr_null (es_requests_find (requests, es_at (BOB), "2"));
  ck_assert_ptr_null (es_requests_find (requests, es_at (BOB), NULL));
  other = es_requests_take (requests, es_at ("bob@example.com/phone"), "1");
  ck_assert_ptr_null (other);
  first = es_requests_take (requests, es_at (BOB), "1");
  ck_assert_ptr_nonnull (first);
  again = es_requests_take (requests, es_at (BOB), "1");
  ck_assert_ptr_null (again);
  es_requests_free (requests);
}
END_TEST

START_TEST (requests__belongs__to_the_session_or_the_device)
{
  EsRequests *requests = es_requests_new ();
  const EsRequest *found = NULL;

  es_requests_add (requests, es_at (BOB), "1", 1, 7, NULL);
  found = es_requests_find (requests, es_at (BOB), "1");
  ck_assert (es_request_is_of (found, 1, 7));
  ck_assert (es_request_is_of (found, 2, 7));
  ck_assert (!es_request_is_of (found, 2, 8));
  ck_assert (!es_request_is_of (found, 2, 0));

  /* Where nothing is remembered, only the session tells. */
  es_requests_add (requests, es_at (BOB), "2", 1, 0, NULL);
  found = es_requests_find (requests, es_at (BOB), "2");
  ck_assert (es_request_is_of (found, 1, 0));
  ck_assert (!es_request_is_of (found, 2, 0));
  es_requests_free (requests);
}
END_TEST

START_TEST (requests__find__the_newest_of_an_id)
{
  EsRequests *requests = es_requests_new ();

  es_requests_add (requests, es_at (BOB), "1", 1, 7, NULL);
  es_requests_add (requests, es_at (BOB), "1", 2, 7, NULL);
  ck_assert_uint_eq (es_requests_find (requests, es_at (BOB), "1")->session, 2);
  es_requests_free (requests);
}
END_TEST

START_TEST (requests__add__keeps_within_limits)
{
  EsRequests *requests = es_requests_new ();
  g_autofree char *most = g_strnfill (ES_LIMIT_ID_OCTETS, 'x'), *more = g_strnfill (ES_LIMIT_ID_OCTETS + 1, 'x');

  ck_assert (!es_requests_add (requests, es_at (BOB), NULL, 1, 7, NULL));
  ck_assert (!es_requests_add (requests, es_at (BOB), more, 1, 7, NULL));
  ck_assert_ptr_null (es_requests_find (requests, es_at (BOB), more));
  es_requests_add (requests, es_at (BOB), most, 1, 7, NULL);
  for (guint i = 0; i < ES_LIMIT_REQUESTS - 1; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      es_requests_add (requests, es_at (BOB), id, 1, 7, NULL);
    }
  ck_assert_ptr_nonnull (es_requests_find (requests, es_at (BOB), most));
  es_requests_add (requests, es_at (BOB), "one more", 1, 7, NULL);
  ck_assert_ptr_null (es_requests_find (requests, es_at (BOB), most));
  ck_assert_ptr_nonnull (es_requests_find (requests, es_at (BOB), "0"));

  /* Nobody else makes us forget them. */
  ck_assert (!es_requests_add (requests, es_at (BOB), "somebody else's", 2, 8, NULL));
  ck_assert (!es_requests_add (requests, es_at (BOB), "somebody else's", 2, 0, NULL));
  ck_assert_ptr_null (es_requests_find (requests, es_at (BOB), "somebody else's"));
  ck_assert_ptr_nonnull (es_requests_find (requests, es_at (BOB), "0"));
  ck_assert (es_requests_add (requests, es_at (BOB), "a later session's", 2, 7, NULL));
  ck_assert_ptr_null (es_requests_find (requests, es_at (BOB), "0"));
  es_requests_free (requests);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("requests");
  TCase *tcase = tcase_create ("requests");

  tcase_add_test (tcase, requests__take__answers_once_and_to_whom_was_asked);
  tcase_add_test (tcase, requests__belongs__to_the_session_or_the_device);
  tcase_add_test (tcase, requests__find__the_newest_of_an_id);
  tcase_add_test (tcase, requests__add__keeps_within_limits);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
