/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-verify.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-icon.h"
#include "es-spelling.h"
#include "es-words.h"

#define DIALOG_KEY "esession-verify"
#define VERIFY_KEY "esession-code"

#define NAME_CHARACTERS 60
#define WIDTH 420
#define CODE_CHARACTERS 6

enum
{
  RESPONSE_MATCH = 1,
  RESPONSE_DIFFER,
  RESPONSE_CHECK,
  RESPONSE_COMPARE,
  RESPONSE_STOP,
  RESPONSE_BACK,
  RESPONSE_END,
  N_RESPONSES
};

/* The pages of the notebook. */
enum
{
  PAGE_COMPARE,
  PAGE_TYPE,
  PAGE_PASSWORD
};

/* What the dialog shows: the notebook, what "They differ" would do, or that all is well. */
typedef enum
{
  VIEW_WAYS,
  VIEW_DIFFER,
  VIEW_DONE
} View;

typedef struct
{
  PurpleConversation *conversation;
  const EsApi *api;
  char *code; /* the one that is shown; NULL while there is none */
  View view;
  EsPasswordState password;
  GtkWidget *dialog;
  GtkWidget *buttons[N_RESPONSES];
  GtkWidget *later;
  GtkWidget *close;
  GtkWidget *views; /* notebook without tabs, a View each */
  GtkWidget *news;  /* what has changed while the dialog was there */
  GtkWidget *ways;
  GtkWidget *big;
  GtkWidget *spelling;
  GtkWidget *unproven;
  GtkWidget *typed;
  GtkWidget *typed_spelling;
  GtkWidget *typed_news;
  GtkWidget *words;
  GtkWidget *words_news;
  GtkWidget *done;
} Verify;

static Verify *
verify_of (PurpleConversation *conversation)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, DIALOG_KEY);

  return dialog != NULL ? g_object_get_data (G_OBJECT (dialog), VERIFY_KEY) : NULL;
}

static void
verify_free (gpointer data)
{
  Verify *verify = data;

  purple_conversation_set_data (verify->conversation, DIALOG_KEY, NULL);
  g_free (verify->code);
  g_free (verify);
}

/* The contact may have chosen it: it must neither push the code out of sight nor turn round what stands beside it, so it is
 * cut short and put between FIRST STRONG ISOLATE and POP DIRECTIONAL ISOLATE. */
static char *
shown_name (PurpleConversation *conversation)
{
  const char *title = purple_conversation_get_title (conversation);
  gboolean cut = g_utf8_strlen (title, -1) > NAME_CHARACTERS;
  g_autofree char *start = g_utf8_substring (title, 0, cut ? NAME_CHARACTERS : g_utf8_strlen (title, -1));

  return g_strdup_printf ("\342\201\250%s%s\342\201\251", start, cut ? "..." : "");
}

/* What is shown */

static void
set_news (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text != NULL ? text : "");
  gtk_widget_set_visible (label, text != NULL);
}

/* Big, in two groups; for a screen reader it is spelled. */
static void
show_code (Verify *verify)
{
  g_autofree char *grouped = es_group_code (verify->code), *spelled = es_spell_code (verify->code);
  g_autofree char *markup
      = g_markup_printf_escaped ("<span font_family='monospace' size='36000' weight='bold'>%s</span>", grouped);

  gtk_label_set_markup (GTK_LABEL (verify->big), markup);
  atk_object_set_name (gtk_widget_get_accessible (verify->big), spelled);
  gtk_label_set_text (GTK_LABEL (verify->spelling), spelled);
}

