/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Passwords that are compared as they are in what ships, stretched as slowly; all else of it is in test-es-password.c. */
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

START_TEST (password__stretched_for_real__tells_whether_it_is_the_same)
{
  static const char *const words[] = { "u\xcc\x88"
                                       "ber uns",
                                       "ueber uns" };
  World *world = world_new ();
  Endpoint *alice = world_add (world, ALICE "/pda"), *bob = world_add (world, BOB "/laptop");
  EsState state = _i == 0 ? ES_STATE_VERIFIED : ES_STATE_ENCRYPTED;

  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_password (alice->manager, es_at (BOB),
                       "\xc3\xbc"
                       "ber uns",
                       NULL);
  world_run (world);
  es_manager_password (bob->manager, es_at (ALICE), words[_i], NULL);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), state);
  ck_assert_int_eq (endpoint_state (bob, ALICE), state);
  world_free (world);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("password-slow");
  TCase *tcase = tcase_create ("password-slow");

  tcase_add_loop_test (tcase, password__stretched_for_real__tells_whether_it_is_the_same, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
