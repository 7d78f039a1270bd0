/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-limits.h"
#include "forging.h"

/* The table: every role, state and message, created and consumed. */

static gboolean
is_step (EsRole role, EsNegotiationState state, EsMessage message, gboolean create)
{
  static const EsNegotiationState states[2][4] = {
    { ES_NEGOTIATION_NEW, ES_NEGOTIATION_REQUESTED, ES_NEGOTIATION_ANSWERED, ES_NEGOTIATION_ACCEPTED },
    { ES_NEGOTIATION_NEW, ES_NEGOTIATION_ASKED, ES_NEGOTIATION_RESPONDED, ES_NEGOTIATION_CHECKED },
  };

  return states[role][message] == state && create == (role == (message % 2 == 0 ? 0 : 1));
}

START_TEST (negotiation__step__only_where_the_table_has_it)
{
  EsRole role = (EsRole) (_i / 9);
  EsNegotiationState state = (EsNegotiationState) (_i % 9);
  guint n_steps = 0;

  for (guint i = 0; i < 8; i++)
    {
      EsMessage message = (EsMessage) (i / 2);
      Parties p;
      g_autoptr (EsXml) payload = NULL, created = NULL;
      g_autoptr (GError) error = NULL;
      EsNegotiation *n = NULL, before;

      if (is_step (role, state, message, i % 2 == 0))
        {
          n_steps++;
          continue;
        }
      parties_init (&p, 700);
      payload = make (&p, message);
      n = role == ES_ROLE_INITIATOR ? p.a : p.b;
      n->state = state;
      before = *n;
      if (i % 2 == 0)
        created = es_negotiation_create (n, message, &error);
      else
        ck_assert (!es_negotiation_consume (n, message, payload, &error));
      ck_assert_ptr_null (created);
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
      ck_assert_mem_eq (&before, n, sizeof before);
      parties_end (&p);
    }
  ck_assert_uint_le (n_steps, 1);
}
END_TEST

/* Each message goes to both sides, and twice; the negotiation goes on as if nothing had been. */
START_TEST (negotiation__message__counts_once_and_for_one_side)
{
  Parties p;

  parties_init (&p, 701);
  parties_begin (&p);
  for (guint i = 0; i < 4; i++)
    {
      g_autoptr (EsXml) payload = make_next (&p, (EsMessage) i);
      EsNegotiation *both[] = { p.a, p.b };

      ck_assert (hand_over (&p, (EsMessage) i, payload, NULL));
      for (gsize k = 0; k < 2; k++)
        {
          EsNegotiation before = *both[k];
          g_autoptr (GError) error = NULL;

          ck_assert (!es_negotiation_consume (both[k], (EsMessage) i, payload, &error));
          ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_UNEXPECTED));
          ck_assert_mem_eq (&before, both[k], sizeof before);
        }
    }
  assert_alike (&p);
  parties_end (&p);
}
END_TEST

/* What nobody need notice */

static char *
replaced (const char *text, const char *what, const char *by)
{
  g_auto (GStrv) parts = g_strsplit (text, what, -1);

  return g_strjoinv (by, parts);
}

static char *
respelled (const char *text, guint way)
{
  g_autofree char *first = NULL, *second = NULL;

  switch (way)
    {
    case 0: /* quotes */
      return replaced (text, "\"", "'");
    case 1: /* white space between elements and inside tags */
      first = replaced (text, "><field", ">\n\t <field");
      second = replaced (first, "</field>", "\r\n</field >");
      return replaced (second, "<required/>", " <required  />\n");
    case 2: /* empty elements as pairs */
      return replaced (text, "<required/>", "<required></required>");
    case 3: /* the order of attributes */
      first = replaced (text, "type=\"hidden\" var=\"my_nonce\"", "var=\"my_nonce\" type=\"hidden\"");
      return replaced (first, "xmlns=\"jabber:x:data\" type=", "label=\"x\" xmlns=\"jabber:x:data\" type=");
    case 4: /* references and CDATA */
      first = replaced (text, "urn:xmpp:ssn", "<![CDATA[urn:]]>&#x78;mpp:ssn");
      return replaced (first, "=</value>", "&#61;</value>");
    case 5: /* a prefix; what else is in the form belongs to it */
      first = replaced (text, "<x xmlns=", "<d:x xmlns:d=\"jabber:x:data\" xmlns=");
      return replaced (first, "</x>", "</d:x>");
    default: /* white space in the Base64 of the two fields that no MAC covers as text */
      first = replaced (text, "var=\"identity\"><value>", "var=\"identity\"><value>\n ");
      return replaced (first, "var=\"mac\"><value>", "var=\"mac\"><value>\t\r\n");
    }
}

