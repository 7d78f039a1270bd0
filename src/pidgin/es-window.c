/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-window.h"

#include <glib/gi18n-lib.h>

#include <gtkmenutray.h>

#include "es-details.h"
#include "es-icon.h"
#include "es-menu.h"
#include "es-words.h"

/* Kept on the window's menu tray: Pidgin's windows are no GObjects. */
#define INDICATOR_KEY "esession-indicator"

#define ICON_SIZE 16
#define SPACING 4

typedef struct
{
  GtkWidget *box; /* in the tray */
  GtkWidget *icon;
  GtkWidget *label;
  GtkWidget *menu_item; /* in the menu bar */
  GtkWidget *menu_label;
  gulong request; /* handlers on the menu bar */
  gulong allocate;
  int without_words; /* how wide the menu bar is then */
  int menu_width;    /* of menu_label */
  int cut;           /* how much of that was taken away */
} Indicator;

/* The padlock is a shortcut to the menu; the keyboard has the menu itself. */
static gboolean
on_clicked (GtkWidget *box, GdkEventButton *event, Indicator *indicator)
{
  GtkWidget *menu = gtk_menu_item_get_submenu (GTK_MENU_ITEM (indicator->menu_item));

  if (event->type != GDK_BUTTON_PRESS)
    return FALSE;
  gtk_menu_popup (GTK_MENU (menu), NULL, NULL, NULL, NULL, event->button, event->time);
  return TRUE;
}

/* In a narrow window the words give way first, then half of the menu's name, so that the window may become about as narrow
 * as without us. Both come back with the room for them. */

static int
width_of (GtkWidget *widget)
{
  GtkRequisition wanted;

  gtk_widget_size_request (widget, &wanted);
  return wanted.width;
}

static void
on_bar_request (GtkWidget *bar, GtkRequisition *wanted, Indicator *indicator)
{
  if (!gtk_widget_get_visible (indicator->box))
    return;
  if (indicator->cut == 0)
    indicator->menu_width = width_of (indicator->menu_label);
  indicator->without_words = wanted->width + indicator->cut;
  if (gtk_widget_get_visible (indicator->label))
    indicator->without_words -= width_of (indicator->label) + SPACING;
  wanted->width = indicator->without_words - indicator->menu_width / 2;
}

static void
on_bar_allocate (GtkWidget *bar, const GtkAllocation *given, Indicator *indicator)
{
  int room = given->width - indicator->without_words, cut = CLAMP (-room, 0, indicator->menu_width / 2);

  if (!gtk_widget_get_visible (indicator->box))
    return;
  gtk_widget_set_visible (indicator->label, room >= width_of (indicator->label) + SPACING);
  if (cut == indicator->cut)
    return;
  indicator->cut = cut;
  gtk_label_set_ellipsize (GTK_LABEL (indicator->menu_label), cut > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
  gtk_widget_set_size_request (indicator->menu_label, cut > 0 ? indicator->menu_width - cut : -1, -1);
}

/* Left of the tray, which is the last in the bar. */
static int
menu_position (GtkMenuShell *bar, GtkWidget *tray)
{
  g_autoptr (GList) items = gtk_container_get_children (GTK_CONTAINER (bar));

  return g_list_index (items, tray);
}

static Indicator *
make (PidginWindow *window, const EsApi *api)
{
  Indicator *indicator = g_new0 (Indicator, 1);
  GtkWidget *row = gtk_hbox_new (FALSE, SPACING);
  GtkWidget *bar = window->menu.menubar;

  indicator->icon = es_icon_new (ICON_SIZE);
  indicator->label = gtk_label_new (NULL);
  gtk_box_pack_start (GTK_BOX (row), indicator->icon, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), indicator->label, FALSE, FALSE, 0);

  indicator->box = gtk_event_box_new ();
  gtk_event_box_set_visible_window (GTK_EVENT_BOX (indicator->box), FALSE);

  /* The padlock has a window of its own, which would swallow clicks. */
  gtk_event_box_set_above_child (GTK_EVENT_BOX (indicator->box), TRUE);
  gtk_container_add (GTK_CONTAINER (indicator->box), row);
  g_signal_connect (indicator->box, "button-press-event", G_CALLBACK (on_clicked), indicator);

  indicator->menu_item = es_menu_new (window, api);
  indicator->menu_label = gtk_bin_get_child (GTK_BIN (indicator->menu_item));
  gtk_menu_shell_insert (GTK_MENU_SHELL (bar), indicator->menu_item,
                         menu_position (GTK_MENU_SHELL (bar), window->menu.tray));

  pidgin_menu_tray_append (PIDGIN_MENU_TRAY (window->menu.tray), indicator->box, NULL);
  gtk_widget_show_all (indicator->box);
  indicator->request = g_signal_connect (bar, "size-request", G_CALLBACK (on_bar_request), indicator);
  indicator->allocate = g_signal_connect (bar, "size-allocate", G_CALLBACK (on_bar_allocate), indicator);
  g_object_set_data_full (G_OBJECT (window->menu.tray), INDICATOR_KEY, indicator, g_free);
  return indicator;
}

