/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose words are written in a window. Anybody in the program can write there, and some write what came in a stanza of somebody
 * else's: what another client of one's own is said to have sent, or what a server has kept. Of a contact with whom nothing passes
 * unencrypted without a word it is marked unless we have just seen it pass. What is marked looks like nothing else. */
#include "es-plugin.h"

#include "es-fit.h"
#include "es-quote.h"
#include "es-words.h"

/* Narrower than a window of Finch, whose lines show nothing of what they belong to. */
#define FINCH_COLUMNS 60

/* Something that is about to be shown, and what had just left then: another plugin may send something itself, and have that shown, before it
 * really is. */
typedef struct
{
  char **place;    /* where its text is: only to be compared */
  char *text;      /* before other plugins changed it */
  EsAddress *said; /* bare: to whom text had just left, NULL: to nobody, */
  guint64 number;  /* and which that is, 0: it did not leave encrypted */
} Writing;

void
es_writing_free (gpointer data)
{
  Writing *writing = data;

  es_text_free (writing->text);
  if (writing->said != NULL)
    es_address_unref (writing->said);
  g_free (writing);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Writing, es_writing_free)

/* The caller's; NULL if nobody has told of that. What was to be shown within it was swallowed if it is still there. */
static Writing *
take_writing (EsLink *link, char *const *place)
{
  for (guint i = link->writing->len; i-- > 0;)
    if (((const Writing *) link->writing->pdata[i])->place == place)
      {
        g_ptr_array_set_size (link->writing, (gint) i + 1);
        return g_ptr_array_steal_index (link->writing, i);
      }
  return NULL;
}

static void
add_writing (EsLink *link, char **place)
{
  Writing *writing = g_new0 (Writing, 1);

  /* One that was swallowed may have been there. */
  for (guint i = link->writing->len; i-- > 0;)
    if (((const Writing *) link->writing->pdata[i])->place == place)
      g_ptr_array_remove_index (link->writing, i);
  *writing = (Writing){ place, g_strdup (*place), g_steal_pointer (&link->said), link->said_number };
  link->said_number = 0;
  g_ptr_array_add (link->writing, writing);
}

static void
take_note (EsAddress **note, const EsAddress *jid)
{
  g_clear_pointer (note, es_address_unref);
  if (jid != NULL)
    *note = es_address_ref (es_address_bare (jid));
}

void
es_origin_forget (EsLink *link)
{
  take_note (&link->said, NULL);
  take_note (&link->ahead, NULL);
  take_note (&link->heard, NULL);
  es_origin_mark_next (link, NULL, NULL);
}

void
es_origin_note_said (EsLink *link, const EsAddress *to)
{
  gboolean shown = es_address_equal (link->ahead, es_address_bare (to));

  take_note (&link->said, shown ? NULL : to);
  take_note (&link->ahead, NULL);
  link->said_number = 0;
}

/* A picture for some letters is shown wherever they stand, as wide as it may be. */
static void
take_pictures (xmlnode *node)
{
  for (xmlnode *child = node->child; child != NULL; child = child->next)
    {
      const char *letters = NULL;

      if (child->type != XMLNODE_TYPE_TAG)
        continue;
      take_pictures (child);
      if (!purple_strequal (child->name, "img"))
        continue;
      letters = xmlnode_get_attrib (child, "alt");
      if (letters != NULL)
        xmlnode_insert_data (child, letters, -1);
      g_free (child->name);
      child->name = g_strdup ("span");
    }
}

void
es_origin_note_heard (EsLink *link, const EsAddress *from, xmlnode *message)
{
  take_note (&link->heard, from);
  if (link->next != NULL)
    take_pictures (message);
}

void
es_origin_mark_next (EsLink *link, const EsAddress *from, const char *sentence)
{
  g_free (link->next);
  link->next = g_strdup (sentence);
  take_note (&link->next_of, from);
}

void
es_origin_note_delivery (EsLink *link, const EsAddress *contact, guint64 number, EsDelivery delivery)
{
  const EsUi *ui = link->plugin->ui;
  g_autoptr (GList) all = NULL;

  if (delivery == ES_DELIVERY_SENT)
    link->said_number = number;
  else if (ui != NULL && ui->delivery != NULL)
    all = es_conversations_of (link, contact);
  for (GList *item = all; item != NULL; item = item->next)
    ui->delivery (item->data, number, delivery);
}

/* What the user has said, and libpurple takes for sent: other flags are whoever's who had it sent. */
static gboolean
is_said (PurpleMessageFlags flags)
{
  return (flags & PURPLE_MESSAGE_SEND) != 0 && (flags & PURPLE_MESSAGE_REMOTE_SEND) == 0;
}

/* The caller's sentence for what is being shown as the message of CONTACT that has just come, or as a piece of it; or NULL. */
static char *
next_sentence (const EsLink *link, const EsAddress *contact, PurpleMessageFlags flags)
{
  return !is_said (flags) && (flags & PURPLE_MESSAGE_RECV) != 0 && es_address_equal (link->next_of, contact)
             ? g_strdup (link->next)
             : NULL;
}

/* Whether TEXT, in the window of CONTACT, is what the user has a buddy pounce say: it is shown right before it is sent, and leaves as all
 * text does. */
static gboolean
is_pounce (const EsLink *link, const EsAddress *contact, const char *text)
{
  gboolean found = FALSE;

  for (GList *item = purple_pounces_get_all (); !found && item != NULL; item = item->next)
    {
      PurplePounce *pounce = item->data;
      g_autoptr (EsAddress) pouncee = purple_pounce_get_pouncer (pounce) == link->account
                                          ? es_border_contact (link->account, purple_pounce_get_pouncee (pounce))
                                          : NULL;

      found = pouncee != NULL && es_address_equal (pouncee, contact)
              && purple_pounce_action_is_enabled (pounce, "send-message")
              && purple_strequal (purple_pounce_action_get_attribute (pounce, "send-message", "message"), text);
    }
  return found;
}

