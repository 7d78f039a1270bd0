/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-words.h"

#include <glib/gi18n-lib.h>

const char *
es_state_label (EsState state)
{
  static const char *const labels[ES_N_STATES] = {
    N_ ("Not encrypted"),          N_ ("Starting..."), N_ ("Encrypted, not verified"),
    N_ ("Encrypted and verified"), N_ ("Ended"),
  };

  return _ (labels[state]);
}

const char *
es_state_meaning (EsState state)
{
  static const char *const meanings[ES_N_STATES] = {
    /* Translators: This and the next ones say what "Not encrypted" and the other states mean. */
    [ES_STATE_PLAIN] = N_ ("Others on the way can read along."),
    [ES_STATE_STARTING] = N_ ("What you write waits a moment."),
    [ES_STATE_ENCRYPTED] = N_ ("Nobody on the way can read along, unless somebody pretends to be the other side."),
    [ES_STATE_VERIFIED] = N_ ("Only you two can read it."),
    [ES_STATE_ENDED] = N_ ("Nothing is sent until you choose what to do."),
  };

  return _ (meanings[state]);
}
