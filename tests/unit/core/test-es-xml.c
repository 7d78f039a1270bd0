/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml.h"

#include "es-error.h"
#include "es-limits.h"

#include <time.h>

#include "../es-test.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

static EsXml *
parse (const char *text)
{
  return es_xml_parse (text, strlen (text), NULL);
}

static void
assert_refused (const char *text, gsize size, EsErrorCode code)
{
  g_autoptr (GError) error = NULL;

  ck_assert_msg (es_xml_parse (text, size, &error) == NULL, "accepted %.100s", text);
  ck_assert_int_eq (error->code, (int) code);
}

static const char *const bad[] = {
  "",
  " ",
  "text",
  "<a>",
  "<a></b>",
  "<a/><b/>",
  "<a/>text",
  "text<a/>",
  "<a/><",
  "<a/>&",
  "<a/><!---->",
  "<!----><a/>",
  "<a/><?b?>",
  "<?b?><a/>",
  "<a/><![CDATA[]]>",
  "</a>",
  "<a",
  "<a//>",
  "< a/>",
  "<1/>",
  "<:a/>",
  "<p:/>",
  "<p:q:a xmlns:p='u'/>",
  "<a b='1' b='2'/>",
  "<a xmlns:p='u' xmlns:q='u' p:b='1' q:b='2'/>",
  "<a xmlns='u' xmlns='v'/>",
  "<a b='1'c='2'/>",
  "<a b/>",
  "<a b='1/>",
  "<a b=1/>",
  "<p:a/>",
  "<a p:b='1'/>",
  "<!DOCTYPE a><a/>",
  "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
  "<!DOCTYPE a [<!ENTITY e 'lol'><!ENTITY f '&e;&e;&e;&e;'><!ENTITY g '&f;&f;&f;&f;'>]><a>&g;</a>",
  "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
  "<a>&e;</a>",
  "<a b='&e;'/>",
  "<a>&lt</a>",
  "<a>&;</a>",
  "<a>& </a>",
  "<a><!-- comment --></a>",
  "<a><?target content?></a>",
  "<a>&#0;</a>",
  "<a>&#1;</a>",
  "<a>&#x1F;</a>",
  "<a>&#xD800;</a>",
  "<a>&#xDFFF;</a>",
  "<a>&#xFFFE;</a>",
  "<a>&#xFFFF;</a>",
  "<a>&#x110000;</a>",
  "<a>&#x100000041;</a>",
  "<a>&#4294967361;</a>",
  "<a>&#;</a>",
  "<a>&#x;</a>",
  "<a>&#65</a>",
  "<a b='&#0;'/>",
  "<a b='&#xFFFE;'/>",
  "<a>\x01</a>",
  "<a>\xff</a>",
  "<a>\xc0\x80</a>",
  "<a>\xed\xa0\x80</a>",
  "<a>\xef\xbf\xbe</a>",
  "<a>\xf4\x90\x80\x80</a>",
  "<a>\xe4\xbd</a>",
  "<a b='\xff'/>",
  "<a\xff/>",
  "<a>]]></a>",
  "<a b='<'/>",
  "<a xmlns:p=''/>",
  "<xmlns:a/>",
  "<a xmlns:xmlns='u'/>",
  "<a xmlns:xml='u'/>",
  "<a xmlns='" NS_XML "'/>",
};

START_TEST (xml__parse__refuses_what_is_not_well_formed_or_forbidden)
{
  assert_refused (bad[_i], strlen (bad[_i]), ES_ERROR_MALFORMED);
}
END_TEST

START_TEST (xml__parse__refuses_other_encodings_and_nul)
{
  static const char utf16[] = "\xff\xfe<\0a\0/\0>\0", utf16be[] = "\0<\0a\0/\0>", nul[] = "<a>\0</a>", end[] = "<a/>\0";

  assert_refused (utf16, sizeof utf16 - 1, ES_ERROR_MALFORMED);
  assert_refused (utf16be, sizeof utf16be - 1, ES_ERROR_MALFORMED);
  assert_refused (nul, sizeof nul - 1, ES_ERROR_MALFORMED);
  assert_refused (end, sizeof end - 1, ES_ERROR_MALFORMED);
}
END_TEST

