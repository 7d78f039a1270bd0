/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-link.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkimhtml.h>

#include "es-call.h"
#include "es-labels.h"
#include "es-verify.h"

/* Pidgin's own, for a link under the mouse. */
#define LEGIBLE "#70a0ff"

#define XMPP "xmpp:"

/* What Pidgin keeps with a tag of GTK. */
#define URL "link_url"
#define VISITED "visited"

static const EsApi *core;
static guint clicked; /* a source */
static gboolean knows_xmpp;

/* The colour. Pidgin's links are blue unless the theme says something else, and that cannot be read on dark paper. */
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
mend_tag (GtkTextTag *tag, gpointer data)
{
  const char *url = g_object_get_data (G_OBJECT (tag), URL);

  if (url == NULL || !g_str_has_prefix (url, ES_LINK_VERIFY))
    return;
  g_object_set (tag, "foreground", LEGIBLE, NULL);
  /* Otherwise it becomes blue when the mouse has been there. */
  g_object_set_data (G_OBJECT (tag), VISITED, GINT_TO_POINTER (TRUE));
}

static void
mend (GtkWidget *text)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (text));

  if (would_be_illegible (text))
    gtk_text_tag_table_foreach (gtk_text_buffer_get_tag_table (buffer), mend_tag, NULL);
}

/* Where another plugin has made text of the markup of one of our lines: a link again. libpurple writes it as the label, and the address in
 * brackets. */
static char *
restore (const char *message)
{
  g_autofree char *mark = g_strdup_printf ("%s (" ES_LINK_VERIFY, core->verify_label ());
  const char *begin = strstr (message, mark), *url = NULL, *end = NULL;

  if (begin == NULL)
    return NULL;
  url = begin + strlen (mark) - strlen (ES_LINK_VERIFY);
  end = url + strcspn (url, ")<>\" ");
  return *end == ')' ? g_strdup_printf ("%.*s<a href=\"%.*s\">%s</a>%s", (int) (begin - message), message,
                                        (int) (end - url), url, core->verify_label (), end + 1)
                     : NULL;
}

/* After the other plugins. */
static gboolean
on_displaying (PurpleAccount *account,
               const char *who,
               char **message,
               PurpleConversation *conversation,
               PurpleMessageFlags flags,
               gpointer data)
{
  char *restored = (flags & PURPLE_MESSAGE_SYSTEM) != 0 && *message != NULL ? restore (*message) : NULL;

  if (restored != NULL)
    {
      g_free (*message);
      *message = restored;
    }
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
  const PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);

  if (gtkconv != NULL && (flags & PURPLE_MESSAGE_SYSTEM) != 0 && strstr (message, ES_LINK_VERIFY) != NULL)
    mend (gtkconv->imhtml);
}

/* The click */

/* Pidgin has given it another colour by now. There may have been clicks in several windows, and windows that closed. */
static gboolean
on_clicked (gpointer data)
{
  clicked = 0;
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      const PidginConversation *gtkconv = PIDGIN_CONVERSATION ((PurpleConversation *) item->data);

      if (gtkconv != NULL)
        mend (gtkconv->imhtml);
    }
  return G_SOURCE_REMOVE;
}

/* The conversation of the tab that URL is about, whichever it goes to now; NULL if it is there no more. */
static PurpleConversation *
conversation_of (const PidginConversation *gtkconv, const char *url)
{
  g_autofree char *of
      = g_str_has_prefix (url, ES_LINK_VERIFY) ? g_uri_unescape_string (url + strlen (ES_LINK_VERIFY), NULL) : NULL;

  for (GList *item = gtkconv->convs; item != NULL; item = item->next)
    {
      g_autofree char *key = es_conversation_key (item->data, core);

      if (key != NULL && purple_strequal (key, of))
        return item->data;
    }
  return NULL;
}

