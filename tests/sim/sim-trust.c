/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-trust.h"

static const SimCode *
find_code (SimWorld *world, const char *code)
{
  return code != NULL ? g_hash_table_lookup (world->codes, code) : NULL;
}

/* The actor at the other end of the session with CODE; NULL while nobody else showed it. */
static SimActor *
other_end (SimActor *actor, const char *code)
{
  const SimCode *found = find_code (actor->world, code);
  guint bits = found != NULL ? found->bits & ~(1u << actor->index) : 0;

  for (guint i = 0; bits != 0 && i < actor->world->n_actors; i++)
    if ((bits & (1u << i)) != 0)
      return actor->world->actors[i];
  return NULL;
}

/* What users do */

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

void
sim_trust_allow_unmarking (SimActor *actor, guint account)
{
  actor->first->may_unmark |= 1u << (actor->account * SIM_MAX_ACCOUNTS + account);
  actor->first->marks_stale = TRUE;
}

/* Before the answer is given: from now on it may be on disk. */
void
sim_trust_said (SimActor *actor, guint account, const char *code, gboolean equal)
{
  SimActor *other = other_end (actor, code);

  if (g_strcmp0 (actor->views[account].code, code) != 0)
    return;
  actor->first->has_marks |= equal;
  actor->first->marks_stale = TRUE;
  if (!equal)
    sim_trust_allow_unmarking (actor, account);
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
sim_trust_password (SimActor *actor, guint account)
{
  SimWorld *world = actor->world;
  EsConversation what;
  SimActor *other = NULL;
  guint bits = 0;

  sim_actor_describe (actor, account, &what);
  if (what.code == NULL)
    return;
  actor->first->has_marks = actor->first->marks_stale = TRUE;
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

/* Whoever says that a code of before is equal says it of a device that is known no more. */
static void
doubt_codes (SimActor *actor, guint account)
{
  GHashTableIter iter;
  gpointer key = NULL, value = NULL;

  g_hash_table_iter_init (&iter, actor->world->codes);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const SimCode *code = value;

      if ((code->bits & 1u << actor->index) != 0 && code->contact[actor->index] == account)
        g_hash_table_add (actor->world->doubted, g_strdup (key));
    }
}

void
sim_trust_unmarked (SimActor *actor, guint account)
{
  actor->world->ever_forgot = TRUE;
  sim_trust_allow_unmarking (actor, account);
  doubt_all (actor, account);
  doubt_codes (actor, account);

  /* Who is forgotten finds a stranger. */
  for (guint i = 0; i < actor->world->n_actors; i++)
    {
      SimActor *other = actor->world->actors[i];

      if (other->account == account && actor->world->verified[i][actor->index] != SIM_NEVER)
        set_verified (actor->world, other, actor, SIM_PERHAPS);
    }
}

/* Marks */

static guint
pair_of (guint own, guint contact)
{
  return own | contact << 8;
}

gint64
sim_trust_find_mark (const SimActor *actor, guint account)
{
  GHashTableIter iter;
  gpointer device = NULL, pair = NULL;

  g_hash_table_iter_init (&iter, actor->first->marks);
  while (g_hash_table_iter_next (&iter, &device, &pair))
    if (GPOINTER_TO_UINT (pair) == pair_of (actor->account, account))
      return *(const gint64 *) device;
  return 0;
}

gboolean
sim_trust_has_mark (const SimActor *actor, guint account)
{
  return sim_trust_find_mark (actor, account) != 0;
}

gboolean
sim_trust_reaches (const SimActor *actor, guint account, const char *jid)
{
  GHashTableIter iter;
  gpointer device = NULL, pair = NULL;

  g_hash_table_iter_init (&iter, actor->first->marks);
  while (g_hash_table_iter_next (&iter, &device, &pair))
    {
      EsDeviceUse use = { 0 };

      if (GPOINTER_TO_UINT (pair) == pair_of (actor->account, account)
          && es_manager_use_of (actor->manager, *(const gint64 *) device, &use)
          && g_strcmp0 (es_address_text (use.jid), jid) == 0)
        return TRUE;
    }
  return FALSE;
}

static GHashTable *
read_marks (SimActor *first)
{
  g_autoptr (GPtrArray) devices = es_trust_devices (first->trust, NULL);
  GHashTable *marks = NULL;

  if (devices == NULL)
    return NULL;
  marks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];
      guint pair = pair_of (sim_account_of (es_address_text (device->account)),
                            sim_account_of (es_address_text (device->contact)));

      if (device->verified)
        g_hash_table_insert (marks, g_memdup2 (&device->id, sizeof device->id), GUINT_TO_POINTER (pair));
    }
  return marks;
}

