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

const char *
es_policy_sentence (EsPolicy policy)
{
  static const char *const sentences[ES_N_POLICIES] = {
    N_ ("Conversations with this contact are never encrypted."),
    N_ ("Conversations with this contact are encrypted when you ask for it."),
    N_ ("Conversations with this contact are encrypted whenever that is possible."),
    N_ ("Conversations with this contact are always encrypted: what cannot be encrypted waits."),
  };

  return _ (sentences[policy]);
}

char *
es_policy_usual_label (EsPolicy usual)
{
  g_autofree char *name = es_policy_name (usual);

  /* Translators: %s is one of the other answers, such as "Whenever possible". */
  return g_strdup_printf (_ ("As _usual (%s)"), name);
}

const char *
es_policy_not_stored (void)
{
  return _ (
      "Your choice could not be stored because the list of remembered devices cannot be written: please try again "
      "later.");
}