/* Of whom, where several are in the tab. */
static void
say_why_not (const PidginConversation *gtkconv, PurpleConversation *conversation)
{
  const char *why = _ ("There is no verification code now.");
  g_autofree char *name = es_contact_label (conversation, core), *line = g_strdup_printf (_ ("%s: %s"), name, why);

  es_say (conversation, gtkconv->convs->next != NULL ? line : why);
}

/* The dialog, or why there is none. */
static void
follow (const PidginConversation *gtkconv, const char *url)
{
  PurpleConversation *conversation = conversation_of (gtkconv, url);

  if (conversation != NULL && !es_verify_show (conversation, core))
    say_why_not (gtkconv, conversation);
  else if (conversation == NULL && g_str_has_prefix (url, ES_LINK_VERIFY))
    es_say (gtkconv->active_conv, _ ("The conversation that this link belongs to is not open any more."));
}

static gboolean
on_link (GtkIMHtml *text, GtkIMHtmlLink *link)
{
  for (GList *item = purple_get_ims (); item != NULL; item = item->next)
    {
      const PidginConversation *gtkconv = PIDGIN_CONVERSATION ((PurpleConversation *) item->data);

      if (gtkconv != NULL && GTK_IMHTML (gtkconv->imhtml) == text)
        {
          follow (gtkconv, gtk_imhtml_link_get_url (link));
          break;
        }
    }
  if (clicked == 0)
    clicked = g_idle_add (on_clicked, NULL);
  return TRUE;
}

/* A link that verifies, written by anybody: it goes the way of those that are opened elsewhere. Others of that kind lead where they did
 * before: nowhere. */
static gboolean
on_verify_link (GtkIMHtml *text, GtkIMHtmlLink *link)
{
  const char *url = gtk_imhtml_link_get_url (link);
  g_autoptr (EsVerifyLink) read = es_verify_link_read (url);

  if (read == NULL)
    return FALSE;
  purple_got_protocol_handler_uri (url);
  return TRUE;
}

static void
on_copy (GtkMenuItem *item, const char *url)
{
  gtk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (item), GDK_SELECTION_CLIPBOARD), url, -1);
}

static void
free_url (gpointer url, GClosure *closure)
{
  g_free (url);
}

static gboolean
on_verify_link_menu (GtkIMHtml *text, GtkIMHtmlLink *link, GtkWidget *menu)
{
  GtkWidget *item = gtk_image_menu_item_new_from_stock (GTK_STOCK_COPY, NULL);

  g_signal_connect_data (item, "activate", G_CALLBACK (on_copy), g_strdup (gtk_imhtml_link_get_url (link)), free_url,
                         (GConnectFlags) 0);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  return TRUE;
}

static gboolean
on_link_menu (GtkIMHtml *text, GtkIMHtmlLink *link, GtkWidget *menu)
{
  return TRUE;
}

void
es_link_init (gpointer handle, const EsApi *api)
{
  core = api;
  gtk_imhtml_class_register_protocol (ES_LINK, on_link, on_link_menu);
  /* Where the desktop has told Pidgin what opens such links, that comes to us as well. */
  knows_xmpp = gtk_imhtml_class_register_protocol (XMPP, on_verify_link, on_verify_link_menu);
  purple_signal_connect_priority (pidgin_conversations_get_handle (), "displaying-im-msg", handle,
                                  PURPLE_CALLBACK (on_displaying), NULL, PURPLE_SIGNAL_PRIORITY_HIGHEST);
  purple_signal_connect (pidgin_conversations_get_handle (), "displayed-im-msg", handle, PURPLE_CALLBACK (on_displayed),
                         NULL);
}

void
es_link_uninit (void)
{
  gtk_imhtml_class_register_protocol (ES_LINK, NULL, NULL);
  if (knows_xmpp)
    gtk_imhtml_class_register_protocol (XMPP, NULL, NULL);
  knows_xmpp = FALSE;
  if (clicked != 0)
    g_source_remove (clicked);
  clicked = 0;
}
