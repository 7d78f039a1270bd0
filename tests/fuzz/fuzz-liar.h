/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client that knows the protocol and says in it what a script says. It takes what it is sent as far as it can, and nothing that it
 * gets ends anything. */
#pragma once
#include "es-world.h"

#include "fuzz.h"

typedef struct _Liar Liar;

/* JID is full; SCRIPT must outlive it. */
Liar *liar_new (World *world, const char *jid, Script *script);
void liar_free (Liar *liar);

/* So many edits of each message of a negotiation that it makes from now on. */
void liar_set_edits (Liar *liar, guint n);

/* A stanza for LIAR. */
void liar_take (Liar *liar, const char *from, const char *text);

/* Asks the client PEER for a session. */
void liar_ask (Liar *liar, const char *peer);

/* Sends CONTENT, anything, encrypted, if it has keys; with EDITS of the encrypted stanza, signed once more. */
void liar_say (Liar *liar, const char *content, guint n_edits);
