/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-echoes.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"

struct _EsEchoes
{
  GHashTable *digests; /* of GBytes, SHA-256 -> char *: who said it to whom, or NULL */
  GQueue order;        /* the same, oldest first */
};

EsEchoes *
es_echoes_new (void)
{
  EsEchoes *echoes = g_new0 (EsEchoes, 1);

  echoes->digests = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, g_free);
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

/* No address has a NUL or a line break. NULL where nobody is known, or somebody talks to himself. */
static char *
pair_of (const EsAddress *by, const EsAddress *to)
{
  return by != NULL && to != NULL && !es_address_same_bare (by, to) ? g_strdup_printf (
             "%s\n%s", es_address_text (es_address_bare (by)), es_address_text (es_address_bare (to)))
                                                                    : NULL;
}

void
es_echoes_add (EsEchoes *echoes, GBytes *octets, const EsAddress *by, const EsAddress *to)
{
  g_autoptr (GBytes) digest = digest_of (octets);

  if (g_hash_table_contains (echoes->digests, digest))
    return;
  g_queue_push_tail (&echoes->order, digest);
  g_hash_table_insert (echoes->digests, g_steal_pointer (&digest), pair_of (by, to));
  if (echoes->order.length > ES_LIMIT_ECHOES)
    g_hash_table_remove (echoes->digests, g_queue_pop_head (&echoes->order));
}

gboolean
es_echoes_has (const EsEchoes *echoes, GBytes *octets, const EsAddress *by, const EsAddress *to)
{
  g_autoptr (GBytes) digest = digest_of (octets);

  return es_echoes_has_digest (echoes, digest, by, to);
}

gboolean
es_echoes_has_digest (const EsEchoes *echoes, GBytes *digest, const EsAddress *by, const EsAddress *to)
{
  g_autofree char *pair = pair_of (by, to);
  gpointer said = NULL;

  return g_hash_table_lookup_extended (echoes->digests, digest, NULL, &said)
         && (said == NULL || pair == NULL || strcmp (said, pair) != 0);
}
