/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-actor.h"

#include "es-words.h"
#include "sim-check.h"
#include "sim-mallory.h"
#include "sim-network.h"
#include "sim-program.h"
#include "sim-texts.h"
#include "sim-trust.h"

#define EPOCH 1700000000

/* What other plugins add. */
#define SIM_LEAVING " :)"

/* The border. Addresses that users write, and those in stanzas, become EsAddress here and nowhere else; what cannot be
 * prepared goes no further. */

/* The manager, about to be told something: what it shows may change. */
static EsManager *
touch (SimActor *actor)
{
  actor->touched = TRUE;
  return actor->manager;
}

static guint
given (const EsAddress *contact)
{
  return sim_account_of (es_address_text (contact));
}

char *
sim_actor_spell (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;

  return !actor->mallory && world->plan.spellings && sim_prng_chance (&world->dice, 30)
             ? sim_address_respell (&world->dice, sim_account (account))
             : g_strdup (sim_account (account));
}

/* The conversation with ACCOUNT, as its user has named it this time. */
static EsAddress *
name (SimActor *actor, guint account)
{
  g_autofree char *spelling = sim_actor_spell (actor, account);
  EsAddress *address = es_address_new (spelling);

  if (address == NULL)
    g_error ("%s is no address", spelling);
  return address;
}

void
sim_actor_describe (const SimActor *actor, guint account, EsConversation *what)
{
  es_manager_describe (actor->manager, sim_contact (account), what);
}

const char *
sim_actor_device (const EsConversation *what)
{
  return what->device != NULL ? es_address_text (what->device) : NULL;
}

gboolean
sim_actor_is_own (const SimActor *actor, guint account)
{
  for (guint i = 0; i < actor->world->n_actors; i++)
    if (actor->world->actors[i]->first == actor->first && actor->world->actors[i]->account == account)
      return TRUE;
  return FALSE;
}

