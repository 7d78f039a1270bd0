/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml.h"

#include "es-error.h"
#include "es-limits.h"

#include <malloc.h>
#include <time.h>

#include "../es-memory.h"
#include "../es-test.h"
#include "es-secret.h"

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
  "<xml:a/>",
  "<a><xml:b/></a>",
  "<p:a xmlns:p='" NS_XML "'/>",
  "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
  "<p:a xmlns:p='http://www.w3.org/2000/xmlns/'/>",
  "<a b='\xef\xbf\xbe'/>",
  "<a b='\x01'/>",
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

/* Octets in use on the heap, also where a sanitizer keeps it. */
size_t __sanitizer_get_current_allocated_bytes (void) __attribute__ ((weak));

static gsize
in_use (void)
{
  struct mallinfo2 info = mallinfo2 ();

  return __sanitizer_get_current_allocated_bytes != NULL ? __sanitizer_get_current_allocated_bytes ()
                                                         : info.uordblks + info.hblkhd;
}

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

static const struct
{
  const char *before, *piece, *after;
} swollen[] = {
  { "<a>", "<b/>", "</a>" },
  { "<a>", "<b/>x", "</a>" },
  { "<a>", "<b>x</b>", "</a>" },
  { "<a>", "<b><c/></b>", "</a>" },
  { "<a>", "<b><c/>x<c/></b>", "</a>" },
  { "<a>", "<b c=''/>", "</a>" },
  { "<a>", "<b c='' d='' e='' f='' g='' h='' i='' j=''/>", "</a>" },
  { "<a xmlns:p='u'>", "<b p:c='' p:d='' p:e=''/>", "</a>" },
  { "<a xmlns:p='u'>", "<p:b/>", "</a>" },
  { "<a>", "<b xml:lang=''/>", "</a>" },
  { "<a>", "<b xmlns='u'/>", "</a>" },
  { "<a>", "<b xmlns:p='u' xmlns:q='u' xmlns:r='u'/>", "</a>" },
  { "<a>", "<b>&amp;</b>", "</a>" },
  { "<a>", "&#9;", "</a>" },
  { "<a>", "<![CDATA[]]>", "</a>" },
  { "<a>", "<b/><![CDATA[x]]>", "</a>" },
  { "<a>", "x", "</a>" },
  { "<a b='", "x", "'/>" },
  { "<a b='", "&#9;", "'/>" },
};

/* An element, a text or an attribute of a few octets is not kept in hundreds. */
START_TEST (xml__parse__takes_memory_in_proportion)
{
  g_autofree char *text = repeat (swollen[_i].piece, 20000, swollen[_i].before, swollen[_i].after);
  gsize before = in_use (), taken = 0;
  g_autoptr (EsXml) xml = parse (text), copy = NULL;

  ck_assert_ptr_nonnull (xml);
  taken = in_use () - before;
  ck_assert_uint_gt (taken, 0);
  ck_assert_msg (taken < 50 * strlen (text), "%s: %zu of %zu", swollen[_i].piece, taken, strlen (text));
  before = in_use ();
  copy = es_xml_copy (xml);
  ck_assert_uint_lt (in_use () - before, taken + 1024);
}
END_TEST

/* A namespace that is long, or needed where it is not in force: what comes of it is bounded, in memory and when it is written
 * again. */
