/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-protection.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-fit.h"
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

/* A request with two or three buttons, as the program shows it. */
static void
ask (const EsProtectionUi *ui,
     const char *question,
     const char *explanation,
     const char *first,
     PurpleRequestActionCb on_first,
     const char *second,
     PurpleRequestActionCb on_second,
     const char *third,
     PurpleRequestActionCb on_third)
{
  g_autofree char *primary = es_fit_text (question), *secondary = es_fit_text (explanation),
                  *one = es_fit_label (first), *two = es_fit_label (second),
                  *three = es_fit_label (third != NULL ? third : "");

  purple_request_action ((void *) ui, title (), primary, secondary, 0, NULL, NULL, NULL, (gpointer) ui,
                         third != NULL ? 3 : 2, one, on_first, two, on_second, three, on_third);
  ui->asked (ui->data, title ());
}

void
es_protection_tell (const EsProtectionUi *ui, const char *sentence, gboolean failed)
{
  g_autofree char *fitted = es_fit_text (sentence);

  if (failed)
    purple_notify_error ((void *) ui, title (), fitted, NULL);
  else
    purple_notify_info ((void *) ui, title (), fitted, NULL);
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
  g_autofree char *text = es_fit_text (_ ("Type your passphrase to unlock them. Until then nothing can be encrypted, "
                                          "and what you write waits."));
  g_autofree char *unlock = es_fit_label (_ ("_Unlock")), *cancel = es_fit_label (_ ("_Cancel"));

  purple_request_input ((void *) ui, title (), _ ("Your remembered devices are locked."), text, NULL, FALSE, TRUE, NULL,
                        unlock, PURPLE_CALLBACK (on_passphrase), cancel, PURPLE_CALLBACK (on_cancel), NULL, NULL, NULL,
                        (gpointer) ui);
  ui->asked (ui->data, title ());
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
  ask (
      data, _ ("Do you want to start over without your remembered devices?"),
      _ ("You lose which devices you have verified, so that every contact has to be verified again, and what you chose "
         "for single contacts, so that somebody whom you wanted to write to encrypted only may be written to "
         "unencrypted. What you wrote and what has not arrived is not sent. "
         "The locked file is kept beside the new one, but can be used only with its key."),
      _ ("_Keep them"), on_no, _ ("_Start over"), on_really, NULL, NULL);
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

  ask (
      ui,
      keyring ? _ ("The keyring has not given the key of your remembered devices.")
              : _ ("This is not your passphrase."),
      keyring
          ? _ ("It may not be running, as on another desktop, or not be open. Your remembered devices stay locked, and "
               "nothing of them is lost. Until they are unlocked nothing can be encrypted, and what you write "
               "waits.")
          : _ ("Your remembered devices stay locked, and nothing of them is lost. Until they are unlocked nothing can "
               "be encrypted, and what you write waits."),
      _ ("_Try again"), on_again, _ ("_Start over..."), on_start_over, _ ("_Close"), on_no);
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

static PurpleRequestField *
add_masked (PurpleRequestFieldGroup *group, const char *id, const char *label)
{
  g_autofree char *fitted = es_fit_label (label);
  PurpleRequestField *field = purple_request_field_string_new (id, fitted, NULL, FALSE);

  purple_request_field_string_set_masked (field, TRUE);
  purple_request_field_group_add_field (group, field);
  return field;
}

void
es_protection_add_passphrases (PurpleRequestFieldGroup *group, PurpleRequestField **first, PurpleRequestField **second)
{
  *first = add_masked (group, FIELD_FIRST, _ ("_Passphrase, at least 8 characters"));
  *second = add_masked (group, FIELD_SECOND, _ ("The passphrase _again"));
}

void
es_protection_wipe_passphrases (PurpleRequestFields *fields)
{
  wipe (fields, FIELD_FIRST);
  wipe (fields, FIELD_SECOND);
}

void
es_protection_wipe_closed (gpointer fields)
{
  if (es_fit_in_pidgin ())
    es_protection_wipe_passphrases (fields);
}

const char *
es_protection_find_fault (const char *first, const char *second)
{
  g_autoptr (EsSecret) passphrase = es_passphrase_new (first), again = es_passphrase_new (second);

  if (passphrase == NULL || again == NULL || !es_secret_equal (passphrase, again))
    return _ ("You have typed two different passphrases.");
  return es_passphrase_is_long_enough (passphrase) ? NULL : _ ("The passphrase needs at least 8 characters.");
}

const char *
es_protection_read_passphrases (PurpleRequestFields *fields, const char **passphrase)
{
  const char *second = purple_request_fields_get_string (fields, FIELD_SECOND);

  *passphrase = purple_request_fields_get_string (fields, FIELD_FIRST);
  return es_protection_find_fault (*passphrase != NULL ? *passphrase : "", second != NULL ? second : "");
}

/* In the order of EsProtectionKind. Finch counts choices differently from everybody else, so it has a list. */
static PurpleRequestField *
kind_field_new (EsProtectionKind kind)
{
  const char *const labels[]
      = { _ ("The permissions of their file only"), _ ("A passphrase"), _ ("The keyring of this computer") };
  PurpleRequestField *field = es_fit_in_finch ()
                                  ? purple_request_field_list_new (FIELD_KIND, _ ("Protected by"))
                                  : purple_request_field_choice_new (FIELD_KIND, _ ("Protected by"), (int) kind);

  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (es_fit_in_finch ())
      purple_request_field_list_add_icon (field, labels[i], NULL, GUINT_TO_POINTER (i + 1));
    else
      purple_request_field_choice_add (field, labels[i]);
  if (es_fit_in_finch ())
    purple_request_field_list_add_selected (field, labels[kind]);
  return field;
}

static EsProtectionKind
kind_of (PurpleRequestFields *fields)
{
  PurpleRequestField *field = purple_request_fields_get_field (fields, FIELD_KIND);
  GList *selected = NULL;

  if (!es_fit_in_finch ())
    return (EsProtectionKind) purple_request_field_choice_get_value (field);
  selected = purple_request_field_list_get_selected (field);
  return selected != NULL
             ? (EsProtectionKind) (GPOINTER_TO_UINT (purple_request_field_list_get_data (field, selected->data)) - 1)
             : ES_PROTECTION_NONE;
}

static void
on_chosen (gpointer data, PurpleRequestFields *fields)
{
  const EsProtectionUi *ui = data;
  EsProtectionKind kind = kind_of (fields);
  const char *first = NULL, *fault = es_protection_read_passphrases (fields, &first);

  if (kind != ES_PROTECTION_PASSPHRASE)
    fault = NULL;
  if (fault != NULL)
    es_protection_ask_change (ui, kind, fault);
  else
    ui->protect (ui->data, kind, kind == ES_PROTECTION_PASSPHRASE ? first : NULL);
  es_protection_wipe_passphrases (fields);
}

static void
on_not_chosen (gpointer data, gpointer fields)
{
  es_protection_wipe_closed (fields);
}

const char *
es_protection_way (EsProtectionKind kind)
{
  switch (kind)
    {
    case ES_PROTECTION_PASSPHRASE:
      return _ ("By a passphrase: you type it whenever the program starts. If you forget it, every contact has to be "
                "verified again.");
    case ES_PROTECTION_KEYRING:
      return _ ("By the keyring of this computer: it is opened when you log in, and nothing more is asked.");
    case ES_PROTECTION_NONE:
    default:
      return _ ("By the permissions of their file: other users of this computer cannot read them, but whoever has your "
                "disk or a copy of your files can.");
    }
}

/* With larger letters the buttons of a long one are below the screen: in Pidgin there is help, which has the rest, and Finch has 24
 * lines. */
static char *
explanation (void)
{
  gboolean is_short = es_fit_in_pidgin ();
  const char *paragraphs[]
      = { _ ("Whoever can read them can pretend to be you towards the contacts who have verified you."),
          es_protection_way (is_short ? ES_PROTECTION_PASSPHRASE : ES_PROTECTION_NONE),
          is_short ? NULL : es_protection_way (ES_PROTECTION_PASSPHRASE), es_protection_way (ES_PROTECTION_KEYRING),
          NULL };
  g_autofree char *text = g_strjoinv (es_fit_in_finch () ? "\n" : "\n\n", (char **) paragraphs);

  return es_fit_text (text);
}

void
es_protection_ask_change (const EsProtectionUi *ui, EsProtectionKind kind, const char *remark)
{
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);
  PurpleRequestField *choice = kind_field_new (kind), *first = NULL, *second = NULL;
  g_autofree char *primary
      = es_fit_text (remark != NULL ? remark : _ ("How are your remembered devices to be protected?"));
  g_autofree char *ok = es_fit_label (_ ("_OK")), *cancel = es_fit_label (_ ("_Cancel")), *text = explanation ();

  purple_request_field_group_add_field (group, choice);
  es_protection_add_passphrases (group, &first, &second);
  purple_request_fields_add_group (fields, group);

  purple_request_fields ((void *) ui, title (), primary, text, fields, ok, PURPLE_CALLBACK (on_chosen), cancel,
                         PURPLE_CALLBACK (on_not_chosen), NULL, NULL, NULL, (gpointer) ui);

  ui->asked (ui->data, title ());

  /* Whoever types a passphrase wants one. */
  ui->choose_by_typing (first, choice, ES_PROTECTION_PASSPHRASE);
  ui->choose_by_typing (second, choice, ES_PROTECTION_PASSPHRASE);
}
