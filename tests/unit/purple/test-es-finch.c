/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A window that two conversations share, as Finch has it: this program has what the plugin looks for in Finch. */
#include "es-finch.h"

#include <glib-object.h>

#include "es-fake.h"
#include "es-words.h"

#define BOB "bob@localhost"
#define CAROL "carol@localhost"
#define TO_CAROL CAROL ": What you write goes to "
#define TO_BOB BOB ": What you write goes to "
#define HELD "Your message was not sent because it would go to "

/* Finch's widgets, as far as they are used here. */
typedef struct
{
  GObject parent;
  char *text;
} Widget;

typedef struct
{
  GObjectClass parent;
} WidgetClass;

GType widget_get_type (void);
G_DEFINE_TYPE (Widget, widget, G_TYPE_OBJECT)

static void
widget_init (Widget *widget)
{
}

static void
widget_finalize (GObject *object)
{
  g_free (((Widget *) object)->text);
  G_OBJECT_CLASS (widget_parent_class)->finalize (object);
}

static void
widget_class_init (WidgetClass *class)
{
  const char *const signals[] = { "activate", "draw", "text_changed" };

  G_OBJECT_CLASS (class)->finalize = widget_finalize;
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_signal_new (signals[i], G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

typedef struct
{
  GList *list;
  PurpleConversation *active_conv;
  Widget *window, *entry;
} FinchConv;

static const char *ui;
static FinchConv *shared;
static char *line, *title;

/* What Finch's program has */

const char *purple_core_get_ui (void);
void *gnt_label_new (const char *text);
const char *gnt_entry_get_text (void *entry);
void finch_conversation_set_info_widget (PurpleConversation *conversation, void *label);
void finch_conversation_set_active (PurpleConversation *conversation);

const char *
purple_core_get_ui (void)
{
  return ui;
}

void *
gnt_label_new (const char *text)
{
  return g_strdup (text);
}

const char *
gnt_entry_get_text (void *entry)
{
  return ((Widget *) entry)->text;
}

void
finch_conversation_set_info_widget (PurpleConversation *conversation, void *label)
{
  ck_assert_ptr_eq (conversation->ui_data, shared);
  g_free (line);
  line = label;
}

static void
rename_window (void)
{
  g_free (title);
  title = g_strdup (purple_conversation_get_name (shared->active_conv));
  g_signal_emit_by_name (shared->window, "draw");
}

void
finch_conversation_set_active (PurpleConversation *conversation)
{
  if (shared->active_conv == conversation)
    return;
  shared->active_conv = conversation;
  rename_window ();
}

/* What Finch does */

static void
set_text (const char *text)
{
  g_free (shared->entry->text);
  shared->entry->text = g_strdup (text);
  g_signal_emit_by_name (shared->entry, "text_changed");
}

static void
on_activate (Widget *entry, gpointer data)
{
  purple_conv_im_send (PURPLE_CONV_IM (shared->active_conv), entry->text);
  set_text ("");
}

static void
on_create (PurpleConversation *conversation)
{
  gboolean first = shared == NULL;

  if (first)
    shared = g_new0 (FinchConv, 1);
  shared->list = g_list_prepend (shared->list, conversation);
  shared->active_conv = conversation;
  conversation->ui_data = shared;
  if (!first)
    return;
  shared->window = g_object_new (widget_get_type (), NULL);
  shared->entry = g_object_new (widget_get_type (), NULL);
  g_signal_connect_after (shared->entry, "activate", G_CALLBACK (on_activate), NULL);
  rename_window ();
}

static void
on_destroy (PurpleConversation *conversation)
{
  shared->list = g_list_remove (shared->list, conversation);
  if (shared->list != NULL && shared->active_conv == conversation)
    finch_conversation_set_active (shared->list->data);
  if (shared->list != NULL)
    return;
  g_object_unref (shared->entry);
  g_object_unref (shared->window);
  g_clear_pointer (&shared, g_free);
  g_clear_pointer (&line, g_free);
}

static void
on_write (PurpleConversation *conversation,
          const char *name,
          const char *alias,
          const char *message,
          PurpleMessageFlags flags,
          time_t when)
{
  if (shared->active_conv != conversation && (flags & (PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_RECV)) == 0)
    return;
  finch_conversation_set_active (conversation);
  g_ptr_array_add (fake_lines, g_strdup_printf ("%s: %s", purple_conversation_get_name (conversation), message));
}

/* The scene */

static gboolean
update (gpointer data)
{
  es_finch_update ();
  return G_SOURCE_REMOVE;
}

static void
changed (PurpleConversation *conversation)
{
  g_idle_add (update, NULL);
}

static PurpleConversationUiOps finch_ops
    = { .create_conversation = on_create, .destroy_conversation = on_destroy, .write_conv = on_write };

/* The window is with Bob, encrypted, and then with Carol too, who has nothing of that. */
static void
setup (void)
{
  ui = "esession-test";
  fake_start ();
  purple_conversations_set_ui_ops (&finch_ops);
  ui = "gnt-purple";
  es_finch_start (es_api (), changed);
  fake_add_buddy (CAROL);
  fake_encrypt_with_bob ();
  fake_settle ();
  es_finch_update ();
  ck_assert_str_eq (line, es_state_label (ES_STATE_ENCRYPTED));
}

static void
teardown (void)
{
  ui = "esession-test";
  es_finch_stop ();
  fake_stop ();
}

START_TEST (finch__new_conversation__is_told_with_line_and_title)
{
  ck_assert_uint_eq (fake_count (fake_lines, TO_BOB), 0);
  fake_window (CAROL);
  ck_assert_uint_eq (fake_count (fake_lines, TO_CAROL), 1);
  ck_assert_str_eq (line, es_state_label (ES_STATE_PLAIN));
  ck_assert_str_eq (title, CAROL);
}
END_TEST

static void
verify_bob (void)
{
  g_autofree char *code = NULL;
  EsConversation what;

  es_manager_describe (fake_link ()->manager, es_at (BOB), &what);
  code = g_strdup (what.code);
  es_manager_verify (fake_link ()->manager, es_at (BOB), code, TRUE);
  fake_settle ();
}

/* Of two that are one person: with whom it is, where the other one is verified, and nothing (1) where they are two. */
START_TEST (finch__opens_with_the_other__is_told)
{
  PurpleContact *person = purple_buddy_get_contact (purple_find_buddy (fake_account (), CAROL));

  verify_bob ();
  if (_i == 0)
    purple_blist_merge_contact (person, PURPLE_BLIST_NODE (purple_find_buddy (fake_account (), BOB)));
  purple_conversation_destroy (fake_window (BOB));
  fake_window (CAROL);
  fake_settle ();
  es_finch_update ();
  ck_assert_uint_eq (fake_count (fake_lines, TO_CAROL), _i == 0 ? 1 : 0);
}
END_TEST

START_TEST (finch__other_conversation__does_not_change_the_line)
{
  fake_window (CAROL);
  fake_bob_starts ();
  fake_settle ();
  es_finch_update ();
  ck_assert_str_eq (line, es_state_label (ES_STATE_PLAIN));
  ck_assert_uint_eq (fake_count (fake_lines, TO_BOB), 0);
}
END_TEST

START_TEST (finch__chosen_by_the_user__is_told)
{
  fake_window (CAROL);
  fake_settle ();
  finch_conversation_set_active (fake_window (BOB));
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, TO_BOB), 1);
  ck_assert_str_eq (line, es_state_label (ES_STATE_ENCRYPTED));
}
END_TEST

