/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One world, made from a seed: a clock, a queue of things to come, actors with real managers and stores, a server
 * between them. Whatever happens follows from the seed alone. */
#pragma once
#include <string.h>

#include "es-channel.h"
#include "es-error.h"
#include "es-manager.h"

#include "sim-disk.h"
#include "sim-prng.h"

#define SIM_MAX_ACTORS 8
#define SIM_MAX_ACCOUNTS 4

typedef struct _SimWorld SimWorld;
typedef struct _SimActor SimActor;
typedef struct _SimSession SimSession;
typedef struct _SimLetter SimLetter;
typedef struct _SimEvent SimEvent;
typedef struct _SimServer SimServer;

/* What a server that lies does, see sim-server.h. */
typedef enum
{
  SIM_LIE_MIRROR,
  SIM_LIE_CROSS,
  SIM_LIE_DIVERT,
  SIM_LIE_REFLECT,
  SIM_LIE_GRIND,
  SIM_LIE_STORE,
  SIM_LIE_REWRITE,
  SIM_LIE_PRESENCE,
  SIM_LIE_REPLAY,
  SIM_LIE_FORK,
  SIM_LIE_RECEIPT,
  SIM_LIE_ROSTER,
  SIM_LIE_RENAME,
  SIM_N_LIES
} SimLieKind;

/* What a seed is about. */
typedef struct
{
  guint n_people;          /* actors at the ends: 2 to 5 */
  gboolean second_device;  /* one of them is another client of Bob's */
  gboolean carol;          /* one is Carol's */
  gboolean second_account; /* one is another account of Alice's, in the same program */
  gboolean hostile;        /* the network is an enemy for a while */
  gboolean mitm;           /* and so is somebody in the middle */
  guint lies;              /* of SimLieKind, one bit each */
  gboolean spellings;      /* people type addresses as they like */
  gboolean programs;       /* programs talk to each other, files are sent, rooms are visited */
  gboolean whispers;       /* they send presence to one alone, often */
  gboolean guesses;        /* they use passwords, and know them badly */
  gboolean years;          /* for a year or two nobody is there */
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

/* Who made a text. */
typedef enum
{
  SIM_TYPED,
  SIM_AUTOMATIC, /* a program, as a message */
  SIM_BETWEEN,   /* a program, for the other one: nobody waits for it */
  SIM_ASKED_FOR  /* the same, because that one has asked */
} SimMaker;

/* A text that somebody typed. Its number stands in it, so wherever it turns up it is known. */
typedef struct
{
  SimActor *owner;
  guint incarnation;
  guint account; /* to whom */
  SimMaker maker;
  gboolean asked_plain;  /* the user wanted it to go out as it is */
  gboolean in_clear;     /* it did go out like that */
  gboolean for_verified; /* the contact had a verified device when it was typed */
  gboolean promised;     /* the user was told that it will be encrypted, and nothing else since */
  gboolean unsure;       /* the program died, or its disk failed, over it: perhaps it was not stored */
  gboolean left_over;    /* the same, over that it is done with: perhaps that was not */
  gboolean returned, not_sent;
  gboolean swallowed; /* by another plugin, once */
  guint let_out;      /* the incarnation in which it has waited and been sent, 0: none */
  gint64 moved;       /* when the program last did something with it */
  gboolean read_by_mallory;
  guint64 number;      /* by which its owner is told what became of it, 0: it did not leave encrypted in this life */
  char label[13];      /* the id that it went out with in the encryption, or "" */
  gboolean liar_knows; /* the conversation was with the one who confirms what is not his */
  guint
      shown_to[SIM_MAX_ACTORS]; /* the incarnation that was shown it last, 0: none, or it died before it stored that */
  gint64 shown_at[SIM_MAX_ACTORS];
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

/* A code, and who shows it with whom. */
typedef struct
{
  guint bits; /* one for each actor */
  guint contact[SIM_MAX_ACTORS];
} SimCode;

/* What is lost next to whom, see sim-mishap.h. */
typedef enum
{
  SIM_MISHAP_FIRST, /* nothing: message 4 has to come */
  SIM_MISHAP_PROOF,
  SIM_MISHAP_SECOND /* message 4 */
} SimStep;

typedef struct
{
  SimActor *actor; /* NULL: nobody */
  guint account;   /* with whom */
  SimStep step;
} SimMishap;

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
  gboolean quiet;     /* and what that began is over */
  guint n_quiet;      /* sessions that began since */
  gboolean ever_hostile, ever_fault;
  gboolean ever_lied;   /* the server */
  gboolean ever_forgot; /* a user took back that a device is verified, or forgot it */
  SimMishap mishap;
  SimServer *server;    /* what it has to remember to lie */
  const SimActor *liar; /* one of them confirms what others have had; NULL: nobody does */
  GPtrArray *archive;   /* of SimLetter: everything sent, where the network is hostile */

  GPtrArray *texts;      /* of SimText */
  GHashTable *codes;     /* code -> SimCode */
  GHashTable *passwords; /* code -> who gave the right password there, likewise */
  GHashTable *doubted;   /* of char *: codes that somebody found different */
  guint8 verified[SIM_MAX_ACTORS][SIM_MAX_ACTORS];

  SimTotals totals;
  char *failure;
  GHashTable *kinds; /* of failure, as the formats they are told in; NULL: with the first one it is over */
  GPtrArray *trace;  /* of char *, NULL where nobody reads it */
};

/* LIES are told for certain, besides those that the seed brings. GO_ON: what is wrong is only printed, once of each kind. */
SimWorld *sim_world_new (guint64 seed, guint lies, gboolean go_on, gboolean trace);
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
