/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What must never be, looked at after everything that happens; from outside, with a model of its own. */
#pragma once
#include "sim-actor.h"

/* A new text of the actor's; its number. And what stands in stanzas for it (the caller frees). */
guint sim_check_new_text (SimActor *actor, guint account, gboolean automatic);
char *sim_check_text (guint number);

/* The number of a text somewhere inside TEXT, or -1. */
int sim_check_find (const char *text);

/* A stanza is leaving, a text is shown or given back, a sentence is said. */
void sim_check_leaving (SimActor *actor, const EsXml *stanza);
void sim_check_shown (SimActor *actor, const char *from, const char *body, gboolean decrypted, gboolean forged);
void sim_check_returned (SimActor *actor, guint account, const char *text, gboolean sent);
void sim_check_notice (SimActor *actor, guint account, EsNoticeKind kind, const char *sentence);

/* Texts that wait may go out in the clear from now on. */
void sim_check_asked_plain (SimActor *actor, guint account);

/* The user said something of the codes, and was heard. */
/* Before ACTOR gives the right password. */
void sim_check_password (SimActor *actor, guint account);
void sim_check_verified (SimActor *actor, guint account, const char *code, gboolean equal);

/* After each event. */
void sim_check_actor (SimActor *actor);

/* Five minutes after the last fault; after everybody wrote once more; and when all are gone. */
void sim_check_peace (SimWorld *world);
void sim_check_probes (SimWorld *world, guint first);
void sim_check_settled (SimActor *actor, guint account);
void sim_check_silence (SimWorld *world);

/* Before and after an error stanza of FROM's: it ends no session but FROM's. */
void sim_check_error (SimActor *actor, const char *from);