void
sim_trust_check_marks (SimActor *first)
{
  g_autoptr (GHashTable) marks = NULL;
  GHashTableIter iter;
  gpointer device = NULL, value = NULL;

  if (!first->has_marks || !first->marks_stale || first->trust == NULL || first->dead || first->mallory
      || sim_disk_fault (first->disk) != SIM_FAULT_NONE || (marks = read_marks (first)) == NULL)
    return;
  first->marks_stale = FALSE;
  g_hash_table_iter_init (&iter, first->marks);
  while (g_hash_table_iter_next (&iter, &device, &value))
    {
      guint pair = GPOINTER_TO_UINT (value), own = pair & 0xff, contact = pair >> 8;
      gpointer now = NULL;

      if (!g_hash_table_lookup_extended (marks, device, NULL, &now))
        {
          if ((first->may_unmark & 1u << (own * SIM_MAX_ACCOUNTS + contact)) == 0)
            sim_fail (first->world, "%s has lost the mark of a verified device of %s", first->jid,
                      sim_account (contact));
        }
      else if (now != value)
        sim_fail (first->world, "%s has given the mark of a device of %s to %s", first->jid, sim_account (contact),
                  sim_account (GPOINTER_TO_UINT (now) >> 8));
    }
  first->may_unmark = 0;
  g_hash_table_unref (first->marks);
  first->marks = g_steal_pointer (&marks);
}

/* What is shown */

/* The words that made the code appear came from its other end. */
static void
check_partner (SimActor *actor, guint account, const EsConversation *what)
{
  const SimActor *partner = actor->heard;

  if (partner == NULL || g_strcmp0 (actor->heard_from, sim_actor_device (what)) != 0)
    return;
  actor->views[account].partner = partner;
  if (partner->first == actor->first)
    sim_fail (actor->world, "%s shares keys with itself, and takes that for %s", actor->jid, sim_account (account));
  else if (partner->account != account)
    sim_fail (actor->world, "%s shares keys with %s, and takes that for %s", actor->jid, partner->jid,
              sim_account (account));
}

static void
note_code (SimActor *actor, guint account, const EsConversation *what)
{
  SimWorld *world = actor->world;
  SimCode *code = g_hash_table_lookup (world->codes, what->code);
  const SimActor *other = NULL;

  if (code != NULL && (code->bits & 1u << actor->index) != 0)
    {
      if (code->contact[actor->index] != account)
        sim_fail (world, "%s shows the code %s with two contacts", actor->jid, what->code);
      return;
    }
  if (code == NULL)
    {
      code = g_new0 (SimCode, 1);
      g_hash_table_insert (world->codes, g_strdup (what->code), code);
      world->totals.sessions++;
      if (world->quiet)
        world->n_quiet++;
    }
  if ((code->bits & (code->bits - 1)) != 0)
    sim_fail (world, "the code %s is shown by more than two", what->code);
  code->bits |= 1u << actor->index;
  code->contact[actor->index] = account;
  if (!actor->mallory)
    check_partner (actor, account, what);

  other = other_end (actor, what->code);
  if (other != NULL && (other->account != account || code->contact[other->index] != actor->account))
    sim_fail (world, "%s takes %s for %s, and is taken for %s", actor->jid, other->jid, sim_account (account),
              sim_account (code->contact[other->index]));
}

static void
check_verified (SimActor *actor, guint account, const EsConversation *what)
{
  SimWorld *world = actor->world;
  const SimActor *other = other_end (actor, what->code);

  if (other == NULL)
    other = actor->views[account].partner;
  if (other == NULL || (what->state != ES_STATE_ENCRYPTED && what->state != ES_STATE_VERIFIED))
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

void
sim_trust_check (SimActor *actor, guint account, const EsConversation *what)
{
  SimView *view = &actor->views[account];

  if (g_strcmp0 (view->code, what->code) != 0)
    view->partner = NULL;
  if (what->code != NULL)
    note_code (actor, account, what);
  if (!actor->mallory)
    check_verified (actor, account, what);
}
