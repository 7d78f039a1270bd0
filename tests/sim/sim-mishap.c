/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-mishap.h"

#include "es-negotiation.h"

#include "sim-network.h"
#include "sim-trust.h"
#include "sim-user.h"

/* Of two sessions one after the other with the same contact the line takes the proof of the first one, and message 4 of the
 * second: then the other side has two secrets that nobody has proven. */

static void
on_first_cut (SimWorld *world, SimEvent *event)
{
  if (world->mishap.actor == event->actor)
    sim_network_cut (event->actor, FALSE);
}

static void
begin_lost_proof (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;

  sim_trace (world, "%s is about to lose a proof and a message 4 of %s", actor->jid, sim_account (account));
  world->mishap = (SimMishap){ actor, account, SIM_MISHAP_FIRST };
  sim_world_add (world, sim_prng_between (&world->dice, 500, 2000), on_first_cut)->actor = actor;
}

static gboolean
is_message_4 (const SimMishap *mishap, const SimLetter *letter)
{
  EsMessage message = ES_MESSAGE_REQUEST;

  return letter->sender->account == mishap->account && strcmp (letter->to, mishap->actor->jid) == 0
         && es_negotiation_recognize (letter->stanza, &message) != NULL && message == ES_MESSAGE_RESPONDER_ACCEPT;
}

static gboolean
loses_proof (SimMishap *mishap, const SimLetter *letter)
{
  switch (mishap->step)
    {
    case SIM_MISHAP_FIRST:
      if (is_message_4 (mishap, letter))
        mishap->step = SIM_MISHAP_PROOF;
      return FALSE;
    case SIM_MISHAP_PROOF:
      if (letter->sender != mishap->actor || sim_account_of (letter->to) != mishap->account
          || es_xml_child (letter->stanza, "c", ES_NS_CRYPT) == NULL)
        return FALSE;
      sim_trace (mishap->actor->world, "%s loses a proof", mishap->actor->jid);
      mishap->step = SIM_MISHAP_SECOND;
      sim_network_cut (mishap->actor, FALSE);
      return TRUE;
    case SIM_MISHAP_SECOND:
    default:
      if (!is_message_4 (mishap, letter))
        return FALSE;
      sim_trace (mishap->actor->world, "%s loses a message 4", mishap->actor->jid);
      sim_network_cut (mishap->actor, FALSE);
      mishap->actor = NULL;
      return TRUE;
    }
}

/* What ACTOR is sent is shown, but nothing that it says comes out any more; then the power fails. */

static void
on_dead (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  sim_actor_kill (actor, sim_prng_chance (&world->dice, 40));
  if (world->peace)
    sim_user_return (actor, sim_prng_below (&world->dice, 5000));
}

/* Somebody who has a session with it writes. */
static void
on_written_to (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  for (guint i = 0; i < world->plan.n_people; i++)
    {
      SimActor *other = world->actors[i];
      const SimView *view = &other->views[actor->account];

      if (other->first == actor->first || !sim_actor_online (other) || view->code == NULL
          || g_strcmp0 (view->device, actor->jid) != 0)
        continue;
      sim_actor_type (other, actor->account);
      return;
    }
}

static void
begin_muteness (SimActor *actor)
{
  SimWorld *world = actor->world;
  SimEvent *written = sim_world_add (world, sim_prng_below (&world->dice, 500), on_written_to);
  SimEvent *dead = sim_world_add (world, sim_prng_between (&world->dice, 3500, 8000), on_dead);

  sim_trace (world, "what %s sends is lost from now on", actor->jid);
  written->actor = dead->actor = actor;
  written->incarnation = dead->incarnation = actor->mute = actor->incarnation;
}

/* Whoever said that codes differ is killed, and the other side begins anew as soon as it is back. */

static void
on_killed (SimWorld *world, SimEvent *event)
{
  if (world->peace)
    return;
  sim_actor_kill (event->actor, sim_prng_chance (&world->dice, 40));
  sim_user_return (event->actor, sim_prng_below (&world->dice, 1000));
}

static void
on_asked_again (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  for (guint i = 0; !world->peace && i < world->plan.n_people; i++)
    if (world->actors[i]->account == event->number && sim_actor_online (world->actors[i]))
      sim_actor_begin (world->actors[i], actor->account);
}

static void
begin_difference (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  SimEvent *killed = sim_world_add (world, sim_prng_between (&world->dice, 200, 1000), on_killed);
  SimEvent *asked = sim_world_add (world, sim_prng_between (&world->dice, 3000, 5000), on_asked_again);

  killed->actor = asked->actor = actor;
  killed->incarnation = actor->incarnation;
  asked->number = account;
}

void
sim_mishap_begin (SimActor *actor)
{
  if (actor->world->plan.kills)
    begin_muteness (actor);
}

void
sim_mishap_answered (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;

  if (actor->views[account].distrusts && world->plan.kills)
    begin_difference (actor, account);
  else if (sim_trust_has_mark (actor, account) && world->plan.cuts && world->mishap.actor == NULL
           && sim_prng_chance (&world->dice, 50))
    begin_lost_proof (actor, account);
}

gboolean
sim_mishap_loses (SimWorld *world, const SimLetter *letter)
{
  const SimActor *sender = letter->sender;

  if (letter->kind != SIM_STANZA || sender == NULL || sender->mallory)
    return FALSE;
  if (sender->mute != 0 && sender->mute == sender->incarnation)
    return TRUE;
  return world->mishap.actor != NULL && loses_proof (&world->mishap, letter);
}

void
sim_mishap_end (SimWorld *world)
{
  world->mishap.actor = NULL;
}