START_TEST (negotiation__another_spelling__is_accepted)
{
  EsMessage which = (EsMessage) (_i / 7);
  Parties p;
  g_autoptr (EsXml) payload = NULL, other = NULL;
  g_autofree char *text = NULL, *changed = NULL, *before = NULL, *after = NULL;

  parties_init (&p, 702);
  payload = make (&p, which);
  text = es_xml_to_string (payload, "");
  changed = respelled (text, (guint) _i % 7);
  other = es_xml_parse (changed, strlen (changed), NULL);
  ck_assert_ptr_nonnull (other);
  before = es_xml_normalize_form (form_in (payload), ES_DIALECT_STRICT, NULL);
  after = es_xml_normalize_form (form_in (other), ES_DIALECT_STRICT, NULL);
  ck_assert_str_eq (before, after);
  assert_completes (&p, which, other);
  parties_end (&p);
}
END_TEST

/* A value that its sender broke over lines is covered by the MACs with its line breaks. */
START_TEST (negotiation__value_with_line_breaks__is_accepted)
{
  Parties p;
  g_autoptr (EsXml) payload = NULL;
  g_autofree char *text = NULL, *broken = NULL;

  parties_init (&p, 703);
  p.options_a.groups[0] = 14;
  payload = make (&p, ES_MESSAGE_RESPONSE);
  text = es_base64_encode (ES_PART_BYTES (p.b->d));
  broken = g_strdup_printf ("\n  %.64s\r\n\t%s\n", text, text + 64);
  set_text (payload, "dhkeys", broken);
  believe (&p, ES_MESSAGE_RESPONSE, payload);
  assert_completes (&p, ES_MESSAGE_RESPONSE, payload);
  parties_end (&p);
}
END_TEST

/* Every two children of the form, or of its fields, swapped; every value cut at every octet. */

/* Delivers PAYLOAD for message WHICH and carries on as far as that goes. */
static void
assert_not_done (Parties *p, EsMessage which, const EsXml *payload)
{
  gboolean alive = hand_over (p, which, payload, NULL);

  for (guint i = which + 1u; alive && i < 4; i++)
    alive = pass (p, (EsMessage) i, NULL);
  ck_assert_int_ne (es_negotiation_state (receiver_of (p, which)), ES_NEGOTIATION_DONE);
}

static gpointer *
nth_place (EsXml *payload, guint level, guint n)
{
  const GPtrArray *fields = es_xml_children (form_in (payload));

  if (level == 0)
    return n < fields->len ? &fields->pdata[n] : NULL;
  for (guint i = 0; i < fields->len; i++)
    {
      const GPtrArray *children = es_xml_children (fields->pdata[i]);

      if (n < children->len)
        return &children->pdata[n];
      n -= children->len;
    }
  return NULL;
}

static void
offer_much (Parties *p)
{
  parties_init (p, 704);
  p->options_a.hashes[1] = "sha512";
  p->options_a.ciphers[2] = "aes192-ctr";
}

