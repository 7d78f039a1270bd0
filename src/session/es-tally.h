/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often something has happened lately: moments, each of which may be taken back. */
#pragma once
#include <glib.h>

typedef struct
{
  GQueue moments; /* of gint64 *, oldest first; at most a day old */
} EsTally;

void es_tally_init (EsTally *tally);
void es_tally_clear (EsTally *tally);

/* It has happened at NOW, seconds since 1970; and once less at the moment THEN, if that is still known. */
void es_tally_add (EsTally *tally, gint64 now);
void es_tally_take_back (EsTally *tally, gint64 then);

/* Whether it has happened PER_HOUR times in the last hour, or PER_DAY times (0: however often) in the last day. */
gboolean es_tally_is_full (EsTally *tally, gint64 now, guint per_hour, guint per_day);
