/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Re-keying: when, what it leaves behind, and that both ends stay in step whatever crosses. */
#include "ends.h"

/* One stanza to the other end at that time, re-keyed if it ought to be; whether it was. */
static gboolean
pass_at (EsChannel *from, EsChannel *to, gboolean turn, gint64 now)
{
  gboolean rekey = es_channel_should_rekey (from, turn, now);
  g_autofree char *text = encrypt (from, "<b/>", rekey);

  es_channel_note (from, turn, now);
  assert_delivers (to, text, "<b/>");
  es_channel_note (to, turn, now);
  return rekey;
}

static gboolean
pass_one (EsChannel *from, EsChannel *to)
{
  return pass_at (from, to, TRUE, 0);
}

/* A receipt, or whatever is nothing to people. */
static gboolean
pass_aside (EsChannel *from, EsChannel *to)
{
  return pass_at (from, to, FALSE, 0);
}

START_TEST (rekey__should__when_the_direction_turns)
{
  Ends ends;

  ends_init (&ends, 30, 31);
  ck_assert (!es_channel_should_rekey (ends.a, TRUE, 0));
  ck_assert (!es_channel_should_rekey (ends.a, TRUE, ES_REKEY_IDLE_SECONDS)); /* nothing to protect yet */
  ck_assert (!pass_one (ends.a, ends.b));
  ck_assert (!es_channel_should_rekey (ends.a, TRUE, 0));

  /* Each reply, and the reply to it, but not what is said without waiting for one. */
  ck_assert (pass_one (ends.b, ends.a));
  ck_assert (!pass_one (ends.b, ends.a));
  ck_assert (pass_one (ends.a, ends.b));
  ck_assert (!pass_one (ends.a, ends.b));
  ck_assert (pass_one (ends.b, ends.a));
  ends_clear (&ends);
}
END_TEST

/* What is nothing to people neither re-keys nor makes what follows a reply. */
START_TEST (rekey__should__not_for_receipts)
{
  Ends ends;

  ends_init (&ends, 42, 31);
  for (guint i = 0; i < ES_REKEY_STANZAS / 2; i++)
    {
      ck_assert (!pass_one (ends.a, ends.b));
      ck_assert (!pass_aside (ends.b, ends.a));
    }
  ck_assert (!pass_at (ends.b, ends.a, FALSE, 2 * ES_REKEY_IDLE_SECONDS));

  /* The reply does, and is one whatever passed before it on either side. */
  ck_assert (!pass_aside (ends.a, ends.b));
  ck_assert (pass_one (ends.b, ends.a));
  ck_assert (!pass_aside (ends.a, ends.b));
  ck_assert (!pass_one (ends.b, ends.a));
  ck_assert (pass_one (ends.a, ends.b));
  ends_clear (&ends);
}
END_TEST

/* Who gets no answer: by number, receipts included, and by time since the last re-key. */
START_TEST (rekey__should__now_and_then_in_a_monologue)
{
  Ends ends;
  gint64 now = 1000;

  ends_init (&ends, 43, 31);
  for (guint round = 0; round < 3; round++)
    {
      for (guint i = round > 0 ? 1 : 0; i < ES_REKEY_STANZAS; i++)
        ck_assert (!(i % 3 == 0 ? pass_at (ends.b, ends.a, FALSE, now) : pass_at (ends.a, ends.b, TRUE, now)));
      ck_assert (!pass_at (ends.b, ends.a, FALSE, now));
      ck_assert (pass_at (ends.a, ends.b, TRUE, now));
    }
  for (guint round = 0; round < 3; round++)
    {
      ck_assert (!pass_at (ends.a, ends.b, TRUE, now));
      ck_assert (!pass_at (ends.a, ends.b, TRUE, now + ES_REKEY_SECONDS - 1));
      now += ES_REKEY_SECONDS;
      ck_assert (!pass_at (ends.a, ends.b, FALSE, now));
      ck_assert (pass_at (ends.a, ends.b, TRUE, now));
    }

  /* Where the clock has been set back nobody knows. */
  ck_assert (!pass_at (ends.a, ends.b, TRUE, now));
  ck_assert (pass_at (ends.a, ends.b, TRUE, now - 500));
  ends_clear (&ends);
}
END_TEST

