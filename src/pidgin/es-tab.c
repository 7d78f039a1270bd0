/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-tab.h"

#include <gtkconv.h>

#include "es-icon.h"
#include "es-words.h"

/* On what the tab shows, which is the same widget in whatever window. */
#define TAB_KEY "esession-tab"

#define ICON_SIZE 16

typedef struct
{
  PidginConversation *gtkconv;
  GtkWidget *icon;  /* ours; NULL while Pidgin makes another tab, */
  GtkWidget *label; /* and Pidgin's, behind which it stands, which is gone then as well */
  EsState look;
} Tab;

static const EsApi *core;

/* A picture, for what is behind it is the tab's. */
static void
draw (const Tab *tab)
{
  const GtkStyle *style = gtk_widget_get_style (tab->icon);
  GtkStateType state = gtk_widget_get_state (tab->icon);
  GdkPixbuf *picture = es_icon_picture (tab->look, ICON_SIZE, &style->fg[state], &style->bg[state]);

  gtk_image_set_from_pixbuf (GTK_IMAGE (tab->icon), picture);
  g_object_unref (picture);
}

/* The conversation may be about to end: it is not asked what it is. */
static void
on_style_set (GtkWidget *icon, GtkStyle *former, const Tab *tab)
{
  draw (tab);
}

static void
on_state_changed (GtkWidget *icon, GtkStateType former, const Tab *tab)
{
  draw (tab);
}

static void
show (Tab *tab)
{
  PurpleConversation *conversation = tab->gtkconv->active_conv;
  EsConversation what;

  gtk_widget_set_visible (tab->icon, core->covers (conversation));
  core->describe (conversation, &what);
  tab->look = es_conversation_look (&what);
  draw (tab);
}

static void put (Tab *tab);

/* The user wants tabs on another side: Pidgin has put the name into another box, and throws away the former one. */
static void
on_packed (GtkWidget *label, GtkWidget *former, Tab *tab)
{
  if (gtk_widget_get_parent (label) == tab->gtkconv->tabby)
    put (tab);
}

/* Or it has moved all to another window, where the tab has another name. */
static void
on_added (GtkWidget *page, GtkWidget *former, Tab *tab)
{
  if (gtk_widget_get_parent (page) != NULL)
    put (tab);
}

static void
put (Tab *tab)
{
  GtkWidget *label = tab->gtkconv->tab_label, *box = tab->gtkconv->tabby;
  int position = 0;

  if (tab->icon != NULL && gtk_widget_get_parent (tab->icon) == box)
    return;
  if (tab->icon != NULL)
    gtk_widget_destroy (tab->icon);
  tab->icon = gtk_image_new ();
  g_signal_connect (tab->icon, "destroy", G_CALLBACK (gtk_widget_destroyed), &tab->icon);
  g_signal_connect (tab->icon, "style-set", G_CALLBACK (on_style_set), tab);
  g_signal_connect (tab->icon, "state-changed", G_CALLBACK (on_state_changed), tab);
  gtk_box_pack_start (GTK_BOX (box), tab->icon, FALSE, FALSE, 0);
  gtk_container_child_get (GTK_CONTAINER (box), label, "position", &position, NULL);
  gtk_box_reorder_child (GTK_BOX (box), tab->icon, position + 1);
  show (tab);
  if (tab->label == label)
    return;
  tab->label = label;
  g_signal_connect (label, "parent-set", G_CALLBACK (on_packed), tab);
  g_signal_connect (label, "destroy", G_CALLBACK (gtk_widget_destroyed), &tab->label);
}

/* Its widgets may live longer. */
static void
tab_free (gpointer data)
{
  Tab *tab = data;

  if (tab->label != NULL)
    {
      g_signal_handlers_disconnect_by_data (tab->label, tab);
      g_signal_handlers_disconnect_by_data (tab->label, &tab->label);
    }
  if (tab->icon != NULL)
    gtk_widget_destroy (tab->icon);
  g_free (tab);
}

void
es_tab_update (PurpleConversation *conversation, const EsApi *api)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  Tab *tab = gtkconv != NULL ? g_object_get_data (G_OBJECT (gtkconv->tab_cont), TAB_KEY) : NULL;

  core = api;
  if (gtkconv == NULL || gtkconv->tabby == NULL || gtkconv->active_conv != conversation
      || (tab == NULL && !api->covers (conversation)))
    return;
  if (tab == NULL)
    {
      tab = g_new0 (Tab, 1);
      tab->gtkconv = gtkconv;
      g_object_set_data_full (G_OBJECT (gtkconv->tab_cont), TAB_KEY, tab, tab_free);
      g_signal_connect (gtkconv->tab_cont, "parent-set", G_CALLBACK (on_added), tab);
    }
  if (tab->icon == NULL)
    put (tab);
  else
    show (tab);
}

void
es_tab_clear (PurpleConversation *conversation)
{
  const PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  gpointer tab = gtkconv != NULL ? g_object_get_data (G_OBJECT (gtkconv->tab_cont), TAB_KEY) : NULL;

  if (tab == NULL)
    return;
  g_signal_handlers_disconnect_by_data (gtkconv->tab_cont, tab);
  g_object_set_data (G_OBJECT (gtkconv->tab_cont), TAB_KEY, NULL);
}
