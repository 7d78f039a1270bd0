/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instead of the one of src/core/base, which is slow on purpose, in programs of tests that compare passwords by the dozen: what is linked
 * before the library is taken. What ships is measured by the vectors, in test-es-spake2.c and in test-es-password-slow.c. */
#include <string.h>

#include "es-crypto.h"
#include "es-stretch.h"

EsSecret *
es_stretch (const char *password, GBytes *salt, gsize size)
{
  g_autofree char *composed
      = g_utf8_validate (password, -1, NULL) ? g_utf8_normalize (password, -1, G_NORMALIZE_DEFAULT_COMPOSE) : NULL;
  EsPart parts[] = { ES_PART_BYTES (salt), ES_PART_STRING (composed != NULL ? composed : "") };
  guint8 hash[ES_HASH_MAX_OCTETS];

  if (composed == NULL)
    return NULL;
  es_hash (es_hash_find ("sha512"), parts, G_N_ELEMENTS (parts), hash);
  return es_secret_new_from (hash, MIN (size, sizeof hash));
}
