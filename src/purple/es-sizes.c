/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How large a stanza may be. Servers end the stream over one that is too large, and libpurple sends it again at every sign-on. Some
 * say how much they take (XEP-0478); of others it is learnt when it happens: at once where they say why, the second time where
 * the connection just breaks. What was learnt is kept with the account. */
#include "es-plugin.h"

#include "es-limits.h"

/* Of the account. */
#define LEARNT_KEY "esession-stanza-octets"

/* What was written so long ago is not the reason for anything. */
#define LATELY (10 * G_TIME_SPAN_SECOND)

static gsize
learnt (const EsLink *link)
{
  int octets = purple_account_get_int (link->account, LEARNT_KEY, 0);

  return octets > 0 ? MAX ((gsize) octets, ES_STANZA_OCTETS_ALL_TAKE) : 0;
}

static gsize
limit_of (const EsLink *link)
{
  gsize octets = learnt (link);

  if (octets == 0 || link->announced == 0)
    return MAX (octets, link->announced);
  return MIN (octets, link->announced);
}

void
es_sizes_add_link (EsLink *link)
{
  es_manager_set_limit (link->manager, limit_of (link));
}

gboolean
es_sizes_may_write (EsLink *link, gsize octets)
{
  gint64 now = g_get_monotonic_time ();
  gsize limit = limit_of (link);

  if (limit > 0 && octets > limit)
    return FALSE;

  /* The server took one as large, so that it was something else. */
  if (link->suspect > 0 && link->largest >= link->suspect && now - link->largest_at > LATELY)
    link->suspect = 0;
  if (octets >= link->largest || now - link->largest_at > LATELY)
    {
      link->largest = octets;
      link->largest_at = now;
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
  gsize fits = MIN (octets / 4 * 3, G_MAXINT);

  purple_account_set_int (link->account, LEARNT_KEY, (int) MAX (fits, ES_STANZA_OCTETS_ALL_TAKE));
  es_manager_set_limit (link->manager, limit_of (link));
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
  es_manager_set_limit (link->manager, limit_of (link));
}

static void
take_error (EsLink *link, const xmlnode *error)
{
  static const char *const conditions[] = { "policy-violation", "resource-constraint", "undefined-condition" };
  gsize octets = culprit (link);

  for (gsize i = 0; octets > 0 && i < G_N_ELEMENTS (conditions); i++)
    if (xmlnode_get_child_with_namespace (error, conditions[i], ES_NS_STREAM_ERRORS) != NULL)
      {
        learn (link, octets);
        return;
      }
}

static void
on_receiving (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL && purple_strequal (xmlnode_get_namespace (*packet), ES_NS_STREAMS)
                     ? es_plugin_link_of_connection (plugin, connection)
                     : NULL;

  if (link == NULL)
    return;
  if (purple_strequal ((*packet)->name, "features"))
    take_features (link, *packet);
  else if (purple_strequal ((*packet)->name, "error"))
    take_error (link, *packet);
}

static void
on_connection_error (PurpleConnection *connection,
                     PurpleConnectionError error,
                     const char *description,
                     EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);
  gsize octets = link != NULL && error == PURPLE_CONNECTION_ERROR_NETWORK_ERROR ? culprit (link) : 0;

  if (octets == 0)
    return;
  if (link->suspect > 0 && octets >= link->suspect)
    learn (link, link->suspect);
  else
    link->suspect = octets;
  link->largest = 0;
}

void
es_sizes_start (EsPlugin *plugin)
{
  purple_signal_connect_priority (plugin->jabber, "jabber-receiving-xmlnode", plugin->handle,
                                  PURPLE_CALLBACK (on_receiving), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect (purple_connections_get_handle (), "connection-error", plugin->handle,
                         PURPLE_CALLBACK (on_connection_error), plugin);
}
