/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-user.h"

#include "sim-check.h"
#include "sim-mallory.h"
#include "sim-mishap.h"
#include "sim-network.h"
#include "sim-program.h"
#include "sim-server.h"
#include "sim-trust.h"

/* Of 100 things that people do, those from here to the next are that; before them they write. */
enum
{
  AUTO_REPLY = 42,
  CHAT_STATE = 46,
  OPEN = 52,
  CLOSE = 58,
  BEGIN = 61,
  END = 68,
  COMPARE = 72,
  DEVICES = 80,
  PROGRAMS = 82,
  POLICY = 87,
  SEND_PLAIN = 90,
  ANYWAY = 92,
  LEAVE = 93,
  ACCIDENT = 96
};

static void accident (SimActor *actor);

/* Whoever comes begins to negotiate: that is when most can break. */
static void
on_mishap (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  if (!world->peace && actor->linked)
    accident (actor);
}

static void
on_repaired (SimWorld *world, SimEvent *event)
{
  sim_disk_set_fault (event->actor->first->disk, SIM_FAULT_NONE);
}

/* Another program looks at the file just then. */
static void
lock_disk (SimActor *actor)
{
  SimWorld *world = actor->world;

  sim_trace (world, "the disk of %s is locked", actor->jid);
  sim_disk_set_fault (actor->first->disk, SIM_FAULT_LOCKED);
  sim_world_add (world, sim_prng_between (&world->dice, 100, sim_prng_chance (&world->dice, 70) ? 1500 : 20000),
                 on_repaired)
      ->actor
      = actor;
}

/* Its other accounts sign on by themselves. */
static void
start_program (SimActor *actor)
{
  sim_actor_start (actor);
  if (actor->world->plan.kills && !actor->world->peace && sim_prng_chance (&actor->world->dice, 25))
    lock_disk (actor);
  for (guint i = 0; i < actor->world->n_actors; i++)
    if (actor->world->actors[i]->first == actor->first && actor->world->actors[i] != actor)
      sim_user_return (actor->world->actors[i], sim_prng_below (&actor->world->dice, 2000));
}

static void
on_return (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  if (actor->dead && actor->manager != NULL)
    return;
  if (actor->manager == NULL)
    start_program (actor);
  if (actor->linked)
    return;
  sim_network_sign_on (actor);
  if (world->plan.restless && !world->peace)
    for (guint n = sim_prng_below (&world->dice, 3); n > 0; n--)
      sim_world_add (world, sim_prng_between (&world->dice, 300, 2500), on_mishap)->actor
          = world->actors[sim_prng_below (&world->dice, world->plan.n_people)];
}

void
sim_user_return (SimActor *actor, gint64 after)
{
  sim_world_add (actor->world, after, on_return)->actor = actor;
}

/* Comparing codes takes time: both are looked at now, the answer comes later. */

static void
on_answer (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;
  guint account = event->number >> 1;

  if (world->peace || actor->manager == NULL)
    return;
  sim_actor_verify (actor, account, event->data, (event->number & 1) != 0);
  if (!actor->dead)
    sim_mishap_answered (actor, account);
}

static void
answer (SimActor *actor, guint account, const char *code, gboolean equal)
{
  SimWorld *world = actor->world;
  SimEvent *event = sim_world_add (
      world, sim_prng_below (&world->dice, sim_prng_chance (&world->dice, 70) ? 500 : 30000), on_answer);

  event->actor = actor;
  event->incarnation = actor->incarnation;
  event->number = account << 1 | (equal ? 1 : 0);
  event->data = g_strdup (code);
  event->free_data = g_free;
}

/* Some compare a password that both know instead; who is asked for it answers, refuses, or lets it be. */

/* Of 100 who type it so many know it. */
static guint
knowledge (const SimActor *actor)
{
  return actor->world->plan.guesses ? 25 : 75;
}

static void
on_asked (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;
  EsConversation what;

  if (world->peace || actor->manager == NULL || actor->dead)
    return;
  sim_actor_describe (actor, event->number, &what);
  if (what.password != ES_PASSWORD_OFFERED)
    return;
  if (sim_prng_chance (&world->dice, 10))
    sim_actor_decline_password (actor, event->number);
  else if (actor->mallory || sim_prng_chance (&world->dice, 90))
    sim_actor_password (actor, event->number, !actor->mallory && sim_prng_chance (&world->dice, knowledge (actor)));
}

