/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-alarm.h"

#include <gtkutils.h>
#include <sound.h>

/* On a window that asks to be looked at: the handler that ends that. */
#define ALARM_KEY "esession-alarm"

static gboolean
on_focus (GtkWidget *top, GdkEventFocus *event, PidginWindow *window)
{
  es_alarm_clear (window);
  return FALSE;
}

void
es_alarm_clear (PidginWindow *window)
{
  gulong *handler = g_object_get_data (G_OBJECT (window->window), ALARM_KEY);

  if (handler == NULL)
    return;
  pidgin_set_urgent (GTK_WINDOW (window->window), FALSE);
  g_signal_handler_disconnect (window->window, *handler);
  g_object_set_data (G_OBJECT (window->window), ALARM_KEY, NULL);
}

static void
ask_for_a_look (PidginWindow *window)
{
  gulong *handler = NULL;

  pidgin_set_urgent (GTK_WINDOW (window->window), TRUE);
  if (g_object_get_data (G_OBJECT (window->window), ALARM_KEY) != NULL)
    return;
  handler = g_new (gulong, 1);
  *handler = g_signal_connect (window->window, "focus-in-event", G_CALLBACK (on_focus), window);
  g_object_set_data_full (G_OBJECT (window->window), ALARM_KEY, handler, g_free);
}

/* The sound is the one for somebody who asks for attention: Pidgin's preferences say whether there is any, and which. */
void
es_alarm_raise (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  PidginWindow *window = gtkconv != NULL ? pidgin_conv_get_window (gtkconv) : NULL;
  gboolean focused = window != NULL && gtk_window_has_toplevel_focus (GTK_WINDOW (window->window));

  if (window == NULL || (focused && pidgin_conv_window_is_active_conversation (conversation)))
    return;
  if (!focused)
    ask_for_a_look (window);
  purple_sound_play_event (PURPLE_SOUND_GOT_ATTENTION, purple_conversation_get_account (conversation));
}
