/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user does in conversations, and is told there. */
#include "es-plugin.h"

#include <string.h>
#include <time.h>

#include <glib/gi18n-lib.h>

#include "es-commands.h"
#include "es-labels.h"
#include "es-lists.h"
#include "es-words.h"

/* Sentences kept for a conversation that is not open, or for another one that opens. */
#define MAX_LINES 4

/* On a contact in the buddy list: when the user was last reminded to verify. */
#define REMINDED_KEY "esession-reminded"
#define REMINDER_SECONDS (24 * 60 * 60)

typedef struct
{
  char *sentence;
  EsTone tone;
} Line;

static void
line_free (gpointer data)
{
  Line *line = data;

  g_free (line->sentence);
  g_free (line);
}

static guint
weight_of (EsTone tone)
{
  return tone == ES_TONE_ALARM ? 2 : tone == ES_TONE_INFO ? 0 : 1;
}

/* The oldest of those that weigh least. */
static guint
least_of (const GPtrArray *lines)
{
  guint least = 0;

  for (guint i = 1; i < lines->len; i++)
    if (weight_of (((const Line *) lines->pdata[i])->tone) < weight_of (((const Line *) lines->pdata[least])->tone))
      least = i;
  return least;
}

/* What is said again is said once, and last. Others can say much: no number of words takes the place of a warning. */
static void
add_line (GPtrArray *lines, EsTone tone, const char *sentence)
{
  Line *line = g_new (Line, 1);

  *line = (Line){ g_strdup (sentence), tone };
  for (guint i = lines->len; i-- > 0;)
    if (strcmp (((const Line *) lines->pdata[i])->sentence, sentence) == 0)
      g_ptr_array_remove_index (lines, i);
  g_ptr_array_add (lines, line);
  if (lines->len > MAX_LINES)
    g_ptr_array_remove_index (lines, least_of (lines));
}

gboolean
es_conversation_is_shown (const EsPlugin *plugin, PurpleConversation *conversation)
{
  return conversation != NULL
         && (plugin->ui == NULL || plugin->ui->is_shown == NULL || plugin->ui->is_shown (conversation));
}

gboolean
es_conversation_is_seen (const EsPlugin *plugin, PurpleConversation *conversation)
{
  return es_conversation_is_shown (plugin, conversation)
         && (plugin->ui == NULL || plugin->ui->is_seen == NULL || plugin->ui->is_seen (conversation));
}

/* libpurple opens none while it is offline. */
PurpleConversation *
es_conversations_need (const EsLink *link, const EsAddress *contact)
{
  PurpleConversation *conversation = es_conversations_find (link, contact);

  if (conversation != NULL || es_link_connection (link) == NULL)
    return conversation;
  return es_border_open (link->account, contact);
}

void
es_conversations_show (const EsLink *link, const EsAddress *contact)
{
  PurpleConversation *conversation = es_conversations_need (link, contact);

  if (conversation != NULL && !es_conversation_is_shown (link->plugin, conversation))
    link->plugin->ui->reveal (conversation);
}

static PurpleConversation *
conversation_of (PurpleBuddy *buddy)
{
  PurpleAccount *account = purple_buddy_get_account (buddy);
  const char *name = purple_buddy_get_name (buddy);
  const EsLink *link = es_plugin_running () != NULL ? es_plugin_link (es_plugin_running (), account) : NULL;
  g_autoptr (EsAddress) contact = link != NULL ? es_border_contact (account, name) : NULL;

  return contact != NULL ? es_conversations_find (link, contact)
                         : purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, name, account);
}

/* Whether another contact of the same person is talked to, which programs do in one window. */
static gboolean
is_one_of_several (PurpleConversation *conversation)
{
  PurpleBuddy *buddy = es_conversation_buddy (conversation);
  PurpleBlistNode *person = buddy != NULL ? PURPLE_BLIST_NODE (purple_buddy_get_contact (buddy)) : NULL;

  for (PurpleBlistNode *other = person != NULL ? purple_blist_node_get_first_child (person) : NULL; other != NULL;
       other = purple_blist_node_get_sibling_next (other))
    {
      PurpleConversation *with = PURPLE_BUDDY (other) != buddy ? conversation_of (PURPLE_BUDDY (other)) : NULL;

      if (with != NULL && with != conversation)
        return TRUE;
    }
  return FALSE;
}

