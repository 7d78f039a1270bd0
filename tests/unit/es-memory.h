/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether something that was wiped is left anywhere in memory. */
#pragma once
#include <fcntl.h>
#include <unistd.h>

#include "es-secret.h"
#include "es-test.h"

#define SECRET_OCTETS 24u

/* What somebody wrote, here; made as it is needed, so that it is nowhere else. */
static inline char
secret_at (gsize i)
{
  return (char) ('A' + (i * i + 5 * i + 3) % 26);
}

static inline gboolean
is_secret (const char *at)
{
  for (gsize i = 0; i < SECRET_OCTETS; i++)
    if (at[i] != secret_at (i))
      return FALSE;
  return TRUE;
}

/* Read as a file: a sanitizer does not let anybody look at what was freed. */
static inline gboolean
region_holds_secret (int fd, guint64 begin, guint64 end)
{
  static char block[1 << 20];

  for (guint64 at = begin; at < end; at += sizeof block - SECRET_OCTETS)
    {
      gssize n = pread (fd, block, MIN (sizeof block, end - at), (off_t) at);

      for (const char *c = block; n >= (gssize) SECRET_OCTETS && c != NULL; c++)
        {
          c = memchr (c, secret_at (0), (gsize) (block + n - SECRET_OCTETS + 1 - c));
          if (c == NULL)
            break;
          if (is_secret (c))
            {
              es_octets_wipe (block, sizeof block);
              return TRUE;
            }
        }
    }
  return FALSE;
}

/* Whether the secret is anywhere on the heap, in use or not. */
static inline gboolean
memory_holds_secret (void)
{
  g_autofree char *maps = NULL;
  g_auto (GStrv) lines = NULL;
  int fd = open ("/proc/self/mem", O_RDONLY);
  gboolean found = FALSE;

  ck_assert_int_ge (fd, 0);
  ck_assert (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
  lines = g_strsplit (maps, "\n", -1);
  for (char **line = lines; *line != NULL; line++)
    {
      char *rest = NULL;
      guint64 begin = g_ascii_strtoull (*line, &rest, 16);
      guint64 end = *rest == '-' ? g_ascii_strtoull (rest + 1, &rest, 16) : 0;

      /* The stack has what was passed by, and a sanitizer's notes are terabytes. */
      if (g_str_has_prefix (rest, " rw") && strstr (rest, "[stack]") == NULL && end - begin < (guint64) 1 << 30)
        found = found || region_holds_secret (fd, begin, end);
    }
  close (fd);
  return found;
}

/* The secret in the place of each %s, in one piece of memory. Not at the beginning, where those who manage memory write when it
 * is freed. */
static inline char *
with_secret (const char *format)
{
  static const char before[] = "................";
  char *text = g_malloc0 (strlen (format) + 4 * (sizeof before + SECRET_OCTETS)), *out = text;

  while (*format != '\0')
    if (strncmp (format, "%s", 2) != 0)
      *out++ = *format++;
    else
      {
        out = mempcpy (out, before, strlen (before));
        for (gsize i = 0; i < SECRET_OCTETS; i++)
          *out++ = secret_at (i);
        format += 2;
      }
  return text;
}
