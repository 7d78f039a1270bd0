/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-stretch.h"

#include <string.h>

#include "es-crypto.h"

/* N is 2 to this. */
#define COST 15

EsSecret *
es_stretch (const char *password, GBytes *salt, gsize size)
{
  char *composed
      = g_utf8_validate (password, -1, NULL) ? g_utf8_normalize (password, -1, G_NORMALIZE_DEFAULT_COMPOSE) : NULL;
  g_autoptr (EsSecret) secret = composed != NULL ? es_secret_new_from (composed, strlen (composed)) : NULL;

  if (composed != NULL)
    es_octets_wipe (composed, strlen (composed));
  g_free (composed);
  return secret != NULL ? es_scrypt (secret, ES_PART_BYTES (salt), COST, size) : NULL;
}
