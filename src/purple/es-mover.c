/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Remembered devices move to another computer, or come from one; and what an earlier life of the program has begun of that is brought to an
 * end. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-moving.h"
#include "es-words.h"

struct _EsMover
{
  EsPlugin *plugin;
  EsMoving *moving;
};

static gint64
now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
log_move (const EsMover *mover, EsMove move, const GError *error)
{
  if (error != NULL)
    es_log (mover->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "not moved: %s",
            es_error_name ((EsErrorCode) error->code));
  else
    es_log (mover->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "moved to another computer: %d", (int) move);
}

/* What the list cannot do is told otherwise than what stands in the way of a conversation. */
static void
tell_failure (EsMover *mover, const GError *error)
{
  EsErrorCode code = (EsErrorCode) error->code;

  es_moving_tell_unchanged (mover->moving, code >= ES_ERROR_MOVE_FILE
                                               ? es_error_sentence (&es_program_libpurple, code)
                                               : _ ("The list of remembered devices cannot be used now."));
}

static void
tell_move (EsMover *mover, EsMove move, const char *path)
{
  if (move == ES_MOVE_DONE)
    es_moving_tell_out (mover->moving, path);
  else if (move == ES_MOVE_UNFINISHED)
    es_moving_ask_unfinished (mover->moving, path);
  else if (move == ES_MOVE_TAKEN_BACK)
    es_moving_tell_taken_back (mover->moving);
}

static void
on_out (gpointer data, const char *path, const EsSecret *passphrase)
{
  EsMover *mover = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *written = NULL;
  EsMove move = es_trust_move_out (mover->plugin->trust, path, passphrase, now (), &written, &error);

  log_move (mover, move, error);
  if (move == ES_MOVE_NONE)
    {
      tell_failure (mover, error);
      return;
    }
  es_vault_store_changed (mover->plugin->vault);
  tell_move (mover, move, written);
}

static void
on_in (gpointer data, const char *path, const EsSecret *passphrase)
{
  EsMover *mover = data;
  g_autoptr (GError) error = NULL;
  gboolean erased = FALSE;
  guint n = 0;

  if (!es_trust_move_in (mover->plugin->trust, path, passphrase, now (), &n, &erased, &error))
    {
      es_log (mover->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "not taken over: %s",
              es_error_name ((EsErrorCode) error->code));
      if (error->code == ES_ERROR_MOVE_KEY)
        es_moving_ask_in_again (mover->moving, path, es_error_sentence (&es_program_libpurple, ES_ERROR_MOVE_KEY));
      else
        tell_failure (mover, error);
      return;
    }
  es_log (mover->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "taken over: %u, deleted %d", n, erased);
  es_vault_store_changed (mover->plugin->vault);
  es_moving_tell_in (mover->moving, n, erased);
}

/* Whether there was anything to bring to an end, which the user has to know before anything else. */
static gboolean
resume (EsMover *mover)
{
  g_autofree char *path = NULL;
  EsMove move = es_trust_move_resume (mover->plugin->trust, &path);

  if (move == ES_MOVE_NONE)
    return FALSE;
  log_move (mover, move, NULL);
  tell_move (mover, move, path);
  return TRUE;
}

void
es_mover_resume (EsMover *mover)
{
  resume (mover);
}

static void
on_again (gpointer data)
{
  es_mover_resume (data);
}

static void
on_give_up (gpointer data)
{
  EsMover *mover = data;
  g_autoptr (GError) error = NULL;

  es_log (mover->plugin->log, ES_AREA_VAULT, ES_LOG_WARNING, NULL, "given up");
  if (!es_trust_move_give_up (mover->plugin->trust, &error))
    tell_failure (mover, error);
}

static void
on_asked (gpointer data, const char *title)
{
  const EsMover *mover = data;

  es_plugin_add_help (mover->plugin, title, ES_HELP_DEVICES);
}

static const EsMovingCalls calls = { on_out, on_in, on_again, on_give_up, on_asked };

EsMover *
es_mover_new (EsPlugin *plugin)
{
  EsMover *mover = g_new0 (EsMover, 1);

  mover->plugin = plugin;
  mover->moving = es_moving_new (&calls, mover);
  return mover;
}

void
es_mover_free (EsMover *mover)
{
  es_moving_free (mover->moving);
  g_free (mover);
}

/* Whoever has to unlock the list first does that first. */
static gboolean
is_open (EsMover *mover)
{
  if (!es_vault_is_locked (mover->plugin->vault))
    return TRUE;
  es_vault_unlock (mover->plugin->vault);
  return FALSE;
}

void
es_mover_out (EsMover *mover)
{
  if (is_open (mover) && !resume (mover))
    es_moving_ask_out (mover->moving);
}

void
es_mover_in (EsMover *mover)
{
  if (is_open (mover))
    es_moving_ask_in (mover->moving);
}
