/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xmlnode.h"

#include "../es-test.h"
#include "es-limits.h"

/* Without the purple core, xmlnodes need this one call before; its header needs libdbus. */
void purple_dbus_init_ids (void);

static void
setup (void)
{
  purple_dbus_init_ids ();
}

static xmlnode *
parse_node (const char *text)
{
  xmlnode *node = xmlnode_from_str (text, -1);

  ck_assert_ptr_nonnull (node);
  return node;
}

static EsXml *
parse (const char *text)
{
  GError *error = NULL;
  EsXml *xml = es_xml_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  return xml;
}

static const char *const samples[] = {
  "<message xmlns='jabber:client' to='a@b/c'><body>1 &lt; 2 &amp; \"3\"</body></message>",
  ("<message xmlns='jabber:client'><html xmlns='http://jabber.org/protocol/xhtml-im'>"
   "<body xmlns='http://www.w3.org/1999/xhtml'><p style='color: red'>a<b>b</b>c</p></body></html></message>"),
  "<message xmlns='jabber:client' xml:lang='de'><body xml:lang='en'>\xf0\x9f\x98\x80\n\ttabbed</body></message>",
  "<message xmlns='jabber:client'><x xmlns='urn:x'><y xmlns='urn:y'><z xmlns='urn:x'/></y></x><e/></message>",
};

START_TEST (xmlnode__from_node__reads_what_is_there)
{
  xmlnode *node = parse_node (samples[_i]);
  g_autoptr (EsXml) read = es_xml_from_node (node), expected = parse (samples[_i]);

  ck_assert (es_xml_equal (read, expected));
  xmlnode_free (node);
}
END_TEST

START_TEST (xmlnode__round_trip__changes_nothing)
{
  g_autoptr (EsXml) before = parse (samples[_i]), after = NULL, reparsed = NULL;
  xmlnode *node = es_xml_to_node (before);
  g_autofree char *text = xmlnode_to_str (node, NULL);

  after = es_xml_from_node (node);
  reparsed = parse (text);
  ck_assert (es_xml_equal (before, after));
  ck_assert (es_xml_equal (before, reparsed));
  xmlnode_free (node);
}
END_TEST

/* Nodes that libpurple builds have no namespace of their own where it is the parent's, or the stream's. */
START_TEST (xmlnode__from_node__inherits_namespaces)
{
  xmlnode *node = xmlnode_new ("message"), *html = NULL;
  g_autoptr (EsXml) read = NULL;

  xmlnode_insert_data (xmlnode_new_child (node, "body"), "text", -1);
  html = xmlnode_new_child (node, "html");
  xmlnode_set_namespace (html, "urn:html");
  xmlnode_new_child (html, "p");

  read = es_xml_from_node (node);
  ck_assert_ptr_nonnull (es_xml_child (read, "body", ES_NS_CLIENT));
  ck_assert_ptr_nonnull (es_xml_child (es_xml_child (read, "html", "urn:html"), "p", "urn:html"));
  xmlnode_free (node);
}
END_TEST

START_TEST (xmlnode__write_node__replaces_children_in_place)
{
  xmlnode *node = parse_node ("<message xmlns='jabber:client' from='me' to='a@b' id='7'>old<body>old</body></message>");
  g_autoptr (EsXml) stanza = parse ("<message xmlns='jabber:client' to='a@b/c'><thread>t</thread></message>");
  g_autofree char *text = NULL;

  es_xml_write_node (stanza, node);
  text = xmlnode_to_str (node, NULL);
  ck_assert_ptr_null (strstr (text, "old"));
  ck_assert_str_eq (xmlnode_get_attrib (node, "to"), "a@b/c");
  ck_assert_str_eq (xmlnode_get_attrib (node, "id"), "7");
  ck_assert_ptr_nonnull (xmlnode_get_child_with_namespace (node, "thread", "jabber:client"));
  xmlnode_free (node);
}
END_TEST

static xmlnode *
nested (guint depth)
{
  xmlnode *outer = xmlnode_new ("message"), *inner = outer;

  for (guint i = 1; i < depth; i++)
    inner = xmlnode_new_child (inner, "a");
  return outer;
}

