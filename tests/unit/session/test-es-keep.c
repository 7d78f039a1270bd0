/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How what waits, and what was shown, gets into the store: each step once, in spite of a store that fails. */
#include "es-keep.h"

#include <sqlite3.h>

#include "es-limits.h"
#include "es-seen.h"
#include "es-world.h"

#define ALICE "alice@example.org"
#define BOB "bob@example.com"
#define WRITER "1"
#define LABEL "0123456789abcdef"

static World *world;
static Endpoint *alice;
static EsKeep *keep;
static EsSeen *seen;

static void
begin (void)
{
  keep = es_keep_new (&alice->host.clock, &alice->host.user, alice->host.log, alice->trust, es_at (ALICE));
  seen = es_seen_new (keep);
}

static void
end (void)
{
  g_clear_pointer (&seen, es_seen_free);
  g_clear_pointer (&keep, es_keep_free);
}

static void
setup (void)
{
  world = world_new ();
  alice = world_add (world, ALICE "/pda");
  begin ();
}

static void
teardown (void)
{
  end ();
  g_clear_pointer (&world, world_free);
}

/* All that is stored. */
static GPtrArray *
load (void)
{
  g_autoptr (GPtrArray) dropped = es_store_dropped_new ();
  GPtrArray *entries = es_trust_outbox_load (alice->trust, es_at (ALICE), dropped, NULL);

  ck_assert_ptr_nonnull (entries);
  ck_assert_uint_eq (dropped->len, 0);
  return entries;
}

static void
assert_stored (guint n)
{
  g_autoptr (GPtrArray) entries = load ();

  ck_assert_uint_eq (entries->len, n);
}

/* The next life of the program. */
static guint
restart (void)
{
  g_autoptr (GPtrArray) all = NULL, dropped = es_store_dropped_new ();
  guint n = 0;

  end ();
  begin ();
  all = es_keep_restore (keep, dropped, NULL);
  ck_assert_ptr_nonnull (all);
  for (guint i = 0; i < all->len; i++)
    {
      const EsRestored *restored = all->pdata[i];

      if (restored->kind == ES_STORED_SHOWN)
        es_seen_restore (seen, restored->contact, restored->kept, restored->shown);
      else
        n++;
    }
  return n;
}

/* As another program does. */
static void
take_out (void)
{
  g_autoptr (EsTrust) other = es_trust_new (alice->path);
  g_autoptr (GPtrArray) entries = es_trust_outbox_load (other, es_at (ALICE), NULL, NULL);

  ck_assert_uint_gt (entries->len, 0);
  ck_assert (es_trust_outbox_remove (other, (EsStored **) entries->pdata, entries->len, NULL));
}

/* Another program has dealt with it: it is not written again, and nothing waits for it. */
START_TEST (keep__taken_out__is_done_with)
{
  EsKept *taken = es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE), *kept = NULL;

  ck_assert (es_keep_flush (keep));
  es_keep_learn (keep);
  ck_assert (!es_kept_is_gone (taken) && es_kept_is_stored (taken));
  take_out ();
  if (_i == 0)
    es_keep_learn (keep);
  else
    es_kept_set_for_verified (taken);
  kept = es_keep_text (keep, es_at (BOB), "2", "two", "two", FALSE);
  ck_assert (es_keep_flush (keep));
  ck_assert (es_keep_flush (keep));
  assert_stored (1);
  ck_assert (es_kept_is_gone (taken) && !es_kept_is_stored (taken));
  ck_assert (!es_kept_is_gone (kept) && es_kept_is_stored (kept));
  es_kept_set_for_verified (taken);
  ck_assert (es_keep_flush (keep));
  assert_stored (1);
  es_kept_done (taken);
  es_kept_done (kept);
  ck_assert (es_keep_flush (keep));
  assert_stored (0);
}
END_TEST

/* Another file, be it an older copy that was written over this one: it is written again. */
START_TEST (keep__older_copy__gets_it_again)
{
  g_autofree char *copy = NULL;
  gsize size = 0;
  EsKept *kept = NULL;

  assert_stored (0);
  ck_assert (g_file_get_contents (alice->path, &copy, &size, NULL));
  kept = es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE);
  ck_assert (es_keep_flush (keep));
  endpoint_overwrite (alice, copy, size);
  if (_i == 0)
    es_keep_learn (keep);
  else
    es_kept_set_for_verified (kept);
  ck_assert (!es_kept_is_gone (kept));
  ck_assert (es_keep_flush (keep));
  ck_assert (es_kept_is_stored (kept) && !es_kept_is_gone (kept));
  assert_stored (1);
}
END_TEST

