/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The labels of messages that an earlier life of the program has shown, so that what comes again, because the receipt was lost
 * with that life, is not shown twice. What this life has shown is known better: es-receipts.h. Of labels no more than a digest
 * is stored, and nothing of the texts. */
#pragma once
#include "es-keep.h"

/* Of one account. KEEP must outlive it. */
typedef struct _EsSeen EsSeen;

EsSeen *es_seen_new (EsKeep *keep);
void es_seen_free (EsSeen *seen);

/* What the store had under KEPT (taken over) of CONTACT. */
void es_seen_restore (EsSeen *seen, const EsAddress *contact, EsKept *kept, GBytes *digests);

/* A message of CONTACT with that label, which is WRITER's, has been shown; the last ES_LIMIT_SHOWN_STORED of a contact, as many as may be unconfirmed,
 * are known in the next life, of the ES_LIMIT_SHOWN_CONTACTS that wrote last. Labels of less than ES_LIMIT_LABEL_MIN octets may
 * come again by chance. */
void es_seen_note (EsSeen *seen, const EsAddress *contact, const char *writer, const char *label);

/* Whether an earlier life has shown it; WRITER NULL: whoever's it was. */
gboolean es_seen_has (const EsSeen *seen, const EsAddress *contact, const char *writer, const char *label);