START_TEST (xml__parse__does_not_multiply_namespaces)
{
  static const struct
  {
    const char *before, *piece, *after;
    gboolean fits;
  } rows[] = {
    { "<a xmlns='urn:%s'>", "<b/>", "</a>", TRUE },
    { "<p:a xmlns:p='urn:%s'>", "<p:b/>", "</p:a>", TRUE },
    { "<a xmlns:p='urn:%s'>", "<p:b/>", "</a>", FALSE },
    { "<a xmlns:p='urn:%s'>", "<b p:c=''/>", "</a>", FALSE },
    { "<a xmlns:p='urn:%s' xmlns:q='urn:q'>", "<p:b><q:c/></p:b>", "</a>", FALSE },
  };
  g_autofree char *long_name = g_strnfill (ES_LIMIT_XML_NAME_OCTETS - strlen ("urn:"), 'x');
  g_auto (GStrv) around = g_strsplit (rows[_i].before, "%s", 2);
  g_autofree char *begin = g_strconcat (around[0], long_name, around[1], NULL);
  g_autofree char *text = repeat (rows[_i].piece, 24000, begin, rows[_i].after);
  gsize before = 0;

  before = in_use ();
  if (rows[_i].fits)
    {
      g_autoptr (EsXml) xml = parse (text);
      g_autofree char *again = NULL;

      ck_assert_ptr_nonnull (xml);
      ck_assert_uint_lt (in_use () - before, 50 * strlen (text));
      again = es_xml_to_string (xml, "");
      ck_assert_uint_le (strlen (again), strlen (text));
    }
  else
    assert_refused (text, strlen (text), ES_ERROR_LIMIT);
}
END_TEST

START_TEST (xml__parse__has_limits_for_names)
{
  static const char *const formats[]
      = { "<%s/>",       "<p:%s xmlns:p='u'/>",      "<a xmlns='%s'/>", "<a xmlns:p='%s'/>",
          "<a %s='1'/>", "<a xmlns:p='u' p:%s='1'/>" };
  g_autofree char *most = g_strnfill (ES_LIMIT_XML_NAME_OCTETS, 'x'), *more = g_strconcat (most, "x", NULL);
  g_auto (GStrv) around = g_strsplit (formats[_i], "%s", 2);
  g_autofree char *fits = g_strconcat (around[0], most, around[1], NULL);
  g_autofree char *long_text = g_strconcat (around[0], more, around[1], NULL);
  g_autoptr (EsXml) xml = parse (fits);

  ck_assert_ptr_nonnull (xml);
  assert_refused (long_text, strlen (long_text), ES_ERROR_LIMIT);
}
END_TEST

/* Each element declares as many as may be in a tag; prefixes are looked up one by one. */
START_TEST (xml__parse__has_limits_for_namespaces_in_force)
{
  g_autoptr (GString) text = g_string_new ("<a"), deep = g_string_new ("<a xmlns:p='u'");

  for (guint i = 0; i < ES_LIMIT_XML_NAMESPACES; i++)
    g_string_append_printf (text, "%s xmlns:p%u='u'", i % 100 == 99 ? "><a" : "", i);
  for (guint i = 0; i <= ES_LIMIT_XML_NAMESPACES; i++)
    g_string_append_printf (deep, "%s p:b%u='u'", i % ES_LIMIT_XML_ATTRIBUTES == 0 ? "><a" : "", i);
  g_string_append (deep, "/>");
  for (guint i = 0; i <= ES_LIMIT_XML_NAMESPACES / ES_LIMIT_XML_ATTRIBUTES + 1; i++)
    g_string_append (deep, "</a>");
  /* Written again, each of those attributes declares its own. */
  assert_refused (deep->str, deep->len, ES_ERROR_LIMIT);

  g_autofree char *most = g_strconcat (text->str, "/></a></a>", NULL);
  g_autofree char *more = g_strconcat (text->str, "><b xmlns='u'/></a></a></a>", NULL);
  g_autoptr (EsXml) xml = parse (most);

  ck_assert_ptr_nonnull (xml);
  assert_refused (more, strlen (more), ES_ERROR_LIMIT);
}
END_TEST

