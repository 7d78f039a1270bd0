/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for encryption in one conversation, in order. Each entry comes out once. */
#pragma once
#include "es-keep.h"
#include "es-xml.h"

/* Either text as the user typed it and as it is to leave, or a whole stanza of something else's making. */
typedef struct
{
  char *text;
  char *leaving;
  EsXml *stanza;
  char *label;           /* what its receipt will name */
  gboolean for_verified; /* it was written for a verified device: no other one may have it */
  gboolean restored;     /* an earlier life of the program left it */
  gboolean guarded;      /* by itself it leaves encrypted only */
  gboolean plain;        /* the user wants it to leave unencrypted */
  gboolean returns;      /* it goes back to the user, as soon as the store can forget it, */
  gboolean discarded;    /* or to nobody, as the user wants, */
  gint64 aside;          /* who wanted that at this moment, and may still want it back; 0: did not */
  EsKept *kept;          /* as the store has it, or NULL; not freed with this */
  gsize octets;
} EsWaiting;

void es_waiting_free (EsWaiting *waiting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsWaiting, es_waiting_free)

typedef struct _EsOutbox EsOutbox;

EsOutbox *es_outbox_new (void);
void es_outbox_free (EsOutbox *outbox);

/* The new entry; NULL, and nothing kept, when the outbox is full. Texts are copied, STANZA taken in any case. */
EsWaiting *es_outbox_add_text (EsOutbox *outbox, const char *text, const char *leaving);
EsWaiting *es_outbox_add_stanza (EsOutbox *outbox, EsXml *stanza);

/* The same of what an earlier life of the program has left, one after the other: it goes before all that this one has added, and is there be
 * the outbox full or not. */
EsWaiting *es_outbox_restore_text (EsOutbox *outbox, const char *text, const char *leaving);
EsWaiting *es_outbox_restore_stanza (EsOutbox *outbox, EsXml *stanza);

/* The oldest entry, NULL when there is none: it stays, or is now the caller's. */
const EsWaiting *es_outbox_peek (const EsOutbox *outbox);
EsWaiting *es_outbox_take (EsOutbox *outbox);
/* Puts one that was taken behind all others. */
void es_outbox_put_back (EsOutbox *outbox, EsWaiting *waiting);
/* All that waits leaves encrypted only, by itself; and the user wants it to leave unencrypted all the same. */
void es_outbox_guard (EsOutbox *outbox);
void es_outbox_allow_plain (EsOutbox *outbox);
/* Or has thought better of it. */
void es_outbox_forbid_plain (EsOutbox *outbox);

/* All that waits was written for a verified device. */
void es_outbox_keep_for_verified (EsOutbox *outbox);
guint es_outbox_size (const EsOutbox *outbox);

/* The Nth, oldest first, below the size; and the one with that label, or NULL: it stays, or is now the caller's. */
const EsWaiting *es_outbox_nth (const EsOutbox *outbox, guint n);
EsWaiting *es_outbox_find (const EsOutbox *outbox, const char *label);
EsWaiting *es_outbox_take_labelled (EsOutbox *outbox, const char *label);
