/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-reach.h"

#include <string.h>

#include "es-limits.h"

typedef enum
{
  NOT_ASKED,
  ASKED,
  SUPPORTED,
  UNSUPPORTED,
  SILENT /* counts as unsupported, until there is a reason to ask again */
} Answer;

typedef struct
{
  EsAddress *jid;
  char *version;
  int priority;
  Answer answer;
  gboolean declined; /* a session */
  gboolean barred;
  gboolean gajim;
} Client;

/* Whether it is known that anybody is there at all, where no client is. */
typedef enum
{
  PRESENCE_OPEN, /* it may be asked for */
  PRESENCE_ASKED,
  PRESENCE_SILENT /* it was, and nobody answered */
} Presence;

struct _EsReach
{
  const EsHost *host;
  const EsAddress *contact;
  void (*silent) (gpointer data);
  gpointer data;

  GPtrArray *list; /* of Client */
  Presence presence;
  guint timer;              /* runs while somebody is asked */
  EsAddress *declined_told; /* or NULL */
};

static void
client_free (gpointer data)
{
  Client *client = data;

  es_address_unref (client->jid);
  g_free (client->version);
  g_free (client);
}

EsReach *
es_reach_new (const EsHost *host, const EsAddress *contact, void (*silent) (gpointer data), gpointer data)
{
  EsReach *reach = g_new0 (EsReach, 1);

  reach->host = host;
  reach->contact = contact;
  reach->silent = silent;
  reach->data = data;
  reach->list = g_ptr_array_new_with_free_func (client_free);
  return reach;
}

void
es_reach_clear (EsReach *reach)
{
  g_ptr_array_set_size (reach->list, 0);
  reach->presence = PRESENCE_OPEN;
  if (reach->timer != 0)
    reach->host->clock.stop_timer (reach->host->clock.data, reach->timer);
  reach->timer = 0;
}

void
es_reach_free (EsReach *reach)
{
  es_reach_clear (reach);
  g_ptr_array_unref (reach->list);
  es_address_unref (reach->declined_told);
  g_free (reach);
}

/* Those that have been asked and have not answered cannot. Returns whether there were any. */
static gboolean
give_up (EsReach *reach)
{
  gboolean any = reach->presence == PRESENCE_ASKED;

  if (any)
    reach->presence = PRESENCE_SILENT;
  for (guint i = 0; i < reach->list->len; i++)
    {
      Client *client = reach->list->pdata[i];

      if (client->answer != ASKED)
        continue;
      client->answer = SILENT;
      any = TRUE;
    }
  return any;
}

static void
on_timeout (gpointer data)
{
  EsReach *reach = data;

  reach->timer = 0;
  if (!give_up (reach))
    return;
  es_log (reach->host->log, ES_AREA_PRESENCE, ES_LOG_INFO, es_address_text (reach->contact),
          "no answer to what its programs can");
  reach->silent (reach->data);
}

void
es_reach_discover (EsReach *reach)
{
  const EsTransport *transport = &reach->host->transport;
  gboolean asked = FALSE;

  if (reach->list->len == 0 && reach->presence == PRESENCE_OPEN
      && transport->ask_presence (transport->data, reach->contact))
    {
      asked = TRUE;
      reach->presence = PRESENCE_ASKED;
    }
  for (guint i = 0; i < reach->list->len; i++)
    {
      Client *client = reach->list->pdata[i];

      if (client->answer != NOT_ASKED)
        continue;
      asked = TRUE;
      client->answer = ASKED;
      transport->ask_support (transport->data, client->jid);
    }
  if (asked)
    es_log (reach->host->log, ES_AREA_PRESENCE, ES_LOG_DETAIL, es_address_text (reach->contact),
            "asked who is there and what they can");
  if (asked && reach->timer == 0)
    reach->timer = reach->host->clock.start_timer (reach->host->clock.data, ES_SUPPORT_SECONDS, on_timeout, reach);
}

void
es_reach_note_presence (EsReach *reach)
{
  reach->presence = PRESENCE_OPEN;
}

gboolean
es_reach_is_silent (const EsReach *reach)
{
  return reach->presence == PRESENCE_SILENT;
}

static Client *
find (const EsReach *reach, const EsAddress *jid)
{
  for (guint i = 0; i < reach->list->len; i++)
    {
      Client *client = reach->list->pdata[i];

      if (es_address_equal (client->jid, jid))
        return client;
    }
  return NULL;
}

