/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who has the session's keys, but obeys no rules, can make of the comparison of passwords. */
#include "es-belief.h"
#include "es-forge.h"
#include "es-form.h"
#include "es-password.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define PDA ALICE "/pda"
#define FORGER BOB "/forger"
#define SECOND BOB "/second"
#define WORD "the cat on the piano"

#define NS "xmlns='esession:verify:0'"
#define FAILED "<verify " NS " step='failed'/>"

static World *world;
static Endpoint *alice;
static Forger *forgers[2];

static gboolean
tap (World *w, Letter *letter, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (forgers); i++)
    if (forgers[i] != NULL && strcmp (letter->to, forgers[i]->jid) == 0)
      return forger_tap (w, letter, forgers[i]);
  return TRUE;
}

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, PDA);
  endpoint_sign_on (alice);
  forgers[0] = forger_new (world, FORGER);
  world->tap = tap;
}

static void
teardown (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (forgers); i++)
    g_clear_pointer (&forgers[i], forger_free);
  g_clear_pointer (&world, world_free);
}

static void
meet (void)
{
  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

static EsConversation
describe (Endpoint *endpoint, const char *contact)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact), &what);
  return what;
}

static void
assert_alice (EsState state, EsPasswordState password)
{
  ck_assert_int_eq (endpoint_state (alice, BOB), state);
  ck_assert_int_eq (describe (alice, BOB).password, password);
}

static void
send_by (Forger *forger, const char *content)
{
  g_clear_pointer (&forger->heard, es_xml_free);
  forger_send (forger, content);
  world_run (world);
}

static void
give (const char *word)
{
  g_clear_pointer (&forgers[0]->heard, es_xml_free);
  es_manager_password (alice->manager, es_at (BOB), word, NULL);
  world_run (world);
}

/* The step in the last that FORGER heard; "" for none. */
static const char *
heard (const Forger *forger)
{
  const EsXml *verify = forger->heard != NULL ? es_xml_child (forger->heard, "verify", ES_NS_VERIFY) : NULL;

  return verify != NULL ? es_xml_attribute (verify, "step") : "";
}

static GBytes *
heard_octets (const Forger *forger, const char *name)
{
  const EsXml *child = es_xml_child (es_xml_child (forger->heard, "verify", ES_NS_VERIFY), name, ES_NS_VERIFY);
  g_autofree char *text = es_xml_dup_text (child);
  GBytes *octets = es_base64_decode (text, 1, 65, NULL);

  ck_assert_ptr_nonnull (octets);
  return octets;
}

static char *
element (const char *name, GBytes *octets)
{
  g_autofree char *text = octets != NULL ? es_base64_encode (ES_PART_BYTES (octets)) : NULL;

  return text != NULL ? g_strdup_printf ("<%s>%s</%s>", name, text, name) : g_strdup ("");
}

static char *
step (const char *number, GBytes *point, GBytes *confirmation)
{
  g_autofree char *one = element ("point", point), *other = element ("confirm", confirmation);

  return g_strdup_printf ("<verify " NS " step='%s'>%s%s</verify>", number, one, other);
}

static void
send_step (const char *number, GBytes *point, GBytes *confirmation)
{
  g_autofree char *content = step (number, point, confirmation);

  send_by (forgers[0], content);
}

/* The forger's own run with WORD. */
static EsSpake2 *
spake2_new (EsSpake2Side side, const char *word)
{
  g_autoptr (EsSecret) w = es_spake2_password (word, forgers[0]->context);

  return es_spake2_new (side, w, side == ES_SPAKE2_A ? BOB : ALICE, side == ES_SPAKE2_A ? ALICE : BOB,
                        forgers[0]->context, &es_random_system);
}

static GBytes *
octets_new (gsize size, guint8 first)
{
  g_autofree guint8 *octets = g_malloc0 (size);

  octets[0] = first;
  return g_bytes_new (octets, size);
}

