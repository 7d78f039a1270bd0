/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-labels.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <purple.h>

#include "es-shown.h"

const char *
es_policy_label (EsPolicy policy)
{
  static const char *const labels[ES_N_POLICIES] = {
    /* Translators: Answers the question when to encrypt conversations. */
    N_ ("_Never"),
    N_ ("_When I ask"),
    N_ ("Whenever _possible"),
    N_ ("_Always"),
  };

  return _ (labels[policy]);
}

char *
es_policy_name (EsPolicy policy)
{
  return purple_text_strip_mnemonic (es_policy_label (policy));
}

char *
es_policy_usual_label (EsPolicy usual)
{
  g_autofree char *name = es_policy_name (usual);

  /* Translators: %s is one of the other answers, such as "Whenever possible". */
  return g_strdup_printf (_ ("As _usual (%s)"), name);
}

char *
es_contact_on (const char *shown_name, const char *address, const char *own)
{
  g_autofree char *shown = es_shown_name (address), *shown_own = own != NULL ? es_shown_name (own) : NULL;
  g_autofree char *where
      = own != NULL
            /* Translators: two addresses, of a contact and of one of the user's accounts; it stands in sentences. */
            ? g_strdup_printf (_ ("%1$s, on your account %2$s"), shown, shown_own)
            : g_steal_pointer (&shown);

  return shown_name == NULL ? g_steal_pointer (&where) : g_strdup_printf ("%s (%s)", shown_name, where);
}

char *
es_contact_label (PurpleConversation *conversation, const EsApi *api)
{
  PurpleBuddy *buddy = api->buddy_of (conversation);
  const char *alias = buddy != NULL ? purple_buddy_get_alias (buddy) : NULL;
  g_autofree char *contact = api->contact_of (conversation), *own = api->own_name (conversation), *name = NULL;
  const char *address = contact != NULL ? contact : purple_conversation_get_name (conversation);

  if (alias != NULL && strcmp (alias, address) != 0 && strcmp (alias, purple_buddy_get_name (buddy)) != 0)
    name = es_quoted_name (alias);
  return es_contact_on (name, address, own);
}

char *
es_conversation_key (PurpleConversation *conversation, const EsApi *api)
{
  PurpleAccount *account = purple_conversation_get_account (conversation);
  g_autofree char *contact = api->contact_of (conversation);

  return contact != NULL ? g_strdup_printf ("%s %s %s", purple_account_get_protocol_id (account),
                                            purple_account_get_username (account), contact)
                         : NULL;
}
