/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is offered, what is chosen, and whether the choice was offered (XEP-0116 sections 4.3 to 4.6). */
#include "es-negotiation-private.h"

#include <string.h>

#include "es-error.h"
#include "es-strength.h"

static const char *const no_key[] = { "none", NULL };

void
es_options_init (EsOptions *options)
{
  *options = (EsOptions){
    .dialect = ES_DIALECT_STRICT,
    .groups = { 31, 15, 14 },
    .ciphers = { "aes256-ctr", "aes128-ctr" },
    .hashes = { "sha256" },
    .sas = { "sas28x6", "sas28x5" },
    .stanzas = ES_STANZA_ALL,
    .rekey_freq = 1,
    .logging = ES_LOGGING_MAY,
  };
}

void
es_options_speak_gajim (EsOptions *options)
{
  gboolean weak = options->weak_groups;
  EsOptions gajim = { .dialect = ES_DIALECT_GAJIM,
                      .groups = { 14, 15 },
                      .ciphers = { "aes128-ctr" },
                      .hashes = { "sha256" },
                      .sas = { "sas28x5" },
                      .stanzas = ES_STANZA_MESSAGE,
                      .rekey_freq = G_MAXUINT32,
                      .logging = options->logging };

  *options = gajim;
  es_options_allow_weak_groups (options, weak);
}

void
es_options_allow_weak_groups (EsOptions *options, gboolean allowed)
{
  static const guint weak[] = { 5, 2, 1 };
  gsize n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (options->groups) && options->groups[i] != 0; i++)
    if (!es_group_is_weak (es_group_find (options->groups[i])))
      options->groups[n++] = options->groups[i];
  for (gsize i = 0; allowed && i < G_N_ELEMENTS (weak) && n + 1 < G_N_ELEMENTS (options->groups); i++)
    options->groups[n++] = weak[i];
  while (n < G_N_ELEMENTS (options->groups))
    options->groups[n++] = 0;
  options->weak_groups = allowed;
}

static const char *
logging_name (EsLogging logging)
{
  return logging == ES_LOGGING_MUST_NOT ? "mustnot" : "may";
}

/* Decimal without sign, 1 to 2^32 - 1. */
static gboolean
read_frequency (const EsForm *form, guint32 *frequency, GError **error)
{
  const char *text = NULL;
  guint64 value = 0;

  if (!es_form_get (form, "rekey_freq", &text, error))
    return FALSE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT32, &value, NULL))
    {
      g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form: bad rekey_freq");
      return FALSE;
    }
  *frequency = (guint32) value;
  return TRUE;
}

/* "accept" must be a yes: a no is a polite refusal. */
static gboolean
read_accept (const EsForm *form, GError **error)
{
  const char *text = NULL;

  if (!es_form_get (form, "accept", &text, error))
    return FALSE;
  if (strcmp (text, "1") == 0 || strcmp (text, "true") == 0)
    return TRUE;
  if (strcmp (text, "0") == 0 || strcmp (text, "false") == 0)
    g_set_error_literal (error, ES_ERROR, ES_ERROR_DECLINED, "declined");
  else
    g_set_error_literal (error, ES_ERROR, ES_ERROR_MALFORMED, "form: bad accept");
  return FALSE;
}

/* The group of a name like "31", if we may use it. */
static const EsGroup *
read_group (const EsOptions *options, const char *text)
{
  guint64 number = 0;
  const EsGroup *group = NULL;

  if (!g_ascii_string_to_unsigned (text, 10, 1, 255, &number, NULL))
    return NULL;
  group = es_group_find ((guint) number);
  return group != NULL && (options->weak_groups || !es_group_is_weak (group)) ? group : NULL;
}

/* The responder's choice */

typedef struct
{
  const EsOptions *options;
  const EsForm *form;
  GPtrArray *missing; /* names of fields in which nothing suits us */
  GError **error;
} Choice;

static void
nothing_in (Choice *choice, const char *field)
{
  g_ptr_array_add (choice->missing, (gpointer) field);
}

