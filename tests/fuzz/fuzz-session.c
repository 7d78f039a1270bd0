/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole session floor: Alice and Bob, who are honest, between them a server that changes, loses, repeats and invents what it
 * likes, and another client of Bob's, or of Mallory's, that has keys and lies. A script says what each does.
 *
 * What arrives encrypted from Bob's client is what Bob has typed, once; what is said not to leave in the clear does not; what comes
 * in the clear into an encrypted conversation is marked; no stanza is answered by many, and nothing grows without end. */
#include <string.h>

#include "es-channel.h"
#include "es-error.h"
#include "es-limits.h"
#include "fuzz-liar.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define ALICE_PDA ALICE "/pda"
#define BOB_LAPTOP BOB "/laptop"
#define EVIL_TEXT "evil"
#define TERMINATION                                                                                                    \
  "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='submit'>"                    \
  "<field var='FORM_TYPE'><value>urn:xmpp:ssn</value></field><field var='terminate'><value>1</value></field>"          \
  "</x></feature>"

typedef struct
{
  World *world;
  Endpoint *sides[2];
  Liar *liar;
  const char *liar_jid;
  Script *script;
  guint n_typed;
  GHashTable *typed[2]; /* texts, and whether they were shown out of something encrypted */
  gboolean cautious;    /* Alice's policy is never to send in the clear, and stays that */
  guint edits, losses;  /* of the letters to come */
  gsize octets;

  /* The letter that is being delivered. */
  int to; /* side, -1: nobody */
  gboolean encrypted, honest;
  gboolean changed; /* what is encrypted in it, on its way */
  gboolean guarded; /* the conversation was encrypted */
  guint n_shown, n_notices, n_queued;
} Run;

static Run run;

void
fuzz_setup (void)
{
  static const char *const known[] = {
    ALICE,         BOB,           ALICE_PDA, BOB_LAPTOP, BOB "/evil", "mallory@example.net", "mallory@example.net/x",
    "example.org", ALICE "/other"
  };

  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    es_at (known[i]);
}

static int
side_at (const char *jid)
{
  for (int i = 0; i < 2; i++)
    if (strcmp (jid, run.sides[i]->jid) == 0 || strcmp (jid, run.sides[i]->bare) == 0)
      return i;
  return -1;
}

static const char *
contact_of (int side)
{
  return side == 0 ? BOB : ALICE;
}

static gboolean
has_notice (const Endpoint *endpoint, guint from, EsNoticeCode code)
{
  for (guint i = from; i < endpoint->notices->len; i++)
    if (strcmp (endpoint->notices->pdata[i], es_said (code)) == 0)
      return TRUE;
  return FALSE;
}

/* TEXT was shown to SIDE. */
static void
check_shown (int side, const char *text)
{
  GHashTable *typed = run.typed[1 - side];

  if (run.encrypted && run.honest)
    {
      g_assert (!run.changed);
      g_assert (g_hash_table_contains (typed, text));
      g_assert (g_hash_table_lookup (typed, text) == NULL);
      g_hash_table_insert (typed, g_strdup (text), GINT_TO_POINTER (1));
    }
  if (!run.encrypted && run.guarded)
    g_assert (has_notice (run.sides[side], run.n_notices, ES_NOTICE_NEXT_PLAIN));
}

static void
check_last_letter (guint n_queued)
{
  const Endpoint *endpoint = run.to >= 0 ? run.sides[run.to] : NULL;

  for (guint i = run.n_shown; endpoint != NULL && i < endpoint->shown->len; i++)
    check_shown (run.to, endpoint->shown->pdata[i]);
  for (int i = 0; i < 2; i++)
    g_assert_cmpuint (run.sides[i]->timers->len, <=, 128);
  /* What waited may leave at once; beside that there is little to say. */
  if (endpoint != NULL)
    g_assert_cmpuint (n_queued, <=, run.n_queued + 16 + 2 * run.n_typed);
  run.to = -1;
}

static char *
meaning_of (const EsXml *stanza)
{
  const EsXml *c = es_xml_child (stanza, "c", ES_NS_CRYPT);

  return c != NULL ? fuzz_meaning (c) : NULL;
}

