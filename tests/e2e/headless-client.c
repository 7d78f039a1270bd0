/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A libpurple client without windows, for the end-to-end tests.
 *
 *   headless-client PURPLE_DIR
 *
 * Reads commands from standard input and writes events to standard output, both as one JSON object a line.
 * A command is { "command": NAME, "id": N, ... }; its answer is { "event": "reply", "id": N, "ok": BOOLEAN,
 * "error": TEXT, ... }. What a window would show becomes an event: lines of a conversation, requests,
 * notices. Debug output goes to standard error. The end of standard input means "quit". */
#include "headless.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static GMainLoop *loop;

typedef struct
{
  PurpleInputFunction func;
  gpointer data;
} Watch;

static gboolean
on_watch (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  Watch *watch = data;
  PurpleInputCondition purple = 0;

  if (condition & (G_IO_IN | G_IO_HUP | G_IO_ERR))
    purple |= PURPLE_INPUT_READ;
  if (condition & (G_IO_OUT | G_IO_HUP | G_IO_ERR | G_IO_NVAL))
    purple |= PURPLE_INPUT_WRITE;
  watch->func (watch->data, g_io_channel_unix_get_fd (channel), purple);
  return G_SOURCE_CONTINUE;
}

static guint
input_add (int fd, PurpleInputCondition condition, PurpleInputFunction func, gpointer data)
{
  g_autoptr (GIOChannel) channel = g_io_channel_unix_new (fd);
  Watch *watch = g_new (Watch, 1);
  GIOCondition glib = G_IO_HUP | G_IO_ERR | G_IO_NVAL;

  if (condition & PURPLE_INPUT_READ)
    glib |= G_IO_IN;
  if (condition & PURPLE_INPUT_WRITE)
    glib |= G_IO_OUT;
  watch->func = func;
  watch->data = data;
  return g_io_add_watch_full (channel, G_PRIORITY_DEFAULT, glib, on_watch, watch, g_free);
}

static void
debug_print (PurpleDebugLevel level, const char *category, const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S.%f");

  fprintf (stderr, "%s %s: %s", time, category ? category : "", text);
}

/* What GLib complains about is a fault of somebody: tests look for it. */
static void
on_log (const char *domain, GLogLevelFlags level, const char *text, gpointer data)
{
  JsonObject *event;

  fprintf (stderr, "%s: %s\n", domain ? domain : "", text);
  if (!(level & (G_LOG_LEVEL_ERROR | G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_WARNING)))
    return;
  event = headless_event_new (level & G_LOG_LEVEL_WARNING ? "warning" : "critical");
  headless_put (event, "domain", domain);
  headless_put (event, "text", text);
  headless_emit (event);
}

static void
set_ui_ops (void)
{
  headless_set_display_ops ();
  headless_set_request_ops ();
}

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer data)
{
  g_autofree char *line = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *reply = NULL;
  gboolean ok = FALSE;

  if (g_io_channel_read_line (channel, &line, NULL, NULL, NULL) != G_IO_STATUS_NORMAL)
    {
      g_main_loop_quit (loop);
      return G_SOURCE_REMOVE;
    }
  reply = headless_event_new ("reply");
  node = json_from_string (line, &error);
  if (node && !JSON_NODE_HOLDS_OBJECT (node))
    headless_fail (&error, "not a JSON object");
  if (!error)
    {
      JsonObject *command = json_node_get_object (node);

      json_object_set_int_member (reply, "id", json_object_get_int_member_with_default (command, "id", 0));
      ok = headless_run_command (command, reply, loop, &error);
    }
  json_object_set_boolean_member (reply, "ok", ok);
  headless_put (reply, "error", error ? error->message : NULL);
  headless_emit (reply);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  static PurpleDebugUiOps debug_ops = { .print = debug_print };
  static PurpleCoreUiOps core_ops = { .ui_init = set_ui_ops };
  static PurpleEventLoopUiOps loop_ops = {
    .timeout_add = g_timeout_add,
    .timeout_remove = g_source_remove,
    .input_add = input_add,
    .input_remove = g_source_remove,
    .timeout_add_seconds = g_timeout_add_seconds,
  };
  FILE *events = NULL;
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (STDIN_FILENO);

  if (argc != 2)
    {
      fprintf (stderr, "usage: %s PURPLE_DIR\n", argv[0]);
      return 2;
    }
  /* Only events may reach standard output, whatever the libraries print. */
  events = fdopen (dup (STDOUT_FILENO), "w");
  headless_events_init (events);
  dup2 (STDERR_FILENO, STDOUT_FILENO);
  setlocale (LC_ALL, "");
  signal (SIGPIPE, SIG_IGN);
  signal (SIGCHLD, SIG_IGN); /* libpurple's DNS helpers: nobody else collects them */
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", FALSE);
  g_log_set_default_handler (on_log, NULL);
  headless_requests_init ();
  loop = g_main_loop_new (NULL, FALSE);

  purple_util_set_user_dir (argv[1]);
  purple_debug_set_ui_ops (&debug_ops);
  purple_core_set_ui_ops (&core_ops);
  purple_eventloop_set_ui_ops (&loop_ops);
  if (!purple_core_init (HEADLESS_UI_ID))
    {
      fprintf (stderr, "libpurple does not start\n");
      return 1;
    }
  purple_set_blist (purple_blist_new ());
  purple_blist_load ();
  purple_prefs_load ();
  headless_connect_signals ();

  g_io_add_watch (input, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, NULL);
  headless_emit (headless_event_new ("ready"));
  g_main_loop_run (loop);
  purple_core_quit ();
  headless_emit (headless_event_new ("quit"));

  headless_requests_uninit ();
  g_main_loop_unref (loop);
  fclose (events);
  return 0;
}
