/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What has become of a file is told from an older copy of it. */
#include "es-store-fixture.h"

static gboolean
descends (EsStore *store, EsLineage lineage)
{
  gboolean is = FALSE;

  ck_assert (es_store_descends (store, lineage, &is, NULL));
  return is;
}

/* As cp does: into the same file. */
static void
put_back (GBytes *copy)
{
  fixture_write (fixture_path, g_bytes_get_data (copy, NULL), g_bytes_get_size (copy));
}

START_TEST (lineage__new__is_everybodys)
{
  g_autoptr (EsStore) store = fixture_open ();

  ck_assert_int_eq (es_store_lineage (store).program, 0);
  ck_assert (descends (store, es_store_lineage (store)));
  ck_assert (es_store_begin_lineage (store, NULL));
  ck_assert_int_gt (es_store_lineage (store).program, 0);
  ck_assert (descends (store, es_store_lineage (store)));
}
END_TEST

/* Whatever is changed, by us or by another program. */
START_TEST (lineage__change__is_followed)
{
  g_autoptr (EsStore) store = fixture_open (), other = fixture_open ();
  EsLineage before, now;

  fixture_add (store, BOB, 1, 1);
  before = es_store_lineage (store);
  fixture_add (other, CAROL, 2, 1);
  fixture_keep (other, CAROL, 2, 10);
  ck_assert (descends (store, before));
  ck_assert_int_ne (es_store_lineage (other).program, before.program);
  fixture_keep (store, BOB, 1, 10);
  ck_assert (fixture_protect (store, 7, NULL));
  now = es_store_lineage (store);
  ck_assert_int_eq (now.program, before.program);
  ck_assert_int_eq (now.changes, before.changes + 2);
  ck_assert (descends (store, now));
  ck_assert (!descends (store, before));

  /* The same program opens it anew. */
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  ck_assert (descends (store, now));
  es_store_take_up (store, now);
  ck_assert (fixture_unlock (store, 7, NULL));
  fixture_keep (store, BOB, 3, 10);
  ck_assert_int_eq (es_store_lineage (store).changes, now.changes + 1);
}
END_TEST

/* It is neither taken for what it was nor changed. */
START_TEST (lineage__older_copy__is_not_written)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GBytes) copy = NULL, after = NULL;
  g_autoptr (GError) error = NULL;

  fixture_add (store, BOB, 1, 1);
  copy = fixture_read (fixture_path);
  fixture_add (store, CAROL, 2, 1);
  put_back (copy);
  ck_assert (es_store_has_changed (store));
  ck_assert (!descends (store, es_store_lineage (store)));
  ck_assert (!es_store_set_verified (store, 1, TRUE, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  ck_assert (!fixture_protect (store, 7, &error));
  fixture_expect_error (&error, ES_ERROR_STORE);
  after = fixture_read (fixture_path);
  ck_assert (g_bytes_equal (copy, after));
}
END_TEST

/* A change whose end could not be told is ours, one more is not. */
START_TEST (lineage__change__may_not_have_been_told)
{
  g_autoptr (EsStore) store = fixture_open ();
  EsLineage lineage;

  fixture_add (store, BOB, 1, 1);
  lineage = es_store_lineage (store);
  fixture_add (store, CAROL, 2, 1);
  ck_assert (!descends (store, (EsLineage){ lineage.program, lineage.changes - 1 }));
  ck_assert (descends (store, lineage));
}
END_TEST

START_TEST (lineage__programs__are_few)
{
  g_autoptr (EsStore) store = fixture_open ();
  sqlite3 *raw = raw_open ();

  fixture_add (store, BOB, 1, 1);
  for (guint i = 0; i < 80; i++)
    {
      g_autoptr (EsStore) other = fixture_open ();

      ck_assert (es_store_begin_lineage (other, NULL));
      if (i == 40)
        fixture_add (store, BOB, 2, 1);
    }
  ck_assert (descends (store, es_store_lineage (store)));
  ck_assert_int_eq (raw_number (raw, "SELECT count (*) FROM lineage"), 64);
  sqlite3_close (raw);
}
END_TEST

/* Who writes nothing while so many others come is not known any more: that is told from an older copy, in which there are none that came later. */
START_TEST (lineage__programs__may_be_idle)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GBytes) before = NULL;
  EsLineage lineage;

  for (guint i = 0; i < 70; i++)
    {
      g_autoptr (EsStore) other = fixture_open ();

      ck_assert (es_store_begin_lineage (other, NULL));
    }
  before = fixture_read (fixture_path);
  fixture_add (store, BOB, 1, 1);
  lineage = es_store_lineage (store);
  for (guint i = 0; i < 80; i++)
    {
      g_autoptr (EsStore) other = fixture_open ();

      ck_assert (es_store_begin_lineage (other, NULL));
      ck_assert (descends (store, lineage));
    }
  fixture_add (store, BOB, 2, 1);
  ck_assert (descends (store, es_store_lineage (store)));
  lineage = es_store_lineage (store);
  g_clear_pointer (&store, es_store_close);
  fixture_write (fixture_path, g_bytes_get_data (before, NULL), g_bytes_get_size (before));
  store = fixture_open ();
  ck_assert (!descends (store, lineage));
}
END_TEST

