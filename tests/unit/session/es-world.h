/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A small world for tests: endpoints with the real session and core code, a server that passes stanzas on
 * in order, a clock that moves when told to, and users that are seen and shown things. */
#pragma once
#include "es-manager.h"
#include "es-words.h"

#include "../es-test.h"

typedef struct _World World;

typedef struct
{
  World *world;
  char *jid; /* full */
  char *bare;
  EsHost host;
  char *path; /* of its store */
  EsTrust *trust;
  EsManager *manager;
  EsOptions options;
  EsPolicy policy;
  gboolean online;
  gboolean leaving;         /* takes nothing any more */
  gboolean swallows;        /* something else takes what would be shown */
  gboolean signs_off;       /* something else signs off when it sees what is about to be shown */
  gboolean blind;           /* there is no window that the user would see what is given back in */
  gboolean quits;           /* the program ends: nobody has what is given back */
  const char *before_typed; /* a stanza that something else sends just before what was typed, or NULL */
  const char *after_typed;  /* and just after it */
  gboolean supports;        /* announces encryption */
  gboolean is_gajim;        /* says so, and speaks that dialect to whoever says so */
  gboolean stranger;        /* nobody may see us */
  gboolean asks_presence;
  guint n_asked_presence;
  GPtrArray *timers;
  guint n_timers;
  char *random_seed;
  guint64 n_random;
  gsize random_left;
  guint8 random_block[32];

  GHashTable *windows;   /* contact -> char *: what its window shows since it was last told to look */
  GPtrArray *shown;      /* of char *: bodies that arrived */
  GPtrArray *notices;    /* of char *: sentences, as es-words.h makes them */
  GPtrArray *warnings;   /* of char *: those of them that are warnings */
  GPtrArray *returned;   /* of char *: texts given back that were not sent */
  GPtrArray *uncertain;  /* of char *: texts given back that were sent and may have arrived */
  GPtrArray *deliveries; /* of char *: "2 arrived" of the second text that anything was told of */
  GArray *numbers;       /* of guint64: those texts' */
  GPtrArray *others;     /* of char *: iqs and presence that arrived, as libpurple would see them */
  GPtrArray *unseen;     /* of char *: messages without a body, likewise */
  GPtrArray *refused;    /* of char *: ids of iqs that nobody will answer */
  GPtrArray *strangers;  /* of char *: contacts that the user was asked about */
  GPtrArray *log;        /* of char *: all lines of its log, however many */
  guint n_changed;
  gboolean reminders; /* the user is reminded to verify, every time */
} Endpoint;

/* A stanza on its way. */
typedef struct
{
  char *from;
  char *to;
  char *text;
} Letter;

/* Sees each letter as it passes; may change letter->text, or return FALSE to lose it. */
typedef gboolean (*WorldTap) (World *world, Letter *letter, gpointer data);

/* One: loses what goes from the client DATA (a full JID), as often as it is encrypted. */
gboolean world_lose_from (World *world, Letter *letter, gpointer data);

struct _World
{
  char *folder; /* for the stores */
  gint64 now;
  gint64 clock_set; /* by how many seconds clocks are ahead of that */
  GPtrArray *endpoints;
  GQueue letters;
  GString *wire;     /* everything that the server ever saw */
  GPtrArray *log;    /* the same, of Letter */
  gboolean together; /* all that is on its way arrives before anybody does what was to be done at once */
  WorldTap tap;
  gpointer tap_data;
};

World *world_new (void);
void world_free (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* A new endpoint with that full JID; its store is a file named after it. It is offline at first. */
Endpoint *world_add (World *world, const char *jid);

/* It comes online: everybody is told. Goes offline properly; or disappears, with all that it had in
 * memory. */
void endpoint_sign_on (Endpoint *endpoint);
void endpoint_sign_off (Endpoint *endpoint);
void endpoint_kill (Endpoint *endpoint);

/* The same of the whole program, which had the file open, and its key. */
void endpoint_kill_program (Endpoint *endpoint);

/* Delivers everything that is on its way, until nothing is. */
void world_run (World *world);

/* Moves the clock, firing timers, and delivers. */
void world_wait (World *world, guint seconds);

/* The user types TEXT to CONTACT. */
void endpoint_type (Endpoint *endpoint, const char *contact, const char *text);

/* The user discards the text to CONTACT with that LABEL, and does not think better of it. */
void endpoint_discard (Endpoint *endpoint, const char *contact, const char *label);

/* Writes OCTETS over the file of what ENDPOINT remembers, as cp does: it stays the same file. */
void endpoint_overwrite (const Endpoint *endpoint, const char *octets, gsize size);

/* Something other than the window sends XML (a stanza): an auto-reply, a typing notice. */
void endpoint_send_raw (Endpoint *endpoint, const char *xml);

/* Puts a stanza on the wire as if FROM had sent it, whoever that is. */
void world_inject (World *world, const char *from, const char *to, const char *xml);

/* How many of the stanzas that FROM sent hold TEXT, as they were before the tap; and the last of these, or
 * NULL. NULL for either: any. */
guint world_count (World *world, const char *from, const char *text);
const char *world_last (World *world, const char *from, const char *text);

EsState endpoint_state (Endpoint *endpoint, const char *contact);

/* All that its window shows. Strings until the manager's next call. */
EsConversation endpoint_look (Endpoint *endpoint, const char *contact);

/* The sentence that a notice without arguments, or an error, is told in. */
const char *es_said (EsNoticeCode code);
const char *es_said_of (EsErrorCode code);

/* Whether TEXT is one of them. */
gboolean es_has_text (GPtrArray *array, const char *text);

/* Shown bodies, notices or returned texts, joined with "|" in one string that the next call frees. */
const char *texts (GPtrArray *array);
