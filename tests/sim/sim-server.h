/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that lies. Of what people send it delivers, while it feels like it:
 *
 *   mirror    Alice's own words as Bob's, on another thread
 *   cross     what one account of hers sends to Bob as Bob's to her other account, and back
 *   divert    Bob's words as Carol's, and her answers to Bob
 *   reflect   her words to Bob as Carol's, and those to Carol as Bob's
 *   store     late, with a date of its own
 *   rewrite   with another type, thread, id, sender or receiver
 *   fork      to Bob's other device as well
 *
 * and of its own accord it
 *
 *   grinds    begins negotiations and gives them up, without end
 *   presence  says that devices come and go, and gives them any name
 *   replay    brings again what was sent, to anybody, in anybody's name
 *   receipt   has Bob's other device confirm what that has not had
 *   roster    says that a contact is none */
#pragma once
#include "sim-actor.h"

SimServer *sim_server_new (void);
void sim_server_free (SimServer *server);

/* The bit of the lie called NAME, or 0; of one that is chosen; and the names of LIES, which the caller frees. */
guint sim_server_lie (const char *name);
guint sim_server_choose (SimPrng *prng);
char *sim_server_describe (guint lies);

/* Whom the lies of the plan need. */
void sim_server_prepare (SimPlan *plan);

/* LETTER is sent: it takes note. Then it may do something to it; and when it is to be brought, bring it to somebody else.
 * TRUE: it is taken. */
void sim_server_note (SimWorld *world, const SimLetter *letter);
gboolean sim_server_twist (SimWorld *world, SimLetter *letter);
gboolean sim_server_redirect (SimWorld *world, SimLetter *letter);

/* Whether LETTER, which is on its way, is what it has said of somebody before it repented: what is true then has been said by now. */
gboolean sim_server_takes_back (const SimWorld *world, const SimLetter *letter);

/* It begins to lie, or pauses; does something of its own accord; never does it again. */
void sim_server_change (SimWorld *world);
void sim_server_act (SimWorld *world);
void sim_server_repent (SimWorld *world);
