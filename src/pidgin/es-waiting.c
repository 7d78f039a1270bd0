/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-waiting.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkimhtml.h>

#include "es-glance.h"
#include "es-icon.h"
#include "es-secret.h"
#include "es-shown.h"

/* On the list; and on a button the label of what it is about, and what it does to that. */
#define LIST_KEY "esession-waiting"
#define LABEL_KEY "esession-label"
#define DEED_KEY "esession-deed"

/* In a question; and in the list, which has room for some and half of one more, so that it is seen that there are others. Nobody reads
 * more than so many there. */
#define MAX_QUOTED 3
#define MAX_HIGH 3
#define MAX_SHOWN 100
#define CLOCK_SIZE 12
#define SPACING 6

/* A button in a row, which is no higher than the text. */
#define FLAT "esession-flat"

typedef enum
{
  EDIT,
  DISCARD,
  UNDO
} Deed;

typedef struct
{
  PidginConversation *gtkconv;
  const EsApi *api;
  GtkWidget *box; /* scrolls */
  GtkWidget *rows;
  char *shown;  /* labels of what it shows */
  char *chosen; /* the label of what the user has chosen a button of, NULL for none, */
  Deed deed;    /* and which, */
  guint source; /* as soon as the button is through with it */
} List;

static List *
list_of (GtkWidget *box)
{
  return g_object_get_data (G_OBJECT (box), LIST_KEY);
}

static void
list_free (gpointer data)
{
  List *list = data;

  if (list->source != 0)
    g_source_remove (list->source);
  g_free (list->shown);
  g_free (list->chosen);
  g_free (list);
}

/* One line, as text. */
static char *
line_of (const EsWaitingText *waiting, gboolean quoted)
{
  char *plain = purple_markup_strip_html (waiting->text);
  char *line = quoted ? es_quoted_name (plain) : es_shown_name (plain);

  es_octets_wipe (plain, strlen (plain));
  g_free (plain);
  return line;
}

/* All of it, for whoever stays on the line. */
static char *
whole_of (const EsWaitingText *waiting)
{
  char *plain = purple_markup_strip_html (waiting->text);
  char *text = es_shown_text (plain);

  es_octets_wipe (plain, strlen (plain));
  g_free (plain);
  return text;
}

static char *
more_of (guint n)
{
  /* Translators: after a list of the first messages: how many others there are. */
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %u more", "and %u more", n), n);
}

/* What the user wants to be sent. */
static GPtrArray *
wanted (PurpleConversation *conversation, const EsApi *api)
{
  GPtrArray *all = api->waiting (conversation);

  for (guint i = all->len; i-- > 0;)
    if (((const EsWaitingText *) all->pdata[i])->discarded)
      g_ptr_array_remove_index (all, i);
  return all;
}

char *
es_waiting_quoted (PurpleConversation *conversation, const EsApi *api)
{
  g_autoptr (GPtrArray) all = wanted (conversation, api);
  GString *text = g_string_new ("");

  for (guint i = 0; i < MIN (all->len, MAX_QUOTED); i++)
    {
      g_autofree char *line = line_of (all->pdata[i], TRUE);

      g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", line);
    }
  if (all->len > MAX_QUOTED)
    {
      g_autofree char *more = more_of (all->len - MAX_QUOTED);

      g_string_append_printf (text, "\n%s", more);
    }
  return g_string_free (text, FALSE);
}

/* Behind what is being typed. */
static void
put_into_entry (const PidginConversation *gtkconv, const char *text)
{
  if (gtk_text_buffer_get_char_count (gtkconv->entry_buffer) > 0)
    gtk_imhtml_append_text (GTK_IMHTML (gtkconv->entry), "<br>", 0);
  gtk_imhtml_append_text (GTK_IMHTML (gtkconv->entry), text, 0);
}

static gboolean
on_chosen (gpointer data)
{
  List *list = data;
  g_autofree char *label = g_steal_pointer (&list->chosen);
  const PidginConversation *gtkconv = list->gtkconv;
  char *text = NULL;

  list->source = 0;
  if (list->deed == DISCARD)
    list->api->user_discard (gtkconv->active_conv, label);
  else if (list->deed == UNDO)
    list->api->user_undo_discard (gtkconv->active_conv, label);
  else
    text = list->api->user_withdraw (gtkconv->active_conv, label);
  if (text != NULL || list->deed != EDIT)
    gtk_widget_grab_focus (gtkconv->entry);
  if (text == NULL)
    return G_SOURCE_REMOVE;
  put_into_entry (gtkconv, text);
  es_octets_wipe (text, strlen (text));
  g_free (text);
  return G_SOURCE_REMOVE;
}

