/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stanzas: what comes through, and what ends the session. Re-keying has test-es-channel-rekey.c. */
#include "../es-memory.h"
#include "ends.h"

static const struct
{
  guint group;
  const char *cipher, *hash;
  EsDialect dialect;
} suites[] = {
  { 31, "aes256-ctr", "sha256", ES_DIALECT_STRICT }, { 31, "aes128-ctr", "sha512", ES_DIALECT_STRICT },
  { 14, "aes192-ctr", "sha384", ES_DIALECT_STRICT }, { 14, "aes128-ctr", "sha256", ES_DIALECT_STRICT },
  { 14, "aes128-ctr", "sha256", ES_DIALECT_GAJIM },
};

START_TEST (channel__sizes__all_go_through)
{
  static const gsize sizes[] = { 0, 1, 7, 15, 16, 17, 31, 32, 33, 65536, ES_LIMIT_STANZA_OCTETS };
  EsSuite suite = suite_for (suites[_i].group, suites[_i].cipher, suites[_i].hash, suites[_i].dialect);
  Ends ends;

  ends_open (&ends, (guint64) _i, &suite);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *content = content_of (sizes[i]), *there = NULL, *back = NULL;

      ck_assert (content == NULL || es_channel_can_read (NULL, content));
      there = encrypt (ends.a, content, i % 2);
      assert_delivers (ends.b, there, content);
      back = encrypt (ends.b, content, i % 3 == 0);
      assert_delivers (ends.a, back, content);
    }
  ends_clear (&ends);
}
END_TEST

/* The octets in <data/> of one stanza; 0 if there is none. */
static gsize
octets_of_data (const EsXml *c)
{
  const EsXml *data = es_xml_child (c, "data", NULL);
  g_autofree char *encoded = data != NULL ? es_xml_dup_text (data) : NULL;
  g_autoptr (GBytes) octets = encoded != NULL ? es_base64_decode (encoded, 1, ES_LIMIT_STANZA_OCTETS, NULL) : NULL;

  return octets != NULL ? g_bytes_get_size (octets) : 0;
}

/* The same of what is delivered. */
static gsize
assert_delivers_octets (EsChannel *to, const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) c = es_xml_parse (text, strlen (text), &error), inside = NULL;
  gsize octets = octets_of_data (c);
  g_autofree char *content = NULL;

  ck_assert_msg (es_channel_decrypt (to, c, &inside, &error), "%s", error != NULL ? error->message : "");
  content = g_strchomp (inside != NULL ? es_xml_children_to_string (inside) : g_strdup (""));
  ck_assert_str_eq (content, expected != NULL ? expected : "");
  return octets;
}

/* At each length and on both sides of it: of all that is between two of them a server sees the same. */
START_TEST (channel__length__is_one_of_few)
{
  EsSuite suite = suite_for (14, "aes128-ctr", "sha256", _i == 0 ? ES_DIALECT_STRICT : ES_DIALECT_GAJIM);
  Ends ends;
  gsize step = _i == 0 ? 64 : 16, size = 0, walk = step;

  /* Gajim's are sixteen octets apart at any length: from some on only every hundredth is looked at. */
  ends_open (&ends, 40, &suite);
  for (; size <= 70000; size += walk)
    {
      if (_i == 0 && size >= 1024 && (size & (size - 1)) == 0)
        step = size / 8;
      walk = _i == 0 || size < 4096 ? step : 101 * step;
      for (gsize n = MAX (size, 1) - 1; n <= size + 1; n++)
        {
          g_autofree char *content = content_of (n), *text = encrypt (ends.a, content, FALSE);
          gsize expected = n <= size ? n > 0 ? size : 0 : size + step;

          ck_assert_uint_eq (es_channel_size (ends.a, n), expected);
          ck_assert_uint_eq (assert_delivers_octets (ends.b, text, content), expected);
        }
    }
  ends_clear (&ends);
}
END_TEST

