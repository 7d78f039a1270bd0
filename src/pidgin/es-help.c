/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-help.h"

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>

#include "es-about.h"
#include "es-label.h"
#include "es-protection.h"

#define HELP_KEY "esession-help"
#define WIDTH 420
#define MAX_SENTENCES 4
#define RESPONSE_ABOUT 1

static const struct
{
  const char *title; /* of the window that it is about */
  const char *sentences[MAX_SENTENCES];
} topics[ES_N_HELP] = {
  [ES_HELP_VERIFY]
  = { N_ ("Verify the other side"),
      { N_ ("There are four ways, and one is enough: compare the codes, type the code that the other person reads to "
            "you, both type a password that nobody can guess, or check the other person's link."),
        N_ ("A link proves nothing if it came through the conversation that it is about: whoever listens in could have "
            "put in their own."),
        N_ ("Both of you do it; from then on the two devices recognise each other in every conversation."),
        N_ ("If the codes differ, ask once more; if they still do, end the conversation, because somebody may be "
            "listening in.") } },
  [ES_HELP_DEVICES]
  = { N_ ("Remembered devices"),
      { N_ ("Here you will find every device with which you have had an encrypted conversation, and which of them you "
            "have verified."),
        N_ ("If a device was lost, select it and choose Forget: it counts as unknown from then on, and an encrypted "
            "conversation with it ends at once."),
        N_ ("If you get another computer, choose Tools > Encrypted Sessions > Move to another computer: all of them go "
            "there in a file that only your passphrase opens, and are not here any more.") } },
  [ES_HELP_PREFERENCES]
  = { N_ ("Encryption preferences"),
      { N_ ("These choices hold wherever you have chosen nothing else: for one contact in the menu Encryption, for one "
            "account where you edit it, under Advanced."),
        N_ ("A contact whom you have verified is always written to encrypted where you chose nothing else.") } },
  [ES_HELP_WAITING] = /* Translators: A heading: messages that cannot be sent yet. */
  { N_ ("What waits"),
    { N_ ("A message that cannot be encrypted yet waits, and is sent once it can be, even if you quit Pidgin and "
          "start it again."),
      N_ ("What you send unencrypted can be read by others on the way.") } },
  [ES_HELP_PROTECTION]
  = { N_ ("Protection of remembered devices"),
      { N_ ("While it is locked nothing is encrypted and nothing leaves unencrypted: what you write waits.") } },
  [ES_HELP_STRANGERS]
  = { N_ ("Somebody you do not know"),
      { N_ ("Somebody who is not in your buddy list, or whom you do not let see whether you are online, wants to talk "
            "to "
            "you encrypted."),
        N_ ("Encryption does not say who that is. In the preferences you can choose that only your contacts may start "
            "an encrypted conversation with you.") } },
};

/* The window, while it is there. */
static GtkWidget *window;

static void
on_response (GtkWidget *dialog, int response, gpointer data)
{
  if (response == RESPONSE_ABOUT)
    es_about_show (GTK_WINDOW (dialog));
  else
    gtk_widget_destroy (dialog);
}

static void
add_sentence (GtkWidget *page, const char *sentence)
{
  GtkWidget *label = es_label_new ();

  es_label_set_text (label, sentence);
  gtk_box_pack_start (GTK_BOX (page), label, FALSE, FALSE, 0);
}

static GtkWidget *
make_page (EsHelp topic)
{
  GtkWidget *page = gtk_vbox_new (FALSE, 12), *heading = gtk_label_new (NULL);
  g_autofree char *markup = g_markup_printf_escaped ("<b>%s</b>", _ (topics[topic].title));

  gtk_label_set_markup (GTK_LABEL (heading), markup);
  gtk_misc_set_alignment (GTK_MISC (heading), 0, 0);
  gtk_box_pack_start (GTK_BOX (page), heading, FALSE, FALSE, 0);
  for (int kind = ES_PROTECTION_NONE; topic == ES_HELP_PROTECTION && kind <= ES_PROTECTION_KEYRING; kind++)
    add_sentence (page, es_protection_way ((EsProtectionKind) kind));
  for (gsize i = 0; i < MAX_SENTENCES && topics[topic].sentences[i] != NULL; i++)
    add_sentence (page, _ (topics[topic].sentences[i]));
  gtk_container_set_border_width (GTK_CONTAINER (page), 12);
  gtk_widget_set_size_request (page, WIDTH, -1);
  return page;
}

/* What it was about before makes room. */
static void
show (GtkWidget *asked, EsHelp topic)
{
  GtkWidget *top = gtk_widget_get_toplevel (asked);

  es_help_close ();
  window = gtk_dialog_new_with_buttons (
      _ ("Help"), GTK_WINDOW (top), GTK_DIALOG_DESTROY_WITH_PARENT | GTK_DIALOG_NO_SEPARATOR, _ ("_About encryption"),
      RESPONSE_ABOUT, GTK_STOCK_CLOSE, GTK_RESPONSE_CLOSE, NULL);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (window))), make_page (topic), TRUE, TRUE, 0);
  gtk_dialog_set_default_response (GTK_DIALOG (window), GTK_RESPONSE_CLOSE);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (GTK_DIALOG (window), GTK_RESPONSE_CLOSE));
  gtk_window_set_modal (GTK_WINDOW (window), gtk_window_get_modal (GTK_WINDOW (top)));
  g_signal_connect (window, "response", G_CALLBACK (on_response), NULL);
  g_signal_connect (window, "destroy", G_CALLBACK (gtk_widget_destroyed), &window);
  gtk_widget_show_all (window);
}

static void
on_clicked (GtkWidget *button, gpointer topic)
{
  show (button, (EsHelp) GPOINTER_TO_INT (topic));
}

static gboolean
on_key (GtkWidget *widget, GdkEventKey *event, gpointer topic)
{
  if (event->keyval != GDK_F1 || (event->state & gtk_accelerator_get_default_mod_mask ()) != 0)
    return FALSE;
  show (widget, (EsHelp) GPOINTER_TO_INT (topic));
  return TRUE;
}

void
es_help_add_key (GtkWidget *widget, EsHelp topic)
{
  g_signal_connect (widget, "key-press-event", G_CALLBACK (on_key), GINT_TO_POINTER (topic));
}

/* It has no response: whatever has one closes most of these dialogs. Nor a letter of its own: those are taken, and F1 is. */
void
es_help_add (GtkDialog *dialog, EsHelp topic)
{
  GtkWidget *area = gtk_dialog_get_action_area (dialog), *button = NULL;

  if (g_object_get_data (G_OBJECT (dialog), HELP_KEY) != NULL)
    return;
  /* Translators: A button, and a title. */
  button = gtk_button_new_with_label (_ ("Help"));
  gtk_button_set_image (GTK_BUTTON (button), gtk_image_new_from_stock (GTK_STOCK_HELP, GTK_ICON_SIZE_BUTTON));
  gtk_box_pack_end (GTK_BOX (area), button, FALSE, TRUE, 0);
  gtk_button_box_set_child_secondary (GTK_BUTTON_BOX (area), button, TRUE);
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), GINT_TO_POINTER (topic));
  gtk_widget_show (button);
  es_help_add_key (GTK_WIDGET (dialog), topic);
  g_object_set_data (G_OBJECT (dialog), HELP_KEY, button);
}

void
es_help_close (void)
{
  if (window != NULL)
    gtk_widget_destroy (window);
}
