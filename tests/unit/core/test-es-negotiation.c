/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parties.h"

#include "es-limits.h"

static gboolean
both_done (const Parties *p)
{
  return es_negotiation_state (p->a) == ES_NEGOTIATION_DONE && es_negotiation_state (p->b) == ES_NEGOTIATION_DONE;
}

static void
assert_agree (Parties *p)
{
  g_autoptr (EsAgreement) a = es_negotiation_steal_agreement (p->a), b = es_negotiation_steal_agreement (p->b);

  ck_assert (a != NULL && b != NULL);
  ck_assert_str_eq (a->code, b->code);
  ck_assert (es_secret_equal (a->own.cipher, b->peer.cipher) && es_secret_equal (a->own.mac, b->peer.mac));
  ck_assert (es_secret_equal (b->own.cipher, a->peer.cipher) && es_secret_equal (b->own.mac, a->peer.mac));
  ck_assert (es_secret_equal (a->retained, b->retained));
  ck_assert_mem_eq (a->own_counter.octets, b->peer_counter.octets, ES_COUNTER_OCTETS);
  ck_assert_mem_eq (b->own_counter.octets, a->peer_counter.octets, ES_COUNTER_OCTETS);
  ck_assert_uint_eq (a->stanzas, b->stanzas);
  ck_assert_uint_eq (a->rekey_freq, b->rekey_freq);
}

static const guint groups[] = { 31, 14, 15, 16, 17, 18 };
static const char *const ciphers[] = { "aes256-ctr", "aes192-ctr", "aes128-ctr" };
static const char *const hashes[] = { "sha256", "sha384", "sha512" };

START_TEST (negotiation__groups__all_work)
{
  Parties p;

  parties_init (&p, (guint64) _i);
  p.options_a.groups[0] = groups[_i];
  parties_begin (&p);
  pass_until (&p, 4);
  ck_assert_uint_eq (es_group_number (p.a->terms.suite.group), groups[_i]);
  assert_agree (&p);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__algorithms__all_work)
{
  Parties p;

  parties_init (&p, 100 + (guint64) _i);
  p.options_a.ciphers[0] = ciphers[_i / 3];
  p.options_a.hashes[0] = hashes[_i % 3];
  parties_begin (&p);
  pass_until (&p, 4);
  ck_assert_str_eq (p.b->terms.suite.cipher->name, ciphers[_i / 3]);
  ck_assert_str_eq (p.b->terms.suite.hash->name, hashes[_i % 3]);
  assert_agree (&p);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__weak_groups__only_where_allowed)
{
  static const guint weak[] = { 1, 2, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (weak); i++)
    {
      g_autoptr (GError) error = NULL;
      Parties p;

      parties_init (&p, 200 + i);
      p.options_a.weak_groups = TRUE;
      p.options_a.groups[0] = weak[i];
      parties_begin (&p);
      ck_assert (!pass (&p, ES_MESSAGE_REQUEST, &error));
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNSUPPORTED));
      ck_assert_str_eq (error->message, "modp");
      parties_end (&p);

      p.options_b.weak_groups = TRUE;
      parties_begin (&p);
      pass_until (&p, 4);
      assert_agree (&p);
      parties_end (&p);
    }
}
END_TEST

/* Retained and other secrets */

static GPtrArray *
some_secrets (guint n, guint8 first)
{
  GPtrArray *secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);

  for (guint i = 0; i < n; i++)
    {
      EsSecret *secret = es_secret_new (32);

      memset (es_secret_data (secret), first + i, 32);
      g_ptr_array_add (secrets, secret);
    }
  return secrets;
}

static void
assert_found (Parties *p, gint64 a, gint64 b)
{
  ck_assert_int_eq (p->a->agreement->found_device, a);
  ck_assert_int_eq (p->b->agreement->found_device, b);
  assert_agree (p);
}

