/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random numbers that a seed repeats: xoshiro256** by Blackman and Vigna, filled by splitmix64. Not for keys of anything
 * but the simulator's. */
#pragma once
#include <glib.h>

typedef struct
{
  guint64 state[4];
} SimPrng;

/* STREAM keeps what hangs on one seed apart: the things that happen, each actor's octets, each disk. */
void sim_prng_seed (SimPrng *prng, guint64 seed, guint64 stream);
guint64 sim_prng_next (SimPrng *prng);

/* Below LIMIT, which is not 0. */
guint sim_prng_below (SimPrng *prng, guint limit);

/* From MIN to MAX, both included. */
guint sim_prng_between (SimPrng *prng, guint min, guint max);

/* In PERCENT of 100 cases. */
gboolean sim_prng_chance (SimPrng *prng, guint percent);

/* For EsRandom; DATA is a SimPrng. */
void sim_prng_fill (gpointer data, guint8 *out, gsize size);
