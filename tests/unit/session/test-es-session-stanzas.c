/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions: what of a stanza goes inside, what stays outside, and what comes out again. */
#include "../es-memory.h"
#include "es-limits.h"
#include "es-padding.h"
#include "es-pair.h"

/* What is inside and what outside */

/* Outside: for servers. Those of hints whatever their name. */
#define OUTSIDE                                                                                                        \
  "<amp xmlns='http://jabber.org/protocol/amp' status='notify'><rule action='drop' condition='deliver' "               \
  "value='stored'/></amp><error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"             \
  "<private xmlns='urn:xmpp:carbons:2'/><store xmlns='urn:xmpp:hints'/>"                                               \
  "<stanza-id xmlns='urn:xmpp:sid:0' id='7' by='example.org'/><delay xmlns='urn:xmpp:delay' stamp='2024'/>"

/* Inside: what people say, with everything that could go wrong in its serialization. */
#define INSIDE                                                                                                         \
  "<subject>about</subject><body xml:lang='de'>a &lt; b &amp;&amp; c \xf0\x9f\x94\x92</body>"                          \
  "<html xmlns='http://jabber.org/protocol/xhtml-im'><body xmlns='http://www.w3.org/1999/xhtml'>a <b>bold</b> "        \
  "<i xmlns='urn:other'>one</i></body></html><active xmlns='http://jabber.org/protocol/chatstates'/>"                  \
  "<thread xmlns='urn:not-ours'>x</thread><private xmlns='urn:not-carbons'/><delay xmlns='urn:not-delay'/>"            \
  "<x xmlns='urn:unknown' a='1'><y xmlns=''/><z xmlns='jabber:client'>&gt;</z></x><origin-id "                         \
  "xmlns='urn:xmpp:sid:0' id='o'/><e/>"