/* Whom a line in a window speaks of is not to be seen where several are shown there. */
static char *
with_name (PurpleConversation *conversation, const char *markup)
{
  const EsUi *ui = es_plugin_running () != NULL ? es_plugin_running ()->ui : NULL;
  gboolean shared
      = ui != NULL && ui->shares_window != NULL ? ui->shares_window (conversation) : is_one_of_several (conversation);
  g_autofree char *name = shared ? es_contact_label (conversation, es_api ()) : NULL, *escaped = NULL;

  if (name == NULL)
    return g_strdup (markup);
  escaped = g_markup_escape_text (name, -1);
  /* Translators: a contact, and a sentence about the conversation with that one. */
  return g_strdup_printf (_ ("%s: %s"), escaped, markup);
}

void
es_conversations_write (PurpleConversation *conversation, const char *markup, PurpleMessageFlags more)
{
  g_autofree char *line = with_name (conversation, markup);

  purple_conversation_write (conversation, NULL, line, PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LINKIFY | more,
                             time (NULL));
}

static gboolean
is_grave (EsTone tone)
{
  return tone == ES_TONE_GRAVE || tone == ES_TONE_ALARM;
}

const char *
es_conversations_verify_label (void)
{
  return _ ("Verify now");
}

/* What is grave is marked as a line in which the user is spoken to: as such a one it is noticed in a tab that is not looked at. */
static void
write_line (const EsLink *link, PurpleConversation *conversation, EsTone tone, const char *sentence)
{
  const EsUi *ui = link->plugin->ui;
  gboolean verify = tone == ES_TONE_REMINDER || tone == ES_TONE_ALARM;
  g_autofree char *escaped = g_markup_escape_text (sentence, -1), *line = NULL;
  g_autofree char *key = verify ? es_conversation_key (conversation, es_api ()) : NULL;
  g_autofree char *of = g_uri_escape_string (key != NULL ? key : "", NULL, FALSE);

  if (!verify)
    line = g_steal_pointer (&escaped);
  else if (ui != NULL && ui->verify_link != NULL)
    line = g_strdup_printf ("%s <a href=\"%s%s\">%s</a>", escaped, ui->verify_link, of,
                            es_conversations_verify_label ());
  else
    /* Translators: a sentence, and what to type. */
    line = g_strdup_printf (_ ("%s (/esession verify)"), escaped);
  es_conversations_write (conversation, line, is_grave (tone) ? PURPLE_MESSAGE_NICK : 0);
}

/* In one of ALL it is written that something grave has happened; the first that the user can see stands for all. */
static void
raise_alarm (const EsLink *link, const GList *all)
{
  const EsUi *ui = link->plugin->ui;

  while (all != NULL && !es_conversation_is_shown (link->plugin, all->data))
    all = all->next;
  if (all != NULL && ui != NULL && ui->alarm != NULL)
    ui->alarm (all->data);
}

void
es_conversations_say (EsLink *link, PurpleConversation *conversation, const char *sentence)
{
  g_autoptr (EsAddress) contact = es_conversation_contact (conversation);
  g_autoptr (GList) all = contact != NULL ? es_conversations_of (link, contact) : NULL;

  if (contact != NULL)
    es_logging_update (link, contact, all);
  write_line (link, conversation, ES_TONE_WARNING, sentence);
}

static void
write_lines (const EsLink *link, PurpleConversation *conversation, const GPtrArray *lines)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const Line *line = lines->pdata[i];

      write_line (link, conversation, line->tone, line->sentence);
    }
}

/* While it goes on it is told as it would have been; what is over by now would be read as if it were so. */
static void
write_alarm (EsLink *link, PurpleConversation *conversation, const EsAddress *contact, gint64 when)
{
  g_autofree char *day = es_shown_day (when), *sentence = NULL;
  EsConversation what;

  es_manager_describe (link->manager, contact, &what);
  if (what.state == ES_STATE_ENCRYPTED)
    sentence = es_notice_sentence (es_plugin_program (link->plugin),
                                   &(EsNotice){ what.moved ? ES_NOTICE_STRANGE_MOVED : ES_NOTICE_STRANGE_DEVICE });
  else
    sentence = g_strdup_printf (
        /* Translators: %s is a date. */
        _ ("On %s, when you could not be told, the encrypted conversation was with a device that you have not "
           "verified, although you verified another one: it may have been somebody else's."),
        day);
  write_line (link, conversation, what.state == ES_STATE_ENCRYPTED ? ES_TONE_ALARM : ES_TONE_WARNING, sentence);
}

