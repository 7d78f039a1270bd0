/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-form.h"

#include "es-error.h"
#include "es-limits.h"

#include "../es-test.h"

static EsForm *
parse (const char *inside, GError **error)
{
  g_autofree char *text = g_strdup_printf ("<x xmlns='jabber:x:data' type='form'>%s</x>", inside);
  g_autoptr (EsXml) x = es_xml_parse (text, strlen (text), NULL);

  ck_assert_ptr_nonnull (x);
  return es_form_parse (x, error);
}

START_TEST (form__get__one_value_that_is_not_empty)
{
  g_autoptr (EsForm) form
      = parse ("<field var='a'><value>1</value></field><field var='b'><value>1</value><value>2</value>"
               "</field><field var='c'/><field var='d'><value/></field>",
               NULL);
  const char *value = NULL;

  ck_assert (es_form_get (form, "a", &value, NULL));
  ck_assert_str_eq (value, "1");
  ck_assert_str_eq (es_form_kind (form), "form");
  for (const char *name = "bcde"; *name != '\0'; name++)
    {
      g_autoptr (GError) error = NULL;
      const char var[] = { *name, '\0' };

      ck_assert (!es_form_get (form, var, &value, &error));
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
    }
  ck_assert (es_form_has (form, "d") && !es_form_has (form, "e"));
}
END_TEST

START_TEST (form__choices__options_before_values)
{
  g_autoptr (EsForm) form
      = parse ("<field var='o'><value>default</value><option label='L'><value>1</value></option><option>"
               "<value>2</value></option></field><field var='v'><value>3</value></field>",
               NULL);
  const char *const *o = es_form_choices (form, "o", NULL), *const *v = es_form_choices (form, "v", NULL);

  ck_assert_str_eq (o[0], "1");
  ck_assert_str_eq (o[1], "2");
  ck_assert_ptr_null (o[2]);
  ck_assert_str_eq (v[0], "3");
  ck_assert_ptr_null (es_form_choices (form, "n", NULL));
}
END_TEST

START_TEST (form__choices__one_or_none)
{
  g_autoptr (EsForm) form
      = parse ("<field var='o'><value>default</value><option><value>1</value></option></field><field var='v'>"
               "<value/></field><field var='n'/>",
               NULL);
  const char *const *o = es_form_choices (form, "o", NULL), *const *v = es_form_choices (form, "v", NULL);
  g_autoptr (GError) none = NULL, missing = NULL;

  ck_assert_str_eq (o[0], "1");
  ck_assert_ptr_null (o[1]);
  ck_assert_str_eq (v[0], "");
  ck_assert_ptr_null (v[1]);
  ck_assert_ptr_null (es_form_choices (form, "n", &none));
  ck_assert (g_error_matches (none, ES_ERROR, ES_ERROR_MALFORMED));
  ck_assert_ptr_null (es_form_choices (form, "m", &missing));
  ck_assert (g_error_matches (missing, ES_ERROR, ES_ERROR_MALFORMED));
}
END_TEST

