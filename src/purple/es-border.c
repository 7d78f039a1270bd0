/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-border.h"

#include <string.h>

EsAddress *
es_border_address (PurpleAccount *account, const char *text)
{
  g_autoptr (EsAddress) address = es_address_new (text);
  const char *bare = address != NULL ? es_address_text (es_address_bare (address)) : NULL;
  const char *in_windows = bare != NULL ? purple_normalize (account, text) : NULL;

  /* Somebody in a room keeps the resource there. */
  if (in_windows == NULL || strncmp (in_windows, bare, strlen (bare)) != 0
      || (in_windows[strlen (bare)] != '\0' && in_windows[strlen (bare)] != '/'))
    return NULL;
  return g_steal_pointer (&address);
}

EsAddress *
es_border_contact (PurpleAccount *account, const char *name)
{
  g_autofree char *text = g_strdup (name);
  g_autoptr (EsAddress) address = NULL;

  /* To libpurple an empty resource is none. */
  if (text != NULL && g_str_has_suffix (text, "/"))
    text[strlen (text) - 1] = '\0';
  address = es_border_address (account, text);
  return address != NULL ? es_address_ref (es_address_bare (address)) : NULL;
}

EsAddress *
es_border_own (PurpleAccount *account)
{
  return es_border_contact (account, purple_account_get_username (account));
}
