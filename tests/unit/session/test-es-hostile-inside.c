/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What somebody who has keys, and obeys no rules, can put into an encrypted stanza. */
#include "es-forge.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define FORGER BOB "/forger"

static World *world;
static Endpoint *alice;
static Forger *forger;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  endpoint_sign_on (alice);
  forger = forger_new (world, FORGER);
  world->tap = forger_tap;
  world->tap_data = forger;
}

static void
teardown (void)
{
  g_clear_pointer (&forger, forger_free);
  g_clear_pointer (&world, world_free);
}

/* They have a session. */
static void
meet (void)
{
  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert_uint_eq (forger->n_heard, 1);
}

static char *
code_of (Endpoint *endpoint, const char *contact)
{
  EsConversation what;

  es_manager_describe (endpoint->manager, es_at (contact), &what);
  return g_strdup (what.code);
}

/* Repeats A n times, then B m times. */
static char *
repeat (const char *a, guint n, const char *b, guint m)
{
  GString *text = g_string_new (NULL);

  for (; n > 0; n--)
    g_string_append (text, a);
  for (; m > 0; m--)
    g_string_append (text, b);
  return g_string_free (text, FALSE);
}

static const char *const inside[] = {
  "<c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c>",
  "<body>x</body><x xmlns='urn:x'><c xmlns='" ES_NS_CRYPT "'/></x>",
  "<body>never closed",
  "<body>x</body></message><message>",
  "<body>x</body>&nothing;",
  "<!DOCTYPE x [<!ENTITY e 'x'>]><body>&e;</body>",
  "<body>x</body><?target data?>",
  "<body><!-- x -->x</body>",
  "<body>\x01</body>",
  "<body>\xff\xfe</body>",
  "<x:body>undeclared</x:body>",
  "<body a='1' a='2'>x</body>",
};

static void
run_inside (const char *content)
{
  g_autofree char *expected = forge_error (FORGER, forger->thread, ES_ERROR_NO_SESSION, NULL);
  g_autofree char *code = code_of (alice, BOB), *next = NULL;

  forger_send (forger, content);
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 1);
  ck_assert_str_eq (world_last (world, alice->jid, "type=\"error\""), expected);
  ck_assert_uint_eq (alice->shown->len, 0);
  ck_assert (es_has_text (alice->notices, es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_LOST)->notice)));

  /* It goes on by itself, with other keys. */
  next = code_of (alice, BOB);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_str_ne (code, next);
  forger_send (forger, "<body>good</body>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "good");
}

START_TEST (inside__content__what_may_not_be_ends_the_session)
{
  meet ();
  run_inside (inside[_i]);
}
END_TEST

START_TEST (inside__content__a_megabyte_of_nesting_ends_the_session)
{
  g_autofree char *closed = repeat ("<a>", 140000, "</a>", 140000), *open = repeat ("<a>", 340000, "", 0);
  g_autofree char *deep = repeat ("<a>", ES_LIMIT_XML_DEPTH + 1, "</a>", ES_LIMIT_XML_DEPTH + 1);
  g_autofree char *wide = repeat ("<a/>", ES_LIMIT_XML_NODES + 1, "", 0);
  const char *const contents[] = { closed, open, deep, wide };

  meet ();
  run_inside (contents[_i]);
}
END_TEST

/* As much as one stanza may hold is still taken. */
START_TEST (inside__content__a_megabyte_of_text_is_shown)
{
  g_autofree char *text = g_strnfill (ES_LIMIT_STANZA_OCTETS - 13, 'x'), *content = NULL;

  meet ();
  content = g_strdup_printf ("<body>%s</body>", text);
  ck_assert_uint_eq (strlen (content), ES_LIMIT_STANZA_OCTETS);
  forger_send (forger, content);
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), text);
}
END_TEST

/* Something is in it, but nothing for anybody. */
START_TEST (inside__content__nothing_is_nothing)
{
  meet ();
  forger_send (forger, NULL);
  forger_send (forger, "  ");
  forger_send (forger, "text without an element");
  forger_send (forger, "<active xmlns='http://jabber.org/protocol/chatstates'/>");
  world_run (world);
  ck_assert_uint_eq (alice->shown->len, 0);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 0);
  forger_send (forger, "<body>good</body>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "good");
}
END_TEST

/* What is inside passes for nothing else: it is neither an error, nor of another thread, nor part of a
 * negotiation. */
START_TEST (inside__content__is_only_a_message)
{
  meet ();
  forger_send (forger, "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                       "<thread>other</thread><body>good</body>");
  forger_send (forger, "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                       "<field var='FORM_TYPE'><value>urn:xmpp:ssn</value></field></x></feature><body>more</body>");
  world_run (world);
  ck_assert_str_eq (texts (alice->shown), "good|more");
  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Stanza types that were not agreed: without messages there is nothing to agree on. */

static const guint no_messages[] = { ES_STANZA_IQ, ES_STANZA_PRESENCE, ES_STANZA_IQ | ES_STANZA_PRESENCE };

static void
expect_no_session (const char *thread)
{
  g_autofree char *expected = forge_error (FORGER, thread, ES_ERROR_UNSUPPORTED, "stanzas");

  ck_assert_uint_eq (world_count (world, alice->jid, "type=\"error\""), 1);
  ck_assert_str_eq (world_last (world, alice->jid, "type=\"error\""), expected);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_str_eq (texts (alice->warnings), es_said_of (ES_ERROR_UNSUPPORTED));
  ck_assert_uint_eq (world_count (world, alice->jid, "<mac>"), 0);
}

START_TEST (inside__types__offered_without_messages_are_refused)
{
  forger->options.stanzas = no_messages[_i];
  forger_ask (forger, alice->jid, NULL);
  world_run (world);
  expect_no_session (forger->thread);
}
END_TEST

START_TEST (inside__types__chosen_without_messages_are_refused)
{
  forger->options.stanzas = no_messages[_i];
  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  expect_no_session (forger->thread);
  ck_assert_str_eq (texts (alice->returned), "secret");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("inside");
  TCase *tcase = tcase_create ("inside");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, inside__content__what_may_not_be_ends_the_session, 0, G_N_ELEMENTS (inside));
  tcase_add_loop_test (tcase, inside__content__a_megabyte_of_nesting_ends_the_session, 0, 4);
  tcase_add_test (tcase, inside__content__a_megabyte_of_text_is_shown);
  tcase_add_test (tcase, inside__content__nothing_is_nothing);
  tcase_add_test (tcase, inside__content__is_only_a_message);
  tcase_add_loop_test (tcase, inside__types__offered_without_messages_are_refused, 0, G_N_ELEMENTS (no_messages));
  tcase_add_loop_test (tcase, inside__types__chosen_without_messages_are_refused, 0, G_N_ELEMENTS (no_messages));
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
