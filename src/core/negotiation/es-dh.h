/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Diffie-Hellman groups, named by their IKE numbers: 31 is Curve25519 (RFC 8031, RFC 7748), 14 to 18 the MODP groups of
 * RFC 3526, 1, 2 and 5 the weak ones.
 *
 * A secret is the private exponent, big-endian; for group 31 the 32 octets before RFC 7748's clamping. A public value and
 * a shared value of a MODP group are big-endian without leading zeros (XEP-0116 section 6.1), of group 31 the 32
 * octets as they are. */
#pragma once
#include "es-crypto.h"

typedef struct _EsGroup EsGroup;

/* The group of that number, or NULL. */
const EsGroup *es_group_find (guint number);
guint es_group_number (const EsGroup *group);

/* Its strength, as that of a symmetric key: NIST SP 800-57 and RFC 3526's estimates. */
guint es_group_bits (const EsGroup *group);

/* Groups 1, 2 and 5: to be used only where the user allows it. */
gboolean es_group_is_weak (const EsGroup *group);

/* The longest public value, in octets. */
gsize es_group_octets (const EsGroup *group);

/* About how long es_dh_shared takes, in microseconds: to compare with, not to measure by. */
guint es_group_cost (const EsGroup *group);

/* A fresh secret: 32 octets for group 31, else 320 bits with 2^255 < x < p-1. */
EsSecret *es_dh_secret_new (const EsGroup *group, const EsRandom *random);

/* The public value of SECRET: g^x mod p. */
GBytes *es_dh_public (const EsGroup *group, const EsSecret *secret);

/* peer^x mod p. OWN is g^x, or NULL where that is not at hand: the result is the same, group 31 takes twice as long. Refused with ES_ERROR_CHECK: a MODP value that is not 1 < v < p-1 or not in its shortest form, for group 31 a
 * wrong size, the highest bit set (RFC 7748 would ignore it, so that one value had two spellings) or a result of all zeros. */
EsSecret *es_dh_shared (const EsGroup *group, const EsSecret *secret, GBytes *own, GBytes *peer, GError **error);
