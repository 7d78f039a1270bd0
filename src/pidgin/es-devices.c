/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-devices.h"

#include <string.h>

#include <gdk/gdkkeysyms.h>
#include <glib/gi18n-lib.h>
#include <gtkutils.h>

#include "es-device-list.h"
#include "es-help.h"
#include "es-label.h"
#include "es-lists.h"
#include "es-rename.h"
#include "es-save.h"
#include "es-verify.h"

#define PREF_WINDOW "/plugins/gtk/esession"
#define PREF_WIDTH PREF_WINDOW "/devices-width"
#define PREF_HEIGHT PREF_WINDOW "/devices-height"
#define WIDTH 800
#define HEIGHT 400
#define SMALLEST 200
#define LARGEST 10000

#define ACTION_KEY "esession-action"

typedef enum
{
  RENAME,
  VERIFY,
  UNMARK,
  FORGET,
  FORGET_CONTACT,
  EXPORT,
  N_ACTIONS
} Action;

static const char *const labels[N_ACTIONS] = {
  N_ ("_Rename..."),
  /* Translators: Compares the verification code of the device that is selected. */
  N_ ("_Verify now..."),
  N_ ("Mark as _not verified"),
  /* Translators: What is forgotten is no longer recognised. */
  N_ ("_Forget"),
  N_ ("Forget _all of this contact"),
  N_ ("E_xport..."),
};

typedef struct
{
  const EsApi *api;
  GtkWidget *dialog;
  GtkWidget *search;
  GtkWidget *scrolled;
  GtkWidget *sentence; /* instead of the list, where there is nothing in it */
  GtkWidget *buttons[N_ACTIONS];
  EsDeviceList *list;
  guint n_devices; /* in all */
} Devices;

/* The window, while it is there. */
static Devices *shown;

/* What can be done with what is selected: NULL if ACTION can, or the sentence why not. */
static const char *
hindrance (Action action, const GPtrArray *selected)
{
  const EsRemembered *device = selected->len > 0 ? selected->pdata[0] : NULL;
  gboolean any_verified = FALSE, any_moved = FALSE;

  if (action == EXPORT)
    return NULL;
  if (device == NULL)
    return _ ("Select a device first.");
  for (guint i = 0; i < selected->len; i++)
    {
      const EsRemembered *other = selected->pdata[i];

      any_verified |= other->verified;
      any_moved |= other->moved != 0;
      if (action == FORGET_CONTACT
          && (strcmp (other->contact, device->contact) != 0 || strcmp (other->account_name, device->account_name) != 0))
        return _ ("Select devices of one contact only.");
    }
  if (any_moved && (action == RENAME || action == VERIFY || action == UNMARK))
    return es_device_moved_sentence ();
  if ((action == RENAME || action == VERIFY) && selected->len > 1)
    return _ ("Select one device only.");
  if (action == VERIFY)
    return device->cannot_verify;
  if (action == UNMARK && !any_verified)
    return _ ("What is selected is not verified.");
  return NULL;
}

static void
complain_unchanged (const Devices *devices, const char *why)
{
  es_complain (GTK_WINDOW (devices->dialog), _ ("The list of remembered devices was not changed."), why);
}

/* Filling */

static void
update_buttons (Devices *devices)
{
  g_autoptr (GPtrArray) selected = es_device_list_selected (devices->list);

  for (int i = 0; i < N_ACTIONS; i++)
    {
      const char *why = i == EXPORT && devices->n_devices == 0 ? _ ("There is nothing to export yet.")
                                                               : hindrance ((Action) i, selected);

      gtk_widget_set_sensitive (devices->buttons[i], why == NULL);
      gtk_widget_set_tooltip_text (devices->buttons[i], why);
      atk_object_set_description (gtk_widget_get_accessible (devices->buttons[i]), why != NULL ? why : "");
    }
}

static void
say (Devices *devices, const char *sentence)
{
  gtk_widget_set_visible (devices->scrolled, sentence == NULL);
  gtk_widget_set_visible (devices->sentence, sentence != NULL);
  es_label_set_text (devices->sentence, sentence != NULL ? sentence : "");
}

