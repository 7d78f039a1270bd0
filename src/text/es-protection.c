/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-protection.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-passphrase.h"

#define FIELD_KIND "kind"
#define FIELD_FIRST "passphrase"
#define FIELD_SECOND "again"

static const char *
title (void)
{
  return _ ("Protection of remembered devices");
}

void
es_protection_close (const EsProtectionUi *ui)
{
  purple_request_close_with_handle ((void *) ui);
  purple_notify_close_with_handle ((void *) ui);
}

void
es_protection_tell (const EsProtectionUi *ui, const char *sentence, gboolean failed)
{
  if (failed)
    purple_notify_error ((void *) ui, title (), sentence, NULL);
  else
    purple_notify_info ((void *) ui, title (), sentence, NULL);
}

const char *
es_protection_sentence (const EsProtection *protection, gboolean locked, gboolean refused)
{
  switch (protection->kind)
    {
    case ES_PROTECTION_PASSPHRASE:
      return locked ? _ ("Remembered devices are locked until you type your passphrase.")
                    : _ ("Remembered devices are protected by your passphrase.");
    case ES_PROTECTION_KEYRING:
      return locked
                 ? _ ("Remembered devices are locked because their key is in a keyring that is not open or not there.")
                 : _ ("Remembered devices are protected by the keyring of this computer.");
    case ES_PROTECTION_NONE:
    default:
      return refused ? _ ("Remembered devices are protected only by the permissions of their file, because the keyring "
                          "of this computer did not take the key.")
                     : _ ("Remembered devices are protected only by the permissions of their file.");
    }
}

/* Unlocking */

static void
on_passphrase (gpointer data, const char *passphrase)
{
  const EsProtectionUi *ui = data;

  ui->unlock (ui->data, passphrase != NULL ? passphrase : "");
}

static void
on_cancel (gpointer data, const char *passphrase)
{
}

void
es_protection_ask_passphrase (const EsProtectionUi *ui)
{
  purple_request_input ((void *) ui, title (), _ ("Your remembered devices are locked."),
                        _ ("Type your passphrase to unlock them. Until then nothing can be encrypted, and what you "
                           "write waits."),
                        NULL, FALSE, TRUE, NULL, _ ("_Unlock"), PURPLE_CALLBACK (on_passphrase), _ ("_Cancel"),
                        PURPLE_CALLBACK (on_cancel), NULL, NULL, NULL, (gpointer) ui);
}

static void
on_no (gpointer data, int action)
{
}

static void
on_really (gpointer data, int action)
{
  const EsProtectionUi *ui = data;

  ui->start_over (ui->data);
}

static void
on_start_over (gpointer data, int action)
{
  purple_request_action (
      data, title (), _ ("Do you want to start over without your remembered devices?"),
      _ ("You lose which devices you have verified, so that every contact has to be verified again, and what you chose "
         "for single contacts, so that somebody whom you wanted to write to encrypted only may be written to "
         "unencrypted. "
         "The locked file is kept beside the new one, but can be used only with its key."),
      0, NULL, NULL, NULL, data, 2, _ ("_Keep them"), PURPLE_CALLBACK (on_no), _ ("_Start over"),
      PURPLE_CALLBACK (on_really));
}

static void
on_again (gpointer data, int action)
{
  const EsProtectionUi *ui = data;

  ui->try_again (ui->data);
}

void
es_protection_tell_locked (const EsProtectionUi *ui, EsProtectionKind kind)
{
  gboolean keyring = kind == ES_PROTECTION_KEYRING;

  purple_request_action (
      (void *) ui, title (),
      keyring ? _ ("The keyring has not given the key of your remembered devices.")
              : _ ("This is not your passphrase."),
      keyring
          ? _ ("It may not be running, as on another desktop, or not be open. Your remembered devices stay locked, and "
               "nothing of them is lost. Until they are unlocked nothing can be encrypted, and what you write "
               "waits.")
          : _ ("Your remembered devices stay locked, and nothing of them is lost. Until they are unlocked nothing can "
               "be encrypted, and what you write waits."),
      0, NULL, NULL, NULL, (gpointer) ui, 3, _ ("_Try again"), PURPLE_CALLBACK (on_again), _ ("_Start over..."),
      PURPLE_CALLBACK (on_start_over), _ ("_Close"), PURPLE_CALLBACK (on_no));
}

