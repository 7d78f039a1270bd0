/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-jid.h"

#include <string.h>

char *
es_jid_bare (const char *jid)
{
  return g_strndup (jid, strcspn (jid, "/"));
}

const char *
es_jid_resource (const char *jid)
{
  const char *slash = strchr (jid, '/');

  return slash != NULL && slash[1] != '\0' ? slash + 1 : NULL;
}

gboolean
es_jid_same_bare (const char *a, const char *b)
{
  gsize size = strcspn (a, "/");

  return size == strcspn (b, "/") && strncmp (a, b, size) == 0;
}
