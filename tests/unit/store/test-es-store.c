/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-fixture.h"

START_TEST (store__reopen__keeps_every_field)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  const EsDevice *first = NULL;
  const EsDevice *second = NULL;
  gint64 phone = fixture_add (store, BOB, 1, 1000);
  gint64 laptop = fixture_add (store, CAROL, 2, 2000);

  fixture_replace (store, BOB, phone, 1, "1", 3, 3000);
  fixture_pend (store, BOB, phone, 3, 4);
  fixture_pend (store, BOB, phone, 4, 5);
  ck_assert (es_store_set_verified (store, phone, TRUE, 3500, NULL));
  ck_assert (es_store_set_name (store, phone, "Bob's Telefon \xe2\x98\x8e", NULL));
  ck_assert (es_store_set_strength (store, at (ALICE), at (BOB), phone, 99, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 3, NULL));
  g_clear_pointer (&store, es_store_close);

  store = fixture_open ();
  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 2);
  first = devices->pdata[0];
  second = devices->pdata[1];

  ck_assert_int_eq (first->id, phone);
  ck_assert (es_address_equal (first->account, at (ALICE)) && es_address_equal (first->contact, at (BOB)));
  ck_assert_str_eq (first->name, "Bob's Telefon \xe2\x98\x8e");
  ck_assert (first->verified && first->confirmed);
  ck_assert_int_eq (first->created, 1000);
  ck_assert_int_eq (first->verified_at, 3500);
  ck_assert_int_eq (first->last_used, 3000);
  ck_assert_uint_eq (first->strength, 99);
  fixture_expect (store, phone, 3, "4 5 ", TRUE);

  ck_assert_int_eq (second->id, laptop);
  ck_assert (es_address_equal (second->account, at (ALICE)) && es_address_equal (second->contact, at (CAROL)));
  ck_assert_ptr_null (second->name);
  ck_assert (!second->verified && !second->confirmed);
  ck_assert_int_eq (second->created, 2000);
  ck_assert_int_eq (second->verified_at, 0);
  ck_assert_int_eq (second->last_used, 2000);
  ck_assert_uint_eq (second->strength, 0);
  fixture_expect (store, laptop, 2, "", FALSE);

  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), &error), 3);
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
  gint64 middle = fixture_add (store, BOB, 1, 500);
  gint64 last = fixture_add (store, CAROL, 2, 400);
  gint64 first = fixture_add (store, BOB, 3, 600);
  gint64 tie = fixture_add (store, BOB, 4, 500);

  ck_assert_int_gt (es_store_add (store, at (CAROL), at (BOB), secret, TRUE, 700, NULL), 0);

  all = fixture_devices (store, NULL);
  ck_assert_uint_eq (all->len, 4);
  ck_assert_int_eq (((EsDevice *) all->pdata[0])->id, first);
  ck_assert_int_eq (((EsDevice *) all->pdata[1])->id, tie);
  ck_assert_int_eq (((EsDevice *) all->pdata[2])->id, middle);
  ck_assert_int_eq (((EsDevice *) all->pdata[3])->id, last);

  bobs = fixture_devices (store, BOB);
  ck_assert_uint_eq (bobs->len, 3);
  ck_assert_ptr_null (fixture_find (bobs, last));

  /* Addresses are compared, however they are written; with a resource it is another. */
  others = fixture_devices (store, "BOB@Example.NET.");
  ck_assert_uint_eq (others->len, 3);
  g_clear_pointer (&others, g_ptr_array_unref);
  others = fixture_devices (store, BOB "/phone");
  ck_assert_uint_eq (others->len, 0);

  /* No address is nobody's, not anybody's. */
  g_clear_pointer (&others, g_ptr_array_unref);
  others = es_store_devices (store, at (ALICE), NULL, NULL);
  ck_assert_uint_eq (others->len, 0);
  nobodys = es_store_devices (store, NULL, NULL, NULL);
  ck_assert_ptr_nonnull (nobodys);
  ck_assert_uint_eq (nobodys->len, 0);
}
END_TEST

/* The responder's side. Nothing is taken away before there is proof, however often somebody sends an old message 3. */
START_TEST (store__add_pending__takes_nothing_away)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);

  ck_assert (fixture_prove (store, id, "", 1, 2, NULL));
  ck_assert (es_store_set_verified (store, id, TRUE, 2, NULL));
  fixture_pend (store, BOB, id, 1, 2);
  fixture_pend (store, BOB, id, 1, 3);
  fixture_pend (store, BOB, id, 3, 4);
  fixture_expect (store, id, 1, "2 3 4 ", TRUE);
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, 1);
  ck_assert_int_eq (fixture_find (devices, id)->last_used, 2);
  ck_assert (fixture_find (devices, id)->verified);
}
END_TEST

