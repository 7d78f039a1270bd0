/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-device-list.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-lists.h"
#include "es-shown.h"

#define LIST_KEY "esession-list"

/* What is said of a device that was moved away is longer than a day: it is broken at so many pixels. */
#define MARK_WIDTH 170

enum
{
  DEVICE, /* const EsRemembered * */
  CONTACT,
  NAME,
  ACCOUNT,
  VERIFIED,
  CREATED,
  LAST_USED,
  N_COLUMNS
};

struct _EsDeviceList
{
  GtkWidget *view;
  GtkListStore *store;
  GtkTreeViewColumn *columns[N_COLUMNS];
  GPtrArray *devices;
};

/* Reading */

static const EsRemembered *
device_at (GtkTreeModel *model, GtkTreeIter *iter)
{
  EsRemembered *device = NULL;

  gtk_tree_model_get (model, iter, DEVICE, &device, -1);
  return device;
}

GPtrArray *
es_device_list_selected (EsDeviceList *list)
{
  GPtrArray *selected = g_ptr_array_new ();
  GtkTreeModel *model = GTK_TREE_MODEL (list->store);
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (list->view));
  GtkTreeIter iter;

  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more;
       more = gtk_tree_model_iter_next (model, &iter))
    if (gtk_tree_selection_iter_is_selected (selection, &iter))
      g_ptr_array_add (selected, (gpointer) device_at (model, &iter));
  return selected;
}

static gboolean
holds (const char *text, const char *folded_words)
{
  g_autofree char *folded = text != NULL ? g_utf8_casefold (text, -1) : NULL;

  return folded != NULL && strstr (folded, folded_words) != NULL;
}

/* Each of WORDS anywhere. */
static gboolean
matches (const EsRemembered *device, const char *words)
{
  g_autofree char *folded = g_utf8_casefold (words, -1), *name = es_device_shown_name (device);
  g_auto (GStrv) each = g_strsplit_set (folded, " \t", -1);

  for (guint i = 0; each[i] != NULL; i++)
    if (!holds (device->contact, each[i]) && !holds (device->alias, each[i]) && !holds (name, each[i])
        && !holds (device->account_name, each[i]))
      return FALSE;
  return TRUE;
}

/* Order */

static int
compare_numbers (gint64 a, gint64 b)
{
  return a < b ? -1 : a > b;
}

static int
compare (GtkTreeModel *model, GtkTreeIter *left, GtkTreeIter *right, gpointer data)
{
  const EsRemembered *a = device_at (model, left), *b = device_at (model, right);
  int column = GPOINTER_TO_INT (data), order = 0;
  g_autofree char *first = NULL, *second = NULL;

  /* Rows are empty before they are filled. */
  if (a == NULL || b == NULL)
    return (a != NULL) - (b != NULL);
  if (column == VERIFIED)
    order = compare_numbers (a->verified ? a->verified_at + 1 : 0, b->verified ? b->verified_at + 1 : 0);
  else if (column == CREATED)
    order = compare_numbers (a->created, b->created);
  else if (column == LAST_USED)
    order = a->connected != b->connected ? a->connected - b->connected : compare_numbers (a->last_used, b->last_used);
  else
    {
      gtk_tree_model_get (model, left, column, &first, -1);
      gtk_tree_model_get (model, right, column, &second, -1);
      order = g_utf8_collate (first, second);
    }
  return order != 0 ? order : compare_numbers (a->id, b->id);
}

/* Filling */

static void
append (EsDeviceList *list, const EsRemembered *device)
{
  g_autofree char *contact = es_device_shown_contact (device), *name = es_device_shown_name (device),
                  *account = es_shown_name (device->account_name), *mark = es_device_shown_mark (device),
                  *created = es_shown_day (device->created), *used = es_shown_day (device->last_used);

  gtk_list_store_insert_with_values (list->store, NULL, -1, DEVICE, device, CONTACT, contact, NAME, name, ACCOUNT,
                                     account, VERIFIED, mark, CREATED, created, LAST_USED,
                                     device->connected ? _ ("connected now") : used, -1);
}

static gboolean
has_several_accounts (const GPtrArray *devices)
{
  for (guint i = 1; i < devices->len; i++)
    if (strcmp (((const EsRemembered *) devices->pdata[0])->account_name,
                ((const EsRemembered *) devices->pdata[i])->account_name)
        != 0)
      return TRUE;
  return FALSE;
}

static gint64
cursor_device (EsDeviceList *list)
{
  GtkTreePath *path = NULL;
  GtkTreeIter iter;
  gint64 id = 0;

  gtk_tree_view_get_cursor (GTK_TREE_VIEW (list->view), &path, NULL);
  if (path != NULL && gtk_tree_model_get_iter (GTK_TREE_MODEL (list->store), &iter, path))
    id = device_at (GTK_TREE_MODEL (list->store), &iter)->id;
  gtk_tree_path_free (path);
  return id;
}

static void
select_again (EsDeviceList *list, gint64 cursor, GHashTable *ids)
{
  GtkTreeModel *model = GTK_TREE_MODEL (list->store);
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (list->view));
  GtkTreeIter iter;

  /* The cursor first: setting it selects its row alone. */
  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); cursor != 0 && more;
       more = gtk_tree_model_iter_next (model, &iter))
    if (device_at (model, &iter)->id == cursor)
      {
        GtkTreePath *path = gtk_tree_model_get_path (model, &iter);

        gtk_tree_view_set_cursor (GTK_TREE_VIEW (list->view), path, NULL, FALSE);
        gtk_tree_path_free (path);
      }
  gtk_tree_selection_unselect_all (selection);
  for (gboolean more = gtk_tree_model_get_iter_first (model, &iter); more;
       more = gtk_tree_model_iter_next (model, &iter))
    if (g_hash_table_contains (ids, &device_at (model, &iter)->id))
      gtk_tree_selection_select_iter (selection, &iter);
}

