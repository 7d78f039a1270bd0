/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iqs and presence: what goes through a session, what passes beside it, and what goes nowhere. */
#include "es-forge.h"
#include "es-limits.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define PDA ALICE "/pda"
#define LAPTOP BOB "/laptop"
#define PHONE BOB "/phone"

#define IBB "http://jabber.org/protocol/ibb"
#define SOCKS "http://jabber.org/protocol/bytestreams"
#define OPTION(way) "<option><value>" way "</value></option>"
#define SI(options)                                                                                                    \
  "<si xmlns='http://jabber.org/protocol/si' id='s' profile='http://jabber.org/protocol/si/profile/file-transfer'>"    \
  "<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='secret.txt' size='7'/>"                     \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"                      \
  "<field var='stream-method' type='list-single'>" options "</field></x></feature></si>"
#define OFFER(to) "<iq type='set' id='offer' to='" to "'>" SI (OPTION (SOCKS) OPTION (IBB)) "</iq>"
#define BOTH_WAYS OPTION (SOCKS) OPTION (IBB)

static World *world;
static Endpoint *alice, *bob;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, PDA);
  bob = world_add (world, LAPTOP);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static void
sign_on (void)
{
  endpoint_sign_on (bob);
  endpoint_sign_on (alice);
  world_run (world);
}

/* They have a session, in which Bob's client takes STANZAS. */
static void
meet (guint stanzas)
{
  bob->options.stanzas = stanzas;
  sign_on ();
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}

static void
send_from (Endpoint *endpoint, const char *xml)
{
  endpoint_send_raw (endpoint, xml);
  world_run (world);
}

/* XML as a server delivers it. */
static void
inject (const char *xml)
{
  world_inject (world, LAPTOP, PDA, xml);
  world_run (world);
}

static const char *
last_of (GPtrArray *array)
{
  return array->len > 0 ? array->pdata[array->len - 1] : "";
}

/* What has arrived last is XML. */
static void
expect_arrived (Endpoint *endpoint, const char *xml)
{
  g_autoptr (EsXml) expected = forge_parse (xml);
  g_autofree char *text = es_xml_to_string (expected, ES_NS_CLIENT);

  ck_assert_str_eq (last_of (endpoint->others), text);
}

static gboolean
has_warning (Endpoint *endpoint, const char *part)
{
  return strstr (texts (endpoint->warnings), part) != NULL;
}

/* Through the session */

START_TEST (stanzas__iq__question_and_answer_go_encrypted)
{
  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='get' id='q1' to='" LAPTOP "'><query xmlns='urn:private'>question</query></iq>");
  expect_arrived (bob, "<iq type='get' id='q1' to='" LAPTOP "' from='" PDA
                       "'><query xmlns='urn:private'>question</query></iq>");
  send_from (bob, "<iq type='result' id='q1' to='" PDA "'><query xmlns='urn:private'>answer</query></iq>");
  expect_arrived (alice, "<iq type='result' id='q1' to='" PDA "' from='" LAPTOP
                         "'><query xmlns='urn:private'>answer</query></iq>");
  ck_assert_uint_eq (world_count (world, NULL, "urn:private"), 0);
  ck_assert_uint_eq (world_count (world, PDA, "id=\"q1\""), 1);
  ck_assert_uint_eq (world_count (world, LAPTOP, "id=\"q1\""), 1);
}
END_TEST

/* As XEP-0200 has it: one <c/>, and nothing else. */
START_TEST (stanzas__iq__has_one_child)
{
  g_autoptr (EsXml) iq = NULL;

  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  iq = forge_parse (world_last (world, PDA, "id=\"q1\""));
  ck_assert_uint_eq (es_xml_children (iq)->len, 1);
  ck_assert (es_xml_is (es_xml_children (iq)->pdata[0], "c", ES_NS_CRYPT));
  ck_assert_uint_eq (es_xml_n_attributes (iq), 3);
  ck_assert_str_eq (es_xml_attribute (iq, "type"), "set");
  ck_assert_str_eq (es_xml_attribute (iq, "to"), LAPTOP);
}
END_TEST

