/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-glance.h"

#include <glib/gi18n-lib.h>

#define GLANCE_KEY "esession-glance"

typedef struct
{
  guint milliseconds;
  void (*after) (gpointer data);
  gpointer data;
  gboolean over;
  gboolean drawn;
  guint timer;
} Glance;

static Glance *
glance_of (GtkWidget *widget)
{
  return g_object_get_data (G_OBJECT (widget), GLANCE_KEY);
}

static gboolean
on_time (gpointer data)
{
  Glance *glance = data;

  glance->timer = 0;
  glance->over = TRUE;
  glance->after (glance->data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_drawn (GtkWidget *widget, GdkEventExpose *event, Glance *glance)
{
  if (!glance->over && !glance->drawn)
    glance->timer = g_timeout_add (glance->milliseconds, on_time, glance);
  glance->drawn = TRUE;
  return FALSE;
}

static void
stop (Glance *glance)
{
  if (glance->timer != 0)
    g_source_remove (glance->timer);
  glance->timer = 0;
}

static void
on_destroy (GtkWidget *widget, Glance *glance)
{
  stop (glance);
}

void
es_glance_begin (GtkWidget *widget, guint milliseconds, void (*after) (gpointer data), gpointer data)
{
  Glance *glance = glance_of (widget);

  if (glance == NULL)
    {
      glance = g_new0 (Glance, 1);
      g_object_set_data_full (G_OBJECT (widget), GLANCE_KEY, glance, g_free);
      g_signal_connect (widget, "expose-event", G_CALLBACK (on_drawn), glance);
      g_signal_connect (widget, "destroy", G_CALLBACK (on_destroy), glance);
    }
  stop (glance);
  *glance = (Glance){ .milliseconds = milliseconds, .after = after, .data = data };
  gtk_widget_queue_draw (widget);
}

gboolean
es_glance_is_over (GtkWidget *widget)
{
  const Glance *glance = glance_of (widget);

  return glance == NULL || glance->over;
}

void
es_glance_disable (GtkWidget *widget)
{
  gtk_widget_set_sensitive (widget, FALSE);
  gtk_widget_set_tooltip_text (widget, _ ("You can choose in a moment, once you have seen what this is about."));
}

void
es_glance_enable (gpointer data)
{
  gtk_widget_set_sensitive (data, TRUE);
  gtk_widget_set_tooltip_text (data, NULL);
}
