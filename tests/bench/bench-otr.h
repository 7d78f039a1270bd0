/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two users of libotr in one process, with nothing between them: OTR version 3, no fragments. */
#pragma once
#include "bench.h"

typedef struct _Otr Otr;

/* Makes a key of 1024 bits for each, which takes a while. */
Otr *otr_new (void);
void otr_free (Otr *otr);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Otr, otr_free)

/* The version of the library. */
const char *otr_version (void);

/* Authenticated key exchange (AKE), from Alice's query until both are private; what was before is forgotten. */
void otr_negotiate (Otr *otr);

/* Messages of the last one, and their octets. */
guint otr_n_messages (const Otr *otr);
gsize otr_n_octets (const Otr *otr);

/* Alice, or Bob, encrypts TEXT and the other one decrypts it. The caller frees the encrypted message if WIRE is wanted
 * (g_free). */
void otr_talk (Otr *otr, gboolean from_alice, const char *text, char **wire);

/* A bench subject. DATA is an Otr. */
void otr_run (gpointer data, guint n);
