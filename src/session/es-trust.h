/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is remembered of whom: the store as sessions use it. The file is opened when it is first needed and tried again as
 * long as it cannot be; until then, and while it is locked, every call gives its error and nothing is started. */
#pragma once
#include "es-address.h"
#include "es-links.h"
#include "es-negotiation.h"
#include "es-store-move.h"
#include "es-store-outbox.h"
#include "es-store.h"

typedef struct _EsTrust EsTrust;

EsTrust *es_trust_new (const char *path);
void es_trust_free (EsTrust *trust);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsTrust, es_trust_free)

/* What this program has said in negotiations, on all accounts; belongs to TRUST. */
EsEchoes *es_trust_echoes (EsTrust *trust);

/* And what it has been asked with: nobody asks with one nonce twice. */
EsEchoes *es_trust_heard (EsTrust *trust);

/* And what links have come. */
EsLinks *es_trust_links (EsTrust *trust);

/* How what is remembered is protected; FALSE if the file cannot be opened at all. */
gboolean es_trust_protection (EsTrust *trust, EsProtection *protection, gboolean *locked, GError **error);

/* Unlocks it with the key that the keyring keeps, or with what the user typed (es-passphrase.h). ES_ERROR_STORE_KEYRING or
 * ES_ERROR_STORE_SEALED: with another one. The key stays in memory, for the file may have to be opened anew. */
gboolean es_trust_unlock (EsTrust *trust, const EsSecret *key, GError **error);
gboolean es_trust_unlock_with (EsTrust *trust, const EsSecret *passphrase, GError **error);

/* Changes the protection: SECRET is the key that a keyring keeps, a passphrase, or NULL for ES_PROTECTION_NONE. */
gboolean es_trust_protect (EsTrust *trust, const EsProtection *protection, const EsSecret *secret, GError **error);

/* Puts the file aside, under a name that is free, so that there is none; and whether such a file is still there. */
gboolean es_trust_start_over (EsTrust *trust, GError **error);
gboolean es_trust_has_started_over (const EsTrust *trust);

/* OPENED (DATA) is called, once, as soon as the file is first needed and can be opened, locked or not. A keyring is then
 * taken to have been asked: until es_trust_unlock or es_trust_set_asking (FALSE) the error is ES_ERROR_STORE_OPENING,
 * which nobody needs be told of. */
void es_trust_watch_opening (EsTrust *trust, void (*opened) (gpointer data), gpointer data);
void es_trust_set_asking (EsTrust *trust, gboolean asking);

/* Whether ERROR says that somebody has to unlock the file. */
gboolean es_trust_is_locked_error (const GError *error);

/* What we know of a contact. */
typedef struct
{
  gboolean remembered; /* a device at all */
  gboolean verified;   /* a verified one: */
  guint n_verified;    /* so many */
  int policy;          /* -1: none of its own */
  gboolean differed;   /* codes did, and the user has not begun anew */
  EsLapse lapse;       /* all that were verified were forgotten, for nobody has used them, or they were lost, */
  gboolean moved;      /* or were moved to another computer */
} EsTrustSummary;

gboolean es_trust_summary (EsTrust *trust,
                           const EsAddress *account,
                           const EsAddress *contact,
                           EsTrustSummary *summary,
                           GError **error);

gboolean es_trust_peek (EsTrust *trust, const EsAddress *account, const EsAddress *contact, EsTrustSummary *summary);

/* The time as the clock tells that somebody may set, and as the one that nobody can; whoever does anything says so before. What cannot
 * be undone happens only while the first is sure: it has gone with the second for ES_TRUST_SURE_SECONDS, or is not more than
 * ES_TRUST_NEAR_SECONDS after what was known before it went otherwise, such as what the file says of the last life of the program. */
#define ES_TRUST_SURE_SECONDS (3 * 60 * 60)
#define ES_TRUST_NEAR_SECONDS (24 * 60 * 60)
void es_trust_note_time (EsTrust *trust, gint64 now, gint64 elapsed);

