/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-locked.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Pieces have the next power of two from this on; each size has slabs of its own. */
#define SMALLEST_BITS 5
#define LARGEST_BITS 12
#define SLAB_OCTETS ((gsize) ES_LOCKED_LARGEST)

/* What is free; it is wiped but for the pointer. */
typedef struct _Piece Piece;
struct _Piece
{
  Piece *next;
};

static Piece *pieces[LARGEST_BITS + 1];

typedef struct
{
  guint8 *memory;
  gsize octets;
} Region;

static GSList *regions; /* newest first */
static guint8 *rest;    /* what is left of the newest */
static gsize rest_octets, locked, in_use;

/* The size of region that is tried first. */
static gsize from;

/* A region of OCTETS, or NULL if that cannot be had. What sanitizers put in the place of mlock () locks nothing. */
static guint8 *
map (gsize octets)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  guint8 *whole = mmap (NULL, octets + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *region = whole + page;

  if (whole == MAP_FAILED)
    return NULL;
  if (mprotect (region, octets, PROT_READ | PROT_WRITE) != 0 || mlock2 (region, octets, 0) != 0)
    {
      munmap (whole, octets + 2 * page);
      return NULL;
    }
  madvise (region, octets, MADV_DONTDUMP);
  return region;
}

/* The largest that can be had: near the limit a large one cannot, and is not tried again. */
static gboolean
grow (void)
{
  static const gsize sizes[] = { 256 * 1024, 64 * 1024, 16 * 1024, 4 * 1024 };
  gsize page = (gsize) sysconf (_SC_PAGESIZE);

  for (;; from++)
    {
      gsize octets = MAX (sizes[from], page);

      if ((rest = map (octets)) != NULL)
        {
          regions = g_slist_prepend (regions, g_memdup2 (&(Region){ rest, octets }, sizeof (Region)));
          rest_octets = octets;
          locked += octets;
          return TRUE;
        }
      if (from + 1 == G_N_ELEMENTS (sizes))
        return FALSE;
    }
}

static guint
bits_of (gsize size)
{
  return size <= (gsize) 1 << SMALLEST_BITS ? SMALLEST_BITS : g_bit_storage (size - 1);
}

static gboolean
cut_slab (guint bits)
{
  gsize size = (gsize) 1 << bits;

  if (rest_octets == 0 && !grow ())
    return FALSE;
  for (gsize at = SLAB_OCTETS; at > 0; at -= size)
    {
      Piece *piece = (Piece *) (rest + at - size);

      piece->next = pieces[bits];
      pieces[bits] = piece;
    }
  rest += SLAB_OCTETS;
  rest_octets -= SLAB_OCTETS;
  return TRUE;
}

void *
es_locked_new (gsize size)
{
  guint bits = bits_of (size);
  Piece *piece = NULL;

  g_assert (size <= ES_LOCKED_LARGEST);
  if (pieces[bits] == NULL && !cut_slab (bits))
    return NULL;
  piece = pieces[bits];
  pieces[bits] = piece->next;
  piece->next = NULL;
  in_use++;
  return piece;
}

void
es_locked_free (void *memory, gsize size)
{
  guint bits = bits_of (size);
  Piece *piece = memory;

  in_use--;
  explicit_bzero (memory, size);
  piece->next = pieces[bits];
  pieces[bits] = piece;
}

void
es_locked_release (void)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);

  if (in_use > 0)
    return;
  for (GSList *link = regions; link != NULL; link = link->next)
    {
      const Region *region = link->data;

      munmap (region->memory - page, region->octets + 2 * page);
    }
  g_slist_free_full (g_steal_pointer (&regions), g_free);
  memset (pieces, 0, sizeof pieces);
  rest_octets = locked = from = 0;
}

gsize
es_locked_octets (void)
{
  return locked;
}
