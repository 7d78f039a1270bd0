/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-store.c (devices and policies), es-store-devices.c (a device as a row), es-store-protection.c (how secrets are
 * sealed) and es-store-format.c (the tables) share. */
#pragma once
#include "es-store-sqlite.h"
#include "es-store.h"

struct _EsStore
{
  EsSqlite *db;
  EsProtection protection; /* as the file said when it was opened, or was changed here */
  EsSecret *wrapped;       /* the file's key under the key from outside; NULL where secrets are not sealed */
  EsSecret *key;           /* the file's key; NULL where secrets are not sealed, or while the store is locked */
};

extern const EsSqliteFormat es_store_format;

/* Rows of a query that begins with ES_STORE_SELECT; and all of a device, which has a row already. Secrets are sealed and
 * bound to everything else in the row. */
#define ES_STORE_SELECT                                                                                                \
  "SELECT id, account, contact, name, verified, confirmed, created, "                                                  \
  "verified_at, last_used, newest, older, strength FROM devices "

GPtrArray *es_store_read (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error);
gboolean es_store_write (EsStore *store, const EsDevice *device, GError **error);

/* Reads how secrets are protected, into the store. */
gboolean es_store_read_protection (EsStore *store, GError **error);

/* An error while the store is locked, or when another program has changed the protection: begins everything. */
gboolean es_store_check (EsStore *store, GError **error);
