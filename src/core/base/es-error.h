/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one error domain. A row of the table in es-error.c says for each code which stanza error the other side is
 * answered with. Messages of a GError are for logs: people read what is made of the code. */
#pragma once
#include <glib.h>

#define ES_ERROR (es_error_quark ())
GQuark es_error_quark (void);

typedef enum
{
  ES_ERROR_MALFORMED,      /* not well-formed, a field missing, doubled or not decodable */
  ES_ERROR_LIMIT,          /* over a cap of es-limits.h */
  ES_ERROR_UNSUPPORTED,    /* no option in common; the message lists the fields, separated by single spaces */
  ES_ERROR_UNKNOWN_FIELD,  /* a field we do not know is required; the message lists them likewise */
  ES_ERROR_CHECK,          /* any cryptographic check failed; never says which */
  ES_ERROR_PARTIES,        /* a negotiation that was meant for somebody else */
  ES_ERROR_UNEXPECTED,     /* no such message is expected now */
  ES_ERROR_DECLINED,       /* the other side, or the user, does not want an encrypted conversation */
  ES_ERROR_NO_SESSION,     /* an encrypted stanza for which there are no keys */
  ES_ERROR_DUPLICATE,      /* an encrypted stanza that was accepted before; drop it silently */
  ES_ERROR_ECHO,           /* a request that holds our own words; drop it silently */
  ES_ERROR_TIMEOUT,        /* no answer in time */
  ES_ERROR_UNAVAILABLE,    /* the other side, or a server, says that it cannot be had now */
  ES_ERROR_BUSY,           /* too many negotiations at once */
  ES_ERROR_STALE,          /* what it rested on is over by now: another negotiation need not fail */
  ES_ERROR_STORE,          /* remembered devices: cannot be read or written */
  ES_ERROR_STORE_LOCKED,   /* remembered devices: in use by another program */
  ES_ERROR_STORE_DAMAGED,  /* remembered devices: not a database, or not ours */
  ES_ERROR_STORE_FULL,     /* remembered devices: no room on the disk */
  ES_ERROR_STORE_READONLY, /* remembered devices: may not be written */
  ES_ERROR_STORE_SEALED,   /* remembered devices: the passphrase is needed */
  ES_ERROR_STORE_KEYRING,  /* remembered devices: the key from the keyring is needed, and there is none */
  ES_ERROR_STORE_OPENING,  /* remembered devices: the keyring has been asked, and has not answered yet */
  ES_ERROR_STORE_OTHER,    /* remembered devices: the file is another one than the one that this is about */
  ES_ERROR_MOVE_FILE,      /* a file to be moved in: cannot be read, or one to be moved into: cannot be written */
  ES_ERROR_MOVE_EXISTS,    /* there is a file of that name */
  ES_ERROR_MOVE_NOTHING,   /* there is nothing to move */
  ES_ERROR_MOVE_UNDONE,    /* an earlier one is not finished, and cannot be now */
  ES_ERROR_MOVE_DAMAGED,   /* the file is not one that was made for this, or not as it was written */
  ES_ERROR_MOVE_NEWER,     /* it was written by a newer version */
  ES_ERROR_MOVE_LIMIT,     /* there is too much in it */
  ES_ERROR_MOVE_CUT_SHORT, /* whoever wrote it did not come to an end */
  ES_ERROR_MOVE_KEY,       /* another passphrase, or it was changed */
  ES_ERROR_MOVE_TAKEN,     /* it was taken over already */
  ES_N_ERRORS
} EsErrorCode;

/* The RFC 6120 condition that answers CODE ("feature-not-implemented"), or NULL where silence is right. */
const char *es_error_condition (EsErrorCode code);

/* What CODE is called in a log. */
const char *es_error_name (EsErrorCode code);

/* The error type that belongs to it ("cancel", "modify", "wait"). */
const char *es_error_type (EsErrorCode code);