START_TEST (negotiation__every_two_swapped__is_refused)
{
  EsMessage which = (EsMessage) (_i / 2);
  guint level = (guint) _i % 2, refused = 0, done = 0;

  for (guint i = 0, j = 1;; j++)
    {
      Parties p;
      g_autoptr (EsXml) payload = NULL, original = NULL;
      gpointer *left = NULL, *right = NULL, swap = NULL;
      gboolean same = FALSE;

      offer_much (&p);
      payload = make (&p, which);
      original = es_xml_copy (payload);
      left = nth_place (payload, level, i);
      right = nth_place (payload, level, j);
      if (right != NULL)
        {
          swap = *left;
          *left = *right;
          *right = swap;
          same = says_the_same (payload, original);
          if (same)
            assert_completes (&p, which, payload);
          else
            assert_not_done (&p, which, payload);
          *(same ? &done : &refused) += 1;
        }
      parties_end (&p);
      if (right == NULL && j == i + 1)
        break;
      if (right == NULL)
        j = ++i;
    }
  ck_assert_uint_ge (refused, 7);

  /* The requests and responses say "none" more than once; the others hold two fields that may stand anywhere. */
  ck_assert_int_eq (done > 0, (level == 1) == (which <= ES_MESSAGE_RESPONSE));
  g_debug ("swaps: %u refused, %u of the same", refused, done);
}
END_TEST

static const char *const octet_fields[4][8] = {
  { "my_nonce", "dhhashes" },
  { "my_nonce", "dhkeys", "nonce", "counter" },
  { "nonce", "dhkeys", "rshashes", "identity", "mac" },
  { "nonce", "srshash", "identity", "mac" },
};

START_TEST (negotiation__every_value_cut_short__is_refused)
{
  EsMessage which = (EsMessage) _i;
  guint n = 0;

  for (guint k = 0; octet_fields[which][k] != NULL; k++)
    for (gsize size = 0; size < 33; size++)
      {
        const char *var = octet_fields[which][k];
        Parties p;
        g_autoptr (EsXml) payload = NULL;
        g_autofree char *text = NULL;
        g_autoptr (GBytes) octets = NULL;

        parties_init (&p, 705);
        payload = make (&p, which);
        text = es_xml_dup_text (es_xml_child (field_in (payload, var), "value", NULL));
        octets = es_base64_decode (text, 0, 100, NULL);
        if (size != g_bytes_get_size (octets))
          {
            guint8 copy[33] = { 0 };

            memcpy (copy, g_bytes_get_data (octets, NULL), g_bytes_get_size (octets));
            set_octets (payload, var, copy, size);
            assert_not_done (&p, which, payload);
            n++;
          }
        parties_end (&p);
      }
  ck_assert_uint_ge (n, 64);
}
END_TEST

START_TEST (negotiation__bad_base64__is_malformed)
{
  static const char *const bad[] = {
    "",         "A",          "AA",           "AAA",      "AA=",      "A===",     "====",         "AAAA=",
    "AB==",     "AAB=",       "AA==AA==",     "AA=A",     "AA-_",     "AA.A",     "AAAA\xc3\xa4", "%41AA",
    "AA======", "AAAAAAAAAA", "=AAAAAAAAAAA", "A=======", "========", "AAAA====",
  };

  for (guint which = 0; which < 4; which++)
    for (guint k = 0; octet_fields[which][k] != NULL; k++)
      {
        Parties p;
        g_autoptr (EsXml) payload = NULL;

        parties_init (&p, 706);
        payload = make (&p, (EsMessage) which);
        for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
          {
            g_autoptr (EsXml) changed = es_xml_copy (payload);

            set_text (changed, octet_fields[which][k], bad[i]);
            assert_refused (&p, (EsMessage) which, changed, ES_ERROR_MALFORMED, NULL);
          }
        assert_completes (&p, (EsMessage) which, payload);
        parties_end (&p);
      }
}
END_TEST