/* The control: who knows the password can do all that the others below are refused. */
START_TEST (hostile__who_knows_the_word__is_believed_on_either_side)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autoptr (GBytes) theirs = NULL, mine = NULL, check = NULL;

  meet ();
  run = spake2_new (_i == 0 ? ES_SPAKE2_A : ES_SPAKE2_B, WORD);
  if (_i == 0)
    send_step ("1", es_spake2_point (run), NULL);
  give (WORD);
  ck_assert_str_eq (heard (forgers[0]), _i == 0 ? "2" : "1");
  theirs = heard_octets (forgers[0], "point");
  ck_assert (es_spake2_take_point (run, theirs));
  mine = es_spake2_confirmation (run);
  if (_i == 0)
    check = heard_octets (forgers[0], "confirm");
  send_step (_i == 0 ? "3" : "2", _i == 0 ? NULL : es_spake2_point (run), mine);
  if (_i == 1)
    check = heard_octets (forgers[0], "confirm");
  ck_assert (es_spake2_check (run, check));
  assert_alice (ES_STATE_VERIFIED, ES_PASSWORD_NONE);

  /* The last step once more proves nothing new and is answered as any other nonsense. */
  send_step (_i == 0 ? "3" : "2", _i == 0 ? NULL : es_spake2_point (run), mine);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
}
END_TEST

/* What is no first step, in all its ways. The points themselves: test-es-spake2.c. */
START_TEST (hostile__offer__malformed_ones_ask_nobody)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autoptr (GBytes) infinity = octets_new (1, 0), off = octets_new (65, 4), shorter = NULL,
                     compressed = octets_new (33, 2);
  g_autofree char *good = NULL, *text = NULL;
  GPtrArray *contents = g_ptr_array_new_with_free_func (g_free);
  guint notices = 0;

  meet ();
  run = spake2_new (ES_SPAKE2_A, WORD);
  shorter = g_bytes_new_from_bytes (es_spake2_point (run), 0, 64);
  good = element ("point", es_spake2_point (run));
  text = g_strndup (good + 7, 20);
  g_ptr_array_add (contents, step ("1", infinity, NULL));
  g_ptr_array_add (contents, step ("1", off, NULL));
  g_ptr_array_add (contents, step ("1", shorter, NULL));
  g_ptr_array_add (contents, step ("1", compressed, NULL));
  g_ptr_array_add (contents, step ("1", es_spake2_point (run), off));
  g_ptr_array_add (contents, step ("0", es_spake2_point (run), NULL));
  g_ptr_array_add (contents, step ("01", es_spake2_point (run), NULL));
  g_ptr_array_add (contents, step ("4", es_spake2_point (run), NULL));
  g_ptr_array_add (contents, step ("", es_spake2_point (run), NULL));
  g_ptr_array_add (contents, g_strdup ("<verify " NS "/>"));
  g_ptr_array_add (contents, g_strdup ("<verify " NS " step='1'/>"));
  g_ptr_array_add (contents, g_strdup ("<verify " NS " step='1'><point/></verify>"));
  g_ptr_array_add (contents, g_strdup ("<verify " NS " step='1'><point>*</point></verify>"));
  g_ptr_array_add (contents, g_strdup_printf ("<verify " NS " step='1'>%s%s</verify>", good, good));
  g_ptr_array_add (contents, g_strdup_printf ("<verify " NS " step='1'><x xmlns='y'>%s</x></verify>", good));
  g_ptr_array_add (contents, g_strdup_printf ("<verify " NS " step='1'>%s</verify>", text));

  for (guint i = 0; i < contents->len; i++)
    {
      notices = alice->warnings->len;
      send_by (forgers[0], contents->pdata[i]);
      ck_assert_msg (strcmp (heard (forgers[0]), "failed") == 0, "%s", (char *) contents->pdata[i]);

      /* There was nothing to try a guess on, and nothing to tell. */
      assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
      ck_assert_uint_eq (alice->warnings->len, notices);
    }
  ck_assert_uint_eq (alice->shown->len, 0);
  g_ptr_array_unref (contents);
}
END_TEST

