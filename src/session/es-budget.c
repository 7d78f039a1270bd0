/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-budget.h"

gboolean
es_budget_spend (EsBudget *budget, gint64 now, guint amount, guint burst, guint per_second)
{
  gint64 back = MAX (now - budget->since, 0) * per_second, spent = MAX (budget->spent - back, 0);

  budget->spent = spent;
  budget->since = now;
  if (spent + amount > burst)
    return FALSE;
  budget->spent += amount;
  return TRUE;
}