/* An empty answer says something too: that all is well. */
START_TEST (stanzas__iq__empty_answer_goes_encrypted)
{
  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><data xmlns='" IBB "' sid='s' seq='0'>AAAA</data></iq>");
  send_from (bob, "<iq type='result' id='q1' to='" PDA "'/>");
  expect_arrived (alice, "<iq type='result' id='q1' to='" PDA "' from='" LAPTOP "'/>");
  ck_assert_ptr_nonnull (strstr (world_last (world, LAPTOP, "id=\"q1\""), "<mac>"));
}
END_TEST

/* Errors keep what servers read, but not the words nor what they are about. */
START_TEST (stanzas__iq__error_goes_encrypted)
{
  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  send_from (bob, "<iq type='error' id='q1' to='" PDA "'><query xmlns='urn:private'/><error type='cancel'>"
                  "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/>"
                  "<text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>private words</text></error></iq>");
  expect_arrived (alice, "<iq type='error' id='q1' to='" PDA "' from='" LAPTOP "'><error type='cancel'>"
                         "<forbidden xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
                         "<query xmlns='urn:private'/></iq>");
  ck_assert_uint_eq (world_count (world, NULL, "urn:private") + world_count (world, NULL, "words"), 0);
}
END_TEST

/* What came in confidence is answered in confidence, even what is harmless. */
START_TEST (stanzas__iq__harmless_question_that_came_encrypted)
{
  g_autoptr (Forger) forger = NULL;
  g_autofree char *text = NULL, *stanza = NULL, *inside = NULL;
  g_autoptr (EsXml) c = NULL;

  endpoint_sign_on (alice);
  forger = forger_new (world, LAPTOP);
  world->tap = forger_tap;
  world->tap_data = forger;
  es_manager_set_presence (alice->manager, es_at (LAPTOP), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  inside = forge_envelope ("<iq type='get' id='p1'/>", "<ping xmlns='urn:xmpp:ping'/>");
  c = es_channel_encrypt (forger->channel, inside, FALSE, NULL);
  text = es_xml_to_string (c, ES_NS_CLIENT);
  stanza = g_strdup_printf ("<iq type='get' id='p1' to='" PDA "'>%s</iq>", text);
  inject (stanza);
  ck_assert_uint_eq (alice->others->len, 1);
  endpoint_send_raw (alice, "<iq type='result' id='p1' to='" LAPTOP "'/>");
  world_run (world);
  ck_assert_ptr_nonnull (strstr (world_last (world, PDA, "id=\"p1\""), "<mac>"));
  ck_assert_uint_eq (forger->n_heard, 2);
}
END_TEST

START_TEST (stanzas__presence__goes_encrypted_and_back)
{
  g_autoptr (EsXml) presence = NULL;

  meet (ES_STANZA_ALL);
  send_from (alice, "<presence to='" LAPTOP "'><show>away</show><status>at the doctor's</status></presence>");
  expect_arrived (bob, "<presence to='" LAPTOP "' from='" PDA
                       "'><show>away</show><status>at the doctor's</status></presence>");
  presence = forge_parse (world_last (world, PDA, "<presence"));
  ck_assert_uint_eq (es_xml_children (presence)->len, 1);
  ck_assert (es_xml_is (es_xml_children (presence)->pdata[0], "c", ES_NS_CRYPT));
  send_from (alice, "<presence type='unavailable' to='" LAPTOP "'><status>good night</status></presence>");
  expect_arrived (bob,
                  "<presence type='unavailable' to='" LAPTOP "' from='" PDA "'><status>good night</status></presence>");
  ck_assert_uint_eq (world_count (world, PDA, "status"), 0);
}
END_TEST

static gboolean
tap_date (World *w, Letter *letter, gpointer data)
{
  char *end = strstr (letter->text, "</presence>"), *text = NULL;

  if (end == NULL)
    return TRUE;
  *end = '\0';
  text = g_strconcat (letter->text, "<delay xmlns='urn:xmpp:delay' stamp='2001-09-11T12:00:00Z'/></presence>", NULL);
  g_free (letter->text);
  letter->text = text;
  return TRUE;
}

START_TEST (stanzas__presence__is_not_dated_outside)
{
  meet (ES_STANZA_ALL);
  world->tap = tap_date;
  send_from (alice, "<presence to='" LAPTOP "'><status>at the doctor's</status></presence>");
  expect_arrived (bob, "<presence to='" LAPTOP "' from='" PDA "'><status>at the doctor's</status></presence>");
}
END_TEST

/* Keys change under way, and messages go between. */
START_TEST (stanzas__iq__many_and_mixed)
{
  meet (ES_STANZA_ALL);
  for (guint i = 0; i < 40; i++)
    {
      Endpoint *from = i % 3 == 0 ? bob : alice, *to = from == alice ? bob : alice;
      g_autofree char *question = g_strdup_printf (
          "<iq type='set' id='%u' to='%s'><query xmlns='urn:private'>%u</query></iq>", i, to->jid, i);
      g_autofree char *answer = g_strdup_printf ("<iq type='result' id='%u' to='%s'/>", i, from->jid);
      g_autofree char *body = g_strdup_printf ("%u", i);

      endpoint_send_raw (from, question);
      endpoint_type (from, to->bare, body);
      world_run (world);
      send_from (to, answer);
      ck_assert_str_eq (last_of (to->shown), body);
      world_wait (world, i % 5 == 0 ? 700 : 1);
    }
  ck_assert_uint_eq (alice->others->len + bob->others->len, 80);
  ck_assert_uint_eq (alice->warnings->len + bob->warnings->len, 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Beside the session */

static const char *const beside[] = {
  "<iq type='get' id='b1' to='" LAPTOP "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
  "<iq type='get' id='b1' to='" LAPTOP "'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>",
  "<iq type='get' id='b1' to='" LAPTOP "'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='get' id='b1' to='" LAPTOP "'><query xmlns='jabber:iq:version'/></iq>",
  "<iq type='get' id='b1' to='" LAPTOP "'><query xmlns='jabber:iq:last'/></iq>",
  "<iq type='get' id='b1' to='" LAPTOP "'><time xmlns='urn:xmpp:time'/></iq>",
  "<iq type='result' id='b1' to='" LAPTOP "'/>",
  "<iq type='get' id='b1' to='" BOB "'><vCard xmlns='vcard-temp'/></iq>",
  "<iq type='set' id='b1' to='example.com'><query xmlns='urn:private'/></iq>",
  "<iq type='set' id='b1' to='proxy.example.com/a@b'><query xmlns='urn:private'/></iq>",
  "<iq type='set' id='b1'><query xmlns='urn:private'/></iq>",
  "<iq type='set' id='b1' to='" ALICE "'><query xmlns='urn:private'/></iq>",
  "<presence id='b1' to='" BOB "'/>",
  "<presence id='b1' to='" BOB "' type='subscribe'/>",
  "<presence id='b1'><status>for everybody</status></presence>",
  "<presence id='b1' to='room@rooms.example.com/nick'><status>x</status>"
  "<x xmlns='http://jabber.org/protocol/muc'/></presence>",
  "<iq type='set' id='b1' to='room@rooms.example.com'><query xmlns='http://jabber.org/protocol/muc#owner'>"
  "<x xmlns='jabber:x:data' type='submit'/></query></iq>",
};

/* Whatever the policy. */
START_TEST (stanzas__beside__passes_as_it_is)
{
  g_autoptr (EsXml) stanza = forge_parse (beside[_i]), before = es_xml_copy (stanza);

  alice->policy = ES_POLICY_ALWAYS;
  meet (ES_STANZA_ALL);
  ck_assert_int_eq (es_manager_outgoing (alice->manager, es_at (es_xml_attribute (stanza, "to")), stanza, FALSE),
                    ES_PASS);
  ck_assert (es_xml_equal (stanza, before));
}
END_TEST

/* Presence for everybody, disco and pings from the very JID that there is a session with. */
static const char *const beside_in[] = {
  "<presence to='" ALICE "'><show>away</show><status>out for lunch</status></presence>",
  "<presence to='" ALICE "'><x xmlns='vcard-temp:x:update'><photo>00ff</photo></x></presence>",
  "<presence to='" PDA "'><show>away</show><c xmlns='http://jabber.org/protocol/caps' node='n' ver='v'/></presence>",
  "<presence to='" PDA "' type='unavailable'><status>bye</status></presence>",
  "<iq type='get' id='i' to='" PDA "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
  "<iq type='result' id='i' to='" PDA "'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>",
  "<iq type='get' id='i' to='" PDA "'><ping xmlns='urn:xmpp:ping'/></iq>",
  "<iq type='result' id='i' to='" PDA "'/>",
  "<iq type='get' id='i' to='" PDA "'><query xmlns='jabber:iq:last'/></iq>",
  "<iq type='error' id='i' to='" PDA "'><query xmlns='urn:private'/><error type='cancel'/></iq>",
};

START_TEST (stanzas__beside__is_taken_as_it_is)
{
  g_autoptr (EsXml) expected = forge_parse (beside_in[_i]);
  g_autofree char *text = NULL;

  meet (ES_STANZA_ALL);
  inject (beside_in[_i]);
  es_xml_set_attribute (expected, "from", LAPTOP);
  text = es_xml_to_string (expected, ES_NS_CLIENT);
  ck_assert_str_eq (last_of (alice->others), text);
  ck_assert_uint_eq (alice->warnings->len, 0);
}
END_TEST

/* Where servers give everything the full JID, nothing is lost of what is for everybody. */
START_TEST (stanzas__presence__in_the_clear_for_us_alone)
{
  static const char alone[] = "<presence to='" PDA "'><status>for you alone</status></presence>";

  meet (ES_STANZA_ALL);
  inject (alone);
  ck_assert_uint_eq (alice->others->len, 1);
  inject ("<presence to='" ALICE "'><status>for everybody</status></presence>");
  ck_assert_uint_eq (alice->others->len, 2);
  inject (alone);
  ck_assert_uint_eq (alice->others->len, 2);
  inject ("<presence to='" PDA "'><show>away</show></presence>");
  ck_assert_uint_eq (alice->others->len, 3);

  /* Without a session that has presence it is as it always was. */
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  inject (alone);
  ck_assert_uint_eq (alice->others->len, 4);
}
END_TEST

/* After a reconnect libpurple sends again what it had sent. */
START_TEST (stanzas__again__passes_as_it_was)
{
  g_autoptr (EsXml) sent = NULL, before = NULL;

  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  sent = forge_parse (world_last (world, PDA, "id=\"q1\""));
  before = es_xml_copy (sent);
  ck_assert_int_eq (es_manager_outgoing (alice->manager, es_at (es_xml_attribute (sent, "to")), sent, FALSE), ES_PASS);
  ck_assert (es_xml_equal (sent, before));
  world_inject (world, PDA, LAPTOP, world_last (world, PDA, "id=\"q1\""));
  world_run (world);
  ck_assert_uint_eq (bob->others->len, 1);
  ck_assert_int_eq (endpoint_state (bob, ALICE), ES_STATE_ENCRYPTED);
}
END_TEST

/* In the clear where it may not be */

/* The one who asks gets an error, the other one hears nothing of it. */
START_TEST (stanzas__in_the_clear__private_question_is_answered_with_an_error)
{
  static const char *const questions[] = {
    "<iq type='set' id='i' to='" PDA "'>" SI (BOTH_WAYS) "</iq>",
    "<iq type='get' id='i' to='" PDA "'><vCard xmlns='vcard-temp'/></iq>",
    "<iq type='set' id='i' to='" PDA "'><jingle xmlns='urn:xmpp:jingle:1'/></iq>",
    "<iq type='set' id='i' to='" PDA "'><open xmlns='" IBB "' sid='s'/></iq>",
  };

  meet (ES_STANZA_ALL);
  inject (questions[_i]);
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_str_eq (world_last (world, PDA, "type=\"error\""),
                    "<iq to=\"" LAPTOP "\" type=\"error\" id=\"i\"><error type=\"cancel\"><not-acceptable "
                    "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>");
  ck_assert_int_eq (has_warning (alice, "offered to you without encryption"), _i == 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (stanzas__in_the_clear__answer_to_an_encrypted_question_is_dropped)
{
  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  inject ("<iq type='result' id='q1' to='" PDA "'/>");
  inject ("<iq type='result' id='q1' to='" PDA "'><query xmlns='urn:private'>forged</query></iq>");
  inject ("<iq type='result' id='other' to='" PDA "'><query xmlns='urn:private'>forged</query></iq>");
  ck_assert_uint_eq (alice->others->len, 0);

  /* It waits for the true one. */
  send_from (bob, "<iq type='result' id='q1' to='" PDA "'><query xmlns='urn:private'>true</query></iq>");
  expect_arrived (alice, "<iq type='result' id='q1' to='" PDA "' from='" LAPTOP
                         "'><query xmlns='urn:private'>true</query></iq>");
}
END_TEST

/* Servers cannot encrypt the errors they make. */
START_TEST (stanzas__in_the_clear__error_is_an_answer)
{
  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  inject ("<iq type='error' id='q1' to='" PDA "'><error type='cancel'><service-unavailable "
          "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
  ck_assert_uint_eq (alice->others->len, 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Who has lost the keys says so; a new session is made. */
START_TEST (stanzas__in_the_clear__not_acceptable_ends_the_session)
{
  EsConversation what;
  g_autofree char *code = NULL;

  meet (ES_STANZA_ALL);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  endpoint_kill (bob);
  world_run (world);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_str_ne (what.code, code);

  send_from (alice, "<iq type='set' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  inject ("<iq type='error' id='q1' to='" PDA "'><error type='cancel'><not-acceptable "
          "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>");
  ck_assert_str_eq (last_of (alice->others), "<iq type=\"error\" id=\"q1\" to=\"" PDA "\" from=\"" LAPTOP
                                             "\"><error type=\"cancel\"><not-acceptable "
                                             "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>");
  ck_assert (es_has_text (alice->notices, es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_LOST)->notice)));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Files */

START_TEST (stanzas__files__offer_leaves_one_way)
{
  meet (ES_STANZA_ALL);
  send_from (alice, OFFER (LAPTOP));
  expect_arrived (bob, "<iq type='set' id='offer' to='" LAPTOP "' from='" PDA "'>" SI (OPTION (IBB)) "</iq>");
  ck_assert_uint_eq (world_count (world, NULL, "secret.txt"), 0);
}
END_TEST

START_TEST (stanzas__files__offer_without_that_way_is_refused)
{
  meet (ES_STANZA_ALL);
  send_from (alice, "<iq type='set' id='offer' to='" LAPTOP "'>" SI (OPTION (SOCKS)) "</iq>");
  send_from (alice, "<iq type='set' id='hosts' to='" LAPTOP "'><query xmlns='" SOCKS "' sid='s'>"
                    "<streamhost jid='a' host='10.0.0.1' port='1'/></query></iq>");
  ck_assert_str_eq (texts (alice->refused), "offer|hosts");
  ck_assert (has_warning (alice, "would have gone a way that is not encrypted"));
  ck_assert_uint_eq (world_count (world, PDA, "<iq"), 0);
  ck_assert_uint_eq (bob->others->len, 0);
}
END_TEST

/* Nothing leaves, and the sender knows why. */
START_TEST (stanzas__files__session_without_iqs_sends_none)
{
  meet (ES_STANZA_MESSAGE);
  send_from (alice, OFFER (LAPTOP));
  send_from (alice, OFFER (LAPTOP));
  ck_assert_str_eq (texts (alice->refused), "offer|offer");
  ck_assert_uint_eq (alice->warnings->len, 2);
  ck_assert (has_warning (alice, "cannot take part in encrypted file transfers"));
  ck_assert_uint_eq (world_count (world, PDA, "<iq"), 0);

  /* Nor is one accepted. */
  inject ("<iq type='set' id='i' to='" PDA "'>" SI (BOTH_WAYS) "</iq>");
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (world_count (world, PDA, "not-acceptable"), 1);
}
END_TEST

/* The contact has another client, without a session. */
START_TEST (stanzas__files__to_another_device_are_refused)
{
  Endpoint *phone = world_add (world, PHONE);

  phone->supports = FALSE;
  meet (ES_STANZA_ALL);
  endpoint_sign_on (phone);
  world_run (world);
  send_from (alice, OFFER (PHONE));
  ck_assert_str_eq (texts (alice->refused), "offer");
  ck_assert (has_warning (alice, "the device \"\xe2\x81\xa8"
                                 "phone\xe2\x81\xa9\""));
  ck_assert_uint_eq (world_count (world, NULL, "secret.txt"), 0);
}
END_TEST

/* Who may not have what is written gets no files either, nor anything else. */
START_TEST (stanzas__files__to_a_strange_device_are_refused)
{
  Endpoint *phone = world_add (world, PHONE);
  EsConversation what;

  meet (ES_STANZA_ALL);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  es_manager_verify (alice->manager, es_at (BOB), what.code, TRUE);
  endpoint_kill (bob);
  endpoint_sign_on (phone);
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert (what.barred);
  send_from (alice, OFFER (PHONE));
  ck_assert_str_eq (texts (alice->refused), "offer");
  ck_assert (has_warning (alice, "you have not verified"));
  ck_assert_uint_eq (phone->others->len, 0);

  /* But where the user wants that. */
  es_manager_write_anyway (alice->manager, es_at (BOB));
  send_from (alice, OFFER (PHONE));
  ck_assert_uint_eq (phone->others->len, 1);
}
END_TEST

#define DATA(to, id) "<iq type='set' id='" id "' to='" to "'><data xmlns='" IBB "' sid='s' seq='0'>AAAA</data></iq>"
#define CLOSE(to) "<iq type='set' id='close' to='" to "'><close xmlns='" IBB "' sid='s'/></iq>"

/* Whoever ends the encryption does not mean the file to go on in the clear. */
START_TEST (stanzas__files__do_not_go_on_after_the_session)
{
  meet (ES_STANZA_ALL);
  send_from (alice, OFFER (LAPTOP));
  send_from (bob, "<iq type='result' id='offer' to='" PDA "'><si xmlns='http://jabber.org/protocol/si'><feature "
                  "xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'><field "
                  "var='stream-method'><value>" IBB "</value></field></x></feature></si></iq>");
  send_from (alice, DATA (LAPTOP, "d1"));
  ck_assert_uint_eq (bob->others->len, 2);
  ck_assert_uint_eq (world_count (world, NULL, IBB), 0);
  ck_assert (es_manager_has_file (alice->manager, es_at (LAPTOP)) && es_manager_has_file (bob->manager, es_at (PDA)));
  ck_assert (!es_manager_has_file (alice->manager, es_at (PHONE))
             && !es_manager_has_file (alice->manager, es_at ("x@y/z")));
  if (_i == 0)
    es_manager_end (alice->manager, es_at (BOB));
  else
    es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  if (_i == 1)
    es_manager_end (alice->manager, es_at (BOB));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  send_from (alice, DATA (LAPTOP, "d2"));
  ck_assert_str_eq (texts (alice->refused), "d2");
  ck_assert (has_warning (alice, "The rest of the file was not sent"));
  ck_assert_uint_eq (world_count (world, PDA, IBB), 0);

  /* Nor does it come so. */
  es_manager_end (bob->manager, es_at (ALICE));
  world_inject (world, PDA, LAPTOP, DATA (LAPTOP, "d3"));
  world_run (world);
  ck_assert_uint_eq (bob->others->len, 2);

  /* But that it is over may be known. */
  send_from (alice, CLOSE (LAPTOP));
  expect_arrived (bob,
                  "<iq type='set' id='close' to='" LAPTOP "' from='" PDA "'><close xmlns='" IBB "' sid='s'/></iq>");

  /* Other files are others. */
  send_from (alice, "<iq type='set' id='d4' to='" LAPTOP "'><data xmlns='" IBB "' sid='t' seq='0'>AAAA</data></iq>");
  ck_assert_uint_eq (bob->others->len, 4);
}
END_TEST

/* In the session its end is part of it. */
START_TEST (stanzas__files__end_in_the_session)
{
  meet (ES_STANZA_ALL);
  send_from (alice, CLOSE (LAPTOP));
  ck_assert_uint_eq (bob->others->len, 1);
  ck_assert_uint_eq (world_count (world, NULL, IBB), 0);
  inject (CLOSE (PDA));
  ck_assert_uint_eq (alice->others->len, 0);
}
END_TEST

/* What is said in a call goes past the session. */
START_TEST (stanzas__calls__are_told_of_or_refused)
{
  static const char *const calls[] = {
    "<iq type='set' id='call' to='" LAPTOP "'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate'/></iq>",
    "<iq type='set' id='call' to='" LAPTOP "'><session xmlns='http://www.google.com/session' type='initiate'/></iq>",
  };

  alice->policy = ES_POLICY_ALWAYS;
  meet (ES_STANZA_ALL);
  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    send_from (alice, calls[i]);
  ck_assert_str_eq (texts (alice->refused), "call|call");
  ck_assert (has_warning (alice, "The call was not made"));
  send_from (bob, "<iq type='set' id='call' to='" PDA "'><jingle xmlns='urn:xmpp:jingle:1' "
                  "action='session-initiate'/></iq>");
  ck_assert (has_warning (bob, "What is said in the call is not encrypted"));
  ck_assert (has_warning (alice, "A call was refused"));
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (bob->others->len, 1);
  ck_assert_ptr_nonnull (strstr (bob->others->pdata[0], "not-acceptable"));
  ck_assert_uint_eq (world_count (world, NULL, "jingle"), 0);
}
END_TEST

/* Policy */

START_TEST (stanzas__policy__always_lets_nothing_out)
{
  alice->policy = ES_POLICY_ALWAYS;
  bob->supports = FALSE;
  sign_on ();
  for (guint i = 0; i < 3; i++)
    {
      send_from (alice, "<iq type='set' id='q' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
      send_from (alice, "<iq type='set' id='q' to='" BOB "'><query xmlns='urn:private'/></iq>");
      send_from (alice, "<presence to='" LAPTOP "'><status>private</status></presence>");
      send_from (alice, "<presence to='" BOB "'><status>private</status></presence>");
      send_from (alice, "<iq type='result' id='q' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
    }
  ck_assert_str_eq (texts (alice->refused), "q|q|q|q|q|q");
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_uint_eq (world_count (world, PDA, ">private<") + world_count (world, PDA, "urn:private"), 0);

  /* Who waits for an answer gets one. */
  ck_assert_uint_eq (world_count (world, PDA, "<iq"), 3);
  ck_assert_uint_eq (world_count (world, PDA, "not-acceptable"), 3);

  /* Files are the user's doing: each is spoken of. */
  send_from (alice, OFFER (LAPTOP));
  send_from (alice, OFFER (LAPTOP));
  ck_assert_uint_eq (alice->warnings->len, 3);
  ck_assert (has_warning (alice, "is not encrypted yet"));
}
END_TEST

/* The first try makes the second one work. */
START_TEST (stanzas__policy__file_before_the_session_starts_it)
{
  alice->policy = _i;
  sign_on ();
  send_from (alice, OFFER (LAPTOP));
  ck_assert_str_eq (texts (alice->refused), "offer");
  ck_assert_uint_eq (world_count (world, NULL, "secret.txt"), 0);
  send_from (alice, OFFER (LAPTOP));
  if (endpoint_state (alice, BOB) != ES_STATE_ENCRYPTED)
    send_from (alice, OFFER (LAPTOP));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  send_from (alice, OFFER (LAPTOP));
  ck_assert_uint_ge (bob->others->len, 1);
  ck_assert_uint_eq (world_count (world, NULL, "secret.txt"), 0);
}
END_TEST

START_TEST (stanzas__policy__others_are_as_without_us)
{
  alice->policy = _i;
  bob->supports = FALSE;
  sign_on ();
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  send_from (alice, OFFER (LAPTOP));
  send_from (alice, "<presence to='" LAPTOP "'><status>private</status></presence>");
  expect_arrived (bob, "<presence to='" LAPTOP "' from='" PDA "'><status>private</status></presence>");
  ck_assert_uint_eq (world_count (world, PDA, SOCKS), 1);
  inject ("<iq type='set' id='i' to='" PDA "'>" SI (BOTH_WAYS) "</iq>");
  ck_assert_uint_eq (alice->others->len, 1);
  send_from (alice, "<iq type='result' id='i' to='" LAPTOP "'><si xmlns='http://jabber.org/protocol/si'/></iq>");
  ck_assert_uint_eq (bob->others->len, 3);
  ck_assert_uint_eq (alice->warnings->len, 0);
}
END_TEST

START_TEST (stanzas__policy__ended_by_the_other_side_refuses)
{
  meet (ES_STANZA_ALL);
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  send_from (alice, OFFER (LAPTOP));
  send_from (alice, "<presence to='" LAPTOP "'><status>private</status></presence>");
  ck_assert_str_eq (texts (alice->refused), "offer");
  ck_assert (has_warning (alice, "file was not sent because the encrypted conversation has ended"));
  ck_assert_uint_eq (world_count (world, PDA, ">private<") + world_count (world, PDA, "secret.txt"), 0);
  inject ("<iq type='set' id='i' to='" PDA "'>" SI (BOTH_WAYS) "</iq>");
  ck_assert_uint_eq (alice->others->len, 0);

  /* Bob has chosen, and Alice may. */
  es_manager_end (alice->manager, es_at (BOB));
  send_from (alice, OFFER (LAPTOP));
  ck_assert_uint_eq (world_count (world, PDA, "secret.txt"), 1);
}
END_TEST

/* A question of before the end is not answered aloud. */
START_TEST (stanzas__policy__answer_after_the_end)
{
  meet (ES_STANZA_ALL);
  send_from (bob, "<iq type='set' id='q1' to='" PDA "'><query xmlns='urn:private'/></iq>");
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  send_from (alice, "<iq type='result' id='q1' to='" LAPTOP "'><query xmlns='urn:private'/></iq>");
  ck_assert_uint_eq (world_count (world, PDA, "urn:private"), 0);
  ck_assert_ptr_nonnull (strstr (world_last (world, PDA, "id=\"q1\""), "not-acceptable"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("stanzas");
  TCase *tcase = tcase_create ("stanzas");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, stanzas__iq__question_and_answer_go_encrypted);
  tcase_add_test (tcase, stanzas__iq__has_one_child);
  tcase_add_test (tcase, stanzas__iq__empty_answer_goes_encrypted);
  tcase_add_test (tcase, stanzas__iq__error_goes_encrypted);
  tcase_add_test (tcase, stanzas__iq__harmless_question_that_came_encrypted);
  tcase_add_test (tcase, stanzas__presence__goes_encrypted_and_back);
  tcase_add_test (tcase, stanzas__presence__is_not_dated_outside);
  tcase_add_test (tcase, stanzas__iq__many_and_mixed);
  tcase_add_loop_test (tcase, stanzas__beside__passes_as_it_is, 0, G_N_ELEMENTS (beside));
  tcase_add_loop_test (tcase, stanzas__beside__is_taken_as_it_is, 0, G_N_ELEMENTS (beside_in));
  tcase_add_test (tcase, stanzas__presence__in_the_clear_for_us_alone);
  tcase_add_test (tcase, stanzas__again__passes_as_it_was);
  tcase_add_loop_test (tcase, stanzas__in_the_clear__private_question_is_answered_with_an_error, 0, 4);
  tcase_add_test (tcase, stanzas__in_the_clear__answer_to_an_encrypted_question_is_dropped);
  tcase_add_test (tcase, stanzas__in_the_clear__error_is_an_answer);
  tcase_add_test (tcase, stanzas__in_the_clear__not_acceptable_ends_the_session);
  tcase_add_test (tcase, stanzas__files__offer_leaves_one_way);
  tcase_add_test (tcase, stanzas__files__offer_without_that_way_is_refused);
  tcase_add_test (tcase, stanzas__files__session_without_iqs_sends_none);
  tcase_add_test (tcase, stanzas__files__to_another_device_are_refused);
  tcase_add_test (tcase, stanzas__files__to_a_strange_device_are_refused);
  tcase_add_loop_test (tcase, stanzas__files__do_not_go_on_after_the_session, 0, 2);
  tcase_add_test (tcase, stanzas__files__end_in_the_session);
  tcase_add_test (tcase, stanzas__calls__are_told_of_or_refused);
  tcase_add_test (tcase, stanzas__policy__always_lets_nothing_out);
  tcase_add_loop_test (tcase, stanzas__policy__file_before_the_session_starts_it, ES_POLICY_POSSIBLE,
                       ES_POLICY_ALWAYS + 1);
  tcase_add_loop_test (tcase, stanzas__policy__others_are_as_without_us, ES_POLICY_NEVER, ES_POLICY_ALWAYS);
  tcase_add_test (tcase, stanzas__policy__ended_by_the_other_side_refuses);
  tcase_add_test (tcase, stanzas__policy__answer_after_the_end);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
