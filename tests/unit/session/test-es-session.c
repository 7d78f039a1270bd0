/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions: from the first message to the keys, with whom, and what is remembered of it. */
#include "es-pair.h"

/* Negotiating */

START_TEST (session__negotiate__agrees_on_everything)
{
  pair_negotiate ();
  ck_assert_str_eq (es_session_thread (alice.session), es_session_thread (bob.session));
  ck_assert_str_eq (es_text_of (es_session_jid (alice.session)), bob.jid);
  ck_assert_str_eq (es_text_of (es_session_jid (bob.session)), alice.jid);
  ck_assert_int_eq (es_session_role (alice.session), ES_ROLE_INITIATOR);
  ck_assert_int_eq (es_session_role (bob.session), ES_ROLE_RESPONDER);
  ck_assert_str_eq (es_session_code (alice.session), es_session_code (bob.session));
  ck_assert_uint_eq (strlen (es_session_code (alice.session)), 6);
  ck_assert (es_session_code_proves (alice.session) && es_session_code_proves (bob.session));
  ck_assert (!es_session_is_verified (alice.session) && !es_session_is_verified (bob.session));
  ck_assert (!es_session_is_strange (alice.session) && !es_session_is_strange (bob.session));
  ck_assert_uint_eq (es_session_stanzas (alice.session), ES_STANZA_ALL);
  ck_assert_int_eq (es_session_since (bob.session), pair_now);
  pair_expect_body_passes (&alice, &bob, "hello");
  pair_expect_body_passes (&bob, &alice, "hello yourself");
}
END_TEST

/* Each of the four: to whom, on the thread, not to be stored or copied, with nothing that a client would
 * show. */