/* Also where it is not our turn to re-key by the other rules. */
START_TEST (rekey__should__when_idle)
{
  Ends ends;

  ends_init (&ends, 44, 31);
  ends.a->rekey_freq = ends.b->rekey_freq = 3;
  for (guint i = 0; i < 3; i++)
    ck_assert (!pass_one (ends.a, ends.b));
  ck_assert (pass_one (ends.b, ends.a));
  ck_assert (!pass_one (ends.a, ends.b));
  ck_assert (!pass_aside (ends.a, ends.b));
  ck_assert (!es_channel_should_rekey (ends.b, TRUE, ES_REKEY_IDLE_SECONDS - 1));
  ck_assert (!es_channel_should_rekey (ends.b, FALSE, ES_REKEY_IDLE_SECONDS));
  ck_assert (es_channel_should_rekey (ends.b, TRUE, ES_REKEY_IDLE_SECONDS));
  ends_clear (&ends);
}
END_TEST

/* However receipts fall between what is said: neither side has all the re-keys. */
START_TEST (rekey__should__by_both_sides)
{
  Ends ends;
  guint n[2] = { 0, 0 };
  GRand *random = g_rand_new_with_seed ((guint32) _i);

  ends_init (&ends, 45, 31);
  ends.a->rekey_freq = ends.b->rekey_freq = (guint32) _i + 1;
  for (guint i = 0; i < 400; i++)
    {
      EsChannel *from = i % 2 == 0 ? ends.a : ends.b, *to = i % 2 == 0 ? ends.b : ends.a;

      for (gint aside = g_rand_int_range (random, 0, 3); aside > 0; aside--)
        ck_assert (!(g_rand_boolean (random) ? pass_aside (from, to) : pass_aside (to, from)));
      n[i % 2] += pass_one (from, to) ? 1 : 0;
    }
  ck_assert_uint_ge (n[0] + n[1], 400 / ((guint) _i + 2));
  ck_assert_uint_le (MAX (n[0], n[1]) - MIN (n[0], n[1]), 1);
  g_rand_free (random);
  ends_clear (&ends);
}
END_TEST

/* The agreed number of stanzas and no fewer between two re-keys, of whichever side, and each side gets to it. */
START_TEST (rekey__should__as_often_as_agreed)
{
  static const guint32 frequencies[] = { 1, 2, 3, 4, 100, G_MAXUINT32 };
  guint32 frequency = frequencies[_i];
  guint last = 0, n[2] = { 0, 0 };
  Ends ends;

  ends_init (&ends, 31, 31);
  ends.a->rekey_freq = ends.b->rekey_freq = frequency;
  for (guint i = 1; i <= 1000; i++)
    if (i % 2 == 1 ? pass_one (ends.a, ends.b) : pass_one (ends.b, ends.a))
      {
        ck_assert_uint_ge (i - last, last > 0 ? frequency : frequency + 1);
        last = i;
        n[i % 2]++;
      }
  ck_assert_uint_eq (n[0] > 0 && n[1] > 0, frequency < 1000);
  ck_assert_uint_le (MAX (n[0], n[1]) - MIN (n[0], n[1]), 1);
  ck_assert_uint_ge (n[0] + n[1], frequency < 1000 ? 1000 / (frequency + 1) - 1 : 0);
  ends_clear (&ends);
}
END_TEST

START_TEST (rekey__should__before_the_key_is_used_up)
{
  Ends ends;

  ends_init (&ends, 32, 31);
  ck_assert (!pass_one (ends.a, ends.b));
  ends.a->n_blocks = ES_LIMIT_KEY_BLOCKS / 2;
  ck_assert (!es_channel_should_rekey (ends.a, TRUE, 0));
  ends.a->n_blocks++;
  ck_assert (pass_at (ends.a, ends.b, _i == 0, 0));
  ck_assert (!pass_one (ends.a, ends.b));
  ends_clear (&ends);
}
END_TEST

START_TEST (rekey__without_answer__comes_to_an_end)
{
  Ends ends;
  guint n = 0;

  ends_init (&ends, 33, 31);
  g_free (encrypt (ends.a, "<b/>", FALSE));
  for (; es_channel_should_rekey (ends.a, TRUE, ES_REKEY_IDLE_SECONDS) && n < 100; n++)
    {
      g_free (encrypt (ends.a, "<b/>", TRUE));
      g_free (encrypt (ends.a, "<b/>", FALSE));
    }
  ck_assert_uint_eq (n, ES_LIMIT_REKEY_SETS);
  ends_clear (&ends);
}
END_TEST

static gboolean
still_has (const EsChannel *channel, const EsSecret *exponent)
{
  for (guint i = 0; i < channel->sets->len; i++)
    if (es_secret_equal (exponent, ((EsSet *) channel->sets->pdata[i])->exponent))
      return TRUE;
  return FALSE;
}

