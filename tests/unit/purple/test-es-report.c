/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#include <sys/stat.h>

#include "../es-limit.h"
#include "es-secret.h"

#define BOB "bob@localhost"
#define WHOLE "ESESSION_LOG_ADDRESSES"

static GPtrArray *printed;

static void
print (PurpleDebugLevel level, const char *category, const char *text)
{
  if (purple_strequal (category, "esession"))
    g_ptr_array_add (printed, g_strdup (text));
}

static gboolean
is_printed (PurpleDebugLevel level, const char *category)
{
  return TRUE;
}

static PurpleDebugUiOps debug_ops = { .print = print, .is_enabled = is_printed };

static void
setup (void)
{
  printed = g_ptr_array_new_with_free_func (g_free);
  purple_debug_set_ui_ops (&debug_ops);
  fake_start ();
}

static void
setup_limited (void)
{
  limit_locked_memory (64 * 1024);
  setup ();
}

static void
setup_whole (void)
{
  g_setenv (WHOLE, "1", TRUE);
  setup ();
}

static void
teardown (void)
{
  fake_stop ();
  g_unsetenv (WHOLE);
  g_clear_pointer (&printed, g_ptr_array_unref);
}

/* What it holds, the caller's; *PATH likewise. */
static char *
write_report (char **path)
{
  g_autofree char *error = NULL;
  char *text = NULL;

  *path = es_api ()->write_report (&error);
  ck_assert_msg (*path != NULL, "%s", error);
  ck_assert (g_file_get_contents (*path, &text, NULL, NULL));
  return text;
}

static void
assert_holds (const char *text, const char *expression)
{
  ck_assert_msg (g_regex_match_simple (expression, text, G_REGEX_MULTILINE, 0), "%s is not in: %s", expression, text);
}

static void
assert_holds_nothing_of (const char *text, const char *secret)
{
  ck_assert_msg (strstr (text, secret) == NULL, "%s is in: %s", secret, text);
}

static char *
code (void)
{
  EsConversation what;

  es_api ()->describe (fake_window (BOB), &what);
  ck_assert_ptr_nonnull (what.code);
  return g_strdup (what.code);
}

START_TEST (report__file__is_the_users_alone)
{
  g_autofree char *path = NULL, *other = NULL;
  g_autofree char *text = write_report (&path), *again = write_report (&other);
  g_autofree char *folder = g_path_get_dirname (path);
  struct stat about;

  ck_assert_str_eq (folder, purple_user_dir ());
  ck_assert (g_regex_match_simple ("/esession-report-[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}\\.txt$", path, 0, 0));
  ck_assert_int_eq (stat (path, &about), 0);
  ck_assert_uint_eq (about.st_mode & 07777, 0600);
  ck_assert_str_ne (path, other);
}
END_TEST

/* But for the second that stands in its first line. */
START_TEST (report__shown__is_what_the_file_holds)
{
  g_autofree char *path = NULL, *error = NULL, *written = write_report (&path), *shown = es_api ()->report (&error);

  ck_assert_ptr_nonnull (strchr (shown, '\n'));
  ck_assert_str_eq (strchr (written, '\n'), strchr (shown, '\n'));
}
END_TEST

START_TEST (report__text__tells_what_there_is)
{
  g_autofree char *path = NULL, *text = NULL;

  fake_encrypt_with_bob ();
  text = write_report (&path);
  assert_holds (text, "^  plugin: [0-9.]+$");
  assert_holds (text, "^  libpurple: 2\\.[0-9.]+$");
  assert_holds (text, "^  GLib: 2\\.[0-9.]+$");
  assert_holds (text, "^  OpenSSL: 3\\.[0-9.]+$");
  assert_holds (text, "^  SQLite: 3\\.[0-9.]+$");
  assert_holds (text, "^  libxml2: [0-9]");
  assert_holds (text, "^  system: .+, Linux .+$");
  assert_holds (text, "^  policy: 2$");
  assert_holds (text, "^  weak-groups: 0$");
  assert_holds (text, "^  protection: none$");
  assert_holds (text, "^  devices: 1$");
  assert_holds (text, "^  locked: [0-9]+ KiB$");
  assert_holds (text, "^  in ordinary memory: [0-9]+$");
  assert_holds (text, "^  .*[Kk]eys .*swapped out.*\\.$");
  assert_holds (text, "^  XMPP accounts: 1$");
  assert_holds (text, "^  online: 1$");
  assert_holds (text, "^  contacts, encrypted: 1$");
  assert_holds (text, "^  sessions: 1$");
  assert_holds (text, "^....-..-..T..:..:..Z plugin info: started$");
  assert_holds (text, "^....-..-..T..:..:..Z session info ~[0-9a-f]{6}: starting, unverified: encrypted$");
}
END_TEST