/* The answer to what Alice has started. */
START_TEST (hostile__answer__wrong_ones_verify_nobody)
{
  g_autoptr (EsSpake2) run = NULL, wrong = NULL;
  g_autoptr (GBytes) theirs = NULL, good = NULL, bad = NULL, infinity = octets_new (1, 0), off = octets_new (65, 4);

  meet ();
  give (WORD);
  theirs = heard_octets (forgers[0], "point");
  run = spake2_new (ES_SPAKE2_B, WORD);
  wrong = spake2_new (ES_SPAKE2_B, "a guess");
  ck_assert (es_spake2_take_point (run, theirs) && es_spake2_take_point (wrong, theirs));
  good = es_spake2_confirmation (run);
  bad = es_spake2_confirmation (wrong);
  switch (_i)
    {
    case 0:
      send_step ("2", es_spake2_point (wrong), bad);
      break;
    case 1:
      send_step ("2", theirs, good);
      break;
    case 2:
      send_step ("2", infinity, good);
      break;
    case 3:
      send_step ("2", off, good);
      break;
    case 4:
      send_step ("2", es_spake2_point (run), NULL);
      break;
    case 5:
      send_step ("2", NULL, good);
      break;
    case 6:
      send_step ("2", es_spake2_point (run), bad);
      break;
    case 7:
      send_step ("3", NULL, good);
      break;
    case 8:
      send_step ("2", es_spake2_point (run), es_spake2_point (run));
      break;
    default:
      break;
    }
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (alice->warnings->len, 1);

  /* The right one comes too late. */
  send_step ("2", es_spake2_point (run), good);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* The last step, to what Alice has answered. */
START_TEST (hostile__confirmation__wrong_ones_verify_nobody)
{
  g_autoptr (EsSpake2) run = NULL, wrong = NULL;
  g_autoptr (GBytes) theirs = NULL, reflected = NULL, good = NULL, bad = NULL, zeros = octets_new (32, 0),
                     shorter = NULL, flipped = NULL;

  meet ();
  run = spake2_new (ES_SPAKE2_A, WORD);
  wrong = spake2_new (ES_SPAKE2_A, "a guess");
  send_step ("1", es_spake2_point (run), NULL);
  give (WORD);
  ck_assert_str_eq (heard (forgers[0]), "2");
  theirs = heard_octets (forgers[0], "point");
  reflected = heard_octets (forgers[0], "confirm");
  ck_assert (es_spake2_take_point (run, theirs) && es_spake2_take_point (wrong, theirs));
  good = es_spake2_confirmation (run);
  bad = es_spake2_confirmation (wrong);
  shorter = g_bytes_new_from_bytes (good, 0, 31);
  {
    g_autofree guint8 *octets = g_memdup2 (g_bytes_get_data (good, NULL), 32);

    octets[31] ^= 1;
    flipped = g_bytes_new (octets, 32);
  }
  {
    GBytes *const confirmations[] = { bad, reflected, zeros, shorter, flipped, NULL };

    send_step ("3", NULL, confirmations[_i]);
  }
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (alice->warnings->len, 1);

  /* The right one comes too late. */
  send_step ("3", NULL, good);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* A code that can be forged, or that was agreed upon with who knows whom, verifies nobody though the user says that it is the same;
 * where nobody says who talks to whom no password does either. */
START_TEST (hostile__proof__by_what_proves_nothing)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autofree char *code = NULL;
  EsTrustSummary summary;

  forgers[0]->old = _i == 1;
  if (_i == 0)
    {
      forgers[0]->options.sas[0] = "sas28x5";
      forgers[0]->options.sas[1] = NULL;
      forger_ask (forgers[0], PDA, NULL);
      world_run (world);
    }
  meet ();
  ck_assert (!describe (alice, BOB).can_verify);
  ck_assert (!describe (alice, BOB).code_proves);
  ck_assert_int_eq (describe (alice, BOB).can_use_password, _i == 0);
  code = g_strdup (describe (alice, BOB).code);
  ck_assert_uint_eq (strlen (code), _i == 0 ? 5 : 6);
  g_clear_pointer (&forgers[0]->heard, es_xml_free);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  world_run (world);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert (es_trust_summary (alice->trust, es_at (ALICE), es_at (BOB), &summary, NULL));
  ck_assert (!summary.verified);
  ck_assert_ptr_null (forgers[0]->heard);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), "proves anything"));
  send_by (forgers[0], "<verified " NS "/>");
  ck_assert (!describe (alice, BOB).other_verified);
  if (_i == 0)
    return;

  give (WORD);
  ck_assert_str_eq (heard (forgers[0]), "");
  run = spake2_new (ES_SPAKE2_A, WORD);
  send_step ("1", es_spake2_point (run), NULL);
  ck_assert_str_eq (heard (forgers[0]), "");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* Somebody who knows the word puts in more than belongs there. Step 1: above. */
