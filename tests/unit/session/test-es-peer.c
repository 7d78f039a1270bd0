/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What becomes of the user's wishes: started, typed, waited for, given up. */
#include "es-life.h"
#include "es-limits.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"

static World *world;
static Endpoint *alice, *bob;

static const char cannot[] = "Encryption cannot be started";
static const char asks[] = "Your message waits until it is known whether the other side's program can encrypt.";
static const char stuck[] = "Your message waits because it cannot be encrypted now";

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  bob = world_add (world, BOB "/laptop");
  endpoint_sign_on (bob);
}

static void
teardown (void)
{
  g_clear_pointer (&world, world_free);
}

static void
sign_on_with (EsPolicy policy)
{
  alice->policy = policy;
  endpoint_sign_on (alice);
}

/* Bob does not answer what he can. */
static gboolean
tap_silent (World *w, Letter *letter, gpointer data)
{
  return strstr (letter->text, "<answer") == NULL;
}

static guint
n_waiting (void)
{
  EsConversation what;

  es_manager_describe (alice->manager, es_at (BOB), &what);
  return what.waiting;
}

/* Starting */

/* The wish is older than the answer: it is remembered. */
START_TEST (peer__start__before_the_answer_is_kept)
{
  sign_on_with (_i);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);
}
END_TEST

START_TEST (peer__start__that_comes_to_nothing_is_told)
{
  bob->supports = FALSE;
  sign_on_with (_i);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert (g_str_has_prefix (alice->notices->pdata[0], cannot));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_uint_eq (alice->notices->len, 2);
  ck_assert (g_str_has_prefix (alice->notices->pdata[1], cannot));
}
END_TEST

static const char *
obstacle (void)
{
  EsConversation what;

  es_manager_describe (alice->manager, es_at (BOB), &what);
  return es_said (what.obstacle);
}

/* Whoever looks is told why, and who has looked is told when that changes. */
START_TEST (peer__describe__says_what_stands_in_the_way)
{
  guint n_changed = 0;

  endpoint_kill (bob);
  sign_on_with (_i);
  es_manager_opened (alice->manager, es_at (BOB));
  world_wait (world, 30);
  ck_assert_ptr_nonnull (strstr (obstacle (), "is offline"));

  n_changed = alice->n_changed;
  bob->supports = FALSE;
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_ptr_nonnull (strstr (obstacle (), "does not offer"));
  ck_assert_uint_gt (alice->n_changed, n_changed);

  n_changed = alice->n_changed;
  endpoint_kill (bob);
  bob->supports = TRUE;
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_ptr_null (obstacle ());
  ck_assert_uint_gt (alice->n_changed, n_changed);
}
END_TEST

/* What was encrypted and broke goes on by itself, as soon as nothing stands in the way any more. */
START_TEST (peer__describe__says_what_stands_in_the_way_of_going_on)
{
  EsConversation what;

  sign_on_with (_i);
  endpoint_sign_on (bob);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.state, ES_STATE_ENCRYPTED);
  ck_assert_ptr_null (obstacle ());

  endpoint_kill (bob);
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.state, ES_STATE_ENDED);
  ck_assert (!what.must_choose);
  ck_assert_ptr_nonnull (strstr (obstacle (), "is offline"));
}
END_TEST

START_TEST (peer__start__that_nobody_answers_is_told)
{
  world->tap = tap_silent;
  sign_on_with (_i);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_wait (world, 30);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert (g_str_has_prefix (alice->notices->pdata[0], cannot));
}
END_TEST

/* What was typed in between goes the way that it would have gone without the wish. */
START_TEST (peer__start__that_nobody_answers_holds_nothing_back)
{
  world->tap = tap_silent;
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for anybody");
  world_wait (world, 30);
  ck_assert_str_eq (texts (bob->shown), "for anybody");
  ck_assert_uint_eq (n_waiting (), 0);
}
END_TEST

