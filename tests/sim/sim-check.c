/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-check.h"

#include <stdlib.h>

#include "sim-network.h"

/* Braces occur neither in Base64 nor in the program's own sentences. */
#define TEXT_BEGIN "{say:"

static gboolean
is_encrypted (EsState state)
{
  return state == ES_STATE_ENCRYPTED || state == ES_STATE_VERIFIED;
}

/* Texts */

guint
sim_check_new_text (SimActor *actor, guint account, gboolean automatic)
{
  SimText *text = g_new0 (SimText, 1);

  text->owner = actor;
  text->incarnation = actor->incarnation;
  text->account = account;
  text->automatic = automatic;
  text->typed = actor->world->now;
  g_ptr_array_add (actor->world->texts, text);
  return actor->world->texts->len - 1;
}

char *
sim_check_text (guint number)
{
  static const char *const rest[]
      = { "", " and so on", "!", " where are you?", " well, well, well, that is a longer one" };

  return g_strdup_printf (TEXT_BEGIN "%u}%s", number, rest[number % G_N_ELEMENTS (rest)]);
}

int
sim_check_find (const char *text)
{
  const char *found = strstr (text, TEXT_BEGIN);

  return found != NULL ? atoi (found + strlen (TEXT_BEGIN)) : -1;
}

static SimText *
get_text (SimWorld *world, const char *text, int *number)
{
  *number = sim_check_find (text);
  return *number >= 0 && (guint) *number < world->texts->len ? world->texts->pdata[*number] : NULL;
}

/* Who may be behind a code: one bit for each actor that showed it. */
static guint
holders (SimWorld *world, const char *code)
{
  return code != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (world->codes, code)) : 0;
}

/* The actor at the other end of the session with CODE; NULL while nobody else showed it. */
static SimActor *
other_end (SimActor *actor, const char *code)
{
  guint bits = holders (actor->world, code) & ~(1u << actor->index);

  for (guint i = 0; bits != 0 && i < actor->world->n_actors; i++)
    if ((bits & (1u << i)) != 0)
      return actor->world->actors[i];
  return NULL;
}

/* Nothing in the clear */