/* What is not valid there is nobody's. */
START_TEST (lineage__damaged__is_no_damage)
{
  g_autoptr (EsStore) store = fixture_open ();

  fixture_add (store, BOB, 1, 1);
  tamper ("UPDATE lineage SET program = 'x', changes = NULL; INSERT INTO lineage (changes) VALUES (x'00')");
  ck_assert (!descends (store, es_store_lineage (store)));
  g_clear_pointer (&store, es_store_close);
  store = fixture_open ();
  fixture_add (store, CAROL, 2, 1);
  ck_assert (descends (store, es_store_lineage (store)));
}
END_TEST

/* The format before had none of it. */
START_TEST (lineage__fourth__gets_it)
{
  g_autoptr (EsStore) store = fixture_open ();
  gint64 device = fixture_add (store, BOB, 1, 1), entry = fixture_keep (store, BOB, 1, 10);
  g_autoptr (GArray) numbers = NULL;

  g_clear_pointer (&store, es_store_close);
  tamper ("DROP TABLE lineage; DROP TABLE moved; DROP TABLE moving; DROP TABLE transfers; PRAGMA user_version = 4");
  store = fixture_open ();
  fixture_expect (store, device, 1, "", FALSE);
  numbers = es_store_outbox_numbers (store, at (ALICE), NULL);
  ck_assert_uint_eq (numbers->len, 1);
  ck_assert_int_eq (g_array_index (numbers, gint64, 0), entry);
  ck_assert_int_gt (fixture_add (store, BOB, 2, 1), device);
}
END_TEST

START_TEST (lineage__device__is_also_whose_it_is)
{
  g_autoptr (EsStore) store = fixture_open ();
  g_autoptr (GPtrArray) devices = NULL;
  g_autoptr (GError) error = NULL;
  gint64 device = fixture_add (store, BOB, 1, 1);

  ck_assert (!es_store_verify (store, at (ALICE), at (CAROL), device, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (!es_store_verify (store, at (CAROL), at (BOB), device, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (!es_store_set_strength (store, at (ALICE), at (CAROL), device, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
  ck_assert (es_store_forget_of (store, at (ALICE), at (CAROL), device, NULL));
  devices = fixture_devices (store, BOB);
  ck_assert_uint_eq (devices->len, 1);
  ck_assert (!((const EsDevice *) devices->pdata[0])->verified
             && ((const EsDevice *) devices->pdata[0])->strength == 0);
  ck_assert (es_store_verify (store, at (ALICE), at (BOB), device, 2, NULL));
  ck_assert (es_store_forget_of (store, at (ALICE), at (BOB), device, NULL));
  ck_assert (!es_store_verify (store, at (ALICE), at (BOB), device, 2, &error));
  fixture_expect_error (&error, ES_ERROR_STALE);
}
END_TEST

int
main (void)
{
  const TTest *const tests[] = {
    lineage__new__is_everybodys,          lineage__change__is_followed,
    lineage__older_copy__is_not_written,  lineage__change__may_not_have_been_told,
    lineage__programs__are_few,           lineage__programs__may_be_idle,
    lineage__damaged__is_no_damage,       lineage__fourth__gets_it,
    lineage__device__is_also_whose_it_is,
  };
  TCase *tcase = fixture_tcase ("es-store-lineage");

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    tcase_add_test (tcase, tests[i]);
  return fixture_main ("es-store-lineage", tcase);
}
