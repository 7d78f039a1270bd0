/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A form in octets: read, asked for all that there might be in it, and its normalized content. Or, where the first octet is odd,
 * one that is built as a script has it, and must be read as it was built. */
#include <string.h>

#include "es-form.h"
#include "es-limits.h"
#include "fuzz.h"

static const char *const vars[]
    = { "FORM_TYPE", "accept", "modp", "dhkeys", "dhhashes", "my_nonce", "counter", "parties", "rshashes", "mac", "" };

void
fuzz_setup (void)
{
}

/* What is decoded is what encodes to the same, white space aside. */
static void
check_base64 (const char *text)
{
  g_autoptr (GBytes) octets = es_base64_decode (text, 0, strlen (text), NULL);
  g_autofree char *again = NULL, *dense = NULL;
  g_auto (GStrv) parts = NULL;

  if (octets == NULL)
    return;
  parts = g_strsplit_set (text, " \t\r\n", -1);
  dense = g_strjoinv (NULL, parts);
  again = es_base64_encode (ES_PART_BYTES (octets));
  g_assert_cmpstr (dense, ==, again);
}

static void
ask (const EsForm *form, const char *var)
{
  const char *value = NULL;
  const char *const *values = es_form_choices (form, var, NULL);
  g_autoptr (GBytes) octets = es_form_get_octets (form, var, 8, 64, NULL);
  g_autoptr (GPtrArray) list = es_form_get_octets_list (form, var, 1, 64, NULL);

  if (es_form_get (form, var, &value, NULL))
    {
      g_assert (es_form_has (form, var) && *value != '\0');
      check_base64 (value);
    }
  g_assert (octets == NULL || (g_bytes_get_size (octets) >= 8 && g_bytes_get_size (octets) <= 64));
  g_assert (list == NULL || (list->len > 0 && list->len <= ES_LIMIT_FIELD_VALUES));
  g_assert (values == NULL || g_strv_length ((char **) values) <= ES_LIMIT_FIELD_VALUES);
  values = es_form_get_values (form, var, 2, NULL);
  g_assert (values == NULL || g_strv_length ((char **) values) == 2);
}

static void
read_octets (const char *text, gsize size)
{
  g_autoptr (EsXml) xml = es_xml_parse (text, size, NULL);
  g_autoptr (EsForm) form = xml != NULL ? es_form_parse (xml, NULL) : NULL;
  g_autofree char *unknown = NULL, *normalized = NULL;

  if (form == NULL)
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (vars); i++)
    ask (form, vars[i]);
  unknown = es_form_unknown_required (form, vars);
  normalized = es_xml_normalize_form (xml, ES_DIALECT_STRICT, NULL);
  g_assert (normalized == NULL || strlen (normalized) <= ES_LIMIT_FORM_OCTETS);
}

/* A field that a script has, and what it is to be read as. */
typedef struct
{
  char *var;
  char *value;
  guint kind; /* one value, so many of them, of options, or octets */
  guint n;
} Built;

static void
built_clear (gpointer data)
{
  g_free (((Built *) data)->var);
  g_free (((Built *) data)->value);
}

static void
add_field (EsXml *x, const Built *field)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();
  EsPart part = ES_PART (field->value, strlen (field->value));

  for (guint i = 0; i < field->n; i++)
    g_ptr_array_add (list, field->value);
  g_ptr_array_add (list, NULL);
  if (field->kind == 0)
    es_form_add (x, field->var, "hidden", field->value);
  else if (field->kind == 1)
    es_form_add_values (x, field->var, (const char *const *) list->pdata);
  else if (field->kind == 2)
    es_form_add_options (x, field->var, "list-single", (const char *const *) list->pdata, TRUE);
  else
    es_form_add_octets (x, field->var, NULL, &part, 1);
}

/* Whether it is within the limits. */
static gboolean
build (EsXml *x, Script *script, GArray *fields)
{
  gsize octets = 0;
  gboolean good = TRUE;

  while (fields->len < 80 && !script_is_over (script))
    {
      Built field = { .kind = script_below (script, 4), .n = 1 + script_below (script, 70) };

      field.var = g_strdup_printf ("%u", fields->len);
      field.value = script_text (script);
      field.n = field.kind == 1 || field.kind == 2 ? field.n : 1;
      add_field (x, &field);
      octets += strlen (field.var) + field.n * strlen (field.value);
      good = good && field.n <= ES_LIMIT_FIELD_VALUES;
      g_array_append_val (fields, field);
    }
  return good && fields->len <= ES_LIMIT_FORM_FIELDS && octets <= ES_LIMIT_FORM_OCTETS / 2;
}

/* Nothing in it is written in another way, as line ends are. */
static gboolean
is_plain (const char *value)
{
  for (const char *c = value; *c != '\0'; c++)
    if ((guchar) *c < 0x20 || (guchar) *c > 0x7e)
      return FALSE;
  return *value != '\0';
}

static void
check_field (const EsForm *form, const Built *field)
{
  g_autoptr (GBytes) octets = field->kind == 3 ? es_form_get_octets (form, field->var, 0, 255, NULL) : NULL;
  const char *const *values = NULL;
  const char *value = NULL;

  g_assert (es_form_has (form, field->var));
  if (!is_plain (field->value))
    return;
  if (field->kind == 0)
    g_assert (es_form_get (form, field->var, &value, NULL) && strcmp (value, field->value) == 0);
  else if (field->kind == 3)
    g_assert (octets != NULL && memcmp (g_bytes_get_data (octets, NULL), field->value, strlen (field->value)) == 0);
  else
    {
      values = es_form_choices (form, field->var, NULL);
      g_assert (values != NULL && g_strv_length ((char **) values) == field->n);
      g_assert_cmpstr (values[field->n - 1], ==, field->value);
    }
}

static void
build_and_read (Script *script)
{
  g_autoptr (EsXml) x = es_form_new ("submit"), again = NULL;
  g_autoptr (GArray) fields = g_array_new (FALSE, FALSE, sizeof (Built));
  g_autoptr (EsForm) form = NULL;
  gboolean good = FALSE;

  g_array_set_clear_func (fields, built_clear);
  good = build (x, script, fields);
  again = fuzz_travel (x);
  form = again != NULL ? es_form_parse (again, NULL) : NULL;
  g_assert (form != NULL || !good);
  for (guint i = 0; form != NULL && i < fields->len; i++)
    {
      const Built *field = &g_array_index (fields, Built, i);

      g_assert_cmpuint (field->n, <=, ES_LIMIT_FIELD_VALUES);
      check_field (form, field);
    }
  g_assert_cmpuint (form != NULL ? fields->len : 0, <=, ES_LIMIT_FORM_FIELDS);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Script script = { data, size };
  gboolean builds = script_octet (&script) % 2 == 1;

  fuzz_begin ();
  if (builds)
    build_and_read (&script);
  else
    read_octets ((const char *) script.at, script.left);
  /* A few octets of a script are many values. */
  fuzz_require_memory (size, builds ? 16 * 1024 * 1024 : 256 * 1024);
  return 0;
}
