/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-actor.h"

#include "sim-check.h"
#include "sim-mallory.h"
#include "sim-network.h"

#define EPOCH 1700000000

static const char *const accounts[SIM_MAX_ACCOUNTS] = { "alice@a.example", "bob@b.example", "carol@c.example" };

const char *
sim_account (guint account)
{
  return accounts[account];
}

guint
sim_account_of (const char *jid)
{
  guint account = 0;

  while (account < SIM_MAX_ACCOUNTS && !es_jid_same_bare (jid, accounts[account]))
    account++;
  return account;
}

gboolean
sim_actor_effect (SimActor *actor)
{
  if (actor->fuse > 0 && --actor->fuse == 0)
    {
      sim_trace (actor->world, "%s dies", actor->jid);
      actor->dead = TRUE;
    }
  return !actor->dead;
}

static gboolean
before_change (gpointer data)
{
  return sim_actor_effect (data);
}

gboolean
sim_actor_online (const SimActor *actor)
{
  return actor->manager != NULL && !actor->dead && (actor->mallory ? actor->world->in_middle : actor->linked);
}

/* The host */

static void
transmit (SimActor *actor, EsXml *stanza)
{
  const char *to = es_xml_attribute (stanza, "to");

  if (!sim_actor_online (actor) || !sim_actor_effect (actor) || to == NULL)
    {
      es_xml_free (stanza);
      return;
    }
  if (++actor->n_sent > 1000)
    sim_fail (actor->world, "%s sends without end", actor->jid);
  if (actor->mallory)
    {
      sim_mallory_send (actor, stanza);
      return;
    }
  sim_check_leaving (actor, stanza);
  if (actor->unacked->len >= 8)
    g_ptr_array_remove_index (actor->unacked, 0);
  g_ptr_array_add (actor->unacked, es_xml_copy (stanza));
  actor->world->totals.messages++;
  sim_network_post (actor->world, sim_letter_new (SIM_STANZA, actor, actor->jid, to, stanza));
}

static void
host_send (gpointer data, EsXml *stanza)
{
  transmit (data, stanza);
}

static gint64
host_now (gpointer data)
{
  return EPOCH + ((const SimActor *) data)->world->now / 1000;
}

static void
on_timer (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  for (guint i = 0; i < actor->timers->len; i++)
    {
      SimTimer timer = g_array_index (actor->timers, SimTimer, i);

      if (timer.id != event->number)
        continue;
      g_array_remove_index (actor->timers, i);
      sim_trace (world, "%s: timer %u", actor->jid, timer.id);
      timer.fire (timer.argument);
      return;
    }
}

static guint
host_start_timer (gpointer data, guint seconds, void (*fire) (gpointer argument), gpointer argument)
{
  SimActor *actor = data;
  SimTimer timer = { ++actor->n_timers, fire, argument };
  SimEvent *event = sim_world_add (actor->world, (gint64) seconds * 1000, on_timer);

  event->actor = actor;
  event->incarnation = actor->incarnation;
  event->number = timer.id;
  g_array_append_val (actor->timers, timer);
  if (actor->timers->len > 100)
    sim_fail (actor->world, "%s has %u timers", actor->jid, actor->timers->len);
  return timer.id;
}

static void
host_stop_timer (gpointer data, guint id)
{
  SimActor *actor = data;

  for (guint i = 0; i < actor->timers->len; i++)
    if (g_array_index (actor->timers, SimTimer, i).id == id)
      {
        g_array_remove_index (actor->timers, i);
        return;
      }
  sim_fail (actor->world, "%s stopped timer %u, which was not running", actor->jid, id);
}

static void
host_ask_support (gpointer data, const char *jid)
{
  SimActor *actor = data;

  if (sim_actor_online (actor) && !actor->mallory)
    sim_network_post (actor->world, sim_letter_new (SIM_ASK, actor, actor->jid, jid, NULL));
}

