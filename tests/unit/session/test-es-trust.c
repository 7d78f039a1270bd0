/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What sessions are remembered by. */
#include "es-trust.h"

#include <glib/gstdio.h>
#include <sqlite3.h>

#include "../es-test.h"
#include "es-error.h"
#include "es-passphrase.h"

#define ME "alice@example.org"
#define BOB "bob@example.com"
#define ROB "rob@example.net"
#define DAY (24 * 60 * 60)

static char *folder, *path;
static EsTrust *trust;

static void
setup (void)
{
  folder = es_test_folder ("esession-trust");
  path = g_build_filename (folder, "store.db", NULL);
  trust = es_trust_new (path);
}

static void
teardown (void)
{
  g_clear_pointer (&trust, es_trust_free);
  g_unlink (path);
  g_rmdir (folder);
  g_clear_pointer (&path, g_free);
  g_clear_pointer (&folder, g_free);
}

/* 32 octets that tell NUMBER. */
static EsSecret *
secret (int number)
{
  guint8 octets[32];

  memset (octets, number, sizeof octets);
  return es_secret_new_from (octets, sizeof octets);
}

/* A session in ROLE that runs on FOUND of DEVICE (0: none), which held nothing else, and leaves SECRET behind. */
static EsRecognition
remember (EsRole role, const char *contact, gint64 device, int found, int newest, gint64 now)
{
  g_autoptr (EsSecret) old = found != 0 ? secret (found) : NULL, fresh = secret (newest);
  g_autoptr (GPtrArray) only = g_ptr_array_new ();
  EsAgreement agreement = { .role = role, .found = old, .found_device = device, .held = only, .retained = fresh };
  EsRecognition recognition;
  g_autoptr (GError) error = NULL;

  if (old != NULL)
    g_ptr_array_add (only, old);
  ck_assert_msg (es_trust_remember (trust, es_at (ME), es_at (contact), &agreement, now, &recognition, &error), "%s",
                 error != NULL ? error->message : "");
  ck_assert_int_gt (recognition.device, 0);
  return recognition;
}

static EsTrustSummary
summary_of (const char *contact)
{
  EsTrustSummary summary;

  ck_assert (es_trust_summary (trust, es_at (ME), es_at (contact), &summary, NULL));
  return summary;
}

/* The numbers of the secrets held with CONTACT, in the order in which they are offered, like "3 2 ". */
static char *
held (const char *contact, gint64 now)
{
  GPtrArray *asked = NULL;
  GString *numbers = g_string_new (NULL);

  ck_assert (es_trust_secrets (trust, es_at (ME), es_at (contact), now, &asked, NULL));
  for (guint i = 0; i < asked->len; i++)
    {
      const EsRetained *retained = asked->pdata[i];

      ck_assert_int_gt (retained->device, 0);
      g_string_append_printf (numbers, "%d ", *es_secret_peek (retained->secret));
    }
  g_ptr_array_unref (asked);
  return g_string_free (numbers, FALSE);
}

static void
assert_held (const char *contact, gint64 now, const char *expected)
{
  g_autofree char *numbers = held (contact, now);

  ck_assert_str_eq (numbers, expected);
}

START_TEST (trust__new__opens_nothing_until_needed)
{
  EsTrustSummary summary;

  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
  summary = summary_of (BOB);
  ck_assert (g_file_test (path, G_FILE_TEST_EXISTS));
  ck_assert (!summary.remembered);
  ck_assert (!summary.verified);
  ck_assert_int_eq (summary.policy, -1);
  assert_held (BOB, 1, "");
  es_trust_free (NULL);
}
END_TEST

/* Another program has the file, and does not let go: were each try to wait for it, nobody could use ours. Opened before (1) or
 * not. */
