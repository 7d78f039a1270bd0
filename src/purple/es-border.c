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

PurpleBuddy *
es_border_buddy (PurpleAccount *account, const EsAddress *contact)
{
  PurpleBuddy *buddy = purple_find_buddy (account, es_address_text (contact));
  g_autofree char *ascii = buddy == NULL ? es_address_dup_ascii (contact) : NULL;

  return ascii != NULL ? purple_find_buddy (account, ascii) : buddy;
}

GSList *
es_border_buddies (PurpleAccount *account, const EsAddress *contact)
{
  g_autofree char *ascii = es_address_dup_ascii (contact);

  return g_slist_concat (purple_find_buddies (account, es_address_text (contact)),
                         ascii != NULL ? purple_find_buddies (account, ascii) : NULL);
}

/* libpurple finds one by the account that it had when it was opened. */
static PurpleConversation *
find_conversation (PurpleConversationType type, PurpleAccount *account, const char *name)
{
  PurpleConversation *conversation = purple_find_conversation_with_account (type, name, account);

  return conversation != NULL && purple_conversation_get_account (conversation) == account ? conversation : NULL;
}

PurpleConversation *
es_border_conversation (PurpleConversationType type, PurpleAccount *account, const EsAddress *with)
{
  PurpleConversation *conversation = find_conversation (type, account, es_address_text (with));
  g_autofree char *ascii = conversation == NULL ? es_address_dup_ascii (with) : NULL;

  return ascii != NULL ? find_conversation (type, account, ascii) : conversation;
}

PurpleConversation *
es_border_open (PurpleAccount *account, const EsAddress *contact)
{
  g_autofree char *name = es_border_dup_name (account, contact, NULL);

  return purple_conversation_new (PURPLE_CONV_TYPE_IM, account, name);
}

/* What libpurple calls what it knows by that address; NULL if it knows nothing. */
static const char *
known_name (PurpleAccount *account, const EsAddress *bare)
{
  static const PurpleConversationType types[] = { PURPLE_CONV_TYPE_IM, PURPLE_CONV_TYPE_CHAT };
  const PurpleBuddy *buddy = es_border_buddy (account, bare);
  g_autoptr (EsAddress) own = es_border_own (account);

  if (es_address_equal (bare, own))
    return purple_account_get_username (account);
  if (buddy != NULL)
    return purple_buddy_get_name ((PurpleBuddy *) buddy);
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      const PurpleConversation *conversation = es_border_conversation (types[i], account, bare);

      if (conversation != NULL)
        return purple_conversation_get_name (conversation);
    }
  return NULL;
}

static const char *
domain_of (const char *bare)
{
  const char *at = strchr (bare, '@');

  return at != NULL ? at + 1 : bare;
}

/* Of our own server, the part of it that comes to be in addresses. */
static gboolean
is_at_home (PurpleAccount *account, const char *bare)
{
  g_autofree char *own = normalize (account, purple_account_get_username (account));

  return own != NULL && strcmp (domain_of (own), domain_of (bare)) == 0;
}

char *
es_border_dup_name (PurpleAccount *account, const EsAddress *address, const char *text)
{
  const EsAddress *bare = es_address_bare (address);
  g_autofree char *ascii = es_address_dup_ascii (address), *bare_ascii = es_address_dup_ascii (bare);
  g_autofree char *name = NULL;
  const char *known = bare_ascii != NULL ? known_name (account, bare) : NULL;

  if (bare_ascii == NULL)
    return g_strdup (es_address_text (address));
  if (known != NULL)
    name = normalize (account, known);
  else if (is_at_home (account, bare_ascii) || is_at_home (account, es_address_text (bare)))
    name = g_strdup (is_at_home (account, bare_ascii) ? bare_ascii : es_address_text (bare));
  else if (text != NULL)
    name = normalize (account, text);
  return g_strdup (g_strcmp0 (name, bare_ascii) == 0 ? ascii : es_address_text (address));
}