/* Whoever wrote it, and whatever white space stands behind. */
START_TEST (channel__any_length__is_read)
{
  Ends ends;

  ends_init (&ends, 41, 31);
  for (guint n = 0; n < 100; n++)
    {
      g_autofree char *content = g_strdup_printf ("<b/>%*s", (int) n, ""), *text = NULL;

      ends.a->pads = FALSE;
      text = encrypt (ends.a, content, FALSE);
      ck_assert_uint_eq (assert_delivers_octets (ends.b, text, "<b/>"), 4 + n);
    }
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__stanza__is_what_the_specification_says)
{
  static const char content[] = "<body>0123456789abcdef</body>";
  Ends ends;
  g_autoptr (EsXml) c = NULL;
  g_autoptr (EsSecret) km = NULL, kc = NULL;
  g_autoptr (GString) covered = g_string_new ("<data>");
  EsCounter before, after;
  guint8 octets[64], mac[32];
  g_autofree char *data = NULL, *encoded = NULL, *expected = NULL, *text = NULL, *nothing = NULL;

  ends_init (&ends, 3, 31);
  km = es_secret_copy (ends.a->sending.mac);
  kc = es_secret_copy (ends.a->sending.cipher);
  before = after = ends.a->own_counter;
  c = es_channel_encrypt (ends.a, content, FALSE, NULL);

  memset (octets, ' ', sizeof octets);
  memcpy (octets, content, strlen (content));
  es_ctr (ends.a->suite.cipher, ES_DIALECT_STRICT, kc, &after, octets, sizeof octets, octets);
  data = g_base64_encode (octets, sizeof octets);
  g_string_append_printf (covered, "%s</data>", data);
  es_hmac (ends.a->suite.hash, ES_PART_SECRET (km),
           (EsPart[]){ ES_PART (covered->str, covered->len), ES_PART (before.octets, 16) }, 2, mac);
  encoded = g_base64_encode (mac, 32);
  expected = g_strdup_printf ("<c xmlns=\"" ES_NS_CRYPT "\">%s<mac>%s</mac></c>", covered->str, encoded);
  text = es_xml_to_string (c, "");
  ck_assert_str_eq (text, expected);

  /* 29 octets become 64, which are four blocks; no octets are one. */
  es_counter_add (&before, 4);
  ck_assert_mem_eq (ends.a->own_counter.octets, before.octets, 16);
  nothing = encrypt (ends.a, NULL, FALSE);
  ck_assert_ptr_null (strstr (nothing, "<data>"));
  es_counter_add (&before, 1);
  ck_assert_mem_eq (ends.a->own_counter.octets, before.octets, 16);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__counter__goes_on_past_its_end)
{
  Ends ends;

  ends_init (&ends, 4, 31);
  memset (ends.a->own_counter.octets, 0xff, ES_COUNTER_OCTETS);
  ends.b->peer_counter = ends.a->own_counter;
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *content = content_of (40), *text = encrypt (ends.a, content, FALSE);

      assert_delivers (ends.b, text, content);
    }
  ck_assert_uint_eq (ends.b->peer_counter.octets[0], 0);
  ck_assert_uint_eq (ends.b->peer_counter.octets[15], 11);
  ends_clear (&ends);
}
END_TEST

/* Nothing moved: what comes next goes through, a re-key with it. */
static void
assert_unchanged (Ends *ends)
{
  g_autofree char *there = encrypt (ends->a, "<b/>", TRUE), *back = NULL;

  assert_delivers (ends->b, there, "<b/>");
  back = encrypt (ends->b, "<b/>", FALSE);
  assert_delivers (ends->a, back, "<b/>");
}