/* The form of one message does for no other, nor does its element. */
START_TEST (negotiation__kind_or_element_of_another__is_malformed)
{
  static const char *const kinds[] = { "form", "submit", "result", "cancel", "", NULL };
  EsMessage which = (EsMessage) _i;
  Parties p;
  g_autoptr (EsXml) right = NULL, other = NULL;
  g_autoptr (GError) error = NULL;
  const char *kind = NULL;

  parties_init (&p, 707);
  right = make (&p, which);
  kind = es_xml_attribute (form_in (right), "type");
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (EsXml) changed = es_xml_copy (right);
      EsNegotiation before = *receiver_of (&p, which);

      if (g_strcmp0 (kind, kinds[i]) == 0)
        continue;
      es_xml_set_attribute (form_in (changed), "type", kinds[i]);
      g_clear_error (&error);
      ck_assert (!es_negotiation_consume (receiver_of (&p, which), which, changed, &error));
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
      ck_assert_mem_eq (&before, receiver_of (&p, which), sizeof before);
    }

  other
      = which == ES_MESSAGE_RESPONDER_ACCEPT ? es_xml_new ("feature", ES_NS_FEATURE) : es_xml_new ("init", ES_NS_INIT);
  es_xml_append (other, es_xml_copy (form_in (right)));
  g_clear_error (&error);
  ck_assert (!es_negotiation_consume (receiver_of (&p, which), which, other, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
  ck_assert (!hand_over (&p, which, other, NULL));
  assert_completes (&p, which, right);
  parties_end (&p);
}
END_TEST

/* The two fields that are in no MAC, where nobody checks them. */
START_TEST (negotiation__identity_or_mac__only_where_they_are_checked)
{
  EsMessage which = (EsMessage) (_i / 2);
  Parties p;
  g_autoptr (EsXml) right = NULL, changed = NULL;

  parties_init (&p, 708);
  right = make (&p, which);
  changed = es_xml_copy (right);
  es_form_add (form_in (changed), _i % 2 == 0 ? "identity" : "mac", NULL, "AAAA");
  assert_refused (&p, which, changed, ES_ERROR_MALFORMED, NULL);
  assert_completes (&p, which, right);
  parties_end (&p);
}
END_TEST

/* A value that is compared is as wrong when it is long: the check has failed. */
START_TEST (negotiation__value_far_too_long__is_a_failed_check)
{
  static const struct
  {
    EsMessage which;
    const char *var;
  } rows[] = {
    { ES_MESSAGE_RESPONSE, "nonce" },         { ES_MESSAGE_RESPONSE, "dhkeys" },
    { ES_MESSAGE_INITIATOR_ACCEPT, "nonce" }, { ES_MESSAGE_INITIATOR_ACCEPT, "dhkeys" },
    { ES_MESSAGE_INITIATOR_ACCEPT, "mac" },   { ES_MESSAGE_INITIATOR_ACCEPT, "identity" },
    { ES_MESSAGE_RESPONDER_ACCEPT, "nonce" }, { ES_MESSAGE_RESPONDER_ACCEPT, "srshash" },
    { ES_MESSAGE_RESPONDER_ACCEPT, "mac" },   { ES_MESSAGE_RESPONDER_ACCEPT, "identity" },
  };
  guint8 octets[5000] = { 1 };
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 709);
  payload = make (&p, rows[_i].which);
  set_octets (payload, rows[_i].var, octets, sizeof octets);
  assert_refused (&p, rows[_i].which, payload, ES_ERROR_CHECK, NULL);
  parties_end (&p);
}
END_TEST

/* Nobody depends on the order of fields, as long as their sender stands by it. */
START_TEST (negotiation__fields_in_reverse__are_accepted)
{
  EsMessage which = (EsMessage) _i;
  Parties p;
  g_autoptr (EsXml) payload = NULL;
  EsXml *x = NULL;

  parties_init (&p, 713);
  payload = make (&p, which);
  x = form_in (payload);
  for (guint n = es_xml_children (x)->len; n > 0; n--)
    es_xml_append (x, es_xml_steal (x, n - 1));
  if (which <= ES_MESSAGE_RESPONSE)
    believe (&p, which, payload);
  else
    sign (&p, which, payload, (Forgery){ NULL });
  assert_completes (&p, which, payload);
  parties_end (&p);
}
END_TEST

