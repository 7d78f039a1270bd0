/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whom a conversation is with, where the user has one contact on two accounts. */
#include "es-labels.h"

#include "es-fake.h"

#define UI "esession-test"
#define BOB "bob@localhost"
#define ISOLATE "\342\201\250"
#define POP "\342\201\251"
#define ALONE ISOLATE BOB POP
#define ON(own) ALONE ", on your account " ISOLATE own POP

/* Of the user's. */
static PurpleAccount *
add_account (const char *name)
{
  PurpleAccount *other = purple_account_new (name, "prpl-jabber");

  purple_accounts_add (other);
  purple_account_set_password (other, "secret");
  purple_account_set_enabled (other, UI, TRUE);
  purple_account_connect (other);
  fake_settle ();
  return other;
}

static PurpleConversation *
open_with_bob (PurpleAccount *other)
{
  return purple_conversation_new (PURPLE_CONV_TYPE_IM, other, BOB);
}

static void
add_bob (PurpleAccount *other, const char *name)
{
  purple_blist_add_buddy (purple_buddy_new (other, name, NULL), NULL, NULL, NULL);
}

static void
check_label (PurpleConversation *conversation, const char *expected)
{
  g_autofree char *label = es_contact_label (conversation, es_api ());

  ck_assert_str_eq (label, expected);
}

START_TEST (labels__one_account__is_not_named)
{
  PurpleAccount *other = add_account ("carol@localhost/b");

  check_label (fake_window (BOB), ALONE);
  add_bob (other, "dave@localhost");
  check_label (fake_window (BOB), ALONE);
}
END_TEST

/* In the buddy list, however it is spelled there, or in a window. */
START_TEST (labels__two_accounts__are_named)
{
  static const char *const spelled[] = { BOB, "Bob@Localhost", "bob@localhost/home" };
  PurpleAccount *other = add_account ("carol@localhost/b");

  if (_i == 3)
    open_with_bob (other);
  else
    add_bob (other, spelled[_i]);
  check_label (fake_window (BOB), ON ("alice@localhost"));
  check_label (open_with_bob (other), ON ("carol@localhost"));

  /* Online or not. */
  purple_account_disconnect (other);
  check_label (fake_window (BOB), ON ("alice@localhost"));
}
END_TEST

/* Whoever has an alias is named by that, too. */
START_TEST (labels__alias__comes_first)
{
  PurpleAccount *other = add_account ("carol@localhost/b");

  add_bob (other, BOB);
  purple_blist_alias_buddy (purple_find_buddy (fake_account (), BOB), "Rob");
  check_label (fake_window (BOB), "\"" ISOLATE "Rob" POP "\" (" ON ("alice@localhost") ")");
}
END_TEST

START_TEST (labels__account_that_is_not_in_use__counts_where_it_has_a_window)
{
  PurpleAccount *other = add_account ("carol@localhost/b");
  PurpleConversation *window = open_with_bob (other);

  add_bob (other, BOB);
  purple_account_set_enabled (other, UI, FALSE);
  check_label (fake_window (BOB), ON ("alice@localhost"));
  check_label (window, ON ("carol@localhost"));
  purple_conversation_destroy (window);
  check_label (fake_window (BOB), ALONE);
}
END_TEST

START_TEST (labels__accounts_with_one_address__are_told_apart)
{
  PurpleAccount *other = add_account ("carol@localhost/b");

  /* libpurple makes no such account, but can be told that one is. */
  purple_account_disconnect (other);
  purple_account_set_username (other, "alice@localhost/b");
  purple_account_connect (other);
  fake_settle ();
  add_bob (other, BOB);
  check_label (fake_window (BOB), ON ("alice@localhost/a"));
  check_label (open_with_bob (other), ON ("alice@localhost/b"));
}
END_TEST

/* Of a device, of who asks, and of what comes back where there is no window. */
START_TEST (labels__elsewhere__is_said)
{
  g_autoptr (GPtrArray) before = NULL, after = NULL;

  fake_encrypt_with_bob ();
  before = es_api ()->devices (NULL);
  add_bob (add_account ("carol@localhost/b"), BOB);
  after = es_api ()->devices (NULL);
  ck_assert_uint_eq (before->len, 1);
  ck_assert_uint_eq (after->len, 1);
  ck_assert (!((const EsRemembered *) before->pdata[0])->elsewhere);
  ck_assert (((const EsRemembered *) after->pdata[0])->elsewhere);
  es_questions_ask (fake_link (), es_at (BOB));
  ck_assert_uint_eq (fake_count (fake_notes, ON ("alice@localhost") ", who may not see"), 1);
  es_questions_close (fake_link ());
  purple_conversation_destroy (fake_window (BOB));
  purple_account_disconnect (fake_account ());
  es_unsent_add (fake_link (), es_at (BOB), "never sent", FALSE);
  fake_settle ();
  es_plugin_stop ();
  ck_assert_uint_eq (fake_count (fake_notes, "never sent " ON ("alice@localhost")), 1);
}
END_TEST

START_TEST (labels__key__is_of_account_and_contact)
{
  PurpleAccount *other = add_account ("carol@localhost/b");
  PurpleConversation *window = open_with_bob (other);
  g_autofree char *key = es_conversation_key (fake_window (BOB), es_api ());
  g_autofree char *others = es_conversation_key (window, es_api ());

  ck_assert_str_eq (key, "prpl-jabber alice@localhost/a " BOB);
  ck_assert_str_eq (others, "prpl-jabber carol@localhost/b " BOB);
  ck_assert_ptr_null (es_conversation_key (
      purple_conversation_new (PURPLE_CONV_TYPE_CHAT, other, "room@conference.localhost"), es_api ()));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("labels");
  TCase *test_case = tcase_create ("contact");

  tcase_add_checked_fixture (test_case, fake_start, fake_stop);
  tcase_add_test (test_case, labels__one_account__is_not_named);
  tcase_add_loop_test (test_case, labels__two_accounts__are_named, 0, 4);
  tcase_add_test (test_case, labels__alias__comes_first);
  tcase_add_test (test_case, labels__account_that_is_not_in_use__counts_where_it_has_a_window);
  tcase_add_test (test_case, labels__accounts_with_one_address__are_told_apart);
  tcase_add_test (test_case, labels__elsewhere__is_said);
  tcase_add_test (test_case, labels__key__is_of_account_and_contact);
  suite_add_tcase (suite, test_case);
  return es_test_run (suite);
}