/* Whoever comes by keyboard, or opens the window, has a row to begin with. */
static void
select_first (EsDeviceList *list)
{
  g_autoptr (GPtrArray) selected = es_device_list_selected (list);
  GtkTreeIter iter;
  GtkTreePath *path = NULL;

  if (selected->len > 0 || !gtk_tree_model_get_iter_first (GTK_TREE_MODEL (list->store), &iter))
    return;
  path = gtk_tree_model_get_path (GTK_TREE_MODEL (list->store), &iter);
  gtk_tree_view_set_cursor (GTK_TREE_VIEW (list->view), path, NULL, FALSE);
  gtk_tree_path_free (path);
}

guint
es_device_list_fill (EsDeviceList *list, GPtrArray *devices, const char *words)
{
  g_autoptr (GPtrArray) selected = NULL, before = NULL;
  g_autoptr (GHashTable) ids = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  gint64 cursor = cursor_device (list);

  selected = es_device_list_selected (list);
  for (guint i = 0; i < selected->len; i++)
    g_hash_table_add (ids, g_memdup2 (&((const EsRemembered *) selected->pdata[i])->id, sizeof (gint64)));

  before = list->devices;
  list->devices = devices;
  gtk_list_store_clear (list->store);
  for (guint i = 0; i < devices->len; i++)
    if (matches (devices->pdata[i], words))
      append (list, devices->pdata[i]);
  gtk_tree_view_column_set_visible (list->columns[ACCOUNT], has_several_accounts (devices));
  select_again (list, cursor, ids);
  if (cursor == 0)
    select_first (list);
  return (guint) gtk_tree_model_iter_n_children (GTK_TREE_MODEL (list->store), NULL);
}

static gboolean
on_focus_in (GtkWidget *view, GdkEventFocus *event, EsDeviceList *list)
{
  select_first (list);
  return FALSE;
}

/* Making */

static void
add_column (EsDeviceList *list, int number, const char *title, int width)
{
  GtkCellRenderer *cell = gtk_cell_renderer_text_new ();
  GtkTreeViewColumn *column = gtk_tree_view_column_new_with_attributes (title, cell, "text", number, NULL);

  gtk_tree_view_column_set_resizable (column, TRUE);
  gtk_tree_view_column_set_sort_column_id (column, number);
  if (width > 0)
    {
      /* Of a contact the beginning says who, the end which server. */
      g_object_set (cell, "ellipsize", number == CONTACT ? PANGO_ELLIPSIZE_MIDDLE : PANGO_ELLIPSIZE_END, NULL);
      gtk_tree_view_column_set_expand (column, TRUE);
      gtk_tree_view_column_set_min_width (column, width);
    }
  if (number == VERIFIED)
    g_object_set (cell, "wrap-mode", PANGO_WRAP_WORD, "wrap-width", MARK_WIDTH, NULL);
  gtk_tree_view_append_column (GTK_TREE_VIEW (list->view), column);
  gtk_tree_sortable_set_sort_func (GTK_TREE_SORTABLE (list->store), number, compare, GINT_TO_POINTER (number), NULL);
  list->columns[number] = column;
}

static void
on_destroy (GtkWidget *view, EsDeviceList *list)
{
  gtk_list_store_clear (list->store);
  g_clear_pointer (&list->devices, g_ptr_array_unref);
}

static void
list_free (gpointer data)
{
  EsDeviceList *list = data;

  g_object_unref (list->store);
  g_free (list);
}

EsDeviceList *
es_device_list_new (void)
{
  EsDeviceList *list = g_new0 (EsDeviceList, 1);

  list->store = gtk_list_store_new (N_COLUMNS, G_TYPE_POINTER, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING,
                                    G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  list->view = gtk_tree_view_new_with_model (GTK_TREE_MODEL (list->store));
  add_column (list, CONTACT, _ ("Contact"), 110);
  add_column (list, NAME, _ ("Device"), 70);
  add_column (list, ACCOUNT, _ ("Your account"), 70);
  add_column (list, VERIFIED, _ ("Verified"), 0);
  add_column (list, CREATED, _ ("First used"), 0);
  add_column (list, LAST_USED, _ ("Last used"), 0);
  gtk_tree_sortable_set_sort_column_id (GTK_TREE_SORTABLE (list->store), CONTACT, GTK_SORT_ASCENDING);

  gtk_tree_view_set_enable_search (GTK_TREE_VIEW (list->view), FALSE);
  gtk_tree_view_set_rules_hint (GTK_TREE_VIEW (list->view), TRUE);
  gtk_tree_selection_set_mode (gtk_tree_view_get_selection (GTK_TREE_VIEW (list->view)), GTK_SELECTION_MULTIPLE);
  atk_object_set_name (gtk_widget_get_accessible (list->view), _ ("Remembered devices"));
  g_signal_connect (list->view, "focus-in-event", G_CALLBACK (on_focus_in), list);
  g_signal_connect (list->view, "destroy", G_CALLBACK (on_destroy), list);
  g_object_set_data_full (G_OBJECT (list->view), LIST_KEY, list, list_free);
  return list;
}

GtkWidget *
es_device_list_widget (EsDeviceList *list)
{
  return list->view;
}
