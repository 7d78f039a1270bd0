/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-jid.h"

#include "../es-test.h"

typedef struct
{
  const char *jid;
  const char *bare;
  const char *resource;
} Row;

static const Row rows[] = {
  { "alice@example.org/pda", "alice@example.org", "pda" },
  { "alice@example.org", "alice@example.org", NULL },
  { "alice@example.org/", "alice@example.org", NULL },
  { "alice@example.org/a/b@c/d", "alice@example.org", "a/b@c/d" },
  { "alice@example.org//", "alice@example.org", "/" },
  { "example.org/service", "example.org", "service" },
  { "example.org", "example.org", NULL },
  { "/pda", "", "pda" },
  { "", "", NULL },
  { "\xc3\xbc@example.org/\xf0\x9f\x94\x92", "\xc3\xbc@example.org", "\xf0\x9f\x94\x92" },
};

START_TEST (jid__parts__are_cut_at_the_first_slash)
{
  g_autofree char *bare = es_jid_bare (rows[_i].jid);
  const char *resource = es_jid_resource (rows[_i].jid);

  ck_assert_str_eq (bare, rows[_i].bare);
  ck_assert_pstr_eq (resource, rows[_i].resource);
  if (resource != NULL)
    ck_assert_ptr_eq (resource, rows[_i].jid + strlen (rows[_i].jid) - strlen (resource));
}
END_TEST

/* Each with each: the same bare JID, or not. */
START_TEST (jid__same_bare__compares_octets_before_the_slash)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gboolean same = strcmp (rows[_i].bare, rows[i].bare) == 0;

      ck_assert_int_eq (es_jid_same_bare (rows[_i].jid, rows[i].jid), same);
    }
}
END_TEST

START_TEST (jid__same_bare__is_not_fooled_by_beginnings)
{
  ck_assert (!es_jid_same_bare ("alice@example.org", "alice@example.org.evil.example"));
  ck_assert (!es_jid_same_bare ("alice@example.org.evil.example/pda", "alice@example.org/pda"));
  ck_assert (!es_jid_same_bare ("mallory@example.org/alice@example.org", "alice@example.org"));
  ck_assert (!es_jid_same_bare ("Alice@example.org", "alice@example.org"));
  ck_assert (es_jid_same_bare ("alice@example.org/a", "alice@example.org/b"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("jid");
  TCase *tcase = tcase_create ("jid");

  tcase_add_loop_test (tcase, jid__parts__are_cut_at_the_first_slash, 0, G_N_ELEMENTS (rows));
  tcase_add_loop_test (tcase, jid__same_bare__compares_octets_before_the_slash, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tcase, jid__same_bare__is_not_fooled_by_beginnings);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