/* Bob has ended it, and comes back: he is asked again only when Alice wants that; or he asks her. */
START_TEST (peer__ended__by_the_other_side_until_somebody_begins)
{
  guint asked = 0;

  sign_on_with (_i < 2 ? ES_POLICY_POSSIBLE : ES_POLICY_ALWAYS);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  asked = world_count (world, alice->jid, "dhhashes");
  endpoint_sign_off (bob);
  world_run (world);
  es_manager_set_usual_policy (bob->manager, ES_POLICY_ASK);
  endpoint_sign_on (bob);
  world_wait (world, 20);
  endpoint_type (alice, BOB, "secret");
  world_wait (world, 20);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), asked);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_str_eq (texts (alice->returned), "secret");
  if (_i % 2 == 0)
    es_manager_start (alice->manager, es_at (BOB));
  else
    es_manager_start (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* What was written after it waits for it: though the window is closed (0), the connection breaks (1), she signs off (2), Bob goes and
 * comes back (3). */
START_TEST (peer__start__holds_for_what_waits)
{
  world->tap = tap_silent;
  sign_on_with (ES_POLICY_ASK);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "secret");
  world_run (world);
  ck_assert_uint_eq (n_waiting (), 1);
  switch (_i)
    {
    case 0:
      es_manager_closed (alice->manager, es_at (BOB));
      break;
    case 1:
    case 2:
      es_manager_offline (alice->manager, _i == 2);
      endpoint_sign_off (alice);
      endpoint_sign_on (alice);
      break;
    default:
      endpoint_sign_off (bob);
      world_run (world);
      endpoint_sign_on (bob);
    }
  world->tap = NULL;
  es_manager_opened (alice->manager, es_at (BOB));
  if (_i == 0)
    es_manager_set_support (alice->manager, es_at (bob->jid), TRUE, FALSE);
  world_wait (world, 30);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_str_eq (texts (bob->shown), "secret");
}
END_TEST

/* The other side was faster: once it has ended the session, that is that. */
START_TEST (peer__start__that_came_true_is_forgotten)
{
  world->tap = tap_silent;
  sign_on_with (ES_POLICY_ASK);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  world->tap = NULL;
  es_manager_opened (bob->manager, es_at (ALICE));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  es_manager_end (bob->manager, es_at (ALICE));
  world_wait (world, 30);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENDED);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 0);
  ck_assert_str_eq (texts (alice->warnings), es_said (es_life_find (ES_STATE_ENCRYPTED, ES_EVENT_PEER_ENDED)->notice));
}
END_TEST

/* A wish that was taken back, or came true otherwise, is no wish any more. */
START_TEST (peer__start__is_forgotten_when_taken_back)
{
  sign_on_with (ES_POLICY_ASK);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 0);
}
END_TEST

/* By policy */

START_TEST (peer__ask__is_plain_until_started)
{
  sign_on_with (ES_POLICY_ASK);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "in the clear");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "in the clear");
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  es_manager_start (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "a secret");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "in the clear|a secret");
  ck_assert_ptr_null (strstr (world->wire->str, "a secret"));
}
END_TEST

START_TEST (peer__never__starts_nothing)
{
  sign_on_with (ES_POLICY_NEVER);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "in the clear");
  world_wait (world, 30);
  ck_assert_str_eq (texts (bob->shown), "in the clear");
  ck_assert_uint_eq (world_count (world, NULL, "dhhashes"), 0);
  ck_assert_uint_eq (alice->notices->len, 0);
  ck_assert (!endpoint_look (alice, BOB).can_start);
}
END_TEST