static void
use_password (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;

  sim_actor_password (actor, account, sim_prng_chance (&world->dice, knowledge (actor)));
  for (guint i = 0; i < world->n_actors; i++)
    if (world->actors[i]->account == account)
      {
        SimEvent *event = sim_world_add (world, sim_prng_between (&world->dice, 100, 20000), on_asked);

        event->actor = world->actors[i];
        event->number = actor->account;
      }
}

static void
compare (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  const char *mine = actor->views[account].code, *theirs = NULL;

  if (mine == NULL)
    return;
  if (sim_prng_chance (&world->dice, world->plan.guesses ? 90 : 20))
    {
      use_password (actor, account);
      return;
    }
  for (guint i = 0; i < world->n_actors; i++)
    {
      SimActor *other = world->actors[i];

      theirs = other->account == account && !other->mallory ? other->views[actor->account].code : NULL;
      if (theirs == NULL)
        continue;
      if (strcmp (mine, theirs) == 0)
        {
          /* Who reads badly says so of the right code, too. */
          if (world->plan.differ && sim_prng_chance (&world->dice, 30))
            {
              answer (actor, account, mine, FALSE);
              return;
            }
          answer (actor, account, mine, TRUE);
          if (sim_prng_chance (&world->dice, 80))
            answer (other, actor->account, mine, TRUE);
          return;
        }

      /* Where nobody interferes, people have looked at the wrong moment, or at another device's. */
      if ((world->in_middle || world->plan.differ) && sim_prng_chance (&world->dice, world->in_middle ? 60 : 20))
        answer (actor, account, mine, FALSE);
    }
}

static void
on_meeting (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  if (actor->manager == NULL || actor->dead || !actor->linked)
    return;
  if (actor->views[event->number].code == NULL)
    sim_actor_begin (actor, event->number);
  else if (!sim_trust_has_mark (actor, event->number))
    compare (actor, event->number);
}

void
sim_user_meet (SimActor *actor, guint account)
{
  for (guint i = 0; i < 4; i++)
    {
      SimEvent *event = sim_world_add (actor->world, 5000 + 3000 * (gint64) i, on_meeting);

      event->actor = actor;
      event->number = account;
    }
}

static gboolean
plain_is_possible (SimActor *actor, guint account)
{
  EsConversation what;

  sim_actor_describe (actor, account, &what);
  return what.can_send_plain;
}

static void
choose_policy (SimActor *actor, guint account)
{
  SimPrng *dice = &actor->world->dice;

  if (sim_prng_chance (dice, 20))
    sim_actor_set_log (actor, sim_prng_chance (dice, 50));
  sim_actor_set_policy (actor, account, (int) sim_prng_below (dice, ES_N_POLICIES + 1) - 1);
}

/* Accidents */

static void
spoil_disk (SimActor *actor)
{
  SimWorld *world = actor->world;

  world->ever_fault = TRUE;
  sim_trace (world, "the disk of %s fails", actor->jid);
  sim_disk_set_fault (actor->first->disk, (SimFault) sim_prng_between (&world->dice, SIM_FAULT_READ, SIM_FAULT_FULL));
  sim_world_add (world, sim_prng_between (&world->dice, 100, 40000), on_repaired)->actor = actor;
}

static void
accident (SimActor *actor)
{
  SimWorld *world = actor->world;
  guint what = sim_prng_below (&world->dice, 10);

  if (what < 3 && world->plan.cuts)
    sim_network_cut (actor, FALSE);
  else if (what < 5 && world->plan.cuts)
    sim_network_cut (actor, TRUE);
  else if (what == 5 && world->plan.kills)
    sim_actor_kill (actor, sim_prng_chance (&world->dice, 40));
  else if (what < 8 && world->plan.kills)
    actor->first->fuse = sim_prng_between (&world->dice, 1, sim_prng_chance (&world->dice, 50) ? 12 : 60);
  else if (what == 8 && world->plan.faults)
    spoil_disk (actor);
  else if (what == 9)
    sim_mishap_begin (actor);
}

static void
change_weather (SimWorld *world)
{
  sim_server_change (world);
  if (world->plan.hostile)
    {
      world->badness = sim_prng_chance (&world->dice, 40) ? sim_prng_below (&world->dice, 40) : 0;
      world->ever_hostile |= world->badness > 0;
    }
  if (world->plan.mitm && !world->in_middle && sim_prng_chance (&world->dice, 70))
    {
      world->ever_hostile = TRUE;
      sim_mallory_begin (world);
    }
  else if (sim_prng_chance (&world->dice, 40))
    sim_mallory_finish (world);
}

