/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-label.h"

#define LABEL_KEY "esession-label"
#define WIDTH_CHARACTERS 40
#define WIDTH_KEY "esession-width"

static GtkWidget *
label_of (gpointer box)
{
  return g_object_get_data (G_OBJECT (box), LABEL_KEY);
}

static void
on_size_request (GtkWidget *box, GtkRequisition *wanted, gpointer data)
{
  wanted->width = 1;
}

/* The height follows from the width, which is known only now. */
static void
on_size_allocate (GtkWidget *box, GtkAllocation *given, gpointer data)
{
  int width = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (box), WIDTH_KEY));

  if (given->width == width || given->width <= 1)
    return;
  g_object_set_data (G_OBJECT (box), WIDTH_KEY, GINT_TO_POINTER (given->width));
  gtk_widget_set_size_request (label_of (box), given->width, -1);
}

/* GTK puts a paragraph that is written from the right at the left edge of the width that the label asks for, unless it is to be so many
 * characters wide: then where the reader looks for it. */
void
es_label_wrap (GtkLabel *label)
{
  gtk_label_set_line_wrap (label, TRUE);
  gtk_label_set_line_wrap_mode (label, PANGO_WRAP_WORD_CHAR);
  gtk_label_set_width_chars (label, WIDTH_CHARACTERS);
}

GtkWidget *
es_label_new (void)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 0), *label = gtk_label_new (NULL);

  es_label_wrap (GTK_LABEL (label));
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0.5);
  gtk_box_pack_start (GTK_BOX (box), label, TRUE, TRUE, 0);
  g_object_set_data (G_OBJECT (box), LABEL_KEY, label);
  g_signal_connect (box, "size-request", G_CALLBACK (on_size_request), NULL);
  g_signal_connect (box, "size-allocate", G_CALLBACK (on_size_allocate), NULL);
  return box;
}

void
es_label_set_text (GtkWidget *box, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label_of (box)), text);
}