static void
edit_letter (Letter *letter)
{
  g_autofree char *before = NULL, *after = NULL;
  g_autoptr (EsXml) whole = es_xml_parse_content (letter->text, strlen (letter->text), NULL), arrived = NULL;
  EsXml *stanza = whole != NULL && es_xml_children (whole)->len > 0 ? es_xml_children (whole)->pdata[0] : NULL;

  if (stanza == NULL || es_xml_name (stanza) == NULL || es_xml_is (stanza, "ask", NULL)
      || es_xml_is (stanza, "answer", NULL))
    return;
  before = meaning_of (stanza);
  for (; run.edits > 0; run.edits--)
    fuzz_edit (stanza, run.script);
  arrived = fuzz_travel (stanza);
  if (arrived == NULL)
    return;
  after = meaning_of (arrived);
  run.changed = g_strcmp0 (before, after) != 0;
  g_free (letter->text);
  letter->text = es_xml_to_string (arrived, ES_NS_CLIENT);
}

/* All that was typed is recognised by its beginning. */
static void
check_clear (const Letter *letter)
{
  if (strcmp (letter->from, ALICE_PDA) == 0 && run.cautious)
    g_assert (strstr (letter->text, "alice's ") == NULL);
}

static gboolean
tap (World *world, Letter *letter, gpointer data)
{
  check_last_letter (world->letters.length + 1);
  run.octets += strlen (letter->text);
  check_clear (letter);
  if (strcmp (letter->to, run.liar_jid) == 0)
    {
      liar_take (run.liar, letter->from, letter->text);
      return FALSE;
    }
  if (run.losses > 0)
    {
      run.losses--;
      return FALSE;
    }
  run.changed = FALSE;
  if (run.edits > 0)
    edit_letter (letter);
  run.to = side_at (letter->to);
  if (run.to < 0 || run.sides[run.to]->manager == NULL)
    {
      run.to = -1;
      return TRUE;
    }
  run.encrypted = strstr (letter->text, ES_NS_CRYPT) != NULL && strstr (letter->text, "<mac") != NULL;
  run.honest = side_at (letter->from) == 1 - run.to && strchr (letter->from, '/') != NULL;
  run.guarded = run.honest && endpoint_state (run.sides[run.to], contact_of (run.to)) >= ES_STATE_ENCRYPTED
                && endpoint_state (run.sides[run.to], contact_of (run.to)) <= ES_STATE_VERIFIED;
  run.n_shown = run.sides[run.to]->shown->len;
  run.n_notices = run.sides[run.to]->notices->len;
  run.n_queued = world->letters.length;
  return TRUE;
}

/* What they do */

static void
type (int side)
{
  char *text = g_strdup_printf ("%s %u", side == 0 ? "alice's" : "bob's", ++run.n_typed);

  g_hash_table_insert (run.typed[side], text, NULL);
  endpoint_type (run.sides[side], contact_of (side), text);
}

/* People tell each other their codes. */
static void
verify (int side)
{
  EsConversation mine, other;

  if (run.sides[1 - side]->manager == NULL)
    return;
  es_manager_describe (run.sides[side]->manager, es_at (contact_of (side)), &mine);
  es_manager_describe (run.sides[1 - side]->manager, es_at (contact_of (1 - side)), &other);
  if (mine.code == NULL || other.code == NULL)
    return;
  {
    g_autofree char *code = g_strdup (mine.code);

    es_manager_verify (run.sides[side]->manager, es_at (contact_of (side)), code, strcmp (code, other.code) == 0);
  }
}

