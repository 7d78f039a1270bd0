/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is asked and said when remembered devices move to another computer, or come from one. */
#pragma once
#include <purple.h>

#include "es-secret.h"

typedef struct _EsMoving EsMoving;

/* What comes of the answers: PATH (in the file system's encoding) and PASSPHRASE stay the callers. */
typedef struct
{
  void (*out) (gpointer data, const char *path, const EsSecret *passphrase);
  void (*in) (gpointer data, const char *path, const EsSecret *passphrase);
  void (*again) (gpointer data);
  void (*give_up) (gpointer data);
  void (*asked) (gpointer data, const char *title); /* a request with that title is shown */
} EsMovingCalls;

/* CALLS must outlive it. Freeing takes back all that is open. */
EsMoving *es_moving_new (const EsMovingCalls *calls, gpointer data);
void es_moving_free (EsMoving *moving);

/* Asks for a passphrase, twice, and for the name of a file; or for a file and its passphrase. */
void es_moving_ask_out (EsMoving *moving);
void es_moving_ask_in (EsMoving *moving);

/* That passphrase was not it, as SENTENCE says: asks for another one. */
void es_moving_ask_in_again (EsMoving *moving, const char *path, const char *sentence);

/* An earlier file at PATH is not finished: again, or given up? */
void es_moving_ask_unfinished (EsMoving *moving, const char *path);

/* Everything is in the file at PATH. */
void es_moving_tell_out (EsMoving *moving, const char *path);

/* N devices came; ERASED: the file is gone. */
void es_moving_tell_in (EsMoving *moving, guint n, gboolean erased);

/* What was begun in an earlier life of the program is undone. */
void es_moving_tell_taken_back (EsMoving *moving);

/* Nothing was changed, for the reason that SENTENCE says. */
void es_moving_tell_unchanged (EsMoving *moving, const char *sentence);