START_TEST (form__parse__refuses_what_is_no_form)
{
  static const char *const bad[] = {
    "<field var='a'/><field var='a'/>",
    "<field/>",
    "<field var=''/>",
    "<field var='a'><value><b/></value></field>",
    "<field var='a'><option/></field>",
    "<field var='a'><option><value>1</value><value>2</value></option></field>",
    "<field var='a'><other/></field>",
    "<other/>",
    "<field xmlns='urn:other' var='a'/>",
  };
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (parse (bad[_i], &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
}
END_TEST

START_TEST (form__parse__skips_what_is_for_people)
{
  g_autoptr (EsForm) form
      = parse ("<title>T</title>\n<instructions>I</instructions><field var='a' label='L' type='hidden'>\n"
               "<desc>D</desc><value>1</value>\n</field>",
               NULL);
  const char *value = NULL;

  ck_assert (form != NULL && es_form_get (form, "a", &value, NULL));
  ck_assert_str_eq (value, "1");
}
END_TEST

START_TEST (form__parse__needs_a_form)
{
  static const char *const others[]
      = { "<x xmlns='jabber:x:other'/>", "<y xmlns='jabber:x:data'/>", "<x/>", "<x xmlns='jabber:x:data'/>" };
  g_autoptr (EsXml) xml = es_xml_parse (others[_i], strlen (others[_i]), NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (EsForm) form = es_form_parse (xml, &error);

  ck_assert_int_eq (form != NULL, _i == 3);
  if (form != NULL)
    ck_assert_str_eq (es_form_kind (form), "");
  else
    ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
}
END_TEST

static gboolean
accepts (guint n_fields, guint n_values, gsize octets)
{
  g_autoptr (GString) inside = g_string_new (NULL);
  g_autofree char *filler = g_strnfill (octets, 'x');
  g_autoptr (GError) error = NULL;
  g_autoptr (EsForm) form = NULL;

  for (guint i = 1; i < n_fields; i++)
    g_string_append_printf (inside, "<field var='f%u'/>", i);
  g_string_append (inside, "<field var='v'>");
  for (guint i = 0; i < n_values; i++)
    g_string_append_printf (inside, "<value>%s</value>", i == 0 ? filler : "");
  g_string_append (inside, "</field>");
  form = parse (inside->str, &error);
  if (form == NULL)
    ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  return form != NULL;
}

START_TEST (form__parse__has_limits)
{
  ck_assert (accepts (ES_LIMIT_FORM_FIELDS, 1, 0));
  ck_assert (!accepts (ES_LIMIT_FORM_FIELDS + 1, 1, 0));
  ck_assert (accepts (1, ES_LIMIT_FIELD_VALUES, 0));
  ck_assert (!accepts (1, ES_LIMIT_FIELD_VALUES + 1, 0));
  ck_assert (accepts (1, 1, ES_LIMIT_FORM_OCTETS - 10));
  ck_assert (!accepts (1, 1, ES_LIMIT_FORM_OCTETS + 1));
  ck_assert (accepts (1, 1, ES_LIMIT_FORM_OCTETS - 1));
  ck_assert (!accepts (1, 1, ES_LIMIT_FORM_OCTETS)); /* the name counts */
}
END_TEST

START_TEST (form__parse__has_limits_for_names_and_options)
{
  g_autofree char *name = g_strnfill (ES_LIMIT_FORM_OCTETS - (_i == 0 ? 0 : 1), 'x');
  g_autofree char *inside = g_strdup_printf ("<field var='%s'/><field var='y'/>", name);
  g_autoptr (GString) options = g_string_new ("<field var='a'>");
  g_autoptr (GError) error = NULL, another = NULL;
  g_autoptr (EsForm) form = parse (inside, &error), with_options = NULL;

  ck_assert_int_eq (form != NULL, _i == 1);
  ck_assert (form != NULL || g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  for (guint i = 0; i < ES_LIMIT_FIELD_VALUES + (_i == 0 ? 1 : 0); i++)
    g_string_append (options, "<option><value>1</value></option>");
  g_string_append (options, "</field>");
  with_options = parse (options->str, &another);
  ck_assert_int_eq (with_options != NULL, _i == 1);
  ck_assert (with_options != NULL || g_error_matches (another, ES_ERROR, ES_ERROR_LIMIT));
}
END_TEST

/* Values and options of one field are counted together. */
START_TEST (form__parse__has_a_limit_for_values_beside_options)
{
  for (guint n_values = 0; n_values <= ES_LIMIT_FIELD_VALUES; n_values++)
    for (guint over = 0; over < 2; over++)
      {
        g_autoptr (GString) inside = g_string_new ("<field var='a'>");
        g_autoptr (GError) error = NULL;
        g_autoptr (EsForm) form = NULL;

        for (guint i = 0; i < ES_LIMIT_FIELD_VALUES + over; i++)
          g_string_append (inside, i < n_values ? "<value/>" : "<option><value/></option>");
        g_string_append (inside, "</field>");
        form = parse (inside->str, &error);
        ck_assert_int_eq (form == NULL, over);
        ck_assert (form != NULL || g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
      }
}
END_TEST

START_TEST (form__get_values__exactly_as_many)
{
  g_autoptr (EsForm) form = parse ("<field var='two'><value>a</value><value>b</value></field>"
                                   "<field var='empty'><value>a</value><value/></field>"
                                   "<field var='options'><option><value>a</value></option>"
                                   "<option><value>b</value></option></field>",
                                   NULL);
  static const char *const vars[] = { "two", "empty", "options", "none" };
  const char *const *values = es_form_get_values (form, "two", 2, NULL);

  ck_assert_str_eq (values[0], "a");
  ck_assert_str_eq (values[1], "b");
  for (gsize i = 0; i < G_N_ELEMENTS (vars); i++)
    for (guint n = 1; n < 4; n++)
      {
        g_autoptr (GError) error = NULL;

        if (i == 0 && n == 2)
          continue;
        ck_assert_ptr_null (es_form_get_values (form, vars[i], n, &error));
        ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
      }
}
END_TEST

START_TEST (form__get_octets__of_the_only_value)
{
  g_autoptr (EsForm) form = parse ("<field var='a'><value> QU JD </value></field><field var='b'><value>QUJD</value>"
                                   "<value>QUJD</value></field><field var='c'><value>?</value></field>",
                                   NULL);
  g_autoptr (GBytes) octets = es_form_get_octets (form, "a", 3, 3, NULL);

  ck_assert_ptr_nonnull (octets);
  ck_assert_mem_eq (g_bytes_get_data (octets, NULL), "ABC", 3);
  ck_assert_ptr_null (es_form_get_octets (form, "a", 4, 10, NULL));
  ck_assert_ptr_null (es_form_get_octets (form, "a", 1, 2, NULL));
  for (const char *name = "bcd"; *name != '\0'; name++)
    {
      const char var[] = { *name, '\0' };
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (es_form_get_octets (form, var, 0, 100, &error));
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
    }
}
END_TEST

START_TEST (form__get_octets_list__of_all_values)
{
  g_autoptr (EsForm) form = parse ("<field var='a'><value>QUJD</value></field><field var='b'><value>QUJD</value>"
                                   "<value>QQ==</value></field><field var='c'><value>QUJD</value><value>?</value>"
                                   "</field><field var='d'/><field var='e'><value/></field>",
                                   NULL);
  g_autoptr (GPtrArray) one = es_form_get_octets_list (form, "a", 1, 3, NULL);
  g_autoptr (GPtrArray) two = es_form_get_octets_list (form, "b", 1, 3, NULL);

  ck_assert_uint_eq (one->len, 1);
  ck_assert_uint_eq (two->len, 2);
  ck_assert_mem_eq (g_bytes_get_data (two->pdata[1], NULL), "A", 1);
  for (const char *name = "cdef"; *name != '\0'; name++)
    {
      const char var[] = { *name, '\0' };
      g_autoptr (GError) error = NULL;

      ck_assert_ptr_null (es_form_get_octets_list (form, var, 1, 3, &error));
      ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
    }
}
END_TEST

START_TEST (form__unknown_required__are_named)
{
  static const char *const known[] = { "a", "b", NULL };
  g_autoptr (EsForm) form
      = parse ("<field var='a'><required/></field><field var='c'><required/></field><field var='d'/>"
               "<field var='e'><required/></field>",
               NULL);
  g_autoptr (EsForm) fine = parse ("<field var='a'><required/></field><field var='d'/>", NULL);
  g_autofree char *names = es_form_unknown_required (form, known);

  ck_assert_str_eq (names, "c e");
  ck_assert_ptr_null (es_form_unknown_required (fine, known));
}
END_TEST

static const struct
{
  const char *text;
  const char *octets; /* NULL: refused */
} base64[] = {
  { "QUJD", "ABC" },       { "QUI=", "AB" },     { "QQ==", "A" },      { " Q\nU\tJ\rD ", "ABC" },
  { "QUI", NULL },         { "QQ=", NULL },      { "QQ", NULL },       { "Q", NULL },
  { "QUJ=", NULL },        { "QR==", NULL },     { "QUJD====", NULL }, { "=QUJ", NULL },
  { "QU=D", NULL },        { "QUJD!", NULL },    { "QUJ-", NULL },     { "QUJ_", NULL },
  { "Q\xc3\xa4JD", NULL }, { "QUI=QUI=", NULL }, { "", NULL },
};

START_TEST (form__base64__strict)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) octets = es_base64_decode (base64[_i].text, 1, 100, &error);

  if (base64[_i].octets == NULL)
    ck_assert (octets == NULL && g_error_matches (error, ES_ERROR, ES_ERROR_MALFORMED));
  else
    {
      ck_assert_msg (octets != NULL, "refused %s", base64[_i].text);
      ck_assert_uint_eq (g_bytes_get_size (octets), strlen (base64[_i].octets));
      ck_assert_mem_eq (g_bytes_get_data (octets, NULL), base64[_i].octets, strlen (base64[_i].octets));
    }
}
END_TEST

/* Whatever is taken is what would have been written, but for the white space. */
START_TEST (form__base64__takes_only_what_it_would_write)
{
  static const char letters[] = "AQgwBz019+/==\n ?-";
  GRand *random = g_rand_new_with_seed ((guint32) _i);
  guint taken = 0;

  for (guint i = 0; i < 50000; i++)
    {
      char text[16] = "", dense[16] = "";
      g_autoptr (GBytes) octets = NULL;
      gsize size = 0;

      for (gint j = g_rand_int_range (random, 0, 13), n = 0; j > 0; j--)
        text[n++] = letters[g_rand_int_range (random, 0, sizeof letters - 1 - (i % 2 ? 4 : 0))];
      for (const char *c = text; *c != '\0'; c++)
        if (strchr (" \n", *c) == NULL)
          dense[strlen (dense)] = *c;
      octets = es_base64_decode (text, 1, 9, NULL);
      {
        g_autofree guint8 *expected = g_base64_decode (dense, &size);
        g_autofree char *again = g_base64_encode (expected, size);

        ck_assert_msg ((octets != NULL) == (size > 0 && g_str_equal (again, dense)), "%s", text);
        ck_assert (octets == NULL || memcmp (g_bytes_get_data (octets, NULL), expected, size) == 0);
        ck_assert (octets == NULL || g_bytes_get_size (octets) == size);
      }
      taken += octets != NULL ? 1 : 0;
    }
  ck_assert_uint_gt (taken, 500);
  g_rand_free (random);
}
END_TEST

START_TEST (form__base64__lengths)
{
  for (guint size = 0; size < 10; size++)
    {
      g_autofree char *text = es_base64_encode (ES_PART ("0123456789", size));
      g_autoptr (GBytes) octets = es_base64_decode (text, 3, 6, NULL);

      ck_assert_int_eq (octets != NULL, size >= 3 && size <= 6);
    }
}
END_TEST

START_TEST (form__build__is_read_back)
{
  static const char *const options[] = { "x", "y", NULL }, *const values[] = { "p", "q", NULL };
  EsPart octets[] = { ES_PART ("AB", 2), ES_PART ("CDE", 3) };
  g_autoptr (EsXml) x = es_form_new ("submit");
  g_autoptr (EsForm) form = NULL;
  g_autoptr (GPtrArray) list = NULL;
  const char *value = NULL;

  es_form_add (x, "one", "hidden", "1 < 2");
  es_form_add_options (x, "options", "list-single", options, TRUE);
  es_form_add_values (x, "values", values);
  es_form_add_octets (x, "octets", NULL, octets, 2);
  form = es_form_parse (x, NULL);
  ck_assert (es_form_get (form, "one", &value, NULL));
  ck_assert_str_eq (value, "1 < 2");
  ck_assert_str_eq (es_form_choices (form, "options", NULL)[1], "y");
  ck_assert_str_eq (es_form_choices (form, "values", NULL)[1], "q");
  list = es_form_get_octets_list (form, "octets", 2, 3, NULL);
  ck_assert_uint_eq (list->len, 2);
  ck_assert_uint_eq (g_bytes_get_size (list->pdata[1]), 3);
  ck_assert_ptr_null (es_form_get_octets_list (form, "octets", 3, 3, NULL));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("form");
  TCase *tcase = tcase_create ("form");

  tcase_set_timeout (tcase, 60);
  tcase_add_test (tcase, form__get__one_value_that_is_not_empty);
  tcase_add_test (tcase, form__choices__options_before_values);
  tcase_add_test (tcase, form__choices__one_or_none);
  tcase_add_loop_test (tcase, form__parse__refuses_what_is_no_form, 0, 9);
  tcase_add_test (tcase, form__parse__skips_what_is_for_people);
  tcase_add_loop_test (tcase, form__parse__needs_a_form, 0, 4);
  tcase_add_test (tcase, form__parse__has_limits);
  tcase_add_loop_test (tcase, form__parse__has_limits_for_names_and_options, 0, 2);
  tcase_add_test (tcase, form__parse__has_a_limit_for_values_beside_options);
  tcase_add_test (tcase, form__get_values__exactly_as_many);
  tcase_add_test (tcase, form__get_octets__of_the_only_value);
  tcase_add_test (tcase, form__get_octets_list__of_all_values);
  tcase_add_test (tcase, form__unknown_required__are_named);
  tcase_add_loop_test (tcase, form__base64__strict, 0, G_N_ELEMENTS (base64));
  tcase_add_loop_test (tcase, form__base64__takes_only_what_it_would_write, 0, 2);
  tcase_add_test (tcase, form__base64__lengths);
  tcase_add_test (tcase, form__build__is_read_back);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
