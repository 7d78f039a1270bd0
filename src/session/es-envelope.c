/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-envelope.h"

#include <string.h>

/* What arrived a moment ago was written now. */
#define MOMENT_SECONDS 2

/* Takes the children of that name out of STANZA; the first is the caller's, or NULL. */
static EsXml *
take (EsXml *stanza, const char *name, const char *namespace_)
{
  g_autoptr (EsXml) taken = es_xml_new ("x", ES_NS_CLIENT);

  return es_xml_remove (stanza, name, namespace_, taken) ? es_xml_steal (taken, 0) : NULL;
}

void
es_envelope_close_iq (EsXml *iq)
{
  EsXml *about = es_xml_append (iq, es_xml_new ("about", ES_NS_ENVELOPE));

  es_xml_set_attribute (about, "type", es_xml_attribute (iq, "type"));
  es_xml_set_attribute (about, "id", es_xml_attribute (iq, "id"));
}

gboolean
es_envelope_open_iq (EsXml *iq)
{
  g_autoptr (EsXml) about = take (iq, "about", ES_NS_ENVELOPE);

  return about != NULL && g_strcmp0 (es_xml_attribute (about, "type"), es_xml_attribute (iq, "type")) == 0
         && g_strcmp0 (es_xml_attribute (about, "id"), es_xml_attribute (iq, "id")) == 0;
}

static char *
stamp_of (gint64 then)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (then);

  return time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}

void
es_envelope_close_message (EsXml *message, gint64 then)
{
  g_autofree char *stamp = stamp_of (then);

  if (stamp != NULL && es_xml_child (message, "time", ES_NS_SCE) == NULL)
    es_xml_set_attribute (es_xml_append (message, es_xml_new ("time", ES_NS_SCE)), "stamp", stamp);
}

void
es_envelope_close_type (EsXml *message)
{
  const char *type = es_xml_attribute (message, "type");

  if (type != NULL && strcmp (type, "normal") != 0)
    es_xml_set_attribute (message, "type", "chat");
}

void
es_envelope_open_message (EsXml *message, gint64 now)
{
  g_autoptr (EsXml) time = take (message, "time", ES_NS_SCE), delay = take (message, "delay", ES_NS_DELAY);
  g_autoptr (EsXml) old_delay = take (message, "x", ES_NS_OLD_DELAY);
  const char *stamp = time != NULL ? es_xml_attribute (time, "stamp") : NULL;
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) then = stamp != NULL ? g_date_time_new_from_iso8601 (stamp, utc) : NULL;
  gint64 written = then != NULL ? g_date_time_to_unix (then) : now;
  g_autofree char *shown = written > 0 && written < now - MOMENT_SECONDS ? stamp_of (written) : NULL;

  es_xml_set_attribute (message, "type", "chat");
  if (shown != NULL)
    es_xml_set_attribute (es_xml_append (message, es_xml_new ("delay", ES_NS_DELAY)), "stamp", shown);
}
