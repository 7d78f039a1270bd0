/* SPDX-License-Identifier: GPL-3.0-or-later */
/* xmpp:MAKER?esession;verify=CODE.PROOF;session=SESSION;with=OTHER (RFC 5122, XEP-0147)
 *
 *   PROOF    the first 16 octets of SHA-256 ("ESession link" | len (MAKER) | MAKER | len (OTHER) | OTHER | context)
 *   SESSION  the first 8 octets of SHA-256 ("ESession link session" | thread) */
#include "es-verify-link.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-sas.h"

#define SCHEME "xmpp:"
#define KIND "esession"
#define CODE_CHARACTERS 6
#define PROOF_OCTETS (ES_VERIFY_LINK_DIGITS / 2)
/* Among so many digits the proof is looked for: each may be escaped, which makes three of it, and more may be hidden. In random digits it
 * stands there once in a thousand million. */
#define WINDOW_DIGITS 160u
#define SESSION_OCTETS 8
#define HEXADECIMAL "0123456789abcdef"

/* The parts of a link as they stand in it. */
typedef struct
{
  const char *verify;
  const char *session;
  const char *with;
} Values;

static char *
digits_of (const guint8 *octets, gsize n)
{
  GString *text = g_string_sized_new (2 * n);

  for (gsize i = 0; i < n; i++)
    g_string_append_printf (text, "%02x", octets[i]);
  return g_string_free (text, FALSE);
}

static char *
make_proof (const EsAddress *maker, const EsAddress *other, GBytes *context)
{
  EsPart first = ES_PART_STRING (es_address_text (maker)), second = ES_PART_STRING (es_address_text (other));
  guint32 lengths[] = { GUINT32_TO_BE ((guint32) first.size), GUINT32_TO_BE ((guint32) second.size) };
  EsPart parts[] = { ES_PART_STRING ("ESession link"),
                     ES_PART (&lengths[0], sizeof lengths[0]),
                     first,
                     ES_PART (&lengths[1], sizeof lengths[1]),
                     second,
                     ES_PART_BYTES (context) };
  guint8 hash[ES_HASH_MAX_OCTETS];

  es_hash (es_hash_find ("sha256"), parts, G_N_ELEMENTS (parts), hash);
  return digits_of (hash, PROOF_OCTETS);
}

/* A thread may be anything, where the other program has chosen it. */
static char *
make_session (const char *thread)
{
  EsPart parts[] = { ES_PART_STRING ("ESession link session"), ES_PART_STRING (thread) };
  guint8 hash[ES_HASH_MAX_OCTETS];

  es_hash (es_hash_find ("sha256"), parts, G_N_ELEMENTS (parts), hash);
  return digits_of (hash, SESSION_OCTETS);
}

EsVerifyLink *
es_verify_link_new (const EsAddress *maker,
                    const EsAddress *other,
                    const char *code,
                    const char *thread,
                    GBytes *context)
{
  EsVerifyLink *link = g_new0 (EsVerifyLink, 1);

  *link = (EsVerifyLink){ .maker = es_address_ref (maker),
                          .other = es_address_ref (other),
                          .code = g_strdup (code),
                          .proof = make_proof (maker, other, context),
                          .session = make_session (thread) };
  return link;
}

void
es_verify_link_free (EsVerifyLink *link)
{
  if (link == NULL)
    return;
  es_address_unref (link->maker);
  es_address_unref (link->other);
  g_free (link->code);
  g_free (link->proof);
  g_free (link->session);
  g_free (link);
}

char *
es_verify_link_write (const EsVerifyLink *link)
{
  const EsAddress *bare = es_address_bare (link->maker);
  const char *resource = es_address_resource (link->maker);
  g_autofree char *who = g_uri_escape_string (es_address_text (bare), "@[:]", FALSE);
  g_autofree char *where = resource != NULL ? g_uri_escape_string (resource, NULL, FALSE) : NULL;
  g_autofree char *other = g_uri_escape_string (es_address_text (link->other), NULL, FALSE);

  return g_strconcat (SCHEME, who, where != NULL ? "/" : "", where != NULL ? where : "",
                      "?" KIND ";verify=", link->code, ".", link->proof, ";session=", link->session, ";with=", other,
                      NULL);
}

