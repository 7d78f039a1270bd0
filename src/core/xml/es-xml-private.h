/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-xml.c (trees, serializing), es-xml-parse.c and es-xml-normalize.c share. */
#pragma once
#include "es-xml.h"

/* Name and value are in the same piece of memory. Namespaces are g_ref_string_new (): one string for all that share it. */
typedef struct _EsXmlAttribute EsXmlAttribute;
struct _EsXmlAttribute
{
  EsXmlAttribute *next;
  char *namespace_; /* NULL for most */
  char *value;
  char name[];
};

/* Small, as hostile text makes one of every four octets. */
struct _EsXml
{
  const char *name; /* NULL for text; else INSIDE */
  char *namespace_;
  char *text; /* text only, with its length; there is room for the next power of two */
  gsize length;
  EsXmlAttribute *attributes; /* elements only, like children */
  GPtrArray children;         /* kept by us, not by GLib: room for the next power of two, or it is ONLY */
  gpointer only[1];           /* most have one child, a text */
  char inside[];
};

/* An element that shares the namespace of PARENT, which may be NULL, where it is the same. */
EsXml *es_xml_new_below (const EsXml *parent, const char *name, const char *namespace_);

/* Appends text, and an attribute that XML does not have yet, which a parser has found to be what XML can hold. */
void es_xml_add_text (EsXml *parent, const char *text, gsize size);
void es_xml_add_attribute (EsXml *xml, const char *name, const char *namespace_, const char *value, gsize size);

/* Escaped as in canonical XML (C14N 1.0 section 2.3), which any parser reads back. And how many octets that makes. */
void es_xml_append_escaped (GString *out, const char *text, gboolean in_attribute);
gsize es_xml_escaped_size (const char *text, gsize size, gboolean in_attribute);

/* How many octets es_xml_to_string () writes for the tags of an element without children, where OUTER is in force, and how
 * many more for one with children. */
gsize es_xml_tag_size (const EsXml *xml, const char *outer);
gsize es_xml_end_size (const EsXml *xml);
