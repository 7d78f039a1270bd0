/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server and the lines: stanzas in order, presence, lines that break, and what an enemy can do there. */
#pragma once
#include "sim-actor.h"

typedef enum
{
  SIM_STANZA,
  SIM_PRESENCE, /* of FROM */
  SIM_ASK,      /* what the client supports */
  SIM_ANSWER
} SimKind;

struct _SimLetter
{
  SimKind kind;
  SimActor *sender; /* NULL: the server or an enemy */
  SimSession *line; /* that it was sent over, while that lives */
  char *from;
  char *to;
  EsXml *stanza;
  gboolean yes;           /* available, supported */
  gboolean forged;        /* not as its sender sent it, or not the first time */
  const SimActor *author; /* whose words they are; NULL: nobody's */
  const char *stamp;      /* of a <delay/> that the server has made up, or NULL */
  gboolean rewritten;     /* it has changed what stands outside */
  guint delay;            /* more than the usual, in milliseconds */
  guint asked_in;         /* of questions and answers: the connection of who asks */
  gint64 sent;
  guint64 number; /* in the order of sending */
  guint64 again;  /* the number of the same one, sent right before; 0: none was */
};

/* What the server believes to be a connection. */
struct _SimSession
{
  SimActor *actor;
  char *jid;
  guint number;
  gboolean broken; /* nothing comes through */
  gboolean resumable;
  GQueue limbo;  /* of SimLetter: to be brought when it comes back */
  GQueue outbox; /* of SimLetter: what the client could not send */
  GQueue recent; /* of SimLetter: brought last, perhaps once more */
};

void sim_letter_free (SimLetter *letter);
SimLetter *sim_letter_copy (const SimLetter *letter);

/* A letter from JID; NULL STANZA for the kinds without one, otherwise taken. */
SimLetter *sim_letter_new (SimKind kind, SimActor *sender, const char *from, const char *to, EsXml *stanza);

/* Puts LETTER, which is taken, on its way. */
void sim_network_post (SimWorld *world, SimLetter *letter);

/* Brings it at once. */
void sim_network_bring (SimWorld *world, SimLetter *letter);

/* Tells everybody who is there. */
void sim_network_tell_all (SimWorld *world);

/* Connections */
void sim_network_sign_on (SimActor *actor);
void sim_network_sign_off (SimActor *actor);

/* The line breaks. RESUME: both ends find out and go on after a while; otherwise the client has to sign on again. */
void sim_network_cut (SimActor *actor, gboolean resume);

/* The client is no more, its line breaks. */
void sim_network_lose (SimActor *actor);
void sim_session_free (gpointer session);

/* The client at JID; NULL if none is there. */
SimActor *sim_network_find (SimWorld *world, const char *jid);

/* What an enemy does to LETTER, which is taken; and of his own accord. */
void sim_enemy_handle (SimWorld *world, SimLetter *letter);
void sim_enemy_act (SimWorld *world);

/* Whether he lets LETTER come twice, without anything in between. */
gboolean sim_enemy_doubles (SimWorld *world, const SimLetter *letter);

/* A request by the real code, which nobody will answer for; and that something went wrong with it. */
void sim_enemy_request (SimWorld *world, const char *from, const char *to, const char *thread);
void sim_enemy_error (SimWorld *world, const char *from, const char *to, const char *thread);
