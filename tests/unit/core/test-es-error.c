/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-error.h"

#include "../es-test.h"

/* What goes over the wire for each code; NULL: silence. */
static const struct
{
  EsErrorCode code;
  const char *condition;
  const char *type;
} rows[] = {
  { ES_ERROR_MALFORMED, "bad-request", "modify" },
  { ES_ERROR_LIMIT, "resource-constraint", "wait" },
  { ES_ERROR_UNSUPPORTED, "not-acceptable", "modify" },
  { ES_ERROR_UNKNOWN_FIELD, "feature-not-implemented", "cancel" },
  { ES_ERROR_CHECK, "feature-not-implemented", "cancel" },
  { ES_ERROR_PARTIES, "not-acceptable", "cancel" },
  { ES_ERROR_UNEXPECTED, "unexpected-request", "wait" },
  { ES_ERROR_DECLINED, NULL, "cancel" },
  { ES_ERROR_NO_SESSION, "not-acceptable", "cancel" },
  { ES_ERROR_DUPLICATE, NULL, NULL },
  { ES_ERROR_ECHO, NULL, NULL },
  { ES_ERROR_TIMEOUT, NULL, NULL },
  { ES_ERROR_UNAVAILABLE, NULL, NULL },
  { ES_ERROR_BUSY, "resource-constraint", "wait" },
  { ES_ERROR_STALE, "unexpected-request", "wait" },
  { ES_ERROR_STORE, "service-unavailable", "cancel" },
  { ES_ERROR_STORE_LOCKED, "service-unavailable", "wait" },
  { ES_ERROR_STORE_DAMAGED, "service-unavailable", "cancel" },
  { ES_ERROR_STORE_FULL, "service-unavailable", "wait" },
  { ES_ERROR_STORE_READONLY, "service-unavailable", "cancel" },
  { ES_ERROR_STORE_SEALED, "service-unavailable", "wait" },
  { ES_ERROR_STORE_KEYRING, "service-unavailable", "wait" },
  { ES_ERROR_STORE_OPENING, "service-unavailable", "wait" },
  { ES_ERROR_STORE_OTHER, "service-unavailable", "wait" },
  { ES_ERROR_MOVE_FILE, NULL, NULL },
  { ES_ERROR_MOVE_EXISTS, NULL, NULL },
  { ES_ERROR_MOVE_NOTHING, NULL, NULL },
  { ES_ERROR_MOVE_UNDONE, NULL, NULL },
  { ES_ERROR_MOVE_DAMAGED, NULL, NULL },
  { ES_ERROR_MOVE_NEWER, NULL, NULL },
  { ES_ERROR_MOVE_LIMIT, NULL, NULL },
  { ES_ERROR_MOVE_CUT_SHORT, NULL, NULL },
  { ES_ERROR_MOVE_KEY, NULL, NULL },
  { ES_ERROR_MOVE_TAKEN, NULL, NULL },
};

START_TEST (error__row__answers)
{
  ck_assert_uint_eq (G_N_ELEMENTS (rows), ES_N_ERRORS);
  ck_assert_int_eq (rows[_i].code, _i);
  ck_assert_pstr_eq (es_error_condition (rows[_i].code), rows[_i].condition);
  ck_assert_pstr_eq (es_error_type (rows[_i].code), rows[_i].type);
}
END_TEST

/* Logs would be of no use where two were called alike. */
START_TEST (error__name__is_of_one_code)
{
  ck_assert_uint_gt (strlen (es_error_name (_i)), 0);
  for (int i = 0; i < _i; i++)
    ck_assert_str_ne (es_error_name (i), es_error_name (_i));
}
END_TEST

START_TEST (error__row__none_for_other_numbers)
{
  ck_assert_ptr_null (es_error_condition ((EsErrorCode) G_N_ELEMENTS (rows)));
  ck_assert_ptr_null (es_error_type ((EsErrorCode) -1));
  ck_assert_str_eq (es_error_name ((EsErrorCode) -1), "none");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("error");
  TCase *tcase = tcase_create ("error");

  tcase_add_loop_test (tcase, error__row__answers, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tcase, error__name__is_of_one_code, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tcase, error__row__none_for_other_numbers);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
