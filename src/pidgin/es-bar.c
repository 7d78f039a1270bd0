/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-bar.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkconvwin.h>
#include <gtkimhtml.h>

#include "es-glance.h"
#include "es-grown.h"
#include "es-help.h"
#include "es-icon.h"
#include "es-label.h"
#include "es-person.h"
#include "es-plain.h"
#include "es-recipient.h"
#include "es-secret.h"
#include "es-verify.h"
#include "es-waiting.h"
#include "es-window.h"
#include "es-words.h"

/* On the lower part of a tab, and on a conversation. */
#define BAR_KEY "esession-bar"
#define UNSENT_KEY "esession-unsent"
#define UNSENT_FOR_KEY "esession-unsent-for"

/* On an entry: what came back there, as the entry has it, and on which conversation's account to whom (as es_recipient_key has it). */
#define GIVEN_KEY "esession-given"
#define GIVEN_FOR_KEY "esession-given-for"

#define LOOK_MILLISECONDS 500

typedef enum
{
  SHOW_NOTHING,
  SHOW_WAITING,     /* messages wait and could go unencrypted */
  SHOW_BARRED,      /* nothing goes to the device: verify it, or write to it anyway */
  SHOW_ENDED,       /* start again or write unencrypted */
  SHOW_DECLINED,    /* the other side wants no encryption: write unencrypted or wait */
  SHOW_UNSENT,      /* messages came back */
  SHOW_UNLOGGED,    /* the other side wants no log */
  SHOW_HELD,        /* messages wait, and nothing else can be done with them */
  SHOW_UNCONFIRMED, /* messages have not arrived */
  SHOW_DISCARDED,   /* the last of those that waited, which can still be had back */
  N_SHOWS
} Show;

typedef struct
{
  PidginConversation *gtkconv;
  const EsApi *api;
  GtkWidget *box;
  GtkWidget *icon;
  GtkWidget *label;
  GtkWidget *row;     /* those two */
  GtkWidget *waiting; /* the list of what waits */
  GtkWidget *buttons;
  GtkWidget *yes;
  GtkWidget *no;
  Show show;                 /* what it shows, */
  char *of;                  /* of which contact (as es_recipient_key has it), */
  char *code;                /* in which session with it (its code, or NULL), */
  Show wanted;               /* and what there is to show, */
  gint64 since;              /* since when */
  char *put_off;             /* whose messages the user wants to keep waiting, likewise; NULL: nobody's, */
  EsConversation put_off_at; /* and how it was then */
  guint timer;
  guint unconfirmed;
} Bar;

static PurpleConversation *
conversation_of (const Bar *bar)
{
  return bar->gtkconv->active_conv;
}

/* What was not sent */

static void
wipe_text (gpointer text)
{
  es_octets_wipe (text, strlen (text));
  g_free (text);
}

static GPtrArray *
unsent_of (PurpleConversation *conversation)
{
  return purple_conversation_get_data (conversation, UNSENT_KEY);
}

/* To whom it was to go: KEY is taken. */
static void
note_for (PurpleConversation *conversation, char *key)
{
  g_free (purple_conversation_get_data (conversation, UNSENT_FOR_KEY));
  purple_conversation_set_data (conversation, UNSENT_FOR_KEY, key);
}

static GPtrArray *
take_unsent (PurpleConversation *conversation)
{
  GPtrArray *unsent = unsent_of (conversation);

  purple_conversation_set_data (conversation, UNSENT_KEY, NULL);
  note_for (conversation, NULL);
  return unsent != NULL ? unsent : g_ptr_array_new_with_free_func (wipe_text);
}

/* Wiped and freed by the caller; NULL if there is none any more. What cannot be sent after all comes back, behind the others. */
static char *
take_first (PurpleConversation *conversation)
{
  GPtrArray *unsent = unsent_of (conversation);
  char *text = unsent != NULL ? g_strdup (unsent->pdata[0]) : NULL;

  if (text == NULL)
    return NULL;
  g_ptr_array_remove_index (unsent, 0);
  if (unsent->len == 0)
    g_ptr_array_unref (take_unsent (conversation));
  return text;
}

static void
add_unsent (PurpleConversation *conversation, const char *const *texts)
{
  GPtrArray *unsent = unsent_of (conversation);

  if (unsent == NULL)
    {
      unsent = g_ptr_array_new_with_free_func (wipe_text);
      note_for (conversation, es_recipient_key (conversation));
    }
  for (; *texts != NULL; texts++)
    g_ptr_array_add (unsent, g_strdup (*texts));
  purple_conversation_set_data (conversation, UNSENT_KEY, unsent);
}