/* Whoever holds back the stanza that proves a session must not make it void what came later, which may be all that the other
 * side holds by then. */
START_TEST (store__prove__voids_what_came_before)
{
  static const struct
  {
    const char *held;
    guint secret, newest;
    const char *pending;
  } cases[] = { { "1 ", 2, 2, "3 4 " }, { "1 2 3 ", 4, 4, "" },   { "1 2 ", 3, 3, "4 " },
                { "1 3 ", 4, 4, "2 " }, { "9 ", 3, 3, "2 4 1 " }, { "9 2 ", 3, 3, "4 1 " } };
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  guint newest = cases[_i].newest;
  gint64 id = fixture_add (store, BOB, 1, 1), other = fixture_add (store, BOB, 11, 1);

  for (guint number = 2; number <= 4; number++)
    fixture_pend (store, BOB, id, 1, number);
  fixture_pend (store, BOB, other, 11, 12);
  for (guint number = 1; number <= 4; number++)
    ck_assert (fixture_file_holds (number));
  ck_assert (fixture_prove (store, id, cases[_i].held, cases[_i].secret, 77, NULL));
  fixture_expect (store, id, newest, cases[_i].pending, TRUE);
  fixture_expect (store, other, 11, "12 ", FALSE);
  for (guint number = 1; number <= 4; number++)
    {
      g_autofree char *text = g_strdup_printf ("%u ", number);

      ck_assert_int_eq (fixture_file_holds (number), number == newest || strstr (cases[_i].pending, text) != NULL);
    }
  devices = fixture_devices (store, BOB);
  ck_assert_int_eq (fixture_find (devices, id)->last_used, 77);
}
END_TEST

/* Of a new device, or again: what came after it may be held by the other side by now. */
START_TEST (store__prove__of_the_newest_keeps_what_came_later)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 1, 1);

  fixture_pend (store, BOB, id, 1, 2);
  ck_assert (fixture_prove (store, id, "", 1, 2, NULL));
  fixture_expect (store, id, 1, "2 ", TRUE);
  ck_assert (fixture_prove (store, id, "1", 2, 3, NULL));
  fixture_pend (store, BOB, id, 2, 3);
  ck_assert (fixture_prove (store, id, "1", 2, 4, NULL));
  fixture_expect (store, id, 2, "3 ", TRUE);
}
END_TEST

/* Another session, which had looked later, was proven in the meantime. */
START_TEST (store__prove__comes_too_late)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);

  fixture_pend (store, BOB, id, 1, 2);
  fixture_pend (store, BOB, id, 1, 3);
  ck_assert (fixture_prove (store, id, "1 2", 3, 2, NULL));
  ck_assert (fixture_prove (store, id, "1 3", 2, 3, NULL));
  fixture_expect (store, id, 3, "", TRUE);
  ck_assert (fixture_prove (store, id, "", 2, 3, NULL));
  fixture_expect (store, id, 3, "", TRUE);
  ck_assert (!es_store_prove (store, id, NULL, NULL, 3, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  fixture_expect (store, id, 3, "", TRUE);
}
END_TEST

/* What was sent again by somebody pushes nothing out, and a session of our own makes room again. */
START_TEST (store__add_pending__refuses_one_too_many)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) found = fixture_secret (2), secret = fixture_secret (9000);
  g_autoptr (GString) held = g_string_new ("1 "), pending = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);

  for (guint i = 0; i < ES_LIMIT_PENDING_SECRETS; i++)
    {
      fixture_pend (store, BOB, id, 1, 2 + i);
      g_string_append_printf (pending, "%u ", 2 + i);
    }
  g_string_append (held, pending->str);
  ck_assert (!es_store_add_pending (store, at (ALICE), at (BOB), id, found, secret, &error));
  fixture_expect_error (&error, ES_ERROR_BUSY);
  fixture_expect (store, id, 1, pending->str, FALSE);
  ck_assert (!fixture_file_holds (9000));

  fixture_replace (store, BOB, id, 2, held->str, 9001, 2);
  fixture_expect (store, id, 9001, "", TRUE);
  fixture_pend (store, BOB, id, 9001, 9002);
  fixture_expect (store, id, 9001, "9002 ", TRUE);
}
END_TEST

/* The initiator's side: of those that it held when it offered them, and no others. A session in the other direction may have
 * added its own meanwhile, or made its own the newest. */
