/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices: the retained secrets of XEP-0116 section 4.7, in one SQLite file.
 *
 * A *device* is one chain of retained secrets with one client of one contact. A device holds its newest
 * secret and, from the moment we stored a newer one until the other side is seen to use it, the one before
 * (two generations):
 *
 *     responder   es_store_add (found device or 0)      before message 4 is sent: new secret beside the old
 *                 es_store_confirm (device, secret)     first authentic stanza: the old one is erased
 *     initiator   es_store_replace (found device or 0)  message 4 verified: new secret instead of the old
 *
 * A session that runs on one of the two generations makes the other void: add and replace take the secret
 * that was found and erase the other.
 *
 * Every change is one transaction, on the disk when the function returns. The file is created with mode 0600;
 * content that is deleted is overwritten (es-store-sqlite.h says what that does not cover). A file that is
 * damaged, locked, read-only, on a full disk or written by a newer version gives an error and is left as it
 * is. One that may only be read opens, and its changes fail. A lock of another program is waited for a
 * quarter of a second, at most twice in one change.
 *
 * The secrets are there as they are, protected by the mode of the file alone, or sealed under a key of the file's, which
 * is wrapped under a key from outside: a passphrase's, or one that a keyring keeps. The latter store is *locked* until it
 * is given that key: it opens, and all but what is said here of protection gives ES_ERROR_STORE_SEALED or
 * ES_ERROR_STORE_KEYRING. A sealed device whose row was changed by anybody else is damage. (A device that is gone, policies
 * and a whole file of earlier are not noticed.)
 *
 * The whole file serves one account or many: ACCOUNT is our own bare JID, CONTACT the other's; both are
 * prepared by the caller and compared as octets. Times are seconds since 1970, given by the caller: this
 * floor has no clock. Secrets have 16 to 64 octets. */
#pragma once
#include "es-secret.h"

typedef struct _EsStore EsStore;

typedef struct
{
  gint64 id;     /* > 0 */
  char *account; /* bare JIDs */
  char *contact;
  char *name;         /* what the user calls that device, or NULL */
  gboolean verified;  /* the chain was verified once */
  gboolean confirmed; /* the other side was seen to hold the newest secret */
  gint64 created;     /* when the chain began */
  gint64 verified_at; /* when it was marked last; 0 if not verified */
  gint64 last_used;
  guint32 strength; /* es-strength.h: of the best that it was seen to support; 0 if not known */
  EsSecret *newest;
  EsSecret *older; /* NULL when only one generation is held */
} EsDevice;

typedef enum
{
  ES_PROTECTION_NONE,
  ES_PROTECTION_PASSPHRASE,
  ES_PROTECTION_KEYRING
} EsProtectionKind;

#define ES_PROTECTION_ITEM_OCTETS 33

/* How the key from outside is come by. */
typedef struct
{
  EsProtectionKind kind;
  gboolean chosen;                      /* by the user */
  char item[ES_PROTECTION_ITEM_OCTETS]; /* keyring: the name that the key has there */
  guint8 salt[16];                      /* passphrase: what it is stretched with */
  guint cost;
} EsProtection;

/* A new one, with a new name or salt. */
void es_protection_init (EsProtection *protection, EsProtectionKind kind, gboolean chosen);

/* The key that PASSPHRASE makes, after a moment and with much memory; NULL with ES_ERROR_STORE where there is not so much. */
EsSecret *es_protection_stretch (const EsProtection *protection, const EsSecret *passphrase, GError **error);

void es_device_free (EsDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsDevice, es_device_free)

/* Opens PATH, or creates it with its tables (an empty file counts as none). A link is not followed. Damage of
 * any row is an error, so that no change writes over it. ":memory:" is for tests. Errors here and below:
 * ES_ERROR_STORE and ES_ERROR_STORE_*; their messages name the file and hold no secrets. */
EsStore *es_store_open (const char *path, GError **error);
void es_store_close (EsStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsStore, es_store_close)