/* Whatever the text says of itself. */
START_TEST (xml__parse__takes_everything_for_utf8)
{
  static const char *const encodings[] = { "ISO-8859-1", "UTF-16", "UTF-7", "windows-1252", "EBCDIC-US", "none" };
  g_autofree char *utf8 = g_strdup_printf ("<?xml version='1.0' encoding='%s'?><a>\xc3\xa9+AGI-</a>", encodings[_i]);
  g_autofree char *latin1 = g_strdup_printf ("<?xml version='1.0' encoding='%s'?><a>\xe9</a>", encodings[_i]);
  g_autoptr (EsXml) xml = parse (utf8);
  g_autofree char *text = xml != NULL ? es_xml_dup_text (xml) : NULL;

  ck_assert (text == NULL || g_str_equal (text, "\xc3\xa9+AGI-"));
  assert_refused (latin1, strlen (latin1), ES_ERROR_MALFORMED);
}
END_TEST

START_TEST (xml__parse__refuses_every_truncation)
{
  static const char text[] = "<a xmlns='urn:a' b='c'><d>e &amp; f</d><![CDATA[g]]><p:h xmlns:p='urn:p' p:i='j'/></a>";

  for (gsize size = 0; size < strlen (text); size++)
    assert_refused (text, size, ES_ERROR_MALFORMED);
  g_autoptr (EsXml) whole = parse (text);
  ck_assert_ptr_nonnull (whole);
}
END_TEST

static char *
repeat (const char *what, guint times, const char *before, const char *after)
{
  GString *text = g_string_new (before);

  while (times-- > 0)
    g_string_append (text, what);
  g_string_append (text, after);
  return g_string_free (text, FALSE);
}

START_TEST (xml__parse__has_limits)
{
  g_autofree char *open = repeat ("<a>", ES_LIMIT_XML_DEPTH, "", ""),
                  *close = repeat ("</a>", ES_LIMIT_XML_DEPTH, "", "");
  g_autofree char *deep = g_strconcat (open, close, NULL), *deeper = g_strconcat ("<a>", open, close, "</a>", NULL);
  g_autofree char *many = repeat ("<b/>", ES_LIMIT_XML_NODES - 1, "<a>", "</a>");
  g_autofree char *more = repeat ("<b/>", ES_LIMIT_XML_NODES, "<a>", "</a>");
  g_autofree char *large = repeat ("xxxxxxxx", 300000, "<a>", "</a>");
  g_autoptr (EsXml) fits = parse (deep), fits_too = parse (many);

  ck_assert (fits != NULL && fits_too != NULL);
  assert_refused (deeper, strlen (deeper), ES_ERROR_LIMIT);
  assert_refused (more, strlen (more), ES_ERROR_LIMIT);
  assert_refused (large, strlen (large), ES_ERROR_LIMIT);
}
END_TEST

static char *
with_attributes (guint plain, guint in_namespaces)
{
  GString *text = g_string_new ("<a xmlns='urn:a'");

  for (guint i = 0; i < plain; i++)
    g_string_append_printf (text, " a%u=\"1'>\"", i);
  for (guint i = 0; i < in_namespaces; i++)
    g_string_append_printf (text, " xmlns:p%u='urn:p:%u' p%u:b='\">'", i, i, i);
  g_string_append (text, "><![CDATA[<b c='\"1' d=\"]]></a>");
  return g_string_free (text, FALSE);
}

START_TEST (xml__parse__has_limits_for_attributes)
{
  g_autofree char *most = with_attributes (ES_LIMIT_XML_ATTRIBUTES, 0);
  g_autofree char *most_of_all = with_attributes (0, ES_LIMIT_XML_ATTRIBUTES);
  g_autofree char *more = with_attributes (ES_LIMIT_XML_ATTRIBUTES + 1, 0);
  g_autofree char *mixed = with_attributes (1, ES_LIMIT_XML_ATTRIBUTES);
  g_autofree char *elements = repeat ("<b c='1' d='2'></b>", ES_LIMIT_XML_TAG_VALUES, "<a>", "</a>");
  g_autofree char *quotes = repeat ("\"' ", ES_LIMIT_XML_TAG_VALUES + 1, "<a><![CDATA[<b ", "]]>\"'<c d=''/>'</a>");
  g_autoptr (EsXml) a = parse (most), b = parse (most_of_all), c = parse (elements), d = parse (quotes);

  ck_assert (a != NULL && b != NULL && c != NULL && d != NULL);
  ck_assert_uint_eq (es_xml_n_attributes (a), ES_LIMIT_XML_ATTRIBUTES);
  ck_assert_uint_eq (es_xml_n_attributes (b), ES_LIMIT_XML_ATTRIBUTES);
  assert_refused (more, strlen (more), ES_ERROR_LIMIT);
  assert_refused (mixed, strlen (mixed), ES_ERROR_LIMIT);
}
END_TEST