START_TEST (negotiation__retained_secret__is_found_where_both_have_it)
{
  g_autoptr (GPtrArray) a = some_secrets (3, 1), b = some_secrets (2, 3);
  g_autoptr (GPtrArray) strangers = some_secrets (2, 100);
  Parties p;

  parties_init (&p, 300);
  p.secrets_a = a;
  p.secrets_b = b;
  parties_begin (&p);
  pass_until (&p, 4);
  assert_found (&p, 3, 1);
  parties_end (&p);

  p.secrets_b = strangers;
  parties_begin (&p);
  pass_until (&p, 4);
  assert_found (&p, 0, 0);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__other_secret__must_be_the_same)
{
  g_autoptr (GPtrArray) secrets = some_secrets (2, 7);
  g_autoptr (GError) error = NULL;
  Parties p;

  parties_init (&p, 310);
  p.other_a = secrets->pdata[0];
  p.other_b = secrets->pdata[0];
  parties_begin (&p);
  pass_until (&p, 4);
  assert_agree (&p);
  parties_end (&p);

  p.other_b = secrets->pdata[1];
  parties_begin (&p);
  pass_until (&p, 3);
  ck_assert (!pass (&p, ES_MESSAGE_RESPONDER_ACCEPT, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_CHECK));
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__rshashes__tell_not_how_many_there_are)
{
  static const guint known[] = { 0, 1, 2, 3, 6, 7, 61, 62, 100 };
  static const guint sent[] = { 4, 4, 4, 8, 8, 12, 64, 64, 64 };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      g_autoptr (GPtrArray) secrets = some_secrets (known[i], 1);
      g_autofree char *text = NULL;
      g_autoptr (EsXml) payload = NULL;
      g_autoptr (EsForm) form = NULL;
      g_autoptr (GPtrArray) values = NULL;
      Parties p;

      parties_init (&p, 320 + i);
      p.secrets_a = secrets;
      parties_begin (&p);
      pass_until (&p, 2);
      text = create_text (&p, ES_MESSAGE_INITIATOR_ACCEPT, NULL);
      payload = es_xml_parse (text, strlen (text), NULL);
      form = es_form_parse (es_xml_child (payload, "x", NULL), NULL);
      values = es_form_get_octets_list (form, "rshashes", 32, 32, NULL);
      ck_assert_uint_eq (values->len, sent[i]);
      parties_end (&p);
    }
}
END_TEST

/* Changes in transit. CHANGED is what the receiver of message WHICH gets instead. The rule: never are both done in the
 * end, nor is the receiver. */

typedef enum
{
  NOTHING_OF_OURS, /* no XML, or no message of a negotiation: never gets there */
  HARMLESS,        /* another spelling of the same, quotes for instance, or another order of what may stand in any */
  CHANGED
} Change;

static Change
classify (const EsXml *left, const char *after, gsize size)
{
  g_autoptr (EsXml) right = es_xml_parse_content (after, size, NULL);
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = right != NULL ? es_negotiation_recognize (right, &message) : NULL;

  if (payload == NULL)
    return NOTHING_OF_OURS;
  return says_the_same (es_negotiation_recognize (left, &message), payload) ? HARMLESS : CHANGED;
}

/* What is malformed leaves a receiver as it was, so one may be given several changes, after which it still has to take the
 * ORIGINAL. */
typedef struct
{
  EsMessage which;
  char *original;
  EsXml *parsed;
  Parties p; /* WHICH is the next; where the receiver was given so many */
  guint given;
  guint refused_at_once, harmless;
} Changes;

#define GIVEN_MAX 50

static void
changes_prepare (Changes *changes)
{
  g_autofree char *text = NULL;

  parties_init (&changes->p, 400);
  parties_begin (&changes->p);
  pass_until (&changes->p, changes->which);
  text = create_text (&changes->p, changes->which, NULL);
  if (changes->original != NULL)
    ck_assert_str_eq (text, changes->original);
  else
    changes->original = g_steal_pointer (&text);
  changes->given = 0;
}

static void
changes_begin (Changes *changes, EsMessage which)
{
  *changes = (Changes){ .which = which };
  changes_prepare (changes);
  changes->parsed = es_xml_parse_content (changes->original, strlen (changes->original), NULL);
}

/* Whether all goes on with TEXT as the message. */
static gboolean
goes_on (Changes *changes, const char *text, gsize size)
{
  gboolean alive = consume_text (&changes->p, changes->which, text, size, NULL);

  for (guint i = changes->which + 1u; alive && i < 4; i++)
    alive = pass (&changes->p, (EsMessage) i, NULL);
  return alive;
}

