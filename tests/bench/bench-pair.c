/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench-pair.h"

#include <string.h>

#include <glib/gstdio.h>

static gint64
host_now (gpointer data)
{
  return 1700000000;
}

static void
side_init (PairSide *side, const char *account, const char *jid, const char *folder)
{
  side->account = account;
  side->jid = jid;
  if (folder != NULL)
    side->path = g_build_filename (folder, account, NULL);
  side->trust = es_trust_new (folder != NULL ? side->path : ":memory:");
}

static void
side_clear (PairSide *side)
{
  g_clear_pointer (&side->session, es_session_free);
  g_clear_pointer (&side->channel, es_channel_free);
  g_clear_pointer (&side->trust, es_trust_free);
  if (side->path != NULL)
    {
      g_autofree char *journal = g_strconcat (side->path, "-journal", NULL);

      g_unlink (side->path);
      g_unlink (journal);
    }
  g_clear_pointer (&side->path, g_free);
}

Pair *
pair_new (const guint *groups, const char *folder)
{
  Pair *pair = g_new0 (Pair, 1);

  es_options_init (&pair->options);
  for (gsize i = 0; groups != NULL && i < G_N_ELEMENTS (pair->options.groups); i++)
    if ((pair->options.groups[i] = groups[i]) == 0)
      break;
  pair->host.random = es_random_system;
  pair->host.clock.now = pair->host.clock.elapsed = host_now;
  pair->host.transport.fallback = "This message is encrypted.";
  side_init (&pair->alice, BENCH_ALICE, BENCH_ALICE_JID, folder);
  side_init (&pair->bob, BENCH_BOB, BENCH_BOB_JID, folder);
  return pair;
}

void
pair_free (Pair *pair)
{
  side_clear (&pair->alice);
  side_clear (&pair->bob);
  g_free (pair);
}

static void
count (Pair *pair, const EsXml *stanza)
{
  g_autofree char *text = pair->counting && stanza != NULL ? es_xml_to_string (stanza, ES_NS_CLIENT) : NULL;

  if (text == NULL)
    return;
  pair->n_stanzas++;
  pair->n_octets += strlen (text);
}

static EsSession *
start (Pair *pair, PairSide *side, EsRole role, const char *jid, const char *thread)
{
  g_clear_pointer (&side->session, es_session_free);
  side->session
      = es_session_new (role, es_at (side->account), es_at (jid), thread, &pair->options, &pair->host, side->trust);
  return side->session;
}

/* Times one call: from here ... */
static void
call_begin (Pair *pair, PairCall call)
{
  pair->passed[call] = bench_clock ();
  pair->cpu[call] = bench_cpu ();
}

/* ... to here. */
static void
call_end (Pair *pair, PairCall call)
{
  pair->cpu[call] = bench_cpu () - pair->cpu[call];
  pair->passed[call] = bench_clock () - pair->passed[call];
}

void
pair_negotiate (Pair *pair)
{
  PairSide *from = &pair->alice, *to = &pair->bob;
  g_autoptr (EsXml) stanza = NULL;

  pair->n_stanzas = 0;
  pair->n_octets = 0;
  start (pair, from, ES_ROLE_INITIATOR, to->jid, NULL);
  call_begin (pair, PAIR_CALL_REQUEST);
  stanza = es_session_request (from->session, NULL);
  call_end (pair, PAIR_CALL_REQUEST);
  start (pair, to, ES_ROLE_RESPONDER, from->jid, es_session_thread (from->session));

  for (guint i = PAIR_CALL_TAKE_REQUEST; i < PAIR_N_CALLS; i++)
    {
      EsMessage message = ES_MESSAGE_REQUEST;
      EsXml *reply = NULL;
      const EsXml *payload = NULL;
      PairSide *swap = to;

      count (pair, stanza);
      call_begin (pair, (PairCall) i);
      payload = es_negotiation_recognize (stanza, &message);
      bench_must (es_session_consume (to->session, es_at (from->jid), message, payload, &reply, NULL), "negotiation");
      call_end (pair, (PairCall) i);

      es_xml_free (stanza);
      stanza = reply;
      to = from;
      from = swap;
    }
  bench_must (stanza == NULL && es_session_is_active (pair->alice.session) && es_session_is_active (pair->bob.session),
              "session");
}

static void
take_channel (Pair *pair, PairSide *side, EsNegotiation *negotiation)
{
  g_autoptr (EsAgreement) agreement = es_negotiation_steal_agreement (negotiation);

  bench_must (agreement != NULL, "negotiation");
  g_clear_pointer (&side->channel, es_channel_free);
  side->channel = es_channel_new (agreement, &pair->host.random);
}

void
pair_negotiate_core (Pair *pair)
{
  g_autoptr (EsNegotiation) alice = es_negotiation_new (ES_ROLE_INITIATOR, &pair->options, &pair->host.random);
  g_autoptr (EsNegotiation) bob = es_negotiation_new (ES_ROLE_RESPONDER, &pair->options, &pair->host.random);
  g_autoptr (EsXml) payload = NULL;

  call_begin (pair, PAIR_CALL_REQUEST);
  payload = es_negotiation_create (alice, ES_MESSAGE_REQUEST, NULL);
  call_end (pair, PAIR_CALL_REQUEST);

  for (guint i = ES_MESSAGE_REQUEST; i <= ES_MESSAGE_RESPONDER_ACCEPT; i++)
    {
      EsMessage message = (EsMessage) i;
      gboolean to_bob = message == ES_MESSAGE_REQUEST || message == ES_MESSAGE_INITIATOR_ACCEPT;
      EsNegotiation *to = to_bob ? bob : alice;
      EsXml *reply = NULL;

      call_begin (pair, (PairCall) (PAIR_CALL_TAKE_REQUEST + i));
      bench_must (es_negotiation_consume (to, message, payload, NULL), "negotiation");
      if (message != ES_MESSAGE_RESPONDER_ACCEPT)
        reply = es_negotiation_create (to, (EsMessage) (i + 1), NULL);
      call_end (pair, (PairCall) (PAIR_CALL_TAKE_REQUEST + i));
      es_xml_free (payload);
      payload = reply;
    }
  take_channel (pair, &pair->alice, alice);
  take_channel (pair, &pair->bob, bob);
}

void
pair_run (gpointer data, guint n)
{
  for (; n > 0; n--)
    pair_negotiate (data);
}

void
pair_run_core (gpointer data, guint n)
{
  for (; n > 0; n--)
    pair_negotiate_core (data);
}
