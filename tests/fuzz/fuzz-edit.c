/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edits of XML. */
#include <string.h>

#include "es-channel.h"
#include "fuzz.h"

static guint
count_elements (const EsXml *xml)
{
  const GPtrArray *children = es_xml_children (xml);
  guint n = 1;

  for (guint i = 0; i < children->len; i++)
    n += es_xml_name (children->pdata[i]) != NULL ? count_elements (children->pdata[i]) : 0;
  return n;
}

/* Number *LEFT of the elements in XML, itself the first. */
static EsXml *
element_at (EsXml *xml, guint *left)
{
  const GPtrArray *children = es_xml_children (xml);

  if ((*left)-- == 0)
    return xml;
  for (guint i = 0; i < children->len; i++)
    {
      EsXml *found = es_xml_name (children->pdata[i]) != NULL ? element_at (children->pdata[i], left) : NULL;

      if (found != NULL)
        return found;
    }
  return NULL;
}

static EsXml *
pick (EsXml *xml, Script *script)
{
  guint number = script_below (script, count_elements (xml));

  return element_at (xml, &number);
}

/* The children, to be put back. */
static GPtrArray *
take_children (EsXml *xml)
{
  GPtrArray *children = g_ptr_array_new_with_free_func ((GDestroyNotify) es_xml_free);

  while (es_xml_children (xml)->len > 0)
    g_ptr_array_add (children, es_xml_steal (xml, 0));
  return children;
}

static void
put_children (EsXml *xml, GPtrArray *children)
{
  while (children->len > 0)
    es_xml_append (xml, g_ptr_array_steal_index (children, 0));
  g_ptr_array_unref (children);
}

static void
set_text (EsXml *xml, const char *text, gssize size)
{
  g_ptr_array_unref (take_children (xml));
  es_xml_append_text (xml, text, size);
}

/* Has effect only where there is text alone. */
static void
edit_text (EsXml *xml, Script *script)
{
  g_autofree char *before = es_xml_dup_text (xml);
  g_autoptr (GString) text = g_string_new (before);
  gsize at = text->len > 0 ? script_below (script, (guint) MIN (text->len, 65536)) : 0, size = 0;

  if (count_elements (xml) > 1)
    return;
  switch (script_below (script, 4))
    {
    case 0:
      if (text->len > 0)
        text->str[at] ^= (char) (1 << script_below (script, 7));
      break;
    case 1:
      g_string_insert_c (text, (gssize) at, (char) script_octet (script));
      break;
    case 2:
      size = 1 + script_below (script, 16);
      g_string_erase (text, (gssize) at, (gssize) MIN (text->len - at, size));
      break;
    default:
      g_string_truncate (text, at);
    }
  set_text (xml, text->str, (gssize) text->len);
}

/* What is Base64 stays that. */
static void
edit_octets (EsXml *xml, Script *script)
{
  g_autofree char *text = es_xml_dup_text (xml), *encoded = NULL;
  gsize size = 0;
  g_autofree guint8 *octets = g_base64_decode (text, &size);
  gsize at = size > 0 ? script_below (script, (guint) MIN (size, 65536)) : 0;

  if (size == 0 || count_elements (xml) > 1)
    return;
  if (script_octet (script) % 4 == 0)
    size = at;
  else
    octets[at] ^= (guint8) (1 + script_below (script, 255));
  encoded = g_base64_encode (octets, size);
  set_text (xml, encoded, -1);
}

/* Moves, doubles, or takes away a child. */
static void
edit_children (EsXml *xml, Script *script)
{
  GPtrArray *children = take_children (xml);
  guint at = children->len > 0 ? script_below (script, children->len) : 0;

  if (children->len > 0)
    switch (script_below (script, 5))
      {
      case 0:
        g_ptr_array_remove_index (children, at);
        break;
      case 1:
        g_ptr_array_insert (children, (gint) at, es_xml_copy (children->pdata[at]));
        break;
      case 2:
        g_ptr_array_insert (children, (gint) script_below (script, children->len),
                            g_ptr_array_steal_index (children, at));
        break;
      case 3:
        for (guint n = script_below (script, 70); n > 0; n--)
          g_ptr_array_add (children, es_xml_copy (children->pdata[at]));
        break;
      default:
        g_ptr_array_set_size (children, (gint) at);
      }
  put_children (xml, children);
}

