/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-store-move-file.h"
#include "es-store-move-private.h"

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define END ES_SQLITE_END

#define HEADER_OCTETS 100
#define NUMBER_OCTETS 32

/* The octets */

const guint8 *
es_move_placeholder (void)
{
  static const char text[] = "ESession: whoever wrote this file did not come to an end....";

  G_STATIC_ASSERT (sizeof text - 1 == ES_MOVE_WRAPPED_OCTETS);
  return (const guint8 *) text;
}

gboolean
es_move_find (GBytes *image, const guint8 *wrapped, gsize *place)
{
  gsize size = 0;
  const guint8 *octets = g_bytes_get_data (image, &size);
  const guint8 *found = memmem (octets, size, wrapped, ES_MOVE_WRAPPED_OCTETS);

  if (found == NULL)
    return FALSE;
  *place = (gsize) (found - octets);
  return memmem (found + 1, size - *place - 1, wrapped, ES_MOVE_WRAPPED_OCTETS) == NULL;
}

char *
es_move_digest (GBytes *image, gsize place)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  gsize size = 0, rest = place + ES_MOVE_WRAPPED_OCTETS;
  const guint8 *octets = g_bytes_get_data (image, &size);

  g_checksum_update (checksum, octets, (gssize) place);
  g_checksum_update (checksum, es_move_placeholder (), ES_MOVE_WRAPPED_OCTETS);
  g_checksum_update (checksum, octets + rest, (gssize) (size - rest));
  return g_strdup (g_checksum_get_string (checksum));
}

static gboolean
refuse (const char *name, EsErrorCode code, const char *what, GError **error)
{
  g_set_error (error, ES_ERROR, code, "%s: %s", name, what);
  return FALSE;
}

static guint32
number_at (const guint8 *octets)
{
  guint32 number = 0;

  memcpy (&number, octets, sizeof number);
  return GUINT32_FROM_BE (number);
}

/* sqlite.org/fileformat.html, section 1.3. */
static gboolean
check_version (const char *name, GBytes *image, GError **error)
{
  gsize size = 0;
  const guint8 *octets = g_bytes_get_data (image, &size);

  if (size < HEADER_OCTETS || number_at (octets + 68) != (guint32) es_store_format.application)
    return refuse (name, ES_ERROR_MOVE_DAMAGED, "not ours", error);
  return (gint32) number_at (octets + 60) <= es_store_format.version
         || refuse (name, ES_ERROR_MOVE_NEWER, "of a newer version", error);
}

static gboolean
count (EsStore *store, const char *sql, gint64 *n)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, NULL, NULL);
  gboolean row = FALSE;

  return rows != NULL && es_sqlite_next (store->db, rows, &row, NULL) && row
         && es_sqlite_integer (rows, 0, 0, G_MAXINT64, n);
}

/* Before any of them is read. */
static gboolean
check_rows (const char *name, EsStore *moved, GError **error)
{
  static const char *const tables[]
      = { "SELECT count (*) FROM devices", "SELECT count (*) FROM policies", "SELECT count (*) FROM failures",
          "SELECT count (*) FROM differed", "SELECT count (*) FROM transfers" };
  gint64 n = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    {
      if (!count (moved, tables[i], &n))
        return refuse (name, ES_ERROR_MOVE_DAMAGED, "cannot be counted", error);
      if (n > ES_LIMIT_MOVE_ROWS)
        return refuse (name, ES_ERROR_MOVE_LIMIT, "too many rows", error);
    }
  return (count (moved, "SELECT count (*) FROM transfers WHERE own = 1", &n) && n == 1)
         || refuse (name, ES_ERROR_MOVE_DAMAGED, "not made to be taken over", error);
}

static gboolean
check_protection (const char *name, EsStore *moved, GBytes *image, gsize *place, GError **error)
{
  const guint8 *wrapped = moved->wrapped != NULL ? es_secret_peek (moved->wrapped) : NULL;

  if (wrapped == NULL || moved->protection.kind != ES_PROTECTION_PASSPHRASE || !es_move_find (image, wrapped, place))
    return refuse (name, ES_ERROR_MOVE_DAMAGED, "not sealed with a passphrase", error);
  return memcmp (wrapped, es_move_placeholder (), ES_MOVE_WRAPPED_OCTETS) != 0
         || refuse (name, ES_ERROR_MOVE_CUT_SHORT, "not finished", error);
}

