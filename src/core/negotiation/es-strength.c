/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-strength.h"

#include "es-dh.h"

/* Where the parts stand: the group's bits of security, the octets of the cipher's key and of the hash, whether the code
 * proves anything, the stanzas covered. */
static const struct
{
  guint shift;
  guint32 max;
} parts[] = { { 20, 1023 }, { 14, 63 }, { 7, 127 }, { 6, 1 }, { 5, 1 }, { 4, 1 }, { 3, 1 } };

static guint32
part (guint32 strength, gsize i)
{
  return (strength >> parts[i].shift) & parts[i].max;
}

guint32
es_strength_of (const EsSuite *suite, guint stanzas)
{
  const guint values[] = {
    suite->group != NULL ? es_group_bits (suite->group) : 0,
    suite->cipher != NULL ? (guint) suite->cipher->key_octets : 0,
    suite->hash != NULL ? (guint) suite->hash->octets : 0,
    suite->sas != NULL && suite->sas->proves ? 1 : 0,
    (stanzas & ES_STANZA_MESSAGE) != 0 ? 1 : 0,
    (stanzas & ES_STANZA_IQ) != 0 ? 1 : 0,
    (stanzas & ES_STANZA_PRESENCE) != 0 ? 1 : 0,
  };
  guint32 strength = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    strength |= MIN (values[i], parts[i].max) << parts[i].shift;
  return strength;
}

guint32
es_strength_best (guint32 one, guint32 other)
{
  guint32 best = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    best |= MAX (part (one, i), part (other, i)) << parts[i].shift;
  return best;
}

gboolean
es_strength_is_narrowed (guint32 now, guint32 before)
{
  return es_strength_best (now, before) != now;
}