gboolean
sim_actor_effect (SimActor *actor)
{
  SimActor *first = actor->first;

  if (first->fuse > 0 && --first->fuse == 0)
    for (guint i = 0; i < actor->world->n_actors; i++)
      if (actor->world->actors[i]->first == first)
        {
          sim_trace (actor->world, "%s dies", actor->world->actors[i]->jid);
          actor->world->actors[i]->dead = TRUE;
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
host_random (gpointer data, guint8 *out, gsize size)
{
  SimActor *actor = data;

  sim_prng_fill (&actor->random, out, size);
  if (size != sizeof actor->drawn || actor->has_drawn)
    return;
  memcpy (actor->drawn, out, size);
  actor->has_drawn = TRUE;
}

static gboolean
host_can_send (gpointer data)
{
  return sim_actor_online (data);
}

static void
transmit (SimActor *actor, EsXml *stanza)
{
  g_autoptr (EsAddress) to = es_address_new (es_xml_attribute (stanza, "to"));

  if (!actor->mallory)
    sim_texts_leaves (actor, stanza);
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
  sim_network_post (actor->world, sim_letter_new (SIM_STANZA, actor, actor->jid, es_address_text (to), stanza));
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
      actor->touched = TRUE;
      actor->in_timer = TRUE;
      timer.fire (timer.argument);
      actor->in_timer = FALSE;
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
host_ask_support (gpointer data, const EsAddress *jid)
{
  SimActor *actor = data;

  if (sim_actor_online (actor) && !actor->mallory)
    sim_network_post (actor->world, sim_letter_new (SIM_ASK, actor, actor->jid, es_address_text (jid), NULL));
}

static gboolean
host_ask_presence (gpointer data, const EsAddress *contact)
{
  SimActor *actor = data;
  guint account = given (contact);
  gboolean any = FALSE;

  for (guint i = 0; sim_actor_online (actor) && !actor->mallory && i < actor->world->sessions->len; i++)
    {
      const SimSession *session = actor->world->sessions->pdata[i];
      SimLetter *letter = NULL;

      if (session->actor->account != account || session->actor->first == actor->first)
        continue;
      letter = sim_letter_new (SIM_PRESENCE, session->actor, session->jid, actor->jid, NULL);
      letter->yes = any = TRUE;
      sim_network_post (actor->world, letter);
    }
  return any;
}

static gboolean
host_may_see_us (gpointer data, const EsAddress *contact)
{
  const SimActor *actor = data;
  guint account = given (contact);

  return actor->roster && account < SIM_MAX_ACCOUNTS && !actor->views[account].unseen
         && !sim_actor_is_own (actor, account);
}

static void
host_changed (gpointer data, const EsAddress *contact)
{
  EsConversation what;

  /* The user interface looks at it from in here. */
  if (given (contact) < SIM_MAX_ACCOUNTS)
    sim_actor_describe (data, given (contact), &what);
}

/* What is said every time is what must never be wrong. */
static gboolean
host_may_remind (gpointer data, const EsAddress *contact)
{
  return TRUE;
}

static void
host_notice (gpointer data, const EsAddress *contact, EsTone tone, const EsNotice *notice)
{
  SimActor *actor = data;
  g_autofree char *sentence = es_notice_sentence (&es_program_pidgin, notice);

  if (actor->dead)
    return;
  sim_trace (actor->world, "%s of %s: %s", actor->jid, es_address_text (contact), sentence);
  if (!actor->mallory)
    sim_check_notice (actor, given (contact), notice);
}

static gboolean
host_can_return (gpointer data, const EsAddress *contact)
{
  return TRUE;
}

static gboolean
host_return_text (gpointer data, const EsAddress *contact, const char *text, gboolean sent)
{
  SimActor *actor = data;

  if (actor->dead)
    return TRUE;
  sim_trace (actor->world, "%s gets back: %.20s%s", actor->jid, text, sent ? ", perhaps arrived" : "");
  if (!actor->mallory)
    sim_texts_returned (actor, given (contact), text, sent);
  return TRUE;
}

/* ENCRYPTED: what cannot leave like that does not leave at all. */
static void
send_typed (SimActor *actor, guint account, const char *text, gboolean encrypted, gboolean handed)
{
  const char *device = actor->views[account].device;
  g_autofree char *to = device != NULL ? g_strdup (device) : sim_actor_spell (actor, account);
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_set_attribute (stanza, "to", to);
  es_xml_append_new (stanza, "body", text);
  es_xml_append (stanza, es_xml_new ("active", "http://jabber.org/protocol/chatstates"));
  actor->walled = encrypted;
  actor->handed = handed ? stanza : NULL;
  sim_actor_pass (actor, stanza);
  actor->handed = NULL;
  actor->walled = FALSE;
}

/* Other plugins may have changed what leaves: it is then marked. */
void
sim_actor_submit (SimActor *actor, guint account, const char *text)
{
  g_autoptr (EsAddress) contact = name (actor, account);
  g_autofree char *leaving = g_strconcat (text, SIM_LEAVING, NULL);
  EsVerdict verdict = ES_SEND_REFUSE;
  int number = -1;

  actor->has_drawn = FALSE;
  verdict = es_manager_typed (touch (actor), contact, text, leaving);
  sim_trace (actor->world, "%s types %.20s: verdict %d", actor->jid, text, (int) verdict);
  if (verdict == ES_SEND_WAIT && sim_texts_entry (actor->world, text, &number) != NULL)
    sim_texts_label (actor, number);
  if (!actor->dead && (verdict == ES_SEND_PLAIN || verdict == ES_SEND_ENCRYPTED))
    send_typed (actor, account, leaving, verdict == ES_SEND_ENCRYPTED, FALSE);
}

static void
host_delivery (gpointer data, const EsAddress *contact, guint64 number, EsDelivery delivery)
{
  SimActor *actor = data;

  if (!actor->dead && !actor->mallory)
    sim_texts_delivery (actor, number, delivery);
}

static void
host_send_text (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted)
{
  SimActor *actor = data;

  if (actor->dead)
    return;
  if (!g_str_has_prefix (leaving, typed) || strcmp (leaving + strlen (typed), SIM_LEAVING) != 0)
    sim_fail (actor->world, "%s is to send %s, but %s was to leave", actor->jid, leaving, typed);
  if (!actor->mallory)
    sim_texts_let_out (actor, typed);
  if (sim_actor_online (actor))
    send_typed (actor, given (contact), leaving, encrypted, TRUE);
  else
    host_return_text (actor, contact, typed, FALSE);
}

/* Its life */

SimActor *
sim_actor_new (SimWorld *world, guint account, SimActor *first)
{
  SimActor *actor = g_new0 (SimActor, 1);

  actor->world = world;
  actor->index = world->n_actors++;
  world->actors[actor->index] = actor;
  actor->first = first != NULL ? first : actor;
  actor->account = account;
  actor->supports = TRUE;
  actor->policy = ES_POLICY_POSSIBLE;
  actor->jid = g_strdup_printf ("%s/none%u", sim_account (account), actor->index);
  if (first == NULL)
    actor->disk = sim_disk_new (actor->index, before_change, actor);
  actor->marks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  actor->allowed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  actor->timers = g_array_new (FALSE, FALSE, sizeof (SimTimer));
  actor->unacked = g_ptr_array_new_with_free_func ((GDestroyNotify) es_xml_free);
  sim_prng_seed (&actor->random, world->seed, 100 + actor->index);
  es_options_init (&actor->options);
  actor->options.groups[1] = 0; /* the big groups cost time */
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      actor->views[i].present = g_ptr_array_new_with_free_func (g_free);
      actor->views[i].capable = g_ptr_array_new_with_free_func (g_free);
      actor->views[i].negotiations = g_array_new (FALSE, FALSE, sizeof (gint64));
      actor->views[i].policy = -1;
      actor->views[i].holds = ES_POLICY_POSSIBLE;
    }
  actor->host = (EsHost){
    .random = { host_random, actor },
    .transport = { .data = actor,
                   .fallback = es_fallback_text (),
                   .can_send = host_can_send,
                   .send = host_send,
                   .ask_support = host_ask_support,
                   .ask_presence = host_ask_presence,
                   .may_see_us = host_may_see_us },
    .clock = { .data = actor,
               .now = host_now,
               .elapsed = host_now,
               .start_timer = host_start_timer,
               .stop_timer = host_stop_timer },
    .user = { .data = actor,
              .changed = host_changed,
              .may_remind = host_may_remind,
              .notice = host_notice,
              .send_text = host_send_text,
              .can_return = host_can_return,
              .return_text = host_return_text,
              .delivery = host_delivery },
  };
  return actor;
}

/* What a program forgets when it ends. */
static void
forget_views (SimActor *actor)
{
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      SimView *view = &actor->views[i], old = *view;

      g_ptr_array_set_size (old.present, 0);
      g_ptr_array_set_size (old.capable, 0);
      g_array_set_size (old.negotiations, 0);
      g_free (old.device);
      g_free (old.left);
      g_free (old.code);
      *view = (SimView){
        .present = old.present,
        .capable = old.capable,
        .negotiations = old.negotiations,
        .policy = old.policy,
        .policy_unsure = old.policy_unsure,
        .n_wrong = old.n_wrong,
        .wrong_since = old.wrong_since,
        .distrusts = old.distrusts && !actor->world->plan.faults,
        .holds = ES_POLICY_POSSIBLE,
      };
    }
  g_clear_pointer (&actor->heard_from, g_free);
  g_hash_table_remove_all (actor->allowed);
  actor->heard = NULL;
  actor->causes = 0;
}

void
sim_actor_free (SimActor *actor)
{
  forget_views (actor);
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      g_ptr_array_unref (actor->views[i].present);
      g_ptr_array_unref (actor->views[i].capable);
      g_array_unref (actor->views[i].negotiations);
    }
  g_hash_table_unref (actor->allowed);
  g_hash_table_unref (actor->marks);
  g_ptr_array_unref (actor->unacked);
  g_array_unref (actor->timers);
  if (actor->disk != NULL)
    sim_disk_free (actor->disk);
  g_free (actor->jid);
  g_free (actor);
}