/* TEXT without white space, the caller's. */
static char *
without_space (const char *text)
{
  char *rest = g_malloc0 (strlen (text) + 1), *end = rest;

  for (; *text != '\0'; text++)
    if (!g_ascii_isspace (*text) && *text != '\v')
      *end++ = *text;
  return rest;
}

/* The full address that TEXT escapes; NULL if it is none. */
static EsAddress *
read_address (const char *text)
{
  g_autofree char *plain = text[strcspn (text, "#\"<>\\^`{|}")] == '\0' ? g_uri_unescape_string (text, NULL) : NULL;
  g_autoptr (EsAddress) address = plain != NULL ? es_address_new (plain) : NULL;

  return address != NULL && !es_address_is_bare (address) ? g_steal_pointer (&address) : NULL;
}

/* The same where a slash that is escaped is none between a contact and a device (RFC 5122 section 2.7.1). */
static EsAddress *
read_path (const char *text)
{
  const char *slash = strchr (text, '/');
  g_autofree char *bare = slash != NULL ? g_uri_unescape_segment (text, slash, "/") : NULL;

  return bare != NULL ? read_address (text) : NULL;
}

/* N characters at TEXT in small letters, the caller's; NULL if one of them is none of ALPHABET. */
static char *
read_digits (const char *text, gsize n, const char *alphabet)
{
  g_autofree char *digits = g_ascii_strdown (text, (gssize) n);

  return strspn (digits, alphabet) == n ? g_steal_pointer (&digits) : NULL;
}

/* A key that says something to us may stand there once; others may be for later programs. */
static gboolean
read_pair (char *pair, Values *values)
{
  char *value = strchr (pair, '=');
  const char **place = NULL;

  if (value == NULL)
    return TRUE;
  *value++ = '\0';
  place = strcmp (pair, "verify") == 0    ? &values->verify
          : strcmp (pair, "session") == 0 ? &values->session
          : strcmp (pair, "with") == 0    ? &values->with
                                          : NULL;
  if (place == NULL)
    return TRUE;
  if (*place != NULL)
    return FALSE;
  *place = value;
  return TRUE;
}

/* What stands after the address and its question mark. */
static gboolean
read_values (char **parts, Values *values)
{
  if (parts[0] == NULL || strcmp (parts[0], KIND) != 0)
    return FALSE;
  for (guint i = 1; parts[i] != NULL; i++)
    if (!read_pair (parts[i], values))
      return FALSE;
  return values->verify != NULL && values->session != NULL && values->with != NULL
         && strlen (values->verify) == CODE_CHARACTERS + 1 + 2 * PROOF_OCTETS && values->verify[CODE_CHARACTERS] == '.'
         && strlen (values->session) == 2 * SESSION_OCTETS;
}

EsVerifyLink *
es_verify_link_read (const char *text)
{
  g_autofree char *link = NULL;
  g_auto (GStrv) parts = NULL;
  g_autoptr (EsVerifyLink) read = g_new0 (EsVerifyLink, 1);
  Values values = { 0 };
  char *query = NULL;

  if (strlen (text) > ES_LIMIT_LINK_OCTETS)
    return NULL;
  link = without_space (text);
  query = strchr (link, '?');
  if (query == NULL || g_ascii_strncasecmp (link, SCHEME, strlen (SCHEME)) != 0)
    return NULL;
  *query++ = '\0';
  parts = g_strsplit (query, ";", -1);
  if (!read_values (parts, &values) || (read->maker = read_path (link + strlen (SCHEME))) == NULL
      || (read->other = read_address (values.with)) == NULL
      || (read->code = read_digits (values.verify, CODE_CHARACTERS, ES_SAS_DIGITS)) == NULL
      || (read->proof = read_digits (values.verify + CODE_CHARACTERS + 1, 2 * PROOF_OCTETS, HEXADECIMAL)) == NULL
      || (read->session = read_digits (values.session, 2 * SESSION_OCTETS, HEXADECIMAL)) == NULL)
    return NULL;
  return g_steal_pointer (&read);
}

static gboolean
is_same (const char *one, const char *other)
{
  return es_octets_equal (one, strlen (one), other, strlen (other));
}

