/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-fixture.h"

START_TEST (store__reopen__keeps_every_field)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  const EsDevice *first = NULL;
  const EsDevice *second = NULL;
  gint64 phone = fixture_replace (store, BOB, 0, 0, 1, 1000);
  gint64 laptop = fixture_add (store, CAROL, 0, 0, 2, 2000);

  ck_assert_int_eq (fixture_add (store, BOB, phone, 1, 3, 3000), phone);
  ck_assert (es_store_set_verified (store, phone, TRUE, 3500, NULL));
  ck_assert (es_store_set_name (store, phone, "Bob's Telefon \xe2\x98\x8e", NULL));
  ck_assert (es_store_set_policy (store, ALICE, BOB, 3, NULL));
  g_clear_pointer (&store, es_store_close);

  store = fixture_open ();
  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 2);
  first = devices->pdata[0];
  second = devices->pdata[1];

  ck_assert_int_eq (first->id, phone);
  ck_assert_str_eq (first->account, ALICE);
  ck_assert_str_eq (first->contact, BOB);
  ck_assert_str_eq (first->name, "Bob's Telefon \xe2\x98\x8e");
  ck_assert_int_eq (first->verified, TRUE);
  ck_assert_int_eq (first->confirmed, FALSE);
  ck_assert_int_eq (first->created, 1000);
  ck_assert_int_eq (first->verified_at, 3500);
  ck_assert_int_eq (first->last_used, 3000);
  ck_assert (fixture_is (first->newest, 3));
  ck_assert (fixture_is (first->older, 1));

  ck_assert_int_eq (second->id, laptop);
  ck_assert_str_eq (second->account, ALICE);
  ck_assert_str_eq (second->contact, CAROL);
  ck_assert_ptr_null (second->name);
  ck_assert_int_eq (second->verified, FALSE);
  ck_assert_int_eq (second->confirmed, FALSE);
  ck_assert_int_eq (second->created, 2000);
  ck_assert_int_eq (second->verified_at, 0);
  ck_assert_int_eq (second->last_used, 2000);
  ck_assert (fixture_is (second->newest, 2));
  ck_assert_ptr_null (second->older);

  ck_assert_int_eq (es_store_policy (store, ALICE, BOB, &error), 3);
  ck_assert_ptr_null (error);
}
END_TEST

START_TEST (store__devices__gives_those_asked_for_last_used_first)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) secret = fixture_secret (9);
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) bobs = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GPtrArray) nobodys = NULL;
  gint64 middle = fixture_add (store, BOB, 0, 0, 1, 500);
  gint64 last = fixture_add (store, CAROL, 0, 0, 2, 400);
  gint64 first = fixture_add (store, BOB, 0, 0, 3, 600);
  gint64 tie = fixture_add (store, BOB, 0, 0, 4, 500);

  ck_assert_int_gt (es_store_add (store, CAROL, BOB, 0, NULL, secret, 700, NULL), 0);

  all = fixture_devices (store, NULL);
  ck_assert_uint_eq (all->len, 4);
  ck_assert_int_eq (((EsDevice *) all->pdata[0])->id, first);
  ck_assert_int_eq (((EsDevice *) all->pdata[1])->id, tie);
  ck_assert_int_eq (((EsDevice *) all->pdata[2])->id, middle);
  ck_assert_int_eq (((EsDevice *) all->pdata[3])->id, last);

  bobs = fixture_devices (store, BOB);
  ck_assert_uint_eq (bobs->len, 3);
  ck_assert_ptr_null (fixture_find (bobs, last));

  /* Octets are compared. */
  others = fixture_devices (store, "Bob@example.net");
  ck_assert_uint_eq (others->len, 0);
  nobodys = es_store_devices (store, NULL, NULL, NULL);
  ck_assert_ptr_nonnull (nobodys);
  ck_assert_uint_eq (nobodys->len, 0);
}
END_TEST

START_TEST (store__add__keeps_the_older_secret)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);

  fixture_expect (store, id, 1, 0, FALSE);
  ck_assert_int_eq (fixture_add (store, BOB, id, 1, 2, 2), id);
  fixture_expect (store, id, 2, 1, FALSE);
}
END_TEST

START_TEST (store__add__on_the_older_voids_the_newer)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);

  fixture_add (store, BOB, id, 1, 2, 2);
  fixture_add (store, BOB, id, 1, 3, 3);
  fixture_expect (store, id, 3, 1, FALSE);
  ck_assert (!fixture_file_holds (2));
}
END_TEST

