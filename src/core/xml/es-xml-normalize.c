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

/* Without prefixes evil:var would look like var, so that no other attributes are in a form than its own and xml:lang. */
static gboolean
has_foreign_attributes (const EsXml *xml)
{
  for (const EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = attribute->next)
    if (attribute->namespace_ != NULL
        && (strcmp (attribute->namespace_, ES_NS_XML) != 0 || strcmp (attribute->name, "lang") != 0))
      return TRUE;
  return FALSE;
}

/* As in canonical XML: by namespace, then by name, which makes xml:lang the last. */
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
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();

  if (has_foreign_attributes (xml))
    return FALSE;
  for (EsXmlAttribute *attribute = xml->attributes; attribute != NULL; attribute = attribute->next)
    g_ptr_array_add (sorted, attribute);
  g_ptr_array_sort (sorted, compare_attributes);

  g_string_append_printf (out, "<%s", xml->name);
  for (guint i = 0; i < sorted->len; i++)
    {
      const EsXmlAttribute *attribute = sorted->pdata[i];

      g_string_append_printf (out, " %s%s=\"", attribute->namespace_ != NULL ? "xml:" : "", attribute->name);
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

  for (guint i = 0; i < xml->children.len; i++)
    {
      const EsXml *child = xml->children.pdata[i];

      if (child->name != NULL)
        {
          has_elements = TRUE;
          if (!normalize (out, child, namespace_, dialect))
            return FALSE;
        }
      else if (is_value || !is_white (child->text))
        {
          has_text = TRUE;
          es_xml_append_escaped (out, child->text, FALSE);
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
is_left_out (const char *var)
{
  return var != NULL && (strcmp (var, "identity") == 0 || strcmp (var, "mac") == 0);
}

/* Adds the name of a field, NULL for none, to those before it. */
static gboolean
add_var (GPtrArray *vars, const char *var, GError **error)
{
  if (var == NULL)
    return TRUE;
  for (guint i = 0; i < vars->len; i++)
    if (strcmp (vars->pdata[i], var) == 0)
      {
        g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form holds a field twice");
        return FALSE;
      }
  if (vars->len >= ES_LIMIT_FORM_FIELDS)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "form with too many fields");
      return FALSE;
    }
  g_ptr_array_add (vars, (char *) var);
  return TRUE;
}

static gboolean
set_malformed (GError **error)
{
  g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form holds what a form may not hold");
  return FALSE;
}

char *
es_xml_normalize_form (const EsXml *form, EsDialect dialect, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GPtrArray) vars = g_ptr_array_new ();

  if (has_foreign_attributes (form))
    return set_malformed (error), NULL;
  for (guint i = 0; i < form->children.len; i++)
    {
      const EsXml *child = form->children.pdata[i];
      const char *var = es_xml_is (child, "field", NULL) ? es_xml_attribute (child, "var") : NULL;
      gsize before = out->len;

      if (child->name == NULL ? !is_white (child->text) : !normalize (out, child, form->namespace_, dialect))
        return set_malformed (error), NULL;
      if (!add_var (vars, var, error))
        return NULL;
      if (is_left_out (var))
        g_string_truncate (out, before);
      if (out->len > ES_LIMIT_FORM_OCTETS)
        {
          g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "form too large");
          return NULL;
        }
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