static void
show_password (Verify *verify, const EsConversation *what)
{
  g_autofree char *name = shown_name (verify->conversation), *sentence = NULL;
  gboolean can_type = what->can_use_password && what->password != ES_PASSWORD_WAITING;

  if (what->password == ES_PASSWORD_OFFERED)
    sentence = g_strdup_printf (_ ("%s has typed a password and waits for yours."), name);
  else if (what->password == ES_PASSWORD_WAITING)
    sentence = g_strdup_printf (_ ("Waiting until %s has typed the same password..."), name);
  else if (what->password == ES_PASSWORD_OVER)
    sentence = g_strdup (_ ("The passwords differed three times: compare the codes instead."));
  else if (verify->password == ES_PASSWORD_WAITING && what->state != ES_STATE_VERIFIED)
    sentence = g_strdup (_ ("The passwords were not found to be the same: the conversation says why."));
  if (sentence != NULL || what->password != verify->password)
    set_news (verify->words_news, sentence);
  gtk_widget_set_sensitive (verify->words, can_type);
  verify->password = what->password;
}

static void
show_button (Verify *verify, int response, gboolean visible, gboolean sensitive)
{
  gtk_widget_set_visible (verify->buttons[response], visible);
  gtk_widget_set_sensitive (verify->buttons[response], sensitive);
}

static gboolean
is_complete (const Verify *verify)
{
  g_autofree char *code = es_tidy_code (gtk_entry_get_text (GTK_ENTRY (verify->typed)));

  return strlen (code) == CODE_CHARACTERS;
}

static void
show_buttons (Verify *verify, int page)
{
  gboolean ways = verify->view == VIEW_WAYS, has_code = verify->code != NULL;
  gboolean waits = verify->password == ES_PASSWORD_WAITING;

  show_button (verify, RESPONSE_MATCH, ways && page == PAGE_COMPARE, has_code);
  show_button (verify, RESPONSE_DIFFER, ways && page != PAGE_PASSWORD, has_code);
  show_button (verify, RESPONSE_CHECK, ways && page == PAGE_TYPE, has_code && is_complete (verify));
  show_button (verify, RESPONSE_COMPARE, ways && page == PAGE_PASSWORD && !waits,
               gtk_widget_get_sensitive (verify->words) && gtk_entry_get_text_length (GTK_ENTRY (verify->words)) > 0);
  show_button (verify, RESPONSE_STOP, ways && page == PAGE_PASSWORD && waits, TRUE);
  show_button (verify, RESPONSE_BACK, verify->view == VIEW_DIFFER, TRUE);
  show_button (verify, RESPONSE_END, verify->view == VIEW_DIFFER, has_code);
  gtk_widget_set_visible (verify->later, ways);
  gtk_widget_set_visible (verify->close, verify->view == VIEW_DONE);
}

static int
page_of (const Verify *verify)
{
  return gtk_notebook_get_current_page (GTK_NOTEBOOK (verify->ways));
}

static void
show_view (Verify *verify, View view)
{
  GtkWidget *focus[] = { verify->later, verify->buttons[RESPONSE_BACK], verify->close };

  verify->view = view;
  gtk_notebook_set_current_page (GTK_NOTEBOOK (verify->views), (int) view);
  show_buttons (verify, page_of (verify));

  /* Enter, pressed without reading, must neither verify nor end anything. */
  gtk_dialog_set_default_response (GTK_DIALOG (verify->dialog),
                                   view == VIEW_DIFFER ? RESPONSE_BACK : GTK_RESPONSE_CANCEL);
  gtk_widget_grab_focus (focus[view]);
}

/* What the user does */

static void
on_typed (GtkEditable *editable, Verify *verify)
{
  g_autofree char *code = es_tidy_code (gtk_entry_get_text (GTK_ENTRY (verify->typed)));
  g_autofree char *spelled = es_spell_code (code), *wrong = NULL;
  const char *unknown = es_unknown_in_code (code);

  gtk_label_set_text (GTK_LABEL (verify->typed_spelling), spelled);
  if (unknown != NULL)
    /* Translators: %c is one letter or digit. */
    wrong = g_strdup_printf (_ ("No code has a \"%c\" in it: ask for that character again."), *unknown);
  set_news (verify->typed_news, wrong);
  show_buttons (verify, page_of (verify));
}

