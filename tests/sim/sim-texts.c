/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-texts.h"

#include <stdlib.h>

#include "es-words.h"
#include "sim-trust.h"

/* Braces occur neither in Base64 nor in the program's own sentences. */
#define TEXT_BEGIN "{say:"

/* So long a program may take until it has stored that it has shown something. */
#define SHOWN_MILLISECONDS 2000

/* Whether the user writes to a device that is not verified all the same. */
static gboolean
is_allowed (const SimActor *actor, guint account)
{
  const char *code = actor->views[account].code;

  return code != NULL && g_hash_table_contains (actor->allowed, code);
}

guint
sim_texts_new (SimActor *actor, guint account, SimMaker maker)
{
  SimText *text = g_new0 (SimText, 1);

  text->owner = actor;
  text->incarnation = actor->incarnation;
  text->account = account;
  text->maker = maker;
  text->for_verified = maker != SIM_ASKED_FOR && sim_trust_has_mark (actor, account) && !is_allowed (actor, account);
  text->typed = actor->world->now;
  g_ptr_array_add (actor->world->texts, text);
  return actor->world->texts->len - 1;
}

char *
sim_texts_content (guint number)
{
  static const char *const rest[]
      = { "", " and so on", "!", " where are you?", " well, well, well, that is a longer one" };

  return g_strdup_printf (TEXT_BEGIN "%u}%s", number, rest[number % G_N_ELEMENTS (rest)]);
}

static int
find (const char *text)
{
  const char *found = strstr (text, TEXT_BEGIN);

  return found != NULL ? atoi (found + strlen (TEXT_BEGIN)) : -1;
}

SimText *
sim_texts_entry (SimWorld *world, const char *text, int *number)
{
  *number = find (text);

  /* What was changed on the way may have a number that nobody gave. */
  return *number >= 0 && (guint) *number < world->texts->len ? world->texts->pdata[*number] : NULL;
}

int
sim_texts_find (const EsXml *stanza)
{
  const EsXml *body = es_xml_child (stanza, "body", NULL);
  g_autofree char *text = body != NULL                          ? es_xml_dup_text (body)
                          : es_xml_is (stanza, "message", NULL) ? NULL
                                                                : es_xml_to_string (stanza, ES_NS_CLIENT);

  return text != NULL ? find (text) : -1;
}

/* The program does something with it, and stores that when it has time. */
static void
move (SimText *text, const SimActor *actor)
{
  gboolean fails = actor->dead || sim_disk_fault (actor->first->disk) != SIM_FAULT_NONE;

  text->moved = actor->world->now;
  text->unsure |= fails;
  text->left_over |= fails;
}

void
sim_texts_typed (SimActor *actor, guint number)
{
  SimText *text = actor->world->texts->pdata[number];

  move (text, actor);
  text->promised = actor->views[text->account].promised && !text->in_clear;
}

void
sim_texts_leaves (SimActor *actor, const EsXml *stanza)
{
  int number = sim_texts_find (stanza);
  SimText *text = number >= 0 && (guint) number < actor->world->texts->len ? actor->world->texts->pdata[number] : NULL;

  if (text != NULL)
    move (text, actor);
}

void
sim_texts_label (SimActor *actor, int number)
{
  SimText *text = (guint) number < actor->world->texts->len ? actor->world->texts->pdata[number] : NULL;

  if (text == NULL)
    return;
  move (text, actor);
  if (actor->has_drawn && *text->label == '\0')
    {
      g_autofree char *label = g_base64_encode (actor->drawn, sizeof actor->drawn);

      g_strlcpy (text->label, label, sizeof text->label);
    }
}

/* Whether it is still ACTOR's, as far as the program can know. */
static gboolean
is_of (const SimText *text, const SimActor *actor, guint account)
{
  return text->owner == actor && text->account == account;
}

void
sim_texts_promise (SimActor *actor, guint account)
{
  for (guint i = 0; i < actor->world->texts->len; i++)
    {
      SimText *text = actor->world->texts->pdata[i];

      if (is_of (text, actor, account) && text->incarnation < actor->incarnation && !text->in_clear)
        text->promised = TRUE;
    }
}

void
sim_texts_ask_plain (SimActor *actor, guint account)
{
  actor->views[account].promised = FALSE;
  for (guint i = 0; i < actor->world->texts->len; i++)
    {
      SimText *text = actor->world->texts->pdata[i];

      if (is_of (text, actor, account) && (text->left_over || !(text->returned || text->shown_encrypted)))
        text->asked_plain = TRUE;
    }
}

