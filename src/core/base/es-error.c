/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-error.h"

G_DEFINE_QUARK (es - error - quark, es_error)

typedef struct
{
  const char *condition;
  const char *type;
} Row;

/* A failed check, a wrong value and a value out of range look alike from outside: one code, one answer. A message that
 * nobody expects is answered so that a side that restarted is noticed at once. */
static const Row rows[ES_N_ERRORS] = {
  [ES_ERROR_MALFORMED] = { "bad-request", "modify" },
  [ES_ERROR_LIMIT] = { "resource-constraint", "wait" },
  [ES_ERROR_UNSUPPORTED] = { "not-acceptable", "modify" },
  [ES_ERROR_UNKNOWN_FIELD] = { "feature-not-implemented", "cancel" },
  [ES_ERROR_CHECK] = { "feature-not-implemented", "cancel" },
  [ES_ERROR_PARTIES] = { "not-acceptable", "cancel" },
  [ES_ERROR_UNEXPECTED] = { "unexpected-request", "wait" },
  [ES_ERROR_DECLINED] = { NULL, "cancel" },
  [ES_ERROR_NO_SESSION] = { "not-acceptable", "cancel" },
  [ES_ERROR_DUPLICATE] = { NULL, NULL },
  [ES_ERROR_ECHO] = { NULL, NULL },
  [ES_ERROR_TIMEOUT] = { NULL, NULL },
  [ES_ERROR_BUSY] = { "resource-constraint", "wait" },
  [ES_ERROR_STORE] = { "service-unavailable", "cancel" },
  [ES_ERROR_STORE_LOCKED] = { "service-unavailable", "wait" },
  [ES_ERROR_STORE_DAMAGED] = { "service-unavailable", "cancel" },
  [ES_ERROR_STORE_FULL] = { "service-unavailable", "wait" },
  [ES_ERROR_STORE_READONLY] = { "service-unavailable", "cancel" },
  [ES_ERROR_STORE_SEALED] = { "service-unavailable", "wait" },
  [ES_ERROR_STORE_KEYRING] = { "service-unavailable", "wait" },
  [ES_ERROR_STORE_OPENING] = { "service-unavailable", "wait" },
};

static const Row *
row (EsErrorCode code)
{
  static const Row none = { NULL, NULL };

  return (guint) code < ES_N_ERRORS ? &rows[code] : &none;
}

const char *
es_error_condition (EsErrorCode code)
{
  return row (code)->condition;
}

const char *
es_error_type (EsErrorCode code)
{
  return row (code)->type;
}
