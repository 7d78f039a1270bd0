/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "es-error.h"
#include "es-limits.h"

#define NS_XML "http://www.w3.org/XML/1998/namespace"

typedef struct
{
  char *name;
  char *namespace_; /* NULL for most */
  char *value;
} Attribute;

struct _EsXml
{
  char *name; /* NULL for text */
  char *namespace_;
  GString *text;         /* text only */
  GPtrArray *attributes; /* elements only, like children */
  GPtrArray *children;
};

static void
attribute_free (gpointer data)
{
  Attribute *attribute = data;

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
      const Attribute *attribute = xml->attributes->pdata[i];

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

static void
append_valid (GString *out, const char *text, gsize size)
{
  const char *end = text + size;

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
  guint n = parent->children->len;
  EsXml *last = n > 0 ? parent->children->pdata[n - 1] : NULL;

  if (last == NULL || last->name != NULL)
    {
      last = g_new0 (EsXml, 1);
      last->text = g_string_new (NULL);
      es_xml_append (parent, last);
    }
  append_valid (last->text, text, size < 0 ? strlen (text) : (gsize) size);
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

static Attribute *
find_attribute (const EsXml *xml, const char *name, const char *namespace_)
{
  for (guint i = 0; i < xml->attributes->len; i++)
    {
      Attribute *attribute = xml->attributes->pdata[i];

      if (strcmp (attribute->name, name) == 0 && g_strcmp0 (attribute->namespace_, namespace_) == 0)
        return attribute;
    }
  return NULL;
}

const char *
es_xml_attribute (const EsXml *xml, const char *name)
{
  const Attribute *attribute = find_attribute (xml, name, NULL);

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
  Attribute *attribute = find_attribute (xml, name, namespace_);
  GString *valid = NULL;

  if (value == NULL)
    {
      if (attribute != NULL)
        g_ptr_array_remove (xml->attributes, attribute);
      return;
    }
  if (attribute == NULL)
    {
      attribute = g_new0 (Attribute, 1);
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
  const Attribute *attribute = xml->attributes->pdata[index];

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
      const Attribute *mine = a->attributes->pdata[i];
      const Attribute *theirs = find_attribute (b, mine->name, mine->namespace_);

      if (theirs == NULL || strcmp (mine->value, theirs->value) != 0)
        return FALSE;
    }
  for (guint i = 0; i < a->children->len; i++)
    if (!es_xml_equal (a->children->pdata[i], b->children->pdata[i]))
      return FALSE;
  return TRUE;
}

/* Parsing */

typedef struct
{
  xmlParserCtxtPtr parser;
  GPtrArray *open; /* the elements that are not yet closed; the first owns the rest */
  EsXml *root;
  guint nodes;
  gboolean refused;  /* something that XMPP forbids */
  gboolean over;     /* over a limit */
} Parse;

static void
stop (Parse *parse, gboolean *why)
{
  *why = TRUE;
  xmlStopParser (parse->parser);
}

static void
on_start (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri, int n_namespaces,
          const xmlChar **namespaces, int n_attributes, int n_defaulted, const xmlChar **attributes)
{
  Parse *parse = data;
  EsXml *xml = NULL;

  if (parse->refused || parse->over)
    return;
  if (++parse->nodes > ES_LIMIT_XML_NODES || parse->open->len >= ES_LIMIT_XML_DEPTH
      || n_attributes > (int) ES_LIMIT_XML_ATTRIBUTES)
    {
      stop (parse, &parse->over);
      return;
    }

  xml = es_xml_new ((const char *) name, uri != NULL ? (const char *) uri : "");
  for (int i = 0; i < n_attributes; i++)
    {
      const xmlChar **a = attributes + 5 * i; /* name, prefix, namespace, value, end of value */
      g_autofree char *value = g_strndup ((const char *) a[3], (gsize) (a[4] - a[3]));

      es_xml_set_attribute_ns (xml, (const char *) a[0], (const char *) a[2], value);
    }

  if (parse->open->len > 0)
    es_xml_append (parse->open->pdata[parse->open->len - 1], xml);
  else
    parse->root = xml;
  g_ptr_array_add (parse->open, xml);
}

static void
on_end (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Parse *parse = data;

  if (!parse->refused && !parse->over)
    g_ptr_array_set_size (parse->open, (gint) parse->open->len - 1);
}

static void
on_text (void *data, const xmlChar *text, int size)
{
  Parse *parse = data;

  if (!parse->refused && !parse->over && parse->open->len > 0)
    es_xml_append_text (parse->open->pdata[parse->open->len - 1], (const char *) text, size);
}

static void
on_subset (void *data, const xmlChar *name, const xmlChar *public_id, const xmlChar *system_id)
{
  stop (data, &((Parse *) data)->refused);
}

static void
on_reference (void *data, const xmlChar *name)
{
  stop (data, &((Parse *) data)->refused);
}

static void
on_instruction (void *data, const xmlChar *target, const xmlChar *content)
{
  stop (data, &((Parse *) data)->refused);
}

static EsXml *
parse_text (const char *text, gsize size, GError **error)
{
  xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_text,
    .internalSubset = on_subset,
    .reference = on_reference,
    .comment = on_reference,
    .processingInstruction = on_instruction,
  };
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  Parse parse = { .open = open };
  g_autoptr (EsXml) root = NULL;
  gboolean well_formed = FALSE;

  parse.parser = xmlCreatePushParserCtxt (&sax, &parse, NULL, 0, NULL);
  if (parse.parser == NULL)
    g_error ("out of memory");

  /* NOENT resolves the five predefined entities inside attributes; others cannot exist without a DTD. */
  xmlCtxtUseOptions (parse.parser,
                     XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
  xmlSwitchEncoding (parse.parser, XML_CHAR_ENCODING_UTF8);
  xmlParseChunk (parse.parser, text, (int) size, 1);
  well_formed = parse.parser->wellFormed && parse.parser->nsWellFormed;
  xmlFreeParserCtxt (parse.parser);
  root = parse.root;

  if (parse.over)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML too deep or with too many nodes");
      return NULL;
    }
  if (!well_formed || parse.refused || root == NULL)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "XML not well-formed");
      return NULL;
    }
  return g_steal_pointer (&root);
}

