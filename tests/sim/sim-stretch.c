/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instead of the one of src/core, which is slow on purpose. */
#include <string.h>

#include "es-crypto.h"
#include "es-stretch.h"

EsSecret *
es_stretch (const char *password, GBytes *salt, gsize size)
{
  EsPart parts[] = { ES_PART_BYTES (salt), ES_PART_STRING (password) };
  guint8 hash[ES_HASH_MAX_OCTETS];

  es_hash (es_hash_find ("sha512"), parts, G_N_ELEMENTS (parts), hash);
  return es_secret_new_from (hash, MIN (size, sizeof hash));
}
