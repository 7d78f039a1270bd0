/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-meant.h"

#define GLANCE (3 * G_TIME_SPAN_SECOND / 2)

struct _EsMeant
{
  GHashTable *contacts; /* to each of which it may be meant to go */
  char *held;           /* to whom something was to go and did not, NULL before there was any, */
  gint64 held_at;       /* when that was last */
};

EsMeant *
es_meant_new (void)
{
  EsMeant *meant = g_new0 (EsMeant, 1);

  meant->contacts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return meant;
}

void
es_meant_free (EsMeant *meant)
{
  g_hash_table_unref (meant->contacts);
  g_free (meant->held);
  g_free (meant);
}

void
es_meant_add (EsMeant *meant, const char *contact)
{
  if (!g_hash_table_contains (meant->contacts, contact))
    g_hash_table_add (meant->contacts, g_strdup (contact));
}

void
es_meant_clear (EsMeant *meant)
{
  g_hash_table_remove_all (meant->contacts);
}

gboolean
es_meant_is_empty (const EsMeant *meant)
{
  return g_hash_table_size (meant->contacts) == 0;
}

static gboolean
was_held_just_now (const EsMeant *meant)
{
  return meant->held != NULL && g_get_monotonic_time () - meant->held_at < GLANCE;
}

gboolean
es_meant_may_go (const EsMeant *meant, const char *contact)
{
  return es_meant_is_empty (meant)
         || (g_hash_table_size (meant->contacts) == 1 && g_hash_table_contains (meant->contacts, contact)
             && !was_held_just_now (meant));
}

gboolean
es_meant_hold (EsMeant *meant, const char *contact)
{
  gboolean is_told = was_held_just_now (meant) && g_str_equal (meant->held, contact);

  meant->held_at = g_get_monotonic_time ();
  if (!is_told)
    {
      g_free (meant->held);
      meant->held = g_strdup (contact);
    }
  return !is_told;
}

void
es_meant_settle (EsMeant *meant, const char *contact)
{
  es_meant_clear (meant);
  es_meant_add (meant, contact);
}
