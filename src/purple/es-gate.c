/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every stanza passes here: on its way out after all other plugins, just before libpurple writes it, and on its way in
 * before anybody else sees it. Stanzas are changed in place; libpurple looks at them again afterwards. */
#include "es-plugin.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "es-channel.h"
#include "es-files.h"
#include "es-negotiation.h"
#include "es-password.h"
#include "es-session.h"
#include "es-shown.h"
#include "es-words.h"
#include "es-xmlnode.h"

/* libpurple's own writer sits at the highest. */
#define AFTER_ALL_OTHERS (PURPLE_SIGNAL_PRIORITY_HIGHEST - 1)
#define BEFORE_ALL_OTHERS PURPLE_SIGNAL_PRIORITY_LOWEST

gboolean
es_gate_is_stanza (const xmlnode *node)
{
  return purple_strequal (node->name, "message") || purple_strequal (node->name, "iq")
         || purple_strequal (node->name, "presence");
}

/* Whether a stanza with ADDRESS is our concern: not those with rooms, and of iqs and presence none with ourselves; other
 * programs of ours are as any contact's. */
static gboolean
is_ours (const EsLink *link, const xmlnode *node, const EsAddress *address)
{
  return !es_rooms_has_stanza (link, address, node)
         && (purple_strequal (node->name, "message") || !es_presence_is_us (link, address));
}

/* Whoever looks at it next, libpurple among them, sees the one spelling that it knows of what we have looked at. */
static void
prepare_attribute (const EsLink *link, xmlnode *node, const char *name, const EsAddress *address)
{
  const char *text = xmlnode_get_attrib (node, name);
  g_autofree char *known = es_border_dup_name (link->account, address, text);

  if (!purple_strequal (text, known))
    xmlnode_set_attrib (node, name, known);
}

static gboolean
is_prepared (const EsLink *link, xmlnode *node, const char *name, const EsAddress *address)
{
  const char *text = xmlnode_get_attrib (node, name);
  g_autofree char *known = es_border_dup_name (link->account, address, text);

  return purple_strequal (text, known);
}

/* Why a stanza does not leave. */
typedef enum
{
  WHY_OURS,       /* it waits, or is said otherwise */
  WHY_REFUSED,    /* whoever made it gets an error */
  WHY_UNREADABLE, /* nobody can tell what it is, or where it goes */
  WHY_NO_ADDRESS,
  WHY_WALL, /* its text was found to be for encryption */
  WHY_ROOM,
  WHY_FILE,
  WHY_IMAGES,
  WHY_TOO_LARGE,
  WHY_OFFLINE,
} Why;

static const char *
why_name (Why why)
{
  static const char *const names[] = {
    [WHY_OURS] = "ours",
    [WHY_REFUSED] = "refused",
    [WHY_UNREADABLE] = "unreadable",
    [WHY_NO_ADDRESS] = "no-address",
    [WHY_WALL] = "wall",
    [WHY_ROOM] = "room",
    [WHY_FILE] = "file",
    [WHY_IMAGES] = "images",
    [WHY_TOO_LARGE] = "too-large",
    [WHY_OFFLINE] = "offline",
  };

  return names[why];
}

static const char *
kind_name (const xmlnode *node)
{
  return purple_strequal (node->name, "message") ? "message" : purple_strequal (node->name, "iq") ? "iq" : "presence";
}

/* Puts a stand-in in the stanza's place, which es-wire.c swallows: libpurple takes no NULL here. The stanza itself
 * stays its maker's. */
static void
drop_outgoing (EsPlugin *plugin, const EsAddress *to, xmlnode **packet, Why why)
{
  EsArea area = why == WHY_FILE ? ES_AREA_FILES : why == WHY_ROOM ? ES_AREA_ROOMS : ES_AREA_GATE;

  es_log (plugin->log, area, why == WHY_OURS ? ES_LOG_DETAIL : ES_LOG_WARNING, to != NULL ? es_address_text (to) : NULL,
          "not sent, %s: %s", kind_name (*packet), why_name (why));
  *packet = plugin->nothing;
}

