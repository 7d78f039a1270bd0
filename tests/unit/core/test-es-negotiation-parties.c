/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "forging.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define CAROL "carol@example.net"

static void
know (EsNegotiation *n, const char *own, const char *other)
{
  g_autoptr (EsAddress) mine = es_address_new (own), theirs = es_address_new (other);

  es_negotiation_set_parties (n, mine, theirs);
}

/* Alice, who asks whom she believes to be A_ASKS, and Bob, who was asked by whom he believes to be B_HEARS. */
static void
begin (Parties *p, guint64 seed, const char *a_asks, const char *b_hears)
{
  parties_init (p, seed);
  parties_begin (p);
  if (a_asks != NULL)
    know (p->a, ALICE "/desk", a_asks);
  if (b_hears != NULL)
    know (p->b, BOB "/phone", b_hears);
}

static void
set_values (EsXml *payload, const char *const *values)
{
  EsXml *field = emptied (payload, "parties");

  for (; *values != NULL; values++)
    es_xml_append_new (field, "value", *values);
}

/* Both ends as they end. */
static void
assert_parties (Parties *p, gboolean expected)
{
  g_autoptr (EsAgreement) a = es_negotiation_steal_agreement (p->a);
  g_autoptr (EsAgreement) b = es_negotiation_steal_agreement (p->b);

  ck_assert_int_eq (a->parties, expected);
  ck_assert_int_eq (b->parties, expected);
}

START_TEST (parties__both_say__both_know)
{
  static const char *const spellings[] = { BOB "/phone", BOB, "BOB@Example.COM/x" };
  g_autofree char *request = NULL, *response = NULL;
  Parties p;

  begin (&p, 1000, spellings[_i], "Alice@EXAMPLE.org/other");
  request = create_text (&p, ES_MESSAGE_REQUEST, NULL);
  ck_assert_ptr_nonnull (strstr (request, "<field type=\"hidden\" var=\"parties\"><value>" ALICE "</value><value>" BOB
                                          "</value></field></x>"));
  ck_assert (consume_text (&p, ES_MESSAGE_REQUEST, request, strlen (request), NULL));
  response = create_text (&p, ES_MESSAGE_RESPONSE, NULL);
  ck_assert_ptr_nonnull (
      strstr (response, "<field var=\"parties\"><value>" ALICE "</value><value>" BOB "</value></field></x>"));
  ck_assert (consume_text (&p, ES_MESSAGE_RESPONSE, response, strlen (response), NULL));
  ck_assert (pass (&p, ES_MESSAGE_INITIATOR_ACCEPT, NULL) && pass (&p, ES_MESSAGE_RESPONDER_ACCEPT, NULL));
  assert_parties (&p, TRUE);
  parties_end (&p);
}
END_TEST

/* An older program on either side, or Gajim: nothing is refused, and nothing is proved. */
START_TEST (parties__one_side_is_silent__nothing_is_proved)
{
  static const struct
  {
    const char *a, *b;
    gboolean gajim;
    gboolean asked; /* the request names them */
  } rows[] = {
    { NULL, NULL, FALSE, FALSE }, { NULL, ALICE, FALSE, FALSE }, { BOB, NULL, FALSE, TRUE }, { BOB, ALICE, TRUE, FALSE }
  };
  Parties p;

  begin (&p, 1001, rows[_i].a, rows[_i].b);
  if (rows[_i].gajim)
    {
      p.a->options.dialect = p.b->options.dialect = ES_DIALECT_GAJIM;
      p.a->options.ciphers[0] = "aes128-ctr";
      p.a->options.ciphers[1] = NULL;
    }
  for (guint i = 0; i < 4; i++)
    {
      g_autofree char *text = create_text (&p, (EsMessage) i, NULL);

      ck_assert_int_eq (strstr (text, "parties") != NULL, i == 0 && rows[_i].asked);
      ck_assert (consume_text (&p, (EsMessage) i, text, strlen (text), NULL));
    }
  assert_parties (&p, FALSE);
  parties_end (&p);
}
END_TEST

/* Carol passes Alice's request, made for her, on to Bob in her own name. */
START_TEST (parties__request_for_somebody_else__is_refused_before_anything_else)
{
  static const struct
  {
    const char *asked, *heard;
  } rows[] = { { CAROL, ALICE }, { BOB, CAROL }, { CAROL, CAROL } };
  g_autoptr (EsXml) request = NULL;
  Parties p;

  begin (&p, 1002, rows[_i].asked, rows[_i].heard);
  request = make_next (&p, ES_MESSAGE_REQUEST);
  assert_refused (&p, ES_MESSAGE_REQUEST, request, ES_ERROR_PARTIES, NULL);
  set_options (request, "modp", "99");
  assert_refused (&p, ES_MESSAGE_REQUEST, request, ES_ERROR_PARTIES, NULL);
  parties_end (&p);
}
END_TEST

