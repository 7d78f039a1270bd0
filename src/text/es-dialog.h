/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which of libpurple's requests are open, and what they are about. A program may close its window and tell nobody, or may
 * call back while we close it: whoever is called back takes the dialog first, and does nothing if it is gone. */
#pragma once
#include "es-subject.h"

typedef enum
{
  ES_DIALOG_CODE,
  ES_DIALOG_TYPED_CODE,
  ES_DIALOG_PASSWORD, /* the user starts it */
  ES_DIALOG_ANSWER,   /* the other side has started it */
  ES_DIALOG_UNLOGGED,
  ES_DIALOG_FORGET
} EsDialogKind;

typedef struct
{
  EsDialogKind kind;
  PurpleConversation *conversation;
  const EsApi *api;
  EsSubject subject; /* the session that it is about, but for ES_DIALOG_UNLOGGED and ES_DIALOG_FORGET */
  char *code;        /* that is compared, or NULL */
  gint64 device;     /* that is to be forgotten; 0: all of the contact */
  char *account_name;
  char *contact;
} EsDialog;

/* The one of its kind in the conversation, which is also the handle and the data of the request; one that was there is
 * closed. It stays with what is open. */
EsDialog *es_dialog_new (EsDialogKind kind, PurpleConversation *conversation, const EsApi *api);

/* Whether a window is there, as purple_request_... returned it; if not, the dialog is freed. */
gboolean es_dialog_shown (EsDialog *dialog, gconstpointer window);

/* For whoever was called back: TRUE, once, if the dialog was still open, and it is the caller's now, to free. */
gboolean es_dialog_take (EsDialog *dialog);
void es_dialog_free (EsDialog *dialog);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EsDialog, es_dialog_free)

/* Whether one of that kind is open in any conversation. */
gboolean es_dialogs_has (EsDialogKind kind);

/* Closes those that are over by OVER's judgement of them and DATA; how many. */
guint es_dialogs_close (gboolean (*over) (const EsDialog *dialog, gconstpointer data), gconstpointer data);
