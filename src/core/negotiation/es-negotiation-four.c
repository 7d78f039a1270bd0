/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The four messages (XEP-0116 sections 4.3 to 4.8; SIGMA-R with hash commitment).
 *
 *     1  A -> B  form    options, my_nonce N_A, dhhashes SHA256 (e) for each group, parties
 *     2  B -> A  submit  chosen, my_nonce N_B, dhkeys d, nonce N_A, counter C_A, parties
 *     3  A -> B  result  nonce N_B, dhkeys e, rshashes, identity ID_A, mac M_A
 *     4  B -> A  result  nonce N_A, srshash, identity ID_B, mac M_B
 *
 *     C_B   = C_A xor 2^127                 K = HASH (shared value), later HASH (K | SRS | OSS)
 *     mac_A = HMAC (KS_A, N_B | N_A | e | form_A | form_A2)      mac_B = HMAC (KS_B, N_A | N_B | d | form_B | form_B2)
 *     ID    = CTR (KC, C, mac)                                   M     = HMAC (KM, C | ID), C as before ID
 *
 * The MACs of messages 3 and 4 are made with keys from the first and from the final K. Each function works on its own
 * variables and writes to the negotiation at its end. */
#include "es-negotiation-private.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-sas.h"

/* What is compared or computed with may be of any length: a wrong one fails like a wrong value. */
#define ANY_OCTETS ES_LIMIT_FORM_OCTETS

static gboolean
check_failed (GError **error)
{
  g_set_error_literal (error, ES_ERROR, ES_ERROR_CHECK, "check failed");
  return FALSE;
}

static gboolean
bytes_equal (GBytes *a, GBytes *b)
{
  return es_octets_equal (g_bytes_get_data (a, NULL), g_bytes_get_size (a), g_bytes_get_data (b, NULL),
                          g_bytes_get_size (b));
}

static void
replace_bytes (GBytes **place, GBytes *bytes)
{
  g_clear_pointer (place, g_bytes_unref);
  *place = bytes;
}

static GBytes *
new_nonce (const EsRandom *random)
{
  guint8 octets[ES_NONCE_OCTETS];

  es_random_fill (random, octets, sizeof octets);
  return g_bytes_new (octets, sizeof octets);
}

static const EsAddress *
own_party (const EsNegotiation *n)
{
  return n->role == ES_ROLE_INITIATOR ? n->party_a : n->party_b;
}

static const EsAddress *
other_party (const EsNegotiation *n)
{
  return n->role == ES_ROLE_INITIATOR ? n->party_b : n->party_a;
}

/* What we send is ours from now on, whoever says it. */
static void
remember_own (const EsNegotiation *n, GBytes *octets)
{
  if (n->echoes != NULL)
    es_echoes_add (n->echoes, octets, own_party (n), other_party (n));
}

/* Whether VALUE, a public value of the other side's, is one of ours: OWN in this negotiation, or any that was ever sent. */
static gboolean
is_own_public (const EsNegotiation *n, GBytes *own, GBytes *value)
{
  return g_bytes_equal (own, value)
         || (n->echoes != NULL && es_echoes_has (n->echoes, value, other_party (n), own_party (n)));
}

static GBytes *
commit_to (GBytes *e)
{
  /* Always SHA-256, whatever HASH is (XEP-0116 section 4.3). */
  EsPart parts[] = { ES_PART_BYTES (e) };
  guint8 hash[ES_HASH_MAX_OCTETS];
  const EsHash *sha256 = es_hash_find ("sha256");

  es_hash (sha256, parts, G_N_ELEMENTS (parts), hash);
  return g_bytes_new (hash, sha256->octets);
}

static EsCounter
other_direction (EsCounter counter)
{
  counter.octets[0] ^= 0x80;
  return counter;
}