static const char *const additions[]
    = { "<x/>", "<x xmlns='y'/>", "<point>AAAA</point>", "<confirm>AAAA</confirm>", "<verify/>" };
#define N_LATER_STEPS 2

START_TEST (hostile__steps__hold_what_they_should_and_no_more)
{
  gboolean second = _i % N_LATER_STEPS == 0;
  g_autoptr (EsSpake2) run = NULL;
  g_autoptr (GBytes) theirs = NULL, mine = NULL;
  g_autofree char *point = NULL, *confirmation = NULL, *content = NULL;

  meet ();
  run = spake2_new (second ? ES_SPAKE2_B : ES_SPAKE2_A, WORD);
  if (!second)
    send_step ("1", es_spake2_point (run), NULL);
  give (WORD);
  theirs = heard_octets (forgers[0], "point");
  ck_assert (es_spake2_take_point (run, theirs));
  mine = es_spake2_confirmation (run);
  point = element ("point", second ? es_spake2_point (run) : NULL);
  confirmation = element ("confirm", mine);
  content = g_strdup_printf ("<verify " NS " step='%d'>%s%s%s</verify>", second ? 2 : 3, point, confirmation,
                             additions[_i / N_LATER_STEPS]);
  send_by (forgers[0], content);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* Out of order, or twice. */
START_TEST (hostile__order__steps_that_nobody_expects_fail)
{
  static const struct
  {
    gboolean offer, answer; /* what has gone before: a step 1 from there, Alice's password */
    const char *step;
  } cases[] = {
    { FALSE, FALSE, "2" }, { FALSE, FALSE, "3" }, { TRUE, FALSE, "1" }, { TRUE, FALSE, "2" }, { TRUE, FALSE, "3" },
    { TRUE, TRUE, "1" },   { TRUE, TRUE, "2" },   { FALSE, TRUE, "3" }, { TRUE, TRUE, "3" },
  };
  g_autoptr (EsSpake2) run = NULL;
  g_autoptr (GBytes) confirmation = octets_new (32, 1);
  const char *number = cases[_i].step;

  meet ();
  run = spake2_new (ES_SPAKE2_A, WORD);
  if (cases[_i].offer)
    send_step ("1", es_spake2_point (run), NULL);
  if (cases[_i].answer)
    give (WORD);
  send_step (number, strcmp (number, "3") != 0 ? es_spake2_point (run) : NULL,
             strcmp (number, "1") != 0 ? confirmation : NULL);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

static void
fill_zeros (gpointer data, guint8 *out, gsize size)
{
  memset (out, 0, size);
}

/* A point that gives no key can only come from somebody who has the word right, and is refused all the same. */
START_TEST (hostile__offer__without_a_key)
{
  EsRandom zeros = { fill_zeros, NULL };
  g_autoptr (EsSecret) w = NULL;
  g_autoptr (EsSpake2) run = NULL;

  meet ();
  w = es_spake2_password (WORD, forgers[0]->context);
  run = es_spake2_new (ES_SPAKE2_A, w, BOB, ALICE, forgers[0]->context, &zeros);
  send_step ("1", es_spake2_point (run), NULL);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_OFFERED);
  give (WORD);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_uint_eq (alice->warnings->len, 1);
}
END_TEST

/* As the session's initiator Alice goes on with her own start whatever comes across it, once. */
START_TEST (hostile__crossing__a_reflected_point_and_a_second_one)
{
  g_autoptr (GBytes) own = NULL, confirmation = octets_new (32, 1);

  meet ();
  give (WORD);
  own = heard_octets (forgers[0], "point");
  send_step ("1", own, NULL);
  ck_assert_str_eq (heard (forgers[0]), "");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_WAITING);
  if (_i == 0)
    send_step ("1", own, NULL);
  else
    send_step ("2", own, confirmation);
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* With Alice's answer in hand one guess can be tried without her: giving up then counts as having failed. */
START_TEST (hostile__guesses__three_and_no_more)
{
  meet ();
  for (guint i = 0; i < ES_PASSWORD_FAILURES; i++)
    {
      g_autoptr (EsSpake2) run = spake2_new (ES_SPAKE2_A, "a guess");

      send_step ("1", es_spake2_point (run), NULL);
      give (WORD);
      ck_assert_str_eq (heard (forgers[0]), "2");
      if (_i == 0)
        send_by (forgers[0], FAILED);
      else if (_i == 1)
        es_manager_decline_password (alice->manager, es_at (BOB));
      else
        world_wait (world, 301);
      world_run (world);
    }
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  {
    g_autoptr (EsSpake2) run = spake2_new (ES_SPAKE2_A, WORD);

    send_step ("1", es_spake2_point (run), NULL);
    ck_assert_str_eq (heard (forgers[0]), "failed");
    give (WORD);
    ck_assert_str_eq (heard (forgers[0]), "");
  }
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
}
END_TEST

static void
meet_second (void)
{
  forgers[1] = forger_new (world, SECOND);
  es_manager_set_presence (alice->manager, es_at (SECOND), TRUE, 0, "can");
  forger_ask (forgers[1], PDA, NULL);
  world_run (world);
  ck_assert_ptr_nonnull (forgers[1]->channel);
}

/* The conversation is with the first client; the second one's steps are none of its. */
START_TEST (hostile__another_session__has_no_say)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autoptr (GBytes) theirs = NULL, good = NULL;
  g_autofree char *content = NULL;

  meet ();
  meet_second ();
  forger_send (forgers[0], "<body>here</body>");
  world_run (world);
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), FORGER);
  give (WORD);
  theirs = heard_octets (forgers[0], "point");
  run = spake2_new (ES_SPAKE2_B, WORD);
  ck_assert (es_spake2_take_point (run, theirs));
  good = es_spake2_confirmation (run);
  content = step ("2", es_spake2_point (run), good);

  send_by (forgers[1], content);
  ck_assert_str_eq (heard (forgers[1]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_WAITING);
  send_by (forgers[1], FAILED);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_WAITING);
  send_by (forgers[0], content);
  assert_alice (ES_STATE_VERIFIED, ES_PASSWORD_NONE);

  /* What was verified is that client alone. */
  forger_send (forgers[1], "<body>me too</body>");
  world_run (world);
  ck_assert (es_has_text (alice->warnings, "The next message comes from a device that you have not verified."));
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), FORGER);
}
END_TEST

