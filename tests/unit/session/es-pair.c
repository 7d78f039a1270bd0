/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-pair.h"

#include <glib/gstdio.h>

gint64 pair_now;
Side alice, bob;

static char *folder;

static gint64
host_now (gpointer data)
{
  return pair_now;
}

static void
side_init (Side *side, const char *jid, const char *file)
{
  *side = (Side){ .jid = jid,
                  .host = { .random = es_random_system,
                            .transport.fallback = PAIR_FALLBACK,
                            .clock = { .now = host_now, .elapsed = host_now } } };
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

void
pair_setup (void)
{
  folder = es_test_folder ("esession-pair");
  pair_now = 1000000;
  side_init (&alice, ALICE_PDA, "alice.db");
  side_init (&bob, BOB_LAPTOP, "bob.db");
}

void
pair_teardown (void)
{
  side_clear (&alice);
  side_clear (&bob);
  g_rmdir (folder);
  g_clear_pointer (&folder, g_free);
}

EsXml *
pair_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) content = es_xml_parse_content (text, strlen (text), &error);

  ck_assert_msg (content != NULL, "%s in %s", error != NULL ? error->message : "", text);
  return es_xml_steal (content, 0);
}

EsXml *
pair_travel (const EsXml *stanza)
{
  g_autofree char *text = es_xml_to_string (stanza, ES_NS_CLIENT);

  return pair_parse (text);
}

EsXml *
pair_give (Side *side, const char *from, EsXml *stanza, GError **error)
{
  g_autoptr (EsXml) sent = stanza, arrived = pair_travel (sent);
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = es_negotiation_recognize (arrived, &message);
  EsXml *reply = NULL;

  ck_assert_ptr_nonnull (payload);
  if (!es_session_consume (side->session, es_at (from), message, payload, &reply, error))
    ck_assert_ptr_null (reply);
  return reply;
}

EsXml *
pair_begin (const char *jid)
{
  EsXml *request = NULL;

  g_clear_pointer (&alice.session, es_session_free);
  g_clear_pointer (&bob.session, es_session_free);
  alice.session
      = es_session_new (ES_ROLE_INITIATOR, es_at (ALICE), es_at (jid), NULL, &alice.options, &alice.host, alice.trust);
  request = es_session_request (alice.session, NULL);
  ck_assert_ptr_nonnull (request);
  bob.session = es_session_new (ES_ROLE_RESPONDER, es_at (BOB), es_at (alice.jid), es_session_thread (alice.session),
                                &bob.options, &bob.host, bob.trust);
  return request;
}

void
pair_negotiate (void)
{
  EsXml *stanza = pair_give (&bob, alice.jid, pair_begin (bob.jid), NULL);

  stanza = pair_give (&alice, bob.jid, stanza, NULL);
  stanza = pair_give (&bob, alice.jid, stanza, NULL);
  ck_assert_ptr_null (pair_give (&alice, bob.jid, stanza, NULL));
  ck_assert (es_session_is_active (alice.session) && es_session_is_active (bob.session));
}

EsXml *
pair_encrypted (Side *side, const char *text)
{
  g_autoptr (EsXml) stanza = pair_parse (text);
  g_autoptr (GError) error = NULL;

  ck_assert_msg (es_session_encrypt (side->session, stanza, &error), "%s", error != NULL ? error->message : "");
  return pair_travel (stanza);
}

void
pair_expect_decrypted (Side *side, EsXml *stanza, const char *expected)
{
  g_autoptr (EsXml) right = pair_parse (expected);
  const char *ended = "?";
  g_autoptr (GError) error = NULL;
  g_autofree char *found = NULL;

  ck_assert_msg (es_session_decrypt (side->session, stanza, &ended, NULL, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_ptr_null (ended);
  found = es_xml_to_string (stanza, ES_NS_CLIENT);
  ck_assert_msg (es_xml_equal (stanza, right), "%s instead of %s", found, expected);
}

void
pair_expect_refused (Side *side, EsXml *stanza, EsErrorCode code)
{
  const char *ended = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert (!es_session_decrypt (side->session, stanza, &ended, NULL, &error));
  ck_assert_msg (g_error_matches (error, ES_ERROR, (int) code), "%s", error->message);
  ck_assert_ptr_null (ended);
}

void
pair_expect_body_passes (Side *from, Side *to, const char *body)
{
  g_autofree char *text = g_strdup_printf ("<message type='chat'><body>%s</body></message>", body);
  g_autoptr (EsXml) stanza = pair_encrypted (from, text);
  const char *ended = NULL;
  g_autofree char *found = NULL;

  ck_assert (es_session_decrypt (to->session, stanza, &ended, NULL, NULL));
  ck_assert_ptr_nonnull (es_xml_child (stanza, "body", ES_NS_CLIENT));
  found = es_xml_dup_text (es_xml_child (stanza, "body", ES_NS_CLIENT));
  ck_assert_str_eq (found, body);
}
