/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-address.h"

#include "../es-test.h"

/* Spellings, and the one address that each is; NULL: none. */
static const struct
{
  const char *spelling, *address;
} spellings[] = {
  { "bob@localhost", "bob@localhost" },
  { "Bob@localhost", "bob@localhost" },
  { "bob@LOCALHOST", "bob@localhost" },
  { "BOB@LocalHost", "bob@localhost" },
  { "b\xc2\xadob@localhost", "bob@localhost" },                          /* soft hyphen */
  { "\xef\xbc\xa2\xef\xbd\x8f\xef\xbd\x82@localhost", "bob@localhost" }, /* full width */
  { "bob@localhost.", "bob@localhost" },
  { "bo\xe2\x80\x8b\x62@localhost", "bob@localhost" }, /* zero width space */
  { "\xce\xa3@localhost", "\xcf\x83@localhost" },      /* capital sigma */
  { "stra\xc3\x9f\x65@localhost", "strasse@localhost" },
  { "e\xcc\x81@localhost", "\xc3\xa9@localhost" },    /* composed */
  { "bob@localhost/Laptop", "bob@localhost/Laptop" }, /* case counts here */
  { "Bob@localhost/a/b@c", "bob@localhost/a/b@c" },
  { "bob@localhost/lap\xc2\xadtop", "bob@localhost/laptop" },
  { "LOCALHOST", "localhost" },
  { "localhost/x", "localhost/x" },
  { "b\xc3\xbc\x63her@B\xc3\x9c\x43HER.example", "b\xc3\xbc\x63her@b\xc3\xbc\x63her.example" },
  { "[::1]", "[::1]" },
  { "", NULL },
  { "@localhost", NULL },
  { "bob@", NULL },
  { "bob@/x", NULL },
  { "bob@localhost/", NULL },
  { "/x", NULL },
  { ".", NULL },
  { "bob@localhost..", NULL },
  { "b ob@localhost", NULL },
  { "b'ob@localhost", NULL },
  { "b<ob@localhost", NULL },
  { "b\nob@localhost", NULL },
  { "bob@a@b", NULL },
  { "bob@loc alhost", NULL },
  { "bob@localhost\n", NULL },
  { "\xc2\xad@localhost", NULL }, /* nothing is left */
  { "bob@\xc2\xad", NULL },
  { "\xff@localhost", NULL },
  { "bob@localhost/\xff", NULL },
  { "bob@localhost/a\x01", NULL },
  { "bob@\xe2\x84\x80", NULL },   /* becomes "a/c" */
  { "bob@x\xef\xbc\xa0y", NULL }, /* becomes "x@y" */
  { "\xe2\x84\x80@localhost", NULL },
  { "bob@ex\xef\xbc\x8eorg", "bob@ex.org" }, /* libpurple makes the same of it */
  { "bob@ex\xe3\x80\x82org", NULL },         /* but is of two minds about these */
  { "bob@ex\xef\xbd\xa1org", NULL },
  { "bob@ex\xef\xb8\x92org", NULL },

  /* RFC 1035, 5890 and 7622 */
  { "bob@127.0.0.1", "bob@127.0.0.1" },
  { "bob@[2001:DB8::7]/x", "bob@[2001:db8::7]/x" },
  { "bob@[::ffff:127.0.0.1]", "bob@[::ffff:127.0.0.1]" },
  { "bob@a-b.example", "bob@a-b.example" },
  { "bob@xn--bcher-kva.example", "bob@b\xc3\xbc\x63her.example" },
  { "bob@XN--BCHER-KVA.example/X", "bob@b\xc3\xbc\x63her.example/X" },
  { "bob@\xef\xbd\x98\xef\xbd\x8e--bcher-kva.example", "bob@b\xc3\xbc\x63her.example" }, /* full width */
  { "bob@x\xc2\xadn--bcher-kva.example.", "bob@b\xc3\xbc\x63her.example" },
  { "xn--bcher-kva.xn--e1afmkfd", "b\xc3\xbc\x63her.\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80" },
  { "bob@b\xc3\xbc\x63her.xn--e1afmkfd", "bob@b\xc3\xbc\x63her.\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80" },
  { "bob@xn--bcher-kva\xef\xbc\x8e\x65xample", "bob@b\xc3\xbc\x63her.example" },
  { "xn--bcher-kva@localhost/xn--bcher-kva", "xn--bcher-kva@localhost/xn--bcher-kva" }, /* in domains only */
  { "bob@xn--ascii-", NULL },                                                           /* hides nothing */
  { "bob@xn--", NULL },
  { "bob@xn--bcher-kva\xe3\x80\x82\x65xample", NULL },
  { "bob@xn--ab-r13a.example", NULL },                          /* two labels with an ideographic dot in them */
  { "bob@xn--strae-oqa.example", "bob@xn--strae-oqa.example" }, /* of a later standard: nothing else prepares to it */
  { "bob@\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.example",
    "bob@\xd0\xbf\xd1\x80\xd0\xb8\xd0\xbc\xd0\xb5\xd1\x80.example" },
  { "bob@localhost?body", NULL },
  { "bob@localhost\xef\xbc\x9f\x62ody", NULL }, /* becomes "localhost?body" */
  { "bob@localhost%x", NULL },
  { "bob@localhost,x", NULL },
  { "bob@localhost;x", NULL },
  { "bob@localhost#x", NULL },
  { "bob@localhost!x", NULL },
  { "bob@localhost\"", NULL },
  { "bob@localhost\\x", NULL },
  { "bob@localhost:5222", NULL },
  { "bob@local_host", NULL },
  { "bob@localhost=x", NULL },
  { "bob@localhost|x", NULL },
  { "bob@(localhost)", NULL },
  { "bob@localhost\x7f", NULL },
  { "bob@-localhost", NULL },
  { "bob@localhost-", NULL },
  { "bob@.localhost", NULL },
  { "bob@local..host", NULL },
  { "bob@local\xe2\x80\xa8host", NULL }, /* a line separator */
  { "bob@a234567890123456789012345678901234567890123456789012345678901234", NULL },
  { "bob@::1", NULL },
  { "bob@[::1", NULL },
  { "bob@::1]", NULL },
  { "bob@[]", NULL },
  { "bob@[127.0.0.1]", NULL },
  { "bob@[localhost]", NULL },
  { "bob@[::1].example", NULL },
  { "bob@[fe80::1%lo]", NULL },
  { "localhost?join", NULL },
};

