/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs tell each other behind their users' backs: questions and answers, files, where people are. */
#pragma once
#include "sim-actor.h"

/* Asks the other side's program something that is nobody else's business; offers it a file; tells it alone how its user is. */
void sim_program_ask (SimActor *actor, guint account);
void sim_program_offer (SimActor *actor, guint account);
void sim_program_whisper (SimActor *actor, guint account);

/* Goes into a room and says something there. */
void sim_program_visit (SimActor *actor);

/* STANZA, an iq or presence of LETTER from FROM, is let through. */
void
sim_program_take (SimActor *actor, const char *from, const SimLetter *letter, const EsXml *stanza, gboolean decrypted);