START_TEST (peer__always__waits_for_whoever_can)
{
  bob->supports = FALSE;
  sign_on_with (ES_POLICY_ALWAYS);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  endpoint_type (alice, BOB, "a secret");
  endpoint_type (alice, BOB, "another secret");
  world_wait (world, 30);
  ck_assert_uint_eq (n_waiting (), 2);
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert (g_str_has_prefix (alice->notices->pdata[0], stuck));

  /* Bob comes back with a better program. */
  endpoint_kill (bob);
  bob->supports = TRUE;
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret|another secret");
  ck_assert_uint_eq (n_waiting (), 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

START_TEST (peer__always__gives_back_what_the_user_takes_back)
{
  bob->supports = FALSE;
  sign_on_with (ES_POLICY_ALWAYS);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "a secret");
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  ck_assert_str_eq (texts (alice->returned), "a secret");
  ck_assert_uint_eq (n_waiting (), 0);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* Waiting */

START_TEST (peer__possible__waits_for_an_answer_and_no_longer)
{
  world->tap = tap_silent;
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for anybody");
  world_wait (world, 9);
  ck_assert_str_eq (texts (alice->notices), asks);
  ck_assert_uint_eq (bob->shown->len, 0);
  world_wait (world, 1);
  ck_assert_str_eq (texts (bob->shown), "for anybody");

  /* That it might not be encrypted was said, and that it was not. */
  ck_assert_uint_eq (alice->notices->len, 2);
  ck_assert (g_str_has_prefix (alice->notices->pdata[1], "What waited was sent unencrypted"));
  ck_assert_uint_eq (alice->timers->len, 0);
}
END_TEST

/* Nobody is online as far as we know, but somebody might be. */
START_TEST (peer__possible__asks_who_is_there)
{
  alice->asks_presence = TRUE;
  endpoint_kill (bob);
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "a secret");
  world_run (world);
  ck_assert_uint_eq (alice->n_asked_presence, 1);
  ck_assert_uint_eq (n_waiting (), 1);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

START_TEST (peer__possible__gives_up_asking_who_is_there)
{
  alice->asks_presence = TRUE;
  endpoint_kill (bob);
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for later");
  world_wait (world, 9);
  ck_assert_uint_eq (world_count (world, alice->jid, "for later"), 0);
  world_wait (world, 1);
  ck_assert_uint_eq (world_count (world, alice->jid, "for later"), 1);
  ck_assert_uint_eq (alice->n_asked_presence, 1);
}
END_TEST

static guint
n_told (EsNoticeCode code)
{
  guint n = 0;

  for (guint i = 0; i < alice->notices->len; i++)
    n += g_str_equal (alice->notices->pdata[i], es_said (code));
  return n;
}

/* What leaves unencrypted because nobody is there does not do so without a word: one for each contact. */
START_TEST (peer__possible__says_that_it_is_not_encrypted)
{
  endpoint_kill (bob);
  sign_on_with (_i);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "one");
  ck_assert_uint_eq (n_told (ES_NOTICE_LEFT_PLAIN), _i == ES_POLICY_POSSIBLE ? 1 : 0);
  endpoint_type (alice, BOB, "two");
  es_manager_closed (alice->manager, es_at (BOB));
  world_wait (world, 100);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "three");
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "three"), _i == ES_POLICY_ALWAYS ? 0 : 1);
  ck_assert_uint_eq (n_told (ES_NOTICE_LEFT_PLAIN), _i == ES_POLICY_POSSIBLE ? 1 : 0);
}
END_TEST

/* The user wants it so. */
START_TEST (peer__possible__says_nothing_of_what_the_user_chose)
{
  endpoint_kill (bob);
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  es_manager_end (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "one");
  world_run (world);
  ck_assert_uint_eq (world_count (world, alice->jid, "one"), 1);
  ck_assert_uint_eq (n_told (ES_NOTICE_LEFT_PLAIN), 0);
}
END_TEST

/* It waited to know whether it could be encrypted: it is not the program that cannot. */
START_TEST (peer__possible__says_why_what_waited_is_not_encrypted)
{
  alice->asks_presence = TRUE;
  endpoint_kill (bob);
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_type (alice, BOB, "for later");
  world_wait (world, 10);
  ck_assert_uint_eq (world_count (world, alice->jid, "for later"), 1);
  ck_assert_uint_eq (n_told (ES_NOTICE_LEFT_PLAIN), 1);
  ck_assert_uint_eq (n_told (ES_NOTICE_SENT_PLAIN), 0);
}
END_TEST