static void
changes_finish (Changes *changes)
{
  ck_assert_msg (goes_on (changes, changes->original, strlen (changes->original)) && both_done (&changes->p),
                 "what was malformed has changed something");
  parties_end (&changes->p);
}

static void
changes_end (Changes *changes)
{
  changes_finish (changes);
  es_xml_free (changes->parsed);
  g_free (changes->original);
}

static void
try_change (Changes *changes, const char *changed, gsize size)
{
  Change change = classify (changes->parsed, changed, size);
  EsNegotiation *receiver = receiver_of (&changes->p, changes->which);
  EsNegotiationState before = es_negotiation_state (receiver);
  gboolean alive = FALSE;

  changes->harmless += change == HARMLESS;
  changes->refused_at_once += change == NOTHING_OF_OURS;
  if (change != CHANGED)
    return;

  alive = consume_text (&changes->p, changes->which, changed, size, NULL);
  changes->refused_at_once += !alive;
  if (!alive && es_negotiation_state (receiver) == before && ++changes->given < GIVEN_MAX)
    return;
  if (!alive && es_negotiation_state (receiver) == before)
    changes_finish (changes);
  else
    {
      for (guint i = changes->which + 1u; alive && i < 4; i++)
        alive = pass (&changes->p, (EsMessage) i, NULL);
      ck_assert_msg (!both_done (&changes->p), "accepted: %.*s", (int) size, changed);
      ck_assert_msg (es_negotiation_state (receiver) != ES_NEGOTIATION_DONE, "receiver done: %.*s", (int) size,
                     changed);
      parties_end (&changes->p);
    }
  changes_prepare (changes);
}

static char *
original_text (EsMessage which)
{
  Parties p;
  char *text = NULL;

  parties_init (&p, 400);
  parties_begin (&p);
  pass_until (&p, which);
  text = create_text (&p, which, NULL);
  parties_end (&p);
  return text;
}

START_TEST (negotiation__every_bit_flip__is_refused)
{
  EsMessage which = (EsMessage) (_i / 8);
  g_autofree char *text = original_text (which), *changed = g_strdup (text);
  gsize size = strlen (text);
  Changes changes;

  changes_begin (&changes, which);
  for (gsize i = 0; i < size; i++)
    {
      changed[i] = (char) (changed[i] ^ 1 << _i % 8);
      try_change (&changes, changed, size);
      changed[i] = text[i];
    }
  ck_assert_uint_gt (changes.refused_at_once, 0);
  changes_end (&changes);
}
END_TEST

START_TEST (negotiation__every_truncation__is_refused)
{
  EsMessage which = (EsMessage) _i;
  g_autofree char *text = original_text (which);
  gsize size = strlen (text);
  Changes changes;

  changes_begin (&changes, which);
  for (gsize i = 0; i < size; i++)
    try_change (&changes, text, i);
  ck_assert_uint_eq (changes.refused_at_once, size);
  changes_end (&changes);
}
END_TEST

/* Changes to the list of the children of the element that PATH leads to: a field of the form, an option or value of a
 * field. */

typedef enum
{
  REMOVE,
  DOUBLE,
  EMPTY,
  SWAP_WITH_NEXT,
  N_EDITS
} Edit;

