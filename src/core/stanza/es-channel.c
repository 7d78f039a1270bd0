/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "es-channel-private.h"

#include <string.h>

#include "es-error.h"
#include "es-limits.h"
#include "es-padding.h"

/* One received <c/>, taken apart. */
typedef struct
{
  GBytes *data; /* NULL if none */
  GBytes *key;  /* likewise */
  GBytes *mac;
  char *mac_text;
  guint n_new;
  GString *covered; /* m_content */
} Parts;

static void
parts_clear (Parts *parts)
{
  g_clear_pointer (&parts->data, g_bytes_unref);
  g_clear_pointer (&parts->key, g_bytes_unref);
  g_clear_pointer (&parts->mac, g_bytes_unref);
  g_free (parts->mac_text);
  if (parts->covered != NULL)
    g_string_free (parts->covered, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

static void
set_free (gpointer data)
{
  EsSet *set = data;

  es_secret_free (set->exponent);
  g_bytes_unref (set->own_public);
  es_keys_clear (&set->receiving);
  g_ptr_array_unref (set->retired);
  g_free (set);
}

/* Keeps KEY, which KEYS own from now on, for publishing; of more than anybody needs the newest, so that a side that
 * re-keys on and on does not fill our memory. */
static void
keep_old_key (GPtrArray *keys, EsSecret *key)
{
  if (keys->len >= ES_LIMIT_OLD_KEYS_KEPT)
    g_ptr_array_remove_index (keys, 0);
  g_ptr_array_add (keys, key);
}

static void
add_set (EsChannel *channel, EsSecret *exponent, GBytes *own_public, EsKeys *receiving)
{
  EsSet *set = g_new0 (EsSet, 1);

  set->exponent = exponent;
  set->own_public = g_bytes_ref (own_public);
  set->receiving = *receiving;
  *receiving = (EsKeys){ NULL };
  set->retired = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);
  g_ptr_array_add (channel->sets, set);
}

EsChannel *
es_channel_new (EsAgreement *agreement, const EsRandom *random)
{
  EsChannel *channel = g_new0 (EsChannel, 1);

  channel->random = random;
  channel->suite = agreement->suite;
  channel->rekey_freq = agreement->rekey_freq;
  channel->pads = TRUE;
  channel->fresh = TRUE;
  channel->own_counter = agreement->own_counter;
  channel->peer_counter = agreement->peer_counter;
  channel->sending = agreement->own;
  agreement->own = (EsKeys){ NULL };
  channel->peer_public = g_bytes_ref (agreement->peer_public);
  channel->sets = g_ptr_array_new_with_free_func (set_free);
  add_set (channel, g_steal_pointer (&agreement->exponent), agreement->own_public, &agreement->peer);
  channel->publish = g_ptr_array_new_with_free_func ((GDestroyNotify) es_secret_free);
  channel->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_queue_init (&channel->seen_order);
  return channel;
}

/* Nothing can be encrypted or decrypted any more. */
static void
end (EsChannel *channel)
{
  es_keys_clear (&channel->sending);
  g_ptr_array_set_size (channel->sets, 0);
  g_ptr_array_set_size (channel->publish, 0);
}

void
es_channel_free (EsChannel *channel)
{
  if (channel == NULL)
    return;
  end (channel);
  g_ptr_array_unref (channel->sets);
  g_ptr_array_unref (channel->publish);
  g_bytes_unref (channel->peer_public);
  g_queue_clear (&channel->seen_order);
  g_hash_table_unref (channel->seen);
  g_free (channel);
}

/* What seems to lie ahead was before the clock was set: nobody knows how long ago. */
static gboolean
has_passed (gint64 then, gint64 now, gint64 seconds)
{
  return now < then || now - then >= seconds;
}

gboolean
es_channel_should_rekey (const EsChannel *channel, gboolean turn, gint64 now)
{
  /* Both sides must get to it: the secret of one that never re-keys opens all that was ever said. */
  gboolean reply = channel->turned && (!channel->rekeyed || channel->passed_up);

  if (channel->sets->len == 0 || channel->sets->len > ES_LIMIT_REKEY_SETS || channel->n_stanzas < channel->rekey_freq)
    return FALSE;
  if (channel->n_blocks > ES_LIMIT_KEY_BLOCKS / 2)
    return TRUE;
  if (!turn)
    return FALSE;
  if (!channel->turned && channel->n_stanzas >= ES_REKEY_STANZAS)
    return TRUE;
  if (!channel->turned && has_passed (channel->key_since, now, ES_REKEY_SECONDS))
    return TRUE;
  return reply || has_passed (channel->last, now, ES_REKEY_IDLE_SECONDS);
}

void
es_channel_note (EsChannel *channel, gboolean turn, gint64 now)
{
  if (channel->fresh)
    channel->key_since = now;
  channel->fresh = FALSE;
  channel->last = now;
  if (!turn)
    return;
  channel->turned = channel->received;
  if (channel->received && channel->n_stanzas > channel->rekey_freq)
    channel->passed_up = TRUE;
}

static gboolean
fail (GError **error, EsErrorCode code, const char *what)
{
  g_set_error_literal (error, ES_ERROR, code, what);
  return FALSE;
}

static guint64
blocks (gsize octets)
{
  return MAX (1, (octets + ES_COUNTER_OCTETS - 1) / ES_COUNTER_OCTETS);
}

static void
count_stanza (EsChannel *channel, gsize octets, gboolean received, gboolean rekeyed)
{
  channel->received = received;
  channel->rekeyed = rekeyed ? !received : channel->rekeyed;
  channel->passed_up = channel->passed_up && !rekeyed;
  channel->fresh = channel->fresh || rekeyed;
  channel->n_stanzas = rekeyed ? 1 : channel->n_stanzas + 1;
  channel->n_blocks = rekeyed ? 0 : channel->n_blocks + blocks (octets);
}

/* m_content | C, under KM. WRITER is the dialect of whoever made the stanza: Gajim shortens C in what it sends, not in what it
 * reads. */
static void
stanza_mac (const EsSuite *suite,
            EsDialect writer,
            const EsSecret *km,
            const GString *covered,
            const EsCounter *counter,
            guint8 *out)
{
  EsPart parts[] = { ES_PART (covered->str, covered->len), es_keys_counter (writer, counter) };

  es_hmac (suite->hash, ES_PART_SECRET (km), parts, G_N_ELEMENTS (parts), out);
}

/* <NAME>TEXT</NAME> */
static void
cover (GString *covered, const char *name, const char *text)
{
  g_string_append_c (covered, '<');
  g_string_append (covered, name);
  g_string_append_c (covered, '>');
  g_string_append (covered, text);
  g_string_append (covered, "</");
  g_string_append (covered, name);
  g_string_append_c (covered, '>');
}

/* Appends a child to C, and the same to what the MAC covers. */
static void
write_child (EsXml *c, GString *covered, const char *name, const char *text)
{
  es_xml_append_new (c, name, text);
  cover (covered, name, text);
}

static void
write_octets (EsXml *c, GString *covered, const char *name, EsPart octets)
{
  g_autofree char *text = es_base64_encode (octets);

  write_child (c, covered, name, text);
}

/* XEP-0200 section 8: whatever nobody can need any more is made public, so that it proves nothing. */
static void
write_old_keys (EsChannel *channel, EsXml *c, GString *covered)
{
  guint n = MIN (channel->publish->len, ES_LIMIT_OLD_KEYS);

  for (guint i = 0; i < n; i++)
    write_octets (c, covered, "old", ES_PART_SECRET ((const EsSecret *) channel->publish->pdata[i]));
  if (n > 0)
    g_ptr_array_remove_range (channel->publish, 0, n);
}

/* XEP-0200 section 7.2, the side that begins: the stanza in hand still goes out under the old keys. */
static void
begin_rekey (EsChannel *channel, EsSecret *exponent, GBytes *own_public, const EsSecret *shared)
{
  EsSet *newest = channel->sets->pdata[channel->sets->len - 1];
  EsKeys receiving = { NULL };

  keep_old_key (newest->retired, g_steal_pointer (&channel->sending.mac));
  es_keys_clear (&channel->sending);
  es_keys_derive_rekey (&channel->suite, shared, TRUE, &channel->sending);
  es_keys_derive_rekey (&channel->suite, shared, FALSE, &receiving);
  add_set (channel, exponent, own_public, &receiving);
}

/* Spaces fill it up, which are white space to XML; Gajim fills the last block. */
gsize
es_channel_size (const EsChannel *channel, gsize octets)
{
  if (channel->suite.dialect == ES_DIALECT_GAJIM)
    return (octets + ES_COUNTER_OCTETS - 1) / ES_COUNTER_OCTETS * ES_COUNTER_OCTETS;
  return channel->pads ? es_padded_size (octets) : octets;
}

/* CONTENT encrypted, SIZE octets. The text is copied into what becomes the result, so that none of it is left behind. */
static guint8 *
encrypt_data (EsChannel *channel, const char *content, gsize size)
{
  const EsSuite *suite = &channel->suite;
  guint8 *data = g_malloc (size);

  memset (data, ' ', size);
  memcpy (data, content, strlen (content));
  es_ctr (suite->cipher, suite->dialect, channel->sending.cipher, &channel->own_counter, data, size, data);
  return data;
}

EsXml *
es_channel_encrypt (EsChannel *channel, const char *content, gboolean rekey, GError **error)
{
  const EsSuite *suite = &channel->suite;
  gsize size = es_channel_size (channel, content != NULL ? strlen (content) : 0);
  g_autoptr (EsXml) c = es_xml_new ("c", ES_NS_CRYPT);
  g_autoptr (GString) covered = g_string_sized_new (size + size / 2 + 256);
  g_autoptr (EsSecret) exponent = NULL, shared = NULL;
  g_autoptr (GBytes) e = NULL;
  EsCounter before = channel->own_counter;
  guint8 mac[ES_HASH_MAX_OCTETS];
  g_autofree char *mac_text = NULL;

  if (channel->sets->len == 0)
    return fail (error, ES_ERROR_NO_SESSION, "session has ended"), NULL;
  if (size > ES_LIMIT_STANZA_OCTETS || channel->n_blocks + blocks (size) > ES_LIMIT_KEY_BLOCKS)
    return fail (error, ES_ERROR_LIMIT, "stanza too large"), NULL;

  if (size > 0)
    {
      g_autofree guint8 *data = encrypt_data (channel, content, size);

      write_octets (c, covered, "data", ES_PART (data, size));
    }
  else
    es_counter_add (&channel->own_counter, 1);

  if (channel->n_new > 0)
    {
      char text[16];

      g_snprintf (text, sizeof text, "%u", channel->n_new);
      write_child (c, covered, "new", text);
    }
  if (rekey)
    {
      exponent = es_dh_secret_new (suite->group, channel->random);
      e = es_dh_public (suite->group, exponent);
      /* The other side's value was looked at when it came. */
      shared = es_dh_shared (suite->group, exponent, e, channel->peer_public, error);
      g_assert (shared != NULL);
      write_octets (c, covered, "key", ES_PART_BYTES (e));
    }
  write_old_keys (channel, c, covered);

  stanza_mac (suite, ES_DIALECT_STRICT, channel->sending.mac, covered, &before, mac);
  mac_text = es_base64_encode (ES_PART (mac, suite->hash->octets));
  es_xml_append_new (c, "mac", mac_text);

  channel->n_new = 0;
  if (rekey)
    begin_rekey (channel, g_steal_pointer (&exponent), e, shared);
  count_stanza (channel, size, FALSE, rekey);
  return g_steal_pointer (&c);
}

/* The text of CHILD without its white space; NULL if there is more than text. */
static char *
dense_text (const EsXml *child)
{
  g_autofree char *text = NULL;
  const GPtrArray *children = es_xml_children (child);
  g_auto (GStrv) words = NULL;

  for (guint i = 0; i < children->len; i++)
    if (es_xml_name (children->pdata[i]) != NULL)
      return NULL;
  text = es_xml_dup_text (child);
  if (text[strcspn (text, " \t\r\n")] == '\0')
    return g_steal_pointer (&text);
  words = g_strsplit_set (text, " \t\r\n", -1);
  return g_strjoinv (NULL, words);
}

/* One child of C but <mac/>: data, new and key at most once. */
static gboolean
read_child (const char *name, const char *dense, Parts *parts, GError **error)
{
  guint64 n_new = 0;

  cover (parts->covered, name, dense);
  if (strcmp (name, "data") == 0 && parts->data == NULL)
    return (parts->data = es_base64_decode (dense, 1, ES_LIMIT_STANZA_OCTETS, error)) != NULL;
  if (strcmp (name, "key") == 0 && parts->key == NULL)
    return (parts->key = es_base64_decode (dense, 1, ES_LIMIT_FORM_OCTETS, error)) != NULL;
  if (strcmp (name, "new") == 0 && parts->n_new == 0
      && g_ascii_string_to_unsigned (dense, 10, 1, G_MAXINT, &n_new, NULL))
    {
      parts->n_new = (guint) n_new;
      return TRUE;
    }
  return strcmp (name, "old") == 0 || fail (error, ES_ERROR_MALFORMED, "unknown or doubled stanza part");
}

/* What C holds beside elements. */
static gboolean
check_text (const EsXml *c, GError **error)
{
  g_autofree char *text = es_xml_dup_text (c);

  return text[strspn (text, " \t\r\n")] == '\0' || fail (error, ES_ERROR_MALFORMED, "text beside the stanza parts");
}

/* The <mac/> of C, or all of C but that; without attributes, white space dropped. */
static gboolean
read_parts (const EsXml *c, gboolean mac, Parts *parts, GError **error)
{
  const GPtrArray *children = es_xml_children (c);

  for (guint i = 0; i < children->len; i++)
    {
      const EsXml *child = children->pdata[i];
      g_autofree char *dense = NULL;

      if (es_xml_name (child) == NULL || mac != es_xml_is (child, "mac", ES_NS_CRYPT))
        continue;
      dense = dense_text (child);
      if (strcmp (es_xml_namespace (child), ES_NS_CRYPT) != 0 || es_xml_n_attributes (child) > 0 || dense == NULL
          || (mac && parts->mac != NULL))
        return fail (error, ES_ERROR_MALFORMED, "stanza part with more than text, or doubled");
      if (!mac && !read_child (es_xml_name (child), dense, parts, error))
        return FALSE;
      if (mac && (parts->mac = es_base64_decode (dense, 1, ES_HASH_MAX_OCTETS, error)) == NULL)
        return FALSE;
      if (mac)
        parts->mac_text = g_steal_pointer (&dense);
    }
  return parts->mac != NULL || fail (error, ES_ERROR_MALFORMED, "no mac");
}

/* What was decrypted, as XML; it may not hold an encrypted stanza again. */
static EsXml *
read_content (const char *text, gsize size, GError **error)
{
  g_autoptr (EsXml) content = es_xml_parse_content (text, size, error);

  if (content != NULL && es_xml_contains (content, "c", ES_NS_CRYPT))
    return fail (error, ES_ERROR_MALFORMED, "encrypted stanza inside an encrypted stanza"), NULL;
  return g_steal_pointer (&content);
}

/* Of nearly all that is written the elements tell it, without the text being read. */
gboolean
es_channel_can_read (const EsXml *inside, const char *content)
{
  gsize size = strlen (content);
  g_autoptr (EsXml) xml = NULL;

  if (size > ES_LIMIT_STANZA_OCTETS)
    return FALSE;
  if (inside != NULL && es_xml_is (inside, "x", ES_NS_CLIENT) && es_xml_is_plain (inside)
      && !es_xml_contains (inside, "c", ES_NS_CRYPT))
    return TRUE;
  xml = read_content (content, size, NULL);
  return xml != NULL;
}

static gboolean
decrypt_data (EsChannel *channel,
              const Parts *parts,
              const EsSet *set,
              EsCounter *counter,
              EsXml **content,
              GError **error)
{
  gsize size = parts->data != NULL ? g_bytes_get_size (parts->data) : 0;
  g_autofree guint8 *text = NULL;

  if (size == 0)
    {
      es_counter_add (counter, 1);
      return TRUE;
    }
  text = g_malloc (size);
  es_ctr (channel->suite.cipher, channel->suite.dialect, set->receiving.cipher, counter,
          g_bytes_get_data (parts->data, NULL), size, text);
  *content = read_content ((const char *) text, size, error);
  es_octets_wipe (text, size);
  return *content != NULL;
}

/* The other side uses set number N_USED: the older ones go, and with them what may now be published. */
static void
drop_sets (EsChannel *channel, guint n_used)
{
  const EsSet *used = channel->sets->pdata[n_used];

  for (guint i = 0; i < n_used; i++)
    {
      EsSet *set = channel->sets->pdata[i];

      /* A re-key of theirs gave all sets the same keys; those are in use. */
      if (!es_secret_equal (set->receiving.mac, used->receiving.mac)
          && (i == 0 || !es_secret_equal (set->receiving.mac, ((EsSet *) channel->sets->pdata[i - 1])->receiving.mac)))
        keep_old_key (channel->publish, es_secret_copy (set->receiving.mac));
      while (set->retired->len > 0)
        keep_old_key (channel->publish, g_ptr_array_steal_index (set->retired, 0));
    }
  if (n_used > 0)
    g_ptr_array_remove_range (channel->sets, 0, n_used);
}

/* XEP-0200 section 7.3, the side that accepts. SHARED is from the oldest set's secret and E. */
static void
accept_rekey (EsChannel *channel, GBytes *e, const EsSecret *shared)
{
  EsSet *oldest = channel->sets->pdata[0];

  /* From here on the other side uses its new keys only. */
  keep_old_key (channel->publish, es_secret_copy (oldest->receiving.mac));
  for (guint i = 0; i < channel->sets->len; i++)
    {
      EsSet *set = channel->sets->pdata[i];

      es_keys_clear (&set->receiving);
      es_keys_derive_rekey (&channel->suite, shared, TRUE, &set->receiving);
    }
  if (channel->sets->len == 1)
    {
      keep_old_key (oldest->retired, g_steal_pointer (&channel->sending.mac));
      es_keys_clear (&channel->sending);
      es_keys_derive_rekey (&channel->suite, shared, FALSE, &channel->sending);
    }
  g_bytes_unref (channel->peer_public);
  channel->peer_public = g_bytes_ref (e);
  channel->n_new++;
}

static void
remember_mac (EsChannel *channel, char *mac)
{
  g_hash_table_add (channel->seen, mac);
  g_queue_push_tail (&channel->seen_order, mac);
  if (channel->seen_order.length > ES_LIMIT_SEEN_MACS)
    g_hash_table_remove (channel->seen, g_queue_pop_head (&channel->seen_order));
}

/* Whether E is the public value of a secret of ours. */
static gboolean
is_own_public (const EsChannel *channel, GBytes *e)
{
  for (guint i = 0; i < channel->sets->len; i++)
    if (g_bytes_equal (((const EsSet *) channel->sets->pdata[i])->own_public, e))
      return TRUE;
  return FALSE;
}

/* All checks on scratch, then the change. */
static gboolean
decrypt (EsChannel *channel, Parts *parts, EsXml **content, GError **error)
{
  const EsSuite *suite = &channel->suite;
  gsize size = parts->data != NULL ? g_bytes_get_size (parts->data) : 0;
  EsCounter counter = channel->peer_counter;
  g_autoptr (EsSecret) shared = NULL;
  guint8 mac[ES_HASH_MAX_OCTETS];
  const EsSet *set = NULL;

  if (parts->n_new >= channel->sets->len)
    return fail (error, ES_ERROR_CHECK, "check failed");
  set = channel->sets->pdata[parts->n_new];

  stanza_mac (suite, suite->dialect, set->receiving.mac, parts->covered, &counter, mac);
  if (!es_octets_equal (mac, suite->hash->octets, g_bytes_get_data (parts->mac, NULL), g_bytes_get_size (parts->mac)))
    return fail (error, ES_ERROR_CHECK, "check failed");
  if (channel->n_blocks + blocks (size) > ES_LIMIT_KEY_BLOCKS)
    return fail (error, ES_ERROR_LIMIT, "key used up");

  if (parts->key != NULL && is_own_public (channel, parts->key))
    return fail (error, ES_ERROR_CHECK, "check failed");
  if (parts->key != NULL
      && (shared = es_dh_shared (suite->group, set->exponent, set->own_public, parts->key, error)) == NULL)
    return FALSE;
  if (!decrypt_data (channel, parts, set, &counter, content, error))
    return FALSE;

  channel->peer_counter = counter;
  drop_sets (channel, parts->n_new);
  if (parts->key != NULL)
    accept_rekey (channel, parts->key, shared);
  count_stanza (channel, size, TRUE, parts->key != NULL);
  remember_mac (channel, g_steal_pointer (&parts->mac_text));
  return TRUE;
}

guint
es_channel_cost (const EsChannel *channel, const EsXml *c)
{
  return es_xml_child (c, "key", NULL) != NULL ? es_group_cost (channel->suite.group) : 0;
}

gboolean
es_channel_decrypt (EsChannel *channel, const EsXml *c, EsXml **content, GError **error)
{
  g_auto (Parts) parts = { .covered = g_string_new (NULL) };

  *content = NULL;
  if (channel->sets->len == 0)
    return fail (error, ES_ERROR_NO_SESSION, "session has ended");

  if (read_parts (c, TRUE, &parts, error))
    {
      /* Stream management sends again what the other end may not have had. */
      if (g_hash_table_contains (channel->seen, parts.mac_text))
        return fail (error, ES_ERROR_DUPLICATE, "duplicate");
      if (check_text (c, error) && read_parts (c, FALSE, &parts, error) && decrypt (channel, &parts, content, error))
        return TRUE;
    }
  end (channel);
  return FALSE;
}