START_TEST (trust__busy__is_waited_for_once)
{
  EsTrustSummary summary;
  sqlite3 *other = NULL;

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  if (_i == 0)
    {
      es_trust_free (trust);
      trust = es_trust_new (path);
    }
  ck_assert_int_eq (sqlite3_open (path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (GError) error = NULL;

      ck_assert (!es_trust_summary (trust, es_at (ME), es_at (BOB), &summary, &error));
      ck_assert_int_eq (error->code, ES_ERROR_STORE_LOCKED);
      ck_assert (!es_trust_set_policy (trust, es_at (ME), es_at (BOB), 1, NULL));
    }
  sqlite3_close (other);
  ck_assert (summary_of (BOB).remembered);
  ck_assert (es_trust_set_policy (trust, es_at (ME), es_at (BOB), 1, NULL));
}
END_TEST

static guint
n_kept (void)
{
  g_autoptr (GPtrArray) entries = es_trust_outbox_load (trust, es_at (ME), NULL, NULL);

  ck_assert_ptr_nonnull (entries);
  return entries->len;
}

static void
keep_one (void)
{
  g_autoptr (EsStored) entry
      = es_stored_new (ES_STORED_WAITING_STANZA, es_at (ME), es_at (BOB), 1, NULL, es_secret_new_from ("x", 1));

  ck_assert (es_trust_outbox_add (trust, &entry, 1, NULL));
}

/* The account is deleted while another program has the file, and there is one of that name again: what waited for the first is
 * not read, and what waits for the second is not erased. */
START_TEST (trust__account_gone__erases_before_it_reads)
{
  sqlite3 *other = NULL;

  keep_one ();
  ck_assert_uint_eq (n_kept (), 1);
  ck_assert_int_eq (sqlite3_open (path, &other), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
  es_trust_account_gone (trust, es_at (ME));
  ck_assert (!es_trust_outbox_erase (trust, es_at (ME), NULL));
  ck_assert_ptr_null (es_trust_outbox_load (trust, es_at (ME), NULL, NULL));
  sqlite3_close (other);

  ck_assert_uint_eq (n_kept (), 0);
  keep_one ();
  ck_assert (es_trust_outbox_erase (trust, es_at (ME), NULL));
  ck_assert_uint_eq (n_kept (), 1);
}
END_TEST

/* Somebody puts back a copy of the file while the program runs: that holds. One that is gone is no empty one. */
START_TEST (trust__file__is_the_one_that_is_there)
{
  g_autofree char *copy = NULL, *aside = g_strconcat (path, ".aside", NULL);
  gsize size = 0;
  EsTrustSummary summary;
  g_autoptr (GError) error = NULL;

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  ck_assert (g_file_get_contents (path, &copy, &size, NULL));
  remember (ES_ROLE_INITIATOR, ROB, 0, 0, 2, 100);
  ck_assert (g_file_set_contents (path, copy, (gssize) size, NULL));
  ck_assert (!summary_of (ROB).remembered);
  ck_assert (summary_of (BOB).remembered);
  remember (ES_ROLE_INITIATOR, ROB, 0, 0, 3, 100);
  ck_assert_int_eq (g_rename (path, aside), 0);
  ck_assert (!es_trust_summary (trust, es_at (ME), es_at (BOB), &summary, &error));
  ck_assert_int_eq (error->code, ES_ERROR_STORE);
  ck_assert (!g_file_test (path, G_FILE_TEST_EXISTS));
  ck_assert_int_eq (g_rename (aside, path), 0);
  ck_assert (summary_of (BOB).remembered);
  ck_assert (summary_of (ROB).remembered);
}
END_TEST

/* A session that left NUMBER behind is proven; those with smaller numbers were held before it. */
static gboolean
confirm (gint64 device, int number, gint64 now)
{
  g_autoptr (EsSecret) proven = secret (number);
  g_autoptr (GPtrArray) before = es_secret_array_new ();

  for (int i = 1; i < number; i++)
    g_ptr_array_add (before, secret (i));
  return es_trust_prove (trust, es_at (ME), es_at (BOB), device, before, proven, 0, now, NULL);
}

START_TEST (trust__remember__initiator_replaces)
{
  EsRecognition first = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100), second;

  ck_assert (!first.verified);
  ck_assert (summary_of (BOB).remembered);
  ck_assert (!summary_of (ROB).remembered);
  second = remember (ES_ROLE_INITIATOR, BOB, first.device, 1, 2, 200);
  ck_assert_int_eq (second.device, first.device);
  assert_held (BOB, 200, "2 ");
}
END_TEST

START_TEST (trust__remember__responder_keeps_both_until_confirmed)
{
  EsRecognition first = remember (ES_ROLE_RESPONDER, BOB, 0, 0, 1, 100);

  ck_assert (confirm (first.device, 1, 100));
  ck_assert_int_eq (remember (ES_ROLE_RESPONDER, BOB, first.device, 1, 2, 200).device, first.device);
  assert_held (BOB, 200, "1 2 ");
  ck_assert (confirm (first.device, 2, 200));
  assert_held (BOB, 200, "2 ");
}
END_TEST

/* Message 4 was lost: the next session runs on the old secret, and the one in between is void once that is proven. */
START_TEST (trust__remember__goes_on_from_the_older_one)
{
  EsRecognition first = remember (ES_ROLE_RESPONDER, BOB, 0, 0, 1, 100);

  ck_assert (confirm (first.device, 1, 100));
  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), first.device, 100, NULL));
  remember (ES_ROLE_RESPONDER, BOB, first.device, 1, 2, 200);
  ck_assert (remember (ES_ROLE_RESPONDER, BOB, first.device, 1, 3, 300).verified);
  assert_held (BOB, 300, "1 3 2 ");
  ck_assert (confirm (first.device, 3, 300));
  assert_held (BOB, 300, "3 ");
}
END_TEST

