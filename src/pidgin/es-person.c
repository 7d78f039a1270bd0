/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-person.h"

#include <string.h>
#include <time.h>

#include <gtkconv.h>
#include <gtkconvwin.h>
#include <gtkimhtml.h>

#include "es-meant.h"
#include "es-recipient.h"

/* On the entry of a tab. */
#define PERSON_KEY "esession-person"

/* Of a tab. Contacts are what es_recipient_key () makes of them, because conversations come and go. */
typedef struct
{
  const EsApi *api;
  PidginConversation *gtkconv;
  char *shown;       /* whom the tab says it is with, NULL before it has been looked at */
  EsMeant *meant;    /* to whom what stands in the entry is to go */
  char *held;        /* what is to be put back there, as HTML */
  GString *lines;    /* what left line by line, or was not typed there, and is to be put back as well */
  gboolean with_us;  /* somebody in it could be talked to encrypted: what it says is said of all from then on */
  gboolean opens;    /* it has just been opened */
  gboolean composes; /* an input method has something of which the entry has nothing yet */
  guint source;
  gulong changed;
  gulong composing;
} Person;

static const EsApi *api_in_use;
static gboolean is_chosen; /* what is being sent was chosen for that contact, whatever stands in the entry */
static void (*show_again) (PidginConversation *gtkconv);
static gboolean (*offer_texts) (PurpleConversation *conversation, const char *const *texts);

static PidginConversation *
tab_of (PurpleConversation *conversation)
{
  return purple_conversation_get_type (conversation) == PURPLE_CONV_TYPE_IM
                 && PIDGIN_IS_PIDGIN_CONVERSATION (conversation)
             ? PIDGIN_CONVERSATION (conversation)
             : NULL;
}

static gboolean
is_entry_empty (const Person *person)
{
  return gtk_text_buffer_get_char_count (person->gtkconv->entry_buffer) == 0;
}

/* Something is in it, or is about to be. */
static gboolean
has_begun (const Person *person)
{
  return person->composes || !is_entry_empty (person);
}

/* Behind what stands there by now: somebody types on, or something else came back. */
static void
put_behind (Person *person, const char *markup)
{
  g_autofree char *whole = is_entry_empty (person) ? g_strdup (markup) : g_strconcat ("<br>", markup, NULL);

  gtk_imhtml_append_text (GTK_IMHTML (person->gtkconv->entry), whole, 0);
}

/* Whether a window that was not sending has it still. */
static gboolean
is_in_entry (const Person *person, const char *markup)
{
  g_autofree char *now = gtk_imhtml_get_markup (GTK_IMHTML (person->gtkconv->entry));

  return purple_strequal (now, markup);
}

/* What it says */

static void
say (PurpleConversation *conversation, const char *sentence)
{
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);

  purple_conversation_write (conversation, NULL, escaped,
                             PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LINKIFY | PURPLE_MESSAGE_NO_LOG, time (NULL));
}

static void
say_recipient (const Person *person)
{
  PurpleConversation *conversation = person->gtkconv->active_conv;
  g_autofree char *line = es_recipient_sentence (conversation, person->api);

  say (conversation, line);
}

/* When it is known what its contacts are. */
static void
look_at_opening (Person *person)
{
  if (!person->opens)
    return;
  person->opens = FALSE;
  if (!es_recipient_may_be_mistaken (person->gtkconv->active_conv, person->api))
    return;
  person->with_us = TRUE;
  say_recipient (person);
}

static gboolean
on_idle (gpointer data)
{
  Person *person = data;
  g_autofree char *held = g_steal_pointer (&person->held);
  GString *lines = g_steal_pointer (&person->lines);

  person->source = 0;
  if (held != NULL && !is_in_entry (person, held))
    put_behind (person, held);
  if (lines != NULL)
    {
      put_behind (person, lines->str);
      g_string_free (lines, TRUE);
    }
  if (!has_begun (person))
    es_meant_clear (person->meant);
  look_at_opening (person);
  show_again (person->gtkconv);
  return G_SOURCE_REMOVE;
}

static void
look_soon (Person *person)
{
  if (person->source == 0)
    person->source = g_idle_add (on_idle, person);
}