void
es_sigma_mac (const EsSuite *suite,
              const EsSecret *sigma,
              GBytes *first,
              GBytes *second,
              GBytes *public_value,
              const char *form,
              const char *form2,
              guint8 *out)
{
  EsPart parts[] = { ES_PART_BYTES (first), ES_PART_BYTES (second), ES_PART_BYTES (public_value), ES_PART_STRING (form),
                     ES_PART_STRING (form2) };

  es_hmac (suite->hash, ES_PART_SECRET (sigma), parts, G_N_ELEMENTS (parts), out);
}

/* M = HMAC (HASH, KM, C | ID). */
static void
identity_mac (const EsSuite *suite, const EsSecret *km, const EsCounter *counter, EsPart identity, guint8 *out)
{
  EsPart parts[] = { es_keys_counter (suite->dialect, counter), identity };

  es_hmac (suite->hash, ES_PART_SECRET (km), parts, G_N_ELEMENTS (parts), out);
}

/* Appends ID and M to the form and moves COUNTER on. M is also written to M_OUT. */
static void
write_identity (EsXml *x,
                const EsSuite *suite,
                const EsKeys *keys,
                EsCounter *counter,
                const guint8 *sigma_mac,
                guint8 *m_out)
{
  guint8 identity[ES_HASH_MAX_OCTETS];
  EsCounter before = *counter;
  EsPart id = ES_PART (identity, suite->hash->octets), m = ES_PART (m_out, suite->hash->octets);

  es_ctr (suite->cipher, suite->dialect, keys->cipher, counter, sigma_mac, suite->hash->octets, identity);
  identity_mac (suite, keys->mac, &before, id, m_out);
  es_form_add_octets (x, "identity", NULL, &id, 1);
  es_form_add_octets (x, "mac", NULL, &m, 1);
}

/* Reads ID and M, wherever they stand: no MAC covers these two fields. */
static gboolean
read_identity (const EsForm *form, GBytes **identity, GBytes **mac, GError **error)
{
  return (*identity = es_form_get_octets (form, "identity", 1, ANY_OCTETS, error)) != NULL
         && (*mac = es_form_get_octets (form, "mac", 1, ANY_OCTETS, error)) != NULL;
}

/* Whether ID and M are right for SIGMA_MAC; moves COUNTER on if so. M is written to M_OUT. */
static gboolean
check_identity (GBytes *identity,
                GBytes *mac,
                const EsSuite *suite,
                const EsKeys *keys,
                EsCounter *counter,
                const guint8 *sigma_mac,
                guint8 *m_out,
                GError **error)
{
  gsize size = suite->hash->octets;
  EsPart id = ES_PART_BYTES (identity);
  guint8 decrypted[ES_HASH_MAX_OCTETS];
  EsCounter after = *counter;
  gboolean equal = FALSE;

  identity_mac (suite, keys->mac, counter, id, m_out);
  if (!es_octets_equal (m_out, size, g_bytes_get_data (mac, NULL), g_bytes_get_size (mac)) || id.size != size)
    return check_failed (error);

  es_ctr (suite->cipher, suite->dialect, keys->cipher, &after, id.data, id.size, decrypted);
  equal = es_octets_equal (decrypted, size, sigma_mac, size);
  es_octets_wipe (decrypted, sizeof decrypted);
  if (!equal)
    return check_failed (error);

  *counter = after;
  return TRUE;
}

static GPtrArray *
held_of (const EsNegotiation *n, gint64 device)
{
  GPtrArray *held = es_secret_array_new ();

  for (guint i = 0; i < n->contact_secrets->len; i++)
    {
      const EsRetained *retained = n->contact_secrets->pdata[i];

      if (retained->device == device)
        g_ptr_array_add (held, es_secret_copy (retained->secret));
    }
  return held;
}

