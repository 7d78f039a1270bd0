/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim-address.h"

#include <string.h>

#include "sim-world.h"

static const char *const accounts[SIM_MAX_ACCOUNTS]
    = { "alice@a.example", "bob@b.example", "carol@c.example", "alice@d.example" };
static EsAddress *contacts[SIM_MAX_ACCOUNTS];

const char *
sim_account (guint account)
{
  return accounts[account];
}

const EsAddress *
sim_contact (guint account)
{
  if (contacts[account] == NULL)
    contacts[account] = es_address_new (accounts[account]);
  return contacts[account];
}

void
sim_address_teardown (void)
{
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    g_clear_pointer (&contacts[i], es_address_unref);
}

guint
sim_account_of (const char *jid)
{
  g_autoptr (EsAddress) address = NULL;
  guint account = 0;

  /* Nearly always it is written as it ought to be. */
  for (guint i = 0; i < SIM_MAX_ACCOUNTS; i++)
    {
      gsize size = strlen (accounts[i]);

      if (strncmp (jid, accounts[i], size) == 0 && (jid[size] == '\0' || jid[size] == '/'))
        return i;
    }
  address = es_address_new (jid);
  while (account < SIM_MAX_ACCOUNTS && !es_address_same_bare (address, sim_contact (account)))
    account++;
  return account;
}

const char *
sim_resource (const char *jid)
{
  const char *slash = strchr (jid, '/');

  return slash != NULL ? slash + 1 : NULL;
}

char *
sim_address_respell (SimPrng *prng, const char *jid)
{
  GString *text = g_string_new (NULL);
  const char *end = strchr (jid, '/');
  guint how = sim_prng_below (prng, 4);
  gboolean in_domain = FALSE;

  end = end != NULL ? end : jid + strlen (jid);
  for (const char *c = jid; c < end; c++)
    {
      gboolean letter = g_ascii_islower (*c);

      in_domain |= *c == '@';
      if (letter && how == 1 && !in_domain && sim_prng_chance (prng, 40))
        g_string_append_unichar (text, (gunichar) (0xff41 + *c - 'a')); /* full width */
      else if (letter && (how == 0 || sim_prng_chance (prng, 30)))
        g_string_append_c (text, g_ascii_toupper (*c));
      else
        g_string_append_c (text, *c);
      if (how == 2 && !in_domain && sim_prng_chance (prng, 30))
        g_string_append (text, "\302\255"); /* soft hyphen */
    }
  if (how == 3)
    g_string_append_c (text, '.');
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

char *
sim_address_break (SimPrng *prng, const char *jid)
{
  static const char *const between[]
      = { " ", "\"", "\302\240", "\342\200\256", "@", "&", "\360\220\200\200\357\277\276" };
  gsize at = sim_prng_below (prng, (guint) strcspn (jid, "@"));

  if (sim_prng_chance (prng, 20))
    return g_strdup_printf ("%.*s/", (int) strcspn (jid, "/"), jid);
  return g_strdup_printf ("%.*s%s%s", (int) at, jid, between[sim_prng_below (prng, G_N_ELEMENTS (between))], jid + at);
}