/* Lengths at their ends, in messages that their senders stand by */

START_TEST (negotiation__nonce__has_8_to_64_octets)
{
  static const gsize sizes[] = { 0, 1, 7, 8, 9, 63, 64, 65 };
  EsMessage which = (EsMessage) (_i % 2);
  gsize size = sizes[_i / 2];
  guint8 nonce[65];
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  memset (nonce, 0xe5, sizeof nonce);
  parties_init (&p, 710);
  payload = make (&p, which);
  set_octets (payload, "my_nonce", nonce, size);
  if (size < ES_LIMIT_NONCE_MIN || size > ES_LIMIT_NONCE_MAX)
    assert_refused (&p, which, payload, ES_ERROR_MALFORMED, NULL);
  else
    {
      believe (&p, which, payload);
      assert_completes (&p, which, payload);
    }
  parties_end (&p);
}
END_TEST

START_TEST (negotiation__counter__is_padded_on_the_left)
{
  gsize size = (gsize) _i;
  guint8 octets[17];
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  memset (octets, 0xa7, sizeof octets);
  parties_init (&p, 711);
  payload = make (&p, ES_MESSAGE_RESPONSE);
  set_octets (payload, "counter", octets, size);
  if (size == 0 || size > ES_COUNTER_OCTETS)
    assert_refused (&p, ES_MESSAGE_RESPONSE, payload, ES_ERROR_MALFORMED, NULL);
  else
    {
      EsCounter padded = { { 0 } };

      memcpy (padded.octets + ES_COUNTER_OCTETS - size, octets, size);
      believe (&p, ES_MESSAGE_RESPONSE, payload);
      p.b->counter_a = p.b->counter_b = padded;
      p.b->counter_b.octets[0] ^= 0x80;
      assert_completes (&p, ES_MESSAGE_RESPONSE, payload);
    }
  parties_end (&p);
}
END_TEST

typedef struct
{
  const guint8 *octets;
  gsize n, used;
} Script;

static void
fill_from_script (gpointer data, guint8 *out, gsize size)
{
  Script *script = data;

  ck_assert_uint_le (script->used + size, script->n);
  memcpy (out, script->octets + script->used, size);
  script->used += size;
}

/* Both would lose their first octet somewhere: C_A as 0x00, C_B as 0x80 with its highest bit changed. */
START_TEST (negotiation__counter__is_drawn_again)
{
  static const guint8 first[] = { 0x00, 0x80, 0x80, 0x00, 0x81 };
  guint8 drawn[32 + 32 + sizeof first * ES_COUNTER_OCTETS];
  Script script = { drawn, sizeof drawn, 0 };
  EsRandom random = { fill_from_script, &script };
  Parties p;

  memset (drawn, 0x55, sizeof drawn);
  for (gsize i = 0; i < sizeof first; i++)
    drawn[64 + i * ES_COUNTER_OCTETS] = first[i];
  parties_init (&p, 712);
  parties_begin (&p);
  ck_assert (pass (&p, ES_MESSAGE_REQUEST, NULL));
  p.b->random = &random;
  ck_assert (pass (&p, ES_MESSAGE_RESPONSE, NULL));
  p.b->random = &p.source_b;
  ck_assert_uint_eq (script.used, script.n);
  ck_assert_uint_eq (p.a->counter_a.octets[0], 0x81);
  ck_assert_uint_eq (p.a->counter_b.octets[0], 0x01);
  ck_assert (pass (&p, ES_MESSAGE_INITIATOR_ACCEPT, NULL) && pass (&p, ES_MESSAGE_RESPONDER_ACCEPT, NULL));
  assert_alike (&p);
  parties_end (&p);
}
END_TEST

