/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-fake.h"

#include <glib/gstdio.h>

#include "es-words.h"

#define ALICE "alice@localhost"
#define BOB "bob@localhost"

GPtrArray *fake_sent, *fake_got, *fake_lines, *fake_notes, *fake_bob_shown;

static char *folder;
static PurplePlugin *jabber, *plugin;
static PurpleAccount *account;

/* Bob's address, as his server writes it. */
static const char *bob_name = BOB;

/* How many of what was sent Bob has looked at. */
static guint n_taken;
static EsTrust *bob_trust;
static EsManager *bob;
static EsOptions bob_options;

/* Both are libpurple's, or the plugin's own. */
gboolean purple_init_plugin (PurplePlugin *made);

/* Windows and notices */

static void
on_write (PurpleConversation *conversation,
          const char *name,
          const char *alias,
          const char *message,
          PurpleMessageFlags flags,
          time_t mtime)
{
  g_ptr_array_add (fake_lines, g_strdup_printf ("%s: %s", purple_conversation_get_name (conversation), message));
}

static void *
on_notify (PurpleNotifyMsgType type, const char *title, const char *primary, const char *secondary)
{
  g_ptr_array_add (fake_notes, g_strdup_printf ("%s %s", primary, secondary != NULL ? secondary : ""));
  return NULL;
}

/* The last question that was asked, and what its buttons do. */
static void *asked_data;
static GPtrArray *asked_buttons;

static void *
on_request (const char *title,
            const char *primary,
            const char *secondary,
            int default_action,
            PurpleAccount *of,
            const char *who,
            PurpleConversation *conversation,
            void *data,
            size_t n,
            va_list actions)
{
  on_notify (PURPLE_NOTIFY_MSG_INFO, title, primary, secondary);
  asked_data = data;
  g_ptr_array_set_size (asked_buttons, 0);
  for (size_t i = 0; i < n; i++)
    {
      va_arg (actions, char *);
      g_ptr_array_add (asked_buttons, (gpointer) va_arg (actions, GCallback));
    }
  return asked_buttons;
}

void
fake_press (guint button)
{
  void (*pressed) (void *data, int action) = (void (*) (void *, int)) asked_buttons->pdata[button];

  if (pressed != NULL)
    pressed (asked_data, (int) button);
}

static void
set_ui_ops (void)
{
  static PurpleConversationUiOps conversations = { .write_conv = on_write };
  static PurpleNotifyUiOps notify = { .notify_message = on_notify };
  static PurpleRequestUiOps request = { .request_action = on_request };

  purple_conversations_set_ui_ops (&conversations);
  purple_notify_set_ui_ops (&notify);
  purple_request_set_ui_ops (&request);
}

/* Instead of what XMPP does on the network */

static void
login (PurpleAccount *of)
{
  of->perm_deny = PURPLE_PRIVACY_DENY_USERS;
  purple_connection_set_state (purple_account_get_connection (of), PURPLE_CONNECTED);
}

static void
nothing_of_connection (PurpleConnection *connection)
{
}

static void
set_status (PurpleAccount *of, PurpleStatus *status)
{
}

static void
send_node (PurpleConnection *connection, xmlnode *node)
{
  xmlnode *packet = node;

  purple_signal_emit (jabber, "jabber-sending-xmlnode", connection, &packet);
  xmlnode_free (node);
}

static int
send_im (PurpleConnection *connection, const char *who, const char *text, PurpleMessageFlags flags)
{
  xmlnode *message = xmlnode_new ("message");
  g_autofree char *printable = purple_utf8_strip_unprintables (text), *plain = purple_markup_strip_html (printable);

  xmlnode_set_attrib (message, "type", "chat");
  xmlnode_set_attrib (message, "to", who);
  xmlnode_insert_data (xmlnode_new_child (message, "body"), plain, -1);
  send_node (connection, message);
  return 1;
}

