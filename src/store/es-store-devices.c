/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-private.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-strength.h"

/* What a row may hold. A sealed secret is padded: nothing shows how long it is, and it is never taken for one that is not
 * sealed. The pending ones are padded in any case, and sealed all together: nothing shows how many they are, within 16, 64,
 * 256 and 1,024. */
#define SECRET_MIN 16
#define SECRET_MAX 64
#define PADDED (1 + SECRET_MAX)
#define SEALED (PADDED + ES_SEAL_OCTETS)
#define PENDING_MAX (ES_LIMIT_PENDING_SECRETS * PADDED)
#define PENDING_SEALED_MAX (PENDING_MAX + ES_SEAL_OCTETS)
#define PENDING_ROOM_MIN 16
#define PENDING_ROOM_GROWTH 4

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define SECRET ES_SQLITE_SECRET
#define END ES_SQLITE_END

/* Sealed secrets */

/* Which secrets a row holds beside its newest. */
enum
{
  HAS_OLDER = 1,
  HAS_PENDING = 2
};

/* Everything about the row but its secrets; no two rows have the same, since texts come with their sizes. */
static char *
bind_to (const EsStoreRow *row, const char *which, int has)
{
  const EsDevice *device = row->device;
  const char *name = device->name != NULL ? device->name : "";

  return g_strdup_printf ("%s %d %" G_GINT64_FORMAT " %d %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          " %u %zu:%s %zu:%s %zu:%s",
                          which, has, device->id, device->verified, device->confirmed, device->created,
                          device->verified_at, device->last_used, device->strength, strlen (row->account), row->account,
                          strlen (row->contact), row->contact, strlen (name), name);
}

static int
held_by (const EsDevice *device)
{
  return (device->older != NULL ? HAS_OLDER : 0) | (device->pending->len > 0 ? HAS_PENDING : 0);
}

/* SECRET (of at most SECRET_MAX octets) with its size and padding to OUT, which is zero. */
static void
pad (const EsSecret *secret, guint8 *out)
{
  *out = (guint8) es_secret_size (secret);
  memcpy (out + 1, es_secret_peek (secret), es_secret_size (secret));
}

/* NULL if it was not padded like that. */
static EsSecret *
strip (const guint8 *padded)
{
  return *padded >= SECRET_MIN && *padded <= SECRET_MAX ? es_secret_new_from (padded + 1, *padded) : NULL;
}

static EsSecret *
seal (const EsStore *store, const EsStoreRow *row, const char *which, const EsSecret *secret)
{
  g_autofree char *binding = bind_to (row, which, held_by (row->device));
  g_autoptr (EsSecret) padded = es_secret_new (PADDED);

  if (secret == NULL || store->key == NULL)
    return es_secret_copy (secret);
  pad (secret, es_secret_data (padded));
  return es_seal (store->key, ES_PART_STRING (binding), padded);
}

/* For how many there is room where N of them are sealed. */
static gsize
room_for (gsize n)
{
  gsize room = PENDING_ROOM_MIN;

  while (room < n)
    room *= PENDING_ROOM_GROWTH;
  return room;
}

static EsSecret *
seal_pending (const EsStore *store, const EsStoreRow *row)
{
  const GPtrArray *pending = row->device->pending;
  g_autofree char *binding = bind_to (row, "pending", held_by (row->device));
  g_autoptr (EsSecret) padded = es_secret_new ((store->key != NULL ? room_for (pending->len) : pending->len) * PADDED);

  if (pending->len == 0)
    return NULL;
  for (guint i = 0; i < pending->len; i++)
    pad (pending->pdata[i], es_secret_data (padded) + i * PADDED);
  return store->key != NULL ? es_seal (store->key, ES_PART_STRING (binding), padded) : g_steal_pointer (&padded);
}

