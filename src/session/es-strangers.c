/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-strangers.h"

#include <string.h>

#include "es-limits.h"

/* A question that is not answered for so long was closed, or nobody is there. */
#define OPEN_SECONDS 600

struct _EsStrangers
{
  EsAddress *contact; /* of the question that is open, or NULL */
  EsAddress *jid;
  EsXml *stanza;
  gint64 asked;
  GHashTable *declined; /* bare JIDs */
  GQueue questions;     /* when the user was asked, in the last hour; of gint64 * */
};

EsStrangers *
es_strangers_new (void)
{
  EsStrangers *strangers = g_new0 (EsStrangers, 1);

  strangers->declined = es_address_table_new (NULL);
  g_queue_init (&strangers->questions);
  return strangers;
}

static void
close_question (EsStrangers *strangers)
{
  g_clear_pointer (&strangers->contact, es_address_unref);
  g_clear_pointer (&strangers->jid, es_address_unref);
  g_clear_pointer (&strangers->stanza, es_xml_free);
}

void
es_strangers_free (EsStrangers *strangers)
{
  if (strangers == NULL)
    return;
  close_question (strangers);
  g_hash_table_unref (strangers->declined);
  g_queue_clear_full (&strangers->questions, g_free);
  g_free (strangers);
}

static void
decline (EsStrangers *strangers, const EsAddress *contact)
{
  g_hash_table_add (strangers->declined, es_address_ref (contact));
  close_question (strangers);
}

/* Whether one question more is not too many. */
static gboolean
may_ask (EsStrangers *strangers, gint64 now)
{
  const gint64 *oldest = NULL;

  while ((oldest = g_queue_peek_head (&strangers->questions)) != NULL && *oldest <= now - 3600)
    g_free (g_queue_pop_head (&strangers->questions));
  return strangers->questions.length < ES_LIMIT_STRANGERS_HOUR
         && g_hash_table_size (strangers->declined) < ES_LIMIT_STRANGERS_DECLINED;
}

gboolean
es_strangers_take (EsStrangers *strangers,
                   const EsAddress *contact,
                   const EsAddress *jid,
                   const EsXml *stanza,
                   gint64 now)
{
  if (strangers->contact != NULL && now >= strangers->asked + OPEN_SECONDS)
    {
      g_autoptr (EsAddress) late = es_address_ref (strangers->contact);

      decline (strangers, late);
    }
  if (strangers->contact != NULL || g_hash_table_contains (strangers->declined, contact) || !may_ask (strangers, now))
    return FALSE;

  g_queue_push_tail (&strangers->questions, g_memdup2 (&now, sizeof now));
  strangers->contact = es_address_ref (contact);
  strangers->jid = es_address_ref (jid);
  strangers->stanza = es_xml_copy (stanza);
  strangers->asked = now;
  return TRUE;
}

gboolean
es_strangers_answer (EsStrangers *strangers,
                     const EsAddress *contact,
                     gboolean accept,
                     gint64 now,
                     EsAddress **jid,
                     EsXml **stanza)
{
  if (!es_address_equal (strangers->contact, contact))
    return FALSE;
  if (!accept)
    {
      decline (strangers, contact);
      return FALSE;
    }
  *jid = g_steal_pointer (&strangers->jid);
  *stanza = now < strangers->asked + ES_NEGOTIATION_SECONDS ? g_steal_pointer (&strangers->stanza) : NULL;
  close_question (strangers);
  return TRUE;
}

void
es_strangers_clear (EsStrangers *strangers)
{
  close_question (strangers);
  g_hash_table_remove_all (strangers->declined);
}
