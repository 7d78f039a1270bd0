/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-error.h"

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK (es - error - quark, es_error)

typedef struct
{
  const char *condition;
  const char *type;
  const char *sentence;
} Row;

/* A failed check, a wrong value and a value out of range look alike from outside: one code, one answer, one
 * sentence. A message that nobody expects is answered so that a side that restarted is noticed at once. */
static const Row rows[] = {
  [ES_ERROR_MALFORMED] = { "bad-request", "modify",
                           N_ ("Encryption could not be started because the other device sent something that "
                               "could not be understood.") },
  [ES_ERROR_LIMIT] = { "resource-constraint", "wait",
                       N_ ("Encryption could not be started because the other device sent too much at once.") },
  [ES_ERROR_UNSUPPORTED] = { "not-acceptable", "modify",
                             N_ ("Encryption could not be started because the two programs have no method in "
                                 "common; bringing both up to date may help.") },
  [ES_ERROR_UNKNOWN_FIELD] = { "feature-not-implemented", "cancel",
                               N_ ("Encryption could not be started because the two programs have no method in "
                                   "common; bringing both up to date may help.") },
  [ES_ERROR_CHECK] = { "feature-not-implemented", "cancel",
                       N_ ("Encryption could not be started because a security check failed; if this happens "
                           "again, someone may be interfering with your connection.") },
  [ES_ERROR_PARTIES] = { "not-acceptable", "cancel",
                         N_ ("Encryption could not be started because the request was meant for somebody else; "
                             "someone may be interfering with your connection.") },
  [ES_ERROR_UNEXPECTED] = { "unexpected-request", "wait",
                            N_ ("Encryption could not be started because the two programs lost step; please "
                                "try again.") },
  [ES_ERROR_DECLINED] = { NULL, "cancel", N_ ("The other side does not want an encrypted conversation now.") },
  [ES_ERROR_NO_SESSION]
  = { "not-acceptable", "cancel", N_ ("The other device no longer has the keys of this encrypted conversation.") },
  [ES_ERROR_DUPLICATE] = { NULL, NULL, NULL },
  [ES_ERROR_ECHO] = { NULL, NULL, NULL },
  [ES_ERROR_TIMEOUT] = { NULL, NULL, N_ ("Encryption could not be started because the other device did not answer.") },
  [ES_ERROR_BUSY] = { "resource-constraint", "wait",
                      N_ ("Encryption could not be started because too many encrypted conversations are being "
                          "started at once; please try again in a while.") },
  [ES_ERROR_STORE] = { "service-unavailable", "cancel",
                       N_ ("Encryption could not be started because the list of remembered devices "
                           "(esession.db in your Pidgin folder) cannot be used.") },
  [ES_ERROR_STORE_LOCKED] = { "service-unavailable", "wait",
                              N_ ("Encryption could not be started because another program is using the list of "
                                  "remembered devices; close it and try again.") },
  [ES_ERROR_STORE_DAMAGED] = { "service-unavailable", "cancel",
                               N_ ("Encryption could not be started because the list of remembered devices is "
                                   "damaged; move the file esession.db out of your Pidgin folder to begin with "
                                   "an empty list.") },
  [ES_ERROR_STORE_FULL] = { "service-unavailable", "wait",
                            N_ ("Encryption could not be started because the disk is full; free some space and "
                                "try again.") },
  [ES_ERROR_STORE_READONLY] = { "service-unavailable", "cancel",
                                N_ ("Encryption could not be started because the list of remembered devices "
                                    "(esession.db in your Pidgin folder) may not be written to.") },
  [ES_ERROR_STORE_SEALED] = { "service-unavailable", "wait",
                              N_ ("Your remembered devices are locked, so that nothing can be encrypted and what you "
                                  "write waits: to unlock them, choose Tools > Encrypted Sessions > Unlock remembered "
                                  "devices, or type /esession unlock.") },
  [ES_ERROR_STORE_KEYRING] = { "service-unavailable", "wait",
                               N_ ("Your remembered devices are locked, so that nothing can be encrypted and what you "
                                   "write waits: their key is in a keyring of this computer that is not open or not "
                                   "there; to try again, choose Tools > Encrypted Sessions > Unlock remembered "
                                   "devices, or type /esession unlock.") },
  [ES_ERROR_STORE_OPENING] = { "service-unavailable", "wait", NULL },
};

static const Row *
row (EsErrorCode code)
{
  static const Row none = { NULL, NULL, NULL };

  return (guint) code < G_N_ELEMENTS (rows) ? &rows[code] : &none;
}

const char *
es_error_condition (EsErrorCode code)
{
  return row (code)->condition;
}

const char *
es_error_type (EsErrorCode code)
{
  return row (code)->type;
}

const char *
es_error_sentence (EsErrorCode code)
{
  const char *sentence = row (code)->sentence;

  return sentence != NULL ? _ (sentence) : NULL;
}
