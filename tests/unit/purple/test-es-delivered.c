/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whoever shows what was said knows what became of it: by a number, of the line that it was written in. Bob's receipts ride on what he
 * writes. */
#include "es-fake.h"

#define BOB "bob@localhost"
#define BOB_FULL "bob@localhost/x"

static GHashTable *lines; /* guint64 -> the line that was written last when it was told of */
static GString *told;

static void
note_delivery (PurpleConversation *conversation, guint64 number, EsDelivery delivery)
{
  const char *line = g_hash_table_lookup (lines, &number);

  ck_assert_str_eq (purple_conversation_get_name (conversation), BOB);
  if (delivery == ES_DELIVERY_SENT)
    {
      ck_assert_ptr_null (line);
      line = strchr (fake_lines->pdata[fake_lines->len - 1], ':') + 2;
      g_hash_table_insert (lines, g_memdup2 (&number, sizeof number), g_strdup (line));
    }
  g_string_append_printf (told, "%s%s %s", told->len > 0 ? "|" : "", line != NULL ? line : "?",
                          delivery == ES_DELIVERY_SENT      ? "sent"
                          : delivery == ES_DELIVERY_ARRIVED ? "arrived"
                                                            : "returned");
}

static const EsUi ui = { .delivery = note_delivery };

static void
setup (void)
{
  fake_start ();
  lines = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  told = g_string_new (NULL);
  es_plugin_running ()->ui = &ui;
}

static void
teardown (void)
{
  fake_stop ();
  g_hash_table_unref (lines);
  g_string_free (told, TRUE);
}

START_TEST (delivered__encrypted__is_told_when_it_is_shown)
{
  fake_encrypt_with_bob ();
  fake_type (BOB, "second");
  fake_type (BOB, "third");
  ck_assert_str_eq (told->str, "first sent|second sent|third sent");
  fake_bob_runs ();
  fake_bob_types ("yes");
  ck_assert_str_eq (told->str, "first sent|second sent|third sent|first arrived|second arrived|third arrived");
}
END_TEST

START_TEST (delivered__plain__is_not_told)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_NEVER);
  fake_type (BOB, "plain");
  ck_assert_uint_eq (fake_count (fake_sent, "plain"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "plain"), 1);
  ck_assert_str_eq (told->str, "");
}
END_TEST

static gboolean
swallow (PurpleAccount *account,
         const char *who,
         char **text,
         PurpleConversation *conversation,
         PurpleMessageFlags flags,
         gpointer data)
{
  return strstr (*text, "second") != NULL;
}

/* Another plugin keeps it from the window: nothing else is taken for it, whether that was said (0), or is made up (1). */
START_TEST (delivered__not_shown__is_no_other_line)
{
  fake_encrypt_with_bob ();
  purple_signal_connect (purple_conversations_get_handle (), "writing-im-msg", &told, PURPLE_CALLBACK (swallow), NULL);
  fake_type (BOB, "second");
  ck_assert_uint_eq (fake_count (fake_lines, "second"), 0);
  if (_i == 0)
    fake_type (BOB, "third");
  else
    purple_conversation_write (fake_window (BOB), NULL, "forged", PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_SYSTEM,
                               time (NULL));
  fake_bob_runs ();
  fake_bob_types ("yes");
  purple_signals_disconnect_by_handle (&told);
  ck_assert_str_eq (told->str, _i == 0 ? "first sent|third sent|first arrived|? arrived|third arrived"
                                       : "first sent|first arrived|? arrived");
}
END_TEST

/* What another plugin writes then, and was not said, is nothing of which anything is known. */
START_TEST (delivered__not_said__is_nothing)
{
  fake_encrypt_with_bob ();
  fake_type (BOB, "second");
  purple_conversation_write (fake_window (BOB), NULL, "forged", PURPLE_MESSAGE_SEND, time (NULL));
  ck_assert_str_eq (told->str, "first sent|second sent");
}
END_TEST

/* It comes back: nobody knows whether it arrived. */
START_TEST (delivered__given_back__is_told)
{
  fake_encrypt_with_bob ();
  fake_bob_types ("yes");
  fake_type (BOB, "second");
  es_api ()->user_end (fake_window (BOB));
  fake_receive ("<presence xmlns='jabber:client' type='unavailable' from='" BOB_FULL "' to='alice@localhost/a'/>");
  fake_settle ();
  ck_assert_str_eq (told->str, "first sent|first arrived|second sent|second returned");
  ck_assert_uint_eq (fake_count (fake_lines, "This message may not have arrived: second"), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("delivered");
  TCase *tcase = tcase_create ("delivered");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, delivered__encrypted__is_told_when_it_is_shown);
  tcase_add_test (tcase, delivered__plain__is_not_told);
  tcase_add_loop_test (tcase, delivered__not_shown__is_no_other_line, 0, 2);
  tcase_add_test (tcase, delivered__not_said__is_nothing);
  tcase_add_test (tcase, delivered__given_back__is_told);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
