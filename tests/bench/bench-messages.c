/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a message takes: CPU time to encrypt and to decrypt it, and octets on the wire, beside libotr and bare
 * OpenSSL; and as it is used, with its XML and its receipt. */
#include <stdio.h>
#include <string.h>

#ifdef BENCH_OMEMO
#include "bench-omemo.h"
#endif
#include "bench-openssl.h"
#include "bench-otr.h"
#include "bench-pair.h"
#include "es-envelope.h"
#include "es-receipts.h"

#define ROUNDS 15
#define N_USED 400

#define AIM_ONE_WAY 1.0
#define AIM_REKEY 0.1
#define AIM_MESSAGE_OCTETS 1000u
#define AIM_RECEIPT_OCTETS 620u

/* What a message is called by, as long as they are. */
#define BENCH_ID "0123456789ab"

static const struct
{
  const char *name;
  gsize size;
  guint n_one_way; /* messages in a round */
  guint n_turns;
} SIZES[] = { { "64 octets", 64, 400, 20 }, { "1 KiB", 1024, 300, 20 }, { "16 KiB", 16384, 40, 20 } };

#define N_SIZES G_N_ELEMENTS (SIZES)

/* A conversation: the same bodies go through all of them. */
typedef struct
{
  void (*talk) (gpointer data, gboolean from_alice, const char *body);
  gpointer data;
  const char *body;
  gboolean turns; /* after each message the other one has its turn */
  gboolean from_alice;
} Talk;

/* One way. Every round goes the other way than the one before, so it begins with a re-key. */
static void
run (gpointer data, guint n)
{
  Talk *talk = data;

  talk->from_alice = !talk->from_alice;
  for (; n > 0; n--)
    {
      talk->talk (talk->data, talk->from_alice, talk->body);
      if (talk->turns)
        talk->from_alice = !talk->from_alice;
    }
}

static void
talk_openssl (gpointer data, gboolean from_alice, const char *body)
{
  floor_message (data, body, strlen (body));
}

static void
talk_openssl_rekey (gpointer data, gboolean from_alice, const char *body)
{
  floor_x25519_rekey (data);
  floor_message (data, body, strlen (body));
}

static EsXml *
encrypt_content (Pair *pair, gboolean from_alice, const char *body)
{
  PairSide *from = from_alice ? &pair->alice : &pair->bob;
  g_autofree char *content = g_strconcat ("<body>", body, "</body>", NULL);

  gboolean rekey = es_channel_should_rekey (from->channel, TRUE, 0);
  EsXml *c = es_channel_encrypt (from->channel, content, rekey, NULL);

  es_channel_note (from->channel, TRUE, 0);
  return c;
}

static void
decrypt_content (Pair *pair, gboolean from_alice, const EsXml *c, const char *body)
{
  PairSide *to = from_alice ? &pair->bob : &pair->alice;
  g_autoptr (EsXml) content = NULL;
  g_autofree char *text = NULL;

  bench_must (es_channel_decrypt (to->channel, c, &content, NULL), "decryption");
  es_channel_note (to->channel, TRUE, 0);
  text = es_xml_dup_text (es_xml_child (content, "body", ES_NS_CLIENT));
  bench_must (strcmp (text, body) == 0, "decryption");
}

static void
talk_channel (gpointer data, gboolean from_alice, const char *body)
{
  g_autoptr (EsXml) c = encrypt_content (data, from_alice, body);

  bench_must (c != NULL, "encryption");
  decrypt_content (data, from_alice, c, body);
}

static EsXml *
new_stanza (const char *body)
{
  EsXml *stanza = es_xml_new ("message", ES_NS_CLIENT);

  es_xml_set_attribute (stanza, "type", "chat");
  es_xml_set_attribute (stanza, "to", BENCH_BOB_JID);
  es_xml_append_new (stanza, "body", body);
  return stanza;
}

static EsXml *
encrypt_stanza (Pair *pair, gboolean from_alice, const char *body)
{
  PairSide *from = from_alice ? &pair->alice : &pair->bob;
  EsXml *stanza = new_stanza (body);

  bench_must (es_session_encrypt (from->session, stanza, NULL), "encryption");
  return stanza;
}

static void
decrypt_stanza (Pair *pair, gboolean from_alice, EsXml *stanza, const char *body)
{
  PairSide *to = from_alice ? &pair->bob : &pair->alice;
  const char *ended = NULL;
  g_autofree char *text = NULL;

  bench_must (es_session_decrypt (to->session, stanza, &ended, NULL, NULL), "decryption");
  text = es_xml_dup_text (es_xml_child (stanza, "body", ES_NS_CLIENT));
  bench_must (strcmp (text, body) == 0, "decryption");
}

