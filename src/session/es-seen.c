/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-seen.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"

#define DIGEST_OCTETS 16
#define LABEL_OCTETS 12

/* Of one contact. */
typedef struct
{
  GByteArray *earlier; /* of earlier lives, oldest first, */
  EsKept *left; /* and where they stand, or NULL: nothing is written there any more, for that life may not be over */
  GByteArray *digests; /* of this one likewise */
  EsKept *kept;
  GList link;
  EsAddress *contact;
} Row;

struct _EsSeen
{
  EsKeep *keep;
  GHashTable *rows; /* contact -> Row */
  GQueue order;     /* of Row, who wrote last is the last */
};

static void
row_free (gpointer data)
{
  Row *row = data;

  g_byte_array_unref (row->earlier);
  g_byte_array_unref (row->digests);
  es_address_unref (row->contact);
  g_free (row);
}

EsSeen *
es_seen_new (EsKeep *keep)
{
  EsSeen *seen = g_new0 (EsSeen, 1);

  seen->keep = keep;
  seen->rows = es_address_table_new (row_free);
  g_queue_init (&seen->order);
  return seen;
}

void
es_seen_free (EsSeen *seen)
{
  if (seen == NULL)
    return;
  g_hash_table_unref (seen->rows);
  g_free (seen);
}

static gboolean
holds (const GByteArray *digests, gsize size, const guint8 *digest, gsize octets)
{
  for (gsize i = 0; i < size; i += DIGEST_OCTETS)
    if (memcmp (digests->data + i, digest, octets) == 0)
      return TRUE;
  return FALSE;
}

static Row *
find (const EsSeen *seen, const EsAddress *contact)
{
  return g_hash_table_lookup (seen->rows, es_address_bare (contact));
}

static void
drop (EsSeen *seen, Row *row)
{
  es_kept_done (row->left);
  es_kept_done (row->kept);
  g_queue_unlink (&seen->order, &row->link);
  g_hash_table_remove (seen->rows, row->contact);
}

/* The row of CONTACT, as that of whom wrote last. */
static Row *
need (EsSeen *seen, const EsAddress *contact)
{
  Row *row = find (seen, contact);

  if (row != NULL)
    g_queue_unlink (&seen->order, &row->link);
  else
    {
      if (seen->order.length == ES_LIMIT_SHOWN_CONTACTS)
        drop (seen, seen->order.head->data);
      row = g_new0 (Row, 1);
      row->contact = es_address_ref (es_address_bare (contact));
      row->earlier = g_byte_array_new ();
      row->digests = g_byte_array_new ();
      row->link.data = row;
      g_hash_table_insert (seen->rows, es_address_ref (row->contact), row);
    }
  g_queue_push_tail_link (&seen->order, &row->link);
  return row;
}

/* Leaves the newest. */
static void
shorten (GByteArray *digests)
{
  guint octets = ES_LIMIT_SHOWN_STORED * DIGEST_OCTETS;

  if (digests->len > octets)
    g_byte_array_remove_range (digests, 0, digests->len - octets);
}

/* What was there before is not put there twice. */
static void
append_new (GByteArray *digests, const guint8 *octets, gsize size)
{
  gsize before = digests->len;

  for (gsize i = 0; i < size; i += DIGEST_OCTETS)
    if (!holds (digests, before, octets + i, DIGEST_OCTETS))
      g_byte_array_append (digests, octets + i, DIGEST_OCTETS);
}

static void
store_row (const EsSeen *seen, Row *row)
{
  if (row->kept != NULL)
    es_kept_shown_changed (row->kept, row->digests);
  else
    row->kept = es_keep_shown (seen->keep, row->contact, row->digests);
}

void
es_seen_restore (EsSeen *seen, const EsAddress *contact, EsKept *kept, GBytes *digests)
{
  gsize size = 0;
  const guint8 *octets = g_bytes_get_data (digests, &size);
  Row *row = NULL;

  /* Damaged. */
  if (size % DIGEST_OCTETS != 0)
    {
      es_kept_done (kept);
      return;
    }
  row = need (seen, contact);
  append_new (row->earlier, octets, size);
  shorten (row->earlier);
  if (row->left == NULL)
    {
      row->left = kept;
      return;
    }

  /* Each life, and each program, has written its own: from now on they are one. A program that runs still will miss its own, and
   * write it again. */
  es_kept_done (row->left);
  es_kept_done (kept);
  row->left = es_keep_shown (seen->keep, row->contact, row->earlier);
}

/* The label's, and behind it so much of its writer's that nobody can find out what to be called. */
static gboolean
digest_of (const char *writer, const char *label, guint8 digest[DIGEST_OCTETS])
{
  const EsHash *sha256 = es_hash_find ("sha256");
  guint8 octets[ES_HASH_MAX_OCTETS];
  EsPart parts[] = { ES_PART (writer, strlen (writer) + 1), ES_PART_STRING (label) };

  if (strlen (label) < ES_LIMIT_LABEL_MIN)
    return FALSE;
  es_hash (sha256, &parts[1], 1, octets);
  memcpy (digest, octets, LABEL_OCTETS);
  es_hash (sha256, parts, G_N_ELEMENTS (parts), octets);
  memcpy (digest + LABEL_OCTETS, octets, DIGEST_OCTETS - LABEL_OCTETS);
  return TRUE;
}

void
es_seen_note (EsSeen *seen, const EsAddress *contact, const char *writer, const char *label)
{
  guint8 digest[DIGEST_OCTETS];
  Row *row = NULL;

  if (!digest_of (writer, label, digest))
    return;
  row = need (seen, contact);
  g_byte_array_append (row->digests, digest, DIGEST_OCTETS);

  /* What comes again comes in the order in which it stands there: were each of it to push out the next one, all of it would be
   * shown. So this life has room of its own. */
  shorten (row->digests);
  store_row (seen, row);
}

gboolean
es_seen_has (const EsSeen *seen, const EsAddress *contact, const char *writer, const char *label)
{
  const Row *row = find (seen, contact);
  guint8 digest[DIGEST_OCTETS];

  return row != NULL && digest_of (writer != NULL ? writer : "", label, digest)
         && holds (row->earlier, row->earlier->len, digest, writer != NULL ? DIGEST_OCTETS : LABEL_OCTETS);
}
