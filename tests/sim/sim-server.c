/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-server.h"

#include "sim-network.h"
#include "sim-texts.h"

#define NS_DELAY "urn:xmpp:delay"
#define NS_CARBONS "urn:xmpp:carbons:2"
#define NS_FORWARD "urn:xmpp:forward:0"
#define NS_RECEIPTS "urn:xmpp:receipts"
#define GHOST "phone"
#define OTHER_THREAD "~"
#define GRINDS 330

#define BIT(lie) (1u << (lie))
#define REDIRECTS (BIT (SIM_LIE_MIRROR) | BIT (SIM_LIE_CROSS) | BIT (SIM_LIE_DIVERT) | BIT (SIM_LIE_REFLECT))
#define TWISTS (BIT (SIM_LIE_STORE) | BIT (SIM_LIE_REWRITE) | BIT (SIM_LIE_FORK) | BIT (SIM_LIE_RECEIPT))

static const char *const names[SIM_N_LIES] = { "mirror",   "cross",  "divert", "reflect", "grind",  "store", "rewrite",
                                               "presence", "replay", "fork",   "receipt", "roster", "rename" };

/* What the clients of one account send to another is brought to a third one, as from a fourth. */
typedef struct
{
  guint author;
  guint addressed;
  guint receiver;
  guint as;
  gboolean other_thread;
} Rule;

/* Who began it, and with which address. */
typedef struct
{
  const SimActor *actor;
  char *to;
} Thread;

struct _SimServer
{
  GArray *rules; /* of Rule: hold now */
  gboolean twisting;
  guint64 repented; /* the number of the last letter before that */
  gboolean has_ground;
  GHashTable *threads;                               /* char * -> Thread */
  char *renamed[SIM_MAX_ACCOUNTS][SIM_MAX_ACCOUNTS]; /* the last thread on which the one has asked the other */
};

static void
thread_free (gpointer data)
{
  Thread *thread = data;

  g_free (thread->to);
  g_free (thread);
}

SimServer *
sim_server_new (void)
{
  SimServer *server = g_new0 (SimServer, 1);

  server->rules = g_array_new (FALSE, FALSE, sizeof (Rule));
  server->threads = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, thread_free);
  return server;
}

void
sim_server_free (SimServer *server)
{
  g_array_unref (server->rules);
  g_hash_table_unref (server->threads);
  for (guint i = 0; i < SIM_MAX_ACCOUNTS * SIM_MAX_ACCOUNTS; i++)
    g_free (server->renamed[i / SIM_MAX_ACCOUNTS][i % SIM_MAX_ACCOUNTS]);
  g_free (server);
}

guint
sim_server_lie (const char *name)
{
  for (guint i = 0; i < SIM_N_LIES; i++)
    if (strcmp (names[i], name) == 0)
      return BIT (i);
  return 0;
}

guint
sim_server_choose (SimPrng *prng)
{
  guint kind = sim_prng_below (prng, SIM_N_LIES + 2);

  /* Of what rarely comes to anything there has to be more. */
  return BIT (kind < SIM_N_LIES ? kind : SIM_LIE_RECEIPT);
}

char *
sim_server_describe (guint lies)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < SIM_N_LIES; i++)
    if ((lies & BIT (i)) != 0)
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", names[i]);
  return g_string_free (text, FALSE);
}

void
sim_server_prepare (SimPlan *plan)
{
  plan->hostile |= plan->lies != 0;
  plan->carol |= (plan->lies & (BIT (SIM_LIE_DIVERT) | BIT (SIM_LIE_REFLECT) | BIT (SIM_LIE_CROSS))) != 0;
  plan->careful |= (plan->lies & (REDIRECTS | BIT (SIM_LIE_RECEIPT))) != 0;
  plan->second_account |= (plan->lies & BIT (SIM_LIE_CROSS)) != 0;
  plan->whispers = (plan->lies & BIT (SIM_LIE_STORE)) != 0;
  plan->programs |= plan->whispers;
  plan->second_device |= (plan->lies & (BIT (SIM_LIE_RECEIPT) | BIT (SIM_LIE_FORK))) != 0;
}

