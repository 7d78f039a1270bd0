/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of the second version, dumped as it wrote them: what becomes of them, of addresses in several spellings, and of what
 * is no address. */
#include "es-crypto.h"
#include "es-store-fixture.h"
#include "es-store-private.h"

#define TABLES                                                                                                         \
  "PRAGMA application_id = 1163093363; PRAGMA user_version = 2;"                                                       \
  "CREATE TABLE devices (id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0), account TEXT NOT NULL, "                 \
  "contact TEXT NOT NULL, name TEXT, verified INTEGER NOT NULL CHECK (verified BETWEEN 0 AND 1), "                     \
  "confirmed INTEGER NOT NULL CHECK (confirmed BETWEEN 0 AND 1), "                                                     \
  "created INTEGER NOT NULL CHECK (created BETWEEN 0 AND 253402300799), "                                              \
  "verified_at INTEGER NOT NULL CHECK (verified_at BETWEEN 0 AND 253402300799), "                                      \
  "last_used INTEGER NOT NULL CHECK (last_used BETWEEN 0 AND 253402300799), "                                          \
  "newest BLOB NOT NULL CHECK (length (newest) BETWEEN 16 AND 64 OR length (newest) = 93), "                           \
  "older BLOB CHECK (length (older) BETWEEN 16 AND 64 OR length (older) = 93), "                                       \
  "strength INTEGER NOT NULL DEFAULT 0 CHECK (strength BETWEEN 0 AND 1073741823)) STRICT;"                             \
  "CREATE TABLE policies (account TEXT NOT NULL, contact TEXT NOT NULL, policy INTEGER NOT NULL CHECK (policy "        \
  "BETWEEN 0 AND 2147483647), PRIMARY KEY (account, contact)) STRICT, WITHOUT ROWID;"                                  \
  "CREATE TABLE protection (id INTEGER PRIMARY KEY CHECK (id = 1), kind INTEGER NOT NULL CHECK (kind BETWEEN 0 AND "   \
  "2), chosen INTEGER NOT NULL CHECK (chosen BETWEEN 0 AND 1), item TEXT, cost INTEGER, salt BLOB, wrapped BLOB) "     \
  "STRICT;"                                                                                                            \
  "DELETE FROM sqlite_sequence; INSERT INTO sqlite_sequence VALUES ('devices', 5);"

static const char policies[] = "INSERT INTO policies VALUES('Alice@example.org','DAVE@example.com',2);"
                               "INSERT INTO policies VALUES('alice@example.org','@example.net',2);"
                               "INSERT INTO policies VALUES('alice@example.org','Bob@example.net',3);"
                               "INSERT INTO policies VALUES('alice@example.org','CAROL@example.com',2);"
                               "INSERT INTO policies VALUES('alice@example.org','Dave@example.com',0);"
                               "INSERT INTO policies VALUES('alice@example.org','bob@example.net',1);"
                               "INSERT INTO policies VALUES('alice@example.org','carol@example.com',0);";

static const char plain[]
    = "INSERT INTO devices VALUES(1,'alice@example.org','bob@example.net','phone',1,0,1000,1002,1001,X'3c3c"
      "736563726574206f66207468652074657374732020202020202020323e3e',X'3c3c736563726574206f6620746865207465"
      "7374732020202020202020313e3e',77);"
      "INSERT INTO devices VALUES(2,'alice@example.org','Bob@Example.NET',NULL,1,0,1003,1004,1003,X'3c3c736"
      "563726574206f66207468652074657374732020202020202020333e3e',NULL,0);"
      "INSERT INTO devices VALUES(4,'ALICE@example.org','bob@example.net.',NULL,0,0,1005,0,1006,X'3c3c73656"
      "3726574206f66207468652074657374732020202020202020363e3e',X'3c3c736563726574206f662074686520746573747"
      "32020202020202020353e3e',0);"
      "INSERT INTO devices VALUES(5,'alice@example.org','@example.net',NULL,0,0,1007,0,1007,X'3c3c736563726"
      "574206f66207468652074657374732020202020202020373e3e',NULL,0);";