/* With all that wait to be proven there is no room for a secret of each device in a message: the first of each comes first. */
START_TEST (trust__secrets__offer_each_device_before_what_waits)
{
  EsRecognition other = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 50, 50),
                first = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);

  remember (ES_ROLE_RESPONDER, BOB, first.device, 1, 2, 200);
  remember (ES_ROLE_RESPONDER, BOB, first.device, 1, 3, 200);
  assert_held (BOB, 300, "1 50 3 2 ");
  remember (ES_ROLE_RESPONDER, BOB, other.device, 50, 51, 300);
  assert_held (BOB, 300, "1 50 3 51 2 ");
}
END_TEST

/* Which of them are a verified device's: of several that the other side holds as well it is one of these that is to be found. */
START_TEST (trust__secrets__say_whose_are_verified)
{
  EsRecognition first = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  g_autoptr (GPtrArray) secrets = NULL;

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), first.device, 100, NULL));
  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 50, 150);
  remember (ES_ROLE_RESPONDER, BOB, first.device, 1, 2, 200);
  assert_held (BOB, 300, "1 50 2 ");
  ck_assert (es_trust_secrets (trust, es_at (ME), es_at (BOB), 300, &secrets, NULL));
  for (guint i = 0; i < secrets->len; i++)
    ck_assert_int_eq (((const EsRetained *) secrets->pdata[i])->verified, i != 1);
}
END_TEST

START_TEST (trust__verify__stays_with_the_chain)
{
  EsRecognition first = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);

  ck_assert (!summary_of (BOB).verified);
  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), first.device, 100, NULL));
  ck_assert (summary_of (BOB).verified);
  ck_assert (remember (ES_ROLE_INITIATOR, BOB, first.device, 1, 2, 200).verified);
  ck_assert (remember (ES_ROLE_RESPONDER, BOB, first.device, 2, 3, 300).verified);

  /* Another device of the same contact is another chain. */
  ck_assert (!remember (ES_ROLE_INITIATOR, BOB, 0, 0, 9, 400).verified);
  ck_assert (summary_of (BOB).verified);
  es_trust_free (trust);
  trust = es_trust_new (path);
  ck_assert (summary_of (BOB).verified);
}
END_TEST

/* Whoever redirects a request must not take the mark off the true device. */
START_TEST (trust__secrets__of_another_contact_are_not_looked_at)
{
  EsRecognition first = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), first.device, 100, NULL));
  assert_held (BOB, 100, "1 ");
  assert_held (ROB, 100, "");
  ck_assert (!remember (ES_ROLE_RESPONDER, ROB, 0, 0, 2, 200).verified);
  ck_assert (summary_of (BOB).verified);
  ck_assert (!summary_of (ROB).verified);
  assert_held (BOB, 200, "1 ");
  assert_held (ROB, 200, "2 ");
}
END_TEST

START_TEST (trust__forget__leaves_nothing)
{
  EsRecognition first = remember (ES_ROLE_RESPONDER, BOB, 0, 0, 1, 100);
  EsRecognition other = remember (ES_ROLE_RESPONDER, BOB, 0, 0, 2, 100);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), first.device, 100, NULL));
  ck_assert (es_trust_forget (trust, first.device, NULL));
  assert_held (BOB, 100, "2 ");
  ck_assert (!summary_of (BOB).verified);
  ck_assert (es_trust_forget (trust, other.device, NULL));
  ck_assert (!summary_of (BOB).remembered);
}
END_TEST

START_TEST (trust__secrets__forget_what_nobody_verified)
{
  EsRecognition verified = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 0);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), verified.device, 0, NULL));
  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 2, 0);
  es_trust_note_time (trust, 0, 0);
  es_trust_note_time (trust, 90 * DAY, 90 * DAY);
  assert_held (BOB, 90 * DAY, "1 2 ");
  assert_held (BOB, 90 * DAY + 1, "1 ");
  assert_held (BOB, 10000 * (gint64) DAY, "1 ");
}
END_TEST

