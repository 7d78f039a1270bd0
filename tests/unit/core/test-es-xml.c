/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml.h"

#include "es-error.h"
#include "es-limits.h"

#include "../es-test.h"

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
  "<a b='1' b='2'/>",
  "<a b=1/>",
  "<p:a/>",
  "<a p:b='1'/>",
  "<!DOCTYPE a><a/>",
  "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>",
  "<!DOCTYPE a [<!ENTITY e 'lol'><!ENTITY f '&e;&e;&e;&e;'><!ENTITY g '&f;&f;&f;&f;'>]><a>&g;</a>",
  "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
  "<a>&e;</a>",
  "<a b='&e;'/>",
  "<a><!-- comment --></a>",
  "<a><?target content?></a>",
  "<a>&#0;</a>",
  "<a>&#1;</a>",
  "<a>&#xFFFF;</a>",
  "<a>\x01</a>",
  "<a>\xff</a>",
  "<a>\xc0\x80</a>",
  "<a>\xed\xa0\x80</a>",
  "<a>]]></a>",
  "<a b='<'/>",
  "<a xmlns:p=''/>",
};

START_TEST (xml__parse__refuses_what_is_not_well_formed_or_forbidden)
{
  assert_refused (bad[_i], strlen (bad[_i]), ES_ERROR_MALFORMED);
}
END_TEST

START_TEST (xml__parse__refuses_other_encodings_and_nul)
{
  static const char utf16[] = "\xff\xfe<\0a\0/\0>\0", nul[] = "<a>\0</a>", end[] = "<a/>\0";

  assert_refused (utf16, sizeof utf16 - 1, ES_ERROR_MALFORMED);
  assert_refused (nul, sizeof nul - 1, ES_ERROR_MALFORMED);
  assert_refused (end, sizeof end - 1, ES_ERROR_MALFORMED);
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
  g_autofree char *megabyte = repeat ("<a>", 350000, "", ""), *large = repeat ("xxxxxxxx", 300000, "<a>", "</a>");
  g_autoptr (GString) attributes = g_string_new ("<a");
  g_autoptr (EsXml) fits = parse (deep), fits_too = parse (many);

  ck_assert (fits != NULL && fits_too != NULL);
  assert_refused (deeper, strlen (deeper), ES_ERROR_LIMIT);
  assert_refused (more, strlen (more), ES_ERROR_LIMIT);
  assert_refused (megabyte, strlen (megabyte), ES_ERROR_LIMIT);
  assert_refused (large, strlen (large), ES_ERROR_LIMIT);
  for (guint i = 0; i <= ES_LIMIT_XML_ATTRIBUTES; i++)
    g_string_append_printf (attributes, " a%u=''", i);
  g_string_append (attributes, "/>");
  assert_refused (attributes->str, attributes->len, ES_ERROR_LIMIT);
}
END_TEST

START_TEST (xml__parse__reads_text_as_it_is)
{
  g_autoptr (EsXml) xml = parse ("<a b=' 1&lt;&#x20;&quot; '>x&amp;y<![CDATA[<z>]]>&#10;\xf0\x9f\x98\x80</a>");
  g_autofree char *text = es_xml_dup_text (xml);

  ck_assert_str_eq (es_xml_attribute (xml, "b"), " 1< \" ");
  ck_assert_str_eq (text, "x&y<z>\n\xf0\x9f\x98\x80");
  ck_assert_str_eq (es_xml_namespace (xml), "");
}
END_TEST

START_TEST (xml__parse_content__stands_alone)
{
  static const char *const broken[]
      = { "</x><x xmlns='jabber:client'>", "</x>", "<a>", "<b></x>", "<?xml version='1.0'?>" };
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
  static const char *const names[] = { "a", "body", "x-y", "_z" }, *const spaces[] = { "", "jabber:client", "urn:a&b" };
  static const char *const texts[] = { "t", "<&>\"'", "\r\n\t", "]]>", "\xe4\xbd\xa0\xf0\x9f\x98\x80", "  " };
  EsXml *xml = es_xml_new (names[g_rand_int_range (random, 0, 4)], spaces[g_rand_int_range (random, 0, 3)]);
  gint n = depth > 4 ? 0 : g_rand_int_range (random, 0, 4);

  for (gint i = g_rand_int_range (random, 0, 3); i > 0; i--)
    es_xml_set_attribute_ns (xml, names[g_rand_int_range (random, 0, 4)],
                             g_rand_boolean (random) ? NULL : "http://www.w3.org/XML/1998/namespace",
                             texts[g_rand_int_range (random, 0, 6)]);
  if (g_rand_boolean (random))
    es_xml_set_attribute_ns (xml, "q", "urn:q", "qualified");
  for (gint i = 0; i < n; i++)
    if (g_rand_boolean (random))
      es_xml_append_text (xml, texts[g_rand_int_range (random, 0, 6)], -1);
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

START_TEST (xml__append_text__keeps_out_what_xml_cannot_hold)
{
  g_autoptr (EsXml) xml = es_xml_new ("a", ""), again = NULL;
  g_autofree char *text = NULL, *read = NULL;

  es_xml_append_text (xml, "a\x01\xff\xed\xa0\x80z", -1);
  es_xml_set_attribute (xml, "b", "\x02");
  text = es_xml_to_string (xml, "");
  again = parse (text);
  ck_assert_ptr_nonnull (again);
  read = es_xml_dup_text (again);
  ck_assert (g_str_has_prefix (read, "a\xef\xbf\xbd") && g_str_has_suffix (read, "z"));
}
END_TEST

START_TEST (xml__equal__sees_every_difference)
{
  static const char *const trees[] = {
    "<a/>",     "<b/>",        "<a xmlns='u'/>",  "<a b='1'/>",      "<a b='2'/>",   "<a c='1'/>",   "<a>t</a>",
    "<a>u</a>", "<a><b/></a>", "<a><b/><c/></a>", "<a><c/><b/></a>", "<a>t<b/></a>", "<a><b/>t</a>",
  };

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

int
main (void)
{
  Suite *suite = suite_create ("xml");
  TCase *tcase = tcase_create ("xml");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, xml__parse__refuses_what_is_not_well_formed_or_forbidden, 0, G_N_ELEMENTS (bad));
  tcase_add_test (tcase, xml__parse__refuses_other_encodings_and_nul);
  tcase_add_test (tcase, xml__parse__refuses_every_truncation);
  tcase_add_test (tcase, xml__parse__has_limits);
  tcase_add_test (tcase, xml__parse__reads_text_as_it_is);
  tcase_add_test (tcase, xml__parse_content__stands_alone);
  tcase_add_loop_test (tcase, xml__round_trip__changes_nothing, 0, 10);
  tcase_add_test (tcase, xml__append_text__keeps_out_what_xml_cannot_hold);
  tcase_add_test (tcase, xml__equal__sees_every_difference);
  tcase_add_loop_test (tcase, xml__normalize__refuses_what_could_hide_something, 0, 6);
  tcase_add_test (tcase, xml__normalize__white_space_matters_in_values_only);
  tcase_add_test (tcase, xml__normalize__leaves_out_identity_and_mac_only);
  tcase_add_test (tcase, xml__normalize__has_a_limit);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