static void
fill (Devices *devices)
{
  g_autofree char *error = NULL;
  GPtrArray *found = devices->api->devices (&error);
  const char *words = gtk_entry_get_text (GTK_ENTRY (devices->search));
  guint n = 0;

  devices->n_devices = found != NULL ? found->len : 0;
  n = es_device_list_fill (devices->list, found != NULL ? found : g_ptr_array_new (), words);
  if (error != NULL)
    say (devices, error);
  else if (devices->n_devices == 0)
    say (devices,
         _ ("Here you will find every device with which you have had an encrypted conversation, and which of them "
            "you have verified."));
  else if (n == 0)
    /* Translators: Nothing was found for the words in the search entry. */
    say (devices, _ ("No remembered device holds these words."));
  else
    say (devices, NULL);
  update_buttons (devices);
}

/* Actions */

static void
verify (const Devices *devices, const EsRemembered *device)
{
  g_autofree char *contact = g_strdup (device->contact);
  PurpleConversation *conversation = NULL;

  if (device->account == NULL || device->cannot_verify != NULL)
    return;
  conversation = purple_conversation_new (PURPLE_CONV_TYPE_IM, device->account, contact);
  if (conversation == NULL)
    return;
  purple_conversation_present (conversation);
  es_verify_show (conversation, devices->api);
}

/* Whether all of the devices in SELECTED could be changed by CHANGE. */
static void
change_all (Devices *devices, const GPtrArray *selected, gboolean (*change) (gint64 id, char **error))
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree char *error = NULL;
  gboolean good = TRUE;

  /* The list may be another one after the first. */
  for (guint i = 0; i < selected->len; i++)
    g_array_append_val (ids, ((EsRemembered *) selected->pdata[i])->id);
  for (guint i = 0; good && i < ids->len; i++)
    good = change (g_array_index (ids, gint64, i), &error);
  if (!good)
    complain_unchanged (devices, error);
  fill (devices);
}

static void
unmark (Devices *devices, GPtrArray *selected)
{
  for (guint i = selected->len; i-- > 0;)
    if (!((const EsRemembered *) selected->pdata[i])->verified)
      g_ptr_array_remove_index (selected, i);
  change_all (devices, selected, devices->api->unmark_device);
}

#define RESPONSE_LOST 1

/* Forgetting asks first, and forgets what was asked about, whatever is selected by then. */
typedef struct
{
  GArray *ids; /* of gint64; or all of a contact: */
  char *account;
  char *contact;
} Asked;

static void
asked_free (gpointer data, GClosure *closure)
{
  Asked *asked = data;

  g_array_unref (asked->ids);
  g_free (asked->account);
  g_free (asked->contact);
  g_free (asked);
}

static void
on_answer (GtkDialog *dialog, int response, Asked *asked)
{
  const EsApi *api = shown != NULL ? shown->api : NULL;
  g_autofree char *error = NULL;
  gboolean good = TRUE, lost = response == RESPONSE_LOST,
           forget = api != NULL && (lost || response == GTK_RESPONSE_YES);

  if (forget && asked->contact != NULL)
    good = api->forget_contact (asked->account, asked->contact, lost, &error);
  for (guint i = 0; forget && good && i < asked->ids->len; i++)
    good = api->forget_device (g_array_index (asked->ids, gint64, i), lost, &error);
  if (!good && shown != NULL)
    complain_unchanged (shown, error);
  if (shown != NULL)
    fill (shown);
  gtk_widget_destroy (GTK_WIDGET (dialog));
}

static char *
question_of (const GPtrArray *selected, gboolean whole_contact)
{
  const EsRemembered *device = selected->pdata[0];
  g_autofree char *name = es_device_quoted_name (device), *contact = es_device_quoted_contact (device);

  if (whole_contact)
    /* Translators: %s is a person. */
    return g_strdup_printf (_ ("Forget all devices of %s?"), contact);
  if (selected->len == 1)
    /* Translators: a device and a person. */
    return g_strdup_printf (_ ("Forget the device %s of %s?"), name, contact);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Forget %u device?", "Forget %u devices?", selected->len),
                          selected->len);
}

