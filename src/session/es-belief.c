/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-belief.h"

#include "es-error.h"
#include "es-policy.h"

struct _EsBelief
{
  const EsClock *clock;
  EsTrust *trust;
  EsAddress *account;
  EsAddress *contact;
  gboolean known; /* SUMMARY has been read */
  gboolean locked;
  gint64 tried; /* when that was tried last */
  gboolean failed_to_read;
  gint64 versions;        /* of es_trust_versions, when it was tried, */
  gint64 files;           /* and of es_trust_files */
  gboolean moved;         /* those were more than before, and nobody knows yet */
  gint64 read_files;      /* when it could be read last */
  EsTrustSummary summary; /* as it was read last, be it not known any more */
  gboolean lapse_told;    /* the user knows that what was verified is forgotten, be it written or not */
  gboolean less_verified; /* another file knows nothing of whom the one before said was verified, */
  gboolean less_always;   /* or that nothing was to leave in the clear */
  gboolean more_verified; /* there are more than before */
  gboolean news;          /* nobody has acted yet on what was read */
  guint failures;         /* of passwords, when the last was, as the store has it, */
  gint64 failed;
  gint64 rests_since; /* and on the clock that nobody can set */

  /* What the store does not know yet. */
  gboolean difference_unwritten;
  gint64 to_forget;            /* a device, or 0 */
  gboolean failures_uncleared; /* those before are none any more */
  guint failures_unwritten;
};

EsBelief *
es_belief_new (const EsClock *clock, EsTrust *trust, const EsAddress *account, const EsAddress *contact)
{
  EsBelief *belief = g_new0 (EsBelief, 1);

  belief->clock = clock;
  belief->trust = trust;
  belief->account = es_address_ref (account);
  belief->contact = es_address_ref (contact);
  belief->files = belief->read_files = es_trust_files (trust);
  belief->summary.policy = -1;
  return belief;
}

void
es_belief_free (EsBelief *belief)
{
  if (belief == NULL)
    return;
  es_address_unref (belief->account);
  es_address_unref (belief->contact);
  g_free (belief);
}

static gboolean
has_lapsed (const EsTrustSummary *summary)
{
  return summary->lapse != ES_LAPSE_NONE;
}

static gboolean
knows_verified (const EsTrustSummary *summary)
{
  return summary->verified || has_lapsed (summary);
}

/* What another file does not say any more of whom was verified, or was to be written to encrypted only, held a moment ago. */
static void
take (EsBelief *belief, const EsTrustSummary *summary, gboolean other_file)
{
  const EsTrustSummary *before = &belief->summary;
  gboolean was_always = before->policy >= (int) ES_POLICY_ALWAYS;

  belief->less_verified
      = !knows_verified (summary) && (belief->less_verified || (other_file && knows_verified (before)));
  belief->less_always = summary->policy < 0 && (belief->less_always || (other_file && was_always));
  belief->lapse_told &= has_lapsed (summary);
  belief->more_verified |= summary->n_verified > before->n_verified;
  belief->summary = *summary;
}

/* Clocks go wrong, and somebody else may set ours: what is of the future was just now, and in this life of the program only time that
 * has passed counts. */
static void
take_failed (EsBelief *belief, gint64 failed)
{
  gint64 age = belief->clock->now (belief->clock->data) - failed;

  if (failed != belief->failed || failed == 0)
    belief->rests_since
        = belief->clock->elapsed (belief->clock->data) - CLAMP (age, 0, (gint64) ES_PASSWORD_REST_SECONDS);
  belief->failed = failed;
}

gboolean
es_belief_read (EsBelief *belief, gboolean complete, GError **error)
{
  EsTrustSummary summary;
  GError *failure = NULL;
  gint64 failed = 0;

  belief->tried = belief->clock->elapsed (belief->clock->data);
  belief->known = es_trust_summary (belief->trust, belief->account, belief->contact, &summary, &failure);
  if (belief->known && !complete)
    {
      belief->known = FALSE;
      g_set_error_literal (&failure, ES_ERROR, ES_ERROR_STORE_LOCKED, "not all of it was read");
    }
  belief->news |= es_belief_is_due (belief);
  belief->versions = es_trust_versions (belief->trust);
  belief->locked = !belief->known && es_trust_is_locked_error (failure);

  belief->failed_to_read = !belief->known && !belief->locked;
  belief->moved |= belief->files != es_trust_files (belief->trust);
  belief->files = es_trust_files (belief->trust);
  if (belief->known)
    take (belief, &summary, belief->files != belief->read_files);
  if (belief->known)
    belief->read_files = belief->files;

  /* What could not be written yet is known here alone. */
  if (belief->known && belief->failures_unwritten == 0 && !belief->failures_uncleared
      && es_trust_password_failures (belief->trust, belief->account, belief->contact, &belief->failures, &failed, NULL))
    take_failed (belief, failed);
  if (!belief->known)
    g_propagate_error (error, failure);
  return belief->known;
}

gboolean
es_belief_is_due (const EsBelief *belief)
{
  return belief->versions != es_trust_versions (belief->trust)
         || (!belief->known && belief->clock->elapsed (belief->clock->data) >= belief->tried + ES_STORE_SECONDS);
}

