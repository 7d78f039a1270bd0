/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-verify-link.h"

#include "es-limits.h"

#include "../es-test.h"

#define ALICE "alice@example.org/pda"
#define BOB "bob@example.com/laptop"
#define CODE "acdefg"
#define THREAD "0123456789abcdef0123456789abcdef"

/* What sha256sum makes of the octets that docs/PROTOCOL.md names. */
#define PROOF "153aea2f3a422d3c6252b5aeaf0e81e6"
#define SESSION "4bfc7e085d7fefb7"

static EsVerifyLink *
make_of (const char *maker, const char *other, const char *code, const char *thread, const char *context)
{
  g_autoptr (GBytes) bytes = g_bytes_new (context, strlen (context));

  return es_verify_link_new (es_at (maker), es_at (other), code, thread, bytes);
}

static EsVerifyLink *
make (const char *maker, const char *other)
{
  return make_of (maker, other, CODE, THREAD, "ESession password, and a hash");
}

static char *
written (const char *maker, const char *other)
{
  g_autoptr (EsVerifyLink) link = make (maker, other);

  return es_verify_link_write (link);
}

/* What Alice says of a link that is said to be Bob's. */
static EsLinkVerdict
judge (const char *text)
{
  g_autoptr (EsVerifyLink) given = es_verify_link_read (text), expected = make (BOB, ALICE);

  return given != NULL ? es_verify_link_judge (given, expected) : ES_LINK_UNREADABLE;
}

/* Bob's link with NEW in the place of OLD. */
static char *
changed (const char *old, const char *new)
{
  g_autofree char *text = written (BOB, ALICE);
  g_auto (GStrv) parts = g_strsplit (text, old, 2);

  ck_assert_msg (g_strv_length (parts) == 2, "%s is not in %s", old, text);
  return g_strconcat (parts[0], new, parts[1], NULL);
}

START_TEST (link__write__is_as_the_grammar_says)
{
  g_autofree char *text = written (BOB, ALICE);

  ck_assert_str_eq (text, "xmpp:bob@example.com/laptop?esession;verify=" CODE "." PROOF ";session=" SESSION
                          ";with=alice%40example.org%2Fpda");
}
END_TEST

START_TEST (link__read__has_what_was_written)
{
  static const char *const addresses[] = { "alice@example.org/pda", "alice@example.org/a b?c;d=e%f#g/h",
                                           "\xc3\xa9\xe2\x82\xac@b\xc3\xbc\x63her.example/\xf0\x9f\x98\x80",
                                           "a!$()*+,=b@[2001:db8::7]/x", "example.org/server" };
  g_autofree char *text = written (addresses[_i], BOB), *turned = written (BOB, addresses[_i]);
  g_autoptr (EsVerifyLink) link = es_verify_link_read (text), other = es_verify_link_read (turned);

  ck_assert_ptr_nonnull (link);
  ck_assert_ptr_nonnull (other);
  ck_assert_str_eq (es_address_text (link->maker), es_address_text (es_at (addresses[_i])));
  ck_assert (es_address_equal (link->maker, other->other) && es_address_equal (link->other, other->maker));
  ck_assert_str_eq (link->code, CODE);
  ck_assert_str_ne (link->proof, other->proof);
  ck_assert_str_eq (link->session, other->session);
}
END_TEST

/* Each value that goes in matters, and where one ends and the next begins. */
START_TEST (link__proof__depends_on_all_that_it_names)
{
  EsVerifyLink *links[] = { make (BOB, ALICE),
                            make (ALICE, BOB),
                            make ("bob@example.com/laptop2", ALICE),
                            make (BOB, "alice@example.org/pda2"),
                            make_of (BOB, ALICE, CODE, THREAD, "another context"),
                            make_of ("bob@example.com/l", "a@example.org/x", CODE, THREAD, "y"),
                            make_of ("bob@example.com/la", "a@example.org/x", CODE, THREAD, "y"),
                            make_of ("bob@example.com/l", "a@example.org/xy", CODE, THREAD, "") };

  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    for (gsize j = 0; j < i; j++)
      ck_assert_str_ne (links[i]->proof, links[j]->proof);
  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    es_verify_link_free (links[i]);
}
END_TEST

