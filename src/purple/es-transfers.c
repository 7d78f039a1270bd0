/* SPDX-License-Identifier: GPL-3.0-or-later */
/* libpurple's file transfers. Its own ask by stanzas, which the gate sees; those of other plugins may go past the gate, by HTTP. */
#include "es-plugin.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-words.h"

typedef void (*SendFile) (PurpleConnection *connection, const char *who, const char *path);
typedef PurpleXfer *(*NewXfer) (PurpleConnection *connection, const char *who);

/* How a file is sent. Those who have taken our place may call us for what was there before, which outlives the plugin's state. */
typedef struct
{
  SendFile send_file;
  NewXfer new_xfer;
} Way;

static Way before; /* as it was when we came first */
static Way other;  /* as it would be without us */
static gboolean busy;

/* Whether FUNCTION is one of libpurple's XMPP. */
static gboolean
is_of_libpurple (const EsPlugin *plugin, const void *function)
{
  const PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber);
  Dl_info its, libpurples;

  return function != NULL && dladdr (function, &its) != 0 && dladdr ((const void *) info->list_icon, &libpurples) != 0
         && its.dli_fbase == libpurples.dli_fbase;
}

/* libpurple's own way, its members NULL if it cannot be found any more. */
static Way
find_own (const EsPlugin *plugin)
{
  Way own = before;
  gpointer found = NULL;

  if (is_of_libpurple (plugin, (const void *) own.send_file) && is_of_libpurple (plugin, (const void *) own.new_xfer))
    return own;
  own = (Way){ NULL, NULL };
  if (plugin->jabber->handle == NULL)
    return own;
  if (g_module_symbol (plugin->jabber->handle, "jabber_si_xfer_send", &found))
    own.send_file = (SendFile) found;
  if (g_module_symbol (plugin->jabber->handle, "jabber_si_new_xfer", &found))
    own.new_xfer = (NewXfer) found;
  return own;
}

/* Which way a file for WHO goes: libpurple's own where the gate is to encrypt it. */
static Way
find_way (PurpleConnection *connection, const char *who)
{
  EsPlugin *plugin = es_plugin_running ();
  EsLink *link = plugin != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  g_autoptr (EsAddress) contact = link != NULL && who != NULL ? es_border_contact (link->account, who) : NULL;
  Way own = plugin != NULL ? find_own (plugin) : before;

  if (plugin == NULL || busy)
    return before;
  if (contact == NULL || es_rooms_person (link, who) != ES_ROOMS_NOBODY || es_rooms_has (link, contact)
      || es_manager_may_be_plain (link->manager, contact))
    return other;
  return own.send_file != NULL && own.new_xfer != NULL ? own : other;
}

static void
send_file (PurpleConnection *connection, const char *who, const char *path)
{
  Way way = find_way (connection, who);
  gboolean outer = busy;

  busy = TRUE;
  if (way.send_file != NULL)
    way.send_file (connection, who, path);
  busy = outer;
}

static PurpleXfer *
new_xfer (PurpleConnection *connection, const char *who)
{
  Way way = find_way (connection, who);
  gboolean outer = busy;
  PurpleXfer *xfer = NULL;

  busy = TRUE;
  if (way.new_xfer != NULL)
    xfer = way.new_xfer (connection, who);
  busy = outer;
  return xfer;
}

/* Before all others, whenever they may have come before us. */
static void
take_place (EsPlugin *plugin)
{
  PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber);

  if (info->send_file != send_file)
    other.send_file = info->send_file;
  if (info->new_xfer != new_xfer)
    other.new_xfer = info->new_xfer;
  if (before.send_file == NULL)
    before = other;
  info->send_file = send_file;
  info->new_xfer = new_xfer;
}

static void
on_change (gpointer changed, EsPlugin *plugin)
{
  take_place (plugin);
}

