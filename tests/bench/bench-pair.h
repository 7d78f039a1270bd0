/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions with nothing between them. Stanzas are handed over as trees: whoever brings them writes and reads XML
 * whatever is in it. */
#pragma once
#include "../es-at.h"
#include "bench.h"
#include "es-session.h"

/* What one side does without returning to its main loop. */
typedef enum
{
  PAIR_CALL_REQUEST,
  PAIR_CALL_TAKE_REQUEST,
  PAIR_CALL_TAKE_RESPONSE,
  PAIR_CALL_TAKE_INITIATOR_ACCEPT,
  PAIR_CALL_TAKE_RESPONDER_ACCEPT,
  PAIR_N_CALLS
} PairCall;

typedef struct
{
  const char *account;
  const char *jid;
  char *path; /* of its store */
  EsTrust *trust;
  EsSession *session;
  EsChannel *channel;
} PairSide;

typedef struct
{
  EsOptions options;
  EsHost host;
  PairSide alice;
  PairSide bob;

  double passed[PAIR_N_CALLS]; /* seconds in each call of the last negotiation */
  double cpu[PAIR_N_CALLS];    /* and of CPU time, which does not depend on what else runs */
  gboolean counting;           /* whether to fill in the next two: it takes time */
  guint n_stanzas;
  gsize n_octets;
} Pair;

/* GROUPS ends with 0; NULL: the default offer. The stores are new files in FOLDER, or in memory where that is NULL. */
Pair *pair_new (const guint *groups, const char *folder);
void pair_free (Pair *pair);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pair, pair_free)

/* Negotiates, with fresh sessions for both sides and what they remember of the last time. */
void pair_negotiate (Pair *pair);

/* The same with the core alone: nothing is remembered, and the result is a channel for each side. */
void pair_negotiate_core (Pair *pair);

/* Bench subjects. DATA is a Pair. */
void pair_run (gpointer data, guint n);
void pair_run_core (gpointer data, guint n);
