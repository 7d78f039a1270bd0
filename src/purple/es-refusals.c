/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Iqs that were not let out. Whoever in libpurple made one waits for the answer, which nobody can hand in but the server: it
 * gets a ping instead, and what it answers to that is made the error as it arrives. */
#include "es-plugin.h"

#include "es-error.h"
#include "es-xmlnode.h"

struct _EsRefusal
{
  char *jid;
  char *id;
};

void
es_refusal_free (EsRefusal *refusal)
{
  g_free (refusal->jid);
  g_free (refusal->id);
  g_free (refusal);
}

void
es_refusals_add (EsLink *link, const EsXml *iq)
{
  g_autoptr (EsXml) ping = es_xml_new ("iq", ES_NS_CLIENT);
  g_autofree char *id = g_strdup_printf ("%s%u", link->id_prefix, ++link->n_ids);
  EsRefusal *refusal = g_new0 (EsRefusal, 1);

  refusal->jid = g_strdup (es_xml_attribute (iq, "to"));
  refusal->id = g_strdup (es_xml_attribute (iq, "id"));
  es_recent_add (link->refusals, id, refusal);
  es_xml_set_attribute (ping, "type", "get");
  es_xml_set_attribute (ping, "id", id);
  es_xml_append (ping, es_xml_new ("ping", ES_NS_PING));
  es_link_send (link, ping);
}

void
es_refusals_take (EsLink *link, const EsAddress *from, xmlnode *packet)
{
  const char *id = xmlnode_get_attrib (packet, "id"), *type = xmlnode_get_attrib (packet, "type");
  gpointer found = NULL;
  const EsRefusal *refusal = es_recent_find (link->refusals, id, &found) ? found : NULL;
  g_autoptr (EsXml) iq = NULL;
  EsXml *error = NULL;

  /* Only our server was asked. */
  if (refusal == NULL || !purple_strequal (packet->name, "iq")
      || !(purple_strequal (type, "result") || purple_strequal (type, "error"))
      || (from != NULL && !es_address_same_bare (from, link->own)))
    return;
  iq = es_xml_new ("iq", ES_NS_CLIENT);
  es_xml_set_attribute (iq, "from", refusal->jid);
  es_xml_set_attribute (iq, "id", refusal->id);
  es_xml_set_attribute (iq, "type", "error");
  error = es_xml_append_new (iq, "error", NULL);
  es_xml_set_attribute (error, "type", es_error_type (ES_ERROR_NO_SESSION));
  es_xml_append (error, es_xml_new (es_error_condition (ES_ERROR_NO_SESSION), ES_NS_STANZAS));
  es_recent_remove (link->refusals, id);
  es_xml_write_node (iq, packet);
}