/* A session runs on DEVICE, which is not forgotten by itself while that is so. As often as it was held it has to be released. */
void es_trust_hold (EsTrust *trust, gint64 device);
void es_trust_release (EsTrust *trust, gint64 device);

/* The retained secrets of CONTACT, one of each device before the second of any: an array of EsRetained for
 * es_negotiation_set_secrets. Devices not used for long are forgotten first, if NOW is sure. */
gboolean es_trust_secrets (EsTrust *trust,
                           const EsAddress *account,
                           const EsAddress *contact,
                           gint64 now,
                           GPtrArray **secrets,
                           GError **error);

/* Whom a session turned out to be with. */
typedef struct
{
  gint64 device;      /* its number from now on */
  gboolean verified;  /* the chain was verified before, with this contact */
  guint32 strength;   /* the best of what it was seen to support */
  gint64 verified_at; /* when it was verified, 0 if it was not */
  gboolean narrowed;  /* it supports less than it was seen to support before */
} EsRecognition;

/* Remembers the new secret of AGREEMENT, as its role asks for. */
gboolean es_trust_remember (EsTrust *trust,
                            const EsAddress *account,
                            const EsAddress *contact,
                            const EsAgreement *agreement,
                            gint64 now,
                            EsRecognition *recognition,
                            GError **error);

/* The other side was seen to hold SECRET, which a session had remembered that found its own among HELD (es_store_prove);
 * STRENGTH is what it was recognised with. */
gboolean es_trust_prove (EsTrust *trust,
                         const EsAddress *account,
                         const EsAddress *contact,
                         gint64 device,
                         const GPtrArray *held,
                         const EsSecret *secret,
                         guint32 strength,
                         gint64 now,
                         GError **error);

/* Numbers of devices and messages are those of one file. Whether NUMBER is of the one that there is; and how many there have been before
 * it in this life: with each, all that was known is to be read anew, and what is to be kept is to be written again. */
gboolean es_trust_is_current (const EsTrust *trust, gint64 number);
gint64 es_trust_files (const EsTrust *trust);

/* What NUMBER is in its file, and so in each life of the program; 0 of one that is no more. */
gint64 es_trust_stored_number (const EsTrust *trust, gint64 number);

/* Looks whether there is another one, and opens it if it can; and whether another program has changed the one that there is. Both count
 * for es_trust_versions. */
void es_trust_refresh (EsTrust *trust);

/* Whether it has seen that the file is gone, or holds nothing any more. */
gboolean es_trust_has_lost_file (const EsTrust *trust);
gint64 es_trust_versions (const EsTrust *trust);

/* es-store-outbox.h. */
gboolean es_trust_outbox_add (EsTrust *trust, EsStored *const *entries, gsize n, GError **error);
gboolean es_trust_outbox_update (EsTrust *trust, EsStored *const *entries, gsize n, GError **error);
gboolean es_trust_outbox_remove (EsTrust *trust, EsStored *const *entries, gsize n, GError **error);
GPtrArray *es_trust_outbox_load (EsTrust *trust, const EsAddress *account, GPtrArray *dropped, GError **error);
GArray *es_trust_outbox_numbers (EsTrust *trust, const EsAddress *account, GError **error);

/* Without those that were deleted; none where there is no file. */
GHashTable *es_trust_outbox_accounts (EsTrust *trust, GError **error);

/* ACCOUNT was deleted: what is kept of it is to be erased, before anything of an account of the same name is read. Does that if it is
 * still to be done; FALSE while the file cannot be changed. */
void es_trust_account_gone (EsTrust *trust, const EsAddress *account);
gboolean es_trust_outbox_erase (EsTrust *trust, const EsAddress *account, GError **error);

/* Passwords that did not show that CONTACT knows them, too: how many, and when the last was (es-store.h); one more; and none any
 * more. */
gboolean es_trust_password_failures (EsTrust *trust,
                                     const EsAddress *account,
                                     const EsAddress *contact,
                                     guint *count,
                                     gint64 *last,
                                     GError **error);
