/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sim --from A --count N --jobs J: lives through N worlds and says which were wrong, and why. sim --seed N --trace shows
 * all of one. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim-server.h"

static gint64 from = 1, count = 1, jobs = 1, only = -1, trace_lines = 40;
static gboolean whole_trace, go_on;
static char **wanted;
static guint lies;
static const char *program;
static guint64 current;

/* What a job tells the one that started it. */
typedef struct
{
  SimTotals totals;
  guint64 seeds, failed;
} Result;

/* Crashes name their seed as well. */
static void
on_crash (int number)
{
  char line[200];
  int size
      = g_snprintf (line, sizeof line,
                    "seed %" G_GUINT64_FORMAT ": crash, signal %d\n  replay: %s --seed %" G_GUINT64_FORMAT " --trace\n",
                    current, number, program, current);

  if (write (STDOUT_FILENO, line, (size_t) size) < 0)
    _exit (3);
  signal (number, SIG_DFL);
  raise (number);
}

static void
show_trace (const GPtrArray *trace, guint lines)
{
  for (guint i = lines < trace->len ? trace->len - lines : 0; i < trace->len; i++)
    {
      const char *line = trace->pdata[i];

      printf ("    %.*s\n", whole_trace ? G_MAXINT : 300, line);
    }
}

static void
add_totals (SimTotals *to, const SimTotals *more)
{
  to->events += more->events;
  to->messages += more->messages;
  to->shown += more->shown;
  to->returned += more->returned;
  to->sessions += more->sessions;
}

/* The trace is made by living once more: what is not read costs nothing. */
static void
explain (guint64 seed)
{
  SimWorld *world = sim_world_new (seed, lies, FALSE, TRUE);

  sim_world_run (world);
  if (world->failure != NULL)
    printf ("seed %" G_GUINT64_FORMAT ": %s\n", seed, world->failure);
  show_trace (world->trace, whole_trace ? G_MAXUINT : (guint) trace_lines);
  if (world->failure != NULL)
    printf ("  replay: %s --seed %" G_GUINT64_FORMAT " --trace\n", program, seed);
  fflush (stdout);
  sim_world_free (world);
}

static void
run_seed (guint64 seed, Result *result)
{
  SimWorld *world = NULL;
  gboolean good = FALSE;
  g_autofree char *reason = NULL;

  current = seed;
  world = sim_world_new (seed, lies, go_on, FALSE);
  good = sim_world_run (world);
  add_totals (&result->totals, &world->totals);
  reason = g_strdup (world->failure);
  sim_world_free (world);
  result->seeds++;
  if (good)
    return;
  if (go_on)
    result->failed++;
  else if (result->failed++ < 3 && trace_lines > 0)
    explain (seed);
  else
    printf ("seed %" G_GUINT64_FORMAT ": %s\n", seed, reason);
  fflush (stdout);
}

static void
run_job (gint64 job, Result *result)
{
  sim_disks_setup ();
  for (gint64 i = job; i < count; i += jobs)
    run_seed ((guint64) (from + i), result);
  es_crypto_release ();
  sim_address_teardown ();
  sim_disks_teardown ();
}

static gboolean
collect (int fd, Result *sum)
{
  Result one = { 0 };

  if (read (fd, &one, sizeof one) != sizeof one)
    return FALSE;
  add_totals (&sum->totals, &one.totals);
  sum->seeds += one.seeds;
  sum->failed += one.failed;
  return TRUE;
}

static gboolean
run_jobs (Result *sum)
{
  g_autofree int *fds = g_new (int, jobs);
  gboolean good = TRUE;

  for (gint64 job = 0; job < jobs; job++)
    {
      int ends[2];

      if (pipe (ends) != 0)
        g_error ("no pipe");
      fflush (stdout);
      if (fork () == 0)
        {
          Result result = { 0 };

          run_job (job, &result);
          fflush (stdout);
          _exit (write (ends[1], &result, sizeof result) == sizeof result ? 0 : 3);
        }
      close (ends[1]);
      fds[job] = ends[0];
    }
  for (gint64 job = 0; job < jobs; job++)
    good &= collect (fds[job], sum);
  while (wait (NULL) > 0)
    ;
  return good;
}

int
main (int argc, char **argv)
{
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_INT64, &from, "First seed", "N" },
    { "count", 0, 0, G_OPTION_ARG_INT64, &count, "How many", "N" },
    { "jobs", 0, 0, G_OPTION_ARG_INT64, &jobs, "Processes", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &only, "One seed only", "N" },
    { "trace", 0, 0, G_OPTION_ARG_NONE, &whole_trace, "Show everything that happens", NULL },
    { "lie", 0, 0, G_OPTION_ARG_STRING_ARRAY, &wanted, "A lie of the server's, told in every world", "NAME" },
    { "all", 0, 0, G_OPTION_ARG_NONE, &go_on, "Go on after what is wrong: each kind of it, once a world", NULL },
    { "lines", 0, 0, G_OPTION_ARG_INT64, &trace_lines, "Lines shown of a seed that failed", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Result sum = { 0 };
  gboolean good = TRUE;

  program = argv[0];
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 2;
    }
  for (char **one = wanted; one != NULL && *one != NULL; one++)
    {
      if (sim_server_lie (*one) == 0)
        {
          fprintf (stderr, "%s is no lie\n", *one);
          return 2;
        }
      lies |= sim_server_lie (*one);
    }
  g_log_set_always_fatal ((GLogLevelFlags) (G_LOG_LEVEL_CRITICAL | G_LOG_FATAL_MASK));
  signal (SIGABRT, on_crash);
  signal (SIGSEGV, on_crash);
  if (only >= 0)
    {
      from = only;
      count = jobs = 1;
    }
  if (only >= 0 && whole_trace)
    {
      sim_disks_setup ();
      current = (guint64) only;
      explain ((guint64) only);
      sim_address_teardown ();
      sim_disks_teardown ();
      return 0;
    }
  if (jobs > 1)
    good = run_jobs (&sum);
  else
    run_job (0, &sum);
  printf ("%" G_GUINT64_FORMAT " seeds, %" G_GUINT64_FORMAT " events, %" G_GUINT64_FORMAT
          " messages, %" G_GUINT64_FORMAT " shown, %" G_GUINT64_FORMAT " returned, %" G_GUINT64_FORMAT
          " sessions: %" G_GUINT64_FORMAT " wrong\n",
          sum.seeds, sum.totals.events, sum.totals.messages, sum.totals.shown, sum.totals.returned, sum.totals.sessions,
          sum.failed);
  return good && sum.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
