/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Addresses: what was prepared is prepared. */
#include <string.h>

#include "es-address.h"
#include "es-limits.h"
#include "fuzz.h"

void
fuzz_setup (void)
{
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (EsAddress) address = NULL, again = NULL;
  const EsAddress *bare = NULL;

  fuzz_begin ();
  address = es_address_new (text);
  fuzz_require_memory (size, 256 * 1024);
  if (address == NULL)
    return 0;
  g_assert_cmpuint (strlen (es_address_text (address)), <=, ES_LIMIT_JID_OCTETS);
  g_assert (g_utf8_validate (es_address_text (address), -1, NULL));
  again = es_address_new (es_address_text (address));
  g_assert (again != NULL && es_address_equal (address, again));
  g_assert_cmpstr (es_address_resource (address), ==, es_address_resource (again));
  bare = es_address_bare (address);
  g_assert (es_address_is_bare (bare) && es_address_same_bare (address, again)
            && es_address_equal (bare, es_address_bare (again)));
  g_assert (es_address_is_bare (address) == (es_address_resource (address) == NULL));
  return 0;
}
