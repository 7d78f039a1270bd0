/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-quote.h"

#include <purple.h>

#include "es-limits.h"
#include "es-wrap.h"

/* Pidgin takes all formatting out of what has more than a hundred tags once it has made its links, and reads what is left as HTML:
 * what was escaped would be tags then. */
#define MAX_TAGS 90

#define MAX_BREAKS 40

#define ZERO_WIDTH_NON_JOINER 0x200c
#define ZERO_WIDTH_JOINER 0x200d

static gboolean
is_break (gunichar character)
{
  return (character >= '\n' && character <= '\r') || character == 0x85 || character == 0x2028 || character == 0x2029;
}

/* Letters and signs that nobody sees, too. */
static gboolean
is_blank (gunichar character)
{
  return character == '\t' || g_unichar_type (character) == G_UNICODE_SPACE_SEPARATOR || character == 0x115f
         || character == 0x1160 || character == 0x17b4 || character == 0x17b5 || character == 0x2800
         || character == 0x3164 || character == 0xffa0;
}

/* What turns a line round is not needed to write from right to left; what joins letters is. */
static gboolean
is_dropped (gunichar character)
{
  GUnicodeType type = g_unichar_type (character);

  return type == G_UNICODE_CONTROL
         || (type == G_UNICODE_FORMAT && character != ZERO_WIDTH_NON_JOINER && character != ZERO_WIDTH_JOINER);
}

/* HTML has no line feeds, and programs show them. */
static char *
with_tags_for_breaks (const char *html)
{
  GString *text = g_string_new (NULL);

  for (; *html != '\0'; html = g_utf8_next_char (html))
    {
      gunichar character = g_utf8_get_char (html);

      if (character == '\r' && html[1] == '\n')
        continue;
      is_break (character) ? g_string_append (text, "<br>") : g_string_append_unichar (text, character);
    }
  return g_string_free (text, FALSE);
}

static char *
plain_lines (const char *html)
{
  g_autofree char *valid = g_utf8_make_valid (html, -1), *tagged = with_tags_for_breaks (valid);
  g_autofree char *stripped = purple_markup_strip_html (tagged), *plain = g_utf8_make_valid (stripped, -1);
  GString *text = g_string_new (NULL);

  for (const char *next = plain; *next != '\0'; next = g_utf8_next_char (next))
    {
      gunichar character = g_utf8_get_char (next);
      char last = text->len > 0 ? text->str[text->len - 1] : '\n';

      if (is_break (character))
        g_string_append_c (text, '\n');
      else if (is_blank (character) && last != ' ' && last != '\n')
        g_string_append_c (text, ' ');
      else if (!is_blank (character) && !is_dropped (character))
        g_string_append_unichar (text, character);
    }
  return g_strstrip (g_string_free (text, FALSE));
}

static guint
count_tags (const char *html)
{
  guint n = 0;

  for (; *html != '\0'; html++)
    n += *html == '<';
  return n;
}

/* QUOTED with such links as the program is about to make there, or without any where those were too many. */
static char *
with_links (const char *quoted)
{
  g_autofree char *linked = strlen (quoted) <= ES_LIMIT_LINKED_OCTETS ? purple_markup_linkify (quoted) : NULL;

  return linked != NULL && count_tags (linked) <= MAX_TAGS ? g_steal_pointer (&linked)
                                                           : g_strdup_printf ("<a name=\"\">%s</a>", quoted);
}

char *
es_quote (const char *text, guint columns)
{
  g_autofree char *plain = plain_lines (text), *fitting = columns > 0 ? es_wrap (plain, columns) : g_strdup (plain);
  g_auto (GStrv) lines = g_strsplit (fitting, "\n", -1);
  g_autoptr (GString) quoted = g_string_new ("<i>&gt; ");

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *escaped = g_markup_escape_text (lines[i], -1);

      if (i > 0)
        g_string_append_printf (quoted, "%s&gt; ", i < MAX_BREAKS ? "<br>" : "\n");
      g_string_append (quoted, escaped);
    }
  g_string_append (quoted, "</i>");
  return with_links (quoted->str);
}
