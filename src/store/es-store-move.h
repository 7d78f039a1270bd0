/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered moves to another computer in one file, sealed with a passphrase. A chain of retained secrets has one holder: two
 * who go on with it lose each other's secrets. So at no moment is there a file that can be opened beside a store that still holds what
 * is in it:
 *
 *     store   a file of a name beside PATH is about to be written             a crash from here on is taken back
 *     file    everything, sealed under a new key; in the place of the key there is a text
 *     store   nothing of it any more; the key, sealed with the passphrase     a crash from here on is finished
 *     file    the key, and its own name
 *     store   nothing is on its way
 *
 * The third line is one transaction, in which the file is also read again and opened. Whoever takes the file over puts all of it into
 * his own store in one transaction, with the number of the file, and erases that.
 *
 * What was moved is as if it had expired: no contact who had a verified device is one who is met for the first time.
 * The key is bound to every octet of the file, so none can be changed by anybody without the passphrase.
 * Errors are ES_ERROR_MOVE_* and those of es-store.h. Times are given by the caller, in seconds since 1970. */
#pragma once
#include "es-store.h"

typedef enum
{
  ES_MOVE_NONE,       /* nothing is on its way */
  ES_MOVE_TAKEN_BACK, /* what had been begun is undone: all is here */
  ES_MOVE_DONE,       /* all is in the file, and nothing here */
  ES_MOVE_UNFINISHED  /* the same, but the file cannot be finished now */
} EsMove;

/* Moves everything but the outbox into a new file at PATH, or beside it where somebody was faster: its name is WRITTEN, the caller's.
 * PROTECTION is a passphrase's, KEY what es_protection_stretch made of that. ES_MOVE_NONE with ERROR: there is no file, and nothing has
 * changed here. An earlier move that can be finished by now is that, and nothing else: WRITTEN is its file. NOW is what the devices are said
 * to have been moved at. */
EsMove es_store_move_out (EsStore *store,
                          const char *path,
                          const EsProtection *protection,
                          const EsSecret *key,
                          gint64 now,
                          char **written,
                          GError **error);

/* Takes back or finishes what a crash has left. PATH (the caller's; may be set to NULL) is the file that is meant, or missing. */
EsMove es_store_move_resume (EsStore *store, char **path);

/* What is unfinished stays so: what was in it is lost. */
gboolean es_store_move_give_up (EsStore *store, GError **error);

/* The file at PATH, locked, in memory; it is read once and not written. es_store_protection says how its key is made. */
EsStore *es_store_open_moved (const char *path, GError **error);

/* Opens MOVED with KEY and takes over what it holds, N devices of it.
 * What is here already is left as it is: a device with whom a secret is shared, and verified ones where there is no room for more. Codes that
 * differed, here or there, have differed. Of two policies the stricter one holds; where there is none here, and a verified device or a lapse
 * says more than none, only the strictest. The time of nothing is after NOW. */
gboolean es_store_move_in (EsStore *store, EsStore *moved, const EsSecret *key, gint64 now, guint *n, GError **error);

/* Overwrites and deletes the file at PATH; FALSE if it is still there. */
gboolean es_store_move_erase (const char *path);

/* What was moved away and not forgotten since: EsDevice without secrets, with MOVED; the caller's. NULL on error. */
GPtrArray *es_store_moved (EsStore *store, GError **error);

/* Whether DEVICE is among it; and whether any of CONTACT's is. FALSE as well if that cannot be read. */
gboolean es_store_is_moved (EsStore *store, gint64 device);
gboolean es_store_was_moved (EsStore *store, const EsAddress *account, const EsAddress *contact);