START_TEST (xmlnode__from_node__has_limits)
{
  xmlnode *fits = nested (ES_LIMIT_XML_DEPTH), *deep = nested (ES_LIMIT_XML_DEPTH + 1), *wide = xmlnode_new ("message");
  g_autoptr (EsXml) read = es_xml_from_node (fits);

  ck_assert_ptr_nonnull (read);
  ck_assert_ptr_null (es_xml_from_node (deep));
  for (guint i = 0; i < ES_LIMIT_XML_NODES; i++)
    xmlnode_new_child (wide, "a");
  ck_assert_ptr_null (es_xml_from_node (wide));
  xmlnode_free (fits);
  xmlnode_free (deep);
  xmlnode_free (wide);
}
END_TEST

/* What can be compared as it is: attributes of all kinds, and what libpurple's own writer would not keep. */
START_TEST (xmlnode__round_trip__keeps_what_is_awkward)
{
  static const char *const awkward[] = {
    "<message xmlns='jabber:client' a='&#13;&#10;&#9; &quot;&apos;&lt;&amp;'><body>&#13;\r\n]]&gt;</body></message>",
    "<message xmlns='jabber:client' xml:lang='de'><x xmlns='' xml:lang='en' lang='1'/></message>",
    "<message xmlns='jabber:client'><x xmlns='urn:x' xmlns:p='urn:p' p:a='1' b='2' xmlns:q='urn:q' q:c='3'/></message>",
    "<message xmlns='jabber:client'><x xmlns='u:x'><y xmlns=''><z xmlns='u:x'/></y>t<y/>\xf0\x9f\x98\x80</x></message>",
  };
  g_autoptr (EsXml) before = parse (awkward[_i]), after = NULL;
  xmlnode *node = es_xml_to_node (before);

  after = es_xml_from_node (node);
  ck_assert_ptr_nonnull (after);
  ck_assert (es_xml_equal (before, after));
  xmlnode_free (node);
}
END_TEST

/* A prefix that nobody declares would end the stream. */
START_TEST (xmlnode__to_node__declares_prefixes)
{
  g_autoptr (EsXml) before = parse (
      "<message xmlns='jabber:client' xmlns:p='urn:p&amp;' p:a='1' b='2'><x xmlns='urn:x' p:c='3'/></message>");
  g_autoptr (EsXml) after = NULL;
  xmlnode *node = es_xml_to_node (before);
  g_autofree char *text = xmlnode_to_str (node, NULL);

  after = es_xml_parse (text, strlen (text), NULL);
  ck_assert_msg (after != NULL && es_xml_equal (before, after), "%s", text);
  xmlnode_free (node);
}
END_TEST

/* As plugins build them. */
START_TEST (xmlnode__from_node__reads_names_with_prefixes)
{
  xmlnode *node = xmlnode_new ("message"), *child = xmlnode_new_child (node, "x"), *back = NULL;
  g_autoptr (EsXml) read = NULL, again = NULL;
  const char *name = NULL, *namespace_ = NULL, *value = NULL;

  xmlnode_set_attrib (node, "xml:lang", "de");
  xmlnode_set_attrib (child, "xmlns", "urn:x");
  xmlnode_new_child (child, "y");
  read = es_xml_from_node (node);
  ck_assert_ptr_nonnull (read);
  es_xml_attribute_at (read, 0, &name, &namespace_, &value);
  ck_assert_str_eq (name, "lang");
  ck_assert_str_eq (namespace_, "http://www.w3.org/XML/1998/namespace");
  ck_assert_ptr_nonnull (es_xml_child (es_xml_child (read, "x", "urn:x"), "y", "urn:x"));

  back = es_xml_to_node (read);
  again = es_xml_from_node (back);
  ck_assert (es_xml_equal (read, again));
  xmlnode_free (back);
  xmlnode_free (node);
}
END_TEST

static char *
written (const xmlnode *node)
{
  return xmlnode_to_str ((xmlnode *) node, NULL);
}

/* Stanzas with attributes that have prefixes, as they are typed into a console; where an encrypted one is written in place, and where it
 * is made anew later. */