static void
check_typed (Verify *verify)
{
  g_autofree char *code = es_tidy_code (gtk_entry_get_text (GTK_ENTRY (verify->typed)));
  g_autofree char *shown = g_strdup (verify->code);

  if (purple_strequal (code, shown))
    verify->api->user_verify (verify->conversation, shown, TRUE);
  else
    {
      set_news (verify->typed_news,
                _ ("That is not the code of this conversation: ask for it again, character by character, "
                   "and if it stays like this, choose They differ."));
      gtk_editable_select_region (GTK_EDITABLE (verify->typed), 0, -1);
      gtk_widget_grab_focus (verify->typed);
    }
}

static void
on_words (GtkEditable *editable, Verify *verify)
{
  show_buttons (verify, page_of (verify));
}

static void
on_enter (GtkEntry *entry, Verify *verify)
{
  GtkWidget *button = verify->buttons[GTK_WIDGET (entry) == verify->typed ? RESPONSE_CHECK : RESPONSE_COMPARE];

  if (gtk_widget_get_visible (button) && gtk_widget_get_sensitive (button))
    gtk_button_clicked (GTK_BUTTON (button));
}

static void
on_show_words (GtkToggleButton *check, Verify *verify)
{
  gtk_entry_set_visibility (GTK_ENTRY (verify->words), gtk_toggle_button_get_active (check));
}

static void
on_remind (GtkToggleButton *check, gpointer data)
{
  purple_prefs_set_bool (ES_PREF_REMIND, gtk_toggle_button_get_active (check));
}

static void
on_page (GtkNotebook *notebook, gpointer page, guint number, Verify *verify)
{
  show_buttons (verify, (int) number);
}

/* What the user does may come back here, and take the dialog away. */
static void
on_response (GtkDialog *dialog, int response, Verify *verify)
{
  PurpleConversation *conversation = verify->conversation;
  const EsApi *api = verify->api;
  g_autofree char *code = g_strdup (verify->code);

  switch (response)
    {
    case RESPONSE_MATCH:
      api->user_verify (conversation, code, TRUE);
      return;
    case RESPONSE_CHECK:
      check_typed (verify);
      return;
    case RESPONSE_COMPARE:
      api->user_password (conversation, gtk_entry_get_text (GTK_ENTRY (verify->words)));
      if (verify_of (conversation) != NULL)
        gtk_entry_set_text (GTK_ENTRY (verify->words), "");
      return;
    case RESPONSE_STOP:
      api->user_decline_password (conversation);
      return;
    case RESPONSE_DIFFER:
      show_view (verify, VIEW_DIFFER);
      return;
    case RESPONSE_BACK:
      show_view (verify, VIEW_WAYS);
      return;
    case RESPONSE_END:
      gtk_widget_destroy (GTK_WIDGET (dialog));
      api->user_verify (conversation, code, FALSE);
      return;
    default:
      if (verify->view != VIEW_DONE)
        api->user_verify_later (conversation);
      if (verify->password == ES_PASSWORD_OFFERED)
        api->user_decline_password (conversation);
      gtk_widget_destroy (GTK_WIDGET (dialog));
    }
}

/* Making it */

static GtkWidget *
wrapped (const char *text)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_line_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_widget_set_size_request (label, WIDTH, -1);
  gtk_misc_set_alignment (GTK_MISC (label), 0, 0);
  return label;
}

static GtkWidget *
add (GtkWidget *box, GtkWidget *widget)
{
  gtk_box_pack_start (GTK_BOX (box), widget, FALSE, FALSE, 0);
  return widget;
}

static GtkWidget *
new_page (void)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 12);

  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  return box;
}