/* Whether FIELD offers exactly WANTED among others. FALSE with the error set if the field itself is bad. */
static gboolean
choose_fixed (Choice *choice, const char *field, const char *const *wanted)
{
  const char *const *offered = es_form_choices (choice->form, field, choice->error);

  if (offered == NULL)
    return FALSE;
  for (; *wanted != NULL; wanted++)
    if (g_strv_contains (offered, *wanted))
      return TRUE;
  nothing_in (choice, field);
  return TRUE;
}

static gboolean
choose_group (Choice *choice, EsTerms *terms)
{
  const char *const *offered = es_form_choices (choice->form, "modp", choice->error);

  if (offered == NULL)
    return FALSE;
  for (guint i = 0; offered[i] != NULL; i++)
    if ((terms->suite.group = read_group (choice->options, offered[i])) != NULL)
      {
        terms->group_index = i;
        return TRUE;
      }
  nothing_in (choice, "modp");
  return TRUE;
}

static gboolean
choose_cipher (Choice *choice, EsSuite *suite)
{
  const char *const *offered = es_form_choices (choice->form, "crypt_algs", choice->error);

  if (offered == NULL)
    return FALSE;
  for (; *offered != NULL; offered++)
    if ((suite->cipher = es_cipher_find (*offered, choice->options->dialect)) != NULL)
      return TRUE;
  nothing_in (choice, "crypt_algs");
  return TRUE;
}

/* A hash shorter than the cipher key could not fill it (XEP-0116 section 4.5.3). */
static gboolean
choose_hash (Choice *choice, EsSuite *suite)
{
  const char *const *offered = es_form_choices (choice->form, "hash_algs", choice->error);

  if (offered == NULL)
    return FALSE;
  for (; *offered != NULL; offered++)
    {
      const EsHash *hash = es_hash_find (*offered);

      if (hash == NULL || (suite->cipher != NULL && hash->octets < suite->cipher->key_octets))
        continue;
      suite->hash = hash;
      return TRUE;
    }
  nothing_in (choice, "hash_algs");
  return TRUE;
}

static gboolean
choose_sas (Choice *choice, EsSuite *suite)
{
  const char *const *offered = es_form_choices (choice->form, "sas_algs", choice->error);

  if (offered == NULL)
    return FALSE;
  for (; *offered != NULL; offered++)
    if ((suite->sas = es_sas_find (*offered)) != NULL)
      return TRUE;
  nothing_in (choice, "sas_algs");
  return TRUE;
}

static gboolean
choose_stanzas (Choice *choice, guint *stanzas)
{
  const char *const *offered = es_form_choices (choice->form, "stanzas", choice->error);

  if (offered == NULL)
    return FALSE;
  for (*stanzas = 0; *offered != NULL; offered++)
    *stanzas |= es_stanza_bit (*offered) & choice->options->stanzas;
  if (*stanzas == 0)
    nothing_in (choice, "stanzas");
  return TRUE;
}

/* The first that we support: both when we may log, else only "mustnot". "otr" is the field's old name. */
static gboolean
choose_logging (Choice *choice, EsTerms *terms)
{
  gboolean old = !es_form_has (choice->form, "logging") && es_form_has (choice->form, "otr");
  const char *field = old ? "otr" : "logging";
  const char *const *offered = es_form_choices (choice->form, field, choice->error);

  if (offered == NULL)
    return FALSE;
  terms->old_logging_field = old;
  for (; *offered != NULL; offered++)
    {
      if (strcmp (*offered, old ? "true" : "mustnot") == 0)
        terms->logging = ES_LOGGING_MUST_NOT;
      else if (strcmp (*offered, old ? "false" : "may") == 0 && choice->options->logging == ES_LOGGING_MAY)
        terms->logging = ES_LOGGING_MAY;
      else
        continue;
      return TRUE;
    }
  nothing_in (choice, field);
  return TRUE;
}

/* Whether we would offer the group ourselves. */
static const EsGroup *
find_ours (const EsOptions *options, const char *name)
{
  const EsGroup *group = read_group (options, name);

  for (gsize i = 0; group != NULL && options->groups[i] != 0; i++)
    if (options->groups[i] == es_group_number (group))
      return group;
  return NULL;
}

