/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client with its user: the plugin's floor as far as libpurple and the user make it, over the real manager. */
#pragma once
#include "sim-world.h"

typedef struct
{
  guint id;
  void (*fire) (gpointer argument);
  gpointer argument;
} SimTimer;

/* What an actor has to do with one account, as the simulator knows it without asking the code. */
typedef struct
{
  gboolean open;          /* the window is */
  gboolean ended;         /* the user chose End, and nothing else since */
  gboolean may_be_plain;  /* because of that, the conversation may turn to it */
  int policy;             /* the user's, -1: none */
  gboolean policy_unsure; /* whether it was stored */
  GPtrArray *capable;     /* of char *: clients that were said to encrypt */
  gboolean distrusts;     /* the user found codes different, and has not started again */
  EsState state;
  char *device;
  char *code;
  gboolean warned;                        /* that the next message is doubtful */
  guint last_from[SIM_MAX_ACTORS];        /* the last text shown of each actor */
  guint last_incarnation[SIM_MAX_ACTORS]; /* and of which incarnation it was */
} SimView;

struct _SimActor
{
  SimWorld *world;
  guint index;
  guint account;
  char *jid; /* of the newest connection */
  guint n_resources;
  gboolean mallory; /* in the middle, posing as its account */
  SimActor *other;  /* of Mallory's: the one facing the other way */
  gboolean supports;
  EsPolicy policy;
  EsOptions options;
  EsHost host;
  SimDisk *disk;
  SimPrng random;

  guint incarnation; /* counts from 1 */
  EsTrust *trust;
  EsManager *manager; /* NULL: not running */
  gboolean dead;      /* killed while inside: what it still does does not happen */
  guint fuse;         /* so many effects until it is */
  GArray *timers;     /* of SimTimer */
  guint n_timers;
  SimSession *session; /* with the server; NULL: offline */
  gboolean linked;     /* the client believes to be online */
  gboolean roster;     /* who may see us is known */
  GPtrArray *unacked;  /* of EsXml: what is sent again after a reconnect */
  guint n_sent;        /* in this event */
  SimView views[SIM_MAX_ACCOUNTS];
};

SimActor *sim_actor_new (SimWorld *world, guint account);
void sim_actor_free (SimActor *actor);

const char *sim_account (guint account);

/* The number of the account that JID is of, or SIM_MAX_ACCOUNTS. */
guint sim_account_of (const char *jid);

/* A change outside the process is about to be made: whether it still is. */
gboolean sim_actor_effect (SimActor *actor);

gboolean sim_actor_online (const SimActor *actor);

/* Starts the program. */
void sim_actor_start (SimActor *actor);

/* It is gone from one moment to the next; POWER: so is what was not synced. */
void sim_actor_kill (SimActor *actor, gboolean power);

/* If it died in what just happened, it goes. */
void sim_actor_reap (SimActor *actor);

/* The user types something new, or an automaton does. */
void sim_actor_type (SimActor *actor, guint account);
void sim_actor_auto_reply (SimActor *actor, guint account);
void sim_actor_chat_state (SimActor *actor, guint account);

void sim_actor_open (SimActor *actor, guint account);
void sim_actor_close (SimActor *actor, guint account);
void sim_actor_begin (SimActor *actor, guint account);
void sim_actor_end (SimActor *actor, guint account);
void sim_actor_set_policy (SimActor *actor, guint account, int policy);
void sim_actor_send_plain (SimActor *actor, guint account);
void sim_actor_verify (SimActor *actor, guint account, const char *code, gboolean equal);

/* The RIGHT password, which those two accounts know, or another one. */
void sim_actor_password (SimActor *actor, guint account, gboolean right);

/* A text once more, as somebody in the middle passes it on. */
void sim_actor_submit (SimActor *actor, guint account, const char *text);

/* Sends STANZA, which is taken, as libpurple would: past the gate. */
void sim_actor_pass (SimActor *actor, EsXml *stanza);

/* What the network brings. */
void sim_actor_take (SimActor *actor, const char *from, const EsXml *stanza, gboolean forged);
