/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "forging.h"

/* Hands over a message that its sender stands by. */
static void
assert_agreed (Parties *p, EsMessage which, EsXml *payload)
{
  believe (p, which, payload);
  assert_completes (p, which, payload);
}

static char *
value_of (const EsXml *payload, const char *var)
{
  return es_xml_dup_text (es_xml_child (field_in (payload, var), "value", NULL));
}

/* The offer */

typedef struct
{
  const char *var, *words;
} Offer;

/* What we offer where nobody has set anything, most wanted first. */
START_TEST (negotiation__offer__is_what_it_is_by_default)
{
  static const struct
  {
    const char *var;
    const char *choices[4];
  } rows[] = {
    { "modp", { "31", "15", "14" } },    { "crypt_algs", { "aes256-ctr", "aes128-ctr" } },
    { "hash_algs", { "sha256" } },       { "sas_algs", { "sas28x6", "sas28x5" } },
    { "compress", { "none" } },          { "stanzas", { "message", "iq", "presence" } },
    { "init_pubkey", { "none" } },       { "resp_pubkey", { "none" } },
    { "logging", { "may", "mustnot" } }, { "disclosure", { "never" } },
    { "security", { "e2e" } },           { "ver", { "1.0" } },
    { "rekey_freq", { "1" } },
  };
  Parties p;
  g_autoptr (EsXml) request = NULL;
  g_autoptr (EsForm) form = NULL;

  parties_init (&p, 899);
  es_options_init (&p.options_a);
  request = make (&p, ES_MESSAGE_REQUEST);
  form = es_form_parse (form_in (request), NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *offered = g_strjoinv (" ", (char **) es_form_choices (form, rows[i].var, NULL));
      g_autofree char *expected = g_strjoinv (" ", (char **) rows[i].choices);

      ck_assert_str_eq (offered, expected);
    }
  parties_end (&p);
}
END_TEST

/* What will be invented later stands before what we know. */
START_TEST (negotiation__offer__unknown_options_are_skipped)
{
  static const Offer offers[] = {
    { "ver", "2.0 1.0" },
    { "security", "quantum e2e c2s" },
    { "disclosure", "enabled never" },
    { "logging", "sometimes may mustnot" },
    { "crypt_algs", "chacha20 aes256-cbc aes128-ctr" },
    { "hash_algs", "md5 sha1 sha384 sha256" },
    { "sas_algs", "words sas28x6" },
    { "compress", "zlib none" },
    { "stanzas", "gossip iq" },
    { "init_pubkey", "key none" },
    { "resp_pubkey", "hash none" },
  };
  const Offer *offer = &offers[_i];
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 900);
  p.options_a.hashes[1] = "sha384";
  payload = make (&p, ES_MESSAGE_REQUEST);
  set_options (payload, offer->var, offer->words);
  assert_agreed (&p, ES_MESSAGE_REQUEST, payload);
  parties_end (&p);
}
END_TEST

/* Its commitment is the one that stands in the same place. */
START_TEST (negotiation__offer__unknown_and_weak_groups_are_skipped)
{
  Parties p;

  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (EsXml) payload = NULL;

      parties_init (&p, 901);
      memcpy (p.options_a.groups, (guint[]){ 5, 2, 31, 14, 0 }, 5 * sizeof (guint));
      p.options_a.weak_groups = TRUE;
      p.options_b.weak_groups = round == 1;
      payload = make (&p, ES_MESSAGE_REQUEST);
      if (round == 0)
        set_options (payload, "modp", "99999999999 31x 31 14");
      believe (&p, ES_MESSAGE_REQUEST, payload);
      ck_assert (hand_over (&p, ES_MESSAGE_REQUEST, payload, NULL));
      ck_assert_uint_eq (es_group_number (p.b->terms.suite.group), round == 0 ? 31 : 5);
      ck_assert_uint_eq (p.b->terms.group_index, round == 0 ? 2 : 0);
      for (guint i = 1; i < 4; i++)
        ck_assert (pass (&p, (EsMessage) i, NULL));
      assert_alike (&p);
      parties_end (&p);
    }
}
END_TEST