/* What the user must know of a stanza that has no address that can be prepared. */
static void
tell_no_address (EsPlugin *plugin, const xmlnode *node, const char *to)
{
  g_autofree char *name = to != NULL ? es_quoted_name (to) : g_strdup ("");
  g_autofree char *sentence = NULL;

  if (!purple_strequal (node->name, "message") || xmlnode_get_child (node, "body") == NULL)
    return;
  /* Translators: %s is what should be an address, such as bob@example.org. */
  sentence = g_strdup_printf (_ ("Your message to %s was not sent because that is not an address as servers write it."),
                              name);
  purple_notify_warning (plugin->handle, _ ("Encrypted Sessions"), sentence, NULL);
}

/* PACKET to be looked at; NULL if that cannot be. Formatting in more layers than anybody reads does without. */
static EsXml *
read_outgoing (xmlnode *packet)
{
  EsXml *stanza = es_xml_from_node (packet);
  xmlnode *html
      = stanza == NULL && purple_strequal (packet->name, "message") && xmlnode_get_child (packet, "body") != NULL
            ? xmlnode_get_child_with_namespace (packet, "html", ES_NS_XHTML_IM)
            : NULL;

  if (html == NULL)
    return stanza;
  xmlnode_free (html);
  return es_xml_from_node (packet);
}

static void
let_out (EsLink *link, const EsAddress *to, xmlnode **packet)
{
  g_autoptr (EsXml) stanza = read_outgoing (*packet);

  if (stanza != NULL && !es_xml_is_readable (stanza))
    g_clear_pointer (&stanza, es_xml_free);

  /* What cannot be looked at cannot be let out. */
  if (stanza == NULL && purple_strequal ((*packet)->name, "message"))
    es_conversations_unreadable (link, to, *packet);
  switch (stanza != NULL ? es_manager_outgoing (link->manager, to, stanza, link->says != NULL && link->says->handed)
                         : ES_CONSUMED)
    {
    case ES_PASS:
      return;
    case ES_CHANGED:
      es_xml_write_node (stanza, *packet);
      return;
    case ES_REFUSED:
      if (purple_strequal ((*packet)->name, "message"))
        es_conversations_note_stopped (link, to);
      else
        es_refusals_add (link, stanza);
      if (es_files_kind (stanza) == ES_FILE_OFFER)
        es_conversations_show (link, es_address_bare (to));
      drop_outgoing (link->plugin, to, packet, WHY_REFUSED);
      return;
    case ES_CONSUMED:
    default:
      link->plugin->held = stanza != NULL;
      drop_outgoing (link->plugin, to, packet, stanza != NULL ? WHY_OURS : WHY_UNREADABLE);
    }
}

/* Whether people could read something in it. */
static gboolean
holds_text (const xmlnode *packet)
{
  g_autoptr (EsXml) stanza = purple_strequal (packet->name, "message") ? es_xml_from_node (packet) : NULL;

  if (stanza == NULL)
    return purple_strequal (packet->name, "message");
  return !es_session_has_encrypted (stanza, es_fallback_text ())
         && (es_xml_child (stanza, "body", ES_NS_CLIENT) != NULL
             || es_xml_child (stanza, "html", ES_NS_XHTML_IM) != NULL);
}

/* The text that is to leave encrypted or not at all, if people could read it in PACKET; or NULL. */
static EsSaying *
find_walled (const EsLink *link, const xmlnode *packet)
{
  return holds_text (packet) ? es_saying_find_walled (link, packet) : NULL;
}

/* The second wall: SAYING leaves neither as it is nor to anybody else. */
static void
stop_walled (EsLink *link, EsSaying *saying, const EsAddress *to, xmlnode *packet)
{
  if (saying == link->says)
    es_conversations_stop (link, saying);
  else
    es_conversations_stop_copy (link, saying, to, packet);
}

/* Nobody can tell where it would go. */
static void
drop_unreadable (EsPlugin *plugin, EsLink *link, xmlnode **packet)
{
  EsSaying *walled = link != NULL ? find_walled (link, *packet) : NULL;

  if (walled != NULL)
    stop_walled (link, walled, NULL, *packet);
  drop_outgoing (plugin, NULL, packet, WHY_UNREADABLE);
}