static unsigned int
send_typing (PurpleConnection *connection, const char *who, PurpleTypingState state)
{
  xmlnode *message = xmlnode_new ("message");

  xmlnode_set_attrib (message, "to", who);
  xmlnode_set_namespace (xmlnode_new_child (message, "composing"), "http://jabber.org/protocol/chatstates");
  send_node (connection, message);
  return 0;
}

static void
add_deny (PurpleConnection *connection, const char *who)
{
  xmlnode *iq = xmlnode_new ("iq"), *block = xmlnode_new_child (iq, "block");

  xmlnode_set_attrib (iq, "type", "set");
  xmlnode_set_namespace (block, "urn:xmpp:blocking");
  xmlnode_set_attrib (xmlnode_new_child (block, "item"), "jid", who);
  send_node (connection, iq);
}

static int
send_raw (PurpleConnection *connection, const char *text, int size)
{
  const char *data = text;

  purple_signal_emit (jabber, "jabber-sending-text", connection, &data);
  if (data != NULL)
    g_ptr_array_add (fake_sent, g_strdup (data));
  return size;
}

/* libpurple's own writer is there, and does nothing for want of a stream. */
static void
on_written (PurpleConnection *connection, xmlnode **packet, gpointer data)
{
  int size = 0;
  g_autofree char *text = xmlnode_to_str (*packet, &size);

  send_raw (connection, text, size);
}

static void
replace_network (void)
{
  PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (jabber);

  info->login = login;
  info->close = nothing_of_connection;
  info->set_status = set_status;
  info->keepalive = NULL;
  info->set_idle = NULL;
  info->add_deny = add_deny;
  info->rem_deny = NULL;
  info->add_buddy = NULL;
  info->add_buddy_with_invite = NULL;
  info->alias_buddy = NULL;
  info->group_buddy = NULL;
  info->remove_buddy = NULL;
  info->convo_closed = NULL;
  info->send_im = send_im;
  info->send_typing = send_typing;
  info->send_raw = send_raw;
  purple_signal_connect_priority (jabber, "jabber-sending-xmlnode", &folder, PURPLE_CALLBACK (on_written), NULL,
                                  PURPLE_SIGNAL_PRIORITY_HIGHEST);
}

/* Arriving */

static gboolean
is_taken (PurpleConnection *connection, xmlnode *packet)
{
  const char *type = xmlnode_get_attrib (packet, "type"), *id = xmlnode_get_attrib (packet, "id");
  const char *from = xmlnode_get_attrib (packet, "from"), *to = xmlnode_get_attrib (packet, "to");

  if (purple_strequal (packet->name, "iq"))
    return GPOINTER_TO_INT (
        purple_signal_emit_return_1 (jabber, "jabber-receiving-iq", connection, type, id, from, packet));
  if (purple_strequal (packet->name, "presence"))
    return GPOINTER_TO_INT (
        purple_signal_emit_return_1 (jabber, "jabber-receiving-presence", connection, type, from, packet));
  return purple_strequal (packet->name, "message")
         && GPOINTER_TO_INT (
             purple_signal_emit_return_1 (jabber, "jabber-receiving-message", connection, type, id, from, to, packet));
}

void
fake_receive (const char *xml)
{
  fake_receive_node (xmlnode_from_str (xml, -1));
}

void
fake_receive_node (xmlnode *packet)
{
  PurpleConnection *connection = fake_connection ();
  xmlnode *body = NULL;
  g_autofree char *text = NULL, *got = NULL;

  ck_assert_ptr_nonnull (packet);
  purple_signal_emit (jabber, "jabber-receiving-xmlnode", connection, &packet);
  if (!is_taken (connection, packet))
    {
      got = xmlnode_to_str (packet, NULL);
      g_ptr_array_add (fake_got, g_steal_pointer (&got));
      body = purple_strequal (packet->name, "message") ? xmlnode_get_child (packet, "body") : NULL;
      text = body != NULL ? xmlnode_get_data (body) : NULL;
      if (text != NULL && !purple_strequal (xmlnode_get_attrib (packet, "type"), "error"))
        serv_got_im (connection, xmlnode_get_attrib (packet, "from"), text, PURPLE_MESSAGE_RECV, time (NULL));
    }
  xmlnode_free (packet);
}

