/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <libintl.h>

#include "es-translations.h"

#include "../es-test.h"

/* With such a folder beside the plugin (1), and without one. */
START_TEST (translations__find__beside_the_plugin_first)
{
  g_autofree char *folder = es_test_folder ("esession-translations");
  g_autofree char *beside = g_build_filename (folder, ES_TRANSLATIONS, NULL);
  g_autofree char *file = g_build_filename (folder, "esession.so", NULL);

  if (_i == 1)
    ck_assert_int_eq (g_mkdir (beside, 0755), 0);
  es_translations_find (file);
  ck_assert_str_eq (bindtextdomain (GETTEXT_PACKAGE, NULL), _i == 1 ? beside : ES_LOCALEDIR);
  es_translations_find (NULL);
  ck_assert_str_eq (bindtextdomain (GETTEXT_PACKAGE, NULL), ES_LOCALEDIR);
  g_rmdir (beside);
  g_rmdir (folder);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("translations");
  TCase *tcase = tcase_create ("translations");

  tcase_add_loop_test (tcase, translations__find__beside_the_plugin_first, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