/* Both hold K: the final keys, what is remembered, and the code, as an agreement seen from OWN's side. */
static EsAgreement *
agree (const EsNegotiation *n,
       const EsSecret *k,
       const EsRetained *found,
       const EsKeys *keys_a,
       const EsKeys *keys_b,
       EsCounter counter_a,
       EsCounter counter_b,
       GBytes *e,
       const guint8 *m_a)
{
  EsAgreement *agreement = g_new0 (EsAgreement, 1);
  gboolean initiator = n->role == ES_ROLE_INITIATOR;
  const EsKeys *own = initiator ? keys_a : keys_b, *peer = initiator ? keys_b : keys_a;

  agreement->suite = n->terms.suite;
  agreement->role = n->role;
  agreement->stanzas = n->terms.stanzas;
  agreement->strength = n->terms.strength;
  agreement->rekey_freq = n->terms.rekey_freq;
  agreement->logging = n->terms.logging;
  agreement->parties = n->terms.parties;
  agreement->own.cipher = es_secret_copy (own->cipher);
  agreement->own.mac = es_secret_copy (own->mac);
  agreement->peer.cipher = es_secret_copy (peer->cipher);
  agreement->peer.mac = es_secret_copy (peer->mac);
  agreement->own_counter = initiator ? counter_a : counter_b;
  agreement->peer_counter = initiator ? counter_b : counter_a;
  agreement->exponent = es_secret_copy (n->exponent);
  agreement->own_public = g_bytes_ref (initiator ? e : n->d);
  agreement->peer_public = g_bytes_ref (initiator ? n->d : e);
  agreement->retained = es_keys_retained (&n->terms.suite, k);
  agreement->found = found != NULL ? es_secret_copy (found->secret) : NULL;
  agreement->found_device = found != NULL ? found->device : 0;
  agreement->held = found != NULL ? held_of (n, found->device) : NULL;
  agreement->code = n->terms.suite.sas->proves ? es_sas_code (&n->terms.suite, e, n->form_a, n->form_b)
                                               : es_sas_code_weak (&n->terms.suite, m_a, n->form_b);
  agreement->context = es_sas_context (&n->terms.suite, e, n->form_a, n->form_b);
  return agreement;
}

/* Message 1 */

gboolean
es_four_is_echo (const EsEchoes *echoes, const EsForm *form, const EsAddress *by, const EsAddress *to)
{
  static const struct
  {
    const char *var;
    gboolean (*is_ours) (const EsEchoes *echoes, GBytes *octets, const EsAddress *by, const EsAddress *to);
  } fields[] = { { "my_nonce", es_echoes_has }, { "dhhashes", es_echoes_has_digest }, { "dhkeys", es_echoes_has } };

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      g_autoptr (GPtrArray) values = es_form_get_octets_list (form, fields[i].var, 1, ANY_OCTETS, NULL);

      for (guint k = 0; values != NULL && k < values->len; k++)
        if (fields[i].is_ours (echoes, values->pdata[k], by, to))
          return TRUE;
    }
  return FALSE;
}

gboolean
es_four_create_request (EsNegotiation *n, EsXml *x, GError **error)
{
  const EsOptions *options = &n->options;
  g_autoptr (GPtrArray) exponents = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);
  g_autoptr (GPtrArray) publics = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GBytes) nonce = new_nonce (n->random);
  EsPart parts[G_N_ELEMENTS (options->groups)], nonce_part = ES_PART_BYTES (nonce);
  char *form_a = NULL;

  for (guint i = 0; options->groups[i] != 0; i++)
    {
      const EsGroup *group = es_group_find (options->groups[i]);
      EsSecret *exponent = es_dh_secret_new (group, n->random); /* x */
      GBytes *e = es_dh_public (group, exponent);               /* e = g^x mod p */
      GBytes *commitment = commit_to (e);                       /* He = SHA256 (e) */

      g_ptr_array_add (exponents, exponent);
      g_ptr_array_add (publics, e);
      g_ptr_array_add (hashes, commitment);
      parts[i] = ES_PART_BYTES (commitment);
    }

  es_options_write_offer (options, x);
  es_form_add_octets (x, "my_nonce", "hidden", &nonce_part, 1);
  es_form_add_options (x, "sas_algs", "list-single", options->sas, FALSE);
  es_form_add_octets (x, "dhhashes", "hidden", parts, hashes->len);
  es_parties_write (n, x, "hidden");
  if ((form_a = es_xml_normalize_form (x, options->dialect, error)) == NULL)
    return FALSE;

  remember_own (n, nonce);
  for (guint i = 0; i < publics->len; i++)
    remember_own (n, publics->pdata[i]);
  n->exponents = g_steal_pointer (&exponents);
  n->publics = g_steal_pointer (&publics);
  n->nonce_a = g_steal_pointer (&nonce);
  n->form_a = form_a;
  return TRUE;
}