/* The same, under outer_key (7). */
static const char sealed[]
    = "INSERT INTO devices VALUES(1,'alice@example.org','bob@example.net','phone',1,0,1000,1002,1001,X'ba8d"
      "fe1daf8abb88a0d4449d94e7ece6121f3aaaf634d8a10a04cf2f4e2863f712ea95c8c608c6f55cd0f0ba339b02592d20481d"
      "c62ab4218b01e4c6233cb855a5a1d56e4b2e8e4843e3007dc35e381a639949d35edbdfa0166ca7503f',X'252e318eba0586"
      "e535de0326baeab3ad9f8fab62828eaf976b3ced572c78108d9dd31c4d3327b0c7a547631002787ba2bf78c059d869fd5d96"
      "8fc4ac4ff39c72cd4d54782663549389832c36080b8f2868eede462b0466fe0ac0cc2f27',77);"
      "INSERT INTO devices VALUES(2,'alice@example.org','Bob@Example.NET',NULL,1,0,1003,1004,1003,X'08f5223"
      "366f744b98dd5e5ed41959ccecffd6afc959358be649da59f966cb0001c861ff1f32741401785e89782235e723bf7ad11442"
      "a2770fc0ebc128c292dbf26c59ebc306cc6ef74adc93c521e4c10bcd59d2f66aeda9ea904b5e642',NULL,0);"
      "INSERT INTO devices VALUES(4,'ALICE@example.org','bob@example.net.',NULL,0,0,1005,0,1006,X'7986b7366"
      "6e21be9f1e775ed84d7ed1bbfeef97b8d827ac0174bcce27c134c2448bae4dd4ec8d3f2b5876ed748741bfb7baca4ceb2f77"
      "6f94ebe457a2e85aaf5e6340de20fa2118cc4ff3ebc569a70287d30f74d615008eac67c9b5de6',X'475bfa07c622cb6d866"
      "32af06f92352d4f26c3a030e7aaa47d98888c5a77b0443198b204087758a0d31273821247d6a1c36161ac481cd587616c173"
      "8a8d4882edd1d0d41c9d3b459a7702ecb041a09896471e32ebcecc192231acd2d43',0);"
      "INSERT INTO devices VALUES(5,'alice@example.org','@example.net',NULL,0,0,1007,0,1007,X'8c394984e6b5c"
      "d4edc781a9a37cf45724e5eb63baefcae405f0de698ffd4dff4d8c2593d1847a95ed6f97efecbfbf373c378e2f099d543a67"
      "166d95091795b8def375b1d0097def5ec0d9509ed77c86682de232e9132f2215bddefa0f3',NULL,0);"
      "INSERT INTO protection VALUES(1,2,1,'4556647c1c2542192ba50e99da250d01',NULL,NULL,X'51b9c365b0477b1ef"
      "50f0f9ca120c56f25cc50a95006569ace15364353e5d4b405063de15360f7137acf2eede455cfca20f4285c008e152df61b8"
      "5de');";

#define DAVE "dave@example.com"

/* The file as the second version left it, and as it is opened: SEALED, with the key where it has one. */
static void
write_second_version (gboolean is_sealed)
{
  g_autofree char *sql = g_strconcat (TABLES, policies, is_sealed ? sealed : plain, NULL);

  g_remove (fixture_path);
  tamper (sql);
}

static EsStore *
open_second_version (gboolean is_sealed)
{
  EsStore *store = fixture_open ();
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (es_store_is_locked (store), is_sealed);
  if (is_sealed)
    fixture_good (fixture_unlock (store, 7, &error), error);
  return store;
}

/* What write_second_version is to become. */
static void
expect_merged (EsStore *store)
{
  g_autoptr (GPtrArray) all = es_store_all_devices (store, NULL), bobs = fixture_devices (store, BOB);
  const EsDevice *first = fixture_find (bobs, 1), *second = fixture_find (bobs, 2), *third = fixture_find (bobs, 4);

  ck_assert_uint_eq (all->len, 3);
  ck_assert_uint_eq (bobs->len, 3);
  for (guint i = 0; i < bobs->len; i++)
    ck_assert (es_address_equal (((EsDevice *) bobs->pdata[i])->account, at (ALICE))
               && es_address_equal (((EsDevice *) bobs->pdata[i])->contact, at (BOB)));
  ck_assert (fixture_is (first->newest, 2) && fixture_is (first->older, 1));
  ck_assert (first->verified && !first->confirmed && first->verified_at == 1002 && first->strength == 77);
  ck_assert_str_eq (first->name, "phone");
  ck_assert (fixture_is (second->newest, 3) && second->older == NULL);
  ck_assert (second->verified && second->verified_at == 1004 && second->created == 1003);
  ck_assert (fixture_is (third->newest, 6) && fixture_is (third->older, 5));
  ck_assert (!third->verified && third->last_used == 1006);

  /* The strictest of all; what stood under the address itself; the greatest. */
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), 3);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (CAROL), NULL), 0);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (DAVE), NULL), 2);
}

