/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-network.h"

#include "sim-check.h"
#include "sim-mallory.h"
#include "sim-mishap.h"
#include "sim-server.h"
#include "sim-user.h"

#define NS_STANZAS "urn:ietf:params:xml:ns:xmpp-stanzas"

/* Letters */

void
sim_letter_free (SimLetter *letter)
{
  if (letter == NULL)
    return;
  es_xml_free (letter->stanza);
  g_free (letter->from);
  g_free (letter->to);
  g_free (letter);
}

static void
free_letter (gpointer letter)
{
  sim_letter_free (letter);
}

SimLetter *
sim_letter_new (SimKind kind, SimActor *sender, const char *from, const char *to, EsXml *stanza)
{
  SimLetter *letter = g_new0 (SimLetter, 1);

  letter->kind = kind;
  letter->sender = sender;
  letter->author = sender;
  letter->from = g_strdup (from);
  letter->to = g_strdup (to);
  letter->stanza = stanza;
  return letter;
}

SimLetter *
sim_letter_copy (const SimLetter *letter)
{
  SimLetter *copy = g_memdup2 (letter, sizeof *letter);

  copy->from = g_strdup (letter->from);
  copy->to = g_strdup (letter->to);
  copy->stanza = letter->stanza != NULL ? es_xml_copy (letter->stanza) : NULL;
  copy->line = NULL;
  return copy;
}

/* Where it goes */

static SimSession *
find_session (SimWorld *world, const char *jid)
{
  guint account = sim_resource (jid) == NULL ? sim_account_of (jid) : SIM_MAX_ACCOUNTS;

  for (guint i = world->sessions->len; i-- > 0;)
    {
      SimSession *session = world->sessions->pdata[i];

      if (strcmp (session->jid, jid) == 0)
        return session;
    }
  for (guint i = 0; sim_resource (jid) == NULL && i < world->sessions->len; i++)
    {
      SimSession *session = world->sessions->pdata[i];

      if (session->actor->account == account)
        return session;
    }
  return NULL;
}

SimActor *
sim_network_find (SimWorld *world, const char *jid)
{
  const SimSession *session = find_session (world, jid);

  return session != NULL && session->actor->session == session && !session->broken ? session->actor : NULL;
}

static gboolean
may_bounce (const EsXml *stanza)
{
  const char *type = es_xml_attribute (stanza, "type");

  if (es_xml_is (stanza, "iq", NULL))
    return g_strcmp0 (type, "result") != 0 && g_strcmp0 (type, "error") != 0;
  return es_xml_is (stanza, "message", NULL) && g_strcmp0 (type, "error") != 0 && g_strcmp0 (type, "groupchat") != 0;
}

/* To whom nobody answers: servers return messages with what was in them, or without. */
static void
bounce (SimWorld *world, const SimLetter *letter)
{
  EsXml *stanza = NULL, *error = NULL;
  SimLetter *back = NULL;

  if (letter->kind == SIM_ASK)
    {
      back = sim_letter_new (SIM_ANSWER, NULL, letter->to, letter->from, NULL);
      back->asked_in = letter->asked_in;
      sim_network_post (world, back);
    }
  if (letter->kind != SIM_STANZA || letter->forged || sim_account_of (letter->from) >= SIM_MAX_ACCOUNTS
      || !may_bounce (letter->stanza) || sim_prng_chance (&world->dice, 10))
    return;
  stanza = es_xml_copy (letter->stanza);
  if (sim_prng_chance (&world->dice, 50))
    for (guint i = es_xml_children (stanza)->len; i-- > 0;)
      es_xml_free (es_xml_steal (stanza, i));
  es_xml_set_attribute (stanza, "type", "error");
  es_xml_set_attribute (stanza, "to", letter->from);
  error = es_xml_append_new (stanza, "error", NULL);
  es_xml_set_attribute (error, "type", "cancel");
  es_xml_append (error, es_xml_new ("service-unavailable", NS_STANZAS));
  back = sim_letter_new (SIM_STANZA, NULL, letter->to, letter->from, stanza);
  sim_network_post (world, back);
}

