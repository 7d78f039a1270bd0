/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-store-private.h"

#include <string.h>

#include "es-crypto.h"
#include "es-limits.h"
#include "es-strength.h"

/* What a row may hold. Times end with the year 9999. A sealed secret is padded: nothing shows how long it is, and it is
 * never taken for one that is not sealed. */
#define SECRET_MIN 16
#define SECRET_MAX 64
#define PADDED (1 + SECRET_MAX)
#define SEALED (PADDED + ES_SEAL_OCTETS)
#define TIME_MAX 253402300799

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define SECRET ES_SQLITE_SECRET
#define END ES_SQLITE_END

/* Sealed secrets */

/* Everything about DEVICE but its secrets; no two devices have the same, since texts come with their sizes. */
static char *
bind_to (const EsDevice *device, const char *which, gboolean has_older)
{
  const char *name = device->name != NULL ? device->name : "";

  return g_strdup_printf ("%s %d %" G_GINT64_FORMAT " %d %d %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT
                          " %u %zu:%s %zu:%s %zu:%s",
                          which, has_older, device->id, device->verified, device->confirmed, device->created,
                          device->verified_at, device->last_used, device->strength, strlen (device->account),
                          device->account, strlen (device->contact), device->contact, strlen (name), name);
}

static EsSecret *
seal (const EsStore *store, const EsDevice *device, const char *which, const EsSecret *secret)
{
  g_autofree char *binding = bind_to (device, which, device->older != NULL);
  g_autoptr (EsSecret) padded = es_secret_new (PADDED);
  gsize size = secret != NULL ? es_secret_size (secret) : 0;

  if (secret == NULL || store->key == NULL || size > SECRET_MAX)
    return es_secret_copy (secret);
  *es_secret_data (padded) = (guint8) size;
  memcpy (es_secret_data (padded) + 1, es_secret_peek (secret), size);
  return es_seal (store->key, ES_PART_STRING (binding), padded);
}

/* What SECRET was before it was sealed, in its place; FALSE if it was not sealed like that. */
static gboolean
unseal (const EsStore *store, const EsDevice *device, const char *which, EsSecret **secret)
{
  g_autofree char *binding = bind_to (device, which, device->older != NULL);
  g_autoptr (EsSecret) sealed = g_steal_pointer (secret),
                       padded = es_unseal (store->key, ES_PART_STRING (binding), sealed);
  gsize size = padded != NULL ? *es_secret_peek (padded) : 0;

  if (size < SECRET_MIN || size > SECRET_MAX)
    return FALSE;
  *secret = es_secret_new_from (es_secret_peek (padded) + 1, size);
  return TRUE;
}

static gboolean
open_secrets (const EsStore *store, EsDevice *device)
{
  g_autoptr (EsSecret) older = NULL;

  if (store->key == NULL)
    return TRUE;
  older = es_secret_copy (device->older);
  if (!unseal (store, device, "newest", &device->newest))
    return FALSE;
  if (older != NULL && !unseal (store, device, "older", &older))
    return FALSE;
  es_secret_free (device->older);
  device->older = g_steal_pointer (&older);
  return TRUE;
}

/* Reading */

static EsDevice *
read_device (EsStore *store, EsSqliteRows *row, GError **error)
{
  g_autoptr (EsDevice) device = g_new0 (EsDevice, 1);
  gsize min = store->key != NULL ? SEALED : SECRET_MIN, max = store->key != NULL ? SEALED : SECRET_MAX;
  gint64 verified = 0;
  gint64 confirmed = 0;
  gint64 strength = 0;
  gboolean good = es_sqlite_integer (row, 0, 1, G_MAXINT64, &device->id)
                  && es_sqlite_text (row, 1, 1, ES_LIMIT_JID_OCTETS, &device->account)
                  && es_sqlite_text (row, 2, 1, ES_LIMIT_JID_OCTETS, &device->contact)
                  && (es_sqlite_is_null (row, 3) || es_sqlite_text (row, 3, 1, ES_LIMIT_NAME_OCTETS, &device->name))
                  && es_sqlite_integer (row, 4, 0, 1, &verified) && es_sqlite_integer (row, 5, 0, 1, &confirmed)
                  && es_sqlite_integer (row, 6, 0, TIME_MAX, &device->created)
                  && es_sqlite_integer (row, 7, 0, TIME_MAX, &device->verified_at)
                  && es_sqlite_integer (row, 8, 0, TIME_MAX, &device->last_used)
                  && es_sqlite_secret (row, 9, min, max, &device->newest)
                  && (es_sqlite_is_null (row, 10) || es_sqlite_secret (row, 10, min, max, &device->older))
                  && es_sqlite_integer (row, 11, 0, ES_STRENGTH_MAX, &strength);

  device->verified = verified == 1;
  device->confirmed = confirmed == 1;
  device->strength = (guint32) strength;
  if (good && open_secrets (store, device))
    return g_steal_pointer (&device);

  es_sqlite_refuse (store->db, ES_ERROR_STORE_DAMAGED, "a device is not valid", error);
  return NULL;
}

static void
free_device (gpointer data)
{
  es_device_free (data);
}

GPtrArray *
es_store_read (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error)
{
  g_autoptr (GPtrArray) devices = g_ptr_array_new_with_free_func (free_device);
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, values, error);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;

  while (row)
    {
      EsDevice *device = read_device (store, rows, error);

      if (device == NULL)
        return NULL;
      g_ptr_array_add (devices, device);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&devices);
}

static gboolean
valid_secret (const EsSecret *secret)
{
  return secret == NULL || (es_secret_size (secret) >= SECRET_MIN && es_secret_size (secret) <= SECRET_MAX);
}

gboolean
es_store_write (EsStore *store, const EsDevice *device, GError **error)
{
  g_autoptr (EsSecret) newest = seal (store, device, "newest", device->newest);
  g_autoptr (EsSecret) older = seal (store, device, "older", device->older);
  const EsSqliteValue values[] = { INTEGER (device->id),
                                   TEXT (device->contact),
                                   TEXT (device->name),
                                   INTEGER (device->verified != FALSE),
                                   INTEGER (device->confirmed != FALSE),
                                   INTEGER (device->created),
                                   INTEGER (device->verified_at),
                                   INTEGER (device->last_used),
                                   SECRET (newest),
                                   SECRET (older),
                                   INTEGER (device->strength),
                                   END };

  if (!valid_secret (device->newest) || !valid_secret (device->older))
    return es_sqlite_refuse (store->db, ES_ERROR_STORE, "such a secret cannot be remembered", error);
  return es_sqlite_run (store->db,
                        "UPDATE devices SET contact = ?2, name = ?3, verified = ?4, confirmed = ?5, created = ?6, "
                        "verified_at = ?7, last_used = ?8, newest = ?9, older = ?10, strength = ?11 WHERE id = ?1",
                        values, error);
}
