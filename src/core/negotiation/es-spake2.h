/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether two people mean the same password (SPAKE2, RFC 9382, P256-SHA256-HKDF-HMAC), without telling anybody else, the
 * other side included, anything but that: one run is one guess.
 *
 *   A                                  B
 *   pA = x P + w M      -- pA -->      pB = y P + w N
 *                       <- pB, cB --   K = y (pA - w M)
 *   K = x (pB - w N)    -- cA -->
 *
 * Only the confirmations are of use here: nothing is encrypted with what comes out. */
#pragma once
#include "es-crypto.h"

#define ES_SPAKE2_POINT_OCTETS 65
#define ES_SPAKE2_CONFIRMATION_OCTETS 32

typedef enum
{
  ES_SPAKE2_A, /* who starts */
  ES_SPAKE2_B
} EsSpake2Side;

typedef struct _EsSpake2 EsSpake2;

/* w for PASSWORD; NULL where es_stretch has none. */
EsSecret *es_spake2_password (const char *password, GBytes *context);

/* Whether POINT is one that the other side could have sent: on the curve, not infinity, uncompressed. */
gboolean es_spake2_is_point (GBytes *point);

/* A run on SIDE; A and B are the names of the sides, CONTEXT (NULL: none) is what both know of the conversation. W, of
 * es_spake2_password, is copied. */
EsSpake2 *es_spake2_new (EsSpake2Side side,
                         const EsSecret *w,
                         const char *a,
                         const char *b,
                         GBytes *context,
                         const EsRandom *random);
void es_spake2_free (EsSpake2 *spake2);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsSpake2, es_spake2_free)

/* Our pA or pB; belongs to the run. */
GBytes *es_spake2_point (const EsSpake2 *spake2);

/* Takes theirs, once. FALSE if it is none, or one that gives no key. */
gboolean es_spake2_take_point (EsSpake2 *spake2, GBytes *point);

/* After that: our cA or cB, the caller's; and whether theirs shows that they mean the same password. */
GBytes *es_spake2_confirmation (const EsSpake2 *spake2);
gboolean es_spake2_check (const EsSpake2 *spake2, GBytes *confirmation);