/* What was said to CONTACT's conversation while nobody saw one. */
static void
write_kept (EsLink *link, PurpleConversation *conversation, const EsAddress *contact)
{
  gboolean shown = es_conversation_is_shown (link->plugin, conversation);
  gint64 alarm = shown ? es_manager_alarm (link->manager, contact) : -1;
  gpointer found = NULL;

  if (!shown && !link->plugin->stopping)
    return;
  if (alarm >= 0)
    {
      write_alarm (link, conversation, contact, alarm);
      es_manager_alarm_told (link->manager, contact);
    }
  if (es_recent_find (link->lines, es_address_text (contact), &found))
    write_lines (link, conversation, found);
  es_recent_remove (link->lines, es_address_text (contact));
}

void
es_conversations_show_kept (EsPlugin *plugin)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) contact = es_conversation_contact (item->data);
      EsLink *link = contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (item->data)) : NULL;

      if (link != NULL)
        write_kept (link, item->data, contact);
    }
}

/* ALL are those with CONTACT. */
static void
update (EsLink *link, const EsAddress *contact, GList *all)
{
  const EsUi *ui = link->plugin->ui;

  es_logging_update (link, contact, all);
  for (GList *item = all; item != NULL && ui != NULL && ui->changed != NULL; item = item->next)
    ui->changed (item->data);
}

void
es_conversations_changed (EsLink *link, const EsAddress *contact)
{
  g_autoptr (GList) all = es_conversations_of (link, contact);

  update (link, contact, all);
}

void
es_conversations_forget_told (EsLink *link)
{
  g_clear_pointer (&link->told, g_ptr_array_unref);
  g_clear_pointer (&link->told_of, es_address_unref);
}

/* Whatever is told while a stanza comes in is told as well where that is shown, should it open another conversation. */
static void
note_told (EsLink *link, const EsAddress *contact, EsTone tone, const char *sentence)
{
  if (!es_address_equal (link->told_of, contact))
    es_conversations_forget_told (link);
  if (link->told == NULL)
    {
      link->told = g_ptr_array_new_with_free_func (line_free);
      link->told_of = es_address_ref (contact);
    }
  add_line (link->told, tone, sentence);
}

/* Whether the user sees, in one of ALL, what is written there; or else never will, as nothing of ours shows anything any more. */
static gboolean
is_any_shown (const EsLink *link, const GList *all)
{
  gboolean last = link->plugin->stopping || es_link_is_renamed (link);

  for (const GList *item = all; item != NULL; item = item->next)
    if (last || es_conversation_is_shown (link->plugin, item->data))
      return TRUE;
  return FALSE;
}

static void
keep_line (EsLink *link, const EsAddress *contact, EsTone tone, const char *sentence)
{
  GPtrArray *lines = NULL;
  gpointer found = NULL;

  if (es_recent_find (link->lines, es_address_text (contact), &found))
    lines = found;
  else
    {
      lines = g_ptr_array_new_with_free_func (line_free);
      es_recent_add (link->lines, es_address_text (contact), lines);
    }
  add_line (lines, tone, sentence);
}

void
es_conversations_notice (EsLink *link, const EsAddress *contact, EsTone tone, const char *sentence)
{
  g_autoptr (GList) all = es_conversations_of (link, contact);

  if (!is_any_shown (link, all))
    {
      if (tone == ES_TONE_ALARM)
        es_manager_keep_alarm (link->manager, contact);
      else
        keep_line (link, contact, tone, sentence);
      return;
    }

  /* It may be the first line of a conversation that is not to be logged. */
  es_logging_update (link, contact, all);
  for (GList *item = all; item != NULL; item = item->next)
    write_line (link, item->data, tone, sentence);
  if (is_grave (tone))
    raise_alarm (link, all);
  note_told (link, contact, tone, sentence);
}

