/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the conversation is, and what is to become of it. */
#include "es-call.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-preferences.h"
#include "es-shown.h"
#include "es-words.h"

static void
say_state (PurpleConversation *conversation, const EsConversation *what)
{
  g_autofree char *device = what->device != NULL ? es_quoted_name (es_address_text (what->device)) : NULL;
  g_autofree char *line
      /* Translators: a state, such as "Encrypted and verified", and the address of a device. */
      = device != NULL ? g_strdup_printf (_ ("This conversation: %s, with %s"), es_conversation_label (what), device)
                       /* Translators: %s is a state, such as "Not encrypted". */
                       : g_strdup_printf (_ ("This conversation: %s"), es_conversation_label (what));

  es_say (conversation, line);
  if (what->obstacle != ES_NOTICE_NONE)
    {
      g_autofree char *obstacle = es_notice_sentence (&es_program_libpurple, &(EsNotice){ what->obstacle });

      es_say (conversation, obstacle);
    }
}

static void
say_counts (PurpleConversation *conversation, const EsConversation *what)
{
  g_autofree char *waiting = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u message waits to be encrypted.",
                                                           "%u messages wait to be encrypted.", what->waiting),
                                              what->waiting);
  g_autofree char *unconfirmed = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u message has not arrived yet.",
                                                               "%u messages have not arrived yet.", what->unconfirmed),
                                                  what->unconfirmed);

  if (what->waiting > 0)
    es_say (conversation, waiting);
  if (what->barred)
    es_say (conversation,
            _ ("Nothing is sent to this device, which you have not verified: verify it, or type /esession "
               "anyway to write to it all the same."));
  if (what->waiting > 0 && what->can_send_plain)
    /* Translators: Commands stay as they are: /esession send, and the words never, ask, possible and so on. */
    es_say (conversation, _ ("To send what waits unencrypted, type /esession send."));
  if (what->unconfirmed > 0)
    es_say (conversation, unconfirmed);
}

static void
say_log (PurpleConversation *conversation, const EsApi *api)
{
  if (!purple_conversation_is_logging (conversation))
    es_say (conversation, _ ("This conversation is not logged."));
  else
    es_say (conversation, _ ("This conversation is logged."));
  if (api->may_log (conversation))
    return;
  if (purple_prefs_get_bool (ES_PREF_LOG))
    es_say (conversation, _ ("The other side asked not to log this conversation."));
  else
    es_say (conversation, _ ("Your preferences say that encrypted conversations are not logged."));
}

static void
say_policy (PurpleConversation *conversation, const EsApi *api, gboolean lapsed)
{
  int own = -1;
  EsPolicy usual = ES_POLICY_POSSIBLE;

  if (!api->policy (purple_conversation_get_account (conversation), purple_conversation_get_name (conversation), &own,
                    &usual))
    return;
  es_say (conversation, es_policy_sentence (own >= 0 && own < ES_N_POLICIES ? own : (int) usual));
  if (own < 0 && lapsed)
    es_say (conversation,
            _ ("That is so because the device that you had verified is forgotten: verify again or, to undo it, type "
               "/esession policy default."));
  else if (own < 0)
    es_say (conversation, _ ("You have chosen nothing else for this contact."));
  else
    es_say (conversation, _ ("You have chosen that for this contact; to undo it, type /esession policy default."));
}

void
es_command_status (const EsCall *call)
{
  say_state (call->conversation, &call->what);
  if (call->what.device != NULL && call->what.may_be_swapped)
    es_say (call->conversation, es_swapped_sentence ());
  say_counts (call->conversation, &call->what);
  say_log (call->conversation, call->api);
  say_policy (call->conversation, call->api, call->what.lapsed);
}

void
es_command_start (const EsCall *call)
{
  call->api->user_start (call->conversation);
}

void
es_command_end (const EsCall *call)
{
  call->api->user_end (call->conversation);
}

/* To somebody who is to be encrypted always it takes a word more. */
void
es_command_send (const EsCall *call)
{
  if (call->what.waiting == 0)
    es_say (call->conversation, _ ("No message waits."));
  else if (!call->what.can_send_plain)
    es_say (call->conversation, _ ("What waits cannot be sent unencrypted now."));
  else if (call->what.policy == ES_POLICY_ALWAYS && strcmp (call->word, "anyway") != 0)
    es_say (call->conversation,
            _ ("Your conversations with this contact should always be encrypted: if others on the way may read what "
               "waits, type /esession send anyway."));
  else
    call->api->user_send_plain (call->conversation);
}

void
es_command_anyway (const EsCall *call)
{
  if (call->what.barred)
    call->api->user_write_anyway (call->conversation);
  else
    es_say (call->conversation, _ ("Nothing that you write is kept back because of its device."));
}

void
es_command_policy (const EsCall *call)
{
  int chosen = es_policy_of_word (call->word);
  int policy = strcmp (call->word, "default") == 0 ? -1 : chosen >= 0 ? chosen : ES_N_POLICIES;

  if (policy == ES_N_POLICIES && *call->word != '\0')
    {
      /* Translators: never, ask, possible, always and default are typed as they are. */
      es_say (call->conversation, _ ("Type /esession policy and one of: never, ask, possible, always, default."));
      return;
    }
  if (policy != ES_N_POLICIES
      && !call->api->user_set_policy (purple_conversation_get_account (call->conversation),
                                      purple_conversation_get_name (call->conversation), policy))
    es_say (call->conversation, es_policy_not_stored ());
  say_policy (call->conversation, call->api, call->what.lapsed && policy == ES_N_POLICIES);
}

void
es_command_debug (const EsCall *call)
{
  g_autofree char *error = NULL, *path = call->api->write_report (&error);
  g_autofree char *name = path != NULL ? g_filename_display_name (path) : NULL;
  g_autofree char *sentence = NULL;

  if (name == NULL)
    {
      es_say (call->conversation, error);
      return;
    }
  /* Translators: %s is the name of a file. */
  sentence = g_strdup_printf (_ ("A report is in the file %s. It holds versions, settings, numbers and what happened "
                                 "lately, and nothing that was written. Read it before you attach it to a bug report."),
                              name);
  es_say (call->conversation, sentence);
}