START_TEST (address__new__prepares)
{
  const char *spelling = spellings[_i].spelling, *wanted = spellings[_i].address;
  g_autoptr (EsAddress) address = es_address_new (spelling), again = NULL;

  if (wanted == NULL)
    {
      ck_assert_msg (address == NULL, "%s", spelling);
      return;
    }
  ck_assert_msg (address != NULL, "%s", spelling);
  ck_assert_str_eq (es_address_text (address), wanted);

  again = es_address_new (es_address_text (address));
  ck_assert (es_address_equal (address, again));
}
END_TEST

START_TEST (address__new__length)
{
  g_autofree char *node = g_strnfill (1023, 'a'), *long_node = g_strnfill (1024, 'a');
  g_autofree char *label = g_strnfill (63, 'a'), *fits = NULL, *one_more = NULL;
  g_autoptr (GString) domain = g_string_new (label);
  g_autoptr (EsAddress) address = NULL, none = NULL;

  while (domain->len < 1023)
    g_string_append_printf (domain, ".%s", label);
  fits = g_strconcat (node, "@", domain->str, "/", node, NULL);
  address = es_address_new (fits);
  ck_assert_ptr_nonnull (address);
  one_more = g_strconcat (long_node, "@localhost", NULL);
  none = es_address_new (one_more);
  ck_assert_ptr_null (none);
  ck_assert_ptr_null (es_address_new (NULL));

  /* Written out a domain may be longer. */
  g_clear_pointer (&address, es_address_unref);
  g_string_assign (domain, "xn--fiqaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  address = es_address_new (domain->str);
  ck_assert_uint_eq (strlen (es_address_text (address)), 90);
  while (domain->len < 900)
    g_string_append_printf (domain, ".%s", "xn--fiqaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  ck_assert_ptr_null (es_address_new (domain->str));
}
END_TEST

START_TEST (address__parts)
{
  g_autoptr (EsAddress) full = es_address_new ("Alice@example.org/PDA"), bare = es_address_new ("alice@EXAMPLE.org");
  g_autoptr (EsAddress) other = es_address_new ("alice@example.org/pda"), domain = es_address_new ("example.org");
  g_autoptr (EsAddress) kept = NULL;

  ck_assert_str_eq (es_address_resource (full), "PDA");
  ck_assert_ptr_null (es_address_resource (bare));
  ck_assert (es_address_equal (es_address_bare (full), bare));
  ck_assert_ptr_eq (es_address_bare (bare), bare);
  ck_assert (es_address_is_bare (bare) && !es_address_is_bare (full));
  ck_assert (es_address_has_node (full) && es_address_has_node (es_address_bare (full)));
  ck_assert (!es_address_has_node (domain));
  ck_assert (!es_address_equal (full, other) && es_address_same_bare (full, other));
  ck_assert (!es_address_same_bare (full, domain) && !es_address_same_bare (full, NULL));
  ck_assert (!es_address_equal (NULL, NULL));

  kept = es_address_ref (full);
  ck_assert_ptr_eq (kept, full);
  ck_assert_ptr_null (es_address_ref (NULL));
}
END_TEST

/* Addresses as they are written in the DNS, NULL where that is no other way; and what else is or is not written like them. */
static const struct
{
  const char *address, *ascii, *is, *is_not;
} written[] = {
  { "bob@b\xc3\xbc\x63her.example", "bob@xn--bcher-kva.example", "bob@xn--bcher-kva.example",
    "bob@xn--bcher-kva.example." },
  { "bob@b\xc3\xbc\x63her.example/x/y@z", "bob@xn--bcher-kva.example/x/y@z", "bob@b\xc3\xbc\x63her.example",
    "eve@xn--bcher-kva.example" },
  { "b\xc3\xbc\x63her.example/x@y", "xn--bcher-kva.example/x@y", "xn--bcher-kva.example", "@xn--bcher-kva.example" },
  { "bob@b\xc3\xbc\x63her.xn--e1afmkfd", "bob@xn--bcher-kva.xn--e1afmkfd", "bob@b\xc3\xbc\x63her.xn--e1afmkfd",
    "bob@xn--bcher-kva\xe3\x80\x82xn--e1afmkfd" },
  { "bob@localhost/x", NULL, "bob@localhost", "bob@localhost/x" },
  { "b\xc3\xbc\x63her@localhost", NULL, "b\xc3\xbc\x63her@localhost", "xn--bcher-kva@localhost" },
  { "bob@[::1]", NULL, "bob@[::1]", "bob@" },
};

START_TEST (address__written__otherwise)
{
  g_autoptr (EsAddress) address = es_address_new (written[_i].address);
  g_autofree char *ascii = es_address_dup_ascii (address);
  g_autoptr (EsAddress) again = ascii != NULL ? es_address_new (ascii) : NULL;

  ck_assert_pstr_eq (ascii, written[_i].ascii);
  if (ascii != NULL)
    ck_assert (es_address_equal (again, address));
  ck_assert (es_address_is_written (es_address_bare (address), written[_i].is));
  ck_assert (!es_address_is_written (es_address_bare (address), written[_i].is_not));
}
END_TEST

START_TEST (address__table)
{
  g_autoptr (GHashTable) table = es_address_table_new (NULL);
  g_autoptr (EsAddress) other = es_address_new ("BOB@localhost");

  g_hash_table_add (table, es_address_new ("bob@localhost"));
  ck_assert (g_hash_table_contains (table, other));
  g_hash_table_add (table, es_address_new ("bob@localhost/x"));
  ck_assert_uint_eq (g_hash_table_size (table), 2);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("es-address");
  TCase *all = tcase_create ("all");

  tcase_add_loop_test (all, address__new__prepares, 0, G_N_ELEMENTS (spellings));
  tcase_add_test (all, address__new__length);
  tcase_add_loop_test (all, address__written__otherwise, 0, G_N_ELEMENTS (written));
  tcase_add_test (all, address__parts);
  tcase_add_test (all, address__table);
  suite_add_tcase (suite, all);
  return es_test_run (suite);
}
