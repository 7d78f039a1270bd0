/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Accidents of several steps, each of which happens by chance, and all of which one after the other hardly ever do. */
#pragma once
#include "sim-actor.h"

/* One of them is to happen to ACTOR, if it can. */
void sim_mishap_begin (SimActor *actor);

/* ACTOR has said whether the codes of itself and ACCOUNT differ. */
void sim_mishap_answered (SimActor *actor, guint account);

/* Whether LETTER, which is being sent, is lost by one. */
gboolean sim_mishap_loses (SimWorld *world, const SimLetter *letter);

/* No more of them begin; who does not come out any more dies all the same. */
void sim_mishap_end (SimWorld *world);