START_TEST (trust__errors__are_given_and_go_away)
{
  static const char junk[] = "this has been a store once, until something wrote over it";
  g_autoptr (EsSecret) fresh = secret (1);
  EsAgreement agreement = { .role = ES_ROLE_INITIATOR, .retained = fresh };
  EsTrustSummary summary;
  EsRecognition recognition;
  GPtrArray *secrets = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *after = NULL;

  ck_assert (g_file_set_contents (path, junk, -1, NULL));
  ck_assert (!es_trust_summary (trust, es_at (ME), es_at (BOB), &summary, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_STORE_DAMAGED));
  ck_assert (!es_trust_secrets (trust, es_at (ME), es_at (BOB), 100, &secrets, NULL));
  ck_assert_ptr_null (secrets);
  ck_assert (!es_trust_remember (trust, es_at (ME), es_at (BOB), &agreement, 100, &recognition, NULL));
  ck_assert (!confirm (1, 1, 100));
  ck_assert (!es_trust_verify (trust, es_at (ME), es_at (BOB), 1, 100, NULL));
  ck_assert (!es_trust_forget (trust, 1, NULL));
  ck_assert_ptr_null (es_trust_devices (trust, NULL));
  ck_assert (!es_trust_rename (trust, 1, "phone", NULL));
  ck_assert (!es_trust_unmark (trust, 1, 100, NULL));
  ck_assert (!es_trust_forget_contact (trust, es_at (ME), es_at (BOB), NULL));
  ck_assert (g_file_get_contents (path, &after, NULL, NULL));
  ck_assert_str_eq (after, junk);

  g_unlink (path);
  ck_assert (!summary_of (BOB).remembered);
  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  ck_assert (summary_of (BOB).remembered);
}
END_TEST

/* As the user set it: the days of each kind, and what is left of both after so long. */
START_TEST (trust__set_expiry__holds_for_both_kinds)
{
  static const struct
  {
    guint unverified, verified;
    int days;
    const char *left;
  } rows[] = {
    { 30, 0, 30, "1 2 " }, { 30, 0, 31, "1 " },  { 365, 0, 365, "1 2 " }, { 0, 0, 20000, "1 2 " },
    { 0, 30, 31, "2 " },   { 30, 90, 90, "1 " }, { 30, 90, 91, "" },      { 0, G_MAXUINT, 20000, "1 2 " },
  };
  EsRecognition verified = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 0);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), verified.device, 0, NULL));
  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 2, 0);
  es_trust_set_expiry (trust, rows[_i].unverified, rows[_i].verified);
  es_trust_note_time (trust, 0, 0);
  es_trust_note_time (trust, rows[_i].days * (gint64) DAY, rows[_i].days * (gint64) DAY);
  assert_held (BOB, rows[_i].days * (gint64) DAY, rows[_i].left);
}
END_TEST

/* What was read before is in memory: whatever changes it, here or in another program, is seen with the next question all the same. */
START_TEST (trust__summary__is_what_the_file_says_now)
{
  g_autoptr (EsTrust) other = es_trust_new (path);
  EsTrust *const both[] = { trust, other };
  gint64 last = 0;
  guint n = 0;
  EsRecognition bob = { 0 };

  ck_assert (!summary_of (BOB).remembered);
  ck_assert (!summary_of (ROB).remembered);
  bob = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 1);
  ck_assert (summary_of (BOB).remembered && !summary_of (BOB).verified);
  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), bob.device, 1, NULL));
  ck_assert (summary_of (BOB).verified);
  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      ck_assert (es_trust_set_policy (both[i], es_at (ME), es_at (ROB), 3, NULL));
      ck_assert_int_eq (summary_of (ROB).policy, 3);
      ck_assert (es_trust_set_policy (both[i], es_at (ME), es_at (ROB), 0, NULL));
      ck_assert_int_eq (summary_of (ROB).policy, 0);
      ck_assert (es_trust_set_policy (both[i], es_at (ME), es_at (ROB), -1, NULL));
      ck_assert_int_eq (summary_of (ROB).policy, -1);
      ck_assert (es_trust_set_differed (both[i], es_at (ME), es_at (ROB), TRUE, NULL));
      ck_assert (summary_of (ROB).differed);
      ck_assert (es_trust_set_differed (both[i], es_at (ME), es_at (ROB), FALSE, NULL));
      ck_assert (!summary_of (ROB).differed);
      ck_assert (es_trust_add_password_failure (both[i], es_at (ME), es_at (ROB), 7, NULL));
      ck_assert (es_trust_password_failures (trust, es_at (ME), es_at (ROB), &n, &last, NULL));
      ck_assert (n == 1 && last == 7);
      ck_assert (es_trust_clear_password_failures (both[i], es_at (ME), es_at (ROB), NULL));
      ck_assert (es_trust_password_failures (trust, es_at (ME), es_at (ROB), &n, &last, NULL));
      ck_assert (n == 0 && last == 0);
    }
  ck_assert (es_trust_forget_contact (other, es_at (ME), es_at (BOB), NULL));
  ck_assert (!summary_of (BOB).remembered && !summary_of (BOB).verified);
}
END_TEST

