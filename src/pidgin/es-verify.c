/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-verify-private.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <gtkconv.h>
#include <gtkconvwin.h>

#include "es-glance.h"
#include "es-help.h"
#include "es-host.h"
#include "es-labels.h"
#include "es-qr.h"
#include "es-shown.h"
#include "es-spelling.h"
#include "es-words.h"

#define DIALOG_KEY "esession-verify"
#define VERIFY_KEY "esession-code"

#define CODE_CHARACTERS 6

/* Nobody compares them sooner. */
#define COMPARE_MILLISECONDS 3000

static EsVerify *
verify_of (PurpleConversation *conversation)
{
  GtkWidget *dialog = purple_conversation_get_data (conversation, DIALOG_KEY);

  return dialog != NULL ? g_object_get_data (G_OBJECT (dialog), VERIFY_KEY) : NULL;
}

static void
verify_free (gpointer data)
{
  EsVerify *verify = data;

  purple_conversation_set_data (verify->conversation, DIALOG_KEY, NULL);
  es_subject_clear (&verify->subject);
  g_free (verify->code);
  g_free (verify);
}

/* The contact may have chosen it. */
static char *
shown_name (PurpleConversation *conversation)
{
  return es_quoted_name (purple_conversation_get_title (conversation));
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
show_code (EsVerify *verify)
{
  g_autofree char *grouped = es_group_code (verify->code), *spelled = es_spell_code (verify->code);
  g_autofree char *markup
      = g_markup_printf_escaped ("<span font_family='monospace' size='36000' weight='bold'>%s</span>", grouped);

  gtk_label_set_markup (GTK_LABEL (verify->big), markup);
  atk_object_set_name (gtk_widget_get_accessible (verify->big), spelled);
  gtk_label_set_text (GTK_LABEL (verify->spelling), spelled);
}

/* The other person may not have compared it yet. */
static void
show_done_code (EsVerify *verify, const EsConversation *what)
{
  gboolean has_code = what->code != NULL && what->code_proves;
  g_autofree char *grouped = has_code ? es_group_code (what->code) : NULL;
  g_autofree char *spelled = has_code ? es_spell_code (what->code) : NULL, *markup = NULL, *read_out = NULL;
  g_autofree char *name = shown_name (verify->conversation);
  /* Translators: %s is a person's name. */
  g_autofree char *sentence
      = g_strdup_printf (_ ("If %s has not verified you yet, this is the code to compare there:"), name);

  gtk_widget_set_visible (verify->done_code, has_code);
  if (!has_code)
    return;
  markup = g_markup_printf_escaped ("%s\n<span font_family='monospace' size='x-large' weight='bold'>%s</span>\n%s",
                                    sentence, grouped, spelled);
  read_out = g_strdup_printf ("%s %s", sentence, spelled);
  gtk_label_set_markup (GTK_LABEL (verify->done_code), markup);
  atk_object_set_name (gtk_widget_get_accessible (verify->done_code), read_out);
}

/* Of the session that the dialog is about, or none. */
static void
show_link (EsVerify *verify)
{
  g_autofree char *link = verify->api->own_link (verify->conversation);
  const char *text = link != NULL ? link : "";

  es_qr_set_text (verify->qr, link);
  if (!purple_strequal (text, gtk_entry_get_text (GTK_ENTRY (verify->own_link))))
    {
      gtk_entry_set_text (GTK_ENTRY (verify->own_link), text);
      gtk_button_set_label (GTK_BUTTON (verify->copy), _ ("Cop_y your link"));
      gtk_button_set_label (GTK_BUTTON (verify->done_copy), _ ("Cop_y your link"));
    }
  gtk_widget_set_sensitive (verify->copy, link != NULL);
  gtk_widget_set_visible (verify->done_copy, link != NULL);
}

static void
show_unproven (EsVerify *verify, const EsConversation *what)
{
  g_autofree char *none = es_notice_sentence (&es_program_pidgin, &(EsNotice){ ES_NOTICE_CODE_NO_PROOF });

  gtk_label_set_text (
      GTK_LABEL (verify->unproven),
      what->can_use_password || what->password == ES_PASSWORD_OVER
          ? _ ("The code of this conversation proves nothing, because the other person's program is too old: use "
               "a shared password.")
          : none);
}

static void
show_password (EsVerify *verify, const EsConversation *what)
{
  g_autofree char *name = shown_name (verify->conversation), *asked = NULL, *sentence = NULL;
  gboolean can_type = what->can_use_password && what->password != ES_PASSWORD_WAITING;

  if (what->password == ES_PASSWORD_OFFERED && what->question != NULL)
    asked = es_quoted_name (what->question);
  if (asked != NULL)
    /* Translators: a person's name, and a question such as "Where did we meet?", in quotation marks. */
    sentence = g_strdup_printf (_ ("%1$s asks %2$s and waits for your answer. Type it as your password."), name, asked);
  else if (what->password == ES_PASSWORD_OFFERED)
    sentence = g_strdup_printf (_ ("%s has typed a password and waits for yours."), name);
  else if (what->password == ES_PASSWORD_WAITING)
    sentence = g_strdup_printf (_ ("Waiting until %s has typed the same password..."), name);
  else if (what->password == ES_PASSWORD_OVER)
    sentence = g_strdup (_ ("The passwords differed three times: compare the codes instead."));
  else if (what->password_differs)
    sentence = es_notice_sentence (&es_program_pidgin, &(EsNotice){ ES_NOTICE_PASSWORD_DIFFERS });
  else if (verify->password == ES_PASSWORD_WAITING && what->state != ES_STATE_VERIFIED)
    sentence = g_strdup (_ ("The passwords were not found to be the same: the conversation says why."));
  if (sentence != NULL || what->password != verify->password)
    set_news (verify->words_news, sentence);
  gtk_widget_set_sensitive (verify->words, can_type);
  gtk_widget_set_visible (verify->question_row, what->password != ES_PASSWORD_OFFERED);
  gtk_widget_set_sensitive (verify->question, can_type);
  verify->password = what->password;
}

static void
show_button (EsVerify *verify, int response, gboolean visible, gboolean sensitive)
{
  gtk_widget_set_visible (verify->buttons[response], visible);
  gtk_widget_set_sensitive (verify->buttons[response], sensitive);
}

static gboolean
is_complete (const EsVerify *verify)
{
  g_autofree char *code = es_tidy_code (gtk_entry_get_text (GTK_ENTRY (verify->typed)));

  return strlen (code) == CODE_CHARACTERS;
}

static gboolean
has_given (const EsVerify *verify)
{
  return gtk_entry_get_text_length (GTK_ENTRY (verify->given)) > 0;
}

/* What is said when there is nothing to choose about the session. */
static gboolean
is_short (EsView view)
{
  return view == ES_VIEW_DONE || view == ES_VIEW_MOVED;
}

static void
show_buttons (EsVerify *verify, int page)
{
  gboolean ways = verify->view == ES_VIEW_WAYS, seen = es_glance_is_over (verify->views);
  gboolean has_code = verify->code != NULL;
  gboolean waits = verify->password == ES_PASSWORD_WAITING;

  gtk_widget_set_visible (verify->qr_place, page == PAGE_LINK);
  show_button (verify, RESPONSE_MATCH, ways && page == PAGE_COMPARE, has_code && seen);
  show_button (verify, RESPONSE_DIFFER, ways && page != PAGE_PASSWORD, has_code && seen);
  show_button (verify, RESPONSE_CHECK, ways && (page == PAGE_TYPE || page == PAGE_LINK),
               has_code && (page == PAGE_TYPE ? is_complete (verify) : has_given (verify) && seen));
  show_button (verify, RESPONSE_COMPARE, ways && page == PAGE_PASSWORD && !waits,
               seen && gtk_widget_get_sensitive (verify->words)
                   && gtk_entry_get_text_length (GTK_ENTRY (verify->words)) > 0);
  show_button (verify, RESPONSE_STOP, ways && page == PAGE_PASSWORD && waits, TRUE);
  show_button (verify, RESPONSE_BACK, verify->view == ES_VIEW_DIFFER, TRUE);
  show_button (verify, RESPONSE_END, verify->view == ES_VIEW_DIFFER, has_code);
  gtk_widget_set_visible (verify->buttons[RESPONSE_MOVE], verify->view == ES_VIEW_MOVED);
  gtk_widget_set_visible (verify->later, ways);
  gtk_widget_set_visible (verify->close, is_short (verify->view));
}

static int
page_of (const EsVerify *verify)
{
  return gtk_notebook_get_current_page (GTK_NOTEBOOK (verify->ways));
}

static void
show_view (EsVerify *verify, EsView view)
{
  GtkWidget *focus[] = { verify->later, verify->buttons[RESPONSE_BACK], verify->close, verify->close };
  GtkNotebook *views = GTK_NOTEBOOK (verify->views);

  verify->view = view;
  gtk_widget_set_visible (verify->device, verify->several && view != ES_VIEW_MOVED);
  gtk_widget_show (gtk_notebook_get_nth_page (views, (int) view));
  gtk_notebook_set_current_page (views, (int) view);

  /* The dialog need not be as large as what came before. */
  for (int i = 0; i < gtk_notebook_get_n_pages (views); i++)
    gtk_widget_set_visible (gtk_notebook_get_nth_page (views, i), i == (int) view || !is_short (view));
  show_buttons (verify, page_of (verify));

  /* Enter, pressed without reading, must neither verify nor end anything. */
  gtk_dialog_set_default_response (GTK_DIALOG (verify->dialog),
                                   view == ES_VIEW_DIFFER ? RESPONSE_BACK : GTK_RESPONSE_CANCEL);
  gtk_widget_grab_focus (focus[view]);
}

/* What the user does */

void
es_verify_on_typed (GtkEditable *editable, EsVerify *verify)
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
check_typed (EsVerify *verify)
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

/* What comes of it if it agrees is told by the conversation, which may take the dialog away. */
static void
check_given (EsVerify *verify)
{
  PurpleConversation *conversation = verify->conversation;
  g_autofree char *text = g_strdup (gtk_entry_get_text (GTK_ENTRY (verify->given)));
  const char *sentence = es_link_sentence (verify->api->user_check_link (conversation, text));

  if (sentence == NULL || verify_of (conversation) != verify)
    return;
  set_news (verify->given_news, sentence);
  gtk_editable_select_region (GTK_EDITABLE (verify->given), 0, -1);
  gtk_widget_grab_focus (verify->given);
}

void
es_verify_on_given (GtkEditable *editable, EsVerify *verify)
{
  set_news (verify->given_news, NULL);
  show_buttons (verify, page_of (verify));
}

void
es_verify_on_copy (GtkButton *button, EsVerify *verify)
{
  const char *link = gtk_entry_get_text (GTK_ENTRY (verify->own_link));

  gtk_clipboard_set_text (gtk_widget_get_clipboard (verify->dialog, GDK_SELECTION_CLIPBOARD), link, -1);
  gtk_clipboard_set_text (gtk_widget_get_clipboard (verify->dialog, GDK_SELECTION_PRIMARY), link, -1);
  /* Translators: A button whose link has just been put where it can be pasted from. */
  gtk_button_set_label (button, _ ("Copied"));
}

void
es_verify_on_words (GtkEditable *editable, EsVerify *verify)
{
  show_buttons (verify, page_of (verify));
}

void
es_verify_on_enter (GtkEntry *entry, EsVerify *verify)
{
  GtkWidget *button = verify->buttons[GTK_WIDGET (entry) == verify->words ? RESPONSE_COMPARE : RESPONSE_CHECK];

  if (gtk_widget_get_visible (button) && gtk_widget_get_sensitive (button))
    gtk_button_clicked (GTK_BUTTON (button));
}

void
es_verify_on_page (GtkNotebook *notebook, gpointer page, guint number, EsVerify *verify)
{
  show_buttons (verify, (int) number);
}

/* What the user does may come back here, and take the dialog away. */
static void
on_response (GtkDialog *dialog, int response, EsVerify *verify)
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
      if (page_of (verify) == PAGE_LINK)
        check_given (verify);
      else
        check_typed (verify);
      return;
    case RESPONSE_COMPARE:
      api->user_password (conversation, gtk_entry_get_text (GTK_ENTRY (verify->words)),
                          gtk_entry_get_text (GTK_ENTRY (verify->question)));
      if (verify_of (conversation) != NULL)
        gtk_entry_set_text (GTK_ENTRY (verify->words), "");
      return;
    case RESPONSE_STOP:
      api->user_decline_password (conversation);
      return;
    case RESPONSE_DIFFER:
      show_view (verify, ES_VIEW_DIFFER);
      return;
    case RESPONSE_BACK:
      show_view (verify, ES_VIEW_WAYS);
      return;
    case RESPONSE_END:
      gtk_widget_destroy (GTK_WIDGET (dialog));
      api->user_verify (conversation, code, FALSE);
      return;
    case RESPONSE_MOVE:
      es_verify_show (conversation, api);
      return;
    default:
      if (!is_short (verify->view))
        api->user_verify_later (conversation);
      gtk_widget_destroy (GTK_WIDGET (dialog));
    }
}

