/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-forge.h"

EsXml *
forge_parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) content = es_xml_parse_content (text, strlen (text), &error);

  ck_assert_msg (content != NULL, "%s in %s", error != NULL ? error->message : "", text);
  return es_xml_steal (content, 0);
}

char *
forge_thread (const char *text)
{
  g_autoptr (EsXml) stanza = forge_parse (text);
  const EsXml *thread = es_xml_child (stanza, "thread", NULL);

  return thread != NULL ? es_xml_dup_text (thread) : NULL;
}

int
forge_message (const char *text)
{
  g_autoptr (EsXml) stanza = g_str_has_prefix (text, "<message") ? forge_parse (text) : NULL;
  EsMessage message = ES_MESSAGE_REQUEST;

  if (stanza == NULL || es_xml_attribute (stanza, "type") != NULL
      || es_negotiation_recognize (stanza, &message) == NULL)
    return 0;
  return (int) message + 1;
}

/* Changing */

static EsXml *
find_form (const EsXml *stanza)
{
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = es_negotiation_recognize (stanza, &message);

  ck_assert_ptr_nonnull (payload);
  return (EsXml *) es_xml_child (payload, "x", ES_NS_DATA);
}

static guint
find_field (const EsXml *x, const char *var)
{
  for (guint i = 0; i < es_xml_children (x)->len; i++)
    if (g_strcmp0 (es_xml_attribute (es_xml_children (x)->pdata[i], "var"), var) == 0)
      return i;
  ck_abort_msg ("no field %s", var);
}

static void
clear (EsXml *xml)
{
  while (es_xml_children (xml)->len > 0)
    es_xml_free (es_xml_steal (xml, 0));
}

void
forge_change (Letter *letter, ForgeChange change, const char *field, const char *value)
{
  g_autoptr (EsXml) stanza = forge_parse (letter->text);
  EsXml *x = find_form (stanza);
  EsXml *found = change != FORGE_NEW ? es_xml_children (x)->pdata[find_field (x, field)] : NULL;

  switch (change)
    {
    case FORGE_SET:
      clear (found);
      es_xml_append_new (found, "value", value);
      break;
    case FORGE_ADD:
      es_xml_append_new (found, "value", value);
      break;
    case FORGE_REMOVE:
      es_xml_free (es_xml_steal (x, find_field (x, field)));
      break;
    case FORGE_EMPTY:
      clear (found);
      break;
    case FORGE_DOUBLE:
      es_xml_append (x, es_xml_copy (found));
      break;
    case FORGE_NEW:
    default:
      es_xml_append_new (es_form_add (x, field, NULL, value), "required", NULL);
    }
  g_free (letter->text);
  letter->text = es_xml_to_string (stanza, ES_NS_CLIENT);
}

char *
forge_envelope (const char *stanza, const char *content)
{
  g_autoptr (EsXml) iq = forge_parse (stanza);

  if (!es_xml_is (iq, "iq", NULL))
    return g_strdup (content);
  return g_strdup_printf ("%s<about xmlns='esession:envelope:0' type='%s' id='%s'/>", content != NULL ? content : "",
                          es_xml_attribute (iq, "type"), es_xml_attribute (iq, "id"));
}

void
forge_commitments (Letter *letter)
{
  g_autoptr (EsXml) stanza = forge_parse (letter->text);
  EsXml *x = find_form (stanza), *field = es_xml_children (x)->pdata[find_field (x, "dhhashes")];
  guint n = es_xml_children (field)->len;

  clear (field);
  for (guint i = 0; i < n; i++)
    es_xml_append_new (field, "value", "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=");
  g_free (letter->text);
  letter->text = es_xml_to_string (stanza, ES_NS_CLIENT);
}

void
forge_parties (Letter *letter, const char *own, const char *other)
{
  g_autoptr (EsXml) stanza = forge_parse (letter->text);
  EsXml *x = find_form (stanza), *field = es_xml_children (x)->pdata[find_field (x, "parties")];

  clear (field);
  es_xml_append_new (field, "value", own);
  es_xml_append_new (field, "value", other);
  g_free (letter->text);
  letter->text = es_xml_to_string (stanza, ES_NS_CLIENT);
}

char *
forge_error (const char *to, const char *thread, EsErrorCode code, const char *fields)
{
  GString *text = g_string_new (NULL);
  g_auto (GStrv) names = g_strsplit (fields != NULL ? fields : "", " ", -1);

  g_string_append_printf (text, "<message to=\"%s\" type=\"error\">", to);
  if (thread != NULL)
    g_string_append_printf (text, "<thread>%s</thread>", thread);
  g_string_append_printf (text, "<error type=\"%s\"><%s xmlns=\"urn:ietf:params:xml:ns:xmpp-stanzas\"/>",
                          es_error_type (code), es_error_condition (code));
  for (guint i = 0; names[i] != NULL; i++)
    g_string_append_printf (text, "%s<field var=\"%s\"/>%s",
                            i == 0 ? "<feature xmlns=\"http://jabber.org/protocol/feature-neg\">" : "", names[i],
                            names[i + 1] == NULL ? "</feature>" : "");
  g_string_append (text, "</error></message>");
  return g_string_free (text, FALSE);
}

/* The client without rules */