/* Bob */

void
fake_call_bob (const char *name)
{
  bob_name = name;
}

static char *
bob_full (void)
{
  return g_strconcat (bob_name, "/x", NULL);
}

static const char *
alice_full (void)
{
  return purple_account_get_username (account);
}

static const EsAddress *
alice_bare (void)
{
  return es_address_bare (es_at (alice_full ()));
}

static gboolean
bob_can_send (gpointer data)
{
  return TRUE;
}

static void
bob_send (gpointer data, EsXml *stanza)
{
  g_autofree char *text = NULL, *from = bob_full ();

  es_xml_set_attribute (stanza, "from", from);
  es_xml_set_attribute (stanza, "to", alice_full ());
  text = es_xml_to_string (stanza, "");
  es_xml_free (stanza);
  fake_receive (text);
}

static gint64
bob_now (gpointer data)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static guint
bob_start_timer (gpointer data, guint seconds, void (*fire) (gpointer argument), gpointer argument)
{
  return 1;
}

static void
bob_stop_timer (gpointer data, guint timer)
{
}

static void
bob_ask_support (gpointer data, const EsAddress *jid)
{
}

static gboolean
bob_does_not (gpointer data, const EsAddress *contact)
{
  return FALSE;
}

static gboolean
bob_does (gpointer data, const EsAddress *contact)
{
  return TRUE;
}

static void
bob_changed (gpointer data, const EsAddress *contact)
{
}

static void
bob_notice (gpointer data, const EsAddress *contact, EsTone tone, const EsNotice *notice)
{
}

static void
bob_send_text (gpointer data, const EsAddress *contact, const char *typed, const char *leaving, gboolean encrypted)
{
}

static gboolean
bob_return_text (gpointer data, const EsAddress *contact, const char *text, gboolean sent)
{
  return TRUE;
}

static void
bob_delivery (gpointer data, const EsAddress *contact, guint64 number, EsDelivery delivery)
{
}

static const EsHost bob_host = {
  .random = { NULL },
  .transport = { .can_send = bob_can_send,
                 .send = bob_send,
                 .ask_support = bob_ask_support,
                 .ask_presence = bob_does_not,
                 .may_see_us = bob_does },
  .clock = { .now = bob_now, .elapsed = bob_now, .start_timer = bob_start_timer, .stop_timer = bob_stop_timer },
  .user = { .changed = bob_changed,
            .notice = bob_notice,
            .may_remind = bob_does_not,
            .send_text = bob_send_text,
            .can_return = bob_does,
            .return_text = bob_return_text,
            .delivery = bob_delivery,
            .ask_stranger = bob_changed },
};

static void
answer_support (const EsXml *iq)
{
  g_autofree char *from = bob_full ();
  g_autofree char *answer = g_strdup_printf ("<iq xmlns='jabber:client' type='result' from='%s' to='%s' id='%s'>"
                                             "<query xmlns='http://jabber.org/protocol/disco#info'><feature "
                                             "var='http://www.xmpp.org/extensions/xep-0116.html#ns'/>"
                                             "</query></iq>",
                                             from, alice_full (), es_xml_attribute (iq, "id"));

  fake_receive (answer);
}

static void
bob_takes (const char *text)
{
  g_autoptr (EsXml) stanza = es_xml_parse (text, strlen (text), NULL);
  const char *to = stanza != NULL ? es_xml_attribute (stanza, "to") : NULL;
  g_autofree char *full = bob_full ();
  const EsXml *body = NULL;
  EsDisposition disposition = ES_PASS;

  if (to == NULL || !es_address_same_bare (es_at (to), es_at (bob_name)))
    return;
  if (es_xml_child (stanza, "query", "http://jabber.org/protocol/disco#info") != NULL)
    {
      answer_support (stanza);
      return;
    }
  es_xml_set_attribute (stanza, "from", alice_full ());
  es_xml_set_attribute (stanza, "to", full);
  disposition = es_manager_incoming (bob, es_at (alice_full ()), stanza);
  body = disposition != ES_CONSUMED ? es_xml_child (stanza, "body", NULL) : NULL;
  if (body == NULL)
    return;
  g_ptr_array_add (fake_bob_shown, es_xml_dup_text (body));
  es_manager_shown (bob, alice_bare ());
}

