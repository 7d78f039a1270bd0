/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-world.h"

#include <stdarg.h>
#include <stdio.h>

#include "sim-check.h"
#include "sim-mallory.h"
#include "sim-mishap.h"
#include "sim-network.h"
#include "sim-server.h"
#include "sim-user.h"

/* So that a password which nobody answers has been given up, and what follows from that is over. */
#define PEACE_MILLISECONDS (7 * 60 * 1000)
#define PROBE_MILLISECONDS (60 * 1000)
#define SILENCE_MILLISECONDS (2 * 60 * 1000)
#define QUIET_MINUTES 4
#define SECOND_ACCOUNT 3

/* What is to come: a heap, earliest first, and what was added first of what comes at the same time. */

static gboolean
is_before (const SimEvent *a, const SimEvent *b)
{
  return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void
swap (GPtrArray *queue, guint a, guint b)
{
  gpointer event = queue->pdata[a];

  queue->pdata[a] = queue->pdata[b];
  queue->pdata[b] = event;
}

SimEvent *
sim_world_add (SimWorld *world, gint64 after, void (*fire) (SimWorld *world, SimEvent *event))
{
  GPtrArray *queue = world->queue;
  SimEvent *event = g_new0 (SimEvent, 1);

  event->due = world->now + after;
  event->order = ++world->n_events;
  event->fire = fire;
  g_ptr_array_add (queue, event);
  for (guint i = queue->len - 1; i > 0 && is_before (queue->pdata[i], queue->pdata[(i - 1) / 2]); i = (i - 1) / 2)
    swap (queue, i, (i - 1) / 2);
  return event;
}

static void
event_free (gpointer data)
{
  SimEvent *event = data;

  if (event->data != NULL && event->free_data != NULL)
    event->free_data (event->data);
  g_free (event);
}

static SimEvent *
take_first (GPtrArray *queue)
{
  SimEvent *first = queue->pdata[0];
  guint i = 0;

  queue->pdata[0] = queue->pdata[queue->len - 1];
  g_ptr_array_set_size (queue, (int) queue->len - 1);
  for (;;)
    {
      guint least = i;

      for (guint child = 2 * i + 1; child <= 2 * i + 2 && child < queue->len; child++)
        if (is_before (queue->pdata[child], queue->pdata[least]))
          least = child;
      if (least == i)
        return first;
      swap (queue, i, least);
      i = least;
    }
}

/* What goes wrong */

void
sim_trace_add (SimWorld *world, const char *format, ...)
{
  g_autofree char *line = NULL;
  va_list arguments;

  va_start (arguments, format);
  line = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (world->trace, g_strdup_printf ("%7.3f  %s", (double) world->now / 1000, line));
}

void
sim_fail (SimWorld *world, const char *format, ...)
{
  va_list arguments;
  g_autofree char *reason = NULL;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  sim_trace (world, "WRONG: %s", reason);
  if (world->kinds != NULL)
    {
      if (g_hash_table_add (world->kinds, (gpointer) format))
        printf ("seed %" G_GUINT64_FORMAT ": %s\n", world->seed, reason);
    }
  else if (world->failure == NULL)
    world->failure = g_steal_pointer (&reason);
}

/* The world */

static void
trace_plan (SimWorld *world)
{
  const SimPlan *plan = &world->plan;
  g_autofree char *told = sim_server_describe (plan->lies);

  sim_trace (world, "%u people%s%s%s%s%s%s%s%s%s%s%s%s%s%s; lies: %s", plan->n_people,
             plan->second_device ? ", a second device" : "", plan->second_account ? ", a second account" : "",
             plan->hostile ? ", hostile" : "", plan->mitm ? ", somebody in the middle" : "", plan->cuts ? ", cuts" : "",
             plan->kills ? ", kills" : "", plan->faults ? ", faults" : "", plan->differ ? ", codes differ" : "",
             plan->careful ? ", careful" : "", plan->restless ? ", restless" : "", plan->spellings ? ", spellings" : "",
             plan->programs ? ", programs" : "", plan->guesses ? ", guesses" : "", plan->years ? ", years" : "",
             *told != '\0' ? told : "none");
}

static void
make_plan (SimWorld *world, guint lies)
{
  SimPrng *dice = &world->dice;
  SimPlan *plan = &world->plan;
  guint kind = sim_prng_below (dice, 100);

  plan->second_device = sim_prng_chance (dice, 26);
  plan->carol = sim_prng_chance (dice, 12);
  plan->second_account = sim_prng_chance (dice, 3);
  plan->hostile = kind >= 45 && kind < 85;
  plan->mitm = kind >= 80;
  plan->cuts = sim_prng_chance (dice, 75);
  plan->kills = sim_prng_chance (dice, 65);
  plan->faults = sim_prng_chance (dice, 30);
  plan->differ = sim_prng_chance (dice, 20);
  plan->careful = sim_prng_chance (dice, 50);
  plan->restless = sim_prng_chance (dice, 40);
  plan->spellings = sim_prng_chance (dice, 30);
  plan->programs = sim_prng_chance (dice, 30);
  plan->guesses = sim_prng_chance (dice, 4);
  plan->careful |= plan->guesses;
  plan->years = sim_prng_chance (dice, 5);
  for (guint n = plan->hostile && sim_prng_chance (dice, 70) ? sim_prng_between (dice, 1, 3) : 0; n > 0; n--)
    lies |= sim_server_choose (dice);
  plan->n_steps = sim_prng_between (dice, 10, plan->guesses ? 80 : 27);
  plan->lies = lies;
  sim_server_prepare (plan);

  /* Accounts are numbered without a gap. */
  plan->carol |= plan->second_account;
  plan->n_people = 2 + (plan->second_device ? 1 : 0) + (plan->carol ? 1 : 0) + (plan->second_account ? 1 : 0);
}

static void
make_actors (SimWorld *world)
{
  SimPrng *dice = &world->dice;
  const SimPlan *plan = &world->plan;
  guint who[5] = { 0, 1 }, n = 2;

  /* Lies are the more worth where somebody is trusted. */
  gboolean friends = plan->lies != 0 && sim_prng_chance (dice, 60);

  if (plan->second_device)
    who[n++] = 1;
  if (plan->carol)
    who[n++] = 2;
  if (plan->second_account)
    who[n++] = SECOND_ACCOUNT;
  world->n_accounts = plan->second_account ? 4 : plan->carol ? 3 : 2;
  for (guint i = 0; i < plan->n_people; i++)
    {
      SimActor *actor = sim_actor_new (world, who[i], who[i] == SECOND_ACCOUNT ? world->actors[0] : NULL);

      actor->policy = sim_prng_chance (dice, 60)   ? ES_POLICY_POSSIBLE
                      : sim_prng_chance (dice, 60) ? ES_POLICY_ALWAYS
                                                   : ES_POLICY_ASK;
      if (i == 2 && plan->lies == 0 && sim_prng_chance (dice, 15))
        {
          actor->supports = FALSE;
          actor->policy = ES_POLICY_NEVER;
        }
      sim_user_return (actor, friends && i >= 2 ? sim_prng_between (dice, 15000, 40000) : sim_prng_below (dice, 4000));
    }
  if (friends)
    sim_user_meet (world->actors[0], 1);
  if ((plan->lies & 1u << SIM_LIE_RECEIPT) != 0)
    world->liar = world->actors[2];
  if (plan->mitm)
    {
      SimActor *as_bob = sim_actor_new (world, 1, NULL), *as_alice = sim_actor_new (world, 0, NULL);

      as_bob->mallory = as_alice->mallory = TRUE;
      as_bob->other = as_alice;
      as_alice->other = as_bob;
      as_bob->policy = as_alice->policy = ES_POLICY_ASK;
    }
}

SimWorld *
sim_world_new (guint64 seed, guint lies, gboolean go_on, gboolean trace)
{
  SimWorld *world = g_new0 (SimWorld, 1);

  world->seed = seed;
  sim_prng_seed (&world->dice, seed, 1);
  world->queue = g_ptr_array_new ();
  world->sessions = g_ptr_array_new ();
  world->archive = g_ptr_array_new_with_free_func ((GDestroyNotify) sim_letter_free);
  world->texts = g_ptr_array_new_with_free_func (g_free);
  world->codes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  world->server = sim_server_new ();
  world->passwords = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  world->doubted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  world->kinds = go_on ? g_hash_table_new (g_direct_hash, g_direct_equal) : NULL;
  world->trace = trace ? g_ptr_array_new_with_free_func (g_free) : NULL;
  make_plan (world, lies);
  make_actors (world);
  if (trace)
    trace_plan (world);
  return world;
}

void
sim_world_free (SimWorld *world)
{
  for (guint i = 0; i < world->n_actors; i++)
    sim_actor_kill (world->actors[i], FALSE);
  for (guint i = 0; i < world->n_actors; i++)
    sim_actor_free (world->actors[i]);
  sim_server_free (world->server);
  g_ptr_array_set_free_func (world->queue, event_free);
  g_ptr_array_unref (world->queue);
  g_ptr_array_set_free_func (world->sessions, sim_session_free);
  g_ptr_array_unref (world->sessions);
  g_ptr_array_unref (world->archive);
  g_ptr_array_unref (world->texts);
  g_hash_table_unref (world->codes);
  g_hash_table_unref (world->passwords);
  g_hash_table_unref (world->doubted);
  g_clear_pointer (&world->kinds, g_hash_table_unref);
  if (world->trace != NULL)
    g_ptr_array_unref (world->trace);
  g_free (world->failure);
  g_free (world);
}

/* Nothing happens for so many milliseconds. */
static void
skip (SimWorld *world, gint64 milliseconds)
{
  sim_trace (world, "%d days pass", (int) (milliseconds / 86400000));
  world->now += milliseconds;
  for (guint i = 0; i < world->queue->len; i++)
    ((SimEvent *) world->queue->pdata[i])->due += milliseconds;
}

/* Until the time is UNTIL. */
static void
run_until (SimWorld *world, gint64 until)
{
  guint64 last = world->totals.events + 200000;

  while (world->failure == NULL && world->queue->len > 0 && ((SimEvent *) world->queue->pdata[0])->due <= until)
    {
      SimEvent *event = take_first (world->queue);

      world->now = event->due;
      if (event->incarnation == 0 || event->incarnation == event->actor->incarnation)
        event->fire (world, event);
      event_free (event);
      for (guint i = 0; i < world->n_actors; i++)
        {
          sim_actor_reap (world->actors[i]);
          sim_check_actor (world->actors[i]);
        }
      if (++world->totals.events > last)
        sim_fail (world, "it never stops");
    }
  world->now = MAX (world->now, until);
}

/* How long until the next thing happens, in milliseconds; BUSY: somebody is there to do it. */
static guint
next_pause (SimWorld *world, gboolean busy)
{
  SimPrng *dice = &world->dice;
  guint kind = sim_prng_below (dice, 100);

  if (!busy)
    return sim_prng_between (dice, 200, 4000);
  return sim_prng_below (dice, kind < 60 ? 400 : kind < 90 ? 4000 : kind < 98 ? 60000 : 900000);
}

/* Everybody goes, and comes back after a year or two: where the other side did not verify, it has forgotten. */
static void
let_years_pass (SimWorld *world)
{
  for (guint i = 0; i < world->plan.n_people; i++)
    {
      sim_actor_kill (world->actors[i], FALSE);
      sim_user_return (world->actors[i], sim_prng_below (&world->dice, 10000));
    }
  world->ever_forgot = TRUE;
  for (guint i = 0; i < world->n_actors; i++)
    for (guint j = 0; j < world->n_actors; j++)
      if (world->verified[i][j] != SIM_NEVER && world->verified[j][i] != SIM_VERIFIED)
        world->verified[i][j] = SIM_PERHAPS;
  skip (world, (gint64) sim_prng_between (&world->dice, 100, 800) * 24 * 3600 * 1000);
}

static void
live (SimWorld *world)
{
  guint n_tries = 4 * world->plan.n_steps, years_at = world->plan.years ? world->plan.n_steps / 2 : 0;

  run_until (world, 3000);
  if (sim_prng_chance (&world->dice, 60))
    sim_server_change (world);
  for (guint done = 0; done < world->plan.n_steps && n_tries > 0 && world->failure == NULL; n_tries--)
    {
      gboolean busy = sim_user_step (world);

      done += busy ? 1 : 0;
      if (done >= years_at && years_at > 0)
        {
          years_at = 0;
          let_years_pass (world);
        }
      run_until (world, world->now + next_pause (world, busy));
    }
}

static void
make_peace (SimWorld *world)
{
  sim_trace (world, "peace");
  world->badness = 0;
  world->peace = TRUE;
  sim_mallory_finish (world);
  sim_mishap_end (world);
  sim_server_repent (world);
  for (guint i = 0; i < world->plan.n_people; i++)
    {
      SimActor *actor = world->actors[i];

      actor->first->fuse = 0;
      sim_disk_set_fault (actor->first->disk, SIM_FAULT_NONE);
      if (actor->manager == NULL)
        sim_user_return (actor, sim_prng_below (&world->dice, 5000));
    }
  run_until (world, world->now + PEACE_MILLISECONDS - QUIET_MINUTES * 60 * 1000);
  world->quiet = TRUE;
  run_until (world, world->now + QUIET_MINUTES * 60 * 1000);
  world->quiet = FALSE;
  if (world->failure == NULL)
    sim_check_quiet (world, QUIET_MINUTES);
}

static gboolean
wants_it (const SimActor *actor, guint account)
{
  const SimView *view = &actor->views[account];

  return actor->supports && !view->policy_unsure
         && (view->policy < 0 ? actor->policy != ES_POLICY_NEVER : view->policy != ES_POLICY_NEVER);
}

/* Whether ACTOR and all clients of ACCOUNT want to talk encrypted. Who has two, one of which does not, is asked there. */
static gboolean
all_want_it (const SimActor *actor, guint account)
{
  const SimWorld *world = actor->world;
  guint n = 0;

  for (guint i = 0; i < world->plan.n_people; i++)
    {
      const SimActor *other = world->actors[i];

      if (other->account != account || other->session == NULL)
        continue;
      if (!wants_it (other, actor->account))
        return FALSE;
      n++;
    }
  return n > 0 && actor->session != NULL && !sim_actor_is_own (actor, account) && wants_it (actor, account);
}

/* Everybody who can be talked to encrypted is: nothing that happened may stand in the way for ever. */
static void
probe (SimWorld *world)
{
  guint first = world->texts->len;

  sim_trace (world, "everybody writes once more");
  for (guint i = 0; i < world->plan.n_people; i++)
    for (guint j = 0; j < world->n_accounts; j++)
      if (world->actors[i]->session != NULL && !sim_actor_is_own (world->actors[i], j)
          && wants_it (world->actors[i], j))
        sim_actor_begin (world->actors[i], j);
  run_until (world, world->now + PROBE_MILLISECONDS);
  for (guint i = 0; i < world->plan.n_people; i++)
    for (guint j = 0; j < world->n_accounts; j++)
      if (world->failure == NULL && all_want_it (world->actors[i], j))
        sim_actor_type (world->actors[i], j);
  run_until (world, world->now + PROBE_MILLISECONDS);
  if (world->failure == NULL)
    sim_check_probes (world, first);
  for (guint i = 0; i < world->plan.n_people; i++)
    for (guint j = 0; j < world->n_accounts; j++)
      if (world->failure == NULL && all_want_it (world->actors[i], j))
        sim_check_settled (world->actors[i], j);
}

static void
fall_silent (SimWorld *world)
{
  sim_trace (world, "everybody goes");
  for (guint i = 0; i < world->plan.n_people; i++)
    if (world->actors[i]->manager != NULL)
      sim_network_sign_off (world->actors[i]);
  run_until (world, world->now + SILENCE_MILLISECONDS);
  sim_check_silence (world);
}

gboolean
sim_world_run (SimWorld *world)
{
  live (world);
  if (world->failure == NULL)
    make_peace (world);
  if (world->failure == NULL)
    sim_check_peace (world);
  if (world->failure == NULL)
    probe (world);
  if (world->failure == NULL)
    fall_silent (world);
  return world->failure == NULL && (world->kinds == NULL || g_hash_table_size (world->kinds) == 0);
}
