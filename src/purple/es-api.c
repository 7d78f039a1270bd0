/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the user interface may call. All of it is without effect while the plugin is not started. */
#include "es-plugin.h"

static EsLink *
link_of (PurpleConversation *conversation, EsAddress **contact)
{
  EsPlugin *plugin = es_plugin_running ();

  *contact = plugin != NULL && conversation != NULL ? es_conversation_contact (conversation) : NULL;
  return *contact != NULL ? es_plugin_link (plugin, purple_conversation_get_account (conversation)) : NULL;
}

static EsLink *
link_of_contact (PurpleAccount *account, const char *who, EsAddress **contact)
{
  EsPlugin *plugin = es_plugin_running ();
  EsLink *link = plugin != NULL ? es_plugin_link (plugin, account) : NULL;

  *contact = link != NULL ? es_border_contact (account, who) : NULL;
  return *contact != NULL && es_rooms_person (link, who) == ES_ROOMS_NOBODY ? link : NULL;
}

static gboolean
covers (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;

  return link_of (conversation, &contact) != NULL;
}

static char *
contact_of (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;

  return link_of (conversation, &contact) != NULL ? g_strdup (es_address_text (contact)) : NULL;
}

static void
account_changed (PurpleAccount *account)
{
  EsPlugin *plugin = es_plugin_running ();
  EsLink *link = plugin != NULL ? es_plugin_link (plugin, account) : NULL;

  if (link != NULL)
    es_choices_follow (link);
}

static gboolean
has_verified (PurpleBuddy *buddy)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of_contact (purple_buddy_get_account (buddy), purple_buddy_get_name (buddy), &contact);
  EsConversation what;

  if (link == NULL)
    return FALSE;
  es_manager_describe (link->manager, contact, &what);
  return what.once_verified && !what.lapsed;
}

static void
describe (PurpleConversation *conversation, EsConversation *what)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  *what = (EsConversation){ .state = ES_STATE_PLAIN, .own_policy = -1, .log = TRUE };
  if (link != NULL)
    es_manager_describe (link->manager, contact, what);
  what->may_be_swapped = es_secret_may_be_swapped ();
  if (what->log_refused)
    what->log_refused = !es_logging_is_agreed (link, contact);

  /* Who is there is not known: it is us who are offline, and libpurple says that. */
  if (!what->online)
    what->obstacle = ES_NOTICE_NONE;
}

static gboolean
policy (PurpleAccount *account, const char *who, int *own, EsPolicy *usual)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of_contact (account, who, &contact);
  EsConversation what;

  if (link == NULL)
    return FALSE;
  es_manager_describe (link->manager, contact, &what);
  *own = what.own_policy;
  *usual = what.usual_policy;
  return TRUE;
}

static gboolean
may_log (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  return link == NULL || es_logging_allowed (link, contact);
}

/* What the user wants of the contact that CONVERSATION is with, if it is with one. */
static void
tell (PurpleConversation *conversation, void (*wish) (EsManager *manager, const EsAddress *contact))
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  if (link != NULL)
    wish (link->manager, contact);
}

static void
tell_text (PurpleConversation *conversation,
           void (*wish) (EsManager *manager, const EsAddress *contact, const char *text),
           const char *text)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  if (link != NULL)
    wish (link->manager, contact, text);
}

static void
user_start (PurpleConversation *conversation)
{
  tell (conversation, es_manager_start);
}

static void
user_end (PurpleConversation *conversation)
{
  tell (conversation, es_manager_end);
}

static void
user_verify (PurpleConversation *conversation, const char *code, gboolean equal)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  if (link != NULL)
    es_manager_verify (link->manager, contact, code, equal);
}

static char *
own_link (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  return link != NULL ? es_manager_own_link (link->manager, contact) : NULL;
}

static EsLinkVerdict
user_check_link (PurpleConversation *conversation, const char *text)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  return link != NULL ? es_manager_check_link (link->manager, contact, text) : ES_LINK_NO_SESSION;
}

/* No reminder for a day from now. */
static void
user_verify_later (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  if (link != NULL)
    es_conversations_note_reminded (link, contact);
}

static GPtrArray *
waiting (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  return link != NULL ? es_manager_waiting (link->manager, contact) : g_ptr_array_new ();
}

static char *
user_withdraw (PurpleConversation *conversation, const char *label)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  return link != NULL ? es_manager_withdraw (link->manager, contact, label) : NULL;
}

static void
user_discard (PurpleConversation *conversation, const char *label)
{
  tell_text (conversation, es_manager_discard, label);
}

