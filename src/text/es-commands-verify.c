/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the other side is who it should be. */
#include "es-call.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-ask.h"
#include "es-spelling.h"
#include "es-words.h"

void
es_command_code (const EsCall *call)
{
  g_autofree char *line = NULL, *grouped = NULL, *spelled = NULL;

  if (!call->what.can_verify)
    {
      es_say (call->conversation, _ ("There is no verification code now."));
      return;
    }

  /* Where there is no window at all, the line is not logged. */
  if (call->api->show_verify (call->conversation))
    return;
  grouped = es_group_code (call->what.code);
  spelled = es_spell_code (call->what.code);
  /* Translators: The code, and the same in words that are easy to tell apart; "call" is by telephone. */
  line = g_strdup_printf (_ ("Verification code: %s (%s). Call the other person and compare."), grouped, spelled);
  es_say (call->conversation, line);
}

void
es_verify_typed (PurpleConversation *conversation, const EsApi *api, const char *code, const char *typed)
{
  g_autofree char *shown = g_strdup (code), *tidy = es_tidy_code (typed);

  if (shown == NULL)
    es_say (conversation, _ ("There is no verification code now."));
  else if (strcmp (tidy, shown) == 0)
    api->user_verify (conversation, shown, TRUE);
  else
    es_say (conversation,
            /* Translators: The verification code; /esession differ is a command. */
            _ ("This is not the code shown here. If you did not mistype it, type /esession differ: someone "
               "may be listening in."));
}

/* The user's own, to be copied: the line is not logged. */
static void
say_link (const EsCall *call)
{
  g_autofree char *link = call->api->own_link (call->conversation), *line = NULL;

  if (link == NULL)
    {
      es_say (call->conversation, _ ("There is no verification code now."));
      return;
    }
  /* Translators: %s is a link. */
  line = g_strdup_printf (
      _ ("Your link, for the other person, who must get it in another way than this conversation: %s"), link);
  es_say (call->conversation, line);
}

static void
check_link (const EsCall *call)
{
  const char *sentence = es_link_sentence (call->api->user_check_link (call->conversation, call->word));

  if (sentence != NULL)
    es_say (call->conversation, sentence);
}

void
es_command_verify (const EsCall *call)
{
  if (strcmp (call->word, "link") == 0)
    say_link (call);
  else if (g_ascii_strncasecmp (call->word, "xmpp:", strlen ("xmpp:")) == 0)
    check_link (call);
  else if (!call->what.can_verify)
    es_command_code (call);
  else if (*call->word != '\0')
    es_verify_typed (call->conversation, call->api, call->what.code, call->word);
  else
    {
      es_say (call->conversation, _ ("Type /esession verify and the code that the other person reads to you."));
      es_ask_code (call->conversation, call->api);
    }
}

void
es_command_differ (const EsCall *call)
{
  g_autofree char *code = g_strdup (call->what.code);

  if (code == NULL)
    es_say (call->conversation, _ ("There is no verification code now."));
  else
    call->api->user_verify (call->conversation, code, FALSE);
}

static void
ask_password (const EsCall *call)
{
  if (call->what.password == ES_PASSWORD_OFFERED)
    es_say (call->conversation,
            _ ("The other side wants to compare a password: type /esession password and the password that "
               "only you two know. If you do not, nothing is compared."));
  else
    es_say (call->conversation,
            _ ("Type /esession password and a password that only you two know; the other person does the "
               "same. It is not sent: the two programs only find out whether both are equal."));
  es_ask_password (call->conversation, call->api);
}

void
es_command_password (const EsCall *call)
{
  if (!call->what.can_use_password && call->what.password != ES_PASSWORD_OVER)
    es_say (call->conversation, _ ("Passwords can be compared only while the conversation is encrypted."));
  else if (*call->word != '\0')
    call->api->user_password (call->conversation, call->word, NULL);
  else
    ask_password (call);
}
