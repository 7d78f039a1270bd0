/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sessions with nothing between them: what they say to each other, to the octet where it matters. */
#include "es-session.h"

#include <glib/gstdio.h>

#include "../es-test.h"
#include "es-error.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define ALICE_PDA ALICE "/pda"
#define BOB_LAPTOP BOB "/laptop"
#define BOB_PHONE BOB "/phone"

typedef struct
{
  const char *jid;
  EsHost host;
  EsOptions options;
  char *path;
  EsTrust *trust;
  EsSession *session;
} Side;

static char *folder;
static gint64 now_seconds;
static Side alice, bob;

static gint64
host_now (gpointer data)
{
  return now_seconds;
}

static void
side_init (Side *side, const char *jid, const char *file)
{
  *side = (Side){ .jid = jid, .host = { .random = es_random_system, .now = host_now } };
  es_options_init (&side->options);
  side->options.groups[1] = 0;
  side->path = g_build_filename (folder, file, NULL);
  side->trust = es_trust_new (side->path);
}

static void
side_clear (Side *side)
{
  g_clear_pointer (&side->session, es_session_free);
  g_clear_pointer (&side->trust, es_trust_free);
  g_unlink (side->path);
  g_clear_pointer (&side->path, g_free);
}

static void
setup (void)
{
  const char *parent = g_access ("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : g_get_tmp_dir ();

  folder = g_build_filename (parent, "esession-pair-XXXXXX", NULL);
  ck_assert_ptr_nonnull (g_mkdtemp (folder));
  now_seconds = 1000000;
  side_init (&alice, ALICE_PDA, "alice.db");
  side_init (&bob, BOB_LAPTOP, "bob.db");
}

static void
teardown (void)
{
  side_clear (&alice);
  side_clear (&bob);
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

static EsXml *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) content = es_xml_parse_content (text, strlen (text), &error);

  ck_assert_msg (content != NULL, "%s in %s", error != NULL ? error->message : "", text);
  return es_xml_steal (content, 0);
}

/* The stanza as it comes out of the other end of a stream. */
static EsXml *
travel (const EsXml *stanza)
{
  g_autofree char *text = es_xml_to_string (stanza, ES_NS_CLIENT);

  return parse (text);
}

/* Hands the negotiation message in STANZA, which it takes, to SIDE; returns the reply. */
static EsXml *
give (Side *side, const char *from, EsXml *stanza, GError **error)
{
  g_autoptr (EsXml) sent = stanza, arrived = travel (sent);
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = es_negotiation_recognize (arrived, &message);
  EsXml *reply = NULL;

  ck_assert_ptr_nonnull (payload);
  if (!es_session_consume (side->session, from, message, payload, &reply, error))
    ck_assert_ptr_null (reply);
  return reply;
}

/* New sessions; Alice asks JID. The request is returned. */
static EsXml *
begin (const char *jid)
{
  EsXml *request = NULL;

  g_clear_pointer (&alice.session, es_session_free);
  g_clear_pointer (&bob.session, es_session_free);
  alice.session = es_session_new (ES_ROLE_INITIATOR, ALICE, jid, NULL, &alice.options, &alice.host, alice.trust);
  request = es_session_request (alice.session, NULL);
  ck_assert_ptr_nonnull (request);
  bob.session = es_session_new (ES_ROLE_RESPONDER, BOB, alice.jid, es_session_thread (alice.session), &bob.options,
                                &bob.host, bob.trust);
  return request;
}

static void
negotiate (void)
{
  EsXml *stanza = give (&bob, alice.jid, begin (bob.jid), NULL);

  stanza = give (&alice, bob.jid, stanza, NULL);
  stanza = give (&bob, alice.jid, stanza, NULL);
  ck_assert_ptr_null (give (&alice, bob.jid, stanza, NULL));
  ck_assert (es_session_is_active (alice.session) && es_session_is_active (bob.session));
}

/* Encrypts TEXT, a stanza; what arrives at the other end. */
static EsXml *
encrypted (Side *side, const char *text)
{
  g_autoptr (EsXml) stanza = parse (text);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (es_session_encrypt (side->session, stanza, &error), "%s", error != NULL ? error->message : "");
  return travel (stanza);
}