START_TEST (store__replace__keeps_what_came_later)
{
  static const struct
  {
    guint found;
    const char *held, *pending;
  } cases[] = { { 1, "1 2 3 ", "" }, { 2, "1 2 3 ", "" },   { 3, "1 2 3 ", "" }, { 1, "1 ", "2 3 " },
                { 1, "1 2 ", "3 " }, { 2, "9 2 ", "3 1 " }, { 3, "1 3 ", "2 " } };
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 1, 1);

  fixture_pend (store, BOB, id, 1, 2);
  fixture_pend (store, BOB, id, 1, 3);
  ck_assert (fixture_file_holds (1));
  fixture_replace (store, BOB, id, cases[_i].found, cases[_i].held, 4, 2);
  fixture_expect (store, id, 4, cases[_i].pending, TRUE);
  for (guint number = 1; number <= 3; number++)
    {
      g_autofree char *text = g_strdup_printf ("%u ", number);

      ck_assert_int_eq (fixture_file_holds (number), strstr (cases[_i].pending, text) != NULL);
    }
}
END_TEST

/* Two sessions that cross, and at each end both what replaces and what proves, in whatever order: one secret is left that
 * both hold. */
START_TEST (store__crossing__leaves_a_secret_in_common)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 ours = fixture_add (store, BOB, 1, 1), theirs = fixture_add (store, CAROL, 1, 1);

  /* Ours becomes 2, theirs 3, before either hears what the other says with it. */
  fixture_pend (store, BOB, ours, 1, 3);
  fixture_pend (store, CAROL, theirs, 1, 2);
  fixture_replace (store, BOB, ours, 1, "1", 2, 2);
  fixture_expect (store, ours, 2, "3 ", TRUE);
  fixture_replace (store, CAROL, theirs, 1, "1", 3, 2);
  fixture_expect (store, theirs, 3, "2 ", TRUE);
  ck_assert (fixture_prove (store, ours, "1", 3, 3, NULL));
  fixture_expect (store, ours, 3, "2 ", TRUE);
  ck_assert (fixture_prove (store, theirs, "1", 2, 3, NULL));
  fixture_expect (store, theirs, 2, "3 ", TRUE);
}
END_TEST

START_TEST (store__change__refuses_a_secret_the_device_does_not_hold)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) wrong = fixture_secret (5), secret = fixture_secret (6);
  g_autoptr (EsSecret) part = es_secret_new_from (es_secret_peek (wrong), 16);
  const EsSecret *const found[] = { wrong, part, NULL };
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);

  fixture_pend (store, BOB, id, 1, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (found); i++)
    {
      ck_assert (!es_store_add_pending (store, at (ALICE), at (BOB), id, found[i], secret, &error));
      fixture_expect_error (&error, ES_ERROR_STALE);
      ck_assert (!es_store_replace (store, at (ALICE), at (BOB), id, found[i], NULL, secret, 3, &error));
      fixture_expect_error (&error, ES_ERROR_STALE);
    }
  fixture_expect (store, id, 1, "2 ", FALSE);
  ck_assert (!fixture_file_holds (6));
}
END_TEST

/* Whoever redirects a request would take the device from its contact, or another's for his own. */
START_TEST (store__change__moves_no_device_to_another_contact)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) one = fixture_secret (1), secret = fixture_secret (6);
  const char *const others[][2]
      = { { ALICE, CAROL }, { CAROL, BOB }, { ALICE, BOB "/phone" }, { ALICE, NULL }, { NULL, BOB } };
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      const EsAddress *account = at (others[i][0]), *contact = at (others[i][1]);

      ck_assert (!es_store_add_pending (store, account, contact, id, one, secret, &error));
      fixture_expect_error (&error, ES_ERROR_STALE);
      ck_assert (!es_store_replace (store, account, contact, id, one, NULL, secret, 3, &error));
      fixture_expect_error (&error, ES_ERROR_STALE);
    }
  fixture_expect (store, id, 1, "", FALSE);
  fixture_pend (store, "BOB@example.net", id, 1, 2);
}
END_TEST