static void
marks_changed (gpointer data)
{
  ((SimActor *) data)->marks_stale = TRUE;
}

void
sim_actor_start (SimActor *actor)
{
  SimActor *first = actor->first;

  first->fuse = 0;
  first->trust = es_trust_new (sim_disk_path (first->disk));
  first->marks_stale = TRUE;
  es_trust_watch (first->trust, marks_changed, first);
  for (guint i = 0; i < actor->world->n_actors; i++)
    {
      SimActor *one = actor->world->actors[i];

      if (one->first != first)
        continue;
      one->incarnation++;
      one->dead = FALSE;
      one->touched = TRUE;
      one->manager = es_manager_new (sim_contact (one->account), &one->host, first->trust, &one->options, one->policy);
    }
}

static void
kill_account (SimActor *actor)
{
  actor->dead = TRUE;
  sim_texts_died (actor);
  es_manager_free (actor->manager);
  actor->manager = NULL;
  if (actor->timers->len > 0)
    sim_fail (actor->world, "%s leaves %u timers", actor->jid, actor->timers->len);
  g_array_set_size (actor->timers, 0);
  g_ptr_array_set_size (actor->unacked, 0);
  forget_views (actor);
  if (!actor->mallory)
    sim_network_lose (actor);
}

void
sim_actor_kill (SimActor *actor, gboolean power)
{
  SimActor *first = actor->first;

  if (actor->manager == NULL)
    return;
  sim_trace (actor->world, "%s is killed%s", actor->jid, power ? ", power cut" : "");
  for (guint i = 0; i < actor->world->n_actors; i++)
    if (actor->world->actors[i]->first == first)
      kill_account (actor->world->actors[i]);
  es_trust_free (first->trust);
  first->trust = NULL;
  if (power)
    sim_disk_cut_power (first->disk, &actor->world->dice);
  sim_disk_set_fault (first->disk, SIM_FAULT_NONE);
  first->fuse = 0;
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
  g_autoptr (EsAddress) contact = name (actor, account);

  actor->views[account].open = TRUE;
  es_manager_opened (touch (actor), contact);
}

