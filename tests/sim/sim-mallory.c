/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-mallory.h"

#include "sim-check.h"
#include "sim-network.h"

/* The account that MALLORY talks to. */
static guint
victim (const SimActor *mallory)
{
  return mallory->other->account;
}

SimActor *
sim_mallory_between (SimWorld *world, const SimActor *sender, const char *to)
{
  if (!world->in_middle || sender == NULL || sender->mallory)
    return NULL;
  for (guint i = 0; i < world->n_actors; i++)
    {
      SimActor *mallory = world->actors[i];

      if (mallory->mallory && mallory->manager != NULL && victim (mallory) == sender->account
          && sim_account_of (to) == mallory->account)
        return mallory;
    }
  return NULL;
}

/* The client that MALLORY poses as: the first of that account. */
static const char *
pose (const SimActor *mallory)
{
  for (guint i = 0; i < mallory->world->sessions->len; i++)
    {
      const SimSession *session = mallory->world->sessions->pdata[i];

      if (session->actor->account == mallory->account)
        return session->jid;
    }
  return NULL;
}

void
sim_mallory_send (SimActor *mallory, EsXml *stanza)
{
  const char *from = pose (mallory), *to = es_xml_attribute (stanza, "to");

  if (from == NULL)
    es_xml_free (stanza);
  else
    sim_network_post (mallory->world, sim_letter_new (SIM_STANZA, mallory, from, to, stanza));
}

void
sim_mallory_read (SimActor *mallory, const char *text)
{
  SimWorld *world = mallory->world;
  int number = sim_check_find (text);

  /* What was changed on the way may have a number that nobody gave. */
  if (number < 0 || (guint) number >= world->texts->len)
    return;
  ((SimText *) world->texts->pdata[number])->read_by_mallory = TRUE;
  if (mallory->other->manager != NULL)
    sim_actor_submit (mallory->other, victim (mallory->other), text);
}

static void
meet (SimActor *mallory, const SimSession *session)
{
  if (session == NULL || session->actor->account != victim (mallory))
    return;
  es_manager_set_presence (mallory->manager, session->jid, TRUE, 0, "can");
  es_manager_set_support (mallory->manager, session->jid, TRUE);
}

void
sim_mallory_meet (SimWorld *world, const SimActor *actor)
{
  for (guint i = 0; world->in_middle && i < world->n_actors; i++)
    if (world->actors[i]->mallory && world->actors[i]->manager != NULL)
      meet (world->actors[i], actor->session);
}

void
sim_mallory_begin (SimWorld *world)
{
  sim_trace (world, "somebody steps in between");
  world->in_middle = TRUE;
  for (guint i = 0; i < world->n_actors; i++)
    {
      SimActor *mallory = world->actors[i];

      if (!mallory->mallory)
        continue;
      if (mallory->manager == NULL)
        sim_actor_start (mallory);
      mallory->roster = TRUE;
      for (guint j = 0; j < world->sessions->len; j++)
        meet (mallory, world->sessions->pdata[j]);
      if (sim_prng_chance (&world->dice, 60))
        es_manager_start (mallory->manager, sim_account (victim (mallory)));
    }
}

void
sim_mallory_finish (SimWorld *world)
{
  if (!world->in_middle)
    return;
  sim_trace (world, "nobody is in between any more");
  world->in_middle = FALSE;
  for (guint i = 0; i < world->n_actors; i++)
    if (world->actors[i]->mallory)
      sim_actor_kill (world->actors[i], FALSE);
}
