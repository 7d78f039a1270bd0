/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the store says of one contact, and what it could not be told yet: that is known here alone, and written as soon as it can be. It
 * is read when somebody says so; getters change nothing. */
#pragma once
#include "es-host.h"
#include "es-trust.h"

typedef struct _EsBelief EsBelief;

/* After so many seconds a store that could not be read, or written, is tried again. */
#define ES_STORE_SECONDS 5

/* So often a contact's passwords may fail, each of which is one guess for whoever is in the middle, before there has to be
 * another proof, or so many seconds have passed. */
#define ES_PASSWORD_FAILURES 3
#define ES_PASSWORD_REST_SECONDS (24 * 60 * 60)

/* CLOCK and TRUST must outlive it. At first nothing is known. */
EsBelief *es_belief_new (const EsClock *clock, EsTrust *trust, const EsAddress *account, const EsAddress *contact);
void es_belief_free (EsBelief *belief);

/* Reads it. FALSE with ERROR where that cannot be done now: then nothing is known any more. Nor is it where not all is COMPLETE that has
 * to be known before it. */
gboolean es_belief_read (EsBelief *belief, gboolean complete, GError **error);

/* Whether what was read may be other than what was read before; once. Who asks acts on it. */
gboolean es_belief_steal_news (EsBelief *belief);

/* Whether it is time to read what could not be, or there is another file by now, or another program has changed it, as far as
 * es_trust_refresh has seen. */
gboolean es_belief_is_due (const EsBelief *belief);

/* Whether the last try to read it has failed, though it is not locked. */
gboolean es_belief_is_doubtful (const EsBelief *belief);

/* Whether what was read last is of another file than what was read, or tried, before; once. */
gboolean es_belief_steal_moved (EsBelief *belief);

/* Whether it could be read when that was tried last; or not, for the list is locked. */
gboolean es_belief_is_known (const EsBelief *belief);
gboolean es_belief_is_locked (const EsBelief *belief);

/* Whether another program has locked the list since it was read. */
gboolean es_belief_was_locked (const EsBelief *belief);

/* Whether the contact has a verified device; whether it had one when that was known last, or before all of them were forgotten; and
 * whether it may have one, as far as is known: it may where another file, in the place of one that said so, says it no more:
 * nothing but another verification changes that. */
gboolean es_belief_has_verified (const EsBelief *belief);
/* How many those were when that was known last. */
guint es_belief_count_verified (const EsBelief *belief);
gboolean es_belief_had_verified (const EsBelief *belief);
gboolean es_belief_may_have_verified (const EsBelief *belief);

/* Whether there are more verified devices than before, of which the contact may use one now; once. */
gboolean es_belief_steal_more_verified (EsBelief *belief);

/* Whether nothing was to leave in the clear as another file said, in the place of which this one says nothing of that; until the user
 * chooses a policy. */
gboolean es_belief_may_be_always (const EsBelief *belief);
void es_belief_note_policy_chosen (EsBelief *belief);

/* Whether all its verified devices were forgotten, for nobody has used them, and the user has verified none since: it is as
 * if there were one still, which is another one than all that come. And whether the user is to be told now; once. */
gboolean es_belief_has_lapsed (const EsBelief *belief);
gboolean es_belief_steal_lapse (EsBelief *belief);

/* Whether that is so because they are another computer's by now. */
gboolean es_belief_was_moved (const EsBelief *belief);

/* What the user chose (an EsPolicy), -1 for nothing, or while that is not known. Of what later versions may have to choose from it is the
 * strictest that we know. */
int es_belief_policy (const EsBelief *belief);

/* Whether codes differed, and the user has not begun anew, as the store says. */
gboolean es_belief_differs (const EsBelief *belief);

/* The codes of a session with DEVICE differed: it is to be forgotten. And the user begins anew: FALSE, and nothing changed, if that cannot
 * be written now. */
void es_belief_note_difference (EsBelief *belief, gint64 device);
gboolean es_belief_clear_difference (EsBelief *belief);

/* Passwords that were wrong: one more of them, or none any more; and whether those were too many for now. */
void es_belief_add_failure (EsBelief *belief);
void es_belief_clear_failures (EsBelief *belief);
gboolean es_belief_has_failed (const EsBelief *belief);

/* One more, as es_belief_add_failure; but where those before were too many and have rested, it is the first. */
void es_belief_add_try (EsBelief *belief);

/* Tells the store what it does not know yet. Whether nothing is left; and whether something is. */
gboolean es_belief_write (EsBelief *belief);
gboolean es_belief_has_to_write (const EsBelief *belief);
