/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between libpurple's xmlnode and EsXml. */
#pragma once
#include <purple.h>

#include "es-xml.h"

/* A copy of NODE; an element without a namespace has that of its parent, the outermost one that of the stream. Control
 * characters in texts and values become U+FFFD. NULL when it is deeper or larger than es-limits.h allows, or when it holds what
 * XML cannot hold (bad UTF-8, names that are none) or what libpurple reads in another way than others do
 * (es_node_is_confusing (), at any depth). The caller frees. */
EsXml *es_xml_from_node (const xmlnode *node);

/* Whether NODE, an incoming stanza which es_xml_from_node () refused, was refused for its size alone and holds nothing at any
 * depth that is in one of the namespaces OURS (NULL-terminated) or in one that nobody can tell. */
gboolean es_node_may_pass (const xmlnode *node, const char *const *ours);

/* Whether NODE, a stanza, holds two attributes of one name, or a from, to, type or id of another namespace: xmlnode_get_attrib ()
 * takes the first of that name, whoever wrote it. */
gboolean es_node_is_confusing (const xmlnode *node);

/* Takes out of STANZA itself the attributes that would be confusing for their namespaces alone, such as xml:id: whoever knows namespaces
 * does not take them for what they are called. */
void es_node_drop_foreign (xmlnode *stanza);

/* Whether NODE, written by libpurple, is surely well-formed: names of the usual characters, nothing with a prefix, no attribute twice,
 * texts and values of what XML can hold. Where it is FALSE only reading tells. */
gboolean es_node_is_plain (const xmlnode *node);

/* A new node; the caller frees. */
xmlnode *es_xml_to_node (const EsXml *xml);

/* Makes NODE, an outgoing or incoming stanza, the same as XML, in place: its name and its `from` stay. */
void es_xml_write_node (const EsXml *xml, xmlnode *node);

/* Makes NODE, which es_xml_to_node () made of XML, that again, whatever others have made of it. */
void es_xml_restore_node (const EsXml *xml, xmlnode *node);