/* Why TEXT must not leave as it is; NULL if it may. */
static const char *
objection (SimActor *actor, const SimText *text)
{
  const SimView *view = &actor->views[text->account];
  EsConversation what;

  if (text->asked_plain)
    return NULL;
  es_manager_describe (actor->manager, sim_account (text->account), &what);
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

void
sim_check_leaving (SimActor *actor, const EsXml *stanza)
{
  g_autofree char *xml = es_xml_to_string (stanza, ES_NS_CLIENT);
  int number = -1;
  SimText *text = get_text (actor->world, xml, &number);
  SimText notice = { .account = sim_account_of (es_xml_attribute (stanza, "to")) };
  const char *why = text != NULL ? objection (actor, text) : NULL;

  /* That somebody is typing is nobody's business either. */
  if (text == NULL && es_xml_child (stanza, "composing", NULL) != NULL && notice.account < SIM_MAX_ACCOUNTS
      && (why = objection (actor, &notice)) != NULL)
    sim_fail (actor->world, "%s sends a typing notice in the clear, though %s", actor->jid, why);
  if (g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0 && es_xml_child (stanza, "c", ES_NS_CRYPT) != NULL)
    sim_fail (actor->world, "%s encrypts an error, in a session that it is not about", actor->jid);
  if (text == NULL)
    return;
  if (why != NULL)
    sim_fail (actor->world, "%s sends text %d in the clear, though %s", actor->jid, number, why);
  text->in_clear = TRUE;
}

void
sim_check_asked_plain (SimActor *actor, guint account)
{
  for (guint i = 0; i < actor->world->texts->len; i++)
    {
      SimText *text = actor->world->texts->pdata[i];

      if (text->owner == actor && text->incarnation == actor->incarnation && text->account == account
          && !text->shown_encrypted && !text->returned)
        text->asked_plain = TRUE;
    }
}

/* Nothing twice, nothing of somebody else's, nothing out of order */

static void
check_decrypted (SimActor *actor, guint account, SimText *text, int number)
{
  SimWorld *world = actor->world;
  SimView *view = &actor->views[account];
  guint from = text->owner->index;

  if (text->owner->account != account || text->account != actor->account)
    sim_fail (world, "%s is shown text %d of %s for %s, decrypted, as if from %s", actor->jid, number,
              sim_account (text->owner->account), sim_account (text->account), sim_account (account));

  /* Who sends something again that left in the clear before, and who passes on, makes new messages of old ones. */
  if (text->in_clear || text->read_by_mallory)
    return;
  if (text->not_sent)
    sim_fail (world, "%s is shown text %d, which was given back as not sent", actor->jid, number);
  text->shown_encrypted = TRUE;
  if (text->shown_to[actor->index] == actor->incarnation)
    sim_fail (world, "%s is shown text %d twice", actor->jid, number);
  text->shown_to[actor->index] = actor->incarnation;
  if (view->last_incarnation[from] == text->incarnation && view->last_from[from] > (guint) number)
    sim_fail (world, "%s is shown text %d after text %u", actor->jid, number, view->last_from[from]);
  view->last_incarnation[from] = text->incarnation;
  view->last_from[from] = (guint) number;
}

void
sim_check_shown (SimActor *actor, const char *from, const char *body, gboolean decrypted, gboolean forged)
{
  SimWorld *world = actor->world;
  guint account = sim_account_of (from);
  int number = -1;
  SimText *text = get_text (world, body, &number);
  const SimView *view = &actor->views[account];

  world->totals.shown++;
  if (!decrypted && is_encrypted (view->state) && !view->warned)
    sim_fail (world, "%s is shown something unencrypted without a warning", actor->jid);
  if (text == NULL)
    {
      if (decrypted)
        sim_fail (world, "%s is shown something decrypted that nobody typed", actor->jid);
      return;
    }
  if (decrypted)
    check_decrypted (actor, account, text, number);
  text->shown = TRUE;
}

void
sim_check_returned (SimActor *actor, guint account, const char *content, gboolean sent)
{
  int number = -1;
  SimText *text = get_text (actor->world, content, &number);

  actor->world->totals.returned++;
  if (text == NULL || text->owner != actor || text->incarnation != actor->incarnation || text->account != account)
    sim_fail (actor->world, "%s is given back what was not typed there: %s", actor->jid, content);
  else if (text->returned)
    sim_fail (actor->world, "%s is given back text %d twice", actor->jid, number);
  else if (text->shown_encrypted && !sent)
    sim_fail (actor->world, "%s is given back text %d as not sent, though it was shown", actor->jid, number);
  else
    {
      text->returned = TRUE;
      text->not_sent = !sent;
    }
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
      es_manager_describe (actor->manager, sim_account (i), &what);
      if (g_strcmp0 (what.code, view->code) != 0)
        sim_fail (actor->world, "%s believes an error from %s about its session with %s", actor->jid, from,
                  view->device);
    }
}

/* Nobody is taken for somebody else */

void
sim_check_notice (SimActor *actor, guint account, EsNoticeKind kind, const char *sentence)
{
  const SimWorld *world = actor->world;

  if (g_str_has_prefix (sentence, "The next message"))
    actor->views[account].warned = TRUE;

  /* Nobody ever offers anything else here. */
  if (g_str_has_prefix (sentence, "The other side's program now offers weaker"))
    sim_fail (actor->world, "%s is told of weaker encryption", actor->jid);
  if (g_str_has_prefix (sentence, "The other side uses a device that you have not verified") && !world->ever_hostile
      && !(world->plan.n_people == 3 && world->plan.second_device) && !world->plan.differ)
    sim_fail (actor->world, "%s is warned of a stranger, and there is none", actor->jid);
}

static void
set_verified (SimWorld *world, const SimActor *a, const SimActor *b, SimVerified value)
{
  world->verified[a->index][b->index] = (guint8) value;
}

/* ACTOR found a code different that nobody else has shown yet: any of that account may be the one who is forgotten. */
static void
doubt_all (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;

  for (guint i = 0; i < world->n_actors; i++)
    {
      SimActor *other = world->actors[i];

      if (other->account == account && world->verified[actor->index][i] != SIM_NEVER)
        set_verified (world, actor, other, SIM_PERHAPS);
    }
}

