/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-window.h"

#include "es-details.h"
#include "es-menu.h"
#include "es-words.h"

/* Kept on the window's menu tray: Pidgin's windows are no GObjects. */
#define OURS_KEY "esession-window"

typedef struct
{
  GtkWidget *menu_item; /* in the menu bar */
  GtkWidget *menu_label;
  gulong request; /* handlers on the menu bar */
  gulong allocate;
  gulong state;   /* and on the window */
  int bar_width;  /* as the menu bar would like it */
  int menu_width; /* of menu_label */
  int cut;        /* how much of that was taken away */
} Ours;

/* In a narrow window the menu's name gives way by a part of its size, so that the window may become about as narrow as without us;
 * it stays whole, and grows again with the room for it. */
#define SMALLER 4

static int
width_of (GtkWidget *widget)
{
  GtkRequisition wanted;

  gtk_widget_size_request (widget, &wanted);
  return wanted.width;
}

static void
on_bar_request (GtkWidget *bar, GtkRequisition *wanted, Ours *ours)
{
  if (!gtk_widget_get_visible (ours->menu_item))
    return;
  if (ours->cut == 0)
    ours->menu_width = width_of (ours->menu_label);
  ours->bar_width = wanted->width + ours->cut;
  wanted->width = ours->bar_width - ours->menu_width / SMALLER;
}

static void
on_bar_allocate (GtkWidget *bar, const GtkAllocation *given, Ours *ours)
{
  int cut = CLAMP (ours->bar_width - given->width, 0, ours->menu_width / SMALLER);
  PangoAttrList *attributes = NULL;

  if (!gtk_widget_get_visible (ours->menu_item) || cut == ours->cut)
    return;
  ours->cut = cut;
  attributes = pango_attr_list_new ();

  /* Letters come in whole pixels: a little less than there is room. */
  if (cut > 0)
    pango_attr_list_insert (attributes,
                            pango_attr_scale_new ((double) (ours->menu_width - cut - 2) / ours->menu_width));
  gtk_label_set_attributes (GTK_LABEL (ours->menu_label), attributes);
  pango_attr_list_unref (attributes);
  gtk_widget_set_size_request (ours->menu_label, cut > 0 ? ours->menu_width - cut : -1, -1);
}

/* It may have been brought back to the screen. */
static gboolean
on_state (GtkWidget *top, GdkEventWindowState *event, const EsApi *api)
{
  api->shown ();
  return FALSE;
}

gboolean
es_window_shows (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  PidginWindow *window = gtkconv != NULL ? pidgin_conv_get_window (gtkconv) : NULL;
  GtkWidget *top = window != NULL && !pidgin_conv_is_hidden (gtkconv) ? window->window : NULL;

  return top != NULL && gtk_widget_get_mapped (top)
         && (gdk_window_get_state (gtk_widget_get_window (top)) & GDK_WINDOW_STATE_ICONIFIED) == 0
         && gtkconv->active_conv == conversation && pidgin_conv_window_is_active_conversation (conversation);
}

/* Left of the tray, which is the last in the bar. */
static int
menu_position (GtkMenuShell *bar, GtkWidget *tray)
{
  g_autoptr (GList) items = gtk_container_get_children (GTK_CONTAINER (bar));

  return g_list_index (items, tray);
}

static Ours *
make (PidginWindow *window, const EsApi *api)
{
  Ours *ours = g_new0 (Ours, 1);
  GtkWidget *bar = window->menu.menubar;

  ours->menu_item = es_menu_new (window, api);
  ours->menu_label = gtk_bin_get_child (GTK_BIN (ours->menu_item));
  gtk_menu_shell_insert (GTK_MENU_SHELL (bar), ours->menu_item,
                         menu_position (GTK_MENU_SHELL (bar), window->menu.tray));
  ours->request = g_signal_connect (bar, "size-request", G_CALLBACK (on_bar_request), ours);
  ours->allocate = g_signal_connect (bar, "size-allocate", G_CALLBACK (on_bar_allocate), ours);
  ours->state = g_signal_connect (window->window, "window-state-event", G_CALLBACK (on_state), (gpointer) api);
  g_object_set_data_full (G_OBJECT (window->menu.tray), OURS_KEY, ours, g_free);
  return ours;
}

/* A screen reader sees menu items in a menu bar, and nothing of what is in them: the tray, which the arrow keys come to,
 * is called what the state is, and the menu has it as its description. */
static void
tell_screen_readers (PidginWindow *window, const Ours *ours, const char *state, const char *details)
{
  atk_object_set_name (gtk_widget_get_accessible (window->menu.tray), state);
  atk_object_set_description (gtk_widget_get_accessible (window->menu.tray), details != NULL ? details : "");
  atk_object_set_description (gtk_widget_get_accessible (ours->menu_item), state);
}

void
es_window_update (PidginWindow *window, const EsApi *api)
{
  Ours *ours = g_object_get_data (G_OBJECT (window->menu.tray), OURS_KEY);
  PurpleConversation *conversation = pidgin_conv_window_get_active_conversation (window);
  g_autofree char *text = NULL;
  EsConversation what = { .state = ES_STATE_PLAIN };
  gboolean covered = conversation != NULL && api->covers (conversation);

  if (ours == NULL)
    ours = make (window, api);
  if (covered)
    {
      api->describe (conversation, &what);
      text = es_details (conversation, api, &what);
    }

  gtk_widget_set_visible (ours->menu_item, covered);
  es_menu_update (ours->menu_item);
  tell_screen_readers (window, ours, covered ? es_conversation_label (&what) : "", text);
}

void
es_window_clear (PidginWindow *window)
{
  Ours *ours = g_object_get_data (G_OBJECT (window->menu.tray), OURS_KEY);

  if (ours == NULL)
    return;
  g_signal_handler_disconnect (window->menu.menubar, ours->request);
  g_signal_handler_disconnect (window->menu.menubar, ours->allocate);
  g_signal_handler_disconnect (window->window, ours->state);
  gtk_widget_queue_resize (window->menu.menubar);
  tell_screen_readers (window, ours, "", NULL);
  es_menu_destroy (ours->menu_item);
  g_object_set_data (G_OBJECT (window->menu.tray), OURS_KEY, NULL);
}

GtkWidget *
es_window_menu (PidginWindow *window)
{
  const Ours *ours = g_object_get_data (G_OBJECT (window->menu.tray), OURS_KEY);

  return ours != NULL ? gtk_menu_item_get_submenu (GTK_MENU_ITEM (ours->menu_item)) : NULL;
}
