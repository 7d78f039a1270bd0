/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Earlier versions stored what their caller took for prepared, or prepared less: one address could be there in several spellings. */
#include "es-store-private.h"

#include <string.h>

#include "es-limits.h"

#define INTEGER ES_SQLITE_INTEGER
#define TEXT ES_SQLITE_TEXT
#define END ES_SQLITE_END

typedef struct
{
  EsAddress *account;
  EsAddress *contact;
  char *account_text;
  char *contact_text;
  gint64 policy;
} Policy;

static void
free_policy (gpointer data)
{
  Policy *policy = data;

  es_address_unref (policy->account);
  es_address_unref (policy->contact);
  g_free (policy->account_text);
  g_free (policy->contact_text);
  g_free (policy);
}

/* Devices */

static gboolean
has_to_move (const EsStoreRow *row)
{
  return row->device->account != NULL && row->device->contact != NULL && !es_store_row_is_prepared (row);
}

static gboolean
move_device (EsStore *store, EsStoreRow *row, GError **error)
{
  g_free (row->account);
  g_free (row->contact);
  row->account = g_strdup (es_address_text (row->device->account));
  row->contact = g_strdup (es_address_text (row->device->contact));
  return es_store_write (store, row, error);
}

/* All are there before any has to make room. */
static gboolean
move_devices (EsStore *store, GError **error)
{
  g_autoptr (GPtrArray) rows = es_store_read (store, ES_STORE_SELECT, NULL, error), moved = g_ptr_array_new ();
  gboolean good = rows != NULL;

  for (guint i = 0; good && i < rows->len; i++)
    if (has_to_move (rows->pdata[i]))
      {
        good = move_device (store, rows->pdata[i], error);
        g_ptr_array_add (moved, rows->pdata[i]);
      }
  for (guint i = 0; good && i < moved->len; i++)
    {
      const EsStoreRow *row = moved->pdata[i];

      good = es_store_make_room (store, row->account, row->contact, 0, error);
    }
  return good;
}

/* Policies */

/* What is stored under another spelling; NULL if the row is as it should be, or stays where it is. */
static Policy *
read_policy (EsSqliteRows *row)
{
  Policy *policy = g_new0 (Policy, 1);

  if (es_sqlite_text (row, 0, 1, ES_LIMIT_JID_OCTETS, &policy->account_text)
      && es_sqlite_text (row, 1, 1, ES_LIMIT_JID_OCTETS, &policy->contact_text)
      && es_sqlite_integer (row, 2, 0, G_MAXINT, &policy->policy)
      && (policy->account = es_store_address (policy->account_text)) != NULL
      && (policy->contact = es_store_address (policy->contact_text)) != NULL
      && (strcmp (es_address_text (policy->account), policy->account_text) != 0
          || strcmp (es_address_text (policy->contact), policy->contact_text) != 0))
    return policy;
  free_policy (policy);
  return NULL;
}

/* The greatest first. */
static GPtrArray *
read_policies (EsStore *store, GError **error)
{
  const char *sql = "SELECT account, contact, policy FROM policies ORDER BY policy DESC";
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, NULL, error);
  g_autoptr (GPtrArray) policies = g_ptr_array_new_with_free_func (free_policy);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      Policy *policy = read_policy (rows);

      if (policy != NULL)
        g_ptr_array_add (policies, policy);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&policies);
}

static gboolean
move_policy (EsStore *store, const Policy *policy, GError **error)
{
  const EsSqliteValue from[] = { TEXT (policy->account_text), TEXT (policy->contact_text), END };
  const EsSqliteValue to[] = { TEXT (es_address_text (policy->account)), TEXT (es_address_text (policy->contact)),
                               INTEGER (policy->policy), INTEGER (ES_STORE_POLICY_STRICTEST), END };

  return es_sqlite_run (store->db, "DELETE FROM policies WHERE account = ?1 AND contact = ?2", from, error)
         && es_sqlite_run (store->db,
                           "INSERT INTO policies VALUES (?1, ?2, ?3) ON CONFLICT (account, contact) "
                           "DO UPDATE SET policy = excluded.policy WHERE excluded.policy = ?4 AND policies.policy < ?4",
                           to, error);
}

static gboolean
move_policies (EsStore *store, GError **error)
{
  g_autoptr (GPtrArray) policies = read_policies (store, error);
  gboolean good = policies != NULL;

  for (guint i = 0; good && i < policies->len; i++)
    good = move_policy (store, policies->pdata[i], error);
  return good;
}

/* Everything else */

typedef struct
{
  EsAddress *account;
  EsAddress *contact;
  char *account_text;
  char *contact_text;
} Pair;

static void
free_pair (gpointer data)
{
  Pair *pair = data;

  es_address_unref (pair->account);
  es_address_unref (pair->contact);
  g_free (pair->account_text);
  g_free (pair->contact_text);
  g_free (pair);
}