/* A child of another name or namespace in the place of one, or a new one. */
static void
rename_child (EsXml *xml, Script *script)
{
  g_autofree char *name = script_word (script), *namespace_ = script_word (script);
  guint at = script_octet (script);
  EsXml *child = NULL;

  if (*name == '\0' || strpbrk (name, " \t\r\n:@/.=#+<>\"'&-") != NULL || g_ascii_isdigit (*name))
    return;
  child = es_xml_new (name, *namespace_ != '\0' ? namespace_ : es_xml_namespace (xml));
  if (at < es_xml_children (xml)->len)
    {
      g_autoptr (EsXml) former = es_xml_steal (xml, at);

      if (es_xml_name (former) != NULL)
        put_children (child, take_children (former));
    }
  es_xml_append (xml, child);
}

static void
set_attribute (EsXml *xml, Script *script)
{
  static const char *const names[] = { "type", "var", "id", "step", "from", "to", "label", "xmlns" };
  guint which = script_below (script, 10);
  g_autofree char *value = script_word (script);

  if (which == 8)
    es_xml_set_attribute_ns (xml, "lang", "http://www.w3.org/XML/1998/namespace", value);
  else if (which == 9)
    es_xml_set_attribute_ns (xml, "foreign", "urn:foreign", value);
  else if (which != 7)
    es_xml_set_attribute (xml, names[which], script_octet (script) % 4 != 0 ? value : NULL);
}

void
fuzz_edit (EsXml *xml, Script *script)
{
  EsXml *target = pick (xml, script);
  g_autofree char *word = NULL;
  g_autoptr (EsXml) other = NULL;

  switch (script_below (script, 8))
    {
    case 0:
      edit_text (target, script);
      break;
    case 1:
      edit_octets (target, script);
      break;
    case 2:
      edit_children (target, script);
      break;
    case 3:
      word = script_word (script);
      set_text (target, word, -1);
      break;
    case 4:
      rename_child (target, script);
      break;
    case 5:
      set_attribute (target, script);
      break;
    case 6:
      other = es_xml_copy (pick (xml, script));
      if (count_elements (xml) < 500)
        es_xml_append (target, g_steal_pointer (&other));
      break;
    default:
      word = script_text (script);
      es_xml_append_text (target, word, -1);
    }
}

EsXml *
fuzz_travel (const EsXml *xml)
{
  g_autofree char *text = es_xml_to_string (xml, ES_NS_CLIENT);
  g_autoptr (EsXml) content = es_xml_parse_content (text, strlen (text), NULL);

  return content != NULL && es_xml_children (content)->len == 1 ? es_xml_steal (content, 0) : NULL;
}

char *
fuzz_meaning (const EsXml *c)
{
  const GPtrArray *children = es_xml_children (c);
  GString *text = g_string_new (es_xml_namespace (c)), *mac = g_string_new (NULL);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];
      g_autofree char *inside = es_xml_dup_text (child), *dense = NULL;
      g_auto (GStrv) words = g_strsplit_set (inside, " \t\r\n", -1);

      dense = g_strjoinv (NULL, words);
      if (es_xml_name (child) == NULL)
        g_string_append (text, dense);
      else
        g_string_append_printf (es_xml_is (child, "mac", ES_NS_CRYPT) ? mac : text, "<%s>%s", es_xml_name (child),
                                dense);
    }
  g_string_append (text, mac->str);
  g_string_free (mac, TRUE);
  return g_string_free (text, FALSE);
}
