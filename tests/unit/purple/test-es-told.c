/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sqlite3.h>

#include "es-fake.h"

#include "es-limits.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define ALARM "the encrypted conversation was with a device that you have not verified"

static gboolean shown;

static gboolean
is_shown (PurpleConversation *conversation)
{
  return shown;
}

static void
reveal (PurpleConversation *conversation)
{
  shown = TRUE;
}

/* Of a program that lets conversations go on whose window was closed. */
static const EsUi hiding = { .is_shown = is_shown, .reveal = reveal };

static void
hide (void)
{
  shown = FALSE;
  es_plugin_running ()->ui = &hiding;
}

static void
show (void)
{
  shown = TRUE;
  es_api ()->shown ();
  fake_settle ();
}

static void
tell (const char *contact, EsTone tone, const char *sentence)
{
  g_autoptr (EsAddress) of = es_address_ref (es_at (contact));

  es_conversations_notice (fake_link (), of, tone, sentence);
}

static void
chatter (guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *sentence = g_strdup_printf ("Chatter %u.", i);

      tell (BOB, ES_TONE_INFO, sentence);
    }
}

static void
reopen (void)
{
  purple_conversation_destroy (fake_window (BOB));
  fake_window (BOB);
  fake_settle ();
}

static guint
n_alarms (void)
{
  return fake_count (fake_lines, ALARM);
}

/* Before what is said (0), and after it. */
START_TEST (told__alarm__is_not_lost_in_chatter)
{
  chatter (_i == 0 ? 0 : 20);
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  chatter (_i == 0 ? 20 : 0);
  ck_assert_uint_eq (n_alarms (), 0);
  fake_window (BOB);
  ck_assert_uint_eq (n_alarms (), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Chatter 19."), 1);
  reopen ();
  ck_assert_uint_eq (n_alarms (), 1);
}
END_TEST

static guint alarms;

static void
alarm_user (PurpleConversation *conversation)
{
  alarms++;
}

/* What is grave is so once, where somebody can see it; nothing else is. */
START_TEST (told__alarm__is_noticed)
{
  static const EsUi noticing = { .is_shown = is_shown, .alarm = alarm_user };

  alarms = 0;
  fake_window (BOB);
  es_plugin_running ()->ui = &noticing;
  shown = TRUE;
  tell (BOB, ES_TONE_INFO, "Information.");
  tell (BOB, ES_TONE_WARNING, "Warning.");
  tell (BOB, ES_TONE_REMINDER, "Reminder.");
  ck_assert_uint_eq (alarms, 0);
  tell (BOB, ES_TONE_GRAVE, "Grave.");
  ck_assert_uint_eq (alarms, 1);
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  ck_assert_uint_eq (alarms, 2);
  shown = FALSE;
  tell (BOB, ES_TONE_GRAVE, "Grave, unseen.");
  ck_assert_uint_eq (alarms, 2);
}
END_TEST

START_TEST (told__warning__is_not_lost_in_chatter)
{
  tell (BOB, ES_TONE_WARNING, "Warning.");
  tell (BOB, ES_TONE_REMINDER, "Reminder.");
  chatter (20);
  fake_window (BOB);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Reminder."), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Chatter 19."), 1);
}
END_TEST

/* Nor do many warnings of one kind take the place of another one. */
START_TEST (told__warnings__are_told_once)
{
  tell (BOB, ES_TONE_WARNING, "Warning.");
  for (guint i = 0; i < 20; i++)
    tell (BOB, ES_TONE_WARNING, "The same.");
  fake_window (BOB);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "The same."), 1);
}
END_TEST

START_TEST (told__alarm__is_told_once)
{
  for (guint i = 0; i < 20; i++)
    tell (BOB, ES_TONE_ALARM, "Alarm.");
  fake_settle ();
  fake_window (BOB);
  ck_assert_uint_eq (n_alarms (), 1);
}
END_TEST

START_TEST (told__alarm__is_not_lost_in_contacts)
{
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  for (guint i = 0; i < ES_LIMIT_LINES + 10; i++)
    {
      g_autofree char *contact = g_strdup_printf ("x%u@localhost", i);

      tell (contact, ES_TONE_INFO, "Chatter.");
      tell (contact, ES_TONE_WARNING, "Warning.");
    }
  fake_window (BOB);
  ck_assert_uint_eq (n_alarms (), 1);
}
END_TEST

/* Another life of the program. */
static void
restart (gboolean online)
{
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;

  if (!purple_account_is_disconnected (fake_account ()))
    purple_account_disconnect (fake_account ());
  es_plugin_stop ();
  ck_assert (es_plugin_start (ui, &error));
  if (online)
    purple_account_connect (fake_account ());
  fake_settle ();
}