START_TEST (keep__new__does_not_wait_for_what_failed)
{
  sqlite3 *other = NULL;

  es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE);
  ck_assert (es_keep_flush (keep));
  ck_assert_int_eq (sqlite3_open (alice->path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  es_keep_text (keep, es_at (BOB), "2", "two", "two", FALSE);
  world_wait (world, 0);
  sqlite3_close (other);
  assert_stored (1);
  es_keep_text (keep, es_at (BOB), "3", "three", "three", FALSE);
  world_wait (world, 0);
  assert_stored (3);
}
END_TEST

/* Who ends between two steps. */
START_TEST (keep__sent__and_still_waiting_is_one)
{
  g_autoptr (EsXml) stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_keep_text (keep, es_at (BOB), "label 1", "one", "one", FALSE);
  es_keep_text (keep, es_at (BOB), "label 2", "two", "two", FALSE);
  ck_assert (es_keep_flush (keep));
  es_keep_stanza (keep, es_at (BOB), ES_STORED_SENT, "label 1", stanza, FALSE);
  ck_assert (es_keep_flush (keep));
  assert_stored (3);
  ck_assert_uint_eq (restart (), 2);
  ck_assert (es_keep_flush (keep));
  assert_stored (2);
  ck_assert_uint_eq (restart (), 2);
}
END_TEST

/* As the user wants: what there was goes out of the file, and nothing new gets into it, but for what was shown, and alarms. */
START_TEST (keep__in_memory__is_in_no_file)
{
  EsKept *before = es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE), *after = NULL;

  ck_assert (es_keep_flush (keep));
  assert_stored (1);
  es_keep_set_messages (keep, FALSE);
  after = es_keep_text (keep, es_at (BOB), "2", "two", "two", FALSE);
  es_seen_note (seen, es_at (BOB), WRITER, LABEL);
  es_keep_alarm (keep, es_at (BOB));
  es_kept_set_for_verified (after);
  ck_assert (es_keep_flush (keep));
  assert_stored (2);
  ck_assert (!es_kept_is_stored (before) && !es_kept_is_gone (before) && !es_kept_is_gone (after));
  if (_i == 0)
    {
      ck_assert_uint_eq (restart (), 1);
      return;
    }
  es_keep_set_messages (keep, TRUE);
  ck_assert (es_keep_flush (keep));
  assert_stored (4);
  ck_assert (es_kept_is_stored (before) && es_kept_is_stored (after));
  es_kept_done (before);
  ck_assert (es_keep_flush (keep));
  ck_assert_uint_eq (restart (), 2);
}
END_TEST

/* What was left for this life as well; but not yet, while another program has the file. */
START_TEST (keep__in_memory__takes_what_is_restored)
{
  g_autoptr (GPtrArray) all = NULL;
  sqlite3 *other = NULL;

  es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE);
  ck_assert (es_keep_flush (keep));
  end ();
  begin ();
  es_keep_set_messages (keep, FALSE);
  all = es_keep_restore (keep, NULL, NULL);
  ck_assert_ptr_nonnull (all);
  ck_assert_int_eq (sqlite3_open (alice->path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
  ck_assert (!es_keep_flush (keep));
  sqlite3_close (other);
  assert_stored (1);
  world_wait (world, 10);
  assert_stored (0);
}
END_TEST

/* Another program that has dealt with it had it from the file. */
START_TEST (keep__in_memory__is_not_what_another_program_has)
{
  EsKept *taken = es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE);

  ck_assert (es_keep_flush (keep));
  take_out ();
  es_keep_set_messages (keep, FALSE);
  ck_assert (es_keep_flush (keep));
  ck_assert (es_kept_is_gone (taken));
  es_keep_set_messages (keep, TRUE);
  ck_assert (es_keep_flush (keep));
  assert_stored (0);
}
END_TEST

