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
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