void
sim_texts_left (SimActor *actor, SimText *text, int number)
{
  if (text->promised && !text->asked_plain
      && (actor->views[text->account].promised || text->incarnation < actor->incarnation))
    sim_fail (actor->world, "%s sends text %d in the clear, of which it had said that it will be encrypted", actor->jid,
              number);
  text->in_clear = TRUE;
}

/* Whoever may read it does, and nobody else: ACTOR, who takes it for ACCOUNT's. */
void
sim_texts_read (SimActor *actor, guint account, SimText *text, int number)
{
  SimWorld *world = actor->world;

  if (text->owner->account != account || text->account != actor->account)
    sim_fail (world, "%s is shown text %d of %s for %s, decrypted, as if from %s", actor->jid, number,
              sim_account (text->owner->account), sim_account (text->account), sim_account (account));
  if (text->for_verified && !text->asked_plain && !text->in_clear
      && world->verified[text->owner->index][actor->index] == SIM_NEVER)
    sim_fail (world, "%s is shown text %d, which was typed for a verified device", actor->jid, number);
}

/* Nothing twice, nothing of somebody else's, nothing out of order */

static void
check_decrypted (SimActor *actor, guint account, SimText *text, int number)
{
  SimWorld *world = actor->world;
  SimView *view = &actor->views[account];
  guint from = text->owner->index;

  sim_texts_read (actor, account, text, number);

  /* Who sends something again that left in the clear before, and who passes on, makes new messages of old ones. */
  if (text->in_clear || text->read_by_mallory)
    return;
  if (text->not_sent && !text->left_over)
    sim_fail (world, "%s is shown text %d, which was given back as not sent", actor->jid, number);
  text->shown_encrypted = TRUE;
  if (text->shown_to[actor->index] != 0)
    sim_fail (world, "%s is shown text %d twice", actor->jid, number);
  text->shown_to[actor->index] = actor->incarnation;
  text->shown_at[actor->index] = world->now;
  if (text->swallowed || text->returned)
    return;
  if ((view->last_incarnation[from] == text->incarnation || !world->ever_fault)
      && view->last_from[from] > (guint) number)
    sim_fail (world, "%s is shown text %d after text %u", actor->jid, number, view->last_from[from]);
  view->last_incarnation[from] = text->incarnation;
  view->last_from[from] = (guint) number;
}

/* Where somebody is verified, it is said of whom else that he is not: NOW shows who has just been heard. */
static void
check_origin (SimActor *actor, guint account, const char *from, const EsConversation *now, int number)
{
  const char *device = sim_actor_device (now);
  gboolean known = g_strcmp0 (device, from) == 0
                   && (now->state == ES_STATE_VERIFIED || g_hash_table_contains (actor->allowed, now->code));

  /* What a verified device said before it knew that its session was over comes from it still. */
  known |= g_strcmp0 (device, from) != 0 && g_strcmp0 (actor->views[account].left, from) == 0;
  if (device != NULL && !known && !actor->views[account].warned && sim_trust_has_mark (actor, account))
    sim_fail (actor->world, "%s is shown text %d of %s without a warning, and talks to %s", actor->jid, number, from,
              device);
}

void
sim_texts_shown (SimActor *actor, const char *from, const char *body, gboolean decrypted)
{
  SimWorld *world = actor->world;
  int number = -1;
  SimText *text = sim_texts_entry (world, body, &number);
  guint account = sim_account_of (from);
  const SimView *view = &actor->views[account];
  EsConversation now;

  /* Before it has looked into its file a program shows that nothing may leave in the clear. */
  world->totals.shown++;
  sim_actor_describe (actor, account, &now);
  if (!decrypted && !view->warned && account != actor->account
      && (view->state != ES_STATE_PLAIN || (view->holds == ES_POLICY_ALWAYS && now.policy == ES_POLICY_ALWAYS)))
    sim_fail (world, "%s is shown something unencrypted without a warning: %s, policy %d", actor->jid,
              es_state_label (view->state), (int) view->holds);
  if (text == NULL)
    {
      if (decrypted)
        sim_fail (world, "%s is shown something decrypted that nobody typed", actor->jid);
      return;
    }
  if (decrypted)
    {
      check_decrypted (actor, account, text, number);
      check_origin (actor, account, from, &now, number);
    }
  text->shown = TRUE;
}