/* Takes JID out of LIST, or where it is bare everybody. */
static void
take_out (GPtrArray *list, const char *jid)
{
  for (guint i = list->len; i-- > 0;)
    if (sim_resource (jid) == NULL || strcmp (list->pdata[i], jid) == 0)
      g_ptr_array_remove_index (list, i);
}

static gboolean
is_among (const GPtrArray *list, const char *jid)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp (list->pdata[i], jid) == 0)
      return TRUE;
  return FALSE;
}

static void
take_presence (SimActor *actor, const SimLetter *letter)
{
  g_autoptr (EsAddress) from = es_address_new (letter->from);
  guint account = sim_account_of (letter->from);
  SimView *view = account < SIM_MAX_ACCOUNTS ? &actor->views[account] : NULL;

  if (view != NULL && from != NULL)
    {
      take_out (view->present, es_address_text (from));
      if (letter->yes)
        g_ptr_array_add (view->present, g_strdup (es_address_text (from)));
      else
        take_out (view->capable, es_address_text (from));
    }
  sim_actor_take_presence (actor, letter->from, letter->yes, letter->sender == NULL || letter->sender->supports);
}

static void
take_answer (SimActor *actor, const SimLetter *letter)
{
  SimView *view = &actor->views[sim_account_of (letter->from)];

  /* Of an earlier connection's questions libpurple knows nothing any more. */
  if (actor->session == NULL || letter->asked_in != actor->session->number)
    return;
  take_out (view->capable, letter->from);

  /* Nobody else than somebody who was there when it came is taken for capable. */
  if (letter->yes && find_session (actor->world, letter->from) != NULL && is_among (view->present, letter->from))
    g_ptr_array_add (view->capable, g_strdup (letter->from));
  sim_actor_take_support (actor, letter->from, letter->yes);
}

static void
hand_over (SimActor *actor, const SimLetter *letter)
{
  SimLetter *answer = NULL;

  switch (letter->kind)
    {
    case SIM_STANZA:
      sim_actor_take (actor, letter);
      return;
    case SIM_PRESENCE:
      take_presence (actor, letter);
      return;
    case SIM_ANSWER:
      take_answer (actor, letter);
      return;
    case SIM_ASK:
    default:
      answer = sim_letter_new (SIM_ANSWER, actor, letter->to, letter->from, NULL);
      answer->yes = actor->supports;
      answer->asked_in = letter->asked_in;
      sim_network_post (actor->world, answer);
    }
}

static const char *const kinds[] = { "stanza", "presence", "question", "answer" };

static void
trace_letter (SimWorld *world, const char *what, const SimLetter *letter)
{
  g_autofree char *text = NULL;

  if (world->trace == NULL)
    return;
  text = letter->stanza != NULL ? es_xml_to_string (letter->stanza, ES_NS_CLIENT) : NULL;
  sim_trace_add (world, "%s %s%s from %s to %s %s", what, letter->forged ? "forged " : "", kinds[letter->kind],
                 letter->from, letter->to,
                 text != NULL  ? text
                 : letter->yes ? "yes"
                               : "no");
}

void
sim_network_bring (SimWorld *world, SimLetter *letter)
{
  SimActor *between = letter->kind == SIM_STANZA || letter->kind == SIM_ASK
                          ? sim_mallory_between (world, letter->sender, letter->to)
                          : NULL;
  SimSession *session = NULL;

  if (sim_server_redirect (world, letter))
    return;
  trace_letter (world, "arrives:", letter);
  if (between != NULL)
    {
      if (letter->kind == SIM_ASK)
        hand_over (between, letter);
      else
        sim_actor_take (between, letter);
      sim_letter_free (letter);
      return;
    }
  session = find_session (world, letter->to);
  if (session == NULL)
    bounce (world, letter);
  else if (session->broken || session->actor->session != session)
    {
      g_queue_push_tail (&session->limbo, letter);
      return;
    }
  else
    {
      if (world->plan.cuts)
        {
          g_queue_push_tail (&session->recent, sim_letter_copy (letter));
          if (session->recent.length > 4)
            sim_letter_free (g_queue_pop_head (&session->recent));
        }
      hand_over (session->actor, letter);
    }
  sim_letter_free (letter);
}

static void
on_due (SimWorld *world, SimEvent *event)
{
  if (event->data != NULL && !sim_server_takes_back (world, event->data))
    sim_network_bring (world, g_steal_pointer (&event->data));
}