Forger *
forger_new (World *world, const char *jid)
{
  Forger *forger = g_new0 (Forger, 1);

  forger->world = world;
  forger->jid = g_strdup (jid);
  es_options_init (&forger->options);
  forger->options.groups[1] = 0;
  return forger;
}

void
forger_free (Forger *forger)
{
  if (forger == NULL)
    return;
  es_negotiation_free (forger->negotiation);
  es_channel_free (forger->channel);
  g_clear_pointer (&forger->context, g_bytes_unref);
  es_xml_free (forger->heard);
  g_free (forger->thread);
  g_free (forger->peer);
  g_free (forger->jid);
  g_free (forger);
}

static void
forget (Forger *forger, EsRole role, const char *peer, char *thread)
{
  g_clear_pointer (&forger->negotiation, es_negotiation_free);
  g_clear_pointer (&forger->channel, es_channel_free);
  g_clear_pointer (&forger->context, g_bytes_unref);
  g_free (forger->peer);
  g_free (forger->thread);
  forger->peer = g_strdup (peer);
  forger->thread = thread;
  forger->negotiation = es_negotiation_new (role, &forger->options, &es_random_system);
  if (!forger->old)
    es_negotiation_set_parties (forger->negotiation, es_address_bare (es_at (forger->jid)),
                                es_address_bare (es_at (peer)));
}

static void
post_payload (Forger *forger, EsXml *payload)
{
  g_autofree char *text = NULL, *stanza = NULL;

  ck_assert_ptr_nonnull (payload);
  text = es_xml_to_string (payload, ES_NS_CLIENT);
  stanza = g_strdup_printf ("<message to='%s'><thread>%s</thread>%s</message>", forger->peer, forger->thread, text);
  world_inject (forger->world, forger->jid, forger->peer, stanza);
  es_xml_free (payload);
}

void
forger_ask (Forger *forger, const char *peer, const char *thread)
{
  forget (forger, ES_ROLE_INITIATOR, peer, thread != NULL ? g_strdup (thread) : g_uuid_string_random ());
  post_payload (forger, es_negotiation_create (forger->negotiation, ES_MESSAGE_REQUEST, NULL));
}

static void
take_up_channel (Forger *forger)
{
  g_autoptr (EsAgreement) agreement = es_negotiation_steal_agreement (forger->negotiation);

  ck_assert_ptr_nonnull (agreement);
  forger->channel = es_channel_new (agreement, &es_random_system);
  forger->context = g_bytes_ref (agreement->context);
}

static void
take_message (Forger *forger, const Letter *letter, EsMessage message, const EsXml *payload)
{
  static const EsMessage replies[] = { ES_MESSAGE_RESPONSE, ES_MESSAGE_INITIATOR_ACCEPT, ES_MESSAGE_RESPONDER_ACCEPT };

  if (message == ES_MESSAGE_REQUEST)
    forget (forger, ES_ROLE_RESPONDER, letter->from, forge_thread (letter->text));
  ck_assert (es_negotiation_consume (forger->negotiation, message, payload, NULL));
  if (message != ES_MESSAGE_RESPONDER_ACCEPT)
    post_payload (forger, es_negotiation_create (forger->negotiation, replies[message], NULL));
  if (message == ES_MESSAGE_INITIATOR_ACCEPT || message == ES_MESSAGE_RESPONDER_ACCEPT)
    take_up_channel (forger);
}

gboolean
forger_tap (World *world, Letter *letter, gpointer data)
{
  Forger *forger = data;
  g_autoptr (EsXml) stanza = NULL, content = NULL;
  EsMessage message = ES_MESSAGE_REQUEST;
  const EsXml *payload = NULL, *c = NULL;

  if (strcmp (letter->to, forger->jid) != 0)
    return TRUE;
  if (g_str_has_prefix (letter->text, "<ask"))
    {
      world_inject (world, forger->jid, letter->from, "<answer yes='1' gajim='0'/>");
      return FALSE;
    }
  stanza = forge_parse (letter->text);
  if (forger->silent
      || (es_xml_attribute (stanza, "type") != NULL && strcmp (es_xml_attribute (stanza, "type"), "error") == 0))
    return FALSE;
  if ((payload = es_negotiation_recognize (stanza, &message)) != NULL)
    take_message (forger, letter, message, payload);
  else if (forger->channel != NULL && (c = es_xml_child (stanza, "c", ES_NS_CRYPT)) != NULL
           && es_channel_decrypt (forger->channel, c, &content, NULL))
    {
      forger->n_heard++;
      if (forger->heard == NULL)
        forger->heard = g_steal_pointer (&content);
      while (content != NULL && es_xml_children (content)->len > 0)
        es_xml_append (forger->heard, es_xml_steal (content, 0));
    }
  return FALSE;
}

char *
forger_encrypt (Forger *forger, const char *content)
{
  g_autoptr (EsXml) c = es_channel_encrypt (forger->channel, content, forger->rekeys, NULL);
  g_autofree char *text = NULL;

  ck_assert_ptr_nonnull (c);
  text = es_xml_to_string (c, ES_NS_CLIENT);
  return g_strdup_printf ("<message to='%s' type='chat'><thread>%s</thread>%s</message>", forger->peer, forger->thread,
                          text);
}

void
forger_send (Forger *forger, const char *content)
{
  g_autofree char *stanza = forger_encrypt (forger, content);

  world_inject (forger->world, forger->jid, forger->peer, stanza);
}
