/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-link.h"

#include <string.h>

#include <gtkconv.h>
#include <gtkimhtml.h>

#include "es-verify.h"

/* Pidgin's own, for a link under the mouse. */
#define LEGIBLE "#70a0ff"

/* What Pidgin keeps with a tag of GTK. */
#define URL "link_url"
#define VISITED "visited"

static const EsApi *core;

static gboolean
on_link (GtkIMHtml *text, GtkIMHtmlLink *link)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      const PidginConversation *gtkconv = PIDGIN_CONVERSATION ((PurpleConversation *) item->data);

      if (gtkconv != NULL && GTK_IMHTML (gtkconv->imhtml) == text && core->covers (gtkconv->active_conv))
        {
          es_verify_show (gtkconv->active_conv, core);
          break;
        }
    }
  return TRUE;
}

static gboolean
on_link_menu (GtkIMHtml *text, GtkIMHtmlLink *link, GtkWidget *menu)
{
  return TRUE;
}

/* Pidgin's links are blue unless the theme says something else, and that cannot be read on dark paper. */
static gboolean
would_be_illegible (GtkWidget *text)
{
  const GdkColor *paper = &gtk_widget_get_style (text)->base[GTK_STATE_NORMAL];
  GdkColor *own = NULL;

  gtk_widget_style_get (text, "hyperlink-color", &own, NULL);
  if (own == NULL)
    return (30 * paper->red + 59 * paper->green + 11 * paper->blue) / 100 < G_MAXUINT16 / 2;
  gdk_color_free (own);
  return FALSE;
}

static void
mend_colour (const GtkTextIter *place)
{
  GSList *tags = gtk_text_iter_get_tags (place);

  for (GSList *item = tags; item != NULL; item = item->next)
    {
      const char *url = g_object_get_data (item->data, URL);

      if (url == NULL || strcmp (url, ES_LINK_VERIFY) != 0)
        continue;
      g_object_set (item->data, "foreground", LEGIBLE, NULL);
      /* Otherwise it becomes blue when the mouse has been there. */
      g_object_set_data (item->data, VISITED, GINT_TO_POINTER (TRUE));
    }
  g_slist_free (tags);
}

static void
on_displayed (PurpleAccount *account,
              const char *who,
              const char *message,
              PurpleConversation *conversation,
              PurpleMessageFlags flags,
              gpointer data)
{
  const PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  GtkTextBuffer *buffer = NULL;
  GtkTextIter place;

  if (gtkconv == NULL || !(flags & PURPLE_MESSAGE_SYSTEM) || strstr (message, ES_LINK_VERIFY) == NULL
      || !would_be_illegible (gtkconv->imhtml))
    return;

  /* It ends the last line. */
  buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (gtkconv->imhtml));
  gtk_text_buffer_get_end_iter (buffer, &place);
  while (gtk_text_iter_backward_to_tag_toggle (&place, NULL))
    {
      mend_colour (&place);
      if (gtk_text_iter_starts_line (&place))
        break;
    }
}

void
es_link_init (gpointer handle, const EsApi *api)
{
  core = api;
  gtk_imhtml_class_register_protocol (ES_LINK, on_link, on_link_menu);
  purple_signal_connect (pidgin_conversations_get_handle (), "displayed-im-msg", handle, PURPLE_CALLBACK (on_displayed),
                         NULL);
}

void
es_link_uninit (void)
{
  gtk_imhtml_class_register_protocol (ES_LINK, NULL, NULL);
}