START_TEST (xmlnode__prefixes__are_written_once_and_declared)
{
  static const char *const typed[] = {
    "<message to='a@b' xml:lang='en'><body>1</body></message>",
    "<message to='a@b' xml:space='preserve'><body>1</body></message>",
    "<message xmlns:f='urn:f' to='a@b' f:bar='x'><body>1</body></message>",
    "<message xmlns:f='urn:f&amp;' to='a@b' f:bar='x' f:lang='de' xml:lang='en'><body>1</body></message>",
    "<message xmlns:f='urn:f' to='a@b'><body f:bar='x' xml:lang='de'>1</body><f:x f:y='1' z='2'/></message>",
    "<c:message xmlns:c='jabber:client' xmlns:f='urn:f' to='a@b' f:bar='x'><c:body>1</c:body></c:message>",
    "<message xmlns='jabber:client' to='a@b' lang='1' xml:lang='en'><body>1</body></message>",
    "<iq to='a@b' type='get' id='1' xml:lang='en'><query xmlns='jabber:iq:version'/></iq>",
    "<presence to='a@b' xml:lang='en'><show>away</show></presence>",
  };
  g_autofree char *in_place = NULL, *anew = NULL, *restored = NULL;
  xmlnode *node = parse_node (typed[_i]), *made = NULL;
  g_autoptr (EsXml) read = es_xml_from_node (node), again = NULL, rebuilt = NULL, third = NULL;

  ck_assert_ptr_nonnull (read);
  es_xml_write_node (read, node);
  in_place = written (node);
  again = es_xml_parse (in_place, strlen (in_place), NULL);
  ck_assert_msg (again != NULL && es_xml_equal (again, read), "%s", in_place);

  made = es_xml_to_node (read);
  anew = written (made);
  rebuilt = es_xml_parse (anew, strlen (anew), NULL);
  ck_assert_msg (rebuilt != NULL && es_xml_equal (rebuilt, read), "%s", anew);

  xmlnode_set_attrib (made, "more", "1");
  es_xml_restore_node (read, made);
  restored = written (made);
  third = es_xml_parse (restored, strlen (restored), NULL);
  ck_assert_msg (third != NULL && es_xml_equal (third, read), "%s", restored);
  xmlnode_free (node);
  xmlnode_free (made);
}
END_TEST

/* The same as plugins build them. */
START_TEST (xmlnode__prefixes__that_are_built_are_written_once_and_declared)
{
  xmlnode *node = xmlnode_new ("message"), *child = xmlnode_new_child (node, "x");
  g_autoptr (EsXml) read = NULL, again = NULL;
  g_autofree char *text = NULL;

  switch (_i)
    {
    case 0:
      xmlnode_set_attrib (node, "xml:lang", "en");
      break;
    case 1:
      xmlnode_set_attrib_full (node, "lang", NULL, "xml", "en");
      break;
    case 2:
      xmlnode_set_attrib_full (node, "lang", "http://www.w3.org/XML/1998/namespace", NULL, "en");
      break;
    case 3:
      xmlnode_set_attrib (node, "xmlns:f", "urn:f");
      xmlnode_set_attrib (node, "f:bar", "x");
      break;
    case 4:
      xmlnode_set_attrib (node, "xmlns:f", "urn:f");
      xmlnode_set_attrib_full (child, "bar", NULL, "f", "x");
      break;
    case 5:
      xmlnode_set_attrib_full (node, "bar", "urn:f", NULL, "x");
      break;
    case 6:
      xmlnode_set_attrib_full (node, "bar", "", NULL, "x");
      break;
    case 7:
      xmlnode_set_attrib (node, "xmlns", "jabber:client");
      break;
    default:
      xmlnode_set_namespace (node, "jabber:client");
      xmlnode_set_attrib (node, "xmlns", "jabber:client");
      xmlnode_set_attrib_full (node, "bar", "http://www.w3.org/2000/xmlns/", "xmlns", "urn:x");
    }
  read = es_xml_from_node (node);
  ck_assert_ptr_nonnull (read);
  es_xml_write_node (read, node);
  text = written (node);
  again = es_xml_parse (text, strlen (text), NULL);
  ck_assert_msg (again != NULL && es_xml_equal (again, read), "%s", text);
  xmlnode_free (node);
}
END_TEST

