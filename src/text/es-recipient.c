/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-recipient.h"

#include <glib/gi18n-lib.h>

#include "es-labels.h"
#include "es-words.h"

char *
es_recipient_key (PurpleConversation *conversation)
{
  PurpleAccount *account = purple_conversation_get_account (conversation);

  return g_strdup_printf ("%s %s %s", purple_account_get_protocol_id (account), purple_account_get_username (account),
                          purple_normalize (account, purple_conversation_get_name (conversation)));
}

static const char *
state_of (PurpleConversation *conversation, const EsApi *api)
{
  EsConversation what = { .state = ES_STATE_PLAIN };

  if (api->covers (conversation))
    api->describe (conversation, &what);
  return es_conversation_label (&what);
}

/* What usually holds is the same for all, and is not known yet of one whose conversation has just opened. */
static gboolean
is_safe (PurpleBuddy *buddy, const EsApi *api)
{
  int own = -1;
  EsPolicy usual = ES_POLICY_POSSIBLE;

  return api->has_verified (buddy)
         || (api->policy (purple_buddy_get_account (buddy), purple_buddy_get_name (buddy), &own, &usual)
             && own == ES_POLICY_ALWAYS);
}

gboolean
es_recipient_may_be_mistaken (PurpleConversation *conversation, const EsApi *api)
{
  PurpleBuddy *buddy
      = purple_find_buddy (purple_conversation_get_account (conversation), purple_conversation_get_name (conversation));
  PurpleBlistNode *person = buddy != NULL ? PURPLE_BLIST_NODE (purple_buddy_get_contact (buddy)) : NULL;

  if (person == NULL || is_safe (buddy, api))
    return FALSE;
  for (PurpleBlistNode *other = purple_blist_node_get_first_child (person); other != NULL;
       other = purple_blist_node_get_sibling_next (other))
    if (PURPLE_BUDDY (other) != buddy && is_safe (PURPLE_BUDDY (other), api))
      return TRUE;
  return FALSE;
}

char *
es_recipient_sentence (PurpleConversation *conversation, const EsApi *api)
{
  g_autofree char *name = es_contact_label (conversation, api);

  /* Translators: a contact, and a state, such as "Not encrypted". */
  return g_strdup_printf (_ ("What you write goes to %s from now on: %s."), name, state_of (conversation, api));
}

char *
es_recipient_held_sentence (PurpleConversation *conversation, const EsApi *api)
{
  g_autofree char *name = es_contact_label (conversation, api);

  /* Translators: a contact, and a state, such as "Not encrypted". */
  return g_strdup_printf (
      _ ("Your message was not sent because it would go to %s now (%s): press Enter again to send it there."), name,
      state_of (conversation, api));
}

char *
es_recipient_offered_sentence (PurpleConversation *conversation, const EsApi *api)
{
  g_autofree char *name = es_contact_label (conversation, api);

  /* Translators: a contact, and a state, such as "Not encrypted". */
  return g_strdup_printf (_ ("Your message was not sent because it would go to %s now (%s)."), name,
                          state_of (conversation, api));
}
