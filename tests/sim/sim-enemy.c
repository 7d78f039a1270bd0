/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "es-negotiation.h"

#include "sim-network.h"

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* Changes an octet somewhere; what is no XML any more would not pass a server. */
static gboolean
corrupt (SimWorld *world, SimLetter *letter)
{
  g_autofree char *text = es_xml_to_string (letter->stanza, "");
  gsize size = strlen (text);
  guint at = 0;
  EsXml *stanza = NULL;

  for (guint tries = 0; stanza == NULL && tries < 4; tries++)
    {
      char before = 0;

      at = sim_prng_below (&world->dice, (guint) size);
      before = text[at];
      text[at] = "AbZ09+/= <"[sim_prng_below (&world->dice, 10)];
      stanza = es_xml_parse (text, size, NULL);
      text[at] = before;
    }
  if (stanza == NULL || es_xml_attribute (stanza, "to") == NULL)
    {
      es_xml_free (stanza);
      return FALSE;
    }
  es_xml_free (letter->stanza);
  letter->stanza = stanza;
  letter->forged = TRUE;
  return TRUE;
}

static void
post (SimWorld *world, const char *from, const char *to, EsXml *stanza)
{
  SimLetter *letter = sim_letter_new (SIM_STANZA, NULL, from, to, stanza);

  es_xml_set_attribute (stanza, "to", to);
  letter->forged = TRUE;
  sim_network_post (world, letter);
}

/* A request that comes from FROM to TO, and is meant for MEANT. */
static void
request (SimWorld *world, const char *from, const char *to, const char *meant, const char *thread)
{
  EsRandom random = { sim_prng_fill, &world->dice };
  EsOptions options;
  g_autoptr (EsAddress) asking = es_address_new (from), asked = es_address_new (meant);
  g_autoptr (EsNegotiation) negotiation = NULL;
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_options_init (&options);
  options.groups[1] = 0;
  negotiation = es_negotiation_new (ES_ROLE_INITIATOR, &options, &random);
  if (asking != NULL && asked != NULL)
    es_negotiation_set_parties (negotiation, es_address_bare (asking), es_address_bare (asked));
  es_xml_append_new (stanza, "thread", thread);
  es_xml_append (stanza, es_negotiation_create (negotiation, ES_MESSAGE_REQUEST, NULL));
  post (world, from, to, stanza);
}

/* Somebody asks: whom he asks seems to ask him as well, for somebody else. */
static gboolean
cross (SimWorld *world, const SimLetter *letter)
{
  EsMessage message = ES_MESSAGE_RESPONSE;
  g_autofree char *thread = g_strdup_printf ("crossing%u", sim_prng_below (&world->dice, 1000));

  if (es_negotiation_recognize (letter->stanza, &message) == NULL || message != ES_MESSAGE_REQUEST)
    return FALSE;
  request (world, letter->to, letter->from, SIM_ROOM, thread);
  return TRUE;
}

void
sim_enemy_handle (SimWorld *world, SimLetter *letter)
{
  guint what = sim_prng_below (&world->dice, 10);
  SimLetter *copy = NULL;

  sim_trace (world, "the enemy does %u to what %s sends", what, letter->from);
  switch (what)
    {
    case 0:
    case 1: /* lost */
      sim_letter_free (letter);
      return;
    case 2:
    case 3: /* doubled, later than what follows or not */
      copy = sim_letter_copy (letter);
      copy->forged = TRUE;
      sim_network_post (world, copy);
      letter->forged = what == 3;
      break;
    case 4:
    case 5: /* late */
      letter->forged = TRUE;
      letter->delay = sim_prng_below (&world->dice, 5000);
      break;
    case 6: /* back to its sender */
      if (sim_prng_chance (&world->dice, 70) && cross (world, letter))
        break;
      copy = sim_letter_new (SIM_STANZA, NULL, letter->to, letter->from, es_xml_copy (letter->stanza));
      copy->author = letter->author;
      copy->forged = TRUE;
      sim_network_post (world, copy);
      break;
    default:
      if (!corrupt (world, letter))
        {
          sim_letter_free (letter);
          return;
        }
      break;
    }
  sim_network_post (world, letter);
}

