/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-files.h"

#include <string.h>

static const EsXml *
find_ibb (const EsXml *iq)
{
  static const char *const names[] = { "open", "data", "close" };
  const EsXml *found = NULL;

  for (gsize i = 0; found == NULL && i < G_N_ELEMENTS (names); i++)
    found = es_xml_child (iq, names[i], ES_NS_IBB);
  return found;
}

const char *
es_files_stream (const EsXml *iq)
{
  const EsXml *si = es_xml_child (iq, "si", ES_NS_SI), *ibb = find_ibb (iq);

  return si != NULL ? es_xml_attribute (si, "id") : ibb != NULL ? es_xml_attribute (ibb, "sid") : NULL;
}

gboolean
es_files_is_act (const EsXml *iq)
{
  return es_xml_child (iq, "si", ES_NS_SI) != NULL || find_ibb (iq) != NULL
         || es_xml_child (iq, "query", ES_NS_OOB) != NULL || es_xml_child (iq, "query", ES_NS_REGISTER) != NULL;
}

static gboolean
has_namespaced_attribute (const EsXml *xml)
{
  const GPtrArray *children = es_xml_children (xml);

  for (guint i = 0; i < es_xml_n_attributes (xml); i++)
    {
      const char *name = NULL, *namespace = NULL, *value = NULL;

      es_xml_attribute_at (xml, i, &name, &namespace, &value);
      if (namespace != NULL && *namespace != '\0' && strcmp (namespace, ES_NS_XML) != 0)
        return TRUE;
    }
  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL && has_namespaced_attribute (children->pdata[i]))
      return TRUE;
  return FALSE;
}

gboolean
es_files_is_confusing (const EsXml *iq)
{
  return (es_files_is_act (iq) || es_xml_child (iq, "query", ES_NS_BYTESTREAMS) != NULL
          || es_xml_child (iq, "jingle", ES_NS_JINGLE) != NULL || es_xml_child (iq, "session", ES_NS_GOOGLE) != NULL)
         && has_namespaced_attribute (iq);
}

gboolean
es_files_is_call (const EsXml *iq)
{
  const EsXml *jingle = es_xml_child (iq, "jingle", ES_NS_JINGLE), *google = es_xml_child (iq, "session", ES_NS_GOOGLE);

  return (jingle != NULL && g_strcmp0 (es_xml_attribute (jingle, "action"), "session-initiate") == 0)
         || (google != NULL && g_strcmp0 (es_xml_attribute (google, "type"), "initiate") == 0);
}

/* The end of a stream, in which nothing can be hidden. */
static gboolean
is_end (const EsXml *iq)
{
  const EsXml *close = es_xml_child (iq, "close", ES_NS_IBB);

  return close != NULL && es_xml_children (iq)->len == 1 && es_xml_children (close)->len == 0
         && es_xml_n_attributes (close) == 1 && es_xml_attribute (close, "sid") != NULL;
}

EsFileKind
es_files_kind (const EsXml *iq)
{
  const char *type = es_xml_attribute (iq, "type");

  if (g_strcmp0 (type, "set") == 0 && is_end (iq))
    return ES_FILE_END;

  if (es_xml_child (iq, "query", ES_NS_BYTESTREAMS) != NULL || es_xml_child (iq, "query", ES_NS_OOB) != NULL)
    return ES_FILE_PAST;
  if (es_xml_child (iq, "si", ES_NS_SI) == NULL)
    return ES_FILE_NONE;
  return g_strcmp0 (type, "result") == 0  ? ES_FILE_ANSWER
         : g_strcmp0 (type, "error") == 0 ? ES_FILE_NONE
                                          : ES_FILE_OFFER;
}

static gboolean
is_in_band (const EsXml *value)
{
  g_autofree char *text = es_xml_dup_text (value);

  return strcmp (g_strstrip (text), ES_NS_IBB) == 0;
}

/* An offer has an <option/> for each way, an answer one <value/>. *DATA: whether one of them is in-band. */
static gboolean
may_stay (const EsXml *child, gpointer data)
{
  gboolean *found = data, is_option = es_xml_is (child, "option", NULL);
  const EsXml *value = is_option ? es_xml_child (child, "value", NULL) : child;

  if (!is_option && !es_xml_is (child, "value", NULL))
    return TRUE;
  if (value == NULL || !is_in_band (value))
    return FALSE;
  *found = TRUE;
  return TRUE;
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
        es_xml_filter (child, may_stay, &found, NULL);
    }
  return found;
}

gboolean
es_files_restrict (EsXml *iq)
{
  static const char *const path[]
      = { "si", ES_NS_SI, "feature", ES_NS_FEATURE, "x", ES_NS_DATA, "field", ES_NS_DATA, NULL };

  return restrict_below (iq, path);
}
