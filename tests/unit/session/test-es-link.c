/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two people verify by a link that one hands to the other past the conversation, or try to in ways that prove nothing. */
#include "es-limits.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define MALLORY "mallory@example.net"

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static void
meet (void)
{
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}

static const char *
contact_of (const Endpoint *endpoint)
{
  return endpoint == alice ? BOB : ALICE;
}

/* That of ENDPOINT, the caller's. */
static char *
link_of (const Endpoint *endpoint)
{
  char *text = es_manager_own_link (endpoint->manager, es_at (contact_of (endpoint)));

  ck_assert_ptr_nonnull (text);
  return text;
}

static EsLinkVerdict
check (Endpoint *endpoint, const char *text)
{
  EsLinkVerdict verdict = es_manager_check_link (endpoint->manager, es_at (contact_of (endpoint)), text);

  world_run (world);
  return verdict;
}

/* Each for itself, as with codes; and that is remembered. */
START_TEST (link__checked__is_as_if_the_codes_were_equal)
{
  g_autofree char *of_alice = NULL, *of_bob = NULL;

  meet ();
  of_alice = link_of (alice);
  of_bob = link_of (bob);
  ck_assert (g_str_has_prefix (of_alice, "xmpp:" ALICE "/pda?esession;verify="));
  ck_assert_ptr_nonnull (strstr (of_alice, endpoint_look (alice, BOB).code));
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_AGREES);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
  ck_assert (endpoint_look (bob, ALICE).other_verified);
  ck_assert_int_eq (check (bob, of_alice), ES_LINK_AGREES);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_VERIFIED);
  ck_assert_int_eq (check (bob, of_alice), ES_LINK_AGREES);

  endpoint_kill_program (alice);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

START_TEST (link__of_something_else__changes_nothing)
{
  g_autofree char *old = NULL, *own = NULL, *new = NULL, *other_code = NULL, *other_device = NULL;
  char *digit = NULL;

  meet ();
  own = link_of (alice);
  old = link_of (bob);
  ck_assert_int_eq (check (alice, own), ES_LINK_OWN);
  ck_assert_int_eq (check (alice, "hello"), ES_LINK_UNREADABLE);

  /* In this session with another code. */
  other_code = g_strdup (old);
  digit = strstr (other_code, "verify=") + strlen ("verify=");
  *digit = *digit == 'a' ? 'c' : 'a';
  ck_assert_int_eq (check (alice, other_code), ES_LINK_DIFFERS);
  other_device = g_strdup (old);
  memcpy (strstr (other_device, "laptop"), "lepton", strlen ("laptop"));
  ck_assert_int_eq (check (alice, other_device), ES_LINK_OTHER_DEVICE);

  /* Of yesterday. */
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_ptr_null (es_manager_own_link (alice->manager, es_at (BOB)));
  ck_assert_int_eq (check (alice, old), ES_LINK_NO_SESSION);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (check (alice, old), ES_LINK_OTHER_SESSION);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  new = link_of (bob);
  ck_assert_int_eq (check (alice, new), ES_LINK_AGREES);
}
END_TEST

/* Whoever is in the middle has a session with each, and can say in each whatever he wants. */
START_TEST (link__of_the_middle__does_not_agree)
{
  Endpoint *mallory = world_add (world, MALLORY "/x");
  g_autofree char *of_mallory = NULL, *of_bob = NULL, *forged = NULL;

  meet ();
  endpoint_sign_on (mallory);
  es_manager_opened (mallory->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (mallory, BOB), ES_STATE_ENCRYPTED);
  of_bob = es_manager_own_link (bob->manager, es_at (MALLORY));
  of_mallory = es_manager_own_link (mallory->manager, es_at (BOB));
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_OTHER_PEOPLE);
  ck_assert_int_eq (check (bob, of_mallory), ES_LINK_OTHER_PEOPLE);

  /* With their names in it. */
  forged = g_strconcat ("xmpp:" ALICE "/pda", strchr (of_mallory, '?'), NULL);
  ck_assert_int_eq (check (bob, forged), ES_LINK_OTHER_SESSION);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}
END_TEST

/* What stands in STANZA comes to Alice in the session, or beside it. */
static void
assert_refused (const char *format, gboolean encrypted, gboolean refused)
{
  g_autofree char *of_bob = NULL, *stanza = NULL;
  g_auto (GStrv) parts = NULL;

  meet ();
  of_bob = link_of (bob);
  parts = g_strsplit (format, "LINK", -1);
  stanza = g_strjoinv (of_bob, parts);
  if (encrypted)
    endpoint_send_raw (bob, stanza);
  else
    world_inject (world, BOB "/laptop", ALICE "/pda", stanza);
  world_run (world);
  ck_assert_int_eq (check (alice, of_bob), refused ? ES_LINK_CAME_HERE : ES_LINK_AGREES);
  ck_assert_int_eq (endpoint_state (alice, BOB), refused ? ES_STATE_ENCRYPTED : ES_STATE_VERIFIED);
}

