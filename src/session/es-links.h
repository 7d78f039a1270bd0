/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether a link that verifies has come in anything that came, whoever it came from and whatever it was in: whoever listens in can have
 * made it, and have had it said by somebody else. All sessions of a program that are not verified are searched for. */
#pragma once
#include "es-verify-link.h"

typedef struct _EsLinks EsLinks;

/* One session. LOOK makes of the next three what they are now. */
typedef struct _EsLinkWatch EsLinkWatch;

struct _EsLinkWatch
{
  void (*look) (EsLinkWatch *watch);
  gpointer data;
  gboolean known;     /* the session has its values, */
  EsVerifyLink *link; /* and this link would verify it; NULL: none would */
  gboolean verified;  /* it is, and nothing is searched for it */

  gboolean early; /* es-links.c: what came before it was known is still to be searched */
  gboolean came;  /* and it has come */
};

EsLinks *es_links_new (void);
void es_links_free (EsLinks *links);

/* WATCH, which stays the caller's, is of a session that begins now; or that is over. And whether its link has come. */
void es_links_add (EsLinks *links, EsLinkWatch *watch);
void es_links_remove (EsLinks *links, EsLinkWatch *watch);
gboolean es_links_have (EsLinks *links, const EsLinkWatch *watch);

/* Whether anything is to be searched; if not, es_links_note () does nothing. */
gboolean es_links_are_wanted (const EsLinks *links);

/* TEXT has come, and is or may be shown: a message, a name, a status. What formatting tears apart is whole in it, and what is no text,
 * such as an attribute that is not shown or a picture in Base64, is not in it. */
void es_links_note (EsLinks *links, const char *text);