void
sim_actor_close (SimActor *actor, guint account)
{
  g_autoptr (EsAddress) contact = name (actor, account);

  actor->views[account].open = FALSE;
  if (!actor->views[account].distrusts)
    actor->views[account].ended = FALSE;
  es_manager_closed (touch (actor), contact);
}

void
sim_actor_type (SimActor *actor, guint account)
{
  guint number = sim_texts_new (actor, account, SIM_TYPED);
  g_autofree char *text = sim_texts_content (number);

  if (!actor->views[account].open)
    sim_actor_open (actor, account);
  if (!actor->dead)
    sim_actor_submit (actor, account, text);
  sim_texts_typed (actor, number);
}

/* Some programs write messages that nobody typed. */
void
sim_actor_auto_reply (SimActor *actor, guint account)
{
  guint number = sim_texts_new (actor, account, SIM_AUTOMATIC);
  g_autofree char *text = sim_texts_content (number), *to = sim_actor_spell (actor, account);
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "to", to);
  es_xml_append_new (stanza, "body", text);
  sim_actor_pass (actor, stanza);
  sim_texts_typed (actor, number);
}

void
sim_actor_chat_state (SimActor *actor, guint account)
{
  g_autofree char *to = sim_actor_spell (actor, account);
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_set_attribute (stanza, "to", to);
  es_xml_append (stanza, es_xml_new ("composing", "http://jabber.org/protocol/chatstates"));
  sim_actor_pass (actor, stanza);
}

void
sim_actor_begin (SimActor *actor, guint account)
{
  g_autoptr (EsAddress) contact = name (actor, account);

  actor->causes |= SIM_BY_USER;
  actor->views[account].ended = actor->views[account].distrusts = FALSE;
  actor->views[account].n_allowed++;
  es_manager_start (touch (actor), contact);
}

void
sim_actor_end (SimActor *actor, guint account)
{
  g_autoptr (EsAddress) contact = name (actor, account);

  actor->causes |= SIM_BY_USER;
  actor->views[account].ended = actor->views[account].may_be_plain = TRUE;
  es_manager_end (touch (actor), contact);
}