/* As with ulimit -l 64, and where so many keys are held that no more can be locked. */
START_TEST (report__text__tells_what_is_not_locked)
{
  g_autoptr (GPtrArray) all = es_secret_array_new ();
  g_autofree char *path = NULL, *text = NULL;
  EsConversation what;
  guint n_warned = 0;

  for (guint i = 0; i < printed->len; i++)
    n_warned += strstr (printed->pdata[i], "keys may be swapped out: not all memory for them can be locked") != NULL;
  ck_assert_uint_eq (n_warned, 1);
  es_api ()->describe (fake_window (BOB), &what);
  ck_assert (what.may_be_swapped);
  text = write_report (&path);
  assert_holds (text, "^  locked: 64 KiB$");
  assert_holds (text, "^  in ordinary memory: 0$");
  assert_holds (text,
                "^  Keys may be swapped out while they are computed with: the limit on locked memory is small\\.$");
  g_clear_pointer (&text, g_free);

  for (guint i = 0; i < 3000; i++)
    g_ptr_array_add (all, es_secret_new (32));
  text = write_report (&path);
  assert_holds (text, "^  in ordinary memory: [0-9]{3,4}$");
  assert_holds (text, "^  Some keys may be swapped out: the limit on locked memory is too small for all of them\\.$");
  assert_holds (
      text, "plugin warning: some keys may be swapped out: the limit on locked memory is too small for all of them$");
  n_warned = 0;
  for (guint i = 0; i < printed->len; i++)
    n_warned += strstr (printed->pdata[i], "some keys may be swapped out") != NULL;
  ck_assert_uint_eq (n_warned, 1);
}
END_TEST

START_TEST (report__text__holds_nothing_that_was_written)
{
  g_autofree char *path = NULL, *text = NULL, *shown = NULL;

  fake_encrypt_with_bob ();
  fake_type (BOB, "nobody else's business");
  fake_bob_types ("nor is that");
  shown = code ();
  es_api ()->user_verify (fake_window (BOB), shown, TRUE);
  es_api ()->user_password (fake_window (BOB), "under the doormat", NULL);
  fake_bob_runs ();
  purple_prefs_set_int (ES_PREF_POLICY, ES_POLICY_ALWAYS);
  fake_type ("carol@localhost", "what waits for her");
  fake_receive ("<message xmlns='jabber:client' from='mallory@localhost/x' type='chat'><c "
                "xmlns='http://www.xmpp.org/extensions/xep-0200.html#ns'><data>AAAA</data></c></message>");
  text = write_report (&path);
  assert_holds (text, "^  messages that wait: 1$");
  ck_assert_uint_gt (printed->len, 10);
  g_ptr_array_add (printed, g_steal_pointer (&text));
  for (guint i = 0; i < printed->len; i++)
    {
      const char *secrets[] = { "nobody else's business",
                                "nor is that",
                                "under the doormat",
                                "what waits for her",
                                "localhost",
                                "alice",
                                "bob",
                                "carol",
                                "mallory",
                                purple_user_dir (),
                                shown };

      for (gsize j = 0; j < G_N_ELEMENTS (secrets); j++)
        assert_holds_nothing_of (printed->pdata[i], secrets[j]);
    }
}
END_TEST

/* libpurple's debug window has each line when it happens. */
START_TEST (report__debug_window__has_the_lines)
{
  fake_encrypt_with_bob ();
  ck_assert_uint_eq (fake_count (printed, "plugin info: started\n"), 1);
  ck_assert_uint_eq (fake_count (printed, ": starting, unverified: encrypted\n"), 1);
}
END_TEST

START_TEST (report__gate__says_what_it_drops)
{
  g_autofree char *path = NULL, *text = NULL;

  fake_receive ("<message xmlns='jabber:client' from='a@b@c@d' type='chat'><body>x</body></message>");
  text = write_report (&path);
  assert_holds (text, "^.* gate warning: not let in, message: confusing$");
}
END_TEST

START_TEST (report__addresses__are_whole_where_that_is_wanted)
{
  g_autofree char *path = NULL, *text = NULL;

  fake_encrypt_with_bob ();
  text = write_report (&path);
  assert_holds (text, "^It holds whole addresses");
  assert_holds (text, "^.* session info bob@localhost: starting, unverified: encrypted$");
}
END_TEST

START_TEST (report__folder__that_takes_no_file)
{
  g_autofree char *error = NULL, *folder = g_strdup (purple_user_dir ());
  g_autofree char *path = NULL;

  purple_util_set_user_dir ("/nonexistent/folder");
  path = es_api ()->write_report (&error);
  purple_util_set_user_dir (folder);
  ck_assert_ptr_null (path);
  ck_assert (
      g_str_has_prefix (error, "The report could not be written to the file /nonexistent/folder/esession-report-"));
}
END_TEST

START_TEST (report__stopped_plugin__has_none)
{
  g_autofree char *error = NULL, *other = NULL;

  es_plugin_stop ();
  ck_assert_ptr_null (es_api ()->write_report (&error));
  ck_assert (g_str_has_prefix (error, "Encrypted Sessions is not running"));
  ck_assert_ptr_null (es_api ()->report (&other));
  ck_assert_str_eq (error, other);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("report");
  TCase *tcase = tcase_create ("report"), *whole = tcase_create ("whole"), *limited = tcase_create ("limited");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, report__file__is_the_users_alone);
  tcase_add_test (tcase, report__shown__is_what_the_file_holds);
  tcase_add_test (tcase, report__text__tells_what_there_is);
  tcase_add_test (tcase, report__text__holds_nothing_that_was_written);
  tcase_add_test (tcase, report__debug_window__has_the_lines);
  tcase_add_test (tcase, report__gate__says_what_it_drops);
  tcase_add_test (tcase, report__folder__that_takes_no_file);
  tcase_add_test (tcase, report__stopped_plugin__has_none);
  suite_add_tcase (suite, tcase);
  tcase_add_checked_fixture (whole, setup_whole, teardown);
  tcase_add_test (whole, report__addresses__are_whole_where_that_is_wanted);
  suite_add_tcase (suite, whole);
  tcase_add_checked_fixture (limited, setup_limited, teardown);
  tcase_add_test (limited, report__text__tells_what_is_not_locked);
  suite_add_tcase (suite, limited);
  return es_test_run (suite);
}