/* Nor is what it has found out about a guess forgotten because the first one has proved who it is. */
START_TEST (hostile__another_session__is_not_forgiven)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autofree char *content = NULL, *code = NULL;
  guint failures = 0;
  gint64 last = 0;

  meet ();
  meet_second ();
  {
    g_autoptr (EsSecret) w = es_spake2_password ("a guess", forgers[1]->context);

    run = es_spake2_new (ES_SPAKE2_A, w, BOB, ALICE, forgers[1]->context, &es_random_system);
    content = step ("1", es_spake2_point (run), NULL);
  }
  send_by (forgers[1], content);
  give (WORD);
  ck_assert_str_eq (heard (forgers[1]), "2");

  forger_send (forgers[0], "<body>here</body>");
  world_run (world);
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), FORGER);
  code = g_strdup (describe (alice, BOB).code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  send_by (forgers[1], FAILED);
  ck_assert (es_trust_password_failures (alice->trust, es_at (ALICE), es_at (BOB), &failures, &last, NULL));
  ck_assert_uint_eq (failures, 1);
}
END_TEST

/* Nor is there a fourth guess in a comparison that the user had begun in another session before. */
START_TEST (hostile__another_session__is_no_fourth_guess)
{
  g_autoptr (EsSpake2) begun = NULL;
  g_autoptr (GBytes) theirs = NULL, confirmation = NULL;
  g_autofree char *answer = NULL;

  meet ();
  meet_second ();
  forger_send (forgers[0], "<body>here</body>");
  world_run (world);
  give (WORD);
  theirs = heard_octets (forgers[0], "point");
  begun = spake2_new (ES_SPAKE2_B, WORD);
  ck_assert (es_spake2_take_point (begun, theirs));
  confirmation = es_spake2_confirmation (begun);
  answer = step ("2", es_spake2_point (begun), confirmation);

  for (guint i = 0; i < ES_PASSWORD_FAILURES; i++)
    {
      g_autoptr (EsSecret) w = es_spake2_password ("a guess", forgers[1]->context);
      g_autoptr (EsSpake2) run = es_spake2_new (ES_SPAKE2_A, w, BOB, ALICE, forgers[1]->context, &es_random_system);
      g_autofree char *offer = step ("1", es_spake2_point (run), NULL);

      ck_assert_str_eq (heard (forgers[0]), i == 0 ? "1" : "");
      send_by (forgers[1], offer);
      give (WORD);
      ck_assert_str_eq (heard (forgers[1]), "2");
      send_by (forgers[1], FAILED);
    }
  ck_assert_str_eq (heard (forgers[0]), "failed");
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_OVER);
  send_by (forgers[0], answer);
  ck_assert_str_eq (heard (forgers[0]), "");
  ck_assert_int_ne (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

/* Where none is verified the conversation goes on with the one that asks, as it does with the one that writes. */
START_TEST (hostile__another_device__asks_and_is_talked_to)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autofree char *content = NULL;

  meet ();
  meet_second ();
  forger_send (forgers[0], "<body>here</body>");
  world_run (world);
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), FORGER);
  run = spake2_new (ES_SPAKE2_A, WORD);
  content = step ("1", es_spake2_point (run), NULL);
  send_by (forgers[1], content);
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), SECOND);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_OFFERED);

  /* The offer is that device's. */
  forger_send (forgers[0], "<body>here</body>");
  world_run (world);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
}
END_TEST