/* Values instead of commitments mean the 3-message negotiation, which needs public keys; both together mean nothing. */
static gboolean
check_kind (const EsForm *form, GError **error)
{
  if (!es_form_has (form, "dhkeys"))
    return TRUE;
  if (es_form_has (form, "dhhashes"))
    g_set_error_literal (error, ES_ERROR, ES_ERROR_UNSUPPORTED, "dhkeys dhhashes");
  else
    g_set_error_literal (error, ES_ERROR, ES_ERROR_UNKNOWN_FIELD, "dhkeys");
  return FALSE;
}

gboolean
es_four_consume_request (EsNegotiation *n, const EsForm *form, const char *text, GError **error)
{
  EsTerms terms;
  const char *const *groups = NULL;
  g_autoptr (GBytes) nonce = NULL;
  g_autoptr (GPtrArray) hashes = NULL;
  gboolean said = FALSE;

  if (n->echoes != NULL && es_four_is_echo (n->echoes, form, other_party (n), own_party (n)))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_ECHO, "our own words");
      return FALSE;
    }
  if (!es_parties_check (n, form, &said, error) || !check_kind (form, error)
      || !es_options_choose (&n->options, form, &terms, error)
      || (nonce = es_form_get_octets (form, "my_nonce", ES_LIMIT_NONCE_MIN, ES_LIMIT_NONCE_MAX, error)) == NULL
      || (groups = es_form_choices (form, "modp", error)) == NULL
      || (hashes = es_form_get_octets_list (form, "dhhashes", 32, 32, error)) == NULL)
    return FALSE;
  if (hashes->len != g_strv_length ((char **) groups))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form: not one of dhhashes for each of modp");
      return FALSE;
    }

  n->terms = terms;
  n->terms.parties = said;
  n->nonce_a = g_steal_pointer (&nonce);
  n->commitment = g_bytes_ref (hashes->pdata[terms.group_index]);
  n->form_a = g_strdup (text);
  return TRUE;
}

/* Message 2 */

gboolean
es_four_create_response (EsNegotiation *n, EsXml *x, GError **error)
{
  const EsGroup *group = n->terms.suite.group;
  g_autoptr (EsSecret) exponent = es_dh_secret_new (group, n->random); /* y */
  g_autoptr (GBytes) d = es_dh_public (group, exponent);               /* d = g^y mod p */
  g_autoptr (GBytes) nonce = new_nonce (n->random);
  EsCounter counter;
  EsPart own = ES_PART_BYTES (nonce), key = ES_PART_BYTES (d), echoed = ES_PART_BYTES (n->nonce_a);
  EsPart counter_part = ES_PART (counter.octets, sizeof counter.octets);
  char *form_b = NULL;

  /* Neither C_A nor C_B may begin with a zero octet: some strip it. */
  do
    es_random_fill (n->random, counter.octets, sizeof counter.octets);
  while (counter.octets[0] == 0x00 || counter.octets[0] == 0x80);

  es_options_write_choice (&n->terms, x);
  es_form_add_octets (x, "my_nonce", NULL, &own, 1);
  es_form_add_octets (x, "dhkeys", NULL, &key, 1);
  es_form_add_octets (x, "nonce", NULL, &echoed, 1);
  es_form_add_octets (x, "counter", NULL, &counter_part, 1);
  if (n->terms.parties)
    es_parties_write (n, x, NULL);
  if ((form_b = es_xml_normalize_form (x, n->options.dialect, error)) == NULL)
    return FALSE;

  remember_own (n, nonce);
  remember_own (n, d);
  n->exponent = g_steal_pointer (&exponent);
  n->d = g_steal_pointer (&d);
  n->nonce_b = g_steal_pointer (&nonce);
  n->counter_a = counter;
  n->counter_b = other_direction (counter); /* C_B = C_A xor 2^127 */
  n->form_b = form_b;
  return TRUE;
}

