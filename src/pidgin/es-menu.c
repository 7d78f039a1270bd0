/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-menu.h"

#include <time.h>

#include <glib/gi18n-lib.h>

#include "es-about.h"
#include "es-devices.h"
#include "es-fault.h"
#include "es-labels.h"
#include "es-plain.h"
#include "es-settings.h"
#include "es-verify.h"
#include "es-words.h"

#define MENU_KEY "esession-menu"
#define POLICY_KEY "esession-policy"

/* The first radio button stands for -1, the next ones for the policies. */
#define N_CHOICES (ES_N_POLICIES + 1)

typedef struct
{
  PidginWindow *window;
  const EsApi *api;
  GtkWidget *start;
  GtkWidget *end;
  GtkWidget *verify;
  GtkWidget *choices[N_CHOICES];
  GtkWidget *log;
  char *opened_for;  /* while the user chooses: the contact, */
  PurpleAccount *of; /* and the account, which is only compared */
  gboolean updating; /* what changes now was not the user's doing */
} Menu;

static PurpleConversation *
active_conversation (const Menu *menu)
{
  return pidgin_conv_window_get_active_conversation (menu->window);
}

static void
menu_free (gpointer data)
{
  Menu *menu = data;

  g_free (menu->opened_for);
  g_free (menu);
}

/* Where the window shows another conversation by now than the one that the menu was opened for, nothing that is chosen there counts. */
static gboolean
is_current (const Menu *menu)
{
  PurpleConversation *conversation = active_conversation (menu);
  g_autofree char *contact = conversation != NULL ? menu->api->contact_of (conversation) : NULL;

  return menu->opened_for == NULL
         || (purple_strequal (contact, menu->opened_for) && purple_conversation_get_account (conversation) == menu->of);
}

/* What is chosen is for this one, NULL: for nobody. */
static PurpleConversation *
chosen_conversation (const Menu *menu)
{
  return is_current (menu) ? active_conversation (menu) : NULL;
}

static void
on_start (GtkMenuItem *item, Menu *menu)
{
  PurpleConversation *conversation = chosen_conversation (menu);

  if (conversation != NULL)
    menu->api->user_start (conversation);
}

static void
on_end (GtkMenuItem *item, Menu *menu)
{
  PurpleConversation *conversation = chosen_conversation (menu);

  if (conversation != NULL)
    es_plain_end (conversation, menu->api);
}

static void
on_verify (GtkMenuItem *item, Menu *menu)
{
  PurpleConversation *conversation = chosen_conversation (menu);

  if (conversation != NULL)
    es_verify_show (conversation, menu->api);
}

static void
on_devices (GtkMenuItem *item, Menu *menu)
{
  PurpleConversation *conversation = chosen_conversation (menu);
  g_autofree char *contact = conversation != NULL ? menu->api->contact_of (conversation) : NULL;

  if (conversation == NULL)
    return;
  es_devices_show (GTK_WINDOW (menu->window->window), menu->api, contact);
}

static void
on_settings (GtkMenuItem *item, Menu *menu)
{
  es_settings_show (GTK_WINDOW (menu->window->window), menu->api);
}

static void
on_about (GtkMenuItem *item, Menu *menu)
{
  es_about_show (GTK_WINDOW (menu->window->window));
}

static void
on_fault (GtkMenuItem *item, Menu *menu)
{
  es_fault_show (GTK_WINDOW (menu->window->window), menu->api);
}

static void
show_policy (Menu *menu, PurpleConversation *conversation)
{
  int own = -1;
  EsPolicy usual = ES_POLICY_POSSIBLE;
  g_autofree char *label = NULL;

  if (!menu->api->policy (purple_conversation_get_account (conversation), purple_conversation_get_name (conversation),
                          &own, &usual))
    return;
  label = es_policy_usual_label (usual);
  gtk_menu_item_set_label (GTK_MENU_ITEM (menu->choices[0]), label);
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (menu->choices[own + 1]), TRUE);
}

/* WHY it cannot be chosen, if it cannot. */
static void
enable (GtkWidget *item, gboolean can_be_chosen, const char *why)
{
  gtk_widget_set_sensitive (item, can_be_chosen);
  gtk_widget_set_tooltip_text (item, can_be_chosen ? NULL : why);
}

static void
show_log (Menu *menu, PurpleConversation *conversation)
{
  gboolean may_log = menu->api->may_log (conversation);

  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (menu->log), purple_conversation_is_logging (conversation));
  enable (menu->log, may_log,
          purple_prefs_get_bool (ES_PREF_LOG)
              ? _ ("The other side asked not to log this conversation.")
              : _ ("Your preferences say that encrypted conversations are not logged."));
}

