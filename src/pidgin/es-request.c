/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-request.h"

#include <gtk/gtk.h>

#include "es-help.h"

static void
on_changed (GtkEntry *entry, GtkToggleButton *button)
{
  if (gtk_entry_get_text_length (entry) > 0)
    gtk_toggle_button_set_active (button, TRUE);
}

/* Pidgin makes an entry of the one and a box of radio buttons of the other, and keeps them in the fields; both go with the same
 * window. */
void
es_request_choose_by_typing (PurpleRequestField *typed, PurpleRequestField *choice, int value)
{
  GtkWidget *entry = purple_request_field_get_ui_data (typed), *box = purple_request_field_get_ui_data (choice);
  g_autoptr (GList) buttons = GTK_IS_CONTAINER (box) ? gtk_container_get_children (GTK_CONTAINER (box)) : NULL;
  GtkWidget *button = g_list_nth_data (buttons, (guint) value);

  if (!GTK_IS_ENTRY (entry) || !GTK_IS_RADIO_BUTTON (button))
    return;
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_changed), button, 0);
}

/* GTK begins with what was used recently, where nothing can be saved, unless Pidgin remembers a folder. */
static void
begin_at_home (GtkFileChooser *chooser)
{
  g_autofree char *folder = gtk_file_chooser_get_current_folder (chooser);

  if (folder == NULL)
    gtk_file_chooser_set_current_folder (chooser, g_get_home_dir ());
}

/* Pidgin has just made it, and keeps to itself which one it is. */
void
es_request_add_help (const char *title, EsHelp topic)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();

  for (GList *item = windows; item != NULL; item = item->next)
    if (purple_strequal (gtk_window_get_title (item->data), title))
      {
        if (GTK_IS_FILE_CHOOSER (item->data))
          begin_at_home (item->data);
        else if (GTK_IS_DIALOG (item->data))
          es_help_add (item->data, topic);
      }
}
