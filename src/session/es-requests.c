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
  g_free (request->thread);
  g_free (request->mac);
  g_free (request);
}

void
es_requests_free (EsRequests *requests)
{
  g_queue_clear_full (&requests->queue, (GDestroyNotify) es_request_free);
  g_free (requests);
}

void
es_requests_add (EsRequests *requests,
                 const EsAddress *jid,
                 const char *id,
                 const char *thread,
                 gint64 device,
                 const char *mac)
{
  EsRequest *request = NULL;

  if (id == NULL || strlen (id) > ES_LIMIT_ID_OCTETS)
    return;
  request = g_new0 (EsRequest, 1);
  *request = (EsRequest){ es_address_ref (jid), g_strdup (id), g_strdup (thread), device, g_strdup (mac) };
  g_queue_push_head (&requests->queue, request);
  if (requests->queue.length > ES_LIMIT_REQUESTS)
    es_request_free (g_queue_pop_tail (&requests->queue));
}

gboolean
es_request_is_of (const EsRequest *request, const char *thread, gint64 device)
{
  return strcmp (request->thread, thread) == 0 || (device > 0 && request->device == device);
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
