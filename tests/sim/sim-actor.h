/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A client with its user: the plugin's floor as far as libpurple and the user make it, over the real manager. */
#pragma once
#include "sim-address.h"
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
  GPtrArray *present;     /* of char *: clients that are said to be there */
  GPtrArray *capable;     /* and to encrypt */
  gboolean distrusts;     /* the user found codes different, and has not started again */
  gboolean unseen;        /* the roster says that the contact may not see us: somebody made it say so */
  EsState state;
  EsPolicy holds; /* the policy that does */
  char *device;
  char *left; /* the verified one whose session it has left last */
  char *code;
  const SimActor *partner;         /* who holds the keys of that code, as the one who was heard when it appeared */
  gboolean barred;                 /* the device is not verified, and another one is */
  gboolean warned;                 /* that the next message is doubtful */
  guint n_wrong;                   /* passwords that differed since */
  gint64 wrong_since;              /* this moment */
  gboolean promised;               /* that what waits will be encrypted, and nothing has been said since */
  GArray *negotiations;            /* of gint64: when one was begun or answered */
  guint n_allowed;                 /* of those the user asked for, or that are proven */
  guint last_from[SIM_MAX_ACTORS]; /* the last text shown of each actor */
  guint last_incarnation[SIM_MAX_ACTORS]; /* and of which incarnation it was */
} SimView;

/* What may end a session. */
typedef enum
{
  SIM_BY_STANZA = 1, /* about encryption, or an error */
  SIM_BY_ABSENCE = 2,
  SIM_BY_USER = 4,
  SIM_BY_LINE = 8
} SimCause;

struct _SimActor
{
  SimWorld *world;
  SimActor *first; /* the one of the same program whose disk it uses: itself, or its user's other account */
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
  SimDisk *disk; /* of the program's first, like the next */
  SimPrng random;
  guint8 drawn[9]; /* the first octets of such a number that were drawn since */
  gboolean has_drawn;

  guint incarnation; /* counts from 1 */
  guint mute;        /* in this one nothing that it sends comes out any more; 0: in none */
  EsTrust *trust;
  GHashTable *marks;    /* verified devices -> which account's (low octet) with which */
  gboolean has_marks;   /* there may be some */
  gboolean marks_stale; /* they may have changed since they were read */
  guint may_unmark;     /* one bit for each two accounts whose marks the user takes back */
  GHashTable *allowed;  /* codes of sessions that the user writes in though the device is not verified */
  int passing;          /* the number of the text that is being sent, or -1 */
  gboolean walled;      /* what is being sent is to be encrypted */
  const EsXml *handed;  /* what has waited, and is on its way out */
  EsManager *manager;   /* NULL: not running */
  gboolean dead;        /* killed while inside: what it still does does not happen */
  guint fuse;           /* so many effects until it is; of the program's first */
  GArray *timers;       /* of SimTimer */
  guint n_timers;
  gboolean in_timer;   /* what it does now nobody has asked it for */
  SimSession *session; /* with the server; NULL: offline */
  gboolean linked;     /* the client believes to be online */
  gboolean roster;     /* who may see us is known */
  GPtrArray *unacked;  /* of EsXml: what is sent again after a reconnect */
  guint n_sent;        /* in this event */
  guint n_asked;       /* iqs, ever */

  /* What has happened to it in this event. */
  gboolean touched;        /* anything at all */
  guint causes;            /* of SimCause, one bit each */
  guint64 taken;           /* the number of the last stanza that it was brought */
  const SimLetter *taking; /* what it is being brought */
  const SimActor *heard;   /* who made that */
  char *heard_from;        /* and as whose it came */
  SimView views[SIM_MAX_ACCOUNTS];
};

/* FIRST: of the same program; NULL: a program of its own. */
SimActor *sim_actor_new (SimWorld *world, guint account, SimActor *first);
void sim_actor_free (SimActor *actor);

/* Whether ACCOUNT is of the same program: nobody is his own contact. */
gboolean sim_actor_is_own (const SimActor *actor, guint account);

/* A change outside the process is about to be made: whether it still is. */
gboolean sim_actor_effect (SimActor *actor);

gboolean sim_actor_online (const SimActor *actor);

/* Starts the program, with all accounts that it has. */
void sim_actor_start (SimActor *actor);

/* It is gone from one moment to the next; POWER: so is what was not synced. */
void sim_actor_kill (SimActor *actor, gboolean power);

/* If it died in what just happened, it goes. */
void sim_actor_reap (SimActor *actor);

/* What its user interface shows of the conversation, and the device in that, which belongs to WHAT. */
void sim_actor_describe (const SimActor *actor, guint account, EsConversation *what);
const char *sim_actor_device (const EsConversation *what);

/* The user types something new, or an automaton does. */
void sim_actor_type (SimActor *actor, guint account);
void sim_actor_auto_reply (SimActor *actor, guint account);
void sim_actor_chat_state (SimActor *actor, guint account);

void sim_actor_open (SimActor *actor, guint account);
void sim_actor_close (SimActor *actor, guint account);
void sim_actor_begin (SimActor *actor, guint account);
void sim_actor_end (SimActor *actor, guint account);
void sim_actor_set_policy (SimActor *actor, guint account, int policy);
void sim_actor_set_log (SimActor *actor, gboolean log);
void sim_actor_send_plain (SimActor *actor, guint account);

/* To the device that there is, though another one is verified. */
void sim_actor_write_anyway (SimActor *actor, guint account);
void sim_actor_verify (SimActor *actor, guint account, const char *code, gboolean equal);

/* In the list of devices: takes back that one of that account's is verified, or FORGETs it. */
void sim_actor_unmark (SimActor *actor, guint account, gboolean forget);

/* The RIGHT password, which those two accounts know, or another one; or none. */
void sim_actor_password (SimActor *actor, guint account, gboolean right);
void sim_actor_decline_password (SimActor *actor, guint account);

/* A text once more, as somebody in the middle passes it on. */
void sim_actor_submit (SimActor *actor, guint account, const char *text);

/* Sends STANZA, which is taken, as libpurple would: past the gate. */
void sim_actor_pass (SimActor *actor, EsXml *stanza);

/* ACCOUNT, as the user of it may write it, for what is not yet a stanza. The caller frees. */
char *sim_actor_spell (SimActor *actor, guint account);

/* What the network brings. */
void sim_actor_take (SimActor *actor, const SimLetter *letter);
void sim_actor_take_presence (SimActor *actor, const char *from, gboolean available, gboolean supports);
void sim_actor_take_support (SimActor *actor, const char *from, gboolean supported);
void sim_actor_go_offline (SimActor *actor, gboolean wanted);
