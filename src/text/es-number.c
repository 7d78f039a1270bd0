/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-number.h"

/* More than anybody has devices. */
#define MAX_NUMBER 1000000

gboolean
es_number_parse (const char *typed, guint *number, const char **rest)
{
  guint parsed = 0;

  for (; g_ascii_isdigit (*typed) && parsed < MAX_NUMBER; typed++)
    parsed = parsed * 10 + (guint) g_ascii_digit_value (*typed);
  if (parsed == 0 || parsed >= MAX_NUMBER || (*typed != '\0' && !g_ascii_isspace (*typed)))
    return FALSE;
  while (g_ascii_isspace (*typed))
    typed++;
  *number = parsed;
  *rest = typed;
  return TRUE;
}