/* Lets PACKET out to TO, changed, or drops it. */
static void
decide (EsLink *link, const EsAddress *to, xmlnode **packet)
{
  EsPlugin *plugin = link->plugin;
  EsSaying *walled = find_walled (link, *packet);

  if (walled != NULL && !es_address_same_bare (to, walled->contact))
    {
      stop_walled (link, walled, to, *packet);
      drop_outgoing (plugin, to, packet, WHY_WALL);
      return;
    }
  if (!es_rooms_may_leave (link, to, *packet))
    drop_outgoing (plugin, to, packet, WHY_ROOM);
  else if (is_ours (link, *packet, to))
    let_out (link, to, packet);
  else
    es_rooms_prepare_leaving (link, *packet);
  walled = *packet != plugin->nothing ? find_walled (link, *packet) : NULL;
  if (walled == NULL)
    return;
  stop_walled (link, walled, to, *packet);
  drop_outgoing (plugin, to, packet, WHY_WALL);
}

/* Whoever waits for an answer to it gets an error. */
static void
drop_unanswered (EsLink *link, const EsAddress *to, xmlnode **packet, Why why)
{
  const char *type = xmlnode_get_attrib (*packet, "type");
  g_autoptr (EsXml) iq = NULL;

  if (purple_strequal ((*packet)->name, "iq") && !purple_strequal (type, "result") && !purple_strequal (type, "error")
      && (iq = es_xml_from_node (*packet)) != NULL)
    es_refusals_add (link, iq);
  drop_outgoing (link->plugin, to, packet, why);
}

/* The server would end the stream over it, and libpurple would send it again at every sign-on. What is encrypted stays with the
 * session until it is confirmed. */
static void
drop_too_large (EsLink *link, const EsAddress *to, xmlnode **packet)
{
  if (holds_text (*packet))
    es_conversations_too_large (link, to, *packet);
  drop_unanswered (link, to, packet, WHY_TOO_LARGE);
}

/* The same of what is not well-formed. With what is encrypted in it goes the text, which would be sent again in the next session;
 * NUMBER is that text's, or 0. */
static void
drop_unwritable (EsLink *link, const EsAddress *to, xmlnode **packet, guint64 number)
{
  g_autoptr (EsXml) sent = number != 0 ? es_manager_take_sent (link->manager, to, number) : NULL;
  xmlnode *node = sent != NULL ? es_xml_to_node (sent) : NULL;

  if (node != NULL || holds_text (*packet))
    es_conversations_unreadable (link, to, node != NULL ? node : *packet);
  if (node != NULL)
    {
      link->said_number = 0;
      xmlnode_free (node);
    }
  drop_unanswered (link, to, packet, WHY_UNREADABLE);
}

/* Before the account is online there is a stream that may not be encrypted yet, and whose other end has not said who it is: nobody's
 * words leave on it. */
static gboolean
is_too_early (const EsLink *link, const xmlnode *packet)
{
  return purple_strequal (packet->name, "message") && es_link_connection (link) == NULL && !link->resends;
}

static void
drop_too_early (EsLink *link, const EsAddress *to, xmlnode **packet)
{
  if (holds_text (*packet))
    es_conversations_offline (link, to, *packet);
  drop_outgoing (link->plugin, to, packet, WHY_OFFLINE);
}

/* Smileys and small images: libpurple gives those that it has sent encrypted to whoever asks for them. */
static gboolean
holds_bits (const xmlnode *node)
{
  if (purple_strequal (node->xmlns, ES_NS_BITS))
    return TRUE;
  for (const xmlnode *child = node->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_TAG ? holds_bits (child)
                                        : child->name != NULL && g_str_has_prefix (child->name, "xmlns")
                                              && purple_strequal (child->data, ES_NS_BITS))
      return TRUE;
  return FALSE;
}

