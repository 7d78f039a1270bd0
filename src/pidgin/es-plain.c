/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-plain.h"

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-help.h"
#include "es-labels.h"
#include "es-waiting.h"

/* On the conversation. */
#define QUESTION_KEY "esession-question"

typedef struct
{
  PurpleConversation *conversation;
  const EsApi *api;
  EsPlainAct act;
  char *about;
} Question;

static Question *
question_of (GtkWidget *dialog)
{
  return g_object_get_data (G_OBJECT (dialog), QUESTION_KEY);
}

static void
question_free (gpointer data)
{
  Question *question = data;

  purple_conversation_set_data (question->conversation, QUESTION_KEY, NULL);
  g_free (question->about);
  g_free (question);
}

/* Whom it is about, and what would be sent. */
static char *
about (PurpleConversation *conversation, const EsApi *api, gboolean sends)
{
  g_autofree char *name = es_contact_label (conversation, api);
  g_autofree char *with = g_strdup_printf (_ ("This is about your conversation with %s."), name);
  g_autofree char *quoted = es_waiting_quoted (conversation, api);

  return sends ? g_strdup_printf ("%s\n\n%s", with, quoted) : g_steal_pointer (&with);
}

static void
on_answer (GtkWidget *dialog, int response, gpointer data)
{
  const Question *question = question_of (dialog);
  PurpleConversation *conversation = question->conversation;
  const EsApi *api = question->api;
  EsPlainAct act = question->act;

  gtk_widget_destroy (dialog);
  if (response == GTK_RESPONSE_YES)
    act (conversation, api);
}

static GtkWidget *
make (PurpleConversation *conversation, const char *title, const char *primary, const char *secondary)
{
  PidginWindow *window = pidgin_conv_get_window (PIDGIN_CONVERSATION (conversation));
  GtkWidget *dialog = gtk_message_dialog_new (GTK_WINDOW (window->window), GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_WARNING, GTK_BUTTONS_NONE, "%s", primary);

  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", secondary);
  gtk_window_set_title (GTK_WINDOW (dialog), title);
  atk_object_set_name (gtk_widget_get_accessible (dialog), title); /* instead of "Warning" */
  return dialog;
}

static void
ask (GtkWidget *dialog, PurpleConversation *conversation, const EsApi *api, gboolean sends, EsPlainAct act)
{
  Question *question = g_new (Question, 1);

  *question = (Question){ conversation, api, act, about (conversation, api, sends) };
  g_object_set_data_full (G_OBJECT (dialog), QUESTION_KEY, question, question_free);
  purple_conversation_set_data (conversation, QUESTION_KEY, dialog);
  es_help_add (GTK_DIALOG (dialog), ES_HELP_WAITING);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_NO);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), GTK_RESPONSE_NO));
  g_signal_connect (dialog, "response", G_CALLBACK (on_answer), NULL);
  gtk_widget_show_all (dialog);
}

static void
act_send (PurpleConversation *conversation, const EsApi *api)
{
  api->user_send_plain (conversation);
}

static void
act_end (PurpleConversation *conversation, const EsApi *api)
{
  api->user_end (conversation);
}

void
es_plain_send (PurpleConversation *conversation, const EsApi *api)
{
  g_autofree char *secondary = about (conversation, api, TRUE);
  GtkWidget *dialog = NULL;
  EsConversation what;

  es_plain_close (conversation);
  api->describe (conversation, &what);
  if (what.policy != ES_POLICY_ALWAYS && !what.once_verified && !what.declined)
    {
      api->user_send_plain (conversation);
      return;
    }
  dialog = make (conversation, _ ("Send unencrypted?"),
                 g_dngettext (GETTEXT_PACKAGE, "Others on the way can then read this message: send it all the same?",
                              "Others on the way can then read these messages: send them all the same?", what.waiting),
                 secondary);
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Keep waiting"), GTK_RESPONSE_NO, _ ("Send _unencrypted"),
                          GTK_RESPONSE_YES, NULL);
  ask (dialog, conversation, api, TRUE, act_send);
}

void
es_plain_end_by (PurpleConversation *conversation, const EsApi *api, EsPlainAct act)
{
  g_autofree char *secondary = about (conversation, api, FALSE);
  GtkWidget *dialog = NULL;
  EsConversation what;

  es_plain_close (conversation);
  api->describe (conversation, &what);
  if (!what.once_verified && !what.declined)
    {
      act (conversation, api);
      return;
    }
  dialog = make (conversation, _ ("Write unencrypted?"),
                 act == act_end ? _ ("Others on the way can then read what you write: write unencrypted all the same?")
                                : _ ("Others on the way can then read what you write, now and in every later "
                                     "conversation: write unencrypted all the same?"),
                 secondary);
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), GTK_STOCK_CANCEL, GTK_RESPONSE_NO, _ ("_Write unencrypted"),
                          GTK_RESPONSE_YES, NULL);
  ask (dialog, conversation, api, FALSE, act);
}

void
es_plain_end (PurpleConversation *conversation, const EsApi *api)
{
  es_plain_end_by (conversation, api, act_end);
}

void
es_plain_update (PurpleConversation *conversation, const EsApi *api)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, QUESTION_KEY);
  const Question *question = dialog != NULL ? question_of (dialog) : NULL;
  gboolean sends = question != NULL && question->act == act_send;
  g_autofree char *now = question != NULL ? about (conversation, api, sends) : NULL;
  EsConversation what;

  if (question == NULL)
    return;
  api->describe (conversation, &what);
  if (!purple_strequal (now, question->about)
      || !(sends ? what.can_send_plain : what.can_end || question->act != act_end))
    gtk_widget_destroy (dialog);
}

void
es_plain_close (PurpleConversation *conversation)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, QUESTION_KEY);

  if (dialog != NULL)
    gtk_widget_destroy (dialog);
}