static void
spoil (xmlnode *node, int which)
{
  xmlnode *child = xmlnode_get_child (node, "x");

  switch (which)
    {
    case 1:
      xmlnode_set_attrib (child, "1st", "1");
      break;
    case 2:
      xmlnode_set_attrib (child, "xmlns", "urn:x");
      break;
    case 3:
      xmlnode_set_attrib_full (node, "a", NULL, "p", "1");
      break;
    case 4:
      xmlnode_set_attrib (node, "a", "1\x01");
      break;
    case 5:
      xmlnode_insert_data (child, "\xef\xbf\xbf", -1);
      break;
    case 6:
      xmlnode_insert_data (child, "\x1f", -1);
      break;
    case 7:
      xmlnode_new_child (child, "y:z");
      break;
    case 8:
      xmlnode_set_prefix (child, "p");
      break;
    case 9:
      xmlnode_set_attrib_full (child, "a", "urn:p", NULL, "1");
      xmlnode_set_attrib_full (child, "a", NULL, NULL, "1");
      break;
    case 10:
      xmlnode_set_namespace (child, "http://www.w3.org/2000/xmlns/");
      break;
    default:
      xmlnode_insert_data (child, "a<&\t\n\r>\xc3\xa4\xf0\x9f\x98\x80", -1);
      xmlnode_set_attrib (child, "a-b", "'\"<&>\xc3\xa4");
    }
}

/* What is said to be well-formed without being read is. */
START_TEST (xmlnode__is_plain__is_never_wrong)
{
  xmlnode *node = xmlnode_new ("message"), *child = xmlnode_new_child (node, "x");
  g_autofree char *text = NULL;

  xmlnode_set_namespace (node, "jabber:client");
  xmlnode_set_namespace (child, "urn:x");
  xmlnode_set_attrib (node, "to", "a@b");
  spoil (node, _i);
  text = written (node);
  ck_assert_int_eq (es_node_is_plain (node), _i == 0);
  ck_assert_int_eq (es_text_is_readable_xml (text, strlen (text)), _i == 0);
  xmlnode_free (node);
}
END_TEST

/* What a person may have typed is replaced. */
START_TEST (xmlnode__from_node__replaces_control_characters)
{
  xmlnode *node = xmlnode_new ("message"), *body = xmlnode_new_child (node, "body");
  g_autoptr (EsXml) read = NULL;
  g_autofree char *text = NULL;

  xmlnode_insert_data (body, "a\x01\xef\xbf\xbe", -1);
  xmlnode_set_attrib (body, "b", "\x1f");
  read = es_xml_from_node (node);
  ck_assert_ptr_nonnull (read);
  text = es_xml_dup_text (es_xml_child (read, "body", NULL));
  ck_assert_str_eq (text, "a\xef\xbf\xbd\xef\xbf\xbd");
  ck_assert_str_eq (es_xml_attribute (es_xml_child (read, "body", NULL), "b"), "\xef\xbf\xbd");
  xmlnode_free (node);
}
END_TEST

