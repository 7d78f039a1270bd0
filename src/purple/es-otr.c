/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside pidgin-otr. It hides an offer in whatever is written, in white space at the end, and the other side's begins by itself then:
 * in what we encrypt anyway that would be one encryption within another, which does not outlive the programs. */
#include "es-plugin.h"

#include <string.h>

#define OFFER " \t  \t\t\t\t \t \t \t  "
#define CIPHERTEXT "?OTR"

/* For each version that is offered, so many. */
#define VERSION_OCTETS 8

/* The first in LEAVING that is not the user's own, NULL if there is none: another plugin adds its own behind what was typed. */
static const char *
find_added (const char *typed, const char *leaving)
{
  const char *found = strstr (leaving, OFFER);

  for (const char *own = strstr (typed, OFFER); own != NULL && found != NULL;
       own = strstr (own + strlen (OFFER), OFFER))
    found = strstr (found + strlen (OFFER), OFFER);
  return found;
}

char *
es_otr_remove_offer (const char *typed, const char *leaving)
{
  const char *offer = find_added (typed, leaving), *rest = offer != NULL ? offer + strlen (OFFER) : NULL;

  if (offer == NULL)
    return g_strdup (leaving);
  while (strspn (rest, " \t") >= VERSION_OCTETS)
    rest += VERSION_OCTETS;
  return g_strdup_printf ("%.*s%s", (int) (offer - leaving), leaving, rest);
}

char *
es_otr_waited (const char *typed, const char *leaving)
{
  return g_str_has_prefix (leaving, CIPHERTEXT) ? g_strdup (typed) : es_otr_remove_offer (typed, leaving);
}