static void
ask_forget (Devices *devices, const GPtrArray *selected, gboolean whole_contact)
{
  const EsRemembered *device = selected->pdata[0];
  g_autofree char *question = question_of (selected, whole_contact), *error = NULL;
  g_autoptr (GPtrArray) all = devices->api->devices (&error);
  g_autofree char *explanation = es_forget_explanation (all, selected, whole_contact);
  Asked *asked = g_new0 (Asked, 1);
  GtkWidget *dialog
      = gtk_message_dialog_new (GTK_WINDOW (devices->dialog), GTK_DIALOG_MODAL | GTK_DIALOG_DESTROY_WITH_PARENT,
                                GTK_MESSAGE_WARNING, GTK_BUTTONS_NONE, "%s", question);

  asked->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  for (guint i = 0; !whole_contact && i < selected->len; i++)
    g_array_append_val (asked->ids, ((EsRemembered *) selected->pdata[i])->id);
  asked->account = g_strdup (device->account_name);
  asked->contact = whole_contact ? g_strdup (device->contact) : NULL;
  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (dialog), "%s", explanation);
  gtk_window_set_title (GTK_WINDOW (dialog), _ ("Forget?"));
  atk_object_set_name (gtk_widget_get_accessible (dialog), _ ("Forget?")); /* instead of "Warning" */
  gtk_dialog_add_button (GTK_DIALOG (dialog), GTK_STOCK_CANCEL, GTK_RESPONSE_CANCEL);
  if (es_forget_loses_verification (all, selected, whole_contact))
    gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Lost or stolen"), RESPONSE_LOST);
  gtk_dialog_add_button (GTK_DIALOG (dialog), _ ("_Forget"), GTK_RESPONSE_YES);
  gtk_dialog_set_default_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
  gtk_widget_grab_focus (gtk_dialog_get_widget_for_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL));
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answer), asked, asked_free, 0);
  es_help_add (GTK_DIALOG (dialog), ES_HELP_DEVICES);
  gtk_widget_show_all (dialog);
}

static void export(Devices *devices)
{
  g_autofree char *why = NULL, *text = devices->api->export_devices (&why);
  const char *failed = _ ("The list was not written: please choose another place.");
  /* Translators: The name of a file: no spaces. */
  const char *name = _ ("remembered-devices.txt");

  if (text != NULL)
    es_save_text (GTK_WINDOW (devices->dialog), _ ("Export remembered devices"), name, text, failed);
  else
    es_complain (GTK_WINDOW (devices->dialog), failed, why);
}

static void
act (Devices *devices, Action action)
{
  g_autoptr (GPtrArray) selected = es_device_list_selected (devices->list);

  if (hindrance (action, selected) != NULL || devices->n_devices == 0)
    return;
  switch (action)
    {
    case RENAME:
      es_rename_show (GTK_WINDOW (devices->dialog), devices->api, selected->pdata[0]);
      break;
    case VERIFY:
      verify (devices, selected->pdata[0]);
      break;
    case UNMARK:
      unmark (devices, selected);
      break;
    case FORGET:
    case FORGET_CONTACT:
      ask_forget (devices, selected, action == FORGET_CONTACT);
      break;
    case EXPORT:
      export(devices);
      break;
    case N_ACTIONS:
    default:
      break;
    }
}

static void
on_action (GtkWidget *widget, Devices *devices)
{
  act (devices, (Action) GPOINTER_TO_INT (g_object_get_data (G_OBJECT (widget), ACTION_KEY)));
}

/* Keys and the context menu */

static gboolean
on_key (GtkWidget *view, GdkEventKey *event, Devices *devices)
{
  if (event->keyval == GDK_F2)
    act (devices, RENAME);
  else if (event->keyval == GDK_Delete || event->keyval == GDK_KP_Delete)
    act (devices, FORGET);
  else
    return FALSE;
  return TRUE;
}

