/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two ends of one chain of retained secrets, each with a store of its own, and between them somebody who delays, drops and
 * orders the messages of any number of sessions as he likes, and sends old messages 3 again: a secret that both hold is left
 * in every state, and the first session that is let through makes good what there was. */
#include "es-store-fixture.h"

#define SESSIONS 12
#define STEPS 80

typedef enum
{
  BEGUN,       /* message 3 has not left */
  OFFERED,     /* it is on its way */
  ANSWERED,    /* message 4 is */
  ESTABLISHED, /* the first stanza is */
  OVER
} Stage;

typedef struct
{
  EsStore *store;
  const char *own, *other;
  gint64 device;
} End;

typedef struct
{
  Stage stage;
  guint initiator;
  GArray *offered, *held; /* of guint: what the initiator held for message 3, and the responder when that came */
  guint found, made;
} Session;

typedef struct
{
  GRand *random;
  End ends[2];
  Session sessions[SESSIONS];
  guint n_sessions;
  guint next; /* the number of the next secret */
} Chain;

static guint
number_of (const EsSecret *secret)
{
  char digits[9] = "";

  memcpy (digits, es_secret_peek (secret) + 22, 8);
  return (guint) g_ascii_strtoull (g_strchug (digits), NULL, 10);
}

/* The numbers of what END holds, in the order in which it looks for them. */
static GArray *
held_by (const End *end)
{
  g_autoptr (GPtrArray) devices = es_store_devices (end->store, at (end->own), at (end->other), NULL);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  const EsDevice *device = NULL;
  guint number = 0;

  ck_assert_uint_eq (devices->len, 1);
  device = devices->pdata[0];
  number = number_of (device->newest);
  g_array_append_val (numbers, number);
  for (guint i = device->pending->len; i-- > 0;)
    {
      number = number_of (device->pending->pdata[i]);
      g_array_append_val (numbers, number);
    }
  return numbers;
}

/* The first of NUMBERS that is among OTHERS; 0 if there is none. */
static guint
common (const GArray *numbers, const GArray *others)
{
  for (guint i = 0; i < numbers->len; i++)
    for (guint j = 0; j < others->len; j++)
      if (g_array_index (numbers, guint, i) == g_array_index (others, guint, j))
        return g_array_index (numbers, guint, i);
  return 0;
}

static guint
common_of (const Chain *chain)
{
  g_autoptr (GArray) left = held_by (&chain->ends[0]), right = held_by (&chain->ends[1]);

  return common (left, right);
}

static GPtrArray *
secrets_of (const GArray *numbers)
{
  GPtrArray *secrets = es_secret_array_new ();

  for (guint i = 0; i < numbers->len; i++)
    g_ptr_array_add (secrets, fixture_secret (g_array_index (numbers, guint, i)));
  return secrets;
}

/* END answers a message 3 that names FOUND; the number of the new secret, or 0 if it has no room. */
static guint
pend (Chain *chain, const End *end, guint found)
{
  g_autoptr (EsSecret) old = fixture_secret (found), fresh = fixture_secret (chain->next);
  g_autoptr (GError) error = NULL;

  if (es_store_add_pending (end->store, at (end->own), at (end->other), end->device, old, fresh, &error))
    return chain->next++;
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_BUSY));
  return 0;
}

static void
take_offer (Chain *chain, Session *session)
{
  const End *end = &chain->ends[1 - session->initiator];
  GArray *held = held_by (end);

  session->found = common (held, session->offered);
  session->held = held;
  session->made = session->found != 0 ? pend (chain, end, session->found) : 0;
  session->stage = session->made != 0 ? ANSWERED : OVER;
}

static void
take_answer (Chain *chain, Session *session)
{
  const End *end = &chain->ends[session->initiator];
  g_autoptr (EsSecret) old = fixture_secret (session->found), fresh = fixture_secret (session->made);
  g_autoptr (GPtrArray) held = secrets_of (session->offered);

  session->stage = es_store_replace (end->store, at (end->own), at (end->other), end->device, old, held, fresh,
                                     (gint64) chain->next, NULL)
                       ? ESTABLISHED
                       : OVER;
}

static void
take_stanza (Chain *chain, Session *session)
{
  const End *end = &chain->ends[1 - session->initiator];
  g_autoptr (EsSecret) fresh = fixture_secret (session->made);
  g_autoptr (GPtrArray) held = secrets_of (session->held);

  ck_assert (es_store_prove (end->store, end->device, held, fresh, (gint64) chain->next, NULL));
  session->stage = OVER;
}

static void
go_on (Chain *chain, Session *session)
{
  switch (session->stage)
    {
    case BEGUN:
      session->offered = held_by (&chain->ends[session->initiator]);
      session->stage = OFFERED;
      break;
    case OFFERED:
      take_offer (chain, session);
      break;
    case ANSWERED:
      take_answer (chain, session);
      break;
    case ESTABLISHED:
      take_stanza (chain, session);
      break;
    case OVER:
    default:
      break;
    }
}

