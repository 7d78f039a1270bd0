/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What OpenSSL's primitives alone take, with all that can be prepared prepared: the floor under everything else. */
#pragma once
#include <stddef.h>

#include "bench.h"

typedef struct _Floor Floor;

Floor *floor_new (void);
void floor_free (Floor *raw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Floor, floor_free)

/* Two X25519 key pairs are made and both sides derive the shared value; and one side makes a new pair and both derive,
 * as in a re-key. */
void floor_x25519_agree (Floor *raw);
void floor_x25519_rekey (Floor *raw);

/* N powers with exponents of 320 bits modulo the prime of GROUP (14 to 18). */
void floor_modp (Floor *raw, guint group, guint n);

/* AES-256 in counter mode and HMAC-SHA256 over TEXT, and back. */
void floor_message (Floor *raw, const char *text, gsize size);
