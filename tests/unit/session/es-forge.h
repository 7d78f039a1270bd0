/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For tests of what nobody honest would send: negotiation messages changed on their way, and a client that
 * knows the protocol and obeys no rule. */
#pragma once
#include "es-channel.h"
#include "es-error.h"
#include "es-life.h"
#include "es-world.h"

/* The one stanza in TEXT; the test fails if there is none. The caller frees, as below. */
EsXml *forge_parse (const char *text);
char *forge_thread (const char *text);

/* Which message of a negotiation TEXT is: 1 to 4, or 0. */
int forge_message (const char *text);

typedef enum
{
  FORGE_SET,    /* the field has this value only */
  FORGE_ADD,    /* this value as well */
  FORGE_REMOVE, /* no such field */
  FORGE_EMPTY,  /* the field without value */
  FORGE_DOUBLE, /* the same field again */
  FORGE_NEW     /* one more field, required, with this value */
} ForgeChange;

/* Changes FIELD of the form in LETTER. */
void forge_change (Letter *letter, ForgeChange change, const char *field, const char *value);

/* CONTENT, and inside it what STANZA, an iq, is; or CONTENT alone. The caller frees. */
char *forge_envelope (const char *stanza, const char *content);

/* Other commitments in a request: one with those of its receiver is none that anybody else could have made. */
void forge_commitments (Letter *letter);

/* A request of OWN's to OTHER, bare addresses. */
void forge_parties (Letter *letter, const char *own, const char *other);

/* What an answer with an error looks like; FIELDS: names it lists, separated by spaces, or NULL. */
char *forge_error (const char *to, const char *thread, EsErrorCode code, const char *fields);

/* A client without rules. */
typedef struct
{
  World *world;
  char *jid;
  EsOptions options;
  char *peer; /* whom it talks to; set by the first message */
  char *thread;
  EsNegotiation *negotiation;
  EsChannel *channel; /* NULL until there are keys */
  gboolean silent;    /* takes nothing */
  gboolean old;       /* does not say who talks to whom */
  gboolean rekeys;    /* with all that it sends */
  guint n_heard;      /* <c/>s that it could decrypt */
  EsXml *heard;       /* what was in them, since a test took it */
  GBytes *context;    /* of a shared password */
} Forger;

Forger *forger_new (World *world, const char *jid);
void forger_free (Forger *forger);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Forger, forger_free)

/* A WorldTap: takes what is sent to the forger, DATA, and answers it. */
gboolean forger_tap (World *world, Letter *letter, gpointer data);

/* Begins a negotiation with the full JID PEER. THREAD NULL: a fresh one. */
void forger_ask (Forger *forger, const char *peer, const char *thread);

/* An encrypted message with CONTENT, which need not be XML. The caller frees. */
char *forger_encrypt (Forger *forger, const char *content);

/* Sends it. */
void forger_send (Forger *forger, const char *content);