/* Anybody in the program may make the conversation one with somebody else. */
static gboolean
is_for (PurpleConversation *conversation)
{
  g_autofree char *key = es_recipient_key (conversation);

  return unsent_of (conversation) == NULL
         || purple_strequal (key, purple_conversation_get_data (conversation, UNSENT_FOR_KEY));
}

/* Why what came back cannot be sent; NULL if it can. What libpurple is handed while the account is not online is lost. */
static const char *
why_not_sent (PurpleConversation *conversation, const EsConversation *what)
{
  if (!what->online)
    return _ ("You are not online.");
  return is_for (conversation) ? NULL : _ ("That was written to somebody else.");
}

static gboolean
can_send (const Bar *bar, PurpleConversation *conversation)
{
  EsConversation what;

  bar->api->describe (conversation, &what);
  return why_not_sent (conversation, &what) == NULL;
}

/* What the buttons do. What they do may come back here and change the bar. */

static void
send_plain (Bar *bar)
{
  es_plain_send (conversation_of (bar), bar->api);
}

static void
keep_waiting (Bar *bar)
{
  PurpleConversation *conversation = conversation_of (bar);

  g_free (bar->put_off);
  bar->put_off = es_recipient_key (conversation);
  bar->api->user_keep_waiting (conversation);
  bar->api->describe (conversation, &bar->put_off_at);
}

static void
start_again (Bar *bar)
{
  bar->api->user_start (conversation_of (bar));
}

static void
write_unencrypted (Bar *bar)
{
  es_plain_end (conversation_of (bar), bar->api);
}

static void
send_again (Bar *bar)
{
  PurpleConversation *conversation = conversation_of (bar);
  guint n = unsent_of (conversation) != NULL ? unsent_of (conversation)->len : 0;

  for (; n > 0 && can_send (bar, conversation); n--)
    {
      g_autofree char *text = take_first (conversation);

      if (text == NULL)
        return;
      es_person_send (conversation, text);
      es_octets_wipe (text, strlen (text));
    }
}

static void
forget_unsent (Bar *bar)
{
  g_ptr_array_unref (take_unsent (conversation_of (bar)));
}

static void
go_on_unlogged (Bar *bar)
{
  bar->api->user_goes_on_unlogged (conversation_of (bar));
}

static void
verify (Bar *bar)
{
  es_verify_show (conversation_of (bar), bar->api);
}

static void
write_anyway (Bar *bar)
{
  bar->api->user_write_anyway (conversation_of (bar));
}

typedef struct
{
  const char *yes;
  void (*on_yes) (Bar *bar);
  const char *no;
  void (*on_no) (Bar *bar);
  int delay; /* seconds: what is over sooner is not worth a bar that comes and goes */
} Choice;

static const Choice choices[N_SHOWS] = {
  [SHOW_WAITING] = { N_ ("Send _unencrypted"), send_plain, N_ ("_Keep waiting"), keep_waiting, 1 },
  [SHOW_BARRED] = { N_ ("_Verify..."), verify, N_ ("Write _to it anyway"), write_anyway, 0 },
  [SHOW_ENDED] = { N_ ("Start a_gain"), start_again, N_ ("_Write unencrypted"), write_unencrypted, 1 },
  [SHOW_DECLINED] = { N_ ("_Write unencrypted"), write_unencrypted, N_ ("_Keep waiting"), keep_waiting, 1 },
  [SHOW_UNSENT] = { N_ ("Send a_gain"), send_again, N_ ("_Do not send"), forget_unsent, 0 },
  [SHOW_UNLOGGED] = { N_ ("_Go on without a log"), go_on_unlogged, N_ ("E_nd encryption"), write_unencrypted, 1 },
  [SHOW_HELD] = { .delay = 1 },
  [SHOW_UNCONFIRMED] = { .delay = 10 },
  [SHOW_DISCARDED] = { .delay = 0 },
};

/* What it shows */

/* Where a conversation was another one may be by now: it is known by whom it is with, as es_recipient_key has it. */
static gboolean
is_with (PurpleConversation *conversation, const char *whom)
{
  g_autofree char *key = whom != NULL ? es_recipient_key (conversation) : NULL;

  return key != NULL && strcmp (whom, key) == 0;
}