/* Whose address JID is or was: its number stands in the resource, which sim_network_sign_on made. */
static const SimActor *
owner_of (const SimWorld *world, const char *jid)
{
  const char *resource = sim_resource (jid);
  guint64 index = resource != NULL && *resource == 'r' ? g_ascii_strtoull (resource + 1, NULL, 10) : G_MAXUINT;

  return index < world->n_actors ? world->actors[index] : NULL;
}

/* In order between two clients, as servers do; an enemy's letters come when he likes. */
static void
schedule (SimWorld *world, SimLetter *letter)
{
  guint account = sim_account_of (letter->to);
  const SimActor *sender = letter->sender != NULL ? letter->sender : owner_of (world, letter->from);
  gint64 due = world->now + letter->delay + sim_prng_between (&world->dice, 5, 300);
  SimEvent *event = NULL;

  if (sim_prng_chance (&world->dice, 5))
    due += sim_prng_below (&world->dice, 3000);
  if (account < SIM_MAX_ACCOUNTS && sender != NULL && !letter->forged)
    due = world->last_due[sender->index][account] = MAX (due, world->last_due[sender->index][account]);
  letter->sent = world->now;
  letter->number = ++world->n_letters;
  event = sim_world_add (world, due - world->now, on_due);
  event->data = letter;
  event->free_data = free_letter;
}

void
sim_network_post (SimWorld *world, SimLetter *letter)
{
  SimSession *line = letter->sender != NULL && !letter->sender->mallory ? letter->sender->session : NULL;

  if (line == NULL && letter->sender != NULL && !letter->sender->mallory && letter->kind != SIM_PRESENCE)
    {
      sim_letter_free (letter);
      return;
    }

  if (sim_mishap_loses (world, letter))
    {
      sim_letter_free (letter);
      return;
    }

  if (letter->kind == SIM_ASK && line != NULL)
    letter->asked_in = line->number;

  /* What the client cannot send waits for the line, or is gone. Presence and the server's own do not pass it. */
  if (line != NULL && line->broken && letter->kind != SIM_PRESENCE)
    {
      if (line->resumable)
        g_queue_push_tail (&line->outbox, letter);
      else
        sim_letter_free (letter);
      return;
    }
  letter->line = letter->kind != SIM_PRESENCE ? line : NULL;
  if (world->plan.hostile && letter->kind == SIM_STANZA && !letter->forged && world->archive->len < 400)
    g_ptr_array_add (world->archive, sim_letter_copy (letter));
  if (letter->kind == SIM_STANZA)
    {
      sim_server_note (world, letter);
      if (sim_server_twist (world, letter))
        return;
    }

  /* Who gets no answer to the question what a program supports, or a wrong one, takes it for one that does not, and does
   * not ask again: that is known. */
  if (world->badness > 0 && letter->kind == SIM_STANZA && !letter->forged
      && sim_prng_chance (&world->dice, world->badness))
    sim_enemy_handle (world, letter);
  else
    {
      SimLetter *again = sim_enemy_doubles (world, letter) ? sim_letter_copy (letter) : NULL;

      schedule (world, letter);
      if (again != NULL)
        {
          again->again = letter->number;
          again->line = letter->line;
          schedule (world, again);
        }
    }
}

/* Connections */

void
sim_session_free (gpointer data)
{
  SimSession *session = data;

  g_queue_clear_full (&session->limbo, free_letter);
  g_queue_clear_full (&session->outbox, free_letter);
  g_queue_clear_full (&session->recent, free_letter);
  g_free (session->jid);
  g_free (session);
}

static void
tell_presence (SimWorld *world, SimActor *of, const char *jid, const char *to, gboolean available)
{
  SimLetter *letter = sim_letter_new (SIM_PRESENCE, of, jid, to, NULL);

  letter->yes = available;
  sim_network_post (world, letter);
}

/* One's own are no contacts. */
static gboolean
knows (const SimActor *actor, const SimActor *other)
{
  return actor->account != other->account && actor->first != other->first;
}

