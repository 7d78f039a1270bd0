/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-icon.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-words.h"

#define STATE_KEY "esession-state"

typedef void (*Draw) (cairo_t *cr, GtkWidget *icon, const GdkColor *paper);

/* All shapes live in a square of 16 by 16. */

static void
draw_body (cairo_t *cr, gboolean filled)
{
  cairo_rectangle (cr, 2.75, 7.5, 10.5, 7.25);
  if (filled)
    cairo_fill_preserve (cr);
  cairo_stroke (cr);
}

/* The bow, closed or cut through on the right. */
static void
draw_bow (cairo_t *cr, gboolean closed)
{
  cairo_new_path (cr);
  cairo_move_to (cr, 4.75, 7.5);
  cairo_line_to (cr, 4.75, 4.75);
  cairo_arc (cr, 8, 4.5, 3.25, G_PI, (closed ? 2 : 1.7) * G_PI);
  if (closed)
    cairo_line_to (cr, 11.25, 7.5);
  cairo_stroke (cr);
}

static void
draw_dots (cairo_t *cr)
{
  for (int i = 0; i < 3; i++)
    {
      cairo_arc (cr, 5.25 + 2.75 * i, 11.125, 0.9, 0, 2 * G_PI);
      cairo_fill (cr);
    }
}

static void
draw_lines (cairo_t *cr, const double *points, int n)
{
  cairo_move_to (cr, points[0], points[1]);
  for (int i = 1; i < n; i++)
    cairo_line_to (cr, points[2 * i], points[2 * i + 1]);
  cairo_stroke (cr);
}

static void
draw_state (cairo_t *cr, EsState state, const GdkColor *paper)
{
  static const double check[] = { 5.25, 11.25, 7.25, 13, 10.75, 9.25 };
  static const double down[] = { 5.75, 9, 10.25, 13.25 }, up[] = { 5.75, 13.25, 10.25, 9 };

  draw_bow (cr, state != ES_STATE_PLAIN);
  draw_body (cr, state == ES_STATE_VERIFIED);

  switch (state)
    {
    case ES_STATE_STARTING:
      draw_dots (cr);
      break;
    case ES_STATE_VERIFIED:
      gdk_cairo_set_source_color (cr, paper);
      draw_lines (cr, check, 3);
      break;
    case ES_STATE_ENDED:
      draw_lines (cr, down, 2);
      draw_lines (cr, up, 2);
      break;
    case ES_STATE_PLAIN:
    case ES_STATE_ENCRYPTED:
    case ES_N_STATES:
    default:
      break;
    }
}

static void
draw_padlock (cairo_t *cr, GtkWidget *icon, const GdkColor *paper)
{
  draw_state (cr, (EsState) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (icon), STATE_KEY)), paper);
}

static void
draw_clock (cairo_t *cr, GtkWidget *icon, const GdkColor *paper)
{
  static const double hands[] = { 8, 4.25, 8, 8, 10.5, 9.5 };

  cairo_arc (cr, 8, 8, 6.5, 0, 2 * G_PI);
  cairo_stroke (cr);
  draw_lines (cr, hands, 3);
}

static void
prepare (cairo_t *cr, int size, const GdkColor *ink)
{
  cairo_scale (cr, size / 16.0, size / 16.0);
  cairo_set_line_width (cr, 1.5);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  gdk_cairo_set_source_color (cr, ink);
}

static gboolean
on_expose (GtkWidget *icon, GdkEventExpose *event, Draw draw)
{
  GtkStyle *style = gtk_widget_get_style (icon);
  GtkStateType widget_state = gtk_widget_get_state (icon);
  GtkAllocation place;
  cairo_t *cr = gdk_cairo_create (gtk_widget_get_window (icon));
  int size = 0;

  gtk_widget_get_allocation (icon, &place);
  size = MIN (place.width, place.height);
  gdk_cairo_region (cr, event->region);
  cairo_clip (cr);

  /* A drawing area has a window of its own. */
  cairo_translate (cr, (place.width - size) / 2, (place.height - size) / 2);
  prepare (cr, size, &style->fg[widget_state]);
  draw (cr, icon, &style->bg[widget_state]);
  cairo_destroy (cr);
  return TRUE;
}

static GtkWidget *
make (int size, Draw draw)
{
  GtkWidget *icon = gtk_drawing_area_new ();

  gtk_widget_set_size_request (icon, size, size);
  atk_object_set_role (gtk_widget_get_accessible (icon), ATK_ROLE_IMAGE);
  g_signal_connect (icon, "expose-event", G_CALLBACK (on_expose), draw);
  return icon;
}

GtkWidget *
es_icon_new (int size)
{
  return make (size, draw_padlock);
}

static void
set (GtkWidget *icon, EsState look, const char *name)
{
  g_object_set_data (G_OBJECT (icon), STATE_KEY, GINT_TO_POINTER (look));
  atk_object_set_name (gtk_widget_get_accessible (icon), name);
  gtk_widget_queue_draw (icon);
}

void
es_icon_set_state (GtkWidget *icon, EsState state)
{
  set (icon, state, es_state_label (state));
}

void
es_icon_show (GtkWidget *icon, const EsConversation *conversation)
{
  set (icon, es_conversation_look (conversation), es_conversation_label (conversation));
}

GtkWidget *
es_icon_new_clock (int size)
{
  GtkWidget *icon = make (size, draw_clock);

  /* Translators: A message does, until it can be encrypted. */
  atk_object_set_name (gtk_widget_get_accessible (icon), _ ("Waits"));
  return icon;
}

/* Cairo has a pixel as one number, with its colours as dark as it is thin. */
static void
copy_pixel (guint32 pixel, guchar *to)
{
  guint alpha = pixel >> 24;

  for (guint i = 0; i < 3; i++)
    to[i] = alpha > 0 ? (guchar) (((pixel >> (16 - 8 * i)) & 0xff) * 255 / alpha) : 0;
  to[3] = (guchar) alpha;
}

GdkPixbuf *
es_icon_picture (EsState state, int size, const GdkColor *ink, const GdkColor *paper)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, size, size);
  cairo_t *cr = cairo_create (surface);
  GdkPixbuf *picture = gdk_pixbuf_new (GDK_COLORSPACE_RGB, TRUE, 8, size, size);

  prepare (cr, size, ink);
  draw_state (cr, state, paper);
  cairo_destroy (cr);
  cairo_surface_flush (surface);
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++)
      {
        guint32 pixel = 0;

        memcpy (&pixel, cairo_image_surface_get_data (surface) + y * cairo_image_surface_get_stride (surface) + 4 * x,
                sizeof pixel);
        copy_pixel (pixel, gdk_pixbuf_get_pixels (picture) + y * gdk_pixbuf_get_rowstride (picture) + 4 * x);
      }
  cairo_surface_destroy (surface);
  return picture;
}