static gboolean
edit_child (EsXml *parent, guint index, Edit edit)
{
  guint n = es_xml_children (parent)->len;
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  if (edit == SWAP_WITH_NEXT && index + 1 >= n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    g_ptr_array_add (all, es_xml_steal (parent, 0));
  for (guint i = 0; i < n; i++)
    {
      EsXml *child = all->pdata[i];

      if (edit == SWAP_WITH_NEXT && i == index)
        es_xml_append (parent, all->pdata[i + 1]);
      else if (edit == SWAP_WITH_NEXT && i == index + 1)
        es_xml_append (parent, all->pdata[i - 1]);
      else if (edit == REMOVE && i == index)
        es_xml_free (child);
      else
        es_xml_append (parent, child);
      if (edit == DOUBLE && i == index)
        es_xml_append (parent, es_xml_copy (child));
      while (edit == EMPTY && i == index && es_xml_name (child) != NULL && es_xml_children (child)->len > 0)
        es_xml_free (es_xml_steal (child, 0));
    }
  return TRUE;
}

/* The form's fields, then the children of each, then the value in each option: three levels. */
static EsXml *
parent_at (EsXml *x, guint level, guint *index)
{
  for (guint i = 0; i < es_xml_children (x)->len; i++)
    {
      EsXml *child = es_xml_children (x)->pdata[i], *found = NULL;

      if (es_xml_name (child) == NULL)
        continue;
      if (level == 0)
        {
          if ((*index)-- == 0)
            {
              *index = i;
              return x;
            }
        }
      else if ((found = parent_at (child, level - 1, index)) != NULL)
        return found;
    }
  return NULL;
}

/* Lists without meaning in their order: the hashes of retained secrets are shuffled anyway, but under the MAC too. */
START_TEST (negotiation__every_edit_of_fields_and_options__is_refused)
{
  EsMessage which = (EsMessage) (_i / (3 * N_EDITS));
  guint level = (guint) _i / N_EDITS % 3;
  Edit edit = (Edit) (_i % N_EDITS);
  g_autofree char *text = original_text (which);
  Changes changes;

  changes_begin (&changes, which);
  for (guint n = 0;; n++)
    {
      g_autoptr (EsXml) payload = es_xml_parse (text, strlen (text), NULL);
      EsXml *x = es_xml_children (payload)->pdata[0];
      guint index = n;
      EsXml *parent = parent_at (x, level, &index);
      g_autofree char *changed = NULL;

      if (parent == NULL)
        break;
      if (!edit_child (parent, index, edit))
        continue;
      changed = es_xml_to_string (payload, "");
      try_change (&changes, changed, strlen (changed));
    }
  changes_end (&changes);
}
END_TEST

/* Order and repetition: every message in every state of both roles. */

START_TEST (negotiation__out_of_order__changes_nothing)
{
  for (guint reached = 0; reached <= 4; reached++)
    for (guint which = 0; which < 4; which++)
      {
        g_autofree char *text = original_text ((EsMessage) which);
        g_autoptr (GError) error = NULL;
        Parties p;
        EsNegotiationState before = ES_NEGOTIATION_NEW;

        parties_init (&p, 400);
        parties_begin (&p);
        pass_until (&p, reached);
        before = es_negotiation_state (receiver_of (&p, (EsMessage) which));
        if (which == reached)
          g_free (create_text (&p, (EsMessage) which, NULL));
        if (which != reached)
          {
            ck_assert (!consume_text (&p, (EsMessage) which, text, strlen (text), &error));
            ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
            ck_assert_int_eq (es_negotiation_state (receiver_of (&p, (EsMessage) which)), before);
            for (guint i = reached; i < 4; i++)
              ck_assert (pass (&p, (EsMessage) i, NULL));
            assert_agree (&p);
          }
        parties_end (&p);
      }
}
END_TEST

/* Bad input: a message in which TARGET has been replaced. */

static char *
with_value (const char *text, const char *var, const char *value)
{
  g_autofree char *pattern = g_strdup_printf ("(var=\"%s\"><value>)[^<]*", var);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autofree char *replacement = g_strdup_printf ("\\g<1>%s", value);

  return g_regex_replace (regex, text, -1, 0, replacement, 0, NULL);
}

static char *
with_offer (const char *text, const char *var, const char *offer)
{
  g_autofree char *pattern = g_strdup_printf ("(var=\"%s\">)(<option><value>[^<]*</value></option>)+", var);
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  g_autofree char *replacement = g_strdup_printf ("\\g<1><option><value>%s</value></option>", offer);

  return g_regex_replace (regex, text, -1, 0, replacement, 0, NULL);
}

static void
expect (Parties *p, EsMessage which, const char *changed, EsErrorCode code, const char *message)
{
  g_autoptr (GError) error = NULL;
  EsNegotiation *receiver = receiver_of (p, which);
  EsNegotiationState before = es_negotiation_state (receiver);

  ck_assert (!consume_text (p, which, changed, strlen (changed), &error));
  ck_assert_msg (error->code == (int) code, "%s instead of %d for %s", error->message, code, changed);
  if (message != NULL)
    ck_assert_str_eq (error->message, message);
  ck_assert_int_eq (es_negotiation_state (receiver), code == ES_ERROR_CHECK ? ES_NEGOTIATION_FAILED : before);
  if (code == ES_ERROR_CHECK)
    ck_assert (receiver->k == NULL && receiver->exponent == NULL && receiver->exponents == NULL
               && receiver->agreement == NULL && receiver->contact_secrets == NULL);
}

typedef struct
{
  EsMessage which;
  const char *var, *value;
  gboolean offer;
  EsErrorCode code;
  const char *message;
} Bad;

#define ZERO32 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
static const Bad bad[] = {
  { ES_MESSAGE_REQUEST, "my_nonce", "AAAAAAAAAA=", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "my_nonce", "AAAAAAAA!AA=", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "my_nonce", "AAAAAAAAAA==", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "accept", "0", FALSE, ES_ERROR_DECLINED, NULL },
  { ES_MESSAGE_REQUEST, "accept", "maybe", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "rekey_freq", "0", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "rekey_freq", "4294967296", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "rekey_freq", "-1", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_REQUEST, "modp", "19", TRUE, ES_ERROR_UNSUPPORTED, "modp" },
  { ES_MESSAGE_REQUEST, "ver", "1.3", TRUE, ES_ERROR_UNSUPPORTED, "ver" },
  { ES_MESSAGE_REQUEST, "crypt_algs", "none", TRUE, ES_ERROR_UNSUPPORTED, "crypt_algs" },
  { ES_MESSAGE_REQUEST, "hash_algs", "md5", TRUE, ES_ERROR_UNSUPPORTED, "hash_algs" },
  { ES_MESSAGE_REQUEST, "sas_algs", "sas1x1", TRUE, ES_ERROR_UNSUPPORTED, "sas_algs" },
  { ES_MESSAGE_REQUEST, "compress", "zlib", TRUE, ES_ERROR_UNSUPPORTED, "compress" },
  { ES_MESSAGE_REQUEST, "security", "none", TRUE, ES_ERROR_UNSUPPORTED, "security" },
  { ES_MESSAGE_REQUEST, "disclosure", "enabled", TRUE, ES_ERROR_UNSUPPORTED, "disclosure" },
  { ES_MESSAGE_REQUEST, "logging", "perhaps", TRUE, ES_ERROR_UNSUPPORTED, "logging" },
  { ES_MESSAGE_REQUEST, "stanzas", "gossip", TRUE, ES_ERROR_UNSUPPORTED, "stanzas" },
  { ES_MESSAGE_REQUEST, "init_pubkey", "key", TRUE, ES_ERROR_UNSUPPORTED, "init_pubkey" },
  { ES_MESSAGE_REQUEST, "resp_pubkey", "hash", TRUE, ES_ERROR_UNSUPPORTED, "resp_pubkey" },
  { ES_MESSAGE_RESPONSE, "accept", "false", FALSE, ES_ERROR_DECLINED, NULL },
  { ES_MESSAGE_RESPONSE, "security", "c2s", FALSE, ES_ERROR_DECLINED, NULL },
  { ES_MESSAGE_RESPONSE, "security", "none", FALSE, ES_ERROR_DECLINED, NULL },
  { ES_MESSAGE_RESPONSE, "disclosure", "enabled", FALSE, ES_ERROR_UNSUPPORTED, "disclosure" },
  { ES_MESSAGE_RESPONSE, "modp", "14", FALSE, ES_ERROR_UNSUPPORTED, "modp" },
  { ES_MESSAGE_RESPONSE, "crypt_algs", "aes192-ctr", FALSE, ES_ERROR_UNSUPPORTED, "crypt_algs" },
  { ES_MESSAGE_RESPONSE, "hash_algs", "sha512", FALSE, ES_ERROR_UNSUPPORTED, "hash_algs" },
  { ES_MESSAGE_RESPONSE, "sas_algs", "sas9x9", FALSE, ES_ERROR_UNSUPPORTED, "sas_algs" },
  { ES_MESSAGE_RESPONSE, "ver", "1.1", FALSE, ES_ERROR_UNSUPPORTED, "ver" },
  { ES_MESSAGE_RESPONSE, "compress", "lzw", FALSE, ES_ERROR_UNSUPPORTED, "compress" },
  { ES_MESSAGE_RESPONSE, "stanzas", "gossip", FALSE, ES_ERROR_UNSUPPORTED, "stanzas" },
  { ES_MESSAGE_RESPONSE, "init_pubkey", "key", FALSE, ES_ERROR_UNSUPPORTED, "init_pubkey" },
  { ES_MESSAGE_RESPONSE, "rekey_freq", "x", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_RESPONSE, "nonce", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_RESPONSE, "dhkeys", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_RESPONSE, "dhkeys", "AQ==", FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_RESPONSE, "counter", "AAAAAAAAAAAAAAAAAAAAAAA=", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "accept", "0", FALSE, ES_ERROR_DECLINED, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "dhkeys", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "nonce", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "identity", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "identity", "AQ==", FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "mac", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "mac", "AQ==", FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_INITIATOR_ACCEPT, "mac", "=AQ=", FALSE, ES_ERROR_MALFORMED, NULL },
  { ES_MESSAGE_RESPONDER_ACCEPT, "nonce", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_RESPONDER_ACCEPT, "srshash", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_RESPONDER_ACCEPT, "identity", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
  { ES_MESSAGE_RESPONDER_ACCEPT, "mac", ZERO32, FALSE, ES_ERROR_CHECK, NULL },
};

START_TEST (negotiation__bad_value__gets_its_error)
{
  const Bad *row = &bad[_i];
  g_autofree char *text = NULL, *changed = NULL;
  Parties p;

  parties_init (&p, 500);
  parties_begin (&p);
  pass_until (&p, row->which);
  text = create_text (&p, row->which, NULL);
  changed = row->offer ? with_offer (text, row->var, row->value) : with_value (text, row->var, row->value);
  ck_assert_str_ne (text, changed);
  expect (&p, row->which, changed, row->code, row->message);

  /* What was merely malformed leaves the way open for the right message. */
  if (row->code != ES_ERROR_CHECK)
    {
      ck_assert (consume_text (&p, row->which, text, strlen (text), NULL));
      for (guint i = row->which + 1u; i < 4; i++)
        ck_assert (pass (&p, (EsMessage) i, NULL));
      assert_agree (&p);
    }
  parties_end (&p);
}
END_TEST

/* d, and e with a commitment to it, of 0, 1, p-1 and p. */

static char *
base64_of_prime (const EsGroup *group, int minus)
{
  /* p of group 14 ends in 64 one bits, so that subtracting 1 changes the last octet only. */
  static const char hex[]
      = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22514a08798e3404dd"
        "ef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
        "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece45b3dc2007cb8a163bf0598da48361c55d39a69163fa8fd24cf5f"
        "83655d23dca3ad961c62f356208552bb9ed529077096966d670c354e4abc9804f1746c08ca18217c32905e462e36ce3b"
        "e39e772c180e86039b2783a2ec07a28fb5c55df06f4c52c9de2bcbf6955817183995497cea956ae515d2261898fa0510"
        "15728e5a8aacaa68ffffffffffffffff";
  guint8 octets[256];

  for (gsize i = 0; i < sizeof octets; i++)
    octets[i] = (guint8) (g_ascii_xdigit_value (hex[2 * i]) << 4 | g_ascii_xdigit_value (hex[2 * i + 1]));
  octets[255] = (guint8) (octets[255] - minus);
  ck_assert_uint_eq (es_group_octets (group), sizeof octets);
  return g_base64_encode (octets, sizeof octets);
}

static void
try_public_value (const char *value)
{
  Parties p;
  g_autofree char *response = NULL, *bad_response = NULL, *request = NULL, *bad_request = NULL, *accept = NULL;
  g_autofree char *bad_accept = NULL, *commitment = NULL;
  guint8 hash[32];
  gsize size = 0;
  g_autofree guint8 *octets = g_base64_decode (value, &size);
  EsPart part = ES_PART (octets, size);

  parties_init (&p, 510);
  p.options_a.groups[0] = 14;
  parties_begin (&p);
  pass_until (&p, 1);
  response = create_text (&p, ES_MESSAGE_RESPONSE, NULL);
  bad_response = with_value (response, "dhkeys", value);
  expect (&p, ES_MESSAGE_RESPONSE, bad_response, ES_ERROR_CHECK, NULL);
  parties_end (&p);

  /* The responder must refuse it even if it was committed to. */
  parties_begin (&p);
  request = create_text (&p, ES_MESSAGE_REQUEST, NULL);
  es_hash (es_hash_find ("sha256"), &part, 1, hash);
  commitment = g_base64_encode (hash, sizeof hash);
  bad_request = with_value (request, "dhhashes", commitment);
  ck_assert (consume_text (&p, ES_MESSAGE_REQUEST, bad_request, strlen (bad_request), NULL));
  ck_assert (pass (&p, ES_MESSAGE_RESPONSE, NULL));
  accept = create_text (&p, ES_MESSAGE_INITIATOR_ACCEPT, NULL);
  bad_accept = with_value (accept, "dhkeys", value);
  expect (&p, ES_MESSAGE_INITIATOR_ACCEPT, bad_accept, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}

START_TEST (negotiation__public_value_out_of_range__is_refused)
{
  const EsGroup *group = es_group_find (14);
  g_autofree char *p = base64_of_prime (group, 0), *p_minus_1 = base64_of_prime (group, 1);

  try_public_value ("AA==");
  try_public_value ("AQ==");
  try_public_value ("AAI="); /* 2, not in its shortest form */
  try_public_value (p_minus_1);
  try_public_value (p);
}
END_TEST

START_TEST (negotiation__request_without_commitments__is_another_protocol)
{
  Parties p;
  g_autofree char *text = NULL, *changed = NULL;
  g_auto (GStrv) parts = NULL;

  parties_init (&p, 520);
  parties_begin (&p);
  text = create_text (&p, ES_MESSAGE_REQUEST, NULL);
  parts = g_strsplit (text, "dhhashes", -1);
  changed = g_strjoinv ("dhkeys", parts);
  expect (&p, ES_MESSAGE_REQUEST, changed, ES_ERROR_UNKNOWN_FIELD, "dhkeys");
  g_clear_pointer (&changed, g_free);

  g_strfreev (parts);
  parts = g_strsplit (text, "</x>", -1);
  changed = g_strconcat (parts[0], "<field var=\"otherwise\"><value>1</value><required/></field></x>", parts[1], NULL);
  expect (&p, ES_MESSAGE_REQUEST, changed, ES_ERROR_UNKNOWN_FIELD, "otherwise");
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__form_over_the_limits__is_refused)
{
  Parties p;
  g_autofree char *text = NULL, *huge = g_strnfill (70000, 'A'), *changed = NULL;
  g_autoptr (GString) many = g_string_new (NULL);
  g_auto (GStrv) parts = NULL;

  parties_init (&p, 530);
  parties_begin (&p);
  text = create_text (&p, ES_MESSAGE_REQUEST, NULL);
  parts = g_strsplit (text, "</x>", -1);
  changed = with_value (text, "my_nonce", huge);
  expect (&p, ES_MESSAGE_REQUEST, changed, ES_ERROR_LIMIT, NULL);
  g_free (changed);

  for (guint i = 0; i < ES_LIMIT_FORM_FIELDS; i++)
    g_string_append_printf (many, "<field var=\"f%u\"><value>1</value></field>", i);
  changed = g_strconcat (parts[0], many->str, "</x>", parts[1], NULL);
  expect (&p, ES_MESSAGE_REQUEST, changed, ES_ERROR_LIMIT, NULL);
  g_free (changed);

  g_string_assign (many, "<field var=\"many\">");
  for (guint i = 0; i <= ES_LIMIT_FIELD_VALUES; i++)
    g_string_append (many, "<value>1</value>");
  changed = g_strconcat (parts[0], many->str, "</field></x>", parts[1], NULL);
  expect (&p, ES_MESSAGE_REQUEST, changed, ES_ERROR_LIMIT, NULL);
  parties_end (&p);
}
END_TEST

/* Logging, with the field's old name too. */

static EsLogging
negotiate_logging (EsLogging a, EsLogging b, gboolean old)
{
  Parties p;
  g_autofree char *text = NULL, *changed = NULL;
  EsLogging logging = ES_LOGGING_MAY;

  parties_init (&p, 540);
  p.options_a.logging = a;
  p.options_b.logging = b;
  parties_begin (&p);
  text = create_text (&p, ES_MESSAGE_REQUEST, NULL);
  if (old)
    {
      g_autofree char *renamed = NULL;
      g_auto (GStrv) parts = g_strsplit (text, "var=\"logging\"", -1);

      renamed = g_strjoinv ("var=\"otr\"", parts);
      changed = with_offer (renamed, "otr", a == ES_LOGGING_MUST_NOT ? "true" : "false");
    }
  ck_assert (consume_text (&p, ES_MESSAGE_REQUEST, old ? changed : text, strlen (old ? changed : text), NULL));
  logging = p.b->terms.logging;
  ck_assert_int_eq (p.b->terms.old_logging_field, old);
  parties_end (&p);
  return logging;
}

START_TEST (negotiation__logging__whoever_does_not_want_it_decides)
{
  ck_assert_int_eq (negotiate_logging (ES_LOGGING_MAY, ES_LOGGING_MAY, FALSE), ES_LOGGING_MAY);
  ck_assert_int_eq (negotiate_logging (ES_LOGGING_MUST_NOT, ES_LOGGING_MAY, FALSE), ES_LOGGING_MUST_NOT);
  ck_assert_int_eq (negotiate_logging (ES_LOGGING_MAY, ES_LOGGING_MUST_NOT, FALSE), ES_LOGGING_MUST_NOT);
  ck_assert_int_eq (negotiate_logging (ES_LOGGING_MAY, ES_LOGGING_MAY, TRUE), ES_LOGGING_MAY);
  ck_assert_int_eq (negotiate_logging (ES_LOGGING_MUST_NOT, ES_LOGGING_MAY, TRUE), ES_LOGGING_MUST_NOT);
}
END_TEST

START_TEST (negotiation__counter__never_begins_with_zero_on_either_side)
{
  for (guint seed = 0; seed < 600; seed++)
    {
      Parties p;

      parties_init (&p, 10000 + seed);
      parties_begin (&p);
      pass_until (&p, 1);
      g_free (create_text (&p, ES_MESSAGE_RESPONSE, NULL));
      ck_assert (p.b->counter_a.octets[0] != 0 && p.b->counter_b.octets[0] != 0);
      parties_end (&p);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation");
  TCase *tcase = tcase_create ("negotiation");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, negotiation__groups__all_work, 0, G_N_ELEMENTS (groups));
  tcase_add_loop_test (tcase, negotiation__algorithms__all_work, 0, 9);
  tcase_add_test (tcase, negotiation__weak_groups__only_where_allowed);
  tcase_add_test (tcase, negotiation__retained_secret__is_found_where_both_have_it);
  tcase_add_test (tcase, negotiation__other_secret__must_be_the_same);
  tcase_add_test (tcase, negotiation__rshashes__tell_not_how_many_there_are);
  tcase_add_loop_test (tcase, negotiation__every_bit_flip__is_refused, 0, 4 * 8);
  tcase_add_loop_test (tcase, negotiation__every_truncation__is_refused, 0, 4);
  tcase_add_loop_test (tcase, negotiation__every_edit_of_fields_and_options__is_refused, 0, 4 * 3 * N_EDITS);
  tcase_add_test (tcase, negotiation__out_of_order__changes_nothing);
  tcase_add_loop_test (tcase, negotiation__bad_value__gets_its_error, 0, G_N_ELEMENTS (bad));
  tcase_add_test (tcase, negotiation__public_value_out_of_range__is_refused);
  tcase_add_test (tcase, negotiation__request_without_commitments__is_another_protocol);
  tcase_add_test (tcase, negotiation__form_over_the_limits__is_refused);
  tcase_add_test (tcase, negotiation__logging__whoever_does_not_want_it_decides);
  tcase_add_test (tcase, negotiation__counter__never_begins_with_zero_on_either_side);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
