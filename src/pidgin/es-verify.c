/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-verify.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-spelling.h"

#define DIALOG_KEY "esession-verify"
#define CODE_KEY "esession-code"

#define NAME_CHARACTERS 80

/* They match, they differ; anything else is later. */
enum
{
  RESPONSE_MATCH = 1,
  RESPONSE_DIFFER
};

typedef struct
{
  PurpleConversation *conversation;
  const EsApi *api;
  char *code;
} Verify;

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  purple_conversation_set_data (verify->conversation, DIALOG_KEY, NULL);
  g_free (verify->code);
  g_free (verify);
}

static void
on_response (GtkDialog *dialog, int response, gpointer data)
{
  Verify *verify = data;
  PurpleConversation *conversation = verify->conversation;
  const EsApi *api = verify->api;
  g_autofree char *code = g_strdup (verify->code);

  gtk_widget_destroy (GTK_WIDGET (dialog));
  if (response == RESPONSE_MATCH || response == RESPONSE_DIFFER)
    api->user_verify (conversation, code, response == RESPONSE_MATCH);
}

static GtkWidget *
wrapped (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_size_request (label, 400, -1);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0);
  return label;
}

/* Big, in two groups, and to be copied; for a screen reader it is spelled. */
static GtkWidget *
code_label (const char *code)
{
  GtkWidget *label = gtk_label_new (NULL);
  g_autofree char *grouped = es_group_code (code), *spelled = es_spell_code (code);
  g_autofree char *markup
      = g_markup_printf_escaped ("<span font_family='monospace' size='36000' weight='bold'>%s</span>", grouped);

  gtk_label_set_markup (GTK_LABEL (label), markup);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  atk_object_set_name (gtk_widget_get_accessible (label), spelled);
  return label;
}

/* The contact may have chosen it: it must neither push the code out of sight nor turn round what stands beside it, so it is
 * cut short and put between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. */
static char *
shown_name (PurpleConversation *conversation)
{
  const char *title = purple_conversation_get_title (conversation);
  gboolean cut = g_utf8_strlen (title, -1) > NAME_CHARACTERS;
  g_autofree char *start = g_utf8_substring (title, 0, cut ? NAME_CHARACTERS : g_utf8_strlen (title, -1));

  return g_strdup_printf ("\342\201\250%s%s\342\201\251", start, cut ? "..." : "");
}

static GtkWidget *
contents (PurpleConversation *conversation, const char *code)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 12), *spelling = NULL;
  g_autofree char *name = shown_name (conversation);
  g_autofree char *what_to_do = g_strdup_printf (
      /* Translators: %s is a person's name; "call" is by telephone. The code is the verification code. */
      _ ("Call %s, or meet, and ask which code is shown there. If it is the same as this one, nobody "
         "listens in."),
      name);
  g_autofree char *spelled = es_spell_code (code);

  spelling = gtk_label_new (spelled);
  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  gtk_box_pack_start (GTK_BOX (box), wrapped (what_to_do), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), code_label (code), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), spelling, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box),
                      /* Translators: The verification code; "here" is in this conversation. */
                      wrapped (_ ("Do not send the code here: whoever listens in could change it on the way.")), FALSE,
                      FALSE, 0);
  return box;
}

static GtkWindow *
window_of (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  PidginWindow *window = gtkconv != NULL ? pidgin_conv_get_window (gtkconv) : NULL;

  return window != NULL ? GTK_WINDOW (window->window) : NULL;
}

void
es_verify_show (PurpleConversation *conversation, const EsApi *api)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, DIALOG_KEY);
  GtkWidget *later = NULL;
  Verify *verify = NULL;
  EsConversation what;

  if (dialog != NULL)
    {
      gtk_window_present (GTK_WINDOW (dialog));
      return;
    }
  api->describe (conversation, &what);
  if (!what.can_verify)
    return;

  verify = g_new0 (Verify, 1);
  *verify = (Verify){ conversation, api, g_strdup (what.code) };
  /* Translators: A title. The other side is the person you talk to, with their device and program. */
  dialog = gtk_dialog_new_with_buttons (_ ("Verify the other side"), window_of (conversation),
                                        /* Translators: Closes the dialog; nothing is decided. */
                                        GTK_DIALOG_DESTROY_WITH_PARENT, _ ("_Later"), GTK_RESPONSE_CANCEL,
                                        /* Translators: The two verification codes. */
                                        /* Translators: The two verification codes are the same. */
                                        _ ("They _differ"), RESPONSE_DIFFER, _ ("They _match"), RESPONSE_MATCH, NULL);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))),
                      contents (conversation, verify->code), TRUE, TRUE, 0);
  gtk_window_set_resizable (GTK_WINDOW (dialog), FALSE);

  /* Enter, pressed without reading, must not verify anybody. */
  later = gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
  gtk_widget_grab_focus (later);

  g_object_set_data_full (G_OBJECT (dialog), CODE_KEY, verify, verify_free);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), verify);
  purple_conversation_set_data (conversation, DIALOG_KEY, dialog);
  gtk_widget_show_all (dialog);
}

void
es_verify_update (PurpleConversation *conversation, const EsApi *api)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, DIALOG_KEY);
  const Verify *verify = dialog != NULL ? g_object_get_data (G_OBJECT (dialog), CODE_KEY) : NULL;
  EsConversation what;

  if (verify == NULL)
    return;
  api->describe (conversation, &what);
  if (!what.can_verify || !purple_strequal (what.code, verify->code))
    es_verify_close (conversation);
}

void
es_verify_close (PurpleConversation *conversation)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, DIALOG_KEY);

  if (dialog != NULL)
    gtk_widget_destroy (dialog);
}
