/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-life.h"

#define UNVERIFIED ES_NOTICE_ENCRYPTED
#define STRANGE ES_NOTICE_STRANGE_DEVICE
#define KNOWN ES_NOTICE_VERIFIED_DEVICE
#define INTERRUPTED ES_NOTICE_INTERRUPTED
#define PEER_ENDED ES_NOTICE_ENDED_BY_PEER
#define GONE ES_NOTICE_GONE
#define USER_ENDED ES_NOTICE_ENDED_BY_USER
#define NOW_PLAIN ES_NOTICE_PLAIN
#define VERIFIED ES_NOTICE_VERIFIED
#define DIFFER ES_NOTICE_CODES_DIFFERED
#define UNMARKED ES_NOTICE_UNMARKED
#define FORGOTTEN ES_NOTICE_FORGOTTEN
#define SILENT ES_NOTICE_NONE

#define PLAIN ES_STATE_PLAIN
#define STARTING ES_STATE_STARTING
#define ENCRYPTED ES_STATE_ENCRYPTED
#define SURE ES_STATE_VERIFIED
#define ENDED ES_STATE_ENDED
#define NONE ES_ACTION_NONE
#define RELEASE ES_ACTION_RELEASE
#define RETURN ES_ACTION_RETURN
#define RESTART ES_ACTION_RESTART
#define INFO ES_TONE_INFO
#define WARN ES_TONE_WARNING
#define REMIND ES_TONE_REMINDER
#define ALARM ES_TONE_ALARM

/* Whoever had, or was about to have, an encrypted conversation never slips back to an unencrypted one but by choosing
 * it: all other ways out lead to ENDED. A start that fails before it began leaves PLAIN as it was, where the policy
 * still holds what must not be sent. FAILED and DECLINED say why by a notice of their own. */

/* clang-format off */
static const EsTransition table[ES_N_STATES][ES_N_EVENTS] = {
  [PLAIN] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  PLAIN,     WARN, SILENT },
    [ES_EVENT_DECLINED]   = { RETURN,  PLAIN,     WARN, SILENT },
    [ES_EVENT_LOST]       = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_PEER_ENDED] = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_GONE]       = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, NOW_PLAIN },
    [ES_EVENT_VERIFIED]   = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_FORGOTTEN]  = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_OFFLINE]    = { NONE,    PLAIN,     INFO, SILENT },
    [ES_EVENT_CUT]        = { NONE,    PLAIN,    INFO, SILENT },
    [ES_EVENT_STALE]      = { RESTART, PLAIN,     INFO, SILENT },
  },
  [STARTING] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, SILENT },
    [ES_EVENT_DECLINED]   = { RESTART, ENDED,     WARN, SILENT },
    [ES_EVENT_LOST]       = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_PEER_ENDED] = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_GONE]       = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, NOW_PLAIN },
    [ES_EVENT_VERIFIED]   = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_FORGOTTEN]  = { RETURN,  ENDED,     INFO, FORGOTTEN },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, SILENT },
    [ES_EVENT_STALE]      = { RESTART, ENDED,     INFO, SILENT },
  },
  [ENCRYPTED] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, SILENT },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, SILENT },
    [ES_EVENT_DECLINED]   = { RESTART, ENDED,     WARN, SILENT },
    [ES_EVENT_LOST]       = { RESTART, ENDED,     INFO, INTERRUPTED },
    [ES_EVENT_PEER_ENDED] = { RETURN,  ENDED,     WARN, PEER_ENDED },
    [ES_EVENT_GONE]       = { NONE,    ENDED,     INFO, GONE },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, USER_ENDED },
    [ES_EVENT_VERIFIED]   = { RELEASE, SURE,      INFO, VERIFIED },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    ENCRYPTED, INFO, SILENT },
    [ES_EVENT_FORGOTTEN]  = { RETURN,  ENDED,     INFO, FORGOTTEN },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, SILENT },
    [ES_EVENT_STALE]      = { RESTART, ENDED,     INFO, INTERRUPTED },
  },
  [SURE] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, ALARM, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, SILENT },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, SILENT },
    [ES_EVENT_DECLINED]   = { RESTART, ENDED,     WARN, SILENT },
    [ES_EVENT_LOST]       = { RESTART, ENDED,     INFO, INTERRUPTED },
    [ES_EVENT_PEER_ENDED] = { RETURN,  ENDED,     WARN, PEER_ENDED },
    [ES_EVENT_GONE]       = { NONE,    ENDED,     INFO, GONE },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, USER_ENDED },
    [ES_EVENT_VERIFIED]   = { NONE,    SURE,      INFO, SILENT },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    ENCRYPTED, REMIND, UNMARKED },
    [ES_EVENT_FORGOTTEN]  = { RETURN,  ENDED,     INFO, FORGOTTEN },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, SILENT },
    [ES_EVENT_STALE]      = { RESTART, ENDED,     INFO, INTERRUPTED },
  },
  [ENDED] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, SILENT },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, SILENT },
    [ES_EVENT_DECLINED]   = { RESTART, ENDED,     WARN, SILENT },
    [ES_EVENT_LOST]       = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_PEER_ENDED] = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_GONE]       = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, NOW_PLAIN },
    [ES_EVENT_VERIFIED]   = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_DIFFER]     = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_UNMARKED]   = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_FORGOTTEN]  = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, SILENT },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, SILENT },
    [ES_EVENT_STALE]      = { RESTART, ENDED,     INFO, SILENT },
  },
};
/* clang-format on */

static const char *const states[ES_N_STATES] = {
  [ES_STATE_PLAIN] = "plain",       [ES_STATE_STARTING] = "starting", [ES_STATE_ENCRYPTED] = "encrypted",
  [ES_STATE_VERIFIED] = "verified", [ES_STATE_ENDED] = "ended",
};

static const char *const events[ES_N_EVENTS] = {
  [ES_EVENT_BEGUN] = "begun",       [ES_EVENT_UNVERIFIED] = "unverified",
  [ES_EVENT_KNOWN] = "known",       [ES_EVENT_STRANGE] = "strange",
  [ES_EVENT_FAILED] = "failed",     [ES_EVENT_DECLINED] = "declined",
  [ES_EVENT_LOST] = "lost",         [ES_EVENT_PEER_ENDED] = "peer-ended",
  [ES_EVENT_GONE] = "gone",         [ES_EVENT_USER_ENDED] = "user-ended",
  [ES_EVENT_VERIFIED] = "verified", [ES_EVENT_DIFFER] = "differ",
  [ES_EVENT_UNMARKED] = "unmarked", [ES_EVENT_FORGOTTEN] = "forgotten",
  [ES_EVENT_OFFLINE] = "offline",   [ES_EVENT_CUT] = "cut",
  [ES_EVENT_STALE] = "stale",
};

const char *
es_state_name (EsState state)
{
  return states[state];
}

const char *
es_event_name (EsEvent event)
{
  return events[event];
}

const EsTransition *
es_life_find (EsState state, EsEvent event)
{
  return &table[state][event];
}
