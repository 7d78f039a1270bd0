/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a stanza is encrypted, and what an encrypted one looks like from outside. For es-session.c. */
#pragma once
#include "es-xml.h"

/* Takes the children for which es_session_stays_plain () is FALSE out of STANZA, and returns the others in it: white space and
 * stray text go. */
EsXml *es_session_split (EsXml *stanza);

/* What of INSIDE goes into <data/>; the caller wipes and frees. */
char *es_session_serialize (EsXml *inside);

/* Gives a message its THREAD, C, which is taken, and what servers and clients that cannot read it are told; FALLBACK as well, if
 * it is not NULL. */
void es_session_dress (EsXml *stanza, const char *thread, EsXml *c, const char *fallback);
