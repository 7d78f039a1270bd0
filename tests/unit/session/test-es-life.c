/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of the life cycle: each cell, and what has to hold for all of them. Tests run once for each
 * state. */
#include "es-life.h"

#include "../es-test.h"

/* What follows, by hand: a letter for each event in the order of EsEvent,
 *   BEGUN UNVERIFIED KNOWN STRANGE FAILED DECLINED LOST PEER_ENDED GONE USER_ENDED VERIFIED DIFFER UNMARKED FORGOTTEN OFFLINE CUT STALE
 *   P not encrypted  S starting  E encrypted  V verified  X ended */
static const char letters[] = "PSEVX";
static const char *const following[ES_N_STATES] = {
  [ES_STATE_PLAIN] = "SEVEPPPPPPPXPPPPP",     [ES_STATE_STARTING] = "SEVEXXSSSPSXSXXXX",
  [ES_STATE_ENCRYPTED] = "SEVEXXXXXPVXEXXXX", [ES_STATE_VERIFIED] = "SEVEXXXXXPVXEXXXX",
  [ES_STATE_ENDED] = "SEVEXXXXXPXXXXXXX",
};

static gboolean
is_encrypted (EsState state)
{
  return state == ES_STATE_ENCRYPTED || state == ES_STATE_VERIFIED;
}

START_TEST (life__find__every_cell_is_as_written_here)
{
  ck_assert_uint_eq (strlen (following[_i]), ES_N_EVENTS);
  for (guint event = 0; event < ES_N_EVENTS; event++)
    {
      const EsTransition *cell = es_life_find (_i, event);

      ck_assert_msg (cell->next < ES_N_STATES && letters[cell->next] == following[_i][event],
                     "state %d, event %u leads to %d", _i, event, cell->next);
      ck_assert_int_le (cell->action, ES_ACTION_RESTART);

      /* Somebody who is not verified, where somebody else may have been, is an alarm; what the user has done is none. */
      if (cell->tone == ES_TONE_ALARM)
        ck_assert (event == ES_EVENT_STRANGE || event == ES_EVENT_UNVERIFIED);
      else
        ck_assert (cell->tone == ES_TONE_INFO || cell->tone == ES_TONE_WARNING || event == ES_EVENT_UNMARKED);
    }
}
END_TEST

START_TEST (life__find__only_the_user_goes_back_to_plain)
{
  for (guint event = 0; event < ES_N_EVENTS; event++)
    if (_i != ES_STATE_PLAIN && event != ES_EVENT_USER_ENDED)
      ck_assert_int_ne (es_life_find (_i, event)->next, ES_STATE_PLAIN);
  ck_assert_int_eq (es_life_find (_i, ES_EVENT_USER_ENDED)->next, ES_STATE_PLAIN);
}
END_TEST

START_TEST (life__find__only_knowledge_makes_verified)
{
  EsState verified = is_encrypted (_i) ? ES_STATE_VERIFIED : (EsState) _i;

  for (guint event = 0; event < ES_N_EVENTS; event++)
    if (event != ES_EVENT_KNOWN && event != ES_EVENT_VERIFIED)
      ck_assert_int_ne (es_life_find (_i, event)->next, ES_STATE_VERIFIED);

  /* Codes that were equal verify a session that is there, and nothing else. */
  ck_assert_int_eq (es_life_find (_i, ES_EVENT_VERIFIED)->next, verified);
}
END_TEST

START_TEST (life__find__only_a_session_makes_encrypted)
{
  for (guint event = 0; event < ES_N_EVENTS; event++)
    {
      gboolean session = event == ES_EVENT_UNVERIFIED || event == ES_EVENT_KNOWN || event == ES_EVENT_STRANGE;
      gboolean stays = is_encrypted (_i) && (event == ES_EVENT_VERIFIED || event == ES_EVENT_UNMARKED);

      ck_assert_int_eq (is_encrypted (es_life_find (_i, event)->next), session || stays);
    }
}
END_TEST

/* What waited leaves when a session is there that it was meant for, and at no other time. */
START_TEST (life__find__releases_only_into_sessions)
{
  for (guint event = 0; event < ES_N_EVENTS; event++)
    {
      const EsTransition *cell = es_life_find (_i, event);
      gboolean releases = event == ES_EVENT_UNVERIFIED || event == ES_EVENT_KNOWN || event == ES_EVENT_STRANGE
                          || (event == ES_EVENT_VERIFIED && _i == ES_STATE_ENCRYPTED);

      ck_assert_int_eq (cell->action == ES_ACTION_RELEASE, releases);
      if (releases)
        ck_assert (is_encrypted (cell->next));
    }
}
END_TEST