/* Changing */

static void
wipe (PurpleRequestFields *fields, const char *id)
{
  const char *value = purple_request_fields_get_string (fields, id);

  /* It is the field's own copy. */
  if (value != NULL)
    es_octets_wipe ((char *) value, strlen (value));
}

/* What is wrong with the passphrase that was typed twice; NULL if nothing is. */
static const char *
find_fault (const char *first, const char *second)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new (first), again = es_passphrase_new (second);

  if (passphrase == NULL || again == NULL || !es_secret_equal (passphrase, again))
    return _ ("You have typed two different passphrases.");
  return es_passphrase_is_long_enough (passphrase) ? NULL : _ ("The passphrase needs at least 8 characters.");
}

static void
on_chosen (gpointer data, PurpleRequestFields *fields)
{
  const EsProtectionUi *ui = data;
  EsProtectionKind kind = (EsProtectionKind) purple_request_fields_get_choice (fields, FIELD_KIND);
  const char *first = purple_request_fields_get_string (fields, FIELD_FIRST);
  const char *second = purple_request_fields_get_string (fields, FIELD_SECOND);
  const char *fault = NULL;

  if (kind == ES_PROTECTION_PASSPHRASE)
    fault = find_fault (first != NULL ? first : "", second != NULL ? second : "");
  if (fault != NULL)
    es_protection_ask_change (ui, kind, fault);
  else
    ui->protect (ui->data, kind, kind == ES_PROTECTION_PASSPHRASE ? first : NULL);
  wipe (fields, FIELD_FIRST);
  wipe (fields, FIELD_SECOND);
}

static void
on_not_chosen (gpointer data, PurpleRequestFields *fields)
{
  wipe (fields, FIELD_FIRST);
  wipe (fields, FIELD_SECOND);
}

static void
add_masked (PurpleRequestFieldGroup *group, const char *id, const char *label)
{
  PurpleRequestField *field = purple_request_field_string_new (id, label, NULL, FALSE);

  purple_request_field_string_set_masked (field, TRUE);
  purple_request_field_group_add_field (group, field);
}

void
es_protection_ask_change (const EsProtectionUi *ui, EsProtectionKind kind, const char *remark)
{
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);
  PurpleRequestField *choice = purple_request_field_choice_new (FIELD_KIND, _ ("Protected by"), (int) kind);

  /* In the order of EsProtectionKind. */
  purple_request_field_choice_add (choice, _ ("The permissions of their file only"));
  purple_request_field_choice_add (choice, _ ("A passphrase"));
  purple_request_field_choice_add (choice, _ ("The keyring of this computer"));
  purple_request_field_group_add_field (group, choice);
  add_masked (group, FIELD_FIRST, _ ("_Passphrase"));
  add_masked (group, FIELD_SECOND, _ ("The passphrase _again"));
  purple_request_fields_add_group (fields, group);

  purple_request_fields (
      (void *) ui, title (), remark != NULL ? remark : _ ("How are your remembered devices to be protected?"),
      _ ("Whoever can read them can pretend to be you towards the contacts who have verified you.\n\n"
         "By the permissions of their file: other users of this computer cannot read them, but whoever has your disk "
         "or a "
         "copy of your files can.\n\n"
         "By a passphrase: you type it whenever the program starts. If you forget it, every contact has to be verified "
         "again.\n\n"
         "By the keyring of this computer: it is opened when you log in, and nothing more is asked."),
      fields, _ ("_OK"), PURPLE_CALLBACK (on_chosen), _ ("_Cancel"), PURPLE_CALLBACK (on_not_chosen), NULL, NULL, NULL,
      (gpointer) ui);
}
