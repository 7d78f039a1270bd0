/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-translations.h"

#include <glib.h>
#include <libintl.h>

void
es_translations_find (const char *file)
{
  g_autofree char *folder = file != NULL ? g_path_get_dirname (file) : NULL;
  g_autofree char *beside = folder != NULL ? g_build_filename (folder, ES_TRANSLATIONS, NULL) : NULL;

  bindtextdomain (GETTEXT_PACKAGE, beside != NULL && g_file_test (beside, G_FILE_TEST_IS_DIR) ? beside : ES_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
}
