/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must never be, looked at after everything that happens; from outside, with a model of its own. */
#pragma once
#include "sim-actor.h"

/* A stanza is leaving, something is told. */
void sim_check_leaving (SimActor *actor, const EsXml *stanza);
void sim_check_notice (SimActor *actor, guint account, const EsNotice *notice);

/* What is handed over of LETTER: nothing that was written outside the encryption passes for what was inside. */
void sim_check_envelope (SimActor *actor, const SimLetter *letter, const EsXml *stanza, gboolean decrypted);

/* After each event. */
void sim_check_actor (SimActor *actor);

/* Five minutes after the last fault; after everybody wrote once more; and when all are gone. */
void sim_check_peace (SimWorld *world);
void sim_check_probes (SimWorld *world, guint first);
void sim_check_settled (SimActor *actor, guint account);
void sim_check_silence (SimWorld *world);

/* In so many minutes in which nothing happens sessions begin rarely: one a minute is too much. */
void sim_check_quiet (SimWorld *world, guint minutes);

/* Before and after an error stanza of FROM's: it ends no session but FROM's. */
void sim_check_error (SimActor *actor, const char *from);
