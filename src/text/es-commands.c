/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-commands.h"

#include <string.h>
#include <time.h>

#include <glib/gi18n-lib.h>

#include "es-secret.h"
#include "es-spelling.h"
#include "es-words.h"

/* One plugin, one command: libpurple's registry knows commands by number only. */
static PurpleCmdId registered;

static void
say (PurpleConversation *conversation, const char *sentence)
{
  purple_conversation_write (conversation, NULL, sentence,
                             PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LOG | PURPLE_MESSAGE_NO_LINKIFY, time (NULL));
}

static void
say_state (PurpleConversation *conversation, const EsConversation *what)
{
  g_autofree char *device = what->device != NULL ? g_markup_escape_text (what->device, -1) : NULL;
  g_autofree char *line
      /* Translators: a state, such as "Encrypted and verified", and the address of a device. */
      = device != NULL ? g_strdup_printf (_ ("This conversation: %s, with %s"), es_state_label (what->state), device)
                       /* Translators: %s is a state, such as "Not encrypted". */
                       : g_strdup_printf (_ ("This conversation: %s"), es_state_label (what->state));

  say (conversation, line);
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
    say (conversation, waiting);
  if (what->waiting > 0 && what->can_send_plain)
    /* Translators: Commands stay as they are: /esession send, and the words never, ask, possible and so on. */
    say (conversation, _ ("To send what waits unencrypted, type /esession send."));
  if (what->unconfirmed > 0)
    say (conversation, unconfirmed);
}

static void
say_log (PurpleConversation *conversation, const EsApi *api)
{
  if (!purple_conversation_is_logging (conversation))
    say (conversation, _ ("This conversation is not logged."));
  else
    say (conversation, _ ("This conversation is logged."));
  if (api->may_log (conversation))
    return;
  if (purple_prefs_get_bool (ES_PREF_LOG))
    say (conversation, _ ("The other side asked not to log this conversation."));
  else
    say (conversation, _ ("Your preferences say that encrypted conversations are not logged."));
}

static const char *
policy_sentence (int policy)
{
  static const char *const sentences[ES_N_POLICIES] = {
    N_ ("Conversations with this contact are never encrypted."),
    N_ ("Conversations with this contact are encrypted when you ask for it."),
    N_ ("Conversations with this contact are encrypted whenever that is possible."),
    N_ ("Conversations with this contact are always encrypted: what cannot be encrypted waits."),
  };

  return _ (sentences[policy]);
}

static void
say_policy (PurpleConversation *conversation, const EsApi *api)
{
  int own = -1;
  EsPolicy usual = ES_POLICY_POSSIBLE;

  if (!api->policy (purple_conversation_get_account (conversation), purple_conversation_get_name (conversation), &own,
                    &usual))
    return;
  say (conversation, policy_sentence (own >= 0 && own < ES_N_POLICIES ? own : (int) usual));
  if (own < 0)
    say (conversation, _ ("You have chosen nothing else for this contact."));
  else
    say (conversation, _ ("You have chosen that for this contact; to undo it, type /esession policy default."));
}

/* The commands; each may use what follows it. */

typedef struct
{
  PurpleConversation *conversation;
  const EsApi *api;
  EsConversation what; /* as it is when the command is given */
  const char *word;    /* or words; "" if there is none */
} Call;

static void
on_status (const Call *call)
{
  say_state (call->conversation, &call->what);
  say_counts (call->conversation, &call->what);
  say_log (call->conversation, call->api);
  say_policy (call->conversation, call->api);
}

static void
on_start (const Call *call)
{
  call->api->user_start (call->conversation);
}

static void
on_end (const Call *call)
{
  call->api->user_end (call->conversation);
}

static void
on_code (const Call *call)
{
  g_autofree char *line = NULL, *grouped = NULL, *spelled = NULL;

  if (!call->what.can_verify)
    {
      say (call->conversation, _ ("There is no verification code now."));
      return;
    }
  grouped = es_group_code (call->what.code);
  spelled = es_spell_code (call->what.code);
  /* Translators: The code, and the same in words that are easy to tell apart; "call" is by telephone. */
  line = g_strdup_printf (_ ("Verification code: %s (%s). Call the other person and compare."), grouped, spelled);
  say (call->conversation, line);
}

static void
on_verify (const Call *call)
{
  g_autofree char *code = es_tidy_code (call->word), *shown = g_strdup (call->what.code);

  if (!call->what.can_verify)
    on_code (call);
  else if (*code == '\0')
    say (call->conversation, _ ("Type /esession verify and the code that the other person reads to you."));
  else if (strcmp (code, shown) == 0)
    call->api->user_verify (call->conversation, shown, TRUE);
  else
    say (call->conversation,
         /* Translators: The verification code; /esession differ is a command. */
         _ ("This is not the code shown here. If you did not mistype it, type /esession differ: someone "
            "may be listening in."));
}

static void
on_differ (const Call *call)
{
  g_autofree char *code = g_strdup (call->what.code);

  if (code == NULL)
    say (call->conversation, _ ("There is no verification code now."));
  else
    call->api->user_verify (call->conversation, code, FALSE);
}

static void
on_password (const Call *call)
{
  if (!call->what.can_use_password && call->what.password != ES_PASSWORD_OVER)
    say (call->conversation, _ ("Passwords can be compared only while the conversation is encrypted."));
  else if (*call->word != '\0')
    call->api->user_password (call->conversation, call->word);
  else if (call->what.password == ES_PASSWORD_OFFERED)
    say (call->conversation,
         _ ("The other side wants to compare a password: type /esession password and the password that "
            "only you two know. If you do not, nothing is compared."));
  else
    say (call->conversation,
         _ ("Type /esession password and a password that only you two know; the other person does the "
            "same. It is not sent: the two programs only find out whether both are equal."));
}

