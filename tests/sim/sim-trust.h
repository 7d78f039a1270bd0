/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who holds keys with whom, who has verified whom, and what is remembered of that. */
#pragma once
#include "sim-actor.h"

/* The user says something of codes; ACTOR gives the right password; both before the program is told. */
void sim_trust_said (SimActor *actor, guint account, const char *code, gboolean equal);
void sim_trust_password (SimActor *actor, guint account);

/* ACTOR's user takes a mark back, or forgets the device. */
void sim_trust_unmarked (SimActor *actor, guint account);

/* Whether ACTOR remembers a verified device of ACCOUNT's, and the number of one, or 0. */
gboolean sim_trust_has_mark (const SimActor *actor, guint account);
gint64 sim_trust_find_mark (const SimActor *actor, guint account);

/* Whether there is a session with a verified device of ACCOUNT's at JID. */
gboolean sim_trust_reaches (const SimActor *actor, guint account, const char *jid);

/* The user of ACTOR takes back marks of the devices of ACCOUNT, or has done so and it is written now. */
void sim_trust_allow_unmarking (SimActor *actor, guint account);

/* What the program of FIRST remembers, if that may have changed: a mark is lost only by the user's act. */
void sim_trust_check_marks (SimActor *first);

/* ACTOR shows WHAT of ACCOUNT. */
void sim_trust_check (SimActor *actor, guint account, const EsConversation *what);
