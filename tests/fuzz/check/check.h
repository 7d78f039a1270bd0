/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instead of Check's: what the unit tests' helpers assert ends the process, which is what a fuzzer looks for. */
#pragma once
#include <string.h>

#include <glib.h>

#define ck_assert(what) g_assert (what)
#define ck_assert_msg(what, ...)                                                                                       \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    if (!(what))                                                                                                       \
      g_error (__VA_ARGS__);                                                                                           \
  }                                                                                                                    \
  G_STMT_END
#define ck_abort_msg(...) g_error (__VA_ARGS__)
#define ck_assert_int_eq(a, b) g_assert_cmpint ((a), ==, (b))
#define ck_assert_int_ge(a, b) g_assert_cmpint ((a), >=, (b))
#define ck_assert_uint_eq(a, b) g_assert_cmpuint ((a), ==, (b))
#define ck_assert_uint_ne(a, b) g_assert_cmpuint ((a), !=, (b))
#define ck_assert_ptr_null(a) g_assert ((a) == NULL)
#define ck_assert_ptr_nonnull(a) g_assert ((a) != NULL)
#define ck_assert_str_eq(a, b) g_assert_cmpstr ((a), ==, (b))
#define ck_assert_mem_eq(a, b, size) g_assert (memcmp ((a), (b), (size)) == 0)

/* For es-test.h, of which nothing that needs these is called. */
typedef struct Suite Suite;
typedef struct SRunner SRunner;
enum
{
  CK_SILENT,
  CK_NORMAL
};

SRunner *srunner_create (Suite *suite);
void srunner_set_tap (SRunner *runner, const char *name);
void srunner_run_all (SRunner *runner, int how);
int srunner_ntests_failed (SRunner *runner);
void srunner_free (SRunner *runner);
