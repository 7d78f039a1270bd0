/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml-private.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "es-error.h"
#include "es-limits.h"

typedef struct
{
  xmlParserCtxtPtr parser;
  GPtrArray *open; /* the elements that are not yet closed; the first owns the rest */
  EsXml *root;
  guint nodes;
  gboolean refused; /* something that XMPP forbids */
  gboolean over;    /* over a limit */
} Parse;

static void
stop (Parse *parse, gboolean *why)
{
  *why = TRUE;
  xmlStopParser (parse->parser);
}

static void
on_start (void *data,
          const xmlChar *name,
          const xmlChar *prefix,
          const xmlChar *uri,
          int n_namespaces,
          const xmlChar **namespaces,
          int n_attributes,
          int n_defaulted,
          const xmlChar **attributes)
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

/* Whether a tag holds more values in quotes than an element may have attributes and namespaces. libxml2 compares each of
 * them with all others, for seconds, before it shows us any. */
static gboolean
has_crowded_tag (const char *text, gsize size)
{
  const char *end = text + size;

  while (text != NULL && (text = memchr (text, '<', (gsize) (end - text))) != NULL)
    {
      char quote = '\0';
      guint values = 0;

      if (memmem (text, MIN ((gsize) (end - text), 9), "<![CDATA[", 9) != NULL)
        {
          text = memmem (text, (gsize) (end - text), "]]>", 3);
          continue;
        }
      for (; text < end && (quote != '\0' || *text != '>'); text++)
        if (quote != '\0')
          quote = *text == quote ? '\0' : quote;
        else if (*text == '"' || *text == '\'')
          {
            quote = *text;
            if (++values > ES_LIMIT_XML_TAG_VALUES)
              return TRUE;
          }
    }
  return FALSE;
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

  /* NOENT resolves the five predefined entities inside attributes; others cannot exist without a DTD. Text that says
   * it is in another encoding than UTF-8 is not believed. */
  xmlCtxtUseOptions (parse.parser, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING
                                       | XML_PARSE_IGNORE_ENC);
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
  if (has_crowded_tag (text, size))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML with too many attributes");
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