/* The last look at what is not dropped yet; SAID: it held text before it was encrypted. */
static void
finish (EsPlugin *plugin, EsLink *link, const EsAddress *to, xmlnode **packet, gboolean said)
{
  gboolean own = link != NULL && *packet == link->own_node;
  EsWire wire = ES_WIRE_OUT;

  if (*packet == plugin->nothing)
    return;
  if (holds_bits (*packet))
    {
      if (link != NULL && !own)
        drop_unanswered (link, to, packet, WHY_IMAGES);
      else
        drop_outgoing (plugin, to, packet, WHY_IMAGES);
      return;
    }
  wire = es_wire_let_out (plugin, link, *packet, own || to != NULL);
  if (wire != ES_WIRE_OUT && own)
    drop_outgoing (plugin, to, packet, wire == ES_WIRE_TOO_LARGE ? WHY_TOO_LARGE : WHY_UNREADABLE);
  else if (wire == ES_WIRE_TOO_LARGE)
    drop_too_large (link, to, packet);
  else if (wire == ES_WIRE_UNREADABLE)
    drop_unwritable (link, to, packet, said && !holds_text (*packet) ? link->said_number : 0);
  else if (link != NULL && to != NULL)
    es_rooms_note_left (link, to, *packet);
}

static void
look_at_leaving (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  const char *text = NULL;
  gboolean says = FALSE;
  g_autoptr (EsAddress) to = NULL;

  if (link != NULL && *packet == link->own_node)
    es_xml_restore_node (link->own_stanza, *packet);
  if (*packet == NULL || !es_gate_is_stanza (*packet))
    return;
  if (es_node_is_confusing (*packet) || (link != NULL && es_link_is_renamed (link)))
    {
      drop_unreadable (plugin, link, packet);
      return;
    }
  if (link != NULL && !es_transfers_may_leave (link, *packet))
    {
      drop_unanswered (link, NULL, packet, WHY_FILE);
      return;
    }
  text = xmlnode_get_attrib (*packet, "to");

  /* Ours, or to our own server. */
  if (link != NULL && text == NULL)
    es_blocked_note_leaving (link, *packet);
  if ((link != NULL && *packet == link->own_node) || (text == NULL && !purple_strequal ((*packet)->name, "message")))
    {
      finish (plugin, link, NULL, packet, FALSE);
      return;
    }

  /* Signals are XMPP's: an account without a link has a name that is no address. */
  to = link != NULL ? es_border_address (link->account, text) : NULL;
  if (to == NULL)
    {
      tell_no_address (plugin, *packet, text);
      drop_outgoing (plugin, NULL, packet, WHY_NO_ADDRESS);
      return;
    }
  prepare_attribute (link, *packet, "to", to);
  if (is_too_early (link, *packet))
    {
      drop_too_early (link, to, packet);
      return;
    }
  if (!es_transfers_may_arrive (link, to, *packet))
    {
      drop_unanswered (link, to, packet, WHY_FILE);
      return;
    }
  says = holds_text (*packet);
  if (says)
    es_origin_note_said (link, to);
  es_transfers_note_leaving (link, to, *packet);
  decide (link, to, packet);
  finish (plugin, link, to, packet, says);
}

/* Before other plugins look at it, or send something else meanwhile. */
static void
on_begins_to_send (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  const char *text = NULL;
  g_autoptr (EsAddress) to = NULL;

  plugin->depth++;
  if (link == NULL || *packet == link->own_node || !es_gate_is_stanza (*packet) || !holds_text (*packet))
    return;
  text = xmlnode_get_attrib (*packet, "to");
  to = text != NULL ? es_border_address (link->account, text) : NULL;
  es_saying_note_stanza (link, to, *packet);
}

/* What libpurple takes for sent goes back where it does not leave, whatever the reason; where another plugin has taken it out of our hands
 * that is its own business, unless it was sent elsewhere and was stopped there. */
static void
on_sending (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);
  EsSaying *before = link != NULL ? link->says : NULL, *says = link != NULL ? es_saying_find_stanza (link) : NULL;

  gboolean emptied = says != NULL && says->copied && (*packet == NULL || !holds_text (*packet));

  plugin->held = FALSE;
  if (link != NULL)
    link->says = says;
  look_at_leaving (connection, packet, plugin);
  if (says != NULL && ((*packet == plugin->nothing && !plugin->held) || emptied))
    es_conversations_stop (link, says);
  if (says != NULL)
    says->depth = 0;
  if (link != NULL)
    link->says = before;
  plugin->depth -= plugin->depth > 0 ? 1 : 0;
}