void
fake_bob_comes (void)
{
  static EsHost host;
  g_autofree char *path = g_build_filename (folder, "bob.db", NULL), *full = bob_full (), *roster = NULL,
                  *presence = NULL;

  host = bob_host;
  host.random = es_random_system;
  host.transport.fallback = es_fallback_text ();
  es_options_init (&bob_options);
  bob_options.groups[1] = 0; /* the big groups cost time */
  bob_trust = es_trust_new (path);
  bob = es_manager_new (es_at (bob_name), &host, bob_trust, &bob_options, ES_POLICY_POSSIBLE);
  es_manager_set_own (bob, es_at (full));
  es_manager_set_presence (bob, es_at (alice_full ()), TRUE, 0, NULL);
  n_taken = fake_sent->len;
  roster = g_strdup_printf ("<iq xmlns='jabber:client' type='set' id='r' to='%s'><query xmlns='jabber:iq:roster'>"
                            "<item jid='%s' subscription='both'/></query></iq>",
                            alice_full (), bob_name);
  presence = g_strdup_printf ("<presence xmlns='jabber:client' from='%s' to='%s'/>", full, alice_full ());
  fake_receive (roster);
  fake_receive (presence);
}

void
fake_bob_runs (void)
{
  do
    {
      while (n_taken < fake_sent->len)
        {
          g_autofree char *text = g_strdup (fake_sent->pdata[n_taken++]);

          bob_takes (text);
        }
      fake_settle ();
    }
  while (n_taken < fake_sent->len);
}

void
fake_bob_types (const char *text)
{
  g_autoptr (EsXml) stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "to", alice_full ());
  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_append_new (stanza, "body", text);
  ck_assert_int_eq (es_manager_outgoing (bob, es_at (alice_full ()), stanza, TRUE), ES_CHANGED);
  bob_send (NULL, g_steal_pointer (&stanza));
}

void
fake_encrypt_with_bob (void)
{
  EsConversation what;

  fake_bob_comes ();
  fake_bob_runs ();
  fake_type (bob_name, "first");
  fake_bob_runs ();
  es_manager_describe (fake_link ()->manager, es_at (bob_name), &what);
  ck_assert_int_eq (what.state, ES_STATE_ENCRYPTED);
}

EsState
fake_bob_state (void)
{
  EsConversation what;

  es_manager_describe (bob, alice_bare (), &what);
  return what.state;
}

char *
fake_bob_link (void)
{
  return es_manager_own_link (bob, alice_bare ());
}

void
fake_bob_starts (void)
{
  es_manager_set_support (bob, es_at (alice_full ()), TRUE, FALSE);
  es_manager_start (bob, alice_bare ());
}

/* Everything */

PurpleAccount *
fake_account (void)
{
  return account;
}

PurpleConnection *
fake_connection (void)
{
  return purple_account_get_connection (account);
}

EsLink *
fake_link (void)
{
  return es_plugin_link (es_plugin_running (), account);
}

PurpleBuddy *
fake_add_buddy (const char *name)
{
  PurpleBuddy *buddy = purple_buddy_new (account, name, NULL);

  purple_blist_add_buddy (buddy, NULL, NULL, NULL);
  return buddy;
}

PurpleConversation *
fake_window (const char *who)
{
  PurpleConversation *window = purple_find_conversation_with_account (PURPLE_CONV_TYPE_IM, who, account);

  return window != NULL ? window : purple_conversation_new (PURPLE_CONV_TYPE_IM, account, who);
}

void
fake_type (const char *who, const char *text)
{
  purple_conv_im_send (PURPLE_CONV_IM (fake_window (who)), text);
}