static void
user (int side, guint what)
{
  EsManager *manager = run.sides[side]->manager;
  const EsAddress *contact = es_at (contact_of (side));

  switch (what % 12)
    {
    case 0:
    case 1:
    case 2:
      type (side);
      break;
    case 3:
      es_manager_start (manager, contact);
      break;
    case 4:
      es_manager_end (manager, contact);
      break;
    case 5:
      verify (side);
      break;
    case 6:
      es_manager_password (manager, contact, script_octet (run.script) % 4 == 0 ? "other" : "same", NULL);
      break;
    case 7:
      es_manager_decline_password (manager, contact);
      break;
    case 8:
      es_manager_write_anyway (manager, contact);
      break;
    case 9:
      es_manager_opened (manager, contact);
      break;
    case 10:
      if (script_octet (run.script) % 2 == 0)
        es_manager_closed (manager, contact);
      else
        endpoint_send_raw (run.sides[side], side == 0 ? "<iq type='get' id='q1' to='" BOB_LAPTOP
                                                        "'><query xmlns='jabber:iq:version'/></iq>"
                                                      : "<iq type='get' id='q2' to='" ALICE_PDA
                                                        "'><query xmlns='jabber:iq:version'/></iq>");
      break;
    default:
      es_manager_set_limit (manager, script_octet (run.script) * 64u);
    }
}

static void
come_and_go (int side, guint what)
{
  Endpoint *endpoint = run.sides[side];

  if (!endpoint->online)
    endpoint_sign_on (endpoint);
  else if (what % 3 == 0)
    endpoint_sign_off (endpoint);
  else if (what % 3 == 1)
    endpoint_kill (endpoint);
  check_last_letter (run.world->letters.length);
}

/* Stanzas of nobody's: a plain text, an error, something encrypted, a request, an iq, presence. */
static void
invent (Script *script)
{
  static const char *const senders[]
      = { BOB_LAPTOP, BOB, BOB "/evil", "mallory@example.net/x", "example.org", ALICE "/other", ALICE_PDA };
  static const char *const stanzas[] = {
    "<message type='chat'><body>" EVIL_TEXT "</body></message>",
    "<message type='error'><thread>t</thread><error type='cancel'><feature-not-implemented "
    "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></message>",
    "<message type='chat'><thread>t</thread><c "
    "xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'><data>AQEB</"
    "data><mac>AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=</mac></c></message>",
    "<iq type='set' id='e1'><query xmlns='jabber:iq:version'/></iq>",
    "<iq type='result' id='q1'><query xmlns='jabber:iq:version'/></iq>",
    "<presence/>",
    "<message><received xmlns='urn:xmpp:receipts' id='1'/></message>",
  };
  const char *from = senders[script_below (script, G_N_ELEMENTS (senders))];
  g_autofree char *text = g_strdup (stanzas[script_below (script, G_N_ELEMENTS (stanzas))]);
  g_autoptr (EsXml) stanza = es_xml_parse_content (text, strlen (text), NULL);
  g_autoptr (EsXml) inside = es_xml_steal (stanza, 0), arrived = NULL;
  g_autofree char *written = NULL;

  for (guint n = script_below (script, 4); n > 0; n--)
    fuzz_edit (inside, script);
  arrived = fuzz_travel (inside);
  if (arrived == NULL)
    return;
  written = es_xml_to_string (arrived, ES_NS_CLIENT);
  world_inject (run.world, from, script_octet (script) % 2 == 0 ? ALICE_PDA : BOB_LAPTOP, written);
}

/* Something that was on its way before, again, to whomever. */
static void
repeat (Script *script)
{
  const Letter *letter = NULL;
  guint n = run.world->log->len;

  if (n == 0)
    return;
  letter = run.world->log->pdata[n - 1 - script_below (script, MIN (n, 64))];
  if (strcmp (letter->text, "<ask/>") == 0 || g_str_has_prefix (letter->text, "<answer"))
    return;
  world_inject (run.world, letter->from, script_octet (script) % 8 == 1 ? letter->from : letter->to, letter->text);
}

/* Inside the encryption: what the next floor takes apart. */
static void
say (Script *script)
{
  static const char *const contents[] = {
    "<body>" EVIL_TEXT "</body>",
    "<body>" EVIL_TEXT "</body><request xmlns='urn:xmpp:receipts'/><origin-id xmlns='urn:xmpp:sid:0' id='12345678'/>",
    "<received xmlns='urn:xmpp:receipts' id='1'/>",
    "<verify xmlns='esession:verify:0' step='1'><point>AQEB</point></verify>",
    "<verify xmlns='esession:verify:0' step='failed'/>",
    TERMINATION,
    "<query xmlns='jabber:iq:version'/><about xmlns='esession:envelope:0' type='get' id='1'/>",
    "<show>away</show><about xmlns='esession:envelope:0'/>",
  };
  guint which = script_below (script, G_N_ELEMENTS (contents) + 1);
  g_autofree char *text = which == G_N_ELEMENTS (contents) ? script_text (script) : g_strdup (contents[which]);
  g_autoptr (EsXml) inside = es_xml_parse_content (text, strlen (text), NULL);
  g_autofree char *edited = NULL;

  for (guint n = inside != NULL ? script_below (script, 3) : 0; n > 0; n--)
    fuzz_edit (inside, script);
  edited = inside != NULL ? es_xml_children_to_string (inside) : g_strdup (text);
  liar_say (run.liar, edited, script_octet (script) % 4 == 3 ? 1 : 0);
}