static const struct
{
  const char *before, *format, *after;
} floods[] = {
  { "", "<a>", "" },
  { "", "<a%x>", "" },
  { "<a", " a%x=''", "/>" },
  { "<a", " a%x=''", "" },
  { "<a xmlns:p='u'", " p:a%x=''", "/>" },
  { "<a", " p:a%x=''", "/>" },
  { "<a", " xmlns:a%x='u'", "/>" },
  { "<?xml version='1.0' a=\"?><a", " a%x=''", "/>" },
  { "<a><b></b \"><c", " a%x=''", "/></a>" },
  { "<a><!-- \" --><c", " a%x=''", "/></a>" },
  { "<!DOCTYPE a \"><c", " a%x=''", "/>" },
  { "<a><?b \"?><c", " a%x=''", "/></a>" },
  { "<a b\"><c", " a%x=''", "/></a>" },
  { "<a><![CDATA[\"]]><c", " a%x=''", "/></a>" },
  { "<a><![CDATA \"]]><c", " a%x=''", "/></a>" },
  { "<a>", "<![CDATA[", "</a>" },
  { "<a>", "<", "</a>" },
  { "<a>", "&#", "</a>" },
  { "<a ", "=\"", "/>" },
};

/* Two megabytes of what a parser may take long to refuse; the processor's time, as the machine may be busy. */
START_TEST (xml__parse__is_quick_to_refuse)
{
  g_autoptr (GString) text = g_string_new (floods[_i].before);
  g_auto (GStrv) around = g_strsplit (floods[_i].format, "%x", 2);
  clock_t begin = 0;

  for (guint i = 0; text->len + 40 < 2 * ES_LIMIT_STANZA_OCTETS; i++)
    {
      g_string_append (text, around[0]);
      if (around[1] != NULL)
        g_string_append_printf (text, "%x%s", i, around[1]);
    }
  g_string_append (text, floods[_i].after);
  begin = clock ();
  ck_assert_ptr_null (es_xml_parse (text->str, text->len, NULL));
  ck_assert_int_lt (clock () - begin, CLOCKS_PER_SEC);
}
END_TEST

START_TEST (xml__parse__reads_text_as_it_is)
{
  g_autoptr (EsXml) xml = parse ("<a b=' 1&lt;&#x20;&quot; '>x&amp;y<![CDATA[<z>]]>&#10;\xf0\x9f\x98\x80</a>");
  g_autofree char *text = es_xml_dup_text (xml);

  ck_assert_str_eq (es_xml_attribute (xml, "b"), " 1< \" ");
  ck_assert_ptr_null (es_xml_attribute (xml, "c"));
  ck_assert_str_eq (text, "x&y<z>\n\xf0\x9f\x98\x80");
  ck_assert_str_eq (es_xml_namespace (xml), "");
}
END_TEST

START_TEST (xml__parse_content__stands_alone)
{
  static const char *const broken[] = { "</x><x xmlns='jabber:client'>",
                                        "</x>",
                                        "<a>",
                                        "<b></x>",
                                        "<?xml version='1.0'?>",
                                        "</x><x>",
                                        "</x><!--",
                                        "<![CDATA[",
                                        "]]>",
                                        "&amp",
                                        "<a b='",
                                        "<" };
  static const char good[] = "<body>1</body>text<a xmlns='urn:a'/>";
  g_autoptr (EsXml) content = es_xml_parse_content (good, strlen (good), NULL);

  ck_assert (es_xml_is (content, "x", ES_NS_CLIENT));
  ck_assert_ptr_nonnull (es_xml_child (content, "body", ES_NS_CLIENT));
  ck_assert_ptr_nonnull (es_xml_child (content, "a", "urn:a"));
  ck_assert_uint_eq (es_xml_children (content)->len, 3);
  for (guint i = 0; i < G_N_ELEMENTS (broken); i++)
    ck_assert_ptr_null (es_xml_parse_content (broken[i], strlen (broken[i]), NULL));
}
END_TEST

