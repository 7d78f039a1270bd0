/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link that verifies: what one end of a session hands to the other past the conversation, as text or in a picture, for the other's
 * program to compare instead of two people. It names who made it and whom for, and holds the code and 128 bits that follow from the
 * session; nothing in it is secret. docs/PROTOCOL.md, "A link", has the grammar. */
#pragma once
#include "es-address.h"

/* Addresses are full: of the device that made it, and of the one that its session is with. */
typedef struct
{
  EsAddress *maker;
  EsAddress *other;
  char *code;    /* in ES_SAS_DIGITS, */
  char *proof;   /* and both in hexadecimal digits, small: what only the two ends of the session come to alike, */
  char *session; /* and which session that is, as both ends call it */
} EsVerifyLink;

/* What a link says, next to what it ought to. */
typedef enum
{
  ES_LINK_AGREES,
  ES_LINK_UNREADABLE,    /* it is none */
  ES_LINK_NO_SESSION,    /* there is nothing to compare it with */
  ES_LINK_NO_PROOF,      /* the session's own values prove nothing */
  ES_LINK_OWN,           /* it was made here */
  ES_LINK_OTHER_PEOPLE,  /* it names another contact, or another account */
  ES_LINK_OTHER_DEVICE,  /* the two, but not with these devices */
  ES_LINK_OTHER_SESSION, /* these devices, in another session: an earlier one, or a listener's */
  ES_LINK_DIFFERS,       /* this session, and all the same other values: no honest program makes that */
  ES_LINK_CAME_HERE,     /* it came in the conversation that it is about: whoever listens in can have made it */
  ES_N_LINK_VERDICTS
} EsLinkVerdict;

/* The link that MAKER (full) makes of a session with OTHER (full), whose code is CODE, which runs on THREAD, and of which CONTEXT is
 * es_sas_context (). The caller frees. */
EsVerifyLink *es_verify_link_new (const EsAddress *maker,
                                  const EsAddress *other,
                                  const char *code,
                                  const char *thread,
                                  GBytes *context);
void es_verify_link_free (EsVerifyLink *link);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsVerifyLink, es_verify_link_free)

/* As text, the caller's. */
char *es_verify_link_write (const EsVerifyLink *link);

/* The link in TEXT, which is anything, the caller's to free; NULL if it is none. White space counts for nothing. */
EsVerifyLink *es_verify_link_read (const char *text);

/* GIVEN beside EXPECTED, which is what the other end would make of our session. */
EsLinkVerdict es_verify_link_judge (const EsVerifyLink *given, const EsVerifyLink *expected);

/* What VERDICT is called in a log. */
const char *es_link_verdict_name (EsLinkVerdict verdict);

/* The hexadecimal digits in TEXT, in small letters: those that it shows and those that it escapes. The caller wipes and frees. */
char *es_verify_link_digits (const char *text);

/* Whether what makes LINK worth anything stands among DIGITS, such as those: its own, one after the other, with no more between them than
 * ways of writing and of hiding put there, but for which any long text has them. And whether it stands in TEXT. */
gboolean es_verify_link_is_among (const EsVerifyLink *link, const char *digits);
gboolean es_verify_link_is_in (const EsVerifyLink *link, const char *text);

/* So many digits of its own it has there. */
#define ES_VERIFY_LINK_DIGITS 32u