START_TEST (store__add__on_the_newer_voids_the_older)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);

  fixture_add (store, BOB, id, 1, 2, 2);
  ck_assert (fixture_file_holds (1));
  fixture_add (store, BOB, id, 2, 3, 3);
  fixture_expect (store, id, 3, 2, FALSE);
  ck_assert (!fixture_file_holds (1));
}
END_TEST

static gboolean
confirm (EsStore *store, gint64 id, guint8 secret, gint64 now, GError **error)
{
  g_autoptr (EsSecret) held = fixture_secret (secret);

  return es_store_confirm (store, id, held, now, error);
}

START_TEST (store__confirm__erases_the_older)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);
  gint64 other = fixture_add (store, BOB, 0, 0, 11, 1);

  fixture_add (store, BOB, id, 1, 2, 2);
  fixture_add (store, BOB, other, 11, 12, 2);
  ck_assert (fixture_file_holds (1));
  ck_assert (confirm (store, id, 2, 77, NULL));
  fixture_expect (store, id, 2, 0, TRUE);
  fixture_expect (store, other, 12, 11, FALSE);
  ck_assert (!fixture_file_holds (1));

  devices = fixture_devices (store, BOB);
  ck_assert_int_eq (fixture_find (devices, id)->last_used, 77);
}
END_TEST

/* The first stanza of an earlier session came late: it does not prove that the other side holds what came after. */
START_TEST (store__confirm__of_an_earlier_session_erases_nothing)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);

  fixture_add (store, BOB, id, 1, 2, 2);
  ck_assert (confirm (store, id, 1, 3, NULL));
  fixture_expect (store, id, 2, 1, FALSE);
  fixture_add (store, BOB, id, 1, 3, 4);
  ck_assert (confirm (store, id, 2, 5, NULL));
  fixture_expect (store, id, 3, 1, FALSE);
  ck_assert (confirm (store, id, 3, 6, NULL));
  fixture_expect (store, id, 3, 0, TRUE);
}
END_TEST

START_TEST (store__replace__leaves_one_generation)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_replace (store, BOB, 0, 0, 1, 1);

  ck_assert (fixture_file_holds (1));
  ck_assert_int_eq (fixture_replace (store, BOB, id, 1, 2, 2), id);
  fixture_expect (store, id, 2, 0, TRUE);
  ck_assert (!fixture_file_holds (1));

  /* What was confirmed says nothing of the next secret. */
  fixture_add (store, BOB, id, 2, 3, 3);
  fixture_expect (store, id, 3, 2, FALSE);
}
END_TEST

START_TEST (store__replace__on_either_of_two_voids_both)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 on_older = fixture_add (store, BOB, 0, 0, 1, 1);
  gint64 on_newer = fixture_add (store, BOB, 0, 0, 11, 1);

  fixture_add (store, BOB, on_older, 1, 2, 2);
  fixture_add (store, BOB, on_newer, 11, 12, 2);
  fixture_replace (store, BOB, on_older, 1, 3, 3);
  fixture_replace (store, BOB, on_newer, 12, 13, 3);

  fixture_expect (store, on_older, 3, 0, TRUE);
  fixture_expect (store, on_newer, 13, 0, TRUE);
  ck_assert (!fixture_file_holds (1) && !fixture_file_holds (2));
  ck_assert (!fixture_file_holds (11) && !fixture_file_holds (12));
}
END_TEST

START_TEST (store__put__refuses_a_secret_the_device_does_not_hold)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) wrong = fixture_secret (5);
  g_autoptr (EsSecret) part = es_secret_new_from (es_secret_peek (wrong), 16);
  g_autoptr (EsSecret) secret = fixture_secret (6);
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);

  fixture_add (store, BOB, id, 1, 2, 2);

  ck_assert_int_eq (es_store_add (store, ALICE, BOB, id, wrong, secret, 3, &error), 0);
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert_int_eq (es_store_replace (store, ALICE, CAROL, id, wrong, secret, 3, &error), 0);
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert_int_eq (es_store_replace (store, ALICE, CAROL, id, part, secret, 3, &error), 0);
  fixture_expect_error (&error, ES_ERROR_STORE);

  fixture_expect (store, id, 2, 1, FALSE);
  ck_assert (!fixture_file_holds (6));
}
END_TEST

