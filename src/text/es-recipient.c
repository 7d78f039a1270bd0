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
