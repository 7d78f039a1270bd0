/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links that are opened in other programs. */
#include "es-words.h"

#include "es-fake.h"

#define BOB "bob@localhost"
#define REST "?esession;verify=acdefg.0123456789abcdef0123456789abcdef;session=0123456789abcdef;with="
#define LINK "xmpp:" BOB "/x" REST "alice%40localhost%2Fx"

static void
open_link (const char *text)
{
  purple_got_protocol_handler_uri (text);
  fake_settle ();
}

static void
call_us (const char *name)
{
  purple_connection_set_display_name (fake_connection (), name);
  es_presence_note_own (fake_link ());
}

/* The conversation, if there is one. */
static PurpleConversation *
conversation (void)
{
  return purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, BOB, fake_account ());
}

START_TEST (uri__of_ours__opens_the_conversation_and_says_what_to_do)
{
  ck_assert_ptr_null (conversation ());
  open_link (LINK);
  ck_assert_ptr_nonnull (conversation ());
  ck_assert_uint_eq (fake_count (fake_lines, es_link_sentence (ES_LINK_NO_SESSION)), 1);
  ck_assert_uint_eq (fake_notes->len, 0);
}
END_TEST

START_TEST (uri__in_a_session__waits_to_be_checked)
{
  g_autofree char *of_bob = NULL;

  call_us ("alice@localhost/x");
  fake_encrypt_with_bob ();
  open_link (LINK);
  ck_assert_uint_eq (fake_count (fake_lines, "To check the link, type /esession verify and the link."), 1);
  of_bob = es_manager_own_link (fake_link ()->manager, es_at (BOB));
  ck_assert_ptr_nonnull (of_bob);
  ck_assert_int_eq (es_manager_check_link (fake_link ()->manager, es_at (BOB), LINK), ES_LINK_OTHER_SESSION);
}
END_TEST

/* What is not for us, or is none. */
START_TEST (uri__of_others__opens_nothing)
{
  static const struct
  {
    const char *text;
    EsLinkVerdict verdict;
  } links[] = {
    { "xmpp:" BOB "/x" REST "carol%40localhost%2Fx", ES_LINK_OTHER_PEOPLE },
    { "xmpp:" BOB "/x?esession;verify=acdefg", ES_LINK_UNREADABLE },
    { "xmpp:" BOB "/x?esession", ES_LINK_UNREADABLE },
    { "xmpp:" BOB REST "alice%40localhost%2Fx", ES_LINK_UNREADABLE },
  };

  open_link (links[_i].text);
  ck_assert_ptr_null (conversation ());
  ck_assert_uint_eq (fake_count (fake_notes, es_link_sentence (links[_i].verdict)), 1);
}
END_TEST

START_TEST (uri__of_something_else__is_not_ours)
{
  static const char *const texts[]
      = { "xmpp:" BOB "/x?roster;verify=acdefg", "aim:" BOB "/x?esession;verify=acdefg", "xmpp:?" };

  open_link (texts[_i]);
  ck_assert_uint_eq (fake_notes->len, 0);
}
END_TEST

/* The server says who we are; it may not say that we are somebody else. */
START_TEST (uri__own_name_that_is_anothers__is_none)
{
  static const char *const names[] = { "mallory@localhost/x", "alice@localhost", "", "alice@localhost/" };
  g_autofree char *own = NULL;

  call_us (names[_i]);
  fake_encrypt_with_bob ();
  own = es_manager_own_link (fake_link ()->manager, es_at (BOB));
  ck_assert_ptr_null (own);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("uri");
  TCase *tcase = tcase_create ("uri");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, uri__of_ours__opens_the_conversation_and_says_what_to_do);
  tcase_add_test (tcase, uri__in_a_session__waits_to_be_checked);
  tcase_add_loop_test (tcase, uri__of_others__opens_nothing, 0, 4);
  tcase_add_loop_test (tcase, uri__of_something_else__is_not_ours, 0, 3);
  tcase_add_loop_test (tcase, uri__own_name_that_is_anothers__is_none, 0, 4);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