/* Before the answer is given: from now on it may be on disk. */
void
sim_check_verified (SimActor *actor, guint account, const char *code, gboolean equal)
{
  SimActor *other = other_end (actor, code);

  if (g_strcmp0 (actor->views[account].code, code) != 0)
    return;
  if (other == NULL)
    {
      if (!equal)
        doubt_all (actor, account);
      return;
    }
  if (!equal)
    g_hash_table_add (actor->world->doubted, g_strdup (code));
  if (equal && actor->world->verified[actor->index][other->index] != SIM_VERIFIED
      && !g_hash_table_contains (actor->world->doubted, code))
    set_verified (actor->world, actor, other, SIM_SAID);

  /* Who says that it is equal after the other said it is not verifies a device that has forgotten. */
  else if (equal && actor->world->verified[actor->index][other->index] == SIM_NEVER)
    set_verified (actor->world, actor, other, SIM_PERHAPS);

  /* Either side then knows the other no more. */
  if (!equal && actor->world->verified[actor->index][other->index] != SIM_NEVER)
    set_verified (actor->world, actor, other, SIM_PERHAPS);
  if (!equal && actor->world->verified[other->index][actor->index] != SIM_NEVER)
    set_verified (actor->world, other, actor, SIM_PERHAPS);
}

/* In one session both have to have given it: whoever did, is noted. From the second on they may be verified at any time. */
void
sim_check_password (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  EsConversation what;
  SimActor *other = NULL;
  guint bits = 0;

  es_manager_describe (actor->manager, sim_account (account), &what);
  if (what.code == NULL)
    return;
  bits = GPOINTER_TO_UINT (g_hash_table_lookup (world->passwords, what.code)) | 1u << actor->index;
  g_hash_table_insert (world->passwords, g_strdup (what.code), GUINT_TO_POINTER (bits));

  other = other_end (actor, what.code);
  if (other == NULL || (bits & 1u << other->index) == 0)
    return;
  sim_trace (world, "%s and %s have given the same password", actor->jid, other->jid);
  for (guint i = 0; i < 2; i++)
    {
      SimActor *one = i == 0 ? actor : other, *two = i == 0 ? other : actor;
      SimVerified now = (SimVerified) world->verified[one->index][two->index];

      if (g_hash_table_contains (world->doubted, what.code))
        set_verified (world, one, two, now == SIM_NEVER ? SIM_PERHAPS : now);
      else if (now != SIM_VERIFIED)
        set_verified (world, one, two, SIM_SAID);
    }
}

static void
check_trust (SimActor *actor, SimView *view, const EsConversation *what)
{
  SimWorld *world = actor->world;
  SimActor *other = other_end (actor, what->code);

  if (other == NULL || !is_encrypted (what->state))
    return;
  if (what->state == ES_STATE_VERIFIED)
    {
      if (other->mallory)
        sim_fail (world, "%s takes somebody in the middle for verified", actor->jid);
      else if (world->verified[actor->index][other->index] == SIM_NEVER)
        sim_fail (world, "%s takes %s for verified, which nobody verified", actor->jid, other->jid);
      if (world->verified[actor->index][other->index] == SIM_SAID)
        set_verified (world, actor, other, SIM_VERIFIED);
    }
  else if (world->verified[actor->index][other->index] == SIM_VERIFIED && !world->ever_hostile)
    sim_fail (world, "%s no longer takes %s for verified", actor->jid, other->jid);
}

/* Whatever can be seen */

static void
note_code (SimActor *actor, const char *code)
{
  SimWorld *world = actor->world;
  guint before = holders (world, code), bits = before | (1u << actor->index);

  if (bits == before)
    return;
  if (before == 0)
    world->totals.sessions++;
  if (before != 0 && (before & (before - 1)) != 0)
    sim_fail (world, "the code %s is shown by more than two", code);
  g_hash_table_insert (world->codes, g_strdup (code), GUINT_TO_POINTER (bits));
}

