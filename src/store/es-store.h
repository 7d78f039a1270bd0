/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to outlive the program, in one SQLite file: remembered devices (the retained secrets of XEP-0116 section 4.7), what
 * the user wants for a contact, passwords that were wrong, and messages that have not arrived (es-store-outbox.h).
 *
 * A *device* is one chain of retained secrets with one client of one contact. Nothing of it is erased on what is not proven,
 * for the nonce and the hashes of an old message 3 can be sent again by anybody. So it holds its newest secret and beside it
 * *pending* ones, any of which the other side may hold:
 *
 *     both        es_store_add          no secret was found: a new device; the responder's is not confirmed yet
 *     initiator   es_store_replace      message 4 verified: the new secret instead of all that was held for message 3
 *     responder   es_store_add_pending  before message 4 is sent: the new secret beside all others
 *                 es_store_prove        first authentic stanza under its keys: that secret instead of all before it
 *
 * So a proof makes void what its own session knew when it looked for a secret, and nothing that came later: of that the other
 * side may hold nothing else by then, however the proof was delayed. With this rule at both ends no order in which messages
 * of any number of sessions arrive, or are lost, leaves them without a secret in common. What is not proven makes nothing void at all:
 * who has no room left refuses, and has it again with the first session that he begins himself.
 * Files of earlier formats hold an *older* secret as well, which was the one proven last; the same is true of it.
 *
 * Every change is one transaction, on the disk when the function returns. The file is created with mode 0600;
 * content that is deleted is overwritten (es-store-sqlite.h says what that does not cover). A file that is
 * damaged, locked, read-only, on a full disk or written by a newer version gives an error and is left as it
 * is. One that may only be read opens, unless it is of an earlier format, and its changes fail. A lock of another program is
 * waited for a quarter of a second, at most twice in one change.
 *
 * The secrets are there as they are, protected by the mode of the file alone, or sealed under a key of the file's, which
 * is wrapped under a key from outside: a passphrase's, or one that a keyring keeps. The latter store is *locked* until it
 * is given that key: it opens, and all but what is said here of protection gives ES_ERROR_STORE_SEALED or
 * ES_ERROR_STORE_KEYRING. A sealed device whose row was changed by anybody else is damage. (A device that is gone, policies,
 * counts and a whole file of earlier are not noticed.)
 *
 * The whole file serves one account or many: ACCOUNT is our own address, CONTACT the other's, both bare (with another
 * nothing is stored, and nothing found).
 * Devices and policies that earlier versions stored under other spellings of an address move to it when the file is opened (if
 * locked: unlocked). What is stored under no address at all is kept, sealed with the rest, and expires like the rest, but is
 * in no list. Times are seconds since 1970, given by the caller: this floor has no clock. Secrets have 16 to 64 octets. */
#pragma once
#include "es-address.h"
#include "es-secret.h"

typedef struct _EsStore EsStore;

typedef struct
{
  gint64 id; /* > 0 */
  EsAddress *account;
  EsAddress *contact;
  char *name;         /* what the user calls that device, or NULL */
  gboolean verified;  /* the chain was verified once */
  gboolean confirmed; /* the other side was seen to hold the newest secret */
  gint64 created;     /* when the chain began */
  gint64 verified_at; /* when it was marked last; 0 if not verified */
  gint64 last_used;
  gint64 moved;     /* when it was moved to another computer; 0: it is here */
  guint32 strength; /* es-strength.h: of the best that it was seen to support; 0 if not known */
  EsSecret *newest;
  EsSecret *older;    /* NULL but in what an earlier version has left */
  GPtrArray *pending; /* of EsSecret, as they came; at most ES_LIMIT_PENDING_SECRETS, never NULL */
} EsDevice;

typedef enum
{
  ES_PROTECTION_NONE,
  ES_PROTECTION_PASSPHRASE,
  ES_PROTECTION_KEYRING
} EsProtectionKind;

#define ES_PROTECTION_ITEM_OCTETS 33

/* Which SQLite it is that runs. */
const char *es_store_engine_version (void);

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

/* The same without waiting for another program that has it, as it was found before. */
EsStore *es_store_try_open (const char *path, GError **error);

/* Whether the last error was that another program has the file: as soon as that is over it is as good as before. And whether there
 * is another file now, or none, where it was. */
gboolean es_store_is_busy (const EsStore *store);
gboolean es_store_has_moved (EsStore *store);

/* Whether another program has changed it since this was asked last. */
gboolean es_store_has_changed (EsStore *store);