/* A random tree, with all that is awkward in text and attributes. */
static EsXml *
random_tree (GRand *random, guint depth)
{
  static const char *const names[] = { "a", "body", "x-y", "_z" };
  static const char *const spaces[] = { "", "jabber:client", "urn:a&b", "urn:it's" };
  static const char *const texts[]
      = { "t", "<&>\"'", "\r\n\t", "]]>", "\xe4\xbd\xa0\xf0\x9f\x98\x80", "  ", "&amp;", "\x7f\xc2\x85" };
  EsXml *xml = es_xml_new (names[g_rand_int_range (random, 0, 4)], spaces[g_rand_int_range (random, 0, 4)]);
  gint n = depth > 4 ? 0 : g_rand_int_range (random, 0, 4);

  for (gint i = g_rand_int_range (random, 0, 3); i > 0; i--)
    es_xml_set_attribute_ns (xml, names[g_rand_int_range (random, 0, 4)], g_rand_boolean (random) ? NULL : NS_XML,
                             texts[g_rand_int_range (random, 0, 8)]);
  for (gint i = g_rand_int_range (random, 0, 3); i > 0; i--)
    es_xml_set_attribute_ns (xml, "a", spaces[g_rand_int_range (random, 1, 4)], texts[g_rand_int_range (random, 0, 8)]);
  for (gint i = 0; i < n; i++)
    if (g_rand_boolean (random))
      es_xml_append_text (xml, texts[g_rand_int_range (random, 0, 8)], -1);
    else
      es_xml_append (xml, random_tree (random, depth + 1));
  return xml;
}

START_TEST (xml__round_trip__changes_nothing)
{
  GRand *random = g_rand_new_with_seed ((guint32) _i);

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (EsXml) before = random_tree (random, 0), copy = es_xml_copy (before), after = NULL;
      g_autofree char *text = es_xml_to_string (before, "");

      after = parse (text);
      ck_assert_msg (after != NULL, "unparseable: %s", text);
      ck_assert_msg (es_xml_equal (before, after), "changed: %s", text);
      ck_assert (es_xml_equal (before, copy));
    }
  g_rand_free (random);
}
END_TEST

/* What an encrypted stanza does with its children. */
START_TEST (xml__round_trip__of_content_changes_nothing)
{
  GRand *random = g_rand_new_with_seed (1000 + (guint32) _i);

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (EsXml) before = es_xml_new ("x", ES_NS_CLIENT), after = NULL;
      g_autofree char *text = NULL;

      for (gint n = g_rand_int_range (random, 0, 4); n > 0; n--)
        es_xml_append (before, random_tree (random, 0));
      text = es_xml_children_to_string (before);
      after = es_xml_parse_content (text, strlen (text), NULL);
      ck_assert_msg (after != NULL, "unparseable: %s", text);
      ck_assert_msg (es_xml_equal (before, after), "changed: %s", text);
    }
  g_rand_free (random);
}
END_TEST

/* libxml2 hands out long text in pieces. */
START_TEST (xml__round_trip__of_long_text_changes_nothing)
{
  static const char *const pieces[] = { "x", "\xc3\xa9", "\xe4\xbd\xa0", "\xf0\x9f\x98\x80", "&", "]", "x\r\n" };
  g_autofree char *text = repeat (pieces[_i], 70001, "1", ""), *string = NULL, *read = NULL;
  g_autoptr (EsXml) xml = es_xml_new ("a", ""), again = NULL;

  es_xml_append_text (xml, text, -1);
  es_xml_set_attribute (xml, "b", text);
  string = es_xml_to_string (xml, "");
  again = parse (string);
  ck_assert_ptr_nonnull (again);
  read = es_xml_dup_text (again);
  ck_assert (g_str_equal (read, text));
  ck_assert (g_str_equal (es_xml_attribute (again, "b"), text));
  ck_assert (es_xml_equal (xml, again));
}
END_TEST

