/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-wish.h"

#include "../es-test.h"

static const EsIntent usual = { ES_WISH_USUAL, ES_END_NONE };

static void
expect (EsIntent intent, EsWish wish, EsEnd ended)
{
  ck_assert_int_eq (intent.wish, wish);
  ck_assert_int_eq (intent.ended, ended);
}

/* What is left of WISH and ENDED when the event number _i has happened, by hand. */
START_TEST (wish__event__says_who_ended_it)
{
  EsEvent event = (EsEvent) _i;

  for (int wish = 0; wish < ES_N_WISHES; wish++)
    for (int ended = 0; ended < ES_N_ENDS; ended++)
      for (gboolean all = FALSE; all <= TRUE; all++)
        {
          EsIntent intent = { (EsWish) wish, (EsEnd) ended };
          gboolean begins = event == ES_EVENT_BEGUN || event == ES_EVENT_UNVERIFIED || event == ES_EVENT_KNOWN
                            || event == ES_EVENT_STRANGE;
          EsWish then_wish = (EsWish) wish;
          EsEnd then_ended = (EsEnd) ended;

          es_intent_note (&intent, event, all);
          if (event == ES_EVENT_DIFFER || ended == ES_END_DIFFERED)
            then_ended = ES_END_DIFFERED;
          else if (begins || event == ES_EVENT_USER_ENDED)
            then_ended = ES_END_NONE;
          else if (event == ES_EVENT_PEER_ENDED)
            then_ended = ES_END_BY_PEER;
          else if (event == ES_EVENT_FORGOTTEN)
            then_ended = ES_END_FORGOTTEN;
          else if (event == ES_EVENT_DECLINED && all)
            then_ended = ES_END_DECLINED;

          /* A wish is kept until it has come true. */
          if (begins && wish == ES_WISH_START && ended != ES_END_DIFFERED)
            then_wish = ES_WISH_USUAL;
          expect (intent, then_wish, then_ended);
        }
}
END_TEST

START_TEST (wish__ask_again__takes_back_a_no_alone)
{
  for (int wish = 0; wish < ES_N_WISHES; wish++)
    for (int ended = 0; ended < ES_N_ENDS; ended++)
      {
        EsIntent intent = { (EsWish) wish, (EsEnd) ended };

        es_intent_ask_again (&intent);
        expect (intent, (EsWish) wish, ended == ES_END_DECLINED ? ES_END_NONE : (EsEnd) ended);
      }
}
END_TEST

/* Only what the user does lifts it: neither a choice of what is usual nor one of none does. */
START_TEST (wish__difference__lasts_until_the_user_begins)
{
  EsIntent intent = usual;

  es_intent_note_difference (&intent);
  expect (intent, ES_WISH_USUAL, ES_END_DIFFERED);
  es_intent_be_plain (&intent);
  expect (intent, ES_WISH_PLAIN, ES_END_DIFFERED);
  es_intent_be_usual (&intent);
  expect (intent, ES_WISH_USUAL, ES_END_DIFFERED);
  es_intent_await (&intent);
  es_intent_ask_again (&intent);
  expect (intent, ES_WISH_START, ES_END_DIFFERED);
  es_intent_begin (&intent);
  expect (intent, ES_WISH_USUAL, ES_END_NONE);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("wish");
  TCase *tcase = tcase_create ("wish");

  tcase_add_loop_test (tcase, wish__event__says_who_ended_it, 0, ES_N_EVENTS);
  tcase_add_test (tcase, wish__ask_again__takes_back_a_no_alone);
  tcase_add_test (tcase, wish__difference__lasts_until_the_user_begins);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