void
sim_actor_set_policy (SimActor *actor, guint account, int policy)
{
  SimView *view = &actor->views[account];
  g_autoptr (EsAddress) contact = name (actor, account);
  gboolean good = FALSE;

  /* Until it is known that it is stored, it may or may not be. */
  sim_trace (actor->world, "%s chooses policy %d for %s", actor->jid, policy, sim_account (account));
  actor->causes |= SIM_BY_USER;
  view->policy_unsure = TRUE;
  if (policy == ES_POLICY_NEVER)
    view->ended = view->may_be_plain = TRUE;
  good = es_manager_set_policy (touch (actor), contact, policy, NULL);
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
sim_actor_set_log (SimActor *actor, gboolean log)
{
  es_manager_set_log (touch (actor), log);
}

void
sim_actor_send_plain (SimActor *actor, guint account)
{
  g_autoptr (EsAddress) contact = name (actor, account);

  sim_texts_ask_plain (actor, account);
  es_manager_send_plain (touch (actor), contact);
}

void
sim_actor_write_anyway (SimActor *actor, guint account)
{
  g_autoptr (EsAddress) contact = name (actor, account);
  EsConversation what;

  sim_actor_describe (actor, account, &what);
  if (!what.barred)
    return;
  sim_trace (actor->world, "%s writes anyway", actor->jid);
  g_hash_table_add (actor->allowed, g_strdup (what.code));
  es_manager_write_anyway (touch (actor), contact);
}

void
sim_actor_verify (SimActor *actor, guint account, const char *code, gboolean equal)
{
  g_autoptr (EsAddress) contact = name (actor, account);
  gboolean differs = FALSE;

  sim_trace (actor->world, "%s says that %s is %s", actor->jid, code, equal ? "equal" : "different");
  sim_trust_said (actor, account, code, equal);

  /* Another proof than a password makes up for all wrong ones. */
  if (equal)
    actor->views[account].n_wrong = 0;
  actor->causes |= SIM_BY_USER;
  differs = !equal && g_strcmp0 (actor->views[account].code, code) == 0;
  es_manager_verify (touch (actor), contact, code, equal);

  /* Who dies at the click has said nothing. */
  actor->views[account].distrusts |= differs && !actor->dead;
}

void
sim_actor_unmark (SimActor *actor, guint account, gboolean forget)
{
  g_autoptr (EsAddress) contact = name (actor, account);
  gint64 device = sim_trust_find_mark (actor, account);
  gboolean good = FALSE;

  if (device == 0)
    return;
  sim_trace (actor->world, "%s %s device %d of %s", actor->jid, forget ? "forgets" : "no longer trusts", (int) device,
             sim_account (account));
  sim_trust_unmarked (actor, account);
  actor->causes |= SIM_BY_USER;
  if (forget)
    good = es_trust_forget (actor->first->trust, device, NULL);
  else
    good = es_trust_unmark (actor->first->trust, device, EPOCH + actor->world->now / 1000, NULL);
  if (!good)
    return;
  if (forget)
    es_manager_device_forgotten (touch (actor), contact, device);
  else
    es_manager_device_unmarked (touch (actor), contact, device);
}

void
sim_actor_password (SimActor *actor, guint account, gboolean right)
{
  g_autoptr (EsAddress) contact = name (actor, account);
  g_autofree char *guess = g_strdup_printf ("a guess of %u", actor->index);

  sim_trace (actor->world, "%s types the %s password", actor->jid, right ? "right" : "wrong");
  if (right)
    sim_trust_password (actor, account);
  es_manager_password (touch (actor), contact, right ? "what both know" : guess, NULL);
}

void
sim_actor_decline_password (SimActor *actor, guint account)
{
  es_manager_decline_password (touch (actor), sim_contact (account));
}

void
sim_actor_pass (SimActor *actor, EsXml *stanza)
{
  g_autoptr (EsAddress) to = es_address_new (es_xml_attribute (stanza, "to"));
  int number = sim_texts_find (stanza);
  gboolean is_message = es_xml_is (stanza, "message", NULL);
  EsDisposition disposition = ES_CONSUMED;

  actor->has_drawn = FALSE;
  actor->passing = is_message ? number : -1;
  if (to != NULL)
    disposition = es_manager_outgoing (touch (actor), to, stanza, stanza == actor->handed);
  actor->passing = -1;
  if (number >= 0)
    sim_trace (actor->world, "%s sends text %d: disposition %d", actor->jid, number, (int) disposition);
  if (is_message && number >= 0)
    sim_texts_label (actor, number);
  if (actor->walled && disposition == ES_PASS)
    sim_fail (actor->world, "%s lets text %d out in the clear, which was to be encrypted", actor->jid, number);
  if (disposition == ES_CONSUMED || disposition == ES_REFUSED)
    es_xml_free (stanza);
  else
    transmit (actor, stanza);
}

/* What the network brings */

/* Whether STANZA is about encryption, or one that says of another one that something is wrong with it. */
static gboolean
concerns_sessions (const EsXml *stanza)
{
  EsMessage message = ES_MESSAGE_REQUEST;

  return g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0 || es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL
         || es_negotiation_recognize (stanza, &message) != NULL;
}

/* Now and then another plugin has something to say first, and what it keeps was not shown. */
static gboolean
is_swallowed (const SimActor *actor, const char *content, gboolean decrypted)
{
  SimWorld *world = actor->world;
  int number = -1;
  SimText *text = sim_texts_entry (world, content, &number);

  if (!world->plan.programs || world->peace || text == NULL || !decrypted || !sim_prng_chance (&world->dice, 4))
    return FALSE;
  sim_trace (world, "another plugin of %s keeps text %d", actor->jid, number);
  text->swallowed = TRUE;
  return TRUE;
}

static void
show (SimActor *actor, const EsAddress *from, const SimLetter *letter, const EsXml *stanza, gboolean decrypted)
{
  guint account = sim_account_of (es_address_text (from));
  const EsXml *body = es_xml_child (stanza, "body", NULL);
  g_autofree char *text = body != NULL ? es_xml_dup_text (body) : NULL;
  gboolean of_room = g_strcmp0 (es_xml_attribute (stanza, "type"), "groupchat") == 0;

  /* Of what is not encrypted the window shows nothing that is said to a room, for this is none. */
  if (text == NULL || account >= SIM_MAX_ACCOUNTS || (of_room && !decrypted))
    return;
  sim_trace (actor->world, "%s is shown %.20s from %s%s", actor->jid, text, es_address_text (from),
             decrypted ? ", decrypted" : "");
  if (!actor->mallory && (!sim_actor_effect (actor) || is_swallowed (actor, text, decrypted)))
    return;
  es_manager_shown (touch (actor), from);
  if (actor->mallory)
    {
      sim_mallory_read (actor, text);
      return;
    }
  sim_texts_shown (actor, es_address_text (from), text, decrypted);
  sim_check_envelope (actor, letter, stanza, decrypted);
  if (!actor->views[account].open && account != actor->account)
    sim_actor_open (actor, account);
}

static EsDisposition
enter (SimActor *actor, const EsAddress *from, const SimLetter *letter, EsXml *stanza)
{
  EsDisposition disposition = ES_PASS;

  /* What has been taken and comes once more ends nothing. */
  if (concerns_sessions (stanza) && (letter->again == 0 || letter->again != actor->taken))
    actor->causes |= SIM_BY_STANZA;
  actor->taken = letter->number;
  es_xml_set_attribute (stanza, "from", es_address_text (from));
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    actor->views[i].warned = FALSE;
  actor->taking = letter;
  disposition = es_manager_incoming (touch (actor), from, stanza);
  actor->taking = NULL;
  g_free (actor->heard_from);
  actor->heard_from = g_strdup (es_address_text (from));
  actor->heard = letter->author;
  return disposition;
}

/* Somebody in the middle is told what programs tell each other. */
static void
overhear (SimActor *actor, const EsXml *stanza)
{
  g_autofree char *xml = es_xml_to_string (stanza, ES_NS_CLIENT);

  sim_mallory_overhear (actor, xml);
}

void
sim_actor_take (SimActor *actor, const SimLetter *letter)
{
  g_autoptr (EsXml) stanza = es_xml_copy (letter->stanza);
  g_autoptr (EsAddress) from = es_address_new (letter->from);
  EsDisposition disposition = ES_PASS;

  if (from == NULL || g_strcmp0 (es_address_text (es_address_bare (from)), SIM_ROOM) == 0)
    {
      sim_trace (actor->world, "%s %s", actor->jid, from == NULL ? "drops what comes from no address" : "is in a room");
      return;
    }
  disposition = enter (actor, from, letter, stanza);
  if (actor->dead)
    return;

  /* libpurple says then that something could not be delivered. */
  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0)
    sim_check_error (actor, es_address_text (from));
  else if (disposition == ES_PASS || disposition == ES_CHANGED)
    {
      if (es_xml_is (stanza, "message", NULL))
        show (actor, from, letter, stanza, disposition == ES_CHANGED);
      else if (!actor->mallory)
        sim_program_take (actor, es_address_text (from), letter, stanza, disposition == ES_CHANGED);
      else if (disposition == ES_CHANGED)
        overhear (actor, stanza);
    }
}

void
sim_actor_take_presence (SimActor *actor, const char *from, gboolean available, gboolean supports)
{
  g_autoptr (EsAddress) address = es_address_new (from);

  if (address == NULL)
    return;
  if (!available)
    actor->causes |= SIM_BY_ABSENCE;
  es_manager_set_presence (touch (actor), address, available, 0, supports ? "can" : "cannot");
}

void
sim_actor_take_support (SimActor *actor, const char *from, gboolean supported)
{
  g_autoptr (EsAddress) address = es_address_new (from);

  if (address != NULL)
    es_manager_set_support (touch (actor), address, supported, FALSE);
}

void
sim_actor_go_offline (SimActor *actor, gboolean wanted)
{
  actor->causes |= SIM_BY_LINE;
  es_manager_offline (touch (actor), wanted);
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      g_ptr_array_set_size (actor->views[i].present, 0);
      g_ptr_array_set_size (actor->views[i].capable, 0);
    }
}