/* Octets that are escaped or said more often when they are written: one more than fits is one too many. */
START_TEST (xml__parse__reads_only_what_can_be_written)
{
  static const struct
  {
    const char *before, *piece, *after, *written;
    gsize octets;
  } rows[] = {
    { "<a>", ">", "</a>", "<a></a>", strlen ("&gt;") },
    { "<a>", "&#13;", "</a>", "<a></a>", strlen ("&#xD;") },
    { "<a b='", "\"", "'/>", "<a b=\"\"/>", strlen ("&quot;") },
    { "<a b='", "&#9;", "'/>", "<a b=\"\"/>", strlen ("&#x9;") },
    { "<a xml:b='", "\"", "'/>", "<a xml:b=\"\"/>", strlen ("&quot;") },
    { "<a xmlns:p='u&amp;' xmlns='v' p:b='", "\"", "'/>", "<a xmlns=\"v\" xmlns:a0=\"u&amp;\" a0:b=\"\"/>",
      strlen ("&quot;") },
    { "<a><b>", ">", "</b><c/></a>", "<a><b></b><c/></a>", strlen ("&gt;") },
  };
  guint times = (guint) ((ES_LIMIT_XML_OCTETS - strlen (rows[_i].written)) / rows[_i].octets);
  g_autofree char *most = repeat (rows[_i].piece, times, rows[_i].before, rows[_i].after), *text = NULL;
  g_autofree char *more = repeat (rows[_i].piece, times + 1, rows[_i].before, rows[_i].after);
  g_autoptr (EsXml) xml = parse (most), again = NULL;

  ck_assert_ptr_nonnull (xml);
  text = es_xml_to_string (xml, "");
  ck_assert_uint_eq (strlen (text), strlen (rows[_i].written) + times * rows[_i].octets);
  again = parse (text);
  ck_assert (again != NULL && es_xml_equal (xml, again));
  assert_refused (more, strlen (more), ES_ERROR_LIMIT);
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

/* A random document as somebody else may write it: prefixes, namespaces that come and go, references, other quotes. */
static void
random_document (GRand *random, GString *out, guint depth)
{
  static const char *const tags[] = { "a", "p:a", "q:body", "_z.-" };
  static const char *const declared[] = { "",
                                          " xmlns=''",
                                          " xmlns='jabber:client'",
                                          " xmlns=\"urn:it's&amp;\"",
                                          " xmlns:p='urn:p&amp;'",
                                          " xmlns:q='' xmlns='v'",
                                          " xmlns:xml='" NS_XML "'" };
  static const char *const attributes[] = { "",
                                            " b='\"&#13;&#10;&#9;'",
                                            " p:b=\"'\n\t\"",
                                            " xml:lang='' q:b='&#x10FFFF;'",
                                            " p:b='' q:b='' b='>'",
                                            " xml:id='\xef\xbf\xbd\x7f'" };
  static const char *const texts[]
      = { "t", "&#13;\r\n\n\r", "<![CDATA[<&>]]>", "]]&gt;", "\"'&apos;", "&#xFFFD;\xc2\x85", " ",
          "",  "<![CDATA[]]>",  "&#x1F600;" };
  const char *tag = tags[g_rand_int_range (random, 0, G_N_ELEMENTS (tags))];

  g_string_append_printf (out, "<%s%s%s%s>", tag, depth == 0 ? " xmlns:p='urn:p' xmlns:q='urn:q'" : "",
                          depth == 0 ? "" : declared[g_rand_int_range (random, 0, G_N_ELEMENTS (declared))],
                          attributes[g_rand_int_range (random, 0, G_N_ELEMENTS (attributes))]);
  for (gint n = depth > 4 ? 0 : g_rand_int_range (random, 0, 5); n > 0; n--)
    if (g_rand_boolean (random))
      random_document (random, out, depth + 1);
    else
      g_string_append (out, texts[g_rand_int_range (random, 0, G_N_ELEMENTS (texts))]);
  g_string_append_printf (out, "</%s>", tag);
}

/* All that is read can be written, and is the same when it is read again, inside an element of another namespace, too. */
static void
assert_writable (const EsXml *xml, const char *text)
{
  g_autofree char *alone = es_xml_to_string (xml, ""), *inside = es_xml_to_string (xml, ES_NS_CLIENT);
  g_autoptr (EsXml) again = parse (alone), content = es_xml_parse_content (inside, strlen (inside), NULL);

  ck_assert_msg (again != NULL && es_xml_equal (xml, again), "changed: %s to %s", text, alone);
  ck_assert_msg (content != NULL && es_xml_equal (xml, es_xml_children (content)->pdata[0]), "changed: %s to %s", text,
                 inside);
}

START_TEST (xml__round_trip__of_others_documents_changes_nothing)
{
  GRand *random = g_rand_new_with_seed (2000 + (guint32) _i);
  guint n_read = 0;

  for (guint i = 0; i < 200; i++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_autoptr (EsXml) xml = NULL;

      random_document (random, text, 0);
      xml = parse (text->str);
      /* One row declares what may not be. */
      ck_assert_msg ((xml == NULL) == (strstr (text->str, "xmlns:q=''") != NULL), "read or not: %s", text->str);
      if (xml == NULL)
        continue;
      n_read++;
      assert_writable (xml, text->str);
    }
  ck_assert_uint_gt (n_read, 50);
  g_rand_free (random);
}
END_TEST

static const char sample[]
    = "<message xmlns='jabber:client' xml:lang='de' to='a@b/c'><body>1 &lt; 2 &#13;\xf0\x9f\x98\x80\n</body>"
      "<p:x xmlns:p='urn:p' p:i='&quot;&#9;' i=\"'\"><y xmlns=''/><![CDATA[<&]]></p:x></message>";

/* Nothing crashes, and what is still XML can be written. */
START_TEST (xml__parse__bears_every_flipped_bit)
{
  guint n_read = 0;

  for (gsize at = 0; at < strlen (sample); at++)
    for (guint bit = 0; bit < 8; bit++)
      {
        g_autofree char *text = g_strdup (sample);
        g_autoptr (EsXml) xml = NULL;

        text[at] = (char) (text[at] ^ (1 << bit));
        xml = es_xml_parse (text, sizeof sample - 1, NULL);
        if (xml == NULL)
          continue;
        n_read++;
        assert_writable (xml, text);
      }
  ck_assert_uint_gt (n_read, 100);
}
END_TEST

START_TEST (xml__parse__bears_what_is_cut_out_and_put_in)
{
  static const char *const pieces[] = { "<",      ">",  "/>",  "</x>",      "\"",           "'",        "&",
                                        ";",      "&#", "]]>", "<![CDATA[", "<!--",         "<?x?>",    "<!DOCTYPE x [",
                                        "xmlns:", ":",  "=",   "\xff",      "\xef\xbf\xbe", "\xe2\x82", "xmlns='u' " };
  GRand *random = g_rand_new_with_seed (3000 + (guint32) _i);

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (GString) text = g_string_new (sample);
      g_autoptr (EsXml) xml = NULL;

      for (gint n = g_rand_int_range (random, 1, 4); n > 0; n--)
        {
          gssize at = g_rand_int_range (random, 0, (gint32) text->len);
          gssize cut = g_rand_int_range (random, 0, 8);

          g_string_erase (text, at, MIN (cut, (gssize) text->len - at));
          g_string_insert (text, at, pieces[g_rand_int_range (random, 0, G_N_ELEMENTS (pieces))]);
        }
      xml = es_xml_parse (text->str, text->len, NULL);
      if (xml != NULL)
        assert_writable (xml, text->str);
    }
  g_rand_free (random);
}
END_TEST