static GtkWidget *
add_news (GtkWidget *box)
{
  GtkWidget *label = add (box, wrapped (""));
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  gtk_label_set_attributes (GTK_LABEL (label), attributes);
  pango_attr_list_unref (attributes);
  gtk_widget_set_no_show_all (label, TRUE);
  return label;
}

static GtkWidget *
make_compare (Verify *verify, const char *name)
{
  GtkWidget *box = new_page ();
  g_autofree char *what_to_do = g_strdup_printf (
      _ ("Call %s, or meet, and ask which code is shown there. If it is the same as this one, nobody listens in."),
      name);

  add (box, wrapped (what_to_do));
  verify->big = add (box, gtk_label_new (NULL));
  gtk_label_set_selectable (GTK_LABEL (verify->big), TRUE);
  verify->spelling = add (box, gtk_label_new (NULL));
  gtk_label_set_line_wrap (GTK_LABEL (verify->spelling), TRUE);
  gtk_label_set_justify (GTK_LABEL (verify->spelling), GTK_JUSTIFY_CENTER);
  add (box, wrapped (_ ("Do not send the code here: whoever listens in could change it on the way.")));
  return box;
}

static GtkWidget *
make_entry (Verify *verify, GtkWidget *box, const char *label, GCallback on_changed)
{
  GtkWidget *row = gtk_hbox_new (FALSE, 6), *text = gtk_label_new_with_mnemonic (label), *entry = gtk_entry_new ();

  gtk_label_set_mnemonic_widget (GTK_LABEL (text), entry);
  gtk_box_pack_start (GTK_BOX (row), text, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (row), entry, TRUE, TRUE, 0);
  add (box, row);
  g_signal_connect (entry, "changed", on_changed, verify);
  g_signal_connect (entry, "activate", G_CALLBACK (on_enter), verify);
  return entry;
}

static GtkWidget *
make_type (Verify *verify, const char *name)
{
  GtkWidget *box = new_page ();
  g_autofree char *what_to_do = g_strdup_printf (
      _ ("Call %s, or meet, and ask for the code that is shown there. Type it here, and your program compares it."),
      name);

  add (box, wrapped (what_to_do));
  verify->typed = make_entry (verify, box, _ ("_Code of the other person:"), G_CALLBACK (on_typed));
  gtk_entry_set_max_length (GTK_ENTRY (verify->typed), 40);
  verify->typed_spelling = add (box, gtk_label_new (NULL));
  gtk_label_set_line_wrap (GTK_LABEL (verify->typed_spelling), TRUE);
  verify->typed_news = add_news (box);
  return box;
}

static GtkWidget *
make_password (Verify *verify, const char *name)
{
  GtkWidget *box = new_page (), *show = NULL;
  g_autofree char *what_to_do = g_strdup_printf (
      _ ("If you and %s both know something that nobody else can guess, type it here, both of you, spelled "
         "the same. It does not leave this computer."),
      name);

  add (box, wrapped (what_to_do));
  verify->words = make_entry (verify, box, _ ("_Password:"), G_CALLBACK (on_words));
  gtk_entry_set_max_length (GTK_ENTRY (verify->words), 200);
  gtk_entry_set_visibility (GTK_ENTRY (verify->words), FALSE);
  show = add (box, gtk_check_button_new_with_mnemonic (_ ("_Show what I type")));
  g_signal_connect (show, "toggled", G_CALLBACK (on_show_words), verify);
  verify->words_news = add_news (box);
  return box;
}

