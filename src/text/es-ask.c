/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-ask.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-call.h"
#include "es-dialog.h"
#include "es-fit.h"
#include "es-labels.h"
#include "es-lists.h"
#include "es-shown.h"
#include "es-spelling.h"

#define FIELD_PASSWORD "password"
#define FIELD_QUESTION "question"

/* Where there are windows of our own, they ask for codes and passwords. */
static gboolean started;

void
es_ask_start (void)
{
  started = TRUE;
}

void
es_ask_stop (void)
{
  started = FALSE;
  es_ask_close_all ();
}

/* A window that asks may stand among those of others. */
static char *
about (const EsDialog *dialog)
{
  g_autofree char *name = es_contact_label (dialog->conversation, dialog->api);

  return g_strdup_printf (_ ("This is about your conversation with %s."), name);
}

static void *
request_action (EsDialog *dialog,
                const char *title,
                const char *question,
                const char *explanation,
                int usual,
                guint n_buttons,
                ...)
{
  PurpleConversation *conversation = dialog->conversation;
  g_autofree char *primary = es_fit_text (question), *secondary = es_fit_text (explanation);
  void *window = NULL;
  va_list buttons;

  va_start (buttons, n_buttons);
  window = purple_request_action_varg (
      dialog, title, primary, secondary, usual, purple_conversation_get_account (conversation),
      purple_conversation_get_name (conversation), conversation, dialog, n_buttons, buttons);
  va_end (buttons);
  return window;
}

static void *
request_input (EsDialog *dialog,
               const char *title,
               const char *question,
               gboolean secret,
               const char *yes,
               PurpleRequestInputCb on_yes,
               const char *no,
               PurpleRequestInputCb on_no)
{
  PurpleConversation *conversation = dialog->conversation;
  g_autofree char *with = about (dialog), *primary = es_fit_text (with), *secondary = es_fit_text (question);

  return purple_request_input (dialog, title, primary, secondary, NULL, FALSE, secret, NULL, yes, G_CALLBACK (on_yes),
                               no, G_CALLBACK (on_no), purple_conversation_get_account (conversation),
                               purple_conversation_get_name (conversation), conversation, dialog);
}

/* Whoever does nothing. */
static void
on_later (EsDialog *dialog, int button)
{
  if (es_dialog_take (dialog))
    es_dialog_free (dialog);
}

static void
on_input_later (gpointer dialog, const char *text)
{
  on_later (dialog, 0);
}

/* What a dialog is about may be over */

static EsSubjectChange
change_of (const EsDialog *dialog, EsConversation *what)
{
  dialog->api->describe (dialog->conversation, what);
  return es_subject_change (&dialog->subject, what);
}

static gboolean
has_moved (const EsDialog *dialog, gconstpointer conversation)
{
  EsConversation what;

  return dialog->conversation == conversation && dialog->kind != ES_DIALOG_UNLOGGED && dialog->kind != ES_DIALOG_FORGET
         && change_of (dialog, &what) == ES_SUBJECT_MOVED;
}

static void
tell_moved (PurpleConversation *conversation)
{
  es_say (conversation,
          _ ("Your conversation is with another device of this contact now: to verify that one, type /esession code or "
             "/esession password."));
}

/* Windows follow a moment later: what is answered now was asked of another device. TRUE, and the user knows, if so. */
static gboolean
is_too_late (const EsDialog *dialog)
{
  if (!has_moved (dialog, dialog->conversation))
    return FALSE;
  tell_moved (dialog->conversation);
  return TRUE;
}

/* Codes */

static void
on_match (EsDialog *data, int button)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL)
    dialog->api->user_verify (dialog->conversation, dialog->code, TRUE);
}

static void
on_differ (EsDialog *data, int button)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL)
    dialog->api->user_verify (dialog->conversation, dialog->code, FALSE);
}

