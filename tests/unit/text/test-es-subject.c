/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which session a window is about, and where the conversation has gone. */
#include "es-subject.h"

#include "../es-test.h"

static EsAddress *laptop, *phone;
static EsSubject subject, other;

static void
setup (void)
{
  laptop = es_address_new ("bob@example.com/laptop");
  phone = es_address_new ("bob@example.com/phone");
  subject = other = (EsSubject){ 0 };
}

static void
teardown (void)
{
  es_subject_clear (&subject);
  es_subject_clear (&other);
  es_address_unref (laptop);
  es_address_unref (phone);
}

static EsConversation
in (guint64 session, const EsAddress *device)
{
  return (EsConversation){ .session = session, .device = device, .code = "aaaaaa" };
}

START_TEST (subject__change__is_where_the_conversation_has_gone)
{
  g_autoptr (EsAddress) spelled = es_address_new ("BOB@example.com/laptop");
  const EsConversation first = in (1, laptop), renewed = in (2, spelled), moved = in (3, phone), none = in (0, NULL);

  es_subject_set (&subject, &first);
  ck_assert_int_eq (es_subject_change (&subject, &first), ES_SUBJECT_SAME);
  ck_assert_int_eq (es_subject_change (&subject, &renewed), ES_SUBJECT_RENEWED);
  ck_assert_int_eq (es_subject_change (&subject, &moved), ES_SUBJECT_MOVED);
  ck_assert_int_eq (es_subject_change (&subject, &none), ES_SUBJECT_GONE);

  /* Back again. */
  ck_assert_int_eq (es_subject_change (&subject, &first), ES_SUBJECT_SAME);
}
END_TEST

START_TEST (subject__set__is_about_that_from_now_on)
{
  const EsConversation first = in (1, laptop), moved = in (3, phone);

  es_subject_set (&subject, &first);
  es_subject_copy (&other, &subject);
  es_subject_set (&subject, &moved);
  ck_assert_int_eq (es_subject_change (&subject, &moved), ES_SUBJECT_SAME);
  ck_assert_int_eq (es_subject_change (&subject, &first), ES_SUBJECT_MOVED);
  ck_assert_int_eq (es_subject_change (&other, &moved), ES_SUBJECT_MOVED);
  ck_assert_int_eq (es_subject_change (&other, &first), ES_SUBJECT_SAME);
}
END_TEST

START_TEST (subject__none__has_moved_nowhere)
{
  const EsConversation first = in (1, laptop), none = in (0, NULL);

  ck_assert_int_eq (es_subject_change (&subject, &none), ES_SUBJECT_GONE);
  ck_assert_int_eq (es_subject_change (&subject, &first), ES_SUBJECT_RENEWED);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("subject");
  TCase *tcase = tcase_create ("subject");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, subject__change__is_where_the_conversation_has_gone);
  tcase_add_test (tcase, subject__set__is_about_that_from_now_on);
  tcase_add_test (tcase, subject__none__has_moved_nowhere);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