/* Making it */

static void
make_buttons (EsVerify *verify)
{
  static const struct
  {
    int response;
    const char *label;
  } buttons[] = {
    { RESPONSE_STOP, N_ ("Stop wa_iting") },        { RESPONSE_BACK, N_ ("_Back") },
    { RESPONSE_END, N_ ("_End the conversation") }, { RESPONSE_DIFFER, N_ ("They _differ") },
    { RESPONSE_MATCH, N_ ("They _match") },         { RESPONSE_CHECK, N_ ("C_heck") },
    { RESPONSE_COMPARE, N_ ("Compare _now") },      { RESPONSE_MOVE, N_ ("_Verify that device") },
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

/* Nobody sees the names of the views, but screen readers say them. The notebook owns view. */
static void
add_view (EsVerify *verify, GtkWidget *view, const char *name)
{
  int number = gtk_notebook_append_page (GTK_NOTEBOOK (verify->views), view, NULL);
  g_autoptr (AtkObject) page = atk_object_ref_accessible_child (gtk_widget_get_accessible (verify->views), number);

  if (page != NULL)
    atk_object_set_name (page, name);
}

static EsVerify *
make (PurpleConversation *conversation, const EsApi *api)
{
  EsVerify *verify = g_new0 (EsVerify, 1);
  g_autofree char *name = es_contact_label (conversation, api);

  *verify = (EsVerify){ .conversation = conversation, .api = api };
  /* Translators: A title. The other side is the person you talk to, with their device and program. */
  verify->dialog = gtk_dialog_new_with_buttons (_ ("Verify the other side"), window_of (conversation),
                                                GTK_DIALOG_DESTROY_WITH_PARENT, NULL);
  gtk_window_set_resizable (GTK_WINDOW (verify->dialog), FALSE);
  gtk_container_set_border_width (GTK_CONTAINER (verify->dialog), 6);
  make_buttons (verify);
  es_help_add (GTK_DIALOG (verify->dialog), ES_HELP_VERIFY);
  verify->device = es_verify_make_device ();
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (verify->dialog))), verify->device, FALSE, FALSE,
                      0);
  verify->views = gtk_notebook_new ();
  gtk_notebook_set_show_tabs (GTK_NOTEBOOK (verify->views), FALSE);
  gtk_notebook_set_show_border (GTK_NOTEBOOK (verify->views), FALSE);
  add_view (verify, es_verify_make_ways (verify, name), _ ("Verify the other side"));
  add_view (verify, es_verify_make_differ (name), _ ("They differ"));
  add_view (verify, es_verify_make_done (verify, name), es_state_label (ES_STATE_VERIFIED));
  add_view (verify, es_verify_make_moved (verify), _ ("Verify the other side"));
  gtk_box_pack_start (GTK_BOX (gtk_dialog_get_content_area (GTK_DIALOG (verify->dialog))), verify->views, TRUE, TRUE,
                      0);

  g_object_set_data_full (G_OBJECT (verify->dialog), VERIFY_KEY, verify, verify_free);
  g_signal_connect (verify->dialog, "response", G_CALLBACK (on_response), verify);
  purple_conversation_set_data (conversation, DIALOG_KEY, verify->dialog);
  gtk_widget_show_all (gtk_dialog_get_content_area (GTK_DIALOG (verify->dialog)));
  show_view (verify, ES_VIEW_WAYS);
  return verify;
}

