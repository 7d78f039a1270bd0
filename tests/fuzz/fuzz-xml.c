/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML as it comes: the first octet says whether as a stanza or as the content of an encrypted one. What was read is written, and
 * is the same when it is read again; a form has the same normalized content then. */
#include <string.h>

#include "es-limits.h"
#include "fuzz.h"

void
fuzz_setup (void)
{
}

static EsXml *
parse (gboolean content, const char *text, gsize size)
{
  return content ? es_xml_parse_content (text, size, NULL) : es_xml_parse (text, size, NULL);
}

static void
normalize (const EsXml *xml, const EsXml *again)
{
  for (guint dialect = ES_DIALECT_STRICT; dialect <= ES_DIALECT_GAJIM; dialect++)
    {
      g_autofree char *text = es_xml_normalize_form (xml, (EsDialect) dialect, NULL);
      g_autofree char *other = es_xml_normalize_form (again, (EsDialect) dialect, NULL);

      g_assert_cmpstr (text, ==, other);
    }
}

static void
walk (const EsXml *xml)
{
  const GPtrArray *children = es_xml_children (xml);

  for (guint i = 0; i < es_xml_n_attributes (xml); i++)
    {
      const char *name = NULL, *namespace_ = NULL, *value = NULL;

      es_xml_attribute_at (xml, i, &name, &namespace_, &value);
      g_assert (strlen (name) <= ES_LIMIT_XML_NAME_OCTETS && g_utf8_validate (value, -1, NULL));
    }
  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL)
      walk (children->pdata[i]);
}

/* What is surely read is read within another element, too. */
static void
plain (const EsXml *xml)
{
  g_autoptr (EsXml) outer = es_xml_new ("x", ES_NS_CLIENT), again = NULL;
  g_autofree char *text = NULL;

  es_xml_append (outer, es_xml_copy (xml));
  if (!es_xml_is_plain (outer))
    return;
  text = es_xml_children_to_string (outer);
  again = es_xml_parse_content (text, strlen (text), NULL);
  g_assert (again != NULL || strlen (text) + 64 > ES_LIMIT_XML_OCTETS);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  gboolean content = size > 0 && *data % 2 == 1;
  const char *text = (const char *) data + 1;
  g_autoptr (EsXml) xml = NULL, again = NULL, copy = NULL;
  g_autofree char *written = NULL, *written_again = NULL;

  if (size == 0)
    return 0;
  fuzz_begin ();
  xml = parse (content, text, size - 1);
  fuzz_require_memory (size, 96 * 1024);
  if (xml == NULL)
    return 0;
  walk (xml);

  written = content ? es_xml_children_to_string (xml) : es_xml_to_string (xml, "");
  g_assert_cmpuint (strlen (written), <=, ES_LIMIT_XML_OCTETS);
  g_assert_cmpuint (strlen (written), <=, ES_LIMIT_XML_GROWTH * (size + 64));
  again = parse (content, written, strlen (written));
  g_assert (again != NULL && es_xml_equal (xml, again));
  plain (xml);
  written_again = content ? es_xml_children_to_string (again) : es_xml_to_string (again, "");
  g_assert_cmpstr (written, ==, written_again);
  copy = es_xml_copy (xml);
  g_assert (es_xml_equal (xml, copy));
  normalize (xml, again);
  return 0;
}