/* Pidgin's own item looks at the conversation only when another tab is shown, and would promise what cannot be. */
static void
show_pidgins_log (const PidginWindow *window, gboolean may_log)
{
  PurpleConversation *conversation = pidgin_conv_window_get_active_conversation (window);

  if (conversation != NULL)
    gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (window->menu.logging),
                                    purple_conversation_is_logging (conversation));
  gtk_widget_set_sensitive (window->menu.logging, may_log);
}

static const char *
why_not_started (const EsConversation *what)
{
  if (!what->online)
    return _ ("You are not online.");
  if (what->state == ES_STATE_STARTING)
    return _ ("Encryption is already being started.");
  if (what->state == ES_STATE_PLAIN || what->state == ES_STATE_ENDED)
    return es_policy_sentence (what->policy);
  return _ ("This conversation is already encrypted.");
}

static void
update (Menu *menu)
{
  PurpleConversation *conversation = active_conversation (menu);
  EsConversation what = { .state = ES_STATE_PLAIN };

  if (conversation == NULL || !menu->api->covers (conversation))
    return;
  menu->updating = TRUE;
  menu->api->describe (conversation, &what);
  enable (menu->start, what.can_start, why_not_started (&what));
  enable (menu->end, what.can_end, _ ("This conversation is not encrypted."));
  enable (menu->verify, es_verify_can_show (&what),
          _ ("You can verify the other side as soon as this conversation is encrypted."));
  show_policy (menu, conversation);
  show_log (menu, conversation);
  show_pidgins_log (menu->window, menu->api->may_log (conversation));
  menu->updating = FALSE;
}

static void
on_show (GtkWidget *widget, Menu *menu)
{
  PurpleConversation *conversation = active_conversation (menu);

  g_free (menu->opened_for);
  menu->opened_for = conversation != NULL ? menu->api->contact_of (conversation) : NULL;
  menu->of = conversation != NULL ? purple_conversation_get_account (conversation) : NULL;
  update (menu);
}

/* After what was chosen has happened. */
static void
on_done (GtkMenuShell *shell, Menu *menu)
{
  g_clear_pointer (&menu->opened_for, g_free);
}

static void
say (PurpleConversation *conversation, const char *sentence)
{
  purple_conversation_write (conversation, NULL, sentence, PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_NO_LINKIFY,
                             time (NULL));
}

static void
set_policy (PurpleConversation *conversation, const EsApi *api, int policy)
{
  EsConversation before, after;

  api->describe (conversation, &before);
  if (!api->user_set_policy (purple_conversation_get_account (conversation),
                             purple_conversation_get_name (conversation), policy))
    say (conversation, es_policy_not_stored ());
  api->describe (conversation, &after);

  /* What was chosen may be what held anyway. */
  if (after.policy != before.policy)
    say (conversation, es_policy_sentence (after.policy));
}

static void
choose_never (PurpleConversation *conversation, const EsApi *api)
{
  set_policy (conversation, api, ES_POLICY_NEVER);
}

void
es_menu_never (PurpleConversation *conversation, const EsApi *api)
{
  es_plain_end_by (conversation, api, choose_never);
}

static void
on_policy (GtkCheckMenuItem *item, Menu *menu)
{
  PurpleConversation *conversation = chosen_conversation (menu);
  int policy = GPOINTER_TO_INT (g_object_get_data (G_OBJECT (item), POLICY_KEY));

  if (menu->updating || !gtk_check_menu_item_get_active (item) || conversation == NULL)
    return;
  if (policy == ES_POLICY_NEVER)
    es_menu_never (conversation, menu->api);
  else
    set_policy (conversation, menu->api, policy);
  update (menu);
}

/* It is the same choice as Pidgin's own, which also remembers it. */
static void
on_log (GtkCheckMenuItem *item, Menu *menu)
{
  if (menu->updating || chosen_conversation (menu) == NULL)
    return;
  gtk_check_menu_item_set_active (GTK_CHECK_MENU_ITEM (menu->window->menu.logging),
                                  gtk_check_menu_item_get_active (item));
  update (menu);
}

static GtkWidget *
append (GtkWidget *shell, GtkWidget *item, const char *signal, GCallback callback, Menu *menu)
{
  if (callback != NULL)
    g_signal_connect (item, signal, callback, menu);
  gtk_menu_shell_append (GTK_MENU_SHELL (shell), item);
  return item;
}