/* Of a file of which nobody knows whom it is for. */
static void
tell_nobody (EsPlugin *plugin)
{
  const EsNotice notice = { ES_NOTICE_FILE_PAST };
  g_autofree char *sentence = es_notice_sentence (&es_program_libpurple, &notice);

  purple_notify_warning (plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
}

/* Whether a file may go to WHO on a way that is not encrypted; the user is told if not. LINK may be NULL: it has no address. */
static gboolean
may_go_past (EsPlugin *plugin, EsLink *link, const char *who)
{
  g_autoptr (EsAddress) contact = link != NULL && who != NULL ? es_border_contact (link->account, who) : NULL;
  EsRoomsPerson person = contact != NULL ? es_rooms_person (link, who) : ES_ROOMS_PERHAPS;

  if (person == ES_ROOMS_SOMEBODY || (contact != NULL && es_rooms_has (link, contact)))
    return TRUE;
  if (person == ES_ROOMS_PERHAPS || es_link_is_renamed (link))
    {
      tell_nobody (plugin);
      return FALSE;
    }
  if (es_manager_file_may_go_past (link->manager, contact))
    return TRUE;
  es_conversations_show (link, contact);
  return FALSE;
}

/* Whether another plugin has made XFER, to be sent from the account of LINK. */
static gboolean
is_foreign (const EsLink *link, const PurpleXfer *xfer)
{
  return purple_xfer_get_account (xfer) == link->account && purple_xfer_get_type (xfer) == PURPLE_XFER_SEND
         && !is_of_libpurple (link->plugin, (const void *) xfer->ops.init);
}

/* Where a file would have been sent. */
static gssize
write_nothing (const guchar *buffer, size_t size, PurpleXfer *xfer)
{
  errno = EACCES;
  return -1;
}

static void
start_nothing (PurpleXfer *xfer)
{
}

/* Whoever has started it may still look at it before the program comes back here. */
static gboolean
on_idle (gpointer data)
{
  PurpleXfer *xfer = data;

  if (!purple_xfer_is_completed (xfer) && !purple_xfer_is_canceled (xfer))
    purple_xfer_cancel_local (xfer);
  purple_xfer_unref (xfer);
  return G_SOURCE_REMOVE;
}

/* Before the first octet. */
static void
on_send_start (PurpleXfer *xfer, EsPlugin *plugin)
{
  PurpleAccount *account = purple_xfer_get_account (xfer);
  EsLink *link = es_plugin_link (plugin, account);

  if ((link == NULL
       && !purple_strequal (purple_account_get_protocol_id (account), purple_plugin_get_id (plugin->jabber)))
      || is_of_libpurple (plugin, (const void *) xfer->ops.init)
      || may_go_past (plugin, link, purple_xfer_get_remote_user (xfer)))
    return;
  purple_xfer_set_write_fnc (xfer, write_nothing);
  purple_xfer_set_start_fnc (xfer, start_nothing);
  purple_xfer_ref (xfer);
  g_idle_add (on_idle, xfer);
}

static const xmlnode *
find_upload (const xmlnode *packet)
{
  for (const xmlnode *child = purple_strequal (packet->name, "iq") ? packet->child : NULL; child != NULL;
       child = child->next)
    if (child->type == XMLNODE_TYPE_TAG && child->xmlns != NULL && strstr (child->xmlns, "http:upload") != NULL)
      return child;
  return NULL;
}

/* Whether XFER has a file and has not been started: it may be what asks. */
static gboolean
may_ask (const PurpleXfer *xfer)
{
  PurpleXferStatusType status = purple_xfer_get_status (xfer);

  return purple_xfer_get_local_filename (xfer) != NULL
         && (status == PURPLE_XFER_STATUS_NOT_STARTED || status == PURPLE_XFER_STATUS_ACCEPTED
             || status == PURPLE_XFER_STATUS_UNKNOWN);
}

/* The transfers that UPLOAD may be of, those with the name that it tells if there are any; the list is the caller's. */
static GList *
find_asking (const EsLink *link, const xmlnode *upload)
{
  xmlnode *name = xmlnode_get_child (upload, "filename");
  g_autofree char *text = name != NULL ? xmlnode_get_data (name) : NULL;
  const char *wanted = text != NULL ? text : xmlnode_get_attrib ((xmlnode *) upload, "filename");
  g_autoptr (GList) all = NULL;
  GList *named = NULL;

  for (GList *item = purple_xfers_get_all (); item != NULL; item = item->next)
    if (is_foreign (link, item->data) && may_ask (item->data))
      {
        all = g_list_prepend (all, item->data);
        if (purple_strequal (purple_xfer_get_filename (item->data), wanted))
          named = g_list_prepend (named, item->data);
      }
  return named != NULL ? named : g_steal_pointer (&all);
}

/* Whether there is anybody to whom nothing may go unencrypted. */
static gboolean
has_guarded (EsLink *link)
{
  g_autoptr (GSList) buddies = purple_find_buddies (link->account, NULL);
  gboolean found = es_manager_guards_any (link->manager);

  for (GSList *item = buddies; !found && item != NULL; item = item->next)
    {
      g_autoptr (EsAddress) contact = es_border_contact (link->account, purple_buddy_get_name (item->data));

      found = contact != NULL && es_manager_is_guarded (link->manager, contact);
    }
  return found;
}

gboolean
es_transfers_may_leave (EsLink *link, const xmlnode *packet)
{
  const xmlnode *upload = find_upload (packet);
  g_autoptr (GList) asking = upload != NULL ? find_asking (link, upload) : NULL;

  for (GList *item = asking; item != NULL; item = item->next)
    if (!may_go_past (link->plugin, link, purple_xfer_get_remote_user (item->data)))
      return FALSE;
  if (upload == NULL || asking != NULL || !has_guarded (link))
    return TRUE;
  tell_nobody (link->plugin);
  return FALSE;
}

/* Whether TO is at a connection of ours. */
static gboolean
is_in_this_program (EsPlugin *plugin, const EsAddress *to)
{
  gboolean found = FALSE;

  for (GList *item = purple_connections_get_all (); !found && item != NULL; item = item->next)
    {
      EsLink *link = es_plugin_link_of_connection (plugin, item->data);

      found = link != NULL && !es_address_is_bare (to) && es_presence_is_us (link, to);
    }
  return found;
}

/* libpurple keeps the streams of all accounts in one table, where who sends one and who takes it are in each other's way: the file would
 * be said to be sent, and never arrive. What is not encrypted goes another way. */
gboolean
es_transfers_may_arrive (EsLink *link, const EsAddress *to, const xmlnode *packet)
{
  const EsAddress *contact = es_address_bare (to);

  if (!purple_strequal (xmlnode_get_attrib ((xmlnode *) packet, "type"), "set")
      || xmlnode_get_child_with_namespace (packet, "si", ES_NS_SI) == NULL || !is_in_this_program (link->plugin, to)
      || es_manager_may_be_plain (link->manager, contact))
    return TRUE;
  es_conversations_notice (
      link, contact, ES_TONE_WARNING,
      _ ("The file was not sent because files cannot be sent encrypted between two accounts of one program."));
  es_conversations_show (link, contact);
  return FALSE;
}

/* What libpurple asks the other side's program for a file. It frees what it knows of the file when that is cancelled, and looks at it
 * all the same when an answer comes: nobody waits for that any more. */

typedef struct
{
  PurpleXfer *xfer;
  gboolean answered;
} Question;

/* Whether it takes files, whether it takes this one, and, once it does, the two ways to open the stream. */
static const xmlnode *
find_question (const xmlnode *packet)
{
  static const struct
  {
    const char *name, *namespace;
  } kinds[]
      = { { "query", ES_NS_DISCO_INFO }, { "si", ES_NS_SI }, { "query", ES_NS_BYTESTREAMS }, { "open", ES_NS_IBB } };
  const char *type = xmlnode_get_attrib ((xmlnode *) packet, "type");

  if (!purple_strequal (packet->name, "iq") || !(purple_strequal (type, "get") || purple_strequal (type, "set")))
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      xmlnode *found = xmlnode_get_child_with_namespace (packet, kinds[i].name, kinds[i].namespace);

      /* What stands behind a sign of what a program can do is nobody's file. */
      if (found != NULL && xmlnode_get_attrib (found, "node") == NULL)
        return found;
    }
  return NULL;
}

