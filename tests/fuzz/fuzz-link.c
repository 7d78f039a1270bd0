/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links that verify: what is read is written as it was meant, and agrees with nothing but itself. */
#include <string.h>

#include "es-limits.h"
#include "es-verify-link.h"
#include "fuzz.h"

static EsVerifyLink *ours;

void
fuzz_setup (void)
{
  g_autoptr (EsAddress) alice = es_address_new ("alice@example.org/pda"),
                        bob = es_address_new ("bob@example.com/laptop");
  g_autoptr (GBytes) context = g_bytes_new_static ("context", 7);

  ours = es_verify_link_new (bob, alice, "acdefg", "thread", context);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree char *text = g_strndup ((const char *) data, size), *written = NULL, *twice = NULL;
  g_autoptr (EsVerifyLink) link = NULL, again = NULL;

  fuzz_begin ();
  link = es_verify_link_read (text);
  fuzz_require_memory (size, 256 * 1024);
  es_verify_link_is_in (ours, text);
  if (link == NULL)
    return 0;
  g_assert_cmpuint (strlen (text), <=, ES_LIMIT_LINK_OCTETS);
  g_assert (!es_address_is_bare (link->maker) && !es_address_is_bare (link->other));
  g_assert (es_verify_link_is_in (link, text));

  /* It is the link, not how it is written, that agrees. */
  written = es_verify_link_write (link);
  again = es_verify_link_read (written);
  g_assert_nonnull (again);
  g_assert (es_verify_link_is_in (link, written));
  g_assert_cmpint (es_verify_link_judge (link, again), ==,
                   es_address_equal (link->maker, link->other) ? ES_LINK_OWN : ES_LINK_AGREES);
  twice = es_verify_link_write (again);
  g_assert_cmpstr (written, ==, twice);
  if (es_verify_link_judge (link, ours) == ES_LINK_AGREES)
    g_assert_cmpstr (link->proof, ==, ours->proof);
  return 0;
}