gboolean
es_four_consume_response (EsNegotiation *n, const EsForm *form, const char *text, GError **error)
{
  EsTerms terms;
  g_autoptr (GBytes) own = NULL, echoed = NULL, d = NULL, counter = NULL;
  g_autoptr (EsSecret) shared = NULL, k = NULL;
  const EsSecret *exponent = NULL;
  GBytes *e = NULL;
  EsCounter counter_a = { { 0 } };
  gboolean said = FALSE;
  gsize size = 0;

  if (!es_options_check (&n->options, form, &terms, error) || !es_parties_check (n, form, &said, error)
      || (own = es_form_get_octets (form, "my_nonce", ES_LIMIT_NONCE_MIN, ES_LIMIT_NONCE_MAX, error)) == NULL
      || (echoed = es_form_get_octets (form, "nonce", 1, ANY_OCTETS, error)) == NULL
      || (counter = es_form_get_octets (form, "counter", 1, ES_COUNTER_OCTETS, error)) == NULL
      || (d = es_form_get_octets (form, "dhkeys", 1, ANY_OCTETS, error)) == NULL)
    return FALSE;
  e = n->publics->pdata[terms.group_index];
  if (!bytes_equal (echoed, n->nonce_a) || is_own_public (n, e, d))
    return check_failed (error);

  exponent = n->exponents->pdata[terms.group_index];
  if ((shared = es_dh_shared (terms.suite.group, exponent, e, d, error)) == NULL) /* d^x mod p, 1 < d < p-1 */
    return FALSE;
  k = es_keys_provisional (&terms.suite, shared);

  size = g_bytes_get_size (counter);
  memcpy (counter_a.octets + ES_COUNTER_OCTETS - size, g_bytes_get_data (counter, NULL), size);

  n->terms = terms;
  n->terms.parties = said;
  n->exponent = es_secret_copy (exponent);
  n->e = g_bytes_ref (n->publics->pdata[terms.group_index]);
  n->d = g_steal_pointer (&d);
  n->nonce_b = g_steal_pointer (&own);
  n->counter_a = counter_a;
  n->counter_b = other_direction (counter_a);
  n->k = g_steal_pointer (&k);
  n->form_b = g_strdup (text);
  g_clear_pointer (&n->exponents, g_ptr_array_unref);
  g_clear_pointer (&n->publics, g_ptr_array_unref);
  return TRUE;
}

/* Message 3 */

/* The number of the secret that is offered in place I of KNOWN. Where there are more than fit the last ones may all have come
 * from somebody who sends old messages again: half of the places are drawn among those that the first half leaves. */
static guint
choose_offered (const EsNegotiation *n, guint i, guint known, guint *rest)
{
  guint left = n->contact_secrets->len - i, j = i, chosen = 0;

  if (n->contact_secrets->len > known && i >= known / 2)
    j += es_random_below (n->random, left);
  chosen = rest[j];
  rest[j] = rest[i];
  return chosen;
}

/* HMAC (HASH, N_A, RS) of each retained secret, at least two random values, a multiple of four, in random order: how
 * many devices we remember is nobody's business. */
