/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of a contact in the buddy list, and in Conversation > More: when its conversations are to be encrypted. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-fit.h"
#include "es-labels.h"
#include "es-words.h"

static PurpleBuddy *
buddy_of (PurpleBlistNode *node)
{
  if (PURPLE_BLIST_NODE_IS_BUDDY (node))
    return PURPLE_BUDDY (node);
  return PURPLE_BLIST_NODE_IS_CONTACT (node) ? purple_contact_get_priority_buddy (PURPLE_CONTACT (node)) : NULL;
}

/* Whom the menu of NODE was made for, which is MADE_FOR, a node that may be there no more: NULL then. Of a person the contact that
 * comes first may have become another one since. */
static PurpleBuddy *
still_there (PurpleBlistNode *node, gpointer made_for)
{
  PurpleBlistNode *found = node;

  if (PURPLE_BLIST_NODE_IS_CONTACT (node))
    for (found = purple_blist_node_get_first_child (node); found != NULL && found != made_for;)
      found = purple_blist_node_get_sibling_next (found);
  return found == made_for ? buddy_of (found) : NULL;
}

static EsPolicy
policy_of (PurpleBuddy *buddy)
{
  int own = -1;
  EsPolicy usual = ES_POLICY_POSSIBLE;

  es_api ()->policy (purple_buddy_get_account (buddy), purple_buddy_get_name (buddy), &own, &usual);
  return own >= 0 && own < ES_N_POLICIES ? (EsPolicy) own : usual;
}

/* Where there is a conversation it says what holds now. */
static void
say_policy (EsPlugin *plugin, PurpleBuddy *buddy)
{
  EsLink *link = es_plugin_link (plugin, purple_buddy_get_account (buddy));
  g_autoptr (EsAddress) contact
      = link != NULL ? es_border_contact (link->account, purple_buddy_get_name (buddy)) : NULL;
  g_autoptr (GList) all = contact != NULL ? es_conversations_of (link, contact) : NULL;

  for (GList *item = all; item != NULL; item = item->next)
    es_conversations_write (item->data, es_policy_sentence (policy_of (buddy)), 0);
}

static void
choose (PurpleBlistNode *node, gpointer made_for, int policy)
{
  PurpleBuddy *buddy = still_there (node, made_for);
  EsPlugin *plugin = es_plugin_running ();
  EsPolicy before = ES_POLICY_POSSIBLE;

  if (plugin == NULL || buddy == NULL)
    return;
  before = policy_of (buddy);
  if (!es_api ()->user_set_policy (purple_buddy_get_account (buddy), purple_buddy_get_name (buddy), policy))
    purple_notify_error (plugin->handle, _ ("Encrypted Sessions"), es_policy_not_stored (), NULL);
  else if (policy_of (buddy) != before)
    say_policy (plugin, buddy);
}

static void
on_usual (PurpleBlistNode *node, gpointer made_for)
{
  choose (node, made_for, -1);
}

static void
on_ask (PurpleBlistNode *node, gpointer made_for)
{
  choose (node, made_for, ES_POLICY_ASK);
}

static void
on_possible (PurpleBlistNode *node, gpointer made_for)
{
  choose (node, made_for, ES_POLICY_POSSIBLE);
}

static void
on_always (PurpleBlistNode *node, gpointer made_for)
{
  choose (node, made_for, ES_POLICY_ALWAYS);
}

/* These menus have no radio buttons: a check mark says what holds. */
static PurpleMenuAction *
make_item (const char *label, gboolean chosen, void (*callback) (PurpleBlistNode *, gpointer), PurpleBuddy *buddy)
{
  g_autofree char *marked = g_strdup_printf ("\342\234\223 %s", label);

  return purple_menu_action_new (chosen ? marked : label, PURPLE_CALLBACK (callback), buddy, NULL);
}

/* As the program shows them that there is. */
static void
fit_labels (GList *items)
{
  for (; items != NULL; items = items->next)
    {
      PurpleMenuAction *action = items->data;
      char *label = action != NULL ? action->label : NULL;

      if (action == NULL)
        continue;
      action->label = es_fit_label (label);
      g_free (label);
      fit_labels (action->children);
    }
}

static PurpleConversation *
conversation_with (PurpleBlistNode *node, gpointer made_for)
{
  PurpleBuddy *buddy = still_there (node, made_for);

  return buddy != NULL ? purple_conversation_new (PURPLE_CONV_TYPE_IM, purple_buddy_get_account (buddy),
                                                  purple_buddy_get_name (buddy))
                       : NULL;
}

/* What is said of it is said in the conversation. */

static void
on_never (PurpleBlistNode *node, gpointer made_for)
{
  const EsPlugin *plugin = es_plugin_running ();
  gboolean asks = plugin != NULL && plugin->ui != NULL && plugin->ui->never != NULL;
  PurpleConversation *conversation = asks ? conversation_with (node, made_for) : NULL;

  if (conversation != NULL)
    plugin->ui->never (conversation);
  else if (!asks)
    choose (node, made_for, ES_POLICY_NEVER);
}

static void
on_start (PurpleBlistNode *node, gpointer made_for)
{
  PurpleConversation *conversation = conversation_with (node, made_for);

  if (conversation != NULL)
    es_api ()->user_start (conversation);
}

static void
on_end (PurpleBlistNode *node, gpointer made_for)
{
  const EsPlugin *plugin = es_plugin_running ();
  PurpleConversation *conversation = conversation_with (node, made_for);

  if (conversation == NULL)
    return;
  if (plugin != NULL && plugin->ui != NULL && plugin->ui->end != NULL)
    plugin->ui->end (conversation);
  else
    es_api ()->user_end (conversation);
}