static gboolean
lies (const SimWorld *world, SimLieKind kind)
{
  return (world->plan.lies & BIT (kind)) != 0;
}

/* Who is there */

/* A client of ACCOUNT's, chosen at random; NULL if none is there. */
static const SimSession *
any_session (SimWorld *world, guint account)
{
  const SimSession *found = NULL;

  for (guint i = 0, n = 0; i < world->sessions->len; i++)
    {
      const SimSession *session = world->sessions->pdata[i];

      if (account < SIM_MAX_ACCOUNTS && session->actor->account != account)
        continue;
      if (sim_prng_below (&world->dice, ++n) == 0)
        found = session;
    }
  return found;
}

static const SimSession *
anybody (SimWorld *world)
{
  return any_session (world, SIM_MAX_ACCOUNTS);
}

static char *
ghost_of (guint account)
{
  return g_strdup_printf ("%s/" GHOST, sim_account (account));
}

static void
say_presence (SimWorld *world, const char *from, const char *to, gboolean available)
{
  SimLetter *letter = sim_letter_new (SIM_PRESENCE, NULL, from, to, NULL);

  letter->yes = available;
  letter->forged = TRUE;
  sim_network_post (world, letter);
}

static void
post (SimWorld *world, const SimActor *author, const char *from, const char *to, EsXml *stanza)
{
  SimLetter *letter = sim_letter_new (SIM_STANZA, NULL, from, to, stanza);

  es_xml_set_attribute (stanza, "to", to);
  letter->author = author;
  letter->forged = TRUE;
  sim_network_post (world, letter);
}

/* Threads */

static char *
thread_of (const EsXml *stanza)
{
  const EsXml *thread = es_xml_child (stanza, "thread", NULL);

  return thread != NULL ? es_xml_dup_text (thread) : NULL;
}

/* NULL: none. */
static void
set_thread (EsXml *stanza, const char *text)
{
  for (guint i = es_xml_children (stanza)->len; i-- > 0;)
    if (es_xml_is (es_xml_children (stanza)->pdata[i], "thread", NULL))
      es_xml_free (es_xml_steal (stanza, i));
  if (text != NULL)
    es_xml_append_new (stanza, "thread", text);
}

static char *
other_thread (const char *thread)
{
  return g_str_has_suffix (thread, OTHER_THREAD) ? g_strndup (thread, strlen (thread) - strlen (OTHER_THREAD))
                                                 : g_strconcat (thread, OTHER_THREAD, NULL);
}

void
sim_server_note (SimWorld *world, const SimLetter *letter)
{
  EsMessage message = ES_MESSAGE_REQUEST;
  char *name = NULL;
  Thread *thread = NULL;

  if ((world->plan.lies & REDIRECTS) == 0 || letter->kind != SIM_STANZA || letter->forged || letter->author == NULL
      || es_negotiation_recognize (letter->stanza, &message) == NULL || message != ES_MESSAGE_REQUEST
      || (name = thread_of (letter->stanza)) == NULL)
    return;
  thread = g_new0 (Thread, 1);
  thread->actor = letter->author;
  thread->to = g_strdup (letter->to);
  g_hash_table_replace (world->server->threads, name, thread);
}

/* Bringing it to somebody else */

static const Rule *
find_rule (const SimWorld *world, const SimLetter *letter)
{
  const GArray *rules = world->server->rules;
  guint account = rules->len > 0 ? sim_account_of (letter->to) : SIM_MAX_ACCOUNTS;

  for (guint i = 0; i < rules->len && letter->sender != NULL && !letter->sender->mallory && !letter->forged; i++)
    {
      const Rule *rule = &g_array_index (rules, Rule, i);

      if (rule->author == letter->sender->account && rule->addressed == account)
        return rule;
    }
  return NULL;
}