/* What stands in for PACKET, which is deeper or larger than anything of ours: that there is something to be shown, or which elements
 * programs are to look at. */
static EsXml *
stand_in_for (const xmlnode *packet)
{
  g_autoptr (EsXml) stanza = es_xml_new (packet->name, ES_NS_CLIENT);

  for (const xmlnode *child = packet->child; child != NULL; child = child->next)
    if (child->type == XMLNODE_TYPE_ATTRIB && child->prefix == NULL && child->xmlns == NULL)
      es_xml_set_attribute (stanza, child->name, child->data);
    else if (child->type == XMLNODE_TYPE_TAG)
      es_xml_append (stanza, es_xml_new (child->name, child->xmlns != NULL ? child->xmlns : ES_NS_CLIENT));
  if (purple_strequal (packet->name, "message"))
    es_xml_append_new (stanza, "body", "");
  return g_steal_pointer (&stanza);
}

static const char *const ours[] = { ES_NS_CRYPT, ES_NS_INIT, ES_NS_FEATURE, ES_NS_VERIFY, ES_NS_QUESTION, NULL };
static const char *const encrypted[] = { ES_NS_CRYPT, ES_NS_INIT, ES_NS_VERIFY, ES_NS_QUESTION, NULL };

/* What cannot be looked at, and is not ours, passes as it came, where the manager says so of what stands in for it. */
static EsDisposition
let_in_unread (EsLink *link, const EsAddress *from, const xmlnode *packet)
{
  g_autoptr (EsXml) stand_in = es_node_may_pass (packet, ours) ? stand_in_for (packet) : NULL;

  return stand_in != NULL && es_manager_incoming (link->manager, from, stand_in) == ES_PASS ? ES_PASS : ES_CONSUMED;
}

/* What comes, and goes to nobody; but what is our own business. */
typedef enum
{
  TAKEN_BLOCKED,
  TAKEN_UNREAD, /* unless it may pass as it is */
  TAKEN_CONFUSING,
  TAKEN_FALSE_ROOM,
  TAKEN_REPLACED, /* another plugin has put it in the place of something */
} Taken;

static const char *
taken_name (Taken taken)
{
  static const char *const names[] = {
    [TAKEN_BLOCKED] = "blocked",       [TAKEN_UNREAD] = "unread",     [TAKEN_CONFUSING] = "confusing",
    [TAKEN_FALSE_ROOM] = "false-room", [TAKEN_REPLACED] = "replaced",
  };

  return names[taken];
}

static void
log_taken (const EsLink *link, const EsAddress *from, const xmlnode *packet, Taken taken)
{
  es_log (link->plugin->log, ES_AREA_GATE, ES_LOG_WARNING, from != NULL ? es_address_text (from) : NULL,
          "not let in, %s: %s", kind_name (packet), taken_name (taken));
}

static EsDisposition
let_in (EsLink *link, const EsAddress *from, xmlnode *packet)
{
  g_autoptr (EsXml) stanza = NULL;
  EsDisposition disposition = ES_CONSUMED;

  if (es_blocked_has (link, from) && es_blocked_take (packet))
    {
      log_taken (link, from, packet, TAKEN_BLOCKED);
      return ES_CONSUMED;
    }
  stanza = es_xml_from_node (packet);
  if (stanza == NULL)
    {
      log_taken (link, from, packet, TAKEN_UNREAD);
      return let_in_unread (link, from, packet);
    }
  disposition = es_manager_incoming (link->manager, from, stanza);
  if (disposition == ES_CHANGED)
    es_xml_write_node (stanza, packet);
  return disposition;
}

/* Who sent PACKET, the caller's, or NULL. FALSE if nobody can tell: it goes to nobody. */
static gboolean
read_sender (EsLink *link, const xmlnode *packet, EsAddress **from)
{
  const char *text = xmlnode_get_attrib ((xmlnode *) packet, "from");

  if (es_node_is_confusing (packet))
    return FALSE;
  *from = text != NULL ? es_border_address (link->account, text) : NULL;
  return text == NULL || *from != NULL;
}