/* A clock that is set ahead forgets nobody: not before it has gone with the other one for hours; nor does one that is wrong from the
 * beginning, whatever is written under it. One that is where the last life of the program has left it is right at once. */
START_TEST (trust__expiry__waits_until_the_clock_is_sure)
{
  static const struct
  {
    gint64 now, elapsed; /* as it was first told, on day 100, */
    gint64 then, later;  /* and when the devices are looked for */
    const char *left;
  } rows[] = {
    { 100 * DAY, 0, 100 * DAY + 60, 60, "2 " },
    { 100 * DAY, 0, 160 * DAY, 60, "2 1 " },
    { 100 * DAY, 0, 160 * DAY, ES_TRUST_SURE_SECONDS, "2 1 " },
    { 130 * DAY, 0, 130 * DAY + 60, 60, "2 1 " },
    { 130 * DAY, 0, 130 * DAY + ES_TRUST_SURE_SECONDS, ES_TRUST_SURE_SECONDS, "2 " },
    { 98 * DAY, 0, 98 * DAY + 60, 60, "2 1 " },
  };

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 10 * DAY);
  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 2, 99 * DAY + DAY / 2);
  es_trust_free (trust);
  trust = es_trust_new (path);
  es_trust_set_expiry (trust, 60, 60);
  summary_of (BOB);
  es_trust_note_time (trust, rows[_i].now, rows[_i].elapsed);
  es_trust_note_time (trust, rows[_i].then, rows[_i].later);
  assert_held (BOB, rows[_i].then, rows[_i].left);
}
END_TEST

/* What runs on a device holds it, as often as it is held. */
START_TEST (trust__expiry__forgets_no_device_that_is_held)
{
  EsRecognition old = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 0);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), old.device, 0, NULL));
  es_trust_set_expiry (trust, 30, 30);
  es_trust_note_time (trust, 0, 0);
  es_trust_note_time (trust, 100 * DAY, 100 * DAY);
  es_trust_hold (trust, old.device);
  es_trust_hold (trust, old.device);
  assert_held (BOB, 100 * DAY, "1 ");
  es_trust_release (trust, old.device);
  assert_held (BOB, 100 * DAY, "1 ");
  ck_assert_int_eq (summary_of (BOB).policy, -1);
  es_trust_release (trust, old.device);
  assert_held (BOB, 100 * DAY, "");
}
END_TEST

static const EsDevice *
find (const GPtrArray *devices, gint64 id)
{
  for (guint i = 0; i < devices->len; i++)
    if (((const EsDevice *) devices->pdata[i])->id == id)
      return devices->pdata[i];
  return NULL;
}

static GPtrArray *
listed (void)
{
  GPtrArray *devices = es_trust_devices (trust, NULL);

  ck_assert_ptr_nonnull (devices);
  for (guint i = 0; i < devices->len; i++)
    {
      const EsDevice *device = devices->pdata[i];

      ck_assert (device->newest == NULL && device->older == NULL && device->pending->len == 0);
    }
  return devices;
}

START_TEST (trust__devices__lists_those_of_all_accounts_without_secrets)
{
  EsRecognition bob = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100),
                rob = remember (ES_ROLE_RESPONDER, ROB, 0, 0, 2, 200);
  g_autoptr (EsSecret) fresh = secret (3);
  EsAgreement agreement = { .role = ES_ROLE_INITIATOR, .retained = fresh };
  EsRecognition other;
  g_autoptr (GPtrArray) devices = NULL;

  ck_assert (es_trust_remember (trust, es_at ("other@example.org"), es_at (BOB), &agreement, 300, &other, NULL));
  ck_assert (es_trust_rename (trust, bob.device, "his phone", NULL));
  devices = listed ();
  ck_assert_uint_eq (devices->len, 3);
  ck_assert_int_eq (((const EsDevice *) devices->pdata[0])->id, other.device);
  ck_assert_str_eq (es_address_text (find (devices, other.device)->account), "other@example.org");
  ck_assert_str_eq (find (devices, bob.device)->name, "his phone");
  ck_assert_ptr_null (find (devices, rob.device)->name);
  ck_assert_str_eq (es_address_text (find (devices, rob.device)->contact), ROB);
}
END_TEST