void
sim_network_tell_all (SimWorld *world)
{
  for (guint i = 0; i < world->sessions->len; i++)
    for (guint j = 0; j < world->sessions->len; j++)
      {
        const SimSession *of = world->sessions->pdata[i], *to = world->sessions->pdata[j];

        if (knows (to->actor, of->actor))
          tell_presence (world, of->actor, of->jid, to->jid, TRUE);
      }
}

/* The server sees it go: tells everybody, returns what it still holds. */
static void
drop_session (SimWorld *world, SimSession *session)
{
  SimLetter *letter = NULL;
  GQueue limbo = session->limbo;

  g_queue_init (&session->limbo);
  g_ptr_array_remove (world->sessions, session);
  if (session->actor->session == session)
    session->actor->session = NULL;
  for (guint i = 0; i < world->sessions->len; i++)
    {
      const SimSession *other = world->sessions->pdata[i];

      if (knows (other->actor, session->actor))
        tell_presence (world, session->actor, session->jid, other->jid, FALSE);
    }
  while ((letter = g_queue_pop_head (&limbo)) != NULL)
    {
      bounce (world, letter);
      sim_letter_free (letter);
    }
  for (guint i = 0; i < world->queue->len; i++)
    {
      SimEvent *event = world->queue->pdata[i];

      if (event->fire == on_due && event->data != NULL && ((SimLetter *) event->data)->line == session)
        ((SimLetter *) event->data)->line = NULL;
    }
  sim_session_free (session);
}

static void
on_roster (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  if (actor->manager == NULL || actor->session == NULL)
    return;
  actor->roster = TRUE;
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    if (actor->views[i].open)
      sim_actor_open (actor, i);
}

/* libpurple sends again what the server may not have had. */
static void
send_again (SimActor *actor)
{
  guint n = sim_prng_below (&actor->world->dice, actor->unacked->len + 1);
  g_autoptr (GPtrArray) old = g_steal_pointer (&actor->unacked);

  actor->unacked = g_ptr_array_new_with_free_func ((GDestroyNotify) es_xml_free);
  for (guint i = old->len - n; i < old->len && !actor->dead; i++)
    {
      EsXml *stanza = es_xml_copy (old->pdata[i]);

      sim_trace (actor->world, "%s sends again", actor->jid);
      sim_actor_pass (actor, stanza);
    }
}

void
sim_network_sign_on (SimActor *actor)
{
  SimWorld *world = actor->world;
  SimSession *session = NULL, *old = NULL;
  SimEvent *event = NULL;

  if (actor->n_resources == 0 || sim_prng_chance (&world->dice, 40))
    {
      g_free (actor->jid);
      actor->jid = g_strdup_printf ("%s/r%u-%u", sim_account (actor->account), actor->index, ++actor->n_resources);
    }
  old = find_session (world, actor->jid);
  if (old != NULL)
    drop_session (world, old);

  sim_trace (world, "%s signs on", actor->jid);
  session = g_new0 (SimSession, 1);
  session->actor = actor;
  session->jid = g_strdup (actor->jid);
  session->number = ++world->n_sessions;
  g_ptr_array_add (world->sessions, session);
  actor->session = session;
  actor->linked = TRUE;
  actor->roster = FALSE;
  for (guint i = 0; i < world->sessions->len; i++)
    {
      const SimSession *other = world->sessions->pdata[i];

      if (!knows (other->actor, actor))
        continue;
      tell_presence (world, actor, actor->jid, other->jid, TRUE);
      tell_presence (world, other->actor, other->jid, actor->jid, TRUE);
    }
  sim_mallory_meet (world, actor);
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    if (actor->views[i].open)
      sim_actor_open (actor, i);
  if (actor->unacked->len > 0 && sim_prng_chance (&world->dice, 50))
    send_again (actor);

  event = sim_world_add (world, sim_prng_between (&world->dice, 50, 600), on_roster);
  event->actor = actor;
  event->incarnation = actor->incarnation;
}

void
sim_network_sign_off (SimActor *actor)
{
  sim_trace (actor->world, "%s signs off", actor->jid);
  sim_actor_go_offline (actor, TRUE);
  if (actor->session != NULL)
    drop_session (actor->world, actor->session);
  actor->linked = actor->roster = FALSE;
}

static int
by_time (gconstpointer a, gconstpointer b, gpointer data)
{
  const SimLetter *first = a, *second = b;

  return first->number < second->number ? -1 : first->number > second->number;
}