static void
liar (guint what)
{
  switch (what % 4)
    {
    case 0:
      liar_ask (run.liar, run.sides[script_octet (run.script) % 2]->jid);
      break;
    case 1:
    case 2:
      say (run.script);
      break;
    default:
      liar_set_edits (run.liar, script_below (run.script, 3));
    }
}

static void
deliver_all (void)
{
  guint before = run.world->log->len;

  world_run (run.world);
  check_last_letter (run.world->letters.length);
  /* One step of anybody's leads to a bounded number of stanzas. */
  g_assert_cmpuint (run.world->log->len - before, <=, 256);
}

static void
step (Script *script)
{
  static const guint times[] = { 1, 11, 31, 61, 301 };
  guint what = script_octet (script), which = what / 16;
  int side = (int) (which % 2);

  switch (what % 16)
    {
    case 0:
    case 1:
    case 2:
    case 3:
    case 4:
      if (run.sides[side]->manager != NULL && run.sides[side]->online)
        user (side, script_octet (script));
      break;
    case 5:
      world_wait (run.world, times[which % G_N_ELEMENTS (times)]);
      check_last_letter (run.world->letters.length);
      break;
    case 6:
      come_and_go (side, which / 2);
      break;
    case 7:
      run.edits = 1 + which % 4;
      break;
    case 8:
      run.losses = 1 + which % 3;
      break;
    case 9:
    case 10:
      invent (script);
      break;
    case 11:
      repeat (script);
      break;
    case 12:
    case 13:
    case 14:
      liar (which);
      break;
    default:
      run.world->together = !run.world->together;
    }
  if ((what & 128) == 0)
    deliver_all ();
}

static void
begin (Script *script)
{
  guint how = script_octet (script);

  run = (Run){ .script = script, .to = -1 };
  run.world = world_new ();
  run.world->tap = tap;
  run.sides[0] = world_add (run.world, ALICE_PDA);
  run.sides[1] = world_add (run.world, BOB_LAPTOP);
  for (int i = 0; i < 2; i++)
    {
      es_trust_free (run.sides[i]->trust);
      run.sides[i]->trust = es_trust_new (":memory:");
    }
  for (int i = 0; i < 2; i++)
    run.typed[i] = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  run.cautious = (how & 1) != 0;
  run.sides[0]->policy = run.cautious ? ES_POLICY_ALWAYS : ES_POLICY_POSSIBLE;
  run.sides[1]->reminders = (how & 2) != 0;
  run.sides[1]->supports = (how & 4) == 0;
  run.liar_jid = how & 8 ? "mallory@example.net/x" : BOB "/evil";
  run.liar = liar_new (run.world, run.liar_jid, script);
  endpoint_sign_on (run.sides[0]);
  endpoint_sign_on (run.sides[1]);
  for (int i = 0; i < 2; i++)
    if (how & 16)
      es_manager_set_presence (run.sides[i]->manager, es_at (run.liar_jid), TRUE, 0, "can");
  if (how & 32)
    type (0);
  deliver_all ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Script script = { data, size };

  fuzz_begin ();
  begin (&script);
  for (guint i = 0; i < 48 && !script_is_over (&script); i++)
    step (&script);
  deliver_all ();
  fuzz_require_memory (size + run.octets, 8 * 1024 * 1024);
  liar_free (run.liar);
  world_free (run.world);
  g_hash_table_unref (run.typed[0]);
  g_hash_table_unref (run.typed[1]);
  return 0;
}