START_TEST (store__add__refuses_what_it_could_not_read_back)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) one = fixture_secret (1), good = fixture_secret (2);
  g_autoptr (EsSecret) shorter = es_secret_new (15), longer = es_secret_new (65);
  gint64 id = fixture_add (store, BOB, 1, 1);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  const struct
  {
    const char *account;
    const char *contact;
    const EsSecret *secret;
    gint64 now;
  } cases[] = {
    { NULL, BOB, good, 2 },
    { ALICE "/desk", BOB, good, 2 },
    { ALICE, NULL, good, 2 },
    { ALICE, BOB "/phone", good, 2 },
    { ALICE, BOB, shorter, 2 },
    { ALICE, BOB, longer, 2 },
    { ALICE, BOB, NULL, 2 },
    { ALICE, BOB, good, -1 },
    { ALICE, BOB, good, G_GINT64_CONSTANT (253402300800) },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      ck_assert_int_eq (es_store_add (store, at (cases[i].account), at (cases[i].contact), cases[i].secret, TRUE,
                                      cases[i].now, &error),
                        0);
      fixture_expect_error (&error, ES_ERROR_STORE);
      if (i < 4)
        continue;
      ck_assert (!es_store_replace (store, at (ALICE), at (BOB), id, one, NULL, cases[i].secret, cases[i].now, &error));
      fixture_expect_error (&error, ES_ERROR_STORE);
      if (i > 6)
        {
          ck_assert (!es_store_prove (store, id, NULL, one, cases[i].now, &error));
          fixture_expect_error (&error, ES_ERROR_STORE);
          continue;
        }
      ck_assert (!es_store_add_pending (store, at (ALICE), at (BOB), id, one, cases[i].secret, &error));
      fixture_expect_error (&error, ES_ERROR_STORE);
    }

  fixture_expect (store, id, 1, "", FALSE);
  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 1);
}
END_TEST

START_TEST (store__add__takes_secrets_of_16_to_64_octets)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;

  for (gsize size = 16; size <= 64; size += 24)
    {
      g_autoptr (EsSecret) secret = es_secret_new (size);
      gint64 id = 0;

      memset (es_secret_data (secret), 0xff, size);
      id = es_store_add (store, at (ALICE), at (BOB), secret, FALSE, 100 - (gint64) size, NULL);
      ck_assert_int_gt (id, 0);
      ck_assert (es_store_add_pending (store, at (ALICE), at (BOB), id, secret, secret, NULL));
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
      ck_assert (es_secret_equal (device->newest, device->pending->pdata[0]));
    }
}
END_TEST

START_TEST (store__verified__stays_with_the_chain)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) last = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);
  gint64 other = fixture_add (store, BOB, 11, 1);

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
        fixture_pend (store, BOB, id, 1, 2);
      else if (step == 1)
        ck_assert (fixture_prove (store, id, "1", 2, 60, NULL));
      else if (step == 2)
        fixture_pend (store, BOB, id, 2, 3);
      else if (step == 3)
        fixture_replace (store, BOB, id, 2, "2", 4, 63);
    }

  /* Until it is taken back. */
  ck_assert (es_store_set_verified (store, id, FALSE, 70, NULL));
  last = fixture_devices (store, BOB);
  ck_assert_int_eq (fixture_find (last, id)->verified, FALSE);
  ck_assert_int_eq (fixture_find (last, id)->verified_at, 0);
}
END_TEST

/* Fills CONTACT; device i is used at FIRST + i and holds secret FIRST + i. */
static void
fill (EsStore *store, const char *contact, guint first, gboolean verified, gint64 ids[ES_LIMIT_DEVICES])
{
  for (guint i = 0; i < ES_LIMIT_DEVICES; i++)
    {
      ids[i] = fixture_add (store, contact, first + i, first + i);
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
  ck_assert (fixture_prove (store, ids[2], "", 202, 1000, NULL));
  ck_assert (fixture_file_holds (203));

  /* Even when its own time is the oldest of all. */
  id = fixture_add (store, BOB, 1, 1);

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
  id = fixture_add (store, BOB, 1, 1);

  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, ES_LIMIT_DEVICES);
  ck_assert_ptr_nonnull (fixture_find (devices, id));
  ck_assert_ptr_null (fixture_find (devices, ids[0]));
}
END_TEST

START_TEST (store__forget__gives_no_id_twice)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 1, 1);
  gint64 next = 0;

  ck_assert (es_store_forget (store, id, NULL));
  next = fixture_add (store, BOB, 2, 2);
  ck_assert_int_ne (next, id);
  ck_assert (es_store_forget (store, next, NULL));
  g_clear_pointer (&store, es_store_close);

  store = fixture_open ();
  ck_assert_int_gt (fixture_add (store, BOB, 3, 3), next);
}
END_TEST

