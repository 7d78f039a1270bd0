/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iqs and presence as somebody who has keys, or stands on the way, and obeys no rules makes them. */
#include "es-forge.h"
#include "es-limits.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define PDA ALICE "/pda"
#define FORGER BOB "/forger"

#define NOT_ACCEPTABLE "<error type=\"cancel\"><not-acceptable xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error>"
#define BAD_REQUEST "<bad-request xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/>"

static World *world;
static Endpoint *alice;
static Forger *forger;

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, PDA);
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

static void
meet (guint stanzas)
{
  forger->options.stanzas = stanzas;
  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}

/* An encrypted NAME with CONTENT and those attributes. */
static char *
encrypted (const char *name, const char *attributes, const char *content)
{
  g_autofree char *stanza = g_strdup_printf ("<%s %s/>", name, attributes);
  g_autofree char *inside = forge_envelope (stanza, content);
  g_autoptr (EsXml) c = es_channel_encrypt (forger->channel, inside, FALSE, NULL);
  g_autofree char *text = es_xml_to_string (c, ES_NS_CLIENT);

  return g_strdup_printf ("<%s to='" PDA "' %s>%s</%s>", name, attributes, text, name);
}

static void
inject (const char *stanza)
{
  world_inject (world, FORGER, PDA, stanza);
  world_run (world);
}

static void
send_encrypted (const char *name, const char *attributes, const char *content)
{
  g_autofree char *stanza = encrypted (name, attributes, content);

  inject (stanza);
}

static void
expect_session_lives (void)
{
  guint n = alice->shown->len;

  forger_send (forger, "<body>still here</body>");
  world_run (world);
  ck_assert_uint_eq (alice->shown->len, n + 1);
}

static guint
n_lost (void)
{
  const char *sentence = es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_LOST)->notice);
  guint n = 0;

  for (guint i = 0; i < alice->notices->len; i++)
    n += strcmp (alice->notices->pdata[i], sentence) == 0 ? 1 : 0;
  return n;
}

/* Without a session */

START_TEST (iqs__no_session__questions_get_an_error_and_nothing_else_does)
{
  static const char *const types[] = { "get", "set", "result", "error", "nonsense" };

  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *iq = g_strdup_printf (
          "<iq type='%s' id='i%zu'><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></iq>", types[i], i);

      inject (iq);
    }
  inject ("<iq id='no type'><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></iq>");
  inject ("<presence to='" PDA "'><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></presence>");
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (world_count (world, PDA, NULL), 2);
  ck_assert_uint_eq (world_count (world, PDA, "<iq to=\"" FORGER "\" type=\"error\" id=\"i0\">" NOT_ACCEPTABLE "</iq>"),
                     1);
  ck_assert_uint_eq (world_count (world, PDA, "<iq to=\"" FORGER "\" type=\"error\" id=\"i1\">" NOT_ACCEPTABLE "</iq>"),
                     1);
}
END_TEST

/* Who may not see us learns nothing by asking. */
START_TEST (iqs__no_session__strangers_get_nothing)
{
  alice->stranger = TRUE;
  inject ("<iq type='set' id='i'><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></iq>");
  ck_assert_uint_eq (world_count (world, PDA, NULL), 0);
  ck_assert_uint_eq (alice->others->len, 0);
}
END_TEST

START_TEST (iqs__no_session__flood_is_answered_within_limits)
{
  es_manager_set_presence (alice->manager, es_at (FORGER), TRUE, 0, "can");
  for (guint i = 0; i < ES_LIMIT_ERRORS_MINUTE + 100; i++)
    inject ("<iq type='set' id='i'><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></iq>");
  ck_assert_uint_eq (world_count (world, PDA, "not-acceptable"), ES_LIMIT_ERRORS_MINUTE);
}
END_TEST

/* Types that were not agreed on */