/* The first is what we choose, but not always the best of what the other side can do. Only what we would offer counts: when
 * we ask, it chooses from that. */
static guint32
strength_offered (const Choice *choice)
{
  static const char *const fields[] = { "modp", "crypt_algs", "hash_algs", "sas_algs" };
  const EsOptions *options = choice->options;
  guint32 best = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    for (const char *const *offered = es_form_choices (choice->form, fields[i], NULL); *offered != NULL; offered++)
      {
        const EsSuite suite = {
          .group = i == 0 ? find_ours (options, *offered) : NULL,
          .cipher
          = i == 1 && g_strv_contains (options->ciphers, *offered) ? es_cipher_find (*offered, options->dialect) : NULL,
          .hash = i == 2 && g_strv_contains (options->hashes, *offered) ? es_hash_find (*offered) : NULL,
          .sas = i == 3 && g_strv_contains (options->sas, *offered) ? es_sas_find (*offered) : NULL,
        };

        best = es_strength_best (best, es_strength_of (&suite, 0));
      }
  return best;
}

static gboolean
check_known_fields (const EsForm *form, GError **error)
{
  static const char *const known[] = {
    "FORM_TYPE",  "accept",     "logging",   "otr",      "disclosure", "security",    "modp",
    "crypt_algs", "hash_algs",  "sign_algs", "compress", "stanzas",    "init_pubkey", "resp_pubkey",
    "ver",        "rekey_freq", "my_nonce",  "sas_algs", "dhhashes",   "parties",     NULL,
  };
  g_autofree char *unknown = es_form_unknown_required (form, known);

  if (unknown == NULL)
    return TRUE;
  g_set_error_literal (error, ES_ERROR, ES_ERROR_UNKNOWN_FIELD, unknown);
  return FALSE;
}

gboolean
es_options_choose (const EsOptions *options, const EsForm *form, EsTerms *terms, GError **error)
{
  static const char *const version[] = { "1.0", NULL }, *const never[] = { "never", NULL };
  static const char *const e2e[] = { "e2e", NULL };
  g_autoptr (GPtrArray) missing = g_ptr_array_new ();
  Choice choice = { options, form, missing, error };

  *terms = (EsTerms){ .suite.dialect = options->dialect };
  if (!read_accept (form, error) || !check_known_fields (form, error) || !choose_fixed (&choice, "ver", version)
      || !choose_fixed (&choice, "security", e2e) || !choose_fixed (&choice, "disclosure", never)
      || !choose_logging (&choice, terms) || !choose_group (&choice, terms) || !choose_cipher (&choice, &terms->suite)
      || !choose_hash (&choice, &terms->suite) || !choose_sas (&choice, &terms->suite)
      || !choose_fixed (&choice, "compress", no_key) || !choose_stanzas (&choice, &terms->stanzas)
      || !choose_fixed (&choice, "init_pubkey", no_key) || !choose_fixed (&choice, "resp_pubkey", no_key)
      || !read_frequency (form, &terms->rekey_freq, error))
    return FALSE;

  if (missing->len > 0)
    {
      g_autofree char *names = NULL;

      g_ptr_array_add (missing, NULL);
      names = g_strjoinv (" ", (char **) missing->pdata);
      g_set_error_literal (error, ES_ERROR, ES_ERROR_UNSUPPORTED, names);
      return FALSE;
    }
  terms->rekey_freq = MAX (terms->rekey_freq, options->rekey_freq);
  terms->strength = es_strength_best (es_strength_of (&(EsSuite){ 0 }, terms->stanzas), strength_offered (&choice));
  return TRUE;
}

/* The initiator's look at the choice */

static gboolean
not_offered (const char *field, GError **error)
{
  g_set_error_literal (error, ES_ERROR, ES_ERROR_UNSUPPORTED, field);
  return FALSE;
}

/* The value chosen in FIELD, which must be in OFFERED (NULL-terminated). */
static gboolean
check_one (const EsForm *form, const char *field, const char *const *offered, const char **value, GError **error)
{
  if (!es_form_get (form, field, value, error))
    return FALSE;
  return g_strv_contains (offered, *value) || not_offered (field, error);
}