static void
on_clicked (GtkWidget *button, List *list)
{
  if (list->source != 0)
    return;
  list->chosen = g_strdup (g_object_get_data (G_OBJECT (button), LABEL_KEY));
  list->deed = (Deed) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (button), DEED_KEY));
  list->source = g_idle_add (on_chosen, list);
}

static void
add_button (List *list, GtkWidget *row, const char *label, Deed deed, const EsWaitingText *waiting)
{
  GtkWidget *button = gtk_button_new_with_mnemonic (label);
  g_autofree char *line = line_of (waiting, FALSE);

  gtk_widget_set_name (button, FLAT);
  gtk_button_set_relief (GTK_BUTTON (button), GTK_RELIEF_NONE);
  gtk_button_set_focus_on_click (GTK_BUTTON (button), FALSE);
  atk_object_set_description (gtk_widget_get_accessible (button), line);
  g_object_set_data_full (G_OBJECT (button), LABEL_KEY, g_strdup (waiting->label), g_free);
  g_object_set_data (G_OBJECT (button), DEED_KEY, GINT_TO_POINTER (deed));
  g_signal_connect (button, "clicked", G_CALLBACK (on_clicked), list);
  gtk_box_pack_start (GTK_BOX (row), button, FALSE, FALSE, 0);
}

/* Between the two, nearer to the text. */
static guint16
mix (guint16 ink, guint16 paper)
{
  return (guint16) ((2 * ink + paper) / 3);
}

/* Paler, and slanted: it is not said yet. */
static GtkWidget *
new_line (GtkWidget *box, const char *text)
{
  GtkWidget *label = gtk_label_new (text);
  const GtkStyle *style = gtk_widget_get_style (box);
  const GdkColor *ink = &style->fg[GTK_STATE_NORMAL], *paper = &style->bg[GTK_STATE_NORMAL];
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_style_new (PANGO_STYLE_ITALIC));
  pango_attr_list_insert (attributes,
                          pango_attr_foreground_new (mix (ink->red, paper->red), mix (ink->green, paper->green),
                                                     mix (ink->blue, paper->blue)));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  pango_attr_list_unref (attributes);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0.5);
  return label;
}

/* Where there is no clock. */
static GtkWidget *
new_space (void)
{
  GtkWidget *space = gtk_alignment_new (0, 0, 0, 0);

  gtk_widget_set_size_request (space, CLOCK_SIZE, -1);
  return space;
}

/* Below the others, where their text begins. */
static void
add_more (const List *list, guint n)
{
  GtkWidget *row = gtk_hbox_new (FALSE, 0);
  g_autofree char *more = more_of (n);

  gtk_box_pack_start (GTK_BOX (row), new_space (), FALSE, FALSE, SPACING);
  gtk_box_pack_start (GTK_BOX (row), new_line (list->box, more), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (list->rows), row, FALSE, FALSE, 0);
}

/* In GTK's own words, without the key: it is beside others. */
static char *
undo_label (void)
{
  GtkStockItem item;

  return purple_text_strip_mnemonic (gtk_stock_lookup (GTK_STOCK_UNDO, &item) ? item.label : GTK_STOCK_UNDO);
}

static void
add_row (List *list, const EsWaitingText *waiting)
{
  GtkWidget *row = gtk_hbox_new (FALSE, 0);
  g_autofree char *line = line_of (waiting, FALSE), *whole = whole_of (waiting), *undo = undo_label ();
  g_autofree char *quoted = line_of (waiting, TRUE);
  /* Translators: A message that waited: it was thrown away just now, and can be had back for some seconds. */
  g_autofree char *discarded = g_strconcat (_ ("Discarded"), " ", quoted, NULL);
  GtkWidget *text = new_line (list->box, waiting->discarded ? discarded : line);

  gtk_widget_set_tooltip_text (text, whole);
  gtk_box_pack_start (GTK_BOX (row), waiting->discarded ? new_space () : es_icon_new_clock (CLOCK_SIZE), FALSE, FALSE,
                      SPACING);
  gtk_box_pack_start (GTK_BOX (row), text, TRUE, TRUE, 0);
  if (waiting->discarded)
    add_button (list, row, undo, UNDO, waiting);
  else
    {
      /* Translators: The message goes back to where it was typed, and waits no more. */
      add_button (list, row, _ ("_Edit"), EDIT, waiting);
      /* Translators: The message is thrown away. */
      add_button (list, row, _ ("Disca_rd"), DISCARD, waiting);
    }
  gtk_box_pack_start (GTK_BOX (list->rows), row, FALSE, FALSE, 0);
}