static gboolean
is_recent (gint64 then)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  return then <= now && now - then < REMINDER_SECONDS;
}

gboolean
es_conversations_may_remind (EsLink *link, const EsAddress *contact)
{
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);
  gpointer found = NULL;
  const gint64 *reminded = es_recent_find (link->reminded, es_address_text (contact), &found) ? found : NULL;

  if (!purple_prefs_get_bool (ES_PREF_REMIND) || (reminded != NULL && is_recent (*reminded))
      || (buddy != NULL && is_recent (purple_blist_node_get_int (PURPLE_BLIST_NODE (buddy), REMINDED_KEY))))
    return FALSE;
  es_conversations_note_reminded (link, contact);
  return TRUE;
}

void
es_conversations_note_reminded (EsLink *link, const EsAddress *contact)
{
  PurpleBuddy *buddy = es_border_buddy (link->account, contact);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  es_recent_add (link->reminded, es_address_text (contact), g_memdup2 (&now, sizeof now));
  if (buddy != NULL)
    purple_blist_node_set_int (PURPLE_BLIST_NODE (buddy), REMINDED_KEY, (int) now);
}

/* Typed text */

void
es_conversations_note_left (EsLink *link, const EsAddress *contact)
{
  const EsSaying *saying = es_saying_current (link);

  if (saying != NULL && !saying->stopped && es_address_equal (saying->contact, contact))
    es_saying_end (link);
}

/* There may be more than one stanza: it goes back once. */
void
es_conversations_stop (EsLink *link, EsSaying *saying)
{
  if (!saying->stopped && saying->typed != NULL && saying->contact != NULL)
    es_unsent_add (link, saying->contact, saying->typed, FALSE);
  saying->stopped = TRUE;
}

void
es_conversations_note_stopped (EsLink *link, const EsAddress *to)
{
  if (link->says != NULL)
    link->says->stopped |= es_address_same_bare (to, link->says->contact);
}

gboolean
es_conversations_is_stopped (const EsLink *link, const EsAddress *contact)
{
  const EsSaying *saying = es_saying_current (link);

  return saying != NULL && saying->stopped && es_address_equal (saying->contact, contact);
}

/* The text of PACKET, if it has any, goes back to CONTACT's conversation. */
static void
give_text_back (EsLink *link, const EsAddress *contact, const xmlnode *packet)
{
  char *text = es_saying_dup_body (packet), *markup = text != NULL ? g_markup_escape_text (text, -1) : NULL;

  if (markup != NULL)
    es_unsent_add (link, contact, markup, FALSE);
  es_text_free (markup);
  es_text_free (text);
}

/* It goes back to where it was to go. */
void
es_conversations_stop_copy (EsLink *link, EsSaying *saying, const EsAddress *to, xmlnode *packet)
{
  if (!saying->copied && to != NULL && !es_rooms_has_stanza (link, to, packet))
    give_text_back (link, es_address_bare (to), packet);
  saying->copied = TRUE;
}

