/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-receipts.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"

#define DIGEST_OCTETS 32

/* Of all accounts: whoever shows them may know of several. */
static guint64 last_number;

struct _EsReceipts
{
  GQueue sent; /* of EsSent, oldest first */
  gsize octets;
  GQueue shown; /* of GBytes, oldest first: their digests */
  GHashTable *shown_set;
};

void
es_sent_free (EsSent *sent)
{
  if (sent == NULL)
    return;
  es_xml_free (sent->stanza);
  es_text_free (sent->typed);
  g_free (sent->id);
  g_free (sent);
}

EsReceipts *
es_receipts_new (void)
{
  EsReceipts *receipts = g_new0 (EsReceipts, 1);

  g_queue_init (&receipts->sent);
  g_queue_init (&receipts->shown);
  receipts->shown_set = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  return receipts;
}

static EsSent *
unlink_sent (EsReceipts *receipts, GList *link)
{
  EsSent *sent = link->data;

  g_queue_unlink (&receipts->sent, link);
  receipts->octets -= sent->octets;
  return sent;
}

void
es_receipts_free (EsReceipts *receipts)
{
  if (receipts == NULL)
    return;
  while (receipts->sent.head != NULL)
    es_sent_free (unlink_sent (receipts, receipts->sent.head));
  g_hash_table_unref (receipts->shown_set);
  g_queue_clear_full (&receipts->shown, (GDestroyNotify) g_bytes_unref);
  g_free (receipts);
}

void
es_receipts_label (EsXml *stanza, const char *id)
{
  EsXml *label = NULL;

  es_xml_remove (stanza, "origin-id", ES_NS_SID, NULL);
  es_xml_remove (stanza, "request", ES_NS_RECEIPTS, NULL);
  label = es_xml_append (stanza, es_xml_new ("origin-id", ES_NS_SID));
  es_xml_set_attribute (label, "id", id);
  es_xml_append (stanza, es_xml_new ("request", ES_NS_RECEIPTS));
}

gboolean
es_receipts_have_room (const EsReceipts *receipts, const EsXml *stanza)
{
  return receipts->sent.length < ES_LIMIT_WAITING
         && receipts->octets + es_xml_size (stanza, ES_NS_CLIENT) <= ES_LIMIT_WAITING_OCTETS;
}

EsSent *
es_receipts_add (EsReceipts *receipts, const char *id, EsXml *stanza, guint64 session, gint64 now)
{
  EsSent *sent = g_new0 (EsSent, 1);

  *sent = (EsSent){
    .id = g_strdup (id),
    .number = ++last_number,
    .stanza = stanza,
    .session = session,
    .sent = now,
    .octets = es_xml_size (stanza, ES_NS_CLIENT),
  };
  receipts->octets += sent->octets;
  sent->link.data = sent;
  g_queue_push_tail_link (&receipts->sent, &sent->link);
  return sent;
}

guint64
es_receipts_confirm (EsReceipts *receipts, guint64 session, const char *id)
{
  for (GList *link = receipts->sent.head; link != NULL; link = link->next)
    {
      const EsSent *sent = link->data;
      guint64 number = sent->number;

      if (strcmp (sent->id, id) != 0 || sent->session != session)
        continue;
      es_kept_done (sent->kept);
      es_sent_free (unlink_sent (receipts, link));
      return number;
    }
  return 0;
}

guint
es_receipts_size (const EsReceipts *receipts)
{
  return receipts->sent.length;
}

EsSent *
es_receipts_oldest (const EsReceipts *receipts)
{
  return g_queue_peek_head ((GQueue *) &receipts->sent);
}

EsSent *
es_receipts_after (const EsSent *sent)
{
  return sent->link.next != NULL ? sent->link.next->data : NULL;
}

EsSent *
es_receipts_take (EsReceipts *receipts, EsSent *sent)
{
  return unlink_sent (receipts, &sent->link);
}