/* The code is the one that was shown when the window opened: it goes with that code. */
static void
on_typed_code (gpointer data, const char *text)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL && !is_too_late (dialog))
    es_verify_typed (dialog->conversation, dialog->api, dialog->code, text != NULL ? text : "");
}

static void
on_type (EsDialog *data, int button)
{
  g_autoptr (EsDialog) before = es_dialog_take (data) ? data : NULL;
  EsDialog *dialog = NULL;

  if (before == NULL)
    return;
  dialog = es_dialog_new (ES_DIALOG_TYPED_CODE, before->conversation, before->api);
  es_subject_copy (&dialog->subject, &before->subject);
  dialog->code = g_strdup (before->code);
  if (!es_dialog_shown (dialog,
                        request_input (dialog, _ ("Verify the other side"),
                                       _ ("Call the other person, or meet, and type the code that is read to you:"),
                                       FALSE, _ ("Compare"), on_typed_code, _ ("Later"), on_input_later)))
    es_say (before->conversation, _ ("Type /esession verify and the code that the other person reads to you."));
}

gboolean
es_ask_code (PurpleConversation *conversation, const EsApi *api)
{
  g_autofree char *name = es_contact_label (conversation, api);
  g_autofree char *grouped = NULL, *spelled = NULL, *call = NULL, *text = NULL;
  EsDialog *dialog = NULL;
  EsConversation what;

  api->describe (conversation, &what);
  if (!started || !what.can_verify)
    return FALSE;
  dialog = es_dialog_new (ES_DIALOG_CODE, conversation, api);
  es_subject_set (&dialog->subject, &what);
  dialog->code = g_strdup (what.code);
  grouped = es_group_code (dialog->code);
  spelled = es_spell_code (dialog->code);
  call = g_strdup_printf (
      _ ("Call %s, or meet, and ask which code is shown there, under Verify. If it is the same as this one, nobody "
         "listens in."),
      name);
  text = g_strdup_printf ("%s\n\n    %s\n    %s\n\n%s", call, grouped, spelled,
                          _ ("Do not send the code here: whoever listens in could change it on the way."));

  /* Enter, pressed without reading, must not verify anybody. */
  return es_dialog_shown (dialog, request_action (dialog, _ ("Verify the other side"),
                                                  _ ("Is the other side who it should be?"), text, 3, 4,
                                                  _ ("They match"), on_match, _ ("They differ"), on_differ,
                                                  _ ("Type the code..."), on_type, _ ("Later"), on_later));
}

/* Passwords */

static void
give (EsDialog *data, const char *password, const char *question)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog == NULL || is_too_late (dialog))
    return;
  if (password != NULL && *password != '\0')
    dialog->api->user_password (dialog->conversation, password, question);
  else
    es_say (dialog->conversation, _ ("You typed no password, so nothing was compared: to do it after all, type "
                                     "/esession password."));
}

static void
on_answer (gpointer data, const char *text)
{
  give (data, text, NULL);
}

static void
on_password (gpointer data, PurpleRequestFields *fields)
{
  give (data, purple_request_fields_get_string (fields, FIELD_PASSWORD),
        purple_request_fields_get_string (fields, FIELD_QUESTION));
}

static void
on_no_password (gpointer data, PurpleRequestFields *fields)
{
  on_later (data, 0);
}

static void
on_decline (gpointer data, const char *text)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL && !is_too_late (dialog))
    dialog->api->user_decline_password (dialog->conversation);
}

static gconstpointer
ask_answer (EsDialog *dialog, const char *question)
{
  g_autofree char *asked = question != NULL ? es_quoted_name (question) : NULL;
  g_autofree char *sentence
      = asked != NULL
            /* Translators: %s is a question such as "Where did we meet?", in quotation marks. */
            ? g_strdup_printf (_ ("The other side asks %s and wants to compare the answer, which only you two know. It "
                                  "is not sent: the two programs only find out whether both are equal."),
                               asked)
            : g_strdup (_ ("The other side wants to compare a password that only you two know. It is not sent: the "
                           "two programs only find out whether both are equal. What is your password?"));

  return request_input (dialog, _ ("Compare a password"), sentence, TRUE, _ ("Compare"), on_answer,
                        _ ("Do not compare"), on_decline);
}