START_TEST (link__judge__agrees_with_its_own_session_alone)
{
  static const struct
  {
    const char *maker, *other, *code, *thread, *context;
    EsLinkVerdict verdict;
  } cases[] = {
    { BOB, ALICE, CODE, THREAD, "the same", ES_LINK_AGREES },
    { BOB, ALICE, CODE, THREAD, "another", ES_LINK_DIFFERS },
    { BOB, ALICE, "acdefh", THREAD, "the same", ES_LINK_DIFFERS },
    { BOB, ALICE, CODE, "another", "the same", ES_LINK_OTHER_SESSION },
    { BOB, ALICE, CODE, "another", "another", ES_LINK_OTHER_SESSION },
    { "bob@example.com/phone", ALICE, CODE, THREAD, "the same", ES_LINK_OTHER_DEVICE },
    { BOB, "alice@example.org/phone", CODE, THREAD, "the same", ES_LINK_OTHER_DEVICE },
    { "carol@example.com/laptop", ALICE, CODE, THREAD, "the same", ES_LINK_OTHER_PEOPLE },
    { BOB, "alice@example.com/pda", CODE, THREAD, "the same", ES_LINK_OTHER_PEOPLE },
    { ALICE, BOB, CODE, THREAD, "the same", ES_LINK_OWN },
    { "alice@example.org/phone", BOB, CODE, "another", "another", ES_LINK_OWN },
    { "BOB@EXAMPLE.com/laptop", "\xef\xbc\xa1lice@example.org./pda", CODE, THREAD, "the same", ES_LINK_AGREES },
    { "bob@example.com/Laptop", ALICE, CODE, THREAD, "the same", ES_LINK_OTHER_DEVICE },
  };
  g_autoptr (EsVerifyLink) expected = make_of (BOB, ALICE, CODE, THREAD, "the same");
  g_autoptr (EsVerifyLink) given
      = make_of (cases[_i].maker, cases[_i].other, cases[_i].code, cases[_i].thread, cases[_i].context);
  g_autofree char *text = es_verify_link_write (given);
  g_autoptr (EsVerifyLink) read = es_verify_link_read (text);

  ck_assert_int_eq (es_verify_link_judge (given, expected), cases[_i].verdict);
  ck_assert_int_eq (es_verify_link_judge (read, expected), cases[_i].verdict);
}
END_TEST

/* A user with two devices of one account. */
START_TEST (link__judge__between_own_devices)
{
  g_autoptr (EsVerifyLink) expected = make ("alice@example.org/phone", ALICE),
                           own = make (ALICE, "alice@example.org/phone");

  ck_assert_int_eq (es_verify_link_judge (expected, expected), ES_LINK_AGREES);
  ck_assert_int_eq (es_verify_link_judge (own, expected), ES_LINK_OWN);
}
END_TEST

/* Other spellings of the same. */
START_TEST (link__read__takes_what_means_the_same)
{
  static const char *const changes[][2] = {
    { "xmpp:", "XMPP:" },
    { "xmpp:", "\n  xmpp:\r\n" },
    { ";session", " ;\tses sion" },
    { "bob@", "BOB@" },
    { "bob@", "%62%6fb@" },
    { "bob@", "\xef\xbc\xa2ob@" },
    { "example.com", "example.com." },
    { "laptop", "lap%C2%ADtop" },
    { "alice%40", "Alice@" },
    { "org%2Fpda", "org/pda" },
    { CODE ".", "ACDEFG." },
    { PROOF, "153AEA2F3A422D3C6252B5AEAF0E81E6" },
    { ";with", ";later=1;unknown;;=;with" },
  };
  g_autofree char *text = changed (changes[_i][0], changes[_i][1]);

  ck_assert_msg (judge (text) == ES_LINK_AGREES, "%s", text);
}
END_TEST