/* Whether that could be seen when it was asked last; and how often STORE itself has changed anything but the outbox. */
gboolean es_store_was_seen (const EsStore *store);
guint es_store_revision (const EsStore *store);

/* Of whom there is anything but what is in the outbox: a set of what es_store_contact_key makes of the addresses; the caller's. NULL on
 * error. */
GHashTable *es_store_contacts (EsStore *store, GError **error);
char *es_store_contact_key (const EsAddress *account, const EsAddress *contact);

/* A file holds, for each program that has changed it, how often that has: so an older copy of it that was put in its place, or was
 * written over it, is told from what has become of it. What a store has written of itself last (program 0: nothing yet, as where
 * that cannot be written); whether the file DESCENDS from what had that, which FALSE says cannot be told now; that STORE is to go
 * on with that; and that it is to begin now, without any other change. Every change of an older copy is an error. */
typedef struct
{
  gint64 program;
  gint64 changes;
  gint64 place; /* that the last one has among those of all programs; 0: not known */
} EsLineage;

EsLineage es_store_lineage (const EsStore *store);
gboolean es_store_descends (EsStore *store, EsLineage lineage, gboolean *descends, GError **error);
void es_store_take_up (EsStore *store, EsLineage lineage);
gboolean es_store_begin_lineage (EsStore *store, GError **error);
void es_store_close (EsStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsStore, es_store_close)

/* Until the store is changed or closed. */
const EsProtection *es_store_protection (const EsStore *store);
gboolean es_store_is_locked (const EsStore *store);

/* Whether another program has changed the protection since STORE was opened: it has to be opened anew. */
gboolean es_store_is_outdated (EsStore *store);

/* KEY is what es_protection_stretch made, or what the keyring keeps (32 octets). The error of a locked store: another one
 * is needed. */
gboolean es_store_unlock (EsStore *store, const EsSecret *key, GError **error);

/* Seals everything anew, under a new key of the file's, for KEY (NULL for ES_PROTECTION_NONE); all of it or, in whatever
 * way it fails, nothing. What was there is overwritten, in the journal too. */
gboolean es_store_protect (EsStore *store, const EsProtection *protection, const EsSecret *key, GError **error);

/* All devices of ACCOUNT with CONTACT, last used first, at most ES_LIMIT_DEVICES; and those of all accounts with anybody. The
 * array frees its EsDevice elements. NULL on error. */
GPtrArray *es_store_devices (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);
GPtrArray *es_store_all_devices (EsStore *store, GError **error);

/* A new device that holds SECRET; CONFIRMED if the other side is known to hold it, too. Where the contact has ES_LIMIT_DEVICES
 * already, the unverified device that was used longest ago makes room, a verified one only when there is no other. Returns
 * the device's id, which is never used again for another device; 0 on error. */
gint64 es_store_add (EsStore *store,
                     const EsAddress *account,
                     const EsAddress *contact,
                     const EsSecret *secret,
                     gboolean confirmed,
                     gint64 now,
                     GError **error);

/* The responder's step, when a session runs on FOUND: DEVICE holds SECRET as well. This is no use of it. ES_ERROR_BUSY where
 * it would be more than ES_LIMIT_PENDING_SECRETS. Here and in es_store_replace it is an error when
 * DEVICE is not there, is another account's or contact's, or does not hold FOUND any more. */
gboolean es_store_add_pending (EsStore *store,
                               const EsAddress *account,
                               const EsAddress *contact,
                               gint64 device,
                               const EsSecret *found,
                               const EsSecret *secret,
                               GError **error);

/* The other side was seen to hold SECRET, in a session that found its secret among HELD (of EsSecret; NULL: it found none):
 * SECRET is the newest one of DEVICE, and what was HELD is erased. A newest one that is not among them came later, and is pending
 * from now on. Where DEVICE does not hold SECRET any more nothing changes: a session that looked later has been proven. An error
 * when DEVICE is not there. */
gboolean es_store_prove (EsStore *store,
                         gint64 device,
                         const GPtrArray *held,
                         const EsSecret *secret,
                         gint64 now,
                         GError **error);

/* The initiator's step, which has its proof: the same, but that DEVICE does not hold SECRET yet. HELD includes FOUND. */
gboolean es_store_replace (EsStore *store,
                           const EsAddress *account,
                           const EsAddress *contact,
                           gint64 device,
                           const EsSecret *found,
                           const GPtrArray *held,
                           const EsSecret *secret,
                           gint64 now,
                           GError **error);

/* Marks the chain of DEVICE as verified, or not. An error when DEVICE is not there. */
gboolean es_store_set_verified (EsStore *store, gint64 device, gboolean verified, gint64 now, GError **error);