/* Whoever gets hold of one side's memory afterwards finds no secret that opens what was said before. */
START_TEST (rekey__talk__leaves_no_secret_of_before_on_either_side)
{
  Ends ends;

  ends_init (&ends, 34, _i == 0 ? 31 : 14);
  for (guint round = 0; round < 5; round++)
    {
      g_autoptr (EsSecret) x = es_secret_copy (((EsSet *) ends.a->sets->pdata[0])->exponent);
      g_autoptr (EsSecret) y = es_secret_copy (((EsSet *) ends.b->sets->pdata[0])->exponent);

      ck_assert (still_has (ends.a, x) && still_has (ends.b, y));
      for (guint i = 0; i < 2; i++)
        {
          pass_one (ends.a, ends.b);
          pass_one (ends.b, ends.a);
        }
      ck_assert_msg (!still_has (ends.a, x) && !still_has (ends.b, y), "round %u", round);
    }
  ends_clear (&ends);
}
END_TEST

/* One side re-keys and re-keys, and the other has nothing to say: neither keeps more and more. */
START_TEST (rekey__on_and_on__does_not_fill_the_memory)
{
  Ends ends;

  ends_init (&ends, 35, 31);
  for (guint i = 0; i < 3 * ES_LIMIT_OLD_KEYS_KEPT; i++)
    {
      g_autofree char *text = encrypt (ends.a, NULL, TRUE);

      assert_delivers (ends.b, text, NULL);
      ck_assert_uint_le (ends.b->publish->len, ES_LIMIT_OLD_KEYS_KEPT);
      ck_assert_uint_eq (ends.b->sets->len, 1);
      ck_assert_uint_le (((EsSet *) ends.b->sets->pdata[0])->retired->len, ES_LIMIT_OLD_KEYS_KEPT);
    }
  ck_assert_uint_eq (ends.b->n_new, 3 * ES_LIMIT_OLD_KEYS_KEPT);
  ck_assert_uint_eq (ends.a->sets->len, 3 * ES_LIMIT_OLD_KEYS_KEPT + 1);
  pass_one (ends.b, ends.a);
  ck_assert_uint_eq (ends.a->sets->len, 1);
  ck_assert_uint_le (ends.a->publish->len, ES_LIMIT_OLD_KEYS_KEPT);
  pass_one (ends.a, ends.b);
  ends_clear (&ends);
}
END_TEST

/* <new/> within what the reader has, and one beyond. */
START_TEST (rekey__new__counts_the_sets_there_are)
{
  Ends ends;
  g_autofree char *there = NULL, *text = NULL, *beyond = NULL;

  ends_init (&ends, 36, 31);
  there = encrypt (ends.a, NULL, TRUE);
  assert_delivers (ends.b, there, NULL);
  text = forge (ends.b, "<new>1</new>");
  beyond = forge (ends.b, "<new>2</new>");
  if (_i == 0)
    assert_delivers (ends.a, text, NULL);
  else
    {
      assert_fails (ends.a, beyond, ES_ERROR_CHECK);
      assert_dead (ends.a);
    }
  ends_clear (&ends);
}
END_TEST

/* Random talks: two queues in order; either side sends or receives at random, re-keys at random, several in a row and
 * crossing ones among them, and gets again what it has had. A ledger of every MAC key tells whether one was published
 * too early, and each letter says how many re-keys of the other side its sender had seen. */

typedef struct
{
  char *text;
  char *content;
  char *mac_key; /* in Base64 */
  gboolean rekeys;
  gboolean turn;
  guint seen;
} Letter;

static void
letter_free (gpointer data)
{
  Letter *letter = data;

  g_free (letter->text);
  g_free (letter->content);
  g_free (letter->mac_key);
  g_free (letter);
}

typedef struct
{
  guint64 seed;
  Ends ends;
  EsChannel *channels[2];
  GQueue queues[2];       /* of Letter, on their way to the side */
  GPtrArray *received[2]; /* of Letter */
  guint sent_keys[2], seen_keys[2], answered_keys[2];
  GHashTable *used, *published; /* of MAC keys in Base64 */
  guint n_published;            /* of all, the same ones by both sides included */
  gint64 now;
  GRand *random;
} Talk;