/* An old message 3 of the other end's, which names one of what it holds or has held. */
static void
send_again (Chain *chain, guint to)
{
  const Session *session = &chain->sessions[g_rand_int_range (chain->random, 0, (gint32) chain->n_sessions)];
  g_autoptr (GArray) held = held_by (&chain->ends[to]);
  guint found = session->initiator != to && session->offered != NULL ? common (held, session->offered) : 0;

  if (found != 0)
    pend (chain, &chain->ends[to], found);
}

/* One more session, all of whose messages arrive. */
static gboolean
run_session (Chain *chain, guint initiator)
{
  Session session = { .initiator = initiator };
  gboolean good = FALSE;

  for (guint i = 0; i < 4; i++)
    go_on (chain, &session);
  good = session.made != 0;
  if (good)
    ck_assert_uint_eq (common_of (chain), session.made);
  g_clear_pointer (&session.offered, g_array_unref);
  g_clear_pointer (&session.held, g_array_unref);
  return good;
}

static void
chain_init (Chain *chain, guint32 seed)
{
  *chain = (Chain){ .random = g_rand_new_with_seed (seed),
                    .ends = { { NULL, ALICE, BOB, 0 }, { NULL, BOB, ALICE, 0 } },
                    .next = 2 };
  for (guint i = 0; i < 2; i++)
    {
      End *end = &chain->ends[i];
      g_autoptr (EsSecret) first = fixture_secret (1);

      end->store = es_store_open (":memory:", NULL);
      ck_assert_ptr_nonnull (end->store);
      end->device = es_store_add (end->store, at (end->own), at (end->other), first, TRUE, 1, NULL);
      ck_assert_int_gt (end->device, 0);
    }
}

static void
chain_clear (Chain *chain)
{
  for (guint i = 0; i < chain->n_sessions; i++)
    {
      g_clear_pointer (&chain->sessions[i].offered, g_array_unref);
      g_clear_pointer (&chain->sessions[i].held, g_array_unref);
    }
  for (guint i = 0; i < 2; i++)
    es_store_close (chain->ends[i].store);
  g_rand_free (chain->random);
}

static void
step (Chain *chain, gboolean lies)
{
  gint32 what = g_rand_int_range (chain->random, 0, 10);

  if (chain->n_sessions == 0 || (what < 2 && chain->n_sessions < SESSIONS))
    chain->sessions[chain->n_sessions++].initiator = (guint) g_rand_int_range (chain->random, 0, 2);
  else if (what < 5 && lies)
    send_again (chain, (guint) g_rand_int_range (chain->random, 0, 2));
  else
    go_on (chain, &chain->sessions[g_rand_int_range (chain->random, 0, (gint32) chain->n_sessions)]);
}

/* _i: whether old messages 3 are sent again. */
START_TEST (chain__any_order__leaves_a_secret_in_common)
{
  guint proven = 0;

  for (guint32 seed = 0; seed < 50; seed++)
    {
      Chain chain;

      chain_init (&chain, seed);
      for (guint i = 0; i < STEPS; i++)
        {
          step (&chain, _i == 1);
          ck_assert_msg (common_of (&chain) != 0, "seed %u, step %u: nothing in common", seed, i);
        }
      proven += common_of (&chain) != 1;
      ck_assert (run_session (&chain, 0) && run_session (&chain, 1));
      chain_clear (&chain);
    }
  ck_assert_uint_gt (proven, 15);
}
END_TEST

/* Whoever collects messages 3 of one end, and answers in its name until the other has no room: what was pending before is
 * kept, and the first session of that other end's clears it. */
START_TEST (chain__flood__pushes_out_nothing)
{
  Chain chain;
  Session late = { .initiator = 0 };

  chain_init (&chain, 0);
  go_on (&chain, &late);
  go_on (&chain, &late);
  go_on (&chain, &late);
  ck_assert_int_eq (late.stage, ESTABLISHED);
  for (guint i = 0; i < ES_LIMIT_PENDING_SECRETS + 5; i++)
    pend (&chain, &chain.ends[1], 1);
  ck_assert_uint_eq (common_of (&chain), late.made);
  ck_assert (!run_session (&chain, 0));
  ck_assert (run_session (&chain, 1));
  ck_assert (run_session (&chain, 0));
  g_array_unref (late.offered);
  g_array_unref (late.held);
  chain_clear (&chain);
}
END_TEST

int
main (void)
{
  TCase *tcase = fixture_tcase ("es-store-chain");

  tcase_add_test (tcase, chain__flood__pushes_out_nothing);
  tcase_add_loop_test (tcase, chain__any_order__leaves_a_secret_in_common, 0, 2);
  return fixture_main ("es-store-chain", tcase);
}
