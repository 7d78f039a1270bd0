/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Data forms (XEP-0004) as negotiations use them: read with limits, and built. */
#pragma once
#include "es-crypto.h"
#include "es-xml.h"

#define ES_FORM_TYPE "urn:xmpp:ssn"

typedef struct _EsForm EsForm;

/* Reads <x xmlns='jabber:x:data'/>. Doubled fields, fields without a name and anything that a form may not hold are
 * ES_ERROR_MALFORMED; too many fields or values, or too many octets, ES_ERROR_LIMIT. */
EsForm *es_form_parse (const EsXml *x, GError **error);
void es_form_free (EsForm *form);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsForm, es_form_free)

/* The form's type attribute, or "". */
const char *es_form_kind (const EsForm *form);
gboolean es_form_has (const EsForm *form, const char *var);

/* The only value of a field; it belongs to the form. None, several or an empty one are ES_ERROR_MALFORMED. */
gboolean es_form_get (const EsForm *form, const char *var, const char **value, GError **error);

/* Exactly N values of a field, none of them empty; the array belongs to the form. Anything else is ES_ERROR_MALFORMED. */
const char *const *es_form_get_values (const EsForm *form, const char *var, guint n, GError **error);

/* What a field offers: its options, or its values where it has no options; at least one, NULL-terminated. The array
 * belongs to the form. */
const char *const *es_form_choices (const EsForm *form, const char *var, GError **error);

/* The only value, decoded from Base64 to between MIN and MAX octets; the caller unrefs. */
GBytes *es_form_get_octets (const EsForm *form, const char *var, gsize min, gsize max, GError **error);

/* All values likewise, at least one; the array unrefs its GBytes. */
GPtrArray *es_form_get_octets_list (const EsForm *form, const char *var, gsize min, gsize max, GError **error);

/* The names of the required fields that are not in KNOWN (NULL-terminated), separated by spaces; NULL if none. */
char *es_form_unknown_required (const EsForm *form, const char *const *known);

/* Base64 as RFC 4648 section 4 has it, white space inside dropped, everything else refused: other characters, wrong
 * padding, bits left over. */
GBytes *es_base64_decode (const char *text, gsize min, gsize max, GError **error);
char *es_base64_encode (EsPart octets);

/* A new form of that type ("form", "submit", "result"). */
EsXml *es_form_new (const char *kind);

/* Append a field: with one value (the field is returned, and stays the form's); with values; with options; with values that are Base64 of octets. TYPE may be NULL. */
EsXml *es_form_add (EsXml *x, const char *var, const char *type, const char *value);
void es_form_add_values (EsXml *x, const char *var, const char *const *values);
void es_form_add_options (EsXml *x, const char *var, const char *type, const char *const *options, gboolean required);
void es_form_add_octets (EsXml *x, const char *var, const char *type, const EsPart *values, gsize n_values);