static gboolean
host_ask_presence (gpointer data, const char *contact)
{
  SimActor *actor = data;
  gboolean any = FALSE;

  for (guint i = 0; sim_actor_online (actor) && !actor->mallory && i < actor->world->sessions->len; i++)
    {
      const SimSession *session = actor->world->sessions->pdata[i];
      SimLetter *letter = NULL;

      if (!es_jid_same_bare (session->jid, contact))
        continue;
      letter = sim_letter_new (SIM_PRESENCE, session->actor, session->jid, actor->jid, NULL);
      letter->yes = any = TRUE;
      sim_network_post (actor->world, letter);
    }
  return any;
}

static gboolean
host_may_see_us (gpointer data, const char *contact)
{
  return ((const SimActor *) data)->roster;
}

static void
host_changed (gpointer data, const char *contact)
{
  EsConversation what;

  /* The user interface looks at it from in here. */
  es_manager_describe (((const SimActor *) data)->manager, contact, &what);
}

/* What is said every time is what must never be wrong. */
static gboolean
host_may_remind (gpointer data, const char *contact)
{
  return TRUE;
}

static void
host_notice (gpointer data, const char *contact, EsNoticeKind kind, const char *sentence)
{
  SimActor *actor = data;

  if (actor->dead)
    return;
  sim_trace (actor->world, "%s of %s: %s", actor->jid, contact, sentence);
  if (!actor->mallory)
    sim_check_notice (actor, sim_account_of (contact), kind, sentence);
}

static void
host_return_text (gpointer data, const char *contact, const char *text, gboolean sent)
{
  SimActor *actor = data;

  if (actor->dead)
    return;
  sim_trace (actor->world, "%s gets back: %.20s%s", actor->jid, text, sent ? ", perhaps arrived" : "");
  if (!actor->mallory)
    sim_check_returned (actor, sim_account_of (contact), text, sent);
}

void
sim_actor_submit (SimActor *actor, guint account, const char *text)
{
  EsVerdict verdict = es_manager_typed (actor->manager, sim_account (account), text);
  EsXml *stanza = NULL;

  sim_trace (actor->world, "%s types %.20s: verdict %d", actor->jid, text, (int) verdict);
  if (actor->dead || verdict == ES_SEND_WAIT || verdict == ES_SEND_REFUSE)
    return;
  stanza = es_xml_new ("message", ES_NS_CLIENT);
  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_set_attribute (stanza, "to",
                        actor->views[account].device != NULL ? actor->views[account].device : sim_account (account));
  es_xml_append_new (stanza, "body", text);
  es_xml_append (stanza, es_xml_new ("active", "http://jabber.org/protocol/chatstates"));
  sim_actor_pass (actor, stanza);
}

static void
host_send_text (gpointer data, const char *contact, const char *text)
{
  SimActor *actor = data;

  if (actor->dead)
    return;
  if (sim_actor_online (actor))
    sim_actor_submit (actor, sim_account_of (contact), text);
  else
    host_return_text (actor, contact, text, FALSE);
}

/* Its life */

SimActor *
sim_actor_new (SimWorld *world, guint account)
{
  SimActor *actor = g_new0 (SimActor, 1);

  actor->world = world;
  actor->index = world->n_actors++;
  world->actors[actor->index] = actor;
  actor->account = account;
  actor->supports = TRUE;
  actor->policy = ES_POLICY_POSSIBLE;
  actor->jid = g_strdup_printf ("%s/none%u", sim_account (account), actor->index);
  actor->disk = sim_disk_new (actor->index, before_change, actor);
  actor->timers = g_array_new (FALSE, FALSE, sizeof (SimTimer));
  actor->unacked = g_ptr_array_new_with_free_func ((GDestroyNotify) es_xml_free);
  sim_prng_seed (&actor->random, world->seed, 100 + actor->index);
  es_options_init (&actor->options);
  actor->options.groups[1] = 0; /* the big groups cost time */
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      actor->views[i].capable = g_ptr_array_new_with_free_func (g_free);
      actor->views[i].policy = -1;
    }
  actor->host = (EsHost){
    .data = actor,
    .random = { sim_prng_fill, &actor->random },
    .send = host_send,
    .now = host_now,
    .start_timer = host_start_timer,
    .stop_timer = host_stop_timer,
    .ask_support = host_ask_support,
    .ask_presence = host_ask_presence,
    .may_see_us = host_may_see_us,
    .changed = host_changed,
    .may_remind = host_may_remind,
    .notice = host_notice,
    .send_text = host_send_text,
    .return_text = host_return_text,
  };
  return actor;
}

