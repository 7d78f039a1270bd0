/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-tick.h"

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkimhtml.h>

/* On the history of a tab. */
#define TICKS_KEY "esession-ticks"

/* Behind a message: no line begins with a tick. */
#define SPACE "\302\240"
#define MARK "\342\234\223" /* U+2713 */

/* So many wait in one tab to be changed; of older ones nothing is told any more. */
#define MAX_WAITING 1000

#define N_DELIVERIES (ES_DELIVERY_RETURNED + 1)

typedef struct
{
  guint64 number;
  const PurpleConversation *conversation; /* only to be compared */
  GtkTextMark *mark;                      /* just before it */
} Tick;

typedef struct
{
  GtkWidget *text;
  GtkTextTag *tags[N_DELIVERIES];
  GQueue waiting;                    /* of Tick that is sent, oldest first */
  GtkTextMark *line;                 /* the end of what is being written there, or NULL, */
  const PurpleConversation *line_of; /* and in whose conversation */
  gulong style;                      /* handlers on the history */
  gulong tooltip;
} Ticks;

static const EsApi *core;

static GtkTextBuffer *
buffer_of (const Ticks *ticks)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (ticks->text));
}

/* What it looks like */

/* Less than the text and more than half of it, whatever the theme. */
static GdkColor
ink_of (GtkWidget *text)
{
  const GtkStyle *style = gtk_widget_get_style (text);
  const GdkColor *letters = &style->text[GTK_STATE_NORMAL], *paper = &style->base[GTK_STATE_NORMAL];

  return (GdkColor){ .red = (guint16) ((2 * letters->red + paper->red) / 3),
                     .green = (guint16) ((2 * letters->green + paper->green) / 3),
                     .blue = (guint16) ((2 * letters->blue + paper->blue) / 3) };
}

static void
on_style_set (GtkWidget *text, GtkStyle *former, Ticks *ticks)
{
  GdkColor ink = ink_of (text);

  for (guint i = 0; i < N_DELIVERIES; i++)
    g_object_set (ticks->tags[i], "foreground-gdk", &ink, NULL);
}

/* Pidgin reads the names of tags when something is copied. */
static GtkTextTag *
tag_of (GtkTextBuffer *buffer, EsDelivery delivery)
{
  static const char *const names[] = {
    [ES_DELIVERY_SENT] = "ESESSION SENT",
    [ES_DELIVERY_ARRIVED] = "ESESSION ARRIVED",
    [ES_DELIVERY_RETURNED] = "ESESSION RETURNED",
  };
  GtkTextTag *tag = gtk_text_tag_table_lookup (gtk_text_buffer_get_tag_table (buffer), names[delivery]);

  return tag != NULL ? tag : gtk_text_buffer_create_tag (buffer, names[delivery], NULL);
}

static gboolean
has_glyph (GtkWidget *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (text, MARK);
  gboolean has = pango_layout_get_unknown_glyphs_count (layout) == 0;

  g_object_unref (layout);
  return has;
}

static const char *
sign_of (GtkWidget *text, EsDelivery delivery)
{
  switch (delivery)
    {
    case ES_DELIVERY_SENT:
      /* Translators: stands behind a message of one's own, where there is no tick in the font. */
      return has_glyph (text) ? MARK : _ ("(sent)");
    case ES_DELIVERY_ARRIVED:
      /* Translators: stands behind a message of one's own, where there is no tick in the font. */
      return has_glyph (text) ? MARK MARK : _ ("(arrived)");
    case ES_DELIVERY_RETURNED:
    default:
      /* Translators: stands behind a message of one's own. */
      return _ ("(may not have arrived)");
    }
}

static const char *
explanation_at (const Ticks *ticks, const GtkTextIter *iter)
{
  if (gtk_text_iter_has_tag (iter, ticks->tags[ES_DELIVERY_SENT]))
    return _ ("Sent encrypted. The other side's program has not confirmed it yet.");
  if (gtk_text_iter_has_tag (iter, ticks->tags[ES_DELIVERY_ARRIVED]))
    return _ ("Arrived: the other side's program has confirmed it.");
  return NULL;
}