START_TEST (store__put__refuses_what_it_could_not_read_back)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) one = fixture_secret (1);
  g_autoptr (EsSecret) good = fixture_secret (2);
  g_autoptr (EsSecret) shorter = es_secret_new (15);
  g_autoptr (EsSecret) longer = es_secret_new (65);
  g_autofree char *jid = g_strnfill (ES_LIMIT_JID_OCTETS + 1, 'a');
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);
  g_autoptr (GPtrArray) devices = NULL;
  const struct
  {
    const char *account;
    const char *contact;
    gint64 device;
    const EsSecret *found;
    const EsSecret *secret;
    gint64 now;
  } cases[] = {
    { "", BOB, 0, NULL, good, 2 },
    { NULL, BOB, 0, NULL, good, 2 },
    { "a\xff@b", BOB, 0, NULL, good, 2 },
    { jid, BOB, 0, NULL, good, 2 },
    { ALICE, "", 0, NULL, good, 2 },
    { ALICE, NULL, 0, NULL, good, 2 },
    { ALICE, "\xed\xa0\x80@b", 0, NULL, good, 2 },
    { ALICE, jid, 0, NULL, good, 2 },
    { ALICE, BOB, 0, one, good, 2 },      /* found, but no device */
    { ALICE, BOB, id, NULL, good, 2 },    /* a device, but not found */
    { ALICE, BOB, id + 1, one, good, 2 }, /* no such device */
    { CAROL, BOB, id, one, good, 2 },     /* another account's */
    { ALICE, BOB, -1, one, good, 2 },
    { ALICE, BOB, 0, NULL, shorter, 2 },
    { ALICE, BOB, 0, NULL, longer, 2 },
    { ALICE, BOB, id, one, shorter, 2 },
    { ALICE, BOB, id, one, longer, 2 },
    { ALICE, BOB, id, one, NULL, 2 },
    { ALICE, BOB, 0, NULL, NULL, 2 },
    { ALICE, BOB, 0, NULL, good, -1 },
    { ALICE, BOB, id, one, good, G_GINT64_CONSTANT (253402300800) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int replace = 0; replace <= 1; replace++)
      {
        g_autoptr (GError) error = NULL;

        ck_assert_int_eq ((replace ? es_store_replace : es_store_add) (store, cases[i].account, cases[i].contact,
                                                                       cases[i].device, cases[i].found, cases[i].secret,
                                                                       cases[i].now, &error),
                          0);
        fixture_expect_error (&error, ES_ERROR_STORE);
      }

  fixture_expect (store, id, 1, 0, FALSE);
  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 1);
}
END_TEST

START_TEST (store__put__takes_secrets_of_16_to_64_octets)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;

  for (gsize size = 16; size <= 64; size += 24)
    {
      g_autoptr (EsSecret) secret = es_secret_new (size);

      memset (es_secret_data (secret), 0xff, size);
      ck_assert_int_gt (es_store_add (store, ALICE, BOB, 0, NULL, secret, 100 - (gint64) size, NULL), 0);
    }
  g_clear_pointer (&store, es_store_close);

  store = fixture_open ();
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, 3);
  for (guint i = 0; i < 3; i++)
    {
      const EsDevice *device = devices->pdata[i];

      ck_assert_uint_eq (es_secret_size (device->newest), 16 + 24 * i);
      ck_assert_uint_eq (es_secret_peek (device->newest)[15 + 24 * i], 0xff);
    }
}
END_TEST

START_TEST (store__verified__stays_with_the_chain)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) last = NULL;
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);
  gint64 other = fixture_add (store, BOB, 0, 0, 11, 1);

  ck_assert (es_store_set_verified (store, id, TRUE, 50, NULL));
  ck_assert (es_store_set_name (store, id, "phone", NULL));
  for (int step = 0; step < 5; step++)
    {
      g_autoptr (GPtrArray) devices = fixture_devices (store, NULL);
      const EsDevice *device = fixture_find (devices, id);

      ck_assert_int_eq (device->verified, TRUE);
      ck_assert_int_eq (device->verified_at, 50);
      ck_assert_str_eq (device->name, "phone");
      ck_assert_int_eq (device->created, 1);
      ck_assert_int_eq (fixture_find (devices, other)->verified, FALSE);

      if (step == 0)
        fixture_add (store, BOB, id, 1, 2, 60);
      else if (step == 1)
        fixture_add (store, BOB, id, 1, 3, 61);
      else if (step == 2)
        ck_assert (confirm (store, id, 3, 62, NULL));
      else if (step == 3)
        fixture_replace (store, CAROL, id, 3, 4, 63);
    }

  /* Until it is taken back. */
  ck_assert (es_store_set_verified (store, id, FALSE, 70, NULL));
  last = fixture_devices (store, CAROL);
  ck_assert_int_eq (fixture_find (last, id)->verified, FALSE);
  ck_assert_int_eq (fixture_find (last, id)->verified_at, 0);
}
END_TEST

