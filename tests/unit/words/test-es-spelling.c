/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-spelling.h"

#include "../es-test.h"

/* Every character that a code can hold, and its word. */
static const struct
{
  const char *letter;
  const char *word;
} alphabet[] = {
  { "a", "alfa" },   { "c", "charlie" }, { "d", "delta" },   { "e", "echo" },   { "f", "foxtrot" }, { "g", "golf" },
  { "h", "hotel" },  { "i", "india" },   { "k", "kilo" },    { "m", "mike" },   { "o", "oscar" },   { "p", "papa" },
  { "q", "quebec" }, { "r", "romeo" },   { "u", "uniform" }, { "v", "victor" }, { "w", "whiskey" }, { "x", "x-ray" },
  { "y", "yankee" }, { "1", "one" },     { "2", "two" },     { "3", "three" },  { "4", "four" },    { "5", "five" },
  { "6", "six" },    { "7", "seven" },   { "8", "eight" },   { "9", "nine" },
};

START_TEST (spelling__spell__has_a_word_for_each_character)
{
  g_autoptr (GHashTable) words = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  ck_assert_uint_eq (G_N_ELEMENTS (alphabet), 28);
  for (gsize i = 0; i < G_N_ELEMENTS (alphabet); i++)
    {
      char *word = es_spell_code (alphabet[i].letter);

      ck_assert_str_eq (word, alphabet[i].word);
      ck_assert (g_hash_table_add (words, word));
    }
}
END_TEST

START_TEST (spelling__spell__joins_the_words)
{
  g_autofree char *code = es_spell_code ("k7qx1a"), *nothing = es_spell_code ("");
  g_autofree char *strange = es_spell_code ("k-Q");

  ck_assert_str_eq (code, "kilo - seven - quebec - x-ray - one - alfa");
  ck_assert_str_eq (nothing, "");
  ck_assert_str_eq (strange, "kilo - ? - ?");
}
END_TEST

START_TEST (spelling__group__makes_threes)
{
  static const struct
  {
    const char *code;
    const char *grouped;
  } rows[] = {
    { "abc123", "abc 123" }, { "abc12", "abc 12" }, { "abc1", "abc 1" }, { "abc", "abc" }, { "a", "a" }, { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *grouped = es_group_code (rows[i].code);

      ck_assert_str_eq (grouped, rows[i].grouped);
    }
}
END_TEST

START_TEST (spelling__tidy__takes_what_people_type)
{
  static const char *const typed[] = { "k7qx1a", "K7QX1A", " k7q x1a\n", "k7q-x1a", "K 7 Q\tX-1_A.", "\xc2\xa0k7qx1a" };

  for (gsize i = 0; i < G_N_ELEMENTS (typed); i++)
    {
      g_autofree char *code = es_tidy_code (typed[i]);

      ck_assert_str_eq (code, "k7qx1a");
    }
}
END_TEST

/* What is shown in groups and read back is the same code; one that differs stays different. */
START_TEST (spelling__unknown__is_what_no_code_has)
{
  const char *const not_in_any = "bjlnstz0";

  ck_assert_ptr_null (es_unknown_in_code (""));
  ck_assert_ptr_null (es_unknown_in_code ("acdefghikmopqruvwxy123456789"));
  for (const char *c = not_in_any; *c != '\0'; c++)
    {
      char code[] = { 'a', '1', *c, 'x', '\0' };

      ck_assert_ptr_eq (es_unknown_in_code (code), code + 2);
    }
}
END_TEST

START_TEST (spelling__tidy__undoes_grouping)
{
  g_autofree char *grouped = es_group_code ("k7qx1a"), *back = es_tidy_code (grouped), *other = es_tidy_code ("k7q x1"),
                  *nothing = es_tidy_code (" - ");

  ck_assert_str_eq (back, "k7qx1a");
  ck_assert_str_ne (other, "k7qx1a");
  ck_assert_str_eq (nothing, "");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("spelling");
  TCase *tcase = tcase_create ("spelling");

  tcase_add_test (tcase, spelling__spell__has_a_word_for_each_character);
  tcase_add_test (tcase, spelling__spell__joins_the_words);
  tcase_add_test (tcase, spelling__group__makes_threes);
  tcase_add_test (tcase, spelling__tidy__takes_what_people_type);
  tcase_add_test (tcase, spelling__tidy__undoes_grouping);
  tcase_add_test (tcase, spelling__unknown__is_what_no_code_has);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
