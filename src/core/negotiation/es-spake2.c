/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-spake2.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include "es-stretch.h"

#define SCALAR_OCTETS 32
#define KEY_OCTETS 16

/* 64 bits more than the order, so that what is left modulo it is as good as even. */
#define WIDE_OCTETS 40

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIGNUM, BN_clear_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BN_CTX, BN_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_GROUP, EC_GROUP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EC_POINT, EC_POINT_clear_free)

/* RFC 9382 section 4, in the order of the sides. */
static const guint8 blinds[][1 + SCALAR_OCTETS] = {
  /* M */
  { 0x02, 0x88, 0x6e, 0x2f, 0x97, 0xac, 0xe4, 0x6e, 0x55, 0xba, 0x9d, 0xd7, 0x24, 0x25, 0x79, 0xf2, 0x99,
    0x3b, 0x64, 0xe1, 0x6e, 0xf3, 0xdc, 0xab, 0x95, 0xaf, 0xd4, 0x97, 0x33, 0x3d, 0x8f, 0xa1, 0x2f },
  /* N */
  { 0x03, 0xd8, 0xbb, 0xd6, 0xc6, 0x39, 0xc6, 0x29, 0x37, 0xb0, 0x4d, 0x99, 0x7f, 0x38, 0xc3, 0x77, 0x07,
    0x19, 0xc6, 0x29, 0xd7, 0x01, 0x4d, 0x49, 0xa2, 0x4b, 0x4f, 0x98, 0xba, 0xa1, 0x29, 0x2b, 0x49 },
};

struct _EsSpake2
{
  EsSpake2Side side;
  char *a, *b;
  GBytes *context;
  EsSecret *w;
  EsSecret *x; /* or y; gone once it has been used */
  GBytes *point;
  EsSecret *own_confirmation;
  EsSecret *their_confirmation;
};

static void
must (gboolean ok)
{
  if (!ok)
    g_error ("OpenSSL failed");
}

static EC_GROUP *
curve (void)
{
  EC_GROUP *group = EC_GROUP_new_by_curve_name (NID_X9_62_prime256v1);

  must (group != NULL);
  return group;
}

static BN_CTX *
context_new (void)
{
  BN_CTX *context = BN_CTX_secure_new ();

  must (context != NULL);
  return context;
}

static EC_POINT *
point_new (const EC_GROUP *group)
{
  EC_POINT *point = EC_POINT_new (group);

  must (point != NULL);
  return point;
}

static BIGNUM *
bn_from_secret (const EsSecret *secret)
{
  BIGNUM *bn = BN_secure_new ();

  must (bn != NULL && BN_bin2bn (es_secret_peek (secret), (int) es_secret_size (secret), bn) != NULL);
  BN_set_flags (bn, BN_FLG_CONSTTIME);
  return bn;
}

/* WIDE modulo the order of the group. */
static EsSecret *
reduce (const EsSecret *wide)
{
  g_autoptr (EC_GROUP) group = curve ();
  g_autoptr (BN_CTX) context = context_new ();
  g_autoptr (BIGNUM) number = bn_from_secret (wide), rest = BN_secure_new ();
  EsSecret *scalar = es_secret_new (SCALAR_OCTETS);

  must (rest != NULL && BN_nnmod (rest, number, EC_GROUP_get0_order (group), context) == 1
        && BN_bn2binpad (rest, es_secret_data (scalar), SCALAR_OCTETS) == SCALAR_OCTETS);
  return scalar;
}

static EsSecret *
random_scalar (const EsRandom *random)
{
  g_autoptr (EsSecret) wide = es_secret_new (WIDE_OCTETS);

  es_random_fill (random, es_secret_data (wide), WIDE_OCTETS);
  return reduce (wide);
}

EsSecret *
es_spake2_password (const char *password, GBytes *context)
{
  g_autoptr (EsSecret) wide = es_stretch (password, context, WIDE_OCTETS);

  return wide != NULL ? reduce (wide) : NULL;
}

/* NULL unless the octets are a point of the curve as RFC 9382 sends them. P-256 has no points of small order but infinity,
 * whose encoding is one octet. */