START_TEST (keep__shown__waits_for_a_second_alone)
{
  es_seen_note (seen, es_at (BOB), WRITER, LABEL);
  world_wait (world, 0);
  assert_stored (0);
  es_keep_text (keep, es_at (BOB), "1", "one", "one", FALSE);
  world_wait (world, 0);
  assert_stored (2);
  es_seen_note (seen, es_at (BOB), WRITER, LABEL "more");
  world_wait (world, 2);
  ck_assert_uint_eq (restart (), 1);
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL));
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL "more"));
}
END_TEST

START_TEST (seen__label__is_that_of_an_earlier_life)
{
  es_seen_note (seen, es_at (BOB "/laptop"), WRITER, LABEL);
  ck_assert (!es_seen_has (seen, es_at (BOB), WRITER, LABEL));
  ck_assert (es_keep_flush (keep));
  restart ();
  ck_assert (es_seen_has (seen, es_at (BOB "/phone"), WRITER, LABEL));
  ck_assert (!es_seen_has (seen, es_at ("carol@example.com"), WRITER, LABEL));
  ck_assert (!es_seen_has (seen, es_at (BOB), WRITER, LABEL "0"));

  /* And is still one after another: each writes its own, and they are one in the next. */
  es_seen_note (seen, es_at (BOB), WRITER, LABEL "0");
  ck_assert (es_keep_flush (keep));
  assert_stored (2);
  restart ();
  ck_assert (es_keep_flush (keep));
  assert_stored (1);
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL));
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL "0"));
}
END_TEST

/* Programs that count their messages give each number again. */
START_TEST (seen__label__that_is_short_means_nothing)
{
  es_seen_note (seen, es_at (BOB), WRITER, "1234567");
  ck_assert (es_keep_flush (keep));
  restart ();
  assert_stored (0);
  ck_assert (!es_seen_has (seen, es_at (BOB), WRITER, "1234567"));
}
END_TEST

static char *
label_of (guint number)
{
  return g_strdup_printf ("a label %u", number);
}

static void
note_number (guint number)
{
  g_autofree char *label = label_of (number);

  es_seen_note (seen, es_at (BOB), WRITER, label);
}

static gboolean
has_number (guint number)
{
  g_autofree char *label = label_of (number);

  return es_seen_has (seen, es_at (BOB), WRITER, label);
}

START_TEST (seen__many__leaves_the_newest)
{
  for (guint i = 0; i < 2 * ES_LIMIT_SHOWN_STORED + 2; i++)
    note_number (i);
  ck_assert (es_keep_flush (keep));
  restart ();
  ck_assert (!has_number (ES_LIMIT_SHOWN_STORED + 1));
  ck_assert (has_number (ES_LIMIT_SHOWN_STORED + 2));
  ck_assert (has_number (2 * ES_LIMIT_SHOWN_STORED + 1));
}
END_TEST

/* One that is not known any more, and is shown, makes none of those that come after it unknown. */
START_TEST (seen__many__that_come_again_are_known_all)
{
  for (guint i = 0; i < ES_LIMIT_SHOWN_STORED + 1; i++)
    note_number (i);
  ck_assert (es_keep_flush (keep));
  restart ();
  for (guint i = 0; i < ES_LIMIT_SHOWN_STORED + 1; i++)
    {
      ck_assert_int_eq (has_number (i), i > 0);
      if (i == 0)
        note_number (i);
    }
  for (guint i = 0; i < ES_LIMIT_SHOWN_STORED; i++)
    {
      ck_assert (has_number (1 + i));
      note_number (10000 + i);
    }
  ck_assert (es_keep_flush (keep));
  restart ();
  ck_assert (has_number (10000));
}
END_TEST

START_TEST (seen__contacts__leave_those_who_wrote_last)
{
  for (guint i = 0; i < ES_LIMIT_SHOWN_CONTACTS + 1; i++)
    {
      g_autofree char *contact = g_strdup_printf ("c%u@example.com", i);

      es_seen_note (seen, es_at (contact), WRITER, LABEL);
      if (i == ES_LIMIT_SHOWN_CONTACTS - 1)
        es_seen_note (seen, es_at ("c0@example.com"), WRITER, LABEL "0");
    }
  ck_assert (es_keep_flush (keep));
  assert_stored (ES_LIMIT_SHOWN_CONTACTS);
  restart ();
  ck_assert (es_seen_has (seen, es_at ("c0@example.com"), WRITER, LABEL));
  ck_assert (!es_seen_has (seen, es_at ("c1@example.com"), WRITER, LABEL));
}
END_TEST