/* A program that replaces what stands there empties it for an instant: only when it stays empty does what comes next belong to whom the
 * tab goes to then. */
static void
follow_entry (Person *person)
{
  g_autofree char *key = es_recipient_key (person->gtkconv->active_conv);

  if (has_begun (person))
    es_meant_add (person->meant, key);
  else if (!es_meant_is_empty (person->meant))
    look_soon (person);
}

static void
on_entry_changed (GtkTextBuffer *buffer, Person *person)
{
  follow_entry (person);
}

static void
on_composing (GtkTextView *entry, const char *composed, Person *person)
{
  person->composes = *composed != '\0';
  follow_entry (person);
}

static void
person_free (gpointer data)
{
  Person *person = data;

  if (person->source != 0)
    g_source_remove (person->source);
  g_free (person->shown);
  es_meant_free (person->meant);
  g_free (person->held);
  if (person->lines != NULL)
    g_string_free (person->lines, TRUE);
  g_free (person);
}

static Person *
person_of (const PidginConversation *gtkconv)
{
  return g_object_get_data (G_OBJECT (gtkconv->entry), PERSON_KEY);
}

static Person *
need_person (PidginConversation *gtkconv)
{
  Person *person = person_of (gtkconv);

  if (person != NULL)
    return person;
  person = g_new0 (Person, 1);
  *person = (Person){ .api = api_in_use, .gtkconv = gtkconv, .meant = es_meant_new () };
  person->changed = g_signal_connect (gtkconv->entry_buffer, "changed", G_CALLBACK (on_entry_changed), person);
  person->composing = g_signal_connect (gtkconv->entry, "preedit-changed", G_CALLBACK (on_composing), person);
  g_object_set_data_full (G_OBJECT (gtkconv->entry), PERSON_KEY, person, person_free);
  follow_entry (person);
  return person;
}

/* Where nobody could ever be talked to encrypted there is nothing to say. */
static gboolean
concerns_us (Person *person)
{
  for (GList *item = person->gtkconv->convs; item != NULL && !person->with_us; item = item->next)
    person->with_us = person->api->covers (item->data);
  return person->with_us;
}

/* Whether the user is doing something at this moment, rather than others. */
static gboolean
is_users_doing (void)
{
  GdkEvent *event = gtk_get_current_event ();

  if (event == NULL)
    return FALSE;
  gdk_event_free (event);
  return TRUE;
}

/* What is chosen from a menu that was opened for somebody else would be done to this one: a file sent, say. */
static void
close_menu (const Person *person)
{
  GtkWidget *open = gtk_grab_get_current ();

  if (open != NULL && GTK_IS_MENU_SHELL (open)
      && pidgin_conv_window_is_active_conversation (person->gtkconv->active_conv))
    gtk_menu_shell_cancel (GTK_MENU_SHELL (open));
}

static void
look (Person *person)
{
  PurpleConversation *conversation = person->gtkconv->active_conv;
  g_autofree char *key = es_recipient_key (conversation), *before = NULL;
  gboolean concerns = concerns_us (person);

  follow_entry (person);
  if (purple_strequal (person->shown, key))
    return;
  before = person->shown;
  person->shown = g_strdup (key);
  if (before == NULL)
    {
      person->opens = TRUE;
      look_soon (person);
      return;
    }
  if (!is_users_doing ())
    close_menu (person);
  person->opens = FALSE;
  if (concerns)
    say_recipient (person);
}

/* What stands in the entry when it is sent */

/* It goes to KEY when it is sent again. */
static void
settle (Person *person, PurpleConversation *conversation, const char *key)
{
  g_autofree char *line = es_recipient_held_sentence (conversation, person->api);

  look_soon (person);
  if (es_meant_hold (person->meant, key))
    say (conversation, line);
  es_meant_settle (person->meant, key);
}

/* A window that is sending clears its entry afterwards. */
static void
hold_entry (Person *person, PurpleConversation *conversation, const char *key)
{
  g_free (person->held);
  person->held = gtk_imhtml_get_markup (GTK_IMHTML (person->gtkconv->entry));
  settle (person, conversation, key);
}

