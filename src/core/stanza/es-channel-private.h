/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inside of a channel, for tests that compare it with known answers. */
#pragma once
#include "es-channel.h"

/* What we need to read stanzas of the other side that were made before, or after, it saw our re-key: our secret of that
 * re-key and the keys it agreed. Each re-key of ours adds a set; <new/> tells which one the other side uses. */
typedef struct
{
  EsSecret *exponent;
  GBytes *own_public; /* its public value */
  EsKeys receiving;
  GPtrArray *retired; /* our own old MAC keys; may be published once the other side has gone past this set */
} EsSet;

struct _EsChannel
{
  const EsRandom *random;
  EsSuite suite;
  guint32 rekey_freq;
  gboolean pads; /* FALSE: sizes show, as in known answers */

  EsCounter own_counter;
  EsCounter peer_counter;
  EsKeys sending;
  GBytes *peer_public; /* the other side's newest */
  GPtrArray *sets;     /* oldest first; empty once the session has ended */

  guint n_new;        /* <key/>s received since we last sent */
  gboolean received;  /* the last stanza came from the other side */
  gboolean turned;    /* the last turn did */
  gboolean rekeyed;   /* the last re-key was ours, */
  gboolean passed_up; /* and the other side has had a turn since at which it could have re-keyed */
  gboolean fresh;     /* since the last note a re-key has passed; or nothing was noted yet */
  gint64 key_since;   /* when the last re-key passed */
  gint64 last;        /* when the last stanza did */
  guint64 n_stanzas;  /* since the last re-key of either side, the stanza that carried it included */
  guint64 n_blocks;   /* since then */
  GPtrArray *publish; /* old MAC keys, of EsSecret, to go out with the next stanza */

  GHashTable *seen; /* accepted <mac/> values, of char * */
  GQueue seen_order;
};
