/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Both roles of a negotiation, and what lies between them: a script of how they are set up and of edits of each message. A message
 * may be changed by whoever made it (a *lie*), who then signs and believes it, so that what stands behind the MACs is reached; or
 * on its way, and then nobody who got it ever has keys. What is refused without a check having failed changes nothing: the true
 * message is still taken. */
#include <string.h>

#include "fuzz.h"

#include "forging.h"

typedef struct
{
  Parties parties;
  gboolean lied;
  gboolean changed[4]; /* and taken */
  char *texts[4];      /* as they were made */
  gsize octets;
} Run;

void
fuzz_setup (void)
{
}

static void
choose_groups (EsOptions *options, guint which)
{
  static const guint groups[8][3] = { { 31 }, { 31 }, { 31 }, { 31 }, { 31 }, { 1, 31 }, { 31, 1 }, { 2, 1, 31 } };

  memset (options->groups, 0, sizeof options->groups);
  memcpy (options->groups, groups[which], sizeof groups[which]);
  options->weak_groups = which > 4;
}

static void
choose_options (EsOptions *options, guint how)
{
  if (how & 4)
    options->ciphers[0] = "aes128-ctr", options->ciphers[1] = NULL;
  if (how & 8)
    options->hashes[0] = "sha512", options->hashes[1] = "sha256", options->hashes[2] = NULL;
  if (how & 16)
    options->sas[0] = "sas28x5", options->sas[1] = NULL;
  if (how & 32)
    options->stanzas = ES_STANZA_MESSAGE;
  if (how & 64)
    options->rekey_freq = 7;
  if (how & 128)
    options->logging = ES_LOGGING_MUST_NOT;
}

static void
set_parties (Parties *p)
{
  static EsAddress *alice, *bob;

  if (alice == NULL)
    {
      alice = es_address_new ("alice@example.org");
      bob = es_address_new ("bob@example.com");
    }
  es_negotiation_set_parties (p->a, alice, bob);
  es_negotiation_set_parties (p->b, bob, alice);
}

static void
begin (Run *run, Script *script, EsEchoes *echoes)
{
  Parties *p = &run->parties;
  guint how = script_octet (script), groups = script_octet (script);

  parties_init (p, 1);
  choose_groups (&p->options_a, groups & 7);
  choose_groups (&p->options_b, groups >> 3 & 7);
  choose_options (&p->options_a, script_octet (script));
  choose_options (&p->options_b, script_octet (script));
  if (how & 1)
    p->options_a.dialect = p->options_b.dialect = ES_DIALECT_GAJIM;
  if (how & 4)
    p->secrets_a = secrets_numbered (1, 3);
  if (how & 8)
    p->secrets_b = secrets_numbered (2, 3);
  if (how & 16)
    p->other_a = es_secret_new (16);
  if (how & 32)
    p->other_b = es_secret_new (16);
  parties_begin (p);
  if (how & 2)
    set_parties (p);
  es_negotiation_set_echoes (p->a, echoes);
  es_negotiation_set_echoes (p->b, how & 64 ? echoes : NULL);
}

static gboolean
same_in (EsDialect dialect, const EsXml *a, const EsXml *b)
{
  const EsXml *x_a = es_xml_child (a, "x", ES_NS_DATA), *x_b = es_xml_child (b, "x", ES_NS_DATA);
  g_autofree char *text_a = x_a != NULL ? es_xml_normalize_form (x_a, dialect, NULL) : NULL;
  g_autofree char *text_b = x_b != NULL ? es_xml_normalize_form (x_b, dialect, NULL) : NULL;

  if (dialect == ES_DIALECT_STRICT)
    return x_a != NULL && x_b != NULL && says_the_same (a, b);
  return text_a != NULL && g_strcmp0 (text_a, text_b) == 0;
}

/* What comes of TEXT for its receiver: an error but that of a check leaves all as it was. */
static gboolean
hand (Run *run, EsMessage which, const char *text)
{
  EsNegotiation *receiver = receiver_of (&run->parties, which), before = *receiver;
  g_autoptr (GError) error = NULL;

  run->octets += strlen (text);
  if (consume_text (&run->parties, which, text, strlen (text), &error))
    return TRUE;
  if (error->code == ES_ERROR_CHECK)
    assert_wiped (receiver);
  else
    g_assert (memcmp (&before, receiver, sizeof before) == 0);
  return FALSE;
}

/* The message says what its sender wants, and its sender goes on with that. */
static void
lie (Run *run, EsMessage which, EsXml *payload)
{
  const EsNegotiation *receiver = receiver_of (&run->parties, which);
  const EsXml *x = form_in (payload);
  g_autoptr (EsForm) form = x != NULL ? es_form_parse (x, NULL) : NULL;
  g_autofree char *text = x != NULL ? es_xml_normalize_form (x, ES_DIALECT_STRICT, NULL) : NULL;
  g_autoptr (GBytes) nonce = form != NULL ? es_form_get_octets (form, "my_nonce", 0, 1000, NULL) : NULL;
  gboolean first = which == ES_MESSAGE_REQUEST || which == ES_MESSAGE_RESPONSE;

  if (text == NULL || form == NULL || (first && nonce == NULL))
    return;
  run->lied = TRUE;
  if (first)
    believe (&run->parties, which, payload);
  else if (es_form_has (form, "identity") && es_form_has (form, "mac") && receiver->terms.suite.hash != NULL
           && sender_of (&run->parties, which)->k != NULL)
    sign (&run->parties, which, payload, (Forgery){ .more = 0 });
}