static void
write_retained_hashes (const EsNegotiation *n, EsXml *x)
{
  guint8 values[ES_LIMIT_FIELD_VALUES][ES_HASH_MAX_OCTETS];
  EsPart parts[ES_LIMIT_FIELD_VALUES];
  const EsHash *hash = n->terms.suite.hash;
  guint known = n->contact_secrets != NULL ? MIN (n->contact_secrets->len, ES_LIMIT_FIELD_VALUES - 2) : 0;
  guint total = (known + 2 + 3) / 4 * 4;
  g_autofree guint *rest = known > 0 ? g_new (guint, n->contact_secrets->len) : NULL;

  for (guint i = 0; rest != NULL && i < n->contact_secrets->len; i++)
    rest[i] = i;
  for (guint i = 0; i < total; i++)
    {
      parts[i] = ES_PART (values[i], hash->octets);
      if (i < known)
        {
          const EsRetained *retained = n->contact_secrets->pdata[choose_offered (n, i, known, rest)];
          EsPart secret = ES_PART_SECRET (retained->secret);

          es_hmac (hash, ES_PART_BYTES (n->nonce_a), &secret, 1, values[i]);
        }
      else
        es_random_fill (n->random, values[i], hash->octets);
    }
  for (guint i = total - 1; i > 0; i--)
    {
      guint j = es_random_below (n->random, i + 1);
      EsPart swap = parts[i];

      parts[i] = parts[j];
      parts[j] = swap;
    }
  es_form_add_octets (x, "rshashes", NULL, parts, total);
}

gboolean
es_four_create_initiator_accept (EsNegotiation *n, EsXml *x, GError **error)
{
  const EsSuite *suite = &n->terms.suite;
  g_auto (EsKeys) keys = { NULL };
  EsPart nonce = ES_PART_BYTES (n->nonce_b), e = ES_PART_BYTES (n->e);
  guint8 sigma_mac[ES_HASH_MAX_OCTETS];
  EsCounter counter = n->counter_a;
  g_autofree char *form_a2 = NULL;

  es_form_add (x, "FORM_TYPE", NULL, ES_FORM_TYPE);
  es_form_add (x, "accept", NULL, "1");
  es_form_add_octets (x, "nonce", NULL, &nonce, 1);
  es_form_add_octets (x, "dhkeys", NULL, &e, 1);
  write_retained_hashes (n, x);
  if ((form_a2 = es_xml_normalize_form (x, n->options.dialect, error)) == NULL)
    return FALSE;

  es_keys_derive (suite, n->k, ES_ROLE_INITIATOR, &keys);
  es_sigma_mac (suite, keys.sigma, n->nonce_b, n->nonce_a, n->e, n->form_a, form_a2, sigma_mac); /* mac_A */
  write_identity (x, suite, &keys, &counter, sigma_mac, n->m_a);                                 /* ID_A, M_A */
  es_octets_wipe (sigma_mac, sizeof sigma_mac);

  n->counter_a = counter;
  return TRUE;
}

/* The first of the contact's secrets whose hash is among HASHES, of those of verified devices where there is one: the order is that in which
 * they are offered. */
static const EsRetained *
find_retained (const EsNegotiation *n, const GPtrArray *hashes)
{
  const GPtrArray *secrets = n->contact_secrets;
  const EsHash *hash = n->terms.suite.hash;
  const EsRetained *found = NULL;

  for (guint i = 0; secrets != NULL && i < secrets->len; i++)
    {
      const EsRetained *retained = secrets->pdata[i];
      EsPart secret = ES_PART_SECRET (retained->secret);
      guint8 value[ES_HASH_MAX_OCTETS];

      es_hmac (hash, ES_PART_BYTES (n->nonce_a), &secret, 1, value);
      for (guint j = 0; j < hashes->len; j++)
        if (es_octets_equal (value, hash->octets, g_bytes_get_data (hashes->pdata[j], NULL),
                             g_bytes_get_size (hashes->pdata[j]))
            && (found == NULL || (retained->verified && !found->verified)))
          found = retained;
    }
  return found;
}

