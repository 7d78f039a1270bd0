/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-button.h"

#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-details.h"
#include "es-icon.h"
#include "es-window.h"
#include "es-words.h"

/* On the info pane. */
#define BUTTON_KEY "esession-button"

#define ICON_SIZE 16

typedef struct
{
  PidginConversation *gtkconv;
  GtkWidget *holder; /* keeps the button at the end, */
  GtkWidget *button; /* as high as it wants to be */
  GtkWidget *icon;
  GtkWidget *label;
  gulong show; /* handlers on the info pane */
  gulong hide;
} Button;

/* The tab that goes to CONVERSATION at this moment, NULL if there is none: others of the same person may share it. */
static PidginConversation *
tab_of (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  return gtkconv != NULL && gtkconv->infopane_hbox != NULL && gtkconv->active_conv == conversation ? gtkconv : NULL;
}

/* Below the button, whichever way one writes. */
static void
place (GtkMenu *menu, int *x, int *y, gboolean *push_in, gpointer button)
{
  GtkAllocation where;
  GtkRequisition wanted;

  gtk_widget_get_allocation (button, &where);
  gtk_widget_size_request (GTK_WIDGET (menu), &wanted);
  gdk_window_get_origin (gtk_widget_get_window (button), x, y);
  *x += where.x;
  *y += where.y + where.height;
  if (gtk_widget_get_direction (button) == GTK_TEXT_DIR_RTL)
    *x += where.width - wanted.width;
  *push_in = TRUE;
}

/* The window's menu, while it is there and opened. */
static GtkWidget *
opened_menu (const Button *button)
{
  PidginWindow *window = pidgin_conv_get_window (button->gtkconv);
  GtkWidget *menu = window != NULL ? es_window_menu (window) : NULL;

  return menu != NULL && gtk_widget_get_visible (menu) ? menu : NULL;
}

/* What it says would lie over the menu. */
static gboolean
on_tooltip (GtkWidget *widget, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, const Button *button)
{
  if (opened_menu (button) != NULL)
    g_signal_stop_emission_by_name (widget, "query-tooltip");
  return FALSE;
}

/* The menu is the window's, and about the tab that is shown: a screen reader may press the button of another one. */
static void
on_clicked (GtkWidget *widget, const Button *button)
{
  PidginWindow *window = pidgin_conv_get_window (button->gtkconv);
  GtkWidget *menu = window != NULL ? es_window_menu (window) : NULL;

  if (menu == NULL || pidgin_conv_window_get_active_gtkconv (window) != button->gtkconv)
    return;
  gtk_menu_popup (GTK_MENU (menu), NULL, NULL, place, widget, 0, gtk_get_current_event_time ());
  gtk_menu_shell_select_first (GTK_MENU_SHELL (menu), FALSE);
  gtk_widget_trigger_tooltip_query (widget);
}

/* Where it stands: behind the contact's name and before the picture, or in a row of its own where the user wants no details. */

static int
position_of (GtkWidget *child)
{
  int position = 0;

  gtk_container_child_get (GTK_CONTAINER (gtk_widget_get_parent (child)), child, "position", &position, NULL);
  return position;
}

static void
put (const Button *button)
{
  GtkWidget *pane = button->gtkconv->infopane_hbox, *tab = gtk_widget_get_parent (gtk_widget_get_parent (pane));
  gboolean is_there = gtk_widget_get_visible (pane);
  GtkWidget *to = is_there ? pane : tab, *from = gtk_widget_get_parent (button->holder);

  if (to == from)
    return;
  g_object_ref (button->holder);
  if (from != NULL)
    gtk_container_remove (GTK_CONTAINER (from), button->holder);
  gtk_box_pack_start (GTK_BOX (to), button->holder, FALSE, FALSE, 0);
  gtk_box_reorder_child (GTK_BOX (to), button->holder, is_there ? position_of (button->gtkconv->infopane) + 1 : 0);
  g_object_unref (button->holder);
}

static void
on_pane (GtkWidget *pane, const Button *button)
{
  put (button);
}

static Button *
make (PidginConversation *gtkconv)
{
  Button *button = g_new0 (Button, 1);
  GtkWidget *row = gtk_hbox_new (FALSE, 4);

  button->gtkconv = gtkconv;
  button->icon = es_icon_new (ICON_SIZE);
  button->label = gtk_label_new (NULL);
  gtk_box_pack_start (GTK_BOX (row), button->icon, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), button->label, FALSE, FALSE, 0);
  button->button = gtk_button_new ();
  gtk_button_set_relief (GTK_BUTTON (button->button), GTK_RELIEF_NONE);
  gtk_button_set_focus_on_click (GTK_BUTTON (button->button), FALSE);
  gtk_container_add (GTK_CONTAINER (button->button), row);
  button->holder = gtk_alignment_new (1, 0.5, 0, 0);
  gtk_container_add (GTK_CONTAINER (button->holder), button->button);
  gtk_widget_show_all (button->holder);
  g_signal_connect (button->button, "clicked", G_CALLBACK (on_clicked), button);
  g_signal_connect (button->button, "query-tooltip", G_CALLBACK (on_tooltip), button);
  button->show = g_signal_connect_after (gtkconv->infopane_hbox, "show", G_CALLBACK (on_pane), button);
  button->hide = g_signal_connect_after (gtkconv->infopane_hbox, "hide", G_CALLBACK (on_pane), button);
  g_object_set_data_full (G_OBJECT (gtkconv->infopane_hbox), BUTTON_KEY, button, g_free);
  put (button);
  return button;
}

static Button *
button_of (const PidginConversation *gtkconv)
{
  return gtkconv != NULL ? g_object_get_data (G_OBJECT (gtkconv->infopane_hbox), BUTTON_KEY) : NULL;
}

void
es_button_update (PurpleConversation *conversation, const EsApi *api)
{
  PidginConversation *gtkconv = tab_of (conversation);
  Button *button = button_of (gtkconv);
  g_autofree char *details = NULL;
  EsConversation what;

  if (gtkconv == NULL)
    return;
  if (!api->covers (conversation))
    {
      es_button_clear (conversation);
      return;
    }
  if (button == NULL)
    button = make (gtkconv);
  api->describe (conversation, &what);
  details = es_details (conversation, api, &what);
  es_icon_show (button->icon, &what);
  gtk_label_set_text (GTK_LABEL (button->label), es_conversation_label (&what));
  gtk_widget_set_tooltip_text (button->button, details);
  atk_object_set_name (gtk_widget_get_accessible (button->button), es_conversation_label (&what));
  atk_object_set_description (gtk_widget_get_accessible (button->button), details);
}

void
es_button_clear (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = tab_of (conversation);
  Button *button = button_of (gtkconv);

  if (button == NULL)
    return;
  g_signal_handler_disconnect (gtkconv->infopane_hbox, button->show);
  g_signal_handler_disconnect (gtkconv->infopane_hbox, button->hide);
  gtk_widget_destroy (button->holder);
  g_object_set_data (G_OBJECT (gtkconv->infopane_hbox), BUTTON_KEY, NULL);
}