static void
forget_views (SimActor *actor)
{
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      SimView *view = &actor->views[i];
      GPtrArray *capable = view->capable;
      int policy = view->policy;
      gboolean unsure = view->policy_unsure;

      g_ptr_array_set_size (capable, 0);
      g_free (view->device);
      g_free (view->code);
      *view = (SimView){ .capable = capable, .policy = policy, .policy_unsure = unsure };
    }
}

void
sim_actor_free (SimActor *actor)
{
  sim_actor_kill (actor, FALSE);
  forget_views (actor);
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    g_ptr_array_unref (actor->views[i].capable);
  g_ptr_array_unref (actor->unacked);
  g_array_unref (actor->timers);
  sim_disk_free (actor->disk);
  g_free (actor->jid);
  g_free (actor);
}

void
sim_actor_start (SimActor *actor)
{
  actor->incarnation++;
  actor->dead = FALSE;
  actor->fuse = 0;
  actor->trust = es_trust_new (sim_disk_path (actor->disk));
  actor->manager
      = es_manager_new (sim_account (actor->account), &actor->host, actor->trust, &actor->options, actor->policy);
}

void
sim_actor_kill (SimActor *actor, gboolean power)
{
  if (actor->manager == NULL)
    return;
  sim_trace (actor->world, "%s is killed%s", actor->jid, power ? ", power cut" : "");
  actor->dead = TRUE;
  es_manager_free (actor->manager);
  actor->manager = NULL;
  es_trust_free (actor->trust);
  actor->trust = NULL;
  if (actor->timers->len > 0)
    sim_fail (actor->world, "%s leaves %u timers", actor->jid, actor->timers->len);
  g_array_set_size (actor->timers, 0);
  g_ptr_array_set_size (actor->unacked, 0);
  if (power)
    sim_disk_cut_power (actor->disk, &actor->world->dice);
  sim_disk_set_fault (actor->disk, SIM_FAULT_NONE);
  actor->fuse = 0;
  forget_views (actor);
  if (!actor->mallory)
    sim_network_lose (actor);
}

void
sim_actor_reap (SimActor *actor)
{
  actor->n_sent = 0;
  if (actor->dead && actor->manager != NULL)
    sim_actor_kill (actor, sim_prng_chance (&actor->world->dice, 40));
}

/* What users do */

void
sim_actor_open (SimActor *actor, guint account)
{
  actor->views[account].open = TRUE;
  es_manager_opened (actor->manager, sim_account (account));
}

void
sim_actor_close (SimActor *actor, guint account)
{
  actor->views[account].open = FALSE;
  if (!actor->views[account].distrusts)
    actor->views[account].ended = FALSE;
  es_manager_closed (actor->manager, sim_account (account));
}

void
sim_actor_type (SimActor *actor, guint account)
{
  guint number = sim_check_new_text (actor, account, FALSE);
  g_autofree char *text = sim_check_text (number);

  if (!actor->views[account].open)
    sim_actor_open (actor, account);
  if (!actor->dead)
    sim_actor_submit (actor, account, text);
}

/* Some programs write messages that nobody typed. */
void
sim_actor_auto_reply (SimActor *actor, guint account)
{
  g_autofree char *text = sim_check_text (sim_check_new_text (actor, account, TRUE));
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "to", sim_account (account));
  es_xml_append_new (stanza, "body", text);
  sim_actor_pass (actor, stanza);
}

void
sim_actor_chat_state (SimActor *actor, guint account)
{
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_set_attribute (stanza, "to", sim_account (account));
  es_xml_append (stanza, es_xml_new ("composing", "http://jabber.org/protocol/chatstates"));
  sim_actor_pass (actor, stanza);
}

