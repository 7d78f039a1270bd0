/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-labels.h"

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
es_contact_label (PurpleConversation *conversation, const EsApi *api)
{
  PurpleBuddy *buddy = api->buddy_of (conversation);
  const char *alias = buddy != NULL ? purple_buddy_get_alias (buddy) : NULL;
  g_autofree char *contact = api->contact_of (conversation);
  const char *address = contact != NULL ? contact : purple_conversation_get_name (conversation);
  g_autofree char *shown = es_shown_name (address), *shown_alias = alias != NULL ? es_quoted_name (alias) : NULL;

  return alias == NULL || purple_strequal (alias, address) || purple_strequal (alias, purple_buddy_get_name (buddy))
             ? g_steal_pointer (&shown)
             : g_strdup_printf ("%s (%s)", shown_alias, shown);
}