static GtkWidget *
make_policies (Menu *menu)
{
  GtkWidget *shell = gtk_menu_new ();
  GSList *group = NULL;

  for (int i = 0; i < N_CHOICES; i++)
    {
      const char *label = i == 0 ? "" : es_policy_label ((EsPolicy) (i - 1));
      GtkWidget *item = gtk_radio_menu_item_new_with_mnemonic (group, label);

      group = gtk_radio_menu_item_get_group (GTK_RADIO_MENU_ITEM (item));
      g_object_set_data (G_OBJECT (item), POLICY_KEY, GINT_TO_POINTER (i - 1));
      menu->choices[i] = append (shell, item, "toggled", G_CALLBACK (on_policy), menu);
    }
  gtk_menu_item_set_use_underline (GTK_MENU_ITEM (menu->choices[0]), TRUE);
  return shell;
}

GtkWidget *
es_menu_new (PidginWindow *window, const EsApi *api)
{
  Menu *menu = g_new0 (Menu, 1);
  /* Translators: The menu of a conversation, and the name that sentences give it. */
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (_ ("Encr_yption")), *shell = gtk_menu_new (), *contact = NULL;

  *menu = (Menu){ .window = window, .api = api };
  g_object_set_data_full (G_OBJECT (item), MENU_KEY, menu, menu_free);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (item), shell);
  g_signal_connect (shell, "show", G_CALLBACK (on_show), menu);
  g_signal_connect (shell, "selection-done", G_CALLBACK (on_done), menu);

  /* Translators: Encrypts the conversation; sentences of ours name this item, too. */
  menu->start = append (shell, gtk_menu_item_new_with_mnemonic (_ ("_Start encryption")), "activate",
                        G_CALLBACK (on_start), menu);
  /* Translators: Ends the encryption, not the conversation. */
  menu->end
      = append (shell, gtk_menu_item_new_with_mnemonic (_ ("_End encryption")), "activate", G_CALLBACK (on_end), menu);
  menu->verify
      /* Translators: Compares a code with the other person; sentences of ours name this item, too. */
      = append (shell, gtk_menu_item_new_with_mnemonic (_ ("_Verify...")), "activate", G_CALLBACK (on_verify), menu);
  append (shell, gtk_separator_menu_item_new (), NULL, NULL, menu);
  /* Translators: Its submenu says when conversations with this contact are encrypted. */
  contact = append (shell, gtk_menu_item_new_with_mnemonic (_ ("_This contact")), NULL, NULL, menu);
  gtk_menu_item_set_submenu (GTK_MENU_ITEM (contact), make_policies (menu));
  menu->log = append (shell, gtk_check_menu_item_new_with_mnemonic (_ ("_Log this conversation")), "toggled",
                      G_CALLBACK (on_log), menu);
  append (shell, gtk_separator_menu_item_new (), NULL, NULL, menu);
  append (shell, gtk_menu_item_new_with_mnemonic (_ ("_Remembered devices...")), "activate", G_CALLBACK (on_devices),
          menu);
  append (shell, gtk_menu_item_new_with_mnemonic (_ ("_Preferences...")), "activate", G_CALLBACK (on_settings), menu);
  /* Translators: Explains what encryption is. */
  append (shell, gtk_menu_item_new_with_mnemonic (_ ("_About encryption")), "activate", G_CALLBACK (on_about), menu);
  /* Translators: Of this plugin. */
  append (shell, gtk_menu_item_new_with_mnemonic (_ ("Report a pro_blem...")), "activate", G_CALLBACK (on_fault), menu);
  gtk_widget_show_all (item);
  gtk_widget_show_all (shell);
  gtk_widget_hide (shell);
  return item;
}

void
es_menu_update (GtkWidget *item)
{
  Menu *menu = g_object_get_data (G_OBJECT (item), MENU_KEY);
  GtkWidget *shell = gtk_menu_item_get_submenu (GTK_MENU_ITEM (item));

  show_pidgins_log (menu->window, menu->api->may_log (active_conversation (menu)));
  if (!gtk_widget_get_visible (shell))
    return;
  if (is_current (menu))
    update (menu);
  else
    gtk_menu_shell_cancel (GTK_MENU_SHELL (shell));
}

void
es_menu_destroy (GtkWidget *item)
{
  const Menu *menu = g_object_get_data (G_OBJECT (item), MENU_KEY);

  show_pidgins_log (menu->window, TRUE);
  gtk_widget_destroy (item);
}
