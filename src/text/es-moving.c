/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-moving.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-fit.h"
#include "es-passphrase.h"
#include "es-protection.h"
#include "es-shown.h"

#define FILE_NAME "remembered-devices.move"

struct _EsMoving
{
  const EsMovingCalls *calls;
  gpointer data;
  EsSecret *passphrase; /* between the questions for it and for the file, and the other way round */
  char *path;
};

/* What is chosen in the menu, as a title. The caller's. */
static char *
title_of (const char *label)
{
  char *title = g_strdup (label);
  const char *const dots[] = { "...", "\342\200\246" };

  for (gsize i = 0; i < G_N_ELEMENTS (dots); i++)
    if (g_str_has_suffix (title, dots[i]))
      title[strlen (title) - strlen (dots[i])] = '\0';
  return g_strchomp (title);
}

static char *
title_out (void)
{
  return title_of (_ ("Move to another computer..."));
}

static char *
title_in (void)
{
  return title_of (_ ("Take over from another computer..."));
}

static void
forget (EsMoving *moving)
{
  g_clear_pointer (&moving->passphrase, es_secret_free);
  g_clear_pointer (&moving->path, g_free);
}

static void
close_all (EsMoving *moving)
{
  purple_request_close_with_handle (moving);
  purple_notify_close_with_handle (moving);
  forget (moving);
}

EsMoving *
es_moving_new (const EsMovingCalls *calls, gpointer data)
{
  EsMoving *moving = g_new0 (EsMoving, 1);

  moving->calls = calls;
  moving->data = data;
  return moving;
}

void
es_moving_free (EsMoving *moving)
{
  if (moving == NULL)
    return;
  close_all (moving);
  g_free (moving);
}

/* What is said; the title is taken over */

static void
tell (EsMoving *moving, char *taken_title, const char *sentence, const char *more, gboolean failed)
{
  g_autofree char *title = taken_title;
  g_autofree char *primary = es_fit_text (sentence), *secondary = more != NULL ? es_fit_text (more) : NULL;

  if (failed)
    purple_notify_error (moving, title, primary, secondary);
  else
    purple_notify_info (moving, title, primary, secondary);
}

static char *
shown_path (const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  return es_shown_name (name);
}

void
es_moving_tell_out (EsMoving *moving, const char *path)
{
  g_autofree char *name = shown_path (path);
  /* Translators: %s is a file. */
  g_autofree char *sentence
      = g_strdup_printf (_ ("The remembered devices of your contacts are in the file %s now."), name);

  tell (
      moving, title_out (), sentence,
      _ ("They are not on this computer any more. Take the file to the other one, and choose \"Take over from another "
         "computer\" there. Nobody else should have it: with time, a short passphrase can be guessed."),
      FALSE);
}

void
es_moving_tell_in (EsMoving *moving, guint n, gboolean erased)
{
  g_autofree char *sentence = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u remembered device was taken over.",
                                                            "%u remembered devices were taken over.", n),
                                               n);

  tell (moving, title_in (), sentence,
        erased ? _ ("The file was deleted.") : _ ("The file could not be deleted: please delete it yourself."), FALSE);
}

void
es_moving_tell_taken_back (EsMoving *moving)
{
  tell (moving, title_out (), _ ("The move to another computer was interrupted: all your remembered devices are here."),
        NULL, FALSE);
}

void
es_moving_tell_unchanged (EsMoving *moving, const char *sentence)
{
  tell (moving, g_strdup (_ ("Remembered devices")), sentence, _ ("Nothing was changed."), TRUE);
}

/* To another computer */

static void
on_out_file (gpointer data, const char *path)
{
  EsMoving *moving = data;
  g_autoptr (EsSecret) passphrase = g_steal_pointer (&moving->passphrase);

  if (passphrase != NULL && path != NULL && *path != '\0')
    moving->calls->out (moving->data, path, passphrase);
}

static void
on_no_file (gpointer data, const char *path)
{
  forget (data);
}

static void ask_passphrases (EsMoving *moving, const char *remark);

static void
on_passphrases (gpointer data, PurpleRequestFields *fields)
{
  EsMoving *moving = data;
  g_autofree char *title = title_out ();
  const char *first = NULL, *fault = es_protection_read_passphrases (fields, &first);

  forget (moving);
  if (fault == NULL)
    moving->passphrase = es_passphrase_new (first);
  es_protection_wipe_passphrases (fields);
  if (fault != NULL)
    {
      ask_passphrases (moving, fault);
      return;
    }

  purple_request_file (moving, title, FILE_NAME, TRUE, PURPLE_CALLBACK (on_out_file), PURPLE_CALLBACK (on_no_file),
                       NULL, NULL, NULL, moving);
  moving->calls->asked (moving->data, title);
}

static void
on_no_passphrases (gpointer data, gpointer fields)
{
  es_protection_wipe_closed (fields);
}

