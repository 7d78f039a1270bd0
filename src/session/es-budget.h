/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How much of something may be spent at once, and how fast it comes back. */
#pragma once
#include <glib.h>

typedef struct
{
  gint64 spent; /* less than 0 never */
  gint64 since; /* the moment at which it was that much, in seconds */
} EsBudget;

/* Spends AMOUNT at NOW, in seconds that do not jump, of BURST, of which PER_SECOND comes back. FALSE, and nothing is spent, if that is more
 * than there is. */
gboolean es_budget_spend (EsBudget *budget, gint64 now, guint amount, guint burst, guint per_second);
