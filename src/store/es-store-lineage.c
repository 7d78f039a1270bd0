/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-crypto.h"
#include "es-limits.h"
#include "es-store-private.h"

#define INTEGER ES_SQLITE_INTEGER
#define END ES_SQLITE_END

EsLineage
es_store_lineage (const EsStore *store)
{
  return store->lineage;
}

void
es_store_take_up (EsStore *store, EsLineage lineage)
{
  store->lineage = lineage;
}

/* One change more than we know of is one of ours whose end could not be told. And whoever had nothing to write while so many others came is not
 * known any more: all that are came after his last change, of which an older copy knows no more than that. */
gboolean
es_store_descends (EsStore *store, EsLineage lineage, gboolean *descends, GError **error)
{
  const EsSqliteValue values[] = { INTEGER (lineage.program), INTEGER (lineage.changes), INTEGER (lineage.place),
                                   INTEGER (ES_LIMIT_PROGRAMS), END };
  g_autoptr (EsSqliteRows) rows = NULL;

  *descends = TRUE;
  if (lineage.program == 0)
    return TRUE;
  rows = es_sqlite_select (store->db,
                           "SELECT 1 FROM lineage WHERE program = ?1 AND changes BETWEEN ?2 AND ?2 + 1 "
                           "UNION ALL SELECT 1 WHERE ?3 > 0 AND ?4 <= (SELECT count (*) FROM lineage WHERE id > ?3) "
                           "AND NOT EXISTS (SELECT 1 FROM lineage WHERE program = ?1 OR id <= ?3) LIMIT 1",
                           values, error);
  return rows != NULL && es_sqlite_next (store->db, rows, descends, error);
}

static gint64
new_program (void)
{
  guint64 number = 0;

  es_random_fill (&es_random_system, (guint8 *) &number, sizeof number);
  return (gint64) (number >> 1) | 1;
}

/* Here a copy of before does not get by that was put in its place since somebody has looked. */
gboolean
es_store_check_lineage (EsStore *store, GError **error)
{
  gboolean descends = FALSE;

  store->changed = es_sqlite_all_changed (store->db);
  store->next = store->lineage;
  if (!es_store_descends (store, store->lineage, &descends, error))
    return FALSE;
  return descends || es_sqlite_refuse (store->db, ES_ERROR_STORE, "an older copy was put in its place", error);
}

gboolean
es_store_note_change (EsStore *store, GError **error)
{
  gint64 program = store->lineage.program != 0 ? store->lineage.program : new_program ();
  const EsSqliteValue values[] = { INTEGER (program), INTEGER (store->lineage.changes + 1), END };
  const EsSqliteValue former[] = { values[0], END }, most[] = { INTEGER (ES_LIMIT_PROGRAMS), END };

  if (!es_sqlite_run (store->db, "DELETE FROM lineage WHERE program = ?1", former, error)
      || !es_sqlite_run (store->db, "INSERT INTO lineage (program, changes) VALUES (?1, ?2)", values, error))
    return FALSE;
  store->next = (EsLineage){ program, store->lineage.changes + 1, es_sqlite_inserted (store->db) };

  /* Of too many what was written first goes: most likely that program has ended. */
  return es_sqlite_run (store->db,
                        "DELETE FROM lineage WHERE id NOT IN "
                        "(SELECT id FROM lineage ORDER BY id DESC LIMIT ?1)",
                        most, error);
}

/* What changes nothing writes nothing. */
gboolean
es_store_finish_outbox (EsStore *store, gboolean good, GError **error)
{
  if (good && es_sqlite_all_changed (store->db) != store->changed)
    good = es_store_note_change (store, error);
  if (!es_sqlite_finish (store->db, good, error))
    return FALSE;
  store->lineage = store->next;
  return TRUE;
}

gboolean
es_store_finish (EsStore *store, gboolean good, GError **error)
{
  store->revision++;
  return es_store_finish_outbox (store, good, error);
}

gboolean
es_store_begin_lineage (EsStore *store, GError **error)
{
  if (!es_sqlite_begin (store->db, error)
      || !es_sqlite_finish (store->db, es_store_check_lineage (store, error) && es_store_note_change (store, error),
                            error))
    return FALSE;
  store->lineage = store->next;
  return TRUE;
}
