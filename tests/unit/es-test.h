/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every unit test shares: one suite per file, TAP for meson, and random octets that repeat. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "../es-at.h"

/* The least that a file may ask of whoever stretches a passphrase, for EsProtection's cost where that is not what is tested. */
#define ES_QUICK_COST 14

/* A new folder, whose name begins with NAME; the caller's. In memory where there is such a place: the tests would wait for the disk
 * thousands of times. */
static inline char *
es_test_folder (const char *name)
{
  const char *parent = g_access ("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();
  char *folder = g_strdup_printf ("%s/%s-XXXXXX", parent, name);

  g_assert_nonnull (g_mkdtemp_full (folder, 0755));
  return folder;
}

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