START_TEST (iqs__types__not_agreed_are_not_accepted)
{
  meet (ES_STANZA_MESSAGE);
  send_encrypted ("iq", "type='set' id='i'", "<query xmlns='urn:private'/>");
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (world_count (world, PDA, NOT_ACCEPTABLE), 1);
  ck_assert_uint_eq (n_lost (), 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* What was not decrypted has not moved the counter. */
START_TEST (iqs__types__not_agreed_change_nothing)
{
  meet (ES_STANZA_MESSAGE | ES_STANZA_IQ);
  inject ("<presence to='" PDA "'><c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c></presence>");
  ck_assert_uint_eq (alice->others->len, 0);
  expect_session_lives ();
}
END_TEST

/* Replayed and corrupted */

START_TEST (iqs__replayed__are_taken_once)
{
  g_autofree char *iq = NULL, *presence = NULL;

  meet (ES_STANZA_ALL);
  iq = encrypted ("iq", "type='set' id='i'", "<query xmlns='urn:private'/>");
  presence = encrypted ("presence", "", "<status>x</status>");
  for (guint i = 0; i < 3; i++)
    {
      inject (iq);
      inject (presence);
    }
  ck_assert_uint_eq (alice->others->len, 2);
  ck_assert_uint_eq (world_count (world, PDA, "error"), 0);
  expect_session_lives ();
}
END_TEST

/* Nor is it something else with another id or type, or as a message. */
START_TEST (iqs__replayed__in_another_guise)
{
  g_autofree char *iq = NULL;
  g_auto (GStrv) pieces = NULL;
  static const char *const guises[] = { "<iq type='get' id='other'>%s</iq>", "<iq type='set' id='i'>%s</iq>",
                                        "<presence to='" PDA "'>%s</presence>" };

  meet (ES_STANZA_ALL);
  iq = encrypted ("iq", "type='set' id='i'", "<query xmlns='urn:private'/>");
  inject (iq);
  pieces = g_strsplit_set (iq, ">", 2);
  *strrchr (pieces[1], '<') = '\0';
  for (gsize i = 0; i < G_N_ELEMENTS (guises); i++)
    {
      g_auto (GStrv) ends = g_strsplit (guises[i], "%s", 2);
      g_autofree char *guise = g_strconcat (ends[0], pieces[1], ends[1], NULL);

      inject (guise);
    }
  ck_assert_uint_eq (alice->others->len, 1);
  expect_session_lives ();
}
END_TEST

static const char *const kinds[][2] = {
  { "iq", "type='set' id='i'" },
  { "iq", "type='get' id='i'" },
  { "iq", "type='result' id='i'" },
  { "iq", "type='error' id='i'" },
  { "presence", "" },
};

START_TEST (iqs__corrupted__end_the_session)
{
  gboolean is_question = _i < 2;
  g_autofree char *stanza = NULL;
  char *data = NULL;

  meet (ES_STANZA_ALL);
  stanza = encrypted (kinds[_i][0], kinds[_i][1], "<query xmlns='urn:private'/>");
  data = strstr (stanza, "<data>") + strlen ("<data>");
  *data = *data == 'A' ? 'B' : 'A';
  inject (stanza);
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (n_lost (), 1);
  ck_assert_uint_eq (world_count (world, PDA, "error"), is_question ? 1 : 0);

  /* It goes on by itself, with other keys. */
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  send_encrypted ("iq", "type='set' id='good'", "<query xmlns='urn:private'/>");
  ck_assert_uint_eq (alice->others->len, 1);
}
END_TEST

/* Out of order, or with something lost before. */
START_TEST (iqs__lost__end_the_session)
{
  g_autofree char *lost = NULL;

  meet (ES_STANZA_ALL);
  lost = encrypted ("iq", "type='set' id='1'", "<query xmlns='urn:private'/>");
  send_encrypted ("iq", "type='set' id='2'", "<query xmlns='urn:private'/>");
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (n_lost (), 1);
}
END_TEST

/* Sent before the other side knew of the new session: that one is not to blame. */
START_TEST (iqs__late__leave_the_next_session_alone)
{
  EsChannel *next = NULL;
  g_autoptr (EsChannel) old = NULL;

  meet (ES_STANZA_ALL);
  old = g_steal_pointer (&forger->channel);
  forger_ask (forger, PDA, NULL);
  world_run (world);
  ck_assert_ptr_nonnull (forger->channel);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);

  next = forger->channel;
  forger->channel = old;
  send_encrypted ("iq", "type='set' id='late'", "<query xmlns='urn:private'/>");
  forger->channel = next;
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (world_count (world, PDA, NOT_ACCEPTABLE), 1);
  expect_session_lives ();
  send_encrypted ("iq", "type='set' id='in time'", "<query xmlns='urn:private'/>");
  ck_assert_uint_eq (alice->others->len, 1);
}
END_TEST

/* What is inside */

static const struct
{
  const char *type, *content;
} shapes[] = {
  { "set", "<iq type='set' id='x'><query xmlns='urn:private'/></iq>" },
  { "set", "<message><body>x</body></message>" },
  { "get", "<presence/>" },
  { "set", "<query xmlns='urn:private'/><query xmlns='urn:private'/>" },
  { "get", NULL },
  { "set", "  " },
  { "get", "<error type='cancel'/>" },
};

START_TEST (iqs__inside__misshapen_questions_get_an_error)
{
  g_autofree char *attributes = g_strdup_printf ("type='%s' id='i'", shapes[_i].type);
  const char *error = NULL;

  meet (ES_STANZA_ALL);
  send_encrypted ("iq", attributes, shapes[_i].content);
  ck_assert_uint_eq (alice->others->len, 0);
  error = world_last (world, PDA, "type=\"error\"");
  ck_assert_ptr_nonnull (error);
  ck_assert_ptr_nonnull (strstr (error, BAD_REQUEST));
  ck_assert_ptr_nonnull (strstr (error, "<mac>"));
  expect_session_lives ();
}
END_TEST

START_TEST (iqs__inside__encrypted_twice_ends_the_session)
{
  meet (ES_STANZA_ALL);
  send_encrypted ("iq", "type='set' id='i'", "<c xmlns='" ES_NS_CRYPT "'><data>AAAA</data><mac>AAAA</mac></c>");
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (n_lost (), 1);
}
END_TEST

/* Channels end in messages. */
START_TEST (iqs__inside__no_end)
{
  meet (ES_STANZA_ALL);
  send_encrypted ("iq", "type='set' id='i'",
                  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"
                  "<field var='FORM_TYPE'><value>urn:xmpp:ssn</value></field><field var='terminate'><value>1</value>"
                  "</field></x></feature>");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  expect_session_lives ();
}
END_TEST

/* What a server puts beside is gone, and does not come before what was encrypted. */
START_TEST (iqs__inside__nothing_from_beside)
{
  g_autofree char *iq = NULL, *more = NULL;
  g_auto (GStrv) pieces = NULL;

  meet (ES_STANZA_ALL);
  iq = encrypted ("iq", "type='set' id='i'", "<query xmlns='urn:private'>true</query>");
  pieces = g_strsplit (iq, "<c ", 2);
  more = g_strconcat (pieces[0],
                      "<query xmlns='urn:private'>forged</query><delay xmlns='urn:xmpp:delay'/><error type='cancel'/>"
                      "<no-store xmlns='urn:xmpp:hints'/>text<c ",
                      pieces[1], NULL);
  inject (more);
  ck_assert_str_eq (texts (alice->others), "<iq to=\"" PDA "\" type=\"set\" id=\"i\" from=\"" FORGER
                                           "\"><query xmlns=\"urn:private\">true</query></iq>");
}
END_TEST

START_TEST (iqs__huge__within_limits_is_taken_and_over_ends_the_session)
{
  static const char about[] = "<about xmlns='esession:envelope:0' type='set' id='i'/>";
  g_autofree char *text = g_strnfill (ES_LIMIT_STANZA_OCTETS - strlen ("<q xmlns='u'></q>") - strlen (about), 'x');
  g_autofree char *most = g_strdup_printf ("<q xmlns='u'>%s</q>", text);
  g_autofree char *wide = g_strnfill (ES_LIMIT_XML_NODES * 4 + 4, 'x');

  meet (ES_STANZA_ALL);
  send_encrypted ("iq", "type='set' id='i'", most);
  ck_assert_uint_eq (alice->others->len, 1);
  for (gsize i = 0; wide[i] != '\0'; i += 4)
    memcpy (wide + i, "<a/>", 4);
  send_encrypted ("iq", "type='set' id='i'", wide);
  ck_assert_uint_eq (alice->others->len, 1);
  ck_assert_uint_eq (n_lost (), 1);
}
END_TEST

START_TEST (iqs__huge__ours_is_refused)
{
  g_autofree char *text = g_strnfill (ES_LIMIT_CONTENT_OCTETS, 'x');
  g_autofree char *iq = g_strdup_printf ("<iq type='set' id='i' to='" FORGER "'><q xmlns='u'>%s</q></iq>", text);

  meet (ES_STANZA_ALL);
  endpoint_send_raw (alice, iq);
  endpoint_send_raw (alice, iq);
  world_run (world);
  ck_assert_str_eq (texts (alice->refused), "i|i");
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert_uint_eq (world_count (world, PDA, "xxxx"), 0);
  expect_session_lives ();
}
END_TEST

/* Answers */

START_TEST (iqs__answers__that_nobody_asked_for_are_dropped)
{
  meet (ES_STANZA_ALL);
  send_encrypted ("iq", "type='result' id='i'", "<si xmlns='http://jabber.org/protocol/si'/>");
  send_encrypted ("iq", "type='error' id='i'", "<si xmlns='http://jabber.org/protocol/si'/>");
  send_encrypted ("iq", "type='result'", NULL);
  send_encrypted ("iq", "id='i'", "<query xmlns='urn:private'/>");
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_uint_eq (world_count (world, PDA, "error"), 0);
  expect_session_lives ();
}
END_TEST

static void
ask (const char *id)
{
  g_autofree char *iq
      = g_strdup_printf ("<iq type='set' id='%s' to='" FORGER "'><query xmlns='urn:private'/></iq>", id);

  endpoint_send_raw (alice, iq);
  world_run (world);
}

START_TEST (iqs__answers__count_once)
{
  meet (ES_STANZA_ALL);
  ask ("q");
  send_encrypted ("iq", "type='result' id='q'", "<query xmlns='urn:private'>1</query>");
  send_encrypted ("iq", "type='result' id='q'", "<query xmlns='urn:private'>2</query>");
  ck_assert_uint_eq (alice->others->len, 1);
  expect_session_lives ();
}
END_TEST

/* Whoever waits for an answer that cannot be read is told so. */
START_TEST (iqs__answers__corrupted_are_errors)
{
  g_autofree char *stanza = NULL;
  char *data = NULL;

  meet (ES_STANZA_ALL);
  ask ("q");
  stanza = encrypted ("iq", "type='result' id='q'", "<query xmlns='urn:private'/>");
  data = strstr (stanza, "<data>") + strlen ("<data>");
  *data = *data == 'A' ? 'B' : 'A';
  inject (stanza);
  ck_assert_str_eq (texts (alice->others),
                    "<iq to=\"" PDA "\" type=\"error\" id=\"q\" from=\"" FORGER "\">" NOT_ACCEPTABLE "</iq>");
  ck_assert_uint_eq (n_lost (), 1);
}
END_TEST

START_TEST (iqs__answers__misshapen_are_errors)
{
  static const char *const contents[] = { "<query xmlns='urn:private'/><query xmlns='urn:private'/>", "<iq/>" };

  meet (ES_STANZA_ALL);
  for (gsize i = 0; i < G_N_ELEMENTS (contents); i++)
    {
      ask ("q");
      send_encrypted ("iq", "type='result' id='q'", contents[i]);
      ck_assert_uint_eq (alice->others->len, i + 1);
      ck_assert_ptr_nonnull (strstr (alice->others->pdata[i], "type=\"error\""));
      ck_assert_ptr_null (strstr (alice->others->pdata[i], "urn:private"));
    }
  expect_session_lives ();
}
END_TEST

/* An error of a server's may hold what it could not deliver: our own <c/>, which would be taken for a forged one. */
START_TEST (iqs__answers__our_own_question_comes_back)
{
  g_autofree char *bounced = NULL;
  g_auto (GStrv) pieces = NULL;

  meet (ES_STANZA_ALL);
  ask ("q");
  pieces = g_strsplit (world_last (world, PDA, "id=\"q\""), "<c ", 2);
  *strstr (pieces[1], "</iq>") = '\0';
  bounced = g_strdup_printf ("<iq to='" PDA "' type='error' id='q'><c %s<error type='cancel'><service-unavailable "
                             "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>",
                             pieces[1]);
  inject (bounced);
  ck_assert_str_eq (texts (alice->others), "<iq to=\"" PDA "\" type=\"error\" id=\"q\" from=\"" FORGER
                                           "\"><error type=\"cancel\"><service-unavailable "
                                           "xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/></error></iq>");
  ck_assert_uint_eq (n_lost (), 0);
  expect_session_lives ();
}
END_TEST

/* Files that would come another way */

#define OFFER(way)                                                                                                     \
  "<si xmlns='http://jabber.org/protocol/si' id='s'><feature xmlns='http://jabber.org/protocol/feature-neg'>"          \
  "<x xmlns='jabber:x:data' type='form'><field var='stream-method'><option><value>" way "</value></option></field>"    \
  "</x></feature></si>"

START_TEST (iqs__files__that_would_go_past_the_session_are_refused)
{
  static const char *const contents[] = {
    OFFER ("http://jabber.org/protocol/bytestreams"),
    "<query xmlns='http://jabber.org/protocol/bytestreams' sid='s'><streamhost jid='a' host='b' port='1'/></query>",
    "<query xmlns='jabber:iq:oob'><url>http://example.com/</url></query>",
  };
  const char *error = NULL;

  meet (ES_STANZA_ALL);
  send_encrypted ("iq", "type='set' id='i'", contents[_i]);
  ck_assert_uint_eq (alice->others->len, 0);
  ck_assert_ptr_nonnull (strstr (texts (alice->warnings), "would have come a way that is not encrypted"));
  error = world_last (world, PDA, "type=\"error\"");
  ck_assert_ptr_nonnull (error);
  ck_assert_ptr_nonnull (strstr (error, "not-acceptable"));
  ck_assert_ptr_nonnull (strstr (error, "<mac>"));
  expect_session_lives ();
}
END_TEST

/* Whoever chooses a way that was not offered gets no file. */
START_TEST (iqs__files__another_way_chosen_is_an_error)
{
  meet (ES_STANZA_ALL);
  endpoint_send_raw (alice, "<iq type='set' id='q' to='" FORGER "'>" OFFER ("http://jabber.org/protocol/ibb") "</iq>");
  world_run (world);
  send_encrypted ("iq", "type='result' id='q'",
                  "<si xmlns='http://jabber.org/protocol/si'><feature xmlns='http://jabber.org/protocol/feature-neg'>"
                  "<x xmlns='jabber:x:data' type='submit'><field var='stream-method'>"
                  "<value>http://jabber.org/protocol/bytestreams</value></field></x></feature></si>");
  ck_assert_str_eq (texts (alice->others),
                    "<iq to=\"" PDA "\" type=\"error\" id=\"q\" from=\"" FORGER "\">" NOT_ACCEPTABLE "</iq>");
  expect_session_lives ();
}
END_TEST

/* Where one device is verified, another one does not pass for it. */

START_TEST (iqs__verified__another_device_gets_nothing)
{
  EsConversation what;

  meet (ES_STANZA_ALL);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  {
    g_autofree char *code = g_strdup (what.code);
    g_autoptr (Forger) second = forger_new (world, BOB "/second");

    es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
    world_run (world);
    ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
    es_manager_set_presence (alice->manager, es_at (BOB "/second"), TRUE, 0, "can");
    world->tap_data = second;
    forger_ask (second, PDA, NULL);
    world_run (world);
    ck_assert_ptr_nonnull (second->channel);
    ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
    endpoint_send_raw (alice,
                       "<iq type='set' id='q' to='" BOB "/second'>" OFFER ("http://jabber.org/protocol/ibb") "</iq>");
    world_run (world);
    ck_assert_str_eq (texts (alice->refused), "q");
    ck_assert_ptr_nonnull (strstr (texts (alice->warnings), "you have not verified the device"));
    ck_assert_uint_eq (world_count (world, PDA, "id=\"q\""), 0);
  }
}
END_TEST

/* libpurple acts on what is in an iq whatever its type is: nothing of it comes past the session as an error or an answer. */
START_TEST (iqs__plain__acts_in_errors_and_answers_are_none)
{
  static const char *const acts[] = {
    "<si xmlns='http://jabber.org/protocol/si' id='s' profile='http://jabber.org/protocol/si/profile/file-transfer'/>",
    "<open xmlns='http://jabber.org/protocol/ibb' sid='s' block-size='4096'/>",
    "<data xmlns='http://jabber.org/protocol/ibb' sid='s' seq='0'>AAAA</data>",
    "<close xmlns='http://jabber.org/protocol/ibb' sid='s'/>",
    "<query xmlns='jabber:iq:oob'><url>http://example.org/</url></query>",
    "<query xmlns='jabber:iq:register'><instructions>here</instructions></query>"
  };
  const char *act = acts[_i % 6], *type = _i < 6 ? "error" : "result";
  g_autofree char *iq
      = g_strdup_printf ("<iq to='" PDA "' type='%s' id='x%d'>%s<error type='cancel'/></iq>", type, _i, act);

  meet (7);
  g_ptr_array_set_size (alice->others, 0);
  world_inject (world, FORGER, alice->jid, iq);
  world_run (world);
  ck_assert_ptr_null (strstr (texts (alice->others), "http://jabber.org/protocol"));
  ck_assert_ptr_null (strstr (texts (alice->others), "jabber:iq:"));
  ck_assert_uint_eq (alice->others->len, _i < 6 ? 1 : 0);
}
END_TEST

/* Nor does it know of namespaces of attributes. */
START_TEST (iqs__encrypted__attributes_that_only_libpurple_sees)
{
  g_autofree char *iq = NULL;

  meet (7);
  iq = encrypted ("iq", "type='set' id='x'",
                  "<data xmlns='http://jabber.org/protocol/ibb' xmlns:p='urn:p' p:sid='s' p:seq='0'>AAAA</data>");
  g_ptr_array_set_size (alice->others, 0);
  world_inject (world, FORGER, alice->jid, iq);
  world_run (world);
  ck_assert_uint_eq (alice->others->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("iqs");
  TCase *tcase = tcase_create ("iqs");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, iqs__plain__acts_in_errors_and_answers_are_none, 0, 12);
  tcase_add_test (tcase, iqs__encrypted__attributes_that_only_libpurple_sees);
  tcase_add_test (tcase, iqs__no_session__questions_get_an_error_and_nothing_else_does);
  tcase_add_test (tcase, iqs__no_session__strangers_get_nothing);
  tcase_add_test (tcase, iqs__no_session__flood_is_answered_within_limits);
  tcase_add_test (tcase, iqs__types__not_agreed_are_not_accepted);
  tcase_add_test (tcase, iqs__types__not_agreed_change_nothing);
  tcase_add_test (tcase, iqs__replayed__are_taken_once);
  tcase_add_test (tcase, iqs__replayed__in_another_guise);
  tcase_add_loop_test (tcase, iqs__corrupted__end_the_session, 0, G_N_ELEMENTS (kinds));
  tcase_add_test (tcase, iqs__lost__end_the_session);
  tcase_add_test (tcase, iqs__late__leave_the_next_session_alone);
  tcase_add_loop_test (tcase, iqs__inside__misshapen_questions_get_an_error, 0, G_N_ELEMENTS (shapes));
  tcase_add_test (tcase, iqs__inside__encrypted_twice_ends_the_session);
  tcase_add_test (tcase, iqs__inside__no_end);
  tcase_add_test (tcase, iqs__inside__nothing_from_beside);
  tcase_add_test (tcase, iqs__huge__within_limits_is_taken_and_over_ends_the_session);
  tcase_add_test (tcase, iqs__huge__ours_is_refused);
  tcase_add_test (tcase, iqs__answers__that_nobody_asked_for_are_dropped);
  tcase_add_test (tcase, iqs__answers__count_once);
  tcase_add_test (tcase, iqs__answers__corrupted_are_errors);
  tcase_add_test (tcase, iqs__answers__misshapen_are_errors);
  tcase_add_test (tcase, iqs__answers__our_own_question_comes_back);
  tcase_add_loop_test (tcase, iqs__files__that_would_go_past_the_session_are_refused, 0, 3);
  tcase_add_test (tcase, iqs__files__another_way_chosen_is_an_error);
  tcase_add_test (tcase, iqs__verified__another_device_gets_nothing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