/* The message PACKET to TO does not leave, for the reason that SENTENCE gives: its text goes back. */
static void
give_back (EsLink *link, const EsAddress *to, xmlnode *packet, const char *sentence)
{
  const EsAddress *contact = es_address_bare (to);

  /* In a room, or to somebody there, it stays in the window. */
  if (es_rooms_has_stanza (link, to, packet))
    {
      purple_notify_warning (link->plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
      return;
    }
  es_conversations_notice (link, contact, ES_TONE_WARNING, sentence);
  if (link->says != NULL && es_address_equal (link->says->contact, contact))
    es_conversations_stop (link, link->says);
  else
    give_text_back (link, contact, packet);
}

void
es_conversations_too_large (EsLink *link, const EsAddress *to, xmlnode *packet)
{
  give_back (link, to, packet,
             _ ("Your message was not sent because it is longer than your server takes: please send it in parts."));
}

void
es_conversations_unreadable (EsLink *link, const EsAddress *to, xmlnode *packet)
{
  const EsNotice notice = { ES_NOTICE_UNSENT_UNREADABLE };
  g_autofree char *sentence = es_notice_sentence (&es_program_libpurple, &notice);

  give_back (link, to, packet, sentence);
}

static const char *
offline_sentence (void)
{
  return _ ("Your message was not sent because you are not online: please send it again when you are.");
}

void
es_conversations_offline (EsLink *link, const EsAddress *to, xmlnode *packet)
{
  give_back (link, to, packet, offline_sentence ());
}

/* What libpurple does with text from a window once all plugins have seen it, which they have. */
void
es_conversations_send_text (EsLink *link,
                            const EsAddress *contact,
                            const char *typed,
                            const char *leaving,
                            gboolean encrypted)
{
  PurpleConnection *connection = es_link_connection (link);
  PurpleConversation *conversation = es_conversations_find (link, contact);
  g_autofree char *name = NULL, *text = NULL;
  EsSaying *saying = NULL;

  if (connection == NULL)
    {
      es_unsent_add (link, contact, typed, FALSE);
      return;
    }
  if (conversation == NULL)
    conversation = es_border_open (link->account, contact);
  name = g_strdup (purple_conversation_get_name (conversation));
  saying = g_rc_box_acquire (es_saying_begin (link, typed, contact));
  saying->walled = encrypted;
  saying->handed = TRUE;
  text = encrypted ? es_otr_waited (typed, leaving) : g_strdup (leaving);
  if (serv_send_im (connection, name, text, PURPLE_MESSAGE_SEND) > 0 && !saying->stopped)
    {
      purple_conv_im_write (PURPLE_CONV_IM (conversation), NULL, typed, PURPLE_MESSAGE_SEND, time (NULL));
      purple_signal_emit (purple_conversations_get_handle (), "sent-im-msg", link->account, name, text);
    }
  es_octets_wipe (text, strlen (text));
  es_saying_end (link);
  es_saying_unref (saying);
}

/* The link and the contact of a conversation; NULL if it is none of ours. */
static EsLink *
link_of (EsPlugin *plugin, PurpleConversation *conversation, EsAddress **contact)
{
  *contact = es_conversation_contact (conversation);
  return *contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (conversation)) : NULL;
}

static void
on_created (PurpleConversation *conversation, EsPlugin *plugin)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (plugin, conversation, &contact);
  g_autoptr (GList) all = link != NULL ? es_conversations_of (link, contact) : NULL;

  if (link == NULL)
    return;
  es_logging_update (link, contact, all);
  write_kept (link, conversation, contact);

  /* Who opens the only one again has read it. */
  if (link->told != NULL && es_address_equal (link->told_of, contact) && all != NULL && all->next != NULL)
    write_lines (link, conversation, link->told);

  if (!es_blocked_has (link, contact))
    es_manager_opened (link->manager, contact);
  es_conversations_changed (link, contact);
  es_unsent_show_soon (plugin);
}

/* A conversation with CONTACT is none any more; another one may be, of the contact in another spelling. */
static void
leave (EsLink *link, const EsAddress *contact)
{
  g_autoptr (GList) others = es_conversations_of (link, contact);

  if (others != NULL)
    return;

  /* What comes back now must not open another one. */
  es_unsent_closing (link, contact);
  link->closing = contact;
  es_manager_closed (link->manager, contact);
  link->closing = NULL;
}

/* It is in no list any more. */
static void
on_deleting (PurpleConversation *conversation, EsPlugin *plugin)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (plugin, conversation, &contact);

  es_unsent_forget (conversation);
  if (link != NULL)
    leave (link, contact);
}

/* Anybody in the program may make it one with somebody else: nothing of the former contact's is shown there any more, nor goes from there
 * to the new one. */
static void
on_updated (PurpleConversation *conversation, PurpleConvUpdateType type, EsPlugin *plugin)
{
  PurpleAccount *account = es_conversation_former_account (conversation);
  g_autoptr (EsAddress) former = es_conversation_former_contact (conversation), contact = NULL;
  EsLink *link = NULL;

  if ((type != PURPLE_CONV_UPDATE_TITLE && type != PURPLE_CONV_UPDATE_ACCOUNT) || former == NULL)
    return;
  link = link_of (plugin, conversation, &contact);
  if (account == purple_conversation_get_account (conversation) && es_address_equal (contact, former))
    return;
  es_unsent_write_returned (conversation);
  es_logging_release (conversation);
  if (g_hash_table_contains (plugin->links, account))
    leave (g_hash_table_lookup (plugin->links, account), former);
  if (link != NULL)
    on_created (conversation, plugin);
  else if (plugin->ui != NULL && plugin->ui->changed != NULL)
    plugin->ui->changed (conversation);
}