/* Limits of a form */

static EsXml *
add_field (EsXml *payload, const char *var)
{
  EsXml *field = es_xml_append_new (form_in (payload), "field", NULL);

  es_xml_set_attribute (field, "var", var);
  return field;
}

static void
assert_taken (Parties *p, EsXml *payload)
{
  believe (p, ES_MESSAGE_REQUEST, payload);
  assert_completes (p, ES_MESSAGE_REQUEST, payload);
}

START_TEST (negotiation__form__has_64_fields_and_64_values)
{
  gboolean over = _i % 2 != 0;
  Parties p;
  g_autoptr (EsXml) payload = NULL;

  parties_init (&p, 720);
  payload = make (&p, ES_MESSAGE_REQUEST);
  if (_i / 2 == 0)
    for (guint n = es_xml_children (form_in (payload))->len; n < ES_LIMIT_FORM_FIELDS + (over ? 1 : 0); n++)
      {
        g_autofree char *var = g_strdup_printf ("more-%u", n);

        add_field (payload, var);
      }
  else
    {
      EsXml *field = add_field (payload, "more");

      for (guint n = 0; n < ES_LIMIT_FIELD_VALUES + (over ? 1 : 0); n++)
        es_xml_append_new (field, "value", "v");
    }
  if (over)
    assert_refused (&p, ES_MESSAGE_REQUEST, payload, ES_ERROR_LIMIT, NULL);
  else
    assert_taken (&p, payload);
  parties_end (&p);
}
END_TEST

/* To the octet, as one value, as a label that is read by nobody, and as the name of a field. */
START_TEST (negotiation__form__has_64_kib)
{
  gboolean over = _i % 2 != 0;
  Parties p;
  g_autoptr (EsXml) payload = NULL;
  g_autofree char *before = NULL, *filling = NULL, *name = NULL;
  EsXml *field = NULL, *value = NULL;

  parties_init (&p, 721);
  payload = make (&p, ES_MESSAGE_REQUEST);
  field = add_field (payload, "more");
  es_xml_set_attribute (field, "label", "x");
  value = es_xml_append_new (field, "value", "x");
  before = es_xml_normalize_form (form_in (payload), ES_DIALECT_STRICT, NULL);
  filling = g_strnfill (ES_LIMIT_FORM_OCTETS - strlen (before) + 1 + (over ? 1 : 0), 'x');
  if (_i / 2 == 0)
    {
      es_xml_free (es_xml_steal (value, 0));
      es_xml_append_text (value, filling, -1);
    }
  else if (_i / 2 == 1)
    es_xml_set_attribute (field, "label", filling);
  else
    {
      name = g_strconcat ("mor", filling, NULL);
      es_xml_set_attribute (field, "var", name);
    }
  if (over)
    assert_refused (&p, ES_MESSAGE_REQUEST, payload, ES_ERROR_LIMIT, NULL);
  else
    assert_taken (&p, payload);
  parties_end (&p);
}
END_TEST

/* The end of a session */

static void
assert_termination (const char *inside, const char *kind, const char *reason)
{
  g_autoptr (EsXml) content = es_xml_parse_content (inside, strlen (inside), NULL);
  const char *said = "nothing";
  const char *found = es_termination_recognize (content, &said);

  ck_assert_pstr_eq (found, kind);
  if (kind != NULL)
    ck_assert_str_eq (said, reason);
  ck_assert_pstr_eq (es_termination_recognize (content, NULL), kind);
}

#define END(kind, fields)                                                                                              \
  "<feature xmlns='" ES_NS_FEATURE "'><x xmlns='jabber:x:data' type='" kind "'>"                                       \
  "<field var='FORM_TYPE'><value>urn:xmpp:ssn</value></field>" fields "</x></feature>"
#define FIELD(var, value) "<field var='" var "'><value>" value "</value></field>"