/* U+FFFD for each octet that is no UTF-8, and for each character that XML does not have. */
static const struct
{
  const char *text;
  gssize size;
  const char *read;
} invalid[] = {
#define R "\xef\xbf\xbd"
  { "a\x01z", -1, "a" R "z" },
  { "a\xffz", -1, "a" R "z" },
  { "\xed\xa0\x80", -1, R R R },
  { "\xc0\x80", -1, R R },
  { "\xef\xbf\xbe"
    "\xef\xbf\xbf",
    -1, R R },
  { "a\0z", 3, "a" R "z" },
  { "a\xe4\xbd", -1, "a" R R },
  { "a\xf0\x9f\x98\x80z", 4, "a" R R R },
  { "\x1f\x20\x7f", -1, R "\x20\x7f" },
  { "\t\r\n", -1, "\t\r\n" },
  { "\xef\xbf\xbd\xf4\x8f\xbf\xbf", -1, R "\xf4\x8f\xbf\xbf" },
  { "", -1, "" },
  { "abc", 0, "" },
};

START_TEST (xml__append_text__replaces_what_xml_cannot_hold)
{
  g_autoptr (EsXml) xml = es_xml_new ("a", ""), again = NULL;
  g_autofree char *text = NULL, *read = NULL;

  es_xml_append_text (xml, invalid[_i].text, invalid[_i].size);
  if (invalid[_i].size < 0)
    es_xml_set_attribute (xml, "b", invalid[_i].text);
  text = es_xml_to_string (xml, "");
  again = parse (text);
  ck_assert_ptr_nonnull (again);
  read = es_xml_dup_text (again);
  ck_assert_str_eq (read, invalid[_i].read);
  ck_assert_pstr_eq (es_xml_attribute (again, "b"), invalid[_i].size < 0 ? invalid[_i].read : NULL);
  ck_assert (es_xml_equal (xml, again));
}
END_TEST

START_TEST (xml__attributes__are_set_read_and_removed)
{
  g_autoptr (EsXml) xml = es_xml_new ("a", "");
  const char *name = NULL, *namespace_ = NULL, *value = NULL;

  es_xml_set_attribute (xml, "b", "1");
  es_xml_set_attribute_ns (xml, "b", "urn:b", "2");
  es_xml_set_attribute (xml, "c", "3");
  es_xml_set_attribute (xml, "b", "4");
  ck_assert_uint_eq (es_xml_n_attributes (xml), 3);
  ck_assert_str_eq (es_xml_attribute (xml, "b"), "4");
  es_xml_attribute_at (xml, 1, &name, &namespace_, &value);
  ck_assert_str_eq (name, "b");
  ck_assert_str_eq (namespace_, "urn:b");
  ck_assert_str_eq (value, "2");
  es_xml_set_attribute (xml, "b", NULL);
  es_xml_set_attribute (xml, "d", NULL);
  ck_assert_ptr_null (es_xml_attribute (xml, "b"));
  ck_assert_uint_eq (es_xml_n_attributes (xml), 2);
  es_xml_set_attribute_ns (xml, "b", "urn:b", NULL);
  es_xml_attribute_at (xml, 0, &name, &namespace_, &value);
  ck_assert_str_eq (name, "c");
  ck_assert_ptr_null (namespace_);
}
END_TEST

START_TEST (xml__children__are_found_stolen_and_contained)
{
  g_autoptr (EsXml) xml = parse ("<a>t<b xmlns='urn:1'><c/></b><b xmlns='urn:2'/>u</a>"), stolen = NULL;
  g_autofree char *text = es_xml_dup_text (xml), *left = NULL;

  ck_assert_str_eq (text, "tu");
  ck_assert_str_eq (es_xml_namespace (es_xml_child (xml, "b", NULL)), "urn:1");
  ck_assert_str_eq (es_xml_namespace (es_xml_child (xml, "b", "urn:2")), "urn:2");
  ck_assert_ptr_null (es_xml_child (xml, "c", NULL));
  ck_assert (es_xml_contains (xml, "c", "urn:1") && !es_xml_contains (xml, "c", "urn:2"));
  ck_assert (es_xml_contains (xml, "a", "") && !es_xml_is (NULL, "a", NULL));
  ck_assert_ptr_null (es_xml_name (es_xml_children (xml)->pdata[0]));
  stolen = es_xml_steal (xml, 1);
  ck_assert (es_xml_is (stolen, "b", "urn:1"));
  left = es_xml_to_string (xml, "");
  ck_assert_str_eq (left, "<a>t<b xmlns=\"urn:2\"/>u</a>");
}
END_TEST

