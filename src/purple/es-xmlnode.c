/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xmlnode.h"

#include <string.h>

#include "es-limits.h"
#include "es-secret.h"

/* What stands for the namespace of a prefix that nobody has declared. */
static const char unknown[] = "prefix";

/* More than libpurple's parsers let through, and of attributes more than anybody writes. */
#define MAX_DEPTH 1024u
#define MAX_ATTRIBUTES 1024u

/* What one conversion has used up. */
typedef struct
{
  guint n_nodes;
  gsize namespace_octets;
} Used;

/* Text is what a person may have typed: control characters are replaced later, but no octets are guessed at. */
static gboolean
is_text (const char *text, gsize size)
{
  return size == 0 || (text != NULL && g_utf8_validate_len (text, size, NULL));
}

/* Nodes that somebody builds can have any name; no name may write markup. */
static gboolean
is_name (const char *name)
{
  gsize size = name != NULL ? strlen (name) : 0;

  if (size == 0 || size > ES_LIMIT_XML_NAME_OCTETS || !g_utf8_validate_len (name, size, NULL))
    return FALSE;
  for (const char *c = name; *c != '\0'; c++)
    if ((guchar) *c <= ' ' || strchr ("<>&\"'/=", *c) != NULL)
      return FALSE;
  return TRUE;
}

static gboolean
is_namespace (const char *namespace_)
{
  gsize size = strlen (namespace_);

  return size <= ES_LIMIT_XML_NAME_OCTETS && g_utf8_validate_len (namespace_, size, NULL);
}

/* An element; a prefix is kept beside it. */
static gboolean
is_element_name (const char *name)
{
  return is_name (name) && strchr (name, ':') == NULL;
}

static gboolean
is_attribute_name (const xmlnode *attribute)
{
  const char *colon = is_name (attribute->name) ? strchr (attribute->name, ':') : NULL;

  if (colon != NULL)
    return attribute->prefix == NULL && colon != attribute->name && colon[1] != '\0' && strchr (colon + 1, ':') == NULL;
  return is_name (attribute->name) && (attribute->prefix == NULL || is_element_name (attribute->prefix));
}

/* An attribute, as XML has it. libpurple keeps the prefix beside the name, but whoever builds a node may write it as a part of that, as
 * libpurple itself does with xml:lang. */
static const char *
attribute_name (const xmlnode *attribute)
{
  const char *colon = attribute->prefix == NULL ? strchr (attribute->name, ':') : NULL;

  return colon != NULL ? colon + 1 : attribute->name;
}

/* Whether ATTRIBUTE bears PREFIX, of SIZE octets. */
static gboolean
has_prefix (const xmlnode *attribute, const char *prefix, gsize size)
{
  const char *own = attribute->prefix != NULL ? attribute->prefix : attribute->name;

  return strncmp (own, prefix, size) == 0 && own[size] == (attribute->prefix != NULL ? '\0' : ':');
}

static gboolean
declares_prefix (const xmlnode *attribute)
{
  return has_prefix (attribute, "xmlns", strlen ("xmlns"));
}

/* A namespace that was set as if it were an attribute. */
static gboolean
is_declaration (const xmlnode *attribute)
{
  return attribute->prefix == NULL && attribute->xmlns == NULL && purple_strequal (attribute->name, "xmlns");
}

/* What PREFIX, of SIZE octets, stands for in NODE: NULL if nobody has said so. */
static const char *
find_declared (const xmlnode *node, const char *prefix, gsize size)
{
  g_autofree char *name = g_strndup (prefix, size);

  for (; node != NULL; node = node->parent)
    {
      const char *mapped = node->namespace_map != NULL ? g_hash_table_lookup (node->namespace_map, name) : NULL;

      for (const xmlnode *child = node->child; child != NULL; child = child->next)
        if (child->type == XMLNODE_TYPE_ATTRIB && declares_prefix (child) && strcmp (attribute_name (child), name) == 0)
          mapped = child->data;
      if (mapped != NULL)
        return *mapped != '\0' ? mapped : NULL;
    }
  return NULL;
}

