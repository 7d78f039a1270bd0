/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#define ALICE_FULL "alice@localhost/a"
#define BOB "bob@localhost"
#define BOB_FULL "bob@localhost/x"
#define CAROL "carol@localhost"
#define MARK "The next message was not encrypted"

/* As another plugin does it. */
static void
put_line (const char *who, const char *text, PurpleMessageFlags flags)
{
  purple_conversation_write (fake_window (who), ALICE_FULL, text, flags, time (NULL));
}

/* Whether TEXT, a line of Bob's window, comes below one that says what it is. */
static gboolean
is_marked (const char *text)
{
  for (guint i = 0; i < fake_lines->len; i++)
    if (strstr (fake_lines->pdata[i], text) != NULL)
      return i > 0 && strstr (fake_lines->pdata[i - 1], MARK) != NULL;
  ck_abort_msg ("no such line: %s", text);
  return FALSE;
}

START_TEST (origin__own_words__are_marked_where_nothing_was_sent)
{
  static const PurpleMessageFlags flags[]
      = { PURPLE_MESSAGE_SEND, PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_AUTO_RESP, PURPLE_MESSAGE_REMOTE_SEND,
          PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_DELAYED, PURPLE_MESSAGE_RECV };

  fake_encrypt_with_bob ();
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
  put_line (BOB, "forged", flags[_i]);
  ck_assert (is_marked ("forged"));
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 1);
}
END_TEST

START_TEST (origin__own_words__are_sent_once)
{
  fake_encrypt_with_bob ();
  fake_type (BOB, "second");
  put_line (BOB, "forged", PURPLE_MESSAGE_SEND);
  ck_assert (!is_marked ("second"));
  ck_assert (is_marked ("forged"));
}
END_TEST

/* Another plugin sends without showing it; what comes then shows something else. */
START_TEST (origin__own_words__are_shown_at_once)
{
  fake_encrypt_with_bob ();
  serv_send_im (fake_connection (), BOB, "by itself", 0);
  fake_receive ("<presence xmlns='jabber:client' from='" BOB_FULL "' to='" ALICE_FULL "'/>");
  put_line (BOB, "forged", PURPLE_MESSAGE_SEND);
  ck_assert (is_marked ("forged"));
}
END_TEST

START_TEST (origin__own_words__are_for_whom_they_were_sent_to)
{
  fake_encrypt_with_bob ();
  serv_send_im (fake_connection (), CAROL, "for Carol", 0);
  put_line (BOB, "forged", PURPLE_MESSAGE_SEND);
  ck_assert (is_marked ("forged"));
}
END_TEST

static const char *within;

static gboolean
send_within (PurpleAccount *account,
             const char *who,
             char **text,
             PurpleConversation *conversation,
             PurpleMessageFlags flags,
             const char *to)
{
  const char *now = within;

  within = NULL;
  if (now != NULL && to != NULL)
    fake_type (to, now);
  else if (now != NULL)
    serv_send_im (fake_connection (), CAROL, now, 0);
  return FALSE;
}

/* Another plugin sends something itself when it sees that the user's words are about to be shown: to somebody else (0), to the same (1), or
 * without having it shown (2). They are the user's all the same, and what was not sent is not. */
START_TEST (origin__own_words__are_shown_with_others_within)
{
  static int handle;

  fake_add_buddy (CAROL);
  fake_encrypt_with_bob ();
  purple_signal_connect (purple_conversations_get_handle (), "writing-im-msg", &handle, PURPLE_CALLBACK (send_within),
                         (gpointer) (_i == 0   ? CAROL
                                     : _i == 1 ? BOB
                                               : NULL));
  within = "more words";
  fake_type (BOB, "second");
  put_line (BOB, "forged", PURPLE_MESSAGE_SEND);
  fake_bob_runs ();
  purple_signals_disconnect_by_handle (&handle);
  ck_assert_uint_eq (fake_count (fake_bob_shown, "second"), 1);
  ck_assert_ptr_null (within);
  ck_assert_uint_eq (fake_count (fake_lines, "not sent"), 0);
  ck_assert_uint_eq (fake_count (_i == 1 ? fake_bob_shown : fake_sent, "more words"), 1);
  ck_assert (!is_marked ("second"));
  if (_i == 1)
    ck_assert (!is_marked ("more words"));
  ck_assert (is_marked ("forged"));
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 1);
}
END_TEST