static void
expect_texts (void)
{
  sqlite3 *raw = raw_open ();

  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM devices WHERE account = 'alice@example.org' "
                                     "AND contact = 'bob@example.net'"),
                    3);
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM policies"), 4);
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM devices WHERE contact = '@example.net'"), 1);
  ck_assert_int_eq (raw_number (raw, "SELECT policy FROM policies WHERE contact = '@example.net'"), 2);
  sqlite3_close (raw);
}

START_TEST (formats__second__keeps_everything_under_one_address)
{
  g_autoptr (EsStore) store = NULL;

  write_second_version (_i);
  for (guint times = 0; times < 2; times++)
    {
      store = open_second_version (_i);
      expect_merged (store);
      g_clear_pointer (&store, es_store_close);
      expect_texts ();
    }

  /* Everything can be done with them, and no number is given twice. */
  store = open_second_version (_i);
  fixture_pend (store, BOB, 4, 5, 8);
  ck_assert (fixture_prove (store, 4, "5 6", 8, 2000, NULL));
  fixture_expect (store, 4, 8, "", TRUE);
  fixture_replace (store, BOB, 1, 1, "1 2", 9, 2000);
  ck_assert_int_eq (fixture_add (store, CAROL, 10, 2000), 6);
  if (_i == 0)
    ck_assert (!fixture_file_holds (5) && !fixture_file_holds (6) && !fixture_file_holds (1)
               && !fixture_file_holds (2));
}
END_TEST

/* It gets its tables while it is locked, and its addresses when it is not: until then all is as it was. */
START_TEST (formats__second__sealed_and_never_unlocked)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsStore) store = NULL;
  sqlite3 *raw = NULL;

  write_second_version (TRUE);
  store = fixture_open ();
  ck_assert (!fixture_unlock (store, 8, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_KEYRING);
  g_clear_pointer (&store, es_store_close);
  raw = raw_open ();
  ck_assert_int_eq (raw_number (raw, "PRAGMA user_version"), 6);
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM devices WHERE contact = 'Bob@Example.NET'"), 1);
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM policies"), 7);
  sqlite3_close (raw);
  store = open_second_version (TRUE);
  expect_merged (store);
}
END_TEST

