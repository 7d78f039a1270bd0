/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-commands.h"

#include <string.h>
#include <time.h>

#include <glib/gi18n-lib.h>

#include "es-spelling.h"

/* One plugin, one command: libpurple's registry knows commands by number only. */
static PurpleCmdId registered;

static void
say (PurpleConversation *conversation, const char *sentence)
{
  purple_conversation_write (conversation, NULL, sentence, PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LOG, time (NULL));
}

static void
say_state (PurpleConversation *conversation, const EsConversation *what)
{
  g_autofree char *device = what->device != NULL ? g_markup_escape_text (what->device, -1) : NULL;
  g_autofree char *line
      = device != NULL ? g_strdup_printf (_ ("This conversation: %s, with %s"), es_state_label (what->state), device)
                       : g_strdup_printf (_ ("This conversation: %s"), es_state_label (what->state));

  say (conversation, line);
}

static void
say_code (PurpleConversation *conversation, const EsConversation *what)
{
  g_autofree char *line = NULL, *grouped = NULL, *spelled = NULL;

  if (!what->can_verify)
    {
      say (conversation, _ ("There is no verification code now."));
      return;
    }
  grouped = es_group_code (what->code);
  spelled = es_spell_code (what->code);
  line = g_strdup_printf (_ ("Verification code: %s (%s). Call the other person and compare."), grouped, spelled);
  say (conversation, line);
}

static void
verify (PurpleConversation *conversation, const EsApi *api, const EsConversation *what, const char *typed)
{
  g_autofree char *code = es_tidy_code (typed != NULL ? typed : ""), *shown = g_strdup (what->code);

  if (!what->can_verify)
    say_code (conversation, what);
  else if (*code == '\0')
    say (conversation, _ ("Type /esession verify and the code that the other person reads to you."));
  else if (strcmp (code, shown) == 0)
    api->user_verify (conversation, shown, TRUE);
  else
    say (conversation, _ ("This is not the code shown here. If you did not mistype it, type /esession differ: someone "
                          "may be listening in."));
}

static PurpleCmdRet
on_command (PurpleConversation *conversation, const char *command, char **words, char **error, void *data)
{
  const EsApi *api = data;
  const char *verb = words[0] != NULL ? words[0] : "status";
  EsConversation what;

  if (!api->covers (conversation))
    {
      *error = g_strdup (_ ("Only conversations with XMPP contacts can be encrypted."));
      return PURPLE_CMD_RET_FAILED;
    }
  api->describe (conversation, &what);

  if (strcmp (verb, "status") == 0)
    say_state (conversation, &what);
  else if (strcmp (verb, "start") == 0)
    api->user_start (conversation);
  else if (strcmp (verb, "end") == 0)
    api->user_end (conversation);
  else if (strcmp (verb, "code") == 0)
    say_code (conversation, &what);
  else if (strcmp (verb, "verify") == 0)
    verify (conversation, api, &what, words[1]);
  else if (strcmp (verb, "differ") == 0 && what.code != NULL)
    {
      g_autofree char *code = g_strdup (what.code);

      api->user_verify (conversation, code, FALSE);
    }
  else
    {
      *error = g_strdup (_ ("Type /esession and one of: status, start, end, code, verify, differ."));
      return PURPLE_CMD_RET_FAILED;
    }
  return PURPLE_CMD_RET_OK;
}

void
es_commands_register (PurplePlugin *plugin, const EsApi *api)
{
  registered = purple_cmd_register (
      "esession", "ws", PURPLE_CMD_P_PLUGIN,
      PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_PRPL_ONLY | PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS, "prpl-jabber", on_command,
      _ ("esession status|start|end|code|verify|differ: encrypts this conversation, and verifies the other side."),
      (gpointer) api);
}

void
es_commands_unregister (PurplePlugin *plugin)
{
  if (registered != 0)
    purple_cmd_unregister (registered);
  registered = 0;
}