START_TEST (termination__form__says_why)
{
  static const struct
  {
    const char *inside, *kind, *reason;
  } rows[] = {
    { END ("submit", FIELD ("terminate", "1")), "submit", "user" },
    { END ("submit", FIELD ("terminate", "true") FIELD ("reason", "user")), "submit", "user" },
    { END ("submit", FIELD ("terminate", "1") FIELD ("reason", "offline")), "submit", "offline" },
    { END ("submit", FIELD ("reason", "offline") FIELD ("terminate", "1")), "submit", "offline" },
    { END ("submit", FIELD ("terminate", "1") FIELD ("reason", "Offline")), "submit", "user" },
    { END ("submit", FIELD ("terminate", "1") FIELD ("reason", "")), "submit", "user" },
    { END ("submit",
           FIELD ("terminate", "1") "<field var='reason'><value>offline</value><value>offline</value></field>"),
      "submit", "user" },
    { END ("result", FIELD ("terminate", "1")), "result", "user" },
    { END ("form", FIELD ("terminate", "1")), NULL, NULL },
    { END ("", FIELD ("terminate", "1")), NULL, NULL },
    { END ("submit", FIELD ("terminate", "0")), NULL, NULL },
    { END ("submit", FIELD ("reason", "offline")), NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    assert_termination (rows[i].inside, rows[i].kind, rows[i].reason);
}
END_TEST

START_TEST (termination__new__is_recognized)
{
  static const char *const rows[][2] = { { "submit", "user" }, { "submit", "offline" }, { "result", NULL } };
  g_autoptr (EsXml) form = es_termination_new (rows[_i][0], rows[_i][1]);
  g_autofree char *text = es_xml_to_string (form, ""), *field = g_strdup_printf ("<value>%s<", rows[_i][1]);

  ck_assert_int_eq (strstr (text, "reason") != NULL, rows[_i][1] != NULL);
  ck_assert_int_eq (strstr (text, field) != NULL, rows[_i][1] != NULL);
  assert_termination (text, rows[_i][0], rows[_i][1] != NULL ? rows[_i][1] : "user");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("negotiation-edges");
  TCase *tcase = tcase_create ("negotiation-edges");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, negotiation__step__only_where_the_table_has_it, 0, 2 * 9);
  tcase_add_test (tcase, negotiation__message__counts_once_and_for_one_side);
  tcase_add_loop_test (tcase, negotiation__another_spelling__is_accepted, 0, 4 * 7);
  tcase_add_test (tcase, negotiation__value_with_line_breaks__is_accepted);
  tcase_add_loop_test (tcase, negotiation__every_two_swapped__is_refused, 0, 4 * 2);
  tcase_add_loop_test (tcase, negotiation__every_value_cut_short__is_refused, 0, 4);
  tcase_add_test (tcase, negotiation__bad_base64__is_malformed);
  tcase_add_loop_test (tcase, negotiation__kind_or_element_of_another__is_malformed, 0, 4);
  tcase_add_loop_test (tcase, negotiation__identity_or_mac__only_where_they_are_checked, 0, 4);
  tcase_add_loop_test (tcase, negotiation__value_far_too_long__is_a_failed_check, 0, 10);
  tcase_add_loop_test (tcase, negotiation__fields_in_reverse__are_accepted, 0, 4);
  tcase_add_loop_test (tcase, negotiation__nonce__has_8_to_64_octets, 0, 8 * 2);
  tcase_add_loop_test (tcase, negotiation__counter__is_padded_on_the_left, 0, 18);
  tcase_add_test (tcase, negotiation__counter__is_drawn_again);
  tcase_add_loop_test (tcase, negotiation__form__has_64_fields_and_64_values, 0, 4);
  tcase_add_loop_test (tcase, negotiation__form__has_64_kib, 0, 6);
  tcase_add_test (tcase, termination__form__says_why);
  tcase_add_loop_test (tcase, termination__new__is_recognized, 0, 3);
  suite_add_tcase (suite, tcase);
  return run_strictly (suite);
}
