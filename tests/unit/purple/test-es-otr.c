/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Beside pidgin-otr, as libotr 4.1 writes it. */
#include "es-fake.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define BASE "\x20\x09\x20\x20\x09\x09\x09\x09\x20\x09\x20\x09\x20\x09\x20\x20"
#define V2 "\x20\x20\x09\x09\x20\x20\x09\x20"
#define V3 "\x20\x20\x09\x09\x20\x20\x09\x09"
#define CIPHERTEXT "?OTR:AAMDJ+MVmSfjFZcAAAAAAQ."

/* What it makes of the next text. */
static const char *makes;

static void
on_sending (PurpleAccount *account, const char *who, char **message, gpointer data)
{
  g_autofree char *typed = *message;

  *message = purple_strequal (makes, CIPHERTEXT) ? g_strdup (makes) : g_strconcat (typed, makes, NULL);
}

/* What left, as libpurple was given it. */
static char *left;

static void
on_sent (PurpleAccount *account, const char *who, const char *message, gpointer data)
{
  g_free (left);
  left = g_strdup (message);
}

static void
setup (void)
{
  fake_start ();
  makes = BASE V2 V3;
  purple_signal_connect (purple_conversations_get_handle (), "sending-im-msg", &makes, PURPLE_CALLBACK (on_sending),
                         NULL);
  purple_signal_connect (purple_conversations_get_handle (), "sent-im-msg", &makes, PURPLE_CALLBACK (on_sent), NULL);
}

static void
teardown (void)
{
  purple_signals_disconnect_by_handle (&makes);
  g_clear_pointer (&left, g_free);
  fake_stop ();
}

/* One encryption is enough; whoever has no other is offered it. */
START_TEST (otr__offer__leaves_in_the_clear_only)
{
  fake_encrypt_with_bob ();
  ck_assert_str_eq (left, "first");
  fake_type (BOB, "second");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_bob_shown->len, 2);
  ck_assert_str_eq (left, "second");
  fake_type (CAROL, "hello");
  ck_assert_str_eq (left, "hello" BASE V2 V3);
}
END_TEST

START_TEST (otr__offer__is_all_that_goes)
{
  static const char *const rows[][3] = {
    { "text" BASE V2 V3, "text", "text" },
    { "text" BASE, "text", "text" },
    { "text" BASE V3 " -- signed", "text -- signed", "text" },
    { "<b>a</b>" BASE V2 "</font>", "<b>a</b></font>", "<b>a</b>" },
    { "text \t \t", "text \t \t", "text \t \t" },
    { "", "", "" },
    { BASE, "", "" },

    /* What the user has typed is nobody's offer. */
    { "a" BASE "b", "a" BASE "b", "a" BASE "b" },
    { BASE V2, BASE V2, BASE V2 },
    { "a" BASE "b" BASE V2 V3, "a" BASE "b", "a" BASE "b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *rest = es_otr_remove_offer (rows[i][2], rows[i][0]);

      ck_assert_str_eq (rest, rows[i][1]);
    }
}
END_TEST

/* The user began it by hand: both sides have its keys now, and nobody knows who has them when what waits leaves. */
START_TEST (otr__ciphertext__is_sent_at_once_or_not_at_all)
{
  makes = CIPHERTEXT;
  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "waits");
  fake_bob_runs ();
  fake_type (BOB, "does not wait");
  fake_bob_runs ();
  ck_assert_uint_eq (fake_bob_shown->len, 2);
  ck_assert_str_eq (fake_bob_shown->pdata[0], "waits");
  ck_assert_str_eq (fake_bob_shown->pdata[1], CIPHERTEXT);
  ck_assert_uint_eq (fake_count (fake_sent, "wait"), 0);
}
END_TEST

/* In the clear it stays what it was. */
START_TEST (otr__ciphertext__that_waited_leaves_in_the_clear_as_it_is)
{
  makes = CIPHERTEXT;
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "secret");
  ck_assert_uint_eq (fake_count (fake_sent, "<body>"), 0);
  es_manager_send_plain (fake_link ()->manager, es_at (BOB));
  ck_assert_uint_eq (fake_count (fake_sent, CIPHERTEXT), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "secret"), 0);
}
END_TEST

START_TEST (otr__offer__may_be_typed)
{
  makes = "";
  fake_encrypt_with_bob ();
  fake_type (BOB, "a" BASE V2 "b");
  ck_assert_str_eq (left, "a" BASE V2 "b");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("otr");
  TCase *tcase = tcase_create ("otr");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, otr__offer__leaves_in_the_clear_only);
  tcase_add_test (tcase, otr__offer__is_all_that_goes);
  tcase_add_test (tcase, otr__ciphertext__is_sent_at_once_or_not_at_all);
  tcase_add_test (tcase, otr__ciphertext__that_waited_leaves_in_the_clear_as_it_is);
  tcase_add_test (tcase, otr__offer__may_be_typed);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
