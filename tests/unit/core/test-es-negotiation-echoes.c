/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A server that hands Alice her own words as somebody else's. Bob stands here for her other account, or for herself: what is
 * remembered is one for the whole process. */
#include "forging.h"

/* One request that was sent, by somebody whose words are in ECHOES. */
static EsXml *
sent_request (guint64 seed, EsEchoes *echoes)
{
  Parties p;
  EsXml *request = NULL;

  parties_init (&p, seed);
  memcpy (p.options_a.groups, (guint[]){ 31, 14, 0 }, 3 * sizeof (guint));
  parties_begin (&p);
  es_negotiation_set_echoes (p.a, echoes);
  request = make_next (&p, ES_MESSAGE_REQUEST);
  parties_end (&p);
  return request;
}

static void
begin (Parties *p, guint64 seed, EsEchoes *echoes)
{
  parties_init (p, seed);
  parties_begin (p);
  es_negotiation_set_echoes (p->a, echoes);
  es_negotiation_set_echoes (p->b, echoes);
}

static void
assert_echo (EsEchoes *echoes, const EsXml *request, gboolean expected)
{
  Parties p;

  ck_assert_int_eq (es_negotiation_is_echo (echoes, request, NULL, NULL), expected);
  begin (&p, 1100, echoes);
  if (expected)
    assert_refused (&p, ES_MESSAGE_REQUEST, request, ES_ERROR_ECHO, NULL);
  else
    ck_assert (hand_over (&p, ES_MESSAGE_REQUEST, request, NULL));
  parties_end (&p);
}

/* Takes the value at INDEX of the field VAR from FROM and puts it into TO, in another spelling. */
static void
graft (EsXml *to, const EsXml *from, const char *var, const char *as, guint index)
{
  g_autofree char *value = es_xml_dup_text (es_xml_children (field_in (from, var))->pdata[index]);
  g_autofree char *spelled = g_strdup_printf ("\n %.10s\t%s ", value, value + 10);
  EsXml *place = es_xml_children (field_in (to, as))->pdata[index % es_xml_children (field_in (to, as))->len];

  es_xml_free (es_xml_steal (place, 0));
  es_xml_append_text (place, spelled, -1);
}

START_TEST (echoes__own_request__is_dropped)
{
  g_autoptr (EsEchoes) echoes = es_echoes_new (), others = es_echoes_new ();
  g_autoptr (EsXml) request = sent_request (1101, echoes);

  assert_echo (echoes, request, TRUE);
  assert_echo (others, request, FALSE);

  /* Whatever else is wrong with it. */
  set_options (request, "modp", "99");
  assert_echo (echoes, request, TRUE);
}
END_TEST

/* One word of ours among somebody else's is enough. */
START_TEST (echoes__one_own_word__is_dropped)
{
  static const struct
  {
    const char *var;
    guint index;
  } words[] = { { "my_nonce", 0 }, { "dhhashes", 0 }, { "dhhashes", 1 } };
  g_autoptr (EsEchoes) echoes = es_echoes_new (), others = es_echoes_new ();
  g_autoptr (EsXml) own = sent_request (1102, echoes), request = sent_request (1103, others);

  assert_echo (echoes, request, FALSE);
  graft (request, own, words[_i].var, words[_i].var, words[_i].index);
  assert_echo (echoes, request, TRUE);
}
END_TEST

/* What we answered with: the nonce, and d as a commitment or as a value. */
START_TEST (echoes__own_answer__is_dropped_as_a_request)
{
  g_autoptr (EsEchoes) echoes = es_echoes_new (), others = es_echoes_new ();
  g_autoptr (EsXml) request = sent_request (1104, others);
  Parties p;

  begin (&p, 1105, NULL);
  es_negotiation_set_echoes (p.b, echoes);
  pass_until (&p, 2);
  if (_i == 0)
    set_octets (request, "my_nonce", g_bytes_get_data (p.b->nonce_b, NULL), 32);
  else if (_i == 1)
    {
      EsPart part = ES_PART_BYTES (p.b->d);
      guint8 hash[ES_HASH_MAX_OCTETS];

      es_hash (es_hash_find ("sha256"), &part, 1, hash);
      set_octets (request, "dhhashes", hash, 32);
    }
  else
    {
      es_xml_set_attribute (field_in (request, "dhhashes"), "var", "dhkeys");
      set_octets (request, "dhkeys", g_bytes_get_data (p.b->d, NULL), g_bytes_get_size (p.b->d));
    }
  parties_end (&p);
  assert_echo (echoes, request, TRUE);
}
END_TEST

