/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-log.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"

#define KEY_OCTETS 16
#define BARE_DIGITS 6
#define RESOURCE_DIGITS 4

struct _EsLog
{
  EsLogSink sink;
  gboolean whole;
  guint8 key[KEY_OCTETS]; /* of the numbers that stand for addresses */
  GQueue lines;           /* of char * */
};

static const char *const levels[ES_N_LOG_LEVELS] = {
  [ES_LOG_ERROR] = "error",
  [ES_LOG_WARNING] = "warning",
  [ES_LOG_INFO] = "info",
  [ES_LOG_DETAIL] = "detail",
};

static const char *const areas[ES_N_AREAS] = {
  [ES_AREA_PLUGIN] = "plugin",
  [ES_AREA_GATE] = "gate",
  [ES_AREA_SESSION] = "session",
  [ES_AREA_NEGOTIATION] = "negotiation",
  [ES_AREA_VERIFICATION] = "verification",
  [ES_AREA_DELIVERY] = "delivery",
  [ES_AREA_STORE] = "store",
  [ES_AREA_PRESENCE] = "presence",
  [ES_AREA_ROOMS] = "rooms",
  [ES_AREA_FILES] = "files",
  [ES_AREA_VAULT] = "vault",
};

EsLog *
es_log_new (const EsLogSink *sink, gboolean whole)
{
  EsLog *log = g_new0 (EsLog, 1);

  log->sink = *sink;
  log->whole = whole;
  es_random_fill (&es_random_system, log->key, sizeof log->key);
  g_queue_init (&log->lines);
  return log;
}

void
es_log_free (EsLog *log)
{
  if (log == NULL)
    return;
  g_queue_clear_full (&log->lines, g_free);
  g_free (log);
}

static void
append_number (const EsLog *log, const char *text, gsize length, gsize digits, GString *to)
{
  EsPart part = ES_PART (text, length);
  guint8 mac[ES_HASH_MAX_OCTETS];

  es_hmac (es_hash_find ("sha256"), ES_PART (log->key, sizeof log->key), &part, 1, mac);
  for (gsize i = 0; i < digits; i++)
    g_string_append_c (to, "0123456789abcdef"[i % 2 == 0 ? mac[i / 2] >> 4 : mac[i / 2] & 15]);
}

/* Whoever has the numbers and not the key, which is gone with the program, cannot try names. They are no #numbers: trackers of bugs
 * make links of those. */
static void
append_shortened (const EsLog *log, const char *whom, GString *to)
{
  gsize bare = strcspn (whom, "/");

  g_string_append (to, " ~");
  append_number (log, whom, bare, BARE_DIGITS, to);
  if (whom[bare] == '\0')
    return;
  g_string_append_c (to, '/');
  append_number (log, whom, strlen (whom), RESOURCE_DIGITS, to);
}

/* One line stays one, whatever the other side calls its devices. */
static void
append_whole (const char *whom, GString *to)
{
  g_autofree char *valid = g_utf8_make_valid (whom, -1);

  g_string_append_c (to, ' ');
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      g_string_append_unichar (to, g_unichar_isgraph (character) ? character : '?');
    }
}

static char *
stamp (gint64 now)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : g_strdup ("?");
}

void
es_log_va (EsLog *log, EsArea area, EsLogLevel level, const char *whom, const char *format, va_list arguments)
{
  GString *line = NULL;
  g_autofree char *time = NULL, *words = NULL;

  if (log == NULL)
    return;
  line = g_string_new (NULL);
  g_string_append_printf (line, "%s %s", areas[area], levels[level]);
  if (whom != NULL && log->whole)
    append_whole (whom, line);
  else if (whom != NULL)
    append_shortened (log, whom, line);
  g_string_append (line, ": ");
  g_string_append_vprintf (line, format, arguments);
  words = g_string_free (line, FALSE);

  time = stamp (log->sink.now (log->sink.data));
  g_queue_push_tail (&log->lines, g_strdup_printf ("%s %s", time, words));
  if (log->lines.length > ES_LIMIT_LOG_LINES)
    g_free (g_queue_pop_head (&log->lines));
  log->sink.write (log->sink.data, level, words);
}

void
es_log (EsLog *log, EsArea area, EsLogLevel level, const char *whom, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  es_log_va (log, area, level, whom, format, arguments);
  va_end (arguments);
}

char *
es_log_text (const EsLog *log)
{
  GString *text = g_string_new (NULL);

  for (const GList *link = log->lines.head; link != NULL; link = link->next)
    g_string_append_printf (text, "%s\n", (const char *) link->data);
  return g_string_free (text, FALSE);
}