void
es_receipts_keep_for_verified (EsReceipts *receipts)
{
  for (GList *link = receipts->sent.head; link != NULL; link = link->next)
    {
      EsSent *sent = link->data;

      sent->for_verified = TRUE;
      es_kept_set_for_verified (sent->kept);
    }
}

void
es_sent_move (EsSent *sent, guint64 session, gint64 now)
{
  sent->abandoned = sent->silent = FALSE;
  sent->session = session;
  sent->sent = now;
}

void
es_receipts_assume (EsReceipts *receipts, guint64 session, gint64 before)
{
  for (GList *link = receipts->sent.head, *next = NULL; link != NULL; link = next)
    {
      const EsSent *sent = link->data;

      next = link->next;
      if (sent->sent >= before || sent->session != session)
        continue;
      es_kept_done (sent->kept);
      es_sent_free (unlink_sent (receipts, link));
    }
}

GBytes *
es_receipts_mark_of (const char *writer, const char *id, const char *body)
{
  guint8 octets[ES_HASH_MAX_OCTETS];
  EsPart parts[] = { ES_PART (writer, strlen (writer) + 1), ES_PART (id, strlen (id) + 1), ES_PART_STRING (body) };

  es_hash (es_hash_find ("sha256"), parts, G_N_ELEMENTS (parts), octets);
  return g_bytes_new (octets, DIGEST_OCTETS);
}

gboolean
es_receipts_has_shown (const EsReceipts *receipts, GBytes *mark)
{
  return g_hash_table_contains (receipts->shown_set, mark);
}

void
es_receipts_note (EsReceipts *receipts, GBytes *mark)
{
  if (es_receipts_has_shown (receipts, mark))
    return;
  if (receipts->shown.length == ES_LIMIT_SHOWN)
    {
      GBytes *oldest = g_queue_pop_head (&receipts->shown);

      g_hash_table_remove (receipts->shown_set, oldest);
      g_bytes_unref (oldest);
    }
  g_queue_push_tail (&receipts->shown, g_bytes_ref (mark));
  g_hash_table_add (receipts->shown_set, mark);
}

GArray *
es_receipts_collect (EsReceipts *receipts, guint64 session, EsXml *stanza)
{
  const GPtrArray *children = es_xml_children (stanza);
  GArray *numbers = NULL;

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];
      const char *id = es_xml_is (child, "received", ES_NS_RECEIPTS) ? es_xml_attribute (child, "id") : NULL;
      guint64 number = id != NULL ? es_receipts_confirm (receipts, session, id) : 0;

      if (number == 0)
        continue;
      if (numbers == NULL)
        numbers = g_array_new (FALSE, FALSE, sizeof number);
      g_array_append_val (numbers, number);
    }
  es_xml_remove (stanza, "received", ES_NS_RECEIPTS, NULL);
  return numbers;
}

static const char *
usable (const char *id)
{
  return id != NULL && strlen (id) <= ES_LIMIT_THREAD_OCTETS ? id : NULL;
}

const char *
es_receipts_label_of (const EsXml *stanza)
{
  const EsXml *label = es_xml_child (stanza, "origin-id", ES_NS_SID);

  return label != NULL ? usable (es_xml_attribute (label, "id")) : NULL;
}

char *
es_receipts_request (EsXml *stanza)
{
  const char *id = es_receipts_label_of (stanza);

  if (es_xml_child (stanza, "request", ES_NS_RECEIPTS) == NULL)
    return NULL;
  es_xml_remove (stanza, "request", ES_NS_RECEIPTS, NULL);
  return g_strdup (id != NULL ? id : usable (es_xml_attribute (stanza, "id")));
}

EsXml *
es_receipts_answer (const char *id)
{
  EsXml *answer = es_xml_new ("received", ES_NS_RECEIPTS);

  es_xml_set_attribute (answer, "id", id);
  return answer;
}