/* NULL for none. Some of libpurple's parsers keep only the prefix, and what it stands for somewhere above. */
static const char *
attribute_namespace (const xmlnode *attribute)
{
  const char *prefix = attribute->prefix != NULL ? attribute->prefix : attribute->name, *declared = NULL;
  gsize size = attribute->prefix != NULL ? strlen (prefix) : (gsize) (attribute_name (attribute) - prefix);

  if (attribute->xmlns != NULL && *attribute->xmlns != '\0')
    return attribute->xmlns;
  if (size == 0)
    return NULL;
  if (attribute->prefix == NULL)
    size--;
  if (declares_prefix (attribute))
    return ES_NS_XMLNS;
  if (has_prefix (attribute, "xml", strlen ("xml")))
    return ES_NS_XML;
  declared = find_declared (attribute->parent, prefix, size);
  return declared != NULL ? declared : unknown;
}

static gboolean
is_language (const xmlnode *attribute)
{
  return strcmp (attribute_name (attribute), "lang") == 0
         && purple_strequal (attribute_namespace (attribute), ES_NS_XML);
}

/* Whether ATTRIBUTE is called like one of those that say whose a stanza is and what, which have no namespace. */
static gboolean
is_foreign (const xmlnode *attribute)
{
  static const char *const routing[] = { "from", "to", "type", "id", NULL };

  return g_strv_contains (routing, attribute_name (attribute)) && attribute_namespace (attribute) != NULL;
}

/* libpurple looks at the name of an attribute only, whatever its namespace, and takes the first of that name. */
static gboolean
is_confusing (const xmlnode *attribute, gboolean in_stanza)
{
  const char *name = attribute_name (attribute);
  gboolean language = is_language (attribute);

  if (attribute->prefix == NULL && declares_prefix (attribute))
    return FALSE;
  if (in_stanza && is_foreign (attribute))
    return TRUE;

  /* A lang may stand beside xml:lang. */
  for (const xmlnode *other = attribute->next; other != NULL; other = other->next)
    if (other->type == XMLNODE_TYPE_ATTRIB && strcmp (attribute_name (other), name) == 0
        && (!language || is_language (other)))
      return TRUE;
  return FALSE;
}

/* The namespace of NODE where OUTER is in force; NULL if nobody can tell, or XML does not have it. */
static const char *
namespace_of (const xmlnode *node, const char *outer)
{
  const char *namespace_ = node->xmlns;

  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_ATTRIB && is_declaration (child) && namespace_ == NULL)
      namespace_ = child->data;
    else if (child->type == XMLNODE_TYPE_ATTRIB && is_declaration (child) && !purple_strequal (namespace_, child->data))
      return NULL;

  if (namespace_ == NULL && node->prefix != NULL)
    return NULL;
  if (namespace_ == NULL)
    return outer;
  return is_namespace (namespace_) && strcmp (namespace_, ES_NS_XML) != 0 && strcmp (namespace_, ES_NS_XMLNS) != 0
             ? namespace_
             : NULL;
}

static gboolean
has_readable_namespace (const xmlnode *attribute)
{
  const char *namespace_ = attribute_namespace (attribute);

  return namespace_ == NULL || (namespace_ != unknown && is_namespace (namespace_));
}

/* Whether all that NODE itself holds, without its child elements, is what XML can hold and means the same to libpurple. */
static gboolean
is_readable (const xmlnode *node, gboolean is_stanza)
{
  guint n_attributes = 0;

  if (!is_element_name (node->name))
    return FALSE;
  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    switch (child->type)
      {
      case XMLNODE_TYPE_ATTRIB:
        if (++n_attributes > MAX_ATTRIBUTES || !is_attribute_name (child) || child->data == NULL
            || !is_text (child->data, strlen (child->data)) || !has_readable_namespace (child)
            || is_confusing (child, is_stanza))
          return FALSE;
        break;
      case XMLNODE_TYPE_DATA:
        if (!is_text (child->data, child->data_sz))
          return FALSE;
        break;
      case XMLNODE_TYPE_TAG:
      default:
        break;
      }
  return TRUE;
}

