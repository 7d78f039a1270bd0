/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is written and has not arrived: texts and stanzas that wait, and stanzas that were sent and are not confirmed; what
 * messages that were shown are recognised by, should they come again; and alarms that nobody has seen. In the
 * file of es-store.h and as well protected as the secrets there. In a sealed store the content is sealed, bound to everything
 * else of its entry and padded, so that only about how long it is shows; whom it is for, when it was written and its label can
 * be read by whoever has the file. What is removed or written over is overwritten.
 *
 * Each call is one transaction, on the disk when it returns, which takes as long for many entries as for one. (Cheaper were to
 * leave the order of writes to the system: then a power failure could damage the file, and the devices with it.)
 *
 * An entry that is damaged is no damage of the store: it is dropped when it is met. */
#pragma once
#include "es-store.h"

typedef enum
{
  ES_STORED_WAITING_TEXT,
  ES_STORED_WAITING_STANZA,
  ES_STORED_SENT,  /* a stanza that is not confirmed */
  ES_STORED_SHOWN, /* what was shown of a contact is recognised by */
  ES_STORED_ALARM, /* what the user is to be told of a contact, and has not seen */
  ES_N_STORED_KINDS
} EsStoredKind;

typedef struct
{
  gint64 id; /* > 0, rising; 0 before it is stored */
  EsAddress *account;
  EsAddress *contact;
  EsStoredKind kind;
  gboolean for_verified; /* written for verified devices only */
  gint64 written;        /* when */
  char *label;           /* how its receipt will call it, up to ES_LIMIT_ID_OCTETS, or NULL */
  EsSecret *content;     /* 1 to ES_LIMIT_STORED_OCTETS octets */
} EsStored;

/* Of no kind in particular: takes references, copies LABEL (or NULL), and takes CONTENT over. */
EsStored *es_stored_new (EsStoredKind kind,
                         const EsAddress *account,
                         const EsAddress *contact,
                         gint64 written,
                         const char *label,
                         EsSecret *content);
void es_stored_free (EsStored *entry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsStored, es_stored_free)

/* Whether what is of KIND was written by the user. */
gboolean es_stored_is_message (EsStoredKind kind);

/* Stores N ENTRIES behind all others, and tells their numbers in them, which are never used again; all or, on error, none. */
gboolean es_store_outbox_add (EsStore *store, EsStored *const *entries, gsize n, GError **error);

/* Writes N ENTRIES over what is stored under their numbers: kind, for_verified, content. Their places stay. The number of one that
 * is not there, or is that of an entry with another account, contact or label, becomes 0. */
gboolean es_store_outbox_update (EsStore *store, EsStored *const *entries, gsize n, GError **error);

/* Erases N ENTRIES by their numbers. One that is not there, or that is that of an entry as above, is no error. */
gboolean es_store_outbox_remove (EsStore *store, EsStored *const *entries, gsize n, GError **error);

/* Erases all of ACCOUNT for CONTACT. */
gboolean
es_store_outbox_remove_contact (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);

/* Erases all of ACCOUNT. */
gboolean es_store_outbox_remove_account (EsStore *store, const EsAddress *account, GError **error);

/* All of ACCOUNT, in order; the array frees its EsStored elements. NULL on error. For each that was dropped, because it was damaged,
 * DROPPED gets the contact to whom it was written, or NULL if that is not known, or it was no message; DROPPED may be NULL. The user is to be told, for they
 * are not there the next time. */
GPtrArray *es_store_outbox_load (EsStore *store, const EsAddress *account, GPtrArray *dropped, GError **error);

/* An empty one. */
GPtrArray *es_store_dropped_new (void);

/* The accounts (EsAddress) of which something that was written is kept, each with how many messages (GUINT_TO_POINTER); the caller's.
 * NULL on error. */
GHashTable *es_store_outbox_accounts (EsStore *store, GError **error);

/* The numbers of all of ACCOUNT, in order, of gint64. NULL on error. */
GArray *es_store_outbox_numbers (EsStore *store, const EsAddress *account, GError **error);
