/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-preferences.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-fit.h"

static const EsChoice policies[] = {
  { N_ ("_Never"), ES_POLICY_NEVER },
  { N_ ("_When I ask"), ES_POLICY_ASK },
  { N_ ("Whenever _possible"), ES_POLICY_POSSIBLE },
  { N_ ("_Always"), ES_POLICY_ALWAYS },
  { NULL, 0 },
};

static const EsChoice starters[] = {
  { N_ ("People in my buddy list"), ES_STARTERS_CONTACTS },
  { N_ ("Anyone, after asking me"), ES_STARTERS_ASK },
  { NULL, 0 },
};

static const EsChoice days[] = {
  { N_ ("After 30 days without use"), 30 },
  { N_ ("After 90 days without use"), 90 },
  { N_ ("After a year without use"), 365 },
  /* Translators: Devices are never forgotten. */
  { N_ ("Never"), 0 },
  { NULL, 0 },
};

static const EsPreference preferences[] = {
  { ES_PREF_POLICY, N_ ("_Encrypt conversations:"), policies, NULL },
  /* Translators: "Them" is encrypted conversations; the answers follow in a list. */
  { ES_PREF_STARTERS, N_ ("Who may _start them with me:"), starters, NULL },
  { ES_PREF_REMIND, N_ ("Remind _me to verify"), NULL, NULL },
  { ES_PREF_EXPIRY, N_ ("Forget devices that are _not verified:"), days, NULL },
  { ES_PREF_EXPIRY_VERIFIED, N_ ("Forget _verified devices:"), days, NULL },
  { ES_PREF_LOG, N_ ("_Log encrypted conversations"), NULL, NULL },
  { ES_PREF_KEEP, N_ ("_Keep unsent messages when the program ends"), NULL,
    N_ ("They are kept on this computer, protected as your remembered devices are. Otherwise they are in memory only, "
        "and "
        "lost with the program.") },
  { ES_PREF_HIDE_FROM_DBUS, N_ ("_Hide messages from my other programs"), NULL,
    N_ ("Other programs can then neither read along nor do anything else with this one (D-Bus). To take it back, "
        "untick it and start the program again.") },
  { ES_PREF_WEAK_GROUPS, N_ ("Allow _weak encryption for old programs"), NULL,
    N_ ("Whoever has much computing power may be able to read those conversations.") },
};

const EsPreference *
es_preference_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (preferences); i++)
    if (purple_strequal (preferences[i].name, name))
      return &preferences[i];
  return NULL;
}

char *
es_choice_label (const EsChoice *choice)
{
  return purple_text_strip_mnemonic (_ (choice->label));
}

/* What stands there differs from language to language, and takes more than one octet in some. */
char *
es_preference_title (const char *label)
{
  static const char *const ends[] = { ":", "\uff1a", " ", "\u00a0", "\u202f" };
  char *title = purple_text_strip_mnemonic (label);

  for (gsize i = 0; i < G_N_ELEMENTS (ends);)
    if (g_str_has_suffix (title, ends[i]))
      {
        title[strlen (title) - strlen (ends[i])] = '\0';
        i = 0;
      }
    else
      i++;
  return title;
}

static const char *const policy_words[ES_N_POLICIES] = { "never", "ask", "possible", "always" };

const char *
es_policy_word (EsPolicy policy)
{
  return policy_words[policy];
}

int
es_policy_of_word (const char *word)
{
  for (int i = 0; i < ES_N_POLICIES; i++)
    if (strcmp (policy_words[i], word) == 0)
      return i;
  return -1;
}

static void
add (PurplePluginPrefFrame *frame, const EsPreference *preference)
{
  g_autofree char *label = purple_text_strip_mnemonic (_ (preference->label));
  PurplePluginPref *pref = purple_plugin_pref_new_with_name_and_label (preference->name, label);

  for (const EsChoice *choice = preference->choices; choice != NULL && choice->label != NULL; choice++)
    {
      g_autofree char *name = es_choice_label (choice);

      purple_plugin_pref_set_type (pref, PURPLE_PLUGIN_PREF_CHOICE);
      purple_plugin_pref_add_choice (pref, name, GINT_TO_POINTER (choice->value));
    }
  purple_plugin_pref_frame_add (frame, pref);

  /* In a terminal of 24 lines there is room for them or for the buttons. */
  if (preference->explanation != NULL && !es_fit_in_finch ())
    purple_plugin_pref_frame_add (frame, purple_plugin_pref_new_with_label (_ (preference->explanation)));
}

static PurplePluginPrefFrame *
make_frame (PurplePlugin *plugin)
{
  PurplePluginPrefFrame *frame = purple_plugin_pref_frame_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (preferences); i++)
    add (frame, &preferences[i]);
  return frame;
}

PurplePluginUiInfo *
es_preferences_info (void)
{
  static PurplePluginUiInfo info = { .get_plugin_pref_frame = make_frame };

  return &info;
}
