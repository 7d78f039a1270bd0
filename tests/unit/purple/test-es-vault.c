/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Against a keyring that answers when it is told to. */
#include "es-fake.h"

#include "es-keyring.h"

#define PASSPHRASE "correct horse"

struct _EsKeyring
{
  int nothing;
};

/* What it was asked. */
typedef struct
{
  char *item;
  EsSecret *key; /* to be kept; NULL: one is looked for */
  void (*stored) (gpointer data, gboolean stored);
  void (*found) (gpointer data, EsSecret *key);
  gpointer data;
} Question;

static EsKeyring the_keyring;
static GPtrArray *questions;
static GHashTable *keys;
static PurpleRequestFields *shown_fields;
static GCallback shown_ok;
static void *shown_data;

EsKeyring *
es_keyring_new (const char *folder)
{
  return &the_keyring;
}

void
es_keyring_free (EsKeyring *keyring)
{
}

void
es_keyring_probe (EsKeyring *keyring, void (*done) (gpointer data, gboolean ready), gpointer data)
{
  done (data, FALSE);
}

static Question *
ask (const char *item, gpointer data)
{
  Question *question = g_new0 (Question, 1);

  question->item = g_strdup (item);
  question->data = data;
  g_ptr_array_add (questions, question);
  return question;
}

void
es_keyring_store (EsKeyring *keyring,
                  const char *item,
                  const EsSecret *key,
                  void (*done) (gpointer data, gboolean stored),
                  gpointer data)
{
  Question *question = ask (item, data);

  question->key = es_secret_copy (key);
  question->stored = done;
}

void
es_keyring_find (EsKeyring *keyring, const char *item, void (*done) (gpointer data, EsSecret *key), gpointer data)
{
  ask (item, data)->found = done;
}

void
es_keyring_remove (EsKeyring *keyring, const char *item)
{
  g_hash_table_remove (keys, item);
}

void
es_keyring_remove_others (EsKeyring *keyring, const char *item)
{
}

/* The oldest question is answered, GOOD: with what is asked for. */
static void
answer (gboolean good)
{
  Question *question = g_ptr_array_steal_index (questions, 0);

  if (question->stored != NULL)
    {
      if (good)
        g_hash_table_insert (keys, g_strdup (question->item), es_secret_copy (question->key));
      question->stored (question->data, good);
    }
  else
    {
      const EsSecret *key = good ? g_hash_table_lookup (keys, question->item) : NULL;

      question->found (question->data, key != NULL ? es_secret_copy (key) : NULL);
    }
  es_secret_free (question->key);
  g_free (question->item);
  g_free (question);
}

static void *
show_fields (const char *title,
             const char *primary,
             const char *secondary,
             PurpleRequestFields *fields,
             const char *ok_text,
             GCallback ok,
             const char *cancel_text,
             GCallback cancel,
             PurpleAccount *of,
             const char *who,
             PurpleConversation *conversation,
             void *data)
{
  shown_fields = fields;
  shown_ok = ok;
  shown_data = data;
  return &shown_fields;
}

static void
on_close (PurpleRequestType type, void *handle)
{
  g_clear_pointer (&shown_fields, purple_request_fields_destroy);
}

static void
setup (void)
{
  static PurpleRequestUiOps ops;

  questions = g_ptr_array_new ();
  keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) es_secret_free);
  fake_start ();
  ops = *purple_request_get_ui_ops ();
  ops.request_fields = show_fields;
  ops.close_request = on_close;
  purple_request_set_ui_ops (&ops);
  fake_settle ();
}

static void
teardown (void)
{
  fake_stop ();
  g_ptr_array_unref (questions);
  g_hash_table_unref (keys);
}

/* The user chooses KIND in the question about it. */
static void
choose (EsProtectionKind kind)
{
  PurpleRequestFields *fields = NULL;

  es_vault_protect (es_plugin_running ()->vault);
  ck_assert_ptr_nonnull (shown_fields);
  fields = shown_fields;
  purple_request_field_choice_set_value (purple_request_fields_get_field (fields, "kind"), (int) kind);
  if (kind == ES_PROTECTION_PASSPHRASE)
    {
      purple_request_field_string_set_value (purple_request_fields_get_field (fields, "passphrase"), PASSPHRASE);
      purple_request_field_string_set_value (purple_request_fields_get_field (fields, "again"), PASSPHRASE);
    }
  ((void (*) (void *, PurpleRequestFields *)) shown_ok) (shown_data, fields);
}

static EsProtection
protection (gboolean *locked)
{
  EsProtection found = { 0 };

  ck_assert (es_trust_protection (es_plugin_running ()->trust, &found, locked, NULL));
  return found;
}

static void
assert_protected (EsProtectionKind kind)
{
  gboolean locked = TRUE;
  EsProtection found = protection (&locked);

  ck_assert_int_eq (found.kind, kind);
  ck_assert (!locked);
  ck_assert_uint_eq (g_hash_table_size (keys), kind == ES_PROTECTION_KEYRING);
  if (kind == ES_PROTECTION_KEYRING)
    ck_assert (g_hash_table_contains (keys, found.item));
}

START_TEST (vault__keyring__is_used_when_it_has_the_key)
{
  choose (ES_PROTECTION_KEYRING);
  assert_protected (ES_PROTECTION_NONE);
  answer (_i == 0);
  assert_protected (_i == 0 ? ES_PROTECTION_KEYRING : ES_PROTECTION_NONE);
  ck_assert_uint_eq (fake_count (fake_notes, "nothing was changed"), _i != 0);
}
END_TEST