/* An edited message, and whatever comes of it; whether it was taken. */
static gboolean
hand_edited (Run *run, EsMessage which, Script *script, guint n_edits, gboolean lies)
{
  EsDialect dialect = run->parties.options_a.dialect;
  g_autoptr (EsXml) honest = es_xml_parse (run->texts[which], strlen (run->texts[which]), NULL);
  g_autoptr (EsXml) payload = es_xml_copy (honest), arrived = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < n_edits; i++)
    fuzz_edit (payload, script);
  if (lies)
    lie (run, which, payload);
  arrived = fuzz_travel (payload);
  if (arrived == NULL)
    return FALSE;
  text = es_xml_to_string (arrived, ES_NS_CLIENT);
  if (!hand (run, which, text))
    return FALSE;
  run->changed[which] = !same_in (dialect, honest, arrived);
  return TRUE;
}

/* What nobody waits for: an earlier message again, or one's own. */
static void
disturb (Run *run, EsMessage which, Script *script)
{
  guint other = script_below (script, which + 1u);
  EsNegotiation *to = script_octet (script) % 2 == 0 ? run->parties.a : run->parties.b;
  g_autoptr (EsXml) payload = es_xml_parse (run->texts[other], strlen (run->texts[other]), NULL);
  gboolean own = to == sender_of (&run->parties, (EsMessage) other);

  if (own || other < which)
    g_assert (!es_negotiation_consume (to, (EsMessage) other, payload, NULL));
}

/* FALSE: it goes no further. */
static gboolean
pass_message (Run *run, EsMessage which, Script *script)
{
  guint how = script_octet (script);
  g_autoptr (GError) error = NULL;
  gboolean honest = !run->lied && !run->changed[0] && !run->changed[1] && !run->changed[2];

  run->texts[which] = create_text (&run->parties, which, &error);
  if (run->texts[which] == NULL)
    return FALSE;
  if (how & 16)
    disturb (run, which, script);
  if ((how & 3) != 0 && hand_edited (run, which, script, how & 3, (how & 4) != 0))
    return TRUE;
  if ((how & 3) != 0 && (how & 8) == 0)
    return FALSE;

  /* The true one, which may come too late. */
  if (hand (run, which, run->texts[which]))
    return TRUE;
  g_assert (!honest || run->lied || es_negotiation_state (receiver_of (&run->parties, which)) == ES_NEGOTIATION_FAILED
            || which < ES_MESSAGE_INITIATOR_ACCEPT);
  return FALSE;
}

static gboolean
is_active (const EsNegotiation *negotiation)
{
  EsNegotiationState state = es_negotiation_state (negotiation);

  return state == ES_NEGOTIATION_CHECKED || state == ES_NEGOTIATION_DONE;
}

/* Message 2 is proven to its receiver by message 4 only, which the responder has sent by then. */
static void
check_outcome (Run *run)
{
  Parties *p = &run->parties;
  gboolean done_a = es_negotiation_state (p->a) == ES_NEGOTIATION_DONE,
           done_b = es_negotiation_state (p->b) == ES_NEGOTIATION_DONE;

  if (run->lied)
    {
      g_autoptr (EsAgreement) a = es_negotiation_steal_agreement (p->a), b = es_negotiation_steal_agreement (p->b);

      g_assert ((a != NULL) == done_a && (b != NULL) == done_b);
      return;
    }
  g_assert (!is_active (p->b) || (!run->changed[0] && !run->changed[2]));
  g_assert (!done_a || (!run->changed[0] && !run->changed[1] && !run->changed[2] && !run->changed[3]));
  if (done_a && done_b)
    assert_alike (p);
}

static void
run_clear (Run *run)
{
  Parties *p = &run->parties;

  parties_end (p);
  g_clear_pointer (&p->secrets_a, g_ptr_array_unref);
  g_clear_pointer (&p->secrets_b, g_ptr_array_unref);
  es_secret_free (p->other_a);
  es_secret_free (p->other_b);
  for (guint i = 0; i < 4; i++)
    g_free (run->texts[i]);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Script script = { data, size };
  g_autoptr (EsEchoes) echoes = NULL;
  Run run = { .lied = FALSE };

  fuzz_begin ();
  echoes = es_echoes_new ();
  begin (&run, &script, echoes);
  for (guint i = 0; i < 4 && pass_message (&run, (EsMessage) i, &script); i++)
    g_assert (!is_active (run.parties.a) || i == ES_MESSAGE_RESPONDER_ACCEPT);
  fuzz_require_memory (size + run.octets, 1024 * 1024);
  check_outcome (&run);
  run_clear (&run);
  return 0;
}