/* Whether what is written in the window of CONTACT is what has passed. What was sent is shown once, right after it; what came may be
 * shown in pieces. */
static gboolean
has_passed (EsLink *link, const EsAddress *contact, PurpleMessageFlags flags, const Writing *writing)
{
  gboolean passed = writing != NULL && es_address_equal (writing->said, contact);

  if (!is_said (flags) && (flags & PURPLE_MESSAGE_RECV) != 0)
    return es_address_equal (link->heard, contact);
  link->shown_number = passed ? writing->number : 0;
  if (passed || flags != PURPLE_MESSAGE_SEND || writing == NULL || !is_pounce (link, contact, writing->text))
    return passed;
  take_note (&link->ahead, contact);
  return TRUE;
}

static void
quote (EsLink *link, char **text)
{
  char *quoted = es_quote (*text, es_fit_in_finch () ? FINCH_COLUMNS : 0);

  g_free (*text);
  *text = quoted;
  link->quoted = quoted;
}

/* Before the other plugins, which may change it. */
static gboolean
on_about_to_write (PurpleAccount *account,
                   const char *who,
                   char **text,
                   PurpleConversation *conversation,
                   PurpleMessageFlags flags,
                   EsPlugin *plugin)
{
  EsLink *link = is_said (flags) ? es_plugin_link (plugin, account) : NULL;
  g_autoptr (EsAddress) contact = link != NULL && link->said != NULL ? es_conversation_contact (conversation) : NULL;

  if (link == NULL)
    return FALSE;
  if (contact != NULL && es_address_equal (link->said, contact))
    es_conversations_note_left (link, contact);
  add_writing (link, text);
  return FALSE;
}

/* After the other plugins, which may swallow it. What did not leave is neither shown nor logged. */
static gboolean
on_writing (PurpleAccount *account,
            const char *who,
            char **text,
            PurpleConversation *conversation,
            PurpleMessageFlags flags,
            EsPlugin *plugin)
{
  const EsNotice notice = { ES_NOTICE_NEXT_PLAIN };
  g_autoptr (EsAddress) contact = NULL;
  g_autofree char *sentence = NULL;
  g_autoptr (Writing) writing = NULL;
  EsLink *link = NULL;

  if (*text == NULL || (flags & (PURPLE_MESSAGE_SYSTEM | PURPLE_MESSAGE_ERROR)) != 0
      || (flags & (PURPLE_MESSAGE_SEND | PURPLE_MESSAGE_RECV | PURPLE_MESSAGE_REMOTE_SEND)) == 0
      || (contact = es_conversation_contact (conversation)) == NULL
      || (link = es_plugin_link (plugin, account)) == NULL)
    return FALSE;
  writing = is_said (flags) ? take_writing (link, text) : NULL;
  if (is_said (flags) && es_conversations_is_stopped (link, contact))
    return TRUE;
  sentence = next_sentence (link, contact, flags);
  if (sentence == NULL && !has_passed (link, contact, flags, writing) && es_manager_is_guarded (link->manager, contact))
    sentence = es_notice_sentence (&es_program_libpurple, &notice);
  if (sentence == NULL)
    return FALSE;
  es_conversations_say (link, conversation, sentence);
  quote (link, text);
  return FALSE;
}

/* What libpurple keeps to show it again, and for others, is what came. */
static void
on_wrote (PurpleAccount *account,
          const char *who,
          const char *text,
          PurpleConversation *conversation,
          PurpleMessageFlags flags,
          EsPlugin *plugin)
{
  EsLink *link = es_plugin_link (plugin, account);
  const GList *history = purple_conversation_get_message_history (conversation);
  PurpleConvMessage *newest = history != NULL ? history->data : NULL;

  if (link == NULL || link->quoted == NULL || link->quoted != text)
    return;
  link->quoted = NULL;
  if (newest == NULL)
    return;
  g_free (newest->what);
  newest->what = g_strdup (text);
}

/* Before the other plugins, which may write something else there. */
static void
on_showed (PurpleAccount *account,
           const char *who,
           const char *text,
           PurpleConversation *conversation,
           PurpleMessageFlags flags,
           EsPlugin *plugin)
{
  EsLink *link = is_said (flags) ? es_plugin_link (plugin, account) : NULL;
  guint64 number = link != NULL ? link->shown_number : 0;

  if (number == 0)
    return;
  link->shown_number = 0;
  if (plugin->ui != NULL && plugin->ui->delivery != NULL)
    plugin->ui->delivery (conversation, number, ES_DELIVERY_SENT);
}

void
es_origin_start (EsPlugin *plugin)
{
  purple_signal_connect_priority (purple_conversations_get_handle (), "writing-im-msg", plugin->handle,
                                  PURPLE_CALLBACK (on_about_to_write), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect_priority (purple_conversations_get_handle (), "writing-im-msg", plugin->handle,
                                  PURPLE_CALLBACK (on_writing), plugin, PURPLE_SIGNAL_PRIORITY_HIGHEST);
  purple_signal_connect_priority (purple_conversations_get_handle (), "wrote-im-msg", plugin->handle,
                                  PURPLE_CALLBACK (on_wrote), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
  purple_signal_connect_priority (purple_conversations_get_handle (), "wrote-im-msg", plugin->handle,
                                  PURPLE_CALLBACK (on_showed), plugin, PURPLE_SIGNAL_PRIORITY_LOWEST);
}