static void
user_undo_discard (PurpleConversation *conversation, const char *label)
{
  tell_text (conversation, es_manager_undo_discard, label);
}

static void
user_send_plain (PurpleConversation *conversation)
{
  tell (conversation, es_manager_send_plain);
}

static void
user_keep_waiting (PurpleConversation *conversation)
{
  tell (conversation, es_manager_keep_waiting);
}

static gboolean
show_verify (PurpleConversation *conversation)
{
  const EsPlugin *plugin = es_plugin_running ();

  return plugin != NULL && plugin->ui != NULL && plugin->ui->show_verify != NULL
         && plugin->ui->show_verify (conversation);
}

static void
user_write_anyway (PurpleConversation *conversation)
{
  tell (conversation, es_manager_write_anyway);
}

static void
user_password (PurpleConversation *conversation, const char *password, const char *question)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  if (link != NULL)
    es_manager_password (link->manager, contact, password, question);
}

static void
user_decline_password (PurpleConversation *conversation)
{
  tell (conversation, es_manager_decline_password);
}

static void
user_goes_on_unlogged (PurpleConversation *conversation)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of (conversation, &contact);

  if (link == NULL)
    return;
  es_logging_agree (link, contact);
  es_conversations_changed (link, contact);
}

static gboolean
user_set_policy (PurpleAccount *account, const char *who, int chosen)
{
  g_autoptr (EsAddress) contact = NULL;
  EsLink *link = link_of_contact (account, who, &contact);
  g_autoptr (GError) error = NULL;

  return link != NULL && es_manager_set_policy (link->manager, contact, chosen, &error);
}

static char *
protection_sentence (void)
{
  EsPlugin *plugin = es_plugin_running ();

  return plugin != NULL ? es_vault_sentence (plugin->vault) : g_strdup ("");
}

static void
user_protect (void)
{
  if (es_plugin_running () != NULL)
    es_vault_protect (es_plugin_running ()->vault);
}

static gboolean
is_locked (void)
{
  return es_plugin_running () != NULL && es_vault_is_locked (es_plugin_running ()->vault);
}

static void
user_unlock (void)
{
  if (es_plugin_running () != NULL)
    es_vault_unlock (es_plugin_running ()->vault);
}

static void
user_move_out (void)
{
  if (es_plugin_running () != NULL)
    es_mover_out (es_plugin_running ()->mover);
}

static void
user_move_in (void)
{
  if (es_plugin_running () != NULL)
    es_mover_in (es_plugin_running ()->mover);
}

static void
shown (void)
{
  if (es_plugin_running () != NULL)
    es_unsent_show_soon (es_plugin_running ());
}

const EsApi *
es_api (void)
{
  static const EsApi api = {
    .version = ES_API_VERSION,
    .start = es_plugin_start,
    .stop = es_plugin_stop,
    .shown = shown,
    .verify_label = es_conversations_verify_label,
    .account_changed = account_changed,
    .covers = covers,
    .contact_of = contact_of,
    .own_name = es_conversation_own_name,
    .buddy_of = es_conversation_buddy,
    .has_verified = has_verified,
    .describe = describe,
    .waiting = waiting,
    .policy = policy,
    .may_log = may_log,
    .user_start = user_start,
    .user_end = user_end,
    .user_verify = user_verify,
    .own_link = own_link,
    .user_check_link = user_check_link,
    .user_verify_later = user_verify_later,
    .show_verify = show_verify,
    .user_withdraw = user_withdraw,
    .user_discard = user_discard,
    .user_undo_discard = user_undo_discard,
    .user_send_plain = user_send_plain,
    .user_keep_waiting = user_keep_waiting,
    .user_write_anyway = user_write_anyway,
    .user_password = user_password,
    .user_decline_password = user_decline_password,
    .user_goes_on_unlogged = user_goes_on_unlogged,
    .user_set_policy = user_set_policy,
    .protection_sentence = protection_sentence,
    .user_protect = user_protect,
    .is_locked = is_locked,
    .user_unlock = user_unlock,
    .user_move_out = user_move_out,
    .user_move_in = user_move_in,
    .devices = es_remembered_list,
    .rename_device = es_remembered_rename,
    .unmark_device = es_remembered_unmark,
    .forget_device = es_remembered_forget,
    .forget_contact = es_remembered_forget_contact,
    .export_devices = es_remembered_export,
    .report = es_report_text,
    .write_report = es_report_write,
  };

  return &api;
}