static char *
labels_of (const GPtrArray *all)
{
  GString *labels = g_string_new ("");

  for (guint i = 0; i < all->len; i++)
    {
      const EsWaitingText *waiting = all->pdata[i];

      g_string_append_printf (labels, "%s%s\n", waiting->label, waiting->discarded ? " -" : "");
    }
  return g_string_free (labels, FALSE);
}

static void
take_away (GtkWidget *row, gpointer data)
{
  gtk_widget_destroy (row);
}

static void
show_row (GtkWidget *row, gpointer data)
{
  gtk_widget_show_all (row);
}

/* The buttons of a row, or of all rows: what is to be read stays as it is. */
static void
set_button (GtkWidget *widget, gpointer can_be_pressed)
{
  if (GTK_IS_BUTTON (widget) && GPOINTER_TO_INT (can_be_pressed))
    es_glance_enable (widget);
  else if (GTK_IS_BUTTON (widget))
    es_glance_disable (widget);
  else if (GTK_IS_BOX (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), set_button, can_be_pressed);
}

static void
on_glance (gpointer rows)
{
  set_button (rows, GINT_TO_POINTER (TRUE));
}

/* As high as what is in it, or as some of that. */
static void
fit (const List *list, guint n)
{
  GtkRequisition wanted_by_all;

  gtk_widget_size_request (list->rows, &wanted_by_all);
  gtk_widget_set_size_request (list->box, -1,
                               n <= MAX_HIGH ? wanted_by_all.height
                                             : (int) (wanted_by_all.height * (2 * MAX_HIGH + 1) / (2 * n)));
}

gboolean
es_waiting_has_any (GtkWidget *box)
{
  const List *list = list_of (box);
  g_autoptr (GPtrArray) all = list->api->waiting (list->gtkconv->active_conv);

  return all->len > 0;
}

void
es_waiting_glance (GtkWidget *box)
{
  const List *list = list_of (box);

  set_button (list->rows, GINT_TO_POINTER (FALSE));
  es_glance_begin (list->rows, ES_GLANCE_MILLISECONDS, on_glance, list->rows);
}

gboolean
es_waiting_update (GtkWidget *box)
{
  List *list = list_of (box);
  g_autoptr (GPtrArray) all = list->api->waiting (list->gtkconv->active_conv);
  g_autofree char *labels = labels_of (all);

  gtk_widget_set_visible (box, all->len > 0);
  if (purple_strequal (labels, list->shown))
    return FALSE;
  g_free (list->shown);
  list->shown = g_steal_pointer (&labels);
  gtk_container_foreach (GTK_CONTAINER (list->rows), take_away, NULL);
  for (guint i = 0; i < MIN (all->len, MAX_SHOWN); i++)
    {
      if (i > 0)
        gtk_box_pack_start (GTK_BOX (list->rows), gtk_hseparator_new (), FALSE, FALSE, 0);
      add_row (list, all->pdata[i]);
    }
  if (all->len > MAX_SHOWN)
    add_more (list, all->len - MAX_SHOWN);
  gtk_container_foreach (GTK_CONTAINER (list->rows), show_row, NULL);
  fit (list, MIN (all->len, MAX_SHOWN));
  return TRUE;
}

GtkWidget *
es_waiting_new (PidginConversation *gtkconv, const EsApi *api)
{
  List *list = g_new0 (List, 1);
  GtkScrolledWindow *scrolled = NULL;

  gtk_rc_parse_string ("style \"" FLAT "\" { ythickness = 0 GtkButton::inner-border = { 1, 1, 0, 0 } "
                       "GtkButton::default-border = { 0, 0, 0, 0 } GtkWidget::focus-padding = 0 } "
                       "widget \"*." FLAT "\" style \"" FLAT "\"");
  *list = (List){
    .gtkconv = gtkconv, .api = api, .box = gtk_scrolled_window_new (NULL, NULL), .rows = gtk_vbox_new (FALSE, 0)
  };
  scrolled = GTK_SCROLLED_WINDOW (list->box);
  gtk_widget_set_can_focus (list->box, FALSE);
  gtk_scrolled_window_set_policy (scrolled, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_add_with_viewport (scrolled, list->rows);
  gtk_viewport_set_shadow_type (GTK_VIEWPORT (gtk_bin_get_child (GTK_BIN (list->box))), GTK_SHADOW_NONE);
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (list->rows), gtk_scrolled_window_get_vadjustment (scrolled));
  gtk_widget_show_all (gtk_bin_get_child (GTK_BIN (list->box)));
  gtk_widget_set_no_show_all (list->box, TRUE);
  g_object_set_data_full (G_OBJECT (list->box), LIST_KEY, list, list_free);
  return list->box;
}