static xmlnode *
unreadable (int which)
{
  xmlnode *node = xmlnode_new ("message"), *child = xmlnode_new_child (node, "x");

  switch (which)
    {
    case 0:
      xmlnode_insert_data (child, "\xff", -1);
      break;
    case 1:
      xmlnode_insert_data (child, "\xed\xa0\x80", -1);
      break;
    case 2:
      xmlnode_set_attrib (child, "a", "\xc3");
      break;
    case 3:
      xmlnode_new_child (child, "a/><b");
      break;
    case 4:
      xmlnode_set_attrib (child, "a='1' b", "2");
      break;
    case 5:
      xmlnode_set_namespace (child, "urn:\xff");
      break;
    case 6:
      xmlnode_set_attrib_full (child, "a", "urn:\xff", "p", "1");
      break;
    case 7:
      xmlnode_set_attrib_full (child, "a", "urn:p", "p q", "1");
      break;
    case 8:
      xmlnode_set_namespace (child, "http://www.w3.org/XML/1998/namespace");
      break;
    case 9: /* which namespace is it? */
      xmlnode_set_prefix (child, "p");
      break;
    case 10:
      xmlnode_set_namespace (child, "urn:x");
      xmlnode_set_attrib (child, "xmlns", "urn:y");
      break;
    case 11:
      xmlnode_set_attrib (child, "a", "1");
      xmlnode_set_attrib_full (child, "a", "urn:p", "p", "2");
      break;
    case 12:
      xmlnode_set_attrib (child, "a", "1");
      xmlnode_set_attrib (child, "b", "2");
      g_free (child->lastchild->name);
      child->lastchild->name = g_strdup ("a");
      break;
    case 13:
      xmlnode_set_attrib_full (node, "from", "urn:p", "p", "a@b");
      break;
    case 14:
      xmlnode_set_attrib_full (node, "to", "http://www.w3.org/XML/1998/namespace", "xml", "a@b");
      break;
    case 15:
      xmlnode_set_attrib_full (node, "id", NULL, "p", "1");
      break;
    case 16:
      xmlnode_set_attrib (node, "xml:type", "error");
      break;
    case 17:
      xmlnode_set_attrib (node, "xml:lang", "de");
      xmlnode_set_attrib_full (node, "lang", NULL, "xml", "en");
      break;
    case 18:
      xmlnode_set_attrib (node, "a:b:c", "1");
      break;
    case 19:
      xmlnode_set_attrib_full (child, "a", NULL, "p", "1");
      break;
    case 20:
      xmlnode_set_attrib (child, "p:a", "1");
      break;
    case 21:
      xmlnode_set_attrib (node, "xmlns:p", "");
      xmlnode_set_attrib (child, "p:a", "1");
      break;
    default:
      xmlnode_new_child (child, "p:a");
    }
  return node;
}

static const char *const ours[] = { "urn:ours", "urn:ours:too", NULL };

START_TEST (xmlnode__from_node__refuses_what_is_unreadable)
{
  xmlnode *node = unreadable (_i);

  ck_assert_ptr_null (es_xml_from_node (node));
  ck_assert (!es_node_may_pass (node, ours));
  ck_assert_int_eq (es_node_is_confusing (node), _i >= 13 && _i <= 18);
  xmlnode_free (node);
}
END_TEST

/* What is written in an attribute of a child, or in another than those that say whose stanza it is, is no concern. */
START_TEST (xmlnode__is_confusing__looks_at_the_stanza_only)
{
  xmlnode *node = parse_node ("<message xmlns='jabber:client' from='a@b' to='c@d' type='chat' id='1' xml:lang='de'/>");
  xmlnode *child = xmlnode_new_child (node, "x");
  g_autoptr (EsXml) read = NULL;

  xmlnode_set_attrib_full (node, "stamp", "urn:p", "p", "1");
  xmlnode_set_attrib_full (child, "from", "urn:p", "p", "1");
  ck_assert (!es_node_is_confusing (node));
  read = es_xml_from_node (node);
  ck_assert_ptr_nonnull (read);
  xmlnode_free (node);
}
END_TEST

static xmlnode *
innermost (xmlnode *node)
{
  while (xmlnode_get_child (node, "a") != NULL)
    node = xmlnode_get_child (node, "a");
  return node;
}