START_TEST (channel__too_large__changes_nothing)
{
  Ends ends;
  g_autofree char *content = content_of (ES_LIMIT_STANZA_OCTETS + 1);
  g_autoptr (GError) error = NULL;

  ends_init (&ends, 10, 31);
  ck_assert_ptr_null (es_channel_encrypt (ends.a, content, TRUE, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  assert_unchanged (&ends);
  ends_clear (&ends);
}
END_TEST

#define SIXTY_OCTETS "0123456789 0123456789 0123456789 0123456789 0123456789 01234"

START_TEST (channel__key_used_up__encrypts_no_more_until_the_next)
{
  Ends ends;
  g_autofree char *last = NULL, *more = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&ends, 15, 31);
  ends.a->n_blocks = ends.b->n_blocks = ES_LIMIT_KEY_BLOCKS - 4;
  ck_assert_ptr_null (es_channel_encrypt (ends.a, "<b>" SIXTY_OCTETS "</b>", FALSE, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  last = encrypt (ends.a, "<b>0123456789 0123456789</b>", TRUE);
  assert_delivers (ends.b, last, "<b>0123456789 0123456789</b>");
  assert_unchanged (&ends);

  /* A side that goes on all the same. */
  ends.b->n_blocks = ES_LIMIT_KEY_BLOCKS;
  more = encrypt (ends.a, "<b/>", FALSE);
  assert_fails (ends.b, more, ES_ERROR_LIMIT);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__every_bit_flip__ends_the_session)
{
  Ends ends;
  g_autofree char *text = NULL;
  g_autoptr (EsXml) before = NULL;
  guint tried = 0;

  ends_init (&ends, 11, 31);
  text = encrypt (ends.a, "<body>attack at dawn</body>", TRUE);
  before = es_xml_parse (text, strlen (text), NULL);
  ends_clear (&ends);

  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autofree char *changed = g_strdup (text), *content = NULL;
      g_autoptr (EsXml) after = NULL;

      changed[i] = (char) (changed[i] ^ 1 << _i);
      after = es_xml_parse (changed, strlen (changed), NULL);

      /* What is no <c/> any more does not get here. */
      if (after == NULL || !es_xml_is (after, "c", ES_NS_CRYPT) || es_xml_equal (before, after))
        continue;
      tried++;
      ends_init (&ends, 11, 31);
      ck_assert_msg (!decrypt (ends.b, changed, &content, NULL), "accepted %s", changed);
      assert_dead (ends.b);
      assert_fails (ends.b, text, ES_ERROR_NO_SESSION);
      ends_clear (&ends);
    }

  /* Of 133 characters of Base64 most make another that can be read, but none without the highest bit, that is UTF-8. */
  ck_assert_uint_ge (tried, _i == 7 ? 0 : 66);
}
END_TEST

START_TEST (channel__swapped_dropped_reflected_or_reordered__ends_the_session)
{
  Ends ends;
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  ends_init (&ends, 12, 31);
  first = encrypt (ends.a, "<b>1</b>", FALSE);
  second = encrypt (ends.a, "<b>2</b>", TRUE);
  if (_i == 0) /* swapped, or the first one dropped */
    {
      assert_fails (ends.b, second, ES_ERROR_CHECK);
      assert_fails (ends.b, first, ES_ERROR_NO_SESSION);
    }
  else if (_i == 1)
    {
      assert_delivers (ends.b, first, "<b>1</b>");
      third = encrypt (ends.a, "<b>3</b>", FALSE);
      assert_fails (ends.b, third, ES_ERROR_CHECK);
    }
  else if (_i == 2)
    {
      assert_fails (ends.a, first, ES_ERROR_CHECK);
      assert_dead (ends.a);
      assert_fails (ends.b, second, ES_ERROR_CHECK);
    }
  else
    {
      g_autoptr (EsXml) c = es_xml_parse (second, strlen (second), NULL);

      assert_delivers (ends.b, first, "<b>1</b>");
      es_xml_append (c, es_xml_steal (c, 0));
      third = es_xml_to_string (c, "");
      assert_fails (ends.b, third, ES_ERROR_CHECK);
    }
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__other_session__ends_the_session)
{
  Ends ends, others;
  g_autofree char *text = NULL;

  ends_init (&ends, 13, 31);
  ends_init (&others, 14, 31);
  text = encrypt (others.a, "<b>1</b>", FALSE);
  assert_fails (ends.b, text, ES_ERROR_CHECK);
  assert_dead (ends.b);
  ends_clear (&ends);
  ends_clear (&others);
}
END_TEST

START_TEST (channel__replayed__is_a_duplicate_as_long_as_it_is_remembered)
{
  Ends ends;
  g_autoptr (GPtrArray) sent = g_ptr_array_new_with_free_func (g_free);

  ends_init (&ends, 14, 31);
  for (guint i = 0; i < ES_LIMIT_SEEN_MACS + 1; i++)
    {
      g_ptr_array_add (sent, encrypt (ends.a, "<b/>", i % 50 == 7));
      assert_delivers (ends.b, sent->pdata[i], "<b/>");
    }
  for (guint i = 1; i < sent->len; i++)
    assert_fails (ends.b, sent->pdata[i], ES_ERROR_DUPLICATE);
  g_ptr_array_add (sent, encrypt (ends.a, "<b>still</b>", FALSE));
  assert_delivers (ends.b, sent->pdata[sent->len - 1], "<b>still</b>");
  ck_assert_uint_eq (ends.b->seen_order.length, ES_LIMIT_SEEN_MACS);

  /* Older than that: no excuse. */
  assert_fails (ends.b, sent->pdata[0], ES_ERROR_CHECK);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

/* A MAC that was seen does not let anything else in. */
START_TEST (channel__replayed__with_other_content_is_still_dropped)
{
  Ends ends;
  g_autofree char *first = NULL, *second = NULL, *mixed = NULL;
  const char *mac = NULL;

  ends_init (&ends, 16, 31);
  first = encrypt (ends.a, "<b>1</b>", FALSE);
  assert_delivers (ends.b, first, "<b>1</b>");
  second = encrypt (ends.a, "<b>2</b>", FALSE);
  mac = strstr (second, "<mac>");
  mixed = g_strdup_printf ("%.*s%s", (int) (mac - second), second, strstr (first, "<mac>"));
  assert_fails (ends.b, mixed, ES_ERROR_DUPLICATE);
  assert_delivers (ends.b, second, "<b>2</b>");
  ends_clear (&ends);
}
END_TEST

/* Nor does it matter what else is wrong. */
START_TEST (channel__replayed__with_anything_beside_it_is_still_dropped)
{
  static const char *const beside[] = { "text",          "<other/>",
                                        "<data></data>", "<data>AA==</data><data>AA==</data>",
                                        "<new>9</new>",  "<key>AQ==</key>" };
  Ends ends;
  g_autofree char *first = NULL, *second = NULL;

  ends_init (&ends, 17, 31);
  first = encrypt (ends.a, "<b>1</b>", FALSE);
  assert_delivers (ends.b, first, "<b>1</b>");
  for (gsize i = 0; i < G_N_ELEMENTS (beside); i++)
    {
      g_autofree char *mixed = g_strdup_printf ("<c xmlns='" ES_NS_CRYPT "'>%s%s", beside[i], strstr (first, "<mac>"));

      assert_fails (ends.b, mixed, ES_ERROR_DUPLICATE);
    }
  second = encrypt (ends.a, "<b>2</b>", FALSE);
  assert_delivers (ends.b, second, "<b>2</b>");
  ends_clear (&ends);
}
END_TEST

/* The other side hands us a value of ours: the one of the negotiation, or of a re-key. */
START_TEST (channel__rekey__own_value_is_refused)
{
  Ends ends;
  g_autofree char *value = NULL, *children = NULL, *text = NULL;
  const EsSet *set = NULL;

  ends_init (&ends, 18, _i < 2 ? 31 : 14);
  if (_i % 2 == 1)
    {
      g_autofree char *there = encrypt (ends.b, "<b/>", TRUE);

      assert_delivers (ends.a, there, "<b/>");
    }
  set = ends.b->sets->pdata[_i % 2];
  value = es_base64_encode (ES_PART_BYTES (set->own_public));
  children = g_strdup_printf ("%s<key>%s</key>", _i % 2 == 1 ? "<new>1</new>" : "", value);
  text = forge (ends.a, children);
  assert_fails (ends.b, text, ES_ERROR_CHECK);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

static const struct
{
  const char *children;
  int code; /* -1: accepted */
} forged[] = {
  { "<old>QUJD</old><old>anything</old>", -1 },
  { "<old></old>", -1 },
  { "", -1 },
  { "<new>1</new>", ES_ERROR_CHECK },
  { "<new>2147483647</new>", ES_ERROR_CHECK },
  { "<new>0</new>", ES_ERROR_MALFORMED },
  { "<new>-1</new>", ES_ERROR_MALFORMED },
  { "<new>+1</new>", ES_ERROR_MALFORMED },
  { "<new>0x1</new>", ES_ERROR_MALFORMED },
  { "<new>99999999999</new>", ES_ERROR_MALFORMED },
  { "<new>18446744073709551617</new>", ES_ERROR_MALFORMED },
  { "<new></new>", ES_ERROR_MALFORMED },
  { "<new>1</new><new>1</new>", ES_ERROR_MALFORMED },
  { "<key>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</key>", ES_ERROR_CHECK },
  { "<key>AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</key>", ES_ERROR_CHECK },
  { "<key>CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</key>", -1 },
  { "<key>AQ==</key>", ES_ERROR_CHECK },
  { "<key>?</key>", ES_ERROR_MALFORMED },
  { "<key></key>", ES_ERROR_MALFORMED },
  { "<key>CQ==</key><key>CQ==</key>", ES_ERROR_MALFORMED },
  { "<data></data>", ES_ERROR_MALFORMED },
  { "<data>A</data>", ES_ERROR_MALFORMED },
  { "<data>QUJD</data><data>QUJD</data>", ES_ERROR_MALFORMED },
  { "<mac>QUJD</mac>", ES_ERROR_MALFORMED },
  { "<other>1</other>", ES_ERROR_MALFORMED },
  { "<other></other>", ES_ERROR_MALFORMED },
  { "text", ES_ERROR_MALFORMED },
  { "<old>QUJD</old>text<old>QUJD</old>", ES_ERROR_MALFORMED },
  { "<mac xmlns='urn:other'>QUJD</mac>", ES_ERROR_MALFORMED },
  { "<old><b/></old>", ES_ERROR_MALFORMED },
  { "<old a='b'>QUJD</old>", ES_ERROR_MALFORMED },
  { "<old xmlns='urn:other'>QUJD</old>", ES_ERROR_MALFORMED },
};

START_TEST (channel__forged_by_the_other_side__ends_the_session)
{
  Ends ends;
  g_autofree char *text = NULL;

  ends_init (&ends, 20, 31);
  text = forge (ends.a, forged[_i].children);
  if (forged[_i].code < 0)
    assert_delivers (ends.b, text, NULL);
  else
    {
      assert_fails (ends.b, text, (EsErrorCode) forged[_i].code);
      assert_dead (ends.b);
    }
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__without_mac__ends_the_session)
{
  static const char *const children[] = { "", "<mac/>", "<mac>?</mac>", "<mac>QUJD</mac>", "text" };
  Ends ends;
  g_autofree char *text = g_strdup_printf ("<c xmlns='" ES_NS_CRYPT "'>%s</c>", children[_i]);

  ends_init (&ends, 25, 31);
  assert_fails (ends.b, text, _i == 3 ? ES_ERROR_CHECK : ES_ERROR_MALFORMED);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

/* 1, p - 1, p, a zero in front, too long; 2 is as good as any to the one who knows the exponent. */
START_TEST (channel__rekey__value_out_of_range_is_refused_in_modp_groups)
{
  guint8 octets[1025] = { 0 };
  gsize size = _i == 0 || _i == 5 ? 1 : _i == 3 ? 2 : _i == 4 ? sizeof octets : 256;
  g_autofree char *text = NULL, *key = NULL, *encoded = NULL;
  Ends ends;

  ends_init (&ends, 24, 14);
  octets[_i == 3 ? 1 : 0] = _i == 5 ? 2 : _i == 3 ? 9 : 1;
  if (size == 256)
    {
      g_autoptr (EsSecret) x = es_secret_new (2);
      g_autoptr (GBytes) power = NULL;
      const guint8 *from = NULL;

      /* 2^2048 mod p is 2^2048 - p, of which p is the complement and one. */
      es_secret_data (x)[0] = 0x08;
      power = es_dh_public (ends.a->suite.group, x);
      from = g_bytes_get_data (power, NULL);
      for (gsize i = 0; i < 256; i++)
        {
          gsize zeros = 256 - g_bytes_get_size (power);

          octets[i] = (guint8) ~(i < zeros ? 0 : from[i - zeros]);
        }
      octets[255] = (guint8) (octets[255] + (_i == 1 ? 0 : 1));
      ck_assert_uint_eq (octets[255], _i == 1 ? 0xfe : 0xff);
    }
  encoded = g_base64_encode (octets, size);
  key = g_strdup_printf ("<key>%s</key>", encoded);
  text = forge (ends.a, key);
  if (_i == 5)
    assert_delivers (ends.b, text, NULL);
  else
    {
      assert_fails (ends.b, text, ES_ERROR_CHECK);
      assert_dead (ends.b);
    }
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__content_that_is_no_content__ends_the_session)
{
  static const char *const contents[] = {
    "<body>",
    "text</x><x xmlns='jabber:client'>",
    "\xff\xfe",
    "<!DOCTYPE a>",
    "<!-- a -->",
    "<?a b?>",
    "<c xmlns='" ES_NS_CRYPT "'/>",
    "<a><b><c xmlns='" ES_NS_CRYPT "'><data>AA==</data></c></b></a>",
    "<b/><x:c xmlns:x='" ES_NS_CRYPT "'/>",
    "<body>&undefined;</body>",
    "<a:b/>",
    "<xml:a/>",
    "<a b:c='1'/>",
    "\x01",
  };
  Ends ends;
  g_autofree char *text = NULL;

  ck_assert (!es_channel_can_read (NULL, contents[_i]));
  ends_init (&ends, 21, 31);
  text = encrypt (ends.a, contents[_i], FALSE);
  assert_fails (ends.b, text, ES_ERROR_MALFORMED);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__content_beyond_the_limits__ends_the_session)
{
  g_autoptr (GString) content = g_string_new ("<b>a");
  Ends ends;
  g_autofree char *text = NULL;

  if (_i == 0) /* a NUL */
    g_string_append_len (content, "\0c</b>", 6);
  else if (_i == 1)
    while (content->len < ES_LIMIT_STANZA_OCTETS)
      g_string_append (content, "<b>");
  else if (_i == 2)
    while (content->len <= ES_LIMIT_STANZA_OCTETS)
      g_string_append (content, "xxxxxxxx");
  else
    {
      for (guint i = 0; content->len < ES_LIMIT_STANZA_OCTETS - 20; i++)
        g_string_append_printf (content, i == 0 ? "<b" : " a%x=''", i);
      g_string_append (content, "/></b>");
    }
  ck_assert (_i == 0 || !es_channel_can_read (NULL, content->str));
  ends_init (&ends, 26, 31);
  text = forge_data (ends.a, content->str, content->len);
  assert_fails (ends.b, text, _i == 1 || _i == 3 ? ES_ERROR_LIMIT : ES_ERROR_MALFORMED);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

/* One of TEXTS: mostly of the first four, which are harmless. */
static const char *
pick (GRand *random, const char *const *texts, gint n)
{
  return texts[g_rand_int_range (random, 0, g_rand_int_range (random, 0, 60) == 0 ? n : 4)];
}

/* A random tree with all that a reader refuses, at the limits and past them. */
static EsXml *
awkward_tree (GRand *random, guint depth)
{
  static char longest[ES_LIMIT_XML_NAME_OCTETS + 1], too_long[ES_LIMIT_XML_NAME_OCTETS + 2];
  static const char *const names[]
      = { "a",  "body", "c",  "x-y.1", longest,    too_long, "xml",   "a:b", "a b", "1a",   "",
          "-a", "_z",   "a>", "a/",    "\xc3\xa4", "a=",     "xmlns", "a\"", "a&",  "xml:a" };
  static const char *const spaces[] = { ES_NS_CLIENT, "urn:a",     "urn:b", "urn:xmpp:receipts", longest,   too_long,
                                        ES_NS_XML,    ES_NS_XMLNS, "",      ES_NS_CRYPT,         "urn:a b", "urn:'&<",
                                        "%",          "\xc3\xa4",  "\x01",  "http://[",          "urn:\"" };
  static const gint many[]
      = { 0, 1, 2, 3, ES_LIMIT_XML_ATTRIBUTES - 1, ES_LIMIT_XML_ATTRIBUTES, ES_LIMIT_XML_ATTRIBUTES + 1 };
  EsXml *xml = NULL;
  gint n_attributes = many[g_rand_int_range (random, 0, g_rand_int_range (random, 0, 40) == 0 ? 7 : 3)];
  /* Some go far down. */
  guint below = depth > 3 && g_rand_int_range (random, 0, 40) > 0 ? 0 : (guint) g_rand_int_range (random, 0, 3);

  memset (longest, 'l', sizeof longest - 1);
  memset (too_long, 'l', sizeof too_long - 1);
  memcpy (longest, "l:", g_rand_boolean (random) ? 2 : 0);
  memcpy (too_long, "l:", g_rand_boolean (random) ? 2 : 0);
  xml = es_xml_new (pick (random, names, G_N_ELEMENTS (names)), pick (random, spaces, G_N_ELEMENTS (spaces)));
  for (gint i = 0; i < n_attributes; i++)
    {
      g_autofree char *name = n_attributes > 3 ? g_strdup_printf ("a%d", i) : g_strdup (pick (random, names, 20));

      es_xml_set_attribute_ns (xml, name, i % 2 == 0 ? NULL : pick (random, spaces, G_N_ELEMENTS (spaces)), "<&'\">\n");
    }
  if (g_rand_boolean (random))
    es_xml_append_text (xml, "]]>&<\r\xc2\x85 \x02", -1);
  for (; below > 0; below--)
    es_xml_append (xml, awkward_tree (random, depth + 1));
  return xml;
}

/* XML inside N elements. */
static EsXml *
wrap (EsXml *xml, guint n, const char *const *spaces)
{
  for (; n > 0; n--)
    {
      EsXml *outer = es_xml_new ("a", spaces[n % 2]);

      es_xml_append (outer, xml);
      xml = outer;
    }
  return xml;
}

/* What the elements tell is what reading their text tells. */
START_TEST (channel__can_read__is_the_same_of_elements_and_of_text)
{
  static const char *const spaces[] = { "urn:a", "urn:b" }, *const same[] = { "urn:a", "urn:a" };
  GRand *random = g_rand_new_with_seed ((guint32) _i);
  guint n_plain = 0, n_readable = 0, n_refused = 0;

  for (guint i = 0; i < 800; i++)
    {
      g_autoptr (EsXml) inside = es_xml_new ("x", ES_NS_CLIENT);
      g_autofree char *content = NULL;
      gboolean readable = FALSE;

      for (gint n = g_rand_int_range (random, 0, 3); n >= 0; n--)
        {
          guint depth = g_rand_int_range (random, 0, 10) > 0 ? 0 : (guint) g_rand_int_range (random, 58, 65);

          es_xml_append (inside, wrap (awkward_tree (random, 0), depth, g_rand_boolean (random) ? spaces : same));
        }
      content = es_xml_children_to_string (inside);
      readable = es_channel_can_read (NULL, content);
      ck_assert_int_eq (es_channel_can_read (inside, content), readable);
      ck_assert (readable || !es_xml_is_plain (inside) || es_xml_contains (inside, "c", ES_NS_CRYPT));
      n_plain += es_xml_is_plain (inside);
      n_readable += readable;
      n_refused += !readable;
    }
  ck_assert_uint_gt (n_plain, 100);
  ck_assert_uint_gt (n_readable, n_plain);
  ck_assert_uint_gt (n_refused, 100);
  g_rand_free (random);
}
END_TEST

/* A reader looks at namespaces closely: at what is a URI and what is not. */
START_TEST (channel__can_read__knows_namespaces)
{
  static const char octets[] = "aaz1:::///..#-_%?@[";
  GRand *random = g_rand_new_with_seed (7);
  guint n_plain = 0, n_refused = 0;

  for (guint i = 0; i < 30000; i++)
    {
      char space[14] = "";
      gint n = g_rand_int_range (random, 1, sizeof space);
      g_autoptr (EsXml) inside = es_xml_new ("x", ES_NS_CLIENT);
      g_autofree char *content = NULL;
      gboolean readable = FALSE;

      for (gint j = 0; j < n - 1; j++)
        space[j] = octets[g_rand_int_range (random, 0, sizeof octets - 1)];
      if (i % 3 == 0)
        memcpy (space, "urn:", MIN (n, 4));
      if (i % 3 == 1)
        memcpy (space, "h://", MIN (n, 4));
      if (i % 2 == 0)
        es_xml_append (inside, es_xml_new ("a", space));
      else
        es_xml_set_attribute_ns (es_xml_append_new (inside, "a", NULL), "b", space, "");
      content = es_xml_children_to_string (inside);
      readable = es_channel_can_read (NULL, content);
      ck_assert_msg (es_channel_can_read (inside, content) == readable, "%s", space);
      n_plain += es_xml_is_plain (inside);
      n_refused += !readable;
    }
  ck_assert_uint_gt (n_plain, 500);
  ck_assert_uint_gt (n_refused, 500);
  g_rand_free (random);
}
END_TEST

/* At each limit the elements tell it, and one past it only the text. */
START_TEST (channel__can_read__knows_the_limits)
{
  static const char *const same[] = { ES_NS_CLIENT, ES_NS_CLIENT };
  guint past = (guint) _i % 2;
  g_autoptr (EsXml) inside = es_xml_new ("x", ES_NS_CLIENT);
  EsXml *at = es_xml_append_new (inside, "body", NULL);
  g_autofree char *content = NULL;

  if (_i < 2)
    es_xml_append (at, wrap (es_xml_new ("a", ES_NS_CLIENT), ES_LIMIT_XML_DEPTH - 3 + past, same));
  else if (_i < 4)
    for (guint i = 0; i < ES_LIMIT_XML_NODES - 2 + past; i++)
      es_xml_append_new (at, "a", NULL);
  else
    for (guint i = 0; i < (_i < 6 ? ES_LIMIT_XML_NAMESPACES - 1 : ES_LIMIT_XML_ATTRIBUTES) + past; i++)
      {
        g_autofree char *name = g_strdup_printf ("a%u", i), *space = g_strdup_printf ("urn:%u", i);

        if (_i < 6 && i % 32 == 31)
          at = es_xml_append_new (at, "a", NULL);
        es_xml_set_attribute_ns (at, name, _i < 6 ? space : NULL, "1");
      }
  content = es_xml_children_to_string (inside);
  ck_assert_int_eq (es_xml_is_plain (inside), past == 0);
  ck_assert_int_eq (es_channel_can_read (NULL, content), past == 0);
  ck_assert_int_eq (es_channel_can_read (inside, content), past == 0);
}
END_TEST

/* What was inside is wiped, also where it turns out to be nothing that may be there. */
START_TEST (channel__content__leaves_nothing_behind)
{
  static const char *const contents[] = { "<body>%s</body>", "<body>%s", "<body>%s</body><!-- -->",
                                          "<a b='%s'/><c xmlns='" ES_NS_CRYPT "'/>", "<a b='%s' b=''/>" };
  Ends ends;
  g_autofree char *text = NULL;
  char *content = NULL;
  g_autoptr (EsXml) c = NULL;
  EsXml *inside = NULL;

  ends_init (&ends, 27, 31);
  content = with_secret (contents[_i]);
  ck_assert_int_eq (es_channel_can_read (NULL, content), _i == 0);
  text = encrypt (ends.a, content, FALSE);
  es_octets_wipe (content, strlen (content));
  g_free (content);
  ck_assert (!memory_holds_secret ());
  c = es_xml_parse (text, strlen (text), NULL);
  ck_assert_int_eq (es_channel_decrypt (ends.b, c, &inside, NULL), _i == 0);
  ck_assert_int_eq (memory_holds_secret (), _i == 0);
  es_xml_free (inside);
  ck_assert (!memory_holds_secret ());
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__white_space__is_nothing)
{
  Ends ends;
  g_autofree char *text = NULL, *there = NULL;
  g_autoptr (GString) loose = g_string_new (NULL);
  gboolean in_tag = FALSE;

  /* All four children, and <new/> with a value. */
  ends_init (&ends, 22, 31);
  there = encrypt (ends.b, "<b>0</b>", TRUE);
  assert_delivers (ends.a, there, "<b>0</b>");
  text = encrypt (ends.a, "<b>1</b>", TRUE);
  for (const char *name = "data new key old mac"; name != NULL; name = strchr (name, ' '))
    {
      g_autofree char *tag = NULL;

      name += *name == ' ' ? 1 : 0;
      tag = g_strdup_printf ("<%.*s>", (int) strcspn (name, " "), name);
      ck_assert_msg (strstr (text, tag) != NULL, "no %s in %s", tag, text);
    }
  for (const char *c = text; *c != '\0'; c++)
    {
      in_tag = *c == '<' || (in_tag && *c != '>');
      g_string_append_c (loose, *c);
      if (!in_tag)
        g_string_append (loose, c[1] != '\0' ? "\r\n\t " : "");
    }
  assert_delivers (ends.b, loose->str, "<b>1</b>");
  assert_fails (ends.b, text, ES_ERROR_DUPLICATE);
  assert_fails (ends.b, loose->str, ES_ERROR_DUPLICATE);
  ends_clear (&ends);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("channel");
  TCase *tcase = tcase_create ("channel");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, channel__sizes__all_go_through, 0, G_N_ELEMENTS (suites));
  tcase_add_loop_test (tcase, channel__length__is_one_of_few, 0, 2);
  tcase_add_test (tcase, channel__any_length__is_read);
  tcase_add_test (tcase, channel__stanza__is_what_the_specification_says);
  tcase_add_test (tcase, channel__counter__goes_on_past_its_end);
  tcase_add_test (tcase, channel__too_large__changes_nothing);
  tcase_add_test (tcase, channel__key_used_up__encrypts_no_more_until_the_next);
  tcase_add_loop_test (tcase, channel__every_bit_flip__ends_the_session, 0, 8);
  tcase_add_loop_test (tcase, channel__swapped_dropped_reflected_or_reordered__ends_the_session, 0, 4);
  tcase_add_test (tcase, channel__other_session__ends_the_session);
  tcase_add_test (tcase, channel__replayed__is_a_duplicate_as_long_as_it_is_remembered);
  tcase_add_test (tcase, channel__replayed__with_other_content_is_still_dropped);
  tcase_add_test (tcase, channel__replayed__with_anything_beside_it_is_still_dropped);
  tcase_add_loop_test (tcase, channel__rekey__own_value_is_refused, 0, 4);
  tcase_add_loop_test (tcase, channel__forged_by_the_other_side__ends_the_session, 0, G_N_ELEMENTS (forged));
  tcase_add_loop_test (tcase, channel__without_mac__ends_the_session, 0, 5);
  tcase_add_loop_test (tcase, channel__rekey__value_out_of_range_is_refused_in_modp_groups, 0, 6);
  tcase_add_loop_test (tcase, channel__content_that_is_no_content__ends_the_session, 0, 14);
  tcase_add_loop_test (tcase, channel__content_beyond_the_limits__ends_the_session, 0, 4);
  tcase_add_loop_test (tcase, channel__can_read__is_the_same_of_elements_and_of_text, 0, 8);
  tcase_add_test (tcase, channel__can_read__knows_namespaces);
  tcase_add_loop_test (tcase, channel__can_read__knows_the_limits, 0, 8);
  tcase_add_loop_test (tcase, channel__content__leaves_nothing_behind, 0, 5);
  tcase_add_test (tcase, channel__white_space__is_nothing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
