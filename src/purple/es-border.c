/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-border.h"

#include <string.h>

/* As windows are found; somebody in a room keeps the resource there, which goes. The caller's. */
static char *
normalize (PurpleAccount *account, const char *text)
{
  const char *name = purple_normalize (account, text);

  return name != NULL ? g_strndup (name, strcspn (name, "/")) : NULL;
}

EsAddress *
es_border_address (PurpleAccount *account, const char *text)
{
  g_autoptr (EsAddress) address = es_address_new (text);
  g_autofree char *in_windows = address != NULL ? normalize (account, text) : NULL;

  return in_windows != NULL && es_address_is_written (es_address_bare (address), in_windows)
             ? g_steal_pointer (&address)
             : NULL;
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
