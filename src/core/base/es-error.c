/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-error.h"

G_DEFINE_QUARK (es - error - quark, es_error)

typedef struct
{
  const char *name;
  const char *condition;
  const char *type;
} Row;

/* A failed check, a wrong value and a value out of range look alike from outside: one code, one answer. A message that
 * nobody expects is answered so that a side that restarted is noticed at once. */
static const Row rows[ES_N_ERRORS] = {
  [ES_ERROR_MALFORMED] = { "malformed", "bad-request", "modify" },
  [ES_ERROR_LIMIT] = { "limit", "resource-constraint", "wait" },
  [ES_ERROR_UNSUPPORTED] = { "unsupported", "not-acceptable", "modify" },
  [ES_ERROR_UNKNOWN_FIELD] = { "unknown-field", "feature-not-implemented", "cancel" },
  [ES_ERROR_CHECK] = { "check", "feature-not-implemented", "cancel" },
  [ES_ERROR_PARTIES] = { "parties", "not-acceptable", "cancel" },
  [ES_ERROR_UNEXPECTED] = { "unexpected", "unexpected-request", "wait" },
  [ES_ERROR_DECLINED] = { "declined", NULL, "cancel" },
  [ES_ERROR_NO_SESSION] = { "no-session", "not-acceptable", "cancel" },
  [ES_ERROR_DUPLICATE] = { "duplicate", NULL, NULL },
  [ES_ERROR_ECHO] = { "echo", NULL, NULL },
  [ES_ERROR_TIMEOUT] = { "timeout", NULL, NULL },
  [ES_ERROR_UNAVAILABLE] = { "unavailable", NULL, NULL },
  [ES_ERROR_BUSY] = { "busy", "resource-constraint", "wait" },
  [ES_ERROR_STALE] = { "stale", "unexpected-request", "wait" },
  [ES_ERROR_STORE] = { "store", "service-unavailable", "cancel" },
  [ES_ERROR_STORE_LOCKED] = { "store-locked", "service-unavailable", "wait" },
  [ES_ERROR_STORE_DAMAGED] = { "store-damaged", "service-unavailable", "cancel" },
  [ES_ERROR_STORE_FULL] = { "store-full", "service-unavailable", "wait" },
  [ES_ERROR_STORE_READONLY] = { "store-readonly", "service-unavailable", "cancel" },
  [ES_ERROR_STORE_SEALED] = { "store-sealed", "service-unavailable", "wait" },
  [ES_ERROR_STORE_KEYRING] = { "store-keyring", "service-unavailable", "wait" },
  [ES_ERROR_STORE_OPENING] = { "store-opening", "service-unavailable", "wait" },
  [ES_ERROR_STORE_OTHER] = { "store-other", "service-unavailable", "wait" },
  [ES_ERROR_MOVE_FILE] = { "move-file", NULL, NULL },
  [ES_ERROR_MOVE_EXISTS] = { "move-exists", NULL, NULL },
  [ES_ERROR_MOVE_NOTHING] = { "move-nothing", NULL, NULL },
  [ES_ERROR_MOVE_UNDONE] = { "move-undone", NULL, NULL },
  [ES_ERROR_MOVE_DAMAGED] = { "move-damaged", NULL, NULL },
  [ES_ERROR_MOVE_NEWER] = { "move-newer", NULL, NULL },
  [ES_ERROR_MOVE_LIMIT] = { "move-limit", NULL, NULL },
  [ES_ERROR_MOVE_CUT_SHORT] = { "move-cut-short", NULL, NULL },
  [ES_ERROR_MOVE_KEY] = { "move-key", NULL, NULL },
  [ES_ERROR_MOVE_TAKEN] = { "move-taken", NULL, NULL },
};

static const Row *
row (EsErrorCode code)
{
  static const Row none = { "none", NULL, NULL };

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

const char *
es_error_name (EsErrorCode code)
{
  return row (code)->name;
}