gboolean es_trust_add_password_failure (EsTrust *trust,
                                        const EsAddress *account,
                                        const EsAddress *contact,
                                        gint64 now,
                                        GError **error);
gboolean
es_trust_clear_password_failures (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error);

/* When that was; 0 if it was not, or cannot be read. */
gint64 es_trust_verified_at (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device);

/* Whether DEVICE of CONTACT is verified, or is remembered no more. FALSE if that cannot be read, or the number is of another file. */
gboolean
es_trust_mark (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device, gboolean *verified);

/* What a session says of the device that it runs on: an error, or nothing, where that is not CONTACT's. */
gboolean es_trust_verify (EsTrust *trust,
                          const EsAddress *account,
                          const EsAddress *contact,
                          gint64 device,
                          gint64 now,
                          GError **error);
void es_trust_note_use (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device, gint64 now);
gboolean
es_trust_forget_of (EsTrust *trust, const EsAddress *account, const EsAddress *contact, gint64 device, GError **error);

/* The user's list: all devices of all accounts, without their secrets, and after them those that were moved away. The array frees its EsDevice elements. */
GPtrArray *es_trust_devices (EsTrust *trust, GError **error);

/* NAME NULL or "": none. */
gboolean es_trust_rename (EsTrust *trust, gint64 device, const char *name, GError **error);

/* Of sessions that run on them es-manager.h has to be told. */
gboolean es_trust_forget (EsTrust *trust, gint64 device, GError **error);
gboolean es_trust_unmark (EsTrust *trust, gint64 device, gint64 now, GError **error);
gboolean es_trust_forget_contact (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error);
gboolean es_trust_lose (EsTrust *trust, gint64 device, GError **error);
gboolean es_trust_lose_contact (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error);

/* After how many days without use devices are forgotten; 0: never. Unverified ones after ES_TRUST_DAYS, verified ones never,
 * unless this says otherwise. */
#define ES_TRUST_DAYS 90
void es_trust_set_expiry (EsTrust *trust, guint unverified_days, guint verified_days);

/* CHANGED (DATA) is called whenever what is remembered of devices has changed. */
void es_trust_watch (EsTrust *trust, void (*changed) (gpointer data), gpointer data);

/* Verification codes differed, or that is taken back. */
gboolean es_trust_set_differed (EsTrust *trust,
                                const EsAddress *account,
                                const EsAddress *contact,
                                gboolean differed,
                                GError **error);

/* The user has been told that CONTACT's verified devices were forgotten. */
gboolean es_trust_lapse_told (EsTrust *trust, const EsAddress *account, const EsAddress *contact, GError **error);

/* Moves all that is remembered to another computer, in a new file at PATH that PASSPHRASE opens (es-store-move.h), and says its name in
 * WRITTEN, the caller's. ES_MOVE_NONE with ERROR: nothing has changed. It may be an earlier one that is finished by now. Managers have to be
 * told afterwards: es_manager_store_changed. */
EsMove es_trust_move_out (EsTrust *trust,
                          const char *path,
                          const EsSecret *passphrase,
                          gint64 now,
                          char **written,
                          GError **error);

/* Takes over what the file at PATH holds, N devices of it, and deletes the file; ERASED: whether it is gone. The same holds for
 * managers. */
gboolean es_trust_move_in (EsTrust *trust,
                           const char *path,
                           const EsSecret *passphrase,
                           gint64 now,
                           guint *n,
                           gboolean *erased,
                           GError **error);

/* Takes back or finishes what an earlier life of the program has begun; PATH is the file that is meant, or NULL, the caller's. And gives
 * up what cannot be finished. */
EsMove es_trust_move_resume (EsTrust *trust, char **path);
gboolean es_trust_move_give_up (EsTrust *trust, GError **error);

/* Whether DEVICE is another computer's by now. */
gboolean es_trust_is_moved (EsTrust *trust, gint64 device);

/* A policy of the contact's own, or -1 for none. */
gboolean
es_trust_set_policy (EsTrust *trust, const EsAddress *account, const EsAddress *contact, int policy, GError **error);
