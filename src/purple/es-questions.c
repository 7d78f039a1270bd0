/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a stranger may start an encrypted conversation: the user is asked. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-fit.h"
#include "es-labels.h"

static void
answer (EsLink *link, gboolean accept)
{
  g_autoptr (EsAddress) contact = g_steal_pointer (&link->stranger);

  if (contact == NULL)
    return;

  /* Whoever says yes wants to see what comes of it. */
  if (accept && es_link_connection (link) != NULL)
    es_border_open (link->account, contact);
  es_manager_answer_stranger (link->manager, contact, accept);
}

static void
on_accept (EsLink *link, int action)
{
  answer (link, TRUE);
}

static void
on_decline (EsLink *link, int action)
{
  answer (link, FALSE);
}

void
es_questions_ask (EsLink *link, const EsAddress *contact)
{
  /* They may ask on each. */
  g_autofree char *own = g_hash_table_size (link->plugin->links) > 1 ? es_account_name (link->account) : NULL;
  g_autofree char *name = es_contact_on (NULL, es_address_text (contact), own);
  g_autofree char *sentence = NULL, *question = NULL, *explanation = NULL, *accept = NULL, *decline = NULL;

  es_questions_close (link);
  sentence
      = es_border_buddy (link->account, contact) == NULL
            /* Translators: %s is an address, such as eve@example.org. */
            ? g_strdup_printf (_ ("%s, who is not in your buddy list, wants to start an encrypted conversation."), name)
            : g_strdup_printf (
                _ ("%s, who may not see whether you are online, wants to start an encrypted conversation."), name);
  link->stranger = es_address_ref (contact);
  question = es_fit_text (sentence);
  explanation = es_fit_text (_ ("If you accept, they learn that you are here. If you decline, they learn nothing."));
  accept = es_fit_label (_ ("_Accept"));
  decline = es_fit_label (_ ("_Decline"));
  purple_request_action (link, _ ("Encrypted Sessions"), question, explanation, 1, link->account,
                         es_address_text (contact), NULL, link, 2, accept, on_accept, decline, on_decline);
  es_plugin_add_help (link->plugin, _ ("Encrypted Sessions"), ES_HELP_STRANGERS);
}

void
es_questions_close (EsLink *link)
{
  purple_request_close_with_handle (link);
  g_clear_pointer (&link->stranger, es_address_unref);
}