/* What SECRET (NULL is good as well) was before it was sealed, in its place; FALSE if it was not sealed like that. */
static gboolean
unseal (const EsStore *store, const EsStoreRow *row, const char *which, int has, EsSecret **secret)
{
  g_autofree char *binding = bind_to (row, which, has);
  g_autoptr (EsSecret) sealed = g_steal_pointer (secret), padded = NULL;

  if (sealed == NULL)
    return TRUE;
  padded = es_unseal (store->key, ES_PART_STRING (binding), sealed);
  *secret = padded != NULL ? strip (es_secret_peek (padded)) : NULL;
  return *secret != NULL;
}

static gboolean
unseal_pending (const EsStore *store, const EsStoreRow *row, int has, const EsSecret *held)
{
  g_autofree char *binding = bind_to (row, "pending", has);
  g_autoptr (EsSecret) padded = NULL;

  if (held == NULL)
    return TRUE;
  padded = store->key != NULL ? es_unseal (store->key, ES_PART_STRING (binding), held) : es_secret_copy (held);
  if (padded == NULL || es_secret_size (padded) % PADDED != 0 || es_secret_size (padded) > PENDING_MAX
      || (store->key != NULL && room_for (es_secret_size (padded) / PADDED) * PADDED != es_secret_size (padded)))
    return FALSE;

  /* Where they are sealed, nothing follows the last one. */
  for (gsize at = 0; at < es_secret_size (padded); at += PADDED)
    {
      EsSecret *secret = strip (es_secret_peek (padded) + at);

      if (secret == NULL && store->key != NULL && at > 0 && es_secret_peek (padded)[at] == 0)
        break;
      if (secret == NULL)
        return FALSE;
      g_ptr_array_add (row->device->pending, secret);
    }
  return TRUE;
}

static gboolean
open_secrets (const EsStore *store, const EsStoreRow *row, const EsSecret *pending)
{
  EsDevice *device = row->device;
  int has = (device->older != NULL ? HAS_OLDER : 0) | (pending != NULL ? HAS_PENDING : 0);

  return (store->key == NULL
          || (unseal (store, row, "newest", has, &device->newest) && unseal (store, row, "older", has, &device->older)))
         && unseal_pending (store, row, has, pending);
}

/* Reading */

EsAddress *
es_store_address (const char *text)
{
  g_autoptr (EsAddress) address = es_address_new (text);

  return address != NULL && es_address_is_bare (address) ? g_steal_pointer (&address) : NULL;
}

static gboolean
is_prepared (const EsAddress *address, const char *text)
{
  return address != NULL && strcmp (es_address_text (address), text) == 0;
}

gboolean
es_store_row_is_prepared (const EsStoreRow *row)
{
  return is_prepared (row->device->account, row->account) && is_prepared (row->device->contact, row->contact);
}

static void
free_row (gpointer data)
{
  EsStoreRow *row = data;

  es_device_free (row->device);
  g_free (row->account);
  g_free (row->contact);
  g_free (row);
}

