/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-preferences.h"

#include <glib/gi18n-lib.h>

#include "es-ui.h"

static PurplePluginPrefFrame *
make_frame (PurplePlugin *plugin)
{
  PurplePluginPrefFrame *frame = purple_plugin_pref_frame_new ();

  purple_plugin_pref_frame_add (
      frame, purple_plugin_pref_new_with_name_and_label (ES_PREF_LOG, _ ("_Log encrypted conversations")));
  return frame;
}

PurplePluginUiInfo *
es_preferences_info (void)
{
  static PurplePluginUiInfo info = { .get_plugin_pref_frame = make_frame };

  return &info;
}
