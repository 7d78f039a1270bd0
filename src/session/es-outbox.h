/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits for encryption in one conversation, in order. Each entry comes out once. */
#pragma once
#include "es-xml.h"

/* Either text as the user typed it and as it is to leave, or a whole stanza of something else's making. */
typedef struct
{
  char *text;
  char *leaving;
  EsXml *stanza;
} EsWaiting;

void es_waiting_free (EsWaiting *waiting);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsWaiting, es_waiting_free)

typedef struct _EsOutbox EsOutbox;

EsOutbox *es_outbox_new (void);
void es_outbox_free (EsOutbox *outbox);

/* FALSE, and nothing kept, when the outbox is full. Texts are copied, STANZA taken in any case. */
gboolean es_outbox_add_text (EsOutbox *outbox, const char *text, const char *leaving);
gboolean es_outbox_add_stanza (EsOutbox *outbox, EsXml *stanza);

/* The oldest entry, now the caller's; NULL when there is none. */
EsWaiting *es_outbox_take (EsOutbox *outbox);
guint es_outbox_size (const EsOutbox *outbox);
