/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What waits in the store: order, protection, erasing, and damage that stays where it is. */
#include "es-store-fixture.h"

#include <sys/mman.h>

/* Never fails. */
static GPtrArray *
load (EsStore *store, guint dropped)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) lost = es_store_dropped_new ();
  GPtrArray *entries = es_store_outbox_load (store, at (ALICE), lost, &error);

  fixture_good (entries != NULL, error);
  ck_assert_uint_eq (lost->len, dropped);
  return entries;
}

/* Fails unless the outbox holds those numbers, like "1 2 ", with their content of SIZE octets. */
static void
expect (EsStore *store, const char *ids, guint dropped)
{
  g_autoptr (GPtrArray) entries = load (store, dropped);
  g_autoptr (GString) found = g_string_new (NULL);

  for (guint i = 0; i < entries->len; i++)
    {
      const EsStored *entry = entries->pdata[i];
      g_autoptr (EsSecret) content = fixture_content ((guint) entry->id, es_secret_size (entry->content));

      ck_assert (es_secret_equal (entry->content, content));
      g_string_append_printf (found, "%d ", (int) entry->id);
    }
  ck_assert_str_eq (found->str, ids);
}

/* Whether 16 octets in a row of CONTENT are in the file or its journal. */
static gboolean
holds_any_of (GBytes *content)
{
  g_autofree char *journal = g_strconcat (fixture_path, "-journal", NULL);
  const char *const paths[] = { fixture_path, journal };
  const guint8 *octets = g_bytes_get_data (content, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *data = NULL;
      gsize length = 0;

      if (!g_file_get_contents (paths[i], &data, &length, NULL) || data == NULL)
        continue;
      for (gsize from = 0; from + 16 <= g_bytes_get_size (content); from++)
        if (memmem (data, length, octets + from, 16) != NULL)
          return TRUE;
    }
  return FALSE;
}

static gboolean
shows (guint number, gsize size)
{
  g_autoptr (EsSecret) content = fixture_content (number, size);
  g_autoptr (GBytes) octets = g_bytes_new (es_secret_peek (content), size);

  return holds_any_of (octets);
}

/* What the file holds for the only entry. */
static GBytes *
sealed_content (void)
{
  sqlite3 *raw = raw_open ();
  sqlite3_stmt *statement = NULL;
  GBytes *content = NULL;

  ck_assert_int_eq (sqlite3_prepare_v2 (raw, "SELECT content FROM outbox", -1, &statement, NULL), SQLITE_OK);
  ck_assert_int_eq (sqlite3_step (statement), SQLITE_ROW);
  content = g_bytes_new (sqlite3_column_blob (statement, 0), (gsize) sqlite3_column_bytes (statement, 0));
  sqlite3_finalize (statement);
  sqlite3_close (raw);
  return content;
}

START_TEST (outbox__add__keeps_every_field_in_order)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsStored) one = fixture_entry (ES_STORED_WAITING_TEXT, BOB, 1, 1),
                       two = fixture_entry (ES_STORED_WAITING_STANZA, CAROL, 2, 300),
                       three = fixture_entry (ES_STORED_SENT, BOB, 3, 20000),
                       elsewhere = es_stored_new (ES_STORED_SENT, at (CAROL), at (BOB), 5, "x", fixture_content (9, 5));
  EsStored *const all[] = { one, two, elsewhere, three };
  g_autoptr (GPtrArray) entries = NULL;
  const EsStored *entry = NULL;

  ck_assert (_i == 0 || fixture_protect (store, 7, NULL));
  one->for_verified = TRUE;
  g_clear_pointer (&two->label, g_free);
  ck_assert (es_store_outbox_add (store, all, 4, NULL));
  ck_assert (one->id > 0 && two->id > one->id && elsewhere->id > two->id && three->id > elsewhere->id);
  ck_assert_int_gt (fixture_keep (store, BOB, 5, 10), three->id);
  g_clear_pointer (&store, es_store_close);

  store = fixture_open ();
  ck_assert (_i == 0 || fixture_unlock (store, 7, NULL));
  entries = load (store, 0);
  ck_assert_uint_eq (entries->len, 4);
  for (guint i = 0; i < 3; i++)
    {
      const EsStored *const expected[] = { one, two, three };

      entry = entries->pdata[i];
      ck_assert_int_eq (entry->id, expected[i]->id);
      ck_assert (es_address_equal (entry->account, at (ALICE)));
      ck_assert (es_address_equal (entry->contact, expected[i]->contact));
      ck_assert_int_eq ((int) entry->kind, (int) expected[i]->kind);
      ck_assert_int_eq (entry->for_verified, expected[i]->for_verified);
      ck_assert_int_eq (entry->written, expected[i]->written);
      ck_assert_int_eq (g_strcmp0 (entry->label, expected[i]->label), 0);
      ck_assert (es_secret_equal (entry->content, expected[i]->content));
    }
  ck_assert_int_eq (shows (3, 20000), _i == 0);
}
END_TEST

