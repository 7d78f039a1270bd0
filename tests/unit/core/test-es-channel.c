/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-channel-private.h"

#include "es-limits.h"
#include "parties.h"

/* The two ends of a session. */
typedef struct
{
  Parties parties;
  EsChannel *a, *b;
} Ends;

static void
ends_init (Ends *ends, guint64 seed, guint group)
{
  g_autoptr (EsAgreement) a = NULL, b = NULL;

  parties_init (&ends->parties, seed);
  ends->parties.options_a.groups[0] = group;
  parties_begin (&ends->parties);
  pass_until (&ends->parties, 4);
  a = es_negotiation_steal_agreement (ends->parties.a);
  b = es_negotiation_steal_agreement (ends->parties.b);
  ends->a = es_channel_new (a, &ends->parties.source_a);
  ends->b = es_channel_new (b, &ends->parties.source_b);
  parties_end (&ends->parties);
}

static void
ends_clear (Ends *ends)
{
  es_channel_free (ends->a);
  es_channel_free (ends->b);
}

static char *
encrypt (EsChannel *channel, const char *content, gboolean rekey)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (EsXml) c = es_channel_encrypt (channel, content, rekey, &error);

  g_assert_no_error (error);
  return es_xml_to_string (c, "");
}

static gboolean
decrypt (EsChannel *channel, const char *text, char **content, GError **error)
{
  g_autoptr (EsXml) c = es_xml_parse (text, strlen (text), error), inside = NULL;

  *content = NULL;
  if (c == NULL || !es_channel_decrypt (channel, c, &inside, error))
    return FALSE;
  *content = inside != NULL ? es_xml_children_to_string (inside) : g_strdup ("");
  return TRUE;
}

/* Of the random talk going on; ES_SEED replays one. */
static guint64 current_seed;

static void
assert_delivers (EsChannel *to, const char *text, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  decrypt (to, text, &content, &error);
  ck_assert_msg (error == NULL, "seed %" G_GUINT64_FORMAT ": %s", current_seed, error != NULL ? error->message : "");
  ck_assert_str_eq (content, expected != NULL ? expected : "");
}

static void
assert_fails (EsChannel *to, const char *text, EsErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  ck_assert_msg (!decrypt (to, text, &content, &error), "accepted %.200s", text);
  ck_assert_msg (error->code == (int) code, "%s", error->message);
}

static void
assert_dead (EsChannel *channel)
{
  ck_assert_uint_eq (channel->sets->len, 0);
  ck_assert (channel->sending.cipher == NULL && channel->sending.mac == NULL);
  ck_assert_ptr_null (es_channel_encrypt (channel, "<body/>", FALSE, NULL));
}

static char *
content_of (gsize size)
{
  g_autofree char *text = g_strnfill (size, 'x');

  return size == 0 ? NULL : g_strdup_printf ("<b>%s</b>", text);
}

START_TEST (channel__sizes__all_go_through)
{
  static const gsize sizes[] = { 0, 1, 8, 9, 10, 25, 65536, ES_LIMIT_STANZA_OCTETS - 7 };
  static const guint groups[] = { 31, 14 };
  Ends ends;

  ends_init (&ends, (guint64) _i, groups[_i]);
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree char *content = content_of (sizes[i]), *there = encrypt (ends.a, content, i % 2);
      g_autofree char *back = NULL;

      assert_delivers (ends.b, there, content);
      back = encrypt (ends.b, content, i % 3 == 0);
      assert_delivers (ends.a, back, content);
    }
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__too_large__changes_nothing)
{
  Ends ends;
  g_autofree char *content = NULL, *after = NULL;
  g_autoptr (GError) error = NULL;

  ends_init (&ends, 10, 31);
  content = content_of (ES_LIMIT_STANZA_OCTETS);
  ck_assert_ptr_null (es_channel_encrypt (ends.a, content, TRUE, &error));
  ck_assert (g_error_matches (error, ES_ERROR, ES_ERROR_LIMIT));
  after = encrypt (ends.a, "<b/>", FALSE);
  assert_delivers (ends.b, after, "<b/>");
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__every_bit_flip__ends_the_session)
{
  Ends ends;
  g_autofree char *text = NULL;

  ends_init (&ends, 11, 31);
  text = encrypt (ends.a, "<body>attack at dawn</body>", TRUE);
  ends_clear (&ends);

  for (gsize i = 0; i < strlen (text); i++)
    {
      g_autofree char *changed = g_strdup (text), *again = NULL, *content = NULL;
      g_autoptr (EsXml) before = NULL, after = NULL;

      changed[i] = (char) (changed[i] ^ 1 << _i);
      before = es_xml_parse (text, strlen (text), NULL);
      after = es_xml_parse (changed, strlen (changed), NULL);

      /* What is no <c/> any more does not get here. */
      if (after == NULL || !es_xml_is (after, "c", ES_NS_CRYPT) || es_xml_equal (before, after))
        continue;
      ends_init (&ends, 11, 31);
      again = encrypt (ends.a, "<body>attack at dawn</body>", TRUE);
      ck_assert_str_eq (again, text);
      ck_assert_msg (!decrypt (ends.b, changed, &content, NULL), "accepted %s", changed);
      assert_dead (ends.b);
      assert_fails (ends.b, text, ES_ERROR_NO_SESSION);
      ends_clear (&ends);
    }
}
END_TEST