static Show
choose (const Bar *bar, PurpleConversation *conversation, const EsConversation *what)
{
  const GPtrArray *unsent = unsent_of (conversation);
  gboolean put_off = is_with (conversation, bar->put_off) && bar->put_off_at.waiting == what->waiting
                     && bar->put_off_at.state == what->state;
  gboolean shows_any = what->waiting == 0 && es_waiting_has_any (bar->waiting);

  /* Offline there is nothing to choose but what becomes of what came back. */
  if (!what->online)
    return what->waiting > 0 ? SHOW_HELD : shows_any ? SHOW_DISCARDED : unsent != NULL ? SHOW_UNSENT : SHOW_NOTHING;
  if (what->waiting > 0 && what->can_send_plain && !put_off)
    return SHOW_WAITING;
  if (what->must_choose)
    return SHOW_ENDED;
  if (what->declined && what->waiting == 0 && !put_off)
    return SHOW_DECLINED;
  if (what->barred)
    return SHOW_BARRED;
  if (unsent != NULL)
    return SHOW_UNSENT;
  if (what->log_refused)
    return SHOW_UNLOGGED;
  if (what->waiting > 0)
    return SHOW_HELD;
  return shows_any ? SHOW_DISCARDED : what->unconfirmed > 0 ? SHOW_UNCONFIRMED : SHOW_NOTHING;
}

static char *
sentence (Show show, PurpleConversation *conversation, const EsConversation *what)
{
  guint n_unsent = show == SHOW_UNSENT ? unsent_of (conversation)->len : 0;

  if (show == SHOW_DECLINED || ((show == SHOW_WAITING || show == SHOW_HELD) && what->declined))
    return g_strdup (es_error_sentence (&es_program_pidgin, ES_ERROR_DECLINED));
  switch (show)
    {
    case SHOW_WAITING:
    case SHOW_HELD:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                           "%u message waits until this conversation can be encrypted.",
                                           "%u messages wait until this conversation can be encrypted.", what->waiting),
                              what->waiting);
    case SHOW_ENDED:
      return g_strdup (_ ("Encryption has ended. Nothing is sent until you choose."));
    case SHOW_BARRED:
      return g_strdup (_ ("You have not verified this device: nothing is sent to it until you choose."));
    case SHOW_UNSENT:
      return g_strdup_printf (
          g_dngettext (GETTEXT_PACKAGE, "%u message was not sent.", "%u messages were not sent.", n_unsent), n_unsent);
    case SHOW_UNLOGGED:
      return g_strdup (_ ("The other side does not want this conversation to be logged, so it is not."));
    case SHOW_UNCONFIRMED:
      return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u message has not arrived yet.",
                                           "%u messages have not arrived yet.", what->unconfirmed),
                              what->unconfirmed);
    case SHOW_DECLINED:
    case SHOW_DISCARDED:
    case SHOW_NOTHING:
    case N_SHOWS:
    default:
      return g_strdup ("");
    }
}

static void
set_button (GtkWidget *button, const char *label)
{
  if (label != NULL)
    gtk_button_set_label (GTK_BUTTON (button), _ (label));
}

static void
display (Bar *bar, Show show, const EsConversation *what)
{
  char *of = es_recipient_key (conversation_of (bar));
  gboolean differs = show != bar->show || !purple_strequal (of, bar->of) || !purple_strequal (what->code, bar->code);
  g_autofree char *text = NULL;
  const char *why = NULL;

  bar->show = show;
  g_free (bar->of);
  bar->of = of;
  g_free (bar->code);
  bar->code = g_strdup (what->code);
  gtk_widget_set_visible (bar->box, show != SHOW_NOTHING);
  es_grown_settle (bar->box);
  if (show == SHOW_NOTHING)
    return;

  /* Others choose the moment at which another question stands there, and what the user does herself moves the buttons as well. */
  if (es_waiting_update (bar->waiting) || differs)
    {
      es_waiting_glance (bar->waiting);
      es_glance_disable (bar->buttons);
      es_glance_begin (bar->box, ES_GLANCE_MILLISECONDS, es_glance_enable, bar->buttons);
    }
  text = sentence (show, conversation_of (bar), what);
  es_icon_show (bar->icon, what);
  es_label_set_text (bar->label, text);
  gtk_widget_set_visible (bar->row, *text != '\0');
  atk_object_set_name (gtk_widget_get_accessible (bar->box), text);
  set_button (bar->yes, choices[show].yes);
  set_button (bar->no, choices[show].no);
  why = show == SHOW_UNSENT ? why_not_sent (conversation_of (bar), what) : NULL;
  gtk_widget_set_sensitive (bar->yes, why == NULL);
  gtk_widget_set_tooltip_text (bar->yes, why);
  gtk_widget_set_visible (bar->buttons, choices[show].yes != NULL);
  es_grown_settle (bar->box);
}