const char *
es_link_verdict_name (EsLinkVerdict verdict)
{
  static const char *const names[ES_N_LINK_VERDICTS] = {
    [ES_LINK_AGREES] = "agrees",
    [ES_LINK_UNREADABLE] = "unreadable",
    [ES_LINK_NO_SESSION] = "no-session",
    [ES_LINK_NO_PROOF] = "no-proof",
    [ES_LINK_OWN] = "own",
    [ES_LINK_OTHER_PEOPLE] = "other-people",
    [ES_LINK_OTHER_DEVICE] = "other-device",
    [ES_LINK_OTHER_SESSION] = "other-session",
    [ES_LINK_DIFFERS] = "differs",
    [ES_LINK_CAME_HERE] = "came-here",
  };

  return names[verdict];
}

EsLinkVerdict
es_verify_link_judge (const EsVerifyLink *given, const EsVerifyLink *expected)
{
  if (es_address_equal (given->maker, expected->other) && es_address_equal (given->other, expected->maker))
    return ES_LINK_OWN;
  if (!es_address_same_bare (given->maker, expected->maker) || !es_address_same_bare (given->other, expected->other))
    return es_address_same_bare (given->maker, expected->other) && es_address_same_bare (given->other, expected->maker)
               ? ES_LINK_OWN
               : ES_LINK_OTHER_PEOPLE;
  if (!es_address_equal (given->maker, expected->maker) || !es_address_equal (given->other, expected->other))
    return ES_LINK_OTHER_DEVICE;
  if (is_same (given->proof, expected->proof) && is_same (given->code, expected->code)
      && is_same (given->session, expected->session))
    return ES_LINK_AGREES;
  return is_same (given->session, expected->session) ? ES_LINK_DIFFERS : ES_LINK_OTHER_SESSION;
}

/* The digit that TEXT, an escape such as "&#51;" or "%33", stands for; 0 if it is none. */
static char
unescape (const char *text)
{
  gunichar character = 0;
  char *end = NULL;

  if (g_str_has_prefix (text, "&#"))
    character = (gunichar) g_ascii_strtoull (text + (g_ascii_tolower (text[2]) == 'x' ? 3 : 2), &end,
                                             g_ascii_tolower (text[2]) == 'x' ? 16 : 10);
  else if (*text == '%' && g_ascii_isxdigit (text[1]) && g_ascii_isxdigit (text[2]))
    character = (gunichar) (16 * g_ascii_xdigit_value (text[1]) + g_ascii_xdigit_value (text[2]));
  return character < 128 ? g_ascii_tolower ((char) character) : 0;
}

static void
add_digit (char *digits, gsize *n, char character)
{
  if (character != 0 && strchr (HEXADECIMAL, character) != NULL)
    digits[(*n)++] = character;
}

char *
es_verify_link_digits (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1), *normal = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL_COMPOSE);
  char *digits = g_malloc (2 * strlen (normal) + 1);
  gsize n = 0;

  for (const char *next = normal; *next != '\0'; next++)
    {
      if (*next == '&' || *next == '%')
        add_digit (digits, &n, unescape (next));
      add_digit (digits, &n, g_ascii_tolower (*next));
    }
  digits[n] = '\0';
  es_text_free (valid);
  es_text_free (normal);
  return digits;
}

gboolean
es_verify_link_is_among (const EsVerifyLink *link, const char *digits)
{
  /* Where the latest place is that so many of its digits, up to here, begin at; counted from 1. */
  gsize begins[ES_VERIFY_LINK_DIGITS + 1] = { 0 };

  for (gsize at = 1; *digits != '\0'; at++, digits++)
    {
      for (guint n = ES_VERIFY_LINK_DIGITS; n-- > 0;)
        if (link->proof[n] == *digits)
          begins[n + 1] = n == 0 ? at : begins[n];
      if (begins[ES_VERIFY_LINK_DIGITS] != 0 && at - begins[ES_VERIFY_LINK_DIGITS] < WINDOW_DIGITS)
        return TRUE;
    }
  return FALSE;
}

gboolean
es_verify_link_is_in (const EsVerifyLink *link, const char *text)
{
  char *digits = es_verify_link_digits (text);
  gboolean is = es_verify_link_is_among (link, digits);

  es_text_free (digits);
  return is;
}
