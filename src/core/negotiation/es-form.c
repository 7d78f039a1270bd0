/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-form.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"

typedef struct
{
  char *var;
  gboolean required;
  GPtrArray *values;  /* of char *, NULL-terminated once the form is read */
  GPtrArray *options; /* likewise */
} Field;

struct _EsForm
{
  char *kind;
  GPtrArray *fields;
  gsize octets;
};

static void
field_free (gpointer data)
{
  Field *field = data;

  g_ptr_array_unref (field->options);
  g_ptr_array_unref (field->values);
  g_free (field->var);
  g_free (field);
}

static Field *
find_field (const EsForm *form, const char *var)
{
  for (guint i = 0; i < form->fields->len; i++)
    {
      Field *field = form->fields->pdata[i];

      if (strcmp (field->var, var) == 0)
        return field;
    }
  return NULL;
}

static gboolean
malformed (GError **error, const char *what)
{
  g_set_error (error, ES_ERROR, ES_ERROR_MALFORMED, "form: %s", what);
  return FALSE;
}

static gboolean
over_limit (GError **error)
{
  g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "form over the limits");
  return FALSE;
}

/* Appends the text of a <value/> to VALUES, which is one of FIELD's two lists. */
static gboolean
read_value (EsForm *form, const EsXml *xml, const Field *field, GPtrArray *values, GError **error)
{
  g_autofree char *text = es_xml_dup_text (xml);
  const GPtrArray *children = es_xml_children (xml);

  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL)
      return malformed (error, "element inside a value");

  form->octets += strlen (text);
  if (field->values->len + field->options->len >= ES_LIMIT_FIELD_VALUES || form->octets > ES_LIMIT_FORM_OCTETS)
    return over_limit (error);

  g_ptr_array_add (values, g_steal_pointer (&text));
  return TRUE;
}

static gboolean
read_option (EsForm *form, const EsXml *xml, const Field *field, GError **error)
{
  const GPtrArray *children = es_xml_children (xml);
  GPtrArray *options = field->options;
  guint before = options->len;

  for (guint i = 0; i < children->len; i++)
    {
      if (es_xml_name (children->pdata[i]) == NULL)
        continue;
      if (!es_xml_is (children->pdata[i], "value", ES_NS_DATA) || options->len > before)
        return malformed (error, "option without its value");
      if (!read_value (form, children->pdata[i], field, options, error))
        return FALSE;
    }
  return options->len == before + 1 || malformed (error, "option without its value");
}

static gboolean
read_field (EsForm *form, const EsXml *xml, GError **error)
{
  const char *var = es_xml_attribute (xml, "var");
  const GPtrArray *children = es_xml_children (xml);
  Field *field = NULL;

  if (var == NULL || *var == '\0')
    return malformed (error, "field without a name");
  if (find_field (form, var) != NULL)
    return malformed (error, "field doubled");
  form->octets += strlen (var);
  if (form->fields->len >= ES_LIMIT_FORM_FIELDS || form->octets > ES_LIMIT_FORM_OCTETS)
    return over_limit (error);

  field = g_new0 (Field, 1);
  field->var = g_strdup (var);
  field->values = g_ptr_array_new_with_free_func (g_free);
  field->options = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (form->fields, field);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (es_xml_name (child) == NULL || es_xml_is (child, "desc", ES_NS_DATA))
        continue;
      if (es_xml_is (child, "required", ES_NS_DATA))
        field->required = TRUE;
      else if (es_xml_is (child, "value", ES_NS_DATA))
        {
          if (!read_value (form, child, field, field->values, error))
            return FALSE;
        }
      else if (!es_xml_is (child, "option", ES_NS_DATA))
        return malformed (error, "unknown element in a field");
      else if (!read_option (form, child, field, error))
        return FALSE;
    }

  g_ptr_array_add (field->values, NULL);
  g_ptr_array_add (field->options, NULL);
  return TRUE;
}

EsForm *
es_form_parse (const EsXml *x, GError **error)
{
  g_autoptr (EsForm) form = g_new0 (EsForm, 1);
  const GPtrArray *children = es_xml_children (x);
  const char *kind = es_xml_attribute (x, "type");

  form->kind = g_strdup (kind != NULL ? kind : "");
  form->fields = g_ptr_array_new_with_free_func (field_free);
  if (!es_xml_is (x, "x", ES_NS_DATA))
    {
      malformed (error, "not a form");
      return NULL;
    }

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (es_xml_name (child) == NULL || es_xml_is (child, "title", ES_NS_DATA)
          || es_xml_is (child, "instructions", ES_NS_DATA))
        continue;
      if (!es_xml_is (child, "field", ES_NS_DATA))
        {
          malformed (error, "unknown element");
          return NULL;
        }
      if (!read_field (form, child, error))
        return NULL;
    }
  return g_steal_pointer (&form);
}

void
es_form_free (EsForm *form)
{
  if (form == NULL)
    return;
  g_clear_pointer (&form->fields, g_ptr_array_unref);
  g_free (form->kind);
  g_free (form);
}

const char *
es_form_kind (const EsForm *form)
{
  return form->kind;
}

gboolean
es_form_has (const EsForm *form, const char *var)
{
  return find_field (form, var) != NULL;
}