/* Marks it as what a session with CONTACT runs on: an error also when it is another account's or contact's. */
gboolean es_store_verify (EsStore *store,
                          const EsAddress *account,
                          const EsAddress *contact,
                          gint64 device,
                          gint64 now,
                          GError **error);

/* It was used: an error also when it is another account's or contact's. */
gboolean es_store_set_used (EsStore *store,
                            const EsAddress *account,
                            const EsAddress *contact,
                            gint64 device,
                            gint64 now,
                            GError **error);

/* Stores the strength of DEVICE. An error when DEVICE is not there, or is another account's or contact's. */
gboolean es_store_set_strength (EsStore *store,
                                const EsAddress *account,
                                const EsAddress *contact,
                                gint64 device,
                                guint32 strength,
                                GError **error);

/* Names DEVICE, in at most 1024 octets; NULL or "" removes the name. An error when DEVICE is not there. */
gboolean es_store_set_name (EsStore *store, gint64 device, const char *name, GError **error);

/* Erases DEVICE and its secrets, or that it was moved away (es-store-move.h). One that is not there is no error. */
gboolean es_store_forget (EsStore *store, gint64 device, GError **error);

/* The same, if it is CONTACT's. */
gboolean
es_store_forget_of (EsStore *store, const EsAddress *account, const EsAddress *contact, gint64 device, GError **error);

/* Erases all devices of ACCOUNT with CONTACT. */
gboolean es_store_forget_contact (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);

/* The same of what somebody else may have by now, or may read: a contact whose last verified device that was has lapsed, as below, and the user
 * knows. */
gboolean es_store_lose (EsStore *store, gint64 device, GError **error);
gboolean es_store_lose_contact (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);

/* Erases the devices of all accounts, either the VERIFIED ones or the others, that were last used before BEFORE, but those whose numbers
 * (gint64) are in KEPT (or NULL), and adds how many to N (or NULL). A contact
 * whose last verified one that was has lapsed, whatever its policy: time makes nobody one who is met for the first time. */
gboolean
es_store_expire (EsStore *store, gboolean verified, gint64 before, const GArray *kept, guint *n, GError **error);

/* When any device was used last, as far as the file says: a moment that has been, unless a clock went wrong. 0 if there is none, or if
 * that cannot be read; a locked file says it, too. */
gint64 es_store_last_used (EsStore *store);

/* Whether the verified devices of CONTACT have expired or were lost, since when the user has verified none, whatever policy he has chosen; and, once
 * ES_LAPSE_NEW, that the user has been told. It stands beside the policy, where earlier versions find one that is stricter than all that
 * they know. */
typedef enum
{
  ES_LAPSE_NONE,
  ES_LAPSE_NEW,
  ES_LAPSE_TOLD
} EsLapse;

gboolean
es_store_lapse (EsStore *store, const EsAddress *account, const EsAddress *contact, EsLapse *lapse, GError **error);
gboolean es_store_lapse_told (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);

/* The policy stored for CONTACT (a number of the caller's, >= 0), or -1 when there is none; -2 on error. Where spellings of one
 * address have several, ES_STORE_POLICY_STRICTEST holds if it is among them, else what was stored under the address itself,
 * else the greatest. */
#define ES_STORE_POLICY_STRICTEST 3
int es_store_policy (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);

/* Stores it; -1 removes it. */
gboolean
es_store_set_policy (EsStore *store, const EsAddress *account, const EsAddress *contact, int policy, GError **error);

/* Whether verification codes differed with CONTACT, until that is taken back. It forgets neither with the devices nor by
 * itself. */
gboolean es_store_differed (EsStore *store,
                            const EsAddress *account,
                            const EsAddress *contact,
                            gboolean *differed,
                            GError **error);
gboolean es_store_set_differed (EsStore *store,
                                const EsAddress *account,
                                const EsAddress *contact,
                                gboolean differed,
                                GError **error);

/* How often a password did not show that CONTACT knows it, too, and when last (0 and 0: never, or not since it was cleared).
 * That forgets neither with the devices nor by itself. */
gboolean es_store_password_failures (EsStore *store,
                                     const EsAddress *account,
                                     const EsAddress *contact,
                                     guint *count,
                                     gint64 *last,
                                     GError **error);
gboolean es_store_add_password_failure (EsStore *store,
                                        const EsAddress *account,
                                        const EsAddress *contact,
                                        gint64 now,
                                        GError **error);
gboolean
es_store_clear_password_failures (EsStore *store, const EsAddress *account, const EsAddress *contact, GError **error);
