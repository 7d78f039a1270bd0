/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml-private.h"

#include <string.h>

static void
attribute_free (gpointer data)
{
  EsXmlAttribute *attribute = data;

  g_free (attribute->name);
  g_free (attribute->namespace_);
  g_free (attribute->value);
  g_free (attribute);
}

EsXml *
es_xml_new (const char *name, const char *namespace_)
{
  EsXml *xml = g_new0 (EsXml, 1);

  xml->name = g_strdup (name);
  xml->namespace_ = g_strdup (namespace_);
  xml->attributes = g_ptr_array_new_with_free_func (attribute_free);
  xml->children = g_ptr_array_new_with_free_func ((GDestroyNotify) es_xml_free);
  return xml;
}

void
es_xml_free (EsXml *xml)
{
  if (xml == NULL)
    return;

  /* Text may be what somebody wrote in confidence. */
  if (xml->text != NULL)
    {
      memset (xml->text->str, 0, xml->text->len);
      g_string_free (xml->text, TRUE);
    }
  g_clear_pointer (&xml->attributes, g_ptr_array_unref);
  g_clear_pointer (&xml->children, g_ptr_array_unref);
  g_free (xml->namespace_);
  g_free (xml->name);
  g_free (xml);
}

EsXml *
es_xml_copy (const EsXml *xml)
{
  EsXml *copy = NULL;

  if (xml->name == NULL)
    {
      copy = g_new0 (EsXml, 1);
      copy->text = g_string_new_len (xml->text->str, (gssize) xml->text->len);
      return copy;
    }

  copy = es_xml_new (xml->name, xml->namespace_);
  for (guint i = 0; i < xml->attributes->len; i++)
    {
      const EsXmlAttribute *attribute = xml->attributes->pdata[i];

      es_xml_set_attribute_ns (copy, attribute->name, attribute->namespace_, attribute->value);
    }
  for (guint i = 0; i < xml->children->len; i++)
    es_xml_append (copy, es_xml_copy (xml->children->pdata[i]));
  return copy;
}

const char *
es_xml_name (const EsXml *xml)
{
  return xml->name;
}

const char *
es_xml_namespace (const EsXml *xml)
{
  return xml->namespace_;
}

gboolean
es_xml_is (const EsXml *xml, const char *name, const char *namespace_)
{
  return xml != NULL && xml->name != NULL && strcmp (xml->name, name) == 0
         && (namespace_ == NULL || strcmp (xml->namespace_, namespace_) == 0);
}

EsXml *
es_xml_append (EsXml *parent, EsXml *child)
{
  g_ptr_array_add (parent->children, child);
  return child;
}

EsXml *
es_xml_append_new (EsXml *parent, const char *name, const char *text)
{
  EsXml *child = es_xml_append (parent, es_xml_new (name, parent->namespace_));

  if (text != NULL)
    es_xml_append_text (child, text, -1);
  return child;
}

/* XML 1.0 section 2.2. */
static gboolean
is_xml_char (gunichar c)
{
  return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd)
         || (c >= 0x10000 && c <= 0x10ffff);
}

/* Whether all of it is UTF-8 that XML can hold; a quick look, as nearly all text passes. */
static gboolean
is_valid (const char *text, gsize size)
{
  gsize plain = 0;

  /* Base64 and most of what people write. */
  while (plain < size && text[plain] >= ' ' && text[plain] <= '~')
    plain++;
  text += plain;
  size -= plain;
  if (!g_utf8_validate_len (text, size, NULL))
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (((guchar) text[i] < 0x20 && strchr ("\t\n\r", text[i]) == NULL)
        || (i + 2 < size && memcmp (text + i, "\xef\xbf", 2) == 0 && (guchar) text[i + 2] >= 0xbe))
      return FALSE;
  return TRUE;
}

