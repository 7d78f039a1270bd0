/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-passphrase.h"

#include <string.h>

EsSecret *
es_passphrase_new (const char *text)
{
  char *normal = g_utf8_validate (text, -1, NULL) ? g_utf8_normalize (text, -1, G_NORMALIZE_NFC) : NULL;
  EsSecret *passphrase = NULL;

  if (normal == NULL)
    return NULL;
  passphrase = es_secret_new_from (normal, strlen (normal));
  es_text_free (normal);
  return passphrase;
}

gboolean
es_passphrase_is_long_enough (const EsSecret *passphrase)
{
  return g_utf8_strlen ((const char *) es_secret_peek (passphrase), (gssize) es_secret_size (passphrase))
         >= ES_PASSPHRASE_CHARACTERS_MIN;
}
