/* SPDX-License-Identifier: GPL-3.0-or-later */
/* XML as XMPP has it (RFC 6120 section 11): elements, attributes, text. Hostile text is parsed within the limits of
 * es-limits.h; DTDs, entities, comments and processing instructions are refused. Prefixes are not kept: names and
 * namespaces are. */
#pragma once
#include "es-algs.h"
#include "es-ns.h"

/* An element, or a stretch of text. A parent owns its children. */
typedef struct _EsXml EsXml;

/* An empty element. NAMESPACE is never NULL; "" is no namespace. Freeing wipes texts and values. */
EsXml *es_xml_new (const char *name, const char *namespace_);
void es_xml_free (EsXml *xml);
EsXml *es_xml_copy (const EsXml *xml);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsXml, es_xml_free)

/* Name and namespace; NULL for text. */
const char *es_xml_name (const EsXml *xml);
const char *es_xml_namespace (const EsXml *xml);
gboolean es_xml_is (const EsXml *xml, const char *name, const char *namespace_);

/* Appends CHILD, which PARENT now owns, and returns it. */
EsXml *es_xml_append (EsXml *parent, EsXml *child);

/* Appends a new element of the parent's namespace with TEXT (NULL: empty) and returns it. */
EsXml *es_xml_append_new (EsXml *parent, const char *name, const char *text);

/* Appends text; what XML cannot hold (control characters, bad UTF-8) is replaced. SIZE -1: NUL-terminated. */
void es_xml_append_text (EsXml *parent, const char *text, gssize size);

/* The children, of type EsXml; the array belongs to the element, none of GLib's functions may change it. */
const GPtrArray *es_xml_children (const EsXml *xml);

/* Removes the child at INDEX and hands it to the caller. */
EsXml *es_xml_steal (EsXml *parent, guint index);

/* Keeps those children that KEEP says so of (NULL: none); the others become REST's, in their order, or are freed if that is NULL. However many
 * there are, each is moved once. Returns whether any went. And the same of those that es_xml_is () true of. */
typedef gboolean (*EsXmlKeep) (const EsXml *child, gpointer data);
gboolean es_xml_filter (EsXml *parent, EsXmlKeep keep, gpointer data, EsXml *rest);
gboolean es_xml_remove (EsXml *parent, const char *name, const char *namespace_, EsXml *rest);

/* The first child element of that name; NAMESPACE NULL: any. NULL if there is none. */
EsXml *es_xml_child (const EsXml *xml, const char *name, const char *namespace_);

/* Whether the element or anything below it is of that name. */
gboolean es_xml_contains (const EsXml *xml, const char *name, const char *namespace_);

/* The text directly inside an element, or of a stretch of text; the caller frees. */
char *es_xml_dup_text (const EsXml *xml);

/* An attribute without a namespace, or NULL; and setting one (NULL removes). */
const char *es_xml_attribute (const EsXml *xml, const char *name);
void es_xml_set_attribute (EsXml *xml, const char *name, const char *value);

/* The same with a namespace (xml:lang, say), and counting and reading all of them in their order. */
void es_xml_set_attribute_ns (EsXml *xml, const char *name, const char *namespace_, const char *value);
guint es_xml_n_attributes (const EsXml *xml);
void
es_xml_attribute_at (const EsXml *xml, guint index, const char **name, const char **namespace_, const char **value);

/* Parses one element. All that is read can be written by es_xml_to_string () and is the same when it is read again; it takes
 * memory for less than fifty times the text, and that is wiped when it is freed. ES_ERROR_MALFORMED, ES_ERROR_LIMIT. */
EsXml *es_xml_parse (const char *text, gsize size, GError **error);

/* Which libxml2 it is that runs. */
const char *es_xml_parser_version (void);

/* Parses what an encrypted stanza held: any number of elements, whose default namespace is the stream's. Returns them inside
 * an element <x xmlns='jabber:client'>. */
EsXml *es_xml_parse_content (const char *text, gsize size, GError **error);

/* Well-formed UTF-8 text of the element. DEFAULT_NAMESPACE is what is in force around it and is not declared again. */
char *es_xml_to_string (const EsXml *xml, const char *default_namespace);

/* The same for the children of the element only, in the element's namespace. */
char *es_xml_children_to_string (const EsXml *xml);

/* How many octets es_xml_to_string () writes. */
gsize es_xml_size (const EsXml *xml, const char *default_namespace);

/* Whether XML, written, is surely read again if that is no longer than ES_LIMIT_XML_OCTETS: its names and namespaces are of the
 * usual characters, and all of it is within the limits. Where it is FALSE only reading tells. */
gboolean es_xml_is_plain (const EsXml *xml);

/* The same of one name, and of one namespace. */
gboolean es_xml_is_plain_name (const char *name);
gboolean es_xml_is_plain_namespace (const char *namespace_);

/* Whether XML, written, or TEXT, of SIZE octets, is read again, or is only larger than we read: FALSE where it is not well-formed. */
gboolean es_xml_is_readable (const EsXml *xml);
gboolean es_text_is_readable_xml (const char *text, gsize size);

/* Whether two elements are the same: names, namespaces, attributes in any order, children in order. */
gboolean es_xml_equal (const EsXml *a, const EsXml *b);

/* The normalized content of a data form (XEP-0116 section 6.2): the canonical form of each child of <x/>, without
 * white space between elements, namespaces and prefixes, and without the fields "identity" and "mac". Forms in which
 * that could hide a difference (foreign elements or attributes but xml:lang, text between elements, a field twice) are
 * ES_ERROR_MALFORMED, those over 64 KiB or 64 fields ES_ERROR_LIMIT. */
char *es_xml_normalize_form (const EsXml *form, EsDialect dialect, GError **error);