/* MESSAGE does not leave, and SENTENCE says why: what was TYPED, if other plugins may have changed that, goes back to where that was. */
static void
refuse_text (EsPlugin *plugin,
             PurpleConversation *conversation,
             const char *sentence,
             const char *typed,
             char **message)
{
  if (conversation != NULL)
    {
      es_conversations_write (conversation, sentence, 0);
      es_unsent_return (plugin, conversation, typed != NULL ? typed : *message);
    }
  es_text_free (*message);
  *message = NULL;
}

static void
refuse_command (EsPlugin *plugin, PurpleConversation *conversation, char **message)
{
  if (*message == NULL || !es_commands_resembles (*message))
    return;
  refuse_text (plugin, conversation,
               _ ("Your message was not sent because it looks like a mistyped command: commands begin with /esession."),
               NULL, message);
}

/* Before the other plugins: what the user typed, whoever it is for. What looks like a command may be a password. */
static void
on_typed (PurpleAccount *account, const char *receiver, char **message, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, account);

  refuse_command (plugin, purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, receiver, account), message);
  if (link == NULL)
    return;
  es_choices_follow (link);
  es_saying_begin (link, *message, NULL);
}

static void
on_typed_in_room (PurpleAccount *account, char **message, int id, EsPlugin *plugin)
{
  refuse_command (plugin, purple_find_chat (purple_account_get_connection (account), id), message);
}

/* MESSAGE, which SAYING is, leaves encrypted from here on, or not at all. */
static void
wall (EsSaying *saying, char **message)
{
  char *text = es_otr_remove_offer (saying->typed, *message);

  saying->walled = TRUE;
  es_text_free (*message);
  *message = text;
}

/* What XML cannot hold is left out on the way. */
static gboolean
can_be_held (gunichar letter)
{
  return letter == '\t' || letter == '\n' || letter == '\r' || (letter >= 0x20 && letter != 0xfffe && letter != 0xffff);
}

/* Whether nothing is left of MESSAGE, in which there is something, when it arrives. */
static gboolean
would_be_empty (const char *message)
{
  g_autofree char *text = purple_markup_strip_html (message), *valid = g_utf8_make_valid (text, -1);
  gboolean empty = *valid != '\0';

  for (const char *next = valid; *next != '\0' && empty; next = g_utf8_next_char (next))
    empty = !can_be_held (g_utf8_get_char (next));
  es_octets_wipe (text, strlen (text));
  es_octets_wipe (valid, strlen (valid));
  return empty;
}

/* Why MESSAGE cannot be sent to CONTACT, NULL: who has no address; NULL if it can. */
static const char *
why_not_sent (const EsLink *link, const EsAddress *contact, const char *message)
{
  if (would_be_empty (message))
    return _ ("Your message was not sent because it holds nothing that can be sent.");
  if (contact == NULL)
    return _ ("Your message was not sent because this contact's address is not written as servers write it: open the "
              "conversation from the buddy list.");
  if (es_link_is_renamed (link))
    return _ ("Your message was not sent because the name or the protocol of your account was changed: sign off and "
              "on again.");
  return NULL;
}

/* MESSAGE, which was TYPED, goes to CONTACT, who is a contact of LINK's. */
static void
let_leave (EsLink *link, PurpleConversation *conversation, const EsAddress *contact, const char *typed, char **message)
{
  /* What has waited may leave first, and takes the place of what is being sent. */
  EsVerdict verdict = es_manager_typed (link->manager, contact, typed, *message);
  EsSaying *saying = es_saying_begin (link, typed, contact);

  if ((verdict == ES_SEND_ENCRYPTED || verdict == ES_SEND_PLAIN) && es_link_connection (link) == NULL)
    {
      refuse_text (link->plugin, conversation, offline_sentence (), typed, message);
      verdict = ES_SEND_REFUSE;
    }
  if (verdict == ES_SEND_ENCRYPTED)
    wall (saying, message);
  if (verdict == ES_SEND_ENCRYPTED || verdict == ES_SEND_PLAIN)
    return;

  /* libpurple neither sends nor shows it. */
  es_saying_end (link);
  g_clear_pointer (message, g_free);
}