static gconstpointer
ask_both (EsDialog *dialog)
{
  PurpleConversation *conversation = dialog->conversation;
  PurpleRequestFields *fields = purple_request_fields_new ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);
  g_autofree char *with = about (dialog), *primary = es_fit_text (with);
  g_autofree char *secondary
      = es_fit_text (_ ("Type a password that only you two know; the other person does the same. It is not "
                        "sent: the two programs only find out whether both are equal."));
  g_autofree char *first = es_fit_label (_ ("_Password:")), *second = es_fit_label (_ ("_Question, if you like:"));
  PurpleRequestField *password = purple_request_field_string_new (FIELD_PASSWORD, first, NULL, FALSE);

  purple_request_field_string_set_masked (password, TRUE);
  purple_request_field_group_add_field (group, password);
  purple_request_field_group_add_field (group, purple_request_field_string_new (FIELD_QUESTION, second, NULL, FALSE));
  purple_request_fields_add_group (fields, group);
  return purple_request_fields (dialog, _ ("Compare a password"), primary, secondary, fields, _ ("Compare"),
                                G_CALLBACK (on_password), _ ("Cancel"), G_CALLBACK (on_no_password),
                                purple_conversation_get_account (conversation),
                                purple_conversation_get_name (conversation), conversation, dialog);
}

gboolean
es_ask_password (PurpleConversation *conversation, const EsApi *api)
{
  gboolean answer = FALSE;
  EsDialog *dialog = NULL;
  EsConversation what;

  api->describe (conversation, &what);
  answer = what.password == ES_PASSWORD_OFFERED;
  if (!started || !what.can_use_password || (!answer && what.password != ES_PASSWORD_NONE))
    return FALSE;
  dialog = es_dialog_new (answer ? ES_DIALOG_ANSWER : ES_DIALOG_PASSWORD, conversation, api);
  es_subject_set (&dialog->subject, &what);
  return es_dialog_shown (dialog, answer ? ask_answer (dialog, what.question) : ask_both (dialog));
}

/* Logs */

static void
on_unlogged (EsDialog *data, int button)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL)
    dialog->api->user_goes_on_unlogged (dialog->conversation);
}

static void
on_end (EsDialog *data, int button)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL)
    dialog->api->user_end (dialog->conversation);
}

gboolean
es_ask_unlogged (PurpleConversation *conversation, const EsApi *api)
{
  g_autofree char *with = NULL;
  EsDialog *dialog = NULL;

  if (!started)
    return FALSE;
  dialog = es_dialog_new (ES_DIALOG_UNLOGGED, conversation, api);
  with = about (dialog);
  return es_dialog_shown (
      dialog, request_action (dialog, _ ("Encrypted Sessions"),
                              _ ("The other side does not want this conversation to be logged, so it is not."), with, 0,
                              2, _ ("Go on without a log"), on_unlogged, _ ("End encryption"), on_end));
}

/* Devices */

static void
forget (EsDialog *data, gboolean lost)
{
  g_autoptr (EsDialog) dialog = es_dialog_take (data) ? data : NULL;

  if (dialog != NULL)
    es_forget (dialog->conversation, dialog->api, dialog->device, lost, dialog->account_name, dialog->contact);
}

static void
on_forget (EsDialog *data, int button)
{
  forget (data, FALSE);
}

static void
on_lost (EsDialog *data, int button)
{
  forget (data, TRUE);
}