/* What was had back, and what waits on, is there at once. */
static gboolean
stays (const Bar *bar, PurpleConversation *conversation, Show wanted)
{
  return is_with (conversation, bar->of)
         && ((bar->show == SHOW_DISCARDED && wanted != SHOW_UNCONFIRMED)
             || (bar->show == SHOW_WAITING && wanted == SHOW_HELD));
}

static gboolean on_look (gpointer data);

/* Messages that arrive one after the other are well: the time counts from the last that did. */
static void
refresh (Bar *bar)
{
  PurpleConversation *conversation = conversation_of (bar);
  gint64 now = g_get_monotonic_time ();
  Show wanted = SHOW_NOTHING;
  gboolean ready = FALSE;
  EsConversation what = { .state = ES_STATE_PLAIN };

  /* The tab may have gone to another network. */
  if (!bar->api->covers (conversation))
    {
      bar->wanted = SHOW_NOTHING;
      display (bar, SHOW_NOTHING, &what);
      return;
    }
  bar->api->describe (conversation, &what);
  if (what.waiting == 0 && !what.declined)
    g_clear_pointer (&bar->put_off, g_free);
  wanted = choose (bar, conversation, &what);
  if (wanted != bar->wanted || (wanted == SHOW_UNCONFIRMED && what.unconfirmed < bar->unconfirmed))
    bar->since = now;
  bar->wanted = wanted;
  bar->unconfirmed = what.unconfirmed;

  ready = now - bar->since >= choices[wanted].delay * G_TIME_SPAN_SECOND || stays (bar, conversation, wanted);
  display (bar, ready ? wanted : SHOW_NOTHING, &what);
  if (bar->timer == 0 && (!ready || wanted == SHOW_UNCONFIRMED))
    bar->timer = g_timeout_add (LOOK_MILLISECONDS, on_look, bar);
}

static gboolean
on_look (gpointer data)
{
  Bar *bar = data;

  bar->timer = 0;
  refresh (bar);
  return G_SOURCE_REMOVE;
}

static void
on_clicked (GtkWidget *button, Bar *bar)
{
  const Choice *choice = &choices[bar->show];
  void (*act) (Bar *) = button == bar->yes ? choice->on_yes : choice->on_no;

  gtk_widget_grab_focus (bar->gtkconv->entry);
  if (act != NULL)
    act (bar);
  refresh (bar);
}

/* Making and taking away */

static void
on_destroy (GtkWidget *box, Bar *bar)
{
  if (bar->timer != 0)
    g_source_remove (bar->timer);
  bar->timer = 0;
}

static void
bar_free (gpointer data)
{
  Bar *bar = data;

  g_free (bar->of);
  g_free (bar->put_off);
  g_free (bar->code);
  g_free (bar);
}

static GtkWidget *
make_button (Bar *bar)
{
  GtkWidget *button = gtk_button_new_with_mnemonic ("");

  gtk_button_set_focus_on_click (GTK_BUTTON (button), FALSE);
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), bar);
  gtk_box_pack_start (GTK_BOX (bar->buttons), button, FALSE, FALSE, 0);
  return button;
}

static Bar *
make (PidginConversation *gtkconv, const EsApi *api)
{
  Bar *bar = g_new0 (Bar, 1);
  GtkWidget *parent = gtk_widget_get_parent (gtkconv->lower_hbox);
  GtkWidget *right = gtk_alignment_new (1, 0.5, 0, 0), *top = gtk_alignment_new (0, 0, 0, 0);
  int place = 0;

  *bar = (Bar){ .gtkconv = gtkconv, .api = api };
  bar->box = gtk_vbox_new (FALSE, 4);
  atk_object_set_role (gtk_widget_get_accessible (bar->box), ATK_ROLE_ALERT);
  bar->icon = es_icon_new (16);
  bar->label = es_label_new ();
  bar->row = gtk_hbox_new (FALSE, 6);
  bar->waiting = es_waiting_new (gtkconv, api);
  bar->buttons = gtk_hbox_new (FALSE, 6);
  bar->yes = make_button (bar);
  bar->no = make_button (bar);
  gtk_container_add (GTK_CONTAINER (top), bar->icon);
  gtk_box_pack_start (GTK_BOX (bar->row), top, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bar->row), bar->label, TRUE, TRUE, 0);
  gtk_container_add (GTK_CONTAINER (right), bar->buttons);
  gtk_box_pack_start (GTK_BOX (bar->box), bar->row, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bar->box), bar->waiting, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (bar->box), right, FALSE, FALSE, 0);
  gtk_container_set_border_width (GTK_CONTAINER (bar->box), 2);
  gtk_widget_show_all (bar->box);
  gtk_widget_hide (bar->box);

  gtk_container_child_get (GTK_CONTAINER (parent), gtkconv->lower_hbox, "position", &place, NULL);
  gtk_box_pack_start (GTK_BOX (parent), bar->box, FALSE, FALSE, 0);
  gtk_box_reorder_child (GTK_BOX (parent), bar->box, place);
  es_grown_watch (bar->box);
  es_help_add_key (bar->box, ES_HELP_WAITING);
  g_signal_connect (bar->box, "destroy", G_CALLBACK (on_destroy), bar);
  g_object_set_data_full (G_OBJECT (gtkconv->lower_hbox), BAR_KEY, bar, bar_free);
  return bar;
}

