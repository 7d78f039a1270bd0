/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every notice and every error has its words, none of them reads like a program's, and nothing that somebody else has chosen
 * makes another sentence of it. */
#include "es-words.h"

#include "../es-test.h"

#define ISOLATE "\342\201\250"
#define POP "\342\201\251"

/* What was said in one program is said in the other, too. */
static const EsProgram *const programs[] = { &es_program_libpurple, &es_program_pidgin };

/* Neither the other side nor a user reads which check it was, or which cryptography. */
static void
assert_is_for_people (const char *text)
{
  static const char *const never[]
      = { "MAC", "hash", "nonce", "fingerprint", "SAS", "ESession", "SIGMA", "mposter", "uthenticat", "%", "retained" };

  ck_assert_msg (g_ascii_isupper (*text) && g_str_has_suffix (text, "."), "%s", text);
  for (guint i = 0; i < G_N_ELEMENTS (never); i++)
    ck_assert_msg (strstr (text, never[i]) == NULL, "%s: %s", never[i], text);
}

static gboolean
names_a_device (EsNoticeCode code)
{
  return code == ES_NOTICE_DEVICE || code == ES_NOTICE_FILE_OTHER_DEVICE;
}

/* The other codes of a notice: all but these are one sentence and nothing more. */
static gboolean
is_two_sentences (EsNoticeCode code)
{
  return code == ES_NOTICE_CODES_UNFORGOTTEN || code == ES_NOTICE_PASSWORD_DIFFERS || code == ES_NOTICE_PASSWORD_THIRD;
}

static void
assert_has_a_sentence (const EsProgram *program, guint code)
{
  g_autofree char *text = es_notice_sentence (program, &(EsNotice){ code, ES_ERROR_TIMEOUT, "laptop" });

  if (code == ES_NOTICE_NONE)
    {
      ck_assert_ptr_null (text);
      return;
    }
  ck_assert_msg (text != NULL, "notice %d has no sentence", code);
  assert_is_for_people (text);
  ck_assert_int_eq (strstr (text, ". ") != NULL, is_two_sentences (code));
  ck_assert_int_eq (strstr (text, "\"" ISOLATE "laptop" POP "\"") != NULL, names_a_device (code));
}

START_TEST (words__notice__has_a_sentence)
{
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    assert_has_a_sentence (programs[i], _i);
}
END_TEST

/* So that nobody is told one thing where another one was meant. */
START_TEST (words__notice__is_told_from_all_others)
{
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

      for (guint code = ES_NOTICE_NONE + 1; code < ES_N_NOTICES; code++)
        ck_assert (g_hash_table_add (seen, es_notice_sentence (programs[i], &(EsNotice){ code })));
    }
}
END_TEST

START_TEST (words__notice__none_for_other_numbers)
{
  ck_assert_ptr_null (es_notice_sentence (&es_program_pidgin, &(EsNotice){ ES_N_NOTICES }));
  ck_assert_ptr_null (es_notice_sentence (&es_program_pidgin, &(EsNotice){ (EsNoticeCode) -1 }));
  ck_assert_ptr_null (es_error_sentence (&es_program_pidgin, ES_N_ERRORS));
  ck_assert_ptr_null (es_error_sentence (&es_program_pidgin, (EsErrorCode) -1));
}
END_TEST

START_TEST (words__error__has_a_sentence)
{
  const char *text = es_error_sentence (&es_program_pidgin, _i);
  EsNotice notice = es_notice_of_error (_i);
  g_autofree char *told = es_notice_sentence (&es_program_pidgin, &notice);
  gboolean silent = _i == ES_ERROR_DUPLICATE || _i == ES_ERROR_ECHO || _i == ES_ERROR_STORE_OPENING;

  ck_assert_int_eq (text == NULL, silent);
  ck_assert_int_eq (notice.code, silent ? ES_NOTICE_NONE : ES_NOTICE_ERROR);
  ck_assert_pstr_eq (told, text);
  if (silent)
    return;
  assert_is_for_people (text);
  ck_assert_ptr_null (strstr (text, ". "));
}
END_TEST

START_TEST (words__error__is_no_notice_where_there_is_none)
{
  ck_assert_int_eq (es_notice_of_error (ES_N_ERRORS).code, ES_NOTICE_NONE);
  ck_assert_int_eq (es_notice_of_error ((EsErrorCode) -1).code, ES_NOTICE_NONE);
}
END_TEST

