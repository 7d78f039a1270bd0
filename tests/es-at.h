/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as tests write them. */
#pragma once
#include <glib.h>

#include "es-address.h"

/* The address in TEXT, which must be one; kept until the test ends. */
static inline const EsAddress *
es_at (const char *text)
{
  static GHashTable *known;
  EsAddress *address = NULL;

  if (text == NULL)
    return NULL;
  if (known == NULL)
    known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) es_address_unref);
  address = g_hash_table_lookup (known, text);
  if (address == NULL)
    {
      address = es_address_new (text);
      if (address == NULL)
        g_error ("%s is no address", text);
      g_hash_table_insert (known, g_strdup (text), address);
    }
  return address;
}

/* What an address is in text; NULL for none. */
static inline const char *
es_text_of (const EsAddress *address)
{
  return address != NULL ? es_address_text (address) : NULL;
}
