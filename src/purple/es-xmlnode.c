/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xmlnode.h"

#include <string.h>

#include "es-limits.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

/* Some of libpurple's parsers keep only the prefix of an attribute. What it stood for is lost then, but not that the
 * attribute is another one than that without. */
static void
read_attribute (const xmlnode *attribute, EsXml *xml)
{
  g_autofree char *unknown = attribute->prefix != NULL ? g_strdup_printf ("prefix:%s", attribute->prefix) : NULL;
  const char *namespace_ = attribute->xmlns;

  if (namespace_ == NULL && unknown != NULL)
    namespace_ = purple_strequal (attribute->prefix, "xml") ? NS_XML : unknown;
  es_xml_set_attribute_ns (xml, attribute->name, namespace_, attribute->data);
}

static EsXml *
convert (const xmlnode *node, const char *outer, guint depth, guint *n_nodes)
{
  const char *namespace_ = node->xmlns != NULL ? node->xmlns : outer;
  g_autoptr (EsXml) xml = es_xml_new (node->name, namespace_);

  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    {
      EsXml *converted = NULL;

      if (++*n_nodes > ES_LIMIT_XML_NODES)
        return NULL;
      switch (child->type)
        {
        case XMLNODE_TYPE_ATTRIB:
          read_attribute (child, xml);
          break;
        case XMLNODE_TYPE_DATA:
          es_xml_append_text (xml, child->data, (gssize) child->data_sz);
          break;
        case XMLNODE_TYPE_TAG:
        default:
          if (depth >= ES_LIMIT_XML_DEPTH || (converted = convert (child, namespace_, depth + 1, n_nodes)) == NULL)
            return NULL;
          es_xml_append (xml, converted);
        }
    }
  return g_steal_pointer (&xml);
}

EsXml *
es_xml_from_node (const xmlnode *node)
{
  guint n_nodes = 1;

  return convert (node, ES_NS_CLIENT, 1, &n_nodes);
}

static void
write_attributes (const EsXml *xml, xmlnode *node)
{
  for (guint i = 0; i < es_xml_n_attributes (xml); i++)
    {
      const char *name = NULL, *namespace_ = NULL, *value = NULL;

      es_xml_attribute_at (xml, i, &name, &namespace_, &value);
      if (namespace_ == NULL)
        xmlnode_set_attrib (node, name, value);
      else
        xmlnode_set_attrib_full (node, name, namespace_, strcmp (namespace_, NS_XML) == 0 ? "xml" : "a", value);
    }
}

/* libpurple skips received children without a namespace of their own, and does not declare one again that the parent has,
 * so every node gets one. */
static void
write_children (const EsXml *xml, xmlnode *node)
{
  const GPtrArray *children = es_xml_children (xml);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (es_xml_name (child) == NULL)
        {
          g_autofree char *text = es_xml_dup_text (child);

          xmlnode_insert_data (node, text, -1);
        }
      else
        {
          xmlnode *made = xmlnode_new_child (node, es_xml_name (child));

          xmlnode_set_namespace (made, es_xml_namespace (child));
          write_attributes (child, made);
          write_children (child, made);
        }
    }
}

xmlnode *
es_xml_to_node (const EsXml *xml)
{
  xmlnode *node = xmlnode_new (es_xml_name (xml));

  xmlnode_set_namespace (node, es_xml_namespace (xml));
  write_attributes (xml, node);
  write_children (xml, node);
  return node;
}

void
es_xml_write_node (const EsXml *xml, xmlnode *node)
{
  xmlnode *next = NULL;

  for (xmlnode *child = node->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type != XMLNODE_TYPE_ATTRIB)
        xmlnode_free (child);
    }
  xmlnode_set_namespace (node, es_xml_namespace (xml));
  write_attributes (xml, node);
  write_children (xml, node);
}
