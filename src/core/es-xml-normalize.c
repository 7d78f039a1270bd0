/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml-private.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"

static gboolean
is_white (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

static int
compare_attributes (gconstpointer a, gconstpointer b)
{
  const EsXmlAttribute *const *left = a, *const *right = b;
  int by_namespace = g_strcmp0 ((*left)->namespace_, (*right)->namespace_);

  return by_namespace != 0 ? by_namespace : strcmp ((*left)->name, (*right)->name);
}

static gboolean
normalize_start (GString *out, const EsXml *xml)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_sized_new (xml->attributes->len);

  for (guint i = 0; i < xml->attributes->len; i++)
    g_ptr_array_add (sorted, xml->attributes->pdata[i]);
  g_ptr_array_sort (sorted, compare_attributes);

  g_string_append_printf (out, "<%s", xml->name);
  for (guint i = 0; i < sorted->len; i++)
    {
      const EsXmlAttribute *attribute = sorted->pdata[i];

      /* Without prefixes evil:var would look like var. */
      if (attribute->namespace_ != NULL && strcmp (attribute->namespace_, ES_NS_XML) != 0)
        return FALSE;
      g_string_append_printf (out, " %s=\"", attribute->name);
      es_xml_append_escaped (out, attribute->value, TRUE);
      g_string_append_c (out, '"');
    }
  return TRUE;
}

static gboolean
normalize (GString *out, const EsXml *xml, const char *namespace_, EsDialect dialect)
{
  gboolean is_value = strcmp (xml->name, "value") == 0, has_elements = FALSE, has_text = FALSE;
  gsize inside = 0;

  if (strcmp (xml->namespace_, namespace_) != 0 || !normalize_start (out, xml))
    return FALSE;
  g_string_append_c (out, '>');
  inside = out->len;

  for (guint i = 0; i < xml->children->len; i++)
    {
      const EsXml *child = xml->children->pdata[i];

      if (child->name != NULL)
        {
          has_elements = TRUE;
          if (!normalize (out, child, namespace_, dialect))
            return FALSE;
        }
      else if (is_value || !is_white (child->text->str))
        {
          has_text = TRUE;
          es_xml_append_escaped (out, child->text->str, FALSE);
        }
    }
  if (has_elements && has_text)
    return FALSE;

  if (dialect == ES_DIALECT_GAJIM && out->len == inside)
    {
      g_string_truncate (out, inside - 1);
      g_string_append (out, " />");
    }
  else
    g_string_append_printf (out, "</%s>", xml->name);
  return TRUE;
}

static gboolean
is_left_out (const EsXml *field)
{
  const char *var = es_xml_attribute (field, "var");

  return strcmp (field->name, "field") == 0 && var != NULL
         && (strcmp (var, "identity") == 0 || strcmp (var, "mac") == 0);
}

char *
es_xml_normalize_form (const EsXml *form, EsDialect dialect, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < form->children->len; i++)
    {
      const EsXml *child = form->children->pdata[i];
      gsize before = out->len;

      if (child->name == NULL ? !is_white (child->text->str) : !normalize (out, child, form->namespace_, dialect))
        {
          g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form holds what a form may not hold");
          return NULL;
        }
      if (child->name != NULL && is_left_out (child))
        g_string_truncate (out, before);
      if (out->len > ES_LIMIT_FORM_OCTETS)
        {
          g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "form too large");
          return NULL;
        }
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
