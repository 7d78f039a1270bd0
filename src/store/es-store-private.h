/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What es-store.c (devices, policies, counts), es-store-devices.c (a device as a row), es-store-merge.c (rows of other
 * spellings), es-store-outbox.c, es-store-protection.c (how secrets are sealed), es-store-lineage.c (whether a file is what became of
 * another one) and es-store-format.c (the tables) share. */
#pragma once
#include "es-store-sqlite.h"
#include "es-store.h"

struct _EsStore
{
  EsSqlite *db;
  EsProtection protection; /* as the file said when it was opened, or was changed here */
  EsSecret *wrapped;       /* the file's key under the key from outside; NULL where secrets are not sealed */
  EsSecret *key;           /* the file's key; NULL where secrets are not sealed, or while the store is locked */
  char *bound;             /* what the file's key is bound to besides, or NULL: es-store-move.h */
  EsLineage lineage;       /* what the file holds of ours, */
  int changed;             /* rows, before the transaction that there is, */
  EsLineage next;          /* and what it will hold with the transaction that there is */
  guint revision;          /* how often anything but the outbox was changed */
};

extern const EsSqliteFormat es_store_format;

/* Times end with the year 9999. */
#define ES_STORE_TIME_MAX 253402300799

/* A device as it stands in the file. ACCOUNT and CONTACT are the texts there; those of DEVICE are NULL where a text is no bare
 * address, and another spelling of it where the row has to move. */
typedef struct
{
  EsDevice *device;
  char *account;
  char *contact;
} EsStoreRow;

/* A device of nobody. */
EsDevice *es_store_device_new (void);

/* The bare address that TEXT is a spelling of; NULL if it is none. */
EsAddress *es_store_address (const char *text);

/* Whether the texts are the addresses. */
gboolean es_store_row_is_prepared (const EsStoreRow *row);

/* Rows of a query that begins with ES_STORE_SELECT; and all of a device, which has a row already. Secrets are sealed and
 * bound to everything else in the row. */
#define ES_STORE_SELECT                                                                                                \
  "SELECT id, account, contact, name, verified, confirmed, created, "                                                  \
  "verified_at, last_used, newest, older, strength, pending FROM devices "

GPtrArray *es_store_read (EsStore *store, const char *sql, const EsSqliteValue *values, GError **error);
gboolean es_store_write (EsStore *store, const EsStoreRow *row, GError **error);

/* A new row for ROW, whose device gets its number; and whether DEVICE holds SECRET (NULL: no). Here and below: within a transaction. */
gboolean es_store_insert (EsStore *store, const EsStoreRow *row, GError **error);
gboolean es_store_holds (const EsDevice *device, const EsSecret *secret);

/* The contacts whose verified devices are all such (WHICH: a condition with VALUES) have lapsed; this one has; that of DEVICE has not. */
gboolean es_store_let_lapse (EsStore *store, const char *which, const EsSqliteValue *values, GError **error);
gboolean es_store_begin_lapse (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);
gboolean es_store_end_lapse (EsStore *store, const EsDevice *device, GError **error);

/* What es_store_set_policy does. */
gboolean
es_store_write_policy (EsStore *store, const EsAddress *account, const EsAddress *contact, int policy, GError **error);

/* Writes how secrets are protected, as the store has it; and what its key is bound to, the caller's. */
gboolean es_store_write_protection (EsStore *store, GError **error);
char *es_protection_binding (const EsProtection *protection, const char *bound);

/* Leaves DEVICE (0: none) and so many others with CONTACT that there are no more than ES_LIMIT_DEVICES: verified ones first,
 * then by last use. Within a transaction. */
gboolean es_store_make_room (EsStore *store, const char *account, const char *contact, gint64 device, GError **error);

/* Moves the devices among ROWS (all that there are) and all else that is stored under other spellings of an address. */
gboolean es_store_merge (EsStore *store, const GPtrArray *rows, GError **error);

/* A transaction, in a store that is not locked; an error where the file is an older copy. It ends with es_store_finish, which is
 * es_sqlite_finish, or
 * es_store_finish_outbox, where nothing but the outbox has changed. */
gboolean es_store_begin (EsStore *store, GError **error);
gboolean es_store_finish (EsStore *store, gboolean good, GError **error);
gboolean es_store_finish_outbox (EsStore *store, gboolean good, GError **error);

/* The same check, within a transaction; and what makes it one of ours, as es_store_finish does where something has changed. */
gboolean es_store_check_lineage (EsStore *store, GError **error);
gboolean es_store_note_change (EsStore *store, GError **error);

/* What is in the outbox, and the numbers of the rows that are not valid (of gint64). CONDITION may be "". */
GPtrArray *es_store_outbox_read (EsStore *store,
                                 const char *condition,
                                 const EsSqliteValue *values,
                                 GArray *invalid,
                                 GPtrArray *dropped,
                                 GError **error);

/* What is stored under ACCOUNT and CONTACT, spellings of addresses, is stored under those, in its place. Within a transaction. */
gboolean es_store_outbox_move (EsStore *store, const char *account, const char *contact, GError **error);

/* Writes all of ENTRIES anew, and over what the INVALID hold. Within a transaction. */
gboolean es_store_outbox_write (EsStore *store, const GPtrArray *entries, const GArray *invalid, GError **error);

/* Reads how secrets are protected, into the store. */
gboolean es_store_read_protection (EsStore *store, GError **error);

/* An error while the store is locked, or when another program has changed the protection: begins everything. */
gboolean es_store_check (EsStore *store, GError **error);