START_TEST (outbox__update__keeps_the_place)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsStored) entry = fixture_entry (ES_STORED_SENT, BOB, 8, 500);
  g_autoptr (GPtrArray) entries = NULL;

  ck_assert (_i == 0 || fixture_protect (store, 7, NULL));
  ck_assert_int_eq (fixture_keep (store, BOB, 1, 6000), 1);
  ck_assert_int_eq (fixture_keep (store, BOB, 2, 100), 2);
  entry->id = 1;
  g_free (entry->label);
  entry->label = g_strdup ("label 1");
  entry->for_verified = TRUE;
  ck_assert (es_store_outbox_update (store, &entry, 1, NULL));
  ck_assert_int_eq (entry->id, 1);
  entries = load (store, 0);
  ck_assert_uint_eq (entries->len, 2);
  ck_assert_int_eq ((int) ((EsStored *) entries->pdata[0])->kind, ES_STORED_SENT);
  ck_assert (((EsStored *) entries->pdata[0])->for_verified);
  ck_assert_str_eq (((EsStored *) entries->pdata[0])->label, entry->label);
  ck_assert (es_secret_equal (((EsStored *) entries->pdata[0])->content, entry->content));
  ck_assert (!shows (1, 6000));
}
END_TEST

/* A number is not enough to be an entry: that is also whose it is, and how it is called. */
START_TEST (outbox__number__of_another_entry_means_nothing)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsStored) gone
      = fixture_entry (ES_STORED_SENT, BOB, 1, 5),
      other = fixture_entry (ES_STORED_SENT, CAROL, 1, 5), label = fixture_entry (ES_STORED_SENT, BOB, 2, 5),
      none = fixture_entry (ES_STORED_SENT, BOB, 1, 5), good = fixture_entry (ES_STORED_SENT, BOB, 7, 5);
  EsStored *all[] = { gone, other, label, none, good };

  ck_assert_int_eq (fixture_keep (store, BOB, 1, 20), 1);
  ck_assert_int_eq (fixture_keep (store, BOB, 7, 20), 2);
  g_clear_pointer (&none->label, g_free);
  for (guint i = 0; i < 2; i++)
    {
      gone->id = 3;
      other->id = label->id = none->id = 1;
      good->id = 2;
      ck_assert (i == 0 ? es_store_outbox_update (store, all, 5, NULL) : es_store_outbox_remove (store, all, 5, NULL));
      ck_assert (i == 1 || (gone->id == 0 && other->id == 0 && label->id == 0 && none->id == 0 && good->id == 2));
      expect (store, i == 0 ? "1 2 " : "1 ", 0);
    }
}
END_TEST

START_TEST (outbox__numbers__are_those_of_an_account)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GArray) none = es_store_outbox_numbers (store, at (ALICE), NULL), two = NULL;

  ck_assert_uint_eq (none->len, 0);
  fixture_keep (store, BOB, 1, 20);
  fixture_keep (store, CAROL, 2, 20);
  two = es_store_outbox_numbers (store, at (ALICE), NULL);
  ck_assert_uint_eq (two->len, 2);
  ck_assert_int_eq (g_array_index (two, gint64, 0), 1);
  ck_assert_int_eq (g_array_index (two, gint64, 1), 2);
  g_array_unref (two);
  two = es_store_outbox_numbers (store, at (BOB), NULL);
  ck_assert_uint_eq (two->len, 0);
}
END_TEST

/* What was shown is nothing that was written; and what is no address, or no entry, is nobody's. */
START_TEST (outbox__accounts__are_those_who_have_written)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsStored) shown = fixture_entry (ES_STORED_SHOWN, BOB, 3, 20);
  g_autoptr (GHashTable) accounts = es_store_outbox_accounts (store, NULL);

  ck_assert_uint_eq (g_hash_table_size (accounts), 0);
  ck_assert (es_store_outbox_add (store, &shown, 1, NULL));
  g_hash_table_unref (accounts);
  accounts = es_store_outbox_accounts (store, NULL);
  ck_assert_uint_eq (g_hash_table_size (accounts), 0);
  fixture_keep (store, BOB, 1, 20);
  fixture_keep (store, CAROL, 2, 20);
  tamper (
      "INSERT INTO outbox (account, contact, kind) VALUES ('@', 'bob@example.org', 0), (x'00', 'bob@example.org', 0), "
      "('ALICE@example.org', 'bob@example.org', 0), ('dave@example.org', 'bob@example.org', 'x'), "
      "('eve@example.org', 'bob@example.org', NULL)");
  g_hash_table_unref (accounts);
  accounts = es_store_outbox_accounts (store, NULL);
  ck_assert_uint_eq (g_hash_table_size (accounts), 1);
  ck_assert_uint_eq (GPOINTER_TO_UINT (g_hash_table_lookup (accounts, at (ALICE))), 2);
}
END_TEST

