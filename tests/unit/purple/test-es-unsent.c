/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sqlite3.h>

#include "es-fake.h"
#include "es-limits.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define SHOWN_BOB "\342\201\250" BOB "\342\201\251"

static void
log_everything (void)
{
  purple_prefs_set_bool ("/purple/logging/log_ims", TRUE);
  purple_prefs_set_bool (ES_PREF_LOG, TRUE);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
}

/* That the log works at all. */
START_TEST (unsent__log__holds_what_is_sent)
{
  purple_prefs_set_bool ("/purple/logging/log_ims", TRUE);
  fake_type (CAROL, "in the clear");
  fake_quit ();
  ck_assert (fake_has_written ("in the clear"));
}
END_TEST

START_TEST (unsent__quitting__writes_nothing)
{
  log_everything ();
  fake_type (BOB, "never sent");
  ck_assert_uint_eq (fake_count (fake_sent, "never sent"), 0);
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
}
END_TEST

START_TEST (unsent__signed_off_then_quitting__writes_nothing)
{
  log_everything ();
  fake_type (BOB, "never sent");
  purple_conversation_destroy (fake_window (BOB));
  purple_account_disconnect (fake_account ());
  fake_settle ();
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
}
END_TEST

START_TEST (unsent__given_back__stands_in_the_window_only)
{
  log_everything ();
  es_unsent_add (fake_link (), es_at (BOB), "never sent", FALSE);
  es_unsent_add (fake_link (), es_at (BOB), "perhaps sent", TRUE);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message may not have arrived: perhaps sent"), 1);
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
  ck_assert (!fake_has_written ("perhaps sent"));
}
END_TEST

START_TEST (unsent__stopping__keeps_it)
{
  log_everything ();
  fake_type (BOB, "never sent");
  es_plugin_stop ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 0);
  fake_quit ();
  ck_assert (!fake_has_written ("never sent"));
}
END_TEST

static guint
n_written_in (const char *path)
{
  sqlite3 *db = NULL;
  sqlite3_stmt *statement = NULL;
  guint n = 0;

  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_prepare_v2 (db, "SELECT count(*) FROM outbox WHERE kind <> 3", -1, &statement, NULL),
                    SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  n = (guint) sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  sqlite3_close (db);
  return n;
}

static char *
file_path (void)
{
  return g_build_filename (purple_user_dir (), "esession.db", NULL);
}

static guint
n_written (void)
{
  g_autofree char *path = file_path ();

  return n_written_in (path);
}

static guint asked;
static gboolean keeps;

static sqlite3 *holder; /* has the file, or NULL */
static guint asked_again;

/* Whoever wants it kept tries again until that can be done: the other program lets go after the second question. */
static gboolean
answer_keep (gboolean cannot)
{
  asked++;
  asked_again += cannot ? 1 : 0;
  if (asked == 3)
    g_clear_pointer (&holder, sqlite3_close);
  return keeps;
}

static void
set_answer (EsUi *ui, gboolean keep)
{
  *ui = *es_plugin_running ()->ui;
  ui->ask_keep = answer_keep;
  es_plugin_running ()->ui = ui;
  asked = asked_again = 0;
  keeps = keep;
}

/* Who wants nothing in a file is asked when the program ends (0: does not want it kept even then, 1: keeps it); but not (2) where nothing
 * would be lost, nor (3) where it is in the file. */
START_TEST (unsent__in_memory__asks_at_the_end)
{
  EsUi ui;
  g_autofree char *path = NULL;

  set_answer (&ui, _i == 1);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "before");
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
  purple_prefs_set_bool (ES_PREF_KEEP, FALSE);
  fake_type (BOB, "after");
  fake_settle ();
  ck_assert_uint_eq (n_written (), 0);
  if (_i == 2)
    es_manager_end (fake_link ()->manager, es_at (BOB));
  if (_i == 3)
    purple_prefs_set_bool (ES_PREF_KEEP, TRUE);
  path = file_path ();
  fake_quit ();
  ck_assert_uint_eq (asked, _i < 2 ? 1 : 0);
  ck_assert_uint_eq (n_written_in (path), _i == 1 || _i == 3 ? 2 : 0);
}
END_TEST

/* Another program has the file when the user says that it is to be kept: that is not promised twice, and he may try again (0), until it can
 * be done, or have it erased (1) after all, of which nothing is in the file later. */
