/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-check.h"

#include "es-words.h"
#include "sim-network.h"
#include "sim-texts.h"
#include "sim-trust.h"

/* What may be begun or answered by itself with one contact, and so many more: of requests that cross both are one. */
#define MAX_HOUR 120
#define MAX_DAY 520
#define MAX_WRONG 3

/* Nothing in the clear */

/* Why TEXT must not leave as it is; NULL if it may. */
static const char *
objection (SimActor *actor, const SimText *text)
{
  const SimView *view = &actor->views[text->account];
  EsConversation what;

  if (text->asked_plain)
    return NULL;
  sim_actor_describe (actor, text->account, &what);
  if (what.state != ES_STATE_PLAIN)
    return "the conversation is not plain";
  if (view->state != ES_STATE_PLAIN && !view->may_be_plain)
    return "the conversation was encrypted and the user has not ended that";
  if (view->policy_unsure)
    return NULL;
  if (view->policy == ES_POLICY_ALWAYS || (view->policy < 0 && actor->policy == ES_POLICY_ALWAYS))
    return "policy is always";
  if (view->ended || (view->policy < 0 ? (int) actor->policy : view->policy) != ES_POLICY_POSSIBLE)
    return NULL;
  if (view->capable->len > 0)
    return "the other side can encrypt";
  for (guint i = 0; view->policy < 0 && i < actor->world->n_actors; i++)
    if (actor->world->actors[i]->account == text->account && actor->world->verified[actor->index][i] == SIM_VERIFIED)
      return "the contact is verified";
  return NULL;
}

/* With whom nobody negotiates as often as this can search for the code that it wants. */
static void
count_negotiation (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  SimView *view = &actor->views[account];
  guint hour = 0, day = 0;

  /* Where a device is verified only that one comes through. */
  if (sim_trust_has_mark (actor, account))
    return;
  g_array_append_val (view->negotiations, world->now);
  if (view->negotiations->len <= MAX_HOUR)
    return;
  for (guint i = 0; i < view->negotiations->len; i++)
    {
      gint64 ago = world->now - g_array_index (view->negotiations, gint64, i);

      hour += ago < 3600 * 1000 ? 1 : 0;
      day += ago < 24 * 3600 * 1000 ? 1 : 0;
    }
  if (hour > MAX_HOUR + view->n_allowed || day > MAX_DAY + view->n_allowed)
    sim_fail (world, "%s has negotiated with %s %u times in an hour, %u in a day, of which %u count not", actor->jid,
              sim_account (account), hour, day, view->n_allowed);
}

/* Who may have nothing of what is written cannot say what became of it, and is not asked for that again and again; but under its
 * name there may still be a session with a verified device, which is. */
static void
check_request (SimActor *actor, guint account, const char *to)
{
  const SimView *view = &actor->views[account];

  if (actor->in_timer && view->barred && g_strcmp0 (view->device, to) == 0 && !sim_trust_reaches (actor, account, to))
    sim_fail (actor->world, "%s asks %s again by itself, which may have nothing of what is written", actor->jid, to);
}

static void
check_negotiation (SimActor *actor, guint account, const EsXml *stanza)
{
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = es_negotiation_recognize (stanza, &message);
  g_autofree char *text = payload != NULL ? es_xml_to_string (payload, ES_NS_CLIENT) : NULL;

  /* Whoever says no draws no number for it. */
  if (text == NULL || strstr (text, "\"my_nonce\"") == NULL || account >= SIM_MAX_ACCOUNTS
      || (message != ES_MESSAGE_REQUEST && message != ES_MESSAGE_RESPONSE))
    return;
  count_negotiation (actor, account);
  if (message == ES_MESSAGE_REQUEST)
    check_request (actor, account, es_xml_attribute (stanza, "to"));
  if (message == ES_MESSAGE_RESPONSE && actor->taking != NULL && actor->taking->stamp != NULL)
    sim_fail (actor->world, "%s answers a request that somebody had stored", actor->jid);
}

/* What TEXT stands for is said nowhere; NULL: only that somebody is typing, or something as small. */
static const char *
kind_of (const EsXml *stanza, const SimText *text)
{
  if (es_xml_is (stanza, "message", NULL))
    return text != NULL ? "a text" : es_xml_child (stanza, "composing", NULL) != NULL ? "a typing notice" : NULL;
  return text != NULL ? "what programs tell each other" : NULL;
}

