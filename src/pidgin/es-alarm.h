/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever looks elsewhere gets to know of an alarm. */
#pragma once
#include <gtkconv.h>
#include <gtkconvwin.h>

/* EsUi's alarm. Its line has coloured the tab and the icon in the tray. */
void es_alarm_raise (PurpleConversation *conversation);

/* WINDOW no longer asks to be looked at on our account. */
void es_alarm_clear (PidginWindow *window);
