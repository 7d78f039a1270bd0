/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What of a stanza is encrypted, and what an encrypted one looks like from outside. */
#pragma once
#include "es-address.h"
#include "es-xml.h"

/* Takes the children for which es_session_stays_plain () is FALSE out of STANZA, and returns the others in it: white space and
 * stray text go. */
EsXml *es_session_split (EsXml *stanza);

/* STANZA, a message, loses its formatting where that makes it longer than can be encrypted. */
void es_session_shorten (EsXml *stanza);

/* The formatting goes, if there is any and the same stands there without it: whether it did. */
gboolean es_session_unformat (EsXml *inside);

/* Gives a message its THREAD, C, which is taken, and what servers and clients that cannot read it are told; FALLBACK as well, if
 * it is not NULL. */
void es_session_dress (EsXml *stanza, const char *thread, EsXml *c, const char *fallback);

/* Whether CHILD, of a stanza, stays outside the encryption: what servers add or have to read (XEP-0200 section 4). */
gboolean es_session_stays_plain (const EsXml *child);

/* Takes what people could read out of each <error/> of STANZA: what programs do with it does not depend on words. Whether there was
 * any. */
gboolean es_session_remove_error_words (EsXml *stanza);

/* Whether STANZA is one that es_session_encrypt made, with nothing added that could be read but the FALLBACK of a host. */
gboolean es_session_has_encrypted (const EsXml *stanza, const char *fallback);

/* An empty message in the session's thread that no server stores or copies; for whoever has a payload for it. */
EsXml *es_session_stanza (const EsAddress *to, const char *thread, EsXml *payload);
