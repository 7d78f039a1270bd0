/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices under a key from outside: who has it, who has not, who changes the file meanwhile; and files of the
 * first version, which knew none. */
#include "es-store-fixture.h"

#define PASSPHRASE "correct horse"

/* Bob's device 1, verified and called "phone": secrets 1 and, pending, 2. Carol's device 2: secret 3. A text for Bob. */
static void
make_devices (EsStore *store)
{
  ck_assert_int_eq (fixture_add (store, BOB, 1, 1000), 1);
  ck_assert (fixture_prove (store, 1, "", 1, 1001, NULL));
  fixture_pend (store, BOB, 1, 1, 2);
  ck_assert (es_store_set_verified (store, 1, TRUE, 1002, NULL));
  ck_assert (es_store_set_strength (store, at (ALICE), at (BOB), 1, 77, NULL));
  ck_assert (es_store_set_name (store, 1, "phone", NULL));
  ck_assert_int_eq (fixture_add (store, CAROL, 3, 1003), 2);
  ck_assert_int_eq (fixture_add (store, CAROL, 4, 1004), 3);
  ck_assert (es_store_forget (store, 3, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 3, NULL));
  ck_assert_int_eq (fixture_keep (store, BOB, 6, 5000), 1);
}

/* Both but for what is pending, or older. */
static void
expect_rest (EsStore *store)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, NULL);
  const EsDevice *bob = fixture_find (devices, 1);

  ck_assert_uint_eq (devices->len, 2);
  fixture_expect (store, 2, 3, "", FALSE);
  ck_assert_int_eq (bob->verified, TRUE);
  ck_assert_int_eq (bob->verified_at, 1002);
  ck_assert_int_eq (bob->created, 1000);
  ck_assert_int_eq (bob->last_used, 1001);
  ck_assert_uint_eq (bob->strength, 77);
  ck_assert_str_eq (bob->name, "phone");
  ck_assert (es_address_equal (bob->contact, at (BOB)));
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), 3);
}

static void
expect_devices (EsStore *store)
{
  g_autoptr (GPtrArray) outbox = NULL;
  g_autoptr (EsSecret) content = fixture_content (6, 5000);
  g_autoptr (GPtrArray) dropped = es_store_dropped_new ();

  expect_rest (store);
  fixture_expect (store, 1, 1, "2 ", TRUE);
  outbox = es_store_outbox_load (store, at (ALICE), dropped, NULL);
  ck_assert_uint_eq (outbox->len, 1);
  ck_assert_uint_eq (dropped->len, 0);
  ck_assert (es_secret_equal (((EsStored *) outbox->pdata[0])->content, content));
}

/* What the first version wrote: secrets 2 and 1. */
static void
expect_first_version (EsStore *store)
{
  g_autoptr (GPtrArray) devices = fixture_devices (store, BOB);

  expect_rest (store);
  fixture_expect (store, 1, 2, "", FALSE);
  ck_assert (fixture_is (((EsDevice *) devices->pdata[0])->older, 1));
}

/* A file with make_devices under outer_key (7), closed. */
static void
make_sealed (void)
{
  g_autoptr (EsStore) store = fixture_open ();

  make_devices (store);
  ck_assert (fixture_protect (store, 7, NULL));
  expect_devices (store);
}

