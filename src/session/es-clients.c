/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-clients.h"

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

struct _EsClients
{
  GPtrArray *list;
};

static void
client_free (gpointer data)
{
  Client *client = data;

  es_address_unref (client->jid);
  g_free (client->version);
  g_free (client);
}

EsClients *
es_clients_new (void)
{
  EsClients *clients = g_new0 (EsClients, 1);

  clients->list = g_ptr_array_new_with_free_func (client_free);
  return clients;
}

void
es_clients_free (EsClients *clients)
{
  g_ptr_array_unref (clients->list);
  g_free (clients);
}

static Client *
find (const EsClients *clients, const EsAddress *jid)
{
  for (guint i = 0; i < clients->list->len; i++)
    {
      Client *client = clients->list->pdata[i];

      if (es_address_equal (client->jid, jid))
        return client;
    }
  return NULL;
}

void
es_clients_add (EsClients *clients, const EsAddress *jid, int priority, const char *version)
{
  Client *client = find (clients, jid);

  if (client == NULL)
    {
      if (clients->list->len >= ES_LIMIT_DEVICES)
        return;
      client = g_new0 (Client, 1);
      client->jid = es_address_ref (jid);
      g_ptr_array_add (clients->list, client);
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
es_clients_remove (EsClients *clients, const EsAddress *jid)
{
  Client *client = find (clients, jid);

  return client != NULL && g_ptr_array_remove (clients->list, client);
}

void
es_clients_clear (EsClients *clients)
{
  g_ptr_array_set_size (clients->list, 0);
}

guint
es_clients_count (const EsClients *clients)
{
  return clients->list->len;
}

const EsAddress *
es_clients_first (const EsClients *clients)
{
  return clients->list->len > 0 ? ((const Client *) clients->list->pdata[0])->jid : NULL;
}

const EsAddress *
es_clients_ask_next (EsClients *clients)
{
  for (guint i = 0; i < clients->list->len; i++)
    {
      Client *client = clients->list->pdata[i];

      if (client->answer != NOT_ASKED)
        continue;
      client->answer = ASKED;
      return client->jid;
    }
  return NULL;
}

gboolean
es_clients_set_support (EsClients *clients, const EsAddress *jid, gboolean supported)
{
  Client *client = find (clients, jid);

  if (client != NULL)
    client->answer = supported ? SUPPORTED : UNSUPPORTED;
  return client != NULL;
}

void
es_clients_note_left (EsClients *clients, const EsAddress *jid)
{
  Client *client = find (clients, jid);

  if (client != NULL)
    client->answer = SILENT;
}

void
es_clients_set_gajim (EsClients *clients, const EsAddress *jid, gboolean gajim)
{
  Client *client = find (clients, jid);

  if (client != NULL)
    client->gajim = gajim;
}

gboolean
es_clients_is_gajim (const EsClients *clients, const EsAddress *jid)
{
  const Client *client = find (clients, jid);

  return client != NULL && client->gajim;
}

gboolean
es_clients_give_up (EsClients *clients)
{
  gboolean any = FALSE;

  for (guint i = 0; i < clients->list->len; i++)
    {
      Client *client = clients->list->pdata[i];

      if (client->answer != ASKED)
        continue;
      client->answer = SILENT;
      any = TRUE;
    }
  return any;
}

void
es_clients_try_again (EsClients *clients)
{
  for (guint i = 0; i < clients->list->len; i++)
    {
      Client *client = clients->list->pdata[i];

      client->declined = FALSE;
      if (client->answer == SILENT)
        client->answer = NOT_ASKED;
    }
}

void
es_clients_note_declined (EsClients *clients, const EsAddress *jid)
{
  Client *client = find (clients, jid);

  if (client != NULL)
    client->declined = TRUE;
}

gboolean
es_clients_have_declined (const EsClients *clients)
{
  const EsAddress *best = es_clients_best (clients);

  return best == NULL || find (clients, best)->declined;
}

void
es_clients_note_barred (EsClients *clients, const EsAddress *jid, gboolean barred)
{
  Client *client = find (clients, jid);

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
es_clients_support (const EsClients *clients)
{
  EsSupport support = ES_SUPPORT_NO;

  if (es_clients_best (clients) != NULL)
    return ES_SUPPORT_YES;
  for (guint i = 0; i < clients->list->len; i++)
    {
      const Client *client = clients->list->pdata[i];

      if (client->answer == NOT_ASKED || client->answer == ASKED)
        support = ES_SUPPORT_UNKNOWN;
    }
  return support;
}

const EsAddress *
es_clients_best (const EsClients *clients)
{
  const Client *best = NULL;

  for (guint i = 0; i < clients->list->len; i++)
    {
      const Client *client = clients->list->pdata[i];

      if (client->answer != SUPPORTED)
        continue;
      if (best == NULL || merit (client) > merit (best)
          || (merit (client) == merit (best) && client->priority > best->priority))
        best = client;
    }
  return best != NULL ? best->jid : NULL;
}