static void
talk_session (gpointer data, gboolean from_alice, const char *body)
{
  g_autoptr (EsXml) stanza = encrypt_stanza (data, from_alice, body);

  decrypt_stanza (data, from_alice, stanza, body);
}

static void
talk_otr (gpointer data, gboolean from_alice, const char *body)
{
  otr_talk (data, from_alice, body, NULL);
}

/* As it is used */

/* Like run, but for who talks: always the same one. */
static void
run_on (gpointer data, guint n)
{
  Talk *talk = data;

  for (; n > 0; n--)
    talk->talk (talk->data, TRUE, talk->body);
}

/* STANZA, which it takes, as it comes out of the other end of a stream; *OCTETS may be NULL. */
static EsXml *
travel (EsXml *stanza, gsize *octets)
{
  g_autoptr (EsXml) sent = stanza;
  g_autofree char *text = es_xml_to_string (sent, ES_NS_CLIENT);
  gsize size = strlen (text);
  g_autoptr (EsXml) content = es_xml_parse_content (text, size, NULL);

  if (octets != NULL)
    *octets = size;
  return es_xml_steal (content, 0);
}

/* What Alice sends, for libpurple has written it, with what we add to that. */
static EsXml *
used_message (Pair *pair, EsReceipts *receipts, const char *body)
{
  EsXml *stanza = new_stanza (body);
  EsXml *kept = NULL;

  es_xml_append (stanza, es_xml_new ("active", "http://jabber.org/protocol/chatstates"));
  es_envelope_close_message (stanza, pair->host.clock.now (NULL));
  es_receipts_label (stanza, BENCH_ID);
  kept = es_xml_copy (stanza);
  bench_must (es_session_encrypt (pair->alice.session, stanza, NULL), "encryption");
  es_receipts_add (receipts, BENCH_ID, kept, 1, pair->host.clock.now (NULL));
  return stanza;
}

/* Bob reads it; the receipt. */
static EsXml *
used_receipt (Pair *pair, EsXml *stanza, const char *body)
{
  g_autofree char *wish = NULL;

  decrypt_stanza (pair, TRUE, stanza, body);
  es_envelope_open_message (stanza, pair->host.clock.now (NULL));
  wish = es_receipts_request (stanza);
  return es_session_control (pair->bob.session, es_receipts_answer (wish));
}

static void
use (Pair *pair, const char *body, gsize *message, gsize *receipt)
{
  const char *ended = NULL;
  EsReceipts *receipts = es_receipts_new ();
  g_autoptr (EsXml) stanza = travel (used_message (pair, receipts, body), message), answer = NULL;
  g_autoptr (GArray) confirmed = NULL;

  answer = travel (used_receipt (pair, stanza, body), receipt);
  bench_must (es_session_decrypt (pair->alice.session, answer, &ended, NULL, NULL), "decryption of the receipt");
  confirmed = es_receipts_collect (receipts, 1, answer);
  bench_must (confirmed != NULL, "receipt");
  es_receipts_free (receipts);
}

static void
talk_used (gpointer data, gboolean from_alice, const char *body)
{
  use (data, body, NULL, NULL);
}

static void
talk_otr_used (gpointer data, gboolean from_alice, const char *body)
{
  g_autofree char *wire = NULL;
  g_autoptr (EsXml) stanza = NULL;

  otr_talk (data, from_alice, body, &wire);
  stanza = travel (new_stanza (wire), NULL);
}

#ifdef BENCH_OMEMO
static void
talk_omemo_used (gpointer data, gboolean from_alice, const char *body)
{
  EsXml *sent = es_xml_new ("message", ES_NS_CLIENT);
  g_autoptr (EsXml) arrived = NULL;
  g_autofree char *text = NULL;

  es_xml_set_attribute (sent, "type", "chat");
  es_xml_set_attribute (sent, "to", BENCH_BOB_JID);
  es_xml_append (sent, omemo_encrypt (data, body));
  arrived = travel (sent, NULL);
  text = omemo_decrypt (data, es_xml_child (arrived, "encrypted", NULL));
  bench_must (strcmp (text, body) == 0, "decryption of OMEMO");
}
#endif

/* CPU time */