/* As whose RECEIVER is to believe what comes on THREAD: where it began that, the one whom it has asked. */
static char *
name_for (const SimWorld *world, const SimActor *receiver, const char *thread, guint as)
{
  const Thread *known = thread != NULL ? g_hash_table_lookup (world->server->threads, thread) : NULL;

  if (known != NULL && known->actor == receiver && sim_account_of (known->to) == as && sim_resource (known->to) != NULL)
    return g_strdup (known->to);
  if (thread == NULL && receiver->views[as].device != NULL)
    return g_strdup (receiver->views[as].device);
  return ghost_of (as);
}

gboolean
sim_server_takes_back (const SimWorld *world, const SimLetter *letter)
{
  return letter->kind == SIM_PRESENCE && letter->forged && letter->number <= world->server->repented;
}

gboolean
sim_server_redirect (SimWorld *world, SimLetter *letter)
{
  const Rule *rule = find_rule (world, letter);
  const SimSession *session = NULL;
  g_autofree char *thread = NULL, *as = NULL;

  if (rule == NULL || (letter->kind != SIM_STANZA && letter->kind != SIM_ASK)
      || (letter->kind == SIM_ASK && g_strcmp0 (sim_resource (letter->to), GHOST) != 0))
    return FALSE;
  if (letter->kind == SIM_ASK)
    {
      SimLetter *answer = sim_letter_new (SIM_ANSWER, NULL, letter->to, letter->from, NULL);

      answer->asked_in = letter->asked_in;
      answer->yes = TRUE;
      sim_network_post (world, answer);
      sim_letter_free (letter);
      return TRUE;
    }
  session = any_session (world, rule->receiver);
  if (session != NULL && !session->broken && session->actor->session == session)
    {
      thread = thread_of (letter->stanza);
      if (thread != NULL && rule->other_thread)
        {
          char *other = other_thread (thread);

          g_free (thread);
          thread = other;
          set_thread (letter->stanza, thread);
        }
      as = name_for (world, session->actor, thread, rule->as);
      sim_trace (world, "the server brings what is from %s to %s to %s as from %s", letter->from, letter->to,
                 session->jid, as);
      post (world, letter->author, as, session->jid, g_steal_pointer (&letter->stanza));
    }
  sim_letter_free (letter);
  return TRUE;
}

/* Doing something to it on the way */

static void
add_date (SimLetter *letter)
{
  EsXml *delay = es_xml_append (letter->stanza, es_xml_new ("delay", NS_DELAY));

  letter->stamp = "2001-09-11T12:00:00Z";
  es_xml_set_attribute (delay, "stamp", letter->stamp);
}

/* What was sent to one device goes to another as well, as it is or as a copy. */
static void
fork_letter (SimWorld *world, const SimLetter *letter)
{
  guint account = sim_account_of (letter->to);
  const SimSession *other = account < SIM_MAX_ACCOUNTS ? any_session (world, account) : NULL;
  EsXml *stanza = NULL, *carbon = NULL;

  if (other == NULL || strcmp (other->jid, letter->to) == 0)
    return;
  stanza = es_xml_copy (letter->stanza);
  if (sim_prng_chance (&world->dice, 50))
    {
      post (world, letter->author, letter->from, other->jid, stanza);
      return;
    }
  carbon = es_xml_new ("message", ES_NS_CLIENT);
  es_xml_append (
      es_xml_append (es_xml_append (carbon, es_xml_new ("received", NS_CARBONS)), es_xml_new ("forwarded", NS_FORWARD)),
      stanza);
  post (world, NULL, sim_prng_chance (&world->dice, 70) ? sim_account (account) : letter->from, other->jid, carbon);
}

static void
rewrite_outside (SimWorld *world, SimLetter *letter)
{
  static const char *const of_messages[] = { "headline", "groupchat", "error", "normal", "chat", NULL };
  static const char *const of_iqs[] = { "get", "set", "result" };
  EsXml *stanza = letter->stanza;
  const char *type = es_xml_attribute (stanza, "type");

  if (!es_xml_is (stanza, "iq", NULL))
    es_xml_set_attribute (stanza, "type", of_messages[sim_prng_below (&world->dice, G_N_ELEMENTS (of_messages))]);
  else if (sim_prng_chance (&world->dice, 50))
    {
      es_xml_set_attribute (stanza, "id", "another");
      letter->rewritten = TRUE;
    }
  else
    {
      const char *now = of_iqs[sim_prng_below (&world->dice, G_N_ELEMENTS (of_iqs))];

      letter->rewritten = g_strcmp0 (type, now) != 0;
      es_xml_set_attribute (stanza, "type", now);
    }
}