START_TEST (finch__closed_conversation__leaves_the_line_of_the_other)
{
  fake_window (CAROL);
  fake_settle ();
  set_text ("for Carol");
  purple_conversation_destroy (fake_window (CAROL));
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, TO_BOB), 1);
  ck_assert_str_eq (line, es_state_label (ES_STATE_ENCRYPTED));
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, "for Carol"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, BOB ": " HELD), 1);
}
END_TEST

START_TEST (finch__inactive_conversation_closed__changes_nothing)
{
  PurpleConversation *bob = fake_window (BOB);

  fake_window (CAROL);
  purple_conversation_destroy (bob);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, TO_CAROL), 1);
  ck_assert_str_eq (line, es_state_label (ES_STATE_PLAIN));
}
END_TEST

START_TEST (finch__typed_for_another__is_held_once)
{
  set_text ("for Bob");
  fake_window (CAROL);
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_sent, "for Bob"), 0);
  ck_assert_str_eq (shared->entry->text, "for Bob");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": " HELD), 1);

  /* Pressed twice: nobody has read that yet. */
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": for Bob"), 0);
  g_usleep (1600 * 1000);
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": for Bob"), 1);
  ck_assert_str_eq (shared->entry->text, "");
}
END_TEST

/* Whichever way the window goes while it is typed. */
START_TEST (finch__typed_here_and_there__is_held)
{
  PurpleConversation *bob = fake_window (BOB), *carol = fake_window (CAROL);

  fake_settle ();
  set_text ("y");
  finch_conversation_set_active (bob);
  set_text ("you know, Bob");
  finch_conversation_set_active (carol);
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": you know, Bob"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": " HELD), 1);

  /* She was told of Carol: gone to Bob and come back it is held again. */
  finch_conversation_set_active (bob);
  fake_settle ();
  finch_conversation_set_active (carol);
  fake_settle ();
  g_usleep (1600 * 1000);
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": you know, Bob"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": " HELD), 2);
}
END_TEST

