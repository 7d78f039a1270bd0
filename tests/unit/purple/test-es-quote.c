/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"
#include "es-quote.h"

#include <string.h>

static void
assert_quoted (const char *text, const char *expected)
{
  g_autofree char *quoted = es_quote (text, 0);

  ck_assert_str_eq (quoted, expected);
}

/* As Pidgin counts. */
static guint
count (const char *text, const char *piece)
{
  guint n = 0;

  for (; (text = strstr (text, piece)) != NULL; text += strlen (piece))
    n++;
  return n;
}

START_TEST (quote__every_line__begins_alike)
{
  static const char *const breaks[]
      = { "\n",     "\r",       "\r\n",         "\v",           "\f",       "<br>",    "<br/>",
          "<BR />", "&#10;",    "&#13;",        "<p>",          "<div>",    "<hr>",    "<li>",
          "<tr>",   "\302\205", "\342\200\250", "\342\200\251", "&#x2028;", "&#8233;", "&#x85;" };
  g_autofree char *text = g_strdup_printf ("ok%s(16:47:29) all is well%s.", breaks[_i], breaks[_i]);

  assert_quoted (text, "<i>&gt; ok<br>&gt; (16:47:29) all is well<br>&gt; .</i>");
}
END_TEST

START_TEST (quote__formatting__is_taken_out)
{
  assert_quoted ("<i>a</i> <b>b</b> <span style='color: red'>c</span></i></i> <img id='1'>d", "<i>&gt; a b c d</i>");
  assert_quoted ("&lt;b&gt; &amp;lt; \"q\" it's", "<i>&gt; &lt;b&gt; &amp;lt; &quot;q&quot; it&apos;s</i>");
  assert_quoted ("<!-- (16:47:29) -->x", "<i>&gt; x</i>");
  assert_quoted ("/me is verified", "<i>&gt; /me is verified</i>");
  assert_quoted ("<b>/me </b>is verified", "<i>&gt; /me is verified</i>");
  assert_quoted ("", "<i>&gt; </i>");
  assert_quoted ("\377\376", "<i>&gt; \357\277\275\357\277\275</i>");
}
END_TEST

START_TEST (quote__blanks__push_nothing_away)
{
  assert_quoted (
      "  a     b\302\240\302\240\302\240c\342\240\200\342\240\200\342\240\200d\343\205\244\343\205\244 e\t\tf",
      "<i>&gt; a b c d e f</i>");
  assert_quoted ("a<br>     b<br> <br>", "<i>&gt; a<br>&gt; b</i>");
  assert_quoted ("a\342\200\213\342\200\213b\342\200\256c\342\200\217d\007e", "<i>&gt; abcde</i>");
}
END_TEST

START_TEST (quote__text__is_what_it_was)
{
  assert_quoted (
      "gr\303\274\303\237e, \327\251\327\234\327\225\327\235 \360\237\221\251\342\200\215\360\237\232\200",
      "<i>&gt; gr\303\274\303\237e, \327\251\327\234\327\225\327\235 \360\237\221\251\342\200\215\360\237\232\200</i>");
  assert_quoted ("a<br><br>b", "<i>&gt; a<br>&gt; <br>&gt; b</i>");
}
END_TEST

START_TEST (quote__links__stay)
{
  assert_quoted ("see http://localhost/x", "<i>&gt; see <A HREF=\"http://localhost/x\">http://localhost/x</A></i>");
  assert_quoted ("<a href='http://localhost/x'>here</a>",
                 "<i>&gt; here (<A HREF=\"http://localhost/x\">http://localhost/x</A>)</i>");
}
END_TEST

/* More of them, and Pidgin would make HTML of what was escaped. */
START_TEST (quote__tags__are_few)
{
  static const char *const pieces[]
      = { "http://localhost/x ", "a<br>", "<b>b</b>", "www.localhost.example<br>", "&lt;b&gt;" };
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *quoted = NULL, *linked = NULL;

  for (guint i = 0; i < 500; i++)
    g_string_append (text, pieces[_i]);
  g_string_append (text, "&lt;b&gt;");
  quoted = es_quote (text->str, 0);
  linked = purple_markup_linkify (quoted);
  ck_assert_uint_le (count (linked, "<"), 100);
  ck_assert (g_str_has_suffix (linked, "&lt;b&gt;</i>") || g_str_has_suffix (linked, "&lt;b&gt;</i></a>"));
  ck_assert_uint_eq (count (linked, "&gt; "), 1 + count (linked, "<br>&gt; ") + count (linked, "\n&gt; "));
  ck_assert_uint_eq (count (linked, "\n"), count (linked, "\n&gt; "));
}
END_TEST

START_TEST (quote__narrow_window__has_whole_lines)
{
  g_autofree char *quoted = es_quote ("one two three  (16:47:29) four", 14);

  ck_assert_str_eq (quoted, "<i>&gt; one two three<br>&gt; (16:47:29)<br>&gt; four</i>");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("quote");
  TCase *tcase = tcase_create ("quote");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_loop_test (tcase, quote__every_line__begins_alike, 0, 21);
  tcase_add_test (tcase, quote__formatting__is_taken_out);
  tcase_add_test (tcase, quote__blanks__push_nothing_away);
  tcase_add_test (tcase, quote__text__is_what_it_was);
  tcase_add_test (tcase, quote__links__stay);
  tcase_add_loop_test (tcase, quote__tags__are_few, 0, 5);
  tcase_add_test (tcase, quote__narrow_window__has_whole_lines);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
