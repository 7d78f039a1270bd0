/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One's own words: digests of the nonces and public values that this process has sent, to whomever and on whichever account.
 * Nobody else can draw them again, so that whoever sends us one holds up a mirror; unless two accounts of ours talk to each other.
 * In memory only; of more than ES_LIMIT_ECHOES the oldest are forgotten. */
#pragma once
#include "es-address.h"

typedef struct _EsEchoes EsEchoes;

EsEchoes *es_echoes_new (void);
void es_echoes_free (EsEchoes *echoes);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsEchoes, es_echoes_free)

/* Remembers OCTETS, a nonce or a public value, which BY, an address of ours, has said TO somebody; only the bare ones count, and NULL
 * is nobody. */
void es_echoes_add (EsEchoes *echoes, GBytes *octets, const EsAddress *by, const EsAddress *to);

/* Whether OCTETS, which come from BY and are for TO, were added; whether something was whose SHA-256 is DIGEST, as commitments to
 * public values are. What BY has said TO just that other one, and not to itself, is no echo. */
gboolean es_echoes_has (const EsEchoes *echoes, GBytes *octets, const EsAddress *by, const EsAddress *to);
gboolean es_echoes_has_digest (const EsEchoes *echoes, GBytes *digest, const EsAddress *by, const EsAddress *to);
