/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-recent.h"

typedef struct
{
  char *key;
  gpointer value;
} Entry;

struct _EsRecent
{
  guint size;
  GDestroyNotify free;
  GQueue entries;    /* the oldest first */
  GHashTable *links; /* key -> its link in there */
};

EsRecent *
es_recent_new (guint size, GDestroyNotify free)
{
  EsRecent *recent = g_new0 (EsRecent, 1);

  recent->size = size;
  recent->free = free;
  recent->links = g_hash_table_new (g_str_hash, g_str_equal);
  g_queue_init (&recent->entries);
  return recent;
}

static void
drop (EsRecent *recent, GList *link)
{
  Entry *entry = link->data;

  g_hash_table_remove (recent->links, entry->key);
  g_queue_delete_link (&recent->entries, link);
  if (recent->free != NULL && entry->value != NULL)
    recent->free (entry->value);
  g_free (entry->key);
  g_free (entry);
}

void
es_recent_clear (EsRecent *recent)
{
  while (recent->entries.head != NULL)
    drop (recent, recent->entries.head);
}

void
es_recent_free (EsRecent *recent)
{
  es_recent_clear (recent);
  g_hash_table_unref (recent->links);
  g_free (recent);
}

void
es_recent_add (EsRecent *recent, const char *key, gpointer value)
{
  Entry *entry = g_new (Entry, 1);

  *entry = (Entry){ g_strdup (key), value };
  es_recent_remove (recent, key);
  if (recent->entries.length >= recent->size)
    drop (recent, recent->entries.head);
  g_queue_push_tail (&recent->entries, entry);
  g_hash_table_insert (recent->links, entry->key, recent->entries.tail);
}

gboolean
es_recent_find (const EsRecent *recent, const char *key, gpointer *value)
{
  const GList *link = key != NULL ? g_hash_table_lookup (recent->links, key) : NULL;

  if (link != NULL && value != NULL)
    *value = ((const Entry *) link->data)->value;
  return link != NULL;
}

void
es_recent_remove (EsRecent *recent, const char *key)
{
  GList *link = g_hash_table_lookup (recent->links, key);

  if (link != NULL)
    drop (recent, link);
}

guint
es_recent_count (const EsRecent *recent)
{
  return recent->entries.length;
}