START_TEST (negotiation__offer__the_first_that_both_know_is_taken)
{
  Parties p;

  parties_init (&p, 902);
  memcpy (p.options_a.groups, (guint[]){ 14, 31, 0 }, 3 * sizeof (guint));
  memcpy (p.options_a.ciphers, (const char *[]){ "aes192-ctr", "aes256-ctr", NULL }, 3 * sizeof (char *));
  memcpy (p.options_a.hashes, (const char *[]){ "sha512", "sha256", NULL }, 3 * sizeof (char *));
  memcpy (p.options_a.sas, (const char *[]){ "sas28x5", "sas28x6", NULL }, 3 * sizeof (char *));
  parties_begin (&p);
  pass_until (&p, 4);
  ck_assert_uint_eq (es_group_number (p.a->terms.suite.group), 14);
  ck_assert_str_eq (p.a->terms.suite.cipher->name, "aes192-ctr");
  ck_assert_str_eq (p.a->terms.suite.hash->name, "sha512");
  ck_assert_str_eq (p.a->terms.suite.sas->name, "sas28x5");
  assert_alike (&p);
  parties_end (&p);
}
END_TEST

/* All of them are named at once, so that the other side need not ask again and again. */
START_TEST (negotiation__offer__names_every_field_that_suits_nobody)
{
  static const Offer offers[] = {
    { "ver", "2.0" },
    { "security", "none c2s tls" },
    { "disclosure", "enabled" },
    { "logging", "sometimes" },
    { "modp", "1 2 5" },
    { "crypt_algs", "rot13" },
    { "hash_algs", "crc32" },
    { "sas_algs", "sas1" },
    { "compress", "zlib lzw gzip" },
    { "stanzas", "gossip" },
    { "init_pubkey", "key hash" },
    { "resp_pubkey", "key hash" },
  };
  g_autoptr (GString) names = g_string_new (NULL);
  Parties p;
  g_autoptr (EsXml) payload = NULL, right = NULL;

  parties_init (&p, 903);
  right = make (&p, ES_MESSAGE_REQUEST);
  payload = es_xml_copy (right);
  for (gsize i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_autoptr (EsXml) one = es_xml_copy (right);

      set_options (one, offers[i].var, offers[i].words);
      assert_refused (&p, ES_MESSAGE_REQUEST, one, ES_ERROR_UNSUPPORTED, offers[i].var);
      set_options (payload, offers[i].var, offers[i].words);
      g_string_append_printf (names, "%s%s", i > 0 ? " " : "", offers[i].var);
    }
  assert_refused (&p, ES_MESSAGE_REQUEST, payload, ES_ERROR_UNSUPPORTED, names->str);
  assert_completes (&p, ES_MESSAGE_REQUEST, right);
  parties_end (&p);
}
END_TEST

static void
double_commitment (EsXml *payload)
{
  EsXml *field = field_in (payload, "dhhashes");

  es_xml_append (field, es_xml_copy (es_xml_child (field, "value", NULL)));
}

/* More or fewer commitments than groups. */
START_TEST (negotiation__offer__has_one_commitment_for_each_group)
{
  Parties p;
  g_autoptr (EsXml) right = NULL, more = NULL, fewer = NULL;

  parties_init (&p, 904);
  memcpy (p.options_a.groups, (guint[]){ 31, 14, 0 }, 3 * sizeof (guint));
  right = make (&p, ES_MESSAGE_REQUEST);
  more = es_xml_copy (right);
  double_commitment (more);
  assert_refused (&p, ES_MESSAGE_REQUEST, more, ES_ERROR_MALFORMED, NULL);
  fewer = es_xml_copy (right);
  es_xml_free (es_xml_steal (field_in (fewer, "dhhashes"), 1));
  assert_refused (&p, ES_MESSAGE_REQUEST, fewer, ES_ERROR_MALFORMED, NULL);
  assert_completes (&p, ES_MESSAGE_REQUEST, right);
  parties_end (&p);
}
END_TEST