/* Others can change the code at any moment: that of one of their own devices, say, just when "They match" is clicked. */
static void
on_glance (gpointer data)
{
  EsVerify *verify = data;

  show_buttons (verify, page_of (verify));
}

/* What was typed, and what was said of passwords, was for another session. */
static void
forget_session (EsVerify *verify)
{
  verify->password = ES_PASSWORD_NONE;
  verify->answers = FALSE;
  gtk_entry_set_text (GTK_ENTRY (verify->typed), "");
  gtk_entry_set_text (GTK_ENTRY (verify->question), "");
  gtk_entry_set_text (GTK_ENTRY (verify->words), "");
  gtk_entry_set_text (GTK_ENTRY (verify->given), "");
  set_news (verify->words_news, NULL);
}

/* Nothing of the session that the conversation is in now: the dialog was opened for another one. */
static void
show_moved (EsVerify *verify, const EsConversation *what)
{
  gtk_label_set_text (GTK_LABEL (verify->moved),
                      what->session != 0 ? _ ("Your conversation is with another device of this contact now.")
                                         : _ ("The conversation is being encrypted anew: wait a moment."));
  gtk_widget_set_sensitive (verify->buttons[RESPONSE_MOVE], es_verify_can_show (what));
  if (verify->view == ES_VIEW_MOVED)
    return;
  forget_session (verify);
  show_view (verify, ES_VIEW_MOVED);
}