static void
append_valid (GString *out, const char *text, gsize size)
{
  const char *end = text + size;

  if (is_valid (text, size))
    {
      g_string_append_len (out, text, (gssize) size);
      return;
    }
  while (text < end)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (c == (gunichar) -1 || c == (gunichar) -2 || !is_xml_char (c))
        {
          g_string_append_unichar (out, 0xfffd);
          text += c == (gunichar) -1 || c == (gunichar) -2 ? 1 : g_utf8_skip[(guchar) *text];
          continue;
        }
      g_string_append_len (out, text, g_utf8_skip[(guchar) *text]);
      text += g_utf8_skip[(guchar) *text];
    }
}

void
es_xml_append_text (EsXml *parent, const char *text, gssize size)
{
  gsize octets = size < 0 ? strlen (text) : (gsize) size;
  guint n = parent->children->len;
  EsXml *last = n > 0 ? parent->children->pdata[n - 1] : NULL;

  /* What holds no text has no node for it, whoever made it. */
  if (octets == 0)
    return;
  if (last == NULL || last->name != NULL)
    {
      last = g_new0 (EsXml, 1);
      last->text = g_string_new (NULL);
      es_xml_append (parent, last);
    }
  append_valid (last->text, text, octets);
}

const GPtrArray *
es_xml_children (const EsXml *xml)
{
  return xml->children;
}

EsXml *
es_xml_steal (EsXml *parent, guint index)
{
  return g_ptr_array_steal_index (parent->children, index);
}

EsXml *
es_xml_child (const EsXml *xml, const char *name, const char *namespace_)
{
  for (guint i = 0; i < xml->children->len; i++)
    if (es_xml_is (xml->children->pdata[i], name, namespace_))
      return xml->children->pdata[i];
  return NULL;
}

gboolean
es_xml_contains (const EsXml *xml, const char *name, const char *namespace_)
{
  if (xml->name == NULL)
    return FALSE;
  if (es_xml_is (xml, name, namespace_))
    return TRUE;
  for (guint i = 0; i < xml->children->len; i++)
    if (es_xml_contains (xml->children->pdata[i], name, namespace_))
      return TRUE;
  return FALSE;
}

char *
es_xml_dup_text (const EsXml *xml)
{
  GString *text = g_string_new (NULL);

  if (xml->name == NULL)
    g_string_append_len (text, xml->text->str, (gssize) xml->text->len);
  for (guint i = 0; xml->name != NULL && i < xml->children->len; i++)
    {
      const EsXml *child = xml->children->pdata[i];

      if (child->name == NULL)
        g_string_append_len (text, child->text->str, (gssize) child->text->len);
    }
  return g_string_free (text, FALSE);
}

static EsXmlAttribute *
find_attribute (const EsXml *xml, const char *name, const char *namespace_)
{
  for (guint i = 0; i < xml->attributes->len; i++)
    {
      EsXmlAttribute *attribute = xml->attributes->pdata[i];

      if (strcmp (attribute->name, name) == 0 && g_strcmp0 (attribute->namespace_, namespace_) == 0)
        return attribute;
    }
  return NULL;
}

const char *
es_xml_attribute (const EsXml *xml, const char *name)
{
  const EsXmlAttribute *attribute = find_attribute (xml, name, NULL);

  return attribute != NULL ? attribute->value : NULL;
}

void
es_xml_set_attribute (EsXml *xml, const char *name, const char *value)
{
  es_xml_set_attribute_ns (xml, name, NULL, value);
}

void
es_xml_set_attribute_ns (EsXml *xml, const char *name, const char *namespace_, const char *value)
{
  EsXmlAttribute *attribute = find_attribute (xml, name, namespace_);
  GString *valid = NULL;

  if (value == NULL)
    {
      if (attribute != NULL)
        g_ptr_array_remove (xml->attributes, attribute);
      return;
    }
  if (attribute == NULL)
    {
      attribute = g_new0 (EsXmlAttribute, 1);
      attribute->name = g_strdup (name);
      attribute->namespace_ = g_strdup (namespace_);
      g_ptr_array_add (xml->attributes, attribute);
    }
  valid = g_string_new (NULL);
  append_valid (valid, value, strlen (value));
  g_free (attribute->value);
  attribute->value = g_string_free (valid, FALSE);
}

guint
es_xml_n_attributes (const EsXml *xml)
{
  return xml->attributes->len;
}

