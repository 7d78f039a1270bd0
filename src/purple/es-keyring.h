/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyring of the user's desktop (the Secret Service, by libsecret), as a place for keys of 32 octets. Nothing here
 * waits: a keyring may ask its owner for a password first. */
#pragma once
#include "es-secret.h"

typedef struct _EsKeyring EsKeyring;

/* FOLDER tells our keys from those of another folder of the same user. */
EsKeyring *es_keyring_new (const char *folder);

/* What has not been answered never will be. */
void es_keyring_free (EsKeyring *keyring);

/* Whether a keyring runs and is open, so that nobody would be asked anything. */
void es_keyring_probe (EsKeyring *keyring, void (*done) (gpointer data, gboolean ready), gpointer data);

/* Keeps KEY under the name ITEM; TRUE once it has been read back. */
void es_keyring_store (EsKeyring *keyring,
                       const char *item,
                       const EsSecret *key,
                       void (*done) (gpointer data, gboolean stored),
                       gpointer data);

/* The key of that name, the callee's; NULL if there is none, or no keyring, or the user did not open it. */
void es_keyring_find (EsKeyring *keyring, const char *item, void (*done) (gpointer data, EsSecret *key), gpointer data);

/* Forgets the key of that name; or all of our folder but that one that have been there for a while, which are of changes
 * that were not finished. */
void es_keyring_remove (EsKeyring *keyring, const char *item);
void es_keyring_remove_others (EsKeyring *keyring, const char *item);