static gboolean
check_fixed (const EsForm *form, const char *field, const char *wanted, GError **error)
{
  const char *const offered[] = { wanted, NULL };
  const char *value = NULL;

  return check_one (form, field, offered, &value, error);
}

/* An answer with less security than was asked for is a no. */
static gboolean
check_security (const EsForm *form, GError **error)
{
  const char *value = NULL;

  if (!es_form_get (form, "security", &value, error))
    return FALSE;
  if (strcmp (value, "e2e") == 0)
    return TRUE;
  g_set_error_literal (error, ES_ERROR, ES_ERROR_DECLINED, "declined");
  return FALSE;
}

static gboolean
check_group (const EsOptions *options, const EsForm *form, EsTerms *terms, GError **error)
{
  const char *value = NULL;

  if (!es_form_get (form, "modp", &value, error))
    return FALSE;
  terms->suite.group = read_group (options, value);
  for (guint i = 0; terms->suite.group != NULL && options->groups[i] != 0; i++)
    if (options->groups[i] == es_group_number (terms->suite.group))
      {
        terms->group_index = i;
        return TRUE;
      }
  return not_offered ("modp", error);
}

static gboolean
check_stanzas (const EsOptions *options, const EsForm *form, guint *stanzas, GError **error)
{
  const char *const *chosen = es_form_choices (form, "stanzas", error);

  if (chosen == NULL)
    return FALSE;
  for (*stanzas = 0; *chosen != NULL; chosen++)
    {
      guint bit = es_stanza_bit (*chosen);

      if ((bit & options->stanzas) == 0)
        return not_offered ("stanzas", error);
      *stanzas |= bit;
    }
  return TRUE;
}

static gboolean
check_logging (const EsOptions *options, const EsForm *form, EsLogging *logging, GError **error)
{
  const char *const both[] = { "mustnot", "may", NULL };
  const char *value = NULL;

  if (!check_one (form, "logging", options->logging == ES_LOGGING_MAY ? both : (const char *[]){ "mustnot", NULL },
                  &value, error))
    return FALSE;
  *logging = strcmp (value, "mustnot") == 0 ? ES_LOGGING_MUST_NOT : ES_LOGGING_MAY;
  return TRUE;
}

static gboolean
check_algorithms (const EsOptions *options, const EsForm *form, EsSuite *suite, GError **error)
{
  const char *cipher = NULL, *hash = NULL, *sas = NULL;

  if (!check_one (form, "crypt_algs", options->ciphers, &cipher, error)
      || !check_one (form, "hash_algs", options->hashes, &hash, error)
      || !check_one (form, "sas_algs", options->sas, &sas, error))
    return FALSE;

  suite->cipher = es_cipher_find (cipher, options->dialect);
  suite->hash = es_hash_find (hash);
  suite->sas = es_sas_find (sas);
  if (suite->cipher == NULL || suite->hash == NULL || suite->sas == NULL)
    return not_offered ("crypt_algs hash_algs sas_algs", error);
  return suite->hash->octets >= suite->cipher->key_octets || not_offered ("hash_algs", error);
}

gboolean
es_options_check (const EsOptions *options, const EsForm *form, EsTerms *terms, GError **error)
{
  *terms = (EsTerms){ .suite.dialect = options->dialect };

  /* A refusal need not carry any other field. */
  if (!read_accept (form, error) || !check_security (form, error) || !check_fixed (form, "ver", "1.0", error)
      || !check_fixed (form, "disclosure", "never", error) || !check_logging (options, form, &terms->logging, error)
      || !check_group (options, form, terms, error) || !check_algorithms (options, form, &terms->suite, error)
      || !check_fixed (form, "compress", "none", error) || !check_stanzas (options, form, &terms->stanzas, error)
      || !check_fixed (form, "init_pubkey", "none", error) || !check_fixed (form, "resp_pubkey", "none", error)
      || !read_frequency (form, &terms->rekey_freq, error))
    return FALSE;

  terms->strength = es_strength_of (&terms->suite, terms->stanzas);
  return terms->rekey_freq >= options->rekey_freq || not_offered ("rekey_freq", error);
}