EsStore *
es_move_open_image (const char *name, GBytes *image, gsize *place, GError **error)
{
  g_autoptr (EsStore) moved = g_new0 (EsStore, 1);

  if (!check_version (name, image, error))
    return NULL;
  moved->db = es_sqlite_open_image (name, image, &es_store_format, NULL);
  if (moved->db == NULL || !es_store_read_protection (moved, NULL))
    {
      refuse (name, ES_ERROR_MOVE_DAMAGED, "not as it was written", error);
      return NULL;
    }
  if (!check_rows (name, moved, error) || !check_protection (name, moved, image, place, error))
    return NULL;
  moved->bound = es_move_digest (image, *place);
  return g_steal_pointer (&moved);
}

EsStore *
es_store_open_moved (const char *path, GError **error)
{
  g_autoptr (GBytes) image = es_move_file_read (path, error);
  gsize place = 0;

  return image != NULL ? es_move_open_image (path, image, &place, error) : NULL;
}

/* Its number */

static char *
number_of (EsStore *moved)
{
  g_autoptr (EsSqliteRows) rows
      = es_sqlite_select (moved->db, "SELECT number FROM transfers WHERE own = 1", NULL, NULL);
  char *number = NULL;
  gboolean row = FALSE;

  if (rows != NULL && es_sqlite_next (moved->db, rows, &row, NULL) && row)
    es_sqlite_text (rows, 0, NUMBER_OCTETS, NUMBER_OCTETS, &number);
  return number;
}

static gboolean
note_taken (EsStore *store, const char *number, GError **error)
{
  const EsSqliteValue values[] = { TEXT (number), END };

  return es_sqlite_run (store->db, "DELETE FROM transfers WHERE number = ?1", values, error)
         && es_sqlite_run (store->db, "INSERT INTO transfers (number, own) VALUES (?1, 0)", values, error);
}

/* Those that it has in its turn are void here as well. */
static gboolean
note_all_taken (EsStore *store, EsStore *moved, const char *number, GError **error)
{
  const EsSqliteValue most[] = { INTEGER (ES_LIMIT_TRANSFERS), END };
  g_autoptr (EsSqliteRows) rows
      = es_sqlite_select (moved->db, "SELECT number FROM transfers WHERE own = 0 ORDER BY id", NULL, error);
  gboolean row = FALSE, good = rows != NULL && es_sqlite_next (moved->db, rows, &row, error);

  while (good && row)
    {
      g_autofree char *other = NULL;

      if (es_sqlite_text (rows, 0, NUMBER_OCTETS, NUMBER_OCTETS, &other))
        good = note_taken (store, other, error);
      good = good && es_sqlite_next (moved->db, rows, &row, error);
    }
  return good && note_taken (store, number, error)
         && es_sqlite_run (store->db,
                           "DELETE FROM transfers WHERE own = 0 AND id NOT IN "
                           "(SELECT id FROM transfers WHERE own = 0 ORDER BY id DESC LIMIT ?1)",
                           most, error);
}

static gboolean
check_number (EsStore *store, const char *number, GError **error)
{
  const EsSqliteValue values[] = { TEXT (number), END };
  g_autoptr (EsSqliteRows) rows = NULL;
  gboolean row = FALSE;

  if (number == NULL)
    return es_sqlite_refuse (store->db, ES_ERROR_MOVE_DAMAGED, "a file without a number", error);
  rows = es_sqlite_select (store->db, "SELECT 1 FROM transfers WHERE number = ?1 AND own = 0", values, error);
  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return FALSE;
  return !row || es_sqlite_refuse (store->db, ES_ERROR_MOVE_TAKEN, "taken over already", error);
}

/* Devices */