static void
rewrite_from (SimWorld *world, SimLetter *letter)
{
  guint what = sim_prng_below (&world->dice, 4), account = sim_account_of (letter->from);
  const SimSession *other = NULL;
  char *from = NULL;

  if (what == 0)
    from = sim_address_respell (&world->dice, letter->from);
  else if (what == 1)
    from = sim_address_break (&world->dice, letter->from);
  else if (what == 2 && account < SIM_MAX_ACCOUNTS)
    from = g_strdup (sim_account (account));
  else if ((other = anybody (world)) != NULL)
    from = g_strdup (other->jid);
  if (from == NULL)
    return;
  g_free (letter->from);
  letter->from = from;
}

static void
rewrite (SimWorld *world, SimLetter *letter)
{
  const SimLetter *old
      = world->archive->len > 0 ? world->archive->pdata[sim_prng_below (&world->dice, world->archive->len)] : NULL;
  const SimSession *session = NULL;
  g_autofree char *thread = NULL;

  switch (sim_prng_below (&world->dice, 5))
    {
    case 0:
    case 1:
      rewrite_outside (world, letter);
      break;
    case 2:
      thread = old != NULL ? thread_of (old->stanza) : NULL;
      if (es_xml_is (letter->stanza, "message", NULL))
        set_thread (letter->stanza, sim_prng_chance (&world->dice, 50) ? thread : NULL);
      break;
    case 3:
      rewrite_from (world, letter);
      break;
    default:
      session = anybody (world);
      if (session == NULL)
        break;
      g_free (letter->to);
      letter->to = g_strdup (session->jid);
      es_xml_set_attribute (letter->stanza, "to", letter->to);
      break;
    }
}

/* It never comes, but Bob's other device confirms it: TRUE if that was possible. */
static gboolean
confirm_falsely (SimWorld *world, const SimLetter *letter)
{
  SimActor *liar = (SimActor *) world->liar;
  const SimActor *victim = letter->sender;
  const char *label = NULL;
  EsXml *stanza = NULL, *received = NULL;

  if (liar == NULL || victim == NULL || es_xml_child (letter->stanza, "c", ES_NS_CRYPT) == NULL
      || sim_account_of (letter->to) != liar->account || strcmp (letter->to, liar->jid) == 0 || !sim_actor_online (liar)
      || (label = sim_texts_secret_label (victim, liar->account)) == NULL)
    return FALSE;
  if (liar->views[victim->account].code == NULL)
    {
      sim_actor_begin (liar, victim->account);
      return FALSE;
    }
  sim_trace (world, "%s confirms what it has not had", liar->jid);
  stanza = es_xml_new ("message", ES_NS_CLIENT);
  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_set_attribute (stanza, "to", victim->jid);
  received = es_xml_append (stanza, es_xml_new ("received", NS_RECEIPTS));
  es_xml_set_attribute (received, "id", label);
  sim_actor_pass (liar, stanza);
  return TRUE;
}

/* All sessions that an account asks another one for, whose number is greater, have one name for that one. */
static void
rename_thread (SimWorld *world, SimLetter *letter)
{
  guint from = sim_account_of (letter->from), to = sim_account_of (letter->to);
  g_autofree char *thread = NULL, *name = NULL;
  EsMessage message = ES_MESSAGE_RESPONSE;
  char **real = NULL;

  if (letter->kind != SIM_STANZA || letter->forged || !es_xml_is (letter->stanza, "message", NULL)
      || from >= SIM_MAX_ACCOUNTS || to >= SIM_MAX_ACCOUNTS || from == to
      || (thread = thread_of (letter->stanza)) == NULL)
    return;
  name = g_strdup_printf ("name%u", MIN (from, to));
  real = &world->server->renamed[MIN (from, to)][MAX (from, to)];
  if (from < to && es_negotiation_recognize (letter->stanza, &message) != NULL && message == ES_MESSAGE_REQUEST)
    {
      g_free (*real);
      *real = g_strdup (thread);
    }
  if (*real != NULL && strcmp (thread, from < to ? *real : name) == 0)
    set_thread (letter->stanza, from < to ? name : *real);
}