void
sim_check_leaving (SimActor *actor, const EsXml *stanza)
{
  g_autofree char *xml = es_xml_to_string (stanza, ES_NS_CLIENT);
  guint account = sim_account_of (es_xml_attribute (stanza, "to"));
  int number = -1;
  SimText *text = sim_texts_entry (actor->world, xml, &number);
  SimText notice = { .account = account };
  const char *kind = kind_of (stanza, text), *why = NULL;
  gboolean encrypted = es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL;

  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0 && es_xml_is (stanza, "message", NULL) && encrypted)
    sim_fail (actor->world, "%s encrypts an error, in a session that it is not about", actor->jid);
  if (account >= SIM_MAX_ACCOUNTS)
    {
      if (encrypted)
        sim_fail (actor->world, "%s encrypts something for a room or a server", actor->jid);
      return;
    }
  if (es_xml_is (stanza, "message", NULL))
    check_negotiation (actor, account, stanza);
  if (kind == NULL)
    return;

  /* A text is for whom it was typed, wherever it goes. */
  if (text != NULL && text->account == account)
    notice = *text;
  why = objection (actor, &notice);
  if (why != NULL)
    sim_fail (actor->world, "%s sends %s in the clear, though %s (text %d)", actor->jid, kind, why, number);
  if (text != NULL && text->account != account)
    sim_fail (actor->world, "%s sends text %d for %s to %s", actor->jid, number, sim_account (text->account),
              sim_account (account));
  if (text != NULL)
    sim_texts_left (actor, text, number);
}

/* What is believed */

void
sim_check_envelope (SimActor *actor, const SimLetter *letter, const EsXml *stanza, gboolean decrypted)
{
  const char *type = es_xml_attribute (stanza, "type");
  const EsXml *delay = es_xml_child (stanza, "delay", NULL);
  gboolean is_message = es_xml_is (stanza, "message", NULL);

  if (!decrypted || g_strcmp0 (type, "error") == 0)
    return;
  if (is_message && type != NULL && strcmp (type, "chat") != 0 && strcmp (type, "normal") != 0)
    sim_fail (actor->world, "%s takes what was encrypted for a %s, because that stands outside", actor->jid, type);
  if (letter->stamp != NULL && delay != NULL && g_strcmp0 (es_xml_attribute (delay, "stamp"), letter->stamp) == 0)
    sim_fail (actor->world, "%s believes when something was written, because that stands outside", actor->jid);
  if (!is_message && letter->rewritten)
    sim_fail (actor->world, "%s accepts an iq though somebody changed what stands outside", actor->jid);
}

void
sim_check_error (SimActor *actor, const char *from)
{
  for (guint i = 0; i < actor->world->n_accounts; i++)
    {
      const SimView *view = &actor->views[i];
      EsConversation what;

      if (i == actor->account || view->code == NULL || g_strcmp0 (view->device, from) == 0)
        continue;
      sim_actor_describe (actor, i, &what);
      if (g_strcmp0 (what.code, view->code) != 0)
        sim_fail (actor->world, "%s believes an error from %s about its session with %s", actor->jid, from,
                  view->device);
    }
}

/* Whoever guesses has three tries a day, in however many sessions. */
static void
count_wrong_password (SimActor *actor, guint account)
{
  SimView *view = &actor->views[account];

  if (actor->world->now - view->wrong_since > 24 * 3600 * 1000)
    view->n_wrong = 0;
  if (view->n_wrong == 0)
    view->wrong_since = actor->world->now;
  if (++view->n_wrong > MAX_WRONG && !actor->world->ever_fault)
    sim_fail (actor->world, "%s has compared %u wrong passwords with %s in a day", actor->jid, view->n_wrong,
              sim_account (account));
}