gboolean
es_four_consume_initiator_accept (EsNegotiation *n, const EsForm *form, const char *text, GError **error)
{
  const EsSuite *suite = &n->terms.suite;
  g_autoptr (GBytes) nonce = NULL, e = NULL, identity = NULL, mac = NULL, commitment = NULL;
  g_autoptr (GPtrArray) hashes = NULL;
  g_autoptr (EsSecret) shared = NULL, first = NULL, k = NULL;
  g_auto (EsKeys) keys = { NULL }, final_a = { NULL }, final_b = { NULL };
  const EsRetained *found = NULL;
  guint8 sigma_mac[ES_HASH_MAX_OCTETS], m_a[ES_HASH_MAX_OCTETS];
  EsCounter counter = n->counter_a;
  const char *accept = NULL;
  gboolean right = FALSE;

  if (!es_form_get (form, "accept", &accept, error)
      || (nonce = es_form_get_octets (form, "nonce", 1, ANY_OCTETS, error)) == NULL
      || (e = es_form_get_octets (form, "dhkeys", 1, ANY_OCTETS, error)) == NULL
      || (hashes = es_form_get_octets_list (form, "rshashes", 1, ES_HASH_MAX_OCTETS, error)) == NULL
      || !read_identity (form, &identity, &mac, error))
    return FALSE;
  if (strcmp (accept, "1") != 0 && strcmp (accept, "true") != 0)
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_DECLINED, "declined");
      return FALSE;
    }

  commitment = commit_to (e);
  if (!bytes_equal (commitment, n->commitment) || is_own_public (n, n->d, e)) /* SHA256 (e) = He */
    return check_failed (error);
  if ((shared = es_dh_shared (suite->group, n->exponent, n->d, e, error)) == NULL) /* e^y mod p, 1 < e < p-1 */
    return FALSE;
  if (!bytes_equal (nonce, n->nonce_b))
    return check_failed (error);

  first = es_keys_provisional (suite, shared);
  es_keys_derive (suite, first, ES_ROLE_INITIATOR, &keys);
  es_sigma_mac (suite, keys.sigma, n->nonce_b, n->nonce_a, e, n->form_a, text, sigma_mac); /* mac_A */
  right = check_identity (identity, mac, suite, &keys, &counter, sigma_mac, m_a, error);   /* M_A, mac_A */
  es_octets_wipe (sigma_mac, sizeof sigma_mac);
  if (!right)
    return FALSE;

  found = find_retained (n, hashes); /* SRS */
  k = es_keys_final (suite, first, found != NULL ? found->secret : NULL, n->other_secret);
  es_keys_derive (suite, k, ES_ROLE_INITIATOR, &final_a);
  es_keys_derive (suite, k, ES_ROLE_RESPONDER, &final_b);

  n->agreement = agree (n, k, found, &final_a, &final_b, counter, n->counter_b, e, m_a);
  n->k = g_steal_pointer (&k);
  n->counter_a = counter;
  replace_bytes (&n->e, g_steal_pointer (&e));
  memcpy (n->m_a, m_a, sizeof m_a);
  return TRUE;
}

/* Message 4 */

/* HMAC (HASH, SRS, "Shared Retained Secret"), or random octets that look the same. */
static void
shared_retained_hash (const EsNegotiation *n, const EsSecret *found, guint8 *out)
{
  EsPart label = ES_PART_STRING ("Shared Retained Secret");

  if (found != NULL)
    es_hmac (n->terms.suite.hash, ES_PART_SECRET (found), &label, 1, out);
  else
    es_random_fill (n->random, out, n->terms.suite.hash->octets);
}