static EsXml *
add_field (EsXml *payload, const char *var, gboolean required)
{
  EsXml *field = es_xml_append_new (form_in (payload), "field", NULL);

  es_xml_set_attribute (field, "var", var);
  es_xml_append_new (field, "value", "1");
  if (required)
    es_xml_append_new (field, "required", NULL);
  return field;
}

START_TEST (negotiation__offer__unknown_fields_are_in_order_unless_required)
{
  Parties p;
  g_autoptr (EsXml) right = NULL, payload = NULL;

  parties_init (&p, 905);
  right = make (&p, ES_MESSAGE_REQUEST);
  payload = es_xml_copy (right);
  add_field (payload, "one", TRUE);
  add_field (payload, "two", FALSE);
  add_field (payload, "three", TRUE);
  assert_refused (&p, ES_MESSAGE_REQUEST, payload, ES_ERROR_UNKNOWN_FIELD, "one three");
  add_field (right, "two", FALSE);
  assert_agreed (&p, ES_MESSAGE_REQUEST, right);
  parties_end (&p);
}
END_TEST

/* Values instead of commitments are another protocol; both together are none. */
START_TEST (negotiation__offer__values_instead_of_commitments)
{
  Parties p;
  g_autoptr (EsXml) right = NULL, payload = NULL;

  parties_init (&p, 906);
  right = make (&p, ES_MESSAGE_REQUEST);
  payload = es_xml_copy (right);
  es_xml_set_attribute (field_in (payload, "dhhashes"), "var", "dhkeys");
  assert_refused (&p, ES_MESSAGE_REQUEST, payload, ES_ERROR_UNKNOWN_FIELD, "dhkeys");
  add_field (right, "dhkeys", FALSE);
  assert_refused (&p, ES_MESSAGE_REQUEST, right, ES_ERROR_UNSUPPORTED, "dhkeys dhhashes");
  parties_end (&p);
}
END_TEST

/* The choice: something that was not offered, although it exists and we could do it. */

typedef struct
{
  const char *var, *value;
  EsErrorCode code;
} Chosen;

START_TEST (negotiation__choice__must_have_been_offered)
{
  static const Chosen rows[] = {
    { "ver", "1.1", ES_ERROR_UNSUPPORTED },
    { "disclosure", "enabled", ES_ERROR_UNSUPPORTED },
    { "logging", "may", ES_ERROR_UNSUPPORTED },
    { "logging", "never", ES_ERROR_UNSUPPORTED },
    { "modp", "14", ES_ERROR_UNSUPPORTED },
    { "modp", "5", ES_ERROR_UNSUPPORTED },
    { "modp", "0", ES_ERROR_UNSUPPORTED },
    { "modp", "19", ES_ERROR_UNSUPPORTED },
    { "crypt_algs", "aes192-ctr", ES_ERROR_UNSUPPORTED },
    { "hash_algs", "sha512", ES_ERROR_UNSUPPORTED },
    { "sas_algs", "sas28x5", ES_ERROR_UNSUPPORTED },
    { "compress", "zlib", ES_ERROR_UNSUPPORTED },
    { "stanzas", "iq", ES_ERROR_UNSUPPORTED },
    { "stanzas", "gossip", ES_ERROR_UNSUPPORTED },
    { "init_pubkey", "key", ES_ERROR_UNSUPPORTED },
    { "resp_pubkey", "key", ES_ERROR_UNSUPPORTED },
    { "rekey_freq", "6", ES_ERROR_UNSUPPORTED },
    { "security", "c2s", ES_ERROR_DECLINED },
    { "security", "none", ES_ERROR_DECLINED },
    { "accept", "0", ES_ERROR_DECLINED },
    { "accept", "false", ES_ERROR_DECLINED },
    { "accept", "2", ES_ERROR_MALFORMED },
  };
  Parties p;
  g_autoptr (EsXml) right = NULL;

  parties_init (&p, 910);
  p.options_a.logging = ES_LOGGING_MUST_NOT;
  p.options_a.stanzas = ES_STANZA_MESSAGE | ES_STANZA_PRESENCE;
  p.options_a.sas[1] = NULL;
  p.options_a.rekey_freq = 7;
  right = make (&p, ES_MESSAGE_RESPONSE);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (EsXml) payload = es_xml_copy (right);

      set_text (payload, rows[i].var, rows[i].value);
      assert_refused (&p, ES_MESSAGE_RESPONSE, payload, rows[i].code,
                      rows[i].code == ES_ERROR_UNSUPPORTED ? rows[i].var : NULL);
    }
  assert_completes (&p, ES_MESSAGE_RESPONSE, right);
  parties_end (&p);
}
END_TEST

