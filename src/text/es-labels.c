/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-labels.h"

#include <glib/gi18n-lib.h>
#include <purple.h>

const char *
es_policy_label (EsPolicy policy)
{
  static const char *const labels[ES_N_POLICIES] = {
    /* Translators: Answers the question when to encrypt conversations. */
    N_ ("_Never"),
    N_ ("_When I ask"),
    N_ ("Whenever _possible"),
    N_ ("_Always"),
  };

  return _ (labels[policy]);
}

char *
es_policy_name (EsPolicy policy)
{
  return purple_text_strip_mnemonic (es_policy_label (policy));
}

char *
es_policy_usual_label (EsPolicy usual)
{
  g_autofree char *name = es_policy_name (usual);

  /* Translators: %s is one of the other answers, such as "Whenever possible". */
  return g_strdup_printf (_ ("As _usual (%s)"), name);
}