enum
{
  OPENSSL,
  CHANNEL,
  SESSION,
  OTR,
  N_WAYS
};

/* The medians beside libotr's. */
static void
print_aim (const char *name, const BenchSubject subjects[N_SIZES][N_WAYS], guint way, double aim)
{
  printf ("  %-26s", name);
  for (gsize i = 0; i < N_SIZES; i++)
    {
      double ratio = subjects[i][way].median / subjects[i][OTR].median;

      printf ("  %11.3f %6s", ratio, ratio <= aim ? "met" : "missed");
    }
  printf ("\n");
}

static void
measure (Floor *raw, Pair *pair, Otr *otr, char *const *bodies, gboolean turns)
{
  Talk talks[N_SIZES][N_WAYS];
  BenchSubject subjects[N_SIZES][N_WAYS];

  for (gsize i = 0; i < N_SIZES; i++)
    {
      guint n = turns ? SIZES[i].n_turns : SIZES[i].n_one_way;

      talks[i][OPENSSL] = (Talk){ turns ? talk_openssl_rekey : talk_openssl, raw, bodies[i], turns };
      talks[i][CHANNEL] = (Talk){ talk_channel, pair, bodies[i], turns };
      talks[i][SESSION] = (Talk){ talk_session, pair, bodies[i], turns };
      talks[i][OTR] = (Talk){ talk_otr, otr, bodies[i], turns };
      subjects[i][OPENSSL] = (BenchSubject){ "OpenSSL alone", run, &talks[i][OPENSSL], n };
      subjects[i][CHANNEL] = (BenchSubject){ "channel, group 31", run, &talks[i][CHANNEL], n };
      subjects[i][SESSION] = (BenchSubject){ "session, group 31", run, &talks[i][SESSION], n };
      subjects[i][OTR] = (BenchSubject){ "libotr", run, &talks[i][OTR], n };
      bench_measure (subjects[i], N_WAYS, ROUNDS);
    }

  printf ("%s: encrypted and decrypted. CPU time in us, best and median of %d rounds.\n",
          turns ? "A re-key at each turn" : "One way", ROUNDS);
  printf ("  %-26s", "");
  for (gsize i = 0; i < N_SIZES; i++)
    printf ("  %18s", SIZES[i].name);
  for (guint way = 0; way < N_WAYS; way++)
    {
      printf ("\n  %-26s", subjects[0][way].name);
      for (gsize i = 0; i < N_SIZES; i++)
        printf ("  %9.1f%9.1f", subjects[i][way].best * 1e6, subjects[i][way].median * 1e6);
    }
  printf ("\n  aim: at most %.2f of libotr\n", turns ? AIM_REKEY : AIM_ONE_WAY);
  print_aim ("channel / libotr", subjects, CHANNEL, turns ? AIM_REKEY : AIM_ONE_WAY);
  print_aim ("session / libotr", subjects, SESSION, turns ? AIM_REKEY : AIM_ONE_WAY);
  printf ("\n");
}

/* One way all the time, as somebody writes who gets no answer but receipts; what is stored meanwhile is not counted. OMEMO and
 * libotr have no receipts. */
static void
measure_used (Pair *pair, Otr *otr, const char *body)
{
  Talk talks[3] = { { talk_used, pair, body, FALSE, TRUE }, { talk_otr_used, otr, body, FALSE, TRUE } };
  BenchSubject subjects[3]
      = { { "session, XML and receipt", run_on, &talks[0], N_USED }, { "libotr and XML", run_on, &talks[1], N_USED } };
  gsize n = 2;
#ifdef BENCH_OMEMO
  g_autoptr (Omemo) omemo = omemo_new ();

  talks[n] = (Talk){ talk_omemo_used, omemo, body, FALSE, TRUE };
  subjects[n] = (BenchSubject){ "OMEMO and XML", run_on, &talks[n], N_USED };
  n++;
#endif

  bench_measure (subjects, n, ROUNDS);
  printf ("As it is used: 64 octets, one way, no turn. CPU time in us of both sides, best and median of %d rounds.\n",
          ROUNDS);
  for (gsize i = 0; i < n; i++)
    printf ("  %-26s  %9.1f%9.1f\n", subjects[i].name, subjects[i].best * 1e6, subjects[i].median * 1e6);
  for (gsize i = 1; i < n; i++)
    printf ("  as used / %-16s  %18.3f\n", subjects[i].name, subjects[0].median / subjects[i].median);
  printf ("\n");
}

