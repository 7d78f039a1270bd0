/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a negotiation takes: CPU time and octets beside libotr and bare OpenSSL, and how long one call keeps the main
 * thread from everything else. */
#include <stdio.h>
#include <sys/vfs.h>

#include <glib/gstdio.h>
#include <linux/magic.h>

#include "bench-openssl.h"
#include "bench-otr.h"
#include "bench-pair.h"

#define ROUNDS 15
#define NEGOTIATIONS 50

#define AIM_OF_OTR 0.2
#define AIM_BLOCKED 0.020

static const guint only_31[] = { 31, 0 }, only_15[] = { 15, 0 }, only_16[] = { 16, 0 }, only_17[] = { 17, 0 },
                   only_18[] = { 18, 0 };

static void
floor_31 (gpointer data, guint n)
{
  for (; n > 0; n--)
    floor_x25519_agree (data);
}

/* The initiator makes a value for each group that it offers, and group 31 is taken. */
static void
floor_default (gpointer data, guint n)
{
  for (; n > 0; n--)
    {
      floor_modp (data, 14, 1);
      floor_modp (data, 15, 1);
      floor_x25519_agree (data);
    }
}

static void
floor_15 (gpointer data, guint n)
{
  floor_modp (data, 15, 4 * n);
}

static void
print_time (const BenchSubject *subject, double otr)
{
  printf ("  %-34s %8.3f %8.3f %7.2f", subject->name, subject->best * 1e3, subject->median * 1e3,
          subject->median / otr);
}

static void
print_traffic (Pair *pair)
{
  pair->counting = TRUE;
  pair_negotiate (pair);
  printf (" %9u %8" G_GSIZE_FORMAT "\n", pair->n_stanzas, pair->n_octets);
}

static void
print_aim (double ratio)
{
  printf ("  aim: group 31, session, store in memory, under %.2f of libotr, which stores nothing here: %.3f, %s\n\n",
          AIM_OF_OTR, ratio, ratio < AIM_OF_OTR ? "met" : "missed");
}

static void
compare (const char *folder)
{
  g_autoptr (Floor) raw = floor_new ();
  g_autoptr (Otr) otr = otr_new ();
  g_autoptr (Pair) memory_31 = pair_new (only_31, NULL), disk_31 = pair_new (only_31, folder);
  g_autoptr (Pair) all = pair_new (NULL, NULL), memory_15 = pair_new (only_15, NULL);
  BenchSubject subjects[] = {
    { "group 31: OpenSSL alone", floor_31, raw, 50 },
    { "  core", pair_run_core, memory_31, 20 },
    { "  session, store in memory", pair_run, memory_31, 20 },
    { "  session, store on disk", pair_run, disk_31, 4 },
    { "31, 15, 14: OpenSSL alone", floor_default, raw, 5 },
    { "  core", pair_run_core, all, 5 },
    { "  session, store in memory", pair_run, all, 5 },
    { "group 15: OpenSSL alone", floor_15, raw, 2 },
    { "  core", pair_run_core, memory_15, 2 },
    { "  session, store in memory", pair_run, memory_15, 2 },
    { "libotr, AKE", otr_run, otr, 5 },
  };
  Pair *traffic[G_N_ELEMENTS (subjects)] = { [2] = memory_31, [6] = all, [9] = memory_15 };
  double reference = 0;

  bench_measure (subjects, G_N_ELEMENTS (subjects), ROUNDS);
  reference = subjects[G_N_ELEMENTS (subjects) - 1].median;

  printf ("A whole negotiation, both sides together; libotr %s. CPU time in ms, %d rounds.\n", otr_version (), ROUNDS);
  printf ("  %-34s %8s %8s %7s %9s %8s\n", "", "best", "median", "/libotr", "stanzas", "octets");
  for (gsize i = 0; i < G_N_ELEMENTS (subjects); i++)
    {
      print_time (&subjects[i], reference);
      if (traffic[i] != NULL)
        print_traffic (traffic[i]);
      else if (subjects[i].data == otr)
        printf (" %9u %8" G_GSIZE_FORMAT "  (messages without stanzas around them)\n", otr_n_messages (otr),
                otr_n_octets (otr));
      else
        printf ("\n");
    }
  print_aim (subjects[2].median / reference);
}

