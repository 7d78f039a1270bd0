/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-wrap.h"

static guint
width_of (gunichar character)
{
  if (g_unichar_iszerowidth (character))
    return 0;
  return g_unichar_iswide (character) ? 2 : 1;
}

/* Columns of what stands before the next white space. */
static guint
word_width (const char *text)
{
  guint width = 0;

  for (; *text != '\0' && *text != ' ' && *text != '\n'; text = g_utf8_next_char (text))
    width += width_of (g_utf8_get_char (text));
  return width;
}

char *
es_wrap (const char *text, guint columns)
{
  GString *wrapped = g_string_new (NULL);
  guint column = 0;

  for (; *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar character = g_utf8_get_char (text);
      guint width = width_of (character);

      if (character == ' ' && column > 0 && column + 1 + word_width (text + 1) > columns)
        character = '\n';
      else if (character != '\n' && column + width > columns)
        {
          g_string_append_c (wrapped, '\n');
          column = 0;
        }
      g_string_append_unichar (wrapped, character);
      column = character == '\n' ? 0 : column + width;
    }
  return g_string_free (wrapped, FALSE);
}