/* As Pidgin and Finch do it: they show it, and then they send it. */
static void
on_pounce (PurplePounce *pounce, PurplePounceEvent events, void *data)
{
  const char *text = purple_pounce_action_get_attribute (pounce, "send-message", "message");

  purple_conversation_write (fake_window (purple_pounce_get_pouncee (pounce)), NULL, text, PURPLE_MESSAGE_SEND,
                             time (NULL));
  serv_send_im (fake_connection (), purple_pounce_get_pouncee (pounce), text, 0);
}

static void
add_pounce (const char *who, const char *text)
{
  PurplePounce *pounce = NULL;

  purple_pounces_register_handler ("esession-test", on_pounce, NULL, NULL);
  pounce = purple_pounce_new ("esession-test", fake_account (), who, PURPLE_POUNCE_TYPING, 0);
  purple_pounce_action_register (pounce, "send-message");
  purple_pounce_action_set_enabled (pounce, "send-message", TRUE);
  purple_pounce_action_set_attribute (pounce, "send-message", "message", text);
  purple_pounce_set_save (pounce, TRUE);
}

START_TEST (origin__pounce__is_the_users)
{
  add_pounce ("Bob@localhost", "by itself");
  add_pounce (CAROL, "for Carol");
  fake_encrypt_with_bob ();
  purple_pounce_execute (fake_account (), BOB, PURPLE_POUNCE_TYPING);
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_bob_shown, "by itself"), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "by itself"), 0);
  ck_assert (!is_marked ("by itself"));

  /* It stands for nothing else. */
  put_line (BOB, "forged", PURPLE_MESSAGE_SEND);
  ck_assert (is_marked ("forged"));
  put_line (BOB, "for Carol", PURPLE_MESSAGE_SEND);
  ck_assert (is_marked ("for Carol"));
  fake_type (BOB, "second");
  ck_assert (!is_marked ("second"));
  put_line (BOB, "<i>by itself</i>", PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_DELAYED);
  ck_assert (is_marked ("<i>&gt; by itself</i>"));
}
END_TEST

/* What cannot leave yet is shown once, and is not marked when it does. */
static gboolean
begin_new_line (PurpleAccount *account,
                const char *who,
                char **text,
                PurpleConversation *window,
                PurpleMessageFlags flags,
                gpointer data)
{
  g_autofree char *whole = g_strconcat ("\n", *text, NULL);

  g_free (*text);
  *text = g_steal_pointer (&whole);
  return FALSE;
}

