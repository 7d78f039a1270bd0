/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fit.h"

#include <purple.h>

#include "es-wrap.h"

gboolean
es_fit_in_pidgin (void)
{
  return purple_strequal (purple_core_get_ui (), "gtk-gaim");
}

gboolean
es_fit_in_finch (void)
{
  return purple_strequal (purple_core_get_ui (), "gnt-purple");
}

char *
es_fit_text (const char *text)
{
  return es_fit_in_pidgin () ? g_strdup (text) : es_wrap (text, ES_WRAP_COLUMNS);
}

char *
es_fit_label (const char *label)
{
  return es_fit_in_pidgin () ? g_strdup (label) : purple_text_strip_mnemonic (label);
}