START_TEST (xml__equal__sees_every_difference)
{
  static const char *const trees[] = {
    "<a/>",
    "<b/>",
    "<a xmlns='u'/>",
    "<a b='1'/>",
    "<a b='2'/>",
    "<a c='1'/>",
    "<a>t</a>",
    "<a>u</a>",
    "<a><b/></a>",
    "<a><b/><c/></a>",
    "<a><c/><b/></a>",
    "<a>t<b/></a>",
    "<a><b/>t</a>",
    "<a xml:b='1'/>",
    "<a><b c='1'/></a>",
    "<a><b c='2'/></a>",
    "<a><b xmlns='u'/></a>",
    "<a> </a>",
  };
  g_autoptr (EsXml) forwards = parse ("<a b='1' c='2'/>"), backwards = parse ("<a c='2' b='1'/>");

  ck_assert (es_xml_equal (forwards, backwards));

  for (guint i = 0; i < G_N_ELEMENTS (trees); i++)
    for (guint j = 0; j < G_N_ELEMENTS (trees); j++)
      {
        g_autoptr (EsXml) left = parse (trees[i]), right = parse (trees[j]);

        ck_assert_int_eq (es_xml_equal (left, right), i == j);
      }
}
END_TEST

/* Normalized content: what the vectors do not have. */

static char *
normalize (const char *inside, GError **error)
{
  g_autofree char *text = g_strdup_printf ("<x xmlns='jabber:x:data'>%s</x>", inside);
  g_autoptr (EsXml) form = parse (text);

  ck_assert_ptr_nonnull (form);
  return es_xml_normalize_form (form, ES_DIALECT_STRICT, error);
}

