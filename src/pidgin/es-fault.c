/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fault.h"

#include <glib/gi18n-lib.h>

#include "es-label.h"
#include "es-save.h"

#define VIEW_KEY "esession-report"
#define FILE_NAME "esession-report.txt"
#define WIDTH 620
#define HEIGHT 480

enum
{
  RESPONSE_COPY = 1,
  RESPONSE_SAVE
};

/* The window, while it is there. */
static GtkWidget *window;

static GtkTextBuffer *
buffer_of (GtkDialog *dialog)
{
  return gtk_text_view_get_buffer (g_object_get_data (G_OBJECT (dialog), VIEW_KEY));
}

/* What the user has seen is what is copied and saved, not what has happened since. */
static char *
shown_text (GtkDialog *dialog)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer_of (dialog), &start, &end);
  return gtk_text_buffer_get_text (buffer_of (dialog), &start, &end, FALSE);
}

static void
on_response (GtkDialog *dialog, int response, gpointer data)
{
  g_autofree char *text = shown_text (dialog);

  if (response == RESPONSE_COPY)
    gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (dialog), GDK_SELECTION_CLIPBOARD), text, -1);
  else if (response == RESPONSE_SAVE)
    es_save_text (GTK_WINDOW (dialog), _ ("Save the report"), FILE_NAME, text,
                  _ ("The report was not written: please choose another place."));
  else
    gtk_widget_destroy (GTK_WIDGET (dialog));
}

/* It is in English whatever the user speaks, and has columns. */
static GtkWidget *
make_view (void)
{
  GtkWidget *view = gtk_text_view_new ();
  PangoFontDescription *font = pango_font_description_from_string ("monospace");

  gtk_widget_modify_font (view, font);
  pango_font_description_free (font);
  gtk_widget_set_direction (view, GTK_TEXT_DIR_LTR);
  gtk_text_view_set_editable (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_accepts_tab (GTK_TEXT_VIEW (view), FALSE);
  gtk_text_view_set_wrap_mode (GTK_TEXT_VIEW (view), GTK_WRAP_WORD_CHAR);
  gtk_text_view_set_left_margin (GTK_TEXT_VIEW (view), 6);
  gtk_text_view_set_right_margin (GTK_TEXT_VIEW (view), 6);
  atk_object_set_name (gtk_widget_get_accessible (view), _ ("Report a problem"));
  return view;
}

static GtkWidget *
make (GtkWindow *parent)
{
  /* Translators: A title. */
  GtkWidget *dialog = gtk_dialog_new_with_buttons (_ ("Report a problem"), parent, GTK_DIALOG_NO_SEPARATOR, _ ("Cop_y"),
                                                   RESPONSE_COPY, _ ("_Save as..."), RESPONSE_SAVE, GTK_STOCK_CLOSE,
                                                   GTK_RESPONSE_CLOSE, NULL);
  GtkWidget *box = gtk_vbox_new (FALSE, 6), *sentence = es_label_new (),
            *scrolled = gtk_scrolled_window_new (NULL, NULL);
  GtkWidget *view = make_view ();
  GdkScreen *screen = gtk_window_get_screen (GTK_WINDOW (dialog));

  es_label_set_text (sentence,
                     _ ("Read this before you attach it to a bug report: versions, settings, numbers and what "
                        "happened lately are in it, and nothing that was written, no keys and no passwords."));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (scrolled), GTK_SHADOW_IN);
  gtk_container_add (GTK_CONTAINER (scrolled), view);
  gtk_container_set_border_width (GTK_CONTAINER (box), 6);
  gtk_box_pack_start (GTK_BOX (box), sentence, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), scrolled, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))), box, TRUE, TRUE, 0);
  gtk_window_set_default_size (GTK_WINDOW (dialog), MIN (WIDTH, gdk_screen_get_width (screen)),
                               MIN (HEIGHT, gdk_screen_get_height (screen)));
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CLOSE);
  gtk_widget_grab_focus (view);
  g_object_set_data (G_OBJECT (dialog), VIEW_KEY, view);
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), NULL);
  g_signal_connect (dialog, "destroy", G_CALLBACK (gtk_widget_destroyed), &window);
  gtk_widget_show_all (dialog);
  return dialog;
}

void
es_fault_show (GtkWindow *parent, const EsApi *api)
{
  g_autofree char *error = NULL, *text = api->report (&error);
  GtkTextIter start;

  if (window == NULL)
    window = make (parent);
  gtk_text_buffer_set_text (buffer_of (GTK_DIALOG (window)), text != NULL ? text : error, -1);
  gtk_text_buffer_get_start_iter (buffer_of (GTK_DIALOG (window)), &start);
  gtk_text_buffer_place_cursor (buffer_of (GTK_DIALOG (window)), &start);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window), RESPONSE_COPY, text != NULL);
  gtk_dialog_set_response_sensitive (GTK_DIALOG (window), RESPONSE_SAVE, text != NULL);
  gtk_window_present (GTK_WINDOW (window));
}

void
es_fault_close (void)
{
  if (window != NULL)
    gtk_widget_destroy (window);
}
