/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One's own words: digests of the nonces and public values that this process has sent, to whomever and on whichever account.
 * Nobody else can draw them again, so that whoever sends us one holds up a mirror. In memory only; of more than
 * ES_LIMIT_ECHOES the oldest are forgotten. */
#pragma once
#include <glib.h>

typedef struct _EsEchoes EsEchoes;

EsEchoes *es_echoes_new (void);
void es_echoes_free (EsEchoes *echoes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsEchoes, es_echoes_free)

/* Remembers OCTETS, a nonce or a public value. */
void es_echoes_add (EsEchoes *echoes, GBytes *octets);

/* Whether OCTETS were added; whether something was whose SHA-256 is DIGEST, as commitments to public values are. */
gboolean es_echoes_has (const EsEchoes *echoes, GBytes *octets);
gboolean es_echoes_has_digest (const EsEchoes *echoes, GBytes *digest);