static gboolean
on_tooltip (GtkWidget *text, int x, int y, gboolean by_keyboard, GtkTooltip *tooltip, const Ticks *ticks)
{
  GtkTextIter iter;
  GdkRectangle place;
  const char *explanation = NULL;
  int left = 0, top = 0;

  if (by_keyboard)
    return FALSE;
  gtk_text_view_window_to_buffer_coords (GTK_TEXT_VIEW (text), GTK_TEXT_WINDOW_WIDGET, x, y, &left, &top);
  gtk_text_view_get_iter_at_position (GTK_TEXT_VIEW (text), &iter, NULL, left, top);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (text), &iter, &place);
  explanation = explanation_at (ticks, &iter);

  /* Beside the end of a line, and below all of them, is the last letter. */
  if (explanation == NULL || left < place.x || left >= place.x + place.width || top < place.y
      || top >= place.y + place.height)
    return FALSE;
  gtk_tooltip_set_text (tooltip, explanation);
  return TRUE;
}

/* A tab's */

static GtkWidget *
history_of (PurpleConversation *conversation)
{
  const PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  return gtkconv != NULL ? gtkconv->imhtml : NULL;
}

static Ticks *
find (PurpleConversation *conversation)
{
  GtkWidget *text = history_of (conversation);

  return text != NULL ? g_object_get_data (G_OBJECT (text), TICKS_KEY) : NULL;
}

/* The marks are the history's. */
static void
ticks_free (gpointer data)
{
  Ticks *ticks = data;

  g_queue_clear_full (&ticks->waiting, g_free);
  g_free (ticks);
}

static Ticks *
make (GtkWidget *text)
{
  Ticks *ticks = g_new0 (Ticks, 1);

  ticks->text = text;
  g_queue_init (&ticks->waiting);
  for (guint i = 0; i < N_DELIVERIES; i++)
    ticks->tags[i] = tag_of (buffer_of (ticks), (EsDelivery) i);
  on_style_set (text, NULL, ticks);
  ticks->style = g_signal_connect (text, "style-set", G_CALLBACK (on_style_set), ticks);
  ticks->tooltip = g_signal_connect (text, "query-tooltip", G_CALLBACK (on_tooltip), ticks);
  gtk_widget_set_has_tooltip (text, TRUE);
  g_object_set_data_full (G_OBJECT (text), TICKS_KEY, ticks, ticks_free);
  return ticks;
}

static void
drop (Ticks *ticks, GList *link)
{
  Tick *tick = link->data;

  gtk_text_buffer_delete_mark (buffer_of (ticks), tick->mark);
  g_queue_delete_link (&ticks->waiting, link);
  g_free (tick);
}

/* The line that it is put behind */

static void
forget_line (Ticks *ticks)
{
  if (ticks->line != NULL)
    gtk_text_buffer_delete_mark (buffer_of (ticks), ticks->line);
  ticks->line = NULL;
}

/* Before the other plugins. What is written now may not be shown. */
static gboolean
on_writing (PurpleAccount *account,
            const char *who,
            char **text,
            PurpleConversation *conversation,
            PurpleMessageFlags flags,
            gpointer data)
{
  Ticks *ticks = find (conversation);

  if (ticks != NULL)
    forget_line (ticks);
  return FALSE;
}

static void
on_displayed (PurpleAccount *account,
              const char *who,
              const char *message,
              PurpleConversation *conversation,
              PurpleMessageFlags flags,
              gpointer data)
{
  GtkWidget *text = history_of (conversation);
  Ticks *ticks = find (conversation);
  GtkTextIter end;

  if (text == NULL || (flags & PURPLE_MESSAGE_SEND) == 0 || !core->covers (conversation))
    return;
  if (ticks == NULL)
    ticks = make (text);
  forget_line (ticks);
  gtk_text_buffer_get_end_iter (buffer_of (ticks), &end);
  ticks->line = gtk_text_buffer_create_mark (buffer_of (ticks), NULL, &end, TRUE);
  ticks->line_of = conversation;
}

