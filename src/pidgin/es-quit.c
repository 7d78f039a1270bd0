/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-quit.h"

#include <stdlib.h>

#include <gtk/gtk.h>

#include <glib/gi18n-lib.h>

#include "es-help.h"

static GtkWidget *
make (gboolean cannot)
{
  GtkWidget *dialog = gtk_message_dialog_new (NULL, GTK_DIALOG_MODAL, GTK_MESSAGE_WARNING, GTK_BUTTONS_NONE, "%s",
                                              _ ("Messages have not been sent, or nobody has confirmed them."));

  gtk_message_dialog_format_secondary_text (
      GTK_MESSAGE_DIALOG (dialog), "%s",
      cannot
          ? _ ("They cannot be kept, because your remembered devices are locked or their list cannot be written now.")
          : _ ("As you have chosen, they are in memory only. They can be kept on this computer until you start again, "
               "protected as your remembered devices are."));
  gtk_dialog_add_buttons (GTK_DIALOG (dialog), _ ("_Erase"), GTK_RESPONSE_NO,
                          cannot ? _ ("_Try again") : _ ("_Keep them"), GTK_RESPONSE_YES, NULL);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_YES);
  es_help_add (GTK_DIALOG (dialog), ES_HELP_WAITING);
  gtk_window_set_title (GTK_WINDOW (dialog), _ ("Keep unsent messages?"));
  gtk_window_set_position (GTK_WINDOW (dialog), GTK_WIN_POS_CENTER);
  gtk_window_set_skip_taskbar_hint (GTK_WINDOW (dialog), FALSE);
  gtk_widget_show_all (dialog);
  gtk_window_present (GTK_WINDOW (dialog));
  return dialog;
}

gboolean
es_quit_ask_keep (gboolean cannot)
{
  static GtkWidget *dialog;
  static gboolean ended;
  int response = GTK_RESPONSE_NO;

  /* The session ends while the user thinks: what is done from here on is the whole end of the program. */
  if (dialog != NULL)
    {
      ended = TRUE;
      gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_NO);
      return FALSE;
    }
  dialog = make (cannot);

  /* Nothing is lost by Escape. */
  do
    response = gtk_dialog_run (GTK_DIALOG (dialog));
  while (response == GTK_RESPONSE_DELETE_EVENT);

  /* Nothing is left to go back to. */
  if (ended)
    exit (0);
  if (response != GTK_RESPONSE_NONE)
    gtk_widget_destroy (dialog);
  dialog = NULL;
  return response == GTK_RESPONSE_YES;
}