/* One that was offered beside one that was not. */
START_TEST (negotiation__choice__no_stanzas_beyond_the_offer)
{
  Parties p;
  g_autoptr (EsXml) right = NULL, payload = NULL;

  parties_init (&p, 911);
  p.options_a.stanzas = ES_STANZA_MESSAGE;
  right = make (&p, ES_MESSAGE_RESPONSE);
  payload = es_xml_copy (right);
  es_xml_append_new (field_in (payload, "stanzas"), "value", "iq");
  assert_refused (&p, ES_MESSAGE_RESPONSE, payload, ES_ERROR_UNSUPPORTED, "stanzas");
  assert_completes (&p, ES_MESSAGE_RESPONSE, right);
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__choice__has_one_value)
{
  static const char *const single[] = {
    "accept",    "logging",  "disclosure",  "security",    "modp",    "crypt_algs",
    "hash_algs", "compress", "init_pubkey", "resp_pubkey", "ver",     "rekey_freq",
    "sas_algs",  "my_nonce", "dhkeys",      "nonce",       "counter",
  };
  Parties p;
  g_autoptr (EsXml) right = NULL;

  parties_init (&p, 912);
  right = make (&p, ES_MESSAGE_RESPONSE);
  for (gsize i = 0; i < G_N_ELEMENTS (single); i++)
    {
      g_autoptr (EsXml) twice = es_xml_copy (right), none = es_xml_copy (right);
      g_autofree char *value = value_of (right, single[i]);

      es_xml_append_new (field_in (twice, single[i]), "value", value);
      assert_refused (&p, ES_MESSAGE_RESPONSE, twice, ES_ERROR_MALFORMED, NULL);
      emptied (none, single[i]);
      assert_refused (&p, ES_MESSAGE_RESPONSE, none, ES_ERROR_MALFORMED, NULL);
    }
  assert_completes (&p, ES_MESSAGE_RESPONSE, right);
  parties_end (&p);
}
END_TEST

/* Without any of its fields, a message says too little; nothing has a default. */
START_TEST (negotiation__message__needs_every_field)
{
  EsMessage which = (EsMessage) _i;
  Parties p;
  g_autoptr (EsXml) right = NULL;

  parties_init (&p, 913);
  right = make (&p, which);
  for (guint i = 0; i < es_xml_children (form_in (right))->len; i++)
    {
      g_autoptr (EsXml) payload = es_xml_copy (right);

      es_xml_free (es_xml_steal (form_in (payload), i));
      if (i > 0)
        assert_refused (&p, which, payload, ES_ERROR_MALFORMED, NULL);
      else
        ck_assert (!hand_over (&p, which, payload, NULL)); /* FORM_TYPE: nothing of ours */
    }
  assert_completes (&p, which, right);
  parties_end (&p);
}
END_TEST