/* What is no address is in no list and can be had by nobody, but is sealed and expires like the rest. */
START_TEST (formats__no_address__is_kept_and_harmless)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3 *raw = NULL;

  write_second_version (FALSE);
  store = open_second_version (FALSE);
  ck_assert (!es_store_set_verified (store, 5, TRUE, 9, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (!fixture_prove (store, 5, "", 7, 9, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (fixture_protect (store, 7, NULL));
  ck_assert (!fixture_file_holds (7));
  g_clear_pointer (&store, es_store_close);

  store = open_second_version (TRUE);
  expect_merged (store);
  ck_assert (fixture_protect (store, 0, NULL));
  ck_assert (fixture_file_holds (7));
  ck_assert (es_store_expire (store, FALSE, 1008, NULL, NULL, NULL));
  ck_assert (!fixture_file_holds (7));
  raw = raw_open ();
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM devices WHERE id = 5"), 0);
  sqlite3_close (raw);

  /* Nor does one with a resource pass for its owner. */
  g_clear_pointer (&store, es_store_close);
  tamper ("UPDATE devices SET contact = 'bob@example.net/phone' WHERE id = 1; UPDATE devices SET account = "
          "'alice@example.org/desk' WHERE id = 2");
  store = open_second_version (FALSE);
  {
    g_autoptr (GPtrArray) devices = es_store_all_devices (store, NULL);

    ck_assert_uint_eq (devices->len, 0);
  }
}
END_TEST

START_TEST (formats__spellings__of_too_many_devices_make_room)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) bobs = NULL;
  gint64 verified = 0;

  for (guint i = 0; i < 2 * ES_LIMIT_DEVICES; i++)
    {
      gint64 id = fixture_add (store, i % 2 == 0 ? BOB : CAROL, 100 + i, 100 + i);

      verified = i == 1 ? id : verified;
    }
  ck_assert (es_store_set_verified (store, verified, TRUE, 5, NULL));
  g_clear_pointer (&store, es_store_close);
  tamper ("UPDATE devices SET contact = 'BOB@example.net' WHERE contact = 'carol@example.com'");
  store = fixture_open ();
  bobs = es_store_all_devices (store, NULL);
  ck_assert_uint_eq (bobs->len, ES_LIMIT_DEVICES);
  ck_assert_ptr_nonnull (fixture_find (bobs, verified));
  ck_assert (fixture_file_holds (100 + 2 * ES_LIMIT_DEVICES - 1) && !fixture_file_holds (100));
}
END_TEST

/* Sealed rows are bound to their texts: another spelling that somebody wrote there is damage, not a move. */
START_TEST (formats__spellings__written_by_others_are_damage)
{
  static const char *const changes[]
      = { "UPDATE devices SET contact = 'CAROL@example.com' WHERE id = 2",
          "UPDATE devices SET contact = 'bob@example.net' WHERE id = 2",
          "UPDATE devices SET contact = 'no@address@' WHERE id = 1", "UPDATE devices SET older = NULL WHERE id = 4" };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (EsStore) store = NULL;
      g_autoptr (GError) error = NULL;

      write_second_version (TRUE);
      tamper (changes[i]);
      store = fixture_open ();
      ck_assert (!fixture_unlock (store, 7, &error));
      fixture_expect_error (&error, ES_ERROR_STORE_DAMAGED);
      ck_assert (es_store_is_locked (store));
    }
}
END_TEST

#define BUCHER "bob@b\xc3\xbc\x63her.example"
#define BUCHER_ASCII "bob@xn--bcher-kva.example"

/* As earlier versions wrote it, which took that for another contact: sealed, everything is bound to the texts. */
static void
write_device_in_ascii (EsStore *store, gint64 id)
{
  g_autoptr (GPtrArray) rows = es_store_read (store, ES_STORE_SELECT, NULL, NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      EsStoreRow *row = rows->pdata[i];

      if (row->device->id != id)
        continue;
      g_free (row->contact);
      row->contact = g_strdup (BUCHER_ASCII);
      ck_assert (es_store_begin (store, NULL));
      ck_assert (es_store_finish (store, es_store_write (store, row, NULL), NULL));
      return;
    }
  ck_abort ();
}

static void
write_entry_in_ascii (EsStore *store, const EsStored *entry)
{
  g_autofree char *binding = g_strdup_printf ("outbox %d %d 0 %d %zu:%s %zu:%s 1 %zu:%s", (int) entry->id,
                                              (int) entry->kind, (int) entry->written, strlen (ALICE), ALICE,
                                              strlen (BUCHER_ASCII), BUCHER_ASCII, strlen (entry->label), entry->label);
  gsize size = es_secret_size (entry->content);
  g_autoptr (EsSecret) padded = es_secret_new (256), content = NULL;
  guint32 number = GUINT32_TO_BE ((guint32) size);
  const EsSqliteValue texts[] = { ES_SQLITE_INTEGER (entry->id), ES_SQLITE_TEXT (BUCHER_ASCII), ES_SQLITE_END };

  ck_assert (es_sqlite_run (store->db, "UPDATE outbox SET contact = ?2 WHERE id = ?1", texts, NULL));
  if (store->key == NULL)
    return;
  memcpy (es_secret_data (padded), &number, 4);
  memcpy (es_secret_data (padded) + 4, es_secret_peek (entry->content), size);
  content = es_seal (store->key, ES_PART_STRING (binding), padded);
  ck_assert (es_sqlite_run (
      store->db, "UPDATE outbox SET content = ?2 WHERE id = ?1",
      (const EsSqliteValue[]){ ES_SQLITE_INTEGER (entry->id), ES_SQLITE_SECRET (content), ES_SQLITE_END }, NULL));
}