/* There is something to compare: what was clicked at an older code counts for nothing, nor what was where something else is now. */
static void
show_ways (EsVerify *verify, const EsConversation *what)
{
  const char *code = what->can_verify ? what->code : NULL;
  gboolean changed = !purple_strequal (verify->code, code), is_other = changed && verify->had_code;
  gboolean anew = is_other || is_short (verify->view);

  g_free (verify->code);
  verify->code = g_strdup (code);
  if (code != NULL && changed)
    show_code (verify);
  show_link (verify);
  verify->had_code |= code != NULL;
  if (anew)
    {
      es_glance_begin (verify->views, COMPARE_MILLISECONDS, on_glance, verify);
      set_news (verify->news, what->session == 0 ? _ ("The conversation is being encrypted anew: wait a moment.")
                              : is_other && code != NULL ? _ ("This is a new code: compare again.")
                                                         : NULL);
    }
  show_unproven (verify, what);
  gtk_widget_set_visible (verify->unproven, what->code != NULL && !what->code_proves);
  show_password (verify, what);

  /* Whoever is typing goes on typing there. */
  if (anew)
    show_view (verify, ES_VIEW_WAYS);
  else
    show_buttons (verify, page_of (verify));
}

/* The dialog follows the conversation while that is with the same device. */
static void
follow (EsVerify *verify, const EsConversation *what)
{
  EsSubjectChange change = es_subject_change (&verify->subject, what);

  if (what->state == ES_STATE_PLAIN || what->must_choose)
    {
      gtk_widget_destroy (verify->dialog);
      return;
    }
  if (change == ES_SUBJECT_MOVED || (change == ES_SUBJECT_GONE && verify->view == ES_VIEW_MOVED))
    {
      show_moved (verify, what);
      return;
    }
  if (change != ES_SUBJECT_SAME)
    forget_session (verify);
  if (change == ES_SUBJECT_RENEWED)
    es_subject_set (&verify->subject, what);

  /* Whoever is verified for other reasons is to see that this was wrong. */
  verify->answers
      &= what->password == ES_PASSWORD_OFFERED || what->password == ES_PASSWORD_WAITING || what->password_differs;
  if (what->state != ES_STATE_VERIFIED || verify->answers)
    {
      show_ways (verify, what);
      return;
    }
  show_done_code (verify, what);
  show_link (verify);
  if (verify->view != ES_VIEW_DONE)
    show_view (verify, ES_VIEW_DONE);
}