gboolean
sim_enemy_doubles (SimWorld *world, const SimLetter *letter)
{
  if (!world->plan.hostile || world->peace || letter->kind != SIM_STANZA || letter->forged
      || es_xml_child (letter->stanza, "c", ES_NS_CRYPT) == NULL)
    return FALSE;

  /* Messages are known by their labels as well. */
  if (!sim_prng_chance (&world->dice, es_xml_is (letter->stanza, "message", NULL) ? 5 : 60))
    return FALSE;
  world->ever_hostile = TRUE;
  return TRUE;
}

static char *
thread_of (const EsXml *stanza)
{
  const EsXml *thread = es_xml_child (stanza, "thread", NULL);

  return thread != NULL ? es_xml_dup_text (thread) : NULL;
}

void
sim_enemy_error (SimWorld *world, const char *from, const char *to, const char *thread)
{
  static const char *const conditions[]
      = { "not-acceptable", "feature-not-implemented", "resource-constraint", "unexpected-request", "item-not-found" };
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT), *error = NULL;

  es_xml_set_attribute (stanza, "type", "error");
  if (thread != NULL)
    es_xml_append_new (stanza, "thread", thread);
  error = es_xml_append_new (stanza, "error", NULL);
  es_xml_set_attribute (error, "type", "cancel");
  es_xml_append (error, es_xml_new (conditions[sim_prng_below (&world->dice, 5)], NS_STANZAS));
  post (world, from, to, stanza);
}

void
sim_enemy_request (SimWorld *world, const char *from, const char *to, const char *thread)
{
  request (world, from, to, to, thread);
}

static void
forge_plain (SimWorld *world, const SimLetter *old, const char *from)
{
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);
  g_autofree char *thread = thread_of (old->stanza);

  es_xml_set_attribute (stanza, "type", "chat");
  if (thread != NULL && sim_prng_chance (&world->dice, 50))
    es_xml_append_new (stanza, "thread", thread);
  es_xml_append_new (stanza, "body", "this was not written by anybody");
  post (world, from, old->to, stanza);
}

void
sim_enemy_act (SimWorld *world)
{
  const SimLetter *old = NULL;
  SimLetter *letter = NULL;
  const char *from = NULL;
  g_autofree char *thread = NULL;
  guint ago = 0;

  if (world->archive->len == 0)
    return;
  ago = sim_prng_chance (&world->dice, 50) ? 5 : 400;
  ago = MIN (ago, world->archive->len);
  old = world->archive->pdata[world->archive->len - 1 - sim_prng_below (&world->dice, ago)];
  from = old->from;

  /* Now and then in the name of anybody who is there. */
  if (world->sessions->len > 0 && sim_prng_chance (&world->dice, 30))
    from = ((const SimSession *) world->sessions->pdata[sim_prng_below (&world->dice, world->sessions->len)])->jid;
  switch (sim_prng_below (&world->dice, 6))
    {
    case 0:
    case 1:
    case 2:
      sim_trace (world, "the enemy replays");
      letter = sim_letter_copy (old);
      letter->sender = NULL;
      letter->forged = TRUE;
      g_free (letter->from);
      letter->from = g_strdup (from);
      sim_network_post (world, letter);
      break;
    case 3:
      thread = thread_of (old->stanza);
      sim_enemy_error (world, from, old->to, thread);
      break;
    case 4:
      thread = g_strdup_printf ("forged%u", sim_prng_below (&world->dice, 1000));
      sim_enemy_request (world, from, old->to, thread);
      break;
    default:
      forge_plain (world, old, from);
      break;
    }
}