static gboolean
read_row (EsStore *store, EsSqliteRows *from, EsStoreRow *row)
{
  gboolean sealed = store->key != NULL;
  gsize min = sealed ? SEALED : SECRET_MIN, max = sealed ? SEALED : SECRET_MAX;
  EsDevice *device = row->device;
  g_autoptr (EsSecret) pending = NULL;
  gint64 verified = 0, confirmed = 0, strength = 0;
  gboolean good = es_sqlite_integer (from, 0, 1, G_MAXINT64, &device->id)
                  && es_sqlite_text (from, 1, 1, ES_LIMIT_JID_OCTETS, &row->account)
                  && es_sqlite_text (from, 2, 1, ES_LIMIT_JID_OCTETS, &row->contact)
                  && (es_sqlite_is_null (from, 3) || es_sqlite_text (from, 3, 1, ES_LIMIT_NAME_OCTETS, &device->name))
                  && es_sqlite_integer (from, 4, 0, 1, &verified) && es_sqlite_integer (from, 5, 0, 1, &confirmed)
                  && es_sqlite_integer (from, 6, 0, ES_STORE_TIME_MAX, &device->created)
                  && es_sqlite_integer (from, 7, 0, ES_STORE_TIME_MAX, &device->verified_at)
                  && es_sqlite_integer (from, 8, 0, ES_STORE_TIME_MAX, &device->last_used)
                  && es_sqlite_secret (from, 9, min, max, &device->newest)
                  && (es_sqlite_is_null (from, 10) || es_sqlite_secret (from, 10, min, max, &device->older))
                  && es_sqlite_integer (from, 11, 0, ES_STRENGTH_MAX, &strength)
                  && (es_sqlite_is_null (from, 12)
                      || es_sqlite_secret (from, 12, PADDED, sealed ? PENDING_SEALED_MAX : PENDING_MAX, &pending));

  device->verified = verified == 1;
  device->confirmed = confirmed == 1;
  device->strength = (guint32) strength;
  if (!good || !open_secrets (store, row, pending))
    return FALSE;
  device->account = es_store_address (row->account);
  device->contact = es_store_address (row->contact);
  return TRUE;
}

GPtrArray *
es_store_read (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func (free_row);
  g_autoptr (EsSqliteRows) from = es_sqlite_select (store->db, sql, values, error);
  gboolean there = FALSE;

  if (from == NULL || !es_sqlite_next (store->db, from, &there, error))
    return NULL;

  while (there)
    {
      EsStoreRow *row = g_new0 (EsStoreRow, 1);

      row->device = es_store_device_new ();
      g_ptr_array_add (rows, row);
      if (!read_row (store, from, row))
        {
          es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a device is not valid", error);
          return NULL;
        }
      if (!es_sqlite_next (store->db, from, &there, error))
        return NULL;
    }
  return g_steal_pointer (&rows);
}

/* Writing */

static gboolean
valid_secret (const EsSecret *secret)
{
  return secret != NULL && es_secret_size (secret) >= SECRET_MIN && es_secret_size (secret) <= SECRET_MAX;
}

static gboolean
valid_secrets (const EsDevice *device)
{
  gboolean good = valid_secret (device->newest) && (device->older == NULL || valid_secret (device->older));

  for (guint i = 0; good && i < device->pending->len; i++)
    good = valid_secret (device->pending->pdata[i]);
  return good && device->pending->len <= ES_LIMIT_PENDING_SECRETS;
}

gboolean
es_store_write (EsStore *store, const EsStoreRow *row, GError **error)
{
  const EsDevice *device = row->device;
  gboolean good = valid_secrets (device);
  g_autoptr (EsSecret) newest = good ? seal (store, row, "newest", device->newest) : NULL;
  g_autoptr (EsSecret) older = good ? seal (store, row, "older", device->older) : NULL;
  g_autoptr (EsSecret) pending = good ? seal_pending (store, row) : NULL;
  const EsSqliteValue values[] = { INTEGER (device->id),
                                   TEXT (row->account),
                                   TEXT (row->contact),
                                   TEXT (device->name),
                                   INTEGER (device->verified != FALSE),
                                   INTEGER (device->confirmed != FALSE),
                                   INTEGER (device->created),
                                   INTEGER (device->verified_at),
                                   INTEGER (device->last_used),
                                   SECRET (newest),
                                   SECRET (older),
                                   INTEGER (device->strength),
                                   SECRET (pending),
                                   END };

  if (!good)
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a secret cannot be remembered", error);
  return es_sqlite_run (store->db,
                        "UPDATE devices SET account = ?2, contact = ?3, name = ?4, verified = ?5, confirmed = ?6, "
                        "created = ?7, verified_at = ?8, last_used = ?9, newest = ?10, older = ?11, strength = ?12, "
                        "pending = ?13 WHERE id = ?1",
                        values, error);
}
