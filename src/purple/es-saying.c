/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The texts that libpurple is about to send, one within another: what is found of one holds for its own stanza, and for nothing that other
 * plugins send before it, because of it, or after it. */
#include "es-plugin.h"

static void
clear (gpointer data)
{
  EsSaying *saying = data;

  es_text_free (saying->typed);
  es_text_free (saying->body);
  es_address_unref (saying->contact);
}

void
es_saying_unref (gpointer saying)
{
  g_rc_box_release_full (saying, clear);
}

EsSaying *
es_saying_current (const EsLink *link)
{
  return link->sayings->len > 0 ? link->sayings->pdata[link->sayings->len - 1] : NULL;
}

void
es_saying_end (EsLink *link)
{
  const EsSaying *saying = es_saying_current (link);

  if (saying != NULL && saying->depth == 0)
    g_ptr_array_set_size (link->sayings, (gint) link->sayings->len - 1);
}

EsSaying *
es_saying_begin (EsLink *link, const char *typed, const EsAddress *contact)
{
  EsSaying *saying = g_rc_box_new0 (EsSaying);

  es_saying_end (link);
  saying->typed = g_strdup (typed);
  saying->contact = contact != NULL ? es_address_ref (contact) : NULL;
  g_ptr_array_add (link->sayings, saying);
  return saying;
}

void
es_saying_note_stanza (EsLink *link, const EsAddress *to, const xmlnode *packet)
{
  EsSaying *saying = es_saying_current (link);

  if (saying == NULL || saying->seen || saying->contact == NULL || to == NULL
      || !es_address_same_bare (to, saying->contact))
    return;
  saying->seen = TRUE;
  saying->depth = link->plugin->depth;
  saying->body = es_saying_dup_body (packet);
}

EsSaying *
es_saying_find_stanza (EsLink *link)
{
  for (guint i = link->sayings->len; i-- > 0;)
    {
      EsSaying *saying = link->sayings->pdata[i];

      if (saying->depth != link->plugin->depth)
        continue;
      g_ptr_array_set_size (link->sayings, (gint) i + 1);
      return saying;
    }
  return NULL;
}

EsSaying *
es_saying_find_walled (const EsLink *link, const xmlnode *packet)
{
  EsSaying *found = link->says != NULL && link->says->walled ? link->says : NULL;
  char *body = link->says == NULL ? es_saying_dup_body (packet) : NULL;

  for (guint i = 0; body != NULL && found == NULL && i < link->sayings->len; i++)
    {
      EsSaying *saying = link->sayings->pdata[i];

      if (saying->walled && purple_strequal (body, saying->body))
        found = saying;
    }
  es_text_free (body);
  return found;
}

char *
es_saying_dup_body (const xmlnode *packet)
{
  const xmlnode *body = xmlnode_get_child (packet, "body");

  return body != NULL ? xmlnode_get_data (body) : NULL;
}
