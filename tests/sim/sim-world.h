/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One world, made from a seed: a clock, a queue of things to come, actors with real managers and stores, a server
 * between them. Whatever happens follows from the seed alone. */
#pragma once
#include <string.h>

#include "es-channel.h"
#include "es-error.h"
#include "es-jid.h"
#include "es-manager.h"

#include "sim-disk.h"
#include "sim-prng.h"

#define SIM_MAX_ACTORS 5
#define SIM_MAX_ACCOUNTS 3

typedef struct _SimWorld SimWorld;
typedef struct _SimActor SimActor;
typedef struct _SimSession SimSession;
typedef struct _SimLetter SimLetter;
typedef struct _SimEvent SimEvent;

/* What a seed is about. */
typedef struct
{
  guint n_people;         /* actors at the ends: 2 or 3 */
  gboolean second_device; /* the third one is another client of Bob's, not Carol's */
  gboolean hostile;       /* the network is an enemy for a while */
  gboolean mitm;          /* and so is somebody in the middle */
  gboolean cuts, kills, faults;
  gboolean differ;   /* users may say that codes differ */
  gboolean careful;  /* they compare codes often */
  gboolean restless; /* start and end, come and go, all the time */
  guint n_steps;
} SimPlan;

typedef struct
{
  guint64 events, messages, shown, returned, sessions;
} SimTotals;

/* Something that will happen: FIRE. What else it needs stands in the rest. */
struct _SimEvent
{
  gint64 due;
  guint64 order;
  void (*fire) (SimWorld *world, SimEvent *event);
  SimActor *actor;
  guint incarnation; /* of the actor; 0: any */
  guint number;
  gpointer data; /* a letter or a string */
  GDestroyNotify free_data;
};

/* A text that somebody typed. Its number stands in it, so wherever it turns up it is known. */
typedef struct
{
  SimActor *owner;
  guint incarnation;
  guint account;        /* to whom */
  gboolean automatic;   /* by a program */
  gboolean asked_plain; /* the user wanted it to go out as it is */
  gboolean in_clear;    /* it did go out like that */
  gboolean returned, not_sent;
  gboolean read_by_mallory;
  guint shown_to[SIM_MAX_ACTORS]; /* the incarnation that was shown it last, 0: none */
  gboolean shown, shown_encrypted;
  gint64 typed;
} SimText;

/* Whether a user verified another actor. */
typedef enum
{
  SIM_NEVER,
  SIM_PERHAPS, /* one of them said since that the codes differ */
  SIM_SAID,    /* said so, and it may have been stored */
  SIM_VERIFIED
} SimVerified;

struct _SimWorld
{
  guint64 seed;
  SimPrng dice;
  SimPlan plan;
  gint64 now;       /* milliseconds */
  GPtrArray *queue; /* heap of SimEvent */
  guint64 n_events, n_letters;
  guint n_sessions;

  SimActor *actors[SIM_MAX_ACTORS];
  guint n_actors; /* those in the middle come last */
  guint n_accounts;
  GPtrArray *sessions; /* of SimSession: what the server believes in */
  gint64 last_due[SIM_MAX_ACTORS][SIM_MAX_ACCOUNTS];
  guint badness;      /* of 100 stanzas so many meet with an accident */
  gboolean in_middle; /* somebody is */
  gboolean peace;     /* no more faults, nobody does anything */
  gboolean ever_hostile, ever_fault;
  GPtrArray *archive; /* of SimLetter: everything sent, where the network is hostile */

  GPtrArray *texts;      /* of SimText */
  GHashTable *codes;     /* code -> who showed it, one bit each */
  GHashTable *passwords; /* code -> who gave the right password there, likewise */
  GHashTable *doubted;   /* of char *: codes that somebody found different */
  guint8 verified[SIM_MAX_ACTORS][SIM_MAX_ACTORS];

  SimTotals totals;
  char *failure;
  GPtrArray *trace; /* of char *, NULL where nobody reads it */
};

SimWorld *sim_world_new (guint64 seed, gboolean trace);
void sim_world_free (SimWorld *world);

/* Lives through all of it; FALSE when something was wrong: world->failure. */
gboolean sim_world_run (SimWorld *world);

/* Adds an event AFTER milliseconds from now; the caller fills in the rest. */
SimEvent *sim_world_add (SimWorld *world, gint64 after, void (*fire) (SimWorld *world, SimEvent *event));

/* The world is wrong; the first reason counts. */
void sim_fail (SimWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);

void sim_trace_add (SimWorld *world, const char *format, ...) G_GNUC_PRINTF (2, 3);
#define sim_trace(world, ...)                                                                                          \
  do                                                                                                                   \
    if ((world)->trace != NULL)                                                                                        \
      sim_trace_add ((world), __VA_ARGS__);                                                                            \
  while (0)