static EC_POINT *
decode (const EC_GROUP *group, GBytes *octets)
{
  gsize size = 0;
  const guint8 *data = g_bytes_get_data (octets, &size);
  g_autoptr (EC_POINT) point = point_new (group);

  if (size != ES_SPAKE2_POINT_OCTETS || data[0] != POINT_CONVERSION_UNCOMPRESSED
      || EC_POINT_oct2point (group, point, data, size, NULL) != 1 || EC_POINT_is_at_infinity (group, point) == 1
      || EC_POINT_is_on_curve (group, point, NULL) != 1)
    return NULL;
  return g_steal_pointer (&point);
}

static void
encode (const EC_GROUP *group, const EC_POINT *point, guint8 *out)
{
  must (EC_POINT_point2oct (group, point, POINT_CONVERSION_UNCOMPRESSED, out, ES_SPAKE2_POINT_OCTETS, NULL)
        == ES_SPAKE2_POINT_OCTETS);
}

gboolean
es_spake2_is_point (GBytes *octets)
{
  g_autoptr (EC_GROUP) group = curve ();
  g_autoptr (EC_POINT) point = decode (group, octets);

  return point != NULL;
}

/* w M or w N, whichever SIDE blinds with. One factor at a time: OpenSSL does several at once faster, but not everywhere in
 * constant time. */
static EC_POINT *
blind_of (const EC_GROUP *group, EsSpake2Side side, const EsSecret *w, BN_CTX *context)
{
  g_autoptr (BIGNUM) factor = bn_from_secret (w);
  g_autoptr (EC_POINT) base = point_new (group);
  EC_POINT *blind = point_new (group);

  must (EC_POINT_oct2point (group, base, blinds[side], sizeof blinds[side], context) == 1
        && EC_POINT_mul (group, blind, NULL, base, factor, context) == 1);
  return blind;
}

EsSpake2 *
es_spake2_new (EsSpake2Side side,
               const EsSecret *w,
               const char *a,
               const char *b,
               GBytes *context,
               const EsRandom *random)
{
  EsSpake2 *spake2 = g_new0 (EsSpake2, 1);
  g_autoptr (EC_GROUP) group = curve ();
  g_autoptr (BN_CTX) scratch = context_new ();
  g_autoptr (EC_POINT) blind = blind_of (group, side, w, scratch), point = point_new (group);
  g_autoptr (BIGNUM) x = NULL;
  guint8 octets[ES_SPAKE2_POINT_OCTETS];

  spake2->side = side;
  spake2->a = g_strdup (a);
  spake2->b = g_strdup (b);
  spake2->context = context != NULL ? g_bytes_ref (context) : g_bytes_new (NULL, 0);
  spake2->w = es_secret_copy (w);

  /* pA = x P + w M, pB = y P + w N; infinity, which chance will not bring, could not be sent. */
  do
    {
      es_secret_free (spake2->x);
      g_clear_pointer (&x, BN_clear_free);
      spake2->x = random_scalar (random);
      x = bn_from_secret (spake2->x);
      must (EC_POINT_mul (group, point, x, NULL, NULL, scratch) == 1
            && EC_POINT_add (group, point, point, blind, scratch) == 1);
    }
  while (EC_POINT_is_at_infinity (group, point) == 1);

  encode (group, point, octets);
  spake2->point = g_bytes_new (octets, sizeof octets);
  return spake2;
}

void
es_spake2_free (EsSpake2 *spake2)
{
  if (spake2 == NULL)
    return;
  g_free (spake2->a);
  g_free (spake2->b);
  g_bytes_unref (spake2->context);
  g_bytes_unref (spake2->point);
  es_secret_free (spake2->w);
  es_secret_free (spake2->x);
  es_secret_free (spake2->own_confirmation);
  es_secret_free (spake2->their_confirmation);
  g_free (spake2);
}

GBytes *
es_spake2_point (const EsSpake2 *spake2)
{
  return spake2->point;
}

/* K = x (pB - w N) or y (pA - w M); NULL where that is infinity. */
static EsSecret *
shared_point (const EsSpake2 *spake2, const EC_GROUP *group, const EC_POINT *theirs)
{
  g_autoptr (BN_CTX) context = context_new ();
  g_autoptr (BIGNUM) x = bn_from_secret (spake2->x);
  g_autoptr (EC_POINT) blind
      = blind_of (group, spake2->side == ES_SPAKE2_A ? ES_SPAKE2_B : ES_SPAKE2_A, spake2->w, context);
  g_autoptr (EC_POINT) bare = point_new (group), shared = point_new (group);
  EsSecret *octets = NULL;

  must (EC_POINT_invert (group, blind, context) == 1 && EC_POINT_add (group, bare, theirs, blind, context) == 1
        && EC_POINT_mul (group, shared, NULL, bare, x, context) == 1);
  if (EC_POINT_is_at_infinity (group, shared) == 1)
    return NULL;
  octets = es_secret_new (ES_SPAKE2_POINT_OCTETS);
  encode (group, shared, es_secret_data (octets));
  return octets;
}

