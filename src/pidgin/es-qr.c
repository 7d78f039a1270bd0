/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-qr.h"

#include <string.h>

#ifdef ES_HAVE_QRENCODE
#include <qrencode.h>
#endif

#define TEXT_KEY "esession-qr"
#define MODULES_KEY "esession-modules"

/* Of white around it, in modules (ISO/IEC 18004 section 9.1). */
#define QUIET 4

/* A module is a whole number of pixels, so that none is blurred; the picture is about so large, and none is larger than fits beside
 * what else is there. */
#define PIXELS 264
#define MAX_PIXELS 360
#define MIN_SCALE 2

/* Square, a byte each: whether it is dark. */
typedef struct
{
  int width;
  guchar *dark;
} Modules;

static void
modules_free (gpointer data)
{
  Modules *modules = data;

  g_free (modules->dark);
  g_free (modules);
}

static Modules *
modules_of (const char *text)
{
#ifdef ES_HAVE_QRENCODE
  QRcode *code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  Modules *modules = NULL;

  if (code == NULL)
    return NULL;
  modules = g_new0 (Modules, 1);
  modules->width = code->width;
  modules->dark = g_malloc0 ((gsize) code->width * (gsize) code->width);
  for (int i = 0; i < code->width * code->width; i++)
    modules->dark[i] = code->data[i] & 1;
  QRcode_free (code);
  return modules;
#else
  return NULL;
#endif
}

static int
scale_of (const Modules *modules)
{
  return MAX (MIN_SCALE, PIXELS / (modules->width + 2 * QUIET));
}

/* Black on white, whatever the theme: who reads it expects that. */
static gboolean
on_expose (GtkWidget *qr, GdkEventExpose *event, gpointer data)
{
  const Modules *modules = g_object_get_data (G_OBJECT (qr), MODULES_KEY);
  cairo_t *cr = gdk_cairo_create (gtk_widget_get_window (qr));
  GtkAllocation place;
  int scale = 0, side = 0;

  if (modules != NULL)
    {
      gtk_widget_get_allocation (qr, &place);
      scale = scale_of (modules);
      side = scale * (modules->width + 2 * QUIET);
      gdk_cairo_region (cr, event->region);
      cairo_clip (cr);
      cairo_set_antialias (cr, CAIRO_ANTIALIAS_NONE);
      cairo_translate (cr, (place.width - side) / 2, (place.height - side) / 2);
      cairo_set_source_rgb (cr, 1, 1, 1);
      cairo_rectangle (cr, 0, 0, side, side);
      cairo_fill (cr);
      cairo_set_source_rgb (cr, 0, 0, 0);
      for (int i = 0; i < modules->width * modules->width; i++)
        if (modules->dark[i] != 0)
          cairo_rectangle (cr, scale * (QUIET + i % modules->width), scale * (QUIET + i / modules->width), scale,
                           scale);
      cairo_fill (cr);
    }
  cairo_destroy (cr);
  return TRUE;
}

GtkWidget *
es_qr_new (const char *name)
{
  GtkWidget *qr = gtk_drawing_area_new ();

  atk_object_set_role (gtk_widget_get_accessible (qr), ATK_ROLE_IMAGE);
  atk_object_set_name (gtk_widget_get_accessible (qr), name);
  gtk_widget_set_no_show_all (qr, TRUE);
  g_signal_connect (qr, "expose-event", G_CALLBACK (on_expose), NULL);
  return qr;
}

void
es_qr_set_text (GtkWidget *qr, const char *text)
{
  Modules *modules = NULL;
  int side = 0;

  if (g_strcmp0 (g_object_get_data (G_OBJECT (qr), TEXT_KEY), text) == 0)
    return;
  g_object_set_data_full (G_OBJECT (qr), TEXT_KEY, g_strdup (text), g_free);
  modules = text != NULL ? modules_of (text) : NULL;
  side = modules != NULL ? scale_of (modules) * (modules->width + 2 * QUIET) : 0;
  if (side > MAX_PIXELS)
    g_clear_pointer (&modules, modules_free);
  g_object_set_data_full (G_OBJECT (qr), MODULES_KEY, modules, modules_free);
  if (modules != NULL)
    gtk_widget_set_size_request (qr, side, side);
  gtk_widget_set_visible (qr, modules != NULL);
  gtk_widget_queue_draw (qr);
}