static GtkWidget *
make_ways (Verify *verify, const char *name)
{
  GtkWidget *box = gtk_vbox_new (FALSE, 6), *remind = NULL;

  verify->news = add_news (box);
  verify->unproven = add_news (box);
  gtk_label_set_text (
      GTK_LABEL (verify->unproven),
      _ ("The code of this conversation proves nothing, because the other person's program is too old: use "
         "a shared password."));
  verify->ways = gtk_notebook_new ();
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_compare (verify, name),
                            gtk_label_new_with_mnemonic (_ ("C_ompare codes")));
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_type (verify, name),
                            gtk_label_new_with_mnemonic (_ ("_Type the code")));
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->ways), make_password (verify, name),
                            gtk_label_new_with_mnemonic (_ ("Shared pass_word")));
  gtk_box_pack_start (GTK_BOX (box), verify->ways, TRUE, TRUE, 0);
  g_signal_connect (verify->ways, "switch-page", G_CALLBACK (on_page), verify);

  remind
      = add (box, gtk_check_button_new_with_mnemonic (_ ("_Remind me once a day of contacts that are not verified")));
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (remind), purple_prefs_get_bool (ES_PREF_REMIND));
  g_signal_connect (remind, "toggled", G_CALLBACK (on_remind), NULL);
  return box;
}

static GtkWidget *
make_differ (const char *name)
{
  GtkWidget *box = new_page ();
  g_autofree char *what = g_strdup_printf (_ ("If the codes really differ, somebody may be between you and %s and read "
                                              "everything. Ask for the code once more: "
                                              "perhaps one of you misread it, or looked at an older conversation."),
                                           name);

  add (box, wrapped (what));
  add (box, wrapped (_ (
                "If they still differ, end the conversation here. The device on the other side is then forgotten, and "
                "nothing more is sent until you choose. Tell the other person by telephone, and write nothing "
                "confidential here until the codes are the same.")));
  return box;
}

static GtkWidget *
make_done (Verify *verify, const char *name)
{
  GtkWidget *box = gtk_hbox_new (FALSE, 12), *icon = es_icon_new (48);
  g_autofree char *what = g_strdup_printf (_ ("Encrypted and verified: only you and %s can read this conversation. You "
                                              "need not do this again with this device."),
                                           name);

  gtk_container_set_border_width (GTK_CONTAINER (box), 12);
  es_icon_set_state (icon, ES_STATE_VERIFIED);
  gtk_box_pack_start (GTK_BOX (box), icon, FALSE, FALSE, 0);
  verify->done = wrapped (what);
  gtk_widget_set_size_request (verify->done, WIDTH - 60, -1);
  gtk_misc_set_alignment (GTK_MISC (verify->done), 0, 0.5);
  gtk_box_pack_start (GTK_BOX (box), verify->done, TRUE, TRUE, 0);
  return box;
}

static void
make_buttons (Verify *verify)
{
  static const struct
  {
    int response;
    const char *label;
  } buttons[] = {
    { RESPONSE_STOP, N_ ("_Stop waiting") },         { RESPONSE_BACK, N_ ("_Back") },
    { RESPONSE_END, N_ ("_End the conversation") },  { RESPONSE_DIFFER, N_ ("They _differ") },
    { RESPONSE_MATCH, N_ ("They _match") },          { RESPONSE_CHECK, N_ ("C_heck") },
    { RESPONSE_COMPARE, N_ ("Com_pare passwords") },
  };

  verify->later = gtk_dialog_add_button (GTK_DIALOG (verify->dialog), _ ("_Later"), GTK_RESPONSE_CANCEL);
  for (gsize i = 0; i < G_N_ELEMENTS (buttons); i++)
    verify->buttons[buttons[i].response]
        = gtk_dialog_add_button (GTK_DIALOG (verify->dialog), _ (buttons[i].label), buttons[i].response);
  verify->close = gtk_dialog_add_button (GTK_DIALOG (verify->dialog), GTK_STOCK_CLOSE, GTK_RESPONSE_CLOSE);
}

static GtkWindow *
window_of (PurpleConversation *conversation)
{
  PidginConversation *gtkconv = PIDGIN_CONVERSATION (conversation);
  PidginWindow *window = gtkconv != NULL ? pidgin_conv_get_window (gtkconv) : NULL;

  return window != NULL ? GTK_WINDOW (window->window) : NULL;
}

