/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-error.h"

#include "../es-test.h"

/* What goes over the wire for each code; NULL: silence. */
static const struct
{
  EsErrorCode code;
  const char *condition;
  const char *type;
  gboolean told;
} rows[] = {
  { ES_ERROR_MALFORMED, "bad-request", "modify", TRUE },
  { ES_ERROR_LIMIT, "resource-constraint", "wait", TRUE },
  { ES_ERROR_UNSUPPORTED, "not-acceptable", "modify", TRUE },
  { ES_ERROR_UNKNOWN_FIELD, "feature-not-implemented", "cancel", TRUE },
  { ES_ERROR_CHECK, "feature-not-implemented", "cancel", TRUE },
  { ES_ERROR_PARTIES, "not-acceptable", "cancel", TRUE },
  { ES_ERROR_UNEXPECTED, "unexpected-request", "wait", TRUE },
  { ES_ERROR_DECLINED, NULL, "cancel", TRUE },
  { ES_ERROR_NO_SESSION, "not-acceptable", "cancel", TRUE },
  { ES_ERROR_DUPLICATE, NULL, NULL, FALSE },
  { ES_ERROR_ECHO, NULL, NULL, FALSE },
  { ES_ERROR_TIMEOUT, NULL, NULL, TRUE },
  { ES_ERROR_BUSY, "resource-constraint", "wait", TRUE },
  { ES_ERROR_STORE, "service-unavailable", "cancel", TRUE },
  { ES_ERROR_STORE_LOCKED, "service-unavailable", "wait", TRUE },
  { ES_ERROR_STORE_DAMAGED, "service-unavailable", "cancel", TRUE },
  { ES_ERROR_STORE_FULL, "service-unavailable", "wait", TRUE },
  { ES_ERROR_STORE_READONLY, "service-unavailable", "cancel", TRUE },
  { ES_ERROR_STORE_SEALED, "service-unavailable", "wait", TRUE },
  { ES_ERROR_STORE_KEYRING, "service-unavailable", "wait", TRUE },
  { ES_ERROR_STORE_OPENING, "service-unavailable", "wait", FALSE },
};

START_TEST (error__row__answers_and_tells)
{
  const char *sentence = es_error_sentence (rows[_i].code);

  ck_assert_int_eq (rows[_i].code, _i);
  ck_assert_pstr_eq (es_error_condition (rows[_i].code), rows[_i].condition);
  ck_assert_pstr_eq (es_error_type (rows[_i].code), rows[_i].type);
  ck_assert_int_eq (sentence != NULL, rows[_i].told);

  /* One sentence, with its full stop. */
  if (sentence != NULL)
    {
      ck_assert (g_str_has_suffix (sentence, "."));
      ck_assert_ptr_null (strstr (sentence, ". "));
    }
}
END_TEST

START_TEST (error__row__none_for_other_numbers)
{
  ck_assert_ptr_null (es_error_condition ((EsErrorCode) G_N_ELEMENTS (rows)));
  ck_assert_ptr_null (es_error_type ((EsErrorCode) -1));
  ck_assert_ptr_null (es_error_sentence ((EsErrorCode) 12345));
}
END_TEST

/* Neither the other side nor a user reads from it which check it was, or which cryptography. */
START_TEST (error__sentences__are_for_people)
{
  static const char *const words[] = { "MAC",   "hash",     "nonce",       "fingerprint", "SAS",     "ESession",
                                       "SIGMA", "imposter", "authenticat", "%",           "retained" };
  const char *sentence = es_error_sentence (rows[_i].code);

  for (guint i = 0; sentence != NULL && i < G_N_ELEMENTS (words); i++)
    ck_assert_msg (strstr (sentence, words[i]) == NULL, "%s: %s", words[i], sentence);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("error");
  TCase *tcase = tcase_create ("error");

  tcase_add_loop_test (tcase, error__row__answers_and_tells, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tcase, error__row__none_for_other_numbers);
  tcase_add_loop_test (tcase, error__sentences__are_for_people, 0, G_N_ELEMENTS (rows));
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