/* A screen reader sees menu items in a menu bar, and nothing of what is in them: the tray, which the arrow keys come to,
 * is called what the indicator says, and the menu has it as its description. */
static void
tell_screen_readers (PidginWindow *window, const Indicator *indicator, const char *state, const char *details)
{
  atk_object_set_name (gtk_widget_get_accessible (window->menu.tray), state);
  atk_object_set_description (gtk_widget_get_accessible (window->menu.tray), details != NULL ? details : "");
  atk_object_set_description (gtk_widget_get_accessible (indicator->menu_item), state);
}

void
es_window_update (PidginWindow *window, const EsApi *api)
{
  Indicator *indicator = g_object_get_data (G_OBJECT (window->menu.tray), INDICATOR_KEY);
  PurpleConversation *conversation = pidgin_conv_window_get_active_conversation (window);
  g_autofree char *text = NULL;
  EsConversation what = { .state = ES_STATE_PLAIN };
  gboolean covered = conversation != NULL && api->covers (conversation);

  if (indicator == NULL)
    indicator = make (window, api);
  if (covered)
    {
      api->describe (conversation, &what);
      text = es_details (conversation, api, &what);
    }

  gtk_widget_set_visible (indicator->box, covered);
  gtk_widget_set_visible (indicator->menu_item, covered);
  es_menu_update (indicator->menu_item);

  es_icon_set_state (indicator->icon, what.state);
  gtk_label_set_text (GTK_LABEL (indicator->label), es_state_label (what.state));
  gtk_widget_set_tooltip_text (indicator->box, text);
  tell_screen_readers (window, indicator, covered ? es_state_label (what.state) : "", text);
}

void
es_window_clear (PidginWindow *window)
{
  Indicator *indicator = g_object_get_data (G_OBJECT (window->menu.tray), INDICATOR_KEY);

  if (indicator == NULL)
    return;
  g_signal_handler_disconnect (window->menu.menubar, indicator->request);
  g_signal_handler_disconnect (window->menu.menubar, indicator->allocate);
  gtk_widget_queue_resize (window->menu.menubar);
  tell_screen_readers (window, indicator, "", NULL);
  es_menu_destroy (indicator->menu_item);
  gtk_widget_destroy (indicator->box);
  g_object_set_data (G_OBJECT (window->menu.tray), INDICATOR_KEY, NULL);
}

GtkWidget *
es_window_menu (PidginWindow *window)
{
  const Indicator *indicator = g_object_get_data (G_OBJECT (window->menu.tray), INDICATOR_KEY);

  return indicator != NULL ? gtk_menu_item_get_submenu (GTK_MENU_ITEM (indicator->menu_item)) : NULL;
}