/* The longest call */

typedef struct
{
  double cpu;     /* most CPU time of a call: the median of all negotiations */
  double median;  /* most time of a call: likewise */
  double longest; /* and of them all */
  PairCall call;  /* which took that */
} Blocked;

static Blocked
blocked (Pair *pair, void (*negotiate) (Pair *pair))
{
  double passed[NEGOTIATIONS] = { 0 }, cpu[NEGOTIATIONS] = { 0 };
  Blocked result = { 0 };

  for (guint i = 0; i < NEGOTIATIONS; i++)
    {
      negotiate (pair);
      for (guint call = 0; call < PAIR_N_CALLS; call++)
        {
          passed[i] = MAX (passed[i], pair->passed[call]);
          cpu[i] = MAX (cpu[i], pair->cpu[call]);
          if (pair->passed[call] <= result.longest)
            continue;
          result.longest = pair->passed[call];
          result.call = (PairCall) call;
        }
    }
  result.median = bench_median (passed, NEGOTIATIONS);
  result.cpu = bench_median (cpu, NEGOTIATIONS);
  return result;
}

static const char *
verdict (double time)
{
  return time < AIM_BLOCKED ? "met" : "missed";
}

static void
print_blocked (const char *name, const guint *groups, const char *folder)
{
  static const char *const calls[]
      = { "makes 1", "takes 1, makes 2", "takes 2, makes 3", "takes 3, makes 4", "takes 4" };
  g_autoptr (Pair) memory = pair_new (groups, NULL), disk = pair_new (groups, folder);
  Blocked core = blocked (memory, pair_negotiate_core), without = blocked (memory, pair_negotiate),
          with = blocked (disk, pair_negotiate);

  printf ("  %-12s %8.2f   %8.2f %8.2f %8.2f %-6s   %8.2f %8.2f %8.2f %-6s   %s\n", name, core.cpu * 1e3,
          without.cpu * 1e3, without.median * 1e3, without.longest * 1e3, verdict (without.longest), with.cpu * 1e3,
          with.median * 1e3, with.longest * 1e3, verdict (with.longest), calls[with.call]);
}

static void
longest_calls (const char *folder)
{
  struct statfs status = { 0 };
  gboolean real = statfs (folder, &status) == 0 && status.f_type != TMPFS_MAGIC;

  printf ("The longest single call of a negotiation, %d negotiations, in ms. Aim: under %.0f ms.\n", NEGOTIATIONS,
          AIM_BLOCKED * 1e3);
  printf ("  %-12s %8s   %-33s   %s\n", "", "core", "session, store in memory",
          real ? "session, store on disk" : "session, store in tmpfs");
  printf ("  %-12s %8s   %8s %8s %8s %-6s   %8s %8s %8s %-6s   %s\n", "", "CPU", "CPU", "median", "longest", "aim",
          "CPU", "median", "longest", "aim", "that one");
  print_blocked ("group 31", only_31, folder);
  print_blocked ("31, 15, 14", NULL, folder);
  print_blocked ("group 15", only_15, folder);
  print_blocked ("group 16", only_16, folder);
  print_blocked ("group 17", only_17, folder);
  print_blocked ("group 18", only_18, folder);
}

int
main (void)
{
  /* Unlike /tmp, /var/tmp is on a disk nearly everywhere. */
  g_autofree char *folder = g_strdup ("/var/tmp/esession-bench-XXXXXX");

  bench_must (es_crypto_available () && es_secret_setup (), "setup");
  bench_must (g_mkdtemp (folder) != NULL, "folder");
  compare (folder);
  longest_calls (folder);
  bench_must (g_rmdir (folder) == 0, "tidying");
  return 0;
}