/* However often it ran, and was online (0) or not. */
START_TEST (told__alarm__outlives_the_program)
{
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  fake_settle ();
  for (guint i = 0; i < 3; i++)
    restart (_i == 0);
  if (_i == 1)
    purple_account_connect (fake_account ());
  fake_window (CAROL);
  ck_assert_uint_eq (n_alarms (), 0);
  fake_window (BOB);
  fake_settle ();
  ck_assert_uint_eq (n_alarms (), 1);
  ck_assert_uint_eq (fake_count (fake_lines, BOB ": On "), 1);
  reopen ();
  restart (TRUE);
  reopen ();
  ck_assert_uint_eq (n_alarms (), 1);
}
END_TEST

/* The window is there before the file can be read. */
START_TEST (told__alarm__comes_when_it_can_be_read)
{
  sqlite3 *lock = NULL;
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;

  tell (BOB, ES_TONE_ALARM, "Alarm.");
  fake_settle ();
  es_plugin_stop ();
  lock = fake_lock_file ();
  ck_assert (es_plugin_start (ui, &error));
  fake_window (BOB);
  fake_settle ();
  ck_assert_uint_eq (n_alarms (), 0);
  sqlite3_close (lock);
  for (guint i = 0; i < 100 && n_alarms () == 0; i++)
    {
      fake_settle ();
      g_usleep (50000);
    }
  ck_assert_uint_eq (n_alarms (), 1);
}
END_TEST

/* While that device is there it is told as ever. */
START_TEST (told__alarm__of_what_goes_on)
{
  fake_encrypt_with_bob ();
  purple_conversation_destroy (fake_window (BOB));
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  fake_window (BOB);
  ck_assert_uint_eq (n_alarms (), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "The other side uses a device that you have not verified"), 1);

  /* This program has the command, and nothing else. */
  ck_assert_uint_eq (fake_count (fake_lines, "or type /esession anyway"), 1);
  reopen ();
  ck_assert_uint_eq (fake_count (fake_lines, "The other side uses a device that you have not verified"), 1);
}
END_TEST

START_TEST (told__hidden__is_told_when_it_is_shown)
{
  fake_window (BOB);
  hide ();
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  tell (BOB, ES_TONE_WARNING, "Warning.");
  es_api ()->shown ();
  fake_settle ();
  ck_assert_uint_eq (n_alarms (), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 0);
  show ();
  ck_assert_uint_eq (n_alarms (), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
  show ();
  ck_assert_uint_eq (n_alarms (), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
}
END_TEST

/* The program closes it after a while; another one is hidden from the start (1). */
START_TEST (told__hidden__is_told_in_the_next_window)
{
  fake_window (BOB);
  hide ();
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  tell (BOB, ES_TONE_WARNING, "Warning.");
  purple_conversation_destroy (fake_window (BOB));
  shown = _i == 0;
  fake_window (BOB);
  fake_settle ();
  ck_assert_uint_eq (n_alarms (), _i == 0 ? 1 : 0);
  show ();
  ck_assert_uint_eq (n_alarms (), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
}
END_TEST

/* What the user has done there is answered where it is seen. */
START_TEST (told__hidden__comes_back_for_what_the_user_does)
{
  g_autoptr (EsAddress) bob = es_address_ref (es_at (BOB));

  fake_window (BOB);
  hide ();
  es_conversations_show (fake_link (), bob);
  ck_assert (shown);
  tell (BOB, ES_TONE_WARNING, "Warning.");
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
}
END_TEST

/* Once the plugin is gone nobody tells it: what is there says it, but for the alarm, which waits in the file. */
START_TEST (told__hidden__is_said_when_the_plugin_stops)
{
  char *error = NULL;

  fake_window (BOB);
  hide ();
  tell (BOB, ES_TONE_ALARM, "Alarm.");
  tell (BOB, ES_TONE_WARNING, "Warning.");
  es_plugin_stop ();
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
  ck_assert_uint_eq (n_alarms (), 0);
  ck_assert (es_plugin_start (&hiding, &error));
  show ();
  ck_assert_uint_eq (n_alarms (), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "Warning."), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("told");
  TCase *tcase = tcase_create ("told");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_loop_test (tcase, told__alarm__is_not_lost_in_chatter, 0, 2);
  tcase_add_test (tcase, told__alarm__is_noticed);
  tcase_add_test (tcase, told__warning__is_not_lost_in_chatter);
  tcase_add_test (tcase, told__warnings__are_told_once);
  tcase_add_test (tcase, told__alarm__is_told_once);
  tcase_add_test (tcase, told__alarm__is_not_lost_in_contacts);
  tcase_add_loop_test (tcase, told__alarm__outlives_the_program, 0, 2);
  tcase_add_test (tcase, told__alarm__comes_when_it_can_be_read);
  tcase_add_test (tcase, told__alarm__of_what_goes_on);
  tcase_add_test (tcase, told__hidden__is_told_when_it_is_shown);
  tcase_add_loop_test (tcase, told__hidden__is_told_in_the_next_window, 0, 2);
  tcase_add_test (tcase, told__hidden__comes_back_for_what_the_user_does);
  tcase_add_test (tcase, told__hidden__is_said_when_the_plugin_stops);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
