/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-mallory.h"

#include "sim-network.h"
#include "sim-texts.h"

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

gboolean
sim_mallory_overhear (SimActor *mallory, const char *content)
{
  SimWorld *world = mallory->world;
  int number = -1;
  SimText *text = sim_texts_entry (world, content, &number);

  if (text == NULL)
    return FALSE;
  if (text->for_verified && !text->in_clear && !text->asked_plain)
    sim_fail (world, "somebody in the middle reads text %d, which was typed for a verified device", number);
  text->read_by_mallory = TRUE;
  return TRUE;
}

void
sim_mallory_read (SimActor *mallory, const char *content)
{
  if (sim_mallory_overhear (mallory, content) && mallory->other->manager != NULL)
    sim_actor_submit (mallory->other, victim (mallory->other), content);
}

static void
meet (SimActor *mallory, const SimSession *session)
{
  if (session == NULL || session->actor->account != victim (mallory))
    return;
  sim_actor_take_presence (mallory, session->jid, TRUE, TRUE);
  sim_actor_take_support (mallory, session->jid, TRUE);
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
        sim_actor_begin (mallory, victim (mallory));
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