/* By number and what it stands for. */
static gboolean
remove_one (EsStore *store, gint64 id, const char *contact, guint number)
{
  g_autoptr (EsStored) entry = fixture_entry (ES_STORED_SENT, contact, number, 1);

  entry->id = id;
  return es_store_outbox_remove (store, &entry, 1, NULL);
}

START_TEST (outbox__remove__leaves_no_octets)
{
  static const gsize sizes[] = { 20, 600, 6000, 70000 };
  g_autoptr (EsStore) store = fixture_open ();
  gint64 ids[4];
  g_autoptr (GBytes) sealed = NULL;

  for (guint i = 0; i < 4; i++)
    {
      ids[i] = fixture_keep (store, i % 2 == 0 ? BOB : CAROL, i + 1, sizes[i]);
      ck_assert (shows (i + 1, sizes[i]));
    }
  ck_assert (remove_one (store, 1000, BOB, 1));
  ck_assert (es_store_outbox_remove (store, NULL, 0, NULL));
  expect (store, "1 2 3 4 ", 0);
  ck_assert (remove_one (store, ids[3], CAROL, 4) && remove_one (store, ids[1], CAROL, 2));
  expect (store, "1 3 ", 0);
  ck_assert (!shows (2, sizes[1]) && !shows (4, sizes[3]) && shows (1, sizes[0]) && shows (3, sizes[2]));
  ck_assert (es_store_outbox_remove_contact (store, at (CAROL), at (BOB), NULL));
  expect (store, "1 3 ", 0);
  ck_assert (es_store_outbox_remove_contact (store, at (ALICE), at (BOB), NULL));
  expect (store, "", 0);
  ck_assert (!shows (1, sizes[0]) && !shows (3, sizes[2]));
  ck_assert_int_gt (fixture_keep (store, BOB, 5, 5), ids[3]);
  ck_assert (es_store_outbox_remove_contact (store, at (ALICE), at (BOB), NULL));

  /* What was sealed goes as well. */
  ck_assert (fixture_protect (store, 7, NULL));
  fixture_keep (store, BOB, 6, 9000);
  ck_assert (!shows (6, 9000));
  sealed = sealed_content ();
  ck_assert (holds_any_of (sealed));
  ck_assert (es_store_outbox_remove_contact (store, at (ALICE), at (BOB), NULL));
  ck_assert (!holds_any_of (sealed));

  /* All contacts of one account, and nobody else's. */
  fixture_keep (store, BOB, 7, 20);
  fixture_keep (store, CAROL, 8, 20);
  ck_assert (es_store_outbox_remove_account (store, at (BOB), NULL));
  expect (store, "7 8 ", 0);
  ck_assert (es_store_outbox_remove_account (store, at (ALICE), NULL));
  expect (store, "", 0);
}
END_TEST

/* From what anybody can read to what nobody can, and to another key. */
START_TEST (outbox__protect__seals_what_waits)
{
  g_autoptr (EsStore) store = fixture_open ();

  ck_assert_int_eq (fixture_keep (store, BOB, 1, 6000), 1);
  ck_assert_int_eq (fixture_keep (store, BOB, 2, 10), 2);
  ck_assert_int_eq (fixture_keep (store, BOB, 3, 5000), 3);
  tamper ("UPDATE outbox SET written = -5 WHERE id = 3");
  ck_assert (shows (1, 6000) && shows (3, 5000));
  ck_assert (fixture_protect (store, 7, NULL));
  ck_assert (!shows (1, 6000) && !shows (3, 5000));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert (fixture_unlock (store, 7, NULL));

  /* One that was damaged before is still counted, once. */
  expect (store, "1 2 ", 1);
  expect (store, "1 2 ", 0);
  ck_assert (fixture_protect (store, 8, NULL));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert (fixture_unlock (store, 8, NULL));
  expect (store, "1 2 ", 0);
  ck_assert (fixture_protect (store, 0, NULL));
  ck_assert (shows (1, 6000));
  expect (store, "1 2 ", 0);
}
END_TEST