/* A client that nobody verified cannot ask where another one is verified, nor say that it is sure. */
START_TEST (hostile__strange_device__asks_in_vain)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autofree char *content = NULL;
  guint notices = 0;

  meet ();
  {
    g_autofree char *code = g_strdup (describe (alice, BOB).code);

    es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
    world_run (world);
  }
  meet_second ();
  run = spake2_new (ES_SPAKE2_A, WORD);
  content = step ("1", es_spake2_point (run), NULL);
  notices = alice->notices->len;
  send_by (forgers[1], content);
  ck_assert_str_eq (heard (forgers[1]), "failed");
  send_by (forgers[1], "<verified " NS "/>");
  assert_alice (ES_STATE_VERIFIED, ES_PASSWORD_NONE);
  ck_assert (!describe (alice, BOB).other_verified);
  ck_assert_uint_eq (alice->notices->len, notices);
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), FORGER);
}
END_TEST

/* However often it is said. */
START_TEST (hostile__verified__makes_nobody_sure)
{
  g_autofree char *many = NULL;

  meet ();
  for (guint i = 0; i < 5; i++)
    send_by (forgers[0], "<verified " NS "/><verified " NS "/><verify " NS " step='verified'/>");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert (describe (alice, BOB).other_verified);
  ck_assert_uint_eq (alice->shown->len, 0);
  ck_assert (
      es_has_text (alice->notices, "The other side says that the codes match: compare them as well to be sure."));
  ck_assert_uint_eq (alice->notices->len, 1 + 1);
}
END_TEST

/* Unencrypted it is nothing at all. */
START_TEST (hostile__plain__is_not_looked_at)
{
  g_autoptr (EsSpake2) run = NULL;
  g_autofree char *content = NULL, *stanza = NULL;
  guint n = 0;

  meet ();
  run = spake2_new (ES_SPAKE2_A, WORD);
  content = step ("1", es_spake2_point (run), NULL);
  stanza = g_strdup_printf ("<message to='" PDA "'><thread>%s</thread>%s<verified " NS "/></message>",
                            forgers[0]->thread, content);
  n = alice->notices->len;
  world_inject (world, FORGER, PDA, stanza);
  world_run (world);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert (!describe (alice, BOB).other_verified);
  ck_assert_uint_eq (alice->notices->len, n);
}
END_TEST

/* One answer to a message, whatever is in it. */
START_TEST (hostile__flood__one_answer_to_a_message)
{
  g_autoptr (GString) content = g_string_new (NULL);
  guint before = 0;

  meet ();
  for (guint i = 0; i < 1000; i++)
    g_string_append (content, "<verify " NS " step='2'/>");
  before = world_count (world, PDA, NULL);
  send_by (forgers[0], content->str);
  ck_assert_uint_eq (world_count (world, PDA, NULL), before + 1);
}
END_TEST

