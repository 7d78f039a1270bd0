/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-window.h"

#include <glib/gi18n-lib.h>

#include <gtkmenutray.h>

#include "es-about.h"
#include "es-icon.h"
#include "es-verify.h"

/* Kept on the window's menu tray: Pidgin's windows are no GObjects. */
#define INDICATOR_KEY "esession-indicator"

#define ICON_SIZE 16

typedef struct
{
  PidginWindow *window;
  const EsApi *api;
  GtkWidget *box; /* in the tray */
  GtkWidget *icon;
  GtkWidget *label;
  GtkWidget *menu_item; /* in the menu bar */
  GtkWidget *start;
  GtkWidget *end;
  GtkWidget *verify;
} Indicator;

static PurpleConversation *
active_conversation (const Indicator *indicator)
{
  return pidgin_conv_window_get_active_conversation (indicator->window);
}

static void
on_start (GtkMenuItem *item, Indicator *indicator)
{
  indicator->api->user_start (active_conversation (indicator));
}

static void
on_end (GtkMenuItem *item, Indicator *indicator)
{
  indicator->api->user_end (active_conversation (indicator));
}

static void
on_verify (GtkMenuItem *item, Indicator *indicator)
{
  es_verify_show (active_conversation (indicator), indicator->api);
}

static void
on_about (GtkMenuItem *item, Indicator *indicator)
{
  es_about_show (GTK_WINDOW (indicator->window->window));
}

static GtkWidget *
add_item (Indicator *indicator, GtkWidget *menu, const char *label, GCallback callback)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  g_signal_connect (item, "activate", callback, indicator);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  return item;
}

static GtkWidget *
make_menu (Indicator *indicator)
{
  GtkWidget *menu = gtk_menu_new ();

  indicator->start = add_item (indicator, menu, _ ("_Start"), G_CALLBACK (on_start));
  indicator->end = add_item (indicator, menu, _ ("_End"), G_CALLBACK (on_end));
  indicator->verify = add_item (indicator, menu, _ ("_Verify..."), G_CALLBACK (on_verify));
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), gtk_separator_menu_item_new ());
  add_item (indicator, menu, _ ("_What is this?"), G_CALLBACK (on_about));
  return menu;
}

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
  GtkWidget *row = gtk_hbox_new (FALSE, 4);
  GtkWidget *bar = window->menu.menubar;

  indicator->window = window;
  indicator->api = api;
  indicator->icon = es_icon_new (ICON_SIZE);
  indicator->label = gtk_label_new (NULL);
  gtk_box_pack_start (GTK_BOX (row), indicator->icon, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), indicator->label, FALSE, FALSE, 0);

  indicator->box = gtk_event_box_new ();
  gtk_event_box_set_visible_window (GTK_EVENT_BOX (indicator->box), FALSE);
  gtk_container_add (GTK_CONTAINER (indicator->box), row);
  g_signal_connect (indicator->box, "button-press-event", G_CALLBACK (on_clicked), indicator);

  indicator->menu_item = gtk_menu_item_new_with_mnemonic (_ ("_Encryption"));
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (indicator->menu_item), make_menu (indicator));
  gtk_menu_shell_insert (GTK_MENU_SHELL (bar), indicator->menu_item,
                         menu_position (GTK_MENU_SHELL (bar), window->menu.tray));
  gtk_widget_show_all (indicator->menu_item);

  pidgin_menu_tray_append (PIDGIN_MENU_TRAY (window->menu.tray), indicator->box, NULL);
  gtk_widget_show_all (indicator->box);
  g_object_set_data_full (G_OBJECT (window->menu.tray), INDICATOR_KEY, indicator, g_free);
  return indicator;
}

/* What the mouse shows, and a screen reader says: everything there is to know. */
static char *
details (const EsConversation *what)
{
  const char *label = es_state_label (what->state);
  g_autoptr (GDateTime) since = NULL;
  g_autofree char *time = NULL;

  if (what->device == NULL)
    return g_strdup (label);
  since = g_date_time_new_from_unix_local (what->since);
  time = g_date_time_format (since, "%X");
  return g_strdup_printf (_ ("%s, with %s, since %s"), label, what->device, time);
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
    api->describe (conversation, &what);

  gtk_widget_set_visible (indicator->box, covered);
  gtk_widget_set_visible (indicator->menu_item, covered);
  gtk_widget_set_sensitive (indicator->start, what.can_start);
  gtk_widget_set_sensitive (indicator->end, what.can_end);
  gtk_widget_set_sensitive (indicator->verify, what.can_verify);

  es_icon_set_state (indicator->icon, what.state);
  gtk_label_set_text (GTK_LABEL (indicator->label), es_state_label (what.state));
  text = details (&what);
  gtk_widget_set_tooltip_text (indicator->box, text);
  atk_object_set_name (gtk_widget_get_accessible (indicator->box), text);
}

void
es_window_clear (PidginWindow *window)
{
  Indicator *indicator = g_object_get_data (G_OBJECT (window->menu.tray), INDICATOR_KEY);

  if (indicator == NULL)
    return;
  gtk_widget_destroy (indicator->menu_item);
  gtk_widget_destroy (indicator->box);
  g_object_set_data (G_OBJECT (window->menu.tray), INDICATOR_KEY, NULL);
}