START_TEST (trust__rename__takes_names_and_takes_them_back)
{
  g_autofree char *endless = g_strnfill (1025, 'x');
  EsRecognition bob = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  g_autoptr (GPtrArray) devices = NULL;

  ck_assert (es_trust_rename (trust, bob.device, "phone", NULL));
  ck_assert (!es_trust_rename (trust, bob.device, endless, NULL));
  ck_assert (!es_trust_rename (trust, bob.device, "\xff", NULL));
  ck_assert (!es_trust_rename (trust, bob.device + 1, "phone", NULL));
  devices = listed ();
  ck_assert_str_eq (find (devices, bob.device)->name, "phone");
  g_ptr_array_unref (g_steal_pointer (&devices));
  ck_assert (es_trust_rename (trust, bob.device, "", NULL));
  devices = listed ();
  ck_assert_ptr_null (find (devices, bob.device)->name);
}
END_TEST

START_TEST (trust__unmark__keeps_the_device)
{
  EsRecognition bob = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), bob.device, 100, NULL));
  ck_assert (es_trust_unmark (trust, bob.device, 200, NULL));
  ck_assert (summary_of (BOB).remembered && !summary_of (BOB).verified);
  assert_held (BOB, 200, "1 ");
  ck_assert (!remember (ES_ROLE_INITIATOR, BOB, bob.device, 1, 2, 300).verified);
  ck_assert (!es_trust_unmark (trust, bob.device + 1, 200, NULL));
}
END_TEST

START_TEST (trust__forget_contact__spares_the_others)
{
  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  remember (ES_ROLE_RESPONDER, BOB, 0, 0, 2, 100);
  remember (ES_ROLE_RESPONDER, ROB, 0, 0, 3, 100);
  ck_assert (es_trust_forget_contact (trust, es_at ("other@example.org"), es_at (BOB), NULL));
  assert_held (BOB, 100, "2 1 ");
  ck_assert (es_trust_forget_contact (trust, es_at (ME), es_at (BOB), NULL));
  assert_held (BOB, 100, "");
  assert_held (ROB, 100, "3 ");
  ck_assert (!summary_of (BOB).remembered);
}
END_TEST

static void
count (gpointer data)
{
  ++*(guint *) data;
}

START_TEST (trust__watch__is_told_of_every_change)
{
  guint n = 0;
  gint64 bob = 0;

  es_trust_watch (trust, count, &n);
  bob = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100).device;
  ck_assert_uint_eq (n, 1);
  ck_assert (confirm (bob, 1, 100));
  ck_assert_uint_eq (n, 2);
  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), bob, 100, NULL));
  ck_assert_uint_eq (n, 3);
  ck_assert (es_trust_unmark (trust, bob, 100, NULL));
  ck_assert_uint_eq (n, 4);
  ck_assert (es_trust_rename (trust, bob, "phone", NULL));
  ck_assert_uint_eq (n, 5);
  ck_assert (!es_trust_rename (trust, bob + 1, "phone", NULL));
  g_ptr_array_unref (listed ());
  ck_assert_uint_eq (n, 5);
  ck_assert (es_trust_forget (trust, bob, NULL));
  ck_assert_uint_eq (n, 6);
  ck_assert (es_trust_forget_contact (trust, es_at (ME), es_at (BOB), NULL));
  ck_assert_uint_eq (n, 7);
}
END_TEST

/* Protection */

static void
protect (EsProtectionKind kind, const char *passphrase)
{
  g_autoptr (EsSecret) key = kind == ES_PROTECTION_KEYRING ? secret (7)
                             : passphrase != NULL          ? es_passphrase_new (passphrase)
                                                           : NULL;
  EsProtection protection;

  es_protection_init (&protection, kind, TRUE);
  protection.cost = MIN (protection.cost, ES_QUICK_COST);
  ck_assert (es_trust_protect (trust, &protection, key, NULL));
}

static void
restart (void)
{
  es_trust_free (trust);
  trust = es_trust_new (path);
}

static gboolean
is_locked (void)
{
  EsProtection protection;
  gboolean locked = FALSE;

  ck_assert (es_trust_protection (trust, &protection, &locked, NULL));
  return locked;
}

static void
assert_refused (EsErrorCode code)
{
  EsTrustSummary summary;
  g_autoptr (GError) error = NULL;

  ck_assert (!es_trust_summary (trust, es_at (ME), es_at (BOB), &summary, &error));
  ck_assert_int_eq (error->code, code);
}

