/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses as they stand in stanzas: the server has prepared them, so octets are compared. */
#pragma once
#include <glib.h>

/* "alice@example.org" of "alice@example.org/pda"; the caller frees. */
char *es_jid_bare (const char *jid);

/* "pda", or NULL; belongs to JID. */
const char *es_jid_resource (const char *jid);

/* Whether both are of the same bare JID. */
gboolean es_jid_same_bare (const char *a, const char *b);