static void
talk_begin (Talk *talk, guint64 seed)
{
  static const char *const ciphers[] = { "aes256-ctr", "aes128-ctr" }, *const hashes[] = { "sha256", "sha512" };
  EsSuite suite = suite_for (seed % 250 == 249 ? 14 : 31, ciphers[seed & 1], hashes[seed >> 1 & 1], ES_DIALECT_STRICT);

  *talk = (Talk){ .seed = seed };
  ends_open (&talk->ends, 1000 + seed, &suite);
  talk->channels[0] = talk->ends.a;
  talk->channels[1] = talk->ends.b;
  for (guint i = 0; i < 2; i++)
    {
      g_queue_init (&talk->queues[i]);
      talk->received[i] = g_ptr_array_new_with_free_func (letter_free);
    }
  talk->used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  talk->published = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  talk->random = g_rand_new_with_seed ((guint32) seed);
}

static void
talk_end (Talk *talk)
{
  for (guint i = 0; i < 2; i++)
    {
      g_queue_clear_full (&talk->queues[i], letter_free);
      g_ptr_array_unref (talk->received[i]);
    }
  g_hash_table_unref (talk->used);
  g_hash_table_unref (talk->published);
  g_rand_free (talk->random);
  ends_clear (&talk->ends);
}

#define ASSERT_IN_TALK(condition) ck_assert_msg (condition, "ES_SEED=%" G_GUINT64_FORMAT, talk->seed)

/* What LETTER publishes verifies nothing that is on its way, nor, as send_one looks, anything that is sent later. */
static void
read_published (Talk *talk, const Letter *letter)
{
  g_autoptr (EsXml) c = es_xml_parse (letter->text, strlen (letter->text), NULL);
  guint n = 0;

  for (guint i = 0; i < es_xml_children (c)->len; i++)
    if (es_xml_is (es_xml_children (c)->pdata[i], "old", NULL))
      {
        g_hash_table_add (talk->published, es_xml_dup_text (es_xml_children (c)->pdata[i]));
        n++;
      }
  talk->n_published += n;
  ASSERT_IN_TALK (n <= ES_LIMIT_OLD_KEYS);
  for (guint side = 0; side < 2 && n > 0; side++)
    for (GList *item = talk->queues[side].head; item != NULL; item = item->next)
      ASSERT_IN_TALK (!g_hash_table_contains (talk->published, ((Letter *) item->data)->mac_key));
}

static void
send_one (Talk *talk, guint side, gboolean turn, gboolean rekey)
{
  EsChannel *channel = talk->channels[side];
  Letter *letter = g_new0 (Letter, 1);
  gsize size = (gsize) g_rand_int_range (talk->random, 0, 60);

  letter->content = content_of (g_rand_int_range (talk->random, 0, 4) == 0 ? 0 : size);
  letter->mac_key = es_base64_encode (ES_PART_SECRET (channel->sending.mac));
  letter->rekeys = rekey && channel->sets->len <= ES_LIMIT_REKEY_SETS;
  letter->turn = turn;
  letter->seen = talk->seen_keys[side];
  letter->text = encrypt (channel, letter->content, letter->rekeys);
  es_channel_note (channel, turn, talk->now);
  talk->sent_keys[side] += letter->rekeys ? 1 : 0;
  g_hash_table_add (talk->used, g_strdup (letter->mac_key));
  ASSERT_IN_TALK (!g_hash_table_contains (talk->published, letter->mac_key));
  g_queue_push_tail (&talk->queues[1 - side], letter);
  read_published (talk, letter);
}

static void
receive_one (Talk *talk, guint side)
{
  Letter *letter = g_queue_pop_head (&talk->queues[side]);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  if (letter == NULL)
    return;
  g_ptr_array_add (talk->received[side], letter);
  ASSERT_IN_TALK (decrypt (talk->channels[side], letter->text, &content, &error));
  ASSERT_IN_TALK (g_str_equal (content, letter->content != NULL ? letter->content : ""));
  es_channel_note (talk->channels[side], letter->turn, talk->now);
  talk->seen_keys[side] += letter->rekeys ? 1 : 0;
  talk->answered_keys[side] = letter->seen;
  ASSERT_IN_TALK (talk->channels[side]->sets->len == talk->sent_keys[side] - talk->answered_keys[side] + 1);
}

/* Stream management sends again. */
static void
receive_again (Talk *talk, guint side)
{
  const GPtrArray *received = talk->received[side];
  guint n = MIN (received->len, ES_LIMIT_SEEN_MACS);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  if (n == 0)
    return;
  n = received->len - 1 - (guint) g_rand_int_range (talk->random, 0, (gint32) n);
  ASSERT_IN_TALK (!decrypt (talk->channels[side], ((Letter *) received->pdata[n])->text, &content, &error));
  ASSERT_IN_TALK (g_error_matches (error, ES_ERROR, ES_ERROR_DUPLICATE));
}