/* Both users type the same, but each has a session with somebody in the middle, who passes on whatever they say. */
START_TEST (hostile__man_in_the_middle__is_found_though_the_words_are_equal)
{
  Endpoint *bob = world_add (world, BOB "/laptop");
  Forger *as_bob = forgers[0], *as_alice = forgers[1] = forger_new (world, ALICE "/forger");
  guint n = 0;

  meet ();
  endpoint_sign_on (bob);
  world_run (world);
  es_manager_set_presence (bob->manager, es_at (as_alice->jid), TRUE, 10, "can");
  forger_ask (as_alice, bob->jid, NULL);
  world_run (world);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert_str_eq (es_text_of (describe (bob, ALICE).device), as_alice->jid);
  ck_assert_str_eq (es_text_of (describe (alice, BOB).device), as_bob->jid);

  g_clear_pointer (&as_bob->heard, es_xml_free);
  g_clear_pointer (&as_alice->heard, es_xml_free);
  es_manager_password (alice->manager, es_at (BOB), WORD, NULL);
  for (gboolean more = TRUE; more; n++)
    {
      Forger *from = n % 2 == 0 ? as_bob : as_alice, *to = n % 2 == 0 ? as_alice : as_bob;
      g_autofree char *content = NULL;

      world_run (world);
      more = from->heard != NULL;
      if (more)
        {
          content = es_xml_children_to_string (from->heard);
          g_clear_pointer (&from->heard, es_xml_free);
          forger_send (to, content);
          world_run (world);
        }
      if (n == 0)
        es_manager_password (bob->manager, es_at (ALICE), WORD, NULL);
    }
  ck_assert_uint_ge (n, 3);
  assert_alice (ES_STATE_ENCRYPTED, ES_PASSWORD_NONE);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert (es_has_text (alice->warnings,
                          "The two passwords differ: check the spelling. If both of you typed the same, "
                          "somebody may be listening in."));
  ck_assert (es_has_text (bob->warnings, "The two passwords differ: check the spelling. If both of you typed the same, "
                                         "somebody may be listening in."));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("password-hostile");
  TCase *tcase = tcase_create ("password-hostile");

  tcase_set_timeout (tcase, 120);
  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, hostile__who_knows_the_word__is_believed_on_either_side, 0, 2);
  tcase_add_test (tcase, hostile__offer__malformed_ones_ask_nobody);
  tcase_add_test (tcase, hostile__offer__without_a_key);
  tcase_add_loop_test (tcase, hostile__answer__wrong_ones_verify_nobody, 0, 9);
  tcase_add_loop_test (tcase, hostile__order__steps_that_nobody_expects_fail, 0, 9);
  tcase_add_loop_test (tcase, hostile__confirmation__wrong_ones_verify_nobody, 0, 6);
  tcase_add_loop_test (tcase, hostile__proof__by_what_proves_nothing, 0, 2);
  tcase_add_loop_test (tcase, hostile__steps__hold_what_they_should_and_no_more, 0,
                       G_N_ELEMENTS (additions) * N_LATER_STEPS);
  tcase_add_loop_test (tcase, hostile__crossing__a_reflected_point_and_a_second_one, 0, 2);
  tcase_add_loop_test (tcase, hostile__guesses__three_and_no_more, 0, 3);
  tcase_add_test (tcase, hostile__another_session__has_no_say);
  tcase_add_test (tcase, hostile__another_session__is_not_forgiven);
  tcase_add_test (tcase, hostile__another_session__is_no_fourth_guess);
  tcase_add_test (tcase, hostile__another_device__asks_and_is_talked_to);
  tcase_add_test (tcase, hostile__strange_device__asks_in_vain);
  tcase_add_test (tcase, hostile__verified__makes_nobody_sure);
  tcase_add_test (tcase, hostile__plain__is_not_looked_at);
  tcase_add_test (tcase, hostile__flood__one_answer_to_a_message);
  tcase_add_test (tcase, hostile__man_in_the_middle__is_found_though_the_words_are_equal);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
