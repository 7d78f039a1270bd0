/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is sent how: every situation there can be, against tables written by hand. */
#include "es-policy.h"

#include "../es-test.h"

/* es_policy_decide: e encrypted, p plain, w wait, r refuse. */
static const char verdicts[] = "epwr";

/* Where the conversation is encrypted, or about to be, nothing else matters, unless the user sends what waits as it
 * is. */
static const char by_state[ES_N_STATES] = {
  [ES_STATE_PLAIN] = '?',    [ES_STATE_STARTING] = 'w', [ES_STATE_ENCRYPTED] = 'e',
  [ES_STATE_VERIFIED] = 'e', [ES_STATE_ENDED] = '?',
};

/* One that ended, though nobody wanted that and the user did not choose plain: by policy. Else r. */
static const char broken[ES_N_POLICIES] = {
  [ES_POLICY_NEVER] = 'r',
  [ES_POLICY_ASK] = 'w',
  [ES_POLICY_POSSIBLE] = 'w',
  [ES_POLICY_ALWAYS] = 'w',
};

/* A plain one: by policy, by whether the user chose plain; a letter each for support NO, UNKNOWN, YES. */
static const char *const plain[ES_N_POLICIES][2] = {
  [ES_POLICY_NEVER] = { "ppp", "ppp" },
  [ES_POLICY_ASK] = { "ppp", "ppp" },
  [ES_POLICY_POSSIBLE] = { "pww", "ppp" },
  [ES_POLICY_ALWAYS] = { "www", "www" },
};

/* es_policy_should_start: by policy, by state; where support is YES and the user did not choose plain,
 * else never. Y yes, n no, u unless it ended on purpose. States: plain, starting, encrypted, verified,
 * ended. */
static const char *const starts[ES_N_POLICIES] = {
  [ES_POLICY_NEVER] = "nnnnn",
  [ES_POLICY_ASK] = "nnnnu",
  [ES_POLICY_POSSIBLE] = "Ynnnu",
  [ES_POLICY_ALWAYS] = "Ynnnu",
};

static guint n_seen;

static void
for_each_situation (void (*look) (const EsSituation *situation))
{
  EsSituation now = { 0 };

  for (now.policy = ES_POLICY_NEVER; now.policy < ES_N_POLICIES; now.policy++)
    for (now.state = ES_STATE_PLAIN; now.state < ES_N_STATES; now.state++)
      for (now.support = ES_SUPPORT_NO; now.support < ES_N_SUPPORTS; now.support++)
        for (guint bits = 0; bits < 16; bits++)
          {
            now.plain_chosen = (bits & 1) != 0;
            now.ended_on_purpose = (bits & 2) != 0;
            now.distrusted = (bits & 4) != 0;
            now.plain_once = (bits & 8) != 0;
            look (&now);
            n_seen++;
          }
  ck_assert_uint_eq (n_seen, 4 * 5 * 3 * 16);
}

static const char *
name (const EsSituation *now)
{
  static char text[128];

  g_snprintf (text, sizeof text, "policy %d, state %d, support %d, plain %d, on purpose %d, distrusted %d, once %d",
              now->policy, now->state, now->support, now->plain_chosen, now->ended_on_purpose, now->distrusted,
              now->plain_once);
  return text;
}

static void
look_at_decision (const EsSituation *now)
{
  char expected = by_state[now->state];

  if (now->state == ES_STATE_PLAIN)
    expected = plain[now->policy][now->plain_chosen][now->support];
  if (now->state == ES_STATE_ENDED)
    expected = now->plain_chosen || now->ended_on_purpose ? 'r' : broken[now->policy];
  if (now->plain_once && expected != 'e')
    expected = 'p';
  ck_assert_msg (verdicts[es_policy_decide (now)] == expected, "%s", name (now));
}

START_TEST (policy__decide__is_as_written_here)
{
  for_each_situation (look_at_decision);
}
END_TEST

static void
look_for_plain (const EsSituation *now)
{
  EsVerdict verdict = es_policy_decide (now);

  if (!now->plain_once && (now->policy == ES_POLICY_ALWAYS || now->state != ES_STATE_PLAIN))
    ck_assert_msg (verdict != ES_SEND_PLAIN, "%s", name (now));
  if (now->state != ES_STATE_ENCRYPTED && now->state != ES_STATE_VERIFIED)
    ck_assert_msg (verdict != ES_SEND_ENCRYPTED, "%s", name (now));
}

START_TEST (policy__decide__never_lets_out_what_is_to_be_encrypted)
{
  for_each_situation (look_for_plain);
}
END_TEST

static void
look_at_start (const EsSituation *now)
{
  char rule = starts[now->policy][now->state];
  gboolean expected = now->support == ES_SUPPORT_YES && !now->plain_chosen
                      && (rule == 'Y' || (rule == 'u' && !now->ended_on_purpose));

  ck_assert_msg (es_policy_should_start (now) == expected, "%s", name (now));
}

START_TEST (policy__should_start__is_as_written_here)
{
  for_each_situation (look_at_start);
}
END_TEST

/* Whoever holds messages back has a way to get rid of them: a start, an answer to come, or the user. */
static void
look_for_dead_end (const EsSituation *now)
{
  if (now->state == ES_STATE_PLAIN && now->policy == ES_POLICY_POSSIBLE && es_policy_decide (now) == ES_SEND_WAIT)
    ck_assert_msg (now->support == ES_SUPPORT_UNKNOWN || es_policy_should_start (now), "%s", name (now));
}

START_TEST (policy__decide__waits_for_something)
{
  for_each_situation (look_for_dead_end);
}
END_TEST

static void
look_at_acceptance (const EsSituation *now)
{
  static const gboolean accepts[ES_N_POLICIES] = {
    [ES_POLICY_NEVER] = FALSE,
    [ES_POLICY_ASK] = TRUE,
    [ES_POLICY_POSSIBLE] = TRUE,
    [ES_POLICY_ALWAYS] = TRUE,
  };
  gboolean expected = accepts[now->policy] && !now->distrusted;

  ck_assert_msg (es_policy_should_accept (now) == expected, "%s", name (now));
}

START_TEST (policy__should_accept__is_as_written_here)
{
  for_each_situation (look_at_acceptance);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("policy");
  TCase *tcase = tcase_create ("policy");

  tcase_add_test (tcase, policy__decide__is_as_written_here);
  tcase_add_test (tcase, policy__decide__never_lets_out_what_is_to_be_encrypted);
  tcase_add_test (tcase, policy__decide__waits_for_something);
  tcase_add_test (tcase, policy__should_start__is_as_written_here);
  tcase_add_test (tcase, policy__should_accept__is_as_written_here);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
