/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of headless-client: events, requests, commands. */
#pragma once
#include <json-glib/json-glib.h>
#include <purple.h>

#define HEADLESS_UI_ID "headless"

/* Events: a JSON object a line on the stream that headless_events_init () was given. */
void headless_events_init (FILE *stream);
JsonObject *headless_event_new (const char *name);
JsonObject *headless_account_event_new (const char *name, PurpleAccount *account);
void headless_put (JsonObject *object, const char *name, const char *text); /* TEXT may be NULL */
void headless_emit (JsonObject *event);                                     /* takes EVENT */
guint headless_next_handle (void); /* names a notice or a request; never 0, which libpurple would take for none */

/* Makes events of libpurple's signals and of what it asks a window to show. */
void headless_connect_signals (void);
void headless_set_display_ops (void);

/* Requests stay open until a command answers or libpurple closes them. */
void headless_requests_init (void);
void headless_requests_uninit (void);
void headless_set_request_ops (void);
gboolean headless_answer (JsonObject *command, JsonObject *reply, GError **error);

/* Runs COMMAND and adds what it found to REPLY. "quit" quits LOOP. */
gboolean headless_run_command (JsonObject *command, JsonObject *reply, GMainLoop *loop, GError **error);

/* Sets ERROR and returns FALSE. */
gboolean headless_fail (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);
