/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-requests.h"

#include <string.h>

#include "es-limits.h"

struct _EsRequests
{
  GQueue queue; /* of EsRequest, newest first */
};

EsRequests *
es_requests_new (void)
{
  EsRequests *requests = g_new0 (EsRequests, 1);

  g_queue_init (&requests->queue);
  return requests;
}

void
es_request_free (EsRequest *request)
{
  if (request == NULL)
    return;
  es_address_unref (request->jid);
  g_free (request->id);
  g_free (request->mac);
  g_free (request);
}

void
es_requests_free (EsRequests *requests)
{
  g_queue_clear_full (&requests->queue, (GDestroyNotify) es_request_free);
  g_free (requests);
}

gboolean
es_request_is_of (const EsRequest *request, guint64 session, gint64 device)
{
  return request->session == session || (device > 0 && request->device == device);
}

static gboolean
make_room (EsRequests *requests, guint64 session, gint64 device)
{
  GList *link = requests->queue.length < ES_LIMIT_REQUESTS ? NULL : requests->queue.tail;

  if (link == NULL)
    return TRUE;
  while (link != NULL && !es_request_is_of (link->data, session, device))
    link = link->prev;
  if (link == NULL)
    return FALSE;
  es_request_free (link->data);
  g_queue_delete_link (&requests->queue, link);
  return TRUE;
}

gboolean
es_requests_add (EsRequests *requests,
                 const EsAddress *jid,
                 const char *id,
                 guint64 session,
                 gint64 device,
                 const char *mac)
{
  EsRequest *request = NULL;

  if (id == NULL || strlen (id) > ES_LIMIT_ID_OCTETS || !make_room (requests, session, device))
    return FALSE;
  request = g_new0 (EsRequest, 1);
  *request = (EsRequest){ es_address_ref (jid), g_strdup (id), session, device, g_strdup (mac) };
  g_queue_push_head (&requests->queue, request);
  return TRUE;
}

gboolean
es_requests_has (const EsRequests *requests, const EsAddress *jid)
{
  for (const GList *link = requests->queue.head; link != NULL; link = link->next)
    if (es_address_equal (((const EsRequest *) link->data)->jid, jid))
      return TRUE;
  return FALSE;
}

static GList *
find (const EsRequests *requests, const EsAddress *jid, const char *id)
{
  for (GList *link = requests->queue.head; id != NULL && link != NULL; link = link->next)
    {
      const EsRequest *request = link->data;

      if (strcmp (request->id, id) == 0 && es_address_equal (request->jid, jid))
        return link;
    }
  return NULL;
}

const EsRequest *
es_requests_find (const EsRequests *requests, const EsAddress *jid, const char *id)
{
  GList *link = find (requests, jid, id);

  return link != NULL ? link->data : NULL;
}

EsRequest *
es_requests_take (EsRequests *requests, const EsAddress *jid, const char *id)
{
  GList *link = find (requests, jid, id);
  EsRequest *request = link != NULL ? link->data : NULL;

  if (link != NULL)
    g_queue_delete_link (&requests->queue, link);
  return request;
}