START_TEST (store__change__of_a_missing_device_is_an_error)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GError) error = NULL;
  gint64 id = fixture_add (store, BOB, 1, 1);

  ck_assert (!fixture_prove (store, id + 1, "", 1, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (!es_store_set_verified (store, id + 1, TRUE, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (!es_store_set_name (store, id + 1, "phone", &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (!es_store_set_strength (store, at (ALICE), at (BOB), id + 1, 5, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  fixture_expect (store, id, 1, "", FALSE);
}
END_TEST

START_TEST (store__expire__takes_old_unverified_devices_only)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) secret = fixture_secret (9);
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GPtrArray) others = NULL;
  gint64 old = fixture_add (store, BOB, 1, 99);
  gint64 verified = fixture_add (store, BOB, 2, 99);
  gint64 recent = fixture_add (store, CAROL, 3, 100);

  ck_assert (es_store_set_verified (store, verified, TRUE, 99, NULL));
  ck_assert_int_gt (es_store_add (store, at (CAROL), at (BOB), secret, FALSE, 98, NULL), 0);
  ck_assert (fixture_file_holds (1) && fixture_file_holds (9));
  ck_assert (es_store_expire (store, FALSE, 100, NULL, NULL, NULL));

  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 2);
  ck_assert_ptr_null (fixture_find (devices, old));
  ck_assert_ptr_nonnull (fixture_find (devices, verified));
  ck_assert_ptr_nonnull (fixture_find (devices, recent));
  others = es_store_devices (store, at (CAROL), at (BOB), NULL);
  ck_assert_uint_eq (others->len, 0);
  ck_assert (!fixture_file_holds (1) && !fixture_file_holds (9));
}
END_TEST

START_TEST (store__expire__takes_old_verified_devices_only)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  gint64 unverified = fixture_add (store, BOB, 1, 99);
  gint64 old = fixture_add (store, BOB, 2, 99);
  gint64 recent = fixture_add (store, BOB, 3, 100);

  ck_assert (es_store_set_verified (store, old, TRUE, 1, NULL));
  ck_assert (es_store_set_verified (store, recent, TRUE, 1, NULL));
  ck_assert (es_store_expire (store, TRUE, 100, NULL, NULL, NULL));
  devices = fixture_devices (store, NULL);
  ck_assert_uint_eq (devices->len, 2);
  ck_assert_ptr_nonnull (fixture_find (devices, unverified));
  ck_assert_ptr_nonnull (fixture_find (devices, recent));
  ck_assert (!fixture_file_holds (2));
}
END_TEST

static void
expect_wish (EsStore *store, const char *contact, int policy, EsLapse lapse)
{
  EsLapse found = ES_LAPSE_NONE;

  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (contact), NULL), policy);
  ck_assert (es_store_lapse (store, at (ALICE), at (contact), &found, NULL));
  ck_assert_int_eq (found, lapse);
}

/* Whose last verified one is forgotten so has lapsed until the user verifies another one, whatever policy he chooses; and what he chooses, or
 * chose before, stays. To an earlier version it is one that is stricter than all that it knows. */
START_TEST (store__expire__makes_nobody_less_protected)
{
  static const char dora[] = "dora@example.com";
  g_autoptr (EsStore) store = fixture_open ();
  gint64 ids[] = { fixture_add (store, BOB, 1, 99), fixture_add (store, CAROL, 2, 99),
                   fixture_add (store, CAROL, 3, 100), fixture_add (store, dora, 4, 99) };
  gint64 again = 0;
  sqlite3 *raw = NULL;
  guint n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    ck_assert (es_store_set_verified (store, ids[i], TRUE, 1, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (dora), 1, NULL));
  ck_assert (es_store_expire (store, TRUE, 100, NULL, &n, NULL));
  ck_assert_uint_eq (n, 3);
  expect_wish (store, BOB, -1, ES_LAPSE_NEW);
  expect_wish (store, CAROL, -1, ES_LAPSE_NONE);
  expect_wish (store, dora, 1, ES_LAPSE_NEW);
  raw = raw_open ();
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM policies WHERE policy > 3"), 2);
  sqlite3_close (raw);

  ck_assert (es_store_lapse_told (store, at (ALICE), at (BOB), NULL));
  ck_assert (es_store_lapse_told (store, at (ALICE), at (CAROL), NULL));
  expect_wish (store, BOB, -1, ES_LAPSE_TOLD);
  expect_wish (store, CAROL, -1, ES_LAPSE_NONE);
  expect_wish (store, dora, 1, ES_LAPSE_NEW);
  again = fixture_add (store, BOB, 5, 99);
  expect_wish (store, BOB, -1, ES_LAPSE_TOLD);
  ck_assert (es_store_verify (store, at (ALICE), at (BOB), again, 1, NULL));
  expect_wish (store, BOB, -1, ES_LAPSE_NONE);
  ck_assert (es_store_expire (store, TRUE, 100, NULL, NULL, NULL));
  expect_wish (store, BOB, -1, ES_LAPSE_NEW);
  ck_assert (es_store_lapse_told (store, at (ALICE), at (BOB), NULL));
  for (int policy = 3; policy >= -1; policy--)
    {
      ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), policy, NULL));
      expect_wish (store, BOB, policy, ES_LAPSE_TOLD);
    }

  ck_assert (es_store_lapse_told (store, at (ALICE), at (dora), NULL));
  again = fixture_add (store, dora, 6, 99);
  ck_assert (es_store_set_verified (store, again, TRUE, 1, NULL));
  expect_wish (store, dora, 1, ES_LAPSE_NONE);
  ck_assert (es_store_set_policy (store, at (ALICE), at (CAROL), G_MAXINT, NULL));
  ck_assert (es_store_expire (store, TRUE, 1000, NULL, NULL, NULL));
  expect_wish (store, dora, 1, ES_LAPSE_NEW);
  expect_wish (store, CAROL, G_MAXINT, ES_LAPSE_NONE);
}
END_TEST