const char *const *
es_form_get_values (const EsForm *form, const char *var, guint n, GError **error)
{
  const Field *field = find_field (form, var);
  gboolean good = field != NULL && field->values->len == n + 1;

  for (guint i = 0; good && i < n; i++)
    good = *(const char *) field->values->pdata[i] != '\0';
  if (good)
    return (const char *const *) field->values->pdata;
  g_set_error (error, ES_ERROR, ES_ERROR_MALFORMED, "form: field %s has not %u values", var, n);
  return NULL;
}

gboolean
es_form_get (const EsForm *form, const char *var, const char **value, GError **error)
{
  const char *const *values = es_form_get_values (form, var, 1, error);

  *value = values != NULL ? values[0] : NULL;
  return values != NULL;
}

const char *const *
es_form_choices (const EsForm *form, const char *var, GError **error)
{
  const Field *field = find_field (form, var);
  const GPtrArray *choices = field == NULL ? NULL : field->options->len > 1 ? field->options : field->values;

  if (choices == NULL || choices->len < 2)
    {
      g_set_error (error, ES_ERROR, ES_ERROR_MALFORMED, "form: field %s offers nothing", var);
      return NULL;
    }
  return (const char *const *) choices->pdata;
}

GBytes *
es_form_get_octets (const EsForm *form, const char *var, gsize min, gsize max, GError **error)
{
  const char *text = NULL;

  if (!es_form_get (form, var, &text, error))
    return NULL;
  return es_base64_decode (text, min, max, error);
}

GPtrArray *
es_form_get_octets_list (const EsForm *form, const char *var, gsize min, gsize max, GError **error)
{
  const Field *field = find_field (form, var);
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  if (field == NULL || field->values->len < 2)
    {
      g_set_error (error, ES_ERROR, ES_ERROR_MALFORMED, "form: field %s is missing", var);
      return NULL;
    }
  for (guint i = 0; i + 1 < field->values->len; i++)
    {
      GBytes *octets = es_base64_decode (field->values->pdata[i], min, max, error);

      if (octets == NULL)
        return NULL;
      g_ptr_array_add (list, octets);
    }
  return g_steal_pointer (&list);
}

char *
es_form_unknown_required (const EsForm *form, const char *const *known)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < form->fields->len; i++)
    {
      const Field *field = form->fields->pdata[i];

      if (field->required && !g_strv_contains (known, field->var))
        g_ptr_array_add (names, field->var);
    }
  if (names->len == 0)
    return NULL;
  g_ptr_array_add (names, NULL);
  return g_strjoinv (" ", (char **) names->pdata);
}

static char *
without_white_space (const char *text)
{
  char *dense = g_strdup (text), *out = dense;

  for (; *text != '\0'; text++)
    if (strchr (" \t\r\n", *text) == NULL)
      *out++ = *text;
  *out = '\0';
  return dense;
}

GBytes *
es_base64_decode (const char *text, gsize min, gsize max, GError **error)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  g_autofree char *dense = text[strcspn (text, " \t\r\n")] != '\0' ? without_white_space (text) : NULL;
  const char *input = dense != NULL ? dense : text;
  gsize length = strlen (input), plain = strspn (input, alphabet), size = 0, whole = length / 4 * 4;
  g_autofree guint8 *octets = NULL;
  g_autofree char *end = NULL;

  /* GLib skips what it does not know, so that has to be looked for before; and what it writes again of the last group
   * must be the same, or there were bits left over. */
  if (length == whole && length > 0 && length - plain <= 2 && strspn (input + plain, "=") == length - plain)
    {
      octets = g_base64_decode (input, &size);
      end = g_base64_encode (octets + (whole / 4 - 1) * 3, size - (whole / 4 - 1) * 3);
    }
  if (end == NULL || strcmp (end, input + whole - 4) != 0 || size < min || size > max)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "bad Base64 or length");
      return NULL;
    }
  return g_bytes_new_take (g_steal_pointer (&octets), size);
}

char *
es_base64_encode (EsPart octets)
{
  return g_base64_encode (octets.data, octets.size);
}

EsXml *
es_form_new (const char *kind)
{
  EsXml *x = es_xml_new ("x", ES_NS_DATA);

  es_xml_set_attribute (x, "type", kind);
  return x;
}

static EsXml *
add_field (EsXml *x, const char *var, const char *type)
{
  EsXml *field = es_xml_append_new (x, "field", NULL);

  es_xml_set_attribute (field, "type", type);
  es_xml_set_attribute (field, "var", var);
  return field;
}

EsXml *
es_form_add (EsXml *x, const char *var, const char *type, const char *value)
{
  EsXml *field = add_field (x, var, type);

  es_xml_append_new (field, "value", value);
  return field;
}

void
es_form_add_values (EsXml *x, const char *var, const char *const *values)
{
  EsXml *field = add_field (x, var, NULL);

  for (; *values != NULL; values++)
    es_xml_append_new (field, "value", *values);
}

void
es_form_add_options (EsXml *x, const char *var, const char *type, const char *const *options, gboolean required)
{
  EsXml *field = add_field (x, var, type);

  for (; *options != NULL; options++)
    es_xml_append_new (es_xml_append_new (field, "option", NULL), "value", *options);
  if (required)
    es_xml_append_new (field, "required", NULL);
}

void
es_form_add_octets (EsXml *x, const char *var, const char *type, const EsPart *values, gsize n_values)
{
  EsXml *field = add_field (x, var, type);

  for (gsize i = 0; i < n_values; i++)
    {
      g_autofree char *text = es_base64_encode (values[i]);

      es_xml_append_new (field, "value", text);
    }
}