START_TEST (unsent__in_memory__is_kept_or_that_is_told)
{
  EsUi ui;
  g_autofree char *path = file_path ();

  set_answer (&ui, _i == 0);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  purple_prefs_set_bool (ES_PREF_KEEP, FALSE);
  fake_type (BOB, "never sent");
  fake_settle ();
  holder = fake_lock_file ();
  fake_quit ();
  ck_assert_uint_eq (asked, _i == 0 ? 3 : 1);
  ck_assert_uint_eq (asked_again, _i == 0 ? 2 : 0);
  g_clear_pointer (&holder, sqlite3_close);
  ck_assert_uint_eq (n_written_in (path), _i == 0 ? 1 : 0);
}
END_TEST

/* An account goes while the user thinks. */
static gboolean
remove_account_and_keep (gboolean cannot)
{
  purple_accounts_delete (fake_account ());
  return TRUE;
}

START_TEST (unsent__in_memory__survives_an_account_that_goes_meanwhile)
{
  EsUi ui;

  set_answer (&ui, TRUE);
  ui.ask_keep = remove_account_and_keep;
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  purple_prefs_set_bool (ES_PREF_KEEP, FALSE);
  fake_type (BOB, "never sent");
  fake_settle ();
  fake_quit ();
}
END_TEST

/* The window is closed, the account offline (0: signed off, 1: disabled, 2: the plugin is stopped after that): what would go back is
 * in the file still, and in the window once there is one. */
START_TEST (unsent__unseen__policy_changes)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  purple_conversation_destroy (fake_window (BOB));
  fake_settle ();
  purple_account_disconnect (fake_account ());
  if (_i == 1)
    purple_account_set_enabled (fake_account (), purple_core_get_ui (), FALSE);
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_POSSIBLE);
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
  if (_i == 2)
    es_plugin_stop ();
  else
    {
      purple_account_set_enabled (fake_account (), purple_core_get_ui (), TRUE);
      purple_account_connect (fake_account ());
      fake_window (BOB);
      fake_settle ();
      ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
    }
  ck_assert_uint_eq (n_written (), _i == 2 ? 1 : 0);
  fake_quit ();
}
END_TEST

/* The verified device for which it waits is forgotten (0), or marked as not verified (1), while the account is offline. */
START_TEST (unsent__unseen__device_is_forgotten)
{
  g_autoptr (GPtrArray) devices = NULL;
  g_autofree char *error = NULL, *code = NULL;
  EsConversation what;

  fake_encrypt_with_bob ();
  es_manager_describe (fake_link ()->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (fake_link ()->manager, es_at (BOB), code, TRUE);
  fake_settle ();
  fake_receive ("<presence xmlns='jabber:client' from='bob@localhost/x' type='unavailable'/>");
  fake_settle ();
  fake_type (BOB, "never sent");
  fake_settle ();
  purple_conversation_destroy (fake_window (BOB));
  purple_account_disconnect (fake_account ());
  fake_settle ();
  devices = es_remembered_list (&error);
  ck_assert_uint_eq (devices->len, 1);
  if (_i == 0)
    ck_assert (es_remembered_forget (((const EsDevice *) devices->pdata[0])->id, FALSE, &error));
  else
    ck_assert (es_remembered_unmark (((const EsDevice *) devices->pdata[0])->id, &error));
  fake_settle ();
  ck_assert_uint_eq (n_written (), 2);
  purple_account_connect (fake_account ());
  fake_window (BOB);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
  fake_quit ();
}
END_TEST

/* Some programs keep a conversation whose window was closed. */
static gboolean hidden;

static gboolean
is_shown (PurpleConversation *conversation)
{
  return !hidden;
}

static void
reveal (PurpleConversation *conversation)
{
  hidden = FALSE;
}

static void
hide (void)
{
  static EsUi ui;

  ui = *es_plugin_running ()->ui;
  ui.is_shown = is_shown;
  ui.reveal = reveal;
  es_plugin_running ()->ui = &ui;
  hidden = TRUE;
}

/* That is no window that anybody sees: it comes back (0), or, offline (1), all stays in the file until it can. */
START_TEST (unsent__hidden__is_no_window)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  hide ();
  if (_i == 1)
    purple_account_disconnect (fake_account ());
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_POSSIBLE);
  fake_settle ();
  ck_assert_int_eq (hidden, _i == 1);
  ck_assert_uint_eq (n_written (), _i == 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), _i == 0);
  if (_i == 1)
    purple_account_connect (fake_account ());
  fake_settle ();
  ck_assert (!hidden);
  ck_assert_uint_eq (n_written (), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
  fake_quit ();
}
END_TEST

