/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Octets in hexadecimal, for known answers. */
#pragma once
#include "../es-test.h"

static inline gsize
hex_to (const char *hex, guint8 *out)
{
  gsize n = strlen (hex) / 2;

  for (gsize i = 0; i < n; i++)
    out[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  return n;
}

static inline void
assert_hex (const void *octets, gsize size, const char *expected)
{
  g_autoptr (GString) hex = g_string_new (NULL);

  for (gsize i = 0; i < size; i++)
    g_string_append_printf (hex, "%02x", ((const guint8 *) octets)[i]);
  ck_assert_str_eq (hex->str, expected);
}