/* Nothing can be had or done, and nothing changes. */
static void
expect_locked (EsStore *store, EsErrorCode code)
{
  g_autoptr (GBytes) before = fixture_read (fixture_path), after = NULL;
  g_autoptr (EsSecret) secret = fixture_secret (1), next = fixture_secret (9);
  g_autoptr (EsStored) entry = fixture_entry (ES_STORED_SENT, BOB, 9, 10);
  g_autoptr (GError) error = NULL;
  guint count = 0;
  gint64 last = 0;

  ck_assert (es_store_is_locked (store));
  ck_assert_ptr_null (es_store_all_devices (store, &error));
  fixture_expect_error (&error, code);
  ck_assert_int_eq (es_store_add (store, at (ALICE), at (BOB), next, TRUE, 9, &error), 0);
  fixture_expect_error (&error, code);
  ck_assert (!es_store_add_pending (store, at (ALICE), at (BOB), 1, secret, next, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_replace (store, at (ALICE), at (BOB), 1, secret, NULL, next, 9, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_prove (store, 1, NULL, next, 9, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_set_verified (store, 2, TRUE, 9, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_set_name (store, 2, "tablet", &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_forget (store, 1, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_expire (store, FALSE, 5000, NULL, NULL, &error));
  fixture_expect_error (&error, code);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), &error), -2);
  fixture_expect_error (&error, code);
  ck_assert (!es_store_set_policy (store, at (ALICE), at (BOB), 0, &error));
  fixture_expect_error (&error, code);
  ck_assert (!fixture_protect (store, 0, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_add_password_failure (store, at (ALICE), at (BOB), 9, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_password_failures (store, at (ALICE), at (BOB), &count, &last, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_clear_password_failures (store, at (ALICE), at (BOB), &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_outbox_add (store, &entry, 1, &error));
  fixture_expect_error (&error, code);
  entry->id = 1;
  ck_assert (!es_store_outbox_update (store, &entry, 1, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_outbox_remove (store, &entry, 1, &error));
  fixture_expect_error (&error, code);
  ck_assert (!es_store_outbox_remove_contact (store, at (ALICE), at (BOB), &error));
  fixture_expect_error (&error, code);
  ck_assert_ptr_null (es_store_outbox_load (store, at (ALICE), NULL, &error));
  fixture_expect_error (&error, code);
  after = fixture_read (fixture_path);
  ck_assert (g_bytes_equal (before, after));
}

START_TEST (protection__none__is_what_a_new_file_has)
{
  g_autoptr (EsStore) store = fixture_open ();

  ck_assert_int_eq (es_store_protection (store)->kind, ES_PROTECTION_NONE);
  ck_assert (!es_store_protection (store)->chosen);
  ck_assert (!es_store_is_locked (store));
  ck_assert (fixture_unlock (store, 1, NULL));
  ck_assert (fixture_protect (store, 0, NULL));
  ck_assert (es_store_protection (store)->chosen);
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert (es_store_protection (store)->chosen);
}
END_TEST

START_TEST (protection__keyring__locks_until_its_key_comes)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *item = NULL;

  make_sealed ();
  ck_assert (!state_shows (fixture_path));
  store = fixture_open ();
  ck_assert_int_eq (es_store_protection (store)->kind, ES_PROTECTION_KEYRING);
  item = g_strdup (es_store_protection (store)->item);
  ck_assert_uint_eq (strlen (item), ES_PROTECTION_ITEM_OCTETS - 1);
  expect_locked (store, ES_ERROR_STORE_KEYRING);
  ck_assert (!fixture_unlock (store, 8, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_KEYRING);
  expect_locked (store, ES_ERROR_STORE_KEYRING);
  ck_assert (fixture_unlock (store, 7, &error));
  expect_devices (store);

  /* Another time, another key and another name for it. */
  ck_assert (fixture_protect (store, 7, NULL));
  ck_assert_str_ne (es_store_protection (store)->item, item);
  expect_devices (store);
}
END_TEST

START_TEST (protection__passphrase__opens_it_and_no_other_does)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) passphrase = es_secret_new_from (PASSPHRASE, strlen (PASSPHRASE)), key = NULL, wrong_key = NULL;
  g_autoptr (EsSecret) wrong = es_secret_new_from (PASSPHRASE "s", strlen (PASSPHRASE) + 1);
  g_autoptr (GError) error = NULL;
  EsProtection protection, other;

  make_devices (store);
  es_protection_init (&protection, ES_PROTECTION_PASSPHRASE, TRUE);
  es_protection_init (&other, ES_PROTECTION_PASSPHRASE, TRUE);
  ck_assert_mem_ne (protection.salt, other.salt, sizeof protection.salt);
  ck_assert_uint_eq (protection.cost, 16);
  key = es_protection_stretch (&protection, passphrase, NULL);
  ck_assert (es_store_protect (store, &protection, key, NULL));
  g_clear_pointer (&store, es_store_close);
  g_clear_pointer (&key, es_secret_free);
  ck_assert (!state_shows (fixture_path));

  store = fixture_open ();
  ck_assert_int_eq (es_store_protection (store)->kind, ES_PROTECTION_PASSPHRASE);
  expect_locked (store, ES_ERROR_STORE_SEALED);
  wrong_key = es_protection_stretch (es_store_protection (store), wrong, NULL);
  ck_assert (!es_store_unlock (store, wrong_key, &error));
  fixture_expect_error (&error, ES_ERROR_STORE_SEALED);
  key = es_protection_stretch (es_store_protection (store), passphrase, NULL);
  ck_assert (es_store_unlock (store, key, NULL));
  expect_devices (store);
}
END_TEST

START_TEST (protection__change__goes_on_under_the_key)
{
  g_autoptr (EsStore) store = NULL;
  g_autoptr (EsSecret) odd = es_secret_new (64), even = es_secret_new (16);
  gint64 id = 0;

  make_sealed ();
  store = fixture_open ();
  ck_assert (fixture_unlock (store, 7, NULL));
  ck_assert (fixture_prove (store, 1, "1", 2, 1005, NULL));
  fixture_replace (store, CAROL, 2, 3, "3", 5, 1006);
  ck_assert (es_store_set_verified (store, 2, TRUE, 1007, NULL));
  ck_assert (es_store_set_verified (store, 1, FALSE, 1008, NULL));
  ck_assert (es_store_set_name (store, 1, NULL, NULL));
  id = es_store_add (store, at (ALICE), at (CAROL), odd, FALSE, 1009, NULL);
  ck_assert_int_eq (id, 4);
  ck_assert (es_store_add_pending (store, at (ALICE), at (CAROL), id, odd, even, NULL));
  ck_assert (es_store_add_pending (store, at (ALICE), at (CAROL), id, even, odd, NULL));
  g_clear_pointer (&store, es_store_close);
  ck_assert (!state_shows (fixture_path));

  store = fixture_open ();
  ck_assert (fixture_unlock (store, 7, NULL));
  fixture_expect (store, 1, 2, "", TRUE);
  fixture_expect (store, 2, 5, "", TRUE);
  {
    g_autoptr (GPtrArray) devices = es_store_all_devices (store, NULL);
    const EsDevice *device = fixture_find (devices, id);

    ck_assert (fixture_find (devices, 2)->verified && !fixture_find (devices, 1)->verified);
    ck_assert_ptr_null (fixture_find (devices, 1)->name);
    ck_assert (es_secret_equal (device->newest, odd));
    ck_assert_uint_eq (device->pending->len, 2);
    ck_assert (es_secret_equal (device->pending->pdata[0], even) && es_secret_equal (device->pending->pdata[1], odd));
  }

  /* And out of it again: everything is there without a key, and the old key opens nothing more. */
  ck_assert (es_store_forget (store, id, NULL));
  ck_assert (fixture_protect (store, 0, NULL));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  fixture_expect (store, 1, 2, "", TRUE);
  fixture_expect (store, 2, 5, "", TRUE);
  ck_assert (fixture_file_holds (2) && fixture_file_holds (5) && state_shows (fixture_path));
}
END_TEST

START_TEST (protection__secret__of_another_size_is_refused)
{
  static const gsize sizes[] = { 0, 15, 65, 93, 100 };
  g_autoptr (EsStore) store = fixture_open ();

  for (guint sealed = 0; sealed < 2; sealed++)
    {
      for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
        {
          g_autoptr (EsSecret) secret = es_secret_new (sizes[i]);
          g_autoptr (GError) error = NULL;

          ck_assert_int_eq (es_store_add (store, at (ALICE), at (BOB), secret, TRUE, 1, &error), 0);
          fixture_expect_error (&error, ES_ERROR_STORE);
        }
      ck_assert (fixture_protect (store, 1, NULL));
    }
}
END_TEST

/* Somebody changes the file who has no key: damage, as any other. */
START_TEST (protection__row__tampered_with_is_damage)
{
  static const char *const changes[] = {
    "UPDATE devices SET verified = 1, verified_at = 1002 WHERE id = 2",
    "UPDATE devices SET verified = 1 WHERE id = 2",
    "UPDATE devices SET verified = 0 WHERE id = 1",
    "UPDATE devices SET verified_at = 1003 WHERE id = 1",
    "UPDATE devices SET confirmed = 0 WHERE id = 1",
    "UPDATE devices SET account = 'eve@example.org' WHERE id = 1",
    "UPDATE devices SET contact = 'eve@example.org' WHERE id = 1",
    "UPDATE devices SET name = 'tablet' WHERE id = 1",
    "UPDATE devices SET name = NULL WHERE id = 1",
    "UPDATE devices SET created = 999 WHERE id = 1",
    "UPDATE devices SET last_used = 2000 WHERE id = 2",
    "UPDATE devices SET strength = 78 WHERE id = 1",
    "UPDATE devices SET id = 9 WHERE id = 2",
    "UPDATE devices SET pending = NULL WHERE id = 1",
    "UPDATE devices SET pending = NULL, older = newest WHERE id = 1",
    "UPDATE devices SET older = newest WHERE id = 2",
    "UPDATE devices SET pending = (SELECT pending FROM devices WHERE id = 1) WHERE id = 2",
    "UPDATE devices SET pending = zeroblob (1068) WHERE id = 1",
    "UPDATE devices SET pending = zeroblob (1040) WHERE id = 1",
    "UPDATE devices SET contact = 'BOB@example.net' WHERE id = 1",
    "UPDATE devices SET contact = '@example.net' WHERE id = 1",
    "UPDATE devices SET newest = (SELECT newest FROM devices WHERE id = 2) WHERE id = 1",
    "CREATE TEMP TABLE t AS SELECT id, newest FROM devices; UPDATE devices SET newest = (SELECT t.newest FROM t WHERE "
    "t.id = 3 - devices.id)",
    "UPDATE devices SET newest = zeroblob (93) WHERE id = 2",
    "UPDATE devices SET newest = zeroblob (32) WHERE id = 2",
    "UPDATE devices SET newest = substr (newest, 1, 64) WHERE id = 2",
    "INSERT INTO devices SELECT 9, account, contact, name, verified, confirmed, created, verified_at, last_used, "
    "newest, older, strength, pending FROM devices WHERE id = 1",
  };
  g_autoptr (GBytes) good = NULL;

  make_sealed ();
  good = fixture_read (fixture_path);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_autoptr (EsStore) store = NULL;
      g_autoptr (GBytes) before = NULL, after = NULL;
      g_autoptr (GError) error = NULL;

      fixture_write (fixture_path, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
      tamper (changes[i]);
      before = fixture_read (fixture_path);
      store = es_store_open (fixture_path, &error);
      ck_assert_msg (store == NULL || !fixture_unlock (store, 7, &error), "%s: not noticed", changes[i]);
      ck_assert_msg (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_DAMAGED), "%s: %s", changes[i], error->message);
      ck_assert (store == NULL || es_store_is_locked (store));
      after = fixture_read (fixture_path);
      ck_assert (g_bytes_equal (before, after));
    }

  /* It was the change: what was there before is good. */
  fixture_write (fixture_path, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
  {
    g_autoptr (EsStore) store = fixture_open ();

    ck_assert (fixture_unlock (store, 7, NULL));
  }
}
END_TEST

/* A sealed file does not become one without protection, nor do numbers of somebody else's cost us all memory. */
START_TEST (protection__settings__hostile_ones_are_damage)
{
  static const char *const passphrase
      = "UPDATE protection SET kind = 1, item = NULL, cost = 16, salt = zeroblob (16); ";
  static const char *const changes[] = {
    "DELETE FROM protection",
    "UPDATE protection SET kind = 0",
    "UPDATE protection SET kind = 0, item = NULL, wrapped = NULL",
    "UPDATE protection SET kind = 1",
    "UPDATE protection SET kind = 3",
    "UPDATE protection SET kind = -1",
    "UPDATE protection SET chosen = 2",
    "UPDATE protection SET item = NULL",
    "UPDATE protection SET item = ''",
    "UPDATE protection SET item = item || 'a'",
    "UPDATE protection SET item = substr (item, 1, 31) || 'g'",
    "UPDATE protection SET cost = 16",
    "UPDATE protection SET salt = zeroblob (16)",
    "UPDATE protection SET wrapped = NULL",
    "UPDATE protection SET wrapped = zeroblob (59)",
    "UPDATE protection SET wrapped = zeroblob (61)",
    "INSERT INTO protection SELECT 2, kind, chosen, item, cost, salt, wrapped FROM protection",
    "+UPDATE protection SET cost = NULL",
    "+UPDATE protection SET cost = 0",
    "+UPDATE protection SET cost = 13",
    "+UPDATE protection SET cost = 19",
    "+UPDATE protection SET cost = 40",
    "+UPDATE protection SET cost = 64",
    "+UPDATE protection SET cost = -1",
    "+UPDATE protection SET cost = 9223372036854775807",
    "+UPDATE protection SET salt = NULL",
    "+UPDATE protection SET salt = zeroblob (15)",
    "+UPDATE protection SET salt = zeroblob (17)",
    "+UPDATE protection SET salt = zeroblob (10000)",
    "+UPDATE protection SET item = '0123456789abcdef0123456789abcdef'",
  };
  g_autoptr (GBytes) good = NULL;

  make_sealed ();
  good = fixture_read (fixture_path);
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      fixture_write (fixture_path, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
      if (*changes[i] == '+')
        {
          tamper (passphrase);
          g_clear_pointer (&(EsStore *){ fixture_open () }, es_store_close);
        }
      tamper (changes[i] + (*changes[i] == '+' ? 1 : 0));
      expect_damaged (changes[i]);
    }

  /* Another name, or no memory of whose choice it was, is no damage that one sees; but the name is part of the lock. */
  fixture_write (fixture_path, g_bytes_get_data (good, NULL), g_bytes_get_size (good));
  tamper ("UPDATE protection SET item = '0123456789abcdef0123456789abcdef'");
  {
    g_autoptr (EsStore) store = fixture_open ();

    ck_assert (!fixture_unlock (store, 7, NULL));
  }
}
END_TEST

START_TEST (protection__truncated__is_refused)
{
  g_autoptr (GBytes) good = NULL;

  make_sealed ();
  good = fixture_read (fixture_path);
  for (gsize left = 1; left < g_bytes_get_size (good); left += 509)
    {
      fixture_write (fixture_path, g_bytes_get_data (good, NULL), left);
      expect_damaged ("truncated");
    }
}
END_TEST

/* Nobody writes with a key that the file no longer has. */
START_TEST (protection__changed__by_another_program_is_noticed)
{
  g_autoptr (EsStore) ours = NULL, theirs = NULL;
  g_autoptr (EsSecret) secret = fixture_secret (9);
  g_autoptr (GError) error = NULL;

  for (guint from = 0; from < 2; from++)
    for (guint to = 0; to < 3; to += 2)
      {
        if (from == 0 && to == 0)
          continue;
        g_clear_pointer (&ours, es_store_close);
        g_clear_pointer (&theirs, es_store_close);
        g_remove (fixture_path);
        ours = fixture_open ();
        make_devices (ours);
        ck_assert (from == 0 || fixture_protect (ours, from, NULL));
        theirs = fixture_open ();
        ck_assert (fixture_unlock (theirs, from, NULL));
        ck_assert (fixture_protect (theirs, to, NULL));

        ck_assert_ptr_null (es_store_all_devices (ours, &error));
        fixture_expect_error (&error, ES_ERROR_STORE);
        ck_assert_int_eq (es_store_add (ours, at (ALICE), at (BOB), secret, TRUE, 9, &error), 0);
        fixture_expect_error (&error, ES_ERROR_STORE);
        ck_assert (!es_store_set_verified (ours, 2, TRUE, 9, &error));
        fixture_expect_error (&error, ES_ERROR_STORE);
        ck_assert (!fixture_protect (ours, 4, &error));
        fixture_expect_error (&error, ES_ERROR_STORE);
        expect_devices (theirs);
      }
}
END_TEST

/* What the first version wrote: the dump of such a file. */
static void
write_first_version (void)
{
  tamper ("PRAGMA application_id = 1163093363; PRAGMA user_version = 1;" DEVICES_OF_VERSION_1 ";"
          "INSERT INTO devices VALUES (1, 'alice@example.org', 'bob@example.net', 'phone', 1, 0, 1000, 1002, 1001, "
          "X'3c3c736563726574206f66207468652074657374732020202020202020323e3e', "
          "X'3c3c736563726574206f66207468652074657374732020202020202020313e3e', 77);"
          "INSERT INTO devices VALUES (2, 'alice@example.org', 'carol@example.com', NULL, 0, 0, 1003, 0, 1003, "
          "X'3c3c736563726574206f66207468652074657374732020202020202020333e3e', NULL, 0);"
          "CREATE TABLE policies (account TEXT NOT NULL, contact TEXT NOT NULL, policy INTEGER NOT NULL CHECK (policy "
          "BETWEEN 0 AND 2147483647), PRIMARY KEY (account, contact)) STRICT, WITHOUT ROWID;"
          "INSERT INTO policies VALUES ('alice@example.org', 'bob@example.net', 3);"
          "DELETE FROM sqlite_sequence; INSERT INTO sqlite_sequence VALUES ('devices', 3)");
}

START_TEST (protection__first_version__keeps_everything)
{
  g_autoptr (EsStore) store = NULL;

  write_first_version ();
  store = fixture_open ();
  expect_first_version (store);
  ck_assert_int_eq (es_store_protection (store)->kind, ES_PROTECTION_NONE);
  ck_assert (!es_store_protection (store)->chosen);
  g_clear_pointer (&store, es_store_close);

  /* Again, now that it is of the third. Number 3 was given to one that is forgotten. */
  store = fixture_open ();
  expect_first_version (store);
  ck_assert_int_eq (fixture_add (store, CAROL, 5, 2000), 4);
  ck_assert (es_store_forget (store, 4, NULL));
  ck_assert (fixture_protect (store, 7, NULL));
  expect_first_version (store);
  ck_assert (!state_shows (fixture_path));
}
END_TEST

START_TEST (protection__first_version__empty_or_damaged)
{
  static const char *const changes[] = {
    "UPDATE devices SET verified = 2",
    "UPDATE devices SET newest = zeroblob (15)",
    "UPDATE devices SET newest = zeroblob (93)",
    "DROP TABLE policies",
    "CREATE TABLE more (a)",
    "CREATE TRIGGER more AFTER INSERT ON devices BEGIN DELETE FROM policies; END",
    "CREATE TABLE protection (id)",
    "CREATE TABLE former (id)",
    "CREATE TABLE outbox (id)",
    "CREATE TABLE failures (id)",
    "CREATE INDEX devices_contact ON devices (account, contact)",
  };
  g_autoptr (EsStore) store = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    {
      g_remove (fixture_path);
      write_first_version ();
      tamper (changes[i]);
      expect_damaged (changes[i]);
    }

  g_remove (fixture_path);
  write_first_version ();
  tamper ("DELETE FROM devices; DELETE FROM policies; DELETE FROM sqlite_sequence");
  store = fixture_open ();
  ck_assert_int_eq (fixture_add (store, BOB, 1, 1), 1);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    protection__none__is_what_a_new_file_has,           protection__keyring__locks_until_its_key_comes,
    protection__passphrase__opens_it_and_no_other_does, protection__change__goes_on_under_the_key,
    protection__secret__of_another_size_is_refused,     protection__row__tampered_with_is_damage,
    protection__settings__hostile_ones_are_damage,      protection__truncated__is_refused,
    protection__changed__by_another_program_is_noticed, protection__first_version__keeps_everything,
    protection__first_version__empty_or_damaged,
  };
  TCase *tcase = fixture_tcase ("es-store-protection");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  return fixture_main ("es-store-protection", tcase);
}