/* To somebody who is to be encrypted always it takes a word more. */
static void
on_send (const Call *call)
{
  if (call->what.waiting == 0)
    say (call->conversation, _ ("No message waits."));
  else if (!call->what.can_send_plain)
    say (call->conversation, _ ("What waits cannot be sent unencrypted now."));
  else if (call->what.policy == ES_POLICY_ALWAYS && strcmp (call->word, "anyway") != 0)
    say (call->conversation,
         _ ("Your conversations with this contact should always be encrypted: if others on the way may read what "
            "waits, type /esession send anyway."));
  else
    call->api->user_send_plain (call->conversation);
}

static const char *const policy_words[ES_N_POLICIES] = { "never", "ask", "possible", "always" };

static void
on_policy (const Call *call)
{
  int policy = strcmp (call->word, "default") == 0 ? -1 : ES_N_POLICIES;

  for (int i = 0; i < ES_N_POLICIES; i++)
    if (strcmp (call->word, policy_words[i]) == 0)
      policy = i;
  if (policy == ES_N_POLICIES && *call->word != '\0')
    {
      /* Translators: never, ask, possible, always and default are typed as they are. */
      say (call->conversation, _ ("Type /esession policy and one of: never, ask, possible, always, default."));
      return;
    }
  if (policy != ES_N_POLICIES
      && !call->api->user_set_policy (purple_conversation_get_account (call->conversation),
                                      purple_conversation_get_name (call->conversation), policy))
    say (call->conversation, es_policy_not_stored ());
  say_policy (call->conversation, call->api);
}

static void
on_unlock (const Call *call)
{
  if (call->api->is_locked ())
    call->api->user_unlock ();
  else
    say (call->conversation, _ ("Your remembered devices are not locked."));
}

static void
on_protect (const Call *call)
{
  g_autofree char *sentence = call->api->protection_sentence ();

  say (call->conversation, sentence);
  call->api->user_protect ();
}

static void on_help (const Call *call);

static const struct
{
  const char *verb;
  void (*run) (const Call *call);
  const char *help;
} commands[] = {
  { "status", on_status,
    /* Translators: This and the next ones explain commands, which stay as they are. */
    N_ ("/esession status: says whether this conversation is encrypted, and all that belongs to it.") },
  { "start", on_start, N_ ("/esession start: encrypts this conversation.") },
  { "end", on_end, N_ ("/esession end: ends the encryption, so that you write unencrypted.") },
  { "code", on_code, N_ ("/esession code: shows the verification code that both sides compare.") },
  /* Translators: CODE stands for the verification code and is translated; the other two words are not. */
  { "verify", on_verify, N_ ("/esession verify CODE: says that the other person reads this code to you.") },
  { "differ", on_differ, N_ ("/esession differ: says that the two codes differ.") },
  { "password", on_password,
    /* Translators: WORDS stands for the password and is translated; the other two words are not. */
    N_ ("/esession password WORDS: verifies the other side by a password that only you two know.") },
  { "send", on_send, N_ ("/esession send: sends unencrypted what waits to be encrypted.") },
  { "policy", on_policy,
    /* Translators: never, ask, possible, always and default are typed as they are. */
    N_ ("/esession policy never, ask, possible, always or default: says when conversations with this contact are to be "
        "encrypted.") },
  { "unlock", on_unlock, N_ ("/esession unlock: asks for what unlocks your remembered devices.") },
  { "protect", on_protect,
    N_ ("/esession protect: says how your remembered devices are protected on this computer, and lets you change "
        "that.") },
  { "help", on_help, N_ ("/esession help: lists the commands.") },
};

static void
on_help (const Call *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    say (call->conversation, _ (commands[i].help));
}

/* WORDS may be a password, so they are not left behind. */
static void
run (void (*command) (const Call *call), PurpleConversation *conversation, const EsApi *api, const char *words)
{
  char *word = g_strstrip (g_strdup (words != NULL ? words : ""));
  Call call = { .conversation = conversation, .api = api, .word = word };

  api->describe (conversation, &call.what);
  command (&call);
  es_octets_wipe (word, strlen (word));
  g_free (word);
}

static PurpleCmdRet
on_command (PurpleConversation *conversation, const char *command, char **words, char **error, void *data)
{
  const EsApi *api = data;
  const char *verb = words[0] != NULL && *words[0] != '\0' ? words[0] : "status";

  if (!api->covers (conversation))
    {
      *error = g_strdup (_ ("Only conversations with XMPP contacts can be encrypted."));
      return PURPLE_CMD_RET_FAILED;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (verb, commands[i].verb) == 0)
      {
        run (commands[i].run, conversation, api, words[0] != NULL ? words[1] : NULL);
        return PURPLE_CMD_RET_OK;
      }
  *error = g_strdup (_ ("There is no such command: /esession help lists them."));
  return PURPLE_CMD_RET_FAILED;
}

void
es_commands_register (PurplePlugin *plugin, const EsApi *api)
{
  registered = purple_cmd_register (
      "esession", "ws", PURPLE_CMD_P_PLUGIN,
      PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_PRPL_ONLY | PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS, "prpl-jabber", on_command,
      /* Translators: The words before the colon stay as they are. */
      _ ("esession status|start|end|code|verify|differ|password|send|policy|unlock|protect|help: "
         "encrypts this conversation, and verifies the "
         "other side; /esession help says more."),
      (gpointer) api);
}

void
es_commands_unregister (PurplePlugin *plugin)
{
  if (registered != 0)
    purple_cmd_unregister (registered);
  registered = 0;
}
