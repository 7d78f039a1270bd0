/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What others have chosen, as people see it, and what people type after a command: names, lines, codes, numbers. */
#include <string.h>

#include "es-number.h"
#include "es-shown.h"
#include "es-spelling.h"
#include "es-wrap.h"
#include "fuzz.h"

void
fuzz_setup (void)
{
}

/* Nothing in it ends a line, or turns round what stands beside it; but for the first and the last, which keep it apart. */
static void
check_name (const char *shown, gboolean quoted)
{
  glong n = g_utf8_strlen (shown, -1), from = quoted ? 2 : 1;

  g_assert (g_utf8_validate (shown, -1, NULL) && n <= 2 * from + 80 + 3);
  for (glong i = 0; i < n; i++)
    {
      gunichar character = g_utf8_get_char (g_utf8_offset_to_pointer (shown, i));
      GUnicodeType type = g_unichar_type (character);

      if (i == from - 1 || i == n - from)
        g_assert (character == (i == from - 1 ? 0x2068 : 0x2069));
      else if (i >= from && i < n - from)
        g_assert (type != G_UNICODE_CONTROL && type != G_UNICODE_FORMAT && type != G_UNICODE_LINE_SEPARATOR
                  && type != G_UNICODE_PARAGRAPH_SEPARATOR && (!quoted || character != '"'));
    }
}

static char *
without_breaks (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \n", -1);

  return g_strjoinv (NULL, words);
}

static void
check_wrap (const char *text, guint columns)
{
  g_autofree char *wrapped = es_wrap (text, columns), *before = without_breaks (text),
                  *after = without_breaks (wrapped);
  g_auto (GStrv) lines = g_strsplit (wrapped, "\n", -1);

  g_assert_cmpstr (before, ==, after);
  for (char **line = lines; *line != NULL; line++)
    {
      guint width = 0;

      for (const char *next = *line; *next != '\0'; next = g_utf8_next_char (next))
        if (!g_unichar_iszerowidth (g_utf8_get_char (next)))
          width += g_unichar_iswide (g_utf8_get_char (next)) ? 2 : 1;
      g_assert_cmpuint (width, <=, columns);
    }
}

static void
check_typed (const char *typed)
{
  g_autofree char *tidy = es_tidy_code (typed), *grouped = es_group_code (tidy), *again = es_tidy_code (grouped);
  g_autofree char *spelled = es_spell_code (tidy), *number_text = NULL;
  const char *unknown = es_unknown_in_code (tidy), *rest = NULL;
  guint number = 0;

  g_assert_cmpstr (tidy, ==, again);
  g_assert (strchr (spelled, '?') == NULL);
  g_assert (unknown == NULL || (unknown >= tidy && *unknown != '\0'));
  if (!es_number_parse (typed, &number, &rest))
    return;
  number_text = g_strdup_printf ("%u", number);
  g_assert (number > 0 && g_str_has_prefix (typed + strspn (typed, "0"), number_text));
  g_assert (rest > typed && g_str_has_suffix (typed, rest) && !g_ascii_isspace (*rest));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint columns = size > 0 ? 2 + *data % 80u : 2;
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data + 1, MIN (size - 1, 8192)) : g_strdup ("");
  g_autofree char *valid = g_utf8_make_valid (text, -1), *shown = NULL, *quoted = NULL;

  fuzz_begin ();
  shown = es_shown_name (text);
  quoted = es_quoted_name (text);
  check_name (shown, FALSE);
  check_name (quoted, TRUE);
  check_wrap (valid, columns);
  check_typed (valid);
  fuzz_require_memory (size, 256 * 1024);
  return 0;
}