static const struct
{
  const char *stanza;
  gboolean encrypted, refused;
} came[] = {
  { "<message xmlns='jabber:client' to='" ALICE "' type='chat'><body>Here: LINK</body></message>", TRUE, TRUE },
  { "<message xmlns='jabber:client' to='" ALICE "' type='chat'><body>Hello.</body></message>", TRUE, FALSE },
  { "<message xmlns='jabber:client' to='" ALICE
    "' type='chat'><body>x</body><html xmlns='http://jabber.org/protocol/xhtml-im'>"
    "<body xmlns='http://www.w3.org/1999/xhtml'><a href='LINK'>here</a></body></html></message>",
    TRUE, TRUE },
  { "<message xmlns='jabber:client' to='" ALICE "' type='chat'><subject>LINK</subject></message>", TRUE, TRUE },
  { "<message xmlns='jabber:client' to='" ALICE "' from='" BOB "/laptop' type='chat'><body>LINK</body></message>",
    FALSE, TRUE },
  { "<message xmlns='jabber:client' to='" ALICE "' from='" BOB "/laptop' type='chat'><body>Hello.</body></message>",
    FALSE, FALSE },
  { "<message xmlns='jabber:client' to='" ALICE "' from='" BOB "/phone' type='chat'><body>LINK</body></message>", FALSE,
    TRUE },
};

START_TEST (link__that_came_in_the_conversation__proves_nothing)
{
  assert_refused (came[_i].stanza, came[_i].encrypted, came[_i].refused);
}
END_TEST

/* Nor does one that somebody else has said, to whom there is nothing else. */
START_TEST (link__that_somebody_else_has_said__proves_nothing)
{
  g_autofree char *of_bob = NULL, *stanza = NULL;

  meet ();
  of_bob = link_of (bob);
  stanza
      = g_strdup_printf ("<message xmlns='jabber:client' to='" ALICE "' type='chat'><body>%s</body></message>", of_bob);
  world_inject (world, MALLORY "/x", ALICE "/pda", stanza);
  world_run (world);
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_CAME_HERE);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* While a session is verified nothing is looked for. */
START_TEST (link__of_a_device_that_is_unmarked__proves_nothing)
{
  g_autofree char *of_bob = NULL;
  gint64 device = 0;
  g_autoptr (GPtrArray) devices = NULL;

  meet ();
  of_bob = link_of (bob);
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_AGREES);
  ck_assert (!es_links_are_wanted (es_trust_links (alice->trust)));
  devices = es_trust_devices (alice->trust, NULL);
  ck_assert_uint_eq (devices->len, 1);
  device = ((const EsDevice *) devices->pdata[0])->id;
  ck_assert (es_trust_unmark (alice->trust, device, world->now, NULL));
  es_manager_device_unmarked (alice->manager, es_at (BOB), device);
  world_run (world);
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_CAME_HERE);
}
END_TEST

/* In pieces that formatting hides. */
START_TEST (link__that_came_in_pieces__proves_nothing)
{
  g_autofree char *of_bob = NULL, *stanza = NULL;

  meet ();
  of_bob = link_of (bob);
  stanza
      = g_strdup_printf ("<message xmlns='jabber:client' to='" ALICE "' type='chat'><body>x</body>"
                         "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>"
                         "<p>%.60s<b>%.20s</b>%s</p></body></html></message>",
                         of_bob, of_bob + 60, of_bob + 80);
  endpoint_send_raw (bob, stanza);
  world_run (world);
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_CAME_HERE);
}
END_TEST

/* The link that an honest Bob will have is known before Alice has the session: to whoever is at both ends of it. */
typedef struct
{
  const char *text;
  guint n;
} Early;

static gboolean
send_early (World *w, Letter *letter, gpointer data)
{
  Early *early = data;
  g_autofree char *stanza = NULL;

  /* Message 3 is on its way, the answer is not. */
  if (!g_str_has_prefix (letter->from, ALICE) || strstr (letter->text, "rshashes") == NULL)
    return TRUE;
  stanza = g_strdup_printf ("<message xmlns='jabber:client' to='" ALICE "/pda' from='" BOB
                            "/laptop' type='chat'><body>%s</body></message>",
                            early->text);
  early->n++;
  world_inject (w, BOB "/laptop", ALICE "/pda", stanza);
  return TRUE;
}