void
es_xml_attribute_at (const EsXml *xml, guint index, const char **name, const char **namespace_, const char **value)
{
  const EsXmlAttribute *attribute = xml->attributes->pdata[index];

  *name = attribute->name;
  *namespace_ = attribute->namespace_;
  *value = attribute->value;
}

gboolean
es_xml_equal (const EsXml *a, const EsXml *b)
{
  if ((a->name == NULL) != (b->name == NULL))
    return FALSE;
  if (a->name == NULL)
    return g_string_equal (a->text, b->text);
  if (strcmp (a->name, b->name) != 0 || strcmp (a->namespace_, b->namespace_) != 0
      || a->attributes->len != b->attributes->len || a->children->len != b->children->len)
    return FALSE;

  for (guint i = 0; i < a->attributes->len; i++)
    {
      const EsXmlAttribute *mine = a->attributes->pdata[i];
      const EsXmlAttribute *theirs = find_attribute (b, mine->name, mine->namespace_);

      if (theirs == NULL || strcmp (mine->value, theirs->value) != 0)
        return FALSE;
    }
  for (guint i = 0; i < a->children->len; i++)
    if (!es_xml_equal (a->children->pdata[i], b->children->pdata[i]))
      return FALSE;
  return TRUE;
}

/* Serializing */

void
es_xml_append_escaped (GString *out, const char *text, gboolean in_attribute)
{
  const char *special = in_attribute ? "&<\r\"\t\n" : "&<\r>";

  for (gsize plain = 0;; text += plain + 1)
    {
      plain = strcspn (text, special);
      g_string_append_len (out, text, (gssize) plain);
      switch (text[plain])
        {
        case '\0':
          return;
        case '&':
          g_string_append (out, "&amp;");
          break;
        case '<':
          g_string_append (out, "&lt;");
          break;
        case '>':
          g_string_append (out, "&gt;");
          break;
        case '"':
          g_string_append (out, "&quot;");
          break;
        default:
          g_string_append_printf (out, "&#x%X;", (guint) text[plain]);
        }
    }
}

static void
serialize (GString *out, const EsXml *xml, const char *outer)
{
  if (xml->name == NULL)
    {
      es_xml_append_escaped (out, xml->text->str, FALSE);
      return;
    }

  g_string_append_printf (out, "<%s", xml->name);
  if (strcmp (xml->namespace_, outer) != 0)
    {
      g_string_append (out, " xmlns=\"");
      es_xml_append_escaped (out, xml->namespace_, TRUE);
      g_string_append_c (out, '"');
    }
  for (guint i = 0; i < xml->attributes->len; i++)
    {
      const EsXmlAttribute *attribute = xml->attributes->pdata[i];

      g_string_append_c (out, ' ');
      if (g_strcmp0 (attribute->namespace_, ES_NS_XML) == 0)
        g_string_append (out, "xml:");
      else if (attribute->namespace_ != NULL)
        {
          g_string_append_printf (out, "xmlns:a%u=\"", i);
          es_xml_append_escaped (out, attribute->namespace_, TRUE);
          g_string_append_printf (out, "\" a%u:", i);
        }
      g_string_append_printf (out, "%s=\"", attribute->name);
      es_xml_append_escaped (out, attribute->value, TRUE);
      g_string_append_c (out, '"');
    }

  if (xml->children->len == 0)
    {
      g_string_append (out, "/>");
      return;
    }
  g_string_append_c (out, '>');
  for (guint i = 0; i < xml->children->len; i++)
    serialize (out, xml->children->pdata[i], xml->namespace_);
  g_string_append_printf (out, "</%s>", xml->name);
}

char *
es_xml_to_string (const EsXml *xml, const char *default_namespace)
{
  GString *out = g_string_new (NULL);

  serialize (out, xml, default_namespace);
  return g_string_free (out, FALSE);
}

char *
es_xml_children_to_string (const EsXml *xml)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < xml->children->len; i++)
    serialize (out, xml->children->pdata[i], xml->namespace_);
  return g_string_free (out, FALSE);
}