/* Until the store is changed or closed. */
const EsProtection *es_store_protection (const EsStore *store);
gboolean es_store_is_locked (const EsStore *store);

/* KEY is what es_protection_stretch made, or what the keyring keeps (32 octets). The error of a locked store: another one
 * is needed. */
gboolean es_store_unlock (EsStore *store, const EsSecret *key, GError **error);

/* Seals everything anew, under a new key of the file's, for KEY (NULL for ES_PROTECTION_NONE); all of it or, in whatever
 * way it fails, nothing. What was there is overwritten, in the journal too. */
gboolean es_store_protect (EsStore *store, const EsProtection *protection, const EsSecret *key, GError **error);

/* All devices of ACCOUNT with CONTACT, or with anybody when CONTACT is NULL, last used first; at most
 * ES_LIMIT_DEVICES for one contact. The array frees its EsDevice elements. NULL on error. */
GPtrArray *es_store_devices (EsStore *store, const char *account, const char *contact, GError **error);

/* Those of all accounts. */
GPtrArray *es_store_all_devices (EsStore *store, GError **error);

/* The responder's step: remembers SECRET as the newest one of DEVICE and keeps FOUND, the secret of that
 * device which the session runs on; DEVICE 0 (FOUND NULL) makes a new device. A device found under another
 * CONTACT (the contact uses another address) moves to CONTACT. Where the contact has ES_LIMIT_DEVICES
 * already, the unverified device that was used longest ago makes room, a verified one only when there is no
 * other. It is an error when DEVICE is not there, is another account's, or does not hold FOUND any more.
 * Returns the device's id, which is never used again for another device; 0 on error. */
gint64 es_store_add (EsStore *store,
                     const char *account,
                     const char *contact,
                     gint64 device,
                     const EsSecret *found,
                     const EsSecret *secret,
                     gint64 now,
                     GError **error);

/* The initiator's step: as es_store_add, but FOUND is erased in the same transaction and the device is
 * confirmed. */
gint64 es_store_replace (EsStore *store,
                         const char *account,
                         const char *contact,
                         gint64 device,
                         const EsSecret *found,
                         const EsSecret *secret,
                         gint64 now,
                         GError **error);

/* The other side was seen to hold SECRET: if that is still the newest of DEVICE, the older one is erased. The keys of an
 * earlier session prove nothing of the newest secret. An error when DEVICE is not there. */
gboolean es_store_confirm (EsStore *store, gint64 device, const EsSecret *secret, gint64 now, GError **error);

/* Marks the chain of DEVICE as verified, or not. An error when DEVICE is not there. */
gboolean es_store_set_verified (EsStore *store, gint64 device, gboolean verified, gint64 now, GError **error);

/* Stores the strength of DEVICE. An error when DEVICE is not there. */
gboolean es_store_set_strength (EsStore *store, gint64 device, guint32 strength, GError **error);

/* Names DEVICE, in at most 1024 octets; NULL or "" removes the name. An error when DEVICE is not there. */
gboolean es_store_set_name (EsStore *store, gint64 device, const char *name, GError **error);

/* Erases DEVICE and its secrets. One that is not there is no error. */
gboolean es_store_forget (EsStore *store, gint64 device, GError **error);

/* Erases all devices of ACCOUNT with CONTACT. */
gboolean es_store_forget_contact (EsStore *store, const char *account, const char *contact, GError **error);

/* Erases the devices of all accounts, either the VERIFIED ones or the others, that were last used before BEFORE. */
gboolean es_store_expire (EsStore *store, gboolean verified, gint64 before, GError **error);

/* The policy stored for CONTACT (a number of the caller's, >= 0), or -1 when there is none; -2 on error. */
int es_store_policy (EsStore *store, const char *account, const char *contact, GError **error);

/* Stores it; -1 removes it. */
gboolean es_store_set_policy (EsStore *store, const char *account, const char *contact, int policy, GError **error);