/* TT: A, B, pA, pB, K and w, each after its length in 8 octets, least significant first. */
static EsSecret *
transcript (const EsSpake2 *spake2, GBytes *theirs, const EsSecret *shared)
{
  gboolean is_a = spake2->side == ES_SPAKE2_A;
  const EsPart parts[] = {
    ES_PART_STRING (spake2->a),
    ES_PART_STRING (spake2->b),
    ES_PART_BYTES (is_a ? spake2->point : theirs),
    ES_PART_BYTES (is_a ? theirs : spake2->point),
    ES_PART_SECRET (shared),
    ES_PART_SECRET (spake2->w),
  };
  gsize size = 0;
  EsSecret *tt = NULL;
  guint8 *out = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    size += sizeof (guint64) + parts[i].size;
  tt = es_secret_new (size);
  out = es_secret_data (tt);
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      guint64 length = GUINT64_TO_LE ((guint64) parts[i].size);

      memcpy (out, &length, sizeof length);
      out += sizeof length;
      if (parts[i].size > 0)
        memcpy (out, parts[i].data, parts[i].size);
      out += parts[i].size;
    }
  return tt;
}

/* KcA | KcB = HKDF (Ka, no salt, "ConfirmationKeys" | context), 32 octets, which is one round of it. */
static EsSecret *
confirmation_keys (const EsHash *hash, EsPart ka, GBytes *context)
{
  static const guint8 no_salt[32];
  const EsPart info[] = { ES_PART_STRING ("ConfirmationKeys"), ES_PART_BYTES (context), ES_PART ("\1", 1) };
  g_autoptr (EsSecret) extracted = es_hmac_secret (hash, ES_PART (no_salt, sizeof no_salt), &ka, 1);

  return es_hmac_secret (hash, ES_PART_SECRET (extracted), info, G_N_ELEMENTS (info));
}

gboolean
es_spake2_take_point (EsSpake2 *spake2, GBytes *octets)
{
  const EsHash *hash = es_hash_find ("sha256");
  g_autoptr (EC_GROUP) group = curve ();
  g_autoptr (EC_POINT) theirs = decode (group, octets);
  g_autoptr (EsSecret) shared = NULL, tt = NULL, keys = NULL, confirmations = NULL;
  EsSecret *c_a = NULL, *c_b = NULL;
  EsPart part;

  if (spake2->x == NULL || theirs == NULL || (shared = shared_point (spake2, group, theirs)) == NULL)
    return FALSE;
  g_clear_pointer (&spake2->x, es_secret_free);

  /* Ke | Ka = HASH (TT); of Ke there is no use. */
  tt = transcript (spake2, octets, shared);
  part = ES_PART_SECRET (tt);
  keys = es_hash_secret (hash, &part, 1);
  confirmations = confirmation_keys (hash, ES_PART (es_secret_peek (keys) + KEY_OCTETS, KEY_OCTETS), spake2->context);

  /* cA = HMAC (KcA, TT), cB = HMAC (KcB, TT) */
  c_a = es_hmac_secret (hash, ES_PART (es_secret_peek (confirmations), KEY_OCTETS), &part, 1);
  c_b = es_hmac_secret (hash, ES_PART (es_secret_peek (confirmations) + KEY_OCTETS, KEY_OCTETS), &part, 1);
  spake2->own_confirmation = spake2->side == ES_SPAKE2_A ? c_a : c_b;
  spake2->their_confirmation = spake2->side == ES_SPAKE2_A ? c_b : c_a;
  return TRUE;
}

GBytes *
es_spake2_confirmation (const EsSpake2 *spake2)
{
  const EsSecret *own = spake2->own_confirmation;

  return g_bytes_new (es_secret_peek (own), es_secret_size (own));
}

gboolean
es_spake2_check (const EsSpake2 *spake2, GBytes *confirmation)
{
  const EsSecret *theirs = spake2->their_confirmation;

  return theirs != NULL
         && es_octets_equal (es_secret_peek (theirs), es_secret_size (theirs), g_bytes_get_data (confirmation, NULL),
                             g_bytes_get_size (confirmation));
}
