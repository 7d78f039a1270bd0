/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-privacy.h"

#include <string.h>

static gboolean
is_among (const char *name, const char *const *names, gsize n)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (name, names[i]) == 0)
      return TRUE;
  return FALSE;
}

gboolean
es_privacy_is_answer (const char *type)
{
  return g_strcmp0 (type, "result") == 0 || g_strcmp0 (type, "error") == 0;
}

gboolean
es_privacy_is_question (const char *type)
{
  return g_strcmp0 (type, "get") == 0 || g_strcmp0 (type, "set") == 0;
}

/* What programs ask each other about themselves. */
static gboolean
is_harmless_in_iq (const EsXml *child)
{
  static const char *const namespaces[] = {
    "http://jabber.org/protocol/disco#info",
    "http://jabber.org/protocol/disco#items",
    "http://jabber.org/protocol/caps",
    "jabber:iq:last",
    "jabber:iq:roster",
    "jabber:iq:time",
    "jabber:iq:version",
    "urn:xmpp:ping",
    "urn:xmpp:time",
  };

  return is_among (es_xml_namespace (child), namespaces, G_N_ELEMENTS (namespaces));
}

/* What the contact's server answers out of what the contact has published. */
static gboolean
asks_server (const EsXml *iq, const EsAddress *to, const EsXml *child)
{
  static const char *const namespaces[] = { "http://jabber.org/protocol/pubsub", ES_NS_VCARD };

  return g_strcmp0 (es_xml_attribute (iq, "type"), "get") == 0 && to != NULL && es_address_is_bare (to)
         && is_among (es_xml_namespace (child), namespaces, G_N_ELEMENTS (namespaces));
}

/* What goes to everybody who may see us; a note to go with it does not if it is for one person. */
static gboolean
is_harmless_in_presence (const EsXml *child)
{
  static const char *const names[] = { "priority", "show" };
  static const char *const namespaces[] = {
    "http://jabber.org/protocol/caps", "jabber:x:delay", "urn:xmpp:delay", "urn:xmpp:idle:1", "vcard-temp:x:update",
  };
  g_autofree char *text = NULL;

  if (strcmp (es_xml_namespace (child), ES_NS_CLIENT) != 0)
    return is_among (es_xml_namespace (child), namespaces, G_N_ELEMENTS (namespaces));
  if (strcmp (es_xml_name (child), "status") != 0)
    return is_among (es_xml_name (child), names, G_N_ELEMENTS (names));
  text = es_xml_dup_text (child);
  return *g_strstrip (text) == '\0';
}

gboolean
es_privacy_is_private (const EsXml *stanza, const EsAddress *to)
{
  const GPtrArray *children = es_xml_children (stanza);
  gboolean is_iq = es_xml_is (stanza, "iq", NULL);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (es_xml_name (child) == NULL || es_xml_is (child, "error", ES_NS_CLIENT))
        continue;
      if (is_iq ? !is_harmless_in_iq (child) && !asks_server (stanza, to, child) : !is_harmless_in_presence (child))
        return TRUE;
    }
  return FALSE;
}

gboolean
es_privacy_is_of_room (const EsXml *stanza)
{
  const GPtrArray *children = es_xml_children (stanza);

  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL && g_str_has_prefix (es_xml_namespace (children->pdata[i]), ES_NS_MUC))
      return TRUE;
  return FALSE;
}

/* Typing notices, receipts, and what servers and programs say of a message beside it. */
static gboolean
is_unseen_in_message (const EsXml *child)
{
  static const char *const namespaces[] = {
    "http://jabber.org/protocol/amp",
    "http://jabber.org/protocol/caps",
    ES_NS_CHAT_STATES,
    "jabber:x:delay",
    "jabber:x:event",
    "urn:xmpp:carbons:2",
    "urn:xmpp:chat-markers:0",
    "urn:xmpp:delay",
    "urn:xmpp:eme:0",
    "urn:xmpp:hints",
    "urn:xmpp:receipts",
    "urn:xmpp:sce:1",
    "urn:xmpp:sid:0",
  };

  if (es_xml_name (child) == NULL || es_xml_is (child, "thread", ES_NS_CLIENT))
    return TRUE;

  /* Our own are nothing outside the encryption. */
  return is_among (es_xml_namespace (child), namespaces, G_N_ELEMENTS (namespaces))
         || g_str_has_prefix (es_xml_namespace (child), "esession:");
}

gboolean
es_privacy_is_for_people (const EsXml *message)
{
  const GPtrArray *children = es_xml_children (message);

  for (guint i = 0; i < children->len; i++)
    if (!is_unseen_in_message (children->pdata[i]))
      return TRUE;
  return FALSE;
}

gboolean
es_privacy_is_event (const EsXml *message)
{
  const GPtrArray *children = es_xml_children (message);
  gboolean found = FALSE;

  for (guint i = 0; i < children->len; i++)
    if (es_xml_is (children->pdata[i], "event", "http://jabber.org/protocol/pubsub#event"))
      found = TRUE;
    else if (!is_unseen_in_message (children->pdata[i])
             && !es_xml_is (children->pdata[i], "addresses", "http://jabber.org/protocol/address"))
      return FALSE;
  return found;
}

gboolean
es_privacy_is_elsewhere (const EsXml *message)
{
  static const char *const types[] = { "error", "groupchat", "headline" };
  static const char *const namespaces[]
      = { "http://jabber.org/protocol/muc#user", "http://jabber.org/protocol/pubsub#event", "jabber:x:conference",
          "urn:xmpp:attention:0" };
  const GPtrArray *children = es_xml_children (message);
  const char *type = es_xml_attribute (message, "type");

  if (type != NULL && is_among (type, types, G_N_ELEMENTS (types)))
    return TRUE;
  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL
        && is_among (es_xml_namespace (children->pdata[i]), namespaces, G_N_ELEMENTS (namespaces)))
      return TRUE;
  return FALSE;
}

void
es_privacy_remove_states (EsXml *message)
{
  for (guint i = es_xml_children (message)->len; i-- > 0;)
    {
      const EsXml *child = es_xml_children (message)->pdata[i];

      if (es_xml_name (child) != NULL && strcmp (es_xml_namespace (child), ES_NS_CHAT_STATES) == 0)
        es_xml_free (es_xml_steal (message, i));
    }
}