gboolean
es_belief_steal_news (EsBelief *belief)
{
  gboolean news = belief->news;

  belief->news = FALSE;
  return news;
}

gboolean
es_belief_is_doubtful (const EsBelief *belief)
{
  return belief->failed_to_read;
}

gboolean
es_belief_steal_moved (EsBelief *belief)
{
  gboolean moved = belief->moved;

  belief->moved = FALSE;
  return moved;
}

gboolean
es_belief_is_known (const EsBelief *belief)
{
  return belief->known;
}

gboolean
es_belief_is_locked (const EsBelief *belief)
{
  return belief->locked;
}

gboolean
es_belief_was_locked (const EsBelief *belief)
{
  EsProtection protection;
  gboolean locked = FALSE;

  return !belief->locked && es_trust_protection (belief->trust, &protection, &locked, NULL) && locked;
}

gboolean
es_belief_has_verified (const EsBelief *belief)
{
  return belief->known && belief->summary.verified;
}

guint
es_belief_count_verified (const EsBelief *belief)
{
  return belief->summary.n_verified;
}

gboolean
es_belief_had_verified (const EsBelief *belief)
{
  return belief->less_verified || knows_verified (&belief->summary);
}

gboolean
es_belief_may_have_verified (const EsBelief *belief)
{
  return !belief->known || es_belief_had_verified (belief);
}

gboolean
es_belief_steal_more_verified (EsBelief *belief)
{
  gboolean more = belief->more_verified;

  belief->more_verified = FALSE;
  return more;
}

gboolean
es_belief_may_be_always (const EsBelief *belief)
{
  return belief->less_always;
}

void
es_belief_note_policy_chosen (EsBelief *belief)
{
  belief->less_always = FALSE;
}

gboolean
es_belief_has_lapsed (const EsBelief *belief)
{
  return belief->known && has_lapsed (&belief->summary);
}

gboolean
es_belief_was_moved (const EsBelief *belief)
{
  return es_belief_has_lapsed (belief) && belief->summary.moved;
}

gboolean
es_belief_steal_lapse (EsBelief *belief)
{
  if (!belief->known || belief->lapse_told || belief->summary.lapse != ES_LAPSE_NEW)
    return FALSE;
  belief->lapse_told = TRUE;

  /* Where that cannot be written it is told once more in the next life of the program. */
  es_trust_lapse_told (belief->trust, belief->account, belief->contact, NULL);
  return TRUE;
}

int
es_belief_policy (const EsBelief *belief)
{
  return belief->known ? MIN (belief->summary.policy, (int) ES_POLICY_ALWAYS) : -1;
}

gboolean
es_belief_differs (const EsBelief *belief)
{
  return belief->known && belief->summary.differed;
}

void
es_belief_note_difference (EsBelief *belief, gint64 device)
{
  belief->difference_unwritten = TRUE;
  belief->to_forget = device;
}

gboolean
es_belief_clear_difference (EsBelief *belief)
{
  if (!es_trust_set_differed (belief->trust, belief->account, belief->contact, FALSE, NULL))
    return FALSE;
  belief->summary.differed = FALSE;
  return TRUE;
}

void
es_belief_add_failure (EsBelief *belief)
{
  belief->failures++;
  belief->failed = belief->clock->now (belief->clock->data);
  belief->rests_since = belief->clock->elapsed (belief->clock->data);
  belief->failures_unwritten++;
}

static void
write_clear_failures (EsBelief *belief)
{
  belief->failures_uncleared
      = !es_trust_clear_password_failures (belief->trust, belief->account, belief->contact, NULL);
}

void
es_belief_clear_failures (EsBelief *belief)
{
  belief->failures = belief->failures_unwritten = 0;
  belief->failed = 0;
  write_clear_failures (belief);
}

gboolean
es_belief_has_failed (const EsBelief *belief)
{
  return belief->failures >= ES_PASSWORD_FAILURES
         && belief->clock->elapsed (belief->clock->data) < belief->rests_since + ES_PASSWORD_REST_SECONDS;
}

void
es_belief_add_try (EsBelief *belief)
{
  if (belief->failures >= ES_PASSWORD_FAILURES && !es_belief_has_failed (belief))
    es_belief_clear_failures (belief);
  es_belief_add_failure (belief);
}

/* First of all that only the user begins again. */
gboolean
es_belief_write (EsBelief *belief)
{
  if (belief->difference_unwritten)
    belief->difference_unwritten = !es_trust_set_differed (belief->trust, belief->account, belief->contact, TRUE, NULL);
  if (!belief->difference_unwritten && belief->to_forget != 0
      && es_trust_forget_of (belief->trust, belief->account, belief->contact, belief->to_forget, NULL))
    belief->to_forget = 0;
  if (belief->failures_uncleared)
    write_clear_failures (belief);
  while (belief->failures_unwritten > 0 && !belief->failures_uncleared
         && es_trust_add_password_failure (belief->trust, belief->account, belief->contact, belief->failed, NULL))
    belief->failures_unwritten--;
  return !es_belief_has_to_write (belief);
}

gboolean
es_belief_has_to_write (const EsBelief *belief)
{
  return belief->difference_unwritten || belief->to_forget != 0 || belief->failures_uncleared
         || belief->failures_unwritten > 0;
}