/* libpurple knows a stream by who sends it and by its name, which any of its accounts may be told. */
static gboolean
is_of_other_account (const EsLink *link, const EsAddress *from, xmlnode *packet)
{
  static const char *const names[] = { "open", "data", "close" };
  GHashTableIter iter;
  gpointer other = NULL;
  const char *stream = NULL;

  for (gsize i = 0; stream == NULL && i < G_N_ELEMENTS (names); i++)
    {
      xmlnode *child = xmlnode_get_child_with_namespace (packet, names[i], ES_NS_IBB);

      stream = child != NULL ? xmlnode_get_attrib (child, "sid") : NULL;
    }
  g_hash_table_iter_init (&iter, link->plugin->links);
  while (stream != NULL && g_hash_table_iter_next (&iter, NULL, &other))
    if (other != link && es_manager_has_stream (((const EsLink *) other)->manager, from, stream))
      return TRUE;
  return FALSE;
}

/* Whether PACKET, if it is our concern, goes to nobody else. */
/* Of a message without words that says so libpurple writes a line of its own: that somebody has gone, in whatever name. */
static void
remove_states (xmlnode *message)
{
  for (xmlnode *child = message->child, *next = NULL; child != NULL; child = next)
    {
      next = child->next;
      if (child->type == XMLNODE_TYPE_TAG && purple_strequal (child->xmlns, ES_NS_CHAT_STATES))
        xmlnode_free (child);
    }
}

/* PACKET passes as it came. */
static void
prepare_plain (EsLink *link, const EsAddress *from, xmlnode *packet)
{
  if (purple_strequal (packet->name, "message") && es_manager_is_guarded (link->manager, es_address_bare (from)))
    remove_states (packet);
}

static gboolean
take_in (EsLink *link, const EsAddress *from, xmlnode *packet)
{
  EsDisposition disposition = ES_PASS;

  if (from != NULL && purple_strequal (packet->name, "iq") && is_of_other_account (link, from, packet))
    return TRUE;
  if (from != NULL)
    es_rooms_take_contact (link, from);
  if (from != NULL && purple_strequal (packet->name, "presence"))
    {
      es_rooms_take_presence (link, from, packet);
      if (es_rooms_is_false (link, from, packet))
        {
          log_taken (link, from, packet, TAKEN_FALSE_ROOM);
          return TRUE;
        }
    }
  es_presence_prepare_roster (link, from, packet);
  if (from != NULL && is_ours (link, packet, from))
    {
      disposition = let_in (link, from, packet);
      if (disposition == ES_PASS)
        prepare_plain (link, from, packet);
    }
  if (disposition == ES_CONSUMED || disposition == ES_REFUSED)
    return TRUE;
  if (from != NULL)
    es_names_take (link, from, packet);
  es_heard_note (link->plugin, packet);
  if (from != NULL && purple_strequal (packet->name, "message"))
    {
      es_rooms_prepare_invitation (link, from, packet);
      es_origin_note_heard (link, from, packet);
    }
  return FALSE;
}

/* What was looked at bears a sign of its own, which goes with it and with its copies, and which nobody sees: where it is in memory
 * something else may be afterwards. It holds whom that was from. */
static char *
sign_of (const EsLink *link, const xmlnode *packet)
{
  const char *from = xmlnode_get_attrib ((xmlnode *) packet, "from");

  return g_strdup_printf ("%slooked-at-%u %s", link->id_prefix, link->n_signs, from != NULL ? from : "");
}

static void
sign (EsLink *link, xmlnode *packet, gboolean taken)
{
  link->n_signs++;
  link->taken = taken;
  g_free (packet->data);
  packet->data = sign_of (link, packet);
  packet->data_sz = strlen (packet->data) + 1;
}

static gboolean
is_signed (const EsLink *link, const xmlnode *packet)
{
  g_autofree char *expected = sign_of (link, packet);

  return packet->data != NULL && packet->data_sz == strlen (expected) + 1
         && memcmp (packet->data, expected, packet->data_sz) == 0;
}

