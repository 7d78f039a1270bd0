/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two ends of a session and what lies between them: a script of stanzas, of edits on their way, of stanzas that come again, late
 * or never, and of a side that has the keys and misbehaves. What arrives is what was sent, in order and once, or the end is dead. */
#include <string.h>

#include "es-padding.h"
#include "fuzz.h"

#include "ends.h"

#define MAX_STANZAS 64u

typedef struct
{
  EsXml *c;
  char *content; /* as it is to be read; NULL: none */
  guint number;  /* of those that its sender made */
  gboolean lie;  /* its sender has signed something else */
} Stanza;

typedef struct
{
  EsChannel *channel;
  GPtrArray *sent; /* of Stanza: all of them */
  GQueue queue;    /* those that have not arrived */
  guint n_taken;
  gboolean dead;
} End;

static End ends_of[2];
static gint64 now;
static gsize octets; /* of all that was sent and arrived, edits included */

void
fuzz_setup (void)
{
}

static void
stanza_free (gpointer data)
{
  Stanza *stanza = data;

  es_xml_free (stanza->c);
  g_free (stanza->content);
  g_free (stanza);
}

static gboolean
is_same (const EsXml *a, const EsXml *b)
{
  g_autofree char *left = fuzz_meaning (a), *right = fuzz_meaning (b);

  return strcmp (left, right) == 0;
}

/* The MAC of C once more, with the key and counter that its sender had. */
static void
sign_again (const EsChannel *sender, const EsSecret *key, const EsCounter *counter, EsXml *c)
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
        g_autofree char *inside = es_xml_dup_text (children->pdata[i]), *dense = NULL;
        g_auto (GStrv) words = g_strsplit_set (inside, " \t\r\n", -1);

        dense = g_strjoinv (NULL, words);
        g_string_append_printf (covered, "<%s>%s</%s>", es_xml_name (children->pdata[i]), dense,
                                es_xml_name (children->pdata[i]));
      }
  {
    EsPart parts[] = { ES_PART (covered->str, covered->len), ES_PART (counter->octets, ES_COUNTER_OCTETS) };

    es_hmac (sender->suite.hash, ES_PART_SECRET (key), parts, G_N_ELEMENTS (parts), mac);
  }
  text = es_base64_encode (ES_PART (mac, sender->suite.hash->octets));
  es_xml_append_new (c, "mac", text);
}

static gsize
size_of (const EsXml *xml)
{
  g_autofree char *text = es_xml_to_string (xml, "");

  return strlen (text);
}

/* What the other side reads of CONTENT; NULL if it cannot be read. */
static char *
as_read (const char *content)
{
  g_autoptr (EsXml) xml = es_xml_parse_content (content, strlen (content), NULL);

  return xml != NULL ? g_strchomp (es_xml_children_to_string (xml)) : NULL;
}

static void
check_bounds (const End *end)
{
  const EsChannel *channel = end->channel;

  g_assert_cmpuint (channel->sets->len, <=, ES_LIMIT_REKEY_SETS + 1);
  g_assert_cmpuint (channel->publish->len, <=, ES_LIMIT_OLD_KEYS_KEPT);
  g_assert_cmpuint (g_hash_table_size (channel->seen), <=, ES_LIMIT_SEEN_MACS);
  for (guint i = 0; i < channel->sets->len; i++)
    g_assert_cmpuint (((EsSet *) channel->sets->pdata[i])->retired->len, <=, ES_LIMIT_OLD_KEYS_KEPT);
}

static void
send (guint side, Script *script, gboolean lie)
{
  End *end = &ends_of[side];
  guint how = script_octet (script);
  g_autofree char *content = how % 4 == 0   ? NULL
                             : how % 4 == 1 ? script_text (script)
                                            : content_of (script_below (script, 300));
  gboolean readable = content == NULL || es_channel_can_read (NULL, content);
  gboolean rekey = es_channel_should_rekey (end->channel, how & 4, now) || (lie && (how & 8) != 0);
  g_autoptr (EsSecret) key = es_secret_copy (end->channel->sending.mac);
  EsCounter counter = end->channel->own_counter;
  EsXml *c = readable && (!rekey || end->channel->sets->len <= ES_LIMIT_REKEY_SETS)
                 ? es_channel_encrypt (end->channel, content, rekey, NULL)
                 : NULL;
  Stanza *stanza = NULL;

  if (c == NULL)
    return;
  es_channel_note (end->channel, how & 4, now);
  if (lie)
    {
      for (guint n = 1 + script_below (script, 3); n > 0; n--)
        fuzz_edit (c, script);
      sign_again (end->channel, key, &counter, c);
    }
  octets += size_of (c);
  stanza = g_new0 (Stanza, 1);
  *stanza = (Stanza){ .c = c,
                      .content = content != NULL && *content != '\0' ? as_read (content) : NULL,
                      .number = end->sent->len,
                      .lie = lie };
  g_ptr_array_add (end->sent, stanza);
  g_queue_push_tail (&ends_of[1 - side].queue, stanza);
}

