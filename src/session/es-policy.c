/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-policy.h"

/* Whether encryption is wanted here. What was encrypted and broke is to go on, whoever began it. */
static gboolean
wants (const EsSituation *situation)
{
  if (situation->wish == ES_WISH_PLAIN || (situation->ended != ES_END_NONE && situation->ended != ES_END_DECLINED))
    return FALSE;
  return situation->wish == ES_WISH_START || situation->policy == ES_POLICY_POSSIBLE
         || situation->policy == ES_POLICY_ALWAYS
         || (situation->policy == ES_POLICY_ASK && situation->state == ES_STATE_ENDED);
}

static EsVerdict
decide_plain (const EsSituation *situation)
{
  switch (situation->wish == ES_WISH_START ? ES_POLICY_POSSIBLE : situation->policy)
    {
    case ES_POLICY_NEVER:
    case ES_POLICY_ASK:
      return ES_SEND_PLAIN;
    case ES_POLICY_POSSIBLE:
      if (situation->wish == ES_WISH_PLAIN)
        return ES_SEND_PLAIN;
      if (situation->ended != ES_END_NONE)
        return ES_SEND_REFUSE;

      /* While the other side is being asked, the answer may still be yes. */
      return situation->support == ES_SUPPORT_NO && situation->policy != ES_POLICY_ALWAYS ? ES_SEND_PLAIN
                                                                                          : ES_SEND_WAIT;
    case ES_POLICY_ALWAYS:
    case ES_N_POLICIES:
    default:
      return situation->ended != ES_END_NONE ? ES_SEND_REFUSE : ES_SEND_WAIT;
    }
}

EsVerdict
es_policy_decide (const EsSituation *situation)
{
  switch (situation->state)
    {
    case ES_STATE_ENCRYPTED:
    case ES_STATE_VERIFIED:
      return situation->barred ? ES_SEND_WAIT : ES_SEND_ENCRYPTED;
    case ES_STATE_STARTING:
      return situation->plain_once ? ES_SEND_PLAIN : ES_SEND_WAIT;
    case ES_STATE_ENDED:
      if (situation->plain_once)
        return ES_SEND_PLAIN;
      return wants (situation) ? ES_SEND_WAIT : ES_SEND_REFUSE;
    case ES_STATE_PLAIN:
    case ES_N_STATES:
    default:
      return situation->plain_once ? ES_SEND_PLAIN : decide_plain (situation);
    }
}

gboolean
es_policy_should_start (const EsSituation *situation)
{
  return (situation->state == ES_STATE_PLAIN || situation->state == ES_STATE_ENDED)
         && situation->support == ES_SUPPORT_YES && situation->ended == ES_END_NONE && wants (situation);
}

gboolean
es_policy_should_accept (const EsSituation *situation)
{
  return situation->policy != ES_POLICY_NEVER && situation->ended != ES_END_DIFFERED;
}