START_TEST (channel__swapped_or_dropped__ends_the_session)
{
  Ends ends;
  g_autofree char *first = NULL, *second = NULL;

  ends_init (&ends, 12, 31);
  first = encrypt (ends.a, "<b>1</b>", FALSE);
  second = encrypt (ends.a, "<b>2</b>", FALSE);
  assert_fails (ends.b, second, ES_ERROR_CHECK);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__reflected__ends_the_session)
{
  Ends ends;
  g_autofree char *text = NULL;

  ends_init (&ends, 13, 31);
  text = encrypt (ends.a, "<b>1</b>", FALSE);
  assert_fails (ends.a, text, ES_ERROR_CHECK);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__replayed__is_a_duplicate_as_long_as_it_is_remembered)
{
  Ends ends;
  g_autoptr (GPtrArray) sent = g_ptr_array_new_with_free_func (g_free);

  ends_init (&ends, 14, 31);
  for (guint i = 0; i < ES_LIMIT_SEEN_MACS + 1; i++)
    {
      g_ptr_array_add (sent, encrypt (ends.a, "<b/>", i % 50 == 7));
      assert_delivers (ends.b, sent->pdata[i], "<b/>");
    }
  for (guint i = 1; i < sent->len; i++)
    assert_fails (ends.b, sent->pdata[i], ES_ERROR_DUPLICATE);
  g_ptr_array_add (sent, encrypt (ends.a, "<b>still</b>", FALSE));
  assert_delivers (ends.b, sent->pdata[sent->len - 1], "<b>still</b>");

  /* Older than that: no excuse. */
  assert_fails (ends.b, sent->pdata[0], ES_ERROR_CHECK);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

/* A peer that holds the keys and misbehaves: content and children as told, with a right MAC. */
static char *
forge (EsChannel *channel, const char *children)
{
  EsPart parts[] = { ES_PART_STRING (children), ES_PART (channel->own_counter.octets, ES_COUNTER_OCTETS) };
  guint8 mac[ES_HASH_MAX_OCTETS];
  g_autofree char *encoded = NULL;

  es_hmac (channel->suite.hash, ES_PART_SECRET (channel->sending.mac), parts, 2, mac);
  encoded = g_base64_encode (mac, channel->suite.hash->octets);
  return g_strdup_printf ("<c xmlns='" ES_NS_CRYPT "'>%s<mac>%s</mac></c>", children, encoded);
}

START_TEST (channel__forged_by_the_other_side__ends_the_session)
{
  static const char *const children[] = {
    "<new>1</new>",
    "<new>0</new>",
    "<new>-1</new>",
    "<new>99999999999</new>",
    "<new>1</new><new>1</new>",
    "<key>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</key>",
    "<key>AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</key>",
    "<key>AQ==</key>",
    "<key>?</key>",
    "<key></key>",
    "<data></data>",
    "<data>A</data>",
    "<data>QUJD</data><data>QUJD</data>",
    "<other>1</other>",
    "<old><b/></old>",
  };
  Ends ends;
  g_autofree char *text = NULL, *content = NULL;

  ends_init (&ends, 20, 31);
  text = forge (ends.a, children[_i]);
  ck_assert_msg (!decrypt (ends.b, text, &content, NULL), "accepted %s", text);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__content_that_is_no_content__ends_the_session)
{
  static const char *const contents[] = {
    "<body>",
    "text</x><x xmlns='jabber:client'>",
    "\xff\xfe",
    "<!DOCTYPE a>",
    "<c xmlns='" ES_NS_CRYPT "'/>",
    "<a><b><c xmlns='" ES_NS_CRYPT "'><data>AA==</data></c></b></a>",
    "<body>&undefined;</body>",
    "<a:b/>",
  };
  Ends ends;
  g_autofree char *text = NULL;

  ends_init (&ends, 21, 31);
  text = encrypt (ends.a, contents[_i], FALSE);
  assert_fails (ends.b, text, ES_ERROR_MALFORMED);
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__white_space__is_nothing)
{
  Ends ends;
  g_autofree char *text = NULL, *spaced = NULL, *broken = NULL;
  g_auto (GStrv) pieces = NULL;

  ends_init (&ends, 22, 31);
  text = encrypt (ends.a, "<b>1</b>", TRUE);
  pieces = g_strsplit (text, "><", -1);
  spaced = g_strjoinv (">\n  <", pieces);
  broken = g_strdup_printf ("%.*s\n %s", (int) (strstr (spaced, "<data>") + 10 - spaced), spaced,
                            strstr (spaced, "<data>") + 10);
  assert_delivers (ends.b, broken, "<b>1</b>");
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__old_keys_of_the_other_side__are_ignored)
{
  Ends ends;
  g_autofree char *text = NULL;

  ends_init (&ends, 23, 31);
  text = forge (ends.a, "<old>QUJD</old><old>anything</old>");
  assert_delivers (ends.b, text, NULL);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__rekey_of_one__is_refused_in_modp_groups)
{
  Ends ends;
  g_autofree char *text = NULL, *content = NULL;

  ends_init (&ends, 24, 14);
  text = forge (ends.a, "<key>AQ==</key>");
  ck_assert (!decrypt (ends.b, text, &content, NULL));
  assert_dead (ends.b);
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__should_rekey__when_the_direction_turns)
{
  Ends ends;
  g_autofree char *text = NULL, *back = NULL;

  ends_init (&ends, 30, 31);
  ck_assert (!es_channel_should_rekey (ends.a, 0));
  ck_assert (!es_channel_should_rekey (ends.a, ES_REKEY_IDLE_SECONDS)); /* nothing to protect yet */
  text = encrypt (ends.a, "<b/>", FALSE);
  ck_assert (!es_channel_should_rekey (ends.a, 0));
  ck_assert (!es_channel_should_rekey (ends.a, ES_REKEY_IDLE_SECONDS - 1));
  ck_assert (es_channel_should_rekey (ends.a, ES_REKEY_IDLE_SECONDS));
  assert_delivers (ends.b, text, "<b/>");
  ck_assert (es_channel_should_rekey (ends.b, 0));
  back = encrypt (ends.b, "<b/>", TRUE);
  ck_assert (!es_channel_should_rekey (ends.b, 0));
  assert_delivers (ends.a, back, "<b/>");
  ck_assert (es_channel_should_rekey (ends.a, 0)); /* every reply does */
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__should_rekey__not_more_often_than_agreed)
{
  Ends ends;

  ends_init (&ends, 31, 31);
  ends.a->rekey_freq = ends.b->rekey_freq = 5;
  for (guint i = 1; i <= 5; i++)
    {
      EsChannel *from = i % 2 ? ends.a : ends.b, *to = i % 2 ? ends.b : ends.a;
      g_autofree char *text = encrypt (from, "<b/>", FALSE);

      assert_delivers (to, text, "<b/>");
      ck_assert_int_eq (es_channel_should_rekey (to, 0), i >= 5);
    }
  ends_clear (&ends);
}
END_TEST

START_TEST (channel__rekeys_without_answer__come_to_an_end)
{
  Ends ends;
  guint n = 0;

  ends_init (&ends, 32, 31);
  g_free (encrypt (ends.a, "<b/>", FALSE));
  for (; es_channel_should_rekey (ends.a, ES_REKEY_IDLE_SECONDS) && n < 100; n++)
    {
      g_free (encrypt (ends.a, "<b/>", TRUE));
      g_free (encrypt (ends.a, "<b/>", FALSE));
    }
  ck_assert_uint_eq (n, ES_LIMIT_REKEY_SETS);
  ends_clear (&ends);
}
END_TEST

/* Random talks: two queues in order, either side sends or receives at random, re-keys at random, several in a row and
 * crossing ones among them. A ledger of every MAC key that made a stanza tells whether one was published too early. */

typedef struct
{
  char *text;
  char *content;
  EsSecret *mac_key;
} Letter;

static void
letter_free (Letter *letter)
{
  g_free (letter->text);
  g_free (letter->content);
  es_secret_free (letter->mac_key);
  g_free (letter);
}

/* Nothing on its way, nor anything either side may still send or accept, is made with a published key. */
static void
assert_published_safely (const char *text, EsChannel *ends[2], GQueue queues[2])
{
  g_autoptr (EsXml) c = es_xml_parse (text, strlen (text), NULL);

  for (guint i = 0; i < es_xml_children (c)->len; i++)
    {
      const EsXml *child = es_xml_children (c)->pdata[i];
      g_autofree char *encoded = es_xml_is (child, "old", NULL) ? es_xml_dup_text (child) : NULL;
      gsize size = 0;
      g_autofree guint8 *key = encoded != NULL ? g_base64_decode (encoded, &size) : NULL;

      for (guint side = 0; key != NULL && side < 2; side++)
        {
          for (GList *item = queues[side].head; item != NULL; item = item->next)
            ck_assert_msg (memcmp (es_secret_peek (((Letter *) item->data)->mac_key), key, size) != 0,
                           "seed %" G_GUINT64_FORMAT ": published, but on its way", current_seed);
          ck_assert_msg (memcmp (es_secret_peek (ends[side]->sending.mac), key, size) != 0,
                         "seed %" G_GUINT64_FORMAT ": published, but in use", current_seed);
        }
    }
}

static guint published;

static void
send_one (EsChannel *ends[2], GQueue queues[2], guint side, GRand *random)
{
  Letter *letter = g_new0 (Letter, 1);
  guint length = g_rand_int_range (random, 0, 4) == 0 ? 0 : (guint) g_rand_int_range (random, 1, 60);

  letter->content = content_of (length);
  letter->mac_key = es_secret_copy (ends[side]->sending.mac);
  letter->text = encrypt (ends[side], letter->content,
                          g_rand_int_range (random, 0, 3) == 0 && ends[side]->sets->len <= ES_LIMIT_REKEY_SETS);
  g_queue_push_tail (&queues[side], letter);
  assert_published_safely (letter->text, ends, queues);
  published += strstr (letter->text, "<old>") != NULL ? 1 : 0;
}

static void
receive_one (EsChannel *ends[2], GQueue queues[2], guint side)
{
  Letter *letter = g_queue_pop_head (&queues[1 - side]);

  if (letter == NULL)
    return;
  assert_delivers (ends[side], letter->text, letter->content);
  letter_free (letter);
}

static void
talk (guint64 seed)
{
  Ends ends;
  EsChannel *channels[2];
  GQueue queues[2] = { G_QUEUE_INIT, G_QUEUE_INIT };
  GRand *random = g_rand_new_with_seed ((guint32) seed);
  guint turns = (guint) g_rand_int_range (random, 5, 60);

  current_seed = seed;
  ends_init (&ends, 1000 + seed, 31);
  channels[0] = ends.a;
  channels[1] = ends.b;
  for (guint i = 0; i < turns; i++)
    {
      guint side = (guint) g_rand_int_range (random, 0, 2);

      if (g_rand_boolean (random))
        send_one (channels, queues, side, random);
      else
        receive_one (channels, queues, side);
    }
  while (queues[0].length + queues[1].length > 0)
    receive_one (channels, queues, queues[0].length > 0 ? 1 : 0);
  g_rand_free (random);
  ends_clear (&ends);
}

START_TEST (channel__random_talks__stay_in_step)
{
  const char *one = g_getenv ("ES_SEED");

  if (one != NULL)
    {
      talk (g_ascii_strtoull (one, NULL, 10));
      return;
    }
  published = 0;
  for (guint64 seed = (guint64) _i * 500; seed < ((guint64) _i + 1) * 500; seed++)
    {
      talk (seed);
    }
  ck_assert_uint_gt (published, 1000);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("channel");
  TCase *tcase = tcase_create ("channel");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, channel__sizes__all_go_through, 0, 2);
  tcase_add_test (tcase, channel__too_large__changes_nothing);
  tcase_add_loop_test (tcase, channel__every_bit_flip__ends_the_session, 0, 8);
  tcase_add_test (tcase, channel__swapped_or_dropped__ends_the_session);
  tcase_add_test (tcase, channel__reflected__ends_the_session);
  tcase_add_test (tcase, channel__replayed__is_a_duplicate_as_long_as_it_is_remembered);
  tcase_add_loop_test (tcase, channel__forged_by_the_other_side__ends_the_session, 0, 15);
  tcase_add_loop_test (tcase, channel__content_that_is_no_content__ends_the_session, 0, 8);
  tcase_add_test (tcase, channel__white_space__is_nothing);
  tcase_add_test (tcase, channel__old_keys_of_the_other_side__are_ignored);
  tcase_add_test (tcase, channel__rekey_of_one__is_refused_in_modp_groups);
  tcase_add_test (tcase, channel__should_rekey__when_the_direction_turns);
  tcase_add_test (tcase, channel__should_rekey__not_more_often_than_agreed);
  tcase_add_test (tcase, channel__rekeys_without_answer__come_to_an_end);
  tcase_add_loop_test (tcase, channel__random_talks__stay_in_step, 0, 8);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