static void
ask_passphrases (EsMoving *moving, const char *remark)
{
  PurpleRequestFields *fields = purple_request_fields_new ();
  g_autofree char *title = title_out ();
  PurpleRequestFieldGroup *group = purple_request_field_group_new (NULL);
  PurpleRequestField *first = NULL, *second = NULL;
  const char *question = _ ("Do you want to move the remembered devices of your contacts to another computer?");
  const char *explanation = _ (
      "They are written into a file that only your passphrase opens, with what you chose for single contacts. On this "
      "computer they count as unknown from then on: nothing goes to a verified contact before you verify again, unless "
      "you choose to write unencrypted.");
  g_autofree char *both = remark != NULL ? g_strdup_printf ("%s %s", question, explanation) : g_strdup (explanation);
  g_autofree char *primary = es_fit_text (remark != NULL ? remark : question), *text = es_fit_text (both);
  g_autofree char *ok = es_fit_label (_ ("C_hoose a file...")), *cancel = es_fit_label (_ ("_Cancel"));

  es_protection_add_passphrases (group, &first, &second);
  purple_request_fields_add_group (fields, group);
  purple_request_fields (moving, title, primary, text, fields, ok, PURPLE_CALLBACK (on_passphrases), cancel,
                         PURPLE_CALLBACK (on_no_passphrases), NULL, NULL, NULL, moving);
  moving->calls->asked (moving->data, title);
}

void
es_moving_ask_out (EsMoving *moving)
{
  close_all (moving);
  ask_passphrases (moving, NULL);
}

/* From one */

static void
on_passphrase (gpointer data, const char *text)
{
  EsMoving *moving = data;
  g_autofree char *path = g_steal_pointer (&moving->path);
  g_autoptr (EsSecret) passphrase = es_passphrase_new (text != NULL ? text : "");

  if (path != NULL && passphrase != NULL)
    moving->calls->in (moving->data, path, passphrase);
}

static void
on_no_passphrase (gpointer data, const char *text)
{
  forget (data);
}

static void
ask_passphrase (EsMoving *moving, const char *path, const char *remark)
{
  const char *question = _ ("With which passphrase was the file written?");
  const char *explanation
      = _ ("Take over only what you have written yourself: whoever is verified in the file counts as verified here.");
  g_autofree char *title = title_in ();
  g_autofree char *both = remark != NULL ? g_strdup_printf ("%s %s", question, explanation) : g_strdup (explanation);
  g_autofree char *primary = es_fit_text (remark != NULL ? remark : question), *text = es_fit_text (both);
  g_autofree char *ok = es_fit_label (_ ("_Take over")), *cancel = es_fit_label (_ ("_Cancel"));

  moving->path = g_strdup (path);
  purple_request_input (moving, title, primary, text, NULL, FALSE, TRUE, NULL, ok, PURPLE_CALLBACK (on_passphrase),
                        cancel, PURPLE_CALLBACK (on_no_passphrase), NULL, NULL, NULL, moving);
  moving->calls->asked (moving->data, title);
}

static void
on_in_file (gpointer data, const char *path)
{
  EsMoving *moving = data;

  forget (moving);
  if (path != NULL && *path != '\0')
    ask_passphrase (moving, path, NULL);
}

void
es_moving_ask_in_again (EsMoving *moving, const char *path, const char *sentence)
{
  close_all (moving);
  ask_passphrase (moving, path, sentence);
}

void
es_moving_ask_in (EsMoving *moving)
{
  g_autofree char *title = title_in ();

  close_all (moving);
  purple_request_file (moving, title, NULL, FALSE, PURPLE_CALLBACK (on_in_file), PURPLE_CALLBACK (on_no_file), NULL,
                       NULL, NULL, moving);
  moving->calls->asked (moving->data, title);
}

/* An unfinished one */

static void
on_again (gpointer data, int action)
{
  EsMoving *moving = data;

  moving->calls->again (moving->data);
}

static void
on_give_up (gpointer data, int action)
{
  EsMoving *moving = data;

  moving->calls->give_up (moving->data);
}

static void
on_close (gpointer data, int action)
{
}

void
es_moving_ask_unfinished (EsMoving *moving, const char *path)
{
  g_autofree char *name = shown_path (path);
  /* Translators: %s is a file. */
  g_autofree char *sentence
      = g_strdup_printf (_ ("The file %s with your remembered devices is not finished yet."), name);
  g_autofree char *title
      = title_out (),
      *primary = es_fit_text (sentence),
      *secondary = es_fit_text (
          _ ("It cannot be found or written. Connect the disk that it is on, and try again; until then nobody can "
             "take it over. If you give it up, every contact has to be verified again."));
  g_autofree char *again = es_fit_label (_ ("_Try again")), *give_up = es_fit_label (_ ("_Give it up")),
                  *later = es_fit_label (_ ("_Close"));

  close_all (moving);
  purple_request_action (moving, title, primary, secondary, 2, NULL, NULL, NULL, moving, 3, again, on_again, give_up,
                         on_give_up, later, on_close);
  moving->calls->asked (moving->data, title);
}
