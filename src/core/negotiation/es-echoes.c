/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-echoes.h"

#include "es-crypto.h"
#include "es-limits.h"

struct _EsEchoes
{
  GHashTable *digests; /* of GBytes, SHA-256 */
  GQueue order;        /* the same, oldest first */
};

EsEchoes *
es_echoes_new (void)
{
  EsEchoes *echoes = g_new0 (EsEchoes, 1);

  echoes->digests = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_queue_init (&echoes->order);
  return echoes;
}

void
es_echoes_free (EsEchoes *echoes)
{
  if (echoes == NULL)
    return;
  g_queue_clear (&echoes->order);
  g_hash_table_unref (echoes->digests);
  g_free (echoes);
}

static GBytes *
digest_of (GBytes *octets)
{
  EsPart part = ES_PART_BYTES (octets);
  const EsHash *sha256 = es_hash_find ("sha256");
  guint8 digest[ES_HASH_MAX_OCTETS];

  es_hash (sha256, &part, 1, digest);
  return g_bytes_new (digest, sha256->octets);
}

void
es_echoes_add (EsEchoes *echoes, GBytes *octets)
{
  g_autoptr (GBytes) digest = digest_of (octets);

  if (es_echoes_has_digest (echoes, digest))
    return;
  g_queue_push_tail (&echoes->order, digest);
  g_hash_table_add (echoes->digests, g_steal_pointer (&digest));
  if (echoes->order.length > ES_LIMIT_ECHOES)
    g_hash_table_remove (echoes->digests, g_queue_pop_head (&echoes->order));
}

gboolean
es_echoes_has (const EsEchoes *echoes, GBytes *octets)
{
  g_autoptr (GBytes) digest = digest_of (octets);

  return es_echoes_has_digest (echoes, digest);
}

gboolean
es_echoes_has_digest (const EsEchoes *echoes, GBytes *digest)
{
  return g_hash_table_contains (echoes->digests, digest);
}