/* After them: what leaves. */
static void
on_sending_im (PurpleAccount *account, const char *receiver, char **message, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, account);
  const EsSaying *saying = link != NULL ? es_saying_current (link) : NULL;
  g_autoptr (EsAddress) contact = NULL;
  char *typed = NULL;
  const char *why = NULL;
  EsRoomsPerson person = ES_ROOMS_NOBODY;
  PurpleConversation *conversation = purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, receiver, account);

  if (link == NULL)
    return;
  if (*message == NULL || **message == '\0') /* another plugin has taken it, and libpurple sends nothing */
    {
      es_saying_end (link);
      return;
    }
  typed = g_strdup (saying != NULL && saying->typed != NULL ? saying->typed : *message);
  contact = es_border_contact (account, receiver);
  why = why_not_sent (link, contact, *message);
  person = why == NULL ? es_rooms_person (link, receiver) : ES_ROOMS_NOBODY;
  if (person == ES_ROOMS_PERHAPS)
    why = _ ("Your message was not sent because your remembered devices cannot be read: unlock them first.");
  if (why != NULL)
    refuse_text (plugin, conversation, why, typed, message);
  else if (person == ES_ROOMS_NOBODY)
    let_leave (link, conversation, contact, typed, message);
  es_text_free (typed);
}

static void
on_sent_im (PurpleAccount *account, const char *receiver, const char *message, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, account);

  if (link != NULL)
    es_saying_end (link);
}

/* What is emitted only when no plugin has swallowed the message. */
static void
on_received_im (PurpleAccount *account,
                const char *sender,
                const char *message,
                PurpleConversation *conversation,
                PurpleMessageFlags flags,
                EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, account);
  g_autoptr (EsAddress) contact = link != NULL ? es_border_contact (account, sender) : NULL;

  if (contact != NULL)
    es_manager_shown (link->manager, contact);
}

void
es_conversations_opened (EsLink *link)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) contact = NULL;

      if (link_of (link->plugin, item->data, &contact) == link && !es_blocked_has (link, contact)
          && !es_rooms_may_return (link, item->data))
        es_manager_opened (link->manager, contact);
    }
}

/* Conversations stay open over a reconnect. */
static void
on_signed_on (PurpleConnection *connection, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  if (link == NULL)
    return;
  es_conversations_opened (link);
  es_unsent_show_soon (plugin);
}

void
es_conversations_start (EsPlugin *plugin)
{
  void *conversations = purple_conversations_get_handle ();

  purple_signal_connect (conversations, "conversation-created", plugin->handle, PURPLE_CALLBACK (on_created), plugin);
  purple_signal_connect (conversations, "deleting-conversation", plugin->handle, PURPLE_CALLBACK (on_deleting), plugin);
  purple_signal_connect (conversations, "conversation-updated", plugin->handle, PURPLE_CALLBACK (on_updated), plugin);

  /* After the other plugins, which may still change the text. */
  purple_signal_connect_priority (conversations, "sending-im-msg", plugin->handle, PURPLE_CALLBACK (on_sending_im),
                                  plugin, PURPLE_SIGNAL_PRIORITY_HIGHEST);
  purple_signal_connect_priority (conversations, "sending-im-msg", plugin->handle, PURPLE_CALLBACK (on_typed), plugin,
                                  PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect_priority (conversations, "sending-chat-msg", plugin->handle, PURPLE_CALLBACK (on_typed_in_room),
                                  plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (conversations, "sent-im-msg", plugin->handle, PURPLE_CALLBACK (on_sent_im), plugin);
  purple_signal_connect (conversations, "received-im-msg", plugin->handle, PURPLE_CALLBACK (on_received_im), plugin);
  purple_signal_connect (purple_connections_get_handle (), "signed-on", plugin->handle, PURPLE_CALLBACK (on_signed_on),
                         plugin);
}