START_TEST (xml__normalize__refuses_what_could_hide_something)
{
  static const char *const hiding[] = {
    "<field var='a'><value xmlns='urn:other'>1</value></field>",
    "<other xmlns='urn:other'/>",
    "text",
    "<field var='a'>text<value>1</value></field>",
    "<field xmlns:p='urn:p' p:var='a'/>",
    "<field var='a'><value>1<b/></value></field>",
    "<field var='a'/><b xmlns=''/>",
    "<field var='a'><option>text<value>1</value></option></field>",
    "<field var='a'><desc>a<b/>c</desc></field>",
    "<field var='mac'><value xmlns='urn:other'>1</value></field>",
  };
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (normalize (hiding[_i], &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
}
END_TEST

START_TEST (xml__normalize__white_space_matters_in_values_only)
{
  g_autofree char *dense = normalize ("<field var='a' type='t'><value> v </value></field>", NULL);
  g_autofree char *loose = normalize ("\n <field  type=\"t\"\n var='a' >\t<value> v </value>\r\n</field >  ", NULL);
  g_autofree char *other = normalize ("<field var='a' type='t'><value>v </value></field>", NULL);
  g_autofree char *blank = normalize ("<field var='a'><value>  </value></field>", NULL);

  ck_assert_str_eq (dense, loose);
  ck_assert_str_ne (dense, other);
  ck_assert_str_eq (blank, "<field var=\"a\"><value>  </value></field>");
}
END_TEST

START_TEST (xml__normalize__leaves_out_identity_and_mac_only)
{
  g_autofree char *text = normalize ("<field var='a'/><field var='identity'><value>1</value></field><field var='mac'/>"
                                     "<field var='macs'/>",
                                     NULL);

  ck_assert_str_eq (text, "<field var=\"a\"></field><field var=\"macs\"></field>");
}
END_TEST

START_TEST (xml__normalize__has_a_limit)
{
  g_autofree char *filler = g_strnfill (ES_LIMIT_FORM_OCTETS, 'x');
  g_autofree char *inside = g_strdup_printf ("<field var='a'><value>%s</value></field>", filler);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (normalize (inside, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
}
END_TEST

/* To the octet, and without what is left out. */
START_TEST (xml__normalize__may_come_up_to_its_limit)
{
  static const char frame[] = "<field var=\"a\"><value></value></field>";
  g_autofree char *filler = g_strnfill (ES_LIMIT_FORM_OCTETS - strlen (frame), 'x');
  g_autofree char *more = g_strconcat (filler, "x", NULL);
  g_autofree char *inside
      = g_strdup_printf ("<field var='a'><value>%s</value></field><field var='mac'><value>%s</value></field>",
                         _i == 0 ? filler : more, filler);
  g_autofree char *text = normalize (inside, NULL);

  ck_assert_int_eq (text != NULL, _i == 0);
  ck_assert (text == NULL || strlen (text) == ES_LIMIT_FORM_OCTETS);
}
END_TEST

START_TEST (xml__normalize__is_canonical)
{
  static const char inside[]
      = "<d:field xmlns:d='jabber:x:data' zz='1' a='&#9;&#10;&#13;&lt;&gt;&amp;&quot;&apos;' m='3'"
        " xml:lang='en'><value>&#13;\n\t\"'&gt;<![CDATA[<&]]></value><required/><desc/></d:field>";
  static const char *const expected[] = {
    "<field a=\"&#x9;&#xA;&#xD;&lt;>&amp;&quot;'\" m=\"3\" zz=\"1\" "
    "lang=\"en\"><value>&#xD;\n\t\"'&gt;&lt;&amp;</value>"
    "<required></required><desc></desc></field>",
    "<field a=\"&#x9;&#xA;&#xD;&lt;>&amp;&quot;'\" m=\"3\" zz=\"1\" "
    "lang=\"en\"><value>&#xD;\n\t\"'&gt;&lt;&amp;</value>"
    "<required /><desc /></field>",
  };
  g_autofree char *text = g_strdup_printf ("<x xmlns='jabber:x:data'>%s</x>", inside), *normalized = NULL;
  g_autoptr (EsXml) form = parse (text);

  ck_assert_ptr_nonnull (form);
  normalized = es_xml_normalize_form (form, _i == 0 ? ES_DIALECT_STRICT : ES_DIALECT_GAJIM, NULL);
  ck_assert_str_eq (normalized, expected[_i]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("xml");
  TCase *tcase = tcase_create ("xml");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, xml__parse__refuses_what_is_not_well_formed_or_forbidden, 0, G_N_ELEMENTS (bad));
  tcase_add_test (tcase, xml__parse__refuses_other_encodings_and_nul);
  tcase_add_loop_test (tcase, xml__parse__takes_everything_for_utf8, 0, 6);
  tcase_add_test (tcase, xml__parse__refuses_every_truncation);
  tcase_add_test (tcase, xml__parse__has_limits);
  tcase_add_test (tcase, xml__parse__has_limits_for_attributes);
  tcase_add_loop_test (tcase, xml__parse__is_quick_to_refuse, 0, G_N_ELEMENTS (floods));
  tcase_add_test (tcase, xml__parse__reads_text_as_it_is);
  tcase_add_test (tcase, xml__parse_content__stands_alone);
  tcase_add_loop_test (tcase, xml__round_trip__changes_nothing, 0, 10);
  tcase_add_loop_test (tcase, xml__round_trip__of_content_changes_nothing, 0, 5);
  tcase_add_loop_test (tcase, xml__round_trip__of_long_text_changes_nothing, 0, 7);
  tcase_add_loop_test (tcase, xml__append_text__replaces_what_xml_cannot_hold, 0, G_N_ELEMENTS (invalid));
  tcase_add_test (tcase, xml__attributes__are_set_read_and_removed);
  tcase_add_test (tcase, xml__children__are_found_stolen_and_contained);
  tcase_add_test (tcase, xml__equal__sees_every_difference);
  tcase_add_loop_test (tcase, xml__normalize__refuses_what_could_hide_something, 0, 10);
  tcase_add_test (tcase, xml__normalize__white_space_matters_in_values_only);
  tcase_add_test (tcase, xml__normalize__leaves_out_identity_and_mac_only);
  tcase_add_test (tcase, xml__normalize__has_a_limit);
  tcase_add_loop_test (tcase, xml__normalize__may_come_up_to_its_limit, 0, 2);
  tcase_add_loop_test (tcase, xml__normalize__is_canonical, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