/* Whatever other plugins make of it in the window. */
START_TEST (origin__pounce__may_be_shown_otherwise)
{
  static int handle;

  fake_encrypt_with_bob ();
  purple_signal_connect (purple_conversations_get_handle (), "writing-im-msg", &handle,
                         PURPLE_CALLBACK (begin_new_line), NULL);
  add_pounce (BOB, "by itself");
  purple_pounce_execute (fake_account (), BOB, PURPLE_POUNCE_TYPING);
  ck_assert_uint_eq (fake_count (fake_lines, "by itself"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
  purple_signals_disconnect_by_handle (&handle);
}
END_TEST

/* Whoever has something sent says with which flags. */
START_TEST (origin__said__has_whatever_flags)
{
  fake_encrypt_with_bob ();
  purple_conv_im_send_with_flags (PURPLE_CONV_IM (fake_window (BOB)), "sent by a script", PURPLE_MESSAGE_RECV);
  ck_assert_uint_eq (fake_count (fake_lines, "sent by a script"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
  put_line (BOB, "never sent", PURPLE_MESSAGE_RECV | PURPLE_MESSAGE_SEND);
  ck_assert (is_marked ("never sent"));
}
END_TEST

START_TEST (origin__pounce__may_wait)
{
  add_pounce (BOB, "by itself");
  fake_bob_comes ();
  ck_assert (es_manager_set_policy (fake_link ()->manager, es_at (BOB), ES_POLICY_ALWAYS, NULL));
  purple_pounce_execute (fake_account (), BOB, PURPLE_POUNCE_TYPING);
  fake_bob_runs ();
  ck_assert_uint_eq (fake_count (fake_bob_shown, "by itself"), 1);
  ck_assert_uint_eq (fake_count (fake_sent, "by itself"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "by itself"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
}
END_TEST

static void
sign (PurpleAccount *account, const char *receiver, char **text, gpointer data)
{
  char *old = *text;

  if (old != NULL)
    *text = g_strconcat (old, " -- signed", NULL);
  g_free (old);
}

START_TEST (origin__typed__is_as_it_was)
{
  static const char *const texts[] = { "one", "/me waves", "two<br>lines", "<b>bold</b>", "long &amp; winding" };
  static int handle;

  purple_signal_connect (purple_conversations_get_handle (), "sending-im-msg", &handle, PURPLE_CALLBACK (sign), NULL);
  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (BOB, "too early"); /* it waits */
  fake_bob_runs ();
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    fake_type (BOB, texts[i]);
  serv_send_im (fake_connection (), BOB, "away", PURPLE_MESSAGE_AUTO_RESP);
  purple_conv_im_write (PURPLE_CONV_IM (fake_window (BOB)), NULL, "away",
                        PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_AUTO_RESP, time (NULL));
  fake_bob_runs ();
  fake_bob_types ("an answer");
  purple_conversation_write (fake_window (BOB), NULL, "You have buzzed Bob!",
                             PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_NOTIFY, time (NULL));
  ck_assert_uint_eq (fake_count (fake_lines, "too early"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "an answer"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "winding"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
}
END_TEST

START_TEST (origin__plain_contact__is_as_it_was)
{
  fake_encrypt_with_bob ();
  fake_type (CAROL, "hello");
  put_line (CAROL, "from her other device", PURPLE_MESSAGE_SEND);
  put_line (CAROL, "to her other device", PURPLE_MESSAGE_RECV);
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
}
END_TEST

/* What came and was marked is not marked twice. */
START_TEST (origin__plain_text__is_marked_once)
{
  fake_encrypt_with_bob ();
  fake_receive ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL "'><body>in the clear</body></message>");
  ck_assert (is_marked ("in the clear"));
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 1);
}
END_TEST

/* Nothing of it passes for a line of ours, or for something that came encrypted; nor when it is shown again. */
START_TEST (origin__plain_text__looks_like_nothing_else)
{
  static const char forged[] = "<i>&gt; ok<br>&gt; (16:47:29) What follows is encrypted again.</i>";
  const PurpleConvMessage *newest = NULL;

  fake_encrypt_with_bob ();
  put_line (BOB, "ok\n<b>(16:47:29) What follows is encrypted again.</b>", PURPLE_MESSAGE_RECV);
  ck_assert (is_marked (forged));
  newest = purple_conversation_get_message_history (fake_window (BOB))->data;
  ck_assert_str_eq (newest->what, forged);
  fake_bob_types ("an answer");
  ck_assert (!is_marked (": an answer"));
}
END_TEST

/* Another plugin shows one message in pieces. */
START_TEST (origin__plain_text__is_marked_in_every_piece)
{
  fake_encrypt_with_bob ();
  fake_receive ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL "'><body>one</body></message>");
  put_line (BOB, "two", PURPLE_MESSAGE_RECV);
  put_line (BOB, "three", PURPLE_MESSAGE_RECV);
  ck_assert (is_marked ("&gt; one") && is_marked ("&gt; two") && is_marked ("&gt; three"));
  fake_bob_types ("an answer");
  ck_assert (!is_marked (": an answer"));
}
END_TEST

START_TEST (origin__plain_text__shows_no_pictures)
{
  static const char picture[]
      = "<message xmlns='jabber:client' type='chat' from='" BOB_FULL
        "'><body>ok</body><html xmlns='http://jabber.org/protocol/xhtml-im'><body "
        "xmlns='http://www.w3.org/1999/xhtml'><p><img src='cid:x' alt='ok'/></p></body></html></message>";

  fake_receive (picture);
  ck_assert_uint_eq (fake_count (fake_got, "<img"), 1);
  fake_encrypt_with_bob ();
  fake_receive (picture);
  ck_assert_uint_eq (fake_count (fake_got, "<img"), 1);
  ck_assert_uint_eq (fake_count (fake_got, ">ok</span>"), 1);
}
END_TEST

/* What another plugin takes is not shown; the mark must not wait for somebody's next message. */
static gboolean
swallow (PurpleAccount *account, char **sender, char **text, PurpleConversation *window, int *flags, gpointer data)
{
  return strstr (*text, "swallowed") != NULL;
}

START_TEST (origin__plain_text__is_marked_where_it_is_shown)
{
  static int handle;

  purple_signal_connect (purple_conversations_get_handle (), "receiving-im-msg", &handle, PURPLE_CALLBACK (swallow),
                         NULL);
  fake_encrypt_with_bob ();
  fake_receive ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL "'><body>swallowed</body></message>");
  fake_receive ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL
                "'><subject>nobody sees it</subject></message>");
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
  fake_bob_types ("an answer");
  ck_assert_uint_eq (fake_count (fake_lines, "an answer"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 0);
  purple_signals_disconnect_by_handle (&handle);
}
END_TEST

/* Where there is no window yet it stands in the one that opens for it. */
START_TEST (origin__plain_text__is_marked_in_its_own_window)
{
  fake_encrypt_with_bob ();
  purple_conversation_destroy (fake_window (BOB));
  g_ptr_array_set_size (fake_lines, 0);
  fake_receive ("<message xmlns='jabber:client' type='chat' from='" BOB_FULL "'><body>in the clear</body></message>");
  ck_assert (is_marked ("in the clear"));
  ck_assert_uint_eq (fake_count (fake_lines, MARK), 1);
  fake_bob_types ("an answer");
  ck_assert (!is_marked ("an answer"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("origin");
  TCase *tcase = tcase_create ("origin");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_loop_test (tcase, origin__own_words__are_marked_where_nothing_was_sent, 0, 5);
  tcase_add_test (tcase, origin__own_words__are_sent_once);
  tcase_add_test (tcase, origin__own_words__are_shown_at_once);
  tcase_add_test (tcase, origin__own_words__are_for_whom_they_were_sent_to);
  tcase_add_test (tcase, origin__pounce__is_the_users);
  tcase_add_test (tcase, origin__pounce__may_be_shown_otherwise);
  tcase_add_test (tcase, origin__said__has_whatever_flags);
  tcase_add_test (tcase, origin__pounce__may_wait);
  tcase_add_test (tcase, origin__typed__is_as_it_was);
  tcase_add_test (tcase, origin__plain_contact__is_as_it_was);
  tcase_add_test (tcase, origin__plain_text__is_marked_once);
  tcase_add_test (tcase, origin__plain_text__looks_like_nothing_else);
  tcase_add_test (tcase, origin__plain_text__is_marked_in_every_piece);
  tcase_add_test (tcase, origin__plain_text__shows_no_pictures);
  tcase_add_test (tcase, origin__plain_text__is_marked_where_it_is_shown);
  tcase_add_test (tcase, origin__plain_text__is_marked_in_its_own_window);
  tcase_add_loop_test (tcase, origin__own_words__are_shown_with_others_within, 0, 3);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