static gboolean
read_attribute (const xmlnode *attribute, EsXml *xml, Used *used)
{
  const char *namespace_ = attribute_namespace (attribute);

  if (is_declaration (attribute) || purple_strequal (namespace_, ES_NS_XMLNS))
    return TRUE;
  if (namespace_ != NULL && strcmp (namespace_, ES_NS_XML) != 0)
    used->namespace_octets += strlen (namespace_);
  es_xml_set_attribute_ns (xml, attribute_name (attribute), namespace_, attribute->data);
  return es_xml_n_attributes (xml) <= ES_LIMIT_XML_ATTRIBUTES;
}

/* Fills XML with what NODE holds. */
static gboolean
convert (const xmlnode *node, EsXml *xml, guint depth, Used *used)
{
  if (depth > ES_LIMIT_XML_DEPTH || !is_readable (node, depth == 1))
    return FALSE;
  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    {
      const char *namespace_ = NULL;
      EsXml *inner = NULL;

      if (++used->n_nodes > ES_LIMIT_XML_NODES || used->namespace_octets > ES_LIMIT_NODE_NAMESPACE_OCTETS)
        return FALSE;
      switch (child->type)
        {
        case XMLNODE_TYPE_ATTRIB:
          if (!read_attribute (child, xml, used))
            return FALSE;
          break;
        case XMLNODE_TYPE_DATA:
          es_xml_append_text (xml, child->data, (gssize) child->data_sz);
          break;
        case XMLNODE_TYPE_TAG:
        default:
          namespace_ = namespace_of (child, es_xml_namespace (xml));
          if (namespace_ == NULL || !is_element_name (child->name))
            return FALSE;
          /* Those in one namespace share it. */
          if (strcmp (namespace_, es_xml_namespace (xml)) == 0)
            inner = es_xml_append_new (xml, child->name, NULL);
          else
            {
              used->namespace_octets += strlen (namespace_);
              inner = es_xml_append (xml, es_xml_new (child->name, namespace_));
            }
          if (!convert (child, inner, depth + 1, used))
            return FALSE;
        }
    }
  return TRUE;
}

EsXml *
es_xml_from_node (const xmlnode *node)
{
  const char *namespace_ = namespace_of (node, ES_NS_CLIENT);
  g_autoptr (EsXml) xml
      = namespace_ != NULL && is_element_name (node->name) ? es_xml_new (node->name, namespace_) : NULL;
  Used used = { .n_nodes = 1 };

  return xml != NULL && convert (node, xml, 1, &used) ? g_steal_pointer (&xml) : NULL;
}

static gboolean
may_pass (const xmlnode *node, const char *outer, const char *const *ours, guint depth)
{
  const char *namespace_ = namespace_of (node, outer);

  if (depth > MAX_DEPTH || namespace_ == NULL || g_strv_contains (ours, namespace_) || !is_readable (node, depth == 1))
    return FALSE;
  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_TAG && !may_pass (child, namespace_, ours, depth + 1))
      return FALSE;
  return TRUE;
}

gboolean
es_node_may_pass (const xmlnode *node, const char *const *ours)
{
  return may_pass (node, ES_NS_CLIENT, ours, 1);
}

void
es_node_drop_foreign (xmlnode *stanza)
{
  xmlnode *next = NULL;

  for (xmlnode *child = stanza->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_ATTRIB && is_attribute_name (child) && !declares_prefix (child)
          && is_foreign (child))
        xmlnode_free (child);
    }
}

gboolean
es_node_is_confusing (const xmlnode *node)
{
  guint n_attributes = 0;

  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_ATTRIB
        && (++n_attributes > MAX_ATTRIBUTES || !is_attribute_name (child) || is_confusing (child, TRUE)))
      return TRUE;
  return FALSE;
}

/* What is written of TEXT is read again. */
static gboolean
is_plain_text (const char *text, gsize size)
{
  gboolean ascii = TRUE;

  for (gsize i = 0; i < size; i++)
    {
      guchar c = (guchar) text[i];

      if (c < ' ' && c != '\t' && c != '\n' && c != '\r')
        return FALSE;
      ascii = ascii && c < 0x80;
    }
  return ascii
         || (g_utf8_validate_len (text, size, NULL) && g_strstr_len (text, (gssize) size, "\xef\xbf\xbe") == NULL
             && g_strstr_len (text, (gssize) size, "\xef\xbf\xbf") == NULL);
}

