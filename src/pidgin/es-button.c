/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-button.h"

#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-details.h"
#include "es-icon.h"
#include "es-settings.h"
#include "es-window.h"
#include "es-words.h"

/* On the toolbar. */
#define BUTTON_KEY "esession-button"

#define ICON_SIZE 16

typedef struct
{
  GtkWidget *button;
  GtkWidget *icon;
  GtkWidget *label;
} Button;

/* The tab that goes to CONVERSATION at this moment, NULL if there is none: others of the same person may share it. */
static PidginConversation *
tab_of (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  return gtkconv != NULL && gtkconv->toolbar != NULL && gtkconv->active_conv == conversation ? gtkconv : NULL;
}

static void
place (GtkMenu *menu, int *x, int *y, gboolean *push_in, gpointer button)
{
  GtkAllocation where;

  gtk_widget_get_allocation (button, &where);
  gdk_window_get_origin (gtk_widget_get_window (button), x, y);
  *x += where.x;
  *y += where.y + where.height;
  *push_in = TRUE;
}

static void
on_clicked (GtkWidget *button, PidginConversation *gtkconv)
{
  PidginWindow *window = pidgin_conv_get_window (gtkconv);
  GtkWidget *menu = window != NULL ? es_window_menu (window) : NULL;

  if (menu == NULL)
    return;
  gtk_menu_popup (GTK_MENU (menu), NULL, NULL, place, button, 0, gtk_get_current_event_time ());
  gtk_menu_shell_select_first (GTK_MENU_SHELL (menu), FALSE);
}

/* It takes what room there is left in the toolbar, and asks for none that would widen the window. */
static Button *
make (PidginConversation *gtkconv)
{
  Button *button = g_new0 (Button, 1);
  GtkWidget *row = gtk_hbox_new (FALSE, 4), *left = gtk_alignment_new (0, 0.5, 1, 0);

  button->icon = es_icon_new (ICON_SIZE);
  button->label = gtk_label_new (NULL);
  gtk_label_set_ellipsize (GTK_LABEL (button->label), PANGO_ELLIPSIZE_END);
  gtk_misc_set_alignment (GTK_MISC (button->label), 0, 0.5);
  gtk_box_pack_start (GTK_BOX (row), button->icon, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), button->label, TRUE, TRUE, 0);
  button->button = gtk_button_new ();
  gtk_button_set_relief (GTK_BUTTON (button->button), GTK_RELIEF_NONE);
  gtk_button_set_focus_on_click (GTK_BUTTON (button->button), FALSE);
  gtk_container_add (GTK_CONTAINER (left), row);
  gtk_container_add (GTK_CONTAINER (button->button), left);
  g_signal_connect (button->button, "clicked", G_CALLBACK (on_clicked), gtkconv);
  gtk_box_pack_start (GTK_BOX (gtkconv->toolbar), button->button, TRUE, TRUE, 0);
  gtk_widget_show_all (button->button);
  g_object_set_data_full (G_OBJECT (gtkconv->toolbar), BUTTON_KEY, button, g_free);
  return button;
}

void
es_button_update (PurpleConversation *conversation, const EsApi *api)
{
  PidginConversation *gtkconv = tab_of (conversation);
  Button *button = gtkconv != NULL ? g_object_get_data (G_OBJECT (gtkconv->toolbar), BUTTON_KEY) : NULL;
  g_autofree char *details = NULL;
  EsConversation what;

  if (gtkconv == NULL)
    return;
  if (!purple_prefs_get_bool (ES_PREF_TOOLBAR) || !api->covers (conversation))
    {
      es_button_clear (conversation);
      return;
    }
  if (button == NULL)
    button = make (gtkconv);
  api->describe (conversation, &what);
  details = es_details (conversation, api, &what);
  es_icon_set_state (button->icon, what.state);
  gtk_label_set_text (GTK_LABEL (button->label), es_state_label (what.state));
  gtk_widget_set_tooltip_text (button->button, details);
  atk_object_set_name (gtk_widget_get_accessible (button->button), es_state_label (what.state));
  atk_object_set_description (gtk_widget_get_accessible (button->button), details);
}

void
es_button_clear (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = tab_of (conversation);
  Button *button = gtkconv != NULL ? g_object_get_data (G_OBJECT (gtkconv->toolbar), BUTTON_KEY) : NULL;

  if (button == NULL)
    return;
  gtk_widget_destroy (button->button);
  g_object_set_data (G_OBJECT (gtkconv->toolbar), BUTTON_KEY, NULL);
}
