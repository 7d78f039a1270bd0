/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-prng.h"

#include <string.h>

static guint64
splitmix (guint64 *state)
{
  guint64 z = *state += G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  z = (z ^ (z >> 30)) * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * G_GUINT64_CONSTANT (0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static guint64
rotate (guint64 x, int k)
{
  return (x << k) | (x >> (64 - k));
}

void
sim_prng_seed (SimPrng *prng, guint64 seed, guint64 stream)
{
  guint64 state = seed;

  state = splitmix (&state) ^ (stream * G_GUINT64_CONSTANT (0xd1342543de82ef95));
  for (gsize i = 0; i < G_N_ELEMENTS (prng->state); i++)
    prng->state[i] = splitmix (&state);
}

guint64
sim_prng_next (SimPrng *prng)
{
  guint64 *s = prng->state;
  guint64 result = rotate (s[1] * 5, 7) * 9;
  guint64 t = s[1] << 17;

  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = rotate (s[3], 45);
  return result;
}

guint
sim_prng_below (SimPrng *prng, guint limit)
{
  return (guint) (((sim_prng_next (prng) >> 32) * limit) >> 32);
}

guint
sim_prng_between (SimPrng *prng, guint min, guint max)
{
  return min + sim_prng_below (prng, max - min + 1);
}

gboolean
sim_prng_chance (SimPrng *prng, guint percent)
{
  return sim_prng_below (prng, 100) < percent;
}

void
sim_prng_fill (gpointer data, guint8 *out, gsize size)
{
  SimPrng *prng = data;

  for (; size > 0; size -= MIN (size, 8), out += 8)
    {
      guint64 octets = sim_prng_next (prng);

      memcpy (out, &octets, MIN (size, 8));
    }
}