/* Yes and no are spelled in two ways (XEP-0004). */
START_TEST (negotiation__accept__is_1_or_true)
{
  static const Chosen rows[] = { { NULL, "0", ES_ERROR_DECLINED }, { NULL, "false", ES_ERROR_DECLINED } };
  EsMessage which = (EsMessage) _i;
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 914);
  payload = make (&p, which);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (EsXml) no = es_xml_copy (payload);

      set_text (no, "accept", rows[i].value);
      assert_refused (&p, which, no, rows[i].code, NULL);
    }
  set_text (payload, "accept", "true");
  if (which == ES_MESSAGE_INITIATOR_ACCEPT)
    sign (&p, which, payload, (Forgery){ NULL });
  else
    believe (&p, which, payload);
  assert_completes (&p, which, payload);
  parties_end (&p);
}
END_TEST

/* Both sides' settings together */

START_TEST (negotiation__stanzas__are_those_that_both_want)
{
  for (guint a = 1; a <= ES_STANZA_ALL; a++)
    for (guint b = 1; b <= ES_STANZA_ALL; b++)
      {
        Parties p;
        g_autoptr (EsXml) payload = NULL;

        parties_init (&p, 920);
        p.options_a.stanzas = a;
        p.options_b.stanzas = b;
        payload = make (&p, ES_MESSAGE_REQUEST);
        if ((a & b) == 0)
          assert_refused (&p, ES_MESSAGE_REQUEST, payload, ES_ERROR_UNSUPPORTED, "stanzas");
        else
          {
            assert_completes (&p, ES_MESSAGE_REQUEST, payload);
            ck_assert_uint_eq (p.a->terms.stanzas, a & b);
            ck_assert_uint_eq (p.b->terms.stanzas, a & b);
          }
        parties_end (&p);
      }
}
END_TEST

START_TEST (negotiation__rekey_freq__is_the_larger_one)
{
  static const guint32 values[] = { 1, 2, 1000, G_MAXUINT32 };

  for (gsize i = 0; i < G_N_ELEMENTS (values) * G_N_ELEMENTS (values); i++)
    {
      Parties p;

      parties_init (&p, 921);
      p.options_a.rekey_freq = values[i / G_N_ELEMENTS (values)];
      p.options_b.rekey_freq = values[i % G_N_ELEMENTS (values)];
      parties_begin (&p);
      pass_until (&p, 4);
      ck_assert_uint_eq (p.a->agreement->rekey_freq, MAX (p.options_a.rekey_freq, p.options_b.rekey_freq));
      ck_assert_uint_eq (p.b->agreement->rekey_freq, p.a->agreement->rekey_freq);
      assert_alike (&p);
      parties_end (&p);
    }
}
END_TEST

START_TEST (negotiation__rekey_freq__has_32_bits)
{
  static const char *const bad[]
      = { "0", "-1", "+1", " 1", "1 ", "1.0", "0x1", "one", "4294967296", "18446744073709551617", "1e3" };
  EsMessage which = (EsMessage) _i;
  Parties p;
  g_autoptr (EsXml) right = NULL;

  parties_init (&p, 922);
  right = make (&p, which);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (EsXml) payload = es_xml_copy (right);

      set_text (payload, "rekey_freq", bad[i]);
      assert_refused (&p, which, payload, ES_ERROR_MALFORMED, NULL);
    }
  assert_completes (&p, which, right);
  parties_end (&p);
}
END_TEST

/* Logging: the offer, whether the responder lets log, the answer; NULL if there is none. */

typedef struct
{
  const char *var, *offer;
  EsLogging responder;
  const char *answer;
} Logging;