static const char *const confidential[] = {
  "<body>%s</body>",
  "<body>&amp;%s&lt;%s</body>",
  "<body>\xc3\xa9&#233;%s</body>",
  "<body><![CDATA[%s]]></body>",
  "<a b='%s' c='&quot;%s' d='\xc3\xa9%s'/>",
  "<body>%s</body><unfinished>",
  "<body>%s<!-- -->",
  "<a b='&quot;%s'/><a:b/>",
};

/* Reads TEXT, which is fine or not, copies it, changes the copy and writes it. */
static void
use (const char *text, const char *secret, gboolean is_fine)
{
  g_autoptr (EsXml) xml = es_xml_parse_content (text, strlen (text), NULL), copy = NULL;
  g_autofree char *written = NULL;

  ck_assert_int_eq (xml != NULL, is_fine);
  if (xml == NULL)
    return;
  copy = es_xml_copy (xml);
  for (guint i = 0; i < 100; i++)
    es_xml_append_text (copy, secret, -1);
  es_xml_append_text (copy, secret, (gssize) strlen (secret) + 1); /* the NUL is replaced */
  es_xml_set_attribute (copy, "b", secret);
  es_xml_set_attribute (copy, "b", "1");
  es_xml_set_attribute (copy, "c", secret);
  es_xml_set_attribute (copy, "c", NULL);
  written = es_xml_children_to_string (copy);
  es_octets_wipe (written, strlen (written));
}

