/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-grown.h"

/* On the window. */
#define GROWN_KEY "esession-grown"

typedef struct
{
  int base;  /* the height that the user gave it */
  int grown; /* the one that it had to take, 0: none */
  gulong allocate;
} Grown;

static Grown *
grown_of (GtkWidget *window)
{
  return g_object_get_data (G_OBJECT (window), GROWN_KEY);
}

/* Whatever is higher than before and just as high as what is in it has become so by itself. */
static void
on_allocate (GtkWidget *window, const GtkAllocation *given, Grown *grown)
{
  GtkRequisition wanted;

  gtk_widget_get_child_requisition (window, &wanted);
  if (given->height == wanted.height && given->height > grown->base)
    grown->grown = given->height;
  else
    {
      grown->base = given->height;
      grown->grown = 0;
    }
}

void
es_grown_watch (GtkWidget *widget)
{
  GtkWidget *window = gtk_widget_get_toplevel (widget);
  Grown *grown = NULL;
  GtkAllocation place;

  if (!gtk_widget_is_toplevel (window) || grown_of (window) != NULL)
    return;
  gtk_widget_get_allocation (window, &place);
  grown = g_new0 (Grown, 1);
  grown->base = place.height;
  grown->allocate = g_signal_connect (window, "size-allocate", G_CALLBACK (on_allocate), grown);
  g_object_set_data_full (G_OBJECT (window), GROWN_KEY, grown, g_free);
}

void
es_grown_forget (GtkWidget *window)
{
  Grown *grown = grown_of (window);

  if (grown == NULL)
    return;
  g_signal_handler_disconnect (window, grown->allocate);
  g_object_set_data (G_OBJECT (window), GROWN_KEY, NULL);
}

/* GTK makes it no smaller than what is in it then. */
void
es_grown_settle (GtkWidget *widget)
{
  GtkWidget *window = gtk_widget_get_toplevel (widget);
  const Grown *grown = NULL;
  int width = 0, height = 0;

  es_grown_watch (widget);
  grown = grown_of (window);
  if (grown == NULL || grown->grown == 0)
    return;
  gtk_window_get_size (GTK_WINDOW (window), &width, &height);
  if (height == grown->grown)
    gtk_window_resize (GTK_WINDOW (window), width, grown->base);
}
