/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written to the server. A stanza is written if it is the one that the gate has just let out, and nobody has changed it
 * since. One that is handed to libpurple as text, past the gate, goes through it as any other. */
#include "es-plugin.h"

#include <errno.h>
#include <string.h>

#include "es-xmlnode.h"

#define STAND_IN "<esession-nothing"

EsWire
es_wire_let_out (EsPlugin *plugin, EsLink *link, xmlnode *node, gboolean ours)
{
  EsWire wire = ES_WIRE_OUT;

  g_free (plugin->let_out);
  plugin->let_out = xmlnode_to_str (node, NULL);
  if (ours && !es_node_is_plain (node) && !es_text_is_readable_xml (plugin->let_out, strlen (plugin->let_out)))
    wire = ES_WIRE_UNREADABLE;
  else if (link != NULL && !es_sizes_may_write (link, strlen (plugin->let_out)))
    wire = ES_WIRE_TOO_LARGE;
  if (wire != ES_WIRE_OUT)
    g_clear_pointer (&plugin->let_out, g_free);
  return wire;
}

/* Before all others: they do not see what is not to be sent. */
static void
on_first (PurpleConnection *connection, char **text, EsPlugin *plugin)
{
  g_autofree char *nothing = NULL;

  if (*text == NULL || !g_str_has_prefix (*text, STAND_IN))
    return;
  nothing = xmlnode_to_str (plugin->nothing, NULL);
  if (purple_strequal (*text, nothing))
    *text = NULL;
}

/* Over HTTP (BOSH) libpurple adds a namespace after the gate. */
static gboolean
is_same (const char *let_out, const xmlnode *written)
{
  xmlnode *node = let_out != NULL ? xmlnode_from_str (let_out, -1) : NULL;
  g_autoptr (EsXml) a = node != NULL ? es_xml_from_node (node) : NULL, b = es_xml_from_node (written);

  if (node != NULL)
    xmlnode_free (node);
  return a != NULL && b != NULL && es_xml_equal (a, b);
}

/* What is no element: white space that keeps the connection open, and the beginning and end of the stream. */
static gboolean
is_of_stream (const char *text)
{
  return text[strspn (text, " \t\r\n")] == '\0' || strcmp (text, "<?xml version='1.0' ?>") == 0
         || strcmp (text, "</stream:stream>") == 0
         || (g_str_has_prefix (text, "<stream:stream ") && strchr (text + 1, '<') == NULL);
}

/* Whether TEXT is to be written. */
static gboolean
may_be_written (EsPlugin *plugin, PurpleConnection *connection, const char *text)
{
  g_autofree char *let_out = g_steal_pointer (&plugin->let_out);
  xmlnode *node = NULL, *packet = NULL;
  gboolean may = FALSE;

  if (g_strcmp0 (text, let_out) == 0 || is_of_stream (text))
    return TRUE;
  packet = node = xmlnode_from_str (text, -1);
  if (node == NULL)
    return FALSE;
  may = !es_gate_is_stanza (node) || is_same (let_out, node);

  /* What is changed again after the gate is not sent at all. */
  if (!may && !plugin->from_raw)
    {
      plugin->from_raw = TRUE;
      purple_signal_emit (plugin->jabber, "jabber-sending-xmlnode", connection, &packet);
      plugin->from_raw = FALSE;
    }
  xmlnode_free (node);
  return may;
}

/* After all others. */
static void
on_last (PurpleConnection *connection, char **text, EsPlugin *plugin)
{
  if (*text == NULL || may_be_written (plugin, connection, *text))
    return;
  es_log (plugin->log, ES_AREA_GATE, ES_LOG_WARNING, NULL, "not written: the gate has not let it out like that");
  *text = NULL;
}

/* Who looks at text looks as far as its first NUL, and all SIZE octets are written: both are to be the same. */
static int
send_raw (PurpleConnection *connection, const char *text, int size)
{
  EsPlugin *plugin = es_plugin_running ();
  g_autofree char *whole = NULL;

  if (plugin == NULL || text == NULL || (size >= 0 && memchr (text, '\0', (gsize) size) != NULL))
    return -EINVAL;
  whole = size >= 0 ? g_strndup (text, (gsize) size) : g_strdup (text);
  return plugin->send_raw (connection, whole, size);
}

void
es_wire_start (EsPlugin *plugin)
{
  PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber);

  plugin->send_raw = info->send_raw;
  info->send_raw = send_raw;
  purple_signal_connect_priority (plugin->jabber, "jabber-sending-text", plugin->handle, PURPLE_CALLBACK (on_first),
                                  plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect_priority (plugin->jabber, "jabber-sending-text", plugin->handle, PURPLE_CALLBACK (on_last),
                                  plugin, PURPLE_SIGNAL_PRIORITY_HIGHEST);
}

void
es_wire_stop (EsPlugin *plugin)
{
  PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber)->send_raw = plugin->send_raw;
}
