/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The menu of a contact in the buddy list, and in Conversation > More: when its conversations are to be encrypted. */
#include "es-plugin.h"

#include <glib/gi18n-lib.h>

#include "es-words.h"

/* Where libpurple's menus keep what was chosen: never NULL, so that the usual one is not nothing. */
#define USUAL 100

static PurpleBuddy *
buddy_of (PurpleBlistNode *node)
{
  if (PURPLE_BLIST_NODE_IS_BUDDY (node))
    return PURPLE_BUDDY (node);
  return PURPLE_BLIST_NODE_IS_CONTACT (node) ? purple_contact_get_priority_buddy (PURPLE_CONTACT (node)) : NULL;
}

static void
on_chosen (PurpleBlistNode *node, gpointer chosen)
{
  PurpleBuddy *buddy = buddy_of (node);
  int policy = GPOINTER_TO_INT (chosen) == USUAL ? -1 : GPOINTER_TO_INT (chosen) - 1;
  EsPlugin *plugin = es_plugin_running ();

  if (plugin == NULL || buddy == NULL
      || es_api ()->user_set_policy (purple_buddy_get_account (buddy), purple_buddy_get_name (buddy), policy))
    return;
  purple_notify_error (plugin->handle, _ ("Encrypted Sessions"), es_policy_not_stored (), NULL);
}

/* These menus have no radio buttons: a check mark says what holds. */
static PurpleMenuAction *
make_item (const char *label, gboolean chosen, int data)
{
  g_autofree char *marked = g_strdup_printf ("\342\234\223 %s", label);

  return purple_menu_action_new (chosen ? marked : label, PURPLE_CALLBACK (on_chosen), GINT_TO_POINTER (data), NULL);
}

/* Pidgin knows what the underlines in our labels mean, others show them. */
static void
strip_mnemonics (GList *items)
{
  for (; items != NULL; items = items->next)
    {
      PurpleMenuAction *action = items->data;
      char *label = action != NULL ? action->label : NULL;

      if (action == NULL)
        continue;
      action->label = purple_text_strip_mnemonic (label);
      g_free (label);
      strip_mnemonics (action->children);
    }
}

static void
on_menu (PurpleBlistNode *node, GList **menu, EsPlugin *plugin)
{
  PurpleBuddy *buddy = buddy_of (node);
  GList *items = NULL;
  g_autofree char *usual_label = NULL;
  int own = -1;
  EsPolicy usual = ES_POLICY_POSSIBLE;

  if (buddy == NULL
      || !es_api ()->policy (purple_buddy_get_account (buddy), purple_buddy_get_name (buddy), &own, &usual))
    return;
  usual_label = es_policy_usual_label (usual);
  items = g_list_append (items, make_item (usual_label, own < 0, USUAL));
  for (int i = 0; i < ES_N_POLICIES; i++)
    items = g_list_append (items, make_item (es_policy_label ((EsPolicy) i), own == i, i + 1));
  items = g_list_append (NULL, purple_menu_action_new (_ ("Encr_yption"), NULL, NULL, items));
  if (!purple_strequal (purple_core_get_ui (), "gtk-gaim"))
    strip_mnemonics (items);
  *menu = g_list_concat (*menu, items);
}

void
es_menu_start (EsPlugin *plugin)
{
  purple_signal_connect (purple_blist_get_handle (), "blist-node-extended-menu", plugin->handle,
                         PURPLE_CALLBACK (on_menu), plugin);
}