void
es_reach_add (EsReach *reach, const EsAddress *jid, int priority, const char *version)
{
  Client *client = find (reach, jid);

  if (client == NULL)
    {
      if (reach->list->len >= ES_LIMIT_DEVICES)
        return;
      client = g_new0 (Client, 1);
      client->jid = es_address_ref (jid);
      g_ptr_array_add (reach->list, client);
    }
  client->priority = priority;

  /* Not every presence says what the client can; one that does not changes nothing. */
  if (version == NULL || g_strcmp0 (client->version, version) == 0)
    return;
  g_free (client->version);
  client->version = g_strdup (version);
  client->answer = NOT_ASKED;
  client->declined = FALSE;
}

gboolean
es_reach_remove (EsReach *reach, const EsAddress *jid)
{
  Client *client = find (reach, jid);
  gboolean told = es_address_equal (reach->declined_told, jid);

  if (told)
    g_clear_pointer (&reach->declined_told, es_address_unref);
  if (client != NULL)
    g_ptr_array_remove (reach->list, client);
  return told;
}

guint
es_reach_count (const EsReach *reach)
{
  return reach->list->len;
}

const EsAddress *
es_reach_first (const EsReach *reach)
{
  return reach->list->len > 0 ? ((const Client *) reach->list->pdata[0])->jid : NULL;
}

gboolean
es_reach_set_support (EsReach *reach, const EsAddress *jid, gboolean supported)
{
  Client *client = find (reach, jid);

  if (client != NULL)
    client->answer = supported ? SUPPORTED : UNSUPPORTED;
  return client != NULL;
}

void
es_reach_note_left (EsReach *reach, const EsAddress *jid)
{
  Client *client = find (reach, jid);

  if (client != NULL)
    client->answer = SILENT;
}

void
es_reach_set_gajim (EsReach *reach, const EsAddress *jid, gboolean gajim)
{
  Client *client = find (reach, jid);

  if (client != NULL)
    client->gajim = gajim;
}

gboolean
es_reach_is_gajim (const EsReach *reach, const EsAddress *jid)
{
  const Client *client = find (reach, jid);

  return client != NULL && client->gajim;
}

void
es_reach_try_again (EsReach *reach)
{
  if (reach->presence == PRESENCE_SILENT)
    reach->presence = PRESENCE_OPEN;
  for (guint i = 0; i < reach->list->len; i++)
    {
      Client *client = reach->list->pdata[i];

      client->declined = FALSE;
      if (client->answer == SILENT)
        client->answer = NOT_ASKED;
    }
}

void
es_reach_note_declined (EsReach *reach, const EsAddress *jid)
{
  Client *client = find (reach, jid);

  if (client != NULL)
    client->declined = TRUE;
}

void
es_reach_note_declined_told (EsReach *reach, const EsAddress *jid)
{
  es_address_unref (reach->declined_told);
  reach->declined_told = es_address_ref (jid);
}

gboolean
es_reach_have_declined (const EsReach *reach)
{
  const EsAddress *best = es_reach_best (reach);

  return best == NULL || find (reach, best)->declined;
}

void
es_reach_note_barred (EsReach *reach, const EsAddress *jid, gboolean barred)
{
  Client *client = find (reach, jid);

  if (client != NULL)
    client->barred = barred;
}

/* The better, the more. */
static int
merit (const Client *client)
{
  return (client->barred ? 0 : 2) + (client->declined ? 0 : 1);
}

EsSupport
es_reach_support (const EsReach *reach)
{
  EsSupport support = reach->presence == PRESENCE_ASKED ? ES_SUPPORT_UNKNOWN : ES_SUPPORT_NO;

  if (es_reach_best (reach) != NULL)
    return ES_SUPPORT_YES;
  for (guint i = 0; i < reach->list->len; i++)
    {
      const Client *client = reach->list->pdata[i];

      if (client->answer == NOT_ASKED || client->answer == ASKED)
        support = ES_SUPPORT_UNKNOWN;
    }
  return support;
}

const EsAddress *
es_reach_best (const EsReach *reach)
{
  const Client *best = NULL;

  for (guint i = 0; i < reach->list->len; i++)
    {
      const Client *client = reach->list->pdata[i];

      if (client->answer != SUPPORTED)
        continue;
      if (best == NULL || merit (client) > merit (best)
          || (merit (client) == merit (best) && client->priority > best->priority))
        best = client;
    }
  return best != NULL ? best->jid : NULL;
}
