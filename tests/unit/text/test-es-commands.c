/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-commands.h"

#include "../es-test.h"

static const char *const alike[] = {
  "/esession password correct horse",
  "//esession password correct horse",
  "/ esession password correct horse",
  "/esession/password correct horse",
  "/esession.password correct horse",
  "/esession: password correct horse",
  "/esession-password correct horse",
  "/esession_password correct horse",
  "/esessionpassword correct horse",
  "/esession",
  "/esession.",
  "/esession:",
  "/esession, please",
  "/esessionn",
  "/esession2 password correct horse",
  "\\esession password correct horse",
  "|/esession password correct horse",
  "> /esession password correct horse",
  "&quot;/esession password correct horse&quot;",
  "esession password correct horse",
  "Esession: Password correct horse",
  "esession pasword correct horse",
  "esession paswsord correct horse",
  "esessionpassword correct horse",
  "esesionpassword correct horse",
  "esession<br>password correct horse",
  "eession password correct horse",
  "esession verify o9q 5up",
  "esession status",
  "e session password correct horse",
  "E-Session password correct horse",
  "/e session",
  "/es ession password correct horse",
  "/esesion password correct horse",
  "/eession password correct horse",
  "/session password correct horse",
  "/essesion password correct horse",
  "/seession password correct horse",
  "/esessoin password correct horse",
  "/esessionx",
  "/esessio",
  "/wsession password correct horse",
  "/es\xc3\xa9ssion password correct horse",
  "/e\xd1\x95\x65ssion password correct horse", /* a letter of another script */
  "<b>/esesion</b> <i>password</i> correct horse",
};

START_TEST (commands__resembles__what_was_meant_as_one)
{
  ck_assert_msg (es_commands_resembles (alike[_i]), "%s", alike[_i]);
}
END_TEST

static const char *const others[] = {
  "",
  "/",
  "&nbsp;",
  "e",
  "/e",
  "/me uses esession",
  "/me esession password",
  "I use esession, it is nice",
  "I typed /esession password and then it asked",
  "see /esession help",
  "my esession password is not told to anybody",
  "esession",
  "Esession is nice",
  "esession, the plugin, has a password",
  "session password: ask Bob",
  "Session start is at ten",
  "Sessions end at ten",
  "obsession status",
  "procession, end of it",
  "e-sessions end at ten",
  "/home/bob/esession/password",
  "/etc/passwd",
  "/say hello",
  "/version",
  "/possession password",
  "password correct horse",
  "\xd1\x8f password",
};

START_TEST (commands__resembles__nothing_else)
{
  ck_assert_msg (!es_commands_resembles (others[_i]), "%s", others[_i]);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("commands");
  TCase *tcase = tcase_create ("commands");

  tcase_add_loop_test (tcase, commands__resembles__what_was_meant_as_one, 0, G_N_ELEMENTS (alike));
  tcase_add_loop_test (tcase, commands__resembles__nothing_else, 0, G_N_ELEMENTS (others));
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