/* It is nowhere any more when the elements are freed: not where it was text or a value, grew, was copied, changed or written, nor
 * where it was read, be it in vain. */
START_TEST (xml__free__leaves_nothing_behind)
{
  g_autofree char *secret = with_secret ("%s"), *text = with_secret (confidential[_i]);

  ck_assert (memory_holds_secret ());
  use (text, secret, _i < 5);
  es_octets_wipe (text, strlen (text));
  es_octets_wipe (secret, strlen (secret));
  ck_assert (!memory_holds_secret ());
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
    "<field xml:var='a'/>",
    "<field var='a' xml:var='a'/>",
    "<field var='a' xml:space='preserve'/>",
    "<field var='a'/><field var='b'/><field var='a'/>",
    "<field var='mac'/><field var='mac'/>",
  };
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (normalize (hiding[_i], &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
}
END_TEST

START_TEST (xml__normalize__refuses_foreign_attributes_of_the_form)
{
  static const char *const forms[] = { "<x xmlns='jabber:x:data' type='form' xml:lang='en'/>",
                                       "<x xmlns='jabber:x:data' type='form' xml:type='form'/>",
                                       "<x xmlns='jabber:x:data' xmlns:p='urn:p' p:type='form'/>" };

  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr (EsXml) form = parse (forms[i]);
      g_autofree char *text = es_xml_normalize_form (form, ES_DIALECT_STRICT, NULL);

      ck_assert_pstr_eq (text, i == 0 ? "" : NULL);
    }
}
END_TEST