static void
expect_decrypted (Side *side, EsXml *stanza, const char *expected)
{
  g_autoptr (EsXml) right = parse (expected);
  const char *ended = "?";
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  ck_assert_msg (es_session_decrypt (side->session, stanza, &ended, &error), "%s", error != NULL ? error->message : "");
  ck_assert_ptr_null (ended);
  found = es_xml_to_string (stanza, ES_NS_CLIENT);
  ck_assert_msg (es_xml_equal (stanza, right), "%s instead of %s", found, expected);
}

static void
expect_refused (Side *side, EsXml *stanza, EsErrorCode code)
{
  const char *ended = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert (!es_session_decrypt (side->session, stanza, &ended, &error));
  ck_assert_msg (g_error_matches (error, ES_ERROR, (int) code), "%s", error->message);
  ck_assert_ptr_null (ended);
}

static void
expect_body_passes (Side *from, Side *to, const char *body)
{
  g_autofree char *text = g_strdup_printf ("<message type='chat'><body>%s</body></message>", body);
  g_autoptr (EsXml) stanza = encrypted (from, text);
  const char *ended = NULL;
  g_autofree char *found = NULL;

  ck_assert (es_session_decrypt (to->session, stanza, &ended, NULL));
  ck_assert_ptr_nonnull (es_xml_child (stanza, "body", ES_NS_CLIENT));
  found = es_xml_dup_text (es_xml_child (stanza, "body", ES_NS_CLIENT));
  ck_assert_str_eq (found, body);
}

/* Negotiating */

START_TEST (session__negotiate__agrees_on_everything)
{
  negotiate ();
  ck_assert_str_eq (es_session_thread (alice.session), es_session_thread (bob.session));
  ck_assert_str_eq (es_session_jid (alice.session), bob.jid);
  ck_assert_str_eq (es_session_jid (bob.session), alice.jid);
  ck_assert_int_eq (es_session_role (alice.session), ES_ROLE_INITIATOR);
  ck_assert_int_eq (es_session_role (bob.session), ES_ROLE_RESPONDER);
  ck_assert_str_eq (es_session_code (alice.session), es_session_code (bob.session));
  ck_assert_uint_eq (strlen (es_session_code (alice.session)), 6);
  ck_assert (es_session_code_proves (alice.session) && es_session_code_proves (bob.session));
  ck_assert (!es_session_is_verified (alice.session) && !es_session_is_verified (bob.session));
  ck_assert (!es_session_is_strange (alice.session) && !es_session_is_strange (bob.session));
  ck_assert_uint_eq (es_session_stanzas (alice.session), ES_STANZA_ALL);
  ck_assert_int_eq (es_session_since (bob.session), now_seconds);
  expect_body_passes (&alice, &bob, "hello");
  expect_body_passes (&bob, &alice, "hello yourself");
}
END_TEST

