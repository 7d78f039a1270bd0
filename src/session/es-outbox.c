/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-outbox.h"

#include <string.h>

#include "es-limits.h"
#include "es-secret.h"

struct _EsOutbox
{
  GQueue waiting;
  gsize octets;
};

void
es_waiting_free (EsWaiting *waiting)
{
  if (waiting == NULL)
    return;
  es_text_free (waiting->text);
  es_text_free (waiting->leaving);
  g_free (waiting->label);
  es_xml_free (waiting->stanza);
  g_free (waiting);
}

EsOutbox *
es_outbox_new (void)
{
  EsOutbox *outbox = g_new0 (EsOutbox, 1);

  g_queue_init (&outbox->waiting);
  return outbox;
}

void
es_outbox_free (EsOutbox *outbox)
{
  if (outbox == NULL)
    return;
  g_queue_clear_full (&outbox->waiting, (GDestroyNotify) es_waiting_free);
  g_free (outbox);
}

static gsize
octets_of (const EsWaiting *waiting)
{
  char *text = waiting->stanza != NULL ? es_xml_to_string (waiting->stanza, ES_NS_CLIENT) : NULL;
  gsize octets = text != NULL ? strlen (text) : strlen (waiting->text) + strlen (waiting->leaving);

  es_text_free (text);
  return octets;
}

static EsWaiting *
text_new (const char *text, const char *leaving)
{
  EsWaiting *waiting = g_new0 (EsWaiting, 1);

  waiting->text = g_strdup (text);
  waiting->leaving = g_strdup (leaving);
  waiting->octets = octets_of (waiting);
  return waiting;
}

static EsWaiting *
stanza_new (EsXml *stanza)
{
  EsWaiting *waiting = g_new0 (EsWaiting, 1);

  waiting->stanza = stanza;
  waiting->octets = octets_of (waiting);
  return waiting;
}

static EsWaiting *
add (EsOutbox *outbox, EsWaiting *waiting)
{
  if (outbox->waiting.length >= ES_LIMIT_WAITING || outbox->octets + waiting->octets > ES_LIMIT_WAITING_OCTETS)
    {
      es_waiting_free (waiting);
      return NULL;
    }
  outbox->octets += waiting->octets;
  g_queue_push_tail (&outbox->waiting, waiting);
  return waiting;
}

EsWaiting *
es_outbox_add_text (EsOutbox *outbox, const char *text, const char *leaving)
{
  return add (outbox, text_new (text, leaving));
}

EsWaiting *
es_outbox_add_stanza (EsOutbox *outbox, EsXml *stanza)
{
  return add (outbox, stanza_new (stanza));
}

/* There was room when it was written. */
static EsWaiting *
restore (EsOutbox *outbox, EsWaiting *waiting)
{
  GList *older = outbox->waiting.tail;

  waiting->restored = waiting->guarded = TRUE;
  outbox->octets += waiting->octets;
  while (older != NULL && !((const EsWaiting *) older->data)->restored)
    older = older->prev;
  if (older == NULL)
    g_queue_push_head (&outbox->waiting, waiting);
  else
    g_queue_insert_after (&outbox->waiting, older, waiting);
  return waiting;
}

EsWaiting *
es_outbox_restore_text (EsOutbox *outbox, const char *text, const char *leaving)
{
  return restore (outbox, text_new (text, leaving));
}

EsWaiting *
es_outbox_restore_stanza (EsOutbox *outbox, EsXml *stanza)
{
  return restore (outbox, stanza_new (stanza));
}

const EsWaiting *
es_outbox_peek (const EsOutbox *outbox)
{
  return g_queue_peek_head ((GQueue *) &outbox->waiting);
}

EsWaiting *
es_outbox_take (EsOutbox *outbox)
{
  EsWaiting *waiting = g_queue_pop_head (&outbox->waiting);

  if (waiting != NULL)
    outbox->octets -= waiting->octets;
  return waiting;
}

void
es_outbox_put_back (EsOutbox *outbox, EsWaiting *waiting)
{
  outbox->octets += waiting->octets;
  g_queue_push_tail (&outbox->waiting, waiting);
}

void
es_outbox_guard (EsOutbox *outbox)
{
  for (GList *link = outbox->waiting.head; link != NULL; link = link->next)
    ((EsWaiting *) link->data)->guarded = TRUE;
}

void
es_outbox_allow_plain (EsOutbox *outbox)
{
  for (GList *link = outbox->waiting.head; link != NULL; link = link->next)
    ((EsWaiting *) link->data)->plain = TRUE;
}

void
es_outbox_forbid_plain (EsOutbox *outbox)
{
  for (GList *link = outbox->waiting.head; link != NULL; link = link->next)
    ((EsWaiting *) link->data)->plain = FALSE;
}

void
es_outbox_keep_for_verified (EsOutbox *outbox)
{
  for (GList *link = outbox->waiting.head; link != NULL; link = link->next)
    {
      EsWaiting *waiting = link->data;

      waiting->for_verified = TRUE;
      es_kept_set_for_verified (waiting->kept);
    }
}

const EsWaiting *
es_outbox_nth (const EsOutbox *outbox, guint n)
{
  return g_queue_peek_nth ((GQueue *) &outbox->waiting, n);
}

static GList *
find_link (const EsOutbox *outbox, const char *label)
{
  GList *link = outbox->waiting.head;

  while (link != NULL && g_strcmp0 (((const EsWaiting *) link->data)->label, label) != 0)
    link = link->next;
  return link;
}

EsWaiting *
es_outbox_find (const EsOutbox *outbox, const char *label)
{
  GList *link = find_link (outbox, label);

  return link != NULL ? link->data : NULL;
}

EsWaiting *
es_outbox_take_labelled (EsOutbox *outbox, const char *label)
{
  GList *link = find_link (outbox, label);
  EsWaiting *waiting = link != NULL ? link->data : NULL;

  if (waiting == NULL)
    return NULL;
  g_queue_delete_link (&outbox->waiting, link);
  outbox->octets -= waiting->octets;
  return waiting;
}

guint
es_outbox_size (const EsOutbox *outbox)
{
  return outbox->waiting.length;
}