guint
fake_count (const GPtrArray *array, const char *text)
{
  guint n = 0;

  for (guint i = 0; i < array->len; i++)
    n += strstr (array->pdata[i], text) != NULL;
  return n;
}

void
fake_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
fake_reconnect (const char *reason)
{
  if (reason != NULL)
    purple_connection_error_reason (fake_connection (), PURPLE_CONNECTION_ERROR_NETWORK_ERROR, reason);
  purple_account_disconnect (account);
  purple_account_connect (account);
}

static guint
add_input (int fd, PurpleInputCondition condition, PurpleInputFunction function, gpointer data)
{
  return 0;
}

static void
start_libpurple (void)
{
  static PurpleCoreUiOps core = { .ui_init = set_ui_ops };
  static PurpleEventLoopUiOps loop = {
    .timeout_add = g_timeout_add,
    .timeout_remove = g_source_remove,
    .input_add = add_input,
    .input_remove = g_source_remove,
    .timeout_add_seconds = g_timeout_add_seconds,
  };

  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  purple_util_set_user_dir (folder);
  purple_core_set_ui_ops (&core);
  purple_eventloop_set_ui_ops (&loop);
  ck_assert (purple_core_init ("esession-test"));
  purple_set_blist (purple_blist_new ());
  jabber = purple_plugins_find_with_id ("prpl-jabber");
  ck_assert_ptr_nonnull (jabber);
}

void
fake_start (void)
{
  GPtrArray **arrays[] = { &fake_sent, &fake_got, &fake_lines, &fake_notes, &fake_bob_shown };

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    *arrays[i] = g_ptr_array_new_with_free_func (g_free);
  asked_buttons = g_ptr_array_new ();
  folder = es_test_folder ("esession-fake");
  start_libpurple ();
  replace_network ();
  plugin = purple_plugin_new (TRUE, NULL);
  ck_assert (purple_init_plugin (plugin));
  ck_assert (purple_plugin_load (plugin));
  account = purple_account_new (ALICE "/a", "prpl-jabber");
  purple_accounts_add (account);
  purple_account_set_password (account, "secret");
  fake_add_buddy (BOB);
  purple_account_set_enabled (account, "esession-test", TRUE);
  purple_account_connect (account);
  ck_assert_ptr_nonnull (fake_connection ());
  fake_settle ();

  /* That was a while ago. */
  fake_link ()->signed_on = 0;
}

static gboolean
holds (const char *path, const char *text)
{
  g_autoptr (GDir) list = g_dir_open (path, 0, NULL);
  g_autofree char *content = NULL;
  gsize size = 0;
  const char *name = NULL;

  if (list == NULL)
    return g_file_get_contents (path, &content, &size, NULL) && memmem (content, size, text, strlen (text)) != NULL;
  while ((name = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      /* Our own is where what waits belongs, protected as what is in there is. */
      if (!g_str_has_prefix (name, "esession.db") && holds (inside, text))
        return TRUE;
    }
  return FALSE;
}

gboolean
fake_has_written (const char *text)
{
  return holds (folder, text);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) list = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (list != NULL && (name = g_dir_read_name (list)) != NULL)
    {
      g_autofree char *inside = g_build_filename (path, name, NULL);

      if (g_file_test (inside, G_FILE_TEST_IS_DIR))
        remove_folder (inside);
      else
        g_unlink (inside);
    }
  g_rmdir (path);
}

void
fake_quit (void)
{
  purple_core_quit ();
  plugin = NULL;
}

void
fake_stop (void)
{
  if (plugin != NULL)
    {
      purple_plugin_unload (plugin);
      fake_quit ();
    }
  es_manager_free (bob);
  es_trust_free (bob_trust);
  remove_folder (folder);
}

sqlite3 *
fake_lock_file (void)
{
  g_autofree char *path = g_build_filename (purple_user_dir (), "esession.db", NULL);
  sqlite3 *db = NULL;

  ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
  ck_assert_int_eq (sqlite3_exec (db, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
  return db;
}