/* Writing */

void
es_options_write_offer (const EsOptions *options, EsXml *x)
{
  static const char *const never[] = { "never", NULL }, *const e2e[] = { "e2e", NULL };
  static const char *const version[] = { "1.0", NULL };
  const char *const may[] = { "may", "mustnot", NULL }, *const must_not[] = { "mustnot", NULL };
  char numbers[G_N_ELEMENTS (options->groups)][4];
  const char *groups[G_N_ELEMENTS (options->groups) + 1] = { NULL };
  const char *stanzas[4] = { NULL };
  g_autofree char *frequency = g_strdup_printf ("%u", options->rekey_freq);

  for (guint i = 0; options->groups[i] != 0; i++)
    {
      g_snprintf (numbers[i], sizeof numbers[i], "%u", options->groups[i]);
      groups[i] = numbers[i];
    }
  for (guint bit = 1, n = 0; bit <= ES_STANZA_PRESENCE; bit <<= 1)
    if (options->stanzas & bit)
      stanzas[n++] = es_stanza_name (bit);

  es_form_add (x, "FORM_TYPE", "hidden", ES_FORM_TYPE);
  es_xml_append_new (es_form_add (x, "accept", "boolean", "1"), "required", NULL);
  es_form_add_options (x, "logging", "list-single", options->logging == ES_LOGGING_MAY ? may : must_not, TRUE);
  es_form_add_options (x, "disclosure", "list-single", never, TRUE);
  es_form_add_options (x, "security", "list-single", e2e, TRUE);
  es_form_add_options (x, "modp", "list-single", groups, FALSE);
  es_form_add_options (x, "crypt_algs", "list-single", options->ciphers, FALSE);
  es_form_add_options (x, "hash_algs", "list-single", options->hashes, FALSE);
  es_form_add_options (x, "compress", "list-single", no_key, FALSE);
  es_form_add_options (x, "stanzas", "list-multi", stanzas, FALSE);
  es_form_add_options (x, "init_pubkey", "list-single", no_key, FALSE);
  es_form_add_options (x, "resp_pubkey", "list-single", no_key, FALSE);
  es_form_add_options (x, "ver", "list-single", version, FALSE);
  es_form_add (x, "rekey_freq", "text-single", frequency);
}

void
es_options_write_choice (const EsTerms *terms, EsXml *x)
{
  const EsSuite *suite = &terms->suite;
  g_autofree char *group = g_strdup_printf ("%u", es_group_number (suite->group));
  g_autofree char *frequency = g_strdup_printf ("%u", terms->rekey_freq);
  const char *stanzas[4] = { NULL };

  for (guint bit = 1, n = 0; bit <= ES_STANZA_PRESENCE; bit <<= 1)
    if (terms->stanzas & bit)
      stanzas[n++] = es_stanza_name (bit);

  es_form_add (x, "FORM_TYPE", NULL, ES_FORM_TYPE);
  es_form_add (x, "accept", NULL, "1");
  if (terms->old_logging_field)
    es_form_add (x, "otr", NULL, terms->logging == ES_LOGGING_MUST_NOT ? "true" : "false");
  else
    es_form_add (x, "logging", NULL, logging_name (terms->logging));
  es_form_add (x, "disclosure", NULL, "never");
  es_form_add (x, "security", NULL, "e2e");
  es_form_add (x, "modp", NULL, group);
  es_form_add (x, "crypt_algs", NULL, suite->cipher->name);
  es_form_add (x, "hash_algs", NULL, suite->hash->name);
  es_form_add (x, "compress", NULL, "none");
  es_form_add_values (x, "stanzas", stanzas);
  es_form_add (x, "init_pubkey", NULL, "none");
  es_form_add (x, "resp_pubkey", NULL, "none");
  es_form_add (x, "ver", NULL, "1.0");
  es_form_add (x, "rekey_freq", NULL, frequency);
  es_form_add (x, "sas_algs", NULL, suite->sas->name);
}