START_TEST (link__read__takes_nothing_else)
{
  static const char *const changes[][2] = {
    { "xmpp:", "" },
    { "xmpp:", "http:" },
    { "xmpp:", "xmpp://" },
    { "xmpp:", "x<b>mpp:" },
    { "bob@example.com/laptop", "" },
    { "bob@example.com/laptop", "bob@example.com" },
    { "bob@example.com/laptop", "bob@example.com%2Flaptop" },
    { "bob@", "bob%00@" },
    { "bob@", "bob%@" },
    { "bob@", "bob%f@" },
    { "bob@", "bob%ff@" },
    { "bob@", "bob\xff@" },
    { "bob@", "b\xc3%28ob@" },
    { "bob@", "bob%40x@" },
    { "bob@", "bob%2Fx@" },
    { "bob@", "bob#@" },
    { "bob@", "<bob@" },
    { "laptop", "laptop%00" },
    { "laptop", "laptop%01" },
    { "laptop", "" },
    { "?esession", "?message" },
    { "?esession", "?ESESSION" },
    { "?esession", "?esession=1" },
    { "?esession", "?message;esession" },
    { "?esession", "%3Fesession" },
    { "?esession", "" },
    { ";verify", "&verify" },
    { ";verify", ";Verify" },
    { ";verify", ";verify=acdefg." PROOF ";verify" },
    { ";session", ";session=" SESSION ";session" },
    { ";with", ";with=alice%40example.org%2Fpda;with" },
    { ";with", ";verify;verify=;with" },
    { ";with=", ";with" },
    { ";with=alice%40example.org%2Fpda", "" },
    { ";with=alice%40example.org%2Fpda", ";with=" },
    { "%2Fpda", "" },
    { "%2Fpda", "%2Fpda%00" },
    { "%2Fpda", "%2Fpda#x" },
    { ";session=" SESSION, "" },
    { SESSION, "0" SESSION },
    { SESSION, "4bfc7e085d7fefb" },
    { SESSION, "4bfc7e085d7fefbg" },
    { SESSION, "%34bfc7e085d7fefb7" },
    { CODE, "acdef" },
    { CODE, "acdefgh" },
    { CODE, "acdef0" },
    { CODE, "acdef\xc3" },
    { CODE ".", CODE "," },
    { PROOF, "" },
    { PROOF, "153aea2f3a422d3c6252b5aeaf0e81e" },
    { PROOF, "0" PROOF },
    { PROOF, "%3153aea2f3a422d3c6252b5aeaf0e81e6" },
    { PROOF, "153aea2f\xe2\x80\x8b"
             "3a422d3c6252b5aeaf0e81e6" },
  };
  g_autofree char *text = changed (changes[_i][0], changes[_i][1]);
  g_autoptr (EsVerifyLink) link = es_verify_link_read (text);

  ck_assert_msg (link == NULL, "%s", text);
}
END_TEST

START_TEST (link__read__long_ones)
{
  g_autofree char *space = g_strnfill (ES_LIMIT_LINK_OCTETS, ' '), *name = g_strnfill (1023, '?');
  g_autofree char *maker = g_strconcat ("bob@example.com/", name, NULL), *text = written (maker, maker);
  g_autofree char *fits = g_strconcat (text, space + strlen (text), NULL), *more = g_strconcat (fits, " ", NULL);
  g_autoptr (EsVerifyLink) link = es_verify_link_read (fits), none = es_verify_link_read (more);

  ck_assert_ptr_nonnull (link);
  ck_assert_ptr_null (none);
  ck_assert (es_address_equal (link->maker, es_at (maker)));
}
END_TEST

/* Every cut, and every change of an octet, is another link or none. */
START_TEST (link__read__torn_ones_never_agree)
{
  g_autofree char *text = written (BOB, ALICE);
  gsize n = strlen (text);

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *cut = g_strndup (text, i), *turned = g_strdup (text);

      ck_assert_msg (judge (cut) != ES_LINK_AGREES, "%s", cut);
      turned[i] = turned[i] == 'x' ? 'y' : 'x';
      ck_assert_msg (judge (turned) != ES_LINK_AGREES, "%s", turned);
    }
}
END_TEST