/* Octets */

static void
print_octets_used (Pair *pair)
{
  gsize message = 0, receipt = 0;

  /* The first ones publish the keys of before. */
  for (guint i = 0; i < 3; i++)
    use (pair, "Forty characters are a short message: so", &message, &receipt);
  printf ("  40 characters, as used: message %" G_GSIZE_FORMAT ", receipt %" G_GSIZE_FORMAT "; aim: under %u and %u\n",
          message, receipt, AIM_MESSAGE_OCTETS, AIM_RECEIPT_OCTETS);
}

static gsize
octets_of (const EsXml *xml)
{
  g_autofree char *text = es_xml_to_string (xml, ES_NS_CLIENT);

  return strlen (text);
}

/* Those of <c/> alone, and of the whole stanza; and whether it re-keyed. */
static gboolean
count_session (Pair *pair, gboolean from_alice, const char *body, gsize *alone, gsize *whole)
{
  g_autoptr (EsXml) stanza = encrypt_stanza (pair, from_alice, body);
  const EsXml *c = es_xml_child (stanza, "c", ES_NS_CRYPT);
  gboolean rekeyed = es_xml_child (c, "key", ES_NS_CRYPT) != NULL;

  *alone = octets_of (c);
  *whole = octets_of (stanza);
  decrypt_stanza (pair, from_alice, stanza, body);
  return rekeyed;
}

/* Those of the message alone, and in a stanza like the one that our session encrypts. */
static void
count_otr (Otr *otr, gboolean from_alice, const char *body, gsize *alone, gsize *whole)
{
  g_autofree char *wire = NULL;
  g_autoptr (EsXml) stanza = NULL;

  otr_talk (otr, from_alice, body, &wire);
  stanza = new_stanza (wire);
  *alone = strlen (wire);
  *whole = octets_of (stanza);
}

/* The last of several messages, with a turn before it or without: enough of them to publish the keys of before. */
static void
print_octets (Pair *pair, Otr *otr, const char *name, const char *body, gboolean turns)
{
  gsize c = 0, stanza = 0, message = 0, otr_stanza = 0;
  gboolean from_alice = FALSE, rekeyed = FALSE;

  for (guint i = 0; i < 24; i++)
    {
      from_alice = turns ? !from_alice : i % 3 == 0 ? !from_alice : from_alice;
      rekeyed = count_session (pair, from_alice, body, &c, &stanza);
      count_otr (otr, from_alice, body, &message, &otr_stanza);
    }
  bench_must (rekeyed == turns, "what should be counted");
  printf ("  %-12s %-12s %10" G_GSIZE_FORMAT " %10" G_GSIZE_FORMAT " %12" G_GSIZE_FORMAT " %10" G_GSIZE_FORMAT "\n",
          name, turns ? "re-key" : "no re-key", c, stanza, message, otr_stanza);
}

int
main (void)
{
  static const guint groups[] = { 31, 0 };
  char *bodies[N_SIZES + 1] = { NULL };
  g_autoptr (Floor) raw = floor_new ();
  g_autoptr (Otr) otr = otr_new ();
  g_autoptr (Pair) pair = pair_new (groups, NULL);

  bench_must (es_crypto_available () && es_secret_setup (), "setup");
  for (gsize i = 0; i < N_SIZES; i++)
    {
      static const char words[] = "The quick brown fox jumps over the lazy dog. ";

      bodies[i] = g_malloc0 (SIZES[i].size + 1);
      for (gsize j = 0; j < SIZES[i].size; j++)
        bodies[i][j] = words[j % strlen (words)];
    }
  pair_negotiate (pair);
  pair_negotiate_core (pair);
  otr_negotiate (otr);

  printf ("Messages; libotr %s.\n\n", otr_version ());
  measure (raw, pair, otr, bodies, FALSE);
  measure (raw, pair, otr, bodies, TRUE);
  measure_used (pair, otr, bodies[0]);

  printf ("Octets on the wire for one message.\n");
  printf ("  %-12s %-12s %10s %10s %12s %10s\n", "body", "", "<c/>", "stanza", "libotr alone", "in stanza");
  for (gsize i = 0; i < N_SIZES; i++)
    for (guint turns = 0; turns < 2; turns++)
      print_octets (pair, otr, SIZES[i].name, bodies[i], turns == 1);
  print_octets_used (pair);

  for (gsize i = 0; i < N_SIZES; i++)
    g_free (bodies[i]);
  return 0;
}