/* Writing it */

static gboolean
is_white (const GtkTextIter *iter)
{
  return g_unichar_isspace (gtk_text_iter_get_char (iter));
}

/* The end of the last word before MARK. */
static void
end_of_words (GtkTextBuffer *buffer, GtkTextMark *mark, GtkTextIter *end)
{
  GtkTextIter before;

  gtk_text_buffer_get_iter_at_mark (buffer, end, mark);
  before = *end;
  while (gtk_text_iter_backward_char (&before) && is_white (&before))
    *end = before;
}

/* What is inserted where a selection ends would be selected. END: where that is; -1 for no selection. */
static int
end_of_selection (GtkTextBuffer *buffer)
{
  GtkTextIter start, end;

  return gtk_text_buffer_get_selection_bounds (buffer, &start, &end) ? gtk_text_iter_get_offset (&end) : -1;
}

static void
end_selection (GtkTextBuffer *buffer, int offset)
{
  GtkTextMark *marks[] = { gtk_text_buffer_get_insert (buffer), gtk_text_buffer_get_selection_bound (buffer) };
  GtkTextIter start, end, at;

  if (offset < 0 || !gtk_text_buffer_get_selection_bounds (buffer, &start, &end)
      || gtk_text_iter_get_offset (&end) == offset)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (marks); i++)
    {
      gtk_text_buffer_get_iter_at_mark (buffer, &at, marks[i]);
      if (gtk_text_iter_equal (&at, &end))
        {
          gtk_text_buffer_get_iter_at_offset (buffer, &at, offset);
          gtk_text_buffer_move_mark (buffer, marks[i], &at);
          return;
        }
    }
}

static void
put (Ticks *ticks, PurpleConversation *conversation, guint64 number)
{
  GtkTextBuffer *buffer = buffer_of (ticks);
  g_autofree char *sign = g_strconcat (SPACE, sign_of (ticks->text, ES_DELIVERY_SENT), NULL);
  int selected = end_of_selection (buffer), offset = 0;
  Tick *tick = g_new (Tick, 1);
  GtkTextIter start, end;

  end_of_words (buffer, ticks->line, &end);
  offset = gtk_text_iter_get_offset (&end);
  gtk_text_buffer_insert (buffer, &end, sign, -1);
  gtk_text_buffer_get_iter_at_offset (buffer, &start, offset);
  gtk_text_buffer_remove_all_tags (buffer, &start, &end);
  gtk_text_buffer_apply_tag (buffer, ticks->tags[ES_DELIVERY_SENT], &start, &end);
  if (selected == offset)
    end_selection (buffer, offset);

  *tick = (Tick){ number, conversation, gtk_text_buffer_create_mark (buffer, NULL, &start, TRUE) };
  g_queue_push_tail (&ticks->waiting, tick);
  if (ticks->waiting.length > MAX_WAITING)
    drop (ticks, ticks->waiting.head);
}

/* Whether the user looks at the very end; where Pidgin is on its way there it arrives by itself. */
static gboolean
is_at_end (const Ticks *ticks)
{
  GdkRectangle seen;
  GtkTextIter end;
  int top = 0, height = 0;

  gtk_text_buffer_get_end_iter (buffer_of (ticks), &end);
  gtk_text_view_get_visible_rect (GTK_TEXT_VIEW (ticks->text), &seen);
  gtk_text_view_get_line_yrange (GTK_TEXT_VIEW (ticks->text), &end, &top, &height);
  return GTK_IMHTML (ticks->text)->scroll_time == NULL && top + height <= seen.y + seen.height;
}