START_TEST (link__that_came_before_its_session__proves_nothing)
{
  static const char digits[]
      = "Call 0123456789 or 0123456789, decade after decade, and deface 0123456789 or 0123456789";
  g_autofree char *of_bob = NULL, *again = NULL, *flood = NULL;
  Early early = { 0 };

  meet ();
  of_bob = link_of (bob);
  teardown ();

  /* All that is random is the same. */
  setup ();
  flood = g_strnfill (ES_LIMIT_EARLY_DIGITS, 'a');
  early.text = _i == 0 ? of_bob : _i == 1 ? flood : _i == 2 ? digits : "Hello.";
  world->tap = send_early;
  world->tap_data = &early;
  meet ();
  again = link_of (bob);
  ck_assert_uint_eq (early.n, 1);
  ck_assert_str_eq (of_bob, again);
  if (_i == 0)
    endpoint_type (bob, ALICE, "Hello.");
  world_run (world);
  ck_assert_int_eq (check (alice, again), _i < 2 ? ES_LINK_CAME_HERE : ES_LINK_AGREES);
}
END_TEST

/* Where there is more that the other side has said than messages. */
START_TEST (link__that_came_as_a_question__proves_nothing)
{
  g_autofree char *of_bob = NULL, *proof = NULL;

  meet ();
  of_bob = link_of (bob);
  proof = g_strndup (strstr (of_bob, "verify="), strlen ("verify=acdefg.0123456789abcdef0123456789abcdef"));
  es_manager_password (bob->manager, es_at (ALICE), "the cat on the piano", proof);
  world_run (world);
  ck_assert_int_eq (check (alice, of_bob), ES_LINK_CAME_HERE);
}
END_TEST

/* That it came is of one session: the next one has another link. */
START_TEST (link__that_came__is_nothing_to_the_next_session)
{
  g_autofree char *old = NULL, *new = NULL;

  meet ();
  old = link_of (bob);
  endpoint_type (bob, ALICE, old);
  world_run (world);
  ck_assert_int_eq (check (alice, old), ES_LINK_CAME_HERE);
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  new = link_of (bob);
  ck_assert_int_eq (check (alice, old), ES_LINK_OTHER_SESSION);
  ck_assert_int_eq (check (alice, new), ES_LINK_AGREES);
}
END_TEST

/* One's own, or the other's that one has from elsewhere: it leaves all the same. */
START_TEST (link__typed_into_its_conversation__is_answered_with_a_line)
{
  g_autofree char *text = NULL;
  const char *said = es_said (ES_NOTICE_LINK_HERE);

  meet ();
  text = link_of (_i == 0 ? alice : bob);
  endpoint_type (alice, BOB, "Hello.");
  ck_assert (!es_has_text (alice->notices, said));
  endpoint_type (alice, BOB, text);
  world_run (world);
  ck_assert (es_has_text (alice->notices, said));
  ck_assert (es_has_text (bob->shown, text));
  ck_assert (!es_has_text (bob->notices, said));
}
END_TEST

/* Who we are is not known, or the other side proves nothing. */
START_TEST (link__without_proof__is_not_made)
{
  g_autofree char *of_bob = NULL;

  if (_i == 1)
    {
      alice->options.sas[0] = "sas28x5";
      alice->options.sas[1] = NULL;
    }
  endpoint_sign_on (alice);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  of_bob = es_manager_own_link (bob->manager, es_at (ALICE));
  if (_i == 0)
    es_manager_set_own (alice->manager, NULL);
  ck_assert_ptr_null (es_manager_own_link (alice->manager, es_at (BOB)));
  ck_assert (_i == 0 || of_bob == NULL);
  ck_assert_int_eq (check (alice, _i == 0 ? of_bob
                                          : "xmpp:" BOB
                                            "/laptop?esession;verify=acdefg.0123456789abcdef0123456789abcdef;"
                                            "session=0123456789abcdef;with=alice%40example.org%2Fpda"),
                    ES_LINK_NO_PROOF);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("link");
  TCase *tcase = tcase_create ("link");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, link__checked__is_as_if_the_codes_were_equal);
  tcase_add_test (tcase, link__of_something_else__changes_nothing);
  tcase_add_test (tcase, link__of_the_middle__does_not_agree);
  tcase_add_loop_test (tcase, link__that_came_in_the_conversation__proves_nothing, 0, (int) G_N_ELEMENTS (came));
  tcase_add_test (tcase, link__that_somebody_else_has_said__proves_nothing);
  tcase_add_test (tcase, link__of_a_device_that_is_unmarked__proves_nothing);
  tcase_add_test (tcase, link__that_came_in_pieces__proves_nothing);
  tcase_add_loop_test (tcase, link__that_came_before_its_session__proves_nothing, 0, 4);
  tcase_add_test (tcase, link__that_came_as_a_question__proves_nothing);
  tcase_add_test (tcase, link__that_came__is_nothing_to_the_next_session);
  tcase_add_loop_test (tcase, link__typed_into_its_conversation__is_answered_with_a_line, 0, 2);
  tcase_add_loop_test (tcase, link__without_proof__is_not_made, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