gboolean
sim_server_twist (SimWorld *world, SimLetter *letter)
{
  gboolean is_presence = letter->stanza != NULL && es_xml_is (letter->stanza, "presence", NULL)
                         && es_xml_child (letter->stanza, "c", ES_NS_CRYPT) != NULL;

  if (lies (world, SIM_LIE_RENAME) && !world->peace)
    {
      world->ever_hostile = TRUE;
      rename_thread (world, letter);
    }
  if (!world->server->twisting || letter->kind != SIM_STANZA || letter->forged)
    return FALSE;
  if (lies (world, SIM_LIE_RECEIPT) && sim_prng_chance (&world->dice, 90) && confirm_falsely (world, letter))
    {
      sim_letter_free (letter);
      return TRUE;
    }

  /* Of encrypted presence there is little. */
  if (!sim_prng_chance (&world->dice, is_presence ? 90 : 20))
    return FALSE;
  sim_trace (world, "the server twists what %s sends", letter->from);
  if (lies (world, SIM_LIE_FORK))
    fork_letter (world, letter);
  if (lies (world, SIM_LIE_REWRITE) && sim_prng_chance (&world->dice, 60))
    {
      letter->forged = TRUE;
      rewrite (world, letter);
    }
  else if (lies (world, SIM_LIE_STORE))
    {
      /* What comes in its turn is read, what comes late breaks the session. */
      letter->forged = !is_presence && sim_prng_chance (&world->dice, 50);
      if (letter->forged)
        letter->delay = sim_prng_between (&world->dice, 1000, sim_prng_chance (&world->dice, 50) ? 20000 : 200000);
      add_date (letter);
    }
  return FALSE;
}

/* Beginning to lie */

static void
add_rule (SimWorld *world, guint author, guint addressed, guint receiver, guint as)
{
  Rule rule = { author, addressed, receiver, as, author == receiver };

  g_array_append_val (world->server->rules, rule);
}

static void
on_begin (SimWorld *world, SimEvent *event)
{
  SimActor *actor = event->actor;

  if (!world->peace && sim_actor_online (actor))
    sim_actor_begin (actor, event->number);
}

/* That whoever is there is gone: whoever still wants to talk begins anew. */
static void
provoke (SimWorld *world, guint account, guint with)
{
  g_autofree char *ghost = ghost_of (with);

  for (guint i = 0; i < world->sessions->len; i++)
    {
      const SimSession *session = world->sessions->pdata[i];
      SimEvent *event = NULL;

      if (session->actor->account != account)
        continue;
      say_presence (world, ghost, session->jid, TRUE);
      if (!sim_prng_chance (&world->dice, 70))
        continue;
      for (guint j = 0; j < world->sessions->len; j++)
        if (((const SimSession *) world->sessions->pdata[j])->actor->account == with
            && sim_prng_chance (&world->dice, 60))
          say_presence (world, ((const SimSession *) world->sessions->pdata[j])->jid, session->jid, FALSE);
      event = sim_world_add (world, sim_prng_between (&world->dice, 500, 2000), on_begin);
      event->actor = session->actor;
      event->incarnation = session->actor->incarnation;
      event->number = with;
    }
}

static guint
not_one_of (SimWorld *world, guint a, guint b)
{
  guint account = a;

  while (account == a || account == b)
    account = sim_prng_below (&world->dice, MIN (world->n_accounts, 3));
  return account;
}

