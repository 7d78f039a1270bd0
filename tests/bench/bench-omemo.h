/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two users of OMEMO (XEP-0384 0.3) in one process, with nothing between them: libsignal-protocol-c, one device each, what they
 * remember in memory. */
#pragma once
#include "bench.h"
#include "es-xml.h"

typedef struct _Omemo Omemo;

/* With a session in which both have spoken. */
Omemo *omemo_new (void);
void omemo_free (Omemo *omemo);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Omemo, omemo_free)

/* TEXT, encrypted by Alice, as an <encrypted/>, the caller's; and what Bob reads in such a one, the caller's. */
EsXml *omemo_encrypt (Omemo *omemo, const char *text);
char *omemo_decrypt (Omemo *omemo, const EsXml *encrypted);
