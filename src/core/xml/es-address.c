/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-address.h"

#include <string.h>

#include <idn-free.h>
#include <idna.h>
#include <stringprep.h>

#include "es-limits.h"

/* What some write for a dot in a domain. Preparation leaves it, or makes it of others, while servers take it for the dot. */
#define IDEOGRAPHIC_DOT "\xe3\x80\x82"
#define UPRIGHT_IDEOGRAPHIC_DOT "\xef\xb8\x92"

/* What labels of other scripts begin with where they are written as in the DNS (RFC 3490). */
#define ACE_PREFIX "xn--"

/* Each of the three parts (RFC 7622 section 3.1), in octets. */
#define PART_OCTETS 1023

struct _EsAddress
{
  gatomicrefcount count;
  char *text;
  const char *resource; /* in TEXT, or NULL */
  gboolean has_node;
  EsAddress *bare; /* NULL if this is */
};

/* One part, prepared; NULL if it cannot be, or if nothing is left of it. */
static char *
prepare (const char *part, gsize size, const Stringprep_profile *profile)
{
  char octets[PART_OCTETS + 1];

  if (size == 0 || size > PART_OCTETS)
    return NULL;
  memcpy (octets, part, size);
  octets[size] = '\0';
  return stringprep (octets, sizeof octets, 0, profile) == STRINGPREP_OK && *octets != '\0' ? g_strdup (octets) : NULL;
}

/* As in RFC 7622 section 3.2, an IPv6 address between brackets. */
static gboolean
is_literal (const char *domain)
{
  gsize length = strlen (domain);
  g_autofree char *inside = length > 2 && domain[length - 1] == ']' ? g_strndup (domain + 1, length - 2) : NULL;

  return inside != NULL && strchr (inside, ':') != NULL && inside[strspn (inside, "0123456789abcdef:.")] == '\0'
         && g_hostname_is_ip_address (inside);
}

/* Whether each of the labels could stand in the DNS: letters, digits and hyphens, as they are or as what those of other scripts are
 * made (RFC 1035, RFC 3490). */
static gboolean
is_name (const char *domain)
{
  char *ascii = NULL;
  gboolean fits = idna_to_ascii_8z (domain, &ascii, IDNA_USE_STD3_ASCII_RULES | IDNA_ALLOW_UNASSIGNED) == IDNA_SUCCESS
                  && *domain != '.' && strstr (domain, "..") == NULL;

  idn_free (ascii);
  return fits;
}

static gboolean
has_odd_dot (const char *domain)
{
  return strstr (domain, IDEOGRAPHIC_DOT) != NULL || strstr (domain, UPRIGHT_IDEOGRAPHIC_DOT) != NULL;
}

/* With the labels of other scripts written in them (RFC 7622 section 3.2.1); the caller's. What is no such label stays. */
static char *
in_own_scripts (const char *domain)
{
  char *text = NULL, *copy = NULL;

  if (idna_to_unicode_8z8z (domain, &text, IDNA_ALLOW_UNASSIGNED) == IDNA_SUCCESS)
    copy = g_strdup (text);
  idn_free (text);
  return copy;
}

/* An empty root label is part of no address. Preparation makes separators, and what else may not stand in a domain, of some
 * letters; and so do labels that are written out, of which nothing is left to be prepared. */
static char *
prepare_domain (const char *part, gsize size)
{
  g_autofree char *domain = prepare (part, size, stringprep_nameprep), *written = NULL, *again = NULL;
  gsize length = domain != NULL ? strlen (domain) : 0;

  if (length > 0 && domain[length - 1] == '.')
    domain[length - 1] = '\0';
  if (domain == NULL || *domain == '\0' || g_str_has_suffix (domain, ".") || has_odd_dot (domain))
    return NULL;
  if (*domain == '[')
    return is_literal (domain) ? g_steal_pointer (&domain) : NULL;
  if (strstr (domain, ACE_PREFIX) == NULL)
    return is_name (domain) ? g_steal_pointer (&domain) : NULL;
  written = in_own_scripts (domain);
  again = written != NULL ? prepare (written, strlen (written), stringprep_nameprep) : NULL;
  return again != NULL && strcmp (again, written) == 0 && !has_odd_dot (written) && is_name (written)
             ? g_steal_pointer (&written)
             : NULL;
}

static EsAddress *
make (char *text, gsize bare_size, gboolean has_node)
{
  EsAddress *address = g_new0 (EsAddress, 1);

  g_atomic_ref_count_init (&address->count);
  address->text = text;
  address->has_node = has_node;
  if (text[bare_size] == '\0')
    return address;
  address->resource = text + bare_size + 1;
  address->bare = make (g_strndup (text, bare_size), bare_size, has_node);
  return address;
}