/* The window is there, and another one lies over it: what comes back stays in the file until the user looks at it. */
static gboolean looked_at;

static gboolean
is_seen (PurpleConversation *conversation)
{
  return looked_at;
}

static void
look_away (EsUi *ui)
{
  *ui = *es_plugin_running ()->ui;
  ui->is_seen = is_seen;
  es_plugin_running ()->ui = ui;
  looked_at = FALSE;
}

START_TEST (unsent__not_looked_at__stays_in_the_file)
{
  EsUi ui;
  g_autofree char *path = file_path ();

  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  look_away (&ui);
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_POSSIBLE);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 0);
  ck_assert_uint_eq (n_written (), 1);
  if (_i == 0)
    {
      looked_at = TRUE;
      es_api ()->shown ();
      fake_settle ();
      ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
      ck_assert_uint_eq (n_written (), 0);
    }
  fake_quit ();
  ck_assert_uint_eq (n_written_in (path), _i == 0 ? 0 : 1);
}
END_TEST

/* What came back, and the user has done nothing with, when the program ends (0), or (1) it was in memory only and she wants it kept, or
 * (2) not: in the window, or nowhere yet. */
static GPtrArray *
take_unsent (PurpleConversation *conversation)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func (g_free);

  if (strcmp (purple_conversation_get_name (conversation), BOB) != 0)
    return texts;
  g_ptr_array_add (texts, g_strdup ("in the window"));
  g_ptr_array_add (texts, g_strdup (" /esession password mistyped"));
  g_ptr_array_add (texts, g_strnfill (ES_LIMIT_CONTENT_OCTETS + 1, 'x'));
  return texts;
}

START_TEST (unsent__nothing_done_with__waits_after_a_restart)
{
  EsUi ui;
  g_autofree char *path = file_path ();

  set_answer (&ui, _i == 1);
  ui.take_unsent = take_unsent;
  purple_prefs_set_bool (ES_PREF_KEEP, _i == 0);
  fake_window (BOB);
  purple_account_disconnect (fake_account ());
  es_unsent_add (fake_link (), es_at (CAROL), "nowhere", FALSE);
  es_unsent_add (fake_link (), es_at (CAROL), "perhaps sent", TRUE);
  fake_settle ();
  fake_quit ();
  ck_assert_uint_eq (asked, _i == 0 ? 0 : 1);
  ck_assert_uint_eq (n_written_in (path), _i == 2 ? 0 : 2);
}
END_TEST

/* Who is in the list no more would never be heard of again. */
START_TEST (unsent__removed_contact__is_shown_what_waits)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  purple_conversation_destroy (fake_window (BOB));
  purple_blist_remove_buddy (purple_find_buddy (fake_account (), BOB));
  fake_settle ();
  ck_assert_ptr_nonnull (purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, BOB, fake_account ()));
  fake_quit ();
}
END_TEST

static gboolean
has_window (const char *who)
{
  return purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, who, fake_account ()) != NULL;
}

/* Nor after a restart; with the file locked by another program for a moment (1); nor is one who is in the list (2), as nobody would look
 * there. */
START_TEST (unsent__waiting__is_shown_after_a_restart)
{
  const char *who = _i == 2 ? BOB : CAROL;
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;
  sqlite3 *lock = NULL;

  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (who, "never sent");
  fake_settle ();
  purple_conversation_destroy (fake_window (who));
  purple_account_disconnect (fake_account ());
  es_plugin_stop ();
  ck_assert_uint_eq (n_written (), 1);
  lock = _i == 1 ? fake_lock_file () : NULL;
  ck_assert (es_plugin_start (ui, &error));
  purple_account_connect (fake_account ());
  fake_settle ();
  if (_i == 1)
    sqlite3_close (lock);
  for (guint i = 0; i < 100 && !has_window (who); i++)
    {
      fake_settle ();
      g_usleep (50000);
    }
  ck_assert (has_window (who));
  fake_quit ();
}
END_TEST