/* Sealed content belongs to its entry, and the devices are as they were. */
START_TEST (outbox__damage__drops_that_entry_only)
{
  static const char *const changes[] = {

    "UPDATE outbox SET content = 'a text of some octets, which is what is expected' WHERE id = 2",
    "UPDATE outbox SET content = NULL WHERE id = 2",
    "UPDATE outbox SET content = zeroblob (0) WHERE id = 2",
    "UPDATE outbox SET content = zeroblob (1048800) WHERE id = 2",
    "UPDATE outbox SET contact = 'no@address@' WHERE id = 2",
    "UPDATE outbox SET contact = 5 WHERE id = 2",
    "UPDATE outbox SET contact = 'bob@example.net/phone' WHERE id = 2",
    "UPDATE outbox SET kind = 5 WHERE id = 2",
    "UPDATE outbox SET kind = 'sent' WHERE id = 2",
    "UPDATE outbox SET for_verified = 2 WHERE id = 2",
    "UPDATE outbox SET written = -1 WHERE id = 2",
    "UPDATE outbox SET written = 1.5 WHERE id = 2",
    "UPDATE outbox SET label = CAST (x'ff' AS TEXT) WHERE id = 2",
    "UPDATE outbox SET label = '' WHERE id = 2",
    "UPDATE outbox SET label = printf ('%01025d', 0) WHERE id = 2",
    "UPDATE outbox SET id = -1 WHERE id = 2",
    /* Only where it is sealed are these noticed. */
    "+UPDATE outbox SET content = zeroblob (32) WHERE id = 2",
    "+UPDATE outbox SET content = zeroblob (284) WHERE id = 2",
    "+UPDATE outbox SET content = (SELECT content FROM outbox WHERE id = 1) WHERE id = 2",
    "+UPDATE outbox SET contact = 'carol@example.com' WHERE id = 2",
    "+UPDATE outbox SET contact = 'BOB@example.net' WHERE id = 2",
    "+UPDATE outbox SET kind = 2 WHERE id = 2",
    "+UPDATE outbox SET for_verified = 1 WHERE id = 2",
    "+UPDATE outbox SET written = 5 WHERE id = 2",
    "+UPDATE outbox SET label = 'another' WHERE id = 2",
    "+UPDATE outbox SET label = NULL WHERE id = 2",
    "+UPDATE outbox SET id = 9 WHERE id = 2",
  };
  g_autoptr (GBytes) good = NULL;
  g_autoptr (EsStore) store = fixture_open ();
  gint64 device = fixture_add (store, BOB, 1, 1);

  for (guint number = 1; number <= 3; number++)
    ck_assert_int_eq (fixture_keep (store, BOB, number, number == 2 ? 600 : 40), number);
  ck_assert (_i == 0 || fixture_protect (store, 7, NULL));
  g_clear_pointer (&store, es_store_close);
  good = fixture_read (fixture_path);

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      if (*changes[i] == '+' && _i == 0)
        continue;
      fixture_write (fixture_path, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
      tamper (changes[i] + (*changes[i] == '+' ? 1 : 0));
      store = fixture_open ();
      ck_assert (_i == 0 || fixture_unlock (store, 7, NULL));
      fixture_expect (store, device, 1, "", FALSE);
      expect (store, "1 3 ", 1);
      expect (store, "1 3 ", 0);
      g_clear_pointer (&store, es_store_close);
    }
}
END_TEST

/* Somebody who has the file but not the key puts something into it. */
START_TEST (outbox__damage__what_is_not_sealed_is_not_sent)
{
  g_autoptr (EsStore) store = fixture_open ();

  ck_assert_int_eq (fixture_keep (store, BOB, 1, 40), 1);
  ck_assert (fixture_protect (store, 7, NULL));
  tamper (
      "INSERT INTO outbox VALUES (5, 'alice@example.org', 'bob@example.net', 0, 0, 5, NULL, CAST ('pay him' AS BLOB))");
  expect (store, "1 ", 1);
}
END_TEST