static Verify *
make (PurpleConversation *conversation, const EsApi *api)
{
  Verify *verify = g_new0 (Verify, 1);
  g_autofree char *name = shown_name (conversation);

  *verify = (Verify){ .conversation = conversation, .api = api };
  verify->dialog = gtk_dialog_new_with_buttons (_ ("Verify the other side"), window_of (conversation),
                                                GTK_DIALOG_DESTROY_WITH_PARENT, NULL);
  gtk_window_set_resizable (GTK_WINDOW (verify->dialog), FALSE);
  gtk_container_set_border_width (GTK_CONTAINER (verify->dialog), 6);
  make_buttons (verify);
  verify->views = gtk_notebook_new ();
  gtk_notebook_set_show_tabs (GTK_NOTEBOOK (verify->views), FALSE);
  gtk_notebook_set_show_border (GTK_NOTEBOOK (verify->views), FALSE);
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->views), make_ways (verify, name), NULL);
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->views), make_differ (name), NULL);
  gtk_notebook_append_page (GTK_NOTEBOOK (verify->views), make_done (verify, name), NULL);
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (verify->dialog))), verify->views, TRUE, TRUE,
                      0);

  g_object_set_data_full (G_OBJECT (verify->dialog), VERIFY_KEY, verify, verify_free);
  g_signal_connect (verify->dialog, "response", G_CALLBACK (on_response), verify);
  purple_conversation_set_data (conversation, DIALOG_KEY, verify->dialog);
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (verify->dialog)));
  return verify;
}

/* The dialog follows the conversation: what was clicked at an older code counts for nothing. */
static void
follow (Verify *verify, const EsConversation *what)
{
  gboolean changed = !purple_strequal (verify->code, what->code), first = verify->code == NULL;

  if (what->state == ES_STATE_VERIFIED)
    {
      if (verify->view != VIEW_DONE)
        show_view (verify, VIEW_DONE);
      return;
    }
  if (what->state == ES_STATE_PLAIN || what->state == ES_STATE_ENDED)
    {
      gtk_widget_destroy (verify->dialog);
      return;
    }
  g_free (verify->code);
  verify->code = g_strdup (what->can_verify ? what->code : NULL);
  if (verify->code != NULL && changed)
    show_code (verify);
  if (changed && !first)
    set_news (verify->news, verify->code != NULL ? _ ("This is a new code: compare again.")
                                                 : _ ("The conversation is being encrypted anew: wait a moment."));
  gtk_widget_set_visible (verify->unproven, what->code != NULL && !what->code_proves);
  show_password (verify, what);
  show_view (verify, changed && !first ? VIEW_WAYS : verify->view);
}

void
es_verify_show (PurpleConversation *conversation, const EsApi *api)
{
  Verify *verify = verify_of (conversation);
  gboolean is_new = verify == NULL;
  EsConversation what;

  api->describe (conversation, &what);
  if (is_new && ((!what.can_verify && !what.can_use_password) || what.state == ES_STATE_VERIFIED))
    return;
  if (is_new)
    {
      verify = make (conversation, api);
      follow (verify, &what);
    }
  if (what.password == ES_PASSWORD_OFFERED || !what.can_verify)
    {
      gtk_notebook_set_current_page (GTK_NOTEBOOK (verify->ways), PAGE_PASSWORD);
      gtk_widget_grab_focus (verify->words);
    }
  gtk_window_present (GTK_WINDOW (verify->dialog));
}

void
es_verify_update (PurpleConversation *conversation, const EsApi *api)
{
  Verify *verify = verify_of (conversation);
  EsConversation what;

  if (verify == NULL)
    return;
  api->describe (conversation, &what);
  follow (verify, &what);
}

void
es_verify_close (PurpleConversation *conversation)
{
  Verify *verify = verify_of (conversation);

  if (verify != NULL)
    gtk_widget_destroy (verify->dialog);
}
