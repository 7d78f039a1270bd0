/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-files.h"

#include <string.h>

#define NS_SI "http://jabber.org/protocol/si"
#define NS_FEATURE "http://jabber.org/protocol/feature-neg"
#define NS_DATA "jabber:x:data"
#define NS_IBB "http://jabber.org/protocol/ibb"
#define NS_BYTESTREAMS "http://jabber.org/protocol/bytestreams"
#define NS_OOB "jabber:iq:oob"

EsFileKind
es_files_kind (const EsXml *iq)
{
  const char *type = es_xml_attribute (iq, "type");

  if (es_xml_child (iq, "query", NS_BYTESTREAMS) != NULL || es_xml_child (iq, "query", NS_OOB) != NULL)
    return ES_FILE_PAST;
  if (es_xml_child (iq, "si", NS_SI) == NULL)
    return ES_FILE_NONE;
  return g_strcmp0 (type, "set") == 0 ? ES_FILE_OFFER : g_strcmp0 (type, "result") == 0 ? ES_FILE_ANSWER : ES_FILE_NONE;
}

static gboolean
is_in_band (const EsXml *value)
{
  g_autofree char *text = es_xml_dup_text (value);

  return strcmp (g_strstrip (text), NS_IBB) == 0;
}

/* Takes the ways that go past the session out of a field: an offer has an <option/> for each, an answer one <value/>. */
static gboolean
restrict_field (EsXml *field)
{
  gboolean found = FALSE;

  for (guint i = 0; i < es_xml_children (field)->len;)
    {
      const EsXml *child = es_xml_children (field)->pdata[i];
      const EsXml *value = es_xml_is (child, "option", NULL) ? es_xml_child (child, "value", NULL) : child;
      gboolean is_way = es_xml_is (child, "option", NULL) || es_xml_is (child, "value", NULL);

      if (is_way && (value == NULL || !is_in_band (value)))
        {
          es_xml_free (es_xml_steal (field, i));
          continue;
        }
      found |= is_way;
      i++;
    }
  return found;
}

/* Whatever reads it may look at another one than the first. */
static gboolean
restrict_below (EsXml *parent, const char *const *path)
{
  const GPtrArray *children = es_xml_children (parent);
  gboolean found = FALSE;

  for (guint i = 0; i < children->len; i++)
    {
      EsXml *child = children->pdata[i];

      if (!es_xml_is (child, path[0], path[1]))
        continue;
      if (path[2] != NULL)
        found |= restrict_below (child, path + 2);
      else if (g_strcmp0 (es_xml_attribute (child, "var"), "stream-method") == 0)
        found |= restrict_field (child);
    }
  return found;
}

gboolean
es_files_restrict (EsXml *iq)
{
  static const char *const path[] = { "si", NS_SI, "feature", NS_FEATURE, "x", NS_DATA, "field", NS_DATA, NULL };

  return restrict_below (iq, path);
}