static void
popup (Devices *devices, const GdkEventButton *event)
{
  GtkWidget *menu = gtk_menu_new ();
  g_autoptr (GPtrArray) selected = es_device_list_selected (devices->list);

  for (int i = 0; i < N_ACTIONS; i++)
    {
      GtkWidget *item = gtk_menu_item_new_with_mnemonic (_ (labels[i]));
      const char *why = hindrance ((Action) i, selected);

      g_object_set_data (G_OBJECT (item), ACTION_KEY, GINT_TO_POINTER (i));
      g_signal_connect (item, "activate", G_CALLBACK (on_action), devices);
      gtk_widget_set_sensitive (item, why == NULL);
      gtk_widget_set_tooltip_text (item, why);
      gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
    }
  gtk_widget_show_all (menu);
  gtk_menu_attach_to_widget (GTK_MENU (menu), es_device_list_widget (devices->list), NULL);
  g_signal_connect (menu, "selection-done", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_menu_popup (GTK_MENU (menu), NULL, NULL, event == NULL ? pidgin_treeview_popup_menu_position_func : NULL,
                  es_device_list_widget (devices->list), event != NULL ? event->button : 0,
                  event != NULL ? event->time : gtk_get_current_event_time ());
  if (event == NULL)
    gtk_menu_shell_select_first (GTK_MENU_SHELL (menu), TRUE);
}

static gboolean
on_popup_menu (GtkWidget *view, Devices *devices)
{
  popup (devices, NULL);
  return TRUE;
}

/* What is clicked on is what it is about, unless it is one of several selected ones. */
static gboolean
on_button (GtkWidget *view, GdkEventButton *event, Devices *devices)
{
  GtkTreeSelection *selection = gtk_tree_view_get_selection (GTK_TREE_VIEW (view));
  GtkTreePath *path = NULL;

  if (event->type != GDK_BUTTON_PRESS || event->button != 3)
    return FALSE;
  if (gtk_tree_view_get_path_at_pos (GTK_TREE_VIEW (view), (int) event->x, (int) event->y, &path, NULL, NULL, NULL)
      && !gtk_tree_selection_path_is_selected (selection, path))
    gtk_tree_view_set_cursor (GTK_TREE_VIEW (view), path, NULL, FALSE);
  gtk_tree_path_free (path);
  popup (devices, event);
  return TRUE;
}

/* The window */

static void
on_selection (GtkTreeSelection *selection, Devices *devices)
{
  update_buttons (devices);
}

static void
on_search (GtkEntry *entry, Devices *devices)
{
  fill (devices);
}

static gboolean
on_search_key (GtkWidget *entry, GdkEventKey *event, Devices *devices)
{
  if (event->keyval != GDK_Down)
    return FALSE;
  gtk_widget_grab_focus (es_device_list_widget (devices->list));
  return TRUE;
}

static gboolean
on_configure (GtkWidget *dialog, GdkEventConfigure *event, gpointer data)
{
  purple_prefs_set_int (PREF_WIDTH, event->width);
  purple_prefs_set_int (PREF_HEIGHT, event->height);
  return FALSE;
}

static void
on_destroy (GtkWidget *dialog, gpointer data)
{
  shown = NULL;
}

static GtkWidget *
make_search (Devices *devices)
{
  GtkWidget *row = gtk_hbox_new (FALSE, 6), *label = gtk_label_new_with_mnemonic (_ ("_Search:"));

  devices->search = gtk_entry_new ();
  gtk_label_set_mnemonic_widget (GTK_LABEL (label), devices->search);
  g_signal_connect (devices->search, "changed", G_CALLBACK (on_search), devices);
  g_signal_connect (devices->search, "key-press-event", G_CALLBACK (on_search_key), devices);
  gtk_box_pack_start (GTK_BOX (row), label, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), devices->search, TRUE, TRUE, 0);
  return row;
}

static GtkWidget *
make_buttons (Devices *devices)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 4);

  for (int i = 0; i < N_ACTIONS; i++)
    {
      GtkWidget *button = gtk_button_new_with_mnemonic (_ (labels[i]));

      gtk_button_set_alignment (GTK_BUTTON (button), 0, 0.5);
      g_object_set_data (G_OBJECT (button), ACTION_KEY, GINT_TO_POINTER (i));
      g_signal_connect (button, "clicked", G_CALLBACK (on_action), devices);
      gtk_box_pack_start (GTK_BOX (box), button, FALSE, FALSE, 0);
      devices->buttons[i] = button;
    }
  return box;
}