void
sim_actor_begin (SimActor *actor, guint account)
{
  actor->views[account].ended = actor->views[account].distrusts = FALSE;
  es_manager_start (actor->manager, sim_account (account));
}

void
sim_actor_end (SimActor *actor, guint account)
{
  actor->views[account].ended = actor->views[account].may_be_plain = TRUE;
  es_manager_end (actor->manager, sim_account (account));
}

void
sim_actor_set_policy (SimActor *actor, guint account, int policy)
{
  SimView *view = &actor->views[account];
  gboolean good = FALSE;

  /* Until it is known that it is stored, it may or may not be. */
  view->policy_unsure = TRUE;
  if (policy == ES_POLICY_NEVER)
    view->ended = view->may_be_plain = TRUE;
  good = es_manager_set_policy (actor->manager, sim_account (account), policy, NULL);
  if (actor->dead || !good)
    {
      view->policy_unsure |= actor->dead;
      return;
    }
  view->policy = policy;
  view->policy_unsure = FALSE;
  if (policy != ES_POLICY_NEVER)
    view->ended = FALSE;
}

void
sim_actor_send_plain (SimActor *actor, guint account)
{
  sim_check_asked_plain (actor, account);
  es_manager_send_plain (actor->manager, sim_account (account));
}

void
sim_actor_verify (SimActor *actor, guint account, const char *code, gboolean equal)
{
  sim_trace (actor->world, "%s says that %s is %s", actor->jid, code, equal ? "equal" : "different");
  sim_check_verified (actor, account, code, equal);
  actor->views[account].distrusts |= !equal && g_strcmp0 (actor->views[account].code, code) == 0;
  es_manager_verify (actor->manager, sim_account (account), code, equal);
}

void
sim_actor_password (SimActor *actor, guint account, gboolean right)
{
  g_autofree char *guess = g_strdup_printf ("a guess of %u", actor->index);

  sim_trace (actor->world, "%s types the %s password", actor->jid, right ? "right" : "wrong");
  if (right)
    sim_check_password (actor, account);
  es_manager_password (actor->manager, sim_account (account), right ? "what both know" : guess);
}

void
sim_actor_pass (SimActor *actor, EsXml *stanza)
{
  const EsXml *body = es_xml_child (stanza, "body", NULL);
  g_autofree char *text = body != NULL ? es_xml_dup_text (body) : NULL;
  int number = text != NULL ? sim_check_find (text) : -1;
  EsDisposition disposition = es_manager_outgoing (actor->manager, stanza);

  if (number >= 0)
    sim_trace (actor->world, "%s sends text %d: disposition %d", actor->jid, number, (int) disposition);
  if (disposition == ES_CONSUMED)
    es_xml_free (stanza);
  else
    transmit (actor, stanza);
}

void
sim_actor_take (SimActor *actor, const char *from, const EsXml *received, gboolean forged)
{
  g_autoptr (EsXml) stanza = es_xml_copy (received);
  guint account = sim_account_of (from);
  EsDisposition disposition = ES_PASS;
  const EsXml *body = NULL;
  g_autofree char *text = NULL;

  es_xml_set_attribute (stanza, "from", from);
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    actor->views[i].warned = FALSE;
  disposition = es_manager_incoming (actor->manager, stanza);
  body = es_xml_child (stanza, "body", NULL);

  if (actor->dead)
    return;

  /* libpurple says then that something could not be delivered. */
  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0)
    {
      sim_check_error (actor, from);
      return;
    }
  if (disposition == ES_CONSUMED || body == NULL || account >= SIM_MAX_ACCOUNTS)
    return;

  text = es_xml_dup_text (body);
  sim_trace (actor->world, "%s is shown %.20s from %s%s", actor->jid, text, from,
             disposition == ES_CHANGED ? ", decrypted" : "");
  if (actor->mallory)
    {
      sim_mallory_read (actor, text);
      return;
    }
  if (!sim_actor_effect (actor))
    return;
  sim_check_shown (actor, from, text, disposition == ES_CHANGED, forged);
  if (!actor->views[account].open && account != actor->account)
    sim_actor_open (actor, account);
}