/* Whoever dies while something becomes of a text may not know that afterwards. */
void
sim_texts_died (const SimActor *actor)
{
  const SimWorld *world = actor->world;

  for (guint i = 0; i < world->texts->len; i++)
    {
      SimText *text = world->texts->pdata[i];

      if (text->owner == actor && text->moved == world->now)
        text->unsure = text->left_over = TRUE;
      if (world->ever_fault || world->now - text->shown_at[actor->index] < SHOWN_MILLISECONDS)
        text->shown_to[actor->index] = 0;
    }
}

void
sim_texts_returned (SimActor *actor, guint account, const char *content, gboolean sent)
{
  SimWorld *world = actor->world;
  int number = -1;
  SimText *text = sim_texts_entry (world, content, &number);

  world->totals.returned++;
  if (text == NULL || !is_of (text, actor, account))
    sim_fail (world, "%s is given back what was not typed there: %s", actor->jid, content);
  else if (text->returned && !text->left_over)
    sim_fail (world, "%s is given back text %d twice", actor->jid, number);
  else if (text->shown_encrypted && !sent && !text->left_over)
    sim_fail (world, "%s is given back text %d as not sent, though it was shown", actor->jid, number);
  else
    {
      move (text, actor);
      text->returned = TRUE;
      text->not_sent = !sent;
    }
}

void
sim_texts_let_out (SimActor *actor, const char *content)
{
  int number = -1;
  SimText *text = sim_texts_entry (actor->world, content, &number);

  if (text == NULL)
    return;
  if (text->let_out == actor->incarnation)
    sim_fail (actor->world, "%s sends text %d twice, which waited once", actor->jid, number);
  text->let_out = actor->incarnation;
}

/* What says that it has arrived has been shown by whoever it was for, or read by whoever says what is not so. */
static void
check_arrived (const SimActor *actor, const SimText *text, guint64 number)
{
  if (text->owner == actor && text->number == number && !text->shown_encrypted && !text->read_by_mallory
      && !text->liar_knows)
    sim_fail (actor->world, "%s is told that something has arrived that nobody was shown", actor->jid);
  if (text->owner == actor && text->number == number && text->returned && !text->left_over)
    sim_fail (actor->world, "%s is told that something has arrived that was given back", actor->jid);
}

void
sim_texts_delivery (SimActor *actor, guint64 number, EsDelivery delivery)
{
  GPtrArray *texts = actor->world->texts;

  if (delivery == ES_DELIVERY_SENT && actor->passing >= 0 && (guint) actor->passing < texts->len)
    ((SimText *) texts->pdata[actor->passing])->number = number;
  for (guint i = 0; delivery == ES_DELIVERY_ARRIVED && i < texts->len; i++)
    check_arrived (actor, texts->pdata[i], number);
}

/* A text that must still be accounted for. What a device confirms that may know it, it may have lied about. */
static gboolean
is_open (const SimText *text)
{
  return text->maker != SIM_BETWEEN && text->maker != SIM_ASKED_FOR && !text->shown && !text->returned
         && !text->in_clear && !text->read_by_mallory && !text->liar_knows && text->owner->manager != NULL
         && !text->unsure;
}

guint
sim_texts_open (const SimActor *actor, guint account, guint *first)
{
  const GPtrArray *texts = actor->world->texts;
  guint n = 0;

  for (guint i = texts->len; i-- > 0;)
    {
      const SimText *text = texts->pdata[i];

      if (text->owner != actor || text->account != account || !is_open (text))
        continue;
      n++;
      *first = i;
    }
  return n;
}

void
sim_texts_known_to_liar (SimActor *actor, guint account)
{
  for (guint i = 0; i < actor->world->texts->len; i++)
    {
      SimText *text = actor->world->texts->pdata[i];

      if (text->owner == actor && text->account == account)
        text->liar_knows |= is_open (text);
    }
}

const char *
sim_texts_secret_label (const SimActor *actor, guint account)
{
  const GPtrArray *texts = actor->world->texts;

  for (guint i = texts->len; i-- > 0;)
    {
      const SimText *text = texts->pdata[i];

      if (text->owner == actor && text->account == account && *text->label != '\0' && is_open (text))
        return text->label;
    }
  return NULL;
}
