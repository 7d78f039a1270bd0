/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-spelling.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-sas.h"

/* The alphabet of radio telephony, or the language's own. */
static const char *
word_of (char c)
{
  static const char *const letters[] = {
    /* Translators: This and the next 25 words spell a to z over the phone: please use the standard spelling alphabet of
     * your language, if it has one, with a word for each of these letters, and otherwise this one. Where one writes
     * from right to left, the Latin letter comes last. */
    N_ ("alfa"),   N_ ("bravo"),   N_ ("charlie"), N_ ("delta"),  N_ ("echo"),   N_ ("foxtrot"), N_ ("golf"),
    N_ ("hotel"),  N_ ("india"),   N_ ("juliett"), N_ ("kilo"),   N_ ("lima"),   N_ ("mike"),    N_ ("november"),
    N_ ("oscar"),  N_ ("papa"),    N_ ("quebec"),  N_ ("romeo"),  N_ ("sierra"), N_ ("tango"),   N_ ("uniform"),
    N_ ("victor"), N_ ("whiskey"), N_ ("x-ray"),   N_ ("yankee"), N_ ("zulu"),
  };
  static const char *const digits[] = {
    /* Translators: Digits as one says them over the phone, so that none is taken for another. */
    N_ ("zero"), N_ ("one"), N_ ("two"),   N_ ("three"), N_ ("four"),
    N_ ("five"), N_ ("six"), N_ ("seven"), N_ ("eight"), N_ ("nine"),
  };

  if (g_ascii_islower (c))
    return _ (letters[c - 'a']);
  return g_ascii_isdigit (c) ? _ (digits[c - '0']) : "?";
}

char *
es_spell_code (const char *code)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  for (; *code != '\0'; code++)
    g_ptr_array_add (words, (gpointer) word_of (*code));
  g_ptr_array_add (words, NULL);
  return g_strjoinv (" - ", (char **) words->pdata);
}

char *
es_group_code (const char *code)
{
  return strlen (code) > 3 ? g_strdup_printf ("%.3s %s", code, code + 3) : g_strdup (code);
}

char *
es_tidy_code (const char *typed)
{
  GString *code = g_string_new (NULL);

  for (; *typed != '\0'; typed++)
    if (g_ascii_isalnum (*typed))
      g_string_append_c (code, g_ascii_tolower (*typed));
  return g_string_free (code, FALSE);
}

const char *
es_unknown_in_code (const char *code)
{
  const char *unknown = code + strspn (code, ES_SAS_DIGITS);

  return *unknown != '\0' ? unknown : NULL;
}