/* Whose last verified device was lost (0), or all of whose devices were (1), is protected as if it had expired, and nobody has to be told. Where there is
 * another one, or never was one, nothing but the device goes. */
START_TEST (store__lose__leaves_nobody_less_protected)
{
  static const char dora[] = "dora@example.com";
  g_autoptr (EsStore) store = fixture_open ();
  gint64 bobs = fixture_add (store, BOB, 1, 99),
         carols[] = { fixture_add (store, CAROL, 2, 99), fixture_add (store, CAROL, 3, 99) };
  gint64 doras = fixture_add (store, dora, 4, 99);
  g_autoptr (GPtrArray) devices = NULL;

  fixture_add (store, BOB, 5, 99);
  ck_assert (es_store_set_verified (store, bobs, TRUE, 1, NULL));
  ck_assert (es_store_set_verified (store, carols[0], TRUE, 1, NULL));
  ck_assert (es_store_set_verified (store, carols[1], TRUE, 1, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 1, NULL));
  ck_assert (es_store_lose (store, carols[0], NULL));
  expect_wish (store, CAROL, -1, ES_LAPSE_NONE);
  ck_assert (_i == 0 ? es_store_lose (store, bobs, NULL) : es_store_lose_contact (store, at (ALICE), at (BOB), NULL));
  ck_assert (_i == 0 ? es_store_lose (store, doras, NULL) : es_store_lose_contact (store, at (ALICE), at (dora), NULL));
  expect_wish (store, BOB, 1, ES_LAPSE_TOLD);
  expect_wish (store, CAROL, -1, ES_LAPSE_NONE);
  expect_wish (store, dora, -1, ES_LAPSE_NONE);
  devices = es_store_all_devices (store, NULL);
  ck_assert_uint_eq (devices->len, _i == 0 ? 2 : 1);
  ck_assert_ptr_nonnull (fixture_find (devices, carols[1]));
  ck_assert (!fixture_file_holds (1) && !fixture_file_holds (2) && !fixture_file_holds (4));
  ck_assert (es_store_lose (store, bobs, NULL));
  expect_wish (store, BOB, 1, ES_LAPSE_TOLD);
}
END_TEST

/* Whoever stands in any of the tables is in the list; and what counts as a change is all but messages. */
START_TEST (store__contacts__are_all_of_whom_anything_is_known)
{
  g_autoptr (EsStore) store = fixture_open ();
  static const char *const names[] = { BOB, CAROL, "dora@example.com", "rob@example.com", "eve@example.com" };
  g_autoptr (GHashTable) contacts = NULL;
  guint revision = es_store_revision (store);

  fixture_add (store, BOB, 1, 99);
  fixture_add (store, BOB, 2, 99);
  ck_assert (es_store_set_policy (store, at (ALICE), at (CAROL), 0, NULL));
  ck_assert (es_store_set_differed (store, at (ALICE), at ("dora@example.com"), TRUE, NULL));
  ck_assert (es_store_add_password_failure (store, at (ALICE), at ("rob@example.com"), 1, NULL));
  ck_assert_uint_gt (es_store_revision (store), revision);
  contacts = es_store_contacts (store, NULL);
  ck_assert_ptr_nonnull (contacts);
  ck_assert_uint_eq (g_hash_table_size (contacts), 4);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *key = es_store_contact_key (at (ALICE), at (names[i])),
                      *other = es_store_contact_key (at (names[i]), at (ALICE));

      ck_assert_int_eq (g_hash_table_contains (contacts, key), i < 4);
      ck_assert (!g_hash_table_contains (contacts, other));
    }
}
END_TEST