/* Nothing waits in a conversation that has ended: it goes back to the user, or a new start takes care of it, at once or
 * when the connection is back; or the user has been told that the other side does not want one. */
START_TEST (life__find__nothing_waits_for_ever)
{
  for (guint event = 0; event < ES_N_EVENTS; event++)
    {
      const EsTransition *cell = es_life_find (_i, event);

      if (event == ES_EVENT_CUT || event == ES_EVENT_GONE || event == ES_EVENT_OFFLINE)
        ck_assert_int_eq (cell->action, ES_ACTION_NONE);
      else if (cell->next == ES_STATE_ENDED && _i != ES_STATE_ENDED)
        ck_assert (cell->action == ES_ACTION_RETURN || cell->action == ES_ACTION_RESTART);
      if (cell->action == ES_ACTION_RESTART)
        ck_assert ((event == ES_EVENT_LOST && is_encrypted (_i)) || (event == ES_EVENT_DECLINED && _i != ES_STATE_PLAIN)
                   || event == ES_EVENT_STALE);
      if (event == ES_EVENT_USER_ENDED || event == ES_EVENT_FAILED)
        ck_assert_int_eq (cell->action, ES_ACTION_RETURN);
    }
}
END_TEST

START_TEST (life__find__a_strange_device_is_an_alarm)
{
  const EsTransition *cell = es_life_find (_i, ES_EVENT_STRANGE);

  ck_assert_int_eq (cell->tone, ES_TONE_ALARM);
  ck_assert_int_eq (cell->notice, ES_NOTICE_STRANGE_DEVICE);
}
END_TEST

/* What failed has a notice of its own, which the caller knows. */
START_TEST (life__find__warnings_have_notices)
{
  for (guint event = 0; event < ES_N_EVENTS; event++)
    {
      const EsTransition *cell = es_life_find (_i, event);

      if (event == ES_EVENT_FAILED || event == ES_EVENT_DECLINED)
        ck_assert (cell->tone == ES_TONE_WARNING && cell->notice == ES_NOTICE_NONE);
      else if (cell->tone == ES_TONE_WARNING)
        ck_assert_msg (cell->notice != ES_NOTICE_NONE, "state %d, event %u warns of nothing", _i, event);
    }
}
END_TEST

START_TEST (life__find__tells_of_what_changes)
{
  for (guint event = 0; event < ES_N_EVENTS; event++)
    {
      const EsTransition *cell = es_life_find (_i, event);
      gboolean speaks = cell->notice != ES_NOTICE_NONE || event == ES_EVENT_FAILED || event == ES_EVENT_DECLINED;
      gboolean ends = is_encrypted (_i) && !is_encrypted (cell->next);

      /* To be encrypted; to be so no longer, but by going offline; to be verified no longer. */
      if (is_encrypted (cell->next) && cell->next != (EsState) _i)
        ck_assert_msg (speaks, "state %d, event %u is silent", _i, event);
      if (ends && event != ES_EVENT_OFFLINE && event != ES_EVENT_CUT && event != ES_EVENT_BEGUN)
        ck_assert_msg (speaks, "state %d, event %u is silent", _i, event);
      if (_i == ES_STATE_VERIFIED && cell->next == ES_STATE_ENCRYPTED)
        ck_assert_int_eq (cell->tone, event == ES_EVENT_UNMARKED ? ES_TONE_REMINDER : ES_TONE_ALARM);

      /* The same again is no news, unless the user asked for it or it is an alarm. */
      if (cell->next == (EsState) _i && event != ES_EVENT_USER_ENDED && event != ES_EVENT_STRANGE)
        ck_assert_msg (cell->notice == ES_NOTICE_NONE, "state %d, event %u repeats itself", _i, event);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("life");
  TCase *tcase = tcase_create ("life");

  tcase_add_loop_test (tcase, life__find__every_cell_is_as_written_here, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__only_the_user_goes_back_to_plain, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__only_knowledge_makes_verified, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__only_a_session_makes_encrypted, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__releases_only_into_sessions, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__nothing_waits_for_ever, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__a_strange_device_is_an_alarm, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__warnings_have_notices, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, life__find__tells_of_what_changes, 0, ES_N_STATES);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