/* Nothing of it is believed: a list that is cut short goes, and two are one. */
START_TEST (seen__stored__may_be_damaged_or_double)
{
  g_autoptr (GByteArray) odd = g_byte_array_new ();

  g_byte_array_append (odd, (const guint8 *) "0123456789abcdefg", 17);
  es_keep_shown (keep, es_at (BOB), odd);
  ck_assert (es_keep_flush (keep));
  es_seen_note (seen, es_at (BOB), WRITER, LABEL);
  ck_assert (es_keep_flush (keep));
  end ();
  begin ();
  es_seen_note (seen, es_at (BOB), WRITER, LABEL "0");
  ck_assert (es_keep_flush (keep));
  assert_stored (3);
  restart ();
  ck_assert (es_keep_flush (keep));
  assert_stored (1);
  restart ();
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL));
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL "0"));
}
END_TEST

/* Two programs of one user: neither writes over what the other has shown; nor is that lost when a third one makes one of both. */
START_TEST (seen__two_programs__each_have_their_own)
{
  g_autoptr (EsTrust) trust = es_trust_new (alice->path);
  EsKeep *other_keep = es_keep_new (&alice->host.clock, &alice->host.user, alice->host.log, trust, es_at (ALICE));
  EsSeen *other = es_seen_new (other_keep);
  g_autoptr (GPtrArray) dropped = es_store_dropped_new ();

  es_seen_note (seen, es_at (BOB), WRITER, LABEL "0");
  ck_assert (es_keep_flush (keep));
  restart ();
  {
    g_autoptr (GPtrArray) all = es_keep_restore (other_keep, dropped, NULL);
    const EsRestored *restored = all->pdata[0];

    ck_assert_uint_eq (all->len, 1);
    es_seen_restore (other, restored->contact, restored->kept, restored->shown);
  }
  es_seen_note (seen, es_at (BOB), WRITER, LABEL "1");
  ck_assert (es_keep_flush (keep));
  es_seen_note (other, es_at (BOB), WRITER, LABEL "2");
  ck_assert (es_keep_flush (other_keep));
  assert_stored (3);
  restart ();
  ck_assert (es_keep_flush (keep));
  assert_stored (1);
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL "0") && es_seen_has (seen, es_at (BOB), WRITER, LABEL "1")
             && es_seen_has (seen, es_at (BOB), WRITER, LABEL "2"));
  es_seen_note (other, es_at (BOB), WRITER, LABEL "3");
  ck_assert (es_keep_flush (other_keep));
  es_seen_free (other);
  es_keep_free (other_keep);
  restart ();
  ck_assert (es_seen_has (seen, es_at (BOB), WRITER, LABEL "0") && es_seen_has (seen, es_at (BOB), WRITER, LABEL "1")
             && es_seen_has (seen, es_at (BOB), WRITER, LABEL "2")
             && es_seen_has (seen, es_at (BOB), WRITER, LABEL "3"));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("keep");
  TCase *tcase = tcase_create ("keep");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, keep__taken_out__is_done_with, 0, 2);
  tcase_add_loop_test (tcase, keep__older_copy__gets_it_again, 0, 2);
  tcase_add_test (tcase, keep__new__does_not_wait_for_what_failed);
  tcase_add_test (tcase, keep__sent__and_still_waiting_is_one);
  tcase_add_loop_test (tcase, keep__in_memory__is_in_no_file, 0, 2);
  tcase_add_test (tcase, keep__in_memory__takes_what_is_restored);
  tcase_add_test (tcase, keep__in_memory__is_not_what_another_program_has);
  tcase_add_test (tcase, keep__shown__waits_for_a_second_alone);
  tcase_add_test (tcase, seen__label__is_that_of_an_earlier_life);
  tcase_add_test (tcase, seen__label__that_is_short_means_nothing);
  tcase_add_test (tcase, seen__many__leaves_the_newest);
  tcase_add_test (tcase, seen__many__that_come_again_are_known_all);
  tcase_add_test (tcase, seen__contacts__leave_those_who_wrote_last);
  tcase_add_test (tcase, seen__stored__may_be_damaged_or_double);
  tcase_add_test (tcase, seen__two_programs__each_have_their_own);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
