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

/* One that ended, though nobody wanted that, or did not come about because the other side did not want it, and the user did not
 * choose plain: by policy, and where the user has pressed Start. Else r. */
static const char broken[ES_N_POLICIES][2] = {
  [ES_POLICY_NEVER] = { 'r', 'w' },
  [ES_POLICY_ASK] = { 'w', 'w' },
  [ES_POLICY_POSSIBLE] = { 'w', 'w' },
  [ES_POLICY_ALWAYS] = { 'w', 'w' },
};

/* A plain one: by policy, by what the user wishes; a letter each for support NO, UNKNOWN, YES. Where somebody ended it, every w is
 * r, and so is what pressing Start would have sent in the clear. */
static const char *const plain[ES_N_POLICIES][ES_N_WISHES] = {
  [ES_POLICY_NEVER] = { "ppp", "pww", "ppp" },
  [ES_POLICY_ASK] = { "ppp", "pww", "ppp" },
  [ES_POLICY_POSSIBLE] = { "pww", "pww", "ppp" },
  [ES_POLICY_ALWAYS] = { "www", "www", "www" },
};

/* es_policy_should_start: by policy, by state; where support is YES, nobody ended it and the user did not choose plain, else
 * never. Y yes, n no, s where the user has pressed Start. States: plain, starting, encrypted, verified, ended. */
static const char *const starts[ES_N_POLICIES] = {
  [ES_POLICY_NEVER] = "snnns",
  [ES_POLICY_ASK] = "snnnY",
  [ES_POLICY_POSSIBLE] = "YnnnY",
  [ES_POLICY_ALWAYS] = "YnnnY",
};

static guint n_seen;

static void
for_each_situation (void (*look) (const EsSituation *situation))
{
  EsSituation now = { 0 };

  for (now.policy = ES_POLICY_NEVER; now.policy < ES_N_POLICIES; now.policy++)
    for (now.state = ES_STATE_PLAIN; now.state < ES_N_STATES; now.state++)
      for (now.support = ES_SUPPORT_NO; now.support < ES_N_SUPPORTS; now.support++)
        for (now.wish = ES_WISH_USUAL; now.wish < ES_N_WISHES; now.wish++)
          for (now.ended = ES_END_NONE; now.ended < ES_N_ENDS; now.ended++)
            for (guint bits = 0; bits < 4; bits++)
              {
                now.plain_once = (bits & 1) != 0;
                now.barred = (bits & 2) != 0;
                look (&now);
                n_seen++;
              }
  ck_assert_uint_eq (n_seen, 4 * 5 * 3 * 3 * 5 * 4);
}

static const char *
name (const EsSituation *now)
{
  static char text[128];

  g_snprintf (text, sizeof text, "policy %d, state %d, support %d, wish %d, ended %d, once %d, barred %d", now->policy,
              now->state, now->support, now->wish, now->ended, now->plain_once, now->barred);
  return text;
}

static void
look_at_decision (const EsSituation *now)
{
  char expected = by_state[now->state];

  if (now->state == ES_STATE_PLAIN)
    {
      expected = plain[now->policy][now->wish][now->support];
      if (now->ended != ES_END_NONE && (expected == 'w' || (now->wish == ES_WISH_START && expected == 'p')))
        expected = 'r';
      if (now->ended != ES_END_NONE && now->policy == ES_POLICY_POSSIBLE && now->wish == ES_WISH_USUAL)
        expected = 'r';
    }
  if (now->state == ES_STATE_ENDED)
    expected = now->wish == ES_WISH_PLAIN || (now->ended != ES_END_NONE && now->ended != ES_END_DECLINED)
                   ? 'r'
                   : broken[now->policy][now->wish == ES_WISH_START];
  if (now->plain_once && expected != 'e')
    expected = 'p';
  if (expected == 'e' && now->barred)
    expected = 'w';
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
  if ((now->state != ES_STATE_ENCRYPTED && now->state != ES_STATE_VERIFIED) || now->barred)
    ck_assert_msg (verdict != ES_SEND_ENCRYPTED, "%s", name (now));
  if (now->state == ES_STATE_ENCRYPTED || now->state == ES_STATE_VERIFIED)
    ck_assert_msg (verdict != ES_SEND_PLAIN, "%s", name (now));
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
  gboolean expected = now->support == ES_SUPPORT_YES && now->wish != ES_WISH_PLAIN && now->ended == ES_END_NONE
                      && (rule == 'Y' || (rule == 's' && now->wish == ES_WISH_START));

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
  gboolean expected = accepts[now->policy] && now->ended != ES_END_DIFFERED;

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