/* The sign that begins at START becomes another one: first inside of it, so that nothing moves that stands beside it, such as marks of
 * Pidgin's and of a selection. */
static void
rewrite (Ticks *ticks, GtkTextIter *start, EsDelivery delivery)
{
  GtkTextBuffer *buffer = buffer_of (ticks);
  GtkTextTag *sent = ticks->tags[ES_DELIVERY_SENT];
  int offset = gtk_text_iter_get_offset (start);
  gboolean at_end = is_at_end (ticks);
  GtkTextIter end;

  gtk_text_iter_forward_char (start);
  gtk_text_buffer_insert (buffer, start, sign_of (ticks->text, delivery), -1);
  end = *start;
  gtk_text_iter_forward_to_tag_toggle (&end, sent);
  gtk_text_buffer_delete (buffer, start, &end);
  gtk_text_buffer_get_iter_at_offset (buffer, start, offset);
  gtk_text_buffer_remove_tag (buffer, sent, start, &end);
  gtk_text_buffer_apply_tag (buffer, ticks->tags[delivery], start, &end);
  if (at_end)
    gtk_imhtml_scroll_to_end (GTK_IMHTML (ticks->text), FALSE);
}

static GList *
find_waiting (Ticks *ticks, const PurpleConversation *conversation, guint64 number)
{
  for (GList *link = ticks->waiting.tail; link != NULL; link = link->prev)
    {
      const Tick *tick = link->data;

      if (tick->number == number && tick->conversation == conversation)
        return link;
    }
  return NULL;
}

static void
change (Ticks *ticks, GList *link, EsDelivery delivery)
{
  const Tick *tick = link->data;
  GtkTextIter start;

  gtk_text_buffer_get_iter_at_mark (buffer_of (ticks), &start, tick->mark);
  drop (ticks, link);

  /* The user may have emptied the window. */
  if (gtk_text_iter_begins_tag (&start, ticks->tags[ES_DELIVERY_SENT]))
    rewrite (ticks, &start, delivery);
}

void
es_tick_deliver (PurpleConversation *conversation, guint64 number, EsDelivery delivery)
{
  Ticks *ticks = find (conversation);
  GList *link = NULL;

  if (ticks == NULL)
    return;
  if (delivery == ES_DELIVERY_SENT)
    {
      if (ticks->line != NULL && ticks->line_of == conversation)
        put (ticks, conversation, number);
      forget_line (ticks);
      return;
    }
  link = find_waiting (ticks, conversation, number);
  if (link != NULL)
    change (ticks, link, delivery);
}

void
es_tick_forget (PurpleConversation *conversation)
{
  Ticks *ticks = find (conversation);

  if (ticks == NULL)
    return;
  for (GList *link = ticks->waiting.head, *next = NULL; link != NULL; link = next)
    {
      next = link->next;
      if (((const Tick *) link->data)->conversation == conversation)
        drop (ticks, link);
    }
}

void
es_tick_clear (PurpleConversation *conversation)
{
  Ticks *ticks = find (conversation);

  if (ticks == NULL)
    return;
  forget_line (ticks);
  while (ticks->waiting.head != NULL)
    drop (ticks, ticks->waiting.head);
  g_signal_handler_disconnect (ticks->text, ticks->style);
  g_signal_handler_disconnect (ticks->text, ticks->tooltip);
  gtk_widget_set_has_tooltip (ticks->text, FALSE);
  g_object_set_data (G_OBJECT (ticks->text), TICKS_KEY, NULL);
}

void
es_tick_init (gpointer handle, const EsApi *api)
{
  core = api;
  purple_signal_connect_priority (purple_conversations_get_handle (), "writing-im-msg", handle,
                                  PURPLE_CALLBACK (on_writing), NULL, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (pidgin_conversations_get_handle (), "displayed-im-msg", handle, PURPLE_CALLBACK (on_displayed),
                         NULL);
}
