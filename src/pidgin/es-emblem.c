/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-emblem.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkblist.h>

#include "es-icon.h"

#define ICON_SIZE 16

static const EsApi *core;

/* Whom a PurpleBuddy stood for when it was asked about, which may be somebody else by now, and whether that one was verified. */
typedef struct
{
  PurpleAccount *account; /* only to be compared */
  char *name;
  gboolean verified;
} Known;

/* Of the PurpleBuddy that were asked about since that may have changed; only to be compared. */
static GHashTable *known;

/* In the buddy list, while that is there. */
static GtkTreeViewColumn *column;
static GdkPixbuf *pictures[GTK_STATE_INSENSITIVE + 1]; /* in a row of that state; NULL: it is to be drawn */
static gulong style_handler;

static void
known_free (gpointer data)
{
  Known *of = data;

  g_free (of->name);
  g_free (of);
}

static gboolean
is_verified (PurpleBuddy *buddy)
{
  PurpleAccount *account = purple_buddy_get_account (buddy);
  const char *name = purple_buddy_get_name (buddy);
  Known *found = g_hash_table_lookup (known, buddy);

  if (found == NULL || found->account != account || strcmp (found->name, name) != 0)
    {
      found = g_new (Known, 1);
      *found = (Known){ account, g_strdup (name), core->has_verified (buddy) };
      g_hash_table_insert (known, buddy, found);
    }
  return found->verified;
}

/* The contact that a row is about, or the one that stands for a person; NULL where others below do. */
static PurpleBuddy *
buddy_of (GtkTreeModel *model, GtkTreeIter *iter)
{
  PurpleBlistNode *node = NULL;

  gtk_tree_model_get (model, iter, NODE_COLUMN, &node, -1);
  if (node != NULL && PURPLE_BLIST_NODE_IS_BUDDY (node))
    return PURPLE_BUDDY (node);
  if (node != NULL && PURPLE_BLIST_NODE_IS_CONTACT (node) && !gtk_tree_model_iter_has_child (model, iter))
    return purple_contact_get_priority_buddy (PURPLE_CONTACT (node));
  return NULL;
}

static GdkPixbuf *
picture_for (GtkWidget *tree, gboolean selected)
{
  const GtkStyle *style = gtk_widget_get_style (tree);
  GtkStateType state = !selected                     ? GTK_STATE_NORMAL
                       : gtk_widget_has_focus (tree) ? GTK_STATE_SELECTED
                                                     : GTK_STATE_ACTIVE;

  if (pictures[state] == NULL)
    pictures[state] = es_icon_picture (ES_STATE_VERIFIED, ICON_SIZE, &style->text[state], &style->base[state]);
  return pictures[state];
}

static void
on_cell (GtkTreeViewColumn *ours, GtkCellRenderer *cell, GtkTreeModel *model, GtkTreeIter *iter, gpointer data)
{
  GtkWidget *tree = gtk_tree_view_column_get_tree_view (ours);
  PurpleBuddy *buddy = buddy_of (model, iter);
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (tree));
  gboolean shown = buddy != NULL && is_verified (buddy);

  /* Where nobody is, the column takes no room. */
  g_object_set (cell, "xpad", shown ? 3 : 0, "pixbuf",
                shown ? picture_for (tree, gtk_tree_selection_iter_is_selected (selection, iter)) : NULL, NULL);
}

static void
forget_pictures (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    g_clear_object (&pictures[i]);
}

static void
on_style_set (GtkWidget *tree, GtkStyle *former, gpointer data)
{
  forget_pictures ();
}

static void
attach (PidginBuddyList *list)
{
  GtkCellRenderer *cell = gtk_cell_renderer_pixbuf_new ();

  column = gtk_tree_view_column_new_with_attributes (NULL, cell, "cell-background-gdk", BGCOLOR_COLUMN, NULL);
  g_object_set (cell, "ypad", 0, NULL);
  gtk_tree_view_column_set_cell_data_func (column, cell, on_cell, NULL, NULL);
  gtk_tree_view_append_column (GTK_TREE_VIEW (list->treeview), column);
  g_object_add_weak_pointer (G_OBJECT (column), (gpointer *) &column);

  /* The last one has what is left over, unless another one wants it. */
  gtk_tree_view_column_set_expand (list->text_column, TRUE);
  style_handler = g_signal_connect (list->treeview, "style-set", G_CALLBACK (on_style_set), NULL);
}

static void
on_list_created (PurpleBuddyList *list, gpointer data)
{
  attach (PIDGIN_BLIST (list));
}

static void
on_tooltip (PurpleBlistNode *node, GString *text, gboolean full, gpointer data)
{
  if (PURPLE_BLIST_NODE_IS_BUDDY (node) && is_verified (PURPLE_BUDDY (node)))
    g_string_append_printf (text, "\n%s", _ ("You have verified a device of this contact."));
}

static void
on_removed (PurpleBuddy *buddy, gpointer data)
{
  g_hash_table_remove (known, buddy);
}

void
es_emblem_update (void)
{
  if (known == NULL)
    return;
  g_hash_table_remove_all (known);
  if (column != NULL)
    gtk_tree_view_column_queue_resize (column);
}

void
es_emblem_init (gpointer handle, const EsApi *api)
{
  PidginBuddyList *list = pidgin_blist_get_default_gtk_blist ();

  core = api;
  known = g_hash_table_new_full (NULL, NULL, NULL, known_free);
  purple_signal_connect (pidgin_blist_get_handle (), "gtkblist-created", handle, PURPLE_CALLBACK (on_list_created),
                         NULL);
  purple_signal_connect (pidgin_blist_get_handle (), "drawing-tooltip", handle, PURPLE_CALLBACK (on_tooltip), NULL);
  purple_signal_connect (purple_blist_get_handle (), "buddy-removed", handle, PURPLE_CALLBACK (on_removed), NULL);
  if (list != NULL && list->treeview != NULL)
    attach (list);
}

void
es_emblem_stop (void)
{
  PidginBuddyList *list = pidgin_blist_get_default_gtk_blist ();

  if (column != NULL)
    {
      GtkWidget *tree = gtk_tree_view_column_get_tree_view (column);

      g_object_remove_weak_pointer (G_OBJECT (column), (gpointer *) &column);
      g_signal_handler_disconnect (tree, style_handler);
      gtk_tree_view_column_set_expand (list->text_column, FALSE);
      gtk_tree_view_remove_column (GTK_TREE_VIEW (tree), column);
      column = NULL;
    }
  forget_pictures ();
  g_clear_pointer (&known, g_hash_table_unref);
}
