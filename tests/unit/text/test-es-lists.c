/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices in words. */
#include "es-lists.h"

#include <locale.h>

#include "../es-test.h"

#define ISOLATE "\342\201\250"
#define POP "\342\201\251"
#define NOON 43200
#define DAY (24 * 60 * 60)

static void
setup (void)
{
  g_setenv ("TZ", "UTC", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
}

static EsRemembered
device (gint64 id, const char *contact)
{
  return (EsRemembered){ .id = id,
                         .account_name = (char *) "me@example.org",
                         .contact = (char *) contact,
                         .created = NOON,
                         .last_used = NOON + 2 * DAY };
}

START_TEST (lists__name__is_the_users_then_its_own_then_a_number)
{
  EsRemembered phone = device (7, "bob@example.com");
  g_autofree char *number = es_device_shown_name (&phone), *own = NULL, *users = NULL;

  phone.resource = (char *) "res";
  own = es_device_shown_name (&phone);
  phone.name = (char *) "his phone";
  users = es_device_shown_name (&phone);
  ck_assert_str_eq (number, ISOLATE "Device 7" POP);
  ck_assert_str_eq (own, ISOLATE "res" POP);
  ck_assert_str_eq (users, ISOLATE "his phone" POP);
}
END_TEST

/* Whoever comes later takes no name from another one, of the same contact. */
START_TEST (lists__first_name__is_its_own_or_has_a_number)
{
  g_autofree char *endless = g_strnfill (10000, 'x');
  EsRemembered old = device (1, "bob@example.com"), second = device (2, "bob@example.com"),
               third = device (3, "bob@example.com"), other = device (4, "carol@example.com");
  gpointer all[] = { &old, &second, &third, &other };
  const GPtrArray devices = { all, G_N_ELEMENTS (all) };
  g_autofree char *first = NULL, *next = NULL, *last = NULL, *others = NULL, *cut = NULL, *none = NULL;

  old.resource = (char *) "pidgin";
  first = old.name = es_device_first_name (&devices, &old);
  old.resource = NULL;
  second.resource = third.resource = other.resource = (char *) "pidgin";
  others = other.name = es_device_first_name (&devices, &other);
  third.name = (char *) "pidgin (2)";
  next = es_device_first_name (&devices, &second);
  ck_assert_str_eq (first, "pidgin");
  ck_assert_str_eq (others, "pidgin");
  ck_assert_str_eq (next, "pidgin (3)");
  second.resource = endless;
  cut = es_device_first_name (&devices, &second);
  ck_assert_uint_eq (strlen (cut), 40);
  second.resource = NULL;
  none = es_device_first_name (&devices, &second);
  ck_assert_str_eq (none, "");
}
END_TEST

static gboolean
warns (const GPtrArray *all, const GPtrArray *forgotten, gboolean whole)
{
  g_autofree char *text = es_forget_explanation (all, forgotten, whole);

  return strstr (text, "No device of ") != NULL;
}

/* Who has no other verified device counts as verified no more. */
START_TEST (lists__forget__says_that_nothing_verified_is_left)
{
  EsRemembered verified = device (1, "bob@example.com"), phone = device (2, "bob@example.com"),
               other = device (3, "carol@example.com");
  gpointer all[] = { &verified, &phone, &other }, one[] = { &verified }, another[] = { &phone };
  const GPtrArray devices = { all, G_N_ELEMENTS (all) }, first = { one, 1 }, second = { another, 1 };

  verified.verified = other.verified = TRUE;
  ck_assert (warns (&devices, &first, FALSE));
  ck_assert (warns (&devices, &second, TRUE));
  ck_assert (es_forget_loses_verification (&devices, &first, FALSE));
  ck_assert (es_forget_loses_verification (&devices, &second, TRUE));
  ck_assert (!es_forget_loses_verification (&devices, &second, FALSE));
  ck_assert (!es_forget_loses_verification (NULL, &first, FALSE));
  ck_assert (!warns (&devices, &second, FALSE));
  ck_assert (!warns (NULL, &first, FALSE));
  phone.verified = TRUE;
  ck_assert (!warns (&devices, &first, FALSE));
  ck_assert (warns (&devices, &devices, FALSE));
}
END_TEST

START_TEST (lists__contact__has_both_names)
{
  EsRemembered phone = device (7, "bob@example.com");
  g_autofree char *bare = es_device_shown_contact (&phone), *both = NULL, *quoted = NULL;

  phone.alias = (char *) "Bob";
  both = es_device_shown_contact (&phone);
  quoted = es_device_quoted_contact (&phone);
  ck_assert_str_eq (bare, ISOLATE "bob@example.com" POP);
  ck_assert_str_eq (both, ISOLATE "Bob" POP " (" ISOLATE "bob@example.com" POP ")");
  ck_assert_str_eq (quoted, "\"" ISOLATE "Bob" POP "\" (" ISOLATE "bob@example.com" POP ")");
}
END_TEST

/* On two accounts they are two, also in a question. */
START_TEST (lists__contact__of_two_accounts_is_named_with_one)
{
  EsRemembered phone = device (7, "bob@example.com");
  gpointer one[] = { &phone };
  const GPtrArray devices = { one, 1 };
  g_autofree char *quoted = NULL, *in_row = NULL, *explanation = NULL, *text = NULL;

  phone.elsewhere = phone.verified = TRUE;
  quoted = es_device_quoted_contact (&phone);
  in_row = es_device_shown_contact (&phone);
  explanation = es_forget_explanation (&devices, &devices, TRUE);
  text = es_devices_text (&devices);
  ck_assert_str_eq (quoted, ISOLATE "bob@example.com" POP ", on your account " ISOLATE "me@example.org" POP);
  ck_assert_ptr_nonnull (strstr (explanation, quoted));

  /* There the account stands by itself. */
  ck_assert_str_eq (in_row, ISOLATE "bob@example.com" POP);
  ck_assert_ptr_null (strstr (text, quoted));
}
END_TEST

START_TEST (lists__line__tells_the_name_from_what_is_said)
{
  EsRemembered phone = device (7, "bob@example.com");
  g_autofree char *line = NULL;

  phone.resource = (char *) "laptop: verified 01/01/70";
  line = es_device_line (&phone);
  ck_assert (g_str_has_prefix (line, "\"" ISOLATE "laptop: verified 01/01/70" POP "\": not verified"));
}
END_TEST

START_TEST (lists__day__may_be_none)
{
  g_autofree char *none = es_shown_day (0), *day = es_shown_day (NOON), *far = es_shown_day (G_MAXINT64);

  ck_assert_str_eq (none, "");
  ck_assert_str_eq (day, "01/01/70");
  ck_assert_str_eq (far, "");
}
END_TEST

START_TEST (lists__text__is_in_order)
{
  EsRemembered rob = device (1, "rob@example.com"), phone = device (2, "bob@example.com"),
               laptop = device (3, "bob@example.com"), other = device (4, "bob@example.com");
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();
  g_autofree char *text = NULL;

  phone.last_used += DAY;
  phone.verified = TRUE;
  phone.verified_at = NOON + DAY;
  phone.connected = TRUE;
  other.account_name = (char *) "another@example.org";
  g_ptr_array_add (devices, &rob);
  g_ptr_array_add (devices, &laptop);
  g_ptr_array_add (devices, &phone);
  g_ptr_array_add (devices, &other);
  text = es_devices_text (devices);
  ck_assert_str_eq (text,
                    "Remembered devices\n"
                    "\n"
                    "Your account " ISOLATE "another@example.org" POP "\n"
                    "  " ISOLATE "bob@example.com" POP "\n"
                    "    \"" ISOLATE "Device 4" POP "\": not verified, first used 01/01/70, last used 01/03/70\n"
                    "\n"
                    "Your account " ISOLATE "me@example.org" POP "\n"
                    "  " ISOLATE "bob@example.com" POP "\n"
                    "    \"" ISOLATE "Device 2" POP
                    "\": verified 01/02/70, first used 01/01/70, last used 01/04/70, connected now\n"
                    "    \"" ISOLATE "Device 3" POP "\": not verified, first used 01/01/70, last used 01/03/70\n"
                    "  " ISOLATE "rob@example.com" POP "\n"
                    "    \"" ISOLATE "Device 1" POP "\": not verified, first used 01/01/70, last used 01/03/70\n");
}
END_TEST

START_TEST (lists__text__says_that_there_is_nothing)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new ();
  g_autofree char *text = es_devices_text (devices);

  ck_assert_str_eq (text, "Remembered devices\n\nNo device is remembered.\n");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("lists");
  TCase *tcase = tcase_create ("lists");

  tcase_add_checked_fixture (tcase, setup, NULL);
  tcase_add_test (tcase, lists__name__is_the_users_then_its_own_then_a_number);
  tcase_add_test (tcase, lists__first_name__is_its_own_or_has_a_number);
  tcase_add_test (tcase, lists__forget__says_that_nothing_verified_is_left);
  tcase_add_test (tcase, lists__contact__has_both_names);
  tcase_add_test (tcase, lists__contact__of_two_accounts_is_named_with_one);
  tcase_add_test (tcase, lists__line__tells_the_name_from_what_is_said);
  tcase_add_test (tcase, lists__day__may_be_none);
  tcase_add_test (tcase, lists__text__is_in_order);
  tcase_add_test (tcase, lists__text__says_that_there_is_nothing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