START_TEST (negotiation__logging__is_answered_in_the_field_that_asked)
{
  static const Logging rows[] = {
    { "logging", "may mustnot", ES_LOGGING_MAY, "may" },
    { "logging", "mustnot may", ES_LOGGING_MAY, "mustnot" },
    { "logging", "may mustnot", ES_LOGGING_MUST_NOT, "mustnot" },
    { "logging", "mustnot", ES_LOGGING_MAY, "mustnot" },
    { "logging", "may", ES_LOGGING_MAY, "may" },
    { "logging", "may", ES_LOGGING_MUST_NOT, NULL },
    { "logging", "true", ES_LOGGING_MAY, NULL },
    { "otr", "false true", ES_LOGGING_MAY, "false" },
    { "otr", "true false", ES_LOGGING_MAY, "true" },
    { "otr", "false true", ES_LOGGING_MUST_NOT, "true" },
    { "otr", "true", ES_LOGGING_MAY, "true" },
    { "otr", "false", ES_LOGGING_MUST_NOT, NULL },
    { "otr", "mustnot", ES_LOGGING_MAY, NULL },
  };
  const Logging *row = &rows[_i];
  Parties p;
  g_autoptr (EsXml) request = NULL, response = NULL;

  parties_init (&p, 930);
  p.options_b.logging = row->responder;
  request = make (&p, ES_MESSAGE_REQUEST);
  set_options (request, "logging", row->offer);
  es_xml_set_attribute (field_in (request, "logging"), "var", row->var);
  if (row->answer == NULL)
    assert_refused (&p, ES_MESSAGE_REQUEST, request, ES_ERROR_UNSUPPORTED, row->var);
  else
    {
      gboolean must_not = strcmp (row->answer, "mustnot") == 0 || strcmp (row->answer, "true") == 0;
      g_autofree char *answer = NULL;

      ck_assert (hand_over (&p, ES_MESSAGE_REQUEST, request, NULL));
      ck_assert_int_eq (p.b->terms.logging, must_not ? ES_LOGGING_MUST_NOT : ES_LOGGING_MAY);
      response = make_next (&p, ES_MESSAGE_RESPONSE);
      answer = value_of (response, row->var);
      ck_assert_str_eq (answer, row->answer);
    }
  parties_end (&p);
}
END_TEST

/* A field under its new name goes before the one under the old. */
START_TEST (negotiation__logging__new_name_before_the_old)
{
  Parties p;
  g_autoptr (EsXml) request = NULL;

  parties_init (&p, 931);
  request = make (&p, ES_MESSAGE_REQUEST);
  set_options (request, "logging", "may");
  add_field (request, "otr", TRUE);
  believe (&p, ES_MESSAGE_REQUEST, request);
  assert_completes (&p, ES_MESSAGE_REQUEST, request);
  ck_assert_int_eq (p.b->terms.logging, ES_LOGGING_MAY);
  parties_end (&p);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation-options");
  TCase *tcase = tcase_create ("negotiation-options");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, negotiation__offer__is_what_it_is_by_default);
  tcase_add_loop_test (tcase, negotiation__offer__unknown_options_are_skipped, 0, 11);
  tcase_add_test (tcase, negotiation__offer__unknown_and_weak_groups_are_skipped);
  tcase_add_test (tcase, negotiation__offer__the_first_that_both_know_is_taken);
  tcase_add_test (tcase, negotiation__offer__names_every_field_that_suits_nobody);
  tcase_add_test (tcase, negotiation__offer__has_one_commitment_for_each_group);
  tcase_add_test (tcase, negotiation__offer__unknown_fields_are_in_order_unless_required);
  tcase_add_test (tcase, negotiation__offer__values_instead_of_commitments);
  tcase_add_test (tcase, negotiation__choice__must_have_been_offered);
  tcase_add_test (tcase, negotiation__choice__no_stanzas_beyond_the_offer);
  tcase_add_test (tcase, negotiation__choice__has_one_value);
  tcase_add_loop_test (tcase, negotiation__message__needs_every_field, 0, 4);
  tcase_add_loop_test (tcase, negotiation__accept__is_1_or_true, 0, 3);
  tcase_add_test (tcase, negotiation__stanzas__are_those_that_both_want);
  tcase_add_test (tcase, negotiation__rekey_freq__is_the_larger_one);
  tcase_add_loop_test (tcase, negotiation__rekey_freq__has_32_bits, 0, 2);
  tcase_add_loop_test (tcase, negotiation__logging__is_answered_in_the_field_that_asked, 0, 13);
  tcase_add_test (tcase, negotiation__logging__new_name_before_the_old);
  suite_add_tcase (suite, tcase);
  return run_strictly (suite);
}