gboolean
es_verify_can_show (const EsConversation *what)
{
  return (what->state == ES_STATE_ENCRYPTED || what->state == ES_STATE_VERIFIED) && what->code != NULL;
}

/* How many devices of the contact are there. */
static guint
count_connected (PurpleConversation *conversation, const EsApi *api)
{
  const PurpleAccount *account = purple_conversation_get_account (conversation);
  g_autofree char *contact = api->contact_of (conversation), *error = NULL;
  g_autoptr (GPtrArray) devices = api->devices (&error);
  guint n = 0;

  for (guint i = 0; devices != NULL && i < devices->len; i++)
    {
      const EsRemembered *device = devices->pdata[i];

      n += device->connected && device->account == account && purple_strequal (device->contact, contact) ? 1 : 0;
    }
  return n;
}

/* Each has another code, and the one that the other person looks at may not be this one. */
static void
show_device (EsVerify *verify, const char *resource)
{
  g_autofree char *quoted = es_quoted_name (resource != NULL ? resource : "");
  /* Translators: %s is the name of a device, such as "laptop", in quotation marks. */
  g_autofree char *sentence
      = g_strdup_printf (_ ("This is about the device %s: every other one has another code."), quoted);

  gtk_label_set_text (GTK_LABEL (verify->device), sentence);
  verify->several = resource != NULL;
  gtk_widget_set_visible (verify->device, verify->several && verify->view != ES_VIEW_MOVED);
}

