/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-xml-private.h"

#include <string.h>

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-secret.h"

/* An element that is not yet closed, and how many namespaces are declared in it and around it: in the text, and in the same
 * text as we would write it. */
typedef struct
{
  EsXml *xml;
  guint declared, written;
} Level;

typedef struct
{
  xmlParserCtxtPtr parser;
  const char *text;
  gsize size;
  Level open[ES_LIMIT_XML_DEPTH];
  guint depth;
  EsXml *root;
  guint nodes;
  gsize written;    /* octets that es_xml_to_string () will make of it */
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
write_more (Parse *parse, gsize octets)
{
  parse->written += octets;
  if (parse->written > MIN (ES_LIMIT_XML_OCTETS, ES_LIMIT_XML_GROWTH * parse->size))
    stop (parse, &parse->over);
}

static gboolean
is_long (const xmlChar *name)
{
  return name != NULL && strlen ((const char *) name) > ES_LIMIT_XML_NAME_OCTETS;
}

/* Those that belong to XML itself hold no elements, and our writer could not declare them. */
static gboolean
is_reserved (const xmlChar *uri)
{
  return uri != NULL && (strcmp ((const char *) uri, ES_NS_XML) == 0 || strcmp ((const char *) uri, ES_NS_XMLNS) == 0);
}

static gboolean
may_start (Parse *parse,
           const xmlChar *name,
           int n_namespaces,
           const xmlChar **namespaces,
           int n_attributes,
           const xmlChar **attributes)
{
  gboolean over = ++parse->nodes > ES_LIMIT_XML_NODES || parse->depth >= ES_LIMIT_XML_DEPTH
                  || n_attributes > (int) ES_LIMIT_XML_ATTRIBUTES || is_long (name);

  for (int i = 0; i < n_namespaces; i++)
    over = over || is_long (namespaces[2 * i + 1]);
  for (int i = 0; i < n_attributes; i++)
    over = over || is_long (attributes[5 * i]);
  if (over)
    stop (parse, &parse->over);
  return !over;
}

/* What libxml2 had to put together is not in our text, but in a piece of memory that it frees as it is. */
static void
wipe_copy (const Parse *parse, const xmlChar *copy, gsize size)
{
  if ((const char *) copy < parse->text || (const char *) copy >= parse->text + parse->size)
    es_octets_wipe ((void *) copy, size);
}

static void
read_attributes (Parse *parse, Level *level, int n_attributes, const xmlChar **attributes)
{
  for (int i = 0; i < n_attributes; i++)
    {
      const xmlChar **a = attributes + 5 * i; /* name, prefix, namespace, value, end of value */
      const char *namespace_ = (const char *) a[2];
      gsize size = (gsize) (a[4] - a[3]);

      es_xml_add_attribute (level->xml, (const char *) a[0], namespace_, (const char *) a[3], size);
      level->written += namespace_ != NULL && !is_reserved (a[2]);
      wipe_copy (parse, a[3], size);
    }
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
  const Level *outer = parse->depth > 0 ? &parse->open[parse->depth - 1] : NULL;
  const EsXml *parent = outer != NULL ? outer->xml : NULL;
  Level *level = NULL;

  if (parse->refused || parse->over || !may_start (parse, name, n_namespaces, namespaces, n_attributes, attributes))
    return;
  if (is_reserved (uri))
    {
      stop (parse, &parse->refused);
      return;
    }

  level = &parse->open[parse->depth++];
  level->xml = es_xml_new_below (parent, (const char *) name, uri != NULL ? (const char *) uri : "");
  level->declared = (outer != NULL ? outer->declared : 0) + (guint) n_namespaces;
  level->written = (outer != NULL ? outer->written : 0)
                   + (parent == NULL || strcmp (es_xml_namespace (parent), es_xml_namespace (level->xml)) != 0);
  if (parent != NULL)
    es_xml_append (parse->open[parse->depth - 2].xml, level->xml);
  else
    parse->root = level->xml;

  read_attributes (parse, level, n_attributes, attributes);
  if (MAX (level->declared, level->written) > ES_LIMIT_XML_NAMESPACES)
    stop (parse, &parse->over);
  else
    write_more (parse, es_xml_tag_size (level->xml, parent != NULL ? es_xml_namespace (parent) : ""));
}

static void
on_end (void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Parse *parse = data;
  const EsXml *xml = NULL;

  if (parse->refused || parse->over)
    return;
  xml = parse->open[--parse->depth].xml;
  if (es_xml_children (xml)->len > 0)
    write_more (parse, es_xml_end_size (xml));
}

static void
on_text (void *data, const xmlChar *text, int size)
{
  Parse *parse = data;

  if (parse->refused || parse->over || parse->depth == 0)
    return;
  es_xml_add_text (parse->open[parse->depth - 1].xml, (const char *) text, (gsize) size);
  write_more (parse, es_xml_escaped_size ((const char *) text, (gsize) size, FALSE));
}

static void
on_cdata (void *data, const xmlChar *text, int size)
{
  on_text (data, text, size);
  wipe_copy (data, text, (gsize) size);
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

/* libxml2 would read on to look for more. */
static void
on_error (void *data, xmlErrorPtr error)
{
  if (error->level >= XML_ERR_ERROR)
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

static gboolean
run (Parse *parse, const xmlSAXHandler *sax)
{
  gboolean well_formed = FALSE;
  xmlParserInputPtr input = NULL;

  parse->parser = xmlNewParserCtxt ();
  if (parse->parser == NULL)
    g_error ("out of memory");
  *parse->parser->sax = *sax;
  parse->parser->userData = parse;

  /* NOENT resolves the five predefined entities inside attributes; others cannot exist without a DTD. Text that says
   * it is in another encoding than UTF-8 is not believed. */
  xmlCtxtUseOptions (parse->parser, XML_PARSE_NOENT | XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING
                                        | XML_PARSE_IGNORE_ENC);
  /* Reads where the text is: a copy of libxml2's would be freed with what it holds. */
  input = xmlNewStringInputStream (parse->parser, (const xmlChar *) parse->text);
  if (input == NULL)
    g_error ("out of memory");
  inputPush (parse->parser, input);
  xmlParseDocument (parse->parser);
  well_formed = parse->parser->wellFormed && parse->parser->nsWellFormed;
  xmlFreeParserCtxt (parse->parser);
  return well_formed;
}

/* TEXT is NUL-terminated. */
static EsXml *
parse_text (const char *text, gsize size, GError **error)
{
  static const xmlSAXHandler sax = {
    .initialized = XML_SAX2_MAGIC,
    .startElementNs = on_start,
    .endElementNs = on_end,
    .characters = on_text,
    .ignorableWhitespace = on_text,
    .cdataBlock = on_cdata,
    .internalSubset = on_subset,
    .reference = on_reference,
    .comment = on_reference,
    .processingInstruction = on_instruction,
    .serror = on_error,
  };
  Parse parse = { .text = text, .size = size };
  g_autoptr (EsXml) root = NULL;
  gboolean well_formed = FALSE;

  if (size > ES_LIMIT_XML_OCTETS)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML too large");
      return NULL;
    }
  /* libxml2 stops at a NUL as if the text ended there, and would guess at what does not begin like UTF-8. */
  if (size == 0 || !g_utf8_validate_len (text, size, NULL))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "XML not well-formed");
      return NULL;
    }
  if (has_crowded_tag (text, size))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML with too many attributes");
      return NULL;
    }

  well_formed = run (&parse, &sax);
  root = parse.root;
  if (parse.over)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML too deep or with too much in it");
      return NULL;
    }
  if (!well_formed || parse.refused || root == NULL)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "XML not well-formed");
      return NULL;
    }
  return g_steal_pointer (&root);
}

/* The text between BEFORE and AFTER, which are ours. */
static EsXml *
parse_between (const char *before, const char *text, gsize size, const char *after, GError **error)
{
  gsize before_size = strlen (before), after_size = strlen (after);
  g_autofree char *whole = NULL;
  EsXml *xml = NULL;

  if (size > ES_LIMIT_XML_OCTETS)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_LIMIT, "XML too large");
      return NULL;
    }
  whole = g_malloc (before_size + size + after_size + 1);
  memcpy (whole, before, before_size);
  memcpy (whole + before_size, text, size);
  memcpy (whole + before_size + size, after, after_size + 1);
  xml = parse_text (whole, before_size + size + after_size, error);
  es_octets_wipe (whole, before_size + size + after_size);
  return xml;
}

EsXml *
es_xml_parse (const char *text, gsize size, GError **error)
{
  return parse_between ("", text, size, "", error);
}

EsXml *
es_xml_parse_content (const char *text, gsize size, GError **error)
{
  /* "</x><x>" inside makes two roots, which is not well-formed. */
  return parse_between ("<x xmlns='" ES_NS_CLIENT "'>", text, size, "</x>", error);
}

const char *
es_xml_parser_version (void)
{
  return xmlParserVersion;
}