/* Wrong passwords: as many as there were, in all. */
static gboolean
move_failures (EsStore *store, const Pair *pair, GError **error)
{
  const EsSqliteValue from[] = { TEXT (pair->account_text), TEXT (pair->contact_text), END };
  const EsSqliteValue both[] = { TEXT (pair->account_text), TEXT (pair->contact_text),
                                 TEXT (es_address_text (pair->account)), TEXT (es_address_text (pair->contact)), END };

  return es_sqlite_run (
             store->db,
             "INSERT INTO failures SELECT ?3, ?4, count, last FROM failures "
             "WHERE account = ?1 AND contact = ?2 ON CONFLICT (account, contact) "
             "DO UPDATE SET count = min (count + excluded.count, 2147483647), last = max (last, excluded.last)",
             both, error)
         && es_sqlite_run (store->db, "DELETE FROM failures WHERE account = ?1 AND contact = ?2", from, error);
}

static gboolean
move_differed (EsStore *store, const Pair *pair, GError **error)
{
  const EsSqliteValue from[] = { TEXT (pair->account_text), TEXT (pair->contact_text), END };
  const EsSqliteValue to[] = { TEXT (es_address_text (pair->account)), TEXT (es_address_text (pair->contact)), END };

  return es_sqlite_run (store->db, "INSERT OR IGNORE INTO differed VALUES (?1, ?2)", to, error)
         && es_sqlite_run (store->db, "DELETE FROM differed WHERE account = ?1 AND contact = ?2", from, error);
}

static gboolean
move_outbox (EsStore *store, const Pair *pair, GError **error)
{
  return es_store_outbox_move (store, pair->account_text, pair->contact_text, error);
}

static const struct
{
  const char *pairs;
  gboolean (*move) (EsStore *store, const Pair *pair, GError **error);
} others[] = {
  { "SELECT DISTINCT account, contact FROM failures", move_failures },
  { "SELECT DISTINCT account, contact FROM differed", move_differed },
  { "SELECT DISTINCT account, contact FROM outbox", move_outbox },
};

static Pair *
read_pair (EsSqliteRows *row)
{
  Pair *pair = g_new0 (Pair, 1);

  if (es_sqlite_text (row, 0, 1, ES_LIMIT_JID_OCTETS, &pair->account_text)
      && es_sqlite_text (row, 1, 1, ES_LIMIT_JID_OCTETS, &pair->contact_text)
      && (pair->account = es_store_address (pair->account_text)) != NULL
      && (pair->contact = es_store_address (pair->contact_text)) != NULL
      && (strcmp (es_address_text (pair->account), pair->account_text) != 0
          || strcmp (es_address_text (pair->contact), pair->contact_text) != 0))
    return pair;
  free_pair (pair);
  return NULL;
}

static GPtrArray *
read_pairs (EsStore *store, const char *sql, GError **error)
{
  g_autoptr (EsSqliteRows) rows = es_sqlite_select (store->db, sql, NULL, error);
  g_autoptr (GPtrArray) pairs = g_ptr_array_new_with_free_func (free_pair);
  gboolean row = FALSE;

  if (rows == NULL || !es_sqlite_next (store->db, rows, &row, error))
    return NULL;
  while (row)
    {
      Pair *pair = read_pair (rows);

      if (pair != NULL)
        g_ptr_array_add (pairs, pair);
      if (!es_sqlite_next (store->db, rows, &row, error))
        return NULL;
    }
  return g_steal_pointer (&pairs);
}

static gboolean
others_have_to_move (EsStore *store, gboolean *any, GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GPtrArray) pairs = read_pairs (store, others[i].pairs, error);

      if (pairs == NULL)
        return FALSE;
      *any |= pairs->len > 0;
    }
  return TRUE;
}

static gboolean
move_others (EsStore *store, GError **error)
{
  gboolean good = TRUE;

  for (gsize i = 0; good && i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GPtrArray) pairs = read_pairs (store, others[i].pairs, error);

      good = pairs != NULL;
      for (guint j = 0; good && j < pairs->len; j++)
        good = others[i].move (store, pairs->pdata[j], error);
    }
  return good;
}

gboolean
es_store_merge (EsStore *store, const GPtrArray *rows, GError **error)
{
  g_autoptr (GPtrArray) policies = read_policies (store, error);
  gboolean needed = policies != NULL && policies->len > 0;

  if (policies == NULL || !others_have_to_move (store, &needed, error))
    return FALSE;
  for (guint i = 0; !needed && i < rows->len; i++)
    needed = has_to_move (rows->pdata[i]);

  /* What there is now: another process may have been faster. */
  return !needed
         || (es_store_begin (store, error)
             && es_store_finish (
                 store, move_devices (store, error) && move_policies (store, error) && move_others (store, error),
                 error));
}