static const char *
stream_of (const xmlnode *question)
{
  return xmlnode_get_attrib ((xmlnode *) question, purple_strequal (question->xmlns, ES_NS_SI) ? "id" : "sid");
}

/* Whether XFER waits for an answer, or has asked for its stream. */
static gboolean
has_asked (const EsLink *link, const PurpleXfer *xfer)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, link->streams);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (value == xfer)
      return TRUE;
  g_hash_table_iter_init (&iter, link->asked);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (((Question *) value)->xfer == xfer && !((Question *) value)->answered)
      return TRUE;
  return FALSE;
}

/* For which file TO is asked: that of the stream. Before it has one libpurple asks as soon as it can, one thing at a time. */
static PurpleXfer *
find_asker (const EsLink *link, const EsAddress *to, const char *stream)
{
  PurpleXfer *found = stream != NULL ? g_hash_table_lookup (link->streams, stream) : NULL;

  for (GList *item = purple_xfers_get_all (); found == NULL && item != NULL; item = item->next)
    {
      PurpleXfer *xfer = item->data;
      g_autoptr (EsAddress) who = es_border_address (link->account, purple_xfer_get_remote_user (xfer));

      if (purple_xfer_get_account (xfer) == link->account && purple_xfer_get_type (xfer) == PURPLE_XFER_SEND
          && may_ask (xfer) && who != NULL && es_address_equal (who, to) && !has_asked (link, xfer))
        found = xfer;
    }
  return found;
}

