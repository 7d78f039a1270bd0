/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file of preferences may hold anything. */
#include "es-prefs.h"

#include <glib/gstdio.h>

#include "../es-test.h"

/* Not in the public headers. */
void purple_dbus_init_ids (void);

static char *folder; /* of the file that libpurple writes */

/* Nobody waits. */
static guint
add_timeout (guint interval, GSourceFunc function, gpointer data)
{
  return 1;
}

static gboolean
remove_timeout (guint handle)
{
  return TRUE;
}

static void
setup (void)
{
  static PurpleEventLoopUiOps ops
      = { .timeout_add = add_timeout, .timeout_add_seconds = add_timeout, .timeout_remove = remove_timeout };

  folder = es_test_folder ("esession-prefs");
  purple_util_set_user_dir (folder);
  purple_dbus_init_ids ();
  purple_eventloop_set_ui_ops (&ops);
  purple_prefs_init ();
  purple_prefs_add_none ("/plugins");
  purple_prefs_add_none ("/plugins/core");
}

static void
teardown (void)
{
  g_autofree char *path = g_build_filename (folder, "prefs.xml", NULL);

  purple_prefs_uninit ();
  g_unlink (path);
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

static void
assert_defaults (void)
{
  ck_assert_int_eq (es_prefs_get (ES_PREF_POLICY), ES_POLICY_POSSIBLE);
  ck_assert_int_eq (es_prefs_get (ES_PREF_STARTERS), ES_STARTERS_CONTACTS);
  ck_assert_int_eq (es_prefs_get (ES_PREF_EXPIRY), 90);
  ck_assert_int_eq (es_prefs_get (ES_PREF_EXPIRY_VERIFIED), 0);
}

static void
assert_stored_defaults (void)
{
  ck_assert_int_eq (purple_prefs_get_int (ES_PREF_POLICY), ES_POLICY_POSSIBLE);
  ck_assert_int_eq (purple_prefs_get_int (ES_PREF_EXPIRY), 90);
  ck_assert (purple_prefs_get_bool (ES_PREF_LOG));
  ck_assert (purple_prefs_get_bool (ES_PREF_REMIND));
  ck_assert (!purple_prefs_get_bool (ES_PREF_WEAK_GROUPS));
  ck_assert (!purple_prefs_get_bool (ES_PREF_HIDE_FROM_DBUS));
}

START_TEST (prefs__init__makes_defaults)
{
  assert_defaults ();
  es_prefs_init ();
  assert_defaults ();
  assert_stored_defaults ();
}
END_TEST

START_TEST (prefs__init__keeps_choices)
{
  es_prefs_init ();
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_NEVER);
  purple_prefs_set_int (ES_PREF_EXPIRY, 0);
  purple_prefs_set_int (ES_PREF_STARTERS, ES_STARTERS_ASK);
  purple_prefs_set_bool (ES_PREF_LOG, FALSE);
  es_prefs_init ();
  ck_assert_int_eq (es_prefs_get (ES_PREF_POLICY), ES_POLICY_NEVER);
  ck_assert_int_eq (es_prefs_get (ES_PREF_EXPIRY), 0);
  ck_assert_int_eq (es_prefs_get (ES_PREF_STARTERS), ES_STARTERS_ASK);
  ck_assert (!purple_prefs_get_bool (ES_PREF_LOG));
}
END_TEST

START_TEST (prefs__init__puts_right_what_is_of_another_type)
{
  static const char *const names[]
      = { ES_PREF_POLICY,      ES_PREF_STARTERS,       ES_PREF_EXPIRY, ES_PREF_EXPIRY_VERIFIED,
          ES_PREF_WEAK_GROUPS, ES_PREF_HIDE_FROM_DBUS, ES_PREF_REMIND, ES_PREF_LOG };

  purple_prefs_add_none (ES_PREF_PLUGIN);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    purple_prefs_add_string (names[i], "1");
  assert_defaults ();
  es_prefs_init ();
  assert_defaults ();
  assert_stored_defaults ();
}
END_TEST

START_TEST (prefs__get__takes_only_choices)
{
  static const int junk[] = { -1, 4, 31, 99, G_MAXINT, G_MININT };

  es_prefs_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (junk); i++)
    {
      purple_prefs_set_int (ES_PREF_POLICY, junk[i]);
      purple_prefs_set_int (ES_PREF_STARTERS, junk[i]);
      purple_prefs_set_int (ES_PREF_EXPIRY, junk[i]);
      purple_prefs_set_int (ES_PREF_EXPIRY_VERIFIED, junk[i]);
      assert_defaults ();
    }
  purple_prefs_set_int (ES_PREF_STARTERS, 2);
  ck_assert_int_eq (es_prefs_get (ES_PREF_STARTERS), ES_STARTERS_CONTACTS);
  es_prefs_init ();
  assert_stored_defaults ();
  ck_assert_int_eq (es_prefs_get ("/no/such/preference"), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("prefs");
  TCase *tcase = tcase_create ("prefs");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, prefs__init__makes_defaults);
  tcase_add_test (tcase, prefs__init__keeps_choices);
  tcase_add_test (tcase, prefs__init__puts_right_what_is_of_another_type);
  tcase_add_test (tcase, prefs__get__takes_only_choices);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