EsXml *
es_xml_parse (const char *text, gsize size, GError **error)
{
  if (size > 2 * ES_LIMIT_STANZA_OCTETS)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML too large");
      return NULL;
    }
  /* libxml2 stops at a NUL as if the text ended there. */
  if (size == 0 || memchr (text, '\0', size) != NULL)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "XML not well-formed");
      return NULL;
    }
  return parse_text (text, size, error);
}

EsXml *
es_xml_parse_content (const char *text, gsize size, GError **error)
{
  static const char before[] = "<x xmlns='" ES_NS_CLIENT "'>", after[] = "</x>";
  g_autoptr (GString) wrapped = g_string_sized_new (size + sizeof before + sizeof after);
  EsXml *xml = NULL;

  /* "</x><x>" inside makes two roots, which is not well-formed. */
  g_string_append (wrapped, before);
  g_string_append_len (wrapped, text, (gssize) size);
  g_string_append (wrapped, after);
  xml = es_xml_parse (wrapped->str, wrapped->len, error);
  memset (wrapped->str, 0, wrapped->len);
  return xml;
}

/* Serializing. The escapes are those of canonical XML (C14N 1.0 section 2.3), which any parser reads back. */

static void
append_escaped (GString *out, const char *text, gboolean in_attribute)
{
  for (; *text != '\0'; text++)
    switch (*text)
      {
      case '&':
        g_string_append (out, "&amp;");
        break;
      case '<':
        g_string_append (out, "&lt;");
        break;
      case '\r':
        g_string_append (out, "&#xD;");
        break;
      case '>':
        g_string_append (out, in_attribute ? ">" : "&gt;");
        break;
      case '"':
        g_string_append (out, in_attribute ? "&quot;" : "\"");
        break;
      case '\t':
        g_string_append (out, in_attribute ? "&#x9;" : "\t");
        break;
      case '\n':
        g_string_append (out, in_attribute ? "&#xA;" : "\n");
        break;
      default:
        g_string_append_c (out, *text);
      }
}

static void
serialize (GString *out, const EsXml *xml, const char *outer)
{
  if (xml->name == NULL)
    {
      append_escaped (out, xml->text->str, FALSE);
      return;
    }

  g_string_append_printf (out, "<%s", xml->name);
  if (strcmp (xml->namespace_, outer) != 0)
    {
      g_string_append (out, " xmlns=\"");
      append_escaped (out, xml->namespace_, TRUE);
      g_string_append_c (out, '"');
    }
  for (guint i = 0; i < xml->attributes->len; i++)
    {
      const Attribute *attribute = xml->attributes->pdata[i];

      g_string_append_c (out, ' ');
      if (g_strcmp0 (attribute->namespace_, NS_XML) == 0)
        g_string_append (out, "xml:");
      else if (attribute->namespace_ != NULL)
        {
          g_string_append_printf (out, "xmlns:a%u=\"", i);
          append_escaped (out, attribute->namespace_, TRUE);
          g_string_append_printf (out, "\" a%u:", i);
        }
      g_string_append_printf (out, "%s=\"", attribute->name);
      append_escaped (out, attribute->value, TRUE);
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

/* Normalizing */

static gboolean
is_white (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0';
}

static int
compare_attributes (gconstpointer a, gconstpointer b)
{
  const Attribute *const *left = a, *const *right = b;
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
      const Attribute *attribute = sorted->pdata[i];

      /* Without prefixes evil:var would look like var. */
      if (attribute->namespace_ != NULL && strcmp (attribute->namespace_, NS_XML) != 0)
        return FALSE;
      g_string_append_printf (out, " %s=\"", attribute->name);
      append_escaped (out, attribute->value, TRUE);
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
          append_escaped (out, child->text->str, FALSE);
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
