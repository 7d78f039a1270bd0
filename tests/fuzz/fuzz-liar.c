/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz-liar.h"

#include <string.h>

#include "es-channel-private.h"
#include "es-error.h"
#include "es-negotiation-private.h"

struct _Liar
{
  World *world;
  Script *script;
  char *jid;
  FuzzRandom random;
  EsRandom source;
  EsOptions options;
  char *peer;
  char *thread;
  guint n_threads;
  guint n_edits;
  EsNegotiation *negotiation;
  EsChannel *channel;
};

Liar *
liar_new (World *world, const char *jid, Script *script)
{
  Liar *liar = g_new0 (Liar, 1);

  liar->world = world;
  liar->script = script;
  liar->jid = g_strdup (jid);
  liar->source = fuzz_random (&liar->random, 7);
  es_options_init (&liar->options);
  liar->options.groups[1] = 0;
  return liar;
}

void
liar_free (Liar *liar)
{
  es_negotiation_free (liar->negotiation);
  es_channel_free (liar->channel);
  g_free (liar->peer);
  g_free (liar->thread);
  g_free (liar->jid);
  g_free (liar);
}

void
liar_set_edits (Liar *liar, guint n)
{
  liar->n_edits = n;
}

static void
begin (Liar *liar, EsRole role, const char *peer, char *thread)
{
  g_clear_pointer (&liar->negotiation, es_negotiation_free);
  g_clear_pointer (&liar->channel, es_channel_free);
  g_free (liar->peer);
  g_free (liar->thread);
  liar->peer = g_strdup (peer);
  liar->thread = thread;
  liar->negotiation = es_negotiation_new (role, &liar->options, &liar->source);
  es_negotiation_set_parties (liar->negotiation, es_address_bare (es_at (liar->jid)), es_address_bare (es_at (peer)));
}

/* What was said in message 1 or 2 is what is believed to have been. */
static void
believe (Liar *liar, EsMessage which, const EsXml *payload)
{
  char **form = which == ES_MESSAGE_REQUEST ? &liar->negotiation->form_a : &liar->negotiation->form_b;
  const EsXml *x = es_xml_child (payload, "x", ES_NS_DATA);
  char *text = x != NULL ? es_xml_normalize_form (x, liar->options.dialect, NULL) : NULL;

  if (text == NULL || which > ES_MESSAGE_RESPONSE)
    {
      g_free (text);
      return;
    }
  g_free (*form);
  *form = text;
}

static void
post (Liar *liar, EsXml *inside)
{
  g_autoptr (EsXml) stanza = es_xml_new ("message", ES_NS_CLIENT);
  g_autofree char *text = NULL;

  es_xml_set_attribute (stanza, "to", liar->peer);
  es_xml_append_new (stanza, "thread", liar->thread);
  es_xml_append (stanza, inside);
  text = es_xml_to_string (stanza, ES_NS_CLIENT);
  world_inject (liar->world, liar->jid, liar->peer, text);
}

static void
say_next (Liar *liar, EsMessage which)
{
  g_autoptr (EsXml) payload = es_negotiation_create (liar->negotiation, which, NULL), arrived = NULL;

  if (payload == NULL)
    return;
  for (guint i = 0; i < liar->n_edits; i++)
    fuzz_edit (payload, liar->script);
  arrived = fuzz_travel (payload);
  if (arrived == NULL)
    return;
  believe (liar, which, arrived);
  post (liar, g_steal_pointer (&arrived));
}

void
liar_ask (Liar *liar, const char *peer)
{
  begin (liar, ES_ROLE_INITIATOR, peer, g_strdup_printf ("liar's %u", ++liar->n_threads));
  say_next (liar, ES_MESSAGE_REQUEST);
}

static void
take_message (Liar *liar, const char *from, const EsXml *stanza, EsMessage which, const EsXml *payload)
{
  static const EsMessage replies[] = { ES_MESSAGE_RESPONSE, ES_MESSAGE_INITIATOR_ACCEPT, ES_MESSAGE_RESPONDER_ACCEPT };
  const EsXml *thread = es_xml_child (stanza, "thread", NULL);
  g_autoptr (EsAgreement) agreement = NULL;

  if (which == ES_MESSAGE_REQUEST && thread != NULL)
    begin (liar, ES_ROLE_RESPONDER, from, es_xml_dup_text (thread));
  if (liar->negotiation == NULL || !es_negotiation_consume (liar->negotiation, which, payload, NULL))
    return;
  if (which != ES_MESSAGE_RESPONDER_ACCEPT)
    say_next (liar, replies[which]);
  agreement = es_negotiation_steal_agreement (liar->negotiation);
  if (agreement != NULL)
    {
      es_channel_free (liar->channel);
      liar->channel = es_channel_new (agreement, &liar->source);
    }
}

