/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between libpurple's xmlnode and EsXml. */
#pragma once
#include <purple.h>

#include "es-xml.h"

/* A copy of NODE; an element without a namespace has that of its parent, the outermost one that of the stream. NULL when
 * it is deeper or has more nodes than es-limits.h allows. The caller frees. */
EsXml *es_xml_from_node (const xmlnode *node);

/* A new node; the caller frees. */
xmlnode *es_xml_to_node (const EsXml *xml);

/* Makes NODE, an outgoing or incoming stanza, the same as XML, in place: its name and its `from` stay. */
void es_xml_write_node (const EsXml *xml, xmlnode *node);
