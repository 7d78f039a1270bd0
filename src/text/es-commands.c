/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-commands.h"

#include <string.h>
#include <time.h>

#include <glib/gi18n-lib.h>

#include "es-ask.h"
#include "es-call.h"
#include "es-secret.h"

#define COMMAND "esession"

/* One plugin, one command: libpurple's registry knows commands by number only. */
static PurpleCmdId registered;
static gboolean (*meant) (PurpleConversation *conversation);

void
es_say (PurpleConversation *conversation, const char *sentence)
{
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);

  purple_conversation_write (conversation, NULL, escaped,
                             PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LOG | PURPLE_MESSAGE_NO_LINKIFY, time (NULL));
}

static void on_help (const EsCall *call);

static const struct
{
  const char *verb;
  void (*run) (const EsCall *call);
  const char *help;
} commands[] = {
  { "status", es_command_status,
    /* Translators: This and the next ones explain commands, which stay as they are. */
    N_ ("/esession status: says whether this conversation is encrypted, and all that belongs to it.") },
  { "start", es_command_start, N_ ("/esession start: encrypts this conversation.") },
  { "end", es_command_end, N_ ("/esession end: ends the encryption, so that you write unencrypted.") },
  { "code", es_command_code, N_ ("/esession code: shows the verification code that both sides compare.") },
  /* Translators: CODE stands for the verification code and is translated; the other two words are not. */
  { "verify", es_command_verify, N_ ("/esession verify CODE: says that the other person reads this code to you.") },
  /* Translators: LINK stands for a link and is translated; the other words are not, and neither is "link". */
  { NULL, NULL, N_ ("/esession verify link: shows your link for the other person; verify LINK: checks theirs.") },
  { "differ", es_command_differ, N_ ("/esession differ: says that the two codes differ.") },
  { "password", es_command_password,
    /* Translators: WORDS stands for the password and is translated; the other two words are not. */
    N_ ("/esession password WORDS: verifies the other side by a password that only you two know.") },
  { "send", es_command_send, N_ ("/esession send: sends unencrypted what waits to be encrypted.") },
  { "anyway", es_command_anyway,
    N_ ("/esession anyway: writes to the device of this conversation although you have not verified it.") },
  { "policy", es_command_policy,
    /* Translators: never, ask, possible, always and default are typed as they are. */
    N_ ("/esession policy never, ask, possible, always or default: says when conversations with this contact are to be "
        "encrypted.") },
  { "devices", es_command_devices,
    /* Translators: In this and the next ones the words in capitals are translated, all others are typed as they are. */
    N_ ("/esession devices: lists the remembered devices of this contact; devices all: those of all contacts.") },
  { "rename", es_command_rename,
    N_ ("/esession rename NUMBER NAME: gives a device of that list a name; without NAME: takes it away.") },
  { "unverify", es_command_unverify, N_ ("/esession unverify NUMBER: marks a device of that list as not verified.") },
  { "forget", es_command_forget,
    N_ ("/esession forget NUMBER: forgets a device of that list; forget all: all devices of this contact. "
        "Type lost behind that if somebody else may have it by now.") },
  { "unlock", es_command_unlock, N_ ("/esession unlock: asks for what unlocks your remembered devices.") },
  { "protect", es_command_protect,
    N_ ("/esession protect: says how your remembered devices are protected on this computer, and lets you change "
        "that.") },
  { "debug", es_command_debug,
    N_ ("/esession debug: writes a report into a file that you can attach when you report a bug.") },
  { "help", on_help, N_ ("/esession help: lists the commands.") },
};

static void
on_help (const EsCall *call)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    es_say (call->conversation, _ (commands[i].help));
}

/* WORDS may be a password, so they are not left behind. */
static void
run (void (*command) (const EsCall *call), PurpleConversation *conversation, const EsApi *api, const char *words)
{
  char *word = g_strstrip (g_strdup (words != NULL ? words : ""));
  EsCall call = { .conversation = conversation, .api = api, .word = word };

  api->describe (conversation, &call.what);
  command (&call);
  es_text_free (word);
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
  if (meant != NULL && !meant (conversation))
    return PURPLE_CMD_RET_OK;
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (purple_strequal (verb, commands[i].verb))
      {
        run (commands[i].run, conversation, api, words[0] != NULL ? words[1] : NULL);
        return PURPLE_CMD_RET_OK;
      }
  *error = g_strdup (_ ("There is no such command: /esession help lists them."));
  return PURPLE_CMD_RET_FAILED;
}

static void
on_deleting (PurpleConversation *conversation, gpointer data)
{
  es_ask_close (conversation);
  es_numbers_forget (conversation);
}

/* White space apart: it is seen between words. */
static gboolean
is_invisible (gunichar character)
{
  static const gunichar blank[] = { 0x115f, 0x1160, 0x2800, 0x3164, 0xffa0 };

  for (gsize i = 0; i < G_N_ELEMENTS (blank); i++)
    if (character == blank[i])
      return TRUE;
  return !g_unichar_isspace (character) && (!g_unichar_isgraph (character) || g_unichar_iszerowidth (character));
}