/* d is the initiator's own e, of this negotiation or of another. */
START_TEST (echoes__own_value_as_d__is_a_failed_check)
{
  g_autoptr (EsEchoes) echoes = es_echoes_new ();
  g_autoptr (EsXml) payload = NULL;
  GBytes *value = NULL;
  Parties p, before;

  begin (&before, 1106, NULL);
  pass_until (&before, 2);
  es_echoes_add (echoes, before.a->e, NULL, NULL);
  es_echoes_add (echoes, before.b->d, NULL, NULL);
  begin (&p, 1107, NULL);
  pass_until (&p, ES_MESSAGE_RESPONSE);
  payload = make_next (&p, ES_MESSAGE_RESPONSE);
  value = _i == 0 ? p.a->publics->pdata[0] : _i == 1 ? before.a->e : before.b->d;
  set_octets (payload, "dhkeys", g_bytes_get_data (value, NULL), g_bytes_get_size (value));
  if (_i > 0)
    es_negotiation_set_echoes (p.a, echoes);
  assert_refused (&p, ES_MESSAGE_RESPONSE, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
  parties_end (&before);
}
END_TEST

/* e is the responder's own d, which the other side cannot have committed to, unless it could choose. */
START_TEST (echoes__own_value_as_e__is_a_failed_check)
{
  g_autoptr (EsEchoes) echoes = es_echoes_new ();
  g_autoptr (EsXml) payload = NULL;
  g_autoptr (EsSecret) shared = NULL, k = NULL;
  GBytes *value = NULL;
  EsPart part;
  guint8 hash[ES_HASH_MAX_OCTETS];
  Parties p, before;

  begin (&before, 1108, NULL);
  pass_until (&before, 2);
  es_echoes_add (echoes, before.b->d, NULL, NULL);
  begin (&p, 1109, NULL);
  pass_until (&p, ES_MESSAGE_INITIATOR_ACCEPT);
  payload = make_next (&p, ES_MESSAGE_INITIATOR_ACCEPT);
  value = _i == 0 ? p.b->d : before.b->d;
  part = ES_PART_BYTES (value);
  es_hash (es_hash_find ("sha256"), &part, 1, hash);
  g_bytes_unref (p.b->commitment);
  p.b->commitment = g_bytes_new (hash, 32);
  set_octets (payload, "dhkeys", part.data, part.size);
  shared = es_dh_shared (p.b->terms.suite.group, p.b->exponent, NULL, value, NULL);
  k = es_keys_provisional (&p.b->terms.suite, shared);
  sign (&p, ES_MESSAGE_INITIATOR_ACCEPT, payload, (Forgery){ .k = k, .public_value = value });

  if (_i == 1)
    es_negotiation_set_echoes (p.b, echoes);
  assert_refused (&p, ES_MESSAGE_INITIATOR_ACCEPT, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
  parties_end (&before);
}
END_TEST

/* Who only remembers his own words talks to others as ever. */
START_TEST (echoes__two_processes__agree)
{
  g_autoptr (EsEchoes) first = es_echoes_new (), second = es_echoes_new ();
  Parties p;

  for (guint64 round = 0; round < 3; round++)
    {
      parties_init (&p, 1110 + round);
      parties_begin (&p);
      es_negotiation_set_echoes (p.a, first);
      es_negotiation_set_echoes (p.b, second);
      pass_until (&p, 4);
      assert_alike (&p);
      parties_end (&p);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation-echoes");
  TCase *tcase = tcase_create ("negotiation-echoes");

  tcase_add_test (tcase, echoes__own_request__is_dropped);
  tcase_add_loop_test (tcase, echoes__one_own_word__is_dropped, 0, 3);
  tcase_add_loop_test (tcase, echoes__own_answer__is_dropped_as_a_request, 0, 3);
  tcase_add_loop_test (tcase, echoes__own_value_as_d__is_a_failed_check, 0, 3);
  tcase_add_loop_test (tcase, echoes__own_value_as_e__is_a_failed_check, 0, 2);
  tcase_add_test (tcase, echoes__two_processes__agree);
  suite_add_tcase (suite, tcase);
  return run_strictly (suite);
}
