/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ledger: each text has a number, which stands in it, and an entry here. Every one is shown once, kept, or given back. */
#pragma once
#include "sim-actor.h"

/* A new text of the actor's; its number. And what stands in stanzas for it (the caller frees). */
guint sim_texts_new (SimActor *actor, guint account, SimMaker maker);
char *sim_texts_content (guint number);

/* The entry of the text somewhere inside TEXT, or NULL; and the number, -1 without one. */
SimText *sim_texts_entry (SimWorld *world, const char *text, int *number);

/* The number of the text that STANZA, not encrypted yet, holds, or -1. */
int sim_texts_find (const EsXml *stanza);

/* It has been handed over to the program; that lets it go out, in the clear or with the number that was drawn first. */
void sim_texts_typed (SimActor *actor, guint number);
void sim_texts_label (SimActor *actor, int number);

/* The text of STANZA, if it is one in the clear, is about to be on the wire. */
void sim_texts_leaves (SimActor *actor, const EsXml *stanza);

/* The user is told that what an earlier life of the program left will be encrypted. */
void sim_texts_promise (SimActor *actor, guint account);

/* Texts that wait may go out in the clear from now on. */
void sim_texts_ask_plain (SimActor *actor, guint account);

/* ACTOR's program sends CONTENT, which has waited. */
void sim_texts_let_out (SimActor *actor, const char *content);

/* One leaves in the clear, is shown to ACTOR as from FROM, read by a program, given back. */
void sim_texts_left (SimActor *actor, SimText *text, int number);
void sim_texts_shown (SimActor *actor, const char *from, const char *body, gboolean decrypted);
void sim_texts_read (SimActor *actor, guint account, SimText *text, int number);
void sim_texts_returned (SimActor *actor, guint account, const char *text, gboolean sent);

/* ACTOR is told what became of the text that leaves just now, or left with that NUMBER. */
void sim_texts_delivery (SimActor *actor, guint64 number, EsDelivery delivery);

/* ACTOR's program has ended. */
void sim_texts_died (const SimActor *actor);

/* How many of ACTOR's for ACCOUNT must still be there, and the first of them. */
guint sim_texts_open (const SimActor *actor, guint account, guint *first);

/* The conversation is with a device that confirms what it has not had: of what is open it may know. */
void sim_texts_known_to_liar (SimActor *actor, guint account);

/* The label of one that is open and that no liar can know; NULL if there is none. */
const char *sim_texts_secret_label (const SimActor *actor, guint account);