/* Where nothing leaves in the clear it does not look as if it did. */
START_TEST (peer__describe__does_not_look_plain_where_nothing_is)
{
  endpoint_kill (bob);
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  ck_assert (!endpoint_look (alice, BOB).withheld);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  ck_assert (endpoint_look (alice, BOB).withheld);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert (!endpoint_look (alice, BOB).withheld);
  es_manager_end (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert (endpoint_look (alice, BOB).withheld);
  ck_assert (es_manager_set_policy (alice->manager, es_at (BOB), ES_POLICY_ASK, NULL));
  ck_assert (!endpoint_look (alice, BOB).withheld);
}
END_TEST

START_TEST (peer__typed__too_much_is_given_back)
{
  world->tap = tap_silent;
  sign_on_with (ES_POLICY_ALWAYS);
  es_manager_opened (alice->manager, es_at (BOB));
  for (guint i = 0; i < ES_LIMIT_WAITING + 2; i++)
    {
      g_autofree char *text = g_strdup_printf ("secret %u", i);

      endpoint_type (alice, BOB, text);
    }
  ck_assert_uint_eq (n_waiting (), ES_LIMIT_WAITING);
  ck_assert_str_eq (texts (alice->returned), "secret 4096|secret 4097");
  ck_assert_uint_eq (alice->warnings->len, 1);

  world->tap = NULL;
  endpoint_kill (bob);
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_uint_eq (bob->shown->len, ES_LIMIT_WAITING);
  ck_assert_str_eq (bob->shown->pdata[ES_LIMIT_WAITING - 1], "secret 4095");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* Something else than the window writes: an answering machine, say. */
START_TEST (peer__outgoing__waits_as_well)
{
  static const char answer[] = "<message type='chat' to='" BOB "' id='7'><body>a &lt;secret&gt;</body></message>";

  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_send_raw (alice, answer);
  ck_assert_uint_eq (n_waiting (), 1);
  ck_assert_str_eq (texts (alice->notices), asks);
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a <secret>");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));

  /* And comes back as text. */
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  endpoint_send_raw (alice, answer);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_str_eq (texts (alice->returned), "a &lt;secret&gt;");
  es_manager_start (alice->manager, es_at (BOB));
  endpoint_send_raw (alice, answer);
  es_manager_end (alice->manager, es_at (BOB));
  ck_assert_str_eq (texts (alice->returned), "a &lt;secret&gt;|a &lt;secret&gt;");
}
END_TEST

/* What is worth nothing later neither waits nor is spoken of. */
START_TEST (peer__outgoing__typing_notices_do_not_wait)
{
  static const char notice[] = "<message to='" BOB "'><composing xmlns='http://jabber.org/protocol/chatstates'/>"
                               "</message>";

  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  endpoint_send_raw (alice, notice);
  while (endpoint_state (alice, BOB) == ES_STATE_PLAIN)
    world_wait (world, 1);
  es_manager_end (bob->manager, es_at (ALICE));
  world_run (world);
  endpoint_send_raw (alice, notice);
  ck_assert_uint_eq (n_waiting (), 0);
  ck_assert_uint_eq (alice->returned->len, 0);
  ck_assert_uint_eq (alice->notices->len, 2);
  ck_assert_ptr_null (strstr (world->wire->str, "composing"));
}
END_TEST

/* After a reconnect libpurple sends again what may have been lost: a negotiation of then is over. */
START_TEST (peer__outgoing__old_negotiations_are_not_sent)
{
  g_autoptr (EsXml) content = NULL, stanza = NULL;
  const char *request = NULL;

  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  request = world_last (world, alice->jid, "dhhashes");
  content = es_xml_parse_content (request, strlen (request), NULL);
  stanza = es_xml_steal (content, 0);
  ck_assert_int_eq (es_manager_outgoing (alice->manager, es_at (es_xml_attribute (stanza, "to")), stanza, FALSE),
                    ES_CONSUMED);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Rooms, other stanzas and servers are none of our business. */
static const char *const others[] = {
  "<message type='groupchat' to='room@example.com'><body>x</body></message>",
  "<message><body>x</body></message>",
  "<presence to='" BOB "'/>",
  "<iq type='get' to='" BOB "/laptop' id='1'><query xmlns='jabber:iq:version'/></iq>",
};

START_TEST (peer__outgoing__leaves_others_alone)
{
  g_autoptr (EsXml) content = es_xml_parse_content (others[_i], strlen (others[_i]), NULL), stanza = NULL,
                    before = NULL;

  sign_on_with (ES_POLICY_ALWAYS);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  stanza = es_xml_steal (content, 0);
  before = es_xml_copy (stanza);
  ck_assert_int_eq (es_manager_outgoing (alice->manager, es_at (es_xml_attribute (stanza, "to")), stanza, FALSE),
                    ES_PASS);
  ck_assert (es_xml_equal (stanza, before));
  es_xml_set_attribute (stanza, "from", es_xml_attribute (stanza, "to"));
  if (_i > 1)
    ck_assert_int_eq (es_manager_incoming (alice->manager, es_at (es_xml_attribute (stanza, "from")), stanza), ES_PASS);
}
END_TEST

/* What libpurple and its plugins send, to a contact. */
static const char *const types[] = { NULL, "normal", "chat", "headline", "error", "later" };
static const char *const insides[] = {
  "<attention xmlns='urn:xmpp:attention:0'/>",
  "<body>secret</body>",
  "<subject>secret</subject><body>secret</body>",
  "<composing xmlns='http://jabber.org/protocol/chatstates'/>",
  "<x xmlns='jabber:x:conference' jid='secret@example.org'/>",
};

/* Whatever leaves encrypted is read, and what follows as well. */
START_TEST (peer__outgoing__of_every_type_arrives)
{
  const char *type = types[(guint) _i % G_N_ELEMENTS (types)], *inside = insides[(guint) _i / G_N_ELEMENTS (types)];
  gboolean refused = g_strcmp0 (type, "error") == 0;
  g_autofree char *attribute = type != NULL ? g_strdup_printf (" type='%s'", type) : g_strdup ("");
  g_autofree char *xml = g_strdup_printf ("<message to='" BOB "/laptop'%s>%s</message>", attribute, inside);

  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  endpoint_send_raw (alice, xml);
  world_run (world);
  ck_assert_uint_eq (bob->shown->len + bob->unseen->len, refused ? 0 : 1);
  endpoint_type (alice, BOB, "and on");
  world_run (world);
  ck_assert_str_eq (bob->shown->pdata[bob->shown->len - 1], "and on");
  ck_assert_uint_eq (alice->notices->len, 1);
  ck_assert_uint_eq (bob->notices->len, 1);
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
}
END_TEST

/* Comparing codes */

/* The dialog is older than the session that it speaks of. */
START_TEST (peer__verify__an_old_code_has_no_effect)
{
  EsConversation what;
  g_autofree char *old = NULL;

  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  old = g_strdup (what.code);
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_start (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);

  es_manager_verify (alice->manager, es_at (BOB), old, _i == 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  ck_assert_uint_eq (alice->warnings->len, 1);
  ck_assert (g_str_has_prefix (alice->warnings->pdata[0], "That code is no longer valid"));

  /* Nor without any session. */
  es_manager_end (alice->manager, es_at (BOB));
  es_manager_verify (alice->manager, es_at (BOB), old, _i == 1);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_PLAIN);
  ck_assert_uint_eq (alice->warnings->len, 2);
}
END_TEST

/* Ending */

START_TEST (peer__end__lasts_as_long_as_the_window)
{
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  es_manager_end (alice->manager, es_at (BOB));
  world_wait (world, 60);
  endpoint_type (alice, BOB, "in the clear");
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "in the clear");
  ck_assert_uint_eq (world_count (world, alice->jid, "dhhashes"), 1);

  es_manager_closed (alice->manager, es_at (BOB));
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

START_TEST (peer__offline__leaves_nothing_running)
{
  sign_on_with (ES_POLICY_POSSIBLE);
  es_manager_opened (alice->manager, es_at (BOB));
  if (_i == 1)
    world_run (world);
  endpoint_type (alice, BOB, "a secret");
  endpoint_sign_off (alice);
  ck_assert_uint_eq (alice->timers->len, 0);
  ck_assert_int_eq (endpoint_state (alice, BOB), _i == 1 ? ES_STATE_ENDED : ES_STATE_PLAIN);
  ck_assert_str_eq (texts (bob->shown), _i == 1 ? "a secret" : "");
  ck_assert_uint_eq (alice->returned->len, 0);
  endpoint_sign_on (alice);
  es_manager_opened (alice->manager, es_at (BOB));
  world_run (world);
  ck_assert_str_eq (texts (bob->shown), "a secret");
  ck_assert_ptr_null (strstr (world->wire->str, "secret"));
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
}
END_TEST

/* Gajim */

/* Who says that he is Gajim is spoken to as that understands; Alice asks (0), or Bob does. What is encrypted so proves nobody, and
 * once somebody is verified (2) it is not done any more. */
START_TEST (peer__gajim__is_spoken_to_in_its_dialect)
{
  EsConversation what;
  g_autofree char *code = NULL;

  bob->is_gajim = alice->is_gajim = _i < 2;
  sign_on_with (ES_POLICY_POSSIBLE);
  world_run (world);
  es_manager_set_support (alice->manager, es_at (bob->jid), TRUE, bob->is_gajim);
  es_manager_set_support (bob->manager, es_at (alice->jid), TRUE, alice->is_gajim);
  es_manager_opened (_i == 1 ? bob->manager : alice->manager, es_at (_i == 1 ? ALICE : BOB));
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_ENCRYPTED);
  es_manager_describe (alice->manager, es_at (BOB), &what);
  ck_assert_int_eq (what.can_verify, _i == 2);
  ck_assert_int_eq (what.can_use_password, _i == 2);
  ck_assert_int_eq (strstr (world->wire->str, "aes256-ctr") != NULL, _i == 2);
  ck_assert_int_eq (strstr (world->wire->str, "parties") != NULL, _i == 2);
  for (guint n = 0; n < 3; n++)
    {
      endpoint_type (alice, BOB, "to Bob");
      world_run (world);
      endpoint_type (bob, ALICE, "to Alice");
      world_run (world);
    }
  ck_assert_str_eq (texts (bob->shown), "to Bob|to Bob|to Bob");
  ck_assert_str_eq (texts (alice->shown), "to Alice|to Alice|to Alice");
  ck_assert_ptr_null (strstr (world->wire->str, "to Bob"));
  if (_i < 2)
    {
      ck_assert_ptr_null (strstr (world->wire->str, "<key>"));
      return;
    }
  code = g_strdup (what.code);
  es_manager_verify (alice->manager, es_at (BOB), code, TRUE);
  es_manager_verify (bob->manager, es_at (ALICE), code, TRUE);
  world_run (world);
  endpoint_kill (bob);
  world_run (world);
  bob->is_gajim = TRUE;
  endpoint_sign_on (bob);
  world_run (world);
  ck_assert_int_eq (endpoint_state (alice, BOB), ES_STATE_VERIFIED);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("peer");
  TCase *tcase = tcase_create ("peer");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, peer__start__before_the_answer_is_kept, ES_POLICY_ASK, ES_N_POLICIES);
  tcase_add_loop_test (tcase, peer__ended__by_the_other_side_until_somebody_begins, 0, 4);
  tcase_add_loop_test (tcase, peer__start__holds_for_what_waits, 0, 4);
  tcase_add_loop_test (tcase, peer__start__that_comes_to_nothing_is_told, ES_POLICY_ASK, ES_N_POLICIES);
  tcase_add_loop_test (tcase, peer__describe__says_what_stands_in_the_way, ES_POLICY_ASK, ES_N_POLICIES);
  tcase_add_loop_test (tcase, peer__describe__says_what_stands_in_the_way_of_going_on, ES_POLICY_POSSIBLE,
                       ES_N_POLICIES);
  tcase_add_loop_test (tcase, peer__start__that_nobody_answers_is_told, ES_POLICY_ASK, ES_N_POLICIES);
  tcase_add_test (tcase, peer__start__that_nobody_answers_holds_nothing_back);
  tcase_add_test (tcase, peer__start__that_came_true_is_forgotten);
  tcase_add_test (tcase, peer__start__is_forgotten_when_taken_back);
  tcase_add_test (tcase, peer__ask__is_plain_until_started);
  tcase_add_test (tcase, peer__never__starts_nothing);
  tcase_add_test (tcase, peer__always__waits_for_whoever_can);
  tcase_add_test (tcase, peer__always__gives_back_what_the_user_takes_back);
  tcase_add_test (tcase, peer__possible__waits_for_an_answer_and_no_longer);
  tcase_add_test (tcase, peer__possible__asks_who_is_there);
  tcase_add_test (tcase, peer__possible__gives_up_asking_who_is_there);
  tcase_add_loop_test (tcase, peer__possible__says_that_it_is_not_encrypted, 0, ES_N_POLICIES);
  tcase_add_test (tcase, peer__possible__says_nothing_of_what_the_user_chose);
  tcase_add_test (tcase, peer__possible__says_why_what_waited_is_not_encrypted);
  tcase_add_test (tcase, peer__describe__does_not_look_plain_where_nothing_is);
  tcase_add_test (tcase, peer__typed__too_much_is_given_back);
  tcase_add_test (tcase, peer__outgoing__waits_as_well);
  tcase_add_test (tcase, peer__outgoing__typing_notices_do_not_wait);
  tcase_add_test (tcase, peer__outgoing__old_negotiations_are_not_sent);
  tcase_add_loop_test (tcase, peer__outgoing__of_every_type_arrives, 0, G_N_ELEMENTS (types) * G_N_ELEMENTS (insides));
  tcase_add_loop_test (tcase, peer__outgoing__leaves_others_alone, 0, G_N_ELEMENTS (others));
  tcase_add_loop_test (tcase, peer__verify__an_old_code_has_no_effect, 0, 2);
  tcase_add_test (tcase, peer__end__lasts_as_long_as_the_window);
  tcase_add_loop_test (tcase, peer__offline__leaves_nothing_running, 0, 2);
  tcase_add_loop_test (tcase, peer__gajim__is_spoken_to_in_its_dialect, 0, 3);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