static gboolean
has_waiting (const SimActor *actor, guint account)
{
  EsConversation what;

  sim_actor_describe (actor, account, &what);
  return what.waiting > 0;
}

/* In what they are given to, people do one thing more often than others. */
static guint
choose (const SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  const SimView *view = &actor->views[account];
  SimPrng *dice = &world->dice;

  if (view->state == ES_STATE_ENDED && sim_prng_chance (dice, 35))
    return BEGIN;
  if (!view->open && sim_prng_chance (dice, 20))
    return OPEN;
  if (view->barred && sim_prng_chance (dice, 50))
    return sim_prng_chance (dice, 40) ? ANYWAY : has_waiting (actor, account) ? COMPARE : PROGRAMS;
  if ((view->distrusts && sim_prng_chance (dice, 30)) || (view->promised && sim_prng_chance (dice, 8)))
    return POLICY;

  if (world->plan.whispers && sim_prng_chance (dice, 25))
    return PROGRAMS;
  if (world->plan.careful && sim_prng_chance (dice, world->plan.lies != 0 || world->plan.guesses ? 35 : 20))
    return COMPARE;
  if (world->plan.restless && sim_prng_chance (dice, 50))
    return sim_prng_chance (dice, 60) ? ACCIDENT : sim_prng_chance (dice, 70) ? BEGIN : LEAVE;
  return sim_prng_below (dice, ACCIDENT + 12);
}

static void
run_programs (SimActor *actor, guint account)
{
  void (*const acts[]) (SimActor * who, guint with) = { sim_program_ask, sim_program_offer, sim_program_whisper };
  SimPrng *dice = &actor->world->dice;
  guint which = actor->world->plan.whispers && sim_prng_chance (dice, 60) ? 2 : sim_prng_below (dice, 4);

  if (!actor->world->plan.programs && !actor->views[account].barred)
    return;
  if (which < G_N_ELEMENTS (acts))
    acts[which](actor, account);
  else
    sim_program_visit (actor);
}

static void
act (SimActor *actor, guint account)
{
  SimPrng *dice = &actor->world->dice;
  guint what = choose (actor, account);

  if (what < AUTO_REPLY)
    for (guint n = sim_prng_between (dice, 1, 3); n > 0 && actor->manager != NULL && !actor->dead; n--)
      sim_actor_type (actor, account);
  else if (what < CHAT_STATE)
    sim_actor_auto_reply (actor, account);
  else if (what < OPEN)
    sim_actor_chat_state (actor, account);
  else if (what < CLOSE)
    sim_actor_open (actor, account);
  else if (what < BEGIN)
    sim_actor_close (actor, account);
  else if (what < END)
    sim_actor_begin (actor, account);
  else if (what < COMPARE)
    sim_actor_end (actor, account);
  else if (what < DEVICES)
    compare (actor, account);
  else if (what < PROGRAMS)
    sim_actor_unmark (actor, account, sim_prng_chance (dice, 50));
  else if (what < POLICY)
    run_programs (actor, account);
  else if (what < SEND_PLAIN)
    choose_policy (actor, account);
  else if (what < ANYWAY)
    {
      if (plain_is_possible (actor, account))
        sim_actor_send_plain (actor, account);
    }
  else if (what < LEAVE)
    sim_actor_write_anyway (actor, account);
  else if (what < ACCIDENT)
    {
      sim_network_sign_off (actor);
      if (!actor->dead)
        sim_user_return (actor, sim_prng_between (dice, 100, sim_prng_chance (dice, 70) ? 5000 : 100000));
    }
  else
    accident (actor);
}

gboolean
sim_user_step (SimWorld *world)
{
  SimPrng *dice = &world->dice;
  SimActor *actor = world->actors[sim_prng_below (dice, world->plan.n_people)];
  guint account = sim_prng_below (dice, world->n_accounts);

  if (sim_prng_chance (dice, 8))
    change_weather (world);
  if (world->plan.hostile && sim_prng_chance (dice, 15))
    {
      world->ever_hostile = TRUE;
      sim_enemy_act (world);
    }
  if (world->plan.lies != 0 && sim_prng_chance (dice, 15))
    sim_server_act (world);
  while (sim_actor_is_own (actor, account))
    account = sim_prng_below (dice, world->n_accounts);
  if (actor->manager == NULL)
    {
      if (sim_prng_chance (dice, 60))
        sim_user_return (actor, sim_prng_below (dice, 3000));
      return FALSE;
    }
  if (!actor->linked)
    return FALSE;
  act (actor, account);
  sim_actor_reap (actor);
  sim_check_actor (actor);
  return TRUE;
}
