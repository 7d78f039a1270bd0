/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml-private.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-secret.h"

/* What is in force around an element, and what was found in it so far. */
typedef struct
{
  guint depth, namespaces;
  guint *nodes;
} Place;

gboolean
es_xml_is_plain_name (const char *name)
{
  gsize size = 1;

  if (!g_ascii_isalpha (name[0]))
    return FALSE;
  while (g_ascii_isalnum (name[size]) || name[size] == '-' || name[size] == '_' || name[size] == '.')
    size++;
  return name[size] == '\0' && size <= ES_LIMIT_XML_NAME_OCTETS;
}

#define UNRESERVED "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/"

/* A reader looks whether it is a URI: SCHEME:NAMES, or SCHEME://HOST/PATH without a port, and a fragment. */
gboolean
es_xml_is_plain_namespace (const char *namespace_)
{
  const char *at = namespace_;

  if (strlen (namespace_) > ES_LIMIT_XML_NAME_OCTETS || strcmp (namespace_, ES_NS_XML) == 0
      || strcmp (namespace_, ES_NS_XMLNS) == 0)
    return FALSE;
  while (g_ascii_isalpha (*at))
    at++;
  if (at == namespace_ || *at++ != ':')
    return FALSE;
  if (at[0] == '/' && at[1] == '/' && g_ascii_isalnum (at[2]))
    at += strspn (at, UNRESERVED);
  else if (g_ascii_isalnum (*at))
    at += strspn (at, UNRESERVED ":");
  else
    return FALSE;
  if (*at == '#')
    at += 1 + strspn (at + 1, UNRESERVED);
  return *at == '\0';
}

/* *DECLARED: how many of them need a namespace declared. */
static gboolean
has_plain_attributes (const EsXml *xml, guint *declared)
{
  guint n = 0;

  for (const EsXmlAttribute *a = xml->attributes; a != NULL; a = a->next)
    {
      gboolean is_xml = g_strcmp0 (a->namespace_, ES_NS_XML) == 0;

      if (++n > ES_LIMIT_XML_ATTRIBUTES || !es_xml_is_plain_name (a->name))
        return FALSE;
      if (a->namespace_ == NULL ? strcmp (a->name, "xmlns") == 0
                                : !is_xml && !es_xml_is_plain_namespace (a->namespace_))
        return FALSE;
      *declared += a->namespace_ != NULL && !is_xml;
      for (const EsXmlAttribute *b = xml->attributes; b != a; b = b->next)
        if (strcmp (a->name, b->name) == 0 && g_strcmp0 (a->namespace_, b->namespace_) == 0)
          return FALSE;
    }
  return TRUE;
}

static gboolean
is_plain (const EsXml *xml, const EsXml *parent, Place place)
{
  if (xml->name == NULL)
    return TRUE;
  if (++*place.nodes > ES_LIMIT_XML_NODES || ++place.depth > ES_LIMIT_XML_DEPTH || !es_xml_is_plain_name (xml->name))
    return FALSE;

  /* That of the parent was looked at. */
  if (parent == NULL || strcmp (parent->namespace_, xml->namespace_) != 0)
    {
      place.namespaces++;
      if (!es_xml_is_plain_namespace (xml->namespace_))
        return FALSE;
    }
  if (!has_plain_attributes (xml, &place.namespaces) || place.namespaces > ES_LIMIT_XML_NAMESPACES)
    return FALSE;
  for (guint i = 0; i < xml->children.len; i++)
    if (!is_plain (xml->children.pdata[i], xml, place))
      return FALSE;
  return TRUE;
}

gboolean
es_xml_is_plain (const EsXml *xml)
{
  guint nodes = 0;

  return is_plain (xml, NULL, (Place){ .nodes = &nodes });
}

gboolean
es_text_is_readable_xml (const char *text, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) read = es_xml_parse (text, size, &error);

  return read != NULL || error->code == ES_ERROR_LIMIT;
}

gboolean
es_xml_is_readable (const EsXml *xml)
{
  char *text = !es_xml_is_plain (xml) ? es_xml_to_string (xml, ES_NS_CLIENT) : NULL;
  gboolean readable = text == NULL || es_text_is_readable_xml (text, strlen (text));

  es_text_free (text);
  return readable;
}
