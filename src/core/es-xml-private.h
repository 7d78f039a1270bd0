/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-xml.c (trees, serializing), es-xml-parse.c and es-xml-normalize.c share. */
#pragma once
#include "es-xml.h"

#define ES_NS_XML "http://www.w3.org/XML/1998/namespace"

typedef struct
{
  char *name;
  char *namespace_; /* NULL for most */
  char *value;
} EsXmlAttribute;

struct _EsXml
{
  char *name; /* NULL for text */
  char *namespace_;
  GString *text;         /* text only */
  GPtrArray *attributes; /* elements only, like children */
  GPtrArray *children;
};

/* Escaped as in canonical XML (C14N 1.0 section 2.3), which any parser reads back. */
void es_xml_append_escaped (GString *out, const char *text, gboolean in_attribute);