static void
expect_written_out (EsStore *store)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, BUCHER), all = es_store_all_devices (store, NULL),
                        outbox = NULL;
  g_autoptr (GPtrArray) dropped = es_store_dropped_new ();
  guint count = 0;
  gint64 last = 0;
  gboolean differed = FALSE;
  sqlite3 *raw = raw_open ();

  ck_assert_uint_eq (devices->len, 2);
  ck_assert_uint_eq (all->len, 2);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BUCHER), NULL), 3);
  ck_assert (es_store_password_failures (store, at (ALICE), at (BUCHER), &count, &last, NULL));
  ck_assert_uint_eq (count, 3);
  ck_assert_int_eq (last, 30);
  ck_assert (es_store_differed (store, at (ALICE), at (BUCHER), &differed, NULL));
  ck_assert (differed);
  outbox = es_store_outbox_load (store, at (ALICE), dropped, NULL);
  ck_assert_uint_eq (dropped->len, 0);
  ck_assert_uint_eq (outbox->len, 3);
  for (guint i = 0; i < 3; i++)
    {
      const EsStored *entry = outbox->pdata[i];
      g_autoptr (EsSecret) content = fixture_content (i + 1, 100);

      ck_assert (es_address_equal (entry->contact, at (BUCHER)));
      ck_assert (es_secret_equal (entry->content, content));
    }
  for (gsize i = 0; i < 5; i++)
    {
      static const char *const tables[] = { "devices", "policies", "failures", "differed", "outbox" };
      g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM %s WHERE contact LIKE '%%xn--%%'", tables[i]);

      ck_assert_int_eq (raw_number (raw, sql), 0);
    }
  sqlite3_close (raw);
}

/* Plain (0) or sealed (1): all of it is one contact's, in its order. */
START_TEST (formats__spellings__of_the_dns_are_written_out)
{
  g_autoptr (EsStore) store = fixture_open ();

  ck_assert (_i == 0 || fixture_protect (store, 7, NULL));
  fixture_add (store, BUCHER, 1, 10);
  write_device_in_ascii (store, fixture_add (store, BUCHER, 2, 20));
  for (guint i = 1; i <= 3; i++)
    {
      g_autoptr (EsStored) entry = fixture_entry (ES_STORED_WAITING_TEXT, BUCHER, i, 100);

      ck_assert (es_store_outbox_add (store, &entry, 1, NULL));
      if (i != 2)
        write_entry_in_ascii (store, entry);
      ck_assert (es_store_add_password_failure (store, at (ALICE), at (BUCHER), 10 * i, NULL));
      if (i == 2)
        tamper ("UPDATE failures SET contact = '" BUCHER_ASCII "'");
    }
  ck_assert (es_store_set_policy (store, at (ALICE), at (BUCHER), 1, NULL));
  g_clear_pointer (&store, es_store_close);
  tamper ("INSERT INTO policies VALUES ('" ALICE "', '" BUCHER_ASCII "', 3);"
          "INSERT INTO differed VALUES ('" ALICE "', '" BUCHER_ASCII "')");
  for (guint times = 0; times < 2; times++)
    {
      store = fixture_open ();
      ck_assert (_i == 0 || fixture_unlock (store, 7, NULL));
      expect_written_out (store);
      g_clear_pointer (&store, es_store_close);
    }
}
END_TEST

#define FORMER(text)                                                                                                   \
  "ALTER TABLE devices RENAME TO former;" text ";INSERT INTO devices SELECT * FROM former;"                            \
  "DELETE FROM sqlite_sequence WHERE name = 'devices';"                                                                \
  "UPDATE sqlite_sequence SET name = 'devices' WHERE name = 'former'; DROP TABLE former;"                              \
  "CREATE INDEX devices_contact ON devices (account, contact); DROP TABLE differed; DROP TABLE lineage; DROP TABLE "   \
  "moved; DROP TABLE moving; DROP TABLE transfers; PRAGMA user_version = 3;"