gboolean
es_four_create_responder_accept (EsNegotiation *n, EsXml *x, GError **error)
{
  const EsSuite *suite = &n->terms.suite;
  g_auto (EsKeys) keys = { NULL };
  guint8 srshash[ES_HASH_MAX_OCTETS], sigma_mac[ES_HASH_MAX_OCTETS], m_b[ES_HASH_MAX_OCTETS];
  EsPart nonce = ES_PART_BYTES (n->nonce_a), srshash_part = ES_PART (srshash, suite->hash->octets);
  EsCounter counter = n->counter_b;
  g_autofree char *form_b2 = NULL;

  shared_retained_hash (n, n->agreement->found, srshash);
  es_form_add (x, "FORM_TYPE", NULL, ES_FORM_TYPE);
  es_form_add_octets (x, "nonce", NULL, &nonce, 1);
  es_form_add_octets (x, "srshash", NULL, &srshash_part, 1);
  if ((form_b2 = es_xml_normalize_form (x, n->options.dialect, error)) == NULL)
    return FALSE;

  es_keys_derive (suite, n->k, ES_ROLE_RESPONDER, &keys);
  es_sigma_mac (suite, keys.sigma, n->nonce_a, n->nonce_b, n->d, n->form_b, form_b2, sigma_mac); /* mac_B */
  write_identity (x, suite, &keys, &counter, sigma_mac, m_b);                                    /* ID_B, M_B */
  es_octets_wipe (sigma_mac, sizeof sigma_mac);

  n->counter_b = counter;
  n->agreement->own_counter = counter;
  return TRUE;
}

static const EsRetained *
find_by_shared_hash (const EsNegotiation *n, GBytes *srshash)
{
  const EsRetained *found = NULL;

  for (guint i = 0; n->contact_secrets != NULL && i < n->contact_secrets->len; i++)
    {
      const EsRetained *retained = n->contact_secrets->pdata[i];
      guint8 value[ES_HASH_MAX_OCTETS];

      shared_retained_hash (n, retained->secret, value);
      if (es_octets_equal (value, n->terms.suite.hash->octets, g_bytes_get_data (srshash, NULL),
                           g_bytes_get_size (srshash))
          && found == NULL)
        found = retained;
    }
  return found;
}

gboolean
es_four_consume_responder_accept (EsNegotiation *n, const EsForm *form, const char *text, GError **error)
{
  const EsSuite *suite = &n->terms.suite;
  g_autoptr (GBytes) nonce = NULL, srshash = NULL, identity = NULL, mac = NULL;
  g_autoptr (EsSecret) k = NULL;
  g_auto (EsKeys) final_a = { NULL }, final_b = { NULL };
  const EsRetained *found = NULL;
  guint8 sigma_mac[ES_HASH_MAX_OCTETS], m_b[ES_HASH_MAX_OCTETS];
  EsCounter counter = n->counter_b;
  gboolean right = FALSE;

  if ((nonce = es_form_get_octets (form, "nonce", 1, ANY_OCTETS, error)) == NULL
      || (srshash = es_form_get_octets (form, "srshash", 1, ANY_OCTETS, error)) == NULL
      || !read_identity (form, &identity, &mac, error))
    return FALSE;
  if (!bytes_equal (nonce, n->nonce_a))
    return check_failed (error);

  found = find_by_shared_hash (n, srshash); /* SRS */
  k = es_keys_final (suite, n->k, found != NULL ? found->secret : NULL, n->other_secret);
  es_keys_derive (suite, k, ES_ROLE_INITIATOR, &final_a);
  es_keys_derive (suite, k, ES_ROLE_RESPONDER, &final_b);
  es_sigma_mac (suite, final_b.sigma, n->nonce_a, n->nonce_b, n->d, n->form_b, text, sigma_mac); /* mac_B */
  right = check_identity (identity, mac, suite, &final_b, &counter, sigma_mac, m_b, error);      /* M_B, mac_B */
  es_octets_wipe (sigma_mac, sizeof sigma_mac);
  if (!right)
    return FALSE;

  n->counter_b = counter;
  n->agreement = agree (n, k, found, &final_a, &final_b, n->counter_a, counter, n->e, n->m_a);
  return TRUE;
}