EsAddress *
es_address_new (const char *text)
{
  const char *slash = NULL, *at = NULL, *domain_start = text;
  gsize before_slash = 0, bare_size = 0;
  g_autofree char *node = NULL, *domain = NULL, *resource = NULL, *bare = NULL;

  if (text == NULL || strlen (text) > ES_LIMIT_JID_OCTETS || !g_utf8_validate (text, -1, NULL))
    return NULL;
  slash = strchr (text, '/');
  before_slash = slash != NULL ? (gsize) (slash - text) : strlen (text);
  at = memchr (text, '@', before_slash);

  if (at != NULL)
    {
      domain_start = at + 1;
      if ((node = prepare (text, (gsize) (at - text), stringprep_xmpp_nodeprep)) == NULL)
        return NULL;
    }
  if ((domain = prepare_domain (domain_start, before_slash - (gsize) (domain_start - text))) == NULL)
    return NULL;
  if (slash != NULL && (resource = prepare (slash + 1, strlen (slash + 1), stringprep_xmpp_resourceprep)) == NULL)
    return NULL;

  bare = node != NULL ? g_strconcat (node, "@", domain, NULL) : g_steal_pointer (&domain);
  bare_size = strlen (bare);
  return make (resource != NULL ? g_strconcat (bare, "/", resource, NULL) : g_steal_pointer (&bare), bare_size,
               node != NULL);
}

EsAddress *
es_address_ref (const EsAddress *address)
{
  EsAddress *same = (EsAddress *) address;

  if (same != NULL)
    g_atomic_ref_count_inc (&same->count);
  return same;
}

void
es_address_unref (EsAddress *address)
{
  if (address == NULL || !g_atomic_ref_count_dec (&address->count))
    return;
  es_address_unref (address->bare);
  g_free (address->text);
  g_free (address);
}

const char *
es_address_text (const EsAddress *address)
{
  return address->text;
}

const char *
es_address_resource (const EsAddress *address)
{
  return address->resource;
}

const EsAddress *
es_address_bare (const EsAddress *address)
{
  return address->bare != NULL ? address->bare : address;
}

gboolean
es_address_has_node (const EsAddress *address)
{
  return address->has_node;
}

gboolean
es_address_is_bare (const EsAddress *address)
{
  return address->bare == NULL;
}

/* Where the domain begins in TEXT, which is a bare address, or something like it. */
static gsize
domain_of (const EsAddress *bare, const char *text)
{
  const char *at = bare->has_node ? strchr (text, '@') : NULL;

  return at != NULL ? (gsize) (at + 1 - text) : 0;
}

char *
es_address_dup_ascii (const EsAddress *address)
{
  const EsAddress *bare = es_address_bare (address);
  gsize start = domain_of (bare, bare->text);
  const char *domain = bare->text + start;
  char *ascii = NULL, *text = NULL;

  if (!g_str_is_ascii (domain)
      && idna_to_ascii_8z (domain, &ascii, IDNA_USE_STD3_ASCII_RULES | IDNA_ALLOW_UNASSIGNED) == IDNA_SUCCESS)
    text = g_strdup_printf ("%.*s%s%s", (int) start, bare->text, ascii, address->text + strlen (bare->text));
  idn_free (ascii);
  return text;
}

gboolean
es_address_is_written (const EsAddress *bare, const char *text)
{
  gsize start = domain_of (bare, bare->text);
  g_autofree char *domain = NULL;

  if (strcmp (text, bare->text) == 0)
    return TRUE;
  if (domain_of (bare, text) != start || strncmp (text, bare->text, start) != 0 || has_odd_dot (text + start))
    return FALSE;
  domain = in_own_scripts (text + start);
  return g_strcmp0 (domain, bare->text + start) == 0;
}

gboolean
es_address_equal (const EsAddress *a, const EsAddress *b)
{
  return a != NULL && b != NULL && (a == b || strcmp (a->text, b->text) == 0);
}

gboolean
es_address_same_bare (const EsAddress *a, const EsAddress *b)
{
  return a != NULL && b != NULL && es_address_equal (es_address_bare (a), es_address_bare (b));
}

static guint
hash (gconstpointer address)
{
  return g_str_hash (((const EsAddress *) address)->text);
}

static gboolean
equal (gconstpointer a, gconstpointer b)
{
  return es_address_equal (a, b);
}

GHashTable *
es_address_table_new (GDestroyNotify value_free)
{
  return g_hash_table_new_full (hash, equal, (GDestroyNotify) es_address_unref, value_free);
}