/* What MARKUP says to the eye, in small letters, up to a 0; the caller wipes and frees the N characters of it. */
static gunichar *
read_characters (const char *markup, gsize *n)
{
  char *text = purple_markup_strip_html (markup), *valid = g_utf8_make_valid (text, -1);
  char *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL_COMPOSE), *folded = g_utf8_casefold (normal, -1);
  char *const copies[] = { text, valid, normal, folded };
  gunichar *characters = g_new0 (gunichar, strlen (folded) + 1);

  *n = 0;
  for (const char *next = folded; *next != '\0'; next = g_utf8_next_char (next))
    if (!is_invisible (g_utf8_get_char (next)))
      characters[(*n)++] = g_utf8_get_char (next);

  /* It may hold a password. */
  for (gsize i = 0; i < G_N_ELEMENTS (copies); i++)
    es_text_free (copies[i]);
  return characters;
}

/* In what was read. */
typedef struct
{
  const gunichar *at;
  gsize n;
} Word;

/* The next one, whatever stands before it. */
static Word
next_word (const gunichar **rest)
{
  Word word = { *rest, 0 };

  while (*word.at != 0 && !g_unichar_isalnum (*word.at))
    word.at++;
  while (word.at[word.n] != 0 && g_unichar_isalnum (word.at[word.n]))
    word.n++;
  *rest = word.at + word.n;
  return word;
}

static gboolean
is_same (Word word, const char *text)
{
  gsize n = strlen (text);

  for (gsize i = 0; i < word.n && i < n; i++)
    if (word.at[i] != (guchar) text[i])
      return FALSE;
  return word.n == n;
}

/* Whether at most one letter is missing, too many, another one, or has changed places with the next. */
static gboolean
is_like (Word word, const char *text)
{
  gsize n = strlen (text);

  for (; n > 0 && word.n > 0 && *word.at == (guchar) *text; text++, n--, word.at++)
    word.n--;
  for (; n > 0 && word.n > 0 && word.at[word.n - 1] == (guchar) text[n - 1]; n--)
    word.n--;
  return (n <= 1 && word.n <= 1)
         || (n == 2 && word.n == 2 && word.at[0] == (guchar) text[1] && word.at[1] == (guchar) text[0]);
}

/* Where no slash says that a command was meant, a word that people use is none. */
static gboolean
is_command (Word word, gboolean slash)
{
  return is_like (word, COMMAND) && (slash || !is_same (word, "session"));
}

/* What is told to nobody is recognised even when it is misspelt. */
static gboolean
is_verb (Word word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (commands[i].verb != NULL && is_same (word, commands[i].verb))
      return TRUE;
  return is_like (word, "password");
}

/* The two without a space. */
static gboolean
is_command_with_verb (Word word, gboolean slash)
{
  gsize n = strlen (COMMAND);

  for (gsize length = n - 1; length <= n + 1 && length < word.n; length++)
    if (is_command ((Word){ word.at, length }, slash) && is_verb ((Word){ word.at + length, word.n - length }))
      return TRUE;
  return slash && word.n > n && is_same ((Word){ word.at, n }, COMMAND);
}

/* As people mistype it: with something else between or before its words, a letter wrong, a space too many or too few. */
static gboolean
begins_like_command (const gunichar *text)
{
  const gunichar *rest = text;
  Word first, second, third;
  g_autofree char *piece = NULL;
  gboolean slash = FALSE;

  while (g_unichar_isspace (*rest))
    rest++;
  slash = *rest == '/';
  first = next_word (&rest);
  second = next_word (&rest);
  third = next_word (&rest);
  if (is_command (first, slash))
    return slash || is_verb (second);
  if (is_command_with_verb (first, slash))
    return TRUE;

  /* In two pieces. */
  piece = g_strndup (COMMAND, first.n);
  return first.n < strlen (COMMAND) && is_same (first, piece) && is_same (second, &COMMAND[first.n])
         && (slash || is_verb (third));
}

gboolean
es_commands_resembles (const char *markup)
{
  gsize n = 0;
  gunichar *characters = read_characters (markup, &n);
  gboolean resembles = begins_like_command (characters);

  es_octets_wipe (characters, n * sizeof *characters);
  g_free (characters);
  return resembles;
}

void
es_commands_register (PurplePlugin *plugin, const EsApi *api, gboolean (*is_meant) (PurpleConversation *conversation))
{
  meant = is_meant;
  registered = purple_cmd_register (
      COMMAND, "ws", PURPLE_CMD_P_PLUGIN,
      PURPLE_CMD_FLAG_IM | PURPLE_CMD_FLAG_PRPL_ONLY | PURPLE_CMD_FLAG_ALLOW_WRONG_ARGS, "prpl-jabber", on_command,
      _ ("esession "
         "status|start|end|code|verify|differ|password|send|anyway|policy|devices|rename|unverify|forget|unlock|"
         "protect|debug|help: "
         "encrypts this conversation, and verifies the other side; /esession help says more."),
      (gpointer) api);
  purple_signal_connect (purple_conversations_get_handle (), "deleting-conversation", &registered,
                         PURPLE_CALLBACK (on_deleting), NULL);
}

void
es_commands_unregister (PurplePlugin *plugin)
{
  purple_signals_disconnect_by_handle (&registered);
  if (registered != 0)
    purple_cmd_unregister (registered);
  registered = 0;
  es_ask_close_all ();
  es_numbers_forget (NULL);
}