/* Nor what is kept; and when anything was used last is what the file says. */
START_TEST (store__expire__leaves_what_is_kept)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GArray) kept = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) devices = NULL;
  gint64 one = 0, other = 0;
  guint n = 0;

  ck_assert_int_eq (es_store_last_used (store), 0);
  one = fixture_add (store, BOB, 1, 10);
  other = fixture_add (store, BOB, 2, 20);
  ck_assert_int_eq (es_store_last_used (store), 20);
  ck_assert (es_store_set_verified (store, one, TRUE, 1, NULL));
  ck_assert (es_store_set_verified (store, other, TRUE, 1, NULL));
  g_array_append_val (kept, one);
  ck_assert (es_store_expire (store, TRUE, 100, kept, &n, NULL));
  ck_assert_uint_eq (n, 1);
  devices = fixture_devices (store, NULL);
  ck_assert_ptr_nonnull (fixture_find (devices, one));
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), -1);
}
END_TEST

START_TEST (store__set_used__is_for_that_contact_and_never_earlier)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 id = fixture_add (store, BOB, 1, 50);

  ck_assert (!es_store_set_used (store, at (ALICE), at (CAROL), id, 70, NULL));
  ck_assert (!es_store_set_used (store, at (ALICE), at (BOB), id + 1, 70, NULL));
  ck_assert (es_store_set_used (store, at (ALICE), at (BOB), id, 60, NULL));
  ck_assert (es_store_set_used (store, at (ALICE), at (BOB), id, 55, NULL));
  {
    g_autoptr (GPtrArray) devices = fixture_devices (store, NULL);

    ck_assert_int_eq (fixture_find (devices, id)->last_used, 60);
  }
}
END_TEST

/* Those of all accounts are listed; one contact of one account is erased. */
START_TEST (store__forget_contact__leaves_no_trace)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (EsSecret) secret = fixture_secret (9);
  g_autoptr (GPtrArray) before = NULL, after = NULL;
  gint64 elsewhere = es_store_add (store, at (CAROL), at (BOB), secret, FALSE, 98, NULL);

  fixture_add (store, BOB, 1, 99);
  fixture_add (store, BOB, 2, 99);
  fixture_add (store, CAROL, 3, 99);
  before = es_store_all_devices (store, NULL);
  ck_assert_uint_eq (before->len, 4);
  ck_assert (es_store_forget_contact (store, at (ALICE), at ("nobody@example.org"), NULL));
  ck_assert (es_store_forget_contact (store, at (ALICE), at (BOB), NULL));
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
  gint64 id = fixture_add (store, BOB, 1, 1);
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

  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), &error), -1);
  ck_assert_ptr_null (error);
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 0, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (CAROL), G_MAXINT, NULL));
  ck_assert (es_store_set_policy (store, at (CAROL), at (BOB), 2, NULL));
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), 0);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (CAROL), NULL), G_MAXINT);
  ck_assert_int_eq (es_store_policy (store, at (CAROL), at (BOB), NULL), 2);
  ck_assert_int_eq (es_store_policy (store, at (CAROL), at (ALICE), NULL), -1);

  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), 4, NULL));
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), 4);
  ck_assert (!es_store_set_policy (store, at (ALICE), at (BOB), -2, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert (!es_store_set_policy (store, at (ALICE), at (BOB "/phone"), 1, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), 4);

  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), -1, NULL));
  ck_assert (es_store_set_policy (store, at (ALICE), at (BOB), -1, NULL));
  ck_assert_int_eq (es_store_policy (store, at (ALICE), at (BOB), NULL), -1);
  ck_assert_int_eq (es_store_policy (store, at (CAROL), at (BOB), NULL), 2);
}
END_TEST