/* In most talks a side re-keys by chance, in some as it should; in some, one side is much faster than the other. */
static void
talk_on (Talk *talk)
{
  guint turns = (guint) g_rand_int_range (talk->random, 5, 70);
  gint rekeys = g_rand_int_range (talk->random, 0, 5), slow = g_rand_int_range (talk->random, 0, 4);

  for (guint i = 0; i < turns; i++)
    {
      guint side = (guint) g_rand_int_range (talk->random, 0, 2);
      gboolean turn = g_rand_int_range (talk->random, 0, 3) > 0;
      gboolean rekey = rekeys == 0 ? es_channel_should_rekey (talk->channels[side], turn, talk->now)
                                   : g_rand_int_range (talk->random, 0, rekeys) == 0;

      if (g_rand_boolean (talk->random))
        send_one (talk, side, turn, rekey);
      else if ((gint) side != slow || i % 8 == 0)
        receive_one (talk, side);
      if (i % 9 == 0)
        receive_again (talk, side);
      talk->now += i % 7 == 0 ? 600 : 1;
    }
  while (talk->queues[0].length + talk->queues[1].length > 0)
    receive_one (talk, (guint) g_rand_int_range (talk->random, 0, 2));
}

/* All quiet now: one more exchange, and each side is where it began, with one set. */
static void
talk_out (Talk *talk)
{
  for (guint i = 0; i < 4; i++)
    {
      send_one (talk, i % 2, TRUE, FALSE);
      receive_one (talk, 1 - i % 2);
    }
  for (guint i = 0; i < 2; i++)
    ASSERT_IN_TALK (talk->channels[i]->sets->len == 1);
}

#define TALKS 250

START_TEST (channel__random_talks__stay_in_step)
{
  const char *one = g_getenv ("ES_SEED");
  guint64 first = one != NULL ? g_ascii_strtoull (one, NULL, 10) : (guint64) _i * TALKS;
  guint published = 0;

  for (guint64 seed = first; seed < first + (one != NULL ? 1 : TALKS); seed++)
    {
      Talk talk;

      talk_begin (&talk, seed);
      talk_on (&talk);
      talk_out (&talk);
      published += g_hash_table_size (talk.published);
      talk_end (&talk);
    }
  ck_assert (one != NULL || published > 5 * TALKS);
}
END_TEST

/* In a talk where each answers the other, whatever was used is published but for the last few, by both. */
START_TEST (rekey__ping_pong__publishes_nearly_all_keys)
{
  Talk talk;
  g_autoptr (GList) keys = NULL;

  talk_begin (&talk, 7);
  for (guint i = 0; i < 100; i++)
    {
      send_one (&talk, i % 2, TRUE, es_channel_should_rekey (talk.channels[i % 2], TRUE, 0));
      receive_one (&talk, 1 - i % 2);
    }
  ck_assert_uint_ge (g_hash_table_size (talk.used), 90);
  ck_assert_uint_ge (talk.n_published, 180);
  keys = g_hash_table_get_keys (talk.published);
  for (GList *key = keys; key != NULL; key = key->next)
    g_hash_table_remove (talk.used, key->data);
  ck_assert_uint_le (g_hash_table_size (talk.used), 6);
  talk_end (&talk);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("channel-rekey");
  TCase *tcase = tcase_create ("channel-rekey");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, rekey__should__when_the_direction_turns);
  tcase_add_loop_test (tcase, rekey__should__as_often_as_agreed, 0, 6);
  tcase_add_test (tcase, rekey__should__not_for_receipts);
  tcase_add_test (tcase, rekey__should__now_and_then_in_a_monologue);
  tcase_add_test (tcase, rekey__should__when_idle);
  tcase_add_loop_test (tcase, rekey__should__by_both_sides, 0, 6);
  tcase_add_loop_test (tcase, rekey__should__before_the_key_is_used_up, 0, 2);
  tcase_add_test (tcase, rekey__without_answer__comes_to_an_end);
  tcase_add_loop_test (tcase, rekey__talk__leaves_no_secret_of_before_on_either_side, 0, 2);
  tcase_add_test (tcase, rekey__on_and_on__does_not_fill_the_memory);
  tcase_add_loop_test (tcase, rekey__new__counts_the_sets_there_are, 0, 2);
  tcase_add_test (tcase, rekey__ping_pong__publishes_nearly_all_keys);
  tcase_add_loop_test (tcase, channel__random_talks__stay_in_step, 0, 8);
  suite_add_tcase (suite, tcase);
  return es_test_run (suite);
}
