/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-finch.h"

#include <time.h>

#include <glib/gi18n-lib.h>
#include <glib-object.h>

#include "es-call.h"
#include "es-fit.h"
#include "es-labels.h"
#include "es-meant.h"
#include "es-recipient.h"
#include "es-words.h"
#include "es-wrap.h"

/* Of a window, on its entry. */
#define PERSON_KEY "esession-person"

/* Finch's conversations are 70 columns wide unless the user says otherwise. */
#define LINE_COLUMNS 70

/* How FinchConv begins, which conversations with the same person share. Finch gives it to plugins, but has no functions for it. */
typedef struct
{
  GList *conversations;
  PurpleConversation *active;
  GObject *window; /* NULL: it is being closed */
  GObject *entry;
} Window;

/* Contacts are es_recipient_key's. */
typedef struct
{
  char *line;     /* that stands above the entry, or NULL */
  char *shown;    /* to whom the window says that what is typed goes */
  EsMeant *meant; /* to whom what stands in the entry is to go */
  GObject *entry;
  guint source;
} Person;

/* Finch's functions are found while it runs, so that the plugin needs nothing of Finch in other programs. */
typedef struct
{
  GModule *program;
  void *(*new_label) (const char *text);
  const char *(*entry_text) (void *entry);
  void (*put) (PurpleConversation *conversation, void *label);
  void (*activate) (PurpleConversation *conversation);
} Finch;

static Finch finch;
static const EsApi *api_in_use; /* NULL: not started */
static void (*due) (PurpleConversation *conversation);

static gboolean
find_finch (void)
{
  return es_fit_in_finch ()
         && (finch.program != NULL || (finch.program = g_module_open (NULL, G_MODULE_BIND_LAZY)) != NULL)
         && g_module_symbol (finch.program, "gnt_label_new", (gpointer *) &finch.new_label)
         && g_module_symbol (finch.program, "gnt_entry_get_text", (gpointer *) &finch.entry_text)
         && g_module_symbol (finch.program, "finch_conversation_set_info_widget", (gpointer *) &finch.put)
         && g_module_symbol (finch.program, "finch_conversation_set_active", (gpointer *) &finch.activate);
}

/* NULL if there is none, or none any more. */
static Window *
window_of (PurpleConversation *conversation)
{
  Window *window
      = purple_conversation_get_type (conversation) == PURPLE_CONV_TYPE_IM ? (Window *) conversation->ui_data : NULL;

  return window != NULL && window->window != NULL ? window : NULL;
}

static Window *
window_with (gconstpointer entry)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      Window *window = window_of (item->data);

      if (window != NULL && window->entry == entry)
        return window;
    }
  return NULL;
}

static Person *
person_of (const Window *window)
{
  return g_object_get_data (window->entry, PERSON_KEY);
}

static gboolean
is_new (const Window *window, const Person *person)
{
  g_autofree char *key = es_recipient_key (window->active);

  return !purple_strequal (person->shown, key);
}

/* Where nobody could ever be talked to encrypted there is nothing to say. */
static gboolean
concerns_us (const Window *window, const Person *person)
{
  for (GList *item = window->conversations; item != NULL; item = item->next)
    if (api_in_use->covers (item->data))
      return TRUE;
  return person->line != NULL;
}

static void
set (char **key, const char *value)
{
  g_free (*key);
  *key = g_strdup (value);
}

/* To whom it goes */

/* Finch forgets it where the conversation is a new one, and does nothing if that is active already. */
static void
renew_title (const Window *window)
{
  PurpleConversation *active = window->active;

  for (GList *item = window->conversations; item != NULL; item = item->next)
    if (item->data != active)
      {
        finch.activate (item->data);
        finch.activate (active);
        return;
      }
}

static gboolean
is_empty (const Person *person)
{
  const char *text = finch.entry_text (person->entry);

  return text == NULL || *text == '\0';
}

static gboolean
on_idle (gpointer data)
{
  Person *person = data;

  person->source = 0;
  if (is_empty (person))
    es_meant_clear (person->meant);
  return G_SOURCE_REMOVE;
}

/* A program that replaces what stands there empties it for an instant: only when it stays empty does what comes next belong to whom the
 * window goes to then. */
static void
follow_entry (const Window *window, Person *person)
{
  g_autofree char *key = es_recipient_key (window->active);

  if (!is_empty (person))
    es_meant_add (person->meant, key);
  else if (!es_meant_is_empty (person->meant) && person->source == 0)
    person->source = g_idle_add (on_idle, person);
}

static void
on_text_changed (GObject *entry, Person *person)
{
  const Window *window = window_with (entry);

  if (window != NULL)
    follow_entry (window, person);
}

static void
tell_recipient (const Window *window, Person *person)
{
  g_autofree char *sentence = NULL, *key = NULL;

  follow_entry (window, person);
  if (!is_new (window, person))
    return;
  key = es_recipient_key (window->active);
  set (&person->shown, key);
  renew_title (window);
  sentence = es_recipient_sentence (window->active, api_in_use);
  es_say (window->active, sentence);
}

/* Before Finch sends what stands there, or does what it says. */
static void
on_enter (GObject *entry, Person *person)
{
  const Window *window = window_with (entry);
  g_autofree char *key = NULL, *sentence = NULL;

  if (window == NULL || !concerns_us (window, person))
    return;
  tell_recipient (window, person);
  key = es_recipient_key (window->active);
  if (es_meant_may_go (person->meant, key))
    return;
  g_signal_stop_emission_by_name (entry, "activate");
  if (es_meant_hold (person->meant, key))
    {
      sentence = es_recipient_held_sentence (window->active, api_in_use);
      es_say (window->active, sentence);
    }
  es_meant_settle (person->meant, key);
}

