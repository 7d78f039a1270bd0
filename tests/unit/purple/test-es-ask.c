/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Dialogs that are answered after the conversation has gone on with another device, and before they have followed it. */
#include "es-ask.h"

#include "es-fake.h"

#define BOB "bob@localhost"
#define MOVED "Your conversation is with another device of this contact now: to verify that one, type"

static EsAddress *laptop, *phone;
static EsConversation now;
static EsApi api;
static GString *done; /* what was asked of the core */
static GCallback yes, no;
static gpointer data;
static PurpleRequestFields *shown_fields;
static char *said; /* to whoever is to type something */

static void
describe (PurpleConversation *conversation, EsConversation *what)
{
  *what = now;
}

static void
on_password (PurpleConversation *conversation, const char *password, const char *question)
{
  g_string_append_printf (done, "password %s;", password);
  if (question != NULL)
    g_string_append_printf (done, "question %s;", question);
}

static void
on_decline (PurpleConversation *conversation)
{
  g_string_append (done, "decline;");
}

static void
on_verify (PurpleConversation *conversation, const char *code, gboolean equal)
{
  g_string_append_printf (done, "verify %s;", code);
}

static void *
show_input (const char *title,
            const char *primary,
            const char *secondary,
            const char *value,
            gboolean multiline,
            gboolean masked,
            gchar *hint,
            const char *ok_text,
            GCallback ok,
            const char *cancel_text,
            GCallback cancel,
            PurpleAccount *account,
            const char *who,
            PurpleConversation *conversation,
            void *user_data)
{
  g_free (said);
  said = g_strdup (secondary);
  yes = ok;
  no = cancel;
  data = user_data;
  return user_data;
}

static void *
show_fields (const char *title,
             const char *primary,
             const char *secondary,
             PurpleRequestFields *fields,
             const char *ok_text,
             GCallback ok,
             const char *cancel_text,
             GCallback cancel,
             PurpleAccount *account,
             const char *who,
             PurpleConversation *conversation,
             void *user_data)
{
  g_clear_pointer (&shown_fields, purple_request_fields_destroy);
  shown_fields = fields;
  yes = ok;
  no = cancel;
  data = user_data;
  return user_data;
}

static void *
show_action (const char *title,
             const char *primary,
             const char *secondary,
             int usual,
             PurpleAccount *account,
             const char *who,
             PurpleConversation *conversation,
             void *user_data,
             size_t n_buttons,
             va_list buttons)
{
  GCallback callbacks[4] = { 0 };

  for (size_t i = 0; i < n_buttons && i < G_N_ELEMENTS (callbacks); i++)
    {
      va_arg (buttons, char *);
      callbacks[i] = va_arg (buttons, GCallback);
    }
  yes = callbacks[2]; /* Type the code... */
  data = user_data;
  return user_data;
}

static void
on_close (PurpleRequestType type, void *window)
{
}

static void
setup (void)
{
  static PurpleRequestUiOps ops = {
    .request_input = show_input, .request_fields = show_fields, .request_action = show_action, .close_request = on_close
  };

  fake_start ();
  purple_request_set_ui_ops (&ops);
  laptop = es_address_new (BOB "/laptop");
  phone = es_address_new (BOB "/phone");
  now = (EsConversation){ .state = ES_STATE_ENCRYPTED,
                          .session = 1,
                          .device = laptop,
                          .code = "aaaaaa",
                          .can_verify = TRUE,
                          .can_use_password = TRUE };
  api = *es_api ();
  api.describe = describe;
  api.user_password = on_password;
  api.user_decline_password = on_decline;
  api.user_verify = on_verify;
  done = g_string_new (NULL);
  fake_window (BOB);
  es_ask_start ();
}

static void
teardown (void)
{
  es_ask_stop ();
  fake_stop ();
  g_string_free (done, TRUE);
  g_clear_pointer (&said, g_free);
  g_clear_pointer (&shown_fields, purple_request_fields_destroy);
  es_address_unref (laptop);
  es_address_unref (phone);
}

static void
move (guint64 session, const EsAddress *device, const char *code)
{
  now.session = session;
  now.device = device;
  now.code = code;
}

static void
answer (const char *text)
{
  ((PurpleRequestInputCb) yes) (data, text);
}

static void
fill_in (const char *password, const char *question)
{
  purple_request_field_string_set_value (purple_request_fields_get_field (shown_fields, "password"), password);
  purple_request_field_string_set_value (purple_request_fields_get_field (shown_fields, "question"), question);
  ((PurpleRequestFieldsCb) yes) (data, shown_fields);
}