/* In a conversation that has no bar above the entry. */
static void
hold_line (Person *person, PurpleConversation *conversation, const char *message, const char *key)
{
  if (person->lines != NULL)
    g_string_append_printf (person->lines, "<br>%s", message);
  else
    person->lines = g_string_new (message);
  settle (person, conversation, key);
}

/* What was not in the entry is offered above it. */
static void
hold (Person *person, PurpleConversation *conversation, const char *message, const char *key)
{
  g_autofree char *text = gtk_imhtml_get_text (GTK_IMHTML (person->gtkconv->entry), NULL, NULL);
  g_autofree char *sent = purple_markup_strip_html (message), *line = NULL;
  const char *texts[] = { message, NULL };

  if (g_strcmp0 (g_strstrip (text), g_strstrip (sent)) == 0)
    hold_entry (person, conversation, key);
  else if (!person->api->covers (conversation))
    hold_line (person, conversation, message, key);
  else
    {
      offer_texts (conversation, texts);
      line = es_recipient_offered_sentence (conversation, person->api);
      if (es_meant_hold (person->meant, key))
        say (conversation, line);
    }
}

/* The one whose tab goes to CONVERSATION, if what stands in the entry may be meant for another: KEY, the caller's, is whom it would go to. */
static Person *
mistaken (PurpleConversation *conversation, char **key)
{
  PidginConversation *gtkconv = conversation != NULL ? tab_of (conversation) : NULL;
  Person *person = gtkconv != NULL ? person_of (gtkconv) : NULL;

  if (person == NULL || gtkconv->active_conv != conversation)
    return NULL;
  *key = es_recipient_key (conversation);
  return !es_meant_may_go (person->meant, *key) && concerns_us (person) ? person : NULL;
}

/* Before the other plugins. */
static void
on_sending (PurpleAccount *account, const char *receiver, char **message, gpointer data)
{
  g_autofree char *key = NULL;
  PurpleConversation *conversation = purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, receiver, account);
  Person *person = *message != NULL && !is_chosen ? mistaken (conversation, &key) : NULL;

  if (person == NULL)
    return;
  hold (person, conversation, *message, key);
  g_free (*message);
  *message = NULL;
}

void
es_person_send (PurpleConversation *conversation, const char *message)
{
  is_chosen = TRUE;
  purple_conv_im_send (PURPLE_CONV_IM (conversation), message);
  is_chosen = FALSE;
}

gboolean
es_person_is_meant (PurpleConversation *conversation)
{
  g_autofree char *key = NULL;
  Person *person = mistaken (conversation, &key);

  if (person != NULL)
    hold_entry (person, conversation, key);
  return person == NULL;
}

/* Pidgin goes on with another one and tells nobody. */
static void
on_deleting (PurpleConversation *conversation, gpointer data)
{
  PidginConversation *gtkconv = tab_of (conversation);
  Person *person = gtkconv != NULL ? person_of (gtkconv) : NULL;

  if (person != NULL && gtkconv->convs != NULL && gtkconv->convs->next != NULL)
    look_soon (person);
}

void
es_person_update (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = tab_of (conversation);

  if (gtkconv != NULL && gtkconv->active_conv != NULL)
    look (need_person (gtkconv));
}

void
es_person_clear (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = tab_of (conversation);
  Person *person = gtkconv != NULL ? person_of (gtkconv) : NULL;

  if (person == NULL)
    return;
  g_signal_handler_disconnect (gtkconv->entry_buffer, person->changed);
  g_signal_handler_disconnect (gtkconv->entry, person->composing);
  g_object_set_data (G_OBJECT (gtkconv->entry), PERSON_KEY, NULL);
}

void
es_person_init (gpointer handle,
                const EsApi *api,
                void (*show) (PidginConversation *gtkconv),
                gboolean (*offer) (PurpleConversation *conversation, const char *const *texts))
{
  void *conversations = purple_conversations_get_handle ();

  api_in_use = api;
  show_again = show;
  offer_texts = offer;
  purple_signal_connect_priority (conversations, "sending-im-msg", handle, PURPLE_CALLBACK (on_sending), NULL,
                                  PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (conversations, "deleting-conversation", handle, PURPLE_CALLBACK (on_deleting), NULL);
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    es_person_update (item->data);
}
