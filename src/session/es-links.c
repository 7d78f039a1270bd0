/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-links.h"

#include <string.h>

#include "es-limits.h"
#include "es-secret.h"

struct _EsLinks
{
  GPtrArray *watches; /* of EsLinkWatch, not its own: of all accounts */
  char *
      early; /* the digits that have come while a session was being negotiated, or NULL; wiped where it is, so it does not grow */
  gsize n_early;
};

EsLinks *
es_links_new (void)
{
  EsLinks *links = g_new0 (EsLinks, 1);

  links->watches = g_ptr_array_new ();
  return links;
}

static void
forget_early (EsLinks *links)
{
  if (links->early != NULL)
    es_octets_wipe (links->early, links->n_early);
  g_clear_pointer (&links->early, g_free);
  links->n_early = 0;
}

void
es_links_free (EsLinks *links)
{
  forget_early (links);
  g_ptr_array_unref (links->watches);
  g_free (links);
}

void
es_links_add (EsLinks *links, EsLinkWatch *watch)
{
  watch->early = TRUE;
  g_ptr_array_add (links->watches, watch);
}

/* Those digits are kept for as long as there is a session that they could be about. */
static void
settle (EsLinks *links)
{
  gboolean any = FALSE;

  for (guint i = 0; i < links->watches->len; i++)
    {
      EsLinkWatch *watch = links->watches->pdata[i];

      watch->look (watch);
      if (watch->early && watch->known)
        {
          watch->early = FALSE;
          watch->came
              |= watch->link != NULL && links->early != NULL && es_verify_link_is_among (watch->link, links->early);
        }
      any |= watch->early;
    }
  if (!any)
    forget_early (links);
}

void
es_links_remove (EsLinks *links, EsLinkWatch *watch)
{
  g_ptr_array_remove_fast (links->watches, watch);
  settle (links);
}

gboolean
es_links_have (EsLinks *links, const EsLinkWatch *watch)
{
  settle (links);
  return watch->came;
}

gboolean
es_links_are_wanted (const EsLinks *links)
{
  for (guint i = 0; i < links->watches->len; i++)
    {
      EsLinkWatch *watch = links->watches->pdata[i];

      watch->look (watch);
      if (!watch->came && !watch->verified)
        return TRUE;
    }
  return FALSE;
}

/* Whoever is in the middle knows what a session comes to before we do. What cannot be kept may have been anything. */
static void
keep_early (EsLinks *links, const char *digits)
{
  gsize n = strlen (digits);

  if (n <= ES_LIMIT_EARLY_DIGITS - links->n_early)
    {
      if (links->early == NULL)
        links->early = g_malloc0 (ES_LIMIT_EARLY_DIGITS + 1);
      memcpy (links->early + links->n_early, digits, n);
      links->n_early += n;
      return;
    }
  for (guint i = 0; i < links->watches->len; i++)
    {
      EsLinkWatch *watch = links->watches->pdata[i];

      watch->came |= watch->early;
      watch->early = FALSE;
    }
  forget_early (links);
}

void
es_links_note (EsLinks *links, const char *text)
{
  char *digits = NULL;
  gboolean early = FALSE;

  if (strlen (text) < ES_VERIFY_LINK_DIGITS || !es_links_are_wanted (links))
    return;
  settle (links);
  digits = es_verify_link_digits (text);
  for (guint i = 0; i < links->watches->len; i++)
    {
      EsLinkWatch *watch = links->watches->pdata[i];

      early |= watch->early;
      if (!watch->early && !watch->came && !watch->verified && watch->link != NULL)
        watch->came = es_verify_link_is_among (watch->link, digits);
    }
  if (early)
    keep_early (links, digits);
  es_text_free (digits);
}