START_TEST (ask__password__starts_with_a_question_or_none)
{
  ck_assert (es_ask_password (fake_window (BOB), &api));
  fill_in ("Rome", _i == 0 ? "where did we meet?" : NULL);
  ck_assert_str_eq (done->str, _i == 0 ? "password Rome;question where did we meet?;" : "password Rome;");
  ck_assert (es_ask_password (fake_window (BOB), &api));
  ((PurpleRequestFieldsCb) no) (data, shown_fields);
  ck_assert (es_ask_password (fake_window (BOB), &api));
  move (2, phone, "bbbbbb");
  g_string_truncate (done, 0);
  fill_in ("Rome", "where did we meet?");
  ck_assert_str_eq (done->str, "");
  ck_assert_uint_eq (fake_count (fake_lines, MOVED), 1);
}
END_TEST

/* It cannot end the sentence that it stands in. */
START_TEST (ask__question__is_shown_where_it_is_answered)
{
  now.password = ES_PASSWORD_OFFERED;
  now.question = "Where did \"we\"\nmeet?";
  ck_assert (es_ask_password (fake_window (BOB), &api));
  ck_assert_ptr_nonnull (strstr (said, "asks \"\342\201\250Where did 'we' meet?\342\201\251\" and"));
  answer ("Rome");
  ck_assert_str_eq (done->str, "password Rome;");
}
END_TEST

START_TEST (ask__password__is_given_to_whom_it_was_asked_for)
{
  now.password = ES_PASSWORD_OFFERED;
  ck_assert (es_ask_password (fake_window (BOB), &api));
  answer ("sesame");
  ck_assert_str_eq (done->str, "password sesame;");

  ck_assert (es_ask_password (fake_window (BOB), &api));
  move (2, phone, "bbbbbb");
  answer ("sesame");
  ck_assert_str_eq (done->str, "password sesame;");
  ck_assert_uint_eq (fake_count (fake_lines, MOVED), 1);
}
END_TEST

START_TEST (ask__decline__is_for_whom_it_was_asked_for)
{
  now.password = ES_PASSWORD_OFFERED;
  ck_assert (es_ask_password (fake_window (BOB), &api));
  ((PurpleRequestInputCb) no) (data, NULL);
  ck_assert_str_eq (done->str, "decline;");

  ck_assert (es_ask_password (fake_window (BOB), &api));
  move (2, phone, "bbbbbb");
  ((PurpleRequestInputCb) no) (data, NULL);
  ck_assert_str_eq (done->str, "decline;");
  ck_assert_uint_eq (fake_count (fake_lines, MOVED), 1);
}
END_TEST

static void
ask_for_typed_code (void)
{
  ck_assert (es_ask_code (fake_window (BOB), &api));
  ((PurpleRequestActionCb) yes) (data, 2);
}

/* What was read out is the code of the session that it was asked about: nobody need be alarmed. */
START_TEST (ask__typed_code__is_compared_with_the_one_that_it_was_asked_about)
{
  ask_for_typed_code ();
  move (2, phone, "bbbbbb");
  answer ("aaa aaa");
  ck_assert_str_eq (done->str, "");
  ck_assert_uint_eq (fake_count (fake_lines, MOVED), 1);

  ask_for_typed_code ();
  move (3, phone, "cccccc");
  answer ("bbb bbb");
  ck_assert_str_eq (done->str, "verify bbbbbb;"); /* which is old, as the core then says */
  ck_assert_uint_eq (fake_count (fake_lines, "someone may be listening in"), 0);
}
END_TEST

/* An offer is over with its session. */
START_TEST (ask__update__closes_what_is_about_another_session)
{
  now.password = ES_PASSWORD_OFFERED;
  ck_assert (es_ask_password (fake_window (BOB), &api));
  es_ask_update (fake_window (BOB));
  answer ("sesame");
  ck_assert_str_eq (done->str, "password sesame;");

  ck_assert (es_ask_password (fake_window (BOB), &api));
  if (_i == 0)
    move (2, laptop, "bbbbbb");
  else
    move (2, phone, "bbbbbb");
  es_ask_update (fake_window (BOB));
  answer ("sesame");
  ck_assert_str_eq (done->str, "password sesame;");
  ck_assert_uint_eq (fake_count (fake_lines, MOVED), _i == 0 ? 0 : 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("ask");
  TCase *tcase = tcase_create ("ask");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, ask__password__starts_with_a_question_or_none, 0, 2);
  tcase_add_test (tcase, ask__question__is_shown_where_it_is_answered);
  tcase_add_test (tcase, ask__password__is_given_to_whom_it_was_asked_for);
  tcase_add_test (tcase, ask__decline__is_for_whom_it_was_asked_for);
  tcase_add_test (tcase, ask__typed_code__is_compared_with_the_one_that_it_was_asked_about);
  tcase_add_loop_test (tcase, ask__update__closes_what_is_about_another_session, 0, 2);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
