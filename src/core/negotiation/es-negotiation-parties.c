/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who talks to whom. Nothing else in a negotiation names the two, so that somebody in the middle who passes all of it on
 * unchanged could have one talk to another than he believes. The field "parties" of messages 1 and 2 holds both bare
 * addresses, the initiator's first, and is covered by the MACs and the verification code like any other. */
#include "es-negotiation-private.h"

#include "es-error.h"

static gboolean
is_known (const EsNegotiation *n)
{
  return n->party_a != NULL && n->party_b != NULL && n->options.dialect == ES_DIALECT_STRICT;
}

void
es_parties_write (const EsNegotiation *n, EsXml *x, const char *type)
{
  if (is_known (n))
    {
      EsXml *field = es_form_add (x, "parties", type, es_address_text (n->party_a));

      es_xml_append_new (field, "value", es_address_text (n->party_b));
    }
}

gboolean
es_parties_check (const EsNegotiation *n, const EsForm *form, gboolean *said, GError **error)
{
  const char *const *values = NULL;
  g_autoptr (EsAddress) a = NULL, b = NULL;

  *said = FALSE;
  if (!is_known (n) || !es_form_has (form, "parties"))
    return TRUE;
  if ((values = es_form_get_values (form, "parties", 2, error)) == NULL)
    return FALSE;

  a = es_address_new (values[0]);
  b = es_address_new (values[1]);
  *said = es_address_equal (a, n->party_a) && es_address_equal (b, n->party_b);
  if (!*said)
    g_set_error_literal (error, ES_ERROR, ES_ERROR_PARTIES, "meant for somebody else");
  return *said;
}