/* Finch tells nobody when the user chooses another one, or closes this one, but it draws the title. */
static void
on_draw (GObject *drawn, GObject *entry)
{
  const Window *window = window_with (entry);
  const Person *person = window != NULL ? person_of (window) : NULL;

  if (person != NULL && is_new (window, person))
    due (window->active);
}

/* Windows */

static char *
line_of (const EsConversation *what)
{
  g_autofree char *line = NULL;

  if (what->state == ES_STATE_ENDED)
    line = g_strdup (_ ("Ended: type /esession start, or /esession end to write unencrypted."));
  else if (what->barred)
    line = g_strdup (_ ("Not verified: verify this device, or type /esession anyway to write to it."));
  else if (what->waiting > 0 && what->can_send_plain)
    line = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "%u message waits. To send it unencrypted, type /esession send.",
                     "%u messages wait. To send them unencrypted, type /esession send.", what->waiting),
        what->waiting);
  else
    line = g_strdup (es_conversation_label (what));
  return es_wrap (line, LINE_COLUMNS);
}

static void
show_line (const Window *window, Person *person)
{
  EsConversation what = { .state = ES_STATE_PLAIN };
  g_autofree char *line = NULL;

  if (api_in_use->covers (window->active))
    api_in_use->describe (window->active, &what);
  line = line_of (&what);
  if (purple_strequal (person->line, line))
    return;
  set (&person->line, line);
  finch.put (window->active, finch.new_label (line));
}

static void
person_free (gpointer data)
{
  Person *person = data;

  if (person->source != 0)
    g_source_remove (person->source);
  g_free (person->line);
  g_free (person->shown);
  es_meant_free (person->meant);
  g_free (person);
}

static Person *
person_new (const Window *window)
{
  Person *person = g_new0 (Person, 1);

  person->entry = window->entry;
  person->meant = es_meant_new ();
  if (!es_recipient_may_be_mistaken (window->active, api_in_use))
    person->shown = es_recipient_key (window->active);
  g_object_set_data_full (window->entry, PERSON_KEY, person, person_free);
  g_signal_connect (window->entry, "text_changed", G_CALLBACK (on_text_changed), person);
  g_signal_connect (window->entry, "activate", G_CALLBACK (on_enter), person);
  g_signal_connect_object (window->window, "draw", G_CALLBACK (on_draw), window->entry, 0);
  follow_entry (window, person);
  return person;
}

static void
look (const Window *window)
{
  Person *person = person_of (window);

  if (person == NULL)
    person = person_new (window);
  if (!concerns_us (window, person))
    return;
  tell_recipient (window, person);
  show_line (window, person);
}

static void
forget (const Window *window)
{
  Person *person = person_of (window);

  if (person == NULL)
    return;
  if (person->line != NULL)
    finch.put (window->active, NULL);
  g_signal_handlers_disconnect_by_func (window->window, on_draw, window->entry);
  g_signal_handlers_disconnect_by_data (window->entry, person);
  g_object_set_data (window->entry, PERSON_KEY, NULL);
}

static void
each_window (void (*what) (const Window *window))
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      const Window *window = window_of (item->data);

      if (window != NULL && window->active == item->data)
        what (window);
    }
}

/* What Finch does */

static void
on_created (PurpleConversation *conversation, gpointer data)
{
  const Window *window = window_of (conversation);

  if (window != NULL)
    look (window);
}

/* A line of a conversation that is not active, and not only meant for who looks at it. Ours begin with a name already. */
static void
show_here (const Window *window, PurpleConversation *conversation, const char *line, PurpleMessageFlags flags)
{
  g_autofree char *name = es_contact_label (conversation, api_in_use);
  g_autofree char *about = g_strdup_printf (_ ("This is about your conversation with %s."), name);
  g_autofree char *escaped = g_markup_escape_text (about, -1), *whole = g_strconcat (escaped, " ", line, NULL);
  g_autofree char *label = g_markup_escape_text (name, -1);

  purple_conversation_write (window->active, NULL, g_str_has_prefix (line, label) ? line : whole,
                             flags | PURPLE_MESSAGE_NO_LOG, time (NULL));
}

/* What was said makes a conversation the active one; other lines are lost unless it is. */
static void
on_wrote (PurpleAccount *account,
          const char *who,
          const char *line,
          PurpleConversation *conversation,
          PurpleMessageFlags flags,
          gpointer data)
{
  const Window *window = window_of (conversation);
  const Person *person = window != NULL ? person_of (window) : NULL;

  if (person == NULL || !concerns_us (window, person))
    return;
  if (window->active != conversation && (flags & (PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_ERROR)) != 0
      && (flags & PURPLE_MESSAGE_ACTIVE_ONLY) == 0)
    show_here (window, conversation, line, flags);
  else if (is_new (window, person))
    look (window);
}

void
es_finch_start (const EsApi *api, void (*changed) (PurpleConversation *conversation))
{
  void *conversations = purple_conversations_get_handle ();

  if (!find_finch ())
    return;
  api_in_use = api;
  due = changed;
  purple_signal_connect (conversations, "conversation-created", &finch, PURPLE_CALLBACK (on_created), NULL);
  purple_signal_connect (conversations, "wrote-im-msg", &finch, PURPLE_CALLBACK (on_wrote), NULL);
  es_finch_update ();
}

void
es_finch_stop (void)
{
  if (api_in_use == NULL)
    return;
  purple_signals_disconnect_by_handle (&finch);
  each_window (forget);
  api_in_use = NULL;
}

void
es_finch_update (void)
{
  if (api_in_use != NULL)
    each_window (look);
}
