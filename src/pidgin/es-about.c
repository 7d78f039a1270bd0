/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-about.h"

#include <glib/gi18n-lib.h>

#include "es-icon.h"
#include "es-label.h"
#include "es-words.h"

#define NARROWEST 420

/* As wide as the states, whose names are longer in some languages, but not narrower than can be read well. */
static void
add_paragraph (GtkBox *box, GtkWidget *table, const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  GtkRequisition wanted;

  gtk_widget_size_request (table, &wanted);
  es_label_wrap (GTK_LABEL (label));
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_size_request (label, MAX (wanted.width, NARROWEST), -1);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0);
  gtk_box_pack_start (box, label, FALSE, FALSE, 0);
}

static void
add_state (GtkTable *table, guint row, EsState state)
{
  g_autofree char *name = g_markup_printf_escaped ("<b>%s</b>", es_state_label (state));
  GtkWidget *icon = es_icon_new (20), *label = gtk_label_new (NULL), *text = gtk_label_new (es_state_meaning (state));
  GtkWidget *top = gtk_alignment_new (0.5, 0, 0, 0);

  es_icon_set_state (icon, state);
  gtk_label_set_markup (GTK_LABEL (label), name);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0);
  es_label_wrap (GTK_LABEL (text));
  gtk_widget_set_size_request (text, 240, -1);
  gtk_misc_set_alignment (GTK_MISC (text), 0, 0);
  gtk_container_add (GTK_CONTAINER (top), icon);
  gtk_table_attach (table, top, 0, 1, row, row + 1, GTK_FILL, GTK_FILL, 0, 0);
  gtk_table_attach (table, label, 1, 2, row, row + 1, GTK_FILL, GTK_FILL, 0, 0);
  gtk_table_attach (table, text, 2, 3, row, row + 1, GTK_FILL | GTK_EXPAND, GTK_FILL, 0, 0);
}

static GtkWidget *
states (void)
{
  GtkWidget *table = gtk_table_new (ES_N_STATES, 3, FALSE);

  gtk_table_set_row_spacings (GTK_TABLE (table), 6);
  gtk_table_set_col_spacings (GTK_TABLE (table), 9);
  for (guint i = 0; i < ES_N_STATES; i++)
    add_state (GTK_TABLE (table), i, (EsState) i);
  return table;
}

void
es_about_show (GtkWindow *parent)
{
  /* Translators: A title. */
  GtkWidget *dialog = gtk_dialog_new_with_buttons (_ ("About encryption"), parent, GTK_DIALOG_DESTROY_WITH_PARENT,
                                                   GTK_STOCK_CLOSE, GTK_RESPONSE_CLOSE, NULL);
  GtkWidget *box = gtk_vbox_new (FALSE, 12), *table = states ();

  gtk_widget_show_all (table);
  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  add_paragraph (
      GTK_BOX (box), table,
      _ ("When the program of the person you talk to can encrypt as well, your conversations with them are "
         "encrypted automatically; the first time, both of you have to be online. Those who run the server cannot "
         "read what is encrypted, but see who talks with whom and when."));
  gtk_box_pack_start (GTK_BOX (box), table, FALSE, FALSE, 0);
  add_paragraph (
      GTK_BOX (box), table,
      /* Translators: "Verify" and "Encryption" as in the menu; the six characters are the verification code. */
      _ ("Verify once: choose Verify in the Encryption menu, call the other person, and compare six "
         "characters. After that the two devices recognise each other by themselves."));
  add_paragraph (
      GTK_BOX (box), table,
      /* Translators: "Take over from another computer" as in the menu. */
      _ ("Whom you have verified on another computer, you can take over from there: choose Tools > Encrypted "
         "Sessions > Take over from another computer."));
  add_paragraph (GTK_BOX (box), table,
                 _ ("Not protected: who you talk to and when, group chats, calls, and what is stored on the two "
                    "computers themselves, such as Pidgin's log."));
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (dialog))), box, TRUE, TRUE, 0);
  gtk_window_set_resizable (GTK_WINDOW (dialog), FALSE);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CLOSE);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), GTK_RESPONSE_CLOSE));
  g_signal_connect (dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show_all (dialog);
}