static void
check_view (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  SimView *view = &actor->views[account];
  EsConversation what;

  es_manager_describe (actor->manager, sim_account (account), &what);
  if (what.waiting > 256 || what.unconfirmed > 1024)
    sim_fail (world, "%s keeps too much: %u wait, %u are unconfirmed", actor->jid, what.waiting, what.unconfirmed);
  if (what.code != NULL)
    note_code (actor, what.code);
  if (is_encrypted (what.state) && what.code == NULL)
    sim_fail (world, "%s is %s without a session", actor->jid, es_state_label (what.state));
  if (actor->mallory)
    return;

  if (what.state == ES_STATE_PLAIN && view->state != ES_STATE_PLAIN && !view->may_be_plain)
    sim_fail (world, "%s slips from %s back to %s", actor->jid, es_state_label (view->state),
              es_state_label (what.state));
  if (what.state != ES_STATE_PLAIN)
    view->may_be_plain = FALSE;
  if (what.state != view->state)
    sim_trace (world, "%s and %s: %s", actor->jid, sim_account (account), es_state_label (what.state));
  view->state = what.state;
  if (g_strcmp0 (view->code, what.code) != 0)
    {
      sim_trace (world, "%s and %s: code %s", actor->jid, sim_account (account), what.code);
      g_free (view->code);
      view->code = g_strdup (what.code);
    }
  if (g_strcmp0 (view->device, what.device) != 0)
    {
      g_free (view->device);
      view->device = g_strdup (what.device);
    }
  check_trust (actor, view, &what);
}

void
sim_check_actor (SimActor *actor)
{
  if (actor->manager == NULL || actor->dead)
    return;
  for (guint i = 0; i < actor->world->n_accounts; i++)
    if (i != actor->account)
      check_view (actor, i);
  if (sim_disk_octets (actor->disk) > 1024 * 1024)
    sim_fail (actor->world, "the disk of %s holds too much", actor->jid);
}

/* The end */

/* A text that must still be accounted for. */
static gboolean
is_open (const SimText *text)
{
  return !text->shown && !text->returned && !text->in_clear && !text->read_by_mallory && text->owner->manager != NULL
         && text->owner->incarnation == text->incarnation;
}

static void
check_lost (SimActor *actor, guint account)
{
  GPtrArray *texts = actor->world->texts;
  EsConversation what;
  guint n = 0, first = 0;

  for (guint i = texts->len; i-- > 0;)
    {
      const SimText *text = texts->pdata[i];

      if (text->owner != actor || text->account != account || !is_open (text))
        continue;
      n++;
      first = i;
    }
  es_manager_describe (actor->manager, sim_account (account), &what);
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
  const SimActor *other = NULL;

  es_manager_describe (actor->manager, sim_account (account), &what);
  if (what.state == ES_STATE_STARTING)
    sim_fail (world, "%s is still starting", actor->jid);
  if (what.device == NULL)
    return;
  other = sim_network_find (world, what.device);
  if (other == NULL)
    {
      /* Whoever stood in between has talked in the name of a device that had left, and left no presence behind. */
      if (!world->plan.mitm)
        sim_fail (world, "%s talks to %s, which is gone", actor->jid, what.device);
      return;
    }

  /* An enemy leaves sessions behind that nobody answers: they are found out with the next message. */
  es_manager_describe (other->manager, sim_account (actor->account), &theirs);
  if (theirs.device != NULL && strcmp (theirs.device, actor->jid) == 0 && strcmp (theirs.code, what.code) != 0
      && !world->ever_hostile)
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
sim_check_probes (SimWorld *world, guint first)
{
  for (guint i = first; i < world->texts->len; i++)
    {
      const SimText *text = world->texts->pdata[i];

      /* It may be given back where somebody comes who is not verified, as others are. */
      if (!text->shown && !(text->returned && (world->plan.n_people == 3 || world->plan.mitm || world->plan.differ)))
        sim_fail (world, "%s wrote text %u in peace, and it was not shown", text->owner->jid, i);
    }
}

void
sim_check_settled (SimActor *actor, guint account)
{
  EsConversation what;

  es_manager_describe (actor->manager, sim_account (account), &what);
  if (what.waiting > 0 || what.unconfirmed > 0)
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
