/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What people do, and what happens to them: one thing at a time. */
#pragma once
#include "sim-actor.h"

/* Something that somebody does, or that happens; FALSE if the one whose turn it was is not there. */
gboolean sim_user_step (SimWorld *world);

/* ACTOR comes (back) after AFTER milliseconds. */
void sim_user_return (SimActor *actor, gint64 after);

/* In its first seconds ACTOR's user verifies somebody of ACCOUNT's. */
void sim_user_meet (SimActor *actor, guint account);