/* As the third version created it. */
static const char third[]
    = FORMER ("CREATE TABLE devices (id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0), account TEXT NOT NULL, "
              "contact TEXT NOT NULL, name TEXT, verified INTEGER NOT NULL CHECK (verified BETWEEN 0 AND 1), "
              "confirmed INTEGER NOT NULL CHECK (confirmed BETWEEN 0 AND 1), "
              "created INTEGER NOT NULL CHECK (created BETWEEN 0 AND 253402300799), "
              "verified_at INTEGER NOT NULL CHECK (verified_at BETWEEN 0 AND 253402300799), "
              "last_used INTEGER NOT NULL CHECK (last_used BETWEEN 0 AND 253402300799), "
              "newest BLOB NOT NULL CHECK (length (newest) BETWEEN 16 AND 64 OR length (newest) = 93), "
              "older BLOB CHECK (length (older) BETWEEN 16 AND 64 OR length (older) = 93), "
              "strength INTEGER NOT NULL DEFAULT 0 CHECK (strength BETWEEN 0 AND 1073741823), "
              "pending BLOB CHECK (length (pending) BETWEEN 65 AND 1040 OR length (pending) = 1068)) STRICT");

/* Its sealed secrets that wait to be proven are read, and there is room for more than it had. */
START_TEST (formats__third__keeps_what_is_pending)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GString) pending = g_string_new (NULL);
  sqlite3 *raw = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1), other = fixture_add (store, BOB, 11, 1);

  ck_assert (es_store_forget (store, other, NULL));
  for (guint number = 2; number <= 17; number++)
    {
      fixture_pend (store, BOB, id, 1, number);
      g_string_append_printf (pending, "%u ", number);
    }
  if (_i)
    ck_assert (fixture_protect (store, 7, NULL));
  g_clear_pointer (&store, es_store_close);
  tamper (third);

  store = open_second_version (_i);
  fixture_expect (store, id, 1, pending->str, FALSE);
  raw = raw_open ();
  ck_assert_int_eq (raw_number (raw, "PRAGMA user_version"), 6);
  ck_assert_int_eq (raw_number (raw, "SELECT length (pending) FROM devices"), _i ? 1068 : 1040);
  fixture_pend (store, BOB, id, 1, 18);
  ck_assert_int_eq (raw_number (raw, "SELECT length (pending) FROM devices"), _i ? 4188 : 1105);
  sqlite3_close (raw);
  g_string_append (pending, "18 ");
  fixture_expect (store, id, 1, pending->str, FALSE);
  ck_assert_int_gt (fixture_add (store, BOB, 30, 1), other);
}
END_TEST

START_TEST (formats__second__damaged_is_left_alone)
{
  static const char *const changes[] = {
    "UPDATE devices SET verified = 2",
    "UPDATE devices SET newest = zeroblob (15)",
    "DROP TABLE policies",
    "DROP TABLE protection",
    "CREATE TABLE outbox (id)",
    "CREATE TABLE failures (id)",
    "CREATE TABLE differed (id)",
    "CREATE TABLE lineage (id)",
    "CREATE TABLE moved (id)",
    "CREATE TABLE moving (id)",
    "CREATE TABLE transfers (id)",
    "CREATE INDEX devices_contact ON devices (account, contact)",
    "CREATE TRIGGER more AFTER INSERT ON devices BEGIN DELETE FROM policies; END",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = 3",
    "PRAGMA user_version = 4",
    "PRAGMA user_version = 5",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      write_second_version (FALSE);
      tamper (changes[i]);
      expect_damaged (changes[i]);
    }
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    formats__second__sealed_and_never_unlocked,
    formats__no_address__is_kept_and_harmless,
    formats__spellings__of_too_many_devices_make_room,
    formats__spellings__written_by_others_are_damage,
    formats__second__damaged_is_left_alone,
  };
  TCase *tcase = fixture_tcase ("es-store-formats");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  tcase_add_loop_test (tcase, formats__spellings__of_the_dns_are_written_out, FALSE, TRUE + 1);
  tcase_add_loop_test (tcase, formats__third__keeps_what_is_pending, FALSE, TRUE + 1);
  tcase_add_loop_test (tcase, formats__second__keeps_everything_under_one_address, FALSE, TRUE + 1);
  return fixture_main ("es-store-formats", tcase);
}