/* The same field, written by somebody who may write what he likes. */
static const struct
{
  const char *values[4];
  EsErrorCode code;
} written[] = {
  { { ALICE, CAROL }, ES_ERROR_PARTIES }, { { CAROL, BOB }, ES_ERROR_PARTIES },
  { { BOB, ALICE }, ES_ERROR_PARTIES },   { { ALICE "/desk", BOB }, ES_ERROR_PARTIES },
  { { ALICE, "@" }, ES_ERROR_PARTIES },   { { ALICE }, ES_ERROR_MALFORMED },
  { { ALICE, "" }, ES_ERROR_MALFORMED },  { { ALICE, BOB, BOB }, ES_ERROR_MALFORMED },
  { { NULL }, ES_ERROR_MALFORMED },
};

START_TEST (parties__other_values__are_refused)
{
  for (guint which = ES_MESSAGE_REQUEST; which <= ES_MESSAGE_RESPONSE; which++)
    {
      g_autoptr (EsXml) payload = NULL;
      Parties p;

      begin (&p, 1003, BOB, ALICE);
      pass_until (&p, which);
      payload = make_next (&p, (EsMessage) which);
      set_values (payload, written[_i].values);
      assert_refused (&p, (EsMessage) which, payload, written[_i].code, NULL);
      parties_end (&p);
    }
}
END_TEST

START_TEST (parties__another_spelling__is_the_same)
{
  static const char *const values[] = { "ALICE@example.ORG", "b\xc2\xadob@\xef\xbd\x85xample.com", NULL };
  g_autoptr (EsXml) request = NULL;
  Parties p;

  begin (&p, 1004, BOB, ALICE);
  request = make_next (&p, ES_MESSAGE_REQUEST);
  set_values (request, values);
  believe (&p, ES_MESSAGE_REQUEST, request);
  assert_completes (&p, ES_MESSAGE_REQUEST, request);
  parties_end (&p);
}
END_TEST

/* Whoever takes the field out on the way is found by the MACs. */
START_TEST (parties__taken_out__is_noticed)
{
  for (guint which = ES_MESSAGE_REQUEST; which <= ES_MESSAGE_RESPONSE; which++)
    {
      g_autoptr (EsXml) payload = NULL;
      g_autoptr (GError) error = NULL;
      Parties p;

      begin (&p, 1005, BOB, ALICE);
      pass_until (&p, which);
      payload = make_next (&p, (EsMessage) which);
      es_xml_free (es_xml_steal (form_in (payload), es_xml_children (form_in (payload))->len - 1));
      ck_assert (hand_over (&p, (EsMessage) which, payload, NULL));
      for (guint i = which + 1; i < 4 && error == NULL; i++)
        pass (&p, (EsMessage) i, &error);
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_CHECK));
      parties_end (&p);
    }
}
END_TEST

/* Required by its writer, it is a field like any other that we know. */
START_TEST (parties__required__is_no_trouble)
{
  for (guint round = 0; round < 2; round++)
    {
      g_autoptr (EsXml) request = NULL;
      Parties p;

      begin (&p, 1006, BOB, round == 0 ? ALICE : NULL);
      request = make_next (&p, ES_MESSAGE_REQUEST);
      es_xml_append_new (field_in (request, "parties"), "required", NULL);
      believe (&p, ES_MESSAGE_REQUEST, request);
      assert_completes (&p, ES_MESSAGE_REQUEST, request);
      parties_end (&p);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation-parties");
  TCase *tcase = tcase_create ("negotiation-parties");

  tcase_add_loop_test (tcase, parties__both_say__both_know, 0, 3);
  tcase_add_loop_test (tcase, parties__one_side_is_silent__nothing_is_proved, 0, 4);
  tcase_add_loop_test (tcase, parties__request_for_somebody_else__is_refused_before_anything_else, 0, 3);
  tcase_add_loop_test (tcase, parties__other_values__are_refused, 0, G_N_ELEMENTS (written));
  tcase_add_test (tcase, parties__another_spelling__is_the_same);
  tcase_add_test (tcase, parties__taken_out__is_noticed);
  tcase_add_test (tcase, parties__required__is_no_trouble);
  suite_add_tcase (suite, tcase);
  return run_strictly (suite);
}