/* One chain, which has gone on here since or is older there. */
static gboolean
is_same (const EsDevice *here, const EsDevice *there)
{
  if (es_store_holds (here, there->newest) || es_store_holds (here, there->older))
    return TRUE;
  for (guint i = 0; i < there->pending->len; i++)
    if (es_store_holds (here, there->pending->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
has_place (const GPtrArray *rows, const EsDevice *device)
{
  guint verified = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const EsDevice *here = ((const EsStoreRow *) rows->pdata[i])->device;

      if (is_same (here, device))
        return FALSE;
      verified += here->verified ? 1 : 0;
    }
  return rows->len < ES_LIMIT_DEVICES || (device->verified && verified < ES_LIMIT_DEVICES);
}

static gboolean
take_device (EsStore *store, const EsStoreRow *row, gint64 now, guint *n, GError **error)
{
  EsDevice *device = row->device;
  const EsSqliteValue pair[] = { TEXT (row->account), TEXT (row->contact), INTEGER (device->created), END };
  const EsSqliteValue of[] = { pair[0], pair[1], END };
  g_autoptr (GPtrArray) here = es_store_read (store, ES_STORE_SELECT "WHERE account = ?1 AND contact = ?2", of, error);

  if (here == NULL)
    return FALSE;
  if (!has_place (here, device))
    return TRUE;

  /* It may be one that was moved away before. */
  if (!es_sqlite_run (store->db, "DELETE FROM moved WHERE account = ?1 AND contact = ?2 AND created = ?3", pair, error))
    return FALSE;
  device->created = MIN (device->created, now);
  device->verified_at = MIN (device->verified_at, now);
  device->last_used = MIN (device->last_used, now);
  (*n)++;
  return es_store_insert (store, row, error) && (!device->verified || es_store_end_lapse (store, device, error));
}

/* The verified ones first, lest they find no place. */
static gboolean
take_devices (EsStore *store, const GPtrArray *rows, gint64 now, guint *n, GError **error)
{
  gboolean good = TRUE;

  for (int verified = TRUE; verified >= FALSE; verified--)
    for (guint i = 0; good && i < rows->len; i++)
      {
        const EsStoreRow *row = rows->pdata[i];

        if (row->device->verified == verified && es_store_row_is_prepared (row))
          good = take_device (store, row, now, n, error);
      }
  return good;
}

/* What is known of contacts */

typedef struct
{
  EsAddress *account;
  EsAddress *contact;
} Pair;

static void
free_pair (gpointer data)
{
  Pair *pair = data;

  es_address_unref (pair->account);
  es_address_unref (pair->contact);
  g_free (pair);
}

/* Those that SQL finds, of whom something is said. */
static GPtrArray *
read_pairs (EsStore *moved, const char *sql, GError **error)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (moved->db, sql, NULL, error);
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (free_pair);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (moved->db, rows, &row, error))
    return NULL;
  while (row)
    {
      g_autofree char *account = NULL, *contact = NULL;
      Pair *pair = g_new0 (Pair, 1);

      g_ptr_array_add (pairs, pair);
      if (es_sqlite_text (rows, 0, 1, ES_LIMIT_JID_OCTETS, &account)
          && es_sqlite_text (rows, 1, 1, ES_LIMIT_JID_OCTETS, &contact))
        {
          pair->account = es_store_address (account);
          pair->contact = es_store_address (contact);
        }

      /* What is no address is in no list, and nobody's. */
      if (pair->account == NULL || pair->contact == NULL)
        g_ptr_array_set_size (pairs, (int) pairs->len - 1);
      if (!es_sqlite_next (moved->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&pairs);
}

/* Whether SQL, about a pair, finds anything. */
static gboolean
finds (EsStore *store, const char *sql, const Pair *pair, gboolean *found, GError **error)
{
  const EsSqliteValue values[]
      = { TEXT (es_address_text (pair->account)), TEXT (es_address_text (pair->contact)), END };
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, values, error);

  return rows != NULL && es_sqlite_next (store->db, rows, found, error);
}

#define HAS_VERIFIED "SELECT 1 FROM devices WHERE account = ?1 AND contact = ?2 AND verified LIMIT 1"

/* What is usual here is not known here: against that nothing but the strictest may be taken, and against what was chosen here nothing that
 * lets a text leave in the clear unasked. */
static gboolean
is_stricter (int there, int here)
{
  return there > here && there >= (here < 0 ? ES_STORE_POLICY_STRICTEST : ES_STORE_POLICY_STRICTEST - 1);
}

static gboolean
take_policy (EsStore *store, EsStore *moved, const Pair *pair, GError **error)
{
  int here = es_store_policy (store, pair->account, pair->contact, error);
  int there = es_store_policy (moved, pair->account, pair->contact, error);
  EsLapse lapse = ES_LAPSE_NONE;
  gboolean verified = FALSE;

  if (here < -1 || there < -1 || !es_store_lapse (moved, pair->account, pair->contact, &lapse, error)
      || !finds (store, HAS_VERIFIED, pair, &verified, error))
    return FALSE;
  if (is_stricter (there, here) && !es_store_write_policy (store, pair->account, pair->contact, there, error))
    return FALSE;
  return lapse == ES_LAPSE_NONE || verified || es_store_begin_lapse (store, pair->account, pair->contact, error);
}

static gboolean
take_policies (EsStore *store, EsStore *moved, GError **error)
{
  g_autoptr (GPtrArray) pairs = read_pairs (moved, "SELECT account, contact FROM policies", error);
  gboolean good = pairs != NULL;

  for (guint i = 0; good && i < pairs->len; i++)
    good = take_policy (store, moved, pairs->pdata[i], error);
  return good;
}

static gboolean
take_differed (EsStore *store, EsStore *moved, GError **error)
{
  g_autoptr (GPtrArray) pairs = read_pairs (moved, "SELECT account, contact FROM differed", error);
  gboolean good = pairs != NULL;

  for (guint i = 0; good && i < pairs->len; i++)
    {
      const Pair *pair = pairs->pdata[i];
      const EsSqliteValue values[]
          = { TEXT (es_address_text (pair->account)), TEXT (es_address_text (pair->contact)), END };

      good = es_sqlite_run (store->db, "INSERT OR IGNORE INTO differed VALUES (?1, ?2)", values, error);
    }
  return good;
}

/* Some may be the same. */
static gboolean
take_failures (EsStore *store, EsStore *moved, gint64 now, GError **error)
{
  g_autoptr (GPtrArray) pairs = read_pairs (moved, "SELECT account, contact FROM failures", error);
  gboolean good = pairs != NULL;

  for (guint i = 0; good && i < pairs->len; i++)
    {
      const Pair *pair = pairs->pdata[i];
      guint n = 0;
      gint64 last = 0;

      good = es_store_password_failures (moved, pair->account, pair->contact, &n, &last, error);
      if (good && n > 0)
        {
          const EsSqliteValue values[]
              = { TEXT (es_address_text (pair->account)), TEXT (es_address_text (pair->contact)), INTEGER (n),
                  INTEGER (MIN (last, now)), END };

          good = es_sqlite_run (store->db,
                                "INSERT INTO failures VALUES (?1, ?2, ?3, ?4) ON CONFLICT (account, contact) "
                                "DO UPDATE SET count = max (count, excluded.count), last = max (last, excluded.last)",
                                values, error);
        }
    }
  return good;
}

static gboolean
take_all (EsStore *store, EsStore *moved, const GPtrArray *rows, gint64 now, guint *n, GError **error)
{
  g_autofree char *number = number_of (moved);

  if (!check_number (store, number, error) || !note_all_taken (store, moved, number, error))
    return FALSE;
  return take_devices (store, rows, now, n, error) && take_policies (store, moved, error)
         && take_differed (store, moved, error) && take_failures (store, moved, now, error);
}

gboolean
es_store_move_in (EsStore *store, EsStore *moved, const EsSecret *key, gint64 now, guint *n, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) rows = NULL;

  *n = 0;
  if (!es_store_unlock (moved, key, &failure)
      || (rows = es_store_read (moved, ES_STORE_SELECT, NULL, &failure)) == NULL)
    return es_sqlite_refuse (store->db,
                             failure->code == ES_ERROR_STORE_SEALED ? ES_ERROR_MOVE_KEY : ES_ERROR_MOVE_DAMAGED,
                             "the file cannot be opened", error);
  return es_store_begin (store, error) && es_store_finish (store, take_all (store, moved, rows, now, n, error), error);
}