START_TEST (store__put__moves_the_device_to_another_contact)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) bobs = NULL;
  g_autoptr (GPtrArray) carols = NULL;
  gint64 added = fixture_add (store, BOB, 0, 0, 1, 1);
  gint64 replaced = fixture_add (store, BOB, 0, 0, 2, 1);
  gint64 stays = fixture_add (store, BOB, 0, 0, 3, 1);

  ck_assert_int_eq (fixture_add (store, CAROL, added, 1, 11, 2), added);
  ck_assert_int_eq (fixture_replace (store, CAROL, replaced, 2, 12, 3), replaced);

  bobs = fixture_devices (store, BOB);
  carols = fixture_devices (store, CAROL);
  ck_assert_uint_eq (bobs->len, 1);
  ck_assert_ptr_nonnull (fixture_find (bobs, stays));
  ck_assert_uint_eq (carols->len, 2);
  ck_assert_str_eq (fixture_find (carols, added)->contact, CAROL);
  ck_assert_str_eq (fixture_find (carols, replaced)->contact, CAROL);
}
END_TEST

/* Fills CONTACT; device i is used at FIRST + i and holds secret FIRST + i. */
static void
fill (EsStore *store, const char *contact, guint first, gboolean verified, gint64 ids[ES_LIMIT_DEVICES])
{
  for (guint i = 0; i < ES_LIMIT_DEVICES; i++)
    {
      ids[i] = fixture_add (store, contact, 0, 0, first + i, first + i);
      if (verified)
        ck_assert (es_store_set_verified (store, ids[i], TRUE, 5, NULL));
    }
}

START_TEST (store__cap__the_unverified_used_longest_ago_makes_room)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) bobs = NULL;
  g_autoptr (GPtrArray) carols = NULL;
  gint64 ids[ES_LIMIT_DEVICES];
  gint64 id = 0;

  fill (store, CAROL, 100, FALSE, ids);
  fill (store, BOB, 200, FALSE, ids);
  /* The two that were used longest ago are verified, and the third was used again. */
  ck_assert (es_store_set_verified (store, ids[0], TRUE, 1, NULL));
  ck_assert (es_store_set_verified (store, ids[1], TRUE, 1, NULL));
  ck_assert (confirm (store, ids[2], 203, 1000, NULL));
  ck_assert (fixture_file_holds (203));

  /* Even when its own time is the oldest of all. */
  id = fixture_add (store, BOB, 0, 0, 1, 1);

  bobs = fixture_devices (store, BOB);
  ck_assert_uint_eq (bobs->len, ES_LIMIT_DEVICES);
  ck_assert_ptr_nonnull (fixture_find (bobs, id));
  ck_assert_ptr_null (fixture_find (bobs, ids[3]));
  ck_assert_ptr_nonnull (fixture_find (bobs, ids[0]));
  ck_assert_ptr_nonnull (fixture_find (bobs, ids[1]));
  ck_assert_ptr_nonnull (fixture_find (bobs, ids[2]));
  ck_assert (!fixture_file_holds (203));

  carols = fixture_devices (store, CAROL);
  ck_assert_uint_eq (carols->len, ES_LIMIT_DEVICES);
}
END_TEST

START_TEST (store__cap__a_verified_one_only_when_all_are)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 ids[ES_LIMIT_DEVICES];
  gint64 id = 0;

  fill (store, BOB, 200, TRUE, ids);
  id = fixture_replace (store, BOB, 0, 0, 1, 1);

  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, ES_LIMIT_DEVICES);
  ck_assert_ptr_nonnull (fixture_find (devices, id));
  ck_assert_ptr_null (fixture_find (devices, ids[0]));
}
END_TEST

START_TEST (store__cap__holds_for_a_device_that_moves)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 ids[ES_LIMIT_DEVICES];
  gint64 id = fixture_add (store, CAROL, 0, 0, 1, 1);

  fill (store, BOB, 200, FALSE, ids);
  fixture_add (store, BOB, id, 1, 2, 2);
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, ES_LIMIT_DEVICES);
  ck_assert_ptr_nonnull (fixture_find (devices, id));
  ck_assert_ptr_null (fixture_find (devices, ids[0]));

  /* Nobody has to go for one that stays. */
  g_clear_pointer (&devices, g_ptr_array_unref);
  fixture_add (store, BOB, id, 2, 3, 3);
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, ES_LIMIT_DEVICES);
  ck_assert_ptr_nonnull (fixture_find (devices, ids[1]));
}
END_TEST