static void
on_verify (PurpleBlistNode *node, gpointer made_for)
{
  const EsPlugin *plugin = es_plugin_running ();
  PurpleConversation *conversation = conversation_with (node, made_for);

  if (plugin != NULL && conversation != NULL)
    plugin->ui->show_verify (conversation);
}

static void
on_log (PurpleBlistNode *node, gpointer made_for)
{
  PurpleConversation *conversation = conversation_with (node, made_for);

  if (conversation != NULL && es_api ()->may_log (conversation))
    purple_conversation_set_logging (conversation, !purple_conversation_is_logging (conversation));
}

static void
on_devices (PurpleBlistNode *node, gpointer made_for)
{
  const EsPlugin *plugin = es_plugin_running ();
  PurpleBuddy *buddy = still_there (node, made_for);

  if (plugin != NULL && buddy != NULL)
    plugin->ui->show_devices (purple_buddy_get_name (buddy));
}

static void
on_preferences (PurpleBlistNode *node, gpointer data)
{
  const EsPlugin *plugin = es_plugin_running ();

  if (plugin != NULL)
    plugin->ui->show_preferences ();
}

static void
on_about (PurpleBlistNode *node, gpointer data)
{
  const EsPlugin *plugin = es_plugin_running ();

  if (plugin != NULL)
    plugin->ui->show_about ();
}

static void
on_report (PurpleBlistNode *node, gpointer data)
{
  const EsPlugin *plugin = es_plugin_running ();

  if (plugin != NULL)
    plugin->ui->show_report ();
}

/* What makes no sense now is there all the same, and does nothing. */
static void
add (GList **items,
     const char *label,
     void (*callback) (PurpleBlistNode *, gpointer),
     PurpleBuddy *buddy,
     gboolean sensible)
{
  *items = g_list_append (*items,
                          purple_menu_action_new (label, sensible ? PURPLE_CALLBACK (callback) : NULL, buddy, NULL));
}

static GList *
make_policies (PurpleBuddy *buddy, int own, EsPolicy usual)
{
  static void (*const callbacks[ES_N_POLICIES]) (PurpleBlistNode *, gpointer)
      = { on_never, on_ask, on_possible, on_always };
  g_autofree char *usual_label = es_policy_usual_label (usual);
  GList *items = g_list_append (NULL, make_item (usual_label, own < 0, on_usual, buddy));

  for (int i = 0; i < ES_N_POLICIES; i++)
    items = g_list_append (items, make_item (es_policy_label ((EsPolicy) i), own == i, callbacks[i], buddy));
  return items;
}

static void
add_log (GList **items, const EsLink *link, const EsAddress *contact, PurpleBuddy *buddy)
{
  PurpleConversation *conversation = es_border_conversation (PURPLE_CONV_TYPE_IM, link->account, contact);
  gboolean logs = conversation != NULL && purple_conversation_is_logging (conversation);
  g_autofree char *label = g_strconcat (logs ? "\342\234\223 " : "", _ ("_Log this conversation"), NULL);

  add (items, label, on_log, buddy, conversation != NULL && es_api ()->may_log (conversation));
}

static void
on_menu (PurpleBlistNode *node, GList **menu, EsPlugin *plugin)
{
  PurpleBuddy *buddy = buddy_of (node);
  EsLink *link = buddy != NULL ? es_plugin_link (plugin, purple_buddy_get_account (buddy)) : NULL;
  g_autoptr (EsAddress) contact
      = link != NULL ? es_border_contact (link->account, purple_buddy_get_name (buddy)) : NULL;
  gboolean online = link != NULL && es_link_connection (link) != NULL;
  const EsUi *ui = plugin->ui;
  GList *items = NULL;
  EsConversation what;

  if (contact == NULL)
    return;
  es_manager_describe (link->manager, contact, &what);
  add (&items, _ ("_Start encryption"), on_start, buddy, online && what.can_start);
  add (&items, _ ("_End encryption"), on_end, buddy, online && what.can_end);
  if (ui != NULL && ui->show_verify != NULL)
    add (&items, _ ("_Verify..."), on_verify, buddy,
         online && (what.state == ES_STATE_ENCRYPTED || what.state == ES_STATE_VERIFIED) && what.code != NULL);
  items = g_list_append (items, NULL);
  items = g_list_append (items, purple_menu_action_new (_ ("_This contact"), NULL, NULL,
                                                        make_policies (buddy, what.own_policy, what.usual_policy)));
  add_log (&items, link, contact, buddy);
  items = g_list_append (items, NULL);
  if (ui != NULL && ui->show_devices != NULL)
    add (&items, _ ("_Remembered devices..."), on_devices, buddy, TRUE);
  if (ui != NULL && ui->show_preferences != NULL)
    add (&items, _ ("_Preferences..."), on_preferences, buddy, TRUE);
  if (ui != NULL && ui->show_about != NULL)
    add (&items, _ ("_About encryption"), on_about, buddy, TRUE);
  if (ui != NULL && ui->show_report != NULL)
    add (&items, _ ("Report a pro_blem..."), on_report, buddy, TRUE);
  /* Translators: The menu of a conversation, and of a contact in the buddy list. */
  items = g_list_append (NULL, purple_menu_action_new (_ ("Encr_yption"), NULL, NULL, items));
  fit_labels (items);
  *menu = g_list_concat (*menu, items);
}

void
es_menu_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_blist_get_handle (), "blist-node-extended-menu", plugin->handle,
                         PURPLE_CALLBACK (on_menu), plugin);
}