static Bar *
bar_of (const PidginConversation *gtkconv)
{
  return g_object_get_data (G_OBJECT (gtkconv->lower_hbox), BAR_KEY);
}

void
es_bar_update (PurpleConversation *conversation, const EsApi *api)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  Bar *bar = NULL;

  if (gtkconv == NULL || gtkconv->active_conv != conversation)
    return;
  bar = bar_of (gtkconv);
  if (bar == NULL && api->covers (conversation))
    bar = make (gtkconv, api);
  if (bar != NULL)
    refresh (bar);
}

static void
put_into_entry (PurpleConversation *conversation, GtkWidget *entry, const char *text)
{
  gtk_imhtml_append_text (GTK_IMHTML (entry), text, 0);
  g_object_set_data_full (G_OBJECT (entry), GIVEN_KEY, gtk_imhtml_get_markup (GTK_IMHTML (entry)), wipe_text);
  g_object_set_data_full (G_OBJECT (entry), GIVEN_FOR_KEY, es_recipient_key (conversation), g_free);
}

/* What came back to CONVERSATION's entry, if that is how it stands there still: the caller's. */
static char *
take_from_entry (PurpleConversation *conversation, GtkWidget *entry)
{
  const char *given = g_object_get_data (G_OBJECT (entry), GIVEN_KEY),
             *given_for = g_object_get_data (G_OBJECT (entry), GIVEN_FOR_KEY);
  g_autofree char *key = es_recipient_key (conversation);
  char *text = given != NULL && strcmp (given_for, key) == 0 ? gtk_imhtml_get_markup (GTK_IMHTML (entry)) : NULL;

  if (text != NULL && strcmp (text, given) == 0)
    {
      gtk_imhtml_clear (GTK_IMHTML (entry));
      return text;
    }
  g_clear_pointer (&text, wipe_text);
  return NULL;
}

/* One message goes back where it was typed. Several, or one beside what is being typed by now, or where nobody looks, stay in the
 * conversation, and the bar has them. */
gboolean
es_bar_return_texts (PurpleConversation *conversation, const EsApi *api, const char *const *texts)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  if (gtkconv == NULL)
    return FALSE;
  if (texts[0] != NULL && texts[1] == NULL && gtkconv->active_conv == conversation && unsent_of (conversation) == NULL
      && gtk_text_buffer_get_char_count (gtkconv->entry_buffer) == 0 && es_window_shows (conversation))
    {
      put_into_entry (conversation, gtkconv->entry, texts[0]);
      return TRUE;
    }
  add_unsent (conversation, texts);
  es_bar_update (conversation, api);
  return FALSE;
}

GPtrArray *
es_bar_take_unsent (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  GPtrArray *texts = is_for (conversation) ? take_unsent (conversation) : g_ptr_array_new_with_free_func (wipe_text);
  char *text = gtkconv != NULL ? take_from_entry (conversation, gtkconv->entry) : NULL;

  if (text != NULL)
    g_ptr_array_add (texts, text);
  return texts;
}

void
es_bar_clear (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  Bar *bar = gtkconv != NULL ? bar_of (gtkconv) : NULL;

  g_ptr_array_unref (take_unsent (conversation));
  if (bar != NULL && is_with (conversation, bar->put_off))
    g_clear_pointer (&bar->put_off, g_free);
  if (bar == NULL || gtkconv->active_conv != conversation)
    return;
  gtk_widget_destroy (bar->box);
  g_object_set_data (G_OBJECT (gtkconv->lower_hbox), BAR_KEY, NULL);
}