void
es_transfers_note_leaving (EsLink *link, const EsAddress *to, const xmlnode *packet)
{
  const xmlnode *node = find_question (packet);
  const char *id = xmlnode_get_attrib ((xmlnode *) packet, "id"), *stream = node != NULL ? stream_of (node) : NULL;
  PurpleXfer *xfer = node != NULL && id != NULL ? find_asker (link, to, stream) : NULL;
  Question *question = NULL;

  if (xfer == NULL)
    return;
  question = g_new0 (Question, 1);
  question->xfer = xfer;
  g_hash_table_insert (link->asked, g_strdup (id), question);
  if (stream != NULL)
    g_hash_table_insert (link->streams, g_strdup (stream), xfer);
}

void
es_transfers_note_answer (EsLink *link, const char *id, const char *from)
{
  Question *question = id != NULL && from != NULL ? g_hash_table_lookup (link->asked, id) : NULL;
  g_autoptr (EsAddress) who = question != NULL ? es_border_address (link->account, from) : NULL;
  g_autoptr (EsAddress) asked
      = question != NULL ? es_border_address (link->account, purple_xfer_get_remote_user (question->xfer)) : NULL;

  if (who != NULL && es_address_equal (who, asked))
    question->answered = TRUE;
}

static gboolean
is_stream_of (gpointer stream, gpointer xfer, gpointer ended)
{
  return xfer == ended;
}

static void
on_send_end (PurpleXfer *xfer, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, purple_xfer_get_account (xfer));
  PurpleConnection *connection = link != NULL ? es_link_connection (link) : NULL;
  gpointer remove = NULL, id = NULL, question = NULL;
  GHashTableIter iter;

  if (link == NULL)
    return;
  if (connection != NULL && plugin->jabber->handle != NULL)
    g_module_symbol (plugin->jabber->handle, "jabber_iq_remove_callback_by_id", &remove);
  g_hash_table_iter_init (&iter, link->asked);
  while (g_hash_table_iter_next (&iter, &id, &question))
    if (((Question *) question)->xfer == xfer)
      {
        if (remove != NULL)
          ((void (*) (gpointer stream, const char *id)) remove) (connection->proto_data, id);
        g_hash_table_iter_remove (&iter);
      }
  g_hash_table_foreach_remove (link->streams, is_stream_of, xfer);
}

void
es_transfers_start (EsPlugin *plugin)
{
  take_place (plugin);
  purple_signal_connect (purple_xfers_get_handle (), "file-send-cancel", plugin->handle, PURPLE_CALLBACK (on_send_end),
                         plugin);
  purple_signal_connect (purple_xfers_get_handle (), "file-send-complete", plugin->handle,
                         PURPLE_CALLBACK (on_send_end), plugin);
  purple_signal_connect (purple_plugins_get_handle (), "plugin-load", plugin->handle, PURPLE_CALLBACK (on_change),
                         plugin);
  purple_signal_connect (purple_plugins_get_handle (), "plugin-unload", plugin->handle, PURPLE_CALLBACK (on_change),
                         plugin);
  purple_signal_connect (purple_connections_get_handle (), "signed-on", plugin->handle, PURPLE_CALLBACK (on_change),
                         plugin);
  purple_signal_connect (purple_xfers_get_handle (), "file-send-start", plugin->handle, PURPLE_CALLBACK (on_send_start),
                         plugin);
}

/* Who has taken our place since keeps it. */
void
es_transfers_stop (EsPlugin *plugin)
{
  PurplePluginProtocolInfo *info = PURPLE_PLUGIN_PROTOCOL_INFO (plugin->jabber);

  if (info->send_file == send_file)
    info->send_file = other.send_file;
  if (info->new_xfer == new_xfer)
    info->new_xfer = other.new_xfer;
}

void
es_transfers_cancel (EsLink *link)
{
  g_autoptr (GList) all = g_list_copy (purple_xfers_get_all ());

  /* Those of a connection that is gone are libpurple's to end. */
  if (es_link_connection (link) == NULL)
    return;
  for (GList *item = all; item != NULL; item = item->next)
    {
      PurpleXfer *xfer = item->data;
      g_autoptr (EsAddress) who = es_border_address (link->account, purple_xfer_get_remote_user (xfer));

      if (purple_xfer_get_account (xfer) == link->account && !purple_xfer_is_completed (xfer)
          && !purple_xfer_is_canceled (xfer) && who != NULL && es_manager_has_file (link->manager, who))
        purple_xfer_cancel_local (xfer);
    }
}
