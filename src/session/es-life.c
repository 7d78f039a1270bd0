/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-life.h"

#include <glib/gi18n-lib.h>

#define UNVERIFIED N_ ("The conversation is now encrypted, but not verified.")
#define STRANGE                                                                                                        \
  N_ ("The other side uses a device that you have not verified, although you verified another one: what you write "    \
      "waits until you verify it, or type /esession anyway to write to it all the same.")
#define KNOWN N_ ("The conversation is now encrypted and verified.")
#define INTERRUPTED                                                                                                    \
  N_ ("The encrypted conversation was interrupted: it goes on by itself, and what has not arrived is sent again.")
#define PEER_ENDED                                                                                                     \
  N_ ("The other side has ended the encrypted conversation: choose Start in the Encryption menu to encrypt "           \
      "again, or End to write unencrypted.")
#define GONE N_ ("The other side has gone offline: what you write now waits until it is back.")
#define USER_ENDED N_ ("You have ended the encrypted conversation: what you write now is not encrypted.")
#define NOW_PLAIN N_ ("What you write now is not encrypted.")
#define VERIFIED N_ ("You have verified the other device: from now on it is recognised by itself.")
#define DIFFER                                                                                                         \
  N_ ("The codes differed, so someone may be listening in: the encrypted conversation was ended and that device "      \
      "forgotten.")

#define UNMARKED                                                                                                       \
  N_ ("The other device no longer counts as verified: choose Verify in the Encryption menu to verify it again.")
#define FORGOTTEN                                                                                                      \
  N_ ("The other device is forgotten, so the encrypted conversation was ended: choose Start in the Encryption menu "   \
      "to encrypt again.")

#define PLAIN ES_STATE_PLAIN
#define STARTING ES_STATE_STARTING
#define ENCRYPTED ES_STATE_ENCRYPTED
#define SURE ES_STATE_VERIFIED
#define ENDED ES_STATE_ENDED
#define NONE ES_ACTION_NONE
#define RELEASE ES_ACTION_RELEASE
#define RETURN ES_ACTION_RETURN
#define RESTART ES_ACTION_RESTART
#define INFO ES_NOTICE_INFO
#define WARN ES_NOTICE_WARNING
#define ALARM ES_NOTICE_ALARM

/* Whoever had, or was about to have, an encrypted conversation never slips back to an unencrypted one but by choosing
 * it: all other ways out lead to ENDED. A start that fails before it began leaves PLAIN as it was, where the policy
 * still holds what must not be sent. FAILED says why in a sentence of its own. */

/* clang-format off */
static const EsTransition table[ES_N_STATES][ES_N_EVENTS] = {
  [PLAIN] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  PLAIN,     WARN, NULL },
    [ES_EVENT_LOST]       = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_PEER_ENDED] = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_GONE]       = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, NOW_PLAIN },
    [ES_EVENT_VERIFIED]   = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_DIFFER]     = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_UNMARKED]   = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_FORGOTTEN]  = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_OFFLINE]    = { NONE,    PLAIN,     INFO, NULL },
    [ES_EVENT_CUT]        = { NONE,    PLAIN,    INFO, NULL },
  },
  [STARTING] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, NULL },
    [ES_EVENT_LOST]       = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_PEER_ENDED] = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_GONE]       = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, NOW_PLAIN },
    [ES_EVENT_VERIFIED]   = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_FORGOTTEN]  = { RETURN,  ENDED,     INFO, FORGOTTEN },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, NULL },
  },
  [ENCRYPTED] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, NULL },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, NULL },
    [ES_EVENT_LOST]       = { RESTART, ENDED,     INFO, INTERRUPTED },
    [ES_EVENT_PEER_ENDED] = { RETURN,  ENDED,     WARN, PEER_ENDED },
    [ES_EVENT_GONE]       = { NONE,    ENDED,     INFO, GONE },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, USER_ENDED },
    [ES_EVENT_VERIFIED]   = { RELEASE, SURE,      INFO, VERIFIED },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    ENCRYPTED, INFO, NULL },
    [ES_EVENT_FORGOTTEN]  = { RETURN,  ENDED,     INFO, FORGOTTEN },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, NULL },
  },
  [SURE] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, ALARM, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, NULL },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, NULL },
    [ES_EVENT_LOST]       = { RESTART, ENDED,     INFO, INTERRUPTED },
    [ES_EVENT_PEER_ENDED] = { RETURN,  ENDED,     WARN, PEER_ENDED },
    [ES_EVENT_GONE]       = { NONE,    ENDED,     INFO, GONE },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, USER_ENDED },
    [ES_EVENT_VERIFIED]   = { NONE,    SURE,      INFO, NULL },
    [ES_EVENT_DIFFER]     = { RETURN,  ENDED,     WARN, DIFFER },
    [ES_EVENT_UNMARKED]   = { NONE,    ENCRYPTED, ALARM, UNMARKED },
    [ES_EVENT_FORGOTTEN]  = { RETURN,  ENDED,     INFO, FORGOTTEN },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, NULL },
  },
  [ENDED] = {
    [ES_EVENT_BEGUN]      = { NONE,    STARTING,  INFO, NULL },
    [ES_EVENT_UNVERIFIED] = { RELEASE, ENCRYPTED, INFO, UNVERIFIED },
    [ES_EVENT_KNOWN]      = { RELEASE, SURE,      INFO, KNOWN },
    [ES_EVENT_STRANGE]    = { RELEASE, ENCRYPTED, ALARM, STRANGE },
    [ES_EVENT_FAILED]     = { RETURN,  ENDED,     WARN, NULL },
    [ES_EVENT_LOST]       = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_PEER_ENDED] = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_GONE]       = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_USER_ENDED] = { RETURN,  PLAIN,     INFO, NOW_PLAIN },
    [ES_EVENT_VERIFIED]   = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_DIFFER]     = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_UNMARKED]   = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_FORGOTTEN]  = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_OFFLINE]    = { NONE,    ENDED,     INFO, NULL },
    [ES_EVENT_CUT]        = { NONE,    ENDED,    INFO, NULL },
  },
};
/* clang-format on */

const EsTransition *
es_life_find (EsState state, EsEvent event)
{
  return &table[state][event];
}

const char *
es_life_reminder (void)
{
  return _ ("To be sure that nobody listens in, verify once: it takes a minute on the phone.");
}