void
sim_check_notice (SimActor *actor, guint account, const EsNotice *notice)
{
  const SimWorld *world = actor->world;

  if (account >= SIM_MAX_ACCOUNTS)
    return;
  if (notice->code == ES_NOTICE_RESTORED)
    sim_texts_promise (actor, account);
  else
    actor->views[account].promised = notice->code == ES_NOTICE_WAITS;

  switch (notice->code)
    {
    case ES_NOTICE_NEXT_UNVERIFIED:
    case ES_NOTICE_NEXT_PLAIN:
      actor->views[account].warned = TRUE;
      break;
    case ES_NOTICE_CODES_FORGOTTEN:
      /* That was said while the disk failed. */
      sim_trust_allow_unmarking (actor, account);
      break;
    case ES_NOTICE_PASSWORD_DIFFERS:
      count_wrong_password (actor, account);
      break;
    case ES_NOTICE_PASSWORD_EQUAL:
    case ES_NOTICE_VERIFIED:
      actor->views[account].n_wrong = 0;
      break;
    case ES_NOTICE_NARROWED:
      /* Nobody ever offers anything else here. */
      sim_fail (actor->world, "%s is told of weaker encryption", actor->jid);
      break;
    case ES_NOTICE_STRANGE_DEVICE:
      if (!world->ever_hostile && !world->plan.second_device && !world->plan.differ && !world->ever_forgot)
        sim_fail (actor->world, "%s is warned of a stranger, and there is none", actor->jid);
      break;
    default:
      break;
    }
}

/* Whatever can be seen */

static gboolean
is_encrypted (EsState state)
{
  return state == ES_STATE_ENCRYPTED || state == ES_STATE_VERIFIED;
}

/* Sessions end because somebody wants it, goes, or says something that ends them; never by themselves. */
static void
check_cause (SimActor *actor, guint account, const EsConversation *what)
{
  const SimView *view = &actor->views[account];

  if (view->code != NULL && g_strcmp0 (view->code, what->code) != 0 && actor->causes == 0)
    sim_fail (actor->world, "the session of %s with %s, code %s, ends without a cause", actor->jid,
              sim_account (account), view->code);
}

static void
take_note (SimActor *actor, guint account, const EsConversation *what)
{
  SimWorld *world = actor->world;
  SimView *view = &actor->views[account];

  if (what->state != ES_STATE_PLAIN)
    view->may_be_plain = FALSE;
  if (view->state == ES_STATE_VERIFIED && g_strcmp0 (view->code, what->code) != 0)
    {
      g_free (view->left);
      view->left = g_strdup (view->device);
    }
  if (what->state != view->state)
    sim_trace (world, "%s and %s: %s", actor->jid, sim_account (account), es_state_label (what->state));
  view->state = what->state;
  view->holds = what->policy;
  view->barred = what->barred;
  if (g_strcmp0 (view->code, what->code) != 0)
    {
      sim_trace (world, "%s and %s: code %s", actor->jid, sim_account (account), what->code);
      g_free (view->code);
      view->code = g_strdup (what->code);

      /* What a device proves by its secret costs nothing. */
      view->n_allowed += what->code != NULL && what->state == ES_STATE_VERIFIED ? 1 : 0;
      if (what->code != NULL && view->distrusts)
        sim_fail (world, "%s has a session with %s again, though the codes differed and the user has not begun it",
                  actor->jid, sim_account (account));
    }
  if (g_strcmp0 (view->device, sim_actor_device (what)) != 0)
    {
      g_free (view->device);
      view->device = g_strdup (sim_actor_device (what));
    }
}

static void
check_view (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  SimView *view = &actor->views[account];
  EsConversation what;

  sim_actor_describe (actor, account, &what);
  if (what.waiting > 256 || what.unconfirmed > 1024)
    sim_fail (world, "%s keeps too much: %u wait, %u are unconfirmed", actor->jid, what.waiting, what.unconfirmed);
  if (is_encrypted (what.state) && what.code == NULL)
    sim_fail (world, "%s is %s without a session", actor->jid, es_state_label (what.state));
  if (is_encrypted (what.state) && !what.barred && what.waiting > 0)
    sim_fail (world, "%u texts of %s wait, though %s could have them", what.waiting, actor->jid,
              sim_actor_device (&what));
  sim_trust_check (actor, account, &what);
  if (actor->mallory)
    return;
  check_cause (actor, account, &what);
  if (what.state == ES_STATE_PLAIN && view->state != ES_STATE_PLAIN && !view->may_be_plain)
    sim_fail (world, "%s slips from %s back to %s", actor->jid, es_state_label (view->state),
              es_state_label (what.state));
  take_note (actor, account, &what);
}

/* Whoever confirms what is not his is among the devices: it may know what is said while the conversation is with it. */
static void
check_liar (SimActor *actor)
{
  const SimWorld *world = actor->world;

  for (guint i = 0; i < world->n_accounts; i++)
    if (actor->views[i].device != NULL && world->liar != NULL && strcmp (actor->views[i].device, world->liar->jid) == 0)
      sim_texts_known_to_liar (actor, i);
}