START_TEST (store__forget__gives_no_id_twice)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);
  gint64 next = 0;

  ck_assert (es_store_forget (store, id, NULL));
  next = fixture_add (store, BOB, 0, 0, 2, 2);
  ck_assert_int_ne (next, id);
  ck_assert (es_store_forget (store, next, NULL));
  g_clear_pointer (&store, es_store_close);

  store = fixture_open ();
  ck_assert_int_gt (fixture_add (store, BOB, 0, 0, 3, 3), next);
}
END_TEST

START_TEST (store__change__of_a_missing_device_is_an_error)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);

  ck_assert (!confirm (store, id + 1, 1, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert (!es_store_set_verified (store, id + 1, TRUE, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert (!es_store_set_name (store, id + 1, "phone", &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  fixture_expect (store, id, 1, 0, FALSE);
}
END_TEST

START_TEST (store__expire__takes_old_unverified_devices_only)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) secret = fixture_secret (9);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GPtrArray) others = NULL;
  gint64 old = fixture_add (store, BOB, 0, 0, 1, 99);
  gint64 verified = fixture_add (store, BOB, 0, 0, 2, 99);
  gint64 recent = fixture_add (store, CAROL, 0, 0, 3, 100);

  ck_assert (es_store_set_verified (store, verified, TRUE, 99, NULL));
  ck_assert_int_gt (es_store_add (store, CAROL, BOB, 0, NULL, secret, 98, NULL), 0);
  ck_assert (fixture_file_holds (1) && fixture_file_holds (9));
  ck_assert (es_store_expire (store, FALSE, 100, NULL));

  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 2);
  ck_assert_ptr_null (fixture_find (devices, old));
  ck_assert_ptr_nonnull (fixture_find (devices, verified));
  ck_assert_ptr_nonnull (fixture_find (devices, recent));
  others = es_store_devices (store, CAROL, NULL, NULL);
  ck_assert_uint_eq (others->len, 0);
  ck_assert (!fixture_file_holds (1) && !fixture_file_holds (9));
}
END_TEST

START_TEST (store__expire__takes_old_verified_devices_only)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 unverified = fixture_add (store, BOB, 0, 0, 1, 99);
  gint64 old = fixture_add (store, BOB, 0, 0, 2, 99);
  gint64 recent = fixture_add (store, BOB, 0, 0, 3, 100);

  ck_assert (es_store_set_verified (store, old, TRUE, 1, NULL));
  ck_assert (es_store_set_verified (store, recent, TRUE, 1, NULL));
  ck_assert (es_store_expire (store, TRUE, 100, NULL));
  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 2);
  ck_assert_ptr_nonnull (fixture_find (devices, unverified));
  ck_assert_ptr_nonnull (fixture_find (devices, recent));
  ck_assert (!fixture_file_holds (2));
}
END_TEST

/* Those of all accounts are listed; one contact of one account is erased. */
START_TEST (store__forget_contact__leaves_no_trace)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) secret = fixture_secret (9);
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  gint64 elsewhere = es_store_add (store, CAROL, BOB, 0, NULL, secret, 98, NULL);

  fixture_add (store, BOB, 0, 0, 1, 99);
  fixture_add (store, BOB, 0, 0, 2, 99);
  fixture_add (store, CAROL, 0, 0, 3, 99);
  before = es_store_all_devices (store, NULL);
  ck_assert_uint_eq (before->len, 4);
  ck_assert (es_store_forget_contact (store, ALICE, "nobody@example.org", NULL));
  ck_assert (es_store_forget_contact (store, ALICE, BOB, NULL));
  after = es_store_all_devices (store, NULL);
  ck_assert_uint_eq (after->len, 2);
  ck_assert_ptr_nonnull (fixture_find (after, elsewhere));
  ck_assert (!fixture_file_holds (1) && !fixture_file_holds (2));
  ck_assert (fixture_file_holds (3) && fixture_file_holds (9));
}
END_TEST

