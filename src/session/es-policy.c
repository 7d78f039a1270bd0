/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-policy.h"

/* Whether encryption is wanted without being asked for. What was encrypted and broke is to go on, whoever began it. */
static gboolean
wants (const EsSituation *situation)
{
  gboolean ended = situation->state == ES_STATE_ENDED;

  return !situation->plain_chosen && !(ended && situation->ended_on_purpose)
         && (situation->policy == ES_POLICY_POSSIBLE || situation->policy == ES_POLICY_ALWAYS
             || (situation->policy == ES_POLICY_ASK && ended));
}

EsVerdict
es_policy_decide (const EsSituation *situation)
{
  switch (situation->state)
    {
    case ES_STATE_ENCRYPTED:
    case ES_STATE_VERIFIED:
      return ES_SEND_ENCRYPTED;
    case ES_STATE_STARTING:
      return situation->plain_once ? ES_SEND_PLAIN : ES_SEND_WAIT;
    case ES_STATE_ENDED:
      if (situation->plain_once)
        return ES_SEND_PLAIN;
      return wants (situation) ? ES_SEND_WAIT : ES_SEND_REFUSE;
    case ES_STATE_PLAIN:
    case ES_N_STATES:
      break;
    }

  if (situation->plain_once)
    return ES_SEND_PLAIN;
  switch (situation->policy)
    {
    case ES_POLICY_NEVER:
    case ES_POLICY_ASK:
      return ES_SEND_PLAIN;
    case ES_POLICY_POSSIBLE:
      /* While the other side is being asked, the answer may still be yes. */
      return situation->plain_chosen || situation->support == ES_SUPPORT_NO ? ES_SEND_PLAIN : ES_SEND_WAIT;
    case ES_POLICY_ALWAYS:
    case ES_N_POLICIES:
      break;
    }
  return ES_SEND_WAIT;
}

gboolean
es_policy_should_start (const EsSituation *situation)
{
  return (situation->state == ES_STATE_PLAIN || situation->state == ES_STATE_ENDED)
         && situation->support == ES_SUPPORT_YES && wants (situation);
}

gboolean
es_policy_should_accept (const EsSituation *situation)
{
  return situation->policy != ES_POLICY_NEVER && !situation->distrusted;
}