static void
on_receiving (PurpleConnection *connection, xmlnode **packet, EsPlugin *plugin)
{
  EsLink *link = *packet != NULL ? es_plugin_link_of_connection (plugin, connection) : NULL;
  g_autoptr (EsAddress) from = NULL;
  gboolean taken = FALSE;

  if (link == NULL || !es_gate_is_stanza (*packet))
    return;
  es_conversations_forget_told (link);
  es_origin_forget (link);
  es_names_note_receiving (plugin);
  es_node_drop_foreign (*packet);
  taken = !read_sender (link, *packet, &from);
  if (taken)
    log_taken (link, NULL, *packet, TAKEN_CONFUSING);
  if (!taken && from != NULL)
    prepare_attribute (link, *packet, "from", from);

  /* Devices are called what they are in addresses, whatever becomes of the rest. */
  es_heard_note_name (plugin, xmlnode_get_attrib (*packet, "from"));
  taken = taken || take_in (link, from, *packet);

  /* It must go on to be counted by stream management; those below then take it. */
  if (!taken)
    es_refusals_take (link, from, *packet);
  sign (link, *packet, taken);
}

/* Of another plugin's own nothing is encrypted; and iqs may be about files. */
static gboolean
may_be_replaced (const xmlnode *packet)
{
  return es_node_may_pass (packet, purple_strequal (packet->name, "iq") ? encrypted : ours);
}

/* Whether PACKET, which libpurple is about to deal with, must not be: others have looked at it since we have. What another plugin has
 * put in its place, such as a copy of what was said elsewhere, is looked at as what comes by itself, but stays as it is written:
 * libpurple holds on to its attributes. */
static gboolean
is_barred (EsLink *link, xmlnode *packet)
{
  g_autoptr (EsAddress) from = NULL;
  gboolean barred = TRUE;

  if (is_signed (link, packet))
    return link->taken;
  if (read_sender (link, packet, &from) && (from == NULL || is_prepared (link, packet, "from", from))
      && may_be_replaced (packet))
    barred = take_in (link, from, packet);
  if (barred)
    log_taken (link, from, packet, TAKEN_REPLACED);
  sign (link, packet, barred);
  return barred;
}

static gboolean
on_receiving_message (PurpleConnection *connection,
                      const char *type,
                      const char *id,
                      const char *from,
                      const char *to,
                      xmlnode *packet,
                      EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  return link != NULL && is_barred (link, packet);
}

static gboolean
on_receiving_iq (PurpleConnection *connection,
                 const char *type,
                 const char *id,
                 const char *from,
                 xmlnode *packet,
                 EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  if (link == NULL)
    return FALSE;
  if (is_barred (link, packet) || es_presence_take_iq (link, type, id, from, packet))
    return TRUE;
  if (purple_strequal (type, "result") || purple_strequal (type, "error"))
    es_transfers_note_answer (link, id, from);
  return FALSE;
}

static gboolean
on_receiving_presence (PurpleConnection *connection,
                       const char *type,
                       const char *from,
                       xmlnode *packet,
                       EsPlugin *plugin)
{
  EsLink *link = es_plugin_link_of_connection (plugin, connection);

  return link != NULL && is_barred (link, packet);
}

void
es_gate_start (EsPlugin *plugin)
{
  PurplePlugin *jabber = plugin->jabber;

  purple_signal_connect_priority (jabber, "jabber-sending-xmlnode", plugin->handle, PURPLE_CALLBACK (on_begins_to_send),
                                  plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-sending-xmlnode", plugin->handle, PURPLE_CALLBACK (on_sending),
                                  plugin, AFTER_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-xmlnode", plugin->handle, PURPLE_CALLBACK (on_receiving),
                                  plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-message", plugin->handle,
                                  PURPLE_CALLBACK (on_receiving_message), plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-iq", plugin->handle, PURPLE_CALLBACK (on_receiving_iq),
                                  plugin, BEFORE_ALL_OTHERS);
  purple_signal_connect_priority (jabber, "jabber-receiving-presence", plugin->handle,
                                  PURPLE_CALLBACK (on_receiving_presence), plugin, BEFORE_ALL_OTHERS);
}