/* STANZA as ARRIVED. */
static void
take (guint side, const Stanza *stanza, const EsXml *arrived, gboolean untouched)
{
  End *end = &ends_of[side];
  gboolean in_turn = stanza->number == end->n_taken && is_same (arrived, stanza->c);
  g_autoptr (EsXml) inside = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;

  if (!es_channel_decrypt (end->channel, arrived, &inside, &error))
    {
      g_assert (inside == NULL);
      g_assert (end->dead || !in_turn || !untouched);
      if (error->code == ES_ERROR_DUPLICATE)
        return;
      end->dead = TRUE;
      g_assert (end->channel->sets->len == 0 && end->channel->publish->len == 0);
      g_assert (end->channel->sending.cipher == NULL && end->channel->sending.mac == NULL);
      return;
    }
  g_assert (!end->dead && in_turn);
  es_channel_note (end->channel, TRUE, now);
  end->n_taken++;
  content = inside != NULL ? g_strchomp (es_xml_children_to_string (inside)) : NULL;
  g_assert_cmpstr (content, ==, stanza->content);
}

/* Whether a lie has been believed, after which honest stanzas need not be. */
static gboolean
is_misled (void)
{
  for (guint side = 0; side < 2; side++)
    for (guint i = 0; i < ends_of[side].sent->len; i++)
      if (((Stanza *) ends_of[side].sent->pdata[i])->lie)
        return TRUE;
  return FALSE;
}

static void
deliver (guint side, Script *script, Stanza *stanza, guint n_edits)
{
  g_autoptr (EsXml) c = es_xml_copy (stanza->c), arrived = NULL;

  for (guint i = 0; i < n_edits; i++)
    fuzz_edit (c, script);
  arrived = fuzz_travel (c);
  if (arrived == NULL || !es_xml_is (arrived, "c", ES_NS_CRYPT))
    return;
  octets += size_of (arrived);
  if (!is_misled ())
    take (side, stanza, arrived, n_edits == 0);
  else
    {
      g_autoptr (EsXml) inside = NULL;

      /* Nothing is owed to anybody but what holds for any input. */
      es_channel_decrypt (ends_of[side].channel, arrived, &inside, NULL);
      ends_of[side].dead = ends_of[side].channel->sets->len == 0;
    }
}

static void
step (Script *script)
{
  guint what = script_octet (script), side = what % 2;
  End *end = &ends_of[side];
  GPtrArray *others = ends_of[1 - side].sent;
  Stanza *stanza = NULL;

  now += what / 32 * 100;
  switch (what / 2 % 16)
    {
    case 0:
    case 1:
    case 2:
    case 3:
      if (end->sent->len < MAX_STANZAS && !end->dead)
        send (side, script, FALSE);
      break;
    case 4:
      if (end->sent->len < MAX_STANZAS && !end->dead)
        send (side, script, TRUE);
      break;
    case 5:
    case 6:
    case 7:
    case 8:
    case 9:
      stanza = g_queue_pop_head (&end->queue);
      if (stanza != NULL)
        deliver (side, script, stanza, 0);
      break;
    case 10:
    case 11:
      stanza = g_queue_pop_head (&end->queue);
      if (stanza != NULL)
        deliver (side, script, stanza, 1 + script_below (script, 3));
      break;
    case 12:
      if (others->len > 0)
        deliver (side, script, others->pdata[script_below (script, others->len)], script_below (script, 2));
      break;
    case 13:
      g_queue_pop_head (&end->queue);
      break;
    case 14:
      if (!g_queue_is_empty (&end->queue))
        g_queue_push_tail (&end->queue, g_queue_pop_head (&end->queue));
      break;
    default:
      /* One's own. */
      if (end->sent->len > 0)
        {
          Stanza *own = end->sent->pdata[script_below (script, end->sent->len)];
          g_autoptr (EsXml) inside = NULL;

          g_assert (!es_channel_decrypt (end->channel, own->c, &inside, NULL) || is_misled ());
          end->dead = end->channel->sets->len == 0;
        }
    }
  check_bounds (end);
}

static void
end_init (End *end, EsChannel *channel)
{
  *end = (End){ .channel = channel, .sent = g_ptr_array_new_with_free_func (stanza_free) };
  g_queue_init (&end->queue);
}

static void
end_clear (End *end)
{
  g_queue_clear (&end->queue);
  g_ptr_array_unref (end->sent);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  Script script = { data, size };
  guint how = script_octet (&script);
  EsSuite suite = suite_for (how & 1 ? 1 : 31, how & 2 ? "aes128-ctr" : "aes256-ctr", how & 4 ? "sha512" : "sha256",
                             ES_DIALECT_STRICT);
  Ends ends;

  fuzz_begin ();
  now = 0;
  octets = 0;
  ends_open (&ends, 1, &suite);
  end_init (&ends_of[0], ends.a);
  end_init (&ends_of[1], ends.b);
  while (!script_is_over (&script))
    step (&script);
  fuzz_require_memory (size + octets, 4 * 1024 * 1024);
  end_clear (&ends_of[0]);
  end_clear (&ends_of[1]);
  ends_clear (&ends);
  return 0;
}
