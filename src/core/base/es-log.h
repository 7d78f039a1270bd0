/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened, for whoever looks for a fault: one line an event, the last of them in memory, each to a sink as well. There is never
 * anything in it that was said, nor a secret: what a line is made of is numbers, and texts that a function has of which the name ends
 * in _name and which knows a fixed set of them (tests/lint.py). People are numbers that mean nothing after the program has ended. */
#pragma once
#include <stdarg.h>

#include <glib.h>

typedef enum
{
  ES_LOG_ERROR,   /* something does not work */
  ES_LOG_WARNING, /* something went otherwise than people want it */
  ES_LOG_INFO,    /* something has changed */
  ES_LOG_DETAIL,  /* what led to it */
  ES_N_LOG_LEVELS
} EsLogLevel;

typedef enum
{
  ES_AREA_PLUGIN,
  ES_AREA_GATE,
  ES_AREA_SESSION,
  ES_AREA_NEGOTIATION,
  ES_AREA_VERIFICATION,
  ES_AREA_DELIVERY,
  ES_AREA_STORE,
  ES_AREA_PRESENCE,
  ES_AREA_ROOMS,
  ES_AREA_FILES,
  ES_AREA_VAULT,
  ES_N_AREAS
} EsArea;

/* Who has a clock (seconds since 1970), and sees each LINE as it is written, without the time. */
typedef struct
{
  gpointer data; /* the first argument of each function */
  gint64 (*now) (gpointer data);
  void (*write) (gpointer data, EsLogLevel level, const char *line);
} EsLogSink;

typedef struct _EsLog EsLog;

/* WHOLE: addresses are written as they are. */
EsLog *es_log_new (const EsLogSink *sink, gboolean whole);
void es_log_free (EsLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsLog, es_log_free)

/* In AREA something has happened that has to do with the address WHOM (as text; NULL: with nobody). Without effect where LOG is NULL. */
void es_log (EsLog *log, EsArea area, EsLogLevel level, const char *whom, const char *format, ...) G_GNUC_PRINTF (5, 6);
void es_log_va (EsLog *log, EsArea area, EsLogLevel level, const char *whom, const char *format, va_list arguments)
    G_GNUC_PRINTF (5, 0);

/* The last ES_LIMIT_LOG_LINES lines, oldest first, each with its time (UTC) and a newline; the caller's. */
char *es_log_text (const EsLog *log);
