/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three clients and a network that loses, repeats, changes and reorders, in a random order of things that
 * people do; every storm repeats by its number. What is asked: nothing in the clear, nothing twice,
 * nothing out of order, nothing shown that was given back; and when the storm is over, all is well. */
#include "es-forge.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define N_STORMS 60
#define N_STEPS 150

static World *world;
static Endpoint *alice, *all[3]; /* Alice, Bob's laptop, Bob's phone */
static GRand *dice;
static guint n_typed;
static guint badness; /* of 100 stanzas, so many meet with an accident */

static void
setup (void)
{
  static const char *const jids[] = { ALICE "/pda", BOB "/laptop", BOB "/phone" };

  world = world_new ();
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      all[i] = world_add (world, jids[i]);
      all[i]->policy = ES_POLICY_ALWAYS;
      endpoint_sign_on (all[i]);
    }
  alice = all[0];
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
  g_clear_pointer (&dice, g_rand_free);
}

static guint
roll (guint n)
{
  return (guint) g_rand_int_range (dice, 0, (gint32) n);
}

static const char *
contact_of (const Endpoint *endpoint)
{
  return endpoint == alice ? BOB : ALICE;
}

/* The network */

static void
damage (Letter *letter)
{
  gsize at = roll ((guint) strlen (letter->text));

  if (g_ascii_isalnum (letter->text[at]))
    letter->text[at] = "AbZ09"[roll (5)];
}

static gboolean
tap (World *w, Letter *letter, gpointer data)
{
  /* What everybody's program can is known. */
  if (!g_str_has_prefix (letter->text, "<message") || roll (100) >= badness)
    return TRUE;
  switch (roll (4))
    {
    case 0:
      return FALSE;
    case 1:
      world_inject (w, letter->from, letter->to, letter->text);
      return TRUE;
    case 2:
      world_inject (w, letter->from, letter->to, letter->text);
      return FALSE;
    default:
      damage (letter);
      return TRUE;
    }
}

/* The people */

static void
type (Endpoint *endpoint)
{
  g_autofree char *text = g_strdup_printf ("secret %06u", n_typed++);

  if (endpoint->online)
    endpoint_type (endpoint, contact_of (endpoint), text);
}

static void
say (Endpoint *endpoint, gboolean equal)
{
  EsConversation what;
  g_autofree char *code = NULL;

  es_manager_describe (endpoint->manager, es_at (contact_of (endpoint)), &what);
  code = g_strdup (what.code);
  if (code != NULL)
    es_manager_verify (endpoint->manager, es_at (contact_of (endpoint)), code, equal);
}

static void
come_or_go (Endpoint *endpoint)
{
  if (!endpoint->online)
    endpoint_sign_on (endpoint);
  else if (roll (2) == 0)
    endpoint_sign_off (endpoint);
  else
    {
      /* What a dead window showed may be shown again: nobody can know whether somebody saw it. */
      endpoint_kill (endpoint);
      g_ptr_array_set_size (endpoint->shown, 0);
    }
}

static void
step (void)
{
  Endpoint *endpoint = all[roll (G_N_ELEMENTS (all))];
  guint what = roll (20);

  if (what == 19 || !endpoint->online)
    come_or_go (endpoint);
  else if (what < 8)
    type (endpoint);
  else if (what < 11)
    es_manager_opened (endpoint->manager, es_at (contact_of (endpoint)));
  else if (what == 11)
    es_manager_closed (endpoint->manager, es_at (contact_of (endpoint)));
  else if (what < 14)
    es_manager_start (endpoint->manager, es_at (contact_of (endpoint)));
  else if (what == 14)
    es_manager_end (endpoint->manager, es_at (contact_of (endpoint)));
  else if (what == 15)
    say (endpoint, roll (5) != 0);
  else if (what < 18)
    world_wait (world, roll (50));
  else
    badness = roll (3) == 0 ? roll (30) : 0;
  if (roll (3) > 0)
    world_run (world);
}

/* What must never be */

static guint
number_in (const char *text)
{
  return (guint) g_ascii_strtoull (text + strlen ("secret "), NULL, 10);
}

static void
look_for_wrongs (void)
{
  g_autofree guint8 *lost = g_malloc0 (n_typed + 1);

  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      g_autofree guint8 *seen = g_malloc0 (n_typed + 1);

      for (guint j = 0; j < all[i]->shown->len; j++)
        {
          const char *text = all[i]->shown->pdata[j];

          /* Where <c/> was damaged, what stands beside it is all that there is. */
          if (g_str_has_prefix (text, "secret "))
            ck_assert_uint_eq (seen[number_in (text)]++, 0);
        }
      for (guint j = 0; j < all[i]->returned->len; j++)
        ck_assert_uint_eq (lost[number_in (all[i]->returned->pdata[j])]++, 0);
    }
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    for (guint j = 0; j < all[i]->shown->len; j++)
      if (g_str_has_prefix (all[i]->shown->pdata[j], "secret "))
        ck_assert_uint_eq (lost[number_in (all[i]->shown->pdata[j])], 0);
}

/* At Alice, of each of Bob's clients; at those, of Alice. Alice cannot tell them apart here, so only the
 * latter. */
static void
look_for_disorder (void)
{
  for (guint i = 1; i < G_N_ELEMENTS (all); i++)
    for (guint j = 1; j < all[i]->shown->len; j++)
      if (g_str_has_prefix (all[i]->shown->pdata[j - 1], "secret ")
          && g_str_has_prefix (all[i]->shown->pdata[j], "secret "))
        ck_assert_str_lt (all[i]->shown->pdata[j - 1], all[i]->shown->pdata[j]);
}

static void
look_at_peace (void)
{
  Endpoint *laptop = all[1];

  badness = 0;
  world->tap = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (all[i]->online)
      endpoint_sign_off (all[i]);
  world_wait (world, 4000);
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    ck_assert_uint_eq (all[i]->timers->len, 0);

  endpoint_sign_on (alice);
  endpoint_sign_on (laptop);
  world_run (world);
  g_ptr_array_set_size (laptop->shown, 0);
  g_ptr_array_set_size (alice->shown, 0);
  es_manager_start (laptop->manager, es_at (ALICE));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);

  /* Whom of the two devices they have verified is chance. */
  es_manager_write_anyway (alice->manager, es_at (BOB));
  es_manager_write_anyway (laptop->manager, es_at (ALICE));
  type (alice);
  type (laptop);
  world_run (world);
  ck_assert_int_ge (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (alice, BOB) == ES_STATE_ENDED, FALSE);
  ck_assert_uint_ge (laptop->shown->len, 1);
  ck_assert_uint_ge (alice->shown->len, 1);
  ck_assert_uint_eq (number_in (laptop->shown->pdata[laptop->shown->len - 1]), n_typed - 2);
  ck_assert_uint_eq (number_in (alice->shown->pdata[alice->shown->len - 1]), n_typed - 1);
}

START_TEST (storm__passes__and_leaves_no_harm)
{
  dice = g_rand_new_with_seed ((guint32) _i);
  world->tap = tap;
  for (guint i = 0; i < N_STEPS; i++)
    step ();
  world_run (world);
  look_for_wrongs ();
  look_for_disorder ();
  look_at_peace ();
  look_for_wrongs ();
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("storm");
  TCase *tcase = tcase_create ("storm");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, storm__passes__and_leaves_no_harm, 0, N_STORMS);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