/* Its user lets it wait, and chooses something else meanwhile: that holds, nothing more is said, and the key is forgotten. */
START_TEST (vault__keyring__that_answers_late_undoes_nothing)
{
  EsProtectionKind kind = _i / 2 == 0 ? ES_PROTECTION_PASSPHRASE : ES_PROTECTION_NONE;
  guint n_notes = 0;

  choose (ES_PROTECTION_KEYRING);
  choose (kind);
  n_notes = fake_notes->len;
  answer (_i % 2 == 0);
  assert_protected (kind);
  ck_assert_uint_eq (fake_notes->len, n_notes);
}
END_TEST

/* Where contacts are marked, nobody being online: as soon as the list is read, or has been unlocked (1). */
static guint looked;

static void
on_devices_changed (void)
{
  looked++;
}

START_TEST (vault__list__is_told_when_it_is_read)
{
  static const EsUi ui = { .devices_changed = on_devices_changed, .program = &es_program_libpurple };
  PurpleBuddy *bob = purple_find_buddy (fake_account (), "bob@localhost");
  g_autofree char *code = NULL;
  EsConversation what;

  fake_encrypt_with_bob ();
  es_manager_describe (fake_link ()->manager, es_at ("bob@localhost"), &what);
  code = g_strdup (what.code);
  es_manager_verify (fake_link ()->manager, es_at ("bob@localhost"), code, TRUE);
  fake_settle ();
  if (_i == 1)
    {
      choose (ES_PROTECTION_KEYRING);
      answer (TRUE);
    }
  purple_account_disconnect (fake_account ());
  es_plugin_stop ();
  ck_assert (es_plugin_start (&ui, NULL));
  ck_assert (!es_api ()->has_verified (bob));
  looked = 0;
  fake_settle ();
  if (_i == 1)
    {
      ck_assert (!es_api ()->has_verified (bob));
      looked = 0;
      answer (TRUE);
      fake_settle ();
    }
  ck_assert_uint_gt (looked, 0);
  ck_assert (es_api ()->has_verified (bob));
}
END_TEST

/* Chosen once more, it is the second key, whichever answer comes when. */
START_TEST (vault__keyring__chosen_again_is_used)
{
  choose (ES_PROTECTION_KEYRING);
  choose (ES_PROTECTION_PASSPHRASE);
  choose (ES_PROTECTION_KEYRING);
  ck_assert_uint_eq (questions->len, 2);
  answer (_i == 0);
  assert_protected (ES_PROTECTION_PASSPHRASE);
  answer (TRUE);
  assert_protected (ES_PROTECTION_KEYRING);
}
END_TEST

/* The same in another program, which has the file as well. */
START_TEST (vault__keyring__that_answers_late_undoes_nothing_elsewhere)
{
  EsProtection other;

  choose (ES_PROTECTION_KEYRING);
  es_protection_init (&other, ES_PROTECTION_KEYRING, TRUE);
  g_hash_table_insert (keys, g_strdup (other.item), es_secret_new (32));
  ck_assert (es_trust_protect (es_plugin_running ()->trust, &other, g_hash_table_lookup (keys, other.item), NULL));
  answer (TRUE);
  assert_protected (ES_PROTECTION_KEYRING);
  ck_assert_str_eq (protection (&(gboolean){ FALSE }).item, other.item);
}
END_TEST

/* A key that was looked for before the user started over is none to what there is since, which stays open. */
START_TEST (vault__found__after_starting_over_is_nothing)
{
  gboolean locked = FALSE;
  EsTrust *trust = NULL;
  g_autoptr (EsSecret) none = es_secret_new (32);

  choose (ES_PROTECTION_KEYRING);
  answer (TRUE);
  es_plugin_stop ();
  ck_assert (es_plugin_start (NULL, NULL));
  fake_settle ();
  ck_assert_uint_eq (questions->len, 1);
  trust = es_plugin_running ()->trust;
  ck_assert_int_eq (protection (&locked).kind, ES_PROTECTION_KEYRING);
  ck_assert (locked);
  ck_assert (es_trust_start_over (trust, NULL));
  choose (ES_PROTECTION_PASSPHRASE);
  answer (TRUE);

  /* As often as it is opened anew. */
  for (int i = 0; i < 2; i++)
    ck_assert (es_trust_unlock (trust, none, NULL));
  ck_assert_int_eq (protection (&locked).kind, ES_PROTECTION_PASSPHRASE);
  ck_assert (!locked);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("vault");
  TCase *tcase = tcase_create ("vault");

  tcase_add_checked_fixture (tcase, setup, teardown);
  tcase_add_loop_test (tcase, vault__keyring__is_used_when_it_has_the_key, 0, 2);
  tcase_add_loop_test (tcase, vault__keyring__that_answers_late_undoes_nothing, 0, 4);
  tcase_add_loop_test (tcase, vault__list__is_told_when_it_is_read, 0, 2);
  tcase_add_loop_test (tcase, vault__keyring__chosen_again_is_used, 0, 2);
  tcase_add_test (tcase, vault__keyring__that_answers_late_undoes_nothing_elsewhere);
  tcase_add_test (tcase, vault__found__after_starting_over_is_nothing);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