static void
begin_redirect (SimWorld *world)
{
  guint alice = sim_prng_below (&world->dice, 2), bob = 1 - alice, carol = 2, other = 3;

  if (lies (world, SIM_LIE_MIRROR) && sim_prng_chance (&world->dice, 70))
    {
      sim_trace (world, "the server is a mirror of %s", sim_account (alice));
      add_rule (world, alice, bob, alice, bob);
      provoke (world, alice, bob);
    }
  else if (lies (world, SIM_LIE_CROSS) && sim_prng_chance (&world->dice, 70))
    {
      sim_trace (world, "the server has an account talk to another of the same program");
      bob = not_one_of (world, 0, 0);
      add_rule (world, 0, bob, other, bob);
      add_rule (world, other, bob, 0, bob);
      provoke (world, 0, bob);
      provoke (world, other, bob);
    }
  else if (lies (world, SIM_LIE_DIVERT) && sim_prng_chance (&world->dice, 70))
    {
      sim_trace (world, "the server takes %s for %s", sim_account (bob), sim_account (carol));
      add_rule (world, bob, alice, alice, carol);
      add_rule (world, alice, carol, bob, alice);
      provoke (world, sim_prng_chance (&world->dice, 70) ? bob : alice, alice);
    }
  else if (lies (world, SIM_LIE_REFLECT))
    {
      sim_trace (world, "the server reflects what %s says", sim_account (alice));
      add_rule (world, alice, bob, alice, carol);
      add_rule (world, alice, carol, alice, bob);
      provoke (world, alice, sim_prng_chance (&world->dice, 50) ? bob : carol);
    }
}

void
sim_server_change (SimWorld *world)
{
  if (world->plan.lies == 0)
    return;
  world->ever_hostile = world->ever_lied = TRUE;
  world->server->twisting = (world->plan.lies & TWISTS) != 0 && sim_prng_chance (&world->dice, 60);
  if (world->server->rules->len > 0)
    g_array_set_size (world->server->rules, 0);
  else if ((world->plan.lies & REDIRECTS) != 0)
    begin_redirect (world);
}

/* Of its own accord */

static void
on_grind (SimWorld *world, SimEvent *event)
{
  const SimActor *actor = event->actor;
  g_autofree char *thread = g_strdup_printf ("grind%u", event->number / 2);

  if (world->peace || event->number == 0)
    return;
  if (actor->session != NULL)
    {
      if (event->number % 2 == 1)
        sim_enemy_request (world, event->data, actor->session->jid, thread);
      else
        sim_enemy_error (world, event->data, actor->session->jid, thread);
    }
  {
    SimEvent *next = sim_world_add (world, 150, on_grind);

    next->actor = event->actor;
    next->number = event->number - 1;
    next->data = g_steal_pointer (&event->data);
    next->free_data = g_free;
  }
}

static void
grind (SimWorld *world)
{
  const SimSession *victim = anybody (world);
  SimEvent *event = NULL;
  guint from = 0;

  if (victim == NULL || world->server->has_ground)
    return;
  world->server->has_ground = TRUE;
  sim_trace (world, "the server begins to grind");
  from = not_one_of (world, victim->actor->account, victim->actor->account);
  event = sim_world_add (world, 0, on_grind);
  event->actor = victim->actor;
  event->number = GRINDS - 1;
  event->data = ghost_of (from);
  event->free_data = g_free;
}

static void
lie_of_presence (SimWorld *world)
{
  const SimSession *of = anybody (world), *to = anybody (world);
  g_autofree char *from = NULL;
  gboolean available = FALSE;

  if (of == NULL || of->actor->account == to->actor->account)
    return;
  switch (sim_prng_below (&world->dice, 5))
    {
    case 0:
      from = g_strdup (sim_account (of->actor->account));
      break;
    case 1:
      from = ghost_of (of->actor->account);
      available = TRUE;
      break;
    case 2:
      from = sim_address_respell (&world->dice, of->jid);
      available = sim_prng_chance (&world->dice, 50);
      break;
    case 3:
      from = sim_address_break (&world->dice, of->jid);
      available = TRUE;
      break;
    default:
      from = g_strdup (of->jid);
      break;
    }
  sim_trace (world, "the server says that %s is %s", from, available ? "there" : "gone");
  say_presence (world, from, to->jid, available);
}