/* What was under way from the client when the line broke: the last of it never came to the server. */
static void
lose_tail (SimWorld *world, SimSession *session)
{
  gint64 since = world->now - sim_prng_below (&world->dice, 300);

  for (guint i = 0; i < world->queue->len; i++)
    {
      SimEvent *event = world->queue->pdata[i];
      SimLetter *letter = event->fire == on_due ? event->data : NULL;

      if (letter == NULL || letter->line != session || letter->sent < since)
        continue;
      letter->line = NULL;
      if (session->resumable)
        {
          SimLetter *again = sim_letter_copy (letter);

          /* In the order of sending, for the heap has none. */
          g_queue_insert_sorted (&session->outbox, again, by_time, NULL);
        }
      event->data = NULL;
      sim_letter_free (letter);
    }
}

static void
on_resume (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;
  SimSession *session = actor->session;
  SimLetter *letter = NULL;
  GQueue limbo, outbox, recent;

  if (actor->manager == NULL || session == NULL || !session->broken)
    return;
  sim_trace (world, "%s resumes", session->jid);
  session->broken = FALSE;
  limbo = session->limbo;
  outbox = session->outbox;
  recent = session->recent;
  g_queue_init (&session->limbo);
  g_queue_init (&session->outbox);
  g_queue_init (&session->recent);

  while ((letter = g_queue_pop_head (&outbox)) != NULL)
    schedule (world, letter);

  /* First once more what came last, for the server was not told that it came. */
  for (guint n = sim_prng_below (&world->dice, recent.length + 1); recent.length > n;)
    sim_letter_free (g_queue_pop_head (&recent));
  while ((letter = g_queue_pop_head (&recent)) != NULL || (letter = g_queue_pop_head (&limbo)) != NULL)
    {
      if (!actor->dead && actor->session == session)
        {
          trace_letter (world, "after all:", letter);
          hand_over (actor, letter);
          sim_check_actor (actor);
        }
      sim_letter_free (letter);
    }
}

static void
on_server_notices (SimWorld *world, SimEvent *event)
{
  for (guint i = 0; i < world->sessions->len; i++)
    {
      SimSession *session = world->sessions->pdata[i];

      if (session->broken && session->number == event->number)
        {
          sim_trace (world, "the server gives %s up", session->jid);
          drop_session (world, session);
          return;
        }
    }
}

static void
on_client_notices (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  if (!actor->linked || (actor->session != NULL && !actor->session->broken))
    return;
  sim_trace (world, "%s notices that it is offline", actor->jid);
  sim_actor_go_offline (actor, FALSE);
  actor->session = NULL;
  actor->linked = actor->roster = FALSE;
  if (!actor->dead)
    sim_user_return (actor, sim_prng_between (&world->dice, 200, sim_prng_chance (&world->dice, 70) ? 3000 : 20000));
}

static void
break_line (SimActor *actor, SimSession *session, gboolean resume)
{
  SimEvent *event = NULL;

  session->broken = TRUE;
  session->resumable = resume;
  lose_tail (actor->world, session);
  if (resume)
    return;
  event = sim_world_add (actor->world, sim_prng_between (&actor->world->dice, 100, 60000), on_server_notices);
  event->number = session->number;
}

void
sim_network_cut (SimActor *actor, gboolean resume)
{
  SimWorld *world = actor->world;
  SimEvent *event = NULL;

  if (actor->session == NULL || actor->session->broken)
    return;
  sim_trace (world, "the line of %s breaks, %s", actor->jid, resume ? "for a while" : "for good");
  break_line (actor, actor->session, resume);
  event = sim_world_add (world, sim_prng_between (&world->dice, 50, sim_prng_chance (&world->dice, 70) ? 2000 : 15000),
                         resume ? on_resume : on_client_notices);
  event->actor = actor;
  event->incarnation = actor->incarnation;
}

void
sim_network_lose (SimActor *actor)
{
  SimSession *session = actor->session;

  actor->linked = actor->roster = FALSE;
  if (session == NULL)
    return;
  actor->session = NULL;
  if (!session->broken || session->resumable)
    break_line (actor, session, FALSE);
}