/* Each of the four: to whom, on the thread, not to be stored or copied, with nothing that a client would show. */
static void
expect_envelope (const EsXml *stanza, const char *to, const char *wrapper)
{
  static const char *const beside[] = { "thread", "no-store", "no-copy", "private" };
  g_autofree char *thread = es_xml_dup_text (es_xml_child (stanza, "thread", ES_NS_CLIENT));

  ck_assert_str_eq (es_xml_attribute (stanza, "to"), to);
  ck_assert_uint_eq (es_xml_n_attributes (stanza), 1);
  ck_assert_str_eq (thread, es_session_thread (alice.session));
  ck_assert_uint_eq (es_xml_children (stanza)->len, 5);
  ck_assert_ptr_nonnull (es_xml_child (stanza, wrapper, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (beside); i++)
    ck_assert_ptr_nonnull (es_xml_child (stanza, beside[i], NULL));
}

START_TEST (session__negotiate__messages_travel_as_agreed)
{
  EsXml *stanza = begin (BOB);

  expect_envelope (stanza, BOB, "feature");
  stanza = give (&bob, alice.jid, stanza, NULL);
  expect_envelope (stanza, alice.jid, "feature");
  stanza = give (&alice, bob.jid, stanza, NULL);
  expect_envelope (stanza, bob.jid, "feature");
  stanza = give (&bob, alice.jid, stanza, NULL);
  expect_envelope (stanza, alice.jid, "init");
  ck_assert_ptr_null (give (&alice, bob.jid, stanza, NULL));
}
END_TEST

START_TEST (session__nonce__is_there_while_unanswered)
{
  EsXml *stanza = begin (bob.jid);

  ck_assert_ptr_nonnull (es_session_unanswered_nonce (alice.session));
  ck_assert_ptr_null (es_session_unanswered_nonce (bob.session));
  stanza = give (&bob, alice.jid, stanza, NULL);
  ck_assert_ptr_null (es_session_unanswered_nonce (bob.session));
  es_xml_free (give (&alice, bob.jid, stanza, NULL));
  ck_assert_ptr_null (es_session_unanswered_nonce (alice.session));
}
END_TEST

START_TEST (session__confirmed__when_the_other_side_was_heard)
{
  negotiate ();
  ck_assert (es_session_is_confirmed (alice.session));
  ck_assert (!es_session_is_confirmed (bob.session));
  ck_assert (!es_session_has_sent (alice.session));
  expect_body_passes (&bob, &alice, "too early to tell");
  ck_assert (!es_session_is_confirmed (bob.session));
  expect_body_passes (&alice, &bob, "here I am");
  ck_assert (es_session_is_confirmed (bob.session));
  ck_assert (es_session_has_sent (alice.session));
}
END_TEST

/* Asked at the bare JID: whoever of it answers first has the session. */
START_TEST (session__bind__is_with_the_client_that_answered)
{
  g_autoptr (EsXml) answer = give (&bob, alice.jid, begin (BOB), NULL), reply = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (give (&alice, "mallory@example.com/laptop", es_xml_copy (answer), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  g_clear_error (&error);
  ck_assert_str_eq (es_session_jid (alice.session), BOB);
  reply = give (&alice, BOB_PHONE, es_xml_copy (answer), NULL);
  ck_assert_str_eq (es_session_jid (alice.session), BOB_PHONE);
  ck_assert_str_eq (es_xml_attribute (reply, "to"), BOB_PHONE);

  ck_assert_ptr_null (give (&alice, BOB_LAPTOP, es_xml_copy (answer), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  ck_assert_str_eq (es_session_jid (alice.session), BOB_PHONE);
}
END_TEST

START_TEST (session__bind__a_full_jid_answers_for_itself)
{
  g_autoptr (EsXml) answer = give (&bob, alice.jid, begin (BOB_LAPTOP), NULL), reply = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (give (&alice, BOB_PHONE, es_xml_copy (answer), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  reply = give (&alice, BOB_LAPTOP, es_xml_copy (answer), NULL);
  ck_assert_ptr_nonnull (reply);
}
END_TEST

START_TEST (session__consume__message_3_from_another_client_is_refused)
{
  EsXml *stanza = give (&alice, bob.jid, give (&bob, alice.jid, begin (bob.jid), NULL), NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (give (&bob, ALICE "/other", es_xml_copy (stanza), &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
  ck_assert (!es_session_is_active (bob.session));
  stanza = give (&bob, alice.jid, stanza, NULL);
  ck_assert_ptr_null (give (&alice, bob.jid, stanza, NULL));
  expect_body_passes (&alice, &bob, "hello");
}
END_TEST

START_TEST (session__consume__nothing_when_active)
{
  g_autoptr (EsXml) request = begin (bob.jid), answer = give (&bob, alice.jid, es_xml_copy (request), NULL);
  g_autoptr (EsXml) accept = give (&alice, bob.jid, es_xml_copy (answer), NULL);
  g_autoptr (EsXml) end = give (&bob, alice.jid, es_xml_copy (accept), NULL);
  const EsXml *again[] = { request, answer, accept, end };

  ck_assert_ptr_null (give (&alice, bob.jid, es_xml_copy (end), NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (again); i++)
    {
      g_autoptr (GError) here = NULL, there = NULL;

      ck_assert_ptr_null (give (&alice, bob.jid, es_xml_copy (again[i]), &here));
      ck_assert_ptr_null (give (&bob, alice.jid, es_xml_copy (again[i]), &there));
      ck_assert (g_error_matches (here, ES_ERROR, ES_ERROR_UNEXPECTED));
      ck_assert (g_error_matches (there, ES_ERROR, ES_ERROR_UNEXPECTED));
    }
  expect_body_passes (&alice, &bob, "still here");
}
END_TEST

/* What is inside and what outside */

/* Outside: for servers. Those of hints whatever their name. */
#define OUTSIDE                                                                                                      \
  "<amp xmlns='http://jabber.org/protocol/amp' status='notify'><rule action='drop' condition='deliver' "           \
  "value='stored'/></amp><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"         \
  "<private xmlns='urn:xmpp:carbons:2'/><store xmlns='urn:xmpp:hints'/>"                                           \
  "<stanza-id xmlns='urn:xmpp:sid:0' id='7' by='example.org'/><delay xmlns='urn:xmpp:delay' stamp='2024'/>"

/* Inside: what people say, with everything that could go wrong in its serialization. */
#define INSIDE                                                                                                       \
  "<subject>about</subject><body xml:lang='de'>a &lt; b &amp;&amp; c \xf0\x9f\x94\x92</body>"                        \
  "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>a <b>bold</b> "     \
  "<i xmlns='urn:other'>one</i></body></html><active xmlns='http://jabber.org/protocol/chatstates'/>"               \
  "<thread xmlns='urn:not-ours'>x</thread><private xmlns='urn:not-carbons'/><delay xmlns='urn:not-delay'/>"         \
  "<x xmlns='urn:unknown' a='1'><y xmlns=''/><z xmlns='jabber:client'>&gt;</z></x><origin-id "                      \
  "xmlns='urn:xmpp:sid:0' id='o'/><e/>"

START_TEST (session__encrypt__divides_inside_from_outside)
{
  static const char *const outside[] = {
    "amp", "error", "private", "store", "stanza-id", "delay", "thread", "c", "body", "encryption",
    "no-store", "no-copy", "private",
  };
  g_autoptr (EsXml) stanza = NULL;

  negotiate ();
  stanza = encrypted (&alice, "<message type='chat' id='m1'>" OUTSIDE INSIDE "</message>");
  ck_assert_uint_eq (es_xml_children (stanza)->len, G_N_ELEMENTS (outside));
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    ck_assert_str_eq (es_xml_name (es_xml_children (stanza)->pdata[i]), outside[i]);
  ck_assert_str_eq (es_xml_attribute (stanza, "type"), "chat");
  ck_assert_str_eq (es_xml_attribute (stanza, "id"), "m1");
  {
    g_autofree char *text = es_xml_to_string (stanza, ES_NS_CLIENT);

    ck_assert_ptr_null (strstr (text, "bold"));
    ck_assert_ptr_null (strstr (text, "chatstates"));
    ck_assert_ptr_null (strstr (text, "about"));
    ck_assert_ptr_null (strstr (text, "urn:unknown"));
    ck_assert_ptr_null (strstr (text, "xhtml"));
  }
}
END_TEST

START_TEST (session__decrypt__gives_back_what_went_in)
{
  g_autoptr (EsXml) stanza = NULL;
  g_autofree char *expected = NULL;

  negotiate ();
  stanza = encrypted (&alice, "<message type='chat' id='m1'> stray " OUTSIDE "\n" INSIDE "</message>");
  expected = g_strdup_printf ("<message type='chat' id='m1' to='" BOB_LAPTOP "'>" OUTSIDE "<thread>%s</thread>"
                              "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/>"
                              "<private xmlns='urn:xmpp:carbons:2'/>" INSIDE "</message>",
                              es_session_thread (alice.session));
  expect_decrypted (&bob, stanza, expected);
}
END_TEST

START_TEST (session__encrypt__addresses_and_threads)
{
  g_autoptr (EsXml) stanza = NULL;
  guint n_threads = 0;

  negotiate ();
  stanza = encrypted (&bob, "<message to='" ALICE "/elsewhere' type='chat'><thread>mine</thread><body>x</body>"
                            "<thread parent='p'>two</thread></message>");
  ck_assert_str_eq (es_xml_attribute (stanza, "to"), ALICE_PDA);
  for (guint i = 0; i < es_xml_children (stanza)->len; i++)
    n_threads += es_xml_is (es_xml_children (stanza)->pdata[i], "thread", NULL) ? 1 : 0;
  ck_assert_uint_eq (n_threads, 1);
  {
    g_autofree char *thread = es_xml_dup_text (es_xml_child (stanza, "thread", ES_NS_CLIENT));

    ck_assert_str_eq (thread, es_session_thread (bob.session));
  }
}
END_TEST

START_TEST (session__encrypt__says_so_to_other_programs)
{
  g_autoptr (EsXml) message = NULL, notice = NULL;
  const EsXml *eme = NULL;

  negotiate ();
  message = encrypted (&alice, "<message type='chat'><body>secret</body></message>");
  notice = encrypted (&alice, "<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
  eme = es_xml_child (message, "encryption", "urn:xmpp:eme:0");
  ck_assert_ptr_nonnull (eme);
  ck_assert_str_eq (es_xml_attribute (eme, "namespace"), "http://www.xmpp.org/extensions/xep-0200.html#ns");
  ck_assert_str_eq (es_xml_attribute (eme, "name"), "Encrypted Session");
  ck_assert_ptr_nonnull (es_xml_child (notice, "encryption", "urn:xmpp:eme:0"));

  /* What has no text shows none. */
  ck_assert_ptr_nonnull (es_xml_child (message, "body", ES_NS_CLIENT));
  ck_assert_ptr_null (es_xml_child (notice, "body", ES_NS_CLIENT));
}
END_TEST

/* Whatever a server adds beside <c/>, but what is its business, is gone. */
START_TEST (session__decrypt__throws_away_what_stands_beside)
{
  g_autoptr (EsXml) stanza = NULL, forged = NULL;
  g_autofree char *expected = NULL;

  negotiate ();
  stanza = encrypted (&alice, "<message type='chat'><body>true</body></message>");
  forged = parse ("<x>text<body>forged</body><subject>forged</subject><html xmlns='http://jabber.org/protocol/xhtml-im'>"
                  "<body xmlns='http://www.w3.org/1999/xhtml'>forged</body></html><x xmlns='jabber:x:oob'/>"
                  "<active xmlns='http://jabber.org/protocol/chatstates'/><body xmlns='urn:other'>forged</body>"
                  "<delay xmlns='urn:xmpp:delay' stamp='1'/></x>");
  while (es_xml_children (forged)->len > 0)
    es_xml_append (stanza, es_xml_steal (forged, 0));
  es_xml_append_text (stanza, "and more text", -1);

  expected = g_strdup_printf ("<message type='chat' to='" BOB_LAPTOP "'><thread>%s</thread>"
                              "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/>"
                              "<private xmlns='urn:xmpp:carbons:2'/><delay xmlns='urn:xmpp:delay' stamp='1'/>"
                              "<body>true</body></message>",
                              es_session_thread (alice.session));
  expect_decrypted (&bob, stanza, expected);
}
END_TEST

START_TEST (session__has_encrypted__sees_additions)
{
  g_autoptr (EsXml) stanza = NULL, plain = parse ("<message><body>x</body></message>"), other = NULL;

  negotiate ();
  stanza = encrypted (&alice, "<message type='chat'>" OUTSIDE INSIDE "</message>");
  ck_assert (es_session_has_encrypted (stanza));
  ck_assert (!es_session_has_encrypted (plain));
  es_xml_append_new (stanza, "body", "added");
  ck_assert (!es_session_has_encrypted (stanza));

  other = encrypted (&alice, "<message><active xmlns='http://jabber.org/protocol/chatstates'/></message>");
  ck_assert (es_session_has_encrypted (other));
  es_xml_append (other, es_xml_new ("composing", "http://jabber.org/protocol/chatstates"));
  ck_assert (!es_session_has_encrypted (other));
}
END_TEST

/* The end of a session */

static void
expect_ended (Side *side, EsXml *control, const char *kind)
{
  g_autoptr (EsXml) sent = control, stanza = travel (sent);
  const char *ended = NULL;

  ck_assert_ptr_null (es_xml_child (sent, "feature", NULL));
  ck_assert_ptr_null (es_xml_child (sent, "body", NULL));
  ck_assert (es_session_decrypt (side->session, stanza, &ended, NULL));
  ck_assert_pstr_eq (ended, kind);
}

START_TEST (session__control__tells_the_kinds)
{
  negotiate ();
  expect_ended (&bob, es_session_control (alice.session, NULL), NULL);
  ck_assert (es_session_is_confirmed (bob.session));
  expect_ended (&bob, es_session_control (alice.session, "submit"), "submit");
  expect_ended (&alice, es_session_control (bob.session, "result"), "result");
}
END_TEST

START_TEST (session__control__needs_keys)
{
  g_autoptr (EsXml) request = begin (bob.jid);

  ck_assert_ptr_null (es_session_control (alice.session, NULL));
  ck_assert_ptr_null (es_session_control (alice.session, "submit"));
}
END_TEST

/* A form in the clear ends nothing, nor does one that says 0. */
START_TEST (session__decrypt__ends_only_by_what_was_encrypted)
{
  g_autoptr (EsXml) stanza = NULL, ending = NULL, not_ending = NULL;
  const char *ended = "?";

  negotiate ();
  stanza = encrypted (&alice, "<message><body>x</body></message>");
  es_xml_append (stanza, es_termination_new ("submit"));
  ck_assert (es_session_decrypt (bob.session, stanza, &ended, NULL));
  ck_assert_ptr_null (ended);

  not_ending = encrypted (&alice, "<message><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                                  "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:ssn"
                                  "</value></field><field var='terminate'><value>0</value></field></x></feature>"
                                  "</message>");
  ck_assert (es_session_decrypt (bob.session, not_ending, &ended, NULL));
  ck_assert_ptr_null (ended);
}
END_TEST

/* What cannot be */

START_TEST (session__encrypt__without_keys_changes_nothing)
{
  g_autoptr (EsXml) request = begin (bob.jid), stanza = parse ("<message to='x'><body>secret</body></message>");
  g_autoptr (EsXml) before = es_xml_copy (stanza);
  g_autoptr (GError) error = NULL;

  ck_assert (!es_session_encrypt (alice.session, stanza, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_NO_SESSION));
  ck_assert (es_xml_equal (stanza, before));
  expect_refused (&alice, stanza, ES_ERROR_NO_SESSION);
}
END_TEST

START_TEST (session__encrypt__too_much_changes_nothing)
{
  g_autofree char *text = g_strnfill (ES_LIMIT_CONTENT_OCTETS, 'x'), *xml = NULL, *most = NULL;
  g_autoptr (EsXml) stanza = NULL, before = NULL;
  g_autoptr (GError) error = NULL;

  negotiate ();
  xml = g_strdup_printf ("<message><body>%s</body></message>", text);
  stanza = parse (xml);
  before = es_xml_copy (stanza);
  ck_assert (!es_session_encrypt (alice.session, stanza, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  ck_assert (es_xml_equal (stanza, before));

  most = g_strndup (text, ES_LIMIT_CONTENT_OCTETS - strlen ("<body></body>"));
  expect_body_passes (&alice, &bob, most);
}
END_TEST

START_TEST (session__decrypt__changed_is_the_end)
{
  g_autoptr (EsXml) stanza = NULL, plain = parse ("<message><body>x</body></message>"), before = es_xml_copy (plain);
  g_autoptr (GError) error = NULL;
  EsXml *c = NULL;

  negotiate ();
  stanza = encrypted (&alice, "<message><body>secret</body></message>");
  c = (EsXml *) es_xml_child (stanza, "c", NULL);
  es_xml_free (es_xml_steal (c, 0));
  expect_refused (&bob, stanza, ES_ERROR_CHECK);

  /* For good: nothing is read or written with these keys any more. */
  ck_assert (!es_session_encrypt (bob.session, plain, &error));
  ck_assert (es_xml_equal (plain, before));
  g_clear_pointer (&stanza, es_xml_free);
  stanza = encrypted (&alice, "<message><body>secret</body></message>");
  expect_refused (&bob, stanza, ES_ERROR_NO_SESSION);
}
END_TEST

START_TEST (session__decrypt__twice_is_dropped)
{
  g_autoptr (EsXml) stanza = NULL, again = NULL;
  const char *ended = NULL;

  negotiate ();
  stanza = encrypted (&alice, "<message><body>once</body></message>");
  again = es_xml_copy (stanza);
  ck_assert (es_session_decrypt (bob.session, stanza, &ended, NULL));
  expect_refused (&bob, again, ES_ERROR_DUPLICATE);
  expect_body_passes (&alice, &bob, "more");
}
END_TEST

START_TEST (session__decrypt__without_c_is_no_end)
{
  g_autoptr (EsXml) stanza = parse ("<message><body>x</body><c xmlns='urn:other'/></message>");

  negotiate ();
  expect_refused (&bob, stanza, ES_ERROR_NO_SESSION);
  expect_body_passes (&alice, &bob, "more");
}
END_TEST

static const char *const nested[] = {
  "<message><c xmlns='" ES_NS_CRYPT "'/></message>",
  "<message><body>x</body><deep xmlns='urn:deep'><er><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data></c></er></deep></message>",
};

START_TEST (session__decrypt__encrypted_twice_is_the_end)
{
  g_autoptr (EsXml) stanza = NULL;
  g_autoptr (EsXml) plain = parse ("<message><body>x</body></message>");

  negotiate ();
  stanza = encrypted (&alice, nested[_i]);
  expect_refused (&bob, stanza, ES_ERROR_MALFORMED);
  ck_assert (!es_session_encrypt (bob.session, plain, NULL));
}
END_TEST

/* What was not agreed is neither encrypted nor read. */
START_TEST (session__stanzas__only_those_agreed)
{
  g_autoptr (EsXml) presence = parse ("<presence><status>secret</status></presence>"), before = es_xml_copy (presence);
  g_autoptr (EsXml) stanza = NULL;
  g_autoptr (GError) error = NULL;

  bob.options.stanzas = ES_STANZA_MESSAGE;
  negotiate ();
  ck_assert_uint_eq (es_session_stanzas (alice.session), ES_STANZA_MESSAGE);
  ck_assert_uint_eq (es_session_stanzas (bob.session), ES_STANZA_MESSAGE);
  ck_assert (!es_session_encrypt (alice.session, presence, &error));
  ck_assert (es_xml_equal (presence, before));
  expect_body_passes (&alice, &bob, "messages pass");

  stanza = encrypted (&alice, "<message><status>x</status></message>");
  es_xml_free (g_steal_pointer (&presence));
  presence = es_xml_new ("presence", ES_NS_CLIENT);
  while (es_xml_children (stanza)->len > 0)
    es_xml_append (presence, es_xml_steal (stanza, 0));
  {
    const char *ended = NULL;

    ck_assert (!es_session_decrypt (bob.session, presence, &ended, NULL));
    ck_assert_ptr_null (es_xml_child (presence, "status", NULL));
  }
}
END_TEST

/* Keys change */

START_TEST (session__encrypt__keys_change_unnoticed)
{
  negotiate ();
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *body = g_strdup_printf ("number %u", i);

      expect_body_passes (i % 3 == 0 ? &alice : &bob, i % 3 == 0 ? &bob : &alice, body);
      now_seconds += i % 7 == 0 ? 700 : 1;
    }
}
END_TEST

static gboolean
carries_key (Side *from, Side *to)
{
  g_autoptr (EsXml) stanza = encrypted (from, "<message><body>x</body></message>");
  gboolean key = es_xml_child (es_xml_child (stanza, "c", NULL), "key", NULL) != NULL;
  const char *ended = NULL;

  ck_assert (es_session_decrypt (to->session, stanza, &ended, NULL));
  return key;
}

START_TEST (session__encrypt__rekeys_when_idle_or_turned)
{
  negotiate ();
  ck_assert (!carries_key (&alice, &bob));
  ck_assert (!carries_key (&alice, &bob));
  now_seconds += 599;
  ck_assert (!carries_key (&alice, &bob));
  now_seconds += 600;
  ck_assert (carries_key (&alice, &bob));
  ck_assert (!carries_key (&alice, &bob));
  ck_assert (carries_key (&bob, &alice));
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
  negotiate ();
  verify_both ();
  ck_assert (es_session_is_verified (alice.session) && es_session_is_verified (bob.session));
  for (guint i = 0; i < 3; i++)
    {
      expect_body_passes (&alice, &bob, "x");
      negotiate ();
      ck_assert (es_session_is_verified (alice.session) && es_session_is_verified (bob.session));
      ck_assert (!es_session_is_strange (alice.session) && !es_session_is_strange (bob.session));
    }
}
END_TEST

START_TEST (session__forget__makes_strangers)
{
  negotiate ();
  verify_both ();
  ck_assert (es_session_forget (bob.session, NULL));
  negotiate ();
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
  negotiate ();
  ck_assert_uint_eq (strlen (es_session_code (alice.session)), 5);
  ck_assert (!es_session_code_proves (alice.session) && !es_session_code_proves (bob.session));
  ck_assert (!es_session_verify (alice.session, &error));
  ck_assert_ptr_nonnull (error);
  ck_assert (!es_session_is_verified (alice.session));
}
END_TEST

START_TEST (session__known_as__tells_the_other_name)
{
  static const char rob[] = "rob@example.net/laptop";
  EsXml *stanza = NULL;

  negotiate ();
  verify_both ();

  /* Bob's device, under another address, answers Alice's request to that address; it asks, so that she searches. */
  expect_body_passes (&alice, &bob, "x");
  g_clear_pointer (&alice.session, es_session_free);
  g_clear_pointer (&bob.session, es_session_free);
  bob.session = es_session_new (ES_ROLE_INITIATOR, BOB, alice.jid, NULL, &bob.options, &bob.host, bob.trust);
  alice.session = es_session_new (ES_ROLE_RESPONDER, ALICE, rob, es_session_thread (bob.session), &alice.options,
                                  &alice.host, alice.trust);
  stanza = give (&alice, rob, es_session_request (bob.session, NULL), NULL);
  stanza = give (&bob, alice.jid, stanza, NULL);
  stanza = give (&alice, rob, stanza, NULL);
  ck_assert_ptr_null (give (&bob, alice.jid, stanza, NULL));
  ck_assert_str_eq (es_session_known_as (alice.session), BOB);
  ck_assert (!es_session_is_verified (alice.session));
  ck_assert_ptr_null (es_session_known_as (bob.session));
  ck_assert (es_session_is_verified (bob.session));
}
END_TEST

static void
add_negotiating (TCase *tcase)
{
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
  tcase_add_test (tcase, session__known_as__tells_the_other_name);
}

static void
add_stanzas (TCase *tcase)
{
  tcase_add_test (tcase, session__encrypt__divides_inside_from_outside);
  tcase_add_test (tcase, session__decrypt__gives_back_what_went_in);
  tcase_add_test (tcase, session__encrypt__addresses_and_threads);
  tcase_add_test (tcase, session__encrypt__says_so_to_other_programs);
  tcase_add_test (tcase, session__decrypt__throws_away_what_stands_beside);
  tcase_add_test (tcase, session__has_encrypted__sees_additions);
  tcase_add_test (tcase, session__control__tells_the_kinds);
  tcase_add_test (tcase, session__control__needs_keys);
  tcase_add_test (tcase, session__decrypt__ends_only_by_what_was_encrypted);
  tcase_add_test (tcase, session__encrypt__without_keys_changes_nothing);
  tcase_add_test (tcase, session__encrypt__too_much_changes_nothing);
  tcase_add_test (tcase, session__decrypt__changed_is_the_end);
  tcase_add_test (tcase, session__decrypt__twice_is_dropped);
  tcase_add_test (tcase, session__decrypt__without_c_is_no_end);
  tcase_add_loop_test (tcase, session__decrypt__encrypted_twice_is_the_end, 0, G_N_ELEMENTS (nested));
  tcase_add_test (tcase, session__stanzas__only_those_agreed);
  tcase_add_test (tcase, session__encrypt__keys_change_unnoticed);
  tcase_add_test (tcase, session__encrypt__rekeys_when_idle_or_turned);
}

int
main (void)
{
  Suite *suite = suite_create ("session");
  TCase *tcase = tcase_create ("session");

  tcase_add_checked_fixture (tcase, setup, teardown);
  add_negotiating (tcase);
  add_stanzas (tcase);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