START_TEST (outbox__add__refuses_what_it_could_not_read_back)
{
  g_autofree char *endless = g_strnfill (ES_LIMIT_ID_OCTETS + 1, 'x');
  const struct
  {
    const char *account;
    const char *contact;
    int kind;
    gint64 written;
    const char *label;
    gsize size;
  } cases[] = {
    { ALICE "/desk", BOB, 0, 5, NULL, 5 },
    { NULL, BOB, 0, 5, NULL, 5 },
    { ALICE, BOB "/phone", 0, 5, NULL, 5 },
    { ALICE, NULL, 0, 5, NULL, 5 },
    { ALICE, BOB, ES_N_STORED_KINDS, 5, NULL, 5 },
    { ALICE, BOB, 0, -1, NULL, 5 },
    { ALICE, BOB, 0, G_GINT64_CONSTANT (253402300800), NULL, 5 },
    { ALICE, BOB, 0, 5, "", 5 },
    { ALICE, BOB, 0, 5, endless, 5 },
    { ALICE, BOB, 0, 5, "\xff", 5 },
    { ALICE, BOB, 0, 5, NULL, 0 },
    { ALICE, BOB, 0, 5, NULL, ES_LIMIT_STORED_OCTETS + 1 },
  };
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsStored) good = fixture_entry (ES_STORED_SENT, BOB, 1, 10);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (EsStored) bad
          = es_stored_new ((EsStoredKind) cases[i].kind, at (cases[i].account), at (cases[i].contact), cases[i].written,
                           cases[i].label, fixture_content (1, cases[i].size));
      EsStored *const both[] = { good, bad };
      g_autoptr (GError) error = NULL;

      ck_assert (!es_store_outbox_add (store, both, 2, &error));
      fixture_expect_error (&error, ES_ERROR_STORE);
      ck_assert_int_eq (good->id, 0);
    }
  expect (store, "", 0);
}
END_TEST

START_TEST (outbox__add__takes_the_longest)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autofree char *label = g_strnfill (ES_LIMIT_ID_OCTETS, 'x');
  g_autoptr (EsStored) entry = fixture_entry (ES_STORED_SENT, BOB, 1, ES_LIMIT_STORED_OCTETS);

  g_free (entry->label);
  entry->label = g_steal_pointer (&label);
  ck_assert (es_store_outbox_add (store, &entry, 1, NULL));
  expect (store, "1 ", 0);
  ck_assert (fixture_protect (store, 7, NULL));
  expect (store, "1 ", 0);
  ck_assert (es_store_outbox_update (store, &entry, 1, NULL));
  expect (store, "1 ", 0);
}
END_TEST

/* Ended in the middle: what was stored when the call returned is there, in order. */

static volatile sig_atomic_t *progress;

static int
keep_a_thousand (void)
{
  g_autoptr (EsStore) store = es_store_open (fixture_path, NULL);

  for (guint number = 1; number <= 1000; number++)
    {
      CHILD_CHECK (fixture_keep (store, BOB, number, 100 + number) == number);
      *progress = (sig_atomic_t) number;
    }
  return 0;
}

START_TEST (outbox__kill__loses_nothing)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  guint kept = 0;
  pid_t pid = 0;

  progress = mmap (NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ck_assert_ptr_ne ((void *) progress, MAP_FAILED);
  pid = fork ();
  ck_assert_int_ge (pid, 0);
  if (pid == 0)
    _exit (keep_a_thousand ());
  while (*progress < 150)
    {
      ck_assert_int_eq (waitpid (pid, NULL, WNOHANG), 0);
      g_usleep (10);
    }
  ck_assert_int_eq (kill (pid, SIGKILL), 0);
  ck_assert (WIFSIGNALED (wait_for (pid)));
  kept = (guint) *progress;
  store = fixture_open ();
  entries = load (store, 0);
  ck_assert_uint_ge (entries->len, kept);
  ck_assert_uint_le (entries->len, kept + 1);
  for (guint i = 0; i < entries->len; i++)
    ck_assert_int_eq (((EsStored *) entries->pdata[i])->id, i + 1);
  munmap ((void *) progress, sizeof *progress);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    outbox__remove__leaves_no_octets,
    outbox__number__of_another_entry_means_nothing,
    outbox__numbers__are_those_of_an_account,
    outbox__accounts__are_those_who_have_written,
    outbox__protect__seals_what_waits,
    outbox__damage__what_is_not_sealed_is_not_sent,
    outbox__add__refuses_what_it_could_not_read_back,
    outbox__add__takes_the_longest,
    outbox__kill__loses_nothing,
  };
  TCase *tcase = fixture_tcase ("es-store-outbox");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  tcase_add_loop_test (tcase, outbox__add__keeps_every_field_in_order, FALSE, TRUE + 1);
  tcase_add_loop_test (tcase, outbox__update__keeps_the_place, FALSE, TRUE + 1);
  tcase_add_loop_test (tcase, outbox__damage__drops_that_entry_only, FALSE, TRUE + 1);
  return fixture_main ("es-store-outbox", tcase);
}
