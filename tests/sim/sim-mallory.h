/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Somebody in the middle, with the real code towards both sides: poses as Bob to Alice and as Alice to Bob, and passes on
 * what is written. */
#pragma once
#include "sim-actor.h"

/* Takes the place between both, and leaves it. */
void sim_mallory_begin (SimWorld *world);
void sim_mallory_finish (SimWorld *world);

/* ACTOR has come. */
void sim_mallory_meet (SimWorld *world, const SimActor *actor);

/* Who gets what JID sends to the address TO; NULL if nobody is in between. */
SimActor *sim_mallory_between (SimWorld *world, const SimActor *sender, const char *to);

/* What Mallory's own code sends (taken), and what Mallory reads. */
void sim_mallory_send (SimActor *mallory, EsXml *stanza);
void sim_mallory_read (SimActor *mallory, const char *text);

/* The same of what programs tell each other, CONTENT, which is not passed on. FALSE: nobody typed it. */
gboolean sim_mallory_overhear (SimActor *mallory, const char *content);