/* Without the window in which that was written. */
static void
wait_unseen (const char *text)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, text);
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
  purple_conversation_destroy (fake_window (BOB));
  purple_account_disconnect (fake_account ());
}

static void
sign_on_as (const char *name)
{
  purple_account_set_username (fake_account (), name);
  purple_account_connect (fake_account ());
  fake_settle ();
}

static const char question[]
    = "1 message that you wrote as \"\342\201\250alice@localhost\342\201\251\" has not arrived";

/* It is asked once, and erased (0), or kept (1). */
START_TEST (unsent__renamed_account__is_asked_what_becomes_of_it)
{
  wait_unseen ("never sent");
  ck_assert_uint_eq (fake_count (fake_notes, "has not arrived"), 0);
  sign_on_as ("other@localhost/a");
  ck_assert_uint_eq (fake_count (fake_notes, question), 1);
  fake_reconnect (NULL);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_notes, question), 1);
  fake_press ((guint) _i);
  ck_assert_uint_eq (n_written (), _i == 0 ? 0 : 1);
  fake_quit ();
}
END_TEST

/* In the next life of the program, which knows of the name from the file only; what was given back meanwhile is not erased. */
START_TEST (unsent__renamed_account__is_asked_after_a_restart)
{
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;
  sqlite3 *lock = NULL;

  wait_unseen ("never sent");
  es_plugin_stop ();
  lock = _i == 1 ? fake_lock_file () : NULL;
  ck_assert (es_plugin_start (ui, &error));
  sign_on_as ("other@localhost/a");
  sqlite3_close (lock);
  for (guint i = 0; i < 150 && fake_count (fake_notes, question) == 0; i++)
    {
      fake_settle ();
      g_usleep (50000);
    }
  ck_assert_uint_eq (fake_count (fake_notes, question), 1);
  purple_account_disconnect (fake_account ());
  sign_on_as ("alice@localhost/a");
  fake_press (0);
  ck_assert_uint_eq (n_written (), 1);
  fake_quit ();
}
END_TEST

/* At once (0), or after a restart (1). */
START_TEST (unsent__renamed_account__takes_all_with_it_when_it_is_deleted)
{
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;

  wait_unseen ("never sent");
  if (_i == 1)
    {
      es_plugin_stop ();
      ck_assert (es_plugin_start (ui, &error));
    }
  sign_on_as ("other@localhost/a");
  ck_assert_uint_eq (n_written (), 1);
  purple_accounts_delete (fake_account ());
  ck_assert_uint_eq (n_written (), 0);
  fake_quit ();
}
END_TEST

/* As soon as the file can be written, in another life of the program, say. */
START_TEST (unsent__deleted_account__leaves_nothing)
{
  const EsUi *ui = es_plugin_running ()->ui;
  char *error = NULL;
  sqlite3 *lock = NULL;

  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
  lock = fake_lock_file ();
  purple_account_disconnect (fake_account ());
  purple_accounts_delete (fake_account ());
  sqlite3_close (lock);
  ck_assert_uint_eq (n_written (), 1);
  es_plugin_stop ();
  ck_assert (es_plugin_start (ui, &error));
  ck_assert_uint_eq (n_written (), 0);
  fake_quit ();
}
END_TEST

/* What is in no file either, where no window can be opened. */
START_TEST (unsent__unseen__is_said_when_the_plugin_stops)
{
  purple_account_disconnect (fake_account ());
  fake_settle ();
  es_unsent_add (fake_link (), es_at (BOB), "never <b>sent</b>", FALSE);
  es_unsent_add (fake_link (), es_at (BOB), "perhaps sent", TRUE);
  fake_settle ();
  ck_assert_uint_eq (fake_notes->len, 0);
  es_plugin_stop ();
  ck_assert_uint_eq (fake_count (fake_notes, "This message was not sent: never sent " SHOWN_BOB), 1);
  ck_assert_uint_eq (fake_count (fake_notes, "This message may not have arrived: perhaps sent " SHOWN_BOB), 1);
  fake_quit ();
}
END_TEST