START_TEST (xml__normalize__has_a_limit_for_fields)
{
  g_autoptr (GString) inside = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  for (guint i = 0; i < ES_LIMIT_FORM_FIELDS; i++)
    g_string_append_printf (inside, "<field var='%u'/>", i);
  text = normalize (inside->str, NULL);
  ck_assert_ptr_nonnull (text);
  g_string_append (inside, "<field var='x'/>");
  ck_assert_ptr_null (normalize (inside->str, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
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
    "xml:lang=\"en\"><value>&#xD;\n\t\"'&gt;&lt;&amp;</value>"
    "<required></required><desc></desc></field>",
    "<field a=\"&#x9;&#xA;&#xD;&lt;>&amp;&quot;'\" m=\"3\" zz=\"1\" "
    "xml:lang=\"en\"><value>&#xD;\n\t\"'&gt;&lt;&amp;</value>"
    "<required /><desc /></field>",
  };
  g_autofree char *text = g_strdup_printf ("<x xmlns='jabber:x:data'>%s</x>", inside), *normalized = NULL;
  g_autoptr (EsXml) form = parse (text);

  ck_assert_ptr_nonnull (form);
  normalized = es_xml_normalize_form (form, _i == 0 ? ES_DIALECT_STRICT : ES_DIALECT_GAJIM, NULL);
  ck_assert_str_eq (normalized, expected[_i]);
}
END_TEST

static gboolean
is_even (const EsXml *child, gpointer data)
{
  guint *n = data;

  return (*n)++ % 2 == 0;
}

/* However many there are; and what is left can be added to. */
START_TEST (xml__filter__keeps_the_order)
{
  static const guint sizes[] = { 0, 1, 2, 3, 8, 1000 };
  guint n = 0, size = sizes[_i];
  g_autoptr (EsXml) xml = es_xml_new ("x", ""), rest = es_xml_new ("rest", "");

  for (guint i = 0; i < size; i++)
    {
      g_autofree char *name = g_strdup_printf ("e%u", i);

      es_xml_append_new (xml, name, "text");
    }
  ck_assert_int_eq (es_xml_filter (xml, is_even, &n, rest), size > 1);
  ck_assert_uint_eq (n, size);
  ck_assert_uint_eq (es_xml_children (xml)->len, (size + 1) / 2);
  ck_assert_uint_eq (es_xml_children (rest)->len, size / 2);
  for (guint i = 0; i < size; i++)
    {
      g_autofree char *name = g_strdup_printf ("e%u", i);

      ck_assert_str_eq (es_xml_name (es_xml_children (i % 2 == 0 ? xml : rest)->pdata[i / 2]), name);
    }
  for (guint i = 0; i < 10; i++)
    es_xml_append_new (xml, "new", NULL);
  ck_assert_uint_eq (es_xml_children (xml)->len, (size + 1) / 2 + 10);
  ck_assert (es_xml_remove (xml, "new", "", NULL));
  ck_assert (!es_xml_remove (xml, "new", "", NULL));
  ck_assert (!es_xml_remove (xml, "e0", "urn:other", NULL));
  ck_assert_int_eq (es_xml_filter (xml, NULL, NULL, NULL), size > 0);
  ck_assert_uint_eq (es_xml_children (xml)->len, 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("xml");
  TCase *tcase = tcase_create ("xml");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, xml__parse__refuses_what_is_not_well_formed_or_forbidden, 0, G_N_ELEMENTS (bad));
  tcase_add_loop_test (tcase, xml__filter__keeps_the_order, 0, 6);
  tcase_add_test (tcase, xml__parse__refuses_other_encodings_and_nul);
  tcase_add_loop_test (tcase, xml__parse__takes_everything_for_utf8, 0, 6);
  tcase_add_test (tcase, xml__parse__refuses_every_truncation);
  tcase_add_test (tcase, xml__parse__has_limits);
  tcase_add_test (tcase, xml__parse__has_limits_for_attributes);
  tcase_add_loop_test (tcase, xml__parse__is_quick_to_refuse, 0, G_N_ELEMENTS (floods));
  tcase_add_loop_test (tcase, xml__parse__takes_memory_in_proportion, 0, G_N_ELEMENTS (swollen));
  tcase_add_loop_test (tcase, xml__parse__does_not_multiply_namespaces, 0, 5);
  tcase_add_loop_test (tcase, xml__parse__has_limits_for_names, 0, 6);
  tcase_add_test (tcase, xml__parse__has_limits_for_namespaces_in_force);
  tcase_add_loop_test (tcase, xml__parse__reads_only_what_can_be_written, 0, 7);
  tcase_add_test (tcase, xml__parse__reads_text_as_it_is);
  tcase_add_test (tcase, xml__parse_content__stands_alone);
  tcase_add_loop_test (tcase, xml__round_trip__changes_nothing, 0, 10);
  tcase_add_loop_test (tcase, xml__round_trip__of_content_changes_nothing, 0, 5);
  tcase_add_loop_test (tcase, xml__round_trip__of_others_documents_changes_nothing, 0, 10);
  tcase_add_test (tcase, xml__parse__bears_every_flipped_bit);
  tcase_add_loop_test (tcase, xml__parse__bears_what_is_cut_out_and_put_in, 0, 10);
  tcase_add_loop_test (tcase, xml__free__leaves_nothing_behind, 0, G_N_ELEMENTS (confidential));
  tcase_add_loop_test (tcase, xml__round_trip__of_long_text_changes_nothing, 0, 7);
  tcase_add_loop_test (tcase, xml__append_text__replaces_what_xml_cannot_hold, 0, G_N_ELEMENTS (invalid));
  tcase_add_test (tcase, xml__attributes__are_set_read_and_removed);
  tcase_add_test (tcase, xml__children__are_found_stolen_and_contained);
  tcase_add_test (tcase, xml__equal__sees_every_difference);
  tcase_add_loop_test (tcase, xml__normalize__refuses_what_could_hide_something, 0, 15);
  tcase_add_test (tcase, xml__normalize__refuses_foreign_attributes_of_the_form);
  tcase_add_test (tcase, xml__normalize__has_a_limit_for_fields);
  tcase_add_test (tcase, xml__normalize__white_space_matters_in_values_only);
  tcase_add_test (tcase, xml__normalize__leaves_out_identity_and_mac_only);
  tcase_add_test (tcase, xml__normalize__has_a_limit);
  tcase_add_loop_test (tcase, xml__normalize__may_come_up_to_its_limit, 0, 2);
  tcase_add_loop_test (tcase, xml__normalize__is_canonical, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