START_TEST (xmlnode__may_pass__lets_through_what_is_only_deep)
{
  xmlnode *deep = nested (250), *wide = xmlnode_new ("message"), *crowded = xmlnode_new ("message");

  xmlnode_insert_data (innermost (deep), "text", -1);
  for (guint i = 0; i < ES_LIMIT_XML_NODES; i++)
    xmlnode_new_child (wide, "a");
  for (guint i = 0; i <= ES_LIMIT_XML_ATTRIBUTES; i++)
    {
      g_autofree char *name = g_strdup_printf ("a%u", i);

      xmlnode_set_attrib (crowded, name, "1");
    }
  ck_assert (es_xml_from_node (deep) == NULL && es_xml_from_node (wide) == NULL && es_xml_from_node (crowded) == NULL);
  ck_assert (es_node_may_pass (deep, ours) && es_node_may_pass (wide, ours) && es_node_may_pass (crowded, ours));

  xmlnode_set_namespace (innermost (deep), "urn:ours:too");
  ck_assert (!es_node_may_pass (deep, ours));
  xmlnode_set_namespace (innermost (deep), "urn:other");
  ck_assert (es_node_may_pass (deep, ours));
  xmlnode_set_attrib (innermost (deep), "a", "\xff");
  ck_assert (!es_node_may_pass (deep, ours));
  /* Inherited. */
  xmlnode_set_namespace (wide, "urn:ours");
  ck_assert (!es_node_may_pass (wide, ours));
  xmlnode_free (deep);
  xmlnode_free (wide);
  xmlnode_free (crowded);
}
END_TEST

/* libpurple keeps it for each node. */
START_TEST (xmlnode__from_node__has_limits_for_namespaces)
{
  xmlnode *node = xmlnode_new ("message"), *inside = NULL;
  g_autofree char *name = g_strnfill (ES_LIMIT_XML_NAME_OCTETS, 'x'), *long_name = g_strconcat (name, "x", NULL);
  g_autoptr (EsXml) read = NULL;

  for (guint i = 0; i < ES_LIMIT_NODE_NAMESPACE_OCTETS / ES_LIMIT_XML_NAME_OCTETS; i++)
    {
      inside = xmlnode_new_child (node, "a");
      xmlnode_set_namespace (inside, name);
    }
  for (guint i = 0; i < 1000; i++)
    xmlnode_set_namespace (xmlnode_new_child (inside, "b"), name);
  read = es_xml_from_node (node);
  ck_assert_ptr_nonnull (read);
  xmlnode_set_namespace (xmlnode_new_child (node, "c"), "u");
  xmlnode_new_child (node, "d");
  ck_assert_ptr_null (es_xml_from_node (node));
  ck_assert (es_node_may_pass (node, ours));
  xmlnode_free (node);

  node = xmlnode_new ("message");
  xmlnode_set_namespace (xmlnode_new_child (node, "a"), long_name);
  ck_assert_ptr_null (es_xml_from_node (node));
  xmlnode_free (node);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("xmlnode");
  TCase *tcase = tcase_create ("xmlnode");

  tcase_add_checked_fixture (tcase, setup, NULL);
  tcase_add_loop_test (tcase, xmlnode__from_node__reads_what_is_there, 0, G_N_ELEMENTS (samples));
  tcase_add_loop_test (tcase, xmlnode__round_trip__changes_nothing, 0, G_N_ELEMENTS (samples));
  tcase_add_test (tcase, xmlnode__from_node__inherits_namespaces);
  tcase_add_test (tcase, xmlnode__write_node__replaces_children_in_place);
  tcase_add_test (tcase, xmlnode__from_node__has_limits);
  tcase_add_loop_test (tcase, xmlnode__round_trip__keeps_what_is_awkward, 0, 4);
  tcase_add_test (tcase, xmlnode__to_node__declares_prefixes);
  tcase_add_test (tcase, xmlnode__from_node__reads_names_with_prefixes);
  tcase_add_loop_test (tcase, xmlnode__prefixes__are_written_once_and_declared, 0, 9);
  tcase_add_loop_test (tcase, xmlnode__prefixes__that_are_built_are_written_once_and_declared, 0, 9);
  tcase_add_loop_test (tcase, xmlnode__is_plain__is_never_wrong, 0, 11);
  tcase_add_test (tcase, xmlnode__from_node__replaces_control_characters);
  tcase_add_loop_test (tcase, xmlnode__from_node__refuses_what_is_unreadable, 0, 23);
  tcase_add_test (tcase, xmlnode__is_confusing__looks_at_the_stanza_only);
  tcase_add_test (tcase, xmlnode__may_pass__lets_through_what_is_only_deep);
  tcase_add_test (tcase, xmlnode__from_node__has_limits_for_namespaces);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
