/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large a stanza may be. Servers end the stream over one that is too large, and libpurple sends it again at every sign-on. Some
 * say how much they take (XEP-0478); of others it is learnt when it happens: at once where they say why, the third time in a row where
 * the connection just breaks, for networks do that as well. Only what the server has not acknowledged (XEP-0198) can be the reason.
 * What was learnt is kept with the account, for a day: then it is tried again. */
#include "es-plugin.h"

#include <string.h>

#include "es-limits.h"

/* Of the account: octets, when that was learnt, and how many the server announced then. */
#define LEARNT_KEY "esession-stanza-limit"

/* So long it holds, in seconds. */
#define LEARNT_SECONDS ((gint64) 24 * 60 * 60)

/* What was written so long ago is not the reason for anything. */
#define LATELY (10 * G_TIME_SPAN_SECOND)

#define BREAKS 3

static gint64
now_seconds (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gsize
learnt (const EsLink *link)
{
  const char *text = purple_account_get_string (link->account, LEARNT_KEY, "");
  g_auto (GStrv) parts = NULL;
  guint64 octets = 0;
  gint64 age = 0;

  /* As mostly; it is asked for each stanza. */
  if (*text == '\0')
    return 0;
  parts = g_strsplit (text, " ", -1);

  /* A server that says something else than then is another one, or was set up anew. */
  if (g_strv_length (parts) != 3 || g_ascii_strtoull (parts[2], NULL, 10) != link->announced)
    return 0;
  octets = g_ascii_strtoull (parts[0], NULL, 10);
  age = now_seconds () - g_ascii_strtoll (parts[1], NULL, 10);
  return octets > 0 && age >= 0 && age < LEARNT_SECONDS ? (gsize) CLAMP (octets, ES_STANZA_OCTETS_ALL_TAKE, G_MAXINT)
                                                        : 0;
}

static gsize
limit_of (const EsLink *link)
{
  gsize octets = learnt (link);

  if (octets == 0 || link->announced == 0)
    return MAX (octets, link->announced);
  return MIN (octets, link->announced);
}

/* What was learnt may hold no longer. */
static gsize
update (EsLink *link)
{
  gsize limit = limit_of (link);

  if (limit != link->limit)
    es_manager_set_limit (link->manager, limit);
  return link->limit = limit;
}

void
es_sizes_add_link (EsLink *link)
{
  update (link);
}

gboolean
es_sizes_may_write (EsLink *link, gsize octets)
{
  gint64 now = g_get_monotonic_time ();
  gsize limit = update (link);

  if (limit > 0 && octets > limit)
    return FALSE;

  link->n_written++;
  if (octets >= link->largest || now - link->largest_at > LATELY)
    {
      link->largest = octets;
      link->largest_at = now;
      link->largest_number = link->n_written;
    }
  return TRUE;
}

/* The stanza that was too large if one was, 0 otherwise. */
static gsize
culprit (const EsLink *link)
{
  gboolean is_recent = g_get_monotonic_time () - link->largest_at <= LATELY;

  return is_recent && link->largest > ES_STANZA_OCTETS_ALL_TAKE ? link->largest : 0;
}

static void
learn (EsLink *link, gsize octets)
{
  gsize fits = MAX (MIN (octets / 4 * 3, G_MAXINT), ES_STANZA_OCTETS_ALL_TAKE);
  g_autofree char *text = g_strdup_printf ("%zu %" G_GINT64_FORMAT " %zu", fits, now_seconds (), link->announced);

  purple_account_set_string (link->account, LEARNT_KEY, text);
  es_log (link->plugin->log, ES_AREA_GATE, ES_LOG_WARNING, es_address_text (link->own),
          "the server does not seem to take a stanza of %u octets", (guint) octets);
  update (link);
  link->largest = 0;
  link->suspect = 0;
}

static void
take_features (EsLink *link, const xmlnode *features)
{
  const xmlnode *limits = xmlnode_get_child_with_namespace (features, "limits", ES_NS_LIMITS);
  xmlnode *octets = limits != NULL ? xmlnode_get_child (limits, "max-bytes") : NULL;
  g_autofree char *text = octets != NULL ? xmlnode_get_data (octets) : NULL;
  guint64 number = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;

  /* They come again, and may be others, when the server knows who we are. */
  link->announced = number > 0 ? (gsize) CLAMP (number, ES_STANZA_OCTETS_ALL_TAKE, G_MAXINT) : 0;
  update (link);
}

/* Whether it says that a stanza was too large: Prosody by an element, ejabberd and Openfire by these texts. */
static gboolean
is_about_size (const xmlnode *error)
{
  static const char *const texts[] = { "too big", "too large", "length exceeded" };
  xmlnode *child = xmlnode_get_child_with_namespace (error, "text", ES_NS_STREAM_ERRORS);
  g_autofree char *text = child != NULL ? xmlnode_get_data (child) : NULL;
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  for (gsize i = 0; lower != NULL && i < G_N_ELEMENTS (texts); i++)
    if (strstr (lower, texts[i]) != NULL)
      return TRUE;
  return xmlnode_get_child_with_namespace (error, "stanza-too-big", ES_NS_ERRORS) != NULL;
}

static void
take_error (EsLink *link, const xmlnode *error)
{
  gsize octets = culprit (link);

  if (octets > 0 && is_about_size (error))
    learn (link, octets);
}

/* The server has so many stanzas. */
static void
take_acknowledgement (EsLink *link, const xmlnode *acknowledgement)
{
  const char *text = xmlnode_get_attrib (acknowledgement, "h");
  guint32 number = text != NULL ? (guint32) g_ascii_strtoull (text, NULL, 10) : 0;

  if (text == NULL || (gint32) (number - link->largest_number) < 0)
    return;

  /* It was something else. */
  if (link->largest >= link->suspect)
    link->suspect = 0;
  link->largest = 0;
}

static void
on_receiving (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  const char *xmlns = *packet != NULL ? xmlnode_get_namespace (*packet) : NULL;
  gboolean streams = purple_strequal (xmlns, ES_NS_STREAMS), management = purple_strequal (xmlns, ES_NS_MANAGEMENT);
  EsLink *link = streams || management ? es_plugin_link_of_connection (plugin, connection) : NULL;

  if (link == NULL)
    return;

  /* All that is sent again was sent at once. */
  link->resends = FALSE;
  if (streams && purple_strequal ((*packet)->name, "features"))
    take_features (link, *packet);
  else if (streams && purple_strequal ((*packet)->name, "error"))
    take_error (link, *packet);
  else if (management && purple_strequal ((*packet)->name, "a"))
    take_acknowledgement (link, *packet);
}

/* From here stanzas are counted, and what was not when the last connection broke is sent again. */
static void
on_sending (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL && purple_strequal ((*packet)->name, "enable")
                         && purple_strequal (xmlnode_get_namespace (*packet), ES_NS_MANAGEMENT)
                     ? es_plugin_link_of_connection (plugin, connection)
                     : NULL;

  if (link == NULL)
    return;
  link->n_written = link->largest_number = 0;
  link->resends = TRUE;
}

static void
on_connection_error (PurpleConnection *connection,
                     PurpleConnectionError error,
                     const char *description,
                     EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);
  gsize octets = 0;

  /* Who says how much it takes says so as well when it is too much. */
  if (link == NULL || error != PURPLE_CONNECTION_ERROR_NETWORK_ERROR || link->announced > 0)
    return;
  octets = culprit (link);
  if (link->suspect == 0 || octets < link->suspect)
    {
      link->suspect = octets;
      link->n_breaks = 0;
    }
  if (octets > 0 && ++link->n_breaks == BREAKS)
    learn (link, link->suspect);
  link->largest = 0;
}

void
es_sizes_start (EsPlugin *plugin)
{
  purple_signal_connect_priority (plugin->jabber, "jabber-receiving-xmlnode", plugin->handle,
                                  PURPLE_CALLBACK (on_receiving), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect_priority (plugin->jabber, "jabber-sending-xmlnode", plugin->handle,
                                  PURPLE_CALLBACK (on_sending), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (purple_connections_get_handle (), "connection-error", plugin->handle,
                         PURPLE_CALLBACK (on_connection_error), plugin);
}