static gboolean
is_plain_attribute (const xmlnode *attribute)
{
  if (attribute->prefix != NULL || strcmp (attribute->name, "xmlns") == 0 || !es_xml_is_plain_name (attribute->name)
      || attribute->data == NULL || !is_plain_text (attribute->data, strlen (attribute->data)))
    return FALSE;
  for (const xmlnode *other = attribute->next; other != NULL; other = other->next)
    if (other->type == XMLNODE_TYPE_ATTRIB && strcmp (other->name, attribute->name) == 0)
      return FALSE;
  return TRUE;
}

static gboolean
is_plain (const xmlnode *node, guint depth)
{
  guint n_attributes = 0;

  if (depth > ES_LIMIT_XML_DEPTH || node->prefix != NULL || node->namespace_map != NULL
      || !es_xml_is_plain_name (node->name) || (node->xmlns != NULL && !es_xml_is_plain_namespace (node->xmlns)))
    return FALSE;
  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    switch (child->type)
      {
      case XMLNODE_TYPE_ATTRIB:
        if (++n_attributes > ES_LIMIT_XML_ATTRIBUTES || !is_plain_attribute (child))
          return FALSE;
        break;
      case XMLNODE_TYPE_DATA:
        if (!is_plain_text (child->data, child->data_sz))
          return FALSE;
        break;
      case XMLNODE_TYPE_TAG:
      default:
        if (!is_plain (child, depth + 1))
          return FALSE;
      }
  return TRUE;
}

gboolean
es_node_is_plain (const xmlnode *node)
{
  return is_plain (node, 1);
}

/* libpurple writes the map as it is, instead of the namespace of the node, which then has to be in it. */
static void
declare (xmlnode *node, const char *prefix, const char *namespace_)
{
  g_hash_table_insert (node->namespace_map, g_strdup (prefix), g_markup_escape_text (namespace_, -1));
}

static void
write_prefixed (xmlnode *node, const char *name, const char *namespace_, const char *prefix, const char *value)
{
  if (node->namespace_map == NULL)
    {
      node->namespace_map = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      declare (node, "", node->xmlns);
    }
  declare (node, prefix, namespace_);
  xmlnode_set_attrib_full (node, name, namespace_, prefix, value);
}

static void
write_attributes (const EsXml *xml, xmlnode *node)
{
  for (guint i = 0; i < es_xml_n_attributes (xml); i++)
    {
      const char *name = NULL, *namespace_ = NULL, *value = NULL;
      g_autofree char *prefix = g_strdup_printf ("a%u", i);

      es_xml_attribute_at (xml, i, &name, &namespace_, &value);
      if (namespace_ == NULL)
        {
          /* Somebody may hold on to one that is as it was. */
          if (!purple_strequal (xmlnode_get_attrib (node, name), value))
            xmlnode_set_attrib_full (node, name, NULL, NULL, value);
        }
      else if (strcmp (namespace_, ES_NS_XML) == 0)
        xmlnode_set_attrib_full (node, name, namespace_, "xml", value);
      else
        write_prefixed (node, name, namespace_, prefix, value);
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
          es_octets_wipe (text, strlen (text));
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

/* What is in NODE with a prefix, or declares one, would stand beside what is written for it now, or without what it needs. */
static void
drop_prefixes (xmlnode *node)
{
  xmlnode *next = NULL;

  for (xmlnode *child = node->child; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_ATTRIB
          && (child->prefix != NULL || is_declaration (child) || attribute_namespace (child) != NULL))
        xmlnode_free (child);
    }
  xmlnode_set_prefix (node, NULL);
  g_clear_pointer (&node->namespace_map, g_hash_table_destroy);
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
  drop_prefixes (node);
  xmlnode_set_namespace (node, es_xml_namespace (xml));
  write_attributes (xml, node);
  write_children (xml, node);
}

void
es_xml_restore_node (const EsXml *xml, xmlnode *node)
{
  g_autoptr (EsXml) now = es_xml_from_node (node);

  if (now != NULL && es_xml_equal (now, xml))
    return;
  while (node->child != NULL)
    xmlnode_free (node->child);
  g_free (node->name);
  node->name = g_strdup (es_xml_name (xml));
  es_xml_write_node (xml, node);
}
