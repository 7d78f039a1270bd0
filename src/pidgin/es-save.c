/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-save.h"

#define SAVE_KEY "esession-save"

typedef struct
{
  char *text;
  char *failed;
} Save;

static void
save_free (gpointer data)
{
  Save *save = data;

  g_free (save->text);
  g_free (save->failed);
  g_free (save);
}

void
es_complain (GtkWindow *parent, const char *what, const char *why)
{
  GtkWidget *dialog = gtk_message_dialog_new (parent, GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                              GTK_MESSAGE_ERROR, GTK_BUTTONS_CLOSE, "%s", what);
  const char *title = gtk_window_get_title (parent);

  gtk_window_set_title (GTK_WINDOW (dialog), title);
  atk_object_set_name (gtk_widget_get_accessible (dialog), title); /* instead of "Error" */
  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", why);
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show_all (dialog);
}

static void
on_response (GtkWidget *chooser, int response, const Save *save)
{
  g_autofree char *path = gtk_file_chooser_get_filename (GTK_FILE_CHOOSER (chooser));
  g_autoptr (GError) error = NULL;

  if (response == GTK_RESPONSE_ACCEPT && path != NULL
      && !g_file_set_contents_full (path, save->text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, &error))
    es_complain (gtk_window_get_transient_for (GTK_WINDOW (chooser)), save->failed, error->message);
  gtk_widget_destroy (chooser);
}

void
es_save_text (GtkWindow *parent, const char *title, const char *name, const char *text, const char *failed)
{
  GtkWidget *chooser = gtk_file_chooser_dialog_new (title, parent, GTK_FILE_CHOOSER_ACTION_SAVE, GTK_STOCK_CANCEL,
                                                    GTK_RESPONSE_CANCEL, GTK_STOCK_SAVE, GTK_RESPONSE_ACCEPT, NULL);
  Save *save = g_new (Save, 1);

  *save = (Save){ g_strdup (text), g_strdup (failed) };
  g_object_set_data_full (G_OBJECT (chooser), SAVE_KEY, save, save_free);
  gtk_file_chooser_set_do_overwrite_confirmation (GTK_FILE_CHOOSER (chooser), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (chooser), name);
  gtk_dialog_set_default_response (GTK_DIALOG (chooser), GTK_RESPONSE_ACCEPT);
  gtk_window_set_modal (GTK_WINDOW (chooser), TRUE);
  gtk_window_set_destroy_with_parent (GTK_WINDOW (chooser), TRUE);
  g_signal_connect (chooser, "response", G_CALLBACK (on_response), save);
  gtk_widget_show_all (chooser);
}
