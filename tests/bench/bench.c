/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench.h"

#include <stdlib.h>
#include <time.h>

static double
seconds (clockid_t clock)
{
  struct timespec now = { 0 };

  bench_must (clock_gettime (clock, &now) == 0, "clock");
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

double
bench_cpu (void)
{
  return seconds (CLOCK_PROCESS_CPUTIME_ID);
}

double
bench_clock (void)
{
  return seconds (CLOCK_MONOTONIC);
}

static int
compare (const void *left, const void *right)
{
  double a = *(const double *) left, b = *(const double *) right;

  return a < b ? -1 : a > b;
}

double
bench_median (double *values, gsize n)
{
  qsort (values, n, sizeof *values, compare);
  return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

void
bench_measure (BenchSubject *subjects, gsize n_subjects, guint rounds)
{
  g_autofree double *taken = g_new0 (double, n_subjects *rounds);

  for (gsize i = 0; i < n_subjects; i++)
    subjects[i].run (subjects[i].data, 1);

  for (guint round = 0; round < rounds; round++)
    for (gsize i = 0; i < n_subjects; i++)
      {
        double begin = bench_cpu ();

        subjects[i].run (subjects[i].data, subjects[i].n);
        taken[i * rounds + round] = (bench_cpu () - begin) / subjects[i].n;
      }

  for (gsize i = 0; i < n_subjects; i++)
    {
      subjects[i].median = bench_median (taken + i * rounds, rounds);
      subjects[i].best = taken[i * rounds];
    }
}

void
bench_must (gboolean ok, const char *what)
{
  if (!ok)
    g_error ("benchmark: %s failed", what);
}
