/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-shown.h"

#include <glib.h>
#include <glib/gi18n-lib.h>

#define NAME_CHARACTERS 80
#define TEXT_CHARACTERS 2000

/* FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. */
#define ISOLATE "\342\201\250"
#define POP "\342\201\251"

/* Lines stay lines, and nothing in the name changes the direction of what comes after it. */
static gboolean
is_blank (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return type == G_UNICODE_CONTROL || type == G_UNICODE_FORMAT || type == G_UNICODE_LINE_SEPARATOR
         || type == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* Of any language. */
static gboolean
is_quotation_mark (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return character == '"' || type == G_UNICODE_INITIAL_PUNCTUATION || type == G_UNICODE_FINAL_PUNCTUATION
         || character == 0x201e || character == 0x201a || (character >= 0x300c && character <= 0x300f)
         || (character >= 0x301d && character <= 0x301f) || character == 0xff02;
}

typedef enum
{
  NAME,
  QUOTED,
  TEXT /* of several lines */
} Kind;

static char *
shown (const char *name, Kind kind)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  GString *text = g_string_new (ISOLATE);
  glong n = 0;

  for (const char *next = valid; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);

      if (n++ == (kind == TEXT ? TEXT_CHARACTERS : NAME_CHARACTERS))
        {
          g_string_append (text, "...");
          break;
        }
      if (kind != TEXT || character != '\n')
        character = is_blank (character) ? ' ' : kind == QUOTED && is_quotation_mark (character) ? '\'' : character;
      g_string_append_unichar (text, character);
    }
  g_string_append (text, POP);
  return g_string_free (text, FALSE);
}

char *
es_shown_name (const char *name)
{
  return shown (name, NAME);
}

char *
es_shown_text (const char *text)
{
  return shown (text, TEXT);
}

char *
es_quoted_name (const char *name)
{
  g_autofree char *text = shown (name, QUOTED);

  /* Translators: a name that somebody else has chosen, in quotation marks. */
  return g_strdup_printf (_ ("\"%s\""), text);
}