START_TEST (session__encrypt__divides_inside_from_outside)
{
  static const char *const outside[] = {
    "amp",    "error", "private", "store",      "stanza-id", "delay",
    "thread", "c",     "body",    "encryption", "no-store",  "no-copy",
  };
  g_autoptr (EsXml) stanza = NULL;

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message type='chat' id='m1'>" OUTSIDE INSIDE "</message>");
  ck_assert_uint_eq (es_xml_children (stanza)->len, G_N_ELEMENTS (outside));
  for (gsize i = 0; i < G_N_ELEMENTS (outside); i++)
    ck_assert_str_eq (es_xml_name (es_xml_children (stanza)->pdata[i]), outside[i]);
  ck_assert_str_eq (es_xml_attribute (stanza, "type"), "chat");
  ck_assert_str_ne (es_xml_attribute (stanza, "id"), "m1");
  ck_assert (es_session_has_message (alice.session, es_xml_attribute (stanza, "id")));
  ck_assert (!es_session_has_message (alice.session, "m1"));
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

/* Nothing hides in what servers are told. */
START_TEST (session__encrypt__leaves_only_names_outside)
{
  static const char *const hiding[] = {
    "<store xmlns='urn:xmpp:hints'>hidden</store>",
    "<store xmlns='urn:xmpp:hints'><body>hidden</body></store>",
    "<private xmlns='urn:xmpp:carbons:2'>hidden</private>",
    "<stanza-id xmlns='urn:xmpp:sid:0'>hidden</stanza-id>",
    "<thread>hidden</thread>",
    "<delay xmlns='urn:xmpp:delay' stamp='2024'>hidden</delay>",
    "<amp xmlns='http://jabber.org/protocol/amp'><rule>hidden</rule></amp>",
    "<amp xmlns='http://jabber.org/protocol/amp'>hidden</amp>",
    "<error type='cancel'/><error type='cancel'>hidden</error>",
    "<error type='cancel'><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>hidden</text></error>",
    "<error type='cancel'><x xmlns='urn:x'><y>hidden</y></x></error>",
  };
  g_autofree char *xml = g_strdup_printf ("<message type='chat'>%s<body>x</body></message>", hiding[_i]), *text = NULL;
  g_autoptr (EsXml) stanza = NULL;

  pair_negotiate ();
  stanza = pair_encrypted (&alice, xml);
  text = es_xml_to_string (stanza, ES_NS_CLIENT);
  ck_assert_ptr_null (strstr (text, "hidden"));
}
END_TEST

START_TEST (session__decrypt__gives_back_what_went_in)
{
  g_autoptr (EsXml) stanza = NULL;
  g_autofree char *expected = NULL;

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message type='chat' id='m1'> stray " OUTSIDE "\n" INSIDE "</message>");
  expected = g_strdup_printf ("<message type='chat' id='%s' to='" BOB_LAPTOP "'>" OUTSIDE "<thread>%s</thread>"
                              "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/>" INSIDE "</message>",
                              es_xml_attribute (stanza, "id"), es_session_thread (alice.session));
  pair_expect_decrypted (&bob, stanza, expected);
}
END_TEST

START_TEST (session__encrypt__addresses_and_threads)
{
  g_autoptr (EsXml) stanza = NULL;
  guint n_threads = 0;

  pair_negotiate ();
  stanza = pair_encrypted (&bob, "<message to='" ALICE "/elsewhere' type='chat'><thread>mine</thread><body>x</body>"
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

  pair_negotiate ();
  message = pair_encrypted (&alice, "<message type='chat'><body>secret</body></message>");
  notice = pair_encrypted (&alice, "<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");
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

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message type='chat'><body>true</body></message>");
  forged = pair_parse (
      "<x>text<body>forged</body><subject>forged</subject><html xmlns='http://jabber.org/protocol/xhtml-im'>"
      "<body xmlns='http://www.w3.org/1999/xhtml'>forged</body></html><x xmlns='jabber:x:oob'/>"
      "<active xmlns='http://jabber.org/protocol/chatstates'/><body xmlns='urn:other'>forged</body>"
      "<delay xmlns='urn:xmpp:delay' stamp='1'/></x>");
  while (es_xml_children (forged)->len > 0)
    es_xml_append (stanza, es_xml_steal (forged, 0));
  es_xml_append_text (stanza, "and more text", -1);

  expected = g_strdup_printf ("<message type='chat' id='%s' to='" BOB_LAPTOP "'><thread>%s</thread>"
                              "<no-store xmlns='urn:xmpp:hints'/><no-copy xmlns='urn:xmpp:hints'/>"
                              "<private xmlns='urn:xmpp:carbons:2'/><delay xmlns='urn:xmpp:delay' stamp='1'/>"
                              "<body>true</body></message>",
                              es_xml_attribute (stanza, "id"), es_session_thread (alice.session));
  pair_expect_decrypted (&bob, stanza, expected);
}
END_TEST

START_TEST (session__has_encrypted__sees_additions)
{
  g_autoptr (EsXml) stanza = NULL, plain = pair_parse ("<message><body>x</body></message>"), other = NULL;

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message type='chat'>" OUTSIDE INSIDE "</message>");
  ck_assert (es_session_has_encrypted (stanza, PAIR_FALLBACK));
  ck_assert (!es_session_has_encrypted (plain, PAIR_FALLBACK));
  ck_assert (!es_session_has_encrypted (stanza, NULL));
  ck_assert (!es_session_has_encrypted (stanza, "something else"));
  es_xml_append_new (stanza, "body", "added");
  ck_assert (!es_session_has_encrypted (stanza, PAIR_FALLBACK));

  other = pair_encrypted (&alice, "<message><active xmlns='http://jabber.org/protocol/chatstates'/></message>");
  ck_assert (es_session_has_encrypted (other, PAIR_FALLBACK));
  es_xml_append (other, es_xml_new ("composing", "http://jabber.org/protocol/chatstates"));
  ck_assert (!es_session_has_encrypted (other, PAIR_FALLBACK));
}
END_TEST

/* The end of a session */

static void
expect_ended (Side *side, EsXml *control, const char *kind)
{
  g_autoptr (EsXml) sent = control, stanza = pair_travel (sent);
  const char *ended = NULL;

  ck_assert_ptr_null (es_xml_child (sent, "feature", NULL));
  ck_assert_ptr_null (es_xml_child (sent, "body", NULL));
  ck_assert (es_session_decrypt (side->session, stanza, &ended, NULL, NULL));
  ck_assert_pstr_eq (ended, kind);
}

START_TEST (session__control__tells_the_kinds)
{
  pair_negotiate ();
  expect_ended (&bob, es_session_control (alice.session, NULL), NULL);
  ck_assert (es_session_has_heard (bob.session));
  expect_ended (&bob, es_session_control (alice.session, es_termination_new ("submit", "user")), "submit");
  expect_ended (&alice, es_session_control (bob.session, es_termination_new ("result", NULL)), "result");
}
END_TEST

START_TEST (session__control__needs_keys)
{
  es_xml_free (pair_begin (bob.jid));
  ck_assert_ptr_null (es_session_control (alice.session, NULL));
  ck_assert_ptr_null (es_session_control (alice.session, es_termination_new ("submit", "user")));
}
END_TEST

/* A form in the clear ends nothing, nor does one that says 0. */
START_TEST (session__decrypt__ends_only_by_what_was_encrypted)
{
  g_autoptr (EsXml) stanza = NULL, not_ending = NULL;
  const char *ended = "?";

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message><body>x</body></message>");
  es_xml_append (stanza, es_termination_new ("submit", "user"));
  ck_assert (es_session_decrypt (bob.session, stanza, &ended, NULL, NULL));
  ck_assert_ptr_null (ended);

  not_ending
      = pair_encrypted (&alice, "<message><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                                "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>urn:xmpp:ssn"
                                "</value></field><field var='terminate'><value>0</value></field></x></feature>"
                                "</message>");
  ck_assert (es_session_decrypt (bob.session, not_ending, &ended, NULL, NULL));
  ck_assert_ptr_null (ended);
}
END_TEST

/* What cannot be */

START_TEST (session__encrypt__without_keys_changes_nothing)
{
  g_autoptr (EsXml) stanza = pair_parse ("<message to='x'><body>secret</body></message>");
  g_autoptr (EsXml) before = es_xml_copy (stanza);
  g_autoptr (GError) error = NULL;

  es_xml_free (pair_begin (bob.jid));
  ck_assert (!es_session_encrypt (alice.session, stanza, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_NO_SESSION));
  ck_assert (es_xml_equal (stanza, before));
  pair_expect_refused (&alice, stanza, ES_ERROR_NO_SESSION);
}
END_TEST

START_TEST (session__encrypt__too_much_changes_nothing)
{
  g_autofree char *text = g_strnfill (ES_LIMIT_CONTENT_OCTETS, 'x'), *xml = NULL, *most = NULL;
  g_autoptr (EsXml) stanza = NULL, before = NULL;
  g_autoptr (GError) error = NULL;

  pair_negotiate ();
  xml = g_strdup_printf ("<message><body>%s</body></message>", text);
  stanza = pair_parse (xml);
  before = es_xml_copy (stanza);
  ck_assert (!es_session_encrypt (alice.session, stanza, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  ck_assert (es_xml_equal (stanza, before));

  most = g_strndup (text, ES_LIMIT_CONTENT_OCTETS - strlen ("<body></body>"));
  pair_expect_body_passes (&alice, &bob, most);
}
END_TEST

/* The words are what counts: they go without their formatting where a server does not take both, and with it where it does (0). */
START_TEST (session__encrypt__drops_formatting_rather_than_words)
{
  static const gsize limits[] = { 0, 10000, 16000 };
  g_autofree char *text = g_strnfill (4000, 'x');
  g_autofree char *body = g_strdup_printf ("<body>%s</body>", text);
  g_autofree char *xml = g_strdup_printf ("<message>%s<html xmlns='http://jabber.org/protocol/xhtml-im'><body "
                                          "xmlns='http://www.w3.org/1999/xhtml'><b>%s</b>%s</body></html></message>",
                                          body, text, text);
  g_autoptr (EsXml) stanza = NULL;
  const char *ended = NULL;

  pair_negotiate ();
  es_session_set_limit (alice.session, limits[_i]);
  stanza = pair_encrypted (&alice, xml);
  ck_assert (es_session_decrypt (bob.session, stanza, &ended, NULL, NULL));
  ck_assert_ptr_nonnull (es_xml_child (stanza, "body", ES_NS_CLIENT));
  ck_assert_int_eq (es_xml_child (stanza, "html", ES_NS_XHTML_IM) != NULL, _i == 0);
}
END_TEST

/* What counts is what is sent, spaces and all: the longest text that is let through fits the server, one octet more would fill up to
 * more than that. */
START_TEST (session__encrypt__counts_what_is_sent)
{
  static const gsize limits[] = { 10000, 12345, 65536, 262144 };
  gsize least = 0, most = limits[_i], size = 0;
  const gsize content = ES_LIMIT_CONTENT_OCTETS;

  pair_negotiate ();
  es_session_set_limit (alice.session, limits[_i]);
  while (most - least > 1)
    {
      gsize middle = (least + most) / 2;
      g_autofree char *text = g_strnfill (middle, 'x');
      g_autofree char *xml = g_strdup_printf ("<message><body>%s</body></message>", text);
      g_autoptr (EsXml) stanza = pair_parse (xml);
      g_autofree char *sent = NULL;

      if (!es_session_encrypt (alice.session, stanza, NULL))
        {
          most = middle;
          continue;
        }
      least = middle;
      sent = es_xml_to_string (stanza, ES_NS_CLIENT);
      size = strlen (sent);
      ck_assert_uint_le (size, limits[_i]);
    }
  ck_assert_uint_eq (es_padded_size (least + strlen ("<body></body>")), least + strlen ("<body></body>"));
  ck_assert_uint_le (es_padded_size (content), content);
  ck_assert_uint_gt (size, limits[_i] - limits[_i] / 8 - ES_STANZA_FRAME_OCTETS);
}
END_TEST

/* What is written goes nowhere but into the stanza, and is gone with that, whether it was encrypted or not: 0 it was, 1 without its
 * formatting, which was too long, 2 it was too long itself, 3 nobody could read it, 4 there are no keys any more. */
START_TEST (session__encrypt__leaves_nothing_behind)
{
  g_autofree char *filling = g_strnfill (ES_LIMIT_CONTENT_OCTETS, 'x');
  g_autofree char *formatted = g_strdup_printf ("<html xmlns='http://jabber.org/protocol/xhtml-im'><body "
                                                "xmlns='http://www.w3.org/1999/xhtml'>%%s%s</body></html>",
                                                filling);
  g_autofree char *format
      = g_strdup_printf ("<message><body>%%s%s</body>%s</message>", _i == 2 ? filling : "", _i == 1 ? formatted : "");
  char *text = NULL;
  EsXml *stanza = NULL, *parent = NULL;

  pair_negotiate ();
  if (_i == 4)
    {
      g_autoptr (EsXml) reflected = pair_encrypted (&alice, "<message><body>x</body></message>");

      pair_expect_refused (&alice, reflected, ES_ERROR_CHECK);
    }
  text = with_secret (format);
  stanza = parent = pair_parse (text);
  for (guint i = 0; _i == 3 && i < ES_LIMIT_XML_DEPTH + 1; i++)
    parent = es_xml_append (parent, es_xml_new ("b", "urn:x"));
  ck_assert (memory_holds_secret ());
  ck_assert_int_eq (es_session_encrypt (alice.session, stanza, NULL), _i < 2);
  es_octets_wipe (text, strlen (text));
  g_free (text);
  if (_i < 2)
    {
      g_autoptr (EsXml) arrived = pair_travel (stanza);
      const char *ended = NULL;

      ck_assert (!memory_holds_secret ());
      ck_assert (es_session_decrypt (bob.session, arrived, &ended, NULL, NULL));
      ck_assert_ptr_nonnull (es_xml_child (arrived, "body", ES_NS_CLIENT));
      ck_assert (memory_holds_secret ());
    }
  es_xml_free (stanza);
  ck_assert (!memory_holds_secret ());
}
END_TEST

START_TEST (session__decrypt__changed_is_the_end)
{
  g_autoptr (EsXml) stanza = NULL, plain = pair_parse ("<message><body>x</body></message>"),
                    before = es_xml_copy (plain);
  g_autoptr (GError) error = NULL;
  EsXml *c = NULL;

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message><body>secret</body></message>");
  c = (EsXml *) es_xml_child (stanza, "c", NULL);
  es_xml_free (es_xml_steal (c, 0));
  pair_expect_refused (&bob, stanza, ES_ERROR_CHECK);

  /* For good: nothing is read or written with these keys any more. */
  ck_assert (!es_session_encrypt (bob.session, plain, &error));
  ck_assert (es_xml_equal (plain, before));
  g_clear_pointer (&stanza, es_xml_free);
  stanza = pair_encrypted (&alice, "<message><body>secret</body></message>");
  pair_expect_refused (&bob, stanza, ES_ERROR_NO_SESSION);
}
END_TEST

START_TEST (session__decrypt__twice_is_dropped)
{
  g_autoptr (EsXml) stanza = NULL, again = NULL;
  const char *ended = NULL;

  pair_negotiate ();
  stanza = pair_encrypted (&alice, "<message><body>once</body></message>");
  again = es_xml_copy (stanza);
  ck_assert (es_session_decrypt (bob.session, stanza, &ended, NULL, NULL));
  pair_expect_refused (&bob, again, ES_ERROR_DUPLICATE);
  pair_expect_body_passes (&alice, &bob, "more");
}
END_TEST

START_TEST (session__decrypt__without_c_is_no_end)
{
  g_autoptr (EsXml) stanza = pair_parse ("<message><body>x</body><c xmlns='urn:other'/></message>");

  pair_negotiate ();
  pair_expect_refused (&bob, stanza, ES_ERROR_NO_SESSION);
  pair_expect_body_passes (&alice, &bob, "more");
}
END_TEST

static const char *const nested[] = {
  "<message><c xmlns='" ES_NS_CRYPT "'/></message>",
  "<message><body>x</body><deep xmlns='urn:deep'><er><c xmlns='" ES_NS_CRYPT
  "'><data>AAAA</data></c></er></deep></message>",
};

START_TEST (session__encrypt__twice_is_refused)
{
  g_autoptr (EsXml) stanza = pair_parse (nested[_i]), before = es_xml_copy (stanza);
  g_autoptr (GError) error = NULL;

  /* The other side would end the session over it, and each one after it. */
  pair_negotiate ();
  ck_assert (!es_session_encrypt (alice.session, stanza, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
  ck_assert (es_xml_equal (stanza, before));
  pair_expect_body_passes (&alice, &bob, "more");
}
END_TEST

/* What was not agreed is neither encrypted nor read. */
START_TEST (session__stanzas__only_those_agreed)
{
  g_autoptr (EsXml) presence = pair_parse ("<presence><status>secret</status></presence>"),
                    before = es_xml_copy (presence);
  g_autoptr (EsXml) stanza = NULL;
  g_autoptr (GError) error = NULL;

  bob.options.stanzas = ES_STANZA_MESSAGE;
  pair_negotiate ();
  ck_assert_uint_eq (es_session_stanzas (alice.session), ES_STANZA_MESSAGE);
  ck_assert_uint_eq (es_session_stanzas (bob.session), ES_STANZA_MESSAGE);
  ck_assert (!es_session_encrypt (alice.session, presence, &error));
  ck_assert (es_xml_equal (presence, before));
  pair_expect_body_passes (&alice, &bob, "messages pass");

  stanza = pair_encrypted (&alice, "<message><status>x</status></message>");
  es_xml_free (g_steal_pointer (&presence));
  presence = es_xml_new ("presence", ES_NS_CLIENT);
  while (es_xml_children (stanza)->len > 0)
    es_xml_append (presence, es_xml_steal (stanza, 0));
  {
    const char *ended = NULL;

    ck_assert (!es_session_decrypt (bob.session, presence, &ended, NULL, NULL));
    ck_assert_ptr_null (es_xml_child (presence, "status", NULL));
  }
}
END_TEST

/* Keys change */

START_TEST (session__encrypt__keys_change_unnoticed)
{
  pair_negotiate ();
  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *body = g_strdup_printf ("number %u", i);

      pair_expect_body_passes (i % 3 == 0 ? &alice : &bob, i % 3 == 0 ? &bob : &alice, body);
      pair_now += i % 7 == 0 ? 700 : 1;
    }
}
END_TEST

/* TEXT, a stanza, goes from one to the other; whether it re-keyed. */
static gboolean
rekeys (Side *from, Side *to, const char *text)
{
  g_autoptr (EsXml) stanza = pair_encrypted (from, text);
  gboolean key = es_xml_child (es_xml_child (stanza, "c", NULL), "key", NULL) != NULL;
  const char *ended = NULL;

  ck_assert (es_session_decrypt (to->session, stanza, &ended, NULL, NULL));
  return key;
}

static gboolean
message_rekeys (Side *from, Side *to)
{
  return rekeys (from, to, "<message><body>x</body></message>");
}

START_TEST (session__encrypt__rekeys_when_the_talk_turns)
{
  pair_negotiate ();
  ck_assert (!message_rekeys (&alice, &bob));
  ck_assert (!message_rekeys (&alice, &bob));
  ck_assert (message_rekeys (&bob, &alice));
  ck_assert (!message_rekeys (&bob, &alice));
  ck_assert (message_rekeys (&alice, &bob));
}
END_TEST

#define OFFER                                                                                                          \
  "<iq type='set' id='1'><si xmlns='http://jabber.org/protocol/si' id='s' "                                            \
  "profile='http://jabber.org/protocol/si/profile/file-transfer'/></iq>"

/* What programs tell each other: neither it nor what follows re-keys. The last is nothing at all. */
static const char *const asides[] = {
  "<message><received xmlns='urn:xmpp:receipts' id='1'/></message>",
  "<message><composing xmlns='http://jabber.org/protocol/chatstates'/></message>",
  "<iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>",
  "<iq type='result' id='1'><query xmlns='jabber:iq:version'/></iq>",
  "<iq type='set' id='1'><data xmlns='http://jabber.org/protocol/ibb' sid='s' seq='0'>AAAA</data></iq>",
  "<iq type='result' id='1'><si xmlns='http://jabber.org/protocol/si'/></iq>",
  "<presence><show>away</show></presence>",
  "<message><verify xmlns='esession:verify:0' step='1'/></message>",
  "<message/>",
};

START_TEST (session__encrypt__does_not_rekey_aside)
{
  pair_negotiate ();
  ck_assert (!message_rekeys (&alice, &bob));
  for (guint i = 0; i < 3; i++)
    ck_assert (!rekeys (&bob, &alice, asides[_i]));
  ck_assert (!message_rekeys (&alice, &bob));

  /* After that the reply does, which it would have without. */
  ck_assert (!rekeys (&alice, &bob, asides[_i]));
  ck_assert (message_rekeys (&bob, &alice));

  /* However late. */
  pair_now += ES_REKEY_IDLE_SECONDS;
  ck_assert (!rekeys (&alice, &bob, asides[_i]));
  ck_assert (!rekeys (&bob, &alice, asides[_i]));
}
END_TEST

START_TEST (session__encrypt__a_file_offered_is_a_turn)
{
  pair_negotiate ();
  ck_assert (!message_rekeys (&alice, &bob));
  ck_assert (rekeys (&bob, &alice, OFFER));
  ck_assert (!rekeys (&alice, &bob, "<iq type='result' id='1'><si xmlns='http://jabber.org/protocol/si'/></iq>"));
  ck_assert (!rekeys (&bob, &alice, asides[4]));
  ck_assert (message_rekeys (&alice, &bob));
}
END_TEST

/* By number; by time; and after a rest. */
START_TEST (session__encrypt__rekeys_in_a_monologue)
{
  pair_negotiate ();
  for (guint i = 0; i < ES_REKEY_STANZAS; i++)
    ck_assert (!message_rekeys (&alice, &bob));
  ck_assert (message_rekeys (&alice, &bob));
  ck_assert (!message_rekeys (&alice, &bob));
  pair_now += ES_REKEY_SECONDS - 1;
  ck_assert (!message_rekeys (&alice, &bob));
  pair_now += 1;
  ck_assert (message_rekeys (&alice, &bob));
  ck_assert (!message_rekeys (&alice, &bob));
  pair_now += ES_REKEY_IDLE_SECONDS;
  ck_assert (message_rekeys (&alice, &bob));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("session-stanzas");
  TCase *tcase = tcase_create ("session-stanzas");

  tcase_add_checked_fixture (tcase, pair_setup, pair_teardown);
  tcase_add_test (tcase, session__encrypt__divides_inside_from_outside);
  tcase_add_loop_test (tcase, session__encrypt__leaves_only_names_outside, 0, 11);
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
  tcase_add_loop_test (tcase, session__encrypt__drops_formatting_rather_than_words, 0, 3);
  tcase_add_loop_test (tcase, session__encrypt__counts_what_is_sent, 0, 4);
  tcase_add_loop_test (tcase, session__encrypt__leaves_nothing_behind, 0, 5);
  tcase_add_test (tcase, session__decrypt__changed_is_the_end);
  tcase_add_test (tcase, session__decrypt__twice_is_dropped);
  tcase_add_test (tcase, session__decrypt__without_c_is_no_end);
  tcase_add_loop_test (tcase, session__encrypt__twice_is_refused, 0, G_N_ELEMENTS (nested));
  tcase_add_test (tcase, session__stanzas__only_those_agreed);
  tcase_add_test (tcase, session__encrypt__keys_change_unnoticed);
  tcase_add_test (tcase, session__encrypt__rekeys_when_the_talk_turns);
  tcase_add_loop_test (tcase, session__encrypt__does_not_rekey_aside, 0, G_N_ELEMENTS (asides));
  tcase_add_test (tcase, session__encrypt__a_file_offered_is_a_turn);
  tcase_add_test (tcase, session__encrypt__rekeys_in_a_monologue);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
