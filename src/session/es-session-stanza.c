/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-session-stanza.h"

#include <string.h>

#include "es-limits.h"
#include "es-secret.h"

/* Servers are asked neither to store it for later nor to copy it to other devices: nobody else has the keys. */
static void
add_hints (EsXml *stanza)
{
  static const char *const hints[][2]
      = { { "no-store", ES_NS_HINTS }, { "no-copy", ES_NS_HINTS }, { "private", ES_NS_CARBONS } };

  for (gsize i = 0; i < G_N_ELEMENTS (hints); i++)
    if (es_xml_child (stanza, hints[i][0], hints[i][1]) == NULL)
      es_xml_append (stanza, es_xml_new (hints[i][0], hints[i][1]));
}

EsXml *
es_session_stanza (const EsAddress *to, const char *thread, EsXml *payload)
{
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "to", es_address_text (to));
  es_xml_append_new (stanza, "thread", thread);
  if (payload != NULL)
    es_xml_append (stanza, payload);
  add_hints (stanza);
  return stanza;
}

/* Whether XML, or something in it, is text: what people may have written. */
static gboolean
holds_words (const EsXml *xml)
{
  const GPtrArray *children = es_xml_children (xml);

  if (es_xml_name (xml) == NULL)
    return TRUE;
  for (guint i = 0; i < children->len; i++)
    if (holds_words (children->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_wordless (const EsXml *child, gpointer data)
{
  return !holds_words (child);
}

gboolean
es_session_remove_error_words (EsXml *stanza)
{
  const GPtrArray *children = es_xml_children (stanza);
  gboolean found = FALSE;

  for (guint i = 0; i < children->len; i++)
    if (es_xml_is (children->pdata[i], "error", ES_NS_CLIENT))
      found |= es_xml_filter (children->pdata[i], is_wordless, NULL, NULL);
  return found;
}

/* What stays outside the encryption, for servers (XEP-0200 section 4): what is said by its name alone holds nothing else, and
 * nothing holds words, but for the thread, which is replaced, and errors, which lose them. */
gboolean
es_session_stays_plain (const EsXml *child)
{
  static const struct
  {
    const char *name, *namespace_;
    enum
    {
      EMPTY,
      WORDLESS,
      ANY
    } content;
  } plain[] = {
    { "thread", ES_NS_CLIENT, ANY },
    { "error", ES_NS_CLIENT, ANY },
    { "amp", "http://jabber.org/protocol/amp", WORDLESS },
    { "private", ES_NS_CARBONS, EMPTY },
    { "stanza-id", "urn:xmpp:sid:0", EMPTY },
    { "delay", "urn:xmpp:delay", EMPTY },
  };
  gboolean empty = es_xml_name (child) != NULL && es_xml_children (child)->len == 0;

  if (g_strcmp0 (es_xml_namespace (child), ES_NS_HINTS) == 0)
    return empty;
  for (gsize i = 0; i < G_N_ELEMENTS (plain); i++)
    if (es_xml_is (child, plain[i].name, plain[i].namespace_))
      return empty || plain[i].content == ANY || (plain[i].content == WORDLESS && !holds_words (child));
  return FALSE;
}

static gboolean
is_element (const EsXml *child, gpointer data)
{
  return es_xml_name (child) != NULL;
}

static gboolean
stays (const EsXml *child, gpointer data)
{
  return es_session_stays_plain (child);
}

/* Takes the children for which es_session_stays_plain () is FALSE out of STANZA, and returns the others in it: white space and
 * stray text go. */
EsXml *
es_session_split (EsXml *stanza)
{
  EsXml *inside = es_xml_new ("x", ES_NS_CLIENT);

  es_session_remove_error_words (stanza);
  es_xml_filter (stanza, is_element, NULL, NULL);
  es_xml_filter (stanza, stays, NULL, inside);
  return inside;
}

static void
set_thread (EsXml *stanza, const char *thread)
{
  es_xml_remove (stanza, "thread", NULL, NULL);
  es_xml_append_new (stanza, "thread", thread);
}

/* For clients that cannot read it (XEP-0380). */
static void
add_fallback (EsXml *stanza, const char *fallback)
{
  EsXml *eme = NULL;

  if (fallback != NULL)
    es_xml_append_new (stanza, "body", fallback);
  eme = es_xml_append (stanza, es_xml_new ("encryption", ES_NS_EME));
  es_xml_set_attribute (eme, "namespace", ES_NS_CRYPT);
  es_xml_set_attribute (eme, "name", "Encrypted Session");
}

/* Text comes twice, plain and formatted: better without the formatting than not at all. */
gboolean
es_session_unformat (EsXml *inside)
{
  return es_xml_child (inside, "body", ES_NS_CLIENT) != NULL && es_xml_remove (inside, "html", ES_NS_XHTML_IM, NULL);
}

void
es_session_shorten (EsXml *stanza)
{
  char *content = NULL;

  if (es_xml_child (stanza, "html", ES_NS_XHTML_IM) == NULL)
    return;
  content = es_xml_children_to_string (stanza);
  if (strlen (content) > ES_LIMIT_CONTENT_OCTETS)
    es_session_unformat (stanza);
  es_text_free (content);
}

static gboolean
is_fallback (const EsXml *child, const char *fallback)
{
  char *text = es_xml_is (child, "body", ES_NS_CLIENT) ? es_xml_dup_text (child) : NULL;
  gboolean is = text != NULL && g_strcmp0 (text, fallback) == 0;

  if (text != NULL)
    es_octets_wipe (text, strlen (text));
  g_free (text);
  return is;
}

gboolean
es_session_has_encrypted (const EsXml *stanza, const char *fallback)
{
  const GPtrArray *children = es_xml_children (stanza);
  gboolean encrypted = FALSE;

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];

      if (es_xml_is (child, "c", ES_NS_CRYPT))
        encrypted = TRUE;
      else if (!es_session_stays_plain (child) && !es_xml_is (child, "encryption", ES_NS_EME)
               && !is_fallback (child, fallback))
        return FALSE;
    }
  return encrypted;
}

void
es_session_dress (EsXml *stanza, const char *thread, EsXml *c, const char *fallback)
{
  set_thread (stanza, thread);
  es_xml_append (stanza, c);
  add_fallback (stanza, fallback);
  add_hints (stanza);
}