static gboolean
names_one_of (const char *text, const char *const *names)
{
  gboolean named = FALSE;

  for (; text != NULL && *names != NULL; names++)
    named = named || strstr (text, *names) != NULL;
  return named;
}

/* What names a menu or a command is the program's own, and nothing else is. */
START_TEST (words__program__owns_what_names_its_menus)
{
  static const char *const names[]
      = { "menu", "/esession", "Tools", "Pidgin", "esession.db", "choose Start", "choose Verify", NULL };
  const EsProgram *program = &es_program_libpurple;

  for (guint code = 0; code < ES_N_NOTICES + ES_N_ERRORS; code++)
    {
      gboolean is_notice = code < ES_N_NOTICES;
      const char *own = is_notice ? program->notices[code] : program->errors[code - ES_N_NOTICES];
      EsNotice notice = is_notice ? (EsNotice){ code } : es_notice_of_error (code - ES_N_NOTICES);
      g_autofree char *text = es_notice_sentence (program, &notice);

      if (!is_notice || code != ES_NOTICE_ERROR)
        ck_assert_msg (names_one_of (text, names) == (own != NULL), "%s", text);
    }
}
END_TEST

/* There is a bar with buttons for what there is to choose: nobody is sent anywhere else for it, nor told to type. Elsewhere there are
 * no menus. */
START_TEST (words__program__sends_nobody_where_there_is_nothing)
{
  static const char *const typed[] = { "/esession", NULL }, *const menus[] = { "menu", "choose Start", NULL };

  for (guint code = ES_NOTICE_NONE + 1; code < ES_N_NOTICES; code++)
    {
      g_autofree char *in_pidgin = es_notice_sentence (&es_program_pidgin, &(EsNotice){ code });
      g_autofree char *elsewhere = es_notice_sentence (&es_program_libpurple, &(EsNotice){ code });

      ck_assert_msg (!names_one_of (in_pidgin, typed), "%s", in_pidgin);
      ck_assert_msg (!names_one_of (elsewhere, menus), "%s", elsewhere);
    }
}
END_TEST

START_TEST (words__program__can_be_another_one)
{
  static const EsProgram other = {
    .domain = "other",
    .base = &es_program_pidgin,
    .notices[ES_NOTICE_STUCK] = "It waits: press the red button.",
    .errors[ES_ERROR_TIMEOUT] = "Nobody answers.",
  };
  g_autofree char *stuck = es_notice_sentence (&other, &(EsNotice){ ES_NOTICE_STUCK });
  g_autofree char *waits = es_notice_sentence (&other, &(EsNotice){ ES_NOTICE_WAITS });
  g_autofree char *ended = es_notice_sentence (&other, &(EsNotice){ ES_NOTICE_ENDED_BY_PEER });
  g_autofree char *usual = es_notice_sentence (&es_program_pidgin, &(EsNotice){ ES_NOTICE_WAITS });

  ck_assert_str_eq (stuck, "It waits: press the red button.");
  ck_assert_str_eq (waits, usual);
  ck_assert_str_eq (ended, "The other side has ended the encrypted conversation.");
  ck_assert_str_eq (es_error_sentence (&other, ES_ERROR_TIMEOUT), "Nobody answers.");
}
END_TEST

/* Whatever a device is called, it stays between its quotation marks. */
START_TEST (words__device__stays_a_name)
{
  static const EsNoticeCode codes[] = { ES_NOTICE_DEVICE, ES_NOTICE_FILE_OTHER_DEVICE };
  g_autofree char *endless = g_strnfill (10000, 'x');
  const char *const names[] = { "%s%n%d%%",
                                "\342\200\256abc\342\201\251\342\201\246d",
                                "a\". \"b",
                                "a\xff\xfe"
                                "b",
                                "line\nline\r\n",
                                "",
                                endless };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    for (guint j = 0; j < G_N_ELEMENTS (names); j++)
      {
        g_autofree char *plain = es_notice_sentence (&es_program_pidgin, &(EsNotice){ codes[i], .device = "laptop" });
        g_autofree char *text = es_notice_sentence (&es_program_pidgin, &(EsNotice){ codes[i], .device = names[j] });
        const char *begin = strstr (text, "\"" ISOLATE), *end = strstr (text, POP "\"");
        gsize before = strstr (plain, "\"" ISOLATE) - plain;

        ck_assert (g_utf8_validate (text, -1, NULL));
        ck_assert (begin == text + before && strncmp (plain, text, before) == 0);
        ck_assert (end != NULL && strcmp (end, strstr (plain, POP "\"")) == 0);
        ck_assert_int_lt (end - begin, 400);
        for (const char *next = begin + strlen ("\"" ISOLATE); next < end; next = g_utf8_next_char (next))
          ck_assert (g_unichar_type (g_utf8_get_char (next)) != G_UNICODE_FORMAT && *next != '"' && *next != '\n'
                     && *next != '\r');
      }
}
END_TEST

