/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-dialog.h"

/* Of EsDialog: libpurple's requests belong to nothing that we could hang them on. */
static GList *dialogs;

static void
close_dialog (EsDialog *dialog)
{
  dialogs = g_list_remove (dialogs, dialog);
  purple_request_close_with_handle (dialog);
  es_dialog_free (dialog);
}

gboolean
es_dialogs_has (EsDialogKind kind)
{
  for (GList *item = dialogs; item != NULL; item = item->next)
    if (((const EsDialog *) item->data)->kind == kind)
      return TRUE;
  return FALSE;
}

guint
es_dialogs_close (gboolean (*over) (const EsDialog *dialog, gconstpointer data), gconstpointer data)
{
  guint n = 0;

  for (GList *item = dialogs, *next = NULL; item != NULL; item = next)
    {
      next = item->next;
      if (!over (item->data, data))
        continue;
      close_dialog (item->data);
      n++;
    }
  return n;
}

static gboolean
is_same (const EsDialog *dialog, gconstpointer other)
{
  const EsDialog *than = other;

  return dialog->kind == than->kind && dialog->conversation == than->conversation;
}

EsDialog *
es_dialog_new (EsDialogKind kind, PurpleConversation *conversation, const EsApi *api)
{
  EsDialog *dialog = g_new0 (EsDialog, 1);

  *dialog = (EsDialog){ .kind = kind, .conversation = conversation, .api = api };
  es_dialogs_close (is_same, dialog);
  dialogs = g_list_prepend (dialogs, dialog);
  return dialog;
}

gboolean
es_dialog_shown (EsDialog *dialog, gconstpointer window)
{
  if (window != NULL)
    return TRUE;
  if (es_dialog_take (dialog))
    es_dialog_free (dialog);
  return FALSE;
}

gboolean
es_dialog_take (EsDialog *dialog)
{
  GList *item = g_list_find (dialogs, dialog);

  dialogs = g_list_delete_link (dialogs, item);
  return item != NULL;
}

void
es_dialog_free (EsDialog *dialog)
{
  es_subject_clear (&dialog->subject);
  g_free (dialog->code);
  g_free (dialog->account_name);
  g_free (dialog->contact);
  g_free (dialog);
}
