/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-finch.h"

#include <glib/gi18n-lib.h>

#include "es-fit.h"
#include "es-words.h"
#include "es-wrap.h"

#define LINE_KEY "esession-line"

/* Finch's conversations are 70 columns wide unless the user says otherwise. */
#define LINE_COLUMNS 70

/* Finch lets plugins put something between what was said and the entry. Its functions are found while it runs, so that the
 * plugin needs nothing of Finch in other programs. */
typedef struct
{
  GModule *program;
  void *(*new_label) (const char *text);
  void (*put) (PurpleConversation *conversation, void *label);
} Finch;

static const Finch *
finch (void)
{
  static Finch found;

  if (!es_fit_in_finch ())
    return NULL;
  if (found.program == NULL)
    {
      found.program = g_module_open (NULL, G_MODULE_BIND_LAZY);
      if (found.program == NULL || !g_module_symbol (found.program, "gnt_label_new", (gpointer *) &found.new_label)
          || !g_module_symbol (found.program, "finch_conversation_set_info_widget", (gpointer *) &found.put))
        found.put = NULL;
    }
  return found.new_label != NULL && found.put != NULL ? &found : NULL;
}

static char *
line_of (const EsConversation *what)
{
  g_autofree char *line = NULL;

  if (what->state == ES_STATE_ENDED)
    line = g_strdup (_ ("Ended: type /esession start, or /esession end to write unencrypted."));
  else if (what->barred)
    line = g_strdup (_ ("Not verified: verify this device, or type /esession anyway to write to it."));
  else if (what->waiting > 0 && what->can_send_plain)
    line = g_strdup_printf (
        g_dngettext (GETTEXT_PACKAGE, "%u message waits. To send it unencrypted, type /esession send.",
                     "%u messages wait. To send them unencrypted, type /esession send.", what->waiting),
        what->waiting);
  else
    line = g_strdup (es_state_label (what->state));
  return es_wrap (line, LINE_COLUMNS);
}

void
es_finch_closing (PurpleConversation *conversation)
{
  g_free (purple_conversation_get_data (conversation, LINE_KEY));
  purple_conversation_set_data (conversation, LINE_KEY, NULL);
}

void
es_finch_clear (PurpleConversation *conversation)
{
  gboolean shown = purple_conversation_get_data (conversation, LINE_KEY) != NULL;

  es_finch_closing (conversation);
  if (shown && finch () != NULL && conversation->ui_data != NULL)
    finch ()->put (conversation, NULL);
}

void
es_finch_show (PurpleConversation *conversation, const EsConversation *what)
{
  char *line = purple_conversation_get_data (conversation, LINE_KEY);
  g_autofree char *wanted = line_of (what);

  if (finch () == NULL || conversation->ui_data == NULL || purple_strequal (line, wanted))
    return;
  es_finch_closing (conversation);
  purple_conversation_set_data (conversation, LINE_KEY, g_strdup (wanted));
  finch ()->put (conversation, finch ()->new_label (wanted));
}