static GtkWidget *
make_list (Devices *devices)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 0), *view = NULL;

  devices->list = es_device_list_new ();
  view = es_device_list_widget (devices->list);
  g_signal_connect (gtk_tree_view_get_selection (GTK_TREE_VIEW (view)), "changed", G_CALLBACK (on_selection), devices);
  g_signal_connect (view, "key-press-event", G_CALLBACK (on_key), devices);
  g_signal_connect (view, "button-press-event", G_CALLBACK (on_button), devices);
  g_signal_connect (view, "popup-menu", G_CALLBACK (on_popup_menu), devices);
  devices->scrolled = gtk_scrolled_window_new (NULL, NULL);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (devices->scrolled), GTK_POLICY_AUTOMATIC, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_shadow_type (GTK_SCROLLED_WINDOW (devices->scrolled), GTK_SHADOW_IN);
  gtk_container_add (GTK_CONTAINER (devices->scrolled), view);
  devices->sentence = es_label_new ();
  gtk_box_pack_start (GTK_BOX (box), devices->scrolled, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (box), devices->sentence, TRUE, TRUE, 0);
  return box;
}

static int
stored_size (const char *preference, int otherwise)
{
  int size = purple_prefs_get_int (preference);

  return size >= SMALLEST && size <= LARGEST ? size : otherwise;
}

static Devices *
make (GtkWindow *parent, const EsApi *api)
{
  Devices *devices = g_new0 (Devices, 1);
  GtkWidget *box = gtk_vbox_new (FALSE, 6), *row = gtk_hbox_new (FALSE, 6);
  GdkScreen *screen = NULL;

  devices->api = api;
  devices->dialog = gtk_dialog_new_with_buttons (_ ("Remembered devices"), parent, GTK_DIALOG_NO_SEPARATOR,
                                                 GTK_STOCK_CLOSE, GTK_RESPONSE_CLOSE, NULL);
  g_object_set_data_full (G_OBJECT (devices->dialog), ACTION_KEY, devices, g_free);
  es_help_add (GTK_DIALOG (devices->dialog), ES_HELP_DEVICES);
  gtk_container_set_border_width (GTK_CONTAINER (box), 6);
  gtk_box_pack_start (GTK_BOX (box), make_search (devices), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), make_list (devices), TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (row), make_buttons (devices), FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), row, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (devices->dialog))), box, TRUE, TRUE, 0);
  screen = gtk_window_get_screen (GTK_WINDOW (devices->dialog));
  gtk_window_set_default_size (GTK_WINDOW (devices->dialog),
                               MIN (stored_size (PREF_WIDTH, WIDTH), gdk_screen_get_width (screen)),
                               MIN (stored_size (PREF_HEIGHT, HEIGHT), gdk_screen_get_height (screen)));
  gtk_widget_show_all (devices->dialog);
  g_signal_connect (devices->dialog, "configure-event", G_CALLBACK (on_configure), NULL);
  g_signal_connect (devices->dialog, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  g_signal_connect (devices->dialog, "destroy", G_CALLBACK (on_destroy), NULL);
  return devices;
}

void
es_devices_init (void)
{
  purple_prefs_add_none ("/plugins/gtk");
  purple_prefs_add_none (PREF_WINDOW);
  purple_prefs_add_int (PREF_WIDTH, WIDTH);
  purple_prefs_add_int (PREF_HEIGHT, HEIGHT);
}

void
es_devices_show (GtkWindow *parent, const EsApi *api, const char *contact)
{
  if (shown == NULL)
    shown = make (parent, api);
  gtk_entry_set_text (GTK_ENTRY (shown->search), contact != NULL ? contact : "");
  fill (shown);
  gtk_window_present (GTK_WINDOW (shown->dialog));
}

void
es_devices_update (void)
{
  if (shown != NULL)
    fill (shown);
}

void
es_devices_close (void)
{
  if (shown != NULL)
    gtk_widget_destroy (shown->dialog);
}
