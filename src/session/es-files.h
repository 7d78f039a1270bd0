/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files in a session: what is offered (XEP-0095, XEP-0096) may only go in-band (XEP-0047), which the session encrypts like
 * everything else. Any other way would go past it. */
#pragma once
#include "es-xml.h"

typedef enum
{
  ES_FILE_NONE,   /* nothing to do with files, or the bytes of one */
  ES_FILE_OFFER,  /* of a stream */
  ES_FILE_ANSWER, /* the way that was chosen */
  ES_FILE_END,    /* of a stream: nothing but that */
  ES_FILE_PAST    /* sets up a connection that goes past the session */
} EsFileKind;

/* What the iq has to do with files. */
EsFileKind es_files_kind (const EsXml *iq);

/* The id of the stream that an offer begins, or that the iq is a part of; NULL if it is neither. */
const char *es_files_stream (const EsXml *iq);

/* Whether libpurple does something about a file, an address or a form for what is in the iq, whatever its type is: it does not look at
 * that. An answer is an act only where nobody has asked. */
gboolean es_files_is_act (const EsXml *iq);

/* Whether something in an iq about files or calls has an attribute in a namespace: libpurple looks at names alone, and would see there what
 * nobody else does. */
gboolean es_files_is_confusing (const EsXml *iq);

/* Whether the iq begins a call, which is not a file but goes past the session just so. */
gboolean es_files_is_call (const EsXml *iq);

/* Leaves of the ways in an offer or an answer only the one in-band. Returns whether that was among them. */
gboolean es_files_restrict (EsXml *iq);