gboolean
es_ask_forget (PurpleConversation *conversation, const EsApi *api, const EsRemembered *device, gboolean all)
{
  EsDialog *dialog = es_dialog_new (ES_DIALOG_FORGET, conversation, api);
  g_autofree char *name = es_device_quoted_name (device), *contact = es_device_quoted_contact (device);
  g_autofree char *error = NULL, *explanation = NULL;
  g_autoptr (GPtrArray) devices = api->devices (&error), forgotten = g_ptr_array_new ();
  g_autofree char *yes = es_fit_label (_ ("_Forget")), *no = es_fit_label (_ ("_Cancel"));
  g_autofree char *lost = es_fit_label (_ ("_Lost or stolen"));
  void *window = NULL;
  g_autofree char *question = all ? g_strdup_printf (_ ("Forget all devices of %s?"), contact)
                                  : g_strdup_printf (_ ("Forget the device %s of %s?"), name, contact);

  g_ptr_array_add (forgotten, (gpointer) device);
  explanation = es_forget_explanation (devices, forgotten, all);
  dialog->device = all ? 0 : device->id;
  dialog->account_name = g_strdup (device->account_name);
  dialog->contact = g_strdup (device->contact);
  window = es_forget_loses_verification (devices, forgotten, all)
               ? request_action (dialog, _ ("Forget?"), question, explanation, 2, 3, yes, on_forget, lost, on_lost, no,
                                 on_later)
               : request_action (dialog, _ ("Forget?"), question, explanation, 1, 2, yes, on_forget, no, on_later);
  return es_dialog_shown (dialog, window);
}

/* What is over */

static gboolean
is_over (const EsDialog *dialog, gconstpointer conversation)
{
  EsSubjectChange change = ES_SUBJECT_SAME;
  EsConversation what;

  if (dialog->conversation != conversation || dialog->kind == ES_DIALOG_FORGET)
    return FALSE;
  change = change_of (dialog, &what);
  switch (dialog->kind)
    {
    case ES_DIALOG_CODE:
    case ES_DIALOG_TYPED_CODE:
      return !what.can_verify || !purple_strequal (what.code, dialog->code);
    case ES_DIALOG_PASSWORD:
      return !what.can_use_password || what.password != ES_PASSWORD_NONE;
    case ES_DIALOG_ANSWER:
      return change != ES_SUBJECT_SAME || what.password != ES_PASSWORD_OFFERED;
    case ES_DIALOG_UNLOGGED:
      return !what.log_refused;
    case ES_DIALOG_FORGET:
    default:
      return FALSE;
    }
}

void
es_ask_update (PurpleConversation *conversation)
{
  if (es_dialogs_close (has_moved, conversation) > 0)
    tell_moved (conversation);
  es_dialogs_close (is_over, conversation);
}

static gboolean
is_there (const EsDialog *dialog, const GPtrArray *devices)
{
  for (guint i = 0; i < devices->len; i++)
    {
      const EsRemembered *device = devices->pdata[i];

      if (dialog->device != 0 ? device->id == dialog->device
                              : strcmp (device->account_name, dialog->account_name) == 0
                                    && strcmp (device->contact, dialog->contact) == 0)
        return TRUE;
    }
  return FALSE;
}

static gboolean
is_forgotten (const EsDialog *dialog, gconstpointer devices)
{
  return dialog->kind == ES_DIALOG_FORGET && !is_there (dialog, devices);
}

void
es_ask_devices_changed (const EsApi *api)
{
  g_autofree char *error = NULL;

  /* To list them takes a look into the file. */
  g_autoptr (GPtrArray) devices = es_dialogs_has (ES_DIALOG_FORGET) ? api->devices (&error) : NULL;

  if (devices != NULL)
    es_dialogs_close (is_forgotten, devices);
}

static gboolean
is_of (const EsDialog *dialog, gconstpointer conversation)
{
  return conversation == NULL || dialog->conversation == conversation;
}

void
es_ask_close (PurpleConversation *conversation)
{
  es_dialogs_close (is_of, conversation);
}

void
es_ask_close_all (void)
{
  es_dialogs_close (is_of, NULL);
}