gboolean
es_verify_show (PurpleConversation *conversation, const EsApi *api)
{
  gboolean several = count_connected (conversation, api) > 1;
  EsVerify *verify = verify_of (conversation);
  gboolean is_new = verify == NULL;
  EsConversation what;

  api->describe (conversation, &what);
  if (is_new && !es_verify_can_show (&what))
    return FALSE;
  if (is_new)
    {
      verify = make (conversation, api);
      es_subject_set (&verify->subject, &what);
    }
  if (es_subject_change (&verify->subject, &what) == ES_SUBJECT_MOVED)
    {
      forget_session (verify);
      es_subject_set (&verify->subject, &what);
    }
  show_device (verify, several && what.device != NULL ? es_address_resource (what.device) : NULL);
  if (what.password == ES_PASSWORD_OFFERED && verify->view == ES_VIEW_DONE)
    show_view (verify, ES_VIEW_WAYS);
  verify->answers = what.password == ES_PASSWORD_OFFERED;
  follow (verify, &what);
  if (what.password == ES_PASSWORD_OFFERED || !what.can_verify)
    {
      gtk_notebook_set_current_page (GTK_NOTEBOOK (verify->ways), PAGE_PASSWORD);
      gtk_widget_grab_focus (verify->words);
    }
  gtk_window_present (GTK_WINDOW (verify->dialog));
  return TRUE;
}

gboolean
es_verify_show_link (PurpleConversation *conversation, const EsApi *api, const char *link)
{
  EsVerify *verify = NULL;

  if (!es_verify_show (conversation, api))
    return FALSE;
  verify = verify_of (conversation);
  if (verify == NULL || verify->view == ES_VIEW_DONE)
    return verify != NULL;
  if (verify->view == ES_VIEW_DIFFER)
    show_view (verify, ES_VIEW_WAYS);
  gtk_notebook_set_current_page (GTK_NOTEBOOK (verify->ways), PAGE_LINK);
  gtk_entry_set_text (GTK_ENTRY (verify->given), link);

  /* It was opened by whomever: Enter, meant for what was there before, must not check it, nor must a click. */
  es_glance_begin (verify->views, COMPARE_MILLISECONDS, on_glance, verify);
  show_buttons (verify, PAGE_LINK);
  gtk_widget_grab_focus (verify->later);
  return TRUE;
}

void
es_verify_update (PurpleConversation *conversation, const EsApi *api)
{
  EsVerify *verify = verify_of (conversation);
  EsConversation what;

  if (verify == NULL)
    return;
  api->describe (conversation, &what);
  follow (verify, &what);
}

void
es_verify_close (PurpleConversation *conversation)
{
  EsVerify *verify = verify_of (conversation);

  if (verify != NULL)
    gtk_widget_destroy (verify->dialog);
}