START_TEST (store__set_name__keeps_valid_names_only)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autofree char *longest = g_strnfill (1024, 'n');
  g_autofree char *longer = g_strnfill (1025, 'n');
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 0, 0, 1, 1);
  const struct
  {
    const char *name;
    gboolean good;
    const char *then;
  } cases[] = {
    { "phone", TRUE, "phone" }, { "a\xc0\x80", FALSE, "phone" }, { longer, FALSE, "phone" }, { longest, TRUE, longest },
    { "", TRUE, NULL },         { "x'); --", TRUE, "x'); --" },  { NULL, TRUE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) devices = NULL;

      ck_assert_int_eq (es_store_set_name (store, id, cases[i].name, &error), cases[i].good);
      if (!cases[i].good)
        fixture_expect_error (&error, ES_ERROR_STORE);
      devices = fixture_devices (store, BOB);
      ck_assert_int_eq (g_strcmp0 (fixture_find (devices, id)->name, cases[i].then), 0);
    }
}
END_TEST

START_TEST (store__policy__is_set_replaced_and_removed)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GError) error = NULL;

  ck_assert_int_eq (es_store_policy (store, ALICE, BOB, &error), -1);
  ck_assert_ptr_null (error);
  ck_assert (es_store_set_policy (store, ALICE, BOB, 0, NULL));
  ck_assert (es_store_set_policy (store, ALICE, CAROL, G_MAXINT, NULL));
  ck_assert (es_store_set_policy (store, CAROL, BOB, 2, NULL));
  ck_assert_int_eq (es_store_policy (store, ALICE, BOB, NULL), 0);
  ck_assert_int_eq (es_store_policy (store, ALICE, CAROL, NULL), G_MAXINT);
  ck_assert_int_eq (es_store_policy (store, CAROL, BOB, NULL), 2);
  ck_assert_int_eq (es_store_policy (store, CAROL, ALICE, NULL), -1);

  ck_assert (es_store_set_policy (store, ALICE, BOB, 4, NULL));
  ck_assert_int_eq (es_store_policy (store, ALICE, BOB, NULL), 4);
  ck_assert (!es_store_set_policy (store, ALICE, BOB, -2, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert (!es_store_set_policy (store, ALICE, "\xff", 1, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert_int_eq (es_store_policy (store, ALICE, BOB, NULL), 4);

  ck_assert (es_store_set_policy (store, ALICE, BOB, -1, NULL));
  ck_assert (es_store_set_policy (store, ALICE, BOB, -1, NULL));
  ck_assert_int_eq (es_store_policy (store, ALICE, BOB, NULL), -1);
  ck_assert_int_eq (es_store_policy (store, CAROL, BOB, NULL), 2);
}
END_TEST

START_TEST (store__memory__works_and_leaves_no_file)
{
  g_autoptr (EsStore) store = NULL;

  ck_assert_int_eq (chdir (fixture_directory), 0);
  store = es_store_open (":memory:", NULL);
  ck_assert_ptr_nonnull (store);
  fixture_expect (store, fixture_add (store, BOB, 0, 0, 1, 1), 1, 0, FALSE);
  ck_assert (!g_file_test (":memory:", G_FILE_TEST_EXISTS));
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    store__reopen__keeps_every_field,
    store__devices__gives_those_asked_for_last_used_first,
    store__add__keeps_the_older_secret,
    store__add__on_the_older_voids_the_newer,
    store__add__on_the_newer_voids_the_older,
    store__confirm__erases_the_older,
    store__confirm__of_an_earlier_session_erases_nothing,
    store__replace__leaves_one_generation,
    store__replace__on_either_of_two_voids_both,
    store__put__refuses_a_secret_the_device_does_not_hold,
    store__put__refuses_what_it_could_not_read_back,
    store__put__takes_secrets_of_16_to_64_octets,
    store__verified__stays_with_the_chain,
    store__put__moves_the_device_to_another_contact,
    store__cap__the_unverified_used_longest_ago_makes_room,
    store__cap__a_verified_one_only_when_all_are,
    store__cap__holds_for_a_device_that_moves,
    store__forget__gives_no_id_twice,
    store__change__of_a_missing_device_is_an_error,
    store__expire__takes_old_unverified_devices_only,
    store__expire__takes_old_verified_devices_only,
    store__forget_contact__leaves_no_trace,
    store__set_name__keeps_valid_names_only,
    store__policy__is_set_replaced_and_removed,
    store__memory__works_and_leaves_no_file,
  };
  TCase *tcase = fixture_tcase ("es-store");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  return fixture_main ("es-store", tcase);
}
