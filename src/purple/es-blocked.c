/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Contacts whom the user has blocked. For them we are not there: what they send of encryption is not looked at, nothing of ours
 * goes to them. All else is libpurple's to keep away, or not. */
#include "es-plugin.h"

#include "es-channel.h"
#include "es-negotiation.h"

gboolean
es_blocked_has (const EsLink *link, const EsAddress *jid)
{
  return !purple_privacy_check (link->account, es_address_text (es_address_bare (jid)));
}

/* Answers to iqs of ours are found by their ids. */
gboolean
es_blocked_is_for_us (const xmlnode *packet)
{
  static const char *const ours[] = { ES_NS_CRYPT, ES_NS_INIT, ES_NS_FEATURE, NULL };

  for (const xmlnode *child = packet->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_TAG && child->xmlns != NULL && g_strv_contains (ours, child->xmlns))
      return TRUE;
  return FALSE;
}

/* Whoever is blocked is gone; whoever is not any more is asked for. */
static void
on_changed (PurpleBuddy *buddy, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, purple_buddy_get_account (buddy));
  g_autoptr (EsAddress) contact
      = link != NULL ? es_border_contact (link->account, purple_buddy_get_name (buddy)) : NULL;

  if (contact == NULL)
    return;
  if (es_blocked_has (link, contact))
    es_manager_set_presence (link->manager, contact, FALSE, 0, NULL);
  else
    es_presence_ask_presence (link, contact);
}

void
es_blocked_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_blist_get_handle (), "buddy-privacy-changed", plugin->handle,
                         PURPLE_CALLBACK (on_changed), plugin);
}