/* Anything of any time, to anybody who is there; as it was, in somebody else's name, or on the thread of something else. */
static void
replay (SimWorld *world)
{
  const SimSession *to = anybody (world), *from = anybody (world);
  const SimLetter *old = NULL, *newer = NULL;
  g_autofree char *thread = NULL;
  EsXml *stanza = NULL;

  if (to == NULL || world->archive->len == 0)
    return;
  old = world->archive->pdata[sim_prng_below (&world->dice, world->archive->len)];
  newer = world->archive->pdata[world->archive->len - 1 - sim_prng_below (&world->dice, MIN (world->archive->len, 10))];
  stanza = es_xml_copy (old->stanza);
  thread = thread_of (newer->stanza);
  if (thread != NULL && es_xml_is (stanza, "message", NULL) && sim_prng_chance (&world->dice, 30))
    set_thread (stanza, thread);
  sim_trace (world, "the server replays");
  post (world, old->author, sim_prng_chance (&world->dice, 60) ? old->from : from->jid, to->jid, stanza);
}

/* Bob's other device gets a session of its own. */
static void
bring_in_liar (SimWorld *world)
{
  SimActor *liar = (SimActor *) world->liar;
  const SimSession *victim = anybody (world);

  if (victim != NULL && sim_actor_online (liar) && victim->actor->account != liar->account
      && liar->views[victim->actor->account].code == NULL)
    sim_actor_begin (liar, victim->actor->account);
}

static void
on_known_again (SimWorld *world, SimEvent *event)
{
  event->actor->views[event->number].unseen = FALSE;
}

static void
lie_of_roster (SimWorld *world)
{
  SimActor *actor = world->actors[sim_prng_below (&world->dice, world->plan.n_people)];
  guint account = sim_prng_below (&world->dice, world->n_accounts);
  SimEvent *event = NULL;

  sim_trace (world, "the server says that %s is no contact of %s", sim_account (account), actor->jid);
  actor->views[account].unseen = TRUE;
  event = sim_world_add (world, sim_prng_between (&world->dice, 1000, 60000), on_known_again);
  event->actor = actor;
  event->number = account;
}

void
sim_server_act (SimWorld *world)
{
  static const struct
  {
    SimLieKind kind;
    void (*tell) (SimWorld *world);
  } acts[] = {
    { SIM_LIE_GRIND, grind },   { SIM_LIE_PRESENCE, lie_of_presence }, { SIM_LIE_REPLAY, replay },
    { SIM_LIE_REPLAY, replay }, { SIM_LIE_RECEIPT, bring_in_liar },    { SIM_LIE_ROSTER, lie_of_roster },
  };
  guint first = sim_prng_below (&world->dice, G_N_ELEMENTS (acts));

  for (guint i = 0; i < G_N_ELEMENTS (acts); i++)
    {
      guint which = (first + i) % G_N_ELEMENTS (acts);

      if (!lies (world, acts[which].kind))
        continue;
      world->ever_hostile = world->ever_lied = TRUE;
      acts[which].tell (world);
      return;
    }
}

/* Everybody is told who is there, and who is not. */
void
sim_server_repent (SimWorld *world)
{
  g_array_set_size (world->server->rules, 0);
  world->server->twisting = FALSE;
  world->server->repented = world->n_letters;
  if (!world->ever_lied)
    return;
  for (guint i = 0; i < world->n_actors; i++)
    for (guint j = 0; j < SIM_MAX_ACCOUNTS; j++)
      world->actors[i]->views[j].unseen = FALSE;
  for (guint i = 0; i < world->sessions->len; i++)
    for (guint j = 0; j < world->n_accounts; j++)
      if (j != ((const SimSession *) world->sessions->pdata[i])->actor->account)
        {
          g_autofree char *ghost = ghost_of (j);

          say_presence (world, ghost, ((const SimSession *) world->sessions->pdata[i])->jid, FALSE);
        }
  sim_network_tell_all (world);
}