START_TEST (trust__protection__from_one_to_another_keeps_everything)
{
  g_autoptr (EsSecret) composed = es_passphrase_new ("caf\xc3\xa9 cr\xc3\xa8me"), key = secret (7);
  g_autoptr (GError) error = NULL;
  EsRecognition first = remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);

  ck_assert (es_trust_verify (trust, es_at (ME), es_at (BOB), first.device, 100, NULL));
  ck_assert (!is_locked ());

  /* Typed with a keyboard that puts accents after the letter. */
  protect (ES_PROTECTION_PASSPHRASE, "cafe\xcc\x81 cre\xcc\x80me");
  ck_assert (summary_of (BOB).verified);
  restart ();
  ck_assert (is_locked ());
  assert_refused (ES_ERROR_STORE_SEALED);
  ck_assert (!es_trust_unlock (trust, key, &error));
  ck_assert_int_eq (error->code, ES_ERROR_STORE_SEALED);
  ck_assert (es_trust_unlock_with (trust, composed, NULL));
  ck_assert (summary_of (BOB).verified);

  protect (ES_PROTECTION_KEYRING, NULL);
  restart ();
  assert_refused (ES_ERROR_STORE_KEYRING);
  g_clear_error (&error);
  ck_assert (!es_trust_unlock_with (trust, composed, &error));
  ck_assert_int_eq (error->code, ES_ERROR_STORE_KEYRING);
  ck_assert (es_trust_unlock (trust, key, NULL));

  protect (ES_PROTECTION_NONE, NULL);
  restart ();
  ck_assert (summary_of (BOB).verified);
  assert_held (BOB, 100, "1 ");
}
END_TEST

/* An error closes the file; to open it anew nobody is asked. */
START_TEST (trust__protection__survives_an_error)
{
  g_autoptr (EsSecret) key = secret (7);

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  protect (ES_PROTECTION_KEYRING, NULL);
  ck_assert (!es_trust_verify (trust, es_at (ME), es_at (BOB), 99, 100, NULL));
  assert_held (BOB, 100, "1 ");
  restart ();
  ck_assert (es_trust_unlock (trust, key, NULL));
  ck_assert (!es_trust_verify (trust, es_at (ME), es_at (BOB), 99, 100, NULL));
  assert_held (BOB, 100, "1 ");
}
END_TEST

/* Two programs of the same user. */
START_TEST (trust__protection__of_another_program_locks_us)
{
  EsTrust *ours = NULL;
  EsTrustSummary summary;
  g_autoptr (EsSecret) passphrase = es_passphrase_new ("correct horse");
  g_autoptr (GError) error = NULL;

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  ours = trust;
  trust = es_trust_new (path);
  protect (ES_PROTECTION_PASSPHRASE, "correct horse");
  ck_assert (!es_trust_summary (ours, es_at (ME), es_at (BOB), &summary, NULL));
  ck_assert (!es_trust_summary (ours, es_at (ME), es_at (BOB), &summary, &error));
  ck_assert_int_eq (error->code, ES_ERROR_STORE_SEALED);
  ck_assert (es_trust_unlock_with (ours, passphrase, NULL));
  ck_assert (es_trust_summary (ours, es_at (ME), es_at (BOB), &summary, NULL));
  ck_assert (summary.remembered);
  es_trust_free (ours);
}
END_TEST

/* Whatever the other program has made of it, it is locked and can be unlocked: 0 with a passphrase instead of a key in the keyring,
 * 1 with another key, 2 with another passphrase. */
START_TEST (trust__protection__of_another_program_can_be_unlocked)
{
  EsTrust *ours = NULL;
  EsProtection protection;
  gboolean locked = FALSE;
  g_autoptr (EsSecret) old = _i == 2 ? es_passphrase_new ("battery staple") : secret (7);
  g_autoptr (EsSecret) new = _i == 1 ? secret (8) : es_passphrase_new ("correct horse");

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  protect (_i == 2 ? ES_PROTECTION_PASSPHRASE : ES_PROTECTION_KEYRING, "battery staple");
  ours = trust;
  trust = es_trust_new (path);
  ck_assert (_i == 2 ? es_trust_unlock_with (trust, old, NULL) : es_trust_unlock (trust, old, NULL));
  es_protection_init (&protection, _i == 1 ? ES_PROTECTION_KEYRING : ES_PROTECTION_PASSPHRASE, TRUE);
  protection.cost = MIN (protection.cost, ES_QUICK_COST);
  ck_assert (es_trust_protect (trust, &protection, new, NULL));

  /* Something fails that makes us look at the file anew. */
  ck_assert (!es_trust_verify (ours, es_at (ME), es_at (BOB), 99, 100, NULL));
  ck_assert (es_trust_protection (ours, &protection, &locked, NULL));
  ck_assert (locked);
  ck_assert (_i == 1 ? es_trust_unlock (ours, new, NULL) : es_trust_unlock_with (ours, new, NULL));
  ck_assert (es_trust_protection (ours, &protection, &locked, NULL));
  ck_assert (!locked);
  es_trust_free (ours);
}
END_TEST

static guint n_opened;

static void
on_opened (gpointer data)
{
  ck_assert_ptr_eq (data, &n_opened);
  n_opened++;
}