void
liar_take (Liar *liar, const char *from, const char *text)
{
  g_autoptr (EsXml) whole = es_xml_parse_content (text, strlen (text), NULL), inside = NULL;
  const EsXml *stanza = whole != NULL && es_xml_children (whole)->len > 0 ? es_xml_children (whole)->pdata[0] : NULL;
  EsMessage which = ES_MESSAGE_REQUEST;
  const EsXml *payload = NULL, *c = NULL;

  if (stanza == NULL || es_xml_name (stanza) == NULL || g_strcmp0 (es_xml_attribute (stanza, "type"), "error") == 0)
    return;
  if (es_xml_is (stanza, "ask", NULL))
    world_inject (liar->world, liar->jid, from, "<answer yes='1'/>");
  else if ((payload = es_negotiation_recognize (stanza, &which)) != NULL)
    take_message (liar, from, stanza, which, payload);
  else if (liar->channel != NULL && (c = es_xml_child (stanza, "c", ES_NS_CRYPT)) != NULL)
    es_channel_decrypt (liar->channel, c, &inside, NULL);
}

/* As es_channel_encrypt would, whatever CONTENT is. */
static EsXml *
encrypt (Liar *liar, const char *content)
{
  EsChannel *channel = liar->channel;
  gsize size = strlen (content);
  EsCounter counter = channel->own_counter;
  g_autoptr (EsXml) c = NULL;
  const GPtrArray *children = NULL;
  g_autofree guint8 *data = g_malloc (size + 1);
  g_autofree char *encoded = NULL;

  c = es_channel_encrypt (channel, size > 0 ? "<x/>" : NULL, FALSE, NULL);
  if (c == NULL || size == 0)
    return g_steal_pointer (&c);
  channel->own_counter = counter;
  es_ctr (channel->suite.cipher, channel->suite.dialect, channel->sending.cipher, &channel->own_counter, content, size,
          data);
  encoded = g_base64_encode (data, size);
  children = es_xml_children (es_xml_child (c, "data", NULL));
  while (children->len > 0)
    es_xml_free (es_xml_steal (es_xml_child (c, "data", NULL), 0));
  es_xml_append_text (es_xml_child (c, "data", NULL), encoded, -1);
  return g_steal_pointer (&c);
}

static void
sign (const EsChannel *channel, const EsCounter *counter, EsXml *c)
{
  const GPtrArray *children = es_xml_children (c);
  g_autoptr (GString) covered = g_string_new (NULL);
  guint8 mac[ES_HASH_MAX_OCTETS];
  g_autofree char *text = NULL;

  for (guint i = children->len; i > 0; i--)
    if (es_xml_is (children->pdata[i - 1], "mac", ES_NS_CRYPT))
      es_xml_free (es_xml_steal (c, i - 1));
  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL)
      {
        g_autofree char *inside = es_xml_dup_text (children->pdata[i]);
        const char *name = es_xml_name (children->pdata[i]);

        g_string_append_printf (covered, "<%s>%s</%s>", name, inside, name);
      }
  {
    EsPart parts[] = { ES_PART (covered->str, covered->len), ES_PART (counter->octets, ES_COUNTER_OCTETS) };

    es_hmac (channel->suite.hash, ES_PART_SECRET (channel->sending.mac), parts, G_N_ELEMENTS (parts), mac);
  }
  text = es_base64_encode (ES_PART (mac, channel->suite.hash->octets));
  es_xml_append_new (c, "mac", text);
}

void
liar_say (Liar *liar, const char *content, guint n_edits)
{
  EsCounter counter;
  g_autoptr (EsXml) c = NULL, arrived = NULL;

  if (liar->channel == NULL || liar->channel->sets->len == 0)
    return;
  counter = liar->channel->own_counter;
  c = encrypt (liar, content);
  if (c == NULL)
    return;
  for (guint i = 0; i < n_edits; i++)
    fuzz_edit (c, liar->script);
  sign (liar->channel, &counter, c);
  arrived = fuzz_travel (c);
  if (arrived != NULL)
    post (liar, g_steal_pointer (&arrived));
}
