/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-program.h"

#include "sim-check.h"
#include "sim-network.h"
#include "sim-texts.h"

#define NS_SECRET "urn:sim:secret"
#define NS_SI "http://jabber.org/protocol/si"
#define NS_IBB "http://jabber.org/protocol/ibb"
#define NS_DATA "jabber:x:data"
#define NS_MUC "http://jabber.org/protocol/muc"

static char *
new_content (SimActor *actor, guint account, SimMaker maker)
{
  return sim_texts_content (sim_texts_new (actor, account, maker));
}

/* The client that is talked to, or any that is there. */
static char *
client_of (const SimActor *actor, guint account)
{
  const GPtrArray *sessions = actor->world->sessions;

  if (actor->views[account].device != NULL)
    return g_strdup (actor->views[account].device);
  for (guint i = 0; i < sessions->len; i++)
    if (((const SimSession *) sessions->pdata[i])->actor->account == account)
      return g_strdup (((const SimSession *) sessions->pdata[i])->jid);
  return g_strdup (sim_account (account));
}

static EsXml *
new_iq (SimActor *actor, const char *to, const char *type, const char *id)
{
  EsXml *iq = es_xml_new ("iq", ES_NS_CLIENT);
  g_autofree char *fresh = g_strdup_printf ("q%u-%u", actor->index, ++actor->n_asked);

  es_xml_set_attribute (iq, "type", type);
  es_xml_set_attribute (iq, "to", to);
  es_xml_set_attribute (iq, "id", id != NULL ? id : fresh);
  return iq;
}

void
sim_program_ask (SimActor *actor, guint account)
{
  g_autofree char *to = client_of (actor, account), *content = new_content (actor, account, SIM_BETWEEN);
  EsXml *iq = new_iq (actor, to, sim_prng_chance (&actor->world->dice, 50) ? "get" : "set", NULL);
  EsXml *query = es_xml_append (iq, es_xml_new ("query", NS_SECRET));

  es_xml_append_text (query, content, -1);
  sim_actor_pass (actor, iq);
}

/* The ways that a file may go, each in an element ELEMENT; or the one that is chosen. */
static void
append_ways (EsXml *si, const char *type)
{
  EsXml *feature = es_xml_append (si, es_xml_new ("feature", ES_NS_FEATURE));
  EsXml *x = es_xml_append (feature, es_xml_new ("x", NS_DATA)), *field = NULL;
  gboolean offer = strcmp (type, "form") == 0;

  es_xml_set_attribute (x, "type", type);
  field = es_xml_append_new (x, "field", NULL);
  es_xml_set_attribute (field, "var", "stream-method");
  if (offer)
    es_xml_append_new (es_xml_append_new (field, "option", NULL), "value", "http://jabber.org/protocol/bytestreams");
  es_xml_append_new (offer ? es_xml_append_new (field, "option", NULL) : field, "value", NS_IBB);
}

void
sim_program_offer (SimActor *actor, guint account)
{
  g_autofree char *to = client_of (actor, account), *content = new_content (actor, account, SIM_BETWEEN);
  EsXml *iq = new_iq (actor, to, "set", NULL), *si = es_xml_append (iq, es_xml_new ("si", NS_SI)), *file = NULL;

  es_xml_set_attribute (si, "id", es_xml_attribute (iq, "id"));
  file = es_xml_append (si, es_xml_new ("file", "http://jabber.org/protocol/si/profile/file-transfer"));
  es_xml_set_attribute (file, "name", content);
  append_ways (si, "form");
  sim_actor_pass (actor, iq);
}

/* It is wanted: all of it. */
static void
send_file (SimActor *actor, guint account, const char *to, const char *stream)
{
  static const char *const steps[] = { "open", "data", "data", "close" };

  for (gsize i = 0; i < G_N_ELEMENTS (steps) && !actor->dead; i++)
    {
      EsXml *iq = new_iq (actor, to, "set", NULL), *step = es_xml_append (iq, es_xml_new (steps[i], NS_IBB));
      g_autofree char *content = strcmp (steps[i], "data") == 0 ? new_content (actor, account, SIM_BETWEEN) : NULL;

      es_xml_set_attribute (step, "sid", stream);
      if (content != NULL)
        es_xml_append_text (step, content, -1);
      sim_actor_pass (actor, iq);
    }
}

void
sim_program_whisper (SimActor *actor, guint account)
{
  g_autofree char *to = client_of (actor, account), *content = new_content (actor, account, SIM_BETWEEN);
  EsXml *presence = es_xml_new ("presence", ES_NS_CLIENT);

  es_xml_set_attribute (presence, "to", to);
  es_xml_append_new (presence, "status", content);
  sim_actor_pass (actor, presence);
}

void
sim_program_visit (SimActor *actor)
{
  EsXml *presence = es_xml_new ("presence", ES_NS_CLIENT), *message = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (presence, "to", SIM_ROOM "/somebody");
  es_xml_append (presence, es_xml_new ("x", NS_MUC));
  es_xml_set_attribute (message, "to", SIM_ROOM);
  es_xml_set_attribute (message, "type", "groupchat");
  es_xml_append_new (message, "body", "who is here?");
  sim_actor_pass (actor, presence);
  sim_actor_pass (actor, message);
}

static void
answer (SimActor *actor, guint account, const char *from, const EsXml *iq)
{
  EsXml *reply = new_iq (actor, from, "result", es_xml_attribute (iq, "id"));
  const EsXml *si = es_xml_child (iq, "si", NS_SI);

  if (si != NULL)
    append_ways (es_xml_append (reply, es_xml_new ("si", NS_SI)), "submit");
  else if (es_xml_child (iq, "query", NS_SECRET) != NULL)
    {
      g_autofree char *content = new_content (actor, account, SIM_ASKED_FOR);

      es_xml_append_text (es_xml_append (reply, es_xml_new ("query", NS_SECRET)), content, -1);
    }
  sim_actor_pass (actor, reply);
}

void
sim_program_take (SimActor *actor, const char *from, const SimLetter *letter, const EsXml *stanza, gboolean decrypted)
{
  guint account = sim_account_of (from);
  g_autofree char *xml = es_xml_to_string (stanza, ES_NS_CLIENT);
  const char *type = es_xml_attribute (stanza, "type");
  int number = -1;
  SimText *text = sim_texts_entry (actor->world, xml, &number);

  if (account >= SIM_MAX_ACCOUNTS || account == actor->account)
    return;
  sim_check_envelope (actor, letter, stanza, decrypted);
  if (text != NULL && decrypted)
    {
      sim_texts_read (actor, account, text, number);
      if (text->shown_to[actor->index] == actor->incarnation)
        sim_fail (actor->world, "%s is told text %d twice", actor->jid, number);
      text->shown_to[actor->index] = actor->incarnation;
    }
  if (!es_xml_is (stanza, "iq", NULL))
    return;
  if (g_strcmp0 (type, "get") == 0 || g_strcmp0 (type, "set") == 0)
    answer (actor, account, from, stanza);
  else if (g_strcmp0 (type, "result") == 0 && es_xml_child (stanza, "si", NS_SI) != NULL)
    send_file (actor, account, from, es_xml_attribute (stanza, "id"));
}