START_TEST (words__device__may_be_missing)
{
  g_autofree char *text = es_notice_sentence (&es_program_pidgin, &(EsNotice){ ES_NOTICE_DEVICE });

  ck_assert_ptr_nonnull (strstr (text, "\"" ISOLATE POP "\""));
}
END_TEST

/* Whatever the user calls the contact, too. */
START_TEST (words__contact__stays_a_name)
{
  for (guint i = 0; i < G_N_ELEMENTS (programs); i++)
    {
      g_autofree char *text
          = es_notice_sentence (programs[i], &(EsNotice){ ES_NOTICE_LEFT_PLAIN, .contact = "a%s\" \342\200\256b\nc" });
      g_autofree char *none = es_notice_sentence (programs[i], &(EsNotice){ ES_NOTICE_LEFT_PLAIN });

      ck_assert_ptr_nonnull (strstr (text, "\"" ISOLATE "a%s'  b c" POP "\""));
      ck_assert_ptr_nonnull (strstr (none, "\"" ISOLATE POP "\""));
    }
}
END_TEST

START_TEST (words__conversation__is_called_what_it_is)
{
  EsConversation what = { .state = (EsState) _i };

  ck_assert_str_eq (es_conversation_label (&what), es_state_label (_i));
  ck_assert_int_eq (es_conversation_look (&what), _i);
  what = (EsConversation){ .state = ES_STATE_PLAIN, .withheld = TRUE };
  ck_assert_str_eq (es_conversation_label (&what), "Not yet encrypted");
  ck_assert_int_eq (es_conversation_look (&what), ES_STATE_ENDED);
}
END_TEST

START_TEST (words__fallback__is_a_sentence)
{
  assert_is_for_people (es_fallback_text ());
}
END_TEST

START_TEST (words__label__is_what_the_user_reads)
{
  static const char *const labels[ES_N_STATES] = {
    "Not encrypted", "Starting...", "Encrypted, not verified", "Encrypted and verified", "Ended",
  };

  ck_assert_str_eq (es_state_label (_i), labels[_i]);
}
END_TEST

START_TEST (words__meaning__is_a_sentence)
{
  assert_is_for_people (es_state_meaning (_i));
}
END_TEST

START_TEST (words__policy__is_a_sentence)
{
  const char *text = es_policy_sentence (_i);

  assert_is_for_people (text);
  ck_assert_ptr_null (strstr (text, ". "));
  for (int i = 0; i < _i; i++)
    ck_assert_str_ne (text, es_policy_sentence (i));
}
END_TEST

START_TEST (words__policy__says_that_it_is_not_stored)
{
  assert_is_for_people (es_policy_not_stored ());
  assert_is_for_people (es_swapped_sentence ());
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("words");
  TCase *tcase = tcase_create ("words");

  tcase_add_loop_test (tcase, words__notice__has_a_sentence, 0, ES_N_NOTICES);
  tcase_add_test (tcase, words__notice__is_told_from_all_others);
  tcase_add_test (tcase, words__notice__none_for_other_numbers);
  tcase_add_loop_test (tcase, words__error__has_a_sentence, 0, ES_N_ERRORS);
  tcase_add_test (tcase, words__error__is_no_notice_where_there_is_none);
  tcase_add_test (tcase, words__program__owns_what_names_its_menus);
  tcase_add_test (tcase, words__program__sends_nobody_where_there_is_nothing);
  tcase_add_test (tcase, words__program__can_be_another_one);
  tcase_add_test (tcase, words__device__stays_a_name);
  tcase_add_test (tcase, words__device__may_be_missing);
  tcase_add_test (tcase, words__contact__stays_a_name);
  tcase_add_loop_test (tcase, words__conversation__is_called_what_it_is, 0, ES_N_STATES);
  tcase_add_test (tcase, words__fallback__is_a_sentence);
  tcase_add_loop_test (tcase, words__label__is_what_the_user_reads, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, words__meaning__is_a_sentence, 0, ES_N_STATES);
  tcase_add_loop_test (tcase, words__policy__is_a_sentence, 0, ES_N_POLICIES);
  tcase_add_test (tcase, words__policy__says_that_it_is_not_stored);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
