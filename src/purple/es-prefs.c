/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-prefs.h"

#include <string.h>

#define N_VALUES 4

typedef struct
{
  const char *name;
  int otherwise;
  int values[N_VALUES];
} Number;

static const Number numbers[] = {
  { ES_PREF_POLICY, ES_POLICY_POSSIBLE, { ES_POLICY_NEVER, ES_POLICY_ASK, ES_POLICY_POSSIBLE, ES_POLICY_ALWAYS } },
  { ES_PREF_STARTERS, ES_STARTERS_CONTACTS, { ES_STARTERS_CONTACTS, ES_STARTERS_ASK } },
  { ES_PREF_EXPIRY, ES_TRUST_DAYS, { 30, 90, 365, 0 } },
  { ES_PREF_EXPIRY_VERIFIED, 0, { 30, 90, 365, 0 } },
};

static const struct
{
  const char *name;
  gboolean otherwise;
} switches[] = {
  { ES_PREF_LOG, TRUE },    { ES_PREF_WEAK_GROUPS, FALSE }, { ES_PREF_HIDE_FROM_DBUS, FALSE },
  { ES_PREF_REMIND, TRUE }, { ES_PREF_KEEP, TRUE },
};

static int
checked (const Number *number)
{
  int value = purple_prefs_get_type (number->name) == PURPLE_PREF_INT ? purple_prefs_get_int (number->name)
                                                                      : number->otherwise;

  for (gsize i = 0; i < N_VALUES; i++)
    if (number->values[i] == value)
      return value;
  return number->otherwise;
}

int
es_prefs_get (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    if (purple_strequal (numbers[i].name, name))
      return checked (&numbers[i]);
  return 0;
}

/* One of another type would never be read as what it is meant to be. */
static void
remove_unless (const char *name, PurplePrefType type)
{
  if (purple_prefs_exists (name) && purple_prefs_get_type (name) != type)
    purple_prefs_remove (name);
}

void
es_prefs_init (void)
{
  purple_prefs_add_none (ES_PREF_PLUGIN);
  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    {
      const Number *number = &numbers[i];

      remove_unless (number->name, PURPLE_PREF_INT);
      purple_prefs_add_int (number->name, number->otherwise);
      if (purple_prefs_get_int (number->name) != checked (number))
        purple_prefs_set_int (number->name, checked (number));
    }
  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    {
      remove_unless (switches[i].name, PURPLE_PREF_BOOLEAN);
      purple_prefs_add_bool (switches[i].name, switches[i].otherwise);
    }
}

char *
es_prefs_text (void)
{
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
    g_string_append_printf (text, "  %s: %d\n", numbers[i].name + strlen (ES_PREF_PLUGIN "/"), checked (&numbers[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (switches); i++)
    g_string_append_printf (text, "  %s: %d\n", switches[i].name + strlen (ES_PREF_PLUGIN "/"),
                            purple_prefs_get_bool (switches[i].name));
  return g_string_free (text, FALSE);
}
