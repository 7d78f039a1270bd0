/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who is who: accounts by their numbers, and the many ways to write their addresses. */
#pragma once
#include "es-address.h"

#include "sim-prng.h"

#define SIM_ROOM "room@rooms.example"

/* The bare JID of an account; the second one prepared, until sim_address_teardown. */
const char *sim_account (guint account);
const EsAddress *sim_contact (guint account);
void sim_address_teardown (void);

/* The number of the account that JID is of, however it is written, or SIM_MAX_ACCOUNTS. */
guint sim_account_of (const char *jid);

/* What follows the slash in JID, or NULL. */
const char *sim_resource (const char *jid);

/* JID, the bare part of it written in another way; and so that it is no address. The caller frees. */
char *sim_address_respell (SimPrng *prng, const char *jid);
char *sim_address_break (SimPrng *prng, const char *jid);
