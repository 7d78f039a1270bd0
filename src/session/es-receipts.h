/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exactly once, on both sides of one contact's messages (XEP-0184 and XEP-0359, inside the encryption): what was sent and not
 * yet confirmed, in order, and what was shown already. */
#pragma once
#include "es-keep.h"
#include "es-xml.h"

/* A message that was sent encrypted: as it was before that, with its label. */
typedef struct
{
  GList link; /* the receipts' own; outside them it is in no list */
  char *id;
  guint64 number; /* no other one's in this life of the program, in whatever account */
  EsXml *stanza;
  char *typed;           /* what the user typed where the text is another encryption's of that, or NULL */
  guint64 session;       /* the number of that in which it was last sent; 0: in none of this life of the program */
  gint64 sent;           /* when that was, as EsHost.elapsed tells */
  gboolean for_verified; /* it was written for a verified device: no other one may have it */
  gboolean
      abandoned;    /* the user has ended what it went out in: it goes back if nobody confirms it before that is over */
  gboolean returns; /* it goes back to the user, as soon as the store can forget it */
  EsKept *kept;     /* as the store has it, or NULL; not freed with this */
  guint losses;     /* sessions that broke while it was the oldest in them, or in which nobody confirmed it for long */
  gboolean silent;  /* that is so of the one that it was last sent in, which counts once */
  gsize octets;
} EsSent;

void es_sent_free (EsSent *sent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsSent, es_sent_free)

typedef struct _EsReceipts EsReceipts;

EsReceipts *es_receipts_new (void);
void es_receipts_free (EsReceipts *receipts);

/* Gives STANZA the label ID, which stands inside the encryption alone, and asks for a receipt. */
void es_receipts_label (EsXml *stanza, const char *id);

/* Whether one more of that size can be kept. */
gboolean es_receipts_have_room (const EsReceipts *receipts, const EsXml *stanza);

/* Keeps STANZA, labelled ID, which it takes over, as the newest. */
EsSent *es_receipts_add (EsReceipts *receipts, const char *id, EsXml *stanza, guint64 session, gint64 now);

/* The other side, in that session, has it: it goes. Its number; 0 if none such went out there. */
guint64 es_receipts_confirm (EsReceipts *receipts, guint64 session, const char *id);

/* What is unconfirmed: how much, the oldest and what is newer than one (NULL past the end), and one for the caller to keep. */
guint es_receipts_size (const EsReceipts *receipts);
EsSent *es_receipts_oldest (const EsReceipts *receipts);
EsSent *es_receipts_after (const EsSent *sent);
EsSent *es_receipts_take (EsReceipts *receipts, EsSent *sent);

/* All of it is for verified devices only, from now on. */
void es_receipts_keep_for_verified (EsReceipts *receipts);

/* It was sent again, in that session. */
void es_sent_move (EsSent *sent, guint64 session, gint64 now);

/* What was sent in that session before BEFORE has arrived, though nobody says so: it goes. */
void es_receipts_assume (EsReceipts *receipts, guint64 session, gint64 before);

/* What a message of WRITER with the label ID and the text BODY is recognised by, the caller's. The same label on another text is another
 * message: who labels badly loses nothing. And so it is with another writer's: nobody can hide what somebody else writes. */
GBytes *es_receipts_mark_of (const char *writer, const char *id, const char *body);

/* Whether a message was shown that is recognised by MARK; and that it has been. */
gboolean es_receipts_has_shown (const EsReceipts *receipts, GBytes *mark);
void es_receipts_note (EsReceipts *receipts, GBytes *mark);

/* Takes the receipts that STANZA, decrypted in that session, carries out of it and confirms what they name: returns the numbers of
 * those, an array of guint64, the caller's; NULL if there are none. */
GArray *es_receipts_collect (EsReceipts *receipts, guint64 session, EsXml *stanza);

/* The label of STANZA, decrypted; NULL if it has none. */
const char *es_receipts_label_of (const EsXml *stanza);

/* Takes the wish for a receipt out of STANZA, decrypted; returns what to name in the answer, the caller's, or NULL. */
char *es_receipts_request (EsXml *stanza);

/* The answer, a payload for a message. */
EsXml *es_receipts_answer (const char *id);