static void
expect_envelope (const EsXml *stanza, const char *to, const char *wrapper)
{
  static const char *const beside[] = { "thread", "no-store", "no-copy", "private" };
  g_autofree char *thread = es_xml_dup_text (es_xml_child (stanza, "thread", ES_NS_CLIENT));

  ck_assert_str_eq (es_xml_attribute (stanza, "to"), to);
  ck_assert_uint_eq (es_xml_n_attributes (stanza), 2);
  ck_assert_uint_eq (strlen (es_xml_attribute (stanza, "id")), 32);
  ck_assert_str_eq (thread, es_session_thread (alice.session));
  ck_assert_uint_eq (es_xml_children (stanza)->len, 5);
  ck_assert_ptr_nonnull (es_xml_child (stanza, wrapper, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (beside); i++)
    ck_assert_ptr_nonnull (es_xml_child (stanza, beside[i], NULL));
}

START_TEST (session__negotiate__messages_travel_as_agreed)
{
  EsXml *stanza = pair_begin (BOB);

  expect_envelope (stanza, BOB, "feature");
  stanza = pair_give (&bob, alice.jid, stanza, NULL);
  expect_envelope (stanza, alice.jid, "feature");
  stanza = pair_give (&alice, bob.jid, stanza, NULL);
  expect_envelope (stanza, bob.jid, "feature");
  stanza = pair_give (&bob, alice.jid, stanza, NULL);
  expect_envelope (stanza, alice.jid, "init");
  ck_assert_ptr_null (pair_give (&alice, bob.jid, stanza, NULL));
}
END_TEST

START_TEST (session__nonce__is_there_while_unanswered)
{
  EsXml *stanza = pair_begin (bob.jid);

  ck_assert_ptr_nonnull (es_session_unanswered_nonce (alice.session));
  ck_assert_ptr_null (es_session_unanswered_nonce (bob.session));
  stanza = pair_give (&bob, alice.jid, stanza, NULL);
  ck_assert_ptr_null (es_session_unanswered_nonce (bob.session));
  es_xml_free (pair_give (&alice, bob.jid, stanza, NULL));
  ck_assert_ptr_null (es_session_unanswered_nonce (alice.session));
}
END_TEST

START_TEST (session__confirmed__when_the_other_side_was_heard)
{
  pair_negotiate ();
  ck_assert (es_session_has_heard (alice.session));
  ck_assert (!es_session_has_heard (bob.session));
  ck_assert (!es_session_has_sent (alice.session));
  pair_expect_body_passes (&bob, &alice, "too early to tell");
  ck_assert (!es_session_has_heard (bob.session));
  pair_expect_body_passes (&alice, &bob, "here I am");
  ck_assert (es_session_has_heard (bob.session));
  ck_assert (es_session_has_sent (alice.session));
}
END_TEST

/* Asked at the bare JID: whoever of it answers first has the session. */
START_TEST (session__bind__is_with_the_client_that_answered)
{
  g_autoptr (EsXml) answer = pair_give (&bob, alice.jid, pair_begin (BOB), NULL), reply = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pair_give (&alice, "mallory@example.com/laptop", es_xml_copy (answer), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  g_clear_error (&error);
  ck_assert_str_eq (es_text_of (es_session_jid (alice.session)), BOB);
  reply = pair_give (&alice, BOB_PHONE, es_xml_copy (answer), NULL);
  ck_assert_str_eq (es_text_of (es_session_jid (alice.session)), BOB_PHONE);
  ck_assert_str_eq (es_xml_attribute (reply, "to"), BOB_PHONE);

  ck_assert_ptr_null (pair_give (&alice, BOB_LAPTOP, es_xml_copy (answer), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  ck_assert_str_eq (es_text_of (es_session_jid (alice.session)), BOB_PHONE);
}
END_TEST

START_TEST (session__bind__a_full_jid_answers_for_itself)
{
  g_autoptr (EsXml) answer = pair_give (&bob, alice.jid, pair_begin (BOB_LAPTOP), NULL), reply = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pair_give (&alice, BOB_PHONE, es_xml_copy (answer), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  reply = pair_give (&alice, BOB_LAPTOP, es_xml_copy (answer), NULL);
  ck_assert_ptr_nonnull (reply);
}
END_TEST

START_TEST (session__consume__message_3_from_another_client_is_refused)
{
  EsXml *stanza = pair_give (&alice, bob.jid, pair_give (&bob, alice.jid, pair_begin (bob.jid), NULL), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (pair_give (&bob, ALICE "/other", es_xml_copy (stanza), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  ck_assert (!es_session_is_active (bob.session));
  stanza = pair_give (&bob, alice.jid, stanza, NULL);
  ck_assert_ptr_null (pair_give (&alice, bob.jid, stanza, NULL));
  pair_expect_body_passes (&alice, &bob, "hello");
}
END_TEST

START_TEST (session__consume__nothing_when_active)
{
  g_autoptr (EsXml) request = pair_begin (bob.jid), answer = pair_give (&bob, alice.jid, es_xml_copy (request), NULL);
  g_autoptr (EsXml) accept = pair_give (&alice, bob.jid, es_xml_copy (answer), NULL);
  g_autoptr (EsXml) end = pair_give (&bob, alice.jid, es_xml_copy (accept), NULL);
  const EsXml *again[] = { request, answer, accept, end };

  ck_assert_ptr_null (pair_give (&alice, bob.jid, es_xml_copy (end), NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (again); i++)
    {
      g_autoptr (GError) here = NULL, there = NULL;

      ck_assert_ptr_null (pair_give (&alice, bob.jid, es_xml_copy (again[i]), &here));
      ck_assert_ptr_null (pair_give (&bob, alice.jid, es_xml_copy (again[i]), &there));
      ck_assert (g_error_matches (here, ES_ERROR, ES_ERROR_UNEXPECTED));
      ck_assert (g_error_matches (there, ES_ERROR, ES_ERROR_UNEXPECTED));
    }
  pair_expect_body_passes (&alice, &bob, "still here");
}
END_TEST

/* What is remembered */

static void
verify_both (void)
{
  ck_assert (es_session_verify (alice.session, NULL));
  ck_assert (es_session_verify (bob.session, NULL));
}

START_TEST (session__verify__lasts_for_the_next_sessions)
{
  pair_negotiate ();
  verify_both ();
  ck_assert (es_session_is_verified (alice.session) && es_session_is_verified (bob.session));
  for (guint i = 0; i < 3; i++)
    {
      pair_expect_body_passes (&alice, &bob, "x");
      pair_negotiate ();
      ck_assert (es_session_is_verified (alice.session) && es_session_is_verified (bob.session));
      ck_assert (!es_session_is_strange (alice.session) && !es_session_is_strange (bob.session));
    }
}
END_TEST

START_TEST (session__forget__makes_strangers)
{
  pair_negotiate ();
  verify_both ();
  ck_assert (es_trust_forget (bob.trust, es_session_device (bob.session), NULL));
  pair_negotiate ();
  ck_assert (!es_session_is_verified (alice.session) && !es_session_is_verified (bob.session));

  /* Alice remembers a verified device, and this is not it; Bob remembers nobody. */
  ck_assert (es_session_is_strange (alice.session));
  ck_assert (!es_session_is_strange (bob.session));
}
END_TEST

START_TEST (session__verify__not_by_a_code_that_proves_nothing)
{
  g_autoptr (GError) error = NULL;

  alice.options.sas[0] = "sas28x5";
  alice.options.sas[1] = NULL;
  pair_negotiate ();
  ck_assert_uint_eq (strlen (es_session_code (alice.session)), 5);
  ck_assert (!es_session_code_proves (alice.session) && !es_session_code_proves (bob.session));
  ck_assert (!es_session_verify (alice.session, &error));
  ck_assert_ptr_nonnull (error);
  ck_assert (!es_session_is_verified (alice.session));
}
END_TEST

/* As it is with an old program, whatever the code is made of: neither code, nor password, nor a secret that was verified before. */
START_TEST (session__verify__not_where_nobody_says_who_talks_to_whom)
{
  g_autoptr (GError) code = NULL, password = NULL;

  pair_negotiate ();
  verify_both ();
  pair_expect_body_passes (&alice, &bob, "x");
  alice.options.dialect = bob.options.dialect = ES_DIALECT_GAJIM;
  pair_negotiate ();
  ck_assert_uint_eq (strlen (es_session_code (alice.session)), 6);
  ck_assert (!es_session_has_parties (alice.session));
  ck_assert (!es_session_code_proves (alice.session));
  ck_assert (es_session_runs_on_secret (alice.session));
  ck_assert (!es_session_is_verified (alice.session) && !es_session_is_verified (bob.session));
  ck_assert (es_session_is_strange (alice.session));
  ck_assert (!es_session_verify (alice.session, &code));
  ck_assert_ptr_nonnull (code);
  ck_assert (!es_session_verify_by_password (alice.session, &password));
  ck_assert_ptr_nonnull (password);
  es_session_set_mark (alice.session, es_session_device (alice.session), TRUE);
  ck_assert (!es_session_is_verified (alice.session));
}
END_TEST

/* How many secrets SIDE holds with CONTACT. */
static guint
count_secrets (Side *side, const char *account, const char *contact)
{
  g_autoptr (GPtrArray) secrets = NULL;

  ck_assert (es_trust_secrets (side->trust, es_at (account), es_at (contact), pair_now, &secrets, NULL));
  return secrets->len;
}

/* Only what is authentic proves a secret: with anything else the one before it stays. */
START_TEST (session__prove__not_by_what_is_not_authentic)
{
  g_autoptr (EsXml) stanza = NULL;

  pair_negotiate ();
  pair_expect_body_passes (&alice, &bob, "x");
  ck_assert_uint_eq (count_secrets (&bob, BOB, ALICE), 1);
  pair_negotiate ();
  ck_assert_uint_eq (count_secrets (&bob, BOB, ALICE), 2);
  stanza = pair_encrypted (&alice, "<message><body>x</body></message>");
  if (_i == 0)
    {
      g_autoptr (EsXml) other = NULL;

      pair_expect_body_passes (&bob, &alice, "y");
      other = pair_encrypted (&bob, "<message><body>reflected</body></message>");
      pair_expect_refused (&bob, other, ES_ERROR_CHECK);
    }
  else
    {
      EsXml *c = (EsXml *) es_xml_child (stanza, "c", NULL);

      for (guint i = es_xml_children (c)->len; i-- > 0;)
        if (es_xml_is (es_xml_children (c)->pdata[i], "mac", NULL))
          es_xml_free (es_xml_steal (c, i));
      if (_i == 1)
        es_xml_append_new (c, "mac", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
      pair_expect_refused (&bob, stanza, _i == 1 ? ES_ERROR_CHECK : ES_ERROR_MALFORMED);
    }
  ck_assert_uint_eq (count_secrets (&bob, BOB, ALICE), 2);

  /* The next session finds one of them. */
  pair_negotiate ();
  ck_assert (es_session_runs_on_secret (alice.session) && es_session_runs_on_secret (bob.session));
}
END_TEST

/* Whoever passes on what was meant for somebody else. */
START_TEST (session__parties__are_who_sees_whom)
{
  static const char rob[] = "rob@example.net/laptop";
  g_autoptr (GError) error = NULL;
  EsXml *request = NULL;

  pair_negotiate ();
  verify_both ();
  pair_expect_body_passes (&alice, &bob, "x");
  g_clear_pointer (&alice.session, es_session_free);
  g_clear_pointer (&bob.session, es_session_free);
  bob.session
      = es_session_new (ES_ROLE_INITIATOR, es_at (BOB), es_at (alice.jid), NULL, &bob.options, &bob.host, bob.trust);
  alice.session = es_session_new (ES_ROLE_RESPONDER, es_at (ALICE), es_at (rob), es_session_thread (bob.session),
                                  &alice.options, &alice.host, alice.trust);
  request = es_session_request (bob.session, NULL);
  ck_assert_ptr_null (pair_give (&alice, rob, request, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_PARTIES));
}
END_TEST

/* A server ends the stream over it: it never leaves, and does not wait for another session that it could leave in. */
START_TEST (session__encrypt__refuses_what_no_server_could_read)
{
  g_autoptr (EsXml) stanza = pair_parse ("<message><body>x</body></message>"), before = NULL;
  g_autoptr (GError) error = NULL;

  pair_negotiate ();
  es_xml_set_attribute (stanza, "1st", "1");
  before = es_xml_copy (stanza);
  ck_assert (!es_session_encrypt (alice.session, stanza, &error));
  ck_assert_int_eq (error->code, ES_ERROR_MALFORMED);
  ck_assert (es_xml_equal (stanza, before));
  pair_expect_body_passes (&alice, &bob, "y");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session");
  TCase *tcase = tcase_create ("session");

  tcase_add_checked_fixture (tcase, pair_setup, pair_teardown);
  tcase_add_test (tcase, session__negotiate__agrees_on_everything);
  tcase_add_test (tcase, session__negotiate__messages_travel_as_agreed);
  tcase_add_test (tcase, session__nonce__is_there_while_unanswered);
  tcase_add_test (tcase, session__confirmed__when_the_other_side_was_heard);
  tcase_add_test (tcase, session__bind__is_with_the_client_that_answered);
  tcase_add_test (tcase, session__bind__a_full_jid_answers_for_itself);
  tcase_add_test (tcase, session__consume__message_3_from_another_client_is_refused);
  tcase_add_test (tcase, session__consume__nothing_when_active);
  tcase_add_test (tcase, session__verify__lasts_for_the_next_sessions);
  tcase_add_test (tcase, session__forget__makes_strangers);
  tcase_add_test (tcase, session__verify__not_by_a_code_that_proves_nothing);
  tcase_add_test (tcase, session__verify__not_where_nobody_says_who_talks_to_whom);
  tcase_add_loop_test (tcase, session__prove__not_by_what_is_not_authentic, 0, 3);
  tcase_add_test (tcase, session__parties__are_who_sees_whom);
  tcase_add_test (tcase, session__encrypt__refuses_what_no_server_could_read);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
