/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the benchmarks share: clocks, rounds of several things side by side, and what both sides are called. */
#pragma once
#include <glib.h>

#define BENCH_ALICE "alice@example.org"
#define BENCH_BOB "bob@example.com"
#define BENCH_ALICE_JID BENCH_ALICE "/laptop"
#define BENCH_BOB_JID BENCH_BOB "/phone"

/* Seconds of CPU time that this process has used, and seconds that have passed. */
double bench_cpu (void);
double bench_clock (void);

/* One thing to be measured. */
typedef struct
{
  const char *name;
  void (*run) (gpointer data, guint n); /* does it N times */
  gpointer data;
  guint n;       /* times in a round */
  double best;   /* CPU seconds for one, in the best round: filled in by bench_measure, as is */
  double median; /* the same over all rounds */
} BenchSubject;

/* Measures all SUBJECTS in turn, ROUNDS times, so that whatever else the machine does falls on all of them. Before that
 * each runs once uncounted. */
void bench_measure (BenchSubject *subjects, gsize n_subjects, guint rounds);

/* The middle one of VALUES, which it sorts. */
double bench_median (double *values, gsize n);

/* Ends the program where OK is false: a figure for something that did not work is none. */
void bench_must (gboolean ok, const char *what);