START_TEST (link__is_in__finds_what_could_be_used)
{
  g_autoptr (EsVerifyLink) link = make (BOB, ALICE), other = make (ALICE, BOB);
  g_autofree char *text = es_verify_link_write (link), *upper = g_ascii_strup (text, -1);
  g_autofree char *around = g_strconcat ("<a href=\"", text, "\">here</a>", NULL);

  ck_assert (es_verify_link_is_in (link, text));
  ck_assert (es_verify_link_is_in (link, upper));
  ck_assert (es_verify_link_is_in (link, around));
  ck_assert (es_verify_link_is_in (link, "153aea2f 3a422d3c\n6252b5ae\t af0e81e6"));
  ck_assert (!es_verify_link_is_in (link, ""));
  ck_assert (!es_verify_link_is_in (link, "153aea2f3a422d3c6252b5aeaf0e81e"));
  ck_assert (!es_verify_link_is_in (other, text));
}
END_TEST

/* There are many ways to have something stand in between that is not shown. */
START_TEST (link__is_in__whatever_stands_between)
{
  static const char *const ways[] = {
    "153aea2f\342\200\2133a422d3c\302\2556252b5aeaf0e81e6",            /* that has no width */
    "153aea2f<style>0123456789abcdef</style>3a422d3c6252b5aeaf0e81e6", /* that is no text */
    "153aea2f3a422d3cx@y6252b5aeaf0e81e6",                             /* the address of a picture */
    "15&#51;aea2f&#x33;a422d3c6252b5aea&#102;0e81e6",                  /* digits that are escaped */
    "15%33aea2f3a422d3c6252b5aea%66%30e81e6",
    "\357\274\221\357\274\225\357\274\223aea2f3a422d3c6252b5aeaf0e81e6",              /* or wide */
    "\357\274\221\357\274\225\357\274\2233\377aea2f3a422d3c6252b5aeaf0e81e6\360\220", /* beside what is no UTF-8 */
  };
  g_autoptr (EsVerifyLink) link = make (BOB, ALICE);

  ck_assert_msg (es_verify_link_is_in (link, ways[_i]), "%s", ways[_i]);
}
END_TEST

/* What is cut short is not read on. */
START_TEST (link__is_in__no_utf8)
{
  static const char *const cut[] = { "\360", "a\360\220", "\340\240", "\303", "\374\204\200\200" };
  g_autoptr (EsVerifyLink) link = make (BOB, ALICE);
  g_autofree char *text = g_strdup (cut[_i]);

  ck_assert (!es_verify_link_is_in (link, text));
}
END_TEST

/* What people write is none: its digits stand in every long text, but far from each other. */
START_TEST (link__is_in__no_talk)
{
  g_autoptr (EsVerifyLink) link = make (BOB, ALICE);
  static const char proof[] = "153aea2f3a422d3c6252b5aeaf0e81e6";
  GString *close = g_string_new (NULL), *apart = g_string_new (NULL);

  for (gsize i = 0; i < strlen (proof); i++)
    {
      g_string_append_printf (close, "-%c7999", proof[i]);
      g_string_append_printf (apart, "-%c79999", proof[i]);
    }
  ck_assert (es_verify_link_is_in (link, close->str));
  ck_assert (!es_verify_link_is_in (link, apart->str));
  g_string_prepend (close, apart->str);
  ck_assert (es_verify_link_is_in (link, close->str));
  g_string_free (close, TRUE);
  g_string_free (apart, TRUE);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("verify link");
  TCase *tcase = tcase_create ("verify link");

  tcase_add_test (tcase, link__write__is_as_the_grammar_says);
  tcase_add_loop_test (tcase, link__read__has_what_was_written, 0, 5);
  tcase_add_test (tcase, link__proof__depends_on_all_that_it_names);
  tcase_add_loop_test (tcase, link__judge__agrees_with_its_own_session_alone, 0, 13);
  tcase_add_test (tcase, link__judge__between_own_devices);
  tcase_add_loop_test (tcase, link__read__takes_what_means_the_same, 0, 13);
  tcase_add_loop_test (tcase, link__read__takes_nothing_else, 0, 53);
  tcase_add_test (tcase, link__read__long_ones);
  tcase_add_test (tcase, link__read__torn_ones_never_agree);
  tcase_add_test (tcase, link__is_in__finds_what_could_be_used);
  tcase_add_loop_test (tcase, link__is_in__whatever_stands_between, 0, 7);
  tcase_add_loop_test (tcase, link__is_in__no_utf8, 0, 5);
  tcase_add_test (tcase, link__is_in__no_talk);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