void
sim_check_actor (SimActor *actor)
{
  if (actor->manager == NULL || actor->dead || !actor->touched)
    return;
  actor->touched = FALSE;
  for (guint i = 0; i < actor->world->n_accounts; i++)
    if (i != actor->account)
      check_view (actor, i);
  if (actor->first == actor)
    {
      sim_trust_check_marks (actor);
      if (sim_disk_octets (actor->disk) > 1024 * 1024)
        sim_fail (actor->world, "the disk of %s holds too much", actor->jid);
    }
  if (actor->world->liar != NULL)
    check_liar (actor);
  actor->causes = 0;
  actor->heard = NULL;
}

/* The end */

static void
check_lost (SimActor *actor, guint account)
{
  EsConversation what;
  guint first = 0, n = sim_texts_open (actor, account, &first);

  sim_actor_describe (actor, account, &what);
  if (n > what.waiting + what.unconfirmed)
    sim_fail (actor->world,
              "%s typed %u texts that were neither shown nor given back, text %u first; %u wait, %u are unconfirmed",
              actor->jid, n, first, what.waiting, what.unconfirmed);
}

static void
check_rest (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  EsConversation what, theirs;
  const char *device = NULL;
  const SimActor *other = NULL;

  sim_actor_describe (actor, account, &what);
  device = sim_actor_device (&what);

  /* Whoever was ground on lets nobody in by himself for a while: others go on asking. */
  if (what.state == ES_STATE_STARTING && (world->plan.lies & 1u << SIM_LIE_GRIND) == 0)
    sim_fail (world, "%s is still starting", actor->jid);
  if (device == NULL)
    return;
  other = sim_network_find (world, device);
  if (other == NULL)
    {
      /* Whoever stood in between has talked in the name of a device that had left, and left no presence behind. */
      if (!world->plan.mitm && !world->ever_lied)
        sim_fail (world, "%s talks to %s, which is gone", actor->jid, device);
      return;
    }

  /* An enemy leaves sessions behind that nobody answers: they are found out with the next message. */
  sim_actor_describe (other, actor->account, &theirs);
  if (theirs.device != NULL && strcmp (sim_actor_device (&theirs), actor->jid) == 0
      && strcmp (theirs.code, what.code) != 0 && !world->ever_hostile)
    sim_fail (world, "%s shows %s and %s shows %s", actor->jid, what.code, other->jid, theirs.code);
}

void
sim_check_peace (SimWorld *world)
{
  for (guint i = 0; i < world->n_actors; i++)
    for (guint j = 0; j < world->n_accounts && world->actors[i]->manager != NULL; j++)
      if (j != world->actors[i]->account)
        {
          check_rest (world->actors[i], j);
          check_lost (world->actors[i], j);
        }
}

void
sim_check_quiet (SimWorld *world, guint minutes)
{
  if (world->n_quiet > minutes)
    sim_fail (world, "%u sessions began in %u minutes in which nothing happened", world->n_quiet, minutes);
}

void
sim_check_probes (SimWorld *world, guint first)
{
  const SimPlan *plan = &world->plan;
  gboolean strangers = plan->second_device || plan->mitm || plan->differ || world->ever_lied || world->ever_forgot;

  for (guint i = first; i < world->texts->len; i++)
    {
      const SimText *text = world->texts->pdata[i];

      /* It may wait, or be given back, where somebody comes who is not verified, as others are. */
      if (!text->shown && !((text->returned || text->owner->views[text->account].barred) && strangers))
        sim_fail (world, "%s wrote text %u in peace, and it was not shown", text->owner->jid, i);
    }
}

void
sim_check_settled (SimActor *actor, guint account)
{
  EsConversation what;

  sim_actor_describe (actor, account, &what);

  /* Whoever was ground on begins no session by himself to find out what became of a text. */
  if ((actor->world->plan.lies & 1u << SIM_LIE_GRIND) != 0)
    return;
  if (!what.barred && (what.waiting > 0 || what.unconfirmed > 0))
    sim_fail (actor->world, "%s has written in peace, and %u texts still wait, %u are unconfirmed", actor->jid,
              what.waiting, what.unconfirmed);
}

void
sim_check_silence (SimWorld *world)
{
  for (guint i = 0; i < world->n_actors; i++)
    if (world->actors[i]->timers->len > 0)
      sim_fail (world, "%s is offline and has %u timers", world->actors[i]->jid, world->actors[i]->timers->len);
}