/* A program that replaces what stands there empties it for an instant; whoever deletes it begins anew. */
START_TEST (finch__empty_for_an_instant__is_held)
{
  set_text ("for Bob");
  fake_window (CAROL);
  set_text ("");
  set_text ("for you, Bob");
  g_signal_emit_by_name (shared->entry, "activate");
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, "for you, Bob"), 0);
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": " HELD), 1);
  set_text ("");
  fake_settle ();
  g_usleep (1600 * 1000);
  set_text ("for Carol");
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": for Carol"), 1);
}
END_TEST

START_TEST (finch__line_of_the_other__is_shown_with_a_name)
{
  fake_window (CAROL);
  es_unsent_add (fake_link (), es_at (BOB), "never sent", FALSE);
  fake_settle ();
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": This is about your conversation with "), 1);
  ck_assert_uint_eq (fake_count (fake_lines, "This message was not sent: never sent"), 1);
  ck_assert_ptr_eq (shared->active_conv, fake_window (CAROL));
}
END_TEST

START_TEST (finch__only_for_who_looks_at_it__is_not_shown)
{
  fake_window (CAROL);
  purple_conversation_write (fake_window (BOB), NULL, "has gone", PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_ACTIVE_ONLY,
                             1);
  ck_assert_uint_eq (fake_count (fake_lines, "has gone"), 0);
}
END_TEST

START_TEST (finch__stopped__leaves_the_window_alone)
{
  set_text ("for Bob");
  es_finch_stop ();
  ck_assert_ptr_null (line);
  fake_window (CAROL);
  g_signal_emit_by_name (shared->entry, "activate");
  ck_assert_uint_eq (fake_count (fake_lines, CAROL ": for Bob"), 1);
  ck_assert_uint_eq (fake_count (fake_lines, TO_CAROL), 0);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("finch");
  TCase *test_case = tcase_create ("window");

  tcase_add_checked_fixture (test_case, setup, teardown);
  tcase_add_test (test_case, finch__new_conversation__is_told_with_line_and_title);
  tcase_add_loop_test (test_case, finch__opens_with_the_other__is_told, 0, 2);
  tcase_add_test (test_case, finch__other_conversation__does_not_change_the_line);
  tcase_add_test (test_case, finch__chosen_by_the_user__is_told);
  tcase_add_test (test_case, finch__closed_conversation__leaves_the_line_of_the_other);
  tcase_add_test (test_case, finch__inactive_conversation_closed__changes_nothing);
  tcase_add_test (test_case, finch__typed_for_another__is_held_once);
  tcase_add_test (test_case, finch__typed_here_and_there__is_held);
  tcase_add_test (test_case, finch__empty_for_an_instant__is_held);
  tcase_add_test (test_case, finch__line_of_the_other__is_shown_with_a_name);
  tcase_add_test (test_case, finch__only_for_who_looks_at_it__is_not_shown);
  tcase_add_test (test_case, finch__stopped__leaves_the_window_alone);
  suite_add_tcase (suite, test_case);
  return es_test_run (suite);
}