/* In the window that is open, offline or not, it is shown at once, as ever. */
START_TEST (unsent__seen__is_given_back_at_once)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  if (_i == 1)
    purple_account_disconnect (fake_account ());
  fake_settle ();
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_POSSIBLE);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
  ck_assert_uint_eq (n_written (), 0);
}
END_TEST

static GString *given;

static gboolean
take_texts (PurpleConversation *conversation, const char *const *texts)
{
  for (; *texts != NULL; texts++)
    g_string_append_printf (given, "%s: %s|", purple_conversation_get_name (conversation), *texts);
  return TRUE;
}

/* A window that is sending clears its entry afterwards; one that is closed meanwhile has no entry. */
START_TEST (unsent__like_a_command__goes_back_to_the_entry)
{
  static const EsUi ui = { .return_texts = take_texts };

  given = g_string_new (NULL);
  es_plugin_running ()->ui = &ui;
  fake_type (BOB, " /esession password x");
  fake_type (BOB, " /esession password <b>y</b>");
  fake_type (CAROL, " /esession password z");
  ck_assert_str_eq (given->str, "");
  purple_conversation_destroy (fake_window (CAROL));
  fake_settle ();
  ck_assert_str_eq (given->str, BOB ":  /esession password x|" BOB ":  /esession password <b>y</b>|");
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent"), 0);

  fake_type (BOB, " /esession password z");
  es_plugin_stop ();
  ck_assert_ptr_nonnull (strstr (given->str, "password z|"));
  fake_quit ();
}
END_TEST

/* With the window open (0), or closed (1). */
START_TEST (unsent__account_deleted__nothing_is_left)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
  if (_i == 1)
    purple_conversation_destroy (fake_window (BOB));
  purple_accounts_delete (fake_account ());
  fake_settle ();
  ck_assert_uint_eq (n_written (), 0);
}
END_TEST

/* Another account was given the same address: what waits is that one's as well. */
START_TEST (unsent__account_deleted__another_has_the_same_address)
{
  PurpleAccount *other = purple_account_new ("other@localhost", "prpl-jabber");

  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "never sent");
  fake_settle ();
  purple_accounts_add (other);
  purple_account_set_username (other, "alice@localhost/second");
  purple_accounts_delete (fake_account ());
  fake_settle ();
  ck_assert_uint_eq (n_written (), 1);
}
END_TEST

static void
announce (gsize octets)
{
  g_autofree char *features = g_strdup_printf (
      "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"
      "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>%zu</max-bytes></limits></stream:features>",
      octets);

  fake_receive (features);
}

/* Deeper than anybody looks. */
static void
add_deep (PurpleConnection *connection, xmlnode **packet, const char *name)
{
  xmlnode *at = *packet;

  for (guint i = 0; purple_strequal ((*packet)->name, "message") && i < 100; i++)
    at = xmlnode_new_child (at, name);
}

static void
send_elsewhere (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  if (purple_strequal ((*packet)->name, "message"))
    xmlnode_set_attrib (*packet, "to", to);
}

static void
add_address (PurpleConnection *connection, xmlnode **packet, const char *to)
{
  if (purple_strequal ((*packet)->name, "message"))
    xmlnode_set_attrib_full (*packet, "to", "urn:x", "x", to);
}

static void
change (gpointer how, const char *data)
{
  static int handle;

  purple_signal_connect_priority (es_plugin_running ()->jabber, "jabber-sending-xmlnode", &handle, how, (gpointer) data,
                                  PURPLE_SIGNAL_PRIORITY_DEFAULT);
}

/* Of what a conversation with WHO can hold; nobody has confirmed it. */
static void
fill (const char *who)
{
  g_autofree char *text = g_strnfill (160000, 'x');

  for (gsize octets = 0; octets < ES_LIMIT_WAITING_OCTETS; octets += 160000)
    fake_type (who, text);
}

/* libpurple takes what was handed to it for sent: what did not leave is not shown as that, nor in a log, and the user has it back once.
 * To whom it is encrypted (the first five), and to whom it is not. */
static const struct
{
  const char *who;
  gsize length;
  gpointer how;
  const char *data;
} refusals[] = {
  { BOB, 200000, NULL, NULL }, /* too long to be encrypted */
  { BOB, 10, add_deep, "deep" },   { BOB, 10, send_elsewhere, CAROL }, { BOB, 10, add_address, CAROL },
  { BOB, 160000, fill, BOB },      { CAROL, 200000, NULL, NULL }, /* more than the server takes */
  { CAROL, 10, add_deep, "deep" }, { CAROL, 10, add_address, BOB },    { CAROL, 10, send_elsewhere, "not an@address@" },
};