START_TEST (store__failures__are_counted_with_the_contact)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GError) error = NULL;
  guint count = 9;
  gint64 last = 9;

  ck_assert (es_store_password_failures (store, at (ALICE), at (BOB), &count, &last, NULL));
  ck_assert (count == 0 && last == 0);
  ck_assert (es_store_add_password_failure (store, at (ALICE), at (BOB), 100, NULL));
  ck_assert (es_store_add_password_failure (store, at (ALICE), at ("Bob@Example.net"), 300, NULL));
  ck_assert (es_store_add_password_failure (store, at (ALICE), at (BOB), 200, NULL));
  ck_assert (es_store_add_password_failure (store, at (ALICE), at (CAROL), 5, NULL));
  ck_assert (!es_store_add_password_failure (store, at (ALICE), at (BOB "/phone"), 5, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert (!es_store_add_password_failure (store, at (ALICE), at (BOB), -5, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);

  /* Neither a new start nor forgetting the devices gives another try. */
  ck_assert (es_store_forget_contact (store, at (ALICE), at (BOB), NULL));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert (es_store_password_failures (store, at (ALICE), at (BOB), &count, &last, NULL));
  ck_assert (count == 3 && last == 200);
  ck_assert (es_store_password_failures (store, at (CAROL), at (BOB), &count, &last, NULL));
  ck_assert (count == 0 && last == 0);
  ck_assert (es_store_clear_password_failures (store, at (ALICE), at (BOB), NULL));
  ck_assert (es_store_clear_password_failures (store, at (ALICE), at (BOB), NULL));
  ck_assert (es_store_password_failures (store, at (ALICE), at (BOB), &count, &last, NULL));
  ck_assert (count == 0 && last == 0);
  ck_assert (es_store_password_failures (store, at (ALICE), at (CAROL), &count, &last, NULL));
  ck_assert (count == 1 && last == 5);
}
END_TEST

START_TEST (store__differed__is_kept_with_the_contact_until_taken_back)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GError) error = NULL;
  gboolean differed = TRUE;

  ck_assert (es_store_differed (store, at (ALICE), at (BOB), &differed, NULL) && !differed);
  ck_assert (es_store_set_differed (store, at (ALICE), at (BOB), TRUE, NULL));
  ck_assert (es_store_set_differed (store, at (ALICE), at (BOB), TRUE, NULL));
  ck_assert (es_store_forget_contact (store, at (ALICE), at (BOB), NULL));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert (es_store_differed (store, at (ALICE), at (BOB), &differed, NULL) && differed);
  ck_assert (es_store_differed (store, at (ALICE), at (CAROL), &differed, NULL) && !differed);
  ck_assert (es_store_differed (store, at (BOB), at (ALICE), &differed, NULL) && !differed);
  ck_assert (es_store_set_differed (store, at (ALICE), at (BOB), FALSE, NULL));
  ck_assert (es_store_differed (store, at (ALICE), at (BOB), &differed, NULL) && !differed);
  ck_assert (!es_store_set_differed (store, at (ALICE), at (BOB "/x"), TRUE, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
}
END_TEST

START_TEST (store__memory__works_and_leaves_no_file)
{
  g_autoptr (EsStore) store = NULL;

  ck_assert_int_eq (chdir (fixture_directory), 0);
  store = es_store_open (":memory:", NULL);
  ck_assert_ptr_nonnull (store);
  fixture_expect (store, fixture_add (store, BOB, 1, 1), 1, "", FALSE);
  ck_assert (!g_file_test (":memory:", G_FILE_TEST_EXISTS));
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    store__reopen__keeps_every_field,
    store__devices__gives_those_asked_for_last_used_first,
    store__add_pending__takes_nothing_away,
    store__prove__of_the_newest_keeps_what_came_later,
    store__prove__comes_too_late,
    store__add_pending__refuses_one_too_many,
    store__crossing__leaves_a_secret_in_common,
    store__change__refuses_a_secret_the_device_does_not_hold,
    store__change__moves_no_device_to_another_contact,
    store__add__refuses_what_it_could_not_read_back,
    store__add__takes_secrets_of_16_to_64_octets,
    store__verified__stays_with_the_chain,
    store__cap__the_unverified_used_longest_ago_makes_room,
    store__cap__a_verified_one_only_when_all_are,
    store__forget__gives_no_id_twice,
    store__change__of_a_missing_device_is_an_error,
    store__expire__takes_old_unverified_devices_only,
    store__expire__takes_old_verified_devices_only,
    store__expire__makes_nobody_less_protected,
    store__expire__leaves_what_is_kept,
    store__contacts__are_all_of_whom_anything_is_known,
    store__set_used__is_for_that_contact_and_never_earlier,
    store__forget_contact__leaves_no_trace,
    store__set_name__keeps_valid_names_only,
    store__policy__is_set_replaced_and_removed,
    store__failures__are_counted_with_the_contact,
    store__differed__is_kept_with_the_contact_until_taken_back,
    store__memory__works_and_leaves_no_file,
  };
  TCase *tcase = fixture_tcase ("es-store");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  tcase_add_loop_test (tcase, store__lose__leaves_nobody_less_protected, 0, 2);
  tcase_add_loop_test (tcase, store__prove__voids_what_came_before, 0, 6);
  tcase_add_loop_test (tcase, store__replace__keeps_what_came_later, 0, 7);
  return fixture_main ("es-store", tcase);
}