START_TEST (trust__watch_opening__tells_of_the_first_need)
{
  g_autoptr (EsSecret) key = secret (7);

  n_opened = 0;
  es_trust_watch_opening (trust, on_opened, &n_opened);
  ck_assert_uint_eq (n_opened, 0);
  summary_of (BOB);
  ck_assert_uint_eq (n_opened, 1);
  ck_assert (!es_trust_verify (trust, es_at (ME), es_at (BOB), 99, 100, NULL));
  summary_of (BOB);
  ck_assert_uint_eq (n_opened, 1);

  protect (ES_PROTECTION_KEYRING, NULL);
  restart ();
  es_trust_watch_opening (trust, on_opened, &n_opened);
  assert_refused (ES_ERROR_STORE_OPENING);
  ck_assert_uint_eq (n_opened, 2);
  es_trust_set_asking (trust, FALSE);
  assert_refused (ES_ERROR_STORE_KEYRING);
  ck_assert_uint_eq (n_opened, 2);
}
END_TEST

START_TEST (trust__start_over__loses_no_file)
{
  g_autofree char *first = g_strconcat (path, ".locked-1", NULL), *second = g_strconcat (path, ".locked-2", NULL);
  g_autofree char *before = NULL, *after = NULL;
  gsize size = 0, now = 0;

  remember (ES_ROLE_INITIATOR, BOB, 0, 0, 1, 100);
  protect (ES_PROTECTION_KEYRING, NULL);
  restart ();
  assert_refused (ES_ERROR_STORE_KEYRING);
  ck_assert (g_file_get_contents (path, &before, &size, NULL));
  ck_assert (!es_trust_has_started_over (trust));
  ck_assert (es_trust_start_over (trust, NULL));
  ck_assert (es_trust_has_started_over (trust));
  ck_assert (!summary_of (BOB).remembered);
  ck_assert (g_file_get_contents (first, &after, &now, NULL));
  ck_assert_uint_eq (size, now);
  ck_assert_mem_eq (before, after, size);
  ck_assert (es_trust_start_over (trust, NULL));
  ck_assert (g_file_test (second, G_FILE_TEST_EXISTS));
  ck_assert (!es_trust_start_over (trust, NULL));
  g_unlink (first);
  g_unlink (second);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("trust");
  TCase *tcase = tcase_create ("trust");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_test (tcase, trust__new__opens_nothing_until_needed);
  tcase_add_loop_test (tcase, trust__busy__is_waited_for_once, 0, 2);
  tcase_add_test (tcase, trust__file__is_the_one_that_is_there);
  tcase_add_test (tcase, trust__remember__initiator_replaces);
  tcase_add_test (tcase, trust__remember__responder_keeps_both_until_confirmed);
  tcase_add_test (tcase, trust__remember__goes_on_from_the_older_one);
  tcase_add_test (tcase, trust__secrets__offer_each_device_before_what_waits);
  tcase_add_test (tcase, trust__secrets__say_whose_are_verified);
  tcase_add_test (tcase, trust__verify__stays_with_the_chain);
  tcase_add_test (tcase, trust__secrets__of_another_contact_are_not_looked_at);
  tcase_add_test (tcase, trust__forget__leaves_nothing);
  tcase_add_test (tcase, trust__secrets__forget_what_nobody_verified);
  tcase_add_loop_test (tcase, trust__set_expiry__holds_for_both_kinds, 0, 8);
  tcase_add_loop_test (tcase, trust__expiry__waits_until_the_clock_is_sure, 0, 6);
  tcase_add_test (tcase, trust__summary__is_what_the_file_says_now);
  tcase_add_test (tcase, trust__expiry__forgets_no_device_that_is_held);
  tcase_add_test (tcase, trust__devices__lists_those_of_all_accounts_without_secrets);
  tcase_add_test (tcase, trust__rename__takes_names_and_takes_them_back);
  tcase_add_test (tcase, trust__unmark__keeps_the_device);
  tcase_add_test (tcase, trust__forget_contact__spares_the_others);
  tcase_add_test (tcase, trust__watch__is_told_of_every_change);
  tcase_add_test (tcase, trust__errors__are_given_and_go_away);
  tcase_add_test (tcase, trust__protection__from_one_to_another_keeps_everything);
  tcase_add_test (tcase, trust__protection__survives_an_error);
  tcase_add_test (tcase, trust__protection__of_another_program_locks_us);
  tcase_add_loop_test (tcase, trust__protection__of_another_program_can_be_unlocked, 0, 3);
  tcase_add_test (tcase, trust__watch_opening__tells_of_the_first_need);
  tcase_add_test (tcase, trust__start_over__loses_no_file);
  tcase_add_test (tcase, trust__account_gone__erases_before_it_reads);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
