/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked and said about the protection of remembered devices. */
#pragma once
#include <purple.h>

#include "es-store.h"

/* What comes of the answers. Passphrases are the callee's to read only, and gone afterwards. */
typedef struct
{
  void (*unlock) (gpointer data, const char *passphrase);
  void (*try_again) (gpointer data);
  void (*start_over) (gpointer data);
  void (*protect) (gpointer data, EsProtectionKind kind, const char *passphrase);
  gpointer data;

  /* A request with that title is shown; in such a one, typing chooses. */
  void (*asked) (gpointer data, const char *title);
  void (*choose_by_typing) (PurpleRequestField *typed, PurpleRequestField *choice, int value);
} EsProtectionUi;

/* What a way of protecting them means, in a sentence or two. */
const char *es_protection_way (EsProtectionKind kind);

/* Two fields of a request for a passphrase, which is typed twice; FIRST and SECOND get them. */
void
es_protection_add_passphrases (PurpleRequestFieldGroup *group, PurpleRequestField **first, PurpleRequestField **second);

/* What was typed there: *PASSPHRASE is the fields', or NULL; returns the sentence that says what is wrong with it, or NULL. */
const char *es_protection_read_passphrases (PurpleRequestFields *fields, const char **passphrase);

/* Wipes both, once that has been read; and where a window is closed and not by its button: then Finch has no fields to give us any more. */
void es_protection_wipe_passphrases (PurpleRequestFields *fields);
void es_protection_wipe_closed (gpointer fields);

/* UI must outlive what it is asked with: es_protection_close takes back all that is open. */
void es_protection_close (const EsProtectionUi *ui);

/* Asks for the passphrase. */
void es_protection_ask_passphrase (const EsProtectionUi *ui);

/* It was a wrong one, or the keyring has not given the key: says so, and offers to try again or to start over. */
void es_protection_tell_locked (const EsProtectionUi *ui, EsProtectionKind kind);

/* Asks for another protection than KIND; REMARK says what was wrong with the last answer, NULL if there was none. */
void es_protection_ask_change (const EsProtectionUi *ui, EsProtectionKind kind, const char *remark);

/* Says SENTENCE in a window of its own. */
void es_protection_tell (const EsProtectionUi *ui, const char *sentence, gboolean failed);

/* What is wrong with a passphrase that was typed twice; NULL if nothing is. */
const char *es_protection_find_fault (const char *first, const char *second);

/* How remembered devices are protected, in one sentence. */
const char *es_protection_sentence (const EsProtection *protection, gboolean locked, gboolean refused);