START_TEST (unsent__refused__is_not_shown_as_sent)
{
  g_autofree char *text = g_strnfill (refusals[_i].length, 'y'),
                  *shown = g_strconcat (refusals[_i].who, ": ", text, NULL);

  purple_prefs_set_bool ("/purple/logging/log_ims", TRUE);
  fake_add_buddy (CAROL);
  fake_encrypt_with_bob ();
  if (strcmp (refusals[_i].who, CAROL) == 0)
    announce (100000);
  if (refusals[_i].how == (gpointer) fill)
    fill (BOB);
  else if (refusals[_i].how != NULL)
    change (refusals[_i].how, refusals[_i].data);
  fake_type (refusals[_i].who, text);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_sent, text), 0);
  ck_assert_uint_eq (fake_count (fake_lines, shown), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: y"), 1);
  fake_quit ();
  ck_assert (!fake_has_written ("yyyyyyyyyy"));
  ck_assert (fake_has_written ("first"));
}
END_TEST

/* So is what waited, and turns out to be too large when it may leave. */
START_TEST (unsent__refused__is_not_shown_as_sent_when_it_has_waited)
{
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type (BOB, "waits");
  fake_bob_comes ();
  change (add_deep, "deep");
  fake_bob_runs ();
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_bob_shown, "waits"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, BOB ": waits"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: waits"), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("unsent");
  TCase *tcase = tcase_create ("unsent");

  tcase_add_checked_fixture (tcase, fake_start, fake_stop);
  tcase_add_test (tcase, unsent__log__holds_what_is_sent);
  tcase_add_test (tcase, unsent__quitting__writes_nothing);
  tcase_add_loop_test (tcase, unsent__in_memory__asks_at_the_end, 0, 4);
  tcase_add_loop_test (tcase, unsent__in_memory__is_kept_or_that_is_told, 0, 2);
  tcase_add_test (tcase, unsent__in_memory__survives_an_account_that_goes_meanwhile);
  tcase_add_test (tcase, unsent__signed_off_then_quitting__writes_nothing);
  tcase_add_test (tcase, unsent__given_back__stands_in_the_window_only);
  tcase_add_test (tcase, unsent__stopping__keeps_it);
  tcase_add_loop_test (tcase, unsent__unseen__policy_changes, 0, 3);
  tcase_add_loop_test (tcase, unsent__unseen__device_is_forgotten, 0, 2);
  tcase_add_loop_test (tcase, unsent__hidden__is_no_window, 0, 2);
  tcase_add_loop_test (tcase, unsent__not_looked_at__stays_in_the_file, 0, 2);
  tcase_add_loop_test (tcase, unsent__nothing_done_with__waits_after_a_restart, 0, 3);
  tcase_add_test (tcase, unsent__removed_contact__is_shown_what_waits);
  tcase_add_loop_test (tcase, unsent__waiting__is_shown_after_a_restart, 0, 3);
  tcase_add_loop_test (tcase, unsent__renamed_account__is_asked_what_becomes_of_it, 0, 2);
  tcase_add_loop_test (tcase, unsent__renamed_account__is_asked_after_a_restart, 0, 2);
  tcase_add_loop_test (tcase, unsent__renamed_account__takes_all_with_it_when_it_is_deleted, 0, 2);
  tcase_add_test (tcase, unsent__deleted_account__leaves_nothing);
  tcase_add_test (tcase, unsent__like_a_command__goes_back_to_the_entry);
  tcase_add_test (tcase, unsent__unseen__is_said_when_the_plugin_stops);
  tcase_add_loop_test (tcase, unsent__seen__is_given_back_at_once, 0, 2);
  tcase_add_loop_test (tcase, unsent__account_deleted__nothing_is_left, 0, 2);
  tcase_add_test (tcase, unsent__account_deleted__another_has_the_same_address);
  tcase_add_loop_test (tcase, unsent__refused__is_not_shown_as_sent, 0, G_N_ELEMENTS (refusals));
  tcase_add_test (tcase, unsent__refused__is_not_shown_as_sent_when_it_has_waited);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
