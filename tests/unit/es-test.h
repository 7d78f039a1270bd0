/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test shares: one suite per file, TAP for meson, and random octets that repeat. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <glib.h>

#include "es-address.h"

/* Runs SUITE; for main () to return. */
static inline int
es_test_run (Suite *suite)
{
  SRunner *runner = srunner_create (suite);
  int failed = 0;

  /* A criticism of GLib's is a failure, not a line in a log. */
  g_log_set_always_fatal ((GLogLevelFlags) (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK));
  if (g_getenv ("ES_TAP") != NULL)
    {
      srunner_set_tap (runner, "-");
      srunner_run_all (runner, CK_SILENT);
    }
  else
    srunner_run_all (runner, CK_NORMAL);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* The address in TEXT, which must be one; kept until the test ends. */
static inline const EsAddress *
es_at (const char *text)
{
  static GHashTable *known;
  EsAddress *address = NULL;

  if (text == NULL)
    return NULL;
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) es_address_unref);
  address = g_hash_table_lookup (known, text);
  if (address == NULL)
    {
      address = es_address_new (text);
      ck_assert_msg (address != NULL, "%s is no address", text);
      g_hash_table_insert (known, g_strdup (text), address);
    }
  return address;
}
