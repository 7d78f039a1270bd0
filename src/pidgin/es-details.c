/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-details.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-shown.h"
#include "es-words.h"

/* The hour, of today; else the day, too. */
static char *
point_in_time (gint64 when)
{
  g_autoptr (GDateTime) then = g_date_time_new_from_unix_local (when), now = g_date_time_new_now_local ();
  gboolean today = then != NULL && g_date_time_get_year (then) == g_date_time_get_year (now)
                   && g_date_time_get_day_of_year (then) == g_date_time_get_day_of_year (now);

  return then != NULL ? g_date_time_format (then, today ? "%X" : "%x %X") : g_strdup ("?");
}

static void
add_session (GString *text, const EsConversation *what)
{
  const char *resource = es_address_resource (what->device);
  g_autofree char *device = es_quoted_name (resource != NULL ? resource : es_address_text (what->device));
  g_autofree char *since = point_in_time (what->since);

  g_string_append_c (text, '\n');
  /* Translators: the first %s is what the device calls itself, the second one a time. */
  g_string_append_printf (text, _ ("With the device %s, since %s"), device, since);
  if (what->verified_at > 0)
    {
      g_autofree char *verified = point_in_time (what->verified_at);

      g_string_append_c (text, '\n');
      /* Translators: %s is a time. */
      g_string_append_printf (text, _ ("You verified this device: %s"), verified);
    }
  else if (what->other_verified)
    g_string_append_printf (text, "\n%s", _ ("The other side has verified you."));
}

static void
add_obstacle (GString *text, const EsConversation *what)
{
  g_autofree char *obstacle = es_notice_sentence (&es_program_pidgin, &(EsNotice){ what->obstacle });

  if (obstacle != NULL)
    g_string_append_printf (text, "\n%s", obstacle);
}

/* Why it is not encrypted: because the user wanted that, or because it cannot be. */
static void
add_reason (GString *text, const EsConversation *what)
{
  if (what->policy == ES_POLICY_NEVER || (what->policy == ES_POLICY_ASK && what->obstacle == ES_NOTICE_NONE))
    g_string_append_printf (text, "\n%s", es_policy_sentence (what->policy));
  else
    add_obstacle (text, what);
}

/* Whom an end waits for: the user, or, by itself, the other side. */
static void
add_end (GString *text, const EsConversation *what)
{
  if (what->must_choose)
    {
      g_string_append_printf (text, "\n%s",
                              _ ("Nothing is sent until you choose to start again or to write unencrypted."));
      return;
    }
  g_string_append_printf (text, "\n%s", es_state_meaning (ES_STATE_ENDED));
  if (what->declined)
    g_string_append_printf (text, "\n%s", es_error_sentence (&es_program_pidgin, ES_ERROR_DECLINED));
  else
    add_obstacle (text, what);
  g_string_append_printf (text, "\n%s",
                          _ ("What you write waits until the conversation is encrypted, and is sent then."));
}

char *
es_details (PurpleConversation *conversation, const EsApi *api, const EsConversation *what)
{
  GString *text = g_string_new (es_conversation_label (what));
  EsState look = es_conversation_look (what);

  if (look == ES_STATE_ENDED && purple_account_is_connected (purple_conversation_get_account (conversation)))
    add_end (text, what);
  else
    g_string_append_printf (text, "\n%s", es_state_meaning (look));
  if (what->device != NULL)
    add_session (text, what);
  else if (look == ES_STATE_PLAIN)
    add_reason (text, what);
  if (what->device != NULL && what->may_be_swapped)
    g_string_append_printf (text, "\n%s", es_swapped_sentence ());
  g_string_append_printf (text, "\n%s",
                          purple_conversation_is_logging (conversation) && api->may_log (conversation)
                              ? _ ("This conversation is logged.")
                              : _ ("This conversation is not logged."));
  if (what->waiting > 0)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE, "%u message waits to be encrypted.",
                                           "%u messages wait to be encrypted.", what->waiting),
                              what->waiting);
    }
  if (what->unconfirmed > 0)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text,
                              g_dngettext (GETTEXT_PACKAGE, "%u message has not arrived yet.",
                                           "%u messages have not arrived yet.", what->unconfirmed),
                              what->unconfirmed);
    }
  return g_string_free (text, FALSE);
}
